/*
 * pulse.c - hides the form of a beacon's pulse: which bytes its signature is made over.
 *
 * Signed, in this order (NISTIR 8213 as the service does it; numbers are big-endian,
 * texts and values stand behind their length in 4 bytes):
 *
 *     uri, version, cipherSuite[4], period[4], certificateId, chainIndex[8],
 *     pulseIndex[8], timeStamp, localRandomValue, external.sourceId,
 *     external.statusCode[4], external.value, the five listValues, precommitmentValue,
 *     statusCode[4]
 *
 *     signatureValue        RSA PKCS#1 v1.5 with SHA-512 over these
 *     outputValue           SHA-512(signed || signature)
 *     listValues[0]         outputValue of the pulse before
 *     precommitmentValue    SHA-512 of the next pulse's localRandomValue
 */
#include "lottery/pulse.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lottery/node.h"

#define URI_MAX 1024
#define SIGNATURE_MIN 128 /* RSA of 1024 bits; which key is good the rules say, by pinning it */
#define SIGNATURE_MAX 1024
#define STAMP_SIZE 24 /* 2026-08-31T19:03:00.000Z */

/* ---- signed bytes --------------------------------------------------------------------------- */

static void
put_number(struct lot_buffer *message, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    canon_put_u64(value, bytes);
    lot_buffer_add(message, bytes + 8 - size, size);
}

static void
put_bytes(struct lot_buffer *message, const void *bytes, size_t size)
{
    put_number(message, size, 4);
    lot_buffer_add(message, bytes, size);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Hex of either case, for the service writes both: at most room bytes. */
static bool
hex(struct node node, uint8_t *out, size_t room, size_t *size)
{
    const char *text;
    char lower[2 * SIGNATURE_MAX + 1] = "";
    if (!node_text(node, 2 * room, &text)) {
        return false;
    }
    size_t digits = strlen(text);
    for (size_t i = 0; i < digits; i++) {
        lower[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
    }
    *size = digits / 2;
    return canon_from_hex((struct lot_text){lower, digits}, out, *size) ||
           node_refuse(&node, "not bytes in hexadecimal digits");
}

/* A value of 64 bytes, read and put into what was signed. */
static bool
value(const struct node *object, const char *key, uint8_t out[static PULSE_VALUE_BYTES],
      struct lot_buffer *message)
{
    size_t size;
    struct node node = node_member(object, key);
    if (!hex(node, out, PULSE_VALUE_BYTES, &size)) {
        return false;
    }
    if (size != PULSE_VALUE_BYTES) {
        return node_refuse(&node, "%zu bytes; there must be %d", size, PULSE_VALUE_BYTES);
    }
    put_bytes(message, out, size);
    return true;
}

static bool
text(const struct node *object, const char *key, const char **out, struct lot_buffer *message)
{
    if (!node_text(node_member(object, key), URI_MAX, out)) {
        return false;
    }
    put_bytes(message, *out, strlen(*out));
    return true;
}

static bool
number(const struct node *object, const char *key, size_t size, uint32_t *out,
       struct lot_buffer *message)
{
    if (!node_number(node_member(object, key), 0, NODE_NUMBER_MAX, out)) {
        return false;
    }
    put_number(message, *out, size);
    return true;
}

/* 2026-08-31T19:03:00.000Z in milliseconds. */
static bool
stamp(struct lot_text written, int64_t *out)
{
    char whole[CANON_TIME_SIZE + 1] = "";
    uint32_t parts = 0;
    int64_t seconds;
    if (written.size != STAMP_SIZE || written.at[19] != '.' || written.at[23] != 'Z') {
        return false;
    }
    memcpy(whole, written.at, 19);
    whole[19] = 'Z';
    for (size_t i = 20; i < 23; i++) {
        if (written.at[i] < '0' || written.at[i] > '9') {
            return false;
        }
        parts = parts * 10 + (uint32_t)(written.at[i] - '0');
    }
    if (!canon_time(lot_text(whole), &seconds)) {
        return false;
    }
    *out = seconds * 1000 + parts;
    return true;
}

static bool
read_external(const struct node *node, struct lot_buffer *message)
{
    uint8_t bytes[PULSE_VALUE_BYTES];
    uint32_t status;
    return node_is_object(node, "sourceId statusCode value") &&
           value(node, "sourceId", bytes, message) &&
           number(node, "statusCode", 4, &status, message) && value(node, "value", bytes, message);
}

/* Their uris are not signed, and nothing rests on them. */
static bool
read_list(const struct node *list, struct pulse *pulse)
{
    static const char *const types[] = {"previous", "hour", "day", "month", "year"};
    uint8_t bytes[PULSE_VALUE_BYTES];
    if (!json_is_array(list->value) || json_array_size(list->value) != 5) {
        return node_refuse(list, "expected a list of five values");
    }
    for (uint32_t i = 0; i < 5; i++) {
        struct node item = node_item(list, i);
        const char *type, *uri;
        if (!node_is_object(&item, "uri type value") ||
            !node_text(node_member(&item, "uri"), URI_MAX, &uri) ||
            !node_text(node_member(&item, "type"), URI_MAX, &type)) {
            return false;
        }
        if (strcmp(type, types[i]) != 0) {
            return node_refuse(&item, "expected the value `%s` here", types[i]);
        }
        if (!value(&item, "value", i == 0 ? pulse->previous : bytes, &pulse->message)) {
            return false;
        }
    }
    return true;
}

static bool
read_fields(const struct node *node, struct pulse *pulse)
{
    const char *uri, *version, *written;
    uint32_t suite, period, chain, index, status;
    uint8_t certificate[PULSE_VALUE_BYTES];
    struct lot_buffer *message = &pulse->message;
    if (!node_is_object(node, "uri version cipherSuite period certificateId chainIndex pulseIndex "
                              "timeStamp localRandomValue external listValues precommitmentValue "
                              "statusCode signatureValue outputValue") ||
        !text(node, "uri", &uri, message) || !text(node, "version", &version, message) ||
        !number(node, "cipherSuite", 4, &suite, message) ||
        !number(node, "period", 4, &period, message) ||
        !value(node, "certificateId", certificate, message) ||
        !number(node, "chainIndex", 8, &chain, message) ||
        !number(node, "pulseIndex", 8, &index, message) ||
        !text(node, "timeStamp", &written, message)) {
        return false;
    }
    if (strcmp(version, "2.0") != 0 || suite != 0) {
        return node_refuse(node, "only version 2.0 and cipherSuite 0 are known");
    }
    if (!stamp(lot_text(written), &pulse->time_ms)) {
        return node_refuse(node, "timeStamp must be like 2026-08-31T19:03:00.000Z");
    }
    struct node external = node_member(node, "external"), list = node_member(node, "listValues");
    if (!value(node, "localRandomValue", pulse->local_random, message) ||
        !read_external(&external, message) || !read_list(&list, pulse) ||
        !value(node, "precommitmentValue", pulse->precommitment, message) ||
        !number(node, "statusCode", 4, &status, message)) {
        return false;
    }
    pulse->chain = chain;
    pulse->index = index;
    pulse->status = status;
    canon_to_hex(certificate, sizeof certificate, pulse->certificate);
    snprintf(pulse->ref, sizeof pulse->ref, "%" PRIu32 "/%" PRIu32, chain, index);
    return true;
}

/* Signature and outputValue, and that the second is made from all else. */
static bool
read_end(const struct node *node, struct pulse *pulse)
{
    uint8_t signature[SIGNATURE_MAX], hash[PULSE_VALUE_BYTES];
    size_t size;
    struct node signed_by = node_member(node, "signatureValue");
    struct lot_buffer all = {0};
    if (!hex(signed_by, signature, sizeof signature, &size)) {
        return false;
    }
    if (size < SIGNATURE_MIN) {
        return node_refuse(&signed_by, "%zu bytes; an RSA signature has more", size);
    }
    if (!value(node, "outputValue", pulse->output, &all)) {
        return false;
    }
    lot_buffer_clear(&all);
    lot_buffer_add(&pulse->signature, signature, size);
    lot_buffer_put(&all, lot_buffer_text(&pulse->message));
    lot_buffer_put(&all, lot_buffer_text(&pulse->signature));
    bool good = crypto_sha512(lot_buffer_text(&all), hash, node->error);
    lot_buffer_finish(&all);
    if (good && memcmp(hash, pulse->output, sizeof hash) != 0) {
        good = node_refuse(node, "its outputValue is not the hash of what it says");
    }
    canon_to_hex(pulse->output, sizeof pulse->output, pulse->value);
    return good;
}

bool
pulse_read(struct lot_text json, struct pulse *out, struct lot_error *error)
{
    assert(out != NULL);
    struct node top;
    struct pulse pulse = {0};
    struct lot_buffer lines = {0};
    /* Kept as it was served, a pulse ends as its beacon ends it. */
    lot_buffer_put(&lines, json);
    if (json.size > 0 && json.at[json.size - 1] != '\n') {
        lot_buffer_put(&lines, LOT_TEXT("\n"));
    }
    bool parsed = node_parse(lot_buffer_text(&lines), "pulse", PULSE_SIZE_MAX, &top, error);
    lot_buffer_finish(&lines);
    if (!parsed) {
        return false;
    }
    struct node node = node_member(&top, "pulse");
    bool good =
        node_is_object(&top, "pulse") && read_fields(&node, &pulse) && read_end(&node, &pulse);
    json_decref(top.value);
    if (!good) {
        pulse_finish(&pulse);
        return false;
    }
    *out = pulse;
    return true;
}

void
pulse_finish(struct pulse *pulse)
{
    if (pulse != NULL) {
        lot_buffer_finish(&pulse->message);
        lot_buffer_finish(&pulse->signature);
    }
}

/* ---- checks --------------------------------------------------------------------------------- */

bool
pulse_verify(const struct pulse *pulse, struct lot_text pem, struct lot_error *error)
{
    assert(pulse->message.size > 0);
    uint8_t id[PULSE_VALUE_BYTES];
    char named[2 * PULSE_VALUE_BYTES + 1];
    if (!crypto_certificate_id(pem, id, error)) {
        return false;
    }
    canon_to_hex(id, sizeof id, named);
    if (strcmp(named, pulse->certificate) != 0) {
        return lot_fail(error, LOT_REFUSED,
                        "pulse %s names the certificate %.16s..., this one is %.16s...", pulse->ref,
                        pulse->certificate, named);
    }
    return crypto_certificate_verify(pem, lot_buffer_text(&pulse->message),
                                     lot_buffer_text(&pulse->signature), error) ||
           lot_fail_at(error, "pulse %s", pulse->ref);
}

/* Whether pulse is the next in the chain, by all three links that a beacon makes. */
static bool
follows(const struct pulse *pulse, const struct pulse *before, struct lot_error *error)
{
    uint8_t hash[PULSE_VALUE_BYTES];
    struct lot_text random = {(const char *)pulse->local_random, PULSE_VALUE_BYTES};
    if (!crypto_sha512(random, hash, error)) {
        return false;
    }
    return (pulse->chain == before->chain && pulse->index == before->index + 1 &&
            memcmp(pulse->previous, before->output, sizeof before->output) == 0 &&
            memcmp(hash, before->precommitment, sizeof hash) == 0) ||
           lot_fail(error, LOT_REFUSED, "pulse %s is not the one before %s in its chain",
                    before->ref, pulse->ref);
}

bool
pulse_check(const struct pulse *pulse, const struct pulse *before, const struct lot_source *source,
            struct lot_error *error)
{
    assert(source->kind == LOT_SOURCE_NIST && pulse->message.size > 0);
    int64_t due = source->time * 1000;
    bool pinned = false;
    for (uint32_t i = 0; i < source->certificate_count; i++) {
        pinned = pinned || strcmp(source->certificates[i], pulse->certificate) == 0;
    }
    if (!pinned) {
        return lot_fail(error, LOT_REFUSED,
                        "pulse %s is signed by the certificate %.16s..., which is not in the rules",
                        pulse->ref, pulse->certificate);
    }
    if (pulse->status != 0) {
        return lot_fail(error, LOT_REFUSED, "pulse %s has the status %" PRIu64 ", expected 0",
                        pulse->ref, pulse->status);
    }
    if (pulse->time_ms < due) {
        return lot_fail(error, LOT_REFUSED, "pulse %s was made before the time that the rules name",
                        pulse->ref);
    }
    if (before == NULL) {
        return pulse->time_ms == due ||
               lot_fail(error, LOT_REFUSED,
                        "pulse %s is later than the time that the rules name: the pulse before it "
                        "must be there too",
                        pulse->ref);
    }
    if (!follows(pulse, before, error)) {
        return false;
    }
    return before->time_ms < due ||
           lot_fail(error, LOT_REFUSED, "pulse %s is the one to take, it is early enough: not %s",
                    before->ref, pulse->ref);
}
