/*
 * note.c - hides the signed note: where the text ends, which bytes a key's id and a
 * signature are made over, and which spellings are refused.
 *
 *     text, one or more lines, each ended by LF          <- signed, last LF included
 *     LF
 *     one or more:  U+2014, blank, key name, blank, base64(key id[4] || signature), LF
 *
 *   key id        first 4 bytes of SHA-256(name || LF || type || public key)
 *   type 0x01     Ed25519 over the text: 64 bytes
 *   type 0x04     Ed25519 over "cosignature/v1" LF "time " seconds LF and the text:
 *                 8 bytes of seconds, big-endian, and 64 bytes
 *   checkpoint    a text of three lines: origin, size, base64(root)
 */
#include "lottery/note.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ID_BYTES 4
#define ID_DIGITS 8
#define TYPE_ECDSA 0x02
#define TIME_BYTES 8
#define SIGNATURE_MAX 16384     /* of any type, decoded: the longest post-quantum ones fit */
#define KEY_BYTES_MAX (1 + 384) /* what LOT_KEY_TEXT_MAX can hold in base64 */
#define DASH "\xE2\x80\x94 "

static bool
checked_here(uint8_t type)
{
    return type == LOT_KEY_LOG || type == LOT_KEY_WITNESS;
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* Not empty, no `+`, no blank of any script, nothing unseen. */
static bool
name_fits(struct lot_text name)
{
    if (name.size == 0 || name.size > LOT_KEY_NAME_MAX || !canon_people(name)) {
        return false;
    }
    uint32_t c;
    for (struct lot_text rest = name; lot_character(&rest, &c);) {
        /* Two rare blanks nobody types; Unicode has them, and so has golang.org/x/mod. */
        if (c == '+' || lot_is_blank(c) || c == 0x1680 || c == 0x205F) {
            return false;
        }
    }
    return true;
}

static uint32_t
get_id(const uint8_t bytes[static ID_BYTES])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool
note_key_make(struct lot_text name, const uint8_t *bytes, size_t size, struct lot_key *out,
              struct lot_error *error)
{
    assert(size >= 2 && size <= KEY_BYTES_MAX && out != NULL);
    if (!name_fits(name)) {
        return lot_fail(error, LOT_REFUSED,
                        "a key's name has 1 to %d bytes and neither blanks nor a +",
                        LOT_KEY_NAME_MAX);
    }
    struct lot_key key = {.type = bytes[0]};
    memcpy(key.name, name.at, name.size);
    if (checked_here(key.type) && size != 1 + LOT_PUBLIC_BYTES) {
        return lot_fail(error, LOT_REFUSED, "the key of %s has %zu bytes; Ed25519 keys have %d",
                        key.name, size - 1, LOT_PUBLIC_BYTES);
    }
    struct lot_buffer input = {0};
    if (key.type == TYPE_ECDSA) { /* the exception: its id is made from the public key alone */
        lot_buffer_add(&input, bytes + 1, size - 1);
    } else {
        lot_buffer_print(&input, "%s\n", key.name);
        lot_buffer_add(&input, bytes, size);
    }
    uint8_t digest[LOT_HASH_BYTES];
    bool good = crypto_digest(LOT_SHA256, lot_buffer_text(&input), digest, error);
    lot_buffer_finish(&input);
    if (!good) {
        return false;
    }
    key.id = get_id(digest);
    if (checked_here(key.type)) {
        memcpy(key.public_key, bytes + 1, LOT_PUBLIC_BYTES);
    }
    struct lot_buffer text = {0};
    char base64[CANON_BASE64_SIZE(KEY_BYTES_MAX) + 1];
    canon_to_base64(bytes, size, base64);
    lot_buffer_print(&text, "%s+%08x+%s", key.name, (unsigned)key.id, base64);
    good = text.size <= LOT_KEY_TEXT_MAX ||
           lot_fail(error, LOT_REFUSED, "the key of %s has more than %d characters", key.name,
                    LOT_KEY_TEXT_MAX);
    if (good) {
        memcpy(key.text, text.at, text.size);
        *out = key;
    }
    lot_buffer_finish(&text);
    return good;
}

bool
note_key_read(struct lot_text vkey, struct lot_key *out, struct lot_error *error)
{
    assert(out != NULL);
    struct lot_text rest = vkey, name = {0}, id = {0};
    struct lot_key key = {0};
    uint8_t bytes[KEY_BYTES_MAX];
    size_t size = 0;
    if (vkey.size > LOT_KEY_TEXT_MAX || !lot_piece(&rest, '+', &name) || !name_fits(name) ||
        !lot_piece(&rest, '+', &id) || !canon_hex(id, ID_DIGITS) || rest.at == NULL ||
        !canon_from_base64(rest, bytes, sizeof bytes, &size) || size < 2) {
        return lot_fail(error, LOT_REFUSED,
                        "not a verifier key of the form name+id+base64, id in 8 hex digits");
    }
    if (!note_key_make(name, bytes, size, &key, error)) {
        return false;
    }
    /* Name and base64 come out again as they stood: they have one spelling each. */
    if (!lot_text_is(vkey, key.text)) {
        return lot_fail(error, LOT_REFUSED,
                        "the id of the key %s is %08x, not %.*s: it was not copied whole", key.name,
                        (unsigned)key.id, (int)id.size, id.at);
    }
    *out = key;
    return true;
}

/* ---- reading and verifying ------------------------------------------------------------------ */

/* UTF-8 with no control character but LF, ended by LF. */
static bool
text_fits(struct lot_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\n') {
            return false;
        }
    }
    return text.size > 0 && text.at[text.size - 1] == '\n' && canon_utf8(text);
}

/* Where the last empty line begins, or 0: a text is never empty. */
static size_t
find_split(struct lot_text bytes)
{
    for (size_t i = bytes.size; i > 2; i--) {
        if (bytes.at[i - 1] == '\n' && bytes.at[i - 2] == '\n') {
            return i - 1;
        }
    }
    return 0;
}

static bool
signature_read(struct lot_text line, struct note_signature *out)
{
    uint8_t bytes[SIGNATURE_MAX];
    size_t size, dash = sizeof DASH - 1;
    if (!lot_text_starts(line, DASH)) {
        return false;
    }
    struct lot_text rest = {line.at + dash, line.size - dash};
    if (!lot_piece(&rest, ' ', &out->name) || !name_fits(out->name) || rest.at == NULL ||
        !canon_from_base64(rest, bytes, sizeof bytes, &size) || size <= ID_BYTES) {
        return false;
    }
    out->base64 = rest;
    out->id = get_id(bytes);
    return true;
}

static const struct note_signature *
find(const struct note *note, struct lot_text name, uint32_t id)
{
    for (uint32_t i = 0; i < note->count; i++) {
        if (note->signatures[i].id == id && lot_text_same(note->signatures[i].name, name)) {
            return &note->signatures[i];
        }
    }
    return NULL;
}

bool
note_read(struct lot_text bytes, struct note *out, struct lot_error *error)
{
    assert(out != NULL);
    if (bytes.size > NOTE_SIZE_MAX) {
        return lot_fail(error, LOT_REFUSED, "the note has %zu bytes; at most %d are read",
                        bytes.size, NOTE_SIZE_MAX);
    }
    size_t split = text_fits(bytes) ? find_split(bytes) : 0;
    if (split == 0 || split + 1 == bytes.size) {
        return lot_fail(error, LOT_REFUSED,
                        "not a signed note: it must be lines of UTF-8 text, an empty line, and "
                        "signature lines, without CR or tab");
    }
    struct note note = {.text = {bytes.at, split}};
    struct lot_text rest = {bytes.at + split + 1, bytes.size - split - 1}, line;
    while (lot_line(&rest, &line)) {
        struct note_signature signature;
        if (note.count == NOTE_SIGNATURES_MAX) {
            return lot_fail(error, LOT_REFUSED, "the note has more than %d signatures",
                            NOTE_SIGNATURES_MAX);
        }
        if (!signature_read(line, &signature)) {
            return lot_fail(error, LOT_REFUSED,
                            "signature line %u of the note is not `dash name base64`",
                            (unsigned)note.count + 1);
        }
        if (find(&note, signature.name, signature.id) != NULL) {
            return lot_fail(error, LOT_REFUSED, "the key %.*s+%08x has signed the note twice",
                            (int)signature.name.size, signature.name.at, (unsigned)signature.id);
        }
        note.signatures[note.count++] = signature;
    }
    *out = note;
    return true;
}

void
note_message(uint8_t type, struct lot_text text, int64_t time, struct lot_buffer *out)
{
    assert(checked_here(type) && out != NULL);
    if (type == LOT_KEY_WITNESS) {
        lot_buffer_print(out, "cosignature/v1\ntime %lld\n", (long long)time);
    }
    lot_buffer_put(out, text);
}

bool
note_verify(const struct note *note, const struct lot_key *key, bool *there, int64_t *time,
            struct lot_error *error)
{
    assert(note->count > 0 && checked_here(key->type) && there != NULL);
    const struct note_signature *found = find(note, lot_text(key->name), key->id);
    uint64_t seconds = 0;
    if (found != NULL) {
        uint8_t bytes[ID_BYTES + TIME_BYTES + LOT_SIGNATURE_BYTES];
        size_t size, before = ID_BYTES + (key->type == LOT_KEY_WITNESS ? TIME_BYTES : 0);
        if (!canon_from_base64(found->base64, bytes, sizeof bytes, &size) ||
            size != before + LOT_SIGNATURE_BYTES) {
            return lot_fail(error, LOT_REFUSED, "the signature of %s has a wrong length",
                            key->name);
        }
        if (key->type == LOT_KEY_WITNESS) {
            seconds = canon_get_u64(bytes + ID_BYTES);
        }
        if (seconds > NOTE_TIME_MAX) {
            return lot_fail(error, LOT_REFUSED, "the signature of %s has a time after 9999",
                            key->name);
        }
        struct lot_buffer message = {0};
        note_message(key->type, note->text, (int64_t)seconds, &message);
        bool good =
            crypto_verify(key->public_key, lot_buffer_text(&message), bytes + before, error);
        lot_buffer_finish(&message);
        if (!good) {
            return lot_fail_at(error, "signed by %s", key->name);
        }
    }
    *there = found != NULL;
    if (time != NULL) {
        *time = (int64_t)seconds;
    }
    return true;
}

bool
note_demand(const struct note *note, const struct lot_key *key, int64_t *time,
            struct lot_error *error)
{
    bool there = false;
    int64_t seconds = 0;
    if (!note_verify(note, key, &there, &seconds, error)) {
        return false;
    }
    if (!there) {
        return lot_fail(error, LOT_REFUSED, "not signed by %s+%08x", key->name, (unsigned)key->id);
    }
    if (time != NULL) {
        *time = seconds;
    }
    return true;
}

/* ---- checkpoints ---------------------------------------------------------------------------- */

bool
note_checkpoint_read(struct lot_text text, struct note_checkpoint *out, struct lot_error *error)
{
    assert(out != NULL);
    struct note_checkpoint checkpoint = {0};
    struct lot_text origin, number, root;
    uint32_t size;
    size_t bytes;
    if (!lot_line(&text, &origin) || !name_fits(origin)) {
        return lot_fail(error, LOT_REFUSED, "line 1 of the checkpoint is not the log's name");
    }
    if (!lot_line(&text, &number) || !canon_number(number, &size)) {
        return lot_fail(error, LOT_REFUSED,
                        "line 2 of the checkpoint is not the log's size, at most 9 digits");
    }
    if (!lot_line(&text, &root) ||
        !canon_from_base64(root, checkpoint.root, LOT_HASH_BYTES, &bytes) ||
        bytes != LOT_HASH_BYTES) {
        return lot_fail(error, LOT_REFUSED,
                        "line 3 of the checkpoint is not a root of 32 bytes in base64");
    }
    if (text.size != 0) {
        return lot_fail(error, LOT_REFUSED, "the checkpoint has more than three lines");
    }
    memcpy(checkpoint.origin, origin.at, origin.size);
    checkpoint.size = size;
    *out = checkpoint;
    return true;
}

void
note_fingerprint(const uint8_t root[static LOT_HASH_BYTES],
                 char out[static NOTE_FINGERPRINT_SIZE + 1])
{
    for (size_t i = 0; i < 10; i++) {
        unsigned group = (unsigned)root[2 * i] << 8 | root[2 * i + 1];
        const char *end = i == 9 ? "" : i == 4 ? "\n" : "-";
        snprintf(out + 6 * i, i == 9 ? 6 : 7, "%05u%s", group, end);
    }
}
