#include "tests/test.h"

#include "lottery/note.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT "housing.example/HRB-1\n3\neh/eNF3gr8k3ubsWqwQjhnblVRFwCYP85sbrWpwYqzs=\n"

static json_t *vectors;

static int
load(void **state)
{
    (void)state;
    vectors = json_load_file(TESTS_DIR "/vectors/log-vectors.json", 0, NULL);
    return vectors == NULL ? -1 : 0;
}

static int
unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static const char *
at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static struct note_signer
signer(const char *name, uint8_t type, uint8_t first)
{
    uint8_t seed[LOT_SEED_BYTES] = {first};
    struct note_signer out;
    assert_true(note_signer_make(lot_text(name), type, seed, &out, NULL));
    return out;
}

/* A note over TEXT by a log and a witness. */
static void
sign_both(struct lot_buffer *out, struct note_signer *log, struct note_signer *witness)
{
    *log = signer("housing.example/HRB-1", LOT_KEY_LOG, 1);
    *witness = signer("notary.example", LOT_KEY_WITNESS, 2);
    note_begin(LOT_TEXT(TEXT), out);
    assert_true(note_sign(log, LOT_TEXT(TEXT), 0, out, NULL));
    assert_true(note_sign(witness, LOT_TEXT(TEXT), 1700000000, out, NULL));
}

#define assert_refused(call, sentence)                   \
    do {                                                 \
        struct lot_error error = {0};                    \
        assert_false(call);                              \
        assert_int_equal(error.code, LOT_REFUSED);       \
        assert_non_null(strstr(error.text, (sentence))); \
    } while (0)

/* ---- example -------------------------------------------------------------------------------- */

static void
note__keys_come_out_as_published(void **state)
{
    (void)state;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(vectors, "keys"), i, item)
    {
        uint8_t seed[LOT_SEED_BYTES], type;
        assert_true(canon_from_hex(lot_text(at(item, "seed_hex")), seed, sizeof seed));
        type = (uint8_t)json_integer_value(json_object_get(item, "type"));
        struct note_signer made, read;
        assert_true(note_signer_make(lot_text(at(item, "name")), type, seed, &made, NULL));
        assert_string_equal(made.key.text, at(item, "vkey"));
        struct lot_key key;
        assert_true(note_key_read(lot_text(at(item, "vkey")), &key, NULL));
        assert_memory_equal(&key, &made.key, sizeof key);
        char hex[64 + 1];
        canon_to_hex(key.public_key, sizeof key.public_key, hex);
        assert_string_equal(hex, at(item, "public_hex"));
        snprintf(hex, sizeof hex, "%08x", (unsigned)key.id);
        assert_string_equal(hex, at(item, "key_id_hex"));
        if (json_object_get(item, "signer_key") != NULL) {
            struct lot_buffer text = {0};
            note_signer_text(&made, &text);
            assert_int_equal(text.at[text.size - 1], '\n');
            assert_true(note_signer_read(lot_buffer_text(&text), &read, NULL));
            assert_memory_equal(&read, &made, sizeof read);
            text.at[text.size - 1] = '\0';
            assert_string_equal(text.at, at(item, "signer_key"));
            lot_buffer_finish(&text);
        }
    }
    json_array_foreach(json_object_get(vectors, "published_vkeys"), i, item)
    {
        struct lot_key key;
        assert_true(note_key_read(lot_text(at(item, "vkey")), &key, NULL));
    }
}

static void
note__published_note_comes_out_byte_for_byte(void **state)
{
    (void)state;
    const json_t *published = json_object_get(vectors, "published_note");
    const char *text = at(published, "text");
    uint8_t seed[LOT_SEED_BYTES];
    assert_true(canon_from_hex(lot_text(at(published, "seed_hex")), seed, sizeof seed));
    struct note_signer peter;
    assert_true(note_signer_make(LOT_TEXT("PeterNeumann"), LOT_KEY_LOG, seed, &peter, NULL));
    struct lot_buffer line = {0};
    assert_true(note_sign(&peter, lot_text(text), 0, &line, NULL));
    assert_string_equal(line.at, at(published, "signature_line"));
    lot_buffer_finish(&line);
}

static void
note__checkpoint_with_a_witness_verifies(void **state)
{
    (void)state;
    const json_t *log = json_object_get(vectors, "three_leaf_log");
    struct lot_key key, witness;
    struct note note;
    int64_t time = -1;
    assert_true(note_key_read(lot_text(at(log, "log_vkey")), &key, NULL));
    assert_true(note_key_read(lot_text(at(log, "witness_vkey")), &witness, NULL));
    assert_true(note_read(lot_text(at(log, "checkpoint")), &note, NULL));
    assert_int_equal(note.count, 2);
    assert_true(lot_text_is(note.text, at(log, "checkpoint_text")));
    assert_true(note_demand(&note, &key, NULL, NULL));
    assert_true(note_demand(&note, &witness, &time, NULL));
    assert_int_equal(time, json_integer_value(json_object_get(log, "cosignature_time")));

    struct note_checkpoint checkpoint;
    struct lot_buffer text = {0};
    assert_true(note_checkpoint_read(note.text, &checkpoint, NULL));
    assert_string_equal(checkpoint.origin, "lottery.example/log1");
    assert_int_equal(checkpoint.size, 3);
    note_checkpoint_text(&checkpoint, &text);
    assert_string_equal(text.at, at(log, "checkpoint_text"));

    /* The same note again from the two seeds. */
    uint8_t seed[LOT_SEED_BYTES];
    const json_t *first = json_array_get(json_object_get(vectors, "keys"), 0);
    assert_true(canon_from_hex(lot_text(at(first, "seed_hex")), seed, sizeof seed));
    struct note_signer log_signer, notary;
    assert_true(note_signer_make(lot_text(key.name), LOT_KEY_LOG, seed, &log_signer, NULL));
    assert_true(note_signer_make(lot_text(witness.name), LOT_KEY_WITNESS, seed, &notary, NULL));
    struct lot_buffer made = {0};
    note_begin(lot_buffer_text(&text), &made);
    assert_true(note_sign(&log_signer, lot_buffer_text(&text), 0, &made, NULL));
    assert_true(note_sign(&notary, lot_buffer_text(&text), time, &made, NULL));
    assert_string_equal(made.at, at(log, "checkpoint"));
    lot_buffer_finish(&made);
    lot_buffer_finish(&text);
}

static void
note__witness_line_is_added_to_a_note(void **state)
{
    (void)state;
    struct lot_buffer note = {0}, line = {0}, whole = {0}, direct = {0};
    struct note_signer log, witness;
    sign_both(&direct, &log, &witness);
    note_begin(LOT_TEXT(TEXT), &note);
    assert_true(note_sign(&log, LOT_TEXT(TEXT), 0, &note, NULL));
    assert_true(note_sign(&witness, LOT_TEXT(TEXT), 1700000000, &line, NULL));
    assert_true(note_add(lot_buffer_text(&note), lot_buffer_text(&line), &whole, NULL));
    assert_string_equal(whole.at, direct.at);
    lot_buffer_finish(&note);
    lot_buffer_finish(&line);
    lot_buffer_finish(&whole);
    lot_buffer_finish(&direct);
}

static void
note__fingerprint_is_ten_groups_of_digits(void **state)
{
    (void)state;
    const uint8_t root[LOT_HASH_BYTES] = {0xff, 0xff, 0, 0, 0, 1, 0x01, 0x00, 0xbc, 0x55, 0x50,
                                          0x27, 0,    9, 0, 8, 0, 7,    0,    6,    0xaa, 0xaa};
    char text[NOTE_FINGERPRINT_SIZE + 1];
    note_fingerprint(root, text);
    assert_string_equal(text, "65535-00000-00001-00256-48213\n20519-00009-00008-00007-00006");
}

static void
note__scanned_note_is_mended(void **state)
{
    (void)state;
    struct lot_buffer note = {0};
    struct note_signer log, witness;
    sign_both(&note, &log, &witness);
    static const char *const dashes[] = {"\xE2\x80\x94 ", "- ", " ", "", "? "};
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (size_t d = 0; d < sizeof dashes / sizeof dashes[0]; d++) {
        for (size_t e = 0; e < sizeof ends / sizeof ends[0]; e++) {
            struct lot_buffer typed = {0}, mended = {0};
            struct lot_text rest = lot_buffer_text(&note), line;
            while (lot_line(&rest, &line)) {
                bool dash = lot_text_starts(line, "\xE2\x80\x94 ");
                lot_buffer_print(&typed, "%s%.*s%s", dash ? dashes[d] : "",
                                 (int)line.size - (dash ? 4 : 0), line.at + (dash ? 4 : 0),
                                 ends[e]);
            }
            lot_buffer_put(&typed, lot_text(ends[e])); /* the scanner's own Enter */
            note_mend(lot_buffer_text(&typed), &mended);
            assert_string_equal(mended.at, note.at);
            lot_buffer_finish(&typed);
            lot_buffer_finish(&mended);
        }
    }
    struct lot_buffer nonsense = {0};
    note_mend(LOT_TEXT("no note at all"), &nonsense);
    note_mend(LOT_TEXT("a\n\nword"), &nonsense);
    assert_string_equal(nonsense.at, "no note at all\na\n\n\xE2\x80\x94 word\n");
    lot_buffer_finish(&nonsense);
    lot_buffer_finish(&note);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void
note__takes_64_signatures_and_no_more(void **state)
{
    (void)state;
    struct lot_buffer note = {0};
    note_begin(LOT_TEXT(TEXT), &note);
    for (uint8_t i = 0; i < NOTE_SIGNATURES_MAX; i++) {
        struct note_signer one = signer("many.example", LOT_KEY_LOG, i);
        assert_true(note_sign(&one, LOT_TEXT(TEXT), 0, &note, NULL));
    }
    struct note read;
    assert_true(note_read(lot_buffer_text(&note), &read, NULL));
    assert_int_equal(read.count, NOTE_SIGNATURES_MAX);
    struct note_signer last = signer("many.example", LOT_KEY_LOG, NOTE_SIGNATURES_MAX - 1);
    assert_true(note_demand(&read, &last.key, NULL, NULL));
    struct note_signer one_more = signer("many.example", LOT_KEY_LOG, NOTE_SIGNATURES_MAX);
    assert_true(note_sign(&one_more, LOT_TEXT(TEXT), 0, &note, NULL));
    assert_refused(note_read(lot_buffer_text(&note), &read, &error), "more than 64 signatures");
    lot_buffer_finish(&note);
}

static void
note__too_large_is_refused(void **state)
{
    (void)state;
    struct note read;
    struct lot_buffer note = {0};
    struct note_signer log, witness;
    sign_both(&note, &log, &witness);
    struct lot_buffer large = {0};
    while (large.size + note.size < NOTE_SIZE_MAX) {
        lot_buffer_put(&large, LOT_TEXT("x\n"));
    }
    lot_buffer_put(&large, lot_buffer_text(&note));
    struct lot_text fits = {large.at + large.size - NOTE_SIZE_MAX, NOTE_SIZE_MAX};
    assert_true(note_read(fits, &read, NULL));
    lot_buffer_put(&large, LOT_TEXT("\n"));
    assert_refused(note_read(lot_buffer_text(&large), &read, &error), "at most 262144");
    lot_buffer_finish(&large);
    lot_buffer_finish(&note);
}

static void
note__unknown_types_are_carried(void **state)
{
    (void)state;
    /* 0xff || "PKIX-SM2-SM3" || key, as log-format 4 proposes; the id as for all types but 0x02. */
    uint8_t bytes[] = "\xff"
                      "PKIX-SM2-SM3 and a key";
    struct lot_buffer text = {0};
    uint8_t digest[LOT_HASH_BYTES];
    lot_buffer_print(&text, "sm2.example\n%s", (const char *)bytes);
    assert_true(crypto_digest(LOT_SHA256, lot_buffer_text(&text), digest, NULL));
    char base64[64], hex[16];
    canon_to_base64(bytes, sizeof bytes - 1, base64);
    canon_to_hex(digest, 4, hex);
    lot_buffer_clear(&text);
    lot_buffer_print(&text, "sm2.example+%s+%s", hex, base64);
    struct lot_key key;
    assert_true(note_key_read(lot_buffer_text(&text), &key, NULL));
    assert_int_equal(key.type, LOT_KEY_OTHER);
    assert_string_equal(key.text, text.at);

    /* Type 0x02 has its id from the public key alone, without name and type. */
    bytes[0] = 0x02;
    assert_true(crypto_digest(LOT_SHA256, (struct lot_text){(char *)bytes + 1, sizeof bytes - 2},
                              digest, NULL));
    canon_to_base64(bytes, sizeof bytes - 1, base64);
    canon_to_hex(digest, 4, hex);
    lot_buffer_clear(&text);
    lot_buffer_print(&text, "rekor.example+%s+%s", hex, base64);
    assert_true(note_key_read(lot_buffer_text(&text), &key, NULL));
    assert_int_equal(key.type, 2);
    lot_buffer_finish(&text);
}

static void
note__keys_are_no_longer_than_their_room(void **state)
{
    (void)state;
    char name[LOT_KEY_NAME_MAX + 2] = "";
    uint8_t bytes[385] = {LOT_KEY_OTHER};
    struct lot_key key;
    memset(name, 'n', LOT_KEY_NAME_MAX);
    /* 128 + 1 + 8 + 1 characters leave 374 for base64: 279 bytes are 372 of them. */
    assert_true(note_key_make(lot_text(name), bytes, 279, &key, NULL));
    assert_int_equal(strlen(key.text), 510);
    struct lot_key again;
    assert_true(note_key_read(lot_text(key.text), &again, NULL));
    assert_memory_equal(&again, &key, sizeof key);
    assert_refused(note_key_make(lot_text(name), bytes, 280, &key, &error),
                   "has more than 512 characters");
    name[LOT_KEY_NAME_MAX] = 'n';
    assert_refused(note_key_make(lot_text(name), bytes, 33, &key, &error), "1 to 128 bytes");
}

/* ---- refusal -------------------------------------------------------------------------------- */

static void
note__verifier_keys_have_one_spelling(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "lottery.example/log1",
        "lottery.example/log1+3f6cb02c",
        "lottery.example/log1+3f6cb02c+",
        "lottery.example/log1+3F6CB02C+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery.example/log1+3f6cb02+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery example+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery\xC2\xA0+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery\xE3\x80\x80+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery\xE1\x9A\x80+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery\xE2\x81\x9F+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery\xE2\x80\x8B+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery\xFF+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery.example/log1+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n",
        "lottery.example/log1+3f6cb02c+AddamAGCsQq31Uv-08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "lottery.example/log1+3f6cb02c+Ad==",
    };
    struct lot_key key = {.id = 7};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(note_key_read(lot_text(bad[i]), &key, &error), "name+id+base64");
    }
    assert_refused(note_key_read(LOT_TEXT("lottery.example/log1+3f6cb02c+AddamAGC"), &key, &error),
                   "has 5 bytes; Ed25519 keys have 32");
    assert_refused(
        note_key_read(
            LOT_TEXT("lottery.example/log2+3f6cb02c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"),
            &key, &error),
        "not copied whole");
    assert_int_equal(key.id, 7); /* untouched */
}

static void
note__private_keys_are_read_strictly_and_never_shown(void **state)
{
    (void)state;
    struct note_signer good = signer("office.example", LOT_KEY_LOG, 9), read;
    struct lot_buffer text = {0};
    note_signer_text(&good, &text);
    assert_true(note_signer_read(lot_buffer_text(&text), &read, NULL));
    assert_memory_equal(&read, &good, sizeof read);
    note_signer_finish(&read);
    assert_int_equal(read.seed[0], 0);
    /* Without its LF it is the same key. */
    assert_true(note_signer_read((struct lot_text){text.at, text.size - 1}, &read, NULL));
    /* Every byte counts: no flip of one bit reads as another key, and no sentence shows it. */
    for (size_t i = 0; i + 1 < text.size; i++) {
        struct lot_error error = {0};
        text.at[i] ^= 1;
        assert_false(note_signer_read(lot_buffer_text(&text), &read, &error));
        assert_null(strstr(error.text, text.at + text.size - 20));
        text.at[i] ^= 1;
    }
    /* A seed that lost its last byte, a zero, with the id of the whole one. */
    uint8_t cut[1 + LOT_SEED_BYTES - 1] = {LOT_KEY_LOG, 9};
    char base64[CANON_BASE64_SIZE(sizeof cut) + 1];
    struct lot_buffer short_one = {0};
    canon_to_base64(cut, sizeof cut, base64);
    lot_buffer_print(&short_one, "PRIVATE+KEY+office.example+%08x+%s\n", (unsigned)good.key.id,
                     base64);
    assert_refused(note_signer_read(lot_buffer_text(&short_one), &read, &error), "not one line");
    lot_buffer_finish(&short_one);
    lot_buffer_put(&text, LOT_TEXT("more\n"));
    assert_refused(note_signer_read(lot_buffer_text(&text), &read, &error), "not one line");
    assert_refused(note_signer_read(lot_text(good.key.text), &read, &error), "PRIVATE+KEY+");
    uint8_t seed[LOT_SEED_BYTES] = {0};
    assert_refused(note_signer_make(LOT_TEXT("two words"), LOT_KEY_LOG, seed, &read, &error),
                   "neither blanks");
    lot_buffer_finish(&text);
}

static void
note__form_is_strict(void **state)
{
    (void)state;
#define LINE "\xE2\x80\x94 a.example AAAAAAA=\n"
    struct note note;
    assert_true(note_read(LOT_TEXT("text\n\n" LINE), &note, NULL));
    assert_true(note_read(LOT_TEXT("text\n\nmore\n\n" LINE), &note, NULL));
    assert_int_equal(note.text.size, 11);
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "\n\n" LINE,
        "text\n\n",
        "text\n",
        "text\n" LINE,
        "text\r\n\r\n" LINE,
        "te\txt\n\n" LINE,
        "text\n\n" LINE "x",
        "\xff\n\n" LINE,
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(note_read(lot_text(bad[i]), &note, &error), "not a signed note");
    }
    assert_refused(
        note_read((struct lot_text){"a\0b\n\n" LINE, 5 + sizeof LINE - 1}, &note, &error),
        "not a signed note");
    static const char *const lines[] = {
        "- a.example AAAAAAA=",           "\xE2\x80\x94 a.example",
        "\xE2\x80\x94 a.example AAAAAAA", "\xE2\x80\x94 a.example AAAAAA==",
        "\xE2\x80\x94  AAAAAAA=",         "\xE2\x80\x94 a.example AAAAAAA= ",
        "\xE2\x80\x94 a+b AAAAAAA=",      "\xE2\x80\x94 a.example AAAAAAB=",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct lot_buffer text = {0};
        lot_buffer_print(&text, "text\n\n" LINE "%s\n", lines[i]);
        assert_refused(note_read(lot_buffer_text(&text), &note, &error), "signature line 2");
        lot_buffer_finish(&text);
    }
    assert_refused(note_read(LOT_TEXT("text\n\n" LINE LINE), &note, &error),
                   "signed the note twice");
#undef LINE
}

static void
note__wrong_signatures_are_refused_and_missing_ones_said(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    struct note_signer log, witness;
    sign_both(&text, &log, &witness);
    struct note note;
    assert_true(note_read(lot_buffer_text(&text), &note, NULL));

    struct note_signer stranger = signer("stranger.example", LOT_KEY_LOG, 3);
    bool there = true;
    int64_t time = 5;
    assert_true(note_verify(&note, &stranger.key, &there, &time, NULL));
    assert_false(there);
    assert_int_equal(time, 0);
    assert_refused(note_demand(&note, &stranger.key, NULL, &error),
                   "not signed by stranger.example+");

    /* The same name and id, but another key: who makes 2^32 keys finds one. */
    struct lot_key forged = log.key;
    memcpy(forged.public_key, stranger.key.public_key, LOT_PUBLIC_BYTES);
    assert_refused(note_verify(&note, &forged, &there, NULL, &error),
                   "signed by housing.example/HRB-1: the signature does not match");
    assert_refused(note_demand(&note, &forged, NULL, &error), "does not match");
    struct lot_key short_one = log.key;
    short_one.type = LOT_KEY_WITNESS;
    assert_refused(note_verify(&note, &short_one, &there, NULL, &error), "wrong length");

    /* A time beyond any calendar. */
    uint8_t bytes[4 + 8 + 64];
    size_t size;
    assert_true(canon_from_base64(note.signatures[1].base64, bytes, sizeof bytes, &size));
    bytes[4] = 1;
    char base64[CANON_BASE64_SIZE(sizeof bytes) + 1];
    canon_to_base64(bytes, sizeof bytes, base64);
    note.signatures[1].base64 = lot_text(base64);
    assert_refused(note_verify(&note, &witness.key, &there, &time, &error), "after 9999");
    lot_buffer_finish(&text);
}

static void
note__only_signature_lines_are_added(void **state)
{
    (void)state;
    struct lot_buffer text = {0}, out = {0};
    struct note_signer log, witness;
    sign_both(&text, &log, &witness);
    struct lot_text note = lot_buffer_text(&text);
    assert_refused(note_add(note, LOT_TEXT(""), &out, &error), "no signature lines");
    assert_refused(note_add(note, LOT_TEXT("\n\xE2\x80\x94 a.example AAAAAAA=\n"), &out, &error),
                   "no signature lines");
    assert_refused(note_add(note, LOT_TEXT("hello\n"), &out, &error), "signature line 3");
    assert_refused(note_add(LOT_TEXT("x\n"), LOT_TEXT("y\n"), &out, &error), "not a signed note");
    struct lot_buffer again = {0};
    assert_true(note_sign(&witness, LOT_TEXT(TEXT), 1700000001, &again, NULL));
    assert_refused(note_add(note, lot_buffer_text(&again), &out, &error), "twice");
    assert_int_equal(out.size, 0);
    lot_buffer_finish(&again);
    lot_buffer_finish(&text);
}

static void
note__checkpoints_have_one_spelling(void **state)
{
    (void)state;
    static const char root[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    static const struct {
        const char *format, *sentence;
    } bad[] = {
        {"", "line 1"},
        {"\n0\n%s\n", "line 1"},
        {"a b\n0\n%s\n", "line 1"},
        {"a\n\n%s\n", "line 2"},
        {"a\n00\n%s\n", "line 2"},
        {"a\n0300\n%s\n", "line 2"},
        {"a\n+300\n%s\n", "line 2"},
        {"a\n0x1\n%s\n", "line 2"},
        {"a\n-1\n%s\n", "line 2"},
        {"a\n1000000000\n%s\n", "line 2"},
        {"a\n0\n", "line 3"},
        {"a\n0\n%s", "line 3"},
        {"a\n0\n%s=\n", "line 3"},
        {"a\n0\nAAAA\n", "line 3"},
        {"a\n0\n%s\nextension\n", "more than three lines"},
        {"a\n0\n%s\nx", "more than three lines"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lot_buffer text = {0};
        struct note_checkpoint checkpoint;
        const char *hole = strstr(bad[i].format, "%s");
        size_t before = hole == NULL ? strlen(bad[i].format) : (size_t)(hole - bad[i].format);
        lot_buffer_add(&text, bad[i].format, before);
        if (hole != NULL) {
            lot_buffer_print(&text, "%s%s", root, hole + 2);
        }
        assert_refused(note_checkpoint_read(lot_buffer_text(&text), &checkpoint, &error),
                       bad[i].sentence);
        lot_buffer_finish(&text);
    }
    struct note_checkpoint empty;
    assert_true(note_checkpoint_read(
        LOT_TEXT("a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), &empty, NULL));
    assert_int_equal(empty.root[0], 0xe3);
}

/* ---- property ------------------------------------------------------------------------------- */

static void
note__every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    struct note_signer log, witness;
    sign_both(&text, &log, &witness);
    unsigned refused = 0;
    for (size_t i = 0; i < text.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text.at[i] = (char)(text.at[i] ^ (1 << bit));
            struct note note;
            bool good = note_read(lot_buffer_text(&text), &note, NULL) &&
                        note_demand(&note, &log.key, NULL, NULL) &&
                        note_demand(&note, &witness.key, NULL, NULL);
            assert_false(good);
            refused++;
            text.at[i] = (char)(text.at[i] ^ (1 << bit));
        }
    }
    assert_int_equal(refused, 8 * text.size);
    lot_buffer_finish(&text);
}

static void
note__failing_library_is_the_machines_fault(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    struct note_signer log, witness, made;
    sign_both(&text, &log, &witness);
    struct note note;
    assert_true(note_read(lot_buffer_text(&text), &note, NULL));
    struct lot_key key;
    uint8_t seed[LOT_SEED_BYTES] = {1};
    struct lot_buffer line = {0};
    for (int call = 0; call < 4; call++) {
        struct lot_error error = {0};
        crypto_fail_at(1);
        bool good = call == 0   ? note_key_read(lot_text(log.key.text), &key, &error)
                    : call == 1 ? note_demand(&note, &log.key, NULL, &error)
                    : call == 2 ? note_sign(&log, LOT_TEXT(TEXT), 0, &line, &error)
                                : note_signer_make(LOT_TEXT("a"), LOT_KEY_LOG, seed, &made, &error);
        crypto_fail_at(0);
        assert_false(good);
        assert_int_equal(error.code, LOT_MACHINE);
    }
    assert_int_equal(line.size, 0);
    lot_buffer_finish(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(note__keys_come_out_as_published),
    cmocka_unit_test(note__published_note_comes_out_byte_for_byte),
    cmocka_unit_test(note__checkpoint_with_a_witness_verifies),
    cmocka_unit_test(note__witness_line_is_added_to_a_note),
    cmocka_unit_test(note__fingerprint_is_ten_groups_of_digits),
    cmocka_unit_test(note__scanned_note_is_mended),
    cmocka_unit_test(note__takes_64_signatures_and_no_more),
    cmocka_unit_test(note__too_large_is_refused),
    cmocka_unit_test(note__unknown_types_are_carried),
    cmocka_unit_test(note__keys_are_no_longer_than_their_room),
    cmocka_unit_test(note__verifier_keys_have_one_spelling),
    cmocka_unit_test(note__private_keys_are_read_strictly_and_never_shown),
    cmocka_unit_test(note__form_is_strict),
    cmocka_unit_test(note__wrong_signatures_are_refused_and_missing_ones_said),
    cmocka_unit_test(note__only_signature_lines_are_added),
    cmocka_unit_test(note__checkpoints_have_one_spelling),
    cmocka_unit_test(note__every_flipped_bit_is_noticed),
    cmocka_unit_test(note__failing_library_is_the_machines_fault),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, load, unload);
}
