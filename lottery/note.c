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
 *   private key   PRIVATE+KEY+name+id+base64(type || seed); the id is the public key's
 */
#include "lottery/note.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ID_BYTES 4
#define TYPE_ECDSA 0x02
#define TIME_BYTES 8
#define SIGNATURE_MAX 16384            /* of any type, decoded: the longest post-quantum ones fit */
#define KEY_BYTES_MAX (1 + 384)        /* what LOT_KEY_TEXT_MAX can hold in base64 */
#define TIME_MAX INT64_C(253402300799) /* the last second of 9999 */
#define DASH "\xE2\x80\x94 "
#define PRIVATE "PRIVATE+KEY+"

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

/* The id of type || public key, which has size bytes. */
static bool
key_id(struct lot_text name, const uint8_t *key, size_t size, uint32_t *out,
       struct lot_error *error)
{
    uint8_t input[LOT_KEY_NAME_MAX + 1 + KEY_BYTES_MAX], digest[LOT_HASH_BYTES];
    size_t used = 0;
    assert(name.size <= LOT_KEY_NAME_MAX && size >= 1 && size <= KEY_BYTES_MAX);
    if (key[0] == TYPE_ECDSA) { /* the exception: the id is of the public key alone */
        key++;
        size--;
    } else {
        memcpy(input, name.at, name.size);
        input[name.size] = '\n';
        used = name.size + 1;
    }
    memcpy(input + used, key, size);
    struct lot_text text = {(const char *)input, used + size};
    if (!crypto_digest(LOT_SHA256, text, digest, error)) {
        return false;
    }
    *out = get_id(digest);
    return true;
}

/* Fills all of a key but its text from a name that fits and type || public key. */
static bool
key_make(struct lot_text name, const uint8_t *bytes, size_t size, struct lot_key *out,
         struct lot_error *error)
{
    struct lot_key key = {.type = bytes[0]};
    if (!key_id(name, bytes, size, &key.id, error)) {
        return false;
    }
    memcpy(key.name, name.at, name.size);
    if (checked_here(key.type)) {
        memcpy(key.public_key, bytes + 1, LOT_PUBLIC_BYTES);
    }
    *out = key;
    return true;
}

/* Takes `name+id+base64` apart; bytes becomes what stood in base64. */
static bool
key_split(struct lot_text text, struct lot_text *name, uint8_t id[static ID_BYTES], uint8_t *bytes,
          size_t *size)
{
    struct lot_text hex;
    return text.size <= LOT_KEY_TEXT_MAX && lot_piece(&text, '+', name) && name_fits(*name) &&
           lot_piece(&text, '+', &hex) && canon_from_hex(hex, id, ID_BYTES) && text.at != NULL &&
           canon_from_base64(text, bytes, KEY_BYTES_MAX, size) && *size >= 2;
}

bool
note_key_read(struct lot_text vkey, struct lot_key *out, struct lot_error *error)
{
    assert(out != NULL);
    struct lot_text name;
    struct lot_key key;
    uint8_t id[ID_BYTES], bytes[KEY_BYTES_MAX];
    size_t size;
    if (!key_split(vkey, &name, id, bytes, &size)) {
        return lot_fail(error, LOT_REFUSED,
                        "not a verifier key of the form name+id+base64, id in 8 hex digits");
    }
    if (checked_here(bytes[0]) && size != 1 + LOT_PUBLIC_BYTES) {
        return lot_fail(error, LOT_REFUSED, "the key of %.*s has %zu bytes; Ed25519 keys have %d",
                        (int)name.size, name.at, size - 1, LOT_PUBLIC_BYTES);
    }
    if (!key_make(name, bytes, size, &key, error)) {
        return false;
    }
    if (key.id != get_id(id)) {
        return lot_fail(error, LOT_REFUSED,
                        "the id of the key %s is %08x, not %08x: it was not copied whole", key.name,
                        (unsigned)key.id, (unsigned)get_id(id));
    }
    memcpy(key.text, vkey.at, vkey.size);
    *out = key;
    return true;
}

bool
note_signer_make(struct lot_text name, uint8_t type, const uint8_t seed[static LOT_SEED_BYTES],
                 struct note_signer *out, struct lot_error *error)
{
    assert(checked_here(type) && out != NULL);
    if (!name_fits(name)) {
        return lot_fail(error, LOT_REFUSED,
                        "a key's name has 1 to %d bytes and neither blanks nor a +",
                        LOT_KEY_NAME_MAX);
    }
    uint8_t bytes[1 + LOT_PUBLIC_BYTES] = {type};
    struct lot_key key;
    if (!crypto_public(seed, bytes + 1, error) ||
        !key_make(name, bytes, sizeof bytes, &key, error)) {
        return false;
    }
    char base64[CANON_BASE64_SIZE(sizeof bytes) + 1];
    canon_to_base64(bytes, sizeof bytes, base64);
    snprintf(key.text, sizeof key.text, "%s+%08x+%s", key.name, (unsigned)key.id, base64);
    out->key = key;
    memcpy(out->seed, seed, LOT_SEED_BYTES);
    return true;
}

bool
note_signer_read(struct lot_text file, struct note_signer *out, struct lot_error *error)
{
    assert(out != NULL);
    struct lot_text line = file, name = {0};
    uint8_t id[ID_BYTES], bytes[KEY_BYTES_MAX];
    size_t size = 0, prefix = sizeof PRIVATE - 1;
    bool good = !lot_line(&file, &line) || file.size == 0;
    good = good && lot_text_starts(line, PRIVATE);
    if (good) {
        line = (struct lot_text){line.at + prefix, line.size - prefix};
        good = key_split(line, &name, id, bytes, &size) && size == 1 + LOT_SEED_BYTES &&
               checked_here(bytes[0]);
    }
    struct note_signer signer = {0};
    if (!good) {
        /* Nothing of it is shown: a slip of the finger must not print half a key. */
        lot_fail(error, LOT_REFUSED, "not one line of the form " PRIVATE "name+id+base64");
    } else {
        good = note_signer_make(name, bytes[0], bytes + 1, &signer, error);
    }
    if (good && signer.key.id != get_id(id)) {
        good = lot_fail(error, LOT_REFUSED, "the private key of %s is damaged: its id is %08x",
                        signer.key.name, (unsigned)signer.key.id);
    }
    crypto_wipe(bytes, sizeof bytes);
    if (good) {
        *out = signer;
    }
    note_signer_finish(&signer);
    return good;
}

void
note_signer_text(const struct note_signer *signer, struct lot_buffer *out)
{
    assert(checked_here(signer->key.type) && out != NULL);
    uint8_t bytes[1 + LOT_SEED_BYTES] = {signer->key.type};
    char base64[CANON_BASE64_SIZE(sizeof bytes) + 1];
    memcpy(bytes + 1, signer->seed, LOT_SEED_BYTES);
    canon_to_base64(bytes, sizeof bytes, base64);
    lot_buffer_print(out, PRIVATE "%s+%08x+", signer->key.name, (unsigned)signer->key.id);
    /* Not printed: printf keeps copies of what it formats. */
    lot_buffer_put(out, lot_text(base64));
    lot_buffer_put(out, LOT_TEXT("\n"));
    crypto_wipe(bytes, sizeof bytes);
    crypto_wipe(base64, sizeof base64);
}

void
note_signer_finish(struct note_signer *signer)
{
    if (signer != NULL) {
        crypto_wipe(signer, sizeof *signer);
    }
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

/* What a key of the type signs. */
static void
message_put(uint8_t type, struct lot_text text, int64_t time, struct lot_buffer *out)
{
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
        if (seconds > TIME_MAX) {
            return lot_fail(error, LOT_REFUSED, "the signature of %s has a time after 9999",
                            key->name);
        }
        struct lot_buffer message = {0};
        message_put(key->type, note->text, (int64_t)seconds, &message);
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

/* ---- writing -------------------------------------------------------------------------------- */

void
note_begin(struct lot_text text, struct lot_buffer *out)
{
    assert(text_fits(text) && out != NULL);
    lot_buffer_put(out, text);
    lot_buffer_put(out, LOT_TEXT("\n"));
}

bool
note_sign(const struct note_signer *signer, struct lot_text text, int64_t time,
          struct lot_buffer *out, struct lot_error *error)
{
    uint8_t type = signer->key.type;
    assert(checked_here(type) && text_fits(text) && out != NULL);
    assert(type == LOT_KEY_WITNESS ? time >= 0 && time <= TIME_MAX : time == 0);
    uint8_t bytes[ID_BYTES + TIME_BYTES + LOT_SIGNATURE_BYTES], word[8];
    size_t before = ID_BYTES + (type == LOT_KEY_WITNESS ? TIME_BYTES : 0);
    canon_put_u64(signer->key.id, word);
    memcpy(bytes, word + 4, ID_BYTES);
    canon_put_u64((uint64_t)time, bytes + ID_BYTES);
    struct lot_buffer message = {0};
    message_put(type, text, time, &message);
    bool good = crypto_sign(signer->seed, lot_buffer_text(&message), bytes + before, error);
    lot_buffer_finish(&message);
    if (!good) {
        return lot_fail_at(error, "signing as %s", signer->key.name);
    }
    char base64[CANON_BASE64_SIZE(sizeof bytes) + 1];
    canon_to_base64(bytes, before + LOT_SIGNATURE_BYTES, base64);
    lot_buffer_print(out, DASH "%s %s\n", signer->key.name, base64);
    return true;
}

bool
note_add(struct lot_text note, struct lot_text lines, struct lot_buffer *out,
         struct lot_error *error)
{
    assert(out != NULL);
    struct note old = {0}, whole = {0};
    struct lot_buffer joined = {0};
    lot_buffer_put(&joined, note);
    lot_buffer_put(&joined, lines);
    bool good = note_read(note, &old, error) && note_read(lot_buffer_text(&joined), &whole, error);
    /* Lines with an empty one among them would move the end of the text. */
    if (good && (lines.size == 0 || whole.text.size != old.text.size)) {
        good = lot_fail(error, LOT_REFUSED, "no signature lines to add to a note");
    }
    if (good) {
        lot_buffer_put(out, lot_buffer_text(&joined));
    }
    lot_buffer_finish(&joined);
    return good;
}

void
note_mend(struct lot_text typed, struct lot_buffer *out)
{
    assert(out != NULL);
    struct lot_buffer lines = {0};
    for (size_t i = 0; i < typed.size; i++) {
        bool pair = typed.at[i] == '\r' && i + 1 < typed.size && typed.at[i + 1] == '\n';
        if (!pair) {
            lot_buffer_add(&lines, typed.at[i] == '\r' ? "\n" : typed.at + i, 1);
        }
    }
    while (lines.size > 0 && lines.at[lines.size - 1] == '\n') {
        lines.size--;
    }
    lot_buffer_put(&lines, LOT_TEXT("\n"));
    struct lot_text rest = lot_buffer_text(&lines), line;
    size_t split = find_split(rest);
    bool signatures = false;
    while (lot_line(&rest, &line)) {
        size_t words = line.size;
        for (int i = 0; signatures && i < 2; i++) { /* name and signature are the last two */
            while (words > 0 && line.at[words - 1] != ' ') {
                words--;
            }
            words -= i == 0 && words > 0 ? 1 : 0;
        }
        if (signatures) {
            lot_buffer_put(out, LOT_TEXT(DASH));
            line = (struct lot_text){line.at + words, line.size - words};
        }
        lot_buffer_put(out, line);
        lot_buffer_put(out, LOT_TEXT("\n"));
        signatures = signatures || (split > 0 && line.at == lines.at + split);
    }
    lot_buffer_finish(&lines);
}

/* ---- checkpoints ---------------------------------------------------------------------------- */

void
note_checkpoint_text(const struct note_checkpoint *checkpoint, struct lot_buffer *out)
{
    assert(checkpoint->origin[0] != '\0' && out != NULL);
    char root[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
    canon_to_base64(checkpoint->root, LOT_HASH_BYTES, root);
    lot_buffer_print(out, "%s\n%llu\n%s\n", checkpoint->origin,
                     (unsigned long long)checkpoint->size, root);
}

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
