/*
 * log_hash.h - the hashes of RFC 6962, for the files that build trees and proofs.
 *
 * A hasher remembers that a digest failed and says so once, at its end. The library's
 * states in it may be shared by threads: each thread takes a copy of the struct, and
 * only the first is finished.
 */
#ifndef LOT_LOG_HASH_H
#define LOT_LOG_HASH_H

#include "lottery/log.h"

struct log_hash {
    struct crypto_prefix *leaf, *node;
    bool failed;
};

bool log_hash_init(struct log_hash *hash, struct lot_error *error) LOT_CHECKED;

/* LOT_MACHINE when any digest failed; then nothing that was hashed is of use. */
bool log_hash_finish(struct log_hash *hash, struct lot_error *error) LOT_CHECKED;

void log_hash_leaf(struct log_hash *hash, struct lot_text leaf, uint8_t out[static LOT_HASH_BYTES]);

/* out may be left or right. */
void log_hash_node(struct log_hash *hash, const uint8_t left[static LOT_HASH_BYTES],
                   const uint8_t right[static LOT_HASH_BYTES], uint8_t out[static LOT_HASH_BYTES]);

/* Root over count hashes one after the other, a power of two up to LOG_TILE_WIDTH. */
void log_hash_fold(struct log_hash *hash, const uint8_t *hashes, size_t count,
                   uint8_t out[static LOT_HASH_BYTES]);

/* Root over count complete subtrees of falling size, their hashes one after the other. */
void log_hash_join(struct log_hash *hash, const uint8_t *hashes, size_t count,
                   uint8_t out[static LOT_HASH_BYTES]);

/* Root of the leaves [from, to) of a tree; from is a multiple of a power of two >= to - from. */
void log_hash_range(struct log_hash *hash, const struct log_tree *tree, uint64_t from, uint64_t to,
                    uint8_t out[static LOT_HASH_BYTES]);

#endif
