/*
 * freeze.c - hides how the register becomes the roll: files, leaves, and the checks
 * that both say the same.
 *
 * Before, every application is compared with what was signed for in the journal. What
 * is written is read back by the reader that `verify` uses, and every commit is
 * computed once more from the salt and the numbers that stand in the register, before
 * anything is said in public that could not be taken back.
 */
#include "lottery/head.h"
#include "lottery/leaf.h"
#include "lottery/register.h"
#include "lottery/roll.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 1024      /* leaves appended at once */
#define NAMED_AT_MOST 5 /* undecided applications in a sentence */

enum { RULES, HOMES, ENTRIES, REFUSALS, RECEIVED, FILES };
static const char *const names[FILES] = {"rules.json", "homes.csv", "entries.csv", "refusals.csv",
                                         "received.csv"};

/* ---- the roll ------------------------------------------------------------------------------- */

void
register_roll_finish(struct register_roll *roll)
{
    assert(roll != NULL);
    lot_roll_finish(&roll->roll);
    for (int i = 0; i < FILES; i++) {
        lot_buffer_finish(&roll->files[i]);
    }
}

/* Reads the five files in roll->files. */
static bool
read_roll(const struct register_book *book, struct register_roll *roll, struct lot_error *error)
{
    roll->roll.rules_file.bytes = lot_buffer_text(&roll->files[RULES]);
    roll->roll.homes_file.bytes = lot_buffer_text(&roll->files[HOMES]);
    roll->roll.entries_file.bytes = lot_buffer_text(&roll->files[ENTRIES]);
    roll->roll.refusals_file.bytes = lot_buffer_text(&roll->files[REFUSALS]);
    roll->roll.received_file.bytes = lot_buffer_text(&roll->files[RECEIVED]);
    return lot_roll_read(book->rules, &roll->roll, error);
}

bool
register_roll(const struct register_book *book, struct register_roll *out, struct lot_error *error)
{
    assert(book != NULL && out != NULL);
    struct register_roll roll = {0};
    bool good = register_must_be_frozen(book, error);
    for (int i = 0; good && i < FILES; i++) {
        good = register_file(book, names[i], &roll.files[i], error);
    }
    if (!good || !read_roll(book, &roll, error)) {
        register_roll_finish(&roll);
        return false;
    }
    *out = roll;
    return true;
}

/* ---- audit ---------------------------------------------------------------------------------- */

/* Whether an application is what its rows in the journal say. */
static bool
lives_so(const struct store_application *a, const struct journal_life *life)
{
    static const char *const decisions[] = {"", "admit", "refuse"};
    struct lot_buffer words = {0};
    register_received_words(a, &words);
    bool same = lot_text_is(life->id, a->id) &&
                lot_text_same(lot_buffer_text(&words), life->received) &&
                lot_text_is(life->decision, decisions[a->state]) && a->held == life->held &&
                (a->state == STORE_RECEIVED ||
                 lot_text_is(life->reason, a->reason[0] == '\0' ? "-" : a->reason));
    lot_buffer_finish(&words);
    return same;
}

/* Both go by id, so they are walked together. */
static bool
compare_lives(const struct register_book *book, const struct journal_life lives[], uint32_t count,
              struct lot_error *error)
{
    struct store_application application = {0};
    for (uint32_t i = 0;; i++) {
        bool found = false;
        if (!store_application_next(book->store, &application, &found, error)) {
            return false;
        }
        if (i < count && (!found || lot_text_compare(lives[i].id, lot_text(application.id)) < 0)) {
            return lot_fail(error, LOT_REFUSED,
                            "application %.*s is in the journal but no longer in the draw file: it "
                            "was taken out without a signature",
                            (int)lives[i].id.size, lives[i].id.at);
        }
        if (!found) {
            return true;
        }
        if (i == count || !lives_so(&application, &lives[i])) {
            return lot_fail(error, LOT_REFUSED,
                            "application %s is not as the journal says: somebody has changed the "
                            "draw file without a signature",
                            application.id);
        }
    }
}

bool
register_audit(const struct register_book *book, struct lot_buffer *export, struct lot_error *error)
{
    assert(book != NULL && export != NULL);
    struct journal_life *lives = NULL;
    uint32_t count = 0;
    uint64_t rows = 0;
    if (!store_journal_size(book->store, &rows, error) ||
        !store_journal_read(book->store, 0, rows, export, error) ||
        !journal_check(lot_buffer_text(export), book->rules, error)) {
        return false;
    }
    journal_lives(lot_buffer_text(export), &lives, &count);
    bool good = compare_lives(book, lives, count, error);
    free(lives);
    return good;
}

/* ---- before the freeze ---------------------------------------------------------------------- */

static bool
check_decided(const struct register_book *book, struct lot_error *error)
{
    struct store_counts counts;
    struct store_application application = {0};
    struct lot_buffer list = {0};
    if (!store_count(book->store, &counts, error)) {
        return false;
    }
    if (counts.received == 0) {
        return true;
    }
    bool good = true, found = true;
    for (uint32_t named = 0; good && found && named < NAMED_AT_MOST;) {
        good = store_application_next(book->store, &application, &found, error);
        if (good && found && application.state == STORE_RECEIVED) {
            lot_buffer_print(&list, "%s%s", named++ == 0 ? "" : ", ", application.id);
        }
    }
    if (good) {
        lot_fail(error, LOT_PHASE,
                 "%u applications are undecided, %u of them held: %s%s; admit or refuse each first "
                 "(`lottery list` shows them)",
                 counts.received, counts.held, list.at,
                 counts.received > NAMED_AT_MOST ? " ..." : "");
    }
    lot_buffer_finish(&list);
    return false;
}

/* The commit of one application once more, from salt and numbers. */
static bool
check_commit(const struct register_book *book, const struct store_application *application,
             struct lot_error *error)
{
    const struct store_application *a = application;
    char numbers[LOT_PERSONS_MAX][STORE_NUMBER_MAX + 1], again[LOT_HEX_SIZE + 1] = "";
    struct lot_text texts[LOT_PERSONS_MAX];
    bool good = true, found = a->persons >= 1 && a->persons <= LOT_PERSONS_MAX;
    for (uint32_t i = 0; good && found && i < a->persons; i++) {
        good = store_person(book->store, a->id, i, numbers[i], &found, error);
        texts[i] = lot_text(good ? numbers[i] : "");
    }
    good = good && (!found || register_commit(book->rules->hash, lot_text(a->salt), texts,
                                              a->persons, again, error));
    crypto_wipe(numbers, sizeof numbers);
    return good && (strcmp(again, a->commit) == 0 ||
                    lot_fail(error, LOT_MACHINE,
                             "application %s: its commit does not follow from what the register "
                             "holds: the draw file is damaged",
                             a->id));
}

/* Lines of entries.csv and refusals.csv, by id. */
static bool
write_entries(const struct register_book *book, struct lot_buffer *entries,
              struct lot_buffer *refusals, struct lot_error *error)
{
    struct store_application a = {0};
    for (bool found = true;;) {
        if (!store_application_next(book->store, &a, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        assert(a.state != STORE_RECEIVED);
        if (a.state == STORE_REFUSED) {
            roll_add_refusal(refusals, a.id, a.reason, a.commit);
        } else {
            roll_add_entry(entries, &(struct roll_entry){a.id, a.queues.at, a.persons, a.chances,
                                                         a.wants.at, a.commit});
        }
        if (!check_commit(book, &a, error)) {
            return false;
        }
    }
}

static bool
write_received(const struct register_book *book, struct lot_buffer *received,
               struct lot_error *error)
{
    struct store_application a = {0};
    for (bool found = true;;) {
        int64_t time = 0;
        if (!store_received_next(book->store, &a, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        if (!canon_time(lot_text(a.time), &time)) {
            return lot_fail(error, LOT_MACHINE, "application %s: its time is damaged", a.id);
        }
        roll_add_received(received,
                          &(struct roll_received){a.intake, a.number, a.id, time, a.commit});
    }
}

/* No person stands in two admitted applications: what `admit` saw to is looked at again. */
static bool
check_doubles(const struct register_book *book, struct lot_error *error)
{
    struct register_known known = {0};
    bool good = register_known(book, &known, error); /* all are admitted but the refused */
    for (uint32_t i = 1; good && i < known.count; i++) {
        if (strcmp(known.items[i - 1].number, known.items[i].number) == 0) {
            good = lot_fail(error, LOT_REFUSED,
                            "applications %s and %s are both admitted and have a person in common: "
                            "refuse one of them",
                            known.items[i - 1].application, known.items[i].application);
        }
    }
    register_known_finish(&known);
    return good;
}

/* ---- the freeze ----------------------------------------------------------------------------- */

static bool
append_leaves(const struct register_book *book, struct leaf_stretch *stretch,
              struct lot_error *error)
{
    struct lot_text *leaves = lot_alloc(BATCH, sizeof *leaves);
    struct lot_buffer *bytes = lot_alloc(BATCH, sizeof *bytes);
    bool good = true;
    for (size_t count = BATCH; good && count == BATCH;) {
        for (count = 0; count < BATCH && leaf_next(stretch, &bytes[count]); count++) {
            leaves[count] = lot_buffer_text(&bytes[count]);
        }
        good = head_append(book->store, leaves, count, error);
    }
    for (size_t i = 0; i < BATCH; i++) {
        lot_buffer_finish(&bytes[i]);
    }
    free(bytes);
    free(leaves);
    return good;
}

/* Journal, files, leaves and the checkpoint that is due, of a roll that was read. */
static bool
freeze_roll(const struct register_book *book, const struct register_roll *roll, int64_t time,
            struct lot_error *error)
{
    struct leaf_journal anchor;
    struct leaf_stretch stretch = {0};
    struct lot_buffer text = {0};
    struct journal journal;
    int64_t begun = 0;
    bool good = register_file(book, STORE_BEGUN, &text, error) &&
                (canon_time(lot_buffer_text(&text), &begun) ||
                 lot_fail(error, LOT_MACHINE, "the draw file's %s is damaged", STORE_BEGUN));
    lot_buffer_finish(&text);
    good = good && journal_begin(&journal, book->store, book->rules, time, error) &&
           journal_row(&journal, error, "freeze %u %u", roll->roll.entries_file.rows,
                       roll->roll.refusals_file.rows) &&
           journal_anchor(book->store, book->rules->hash, time, &anchor, error);
    for (int i = ENTRIES; good && i < FILES; i++) {
        good = store_file_put(book->store, lot_text(names[i]), lot_buffer_text(&roll->files[i]),
                              error);
    }
    if (!good) {
        return false;
    }
    leaf_frozen(&stretch, &roll->roll, begun, &anchor, time);
    good = append_leaves(book, &stretch, error) &&
           store_checkpoint_due(book->store, STORE_FREEZE, error);
    leaf_finish(&stretch);
    return good;
}

bool
register_freeze(const struct register_book *book, int64_t time, struct lot_error *error)
{
    assert(book != NULL);
    struct register_roll roll = {0};
    struct store_counts counts;
    struct lot_buffer export = {0};
    bool good = register_must_be_open(book, error) && lot_rules_allow(book->rules, error) &&
                check_decided(book, error) && register_audit(book, &export, error) &&
                check_doubles(book, error) && store_count(book->store, &counts, error) &&
                register_file(book, names[RULES], &roll.files[RULES], error) &&
                register_file(book, names[HOMES], &roll.files[HOMES], error);
    lot_buffer_print(&roll.files[ENTRIES], "%s\n", ROLL_ENTRIES_HEADER);
    lot_buffer_print(&roll.files[REFUSALS], "%s\n", ROLL_REFUSALS_HEADER);
    lot_buffer_print(&roll.files[RECEIVED], "%s\n", ROLL_RECEIVED_HEADER);
    good = good && write_entries(book, &roll.files[ENTRIES], &roll.files[REFUSALS], error) &&
           write_received(book, &roll.files[RECEIVED], error) && read_roll(book, &roll, error);
    if (good) {
        assert(roll.roll.entries_file.rows == counts.admitted);
        assert(roll.roll.refusals_file.rows == counts.refused);
        good = freeze_roll(book, &roll, time, error);
    }
    lot_buffer_finish(&export);
    register_roll_finish(&roll);
    return good;
}
