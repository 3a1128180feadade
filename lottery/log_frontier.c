/* log_frontier.c - hides how a log grows: by carrying, as a binary counter does. */
#include <assert.h>
#include <string.h>

#include "lottery/log_hash.h"

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
    struct log_hash hash;
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    struct log_frontier grown = *frontier;
    uint32_t used = log_frontier_count(grown.size);
    for (uint64_t i = 0; i < count; i++, grown.size++) {
        log_hash_leaf(&hash, leaves[i], grown.hashes[used]);
        /* Two complete subtrees of one size are one of the next. */
        for (uint64_t bits = grown.size; (bits & 1) == 1; bits >>= 1, used--) {
            log_hash_node(&hash, grown.hashes[used - 1], grown.hashes[used],
                          grown.hashes[used - 1]);
        }
        used++;
    }
    if (!log_hash_finish(&hash, error)) {
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
    struct log_hash hash;
    uint8_t root[LOT_HASH_BYTES];
    if (!log_hash_init(&hash, error)) {
        return false;
    }
    memcpy(root, log_root_empty, sizeof root);
    if (frontier->size > 0) {
        log_hash_join(&hash, frontier->hashes[0], log_frontier_count(frontier->size), root);
    }
    if (!log_hash_finish(&hash, error)) {
        return false;
    }
    memcpy(out, root, sizeof root);
    return true;
}
