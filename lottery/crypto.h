/*
 * crypto.h - the only door to OpenSSL: digests, Ed25519, RSA for pulses, random
 * bytes, wiping.
 *
 * Every function that calls OpenSSL can fail with LOT_MACHINE (a provider that is
 * missing, no memory) and says so; a signature that does not match is no failure
 * of the machine but LOT_REFUSED.
 */
#ifndef LOT_CRYPTO_H
#define LOT_CRYPTO_H

#include "lottery/canon.h"

#define LOT_HASH_BYTES 32
#define LOT_HEX_SIZE 64 /* a digest as lower-case hex, without NUL */
#define LOT_SIGNATURE_BYTES 64
#define LOT_PUBLIC_BYTES 32 /* Ed25519 */
#define LOT_SEED_BYTES 32   /* Ed25519 private key, RFC 8032 */

/* The draw's hash H; the log is always SHA-256. */
enum lot_hash { LOT_SHA256, LOT_SM3 };

/* ---- digests ---- */

bool crypto_digest(enum lot_hash hash, struct lot_text text, uint8_t out[static LOT_HASH_BYTES],
                   struct lot_error *error) LOT_CHECKED;
bool crypto_digest_hex(enum lot_hash hash, struct lot_text text, char out[static LOT_HEX_SIZE + 1],
                       struct lot_error *error) LOT_CHECKED;
bool crypto_sha512(struct lot_text text, uint8_t out[static 64],
                   struct lot_error *error) LOT_CHECKED;

/*
 * A digest whose first bytes are the same for many messages (the 64 characters of
 * the seed fill one block and are hashed once). Also the cheapest way to hash many
 * short messages: an empty prefix. One prefix may be used by many threads at once.
 */
struct crypto_prefix;
bool crypto_prefix_create(enum lot_hash hash, struct lot_text prefix, struct crypto_prefix **out,
                          struct lot_error *error) LOT_CHECKED;
bool crypto_prefix_digest(const struct crypto_prefix *prefix, const void *rest, size_t size,
                          uint8_t out[static LOT_HASH_BYTES]) LOT_CHECKED;
void crypto_prefix_destroy(struct crypto_prefix *prefix);

/* ---- Ed25519 ---- */

bool crypto_public(const uint8_t seed[static LOT_SEED_BYTES], uint8_t out[static LOT_PUBLIC_BYTES],
                   struct lot_error *error) LOT_CHECKED;
bool crypto_sign(const uint8_t seed[static LOT_SEED_BYTES], struct lot_text message,
                 uint8_t out[static LOT_SIGNATURE_BYTES], struct lot_error *error) LOT_CHECKED;
bool crypto_verify(const uint8_t key[static LOT_PUBLIC_BYTES], struct lot_text message,
                   const uint8_t signature[static LOT_SIGNATURE_BYTES],
                   struct lot_error *error) LOT_CHECKED;

/* ---- RSA, for pulses of a public beacon ---- */

/* SHA-512 of the certificate in DER; pem holds one certificate. */
bool crypto_certificate_id(struct lot_text pem, uint8_t out[static 64],
                           struct lot_error *error) LOT_CHECKED;
/* RSA PKCS#1 v1.5 with SHA-512 by the certificate's key. Dates and issuer are not looked at. */
bool crypto_certificate_verify(struct lot_text pem, struct lot_text message,
                               struct lot_text signature, struct lot_error *error) LOT_CHECKED;

/* ---- random bytes and wiping; the first for main and the verb files only ---- */

bool crypto_random(void *out, size_t size, struct lot_error *error) LOT_CHECKED;
void crypto_wipe(void *bytes, size_t size);

/*
 * Tests only: the n-th call from now that reaches OpenSSL fails as if the library
 * had (1 = the next one, 0 = never again). Returns how many calls were counted
 * since the last setting.
 */
uint64_t crypto_fail_at(uint64_t n);

#endif
