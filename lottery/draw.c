/*
 * draw.c - hides how a seed and a roll become one order quickly: several workers
 * hash, then one radix sort whose worst case is bounded.
 *
 *   ticket of entry id, chance i   = H(seed ":entry:" id ":" i)     i = 1 .. chances
 *   place of home h                = H(seed ":home:" h ":1")
 *
 * An entry's ticket is the smallest of its tickets. Entries stand by (ticket, id),
 * homes by (place, id). A roll is sorted by id, so an index compares as its id does
 * and no id is read while sorting. Digests compared as bytes order as their lower-case
 * hex does.
 *
 * The workers share nothing but what they read; each writes the places of its own
 * part of the list, so their number cannot change a byte.
 */
#include "lottery/lottery.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 64
#define SMALL 24                                          /* so few are sorted by insertion */
#define MESSAGE_MAX (sizeof ":entry:" + LOT_CODE_MAX + 3) /* ":" and two digits behind the id */

static_assert(LOT_CHANCES_MAX < 100, "the number of a chance has at most two digits");

/* ---- hashing --------------------------------------------------------------------------------- */

enum list { ENTRIES, HOMES };

/* What one worker does: the places of items [first, end) of one list. */
struct part {
    const struct lot_roll *roll;
    const struct crypto_prefix *prefix; /* the seed, hashed once */
    struct lot_place *places;           /* of the whole list */
    enum list list;
    uint32_t first, end;
    bool good; /* no digest failed */
};

static struct lot_text
id_of(const struct part *part, uint32_t item)
{
    if (part->list == ENTRIES) {
        const struct lot_entry *entry = &part->roll->entries[item];
        return (struct lot_text){entry->id, entry->id_size};
    }
    const struct lot_home *home = &part->roll->homes[item];
    return (struct lot_text){home->id, home->id_size};
}

/* The smallest ticket of one item, and the smallest chance that gave it. */
static bool
find_place(const struct part *part, uint32_t item, struct lot_place *out)
{
    struct lot_text kind = part->list == ENTRIES ? LOT_TEXT(":entry:") : LOT_TEXT(":home:");
    struct lot_text id = id_of(part, item);
    unsigned chances = part->list == ENTRIES ? part->roll->entries[item].chances : 1;
    assert(id.size <= LOT_CODE_MAX && chances >= 1 && chances <= LOT_CHANCES_MAX);

    char message[MESSAGE_MAX];
    memcpy(message, kind.at, kind.size);
    memcpy(message + kind.size, id.at, id.size);
    size_t stem = kind.size + id.size;
    message[stem++] = ':';
    for (unsigned chance = 1; chance <= chances; chance++) {
        size_t size = stem;
        if (chance >= 10) {
            message[size++] = (char)('0' + chance / 10);
        }
        message[size++] = (char)('0' + chance % 10);
        uint8_t ticket[LOT_HASH_BYTES];
        if (!crypto_prefix_digest(part->prefix, message, size, ticket)) {
            return false;
        }
        if (chance == 1 || memcmp(ticket, out->ticket, sizeof ticket) < 0) {
            memcpy(out->ticket, ticket, sizeof ticket);
            out->chance = (uint8_t)chance;
        }
    }
    out->entry = item;
    return true;
}

static void *
work(void *argument)
{
    struct part *part = argument;
    part->good = true;
    for (uint32_t i = part->first; i < part->end && part->good; i++) {
        part->good = find_place(part, i, &part->places[i]);
    }
    return NULL;
}

/* Finds places[0, count) of a list, which come out in the list's order. */
static bool
find_places(const struct part *whole, uint32_t count, unsigned threads, struct lot_error *error)
{
    struct part parts[THREADS_MAX];
    pthread_t workers[THREADS_MAX];
    bool started[THREADS_MAX] = {false};
    for (unsigned i = 0; i < threads; i++) {
        parts[i] = *whole;
        parts[i].first = (uint32_t)((uint64_t)count * i / threads);
        parts[i].end = (uint32_t)((uint64_t)count * (i + 1) / threads);
        /* The last part is the caller's own; a thread that cannot be had is done by it too. */
        started[i] = i + 1 < threads && pthread_create(&workers[i], NULL, work, &parts[i]) == 0;
    }
    for (unsigned i = 0; i < threads; i++) {
        if (!started[i]) {
            work(&parts[i]);
        }
    }
    bool good = true;
    for (unsigned i = 0; i < threads; i++) {
        if (started[i]) {
            pthread_join(workers[i], NULL);
        }
        good = good && parts[i].good;
    }
    return good || lot_fail(error, LOT_MACHINE, "OpenSSL could not hash the tickets");
}

/* ---- sorting --------------------------------------------------------------------------------- */

/* A place as a number of 36 digits: 32 bytes of ticket, then 4 of the index, most significant
 * first. No two places are the same number. */
#define DIGITS (LOT_HASH_BYTES + 4)

static unsigned
digit(const struct lot_place *place, unsigned at)
{
    if (at < LOT_HASH_BYTES) {
        return place->ticket[at];
    }
    return (place->entry >> (8 * (DIGITS - 1 - at))) & 0xff;
}

static bool
before(const struct lot_place *a, const struct lot_place *b)
{
    int order = memcmp(a->ticket, b->ticket, sizeof a->ticket);
    return order != 0 ? order < 0 : a->entry < b->entry;
}

static void
sort_few(struct lot_place places[], uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct lot_place place = places[i];
        uint32_t at = i;
        for (; at > 0 && before(&place, &places[at - 1]); at--) {
            places[at] = places[at - 1];
        }
        places[at] = place;
    }
}

/*
 * Sorts in place by the digits from `at` on: every place is swapped into the part
 * of its digit, then each part is sorted by the next one. Tickets that begin alike
 * cost one more pass over them a digit, never more than DIGITS passes in all, and it
 * calls itself never deeper than that.
 */
static void
sort(struct lot_place places[], uint32_t count, unsigned at) // NOLINT(misc-no-recursion)
{
    if (count <= SMALL) {
        sort_few(places, count);
        return;
    }
    assert(at < DIGITS);
    uint32_t next[256] = {0}; /* where the next place of each digit goes */
    uint32_t end[256];        /* where the places of each digit end */
    for (uint32_t i = 0; i < count; i++) {
        next[digit(&places[i], at)]++;
    }
    uint32_t sum = 0;
    for (unsigned d = 0; d < 256; d++) {
        end[d] = sum + next[d];
        next[d] = sum;
        sum = end[d];
    }
    for (unsigned d = 0; d < 256; d++) {
        while (next[d] < end[d]) {
            struct lot_place place = places[next[d]];
            for (unsigned to = digit(&place, at); to != d; to = digit(&place, at)) {
                struct lot_place other = places[next[to]];
                places[next[to]++] = place;
                place = other;
            }
            places[next[d]++] = place;
        }
    }
    for (unsigned d = 0; d < 256; d++) {
        uint32_t first = d == 0 ? 0 : end[d - 1];
        sort(places + first, end[d] - first, at + 1);
    }
}

/* ---- the draw -------------------------------------------------------------------------------- */

bool
lot_draw(const struct lot_roll *roll, const char seed[static LOT_HEX_SIZE], unsigned threads,
         struct lot_place order[], uint32_t homes[], struct lot_error *error)
{
    assert(roll != NULL && roll->rules != NULL && threads >= 1 && threads <= THREADS_MAX);
    assert(canon_hex((struct lot_text){seed, LOT_HEX_SIZE}, LOT_HEX_SIZE));
    uint32_t entry_count = roll->entries_file.rows;
    uint32_t home_count = roll->homes_file.rows;
    struct part part = {.roll = roll};
    struct crypto_prefix *prefix = NULL;
    struct lot_place *places = lot_alloc(home_count, sizeof *places);
    bool good = false;

    if (!crypto_prefix_create(roll->rules->hash, (struct lot_text){seed, LOT_HEX_SIZE}, &prefix,
                              error)) {
        goto out;
    }
    part.prefix = prefix;
    part.list = HOMES;
    part.places = places;
    if (!find_places(&part, home_count, threads, error)) {
        goto out;
    }
    part.list = ENTRIES;
    part.places = order;
    if (!find_places(&part, entry_count, threads, error)) {
        goto out;
    }
    sort(places, home_count, 0);
    for (uint32_t i = 0; i < home_count; i++) {
        homes[i] = places[i].entry;
    }
    sort(order, entry_count, 0);
    good = true;
out:
    free(places);
    crypto_prefix_destroy(prefix);
    return good;
}
