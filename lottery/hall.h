/*
 * hall.h - what happens in the hall, on the draw file: from the first attempt to the
 * last waiver. Each act appends the leaves that the state machine accepts, in one
 * transaction; nothing else can be appended.
 *
 *   hall_open                replays the log: where the draw stands
 *       one act
 *   hall_close               commits, then signs what is to be shown
 *   hall_finish              without hall_close: nothing happened
 *
 * No function here makes or guesses a secret, throws a die or reads a clock: all come in.
 */
#ifndef LOT_HALL_H
#define LOT_HALL_H

#include "lottery/after.h"
#include "lottery/ceremony.h"
#include "lottery/register.h"

struct hall {
    struct register_book book; /* its store and rules */
    struct register_roll frozen;
    struct ceremony ceremony;
    /* once the draw is finished: the order, the awards, and who holds what since */
    struct lot_place *order;
    uint32_t *homes;
    struct lot_allocation allocation;
    struct after after;
};

/*
 * Opens a frozen draw.
 * errors    LOT_PHASE when the roll is not frozen yet
 * cost      O(roll); after `finish` the draw is made again, as a check
 */
bool hall_open(const char *path, enum store_mode mode, struct hall *out,
               struct lot_error *error) LOT_CHECKED;

/*
 * Commits the act and signs the checkpoints that are to be shown.
 *
 * key               path of the log's private key, NULL: where `new` found it
 * open_to_others    others can read that file: warn
 */
bool hall_close(struct hall *hall, const char *key, bool *open_to_others,
                struct lot_error *error) LOT_CHECKED;
void hall_finish(struct hall *hall);

/* Witnesses who still have to countersign the checkpoint of this size; none = all have. */
bool hall_missing(struct hall *hall, uint64_t size, struct lot_buffer *names,
                  struct lot_error *error) LOT_CHECKED;

/*
 * Begins an attempt: the leaves `attempt` and `software`.
 *
 * version    of the program, a code with dots
 * program    bytes of the program's file
 */
bool hall_attempt(struct hall *hall, const char *version, struct lot_text program, int64_t now,
                  struct lot_error *error) LOT_CHECKED;

/* What a party hands in: its commit, later its secret. */
bool hall_commit(struct hall *hall, const char *party, const char *commit, int64_t now,
                 struct lot_error *error) LOT_CHECKED;
bool hall_reveal(struct hall *hall, const char *party, const char *secret, int64_t now,
                 struct lot_error *error) LOT_CHECKED;

/* Typed twice by two people; where they differ is said. From here on nothing is repeated. */
bool hall_dice(struct hall *hall, const char *typed, const char *again, int64_t now,
               struct lot_error *error) LOT_CHECKED;
bool hall_public_text(struct hall *hall, const char *name, const char *typed, const char *again,
                      int64_t now, struct lot_error *error) LOT_CHECKED;

/* A pulse of a beacon, as served; before may be empty (pulse.h says when). */
bool hall_public_pulse(struct hall *hall, struct lot_text pulse, struct lot_text before,
                       struct lot_text certificate, int64_t now,
                       struct lot_error *error) LOT_CHECKED;

bool hall_void(struct hall *hall, const char *ground, int64_t now,
               struct lot_error *error) LOT_CHECKED;
bool hall_end(struct hall *hall, const char *ground, int64_t now,
              struct lot_error *error) LOT_CHECKED;

/* Seed, order, allocation, cut-offs and results, logged and stored in one act. */
bool hall_draw(struct hall *hall, unsigned threads, int64_t now,
               struct lot_error *error) LOT_CHECKED;

/*
 * A household signs for its home. opening is what the frozen commit hides,
 * `salt:number:number...`: without it nobody gets a home.
 */
bool hall_take(struct hall *hall, const char *id, const char *home, struct lot_text opening,
               int64_t now, struct lot_error *error) LOT_CHECKED;

/* Gives up a home, a turn or a place in the queue; *successor says who holds it now, if any. */
bool hall_waive(struct hall *hall, const char *id, const char *ground, int64_t now,
                struct lot_buffer *successor, struct lot_error *error) LOT_CHECKED;

#endif
