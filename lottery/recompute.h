/*
 * recompute.h - a published draw done again from six files of its folder: no database,
 * no log, no key (PROTOCOL.md section 9).
 */
#ifndef LOT_RECOMPUTE_H
#define LOT_RECOMPUTE_H

#include "lottery/lottery.h"

/* Start with {0}, end with recompute_finish(). What is not there yet is zero. */
struct recompute {
    struct lot_buffer rules_json, homes_csv, entries_csv, refusals_csv, received_csv, seed_txt;
    struct lot_rules *rules;
    struct lot_roll roll;
    struct lot_freeze freeze; /* as seed.txt says; only the log could tell more */
    struct lot_attempt attempt;
    char seed[LOT_HEX_SIZE + 1]; /* H of seed.txt */
    struct lot_place *order;
    struct lot_allocation allocation;
};

/*
 * Reads rules.json, homes.csv, entries.csv, refusals.csv, received.csv and seed.txt.
 * Refused when they break sections 1 to 3, when seed.txt does not name these very
 * files, or when its commits, dice, reveals or public lines break section 5.
 *
 * folder    path of the folder
 * cost      O(rows) in time; in memory the files and 24 bytes an entry
 */
bool recompute_read(struct recompute *recompute, const char *folder,
                    struct lot_error *error) LOT_CHECKED;

/*
 * Draws and allocates what was read; order and allocation are there then.
 *
 * threads   as for lot_draw()
 * cost      O(n log n) in time, 52 bytes an entry in memory
 */
bool recompute_draw(struct recompute *recompute, unsigned threads,
                    struct lot_error *error) LOT_CHECKED;

void recompute_finish(struct recompute *recompute);

#endif
