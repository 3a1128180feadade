#include "tests/test.h"

#include "tests/known.h"

#include "lottery/roll.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A known draw with homes of two tags, refusals, two intakes: what most tests change. */
#define RICH 9

/* ---- examples ---- */

static void
roll__known_draws_are_read(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= KNOWN_CASES; i++) {
        struct known known;
        struct lot_error error = {0};
        known_open(i, &known);
        if (!known_read(&known, &error)) {
            fail_msg("case %u: %s", i, error.text);
        }
        known_close(&known);
    }
}

static void
roll__lines_become_homes_and_entries(void **state)
{
    (void)state;
    struct known known;
    known_open(1, &known);
    assert_true(known_read(&known, NULL));
    const struct lot_roll *roll = &known.roll;
    assert_ptr_equal(roll->rules, known.rules);
    assert_int_equal(roll->homes_file.rows, 5);
    assert_int_equal(roll->entries_file.rows, 10);
    assert_int_equal(roll->refusals_file.rows, 2);
    assert_int_equal(roll->received_file.rows, 12);
    assert_int_equal(roll->rules_file.rows, 0);
    assert_int_equal(roll->chances, 10);
    assert_string_equal(roll->received_file.digest,
                        "20b77a420af3f8dd0a855726294dd26ea45bb4f6fa1cdfd16e983dc4611803a5");
    const struct lot_home *home = &roll->homes[3];
    assert_memory_equal(home->id, "6-0001", home->id_size);
    assert_int_equal(home->type, 0);
    const struct lot_entry *entry = &roll->entries[3];
    assert_memory_equal(entry->id, "BQQ5W6ASQZ1Y2KSA", entry->id_size);
    assert_int_equal(entry->queues, 1);
    assert_int_equal(entry->persons, 7);
    assert_int_equal(entry->chances, 1);
    assert_int_equal(entry->want_count, 2);
    assert_int_equal(roll->wants[entry->wants], 0);
    assert_int_equal(roll->wants[entry->wants + 1], 1);
    known_close(&known);
}

static void
roll__ids_are_found(void **state)
{
    (void)state;
    struct known known;
    known_open(RICH, &known);
    assert_true(known_read(&known, NULL));
    const struct lot_roll *roll = &known.roll;
    for (uint32_t i = 0; i < roll->entries_file.rows; i++) {
        struct lot_text id = {roll->entries[i].id, roll->entries[i].id_size};
        assert_int_equal(lot_roll_entry(roll, id), i);
        id.size--;
        assert_int_equal(lot_roll_entry(roll, id), LOT_NONE);
    }
    for (uint32_t i = 0; i < roll->homes_file.rows; i++) {
        struct lot_text id = {roll->homes[i].id, roll->homes[i].id_size};
        assert_int_equal(lot_roll_home(roll, id), i);
    }
    assert_int_equal(lot_roll_entry(roll, LOT_TEXT("ZZZZZZZZZZZZZZZZZZZZZZZZ")), LOT_NONE);
    assert_int_equal(lot_roll_home(roll, LOT_TEXT("")), LOT_NONE);
    known_close(&known);
}

static void
roll__tags_are_those_that_rounds_name(void **state)
{
    (void)state;
    struct known known;
    known_open(RICH, &known);
    known_replace(&known.homes, ",accessible,", ",accessible lift-2 quiet,");
    assert_true(known_read(&known, NULL));
    int accessible = lot_rules_tag(known.rules, LOT_TEXT("accessible"));
    int quiet = lot_rules_tag(known.rules, LOT_TEXT("quiet"));
    uint64_t both = UINT64_C(1) << accessible | UINT64_C(1) << quiet;
    unsigned found = 0;
    for (uint32_t i = 0; i < known.roll.homes_file.rows; i++) {
        found += known.roll.homes[i].tags == both;
    }
    assert_true(found >= 1);
    known_close(&known);
}

static void
roll__what_is_written_is_read_back(void **state)
{
    (void)state;
    struct known known;
    known_open(7, &known);
    struct lot_buffer entries = {0}, refusals = {0}, received = {0};
    const char *commit = "8169237226475b85db77ce10d465b89d2b2c6344f53eaf079e85d863f975ed03";
    lot_buffer_print(&entries, "%s\n", ROLL_ENTRIES_HEADER);
    roll_add_entry(&entries,
                   &(struct roll_entry){"CQ643DZVMXXQKFBF", "", 4, 1, "S0 1B 2B", commit});
    lot_buffer_print(&refusals, "%s\n", ROLL_REFUSALS_HEADER);
    lot_buffer_print(&received, "%s\n", ROLL_RECEIVED_HEADER);
    roll_add_received(&received, &(struct roll_received){"window-1", 1, "CQ643DZVMXXQKFBF",
                                                         INT64_C(1793581200), commit});
    assert_string_equal(entries.at, known.entries.at);
    assert_string_equal(refusals.at, known.refusals.at);
    assert_string_equal(received.at, known.received.at);
    roll_add_refusal(&refusals, "ZZZZ", "WITHDRAWN", commit);
    assert_string_equal(refusals.at + sizeof ROLL_REFUSALS_HEADER,
                        "ZZZZ,WITHDRAWN,"
                        "8169237226475b85db77ce10d465b89d2b2c6344f53eaf079e85d863f975ed03\n");
    lot_buffer_finish(&entries);
    lot_buffer_finish(&refusals);
    lot_buffer_finish(&received);
    known_close(&known);
}

static void
roll__homes_are_checked_alone(void **state)
{
    (void)state;
    struct known known;
    struct lot_error error = {0};
    uint32_t rows = 0;
    known_open(RICH, &known);
    assert_true(known_read(&known, NULL));
    assert_true(roll_check_homes(known.rules, lot_buffer_text(&known.homes), &rows, NULL));
    assert_int_equal(rows, known.roll.homes_file.rows);
    rows = 99;
    assert_false(roll_check_homes(known.rules, LOT_TEXT("home\n"), &rows, &error));
    assert_int_equal(rows, 99);
    assert_string_equal(error.text, "homes.csv line 1: the header must be "
                                    "home,type,area,price,tags,place, ended by a line feed");
    known_close(&known);
}

/* ---- limits ---- */

static void
roll__files_may_have_no_rows(void **state)
{
    (void)state;
    struct known known;
    known_open(RICH, &known);
    known_set(&known.homes, ROLL_HOMES_HEADER "\n");
    known_set(&known.entries, ROLL_ENTRIES_HEADER "\n");
    known_set(&known.refusals, ROLL_REFUSALS_HEADER "\n");
    known_set(&known.received, ROLL_RECEIVED_HEADER "\n");
    assert_true(known_read(&known, NULL));
    assert_int_equal(known.roll.entries_file.rows, 0);
    assert_int_equal(lot_roll_entry(&known.roll, LOT_TEXT("AAAA")), LOT_NONE);
    known_close(&known);
}

#define COMMIT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Case 1 with one household in it, and its line as given. */
static void
with_entry(struct known *known, const char *line)
{
    known_open(1, known);
    known_set(&known->refusals, ROLL_REFUSALS_HEADER "\n");
    known_set(&known->entries, ROLL_ENTRIES_HEADER "\n");
    lot_buffer_print(&known->entries, "%s," COMMIT "\n", line);
    known_set(&known->received, ROLL_RECEIVED_HEADER "\n");
    lot_buffer_print(&known->received, "window-1,1,%.*s,2026-11-02T01:00:00Z," COMMIT "\n",
                     (int)strcspn(line, ","), line);
}

static void
roll__bounds_of_an_entry(void **state)
{
    (void)state;
    static const struct {
        const char *line, *sentence; /* no sentence: read */
    } cases[] = {
        {"AAAA,,1,1,1B", NULL},
        {"ABCDEFGHIJKLMNOPQRSTUVWX,Q1,20,1,2B 1B", NULL},
        {"AAAAAAA,,1,1,1B", NULL},
        {"AAAAAAAAA,,1,1,1B", NULL},
        {"AAA,,1,1,1B", "entries.csv line 2, id: 'AAA' is no id ([0-9A-Z]{4,24})"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXY,,1,1,1B",
         "entries.csv line 2, id: 'ABCDEFGHIJKLMNOPQRSTUVWXY' is no id ([0-9A-Z]{4,24})"},
        {"aaaa,,1,1,1B", "entries.csv line 2, id: 'aaaa' is no id ([0-9A-Z]{4,24})"},
        {"AAAA,,0,1,1B", "entries.csv line 2, persons: '0' is not a number within 1 to 20"},
        {"AAAA,,21,1,1B", "entries.csv line 2, persons: '21' is not a number within 1 to 20"},
        {"AAAA,,01,1,1B", "entries.csv line 2, persons: '01' is not a number within 1 to 20"},
        {"AAAA,,+1,1,1B", "entries.csv line 2, persons: '+1' is not a number within 1 to 20"},
        {"AAAA,,257,1,1B", "entries.csv line 2, persons: '257' is not a number within 1 to 20"},
        {"AAAA,,1,2,1B", "entries.csv line 2, chances: '2' is not a number within 1 to 1"},
        {"AAAA,,1,,1B", "entries.csv line 2, chances: '' is not a number within 1 to 1"},
        {"AAAA,,1,1,", "entries.csv line 2, wants: '' is not a list of types of the rules with "
                       "one blank between"},
        {"AAAA,,1,1,1B  2B", "entries.csv line 2, wants: '1B  2B' is not a list of types of the "
                             "rules with one blank between"},
        {"AAAA,,1,1,1B ", "entries.csv line 2, wants: '1B ' is not a list of types of the rules "
                          "with one blank between"},
        {"AAAA,,1,1,3B", "entries.csv line 2, wants: '3B' is not a list of types of the rules "
                         "with one blank between"},
        {"AAAA,,1,1,1B 2B 1B", "entries.csv line 2, wants: '1B 2B 1B' names a type twice"},
        {"AAAA,Q2,1,1,1B",
         "entries.csv line 2, queues: 'Q2' holds a word that is no queue of the rules"},
        {"AAAA,Q1 Q1,1,1,1B",
         "entries.csv line 2, queues: 'Q1 Q1' is not sorted, or holds a word twice"},
        {"AAAA,Q1 ,1,1,1B",
         "entries.csv line 2, queues: 'Q1 ' holds a word that is no queue of the rules"},
        {"AAAA,,1,1", "entries.csv line 2: not the 6 fields "
                      "id,queues,persons,chances,wants,commit with commas between them"},
        {"AAAA,,1,1,1B,", "entries.csv line 2: not the 6 fields "
                          "id,queues,persons,chances,wants,commit with commas between them"},
        {"AAAA,,1,1,1B,0", "entries.csv line 2: not the 6 fields "
                           "id,queues,persons,chances,wants,commit with commas between them"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct known known;
        with_entry(&known, cases[i].line);
        if (cases[i].sentence == NULL) {
            assert_true(known_read(&known, NULL));
        } else {
            known_assert_refused(&known, cases[i].sentence);
        }
        known_close(&known);
    }
}

static void
roll__home_is_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *line, *sentence;
    } cases[] = {
        {"A,1B,0,0,,", NULL},
        {"A,1B,999999999.99,0.5,a b,\xE9\x81\x93", NULL},
        {"-A,1B,1,1,,", "homes.csv line 2, home: '-A' is no home ([A-Z0-9][A-Z0-9-]{0,23})"},
        {"A,3B,1,1,,", "homes.csv line 2, type: '3B' is no type of the rules"},
        {"A,1B,,1,,", "homes.csv line 2, area: '' is no number such as 90 or 90.48"},
        {"A,1B,1.234,1,,", "homes.csv line 2, area: '1.234' is no number such as 90 or 90.48"},
        {"A,1B,1,1e3,,", "homes.csv line 2, price: '1e3' is no number such as 90 or 90.48"},
        {"A,1B,1,1,b a,", "homes.csv line 2, tags: 'b a' is not sorted, or holds a word twice"},
        {"A,1B,1,1,a.b,",
         "homes.csv line 2, tags: 'a.b' is not a list of tags with one blank between them"},
        {"A,1B,1,1,,\"q\"",
         "homes.csv line 2, place: '\"q\"' is longer than 200 bytes, or holds a quotation mark or "
         "a character that is not allowed"},
        {"A,1B,1,1,,a\r",
         "homes.csv line 2, place: 'a?' is longer than 200 bytes, or holds a quotation mark or a "
         "character that is not allowed"},
        {"A,1B,1,1,,\xFF",
         "homes.csv line 2, place: '?' is longer than 200 bytes, or holds a quotation mark or a "
         "character that is not allowed"},
        {"A,1B,1,1,,a,b", "homes.csv line 2: not the 6 fields home,type,area,price,tags,place "
                          "with commas between them"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct known known;
        known_open(1, &known);
        known_set(&known.homes, ROLL_HOMES_HEADER "\n");
        lot_buffer_print(&known.homes, "%s\n", cases[i].line);
        if (cases[i].sentence == NULL) {
            assert_true(known_read(&known, NULL));
        } else {
            known_assert_refused(&known, cases[i].sentence);
        }
        known_close(&known);
    }
}

static void
roll__place_has_at_most_200_bytes(void **state)
{
    (void)state;
    for (int size = 200; size <= 201; size++) {
        struct known known;
        struct lot_error error = {0};
        known_open(1, &known);
        known_set(&known.homes, ROLL_HOMES_HEADER "\n");
        lot_buffer_print(&known.homes, "A,1B,1,1,,%0*d\n", size, 7);
        assert_int_equal(known_read(&known, &error), size == 200);
        known_close(&known);
    }
}

static void
roll__line_has_at_most_4096_bytes(void **state)
{
    (void)state;
    for (int size = 0; size <= 1; size++) {
        struct known known;
        struct lot_error error = {0};
        known_open(1, &known);
        known_set(&known.homes, ROLL_HOMES_HEADER "\n");
        lot_buffer_print(&known.homes, "A,1B,1,1,%0*d,\n", LOT_LINE_MAX - 10 + size, 7);
        assert_false(known_read(&known, &error));
        assert_non_null(strstr(error.text, size == 0 ? "tags" : "4097 bytes; at most 4096 may"));
        known_close(&known);
    }
}

/* ---- refusals ---- */

static void
roll__refusals_say_file_line_and_column(void **state)
{
    (void)state;
    static const struct {
        bool homes; /* else entries */
        const char *old, *new, *sentence;
    } cases[] = {
        {true, "home,type", "home,typ",
         "homes.csv line 1: the header must be home,type,area,price,tags,place, ended by a line "
         "feed"},
        {false, "id,", "\xEF\xBB\xBFid,",
         "entries.csv line 1: the header must be id,queues,persons,chances,wants,commit, ended by "
         "a line feed"},
        {true, "6-0001,", "1-0004,", "homes.csv line 5, home: '1-0004' stands twice"},
        {true, "6-0001,", "1-0000,",
         "homes.csv line 5, home: '1-0000' is out of order; lines are sorted by bytes"},
        {true,
         "\xE8\xB7\xAF"
         "4\xE5\x8F\xB7\n",
         "", "homes.csv line 6: the last line does not end in a line feed"},
        {false, "E1SMV3K8D3K44KKA", "BQQ5W6ASQZ1Y2KSA",
         "entries.csv line 6, id: 'BQQ5W6ASQZ1Y2KSA' stands twice"},
        {false, "E1SMV3K8D3K44KKA", "B1SMV3K8D3K44KKA",
         "entries.csv line 6, id: 'B1SMV3K8D3K44KKA' is out of order; lines are sorted by bytes"},
        {false, "907d\n", "907D\n",
         "entries.csv line 6, commit: 'f1ef1bf9a8b3bb4a76e3c84e58ff3860bf8d8959...' is not a "
         "commit of 64 characters 0-9 a-f"},
        {false, "1a26\n", "1a26", "entries.csv line 11: the last line does not end in a line feed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct known known;
        known_open(1, &known);
        known_replace(cases[i].homes ? &known.homes : &known.entries, cases[i].old, cases[i].new);
        known_assert_refused(&known, cases[i].sentence);
        known_close(&known);
    }
}

static void
roll__failing_digest_is_the_machines_fault(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 5; n++) {
        struct known known;
        struct lot_error error = {0};
        known_open(7, &known);
        assert_true(known_read(&known, NULL));
        struct lot_roll roll = known.roll, before = known.roll;
        crypto_fail_at(n);
        assert_false(lot_roll_read(known.rules, &roll, &error));
        crypto_fail_at(0);
        assert_int_equal(error.code, LOT_MACHINE);
        assert_memory_equal(&roll, &before, sizeof roll);
        known_close(&known);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(roll__known_draws_are_read),
    cmocka_unit_test(roll__lines_become_homes_and_entries),
    cmocka_unit_test(roll__ids_are_found),
    cmocka_unit_test(roll__tags_are_those_that_rounds_name),
    cmocka_unit_test(roll__what_is_written_is_read_back),
    cmocka_unit_test(roll__homes_are_checked_alone),
    cmocka_unit_test(roll__files_may_have_no_rows),
    cmocka_unit_test(roll__bounds_of_an_entry),
    cmocka_unit_test(roll__home_is_bounded),
    cmocka_unit_test(roll__place_has_at_most_200_bytes),
    cmocka_unit_test(roll__line_has_at_most_4096_bytes),
    cmocka_unit_test(roll__refusals_say_file_line_and_column),
    cmocka_unit_test(roll__failing_digest_is_the_machines_fault),
};

TEST_MAIN(tests)
