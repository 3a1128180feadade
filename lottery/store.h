/*
 * store.h - the draw in progress, in one SQLite file. The only SQL of the house.
 *
 * The file holds what a draw must not lose between two verbs: its stored files,
 * the applications with their persons and salts, the private journal, the log's
 * leaves and head, the checkpoints that were shown and their cosignatures. It is
 * private (mode 0600): numbers, names and salts stand in it.
 *
 *   store_create | store_open
 *       store_begin          waits for another writer, then says so
 *           reads and writes
 *       store_commit         all of it is on the disk, or none
 *   store_close              without commit: nothing happened
 *
 * One verb is one transaction; only the signature over a checkpoint comes in a
 * second one, because nothing is signed before it is on the disk (head.h).
 *
 * Rules for every function below:
 *   - texts that are handed out have a NUL behind them and are borrowed until the
 *     next call on the store, which may be given them; buffers are added to.
 *   - lists have no cursor: `..._next` finds the first item after the one named.
 *   - a failure of SQLite is LOT_MACHINE with a sentence that names the file and
 *     the way out (disk full, read-only, damaged, busy). After one, only
 *     store_close() is of use.
 *   - leaves, journal rows, signed checkpoints and, once the roll is frozen,
 *     applications cannot be changed or removed: the file's own triggers refuse.
 */
#ifndef LOT_STORE_H
#define LOT_STORE_H

#include "lottery/lottery.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * Makes a new draw file and begins the transaction that fills it. A file that is
 * there is refused (LOT_REFUSED), unless it is empty: that is what a `new` leaves
 * that was killed. path is borrowed by the store.
 */
bool store_create(const char *path, struct store **out, struct lot_error *error) LOT_CHECKED;

/*
 * Opens a draw file: its mark and schema version must be ours (LOT_REFUSED names
 * both), and the log must be as long as its head says. A process opens a draw file once
 * at a time: closing any second handle of it would drop the locks of the first.
 */
bool store_open(const char *path, struct store **out, struct lot_error *error) LOT_CHECKED;

/* Rolls back what was not committed. NULL does nothing. */
void store_close(struct store *store);

/* Reading sees one state of the file however long it takes; writing shuts other writers out. */
bool store_begin(struct store *store, enum store_mode mode, struct lot_error *error) LOT_CHECKED;
bool store_commit(struct store *store, struct lot_error *error) LOT_CHECKED;

/* Reads every page of the file (SQLite's integrity and foreign-key checks). O(file). */
bool store_check(struct store *store, struct lot_error *error) LOT_CHECKED;

/* ---- files: written once ---- */

/*
 * Whole files by name. Those of the bundle have the names of PROTOCOL.md section 8
 * (`entries.csv`, `pulses/2-1921299.json`); `office/...` never leaves the register:
 * what offices handed in, as it came, and settings.
 */
#define STORE_FORM "office/form"         /* of the office's application numbers, roster.h */
#define STORE_KEY_PATH "office/key-path" /* where the log's private key lies; never the key */
#define STORE_OFFICERS "office/officers" /* verifier keys of those who decide, a line each */
#define STORE_BEGUN "office/begun"       /* the time of `new` */
bool store_file_put(struct store *store, struct lot_text name, struct lot_text bytes,
                    struct lot_error *error) LOT_CHECKED;
bool store_file_get(struct store *store, struct lot_text name, struct lot_buffer *bytes,
                    bool *found, struct lot_error *error) LOT_CHECKED;
/* The first name after `after` (bytewise), which may be empty. */
bool store_file_next(struct store *store, struct lot_text after, struct lot_text *name, bool *found,
                     struct lot_error *error) LOT_CHECKED;

/* ---- applications ---- */

enum store_state { STORE_RECEIVED, STORE_ADMITTED, STORE_REFUSED };

#define STORE_SALT_SIZE 32
#define STORE_NUMBER_MAX 24 /* of an identity number, as in commit */

struct store_application {
    char id[LOT_CODE_MAX + 1], intake[LOT_CODE_MAX + 1];
    uint32_t number; /* of its intake, 1, 2, 3 ... */
    char time[CANON_TIME_SIZE + 1], commit[LOT_HEX_SIZE + 1];
    char salt[STORE_SALT_SIZE + 1]; /* who has it finds the persons: private */
    uint32_t persons, chances;      /* these four as in entries.csv */
    struct lot_text queues, wants;  /* borrowed, and so are the next two */
    struct lot_text office;         /* the office's own application number */
    struct lot_text slip;           /* signed by the intake */
    enum store_state state;
    char reason[LOT_CODE_MAX + 1]; /* of the decision; empty while undecided or plainly admitted */
    bool held;                     /* two officers must decide on it by name */
};

/* Takes an application in, still undecided; numbers are its persons' in the commit's order. */
bool store_application_add(struct store *store, const struct store_application *application,
                           const struct lot_text numbers[], struct lot_error *error) LOT_CHECKED;
/* State, reason and held of one application. */
bool store_application_decide(struct store *store, const char *id, enum store_state state,
                              const char *reason, bool held, struct lot_error *error) LOT_CHECKED;

bool store_application(struct store *store, const char *id, struct store_application *out,
                       bool *found, struct lot_error *error) LOT_CHECKED;
bool store_application_of_office(struct store *store, struct lot_text office,
                                 struct store_application *out, bool *found,
                                 struct lot_error *error) LOT_CHECKED;
/* Steps through all: *at, zeroed at first, becomes the next by id, or by intake and number. */
bool store_application_next(struct store *store, struct store_application *at, bool *found,
                            struct lot_error *error) LOT_CHECKED;
bool store_received_next(struct store *store, struct store_application *at, bool *found,
                         struct lot_error *error) LOT_CHECKED;
/* The highest number of an intake, 0 when it has taken nothing in. */
bool store_received_last(struct store *store, const char *intake, uint32_t *out,
                         struct lot_error *error) LOT_CHECKED;

/* The identity number of person 0 (the applicant), 1, 2 ... of an application; wipe it. */
bool store_person(struct store *store, const char *id, uint32_t place,
                  char out[static STORE_NUMBER_MAX + 1], bool *found,
                  struct lot_error *error) LOT_CHECKED;
/* Steps through the applications in which a number stands: id, empty at first, becomes the next. */
bool store_person_next(struct store *store, const char *number, char id[static LOT_CODE_MAX + 1],
                       bool *found, struct lot_error *error) LOT_CHECKED;

struct store_counts {
    uint32_t received, admitted, refused; /* by state; their sum is all */
    uint32_t held;                        /* of the received */
};
bool store_count(struct store *store, struct store_counts *out,
                 struct lot_error *error) LOT_CHECKED;

/* ---- the private journal: rows of text, their format stands in journal.c ---- */

bool store_journal_size(struct store *store, uint64_t *out, struct lot_error *error) LOT_CHECKED;
bool store_journal_add(struct store *store, struct lot_text row,
                       struct lot_error *error) LOT_CHECKED;
/* Rows [from, to), counted from 0, each followed by LF; to is at most the size. */
bool store_journal_read(struct store *store, uint64_t from, uint64_t to, struct lot_buffer *rows,
                        struct lot_error *error) LOT_CHECKED;

/* ---- the log ---- */

#define STORE_PEAKS_MAX 32
struct store_head {
    uint64_t size;
    uint8_t root[LOT_HASH_BYTES];
    uint32_t peak_count;               /* bits set in size */
    uint8_t peaks[64][LOT_HASH_BYTES]; /* roots of the complete subtrees, the largest first */
};

/* The head as last committed; of an empty log, size 0 and SHA-256 of nothing. */
bool store_head(struct store *store, struct store_head *out, struct lot_error *error) LOT_CHECKED;

/*
 * Appends leaves, a compare-and-swap on the size: old_size must be the head's, and
 * head->size = old_size + count. Root and peaks are the caller's work (head.h).
 */
bool store_leaves_add(struct store *store, uint64_t old_size, const struct lot_text leaves[],
                      size_t count, const struct store_head *head,
                      struct lot_error *error) LOT_CHECKED;
/* Leaves [from, to), each followed by LF (no leaf holds one); to is at most the size. */
bool store_leaves_read(struct store *store, uint64_t from, uint64_t to, struct lot_buffer *leaves,
                       struct lot_error *error) LOT_CHECKED;

/* Why a checkpoint was shown: protocol section 7 tells which ones witnesses must cosign. */
enum store_purpose {
    STORE_FREEZE,
    STORE_COMMITS, /* the last commit of an attempt */
    STORE_REVEALS, /* the last reveal */
    STORE_FINISH,
    STORE_SITTING, /* what came later, as `publish` met it */
};

struct store_checkpoint {
    uint64_t size;
    uint8_t root[LOT_HASH_BYTES];
    enum store_purpose purpose;
    struct lot_text note; /* signed by the log; empty while the signature is missing */
};

/*
 * Notes, in the verb's own transaction, that the head as it stands must be signed
 * and shown. Nothing happens when there is one of this size already.
 */
bool store_checkpoint_due(struct store *store, enum store_purpose purpose,
                          struct lot_error *error) LOT_CHECKED;
/* Puts the signed note to a checkpoint that has none yet; LOT_REFUSED when it has one. */
bool store_checkpoint_sign(struct store *store, uint64_t size, struct lot_text note,
                           struct lot_error *error) LOT_CHECKED;
/* The first checkpoint whose size is above `after`. */
bool store_checkpoint_next(struct store *store, uint64_t after, struct store_checkpoint *out,
                           bool *found, struct lot_error *error) LOT_CHECKED;

/* A witness's signature line (with its LF) to the checkpoint of this size; one each. */
bool store_cosignature_add(struct store *store, uint64_t size, struct lot_text witness,
                           struct lot_text line, struct lot_error *error) LOT_CHECKED;
bool store_cosignature(struct store *store, uint64_t size, struct lot_text witness,
                       struct lot_text *line, bool *found, struct lot_error *error) LOT_CHECKED;

/*
 * Tests only: the n-th call from now that reaches SQLite fails as if the disk had,
 * broken or full in turn (1 = the next one, 0 = never again). Returns how many calls were counted
 * since the last setting.
 */
uint64_t store_fail_at(uint64_t n);

#endif
