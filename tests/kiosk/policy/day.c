#include "tests/kiosk/policy/open.h"

#include <string.h>

static struct policy *policy;

static int
parameter(const char *name)
{
    int i = 0;
    while (strcmp(policy->parameters[i].name, name) != 0) {
        i++;
    }
    return i;
}

static const struct value *
value_on(struct policy_day **day, const char *given, const char *name)
{
    *day = open_parameters(policy, given);
    return &(*day)->values[parameter(name)];
}

/* The real history: published on 2010-01-15, in force from 2009-10-01. */
static void
day__a_figure_counts_once_it_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        int64_t standard;
    } days[] = {
        {"{\"as_of\": \"2010-01-05\"}", 30000},
        {"{\"as_of\": \"2010-01-14\"}", 30000},
        {"{\"as_of\": \"2010-01-15\"}", 31000},
        {"{\"as_of\": \"2010-01-05\", \"known_as_of\": \"2010-01-15\"}", 31000},
        {"{\"as_of\": \"2010-01-20\", \"zone\": \"acheng-and-counties\"}", 22100},
        {"{\"as_of\": \"2010-01-14\", \"zone\": \"acheng-and-counties\"}", 19200},
        {"{\"as_of\": \"2010-01-20\", \"reference_rule\": \"previous_year_start\"}", 30000},
        {"{\"as_of\": \"2009-12-31\", \"known_as_of\": \"2010-01-15\"}", 30000},
        {"{\"as_of\": \"2009-12-31\", \"known_as_of\": \"2010-01-15\", "
         "\"reference_rule\": \"same_day\"}",
         31000},
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct policy_day *day = NULL;
        const struct value *value = value_on(&day, days[i].given, "dibao_ref_fen");
        if (value->number != days[i].standard) {
            fail_msg("%s: expected %lld, found %lld", days[i].given, (long long)days[i].standard,
                     (long long)value->number);
        }
        assert_int_equal(value->origin, ORIGIN_POLICY);
        assert_false(value->demonstration);
        policy_day_destroy(day);
    }
}

/* The 2012 standard was looked for and not found: nothing is guessed in its place. */
static void
day__the_missing_standard_is_missing(void **state)
{
    (void)state;
    struct policy_day *day = NULL;
    struct policy_facts facts;
    struct policy_answer answer;
    struct lot_error error = {0};
    assert_int_equal(value_on(&day, "{\"as_of\": \"2013-10-15\"}", "dibao_ref_fen")->origin,
                     ORIGIN_MISSING);
    policy_facts_init(day, &facts);
    assert_true(open_state(day, &facts, "worker_status", "\"employed\"", &error));
    assert_true(open_state(day, &facts, "worker_city", "true", &error));
    assert_true(open_state(day, &facts, "household_size", "4", &error));
    assert_true(open_state(day, &facts, "special_cause", "\"none\"", &error));
    policy_decide(day, &facts, &answer);
    assert_int_equal(answer.benefits[open_benefit(policy, "living.relief")], POLICY_UNKNOWN);
    /* And the visitor is not asked what cannot be compared with anything. */
    assert_false(policy_matters(day, &facts, policy_fact(policy, "income_month_fen")));
    policy_day_destroy(day);
}

static void
day__what_has_no_source_is_a_demonstration(void **state)
{
    (void)state;
    struct policy_day *day = NULL;
    const char *given = "{\"as_of\": \"2013-10-15\", \"dibao_ref_fen\": 50000}";
    const struct value *value = value_on(&day, given, "dibao_ref_fen");
    assert_int_equal(value->origin, ORIGIN_ENTERED);
    assert_true(value->demonstration);
    assert_true(day->values[parameter("usable_pct")].demonstration);
    assert_false(day->values[parameter("tekun_pct")].demonstration);
    policy_day_destroy(day);
    /* The policy's own value, entered once more, keeps its source. */
    given = "{\"as_of\": \"2010-01-20\", \"dibao_ref_fen\": 31000}";
    value = value_on(&day, given, "dibao_ref_fen");
    assert_int_equal(value->origin, ORIGIN_POLICY);
    assert_false(value->demonstration);
    policy_day_destroy(day);
}

static void
day__wrong_parameters_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *given, *sentence;
    } wrong[] = {
        {"{}", "parameter as_of: the day of the decision must be given"},
        {"{\"as_of\": \"2013-02-29\"}", "parameter as_of: expected a day"},
        {"{\"as_of\": \"2013-13-01\"}", "parameter as_of: expected a day"},
        {"{\"as_of\": \"20131015\"}", "parameter as_of: expected a day"},
        {"{\"as_of\": \"2013-10-15\", \"dibao\": 5}", "parameter \"dibao\": the policy has none"},
        {"{\"as_of\": \"2013-10-15\", \"tekun_pct\": 110.0}", "parameter tekun_pct: expected an"},
        {"{\"as_of\": \"2013-10-15\", \"tekun_pct\": \"110\"}", "parameter tekun_pct: expected an"},
        {"{\"as_of\": \"2013-10-15\", \"tekun_pct\": 1000000000000001}", "at most 15 digits"},
        {"{\"as_of\": \"2013-10-15\", \"zone\": \"moon\"}", "parameter zone: expected one of"},
        {"{\"as_of\": \"2013-10-15\", \"require_union_member\": 1}", "expected true or false"},
        {"{\"as_of\": \"2013-10-15\", \"housing_districts\": [\"x\"]}", "expected a list of codes"},
        {"{\"as_of\": \"2013-10-15\", \"worker_status_counts\": {\"employed\": \"Y\"}}",
         "expected an object of T, F and U"},
        {"{\"as_of\": \"2013-10-15\", \"golden_autumn_shares\": {\"from\": 0, \"values\": [0]}}",
         "the table must reach from 0 to 20"},
        {"{\"as_of\": \"2013-10-15\", \"dibao_ref_fen\": 1000000000000000, "
         "\"tekun_pct\": 1000000000000000}",
         "overflows"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct policy_day *day = NULL;
        struct lot_error error = {0};
        json_t *given = json_loads(wrong[i].given, 0, NULL);
        if (policy_on_day(policy, given, &day, &error)) {
            fail_msg("taken: %s", wrong[i].given);
        }
        assert_null(day);
        if (strstr(error.text, wrong[i].sentence) == NULL) {
            fail_msg("%s: found \"%s\"", wrong[i].given, error.text);
        }
        json_decref(given);
    }
}

/* 4 * 10^18 times 10^9 is far beyond 64 bits; one unit of difference still decides. */
static void
day__sums_are_exact_beyond_64_bits(void **state)
{
    (void)state;
    static const char text[] =
        "{\"schema\": \"policy/1\", \"key\": \"wide\", \"languages\": [\"en\"], \"facts\": ["
        "{\"key\": \"a\", \"type\": \"int\", \"who\": \"visitor\", \"min\": 0, \"max\": "
        "1000000000},"
        "{\"key\": \"b\", \"type\": \"int\", \"who\": \"visitor\", \"min\": 0, \"max\": "
        "1000000000}],"
        "\"parameters\": [{\"key\": \"as_of\", \"type\": \"date\"},"
        "{\"key\": \"p\", \"type\": \"int\", \"values\": [{\"value\": 1000000000000000}]}],"
        "\"conditions\": [], \"categories\": [{\"key\": \"less\", \"when\": {\"below\": ["
        "{\"times\": [4000, {\"param\": \"p\"}, {\"fact\": \"a\"}]},"
        "{\"times\": [4000, {\"param\": \"p\"}, {\"fact\": \"b\"}]}]}},"
        "{\"key\": \"else\", \"when\": true}],"
        "\"benefits\": [], \"figures\": [], \"referrals\": []}";
    static const struct {
        const char *a, *b;
        int category;
    } pairs[] = {{"999999999", "1000000000", 0},
                 {"1000000000", "1000000000", 1},
                 {"1000000000", "999999999", 1},
                 {"0", "1000000000", 0}};
    struct policy *wide = NULL;
    assert_true(policy_read(text, strlen(text), &wide, NULL));
    struct policy_day *day = open_parameters(wide, "{\"as_of\": \"2013-10-15\"}");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct policy_facts facts;
        struct policy_answer answer;
        policy_facts_init(day, &facts);
        assert_true(open_state(day, &facts, "a", pairs[i].a, NULL));
        assert_true(open_state(day, &facts, "b", pairs[i].b, NULL));
        policy_decide(day, &facts, &answer);
        assert_int_equal(answer.category, pairs[i].category);
    }
    policy_day_destroy(day);
    policy_destroy(wide);
}

static int
open_all(void **state)
{
    (void)state;
    policy = open_policy("harbin-2013");
    return 0;
}

static int
close_all(void **state)
{
    (void)state;
    policy_destroy(policy);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(day__a_figure_counts_once_it_is_known),
    cmocka_unit_test(day__the_missing_standard_is_missing),
    cmocka_unit_test(day__what_has_no_source_is_a_demonstration),
    cmocka_unit_test(day__wrong_parameters_are_refused_by_name),
    cmocka_unit_test(day__sums_are_exact_beyond_64_bits),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, open_all, close_all);
}
