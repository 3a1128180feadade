/*
 * verify_draw.c - hides how the draw is gone through again: what the state machine
 * found, pulses, seed.txt, order, allocation, and what came after.
 */
#include "lottery/pulse.h"
#include "lottery/verify_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_ROWS 4096 /* rows of results.csv that are made and compared at a time */

/* What the state machine refused, if it is this step's to tell. */
static bool
demand_walked(const struct verify *v, struct lot_error *error)
{
    return v->refused.code == LOT_OK || v->fault != v->step ||
           lot_fail(error, LOT_REFUSED, "%s", v->refused.text);
}

/* ---- ceremony ------------------------------------------------------------------------------- */

/* Tells every attempt that was opened, what became of it, and by which program. */
static void
say_attempts(struct verify *v)
{
    char when[CANON_TIME_SIZE + 1];
    struct leaf leaf;
    for (uint64_t i = v->ceremony.freeze.size; i < v->leaves.count; i++) {
        i = i == v->results_at ? v->finish - 1 : i;
        if (!leaf_read(v->leaves.items[i], &leaf, NULL)) {
            continue;
        }
        canon_time_text(leaf.time, when);
        if (leaf.word == LEAF_SOFTWARE) {
            verify_say(v, VERIFY_NOTE, "program version %.*s, its file %.*s",
                       (int)leaf.values[0].size, leaf.values[0].at, (int)leaf.values[1].size,
                       leaf.values[1].at);
        } else if (leaf.word == LEAF_ATTEMPT || leaf.word == LEAF_VOID || leaf.word == LEAF_END) {
            verify_say(v, VERIFY_NOTE, "%s %.*s at %s", leaf_word_name(leaf.word),
                       (int)leaf.values[0].size, leaf.values[0].at, when);
        }
    }
}

/* Reads a pulse of the bundle that must be the one its name says. */
static bool
read_pulse(struct verify *v, const char *path, struct pulse *out, struct lot_error *error)
{
    struct lot_buffer json = {0};
    bool good = verify_read_file(v, path, PULSE_SIZE_MAX, &json, error);
    if (good && !pulse_read(lot_buffer_text(&json), out, error)) {
        good = lot_fail_at(error, "%s", path);
    }
    lot_buffer_finish(&json);
    return good;
}

/* The pulse's certificate is in the bundle and signed it. */
static bool
demand_signed(struct verify *v, const char *path, const struct pulse *pulse,
              struct lot_error *error)
{
    struct lot_buffer pem = {0};
    char certificate[VERIFY_PATH_SIZE];
    snprintf(certificate, sizeof certificate, "pulses/%s.pem", pulse->certificate);
    bool good = verify_read_file(v, certificate, PULSE_CERTIFICATE_SIZE_MAX, &pem, error);
    if (good && !pulse_verify(pulse, lot_buffer_text(&pem), error)) {
        good = lot_fail_at(error, "%s and %s", path, certificate);
    }
    lot_buffer_finish(&pem);
    return good;
}

/* The files of a pulse whose value stands in the log; *time becomes the pulse's. */
static bool
check_pulse(struct verify *v, uint32_t source, int64_t *time, struct lot_error *error)
{
    const struct lot_source *asked = &v->rules->sources[source];
    const char *ref = v->ceremony.attempt.publics[source].ref;
    struct pulse pulse = {0}, before = {0};
    char path[VERIFY_PATH_SIZE], path_before[VERIFY_PATH_SIZE];
    snprintf(path, sizeof path, "pulses/%s.json", ref);
    *strrchr(path, '/') = '-';
    bool good = false, exact = false;
    if (!read_pulse(v, path, &pulse, error)) {
        goto out;
    }
    if (strcmp(pulse.ref, ref) != 0 ||
        strcmp(pulse.value, v->ceremony.attempt.publics[source].value) != 0) {
        lot_fail(error, LOT_REFUSED, "%s: holds the pulse %s, not the value of %s that the log has",
                 path, pulse.ref, ref);
        goto out;
    }
    exact = pulse.time_ms == asked->time * 1000 || pulse.index == 0;
    snprintf(path_before, sizeof path_before, "pulses/%" PRIu64 "-%" PRIu64 ".json", pulse.chain,
             pulse.index - !exact);
    if (!demand_signed(v, path, &pulse, error) ||
        (!exact && !read_pulse(v, path_before, &before, error))) {
        goto out;
    }
    if (!pulse_check(&pulse, exact ? NULL : &before, asked, error)) {
        lot_fail_at(error, "%s", path);
        goto out;
    }
    verify_say(v, VERIFY_OK,
               "%s: signed by a certificate of the rules, the first at or after the "
               "time they name",
               path);
    *time = pulse.time_ms / 1000;
    good = true;
out:
    pulse_finish(&pulse);
    pulse_finish(&before);
    return good;
}

/* When the reveals of the attempt that stands were fixed: the first cosignature, else the log. */
static int64_t
reveals_fixed(const struct verify *v)
{
    for (uint32_t i = v->ceremony.moment_count; i-- > 0;) {
        const struct ceremony_moment *moment = &v->ceremony.moments[i];
        if (moment->occasion != CEREMONY_AT_REVEALS) {
            continue;
        }
        int64_t first = -1;
        for (uint32_t w = 0; w < v->rules->witness_count; w++) {
            int64_t time = verify_countersigned(v, w, moment->size);
            first = time >= 0 && (first < 0 || time < first) ? time : first;
        }
        return first >= 0 ? first : moment->time;
    }
    return -1;
}

bool
verify_ceremony(struct verify *v, struct lot_error *error)
{
    say_attempts(v);
    if (!demand_walked(v, error)) {
        return false;
    }
    for (uint32_t i = 0; i < v->rules->source_count; i++) {
        const struct lot_source *source = &v->rules->sources[i];
        int64_t time = source->time;
        if (v->ceremony.attempt.publics[i].ref[0] == '\0') {
            break;
        }
        if (source->kind == LOT_SOURCE_NIST && !check_pulse(v, i, &time, error)) {
            return false;
        }
        if (time < reveals_fixed(v)) {
            verify_say(v, VERIFY_NOTE,
                       "public value %s is older than the countersigned reveals: it adds nothing",
                       v->ceremony.attempt.publics[i].ref);
        }
    }
    struct lot_buffer due = {0};
    ceremony_due(&v->ceremony, &due);
    verify_say(v, VERIFY_OK,
               "every step of %" PRIu32 " attempt%s in its order, every value as it must be; due "
               "next: %s",
               v->ceremony.attempt.number, v->ceremony.attempt.number == 1 ? "" : "s", due.at);
    lot_buffer_finish(&due);
    return true;
}

/* ---- seed ----------------------------------------------------------------------------------- */

bool
verify_seed(struct verify *v, struct lot_error *error)
{
    if (!demand_walked(v, error)) {
        return false;
    }
    if (v->ceremony.seed[0] == '\0') {
        return !file_exists(&v->folder, "seed.txt") ||
               lot_fail(error, LOT_REFUSED, "seed.txt: is there, but the log has no `seed`");
    }
    struct lot_buffer found = {0}, due = {0};
    lot_seed_text(&v->roll, &v->ceremony.freeze, &v->ceremony.attempt, &due);
    bool good = verify_read_file(v, "seed.txt", due.size + LOT_LINE_MAX, &found, error) &&
                verify_same("seed.txt", 1, lot_buffer_text(&found), lot_buffer_text(&due), error);
    lot_buffer_finish(&found);
    lot_buffer_finish(&due);
    if (good) {
        verify_say(v, VERIFY_OK, "seed.txt is what the log gives, its hash is the seed %s",
                   v->ceremony.seed);
    }
    return good;
}

/* ---- draw ----------------------------------------------------------------------------------- */

/* Compares results.csv with the draw, some rows at a time. */
static bool
demand_results(const struct verify *v, struct lot_text found, struct lot_error *error)
{
    struct lot_buffer due = {0};
    uint32_t rows = v->roll.entries_file.rows, first = 0;
    bool good = true;
    lot_buffer_put(&due, LOT_TEXT(LOT_RESULTS_HEADER));
    for (uint32_t line = 1; good; line = first + 2) {
        uint32_t count = rows - first < RESULT_ROWS ? rows - first : RESULT_ROWS;
        lot_results_rows(&v->roll, v->order, &v->allocation, first, count, &due);
        bool last = first + count == rows;
        struct lot_text part = found;
        if (!last && part.size > due.size) {
            part.size = due.size;
        }
        good = verify_same("results.csv", line, part, lot_buffer_text(&due), error);
        found.at += part.size;
        found.size -= part.size;
        first += count;
        lot_buffer_clear(&due);
        if (last) {
            break;
        }
    }
    lot_buffer_finish(&due);
    return good;
}

/* The draw again, against both files. */
static bool
draw_again(struct verify *v, struct lot_error *error)
{
    uint32_t *homes = lot_alloc(v->roll.homes_file.rows, sizeof homes[0]);
    v->order = lot_alloc(v->roll.entries_file.rows, sizeof v->order[0]);
    bool good = lot_draw(&v->roll, v->ceremony.seed, v->options.threads, v->order, homes, error);
    if (good) {
        struct lot_buffer due = {0};
        lot_allocate(&v->roll, v->order, homes, &v->allocation);
        lot_cutoffs_text(&v->roll, v->order, &v->allocation, &due);
        good = verify_same("cutoffs.csv", 1, lot_buffer_text(&v->cutoffs), lot_buffer_text(&due),
                           error) &&
               demand_results(v, lot_buffer_text(&v->results), error);
        lot_buffer_finish(&due);
    }
    free(homes);
    return good;
}

bool
verify_draw(struct verify *v, struct lot_error *error)
{
    if (v->finish == 0) {
        return true;
    }
    if (!draw_again(v, error) || !demand_walked(v, error)) {
        return false;
    }
    verify_say(v, VERIFY_OK,
               "every ticket, cut-off and result drawn again: %" PRIu32 " housed of %" PRIu32,
               v->allocation.housed, v->roll.entries_file.rows);
    return true;
}

/* ---- after ---------------------------------------------------------------------------------- */

bool
verify_after(struct verify *v, struct lot_error *error)
{
    if (v->finish == 0) {
        return true;
    }
    struct after after;
    struct leaf leaf;
    char where[VERIFY_PATH_SIZE];
    bool good = true;
    after_begin(&after, &v->roll, v->order, v->allocation.awards, v->allocation.housed);
    for (uint64_t i = v->finish; good && i < v->ceremony.size; i++) {
        good = leaf_read(v->leaves.items[i], &leaf, error) &&
               (!verify_is_shown(v, i) || after_shown(&after, error)) &&
               (leaf.word == LEAF_END || after_take(&after, v->leaves.items[i], error));
        if (!good) {
            lot_fail_at(error, "%s", verify_place(v, i, where));
        }
    }
    good = good && demand_walked(v, error);
    if (good && !after_shown(&after, error)) {
        good = lot_fail_at(error, "%s", verify_place(v, v->leaves.count - 1, where));
    }
    if (good) {
        verify_say(v, VERIFY_OK,
                   "%" PRIu32 " homes taken, %" PRIu32 " waivers, %" PRIu32
                   " of them passed on to the standby whose turn it was",
                   after.takes, after.waives, after.passes);
    }
    after_finish(&after);
    return good;
}
