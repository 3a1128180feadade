/*
 * sheet.c - hides what spreadsheet programs do to a table when they save it.
 *
 * The encoding is told by a byte-order mark; else the text is UTF-8 if all of it is,
 * or if its first line is and goes beyond ASCII (then single bad bytes are named);
 * else GB18030, which is what Excel and WPS in China save as "CSV". The separator is
 * the one that the first line has most often. Quotes are libcsv's strict ones.
 *
 * Reading goes on behind a bad cell, so that one reading finds everything. Such a
 * cell has no text (at is NULL) and was already reported.
 */
#include "lottery/sheet.h"

#include <assert.h>
#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX 33554432 /* half a gigabyte of slices; a full sheet of 32 columns */
#define CHUNK 65536        /* bytes between two looks at a cell that does not end */
#define FULLWIDTH_COMMA "\xEF\xBC\x8C"
#define LOST "\xEF\xBF\xBD" /* where bytes were no character */
#define LOST_CHARACTER 0xFFFD
#define STAND_IN 0x1F /* the unit separator, put for a full-width comma */

/* What is known while libcsv calls back. */
struct reader {
    struct sheet *sheet;
    struct findings *findings;
    uint32_t file;
    uint32_t line;                          /* of the row being read */
    uint32_t count;                         /* its cells so far, also those beyond the limit */
    struct lot_text row[SHEET_COLUMNS_MAX]; /* in sheet->text */
    size_t used;                            /* of sheet->text */
    size_t room;                            /* of sheet->cells, in rows */
    uint32_t blanks;                        /* blank rows since the last one that was not */
    bool broken;                            /* no use in reading on */
    bool after_return;                      /* a line feed now belongs to the line end before */
};

static void
say(const struct reader *reader, enum finding_code code, uint32_t column, const char *seen)
{
    struct finding finding = {.code = code, .place = {.file = reader->file, .column = column}};
    if (reader->sheet->column_count > 0) {
        finding.place.row = reader->sheet->row_count + 1;
    }
    finding.place.line = reader->line;
    findings_add(reader->findings, finding, NULL, seen);
}

static void
say_of_file(const struct reader *reader, enum finding_code code, const char *seen)
{
    findings_add(reader->findings, (struct finding){.code = code, .place.file = reader->file}, NULL,
                 seen);
}

/* ---- bytes to UTF-8 ---- */

static enum sheet_encoding
detect(struct lot_text *bytes, bool *bom)
{
    *bom = true;
    if (lot_text_starts(*bytes, "\xEF\xBB\xBF")) {
        *bytes = (struct lot_text){bytes->at + 3, bytes->size - 3};
        return SHEET_UTF8;
    }
    if (lot_text_starts(*bytes, "\xFF\xFE") || lot_text_starts(*bytes, "\xFE\xFF")) {
        enum sheet_encoding encoding = bytes->at[0] == '\xFF' ? SHEET_UTF16LE : SHEET_UTF16BE;
        *bytes = (struct lot_text){bytes->at + 2, bytes->size - 2};
        return encoding;
    }
    *bom = false;
    if (canon_utf8(*bytes)) {
        return SHEET_UTF8;
    }
    struct lot_text first, rest = *bytes;
    if (lot_line(&rest, &first) && canon_utf8(first)) {
        for (size_t i = 0; i < first.size; i++) {
            if ((unsigned char)first.at[i] >= 0x80) {
                return SHEET_UTF8;
            }
        }
    }
    return SHEET_GB18030;
}

static bool
open_converter(const char *to, const char *from, iconv_t *out, struct lot_error *error)
{
    *out = iconv_open(to, from);
    return *out != (iconv_t)-1 || /* NOLINT(performance-no-int-to-ptr): POSIX says no like this */
           lot_fail(
               error, LOT_MACHINE,
               "this machine cannot turn %s into %s: the C library's gconv modules are missing",
               from, to);
}

/*
 * Puts UTF-8 in the place of *text. What is no character becomes LOST, so that its
 * cell can be named.
 */
static bool
convert(enum sheet_encoding encoding, char **text, size_t *size, struct lot_error *error)
{
    size_t unit = encoding == SHEET_GB18030 ? 1 : 2;
    iconv_t converter;
    if (!open_converter("UTF-8", sheet_encoding_name(encoding), &converter, error)) {
        return false;
    }
    size_t room = *size * 3 + sizeof LOST; /* a unit gives three bytes at most */
    char *bytes = lot_alloc(room, 1), *from = *text, *to = bytes;
    size_t left = *size;
    while (left > 0 && iconv(converter, &from, &left, &to, &room) == (size_t)-1) {
        assert(errno == EILSEQ || errno == EINVAL);
        size_t skipped = left < unit ? left : unit;
        from += skipped;
        left -= skipped;
        memcpy(to, LOST, sizeof LOST - 1);
        to += sizeof LOST - 1;
        room -= sizeof LOST - 1;
    }
    iconv_close(converter);
    free(*text);
    *text = bytes;
    *size = (size_t)(to - bytes);
    return true;
}

bool
sheet_save_gb18030(struct lot_buffer *text, struct lot_error *error)
{
    assert(text != NULL && text->at != NULL);
    iconv_t converter;
    if (!open_converter("GB18030", "UTF-8", &converter, error)) {
        return false;
    }
    size_t left = text->size, room = text->size * 2; /* two bytes may become four */
    char *bytes = lot_alloc(room, 1), *from = text->at, *to = bytes;
    bool done = iconv(converter, &from, &left, &to, &room) != (size_t)-1;
    iconv_close(converter);
    if (done) {
        lot_buffer_clear(text);
        lot_buffer_add(text, bytes, (size_t)(to - bytes));
    }
    free(bytes);
    return done || lot_fail(error, LOT_MACHINE, "not every character has a place in GB18030 here");
}

/* ---- separator ---- */

/*
 * The one that stands most often in the first line, quoted or not: titles hold none.
 * Full-width commas outside quotes are replaced by a byte that libcsv can look for.
 */
static char
separate(const char *text, size_t size, enum sheet_separator *out)
{
    static const struct {
        const char *mark;
        char byte;
    } marks[] = {[SHEET_COMMA] = {",", ','},
                 [SHEET_TAB] = {"\t", '\t'},
                 [SHEET_SEMICOLON] = {";", ';'},
                 [SHEET_FULLWIDTH_COMMA] = {FULLWIDTH_COMMA, STAND_IN}};
    size_t counts[4] = {0}, end = 0;
    while (end < size && (text[end] == '\n' || text[end] == '\r')) {
        end++;
    }
    for (; end < size && text[end] != '\n' && text[end] != '\r'; end++) {
        for (unsigned i = 0; i < 4; i++) {
            counts[i] += lot_text_starts((struct lot_text){text + end, size - end}, marks[i].mark);
        }
    }
    *out = SHEET_COMMA;
    for (unsigned i = 1; i < 4; i++) {
        *out = counts[i] > counts[*out] ? (enum sheet_separator)i : *out;
    }
    return marks[*out].byte;
}

/* In place, which is why the stand-in is one byte. Returns the new size. */
static size_t
replace_fullwidth_commas(char *text, size_t size)
{
    size_t to = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        quoted ^= text[i] == '"';
        if (!quoted && lot_text_starts((struct lot_text){text + i, size - i}, FULLWIDTH_COMMA)) {
            text[to++] = STAND_IN;
            i += sizeof FULLWIDTH_COMMA - 2;
        } else {
            text[to++] = text[i];
        }
    }
    return to;
}

/* ---- rows ---- */

static bool
is_blank(struct lot_text cell)
{
    uint32_t c;
    while (lot_character(&cell, &c)) {
        if (!lot_is_blank(c)) {
            return false;
        }
    }
    return cell.size == 0;
}

/* Reports a cell that cannot be read and takes its text away. */
static void
check_cell(const struct reader *reader, uint32_t column, struct lot_text *cell)
{
    char seen[32];
    struct lot_text rest = *cell;
    uint32_t c = 1, place = 0;
    while (lot_character(&rest, &c) && c != 0 && c != LOST_CHARACTER) {
        place++;
    }
    if (cell->size > SHEET_CELL_MAX) {
        snprintf(seen, sizeof seen, "%zu bytes", cell->size);
        say(reader, E_TOO_LONG, column, seen);
    } else if (rest.size > 0 || c == 0 || c == LOST_CHARACTER) {
        snprintf(seen, sizeof seen, "[%u]", place + 1);
        say(reader, c == 0 ? E_NUL : E_ENCODING, column, seen);
    } else {
        return;
    }
    *cell = (struct lot_text){NULL, 0};
}

static void
take_titles(struct reader *reader)
{
    struct sheet *sheet = reader->sheet;
    if (reader->count > SHEET_COLUMNS_MAX) {
        say(reader, E_COLUMNS, 0, "more than 256");
        reader->broken = true;
        return;
    }
    for (uint32_t i = 0; i < reader->count; i++) {
        check_cell(reader, i + 1, &reader->row[i]);
    }
    sheet->column_count = reader->count;
    sheet->titles = lot_alloc(reader->count, sizeof sheet->titles[0]);
    memcpy(sheet->titles, reader->row, reader->count * sizeof sheet->titles[0]);
}

static void
take_row(struct reader *reader)
{
    struct sheet *sheet = reader->sheet;
    size_t width = sheet->column_count;
    if (sheet->row_count == SHEET_ROWS_MAX || (sheet->row_count + 1) * width > CELLS_MAX) {
        say(reader, E_TOO_LONG, 0, "too many rows");
        reader->broken = true;
        return;
    }
    if (sheet->row_count == reader->room) {
        reader->room = reader->room == 0 ? 1024 : reader->room * 2;
        sheet->cells = lot_realloc(sheet->cells, reader->room * width, sizeof sheet->cells[0]);
        sheet->lines = lot_realloc(sheet->lines, reader->room, sizeof sheet->lines[0]);
        sheet->widths = lot_realloc(sheet->widths, reader->room, sizeof sheet->widths[0]);
    }
    struct lot_text *cells = sheet->cells + sheet->row_count * width;
    for (uint32_t i = 0; i < width; i++) {
        cells[i] = i < reader->count ? reader->row[i] : (struct lot_text){NULL, 0};
        check_cell(reader, i + 1, &cells[i]);
    }
    sheet->widths[sheet->row_count] = reader->count;
    sheet->lines[sheet->row_count++] = reader->line;
}

/* A run of blank rows is one finding, at its first row. */
static void
end_blanks(struct reader *reader)
{
    if (reader->blanks > 0) {
        char seen[16];
        snprintf(seen, sizeof seen, "%u", reader->blanks);
        uint32_t line = reader->line;
        reader->line -= reader->blanks;
        say(reader, N_BLANK_LINE, 0, seen);
        reader->line = line;
        reader->blanks = 0;
    }
}

/* libcsv: a cell has ended. */
static void
on_cell(void *bytes, size_t size, void *data)
{
    struct reader *reader = data;
    if (reader->count < SHEET_COLUMNS_MAX) {
        char *at = reader->sheet->text + reader->used;
        if (size > 0) {
            memcpy(at, bytes, size);
        }
        reader->used += size;
        reader->row[reader->count] = (struct lot_text){at, size};
    }
    reader->count++;
}

/* libcsv: a row has ended at this byte, or with the file (-1). */
static void
on_row(int byte, void *data)
{
    struct reader *reader = data;
    bool pair = reader->after_return && byte == '\n' && reader->count == 0;
    reader->after_return = byte == '\r';
    if (pair || reader->broken) {
        reader->count = 0;
        return;
    }
    bool blank = true;
    for (uint32_t i = 0; blank && i < reader->count; i++) {
        blank = i < SHEET_COLUMNS_MAX && is_blank(reader->row[i]);
    }
    if (blank) {
        reader->blanks++;
    } else {
        end_blanks(reader);
        if (reader->sheet->column_count == 0) {
            take_titles(reader);
        } else {
            take_row(reader);
        }
    }
    reader->count = 0;
    reader->line++;
}

static int
no_space(unsigned char byte)
{
    (void)byte; /* libcsv would trim blanks, and nobody would be told */
    return 0;
}

static void *
grow(void *old, size_t size)
{
    return lot_realloc(old, size, 1);
}

static void
parse(struct reader *reader, struct lot_text text, char separator)
{
    struct csv_parser parser;
    int failed = csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
    assert(failed == 0);
    csv_set_delim(&parser, (unsigned char)separator);
    csv_set_space_func(&parser, no_space);
    csv_set_realloc_func(&parser, grow);
    size_t done = 0;
    while (done < text.size && !reader->broken) {
        size_t size = text.size - done < CHUNK ? text.size - done : CHUNK;
        if (csv_parse(&parser, text.at + done, size, on_cell, on_row, reader) != size) {
            break;
        }
        done += size;
        if (csv_get_buffer_size(&parser) > SHEET_CELL_MAX + CHUNK) {
            break; /* a cell without end is a quotation mark without its partner */
        }
    }
    if (!reader->broken && (done < text.size || csv_fini(&parser, on_cell, on_row, reader) != 0)) {
        end_blanks(reader);
        say(reader, E_QUOTE, reader->count + 1, NULL);
        reader->broken = true;
    }
    csv_free(&parser);
    end_blanks(reader);
}

/* ---- the whole ---- */

/* Workbooks themselves are no text at all: say so once instead of naming a million bytes. */
static bool
is_workbook(struct lot_text bytes)
{
    return lot_text_starts(bytes, "PK\x03\x04") || lot_text_starts(bytes, "\xD0\xCF\x11\xE0");
}

static void
read_text(struct reader *reader, char *text, size_t size)
{
    struct sheet *sheet = reader->sheet;
    char separator = separate(text, size, &sheet->separator);
    if (sheet->separator == SHEET_FULLWIDTH_COMMA) {
        size = replace_fullwidth_commas(text, size);
        say_of_file(reader, N_FULLWIDTH, FULLWIDTH_COMMA " -> ,");
    }
    sheet->text = lot_alloc(size + 1, 1);
    parse(reader, (struct lot_text){text, size}, separator);
    if (sheet->column_count == 0 && !reader->broken) {
        say_of_file(reader, E_EMPTY_FILE, NULL);
    } else if (sheet->row_count == 0 && !reader->broken) {
        say_of_file(reader, E_NO_ROWS, NULL);
    }
}

bool
sheet_read(struct lot_text bytes, uint32_t file, struct sheet *out, struct findings *findings,
           struct lot_error *error)
{
    assert(out != NULL && findings != NULL);
    struct sheet sheet = {.encoding = SHEET_UTF8};
    struct reader reader = {.sheet = &sheet, .findings = findings, .file = file, .line = 1};
    if (bytes.size == 0) {
        say_of_file(&reader, E_EMPTY_FILE, NULL);
    } else if (bytes.size > SHEET_SIZE_MAX) {
        say_of_file(&reader, E_TOO_LONG, "256 MiB");
    } else if (is_workbook(bytes)) {
        say_of_file(&reader, E_ENCODING, "xls/xlsx");
    } else {
        sheet.encoding = detect(&bytes, &sheet.bom);
        size_t size = bytes.size;
        char *text = memcpy(lot_alloc(size + 1, 1), bytes.at, size);
        if (sheet.encoding != SHEET_UTF8 && !convert(sheet.encoding, &text, &size, error)) {
            free(text);
            return false;
        }
        if (sheet.bom && sheet.encoding == SHEET_UTF8) {
            say_of_file(&reader, N_BOM, NULL);
        }
        read_text(&reader, text, size);
        free(text);
    }
    *out = sheet;
    return true;
}

void
sheet_finish(struct sheet *sheet)
{
    if (sheet == NULL) {
        return;
    }
    free(sheet->titles);
    free(sheet->cells);
    free(sheet->lines);
    free(sheet->widths);
    free(sheet->text);
    *sheet = (struct sheet){.encoding = SHEET_UTF8};
}

struct lot_text
sheet_cell(const struct sheet *sheet, uint32_t row, uint32_t column)
{
    assert(sheet != NULL && row >= 1 && row <= sheet->row_count);
    assert(column >= 1 && column <= sheet->column_count);
    return sheet->cells[(size_t)(row - 1) * sheet->column_count + column - 1];
}

const char *
sheet_encoding_name(enum sheet_encoding encoding)
{
    static const char *const names[] = {"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"};
    assert((unsigned)encoding < 4);
    return names[encoding];
}

const char *
sheet_separator_name(enum sheet_separator separator)
{
    static const char *const names[] = {"COMMA", "TAB", "SEMICOLON", "FULLWIDTH_COMMA"};
    assert((unsigned)separator < 4);
    return names[separator];
}

/* A number that a spreadsheet program would round when it opens the file. */
static bool
is_long_number(struct lot_text cell)
{
    if (cell.size < 12) {
        return false;
    }
    for (size_t i = 0; i < cell.size; i++) {
        bool last = i + 1 == cell.size;
        if ((cell.at[i] < '0' || cell.at[i] > '9') && !(last && (cell.at[i] | 0x20) == 'x')) {
            return false;
        }
    }
    return true;
}

void
sheet_put_cell(struct lot_buffer *out, struct lot_text cell, bool first)
{
    assert(out != NULL);
    if (!first) {
        lot_buffer_put(out, LOT_TEXT(","));
    }
    if (is_long_number(cell)) {
        lot_buffer_print(out, "\"=\"\"%.*s\"\"\"", (int)cell.size, cell.at);
        return;
    }
    bool quoted = false;
    for (size_t i = 0; i < cell.size; i++) {
        quoted |= strchr(",;\t\r\n\"", cell.at[i]) != NULL;
    }
    if (!quoted) {
        lot_buffer_put(out, cell);
        return;
    }
    lot_buffer_put(out, LOT_TEXT("\""));
    for (size_t i = 0; i < cell.size; i++) {
        lot_buffer_add(out, "\"\"", cell.at[i] == '"' ? 1 : 0);
        lot_buffer_add(out, cell.at + i, 1);
    }
    lot_buffer_put(out, LOT_TEXT("\""));
}
