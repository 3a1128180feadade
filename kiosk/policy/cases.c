/*
 * cases.c - hides the form of a case file: what is expected, and what differs.
 *
 *   {"parameter_sets": {NAME: {..}}, "cases": [{"id", "parameters", "facts", "expect"}],
 *    "invalid_inputs": [{"id", "base", "fact", "value", "message_zh"}]}
 *
 * "expect" holds any part of an answer (record.c), of "outputs" those that the case is about. Its
 * "explanation.." are for people. An invalid input is put over the facts of its base case and must
 * be refused with its fact and its sentence named.
 */
#include "kiosk/policy/eligibility.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- test ---- */

static void
print_difference(const char *id, const char *key, const json_t *expected, const json_t *found)
{
    char *left = json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    char *right = json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    printf("  %s %s: expected %s, found %s\n", id, key, left == NULL ? "-" : left,
           right == NULL ? "nothing" : right);
    free(left);
    free(right);
}

/* Of the outputs, a case may expect some only; everything else must be equal as a whole. */
static bool
as_expected(const char *key, json_t *expected, const json_t *found)
{
    const char *name = NULL;
    json_t *value = NULL;
    if (strcmp(key, "outputs") != 0) {
        return json_equal(expected, found);
    }
    json_object_foreach(expected, name, value)
    {
        if (!json_equal(value, json_object_get(found, name))) {
            return false;
        }
    }
    return true;
}

static int
compare_case(const struct eligibility_frame *frame, const json_t *json)
{
    const char *id = json_string_value(json_object_get(json, "id"));
    struct policy_day *day = NULL;
    struct policy_facts facts;
    struct lot_error error = {0};
    int differences = 0;
    id = id == NULL ? "?" : id;
    if (!eligibility_case(frame, json, &day, &facts, &error)) {
        printf("not ok %s: %s\n", id, error.text);
        return 1;
    }
    json_t *record = policy_record(day, &facts);
    const char *key = NULL;
    json_t *expected = NULL;
    json_object_foreach(json_object_get(json, "expect"), key, expected)
    {
        json_t *found = json_object_get(record, key);
        if (strncmp(key, "explanation", strlen("explanation")) != 0 &&
            !as_expected(key, expected, found)) {
            print_difference(id, key, expected, found);
            differences++;
        }
    }
    const char *title = json_string_value(json_object_get(json, "title"));
    printf("%s %s %s\n", differences == 0 ? "ok" : "not ok", id, title == NULL ? "" : title);
    json_decref(record);
    policy_day_destroy(day);
    return differences;
}

static const json_t *
find_case(const json_t *cases, const json_t *id)
{
    for (size_t i = 0; i < json_array_size(cases); i++) {
        if (json_equal(json_object_get(json_array_get(cases, i), "id"), id)) {
            return json_array_get(cases, i);
        }
    }
    return NULL;
}

/* The base case with one fact replaced must be refused, by the fact's name and sentence. */
static int
compare_invalid(const struct eligibility_frame *frame, const json_t *json, const json_t *file)
{
    const char *id = json_string_value(json_object_get(json, "id"));
    const char *fact = json_string_value(json_object_get(json, "fact"));
    const char *message = json_string_value(json_object_get(json, "message_zh"));
    const json_t *base = find_case(json_object_get(file, "cases"), json_object_get(json, "base"));
    struct policy_day *day = NULL;
    struct policy_facts facts;
    struct lot_error error = {0};
    if (id == NULL || fact == NULL || base == NULL) {
        printf("not ok %s: an invalid input has id, base, fact and value\n", id == NULL ? "?" : id);
        return 1;
    }
    json_t *changed = json_deep_copy(base);
    json_object_set(json_object_get(changed, "facts"), fact, json_object_get(json, "value"));
    bool taken = eligibility_case(frame, changed, &day, &facts, &error);
    bool named = strstr(error.text, fact) != NULL &&
                 (message == NULL || strstr(error.text, message) != NULL);
    json_decref(changed);
    policy_day_destroy(day);
    if (taken || !named) {
        printf("not ok %s: expected a refusal that names %s%s%s, found: %s\n", id, fact,
               message == NULL ? "" : " and says ", message == NULL ? "" : message,
               taken ? "taken as valid" : error.text);
        return 1;
    }
    printf("ok %s refused: %s\n", id, error.text);
    return 0;
}

bool
eligibility_test(struct cli *cli, struct lot_error *error)
{
    struct policy *policy = NULL;
    json_t *file = NULL;
    int differences = 0;
    bool ok = eligibility_policy(cli->words[0], &policy, error) &&
              eligibility_json(cli->words[1], &file, error);
    struct eligibility_frame frame = {policy, json_object_get(file, "parameter_sets"), NULL};
    const json_t *cases = json_object_get(file, "cases");
    const json_t *invalid = json_object_get(file, "invalid_inputs");
    for (size_t i = 0; ok && i < json_array_size(cases); i++) {
        differences += compare_case(&frame, json_array_get(cases, i));
    }
    for (size_t i = 0; ok && i < json_array_size(invalid); i++) {
        differences += compare_invalid(&frame, json_array_get(invalid, i), file);
    }
    if (ok) {
        printf("%zu cases, %zu invalid inputs, %d differences\n", json_array_size(cases),
               json_array_size(invalid), differences);
        ok = json_array_size(cases) > 0 ? differences == 0 : false;
        ok = ok || lot_fail(error, LOT_REFUSED, "%s: %s", cli->words[1],
                            differences == 0 ? "holds no cases" : "not as expected");
    }
    json_decref(file);
    policy_destroy(policy);
    return ok;
}

/* ---- recheck ---- */

struct tally {
    int cases, helped, harmed, both;
};

/* Earlier categories are the stronger ones; an open category is not compared. */
static void
compare_answers(const struct policy *policy, const struct policy_answer *old,
                const struct policy_answer *new, json_t *gains, json_t *losses)
{
    if (old->category >= 0 && new->category >= 0 && old->category != new->category) {
        char text[160];
        snprintf(text, sizeof text, "%s -> %s", policy->categories[old->category].name,
                 policy->categories[new->category].name);
        json_array_append_new(new->category < old->category ? gains : losses, json_string(text));
    }
    for (int i = 0; i < policy->benefits_count; i++) {
        bool had = old->benefits[i] == POLICY_TRUE;
        bool has = new->benefits[i] == POLICY_TRUE;
        if (had != has) {
            json_array_append_new(has ? gains : losses, json_string(policy->benefits[i].name));
        }
    }
    for (int i = 0; i < policy->figures_count; i++) {
        const struct policy_figure *before = &old->figures[i];
        const struct policy_figure *after = &new->figures[i];
        if (policy->figures[i].benefit >= 0 && before->known && after->known &&
            before->value != after->value) {
            json_array_append_new(after->value > before->value ? gains : losses,
                                  json_string(policy->figures[i].name));
        }
    }
}

static void
print_list(const char *word, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        printf("%s%s%s", i == 0 ? " " : ", ", i == 0 ? word : "",
               json_string_value(json_array_get(list, i)));
    }
}

static bool
recheck_case(const struct eligibility_frame *frame, const json_t *json, struct tally *tally,
             struct lot_error *error)
{
    struct eligibility_frame before = {frame->policy, frame->sets, NULL};
    struct policy_day *then = NULL;
    struct policy_day *now = NULL;
    struct policy_facts facts;
    struct policy_answer old;
    struct policy_answer new;
    const char *id = json_string_value(json_object_get(json, "id"));
    bool ok = eligibility_case(&before, json, &then, &facts, error);
    if (ok) {
        policy_decide(then, &facts, &old);
        ok = eligibility_case(frame, json, &now, &facts, error);
    }
    if (ok) {
        policy_decide(now, &facts, &new);
        json_t *gains = json_array();
        json_t *losses = json_array();
        compare_answers(frame->policy, &old, &new, gains, losses);
        bool helps = json_array_size(gains) > 0;
        bool harms = json_array_size(losses) > 0;
        tally->cases++;
        tally->helped += helps && !harms ? 1 : 0;
        tally->harmed += harms && !helps ? 1 : 0;
        tally->both += helps && harms ? 1 : 0;
        if (helps || harms) {
            printf("%s %s",
                   helps && harms ? "both"
                   : helps        ? "helps"
                                  : "harms",
                   id == NULL ? "?" : id);
            print_list("gains ", gains);
            print_list("loses ", losses);
            printf("\n");
        }
        json_decref(gains);
        json_decref(losses);
    }
    policy_day_destroy(then);
    policy_day_destroy(now);
    return ok || lot_fail_at(error, "case %s", id == NULL ? "?" : id);
}

bool
eligibility_recheck(struct cli *cli, struct lot_error *error)
{
    struct policy *policy = NULL;
    json_t *file = NULL;
    json_t *change = NULL;
    struct tally tally = {0};
    bool ok = eligibility_policy(cli->words[0], &policy, error) &&
              eligibility_json(cli->words[1], &file, error) &&
              eligibility_json(cli->words[2], &change, error);
    if (ok && json_is_object(json_object_get(change, "parameters"))) {
        json_t *inner = json_incref(json_object_get(change, "parameters"));
        json_decref(change);
        change = inner;
    }
    struct eligibility_frame frame = {policy, json_object_get(file, "parameter_sets"), change};
    const json_t *cases = json_object_get(file, "cases");
    for (size_t i = 0; ok && i < json_array_size(cases); i++) {
        ok = recheck_case(&frame, json_array_get(cases, i), &tally, error);
    }
    if (ok && cases == NULL) {
        ok = recheck_case(&frame, file, &tally, error);
    }
    if (ok) {
        printf("%d cases: %d helped, %d harmed, %d both, %d unchanged\n", tally.cases, tally.helped,
               tally.harmed, tally.both, tally.cases - tally.helped - tally.harmed - tally.both);
    }
    json_decref(change);
    json_decref(file);
    policy_destroy(policy);
    return ok;
}
