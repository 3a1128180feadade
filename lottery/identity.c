/*
 * identity.c - hides how identity numbers are written wrong.
 *
 * Layout of the 18 places (GB 11643-1999): area of 6 digits, birth yyyymmdd, serial
 * of 3 (odd = male), check digit by ISO 7064 MOD 11-2. The 15-digit form of 1989
 * lacks the century and the check digit. Residence permits of Hong Kong, Macau and
 * Taiwan residents have the areas 810000, 820000, 830000; the permanent-resident
 * card of 2023 begins with 9, then province (2) and country (3), then the same.
 *
 * The order of the checks decides which single code a bad number gets; it is the
 * order of the functions below.
 */
#include "lottery/identity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define RAW_MAX 64 /* characters looked at: longer cells have the wrong length anyway */
#define BIRTH_MIN 18000101
#define AREAS_MAX 10000 /* the country has some 3,500 codes, with retired ones 6,000 */

enum area_status { AREA_CURRENT, AREA_RETIRED, AREA_UNKNOWN };

struct area {
    uint32_t code;
    bool retired;
};

struct identity_areas {
    uint32_t count;
    struct area *items; /* by code */
};

/* ---- areas ---- */

static bool
read_area(struct lot_text line, struct area *out, struct lot_error *error)
{
    struct lot_text fields[4];
    if (!lot_fields(line, fields, 4) || fields[0].size != 6 ||
        !canon_number(fields[0], &out->code)) {
        return lot_fail(error, LOT_REFUSED, "expected a line like `230102,name,current,note`");
    }
    out->retired = lot_text_is(fields[2], "retired");
    if (!out->retired && !lot_text_is(fields[2], "current") && !lot_text_is(fields[2], "test")) {
        return lot_fail(error, LOT_REFUSED, "status must be current, retired or test");
    }
    return true;
}

static int
compare_areas(const void *a, const void *b)
{
    uint32_t left = ((const struct area *)a)->code, right = ((const struct area *)b)->code;
    return (left > right) - (left < right);
}

bool
identity_areas_read(struct lot_text text, struct identity_areas **out, struct lot_error *error)
{
    assert(out != NULL);
    struct identity_areas *areas = lot_alloc(1, sizeof *areas);
    struct lot_text line;
    areas->items = lot_alloc(AREAS_MAX, sizeof areas->items[0]);
    if (!lot_line(&text, &line) || !lot_text_is(line, "code,name,status,note")) {
        lot_fail(error, LOT_REFUSED, "areas line 1: expected `code,name,status,note`");
        goto out;
    }
    while (lot_line(&text, &line)) {
        if (areas->count == AREAS_MAX) {
            lot_fail(error, LOT_REFUSED, "areas: more than %d lines", AREAS_MAX);
            goto out;
        }
        if (!read_area(line, &areas->items[areas->count], error)) {
            lot_fail_at(error, "areas line %u", areas->count + 2);
            goto out;
        }
        areas->count++;
    }
    if (text.size > 0) {
        lot_fail(error, LOT_REFUSED, "areas line %u: the line has no end", areas->count + 2);
        goto out;
    }
    qsort(areas->items, areas->count, sizeof areas->items[0], compare_areas);
    *out = areas;
    return true;
out:
    identity_areas_destroy(areas);
    return false;
}

void
identity_areas_destroy(struct identity_areas *areas)
{
    if (areas != NULL) {
        free(areas->items);
        free(areas);
    }
}

/* A table answers only for prefectures of which it has a code. */
static enum area_status
area_status(const struct identity_areas *areas, uint32_t code)
{
    if (areas == NULL) {
        return AREA_CURRENT;
    }
    uint32_t low = 0, high = areas->count; /* the first item that is not below code */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (areas->items[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < areas->count && areas->items[low].code == code) {
        return areas->items[low].retired ? AREA_RETIRED : AREA_CURRENT;
    }
    bool covered = (low < areas->count && areas->items[low].code / 100 == code / 100) ||
                   (low > 0 && areas->items[low - 1].code / 100 == code / 100);
    return covered ? AREA_UNKNOWN : AREA_CURRENT;
}

/* GB/T 2260: provinces and the like, by their first two digits. */
static bool
is_province(uint32_t code)
{
    static const uint8_t last[10] = {0, 5, 3, 7, 6, 4, 5, 1, 0, 0};
    return code < 100 && code % 10 >= 1 && code % 10 <= last[code / 10];
}

/* ---- characters ---- */

/* What stands in the cell, character by character. */
struct raw {
    uint32_t at[RAW_MAX];
    uint32_t count; /* RAW_MAX when there are more */
};

static void
note(struct identity *out, enum finding_code code)
{
    for (uint32_t i = 0; i < out->code_count; i++) {
        if (out->codes[i] == code) {
            return;
        }
    }
    assert(out->code_count < IDENTITY_CODES_MAX);
    out->codes[out->code_count++] = code;
}

/* A refused number has one code and nothing else. */
static bool
refuse(struct identity *out, enum finding_code code, uint32_t at)
{
    *out = (struct identity){.code_count = 1, .codes = {code}, .at = at};
    return false;
}

static bool
is_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019 || c == 0xFF07;
}

static bool
is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* Characters of other scripts that are drawn like X or 0. */
static bool
is_look_alike(uint32_t c)
{
    static const uint32_t drawn_alike[] = {0xD7,   0x3A7,  0x3C7,  0x425,  0x445, 0x2169,
                                           0x2179, 0x2573, 0x2715, 0x2716, 0x39F, 0x3BF,
                                           0x41E,  0x43E,  0x3007, 0x25CB};
    for (size_t i = 0; i < sizeof drawn_alike / sizeof drawn_alike[0]; i++) {
        if (c == drawn_alike[i]) {
            return true;
        }
    }
    return false;
}

static void
drop_front(struct raw *raw, uint32_t count)
{
    raw->count -= count;
    memmove(raw->at, raw->at + count, raw->count * sizeof raw->at[0]);
}

/* Takes off what spreadsheets put around a number; nothing that could change it. */
static void
normalise(struct lot_text text, struct raw *raw, struct identity *out)
{
    uint32_t c;
    bool blank = false, first = true;
    for (; raw->count < RAW_MAX && lot_character(&text, &c); first = false) {
        if (first && c == 0xFEFF) {
            note(out, N_BOM);
        } else if (lot_is_blank(c)) {
            blank = true;
        } else {
            raw->at[raw->count++] = c;
        }
    }
    if (blank) {
        note(out, N_SPACE);
    }
    if (raw->count > 0 && is_apostrophe(raw->at[0])) {
        drop_front(raw, 1);
        note(out, N_APOSTROPHE);
    }
    if (raw->count >= 3 && raw->at[0] == '=' && raw->at[1] == '"' &&
        raw->at[raw->count - 1] == '"') {
        raw->count--;
        drop_front(raw, 2);
        note(out, N_FORMULA_TEXT);
    }
    for (uint32_t i = 0; i < raw->count; i++) {
        if (raw->at[i] > 0xFF00 && raw->at[i] < 0xFF5F) {
            raw->at[i] -= 0xFEE0;
            note(out, N_FULLWIDTH);
        }
    }
    if (raw->count > 0 && raw->at[raw->count - 1] == 'x') {
        raw->at[raw->count - 1] = 'X';
        note(out, N_CASE);
    }
}

/* 2.30199E+17 */
static bool
is_scientific(const struct raw *raw)
{
    uint32_t i = 0;
    while (i < raw->count && (is_digit(raw->at[i]) || raw->at[i] == '.')) {
        i++;
    }
    if (i == 0 || i + 1 >= raw->count || (raw->at[i] != 'E' && raw->at[i] != 'e')) {
        return false;
    }
    i += raw->at[i + 1] == '+' || raw->at[i + 1] == '-' ? 2 : 1;
    uint32_t exponent = i;
    while (i < raw->count && is_digit(raw->at[i])) {
        i++;
    }
    return i == raw->count && i > exponent;
}

/* One to three letters and then digits, as passports and travel permits have it. */
static bool
is_other_paper(const struct raw *raw)
{
    uint32_t i = 0;
    while (i < raw->count && ((raw->at[i] | 0x20) >= 'a' && (raw->at[i] | 0x20) <= 'z')) {
        i++;
    }
    uint32_t letters = i;
    while (i < raw->count && is_digit(raw->at[i])) {
        i++;
    }
    return letters >= 1 && letters <= 3 && i == raw->count && i - letters >= 6 && i - letters <= 12;
}

/* ---- the number itself ---- */

static uint32_t
digits(const char *at, uint32_t count)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        value = value * 10 + (uint32_t)(at[i] - '0');
    }
    return value;
}

static bool
is_date(uint32_t day)
{
    static const uint8_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year = day / 10000, month = day / 100 % 100, last;
    if (day < BIRTH_MIN || month < 1 || month > 12) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    last = month == 2 && leap ? 29 : month_days[month - 1];
    return day % 100 >= 1 && day % 100 <= last;
}

static char
check_digit(const char *number)
{
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 17; i++) {
        sum += weights[i] * digits(number + i, 1);
    }
    return "10X98765432"[sum % 11];
}

static bool
kind_of(const char *number, enum identity_kind *out)
{
    uint32_t area = digits(number, 6);
    *out = area == 810000                                         ? IDENTITY_PERMIT_HK
           : area == 820000                                       ? IDENTITY_PERMIT_MACAU
           : area == 830000                                       ? IDENTITY_PERMIT_TAIWAN
           : area / 100000 == 9 && is_province(area / 1000 % 100) ? IDENTITY_PERMANENT
                                                                  : IDENTITY_RESIDENT18;
    return *out != IDENTITY_RESIDENT18 || is_province(area / 10000);
}

/* What an officer should look at, once the number is known to be one. */
static void
doubt(const char *number, uint32_t as_of, const struct identity_areas *areas, struct identity *out)
{
    bool resident = out->kind == IDENTITY_RESIDENT18 || out->kind == IDENTITY_RESIDENT15;
    if (resident) {
        enum area_status status = area_status(areas, digits(number, 6));
        if (status != AREA_CURRENT) {
            note(out, status == AREA_RETIRED ? W_AREA_RETIRED : W_AREA_UNKNOWN);
        }
    }
    if (out->kind == IDENTITY_RESIDENT15 && digits(number + 14, 3) >= 996) {
        note(out, W_LEGACY_CENTENARIAN_SERIAL);
    }
    uint32_t age = (as_of - out->birth) / 10000; /* whole years, for both are yyyymmdd */
    if (age < IDENTITY_CAPACITY_AGE) {
        note(out, W_MINOR);
    } else if (age > 110 && resident) {
        note(out, W_AGE_OVER_110);
    }
}

static bool
read_places(const struct raw *raw, uint32_t as_of, const struct identity_areas *areas,
            struct identity *out)
{
    char number[18 + 1] = "";
    for (uint32_t i = 0; i < raw->count; i++) {
        bool last = i + 1 == raw->count;
        if (!is_digit(raw->at[i]) && !(last && raw->at[i] == 'X' && raw->count != 15)) {
            return refuse(out, E_CHAR, i + 1);
        }
    }
    if (raw->count != 15 && raw->count != 18) {
        return refuse(out, E_LEN, 0);
    }
    bool legacy = raw->count == 15;
    for (uint32_t i = 0, to = 0; i < raw->count; i++) {
        if (legacy && i == 6) {
            number[to++] = '1';
            number[to++] = '9';
        }
        number[to++] = (char)raw->at[i];
    }
    enum identity_kind kind;
    uint32_t birth = digits(number + 6, 8);
    if (!kind_of(number, &kind)) {
        return refuse(out, E_AREA, 0);
    }
    if (!is_date(birth)) {
        return refuse(out, E_DATE, 0);
    }
    if (birth > as_of) {
        return refuse(out, E_FUTURE, 0);
    }
    char check = check_digit(number);
    if (legacy) {
        number[17] = check;
        note(out, N_LEGACY15);
    } else if (number[17] != check) {
        return refuse(out, strcmp(number + 15, "000") == 0 ? E_PRECISION_LOSS : E_CHECK, 0);
    }
    out->kind = legacy && kind == IDENTITY_RESIDENT18 ? IDENTITY_RESIDENT15 : kind;
    out->birth = birth;
    out->male = digits(number + 16, 1) % 2 == 1;
    memcpy(out->number, number, sizeof number);
    doubt(number, as_of, areas, out);
    return true;
}

bool
identity_read(struct lot_text cell, uint32_t as_of, const struct identity_areas *areas,
              struct identity *out)
{
    assert(out != NULL && is_date(as_of));
    struct raw raw = {.count = 0};
    *out = (struct identity){0};
    normalise(cell, &raw, out);
    if (raw.count == 0) {
        return refuse(out, E_EMPTY, 0);
    }
    if (is_scientific(&raw)) {
        return refuse(out, E_SCIENTIFIC, 0);
    }
    if (is_other_paper(&raw)) {
        return refuse(out, E_KIND, 0);
    }
    for (uint32_t i = 0; i < raw.count; i++) {
        if (is_look_alike(raw.at[i])) {
            return refuse(out, E_HOMOGLYPH, i + 1);
        }
    }
    return read_places(&raw, as_of, areas, out);
}

bool
identity_read_other(struct lot_text cell, struct identity *out)
{
    assert(out != NULL);
    struct raw raw = {.count = 0};
    char number[IDENTITY_NUMBER_MAX + 1] = "";
    *out = (struct identity){.kind = IDENTITY_OTHER};
    normalise(cell, &raw, out);
    if (raw.count == 0) {
        return refuse(out, E_EMPTY, 0);
    }
    if (is_scientific(&raw)) {
        return refuse(out, E_SCIENTIFIC, 0);
    }
    for (uint32_t i = 0; i < raw.count; i++) {
        uint32_t c = raw.at[i];
        if (c >= 'a' && c <= 'z') {
            c -= 'a' - 'A';
            note(out, N_CASE);
        }
        if (!is_digit(c) && !(c >= 'A' && c <= 'Z') && c != '-') {
            return refuse(out, is_look_alike(c) ? E_HOMOGLYPH : E_CHAR, i + 1);
        }
        if (i < IDENTITY_NUMBER_MAX) {
            number[i] = (char)c;
        }
    }
    if (raw.count < 6 || raw.count > IDENTITY_NUMBER_MAX) {
        return refuse(out, E_LEN, 0);
    }
    memcpy(out->number, number, sizeof number);
    return true;
}

const char *
identity_kind_name(enum identity_kind kind)
{
    static const char *const names[] = {
        [IDENTITY_RESIDENT18] = "resident18",
        [IDENTITY_RESIDENT15] = "resident15",
        [IDENTITY_PERMIT_HK] = "residence_permit_hk",
        [IDENTITY_PERMIT_MACAU] = "residence_permit_macau",
        [IDENTITY_PERMIT_TAIWAN] = "residence_permit_taiwan",
        [IDENTITY_PERMANENT] = "permanent_resident",
        [IDENTITY_OTHER] = "other",
    };
    assert((unsigned)kind < sizeof names / sizeof names[0]);
    return names[kind];
}

/* ---- masks ---- */

/* Shows the first `front` and the last `back` of the characters, stars between. */
static void
mask(struct lot_text text, uint32_t front, uint32_t back, uint32_t dot, struct lot_buffer *out)
{
    struct lot_text rest = text;
    uint32_t c, count = 0, place = 0;
    while (lot_character(&rest, &c)) {
        count += c != dot;
    }
    for (rest = text;;) {
        const char *at = rest.at;
        if (!lot_character(&rest, &c)) {
            return;
        }
        place += c != dot;
        bool shown = c == dot || place <= front || place > count - (back < count ? back : count);
        lot_buffer_put(out, shown ? (struct lot_text){at, (size_t)(rest.at - at)} : LOT_TEXT("*"));
    }
}

void
identity_mask_number(struct lot_text number, struct lot_buffer *out)
{
    assert(out != NULL);
    bool national = number.size == 15 || number.size == 18;
    for (size_t i = 0; national && i < number.size; i++) {
        national = is_digit((unsigned char)number.at[i]) || (i == 17 && number.at[i] == 'X');
    }
    if (national) {
        mask(number, 4, 4, UINT32_MAX, out);
    } else if (number.size <= 3) { /* nothing would be hidden */
        mask(number, 0, 0, UINT32_MAX, out);
    } else {
        mask(number, 1, 2, UINT32_MAX, out);
    }
}

void
identity_mask_name(struct lot_text name, struct lot_buffer *out)
{
    assert(out != NULL);
    struct lot_text rest = name;
    uint32_t c, count = 0;
    while (lot_character(&rest, &c)) {
        count += c != 0xB7;
    }
    mask(name, count >= 2, count >= 3, 0xB7, out);
}
