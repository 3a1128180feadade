/*
 * verify_leaves.c - hides how the leaves are held against the files: from `draw` to
 * `freeze` and from `file cutoffs.csv` to `finish` they are made again and compared, all
 * others are of some form and fed to the state machine.
 */
#include "lottery/verify_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

const char *
verify_place(const struct verify *v, uint64_t index, char out[static VERIFY_PATH_SIZE])
{
    uint64_t left = v->leaves.count - index / LOG_TILE_WIDTH * LOG_TILE_WIDTH;
    struct log_tile tile = {LOG_BUNDLE, index / LOG_TILE_WIDTH,
                            left < LOG_TILE_WIDTH ? (uint32_t)left : LOG_TILE_WIDTH};
    char path[LOG_TILE_PATH_MAX];
    log_tile_path(&tile, path);
    snprintf(out, VERIFY_PATH_SIZE, "log/%s entry %u (leaf %" PRIu64 ")", path,
             (unsigned)(index % LOG_TILE_WIDTH) + 1, index);
    return out;
}

/* Compares `count` leaves from `first` on with those that files and rules demand. */
static bool
same_leaves(const struct verify *v, struct leaf_stretch *due, uint64_t first, uint64_t count,
            struct lot_error *error)
{
    struct lot_buffer leaf = {0};
    char where[VERIFY_PATH_SIZE];
    bool good = true;
    for (uint64_t i = first; i < first + count && leaf_next(due, &leaf); i++) {
        /* A file's digest comes before its rows: one of these may be a better place to name. */
        if (!good && due->file == NULL) {
            break;
        }
        bool there = i < v->leaves.count;
        if (there && lot_text_same(v->leaves.items[i], lot_buffer_text(&leaf))) {
            continue;
        }
        verify_place(v, there ? i : v->leaves.count - 1, where);
        if (due->file != NULL || !there) {
            good = lot_fail(error, LOT_REFUSED, "%s line %" PRIu32 ": %s %s",
                            due->file != NULL ? due->file : "log/checkpoint",
                            due->file != NULL ? due->line : 2, where,
                            there ? "has another text" : "is the last of the log");
            break;
        }
        good = lot_fail(error, LOT_REFUSED, "%s: is not `%s`", where, leaf.at);
    }
    lot_buffer_finish(&leaf);
    return good;
}

/* Reads a leaf that stands at a known place and has a known word. */
static bool
read_leaf(const struct verify *v, uint64_t index, enum leaf_word word, struct leaf *out,
          struct lot_error *error)
{
    char where[VERIFY_PATH_SIZE];
    if (!leaf_read(v->leaves.items[index], out, error)) {
        return lot_fail_at(error, "%s", verify_place(v, index, where));
    }
    return out->word == word || lot_fail(error, LOT_REFUSED, "%s: `%s` is due",
                                         verify_place(v, index, where), leaf_word_name(word));
}

static bool
read_journal(const struct verify *v, uint64_t index, struct leaf_journal *out,
             struct lot_error *error)
{
    struct leaf leaf;
    char where[VERIFY_PATH_SIZE];
    if (!read_leaf(v, index, LEAF_JOURNAL, &leaf, error)) {
        return false;
    }
    if (!canon_number(leaf.values[0], &out->rows) || !canon_hex(leaf.values[1], LOT_HEX_SIZE)) {
        return lot_fail(error, LOT_REFUSED, "%s: `journal` names rows and a digest",
                        verify_place(v, index, where));
    }
    snprintf(out->digest, sizeof out->digest, "%.*s", LOT_HEX_SIZE, leaf.values[1].at);
    out->time = leaf.time;
    return true;
}

/* A file whose place in the log has not come yet must not be there. */
static bool
demand_absent(const struct verify *v, const char *path, struct lot_error *error)
{
    return !file_exists(&v->folder, path) ||
           lot_fail(error, LOT_REFUSED, "%s: is there, but not in the log", path);
}

/* How many rows a file of the results has, or LOT_NONE when it has no header. */
static uint32_t
count_rows(struct lot_text rest)
{
    struct lot_text line;
    uint32_t lines = 0;
    while (lines < LOT_ROWS_MAX && lot_line(&rest, &line)) {
        lines++;
    }
    return lines == 0 || rest.size > 0 ? LOT_NONE : lines - 1;
}

/*
 * Reads cutoffs.csv and results.csv and compares the leaves from `at` to `finish` with them.
 * *finish is the leaf in front of them, and becomes `finish`.
 */
static bool
check_results(struct verify *v, uint64_t at, struct leaf *finish, struct lot_error *error)
{
    int64_t before = finish->time;
    static const char *const names[] = {"cutoffs.csv", "results.csv"};
    struct lot_buffer *buffers[] = {&v->cutoffs, &v->results};
    struct lot_file files[2] = {{.rows = 0}};
    for (unsigned i = 0; i < 2; i++) {
        if (!verify_read_file(v, names[i], FILE_SIZE_MAX, buffers[i], error)) {
            return false;
        }
        files[i].bytes = lot_buffer_text(buffers[i]);
        files[i].rows = count_rows(files[i].bytes);
        if (files[i].rows == LOT_NONE) {
            return lot_fail(error, LOT_REFUSED, "%s: a header and whole lines are due", names[i]);
        }
        if (!crypto_digest_hex(v->rules->hash, files[i].bytes, files[i].digest, error)) {
            return false;
        }
    }
    uint64_t rows = (uint64_t)2 + files[0].rows + files[1].rows, end = at + rows + 2;
    struct leaf_journal journal = {0};
    struct leaf_stretch due;
    leaf_results(&due, &files[0], &files[1], &journal, 0);
    bool good = same_leaves(v, &due, at, rows, error);
    leaf_finish(&due);
    if (good && end > v->leaves.count) {
        good = lot_fail(error, LOT_REFUSED,
                        "log/checkpoint line 2: %" PRIu64 " leaves, but `finish` is leaf %" PRIu64,
                        v->leaves.count, end - 1);
    }
    good = good && read_journal(v, end - 2, &journal, error) &&
           read_leaf(v, end - 1, LEAF_FINISH, finish, error);
    if (good && (journal.time < before || journal.time > finish->time)) {
        char where[VERIFY_PATH_SIZE];
        good = lot_fail(error, LOT_REFUSED, "%s: the times of `seed`, `journal`, `finish` fall",
                        verify_place(v, end - 1, where));
    }
    v->finish = end;
    return good;
}

/* The leaves behind `freeze`: each of some form, times that never fall, results as in the files. */
static bool
check_tail(struct verify *v, uint64_t first, int64_t time, struct lot_error *error)
{
    struct leaf leaf = {.word = LEAF_FREEZE};
    char where[VERIFY_PATH_SIZE];
    for (uint64_t i = first; i < v->leaves.count; i++) {
        struct lot_text text = v->leaves.items[i];
        if (leaf.word == LEAF_SEED && v->finish == 0 && lot_text_starts(text, "file ")) {
            v->results_at = i;
            if (!check_results(v, i, &leaf, error)) {
                return false;
            }
            i = v->finish - 1;
        } else if (!leaf_read(text, &leaf, error)) {
            return lot_fail_at(error, "%s", verify_place(v, i, where));
        } else if (leaf.word <= LEAF_FREEZE || leaf.word == LEAF_FINISH) {
            return lot_fail(error, LOT_REFUSED, "%s: `%s` has no place here",
                            verify_place(v, i, where), leaf_word_name(leaf.word));
        }
        if (leaf.time < time) {
            return lot_fail(error, LOT_REFUSED, "%s: `%s` is dated before the leaf in front of it",
                            verify_place(v, i, where), leaf_word_name(leaf.word));
        }
        time = leaf.time;
    }
    return v->finish != 0 ||
           (demand_absent(v, "cutoffs.csv", error) && demand_absent(v, "results.csv", error));
}

/* The step that is asked about a leaf which the state machine refused at some step of its own. */
static enum verify_step
fault_of(const struct verify *v, uint64_t index, enum lot_step step)
{
    if (step == LOT_STEP_SEED && lot_text_starts(v->leaves.items[index], "seed ")) {
        return VERIFY_SEED;
    }
    if (step == LOT_STEP_RESULTS && v->ceremony.next > 0) {
        return VERIFY_DRAW;
    }
    bool end = lot_text_starts(v->leaves.items[index], "end ");
    return step == LOT_STEP_AFTER && !end ? VERIFY_AFTER : VERIFY_CEREMONY;
}

/* Feeds the state machine all leaves behind the freeze; what it refuses is told by its step. */
static bool
walk(struct verify *v, struct lot_error *error)
{
    char where[VERIFY_PATH_SIZE];
    for (uint64_t i = v->ceremony.size; i < v->leaves.count; i++) {
        enum lot_step step = v->ceremony.step;
        if (ceremony_take(&v->ceremony, v->leaves.items[i], &v->refused)) {
            continue;
        }
        if (v->refused.code == LOT_MACHINE) {
            return lot_fail(error, LOT_MACHINE, "%s", v->refused.text);
        }
        v->fault = fault_of(v, i, step);
        lot_fail_at(&v->refused, "%s", verify_place(v, i, where));
        break;
    }
    return true;
}

bool
verify_leaves(struct verify *v, struct lot_error *error)
{
    uint64_t size = leaf_frozen_size(&v->roll);
    struct leaf draw, frozen;
    struct leaf_journal journal = {0};
    char text[VERIFY_PATH_SIZE];
    if (v->leaves.count < size) {
        return lot_fail(error, LOT_REFUSED,
                        "log/checkpoint line 2: %" PRIu64 " leaves, but the frozen files make "
                        "%" PRIu64,
                        v->leaves.count, size);
    }
    if (!read_leaf(v, 0, LEAF_DRAW, &draw, error)) {
        return false;
    }
    struct leaf_stretch due;
    leaf_frozen(&due, &v->roll, draw.time, &journal, 0);
    bool good = same_leaves(v, &due, 0, size - 2, error);
    leaf_finish(&due);
    if (!good || !read_journal(v, size - 2, &journal, error) ||
        !read_leaf(v, size - 1, LEAF_FREEZE, &frozen, error)) {
        return false;
    }
    if (draw.time > journal.time || journal.time > frozen.time) {
        return lot_fail(error, LOT_REFUSED, "%s: the times of `draw`, `journal`, `freeze` fall",
                        verify_place(v, size - 1, text));
    }
    struct lot_freeze freeze = {.size = size};
    if (!log_tree_root(&v->tree, size, freeze.root, error) ||
        !check_tail(v, size, frozen.time, error)) {
        return false;
    }
    verify_say(v, VERIFY_OK,
               "%" PRIu64 " leaves: the frozen files row by row up to %" PRIu64
               "%s, times never fall",
               v->leaves.count, size, v->finish != 0 ? ", cut-offs and results row by row" : "");
    canon_time_text(frozen.time, text);
    verify_say(v, VERIFY_NOTE, "frozen at %s; the office's journal had %" PRIu32 " rows then", text,
               journal.rows);
    ceremony_begin(&v->ceremony, &v->roll, &freeze, frozen.time);
    return walk(v, error);
}
