/* Notes, keys and checkpoints: what is read must be what was written, byte for byte. */
#include "lottery/note.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_note(struct lot_text input, const struct lot_key *key)
{
    struct note note;
    if (!note_read(input, &note, NULL)) {
        return;
    }
    struct lot_buffer again = {0};
    note_begin(note.text, &again);
    for (uint32_t i = 0; i < note.count; i++) {
        const struct note_signature *one = &note.signatures[i];
        lot_buffer_print(&again, "\xE2\x80\x94 %.*s %.*s\n", (int)one->name.size, one->name.at,
                         (int)one->base64.size, one->base64.at);
    }
    assert(lot_text_same(lot_buffer_text(&again), input));
    /* A note that was read needs no mending. */
    lot_buffer_clear(&again);
    note_mend(input, &again);
    assert(lot_text_same(lot_buffer_text(&again), input));
    lot_buffer_clear(&again);

    bool there = false;
    int64_t time = 0;
    struct lot_error error = {0};
    bool good = note_verify(&note, key, &there, &time, &error);
    assert(good || error.code == LOT_REFUSED);
    assert(!there || note_demand(&note, key, NULL, NULL));

    struct note_checkpoint checkpoint;
    if (note_checkpoint_read(note.text, &checkpoint, NULL)) {
        note_checkpoint_text(&checkpoint, &again);
        assert(lot_text_same(lot_buffer_text(&again), note.text));
    }
    lot_buffer_finish(&again);
}

static void
try_keys(struct lot_text input)
{
    struct lot_key key;
    struct note_signer signer;
    if (note_key_read(input, &key, NULL)) {
        assert(lot_text_is(input, key.text));
    }
    if (note_signer_read(input, &signer, NULL)) {
        struct lot_buffer text = {0};
        note_signer_text(&signer, &text);
        assert(lot_text_starts(lot_buffer_text(&text), "PRIVATE+KEY+"));
        assert(text.size == input.size || text.size == input.size + 1);
        /* Whoever has the key can sign, and what is signed verifies. */
        struct note note;
        int64_t now = signer.key.type == LOT_KEY_WITNESS ? 1700000000 : 0, time = -1;
        lot_buffer_clear(&text);
        note_begin(LOT_TEXT("text\n"), &text);
        bool good = note_sign(&signer, LOT_TEXT("text\n"), now, &text, NULL) &&
                    note_read(lot_buffer_text(&text), &note, NULL) &&
                    note_demand(&note, &signer.key, &time, NULL);
        assert(good && time == now);
        lot_buffer_finish(&text);
        note_signer_finish(&signer);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lot_text input = {(const char *)data, size};
    struct lot_key witness, log;
    bool known = note_key_read(LOT_TEXT("notary.example/w1+8d28ff79+"
                                        "BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"),
                               &witness, NULL) &&
                 note_key_read(LOT_TEXT("lottery.example/log1+3f6cb02c+"
                                        "AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"),
                               &log, NULL);
    assert(known);
    try_note(input, &witness);
    try_note(input, &log);
    try_keys(input);

    /* What a scanner typed, and a witness's answer: any bytes at all. */
    struct lot_buffer out = {0};
    struct lot_error error = {0};
    note_mend(input, &out);
    struct lot_text half = {input.at, size / 2};
    struct lot_text rest = {size == 0 ? NULL : input.at + size / 2, size - size / 2};
    bool added = note_add(half, rest, &out, &error);
    assert(added || error.code == LOT_REFUSED);
    lot_buffer_finish(&out);
    return 0;
}
