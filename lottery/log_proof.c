/*
 * log_proof.c - hides which hashes make a proof, and two small text files that carry
 * them: what a household keeps, and what a witness is asked to sign (C2SP tlog-proof
 * and tlog-witness).
 *
 *     proof       c2sp.org/tlog-proof@v1
 *                 extra <base64>             our proofs: the leaf; may be missing
 *                 index <number>
 *     request     old <size>                 what the witness signed last, or 0
 *     then both   <base64>                   one hash a line, from the leaf upwards
 *                 an empty line, and the signed checkpoint to the end
 */
#include "lottery/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lottery/log_hash.h"

#define HEAD_LINE "c2sp.org/tlog-proof@v1"

/* ---- proofs from a tree --------------------------------------------------------------------- */

/* The largest power of two below size, which is at least 2. */
static uint64_t
half(uint64_t size)
{
    uint64_t k = 1;
    while (2 * k < size) {
        k *= 2;
    }
    return k;
}

/* Ends a proof that was found from the root down: it is written from the leaf up. */
static bool
finish(struct log_hash *hash, const struct log_path *down, struct log_path *out,
       struct lot_error *error)
{
    if (!log_hash_finish(hash, error)) {
        return false;
    }
    struct log_path path = {.count = down->count};
    for (uint32_t i = 0; i < path.count; i++) {
        memcpy(path.hashes[i], down->hashes[path.count - 1 - i], LOT_HASH_BYTES);
    }
    *out = path;
    return true;
}

bool
log_tree_inclusion(const struct log_tree *tree, uint64_t index, uint64_t size, struct log_path *out,
                   struct lot_error *error)
{
    assert(index < size && size <= tree->size && out != NULL);
    struct log_hash hash;
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    struct log_path down = {0};
    for (uint64_t from = 0, to = size; to - from > 1;) {
        uint64_t middle = from + half(to - from);
        uint8_t *sibling = down.hashes[down.count++];
        if (index < middle) {
            log_hash_range(&hash, tree, middle, to, sibling);
            to = middle;
        } else {
            log_hash_range(&hash, tree, from, middle, sibling);
            from = middle;
        }
    }
    return finish(&hash, &down, out, error);
}

bool
log_tree_consistency(const struct log_tree *tree, uint64_t old, uint64_t size, struct log_path *out,
                     struct lot_error *error)
{
    assert(old <= size && size <= tree->size && out != NULL);
    struct log_hash hash;
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    struct log_path down = {0};
    uint64_t from = 0, to = old == 0 ? 0 : size;
    while (to != old) {
        uint64_t middle = from + half(to - from);
        uint8_t *sibling = down.hashes[down.count++];
        if (old <= middle) {
            log_hash_range(&hash, tree, middle, to, sibling);
            to = middle;
        } else {
            log_hash_range(&hash, tree, from, middle, sibling);
            from = middle;
        }
    }
    /* A subtree that is the whole old log is known to who asks: it is not in the proof. */
    if (from > 0) {
        log_hash_range(&hash, tree, from, to, down.hashes[down.count++]);
    }
    return finish(&hash, &down, out, error);
}

/* ---- checks without a tree ------------------------------------------------------------------ */

/*
 * Climbs from a node to the root along a path (RFC 9162, 2.1.3.2 and 2.1.4.2). at is the
 * node's place in its level, last the last place there. roots[1] takes in every hash of
 * the path, roots[0] only those on the left: what was there when the node was the last.
 * Returns whether the path ends at the root.
 */
static bool
climb(struct log_hash *hash, uint64_t at, uint64_t last, const struct log_path *path,
      uint32_t first, uint8_t roots[2][LOT_HASH_BYTES])
{
    for (uint32_t i = first; i < path->count; i++, at >>= 1, last >>= 1) {
        if (last == 0) {
            return false;
        }
        if ((at & 1) == 0 && at < last) {
            log_hash_node(hash, roots[1], path->hashes[i], roots[1]);
            continue;
        }
        log_hash_node(hash, path->hashes[i], roots[0], roots[0]);
        log_hash_node(hash, path->hashes[i], roots[1], roots[1]);
        while ((at & 1) == 0 && at > 0) { /* it went up unchanged, having no neighbour */
            at >>= 1;
            last >>= 1;
        }
    }
    return last == 0;
}

bool
log_inclusion_check(const uint8_t leaf_hash[static LOT_HASH_BYTES], uint64_t index, uint64_t size,
                    const struct log_path *path, const uint8_t root[static LOT_HASH_BYTES],
                    struct lot_error *error)
{
    assert(path->count <= LOG_PATH_MAX);
    struct log_hash hash;
    uint8_t roots[2][LOT_HASH_BYTES];
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    memcpy(roots[0], leaf_hash, LOT_HASH_BYTES);
    memcpy(roots[1], leaf_hash, LOT_HASH_BYTES);
    bool holds = index < size && climb(&hash, index, size - 1, path, 0, roots) &&
                 memcmp(roots[1], root, LOT_HASH_BYTES) == 0;
    return log_hash_finish(&hash, error) &&
           (holds ||
            lot_fail(error, LOT_REFUSED, "the proof does not show leaf %llu in the log of %llu",
                     (unsigned long long)index, (unsigned long long)size));
}

/* Whether a path leads from one root to the other, for 0 < old < size. */
static bool
continues(struct log_hash *hash, uint64_t old, const uint8_t *old_root, uint64_t size,
          const uint8_t *root, const struct log_path *path)
{
    uint8_t roots[2][LOT_HASH_BYTES];
    uint64_t at = old - 1, last = size - 1;
    while ((at & 1) == 1) {
        at >>= 1;
        last >>= 1;
    }
    /* at is 0 for a power of two: the old log is a whole subtree, and begins the path itself. */
    if (at > 0 && path->count == 0) {
        return false;
    }
    memcpy(roots[0], at > 0 ? path->hashes[0] : old_root, LOT_HASH_BYTES);
    memcpy(roots[1], roots[0], LOT_HASH_BYTES);
    return climb(hash, at, last, path, at > 0 ? 1 : 0, roots) &&
           memcmp(roots[0], old_root, LOT_HASH_BYTES) == 0 &&
           memcmp(roots[1], root, LOT_HASH_BYTES) == 0;
}

bool
log_consistency_check(uint64_t old, const uint8_t old_root[static LOT_HASH_BYTES], uint64_t size,
                      const uint8_t root[static LOT_HASH_BYTES], const struct log_path *path,
                      struct lot_error *error)
{
    assert(path->count <= LOG_PATH_MAX);
    struct log_hash hash;
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    bool holds;
    if (old > 0 && old < size) {
        holds = continues(&hash, old, old_root, size, root, path);
    } else {
        const uint8_t *expected = old == 0 ? log_root_empty : root;
        holds = old <= size && path->count == 0 &&
                memcmp(old_root, expected, LOT_HASH_BYTES) == 0 &&
                (size > 0 || memcmp(root, log_root_empty, LOT_HASH_BYTES) == 0);
    }
    return log_hash_finish(&hash, error) &&
           (holds ||
            lot_fail(error, LOT_REFUSED, "the log of %llu does not continue the log of %llu",
                     (unsigned long long)size, (unsigned long long)old));
}

/* ---- files ---------------------------------------------------------------------------------- */

/* The lines of a path, the empty line and the note. */
static void
tail_put(const struct log_path *path, struct lot_text note, struct lot_buffer *out)
{
    for (uint32_t i = 0; i < path->count; i++) {
        char line[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
        canon_to_base64(path->hashes[i], LOT_HASH_BYTES, line);
        lot_buffer_print(out, "%s\n", line);
    }
    lot_buffer_put(out, LOT_TEXT("\n"));
    lot_buffer_put(out, note);
}

static bool
tail_read(struct lot_text rest, struct log_path *path, struct lot_text *note,
          struct lot_error *error)
{
    struct lot_text line = {0};
    for (;;) {
        size_t size;
        if (!lot_line(&rest, &line)) {
            return lot_fail(error, LOT_REFUSED, "has no empty line before the checkpoint");
        }
        if (line.size == 0) {
            break;
        }
        if (path->count == LOG_PATH_MAX) {
            return lot_fail(error, LOT_REFUSED, "has more than %d hashes", LOG_PATH_MAX);
        }
        if (!canon_from_base64(line, path->hashes[path->count++], LOT_HASH_BYTES, &size) ||
            size != LOT_HASH_BYTES) {
            return lot_fail(error, LOT_REFUSED, "hash %u is not 32 bytes in base64", path->count);
        }
    }
    *note = rest;
    return true;
}

/* Takes a line `word number`. */
static bool
number_line(struct lot_text *rest, const char *word, uint32_t *out, struct lot_error *error)
{
    struct lot_text line, first;
    return (lot_line(rest, &line) && lot_piece(&line, ' ', &first) && lot_text_is(first, word) &&
            line.at != NULL && canon_number(line, out)) ||
           lot_fail(error, LOT_REFUSED, "has no line `%s` with a number of at most 9 digits", word);
}

void
log_proof_text(uint64_t index, struct lot_text extra, const struct log_path *path,
               struct lot_text note, struct lot_buffer *out)
{
    assert(index < LOG_SIZE_MAX && extra.size <= LOT_LEAF_MAX && out != NULL);
    lot_buffer_put(out, LOT_TEXT(HEAD_LINE "\n"));
    if (extra.size > 0) {
        char *base64 = lot_alloc(CANON_BASE64_SIZE(extra.size) + 1, 1);
        canon_to_base64((const uint8_t *)extra.at, extra.size, base64);
        lot_buffer_print(out, "extra %s\n", base64);
        free(base64);
    }
    lot_buffer_print(out, "index %llu\n", (unsigned long long)index);
    tail_put(path, note, out);
}

bool
log_proof_read(struct lot_text text, struct log_proof *out, struct lot_error *error)
{
    assert(out != NULL);
    struct log_proof proof = {0};
    struct lot_text rest = text, line;
    uint32_t index = 0;
    if (text.size > LOG_PROOF_SIZE_MAX || !lot_line(&rest, &line) ||
        !lot_text_is(line, HEAD_LINE)) {
        return lot_fail(error, LOT_REFUSED, "is no proof: it does not begin with " HEAD_LINE);
    }
    if (lot_text_starts(rest, "extra ")) {
        size_t size = 0;
        uint8_t *bytes = lot_alloc(LOT_LEAF_MAX, 1);
        bool good = lot_line(&rest, &line) &&
                    canon_from_base64((struct lot_text){line.at + 6, line.size - 6}, bytes,
                                      LOT_LEAF_MAX, &size) &&
                    size > 0;
        lot_buffer_add(&proof.extra, bytes, size);
        free(bytes);
        if (!good) {
            lot_buffer_finish(&proof.extra);
            return lot_fail(error, LOT_REFUSED, "its line `extra` is not base64 of 1 to %d bytes",
                            LOT_LEAF_MAX);
        }
    }
    if (!number_line(&rest, "index", &index, error) ||
        !tail_read(rest, &proof.path, &proof.note, error)) {
        lot_buffer_finish(&proof.extra);
        return false;
    }
    proof.index = index;
    *out = proof;
    return true;
}

static bool
leaf_hash(struct lot_text leaf, uint8_t out[static LOT_HASH_BYTES], struct lot_error *error)
{
    struct log_hash hash;
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    log_hash_leaf(&hash, leaf, out);
    return log_hash_finish(&hash, error);
}

bool
log_proof_check(const struct log_proof *proof, struct lot_text text, const struct lot_key *key,
                struct note_checkpoint *head, struct lot_error *error)
{
    struct note note;
    struct note_checkpoint checkpoint;
    uint8_t hash[LOT_HASH_BYTES];
    if (!note_read(proof->note, &note, error) || !note_demand(&note, key, NULL, error) ||
        !note_checkpoint_read(note.text, &checkpoint, error)) {
        return false;
    }
    if (strcmp(checkpoint.origin, key->name) != 0) {
        return lot_fail(error, LOT_REFUSED, "the checkpoint is of the log %s, not of %s",
                        checkpoint.origin, key->name);
    }
    if (!leaf_hash(text, hash, error) ||
        !log_inclusion_check(hash, proof->index, checkpoint.size, &proof->path, checkpoint.root,
                             error)) {
        return false;
    }
    if (head != NULL) {
        *head = checkpoint;
    }
    return true;
}

void
log_proof_finish(struct log_proof *proof)
{
    if (proof != NULL) {
        lot_buffer_finish(&proof->extra);
    }
}

void
log_request_text(uint64_t old, const struct log_path *path, struct lot_text note,
                 struct lot_buffer *out)
{
    assert(old <= LOG_SIZE_MAX && out != NULL);
    lot_buffer_print(out, "old %llu\n", (unsigned long long)old);
    tail_put(path, note, out);
}

bool
log_request_read(struct lot_text text, struct log_request *out, struct lot_error *error)
{
    assert(out != NULL);
    struct log_request request = {0};
    uint32_t old = 0;
    if (text.size > LOG_PROOF_SIZE_MAX || !number_line(&text, "old", &old, error)) {
        return lot_fail(error, LOT_REFUSED, "is no request to a witness: it begins with `old N`");
    }
    if (!tail_read(text, &request.path, &request.note, error)) {
        return false;
    }
    request.old = old;
    *out = request;
    return true;
}
