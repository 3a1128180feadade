#include "tests/test.h"

#include "tests/known.h"

#include "lottery/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rules with every key there is. */
static struct lot_buffer full;

static int
load(void **state)
{
    (void)state;
    return file_read(NULL, TESTS_DIR "/cases/rules/full.json", LOT_RULES_SIZE_MAX, &full, NULL)
               ? 0
               : -1;
}

static int
unload(void **state)
{
    (void)state;
    lot_buffer_finish(&full);
    return 0;
}

/* The full rules with one text in the place of another; to be ended by lot_rules_destroy(). */
static struct lot_rules *
changed(const char *old, const char *new)
{
    struct lot_buffer json = {0};
    struct lot_error error = {0};
    struct lot_rules *rules = NULL;
    lot_buffer_put(&json, lot_buffer_text(&full));
    known_replace(&json, old, new);
    if (!lot_rules_read(lot_buffer_text(&json), &rules, &error)) {
        fail_msg("%s", error.text);
    }
    lot_buffer_finish(&json);
    return rules;
}

static void
assert_refused(struct lot_text json, const char *sentence)
{
    struct lot_error error = {0};
    struct lot_rules *rules = NULL;
    assert_false(lot_rules_read(json, &rules, &error));
    assert_null(rules);
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, sentence);
    assert_false(lot_rules_read(json, &rules, NULL));
}

/* ---- examples ---- */

static void
rules__every_key_is_read(void **state)
{
    (void)state;
    struct lot_rules *rules = changed("HRB", "HRB");
    assert_string_equal(rules->origin, "housing.example");
    assert_string_equal(rules->draw, "HRB-2026-01");
    assert_string_equal(rules->log_name, "housing.example/HRB-2026-01");
    assert_false(rules->rehearsal);
    assert_int_equal(rules->earlier_count, 1);
    assert_string_equal(rules->earlier[0].draw, "HRB-2025-02");
    assert_int_equal(rules->earlier[0].size, 37);
    assert_string_equal(rules->earlier[0].root, "xtKvEox3ioXX0ID5M+6aZDrVkYXgavzd0hy3gnrJQ5Q=");
    assert_int_equal(rules->title.count, 2);
    assert_int_equal(rules->basis_count, 1);
    assert_string_equal(rules->basis[0], "Measures of 2026, article 12");
    assert_string_equal(rules->area_unit, "m2");
    assert_string_equal(rules->price_unit, "CNY");
    assert_int_equal(rules->intake_count, 2);
    assert_string_equal(rules->intakes[1].code, "kiosk-7");
    assert_string_equal(rules->intakes[1].key.name, "kiosk-7");
    assert_int_equal(rules->intakes[1].key.type, LOT_KEY_LOG);
    assert_int_equal(rules->log_key_count, 2);
    assert_int_equal(rules->log_keys[1].type, LOT_KEY_OTHER);
    assert_int_equal(rules->hash, LOT_SHA256);
    assert_int_equal(rules->award, LOT_AWARD_HOME);
    assert_int_equal(rules->type_count, 2);
    assert_int_equal(rules->types[1].persons_min, 2);
    assert_int_equal(rules->types[1].persons_max, 20);
    assert_int_equal(rules->queue_count, 2);
    assert_int_equal(rules->round_count, 3);
    assert_int_equal(rules->rounds[0].queues, 3);
    assert_int_equal(rules->rounds[0].tags, 3);
    assert_true(rules->rounds[0].has_quota);
    assert_int_equal(rules->rounds[0].quota[0], 1);
    assert_int_equal(rules->rounds[0].quota[1], 0);
    assert_int_equal(rules->rounds[1].queues, 2);
    assert_int_equal(rules->rounds[1].tags, 2);
    assert_false(rules->rounds[1].has_quota);
    assert_false(rules->rounds[2].has_queues || rules->rounds[2].has_tags);
    assert_int_equal(rules->tag_count, 2);
    assert_string_equal(rules->tags[1], "lift");
    assert_int_equal(rules->chances_max, 3);
    assert_int_equal(rules->standby, 10);
    assert_int_equal(rules->party_count, 2);
    assert_int_equal(rules->witness_count, 1);
    assert_int_equal(rules->witnesses[0].key.type, LOT_KEY_WITNESS);
    assert_int_equal(rules->dice_faces, 10);
    assert_int_equal(rules->dice_throws, 40);
    assert_int_equal(rules->source_count, 2);
    assert_int_equal(rules->sources[0].kind, LOT_SOURCE_NIST);
    assert_int_equal(rules->sources[0].time, INT64_C(1796090400));
    assert_int_equal(rules->sources[0].certificate_count, 1);
    assert_int_equal(rules->sources[1].kind, LOT_SOURCE_TEXT);
    assert_string_equal(rules->sources[1].name, "welfare");
    assert_int_equal(rules->sources[1].digits, 14);
    assert_int_equal(rules->ground_count, 2);
    lot_rules_destroy(rules);
    lot_rules_destroy(NULL);
}

static void
rules__codes_are_found_in_their_lists(void **state)
{
    (void)state;
    struct lot_rules *rules = changed("HRB", "HRB");
    assert_int_equal(lot_rules_type(rules, LOT_TEXT("2B")), 1);
    assert_int_equal(lot_rules_queue(rules, LOT_TEXT("Q2")), 1);
    assert_int_equal(lot_rules_intake(rules, LOT_TEXT("kiosk-7")), 1);
    assert_int_equal(lot_rules_party(rules, LOT_TEXT("families")), 1);
    assert_int_equal(lot_rules_ground(rules, LOT_TEXT("crowd")), 1);
    assert_int_equal(lot_rules_tag(rules, LOT_TEXT("lift")), 1);
    assert_int_equal(lot_rules_type(rules, LOT_TEXT("2")), -1);
    assert_int_equal(lot_rules_type(rules, LOT_TEXT("2BB")), -1);
    assert_int_equal(lot_rules_queue(rules, LOT_TEXT("")), -1);
    assert_string_equal(lot_source_word(LOT_SOURCE_NIST), "nist-2.0");
    assert_string_equal(lot_source_word(LOT_SOURCE_TEXT), "text");
    lot_rules_destroy(rules);
}

static void
rules__title_falls_back_to_english_then_to_the_first(void **state)
{
    (void)state;
    struct lot_rules *rules = changed("{\"en\": \"open\"}", "{\"ru\": \"r\", \"zh\": \"z\"}");
    assert_string_equal(lot_title_in(&rules->title, "zh"), "样例");
    assert_string_equal(lot_title_in(&rules->title, "ko"), "sample");
    assert_string_equal(lot_title_in(&rules->rounds[2].title, "ko"), "r");
    lot_rules_destroy(rules);
}

static void
rules__choices_are_read_the_other_way_too(void **state)
{
    (void)state;
    struct lot_rules *rules = changed("\"hash\": \"sha256\",\n  \"award\": \"home\"",
                                      "\"hash\": \"sm3\",\n  \"award\": \"turn\"");
    assert_int_equal(rules->hash, LOT_SM3);
    assert_int_equal(rules->award, LOT_AWARD_TURN);
    lot_rules_destroy(rules);
    rules = changed("\"standby\": 10", "\"standby\": \"all\"");
    assert_int_equal(rules->standby, LOT_STANDBY_ALL);
    lot_rules_destroy(rules);
    rules = changed("\"faces\": 10", "\"faces\": 6");
    assert_int_equal(rules->dice_faces, 6);
    lot_rules_destroy(rules);
}

/* ---- limits ---- */

static void
rules__bounds_are_part_of_what_is_allowed(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"\"chances_max\": 3", "\"chances_max\": 99"},
        {"\"chances_max\": 3", "\"chances_max\": 1"},
        {"\"standby\": 10", "\"standby\": 0"},
        {"\"standby\": 10", "\"standby\": 999999999"},
        {"\"throws\": 40", "\"throws\": 1"},
        {"\"throws\": 40", "\"throws\": 1000"},
        {"\"digits\": 14", "\"digits\": 1"},
        {"\"digits\": 14", "\"digits\": 64"},
        {"\"persons\": [1, 3]", "\"persons\": [20, 20]"},
        {"\"2B\": 0", "\"2B\": 999999999"},
        {"[\"Measures of 2026, article 12\"]", "[]"},
        {"\"zh\": \"样例\", \"en\": \"sample\"", "\"zh-Hant-HK-x-12345678\": \"a\""},
        {"\"2026-12-01T12:00:00Z\"", "\"2028-02-29T23:59:59Z\""},
        {"\"size\": 37", "\"size\": 999999999"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        lot_rules_destroy(changed(pairs[i][0], pairs[i][1]));
    }
}

/* Adds an object of queues with count of them: codes A1, A2 ... */
static void
put_queues(struct lot_buffer *json, unsigned count)
{
    lot_buffer_print(json, "\"queues\": [");
    for (unsigned i = 1; i <= count; i++) {
        lot_buffer_print(json, "%s{\"queue\": \"A%u\", \"title\": {\"en\": \"a\"}}",
                         i == 1 ? "" : ", ", i);
    }
    lot_buffer_print(json, ", {\"queue\": \"Q1\"");
}

static void
rules__sixty_four_queues_and_no_more(void **state)
{
    (void)state;
    struct lot_buffer json = {0}, list = {0};
    struct lot_rules *rules = NULL;
    put_queues(&list, LOT_QUEUES_MAX - 2);
    lot_buffer_put(&json, lot_buffer_text(&full));
    known_replace(&json, "\"queues\": [\n    {\"queue\": \"Q1\"", list.at);
    assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
    assert_int_equal(rules->queue_count, LOT_QUEUES_MAX);
    assert_true(rules->rounds[1].queues == UINT64_C(1) << 63);
    lot_rules_destroy(rules);

    lot_buffer_clear(&list);
    lot_buffer_clear(&json);
    put_queues(&list, LOT_QUEUES_MAX - 1);
    lot_buffer_put(&json, lot_buffer_text(&full));
    known_replace(&json, "\"queues\": [\n    {\"queue\": \"Q1\"", list.at);
    assert_refused(lot_buffer_text(&json), "queues: 65 items; 0 to 64 may stand here");
    lot_buffer_finish(&json);
    lot_buffer_finish(&list);
}

static void
rules__sixty_four_tags_and_no_more(void **state)
{
    (void)state;
    for (unsigned count = LOT_TAGS_MAX; count <= LOT_TAGS_MAX + 1; count++) {
        struct lot_buffer json = {0}, list = {0};
        lot_buffer_print(&list, "\"tags\": [\"lift\"");
        for (unsigned i = 3; i <= count; i++) { /* lift and accessible stand already */
            lot_buffer_print(&list, ", \"t%u\"", i);
        }
        lot_buffer_print(&list, "]");
        lot_buffer_put(&json, lot_buffer_text(&full));
        known_replace(&json, "\"tags\": [\"lift\"]", list.at);
        if (count > LOT_TAGS_MAX) {
            assert_refused(lot_buffer_text(&json),
                           "rounds[1].tags[63]: more than 64 tags in all rounds");
        } else {
            struct lot_rules *rules = NULL;
            assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
            assert_int_equal(rules->tag_count, LOT_TAGS_MAX);
            lot_rules_destroy(rules);
        }
        lot_buffer_finish(&json);
        lot_buffer_finish(&list);
    }
}

/* A list that is filled up with copies of its last item: one too many is refused for that. */
static void
rules__lists_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *list, *inside; /* of the first item of list, when it is a list in it */
        size_t most;
        const char *sentence;
    } cases[] = {
        {"earlier", NULL, LOT_EARLIER_MAX, "earlier: 65 items; 1 to 64 may stand here"},
        {"basis", NULL, LOT_BASIS_MAX, "basis: 65 items; 0 to 64 may stand here"},
        {"intakes", NULL, LOT_INTAKES_MAX, "intakes: 1025 items; 1 to 1024 may stand here"},
        {"log", NULL, LOT_LOG_KEYS_MAX, "log: 9 items; 1 to 8 may stand here"},
        {"types", NULL, LOT_TYPES_MAX, "types: 65 items; 1 to 64 may stand here"},
        {"rounds", NULL, LOT_ROUNDS_MAX, "rounds: 65 items; 1 to 64 may stand here"},
        {"parties", NULL, LOT_PARTIES_MAX, "parties: 33 items; 1 to 32 may stand here"},
        {"witnesses", NULL, LOT_WITNESSES_MAX, "witnesses: 17 items; 1 to 16 may stand here"},
        {"public", NULL, LOT_SOURCES_MAX, "public: 17 items; 0 to 16 may stand here"},
        {"void", NULL, LOT_GROUNDS_MAX, "void: 65 items; 0 to 64 may stand here"},
        {"public", "certificates", LOT_CERTIFICATES_MAX,
         "public[0].certificates: expected a list of 1 to 16 certificates"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *all = json_loadb(full.at, full.size, 0, NULL);
        json_t *list = json_object_get(all, cases[i].list);
        list = cases[i].inside == NULL ? list
                                       : json_object_get(json_array_get(list, 0), cases[i].inside);
        for (int over = 0; over <= 1; over++) {
            while (json_array_size(list) < cases[i].most + (size_t)over) {
                json_array_append(list, json_array_get(list, json_array_size(list) - 1));
            }
            char *text = json_dumps(all, 0);
            struct lot_buffer json = {0};
            struct lot_error error = {0};
            struct lot_rules *rules = NULL;
            lot_buffer_print(&json, "%s\n", text);
            free(text);
            if (lot_rules_read(lot_buffer_text(&json), &rules, &error)) {
                assert_int_equal(over, 0);
                lot_rules_destroy(rules);
            } else {
                assert_int_equal(strcmp(error.text, cases[i].sentence) == 0, over);
            }
            lot_buffer_finish(&json);
        }
        json_decref(all);
    }
}

static void
rules__title_has_at_most_32_languages(void **state)
{
    (void)state;
    for (unsigned count = LOT_LANGUAGES_MAX; count <= LOT_LANGUAGES_MAX + 1; count++) {
        struct lot_buffer json = {0}, title = {0};
        for (unsigned i = 0; i < count; i++) {
            lot_buffer_print(&title, "%s\"xa-%u\": \"t\"", i == 0 ? "{" : ", ", i);
        }
        lot_buffer_print(&title, "}");
        lot_buffer_put(&json, lot_buffer_text(&full));
        known_replace(&json, "{\"zh\": \"样例\", \"en\": \"sample\"}", title.at);
        struct lot_rules *rules = NULL;
        if (count > LOT_LANGUAGES_MAX) {
            assert_refused(lot_buffer_text(&json), "title: 33 languages; 1 to 32 may stand here");
        } else {
            assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
            assert_string_equal(lot_title_in(&rules->title, "xa-31"), "t");
            lot_rules_destroy(rules);
        }
        lot_buffer_finish(&json);
        lot_buffer_finish(&title);
    }
}

static void
rules__texts_have_at_most_1024_bytes(void **state)
{
    (void)state;
    for (unsigned size = LOT_RULES_TEXT_MAX; size <= LOT_RULES_TEXT_MAX + 1; size++) {
        struct lot_buffer json = {0};
        char text[LOT_RULES_TEXT_MAX + 2] = "";
        memset(text, 'a', size);
        lot_buffer_put(&json, lot_buffer_text(&full));
        known_replace(&json, "Measures of 2026, article 12", text);
        if (size > LOT_RULES_TEXT_MAX) {
            assert_refused(lot_buffer_text(&json),
                           "basis[0]: a text of 1025 bytes; 1 to 1024 may stand here");
        } else {
            struct lot_rules *rules = NULL;
            assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
            lot_rules_destroy(rules);
        }
        lot_buffer_finish(&json);
    }
}

static void
rules__a_mebibyte_is_read_and_no_more(void **state)
{
    (void)state;
    struct lot_buffer json = {0};
    struct lot_rules *rules = NULL;
    lot_buffer_put(&json, lot_buffer_text(&full));
    while (json.size < LOT_RULES_SIZE_MAX) {
        lot_buffer_add(&json, "\n", 1);
    }
    assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
    lot_rules_destroy(rules);
    lot_buffer_add(&json, "\n", 1);
    assert_refused(lot_buffer_text(&json),
                   "rules.json: 1048577 bytes; at most 1048576 may stand here");
    lot_buffer_finish(&json);
}

static void
rules__rehearsal_may_have_no_party(void **state)
{
    (void)state;
    struct lot_buffer json = {0};
    struct lot_rules *rules = NULL;
    lot_buffer_put(&json, lot_buffer_text(&full));
    known_replace(
        &json,
        ",\n    \"housing.example/HRB-2026-01+bcf04645+/1BLSVgtU00yLVNNMwABAgMEBQYHCAkKCwwN"
        "Dg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9A\"",
        "");
    known_replace(&json, "\"draw\": \"HRB-2026-01\"", "\"draw\": \"REHEARSAL-1\"");
    known_replace(
        &json, "housing.example/HRB-2026-01+00f8b7d9+AfxRzY5iGKGjjaR+0AIw8FgIFu0TujMDrF3rkRVIkIAl",
        "housing.example/REHEARSAL-1+b721a0d3+AfxRzY5iGKGjjaR+0AIw8FgIFu0TujMDrF3rkRVIkIAl");
    known_replace(&json,
                  "{\"party\": \"office\", \"title\": {\"en\": \"the office\"}},\n    {\"party\": "
                  "\"families\", \"title\": {\"en\": \"an applicant\"}}",
                  "");
    assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
    assert_true(rules->rehearsal);
    assert_int_equal(rules->party_count, 0);
    assert_true(lot_rules_allow(rules, NULL));
    lot_rules_destroy(rules);
    lot_buffer_finish(&json);
}

/* ---- refusals ---- */

static void
rules__what_must_not_be_drawn_by_is_not_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *sentence; /* no sentence: allowed */
    } cases[] = {
        {"\"throws\": 40", "\"throws\": 39", NULL},
        {"\"throws\": 40", "\"throws\": 38",
         "dice.throws: a live draw with dice of 10 faces has at least 39 throws, so that nobody "
         "can try out all of them; found 38"},
        {"\"faces\": 10, \"throws\": 40", "\"faces\": 6, \"throws\": 50", NULL},
        {"\"faces\": 10, \"throws\": 40", "\"faces\": 6, \"throws\": 49",
         "dice.throws: a live draw with dice of 6 faces has at least 50 throws, so that nobody "
         "can try out all of them; found 49"},
        {",\n    {\"party\": \"families\", \"title\": {\"en\": \"an applicant\"}}", "",
         "parties: a live draw has at least two, so that no single secret makes the seed; found "
         "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lot_rules *rules = changed(cases[i].old, cases[i].new);
        struct lot_error error = {0};
        assert_int_equal(lot_rules_allow(rules, &error), cases[i].sentence == NULL);
        assert_string_equal(error.text, cases[i].sentence == NULL ? "" : cases[i].sentence);
        lot_rules_destroy(rules);
    }
}

/* Each is made in the full rules, and what is said of it. */
static const struct {
    const char *old, *new, *sentence;
} refusals[] = {
    {"{\n  \"protocol\"", "\357\273\277{\n  \"protocol\"",
     "rules.json: in this line stands something that is not allowed: bytes that are not UTF-8, a "
     "tab, a carriage return, a byte-order mark, or a character that cannot be seen (rules.json "
     "line 1, byte 1)"},
    {"  \"protocol\"", "\t\"protocol\"",
     "rules.json: in this line stands something that is not allowed: bytes that are not UTF-8, a "
     "tab, a carriage return, a byte-order mark, or a character that cannot be seen (rules.json "
     "line 2, byte 1)"},
    {"\"protocol\": 1,\n", "\"protocol\": 1,\r\n",
     "rules.json: in this line stands something that is not allowed: bytes that are not UTF-8, a "
     "tab, a carriage return, a byte-order mark, or a character that cannot be seen (rules.json "
     "line 2, byte 1)"},
    {"sample\"}", "sam\342\200\213ple\"}",
     "rules.json: in this line stands something that is not allowed: bytes that are not UTF-8, a "
     "tab, a carriage return, a byte-order mark, or a character that cannot be seen (rules.json "
     "line 8, byte 1)"},
    {"sample\"}", "sam\\u200bple\"}",
     "title.en: an escape stands for a character that is not allowed: a control, or one that "
     "cannot be seen"},
    {"sample\"}", "sam\\u0007ple\"}",
     "title.en: an escape stands for a character that is not allowed: a control, or one that "
     "cannot be seen"},
    {"sample\"}", "sam\\u0000ple\"}",
     "title.en: the escape \\u0000 is not allowed (rules.json line 8, byte 49)"},
    {"sample\"}", "sam\\ud800ple\"}",
     "title.en: invalid Unicode '\\uD800' near '\"sam\\ud800ple\"' (rules.json line 8, byte 49)"},
    {"\"protocol\": 1,", "\"protocol\": 1",
     "protocol: '}' expected near '\"origin\"' (rules.json line 3, byte 11)"},
    {"\"void\": [", "\"void\": [[", "void: ']' expected near '}' (rules.json line 52, byte 2)"},
    {"\"throws\": 40}", "\"throws\": 40",
     "dice: '}' expected near end of file (rules.json line 53, byte 1)"},
    {"\"throws\": 40}", "\"throws\": 40, \"throws\": 40}",
     "dice.throws: this key stands twice (rules.json line 43, byte 47)"},
    {"\"1B\": 1, \"2B\": 0", "\"1B\": 1, \"2B\": 0, \"1B\": 2",
     "rounds[0].quota.1B: this key stands twice (rules.json line 30, byte 144)"},
    {"\"persons\": [2, 20]", "\"persons\": [2, 20], \"type\": \"2B\"",
     "types[1].type: this key stands twice (rules.json line 23, byte 95)"},
    {"\"throws\": 40}", "\"throws\": -40}",
     "dice.throws: a number with a sign (rules.json line 43, byte 35)"},
    {"\"persons\": [1, 3]", "\"persons\": [-0, 3]",
     "types[0].persons[0]: a number with a sign (rules.json line 22, byte 64)"},
    {"\"chances_max\": 3", "\"chances_max\": 3.0",
     "chances_max: expected a whole number, found a number with a fraction or an exponent"},
    {"\"chances_max\": 3", "\"chances_max\": 3e0",
     "chances_max: expected a whole number, found a number with a fraction or an exponent"},
    {"\"chances_max\": 3", "\"chances_max\": 03",
     "chances_max: invalid token near '0' (rules.json line 34, byte 19)"},
    {"\"chances_max\": 3", "\"chances_max\": 99999999999999999999",
     "chances_max: too big integer near '99999999999999999999' (rules.json line 34, byte 38)"},
    {"\"chances_max\": 3", "\"chances_max\": 1e999",
     "chances_max: real number overflow near '1e999' (rules.json line 34, byte 23)"},
    {"\"award\": \"home\",", "\"award\": \"home\", \"colour\": \"red\",",
     "colour: no such key; known here: protocol origin draw earlier? title basis units intakes log "
     "hash award types queues rounds chances_max standby parties witnesses? dice public void"},
    {"\"award\": \"home\",\n", "", "award: this key is missing"},
    {"\"protocol\": 1,", "\"protocol\": 2,", "protocol: 2; must be 1"},
    {"\"protocol\": 1,", "\"protocol\": \"1\",", "protocol: expected a whole number, found a text"},
    {"\"origin\": \"housing.example\"", "\"origin\": \"Housing.example\"",
     "origin: 'Housing.example' is not an origin ([a-z0-9.-]{1,64})"},
    {"\"draw\": \"HRB-2026-01\"", "\"draw\": \"-HRB\"",
     "draw: '-HRB' is not a draw ([A-Z0-9][A-Z0-9-]{2,31})"},
    {"\"draw\": \"HRB-2026-01\"", "\"draw\": \"HRB-2026-02\"",
     "log[0]: the key's name is housing.example/HRB-2026-01; the log's must be "
     "housing.example/HRB-2026-02"},
    {"HRB-2025-02\", \"size\": 37", "hrb\", \"size\": 37",
     "earlier[0].draw: 'hrb' is not a draw ([A-Z0-9][A-Z0-9-]{2,31})"},
    {"HRB-2025-02\", \"size\": 37", "REHEARSAL-1\", \"size\": 37",
     "earlier[0].draw: REHEARSAL-1 is a rehearsal; only live draws stand here"},
    {"HRB-2025-02\", \"size\": 37", "HRB-2025-02\", \"size\": 1000000000",
     "earlier[0].size: 1000000000 is not within 0 to 999999999"},
    {"xtKvEox3ioXX0ID5M+6aZDrVkYXgavzd0hy3gnrJQ5Q=", "xtKvEox3ioXX0ID5M+6aZDrVkYXgavzd0hy3gnrJQ5R=",
     "earlier[0].root: not the base64 of 32 bytes"},
    {"xtKvEox3ioXX0ID5M+6aZDrVkYXgavzd0hy3gnrJQ5Q=", "xtKv",
     "earlier[0].root: not the base64 of 32 bytes"},
    {"\"title\": {\"zh\": \"样例\", \"en\": \"sample\"}", "\"title\": \"sample\"",
     "title: expected an object of languages and texts, found a text"},
    {"\"title\": {\"zh\": \"样例\", \"en\": \"sample\"}", "\"title\": {}",
     "title: 0 languages; 1 to 32 may stand here"},
    {"{\"zh\": \"样例\", \"en\": \"sample\"}", "{\"z\": \"样例\", \"en\": \"sample\"}",
     "title.z: this key is no language tag such as zh, en or zh-Hant"},
    {"{\"zh\": \"样例\", \"en\": \"sample\"}", "{\"zh-\": \"样例\", \"en\": \"sample\"}",
     "title.zh-: this key is no language tag such as zh, en or zh-Hant"},
    {"{\"zh\": \"样例\", \"en\": \"sample\"}", "{\"zh\": \"样例\", \"en\": 5}",
     "title.en: expected a text, found a number"},
    {"{\"zh\": \"样例\", \"en\": \"sample\"}", "{\"zh\": \"\", \"en\": \"sample\"}",
     "title.zh: a text of 0 bytes; 1 to 1024 may stand here"},
    {"[\"Measures of 2026, article 12\"]", "\"Measures\"", "basis: expected a list, found a text"},
    {"[\"Measures of 2026, article 12\"]", "[\"a\", 7]",
     "basis[1]: expected a text, found a number"},
    {"{\"area\": \"m2\", \"price\": \"CNY\"}", "{\"area\": \"m2\"}",
     "units.price: this key is missing"},
    {"{\"area\": \"m2\", \"price\": \"CNY\"}", "{\"area\": \"m2\", \"price\": true}",
     "units.price: expected a text, found true"},
    {"\"intake\": \"kiosk-7\"", "\"intake\": \"window-1\"",
     "intakes[1].intake: 'window-1' stands twice, in [0] too"},
    {"\"intake\": \"kiosk-7\"", "\"intake\": \"kiosk 7\"",
     "intakes[1].intake: 'kiosk 7' is not a code ([A-Za-z0-9_-]{1,24})"},
    {"{\"intake\": \"kiosk-7\",", "{\"kiosk\": \"kiosk-7\",",
     "intakes[1].kiosk: no such key; known here: intake title key"},
    {"{\"intake\": \"window-1\", \"title\": {\"en\": \"window 1\"}, \"key\": "
     "\"window-1+22a95706+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\"}",
     "\"window-1\"", "intakes[0]: expected an object, found a text"},
    {"window-1+22a95706+Add", "window-1+22a95707+Add",
     "intakes[0].key: the id of the key window-1 is 22a95706, not 22a95707: it was not copied "
     "whole"},
    {"window-1+22a95706+Add", "window-1",
     "intakes[0].key: not a verifier key of the form name+id+base64, id in 8 hex digits"},
    {"window-1+22a95706+AddamAGCsQq31Uv", "window-1+5fdd0e2d+BNdamAGCsQq31Uv",
     "intakes[0].key: a key of type 0x04; one of type 0x01 must stand here"},
    {"housing.example/HRB-2026-01+00f8b7d9+Af", "housing.example/HRB-2026-01+f171c2a8+BP",
     "log[0]: a key of type 0x04; one of type 0x01 must stand here"},
    {"housing.example/HRB-2026-01+00f8b7d9+Af", "housing.example/OTHER+6294e29b+Af",
     "log[0]: the key's name is housing.example/OTHER; the log's must be "
     "housing.example/HRB-2026-01"},
    {"housing.example/HRB-2026-01+bcf04645+/1BLSVgtU00yLVNNMwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhsc"
     "HR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9A",
     "housing.example/HRB-2026-01+00f8b7d9+AfxRzY5iGKGjjaR+0AIw8FgIFu0TujMDrF3rkRVIkIAl",
     "log[1]: a key of type 0x01; one of type 0xff must stand here"},
    {"\"area\": \"m2\"", "\"area\": \"㎡\"", "units.area: a unit is ASCII, such as m2 or CNY"},
    {"\"hash\": \"sha256\"", "\"hash\": \"md5\"", "hash: 'md5' is neither sha256 nor sm3"},
    {"\"hash\": \"sha256\"", "\"hash\": [\"sha256\"]", "hash: expected a text, found a list"},
    {"\"award\": \"home\"", "\"award\": \"house\"", "award: 'house' is neither home nor turn"},
    {"\"type\": \"2B\"", "\"type\": \"1B\"", "types[1].type: '1B' stands twice, in [0] too"},
    {"\"persons\": [1, 3]", "\"persons\": [3, 1]", "types[0].persons: [3, 1] is inverted"},
    {"\"persons\": [1, 3]", "\"persons\": [0, 3]", "types[0].persons[0]: 0 is not within 1 to 20"},
    {"\"persons\": [1, 3]", "\"persons\": [1, 21]",
     "types[0].persons[1]: 21 is not within 1 to 20"},
    {"\"persons\": [1, 3]", "\"persons\": [1]",
     "types[0].persons: expected a list of two numbers, [min, max]"},
    {"\"persons\": [1, 3]", "\"persons\": {\"min\": 1}",
     "types[0].persons: expected a list of two numbers, [min, max]"},
    {"\"queue\": \"Q2\"", "\"queue\": \"Q1\"", "queues[1].queue: 'Q1' stands twice, in [0] too"},
    {"\"round\": \"lift\"", "\"round\": \"access\"",
     "rounds[1].round: 'access' stands twice, in [0] too"},
    {"\"queues\": [\"Q2\"]", "\"queues\": [\"Q3\"]", "rounds[1].queues[0]: no such queue: 'Q3'"},
    {"\"queues\": [\"Q2\"]", "\"queues\": [\"Q2\", \"Q2\"]",
     "rounds[1].queues[1]: 'Q2' stands twice"},
    {"\"queues\": [\"Q2\"]", "\"queues\": []",
     "rounds[1].queues: expected a list of one or more codes"},
    {"\"queues\": [\"Q2\"]", "\"queues\": \"Q2\"",
     "rounds[1].queues: expected a list of one or more codes"},
    {"\"tags\": [\"lift\"]", "\"tags\": [\"li ft\"]",
     "rounds[1].tags[0]: 'li ft' is not a code ([A-Za-z0-9_-]{1,24})"},
    {"\"tags\": [\"lift\"]", "\"tags\": [\"lift\", \"lift\"]",
     "rounds[1].tags[1]: 'lift' stands twice"},
    {"\"2B\": 0", "\"3B\": 0", "rounds[0].quota.3B: no such type"},
    {"\"2B\": 0", "\"2B\": null", "rounds[0].quota.2B: expected a whole number, found null"},
    {"{\"1B\": 1, \"2B\": 0}", "{}",
     "rounds[0].quota: expected an object of one or more types and numbers"},
    {"{\"1B\": 1, \"2B\": 0}", "1",
     "rounds[0].quota: expected an object of one or more types and numbers"},
    {"\"chances_max\": 3", "\"chances_max\": 100", "chances_max: 100 is not within 1 to 99"},
    {"\"chances_max\": 3", "\"chances_max\": 0", "chances_max: 0 is not within 1 to 99"},
    {"\"standby\": 10", "\"standby\": \"none\"",
     "standby: expected a whole number or \"all\", found a text"},
    {"\"standby\": 10", "\"standby\": 1000000000",
     "standby: 1000000000 is not within 0 to 999999999"},
    {"\"party\": \"families\"", "\"party\": \"office\"",
     "parties[1].party: 'office' stands twice, in [0] too"},
    {"\"parties\": [\n    {\"party\": \"office\", \"title\": {\"en\": \"the office\"}},\n    "
     "{\"party\": \"families\", \"title\": {\"en\": \"an applicant\"}}\n  ]",
     "\"parties\": []", "parties: 0 items; 1 to 32 may stand here"},
    {"notary.example+cefa656a+BC", "notary.example+4888cde3+AS",
     "witnesses[0].key: a key of type 0x01; one of type 0x04 must stand here"},
    {"\"faces\": 10", "\"faces\": 8", "dice.faces: 8 faces; dice have 6 or 10 here"},
    {"\"faces\": 10", "\"faces\": 20", "dice.faces: 20 is not within 6 to 10"},
    {"\"throws\": 40", "\"throws\": 0", "dice.throws: 0 is not within 1 to 1000"},
    {"\"throws\": 40", "\"throws\": 1001", "dice.throws: 1001 is not within 1 to 1000"},
    {"\"source\": \"text\"", "\"source\": \"lottery\"",
     "public[1].source: 'lottery' is neither nist-2.0 nor text"},
    {"{\"source\": \"text\", \"name\"", "{\"name\"", "public[1].source: this key is missing"},
    {"\"digits\": 14", "\"digits\": 65", "public[1].digits: 65 is not within 1 to 64"},
    {"\"digits\": 14", "\"digits\": 14, \"certificates\": []",
     "public[1].certificates: no such key; known here: source name title time digits"},
    {"\"2026-12-01T12:00:00Z\"", "\"2026-02-29T12:00:00Z\"",
     "public[1].time: '2026-02-29T12:00:00Z' is no time that exists, in the form "
     "2026-12-01T02:00:00Z"},
    {"\"certificates\": [\"0123456789abcdef", "\"certificates\": [\"0123456789ABCDEF",
     "public[0].certificates[0]: '0123456789ABCDEF0123456789abcdef01234567...' is not a "
     "certificate ([0-9a-f]{128}, its SHA-512)"},
    {"{\"source\": \"nist-2.0\",", "[], {\"source\": \"nist-2.0\",",
     "public[0]: expected an object, found a list"},
    {"\"ground\": \"crowd\"", "\"ground\": \"power\"",
     "void[1].ground: 'power' stands twice, in [0] too"},
    {"\"ground\": \"crowd\"", "\"ground\": \"unopened\"",
     "void[1].ground: 'unopened' has a meaning of its own; choose another code"},
    {"\"ground\": \"crowd\"", "\"ground\": \"order\"",
     "void[1].ground: 'order' has a meaning of its own; choose another code"},
    {"\"earlier\": [\n    {\"draw\": \"HRB-2025-02\", \"size\": 37, \"root\": "
     "\"xtKvEox3ioXX0ID5M+6aZDrVkYXgavzd0hy3gnrJQ5Q=\"}\n  ]",
     "\"earlier\": []", "earlier: 0 items; 1 to 64 may stand here"},
    {"\"earlier\": [\n    {\"draw\": \"HRB-2025-02\", \"size\": 37, \"root\": "
     "\"xtKvEox3ioXX0ID5M+6aZDrVkYXgavzd0hy3gnrJQ5Q=\"}\n  ]",
     "\"earlier\": null", "earlier: expected a list, found null"},
    {"\"certificates\": "
     "[\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
     "abcdef0123456789abcdef0123456789abcdef\"]",
     "\"certificates\": []", "public[0].certificates: expected a list of 1 to 16 certificates"},
    {"\"zh\": \"样例\", \"en\": \"sample\"", "\"zh-\\u001b[2J\": \"x\"",
     "title.zh-?[2J: this key is no language tag such as zh, en or zh-Hant"},
    {"\"zh\": \"样例\", \"en\": \"sample\"", "\"zh-1\": \"x\", \"zh-1\": \"y\"",
     "title.zh-1: this key stands twice (rules.json line 8, byte 32)"},
};

static void
rules__refusals_say_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct lot_buffer json = {0};
        lot_buffer_put(&json, lot_buffer_text(&full));
        known_replace(&json, refusals[i].old, refusals[i].new);
        assert_refused(lot_buffer_text(&json), refusals[i].sentence);
        lot_buffer_finish(&json);
    }
}

static void
rules__text_around_the_object_is_refused(void **state)
{
    (void)state;
    struct lot_buffer json = {0};
    assert_refused((struct lot_text){full.at, full.size - 1},
                   "rules.json: the last line does not end in a line feed (rules.json line 52, "
                   "byte 2)");
    assert_refused(LOT_TEXT(""), "rules.json: the last line does not end in a line feed "
                                 "(rules.json line 1, byte 1)");
    assert_refused(LOT_TEXT("[]\n"), "rules.json: expected an object, found a list");
    lot_buffer_put(&json, lot_buffer_text(&full));
    lot_buffer_put(&json, LOT_TEXT("{}\n"));
    assert_refused(lot_buffer_text(&json),
                   "rules.json: end of file expected near '{' (rules.json line 53, byte 2)");
    lot_buffer_finish(&json);
}

/* Takes each key out of one object of the rules; all but the optional ones are missed. */
static void
assert_keys_needed(const char *list, size_t index, const char *optional)
{
    const char *key;
    json_t *all = json_loadb(full.at, full.size, 0, NULL), *value;
    json_t *object = list == NULL ? all : json_object_get(all, list);
    bool listed = json_is_array(object);
    object = listed ? json_array_get(object, index) : object;
    assert_true(json_is_object(object));
    json_t *keys = json_copy(object);
    json_object_foreach(keys, key, value)
    {
        json_object_del(object, key);
        char *text = json_dumps(all, 0), sentence[100];
        struct lot_buffer json = {0};
        lot_buffer_print(&json, "%s\n", text);
        if (strstr(optional, key) != NULL) {
            struct lot_rules *rules = NULL;
            assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
            lot_rules_destroy(rules);
        } else {
            char place[32] = "";
            if (listed) {
                snprintf(place, sizeof place, "[%zu]", index);
            }
            snprintf(sentence, sizeof sentence, "%s%s%s%s: this key is missing",
                     list == NULL ? "" : list, place, list == NULL ? "" : ".", key);
            assert_refused(lot_buffer_text(&json), sentence);
        }
        json_object_set(object, key, value);
        lot_buffer_finish(&json);
        free(text);
    }
    json_decref(keys);
    json_decref(all);
}

static void
rules__every_key_is_needed_but_the_optional_ones(void **state)
{
    (void)state;
    assert_keys_needed(NULL, 0, "earlier witnesses");
    assert_keys_needed("earlier", 0, "");
    assert_keys_needed("units", 0, "");
    assert_keys_needed("intakes", 1, "");
    assert_keys_needed("types", 1, "");
    assert_keys_needed("queues", 1, "");
    assert_keys_needed("rounds", 0, "queues tags quota");
    assert_keys_needed("parties", 1, "");
    assert_keys_needed("witnesses", 0, "");
    assert_keys_needed("dice", 0, "");
    assert_keys_needed("public", 0, "");
    assert_keys_needed("public", 1, "");
    assert_keys_needed("void", 1, "");
}

/* ---- properties ---- */

static void
rules__no_beginning_of_a_file_is_read(void **state)
{
    (void)state;
    struct lot_buffer json = {0};
    for (size_t size = 0; size + 2 < full.size; size++) {
        struct lot_rules *rules = NULL;
        struct lot_error error = {0};
        lot_buffer_clear(&json);
        lot_buffer_add(&json, full.at, size);
        lot_buffer_add(&json, "\n", 1);
        assert_false(lot_rules_read(lot_buffer_text(&json), &rules, &error));
        assert_non_null(strstr(error.text, ": "));
    }
    lot_buffer_finish(&json);
}

static void
rules__order_of_keys_is_free(void **state)
{
    (void)state;
    json_t *all = json_loadb(full.at, full.size, 0, NULL);
    char *text = json_dumps(all, JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    struct lot_buffer json = {0};
    struct lot_rules *rules = NULL;
    lot_buffer_print(&json, "%s\n", text);
    assert_true(lot_rules_read(lot_buffer_text(&json), &rules, NULL));
    assert_string_equal(lot_title_in(&rules->title, "zh"), "样例");
    lot_rules_destroy(rules);
    lot_buffer_finish(&json);
    free(text);
    json_decref(all);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(rules__every_key_is_read),
    cmocka_unit_test(rules__codes_are_found_in_their_lists),
    cmocka_unit_test(rules__title_falls_back_to_english_then_to_the_first),
    cmocka_unit_test(rules__choices_are_read_the_other_way_too),
    cmocka_unit_test(rules__bounds_are_part_of_what_is_allowed),
    cmocka_unit_test(rules__sixty_four_queues_and_no_more),
    cmocka_unit_test(rules__sixty_four_tags_and_no_more),
    cmocka_unit_test(rules__lists_are_bounded),
    cmocka_unit_test(rules__title_has_at_most_32_languages),
    cmocka_unit_test(rules__texts_have_at_most_1024_bytes),
    cmocka_unit_test(rules__a_mebibyte_is_read_and_no_more),
    cmocka_unit_test(rules__rehearsal_may_have_no_party),
    cmocka_unit_test(rules__what_must_not_be_drawn_by_is_not_allowed),
    cmocka_unit_test(rules__refusals_say_the_path),
    cmocka_unit_test(rules__text_around_the_object_is_refused),
    cmocka_unit_test(rules__every_key_is_needed_but_the_optional_ones),
    cmocka_unit_test(rules__no_beginning_of_a_file_is_read),
    cmocka_unit_test(rules__order_of_keys_is_free),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, load, unload);
}
