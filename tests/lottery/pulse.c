#include "tests/test.h"

#include "lottery/file.h"
#include "lottery/pulse.h"

#include <stdio.h>
#include <string.h>

#define REAL TESTS_DIR "/vectors/nist/pulse_1921299.json"
#define REAL_PEM TESTS_DIR "/vectors/nist/nist_beacon_cert_528943a5.pem"
#define MADE TESTS_DIR "/vectors/pulse/" /* by tests/reference/mkpulse.py: 01:59, 02:00, 02:02 */
#define MADE_ID                                                        \
    "311de00b93c71a603c76704cfea29fbbd44a1e483ca4fca54876ec7e4412ca72" \
    "0b7c0ac7d4eba48898cc136a4bd626bdde156a4041e03b98c5b2012e7a9b32ef"

static struct lot_buffer json, pem, made_pem;
static struct pulse real, made[3];

static int
set_up(void **state)
{
    (void)state;
    struct lot_buffer bytes = {0};
    bool good = file_read(NULL, REAL, PULSE_SIZE_MAX, &json, NULL) &&
                file_read(NULL, REAL_PEM, PULSE_CERTIFICATE_SIZE_MAX, &pem, NULL) &&
                file_read(NULL, MADE MADE_ID ".pem", PULSE_CERTIFICATE_SIZE_MAX, &made_pem, NULL) &&
                pulse_read(lot_buffer_text(&json), &real, NULL);
    for (int i = 0; i < 3; i++) {
        char path[1024];
        snprintf(path, sizeof path, MADE "2-50%d.json", i);
        good = good && file_read(NULL, path, PULSE_SIZE_MAX, &bytes, NULL) &&
               pulse_read(lot_buffer_text(&bytes), &made[i], NULL);
    }
    lot_buffer_finish(&bytes);
    return good ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    lot_buffer_finish(&json);
    lot_buffer_finish(&pem);
    lot_buffer_finish(&made_pem);
    pulse_finish(&real);
    for (int i = 0; i < 3; i++) {
        pulse_finish(&made[i]);
    }
    return 0;
}

#define assert_refused(call, sentence)                   \
    do {                                                 \
        struct lot_error error = {0};                    \
        assert_false(call);                              \
        assert_int_equal(error.code, LOT_REFUSED);       \
        assert_non_null(strstr(error.text, (sentence))); \
    } while (0)

static struct lot_source
source(const char *time, const char *certificate)
{
    struct lot_source out = {.kind = LOT_SOURCE_NIST, .certificate_count = 2};
    assert_true(canon_time(lot_text(time), &out.time));
    memset(out.certificates[0], '0', 128);
    strcpy(out.certificates[1], certificate);
    return out;
}

/* ---- example -------------------------------------------------------------------------------- */

static void
pulse__real_pulse_is_read_and_verified(void **state)
{
    (void)state;
    char hash[LOT_HEX_SIZE + 1];
    assert_string_equal(real.ref, "2/1921299");
    assert_int_equal(strlen(real.value), 128);
    assert_memory_equal(real.value, "ebe3439be1109ffb4bba124f7384184e", 32);
    assert_memory_equal(real.certificate, "528943a555f5f8ca54423be6dfb95925", 32);
    assert_int_equal(real.time_ms, INT64_C(1788202980000));
    assert_int_equal(real.message.size, 807);
    assert_true(crypto_digest_hex(LOT_SHA256, lot_buffer_text(&real.message), hash, NULL));
    assert_string_equal(hash, "7411e468d9e585d22407be918e187ce3aed855bb7afe247bd625c3198c9b4aa8");
    assert_true(pulse_verify(&real, lot_buffer_text(&pem), NULL));
    struct lot_source asked = source("2026-08-31T19:03:00Z", real.certificate);
    assert_true(pulse_check(&real, NULL, &asked, NULL));
}

static void
pulse__last_line_feed_is_the_beacons_own_affair(void **state)
{
    (void)state;
    struct pulse pulse;
    assert_int_equal(json.at[json.size - 1], '\n');
    assert_true(pulse_read((struct lot_text){json.at, json.size - 1}, &pulse, NULL));
    assert_string_equal(pulse.ref, real.ref);
    pulse_finish(&pulse);
}

static void
pulse__first_pulse_at_or_after_the_time_is_taken(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(pulse_verify(&made[i], lot_buffer_text(&made_pem), NULL));
    }
    struct lot_source two = source("2026-12-01T02:00:00Z", MADE_ID);
    struct lot_source after = source("2026-12-01T02:00:01Z", MADE_ID);
    assert_true(pulse_check(&made[1], NULL, &two, NULL));
    assert_true(pulse_check(&made[1], &made[0], &two, NULL));
    assert_true(pulse_check(&made[2], &made[1], &after, NULL));
    assert_refused(pulse_check(&made[0], NULL, &two, &error),
                   "pulse 2/500 was made before the time");
    assert_refused(pulse_check(&made[2], NULL, &two, &error),
                   "pulse 2/502 is later than the time that the rules name: the pulse before it");
    assert_refused(pulse_check(&made[2], &made[1], &two, &error),
                   "pulse 2/501 is the one to take, it is early enough: not 2/502");
    assert_refused(pulse_check(&made[2], &made[0], &two, &error),
                   "pulse 2/500 is not the one before 2/502");
}

/* ---- refusal -------------------------------------------------------------------------------- */

static void
pulse__every_link_of_the_chain_counts(void **state)
{
    (void)state;
    struct lot_source after = source("2026-12-01T02:00:01Z", MADE_ID);
    for (int link = 0; link < 4; link++) {
        struct pulse before = made[1];
        before.chain += link == 0;
        before.index -= link == 1;
        before.output[63] ^= (uint8_t)(link == 2);
        before.precommitment[0] ^= (uint8_t)(link == 3);
        assert_refused(pulse_check(&made[2], &before, &after, &error), "is not the one before");
    }
}

static void
pulse__certificate_and_status_are_those_of_the_rules(void **state)
{
    (void)state;
    struct lot_source other = source("2026-12-01T02:00:00Z", real.certificate);
    struct lot_source asked = source("2026-12-01T02:00:00Z", MADE_ID);
    assert_refused(pulse_check(&made[1], NULL, &other, &error),
                   "by the certificate 311de00b93c71a60..., which is not in the rules");
    struct pulse strange = made[1];
    strange.status = 2;
    assert_refused(pulse_check(&strange, NULL, &asked, &error), "has the status 2, expected 0");
    assert_refused(pulse_verify(&real, lot_buffer_text(&made_pem), &error),
                   "names the certificate 528943a555f5f8ca..., this one is 311de00b93c71a60...");
    assert_refused(pulse_verify(&real, LOT_TEXT("no certificate"), &error), "in PEM");
    /* The hash in outputValue is no signature: anybody can make one. */
    struct pulse forged = made[1];
    forged.signature = made[0].signature;
    assert_refused(pulse_verify(&forged, lot_buffer_text(&made_pem), &error),
                   "pulse 2/501: the signature does not match");
}

static void
pulse__form_is_strict_and_the_place_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *sentence;
    } cases[] = {
        {"{", "[", "pulse"},
        {"\"uri\" : \"https", "\"uri\" : \"x\", \"more\" : \"https", "pulse.more: no such key"},
        {"\"period\" : 60000,", "", "pulse.period: this key is missing"},
        {"\"period\" : 60000,", "\"period\" : 60000, \"period\" : 60000,", "stands twice"},
        {"60000", "60000.0", "pulse.period: expected a whole number, found a number with a"},
        {"60000", "-1", "pulse.period"},
        {"60000", "1000000000", "pulse.period: 1000000000 is not within"},
        {"60000", "\"60000\"", "pulse.period: expected a whole number, found a text"},
        {"\"2.0\"", "\"2.1\"", "only version 2.0 and cipherSuite 0"},
        {"\"cipherSuite\" : 0", "\"cipherSuite\" : 1", "only version 2.0 and cipherSuite 0"},
        {"2026-08-31T19:03:00.000Z", "2026-08-31T19:03:00Z", "timeStamp must be like"},
        {"2026-08-31T19:03:00.000Z", "2026-08-31T19:03:00.0x0Z", "timeStamp must be like"},
        {"2026-08-31T19:03:00.000Z", "2026-02-31T19:03:00.000Z", "timeStamp must be like"},
        {"2026-08-31T19:03:00.000Z", "2026-08-31T19:03:00.001Z", "outputValue is not the hash"},
        {"2026-08-31T19:03:00.000Z", "", "pulse.timeStamp: a text of 0 bytes"},
        {"F9B8C744", "F9B8C74", "pulse.localRandomValue: not bytes in hexadecimal"},
        {"F9B8C744", "F9B8C7", "pulse.localRandomValue: 63 bytes; there must be 64"},
        {"F9B8C744", "G9B8C744", "pulse.localRandomValue: not bytes in hexadecimal"},
        {"F9B8C744", "00F9B8C744", "pulse.localRandomValue: a text of 130 bytes"},
        {"F9B8C744", "f8b8c744", "outputValue is not the hash"},
        {"\"external\" : {", "\"external\" : { \"x\" : 0,", "pulse.external.x: no such key"},
        {"\"type\" : \"previous\"", "\"type\" : \"minute\"",
         "pulse.listValues[0]: expected the value `previous`"},
        {"\"listValues\" : [ {", "\"listValues\" : [ {}, {", "pulse.listValues: expected a list"},
        {"\"type\" : \"hour\",", "", "pulse.listValues[1].type: this key is missing"},
        {"\"statusCode\" : 0,\n    \"sig", "\"statusCode\" : 1,\n    \"sig", "is not the hash"},
        {"\"signatureValue\" : \"2157EC", "\"signatureValue\" : \"2157ED", "is not the hash"},
        {"\"outputValue\" : \"EBE3", "\"outputValue\" : \"EBE4", "is not the hash"},
        {"\"signatureValue\" : \"", "\"signatureValue\" : \"AB\", \"x\" : \"", "x: no such key"},
    };
    struct pulse pulse = {.index = 5};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = strstr(json.at, cases[i].old);
        assert_non_null(at);
        struct lot_buffer text = {0};
        lot_buffer_add(&text, json.at, (size_t)(at - json.at));
        lot_buffer_print(&text, "%s%s", cases[i].new, at + strlen(cases[i].old));
        assert_refused(pulse_read(lot_buffer_text(&text), &pulse, &error), cases[i].sentence);
        lot_buffer_finish(&text);
    }
    assert_int_equal(pulse.index, 5);
    struct lot_buffer large = {0};
    lot_buffer_put(&large, lot_buffer_text(&json));
    while (large.size <= PULSE_SIZE_MAX) {
        lot_buffer_put(&large, LOT_TEXT("\n"));
    }
    assert_refused(pulse_read(lot_buffer_text(&large), &pulse, &error), "65537 bytes");
    lot_buffer_finish(&large);
    /* A signature of 100 bytes is from no RSA key that anybody should trust. */
    const char *from = strstr(json.at, "\"signatureValue\" : \"");
    struct lot_buffer weak = {0};
    lot_buffer_add(&weak, json.at, (size_t)(from - json.at) + 20 + 200);
    lot_buffer_print(&weak, "%s", strchr(from + 20, '"'));
    assert_refused(pulse_read(lot_buffer_text(&weak), &pulse, &error),
                   "pulse.signatureValue: 100 bytes; an RSA signature has more");
    lot_buffer_finish(&weak);
}

/* ---- property ------------------------------------------------------------------------------- */

/*
 * A byte may change without a change of the verdict only where nothing is signed: blanks,
 * line ends, the case of hex digits, and the uris of listValues. Then the pulse is the same.
 */
static void
pulse__no_flipped_byte_changes_what_is_signed(void **state)
{
    (void)state;
    size_t list = (size_t)(strstr(json.at, "listValues") - json.at);
    size_t list_end = (size_t)(strstr(json.at, "precommitmentValue") - json.at);
    size_t free_ones = 0, refused = 0;
    for (size_t i = 0; i < json.size; i++) {
        for (int bit = 0; bit < 8; bit += 5) { /* 5 is the case of a letter */
            char before = json.at[i];
            json.at[i] = (char)(before ^ (1 << bit));
            struct pulse pulse = {0};
            if (pulse_read(lot_buffer_text(&json), &pulse, NULL) &&
                pulse_verify(&pulse, lot_buffer_text(&pem), NULL)) {
                bool letter = bit == 5;
                bool blank = before == ' ' || before == '\n';
                assert_true(letter || blank || (i > list && i < list_end));
                assert_memory_equal(pulse.message.at, real.message.at, real.message.size);
                assert_string_equal(pulse.value, real.value);
                assert_string_equal(pulse.ref, real.ref);
                assert_string_equal(pulse.certificate, real.certificate);
                free_ones++;
            } else {
                refused++;
            }
            pulse_finish(&pulse);
            json.at[i] = before;
        }
    }
    print_message("%zu flips change nothing, %zu are refused\n", free_ones, refused);
    assert_true(refused > free_ones && free_ones > 0);
}

static void
pulse__failing_library_is_the_machines_fault(void **state)
{
    (void)state;
    struct lot_source after = source("2026-12-01T02:00:01Z", MADE_ID);
    for (int call = 0; call < 4; call++) {
        struct lot_error error = {0};
        struct pulse pulse;
        crypto_fail_at(call == 3 ? 4 : 1);
        bool good = call == 0   ? pulse_read(lot_buffer_text(&json), &pulse, &error)
                    : call == 1 ? pulse_check(&made[2], &made[1], &after, &error)
                                : pulse_verify(&real, lot_buffer_text(&pem), &error);
        crypto_fail_at(0);
        assert_false(good);
        assert_int_equal(error.code, LOT_MACHINE);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pulse__real_pulse_is_read_and_verified),
    cmocka_unit_test(pulse__last_line_feed_is_the_beacons_own_affair),
    cmocka_unit_test(pulse__first_pulse_at_or_after_the_time_is_taken),
    cmocka_unit_test(pulse__every_link_of_the_chain_counts),
    cmocka_unit_test(pulse__certificate_and_status_are_those_of_the_rules),
    cmocka_unit_test(pulse__form_is_strict_and_the_place_is_named),
    cmocka_unit_test(pulse__no_flipped_byte_changes_what_is_signed),
    cmocka_unit_test(pulse__failing_library_is_the_machines_fault),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
