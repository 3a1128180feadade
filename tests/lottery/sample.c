#include "tests/test.h"

#include "lottery/identity.h"
#include "lottery/roster.h"
#include "lottery/sample.h"

#include <stdlib.h>
#include <string.h>

/* Verifier keys of the key that RFC 8032 test 1 has; witnesses' are of type 0x04. */
#define LOG_KEY SAMPLE_LOG_NAME "+5ac73c9c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define INTAKE_KEY "centre+6d434ad9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define NOTARY_KEY "notary+5ad13d15+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define SUPERVISION_KEY "supervision+8686b9fd+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"

#define HOUSEHOLDS 3760 /* a tenth of the demo's, so that sanitizers take a second */

static struct sample_plan plan = {.number = SAMPLE_NUMBER,
                                  .households = HOUSEHOLDS,
                                  .homes = SAMPLE_HOMES,
                                  .log_key = LOG_KEY,
                                  .intake_key = INTAKE_KEY,
                                  .witness_keys = {NOTARY_KEY, SUPERVISION_KEY}};

static void
make(struct sample *sample)
{
    struct lot_error error = {0};
    if (!sample_make(&plan, sample, &error)) {
        fail_msg("%s", error.text);
    }
}

static struct lot_rules *
read_rules(const struct sample *sample)
{
    struct lot_rules *rules = NULL;
    assert_true(lot_rules_read(lot_buffer_text(&sample->rules), &rules, NULL));
    return rules;
}

static struct roster *
read_table(const struct sample *sample, const struct lot_buffer *table)
{
    struct identity_areas *areas = NULL;
    struct lot_rules *rules = read_rules(sample);
    assert_true(identity_areas_read(lot_buffer_text(&sample->areas), &areas, NULL));
    struct roster_options options = {.as_of = SAMPLE_DAY, .areas = areas};
    struct roster_input input = {"office.csv", lot_buffer_text(table)};
    struct roster *roster = NULL;
    assert_true(roster_read(&input, 1, rules, &options, &roster, NULL));
    identity_areas_destroy(areas);
    lot_rules_destroy(rules);
    return roster;
}

/* How many findings of each code there are, namesakes apart. */
static void
expect_codes(const struct roster *roster, const char *expected)
{
    struct lot_buffer seen = {0};
    for (unsigned i = 0; i < FINDING_CODES; i++) {
        if (roster->findings.by_code[i] > 0 && i != W_SAME_NAME_BIRTH) {
            lot_buffer_print(&seen, "%s%s %u", seen.size == 0 ? "" : " ",
                             finding_name((enum finding_code)i), roster->findings.by_code[i]);
        }
    }
    assert_string_equal(seen.at, expected);
    lot_buffer_finish(&seen);
}

/* ---- example ---- */

static void
sample__office_table_has_every_trap_once_or_twice(void **state)
{
    (void)state;
    struct sample sample = {0};
    make(&sample);
    struct roster *roster = read_table(&sample, &sample.office);
    assert_true(roster->refused);
    assert_string_equal(roster->files[0].encoding, "GB18030");
    expect_codes(roster, "E_CHECK 1 E_SCIENTIFIC 2 E_PRECISION_LOSS 2 E_HOMOGLYPH 1 E_FORMULA 1 "
                         "E_ENUM 1 E_FIELD 1 E_APPNO_FORM 1 E_NO_HEAD 1 E_SIZE_MISMATCH 1 "
                         "D_EXACT 1 D_PERSON_OTHER_APPLICATION 2 N_CASE 1 N_FULLWIDTH 1 N_SPACE 1 "
                         "N_APOSTROPHE 1 N_FORMULA_TEXT 1 N_BRACKETS 1 N_NAME_SPACE 1 "
                         "N_NUMBER_FORM 1 N_BLANK_LINE 1");
    roster_destroy(roster);
    sample_finish(&sample);
}

static void
sample__corrected_table_is_taken_and_five_are_held(void **state)
{
    (void)state;
    struct sample sample = {0};
    make(&sample);
    struct roster *roster = read_table(&sample, &sample.corrected);
    assert_false(roster->refused);
    assert_int_equal(roster->household_count, HOUSEHOLDS);
    expect_codes(roster, "D_EXACT 1 D_PERSON_OTHER_APPLICATION 2 N_CASE 1 N_FULLWIDTH 1 N_SPACE 1 "
                         "N_APOSTROPHE 1 N_FORMULA_TEXT 1 N_BRACKETS 1 N_NAME_SPACE 1 "
                         "N_NUMBER_FORM 1");
    uint32_t held = 0, sizes[LOT_PERSONS_MAX + 1] = {0}, first_group = 0, unfit = 0;
    struct lot_rules *rules = read_rules(&sample);
    for (uint32_t i = 0; i < roster->household_count; i++) {
        const struct roster_household *household = &roster->households[i];
        held += household->held;
        sizes[household->persons]++;
        first_group += household->queues & 1;
        for (uint8_t j = 0; j < household->want_count; j++) {
            const struct lot_type *type = &rules->types[household->wants[j]];
            unfit +=
                household->persons < type->persons_min || household->persons > type->persons_max;
        }
    }
    lot_rules_destroy(rules);
    assert_int_equal(held, 5);
    assert_int_equal(unfit, 0);
    /* Four standard deviations of a count around its share. */
    assert_in_range(first_group, 782 - 100, 782 + 100);
    assert_in_range(sizes[1], 484 - 82, 484 + 82);
    assert_in_range(sizes[3], 1320 - 117, 1320 + 117);
    assert_int_equal(sizes[8], 0);
    roster_destroy(roster);
    sample_finish(&sample);
}

static void
sample__homes_are_a_roll_that_can_be_read(void **state)
{
    (void)state;
    struct sample sample = {0};
    make(&sample);
    struct lot_rules *rules = read_rules(&sample);
    assert_true(rules->rehearsal);
    assert_int_equal(rules->party_count, 3);
    assert_int_equal(rules->witness_count, 2);
    assert_int_equal(rules->source_count, 1);
    assert_true(lot_rules_allow(rules, NULL));
    struct lot_roll roll = {.rules_file.bytes = lot_buffer_text(&sample.rules),
                            .homes_file.bytes = lot_buffer_text(&sample.homes),
                            .entries_file.bytes =
                                LOT_TEXT("id,queues,persons,chances,wants,commit\n"),
                            .refusals_file.bytes = LOT_TEXT("id,reason,commit\n"),
                            .received_file.bytes = LOT_TEXT("intake,number,id,time,commit\n")};
    struct lot_error error = {0};
    if (!lot_roll_read(rules, &roll, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(roll.homes_file.rows, SAMPLE_HOMES);
    uint32_t accessible = 0, of_type[3] = {0};
    for (uint32_t i = 0; i < roll.homes_file.rows; i++) {
        accessible += roll.homes[i].tags != 0;
        of_type[roll.homes[i].type]++;
    }
    assert_int_equal(accessible, 40);
    assert_int_equal(of_type[0], 250);
    assert_int_equal(of_type[2], 120);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(rules->rounds[1].quota[i], of_type[i] * 3 / 10);
    }
    lot_roll_finish(&roll);
    lot_rules_destroy(rules);
    sample_finish(&sample);
}

/* ---- limits ---- */

static void
sample__smallest_sample_still_has_every_trap(void **state)
{
    (void)state;
    struct sample small = {0};
    plan.households = SAMPLE_HOUSEHOLDS_MIN;
    plan.homes = SAMPLE_HOMES_MIN;
    make(&small);
    struct roster *office = read_table(&small, &small.office);
    struct roster *corrected = read_table(&small, &small.corrected);
    assert_int_equal(findings_of(&office->findings, FINDING_ERROR), 12);
    assert_int_equal(findings_of(&corrected->findings, FINDING_ERROR), 0);
    assert_int_equal(corrected->household_count, SAMPLE_HOUSEHOLDS_MIN);
    roster_destroy(office);
    roster_destroy(corrected);
    sample_finish(&small);
    sample_finish(NULL);
    plan.households = HOUSEHOLDS;
    plan.homes = SAMPLE_HOMES;
}

static void
sample__largest_sample_has_no_two_homes_of_one_name(void **state)
{
    (void)state;
    struct sample large = {0};
    plan.households = SAMPLE_HOUSEHOLDS_MIN;
    plan.homes = SAMPLE_HOMES_MAX;
    make(&large);
    struct lot_text rest = lot_buffer_text(&large.homes), line, before = {NULL, 0};
    assert_true(lot_line(&rest, &line));
    while (lot_line(&rest, &line)) {
        assert_true(before.at == NULL || lot_text_compare(before, line) < 0);
        before = line;
    }
    sample_finish(&large);
    plan.households = HOUSEHOLDS;
    plan.homes = SAMPLE_HOMES;
}

/* ---- refusal ---- */

static void
sample__keys_that_rules_may_not_have_are_refused(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct lot_error error = {0};
    plan.log_key = INTAKE_KEY; /* another name */
    assert_false(sample_make(&plan, &sample, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_true(strncmp(error.text, "log[0]", 6) == 0);
    assert_null(sample.rules.at);
    plan.log_key = LOG_KEY;
}

/* ---- property ---- */

static void
sample__same_number_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char *const digests[] = {
        "04d047ef09a21fd15c236576956bdc17757f9950576e64815d63fa8195413d4d",
        "51b149b978949390daf36d1303d6ea23d4cd908186e2de566f37da14c638c34c",
        "17db04f29079d88b1743237450497da19ef274546efad4e2cadd02b53a8eb229"};
    struct sample sample = {0}, other = {0};
    make(&sample);
    const struct lot_buffer *files[] = {&sample.office, &sample.corrected, &sample.homes};
    for (size_t i = 0; i < 3; i++) {
        char digest[LOT_HEX_SIZE + 1];
        assert_true(crypto_digest_hex(LOT_SHA256, lot_buffer_text(files[i]), digest, NULL));
        assert_string_equal(digest, digests[i]);
    }
    plan.number++;
    make(&other);
    plan.number--;
    assert_false(lot_text_same(lot_buffer_text(&sample.office), lot_buffer_text(&other.office)));
    sample_finish(&sample);
    sample_finish(&other);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sample__office_table_has_every_trap_once_or_twice),
    cmocka_unit_test(sample__corrected_table_is_taken_and_five_are_held),
    cmocka_unit_test(sample__homes_are_a_roll_that_can_be_read),
    cmocka_unit_test(sample__smallest_sample_still_has_every_trap),
    cmocka_unit_test(sample__largest_sample_has_no_two_homes_of_one_name),
    cmocka_unit_test(sample__keys_that_rules_may_not_have_are_refused),
    cmocka_unit_test(sample__same_number_gives_the_same_bytes),
};

TEST_MAIN(tests)
