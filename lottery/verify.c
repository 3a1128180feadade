/*
 * verify.c - hides in which order a bundle is taken apart, and what each check needs
 * from those before it.
 *
 * Nothing is searched for in the log: from rules and roll every leaf up to `freeze` is
 * made again and compared, from there the state machine (ceremony.c) takes leaf by
 * leaf, and the results are drawn anew. A check that fails ends the run, but for
 * two on which nothing else rests: the log's key that nobody vouches for, and a
 * countersignature that is missing.
 */
#include "lottery/verify_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const step_names[VERIFY_STEPS] = {
    "rules",    "roll", "log",  "leaves", "seen",   "witnesses",
    "ceremony", "seed", "draw", "after",  "others",
};

/* ---- lines ---------------------------------------------------------------------------------- */

void
verify_say(struct verify *v, enum verify_kind kind, const char *format, ...)
{
    char text[2 * LOT_ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (v->line_count == v->line_room) {
        v->line_room = 2 * v->line_room + 16;
        v->lines = lot_realloc(v->lines, v->line_room, sizeof v->lines[0]);
    }
    size_t size = strlen(text) + 1;
    struct verify_line *line = &v->lines[v->line_count++];
    *line = (struct verify_line){kind, v->step, lot_alloc(size, 1)};
    memcpy(line->text, text, size);
    if (kind == VERIFY_FALSE && !v->failed) {
        v->failed = true;
        v->failed_at = v->step;
    }
}

/* ---- files ---------------------------------------------------------------------------------- */

bool
verify_read_file(struct verify *v, const char *path, uint64_t size_max, struct lot_buffer *out,
                 struct lot_error *error)
{
    lot_buffer_print(&v->used, "%s\n", path);
    return file_read(&v->folder, path, size_max, out, error);
}

bool
verify_same(const char *path, uint32_t line, struct lot_text found, struct lot_text due,
            struct lot_error *error)
{
    if (lot_text_same(found, due)) {
        return true;
    }
    struct lot_text a, b;
    for (;; line++) {
        bool more = lot_line(&found, &a), wanted = lot_line(&due, &b);
        if (!wanted) {
            return lot_fail(error, LOT_REFUSED, "%s line %" PRIu32 ": nothing more belongs here",
                            path, line);
        }
        if (!more || !lot_text_same(a, b)) {
            return lot_fail(error, LOT_REFUSED, "%s line %" PRIu32 ": expected `%.*s`%s", path,
                            line, (int)b.size, b.at, more ? "" : ", found no whole line");
        }
    }
}

/* ---- rules, roll ---------------------------------------------------------------------------- */

static bool
check_rules(struct verify *v, struct lot_error *error)
{
    if (!verify_read_file(v, "rules.json", LOT_RULES_SIZE_MAX, &v->bytes[0], error)) {
        return false;
    }
    if (!lot_rules_read(lot_buffer_text(&v->bytes[0]), &v->rules, error) ||
        !lot_rules_allow(v->rules, error)) {
        return lot_fail_at(error, "rules.json");
    }
    const struct lot_rules *rules = v->rules;
    verify_say(v, VERIFY_OK, "rules.json: draw %s of %s, a %s, hash %s, award %s", rules->draw,
               rules->origin, rules->rehearsal ? "REHEARSAL" : "live draw",
               rules->hash == LOT_SHA256 ? "sha256" : "sm3",
               rules->award == LOT_AWARD_HOME ? "home" : "turn");
    for (uint32_t i = 0; i < rules->earlier_count; i++) {
        verify_say(v, VERIFY_NOTE,
                   "earlier draw of these homes: %s, log of %" PRIu32 " leaves, root %s; "
                   "shown, not checked",
                   rules->earlier[i].draw, rules->earlier[i].size, rules->earlier[i].root);
    }
    return true;
}

/* A line for each queue, and one for households in none: how many hold how many chances. */
static void
say_households(struct verify *v)
{
    uint32_t counts[LOT_QUEUES_MAX + 1][LOT_CHANCES_MAX + 1] = {{0}};
    uint32_t none = v->rules->queue_count;
    for (uint32_t i = 0; i < v->roll.entries_file.rows; i++) {
        const struct lot_entry *entry = &v->roll.entries[i];
        for (uint32_t q = 0; q < none; q++) {
            counts[q][entry->chances] += (uint32_t)(entry->queues >> q & 1);
        }
        counts[none][entry->chances] += entry->queues == 0;
    }
    for (uint32_t q = 0; q <= none; q++) {
        struct lot_buffer line = {0};
        for (uint32_t chances = 1; chances <= LOT_CHANCES_MAX; chances++) {
            if (counts[q][chances] > 0) {
                lot_buffer_print(&line, "%s%" PRIu32 " with %" PRIu32 " chance%s",
                                 line.size == 0 ? "" : ", ", counts[q][chances], chances,
                                 chances == 1 ? "" : "s");
            }
        }
        verify_say(v, VERIFY_NOTE, "households in %s%s: %s", q < none ? "queue " : "no queue",
                   q < none ? v->rules->queues[q].code : "", line.size == 0 ? "none" : line.at);
        lot_buffer_finish(&line);
    }
}

static bool
check_roll(struct verify *v, struct lot_error *error)
{
    static const char *const names[] = {"homes.csv", "entries.csv", "refusals.csv", "received.csv"};
    struct lot_file *files[] = {&v->roll.homes_file, &v->roll.entries_file, &v->roll.refusals_file,
                                &v->roll.received_file};
    v->roll.rules_file.bytes = lot_buffer_text(&v->bytes[0]);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!verify_read_file(v, names[i], FILE_SIZE_MAX, &v->bytes[i + 1], error)) {
            return false;
        }
        files[i]->bytes = lot_buffer_text(&v->bytes[i + 1]);
    }
    if (!lot_roll_read(v->rules, &v->roll, error)) {
        return false;
    }
    verify_say(v, VERIFY_OK,
               "homes.csv %" PRIu32 ", entries.csv %" PRIu32 ", refusals.csv %" PRIu32
               ": each of the %" PRIu32 " applications of received.csv is in one of the last two, "
               "%" PRIu64 " chances",
               v->roll.homes_file.rows, v->roll.entries_file.rows, v->roll.refusals_file.rows,
               v->roll.received_file.rows, v->roll.chances);
    say_households(v);
    return true;
}

/* ---- others --------------------------------------------------------------------------------- */

/* Whether a path is one of those that were read. */
static bool
was_used(const struct verify *v, struct lot_text path)
{
    struct lot_text rest = lot_buffer_text(&v->used), line;
    while (lot_line(&rest, &line)) {
        if (lot_text_same(line, path)) {
            return true;
        }
    }
    return false;
}

/* Whether a path is a tile of the log at any size that was shown. */
static bool
is_tile(const struct verify *v, struct lot_text path)
{
    struct log_tile tile;
    if (!lot_text_starts(path, "log/tile/") ||
        !log_tile_read_path((struct lot_text){path.at + 4, path.size - 4}, &tile)) {
        return false;
    }
    for (uint32_t i = 0; i < v->shown_count; i++) {
        if (!v->shown[i].kept && log_tile_belongs(&tile, v->shown[i].checkpoint.size)) {
            return true;
        }
    }
    return false;
}

/* What is known to stand beside the log, and how it is told. */
static const char *
told_as(struct lot_text path)
{
    static const char *const beside[] = {"index.html", "VERIFY.txt", "verify.py", "PROTOCOL.md"};
    for (unsigned i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        if (lot_text_is(path, beside[i])) {
            return "is outside the log, not checked";
        }
    }
    return lot_text_starts(path, "log/stamps/") ? "a time stamp, is outside the log, not checked"
                                                : "no file of a bundle, not checked";
}

static bool
check_others(struct verify *v, struct lot_error *error)
{
    struct file_list list = {0};
    if (!file_list(&v->folder, &list, error)) {
        return false;
    }
    uint32_t others = 0;
    for (size_t i = 0; i < list.count; i++) {
        struct lot_text path = lot_text(list.paths[i]);
        if (!is_tile(v, path) && !was_used(v, path)) {
            /* A name that somebody chose must not move the cursor of who reads this. */
            verify_say(v, VERIFY_NOTE, "%s: %s",
                       canon_people(path) ? list.paths[i] : "a file with control characters",
                       told_as(path));
            others++;
        }
    }
    for (uint32_t i = 0; i < v->shown_count; i++) {
        if (v->shown[i].others > 0) {
            verify_say(v, VERIFY_NOTE, "%s: %" PRIu32 " signature lines of other keys, not checked",
                       v->shown[i].path, v->shown[i].others);
        }
    }
    verify_say(v, VERIFY_OK, "%zu files, %" PRIu32 " of them outside the log and in no verdict",
               list.count, others);
    file_list_finish(&list);
    return true;
}

/* ---- the run -------------------------------------------------------------------------------- */

bool
verify_create(const char *folder, const struct verify_options *options, struct verify **out,
              struct lot_error *error)
{
    assert(folder != NULL && options != NULL && out != NULL);
    assert(options->threads >= 1 && options->threads <= 64);
    struct file_folder opened = {0};
    if (!file_folder_open(NULL, folder, &opened, error)) {
        if (error != NULL) {
            error->code = LOT_MACHINE; /* nothing to judge is not a false bundle */
        }
        return false;
    }
    struct verify *v = lot_alloc(1, sizeof *v);
    v->options = *options;
    v->folder = opened;
    *out = v;
    return true;
}

void
verify_destroy(struct verify *v)
{
    if (v == NULL) {
        return;
    }
    for (uint32_t i = 0; i < v->line_count; i++) {
        free(v->lines[i].text);
    }
    for (uint32_t i = 0; i < v->shown_count; i++) {
        lot_buffer_finish(&v->shown[i].bytes);
    }
    lot_allocation_finish(&v->allocation);
    free(v->order);
    ceremony_finish(&v->ceremony);
    log_tree_finish(&v->tree);
    log_leaves_finish(&v->leaves);
    lot_roll_finish(&v->roll);
    lot_rules_destroy(v->rules);
    /* Public files, hundreds of megabytes of them: lot_buffer_finish() would wipe each byte. */
    for (unsigned i = 0; i < sizeof v->bytes / sizeof v->bytes[0]; i++) {
        free(v->bytes[i].at);
    }
    free(v->cutoffs.at);
    free(v->results.at);
    lot_buffer_finish(&v->used);
    file_folder_finish(&v->log);
    file_folder_finish(&v->folder);
    free(v->shown);
    free(v->lines);
    free(v);
}

static bool
run_step(struct verify *v, struct lot_error *error)
{
    switch (v->step) {
    case VERIFY_RULES:
        return check_rules(v, error);
    case VERIFY_ROLL:
        return check_roll(v, error);
    case VERIFY_LOG:
        return verify_log(v, error);
    case VERIFY_LEAVES:
        return verify_leaves(v, error);
    case VERIFY_SEEN:
        return verify_seen(v, error);
    case VERIFY_WITNESSES:
        return verify_witnesses(v, error);
    case VERIFY_CEREMONY:
        return verify_ceremony(v, error);
    case VERIFY_SEED:
        return verify_seed(v, error);
    case VERIFY_DRAW:
        return verify_draw(v, error);
    case VERIFY_AFTER:
        return verify_after(v, error);
    case VERIFY_OTHERS:
        return check_others(v, error);
    case VERIFY_STEPS:
        break;
    }
    return true;
}

bool
verify_next(struct verify *v, const struct verify_line **line, struct lot_error *error)
{
    assert(v != NULL && line != NULL);
    while (v->line == v->line_count && v->step < VERIFY_STEPS) {
        struct lot_error found = {LOT_OK, ""};
        if (run_step(v, &found)) {
            v->step++;
            continue;
        }
        if (found.code == LOT_MACHINE) {
            return lot_fail(error, LOT_MACHINE, "%s", found.text);
        }
        verify_say(v, VERIFY_FALSE, "%s", found.text);
        if (v->step < VERIFY_OTHERS) {
            verify_say(v, VERIFY_NOTE, "not checked any more: %s%s", step_names[v->step + 1],
                       v->step + 1 < VERIFY_OTHERS ? " and what follows" : "");
        }
        v->step = VERIFY_STEPS;
    }
    *line = v->line < v->line_count ? &v->lines[v->line++] : NULL;
    return true;
}

bool
verify_verdict(const struct verify *v, enum verify_step *failed)
{
    assert(v != NULL && failed != NULL && v->step == VERIFY_STEPS);
    *failed = v->failed_at;
    return !v->failed;
}

const char *
verify_step_name(enum verify_step step)
{
    assert(step < VERIFY_STEPS);
    return step_names[step];
}
