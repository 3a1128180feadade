/*
 * Tests of allocation.c: section 6 by examples, then against section 6 word for word
 * (tests/world.c) over many draws made up by chance. MINGQIAN_SEED=N tries others.
 */
#include "tests/test.h"

#include "tests/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_DRAWS 100000u

static uint64_t
seed(void)
{
    const char *given = getenv("MINGQIAN_SEED");
    uint64_t value = given == NULL ? 1 : strtoull(given, NULL, 10);
    printf("MINGQIAN_SEED=%llu\n", (unsigned long long)value);
    return value;
}

/* Who got what, in one line: `E000 r1 a H000 1; E001 - 1` (number: turn or standby). */
static void
assert_awards(const struct world *world, const char *expected)
{
    struct lot_allocation allocation = {0};
    lot_allocate(&world->roll, world->order, world->home_order, &allocation);
    struct lot_buffer text = {0};
    for (uint32_t rank = 0; rank < world->roll.entries_file.rows; rank++) {
        const struct lot_award *award = &allocation.awards[rank];
        lot_buffer_print(&text, "%s%s", rank == 0 ? "" : "; ",
                         world->entries[world->order[rank].entry].id);
        if (award->round == LOT_NOT_HOUSED) {
            assert_int_equal(award->home, LOT_NONE);
            lot_buffer_print(&text, " -");
        } else {
            lot_buffer_print(&text, " %s %s %s", world->rounds[award->round].code,
                             world->types[award->type].code, world->homes[award->home].id);
        }
        if (award->number != LOT_NONE) {
            lot_buffer_print(&text, " %u", award->number);
        }
    }
    assert_string_equal(text.at == NULL ? "" : text.at, expected);
    lot_buffer_finish(&text);
    lot_allocation_finish(&allocation);
}

static void
assert_cutoffs(const struct world *world, const char *expected)
{
    struct lot_allocation allocation = {0};
    struct lot_buffer text = {0};
    lot_allocate(&world->roll, world->order, world->home_order, &allocation);
    lot_cutoffs_text(&world->roll, world->order, &allocation, &text);
    assert_string_equal(text.at, expected);
    lot_buffer_finish(&text);
    lot_allocation_finish(&allocation);
}

/* ---- examples -------------------------------------------------------------------------------- */

static void
allocation__best_tickets_get_the_first_homes(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 3, 2);
    world_want(&world, 0, "a");
    world_want(&world, 1, "a");
    world_want(&world, 2, "a");
    world.order[0].entry = 2;
    world.order[2].entry = 0;
    world.home_order[0] = 1;
    world.home_order[1] = 0;
    assert_awards(&world, "E002 r1 a H001 1; E001 r1 a H000 2; E000 - 1");
}

static void
allocation__second_wish_counts_when_the_first_is_gone(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 2, 1, 2, 2);
    world.homes[1].type = 1;
    world_want(&world, 0, "a");
    world_want(&world, 1, "ab");
    assert_awards(&world, "E000 r1 a H000 1; E001 r1 b H001 2");
}

static void
allocation__household_gets_only_what_it_fits(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 2, 1, 3, 2);
    world.homes[1].type = 1;
    world.types[0].persons_min = 2;
    world.types[0].persons_max = 3;
    world.entries[0].persons = 1;
    world.entries[1].persons = 4;
    world.entries[2].persons = 3;
    world_want(&world, 0, "ab");
    world_want(&world, 1, "a");
    world_want(&world, 2, "a");
    assert_awards(&world, "E000 r1 b H001 1; E001 - 1; E002 r1 a H000 2");
}

/*
 * A later newcomer takes a home from a later round, whose best holder moves on and
 * pushes a worse one out: the chain that rounds inside types are about.
 */
static void
allocation__newcomer_of_an_early_round_pushes_a_chain(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 2, 2, 3, 2);
    world.homes[1].type = 1;
    world.rounds[0].has_queues = true;
    world.rounds[0].queues = 1;
    world.entries[2].queues = 1;
    world_want(&world, 0, "ab");
    world_want(&world, 1, "b");
    world_want(&world, 2, "a");
    assert_awards(&world, "E000 r2 b H001 2; E001 - 1; E002 r1 a H000 1");
    assert_cutoffs(&world, "round,type,taken,ticket\n"
                           "r1,a,1,all\n"
                           "r1,b,0,all\n"
                           "r2,a,0,none\n"
                           "r2,b,1,0000000000000000000000000000000000000000000000000000000000000000"
                           "\n");
}

static void
allocation__round_with_tags_gives_only_such_homes(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 2, 3, 3);
    world.rounds[0].has_tags = true;
    world.rounds[0].tags = 6; /* either of two */
    world.homes[1].tags = 4;
    world.homes[2].tags = 1;
    for (uint32_t i = 0; i < 3; i++) {
        world_want(&world, i, "a");
    }
    assert_awards(&world, "E000 r1 a H001 1; E001 r2 a H000 2; E002 r2 a H002 3");
}

static void
allocation__unused_quota_falls_to_later_rounds(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 2, 2, 3, 3);
    world.rounds[0].has_quota = true;
    world.rounds[0].quota[0] = 1; /* b is not named: none */
    world.homes[2].type = 1;
    world_want(&world, 0, "a");
    world_want(&world, 1, "b");
    world_want(&world, 2, "a");
    assert_awards(&world, "E000 r1 a H000 1; E001 r2 b H002 2; E002 r2 a H001 3");
    assert_cutoffs(&world, "round,type,taken,ticket\n"
                           "r1,a,1,0000000000000000000000000000000000000000000000000000000000000000"
                           "\nr1,b,0,none\nr2,a,1,all\nr2,b,1,all\n");
}

static void
allocation__turns_go_by_round_then_rank(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 2, 4, 3);
    world.rounds[0].has_queues = true;
    world.rounds[0].queues = 2;
    world.entries[1].queues = 3;
    world.entries[3].queues = 2;
    for (uint32_t i = 0; i < 4; i++) {
        world_want(&world, i, "a");
    }
    assert_awards(&world, "E000 r2 a H002 3; E001 r1 a H000 1; E002 - 1; E003 r1 a H001 2");
}

static void
allocation__standby_list_ends_where_the_rules_say(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 3, 0);
    for (uint32_t i = 0; i < 3; i++) {
        world_want(&world, i, "a");
    }
    world.rules.standby = 2;
    assert_awards(&world, "E000 - 1; E001 - 2; E002 -");
    world.rules.standby = 0;
    assert_awards(&world, "E000 -; E001 -; E002 -");
}

static void
allocation__rows_leave_empty_what_does_not_apply(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 2, 1);
    world_want(&world, 0, "a");
    world_want(&world, 1, "a");
    world.order[1].chance = 99;
    struct lot_allocation allocation = {0};
    lot_allocate(&world.roll, world.order, world.home_order, &allocation);
    struct lot_buffer text = {0};
    lot_results_rows(&world.roll, world.order, &allocation, 0, 2, &text);
    const char *home = "1,E000,1,"
                       "0000000000000000000000000000000000000000000000000000000000000000"
                       ",r1,a,H000,1,\n"
                       "2,E001,99,"
                       "0000000100000000000000000000000000000000000000000000000000000000"
                       ",,,,,1\n";
    assert_string_equal(text.at, home);
    lot_buffer_clear(&text);
    world.rules.award = LOT_AWARD_TURN;
    lot_results_rows(&world.roll, world.order, &allocation, 0, 1, &text);
    assert_string_equal(text.at, "1,E000,1,"
                                 "0000000000000000000000000000000000000000000000000000000000000000"
                                 ",r1,a,,1,\n");
    lot_buffer_finish(&text);
    lot_allocation_finish(&allocation);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void
allocation__nobody_and_nothing(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1, 0, 0);
    assert_awards(&world, "");
    assert_cutoffs(&world, "round,type,taken,ticket\nr1,a,0,all\n");
}

static void
allocation__longest_row_has_room(void **state)
{
    (void)state;
    struct lot_type type = {.code = "T23456789012345678901234", .persons_min = 1, .persons_max = 1};
    struct lot_round round = {.code = "R23456789012345678901234"};
    struct lot_rules rules = {.types = &type, .type_count = 1, .rounds = &round, .round_count = 1};
    struct lot_home home = {.id = "H23456789012345678901234", .id_size = 24};
    struct lot_entry entry = {.id = "E23456789012345678901234", .id_size = 24};
    struct lot_roll roll = {.rules = &rules, .homes = &home, .entries = &entry};
    struct lot_place place = {.entry = 0, .chance = 99};
    struct lot_award award = {.home = 0, .number = LOT_ROWS_MAX};
    struct lot_allocation allocation = {.awards = &award};
    roll.entries_file.rows = 1;
    struct lot_buffer text = {0};
    lot_results_rows(&roll, &place, &allocation, 0, 1, &text);
    assert_string_equal(text.at, "1,E23456789012345678901234,99,"
                                 "0000000000000000000000000000000000000000000000000000000000000000,"
                                 "R23456789012345678901234,T23456789012345678901234,"
                                 "H23456789012345678901234,99999999,\n");
    lot_buffer_finish(&text);
}

/* ---- property -------------------------------------------------------------------------------- */

static void
compare_with_the_words(const struct world *world, uint64_t *random)
{
    struct lot_allocation ours = {0};
    lot_allocate(&world->roll, world->order, world->home_order, &ours);
    uint32_t entries = world->roll.entries_file.rows;
    uint32_t cuts = world->rules.round_count * world->rules.type_count;
    static const enum world_repeat repeats[] = {WORLD_AS_WRITTEN, WORLD_BACKWARDS,
                                                WORLD_ONE_BY_ONE};
    for (size_t i = 0; i < 3; i++) {
        struct lot_award awards[WORLD_ENTRIES];
        struct lot_cutoff cutoffs[WORLD_ROUNDS * WORLD_TYPES];
        world_hold(world, repeats[i], random, awards, cutoffs);
        bool same = true;
        for (uint32_t rank = 0; rank < entries; rank++) {
            same = same && awards[rank].round == ours.awards[rank].round &&
                   awards[rank].home == ours.awards[rank].home &&
                   (awards[rank].round == LOT_NOT_HOUSED ||
                    awards[rank].type == ours.awards[rank].type);
        }
        for (uint32_t k = 0; k < cuts; k++) {
            same = same && cutoffs[k].cut == ours.cutoffs[k].cut &&
                   cutoffs[k].taken == ours.cutoffs[k].taken &&
                   cutoffs[k].last == ours.cutoffs[k].last;
        }
        if (!same) {
            world_print(world);
            fail_msg("section 6, repeats of kind %zu, says otherwise than lot_allocate()", i);
        }
    }
    lot_allocation_finish(&ours);
}

static void
allocation__same_as_section_6_word_for_word(void **state)
{
    (void)state;
    uint64_t random = seed();
    for (uint32_t i = 0; i < RANDOM_DRAWS; i++) {
        struct world world;
        /* Mostly small, where a mistake is seen best; each hundredth as large as can be. */
        uint32_t most = i % 100 == 0 ? WORLD_ENTRIES - 2 : 10;
        world_by_chance(&world, &random, most, i % 2 == 0 ? 3 : WORLD_TYPES,
                        i % 3 == 0 ? 2 : WORLD_ROUNDS);
        compare_with_the_words(&world, &random);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(allocation__best_tickets_get_the_first_homes),
    cmocka_unit_test(allocation__second_wish_counts_when_the_first_is_gone),
    cmocka_unit_test(allocation__household_gets_only_what_it_fits),
    cmocka_unit_test(allocation__newcomer_of_an_early_round_pushes_a_chain),
    cmocka_unit_test(allocation__round_with_tags_gives_only_such_homes),
    cmocka_unit_test(allocation__unused_quota_falls_to_later_rounds),
    cmocka_unit_test(allocation__turns_go_by_round_then_rank),
    cmocka_unit_test(allocation__standby_list_ends_where_the_rules_say),
    cmocka_unit_test(allocation__rows_leave_empty_what_does_not_apply),
    cmocka_unit_test(allocation__nobody_and_nothing),
    cmocka_unit_test(allocation__longest_row_has_room),
    cmocka_unit_test(allocation__same_as_section_6_word_for_word),
};

TEST_MAIN(tests)
