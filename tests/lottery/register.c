#include "tests/test.h"

#include "tests/book.h"

#include "lottery/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct book book;

static int
set_up(void **state)
{
    (void)state;
    book_begin(&book);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    store_fail_at(0);
    crypto_fail_at(0);
    book_end(&book);
    return 0;
}

static void
must(bool good, const struct lot_error *error)
{
    if (!good) {
        fail_msg("%s", error->text);
    }
}

static void
must_not(bool good, const struct lot_error *error, enum lot_code code, const char *words)
{
    assert_false(good);
    if (error->code != code || strstr(error->text, words) == NULL) {
        fail_msg("%d, not '%s': %s", (int)error->code, words, error->text);
    }
}

static struct register_book
look(void)
{
    struct register_book open = {0};
    struct lot_error error = {0};
    must(register_open(book.path, STORE_READ, &open, &error), &error);
    return open;
}

/* The id of the office's application, found anew. */
static const char *
id_of(const char *office)
{
    static char id[LOT_CODE_MAX + 1];
    struct register_book open = look();
    struct store_application application;
    struct lot_error error = {0};
    must(register_find(&open, lot_text(office), &application, &error), &error);
    memcpy(id, application.id, sizeof id);
    register_close(&open);
    return id;
}

/* ---- example ---- */

static void
register__household_becomes_a_line_of_the_roll(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must(book_live(&book, &error), &error);
    struct register_book open = look();
    struct register_roll roll = {0};
    must(register_roll(&open, &roll, &error), &error);
    assert_int_equal(roll.roll.entries_file.rows, 2);
    assert_int_equal(roll.roll.refusals_file.rows, 1);
    /* Ids are 80 bits in base 32; commits are what printf | sha256sum gives. */
    const char *entries = "id,queues,persons,chances,wants,commit\n";
    assert_memory_equal(roll.files[2].at, entries, strlen(entries));
    char id[LOT_CODE_MAX + 1];
    assert_int_equal(roll.roll.entries[0].id_size, REGISTER_ID_SIZE);
    snprintf(id, sizeof id, "%.*s", REGISTER_ID_SIZE, roll.roll.entries[0].id);
    struct store_application a;
    bool found = false;
    must(store_application(open.store, id, &a, &found, &error) && found, &error);
    assert_true(lot_text_is(a.office, "A-000") && a.number == 1 && lot_text_is(a.wants, "2B 1B"));
    char text[128], digest[LOT_HEX_SIZE + 1];
    snprintf(text, sizeof text, "%s:230199198001010000", a.salt);
    assert_true(crypto_digest_hex(LOT_SHA256, lot_text(text), digest, NULL));
    assert_string_equal(a.commit, digest);
    register_roll_finish(&roll);
    register_close(&open);
}

static void
register__slip_is_signed_by_the_intake(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must(book_new(&book, &error) && book_import(&book, 2, 1, 1, &error), &error);
    struct register_book open = look();
    struct store_application a;
    struct note note;
    char text[512];
    must(register_find(&open, LOT_TEXT("A-002"), &a, &error), &error);
    must(note_read(a.slip, &note, &error), &error);
    must(note_demand(&note, &open.rules->intakes[0].key, NULL, &error), &error);
    snprintf(text, sizeof text,
             "mingqian slip 1\ndraw TEST-1\nintake window-1\nnumber 1\nid %s\n"
             "time 2026-11-03T01:01:00Z\ncommit %s\n",
             a.id, a.commit);
    assert_true(lot_text_is(note.text, text));
    assert_true(lot_text_is(a.queues, "Q1")); /* bit 1 of h % 4 = 2; rules name Q2 first */
    register_close(&open);
}

static void
register__frozen_log_ends_at_freeze_and_is_signed(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct store_checkpoint checkpoint;
    struct lot_buffer leaves = {0};
    struct note note;
    bool found = false;
    must(book_live(&book, &error), &error);
    struct register_book open = look();
    must(store_checkpoint_next(open.store, 0, &checkpoint, &found, &error) && found, &error);
    assert_true(checkpoint.purpose == STORE_FREEZE && checkpoint.size == open.log_size);
    must(note_read(checkpoint.note, &note, &error), &error);
    must(note_demand(&note, &open.rules->log_keys[0], NULL, &error), &error);
    must(store_leaves_read(open.store, 0, open.log_size, &leaves, &error), &error);
    assert_true(lot_text_starts(lot_buffer_text(&leaves), "draw TEST-1 2026-11-03T01:00:00Z\n"));
    assert_non_null(strstr(leaves.at, "\njournal "));
    assert_non_null(strstr(leaves.at, "\nfreeze 2026-11-03T01:04:00Z\n"));
    /* 1 draw, 5 files, 2 homes, 2 entries, 1 refusal, 3 received, journal, freeze */
    assert_int_equal(open.log_size, 16);
    lot_buffer_finish(&leaves);
    register_close(&open);
}

static void
register__decision_may_change_until_the_freeze(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must(book_new(&book, &error) && book_import(&book, 0, 1, 1, &error), &error);
    must(book_decide(&book, true, "A-000", "", 2, &error), &error);
    must_not(book_decide(&book, true, "A-000", "", 3, &error), &error, LOT_REFUSED,
             "admitted already");
    must(book_decide(&book, false, "A-000", "WITHDRAWN", 3, &error), &error);
    must_not(book_decide(&book, true, "A-000", "", 4, &error), &error, LOT_REFUSED,
             "give a reason");
    must(book_decide(&book, true, "A-000", "APPEAL", 4, &error), &error);
    must(book_freeze(&book, 5, &error), &error);
}

static void
register__every_window_counts_for_itself(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct register_roll roll = {0};
    must(book_new(&book, &error) && book_import(&book, 0, 2, 1, &error), &error);
    book.at_other_window = true;
    must(book_import(&book, 4, 1, 2, &error), &error);
    book.at_other_window = false;
    must(book_import(&book, 5, 1, 3, &error), &error);
    must(book_decide(&book, true, NULL, "", 4, &error) && book_freeze(&book, 5, &error), &error);
    struct register_book open = look();
    must(register_roll(&open, &roll, &error), &error);
    static const char *const begins[] = {"intake,", "window-0,1,", "window-1,1,", "window-1,2,",
                                         "window-1,3,"};
    struct lot_text rest = lot_buffer_text(&roll.files[4]), line;
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        assert_true(lot_line(&rest, &line) && lot_text_starts(line, begins[i]));
    }
    assert_int_equal(rest.size, 0);
    register_roll_finish(&roll);
    register_close(&open);
}

static void
register__hash_of_the_rules_is_the_registers_too(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct lot_buffer export = {0};
    char text[128], digest[LOT_HEX_SIZE + 1];
    struct store_application a;
    char *hash = strstr(book.rules.at, "\"sha256\"");
    assert_non_null(hash);
    memcpy(hash, "\"sm3\"   ", 8); /* blanks are nothing to JSON */
    must(book_live(&book, &error), &error);
    struct register_book open = look();
    must(register_find(&open, LOT_TEXT("A-000"), &a, &error), &error);
    snprintf(text, sizeof text, "%s:230199198001010000", a.salt);
    assert_true(crypto_digest_hex(LOT_SM3, lot_text(text), digest, NULL));
    assert_string_equal(a.commit, digest);
    must(register_audit(&open, &export, &error), &error);
    lot_buffer_finish(&export);
    register_close(&open);
}

/* ---- limits ---- */

static void
register__id_is_found_as_people_read_it(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must(book_new(&book, &error) && book_import(&book, 0, 1, 1, &error), &error);
    char id[LOT_CODE_MAX + 1], typed[64] = "";
    snprintf(id, sizeof id, "%s", id_of("A-000"));
    for (size_t i = 0; id[i] != '\0'; i++) {
        char c = id[i];
        size_t end = strlen(typed);
        typed[end] = (char)(c == '0' ? 'o' : c == '1' ? 'l' : c >= 'A' ? c - 'A' + 'a' : c);
        typed[end + 1] = i % 4 == 3 && id[i + 1] != '\0' ? '-' : '\0';
    }
    assert_string_equal(id_of(typed), id);
    struct register_book open = look();
    struct store_application a;
    must_not(register_find(&open, LOT_TEXT("A-009"), &a, &error), &error, LOT_REFUSED,
             "no application 'A-009'");
    must_not(register_find(&open, LOT_TEXT(""), &a, &error), &error, LOT_REFUSED, "no application");
    register_close(&open);
}

static void
register__empty_register_may_be_frozen(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must(book_new(&book, &error) && book_freeze(&book, 1, &error), &error);
    struct register_book open = look();
    assert_int_equal(open.log_size, 10);
    register_close(&open);
}

/* ---- refusal ---- */

static void
register__new_refuses_wrong_keys_and_files(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct stat status;
    struct book other = book;
    other.log = book.window;
    must_not(book_new(&other, &error), &error, LOT_REFUSED, "but rules.json says log[0] is");
    other = book;
    other.officers[1] = book.officers[0];
    must_not(book_new(&other, &error), &error, LOT_REFUSED, "officer 2: another has this key too");
    other.officers[1] = book.log;
    must_not(book_new(&other, &error), &error, LOT_REFUSED, "officer 2: the log has this key too");
    other = book;
    other.rules.at += 1;
    must_not(book_new(&other, &error), &error, LOT_REFUSED, "rules.json");
    other = book;
    other.homes.size -= 2;
    must_not(book_new(&other, &error), &error, LOT_REFUSED, "homes.csv line 3");
    assert_int_equal(stat(book.path, &status), -1); /* not even an empty file */
    must(book_new(&book, &error), &error);
    must_not(book_new(&book, &error), &error, LOT_REFUSED, "is there already");
}

static void
register__frozen_means_frozen(void **state)
{
    (void)state;
    struct lot_error error = {0};
    const char *words = "the roll of TEST-1 is frozen: no application can come, go or change";
    must(book_live(&book, &error), &error);
    must_not(book_import(&book, 5, 1, 9, &error), &error, LOT_PHASE, words);
    must_not(book_decide(&book, false, "A-000", "WITHDRAWN", 9, &error), &error, LOT_PHASE, words);
    must_not(book_decide(&book, true, "A-001", "APPEAL", 9, &error), &error, LOT_PHASE, words);
    must_not(book_freeze(&book, 9, &error), &error, LOT_PHASE, words);
}

static void
register__nothing_undecided_is_frozen(void **state)
{
    (void)state;
    struct lot_error error = {0};
    must(book_new(&book, &error) && book_import(&book, 0, 4, 1, &error), &error);
    must_not(book_freeze(&book, 2, &error), &error, LOT_PHASE,
             "4 applications are undecided, 2 of them held: ");
    assert_non_null(strstr(error.text, id_of("A-002")));
    struct register_book open = look();
    struct register_roll roll;
    must_not(register_roll(&open, &roll, &error), &error, LOT_PHASE, "is not frozen yet");
    register_close(&open);
}

static void
register__held_wants_a_decision_of_its_own(void **state)
{
    (void)state;
    struct lot_error error = {0};
    char first[LOT_CODE_MAX + 1];
    must(book_new(&book, &error) && book_import(&book, 1, 1, 1, &error), &error);
    must(book_decide(&book, true, "A-001", "", 2, &error), &error);
    must(book_import(&book, 3, 1, 3, &error), &error); /* its applicant is A-001's: both are held */
    must_not(book_decide(&book, true, NULL, "", 4, &error), &error, LOT_REFUSED, "none waits");
    must_not(book_decide(&book, true, "A-001", "", 4, &error), &error, LOT_REFUSED, "is held");
    must(book_decide(&book, true, "A-001", "SAME-PERSON", 4, &error), &error);
    snprintf(first, sizeof first, "%s", id_of("A-001"));
    must_not(book_decide(&book, true, "A-003", "BOTH", 5, &error), &error, LOT_REFUSED,
             "a person in it stands in");
    assert_non_null(strstr(error.text, first));
    must(book_decide(&book, false, "A-003", "DUPLICATE", 5, &error), &error);
    must(book_freeze(&book, 6, &error), &error);
}

static void
register__two_officers_decide_with_two_keys(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct book other = book;
    must(book_new(&book, &error) && book_import(&book, 0, 2, 1, &error), &error);
    other.officers[1] = book.officers[0];
    must_not(book_decide(&other, true, NULL, "", 2, &error), &error, LOT_REFUSED,
             "the same key was given twice");
    other.officers[1] = book.officers[2];
    must_not(book_decide(&other, true, NULL, "", 2, &error), &error, LOT_REFUSED,
             "is no officer's key of this draw");
    must_not(book_decide(&book, false, "A-000", "", 2, &error), &error, LOT_REFUSED,
             "a refusal wants one");
    must_not(book_decide(&book, false, "A-000", "not a code", 2, &error), &error, LOT_REFUSED,
             "a reason is 1 to 24");
}

static void
register__import_refuses_what_is_there_and_strange_keys(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct store_counts counts;
    struct book other = book;
    must(book_new(&book, &error) && book_import(&book, 2, 1, 1, &error), &error);
    must_not(book_import(&book, 1, 2, 2, &error), &error, LOT_REFUSED,
             "list.csv row 2: application A-002 is in the register already");
    other.window = book.log;
    must_not(book_import(&other, 0, 1, 2, &error), &error, LOT_REFUSED,
             "rules.json says that window-1 signs with");
    must_not(book_import(&book, 0, 1, 0, &error), &error, LOT_REFUSED, "set this machine's clock");
    struct register_book open = look();
    assert_true(store_count(open.store, &counts, NULL) && counts.received == 1);
    register_close(&open);
}

static void
register__unsigned_change_is_noticed_at_the_freeze(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct lot_buffer export = {0};
    must(book_new(&book, &error) && book_import(&book, 0, 2, 1, &error), &error);
    must(book_decide(&book, false, "A-001", "LATE", 2, &error), &error);
    must(book_decide(&book, true, "A-000", "", 3, &error), &error);
    char id[LOT_CODE_MAX + 1];
    snprintf(id, sizeof id, "%s", id_of("A-001"));
    struct register_book open = {0};
    must(register_open(book.path, STORE_WRITE, &open, &error), &error);
    must(register_audit(&open, &export, &error), &error);
    assert_true(store_application_decide(open.store, id, STORE_ADMITTED, "", false, &error) &&
                store_commit(open.store, &error)); /* no journal, no officer */
    register_close(&open);
    must_not(book_freeze(&book, 4, &error), &error, LOT_REFUSED, "is not as the journal says");
    assert_non_null(strstr(error.text, id));
    lot_buffer_finish(&export);
}

/* Somebody drops the guards with the sqlite3 shell: what each change comes to at the freeze. */
static void
register__damage_is_named_before_anything_is_frozen(void **state)
{
    (void)state;
    static const struct {
        const char *change, *words;
    } cases[] = {
        {"DELETE FROM application WHERE office = 'A-000'",
         "is in the journal but no longer in the draw file"},
        {"DELETE FROM file WHERE name = 'office/begun'", "the draw file holds no office/begun"},
        {"UPDATE file SET bytes = x'78' WHERE name = 'office/begun'", "office/begun is damaged"},
        {"UPDATE file SET bytes = x'7b7d' WHERE name = 'rules.json'", "rules.json"},
        {"UPDATE person SET number = '230199198001010099'", "have a person in common"},
        {"UPDATE person SET number = '230199198001010099' WHERE number LIKE '%0000'",
         "its commit does not follow from"},
        {"UPDATE application SET salt = id", "its commit does not follow from"},
        {"UPDATE application SET queues = 'Q1'", "is not as the journal says"},
        {"UPDATE application SET time = 'x'", "its time is damaged"},
        {"UPDATE application SET commitment = id || commitment", "damaged"},
        {"UPDATE journal SET line = 'x' WHERE number = 5", "journal row 6: no journal row"},
        {"DELETE FROM journal WHERE number = 5", "damaged"},
        {"DELETE FROM head", "damaged"},
    };
    if (system("sqlite3 --version >/dev/null 2>&1") != 0) {
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lot_error error = {0};
        char command[512];
        book_remove_draw(&book);
        must(book_new(&book, &error) && book_import(&book, 0, 2, 1, &error) &&
                 book_decide(&book, true, NULL, "", 2, &error),
             &error);
        snprintf(command, sizeof command,
                 "for t in $(sqlite3 %s \"SELECT name FROM sqlite_schema WHERE type = 'trigger'\");"
                 " do sqlite3 %s \"DROP TRIGGER $t\"; done; sqlite3 %s \"%s\"",
                 book.path, book.path, book.path, cases[i].change);
        assert_int_equal(system(command), 0);
        assert_false(book_freeze(&book, 3, &error));
        if (strstr(error.text, cases[i].words) == NULL) {
            fail_msg("%s: not '%s': %s", cases[i].change, cases[i].words, error.text);
        }
    }
}

static void
register__log_key_must_be_the_rules(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct note_signer signer = {0};
    struct lot_buffer text = {0};
    bool open_to_others = false;
    must(book_new(&book, &error), &error);
    note_signer_text(&book.window, &text);
    FILE *file = fopen(book.key_path, "w");
    assert_non_null(file);
    fputs(text.at, file);
    fclose(file);
    lot_buffer_finish(&text);
    assert_int_equal(chmod(book.key_path, 0644), 0);
    struct register_book open = look();
    must_not(head_key(open.store, open.rules, NULL, &signer, &open_to_others, &error), &error,
             LOT_REFUSED, "is not the log's key");
    assert_true(open_to_others);
    register_close(&open);
}

/* ---- property ---- */

/* How far the verbs of book_live() have come; the file must be whole in every case. */
static int
verbs_done(void)
{
    struct register_book open = {0};
    struct store_counts counts;
    struct store_checkpoint checkpoint;
    struct lot_buffer export = {0};
    struct lot_error error = {0};
    bool found = false;
    uint64_t rows = 0;
    if (!register_open(book.path, STORE_READ, &open, &error)) {
        return 0; /* no file, or the empty one that `new` goes on with */
    }
    must(store_check(open.store, &error) && store_count(open.store, &counts, &error) &&
             store_journal_size(open.store, &rows, &error) &&
             store_journal_read(open.store, 0, rows, &export, &error) &&
             journal_check(lot_buffer_text(&export), open.rules, &error) &&
             store_checkpoint_next(open.store, 0, &checkpoint, &found, &error),
         &error);
    uint32_t all = counts.received + counts.admitted + counts.refused;
    assert_true(all == 0 || all == 3);
    assert_true(counts.refused <= 1 && (counts.admitted == 0 || counts.admitted == 2));
    assert_true(found == open.frozen);
    int done = 1 + (all > 0) + (counts.refused > 0) + (counts.admitted > 0) + found +
               (found && checkpoint.note.size > 0);
    lot_buffer_finish(&export);
    register_close(&open);
    return done;
}

/* Lets the n-th call fail for every n, and looks at the file after each. */
static void
fail_every_call(uint64_t (*fail_at)(uint64_t n), uint64_t least)
{
    int before = 0;
    uint64_t n = 0;
    for (bool good = false; !good;) {
        struct lot_error error = {0};
        book_remove_draw(&book);
        fail_at(++n);
        good = book_live(&book, &error);
        fail_at(0);
        assert_true(good || error.code == LOT_MACHINE);
        int done = verbs_done();
        assert_true(done >= before && done <= before + 1);
        before = done;
    }
    assert_int_equal(before, 6);
    assert_true(n > least);
    print_message("%llu calls, each failed once\n", (unsigned long long)n - 1);
}

static void
register__any_call_of_the_database_may_fail(void **state)
{
    (void)state;
    fail_every_call(store_fail_at, 500);
}

static void
register__any_call_of_cryptography_may_fail(void **state)
{
    (void)state;
    fail_every_call(crypto_fail_at, 50);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(register__household_becomes_a_line_of_the_roll, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__slip_is_signed_by_the_intake, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__frozen_log_ends_at_freeze_and_is_signed, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__decision_may_change_until_the_freeze, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__every_window_counts_for_itself, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__hash_of_the_rules_is_the_registers_too, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__id_is_found_as_people_read_it, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__empty_register_may_be_frozen, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__new_refuses_wrong_keys_and_files, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__frozen_means_frozen, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__nothing_undecided_is_frozen, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__held_wants_a_decision_of_its_own, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__two_officers_decide_with_two_keys, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__import_refuses_what_is_there_and_strange_keys, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__unsigned_change_is_noticed_at_the_freeze, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__damage_is_named_before_anything_is_frozen, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(register__log_key_must_be_the_rules, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__any_call_of_the_database_may_fail, set_up, tear_down),
    cmocka_unit_test_setup_teardown(register__any_call_of_cryptography_may_fail, set_up, tear_down),
};

TEST_MAIN(tests)
