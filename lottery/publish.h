/*
 * publish.h - the folder a stranger can check, written from the draw file.
 *
 * Order of writing (PROTOCOL.md section 7): files of the bundle, tiles, checkpoints
 * that were shown, all read back; `log/checkpoint` last. A stop at any moment leaves
 * the old publication or the new one, and the next call goes on.
 */
#ifndef LOT_PUBLISH_H
#define LOT_PUBLISH_H

#include "lottery/log.h"
#include "lottery/store.h"

/* The whole log as it stands in the draw file; items and tree point into bytes. */
struct publish_log {
    struct lot_buffer bytes;
    struct lot_text *items;
    uint64_t count;
    struct log_tree tree;
};

/*
 * Inside any transaction.
 * errors    LOT_MACHINE also when the leaves do not give the root beside them
 */
bool publish_log_read(struct store *store, struct publish_log *out,
                      struct lot_error *error) LOT_CHECKED;
void publish_log_finish(struct publish_log *log);

/* What was published, for the people who stand beside the machine. */
struct publish_result {
    uint64_t size; /* of the checkpoint */
    uint8_t root[LOT_HASH_BYTES];
    uint32_t files; /* outside the log */
};

/*
 * Writes or brings up to date the bundle in the folder. Every head that is to be
 * shown must be signed (head.h).
 *
 * store      inside a reading transaction
 * errors     LOT_REFUSED: the folder holds another draw, or a later state of this one
 *            (this draw file is an old copy); LOT_PHASE: nothing is frozen yet
 */
bool publish_bundle(struct store *store, const struct lot_rules *rules,
                    const struct file_folder *folder, struct publish_result *out,
                    struct lot_error *error) LOT_CHECKED;

/* A signed checkpoint with the cosignatures that have come so far, in the rules' order. */
bool publish_note(struct store *store, const struct lot_rules *rules,
                  const struct store_checkpoint *checkpoint, struct lot_buffer *out,
                  struct lot_error *error) LOT_CHECKED;

/*
 * A proof that the entry or refusal with this id is in the frozen log, as a
 * `.tlog-proof` file; from a published folder alone.
 */
bool publish_prove(const struct file_folder *folder, struct lot_text id, struct lot_buffer *out,
                   struct lot_error *error) LOT_CHECKED;

#endif
