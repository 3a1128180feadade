/* The order of the leaves from the freeze on: what is due, and that nothing else passes. */
#include "lottery/ceremony.h"

#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME "2026-12-01T02:00:00Z"
#define FROZEN 1796090400 /* the same */
#define LEAVES_MAX 64

/*
 * A draw of two parties, six throws, one text source, one round, one type and two
 * entries: small, but with every kind of leaf.
 */
struct scene {
    struct lot_rules rules;
    struct lot_named parties[2], grounds[1];
    struct lot_source sources[1];
    struct lot_roll roll;
    struct lot_freeze freeze;
    char secrets[2][LOT_HEX_SIZE + 1];
    struct ceremony ceremony;
};

static void
set_up(struct scene *scene, uint32_t parties, uint32_t sources)
{
    memset(scene, 0, sizeof *scene);
    snprintf(scene->parties[0].code, sizeof scene->parties[0].code, "office");
    snprintf(scene->parties[1].code, sizeof scene->parties[1].code, "union");
    snprintf(scene->grounds[0].code, sizeof scene->grounds[0].code, "power");
    scene->sources[0] =
        (struct lot_source){.kind = LOT_SOURCE_TEXT, .name = "welfare", .digits = 3};
    snprintf(scene->rules.draw, sizeof scene->rules.draw, "CASE-1");
    scene->rules.dice_faces = 6;
    scene->rules.dice_throws = 6;
    scene->rules.parties = scene->parties;
    scene->rules.party_count = parties;
    scene->rules.sources = scene->sources;
    scene->rules.source_count = sources;
    scene->rules.grounds = scene->grounds;
    scene->rules.ground_count = 1;
    scene->rules.round_count = scene->rules.type_count = 1;
    scene->roll.rules = &scene->rules;
    scene->roll.entries_file.rows = 2;
    scene->freeze.size = 10;
    ceremony_begin(&scene->ceremony, &scene->roll, &scene->freeze, FROZEN);
}

static void
takes(struct scene *scene, const char *leaf)
{
    struct lot_error error = {LOT_OK, ""};
    if (!ceremony_take(&scene->ceremony, lot_text(leaf), &error)) {
        fail_msg("%s: %s", leaf, error.text);
    }
}

static void
refuses(struct scene *scene, const char *leaf, enum lot_code code, const char *sentence)
{
    struct ceremony before = scene->ceremony;
    struct lot_error error = {LOT_OK, ""};
    assert_false(ceremony_take(&scene->ceremony, lot_text(leaf), &error));
    assert_string_equal(error.text, sentence);
    assert_int_equal(error.code, code);
    assert_memory_equal(&before, &scene->ceremony, sizeof before);
}

static void
is_due(const struct scene *scene, const char *due)
{
    struct lot_buffer text = {0};
    ceremony_due(&scene->ceremony, &text);
    assert_string_equal(text.at, due);
    lot_buffer_finish(&text);
}

/* `commit` or `reveal` of a party, with a secret that is new in each attempt. */
static void
spell_party(struct scene *scene, bool reveal, unsigned party, char out[static 128])
{
    struct lot_buffer text = {0};
    char digest[LOT_HEX_SIZE + 1], *secret = scene->secrets[party];
    snprintf(secret, LOT_HEX_SIZE + 1, "%032u%032u", scene->ceremony.attempt.number, party);
    lot_buffer_print(&text, "CASE-1:%s:%s", scene->parties[party].code, secret);
    assert_true(crypto_digest_hex(LOT_SHA256, lot_buffer_text(&text), digest, NULL));
    lot_buffer_finish(&text);
    snprintf(out, 128, "%s %s %s " TIME, reveal ? "reveal" : "commit", scene->parties[party].code,
             reveal ? secret : digest);
}

/* The `seed` leaf that is right for what was taken so far. */
static void
spell_seed(const struct scene *scene, char out[static 128])
{
    struct lot_buffer text = {0};
    char digest[LOT_HEX_SIZE + 1];
    lot_seed_text(&scene->roll, &scene->freeze, &scene->ceremony.attempt, &text);
    assert_true(crypto_digest_hex(LOT_SHA256, lot_buffer_text(&text), digest, NULL));
    lot_buffer_finish(&text);
    snprintf(out, 128, "seed %s " TIME, digest);
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char software[] = "software 1.0.2 " HEX " " TIME;

/* Good leaves from where the draw stands up to the step, by the shortest way. */
static void
go_to(struct scene *scene, enum lot_step step)
{
    static const char *const results[] = {
        "file cutoffs.csv d6 1",
        "cutoff a",
        "file results.csv d7 2",
        "result a",
        "result b",
        ("journal 3 " HEX " " TIME),
        ("finish " TIME),
    };
    char leaf[128];
    while (scene->ceremony.step < step) {
        const struct ceremony *ceremony = &scene->ceremony;
        switch (ceremony->step) {
        case LOT_STEP_ATTEMPT:
            snprintf(leaf, sizeof leaf, "attempt %u " TIME, ceremony->attempt.number + 1);
            break;
        case LOT_STEP_SOFTWARE:
            snprintf(leaf, sizeof leaf, "%s", software);
            break;
        case LOT_STEP_COMMIT:
        case LOT_STEP_REVEAL:
            spell_party(scene, ceremony->step == LOT_STEP_REVEAL, ceremony->next, leaf);
            break;
        case LOT_STEP_DICE:
            snprintf(leaf, sizeof leaf, "dice 123456 " TIME);
            break;
        case LOT_STEP_PUBLIC:
            snprintf(leaf, sizeof leaf, "public text welfare 042 " TIME);
            break;
        case LOT_STEP_SEED:
            spell_seed(scene, leaf);
            break;
        case LOT_STEP_RESULTS:
            snprintf(leaf, sizeof leaf, "%s", results[ceremony->next]);
            break;
        case LOT_STEP_AFTER:
        case LOT_STEP_ENDED:
            snprintf(leaf, sizeof leaf, "end order " TIME);
            break;
        }
        takes(scene, leaf);
    }
}

static void
assert_moments(const struct scene *scene, const char *expected)
{
    struct lot_buffer text = {0};
    for (uint32_t i = 0; i < scene->ceremony.moment_count; i++) {
        const struct ceremony_moment *moment = &scene->ceremony.moments[i];
        lot_buffer_print(&text, "%s%s %u", i == 0 ? "" : ", ",
                         ceremony_occasion_name(moment->occasion), (unsigned)moment->size);
    }
    assert_string_equal(text.at, expected);
    lot_buffer_finish(&text);
}

/* ---- example ---- */

static void
ceremony__whole_draw_passes_in_its_order(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    is_due(&scene, "`attempt 1` or `end`");
    go_to(&scene, LOT_STEP_SOFTWARE);
    is_due(&scene, "`software`");
    go_to(&scene, LOT_STEP_COMMIT);
    is_due(&scene, "`commit office`");
    go_to(&scene, LOT_STEP_DICE);
    is_due(&scene, "`dice`");
    go_to(&scene, LOT_STEP_REVEAL);
    is_due(&scene, "`reveal office`");
    go_to(&scene, LOT_STEP_PUBLIC);
    is_due(&scene, "`public text`");
    go_to(&scene, LOT_STEP_SEED);
    is_due(&scene, "`seed`");
    go_to(&scene, LOT_STEP_RESULTS);
    is_due(&scene, "`file cutoffs.csv`");
    assert_string_equal(scene.ceremony.attempt.dice, "123456");
    assert_string_equal(scene.ceremony.attempt.publics[0].ref, "welfare");
    assert_string_equal(scene.ceremony.attempt.publics[0].value, "042");
    assert_string_equal(scene.ceremony.attempt.reveals[1], scene.secrets[1]);
    assert_int_equal(strlen(scene.ceremony.seed), LOT_HEX_SIZE);
    go_to(&scene, LOT_STEP_AFTER);
    is_due(&scene, "`take`, `waive` or `end order`");
    assert_true(scene.ceremony.finished);
    assert_int_equal(scene.ceremony.size, 10 + 9 + 7);
    go_to(&scene, LOT_STEP_ENDED);
    is_due(&scene, "nothing: the draw was closed for good by `end`");
    ceremony_finish(&scene.ceremony);
    ceremony_finish(NULL);
}

static void
ceremony__steps_in_which_nothing_is_due_are_passed_over(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 0, 0);
    go_to(&scene, LOT_STEP_COMMIT);
    assert_int_equal(scene.ceremony.step, LOT_STEP_DICE);
    takes(&scene, "dice 123456 " TIME);
    assert_int_equal(scene.ceremony.step, LOT_STEP_SEED);
    assert_moments(&scene, "freeze 10");
    ceremony_finish(&scene.ceremony);
    set_up(&scene, 2, 0);
    go_to(&scene, LOT_STEP_SEED);
    assert_moments(&scene, "freeze 10, commits 14");
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__moments_are_freeze_commits_reveals_finish_and_the_head_after_it(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    assert_moments(&scene, "freeze 10");
    go_to(&scene, LOT_STEP_DICE);
    assert_moments(&scene, "freeze 10, commits 14");
    go_to(&scene, LOT_STEP_PUBLIC);
    assert_moments(&scene, "freeze 10, commits 14, reveals 17");
    go_to(&scene, LOT_STEP_AFTER);
    assert_moments(&scene, "freeze 10, commits 14, reveals 17, finish 26");
    takes(&scene, "take AAAA 1-1 " TIME);
    assert_moments(&scene, "freeze 10, commits 14, reveals 17, finish 26, sitting 27");
    takes(&scene, "waive AAAA own " TIME);
    takes(&scene, "award BBBB 1-1 2 " TIME);
    takes(&scene, "end order " TIME);
    assert_moments(&scene, "freeze 10, commits 14, reveals 17, finish 26, sitting 30");
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__void_and_end_take_back_moments_on_which_nothing_rests(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    go_to(&scene, LOT_STEP_DICE);
    takes(&scene, "void power " TIME);
    assert_moments(&scene, "freeze 10");
    go_to(&scene, LOT_STEP_REVEAL); /* attempt 2 */
    takes(&scene, "void unopened " TIME);
    assert_moments(&scene, "freeze 10, commits 19");
    go_to(&scene, LOT_STEP_COMMIT); /* attempt 3 */
    takes(&scene, "void power " TIME);
    assert_moments(&scene, "freeze 10, commits 19");
    go_to(&scene, LOT_STEP_PUBLIC); /* attempt 4 */
    assert_moments(&scene, "freeze 10, commits 19, commits 28, reveals 31");
    takes(&scene, "end order " TIME);
    assert_moments(&scene, "freeze 10, commits 19, commits 28");
    ceremony_finish(&scene.ceremony);
}

/* ---- refusal ---- */

/* A good example of every leaf there is; which of them pass depends on the step alone. */
static const char *const menu[] = {
    "draw CASE-1 " TIME,
    "journal 3 " HEX " " TIME,
    "freeze " TIME,
    "attempt 2 " TIME,
    "software 1.0.2 " HEX " " TIME,
    "commit office " HEX " " TIME,
    "dice 123456 " TIME,
    "reveal office <its secret> " TIME,
    "public text welfare 042 " TIME,
    "seed <the seed> " TIME,
    "file cutoffs.csv d6 1",
    "finish " TIME,
    "take AAAA 1-1 " TIME,
    "waive AAAA own " TIME,
    "award AAAA 1-1 2 " TIME,
    "void power " TIME,
    "void unopened " TIME,
    "end power " TIME,
    "end order " TIME,
};
#define MENU (sizeof menu / sizeof menu[0])

/* Which of the menu pass at a step, as the protocol has it: x passes. */
static const struct {
    enum lot_step step;
    const char *passes;
} orders[] = {
    /*                    DJFascdrpsffTWAvuEO */
    {LOT_STEP_ATTEMPT, "...x.............xx"}, {LOT_STEP_SOFTWARE, "....x............xx"},
    {LOT_STEP_COMMIT, ".....x.........x.xx"},  {LOT_STEP_DICE, "......x........x.xx"},
    {LOT_STEP_REVEAL, ".......x........x.x"},  {LOT_STEP_PUBLIC, "........x.........x"},
    {LOT_STEP_SEED, ".........x........x"},    {LOT_STEP_RESULTS, "..........x.......x"},
    {LOT_STEP_AFTER, "............xxx...x"},   {LOT_STEP_ENDED, "..................."},
};

static void
ceremony__every_other_order_is_refused(void **state)
{
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof orders[0]; o++) {
        for (size_t m = 0; m < MENU; m++) {
            struct scene scene;
            set_up(&scene, 2, 1);
            go_to(&scene, LOT_STEP_DICE); /* a first attempt, void, so that `attempt 2` is due */
            takes(&scene, "void power " TIME);
            go_to(&scene, orders[o].step);
            char leaf[160];
            snprintf(leaf, sizeof leaf, "%s", menu[m]);
            if (orders[o].step == LOT_STEP_REVEAL && strncmp(leaf, "reveal", 6) == 0) {
                spell_party(&scene, true, 0, leaf);
            } else if (orders[o].step == LOT_STEP_SEED && strncmp(leaf, "seed", 4) == 0) {
                spell_seed(&scene, leaf);
            }
            struct ceremony before = scene.ceremony;
            struct lot_error error = {LOT_OK, ""};
            bool passed = ceremony_take(&scene.ceremony, lot_text(leaf), &error);
            if (passed != (orders[o].passes[m] == 'x')) {
                fail_msg("step %d, %s: %s", (int)orders[o].step, leaf, error.text);
            }
            if (!passed) {
                assert_memory_equal(&before, &scene.ceremony, sizeof before);
                assert_true(error.code == LOT_PHASE || error.code == LOT_REFUSED);
            }
            ceremony_finish(&scene.ceremony);
        }
    }
}

static void
ceremony__what_comes_too_early_is_told_what_is_due(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    refuses(&scene, "dice 123456 " TIME, LOT_PHASE,
            "`dice` is not due now, but `attempt 1` or `end`");
    refuses(&scene, "void power " TIME, LOT_PHASE,
            "`void` is not due now, but `attempt 1` or `end`");
    refuses(&scene, "roll 3 " TIME, LOT_REFUSED,
            "due is `attempt 1` or `end`: the leaf begins with no word of the protocol");
    go_to(&scene, LOT_STEP_COMMIT);
    refuses(&scene, "commit union " HEX " " TIME, LOT_PHASE,
            "parties come in the order of the rules: `commit office` is due, not another party's");
    refuses(&scene, "void unopened " TIME, LOT_PHASE,
            "`void unopened` is not due now, but `commit office`");
    go_to(&scene, LOT_STEP_REVEAL);
    refuses(&scene, "void power " TIME, LOT_PHASE,
            "the dice were thrown: nothing voids the attempt but `void unopened`, when neither "
            "envelope nor party gives the secret");
    refuses(&scene, "end power " TIME, LOT_PHASE,
            "the dice were thrown: only `end order`, of a court or a higher authority, closes the "
            "draw now");
    refuses(&scene, "reveal union " HEX " " TIME, LOT_PHASE,
            "parties come in the order of the rules: `reveal office` is due, not another party's");
    go_to(&scene, LOT_STEP_PUBLIC);
    refuses(&scene, "public nist-2.0 2/1 00 " TIME, LOT_PHASE,
            "sources come in the order of the rules: `public text` is due");
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__wrong_value_is_refused_and_not_repeated(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    refuses(&scene, "attempt 2 " TIME, LOT_REFUSED, "attempts are numbered 1, 2, 3: this one is 1");
    refuses(&scene, "end fire " TIME, LOT_REFUSED,
            "`end` needs a ground that the rules name, or `order`");
    go_to(&scene, LOT_STEP_SOFTWARE);
    refuses(&scene, "software 1/2 " HEX " " TIME, LOT_REFUSED,
            "`software` names a version (letters, digits, `.`, `_`, `-`, at most 24) and the "
            "digest of the program's file (64 hex digits)");
    refuses(&scene, "void power " TIME, LOT_PHASE, "`void` is not due now, but `software`");
    go_to(&scene, LOT_STEP_COMMIT);
    refuses(&scene, "void fire " TIME, LOT_REFUSED, "`void` needs a ground that the rules name");
    refuses(&scene, "void order " TIME, LOT_REFUSED, "`void` needs a ground that the rules name");
    go_to(&scene, LOT_STEP_DICE);
    refuses(&scene, "dice 123457 " TIME, LOT_REFUSED, "throw 6 of the dice is no digit 1 to 6");
    go_to(&scene, LOT_STEP_REVEAL);
    refuses(&scene, "reveal office " HEX " " TIME, LOT_REFUSED,
            "the secret of office is not the one of its commit: read the paper again, or ask the "
            "party for its own copy");
    go_to(&scene, LOT_STEP_SEED);
    struct lot_error error;
    assert_false(ceremony_take(&scene.ceremony, lot_text("seed " HEX " " TIME), &error));
    assert_int_equal(error.code, LOT_REFUSED);
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__no_commit_comes_twice_in_a_log(void **state)
{
    (void)state;
    static const char sentence[] =
        "is in the log already: each party, and each attempt, needs a secret of its own";
    struct scene scene;
    char first[128], text[256];
    set_up(&scene, 2, 1);
    go_to(&scene, LOT_STEP_COMMIT);
    spell_party(&scene, false, 0, first);
    takes(&scene, first);
    snprintf(text, sizeof text, "commit union %.64s " TIME, first + strlen("commit office "));
    char expected[256];
    snprintf(expected, sizeof expected, "the commit of union %s", sentence);
    refuses(&scene, text, LOT_REFUSED, expected);
    takes(&scene, "void power " TIME);
    go_to(&scene, LOT_STEP_COMMIT);
    snprintf(expected, sizeof expected, "the commit of office %s", sentence);
    refuses(&scene, first, LOT_REFUSED, expected);
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__times_never_fall(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    refuses(&scene, "attempt 1 2026-12-01T01:59:59Z", LOT_REFUSED,
            "`attempt` is dated 2026-12-01T01:59:59Z, before the leaf in front of it, "
            "2026-12-01T02:00:00Z");
    takes(&scene, "attempt 1 2026-12-01T02:00:01Z");
    refuses(&scene, software, LOT_REFUSED,
            "`software` is dated 2026-12-01T02:00:00Z, before the leaf in front of it, "
            "2026-12-01T02:00:01Z");
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__results_are_as_many_leaves_as_rules_and_roll_demand(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    go_to(&scene, LOT_STEP_RESULTS);
    takes(&scene, "file cutoffs.csv d6 1");
    refuses(&scene, "end order " TIME, LOT_PHASE, "`end` is not due now, but `cutoff`");
    refuses(&scene, "finish " TIME, LOT_PHASE, "`finish` is not due now, but `cutoff`");
    takes(&scene, "cutoff a");
    refuses(&scene, "cutoff a", LOT_REFUSED,
            "due is `file results.csv`: the leaf begins with no word of the protocol");
    takes(&scene, "file results.csv d7 2");
    takes(&scene, "result a");
    refuses(&scene, "journal 3 " HEX " " TIME, LOT_PHASE, "`journal` is not due now, but `result`");
    takes(&scene, "result b");
    refuses(&scene, "finish " TIME, LOT_PHASE, "`finish` is not due now, but `journal`");
    refuses(&scene, "journal x " HEX " " TIME, LOT_REFUSED,
            "`journal` names a number of rows and a digest of 64 hex digits");
    go_to(&scene, LOT_STEP_AFTER);
    ceremony_finish(&scene.ceremony);
}

/* ---- limits ---- */

static void
ceremony__attempts_have_an_end(void **state)
{
    (void)state;
    struct scene scene;
    char leaf[64];
    set_up(&scene, 2, 1);
    for (unsigned i = 1; i <= CEREMONY_ATTEMPTS_MAX; i++) {
        snprintf(leaf, sizeof leaf, "attempt %u " TIME, i);
        takes(&scene, leaf);
        takes(&scene, software);
        takes(&scene, "void power " TIME);
    }
    snprintf(leaf, sizeof leaf, "attempt %u " TIME, CEREMONY_ATTEMPTS_MAX + 1);
    refuses(&scene, leaf, LOT_REFUSED, "a draw has at most 999 attempts: `end` it");
    takes(&scene, "end power " TIME);
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__version_has_at_most_24_characters(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 2, 1);
    go_to(&scene, LOT_STEP_SOFTWARE);
    assert_false(ceremony_take(&scene.ceremony,
                               LOT_TEXT("software 1.2.3-with_25-characters. " HEX " " TIME), NULL));
    takes(&scene, "software 1.2.3-with_24_characters " HEX " " TIME);
    ceremony_finish(&scene.ceremony);
}

static void
ceremony__failing_library_changes_nothing(void **state)
{
    (void)state;
    static const enum lot_step steps[] = {LOT_STEP_REVEAL, LOT_STEP_SEED};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct scene scene;
        struct lot_error error = {LOT_OK, ""};
        char leaf[128];
        set_up(&scene, 2, 1);
        go_to(&scene, steps[i]);
        if (steps[i] == LOT_STEP_SEED) {
            spell_seed(&scene, leaf);
        } else {
            spell_party(&scene, true, 0, leaf);
        }
        struct ceremony before = scene.ceremony;
        crypto_fail_at(1);
        assert_false(ceremony_take(&scene.ceremony, lot_text(leaf), &error));
        crypto_fail_at(0);
        assert_int_equal(error.code, LOT_MACHINE);
        assert_memory_equal(&before, &scene.ceremony, sizeof before);
        takes(&scene, leaf);
        ceremony_finish(&scene.ceremony);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ceremony__whole_draw_passes_in_its_order),
    cmocka_unit_test(ceremony__steps_in_which_nothing_is_due_are_passed_over),
    cmocka_unit_test(ceremony__moments_are_freeze_commits_reveals_finish_and_the_head_after_it),
    cmocka_unit_test(ceremony__void_and_end_take_back_moments_on_which_nothing_rests),
    cmocka_unit_test(ceremony__every_other_order_is_refused),
    cmocka_unit_test(ceremony__what_comes_too_early_is_told_what_is_due),
    cmocka_unit_test(ceremony__wrong_value_is_refused_and_not_repeated),
    cmocka_unit_test(ceremony__no_commit_comes_twice_in_a_log),
    cmocka_unit_test(ceremony__times_never_fall),
    cmocka_unit_test(ceremony__results_are_as_many_leaves_as_rules_and_roll_demand),
    cmocka_unit_test(ceremony__attempts_have_an_end),
    cmocka_unit_test(ceremony__version_has_at_most_24_characters),
    cmocka_unit_test(ceremony__failing_library_changes_nothing),
};

TEST_MAIN(tests)
