#include "tests/test.h"

#include "tests/book.h"

#include "lottery/head.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct book book;
static struct lot_buffer export; /* of book_live() */
static struct lot_rules *rules;

static int
set_up(void **state)
{
    (void)state;
    struct register_book open = {0};
    struct lot_error error = {0};
    uint64_t rows = 0;
    book_begin(&book);
    if (!book_live(&book, &error) || !register_open(book.path, STORE_READ, &open, &error) ||
        !store_journal_size(open.store, &rows, &error) ||
        !store_journal_read(open.store, 0, rows, &export, &error)) {
        fail_msg("%s", error.text);
    }
    register_close(&open);
    assert_true(lot_rules_read(lot_buffer_text(&book.rules), &rules, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    lot_buffer_finish(&export);
    lot_rules_destroy(rules);
    book_end(&book);
    return 0;
}

/* The export with one text in place of another, checked. */
static bool
check_with(const char *old, const char *new, struct lot_error *error)
{
    struct lot_buffer changed = {0};
    const char *at = strstr(export.at, old);
    assert_non_null(at);
    lot_buffer_add(&changed, export.at, (size_t)(at - export.at));
    lot_buffer_print(&changed, "%s%s", new, at + strlen(old));
    bool good = journal_check(lot_buffer_text(&changed), rules, error);
    lot_buffer_finish(&changed);
    return good;
}

static void
must_not(bool good, const struct lot_error *error, const char *words)
{
    assert_false(good);
    if (error->code != LOT_REFUSED || strstr(error->text, words) == NULL) {
        fail_msg("not '%s': %s", words, error->text);
    }
}

/* ---- example ---- */

static void
journal__tells_what_was_done_and_by_whom(void **state)
{
    (void)state;
    static const char *const words[] = {
        " 2026-11-03T01:00:00Z new TEST-1 private-never-published rules ",
        " 2026-11-03T01:00:00Z officer officer-a+",
        " 2026-11-03T01:00:00Z signed log housing.example/TEST-1 ",
        " 2026-11-03T01:01:00Z file 1 4 aaaa",
        " received ",
        " 2026-11-03T01:01:00Z signed intake window-1 ",
        " 2026-11-03T01:02:00Z refuse ",
        " WITHDRAWN\n",
        " 2026-11-03T01:02:00Z signed officer officer-a ",
        " 2026-11-03T01:02:00Z signed officer officer-b ",
        " 2026-11-03T01:03:00Z admit ",
        " 2026-11-03T01:04:00Z freeze 2 1\n",
    };
    struct lot_error error = {0};
    const char *at = export.at;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        at = strstr(at, words[i]);
        if (at == NULL) {
            fail_msg("missing: %s", words[i]);
        }
    }
    if (!journal_check(lot_buffer_text(&export), rules, &error)) {
        fail_msg("%s", error.text);
    }
    assert_null(strstr(export.at, "2301991980")); /* no person's number stands in it */
}

static void
journal__anchor_is_the_hash_of_the_export(void **state)
{
    (void)state;
    struct register_book open = {0};
    struct leaf_journal anchor;
    struct lot_buffer leaves = {0};
    char digest[LOT_HEX_SIZE + 1], leaf[128];
    assert_true(register_open(book.path, STORE_READ, &open, NULL));
    assert_true(journal_anchor(open.store, LOT_SHA256, 5, &anchor, NULL));
    assert_true(crypto_digest_hex(LOT_SHA256, lot_buffer_text(&export), digest, NULL));
    assert_string_equal(anchor.digest, digest);
    assert_true(store_leaves_read(open.store, 0, open.log_size, &leaves, NULL));
    snprintf(leaf, sizeof leaf, "\njournal %u %s 2026-11-03T01:04:00Z\n", anchor.rows, digest);
    assert_non_null(strstr(leaves.at, leaf));
    lot_buffer_finish(&leaves);
    register_close(&open);
}

/* ---- limits ---- */

static void
journal__rows_after_the_freeze_need_no_signature(void **state)
{
    (void)state;
    struct register_book open = {0};
    struct journal journal;
    struct lot_error error = {0};
    assert_true(register_open(book.path, STORE_WRITE, &open, NULL));
    assert_false(journal_begin(&journal, open.store, open.rules, BOOK_TIME, &error));
    assert_non_null(strstr(error.text, "the journal has come to 2026-11-03T01:04:00Z already"));
    assert_true(journal_begin(&journal, open.store, open.rules, BOOK_TIME + 240, &error));
    assert_true(journal_row(&journal, &error, "attempt %d", 1));
    lot_buffer_clear(&export);
    assert_true(store_journal_read(open.store, 0, journal.rows, &export, &error));
    assert_true(journal_check(lot_buffer_text(&export), rules, &error));
    register_close(&open);
}

/* ---- refusal ---- */

static void
journal__no_line_can_be_changed_or_go(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct lot_text rest = lot_buffer_text(&export), line;
    unsigned lines = 0;
    while (lot_line(&rest, &line)) {
        struct lot_buffer changed = {0};
        size_t at = (size_t)(line.at - export.at);
        bool last = rest.size == 0;
        lines++;
        /* One letter of its words is another. */
        lot_buffer_put(&changed, lot_buffer_text(&export));
        changed.at[at + line.size - 2] ^= 1;
        /* The last row is the one that only the anchor in the log protects. */
        assert_true(last || !journal_check(lot_buffer_text(&changed), rules, &error));
        /* It is missing. */
        lot_buffer_clear(&changed);
        lot_buffer_add(&changed, export.at, at);
        lot_buffer_put(&changed, rest);
        assert_true(last || !journal_check(lot_buffer_text(&changed), rules, &error));
        lot_buffer_finish(&changed);
    }
    assert_true(lines > 12);
}

static void
journal__each_fault_has_its_sentence(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must_not(check_with("new TEST-1", "old TEST-1", &error), &error,
             "journal row 2: it does not follow from the row before it (another hash)");
    must_not(check_with("01:01:00Z file", "00:01:00Z file", &error), &error,
             "journal row 5: it does not follow from the row before it (its time is earlier)");
    must_not(check_with("Z new ", "Znew ", &error), &error, "journal row 1: no journal row");
    struct lot_text cut = lot_buffer_text(&export);
    cut.size--;
    must_not(journal_check(cut, rules, &error), &error, "not signed or cut short");
}

/* A row with a right hash and time, so that only its own rule can refuse it. */
static void
journal__acts_must_be_signed_by_those_who_may(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        int role; /* of the signers; 0 nobody */
        uint32_t first, count;
        const char *refusal;
    } cases[] = {
        {"admit X -", 0, 0, 0, "not signed or cut short"},
        {"admit X -", 1, 0, 1, "not signed or cut short"},
        {"admit X -", 1, 0, 2, NULL},
        {"admit X -", 1, 1, 2, "only those of the officers named at `new` may"},
        {"received X window-1 9 c", 1, 0, 1, "only that of the intake in the act's rows may"},
        {"received X window-9 9 c", 0, 0, 0, "no intake of the rules"},
        {"attempt 1", 1, 0, 1, "nothing to sign before it"},
        {"officer x", 0, 0, 0, "officers are named then"},
        {"new TEST-1", 0, 0, 0, "a draw is begun once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct register_book open = {0};
        struct journal journal;
        struct lot_error error = {0};
        assert_true(register_open(book.path, STORE_WRITE, &open, NULL));
        assert_true(journal_begin(&journal, open.store, open.rules, BOOK_TIME + 300, NULL));
        assert_true(journal_row(&journal, NULL, "%s", cases[i].row));
        assert_true(cases[i].count == 0 ||
                    journal_sign(&journal, "officer", book.officers + cases[i].first,
                                 cases[i].count, NULL));
        struct lot_buffer rows = {0};
        assert_true(store_journal_read(open.store, 0, journal.rows, &rows, NULL));
        bool good = journal_check(lot_buffer_text(&rows), rules, &error);
        if (cases[i].refusal == NULL) {
            assert_true(good);
        } else {
            must_not(good, &error, cases[i].refusal);
        }
        lot_buffer_finish(&rows);
        register_close(&open);
    }
}

/* Half an act: one officer has signed, and the journal goes on. */
static void
journal__act_is_signed_before_the_next_begins(void **state)
{
    (void)state;
    struct register_book open = {0};
    struct journal journal;
    struct lot_error error = {0};
    struct lot_buffer rows = {0};
    assert_true(register_open(book.path, STORE_WRITE, &open, NULL));
    assert_true(journal_begin(&journal, open.store, open.rules, BOOK_TIME + 300, NULL));
    assert_true(journal_row(&journal, NULL, "admit X -"));
    assert_true(journal_sign(&journal, "officer", book.officers, 1, NULL));
    assert_true(journal_row(&journal, NULL, "attempt 1"));
    assert_true(store_journal_read(open.store, 0, journal.rows, &rows, NULL));
    must_not(journal_check(lot_buffer_text(&rows), rules, &error), &error,
             "the act before it is not signed");
    lot_buffer_finish(&rows);
    register_close(&open);
}

/* Another window signs for what it did not take in. */
static void
journal__keys_sign_for_themselves_only(void **state)
{
    (void)state;
    struct register_book open = {0};
    struct journal journal;
    struct lot_error error = {0};
    struct lot_buffer rows = {0};
    assert_true(register_open(book.path, STORE_WRITE, &open, NULL));
    assert_true(journal_begin(&journal, open.store, open.rules, BOOK_TIME + 300, NULL));
    assert_true(journal_row(&journal, NULL, "received X window-1 9 c"));
    assert_true(journal_sign(&journal, "intake", &book.other_window, 1, NULL));
    assert_true(store_journal_read(open.store, 0, journal.rows, &rows, NULL));
    must_not(journal_check(lot_buffer_text(&rows), rules, &error), &error,
             "only that of the intake in the act's rows may");
    lot_buffer_finish(&rows);
    register_close(&open);
}

static void
journal__same_officer_does_not_sign_twice(void **state)
{
    (void)state;
    struct register_book open = {0};
    struct journal journal;
    struct lot_error error = {0};
    const struct note_signer twice[2] = {book.officers[1], book.officers[1]};
    struct lot_buffer rows = {0};
    assert_true(register_open(book.path, STORE_WRITE, &open, NULL));
    assert_true(journal_begin(&journal, open.store, open.rules, BOOK_TIME + 300, NULL));
    assert_true(journal_row(&journal, NULL, "refuse X LATE"));
    assert_true(journal_sign(&journal, "officer", twice, 2, NULL));
    assert_true(store_journal_read(open.store, 0, journal.rows, &rows, NULL));
    must_not(journal_check(lot_buffer_text(&rows), rules, &error), &error,
             "the same officer has signed twice");
    lot_buffer_finish(&rows);
    register_close(&open);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(journal__tells_what_was_done_and_by_whom, set_up, tear_down),
    cmocka_unit_test_setup_teardown(journal__anchor_is_the_hash_of_the_export, set_up, tear_down),
    cmocka_unit_test_setup_teardown(journal__rows_after_the_freeze_need_no_signature, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(journal__no_line_can_be_changed_or_go, set_up, tear_down),
    cmocka_unit_test_setup_teardown(journal__each_fault_has_its_sentence, set_up, tear_down),
    cmocka_unit_test_setup_teardown(journal__acts_must_be_signed_by_those_who_may, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(journal__act_is_signed_before_the_next_begins, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(journal__keys_sign_for_themselves_only, set_up, tear_down),
    cmocka_unit_test_setup_teardown(journal__same_officer_does_not_sign_twice, set_up, tear_down),
};

TEST_MAIN(tests)
