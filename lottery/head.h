/*
 * head.h - the log's head in the draw file: appended in a verb's transaction,
 * signed after its commit, never signed when an older file was put back.
 *
 *   store_begin(STORE_WRITE)
 *       head_append            leaves, as often as needed
 *       store_checkpoint_due   this head is to be signed
 *   store_commit
 *   head_sign                  signs what is due; also what an earlier, killed verb left
 */
#ifndef LOT_HEAD_H
#define LOT_HEAD_H

#include "lottery/note.h"
#include "lottery/store.h"

/* Appends leaves (lines without LF) inside the caller's transaction; any number of calls. */
bool head_append(struct store *store, const struct lot_text leaves[], size_t count,
                 struct lot_error *error) LOT_CHECKED;

/*
 * The log's private key, from path or, when that is NULL, from where `new` found it:
 * the draw file knows the path, never the key. Inside a transaction.
 *
 * open_to_others    the file's mode lets others read it: warn
 * errors            LOT_REFUSED when it is not the key of rules.log[0]
 */
bool head_key(struct store *store, const struct lot_rules *rules, const char *path,
              struct note_signer *out, bool *open_to_others, struct lot_error *error) LOT_CHECKED;

/*
 * Signs every checkpoint that is due, in a transaction of its own; called outside of
 * one, and free when nothing is due. Before that it recomputes, from the leaves as they
 * stand in the file, the root of each checkpoint that ever was signed in it.
 *
 * signer    from head_key()
 * errors    LOT_MACHINE when leaves and roots do not agree: the file is damaged
 * cost      two hashes a leaf
 */
bool head_sign(struct store *store, const struct lot_rules *rules, const struct note_signer *signer,
               struct lot_error *error) LOT_CHECKED;

/*
 * The guard against an old copy of the draw file (protocol section 7): the log in it
 * must hold the published state, that is be as long at least and have this root at
 * that size. Inside a transaction, and asked before anything is signed.
 *
 * errors    LOT_REFUSED says which of the two is wrong and what to do
 */
bool head_extends(struct store *store, uint64_t size, const uint8_t root[static LOT_HASH_BYTES],
                  struct lot_error *error) LOT_CHECKED;

/*
 * The same guard for every verb, with what was signed kept beside the key and not in
 * the draw file: `<key file>.signed`, one line,
 *
 *   <size> <root in base64>
 *
 * head_recall() refuses a draw file whose log does not hold what this key signed last
 * (none yet: anything goes); inside a transaction, before the verb commits.
 * head_remember() writes the newest signed checkpoint down; outside of one, after
 * head_sign(). A stop between the two leaves an older line, which is true as well.
 *
 * path    of the key, or NULL: where `new` found it
 */
bool head_recall(struct store *store, const char *path, struct lot_error *error) LOT_CHECKED;
bool head_remember(struct store *store, const char *path, struct lot_error *error) LOT_CHECKED;

#endif
