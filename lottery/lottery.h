/*
 * lottery.h - the whole draw engine, in the order a draw happens.
 *
 *   register -> freeze -> ceremony -> draw -> allocation -> log -> publish -> verify
 *   entries     roll      seed        order   awards        head   bundle     verdict
 *
 * Every step takes the noun on its left and yields the noun on its right, so
 * reading this file top to bottom is reading the draw (PROTOCOL.md tells the same
 * in words). What the draw in progress keeps on disk is in register.h, store.h
 * and publish.h; what stands here needs no database and no secret.
 *
 * Rules that hold for every function below, and are not repeated:
 *   - bool means "it worked". On false, *error says what and where, and no output
 *     has been touched. error may be NULL when the reason is unwanted.
 *   - a pointer returned by value is borrowed; what is stored through an argument
 *     named out belongs to the caller, who ends it with _destroy() or _finish().
 *   - _destroy(NULL) and _finish() of a zeroed struct do nothing.
 *   - sizes are in bytes, counts in items, times in seconds since 1970 UTC.
 */
#ifndef LOT_LOTTERY_H
#define LOT_LOTTERY_H

#include "lottery/crypto.h"

/* ---- limits: every loop over input is bounded by one of these ------------------------------ */

#define LOT_CODE_MAX 24            /* codes, entry and home ids: fits a receipt's line */
#define LOT_RULES_SIZE_MAX 1048576 /* 1 MiB: a thousand windows fit, a mistake does not */
#define LOT_TYPES_MAX 64           /* sets of types, queues and tags are 64-bit masks */
#define LOT_QUEUES_MAX 64
#define LOT_TAGS_MAX 64 /* different tags that rounds name */
#define LOT_ROUNDS_MAX 64
#define LOT_PARTIES_MAX 32
#define LOT_WITNESSES_MAX 16 /* a reader of notes must take 16 signatures */
#define LOT_INTAKES_MAX 1024
#define LOT_SOURCES_MAX 16
#define LOT_CERTIFICATES_MAX 16
#define LOT_GROUNDS_MAX 64
#define LOT_LOG_KEYS_MAX 8
#define LOT_BASIS_MAX 64
#define LOT_EARLIER_MAX 64
#define LOT_LANGUAGES_MAX 32
#define LOT_RULES_TEXT_MAX 1024 /* any text of rules.json, in bytes */
#define LOT_PERSONS_MAX 20
#define LOT_CHANCES_MAX 99
#define LOT_THROWS_MAX 1000   /* the dice are one line of the log and of the seed */
#define LOT_LINE_MAX 4096     /* a line of a CSV file, in bytes */
#define LOT_ROWS_MAX 99999999 /* of a CSV file */
#define LOT_LEAF_MAX 65535    /* tlog-tiles: a length of two bytes */
#define LOT_NONE UINT32_MAX   /* "no such home, turn, standby number" */

/* ---- rules: what was decided before anybody could know who gains ---------------------------- */

enum lot_award_kind { LOT_AWARD_HOME, LOT_AWARD_TURN };

/* One text in several languages. */
struct lot_title {
    uint32_t count; /* 1..LOT_LANGUAGES_MAX */
    struct {
        const char *language; /* a language tag: zh, en, zh-Hant */
        const char *text;
    } items[LOT_LANGUAGES_MAX];
};

/* A verifier key, log-format 1.1: name+id+base64(type || public key). */
#define LOT_KEY_NAME_MAX 128
#define LOT_KEY_TEXT_MAX 512
#define LOT_KEY_LOG 0x01     /* Ed25519: logs, intakes, officers */
#define LOT_KEY_WITNESS 0x04 /* Ed25519 cosignature with time */
#define LOT_KEY_OTHER 0xff   /* own types (SM2); carried along, never checked here */
struct lot_key {
    char name[LOT_KEY_NAME_MAX + 1];
    uint32_t id;
    uint8_t type;
    uint8_t public_key[LOT_PUBLIC_BYTES]; /* of types 0x01 and 0x04 only */
    char text[LOT_KEY_TEXT_MAX + 1];      /* as it was written */
};

struct lot_named { /* a queue, a party, a ground */
    char code[LOT_CODE_MAX + 1];
    struct lot_title title;
};

struct lot_type {
    char code[LOT_CODE_MAX + 1];
    struct lot_title title;
    uint8_t persons_min, persons_max; /* 1..LOT_PERSONS_MAX */
};

struct lot_round {
    char code[LOT_CODE_MAX + 1];
    struct lot_title title;
    bool has_queues, has_tags, has_quota;
    uint64_t queues;               /* bit i: rules->queues[i] */
    uint64_t tags;                 /* bit i: rules->tags[i] */
    uint32_t quota[LOT_TYPES_MAX]; /* by type; 0 where not named; unused without has_quota */
};

struct lot_keyed { /* an intake or a witness */
    char code[LOT_CODE_MAX + 1];
    struct lot_title title;
    struct lot_key key;
};

enum lot_source_kind { LOT_SOURCE_NIST, LOT_SOURCE_TEXT };
const char *lot_source_word(enum lot_source_kind kind); /* in rules, log and seed: nist-2.0, text */
struct lot_source {
    enum lot_source_kind kind;
    int64_t time;
    /* nist-2.0 */
    uint32_t certificate_count;
    char certificates[LOT_CERTIFICATES_MAX][128 + 1];
    /* text */
    char name[LOT_CODE_MAX + 1];
    struct lot_title title;
    uint32_t digits; /* 1..64 */
};

struct lot_earlier {
    char draw[32 + 1];
    uint32_t size;
    char root[44 + 1];
};

#define LOT_STANDBY_ALL UINT32_MAX

struct lot_rules {
    char origin[64 + 1], draw[32 + 1];
    char log_name[64 + 1 + 32 + 1]; /* <origin>/<draw> */
    bool rehearsal;
    struct lot_title title;
    const char *area_unit, *price_unit;
    enum lot_hash hash;
    enum lot_award_kind award;
    uint32_t chances_max, standby; /* standby may be LOT_STANDBY_ALL */
    uint32_t dice_faces, dice_throws;
    uint32_t basis_count, earlier_count, intake_count, log_key_count, type_count, queue_count;
    uint32_t round_count, party_count, witness_count, source_count, ground_count, tag_count;
    const char **basis;
    struct lot_earlier *earlier;
    struct lot_keyed *intakes;
    struct lot_key *log_keys;
    struct lot_type *types;
    struct lot_named *queues;
    struct lot_round *rounds;
    struct lot_named *parties;
    struct lot_keyed *witnesses;
    struct lot_source *sources;
    struct lot_named *grounds;
    char (*tags)[LOT_CODE_MAX + 1]; /* every tag that a round names, once, in order of mention */
    struct json_t *document;        /* holds every text that is borrowed above */
};

/*
 * Reads rules.json strictly (PROTOCOL.md section 2). The sentence of a refusal
 * begins with the path of the offender: `rounds[2].quota.2B: no such type`.
 */
bool lot_rules_read(struct lot_text json, struct lot_rules **out,
                    struct lot_error *error) LOT_CHECKED;
void lot_rules_destroy(struct lot_rules *rules);

/*
 * What may be read but must not be drawn by: a live draw with fewer than two
 * parties or with dice below 2^128. `verify` and `freeze` refuse the same.
 */
bool lot_rules_allow(const struct lot_rules *rules, struct lot_error *error) LOT_CHECKED;

/* Advice for the people who write rules, a line each (`path: sentence`); none = empty. */
void lot_rules_advise(const struct lot_rules *rules, struct lot_buffer *advice);

/* Index of a code in its list, or -1. */
int lot_rules_type(const struct lot_rules *rules, struct lot_text code);
int lot_rules_queue(const struct lot_rules *rules, struct lot_text code);
int lot_rules_intake(const struct lot_rules *rules, struct lot_text code);
int lot_rules_party(const struct lot_rules *rules, struct lot_text code);
int lot_rules_ground(const struct lot_rules *rules, struct lot_text code);
int lot_rules_tag(const struct lot_rules *rules, struct lot_text code);

/* The text in this language, or in English, or the first there is. */
const char *lot_title_in(const struct lot_title *title, const char *language);

/* ---- roll: what is frozen -------------------------------------------------------------------- */

/* One published file: its bytes are borrowed, the rest is found by lot_roll_read(). */
struct lot_file {
    struct lot_text bytes;
    char digest[LOT_HEX_SIZE + 1]; /* H of the bytes */
    uint32_t rows;                 /* lines without the header; 0 for rules.json */
};

struct lot_home {
    const char *id; /* borrowed from homes.csv, id_size bytes */
    uint64_t tags;  /* those that rounds name: bit i is rules->tags[i] */
    uint8_t id_size;
    uint8_t type;
};

struct lot_entry {
    const char *id;     /* borrowed from entries.csv, id_size bytes; the line starts here */
    uint64_t queues;    /* bit i: rules->queues[i] */
    uint32_t wants;     /* where its types begin in roll->wants */
    uint8_t want_count; /* 1..LOT_TYPES_MAX */
    uint8_t id_size;
    uint8_t persons; /* 1..LOT_PERSONS_MAX */
    uint8_t chances; /* 1..rules->chances_max */
};

struct lot_roll {
    const struct lot_rules *rules; /* borrowed */
    struct lot_file rules_file, homes_file, entries_file, refusals_file, received_file;
    struct lot_home *homes;    /* homes_file.rows of them, by id */
    struct lot_entry *entries; /* entries_file.rows of them, by id */
    uint8_t *wants;            /* indices of types, each entry's in its order of preference */
    uint64_t chances;          /* sum over all entries */
};

/*
 * Reads and checks the frozen files against sections 1-3, received.csv against
 * entries.csv and refusals.csv included.
 *
 * roll      its five files' bytes set by the caller, who keeps them alive; all else 0
 * errors    LOT_REFUSED with `entries.csv line 7: ...`
 * cost      O(rows); 24 bytes an entry, and 16 an application while it is read
 */
bool lot_roll_read(const struct lot_rules *rules, struct lot_roll *roll,
                   struct lot_error *error) LOT_CHECKED;
void lot_roll_finish(struct lot_roll *roll);

/* Index of the entry or home with this id, or LOT_NONE; O(log n). */
uint32_t lot_roll_entry(const struct lot_roll *roll, struct lot_text id);
uint32_t lot_roll_home(const struct lot_roll *roll, struct lot_text id);

/* ---- draw: seed -> order -----------------------------------------------------------------------
 */

struct lot_place {
    uint8_t ticket[LOT_HASH_BYTES]; /* the smallest of the entry's tickets */
    uint32_t entry;                 /* index in roll->entries */
    uint8_t chance;                 /* the smallest i that gave it, 1..99 */
};

/*
 * Puts the roll in the order the seed dictates (section 4).
 *
 * seed       64 hex characters, as text
 * threads    1..64 workers for the hashing; never changes a byte
 * order      caller's array of roll->entries_file.rows; order[r] has rank r + 1
 * homes      caller's array of roll->homes_file.rows: indices of homes in home order
 * errors     LOT_MACHINE; both arrays then hold nothing of meaning
 * cost       O(n log n), one hash a chance and a home; memory 40 bytes a home
 */
bool lot_draw(const struct lot_roll *roll, const char seed[static LOT_HEX_SIZE], unsigned threads,
              struct lot_place order[], uint32_t homes[], struct lot_error *error) LOT_CHECKED;

/* ---- allocation: order -> awards ---------------------------------------------------------------
 */

#define LOT_NOT_HOUSED 0xff

struct lot_award {   /* of the household at one rank */
    uint32_t home;   /* index in roll->homes that was used up, or LOT_NONE */
    uint32_t number; /* its turn if housed, else its standby number or LOT_NONE */
    uint8_t round;   /* index in rules->rounds, or LOT_NOT_HOUSED */
    uint8_t type;    /* index in rules->types when housed */
};

enum lot_cut { LOT_CUT_ALL, LOT_CUT_NONE, LOT_CUT_TICKET };
struct lot_cutoff { /* of one round and type */
    uint32_t taken;
    uint32_t last; /* rank - 1 of the last one taken, when cut is LOT_CUT_TICKET */
    enum lot_cut cut;
};

struct lot_allocation {
    struct lot_award *awards;   /* by rank, as many as entries */
    struct lot_cutoff *cutoffs; /* [round * type_count + type] */
    uint32_t housed, standbys;
};

/*
 * Deferred acceptance (section 6). Pure: order and homes as lot_draw() gives them.
 * Cannot fail. Ended by lot_allocation_finish().
 */
void lot_allocate(const struct lot_roll *roll, const struct lot_place order[],
                  const uint32_t homes[], struct lot_allocation *out);
void lot_allocation_finish(struct lot_allocation *allocation);

/* The text of cutoffs.csv, and of results.csv: header, then rows [first, first + count). */
void lot_cutoffs_text(const struct lot_roll *roll, const struct lot_place order[],
                      const struct lot_allocation *allocation, struct lot_buffer *out);
#define LOT_RESULTS_HEADER "rank,id,chance,ticket,round,type,home,turn,standby\n"
void lot_results_rows(const struct lot_roll *roll, const struct lot_place order[],
                      const struct lot_allocation *allocation, uint32_t first, uint32_t count,
                      struct lot_buffer *out);

/* ---- ceremony: freeze -> seed -------------------------------------------------------------------
 */

/*
 * Where a draw stands. The steps are passed in this order; void leads back to
 * ATTEMPT, end to ENDED.
 */
enum lot_step {
    LOT_STEP_ATTEMPT, /* frozen: `attempt` is next */
    LOT_STEP_SOFTWARE,
    LOT_STEP_COMMIT,
    LOT_STEP_DICE,
    LOT_STEP_REVEAL,
    LOT_STEP_PUBLIC,
    LOT_STEP_SEED,
    LOT_STEP_RESULTS, /* cut-offs, results and journal are logged, up to `finish` */
    LOT_STEP_AFTER,   /* finished: take, waive */
    LOT_STEP_ENDED,
};

/* What one attempt has brought so far; texts are as in seed.txt, empty until they are there. */
struct lot_attempt {
    uint32_t number;
    char commits[LOT_PARTIES_MAX][LOT_HEX_SIZE + 1];
    char dice[LOT_THROWS_MAX + 1];
    char reveals[LOT_PARTIES_MAX][LOT_HEX_SIZE + 1];
    struct {
        char ref[48 + 1];    /* `chain/pulse`, or the source's name */
        char value[128 + 1]; /* hex of a pulse, digits of a text source */
    } publics[LOT_SOURCES_MAX];
};

/* The line of the log that seed.txt names. */
struct lot_freeze {
    uint64_t size;
    uint8_t root[LOT_HASH_BYTES];
};

/* Text of seed.txt (section 5 point 7), from a roll that was read and a whole attempt. */
void lot_seed_text(const struct lot_roll *roll, const struct lot_freeze *freeze,
                   const struct lot_attempt *attempt, struct lot_buffer *out);

/*
 * Reads a seed.txt back: every line must be the one that roll demands, and commits,
 * dice, reveals and public lines must keep section 5. Freeze and attempt are what it says.
 */
bool lot_seed_read(const struct lot_roll *roll, struct lot_text text, struct lot_freeze *freeze,
                   struct lot_attempt *attempt, struct lot_error *error) LOT_CHECKED;

/* Single values of an attempt, as one person hands them in. Used by reader and ceremony alike. */
bool lot_commit_check(struct lot_text commit, struct lot_error *error) LOT_CHECKED;
bool lot_dice_check(const struct lot_rules *rules, struct lot_text dice,
                    struct lot_error *error) LOT_CHECKED;
bool lot_reveal_check(const struct lot_rules *rules, uint32_t party, struct lot_text commit,
                      struct lot_text secret, struct lot_error *error) LOT_CHECKED;
bool lot_public_check(const struct lot_source *source, struct lot_text ref, struct lot_text value,
                      struct lot_error *error) LOT_CHECKED;

#endif
