/*
 * publish.c - hides the bundle's shape on disk (PROTOCOL.md section 8):
 *
 *   rules.json homes.csv entries.csv refusals.csv received.csv
 *   seed.txt cutoffs.csv results.csv pulses/...        once they are there
 *   log/tile/...  log/seen/<size>  log/checkpoint.freeze  log/keys
 *   index.html VERIFY.txt verify.py PROTOCOL.md        for people, outside the log
 *   log/checkpoint                                     last of all
 */
#include "lottery/publish.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lottery/head.h"
#include "lottery/page.h"

#define THREADS 4 /* of the hashing; never changes a byte */

void
publish_log_finish(struct publish_log *leaves)
{
    if (leaves == NULL) {
        return;
    }
    log_tree_finish(&leaves->tree);
    free(leaves->items);
    lot_buffer_finish(&leaves->bytes);
    *leaves = (struct publish_log){0};
}

bool
publish_log_read(struct store *store, struct publish_log *out, struct lot_error *error)
{
    assert(store != NULL && out != NULL);
    struct store_head head;
    struct publish_log leaves = {0};
    if (!store_head(store, &head, error) ||
        !store_leaves_read(store, 0, head.size, &leaves.bytes, error)) {
        lot_buffer_finish(&leaves.bytes);
        return false;
    }
    leaves.items = lot_alloc(head.size, sizeof *leaves.items);
    struct lot_text rest = lot_buffer_text(&leaves.bytes);
    while (leaves.count < head.size && lot_line(&rest, &leaves.items[leaves.count])) {
        leaves.count++;
    }
    assert(leaves.count == head.size && rest.size == 0);
    if (!log_tree_create(leaves.items, leaves.count, THREADS, &leaves.tree, error)) {
        publish_log_finish(&leaves);
        return false;
    }
    uint8_t root[LOT_HASH_BYTES];
    bool good = log_tree_root(&leaves.tree, head.size, root, error);
    if (good && memcmp(root, head.root, sizeof root) != 0) {
        good = lot_fail(error, LOT_MACHINE,
                        "the draw file's leaves do not give its root: the file is damaged; "
                        "go on from its last backup");
    }
    if (!good) {
        publish_log_finish(&leaves);
        return false;
    }
    *out = leaves;
    return true;
}

/* ---- notes ---------------------------------------------------------------------------------- */

bool
publish_note(struct store *store, const struct lot_rules *rules,
             const struct store_checkpoint *checkpoint, struct lot_buffer *out,
             struct lot_error *error)
{
    assert(store != NULL && rules != NULL && checkpoint->note.size > 0);
    struct lot_buffer note = {0}, lines = {0};
    lot_buffer_put(&note, checkpoint->note); /* the store's text is borrowed until its next call */
    uint64_t size = checkpoint->size;
    bool good = true;
    for (uint32_t i = 0; good && i < rules->witness_count; i++) {
        struct lot_text line;
        bool found = false;
        good = store_cosignature(store, size, lot_text(rules->witnesses[i].code), &line, &found,
                                 error);
        if (good && found) {
            lot_buffer_put(&lines, line);
        }
    }
    if (good && lines.size > 0) {
        good = note_add(lot_buffer_text(&note), lot_buffer_text(&lines), out, error);
    } else if (good) {
        lot_buffer_put(out, lot_buffer_text(&note));
    }
    lot_buffer_finish(&note);
    lot_buffer_finish(&lines);
    return good;
}

/* The head that stands in the folder already; *there is false for an empty one. */
static bool
published(const struct file_folder *folder, const struct lot_rules *rules, bool *there,
          struct note_checkpoint *out, struct lot_error *error)
{
    *there = file_exists(folder, "log/checkpoint");
    if (!*there) {
        return true;
    }
    struct lot_buffer bytes = {0};
    struct note note;
    bool good = file_read(folder, "log/checkpoint", NOTE_SIZE_MAX, &bytes, error);
    if (good && (!note_read(lot_buffer_text(&bytes), &note, error) ||
                 !note_demand(&note, &rules->log_keys[0], NULL, error) ||
                 !note_checkpoint_read(note.text, out, error))) {
        good = lot_fail_at(error, "%s/log/checkpoint is not one of this draw", folder->path);
    }
    lot_buffer_finish(&bytes);
    return good;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Writes unless the same bytes stand there, then reads back what the disk holds. */
static bool
put(const struct file_folder *folder, const char *path, struct lot_text bytes,
    struct lot_error *error)
{
    struct lot_buffer back = {0};
    bool good = true;
    bool same = file_exists(folder, path) && file_read(folder, path, FILE_SIZE_MAX, &back, NULL) &&
                lot_text_same(lot_buffer_text(&back), bytes);
    if (!same) {
        good = file_write(folder, path, bytes, error) &&
               file_read(folder, path, FILE_SIZE_MAX, &back, error);
        if (good && !lot_text_same(lot_buffer_text(&back), bytes)) {
            good = lot_fail(error, LOT_MACHINE,
                            "%s/%s: what was written does not read back; the disk is not sound",
                            folder->path, path);
        }
    }
    lot_buffer_finish(&back);
    return good;
}

static bool
put_stored(struct store *store, const struct file_folder *folder, uint32_t *files,
           struct lot_error *error)
{
    struct lot_buffer bytes = {0}, name = {0};
    bool good = true, found = true;
    while (good && found) {
        struct lot_text next;
        good = store_file_next(store, lot_buffer_text(&name), &next, &found, error);
        if (!good || !found) {
            break;
        }
        lot_buffer_clear(&name);
        lot_buffer_put(&name, next);
        if (lot_text_starts(next, "office/")) {
            continue; /* the offices' own files hold names and numbers: never published */
        }
        lot_buffer_clear(&bytes);
        good = store_file_get(store, lot_buffer_text(&name), &bytes, &found, error) &&
               put(folder, name.at, lot_buffer_text(&bytes), error);
        *files += 1;
    }
    lot_buffer_finish(&bytes);
    lot_buffer_finish(&name);
    return good;
}

static bool
put_pages(const struct file_folder *folder, uint32_t *files, struct lot_error *error)
{
    for (const struct page *page = pages; page->name != NULL; page++) {
        if (!put(folder, page->name, (struct lot_text){page->bytes, page->size}, error)) {
            return false;
        }
        *files += 1;
    }
    return true;
}

/* ---- the web page --------------------------------------------------------------------------- */

/* Whether a leaf is a row of a published file, which the page has already. */
static bool
is_row(struct lot_text leaf)
{
    static const char *const words[] = {"home ",     "entry ",  "refusal ",
                                        "received ", "cutoff ", "result "};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (lot_text_starts(leaf, words[i])) {
            return true;
        }
    }
    return false;
}

static bool
page_files(struct store *store, struct lot_buffer *json, struct lot_error *error)
{
    struct lot_buffer bytes = {0}, name = {0};
    bool good = true, found = true;
    page_group(json, "files");
    while (good && found) {
        struct lot_text next;
        good = store_file_next(store, lot_buffer_text(&name), &next, &found, error);
        if (!good || !found) {
            break;
        }
        lot_buffer_clear(&name);
        lot_buffer_put(&name, next);
        /* Neither the offices' own files nor the pulses, which the page does not check. */
        if (strchr(name.at, '/') != NULL) {
            continue;
        }
        lot_buffer_clear(&bytes);
        good = store_file_get(store, lot_buffer_text(&name), &bytes, &found, error);
        page_item(json, lot_buffer_text(&name), lot_buffer_text(&bytes));
    }
    lot_buffer_finish(&bytes);
    lot_buffer_finish(&name);
    return good;
}

static bool
page_notes(struct store *store, const struct lot_rules *rules, struct lot_buffer *json,
           struct lot_error *error)
{
    struct store_checkpoint checkpoint = {0};
    struct lot_buffer note = {0};
    bool good = true, found = true;
    page_group(json, "notes");
    while (good) {
        good = store_checkpoint_next(store, checkpoint.size, &checkpoint, &found, error);
        if (!good || !found) {
            break;
        }
        char path[64];
        snprintf(path, sizeof path, "log/seen/%llu", (unsigned long long)checkpoint.size);
        lot_buffer_clear(&note);
        bool freeze = checkpoint.purpose == STORE_FREEZE;
        uint64_t size = checkpoint.size;
        good = publish_note(store, rules, &checkpoint, &note, error);
        checkpoint.size = size;
        page_item(json, lot_text(path), lot_buffer_text(&note));
        if (freeze) {
            page_item(json, LOT_TEXT("log/checkpoint.freeze"), lot_buffer_text(&note));
        }
    }
    page_item(json, LOT_TEXT("log/checkpoint"), lot_buffer_text(&note));
    lot_buffer_finish(&note);
    return good;
}

/* index.html with all it needs to check itself; a large draw's data in chunks beside it. */
static bool
put_index(struct store *store, const struct lot_rules *rules, const struct file_folder *folder,
          const struct publish_log *leaves, uint64_t size, struct lot_error *error)
{
    struct lot_buffer json = {0}, html = {0};
    struct lot_text text;
    uint64_t entries = 0;
    uint32_t chunks = 0;
    page_begin(&json);
    bool good = page_files(store, &json, error) && page_notes(store, rules, &json, error);
    page_list(&json, "lines");
    for (uint64_t i = 0; i < size; i++) {
        entries += lot_text_starts(leaves->items[i], "entry ");
        if (!is_row(leaves->items[i])) {
            page_line(&json, leaves->items[i]);
        }
    }
    page_end(&json);
    text = lot_buffer_text(&json);
    chunks = entries > PAGE_INLINE_ENTRIES ? page_chunks(text) : 0;
    for (uint32_t i = 0; good && i < chunks; i++) {
        char path[32];
        snprintf(path, sizeof path, "data/%u.js", i);
        lot_buffer_clear(&html);
        page_chunk(text, i, &html);
        good = put(folder, path, lot_buffer_text(&html), error);
    }
    lot_buffer_clear(&html);
    page_html(text, chunks, &html);
    good = good && put(folder, "index.html", lot_buffer_text(&html), error);
    lot_buffer_finish(&json);
    lot_buffer_finish(&html);
    return good;
}

/* For clients that do not read rules: the log's keys, then the witnesses'. */
static bool
put_keys(const struct lot_rules *rules, const struct file_folder *folder, struct lot_error *error)
{
    struct lot_buffer keys = {0};
    for (uint32_t i = 0; i < rules->log_key_count; i++) {
        lot_buffer_print(&keys, "%s\n", rules->log_keys[i].text);
    }
    for (uint32_t i = 0; i < rules->witness_count; i++) {
        lot_buffer_print(&keys, "%s\n", rules->witnesses[i].key.text);
    }
    bool good = put(folder, "log/keys", lot_buffer_text(&keys), error);
    lot_buffer_finish(&keys);
    return good;
}

/*
 * Tiles and notes of every checkpoint that was shown, in order, so that the partial
 * tiles of each stay there. *newest becomes the last one's note.
 */
static bool
put_shown(struct store *store, const struct lot_rules *rules, const struct file_folder *folder,
          const struct log_tree *tree, struct lot_buffer *newest, struct publish_result *out,
          struct lot_error *error)
{
    struct file_folder log = {0};
    struct store_checkpoint checkpoint = {0};
    bool found = true;
    bool good =
        file_folder_make(folder, "log", error) && file_folder_open(folder, "log", &log, error);
    while (good) {
        uint64_t before = checkpoint.size;
        good = store_checkpoint_next(store, before, &checkpoint, &found, error);
        if (!good || !found) {
            break;
        }
        if (checkpoint.note.size == 0) {
            good = lot_fail(error, LOT_PHASE, "the checkpoint of size %llu is not signed yet",
                            (unsigned long long)checkpoint.size);
            break;
        }
        char path[64];
        snprintf(path, sizeof path, "log/seen/%llu", (unsigned long long)checkpoint.size);
        bool freeze = checkpoint.purpose == STORE_FREEZE;
        lot_buffer_clear(newest);
        out->size = checkpoint.size;
        memcpy(out->root, checkpoint.root, sizeof out->root);
        good = publish_note(store, rules, &checkpoint, newest, error) &&
               log_tiles_write(&log, tree, before, out->size, error) &&
               put(folder, path, lot_buffer_text(newest), error) &&
               (!freeze || put(folder, "log/checkpoint.freeze", lot_buffer_text(newest), error));
    }
    file_folder_finish(&log);
    return good;
}

bool
publish_bundle(struct store *store, const struct lot_rules *rules, const struct file_folder *folder,
               struct publish_result *out, struct lot_error *error)
{
    assert(store != NULL && rules != NULL && folder != NULL && out != NULL);
    struct publish_log leaves = {0};
    struct lot_buffer newest = {0};
    struct note_checkpoint old = {0};
    struct publish_result result = {0};
    bool there = false, good = false;
    if (!published(folder, rules, &there, &old, error) ||
        (there && !head_extends(store, old.size, old.root, error)) ||
        !publish_log_read(store, &leaves, error)) {
        goto out;
    }
    if (!put_stored(store, folder, &result.files, error) ||
        !put_pages(folder, &result.files, error) || !put_keys(rules, folder, error) ||
        !put_shown(store, rules, folder, &leaves.tree, &newest, &result, error)) {
        goto out;
    }
    if (result.size == 0) {
        lot_fail(error, LOT_PHASE, "nothing is frozen yet, so there is nothing to publish");
        goto out;
    }
    good = put_index(store, rules, folder, &leaves, result.size, error) &&
           put(folder, "log/checkpoint", lot_buffer_text(&newest), error);
    if (good) {
        result.files++;
        *out = result;
    }
out:
    lot_buffer_finish(&newest);
    publish_log_finish(&leaves);
    return good;
}

/* ---- proofs --------------------------------------------------------------------------------- */

/* Index of the leaf whose line has this id: `entry ID,...` or `refusal ID,...`. */
static bool
leaf_of(const struct log_leaves *leaves, struct lot_text id, uint64_t *out, struct lot_error *error)
{
    for (uint64_t i = 0; i < leaves->count; i++) {
        struct lot_text rest = leaves->items[i], kind, leaf_id;
        if (lot_piece(&rest, ' ', &kind) &&
            (lot_text_is(kind, "entry") || lot_text_is(kind, "refusal")) &&
            lot_piece(&rest, ',', &leaf_id) && lot_text_same(leaf_id, id)) {
            *out = i;
            return true;
        }
    }
    return lot_fail(error, LOT_REFUSED,
                    "%.*s is neither among the entries nor among the refusals of this draw",
                    (int)(id.size > LOT_CODE_MAX ? LOT_CODE_MAX : id.size), id.at);
}

bool
publish_prove(const struct file_folder *folder, struct lot_text id, struct lot_buffer *out,
              struct lot_error *error)
{
    assert(folder != NULL && out != NULL);
    struct file_folder log = {0};
    struct lot_buffer freeze = {0};
    struct log_leaves leaves = {0};
    struct log_tree tree = {0};
    struct log_path path;
    struct note note;
    struct note_checkpoint head;
    uint8_t root[LOT_HASH_BYTES];
    uint64_t index = 0;
    bool good = false;
    if (!canon_entry_id(id)) {
        return lot_fail(error, LOT_USAGE, "'%.24s' is not an entry's id", id.at);
    }
    if (!file_read(folder, "log/checkpoint.freeze", NOTE_SIZE_MAX, &freeze, error) ||
        !note_read(lot_buffer_text(&freeze), &note, error) ||
        !note_checkpoint_read(note.text, &head, error) ||
        !file_folder_open(folder, "log", &log, error) ||
        !log_leaves_read(&log, head.size, &leaves, error) || !leaf_of(&leaves, id, &index, error) ||
        !log_tree_create(leaves.items, leaves.count, THREADS, &tree, error) ||
        !log_tree_root(&tree, head.size, root, error) ||
        !log_tree_inclusion(&tree, index, head.size, &path, error)) {
        goto out;
    }
    if (memcmp(root, head.root, sizeof root) != 0) {
        lot_fail(error, LOT_REFUSED, "%s: the log's entries do not give the frozen root",
                 folder->path);
        goto out;
    }
    log_proof_text(index, leaves.items[index], &path, lot_buffer_text(&freeze), out);
    good = true;
out:
    log_tree_finish(&tree);
    log_leaves_finish(&leaves);
    file_folder_finish(&log);
    lot_buffer_finish(&freeze);
    return good;
}
