#include "tests/test.h"

#include "lottery/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sheet sheet;
static struct findings findings;

static int
clear(void **state)
{
    (void)state;
    sheet_finish(&sheet);
    findings_finish(&findings);
    return 0;
}

static void
read_bytes(const char *bytes, size_t size)
{
    clear(NULL);
    struct lot_error error = {0};
    if (!sheet_read((struct lot_text){bytes, size}, 0, &sheet, &findings, &error)) {
        fail_msg("%s", error.text);
    }
}

#define READ(literal) read_bytes((literal), sizeof(literal) - 1)

static void
read_sample(const char *name)
{
    static char bytes[65536];
    char path[512];
    snprintf(path, sizeof path, TESTS_DIR "/vectors/roster/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    read_bytes(bytes, size);
}

/* Everything found, as "E_QUOTE 2.5 seen;" with row and column. */
static void
expect_findings(const char *expected)
{
    struct lot_buffer seen = {0};
    lot_buffer_add(&seen, "", 0);
    findings_sort(&findings);
    for (uint32_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];
        lot_buffer_print(&seen, "%s%s %u.%u", i == 0 ? "" : "; ", finding_name(finding->code),
                         finding->place.row, finding->place.column);
        lot_buffer_print(&seen, "%s%s", finding->seen[0] == '\0' ? "" : " ", finding->seen);
    }
    assert_string_equal(seen.size == 0 ? "" : seen.at, expected);
    lot_buffer_finish(&seen);
}

static void
expect_cell(uint32_t row, uint32_t column, const char *expected)
{
    struct lot_text cell = sheet_cell(&sheet, row, column);
    assert_non_null(cell.at);
    assert_true(lot_text_is(cell, expected));
}

/* ---- example ---- */

static void
sheet__samples_hold_the_same_cells_in_every_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *name, *encoding, *separator;
        bool bom;
    } cases[] = {{"roster-01-clean-utf8.csv", "UTF-8", "COMMA", false},
                 {"roster-02-gb18030.csv", "GB18030", "COMMA", false},
                 {"roster-06-utf16le-tab.txt", "UTF-16LE", "TAB", true}};
    for (size_t i = 0; i < 3; i++) {
        read_sample(cases[i].name);
        expect_findings("");
        assert_string_equal(sheet_encoding_name(sheet.encoding), cases[i].encoding);
        assert_string_equal(sheet_separator_name(sheet.separator), cases[i].separator);
        assert_int_equal(sheet.bom, cases[i].bom);
        assert_int_equal(sheet.row_count, 20);
        assert_int_equal(sheet.column_count, 12);
        assert_true(lot_text_is(sheet.titles[4], "证件号码"));
        expect_cell(9, 3, "阿依古丽·试");
        expect_cell(12, 3, "李𠅤");
        expect_cell(15, 3, "陈𬭎");
        expect_cell(20, 12, "");
        assert_int_equal(sheet.lines[19], 21);
    }
}

static void
sheet__quotes_commas_and_line_breaks_are_part_of_cells(void **state)
{
    (void)state;
    read_sample("roster-03-bom-crlf-quotes.csv");
    expect_findings("N_BOM 0.0; N_BLANK_LINE 21.0 1");
    assert_true(lot_text_is(sheet.titles[0], " 申请编号"));
    expect_cell(1, 12, "三代同住,27平方米");
    expect_cell(5, 12, "住\"筒子楼\"");
    expect_cell(8, 12, "第一行\r\n第二行");
    read_sample("units-sample.csv");
    expect_findings("");
    assert_int_equal(sheet.row_count, 6);
}

static void
sheet__cells_written_are_read_back(void **state)
{
    (void)state;
    static const char *const cells[] = {
        "", "二居、一居", "a,b", "\"", "x\r\ny\tz;", "12345678901", "A2345678901234", " blank "};
    struct lot_buffer text = {0};
    lot_buffer_print(&text, "1,2,3,4,5,6,7,8,9\r\n");
    for (uint32_t i = 0; i < 8; i++) {
        sheet_put_cell(&text, lot_text(cells[i]), i == 0);
    }
    sheet_put_cell(&text, LOT_TEXT("23019919700707008x"), false);
    lot_buffer_print(&text, "\r\n");
    read_bytes(text.at, text.size);
    lot_buffer_finish(&text);
    expect_findings("");
    for (uint32_t i = 0; i < 8; i++) {
        expect_cell(1, i + 1, cells[i]);
    }
    expect_cell(1, 9, "=\"23019919700707008x\""); /* so that Excel keeps every digit */
}

static void
sheet__table_saved_as_the_office_does_is_read_back(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    lot_buffer_print(&text, "姓名,备注\n李𠅤,·é\n");
    assert_true(sheet_save_gb18030(&text, NULL));
    read_bytes(text.at, text.size);
    expect_findings("");
    assert_int_equal(sheet.encoding, SHEET_GB18030);
    expect_cell(1, 1, "李𠅤");
    expect_cell(1, 2, "·é");
    lot_buffer_clear(&text);
    lot_buffer_print(&text, "\xFF");
    struct lot_error error = {0};
    assert_false(sheet_save_gb18030(&text, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_string_equal(text.at, "\xFF");
    lot_buffer_finish(&text);
}

/* ---- limits ---- */

static void
sheet__line_ends_of_all_kinds_end_rows(void **state)
{
    (void)state;
    READ("a,b\n1,2\r\n\r\n\r\n3,4\r5,6");
    expect_findings("N_BLANK_LINE 2.0 2");
    assert_int_equal(sheet.row_count, 3);
    expect_cell(3, 2, "6");
    assert_int_equal(sheet.lines[0], 2);
    assert_int_equal(sheet.lines[1], 5);
    assert_int_equal(sheet.lines[2], 6);
    READ("\r\n\r\na,b\r\n1,2\r\n , \r\n,\r\n");
    expect_findings("N_BLANK_LINE 0.0 2; N_BLANK_LINE 2.0 2");
    assert_int_equal(sheet.lines[0], 4);
}

static void
sheet__separator_is_what_the_titles_have_most(void **state)
{
    (void)state;
    READ("a;b;c,d\n1;2;3,4\n");
    assert_int_equal(sheet.separator, SHEET_SEMICOLON);
    expect_cell(1, 3, "3,4");
    READ("a，b，c\n1，\"2，2\"，3,4\n");
    expect_findings("N_FULLWIDTH 0.0 ， -> ,");
    assert_int_equal(sheet.separator, SHEET_FULLWIDTH_COMMA);
    expect_cell(1, 2, "2，2");
    expect_cell(1, 3, "3,4");
    READ("alone\n1\n");
    assert_int_equal(sheet.separator, SHEET_COMMA);
    expect_cell(1, 1, "1");
}

static void
sheet__cell_of_the_longest_size_is_taken(void **state)
{
    (void)state;
    static char text[SHEET_CELL_MAX + 32];
    for (int extra = 0; extra < 2; extra++) {
        int size = snprintf(text, sizeof text, "a,b\n");
        memset(text + size, 'x', SHEET_CELL_MAX + (size_t)extra);
        snprintf(text + size + SHEET_CELL_MAX + extra, 8, ",2\n");
        read_bytes(text, strlen(text));
        expect_findings(extra == 0 ? "" : "E_TOO_LONG 1.1 32768 bytes");
        assert_int_equal(sheet_cell(&sheet, 1, 1).at == NULL, extra);
        expect_cell(1, 2, "2");
    }
}

static void
sheet__as_many_rows_as_a_spreadsheet_holds(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    lot_buffer_print(&text, "a\n");
    for (uint32_t i = 0; i < SHEET_ROWS_MAX; i++) {
        lot_buffer_put(&text, LOT_TEXT("1\n"));
    }
    read_bytes(text.at, text.size);
    expect_findings("");
    assert_int_equal(sheet.row_count, SHEET_ROWS_MAX);
    lot_buffer_put(&text, LOT_TEXT("1\n1\n"));
    read_bytes(text.at, text.size);
    expect_findings("E_TOO_LONG 1048577.0 too many rows");
    lot_buffer_finish(&text);
}

static void
sheet__too_many_columns_are_refused(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    for (int i = 0; i < SHEET_COLUMNS_MAX; i++) {
        lot_buffer_print(&text, "%st", i == 0 ? "" : ",");
    }
    size_t size = text.size;
    lot_buffer_print(&text, "\n1\n");
    read_bytes(text.at, text.size);
    expect_findings("");
    assert_int_equal(sheet.column_count, SHEET_COLUMNS_MAX);
    text.size = size;
    lot_buffer_print(&text, ",t\n1\n");
    read_bytes(text.at, text.size);
    expect_findings("E_COLUMNS 0.0 more than 256");
    assert_int_equal(sheet.column_count, 0);
    lot_buffer_finish(&text);
}

/* ---- refusal ---- */

static void
sheet__files_without_rows_are_named(void **state)
{
    (void)state;
    read_sample("roster-09-header-only.csv");
    expect_findings("E_NO_ROWS 0.0");
    read_sample("roster-10-empty.csv");
    expect_findings("E_EMPTY_FILE 0.0");
    READ("\xEF\xBB\xBF");
    expect_findings("E_EMPTY_FILE 0.0; N_BOM 0.0");
    READ(" , \r\n\r\n");
    expect_findings("E_EMPTY_FILE 0.0; N_BLANK_LINE 0.0 2");
}

static void
sheet__rows_of_another_width_are_kept_and_told(void **state)
{
    (void)state;
    READ("a,b,c\n1,2\n1,2,3,4\n1,2,3\n");
    expect_findings("");
    assert_int_equal(sheet.row_count, 3);
    assert_int_equal(sheet.widths[0], 2);
    assert_int_equal(sheet.widths[1], 4);
    assert_int_equal(sheet.widths[2], 3);
    expect_cell(1, 2, "2");
    assert_null(sheet_cell(&sheet, 1, 3).at);
    expect_cell(2, 3, "3");
}

static void
sheet__open_quote_is_named_where_its_row_begins(void **state)
{
    (void)state;
    READ("a,b\n1,\"2\n3,4\n");
    expect_findings("E_QUOTE 1.2");
    assert_int_equal(findings.items[0].place.line, 2);
    READ("a,b\n1,2\n\n1,x\"2\n3,4\n");
    expect_findings("N_BLANK_LINE 2.0 1; E_QUOTE 2.2");
    READ("a,b\n1,\"2\"2\n3,4\n");
    expect_findings("E_QUOTE 1.2");
    struct lot_buffer text = {0};
    lot_buffer_print(&text, "a,b\n1,\"");
    for (int i = 0; i < 100000; i++) {
        lot_buffer_print(&text, "3,4\n");
    }
    read_bytes(text.at, text.size);
    expect_findings("E_QUOTE 1.2");
    lot_buffer_finish(&text);
}

static void
sheet__bytes_that_are_no_text_are_named_by_cell(void **state)
{
    (void)state;
    READ("\xE5\x8F\xB7,b\n1,x\xFFy\n2,\0\n3,4\n"); /* the titles are UTF-8, so the file is */
    expect_findings("E_ENCODING 1.2 [2]; E_NUL 2.2 [1]");
    expect_cell(3, 2, "4");
    READ("\xBA\xC5,b\n1,\xFF\x31\n"); /* GB18030 */
    expect_findings("E_ENCODING 1.2 [1]");
    assert_int_equal(sheet.encoding, SHEET_GB18030);
    READ("\xFE\xFF\0a\0,\0b\0\n\0001\0,\xD8\0\0z\0\n"); /* half of a pair */
    assert_int_equal(sheet.encoding, SHEET_UTF16BE);
    expect_findings("E_ENCODING 1.2 [1]");
    READ("\0a,b\n1,2\n");
    expect_findings("E_NUL 0.1 [1]");
    READ("a,b\0\n1,2\n");
    expect_findings("E_NUL 0.2 [2]");
    assert_int_equal(sheet.row_count, 1);
    READ("a,b\n1,x\xEF\xBF\xBDy\n"); /* lost before it came to us */
    expect_findings("E_ENCODING 1.2 [2]");
    READ("\xFF\xFE"
         "a\0,\0b\0\n\0001\0,\0002\0\n\0z"); /* half a unit at the end */
    assert_int_equal(sheet.row_count, 2);
    assert_int_equal(findings.by_code[E_ENCODING], 1);
}

static void
sheet__workbooks_are_told_from_tables(void **state)
{
    (void)state;
    READ("PK\x03\x04rest of an xlsx");
    expect_findings("E_ENCODING 0.0 xls/xlsx");
    READ("\xD0\xCF\x11\xE0\xA1\xB1");
    expect_findings("E_ENCODING 0.0 xls/xlsx");
    assert_int_equal(sheet.column_count, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(sheet__samples_hold_the_same_cells_in_every_encoding, clear),
    cmocka_unit_test_teardown(sheet__quotes_commas_and_line_breaks_are_part_of_cells, clear),
    cmocka_unit_test_teardown(sheet__cells_written_are_read_back, clear),
    cmocka_unit_test_teardown(sheet__table_saved_as_the_office_does_is_read_back, clear),
    cmocka_unit_test_teardown(sheet__line_ends_of_all_kinds_end_rows, clear),
    cmocka_unit_test_teardown(sheet__separator_is_what_the_titles_have_most, clear),
    cmocka_unit_test_teardown(sheet__cell_of_the_longest_size_is_taken, clear),
    cmocka_unit_test_teardown(sheet__as_many_rows_as_a_spreadsheet_holds, clear),
    cmocka_unit_test_teardown(sheet__too_many_columns_are_refused, clear),
    cmocka_unit_test_teardown(sheet__files_without_rows_are_named, clear),
    cmocka_unit_test_teardown(sheet__rows_of_another_width_are_kept_and_told, clear),
    cmocka_unit_test_teardown(sheet__open_quote_is_named_where_its_row_begins, clear),
    cmocka_unit_test_teardown(sheet__bytes_that_are_no_text_are_named_by_cell, clear),
    cmocka_unit_test_teardown(sheet__workbooks_are_told_from_tables, clear),
};

TEST_MAIN(tests)
