/*
 * canon.c - hides byte layout: which spellings of a thing are the thing itself.
 *
 * Nothing here knows the draw. Each grammar accepts exactly one spelling, so that
 * what two programs read alike they also write alike.
 */
#include "lottery/canon.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory --------------------------------------------------------------------------------- */

static void *
must(void *memory)
{
    if (memory == NULL) {
        /* Not lot_fail(): no caller could do anything but stop, and here nothing is half-written.
         */
        fputs("out of memory: nothing was changed; close other programs and try again\n", stderr);
        _Exit(3);
    }
    return memory;
}

void *
lot_alloc(size_t count, size_t size)
{
    return must(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *
lot_realloc(void *old, size_t count, size_t size)
{
    assert(size > 0);
    if (count > SIZE_MAX / size) {
        return must(NULL);
    }
    return must(realloc(old, count == 0 ? 1 : count * size));
}

/* ---- slices --------------------------------------------------------------------------------- */

struct lot_text
lot_text(const char *string)
{
    assert(string != NULL);
    return (struct lot_text){string, strlen(string)};
}

struct lot_text
lot_buffer_text(const struct lot_buffer *buffer)
{
    return (struct lot_text){buffer->at, buffer->size};
}

int
lot_text_compare(struct lot_text a, struct lot_text b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size == 0 ? 0 : memcmp(a.at, b.at, size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

bool
lot_text_same(struct lot_text a, struct lot_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

bool
lot_text_is(struct lot_text text, const char *string)
{
    return lot_text_same(text, lot_text(string));
}

bool
lot_text_starts(struct lot_text text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && (size == 0 || memcmp(text.at, prefix, size) == 0);
}

bool
lot_line(struct lot_text *rest, struct lot_text *line)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);
    if (end == NULL) {
        return false;
    }
    size_t size = (size_t)(end - rest->at);
    *line = (struct lot_text){rest->at, size};
    *rest = (struct lot_text){end + 1, rest->size - size - 1};
    return true;
}

bool
lot_piece(struct lot_text *rest, char mark, struct lot_text *piece)
{
    if (rest->at == NULL) {
        return false;
    }
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, mark, rest->size);
    if (end == NULL) {
        *piece = *rest;
        *rest = (struct lot_text){NULL, 0};
        return true;
    }
    size_t size = (size_t)(end - rest->at);
    *piece = (struct lot_text){rest->at, size};
    *rest = (struct lot_text){end + 1, rest->size - size - 1};
    return true;
}

bool
lot_fields(struct lot_text line, struct lot_text fields[], size_t count)
{
    assert(count > 0);
    const char *at = line.at == NULL ? "" : line.at, *end = at + line.size;
    for (size_t i = 0; i + 1 < count; i++) {
        const char *start = at;
        while (at < end && *at != ',') { /* most fields are too short for a call of memchr() */
            at++;
        }
        if (at == end) {
            return false;
        }
        fields[i] = (struct lot_text){start, (size_t)(at - start)};
        at++;
    }
    fields[count - 1] = (struct lot_text){at, (size_t)(end - at)};
    return memchr(at, ',', (size_t)(end - at)) == NULL;
}

/* ---- buffers -------------------------------------------------------------------------------- */

/* A call through it cannot be dropped, as a plain memset before free() would be. */
static void *(*const volatile wipe)(void *, int, size_t) = memset;

static void
make_room(struct lot_buffer *buffer, size_t size)
{
    assert(size < SIZE_MAX / 4 && buffer->size < SIZE_MAX / 4);
    size_t needed = buffer->size + size + 1;
    if (needed <= buffer->room) {
        return;
    }
    size_t room = buffer->room < 256 ? 256 : buffer->room;
    while (room < needed) {
        room *= 2;
    }
    /* Not realloc(): buffers hold secrets too, and it would leave an old copy behind. */
    char *at = lot_alloc(room, 1);
    if (buffer->size > 0) {
        memcpy(at, buffer->at, buffer->size);
    }
    size_t used = buffer->size;
    lot_buffer_finish(buffer);
    *buffer = (struct lot_buffer){at, used, room};
}

void
lot_buffer_add(struct lot_buffer *buffer, const void *bytes, size_t size)
{
    make_room(buffer, size);
    if (size > 0) {
        memcpy(buffer->at + buffer->size, bytes, size);
    }
    buffer->size += size;
    buffer->at[buffer->size] = '\0';
}

void
lot_buffer_put(struct lot_buffer *buffer, struct lot_text text)
{
    lot_buffer_add(buffer, text.at, text.size);
}

void
lot_buffer_print(struct lot_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    make_room(buffer, (size_t)size);
    va_start(arguments, format);
    vsnprintf(buffer->at + buffer->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)size;
}

void
lot_buffer_clear(struct lot_buffer *buffer)
{
    buffer->size = 0;
    if (buffer->at != NULL) {
        buffer->at[0] = '\0';
    }
}

void
lot_buffer_finish(struct lot_buffer *buffer)
{
    if (buffer == NULL || buffer->at == NULL) {
        return;
    }
    /* All of the room, for what was cleared may have been a secret. */
    wipe(buffer->at, 0, buffer->room);
    free(buffer->at);
    *buffer = (struct lot_buffer){0};
}

/* ---- grammars ------------------------------------------------------------------------------- */

/* Takes one character off the front; 0 bytes taken means malformed. */
static size_t
character(const unsigned char *at, size_t size, uint32_t *out)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = at[0];
    size_t wide = first < 0x80             ? 1
                  : (first & 0xE0) == 0xC0 ? 2
                  : (first & 0xF0) == 0xE0 ? 3
                  : (first & 0xF8) == 0xF0 ? 4
                                           : 0;
    if (wide == 0 || wide > size) {
        return 0;
    }
    uint32_t value = wide == 1 ? first : first & (0x7Fu >> wide);
    for (size_t i = 1; i < wide; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (at[i] & 0x3Fu);
    }
    if (value < least[wide] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *out = value;
    return wide;
}

/*
 * Controls, and what turns, joins, hides or marks text unseen: two titles must not
 * look alike and differ, nor show other words than were hashed.
 */
static bool
refused(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB);
}

bool
lot_character(struct lot_text *rest, uint32_t *out)
{
    assert(rest != NULL && out != NULL);
    uint32_t c = 0;
    size_t wide = rest->size == 0 ? 0 : character((const unsigned char *)rest->at, rest->size, &c);
    if (wide == 0) {
        return false;
    }
    *rest = (struct lot_text){rest->at + wide, rest->size - wide};
    *out = c;
    return true;
}

bool
lot_is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x202F || c == 0x3000;
}

bool
canon_utf8(struct lot_text text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t i = 0, wide; i < text.size; i += wide) {
        uint32_t c;
        wide = character(at + i, text.size - i, &c);
        if (wide == 0) {
            return false;
        }
    }
    return true;
}

bool
canon_people(struct lot_text text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t i = 0, wide; i < text.size; i += wide) {
        uint32_t c;
        wide = character(at + i, text.size - i, &c);
        if (wide == 0 || refused(c)) {
            return false;
        }
    }
    return true;
}

const char *
canon_shown(struct lot_text text, char out[static CANON_SHOWN_SIZE])
{
    size_t size = 0;
    for (size_t i = 0, wide; i < text.size; i += wide) {
        uint32_t c;
        wide = character((const unsigned char *)text.at + i, text.size - i, &c);
        bool good = wide > 0 && !refused(c);
        if (wide == 0) {
            wide = 1;
        }
        if (size >= 40) {
            memcpy(out + size, "...", 3);
            size += 3;
            break;
        }
        memcpy(out + size, good ? text.at + i : "?", good ? wide : 1);
        size += good ? wide : 1;
    }
    out[size] = '\0';
    return out;
}

enum {
    DIGIT = 1,
    UPPER = 2,
    LOWER = 4,
    HEX = 8, /* a..f */
    DASH = 16,
    UNDERSCORE = 32,
    DOT = 64,
};

#define HEX_LETTER (LOWER | HEX)

/* A table, not comparisons: frozen files are millions of commits of 64 characters each. */
static const uint8_t classes[256] = {
    ['-'] = DASH,       ['.'] = DOT,        ['_'] = UNDERSCORE, ['0'] = DIGIT,
    ['1'] = DIGIT,      ['2'] = DIGIT,      ['3'] = DIGIT,      ['4'] = DIGIT,
    ['5'] = DIGIT,      ['6'] = DIGIT,      ['7'] = DIGIT,      ['8'] = DIGIT,
    ['9'] = DIGIT,      ['A'] = UPPER,      ['B'] = UPPER,      ['C'] = UPPER,
    ['D'] = UPPER,      ['E'] = UPPER,      ['F'] = UPPER,      ['G'] = UPPER,
    ['H'] = UPPER,      ['I'] = UPPER,      ['J'] = UPPER,      ['K'] = UPPER,
    ['L'] = UPPER,      ['M'] = UPPER,      ['N'] = UPPER,      ['O'] = UPPER,
    ['P'] = UPPER,      ['Q'] = UPPER,      ['R'] = UPPER,      ['S'] = UPPER,
    ['T'] = UPPER,      ['U'] = UPPER,      ['V'] = UPPER,      ['W'] = UPPER,
    ['X'] = UPPER,      ['Y'] = UPPER,      ['Z'] = UPPER,      ['a'] = HEX_LETTER,
    ['b'] = HEX_LETTER, ['c'] = HEX_LETTER, ['d'] = HEX_LETTER, ['e'] = HEX_LETTER,
    ['f'] = HEX_LETTER, ['g'] = LOWER,      ['h'] = LOWER,      ['i'] = LOWER,
    ['j'] = LOWER,      ['k'] = LOWER,      ['l'] = LOWER,      ['m'] = LOWER,
    ['n'] = LOWER,      ['o'] = LOWER,      ['p'] = LOWER,      ['q'] = LOWER,
    ['r'] = LOWER,      ['s'] = LOWER,      ['t'] = LOWER,      ['u'] = LOWER,
    ['v'] = LOWER,      ['w'] = LOWER,      ['x'] = LOWER,      ['y'] = LOWER,
    ['z'] = LOWER,
};

/* Whether text has least..most characters, all of these classes. */
static bool
made_of(struct lot_text text, unsigned allowed, size_t least, size_t most)
{
    if (text.size < least || text.size > most) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < text.size; i++) {
        good &= (classes[(unsigned char)text.at[i]] & allowed) != 0;
    }
    return good;
}

bool
canon_code(struct lot_text text)
{
    return made_of(text, DIGIT | UPPER | LOWER | UNDERSCORE | DASH, 1, 24);
}

bool
canon_ascii(struct lot_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < 0x20 || text.at[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

bool
canon_hex(struct lot_text text, size_t size)
{
    if (text.size != size) {
        return false;
    }
    uint8_t bad = 0; /* no early end: the compiler takes many characters at once */
    for (size_t i = 0; i < size; i++) {
        uint8_t digit = (uint8_t)(text.at[i] - '0'), letter = (uint8_t)(text.at[i] - 'a');
        bad |= (uint8_t)((digit > 9) & (letter > 5));
    }
    return bad == 0;
}

bool
canon_entry_id(struct lot_text text)
{
    return made_of(text, DIGIT | UPPER, 4, 24);
}

bool
canon_home_id(struct lot_text text)
{
    return made_of(text, DIGIT | UPPER | DASH, 1, 24) && text.at[0] != '-';
}

bool
canon_draw(struct lot_text text)
{
    return made_of(text, DIGIT | UPPER | DASH, 3, 32) && text.at[0] != '-';
}

bool
canon_origin(struct lot_text text)
{
    return made_of(text, DIGIT | LOWER | DOT | DASH, 1, 64);
}

bool
canon_person_number(struct lot_text text)
{
    return made_of(text, DIGIT | UPPER | DASH, 6, 24);
}

bool
canon_number(struct lot_text text, uint32_t *out)
{
    if (!made_of(text, DIGIT, 1, 9) || (text.size > 1 && text.at[0] == '0')) {
        return false;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        value = value * 10 + (uint32_t)(text.at[i] - '0');
    }
    *out = value;
    return true;
}

bool
canon_decimal(struct lot_text text)
{
    struct lot_text rest = {text.at == NULL ? "" : text.at, text.size};
    struct lot_text whole;
    uint32_t value;
    return lot_piece(&rest, '.', &whole) && canon_number(whole, &value) &&
           (rest.at == NULL || made_of(rest, DIGIT, 1, 2));
}

/* ---- time ----------------------------------------------------------------------------------- */

static bool
leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
month_days(int64_t year, int64_t month)
{
    static const int64_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

/* Days from 1970-01-01 to the first of January of the year, 1970..9999. */
static int64_t
year_days(int64_t year)
{
    int64_t before = year - 1;
    return (year - 1970) * 365 + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 19 + 4);
}

/* Two decimal digits, or a number above all that are asked for. */
static int64_t
two(const char *at)
{
    unsigned tens = (unsigned char)at[0] - '0', ones = (unsigned char)at[1] - '0';
    return tens <= 9 && ones <= 9 ? (int64_t)(tens * 10 + ones) : 1000000;
}

bool
canon_time(struct lot_text text, int64_t *out)
{
    static const int64_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const char *at = text.at;
    if (text.size != CANON_TIME_SIZE || at[4] != '-' || at[7] != '-' || at[10] != 'T' ||
        at[13] != ':' || at[16] != ':' || at[19] != 'Z') {
        return false;
    }
    int64_t year = two(at) * 100 + two(at + 2), month = two(at + 5), day = two(at + 8);
    int64_t hour = two(at + 11), minute = two(at + 14), second = two(at + 17);
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    int64_t days = year_days(year) + before[month - 1] + (month > 2 && leap(year)) + day - 1;
    *out = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

void
canon_time_text(int64_t seconds, char out[static CANON_TIME_SIZE + 1])
{
    assert(seconds >= 0 && seconds < INT64_C(253402300800)); /* up to the end of 9999 */
    int64_t days = seconds / 86400, rest = seconds % 86400;
    int64_t year = 1970 + days / 366;
    while (year_days(year + 1) <= days) {
        year++;
    }
    int64_t day = days - year_days(year), month = 1;
    while (day >= month_days(year, month)) {
        day -= month_days(year, month);
        month++;
    }
    char text[80];
    int size = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
                        (int)day + 1, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
    assert(size == CANON_TIME_SIZE);
    memcpy(out, text, CANON_TIME_SIZE + 1);
}

/* ---- bytes as text -------------------------------------------------------------------------- */

void
canon_to_hex(const uint8_t *bytes, size_t size, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digit[bytes[i] >> 4];
        out[2 * i + 1] = digit[bytes[i] & 15];
    }
    out[2 * size] = '\0';
}

static uint8_t
nibble(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

bool
canon_from_hex(struct lot_text text, uint8_t *out, size_t size)
{
    if (!canon_hex(text, 2 * size)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(nibble(text.at[2 * i]) << 4 | nibble(text.at[2 * i + 1]));
    }
    return true;
}

static const char base64_digit[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
canon_to_base64(const uint8_t *bytes, size_t size, char *out)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        *out++ = base64_digit[group >> 18];
        *out++ = base64_digit[group >> 12 & 63];
        *out++ = left > 1 ? base64_digit[group >> 6 & 63] : '=';
        *out++ = left > 2 ? base64_digit[group & 63] : '=';
    }
    *out = '\0';
}

bool
canon_from_base64(struct lot_text text, uint8_t *out, size_t room, size_t *size)
{
    if (text.size % 4 != 0) {
        return false;
    }
    size_t padding = 0;
    while (padding < 2 && padding < text.size && text.at[text.size - 1 - padding] == '=') {
        padding++;
    }
    size_t bytes = text.size / 4 * 3 - padding;
    if (bytes > room) {
        return false;
    }
    for (size_t i = 0; i < text.size; i += 4) {
        uint32_t group = 0;
        for (size_t j = i; j < i + 4; j++) {
            bool pad = j >= text.size - padding;
            const char *digit = pad || text.at[j] == '\0' ? NULL : strchr(base64_digit, text.at[j]);
            if (!pad && digit == NULL) {
                return false;
            }
            group = group << 6 | (pad ? 0 : (uint32_t)(digit - base64_digit));
        }
        /* Bits beyond the last byte must be 0, or one value would have many spellings. */
        size_t left = bytes - i / 4 * 3 < 3 ? bytes - i / 4 * 3 : 3;
        if (left < 3 && (group & ((1u << (8 * (3 - left))) - 1)) != 0) {
            return false;
        }
        for (size_t j = 0; j < left; j++) {
            out[i / 4 * 3 + j] = (uint8_t)(group >> (16 - 8 * j));
        }
    }
    *size = bytes;
    return true;
}

void
canon_put_u64(uint64_t value, uint8_t out[static 8])
{
    for (size_t i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

uint64_t
canon_get_u64(const uint8_t in[static 8])
{
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++) {
        value = value << 8 | in[i];
    }
    return value;
}
