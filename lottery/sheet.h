/*
 * sheet.h - a table as Excel or WPS saves it: bytes in, rows of cells out.
 *
 * Hides encodings, byte-order marks, separators, quotes and line ends. Cells are
 * kept as they stand; what they mean is the business of roster.h.
 */
#ifndef LOT_SHEET_H
#define LOT_SHEET_H

#include "lottery/finding.h"

#define SHEET_SIZE_MAX 268435456 /* 256 MiB: a full spreadsheet of such rows has half of it */
#define SHEET_ROWS_MAX 1048576   /* what a spreadsheet program can hold */
#define SHEET_COLUMNS_MAX 256
#define SHEET_CELL_MAX 32767 /* bytes; characters in a spreadsheet program */

enum sheet_encoding { SHEET_UTF8, SHEET_GB18030, SHEET_UTF16LE, SHEET_UTF16BE };
enum sheet_separator { SHEET_COMMA, SHEET_TAB, SHEET_SEMICOLON, SHEET_FULLWIDTH_COMMA };

struct sheet {
    enum sheet_encoding encoding;
    enum sheet_separator separator;
    bool bom;
    uint32_t column_count;   /* of the titles, and so of every row */
    uint32_t row_count;      /* below the titles, blank rows left out */
    struct lot_text *titles; /* column_count of them, as they stand */
    struct lot_text *cells;  /* row r from 1, column c from 1: use sheet_cell() */
    uint32_t *lines;         /* of row r: lines[r - 1], what the spreadsheet counts */
    uint32_t *widths;        /* of row r: widths[r - 1], how many cells it really has */
    char *text;              /* where titles and cells point */
};

/*
 * Reads a file. What is wrong with it is added to findings, with `file` as its
 * place: E_EMPTY_FILE E_NO_ROWS E_ENCODING E_NUL E_QUOTE E_TOO_LONG, E_COLUMNS (more
 * than SHEET_COLUMNS_MAX), N_BOM N_FULLWIDTH (the separator) N_BLANK_LINE. A row with
 * fewer or more cells than there are titles is filled up or cut; its width tells.
 *
 * errors   LOT_MACHINE: this machine cannot convert the encoding
 * cost     O(size); about three times the file's bytes of memory
 */
bool sheet_read(struct lot_text bytes, uint32_t file, struct sheet *out, struct findings *findings,
                struct lot_error *error) LOT_CHECKED;
void sheet_finish(struct sheet *sheet);

struct lot_text sheet_cell(const struct sheet *sheet, uint32_t row, uint32_t column);

const char *sheet_encoding_name(enum sheet_encoding encoding);    /* "GB18030" */
const char *sheet_separator_name(enum sheet_separator separator); /* "TAB" */

/*
 * Adds one cell to a CSV line that Excel opens without damage: quoted where
 * needed, long numbers as ="...", a comma before it unless it is the first.
 */
void sheet_put_cell(struct lot_buffer *out, struct lot_text cell, bool first);

/* Turns UTF-8 into what Excel and WPS in China save as "CSV"; LOT_MACHINE when it cannot. */
bool sheet_save_gb18030(struct lot_buffer *text, struct lot_error *error) LOT_CHECKED;

#endif
