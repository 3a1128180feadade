#include "tests/kiosk/policy/open.h"

#include <stdlib.h>
#include <string.h>

static struct policy *policy;
static json_t *file;
static uint64_t state_of_chance;

static uint64_t
chance(uint64_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return state_of_chance % below;
}

/* The seed is printed, and MINGQIAN_SEED sets it. */
static void
seed_chance(void)
{
    const char *given = getenv("MINGQIAN_SEED");
    uint64_t seed = given == NULL ? 20130821 : strtoull(given, NULL, 10);
    print_message("seed %llu\n", (unsigned long long)seed);
    state_of_chance = seed * 2654435761u + 1;
}

static int64_t
any_value(const struct fact *fact, int64_t most)
{
    static const int64_t incomes[] = {0,      199999, 200000, 200001, 220000, 220001,
                                      260000, 260001, 300000, 300001, 467366, 467367};
    if (strcmp(fact->name, "income_month_fen") == 0 && chance(2) == 0) {
        return incomes[chance(sizeof incomes / sizeof *incomes)];
    }
    most = fact->high < most ? fact->high : most;
    return fact->low + (int64_t)chance((uint64_t)(most - fact->low + 1));
}

/* A household with every fact stated. */
static void
make_household(const struct policy_day *day, struct policy_facts *out)
{
    policy_facts_init(day, out);
    for (int i = 0; i < policy->facts_count; i++) {
        const struct fact *fact = &policy->facts[i];
        int64_t most = fact->high_fact >= 0   ? out->domain[fact->high_fact].high
                       : fact->high > 1000000 ? 600000
                                              : fact->high;
        json_t *value = NULL;
        switch (fact->type) {
        case FACT_BOOL:
            value = json_boolean(chance(2) == 0);
            break;
        case FACT_INT:
            value = json_integer(any_value(fact, most));
            break;
        case FACT_ENUM:
            value = json_string(fact->choices[chance(fact->count)]);
            break;
        case FACT_CODE:
            value = json_string(chance(2) == 0 ? "230199" : "230111");
            break;
        case FACT_TEXT:
            value = json_string(chance(2) == 0 ? "" : "1");
            break;
        }
        assert_true(policy_state(day, out, fact->name, value, NULL));
        json_decref(value);
    }
}

static struct policy_day *
demonstration_day(void)
{
    return open_day(policy, file, open_case(file, "E01"));
}

static void
decide__logic_tables_are_kleene(void **state)
{
    (void)state;
    const unsigned t = POLICY_TRUE;
    const unsigned f = POLICY_FALSE;
    const unsigned u = POLICY_UNKNOWN;
    const unsigned values[] = {t, f, u};
    const unsigned both[3][3] = {{t, f, u}, {f, f, f}, {u, f, u}};
    const unsigned either[3][3] = {{t, t, t}, {t, f, u}, {t, u, u}};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
            assert_int_equal(policy_and(values[i], values[k]), both[i][k]);
            assert_int_equal(policy_or(values[i], values[k]), either[i][k]);
        }
    }
    assert_int_equal(policy_not(t), f);
    assert_int_equal(policy_not(u), u);
    /* A set stands for each of its members. */
    for (unsigned a = 1; a < 8; a++) {
        for (unsigned b = 1; b < 8; b++) {
            unsigned sum = 0;
            for (int i = 0; i < 3; i++) {
                for (int k = 0; k < 3; k++) {
                    sum |= (a & values[i]) != 0 && (b & values[k]) != 0 ? both[i][k] : 0;
                }
            }
            assert_int_equal(policy_and(a, b), sum);
        }
    }
}

/* The boundary words: the line itself is within, and one fen beyond is not. */
static void
decide__within_includes_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *income, *category;
    } steps[] = {{"220000", "TEKUN"}, {"220001", "KUNNAN"}, {"260000", "KUNNAN"},
                 {"260001", "NEAR"},  {"300000", "NEAR"},   {"300001", "NONE"}};
    struct policy_day *day = demonstration_day();
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct policy_facts facts;
        struct policy_answer answer;
        open_facts(day, open_case(file, "E01"), &facts);
        assert_true(open_state(day, &facts, "income_month_fen", steps[i].income, NULL));
        policy_decide(day, &facts, &answer);
        assert_int_equal(answer.category, open_category(policy, steps[i].category));
    }
    policy_day_destroy(day);
}

/* Less income never worsens the class, nor takes a benefit away. */
static void
decide__less_income_never_worsens(void **state)
{
    (void)state;
    seed_chance();
    struct policy_day *day = demonstration_day();
    int income = policy_fact(policy, "income_month_fen");
    for (int i = 0; i < 20000; i++) {
        struct policy_facts facts;
        struct policy_answer more;
        struct policy_answer less;
        make_household(day, &facts);
        policy_decide(day, &facts, &more);
        int64_t high = facts.domain[income].high;
        facts.domain[income].low = facts.domain[income].high =
            high == 0 ? 0 : (int64_t)chance((uint64_t)high + 1);
        policy_decide(day, &facts, &less);
        if (more.category >= 0 && less.category >= 0) {
            assert_true(less.category <= more.category);
        }
        for (int k = 0; k < policy->benefits_count; k++) {
            assert_false(more.benefits[k] == POLICY_TRUE && less.benefits[k] != POLICY_TRUE);
        }
    }
    policy_day_destroy(day);
}

/* Opens some facts of a household: to nothing, or to a range around the value. */
static void
open_some(const struct policy_day *day, struct policy_facts *facts)
{
    struct policy_facts nothing;
    policy_facts_init(day, &nothing);
    for (int i = 0; i < policy->facts_count; i++) {
        const struct fact *fact = &policy->facts[i];
        if (chance(3) != 0 || fact->absent != NULL) {
            continue;
        }
        if (fact->type == FACT_INT && fact->range && chance(2) == 0) {
            int64_t low = facts->domain[i].low - (int64_t)chance(50000);
            int64_t high = facts->domain[i].high + (int64_t)chance(50000);
            facts->domain[i].low = low < fact->low ? fact->low : low;
            facts->domain[i].high = high > fact->high ? fact->high : high;
        } else {
            facts->domain[i] = nothing.domain[i];
            facts->stated[i] = false;
        }
    }
}

/* What is said of ranges and gaps contains what is true of every household inside. */
static void
decide__unknown_contains_every_household(void **state)
{
    (void)state;
    seed_chance();
    struct policy_day *day = demonstration_day();
    int opened = 0;
    for (int i = 0; i < 20000; i++) {
        struct policy_facts facts;
        struct policy_answer point;
        struct policy_answer open;
        make_household(day, &facts);
        policy_decide(day, &facts, &point);
        open_some(day, &facts);
        policy_decide(day, &facts, &open);
        assert_int_equal(point.candidates & ~open.candidates, 0);
        opened += open.category < 0 ? 1 : 0;
        for (int k = 0; k < policy->benefits_count; k++) {
            assert_int_equal(point.benefits[k] & ~open.benefits[k], 0);
            /* An unknown never turns T into F, or F into T. */
            assert_false(point.benefits[k] == POLICY_TRUE && open.benefits[k] == POLICY_FALSE);
        }
        for (int k = 0; k < policy->figures_count; k++) {
            assert_true(!open.figures[k].known || open.figures[k].value == point.figures[k].value);
        }
    }
    assert_true(opened > 2000);
    policy_day_destroy(day);
}

/* The same facts stated in another order give the same record, to the byte. */
static void
decide__order_of_answers_does_not_matter(void **state)
{
    (void)state;
    seed_chance();
    struct policy_day *day = demonstration_day();
    const json_t *cases = json_object_get(file, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        json_t *given = json_object_get(json_array_get(cases, i), "facts");
        char *first = NULL;
        for (int round = 0; round < 8; round++) {
            const char *names[POLICY_FACTS_MAX];
            size_t count = 0;
            struct policy_facts facts;
            policy_facts_init(day, &facts);
            for (void *at = json_object_iter(given); at != NULL;
                 at = json_object_iter_next(given, at)) {
                size_t place = chance(count + 1);
                names[count] = names[place];
                names[place] = json_object_iter_key(at);
                count++;
            }
            for (size_t k = 0; k < count; k++) {
                assert_true(
                    policy_state(day, &facts, names[k], json_object_get(given, names[k]), NULL));
            }
            json_t *record = policy_record(day, &facts);
            char *text = json_dumps(record, JSON_COMPACT);
            if (first != NULL) {
                assert_string_equal(text, first);
                free(text);
            } else {
                first = text;
            }
            json_decref(record);
        }
        free(first);
    }
    policy_day_destroy(day);
}

/* An answer is all that is needed to make the same answer again. */
static void
decide__an_answer_can_be_made_again(void **state)
{
    (void)state;
    const json_t *cases = json_object_get(file, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct policy_day *day = open_day(policy, file, json_array_get(cases, i));
        struct policy_day *later = NULL;
        struct policy_facts facts;
        open_facts(day, json_array_get(cases, i), &facts);
        json_t *record = policy_record(day, &facts);
        assert_true(policy_on_day(policy, json_object_get(record, "parameters"), &later, NULL));
        policy_facts_init(later, &facts);
        assert_true(policy_state_all(later, &facts, json_object_get(record, "facts"), NULL));
        json_t *again = policy_record(later, &facts);
        char *one = json_dumps(record, JSON_COMPACT);
        char *two = json_dumps(again, JSON_COMPACT);
        assert_string_equal(one, two);
        free(one);
        free(two);
        json_decref(record);
        json_decref(again);
        policy_day_destroy(day);
        policy_day_destroy(later);
    }
}

static int
open_all(void **state)
{
    (void)state;
    policy = open_policy("harbin-2013");
    file = open_json("cases/eligibility-harbin.json");
    return 0;
}

static int
close_all(void **state)
{
    (void)state;
    json_decref(file);
    policy_destroy(policy);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(decide__logic_tables_are_kleene),
    cmocka_unit_test(decide__within_includes_the_line),
    cmocka_unit_test(decide__less_income_never_worsens),
    cmocka_unit_test(decide__unknown_contains_every_household),
    cmocka_unit_test(decide__order_of_answers_does_not_matter),
    cmocka_unit_test(decide__an_answer_can_be_made_again),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, open_all, close_all);
}
