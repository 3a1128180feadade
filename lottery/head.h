/*
 * head.h - the log's head in the draw file: appended in a verb's transaction,
 * signed after its commit, never signed when an older file was put back.
 *
 *   store_begin(STORE_WRITE)
 *       head_append       leaves, as often as needed
 *       head_show         this head is to be signed
 *   store_commit
 *   head_sign             signs what is due; also what an earlier, killed verb left
 */
#ifndef LOT_HEAD_H
#define LOT_HEAD_H

#include "lottery/store.h"

/* Appends leaves (lines without LF) inside the caller's transaction. */
bool head_append(struct store *store, const struct lot_text leaves[], size_t count,
                 struct lot_error *error) LOT_CHECKED;

/* One leaf from a format. */
bool head_print(struct store *store, struct lot_error *error, const char *format, ...)
    LOT_PRINTF(3, 4) LOT_CHECKED;

/*
 * Signs, in a transaction of its own, every checkpoint that is due and has no
 * signature yet. Called outside a transaction. Before it signs, it recomputes the
 * root of the leaves as they stand in the file, up to that size.
 *
 * rules      whose first log key the signature must verify under
 * seed       the log's private key
 */
bool head_sign(struct store *store, const struct lot_rules *rules,
               const uint8_t seed[static LOT_SEED_BYTES], struct lot_error *error) LOT_CHECKED;

/*
 * The guard against an old copy of the draw file (protocol section 7): the head must
 * hold the published state, that is be at least as long and have this root at that
 * size. LOT_REFUSED says which of the two is wrong. Inside any transaction.
 */
bool head_extends(struct store *store, uint64_t published_size,
                  const uint8_t published_root[static LOT_HASH_BYTES],
                  struct lot_error *error) LOT_CHECKED;

#endif
