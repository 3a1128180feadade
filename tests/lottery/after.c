/* Who holds what after the draw: take, waive, award. */
#include "lottery/after.h"

#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

/*
 * Three homes, eight households. By rank:
 *
 *   1 BBBB  A-2 in round old     4 DDDD  standby 1, three persons, Q1, wants A B
 *   2 AAAA  A-1 in round open    5 EEEE  standby 2, one person, wants A
 *   3 CCCC  B-1 in round open    6 FFFF  standby 3, two persons, Q1, wants A
 *                                7 GGGG  standby 4, one person, wants A B
 *                                8 HHHH  beyond the standby list
 *
 * Type A is for one or two persons, type B for one to four. Round old is for Q1 and
 * for homes with the tag that A-2 has.
 */
static struct lot_type types[] = {{.code = "A", .persons_min = 1, .persons_max = 2},
                                  {.code = "B", .persons_min = 1, .persons_max = 4}};
static struct lot_round rounds[] = {
    {.code = "old", .has_queues = true, .queues = 1, .has_tags = true, .tags = 1},
    {.code = "open"},
};
static struct lot_home homes[] = {{"A-1", 0, 3, 0}, {"A-2", 1, 3, 0}, {"B-1", 0, 3, 1}};
static uint8_t wants[] = {0, 1};
static struct lot_entry entries[] = {
    {.id = "AAAA", .id_size = 4, .wants = 0, .want_count = 1, .persons = 1},
    {.id = "BBBB", .id_size = 4, .wants = 0, .want_count = 1, .persons = 1, .queues = 1},
    {.id = "CCCC", .id_size = 4, .wants = 1, .want_count = 1, .persons = 4},
    {.id = "DDDD", .id_size = 4, .wants = 0, .want_count = 2, .persons = 3, .queues = 1},
    {.id = "EEEE", .id_size = 4, .wants = 0, .want_count = 1, .persons = 1},
    {.id = "FFFF", .id_size = 4, .wants = 0, .want_count = 1, .persons = 2, .queues = 1},
    {.id = "GGGG", .id_size = 4, .wants = 0, .want_count = 2, .persons = 1},
    {.id = "HHHH", .id_size = 4, .wants = 0, .want_count = 2, .persons = 1},
};
static const struct lot_place order[] = {{.entry = 1}, {.entry = 0}, {.entry = 2}, {.entry = 3},
                                         {.entry = 4}, {.entry = 5}, {.entry = 6}, {.entry = 7}};
static const struct lot_award drawn[] = {
    {1, 1, 0, 0},
    {0, 2, 1, 0},
    {2, 3, 1, 1},
    {LOT_NONE, 1, LOT_NOT_HOUSED, 0},
    {LOT_NONE, 2, LOT_NOT_HOUSED, 0},
    {LOT_NONE, 3, LOT_NOT_HOUSED, 0},
    {LOT_NONE, 4, LOT_NOT_HOUSED, 0},
    {LOT_NONE, LOT_NONE, LOT_NOT_HOUSED, 0},
};
#define RANKS (sizeof drawn / sizeof drawn[0])

struct scene {
    struct lot_rules rules;
    struct lot_roll roll;
    struct lot_award awards[RANKS];
    struct after after;
};

static void
set_up(struct scene *scene, enum lot_award_kind award)
{
    memset(scene, 0, sizeof *scene);
    scene->rules.award = award;
    scene->rules.types = types;
    scene->rules.type_count = 2;
    scene->rules.rounds = rounds;
    scene->rules.round_count = 2;
    scene->roll.rules = &scene->rules;
    scene->roll.homes = homes;
    scene->roll.homes_file.rows = 3;
    scene->roll.entries = entries;
    scene->roll.entries_file.rows = RANKS;
    scene->roll.wants = wants;
    memcpy(scene->awards, drawn, sizeof drawn);
    after_begin(&scene->after, &scene->roll, order, scene->awards, 3);
}

#define TIME " 2026-12-10T02:00:00Z"

static void
takes(struct scene *scene, const char *leaf)
{
    struct lot_error error = {LOT_OK, ""};
    if (!after_take(&scene->after, lot_text(leaf), &error)) {
        fail_msg("%s: %s", leaf, error.text);
    }
}

/* The leaf is refused with this sentence, and nothing has changed. */
static void
refuses(struct scene *scene, const char *leaf, enum lot_code code, const char *sentence)
{
    struct lot_error error = {LOT_OK, ""};
    struct after before = scene->after;
    struct lot_award awards[RANKS];
    memcpy(awards, scene->awards, sizeof awards);
    bool taken[3];
    memcpy(taken, scene->after.taken, sizeof taken);
    assert_false(after_take(&scene->after, lot_text(leaf), &error));
    assert_string_equal(error.text, sentence);
    assert_int_equal(error.code, code);
    assert_memory_equal(&before, &scene->after, sizeof before);
    assert_memory_equal(awards, scene->awards, sizeof awards);
    assert_memory_equal(taken, scene->after.taken, sizeof taken);
}

/* What is due next; "" when no award is. */
static void
is_due(const struct scene *scene, const char *award)
{
    struct lot_buffer leaf = {0};
    assert_int_equal(after_due(&scene->after, 1796868000, &leaf), award[0] != '\0');
    assert_string_equal(leaf.size == 0 ? "" : leaf.at, award);
    lot_buffer_finish(&leaf);
}

static void
is_shown(struct scene *scene)
{
    struct lot_error error;
    assert_true(after_shown(&scene->after, &error));
}

/* ---- example ---- */

static void
after__home_passes_to_the_first_who_meets_the_queues_of_its_round(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "take AAAA A-1" TIME);
    takes(&scene, "waive BBBB own" TIME);
    is_due(&scene, "award FFFF A-2 4 2026-12-10T02:00:00Z"); /* DDDD does not fit, EEEE has no Q1 */
    takes(&scene, "award FFFF A-2 4" TIME);
    is_due(&scene, "");
    takes(&scene, "take FFFF A-2" TIME);
    assert_int_equal(scene.after.takes, 2);
    assert_int_equal(scene.after.waives, 1);
    assert_int_equal(scene.after.passes, 1);
    after_finish(&scene.after);
}

static void
after__home_of_a_round_without_queues_passes_to_the_first_who_wants_and_fits(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "waive AAAA absent" TIME);
    takes(&scene, "award EEEE A-1 4" TIME);
    takes(&scene, "waive CCCC unfit" TIME);
    takes(&scene, "award DDDD B-1 5" TIME);
    after_finish(&scene.after);
}

static void
after__home_falls_to_any_who_wants_when_nobody_meets_the_queues(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "waive BBBB own" TIME);
    takes(&scene, "award FFFF A-2 4" TIME);
    takes(&scene, "waive FFFF own" TIME); /* the round of A-2 is still the one that gave it first */
    takes(&scene, "award EEEE A-2 5" TIME);
    after_finish(&scene.after);
}

static void
after__home_that_nobody_wants_goes_to_nobody(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "waive CCCC own" TIME);
    takes(&scene, "award DDDD B-1 4" TIME);
    takes(&scene, "waive DDDD own" TIME);
    takes(&scene, "award GGGG B-1 5" TIME);
    takes(&scene, "waive GGGG own" TIME);
    is_due(&scene, ""); /* HHHH wants it, but is no standby */
    is_shown(&scene);
    after_finish(&scene.after);
}

static void
after__standby_who_waives_leaves_the_list(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "waive EEEE absent" TIME);
    is_due(&scene, "");
    is_shown(&scene);
    takes(&scene, "waive AAAA own" TIME);
    is_due(&scene, "award FFFF A-1 4 2026-12-10T02:00:00Z");
    after_finish(&scene.after);
}

static void
after__home_that_was_taken_can_still_be_waived(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "take AAAA A-1" TIME);
    takes(&scene, "waive AAAA unfit" TIME);
    takes(&scene, "award EEEE A-1 4" TIME);
    takes(&scene, "take EEEE A-1" TIME);
    after_finish(&scene.after);
}

static void
after__turn_chooses_a_home_and_passes_on_without_it(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_TURN);
    takes(&scene, "take AAAA A-1" TIME);
    takes(&scene, "waive AAAA unfit" TIME);
    is_due(&scene, "award EEEE - 4 2026-12-10T02:00:00Z");
    takes(&scene, "award EEEE - 4" TIME);
    takes(&scene, "take EEEE A-1" TIME); /* free again */
    takes(&scene, "take BBBB A-2" TIME);
    after_finish(&scene.after);
}

static void
after__rank_follows_the_order_of_the_draw(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    assert_int_equal(after_rank(&scene.after, LOT_TEXT("BBBB")), 0);
    assert_int_equal(after_rank(&scene.after, LOT_TEXT("AAAA")), 1);
    assert_true(after_rank(&scene.after, LOT_TEXT("ZZZZ")) == LOT_NONE);
    after_finish(&scene.after);
}

/* ---- limits ---- */

static void
after__draw_without_entries_takes_nothing(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    after_finish(&scene.after);
    scene.roll.entries_file.rows = 0;
    after_begin(&scene.after, &scene.roll, NULL, NULL, 0);
    is_shown(&scene);
    assert_false(after_take(&scene.after, LOT_TEXT("waive AAAA own" TIME), NULL));
    after_finish(&scene.after);
    after_finish(&scene.after);
    after_finish(NULL);
}

/* ---- refusal ---- */

static void
after__waivers_between_two_checkpoints_go_by_rank(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "waive AAAA own" TIME);
    takes(&scene, "award EEEE A-1 4" TIME);
    refuses(&scene, "waive BBBB own" TIME, LOT_PHASE,
            "waivers between two checkpoints go by rank: 1 does not come after 2; `publish` first, "
            "then waive");
    is_shown(&scene);
    takes(&scene, "waive BBBB own" TIME);
    after_finish(&scene.after);
}

static void
after__award_is_one_write_with_its_waiver(void **state)
{
    (void)state;
    struct scene scene;
    struct lot_error error;
    set_up(&scene, LOT_AWARD_HOME);
    refuses(&scene, "award EEEE A-1 4" TIME, LOT_PHASE, "no award is due");
    takes(&scene, "waive AAAA own" TIME);
    refuses(&scene, "take CCCC B-1" TIME, LOT_PHASE,
            "`award` is due: it is one write with its waiver");
    assert_false(after_shown(&scene.after, &error));
    assert_string_equal(error.text,
                        "a waiver stands at the end without its `award`: both are one write");
    after_finish(&scene.after);
}

static void
after__award_to_anybody_else_is_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        "award FFFF A-1 4" TIME, "award EEEE A-2 4" TIME,  "award EEEE A-1 5" TIME,
        "award EEEE - 4" TIME,   "award EEEE A-1 04" TIME,
    };
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    takes(&scene, "waive AAAA own" TIME);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        refuses(&scene, others[i], LOT_REFUSED,
                "the award that is due is `award EEEE A-1 4 2026-12-10T02:00:00Z`");
    }
    after_finish(&scene.after);
}

static void
after__take_is_refused_for_what_is_not_held(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    refuses(&scene, "take ZZZZ A-1" TIME, LOT_REFUSED, "`take` names no entry of entries.csv");
    refuses(&scene, "take DDDD B-1" TIME, LOT_REFUSED, "the household of rank 4 holds nothing");
    refuses(&scene, "take AAAA A-9" TIME, LOT_REFUSED, "homes.csv has no such home");
    refuses(&scene, "take AAAA A-2" TIME, LOT_REFUSED,
            "the household of rank 2 holds the home A-1, not this one");
    takes(&scene, "take AAAA A-1" TIME);
    refuses(&scene, "take AAAA A-1" TIME, LOT_REFUSED,
            "the household of rank 2 has signed for a home already");
    after_finish(&scene.after);
}

static void
after__turn_is_refused_another_type_a_missing_tag_and_a_taken_home(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_TURN);
    refuses(&scene, "take AAAA B-1" TIME, LOT_REFUSED,
            "the home B-1 is of type B, the turn is for A");
    refuses(&scene, "take BBBB A-1" TIME, LOT_REFUSED, "the home A-1 has no tag of the round old");
    takes(&scene, "take AAAA A-2" TIME); /* round open asks for no tag */
    refuses(&scene, "take BBBB A-2" TIME, LOT_REFUSED, "the home A-2 is taken: choose a free one");
    refuses(&scene, "take AAAA A-1" TIME, LOT_REFUSED,
            "the household of rank 2 has signed for a home already");
    after_finish(&scene.after);
}

static void
after__waive_is_refused_without_a_ground_or_anything_to_waive(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, LOT_AWARD_HOME);
    refuses(&scene, "waive AAAA order" TIME, LOT_REFUSED,
            "the ground of `waive` is own, absent or unfit");
    refuses(&scene, "waive HHHH own" TIME, LOT_REFUSED,
            "the household of rank 8 holds nothing and is no standby");
    refuses(&scene, "waive AAAA" TIME, LOT_REFUSED,
            "`waive` takes 2 words and a time like 2026-12-01T02:00:00Z behind them");
    refuses(&scene, "finish" TIME, LOT_PHASE, "`take`, `waive` or `award` is due");
    takes(&scene, "waive CCCC own" TIME);
    takes(&scene, "award DDDD B-1 4" TIME);
    refuses(&scene, "waive CCCC own" TIME, LOT_REFUSED,
            "the household of rank 3 holds nothing and is no standby");
    after_finish(&scene.after);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(after__home_passes_to_the_first_who_meets_the_queues_of_its_round),
    cmocka_unit_test(after__home_of_a_round_without_queues_passes_to_the_first_who_wants_and_fits),
    cmocka_unit_test(after__home_falls_to_any_who_wants_when_nobody_meets_the_queues),
    cmocka_unit_test(after__home_that_nobody_wants_goes_to_nobody),
    cmocka_unit_test(after__standby_who_waives_leaves_the_list),
    cmocka_unit_test(after__home_that_was_taken_can_still_be_waived),
    cmocka_unit_test(after__turn_chooses_a_home_and_passes_on_without_it),
    cmocka_unit_test(after__rank_follows_the_order_of_the_draw),
    cmocka_unit_test(after__draw_without_entries_takes_nothing),
    cmocka_unit_test(after__waivers_between_two_checkpoints_go_by_rank),
    cmocka_unit_test(after__award_is_one_write_with_its_waiver),
    cmocka_unit_test(after__award_to_anybody_else_is_refused),
    cmocka_unit_test(after__take_is_refused_for_what_is_not_held),
    cmocka_unit_test(after__turn_is_refused_another_type_a_missing_tag_and_a_taken_home),
    cmocka_unit_test(after__waive_is_refused_without_a_ground_or_anything_to_waive),
};

TEST_MAIN(tests)
