#include "tests/test.h"

#include "tests/known.h"

#include "lottery/file.h"

#include <stdlib.h>
#include <string.h>

/* Advice about the full rules of tests/cases, changed once; text to be freed by the caller. */
static void
advise(const char *old, const char *new, struct lot_buffer *advice)
{
    struct lot_buffer json = {0};
    struct lot_error error = {0};
    struct lot_rules *rules = NULL;
    assert_true(
        file_read(NULL, TESTS_DIR "/cases/rules/full.json", LOT_RULES_SIZE_MAX, &json, &error));
    known_replace(&json, old, new);
    if (!lot_rules_read(lot_buffer_text(&json), &rules, &error)) {
        fail_msg("%s", error.text);
    }
    lot_rules_advise(rules, advice);
    lot_rules_destroy(rules);
    lot_buffer_finish(&json);
}

/* Each change brings exactly this line, which does not stand without it. */
static const struct {
    const char *old, *new, *line;
} cases[] = {
    {"kiosk-7+91a5f493+AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM",
     "window-1+22a95706+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
     "intakes[1].key: the same key as that of intakes[0]; make one for each with `lottery "
     "keygen`, on the machine that will use it\n"},
    {"kiosk-7+91a5f493+AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM",
     "window-1+22a95706+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
     "intakes[1].key: is named window-1; slips are easier to read when it is named kiosk-7 like "
     "its intake\n"},
    {"notary.example+cefa656a+BCeBF/wUTHI0D2fQ8jFug4bO/78rJCjJxR/vfFl/HUJu",
     "window-1+5fdd0e2d+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
     "witnesses[0].key: the same key as that of intakes[0]; make one for each with `lottery "
     "keygen`, on the machine that will use it\n"},
    {"\"HRB-2025-02\"", "\"HRB-2026-01\"",
     "earlier[0].draw: HRB-2026-01 is this draw itself or stands twice; name each earlier draw "
     "once\n"},
    {"\"persons\": [1, 3]", "\"persons\": [2, 3]",
     "types: households of 1 persons fit no type; widen persons if such households may apply\n"},
    {"{\"1B\": 1, \"2B\": 0}", "{\"1B\": 0, \"2B\": 0}",
     "rounds[0].quota: is 0 for all types, so the round takes nobody; drop the round or raise a "
     "number\n"},
    {"\"quota\": {\"1B\": 1, \"2B\": 0}", "\"quota\": {\"1B\": 1}", ""},
    {", \"quota\": {\"1B\": 1, \"2B\": 0}", "",
     "rounds[1]: can never take anybody, for rounds[0] comes before, admits the same households "
     "to the same homes and has no quota; give that one a quota, or put this one first\n"},
    {"\"queues\": [\"Q1\", \"Q2\"], \"tags\": [\"accessible\", \"lift\"], \"quota\": {\"1B\": 1, "
     "\"2B\": 0}",
     "\"queues\": [\"Q1\"]", ""},
    {", \"queues\": [\"Q1\", \"Q2\"], \"tags\": [\"accessible\", \"lift\"], \"quota\": {\"1B\": 1, "
     "\"2B\": 0}",
     "",
     "rounds[2]: can never take anybody, for rounds[0] comes before, admits the same households "
     "to the same homes and has no quota; give that one a quota, or put this one first\n"},
    {"{\"round\": \"open\", \"title\": {\"en\": \"open\"}}",
     "{\"round\": \"open\", \"title\": {\"en\": \"open\"}, \"queues\": [\"Q1\"]}",
     "rounds: none is open to all without tags and quota, so a home may stay free that a "
     "household wants; end with such a round\n"},
    {"{\"round\": \"open\", \"title\": {\"en\": \"open\"}}",
     "{\"round\": \"open\", \"title\": {\"en\": \"open\"}},\n    {\"round\": \"after\", \"title\": "
     "{\"en\": \"x\"}, \"quota\": {\"1B\": 1}}",
     "rounds[3]: can never take anybody, for rounds[2] comes before, admits the same households "
     "to the same homes and has no quota; give that one a quota, or put this one first\n"},
    {"{\"queue\": \"Q2\", \"title\": {\"en\": \"second group\"}}",
     "{\"queue\": \"Q2\", \"title\": {\"en\": \"x\"}}, {\"queue\": \"Q3\", \"title\": {\"en\": "
     "\"x\"}}",
     "queues[2]: no round names Q3, so it changes nothing; name it in a round or drop it\n"},
    {"\"party\": \"families\"", "\"party\": \"notary\"",
     "parties[1]: notary is a witness too; who checks and keeps the envelopes must hold no secret "
     "in them\n"},
    {"\"standby\": 10", "\"standby\": 0",
     "standby: is 0, so a home that is given up goes to nobody; name a number or \"all\"\n"},
    {",\n    {\"ground\": \"crowd\", \"title\": {\"en\": \"the hall had to be left\"}}", "",
     "void: few grounds (1); what is not named here cannot void an attempt before its first "
     "throw: name the power, the hall, the machine, a party that stays away\n"},
    {"\"zh\": \"样例\", ", "\"ru\": \"x\", ",
     "intakes[0].title: has no ru, which the title of the draw has; 14 titles lack it, and show "
     "another language instead\n"},
};

static void
lint__each_advice_is_given_when_it_is_due(void **state)
{
    (void)state;
    struct lot_buffer plain = {0};
    advise("HRB", "HRB", &plain);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lot_buffer advice = {0};
        advise(cases[i].old, cases[i].new, &advice);
        if (cases[i].line[0] == '\0') {
            assert_string_equal(advice.at, plain.at); /* a change that means nothing bad */
        } else if (strstr(advice.at, cases[i].line) == NULL) {
            fail_msg("'%s' is not in:\n%s", cases[i].line, advice.at);
        } else {
            assert_null(strstr(plain.at, cases[i].line));
        }
        lot_buffer_finish(&advice);
    }
    lot_buffer_finish(&plain);
}

static void
lint__good_rules_get_no_advice_but_what_is_due(void **state)
{
    (void)state;
    struct lot_buffer advice = {0};
    advise("\"zh\": \"样例\", \"en\": \"sample\"}", "\"en\": \"sample\"}", &advice);
    assert_int_equal(strchr(advice.at, '\n') - advice.at, advice.size - 1); /* one line */
    assert_memory_equal(advice.at, "void: few grounds (2)", 21);
    lot_buffer_finish(&advice);
}

/* Award turn, a round with tags behind one without, nobody to countersign. */
static void
lint__turns_and_witnesses_are_looked_at(void **state)
{
    (void)state;
    struct known known;
    struct lot_buffer advice = {0};
    known_open(12, &known);
    known_replace(&known.json, "   \"queues\": [\n    \"Q1\",\n    \"Q2\"\n   ],\n   \"quota\"",
                  "   \"queues\": [\n    \"Q1\",\n    \"Q2\"\n   ],\n   \"tags\": [\"quiet\"],\n   "
                  "\"quota\"");
    known_replace(&known.json, "   \"tags\": [\n    \"ground\",\n    \"quiet\"\n   ],\n", "");
    assert_true(known_read(&known, NULL));
    lot_rules_advise(known.rules, &advice);
    assert_non_null(strstr(advice.at, "rounds[1].tags: with award turn, those housed by rounds[0] "
                                      "choose first and may choose these homes; put rounds with "
                                      "tags before those without\n"));
    assert_non_null(
        strstr(advice.at, "witnesses: nobody countersigns, and `verify` will say so; "));
    assert_non_null(strstr(advice.at, "intakes[0].key: the same key as that of log[0]; "));
    lot_buffer_finish(&advice);
    known_close(&known);
}

static void
lint__type_that_no_round_takes_is_named(void **state)
{
    (void)state;
    struct known known;
    struct lot_buffer advice = {0};
    known_open(1, &known);
    known_replace(&known.json, "\"en\": \"open\"\n   }\n  }",
                  "\"en\": \"open\"\n   },\n   \"quota\": {\"1B\": 1}\n  }");
    assert_true(known_read(&known, NULL));
    lot_rules_advise(known.rules, &advice);
    assert_non_null(strstr(advice.at, "types[1]: no round takes anybody for 2B; name it in a "
                                      "quota or add a round without one\n"));
    lot_buffer_finish(&advice);
    known_close(&known);
}

static void
lint__rehearsal_hears_what_a_live_draw_is_refused_for(void **state)
{
    (void)state;
    struct lot_buffer advice = {0};
    struct known known;
    known_open(1, &known);
    known_replace(&known.json, "\"draw\": \"CASE-1\"", "\"draw\": \"REHEARSAL-1\"");
    known_replace(
        &known.json, "housing.example/CASE-1+c01a2b12+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "housing.example/REHEARSAL-1+62bda9d4+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
    known_replace(&known.json, "\"throws\": 40", "\"throws\": 4");
    struct lot_error error = {0};
    if (!known_read(&known, &error)) {
        fail_msg("%s", error.text);
    }
    lot_rules_advise(known.rules, &advice);
    assert_non_null(strstr(advice.at, "draw: a rehearsal; nothing in it counts, and no key of it "
                                      "may be used in a live draw\n"));
    assert_non_null(strstr(advice.at, "can try out all of them; found 4 (a rehearsal may; a live "
                                      "draw is refused)\n"));
    lot_buffer_finish(&advice);
    known_close(&known);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lint__each_advice_is_given_when_it_is_due),
    cmocka_unit_test(lint__good_rules_get_no_advice_but_what_is_due),
    cmocka_unit_test(lint__turns_and_witnesses_are_looked_at),
    cmocka_unit_test(lint__type_that_no_round_takes_is_named),
    cmocka_unit_test(lint__rehearsal_hears_what_a_live_draw_is_refused_for),
};

TEST_MAIN(tests)
