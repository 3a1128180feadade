/*
 * pulse.h - pulses of a NIST randomness beacon 2.0 (NISTIR 8213), as served in JSON.
 *
 * A pulse is read, its signature verified by the certificate that the rules pin, and
 * the place of it in its chain checked (PROTOCOL.md section 5, point 6).
 */
#ifndef LOT_PULSE_H
#define LOT_PULSE_H

#include "lottery/lottery.h"

#define PULSE_SIZE_MAX 65536 /* of the JSON; real ones have 4 kB */
#define PULSE_CERTIFICATE_SIZE_MAX 65536
#define PULSE_VALUE_BYTES 64

struct pulse {
    uint64_t chain, index;
    int64_t time_ms;           /* since 1970 UTC */
    char certificate[128 + 1]; /* SHA-512 of the certificate in DER, lower-case hex */
    char ref[48 + 1];          /* chain/index, as in seed.txt */
    char value[128 + 1];       /* outputValue in lower-case hex, as in seed.txt */
    uint64_t status;           /* 0: nothing unusual */
    uint8_t local_random[PULSE_VALUE_BYTES], precommitment[PULSE_VALUE_BYTES];
    uint8_t previous[PULSE_VALUE_BYTES], output[PULSE_VALUE_BYTES];
    struct lot_buffer message, signature; /* what was signed, and by what */
};

/*
 * Reads a pulse: its form, and that outputValue is the hash of all that went before it.
 * errors    LOT_REFUSED with the JSON path of the offender
 */
bool pulse_read(struct lot_text json, struct pulse *out, struct lot_error *error) LOT_CHECKED;
void pulse_finish(struct pulse *pulse);

/* LOT_REFUSED when pem is not the certificate that the pulse names, or it did not sign it. */
bool pulse_verify(const struct pulse *pulse, struct lot_text pem,
                  struct lot_error *error) LOT_CHECKED;

/*
 * Whether the pulse is the one that a source of the rules asks for: a certificate the
 * rules pin, status 0, and the first of its chain at or after source->time.
 *
 * source    of kind LOT_SOURCE_NIST
 * before    the pulse before it in the chain; NULL will do when pulse stands exactly at
 *           source->time. It needs no signature of its own: the pulse vouches for it.
 */
bool pulse_check(const struct pulse *pulse, const struct pulse *before,
                 const struct lot_source *source, struct lot_error *error) LOT_CHECKED;

#endif
