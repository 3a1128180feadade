/*
 * day.c - hides what "the figures of a day" are: two clocks, and the folding of sums.
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
static int64_t
read_code(const json_t *json)
{
    const char *text = json_string_value(json);
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size > 15 || strspn(text, "0123456789") != size) {
        return -1;
    }
    return strtoll(text, NULL, 10);
}

static bool
check_list(const struct parameter *parameter, const json_t *json)
{
    if (parameter->type == PARAMETER_CODES) {
        for (size_t i = 0; i < json_array_size(json); i++) {
            if (read_code(json_array_get(json, i)) < 0) {
                return false;
            }
        }
        return json_is_array(json);
    }
    if (parameter->type == PARAMETER_TRUTHS) {
        const char *key = NULL;
        json_t *truth = NULL;
        json_object_foreach((json_t *)(uintptr_t)json, key, truth)
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
read_value(const struct parameter *parameter, const json_t *json, int64_t *number)
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
check_names(const struct policy *policy, const json_t *given, struct lot_error *error)
{
    if (given != NULL && !json_is_object(given)) {
        return lot_fail(error, LOT_REFUSED, "\"parameters\" must be an object");
    }
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)given, key, value)
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
        if (first[i] >= 0 && !resolve(day, first[i], given, &clocks, error)) {
            return false;
        }
        const struct value *value = first[i] >= 0 ? &day->values[first[i]] : NULL;
        if (i == 0) {
            clocks.day = clocks.known = clocks.past = value->number;
        } else if (i == 1 && value != NULL && value->json != NULL) {
            clocks.known = value->number;
        } else if (i == 2 && value != NULL) {
            clocks.zone = value->json;
        } else if (i == 3 && value != NULL) {
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

/* ---- folding: sums become linear forms ---- */

static bool
small(policy_wide value)
{
    return value <= POLICY_COEFFICIENT_MAX && value >= -POLICY_COEFFICIENT_MAX;
}

static bool
overflow(struct lot_error *error)
{
    return lot_fail(error, LOT_REFUSED,
                    "a sum of this policy overflows with these parameters (more than 62 bits)");
}

/* *sum += factor * part */
static bool
add_scaled(struct linear *sum, const struct linear *part, policy_wide factor,
           struct lot_error *error)
{
    sum->missing = sum->missing || part->missing;
    policy_wide constant = sum->constant + part->constant * factor;
    if (!small(factor) || !small(part->constant) || !small(constant)) {
        return overflow(error);
    }
    sum->constant = constant;
    for (int i = 0; i < part->count; i++) {
        policy_wide coefficient = part->terms[i].coefficient * factor;
        int k = 0;
        while (k < sum->count && (sum->terms[k].fact != part->terms[i].fact ||
                                  sum->terms[k].table != part->terms[i].table)) {
            k++;
        }
        if (k == sum->count) {
            if (k == POLICY_TERMS_MAX) {
                return lot_fail(error, LOT_REFUSED, "a sum has more than %d facts",
                                POLICY_TERMS_MAX);
            }
            sum->terms[sum->count++] = part->terms[i];
            sum->terms[k].coefficient = 0;
        }
        coefficient += sum->terms[k].coefficient;
        if (!small(coefficient)) {
            return overflow(error);
        }
        sum->terms[k].coefficient = (int64_t)coefficient;
    }
    return true;
}

static bool
fold_table(struct policy_day *day, const struct expression *expression, struct linear *out,
           struct lot_error *error)
{
    const struct fact *fact = &day->policy->facts[expression->fact];
    const struct value *value = &day->values[expression->parameter];
    if (value->json == NULL) {
        out->missing = true;
        return true;
    }
    const json_t *entries = json_object_get(value->json, "values");
    int64_t from = json_integer_value(json_object_get(value->json, "from"));
    const json_t *more = json_object_get(value->json, "each_more");
    int64_t count = (int64_t)json_array_size(entries);
    if (from > fact->low || from < fact->low - POLICY_TABLE_MAX ||
        (fact->high - from >= count && !json_is_integer(more)) ||
        day->tables_count == POLICY_PARAMETERS_MAX) {
        return lot_fail(error, LOT_REFUSED,
                        "parameter %s: the table must reach from %lld to %lld (\"each_more\" "
                        "continues it)",
                        day->policy->parameters[expression->parameter].name, (long long)fact->low,
                        (long long)fact->high);
    }
    int64_t step = json_integer_value(more);
    int64_t *table = day->tables[day->tables_count++];
    for (int64_t at = fact->low; at <= fact->high; at++) {
        int64_t k = at - from;
        int64_t beyond = k < count ? 0 : k - count + 1;
        int64_t last =
            json_integer_value(json_array_get(entries, (size_t)(beyond > 0 ? count - 1 : k)));
        if (step > POLICY_VALUE_MAX || step < -POLICY_VALUE_MAX) {
            return overflow(error);
        }
        table[at - fact->low] = last + beyond * step;
    }
    out->terms[0] = (struct term){expression->fact, 1, table};
    out->count = 1;
    return true;
}

static bool
fold_times(struct policy_day *day, const struct expression *expression, struct linear *out,
           struct lot_error *error)
{
    struct linear product = {.constant = 1};
    for (int i = 0; i < expression->count; i++) {
        struct linear factor = {0};
        struct linear next = {0};
        if (!policy_fold(day, day->policy->children[expression->first + i], &factor, error)) {
            return false;
        }
        if (product.count > 0 && factor.count > 0) {
            return lot_fail(error, LOT_REFUSED,
                            "two facts are multiplied with each other; only "
                            "sums of facts times figures are exact here");
        }
        bool turned = factor.count > 0;
        next.missing = product.missing || factor.missing;
        if (!add_scaled(&next, turned ? &factor : &product,
                        turned ? product.constant : factor.constant, error)) {
            return false;
        }
        product = next;
    }
    *out = product;
    return true;
}

bool
policy_fold(struct policy_day *day, int index, struct linear *out, struct lot_error *error)
{
    const struct expression *expression = &day->policy->expressions[index];
    struct linear sum = {0};
    switch (expression->kind) {
    case EXPR_NUMBER:
        sum.constant = expression->number;
        break;
    case EXPR_FACT:
        sum.terms[0] = (struct term){expression->fact, 1, NULL};
        sum.count = 1;
        break;
    case EXPR_PARAMETER:
        sum.missing = day->values[expression->parameter].json == NULL;
        sum.constant = day->values[expression->parameter].number;
        break;
    case EXPR_TABLE:
        if (!fold_table(day, expression, &sum, error)) {
            return false;
        }
        break;
    case EXPR_TIMES:
        if (!fold_times(day, expression, &sum, error)) {
            return false;
        }
        break;
    case EXPR_PLUS:
    case EXPR_MINUS:
        for (int i = 0; i < expression->count; i++) {
            struct linear part = {0};
            if (!policy_fold(day, day->policy->children[expression->first + i], &part, error) ||
                !add_scaled(&sum, &part, i > 0 && expression->kind == EXPR_MINUS ? -1 : 1, error)) {
                return false;
            }
        }
        break;
    }
    *out = sum;
    return true;
}

/* ---- binding: what the values make of each node ---- */

/* Every code that some condition names is a class of its own; all others are one more class. */
static bool
gather_codes(struct policy_day *day, struct lot_error *error)
{
    for (int i = 0; i < day->policy->nodes_count; i++) {
        const struct node *node = &day->policy->nodes[i];
        if (node->kind != NODE_CODE) {
            continue;
        }
        const json_t *list = node->list != NULL ? node->list : day->values[node->parameter].json;
        for (size_t k = 0; k < json_array_size(list); k++) {
            int64_t code = read_code(json_array_get(list, k));
            int at = 0;
            while (at < day->codes_count && day->codes[at] != code) {
                at++;
            }
            if (at < day->codes_count) {
                continue;
            }
            if (code < 0 || day->codes_count == POLICY_CHOICES_MAX - 1) {
                return lot_fail(error, LOT_REFUSED,
                                "codes are 1 to 15 digits, and at most %d may be listed",
                                POLICY_CHOICES_MAX - 1);
            }
            day->codes[day->codes_count++] = code;
        }
    }
    return true;
}

static void
bind_choice(struct policy_day *day, const struct node *node, struct bound *bound)
{
    const struct fact *fact = &day->policy->facts[node->fact];
    const json_t *given = node->parameter >= 0 ? day->values[node->parameter].json : NULL;
    const json_t *list = node->list != NULL ? node->list : given;
    if (list == NULL && node->parameter >= 0) {
        bound->truth = POLICY_UNKNOWN;
    } else if (node->kind == NODE_CODE) {
        for (int i = 0; i < day->codes_count; i++) {
            for (size_t k = 0; k < json_array_size(list); k++) {
                bool same = read_code(json_array_get(list, k)) == day->codes[i];
                bound->yes |= same ? (uint64_t)1 << i : 0;
            }
        }
    } else if (node->kind == NODE_TRUTHS) {
        for (unsigned i = 0; i < fact->count; i++) {
            const char *truth = json_string_value(json_object_get(list, fact->choices[i]));
            bound->yes |= truth != NULL && truth[0] == 'T' ? (uint64_t)1 << i : 0;
            bound->unknown |= truth == NULL || truth[0] == 'U' ? (uint64_t)1 << i : 0;
        }
    } else if (fact->type == FACT_ENUM) {
        for (unsigned i = 0; i < fact->count; i++) {
            for (size_t k = 0; k < json_array_size(list); k++) {
                const char *name = json_string_value(json_array_get(list, k));
                bound->yes |= strcmp(name, fact->choices[i]) == 0 ? (uint64_t)1 << i : 0;
            }
        }
    } else {
        bound->yes = 2; /* bool: yes; text: given */
    }
}

static bool
bind_comparison(struct policy_day *day, const struct node *node, struct bound *bound,
                struct lot_error *error)
{
    if (!policy_fold(day, node->left, &bound->left, error) ||
        !policy_fold(day, node->right, &bound->right, error) ||
        !add_scaled(&bound->difference, &bound->left, 1, error) ||
        !add_scaled(&bound->difference, &bound->right, -1, error)) {
        return false;
    }
    if (bound->difference.missing) {
        bound->truth = POLICY_UNKNOWN;
    }
    return true;
}

static unsigned
bind_parameter(const struct policy_day *day, const struct node *node)
{
    const struct value *value = &day->values[node->parameter];
    bool yes = value->number != 0;
    if (value->json == NULL) {
        return POLICY_UNKNOWN;
    }
    if (node->list != NULL) {
        yes = false;
        for (size_t i = 0; i < json_array_size(node->list); i++) {
            yes = yes || json_equal(json_array_get(node->list, i), value->json);
        }
    }
    return yes ? POLICY_TRUE : POLICY_FALSE;
}

static bool
bind_node(struct policy_day *day, int i, struct lot_error *error)
{
    const struct node *node = &day->policy->nodes[i];
    struct bound *bound = &day->bounds[i];
    switch (node->kind) {
    case NODE_COMPARE:
        return bind_comparison(day, node, bound, error);
    case NODE_CHOICE:
    case NODE_CODE:
    case NODE_TRUTHS:
        bind_choice(day, node, bound);
        return true;
    case NODE_PARAMETER:
        bound->truth = bind_parameter(day, node);
        return true;
    case NODE_CONSTANT:
        bound->truth = node->truth;
        return true;
    case NODE_ALL:
    case NODE_ANY:
    case NODE_NOT:
    case NODE_CONDITION:
        break;
    }
    return true;
}

static bool
bind_figures(struct policy_day *day, struct lot_error *error)
{
    struct policy_facts facts;
    policy_facts_init(day, &facts);
    for (int i = 0; i < day->policy->figures_count; i++) {
        struct linear *figure = &day->figures[i];
        if (!policy_fold(day, day->policy->figures[i].expression, figure, error)) {
            return lot_fail_at(error, "figure %s", day->policy->figures[i].name);
        }
        for (int k = 0; k < figure->count; k++) {
            const struct fact *fact = &day->policy->facts[figure->terms[k].fact];
            facts.domain[figure->terms[k].fact] = (struct policy_domain){fact->low, fact->high, 0};
        }
        struct span span = policy_span(day, figure, facts.domain);
        if (!small(span.low) || !small(span.high)) {
            return overflow(error);
        }
    }
    return true;
}

bool
policy_on_day(const struct policy *policy, const struct json_t *given, struct policy_day **out,
              struct lot_error *error)
{
    assert(policy != NULL && out != NULL);
    struct policy_day *day = lot_alloc(1, sizeof *day);
    day->policy = policy;
    day->bounds = lot_alloc((size_t)policy->nodes_count, sizeof *day->bounds);
    day->tables = lot_alloc(POLICY_PARAMETERS_MAX, sizeof *day->tables);
    struct lot_error reason = {0};
    bool ok = check_names(policy, given, &reason) && resolve_all(day, given, &reason) &&
              gather_codes(day, &reason);
    for (int i = 0; ok && i < policy->nodes_count; i++) {
        ok = bind_node(day, i, &reason);
    }
    ok = ok && bind_figures(day, &reason);
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
    free(day->bounds);
    free(day->tables);
    free(day);
}
