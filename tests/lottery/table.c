#include "tests/test.h"

#include "lottery/lottery.h"
#include "lottery/table.h"

#include <stdlib.h>
#include <string.h>

/* A table of two columns that stands behind its header. */
static struct table
opened(const char *text, struct lot_error *error)
{
    struct table table = {.name = "some.csv", .header = "a,b", .error = error};
    assert_true(table_open(&table, lot_text(text)));
    return table;
}

/* ---- examples ---- */

static void
table__lines_come_apart_one_by_one(void **state)
{
    (void)state;
    struct table table = opened("a,b\n1,x y\n2,\n", NULL);
    uint32_t rows = 0;
    assert_true(table_count(&table, &rows));
    assert_int_equal(rows, 2);
    assert_true(table_next(&table) && table_rises(&table));
    assert_true(lot_text_is(table.fields[1], "x y"));
    assert_int_equal(table.line, 2);
    assert_true(table_next(&table) && table_rises(&table));
    assert_true(lot_text_is(table.fields[0], "2") && lot_text_is(table.before, "1"));
    assert_int_equal(table.rest.size, 0);
}

/* ---- limits ---- */

static void
table__lines_are_counted_in_files_of_any_size(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    lot_buffer_put(&text, LOT_TEXT("a,b\n"));
    for (uint32_t i = 1; i <= 1100; i++) {
        lot_buffer_put(&text, i % 3 == 0 ? LOT_TEXT("\n") : LOT_TEXT("x,yz\n"));
        struct table table = {.name = "some.csv", .header = "a,b"};
        uint32_t rows = 0;
        assert_true(table_open(&table, lot_buffer_text(&text)));
        assert_true(table_count(&table, &rows));
        assert_int_equal(rows, i);
    }
    lot_buffer_finish(&text);
}

static void
table__rows_are_bounded(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct table table = opened("a,b\n1,\n2,\n", &error);
    table.line = LOT_ROWS_MAX; /* as if so many had been taken */
    assert_true(table_next(&table));
    assert_false(table_next(&table));
    assert_string_equal(error.text, "some.csv: more than 99999999 lines behind the header");
}

/* ---- refusals ---- */

static void
table__refusals_say_line_and_column(void **state)
{
    (void)state;
    struct lot_error error = {0};
    struct table table = {.name = "some.csv", .header = "a,b", .error = &error};
    assert_false(table_open(&table, LOT_TEXT("a,b")));
    assert_string_equal(error.text,
                        "some.csv line 1: the header must be a,b, ended by a line feed");
    assert_false(table_open(&table, LOT_TEXT("a,b,c\n")));
    table = opened("a,b\n2,\n1,x\n1,x\n1\n1,2", &error);
    assert_true(table_next(&table) && table_next(&table));
    assert_false(table_rises(&table));
    assert_string_equal(error.text,
                        "some.csv line 3, a: '1' is out of order; lines are sorted by bytes");
    assert_true(table_next(&table));
    assert_false(table_rises(&table));
    assert_string_equal(error.text, "some.csv line 4, a: '1' stands twice");
    assert_false(table_refuse(&table, 1, "is no good"));
    assert_string_equal(error.text, "some.csv line 4, b: 'x' is no good");
    assert_false(table_next(&table));
    assert_string_equal(error.text,
                        "some.csv line 5: not the 2 fields a,b with commas between them");
    assert_false(table_next(&table));
    assert_string_equal(error.text, "some.csv line 6: the last line does not end in a line feed");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(table__lines_come_apart_one_by_one),
    cmocka_unit_test(table__lines_are_counted_in_files_of_any_size),
    cmocka_unit_test(table__rows_are_bounded),
    cmocka_unit_test(table__refusals_say_line_and_column),
};

TEST_MAIN(tests)
