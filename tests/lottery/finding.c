#include "tests/test.h"

#include "lottery/finding.h"

#include <string.h>

/* ---- example ---- */

static void
finding__list_is_sorted_by_place_and_counted(void **state)
{
    (void)state;
    struct findings findings = {0};
    findings_add(&findings, (struct finding){.code = N_CASE, .place = {.file = 1, .row = 1}}, NULL,
                 NULL);
    findings_add(&findings, (struct finding){.code = E_CHECK, .place = {.row = 7, .column = 5}},
                 NULL, NULL);
    findings_add(&findings, (struct finding){.code = N_SPACE, .place = {.row = 7, .column = 4}},
                 NULL, NULL);
    findings_add(&findings, (struct finding){.code = E_CHECK, .place = {.row = 2}}, NULL, "2*17");
    findings_sort(&findings);
    assert_int_equal(findings.count, 4);
    assert_int_equal(findings.items[0].place.row, 2);
    assert_string_equal(findings.items[0].seen, "2*17");
    assert_string_equal(findings.items[0].field, "");
    assert_int_equal(findings.items[1].code, N_SPACE);
    assert_int_equal(findings.items[2].code, E_CHECK);
    assert_int_equal(findings.items[3].place.file, 1);
    assert_int_equal(findings.by_code[E_CHECK], 2);
    assert_int_equal(findings_of(&findings, FINDING_ERROR), 2);
    assert_int_equal(findings_of(&findings, FINDING_NORMALISED), 2);
    assert_int_equal(findings_of(&findings, FINDING_DUPLICATE), 0);
    findings_finish(&findings);
    findings_finish(NULL);
}

/* ---- limits ---- */

static void
finding__full_list_still_counts(void **state)
{
    (void)state;
    struct findings findings = {0};
    for (uint32_t i = 0; i < FINDING_LIST_MAX + 3; i++) {
        findings_add(&findings, (struct finding){.code = E_LEN}, NULL, NULL);
    }
    assert_int_equal(findings.count, FINDING_LIST_MAX);
    assert_int_equal(findings.unlisted, 3);
    assert_int_equal(findings.by_code[E_LEN], FINDING_LIST_MAX + 3);
    findings_finish(&findings);
}

static void
finding__every_code_has_name_severity_and_two_sentences(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FINDING_CODES; i++) {
        enum finding_code code = (enum finding_code)i, found;
        assert_true(finding_named(lot_text(finding_name(code)), &found) && found == code);
        const char *letters = "EWDN";
        const char *letter = strchr(letters, finding_name(code)[0]);
        assert_non_null(letter);
        assert_int_equal(finding_severity(code), letter - letters);
        assert_true(strlen(finding_advice(code, "zh")) > 0);
        assert_true(strlen(finding_advice(code, "en")) > 0);
        assert_false(canon_ascii(lot_text(finding_advice(code, "zh"))));
    }
    enum finding_code code = E_CHECK;
    assert_false(finding_named(LOT_TEXT("E_NOTHING"), &code));
    assert_int_equal(code, E_CHECK);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(finding__list_is_sorted_by_place_and_counted),
    cmocka_unit_test(finding__full_list_still_counts),
    cmocka_unit_test(finding__every_code_has_name_severity_and_two_sentences),
};

TEST_MAIN(tests)
