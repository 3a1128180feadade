#include "tests/kiosk/policy/open.h"

#include <stdio.h>
#include <string.h>

/* A policy as small as the grammar allows, with one place for each kind of mistake. */
static const char small[] =
    "{\"schema\": \"policy/1\", \"key\": \"small\", \"languages\": [\"en\"],"
    " \"facts\": [{\"key\": \"yes\", \"type\": \"bool\", \"who\": \"visitor\"},"
    "  {\"key\": \"size\", \"type\": \"int\", \"who\": \"visitor\", \"min\": 1, \"max\": 9},"
    "  {\"key\": \"kind\", \"type\": \"enum\", \"who\": \"official\","
    "   \"choices\": [{\"key\": \"a\"}, {\"key\": \"b\"}]},"
    "  {\"key\": \"card\", \"type\": \"text\", \"who\": \"visitor\"}],"
    " \"parameters\": [{\"key\": \"as_of\", \"type\": \"date\"},"
    "  {\"key\": \"line\", \"type\": \"int\", \"values\": [{\"value\": 5}]},"
    "  {\"key\": \"strict\", \"type\": \"bool\", \"values\": [{\"value\": true}]}],"
    " \"conditions\": [{\"key\": \"c\", \"test\": {\"at_most\": [{\"fact\": \"size\"},"
    "  {\"param\": \"line\"}]}}],"
    " \"categories\": [{\"key\": \"in\", \"when\": {\"is\": \"c\"}},"
    "  {\"key\": \"out\", \"when\": true}],"
    " \"benefits\": [{\"key\": \"help\", \"when\": {\"category\": \"in\"}}],"
    " \"figures\": [], \"referrals\": []}";

/* The small policy with one piece put in the place of another. */
static bool
read_with(const char *piece, const char *other, struct lot_error *error)
{
    struct lot_buffer text = {0};
    struct policy *policy = NULL;
    const char *at = strstr(small, piece);
    if (at == NULL) {
        fail_msg("the small policy has no %s", piece);
    }
    lot_buffer_add(&text, small, (size_t)(at - small));
    lot_buffer_print(&text, "%s%s", other, at + strlen(piece));
    bool ok = policy_read(text.at, text.size, &policy, error);
    policy_destroy(policy);
    lot_buffer_finish(&text);
    return ok;
}

static void
read__small_policy_is_read(void **state)
{
    (void)state;
    struct policy *policy = NULL;
    assert_true(policy_read(small, strlen(small), &policy, NULL));
    assert_int_equal(policy->facts_count, 4);
    assert_int_equal(policy->categories_count, 2);
    assert_int_equal(policy_fact(policy, "size"), 1);
    assert_int_equal(policy_fact(policy, "nobody"), -1);
    policy_destroy(policy);
}

static void
read__digest_is_sha256_of_the_text(void **state)
{
    (void)state;
    struct policy *policy = NULL;
    struct policy *other = NULL;
    char blank[sizeof small + 1];
    snprintf(blank, sizeof blank, "%s ", small);
    assert_true(policy_read(small, strlen(small), &policy, NULL));
    assert_true(policy_read(blank, strlen(blank), &other, NULL));
    assert_int_equal(strlen(policy_digest(policy)), POLICY_DIGEST_SIZE);
    assert_string_not_equal(policy_digest(policy), policy_digest(other));
    policy_destroy(policy);
    policy_destroy(other);
}

static void
read__nesting_ends_at_its_limit(void **state)
{
    (void)state;
    for (int deep = POLICY_DEPTH_MAX - 2; deep <= POLICY_DEPTH_MAX + 1; deep++) {
        struct lot_buffer tree = {0};
        struct lot_error error = {0};
        for (int i = 0; i < deep; i++) {
            lot_buffer_print(&tree, "{\"not\": ");
        }
        lot_buffer_print(&tree, "true");
        for (int i = 0; i < deep; i++) {
            lot_buffer_print(&tree, "}");
        }
        bool ok = read_with("{\"is\": \"c\"}", tree.at, &error);
        assert_int_equal(ok, deep < POLICY_DEPTH_MAX);
        assert_true(ok || strstr(error.text, "nested deeper than 24") != NULL);
        lot_buffer_finish(&tree);
    }
}

/* Thirty names, each used twice by the next, would be looked at a thousand million times. */
static void
read__names_upon_names_are_refused(void **state)
{
    (void)state;
    struct lot_buffer names = {0};
    struct lot_error error = {0};
    lot_buffer_print(&names, "\"conditions\": [{\"key\": \"n0\", \"test\": {\"fact\": \"yes\"}}, ");
    for (int i = 1; i < 30; i++) {
        lot_buffer_print(&names,
                         "{\"key\": \"n%d\", \"test\": {\"all\": [{\"is\": \"n%d\"}, "
                         "{\"is\": \"n%d\"}]}}, ",
                         i, i - 1, i - 1);
    }
    assert_false(read_with("\"conditions\": [", names.at, &error));
    assert_non_null(strstr(error.text, "unfolds to more than"));
    lot_buffer_finish(&names);
}

static void
read__mistakes_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *piece, *other, *sentence;
    } mistakes[] = {
        {"policy/1", "policy/2", "\"schema\" must be \"policy/1\""},
        {"\"key\": \"small\"", "\"key\": \"a b\"", "expected 1 to 60 letters"},
        {"\"en\"", "7", "\"languages\" must list"},
        {"\"figures\": []", "\"figure\": []", "unknown key \"figure\""},
        {"\"figures\": []", "\"figures\": 0", "\"figures\" must be a list"},
        {"\"key\": \"yes\"", "\"key\": \"size\"", "facts[1]: \"size\" stands twice"},
        {"\"type\": \"bool\", \"who\"", "\"type\": \"boole\", \"who\"", "facts[0]: \"type\" must"},
        {"\"who\": \"official\"", "\"who\": \"anybody\"", "must be visitor or official"},
        {"\"min\": 1", "\"min\": 10", "\"min\" is above \"max\""},
        {"\"min\": 1", "\"min\": 1.5", "\"min\" must be an integer"},
        {"\"max\": 9", "\"max\": 10000000000000000", "must be an integer of at most 15 digits"},
        {"\"max\": 9", "\"max\": 9, \"cost\": 0", "\"cost\" must be 1 to 100"},
        {"\"max\": 9", "\"max\": 9, \"at_most_fact\": \"yes\"", "\"at_most_fact\" is no number"},
        {"\"max\": 9", "\"max\": 9, \"colour\": 1", "facts[1]: unknown key \"colour\""},
        {"{\"key\": \"a\"}, ", "", "\"choices\" must list 2"},
        {"\"key\": \"line\"", "\"key\": \"as_of\"", "parameters[1]: \"as_of\" stands twice"},
        {"\"type\": \"date\"", "\"type\": \"day\"", "parameters[0]: \"type\" must be int"},
        {"\"key\": \"as_of\"", "\"key\": \"today\"", "a parameter \"as_of\" of type date"},
        {"{\"is\": \"c\"}", "{\"is\": \"d\"}", "categories[0]: nothing defined further up"},
        {"{\"is\": \"c\"}", "{\"is\": \"c\", \"not\": true}", "nothing defined further up"},
        {"{\"category\": \"in\"}", "{\"category\": \"up\"}", "benefits[0]: nothing defined"},
        {"\"when\": true", "\"when\": {\"fact\": \"yes\"}", "the last category must have"},
        {"{\"is\": \"c\"}", "{\"all\": []}", "at least one condition is expected"},
        {"{\"is\": \"c\"}", "{\"xor\": []}", "expected true, false, \"unknown\", or one of"},
        {"{\"is\": \"c\"}", "{\"not\": 5}", "not: expected true"},
        {"{\"is\": \"c\"}", "{\"fact\": \"size\"}", "numbers are compared"},
        {"{\"is\": \"c\"}", "{\"fact\": \"kind\"}", "an enum has \"in\""},
        {"{\"is\": \"c\"}", "{\"fact\": \"kind\", \"in\": [\"z\"]}", "has no value \"z\""},
        {"{\"is\": \"c\"}", "{\"fact\": \"kind\", \"in\": [5]}", "\"in\"[0] is no text"},
        {"{\"is\": \"c\"}", "{\"fact\": \"kind\", \"in\": {\"param\": \"line\"}}", "type codes"},
        {"{\"is\": \"c\"}", "{\"fact\": \"kind\", \"counts\": {\"param\": \"line\"}}", "truths"},
        {"{\"is\": \"c\"}", "{\"fact\": \"gone\"}", "no fact is named \"gone\""},
        {"{\"is\": \"c\"}", "{\"given\": \"size\"}", "\"given\" wants a fact of type text"},
        {"{\"is\": \"c\"}", "{\"param\": \"line\"}", "a parameter is a condition if"},
        {"{\"is\": \"c\"}", "{\"param\": \"gone\"}", "no parameter is named \"gone\""},
        {"{\"is\": \"c\"}", "{\"below\": [1]}", "below: a comparison has two sides"},
        {"{\"fact\": \"size\"}", "{\"fact\": \"yes\"}", "at_most: the fact is no number"},
        {"{\"fact\": \"size\"}", "1.5", "expected an integer"},
        {"{\"fact\": \"size\"}", "{\"times\": [2]}", "times: a list of two or more"},
        {"{\"fact\": \"size\"}", "{\"minus\": [1, 2, 3]}", "minus: a list of two operands"},
        {"{\"param\": \"line\"}", "{\"param\": \"strict\"}", "the parameter is no number"},
        {"{\"param\": \"line\"}", "{\"table\": \"line\", \"by\": \"size\"}",
         "a table is looked up"},
        {"\"figures\": []", "\"figures\": [{\"key\": \"f\", \"value\": 1, \"when\": \"x\"}]",
         "figures[0]: \"when\": no benefit"},
        {"{\"key\": \"c\",", "{\"key\": \"c\", \"key\": \"d\",", "duplicate"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct lot_error error = {0};
        if (read_with(mistakes[i].piece, mistakes[i].other, &error)) {
            fail_msg("taken: %s", mistakes[i].other);
        }
        assert_int_equal(error.code, LOT_REFUSED);
        if (strstr(error.text, mistakes[i].sentence) == NULL) {
            fail_msg("%s: expected \"%s\", found \"%s\"", mistakes[i].other, mistakes[i].sentence,
                     error.text);
        }
    }
}

static void
read__what_is_no_json_or_too_long_is_refused(void **state)
{
    (void)state;
    struct policy *policy = NULL;
    struct lot_error error = {0};
    assert_false(policy_read("{", 1, &policy, &error));
    assert_non_null(strstr(error.text, "policy line 1, column 1"));
    assert_false(policy_read("[]", 2, &policy, &error));
    assert_non_null(strstr(error.text, "an object"));
    assert_false(policy_read(small, POLICY_BYTES_MAX + 1, &policy, &error));
    assert_non_null(strstr(error.text, "at most"));
    assert_null(policy);
}

/* Found by fuzzing: the empty key was looked for behind the end of the list of keys. */
static void
read__an_empty_key_is_unknown(void **state)
{
    (void)state;
    struct lot_error error = {0};
    assert_false(read_with("\"figures\": []", "\"figures\": [], \"\": 1", &error));
    assert_non_null(strstr(error.text, "unknown key \"\""));
    assert_false(read_with("\"max\": 9", "\"max\": 9, \"at_most_fact range\": 1", &error));
    assert_non_null(strstr(error.text, "unknown key \"at_most_fact range\""));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(read__small_policy_is_read),
    cmocka_unit_test(read__digest_is_sha256_of_the_text),
    cmocka_unit_test(read__nesting_ends_at_its_limit),
    cmocka_unit_test(read__names_upon_names_are_refused),
    cmocka_unit_test(read__mistakes_are_refused_with_their_place),
    cmocka_unit_test(read__what_is_no_json_or_too_long_is_refused),
    cmocka_unit_test(read__an_empty_key_is_unknown),
};

TEST_MAIN(tests)
