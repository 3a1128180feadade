/* The leaves of a draw's log, one by one and in long stretches. */
#include "lottery/leaf.h"

#include "tests/test.h"

#include <string.h>

#define TIME "2026-12-01T02:00:00Z"

static struct leaf
read_good(const char *text)
{
    struct leaf leaf;
    struct lot_error error = {LOT_OK, ""};
    if (!leaf_read(lot_text(text), &leaf, &error)) {
        fail_msg("%s: %s", text, error.text);
    }
    return leaf;
}

static void
refused(const char *text, const char *sentence)
{
    struct leaf leaf = {.word = LEAF_END, .time = 7};
    struct lot_error error = {LOT_OK, ""};
    assert_false(leaf_read(lot_text(text), &leaf, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, sentence);
    assert_int_equal(leaf.word, LEAF_END);
    assert_int_equal(leaf.time, 7);
}

/* ---- example ---- */

static void
leaf__read_takes_a_line_apart(void **state)
{
    (void)state;
    struct leaf leaf = read_good("public text welfare 0123456 " TIME);
    assert_int_equal(leaf.word, LEAF_PUBLIC);
    assert_true(lot_text_is(leaf.values[0], "text"));
    assert_true(lot_text_is(leaf.values[1], "welfare"));
    assert_true(lot_text_is(leaf.values[2], "0123456"));
    assert_int_equal(leaf.time, 1796090400);
    assert_string_equal(leaf_word_name(leaf.word), "public");
}

static void
leaf__write_gives_what_read_takes(void **state)
{
    (void)state;
    static const char *const values[] = {"one", "two", "three"};
    for (int word = LEAF_DRAW; word <= LEAF_END; word++) {
        struct lot_buffer text = {0};
        for (unsigned count = 0; count <= LEAF_VALUES_MAX; count++) {
            struct leaf leaf;
            lot_buffer_clear(&text);
            lot_buffer_print(&text, "%s%s%s%s " TIME, leaf_word_name((enum leaf_word)word),
                             count > 0 ? " one" : "", count > 1 ? " two" : "",
                             count > 2 ? " three" : "");
            if (!leaf_read(lot_buffer_text(&text), &leaf, NULL)) {
                continue;
            }
            struct lot_buffer again = {0};
            assert_int_equal(leaf.word, word);
            leaf_write(&again, leaf.word, leaf.time, count > 0 ? values[0] : NULL,
                       count > 1 ? values[1] : NULL, count > 2 ? values[2] : NULL);
            assert_string_equal(again.at, text.at);
            lot_buffer_finish(&again);
            lot_buffer_clear(&text);
            lot_buffer_print(&text, "taken");
            break;
        }
        assert_string_equal(text.at, "taken"); /* each word has one number of values */
        lot_buffer_finish(&text);
    }
}

/* A roll as small as can be, with digests that stand for themselves. */
static struct lot_roll
small_roll(const struct lot_rules *rules)
{
    return (struct lot_roll){
        .rules = rules,
        .rules_file = {.bytes = LOT_TEXT("{}\n"), .digest = "d0"},
        .homes_file = {.bytes = LOT_TEXT("home,...\n1-1,A\n1-2,A\n"), .digest = "d1", .rows = 2},
        .entries_file = {.bytes = LOT_TEXT("id,...\nAAAA\n"), .digest = "d2", .rows = 1},
        .refusals_file = {.bytes = LOT_TEXT("id,...\n"), .digest = "d3"},
        .received_file = {.bytes = LOT_TEXT("intake,...\nw,1,AAAA\n"), .digest = "d4", .rows = 1},
    };
}

/* Everything a stretch yields, a line each with the file and line it names. */
static void
spell(struct leaf_stretch *stretch, struct lot_buffer *out)
{
    struct lot_buffer leaf = {0};
    while (leaf_next(stretch, &leaf)) {
        lot_buffer_print(out, "%s", leaf.at);
        if (stretch->file != NULL) {
            lot_buffer_print(out, " <- %s %u", stretch->file, stretch->line);
        }
        lot_buffer_print(out, "\n");
    }
    lot_buffer_finish(&leaf);
    leaf_finish(stretch);
}

static void
leaf__frozen_is_every_row_in_the_order_of_the_protocol(void **state)
{
    (void)state;
    struct lot_rules rules = {.draw = "HRB-2026-01"};
    struct lot_roll roll = small_roll(&rules);
    struct leaf_journal journal = {12, "d5", 1796090401};
    struct leaf_stretch stretch;
    struct lot_buffer text = {0};
    leaf_frozen(&stretch, &roll, 1796090400, &journal, 1796090402);
    spell(&stretch, &text);
    assert_string_equal(text.at, "draw HRB-2026-01 2026-12-01T02:00:00Z\n"
                                 "file rules.json d0 0\n"
                                 "file homes.csv d1 2\n"
                                 "home 1-1,A <- homes.csv 2\n"
                                 "home 1-2,A <- homes.csv 3\n"
                                 "file entries.csv d2 1\n"
                                 "entry AAAA <- entries.csv 2\n"
                                 "file refusals.csv d3 0\n"
                                 "file received.csv d4 1\n"
                                 "received w,1,AAAA <- received.csv 2\n"
                                 "journal 12 d5 2026-12-01T02:00:01Z\n"
                                 "freeze 2026-12-01T02:00:02Z\n");
    assert_int_equal(leaf_frozen_size(&roll), 12);
    lot_buffer_finish(&text);
}

static void
leaf__results_end_with_journal_and_finish(void **state)
{
    (void)state;
    struct lot_file cutoffs = {.bytes = LOT_TEXT("h\no,A,1,all\n"), .digest = "d6", .rows = 1};
    struct lot_file results = {.bytes = LOT_TEXT("h\n1,AAAA\n"), .digest = "d7", .rows = 1};
    struct leaf_journal journal = {13, "d8", 1796090403};
    struct leaf_stretch stretch;
    struct lot_buffer text = {0};
    leaf_results(&stretch, &cutoffs, &results, &journal, 1796090404);
    spell(&stretch, &text);
    assert_string_equal(text.at, "file cutoffs.csv d6 1\n"
                                 "cutoff o,A,1,all <- cutoffs.csv 2\n"
                                 "file results.csv d7 1\n"
                                 "result 1,AAAA <- results.csv 2\n"
                                 "journal 13 d8 2026-12-01T02:00:03Z\n"
                                 "finish 2026-12-01T02:00:04Z\n");
    lot_buffer_finish(&text);
}

/* ---- refusal ---- */

static void
leaf__any_other_spelling_is_refused(void **state)
{
    (void)state;
    static const char words[] = "the leaf begins with no word of the protocol";
    static const char dice[] =
        "`dice` takes 1 words and a time like 2026-12-01T02:00:00Z behind them";
    refused("", words);
    refused(" ", words);
    refused("Dice 123 " TIME, words);
    refused("dice", dice);
    refused("dice 123", dice);
    refused("dice " TIME, dice);
    refused("dice  " TIME, dice);
    refused("dice 1 2 " TIME, dice);
    refused("dice 123 " TIME " ", dice);
    refused("dice 123 2026-12-01T02:00:00", dice);
    refused("freeze", "`freeze` takes 0 words and a time like 2026-12-01T02:00:00Z behind them");
    assert_false(leaf_read((struct lot_text){NULL, 0}, &(struct leaf){.time = 0}, NULL));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(leaf__read_takes_a_line_apart),
    cmocka_unit_test(leaf__write_gives_what_read_takes),
    cmocka_unit_test(leaf__frozen_is_every_row_in_the_order_of_the_protocol),
    cmocka_unit_test(leaf__results_end_with_journal_and_finish),
    cmocka_unit_test(leaf__any_other_spelling_is_refused),
};

TEST_MAIN(tests)
