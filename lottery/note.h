/*
 * note.h - signed notes, their keys, and the checkpoints in them (C2SP signed-note,
 * tlog-checkpoint, tlog-cosignature; PROTOCOL.md section 7).
 *
 * A note is a text, an empty line, and signature lines. It is read once by
 * note_read(), which looks at its form only; note_verify() then asks for one key.
 * Lines of keys nobody asks for are carried along unlooked at.
 *
 * What needs a private key, and what writes, is in note_sign.c: verification does
 * without it.
 */
#ifndef LOT_NOTE_H
#define LOT_NOTE_H

#include "lottery/lottery.h"

#define NOTE_SIZE_MAX 262144                /* a slip or checkpoint with 64 signature lines fits */
#define NOTE_SIGNATURES_MAX 64              /* a reader must take 16; the rest is patience */
#define NOTE_TIME_MAX INT64_C(253402300799) /* of a cosignature: the last second of 9999 */

/* ---- keys ---- */

/*
 * A verifier key, `name+id+base64(type || public)`. Types 0x01 and 0x04 are read
 * whole; any other is carried along: its id is checked, its key is not kept.
 * errors    LOT_REFUSED, the sentence without a place
 */
bool note_key_read(struct lot_text vkey, struct lot_key *out, struct lot_error *error) LOT_CHECKED;

/*
 * The same from its parts; text and id are made.
 *
 * bytes    type || public key, at least 2 bytes
 * errors   LOT_REFUSED for a name or size that no key has
 */
bool note_key_make(struct lot_text name, const uint8_t *bytes, size_t size, struct lot_key *out,
                   struct lot_error *error) LOT_CHECKED;

/* A private key: who has these bytes is the key's owner. note_signer_finish() wipes it. */
struct note_signer {
    struct lot_key key; /* the public side */
    uint8_t seed[LOT_SEED_BYTES];
};

/* The key of 32 random bytes; type LOT_KEY_LOG or LOT_KEY_WITNESS. */
bool note_signer_make(struct lot_text name, uint8_t type, const uint8_t seed[static LOT_SEED_BYTES],
                      struct note_signer *out, struct lot_error *error) LOT_CHECKED;

/* A private key's file: one line, `PRIVATE+KEY+name+id+base64(type || seed)` and LF. */
bool note_signer_read(struct lot_text file, struct note_signer *out,
                      struct lot_error *error) LOT_CHECKED;
void note_signer_text(const struct note_signer *signer, struct lot_buffer *out);
void note_signer_finish(struct note_signer *signer);

/* ---- notes ---- */

struct note_signature {
    struct lot_text name;
    struct lot_text base64; /* of key id || signature */
    uint32_t id;
};

struct note {
    struct lot_text text; /* what is signed: lines, with the last one's LF */
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
    uint32_t count; /* 1..NOTE_SIGNATURES_MAX, no key twice */
};

/* Reads a note's form; everything in it is borrowed from bytes. */
bool note_read(struct lot_text bytes, struct note *out, struct lot_error *error) LOT_CHECKED;

/*
 * Looks for the signature of one key.
 *
 * key      of type LOT_KEY_LOG or LOT_KEY_WITNESS
 * there    becomes false when the key has not signed: that is no error here
 * time     becomes the witness's time when it has, else 0; may be NULL
 * errors   LOT_REFUSED when the key's signature is there and does not hold
 */
bool note_verify(const struct note *note, const struct lot_key *key, bool *there, int64_t *time,
                 struct lot_error *error) LOT_CHECKED;

/* The same when a missing signature is an error too: LOT_REFUSED. */
bool note_demand(const struct note *note, const struct lot_key *key, int64_t *time,
                 struct lot_error *error) LOT_CHECKED;

/* Adds what a key of the type signs to *out; time is the witness's, unused by other types. */
void note_message(uint8_t type, struct lot_text text, int64_t time, struct lot_buffer *out);

/* Begins a note: the text and the empty line; then note_sign() once or more often. */
void note_begin(struct lot_text text, struct lot_buffer *out);

/*
 * Adds the signer's line for text to *out: a note that note_begin() began, or an
 * empty buffer for the line alone.
 *
 * time    a witness's clock, seconds; 0 with a key of type LOT_KEY_LOG
 */
bool note_sign(const struct note_signer *signer, struct lot_text text, int64_t time,
               struct lot_buffer *out, struct lot_error *error) LOT_CHECKED;

/*
 * Writes a note with more signature lines at its end to *out (a witness's answer). The
 * form of the whole is checked, no signature is: LOT_REFUSED, also for a key that has
 * signed already.
 */
bool note_add(struct lot_text note, struct lot_text lines, struct lot_buffer *out,
              struct lot_error *error) LOT_CHECKED;

/*
 * Writes to *out what a scanner typed, as the note it was: CR LF or CR for LF, and for
 * the dash before a signature, which a keyboard cannot type, any byte or none.
 */
void note_mend(struct lot_text typed, struct lot_buffer *out);

/* ---- checkpoints ---- */

struct note_checkpoint {
    char origin[LOT_KEY_NAME_MAX + 1];
    uint64_t size; /* 0..999999999 */
    uint8_t root[LOT_HASH_BYTES];
};

/* The three lines that are signed. */
void note_checkpoint_text(const struct note_checkpoint *checkpoint, struct lot_buffer *out);

/* Reads the text of a note; extension lines are refused, as PROTOCOL.md has none. */
bool note_checkpoint_read(struct lot_text text, struct note_checkpoint *out,
                          struct lot_error *error) LOT_CHECKED;

/* Two lines of five groups of five digits for people, without the last LF. */
#define NOTE_FINGERPRINT_SIZE 59
void note_fingerprint(const uint8_t root[static LOT_HASH_BYTES],
                      char out[static NOTE_FINGERPRINT_SIZE + 1]);

#endif
