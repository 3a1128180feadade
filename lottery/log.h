/*
 * log.h - the log's Merkle tree (RFC 6962), its tiles and bundles on disk (C2SP
 * tlog-tiles) and its proofs (tlog-proof, tlog-witness).
 *
 * Two nouns hold a tree. The frontier is what a register keeps between two verbs: it
 * can grow and knows its root, in 1 kB. The tree knows every leaf hash and so every
 * proof, tile and root of every size up to its own.
 *
 * Hashing errors are LOT_MACHINE; they are not repeated below. Where it is: the tree in
 * log.c, its files in log_tiles.c; what verification can do without is apart, in
 * log_frontier.c, log_write.c and log_proof.c.
 */
#ifndef LOT_LOG_H
#define LOT_LOG_H

#include "lottery/file.h"
#include "lottery/note.h"

#define LOG_SIZE_MAX 999999999 /* leaves: a number of nine digits, as all in the protocol */
#define LOG_PATH_MAX 32        /* hashes of a proof: no log of that size needs more than 31 */
#define LOG_TILE_WIDTH 256     /* hashes in a full tile, entries in a full bundle */
#define LOG_LEVELS 4           /* tile levels that a log of LOG_SIZE_MAX reaches */

/* The root of no leaves at all: SHA-256 of nothing. */
extern const uint8_t log_root_empty[LOT_HASH_BYTES];

/* ---- frontier: a log that grows ---- */

/* Roots of the complete subtrees, largest first: one for each bit of size that is set. */
struct log_frontier {
    uint64_t size;
    uint8_t hashes[LOG_PATH_MAX][LOT_HASH_BYTES];
};

/* How many hashes belong to a size: the array may be kept as count * 32 bytes. */
uint32_t log_frontier_count(uint64_t size);

/* Appends leaves; all or none. LOT_REFUSED past LOG_SIZE_MAX or for a leaf over LOT_LEAF_MAX. */
bool log_frontier_add(struct log_frontier *frontier, const struct lot_text leaves[], uint64_t count,
                      struct lot_error *error) LOT_CHECKED;
bool log_frontier_root(const struct log_frontier *frontier, uint8_t out[static LOT_HASH_BYTES],
                       struct lot_error *error) LOT_CHECKED;

/* ---- tree: a log that is all there ---- */

/*
 * The leaves and the hashes above them. levels[0] are the leaf hashes, levels[n] the
 * roots of complete subtrees of 256^n leaves: the tiles lie in here as they are on disk.
 */
struct log_tree {
    uint64_t size;
    const struct lot_text *leaves; /* borrowed: they outlive the tree */
    uint8_t (*levels[LOG_LEVELS])[LOT_HASH_BYTES];
};

/*
 * Hashes the leaves.
 *
 * leaves     count of them, 0..LOG_SIZE_MAX, each at most LOT_LEAF_MAX bytes (asserted)
 * threads    1..64 workers; never changes a byte
 * cost       two hashes a leaf, 32 bytes a leaf
 */
bool log_tree_create(const struct lot_text leaves[], uint64_t count, unsigned threads,
                     struct log_tree *out, struct lot_error *error) LOT_CHECKED;
void log_tree_finish(struct log_tree *tree);

/* The root at any size 0..tree->size. */
bool log_tree_root(const struct log_tree *tree, uint64_t size, uint8_t out[static LOT_HASH_BYTES],
                   struct lot_error *error) LOT_CHECKED;

/* Hashes of a proof, from the leaf upwards. */
struct log_path {
    uint32_t count;
    uint8_t hashes[LOG_PATH_MAX][LOT_HASH_BYTES];
};

/* That leaf `index` is in the log of `size`; index < size <= tree->size. */
bool log_tree_inclusion(const struct log_tree *tree, uint64_t index, uint64_t size,
                        struct log_path *out, struct lot_error *error) LOT_CHECKED;

/* That the log of `size` begins with the one of `old`; old <= size <= tree->size. */
bool log_tree_consistency(const struct log_tree *tree, uint64_t old, uint64_t size,
                          struct log_path *out, struct lot_error *error) LOT_CHECKED;

/* ---- checks that need no tree; LOT_REFUSED when the proof does not hold ---- */

bool log_inclusion_check(const uint8_t leaf_hash[static LOT_HASH_BYTES], uint64_t index,
                         uint64_t size, const struct log_path *path,
                         const uint8_t root[static LOT_HASH_BYTES],
                         struct lot_error *error) LOT_CHECKED;

bool log_consistency_check(uint64_t old, const uint8_t old_root[static LOT_HASH_BYTES],
                           uint64_t size, const uint8_t root[static LOT_HASH_BYTES],
                           const struct log_path *path, struct lot_error *error) LOT_CHECKED;

/* ---- tiles and bundles: the folder that holds `tile/` ---- */

#define LOG_BUNDLE 0xff      /* instead of a level: the entries themselves */
#define LOG_TILE_PATH_MAX 64 /* tile/entries/x003/906.p/64 */
#define LOG_TILE_SIZE_MAX \
    (LOG_TILE_WIDTH * (2ull + LOT_LEAF_MAX)) /* of a bundle of longest leaves */
struct log_tile {
    uint8_t level;
    uint64_t index;
    uint32_t width; /* 1..LOG_TILE_WIDTH */
};

void log_tile_path(const struct log_tile *tile, char out[static LOG_TILE_PATH_MAX]);

/* False when path is not spelled as log_tile_path() would. */
bool log_tile_read_path(struct lot_text path, struct log_tile *out);

/* Whether the tile is one of a log of this size: full, or the last one at its width. */
bool log_tile_belongs(const struct log_tile *tile, uint64_t size);

/*
 * Steps through all tiles of a size: bundles, then level 0 upwards, each level in order.
 * Begin with *tile zeroed; false after the last one.
 */
bool log_tile_next(uint64_t size, struct log_tile *tile);

/* What a tile's file holds: borrowed from the tree, or for a bundle from *room. */
struct lot_text log_tile_content(const struct log_tree *tree, const struct log_tile *tile,
                                 struct lot_buffer *room);

/*
 * Writes the tiles of `size` that a log of `old` did not have, reads them back, and
 * makes them durable. What is there already and right stays; what is there and
 * different is LOT_REFUSED, for a published tile never changes. To keep the partial
 * tiles of every shown size, call once for each, in order.
 */
bool log_tiles_write(const struct file_folder *folder, const struct log_tree *tree, uint64_t old,
                     uint64_t size, struct lot_error *error) LOT_CHECKED;

/*
 * Compares the files of all tiles of `size` that a log of `other` does not have with
 * what tree says they hold. LOT_REFUSED with the file, the hash or entry, and the leaf.
 * For the partial tiles of an old size: log_tiles_check(folder, tree, tree->size, old, ...).
 * The bundles of tree->size itself are left out: the leaves come from them.
 */
bool log_tiles_check(const struct file_folder *folder, const struct log_tree *tree, uint64_t other,
                     uint64_t size, struct lot_error *error) LOT_CHECKED;

/* The leaves of a log as read from its bundles. */
struct log_leaves {
    uint64_t count, bundle_count;
    struct lot_text *items;     /* borrowed from bundles */
    struct lot_buffer *bundles; /* their bytes */
};

/* Reads the bundles of `size`. LOT_REFUSED names the bundle that is missing or broken. */
bool log_leaves_read(const struct file_folder *folder, uint64_t size, struct log_leaves *out,
                     struct lot_error *error) LOT_CHECKED;
void log_leaves_finish(struct log_leaves *leaves);

/* ---- proof files ---- */

#define LOG_PROOF_SIZE_MAX 524288 /* note.h's bound, and a leaf in base64 */

struct log_proof {
    uint64_t index;
    struct lot_buffer extra; /* decoded, empty when there was none: the leaf, in our proofs */
    struct log_path path;
    struct lot_text note; /* borrowed: the signed checkpoint */
};

/* Writes a `.tlog-proof`; the note goes in verbatim. No line for an empty extra. */
void log_proof_text(uint64_t index, struct lot_text extra, const struct log_path *path,
                    struct lot_text note, struct lot_buffer *out);
bool log_proof_read(struct lot_text text, struct log_proof *out,
                    struct lot_error *error) LOT_CHECKED;

/*
 * The whole check: the log's key signed the checkpoint, its origin is the key's name,
 * and leaf stands at proof->index in it. *head becomes that checkpoint; may be NULL.
 */
bool log_proof_check(const struct log_proof *proof, struct lot_text leaf, const struct lot_key *key,
                     struct note_checkpoint *head, struct lot_error *error) LOT_CHECKED;
void log_proof_finish(struct log_proof *proof);

/* ---- what a witness is asked: the body of tlog-witness `add-checkpoint` ---- */

struct log_request {
    uint64_t old;         /* the size the witness has signed last; 0 for none */
    struct log_path path; /* consistency from old to the checkpoint's size */
    struct lot_text note; /* borrowed */
};
void log_request_text(uint64_t old, const struct log_path *path, struct lot_text note,
                      struct lot_buffer *out);
bool log_request_read(struct lot_text text, struct log_request *out,
                      struct lot_error *error) LOT_CHECKED;

#endif
