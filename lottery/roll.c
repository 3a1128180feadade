/*
 * roll.c - hides the CSV files of the freeze: their lines, and how millions of them
 * are checked in a moment (PROTOCOL.md section 3).
 *
 *   homes.csv     home,type,area,price,tags,place            by home
 *   entries.csv   id,queues,persons,chances,wants,commit     by id
 *   refusals.csv  id,reason,commit                           by id
 *   received.csv  intake,number,id,time,commit               by intake, then number
 *
 * Header as above, `,` between fields, no quoting, every line ended by LF, strictly
 * ascending by bytes. Words in a field stand apart by one blank, none twice; queues
 * and tags are sorted, wants are not.
 *
 * Nothing is copied: homes and entries point into the bytes of their files. A line
 * of received.csv finds its application in a table of 32-bit marks, two for each
 * application.
 */
#include "lottery/roll.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 6
#define PLACE_MAX 200 /* bytes of a home's place */

/* ---- a file, line by line ------------------------------------------------------------------- */

struct reader {
    const char *name;
    const char *header; /* names the columns too */
    size_t columns;
    const struct lot_rules *rules;
    struct lot_text rest; /* lines to come */
    struct lot_text fields[FIELDS_MAX];
    struct lot_text key; /* the first field of the line before this one */
    uint32_t line;       /* number of the line in fields; the header is line 1 */
    struct lot_error *error;
};

/* `entries.csv line 7, persons: '0' is not within 1 to 20` */
static bool
refuse(const struct reader *reader, size_t column, const char *sentence)
{
    struct lot_text rest = lot_text(reader->header), name = {0};
    for (size_t i = 0; i <= column; i++) {
        bool more = lot_piece(&rest, ',', &name);
        assert(more);
    }
    char shown[CANON_SHOWN_SIZE];
    return lot_fail(reader->error, LOT_REFUSED, "%s line %" PRIu32 ", %.*s: '%s' %s", reader->name,
                    reader->line, (int)name.size, name.at,
                    canon_shown(reader->fields[column], shown), sentence);
}

/* Checks the header and counts the rows. */
static bool
open_reader(struct reader *reader, struct lot_text bytes, uint32_t *rows)
{
    struct lot_text line;
    reader->rest = bytes;
    reader->line = 1;
    if (!lot_line(&reader->rest, &line) || !lot_text_is(line, reader->header)) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "%s line 1: the header must be %s, ended by a line feed", reader->name,
                        reader->header);
    }
    size_t count = 0;
    for (size_t i = 0; i < reader->rest.size; i++) {
        count += reader->rest.at[i] == '\n';
    }
    if (count > LOT_ROWS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "%s: %zu lines; at most %d may stand here",
                        reader->name, count, LOT_ROWS_MAX);
    }
    *rows = (uint32_t)count;
    return true;
}

/* Takes the next line apart; called as often as there are rows. */
static bool
next_line(struct reader *reader)
{
    struct lot_text line;
    reader->key = reader->fields[0];
    reader->line++;
    bool good = lot_line(&reader->rest, &line);
    assert(good);
    if (line.size > LOT_LINE_MAX) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "%s line %" PRIu32 ": %zu bytes; at most %d may stand here", reader->name,
                        reader->line, line.size, LOT_LINE_MAX);
    }
    if (!lot_fields(line, reader->fields, reader->columns)) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "%s line %" PRIu32 ": not the %zu fields %s with commas between them",
                        reader->name, reader->line, reader->columns, reader->header);
    }
    return true;
}

/* What stands after the last line feed; the readers stop before it. */
static bool
at_end(const struct reader *reader)
{
    if (reader->rest.size > 0) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "%s line %" PRIu32 ": the last line does not end in a line feed",
                        reader->name, reader->line + 1);
    }
    return true;
}

/* The first field sorts after that of the line before. */
static bool
is_sorted(const struct reader *reader)
{
    int order = reader->key.at == NULL ? -1 : lot_text_compare(reader->key, reader->fields[0]);
    if (order < 0) {
        return true;
    }
    return refuse(reader, 0,
                  order == 0 ? "stands twice"
                             : "is out of order; lines are sorted by "
                               "bytes");
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Sorted queues of the rules, or sorted tags; as the set of those that the rules name. */
static bool
get_set(const struct reader *reader, size_t column, bool tags, uint64_t *out)
{
    struct lot_text rest = reader->fields[column], word, last = {0};
    uint64_t set = 0;
    if (rest.size == 0) {
        rest.at = NULL;
    }
    while (lot_piece(&rest, ' ', &word)) {
        int bit = tags ? lot_rules_tag(reader->rules, word) : lot_rules_queue(reader->rules, word);
        if (bit < 0 && !tags) {
            return refuse(reader, column, "holds a word that is no queue of the rules");
        }
        if (bit < 0 && !canon_code(word)) {
            return refuse(reader, column, "is not a list of tags with one blank between them");
        }
        if (last.at != NULL && lot_text_compare(last, word) >= 0) {
            return refuse(reader, column, "is not sorted, or holds a word twice");
        }
        set |= bit < 0 ? 0 : UINT64_C(1) << bit;
        last = word;
    }
    *out = set;
    return true;
}

static bool
get_number(const struct reader *reader, size_t column, uint32_t most, uint8_t *out)
{
    uint32_t number;
    if (!canon_number(reader->fields[column], &number) || number < 1 || number > most) {
        char sentence[64];
        snprintf(sentence, sizeof sentence, "is not a number within 1 to %" PRIu32, most);
        return refuse(reader, column, sentence);
    }
    *out = (uint8_t)number;
    return true;
}

static bool
is_commit(const struct reader *reader, size_t column)
{
    return canon_hex(reader->fields[column], LOT_HEX_SIZE) ||
           refuse(reader, column, "is not a commit of 64 characters 0-9 a-f");
}

static bool
is_id(const struct reader *reader, size_t column)
{
    return canon_entry_id(reader->fields[column]) ||
           refuse(reader, column, "is no id ([0-9A-Z]{4,24})");
}

/* ---- homes ---------------------------------------------------------------------------------- */

static bool
read_home(const struct reader *reader, struct lot_home *home)
{
    const struct lot_text *fields = reader->fields;
    if (!canon_home_id(fields[0])) {
        return refuse(reader, 0, "is no home ([A-Z0-9][A-Z0-9-]{0,23})");
    }
    int type = lot_rules_type(reader->rules, fields[1]);
    if (type < 0) {
        return refuse(reader, 1, "is no type of the rules");
    }
    for (size_t column = 2; column <= 3; column++) {
        if (!canon_decimal(fields[column])) {
            return refuse(reader, column, "is no number such as 90 or 90.48");
        }
    }
    uint64_t tags;
    if (!get_set(reader, 4, true, &tags)) {
        return false;
    }
    if (fields[5].size > PLACE_MAX || !canon_people(fields[5]) ||
        (fields[5].size > 0 && memchr(fields[5].at, '"', fields[5].size) != NULL)) {
        return refuse(reader, 5,
                      "is longer than 200 bytes, or holds a quotation mark or a "
                      "character that is not allowed");
    }
    home->id = fields[0].at;
    home->id_size = (uint8_t)fields[0].size;
    home->type = (uint8_t)type;
    home->tags = tags;
    return is_sorted(reader);
}

static bool
read_homes(const struct lot_rules *rules, struct lot_file *file, struct lot_home **homes,
           struct lot_error *error)
{
    struct reader reader = {.name = "homes.csv",
                            .header = ROLL_HOMES_HEADER,
                            .columns = 6,
                            .rules = rules,
                            .error = error};
    if (!open_reader(&reader, file->bytes, &file->rows)) {
        return false;
    }
    *homes = lot_alloc(file->rows, sizeof **homes);
    for (uint32_t i = 0; i < file->rows; i++) {
        if (!next_line(&reader) || !read_home(&reader, &(*homes)[i])) {
            return false;
        }
    }
    return at_end(&reader);
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
get_wants(const struct reader *reader, struct pool *pool, struct lot_entry *entry)
{
    if (pool->room - pool->size < LOT_TYPES_MAX) {
        pool->room = 2 * pool->room + LOT_TYPES_MAX;
        pool->at = lot_realloc(pool->at, pool->room, 1);
    }
    struct lot_text rest = reader->fields[4], word;
    uint64_t set = 0;
    uint8_t count = 0;
    while (lot_piece(&rest, ' ', &word)) {
        int type = lot_rules_type(reader->rules, word);
        if (type < 0) {
            return refuse(reader, 4, "is not a list of types of the rules with one blank between");
        }
        if ((set >> type & 1) != 0) {
            return refuse(reader, 4, "names a type twice");
        }
        set |= UINT64_C(1) << type;
        pool->at[pool->size + count++] = (uint8_t)type;
    }
    if (pool->size > UINT32_MAX - LOT_TYPES_MAX) {
        return refuse(reader, 4, "is one wish too many: all lines together hold 4,294,967,231");
    }
    entry->wants = (uint32_t)pool->size;
    entry->want_count = count;
    pool->size += count;
    return true;
}

static bool
read_entry(const struct reader *reader, struct pool *pool, struct lot_entry *entry)
{
    entry->id = reader->fields[0].at;
    entry->id_size = (uint8_t)reader->fields[0].size;
    return is_id(reader, 0) && get_set(reader, 1, false, &entry->queues) &&
           get_number(reader, 2, LOT_PERSONS_MAX, &entry->persons) &&
           get_number(reader, 3, reader->rules->chances_max, &entry->chances) &&
           get_wants(reader, pool, entry) && is_commit(reader, 5) && is_sorted(reader);
}

static bool
read_entries(struct lot_roll *roll, struct lot_error *error)
{
    struct reader reader = {.name = "entries.csv",
                            .header = ROLL_ENTRIES_HEADER,
                            .columns = 6,
                            .rules = roll->rules,
                            .error = error};
    uint32_t rows;
    if (!open_reader(&reader, roll->entries_file.bytes, &rows)) {
        return false;
    }
    roll->entries_file.rows = rows;
    roll->entries = lot_alloc(rows, sizeof *roll->entries);
    struct pool pool = {.at = lot_alloc(rows, 2), .room = 2 * (size_t)rows};
    bool good = true;
    for (uint32_t i = 0; good && i < rows; i++) {
        good = next_line(&reader) && read_entry(&reader, &pool, &roll->entries[i]);
        roll->chances += roll->entries[i].chances;
    }
    roll->wants = lot_realloc(pool.at, pool.size, 1);
    return good && at_end(&reader);
}

/* ---- applications: entries and refusals against received ------------------------------------ */

/*
 * A mark is 0 (free) or the number of an application plus 1, with three bits of its
 * hash, which spare most looks at the wrong one, and a bit once it was received.
 * Entries are numbered first, refusals after them. Open addressing, half full.
 */
#define MARK_NUMBER 0x0fffffffu
#define MARK_HASH 0x70000000u
#define MARK_RECEIVED 0x80000000u

struct applications {
    const struct lot_roll *roll;
    struct lot_text *refusals; /* whole lines */
    uint32_t *marks;
    uint64_t size; /* of marks */
    uint64_t key;
};

static struct lot_text
id_of(const struct applications *all, uint32_t number)
{
    uint32_t entries = all->roll->entries_file.rows;
    if (number < entries) {
        const struct lot_entry *entry = &all->roll->entries[number];
        return (struct lot_text){entry->id, entry->id_size};
    }
    struct lot_text rest = all->refusals[number - entries], id = {0};
    (void)lot_piece(&rest, ',', &id);
    return id;
}

/* The last 64 bytes of its line. */
static const char *
commit_of(const struct applications *all, uint32_t number)
{
    const struct lot_roll *roll = all->roll;
    uint32_t entries = roll->entries_file.rows;
    if (number >= entries) {
        struct lot_text line = all->refusals[number - entries];
        return line.at + line.size - LOT_HEX_SIZE;
    }
    struct lot_text bytes = roll->entries_file.bytes;
    const char *end = number + 1 < entries ? roll->entries[number + 1].id : bytes.at + bytes.size;
    return end - 1 - LOT_HEX_SIZE;
}

static uint64_t
hash_of(const struct applications *all, struct lot_text id)
{
    assert(id.size <= LOT_CODE_MAX);
    uint64_t words[3] = {0}, hash = all->key ^ id.size;
    memcpy(words, id.at, id.size);
    for (size_t i = 0; i < 3; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

/* The mark of the application with this id, or the free one where it would stand. */
static uint32_t *
mark_of(const struct applications *all, struct lot_text id)
{
    uint64_t hash = hash_of(all, id), at = (hash >> 32) * all->size >> 32;
    uint32_t bits = (uint32_t)hash & MARK_HASH;
    for (;; at = at + 1 < all->size ? at + 1 : 0) {
        uint32_t mark = all->marks[at];
        if (mark == 0 || ((mark & MARK_HASH) == bits &&
                          lot_text_same(id, id_of(all, (mark & MARK_NUMBER) - 1)))) {
            return &all->marks[at];
        }
    }
}

static bool
read_refusals(struct lot_roll *roll, struct applications *all, struct lot_error *error)
{
    struct reader reader = {.name = "refusals.csv",
                            .header = ROLL_REFUSALS_HEADER,
                            .columns = 3,
                            .rules = roll->rules,
                            .error = error};
    uint32_t rows;
    if (!open_reader(&reader, roll->refusals_file.bytes, &rows)) {
        return false;
    }
    roll->refusals_file.rows = rows;
    all->refusals = lot_alloc(rows, sizeof *all->refusals);
    for (uint32_t i = 0; i < rows; i++) {
        const char *line = reader.rest.at;
        if (!next_line(&reader) || !is_id(&reader, 0) || !is_commit(&reader, 2) ||
            !is_sorted(&reader)) {
            return false;
        }
        if (!canon_code(reader.fields[1])) {
            return refuse(&reader, 1, "is no reason code ([A-Za-z0-9_-]{1,24})");
        }
        all->refusals[i] = (struct lot_text){line, (size_t)(reader.rest.at - line) - 1};
    }
    return at_end(&reader);
}

/* Gives every application its mark; no id stands in both files. */
static bool
mark_all(struct applications *all, struct lot_error *error)
{
    uint32_t entries = all->roll->entries_file.rows;
    uint32_t count = entries + all->roll->refusals_file.rows;
    all->size = 2 * (uint64_t)count + 1;
    all->marks = lot_alloc(all->size, sizeof *all->marks);
    for (uint32_t i = 0; i < count; i++) {
        struct lot_text id = id_of(all, i);
        uint32_t *mark = mark_of(all, id);
        if (*mark != 0) {
            char shown[CANON_SHOWN_SIZE];
            return lot_fail(error, LOT_REFUSED,
                            "refusals.csv line %" PRIu32 ", id: '%s' stands in entries.csv too",
                            i - entries + 2, canon_shown(id, shown));
        }
        *mark = (i + 1) | ((uint32_t)hash_of(all, id) & MARK_HASH);
    }
    return true;
}

/* Intakes ascend, and the numbers of each run 1, 2, 3 ... */
static bool
is_next_number(const struct reader *reader, uint32_t *number)
{
    struct lot_text intake = reader->fields[0];
    if (reader->key.at == NULL || !lot_text_same(intake, reader->key)) {
        if (lot_rules_intake(reader->rules, intake) < 0) {
            return refuse(reader, 0, "is no intake of the rules");
        }
        if (!is_sorted(reader)) {
            return false;
        }
        *number = 0;
    }
    uint32_t found;
    ++*number;
    if (!canon_number(reader->fields[1], &found) || found != *number) {
        char sentence[80];
        snprintf(sentence, sizeof sentence, "stands where number %" PRIu32 " of its intake must be",
                 *number);
        return refuse(reader, 1, sentence);
    }
    return true;
}

/* A line of received.csv is that of an application, and the first one. */
static bool
receive(const struct reader *reader, const struct applications *all)
{
    int64_t time;
    if (!canon_time(reader->fields[3], &time)) {
        return refuse(reader, 3, "is no time that exists, in the form 2026-12-01T02:00:00Z");
    }
    if (!is_id(reader, 2)) {
        return false;
    }
    uint32_t *mark = mark_of(all, reader->fields[2]);
    if (*mark == 0) {
        return refuse(reader, 2, "stands in neither entries.csv nor refusals.csv");
    }
    if ((*mark & MARK_RECEIVED) != 0) {
        return refuse(reader, 2, "stands twice in received.csv");
    }
    *mark |= MARK_RECEIVED;
    uint32_t number = (*mark & MARK_NUMBER) - 1;
    if (reader->fields[4].size != LOT_HEX_SIZE ||
        memcmp(reader->fields[4].at, commit_of(all, number), LOT_HEX_SIZE) != 0) {
        return refuse(reader, 4,
                      number < all->roll->entries_file.rows
                          ? "is not the commit of this id in entries.csv"
                          : "is not the commit of this id in refusals.csv");
    }
    return true;
}

static bool
read_received(struct lot_roll *roll, const struct applications *all, struct lot_error *error)
{
    struct reader reader = {.name = "received.csv",
                            .header = ROLL_RECEIVED_HEADER,
                            .columns = 5,
                            .rules = roll->rules,
                            .error = error};
    uint32_t rows, number = 0;
    if (!open_reader(&reader, roll->received_file.bytes, &rows)) {
        return false;
    }
    roll->received_file.rows = rows;
    for (uint32_t i = 0; i < rows; i++) {
        if (!next_line(&reader) || !is_next_number(&reader, &number) || !receive(&reader, all)) {
            return false;
        }
    }
    return at_end(&reader);
}

/* No application disappears: the first one that was not received is named. */
static bool
all_received(const struct applications *all, struct lot_error *error)
{
    uint32_t entries = all->roll->entries_file.rows;
    if (all->roll->received_file.rows == entries + all->roll->refusals_file.rows) {
        return true;
    }
    uint32_t first = UINT32_MAX;
    for (uint64_t i = 0; i < all->size; i++) {
        uint32_t mark = all->marks[i], number = (mark & MARK_NUMBER) - 1;
        if (mark != 0 && (mark & MARK_RECEIVED) == 0 && number < first) {
            first = number;
        }
    }
    assert(first != UINT32_MAX);
    char shown[CANON_SHOWN_SIZE];
    return lot_fail(error, LOT_REFUSED, "%s line %" PRIu32 ", id: '%s' is not in received.csv",
                    first < entries ? "entries.csv" : "refusals.csv",
                    first < entries ? first + 2 : first - entries + 2,
                    canon_shown(id_of(all, first), shown));
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
    struct applications all = {.roll = &read};
    bool good = take_digests(&read, error) &&
                read_homes(rules, &read.homes_file, &read.homes, error) &&
                read_entries(&read, error) && read_refusals(&read, &all, error);
    /* The table's key comes from the files, so that nobody can choose ids that crowd it. */
    uint8_t key[sizeof all.key];
    if (good && canon_from_hex((struct lot_text){read.entries_file.digest, 2 * sizeof key}, key,
                               sizeof key)) {
        all.key = canon_get_u64(key);
    }
    good = good && mark_all(&all, error) && read_received(&read, &all, error) &&
           all_received(&all, error);
    free(all.marks);
    free(all.refusals);
    if (!good) {
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

uint32_t
lot_roll_entry(const struct lot_roll *roll, struct lot_text id)
{
    uint32_t low = 0, high = roll->entries_file.rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct lot_entry *entry = &roll->entries[middle];
        int order = lot_text_compare((struct lot_text){entry->id, entry->id_size}, id);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return LOT_NONE;
}

uint32_t
lot_roll_home(const struct lot_roll *roll, struct lot_text id)
{
    uint32_t low = 0, high = roll->homes_file.rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct lot_home *home = &roll->homes[middle];
        int order = lot_text_compare((struct lot_text){home->id, home->id_size}, id);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return LOT_NONE;
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
