/*
 * head.c - hides how the log grows in the draw file and when it may be signed.
 *
 * The file keeps every leaf and the frontier of the tree, so that appending costs as
 * much as what is appended. Signing does not trust the frontier: whoever signs two
 * histories has lost the log for good, so the leaves are hashed once more.
 */
#include "lottery/head.h"

#include "lottery/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096 /* leaves read at once */

_Static_assert(STORE_PEAKS_MAX >= LOG_PATH_MAX, "a frontier fits");

bool
head_append(struct store *store, const struct lot_text leaves[], size_t count,
            struct lot_error *error)
{
    assert(store != NULL && (leaves != NULL || count == 0));
    struct store_head head;
    struct log_frontier frontier = {0};
    if (!store_head(store, &head, error)) {
        return false;
    }
    uint64_t old_size = head.size;
    frontier.size = head.size;
    memcpy(frontier.hashes, head.peaks, sizeof frontier.hashes);
    if (!log_frontier_add(&frontier, leaves, count, error) ||
        !log_frontier_root(&frontier, head.root, error)) {
        return false;
    }
    head.size = frontier.size;
    head.peak_count = log_frontier_count(frontier.size);
    memcpy(head.peaks, frontier.hashes, sizeof frontier.hashes);
    return store_leaves_add(store, old_size, leaves, count, &head, error);
}

/* Takes the leaves of the file, from where the frontier ends up to size. */
static bool
grow(struct store *store, struct log_frontier *frontier, uint64_t size, struct lot_error *error)
{
    struct lot_text *leaves = lot_alloc(BATCH, sizeof *leaves);
    struct lot_buffer lines = {0};
    bool good = true;
    while (good && frontier->size < size) {
        uint64_t left = size - frontier->size, count = 0;
        uint64_t to = frontier->size + (left < BATCH ? left : BATCH);
        lot_buffer_clear(&lines);
        good = store_leaves_read(store, frontier->size, to, &lines, error);
        struct lot_text rest = lot_buffer_text(&lines);
        while (good && lot_line(&rest, &leaves[count])) {
            count++;
            assert(count <= BATCH);
        }
        good = good && log_frontier_add(frontier, leaves, count, error);
    }
    lot_buffer_finish(&lines);
    free(leaves);
    return good;
}

/* Compares the root of the leaves with the one that was noted for this size. */
static bool
same_root(const struct log_frontier *frontier, const uint8_t noted[static LOT_HASH_BYTES],
          bool *same, struct lot_error *error)
{
    uint8_t root[LOT_HASH_BYTES];
    if (!log_frontier_root(frontier, root, error)) {
        return false;
    }
    *same = memcmp(root, noted, sizeof root) == 0;
    return true;
}

/* Writes where the key lies to *place. */
static bool
find_key(struct store *store, const char *path, struct lot_buffer *place, struct lot_error *error)
{
    bool found = true;
    if (path != NULL) {
        lot_buffer_put(place, lot_text(path));
        return true;
    }
    return store_file_get(store, LOT_TEXT(STORE_KEY_PATH), place, &found, error);
}

bool
head_key(struct store *store, const struct lot_rules *rules, const char *path,
         struct note_signer *out, bool *open_to_others, struct lot_error *error)
{
    assert(store != NULL && rules != NULL && out != NULL && open_to_others != NULL);
    struct lot_buffer place = {0}, bytes = {0};
    struct note_signer signer = {0};
    bool good = find_key(store, path, &place, error);
    lot_buffer_add(&place, "", 1);
    path = path != NULL ? path : place.at;
    if (good && !file_read_secret(NULL, path, LOT_KEY_TEXT_MAX, &bytes, open_to_others, error)) {
        good = lot_fail_at(error, "the log's private key (with --key it is looked for elsewhere)");
    }
    good = good && (note_signer_read(lot_buffer_text(&bytes), &signer, error) ||
                    lot_fail_at(error, "%s", path));
    if (good && strcmp(signer.key.text, rules->log_keys[0].text) != 0) {
        good = lot_fail(error, LOT_REFUSED, "%s is not the log's key: rules.json says log[0] is %s",
                        path, rules->log_keys[0].text);
    }
    if (good) {
        *out = signer;
    }
    note_signer_finish(&signer); /* the copy here; it owns nothing but its bytes */
    lot_buffer_finish(&place);
    lot_buffer_finish(&bytes);
    return good;
}

static bool
sign_one(struct store *store, const struct store_checkpoint *due, const struct note_signer *signer,
         struct lot_error *error)
{
    struct note_checkpoint checkpoint = {.size = due->size};
    struct lot_buffer text = {0}, note = {0};
    memcpy(checkpoint.origin, signer->key.name, sizeof checkpoint.origin);
    memcpy(checkpoint.root, due->root, sizeof checkpoint.root);
    note_checkpoint_text(&checkpoint, &text);
    note_begin(lot_buffer_text(&text), &note);
    bool good = note_sign(signer, lot_buffer_text(&text), 0, &note, error) &&
                store_checkpoint_sign(store, due->size, lot_buffer_text(&note), error);
    lot_buffer_finish(&text);
    lot_buffer_finish(&note);
    return good;
}

/* Inside a transaction: checks every checkpoint of the file in order, signs the due ones. */
static bool
sign_all(struct store *store, const struct note_signer *signer, struct lot_error *error)
{
    struct log_frontier frontier = {0};
    struct store_checkpoint checkpoint = {0};
    for (bool found = true, same = false;;) {
        if (!store_checkpoint_next(store, checkpoint.size, &checkpoint, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        bool due = checkpoint.note.size == 0; /* the text is gone with the next call */
        if (!grow(store, &frontier, checkpoint.size, error) ||
            !same_root(&frontier, checkpoint.root, &same, error)) {
            return false;
        }
        if (!same) {
            return lot_fail(error, LOT_MACHINE,
                            "the log in the draw file does not give the root that was noted at "
                            "size %llu: the file is damaged, nothing was signed",
                            (unsigned long long)checkpoint.size);
        }
        if (due && !sign_one(store, &checkpoint, signer, error)) {
            return false;
        }
    }
}

bool
head_sign(struct store *store, const struct lot_rules *rules, const struct note_signer *signer,
          struct lot_error *error)
{
    assert(store != NULL && rules != NULL && signer != NULL);
    assert(strcmp(signer->key.text, rules->log_keys[0].text) == 0);
    struct store_checkpoint checkpoint = {0};
    bool due = false;
    if (!store_begin(store, STORE_WRITE, error)) {
        return false;
    }
    for (bool found = true; found;) {
        if (!store_checkpoint_next(store, checkpoint.size, &checkpoint, &found, error)) {
            return false;
        }
        due = due || (found && checkpoint.note.size == 0);
    }
    return (!due || sign_all(store, signer, error)) && store_commit(store, error);
}

bool
head_extends(struct store *store, uint64_t size, const uint8_t root[static LOT_HASH_BYTES],
             struct lot_error *error)
{
    assert(store != NULL && root != NULL);
    struct store_head head;
    struct log_frontier frontier = {0};
    bool same = false;
    if (!store_head(store, &head, error)) {
        return false;
    }
    if (head.size < size) {
        return lot_fail(error, LOT_REFUSED,
                        "this draw file is an old copy: its log has %llu lines, the published one "
                        "has %llu; nothing is signed: go on with the draw file that published them",
                        (unsigned long long)head.size, (unsigned long long)size);
    }
    if (!grow(store, &frontier, size, error) || !same_root(&frontier, root, &same, error)) {
        return false;
    }
    return same || lot_fail(error, LOT_REFUSED,
                            "this draw file tells another history than the published checkpoint of "
                            "size %llu; nothing is signed: find out which of the two is genuine",
                            (unsigned long long)size);
}

/* ---- what the key signed last --------------------------------------------------------------- */

#define SIGNED_MAX 80 /* nine digits, a blank, a root, LF */

/* The path of the record that lies beside the key. */
static bool
find_record(struct store *store, const char *path, struct lot_buffer *place,
            struct lot_error *error)
{
    if (!find_key(store, path, place, error)) {
        return false;
    }
    lot_buffer_put(place, LOT_TEXT(".signed"));
    return true;
}

bool
head_recall(struct store *store, const char *path, struct lot_error *error)
{
    assert(store != NULL);
    struct lot_buffer place = {0}, record = {0};
    struct lot_text rest, line, size, root;
    uint8_t bytes[LOT_HASH_BYTES];
    uint32_t number = 0;
    size_t count = 0;
    bool good = find_record(store, path, &place, error);
    if (good && file_exists(NULL, place.at)) {
        good = file_read(NULL, place.at, SIGNED_MAX, &record, error);
        rest = lot_buffer_text(&record);
        if (good &&
            (!lot_line(&rest, &line) || rest.size != 0 || !lot_piece(&line, ' ', &size) ||
             !lot_piece(&line, ' ', &root) || line.at != NULL || !canon_number(size, &number) ||
             !canon_from_base64(root, bytes, sizeof bytes, &count) || count != sizeof bytes)) {
            good = lot_fail(error, LOT_REFUSED,
                            "%s does not say what this key signed last; nothing is signed until "
                            "it is put right",
                            place.at);
        }
        good = good && head_extends(store, number, bytes, error);
    }
    lot_buffer_finish(&place);
    lot_buffer_finish(&record);
    return good;
}

bool
head_remember(struct store *store, const char *path, struct lot_error *error)
{
    assert(store != NULL);
    struct lot_buffer place = {0}, record = {0};
    struct store_checkpoint checkpoint = {0};
    char root[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
    bool found = true;
    bool good = store_begin(store, STORE_READ, error) && find_record(store, path, &place, error);
    while (good && found) {
        good = store_checkpoint_next(store, checkpoint.size, &checkpoint, &found, error);
        if (good && found && checkpoint.note.size > 0) {
            lot_buffer_clear(&record);
            canon_to_base64(checkpoint.root, sizeof checkpoint.root, root);
            lot_buffer_print(&record, "%llu %s\n", (unsigned long long)checkpoint.size, root);
        }
    }
    good = good && store_commit(store, error) &&
           (record.size == 0 || file_write(NULL, place.at, lot_buffer_text(&record), error));
    lot_buffer_finish(&place);
    lot_buffer_finish(&record);
    return good;
}
