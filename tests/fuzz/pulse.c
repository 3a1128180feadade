/* A beacon's pulse: refused with a sentence, or one whose outputValue fits all it says. */
#include "lottery/pulse.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pulse pulse;
    struct lot_error error = {0};
    if (!pulse_read((struct lot_text){(const char *)data, size}, &pulse, &error)) {
        assert(error.code == LOT_REFUSED && error.text[0] != '\0');
        return 0;
    }
    struct lot_source source = {
        .kind = LOT_SOURCE_NIST, .time = pulse.time_ms / 1000, .certificate_count = 1};
    bool taken = pulse_check(&pulse, NULL, &source, &error);
    assert(!taken && error.code == LOT_REFUSED); /* no certificate has the id "" */
    memcpy(source.certificates[0], pulse.certificate, sizeof pulse.certificate);
    taken = pulse_check(&pulse, NULL, &source, &error);
    assert(taken == (pulse.status == 0 && pulse.time_ms % 1000 == 0));
    taken = pulse_check(&pulse, &pulse, &source, &error); /* none comes before itself */
    assert(!taken && error.code == LOT_REFUSED);
    source.time++;
    taken = pulse_check(&pulse, NULL, &source, &error);
    assert(!taken && error.code == LOT_REFUSED);
    source.time -= 2;
    taken = pulse_check(&pulse, NULL, &source, &error);
    assert(!taken && error.code == LOT_REFUSED);
    bool good = pulse_verify(&pulse, LOT_TEXT("no certificate"), &error);
    assert(!good && error.code == LOT_REFUSED);
    pulse_finish(&pulse);
    return 0;
}
