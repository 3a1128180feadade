#include "tests/test.h"

#include "lottery/canon.h"

#include <stdlib.h>
#include <string.h>

/* ---- example ---- */

static void
canon__lines_and_fields_come_apart(void **state)
{
    (void)state;
    struct lot_text rest = LOT_TEXT("a,b,\nlast\nunended"), line, fields[3];
    assert_true(lot_line(&rest, &line));
    assert_true(lot_fields(line, fields, 3));
    assert_true(lot_text_is(fields[0], "a") && lot_text_is(fields[1], "b"));
    assert_int_equal(fields[2].size, 0);
    assert_false(lot_fields(line, fields, 2));
    assert_true(lot_line(&rest, &line) && lot_text_is(line, "last"));
    assert_false(lot_line(&rest, &line));
    assert_true(lot_text_is(rest, "unended"));
    struct lot_text four[4];
    assert_false(lot_fields(LOT_TEXT("a,b,c"), four, 4));
}

static void
canon__characters_come_one_by_one(void **state)
{
    (void)state;
    struct lot_text rest = LOT_TEXT("a\xC2\xB7\xF0\xA0\x85\xA4\xFFz");
    uint32_t c = 0;
    assert_true(lot_character(&rest, &c) && c == 'a');
    assert_true(lot_character(&rest, &c) && c == 0xB7);
    assert_true(lot_character(&rest, &c) && c == 0x20164);
    assert_false(lot_character(&rest, &c));
    assert_int_equal(rest.size, 2);
    assert_int_equal(c, 0x20164);
    rest = (struct lot_text){NULL, 0};
    assert_false(lot_character(&rest, &c));
}

static void
canon__empty_line_has_one_empty_field(void **state)
{
    (void)state;
    struct lot_text field;
    assert_true(lot_fields((struct lot_text){NULL, 0}, &field, 1));
    assert_int_equal(field.size, 0);
}

static void
canon__buffer_grows_and_ends_in_nul(void **state)
{
    (void)state;
    struct lot_buffer buffer = {0};
    for (int i = 0; i < 1000; i++) {
        lot_buffer_print(&buffer, "%d,", i);
    }
    assert_int_equal(buffer.size, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(buffer.at[buffer.size], 0);
    assert_true(lot_text_starts(lot_buffer_text(&buffer), "0,1,2,"));
    lot_buffer_clear(&buffer);
    lot_buffer_add(&buffer, NULL, 0);
    assert_string_equal(buffer.at, "");
    lot_buffer_finish(&buffer);
    assert_null(buffer.at);
}

static void
canon__order_is_by_bytes(void **state)
{
    (void)state;
    assert_true(lot_text_compare(LOT_TEXT("Z"), LOT_TEXT("a")) < 0);
    assert_true(lot_text_compare(LOT_TEXT("ab"), LOT_TEXT("abc")) < 0);
    assert_true(lot_text_compare(LOT_TEXT("\xC3"), LOT_TEXT("z")) > 0);
    assert_int_equal(lot_text_compare(LOT_TEXT(""), (struct lot_text){NULL, 0}), 0);
}

static void
canon__times_go_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } known[] = {{"1970-01-01T00:00:00Z", 0},
                 {"2000-02-29T12:00:00Z", 951825600},
                 {"2026-12-01T02:00:00Z", 1796090400},
                 {"2100-03-01T00:00:00Z", 4107542400},
                 {"9999-12-31T23:59:59Z", 253402300799}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int64_t seconds = -1;
        char text[CANON_TIME_SIZE + 1];
        assert_true(canon_time(lot_text(known[i].text), &seconds));
        assert_int_equal(seconds, known[i].seconds);
        canon_time_text(seconds, text);
        assert_string_equal(text, known[i].text);
    }
    /* Every day of 400 years and a bit, so that no leap rule is missed. */
    for (int64_t day = 0; day < 160000; day++) {
        char text[CANON_TIME_SIZE + 1];
        int64_t back = -1;
        canon_time_text(day * 86400 + 86399, text);
        assert_true(canon_time(lot_text(text), &back));
        assert_int_equal(back, day * 86400 + 86399);
    }
}

/* ---- limits ---- */

static void
canon__grammars_at_their_edges(void **state)
{
    (void)state;
    uint32_t number = 7;
    assert_true(canon_code(LOT_TEXT("abcdefghijklmnopqrstuvwx")));
    assert_false(canon_code(LOT_TEXT("abcdefghijklmnopqrstuvwxy")));
    assert_false(canon_code(LOT_TEXT("")));
    assert_false(canon_code(LOT_TEXT("a.b")));
    assert_true(canon_entry_id(LOT_TEXT("00AZ")) && !canon_entry_id(LOT_TEXT("00A")));
    assert_false(canon_entry_id(LOT_TEXT("abcd")));
    assert_true(canon_home_id(LOT_TEXT("1-0002")) && !canon_home_id(LOT_TEXT("-1")));
    assert_true(canon_draw(LOT_TEXT("HRB")) && !canon_draw(LOT_TEXT("HR")));
    assert_true(canon_origin(LOT_TEXT("a.b-c")) && !canon_origin(LOT_TEXT("A.b")));
    assert_true(canon_number(LOT_TEXT("999999999"), &number) && number == 999999999);
    assert_true(canon_number(LOT_TEXT("0"), &number) && number == 0);
    assert_false(canon_number(LOT_TEXT("1000000000"), &number));
    assert_false(canon_number(LOT_TEXT("01"), &number));
    assert_false(canon_number(LOT_TEXT("-1"), &number));
    assert_false(canon_number(LOT_TEXT(""), &number));
    assert_int_equal(number, 0);
    assert_true(canon_decimal(LOT_TEXT("0.5")) && canon_decimal(LOT_TEXT("999999999.99")));
    assert_true(canon_decimal(LOT_TEXT("70")) && !canon_decimal(LOT_TEXT("70.")));
    assert_false(canon_decimal(LOT_TEXT(".5")));
    assert_false(canon_decimal(LOT_TEXT("1.234")));
    assert_false(canon_decimal(LOT_TEXT("1.2.3")));
    assert_true(canon_hex(LOT_TEXT("00ff"), 4) && !canon_hex(LOT_TEXT("00FF"), 4));
    assert_true(canon_person_number(LOT_TEXT("H-1234")));
    assert_false(canon_person_number(LOT_TEXT("H1234")));
    assert_true(canon_ascii(LOT_TEXT(" ~")) && !canon_ascii(LOT_TEXT("\x7F")));
}

static void
canon__times_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00z", "2026-1-01T00:00:00ZZ", "2026-01-01T00:00:00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t seconds = 42;
        assert_false(canon_time(lot_text(bad[i]), &seconds));
        assert_int_equal(seconds, 42);
    }
}

static void
canon__utf8_has_one_spelling(void **state)
{
    (void)state;
    assert_true(canon_utf8(LOT_TEXT("a\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")));
    static const char *const bad[] = {"\xC0\x80",     "\xC1\xBF",         "\xE0\x9F\xBF",
                                      "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                                      "\x80",         "\xE4\xB8",         "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(canon_utf8(lot_text(bad[i])));
    }
}

static void
canon__unseen_characters_are_refused(void **state)
{
    (void)state;
    static const uint32_t edges[][2] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},
                                        {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
                                        {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}};
    for (uint32_t c = 0; c < 0x11000; c++) {
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        bool refused = false;
        for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
            refused = refused || (c >= edges[i][0] && c <= edges[i][1]);
        }
        char text[4];
        size_t size = 0;
        if (c < 0x80) {
            text[size++] = (char)c;
        } else if (c < 0x800) {
            text[size++] = (char)(0xC0 | c >> 6);
            text[size++] = (char)(0x80 | (c & 63));
        } else if (c < 0x10000) {
            text[size++] = (char)(0xE0 | c >> 12);
            text[size++] = (char)(0x80 | (c >> 6 & 63));
            text[size++] = (char)(0x80 | (c & 63));
        } else {
            text[size++] = (char)(0xF0 | c >> 18);
            text[size++] = (char)(0x80 | (c >> 12 & 63));
            text[size++] = (char)(0x80 | (c >> 6 & 63));
            text[size++] = (char)(0x80 | (c & 63));
        }
        assert_int_equal(canon_people((struct lot_text){text, size}), !refused);
    }
}

/* ---- bytes as text ---- */

static void
canon__base64_goes_both_ways_and_has_one_spelling(void **state)
{
    (void)state;
    uint8_t bytes[64], back[64];
    char text[CANON_BASE64_SIZE(64) + 1];
    for (size_t size = 0; size <= 64; size++) {
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)(37 * i + 11 * size);
        }
        canon_to_base64(bytes, size, text);
        assert_int_equal(strlen(text), CANON_BASE64_SIZE(size));
        size_t got = 99;
        assert_true(canon_from_base64(lot_text(text), back, sizeof back, &got));
        assert_int_equal(got, size);
        assert_memory_equal(back, bytes, size);
    }
    static const char *const bad[] = {
        "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA=A", "AAA-", "AA\n=", "AAAA=", "=AAA"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t got = 99;
        assert_false(canon_from_base64(lot_text(bad[i]), back, sizeof back, &got));
        assert_int_equal(got, 99);
    }
    size_t got = 99;
    assert_false(canon_from_base64(LOT_TEXT("AAAA"), back, 2, &got));
}

static void
canon__hex_and_numbers_go_both_ways(void **state)
{
    (void)state;
    const uint8_t bytes[4] = {0x00, 0x7F, 0xA5, 0xFF};
    uint8_t back[8] = {0};
    char text[9];
    canon_to_hex(bytes, 4, text);
    assert_string_equal(text, "007fa5ff");
    assert_true(canon_from_hex(lot_text(text), back, 4));
    assert_memory_equal(back, bytes, 4);
    assert_false(canon_from_hex(LOT_TEXT("007FA5FF"), back, 4));
    canon_put_u64(UINT64_C(0x0102030405060708), back);
    assert_int_equal(back[0], 1);
    assert_int_equal(back[7], 8);
    assert_true(canon_get_u64(back) == UINT64_C(0x0102030405060708));
}

static void
canon__text_from_outside_is_shown_safely(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"HRB-1", "HRB-1"},
        {"\xE4\xB8\xA4\xE5\xAE\xA4", "\xE4\xB8\xA4\xE5\xAE\xA4"},
        {"a\x1B[2Jb\r\n", "a?[2Jb??"},
        {"\xFF\xE4\xB8", "???"},
        {"\xE2\x80\xAE"
         "evil",
         "?evil"},
        {"0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789"},
        {"01234567890123456789012345678901234567890",
         "0123456789012345678901234567890123456789..."},
        {"012345678901234567890123456789012345678\xF0\xA0\x85\xA4z",
         "012345678901234567890123456789012345678\xF0\xA0\x85\xA4..."},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char shown[CANON_SHOWN_SIZE];
        assert_string_equal(canon_shown(lot_text(pairs[i][0]), shown), pairs[i][1]);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(canon__text_from_outside_is_shown_safely),
    cmocka_unit_test(canon__lines_and_fields_come_apart),
    cmocka_unit_test(canon__characters_come_one_by_one),
    cmocka_unit_test(canon__empty_line_has_one_empty_field),
    cmocka_unit_test(canon__buffer_grows_and_ends_in_nul),
    cmocka_unit_test(canon__order_is_by_bytes),
    cmocka_unit_test(canon__times_go_both_ways),
    cmocka_unit_test(canon__grammars_at_their_edges),
    cmocka_unit_test(canon__times_that_are_none),
    cmocka_unit_test(canon__utf8_has_one_spelling),
    cmocka_unit_test(canon__unseen_characters_are_refused),
    cmocka_unit_test(canon__base64_goes_both_ways_and_has_one_spelling),
    cmocka_unit_test(canon__hex_and_numbers_go_both_ways),
};

TEST_MAIN(tests)
