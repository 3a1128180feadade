/*
 * roll.c - hides the CSV files of the freeze: what their lines are (PROTOCOL.md
 * section 3). That no application disappears between them is in received.c.
 *
 *   homes.csv     home,type,area,price,tags,place            by home
 *   entries.csv   id,queues,persons,chances,wants,commit     by id
 *   refusals.csv  id,reason,commit                           by id
 *   received.csv  intake,number,id,time,commit               by intake, then number
 *
 * Every file is strictly ascending by bytes. Words in a field stand apart by one
 * blank, none twice; queues and tags are sorted, wants are not. Nothing is copied:
 * homes and entries point into the bytes of their files.
 */
#include "lottery/roll.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_MAX 200 /* bytes of a home's place */

/* ---- fields --------------------------------------------------------------------------------- */

/* Sorted queues of the rules, or sorted tags; as the set of those that the rules name. */
static bool
get_set(const struct table *table, const struct lot_rules *rules, size_t column, bool tags,
        uint64_t *out)
{
    struct lot_text rest = table->fields[column], word, last = {0};
    uint64_t set = 0;
    if (rest.size == 0) {
        rest.at = NULL;
    }
    while (lot_piece(&rest, ' ', &word)) {
        int bit = tags ? lot_rules_tag(rules, word) : lot_rules_queue(rules, word);
        if (bit < 0 && !tags) {
            return table_refuse(table, column, "holds a word that is no queue of the rules");
        }
        if (bit < 0 && !canon_code(word)) {
            return table_refuse(table, column, "is not a list of tags with one blank between them");
        }
        if (last.at != NULL && lot_text_compare(last, word) >= 0) {
            return table_refuse(table, column, "is not sorted, or holds a word twice");
        }
        set |= bit < 0 ? 0 : UINT64_C(1) << bit;
        last = word;
    }
    *out = set;
    return true;
}

static bool
get_number(const struct table *table, size_t column, uint32_t most, uint8_t *out)
{
    uint32_t number;
    if (!canon_number(table->fields[column], &number) || number < 1 || number > most) {
        char sentence[64];
        snprintf(sentence, sizeof sentence, "is not a number within 1 to %" PRIu32, most);
        return table_refuse(table, column, sentence);
    }
    *out = (uint8_t)number;
    return true;
}

bool
roll_is_commit(const struct table *table, size_t column)
{
    return canon_hex(table->fields[column], LOT_HEX_SIZE) ||
           table_refuse(table, column, "is not a commit of 64 characters 0-9 a-f");
}

bool
roll_is_id(const struct table *table, size_t column)
{
    return canon_entry_id(table->fields[column]) ||
           table_refuse(table, column, "is no id ([0-9A-Z]{4,24})");
}

/* ---- homes ---------------------------------------------------------------------------------- */

static bool
read_home(const struct table *table, const struct lot_rules *rules, struct lot_home *home)
{
    const struct lot_text *fields = table->fields;
    if (!canon_home_id(fields[0])) {
        return table_refuse(table, 0, "is no home ([A-Z0-9][A-Z0-9-]{0,23})");
    }
    int type = lot_rules_type(rules, fields[1]);
    if (type < 0) {
        return table_refuse(table, 1, "is no type of the rules");
    }
    for (size_t column = 2; column <= 3; column++) {
        if (!canon_decimal(fields[column])) {
            return table_refuse(table, column, "is no number such as 90 or 90.48");
        }
    }
    uint64_t tags;
    if (!get_set(table, rules, 4, true, &tags)) {
        return false;
    }
    if (fields[5].size > PLACE_MAX || !canon_people(fields[5]) ||
        (fields[5].size > 0 && memchr(fields[5].at, '"', fields[5].size) != NULL)) {
        return table_refuse(table, 5,
                            "is longer than 200 bytes, or holds a quotation mark or a "
                            "character that is not allowed");
    }
    home->id = fields[0].at;
    home->id_size = (uint8_t)fields[0].size;
    home->type = (uint8_t)type;
    home->tags = tags;
    return table_rises(table);
}

static bool
read_homes(const struct lot_rules *rules, struct lot_file *file, struct lot_home **homes,
           struct lot_error *error)
{
    struct table table = {.name = "homes.csv", .header = ROLL_HOMES_HEADER, .error = error};
    if (!table_open(&table, file->bytes) || !table_count(&table, &file->rows)) {
        return false;
    }
    *homes = lot_alloc(file->rows, sizeof **homes);
    for (struct lot_home *home = *homes; table.rest.size > 0; home++) {
        if (!table_next(&table) || !read_home(&table, rules, home)) {
            return false;
        }
    }
    return true;
}

bool
roll_check_homes(const struct lot_rules *rules, struct lot_text homes, uint32_t *rows,
                 struct lot_error *error)
{
    assert(rules != NULL && rows != NULL);
    struct lot_file file = {.bytes = homes};
    struct lot_home *read = NULL;
    bool good = read_homes(rules, &file, &read, error);
    free(read);
    if (good) {
        *rows = file.rows;
    }
    return good;
}

/* ---- entries -------------------------------------------------------------------------------- */

/* The wants of all entries, one after the other. */
struct pool {
    uint8_t *at;
    size_t size, room;
};

/* Types of the rules, none twice. */
static bool
get_wants(const struct table *table, const struct lot_rules *rules, struct pool *pool,
          struct lot_entry *entry)
{
    if (pool->room - pool->size < LOT_TYPES_MAX) {
        pool->room = 2 * pool->room + LOT_TYPES_MAX;
        pool->at = lot_realloc(pool->at, pool->room, 1);
    }
    struct lot_text rest = table->fields[4], word;
    uint64_t set = 0;
    uint8_t count = 0;
    while (lot_piece(&rest, ' ', &word)) {
        int type = lot_rules_type(rules, word);
        if (type < 0) {
            return table_refuse(table, 4,
                                "is not a list of types of the rules with one blank between");
        }
        if ((set >> type & 1) != 0) {
            return table_refuse(table, 4, "names a type twice");
        }
        set |= UINT64_C(1) << type;
        pool->at[pool->size + count++] = (uint8_t)type;
    }
    if (pool->size > UINT32_MAX - LOT_TYPES_MAX) {
        return table_refuse(table, 4,
                            "is one wish too many: all lines together hold 4,294,967,231");
    }
    entry->wants = (uint32_t)pool->size;
    entry->want_count = count;
    pool->size += count;
    return true;
}

static bool
read_entry(const struct table *table, const struct lot_rules *rules, struct pool *pool,
           struct lot_entry *entry)
{
    entry->id = table->fields[0].at;
    entry->id_size = (uint8_t)table->fields[0].size;
    return roll_is_id(table, 0) && get_set(table, rules, 1, false, &entry->queues) &&
           get_number(table, 2, LOT_PERSONS_MAX, &entry->persons) &&
           get_number(table, 3, rules->chances_max, &entry->chances) &&
           get_wants(table, rules, pool, entry) && roll_is_commit(table, 5) && table_rises(table);
}

static bool
read_entries(struct lot_roll *roll, struct lot_error *error)
{
    struct table table = {.name = "entries.csv", .header = ROLL_ENTRIES_HEADER, .error = error};
    struct lot_file *file = &roll->entries_file;
    if (!table_open(&table, file->bytes) || !table_count(&table, &file->rows)) {
        return false;
    }
    struct pool pool = {.at = lot_alloc(file->rows, 2), .room = 2 * (size_t)file->rows};
    bool good = true;
    roll->entries = lot_alloc(file->rows, sizeof *roll->entries);
    for (struct lot_entry *entry = roll->entries; good && table.rest.size > 0; entry++) {
        good = table_next(&table) && read_entry(&table, roll->rules, &pool, entry);
        roll->chances += good ? entry->chances : 0;
    }
    roll->wants = lot_realloc(pool.at, pool.size, 1);
    return good;
}

/* ---- the roll ------------------------------------------------------------------------------- */

static bool
take_digests(struct lot_roll *roll, struct lot_error *error)
{
    struct lot_file *const files[] = {&roll->rules_file, &roll->homes_file, &roll->entries_file,
                                      &roll->refusals_file, &roll->received_file};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!crypto_digest_hex(roll->rules->hash, files[i]->bytes, files[i]->digest, error)) {
            return false;
        }
    }
    return true;
}

bool
lot_roll_read(const struct lot_rules *rules, struct lot_roll *roll, struct lot_error *error)
{
    assert(rules != NULL && roll != NULL);
    struct lot_roll read = {.rules = rules,
                            .rules_file.bytes = roll->rules_file.bytes,
                            .homes_file.bytes = roll->homes_file.bytes,
                            .entries_file.bytes = roll->entries_file.bytes,
                            .refusals_file.bytes = roll->refusals_file.bytes,
                            .received_file.bytes = roll->received_file.bytes};
    if (!take_digests(&read, error) || !read_homes(rules, &read.homes_file, &read.homes, error) ||
        !read_entries(&read, error) || !roll_match(&read, error)) {
        lot_roll_finish(&read);
        return false;
    }
    *roll = read;
    return true;
}

void
lot_roll_finish(struct lot_roll *roll)
{
    if (roll == NULL) {
        return;
    }
    free(roll->homes);
    free(roll->entries);
    free(roll->wants);
    *roll = (struct lot_roll){0};
}

static uint32_t
search(const struct lot_roll *roll, bool homes, struct lot_text id)
{
    uint32_t low = 0, high = homes ? roll->homes_file.rows : roll->entries_file.rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct lot_text found;
        if (homes) {
            found = (struct lot_text){roll->homes[middle].id, roll->homes[middle].id_size};
        } else {
            found = (struct lot_text){roll->entries[middle].id, roll->entries[middle].id_size};
        }
        int order = lot_text_compare(found, id);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return LOT_NONE;
}

uint32_t
lot_roll_entry(const struct lot_roll *roll, struct lot_text id)
{
    assert(roll != NULL);
    return search(roll, false, id);
}

uint32_t
lot_roll_home(const struct lot_roll *roll, struct lot_text id)
{
    assert(roll != NULL);
    return search(roll, true, id);
}

/* ---- lines written -------------------------------------------------------------------------- */

void
roll_add_entry(struct lot_buffer *out, const struct roll_entry *entry)
{
    assert(out != NULL && entry != NULL);
    lot_buffer_print(out, "%s,%s,%" PRIu32 ",%" PRIu32 ",%s,%s\n", entry->id, entry->queues,
                     entry->persons, entry->chances, entry->wants, entry->commit);
}

void
roll_add_refusal(struct lot_buffer *out, const char *id, const char *reason, const char *commit)
{
    assert(out != NULL && id != NULL && reason != NULL && commit != NULL);
    lot_buffer_print(out, "%s,%s,%s\n", id, reason, commit);
}

void
roll_add_received(struct lot_buffer *out, const struct roll_received *received)
{
    assert(out != NULL && received != NULL);
    char time[CANON_TIME_SIZE + 1];
    canon_time_text(received->time, time);
    lot_buffer_print(out, "%s,%" PRIu32 ",%s,%s,%s\n", received->intake, received->number,
                     received->id, time, received->commit);
}
