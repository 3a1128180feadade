#include "tests/kiosk/policy/open.h"

#include <stdio.h>
#include <string.h>

#define SCREENS_MAX 9         /* on any path of the cases */
#define SECONDS_MAX 120       /* of listening and touching */
#define SECONDS_A_TOUCH 3     /* to look and to touch */
#define CHARACTERS_A_SECOND 4 /* of slow Mandarin; ordinary speech has five or six */

static struct policy *policy;
static json_t *file;

static int
characters(const char *text)
{
    int count = 0;
    for (; text != NULL && *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

static int
spoken(const json_t *json, const char *key)
{
    return characters(policy_words(policy, json_object_get(json, key), "zh"));
}

struct path {
    int screens, touches, characters;
    int last;
};

/* What the visitor of this case says to one fact: the case's value, or "not clear". */
static void
answer_fact(const struct policy_day *day, struct policy_facts *facts, const json_t *given,
            int index, bool picture)
{
    const struct fact *fact = &policy->facts[index];
    const json_t *value = json_object_get(given, fact->name);
    bool number = fact->type == FACT_INT && picture && json_integer_value(value) > 0;
    facts->asked[index] = !number;
    if (number) {
        json_t *some = json_pack("{s:i, s:I}", "min", 1, "max",
                                 (json_int_t)facts->domain[fact->high_fact].high);
        assert_true(policy_state(day, facts, fact->name, some, NULL));
        json_decref(some);
    } else {
        assert_true(policy_state(day, facts, fact->name, value, NULL));
    }
}

/* A card or a picture is one touch, a number one for each digit; "not clear" is one, too. */
static int
touches(const struct fact *fact, const json_t *value, bool picture)
{
    char digits[32];
    json_int_t number = json_integer_value(value);
    if (picture) {
        return json_is_true(value) || number > 0 ? 1 : 0;
    }
    if (fact->type != FACT_INT || !json_is_integer(value)) {
        return 1;
    }
    /* Typed in yuan and square metres; the few with a fraction take three touches more. */
    number /= strncmp(fact->unit, "fen", 3) == 0 || strcmp(fact->unit, "c_m2") == 0 ? 100 : 1;
    snprintf(digits, sizeof digits, "%lld", (long long)number);
    return (int)strlen(digits);
}

/* One screen: what is heard, what is touched, what is known afterwards. */
static void
answer_screen(const struct policy_day *day, struct policy_facts *facts, const json_t *given,
              int next, struct path *path)
{
    int shared[POLICY_FACTS_MAX];
    size_t count = policy_screen(day, facts, next, shared);
    const json_t *screens = json_object_get(policy->json, "screens");
    bool picture = count > 1 && json_object_get(policy->facts[next].json, "yes") != NULL;
    bool same = !picture && path->last >= 0 && policy->facts[path->last].screen != NULL &&
                policy->facts[next].screen != NULL &&
                json_object_get(policy->facts[next].json, "yes") == NULL &&
                strcmp(policy->facts[path->last].screen, policy->facts[next].screen) == 0;
    count = picture ? count : 1;
    path->last = next;
    path->screens += same ? 0 : 1; /* a second question about the same number, below the first */
    path->touches += same ? 0 : 1; /* "next" */
    for (size_t i = 0; picture && i < json_array_size(screens); i++) {
        const json_t *screen = json_array_get(screens, i);
        if (strcmp(json_string_value(json_object_get(screen, "key")), policy->facts[next].screen) ==
            0) {
            path->characters += spoken(screen, "question");
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct fact *fact = &policy->facts[shared[i]];
        const json_t *value = json_object_get(given, fact->name);
        /* No question that cannot matter: checked again by the fact itself. */
        assert_false(fact->official);
        path->characters += spoken(fact->json, picture ? "yes" : "question");
        const json_t *choices = json_object_get(fact->json, "choices");
        for (size_t k = 0; k < json_array_size(choices); k++) {
            path->characters += spoken(json_array_get(choices, k), "say");
        }
        path->touches += touches(fact, value, picture);
        answer_fact(day, facts, given, shared[i], picture);
    }
}

static void
matter__every_case_is_asked_in_nine_screens_and_two_minutes(void **state)
{
    (void)state;
    const json_t *cases = json_object_get(file, "cases");
    int most_screens = 0;
    int most_seconds = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        const json_t *given = json_object_get(one, "facts");
        struct policy_day *day = open_day(policy, file, one);
        struct policy_facts facts;
        struct path path = {.last = -1};
        policy_facts_init(day, &facts);
        for (int i_official = 0; i_official < policy->facts_count; i_official++) {
            const struct fact *fact = &policy->facts[i_official];
            if (fact->official) {
                assert_true(policy_state(day, &facts, fact->name,
                                         json_object_get(given, fact->name), NULL));
            }
        }
        for (int next = policy_next(day, &facts); next >= 0; next = policy_next(day, &facts)) {
            answer_screen(day, &facts, given, next, &path);
            assert_true(path.screens < 40);
        }
        int seconds = path.characters / CHARACTERS_A_SECOND + SECONDS_A_TOUCH * path.touches;
        most_screens = path.screens > most_screens ? path.screens : most_screens;
        most_seconds = seconds > most_seconds ? seconds : most_seconds;
        if (path.screens > SCREENS_MAX || seconds > SECONDS_MAX) {
            fail_msg("%s: %d screens, %d seconds", json_string_value(json_object_get(one, "id")),
                     path.screens, seconds);
        }
        /* The interview comes to the answer that all facts together give. */
        struct policy_facts all;
        struct policy_answer asked;
        struct policy_answer whole;
        open_facts(day, one, &all);
        policy_decide(day, &facts, &asked);
        policy_decide(day, &all, &whole);
        assert_int_equal(asked.category, whole.category);
        assert_memory_equal(asked.referrals, whole.referrals, sizeof asked.referrals);
        assert_memory_equal(asked.benefits, whole.benefits, sizeof asked.benefits);
        policy_day_destroy(day);
    }
    print_message("at most %d screens, %d seconds\n", most_screens, most_seconds);
}

static void
matter__what_is_official_is_never_asked(void **state)
{
    (void)state;
    struct policy_day *day = open_day(policy, file, open_case(file, "E23"));
    struct policy_facts facts;
    open_facts(day, open_case(file, "E23"), &facts);
    assert_true(policy_matters(day, &facts, policy_fact(policy, "special_cause_confirmed")));
    assert_int_equal(policy_next(day, &facts), -1);
    policy_day_destroy(day);
}

static void
matter__what_was_asked_is_not_asked_again(void **state)
{
    (void)state;
    struct policy_day *day = open_day(policy, file, open_case(file, "E01"));
    struct policy_facts facts;
    bool seen[POLICY_FACTS_MAX] = {false};
    policy_facts_init(day, &facts);
    for (int next = policy_next(day, &facts); next >= 0; next = policy_next(day, &facts)) {
        assert_false(seen[next]);
        seen[next] = facts.asked[next] = true;
    }
    assert_true(seen[policy_fact(policy, "income_month_fen")]);
    assert_false(seen[policy_fact(policy, "union_member_no")]);
    policy_day_destroy(day);
}

/* Where the office requires membership, the card is asked for; where it does not, never. */
static void
matter__an_open_point_decides_what_is_asked(void **state)
{
    (void)state;
    int card = policy_fact(policy, "union_member_no");
    int college = policy_fact(policy, "college_admitted");
    for (int required = 0; required < 2; required++) {
        struct policy_day *day = open_parameters(
            policy, required ? "{\"as_of\": \"2013-10-15\", \"dibao_ref_fen\": 50000, "
                               "\"require_union_member\": true, \"college_counts\": true}"
                             : "{\"as_of\": \"2013-10-15\", \"dibao_ref_fen\": 50000}");
        struct policy_facts facts;
        bool seen[POLICY_FACTS_MAX] = {false};
        policy_facts_init(day, &facts);
        assert_int_equal(policy_matters(day, &facts, card), required);
        for (int next = policy_next(day, &facts); next >= 0; next = policy_next(day, &facts)) {
            seen[next] = facts.asked[next] = true;
        }
        assert_int_equal(seen[card], required);
        assert_int_equal(seen[college], required);
        policy_day_destroy(day);
    }
}

/* Kleene logic alone cannot see that these are certain; the search can. */
static const char *const certain[] = {
    "{\"any\": [{\"fact\": \"x\"}, {\"not\": {\"fact\": \"x\"}}]}",
    "{\"all\": [{\"at_most\": [{\"fact\": \"n\"}, 3]}, {\"at_least\": [{\"fact\": \"n\"}, 4]}]}",
    ("{\"all\": [{\"above\": [{\"fact\": \"m\"}, {\"times\": [5, {\"fact\": \"n\"}]}]},"
     " {\"below\": [{\"fact\": \"m\"}, {\"times\": [5, {\"fact\": \"n\"}]}]}]}"),
    "{\"any\": [{\"fact\": \"e\", \"in\": [\"p\"]}, {\"fact\": \"e\", \"in\": [\"q\", \"r\"]}]}",
    "{\"equal\": [{\"times\": [2, {\"fact\": \"m\"}]}, {\"number\": 7}]}",
    "{\"above\": [{\"fact\": \"k\"}, {\"fact\": \"n\"}]}",
};

static const char *const open[] = {
    "{\"any\": [{\"fact\": \"x\"}, {\"not\": {\"fact\": \"y\"}}]}",
    "{\"all\": [{\"at_most\": [{\"fact\": \"n\"}, 4]}, {\"at_least\": [{\"fact\": \"n\"}, 4]}]}",
    "{\"equal\": [{\"times\": [7, {\"fact\": \"m\"}]}, {\"number\": 700000007}]}",
    "{\"all\": [\"unknown\", {\"fact\": \"x\"}]}",
    ("{\"all\": [{\"fact\": \"x\"}, {\"equal\": [{\"plus\": [{\"fact\": \"m\"}, "
     "{\"fact\": \"n\"}]}, 1000000020]}]}"),
    "{\"at_least\": [{\"fact\": \"k\"}, {\"fact\": \"n\"}]}",
};

static bool
anything_matters(const char *tree)
{
    struct lot_buffer text = {0};
    struct policy *made = NULL;
    struct lot_error error = {0};
    struct policy_facts facts;
    bool matters = false;
    lot_buffer_print(
        &text,
        "{\"schema\": \"policy/1\", \"key\": \"t\", \"languages\": [\"en\"], \"facts\": ["
        "{\"key\": \"x\", \"type\": \"bool\", \"who\": \"visitor\"},"
        "{\"key\": \"y\", \"type\": \"bool\", \"who\": \"visitor\"},"
        "{\"key\": \"e\", \"type\": \"enum\", \"who\": \"visitor\","
        " \"choices\": [{\"key\": \"p\"}, {\"key\": \"q\"}, {\"key\": \"r\"}]},"
        "{\"key\": \"n\", \"type\": \"int\", \"who\": \"visitor\", \"min\": 1, \"max\": 20},"
        "{\"key\": \"k\", \"type\": \"int\", \"who\": \"visitor\", \"min\": 0, \"max\": 20,"
        " \"at_most_fact\": \"n\"},"
        "{\"key\": \"m\", \"type\": \"int\", \"who\": \"visitor\", \"min\": 0, \"max\": "
        "1000000000}],"
        "\"parameters\": [{\"key\": \"as_of\", \"type\": \"date\"}], \"conditions\": [],"
        "\"categories\": [{\"key\": \"all\", \"when\": true}], \"benefits\": [{\"key\": \"b\", "
        "\"when\": %s}], \"figures\": [], \"referrals\": []}",
        tree);
    if (!policy_read(text.at, text.size, &made, &error)) {
        fail_msg("%s", error.text);
    }
    struct policy_day *day = open_parameters(made, "{\"as_of\": \"2020-01-01\"}");
    policy_facts_init(day, &facts);
    for (int i = 0; i < made->facts_count; i++) {
        matters = matters || policy_matters(day, &facts, i);
    }
    assert_int_equal(matters, policy_next(day, &facts) >= 0);
    policy_day_destroy(day);
    policy_destroy(made);
    lot_buffer_finish(&text);
    return matters;
}

static void
matter__what_is_certain_in_a_hidden_way_is_not_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof certain / sizeof *certain; i++) {
        if (anything_matters(certain[i])) {
            fail_msg("asked in vain: %s", certain[i]);
        }
    }
}

static void
matter__one_household_in_a_thousand_million_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (!anything_matters(open[i])) {
            fail_msg("said not to matter: %s", open[i]);
        }
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
    cmocka_unit_test(matter__every_case_is_asked_in_nine_screens_and_two_minutes),
    cmocka_unit_test(matter__what_is_official_is_never_asked),
    cmocka_unit_test(matter__what_was_asked_is_not_asked_again),
    cmocka_unit_test(matter__an_open_point_decides_what_is_asked),
    cmocka_unit_test(matter__what_is_certain_in_a_hidden_way_is_not_asked),
    cmocka_unit_test(matter__one_household_in_a_thousand_million_is_found),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, open_all, close_all);
}
