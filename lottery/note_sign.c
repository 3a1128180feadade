/*
 * note_sign.c - hides what a signer does. Verification is built without this file, and
 * so without any private key.
 *
 *   private key   PRIVATE+KEY+name+id+base64(type || seed); the id is the public key's
 *   signatures    as note.c says
 */
#include "lottery/note.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ID_BYTES 4
#define ID_DIGITS 8
#define TIME_BYTES 8
#define DASH "\xE2\x80\x94 "
#define PRIVATE "PRIVATE+KEY+"

/* ---- private keys --------------------------------------------------------------------------- */

bool
note_signer_make(struct lot_text name, uint8_t type, const uint8_t seed[static LOT_SEED_BYTES],
                 struct note_signer *out, struct lot_error *error)
{
    assert((type == LOT_KEY_LOG || type == LOT_KEY_WITNESS) && out != NULL);
    uint8_t bytes[1 + LOT_PUBLIC_BYTES] = {type};
    struct lot_key key;
    if (!crypto_public(seed, bytes + 1, error) ||
        !note_key_make(name, bytes, sizeof bytes, &key, error)) {
        return false;
    }
    out->key = key;
    memcpy(out->seed, seed, LOT_SEED_BYTES);
    return true;
}

/* Takes the line apart; bytes becomes type || seed. */
static bool
split(struct lot_text line, struct lot_text *name, struct lot_text *id,
      uint8_t bytes[static 1 + LOT_SEED_BYTES])
{
    size_t prefix = sizeof PRIVATE - 1, size = 0;
    if (!lot_text_starts(line, PRIVATE)) {
        return false;
    }
    struct lot_text rest = {line.at + prefix, line.size - prefix};
    return lot_piece(&rest, '+', name) && lot_piece(&rest, '+', id) && canon_hex(*id, ID_DIGITS) &&
           rest.at != NULL && canon_from_base64(rest, bytes, 1 + LOT_SEED_BYTES, &size) &&
           size == 1 + LOT_SEED_BYTES && (bytes[0] == LOT_KEY_LOG || bytes[0] == LOT_KEY_WITNESS);
}

bool
note_signer_read(struct lot_text file, struct note_signer *out, struct lot_error *error)
{
    assert(out != NULL);
    struct lot_text rest = file, line = file, name = {0}, id = {0};
    uint8_t bytes[1 + LOT_SEED_BYTES] = {0};
    struct note_signer signer = {0};
    bool one_line = !lot_line(&rest, &line) || rest.size == 0;
    bool good = one_line && split(line, &name, &id, bytes);
    if (!good) {
        /* Nothing of it is shown: a slip of the finger must not print half a key. */
        lot_fail(error, LOT_REFUSED, "not one line of the form " PRIVATE "name+id+base64");
    } else {
        good = note_signer_make(name, bytes[0], bytes + 1, &signer, error);
    }
    char hex[ID_DIGITS + 1];
    snprintf(hex, sizeof hex, "%08x", (unsigned)signer.key.id);
    if (good && !lot_text_is(id, hex)) {
        good = lot_fail(error, LOT_REFUSED, "the private key of %s is damaged: its id is %s",
                        signer.key.name, hex);
    }
    if (good) {
        *out = signer;
    }
    crypto_wipe(bytes, sizeof bytes);
    note_signer_finish(&signer);
    return good;
}

void
note_signer_text(const struct note_signer *signer, struct lot_buffer *out)
{
    assert(signer->key.text[0] != '\0' && out != NULL);
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

/* ---- writing -------------------------------------------------------------------------------- */

void
note_begin(struct lot_text text, struct lot_buffer *out)
{
    assert(text.size > 0 && text.at[text.size - 1] == '\n' && out != NULL);
    lot_buffer_put(out, text);
    lot_buffer_put(out, LOT_TEXT("\n"));
}

bool
note_sign(const struct note_signer *signer, struct lot_text text, int64_t time,
          struct lot_buffer *out, struct lot_error *error)
{
    uint8_t type = signer->key.type;
    assert(text.size > 0 && text.at[text.size - 1] == '\n' && out != NULL);
    assert(type == LOT_KEY_WITNESS ? time >= 0 && time <= NOTE_TIME_MAX : time == 0);
    uint8_t bytes[ID_BYTES + TIME_BYTES + LOT_SIGNATURE_BYTES], word[8];
    size_t before = ID_BYTES + (type == LOT_KEY_WITNESS ? TIME_BYTES : 0);
    canon_put_u64(signer->key.id, word);
    memcpy(bytes, word + 4, ID_BYTES);
    canon_put_u64((uint64_t)time, bytes + ID_BYTES);
    struct lot_buffer message = {0};
    note_message(type, text, time, &message);
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
    size_t split = 0; /* the last empty line */
    for (size_t i = 1; i < lines.size; i++) {
        split = lines.at[i - 1] == '\n' && lines.at[i] == '\n' ? i : split;
    }
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

void
note_checkpoint_text(const struct note_checkpoint *checkpoint, struct lot_buffer *out)
{
    assert(checkpoint->origin[0] != '\0' && out != NULL);
    char root[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
    canon_to_base64(checkpoint->root, LOT_HASH_BYTES, root);
    lot_buffer_print(out, "%s\n%llu\n%s\n", checkpoint->origin,
                     (unsigned long long)checkpoint->size, root);
}
