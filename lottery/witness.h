/*
 * witness.h - how somebody who trusts nobody countersigns: asked by a file, answered
 * by a file, on the witness's own machine (C2SP tlog-witness, PROTOCOL.md section 7).
 *
 *   draw file  -> witness_request -> add-checkpoint body
 *   body + published folder + key -> witness_sign -> one signature line
 *   line -> witness_add -> draw file
 *
 * What a witness has signed it keeps in a file of its own, one log a line, and signs
 * nothing that does not extend it:
 *
 *   <origin> <size> <root in base64> <the log's verifier key>
 */
#ifndef LOT_WITNESS_H
#define LOT_WITNESS_H

#include "lottery/publish.h"

#define WITNESS_SEEN_MAX 1048576 /* of the witness's own file: thousands of draws */

/*
 * The body that asks for cosignatures of the newest shown checkpoint; `old` in it is
 * the newest one that every witness has signed.
 *
 * store     inside a reading transaction
 * errors    LOT_PHASE when no checkpoint was shown, or nobody is missing
 */
bool witness_request(struct store *store, const struct lot_rules *rules, struct lot_buffer *out,
                     struct lot_error *error) LOT_CHECKED;

struct witness_answer {
    struct lot_buffer line; /* to give back */
    struct lot_buffer seen; /* the witness's file from now on: to be kept before the line leaves */
    uint64_t size;
    uint8_t root[LOT_HASH_BYTES];
};

/*
 * Recomputes everything from the folder and countersigns.
 *
 * seen      the witness's file as it was; empty at first
 * log_key   the log's key as the witness knows it from elsewhere; needed for a log that
 *           does not stand in seen, else NULL will do
 * now       the witness's own clock
 * errors    LOT_REFUSED: the bundle is false, another checkpoint is asked for than it
 *           holds, or it does not extend what was signed before
 */
bool witness_sign(const char *directory, struct lot_text request, const struct note_signer *signer,
                  struct lot_text seen, const char *log_key, int64_t now,
                  struct witness_answer *out, struct lot_error *error) LOT_CHECKED;
void witness_answer_finish(struct witness_answer *answer);

/*
 * Takes signature lines, alone or at the end of a note, into the draw file; a line that
 * stands there already is no error. *names becomes who has signed now.
 *
 * store     inside a writing transaction
 */
bool witness_add(struct store *store, const struct lot_rules *rules, struct lot_text lines,
                 struct lot_buffer *names, struct lot_error *error) LOT_CHECKED;

#endif
