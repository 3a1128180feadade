/*
 * fairness.c - whether lot_draw() gives every household the same chance of every place,
 * over many fixed seeds; and whether this test would notice if it did not.
 *
 * Counted is how often each thing happens in DRAWS draws; compared by chi-square,
 * the sum of (found - expected)^2 / expected. The seeds are fixed, so a test passes
 * always or never. The threshold is the value that a fair draw would pass for one in a
 * million choices of seeds: with the 15 sums looked at here, a fair draw would be called
 * unfair for one choice in 60,000. With 40,000 draws it is still low enough to catch
 * what is planted below: a last place that nobody is sorted into, and the first two put
 * in the order of their ids in one draw of ten.
 *
 * In a table of places and households, rows and columns sum to DRAWS, which leaves
 * (n - 1)^2 degrees of freedom and makes the sum larger by n / (n - 1).
 */
#include "tests/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 40000u
#define MOST 10                /* entries of a table of places */
#define ONE_MILLIONTH 4.753424 /* of a normal distribution lies beyond so many deviations */

static int status;

/* Where chi-square with so many degrees of freedom is passed once in a million
 * (Wilson and Hilferty 1931; a little too high below 5 degrees). */
static double
threshold(double freedom)
{
    double part = 2.0 / (9.0 * freedom);
    double root = 1.0 - part + ONE_MILLIONTH * sqrt(part);
    return freedom * root * root * root;
}

static double
chi_square(const uint32_t found[], const double expected[], uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        double off = (double)found[i] - expected[i];
        sum += off * off / expected[i];
    }
    return sum;
}

/* Says what came out. fair: the sum must be below the threshold, else it must be above. */
static void
judge(const char *what, double sum, double freedom, bool fair)
{
    bool good = fair == (sum < threshold(freedom));
    printf("%s %s: chi-square %.1f, threshold %.1f\n", good ? "ok" : "not ok", what, sum,
           threshold(freedom));
    status |= !good;
}

/* ---- draws ----------------------------------------------------------------------------------- */

enum fault { NONE, LAST_PLACE_LOST, FIRST_TWO_BY_ID };

static int
by_ticket(const void *a, const void *b)
{
    const struct lot_place *one = a;
    const struct lot_place *other = b;
    return memcmp(one->ticket, other->ticket, LOT_HASH_BYTES);
}

static int
by_entry(const void *a, const void *b)
{
    const struct lot_place *one = a;
    const struct lot_place *other = b;
    return (one->entry > other->entry) - (one->entry < other->entry);
}

/* Draw number i of a world, with a seed of its own. */
static void
draw(struct world *world, uint32_t i, enum fault fault)
{
    char text[32];
    char seed[LOT_HEX_SIZE + 1];
    struct lot_error error = {0};
    snprintf(text, sizeof text, "fairness %u", i);
    if (!crypto_digest_hex(LOT_SHA256, lot_text(text), seed, &error) ||
        !lot_draw(&world->roll, seed, 1, world->order, world->home_order, &error)) {
        printf("not ok %s\n", error.text);
        exit(1);
    }
    uint32_t entries = world->roll.entries_file.rows;
    if (fault == LAST_PLACE_LOST) {
        /* As if sorting had been told of one entry less. */
        qsort(world->order, entries, sizeof *world->order, by_entry);
        qsort(world->order, entries - 1, sizeof *world->order, by_ticket);
    } else if (fault == FIRST_TWO_BY_ID && i % 10 == 0) {
        qsort(world->order, 2, sizeof *world->order, by_entry);
    }
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* How often each entry, or home, stands at each place. */
static double
table_of_places(uint32_t n, bool homes, enum fault fault)
{
    static uint32_t found[MOST * MOST];
    double expected[MOST * MOST];
    struct world world;
    world_begin(&world, 1, 1, homes ? 1 : n, homes ? n : 0);
    memset(found, 0, sizeof found);
    for (uint32_t i = 0; i < DRAWS; i++) {
        draw(&world, i, fault);
        for (uint32_t place = 0; place < n; place++) {
            uint32_t who = homes ? world.home_order[place] : world.order[place].entry;
            found[place * n + who]++;
        }
    }
    for (uint32_t i = 0; i < n * n; i++) {
        expected[i] = (double)DRAWS / n;
    }
    return chi_square(found, expected, n * n) * (n - 1) / n;
}

/* All places together: each of the 120 orders of five is as frequent as any other. */
static void
whole_orders(void)
{
    enum { N = 5, ORDERS = 120 };
    static uint32_t found[ORDERS];
    double expected[ORDERS];
    struct world world;
    world_begin(&world, 1, 1, N, 0);
    for (uint32_t i = 0; i < DRAWS; i++) {
        draw(&world, i, NONE);
        uint32_t number = 0;
        for (uint32_t a = 0; a < N; a++) {
            uint32_t smaller = 0; /* behind it: the order's digit in the factorial system */
            for (uint32_t b = a + 1; b < N; b++) {
                smaller += world.order[b].entry < world.order[a].entry;
            }
            number = number * (N - a) + smaller;
        }
        found[number]++;
    }
    for (uint32_t i = 0; i < ORDERS; i++) {
        expected[i] = (double)DRAWS / ORDERS;
    }
    judge("all orders of 5 entries", chi_square(found, expected, ORDERS), ORDERS - 1, true);
}

/* Of tickets that are all alike, who holds k of them comes first with k of all chances. */
static void
chances_count(void)
{
    enum { N = 5 };
    static const uint8_t chances[N] = {1, 2, 3, 10, 99};
    uint32_t first[N] = {0};
    uint32_t by_chance[99] = {0};
    double expected[99];
    struct world world;
    world_begin(&world, 1, 1, N, 0);
    for (uint32_t i = 0; i < N; i++) {
        world.entries[i].chances = chances[i];
        expected[i] = (double)DRAWS * chances[i] / 115;
    }
    for (uint32_t i = 0; i < DRAWS; i++) {
        draw(&world, i, NONE);
        first[world.order[0].entry]++;
        for (uint32_t place = 0; place < N; place++) {
            if (world.order[place].entry == N - 1) {
                by_chance[world.order[place].chance - 1]++;
            }
        }
    }
    judge("first place by 1, 2, 3, 10 and 99 chances", chi_square(first, expected, N), N - 1, true);
    for (uint32_t i = 0; i < 99; i++) {
        expected[i] = (double)DRAWS / 99;
    }
    judge("each of 99 chances is the best as often", chi_square(by_chance, expected, 99), 98, true);
}

int
main(void)
{
    static const uint32_t sizes[] = {2, 3, 4, 5, 7, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint32_t n = sizes[i];
        double freedom = (double)((n - 1) * (n - 1));
        char what[80];
        snprintf(what, sizeof what, "places of %u entries", n);
        judge(what, table_of_places(n, false, NONE), freedom, true);
        snprintf(what, sizeof what, "places of %u homes", n);
        judge(what, table_of_places(n, true, NONE), freedom, true);
        snprintf(what, sizeof what, "planted, last place of %u lost: noticed", n);
        judge(what, table_of_places(n, false, LAST_PLACE_LOST), freedom, false);
        snprintf(what, sizeof what, "planted, first two of %u by id in a tenth: noticed", n);
        judge(what, table_of_places(n, false, FIRST_TWO_BY_ID), freedom, false);
    }
    whole_orders();
    chances_count();
    return status;
}
