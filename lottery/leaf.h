/*
 * leaf.h - the leaves of a draw's log: one line each, read and written, and the long
 * stretches of them that follow from files.
 *
 * What is written here is all that a log of this protocol may hold; the formats stand
 * at the top of leaf.c. In which order leaves come is ceremony.h's and after.h's.
 * Source: PROTOCOL.md section 7.
 */
#ifndef LOT_LEAF_H
#define LOT_LEAF_H

#include "lottery/lottery.h"

/* ---- one leaf ---- */

/* The leaves that are words with a time at the end: all but `file` and the rows of files. */
enum leaf_word {
    LEAF_DRAW,
    LEAF_JOURNAL,
    LEAF_FREEZE,
    LEAF_ATTEMPT,
    LEAF_SOFTWARE,
    LEAF_COMMIT,
    LEAF_DICE,
    LEAF_REVEAL,
    LEAF_PUBLIC,
    LEAF_SEED,
    LEAF_FINISH,
    LEAF_TAKE,
    LEAF_WAIVE,
    LEAF_AWARD,
    LEAF_VOID,
    LEAF_END,
};

#define LEAF_VALUES_MAX 3
struct leaf {
    enum leaf_word word;
    struct lot_text values[LEAF_VALUES_MAX]; /* borrowed; as many as the word has */
    int64_t time;
};

/* Word, number of values and time are checked, the values themselves are not. */
bool leaf_read(struct lot_text text, struct leaf *leaf, struct lot_error *error) LOT_CHECKED;

/* Appends the leaf without LF. Values the word does not have are NULL. */
void leaf_write(struct lot_buffer *out, enum leaf_word word, int64_t time, const char *first,
                const char *second, const char *third);

const char *leaf_word_name(enum leaf_word word);

/* ---- the leaves that follow from files ---- */

struct leaf_journal { /* the office's private journal, as the log names it */
    uint32_t rows;
    char digest[LOT_HEX_SIZE + 1]; /* H of its export */
    int64_t time;
};

/* A stretch of leaves, made one by one. Ended by leaf_finish(). */
struct leaf_stretch {
    struct lot_buffer made; /* the leaves that are no row of a file, a line each */
    struct lot_text made_left, rows_left;
    struct {
        const char *file, *word; /* NULL when the part is its made leaf alone */
        struct lot_text rows;
    } parts[8];
    uint32_t part_count, part; /* part: the one that is made next, the rows of part - 1 before */
    const char *file;          /* of the leaf that was made last, NULL if it is no row */
    uint32_t line;             /* in this file, the header is line 1 */
};

/* From `draw` to `freeze`. The roll is as lot_roll_read() leaves it and stays alive. */
void leaf_frozen(struct leaf_stretch *leaves, const struct lot_roll *roll, int64_t begun,
                 const struct leaf_journal *journal, int64_t frozen);
uint64_t leaf_frozen_size(const struct lot_roll *roll); /* how many these are */

/* From `file cutoffs.csv` to `finish`. Bytes, digest and rows of both files are set. */
void leaf_results(struct leaf_stretch *leaves, const struct lot_file *cutoffs,
                  const struct lot_file *results, const struct leaf_journal *journal,
                  int64_t finished);

/* The next leaf in place of what was in *leaf; false after the last one. */
bool leaf_next(struct leaf_stretch *leaves, struct lot_buffer *leaf);
void leaf_finish(struct leaf_stretch *leaves);

#endif
