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

#include "lottery/log_hash.h"

#define LEVEL_BITS 8 /* 256 hashes in a tile */
#define THREADS_MAX 64
#define PAIR_BYTES ((size_t)2 * LOT_HASH_BYTES)

const uint8_t log_root_empty[LOT_HASH_BYTES] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

/* ---- hashing -------------------------------------------------------------------------------- */

bool
log_hash_init(struct log_hash *hash, struct lot_error *error)
{
    *hash = (struct log_hash){0};
    if (!crypto_prefix_create(LOT_SHA256, (struct lot_text){"\0", 1}, &hash->leaf, error)) {
        return false;
    }
    if (!crypto_prefix_create(LOT_SHA256, (struct lot_text){"\1", 1}, &hash->node, error)) {
        crypto_prefix_destroy(hash->leaf);
        return false;
    }
    return true;
}

bool
log_hash_finish(struct log_hash *hash, struct lot_error *error)
{
    crypto_prefix_destroy(hash->leaf);
    crypto_prefix_destroy(hash->node);
    return !hash->failed || lot_fail(error, LOT_MACHINE, "OpenSSL could not make a digest");
}

void
log_hash_leaf(struct log_hash *hash, struct lot_text leaf, uint8_t out[static LOT_HASH_BYTES])
{
    hash->failed = !crypto_prefix_digest(hash->leaf, leaf.at, leaf.size, out) || hash->failed;
}

void
log_hash_node(struct log_hash *hash, const uint8_t left[static LOT_HASH_BYTES],
              const uint8_t right[static LOT_HASH_BYTES], uint8_t out[static LOT_HASH_BYTES])
{
    uint8_t pair[PAIR_BYTES];
    memcpy(pair, left, LOT_HASH_BYTES);
    memcpy(pair + LOT_HASH_BYTES, right, LOT_HASH_BYTES);
    hash->failed = !crypto_prefix_digest(hash->node, pair, PAIR_BYTES, out) || hash->failed;
}

void
log_hash_fold(struct log_hash *hash, const uint8_t *hashes, size_t count,
              uint8_t out[static LOT_HASH_BYTES])
{
    uint8_t above[LOG_TILE_WIDTH / 2 * LOT_HASH_BYTES];
    assert(count >= 1 && count <= LOG_TILE_WIDTH && (count & (count - 1)) == 0);
    for (; count > 1; count /= 2, hashes = above) {
        for (size_t i = 0; i < count / 2; i++) { /* pairs lie side by side: no need to copy them */
            bool good = crypto_prefix_digest(hash->node, hashes + i * PAIR_BYTES, PAIR_BYTES,
                                             above + i * LOT_HASH_BYTES);
            hash->failed = !good || hash->failed;
        }
    }
    memcpy(out, hashes, LOT_HASH_BYTES);
}

void
log_hash_join(struct log_hash *hash, const uint8_t *hashes, size_t count,
              uint8_t out[static LOT_HASH_BYTES])
{
    assert(count >= 1);
    memcpy(out, hashes + (count - 1) * LOT_HASH_BYTES, LOT_HASH_BYTES);
    for (size_t i = count - 1; i > 0; i--) {
        log_hash_node(hash, hashes + (i - 1) * LOT_HASH_BYTES, out, out);
    }
}

/* Complete subtrees of falling size, each folded out of the tile level below it. */
void
log_hash_range(struct log_hash *hash, const struct log_tree *tree, uint64_t from, uint64_t to,
               uint8_t out[static LOT_HASH_BYTES])
{
    uint8_t parts[LOG_PATH_MAX][LOT_HASH_BYTES];
    size_t count = 0;
    assert(from < to && to <= tree->size);
    for (unsigned bit = LOG_PATH_MAX; bit-- > 0;) {
        if (((to - from) >> bit & 1) == 1) {
            unsigned level = bit / LEVEL_BITS;
            log_hash_fold(hash, tree->levels[level][from >> (LEVEL_BITS * level)],
                          (size_t)1 << bit % LEVEL_BITS, parts[count++]);
            from += UINT64_C(1) << bit;
        }
    }
    log_hash_join(hash, parts[0], count, out);
}

/* ---- tree ----------------------------------------------------------------------------------- */

/* One thread's share: whole tiles, so that no two threads write side by side. */
struct share {
    struct log_tree *tree;
    struct log_hash hash;
    uint64_t from, to; /* leaves */
    pthread_t thread;
    bool started;
};

static void *
work(void *argument)
{
    struct share *share = argument;
    struct log_tree *tree = share->tree;
    for (uint64_t i = share->from; i < share->to; i++) {
        assert(tree->leaves[i].size <= LOT_LEAF_MAX);
        log_hash_leaf(&share->hash, tree->leaves[i], tree->levels[0][i]);
        if (i % LOG_TILE_WIDTH == LOG_TILE_WIDTH - 1) {
            log_hash_fold(&share->hash, tree->levels[0][i + 1 - LOG_TILE_WIDTH], LOG_TILE_WIDTH,
                          tree->levels[1][i / LOG_TILE_WIDTH]);
        }
    }
    return NULL;
}

static void
hash_leaves(struct log_tree *tree, struct log_hash *hash, unsigned threads)
{
    struct share shares[THREADS_MAX];
    uint64_t tiles = (tree->size + LOG_TILE_WIDTH - 1) / LOG_TILE_WIDTH;
    for (unsigned i = 0; i < threads; i++) {
        struct share *share = &shares[i];
        uint64_t to = tiles * (i + 1) / threads * LOG_TILE_WIDTH;
        *share = (struct share){.tree = tree, .hash = *hash};
        share->from = tiles * i / threads * LOG_TILE_WIDTH;
        share->to = to < tree->size ? to : tree->size;
        share->started = i + 1 < threads && pthread_create(&share->thread, NULL, work, share) == 0;
        if (!share->started) {
            work(share); /* the last share, or there are no more threads to be had */
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        if (shares[i].started) {
            pthread_join(shares[i].thread, NULL);
        }
        hash->failed = hash->failed || shares[i].hash.failed;
    }
}

bool
log_tree_create(const struct lot_text leaves[], uint64_t count, unsigned threads,
                struct log_tree *out, struct lot_error *error)
{
    assert(count <= LOG_SIZE_MAX && threads >= 1 && threads <= THREADS_MAX && out != NULL);
    struct log_tree tree = {.size = count, .leaves = leaves};
    struct log_hash hash;
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    for (unsigned level = 0; level < LOG_LEVELS; level++) {
        tree.levels[level] = lot_alloc(count >> (LEVEL_BITS * level), LOT_HASH_BYTES);
    }
    hash_leaves(&tree, &hash, threads);
    for (unsigned level = 2; level < LOG_LEVELS; level++) {
        for (uint64_t i = 0; i < count >> (LEVEL_BITS * level); i++) {
            log_hash_fold(&hash, tree.levels[level - 1][i * LOG_TILE_WIDTH], LOG_TILE_WIDTH,
                          tree.levels[level][i]);
        }
    }
    if (!log_hash_finish(&hash, error)) {
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

bool
log_tree_root(const struct log_tree *tree, uint64_t size, uint8_t out[static LOT_HASH_BYTES],
              struct lot_error *error)
{
    assert(size <= tree->size);
    struct log_hash hash;
    uint8_t root[LOT_HASH_BYTES];
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    memcpy(root, log_root_empty, sizeof root);
    if (size > 0) {
        log_hash_range(&hash, tree, 0, size, root);
    }
    if (!log_hash_finish(&hash, error)) {
        return false;
    }
    memcpy(out, root, sizeof root);
    return true;
}
