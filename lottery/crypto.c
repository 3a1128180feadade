/*
 * crypto.c - hides OpenSSL 3: which of its interfaces does what, and how it fails.
 *
 * Many short SHA-256 messages go through the plain SHA256_* functions: a state is
 * then a struct that is copied in a few nanoseconds, where the EVP interface of
 * 3.0 takes locks and several hundred. They are deprecated, not gone; this file
 * is the only one that would have to change.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lottery/crypto.h"

#include <assert.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

/* ---- faults on demand ----------------------------------------------------------------------- */

static atomic_uint_fast64_t calls;
static atomic_uint_fast64_t fault;

uint64_t
crypto_fail_at(uint64_t n)
{
    atomic_store(&fault, n);
    return atomic_exchange(&calls, 0);
}

/* False when this call was chosen to fail. Stands before each call that reaches OpenSSL. */
static bool
spared(void)
{
    return atomic_fetch_add(&calls, 1) + 1 != atomic_load(&fault);
}

static bool
library_failed(struct lot_error *error, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    ERR_clear_error();
    return lot_fail(error, LOT_MACHINE, "OpenSSL could not %s: %s", what,
                    reason == NULL ? "it gave no reason" : reason);
}

/* ---- digests -------------------------------------------------------------------------------- */

static bool
digest(const EVP_MD *kind, struct lot_text text, uint8_t *out, struct lot_error *error)
{
    const void *bytes = text.at == NULL ? "" : text.at;
    if (!spared() || kind == NULL || EVP_Digest(bytes, text.size, out, NULL, kind, NULL) != 1) {
        return library_failed(error, "make a digest");
    }
    return true;
}

bool
crypto_digest(enum lot_hash hash, struct lot_text text, uint8_t out[static LOT_HASH_BYTES],
              struct lot_error *error)
{
    return digest(hash == LOT_SHA256 ? EVP_sha256() : EVP_sm3(), text, out, error);
}

bool
crypto_digest_hex(enum lot_hash hash, struct lot_text text, char out[static LOT_HEX_SIZE + 1],
                  struct lot_error *error)
{
    uint8_t bytes[LOT_HASH_BYTES];
    if (!crypto_digest(hash, text, bytes, error)) {
        return false;
    }
    canon_to_hex(bytes, sizeof bytes, out);
    return true;
}

bool
crypto_sha512(struct lot_text text, uint8_t out[static 64], struct lot_error *error)
{
    return digest(EVP_sha512(), text, out, error);
}

struct crypto_prefix {
    enum lot_hash hash;
    SHA256_CTX sha256;
    EVP_MD_CTX *sm3; /* copied for each message; NULL with SHA-256 */
};

bool
crypto_prefix_create(enum lot_hash hash, struct lot_text text, struct crypto_prefix **out,
                     struct lot_error *error)
{
    assert(out != NULL);
    struct crypto_prefix *prefix = lot_alloc(1, sizeof *prefix);
    const void *bytes = text.at == NULL ? "" : text.at;
    prefix->hash = hash;
    bool good = spared();
    if (good && hash == LOT_SHA256) {
        good = SHA256_Init(&prefix->sha256) == 1 &&
               SHA256_Update(&prefix->sha256, bytes, text.size) == 1;
    } else if (good) {
        prefix->sm3 = EVP_MD_CTX_new();
        good = prefix->sm3 != NULL && EVP_DigestInit_ex(prefix->sm3, EVP_sm3(), NULL) == 1 &&
               EVP_DigestUpdate(prefix->sm3, bytes, text.size) == 1;
    }
    if (!good) {
        crypto_prefix_destroy(prefix);
        return library_failed(error, "begin a digest");
    }
    *out = prefix;
    return true;
}

/* A context of its own for each thread would need a place to live; SM3 draws pay with a copy. */
static bool
sm3_rest(const struct crypto_prefix *prefix, const void *rest, size_t size, uint8_t *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_MD_CTX_copy_ex(context, prefix->sm3) == 1 &&
                EVP_DigestUpdate(context, rest, size) == 1 &&
                EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool
crypto_prefix_digest(const struct crypto_prefix *prefix, const void *rest, size_t size,
                     uint8_t out[static LOT_HASH_BYTES])
{
    if (prefix->hash == LOT_SM3) {
        return sm3_rest(prefix, rest, size, out);
    }
    SHA256_CTX context = prefix->sha256;
    return SHA256_Update(&context, rest, size) == 1 && SHA256_Final(out, &context) == 1;
}

void
crypto_prefix_destroy(struct crypto_prefix *prefix)
{
    if (prefix == NULL) {
        return;
    }
    EVP_MD_CTX_free(prefix->sm3);
    OPENSSL_cleanse(prefix, sizeof *prefix);
    free(prefix);
}

/* ---- Ed25519 -------------------------------------------------------------------------------- */

bool
crypto_public(const uint8_t seed[static LOT_SEED_BYTES], uint8_t out[static LOT_PUBLIC_BYTES],
              struct lot_error *error)
{
    size_t size = LOT_PUBLIC_BYTES;
    EVP_PKEY *key = spared()
                        ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, LOT_SEED_BYTES)
                        : NULL;
    uint8_t bytes[LOT_PUBLIC_BYTES];
    bool good = key != NULL && EVP_PKEY_get_raw_public_key(key, bytes, &size) == 1 &&
                size == LOT_PUBLIC_BYTES;
    EVP_PKEY_free(key);
    if (!good) {
        return library_failed(error, "find the public key");
    }
    for (size_t i = 0; i < LOT_PUBLIC_BYTES; i++) {
        out[i] = bytes[i];
    }
    return true;
}

bool
crypto_sign(const uint8_t seed[static LOT_SEED_BYTES], struct lot_text message,
            uint8_t out[static LOT_SIGNATURE_BYTES], struct lot_error *error)
{
    uint8_t signature[LOT_SIGNATURE_BYTES];
    size_t size = sizeof signature;
    EVP_PKEY *key = spared()
                        ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, LOT_SEED_BYTES)
                        : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = key != NULL && context != NULL &&
                EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &size, (const unsigned char *)message.at,
                               message.size) == 1 &&
                size == LOT_SIGNATURE_BYTES;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (!good) {
        return library_failed(error, "sign");
    }
    for (size_t i = 0; i < LOT_SIGNATURE_BYTES; i++) {
        out[i] = signature[i];
    }
    return true;
}

bool
crypto_verify(const uint8_t key[static LOT_PUBLIC_BYTES], struct lot_text message,
              const uint8_t signature[static LOT_SIGNATURE_BYTES], struct lot_error *error)
{
    EVP_PKEY *public_key =
        spared() ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, LOT_PUBLIC_BYTES)
                 : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (public_key == NULL || context == NULL ||
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) != 1) {
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(public_key);
        return library_failed(error, "prepare to verify");
    }
    bool good = EVP_DigestVerify(context, signature, LOT_SIGNATURE_BYTES,
                                 (const unsigned char *)message.at, message.size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    ERR_clear_error();
    return good || lot_fail(error, LOT_REFUSED, "the signature does not match");
}

/* ---- RSA ------------------------------------------------------------------------------------ */

/* The first certificate of a PEM text, in DER: base64 in lines of any length, one spelling. */
static bool
certificate_bytes(struct lot_text pem, struct lot_buffer *der)
{
    struct lot_text line;
    struct lot_buffer base64 = {0};
    bool inside = false, whole = false;
    while (!whole && pem.at != NULL && lot_piece(&pem, '\n', &line)) {
        line.size -= line.size > 0 && line.at[line.size - 1] == '\r';
        whole = inside && lot_text_is(line, "-----END CERTIFICATE-----");
        if (inside && !whole) {
            lot_buffer_put(&base64, line);
        }
        inside = inside || lot_text_is(line, "-----BEGIN CERTIFICATE-----");
    }
    size_t size = 0;
    uint8_t *bytes = lot_alloc(base64.size + 1, 1);
    bool good = whole && base64.size > 0 &&
                canon_from_base64(lot_buffer_text(&base64), bytes, base64.size, &size);
    if (good) {
        lot_buffer_add(der, bytes, size);
    }
    free(bytes);
    lot_buffer_finish(&base64);
    return good;
}

static bool
certificate(struct lot_text pem, X509 **out, struct lot_error *error)
{
    struct lot_buffer der = {0};
    X509 *found = NULL;
    if (!spared()) {
        return library_failed(error, "open a certificate");
    }
    if (certificate_bytes(pem, &der) && der.size <= LONG_MAX) {
        const unsigned char *start = (const unsigned char *)der.at, *end = start;
        found = d2i_X509(NULL, &end, (long)der.size);
        if (found != NULL && end != start + der.size) { /* bytes behind it are in no digest */
            X509_free(found);
            found = NULL;
        }
        ERR_clear_error();
    }
    lot_buffer_finish(&der);
    *out = found;
    return found != NULL || lot_fail(error, LOT_REFUSED, "not a certificate in PEM");
}

bool
crypto_certificate_id(struct lot_text pem, uint8_t out[static 64], struct lot_error *error)
{
    X509 *parsed = NULL;
    if (!certificate(pem, &parsed, error)) {
        return false;
    }
    unsigned char *der = NULL;
    int size = i2d_X509(parsed, &der);
    X509_free(parsed);
    if (size <= 0) {
        return library_failed(error, "write a certificate in DER");
    }
    bool good = crypto_sha512((struct lot_text){(const char *)der, (size_t)size}, out, error);
    OPENSSL_free(der);
    return good;
}

bool
crypto_certificate_verify(struct lot_text pem, struct lot_text message, struct lot_text signature,
                          struct lot_error *error)
{
    X509 *parsed = NULL;
    if (!certificate(pem, &parsed, error)) {
        return false;
    }
    EVP_PKEY *key = X509_get0_pubkey(parsed);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fit = key != NULL && EVP_PKEY_is_a(key, "RSA") == 1;
    bool ready = fit && context != NULL && spared() &&
                 EVP_DigestVerifyInit(context, NULL, EVP_sha512(), NULL, key) == 1;
    bool good =
        ready && EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.size,
                                  (const unsigned char *)message.at, message.size) == 1;
    EVP_MD_CTX_free(context);
    X509_free(parsed);
    if (fit && !ready) {
        return library_failed(error, "prepare to verify");
    }
    ERR_clear_error();
    if (!fit) {
        return lot_fail(error, LOT_REFUSED, "the certificate holds no RSA key");
    }
    return good || lot_fail(error, LOT_REFUSED, "the signature does not match");
}

/* ---- random bytes and wiping ---------------------------------------------------------------- */

bool
crypto_random(void *out, size_t size, struct lot_error *error)
{
    assert(size <= INT_MAX);
    if (!spared() || RAND_priv_bytes(out, (int)size) != 1) {
        return library_failed(error, "give random bytes");
    }
    return true;
}

void
crypto_wipe(void *bytes, size_t size)
{
    if (bytes != NULL && size > 0) {
        OPENSSL_cleanse(bytes, size);
    }
}
