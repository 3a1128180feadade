/*
 * row.h - one row of an office's table: from cells to one member of a household.
 *
 * Knows the titles of the field dictionary and what each column may hold; what rows
 * mean together is the business of roster.c, the only one to use this.
 */
#ifndef LOT_ROW_H
#define LOT_ROW_H

#include "lottery/roster.h"
#include "lottery/sheet.h"

enum row_field {
    ROW_APPLICATION,
    ROW_RELATION,
    ROW_NAME,
    ROW_KIND,
    ROW_NUMBER,
    ROW_SEX,
    ROW_DISTRICT,
    ROW_SIZE,
    ROW_QUEUES,
    ROW_WANTS,
    ROW_CHANCES,
    ROW_MEMBER,
    ROW_FIELDS
};

/* What a row says. Household's facts may stand in each row or only in the applicant's. */
struct row {
    struct roster_person person;  /* number empty when it could not be read */
    struct lot_text application;  /* empty when it could not be read */
    struct lot_text queues;       /* as it stands, trimmed; at is NULL when it is refused */
    struct lot_text wants;        /* likewise */
    uint32_t size, chances, line; /* size and chances 0 when empty, LOT_NONE when refused */
    bool knows_relation;
};

/* What reading a row needs; set up by the caller, one for a file. */
struct row_reader {
    const struct lot_rules *rules;
    const struct roster_options *options;
    const struct sheet *sheet;
    struct findings *findings;
    uint32_t file, row;
    uint32_t columns[ROW_FIELDS];    /* from 1, 0 = the table has no such column; row_titles() */
    bool is_read[SHEET_COLUMNS_MAX]; /* column c is: is_read[c - 1]; row_titles() */
    struct lot_buffer clean;         /* scratch */
};

/*
 * Finds the columns by their titles. Adds N_HEADER_SPACE, and E_COLUMNS for titles
 * that stand twice or are needed and missing. False when rows cannot be read.
 */
bool row_titles(struct row_reader *reader);

/* Whether a title is one of those that are read. */
bool row_knows(struct lot_text title);

/*
 * Reads row `row`, adding what is wrong or was normalised. Texts point into the sheet
 * or, copied by `keep`, into memory that lives as long as the roster.
 */
void row_read(struct row_reader *reader, uint32_t row, struct roster_store *store, struct row *out);

/* Indices in rules->queues (ROW_QUEUES) or rules->types (ROW_WANTS); text was read before. */
void row_choices(const struct lot_rules *rules, enum row_field field, struct lot_text text,
                 uint8_t out[static LOT_TYPES_MAX], uint8_t *count);

/* Adds what may be shown of a cell below this title: masked, of columns not read only a star. */
void row_show(struct lot_text title, struct lot_text cell, bool is_title, struct lot_buffer *out);

/* Whether a form of application numbers makes sense. */
bool row_form_check(const char *form, struct lot_error *error) LOT_CHECKED;

/* A copy of text, ended by NUL, that lives as long as the roster. In roster.c. */
struct lot_text roster_keep(struct roster_store *store, struct lot_text text);

#endif
