/*
 * verify_parts.h - what the files of verify share: the bundle as it is taken apart,
 * and the checks, each in the order of enum verify_step. For verify*.c only.
 *
 *   verify.c         lines and verdict; rules, roll, others
 *   verify_log.c     log, seen, witnesses
 *   verify_leaves.c  leaves
 *   verify_draw.c    ceremony, seed, draw, after
 *
 * A check says its lines by verify_say(). It returns false with LOT_REFUSED when
 * something is false on which later checks rest (the sentence begins with file and
 * line), and with LOT_MACHINE when there can be no verdict.
 */
#ifndef LOT_VERIFY_PARTS_H
#define LOT_VERIFY_PARTS_H

#include "lottery/after.h"
#include "lottery/ceremony.h"
#include "lottery/verify.h"

#define VERIFY_PATH_SIZE 256 /* of a file that a bundle may hold, with its NUL */

/* A checkpoint of this log that was shown: the log, its freeze, log/seen, or one kept by others. */
struct verify_shown {
    char path[32]; /* log/seen/<size>, or `--old number 2` */
    bool kept;     /* by others: not part of the bundle */
    struct lot_buffer bytes;
    struct note_checkpoint checkpoint;
    int64_t times[LOT_WITNESSES_MAX]; /* of cosignatures, -1: none; set by VERIFY_WITNESSES */
    uint32_t others;                  /* signature lines of keys that are not checked */
};

struct verify {
    struct verify_options options;
    struct file_folder folder, log;
    struct verify_line *lines;
    uint32_t line_count, line, line_room;
    enum verify_step step;
    bool stopped, failed;
    enum verify_step failed_at;

    struct lot_buffer bytes[5]; /* rules.json and the four files of the roll */
    struct lot_rules *rules;
    struct lot_roll roll;
    struct log_leaves leaves;
    struct log_tree tree;
    struct verify_shown *shown; /* [0] is log/checkpoint, [1] log/checkpoint.freeze */
    uint32_t shown_count;
    struct ceremony ceremony;
    struct lot_error refused;           /* what the state machine said no to; LOT_OK: to nothing */
    enum verify_step fault;             /* the step whose line that is */
    struct lot_buffer cutoffs, results; /* both files, once they are in the log */
    uint64_t results_at, finish;        /* of `file cutoffs.csv`, and behind `finish`; else 0 */
    struct lot_place *order;
    struct lot_allocation allocation;
    struct lot_buffer used; /* files that were looked at, a path a line; tiles are not in it */
};

/* Says a line of the step that is being checked. */
void verify_say(struct verify *v, enum verify_kind kind, const char *format, ...) LOT_PRINTF(3, 4);

/* Reads a file of the bundle, which is then no unknown one. */
bool verify_read_file(struct verify *v, const char *path, uint64_t size_max, struct lot_buffer *out,
                      struct lot_error *error) LOT_CHECKED;

/* Compares what a file holds, from line `line` on, with what it should hold. */
bool verify_same(const char *path, uint32_t line, struct lot_text found, struct lot_text due,
                 struct lot_error *error) LOT_CHECKED;

/* Where a leaf of the log stands, for sentences; returns out. */
const char *verify_place(const struct verify *v, uint64_t index, char out[static VERIFY_PATH_SIZE]);

/* Whether the bundle holds a checkpoint of this size. */
bool verify_is_shown(const struct verify *v, uint64_t size);

/* When a witness first countersigned a size, in any copy of that checkpoint; -1: it has not. */
int64_t verify_countersigned(const struct verify *v, uint32_t witness, uint64_t size);

bool verify_log(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_leaves(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_seen(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_witnesses(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_ceremony(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_seed(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_draw(struct verify *v, struct lot_error *error) LOT_CHECKED;
bool verify_after(struct verify *v, struct lot_error *error) LOT_CHECKED;

#endif
