/*
 * roll.h - the lines of the frozen files: their headers, and the writers that the
 * register uses at the freeze. Readers are in lottery.h; the format is told in roll.c.
 *
 * Writers trust their arguments: they come from a register that has checked them, and
 * what was written is read back by lot_roll_read() before anything is frozen.
 */
#ifndef LOT_ROLL_H
#define LOT_ROLL_H

#include "lottery/lottery.h"
#include "lottery/table.h"

#define ROLL_HOMES_HEADER "home,type,area,price,tags,place"
#define ROLL_ENTRIES_HEADER "id,queues,persons,chances,wants,commit"
#define ROLL_REFUSALS_HEADER "id,reason,commit"
#define ROLL_RECEIVED_HEADER "intake,number,id,time,commit"

struct roll_entry {
    const char *id;
    const char *queues; /* words, sorted; may be empty */
    uint32_t persons, chances;
    const char *wants; /* words in order of preference */
    const char *commit;
};

struct roll_received {
    const char *intake;
    uint32_t number;
    const char *id;
    int64_t time;
    const char *commit;
};

/* Each adds one line with its LF; headers are added by the caller, with theirs. */
void roll_add_entry(struct lot_buffer *out, const struct roll_entry *entry);
void roll_add_refusal(struct lot_buffer *out, const char *id, const char *reason,
                      const char *commit);
void roll_add_received(struct lot_buffer *out, const struct roll_received *received);

/*
 * Checks a homes.csv alone, as it is when a draw begins: lines, types, order.
 *
 * rows      how many homes there are
 */
bool roll_check_homes(const struct lot_rules *rules, struct lot_text homes, uint32_t *rows,
                      struct lot_error *error) LOT_CHECKED;

/* ---- between roll.c and received.c ---- */

/* A field is an id, a commit; refused with its place. */
bool roll_is_id(const struct table *table, size_t column) LOT_CHECKED;
bool roll_is_commit(const struct table *table, size_t column) LOT_CHECKED;

/*
 * Reads refusals.csv and received.csv of a roll whose entries were read, and finds
 * that every application is in one of entries and refusals, and was received once.
 *
 * cost      O(rows); for its duration 16 bytes an application
 */
bool roll_match(struct lot_roll *roll, struct lot_error *error) LOT_CHECKED;

#endif
