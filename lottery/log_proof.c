/*
 * log_proof.c - hides two small text files: the proof that a household keeps, and what
 * a witness is asked to sign (C2SP tlog-proof and tlog-witness).
 *
 *     proof       c2sp.org/tlog-proof@v1
 *                 extra <base64>             our proofs: the leaf; may be missing
 *                 index <number>
 *     request     old <size>                 what the witness signed last, or 0
 *     then both   <base64>                   one hash a line, from the leaf upwards
 *                 an empty line, and the signed checkpoint to the end
 */
#include "lottery/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_LINE "c2sp.org/tlog-proof@v1"

/* The lines of a path, the empty line and the note. */
static void
tail_put(const struct log_path *path, struct lot_text note, struct lot_buffer *out)
{
    for (uint32_t i = 0; i < path->count; i++) {
        char line[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
        canon_to_base64(path->hashes[i], LOT_HASH_BYTES, line);
        lot_buffer_print(out, "%s\n", line);
    }
    lot_buffer_put(out, LOT_TEXT("\n"));
    lot_buffer_put(out, note);
}

static bool
tail_read(struct lot_text rest, struct log_path *path, struct lot_text *note,
          struct lot_error *error)
{
    struct lot_text line = {0};
    for (;;) {
        size_t size;
        if (!lot_line(&rest, &line)) {
            return lot_fail(error, LOT_REFUSED, "has no empty line before the checkpoint");
        }
        if (line.size == 0) {
            break;
        }
        if (path->count == LOG_PATH_MAX) {
            return lot_fail(error, LOT_REFUSED, "has more than %d hashes", LOG_PATH_MAX);
        }
        if (!canon_from_base64(line, path->hashes[path->count++], LOT_HASH_BYTES, &size) ||
            size != LOT_HASH_BYTES) {
            return lot_fail(error, LOT_REFUSED, "hash %u is not 32 bytes in base64", path->count);
        }
    }
    *note = rest;
    return true;
}

/* Takes a line `word number`. */
static bool
number_line(struct lot_text *rest, const char *word, uint32_t *out, struct lot_error *error)
{
    struct lot_text line, first;
    return (lot_line(rest, &line) && lot_piece(&line, ' ', &first) && lot_text_is(first, word) &&
            line.at != NULL && canon_number(line, out)) ||
           lot_fail(error, LOT_REFUSED, "has no line `%s` with a number of at most 9 digits", word);
}

void
log_proof_text(uint64_t index, struct lot_text extra, const struct log_path *path,
               struct lot_text note, struct lot_buffer *out)
{
    assert(index < LOG_SIZE_MAX && extra.size <= LOT_LEAF_MAX && out != NULL);
    lot_buffer_put(out, LOT_TEXT(HEAD_LINE "\n"));
    if (extra.size > 0) {
        char *base64 = lot_alloc(CANON_BASE64_SIZE(extra.size) + 1, 1);
        canon_to_base64((const uint8_t *)extra.at, extra.size, base64);
        lot_buffer_print(out, "extra %s\n", base64);
        free(base64);
    }
    lot_buffer_print(out, "index %llu\n", (unsigned long long)index);
    tail_put(path, note, out);
}

bool
log_proof_read(struct lot_text text, struct log_proof *out, struct lot_error *error)
{
    assert(out != NULL);
    struct log_proof proof = {0};
    struct lot_text rest = text, line;
    uint32_t index = 0;
    if (text.size > LOG_PROOF_SIZE_MAX || !lot_line(&rest, &line) ||
        !lot_text_is(line, HEAD_LINE)) {
        return lot_fail(error, LOT_REFUSED, "is no proof: it does not begin with " HEAD_LINE);
    }
    if (lot_text_starts(rest, "extra ")) {
        size_t size = 0;
        uint8_t *bytes = lot_alloc(LOT_LEAF_MAX, 1);
        bool good = lot_line(&rest, &line) &&
                    canon_from_base64((struct lot_text){line.at + 6, line.size - 6}, bytes,
                                      LOT_LEAF_MAX, &size) &&
                    size > 0;
        lot_buffer_add(&proof.extra, bytes, size);
        free(bytes);
        if (!good) {
            lot_buffer_finish(&proof.extra);
            return lot_fail(error, LOT_REFUSED, "its line `extra` is not base64 of 1 to %d bytes",
                            LOT_LEAF_MAX);
        }
    }
    if (!number_line(&rest, "index", &index, error) ||
        !tail_read(rest, &proof.path, &proof.note, error)) {
        lot_buffer_finish(&proof.extra);
        return false;
    }
    proof.index = index;
    *out = proof;
    return true;
}

bool
log_proof_check(const struct log_proof *proof, struct lot_text text, const struct lot_key *key,
                struct note_checkpoint *head, struct lot_error *error)
{
    struct note note;
    struct note_checkpoint checkpoint;
    uint8_t hash[LOT_HASH_BYTES];
    if (!note_read(proof->note, &note, error) || !note_demand(&note, key, NULL, error) ||
        !note_checkpoint_read(note.text, &checkpoint, error)) {
        return false;
    }
    if (strcmp(checkpoint.origin, key->name) != 0) {
        return lot_fail(error, LOT_REFUSED, "the checkpoint is of the log %s, not of %s",
                        checkpoint.origin, key->name);
    }
    if (!log_leaf_hash(text, hash, error) ||
        !log_inclusion_check(hash, proof->index, checkpoint.size, &proof->path, checkpoint.root,
                             error)) {
        return false;
    }
    if (head != NULL) {
        *head = checkpoint;
    }
    return true;
}

void
log_proof_finish(struct log_proof *proof)
{
    if (proof != NULL) {
        lot_buffer_finish(&proof->extra);
    }
}

void
log_request_text(uint64_t old, const struct log_path *path, struct lot_text note,
                 struct lot_buffer *out)
{
    assert(old <= LOG_SIZE_MAX && out != NULL);
    lot_buffer_print(out, "old %llu\n", (unsigned long long)old);
    tail_put(path, note, out);
}

bool
log_request_read(struct lot_text text, struct log_request *out, struct lot_error *error)
{
    assert(out != NULL);
    struct log_request request = {0};
    uint32_t old = 0;
    if (text.size > LOG_PROOF_SIZE_MAX || !number_line(&text, "old", &old, error)) {
        return lot_fail(error, LOT_REFUSED, "is no request to a witness: it begins with `old N`");
    }
    if (!tail_read(text, &request.path, &request.note, error)) {
        return false;
    }
    request.old = old;
    *out = request;
    return true;
}
