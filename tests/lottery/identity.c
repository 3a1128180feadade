#include "tests/test.h"

#include "lottery/identity.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AS_OF 20131015

static struct identity_areas *areas;

static int
read_areas(void **state)
{
    (void)state;
    static char text[4096];
    FILE *file = fopen(TESTS_DIR "/vectors/roster/area-codes-harbin.csv", "rb");
    if (file == NULL) {
        return -1;
    }
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    return identity_areas_read((struct lot_text){text, size}, &areas, NULL) ? 0 : -1;
}

static int
drop_areas(void **state)
{
    (void)state;
    identity_areas_destroy(areas);
    return 0;
}

/* The codes as one text: "N_LEGACY15 W_MINOR". */
static void
list_codes(const struct identity *identity, char out[static 256])
{
    out[0] = '\0';
    for (uint32_t i = 0; i < identity->code_count; i++) {
        strcat(out, i == 0 ? "" : " ");
        strcat(out, finding_name(identity->codes[i]));
    }
}

static void
expect(const char *cell, const char *number, const char *codes)
{
    struct identity identity;
    char seen[256];
    bool ok = identity_read(lot_text(cell), AS_OF, areas, &identity);
    list_codes(&identity, seen);
    if (ok != (number != NULL) || strcmp(identity.number, ok ? number : "") != 0 ||
        strcmp(seen, codes) != 0) {
        fail_msg("`%s`: got %s `%s`, expected %s `%s`", cell, identity.number, seen,
                 ok ? "it refused" : number, codes);
    }
}

/* ---- example ---- */

static void
identity__every_vector_comes_out_as_written(void **state)
{
    (void)state;
    json_t *root = json_load_file(TESTS_DIR "/vectors/roster/id-vectors.json", 0, NULL);
    json_t *vectors = json_object_get(root, "vectors"), *vector;
    size_t i;
    assert_int_equal(json_array_size(vectors), 40);
    json_array_foreach(vectors, i, vector)
    {
        const char *cell = json_string_value(json_object_get(vector, "input"));
        struct identity identity;
        bool ok = identity_read(lot_text(cell), AS_OF, areas, &identity);
        char seen[256], expected[256] = "";
        list_codes(&identity, seen);
        size_t j;
        json_t *code;
        json_array_foreach(json_object_get(vector, "codes"), j, code)
        {
            strcat(expected, j == 0 ? "" : " ");
            strcat(expected, json_string_value(code));
        }
        if (strcmp(seen, expected) != 0) {
            fail_msg("`%s`: got `%s`, expected `%s`", cell, seen, expected);
        }
        assert_int_equal(ok, json_is_true(json_object_get(vector, "ok")));
        if (ok) {
            assert_string_equal(identity.number,
                                json_string_value(json_object_get(vector, "normalised")));
            assert_string_equal(identity_kind_name(identity.kind),
                                json_string_value(json_object_get(vector, "kind")));
        } else {
            assert_string_equal(identity.number, "");
        }
    }
    json_decref(root);
}

static void
identity__every_mask_comes_out_as_written(void **state)
{
    (void)state;
    json_t *root = json_load_file(TESTS_DIR "/vectors/roster/mask-vectors.json", 0, NULL), *vector;
    assert_int_equal(json_array_size(json_object_get(root, "names")), 10);
    size_t i;
    struct lot_buffer out = {0};
    json_array_foreach(json_object_get(root, "names"), i, vector)
    {
        lot_buffer_clear(&out);
        identity_mask_name(lot_text(json_string_value(json_object_get(vector, "input"))), &out);
        assert_string_equal(out.at, json_string_value(json_object_get(vector, "masked")));
    }
    json_array_foreach(json_object_get(root, "ids"), i, vector)
    {
        lot_buffer_clear(&out);
        identity_mask_number(lot_text(json_string_value(json_object_get(vector, "input"))), &out);
        assert_string_equal(out.at, json_string_value(json_object_get(vector, "masked")));
    }
    lot_buffer_finish(&out);
    json_decref(root);
}

static void
identity__what_is_no_number_is_masked_as_another_paper(void **state)
{
    (void)state;
    static const struct {
        const char *input, *masked;
    } cases[] = {{"", ""},
                 {"123", "***"},
                 {"1234", "1*34"},
                 {"A30199198001010179", "A***************79"},
                 {"23019919800101017Y", "2***************7Y"},
                 {"23019949010100X", "2************0X"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lot_buffer out = {0};
        lot_buffer_add(&out, "", 0);
        identity_mask_number(lot_text(cases[i].input), &out);
        assert_string_equal(out.size == 0 ? "" : out.at, cases[i].masked);
        lot_buffer_finish(&out);
    }
}

static void
identity__special_papers_are_known_by_their_area(void **state)
{
    (void)state;
    struct identity identity;
    assert_true(identity_read(LOT_TEXT("810000190001010018"), AS_OF, areas, &identity));
    assert_int_equal(identity.kind, IDENTITY_PERMIT_HK);
    assert_true(identity_read(LOT_TEXT("923840190001010010"), AS_OF, areas, &identity));
    assert_int_equal(identity.kind, IDENTITY_PERMANENT);
    assert_int_equal(identity.birth, 19000101);
    assert_true(identity.male);
    assert_true(identity_read_other(LOT_TEXT(" e1234567\xEF\xBC\x98"), &identity));
    assert_string_equal(identity.number, "E12345678");
    assert_string_equal(identity_kind_name(identity.kind), "other");
}

/* ---- limits ---- */

static void
identity__normalisations_add_up_in_one_order(void **state)
{
    (void)state;
    expect("\xEF\xBB\xBF' 23019919700707008x", "23019919700707008X",
           "N_BOM N_SPACE N_APOSTROPHE N_CASE");
    expect("=\"23019919700707008\xEF\xBD\x98\"", "23019919700707008X",
           "N_FORMULA_TEXT N_FULLWIDTH N_CASE");
    expect("23019949 0101001", "230199194901010010", "N_SPACE N_LEGACY15");
    static const char *const apostrophes[] = {"'", "`", "\xE2\x80\x98", "\xE2\x80\x99",
                                              "\xEF\xBC\x87"};
    for (size_t i = 0; i < sizeof apostrophes / sizeof apostrophes[0]; i++) {
        char cell[32] = "";
        strcat(strcat(cell, apostrophes[i]), "230199198001010179");
        expect(cell, "230199198001010179", "N_APOSTROPHE");
    }
    expect("\xC2\xA0\xE3\x80\x80\t", NULL, "E_EMPTY");
    expect("'", NULL, "E_EMPTY");
    expect("=\"\"", NULL, "E_EMPTY");
}

static void
identity__centenarian_serials_begin_at_996(void **state)
{
    (void)state;
    expect("230199490101995", "230199194901019955", "N_LEGACY15");
    expect("230199490101996", "230199194901019963", "N_LEGACY15 W_LEGACY_CENTENARIAN_SERIAL");
}

static void
identity__ages_turn_on_the_birthday(void **state)
{
    (void)state;
    struct identity identity;
    struct lot_text born_1995 = LOT_TEXT("230199199510150010");
    /* Check digits of made-up numbers are found by trying. */
    char number[19] = "";
    memcpy(number, born_1995.at, 18);
    for (const char *check = "0123456789X"; *check != '\0'; check++) {
        number[17] = *check;
        if (identity_read(lot_text(number), AS_OF, areas, &identity)) {
            break;
        }
    }
    assert_string_equal(identity.number, number);
    assert_int_equal(identity.code_count, 0);
    assert_true(identity_read(lot_text(number), 20051015, areas, &identity));
    assert_int_equal(identity.code_count, 0); /* 10 today */
    assert_true(identity_read(lot_text(number), 20051014, areas, &identity));
    assert_int_equal(identity.codes[0], W_MINOR); /* tomorrow */
    assert_true(identity_read(lot_text(number), 21061014, areas, &identity));
    assert_int_equal(identity.code_count, 0); /* 110 */
    assert_true(identity_read(lot_text(number), 21061015, areas, &identity));
    assert_int_equal(identity.codes[0], W_AGE_OVER_110); /* 111 */
    assert_false(identity_read(lot_text(number), 19951014, areas, &identity));
    assert_int_equal(identity.codes[0], E_FUTURE);
    assert_true(identity_read(lot_text(number), 19951015, areas, &identity));
}

static void
identity__table_of_areas_speaks_only_of_its_prefectures(void **state)
{
    (void)state;
    struct identity_areas *table = NULL;
    struct identity identity;
    struct lot_text number = LOT_TEXT("230199198001010179");
    assert_true(identity_areas_read(LOT_TEXT("code,name,status,note\n230203,b,current,\n"
                                             "230103,a,retired,\n"),
                                    &table, NULL));
    assert_true(identity_read(number, AS_OF, table, &identity));
    assert_int_equal(identity.codes[0], W_AREA_UNKNOWN);
    assert_true(identity_read(LOT_TEXT("440524188001010014"), AS_OF, table, &identity));
    assert_int_equal(identity.codes[0], W_AGE_OVER_110);
    identity_areas_destroy(table);
    assert_true(identity_read(number, AS_OF, NULL, &identity));
    assert_int_equal(identity.code_count, 0);
}

/* ---- refusal ---- */

static void
identity__first_error_in_the_order_of_checks_is_the_one(void **state)
{
    (void)state;
    expect("1.5E+3", NULL, "E_SCIENTIFIC");
    expect("1e5", NULL, "E_SCIENTIFIC");
    expect("1E", NULL, "E_CHAR");
    expect("1E+", NULL, "E_CHAR");
    expect("1.5E+3x", NULL, "E_CHAR");
    expect("=\"230199198001010179", NULL, "E_CHAR");
    expect("\"230199198001010179\"", NULL, "E_CHAR");
    expect("=\"", NULL, "E_CHAR");
    expect("E123456", NULL, "E_KIND");
    expect("2301991980010101\xD0\xA5Z", NULL, "E_HOMOGLYPH"); /* before E_CHAR */
    expect("23019X", NULL, "E_LEN");                          /* X stands last: no E_CHAR */
    expect("23019949010100X", NULL, "E_CHAR");                /* but not in 15 places */
    expect("23Z", NULL, "E_CHAR");                            /* before E_LEN */
    expect("990199198013010010", NULL, "E_AREA");             /* before E_DATE */
    expect("170199198001010170", NULL, "E_AREA");
    expect("810001190001010018", NULL, "E_AREA"); /* permits have 810000 only */
    expect("923840190001010011", NULL, "E_CHECK");
    expect("919199190001010018", NULL, "E_AREA");   /* 19 is no province */
    expect("230199209913010010", NULL, "E_DATE");   /* before E_FUTURE */
    expect("230199209901010000", NULL, "E_FUTURE"); /* before E_PRECISION_LOSS */
    expect("230199198001010000", NULL, "E_PRECISION_LOSS");
    expect("230199190002290014", NULL, "E_DATE");
}

static void
identity__offender_is_named_by_place(void **state)
{
    (void)state;
    struct identity identity;
    assert_false(identity_read(LOT_TEXT("230l99198001010179"), AS_OF, areas, &identity));
    assert_int_equal(identity.at, 4);
    assert_false(identity_read(LOT_TEXT("23019919700707008\xD0\xA5"), AS_OF, areas, &identity));
    assert_int_equal(identity.at, 18);
    assert_false(identity_read_other(LOT_TEXT("AB/123456"), &identity));
    assert_int_equal(identity.at, 3);
    assert_int_equal(identity.codes[0], E_CHAR);
}

static void
identity__other_papers_have_bounds_too(void **state)
{
    (void)state;
    struct identity identity;
    assert_false(identity_read_other(LOT_TEXT("E1234"), &identity));
    assert_int_equal(identity.codes[0], E_LEN);
    assert_true(identity_read_other(LOT_TEXT("az09-9"), &identity));
    assert_string_equal(identity.number, "AZ09-9");
    assert_int_equal(identity.codes[0], N_CASE);
    for (const char *other = "@[`{/:"; *other != '\0'; other++) { /* beside what is allowed */
        char cell[8] = "A12345";
        cell[2] = *other;
        assert_false(identity_read_other(lot_text(cell), &identity));
        assert_int_equal(identity.codes[0], E_CHAR);
        assert_int_equal(identity.at, 3);
    }
    assert_true(identity_read_other(LOT_TEXT("E12345678901234567890123"), &identity));
    assert_false(identity_read_other(LOT_TEXT("E123456789012345678901234"), &identity));
    assert_int_equal(identity.codes[0], E_LEN);
    assert_false(identity_read_other(LOT_TEXT("1.2E+17"), &identity));
    assert_int_equal(identity.codes[0], E_SCIENTIFIC);
    assert_false(identity_read_other(LOT_TEXT(""), &identity));
    assert_int_equal(identity.codes[0], E_EMPTY);
}

static void
identity__broken_tables_of_areas_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "areas line 1: expected `code,name,status,note`"},
        {"code,name,status,note\n23010,a,current,\n",
         "areas line 2: expected a line like `230102,name,current,note`"},
        {"code,name,status,note\n230102,a,current,\n230103,a,old,\n",
         "areas line 3: status must be current, retired or test"},
        {"code,name,status,note\n230102,a,current,", "areas line 2: the line has no end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct identity_areas *table = NULL;
        struct lot_error error = {0};
        assert_false(identity_areas_read(lot_text(cases[i].text), &table, &error));
        assert_string_equal(error.text, cases[i].sentence);
        assert_null(table);
    }
    identity_areas_destroy(NULL);
}

/* ---- property ---- */

static void
identity__any_single_slip_is_caught(void **state)
{
    (void)state;
    const char *number = "230199198001010179";
    struct identity identity;
    for (size_t i = 0; i < 18; i++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char other[19];
            memcpy(other, number, sizeof other);
            other[i] = digit;
            bool same = digit == number[i];
            assert_int_equal(identity_read(lot_text(other), AS_OF, areas, &identity), same);
        }
        char swapped[19];
        memcpy(swapped, number, sizeof swapped);
        if (i + 1 < 18 && number[i] != number[i + 1]) {
            swapped[i] = number[i + 1];
            swapped[i + 1] = number[i];
            assert_false(identity_read(lot_text(swapped), AS_OF, areas, &identity));
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(identity__every_vector_comes_out_as_written),
    cmocka_unit_test(identity__every_mask_comes_out_as_written),
    cmocka_unit_test(identity__what_is_no_number_is_masked_as_another_paper),
    cmocka_unit_test(identity__special_papers_are_known_by_their_area),
    cmocka_unit_test(identity__normalisations_add_up_in_one_order),
    cmocka_unit_test(identity__centenarian_serials_begin_at_996),
    cmocka_unit_test(identity__ages_turn_on_the_birthday),
    cmocka_unit_test(identity__table_of_areas_speaks_only_of_its_prefectures),
    cmocka_unit_test(identity__first_error_in_the_order_of_checks_is_the_one),
    cmocka_unit_test(identity__offender_is_named_by_place),
    cmocka_unit_test(identity__other_papers_have_bounds_too),
    cmocka_unit_test(identity__broken_tables_of_areas_are_refused),
    cmocka_unit_test(identity__any_single_slip_is_caught),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, read_areas, drop_areas);
}
