/* table.c - hides how a frozen CSV file comes apart, and the places in its sentences. */
#include "lottery/table.h"

#include "lottery/lottery.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

bool
table_open(struct table *table, struct lot_text bytes)
{
    assert(table != NULL && table->name != NULL && table->header != NULL);
    struct lot_text line;
    table->rest = bytes;
    table->line = 1;
    if (!lot_line(&table->rest, &line) || !lot_text_is(line, table->header)) {
        return lot_fail(table->error, LOT_REFUSED,
                        "%s line 1: the header must be %s, ended by a line feed", table->name,
                        table->header);
    }
    table->columns = 1;
    for (const char *c = table->header; *c != '\0'; c++) {
        table->columns += *c == ',';
    }
    assert(table->columns <= TABLE_FIELDS_MAX);
    return true;
}

bool
table_count(const struct table *table, uint32_t *rows)
{
    struct lot_text text = table->rest;
    size_t count = 0;
    /* In pieces whose count fits a byte, so that the compiler takes many bytes at once. */
    for (size_t i = 0; i < text.size;) {
        size_t end = text.size - i < 255 ? text.size : i + 255;
        uint8_t piece = 0;
        for (; i < end; i++) {
            piece = (uint8_t)(piece + (text.at[i] == '\n'));
        }
        count += piece;
    }
    if (count > LOT_ROWS_MAX) {
        return lot_fail(table->error, LOT_REFUSED, "%s: %zu lines; at most %d may stand here",
                        table->name, count, LOT_ROWS_MAX);
    }
    *rows = (uint32_t)count;
    return true;
}

bool
table_next(struct table *table)
{
    struct lot_text line;
    table->before = table->fields[0];
    table->line++;
    if (!lot_line(&table->rest, &line)) {
        return lot_fail(table->error, LOT_REFUSED,
                        "%s line %" PRIu32 ": the last line does not end in a line feed",
                        table->name, table->line);
    }
    if (table->line > LOT_ROWS_MAX + 1) {
        return lot_fail(table->error, LOT_REFUSED, "%s: more than %d lines behind the header",
                        table->name, LOT_ROWS_MAX);
    }
    if (line.size > LOT_LINE_MAX) {
        return lot_fail(table->error, LOT_REFUSED,
                        "%s line %" PRIu32 ": %zu bytes; at most %d may stand here", table->name,
                        table->line, line.size, LOT_LINE_MAX);
    }
    if (!lot_fields(line, table->fields, table->columns)) {
        return lot_fail(table->error, LOT_REFUSED,
                        "%s line %" PRIu32 ": not the %zu fields %s with commas between them",
                        table->name, table->line, table->columns, table->header);
    }
    return true;
}

bool
table_refuse(const struct table *table, size_t column, const char *sentence)
{
    assert(column < table->columns);
    struct lot_text rest = lot_text(table->header), name = {0};
    for (size_t i = 0; i <= column; i++) {
        bool more = lot_piece(&rest, ',', &name);
        assert(more);
    }
    char shown[CANON_SHOWN_SIZE];
    return lot_fail(table->error, LOT_REFUSED, "%s line %" PRIu32 ", %.*s: '%s' %s", table->name,
                    table->line, (int)name.size, name.at, canon_shown(table->fields[column], shown),
                    sentence);
}

bool
table_rises(const struct table *table)
{
    int order = table->before.at == NULL ? -1 : lot_text_compare(table->before, table->fields[0]);
    if (order < 0) {
        return true;
    }
    return table_refuse(table, 0,
                        order == 0 ? "stands twice" : "is out of order; lines are sorted by bytes");
}
