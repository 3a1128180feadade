/*
 * witness.c - hides what a countersignature rests on: the folder checked whole, the
 * checkpoint found in it, and everything that was signed before still at its front.
 */
#include "lottery/witness.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lottery/verify.h"

/* ---- asking --------------------------------------------------------------------------------- */

/* Whether every witness has signed the checkpoint of this size. */
static bool
all_signed(struct store *store, const struct lot_rules *rules, uint64_t size, bool *all,
           struct lot_error *error)
{
    *all = true;
    for (uint32_t i = 0; i < rules->witness_count; i++) {
        struct lot_text line;
        bool found = false;
        if (!store_cosignature(store, size, lot_text(rules->witnesses[i].code), &line, &found,
                               error)) {
            return false;
        }
        *all = *all && found;
    }
    return true;
}

bool
witness_request(struct store *store, const struct lot_rules *rules, struct lot_buffer *out,
                struct lot_error *error)
{
    assert(store != NULL && rules != NULL && out != NULL);
    struct store_checkpoint checkpoint = {0};
    struct publish_log log = {0};
    struct log_path path;
    struct lot_buffer note = {0};
    uint64_t old = 0;
    bool found = true, all = true, good = false;
    for (;;) {
        uint64_t before = checkpoint.size;
        if (!store_checkpoint_next(store, before, &checkpoint, &found, error)) {
            goto out;
        }
        if (!found) {
            break;
        }
        if (all) {
            old = before;
        }
        lot_buffer_clear(&note);
        lot_buffer_put(&note, checkpoint.note);
        uint64_t size = checkpoint.size;
        if (!all_signed(store, rules, size, &all, error)) {
            goto out;
        }
        checkpoint.size = size;
    }
    if (note.size == 0 || all) {
        lot_fail(error, LOT_PHASE, "%s",
                 note.size == 0 ? "no checkpoint is signed yet; `lottery freeze` makes the first"
                                : "every witness has countersigned the newest checkpoint");
        goto out;
    }
    if (!publish_log_read(store, &log, error) ||
        !log_tree_consistency(&log.tree, old, checkpoint.size, &path, error)) {
        goto out;
    }
    log_request_text(old, &path, lot_buffer_text(&note), out);
    good = true;
out:
    publish_log_finish(&log);
    lot_buffer_finish(&note);
    return good;
}

/* ---- signing -------------------------------------------------------------------------------- */

/* One line of the witness's own file. */
struct memory {
    struct lot_text origin, key;
    uint64_t size;
    uint8_t root[LOT_HASH_BYTES];
};

static bool
memory_read(struct lot_text line, struct memory *out)
{
    struct lot_text rest = line, size, root;
    uint32_t number;
    size_t bytes;
    if (!lot_piece(&rest, ' ', &out->origin) || !lot_piece(&rest, ' ', &size) ||
        !lot_piece(&rest, ' ', &root) || !lot_piece(&rest, ' ', &out->key) || rest.at != NULL ||
        !canon_number(size, &number) ||
        !canon_from_base64(root, out->root, sizeof out->root, &bytes) ||
        bytes != sizeof out->root) {
        return false;
    }
    out->size = number;
    return true;
}

/* Finds the line of this log; *others collects all the rest. */
static bool
recall(struct lot_text seen, const char *origin, struct memory *out, bool *found,
       struct lot_buffer *others, struct lot_error *error)
{
    struct lot_text line;
    *found = false;
    for (uint32_t number = 1; lot_line(&seen, &line); number++) {
        struct memory memory;
        if (!memory_read(line, &memory)) {
            return lot_fail(error, LOT_REFUSED,
                            "line %u of the file of what was signed is none of ours; nothing can "
                            "be signed until it is put right",
                            number);
        }
        if (lot_text_is(memory.origin, origin)) {
            *out = memory;
            *found = true;
        } else {
            lot_buffer_put(others, line);
            lot_buffer_add(others, "\n", 1);
        }
    }
    return seen.size == 0 ||
           lot_fail(error, LOT_REFUSED, "the file of what was signed ends in half a line");
}

/* The verdict on the folder, countersignatures that are still due left aside. */
static bool
recompute(const char *directory, const char *key, struct lot_error *error)
{
    struct verify_options options = {.key = key, .skip_due = true, .threads = 2};
    struct verify *verify = NULL;
    const struct verify_line *line = NULL;
    bool good = verify_create(directory, &options, &verify, error);
    while (good) {
        good = verify_next(verify, &line, error);
        if (!good || line == NULL) {
            break;
        }
        if (line->kind == VERIFY_FALSE) {
            good = lot_fail(error, LOT_REFUSED, "not signed, for %s is false: %s: %s", directory,
                            verify_step_name(line->step), line->text);
        }
    }
    verify_destroy(verify);
    return good;
}

/* The folder's log must have this root at that size; false leaves the sentence to the caller. */
static bool
root_at(const struct log_tree *tree, uint64_t size, const uint8_t root[static LOT_HASH_BYTES],
        bool *same, struct lot_error *error)
{
    uint8_t found[LOT_HASH_BYTES];
    *same = false;
    if (size > tree->size) {
        return true;
    }
    if (!log_tree_root(tree, size, found, error)) {
        return false;
    }
    *same = memcmp(found, root, sizeof found) == 0;
    return true;
}

/* Both what is asked for and what was signed before must be states of the folder's log. */
static bool
compare(const char *directory, const struct note_checkpoint *asked, const struct memory *memory,
        struct lot_error *error)
{
    struct file_folder folder = {0}, log = {0};
    struct log_leaves leaves = {0};
    struct log_tree tree = {0};
    bool same = false, extends = true;
    bool good = file_folder_open(NULL, directory, &folder, error) &&
                file_folder_open(&folder, "log", &log, error) &&
                log_leaves_read(&log, asked->size, &leaves, error) &&
                log_tree_create(leaves.items, leaves.count, 2, &tree, error) &&
                root_at(&tree, asked->size, asked->root, &same, error) &&
                (memory == NULL || root_at(&tree, memory->size, memory->root, &extends, error));
    if (good && !same) {
        good = lot_fail(error, LOT_REFUSED,
                        "the request asks for another log than %s holds; ask for the folder that "
                        "belongs to it",
                        directory);
    } else if (good && !extends) {
        good = lot_fail(error, LOT_REFUSED,
                        "not signed: size %" PRIu64 " of this log was signed before with another "
                        "root, or is newer than what is asked. Keep both, and tell the court",
                        memory->size);
    }
    log_tree_finish(&tree);
    log_leaves_finish(&leaves);
    file_folder_finish(&log);
    file_folder_finish(&folder);
    return good;
}

/* The cosignature line and the file as it is to be kept from now on. */
static bool
answer(const struct note_signer *signer, struct lot_text text, const struct note_checkpoint *asked,
       const char *key, int64_t now, struct lot_buffer *seen, struct witness_answer *out,
       struct lot_error *error)
{
    char root[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
    canon_to_base64(asked->root, sizeof asked->root, root);
    lot_buffer_print(seen, "%s %" PRIu64 " %s %s\n", asked->origin, asked->size, root, key);
    if (!note_sign(signer, text, now, &out->line, error)) {
        return false;
    }
    out->seen = *seen;
    *seen = (struct lot_buffer){0};
    out->size = asked->size;
    memcpy(out->root, asked->root, sizeof out->root);
    return true;
}

bool
witness_sign(const char *directory, struct lot_text text, const struct note_signer *signer,
             struct lot_text seen, const char *log_key, int64_t now, struct witness_answer *out,
             struct lot_error *error)
{
    assert(directory != NULL && signer != NULL && out != NULL);
    struct log_request request;
    struct note note;
    struct note_checkpoint asked;
    struct memory memory = {0};
    struct lot_key key;
    struct lot_buffer kept = {0}, known = {0};
    bool found = false, good = false;
    if (signer->key.type != LOT_KEY_WITNESS) {
        return lot_fail(error, LOT_REFUSED,
                        "this is no witness's key; `lottery keygen --role witness` makes one");
    }
    if (!log_request_read(text, &request, error) || !note_read(request.note, &note, error) ||
        !note_checkpoint_read(note.text, &asked, error) ||
        !recall(seen, asked.origin, &memory, &found, &kept, error)) {
        goto out;
    }
    if (!found && log_key == NULL) {
        lot_fail(error, LOT_USAGE,
                 "this log is new to this witness: give its key with --log, as the authority "
                 "printed it");
        goto out;
    }
    lot_buffer_put(&known, found ? memory.key : lot_text(log_key));
    if (found && log_key != NULL && !lot_text_is(memory.key, log_key)) {
        lot_fail(error, LOT_REFUSED, "another key was signed for this log before: %s", known.at);
        goto out;
    }
    good = note_key_read(lot_buffer_text(&known), &key, error) &&
           note_demand(&note, &key, NULL, error) && recompute(directory, known.at, error) &&
           compare(directory, &asked, found ? &memory : NULL, error) &&
           answer(signer, note.text, &asked, known.at, now, &kept, out, error);
out:
    lot_buffer_finish(&kept);
    lot_buffer_finish(&known);
    return good;
}

void
witness_answer_finish(struct witness_answer *answer)
{
    if (answer != NULL) {
        lot_buffer_finish(&answer->line);
        lot_buffer_finish(&answer->seen);
    }
}

/* ---- taking the answer ---------------------------------------------------------------------- */

/* Whose key made a line under this note: index in rules->witnesses, or -1. */
static int
whose(const struct lot_rules *rules, struct lot_text note_bytes, struct lot_text line)
{
    struct lot_buffer together = {0};
    struct note note;
    int found = -1;
    if (note_add(note_bytes, line, &together, NULL) &&
        note_read(lot_buffer_text(&together), &note, NULL)) {
        for (uint32_t i = 0; i < rules->witness_count && found < 0; i++) {
            bool there = false;
            if (note_verify(&note, &rules->witnesses[i].key, &there, NULL, NULL) && there) {
                found = (int)i;
            }
        }
    }
    lot_buffer_finish(&together);
    return found;
}

/* Finds the shown checkpoint that the line signs, and keeps the line with it. */
static bool
add_line(struct store *store, const struct lot_rules *rules, struct lot_text line,
         struct lot_buffer *names, struct lot_error *error)
{
    struct store_checkpoint checkpoint = {0};
    struct lot_text there;
    uint64_t size = 0;
    bool found = true;
    for (;;) {
        if (!store_checkpoint_next(store, size, &checkpoint, &found, error)) {
            return false;
        }
        if (!found) {
            return lot_fail(error, LOT_REFUSED,
                            "a signature line fits no witness of the rules and no checkpoint that "
                            "was shown: %.*s",
                            (int)(line.size > 60 ? 60 : line.size), line.at);
        }
        size = checkpoint.size;
        int who = checkpoint.note.size == 0 ? -1 : whose(rules, checkpoint.note, line);
        if (who < 0) {
            continue;
        }
        const struct lot_keyed *witness = &rules->witnesses[who];
        if (!store_cosignature(store, size, lot_text(witness->code), &there, &found, error)) {
            return false;
        }
        lot_buffer_print(names, "%s%s (log size %" PRIu64 ")", names->size == 0 ? "" : ", ",
                         witness->code, size);
        return found || store_cosignature_add(store, size, lot_text(witness->code), line, error);
    }
}

bool
witness_add(struct store *store, const struct lot_rules *rules, struct lot_text lines,
            struct lot_buffer *names, struct lot_error *error)
{
    assert(store != NULL && rules != NULL && names != NULL);
    static const char dash[] = "\xE2\x80\x94 ";
    struct lot_text rest = lines, line;
    uint32_t count = 0;
    while (lot_line(&rest, &line)) {
        if (!lot_text_starts(line, dash)) {
            continue; /* the text of a note that was given whole */
        }
        if (++count > NOTE_SIGNATURES_MAX) {
            return lot_fail(error, LOT_REFUSED, "more than %d signature lines",
                            NOTE_SIGNATURES_MAX);
        }
        bool own = false; /* the log's own line in a whole note */
        for (uint32_t i = 0; i < rules->log_key_count; i++) {
            struct lot_text name = {line.at + sizeof dash - 1, line.size - (sizeof dash - 1)};
            own = own || (lot_text_starts(name, rules->log_keys[i].name) &&
                          name.size > strlen(rules->log_keys[i].name) &&
                          name.at[strlen(rules->log_keys[i].name)] == ' ');
        }
        if (!own &&
            !add_line(store, rules, (struct lot_text){line.at, line.size + 1}, names, error)) {
            return false;
        }
    }
    if (names->size == 0) {
        return lot_fail(error, LOT_REFUSED, "there is no signature line in it");
    }
    return true;
}
