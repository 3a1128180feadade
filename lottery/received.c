/*
 * received.c - hides how it is made sure, in a moment, that no application disappears:
 * refusals.csv and received.csv against entries.csv (PROTOCOL.md section 3).
 *
 * Every application, admitted or refused, gets a mark in a table: 16 bytes, for as
 * long as this takes. Each line of received.csv must find one that was not received
 * before; in the end none may be left.
 */
#include "lottery/roll.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Asks for memory that will be looked at soon. A million applications lie in hundreds
 * of megabytes in an order by chance; one after the other, the time would go into
 * waiting for them. So lines are looked up in batches: all ask before the first looks.
 */
#if defined(__GNUC__)
#define WANT(at) __builtin_prefetch(at)
#else
#define WANT(at) ((void)(at))
#endif
#define BATCH 64

/* ---- marks ---------------------------------------------------------------------------------- */

/*
 * A mark says where the line of an application stands: offset and size in its file.
 * 0 is free. The bits of the id's hash spare looks at other lines. Open addressing,
 * half full.
 */
#define MARK_OFFSET_BITS 36
#define BYTES_MAX ((UINT64_C(1) << MARK_OFFSET_BITS) - 1) /* of a file */
#define MARK_SIZE_BITS 13
#define MARK_HASH (UINT64_C(0x1fff) << (MARK_OFFSET_BITS + MARK_SIZE_BITS))
#define MARK_REFUSAL (UINT64_C(1) << 62)
#define MARK_RECEIVED (UINT64_C(1) << 63)

struct applications {
    const struct lot_roll *roll;
    uint64_t *marks;
    uint64_t size; /* of marks */
    uint64_t key;
};

static const struct lot_file *
file_of(const struct applications *all, uint64_t mark)
{
    return (mark & MARK_REFUSAL) != 0 ? &all->roll->refusals_file : &all->roll->entries_file;
}

static struct lot_text
line_of(const struct applications *all, uint64_t mark)
{
    const char *bytes = file_of(all, mark)->bytes.at;
    return (struct lot_text){bytes + (mark & BYTES_MAX),
                             mark >> MARK_OFFSET_BITS & ((1u << MARK_SIZE_BITS) - 1)};
}

static uint64_t
mix(uint64_t hash, const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Of an id, 4 to 24 characters; the last piece may overlap the one before. */
static uint64_t
hash_of(const struct applications *all, struct lot_text id)
{
    uint64_t hash = all->key ^ id.size;
    if (id.size < 8) {
        char both[8];
        memcpy(both, id.at, 4);
        memcpy(both + 4, id.at + id.size - 4, 4);
        return mix(hash, both);
    }
    for (size_t i = 0; i + 8 < id.size; i += 8) {
        hash = mix(hash, id.at + i);
    }
    return mix(hash, id.at + id.size - 8);
}

/* Where a search with this hash begins. */
static uint64_t *
first_mark(const struct applications *all, uint64_t hash)
{
    return &all->marks[(hash >> 32) * all->size >> 32];
}

/* From mark on, the first one that is free or has the bits of this hash. */
static uint64_t *
likely_mark(const struct applications *all, uint64_t *mark, uint64_t hash)
{
    for (;; mark++) {
        if (mark == all->marks + all->size) {
            mark = all->marks;
        }
        if (*mark == 0 || ((*mark ^ hash << MARK_OFFSET_BITS) & MARK_HASH) == 0) {
            return mark;
        }
    }
}

/* The mark of the application with this id, or the free one where the search ended. */
static uint64_t *
find_mark(const struct applications *all, uint64_t hash, struct lot_text id)
{
    uint64_t *mark = likely_mark(all, first_mark(all, hash), hash);
    while (*mark != 0) {
        struct lot_text line = line_of(all, *mark);
        if (line.at[id.size] == ',' && memcmp(line.at, id.at, id.size) == 0) {
            break;
        }
        mark = likely_mark(all, mark + 1, hash);
    }
    return mark;
}

static void
set_mark(const struct applications *all, uint64_t *mark, uint64_t hash, struct lot_text line,
         uint64_t refusal)
{
    *mark = refusal;
    uint64_t offset = (uint64_t)(line.at - file_of(all, *mark)->bytes.at);
    *mark |=
        offset | (uint64_t)line.size << MARK_OFFSET_BITS | (hash << MARK_OFFSET_BITS & MARK_HASH);
}

/* The line of an entry: the next one begins behind its line feed. */
static struct lot_text
entry_line(const struct lot_roll *roll, uint32_t entry)
{
    struct lot_text bytes = roll->entries_file.bytes;
    const char *at = roll->entries[entry].id;
    const char *next =
        entry + 1 < roll->entries_file.rows ? roll->entries[entry + 1].id : bytes.at + bytes.size;
    return (struct lot_text){at, (size_t)(next - at) - 1};
}
static void
mark_entries(struct applications *all)
{
    uint32_t count = all->roll->entries_file.rows;
    const struct lot_entry *entries = all->roll->entries;
    for (uint32_t i = 0; i < count; i++) {
        if (i + BATCH < count) {
            const struct lot_entry *later = &entries[i + BATCH];
            WANT(first_mark(all, hash_of(all, (struct lot_text){later->id, later->id_size})));
        }
        uint64_t hash = hash_of(all, (struct lot_text){entries[i].id, entries[i].id_size});
        uint64_t *mark = first_mark(all, hash);
        while (*mark != 0) { /* no two are the same: they are sorted */
            mark = mark + 1 < all->marks + all->size ? mark + 1 : all->marks;
        }
        set_mark(all, mark, hash, entry_line(all->roll, i), 0);
    }
}

/* ---- refusals.csv --------------------------------------------------------------------------- */

/* Every refused application gets its mark; none stands in entries.csv too. */
static bool
mark_refusals(struct table *table, const struct applications *all)
{
    while (table->rest.size > 0) {
        const char *line = table->rest.at;
        if (!table_next(table) || !roll_is_id(table, 0) || !roll_is_commit(table, 2) ||
            !table_rises(table)) {
            return false;
        }
        if (!canon_code(table->fields[1])) {
            return table_refuse(table, 1, "is no reason code ([A-Za-z0-9_-]{1,24})");
        }
        uint64_t hash = hash_of(all, table->fields[0]);
        uint64_t *mark = find_mark(all, hash, table->fields[0]);
        if (*mark != 0) {
            return table_refuse(table, 0, "stands in entries.csv too");
        }
        size_t size = (size_t)(table->rest.at - line) - 1;
        set_mark(all, mark, hash, (struct lot_text){line, size}, MARK_REFUSAL);
    }
    return true;
}

/* ---- received.csv --------------------------------------------------------------------------- */

/* Intakes ascend, and the numbers of each run 1, 2, 3 ... */
static bool
is_next_number(const struct table *table, const struct lot_rules *rules, uint32_t *number)
{
    struct lot_text intake = table->fields[0];
    if (table->before.at == NULL || !lot_text_same(intake, table->before)) {
        if (lot_rules_intake(rules, intake) < 0) {
            return table_refuse(table, 0, "is no intake of the rules");
        }
        if (!table_rises(table)) {
            return false;
        }
        *number = 0;
    }
    uint32_t found;
    ++*number;
    if (!canon_number(table->fields[1], &found) || found != *number) {
        char sentence[80];
        snprintf(sentence, sizeof sentence, "stands where number %" PRIu32 " of its intake must be",
                 *number);
        return table_refuse(table, 1, sentence);
    }
    return true;
}

/* What is left to do with a line once its form is right. */
struct arrival {
    uint64_t hash;
    struct lot_text id, commit;
    uint32_t line;
};

static bool
next_arrival(struct table *table, const struct applications *all, uint32_t *number,
             struct arrival *out)
{
    int64_t time;
    if (!table_next(table) || !is_next_number(table, all->roll->rules, number) ||
        !roll_is_id(table, 2)) {
        return false;
    }
    if (!canon_time(table->fields[3], &time)) {
        return table_refuse(table, 3, "is no time that exists, in the form 2026-12-01T02:00:00Z");
    }
    *out = (struct arrival){hash_of(all, table->fields[2]), table->fields[2], table->fields[4],
                            table->line};
    WANT(first_mark(all, out->hash));
    return true;
}

/* The table stands lines behind; says the sentence as if it stood at the arrival. */
static bool
refuse_arrival(const struct table *table, const struct arrival *arrival, size_t column,
               const char *sentence)
{
    struct table at = *table;
    at.line = arrival->line;
    at.fields[column] = column == 2 ? arrival->id : arrival->commit;
    return table_refuse(&at, column, sentence);
}

/* The line is that of an application, and the first one. */
static bool
receive(const struct table *table, const struct arrival *arrival, const struct applications *all)
{
    uint64_t *mark = find_mark(all, arrival->hash, arrival->id);
    if (*mark == 0) {
        return refuse_arrival(table, arrival, 2, "stands in neither entries.csv nor refusals.csv");
    }
    if ((*mark & MARK_RECEIVED) != 0) {
        return refuse_arrival(table, arrival, 2, "stands twice in received.csv");
    }
    *mark |= MARK_RECEIVED;
    struct lot_text line = line_of(all, *mark);
    if (arrival->commit.size != LOT_HEX_SIZE ||
        memcmp(arrival->commit.at, line.at + line.size - LOT_HEX_SIZE, LOT_HEX_SIZE) != 0) {
        return refuse_arrival(table, arrival, 4,
                              "is not the commit of this id in entries.csv or refusals.csv");
    }
    return true;
}

/* Receives lines in their order. */
static bool
receive_batch(const struct table *table, const struct arrival arrivals[], uint32_t count,
              const struct applications *all)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t mark = *likely_mark(all, first_mark(all, arrivals[i].hash), arrivals[i].hash);
        if (mark != 0) {
            struct lot_text line = line_of(all, mark);
            WANT(line.at);
            WANT(line.at + line.size - 1);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!receive(table, &arrivals[i], all)) {
            return false;
        }
    }
    return true;
}

static bool
read_received(struct lot_file *file, const struct applications *all, struct lot_error *error)
{
    struct table table = {.name = "received.csv", .header = ROLL_RECEIVED_HEADER, .error = error};
    struct arrival arrivals[BATCH];
    uint32_t number = 0;
    if (!table_open(&table, file->bytes)) {
        return false;
    }
    while (table.rest.size > 0) {
        bool good = true;
        uint32_t count = 0;
        while (good && count < BATCH && table.rest.size > 0) {
            good = next_arrival(&table, all, &number, &arrivals[count]);
            count += good;
        }
        /* A fault in an earlier line comes first, and takes the place of the sentence. */
        if (!receive_batch(&table, arrivals, count, all) || !good) {
            return false;
        }
        file->rows += count; /* no more than there are applications */
    }
    return true;
}

/* No application disappears: the first one that was not received is named. */
static bool
all_received(const struct applications *all, struct lot_error *error)
{
    uint64_t first = UINT64_MAX;
    for (uint64_t i = 0; i < all->size; i++) {
        /* Entries in their order, then refusals in theirs. */
        uint64_t place = all->marks[i] & (MARK_REFUSAL | BYTES_MAX);
        if (all->marks[i] != 0 && (all->marks[i] & MARK_RECEIVED) == 0 && place < first) {
            first = place;
        }
    }
    if (first == UINT64_MAX) {
        return true;
    }
    const char *name = (first & MARK_REFUSAL) != 0 ? "refusals.csv" : "entries.csv";
    const struct lot_text bytes = file_of(all, first)->bytes;
    struct lot_text rest = {bytes.at, first & ~MARK_REFUSAL}, line, id = {0};
    uint32_t number = 1;
    while (lot_line(&rest, &line)) {
        number++;
    }
    rest = (struct lot_text){rest.at, LOT_CODE_MAX + 1};
    (void)lot_piece(&rest, ',', &id);
    char shown[CANON_SHOWN_SIZE];
    return lot_fail(error, LOT_REFUSED, "%s line %" PRIu32 ", id: '%s' is not in received.csv",
                    name, number, canon_shown(id, shown));
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* From digests of all ids, so that nobody can choose ids that crowd one place. */
static uint64_t
key_of(const struct lot_roll *roll)
{
    uint8_t entries[8] = {0}, refusals[8] = {0};
    bool good = canon_from_hex((struct lot_text){roll->entries_file.digest, 16}, entries, 8) &&
                canon_from_hex((struct lot_text){roll->refusals_file.digest, 16}, refusals, 8);
    assert(good);
    return canon_get_u64(entries) ^ canon_get_u64(refusals);
}

bool
roll_match(struct lot_roll *roll, struct lot_error *error)
{
    assert(roll != NULL && roll->entries != NULL);
    struct applications all = {.roll = roll, .key = key_of(roll)};
    struct table refusals = {
        .name = "refusals.csv", .header = ROLL_REFUSALS_HEADER, .error = error};
    if (roll->entries_file.bytes.size > BYTES_MAX || roll->refusals_file.bytes.size > BYTES_MAX) {
        return lot_fail(error, LOT_REFUSED, "entries.csv or refusals.csv: more than 64 GiB");
    }
    if (!table_open(&refusals, roll->refusals_file.bytes) ||
        !table_count(&refusals, &roll->refusals_file.rows)) {
        return false;
    }
    all.size = 2 * ((uint64_t)roll->entries_file.rows + roll->refusals_file.rows) + 1;
    all.marks = lot_alloc(all.size, sizeof *all.marks);
    mark_entries(&all);
    bool good = mark_refusals(&refusals, &all) &&
                read_received(&roll->received_file, &all, error) && all_received(&all, error);
    free(all.marks);
    return good;
}
