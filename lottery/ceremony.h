/*
 * ceremony.h - the leaves of a draw's log in their one order: what is frozen, the
 * ceremony from freeze to seed, the results, and what comes after.
 *
 * The verbs that open a draw file, `verify` and the screen in the hall all feed the
 * same state machine, so what one of them lets pass no other refuses. It knows no
 * clock and no file; the formats of all leaves stand at the top of ceremony.c.
 * Source: PROTOCOL.md sections 5 and 7.
 */
#ifndef LOT_CEREMONY_H
#define LOT_CEREMONY_H

#include "lottery/leaf.h"

/* A draw that fails a thousand times has another problem; bounds the search for a second commit. */
#define CEREMONY_ATTEMPTS_MAX 999

/* ---- the state machine ---- */

/*
 * A size of the log whose checkpoint is shown and countersigned by every witness. No
 * such size are the commits of an attempt that was void or ended before its first
 * throw, and reveals after which the draw was ended: nothing rests on them.
 */
enum ceremony_occasion {
    CEREMONY_AT_FREEZE,
    CEREMONY_AT_COMMITS, /* before the dice */
    CEREMONY_AT_REVEALS, /* before the public values, if the rules ask for any */
    CEREMONY_AT_FINISH,
    CEREMONY_AT_SITTING, /* after `finish`: the log as it stands */
};

struct ceremony_moment {
    enum ceremony_occasion occasion;
    uint32_t attempt; /* 0 at the freeze */
    uint64_t size;
    int64_t time; /* of its last leaf */
};

struct ceremony {
    const struct lot_roll *roll; /* borrowed */
    struct lot_freeze freeze;
    enum lot_step step;
    bool finished;              /* `finish` is in the log */
    uint64_t size;              /* of the log so far */
    int64_t time;               /* of its last leaf */
    uint32_t next;              /* the party, source or leaf of the results that is due */
    struct lot_attempt attempt; /* the one that is open or that stands */
    char seed[LOT_HEX_SIZE + 1];

    struct ceremony_moment *moments;
    uint32_t moment_count;
    char (*commits)[LOT_HEX_SIZE + 1]; /* of all attempts: none may come twice */
    uint32_t commit_count;
};

/*
 * Stands behind the leaf `freeze`.
 *
 * roll     as lot_roll_read() leaves it; borrowed until ceremony_finish()
 * freeze   size and root of checkpoint.freeze
 * frozen   the time of the leaf `freeze`
 */
void ceremony_begin(struct ceremony *ceremony, const struct lot_roll *roll,
                    const struct lot_freeze *freeze, int64_t frozen);
void ceremony_finish(struct ceremony *ceremony);

/*
 * Takes the next leaf of the log, or refuses it and changes nothing.
 *
 * Everything up to the seed is checked here but the files of pulses. Of the results
 * only number and order of the leaves are, their content is leaf_results(); of
 * take, waive and award only the time, the rest is after.h.
 *
 * errors   LOT_PHASE: the leaf comes at the wrong time, the sentence names the one that
 *          is due. LOT_REFUSED: it is due but its value is wrong. Values are not repeated.
 */
bool ceremony_take(struct ceremony *ceremony, struct lot_text leaf,
                   struct lot_error *error) LOT_CHECKED;

/* What is due: "`commit notary`", "`attempt 2` or `end`". */
void ceremony_due(const struct ceremony *ceremony, struct lot_buffer *out);

const char *ceremony_occasion_name(enum ceremony_occasion occasion);

#endif
