/*
 * log.c - hides the shape of the Merkle tree: how hashes are kept so that every root,
 * proof and tile of every size comes out of one array.
 *
 *     leaf = SHA-256(00 || entry)     node = SHA-256(01 || left || right)
 *     n leaves, k the largest power of two below n:
 *     root = node(root of the first k, root of the rest); of none: SHA-256 of nothing
 */
#include "lottery/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#define LEVEL_BITS 8 /* 256 hashes in a tile */
#define PAIR_BYTES ((size_t)2 * LOT_HASH_BYTES)
#define THREADS_MAX 64

const uint8_t log_root_empty[LOT_HASH_BYTES] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

/* ---- hashing -------------------------------------------------------------------------------- */

struct hasher {
    struct crypto_prefix *leaf, *node;
};

static void
hasher_finish(struct hasher *hasher)
{
    crypto_prefix_destroy(hasher->leaf);
    crypto_prefix_destroy(hasher->node);
}

static bool
hasher_init(struct hasher *hasher, struct lot_error *error)
{
    *hasher = (struct hasher){0};
    if (!crypto_prefix_create(LOT_SHA256, (struct lot_text){"\0", 1}, &hasher->leaf, error) ||
        !crypto_prefix_create(LOT_SHA256, (struct lot_text){"\1", 1}, &hasher->node, error)) {
        hasher_finish(hasher);
        return false;
    }
    return true;
}

/* Ends what began with hasher_init(); good is whether every digest came. */
static bool
hashed(struct hasher *hasher, bool good, struct lot_error *error)
{
    hasher_finish(hasher);
    return good || lot_fail(error, LOT_MACHINE, "OpenSSL could not make a digest");
}

static bool
leaf(const struct hasher *hasher, struct lot_text text, uint8_t out[static LOT_HASH_BYTES])
{
    return crypto_prefix_digest(hasher->leaf, text.at, text.size, out);
}

/* out may be left or right. */
static bool
node(const struct hasher *hasher, const uint8_t *left, const uint8_t *right, uint8_t *out)
{
    uint8_t pair[PAIR_BYTES];
    memcpy(pair, left, LOT_HASH_BYTES);
    memcpy(pair + LOT_HASH_BYTES, right, LOT_HASH_BYTES);
    return crypto_prefix_digest(hasher->node, pair, sizeof pair, out);
}

/* Root over count hashes one after the other, a power of two up to a tile's width. */
static bool
fold(const struct hasher *hasher, const uint8_t *hashes, size_t count, uint8_t *out)
{
    uint8_t above[LOG_TILE_WIDTH / 2 * LOT_HASH_BYTES];
    bool good = true;
    for (; count > 1; count /= 2, hashes = above) {
        for (size_t i = 0; i < count / 2; i++) {
            const uint8_t *pair = hashes + 2 * i * LOT_HASH_BYTES;
            uint8_t *to = above + i * LOT_HASH_BYTES;
            good = crypto_prefix_digest(hasher->node, pair, PAIR_BYTES, to) && good;
        }
    }
    memcpy(out, hashes, LOT_HASH_BYTES);
    return good;
}

/* Root over complete subtrees of falling size, their hashes one after the other. */
static bool
join(const struct hasher *hasher, const uint8_t *hashes, size_t count, uint8_t *out)
{
    bool good = true;
    memcpy(out, hashes + (count - 1) * LOT_HASH_BYTES, LOT_HASH_BYTES);
    for (size_t i = count - 1; i > 0; i--) {
        good = node(hasher, hashes + (i - 1) * LOT_HASH_BYTES, out, out) && good;
    }
    return good;
}

bool
log_leaf_hash(struct lot_text text, uint8_t out[static LOT_HASH_BYTES], struct lot_error *error)
{
    struct hasher hasher;
    return hasher_init(&hasher, error) && hashed(&hasher, leaf(&hasher, text, out), error);
}

/* ---- frontier ------------------------------------------------------------------------------- */

uint32_t
log_frontier_count(uint64_t size)
{
    uint32_t count = 0;
    for (; size > 0; size >>= 1) {
        count += size & 1;
    }
    return count;
}

bool
log_frontier_add(struct log_frontier *frontier, const struct lot_text leaves[], uint64_t count,
                 struct lot_error *error)
{
    assert(frontier->size <= LOG_SIZE_MAX);
    if (count > LOG_SIZE_MAX - frontier->size) {
        return lot_fail(error, LOT_REFUSED, "a log has at most %d leaves", LOG_SIZE_MAX);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (leaves[i].size > LOT_LEAF_MAX) {
            return lot_fail(error, LOT_REFUSED, "a leaf of %zu bytes; the log takes at most %d",
                            leaves[i].size, LOT_LEAF_MAX);
        }
    }
    struct hasher hasher;
    if (!hasher_init(&hasher, error)) {
        return false;
    }
    struct log_frontier grown = *frontier;
    uint32_t used = log_frontier_count(grown.size);
    bool good = true;
    for (uint64_t i = 0; i < count; i++, grown.size++) {
        uint8_t *hash = grown.hashes[used];
        good = leaf(&hasher, leaves[i], hash) && good;
        /* Two complete subtrees of one size are one of the next, as bits carry in addition. */
        for (uint64_t bits = grown.size; (bits & 1) == 1; bits >>= 1, used--) {
            good =
                node(&hasher, grown.hashes[used - 1], grown.hashes[used], grown.hashes[used - 1]) &&
                good;
        }
        used++;
    }
    if (!hashed(&hasher, good, error)) {
        return false;
    }
    *frontier = grown;
    return true;
}

bool
log_frontier_root(const struct log_frontier *frontier, uint8_t out[static LOT_HASH_BYTES],
                  struct lot_error *error)
{
    assert(frontier->size <= LOG_SIZE_MAX);
    if (frontier->size == 0) {
        memcpy(out, log_root_empty, LOT_HASH_BYTES);
        return true;
    }
    struct hasher hasher;
    return hasher_init(&hasher, error) &&
           hashed(&hasher,
                  join(&hasher, frontier->hashes[0], log_frontier_count(frontier->size), out),
                  error);
}

/* ---- tree ----------------------------------------------------------------------------------- */

/* One thread's share: whole tiles, so that no two threads meet. */
struct share {
    struct log_tree *tree;
    const struct hasher *hasher;
    uint64_t from, to; /* leaves */
    bool good;
};

static void *
work(void *argument)
{
    struct share *share = argument;
    struct log_tree *tree = share->tree;
    share->good = true;
    for (uint64_t i = share->from; i < share->to; i++) {
        assert(tree->leaves[i].size <= LOT_LEAF_MAX);
        share->good = leaf(share->hasher, tree->leaves[i], tree->levels[0][i]) && share->good;
        if (i % LOG_TILE_WIDTH == LOG_TILE_WIDTH - 1) {
            share->good = fold(share->hasher, tree->levels[0][i + 1 - LOG_TILE_WIDTH],
                               LOG_TILE_WIDTH, tree->levels[1][i / LOG_TILE_WIDTH]) &&
                          share->good;
        }
    }
    return NULL;
}

static bool
hash_leaves(struct log_tree *tree, const struct hasher *hasher, unsigned threads)
{
    struct share shares[THREADS_MAX];
    pthread_t workers[THREADS_MAX];
    bool started[THREADS_MAX] = {false}, good = true;
    uint64_t tiles = (tree->size + LOG_TILE_WIDTH - 1) / LOG_TILE_WIDTH;
    for (unsigned i = 0; i < threads; i++) {
        uint64_t from = tiles * i / threads * LOG_TILE_WIDTH;
        uint64_t to = tiles * (i + 1) / threads * LOG_TILE_WIDTH;
        shares[i] = (struct share){tree, hasher, from, to < tree->size ? to : tree->size, false};
        started[i] = i + 1 < threads && pthread_create(&workers[i], NULL, work, &shares[i]) == 0;
        if (!started[i]) {
            work(&shares[i]); /* the last share, or there are no more threads to be had */
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        if (started[i]) {
            pthread_join(workers[i], NULL);
        }
        good = shares[i].good && good;
    }
    return good;
}

bool
log_tree_create(const struct lot_text leaves[], uint64_t count, unsigned threads,
                struct log_tree *out, struct lot_error *error)
{
    assert(count <= LOG_SIZE_MAX && threads >= 1 && threads <= THREADS_MAX && out != NULL);
    struct log_tree tree = {.size = count, .leaves = leaves};
    struct hasher hasher;
    if (!hasher_init(&hasher, error)) {
        return false;
    }
    for (unsigned level = 0; level < LOG_LEVELS; level++) {
        tree.levels[level] = lot_alloc(count >> (LEVEL_BITS * level), LOT_HASH_BYTES);
    }
    bool good = hash_leaves(&tree, &hasher, threads);
    for (unsigned level = 2; level < LOG_LEVELS; level++) {
        for (uint64_t i = 0; i < count >> (LEVEL_BITS * level); i++) {
            good = fold(&hasher, tree.levels[level - 1][i * LOG_TILE_WIDTH], LOG_TILE_WIDTH,
                        tree.levels[level][i]) &&
                   good;
        }
    }
    if (!hashed(&hasher, good, error)) {
        log_tree_finish(&tree);
        return false;
    }
    *out = tree;
    return true;
}

void
log_tree_finish(struct log_tree *tree)
{
    if (tree == NULL) {
        return;
    }
    for (unsigned level = 0; level < LOG_LEVELS; level++) {
        free(tree->levels[level]);
    }
    *tree = (struct log_tree){0};
}

/*
 * Root of the leaves [from, to): complete subtrees of falling size, each folded out of
 * the tile level below it. Needs from to be a multiple of a power of two >= to - from.
 */
static bool
range(const struct hasher *hasher, const struct log_tree *tree, uint64_t from, uint64_t to,
      uint8_t out[static LOT_HASH_BYTES])
{
    uint8_t parts[LOG_PATH_MAX][LOT_HASH_BYTES];
    uint32_t count = 0;
    bool good = true;
    for (unsigned bit = LOG_PATH_MAX; bit-- > 0;) {
        if (((to - from) >> bit & 1) == 1) {
            unsigned level = bit / LEVEL_BITS;
            good = fold(hasher, tree->levels[level][from >> (LEVEL_BITS * level)],
                        (size_t)1 << bit % LEVEL_BITS, parts[count++]) &&
                   good;
            from += UINT64_C(1) << bit;
        }
    }
    return join(hasher, parts[0], count, out) && good;
}

bool
log_tree_root(const struct log_tree *tree, uint64_t size, uint8_t out[static LOT_HASH_BYTES],
              struct lot_error *error)
{
    assert(size <= tree->size);
    if (size == 0) {
        memcpy(out, log_root_empty, LOT_HASH_BYTES);
        return true;
    }
    struct hasher hasher;
    return hasher_init(&hasher, error) &&
           hashed(&hasher, range(&hasher, tree, 0, size, out), error);
}

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

/* Proofs are found from the root down and written from the leaf up. */
static void
reverse(struct log_path *path)
{
    for (uint32_t i = 0; i < path->count / 2; i++) {
        uint8_t other[LOT_HASH_BYTES];
        memcpy(other, path->hashes[i], LOT_HASH_BYTES);
        memcpy(path->hashes[i], path->hashes[path->count - 1 - i], LOT_HASH_BYTES);
        memcpy(path->hashes[path->count - 1 - i], other, LOT_HASH_BYTES);
    }
}

bool
log_tree_inclusion(const struct log_tree *tree, uint64_t index, uint64_t size, struct log_path *out,
                   struct lot_error *error)
{
    assert(index < size && size <= tree->size && out != NULL);
    struct hasher hasher;
    if (!hasher_init(&hasher, error)) {
        return false;
    }
    struct log_path path = {0};
    bool good = true;
    for (uint64_t from = 0, to = size; to - from > 1;) {
        uint64_t middle = from + half(to - from);
        uint8_t *sibling = path.hashes[path.count++];
        if (index < middle) {
            good = range(&hasher, tree, middle, to, sibling) && good;
            to = middle;
        } else {
            good = range(&hasher, tree, from, middle, sibling) && good;
            from = middle;
        }
    }
    if (!hashed(&hasher, good, error)) {
        return false;
    }
    reverse(&path);
    *out = path;
    return true;
}

bool
log_tree_consistency(const struct log_tree *tree, uint64_t old, uint64_t size, struct log_path *out,
                     struct lot_error *error)
{
    assert(old <= size && size <= tree->size && out != NULL);
    struct hasher hasher;
    if (!hasher_init(&hasher, error)) {
        return false;
    }
    struct log_path path = {0};
    bool good = true;
    uint64_t from = 0, to = old == 0 ? 0 : size;
    while (to != old) {
        uint64_t middle = from + half(to - from);
        uint8_t *sibling = path.hashes[path.count++];
        if (old <= middle) {
            good = range(&hasher, tree, middle, to, sibling) && good;
            to = middle;
        } else {
            good = range(&hasher, tree, from, middle, sibling) && good;
            from = middle;
        }
    }
    /* A subtree that is the whole old log is known to who asks: it is not in the proof. */
    if (from > 0) {
        good = range(&hasher, tree, from, to, path.hashes[path.count++]) && good;
    }
    if (!hashed(&hasher, good, error)) {
        return false;
    }
    reverse(&path);
    *out = path;
    return true;
}

/* ---- checks --------------------------------------------------------------------------------- */

/* RFC 9162 section 2.1.3.2. */
bool
log_inclusion_check(const uint8_t leaf_hash[static LOT_HASH_BYTES], uint64_t index, uint64_t size,
                    const struct log_path *path, const uint8_t root[static LOT_HASH_BYTES],
                    struct lot_error *error)
{
    assert(path->count <= LOG_PATH_MAX);
    struct hasher hasher;
    if (!hasher_init(&hasher, error)) {
        return false;
    }
    uint8_t hash[LOT_HASH_BYTES];
    memcpy(hash, leaf_hash, sizeof hash);
    uint64_t at = index, last = size - 1; /* an empty log never passes the comparison below */
    bool good = true, fits = index < size;
    for (uint32_t i = 0; i < path->count && fits; i++, at >>= 1, last >>= 1) {
        fits = last > 0;
        if ((at & 1) == 1 || at == last) {
            good = node(&hasher, path->hashes[i], hash, hash) && good;
            while ((at & 1) == 0 && at > 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            good = node(&hasher, hash, path->hashes[i], hash) && good;
        }
    }
    if (!hashed(&hasher, good, error)) {
        return false;
    }
    return (fits && last == 0 && memcmp(hash, root, sizeof hash) == 0) ||
           lot_fail(error, LOT_REFUSED, "the proof does not show leaf %llu in the log of %llu",
                    (unsigned long long)index, (unsigned long long)size);
}

/* RFC 9162 section 2.1.4.2, for 0 < old < size: rebuilds both roots from one path. */
static bool
rebuild(const struct hasher *hasher, uint64_t old, uint64_t size, const struct log_path *path,
        uint8_t roots[2][LOT_HASH_BYTES], bool *fits)
{
    uint64_t at = old - 1, last = size - 1;
    while ((at & 1) == 1) {
        at >>= 1;
        last >>= 1;
    }
    /* at is 0 now if old is a power of two: then roots already begin with the old root. */
    uint32_t i = 0;
    bool good = true;
    if (at > 0) {
        *fits = path->count > 0;
        memcpy(roots[0], path->hashes[0], LOT_HASH_BYTES);
        i = 1;
    }
    memcpy(roots[1], roots[0], LOT_HASH_BYTES);
    for (; i < path->count && *fits; i++, at >>= 1, last >>= 1) {
        *fits = last > 0;
        if ((at & 1) == 1 || at == last) {
            good = node(hasher, path->hashes[i], roots[0], roots[0]) && good;
            good = node(hasher, path->hashes[i], roots[1], roots[1]) && good;
            while ((at & 1) == 0 && at > 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            good = node(hasher, roots[1], path->hashes[i], roots[1]) && good;
        }
    }
    *fits = *fits && last == 0;
    return good;
}

bool
log_consistency_check(uint64_t old, const uint8_t old_root[static LOT_HASH_BYTES], uint64_t size,
                      const uint8_t root[static LOT_HASH_BYTES], const struct log_path *path,
                      struct lot_error *error)
{
    assert(path->count <= LOG_PATH_MAX);
    uint8_t roots[2][LOT_HASH_BYTES];
    bool fits = old <= size;
    if (old == 0 || old >= size) {
        memcpy(roots[0], old == 0 ? log_root_empty : root, LOT_HASH_BYTES);
        memcpy(roots[1], root, LOT_HASH_BYTES);
        fits = fits && path->count == 0 &&
               (size > 0 || memcmp(root, log_root_empty, LOT_HASH_BYTES) == 0);
    } else {
        struct hasher hasher;
        memcpy(roots[0], old_root, LOT_HASH_BYTES);
        if (!hasher_init(&hasher, error) ||
            !hashed(&hasher, rebuild(&hasher, old, size, path, roots, &fits), error)) {
            return false;
        }
    }
    fits = fits && memcmp(roots[0], old_root, LOT_HASH_BYTES) == 0 &&
           memcmp(roots[1], root, LOT_HASH_BYTES) == 0;
    return fits || lot_fail(error, LOT_REFUSED, "the log of %llu does not continue the log of %llu",
                            (unsigned long long)size, (unsigned long long)old);
}
