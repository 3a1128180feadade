/* Proof files and witnesses' requests: read as written, and no input proves what is not so. */
#include "lottery/log.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_proof(struct lot_text input)
{
    struct log_proof proof;
    struct lot_key key;
    struct lot_buffer again = {0};
    struct lot_error error = {0};
    if (!log_proof_read(input, &proof, &error)) {
        assert(error.code == LOT_REFUSED);
        return;
    }
    log_proof_text(proof.index, lot_buffer_text(&proof.extra), &proof.path, proof.note, &again);
    assert(lot_text_same(lot_buffer_text(&again), input));
    bool known = note_key_read(LOT_TEXT("lottery.example/log1+3f6cb02c+"
                                        "AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"),
                               &key, NULL);
    assert(known);
    /* The key has signed a log of three leaves; nothing else can come out as proved. */
    bool holds = log_proof_check(&proof, LOT_TEXT("seed revealed"), &key, NULL, &error);
    assert(holds ? proof.index == 1 : error.code == LOT_REFUSED);
    holds = log_proof_check(&proof, LOT_TEXT("winner 43"), &key, NULL, &error);
    assert(!holds && error.code == LOT_REFUSED);
    lot_buffer_finish(&again);
    log_proof_finish(&proof);
}

static void
try_request(struct lot_text input)
{
    struct log_request request;
    struct lot_error error = {0};
    if (!log_request_read(input, &request, &error)) {
        assert(error.code == LOT_REFUSED);
        return;
    }
    struct lot_buffer again = {0};
    log_request_text(request.old, &request.path, request.note, &again);
    assert(lot_text_same(lot_buffer_text(&again), input));
    lot_buffer_finish(&again);
    /* Roots that are no hashes of anything never continue each other. */
    uint8_t old[LOT_HASH_BYTES] = {1}, root[LOT_HASH_BYTES] = {2};
    for (uint64_t size = 1; size < 2000000000; size *= 3) {
        bool goes_on = log_consistency_check(request.old, old, size, root, &request.path, &error);
        assert(!goes_on && error.code == LOT_REFUSED);
        bool inside = log_inclusion_check(old, request.old, size, &request.path, root, &error);
        assert(!inside && error.code == LOT_REFUSED);
    }
}

/* Each proof that a tree gives holds, and not for the neighbour. */
static void
try_tree(const uint8_t bytes[static 4])
{
    enum { MOST = 515 };
    struct lot_text leaves[MOST];
    char letters[] = "leaf";
    for (size_t i = 0; i < MOST; i++) {
        leaves[i] = (struct lot_text){letters, i % 5};
    }
    uint64_t size = 2 + bytes[0] + 2u * (bytes[1] & 127u), old = 1 + bytes[2] * (size - 1) / 256;
    uint64_t index = bytes[3] * size / 256;
    struct log_tree tree;
    struct log_path path;
    uint8_t root[LOT_HASH_BYTES], old_root[LOT_HASH_BYTES];
    bool good = log_tree_create(leaves, size, 1, &tree, NULL) &&
                log_tree_root(&tree, size, root, NULL) &&
                log_tree_root(&tree, old, old_root, NULL) &&
                log_tree_consistency(&tree, old, size, &path, NULL) &&
                log_consistency_check(old, old_root, size, root, &path, NULL);
    assert(good && !log_consistency_check(old, root, size, old_root, &path, NULL));
    const uint8_t *leaf = tree.levels[0][index];
    good = log_tree_inclusion(&tree, index, size, &path, NULL) &&
           log_inclusion_check(leaf, index, size, &path, root, NULL);
    assert(good && !log_inclusion_check(root, index, size, &path, root, NULL));
    log_tree_finish(&tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 4) {
        try_tree(data);
    }
    struct lot_text input = {(const char *)data, size};
    try_proof(input);
    try_request(input);
    return 0;
}
