#include "tests/kiosk/policy/open.h"

#include <string.h>

static struct policy *policy;
static struct policy_day *day;

static void
facts__every_legal_form_is_taken(void **state)
{
    (void)state;
    static const char *const legal[][2] = {
        {"worker_city", "true"},
        {"worker_status", "\"retired\""},
        {"household_size", "1"},
        {"household_size", "20"},
        {"income_month_fen", "0"},
        {"income_month_fen", "10000000000"},
        {"income_month_fen", "{\"min\": 5, \"max\": 5}"},
        {"hukou_district", "\"230199\""},
        {"hukou_district", "\"other\""},
        {"union_member_no", "\"A-17\""},
        {"special_cause_confirmed", "false"},
        {"income_month_fen", "null"},
    };
    for (size_t i = 0; i < sizeof legal / sizeof *legal; i++) {
        struct policy_facts facts;
        struct lot_error error = {0};
        policy_facts_init(day, &facts);
        if (!open_state(day, &facts, legal[i][0], legal[i][1], &error)) {
            fail_msg("%s", error.text);
        }
    }
}

static void
facts__missing_is_not_zero_and_null_is_missing(void **state)
{
    (void)state;
    struct policy_facts facts;
    int income = policy_fact(policy, "income_month_fen");
    policy_facts_init(day, &facts);
    assert_true(open_state(day, &facts, "income_month_fen", "null", NULL));
    assert_false(facts.stated[income]);
    assert_int_equal(facts.domain[income].low, 0);
    assert_int_equal(facts.domain[income].high, 10000000000);
    assert_true(open_state(day, &facts, "income_month_fen", "0", NULL));
    assert_true(facts.stated[income]);
    assert_int_equal(facts.domain[income].high, 0);
}

static void
facts__illegal_is_refused_by_name_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *sentence;
    } illegal[] = {
        {"household_size", "0", "household_size: 人口至少1人"},
        {"household_size", "21", "household_size: 超过上限20,请人工办理"},
        {"household_size", "4.5", "household_size: expected a whole number"},
        {"household_size", "\"4\"", "household_size: expected a whole number"},
        {"household_size", "{\"min\": 1, \"max\": 4}", "household_size: expected a whole number"},
        {"income_month_fen", "-1", "income_month_fen: 收入不能为负"},
        {"income_month_fen", "10000000001", "income_month_fen: 收入太大,请人工办理"},
        {"income_month_fen", "{\"min\": 2, \"max\": 1}", "income_month_fen: 区间下限大于上限"},
        {"income_month_fen", "{\"min\": 2}", "income_month_fen: expected a whole number"},
        {"income_month_fen", "{\"min\": 2, \"max\": 3, \"mid\": 2}", "expected a whole number"},
        {"area_c", "-1", "area_c: 面积不能为负"},
        {"hukou_district", "\"2301\"", "hukou_district: 户口区要写6位代码"},
        {"hukou_district", "\"110101\"", "hukou_district: "},
        {"hukou_district", "230199", "hukou_district: expected a code in quotes"},
        {"special_cause", "\"bad luck\"", "special_cause: expected one of the listed values"},
        {"worker_city", "1", "worker_city: expected true or false"},
        {"no_such_fact", "1", "no_such_fact: the policy has no fact of this name"},
        {"special_cause_confirmed", "{\"value\": true, \"officer\": \"W\"}", "officer, date"},
        {"special_cause_confirmed",
         "{\"value\": true, \"officer\": \"W\", \"date\": \"2013-10-10\", \"reason\": \"\"}",
         "officer, date"},
    };
    for (size_t i = 0; i < sizeof illegal / sizeof *illegal; i++) {
        struct policy_facts facts;
        struct policy_facts before;
        struct lot_error error = {0};
        policy_facts_init(day, &facts);
        before = facts;
        if (open_state(day, &facts, illegal[i].name, illegal[i].value, &error)) {
            fail_msg("taken: %s %s", illegal[i].name, illegal[i].value);
        }
        if (strstr(error.text, illegal[i].sentence) == NULL) {
            fail_msg("%s %s: found \"%s\"", illegal[i].name, illegal[i].value, error.text);
        }
        assert_memory_equal(&facts, &before, sizeof facts);
    }
}

static void
facts__members_are_counted_in_either_order(void **state)
{
    (void)state;
    struct policy_facts facts;
    struct lot_error error = {0};
    policy_facts_init(day, &facts);
    assert_true(open_state(day, &facts, "undergrad_admitted", "5", &error));
    assert_false(open_state(day, &facts, "household_size", "4", &error));
    assert_non_null(strstr(error.text, "undergrad_admitted: 多于家庭人口(4)"));
    assert_true(open_state(day, &facts, "household_size", "5", &error));
}

static void
facts__a_decision_at_discretion_keeps_who_when_and_why(void **state)
{
    (void)state;
    struct policy_facts facts;
    policy_facts_init(day, &facts);
    assert_true(open_state(day, &facts, "special_cause_confirmed",
                           "{\"value\": true, \"officer\": \"W 7\", \"date\": \"2013-10-10\", "
                           "\"reason\": \"long illness\"}",
                           NULL));
    json_t *record = policy_record(day, &facts);
    const json_t *kept =
        json_object_get(json_object_get(record, "facts"), "special_cause_confirmed");
    assert_string_equal(json_string_value(json_object_get(kept, "officer")), "W 7");
    assert_string_equal(json_string_value(json_object_get(kept, "date")), "2013-10-10");
    assert_string_equal(json_string_value(json_object_get(kept, "reason")), "long illness");
    assert_true(json_is_true(json_object_get(kept, "value")));
    json_decref(record);
}

static void
facts__wiping_leaves_nothing(void **state)
{
    (void)state;
    static const struct policy_facts nothing;
    struct policy_facts facts;
    policy_facts_init(day, &facts);
    assert_true(open_state(day, &facts, "income_month_fen", "123456", NULL));
    policy_facts_wipe(&facts);
    assert_memory_equal(&facts, &nothing, sizeof facts);
}

static int
open_all(void **state)
{
    (void)state;
    policy = open_policy("harbin-2013");
    day = open_parameters(policy, "{\"as_of\": \"2013-10-15\", \"dibao_ref_fen\": 50000}");
    return 0;
}

static int
close_all(void **state)
{
    (void)state;
    policy_day_destroy(day);
    policy_destroy(policy);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(facts__every_legal_form_is_taken),
    cmocka_unit_test(facts__missing_is_not_zero_and_null_is_missing),
    cmocka_unit_test(facts__illegal_is_refused_by_name_and_changes_nothing),
    cmocka_unit_test(facts__members_are_counted_in_either_order),
    cmocka_unit_test(facts__a_decision_at_discretion_keeps_who_when_and_why),
    cmocka_unit_test(facts__wiping_leaves_nothing),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, open_all, close_all);
}
