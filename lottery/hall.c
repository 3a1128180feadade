/*
 * hall.c - hides how an act becomes durable: the state machine is replayed from the
 * log, is asked first, and what it accepts is appended in the same transaction.
 */
#include "lottery/hall.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lottery/head.h"
#include "lottery/pulse.h"

#define REPLAY_LEAVES 4096 /* leaves read from the file at a time */

/* ---- opening -------------------------------------------------------------------------------- */

/* The checkpoint that seed.txt names, and the time of the leaf `freeze`. */
static bool
begin_ceremony(struct hall *hall, struct lot_error *error)
{
    struct store_checkpoint checkpoint;
    struct lot_buffer line = {0};
    struct lot_text rest, text;
    struct leaf leaf;
    bool found = false;
    uint64_t size = leaf_frozen_size(&hall->frozen.roll);
    bool good = store_checkpoint_next(hall->book.store, 0, &checkpoint, &found, error);
    if (good && (!found || checkpoint.purpose != STORE_FREEZE || checkpoint.size != size)) {
        good = lot_fail(error, LOT_MACHINE,
                        "the draw file's frozen checkpoint does not fit its roll; "
                        "go on from its last backup");
    }
    struct lot_freeze freeze = {.size = size};
    if (good) {
        memcpy(freeze.root, checkpoint.root, sizeof freeze.root);
        good = store_leaves_read(hall->book.store, size - 1, size, &line, error);
    }
    if (good) {
        rest = lot_buffer_text(&line);
        good = lot_line(&rest, &text) && leaf_read(text, &leaf, error);
        assert(!good || leaf.word == LEAF_FREEZE);
    }
    if (good) {
        ceremony_begin(&hall->ceremony, &hall->frozen.roll, &freeze, leaf.time);
    }
    lot_buffer_finish(&line);
    return good;
}

/* Makes the draw again from the log's seed: what was published must come out. */
static bool
redraw(struct hall *hall, unsigned threads, struct lot_error *error)
{
    assert(hall->order == NULL);
    hall->order = lot_alloc(hall->frozen.roll.entries_file.rows, sizeof *hall->order);
    hall->homes = lot_alloc(hall->frozen.roll.homes_file.rows, sizeof *hall->homes);
    if (!lot_draw(&hall->frozen.roll, hall->ceremony.seed, threads, hall->order, hall->homes,
                  error)) {
        return false;
    }
    lot_allocate(&hall->frozen.roll, hall->order, hall->homes, &hall->allocation);
    return true;
}

/* Whether the checkpoint of this size was shown. */
static bool
was_shown(struct hall *hall, uint64_t size, bool *shown, struct lot_error *error)
{
    struct store_checkpoint checkpoint;
    bool found = false;
    *shown = false;
    if (!store_checkpoint_next(hall->book.store, size - 1, &checkpoint, &found, error)) {
        return false;
    }
    *shown = found && checkpoint.size == size;
    return true;
}

/*
 * What happens when the state machine passes a leaf: at `finish` the awards are there,
 * and behind it take, waive and award move them.
 */
static bool
follow(struct hall *hall, struct lot_text leaf, struct lot_error *error)
{
    struct ceremony *ceremony = &hall->ceremony;
    bool finished = ceremony->finished;
    if (!ceremony_take(ceremony, leaf, error)) {
        return false;
    }
    if (finished && ceremony->step == LOT_STEP_AFTER) {
        return after_take(&hall->after, leaf, error);
    }
    if (ceremony->finished && !finished) {
        if (hall->order == NULL && !redraw(hall, 1, error)) {
            return false;
        }
        after_begin(&hall->after, &hall->frozen.roll, hall->order, hall->allocation.awards,
                    hall->allocation.housed);
    }
    return true;
}

static bool
replay(struct hall *hall, struct lot_error *error)
{
    struct store_head head;
    struct lot_buffer lines = {0};
    bool good = store_head(hall->book.store, &head, error);
    while (good && hall->ceremony.size < head.size) {
        uint64_t from = hall->ceremony.size;
        uint64_t to = head.size - from < REPLAY_LEAVES ? head.size : from + REPLAY_LEAVES;
        lot_buffer_clear(&lines);
        good = store_leaves_read(hall->book.store, from, to, &lines, error);
        struct lot_text rest = lot_buffer_text(&lines), leaf;
        while (good && lot_line(&rest, &leaf)) {
            bool shown = false;
            good =
                follow(hall, leaf, error) &&
                (!hall->ceremony.finished || was_shown(hall, hall->ceremony.size, &shown, error)) &&
                (!shown || after_shown(&hall->after, error));
        }
    }
    lot_buffer_finish(&lines);
    return good;
}

bool
hall_open(const char *path, enum store_mode mode, struct hall *out, struct lot_error *error)
{
    assert(path != NULL && out != NULL);
    memset(out, 0, sizeof *out);
    if (!register_open(path, mode, &out->book, error) ||
        !register_must_be_frozen(&out->book, error) ||
        !register_roll(&out->book, &out->frozen, error) || !begin_ceremony(out, error) ||
        !replay(out, error)) {
        hall_finish(out);
        return false;
    }
    return true;
}

void
hall_finish(struct hall *hall)
{
    if (hall == NULL) {
        return;
    }
    after_finish(&hall->after);
    lot_allocation_finish(&hall->allocation);
    free(hall->order);
    free(hall->homes);
    ceremony_finish(&hall->ceremony);
    register_roll_finish(&hall->frozen);
    register_close(&hall->book);
    memset(hall, 0, sizeof *hall);
}

bool
hall_close(struct hall *hall, const char *key, bool *open_to_others, struct lot_error *error)
{
    assert(hall != NULL && hall->book.store != NULL && open_to_others != NULL);
    struct note_signer signer = {0};
    struct store *store = hall->book.store;
    bool good = head_key(store, hall->book.rules, key, &signer, open_to_others, error) &&
                head_recall(store, key, error) && store_commit(store, error) &&
                head_sign(store, hall->book.rules, &signer, error) &&
                head_remember(store, key, error);
    note_signer_finish(&signer);
    return good;
}

/* ---- saying something ----------------------------------------------------------------------- */

bool
hall_missing(struct hall *hall, uint64_t size, struct lot_buffer *names, struct lot_error *error)
{
    for (uint32_t i = 0; i < hall->book.rules->witness_count; i++) {
        const char *witness = hall->book.rules->witnesses[i].code;
        struct lot_text line;
        bool found = false;
        if (!store_cosignature(hall->book.store, size, lot_text(witness), &line, &found, error)) {
            return false;
        }
        if (!found) {
            lot_buffer_print(names, "%s%s", names->size == 0 ? "" : ", ", witness);
        }
    }
    return true;
}

/* The last shown checkpoint must carry every witness's cosignature before the draw goes on. */
static bool
demand_cosigned(struct hall *hall, const char *what, struct lot_error *error)
{
    const struct ceremony *ceremony = &hall->ceremony;
    const struct ceremony_moment *moment = &ceremony->moments[ceremony->moment_count - 1];
    struct lot_buffer names = {0};
    bool good = hall_missing(hall, moment->size, &names, error);
    if (good && names.size > 0) {
        good = lot_fail(error, LOT_PHASE,
                        "before the %s the checkpoint of the %s must be countersigned by %s; "
                        "`lottery witness request` asks them",
                        what, ceremony_occasion_name(moment->occasion), names.at);
    }
    lot_buffer_finish(&names);
    return good;
}

/* Appends one leaf that the state machine lets pass, and notes what is to be shown. */
static bool
append(struct hall *hall, struct lot_text leaf, struct lot_error *error)
{
    static const enum store_purpose purposes[] = {
        [CEREMONY_AT_FREEZE] = STORE_FREEZE,   [CEREMONY_AT_COMMITS] = STORE_COMMITS,
        [CEREMONY_AT_REVEALS] = STORE_REVEALS, [CEREMONY_AT_FINISH] = STORE_FINISH,
        [CEREMONY_AT_SITTING] = STORE_SITTING,
    };
    const struct ceremony *ceremony = &hall->ceremony;
    bool finished = ceremony->finished;
    uint32_t moments = ceremony->moment_count;
    if (!follow(hall, leaf, error) || !head_append(hall->book.store, &leaf, 1, error)) {
        return false;
    }
    /* A sitting after the draw is shown when it is published, all of it together. */
    if (finished || ceremony->moment_count <= moments) {
        return true;
    }
    const struct ceremony_moment *moment = &ceremony->moments[ceremony->moment_count - 1];
    return store_checkpoint_due(hall->book.store, purposes[moment->occasion], error);
}

static bool
say(struct hall *hall, enum leaf_word word, int64_t now, const char *const values[3],
    struct lot_error *error)
{
    struct lot_buffer line = {0};
    leaf_write(&line, word, now, values[0], values[1], values[2]);
    bool good = append(hall, lot_buffer_text(&line), error);
    lot_buffer_finish(&line);
    return good;
}

#define SAY(hall, word, now, error, ...) \
    say(hall, word, now, (const char *const[3]){__VA_ARGS__}, error)

/* ---- from the attempt to the last public value ---------------------------------------------- */

bool
hall_attempt(struct hall *hall, const char *version, struct lot_text program, int64_t now,
             struct lot_error *error)
{
    char digest[LOT_HEX_SIZE + 1], number[16];
    snprintf(number, sizeof number, "%u", hall->ceremony.attempt.number + 1);
    return (hall->ceremony.step != LOT_STEP_ATTEMPT || hall->ceremony.attempt.number > 0 ||
            demand_cosigned(hall, "first attempt", error)) &&
           crypto_digest_hex(hall->book.rules->hash, program, digest, error) &&
           SAY(hall, LEAF_ATTEMPT, now, error, number) &&
           SAY(hall, LEAF_SOFTWARE, now, error, version, digest);
}

bool
hall_commit(struct hall *hall, const char *party, const char *commit, int64_t now,
            struct lot_error *error)
{
    return SAY(hall, LEAF_COMMIT, now, error, party, commit);
}

bool
hall_reveal(struct hall *hall, const char *party, const char *secret, int64_t now,
            struct lot_error *error)
{
    return SAY(hall, LEAF_REVEAL, now, error, party, secret);
}

/* Two people typed the same thing, or the first place where they did not is named. */
static bool
typed_twice(const char *typed, const char *again, struct lot_error *error)
{
    for (size_t i = 0;; i++) {
        if (typed[i] != again[i]) {
            return lot_fail(error, LOT_REFUSED,
                            "the two entries differ at place %zu; look at the sheet and type "
                            "both once more",
                            i + 1);
        }
        if (typed[i] == '\0') {
            return true;
        }
    }
}

bool
hall_dice(struct hall *hall, const char *typed, const char *again, int64_t now,
          struct lot_error *error)
{
    return (hall->ceremony.step != LOT_STEP_DICE || demand_cosigned(hall, "dice", error)) &&
           typed_twice(typed, again, error) && SAY(hall, LEAF_DICE, now, error, typed);
}

/* The source of the rules whose value is due. */
static bool
source_due(struct hall *hall, enum lot_source_kind kind, const struct lot_source **out,
           struct lot_error *error)
{
    const struct ceremony *ceremony = &hall->ceremony;
    if (ceremony->step != LOT_STEP_PUBLIC) {
        struct lot_buffer due = {0};
        ceremony_due(ceremony, &due);
        lot_fail(error, LOT_PHASE, "no public value is due now, but %s", due.at);
        lot_buffer_finish(&due);
        return false;
    }
    const struct lot_source *source = &hall->book.rules->sources[ceremony->next];
    if (source->kind != kind) {
        return lot_fail(error, LOT_PHASE, "the rules want %s next",
                        source->kind == LOT_SOURCE_NIST ? "a pulse (nist-2.0)" : "a text source");
    }
    *out = source;
    return demand_cosigned(hall, "public value", error);
}

bool
hall_public_text(struct hall *hall, const char *name, const char *typed, const char *again,
                 int64_t now, struct lot_error *error)
{
    const struct lot_source *source = NULL;
    return source_due(hall, LOT_SOURCE_TEXT, &source, error) && typed_twice(typed, again, error) &&
           SAY(hall, LEAF_PUBLIC, now, error, "text", name, typed);
}

static bool
put_pulse(struct hall *hall, const struct pulse *pulse, struct lot_text json,
          struct lot_error *error)
{
    char name[96];
    snprintf(name, sizeof name, "pulses/%llu-%llu.json", (unsigned long long)pulse->chain,
             (unsigned long long)pulse->index);
    return store_file_put(hall->book.store, lot_text(name), json, error);
}

bool
hall_public_pulse(struct hall *hall, struct lot_text pulse_json, struct lot_text before_json,
                  struct lot_text certificate, int64_t now, struct lot_error *error)
{
    const struct lot_source *source = NULL;
    struct pulse pulse = {0}, before = {0};
    struct lot_buffer old = {0};
    char name[160];
    bool given = before_json.size > 0, there = false;
    bool good = source_due(hall, LOT_SOURCE_NIST, &source, error) &&
                pulse_read(pulse_json, &pulse, error) &&
                (!given || pulse_read(before_json, &before, error)) &&
                pulse_verify(&pulse, certificate, error) &&
                pulse_check(&pulse, given ? &before : NULL, source, error);
    if (good) {
        snprintf(name, sizeof name, "pulses/%s.pem", pulse.certificate);
        /* Two sources may share a certificate, and a pulse be the one before another. */
        good = store_file_get(hall->book.store, lot_text(name), &old, &there, error) &&
               (there || store_file_put(hall->book.store, lot_text(name), certificate, error)) &&
               put_pulse(hall, &pulse, pulse_json, error) &&
               (!given || put_pulse(hall, &before, before_json, error)) &&
               SAY(hall, LEAF_PUBLIC, now, error, "nist-2.0", pulse.ref, pulse.value);
    }
    lot_buffer_finish(&old);
    pulse_finish(&pulse);
    pulse_finish(&before);
    return good;
}

bool
hall_void(struct hall *hall, const char *ground, int64_t now, struct lot_error *error)
{
    return SAY(hall, LEAF_VOID, now, error, ground);
}

bool
hall_end(struct hall *hall, const char *ground, int64_t now, struct lot_error *error)
{
    return SAY(hall, LEAF_END, now, error, ground);
}

/* ---- the draw ------------------------------------------------------------------------------- */

/* Appends the leaves from `file cutoffs.csv` to `finish`. */
static bool
say_results(struct hall *hall, const struct lot_file *cutoffs, const struct lot_file *results,
            const struct leaf_journal *journal, int64_t now, struct lot_error *error)
{
    struct leaf_stretch stretch = {0};
    struct lot_buffer line = {0};
    bool good = true;
    leaf_results(&stretch, cutoffs, results, journal, now);
    while (good && leaf_next(&stretch, &line)) {
        good = append(hall, lot_buffer_text(&line), error);
    }
    leaf_finish(&stretch);
    lot_buffer_finish(&line);
    return good;
}

static bool
describe(enum lot_hash hash, const struct lot_buffer *bytes, uint32_t rows, struct lot_file *out,
         struct lot_error *error)
{
    *out = (struct lot_file){.bytes = lot_buffer_text(bytes), .rows = rows};
    return crypto_digest_hex(hash, out->bytes, out->digest, error);
}

bool
hall_draw(struct hall *hall, unsigned threads, int64_t now, struct lot_error *error)
{
    struct lot_buffer seed = {0}, cutoffs = {0}, results = {0};
    struct lot_file cutoffs_file, results_file;
    struct leaf_journal journal = {0};
    const struct lot_rules *rules = hall->book.rules;
    uint32_t entries = hall->frozen.roll.entries_file.rows;
    char hex[LOT_HEX_SIZE + 1];
    bool good = false;
    if (hall->ceremony.step != LOT_STEP_SEED) {
        ceremony_due(&hall->ceremony, &seed);
        lot_fail(error, LOT_PHASE, "the draw cannot be made yet: %s is due", seed.at);
        goto out;
    }
    lot_seed_text(&hall->frozen.roll, &hall->ceremony.freeze, &hall->ceremony.attempt, &seed);
    if (!crypto_digest_hex(rules->hash, lot_buffer_text(&seed), hex, error) ||
        !SAY(hall, LEAF_SEED, now, error, hex) || !redraw(hall, threads, error)) {
        goto out;
    }
    lot_cutoffs_text(&hall->frozen.roll, hall->order, &hall->allocation, &cutoffs);
    lot_buffer_put(&results, lot_text(LOT_RESULTS_HEADER));
    lot_results_rows(&hall->frozen.roll, hall->order, &hall->allocation, 0, entries, &results);
    good = describe(rules->hash, &cutoffs, rules->round_count * rules->type_count, &cutoffs_file,
                    error) &&
           describe(rules->hash, &results, entries, &results_file, error) &&
           journal_anchor(hall->book.store, rules->hash, now, &journal, error) &&
           store_file_put(hall->book.store, LOT_TEXT("seed.txt"), lot_buffer_text(&seed), error) &&
           store_file_put(hall->book.store, LOT_TEXT("cutoffs.csv"), lot_buffer_text(&cutoffs),
                          error) &&
           store_file_put(hall->book.store, LOT_TEXT("results.csv"), lot_buffer_text(&results),
                          error) &&
           say_results(hall, &cutoffs_file, &results_file, &journal, now, error);
out:
    lot_buffer_finish(&seed);
    lot_buffer_finish(&cutoffs);
    lot_buffer_finish(&results);
    return good;
}

/* ---- after the draw ------------------------------------------------------------------------- */

/* The commit that was frozen in an entry's line: its last field. */
static struct lot_text
entry_commit(const struct lot_roll *roll, uint32_t entry)
{
    const char *line = roll->entries[entry].id;
    const char *end = strchr(line, '\n');
    assert(end != NULL && end - line > LOT_HEX_SIZE);
    return (struct lot_text){end - LOT_HEX_SIZE, LOT_HEX_SIZE};
}

bool
hall_take(struct hall *hall, const char *id, const char *home, struct lot_text opening, int64_t now,
          struct lot_error *error)
{
    uint32_t entry = lot_roll_entry(&hall->frozen.roll, lot_text(id));
    char digest[LOT_HEX_SIZE + 1];
    if (entry == LOT_NONE) {
        return lot_fail(error, LOT_REFUSED, "%s is not an entry of this draw", id);
    }
    if (!crypto_digest_hex(hall->book.rules->hash, opening, digest, error)) {
        return false;
    }
    if (!lot_text_is(entry_commit(&hall->frozen.roll, entry), digest)) {
        return lot_fail(error, LOT_REFUSED,
                        "what was opened does not give the commit frozen for %s; it is "
                        "salt:number:number..., the applicant first, then the others sorted",
                        id);
    }
    return SAY(hall, LEAF_TAKE, now, error, id, home);
}

bool
hall_waive(struct hall *hall, const char *id, const char *ground, int64_t now,
           struct lot_buffer *successor, struct lot_error *error)
{
    struct lot_buffer award = {0};
    struct leaf leaf;
    bool good = SAY(hall, LEAF_WAIVE, now, error, id, ground);
    if (good && after_due(&hall->after, now, &award)) {
        good = append(hall, lot_buffer_text(&award), error) &&
               leaf_read(lot_buffer_text(&award), &leaf, error);
        if (good) {
            lot_buffer_put(successor, leaf.values[0]);
        }
    }
    lot_buffer_finish(&award);
    return good;
}
