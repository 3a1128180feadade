#include "tests/kiosk/policy/open.h"

#include "lottery/file.h"

#include <stdio.h>
#include <string.h>

struct lot_buffer
open_file(const char *path)
{
    struct lot_buffer text = {0};
    struct lot_error error = {0};
    char whole[512];
    snprintf(whole, sizeof whole, "%s/%s", TESTS_DIR, path);
    if (!file_read(NULL, whole, 16777216, &text, &error)) {
        fail_msg("%s", error.text);
    }
    return text;
}

json_t *
open_json(const char *path)
{
    struct lot_buffer text = open_file(path);
    json_t *json = json_loadb(text.at, text.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    lot_buffer_finish(&text);
    return json;
}

struct policy *
open_policy(const char *name)
{
    char path[128];
    struct policy *policy = NULL;
    struct lot_error error = {0};
    snprintf(path, sizeof path, "../assets/policies/%s.json", name);
    struct lot_buffer text = open_file(path);
    if (!policy_read(text.at, text.size, &policy, &error)) {
        fail_msg("%s", error.text);
    }
    lot_buffer_finish(&text);
    return policy;
}

json_t *
open_case(json_t *file, const char *id)
{
    json_t *cases = json_object_get(file, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        json_t *one = json_array_get(cases, i);
        if (strcmp(json_string_value(json_object_get(one, "id")), id) == 0) {
            return one;
        }
    }
    fail_msg("no case %s", id);
    return NULL;
}

struct policy_day *
open_day(const struct policy *policy, json_t *file, const json_t *one)
{
    struct policy_day *day = NULL;
    struct lot_error error = {0};
    const char *set = json_string_value(json_object_get(one, "parameters"));
    const json_t *sets = json_object_get(file, "parameter_sets");
    if (!policy_on_day(policy, json_object_get(sets, set), &day, &error)) {
        fail_msg("%s", error.text);
    }
    return day;
}

void
open_facts(const struct policy_day *day, const json_t *one, struct policy_facts *out)
{
    struct lot_error error = {0};
    policy_facts_init(day, out);
    if (!policy_state_all(day, out, json_object_get(one, "facts"), &error)) {
        fail_msg("%s", error.text);
    }
}

struct policy_day *
open_parameters(const struct policy *policy, const char *json)
{
    struct policy_day *day = NULL;
    struct lot_error error = {0};
    json_t *given = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(given);
    if (!policy_on_day(policy, given, &day, &error)) {
        fail_msg("%s", error.text);
    }
    json_decref(given);
    return day;
}

bool
open_state(const struct policy_day *day, struct policy_facts *facts, const char *name,
           const char *json, struct lot_error *error)
{
    json_t *value = json_loads(json, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    bool ok = policy_state(day, facts, name, value, error);
    json_decref(value);
    return ok;
}

int
open_category(const struct policy *policy, const char *name)
{
    int i = 0;
    while (i < policy->categories_count && strcmp(policy->categories[i].name, name) != 0) {
        i++;
    }
    assert_true(i < policy->categories_count);
    return i;
}

int
open_benefit(const struct policy *policy, const char *name)
{
    int i = 0;
    while (i < policy->benefits_count && strcmp(policy->benefits[i].name, name) != 0) {
        i++;
    }
    assert_true(i < policy->benefits_count);
    return i;
}
