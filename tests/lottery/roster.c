#include "tests/test.h"

#include "lottery/roster.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER TESTS_DIR "/vectors/roster/"
#define HEAD "申请编号,关系,姓名,证件类型,证件号码,家庭人口,队列,户型,摇号次数\n"

/* Made-up people of the area 230199, which is nobody's. */
#define LIU "230199196803150115"
#define ZHANG "230199197004200221"
#define OUYANG "230199195506150229"

static struct lot_rules *rules; /* types 一居 二居 三居（大）, queues 优先 普通 */
static struct roster *roster;
static struct identity_areas *areas;
static struct roster_options options = {.as_of = 20131015};

/* ---- helpers ---- */

static struct lot_text
load(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, FOLDER "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(65536);
    assert_non_null(bytes);
    size_t size = fread(bytes, 1, 65536, file);
    fclose(file);
    return (struct lot_text){bytes, size};
}

static void
read_inputs(const struct roster_input inputs[], uint32_t count)
{
    struct lot_error error = {0};
    roster_destroy(roster);
    roster = NULL;
    if (!roster_read(inputs, count, rules, &options, &roster, &error)) {
        fail_msg("%s", error.text);
    }
}

static void
read_text(const char *text)
{
    struct roster_input input = {"table.csv", lot_text(text)};
    read_inputs(&input, 1);
}

static void
read_sample(const char *name)
{
    struct roster_input input = {name, load(name)};
    read_inputs(&input, 1);
    char *bytes = (char *)(uintptr_t)input.bytes.at;
    free(bytes);
}

static int
set_up(void **state)
{
    (void)state;
    struct lot_text text = load("area-codes-harbin.csv");
    struct lot_text json = load("rules.json");
    bool good = identity_areas_read(text, &areas, NULL) && lot_rules_read(json, &rules, NULL);
    free((char *)(uintptr_t)text.at);
    free((char *)(uintptr_t)json.at);
    options.areas = areas;
    return good ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    roster_destroy(roster);
    identity_areas_destroy(areas);
    lot_rules_destroy(rules);
    return 0;
}

/* All that was found, as "E_CHECK 2.5" with row and column, without the normalised. */
static void
expect(const char *expected)
{
    struct lot_buffer seen = {0};
    lot_buffer_add(&seen, "", 0);
    for (uint32_t i = 0; i < roster->findings.count; i++) {
        const struct finding *finding = &roster->findings.items[i];
        lot_buffer_print(&seen, "%s%s %u.%u", seen.size == 0 ? "" : "; ",
                         finding_name(finding->code), finding->place.row, finding->place.column);
    }
    assert_string_equal(seen.size == 0 ? "" : seen.at, expected);
    lot_buffer_finish(&seen);
}

static void
expect_seen(uint32_t index, const char *seen)
{
    assert_true(index < roster->findings.count);
    assert_string_equal(roster->findings.items[index].seen, seen);
}

static bool
has_finding(json_t *issue)
{
    const char *code = json_string_value(json_object_get(issue, "code"));
    const char *field = json_string_value(json_object_get(issue, "field"));
    json_t *row = json_object_get(issue, "row"), *of_row = json_object_get(issue, "of_row");
    for (uint32_t i = 0; i < roster->findings.count; i++) {
        const struct finding *finding = &roster->findings.items[i];
        if (strcmp(finding_name(finding->code), code) == 0 &&
            (row == NULL || finding->place.row == json_integer_value(row)) &&
            (field == NULL || strcmp(finding->field, field) == 0) &&
            (!json_is_integer(of_row) || finding->other.row == json_integer_value(of_row))) {
            return true;
        }
    }
    return false;
}

static void
expect_facts(const char *name, json_t *expected)
{
    json_t *facts = json_object_get(expected, "expect"), *issue;
    const struct roster_file *file = &roster->files[0];
    assert_int_equal(file->size, json_integer_value(json_object_get(expected, "bytes")));
    assert_string_equal(file->sha256, json_string_value(json_object_get(expected, "sha256")));
    assert_string_equal(file->sm3, json_string_value(json_object_get(expected, "sm3")));
    assert_int_equal(file->rows, json_integer_value(json_object_get(facts, "rows")));
    json_t *encoding = json_object_get(facts, "encoding");
    json_t *separator = json_object_get(facts, "separator");
    assert_true(encoding == NULL || strcmp(file->encoding, json_string_value(encoding)) == 0);
    assert_true(separator == NULL || strcmp(file->separator, json_string_value(separator)) == 0);
    assert_int_equal(file->bom, json_is_true(json_object_get(facts, "bom")));
    if (json_object_get(facts, "households") != NULL) {
        assert_false(roster->refused);
        assert_int_equal(roster->household_count,
                         json_integer_value(json_object_get(facts, "households")));
        assert_int_equal(roster->person_count,
                         json_integer_value(json_object_get(facts, "persons")));
    }
    size_t i;
    json_array_foreach(json_object_get(facts, "issues"), i, issue)
    {
        if (!has_finding(issue)) {
            fail_msg("%s: %s not found", name, json_dumps(issue, JSON_COMPACT));
        }
    }
}

/* The households hold exactly the persons of the expectation, the applicant first. */
static void
expect_persons(json_t *persons)
{
    static const char *const relations[] = {"本人", "配偶", "子女", "父母", "其他"};
    size_t i;
    json_t *person;
    assert_int_equal(roster->person_count, json_array_size(persons));
    json_array_foreach(persons, i, person)
    {
        const char *number = json_string_value(json_object_get(person, "id"));
        uint32_t at = 0;
        while (at < roster->person_count && strcmp(roster->persons[at].number, number) != 0) {
            at++;
        }
        assert_true(at < roster->person_count);
        const struct roster_person *found = &roster->persons[at];
        const struct roster_household *household = &roster->households[found->household];
        assert_string_equal(found->name.at, json_string_value(json_object_get(person, "name")));
        assert_string_equal(found->member.at,
                            json_string_value(json_object_get(person, "member_no")));
        assert_string_equal(relations[found->relation],
                            json_string_value(json_object_get(person, "relation")));
        assert_int_equal(found->row, i + 1);
        assert_string_equal(household->application.at,
                            json_string_value(json_object_get(person, "application")));
        assert_int_equal(household->persons, json_integer_value(json_object_get(person, "size")));
        int queue = strcmp(json_string_value(json_object_get(person, "queue")), "优先") == 0;
        assert_int_equal(household->queues, queue ? 1 : 2);
        int type = strcmp(json_string_value(json_object_get(person, "unit_type")), "二居") == 0;
        assert_int_equal(household->want_count, 1);
        assert_int_equal(household->wants[0], type);
        assert_int_equal(household->chances, 1);
        assert_false(household->held);
    }
    for (uint32_t j = 0; j < roster->household_count; j++) {
        const struct roster_household *household = &roster->households[j];
        assert_int_equal(roster->persons[household->first].relation, ROSTER_APPLICANT);
        for (uint32_t k = 2; k < household->persons; k++) {
            assert_true(strcmp(roster->persons[household->first + k - 1].number,
                               roster->persons[household->first + k].number) < 0);
        }
    }
}

/* ---- example ---- */

static void
roster__every_sample_comes_out_as_written(void **state)
{
    (void)state;
    static const char *const lists[] = {"roster-expected.json", "roster-own-expected.json"};
    json_t *canonical = NULL, *first = NULL;
    uint32_t checked = 0;
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, FOLDER "%s", lists[i]);
        json_t *root = json_load_file(path, 0, NULL), *expected;
        const char *name;
        assert_non_null(root);
        first = first == NULL ? root : first;
        canonical = json_object_get(first, "canonical_persons");
        json_object_foreach(json_object_get(root, "files"), name, expected)
        {
            if (strncmp(name, "roster-", 7) != 0) {
                continue; /* homes, not households */
            }
            read_sample(name);
            expect_facts(name, expected);
            json_t *facts = json_object_get(expected, "expect");
            if (json_object_get(facts, "households") != NULL) {
                expect_persons(canonical);
            }
            checked++;
        }
        if (root != first) {
            json_decref(root);
        }
    }
    json_decref(first);
    assert_int_equal(checked, 10);
}

static void
roster__clean_files_raise_no_alarm(void **state)
{
    (void)state;
    read_sample("roster-01-clean-utf8.csv");
    expect("");
    assert_false(roster->files[0].guessed);
    assert_int_equal(roster->files[0].extra_count, 1);
    assert_true(lot_text_is(roster->files[0].extra[0], "备注"));
    read_sample("roster-02-gb18030.csv");
    expect("");
    assert_true(roster->files[0].guessed);
    read_sample("roster-06-utf16le-tab.txt");
    expect("");
    read_sample("roster-03-bom-crlf-quotes.csv");
    expect("N_BOM 0.0; N_HEADER_SPACE 0.1; N_HEADER_SPACE 0.2; N_BLANK_LINE 21.0");
}

static void
roster__mangled_file_gets_one_code_a_trap(void **state)
{
    (void)state;
    read_sample("roster-04-excel-mangled.csv");
    assert_true(roster->refused);
    assert_int_equal(roster->household_count, 0);
    assert_int_equal(roster->person_count, 0);
    expect("N_APOSTROPHE 1.5; N_FORMULA_TEXT 2.5; E_SCIENTIFIC 3.5; E_PRECISION_LOSS 4.5; "
           "N_CASE 5.5; N_SPACE 6.5; N_SPACE 7.5; N_NUMBER_FORM 8.8; E_APPNO_FORM 9.1; "
           "E_CHAR 10.5; E_CHAR 12.5; E_FIELD 13.8; N_NUMBER_FORM 14.7");
}

static void
roster__duplicates_are_held_not_dropped(void **state)
{
    (void)state;
    read_sample("roster-05-duplicates.csv");
    expect("D_EXACT 21.5; D_PERSON_OTHER_APPLICATION 22.5; N_CASE 22.5; "
           "D_PERSON_OTHER_APPLICATION 23.5; N_LEGACY15 23.5; D_PERSON_OTHER_APPLICATION 24.5; "
           "N_BRACKETS 25.1; D_EXACT 25.5; D_NAME_CONFLICT 26.3; W_SAME_NAME_BIRTH 27.3; "
           "D_MEMBER_NO 27.11; W_SAME_NAME_BIRTH 28.3; W_MINOR 29.5; "
           "D_PERSON_OTHER_APPLICATION 29.5; "
           "E_SIZE_MISMATCH 29.8");
    read_text(HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",1,,二居,\n"
                   "示经房(2013)00002号,本人,刘试明,居民身份证," LIU ",1,,二居,\n"
                   "示经房(2013)00003号,本人,张二,居民身份证," ZHANG ",1,,二居,\n");
    expect("D_PERSON_OTHER_APPLICATION 2.5");
    assert_false(roster->refused);
    assert_int_equal(roster->household_count, 3);
    assert_true(roster->households[0].held && roster->households[1].held);
    assert_false(roster->households[2].held);
}

static void
roster__one_person_in_many_rows_is_found_in_time(void **state)
{
    (void)state;
    struct lot_buffer text = {0};
    lot_buffer_print(&text, HEAD);
    for (int i = 0; i < 50000; i++) { /* compared all with all, this would take a minute */
        lot_buffer_print(&text, "示经房(2013)%05d号,本人,甲,护照,E1234567,1,,一居,\n", 99999 - i);
    }
    lot_buffer_print(&text, "示经房(2013)70000号,本人,甲,护照,E1234567,1,,一居,\n");
    read_text(text.at);
    lot_buffer_finish(&text);
    assert_int_equal(roster->findings.count, 50000);
    assert_int_equal(roster->findings.by_code[D_EXACT], 1);
    const struct finding *last = &roster->findings.items[roster->findings.count - 1];
    assert_int_equal(last->other.row, 30000);
    assert_int_equal(last[-1].other.row, 1);
    assert_true(roster->households[0].held && roster->households[49999].held);
}

static void
roster__choices_are_codes_or_titles_in_order(void **state)
{
    (void)state;
    read_text(HEAD
              "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",1,优先、Q2,三居(大)；one room,3\n"
              "示经房(2013)00002号,本人,张二,居民身份证," ZHANG ",1,普通,2B 一居　三居（大）,\n"
              "示经房(2013)00003号,本人,欧阳测,居民身份证," OUYANG ",1,,、一居;,1\n");
    expect("");
    const struct roster_household *household = roster->households;
    assert_int_equal(household[0].queues, 3);
    assert_int_equal(household[0].want_count, 2);
    assert_int_equal(household[0].wants[0], 2);
    assert_int_equal(household[0].wants[1], 0);
    assert_int_equal(household[0].chances, 3);
    assert_int_equal(household[1].queues, 2);
    assert_int_equal(household[1].want_count, 3);
    assert_int_equal(household[1].wants[0], 1);
    assert_int_equal(household[1].wants[2], 2);
    assert_int_equal(household[1].chances, 1);
    assert_int_equal(household[2].queues, 0);
    assert_int_equal(household[2].want_count, 1);
}

static void
roster__facts_of_a_household_may_stand_once(void **state)
{
    (void)state;
    const char *merged = HEAD "示经房(2013)00001号,配偶,张二,居民身份证," ZHANG ",,,,\n"
                              "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",2,优先,二居,2\n";
    read_text(merged);
    expect("");
    assert_int_equal(roster->households[0].row, 2);
    assert_string_equal(roster->persons[0].number, LIU);
    assert_int_equal(roster->households[0].chances, 2);
    read_text(HEAD "示经房(2013)00001号,配偶,张二,居民身份证," ZHANG ",2,普通,一居,1\n"
                   "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",2,优先,二居,2\n");
    expect("E_FIELD 1.7; E_FIELD 1.8; E_FIELD 1.9");
    read_text(HEAD "示经房(2013)00001号,配偶,张二,居民身份证," ZHANG ",2,Q1;,二居 1B,\n"
                   "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",2,优先,2B、一居,\n");
    expect(""); /* other words, the same choices */
}

static void
roster__other_papers_are_read_by_their_kind(void **state)
{
    (void)state;
    read_text(HEAD "示经房(2013)00001号,本人,甲,护照,e12345678,1,,二居,\n"
                   "示经房(2013)00002号,本人,乙,港澳台居住证,810000190001010018,1,,二居,\n"
                   "示经房(2013)00003号,本人,丙,永居证,923840190001010010,1,,二居,\n"
                   "示经房(2013)00004号,本人,丁,永居证,USA110119000101,1,,二居,\n"
                   "示经房(2013)00005号,本人,戊,身份证,230199490101001,1,,二居,\n");
    expect("N_CASE 1.5; N_LEGACY15 5.5");
    assert_string_equal(roster->persons[0].number, "E12345678");
    assert_int_equal(roster->persons[0].kind, IDENTITY_OTHER);
    assert_int_equal(roster->persons[2].kind, IDENTITY_PERMANENT);
    assert_string_equal(roster->persons[3].number, "USA110119000101");
    assert_string_equal(roster->persons[4].number, "230199194901010010");
    read_text(HEAD "示经房(2013)00001号,本人,甲,护照," LIU ",1,,二居,\n"
                   "示经房(2013)00002号,本人,乙,居民身份证,810000190001010018,1,,二居,\n"
                   "示经房(2013)00003号,本人,丙,港澳台居住证," ZHANG ",1,,二居,\n"
                   "示经房(2013)00004号,本人,丁,永居证," OUYANG ",1,,二居,\n"
                   "示经房(2013)00005号,本人,戊,居民身份证,E12345678,1,,二居,\n");
    expect("E_KIND 1.5; E_KIND 2.5; E_KIND 3.5; E_KIND 4.5; E_KIND 5.5");
}

static void
roster__names_keep_the_blanks_that_are_part_of_them(void **state)
{
    (void)state;
    read_text(HEAD "示经房(2013)00001号,本人, John  Smith ,护照,E12345678,1,,二居,\n"
                   "示经房(2013)00002号,本人,张　二,居民身份证," ZHANG ",1,,二居,\n"
                   "示经房(2013)00003号,本人,阿依古丽 · 试,居民身份证," OUYANG ",1,,二居,\n");
    expect("N_SPACE 1.3; N_NAME_SPACE 1.3; N_NAME_SPACE 2.3; N_NAME_SPACE 3.3");
    assert_string_equal(roster->persons[0].name.at, "John Smith");
    assert_string_equal(roster->persons[1].name.at, "张二");
    assert_string_equal(roster->persons[2].name.at, "阿依古丽·试");
}

static void
roster__marks_of_spreadsheets_come_off_any_cell(void **state)
{
    (void)state;
    read_text(HEAD "示经房(2013)00001号,'本人,\"=\"\"甲\"\"\",护照,E1234561, 1 ,　,二居,\n"
                   "示经房(2013)00002号,本人,‘乙,护照,E1234562,1,\"=\"\"\"\"\",二居, \n"
                   "示经房(2013)00003号,本人,\"=\"\"丙\",护照,E1234563,1,\"=\"\"\",二居,\n");
    expect("N_APOSTROPHE 1.2; N_FORMULA_TEXT 1.3; N_SPACE 1.6; N_APOSTROPHE 2.3; "
           "N_FORMULA_TEXT 2.7; E_FORMULA 3.3; E_FORMULA 3.7");
    read_text(HEAD "示经房(2013)00001号,'本人,\"=\"\"甲\"\"\",护照,E1234561, 1 ,　,二居,\n");
    assert_string_equal(roster->persons[0].name.at, "甲");
    assert_int_equal(roster->households[0].queues, 0);
}

static void
roster__register_holds_who_is_known(void **state)
{
    (void)state;
    static const struct roster_known known[] = {{OUYANG, "示经房(2013)00003号"},
                                                {LIU, "示经房(2013)00009号"}};
    options.known = known;
    options.known_count = 2;
    read_text(HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",1,,二居,\n"
                   "示经房(2013)00002号,本人,张二,居民身份证," ZHANG ",1,,二居,\n"
                   "示经房(2013)00003号,本人,欧阳测,居民身份证," OUYANG ",1,,二居,\n");
    options.known = NULL;
    options.known_count = 0;
    expect("D_PERSON_OTHER_APPLICATION 1.5; D_EXACT 3.5");
    assert_int_equal(roster->persons[0].known, 1);
    assert_int_equal(roster->persons[1].known, LOT_NONE);
    assert_int_equal(roster->persons[2].known, 0);
    assert_true(roster->households[0].held && roster->households[2].held);
    assert_false(roster->households[1].held);
    struct lot_buffer line = {0};
    roster_finding_line(roster, &roster->findings.items[0], "en", &line);
    assert_string_equal(line.at,
                        "table.csv line 2 column 5 D_PERSON_OTHER_APPLICATION 证件号码 "
                        "`2301**********0115`: this person stands in another application: "
                        "both are held until two officers decide (already in the register)\n");
    lot_buffer_finish(&line);
}

static void
roster__several_files_are_one_import(void **state)
{
    (void)state;
    struct roster_input inputs[] = {
        {"a.csv", LOT_TEXT(HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",2,,二居,\n")},
        {"b.csv", LOT_TEXT("姓名,证件类型,证件号码,家庭人口,队列,户型,申请编号,relation\n"
                           "张二,居民身份证," ZHANG ",,,,示经房(2013)00001号,配偶\n")},
    };
    read_inputs(inputs, 2);
    expect("");
    assert_int_equal(roster->household_count, 1);
    assert_int_equal(roster->households[0].persons, 2);
    assert_int_equal(roster->persons[1].file, 1);
    inputs[1].bytes = inputs[0].bytes;
    read_inputs(inputs, 2);
    expect("E_SIZE_MISMATCH 1.6; D_EXACT 1.5");
    struct lot_buffer tables[2] = {{0}};
    roster_table(roster, 0, "en", &tables[0]);
    roster_table(roster, 1, "en", &tables[1]);
    assert_non_null(strstr(tables[0].at, "E_SIZE_MISMATCH"));
    assert_null(strstr(tables[0].at, "D_EXACT"));
    assert_null(strstr(tables[1].at, "E_SIZE_MISMATCH"));
    assert_non_null(strstr(tables[1].at, "D_EXACT"));
    lot_buffer_finish(&tables[0]);
    lot_buffer_finish(&tables[1]);
    assert_int_equal(roster->findings.items[1].place.file, 1);
    assert_int_equal(roster->findings.items[1].other.file, 0);
}

static void
roster__application_numbers_have_the_form_of_the_draw(void **state)
{
    (void)state;
    options.application_form = "\\NH-【N】";
    read_text(HEAD "NH-（７）,本人,刘试明,居民身份证," LIU ",1,,二居,\n"
                   "NH-(77),本人,张二,居民身份证," ZHANG ",1,,二居,\n"
                   "1H-(7),本人,欧阳测,居民身份证," OUYANG ",1,,二居,\n");
    expect("N_FULLWIDTH 1.1; N_BRACKETS 1.1; E_APPNO_FORM 2.1; E_APPNO_FORM 3.1");
    expect_seen(0, "NH-（７） -> NH-(7)");
    options.application_form = NULL;
    read_text(HEAD "示经房(2013)0000:号,本人,刘试明,居民身份证," LIU ",1,,二居,\n"
                   "示经房(201/)00002号,本人,张二,居民身份证," ZHANG ",1,,二居,\n"
                   "示经房(2013)00003号x,本人,欧阳测,居民身份证," OUYANG ",1,,二居,\n");
    expect("E_APPNO_FORM 1.1; E_APPNO_FORM 2.1; E_APPNO_FORM 3.1");
    read_text(HEAD "示经房 (2013)　00001\t号,本人,刘试明,居民身份证," LIU ",1,,二居,\n");
    expect("N_SPACE 1.1");
    assert_string_equal(roster->households[0].application.at, "示经房(2013)00001号");
    options.application_form = "";
    read_text(HEAD "whatever,本人,刘试明,居民身份证," LIU ",1,,二居,\n");
    expect("");
    options.application_form = NULL;
}

/* ---- limits ---- */

static void
roster__household_sizes_go_from_one_to_twenty(void **state)
{
    (void)state;
    for (int size = 20; size <= 21; size++) {
        struct lot_buffer text = {0};
        lot_buffer_print(&text, HEAD);
        for (int i = 0; i < size; i++) {
            lot_buffer_print(&text, "示经房(2013)00001号,%s,甲%d,护照,E%07d,%s,,%s,\n",
                             i == 7 ? "本人" : "其他", i, 90 - i, i == 7 ? "20" : "",
                             i == 7 ? "二居" : "");
        }
        read_text(text.at);
        lot_buffer_finish(&text);
        if (size == 20) {
            expect("");
            assert_int_equal(roster->households[0].persons, 20);
            assert_string_equal(roster->persons[0].number, "E0000083");
            assert_string_equal(roster->persons[1].number, "E0000071");
        } else {
            expect("E_SIZE_MISMATCH 8.6");
            expect_seen(0, "20, 21");
        }
    }
}

static void
roster__numbers_have_one_plain_form(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *found;
    } cases[] = {
        {"1", ""},
        {"01", "N_NUMBER_FORM 1.6"},
        {"1.00", "N_NUMBER_FORM 1.6"},
        {"1.", "N_NUMBER_FORM 1.6"},
        {"１", "N_FULLWIDTH 1.6"},
        {"1.5", "E_FIELD 1.6"},
        {"一", "E_FIELD 1.6"},
        {"1人", "E_FIELD 1.6"},
        {"0", "E_RANGE 1.6"},
        {"-1", "E_RANGE 1.6"},
        {"−1", "E_RANGE 1.6"},
        {"－１", "E_RANGE 1.6; N_FULLWIDTH 1.6"},
        {"-", "E_FIELD 1.6"},
        {"21", "E_RANGE 1.6"},
        {"\"1,000\"", "E_RANGE 1.6"},
        {"\"1,0\"", "E_FIELD 1.6"},
        {"\",100\"", "E_FIELD 1.6"},
        {"1234567890", "E_FIELD 1.6"},
        {"=1", "E_FORMULA 1.6"},
        {"", "E_EMPTY 1.6"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",%s,,二居,\n",
                 cases[i].cell);
        read_text(text);
        expect(cases[i].found);
    }
}

static void
roster__applicants_come_of_age_at_eighteen(void **state)
{
    (void)state;
    const char *text = HEAD "示经房(2013)00001号,本人,甲,居民身份证," LIU ",2,,二居,\n"
                            "示经房(2013)00001号,子女,乙,居民身份证,230199200404040575,2,,,\n";
    read_text(text);
    expect("");
    options.as_of = 19860315;
    read_text(HEAD "示经房(2013)00001号,本人,甲,居民身份证," LIU ",1,,二居,\n");
    expect("");
    options.as_of = 19860314;
    read_text(HEAD "示经房(2013)00001号,本人,甲,居民身份证," LIU ",1,,二居,\n");
    expect("W_MINOR 1.5");
    assert_false(roster->refused);
    options.as_of = 20131015;
}

/* ---- refusal ---- */

static void
roster__titles_are_needed_once(void **state)
{
    (void)state;
    read_text("申请编号,关系,姓名,姓 名,证件类型,证件号码,家庭人口,队列\nx,x,x,x,x,x,x,x\n");
    expect("E_COLUMNS 0.3; N_HEADER_SPACE 0.4");
    assert_true(roster->refused);
    /* A line above the titles: said once, not again for every row. */
    read_text("哈尔滨市申请家庭名册\n" HEAD "示经房(2013)00001号,本人\n");
    assert_int_equal(roster->findings.by_code[E_COLUMNS], 8);
    assert_int_equal(roster->findings.count, 8);
    assert_string_equal(roster->findings.items[0].seen, "missing");
}

static void
roster__each_bad_cell_is_named(void **state)
{
    (void)state;
    read_text(HEAD ",本人,刘试明,居民身份证," LIU ",1,,二居,\n"
                   "示经房(2013)00002号,户主,,军官证,x,1,,,4\n"
                   "示经房(2013)00003号,本人,欧阳测,居民身份证,=A1,1,,二居,0\n"
                   "示经房(2013)00004号,本人,+cmd|' /C calc'!A0,居民身份证,,1,甲队,四居,\n"
                   "示经房(2013)00005号,本人,刘\a明,居民身份证,1,1,优先;Q1,二居 二居,\n");
    expect("E_EMPTY 1.1; E_ENUM 2.2; E_EMPTY 2.3; E_ENUM 2.4; E_LEN 2.5; E_RANGE 2.9; "
           "E_FORMULA 3.5; E_RANGE 3.9; E_FORMULA 4.3; E_EMPTY 4.5; E_ENUM 4.7; E_ENUM 4.8; "
           "E_CHAR 5.3; E_LEN 5.5; E_FIELD 5.7; E_FIELD 5.8");
    expect_seen(1, "户主 (本人 配偶 子女 父母 其他)");
    expect_seen(5, "4 (1..3)");
    expect_seen(11, "四居 (一居 二居 三居（大）)");
}

static void
roster__row_of_another_width_is_named(void **state)
{
    (void)state;
    read_text(HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",1,,二居\n"
                   "示经房(2013)00002号,本人,张二,居民身份证," ZHANG ",1,,二居,1,1\n");
    expect("E_COLUMNS 1.0; E_COLUMNS 2.0");
    expect_seen(0, "8 (9)");
    expect_seen(1, "10 (9)");
}

static void
roster__sex_is_compared_with_the_number(void **state)
{
    (void)state;
    const char *titles = "申请编号,关系,姓名,证件类型,证件号码,家庭人口,队列,户型,性别\n";
    char text[2048];
    snprintf(text, sizeof text,
             "%s示经房(2013)00001号,本人,甲,居民身份证,%s,1,,二居,女\n"
             "示经房(2013)00002号,本人,乙,居民身份证,%s,1,,二居,男\n"
             "示经房(2013)00003号,本人,丙,居民身份证,%s,1,,二居,女\n"
             "示经房(2013)00004号,本人,丁,护照,E1234567,1,,二居,女\n"
             "示经房(2013)00005号,本人,戊,护照,E1234568,1,,二居,\n",
             titles, LIU, ZHANG, OUYANG);
    read_text(text);
    expect("W_SEX 1.9; W_SEX 2.9");
    assert_false(roster->refused);
}

static void
roster__words_for_no_member_number_are_none(void **state)
{
    (void)state;
    read_text("申请编号,关系,姓名,证件类型,证件号码,家庭人口,队列,户型,工会会员号\n"
              "示经房(2013)00001号,本人,甲,护照,E1234561,1,,二居,无\n"
              "示经房(2013)00002号,本人,乙,护照,E1234562,1,,二居,无\n"
              "示经房(2013)00003号,本人,丙,护照,E1234563,1,,二居,—\n"
              "示经房(2013)00004号,本人,丁,护照,E1234564,1,,二居,GH-1\n"
              "示经房(2013)00005号,本人,戊,护照,E1234565,1,,二居,ＧＨ-1\n"
              "示经房(2013)00006号,本人,己,护照,E1234566,1,,二居,/\n");
    expect("D_MEMBER_NO 5.9; N_FULLWIDTH 5.9");
    assert_int_equal(roster->persons[0].member.size, 0);
    assert_int_equal(roster->persons[5].member.size, 0);
    assert_true(roster->households[3].held && roster->households[4].held);
    assert_false(roster->households[0].held);
}

static void
roster__names_have_at_most_fifty_characters(void **state)
{
    (void)state;
    for (int size = ROSTER_NAME_MAX; size <= ROSTER_NAME_MAX + 1; size++) {
        struct lot_buffer text = {0};
        lot_buffer_print(&text, "%s示经房(2013)00001号,本人,", HEAD);
        for (int i = 0; i < size; i++) {
            lot_buffer_put(&text, LOT_TEXT("𠅤"));
        }
        lot_buffer_print(&text, ",居民身份证,%s,1,,二居,\n", LIU);
        read_text(text.at);
        expect(size == ROSTER_NAME_MAX ? "" : "E_TOO_LONG 1.3");
        lot_buffer_finish(&text);
    }
}

static void
roster__row_without_application_makes_its_neighbours_unsure(void **state)
{
    (void)state;
    /* The second row may be the spouse of the first household or of the third row's. */
    read_text(HEAD "示经房(2013)00001号,本人,甲,护照,E1234561,2,,二居,\n"
                   ",配偶,乙,护照,E1234562,2,,,\n"
                   "示经房(2013)00003号,子女,丙,护照,E1234563,2,,,\n"
                   "示经房(2013)00004号,子女,丁,护照,E1234564,2,,,\n"
                   "x,本人,戊,护照,E1234565,1,,二居,\n");
    expect("E_EMPTY 2.1; E_APPNO_FORM 5.1");
    read_text(HEAD ",本人,甲,护照,E1234561,1,,二居,\n");
    expect("E_EMPTY 1.1");
}

static void
roster__columns_that_are_not_read_hold_no_formula(void **state)
{
    (void)state;
    read_text("备注,申请编号,关系,姓名,证件类型,证件号码,家庭人口,队列,户型,电话\n"
              "=A1,示经房(2013)00001号,本人,甲,护照,E1234561,1,,二居,-\n"
              "-三代同住,示经房(2013)00002号,本人,乙,护照,E1234562,1,,二居,+86 451\n"
              "\"=\"\"1\"\"\",示经房(2013)00003号,本人,丙,护照,E1234563,1,,二居, @SUM(A1)\n");
    expect("E_FORMULA 1.1; E_FORMULA 3.10");
    expect_seen(0, "=...");
    expect_seen(1, "@...");
}

/* U+0800 and above, as the ranges below need it. */
static void
put_character(uint32_t c, struct lot_buffer *out)
{
    const unsigned char four[] = {
        (unsigned char)(0xF0 | c >> 18), (unsigned char)(0x80 | (c >> 12 & 0x3F)),
        (unsigned char)(0x80 | (c >> 6 & 0x3F)), (unsigned char)(0x80 | (c & 0x3F))};
    const unsigned char three[] = {(unsigned char)(0xE0 | c >> 12), four[2], four[3]};
    lot_buffer_add(out, c >= 0x10000 ? four : three, c >= 0x10000 ? 4 : 3);
}

static void
roster__unseen_characters_are_named_to_the_edges_of_their_ranges(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
        const char *found;
    } ranges[] = {{0x180E, 0x180E, "E_INVISIBLE 1.3"},
                  {0x200B, 0x200D, "E_INVISIBLE 1.3"},
                  {0x200E, 0x200F, "E_BIDI 1.3"},
                  {0x202A, 0x202E, "E_BIDI 1.3"},
                  {0x2060, 0x2065, "E_INVISIBLE 1.3"},
                  {0x2066, 0x2069, "E_BIDI 1.3"},
                  {0x206A, 0x206F, "E_INVISIBLE 1.3"},
                  {0xFE00, 0xFE0F, "E_INVISIBLE 1.3"},
                  {0xFEFF, 0xFEFF, "E_INVISIBLE 1.3"},
                  {0xFFF9, 0xFFFB, "E_INVISIBLE 1.3"},
                  {0xE0000, 0xE0FFF, "E_INVISIBLE 1.3"},
                  {0x2E80, 0x2E81, ""},
                  {0x2070, 0x2070, ""},
                  {0xFE10, 0xFE10, ""},
                  {0x20000, 0x20000, ""},
                  {0x180D, 0x180D, ""}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (int end = 0; end < 2; end++) {
            struct lot_buffer text = {0};
            lot_buffer_print(&text, "%s示经房(2013)00001号,本人,刘", HEAD);
            put_character(end == 0 ? ranges[i].first : ranges[i].last, &text);
            lot_buffer_print(&text, "明,居民身份证,%s,1,,二居,\n", LIU);
            read_text(text.at);
            expect(ranges[i].found);
            lot_buffer_finish(&text);
        }
    }
    read_text(HEAD "示经房(2013)00001号,本人,刘,居民身份证,\xEF\xBB\xBF" LIU ",1,,二居,\n");
    expect("N_BOM 1.5");
    read_text(HEAD "示经房(2013)00001号,本人,刘,居民身份证,2\xEF\xBB\xBF" LIU ",1,,二居,\n");
    expect("E_INVISIBLE 1.5");
    read_text(HEAD "示经房(2013)00001号,本人,\xEF\xBB\xBF刘,居民身份证," LIU ",1,,二居,\n");
    expect("E_INVISIBLE 1.3");
}

static void
roster__cells_that_begin_like_formulas_are_told_from_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *found;
    } cases[] = {{"+9", "E_ENUM 1.7"},     {"-0", "E_ENUM 1.7"},      {"-", "E_ENUM 1.7"},
                 {"+/1", "E_FORMULA 1.7"}, {"-:1", "E_FORMULA 1.7"},  {"@1", "E_FORMULA 1.7"},
                 {"=", "E_FORMULA 1.7"},   {"＝A1", "E_FORMULA 1.7"}, {"－１", "E_ENUM 1.7"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 HEAD "示经房(2013)00001号,本人,刘,居民身份证," LIU ",1,%s,二居,\n", cases[i].cell);
        read_text(text);
        expect(cases[i].found);
    }
}

static void
roster__household_has_one_head(void **state)
{
    (void)state;
    read_text(HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",2,,二居,\n"
                   "示经房(2013)00001号,本人,张二,居民身份证," ZHANG ",2,,二居,\n"
                   "示经房(2013)00003号,配偶,欧阳测,居民身份证," OUYANG ",1,,二居,\n");
    expect("E_NO_HEAD 2.2; E_NO_HEAD 3.2");
    read_text(HEAD "示经房(2013)00001号,本人,甲,护照,E1234561,3,,二居,\n"
                   "示经房(2013)00001号,本人,乙,护照,E1234562,3,,二居,\n"
                   "示经房(2013)00001号,本人,丙,护照,E1234563,3,,二居,\n");
    expect("E_NO_HEAD 2.2"); /* once a household */
    read_text(HEAD "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",2,,,\n"
                   "示经房(2013)00001号,配偶,刘试明,居民身份证," LIU ",2,,,\n");
    expect("E_SIZE_MISMATCH 1.6; E_EMPTY 1.8; E_FIELD 2.2");
}

static void
roster__forms_that_make_no_sense_are_usage_errors(void **state)
{
    (void)state;
    struct roster_input input = {"a.csv", LOT_TEXT(HEAD)};
    struct roster *none = NULL;
    struct lot_error error = {0};
    options.application_form = "N\\";
    assert_false(roster_read(&input, 1, rules, &options, &none, &error));
    assert_int_equal(error.code, LOT_USAGE);
    assert_string_equal(error.text, "form `N\\`: nothing follows the last \\");
    options.application_form = "\xFF";
    assert_false(roster_read(&input, 1, rules, &options, &none, &error));
    assert_string_equal(error.text, "form of application numbers: not plain UTF-8 text");
    options.application_form = "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN";
    assert_false(roster_read(&input, 1, rules, &options, &none, &error));
    assert_string_equal(error.text, "form of application numbers: 65 characters, not 64");
    options.application_form = NULL;
    assert_null(none);
}

static void
roster__failing_library_leaves_nothing(void **state)
{
    (void)state;
    struct roster_input inputs[] = {{"a.csv", LOT_TEXT(HEAD)}, {"b.csv", LOT_TEXT(HEAD)}};
    uint64_t calls = 0;
    crypto_fail_at(0);
    read_inputs(inputs, 2);
    calls = crypto_fail_at(0);
    assert_true(calls >= 4);
    for (uint64_t n = 1; n <= calls; n++) {
        struct roster *none = NULL;
        struct lot_error error = {0};
        crypto_fail_at(n);
        assert_false(roster_read(inputs, 2, rules, &options, &none, &error));
        assert_int_equal(error.code, LOT_MACHINE);
        assert_null(none);
    }
    crypto_fail_at(0);
}

/* ---- property ---- */

/* Rows in any order, in one file or two: the same households, the same held ones. */
static void
roster__order_of_rows_changes_no_household(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "示经房(2013)00001号,本人,刘试明,居民身份证," LIU ",3,优先,二居,\n",
        "示经房(2013)00001号,配偶,张二,居民身份证," ZHANG ",,,,\n",
        "示经房(2013)00001号,其他,甲,护照,E7654321,,,,\n",
        "示经房(2013)00002号,本人,欧阳测,居民身份证," OUYANG ",2,,一居,2\n",
        "示经房(2013)00002号,父母,乙,护照,E1234567,,,,\n",
        "示经房(2013)00003号,本人,甲,护照,E7654321,1,,一居,\n",
        "示经房(2013)00004号,本人,丙,护照,E0000001,1,,一居,\n",
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    uint32_t seed = 1; /* of the shuffles */
    for (int round = 0; round < 200; round++) {
        const char *shuffled[ROWS];
        memcpy(shuffled, rows, sizeof rows);
        for (uint32_t i = ROWS - 1; i > 0; i--) {
            seed = seed * 1664525 + 1013904223;
            uint32_t j = (seed >> 16) % (i + 1);
            const char *row = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = row;
        }
        struct lot_buffer texts[2] = {{0}};
        for (uint32_t i = 0; i < ROWS; i++) {
            uint32_t file = round % 2 == 0 ? 0 : i % 2;
            lot_buffer_print(&texts[file], "%s%s", texts[file].size == 0 ? HEAD : "", shuffled[i]);
        }
        struct roster_input inputs[] = {{"a.csv", lot_buffer_text(&texts[0])},
                                        {"b.csv", lot_buffer_text(&texts[1])}};
        read_inputs(inputs, round % 2 == 0 ? 1 : 2);
        lot_buffer_finish(&texts[0]);
        lot_buffer_finish(&texts[1]);
        assert_false(roster->refused);
        assert_int_equal(roster->household_count, 4);
        assert_int_equal(roster->person_count, ROWS);
        for (uint32_t i = 0; i < 4; i++) {
            const struct roster_household *household = &roster->households[i];
            int number = household->application.at[strlen("示经房(2013)0000")] - '0';
            const struct roster_person *persons = &roster->persons[household->first];
            assert_int_equal(household->persons, number == 1 ? 3 : number == 2 ? 2 : 1);
            assert_int_equal(household->held, number == 1 || number == 3);
            assert_int_equal(household->chances, number == 2 ? 2 : 1);
            assert_int_equal(persons[0].relation, ROSTER_APPLICANT);
            if (number == 1) {
                assert_string_equal(persons[1].number, ZHANG);
                assert_string_equal(persons[2].number, "E7654321");
            }
        }
    }
}

/* ---- reports ---- */

static void
roster__sentences_never_hold_a_number_or_a_name(void **state)
{
    (void)state;
    static const char *const files[] = {"roster-04-excel-mangled.csv", "roster-05-duplicates.csv",
                                        "roster-07-hostile.csv", "roster-08-fullwidth.csv"};
    static const char *const secret[] = {"19680315", "19700420", "199606",     "刘试明",
                                         "欧阳测",   "王五",     "1949010100", "张二"};
    for (size_t i = 0; i < 4; i++) {
        struct lot_buffer text = {0};
        read_sample(files[i]);
        assert_true(roster->findings.count > 5);
        for (uint32_t j = 0; j < roster->findings.count; j++) {
            roster_finding_line(roster, &roster->findings.items[j], "zh", &text);
            roster_finding_line(roster, &roster->findings.items[j], "en", &text);
        }
        roster_preview(roster, 0, &text);
        for (size_t j = 0; j < sizeof secret / sizeof secret[0]; j++) {
            if (strstr(text.at, secret[j]) != NULL) {
                fail_msg("%s: %s stands in the open", files[i], secret[j]);
            }
        }
        struct lot_text rest = lot_buffer_text(&text), line;
        while (lot_line(&rest, &line)) {
            assert_true(canon_people(line));
        }
        lot_buffer_finish(&text);
    }
}

static void
roster__offender_is_shown_by_place_and_code_point(void **state)
{
    (void)state;
    read_text(HEAD "示经房(2013)00001号,本人,刘\xE2\x80\xAE明,居民身份证,230l99198001010179,"
                   "1,,二居,\n");
    expect("E_BIDI 1.3; E_CHAR 1.5");
    expect_seen(0, "刘*明 [2: U+202E]");
    expect_seen(1, "2***************79 [4: U+006C]");
    struct lot_buffer line = {0};
    roster_finding_line(roster, &roster->findings.items[1], "zh", &line);
    assert_string_equal(line.at,
                        "table.csv 第 2 行 第 5 列 E_CHAR 证件号码「2***************79 [4: "
                        "U+006C]」:含有不允许的字符,请按证件改正\n");
    lot_buffer_finish(&line);
}

static void
roster__table_comes_back_with_its_problems(void **state)
{
    (void)state;
    read_sample("roster-03-bom-crlf-quotes.csv");
    struct lot_buffer table = {0};
    roster_table(roster, 0, "zh", &table);
    assert_true(lot_text_starts(lot_buffer_text(&table), "\xEF\xBB\xBF 申请编号,关系 ,姓名,"));
    struct roster_input again = {"again.csv", lot_buffer_text(&table)};
    read_inputs(&again, 1);
    json_t *root = json_load_file(FOLDER "roster-expected.json", 0, NULL);
    expect_persons(json_object_get(root, "canonical_persons"));
    json_decref(root);
    assert_int_equal(roster->findings.by_code[N_FORMULA_TEXT], 20);
    assert_int_equal(roster->files[0].extra_count, 2);
    assert_true(lot_text_is(roster->files[0].extra[1], "问题"));
    lot_buffer_clear(&table);

    read_text(HEAD "示经房(2013)00001号,本人,\"刘\"\"明\",居民身份证,x,9,,二居,\n");
    roster_table(roster, 0, "en", &table);
    assert_string_equal(
        table.at,
        "\xEF\xBB\xBF申请编号,关系,姓名,证件类型,证件号码,家庭人口,队列,户型,摇号次数,问题\r\n"
        "示经房(2013)00001号,本人,\"刘\"\"明\",居民身份证,x,9,,二居,,"
        "\"E_LEN 证件号码 `*`: has the wrong number of places: correct it from the paper\r\n"
        "E_SIZE_MISMATCH 家庭人口 `9, 1`: the size of the household is not the number of its rows: "
        "add the members or correct it\"\r\n");
    lot_buffer_finish(&table);
}

static void
roster__preview_shows_three_rows_masked(void **state)
{
    (void)state;
    read_sample("roster-02-gb18030.csv");
    struct lot_buffer text = {0};
    roster_preview(roster, 0, &text);
    assert_true(
        lot_text_starts(lot_buffer_text(&text),
                        "申请编号 | 关系 | 姓名 | 证件类型 | 证件号码 | 性别 | 户口所在区 | "
                        "家庭人口 | 队列 | 户型 | 工会会员号 | 备注\n"
                        "示经房(2013)00001号 | 本人 | 刘*明 | 居民身份证 | "
                        "2301**********0115 | 男 | 230110 | 4 | 优先 | 二居 | G****01 | \n"));
    uint32_t lines = 0;
    for (struct lot_text rest = lot_buffer_text(&text), line; lot_line(&rest, &line);) {
        lines++;
    }
    assert_int_equal(lines, 4);
    lot_buffer_finish(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(roster__every_sample_comes_out_as_written),
    cmocka_unit_test(roster__clean_files_raise_no_alarm),
    cmocka_unit_test(roster__mangled_file_gets_one_code_a_trap),
    cmocka_unit_test(roster__duplicates_are_held_not_dropped),
    cmocka_unit_test(roster__one_person_in_many_rows_is_found_in_time),
    cmocka_unit_test(roster__choices_are_codes_or_titles_in_order),
    cmocka_unit_test(roster__facts_of_a_household_may_stand_once),
    cmocka_unit_test(roster__other_papers_are_read_by_their_kind),
    cmocka_unit_test(roster__names_keep_the_blanks_that_are_part_of_them),
    cmocka_unit_test(roster__marks_of_spreadsheets_come_off_any_cell),
    cmocka_unit_test(roster__register_holds_who_is_known),
    cmocka_unit_test(roster__several_files_are_one_import),
    cmocka_unit_test(roster__application_numbers_have_the_form_of_the_draw),
    cmocka_unit_test(roster__household_sizes_go_from_one_to_twenty),
    cmocka_unit_test(roster__numbers_have_one_plain_form),
    cmocka_unit_test(roster__applicants_come_of_age_at_eighteen),
    cmocka_unit_test(roster__titles_are_needed_once),
    cmocka_unit_test(roster__each_bad_cell_is_named),
    cmocka_unit_test(roster__row_of_another_width_is_named),
    cmocka_unit_test(roster__sex_is_compared_with_the_number),
    cmocka_unit_test(roster__words_for_no_member_number_are_none),
    cmocka_unit_test(roster__names_have_at_most_fifty_characters),
    cmocka_unit_test(roster__row_without_application_makes_its_neighbours_unsure),
    cmocka_unit_test(roster__columns_that_are_not_read_hold_no_formula),
    cmocka_unit_test(roster__unseen_characters_are_named_to_the_edges_of_their_ranges),
    cmocka_unit_test(roster__cells_that_begin_like_formulas_are_told_from_numbers),
    cmocka_unit_test(roster__household_has_one_head),
    cmocka_unit_test(roster__forms_that_make_no_sense_are_usage_errors),
    cmocka_unit_test(roster__failing_library_leaves_nothing),
    cmocka_unit_test(roster__order_of_rows_changes_no_household),
    cmocka_unit_test(roster__sentences_never_hold_a_number_or_a_name),
    cmocka_unit_test(roster__offender_is_shown_by_place_and_code_point),
    cmocka_unit_test(roster__table_comes_back_with_its_problems),
    cmocka_unit_test(roster__preview_shows_three_rows_masked),
};

int
main(int count, char **arguments)
{
    if (count > 1) {
        cmocka_set_test_filter(arguments[1]);
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
