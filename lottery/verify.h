/*
 * verify.h - the verdict on a published bundle, one check after the other.
 *
 * Everything is found again from public files: nothing here knows the draw file, a
 * secret, a clock or a network. A bundle may stand at any point from the freeze on;
 * what it cannot hold yet is not asked for.
 *
 *     verify_create
 *         verify_next      a line at a time, so that long checks show progress
 *     verify_verdict
 *     verify_destroy
 *
 * Source: PROTOCOL.md sections 8 and 9.
 */
#ifndef LOT_VERIFY_H
#define LOT_VERIFY_H

#include "lottery/log.h"

enum verify_step {
    VERIFY_RULES,     /* rules.json */
    VERIFY_ROLL,      /* homes, entries, refusals, received */
    VERIFY_LOG,       /* checkpoint, log key, tiles, root, log/keys */
    VERIFY_LEAVES,    /* the frozen files as leaves */
    VERIFY_SEEN,      /* checkpoints that were shown, and those kept by others */
    VERIFY_WITNESSES, /* each witness at each moment */
    VERIFY_CEREMONY,  /* attempts, voids, commits, dice, reveals, public values */
    VERIFY_SEED,      /* seed.txt */
    VERIFY_DRAW,      /* cut-offs and results drawn again */
    VERIFY_AFTER,     /* take, waive, award */
    VERIFY_OTHERS,    /* files outside the log */
    VERIFY_STEPS,
};

enum verify_kind { VERIFY_OK, VERIFY_NOTE, VERIFY_FALSE };

struct verify_line {
    enum verify_kind kind;
    enum verify_step step;
    char *text; /* FALSE: begins with the file and line at fault */
};

struct verify_options {
    const char *key;             /* the log's verifier key as its reader knows it, or NULL */
    bool trust_bundle;           /* take the key that the bundle names */
    const struct lot_text *olds; /* signed checkpoints that somebody kept */
    uint32_t old_count;
    bool skip_due;    /* countersignatures that the head still lacks are no fault: a witness asks */
    unsigned threads; /* 1..64 */
};

struct verify;

/*
 * Opens a bundle.
 *
 * options   copied; what it points to stays alive until verify_destroy()
 * errors    LOT_MACHINE: the folder cannot be read
 */
bool verify_create(const char *folder, const struct verify_options *options, struct verify **out,
                   struct lot_error *error) LOT_CHECKED;
void verify_destroy(struct verify *verify);

/*
 * Gives the next line, NULL behind the last one. A false check that others rest on is
 * the last; what it kept from being checked is named in a note.
 *
 * line     borrowed until the next call
 * errors   LOT_MACHINE: no verdict is possible
 * cost     of a 1 million bundle: below three times lot_draw and lot_roll_read
 */
bool verify_next(struct verify *verify, const struct verify_line **line,
                 struct lot_error *error) LOT_CHECKED;

/* After the last line: whether all is good, else the first step that is not. */
bool verify_verdict(const struct verify *verify, enum verify_step *failed);

const char *verify_step_name(enum verify_step step);

#endif
