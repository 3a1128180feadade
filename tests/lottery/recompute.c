/*
 * Tests of recompute.c, and by it of draw.c and allocation.c: every case of
 * tests/vectors/draw (given) and tests/cases/draw (our own, answered by the second
 * program, see tests/cases/draw/make.py) must come out byte for byte.
 */
#include "tests/test.h"

#include "lottery/file.h"
#include "lottery/recompute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of results.csv, in pieces of so many rows. */
static void
results(const struct recompute *recompute, uint32_t piece, struct lot_buffer *out)
{
    uint32_t rows = recompute->roll.entries_file.rows;
    lot_buffer_put(out, LOT_TEXT(LOT_RESULTS_HEADER));
    for (uint32_t first = 0; first < rows; first += piece) {
        uint32_t count = rows - first < piece ? rows - first : piece;
        lot_results_rows(&recompute->roll, recompute->order, &recompute->allocation, first, count,
                         out);
    }
}

/* Compares with a file of the case; says where they part. */
static void
assert_file(const char *path, const char *name, const struct lot_buffer *found)
{
    struct file_folder folder = {0};
    struct lot_buffer expected = {0};
    assert_true(file_folder_open(NULL, path, &folder, NULL));
    assert_true(file_read(&folder, name, FILE_SIZE_MAX, &expected, NULL));
    struct lot_text ours = lot_buffer_text(found);
    struct lot_text theirs = lot_buffer_text(&expected);
    struct lot_text line = {0};
    struct lot_text other = {0};
    unsigned number = 0;
    while (lot_line(&ours, &line) && lot_line(&theirs, &other)) {
        number++;
        if (!lot_text_same(line, other)) {
            fail_msg("%s/%s line %u: %.*s, not %.*s", path, name, number, (int)line.size, line.at,
                     (int)other.size, other.at);
        }
    }
    assert_true(found->size == expected.size && memcmp(found->at, expected.at, found->size) == 0);
    lot_buffer_finish(&expected);
    file_folder_finish(&folder);
}

static void
assert_case(const char *path)
{
    struct recompute recompute = {0};
    struct lot_error error = {0};
    struct lot_buffer text = {0};
    if (!recompute_read(&recompute, path, &error) || !recompute_draw(&recompute, 2, &error)) {
        fail_msg("%s: %s", path, error.text);
    }
    results(&recompute, 7, &text);
    assert_file(path, "results.csv", &text);
    lot_buffer_clear(&text);
    lot_cutoffs_text(&recompute.roll, recompute.order, &recompute.allocation, &text);
    assert_file(path, "cutoffs.csv", &text);
    lot_buffer_finish(&text);
    recompute_finish(&recompute);
}

/* Runs every folder below path that holds a rules.json; returns how many. */
static unsigned
assert_cases(const char *path)
{
    struct file_folder folder = {0};
    struct file_list list = {0};
    unsigned count = 0;
    assert_true(file_folder_open(NULL, path, &folder, NULL));
    assert_true(file_list(&folder, &list, NULL));
    for (size_t i = 0; i < list.count; i++) {
        char *end = strstr(list.paths[i], "/rules.json");
        if (end != NULL) {
            struct lot_buffer name = {0};
            lot_buffer_print(&name, "%s/%.*s", path, (int)(end - list.paths[i]), list.paths[i]);
            assert_case(name.at);
            lot_buffer_finish(&name);
            count++;
        }
    }
    file_list_finish(&list);
    file_folder_finish(&folder);
    return count;
}

static void
recompute__given_vectors_come_out_byte_for_byte(void **state)
{
    (void)state;
    assert_int_equal(assert_cases(TESTS_DIR "/vectors/draw"), 12);
}

static void
recompute__own_cases_come_out_byte_for_byte(void **state)
{
    (void)state;
    assert_int_equal(assert_cases(TESTS_DIR "/cases/draw"), 8);
}

static void
recompute__zeroed_struct_ends_well(void **state)
{
    (void)state;
    struct recompute recompute = {0};
    recompute_finish(&recompute);
}

/* ---- refusal --------------------------------------------------------------------------------- */

#define CASE TESTS_DIR "/vectors/draw/case-1"

/* A copy of case 1 in which one text of one file is another. */
static void
assert_refused(const char *name, const char *old, const char *new, const char *sentence)
{
    static const char *const names[] = {"rules.json",   "homes.csv",    "entries.csv",
                                        "refusals.csv", "received.csv", "seed.txt"};
    char path[] = "/tmp/recompute-XXXXXX";
    assert_non_null(mkdtemp(path));
    struct file_folder from = {0};
    struct file_folder to = {0};
    assert_true(file_folder_open(NULL, CASE, &from, NULL));
    assert_true(file_folder_open(NULL, path, &to, NULL));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct lot_buffer bytes = {0};
        assert_true(file_read(&from, names[i], FILE_SIZE_MAX, &bytes, NULL));
        if (strcmp(names[i], name) == 0) {
            char *at = strstr(bytes.at, old);
            assert_non_null(at);
            assert_int_equal(strlen(old), strlen(new));
            memcpy(at, new, strlen(new));
        }
        assert_true(file_write(&to, names[i], lot_buffer_text(&bytes), NULL));
        lot_buffer_finish(&bytes);
    }
    struct recompute recompute = {0};
    struct lot_error error = {0};
    assert_false(recompute_read(&recompute, path, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    if (strstr(error.text, sentence) == NULL) {
        fail_msg("said '%s', not '%s'", error.text, sentence);
    }
    recompute_finish(&recompute);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(file_remove(&to, names[i], NULL));
    }
    file_folder_finish(&to);
    file_folder_finish(&from);
    assert_int_equal(rmdir(path), 0);
}

static void
recompute__refuses_what_breaks_a_section(void **state)
{
    (void)state;
    assert_refused("rules.json", "\"protocol\"", "\"protocox\"", "protoco");
    assert_refused("homes.csv", "1-0002,1B", "1-0002,9B", "homes.csv line 2");
    assert_refused("entries.csv", "6BJ7NVCKJZS2YFST", "6bJ7NVCKJZS2YFST", "entries.csv line 2");
    assert_refused("received.csv", "2026-", "2O26-", "received.csv line 2");
}

static void
recompute__refuses_files_that_seed_does_not_name(void **state)
{
    (void)state;
    assert_refused("homes.csv", "90.48", "90.49", "seed.txt");
    assert_refused("seed.txt", "draw CASE-1", "draw CASE-2", "seed.txt");
}

static void
recompute__refuses_a_secret_that_was_not_committed(void **state)
{
    (void)state;
    assert_refused("seed.txt", "reveal office 7fec", "reveal office 8fec", "office");
}

static void
recompute__says_which_file_is_missing(void **state)
{
    (void)state;
    struct recompute recompute = {0};
    struct lot_error error = {0};
    assert_false(recompute_read(&recompute, TESTS_DIR "/vectors", &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(strstr(error.text, "rules.json"));
    recompute_finish(&recompute);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(recompute__given_vectors_come_out_byte_for_byte),
    cmocka_unit_test(recompute__own_cases_come_out_byte_for_byte),
    cmocka_unit_test(recompute__zeroed_struct_ends_well),
    cmocka_unit_test(recompute__refuses_what_breaks_a_section),
    cmocka_unit_test(recompute__refuses_files_that_seed_does_not_name),
    cmocka_unit_test(recompute__refuses_a_secret_that_was_not_committed),
    cmocka_unit_test(recompute__says_which_file_is_missing),
};

TEST_MAIN(tests)
