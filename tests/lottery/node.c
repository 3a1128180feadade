#include "tests/test.h"

#include "lottery/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sentence of a text that is refused as a whole. */
static void
assert_refused(const char *text, const char *sentence)
{
    struct lot_error error = {0};
    struct node top = {0};
    assert_false(node_parse(lot_text(text), "some.json", 1000, &top, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, sentence);
    assert_null(top.value);
    assert_false(node_parse(lot_text(text), "some.json", 1000, &top, NULL));
}

/* ---- examples ---- */

static void
node__values_are_taken_by_key_and_place(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct node top;
    assert_true(node_parse(LOT_TEXT("{\"a\": [7, \"two\", \"2026-12-01T02:00:00Z\"]}\n"),
                           "some.json", 1000, &top, &error));
    struct node list = node_member(&top, "a");
    uint32_t number, count;
    unsigned choice;
    const char *text;
    char word[CANON_TIME_SIZE + 5];
    int64_t time;
    assert_true(node_is_object(&top, "a b?"));
    assert_true(node_number(node_item(&list, 0), 7, 7, &number) && number == 7);
    assert_true(node_text(node_item(&list, 1), 3, &text));
    assert_string_equal(text, "two");
    assert_true(node_word(node_item(&list, 1), canon_code, "a code", word));
    assert_string_equal(word, "two");
    assert_true(node_choice(node_item(&list, 1), "one", "two", &choice) && choice == 1);
    assert_true(node_time(node_item(&list, 2), &time) && time == INT64_C(1796090400));
    uint32_t *items = node_list(&list, 3, 3, sizeof *items, &count);
    assert_int_equal(count, 3);
    assert_int_equal(items[2], 0);
    free(items);

    /* The same asked in a wrong way: the path stands in front. */
    assert_false(node_number(node_item(&list, 0), 8, 8, &number));
    assert_string_equal(error.text, "a[0]: 7; must be 8");
    assert_false(node_number(node_item(&list, 1), 0, 9, &number));
    assert_string_equal(error.text, "a[1]: expected a whole number, found a text");
    assert_false(node_number(node_item(&list, 3), 0, 9, &number));
    assert_string_equal(error.text, "a[3]: expected a whole number, found nothing");
    assert_false(node_text(node_item(&list, 1), 2, &text));
    assert_string_equal(error.text, "a[1]: a text of 3 bytes; 1 to 2 may stand here");
    assert_null(node_list(&list, 4, 9, 1, &count));
    assert_string_equal(error.text, "a: 3 items; 4 to 9 may stand here");
    assert_false(node_is_object(&top, "b"));
    assert_string_equal(error.text, "a: no such key; known here: b");
    assert_false(node_is_object(&top, "a b"));
    assert_string_equal(error.text, "b: this key is missing");
    assert_false(node_is_object(&list, "b"));
    assert_string_equal(error.text, "a: expected an object, found a list");
    json_decref(top.value);
}

/* ---- limits ---- */

static void
node__size_is_bounded(void **state)
{
    (void)state;
    struct node top;
    struct lot_error error = {0};
    assert_true(node_parse(LOT_TEXT("{}\n"), "some.json", 3, &top, NULL));
    json_decref(top.value);
    assert_false(node_parse(LOT_TEXT("{}\n"), "some.json", 2, &top, &error));
    assert_string_equal(error.text, "some.json: 3 bytes; at most 2 may stand here");
}

static void
node__deep_path_is_cut_not_lost(void **state)
{
    (void)state;
    assert_refused("[[[[[[[[[[{\"a\": 1, \"a\": 2}]]]]]]]]]]\n",
                   "[0][0][0][0][0][0][1]: this key stands twice (some.json line 1, byte 23)");
}

/* ---- refusals ---- */

static void
node__path_is_found_in_broken_text_too(void **state)
{
    (void)state;
    assert_refused("{\"a\": [{\"b\": 1}, {\"b\": -0}]}\n",
                   "a[1].b: a number with a sign (some.json line 1, byte 24)");
    assert_refused("{\"a,b]\": \"c\\\"}\", \"d\": [\"x\", -1]}\n",
                   "d[1]: a number with a sign (some.json line 1, byte 29)");
    assert_refused("{\"a\":\n {\"b\":\n  [1, 2 3]}}\n",
                   "a.b[1]: ']' expected near '3' (some.json line 3, byte 10)");
    assert_refused("{\"a\": \"open\n}\n",
                   "a: unexpected newline near '\"open' (some.json line 1, byte 12)");
    assert_refused("{\"a\n\": 1}\n",
                   "a?: unexpected newline near '\"a' (some.json line 1, byte 4)");
    assert_refused("1\n", "some.json: '[' or '{' expected near '1' (some.json line 1, byte 2)");
    assert_refused("{}", "some.json: the last line does not end in a line feed (some.json line 1, "
                         "byte 3)");
    assert_refused("{\"a\": \"\xC3\"}\n",
                   "some.json: in this line stands something that is not allowed: bytes that are "
                   "not UTF-8, a tab, a carriage return, a byte-order mark, or a character that "
                   "cannot be seen (some.json line 1, byte 1)");
}

/* ---- regression ---- */

/* Found by fuzzing: what the parser shows of a broken escape may hold half a character. */
static void
node__sentence_is_one_line_of_whole_characters(void **state)
{
    (void)state;
    assert_refused("{\"a\": \"b\\u\n}\n", "a: invalid escape (some.json line 2, byte 1)");
    assert_refused("{\"a\": \"\\\xE6\xA0\xB7\"}\n",
                   "a: invalid escape (some.json line 1, byte 10)");
    assert_refused("{\"a\": \"\\k\"}\n", "a: invalid escape near '\"\\k' (some.json line 1, byte "
                                         "10)");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(node__values_are_taken_by_key_and_place),
    cmocka_unit_test(node__size_is_bounded),
    cmocka_unit_test(node__deep_path_is_cut_not_lost),
    cmocka_unit_test(node__path_is_found_in_broken_text_too),
    cmocka_unit_test(node__sentence_is_one_line_of_whole_characters),
};

TEST_MAIN(tests)
