#include "tests/test.h"

#include "tests/known.h"

#include "lottery/roll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A known draw with refusals and two intakes. */
#define RICH 9

/* ---- refusals ---- */

static void
received__refusals_say_file_line_and_column(void **state)
{
    (void)state;
    static const struct {
        bool received; /* else refusals */
        const char *old, *new, *sentence;
    } cases[] = {
        {false, "commit\n", "commit\r\n",
         "refusals.csv line 1: the header must be id,reason,commit, ended by a line feed"},
        {false, "A88WQKSF7DK46ESM", "a88WQKSF7DK46ESM",
         "refusals.csv line 2, id: 'a88WQKSF7DK46ESM' is no id ([0-9A-Z]{4,24})"},
        {false, "INCOME", "IN COME",
         "refusals.csv line 2, reason: 'IN COME' is no reason code ([A-Za-z0-9_-]{1,24})"},
        {false, ",4f61", ",4f6",
         "refusals.csv line 2, commit: '4f664cc6b3ac03a721983e741b3bff97aae47c34...' is not a "
         "commit of 64 characters 0-9 a-f"},
        {false, "EGF1SMVFHC4AW9GX", "A88WQKSF7DK46ESM",
         "refusals.csv line 3, id: 'A88WQKSF7DK46ESM' stands twice"},
        {false, "EGF1SMVFHC4AW9GX", "YQCTZPTP0NX1EBB5",
         "refusals.csv line 3, id: 'YQCTZPTP0NX1EBB5' stands in entries.csv too"},
        {false, "0f\n", "0f", "refusals.csv line 3: the last line does not end in a line feed"},
        {true, "intake,number", "number,intake",
         "received.csv line 1: the header must be intake,number,id,time,commit, ended by a line "
         "feed"},
        {true, "window-1,1,", "window-2,1,",
         "received.csv line 2, intake: 'window-2' is no intake of the rules"},
        {true, "window-1,1,", "window-1,0,",
         "received.csv line 2, number: '0' stands where number 1 of its intake must be"},
        {true, "window-1,5,", "window-1,6,",
         "received.csv line 6, number: '6' stands where number 5 of its intake must be"},
        {true, "window-1,10,", "window-1,010,",
         "received.csv line 11, number: '010' stands where number 10 of its intake must be"},
        {true, "2026-11-04T", "2026-11-31T",
         "received.csv line 4, time: '2026-11-31T01:00:00Z' is no time that exists, in the form "
         "2026-12-01T02:00:00Z"},
        {true, "AGAHJXMZY71KRNTC", "AGA",
         "received.csv line 4, id: 'AGA' is no id ([0-9A-Z]{4,24})"},
        {true, "AGAHJXMZY71KRNTC", "AGAHJXMZY71KRNTD",
         "received.csv line 4, id: 'AGAHJXMZY71KRNTD' stands in neither entries.csv nor "
         "refusals.csv"},
        {true, "AGAHJXMZY71KRNTC", "AGAHJXMZY71KRNT",
         "received.csv line 4, id: 'AGAHJXMZY71KRNT' stands in neither entries.csv nor "
         "refusals.csv"},
        {true, "AGAHJXMZY71KRNTC", "AE0CESPPXH0R8DV3",
         "received.csv line 4, id: 'AE0CESPPXH0R8DV3' stands twice in received.csv"},
        {true, "1dfd28450721", "1dfd28450720",
         "received.csv line 4, commit: '1dfd28450720d648c278c68108265be0be152d8b...' is not the "
         "commit of this id in entries.csv or refusals.csv"},
        {true, ",1dfd28450721", ",",
         "received.csv line 4, commit: 'd648c278c68108265be0be152d8bd564ee46d777...' is not the "
         "commit of this id in entries.csv or refusals.csv"},
        {true, ",4f6164", ",4f6165",
         "received.csv line 6, commit: '4f6165cc6b3ac03a721983e741b3bff97aae47c3...' is not the "
         "commit of this id in entries.csv or refusals.csv"},
        {true,
         "window-1,12,G2451W0HFH7BPJ4A,2026-11-13T01:00:00Z,"
         "0c788e30a79535e85f297032812a0eb1c9ac14d73df1ed099841db8bf658fa43\n",
         "", "entries.csv line 7, id: 'G2451W0HFH7BPJ4A' is not in received.csv"},
        {true,
         "window-1,12,G2451W0HFH7BPJ4A,2026-11-13T01:00:00Z,"
         "0c788e30a79535e85f297032812a0eb1c9ac14d73df1ed099841db8bf658fa43\n",
         "window-1,12,", "received.csv line 13: the last line does not end in a line feed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct known known;
        known_open(1, &known);
        known_replace(cases[i].received ? &known.received : &known.refusals, cases[i].old,
                      cases[i].new);
        known_assert_refused(&known, cases[i].sentence);
        known_close(&known);
    }
}

static void
received__refused_application_that_was_not_received_is_named(void **state)
{
    (void)state;
    struct known known;
    known_open(1, &known);
    known_set(&known.received, ROLL_RECEIVED_HEADER "\n");
    known_set(&known.entries, ROLL_ENTRIES_HEADER "\n");
    known_assert_refused(&known,
                         "refusals.csv line 2, id: 'A88WQKSF7DK46ESM' is not in received.csv");
    known_close(&known);
}

static void
received__intakes_stand_in_order_once_each(void **state)
{
    (void)state;
    struct known known;
    known_open(RICH, &known);
    known_replace(&known.received, "window-1,2,", "kiosk-7,2,");
    struct lot_error error = {0};
    assert_false(known_read(&known, &error));
    assert_non_null(strstr(error.text, "intake: 'kiosk-7' is out of order"));
    known_close(&known);
}

static void
received__earlier_fault_is_the_one_that_is_named(void **state)
{
    (void)state;
    struct known known;
    known_open(1, &known);
    known_replace(&known.received, "2026-11-06T", "2026-13-06T");
    known_replace(&known.received, "AGAHJXMZY71KRNTC", "AGAHJXMZY71KRNTD");
    known_assert_refused(&known, "received.csv line 4, id: 'AGAHJXMZY71KRNTD' stands in neither "
                                 "entries.csv nor refusals.csv");
    known_close(&known);
}

/* ---- properties ---- */

/* What a line may suffer: it is dropped, doubled, or moved behind the next. */
enum fate { DROPPED, DOUBLED, MOVED };

static void
put_changed(struct lot_buffer *out, struct lot_text whole, struct lot_text line, enum fate fate)
{
    struct lot_text rest = {line.at + line.size, whole.size - (size_t)(line.at - whole.at)};
    rest.size -= line.size;
    lot_buffer_clear(out);
    lot_buffer_add(out, whole.at, (size_t)(line.at - whole.at));
    if (fate == DOUBLED) {
        lot_buffer_put(out, line);
        lot_buffer_put(out, line);
    }
    struct lot_text next;
    if (fate == MOVED && lot_line(&rest, &next)) {
        lot_buffer_add(out, next.at, next.size + 1);
        lot_buffer_put(out, line);
    }
    lot_buffer_put(out, rest);
}

static void
received__line_dropped_doubled_or_moved_is_noticed(void **state)
{
    (void)state;
    struct known known;
    known_open(RICH, &known);
    assert_true(known_read(&known, NULL));
    unsigned tried = 0;
    struct lot_buffer *const files[] = {&known.homes, &known.entries, &known.refusals,
                                        &known.received};
    for (size_t file = 0; file < sizeof files / sizeof files[0]; file++) {
        struct lot_buffer *buffer = files[file], whole = {0};
        lot_buffer_put(&whole, lot_buffer_text(buffer));
        struct lot_text rest = lot_buffer_text(&whole), line;
        while (lot_line(&rest, &line)) {
            line.size++; /* with its line feed */
            bool header = line.at == whole.at, last = rest.size == 0;
            /* A home less is another roll, and a good one. */
            int first = buffer == &known.homes && !header ? DOUBLED : DROPPED;
            for (int fate = first; fate <= (last ? DOUBLED : MOVED); fate++) {
                put_changed(buffer, lot_buffer_text(&whole), line, (enum fate)fate);
                assert_false(known_read(&known, NULL));
                tried++;
            }
        }
        lot_buffer_clear(buffer);
        lot_buffer_put(buffer, lot_buffer_text(&whole));
        lot_buffer_finish(&whole);
    }
    assert_true(known_read(&known, NULL));
    print_message("%u changes noticed\n", tried);
    known_close(&known);
}

static uint64_t
next_number(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* An id's own commit, made up. */
static const char *
commit_of(const char *id, char out[static LOT_HEX_SIZE + 1])
{
    uint64_t hash = 14695981039346656037u;
    for (; *id != '\0'; id++) {
        hash = (hash ^ (unsigned char)*id) * 1099511628211u;
    }
    snprintf(out, LOT_HEX_SIZE + 1, "%016llx%016llx%016llx%016llx", (unsigned long long)hash,
             (unsigned long long)~hash, (unsigned long long)hash, (unsigned long long)~hash);
    return out;
}

/*
 * Ids of all lengths by chance, sorted, every ninth refused, received backwards; so many
 * that some share the place and the bits of their mark.
 */
static void
received__many_ids_of_all_lengths_are_matched(void **state)
{
    (void)state;
    enum { COUNT = 40000 };
    static char ids[COUNT][LOT_CODE_MAX + 1];
    char commit[LOT_HEX_SIZE + 1];
    uint64_t chance = 20261122;
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = 8 + next_number(&chance) % 17;
        for (size_t j = 0; j < size; j++) {
            ids[i][j] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[next_number(&chance) % 36];
        }
        if (i % 50 == 0) {
            snprintf(ids[i], sizeof ids[i], "%04zu", i / 50);
        }
    }
    qsort(ids, COUNT, sizeof ids[0], by_text);
    struct known known;
    known_open(1, &known);
    known_set(&known.entries, ROLL_ENTRIES_HEADER "\n");
    known_set(&known.refusals, ROLL_REFUSALS_HEADER "\n");
    known_set(&known.received, ROLL_RECEIVED_HEADER "\n");
    for (uint32_t i = 0; i < COUNT; i++) {
        const char *id = ids[i], *back = ids[COUNT - 1 - i];
        if (i % 9 == 0) {
            roll_add_refusal(&known.refusals, id, "INCOME", commit_of(id, commit));
        } else {
            roll_add_entry(&known.entries,
                           &(struct roll_entry){id, "", 1, 1, "2B", commit_of(id, commit)});
        }
        roll_add_received(&known.received,
                          &(struct roll_received){"window-1", i + 1, back, INT64_C(1793581200) + i,
                                                  commit_of(back, commit)});
    }
    struct lot_error error = {0};
    if (!known_read(&known, &error)) {
        fail_msg("%s", error.text);
    }
    /* The last character of an id changed: in neither file, or somebody else's. */
    for (size_t i = 0; i < COUNT; i += COUNT / 16) {
        char *line = strstr(known.received.at, ids[i]), *end = line + strlen(ids[i]) - 1;
        char was = *end;
        *end = was == 'Z' ? 'Y' : 'Z';
        assert_false(known_read(&known, &error));
        *end = was;
    }
    known_close(&known);
}

/* An empty line, or the beginning of one, behind the last is part of no file. */
static void
received__nothing_may_follow_the_last_line(void **state)
{
    (void)state;
    for (int file = 0; file < 4; file++) {
        for (const char *more = "\nA"; *more != '\0'; more++) {
            struct known known;
            struct lot_error error = {0};
            known_open(1, &known);
            struct lot_buffer *const files[] = {&known.homes, &known.entries, &known.refusals,
                                                &known.received};
            lot_buffer_add(files[file], more, 1);
            assert_false(known_read(&known, &error));
            assert_non_null(strstr(error.text, *more == 'A'
                                                   ? "the last line does not end in a line feed"
                                                   : ": not the "));
            known_close(&known);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(received__refusals_say_file_line_and_column),
    cmocka_unit_test(received__refused_application_that_was_not_received_is_named),
    cmocka_unit_test(received__intakes_stand_in_order_once_each),
    cmocka_unit_test(received__earlier_fault_is_the_one_that_is_named),
    cmocka_unit_test(received__line_dropped_doubled_or_moved_is_noticed),
    cmocka_unit_test(received__many_ids_of_all_lengths_are_matched),
    cmocka_unit_test(received__nothing_may_follow_the_last_line),
};

TEST_MAIN(tests)
