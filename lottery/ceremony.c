/*
 * ceremony.c - hides the order in which the leaves after `freeze` may stand.
 *
 *   attempt software commit... dice reveal... public... seed
 *       file cutoffs.csv, rows, file results.csv, rows, journal, finish
 *           take waive award ...
 *
 * void <ground>    from behind `software` to before `dice`, with a ground of the rules;
 *                  `unopened`: only while a reveal is due. A new attempt follows.
 * end <ground>     where no throw stands, with a ground of the rules; `order`: anywhere
 *                  but between `file cutoffs.csv` and `finish`, which are one write.
 *                  Nothing follows it.
 *
 * `attempt` and `software` are one write, so nothing but `end` comes between them. The
 * throw of an attempt that ended in `void unopened` does not stand.
 */
#include "lottery/ceremony.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- moments -------------------------------------------------------------------------------- */

static const char *const occasions[] = {
    [CEREMONY_AT_FREEZE] = "freeze",   [CEREMONY_AT_COMMITS] = "commits",
    [CEREMONY_AT_REVEALS] = "reveals", [CEREMONY_AT_FINISH] = "finish",
    [CEREMONY_AT_SITTING] = "sitting",
};

const char *
ceremony_occasion_name(enum ceremony_occasion occasion)
{
    assert((unsigned)occasion < sizeof occasions / sizeof occasions[0]);
    return occasions[occasion];
}

static void
add_moment(struct ceremony *ceremony, enum ceremony_occasion occasion)
{
    ceremony->moments =
        lot_realloc(ceremony->moments, ceremony->moment_count + 1, sizeof ceremony->moments[0]);
    ceremony->moments[ceremony->moment_count++] = (struct ceremony_moment){
        .occasion = occasion,
        .attempt = ceremony->attempt.number,
        .size = ceremony->size,
        .time = ceremony->time,
    };
}

/*
 * Keeps the list of moments after a leaf that led from `before` to where the draw
 * stands now. Nothing rests on the commits of an attempt that was void or ended before
 * its first throw, nor on reveals that no public value follows.
 */
static void
mark_moment(struct ceremony *ceremony, enum lot_step before, uint32_t next)
{
    enum lot_step step = ceremony->step;
    enum ceremony_occasion last = ceremony->moments[ceremony->moment_count - 1].occasion;
    bool stopped = step == LOT_STEP_ATTEMPT || step == LOT_STEP_ENDED;
    if ((stopped && before == LOT_STEP_DICE && last == CEREMONY_AT_COMMITS) ||
        (stopped && before == LOT_STEP_PUBLIC && last == CEREMONY_AT_REVEALS && next == 0) ||
        (ceremony->finished && last == CEREMONY_AT_SITTING)) {
        ceremony->moment_count--;
    }
    if (before == LOT_STEP_COMMIT && step == LOT_STEP_DICE) {
        add_moment(ceremony, CEREMONY_AT_COMMITS);
    } else if (before == LOT_STEP_REVEAL && step == LOT_STEP_PUBLIC) {
        add_moment(ceremony, CEREMONY_AT_REVEALS);
    } else if (ceremony->finished) {
        add_moment(ceremony, before == LOT_STEP_RESULTS ? CEREMONY_AT_FINISH : CEREMONY_AT_SITTING);
    }
}

/* ---- the state machine ---------------------------------------------------------------------- */

void
ceremony_begin(struct ceremony *ceremony, const struct lot_roll *roll,
               const struct lot_freeze *freeze, int64_t frozen)
{
    assert(ceremony != NULL && roll != NULL && roll->rules != NULL && freeze != NULL);
    memset(ceremony, 0, sizeof *ceremony);
    ceremony->roll = roll;
    ceremony->freeze = *freeze;
    ceremony->step = LOT_STEP_ATTEMPT;
    ceremony->size = freeze->size;
    ceremony->time = frozen;
    add_moment(ceremony, CEREMONY_AT_FREEZE);
}

void
ceremony_finish(struct ceremony *ceremony)
{
    if (ceremony != NULL) {
        free(ceremony->moments);
        free(ceremony->commits);
        memset(ceremony, 0, sizeof *ceremony);
    }
}

/*
 * The beginning of the leaf of the results that is due, NULL when it is `journal` or
 * `finish`. next counts: file, cut-offs, file, results, journal, finish.
 */
static const char *
results_due(const struct ceremony *ceremony)
{
    const struct lot_rules *rules = ceremony->roll->rules;
    uint32_t cutoffs = rules->round_count * rules->type_count;
    if (ceremony->next == 0) {
        return "file cutoffs.csv";
    }
    if (ceremony->next <= cutoffs) {
        return "cutoff";
    }
    if (ceremony->next == cutoffs + 1) {
        return "file results.csv";
    }
    return ceremony->next <= cutoffs + 1 + ceremony->roll->entries_file.rows ? "result" : NULL;
}

static bool
journal_due(const struct ceremony *ceremony)
{
    const struct lot_rules *rules = ceremony->roll->rules;
    return ceremony->next ==
           rules->round_count * rules->type_count + 2 + ceremony->roll->entries_file.rows;
}

/* The word that is due; after `finish` one of three, which due() knows. */
static enum leaf_word
word_due(const struct ceremony *ceremony)
{
    static const enum leaf_word by_step[] = {
        [LOT_STEP_ATTEMPT] = LEAF_ATTEMPT, [LOT_STEP_SOFTWARE] = LEAF_SOFTWARE,
        [LOT_STEP_COMMIT] = LEAF_COMMIT,   [LOT_STEP_DICE] = LEAF_DICE,
        [LOT_STEP_REVEAL] = LEAF_REVEAL,   [LOT_STEP_PUBLIC] = LEAF_PUBLIC,
        [LOT_STEP_SEED] = LEAF_SEED,       [LOT_STEP_RESULTS] = LEAF_FINISH,
        [LOT_STEP_AFTER] = LEAF_TAKE,      [LOT_STEP_ENDED] = LEAF_END,
    };
    if (ceremony->step == LOT_STEP_RESULTS && journal_due(ceremony)) {
        return LEAF_JOURNAL;
    }
    return by_step[ceremony->step];
}

static bool
is_due(const struct ceremony *ceremony, enum leaf_word word)
{
    if (ceremony->step == LOT_STEP_AFTER) {
        return word == LEAF_TAKE || word == LEAF_WAIVE || word == LEAF_AWARD;
    }
    if (ceremony->step == LOT_STEP_RESULTS && results_due(ceremony) != NULL) {
        return false;
    }
    return word == word_due(ceremony);
}

void
ceremony_due(const struct ceremony *ceremony, struct lot_buffer *out)
{
    assert(ceremony != NULL && out != NULL);
    const struct lot_rules *rules = ceremony->roll->rules;
    const char *word = leaf_word_name(word_due(ceremony));
    const char *row = ceremony->step == LOT_STEP_RESULTS ? results_due(ceremony) : NULL;
    switch (ceremony->step) {
    case LOT_STEP_ATTEMPT:
        lot_buffer_print(out, "`attempt %" PRIu32 "` or `end`", ceremony->attempt.number + 1);
        break;
    case LOT_STEP_COMMIT:
    case LOT_STEP_REVEAL:
        lot_buffer_print(out, "`%s %s`", word, rules->parties[ceremony->next].code);
        break;
    case LOT_STEP_PUBLIC:
        lot_buffer_print(out, "`public %s`", lot_source_word(rules->sources[ceremony->next].kind));
        break;
    case LOT_STEP_SOFTWARE:
    case LOT_STEP_DICE:
    case LOT_STEP_SEED:
    case LOT_STEP_RESULTS:
        lot_buffer_print(out, "`%s`", row != NULL ? row : word);
        break;
    case LOT_STEP_AFTER:
        lot_buffer_print(out, "`take`, `waive` or `end order`");
        break;
    case LOT_STEP_ENDED:
        lot_buffer_print(out, "nothing: the draw was closed for good by `end`");
        break;
    }
}

/* Refuses a leaf that comes at the wrong time. */
static bool
not_due(const struct ceremony *ceremony, const char *leaf, struct lot_error *error)
{
    struct lot_buffer due = {0};
    ceremony_due(ceremony, &due);
    lot_fail(error, LOT_PHASE, "`%s` is not due now, but %s", leaf, due.at);
    lot_buffer_finish(&due);
    return false;
}

/* Goes on to step, or past it when nothing is due in it: rules may have no sources, and a
 * rehearsal no parties. */
static void
go_on(struct ceremony *ceremony, enum lot_step step)
{
    const struct lot_rules *rules = ceremony->roll->rules;
    if (step == LOT_STEP_COMMIT && rules->party_count == 0) {
        step = LOT_STEP_DICE;
    }
    if (step == LOT_STEP_REVEAL && rules->party_count == 0) {
        step = LOT_STEP_PUBLIC;
    }
    if (step == LOT_STEP_PUBLIC && rules->source_count == 0) {
        step = LOT_STEP_SEED;
    }
    ceremony->step = step;
    ceremony->next = 0;
}

static void
keep(char out[], size_t room, struct lot_text text)
{
    assert(text.size < room);
    memcpy(out, text.at, text.size);
    out[text.size] = '\0';
}

static bool
take_attempt(struct ceremony *ceremony, struct lot_text number, struct lot_error *error)
{
    uint32_t found = 0;
    if (!canon_number(number, &found) || found != ceremony->attempt.number + 1) {
        return lot_fail(error, LOT_REFUSED, "attempts are numbered 1, 2, 3: this one is %" PRIu32,
                        ceremony->attempt.number + 1);
    }
    if (found > CEREMONY_ATTEMPTS_MAX) {
        return lot_fail(error, LOT_REFUSED, "a draw has at most %d attempts: `end` it",
                        CEREMONY_ATTEMPTS_MAX);
    }
    memset(&ceremony->attempt, 0, sizeof ceremony->attempt);
    ceremony->attempt.number = found;
    go_on(ceremony, LOT_STEP_SOFTWARE);
    return true;
}

/* A version is a code in which dots may stand; leaf_read() gives none that is empty. */
static bool
version_is_good(struct lot_text version)
{
    for (size_t i = 0; i < version.size; i++) {
        struct lot_text one = {version.at + i, 1};
        if (version.at[i] != '.' && !canon_code(one)) {
            return false;
        }
    }
    return version.size <= LOT_CODE_MAX;
}

static bool
take_software(struct ceremony *ceremony, struct lot_text version, struct lot_text digest,
              struct lot_error *error)
{
    if (!version_is_good(version) || !canon_hex(digest, LOT_HEX_SIZE)) {
        return lot_fail(error, LOT_REFUSED,
                        "`software` names a version (letters, digits, `.`, `_`, `-`, at most %d) "
                        "and the digest of the program's file (%d hex digits)",
                        LOT_CODE_MAX, LOT_HEX_SIZE);
    }
    go_on(ceremony, LOT_STEP_COMMIT);
    return true;
}

static bool
party_is_due(const struct ceremony *ceremony, const char *word, struct lot_text party,
             struct lot_error *error)
{
    const char *due = ceremony->roll->rules->parties[ceremony->next].code;
    return lot_text_is(party, due) ||
           lot_fail(error, LOT_PHASE,
                    "parties come in the order of the rules: `%s %s` is due, not another party's",
                    word, due);
}

static bool
take_commit(struct ceremony *ceremony, struct lot_text party, struct lot_text commit,
            struct lot_error *error)
{
    if (!party_is_due(ceremony, "commit", party, error) || !lot_commit_check(commit, error)) {
        return false;
    }
    for (uint32_t i = 0; i < ceremony->commit_count; i++) {
        if (lot_text_is(commit, ceremony->commits[i])) {
            return lot_fail(error, LOT_REFUSED,
                            "the commit of %s is in the log already: each party, and each attempt, "
                            "needs a secret of its own",
                            ceremony->roll->rules->parties[ceremony->next].code);
        }
    }
    ceremony->commits =
        lot_realloc(ceremony->commits, ceremony->commit_count + 1, sizeof ceremony->commits[0]);
    keep(ceremony->commits[ceremony->commit_count++], sizeof ceremony->commits[0], commit);
    keep(ceremony->attempt.commits[ceremony->next], sizeof ceremony->attempt.commits[0], commit);
    if (++ceremony->next == ceremony->roll->rules->party_count) {
        go_on(ceremony, LOT_STEP_DICE);
    }
    return true;
}

static bool
take_dice(struct ceremony *ceremony, struct lot_text dice, struct lot_error *error)
{
    if (!lot_dice_check(ceremony->roll->rules, dice, error)) {
        return false;
    }
    keep(ceremony->attempt.dice, sizeof ceremony->attempt.dice, dice);
    go_on(ceremony, LOT_STEP_REVEAL);
    return true;
}

static bool
take_reveal(struct ceremony *ceremony, struct lot_text party, struct lot_text secret,
            struct lot_error *error)
{
    struct lot_text commit = lot_text(ceremony->attempt.commits[ceremony->next]);
    if (!party_is_due(ceremony, "reveal", party, error) ||
        !lot_reveal_check(ceremony->roll->rules, ceremony->next, commit, secret, error)) {
        return false;
    }
    keep(ceremony->attempt.reveals[ceremony->next], sizeof ceremony->attempt.reveals[0], secret);
    if (++ceremony->next == ceremony->roll->rules->party_count) {
        go_on(ceremony, LOT_STEP_PUBLIC);
    }
    return true;
}

static bool
take_public(struct ceremony *ceremony, const struct lot_text values[], struct lot_error *error)
{
    const struct lot_source *source = &ceremony->roll->rules->sources[ceremony->next];
    if (!lot_text_is(values[0], lot_source_word(source->kind))) {
        return lot_fail(error, LOT_PHASE,
                        "sources come in the order of the rules: `public %s` is due",
                        lot_source_word(source->kind));
    }
    if (!lot_public_check(source, values[1], values[2], error)) {
        return false;
    }
    keep(ceremony->attempt.publics[ceremony->next].ref, sizeof ceremony->attempt.publics[0].ref,
         values[1]);
    keep(ceremony->attempt.publics[ceremony->next].value, sizeof ceremony->attempt.publics[0].value,
         values[2]);
    if (++ceremony->next == ceremony->roll->rules->source_count) {
        go_on(ceremony, LOT_STEP_SEED);
    }
    return true;
}

static bool
take_seed(struct ceremony *ceremony, struct lot_text seed, struct lot_error *error)
{
    struct lot_buffer text = {0};
    char digest[LOT_HEX_SIZE + 1] = "";
    lot_seed_text(ceremony->roll, &ceremony->freeze, &ceremony->attempt, &text);
    bool good =
        crypto_digest_hex(ceremony->roll->rules->hash, lot_buffer_text(&text), digest, error);
    lot_buffer_finish(&text);
    if (!good) {
        return false;
    }
    if (!lot_text_is(seed, digest)) {
        return lot_fail(error, LOT_REFUSED,
                        "the seed is not the digest of the seed.txt that the log gives, which is "
                        "%s",
                        digest);
    }
    memcpy(ceremony->seed, digest, sizeof digest);
    go_on(ceremony, LOT_STEP_RESULTS);
    return true;
}

static bool
take_void(struct ceremony *ceremony, struct lot_text ground, struct lot_error *error)
{
    bool unopened = lot_text_is(ground, "unopened");
    if (ceremony->step == LOT_STEP_REVEAL && !unopened) {
        return lot_fail(error, LOT_PHASE,
                        "the dice were thrown: nothing voids the attempt but `void unopened`, when "
                        "neither envelope nor party gives the secret");
    }
    if (ceremony->step < LOT_STEP_COMMIT || ceremony->step > LOT_STEP_REVEAL ||
        (unopened && ceremony->step != LOT_STEP_REVEAL)) {
        return not_due(ceremony, unopened ? "void unopened" : "void", error);
    }
    if (!unopened && lot_rules_ground(ceremony->roll->rules, ground) < 0) {
        return lot_fail(error, LOT_REFUSED, "`void` needs a ground that the rules name");
    }
    go_on(ceremony, LOT_STEP_ATTEMPT);
    return true;
}

static bool
take_end(struct ceremony *ceremony, struct lot_text ground, struct lot_error *error)
{
    bool order = lot_text_is(ground, "order");
    if (ceremony->step == LOT_STEP_ENDED ||
        (ceremony->step == LOT_STEP_RESULTS && ceremony->next > 0)) {
        return not_due(ceremony, "end", error);
    }
    if (!order && lot_rules_ground(ceremony->roll->rules, ground) < 0) {
        return lot_fail(error, LOT_REFUSED, "`end` needs a ground that the rules name, or `order`");
    }
    if (!order && ceremony->step > LOT_STEP_DICE) {
        return lot_fail(error, LOT_PHASE,
                        "the dice were thrown: only `end order`, of a court or a higher authority, "
                        "closes the draw now");
    }
    go_on(ceremony, LOT_STEP_ENDED);
    return true;
}

/* The second journal or `finish`. */
static bool
take_last_results(struct ceremony *ceremony, const struct leaf *leaf, struct lot_error *error)
{
    uint32_t rows = 0;
    if (leaf->word == LEAF_FINISH) {
        ceremony->finished = true;
        go_on(ceremony, LOT_STEP_AFTER);
        return true;
    }
    if (!canon_number(leaf->values[0], &rows) || !canon_hex(leaf->values[1], LOT_HEX_SIZE)) {
        return lot_fail(error, LOT_REFUSED,
                        "`journal` names a number of rows and a digest of %d hex digits",
                        LOT_HEX_SIZE);
    }
    ceremony->next++;
    return true;
}

static bool
take_leaf(struct ceremony *ceremony, const struct leaf *leaf, struct lot_error *error)
{
    if (leaf->word == LEAF_VOID) {
        return take_void(ceremony, leaf->values[0], error);
    }
    if (leaf->word == LEAF_END) {
        return take_end(ceremony, leaf->values[0], error);
    }
    if (!is_due(ceremony, leaf->word)) {
        return not_due(ceremony, leaf_word_name(leaf->word), error);
    }
    switch (ceremony->step) {
    case LOT_STEP_ATTEMPT:
        return take_attempt(ceremony, leaf->values[0], error);
    case LOT_STEP_SOFTWARE:
        return take_software(ceremony, leaf->values[0], leaf->values[1], error);
    case LOT_STEP_COMMIT:
        return take_commit(ceremony, leaf->values[0], leaf->values[1], error);
    case LOT_STEP_DICE:
        return take_dice(ceremony, leaf->values[0], error);
    case LOT_STEP_REVEAL:
        return take_reveal(ceremony, leaf->values[0], leaf->values[1], error);
    case LOT_STEP_PUBLIC:
        return take_public(ceremony, leaf->values, error);
    case LOT_STEP_SEED:
        return take_seed(ceremony, leaf->values[0], error);
    case LOT_STEP_RESULTS:
        return take_last_results(ceremony, leaf, error);
    case LOT_STEP_AFTER:
        return true;
    case LOT_STEP_ENDED:
        break;
    }
    return not_due(ceremony, leaf_word_name(leaf->word), error);
}

bool
ceremony_take(struct ceremony *ceremony, struct lot_text leaf, struct lot_error *error)
{
    assert(ceremony != NULL && ceremony->roll != NULL);
    enum lot_step before = ceremony->step;
    uint32_t next = ceremony->next;
    const char *row = before == LOT_STEP_RESULTS ? results_due(ceremony) : NULL;
    if (row != NULL && lot_text_starts(leaf, row) && leaf.size > strlen(row) &&
        leaf.at[strlen(row)] == ' ') {
        ceremony->next++;
        ceremony->size++;
        return true;
    }
    struct leaf found;
    if (!leaf_read(leaf, &found, error)) {
        struct lot_buffer due = {0};
        ceremony_due(ceremony, &due);
        lot_fail_at(error, "due is %s", due.at);
        lot_buffer_finish(&due);
        return false;
    }
    if (found.time < ceremony->time) {
        char old[CANON_TIME_SIZE + 1], now[CANON_TIME_SIZE + 1];
        canon_time_text(ceremony->time, old);
        canon_time_text(found.time, now);
        return lot_fail(error, LOT_REFUSED, "`%s` is dated %s, before the leaf in front of it, %s",
                        leaf_word_name(found.word), now, old);
    }
    if (!take_leaf(ceremony, &found, error)) {
        return false;
    }
    ceremony->time = found.time;
    ceremony->size++;
    mark_moment(ceremony, before, next);
    return true;
}
