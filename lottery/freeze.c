/*
 * freeze.c - hides how the register becomes the roll: files, leaves, and the checks
 * that both say the same.
 *
 * What is written is read back by the reader that `verify` uses, and every commit is
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
    struct lot_text reason = a->reason.size == 0 ? LOT_TEXT("-") : a->reason;
    struct lot_buffer words = {0};
    register_received_words(a, &words);
    bool same = lot_text_same(a->id, life->id) &&
                lot_text_same(lot_buffer_text(&words), life->received) &&
                lot_text_is(life->decision, decisions[a->state]) && a->held == life->held &&
                (a->state == STORE_RECEIVED || lot_text_same(reason, life->reason));
    lot_buffer_finish(&words);
    return same;
}

bool
register_audit(const struct register_book *book, struct lot_buffer *export, struct lot_error *error)
{
    assert(book != NULL && export != NULL);
    struct store_application application;
    struct journal_life *lives = NULL;
    uint32_t count = 0, i = 0;
    uint64_t rows = 0;
    char id[LOT_CODE_MAX + 1] = "";
    bool found = true;
    bool good = store_journal_size(book->store, &rows, error) &&
                store_journal_read(book->store, 0, rows, export, error) &&
                journal_check(lot_buffer_text(export), book->rules, error);
    journal_lives(lot_buffer_text(export), &lives, &count);
    for (; good && found; i += found) {
        good = store_application_next(book->store, lot_text(id), &application, &found, error);
        if (good && found) {
            assert(application.id.size < sizeof id);
            memcpy(id, application.id.at, application.id.size + 1);
            good = (i < count && lives_so(&application, &lives[i])) ||
                   lot_fail(error, LOT_REFUSED,
                            "application %s is not as the journal says: somebody has changed the "
                            "draw file without a signature",
                            id);
        }
    }
    if (good && i != count) {
        good = lot_fail(error, LOT_REFUSED,
                        "the journal knows %u applications, the draw file %u: one was taken out "
                        "without a signature",
                        count, i);
    }
    free(lives);
    return good;
}

/* ---- before the freeze ---------------------------------------------------------------------- */

static bool
check_decided(const struct register_book *book, struct lot_error *error)
{
    struct store_counts counts;
    struct store_application application;
    char id[LOT_CODE_MAX + 1] = "";
    struct lot_buffer list = {0};
    if (!store_count(book->store, &counts, error)) {
        return false;
    }
    bool good = counts.received == 0;
    for (uint32_t named = 0; !good && named < NAMED_AT_MOST;) {
        bool found = false;
        if (!store_application_next(book->store, lot_text(id), &application, &found, error)) {
            goto out;
        }
        if (!found) {
            break;
        }
        assert(application.id.size < sizeof id);
        memcpy(id, application.id.at, application.id.size + 1);
        if (application.state == STORE_RECEIVED) {
            lot_buffer_print(&list, "%s%s", named++ == 0 ? "" : ", ", id);
        }
    }
    if (!good) {
        lot_fail(error, LOT_PHASE,
                 "%u applications are undecided, %u of them held: %s%s; admit or refuse each first "
                 "(`lottery list` shows them)",
                 counts.received, counts.held, list.at == NULL ? "" : list.at,
                 counts.received > NAMED_AT_MOST ? " ..." : "");
    }
out:
    lot_buffer_finish(&list);
    return good;
}

/* The commit of one application once more, from salt and numbers; all but the id is borrowed. */
static bool
check_commit(const struct register_book *book, const char *id,
             const struct store_application *application, struct lot_error *error)
{
    char salt[REGISTER_SALT_SIZE + 1], commit[LOT_HEX_SIZE + 1], again[LOT_HEX_SIZE + 1];
    char numbers[LOT_PERSONS_MAX][IDENTITY_NUMBER_MAX + 1];
    struct lot_text texts[LOT_PERSONS_MAX];
    uint32_t persons = application->persons;
    bool good = application->salt.size == REGISTER_SALT_SIZE &&
                application->commit.size == LOT_HEX_SIZE && persons <= LOT_PERSONS_MAX;
    if (good) {
        memcpy(salt, application->salt.at, sizeof salt);
        memcpy(commit, application->commit.at, sizeof commit);
    }
    for (uint32_t i = 0; good && i < persons; i++) {
        bool found = false;
        if (!store_person(book->store, lot_text(id), i, &texts[i], &found, error)) {
            return false;
        }
        good = found && texts[i].size <= IDENTITY_NUMBER_MAX;
        if (good) {
            memcpy(numbers[i], texts[i].at, texts[i].size + 1);
            texts[i].at = numbers[i];
        }
    }
    if (good && !register_commit(book->rules->hash, lot_text(salt), texts, persons, again, error)) {
        return false;
    }
    good = good && strcmp(again, commit) == 0;
    crypto_wipe(salt, sizeof salt);
    crypto_wipe(numbers, sizeof numbers);
    return good || lot_fail(error, LOT_MACHINE,
                            "application %s: its commit does not follow from what the register "
                            "holds: the draw file is damaged",
                            id);
}

/* Lines of entries.csv and refusals.csv, by id. */
static bool
write_entries(const struct register_book *book, struct lot_buffer *entries,
              struct lot_buffer *refusals, struct lot_error *error)
{
    char id[LOT_CODE_MAX + 1] = "";
    for (;;) {
        struct store_application application;
        bool found = false;
        if (!store_application_next(book->store, lot_text(id), &application, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        assert(application.id.size < sizeof id);
        memcpy(id, application.id.at, application.id.size + 1);
        if (application.state == STORE_REFUSED) {
            roll_add_refusal(refusals, id, application.reason.at, application.commit.at);
        } else {
            assert(application.state == STORE_ADMITTED);
            const struct roll_entry entry = {
                .id = id,
                .queues = application.queues.at,
                .persons = application.persons,
                .chances = application.chances,
                .wants = application.wants.at,
                .commit = application.commit.at,
            };
            roll_add_entry(entries, &entry);
        }
        if (!check_commit(book, id, &application, error)) {
            return false;
        }
    }
}

static bool
write_received(const struct register_book *book, struct lot_buffer *received,
               struct lot_error *error)
{
    char intake[LOT_CODE_MAX + 1] = "";
    uint32_t number = 0;
    for (;;) {
        struct store_application application;
        bool found = false;
        if (!store_received_next(book->store, lot_text(intake), number, &application, &found,
                                 error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        assert(application.intake.size < sizeof intake);
        memcpy(intake, application.intake.at, application.intake.size + 1);
        number = application.number;
        struct roll_received line = {
            .intake = intake,
            .number = number,
            .id = application.id.at,
            .commit = application.commit.at,
        };
        if (!canon_time(application.time, &line.time)) {
            return lot_fail(error, LOT_MACHINE, "intake %s number %u: its time is damaged", intake,
                            number);
        }
        roll_add_received(received, &line);
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
