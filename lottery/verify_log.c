/*
 * verify_log.c - hides how the log proves itself: checkpoints, tiles, earlier states,
 * countersignatures.
 */
#include "lottery/verify_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- checkpoints ---------------------------------------------------------------------------- */

/* Reads the signed checkpoint in item->bytes: its form and the log's signatures. */
static bool
read_shown(const struct verify *v, struct verify_shown *item, struct lot_error *error)
{
    const struct lot_rules *rules = v->rules;
    struct note note;
    if (!note_read(lot_buffer_text(&item->bytes), &note, error) ||
        !note_checkpoint_read(note.text, &item->checkpoint, error)) {
        return lot_fail_at(error, "%s", item->path);
    }
    if (strcmp(item->checkpoint.origin, rules->log_name) != 0) {
        return lot_fail(error, LOT_REFUSED, "%s line 1: is of another log, expected %s", item->path,
                        rules->log_name);
    }
    if (!note_demand(&note, &rules->log_keys[0], NULL, error)) {
        return lot_fail_at(error, "%s", item->path);
    }
    item->others = note.count - 1; /* further log keys are of types that are not checked */
    return true;
}

/* The next place in the list of shown checkpoints. */
static struct verify_shown *
add_shown(struct verify *v)
{
    v->shown = lot_realloc(v->shown, v->shown_count + 1, sizeof v->shown[0]);
    memset(&v->shown[v->shown_count], 0, sizeof v->shown[0]);
    return &v->shown[v->shown_count++];
}

/* Adds a checkpoint of the bundle by its path. */
static bool
read_checkpoint(struct verify *v, const char *path, struct lot_error *error)
{
    struct verify_shown *item = add_shown(v);
    snprintf(item->path, sizeof item->path, "%s", path);
    return verify_read_file(v, path, NOTE_SIZE_MAX, &item->bytes, error) &&
           read_shown(v, item, error);
}

/* ---- log ------------------------------------------------------------------------------------ */

static void
check_key(struct verify *v)
{
    const char *key = v->rules->log_keys[0].text;
    if (v->options.key != NULL && strcmp(v->options.key, key) != 0) {
        verify_say(v, VERIFY_FALSE, "rules.json: log[0] is not the key you gave by --key but %s",
                   key);
    } else if (v->options.key == NULL && !v->options.trust_bundle) {
        verify_say(v, VERIFY_FALSE,
                   "rules.json: log[0], %s, is not vouched for: give the key you were given at the "
                   "freeze by --key, or --trust-bundle to believe the bundle",
                   key);
    }
}

static bool
check_keys_file(struct verify *v, struct lot_error *error)
{
    struct lot_buffer due = {0}, found = {0};
    for (uint32_t i = 0; i < v->rules->log_key_count; i++) {
        lot_buffer_print(&due, "%s\n", v->rules->log_keys[i].text);
    }
    for (uint32_t i = 0; i < v->rules->witness_count; i++) {
        lot_buffer_print(&due, "%s\n", v->rules->witnesses[i].key.text);
    }
    bool good = verify_read_file(v, "log/keys", NOTE_SIZE_MAX, &found, error) &&
                verify_same("log/keys", 1, lot_buffer_text(&found), lot_buffer_text(&due), error);
    lot_buffer_finish(&due);
    lot_buffer_finish(&found);
    return good;
}

/* Whether a checkpoint is a state of the log whose tree was made. */
static bool
demand_root(const struct verify *v, const struct verify_shown *item, struct lot_error *error)
{
    uint8_t root[LOT_HASH_BYTES];
    if (item->checkpoint.size > v->tree.size) {
        return lot_fail(error, LOT_REFUSED,
                        "%s line 2: has %" PRIu64 " leaves, log/checkpoint only %" PRIu64
                        ": what was shown has been taken back",
                        item->path, item->checkpoint.size, v->tree.size);
    }
    if (!log_tree_root(&v->tree, item->checkpoint.size, root, error)) {
        return false;
    }
    return memcmp(root, item->checkpoint.root, sizeof root) == 0 ||
           lot_fail(error, LOT_REFUSED,
                    "%s line 3: its root is not that of the first %" PRIu64
                    " leaves: it is of another history",
                    item->path, item->checkpoint.size);
}

static void
say_fingerprint(struct verify *v, const char *what, const struct note_checkpoint *checkpoint)
{
    char text[NOTE_FINGERPRINT_SIZE + 1];
    note_fingerprint(checkpoint->root, text);
    *strchr(text, '\n') = ' ';
    verify_say(v, VERIFY_NOTE, "fingerprint of %s, %" PRIu64 " leaves: %s", what, checkpoint->size,
               text);
}

bool
verify_log(struct verify *v, struct lot_error *error)
{
    if (!read_checkpoint(v, "log/checkpoint", error)) {
        return false;
    }
    check_key(v);
    if (!check_keys_file(v, error)) {
        return false;
    }
    uint64_t size = v->shown[0].checkpoint.size;
    if (!file_folder_open(&v->folder, "log", &v->log, error) ||
        !log_leaves_read(&v->log, size, &v->leaves, error) ||
        !log_tree_create(v->leaves.items, size, v->options.threads, &v->tree, error)) {
        return false;
    }
    if (!log_tiles_check(&v->log, &v->tree, 0, size, error)) {
        if (!demand_root(v, &v->shown[0], NULL)) {
            lot_fail_at(error, "log/tile/entries or"); /* the entries were changed, or both */
        }
        return false;
    }
    if (!demand_root(v, &v->shown[0], error)) {
        return false;
    }
    verify_say(v, VERIFY_OK, "%" PRIu64 " leaves, all tiles, root and signature of log/checkpoint",
               size);
    say_fingerprint(v, "log/checkpoint", &v->shown[0].checkpoint);
    return true;
}

/* ---- seen ----------------------------------------------------------------------------------- */

/* Reads log/seen: every file in it is a checkpoint named by its size. */
static bool
read_seen(struct verify *v, struct lot_error *error)
{
    struct file_list list = {0};
    uint32_t size = 0;
    bool good = file_list(&v->log, &list, error);
    for (size_t i = 0; good && i < list.count; i++) {
        struct lot_text name = lot_text(list.paths[i]);
        if (!lot_text_starts(name, "seen/") ||
            !canon_number((struct lot_text){name.at + 5, name.size - 5}, &size) || size == 0) {
            continue;
        }
        char path[32];
        snprintf(path, sizeof path, "log/seen/%" PRIu32, size);
        good = read_checkpoint(v, path, error) &&
               (v->shown[v->shown_count - 1].checkpoint.size == size ||
                lot_fail(error, LOT_REFUSED, "%s line 2: is not the size in its name", path));
    }
    file_list_finish(&list);
    return good;
}

static bool
read_olds(struct verify *v, struct lot_error *error)
{
    for (uint32_t i = 0; i < v->options.old_count; i++) {
        struct verify_shown *item = add_shown(v);
        snprintf(item->path, sizeof item->path, "--old number %" PRIu32, i + 1);
        item->kept = true;
        lot_buffer_put(&item->bytes, v->options.olds[i]);
        if (!read_shown(v, item, error)) {
            return false;
        }
    }
    return true;
}

bool
verify_is_shown(const struct verify *v, uint64_t size)
{
    for (uint32_t i = 0; i < v->shown_count; i++) {
        if (!v->shown[i].kept && v->shown[i].checkpoint.size == size) {
            return true;
        }
    }
    return false;
}

bool
verify_seen(struct verify *v, struct lot_error *error)
{
    const struct lot_freeze *freeze = &v->ceremony.freeze;
    if (!read_checkpoint(v, "log/checkpoint.freeze", error)) {
        return false;
    }
    if (v->shown[1].checkpoint.size != freeze->size) {
        return lot_fail(error, LOT_REFUSED,
                        "log/checkpoint.freeze line 2: `freeze` is leaf %" PRIu64 ", so its size "
                        "is %" PRIu64,
                        freeze->size - 1, freeze->size);
    }
    if (!read_seen(v, error) || !read_olds(v, error)) {
        return false;
    }
    uint32_t kept = 0;
    for (uint32_t i = 1; i < v->shown_count; i++) {
        kept += v->shown[i].kept;
        if (!demand_root(v, &v->shown[i], error) ||
            (!v->shown[i].kept && !log_tiles_check(&v->log, &v->tree, v->tree.size,
                                                   v->shown[i].checkpoint.size, error))) {
            return false;
        }
    }
    verify_say(v, VERIFY_OK,
               "%" PRIu32
               " checkpoints of the bundle%s are states of this one log, their tiles are there",
               v->shown_count - kept, kept > 0 ? " and those you kept" : "");
    say_fingerprint(v, "the freeze", &v->shown[1].checkpoint);
    return true;
}

/* ---- witnesses ------------------------------------------------------------------------------ */

int64_t
verify_countersigned(const struct verify *v, uint32_t witness, uint64_t size)
{
    int64_t first = -1;
    for (uint32_t i = 0; i < v->shown_count; i++) {
        const struct verify_shown *item = &v->shown[i];
        int64_t time = !item->kept && item->checkpoint.size == size ? item->times[witness] : -1;
        if (time >= 0 && (first < 0 || time < first)) {
            first = time;
        }
    }
    return first;
}

/* Reads the witnesses' lines of all checkpoints; one that is there must hold. */
static bool
read_cosignatures(struct verify *v, struct lot_error *error)
{
    for (uint32_t i = 0; i < v->shown_count; i++) {
        struct verify_shown *item = &v->shown[i];
        struct note note;
        bool good = note_read(lot_buffer_text(&item->bytes), &note, error);
        for (uint32_t w = 0; good && w < v->rules->witness_count; w++) {
            bool there = false;
            good = note_verify(&note, &v->rules->witnesses[w].key, &there, &item->times[w], error);
            item->others -= there;
            item->times[w] = there ? item->times[w] : -1;
        }
        if (!good) {
            return lot_fail_at(error, "%s", item->path);
        }
    }
    return true;
}

/* One witness at one moment. */
static void
check_witness(struct verify *v, uint32_t witness, const struct ceremony_moment *moment)
{
    const char *code = v->rules->witnesses[witness].code;
    const char *occasion = ceremony_occasion_name(moment->occasion);
    int64_t time = verify_countersigned(v, witness, moment->size);
    bool head = moment->size == v->tree.size;
    if (time < 0) {
        char path[VERIFY_PATH_SIZE];
        snprintf(path, sizeof path, "log/seen/%" PRIu64, moment->size);
        verify_say(v, head && v->options.skip_due ? VERIFY_NOTE : VERIFY_FALSE,
                   "%s (%s, %" PRIu64 " leaves): %s countersigned by %s",
                   head                                     ? "log/checkpoint"
                   : moment->occasion == CEREMONY_AT_FREEZE ? "log/checkpoint.freeze"
                                                            : path,
                   occasion, moment->size, head ? "not yet" : "never", code);
        return;
    }
    char when[CANON_TIME_SIZE + 1], next[CANON_TIME_SIZE + 1];
    struct leaf leaf;
    canon_time_text(time, when);
    verify_say(v, VERIFY_OK, "%s, %" PRIu64 " leaves: countersigned by %s at %s", occasion,
               moment->size, code, when);
    if (!head && leaf_read(v->leaves.items[moment->size], &leaf, NULL) && leaf.time < time) {
        canon_time_text(leaf.time, next);
        verify_say(v, VERIFY_NOTE, "that is later than %s, when the log says it went on with `%s`",
                   next, leaf_word_name(leaf.word));
    }
}

bool
verify_witnesses(struct verify *v, struct lot_error *error)
{
    if (v->rules->witness_count == 0) {
        verify_say(v, VERIFY_NOTE, "countersigned by nobody: the rules name no witness");
        return true;
    }
    if (!read_cosignatures(v, error)) {
        return false;
    }
    for (uint32_t i = 0; i < v->ceremony.moment_count; i++) {
        struct ceremony_moment moment = v->ceremony.moments[i];
        if (moment.occasion == CEREMONY_AT_SITTING) {
            moment.size = v->tree.size; /* also when a leaf before it was refused */
        } else if (v->refused.code != LOT_OK && moment.size == v->ceremony.size) {
            continue; /* nothing good follows that rests on it */
        }
        for (uint32_t w = 0; w < v->rules->witness_count; w++) {
            check_witness(v, w, &moment);
        }
    }
    return true;
}
