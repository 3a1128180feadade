/*
 * journal.c - hides how the private journal is written, chained and signed.
 *
 * A row is one line of text, its words parted by one blank:
 *
 *   <H of the row before, without LF; in the first row 64 zeros> <time> <words>
 *
 * H is the draw's hash. Times never fall. The words are:
 *
 *   new <draw> private-never-published rules <H> homes <H>       the first row of all
 *   officer <verifier key>                     who may decide; directly behind `new`
 *   file <n> <size> <sha256> <sm3> <encoding> <rows>   an office's file, kept as office/<n>
 *   noted <n> <row> <column> <code>            what was changed or doubted in it, cell by cell
 *   received <id> <intake> <number> <commit> <queues> <persons> <chances> <wants>
 *                                              an application was taken in; the codes of
 *                                              queues and wants parted by commas, none is -
 *   held <id>                                  ... and waits for a decision by name
 *   admit <id> <reason or ->                   decisions; a later one stands
 *   refuse <id> <reason>
 *   freeze <entries> <refusals>                what the roll will hold
 *   signed <role> <key name> <base64>          ends an act
 *
 * and later, unsigned, what the ceremony's verbs have to remember. Rows new and officer
 * are signed by the log's key; file to held by the key of the intake that they name; admit
 * and refuse by two of the officers. A signature is the one of a signed note (its key id and its 64
 * bytes) over
 *
 *   mingqian journal 1
 *   draw <draw>
 *   <number of rows before the act's first `signed`> <H of the last of them>
 *
 * so that it covers the act, and with it everything before.
 */
#include "lottery/journal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFICERS_MAX 64 /* of one draw */
#define ROW_MAX 8192    /* 64 queues and 64 types, all with long codes, fit */

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* Takes hash, time and words of a row apart; false if it has no such shape. */
static bool
split(struct lot_text row, struct lot_text *before, int64_t *time, struct lot_text *words)
{
    struct lot_text moment;
    *words = row;
    return lot_piece(words, ' ', before) && lot_piece(words, ' ', &moment) &&
           canon_hex(*before, LOT_HEX_SIZE) && canon_time(moment, time) && words->size > 0;
}

/* What an act's signatures are over. */
static void
signed_text(const struct lot_rules *rules, uint64_t rows, const char *head, struct lot_buffer *out)
{
    lot_buffer_clear(out);
    lot_buffer_print(out, "mingqian journal 1\ndraw %s\n%llu %s\n", rules->draw,
                     (unsigned long long)rows, head);
}

/* ---- writing -------------------------------------------------------------------------------- */

bool
journal_begin(struct journal *journal, struct store *store, const struct lot_rules *rules,
              int64_t time, struct lot_error *error)
{
    assert(journal != NULL && store != NULL && rules != NULL);
    struct journal found = {.store = store, .rules = rules};
    struct lot_buffer last = {0};
    struct lot_text before, words, row = {0};
    int64_t last_time = time;
    bool good = store_journal_size(store, &found.rows, error);
    memcpy(found.head, zeros, sizeof found.head);
    if (good && found.rows > 0) {
        good = store_journal_read(store, found.rows - 1, found.rows, &last, error);
        struct lot_text rest = lot_buffer_text(&last);
        if (good && (!lot_line(&rest, &row) || !split(row, &before, &last_time, &words))) {
            good = lot_fail(error, LOT_MACHINE, "journal row %llu is damaged",
                            (unsigned long long)found.rows);
        }
        good = good && crypto_digest_hex(rules->hash, row, found.head, error);
    }
    if (good && time < last_time) {
        char text[CANON_TIME_SIZE + 1];
        canon_time_text(last_time, text);
        good = lot_fail(error, LOT_REFUSED,
                        "the journal has come to %s already: set this machine's clock right", text);
    }
    lot_buffer_finish(&last);
    if (good) {
        canon_time_text(time, found.time);
        *journal = found;
    }
    return good;
}

bool
journal_row(struct journal *journal, struct lot_error *error, const char *format, ...)
{
    assert(journal != NULL && format != NULL);
    char row[ROW_MAX];
    int begin = snprintf(row, sizeof row, "%s %s ", journal->head, journal->time);
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(row + begin, sizeof row - (size_t)begin, format, arguments);
    va_end(arguments);
    assert(size > 0 && (size_t)(begin + size) < sizeof row);
    const struct lot_text text = {row, (size_t)(begin + size)};
    if (!store_journal_add(journal->store, text, error) ||
        !crypto_digest_hex(journal->rules->hash, text, journal->head, error)) {
        return false;
    }
    journal->rows++;
    return true;
}

bool
journal_sign(struct journal *journal, const char *role, const struct note_signer signers[],
             uint32_t count, struct lot_error *error)
{
    assert(journal != NULL && role != NULL && count > 0 && journal->rows > 0);
    struct lot_buffer text = {0}, line = {0};
    bool good = true;
    signed_text(journal->rules, journal->rows, journal->head, &text);
    for (uint32_t i = 0; good && i < count; i++) {
        lot_buffer_clear(&line);
        good = note_sign(&signers[i], lot_buffer_text(&text), 0, &line, error);
        if (good) { /* the dash, a blank, then name and signature, then LF */
            struct lot_text rest = lot_buffer_text(&line), dash;
            lot_piece(&rest, ' ', &dash);
            good = journal_row(journal, error, "signed %s %.*s", role, (int)rest.size - 1, rest.at);
        }
    }
    lot_buffer_finish(&text);
    lot_buffer_finish(&line);
    return good;
}

bool
journal_anchor(struct store *store, enum lot_hash hash, int64_t time, struct leaf_journal *out,
               struct lot_error *error)
{
    assert(store != NULL && out != NULL);
    struct leaf_journal anchor = {.time = time};
    struct lot_buffer export = {0};
    uint64_t rows = 0;
    bool good = store_journal_size(store, &rows, error) &&
                store_journal_read(store, 0, rows, &export, error) &&
                crypto_digest_hex(hash, lot_buffer_text(&export), anchor.digest, error);
    lot_buffer_finish(&export);
    if (good) {
        assert(rows <= LOT_ROWS_MAX);
        anchor.rows = (uint32_t)rows;
        *out = anchor;
    }
    return good;
}

/* ---- checking ------------------------------------------------------------------------------- */

enum act { ACT_NONE, ACT_FREE, ACT_NEW, ACT_INTAKE, ACT_OFFICERS };

struct check {
    const struct lot_rules *rules;
    uint64_t rows;
    char head[LOT_HEX_SIZE + 1];
    int64_t time;
    enum act act;           /* the one that is open */
    struct lot_buffer text; /* what its signatures are over, once the first is there */
    uint32_t signatures;    /* under the open act ... */
    uint32_t signer;        /* ... and who gave the first */
    int intake;             /* the one that the open act names, or -1 */
    uint32_t officer_count;
    struct lot_key officers[OFFICERS_MAX];
};

/* Which act a row belongs to, by its first word. */
static enum act
act_of(struct lot_text word)
{
    static const struct {
        const char *word;
        enum act act;
    } words[] = {
        {"new", ACT_NEW},        {"officer", ACT_NEW},     {"file", ACT_INTAKE},
        {"noted", ACT_INTAKE},   {"held", ACT_INTAKE},     {"received", ACT_INTAKE},
        {"admit", ACT_OFFICERS}, {"refuse", ACT_OFFICERS},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (lot_text_is(word, words[i].word)) {
            return words[i].act;
        }
    }
    return ACT_FREE;
}

/* Puts a note together again from a `signed` row and asks whether key signed it. */
static bool
signed_by(struct check *check, struct lot_text line, const struct lot_key *key, bool *there,
          struct lot_error *error)
{
    struct lot_buffer bytes = {0};
    struct note *note = lot_alloc(1, sizeof *note);
    note_begin(lot_buffer_text(&check->text), &bytes);
    lot_buffer_print(&bytes, "\xe2\x80\x94 %.*s\n", (int)line.size, line.at);
    bool good = note_read(lot_buffer_text(&bytes), note, error) &&
                note_verify(note, key, there, NULL, error);
    free(note);
    lot_buffer_finish(&bytes);
    return good;
}

/* The key number i of those that may sign the open act, or NULL. */
static const struct lot_key *
key_of_act(const struct check *check, uint32_t i)
{
    switch (check->act) {
    case ACT_NEW:
        return i == 0 ? &check->rules->log_keys[0] : NULL;
    case ACT_INTAKE:
        return i == 0 && check->intake >= 0 ? &check->rules->intakes[check->intake].key : NULL;
    case ACT_OFFICERS:
        return i < check->officer_count ? &check->officers[i] : NULL;
    case ACT_NONE:
    case ACT_FREE:
        break;
    }
    return NULL;
}

/* One more signature under the open act: it must be of a key that may sign it. */
static bool
check_signature(struct check *check, struct lot_text line, struct lot_error *error)
{
    const struct lot_key *key;
    uint32_t i = 0;
    bool there = false;
    if (check->act <= ACT_FREE) {
        return lot_fail(error, LOT_REFUSED, "a signature, but nothing to sign before it");
    }
    if (check->signatures == 0) {
        signed_text(check->rules, check->rows, check->head, &check->text);
    }
    while (!there && (key = key_of_act(check, i)) != NULL) {
        if (!signed_by(check, line, key, &there, error)) {
            return false;
        }
        i++;
    }
    if (!there) {
        return lot_fail(error, LOT_REFUSED, "signed by a key that may not: only %s may",
                        check->act == ACT_NEW      ? "the log's"
                        : check->act == ACT_INTAKE ? "that of the intake in the act's rows"
                                                   : "those of the officers named at `new`");
    }
    if (check->signatures > 0 && i == check->signer) {
        return lot_fail(error, LOT_REFUSED, "the same officer has signed twice");
    }
    check->signer = i;
    check->signatures++;
    if (check->signatures == (check->act == ACT_OFFICERS ? 2 : 1)) {
        check->act = ACT_NONE;
        check->signatures = 0;
        check->intake = -1;
    }
    return true;
}

/* What a row that is no signature adds to the open act, or begins. */
static bool
check_act(struct check *check, struct lot_text word, struct lot_text words, struct lot_error *error)
{
    enum act act = act_of(word);
    bool officer = lot_text_is(word, "officer");
    if (check->signatures > 0 || (check->act > ACT_FREE && act != check->act)) {
        return lot_fail(error, LOT_REFUSED, "the act before it is not signed");
    }
    check->act = act;
    if (act == ACT_NEW && (check->rows != (officer ? check->officer_count + 1 : 0) ||
                           check->officer_count == OFFICERS_MAX)) {
        return lot_fail(error, LOT_REFUSED, "a draw is begun once, and officers are named then");
    }
    if (lot_text_is(word, "received")) {
        struct lot_text id, code;
        int intake = lot_piece(&words, ' ', &id) && lot_piece(&words, ' ', &code)
                         ? lot_rules_intake(check->rules, code)
                         : -1;
        if (intake < 0 || (check->intake >= 0 && intake != check->intake)) {
            return lot_fail(error, LOT_REFUSED, "no intake of the rules, or not the act's");
        }
        check->intake = intake;
    }
    return !officer || note_key_read(words, &check->officers[check->officer_count++], error);
}

static bool
check_row(struct check *check, struct lot_text row, struct lot_error *error)
{
    struct lot_text before, words, word;
    int64_t time = 0;
    if (!split(row, &before, &time, &words)) {
        return lot_fail(error, LOT_REFUSED, "no journal row: hash, time and words are expected");
    }
    if (!lot_text_is(before, check->head) || time < check->time) {
        return lot_fail(error, LOT_REFUSED, "it does not follow from the row before it (%s)",
                        time < check->time ? "its time is earlier" : "another hash");
    }
    check->time = time;
    lot_piece(&words, ' ', &word);
    if (lot_text_is(word, "signed")) {
        lot_piece(&words, ' ', &word); /* the role: the act says it already */
        if (!check_signature(check, words, error)) {
            return false;
        }
    } else if (!check_act(check, word, words, error)) {
        return false;
    }
    check->rows++;
    return crypto_digest_hex(check->rules->hash, row, check->head, error);
}

bool
journal_check(struct lot_text export, const struct lot_rules *rules, struct lot_error *error)
{
    assert(rules != NULL);
    struct check *check = lot_alloc(1, sizeof *check);
    struct lot_text row;
    bool good = true;
    check->rules = rules;
    check->intake = -1;
    memcpy(check->head, zeros, sizeof check->head);
    while (good && lot_line(&export, &row)) {
        good = check_row(check, row, error) ||
               lot_fail_at(error, "journal row %llu", (unsigned long long)check->rows + 1);
    }
    if (good && (export.size > 0 || check->act > ACT_FREE)) {
        good = lot_fail(error, LOT_REFUSED, "journal: its last act is not signed or cut short");
    }
    lot_buffer_finish(&check->text);
    free(check);
    return good;
}

/* ---- lives ---------------------------------------------------------------------------------- */

static int
by_id_and_row(const void *a, const void *b)
{
    const struct journal_life *left = a, *right = b;
    int order = lot_text_compare(left->id, right->id);
    return order != 0 ? order : (left->row > right->row) - (left->row < right->row);
}

/* What a single row says about an application; false if it is about none. */
static bool
read_life(struct lot_text row, struct journal_life *out)
{
    struct lot_text before, words, word;
    int64_t time = 0;
    *out = (struct journal_life){0};
    if (!split(row, &before, &time, &words) || !lot_piece(&words, ' ', &word)) {
        return false;
    }
    bool received = lot_text_is(word, "received");
    bool decided = lot_text_is(word, "admit") || lot_text_is(word, "refuse");
    if ((!received && !decided && !lot_text_is(word, "held")) ||
        !lot_piece(&words, ' ', &out->id)) {
        return false;
    }
    if (received) {
        out->received = words;
    } else if (decided) {
        out->decision = word;
        out->reason = words;
    } else {
        out->held = true;
    }
    return true;
}

void
journal_lives(struct lot_text export, struct journal_life **out, uint32_t *count)
{
    assert(out != NULL && count != NULL);
    struct lot_text rest = export, row;
    size_t rows = 0, found = 0;
    while (lot_line(&rest, &row)) {
        rows++;
    }
    struct journal_life *lives = lot_alloc(rows, sizeof *lives);
    for (uint64_t i = 0; lot_line(&export, &row); i++) {
        if (read_life(row, &lives[found])) {
            lives[found++].row = i;
        }
    }
    qsort(lives, found, sizeof *lives, by_id_and_row);
    *count = 0;
    for (size_t i = 0; i < found; i++) {
        struct journal_life *last = &lives[*count == 0 ? 0 : *count - 1];
        if (*count > 0 && lot_text_same(last->id, lives[i].id)) {
            struct lot_text received = last->received;
            *last = lives[i];
            last->received = received.size > 0 ? received : last->received;
        } else {
            lives[(*count)++] = lives[i];
        }
    }
    *out = lives;
}
