#include "tests/kiosk/policy/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HAN_MAX 20 /* characters before a stop */

static const struct {
    const char *policy, *cases;
} packs[] = {
    {"harbin-2013", "cases/eligibility-harbin.json"},
    {"national-2018", "cases/eligibility-national.json"},
    {"newyork-2018", "cases/eligibility-newyork.json"},
};

static char *
explain(const struct policy_day *day, const struct policy_facts *facts, const char *language)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_true(policy_explain(day, facts, language, out, NULL));
    fclose(out);
    return text;
}

static char *
explain_case(const char *id, const char *language)
{
    struct policy *policy = open_policy("harbin-2013");
    json_t *file = open_json("cases/eligibility-harbin.json");
    json_t *one = open_case(file, id);
    struct policy_day *day = open_day(policy, file, one);
    struct policy_facts facts;
    open_facts(day, one, &facts);
    char *text = explain(day, &facts, language);
    policy_day_destroy(day);
    policy_destroy(policy);
    json_decref(file);
    return text;
}

static void
expect(const char *text, const char *piece)
{
    if (strstr(text, piece) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", piece, text);
    }
}

/* The one fen: the line, how it was made, and the distance, in both languages. */
static void
explain__a_fen_too_much_is_said_with_its_arithmetic(void **state)
{
    (void)state;
    char *text = explain_case("E05", "zh");
    expect(text, "结果：困难职工。");
    expect(text, "人口：4口人。全家月收入：2200.01元。");
    expect(text, "特困线：低保500元。乘1.1倍，再乘4口人。一共2200元。您家超过0.01元。");
    expect(text, "困难线：低保500元。乘1.3倍，再乘4口人。一共2600元。您家没超过，低399.99元。");
    expect(text, "上年城市低保标准：500元。演示数字，不是真标准。");
    expect(text, "这是预审，以工会认定为准。");
    free(text);
    text = explain_case("E05", "en");
    expect(text, "Result: worker in difficulty.\n");
    expect(text, "2200 yuan a month. You are above it by 0.01 yuan.");
    free(text);
}

static void
explain__a_line_with_three_places_is_not_rounded(void **state)
{
    (void)state;
    char *text = explain_case("E10", "zh");
    expect(text, "一共1429.989元。您家没超过，低0.009元。");
    free(text);
}

/* The household of four in 27 square metres, in each way its story can be completed. */
static void
explain__liu_is_told_what_he_can_do(void **state)
{
    (void)state;
    char *text = explain_case("E38", "zh");
    expect(text, "结果：还不能定。");
    expect(text, "全家月收入。带上：收入证明、存折或养老金单。");
    expect(text, "户口所在区。带上：户口簿。");
    /* What holds already is told with what is open; what was told before only in short. */
    expect(text, "纳入住房保障。\n    人均要低于16平方米。4口人是64平方米。您家27平方米，低于它。\n"
                 "    户口在哪个区，还没说。");
    expect(text, "两院挂号诊查免费。\n    要在特困线以内。\n");
    free(text);
    text = explain_case("E40", "zh");
    expect(text, "结果：困难职工。");
    expect(text, "经济适用房登记。");
    expect(text, "人均要低于16平方米。4口人是64平方米。您家27平方米，低于它。");
    expect(text, "办法：去社区登记，再参加摇号。");
    free(text);
    text = explain_case("E41", "zh");
    expect(text, "    是拆迁户或重点工程户。");
    free(text);
    text = explain_case("E42", "zh");
    expect(text, "结果：特困职工。");
    expect(text, "您家正好等于，算在内。");
    expect(text, "纳入住房保障。");
    free(text);
}

static void
explain__who_is_outside_is_sent_somewhere(void **state)
{
    (void)state;
    char *text = explain_case("E19", "zh");
    expect(text, "结果：不属帮扶对象。");
    expect(text, "可以去社区，找民政帮忙。");
    expect(text, "低保。去社区，向民政申请低保。");
    free(text);
    text = explain_case("E08", "zh");
    expect(text, "低收入家庭。去民政，问低收入家庭。");
    free(text);
    text = explain_case("E51", "zh");
    expect(text, "那天细则还没施行。从2013-08-21起施行。");
    free(text);
    text = explain_case("E58", "zh");
    expect(text, "退休的算不算，由中心定。");
    free(text);
    text = explain_case("E27", "zh");
    expect(text, "金额：3000元。");
    free(text);
}

/* A range on both sides of a line, and one that is wholly within another. */
static void
explain__a_range_is_told_as_a_range(void **state)
{
    (void)state;
    char *text = explain_case("E15", "zh");
    expect(text, "人口：4口人。全家月收入：2100元至2400元。");
    expect(text, "特困线一共2200元。您家2100元至2400元。要核实准数。");
    expect(text, "一共2600元。您家没超过，低200元至500元。");
    expect(text, "说清这些就能定：\n  全家月收入。带上：收入证明、存折或养老金单。\n\n现在");
    free(text);
}

/* A decision at discretion: by whom, when and why is at hand for the slip. */
static void
explain__a_recorded_decision_can_be_quoted(void **state)
{
    (void)state;
    struct policy *policy = open_policy("harbin-2013");
    struct policy_day *day = open_parameters(policy, "{\"as_of\": \"2013-10-15\"}");
    struct policy_facts facts;
    struct lot_buffer text = {0};
    policy_facts_init(day, &facts);
    assert_true(open_state(day, &facts, "special_cause_confirmed",
                           "{\"value\": false, \"officer\": \"W 7\", \"date\": \"2013-10-10\", "
                           "\"reason\": \"no papers\"}",
                           NULL));
    policy_fill(day, &facts, NULL,
                "{officer:special_cause_confirmed} {decided:special_cause_confirmed} "
                "{grounds:special_cause_confirmed} {fact:special_cause_confirmed} {no place",
                "en", &text);
    assert_string_equal(text.at, "W 7 2013-10-10 no papers no {no place");
    lot_buffer_finish(&text);
    policy_day_destroy(day);
    policy_destroy(policy);
}

/* Counts what is spoken between stops; fails on a sentence that nobody could follow. */
static void
check_sentences(const char *text, const char *id)
{
    int length = 0;
    const char *start = text;
    while (*text != '\0') {
        static const char *const stops[] = {"。", "！", "？", "；", "：", "\n"};
        static const char *const silent[] = {"，", "、", "“",  "”", "《",
                                             "》", "（", "）", " ", "-"};
        size_t size = 1;
        while (((unsigned char)text[size] & 0xC0) == 0x80) {
            size++;
        }
        bool stop = false;
        bool spoken = true;
        for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
            stop = stop || strncmp(text, stops[i], strlen(stops[i])) == 0;
        }
        for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
            spoken = spoken && strncmp(text, silent[i], strlen(silent[i])) != 0;
        }
        length = stop ? 0 : length + (spoken ? 1 : 0);
        start = stop ? text + size : start;
        if (length > HAN_MAX) {
            fail_msg("%s: %.90s", id, start);
        }
        text += size;
    }
}

/* Every category and benefit of every case has a reason that is said, in every language. */
static void
check_record(const json_t *record, const json_t *languages, const char *id)
{
    const json_t *reasons = json_object_get(record, "reasons");
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);
        const json_t *because = json_object_get(reason, "because");
        for (size_t l = 0; l < json_array_size(languages); l++) {
            const char *language = json_string_value(json_array_get(languages, l));
            size_t said = 0;
            for (size_t k = 0; k < json_array_size(because); k++) {
                const json_t *say = json_object_get(json_array_get(because, k), "say");
                said += json_string_length(json_object_get(say, language));
            }
            if (said == 0) {
                fail_msg("%s: a bare %s for %s in %s", id,
                         json_string_value(json_object_get(reason, "result")),
                         json_string_value(json_object_get(reason, "of")), language);
            }
        }
    }
}

static void
explain__every_case_has_reasons_and_short_sentences(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof packs / sizeof *packs; p++) {
        struct policy *policy = open_policy(packs[p].policy);
        json_t *file = open_json(packs[p].cases);
        const json_t *cases = json_object_get(file, "cases");
        const json_t *languages = json_object_get(policy->json, "languages");
        assert_true(json_array_size(cases) >= 12);
        for (size_t i = 0; i < json_array_size(cases); i++) {
            const json_t *one = json_array_get(cases, i);
            const char *id = json_string_value(json_object_get(one, "id"));
            struct policy_day *day = open_day(policy, file, one);
            struct policy_facts facts;
            open_facts(day, one, &facts);
            json_t *record = policy_record(day, &facts);
            check_record(record, languages, id);
            for (size_t l = 0; l < json_array_size(languages); l++) {
                const char *language = json_string_value(json_array_get(languages, l));
                char *text = explain(day, &facts, language);
                assert_null(strchr(text, '{'));
                assert_null(strstr(text, "?\n"));
                if (strcmp(language, "zh") == 0) {
                    check_sentences(text, id);
                }
                free(text);
            }
            json_decref(record);
            policy_day_destroy(day);
        }
        json_decref(file);
        policy_destroy(policy);
    }
}

static void
explain__numbers_are_exact_to_the_last_place(void **state)
{
    (void)state;
    struct policy *policy = open_policy("harbin-2013");
    static const struct {
        const char *unit;
        long long value;
        const char *text;
    } amounts[] = {
        {"fen", 0, "0元"},
        {"fen", 1, "0.01元"},
        {"fen", 10, "0.10元"},
        {"fen", 100, "1元"},
        {"fen", -220001, "-2200.01元"},
        {"fen*percent/month", 14299890, "1429.989元"},
        {"fen*percent/month", 14299891, "1429.9891元"},
        {"percent", 110, "1.1倍"},
        {"person", 4, "4口人"},
        {"c_m2/person", 1600, "16平方米"},
        {"c_m2", 1650, "16.5平方米"},
        {"", 17, "17"},
    };
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        char text[96];
        policy_amount(policy, amounts[i].unit, amounts[i].value, "zh", text, sizeof text);
        assert_string_equal(text, amounts[i].text);
    }
    policy_destroy(policy);
}

static void
explain__an_unknown_language_is_refused(void **state)
{
    (void)state;
    struct policy *policy = open_policy("harbin-2013");
    struct policy_day *day = open_parameters(policy, "{\"as_of\": \"2013-10-15\"}");
    struct policy_facts facts;
    struct lot_error error = {0};
    policy_facts_init(day, &facts);
    assert_false(policy_explain(day, &facts, "fr", stdout, &error));
    assert_int_equal(error.code, LOT_USAGE);
    assert_string_equal(error.text, "the policy has no language \"fr\"");
    policy_day_destroy(day);
    policy_destroy(policy);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(explain__a_fen_too_much_is_said_with_its_arithmetic),
    cmocka_unit_test(explain__a_line_with_three_places_is_not_rounded),
    cmocka_unit_test(explain__liu_is_told_what_he_can_do),
    cmocka_unit_test(explain__who_is_outside_is_sent_somewhere),
    cmocka_unit_test(explain__a_range_is_told_as_a_range),
    cmocka_unit_test(explain__a_recorded_decision_can_be_quoted),
    cmocka_unit_test(explain__every_case_has_reasons_and_short_sentences),
    cmocka_unit_test(explain__numbers_are_exact_to_the_last_place),
    cmocka_unit_test(explain__an_unknown_language_is_refused),
};

TEST_MAIN(tests)
