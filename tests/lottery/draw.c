/*
 * Tests of draw.c: tickets and order by examples anybody can type into sha256sum,
 * then the order of many made-up rolls against a plain comparison sort.
 *
 * The source itself is included: tickets that are equal, or begin alike, cannot be
 * had from a seed, yet the sort must stand them.
 */
#include "tests/test.h"

#include "lottery/draw.c"

#include "tests/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char seed_text[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void
assert_ticket(const struct lot_place *place, const char *hex)
{
    char text[LOT_HEX_SIZE + 1];
    canon_to_hex(place->ticket, sizeof place->ticket, text);
    assert_string_equal(text, hex);
}

static void
draw_world(struct world *world, unsigned threads)
{
    struct lot_error error = {0};
    bool drawn =
        lot_draw(&world->roll, seed_text, threads, world->order, world->home_order, &error);
    assert_string_equal(error.text, "");
    assert_true(drawn);
}

/* ---- examples -------------------------------------------------------------------------------- */

/* printf '%s' "$seed:entry:E000:1" | sha256sum; the other examples likewise. */
static void
draw__ticket_is_what_sha256sum_says(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 1, 0);
    draw_world(&world, 1);
    assert_ticket(&world.order[0],
                  "8ad261a0dbedaeef5492cd3def0325ad89d3d8eba4c6445a8e2ab9190db2fe51");
    assert_int_equal(world.order[0].entry, 0);
    assert_int_equal(world.order[0].chance, 1);
}

static void
draw__ticket_is_what_sm3_says(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 1, 0);
    world.rules.hash = LOT_SM3;
    draw_world(&world, 1);
    assert_ticket(&world.order[0],
                  "bc3aae6ff741c9ce0ea33230409cc59d2995e65695f3bb931f3bfdc2bf6745fb");
}

static void
draw__best_of_the_chances_counts(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 2, 0);
    world.entries[0].chances = 9;
    world.entries[1].chances = 99;
    draw_world(&world, 1);
    for (int rank = 0; rank < 2; rank++) {
        uint32_t entry = world.order[rank].entry;
        assert_int_equal(world.order[rank].chance, entry == 0 ? 8 : 9);
        assert_ticket(&world.order[rank],
                      entry == 0
                          ? "3e09533dc565571be35049c003bc9946a35bf70785555727d2fe4e5a0c8ab44c"
                          : "0338c0854a83755a19ccc3643b8e1b3c0bb9143f2dd0a85ba31febebb66749b0");
    }
}

static void
draw__homes_stand_by_their_place(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 0, 5);
    draw_world(&world, 1);
    const uint32_t expected[] = {0, 2, 1, 3, 4};
    assert_memory_equal(world.home_order, expected, sizeof expected);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void
draw__empty_roll_is_drawn(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 0, 0);
    draw_world(&world, 1);
    draw_world(&world, 64);
}

static void
draw__longest_ids_have_room(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 1, 1);
    world.entries[0].id = "E23456789012345678901234";
    world.entries[0].id_size = LOT_CODE_MAX;
    world.entries[0].chances = LOT_CHANCES_MAX;
    world.homes[0].id = "H23456789012345678901234";
    world.homes[0].id_size = LOT_CODE_MAX;
    draw_world(&world, 2);
    assert_int_equal(world.order[0].chance, 54);
    assert_ticket(&world.order[0],
                  "05d3be916408c4dcc65b5f90789a7c7f57bc45056faffe12dd070345c884b376");
}

/* ---- refusal --------------------------------------------------------------------------------- */

static void
draw__says_when_the_library_fails(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 1, 1);
    struct lot_error error = {0};
    crypto_fail_at(1);
    assert_false(lot_draw(&world.roll, seed_text, 1, world.order, world.home_order, &error));
    crypto_fail_at(0);
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "OpenSSL could not"));
}

/* ---- properties ------------------------------------------------------------------------------ */

#define MANY 5000u

/* A roll too large for a world: ids E00000.., all with `chances` chances, in one memory. */
struct many {
    struct lot_rules rules;
    struct lot_roll roll;
    struct lot_entry entries[MANY];
    char ids[MANY][16];
    struct lot_place order[MANY];
};

static struct many *
make_many(uint32_t count, uint8_t chances)
{
    assert_true(count <= MANY);
    struct many *many = lot_alloc(1, sizeof *many);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(many->ids[i], sizeof many->ids[i], "E%05u", i);
        many->entries[i] =
            (struct lot_entry){.id = many->ids[i], .id_size = 6, .persons = 1, .chances = chances};
    }
    many->roll.rules = &many->rules;
    many->roll.entries = many->entries;
    many->roll.entries_file.rows = count;
    return many;
}

static int
compare(const void *a, const void *b)
{
    const struct lot_place *one = a;
    const struct lot_place *other = b;
    int order = memcmp(one->ticket, other->ticket, LOT_HASH_BYTES);
    return order != 0 ? order : (one->entry > other->entry) - (one->entry < other->entry);
}

static void
draw__order_is_a_plain_sort_of_plain_tickets(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 23, 24, 25, 26, 255, 256, 257, MANY};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        struct many *many = make_many(counts[k], 2);
        struct lot_error error = {0};
        assert_true(lot_draw(&many->roll, seed_text, 3, many->order, NULL, &error));
        struct lot_place *plain = lot_alloc(counts[k], sizeof *plain);
        for (uint32_t i = 0; i < counts[k]; i++) {
            uint8_t tickets[2][LOT_HASH_BYTES];
            for (unsigned chance = 0; chance < 2; chance++) {
                char text[128];
                snprintf(text, sizeof text, "%s:entry:%s:%u", seed_text, many->ids[i], chance + 1);
                assert_true(crypto_digest(LOT_SHA256, lot_text(text), tickets[chance], &error));
            }
            bool second = memcmp(tickets[1], tickets[0], LOT_HASH_BYTES) < 0;
            memcpy(plain[i].ticket, tickets[second], LOT_HASH_BYTES);
            plain[i].entry = i;
            plain[i].chance = second ? 2 : 1;
        }
        qsort(plain, counts[k], sizeof *plain, compare);
        for (uint32_t i = 0; i < counts[k]; i++) {
            assert_memory_equal(plain[i].ticket, many->order[i].ticket, LOT_HASH_BYTES);
            assert_int_equal(plain[i].entry, many->order[i].entry);
            assert_int_equal(plain[i].chance, many->order[i].chance);
        }
        free(plain);
        free(many);
    }
}

/* Tickets of few different bytes: long common beginnings, and the same ticket many times. */
static void
draw__equal_tickets_stand_by_id(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (unsigned alike = 0; alike <= LOT_HASH_BYTES; alike += 4) {
        struct lot_place *places = lot_alloc(MANY, sizeof *places);
        for (uint32_t i = 0; i < MANY; i++) {
            for (unsigned at = alike; at < LOT_HASH_BYTES; at++) {
                places[i].ticket[at] = (uint8_t)(254 + world_below(&random, 2));
            }
            places[i].entry = (i * 7919u) % MANY; /* each once, in no order */
            places[i].chance = (uint8_t)(places[i].entry % 99);
        }
        sort(places, MANY, 0);
        for (uint32_t i = 0; i < MANY; i++) {
            assert_int_equal(places[i].chance, places[i].entry % 99);
            assert_true(i == 0 || compare(&places[i - 1], &places[i]) < 0);
        }
        free(places);
    }
}

static void
draw__number_of_threads_changes_nothing(void **state)
{
    (void)state;
    struct many *one = make_many(1000, 3);
    assert_true(lot_draw(&one->roll, seed_text, 1, one->order, NULL, NULL));
    for (unsigned threads = 2; threads <= 64; threads += 31) {
        struct many *other = make_many(1000, 3);
        assert_true(lot_draw(&other->roll, seed_text, threads, other->order, NULL, NULL));
        for (uint32_t i = 0; i < 1000; i++) {
            assert_int_equal(compare(&one->order[i], &other->order[i]), 0);
            assert_int_equal(one->order[i].chance, other->order[i].chance);
        }
        free(other);
    }
    free(one);
}

/* P7: whoever is taken out, the tickets and the order of the others stay. */
static void
draw__removed_entry_moves_no_other(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct many *all = make_many(COUNT, 4);
    assert_true(lot_draw(&all->roll, seed_text, 2, all->order, NULL, NULL));
    for (uint32_t gone = 0; gone < COUNT; gone++) {
        struct many *rest = make_many(COUNT, 4);
        memmove(&rest->entries[gone], &rest->entries[gone + 1],
                (COUNT - 1 - gone) * sizeof *rest->entries);
        rest->roll.entries_file.rows = COUNT - 1;
        assert_true(lot_draw(&rest->roll, seed_text, 2, rest->order, NULL, NULL));
        uint32_t rank = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            if (all->order[i].entry == gone) {
                continue;
            }
            assert_string_equal(rest->entries[rest->order[rank].entry].id,
                                all->entries[all->order[i].entry].id);
            assert_memory_equal(rest->order[rank].ticket, all->order[i].ticket, LOT_HASH_BYTES);
            assert_int_equal(rest->order[rank].chance, all->order[i].chance);
            rank++;
        }
        free(rest);
    }
    free(all);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(draw__ticket_is_what_sha256sum_says),
    cmocka_unit_test(draw__ticket_is_what_sm3_says),
    cmocka_unit_test(draw__best_of_the_chances_counts),
    cmocka_unit_test(draw__homes_stand_by_their_place),
    cmocka_unit_test(draw__empty_roll_is_drawn),
    cmocka_unit_test(draw__longest_ids_have_room),
    cmocka_unit_test(draw__says_when_the_library_fails),
    cmocka_unit_test(draw__order_is_a_plain_sort_of_plain_tickets),
    cmocka_unit_test(draw__equal_tickets_stand_by_id),
    cmocka_unit_test(draw__number_of_threads_changes_nothing),
    cmocka_unit_test(draw__removed_entry_moves_no_other),
};

TEST_MAIN(tests)
