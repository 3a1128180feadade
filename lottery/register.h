/*
 * register.h - applications come in, two officers decide on each, and the roll is
 * frozen: from then on nothing of it can change.
 *
 *   new -> received -> admitted | refused (again, as long as it is not frozen) -> frozen
 *
 * Every function below but the first works inside the transaction that
 * register_open() began, and changes nothing for good: the verb ends with
 * store_commit(). Time and random bytes are arguments. The register is private: what
 * is said in errors names applications by id or the office's number, never a person.
 */
#ifndef LOT_REGISTER_H
#define LOT_REGISTER_H

#include "lottery/journal.h"
#include "lottery/roster.h"

#define REGISTER_ID_SIZE 16      /* Crockford base 32 of 80 random bits */
#define REGISTER_RANDOM_BYTES 26 /* an application's share: 10 for the id, 16 for the salt */
#define REGISTER_OFFICERS_MAX 64
#define REGISTER_LIST_MAX 16777216 /* bytes of a list of applications: 400,000 of them */

/* An open draw file. */
struct register_book {
    struct store *store;
    struct lot_rules *rules;
    struct lot_buffer rules_bytes;
    bool frozen;
    uint64_t log_size;
};

/* ---- new ---- */

struct register_plan {
    struct lot_text rules, homes;     /* the files' bytes */
    const struct note_signer *signer; /* the log's key: rules.log[0] */
    struct lot_text key_path;         /* where it lies, for later verbs; the key is not kept */
    const struct lot_text *officers;  /* verifier keys, two or more */
    uint32_t officer_count;
    const char *application_form; /* of the office's own numbers, as in roster.h */
    int64_t time;
};

/*
 * Makes the draw file, whole or not at all.
 *
 * errors    LOT_REFUSED: rules or homes that no draw may have, another log key than
 *           the rules', officers that are fewer than two or not distinct, a file that
 *           is there already
 */
bool register_create(const char *path, const struct register_plan *plan,
                     struct lot_error *error) LOT_CHECKED;

/* ---- opening: the first thing every later verb does ---- */

/* Opens the draw file and begins a transaction. Ended by register_close(). */
bool register_open(const char *path, enum store_mode mode, struct register_book *out,
                   struct lot_error *error) LOT_CHECKED;
/* Rolls back what was not committed. */
void register_close(struct register_book *book);

/* Adds a stored file to *out; LOT_MACHINE when it is missing. */
bool register_file(const struct register_book *book, const char *name, struct lot_buffer *out,
                   struct lot_error *error) LOT_CHECKED;
/* LOT_PHASE, in the same words for every verb that would change the roll. */
bool register_must_be_open(const struct register_book *book, struct lot_error *error) LOT_CHECKED;
/* LOT_PHASE when the roll is not frozen yet. */
bool register_must_be_frozen(const struct register_book *book, struct lot_error *error) LOT_CHECKED;

/* ---- import ---- */

/* Every person of an application that is not refused, sorted by number, for roster_read(). */
struct register_known {
    struct roster_known *items;
    uint32_t count;
    struct lot_buffer texts;
};
bool register_known(const struct register_book *book, struct register_known *out,
                    struct lot_error *error) LOT_CHECKED;
void register_known_finish(struct register_known *known);

struct register_intake {
    uint32_t intake;                    /* index in rules->intakes */
    const struct note_signer *signer;   /* its key */
    const struct roster_input *inputs;  /* the files the roster was read from, as many as it says */
    const struct roster *roster;        /* read from them, not refused */
    const uint8_t *random;              /* REGISTER_RANDOM_BYTES for each household */
    const struct register_known *known; /* that the roster was read with */
    int64_t time;
};

/* How far an import has come. */
struct register_import {
    const struct register_book *book;
    const struct register_intake *intake;
    struct journal journal;
    uint32_t last; /* number of the intake that was given last */
    uint32_t done; /* households */
};

/*
 * Takes every household of the roster in: id, salt, commit, number, slip, journal.
 * Households that a finding holds, and those in the register that share a person with
 * one, are held from then on. In steps, so that a verb can show how far it is: begin,
 * then next while done is below the roster's count, then end.
 *
 * errors    LOT_PHASE: frozen. LOT_REFUSED: an application number that is in the
 *           register already, a key that is not the intake's.
 */
bool register_import_begin(const struct register_book *book, const struct register_intake *intake,
                           struct register_import *out, struct lot_error *error) LOT_CHECKED;
bool register_import_next(struct register_import *import, struct lot_error *error) LOT_CHECKED;
bool register_import_end(struct register_import *import, struct lot_error *error) LOT_CHECKED;

/* H(salt ":" number ":" ...), the applicant's number first, the others sorted (section 3). */
bool register_commit(enum lot_hash hash, struct lot_text salt, const struct lot_text numbers[],
                     uint32_t count, char out[static LOT_HEX_SIZE + 1],
                     struct lot_error *error) LOT_CHECKED;

/* What the journal says an application was when it came in: the words behind its id. */
void register_received_words(const struct store_application *application, struct lot_buffer *out);

/* ---- decisions ---- */

struct register_decision {
    bool admit;
    bool all_received;            /* every undecided application that is not held */
    const struct lot_text *names; /* else these: ids, or the office's numbers */
    uint32_t name_count;
    const char *reason;                 /* a code, or empty: for a plain admission only */
    const struct note_signer *officers; /* two of those named at `new` */
    int64_t time;
};

/*
 * Two officers decide on applications, as one act; all or none. One that is held, or
 * that was decided otherwise before, wants a reason and its name in the call.
 *
 * decided   becomes how many there were
 * errors    LOT_PHASE: frozen. LOT_REFUSED: no such application, decided so already,
 *           held and no reason, a person who stands in another admitted application,
 *           the same key twice, a key of nobody who may decide.
 */
bool register_decide(const struct register_book *book, const struct register_decision *decision,
                     uint32_t *decided, struct lot_error *error) LOT_CHECKED;

/* Finds an application by its id (as printed, in groups or not) or the office's number. */
bool register_find(const struct register_book *book, struct lot_text name,
                   struct store_application *out, struct lot_error *error) LOT_CHECKED;

/* ---- freeze ---- */

/*
 * Compares the applications with what intakes and officers have signed for: the journal
 * must check, and each application must be as its rows say. Asked by the freeze too.
 *
 * export    becomes the journal's rows, a line each
 * errors    LOT_REFUSED names the row, or the application that nobody signed for
 */
bool register_audit(const struct register_book *book, struct lot_buffer *export,
                    struct lot_error *error) LOT_CHECKED;

/*
 * Freezes the roll: files, log up to `freeze`, checkpoint due. After store_commit()
 * the caller signs with head_sign().
 *
 * errors    LOT_PHASE: frozen already, or applications that nobody has decided on yet,
 *           whose ids the sentence begins to list. LOT_REFUSED: a roll that
 *           lot_roll_read() or lot_rules_allow() refuses.
 * cost      O(n log n); every commit is computed once more from salt and numbers
 */
bool register_freeze(const struct register_book *book, int64_t time,
                     struct lot_error *error) LOT_CHECKED;

/* The frozen files as stored, read and checked. Ended by register_roll_finish(). */
struct register_roll {
    struct lot_roll roll;
    struct lot_buffer files[5];
};
bool register_roll(const struct register_book *book, struct register_roll *out,
                   struct lot_error *error) LOT_CHECKED;
void register_roll_finish(struct register_roll *roll);

#endif
