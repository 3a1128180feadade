/*
 * table.h - one of the frozen CSV files while it is read, line by line.
 *
 *   struct table table = {.name = "homes.csv", .header = ROLL_HOMES_HEADER, .error = error};
 *   table_open(&table, bytes)
 *       table_next(&table)        while table.rest.size > 0
 *           fields, table_refuse(), table_rises()
 *
 * Header as given, `,` between fields, no quoting, every line ended by LF. All texts
 * are borrowed from the file's bytes.
 */
#ifndef LOT_TABLE_H
#define LOT_TABLE_H

#include "lottery/canon.h"

#define TABLE_FIELDS_MAX 6

struct table {
    const char *name;   /* of the file, for sentences */
    const char *header; /* names the columns */
    struct lot_error *error;
    size_t columns;
    struct lot_text rest;                     /* lines to come */
    struct lot_text fields[TABLE_FIELDS_MAX]; /* of the line that was taken last */
    struct lot_text before;                   /* the first field of the line before it */
    uint32_t line;                            /* its number; the header is line 1 */
};

/* Takes the header. */
bool table_open(struct table *table, struct lot_text bytes) LOT_CHECKED;

/* How many lines are to come, so that memory can be taken for them. O(bytes). */
bool table_count(const struct table *table, uint32_t *rows) LOT_CHECKED;

/* Takes the next line. */
bool table_next(struct table *table) LOT_CHECKED;

/* Refuses a field: `entries.csv line 7, persons: '0' is not ...`; returns false. */
bool table_refuse(const struct table *table, size_t column, const char *sentence);

/* The first field sorts behind that of the line before. */
bool table_rises(const struct table *table) LOT_CHECKED;

#endif
