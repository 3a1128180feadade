#include "tests/test.h"

#include "tests/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_seed(struct known *known, struct lot_freeze *freeze, struct lot_attempt *attempt,
          struct lot_error *error)
{
    return lot_seed_read(&known->roll, lot_buffer_text(&known->seed), freeze, attempt, error);
}

/* ---- examples ---- */

static void
seed__known_seeds_are_read_and_made_again(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= KNOWN_CASES; i++) {
        struct known known;
        struct lot_error error = {0};
        struct lot_freeze freeze;
        struct lot_attempt attempt;
        struct lot_buffer again = {0};
        known_open(i, &known);
        if (!known_read(&known, &error) || !read_seed(&known, &freeze, &attempt, &error)) {
            fail_msg("case %u: %s", i, error.text);
        }
        lot_seed_text(&known.roll, &freeze, &attempt, &again);
        assert_true(lot_text_same(lot_buffer_text(&again), lot_buffer_text(&known.seed)));
        lot_buffer_finish(&again);
        known_close(&known);
    }
}

static void
seed__values_are_those_of_the_text(void **state)
{
    (void)state;
    struct known known;
    struct lot_freeze freeze;
    struct lot_attempt attempt;
    known_open(7, &known);
    assert_true(known_read(&known, NULL));
    assert_true(read_seed(&known, &freeze, &attempt, NULL));
    assert_int_equal(attempt.number, 2);
    assert_int_equal(freeze.size, 13);
    assert_int_equal(strlen(attempt.dice), 40);
    assert_int_equal(strlen(attempt.reveals[1]), 64);
    assert_string_equal(attempt.publics[0].ref, "welfare");
    assert_int_equal(strlen(attempt.publics[0].value), 14);
    known_close(&known);
}

/* ---- limits and refusals of single values ---- */

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define assert_says(call, sentence)                  \
    do {                                             \
        struct lot_error error = {0};                \
        assert_int_equal(call, sentence[0] == '\0'); \
        assert_string_equal(error.text, sentence);   \
    } while (false)

static void
seed__commit_is_64_hex_characters(void **state)
{
    (void)state;
    assert_says(lot_commit_check(LOT_TEXT(HEX64), &error), "");
    assert_says(lot_commit_check(LOT_TEXT(HEX64 "0"), &error),
                "a commit has 64 characters 0-9 a-f; 65 were given, the first 64 of them right");
    assert_says(lot_commit_check(LOT_TEXT("0123456789ABCDEF0123456789abcdef"
                                          "0123456789abcdef0123456789abcdef"),
                                 &error),
                "a commit has 64 characters 0-9 a-f; 64 were given, the first 10 of them right");
    assert_says(lot_commit_check(LOT_TEXT(""), &error),
                "a commit has 64 characters 0-9 a-f; 0 were given, the first 0 of them right");
}

static void
seed__dice_are_as_many_and_of_the_faces_that_the_rules_say(void **state)
{
    (void)state;
    struct lot_rules rules = {.dice_faces = 10, .dice_throws = 5};
    assert_says(lot_dice_check(&rules, LOT_TEXT("09876"), &error), "");
    assert_says(lot_dice_check(&rules, LOT_TEXT("0987"), &error),
                "4 throws of the dice; the rules ask for exactly 5");
    assert_says(lot_dice_check(&rules, LOT_TEXT("098765"), &error),
                "6 throws of the dice; the rules ask for exactly 5");
    assert_says(lot_dice_check(&rules, LOT_TEXT("098 6"), &error),
                "throw 4 of the dice is no digit 0 to 9");
    rules.dice_faces = 6;
    assert_says(lot_dice_check(&rules, LOT_TEXT("12366"), &error), "");
    assert_says(lot_dice_check(&rules, LOT_TEXT("02366"), &error),
                "throw 1 of the dice is no digit 1 to 6");
    assert_says(lot_dice_check(&rules, LOT_TEXT("12367"), &error),
                "throw 5 of the dice is no digit 1 to 6");
}

static void
seed__reveal_is_the_secret_of_its_commit(void **state)
{
    (void)state;
    struct known known;
    struct lot_freeze freeze;
    struct lot_attempt attempt;
    known_open(1, &known);
    assert_true(known_read(&known, NULL));
    assert_true(read_seed(&known, &freeze, &attempt, NULL));
    struct lot_text commit = lot_text(attempt.commits[0]), secret = lot_text(attempt.reveals[0]);
    assert_says(lot_reveal_check(known.rules, 0, commit, secret, &error), "");
    /* Another party, another commit, another secret, another draw: each time the same sentence. */
    static const char other[] = "the secret of union is not the one of its commit: read the paper "
                                "again, or ask the party for its own copy";
    assert_says(lot_reveal_check(known.rules, 1, commit, secret, &error), other);
    assert_says(lot_reveal_check(known.rules, 1, lot_text(attempt.commits[1]), secret, &error),
                other);
    assert_says(
        lot_reveal_check(known.rules, 1, LOT_TEXT(""), lot_text(attempt.reveals[1]), &error),
        other);
    strcpy(known.rules->draw, "CASE-2");
    assert_says(lot_reveal_check(known.rules, 1, lot_text(attempt.commits[1]),
                                 lot_text(attempt.reveals[1]), &error),
                other);
    secret.size--;
    assert_says(
        lot_reveal_check(known.rules, 0, commit, secret, &error),
        "office: a secret has 64 characters 0-9 a-f; 63 were given, the first 63 of them right");
    known_close(&known);
}

static void
seed__failing_digest_is_the_machines_fault(void **state)
{
    (void)state;
    struct known known;
    struct lot_error error = {0};
    known_open(1, &known);
    assert_true(known_read(&known, NULL));
    crypto_fail_at(1);
    assert_false(lot_reveal_check(known.rules, 0, LOT_TEXT(HEX64), LOT_TEXT(HEX64), &error));
    crypto_fail_at(0);
    assert_int_equal(error.code, LOT_MACHINE);
    assert_null(strstr(error.text, HEX64));
    known_close(&known);
}

static void
seed__public_values_have_the_form_of_their_source(void **state)
{
    (void)state;
    struct lot_source nist = {.kind = LOT_SOURCE_NIST};
    struct lot_source text = {.kind = LOT_SOURCE_TEXT, .name = "welfare", .digits = 3};
    struct lot_text pulse = LOT_TEXT(HEX64 HEX64);
    assert_says(lot_public_check(&nist, LOT_TEXT("2/1921299"), pulse, &error), "");
    static const char *const refs[] = {"",     "2",    "2/",   "/1",          "02/1",
                                       "2/1/", "2/-1", "2 /1", "2/1234567890"};
    for (size_t i = 0; i < sizeof refs / sizeof refs[0]; i++) {
        assert_says(lot_public_check(&nist, lot_text(refs[i]), pulse, &error),
                    "the ref of a nist-2.0 pulse has the form chain/pulse, as 2/1921299");
    }
    assert_says(lot_public_check(&nist, LOT_TEXT("2/1"), LOT_TEXT(HEX64), &error),
                "the value of pulse 2/1 must have 128 characters 0-9 a-f");
    assert_says(lot_public_check(&text, LOT_TEXT("welfare"), LOT_TEXT("007"), &error), "");
    assert_says(lot_public_check(&text, LOT_TEXT("Welfare"), LOT_TEXT("007"), &error),
                "the ref of this text source must be its name, welfare");
    static const char *const values[] = {"", "07", "0007", "0a7", "0 7"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_says(lot_public_check(&text, LOT_TEXT("welfare"), lot_text(values[i]), &error),
                    "the value of welfare must be exactly 3 digits 0-9, nothing between");
    }
    assert_string_equal(lot_source_word(nist.kind), "nist-2.0");
}

/* ---- refusals of the text ---- */

static const struct {
    const char *old, *new, *sentence;
} refusals[] = {
    {"seed 1", "seed 2", "seed.txt line 1: from these files must stand here 'mingqian seed 1'"},
    {"CASE-7", "CASE-8", "seed.txt line 2: from these files must stand here 'draw CASE-7'"},
    {"attempt 2", "attempt 02", "seed.txt line 3: an attempt has a number 1, 2, 3 ..."},
    {"attempt 2", "attempt 0", "seed.txt line 3: an attempt has a number 1, 2, 3 ..."},
    {"attempt 2", "attempt", "seed.txt line 3: begins with 'attempt', must begin with 'attempt '"},
    {"attempt 2\nrules cc2", "attempt 2\nrules cd2",
     "seed.txt line 4: from these files must stand here 'rules "
     "cc2a4fca91f2f658dca7515475e83574495efb5419790373063e1ab3743f3e26'"},
    {"290c14 3", "290c14 4",
     "seed.txt line 5: from these files must stand here 'homes "
     "c256d7cd92611e34e4082bdef42f9c69a3aca219e2bacc6a4807e7c577290c14 3'"},
    {"eaab 1 1", "eaab 1 2",
     "seed.txt line 6: from these files must stand here 'entries "
     "6e639a579c0ffa648ef430727b0c822245776b807bb1d2bed736e6a786dfeaab 1 1'"},
    {"1e78 0", "1e78 1",
     "seed.txt line 7: from these files must stand here 'refusals "
     "5078e686bc37675184f5480f23f52b965cbffb2e2f62028bdd7935fa96a51e78 0'"},
    {"7cd6 1", "7cd6  1",
     "seed.txt line 8: from these files must stand here 'received "
     "e8fb4073ddee482682f9230757f0e401e887b11119fda1319184c0327a577cd6 1'"},
    {"log 13", "log 0", "seed.txt line 9: not a size and the base64 of a root of 32 bytes"},
    {"log 13 5", "log 135", "seed.txt line 9: not a size and the base64 of a root of 32 bytes"},
    {"Io98=", "Io99=", "seed.txt line 9: not a size and the base64 of a root of 32 bytes"},
    {"log 13 5O8K", "log 13 ", "seed.txt line 9: not a size and the base64 of a root of 32 bytes"},
    {"commit office", "commit union",
     "seed.txt line 10: begins with 'commit union', must begin with 'commit office '"},
    {"commit office a89", "commit office A89",
     "seed.txt line 10: a commit has 64 characters 0-9 a-f; 64 were given, the first 0 of them "
     "right"},
    {"caa6a79cc62572a852fa7c84334adfcc898f845abb70912c6e49c2fe31707cab",
     "a89a22b0da0086ba90d3b292a3c65492ecfbcc00a6dd5455c870c6de0302768d",
     "seed.txt line 11: the same commit as that of office"},
    {"dice 7", "dice ", "seed.txt line 12: 39 throws of the dice; the rules ask for exactly 40"},
    {"dice 7", "die 7", "seed.txt line 12: begins with 'die 72651676', must begin with 'dice '"},
    {"reveal office 947", "reveal office 948",
     "seed.txt line 13: the secret of office is not the one of its commit: read the paper again, "
     "or ask the party for its own copy"},
    {"reveal office 947", "reveal office 97",
     "seed.txt line 13: office: a secret has 64 characters 0-9 a-f; 63 were given, the first 63 of "
     "them right"},
    {"reveal union", "reveal onion",
     "seed.txt line 14: begins with 'reveal onion', must begin with 'reveal union '"},
    {"public text", "public nist-2.0",
     "seed.txt line 15: begins with 'public nist-', must begin with 'public text '"},
    {"welfare 5", "welfare",
     "seed.txt line 15: the ref of this text source must be its name, welfare"},
    {"welfare 54", "welfare 5",
     "seed.txt line 15: the value of welfare must be exactly 14 digits 0-9, nothing between"},
    {"6828\n", "6828", "seed.txt line 15: 'public text ' must stand here, ended by a line feed"},
    {"6828\n", "6828\n\n", "seed.txt line 16: nothing may stand here"},

};

static void
seed__refusals_say_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct known known;
        struct lot_freeze freeze;
        struct lot_attempt attempt, before;
        memset(&attempt, 7, sizeof attempt);
        before = attempt;
        known_open(7, &known);
        assert_true(known_read(&known, NULL));
        known_replace(&known.seed, refusals[i].old, refusals[i].new);
        assert_says(read_seed(&known, &freeze, &attempt, &error), refusals[i].sentence);
        assert_false(read_seed(&known, &freeze, &attempt, NULL));
        assert_memory_equal(&attempt, &before, sizeof attempt); /* nothing was touched */
        known_close(&known);
    }
}

/* ---- properties ---- */

static void
seed__no_other_text_passes_that_is_one_character_off(void **state)
{
    (void)state;
    struct known known;
    struct lot_freeze freeze;
    struct lot_attempt attempt;
    known_open(7, &known);
    assert_true(known_read(&known, NULL));
    unsigned passed = 0;
    for (size_t i = 0; i < known.seed.size; i++) {
        char was = known.seed.at[i];
        known.seed.at[i] = was == '5' ? '4' : '5';
        if (read_seed(&known, &freeze, &attempt, NULL)) {
            passed++;
        }
        known.seed.at[i] = was;
        struct lot_text cut = {known.seed.at, i};
        assert_false(lot_seed_read(&known.roll, cut, &freeze, &attempt, NULL));
    }
    /* What another ceremony could have brought: its number, size and root (but for the last
     * character, which has unused bits), dice and public digits. */
    assert_int_equal(passed, 1 + 2 + 42 + 40 + 14);
    known_close(&known);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(seed__known_seeds_are_read_and_made_again),
    cmocka_unit_test(seed__values_are_those_of_the_text),
    cmocka_unit_test(seed__commit_is_64_hex_characters),
    cmocka_unit_test(seed__dice_are_as_many_and_of_the_faces_that_the_rules_say),
    cmocka_unit_test(seed__reveal_is_the_secret_of_its_commit),
    cmocka_unit_test(seed__failing_digest_is_the_machines_fault),
    cmocka_unit_test(seed__public_values_have_the_form_of_their_source),
    cmocka_unit_test(seed__refusals_say_the_line),
    cmocka_unit_test(seed__no_other_text_passes_that_is_one_character_off),
};

TEST_MAIN(tests)
