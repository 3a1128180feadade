/*
 * journal.h - the office's private journal: who decided what and when, chained and
 * signed, in the draw file. Its hash is anchored in the public log, so that nobody
 * can write it anew; it never leaves the office unless a court asks for it.
 *
 * An act is some rows and then a row for each signature. The format stands at the
 * top of journal.c.
 */
#ifndef LOT_JOURNAL_H
#define LOT_JOURNAL_H

#include "lottery/leaf.h"
#include "lottery/note.h"
#include "lottery/store.h"

/* The end of the chain while a verb adds to it, within its transaction. */
struct journal {
    struct store *store;
    const struct lot_rules *rules;
    char time[CANON_TIME_SIZE + 1];
    uint64_t rows;
    char head[LOT_HEX_SIZE + 1]; /* H of the last row */
};

/* Stands at the end of the chain; time is that of the rows to come. LOT_REFUSED if it fell. */
bool journal_begin(struct journal *journal, struct store *store, const struct lot_rules *rules,
                   int64_t time, struct lot_error *error) LOT_CHECKED;

/* Adds a row: the words behind hash and time. */
bool journal_row(struct journal *journal, struct lot_error *error, const char *format, ...)
    LOT_PRINTF(3, 4) LOT_CHECKED;

/* Ends an act with one row for each signer; role is `log`, `intake` or `officer`. */
bool journal_sign(struct journal *journal, const char *role, const struct note_signer signers[],
                  uint32_t count, struct lot_error *error) LOT_CHECKED;

/* What a `journal` leaf says of the journal as it stands: rows, and H of its export. */
bool journal_anchor(struct store *store, enum lot_hash hash, int64_t time, struct leaf_journal *out,
                    struct lot_error *error) LOT_CHECKED;

/*
 * Checks a journal's export from its first row to its last: the chain, the times, that
 * every act is signed by those who may do it, and officers' acts by two of them.
 *
 * errors    LOT_REFUSED with `journal row 7: ...`
 * cost      O(rows), one signature check for each signature row
 */
bool journal_check(struct lot_text export, const struct lot_rules *rules,
                   struct lot_error *error) LOT_CHECKED;

/* What the rows about one application come to. Texts are borrowed from the export. */
struct journal_life {
    struct lot_text id;
    struct lot_text received; /* the words behind its id in the row `received` */
    struct lot_text decision; /* admit, refuse, or empty while it waits */
    struct lot_text reason;   /* of the decision, or - */
    bool held;                /* it waits for a decision by name */
    uint64_t row;             /* of the last row about it */
};

/* The lives of all applications, sorted by id; *out is the caller's to free(). O(n log n). */
void journal_lives(struct lot_text export, struct journal_life **out, uint32_t *count);

#endif
