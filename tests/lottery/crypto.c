#include "tests/test.h"

#include "lottery/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
digest_is(enum lot_hash hash, const char *text, const char *hex)
{
    char out[LOT_HEX_SIZE + 1];
    assert_true(crypto_digest_hex(hash, lot_text(text), out, NULL));
    assert_string_equal(out, hex);
}

/* ---- example: the standards' own vectors (FIPS 180-4, GB/T 32905, RFC 8032 section 7.1) ---- */

static void
crypto__digests_are_the_standards(void **state)
{
    (void)state;
    digest_is(LOT_SHA256, "abc",
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_is(LOT_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_is(LOT_SM3, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    uint8_t out[64];
    char hex[129];
    assert_true(crypto_sha512(LOT_TEXT("abc"), out, NULL));
    canon_to_hex(out, 64, hex);
    assert_true(lot_text_starts(lot_text(hex), "ddaf35a193617abacc417349ae204131"));
}

static void
crypto__ed25519_is_rfc_8032(void **state)
{
    (void)state;
    uint8_t seed[32], key[32], wanted[32], signature[64], known[64];
    assert_true(canon_from_hex(
        LOT_TEXT("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), seed, 32));
    assert_true(canon_from_hex(
        LOT_TEXT("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), wanted, 32));
    assert_true(canon_from_hex(
        LOT_TEXT("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                 "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        known, 64));
    assert_true(crypto_public(seed, key, NULL));
    assert_memory_equal(key, wanted, 32);
    assert_true(crypto_sign(seed, LOT_TEXT(""), signature, NULL));
    assert_memory_equal(signature, known, 64);
    assert_true(crypto_verify(key, LOT_TEXT(""), signature, NULL));
}

/* ---- refusal ---- */

static void
crypto__flipped_bit_is_refused(void **state)
{
    (void)state;
    uint8_t seed[32] = {1}, key[32], signature[64];
    assert_true(crypto_public(seed, key, NULL));
    assert_true(crypto_sign(seed, LOT_TEXT("a roll"), signature, NULL));
    for (size_t bit = 0; bit < 512; bit++) {
        struct lot_error error = {0};
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(crypto_verify(key, LOT_TEXT("a roll"), signature, &error));
        assert_int_equal(error.code, LOT_REFUSED);
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_false(crypto_verify(key, LOT_TEXT("a rolL"), signature, NULL));
}

static void
crypto__no_certificate_is_refused(void **state)
{
    (void)state;
    uint8_t id[64];
    struct lot_error error = {0};
    assert_false(crypto_certificate_id(LOT_TEXT("hello"), id, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, "not a certificate in PEM");
}

/* The certificate that signed the real pulse. */
static void
read_certificate(struct lot_buffer *pem)
{
    FILE *file = fopen(TESTS_DIR "/vectors/nist/nist_beacon_cert_528943a5.pem", "rb");
    assert_non_null(file);
    char text[8192];
    lot_buffer_add(pem, text, fread(text, 1, sizeof text, file));
    fclose(file);
}

static void
crypto__real_certificate_has_its_known_id(void **state)
{
    (void)state;
    struct lot_buffer pem = {0};
    uint8_t id[64];
    char hex[129];
    read_certificate(&pem);
    assert_true(crypto_certificate_id(lot_buffer_text(&pem), id, NULL));
    canon_to_hex(id, 64, hex);
    assert_true(lot_text_starts(lot_text(hex), "528943a555f5f8ca54423be6dfb95925"));
    struct lot_error error = {0};
    assert_false(
        crypto_certificate_verify(lot_buffer_text(&pem), LOT_TEXT("x"), LOT_TEXT("y"), &error));
    assert_string_equal(error.text, "the signature does not match");
    lot_buffer_finish(&pem);
}

static void
crypto__certificate_has_one_spelling(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    uint8_t known[64], id[64];
    read_certificate(&text);
    assert_true(crypto_certificate_id(lot_buffer_text(&text), known, NULL));
    struct lot_text rest = lot_buffer_text(&text), line;
    for (unsigned doubled = 0; lot_line(&rest, &line); doubled++) {
        struct lot_buffer other = {0};
        struct lot_text lines = lot_buffer_text(&text), each;
        for (unsigned i = 0; lot_line(&lines, &each); i++) {
            for (unsigned times = 0; times <= (i == doubled); times++) {
                lot_buffer_put(&other, each);
                lot_buffer_put(&other, LOT_TEXT("\r\n")); /* Windows' line ends are no matter */
            }
        }
        bool last = rest.size == 0;
        assert_int_equal(crypto_certificate_id(lot_buffer_text(&other), id, NULL), last);
        lot_buffer_finish(&other);
    }
    lot_buffer_put(&text, LOT_TEXT("what stands behind it is no matter\n"));
    assert_true(crypto_certificate_id(lot_buffer_text(&text), id, NULL));
    assert_memory_equal(id, known, sizeof id);
    lot_buffer_finish(&text);
}

/* ---- property ---- */

static void
crypto__prefix_changes_nothing(void **state)
{
    (void)state;
    char text[400];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('a' + i % 26);
    }
    for (int hash = LOT_SHA256; hash <= LOT_SM3; hash++) {
        for (size_t cut = 0; cut <= sizeof text; cut += 16) {
            struct crypto_prefix *prefix = NULL;
            uint8_t whole[32], parts[32];
            assert_true(crypto_prefix_create((enum lot_hash)hash, (struct lot_text){text, cut},
                                             &prefix, NULL));
            for (int again = 0; again < 2; again++) {
                assert_true(crypto_prefix_digest(prefix, text + cut, sizeof text - cut, parts));
                assert_true(crypto_digest((enum lot_hash)hash, (struct lot_text){text, sizeof text},
                                          whole, NULL));
                assert_memory_equal(whole, parts, 32);
            }
            crypto_prefix_destroy(prefix);
        }
    }
}

static void
crypto__each_fault_is_a_sentence(void **state)
{
    (void)state;
    uint8_t seed[32] = {1}, key[32], signature[64], random[8];
    crypto_fail_at(0);
    assert_true(crypto_public(seed, key, NULL));
    assert_int_equal(crypto_fail_at(1), 1);
    struct lot_error error = {0};
    assert_false(crypto_public(seed, key, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    crypto_fail_at(1);
    assert_false(crypto_sign(seed, LOT_TEXT("x"), signature, &error));
    crypto_fail_at(1);
    assert_false(crypto_random(random, sizeof random, &error));
    assert_string_equal(error.text, "OpenSSL could not give random bytes: it gave no reason");
    crypto_fail_at(2);
    assert_true(crypto_sign(seed, LOT_TEXT("x"), signature, &error));
    assert_false(crypto_verify(key, LOT_TEXT("x"), signature, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    crypto_fail_at(0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(crypto__digests_are_the_standards),
    cmocka_unit_test(crypto__ed25519_is_rfc_8032),
    cmocka_unit_test(crypto__flipped_bit_is_refused),
    cmocka_unit_test(crypto__no_certificate_is_refused),
    cmocka_unit_test(crypto__real_certificate_has_its_known_id),
    cmocka_unit_test(crypto__certificate_has_one_spelling),
    cmocka_unit_test(crypto__prefix_changes_nothing),
    cmocka_unit_test(crypto__each_fault_is_a_sentence),
};

TEST_MAIN(tests)
