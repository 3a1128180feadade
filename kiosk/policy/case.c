/*
 * case.c - hides how policies and cases stand on disk, and the one clock of the command.
 */
#include "kiosk/policy/eligibility.h"

#include "lottery/file.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

bool
eligibility_policy(const char *path, struct policy **out, struct lot_error *error)
{
    struct lot_buffer text = {0};
    bool ok = file_read(NULL, path, POLICY_BYTES_MAX, &text, error) &&
              (policy_read(text.size == 0 ? "" : text.at, text.size, out, error) ||
               lot_fail_at(error, "%s", path));
    lot_buffer_finish(&text);
    return ok;
}

bool
eligibility_json(const char *path, json_t **out, struct lot_error *error)
{
    struct lot_buffer text = {0};
    json_error_t place;
    if (!file_read(NULL, path, ELIGIBILITY_FILE_MAX, &text, error)) {
        return false;
    }
    json_t *json =
        json_loadb(text.size == 0 ? "" : text.at, text.size, JSON_REJECT_DUPLICATES, &place);
    lot_buffer_finish(&text);
    if (json == NULL) {
        return lot_fail(error, LOT_REFUSED, "%s line %d, column %d: %s", path, place.line,
                        place.column, place.text);
    }
    *out = json;
    return true;
}

/* The case's parameters with the changes put over them; a new reference. */
static json_t *
merged(json_t *parameters, json_t *change)
{
    json_t *all = json_is_object(parameters) ? json_copy(parameters) : json_object();
    if (change != NULL) {
        json_object_update(all, change);
    }
    return all;
}

static bool
check_policy(const struct policy *policy, const json_t *json, struct lot_error *error)
{
    const json_t *made = json_object_get(json_object_get(json, "policy"), "digest");
    if (made != NULL &&
        (!json_is_string(made) || strcmp(json_string_value(made), policy_digest(policy)) != 0)) {
        return lot_fail(error, LOT_REFUSED,
                        "this answer was made with the policy whose SHA-256 is %.64s, not with "
                        "this one (%.16s..); find the policy file of that day",
                        json_is_string(made) ? json_string_value(made) : "?",
                        policy_digest(policy));
    }
    return true;
}

bool
eligibility_case(const struct eligibility_frame *frame, const json_t *json, struct policy_day **day,
                 struct policy_facts *facts, struct lot_error *error)
{
    json_t *parameters = json_object_get(json, "parameters");
    if (json_is_string(parameters)) {
        const char *name = json_string_value(parameters);
        parameters = json_object_get(frame->sets, name);
        if (parameters == NULL) {
            return lot_fail(error, LOT_REFUSED, "no parameter set is named \"%.40s\"", name);
        }
    }
    if (!json_is_object(parameters) || !json_is_object(json_object_get(json, "facts"))) {
        return lot_fail(error, LOT_REFUSED, "a case is {\"parameters\": {..}, \"facts\": {..}}");
    }
    if (!check_policy(frame->policy, json, error)) {
        return false;
    }
    json_t *all = merged(parameters, frame->change);
    struct policy_day *made = NULL;
    bool ok = policy_on_day(frame->policy, all, &made, error);
    json_decref(all);
    if (!ok) {
        return false;
    }
    struct policy_facts stated;
    policy_facts_init(made, &stated);
    if (!policy_state_all(made, &stated, json_object_get(json, "facts"), error)) {
        policy_day_destroy(made);
        return false;
    }
    *facts = stated;
    *day = made;
    return true;
}

void
eligibility_today(char out[static 11])
{
    time_t now = time(NULL);
    struct tm day;
    if (gmtime_r(&now, &day) == NULL || strftime(out, 11, "%Y-%m-%d", &day) != 10) {
        snprintf(out, 11, "0000-00-00"); /* no day: policy_on_day() refuses it with a sentence */
    }
}
