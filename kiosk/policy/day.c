/*
 * day.c - hides what "the figures of a day" are: two clocks. bind.c then puts them in.
 *
 * A dated value applies from its effective day, but only to those who could know it: a
 * decision made on a day uses what was published by then (retroactive rises are found by
 * `recheck`). Among the values that count, the latest effective day wins, then the latest
 * publication. A parameter marked "past" is looked up on the day that the parameter
 * reference_rule names, counted from the day of the decision. A value that is null was
 * looked for and not found: the parameter is missing, and what depends on it unknown.
 */
#include "kiosk/policy/reader.h"

#include "lottery/canon.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* yyyy-mm-dd as yyyymmdd, or 0 if that is no day of the calendar. */
static int64_t
read_date(const json_t *json)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *text = json_string_value(json);
    int64_t parts[3] = {0, 0, 0};
    if (text == NULL || strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
        return 0;
    }
    for (int i = 0; i < 10; i++) {
        if (i == 4 || i == 7) {
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return 0;
        }
        int64_t *part = &parts[i < 4 ? 0 : i < 7 ? 1 : 2];
        *part = *part * 10 + (text[i] - '0');
    }
    bool leap = (parts[0] % 4 == 0 && parts[0] % 100 != 0) || parts[0] % 400 == 0;
    if (parts[0] < 1900 || parts[1] < 1 || parts[1] > 12 || parts[2] < 1 ||
        parts[2] > days[parts[1] - 1] || (parts[1] == 2 && parts[2] == 29 && !leap)) {
        return 0;
    }
    return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

/* The number of a code such as "230199", or -1. */
int64_t
policy_code(const json_t *json)
{
    const char *text = json_string_value(json);
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size > 15 || strspn(text, "0123456789") != size) {
        return -1;
    }
    return strtoll(text, NULL, 10);
}

static bool
check_list(const struct parameter *parameter, json_t *json)
{
    if (parameter->type == PARAMETER_CODES) {
        for (size_t i = 0; i < json_array_size(json); i++) {
            if (policy_code(json_array_get(json, i)) < 0) {
                return false;
            }
        }
        return json_is_array(json);
    }
    if (parameter->type == PARAMETER_TRUTHS) {
        const char *key = NULL;
        json_t *truth = NULL;
        json_object_foreach(json, key, truth)
        {
            const char *text = json_string_value(truth);
            if (text == NULL || strlen(text) != 1 || strchr("TFU", text[0]) == NULL) {
                return false;
            }
        }
        return json_is_object(json);
    }
    const json_t *values = json_object_get(json, "values");
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        if (!json_is_integer(value) || json_integer_value(value) > POLICY_VALUE_MAX ||
            json_integer_value(value) < -POLICY_VALUE_MAX) {
            return false;
        }
    }
    return json_array_size(values) > 0 && json_is_integer(json_object_get(json, "from"));
}

/* Whether the JSON is a value of this parameter; *number becomes what the type says. */
static bool
read_value(const struct parameter *parameter, json_t *json, int64_t *number)
{
    const json_t *choices = json_object_get(parameter->json, "choices");
    *number = 0;
    switch (parameter->type) {
    case PARAMETER_INT:
        *number = json_integer_value(json);
        return json_is_integer(json) && *number <= POLICY_VALUE_MAX && *number >= -POLICY_VALUE_MAX;
    case PARAMETER_BOOL:
        *number = json_is_true(json) ? 1 : 0;
        return json_is_boolean(json);
    case PARAMETER_DATE:
        *number = read_date(json);
        return *number != 0;
    case PARAMETER_TEXT:
        return json_is_string(json) && json_string_length(json) <= 400;
    case PARAMETER_ENUM:
        for (size_t i = 0; i < json_array_size(choices); i++) {
            if (json_is_string(json) && json_equal(json_array_get(choices, i), json)) {
                *number = (int64_t)i;
                return true;
            }
        }
        return false;
    case PARAMETER_CODES:
    case PARAMETER_TRUTHS:
    case PARAMETER_TABLE:
        break;
    }
    return check_list(parameter, json);
}

static bool
refuse_value(const struct parameter *parameter, struct lot_error *error)
{
    static const char *const kinds[] = {"an integer of at most 15 digits",
                                        "true or false",
                                        "one of its choices",
                                        "a day, yyyy-mm-dd",
                                        "text",
                                        "a list of codes",
                                        "an object of T, F and U",
                                        "a table {\"from\", \"values\"}"};
    return lot_fail(error, LOT_REFUSED, "parameter %s: expected %s", parameter->name,
                    kinds[parameter->type]);
}

/* ---- two clocks ---- */

struct clocks {
    int64_t day, known, past;
    json_t *zone;
};

/* The day that figures of the past are taken from. */
static int64_t
past_day(int64_t day, const char *rule)
{
    int64_t year = day / 10000 - 1;
    if (rule != NULL && strcmp(rule, "previous_year_end") == 0) {
        return year * 10000 + 1231;
    }
    if (rule != NULL && strcmp(rule, "previous_year_start") == 0) {
        return year * 10000 + 101;
    }
    return day;
}

/* The dated value that counts, or NULL. */
static json_t *
find_dated(const struct parameter *parameter, const struct clocks *clocks)
{
    json_t *list = json_object_get(parameter->json, "values");
    json_t *best = NULL;
    int64_t best_effective = -1;
    int64_t best_published = -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *dated = json_array_get(list, i);
        const json_t *zone = json_object_get(dated, "zone");
        int64_t effective = read_date(json_object_get(dated, "effective"));
        int64_t published = read_date(json_object_get(dated, "published"));
        published = published == 0 ? effective : published;
        if (effective > (parameter->past ? clocks->past : clocks->day) ||
            published > clocks->known ||
            (zone != NULL && (clocks->zone == NULL || !json_equal(zone, clocks->zone)))) {
            continue;
        }
        if (effective > best_effective ||
            (effective == best_effective && published >= best_published)) {
            best = dated;
            best_effective = effective;
            best_published = published;
        }
    }
    return best;
}

/* A figure without a source is a demonstration; the day, the zone and choices of rule are not. */
static bool
is_figure(const struct policy *policy, int i)
{
    enum parameter_type type = policy->parameters[i].type;
    return i != policy->day && i != policy->known &&
           (type == PARAMETER_INT || type == PARAMETER_DATE || type == PARAMETER_CODES ||
            type == PARAMETER_TABLE);
}

static bool
resolve(struct policy_day *day, int i, const json_t *given, const struct clocks *clocks,
        struct lot_error *error)
{
    const struct parameter *parameter = &day->policy->parameters[i];
    struct value *value = &day->values[i];
    json_t *entered = json_object_get(given, parameter->name);
    json_t *dated = find_dated(parameter, clocks);
    json_t *own = json_object_get(dated, "value");
    if (entered != NULL && !json_is_null(entered)) {
        value->origin = own != NULL && json_equal(own, entered) ? ORIGIN_POLICY : ORIGIN_ENTERED;
        value->json = json_incref(entered);
    } else if (own != NULL && !json_is_null(own)) {
        value->origin = ORIGIN_POLICY;
        value->json = json_incref(own);
    } else {
        return true;
    }
    value->source = value->origin == ORIGIN_POLICY ? dated : NULL;
    value->demonstration =
        is_figure(day->policy, i) &&
        (value->origin == ORIGIN_ENTERED || json_is_true(json_object_get(dated, "demonstration")));
    return read_value(parameter, value->json, &value->number) || refuse_value(parameter, error);
}

static bool
check_names(const struct policy *policy, json_t *given, struct lot_error *error)
{
    if (given != NULL && !json_is_object(given)) {
        return lot_fail(error, LOT_REFUSED, "\"parameters\" must be an object");
    }
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(given, key, value)
    {
        if (reader_parameter(policy, key) < 0) {
            return lot_fail(error, LOT_REFUSED,
                            "parameter \"%.60s\": the policy has none of this name", key);
        }
    }
    return true;
}

/* The clocks first, then the zone and the rule for past days, then everything else. */
static bool
resolve_all(struct policy_day *day, const json_t *given, struct lot_error *error)
{
    const struct policy *policy = day->policy;
    struct clocks clocks = {0};
    const int first[] = {policy->day, policy->known, policy->zone, policy->reference};
    if (!json_is_string(json_object_get(given, "as_of"))) {
        return lot_fail(error, LOT_REFUSED,
                        "parameter as_of: the day of the decision must be given");
    }
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        if (first[i] < 0) {
            continue;
        }
        if (!resolve(day, first[i], given, &clocks, error)) {
            return false;
        }
        const struct value *value = &day->values[first[i]];
        if (i == 0) {
            clocks.day = clocks.known = clocks.past = value->number;
        } else if (i == 1 && value->json != NULL) {
            clocks.known = value->number;
        } else if (i == 2) {
            clocks.zone = value->json;
        } else if (i == 3) {
            clocks.past = past_day(clocks.day, json_string_value(value->json));
        }
    }
    for (int i = 0; i < policy->parameters_count; i++) {
        if (day->values[i].json == NULL && !resolve(day, i, given, &clocks, error)) {
            return false;
        }
    }
    return true;
}

bool
policy_on_day(const struct policy *policy, struct json_t *given, struct policy_day **out,
              struct lot_error *error)
{
    assert(policy != NULL && out != NULL);
    struct policy_day *day = lot_alloc(1, sizeof *day);
    day->policy = policy;
    day->bounds = lot_alloc((size_t)policy->nodes_count, sizeof *day->bounds);
    day->parts = lot_alloc((size_t)policy->children_count + 1, sizeof *day->parts);
    day->tables = lot_alloc(POLICY_PARAMETERS_MAX, sizeof *day->tables);
    struct lot_error reason = {0};
    bool ok = check_names(policy, given, &reason) && resolve_all(day, given, &reason) &&
              policy_bind(day, &reason);
    if (ok) {
        *out = day;
        return true;
    }
    policy_day_destroy(day);
    return lot_fail(error, reason.code, "%s", reason.text);
}

void
policy_day_destroy(struct policy_day *day)
{
    if (day == NULL) {
        return;
    }
    for (int i = 0; i < day->policy->parameters_count; i++) {
        json_decref(day->values[i].json);
    }
    for (int i = 0; i < day->policy->nodes_count; i++) {
        free(day->bounds[i].sides);
    }
    free(day->parts);
    free(day->bounds);
    free(day->tables);
    free(day);
}
