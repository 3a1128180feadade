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
 * of received.csv finds its application through a table of marks, 16 bytes for each
 * application.
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

#define BYTES_MAX ((UINT64_C(1) << 36) - 1) /* of a file: offsets in marks have 36 bits */
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

/* Counts line feeds. In pieces whose count fits a byte, so that the compiler takes many at once. */
static size_t
count_lines(struct lot_text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size;) {
        size_t end = text.size - i < 255 ? text.size : i + 255;
        uint8_t piece = 0;
        for (; i < end; i++) {
            piece = (uint8_t)(piece + (text.at[i] == '\n'));
        }
        count += piece;
    }
    return count;
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
    size_t count = count_lines(reader->rest);
    if (count > LOT_ROWS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "%s: %zu lines; at most %d may stand here",
                        reader->name, count, LOT_ROWS_MAX);
    }
    if (bytes.size > BYTES_MAX) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "%s: %zu bytes; at most %" PRIu64 " may stand here", reader->name,
                        bytes.size, BYTES_MAX);
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
 * A mark says where the line of an application stands: offset and size in its file.
 * 0 is free. The bits of the id's hash spare looks at other lines. Open addressing,
 * half full; the key of the hash comes from the files, so that nobody can choose ids
 * that crowd one place.
 */
#define MARK_OFFSET_BITS 36
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
    return (struct lot_text){bytes + (mark & ((UINT64_C(1) << MARK_OFFSET_BITS) - 1)),
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

/* Reads refusals.csv and gives every application its mark; no id stands in both files. */
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
    all->size = 2 * ((uint64_t)roll->entries_file.rows + rows) + 1;
    all->marks = lot_alloc(all->size, sizeof *all->marks);
    mark_entries(all);
    for (uint32_t i = 0; i < rows; i++) {
        const char *line = reader.rest.at;
        if (!next_line(&reader) || !is_id(&reader, 0) || !is_commit(&reader, 2) ||
            !is_sorted(&reader)) {
            return false;
        }
        if (!canon_code(reader.fields[1])) {
            return refuse(&reader, 1, "is no reason code ([A-Za-z0-9_-]{1,24})");
        }
        uint64_t hash = hash_of(all, reader.fields[0]);
        uint64_t *mark = find_mark(all, hash, reader.fields[0]);
        if (*mark != 0) {
            return refuse(&reader, 0, "stands in entries.csv too");
        }
        size_t size = (size_t)(reader.rest.at - line) - 1;
        set_mark(all, mark, hash, (struct lot_text){line, size}, MARK_REFUSAL);
    }
    return at_end(&reader);
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

/* What is left to do with a line of received.csv once its form is right. */
struct arrival {
    uint64_t hash;
    struct lot_text id, commit;
    uint32_t line;
};

/* The reader stands lines behind; says the sentence as if it stood at the arrival. */
static bool
refuse_arrival(const struct reader *reader, const struct arrival *arrival, size_t column,
               const char *sentence)
{
    struct reader at = *reader;
    at.line = arrival->line;
    at.fields[column] = column == 2 ? arrival->id : arrival->commit;
    return refuse(&at, column, sentence);
}

/* The line is that of an application, and the first one. */
static bool
receive(const struct reader *reader, const struct arrival *arrival, const struct applications *all)
{
    uint64_t *mark = find_mark(all, arrival->hash, arrival->id);
    if (*mark == 0) {
        return refuse_arrival(reader, arrival, 2, "stands in neither entries.csv nor refusals.csv");
    }
    if ((*mark & MARK_RECEIVED) != 0) {
        return refuse_arrival(reader, arrival, 2, "stands twice in received.csv");
    }
    *mark |= MARK_RECEIVED;
    struct lot_text line = line_of(all, *mark);
    if (arrival->commit.size != LOT_HEX_SIZE ||
        memcmp(arrival->commit.at, line.at + line.size - LOT_HEX_SIZE, LOT_HEX_SIZE) != 0) {
        return refuse_arrival(reader, arrival, 4,
                              "is not the commit of this id in entries.csv or refusals.csv");
    }
    return true;
}

/* Receives lines in their order. */
static bool
receive_batch(const struct reader *reader, const struct arrival arrivals[], uint32_t count,
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
        if (!receive(reader, &arrivals[i], all)) {
            return false;
        }
    }
    return true;
}

static bool
next_arrival(struct reader *reader, const struct applications *all, uint32_t *number,
             struct arrival *out)
{
    int64_t time;
    if (!next_line(reader) || !is_next_number(reader, number) || !is_id(reader, 2)) {
        return false;
    }
    if (!canon_time(reader->fields[3], &time)) {
        return refuse(reader, 3, "is no time that exists, in the form 2026-12-01T02:00:00Z");
    }
    *out = (struct arrival){hash_of(all, reader->fields[2]), reader->fields[2], reader->fields[4],
                            reader->line};
    WANT(first_mark(all, out->hash));
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
    struct arrival arrivals[BATCH];
    uint32_t rows, number = 0;
    if (!open_reader(&reader, roll->received_file.bytes, &rows)) {
        return false;
    }
    roll->received_file.rows = rows;
    for (uint32_t done = 0; done < rows;) {
        bool good = true;
        uint32_t count = 0;
        for (; good && count < BATCH && done < rows; done++, count += good) {
            good = next_arrival(&reader, all, &number, &arrivals[count]);
        }
        /* A fault in an earlier line comes first, and takes the place of the sentence. */
        if (!receive_batch(&reader, arrivals, count, all) || !good) {
            return false;
        }
    }
    return at_end(&reader);
}

/* No application disappears: the first one that was not received is named. */
static bool
all_received(const struct applications *all, struct lot_error *error)
{
    uint64_t first = UINT64_MAX;
    for (uint64_t i = 0; i < all->size; i++) {
        /* The bits below the hash tell the order within a file only from the offset on. */
        uint64_t place = all->marks[i] & (MARK_REFUSAL | ((UINT64_C(1) << MARK_OFFSET_BITS) - 1));
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
                read_entries(&read, error);
    uint8_t key[sizeof all.key];
    if (good && canon_from_hex((struct lot_text){read.entries_file.digest, 2 * sizeof key}, key,
                               sizeof key)) {
        all.key = canon_get_u64(key);
    }
    good = good && read_refusals(&read, &all, error) && read_received(&read, &all, error) &&
           all_received(&all, error);
    free(all.marks);
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
