/*
 * record.c - hides the form of an answer that can be checked years later.
 *
 *   {"policy": {"key", "digest"}, "parameters": {..}, "facts": {..},
 *    "category", "candidates", "outputs": {KEY: "T"|"F"|"U"}, FIGURE: integer or null,
 *    GROUP: {FIGURE: integer} or null, "refer": [KEY], "facts_that_could_change_something": [..],
 *    "demonstration": [parameter], "missing": [parameter], "reasons": [REASON]}
 *
 *   REASON = {"of", "kind": "category" | "benefit" | "referral", "result", "review",
 *             "because": [{"condition", "result", "left", "right", "cite", "say": {LANGUAGE: ..}}]}
 *
 * "policy", "parameters" and "facts" are all that the answer was made from, in the form that
 * `eligibility decide` reads: a slip with this record is recomputed by deciding it again.
 * Every parameter value that was used is written out, also those that came from the policy.
 */
#include "kiosk/policy/engine.h"

#include "lottery/canon.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *
fact_value(const struct policy_day *day, const struct policy_facts *facts, int i)
{
    const struct fact *fact = &day->policy->facts[i];
    const struct policy_domain *domain = &facts->domain[i];
    char code[24];
    unsigned choice = 0;
    if (!facts->stated[i]) {
        return json_null();
    }
    while (choice + 1 < fact->count && (domain->choices >> choice & 1) == 0) {
        choice++;
    }
    switch (fact->type) {
    case FACT_BOOL:
        return json_boolean(choice != 0);
    case FACT_ENUM:
        return json_string(fact->choices[choice]);
    case FACT_TEXT: /* only whether there is one is kept */
        return json_string(choice != 0 ? "(given)" : "");
    case FACT_CODE:
        snprintf(code, sizeof code, "%0*lld", (int)fact->digits, (long long)domain->low);
        return json_string(domain->low < 0 ? fact->other : code);
    case FACT_INT:
        break;
    }
    if (domain->low == domain->high) {
        return json_integer(domain->low);
    }
    return json_pack("{s:I, s:I}", "min", (json_int_t)domain->low, "max", (json_int_t)domain->high);
}

static json_t *
facts_record(const struct policy_day *day, const struct policy_facts *facts)
{
    json_t *object = json_object();
    for (int i = 0; i < day->policy->facts_count; i++) {
        json_t *value = fact_value(day, facts, i);
        for (size_t k = 0; k < facts->officers_count; k++) {
            const struct policy_officer *officer = &facts->officers[k];
            if (officer->fact == i) {
                value = json_pack("{s:o, s:s, s:s, s:s}", "value", value, "officer", officer->name,
                                  "date", officer->date, "reason", officer->reason);
            }
        }
        json_object_set_new(object, day->policy->facts[i].name, value);
    }
    return object;
}

static json_t *
parameters_record(const struct policy_day *day, json_t *demonstration, json_t *missing)
{
    json_t *object = json_object();
    for (int i = 0; i < day->policy->parameters_count; i++) {
        const struct value *value = &day->values[i];
        const char *name = day->policy->parameters[i].name;
        json_object_set(object, name, value->json == NULL ? json_null() : value->json);
        if (value->demonstration) {
            json_array_append_new(demonstration, json_string(name));
        }
        if (value->json == NULL && day->policy->parameters[i].type != PARAMETER_TEXT) {
            json_array_append_new(missing, json_string(name));
        }
    }
    return object;
}

/* Sums that leave 64 bits are not compared by anybody; they are written as text. */
static json_t *
wide_number(policy_wide value)
{
    if (value <= INT64_MAX && value >= INT64_MIN) {
        return json_integer((json_int_t)value);
    }
    return json_string("beyond 64 bits");
}

static json_t *
side(struct span span)
{
    if (span.low == span.high) {
        return wide_number(span.low);
    }
    return json_pack("{s:o, s:o}", "min", wide_number(span.low), "max", wide_number(span.high));
}

static json_t *
reason_record(const struct policy_day *day, const struct policy_facts *facts,
              const struct policy_reason *reason)
{
    const struct policy *policy = day->policy;
    const struct condition *condition = &policy->conditions[reason->condition];
    json_t *object = json_pack("{s:s, s:s}", "condition", condition->name, "result",
                               policy_letter(reason->truth));
    if (reason->compared) {
        json_object_set_new(object, "left", side(reason->left));
        json_object_set_new(object, "right", side(reason->right));
    }
    json_t *cite = json_object_get(condition->json, "cite");
    if (cite != NULL) {
        json_object_set(object, "cite", cite);
    }
    json_t *say = json_object();
    const json_t *languages = json_object_get(policy->json, "languages");
    for (size_t i = 0; i < json_array_size(languages); i++) {
        const char *language = json_string_value(json_array_get(languages, i));
        struct lot_buffer text = {0};
        policy_say(day, facts, reason, language, &text);
        json_object_set_new(say, language, json_stringn(text.at == NULL ? "" : text.at, text.size));
        lot_buffer_finish(&text);
    }
    json_object_set_new(object, "say", say);
    return object;
}

static void
add_reasons(struct policy_view *view, const struct policy_facts *facts, int node, json_t *entry,
            json_t *list)
{
    struct policy_reasons reasons;
    json_t *because = json_array();
    policy_why(view, node, false, &reasons);
    for (int i = 0; i < reasons.count; i++) {
        json_array_append_new(because, reason_record(view->day, facts, &reasons.reasons[i]));
    }
    json_object_set_new(entry, "result", json_string(policy_letter(reasons.truth)));
    json_object_set_new(entry, "because", because);
    json_array_append_new(list, entry);
}

static json_t *
all_reasons(const struct policy_day *day, const struct policy_facts *facts,
            const struct policy_answer *answer)
{
    const struct policy *policy = day->policy;
    struct policy_domain domain[POLICY_FACTS_MAX];
    struct policy_view view;
    json_t *list = json_array();
    policy_close(day, facts, domain);
    policy_view_start(&view, day, domain);
    for (int i = 0; i < policy->categories_count; i++) {
        if ((answer->candidates >> i & 1) != 0) {
            add_reasons(
                &view, facts, policy->categories[i].alone,
                json_pack("{s:s, s:s}", "of", policy->categories[i].name, "kind", "category"),
                list);
        }
    }
    for (int i = 0; i < policy->benefits_count; i++) {
        add_reasons(&view, facts, policy->benefits[i].node,
                    json_pack("{s:s, s:s, s:b}", "of", policy->benefits[i].name, "kind", "benefit",
                              "review", policy->benefits[i].review),
                    list);
    }
    for (int i = 0; i < policy->referrals_count; i++) {
        if (answer->referrals[i] == POLICY_TRUE) {
            add_reasons(
                &view, facts, policy->referrals[i].node,
                json_pack("{s:s, s:s}", "of", policy->referrals[i].name, "kind", "referral"), list);
        }
    }
    return list;
}

static void
add_category(const struct policy_day *day, const struct policy_answer *answer, json_t *record)
{
    const struct policy *policy = day->policy;
    if (answer->category >= 0) {
        json_object_set_new(record, "category",
                            json_string(policy->categories[answer->category].name));
        json_object_set_new(record, "candidates", json_null());
        return;
    }
    const json_t *undetermined = json_object_get(policy->json, "undetermined");
    const char *name = json_string_value(json_object_get(undetermined, "key"));
    json_t *candidates = json_array();
    const char *last = "";
    for (int i = 0; i < policy->categories_count; i++) {
        const char *candidate = policy->categories[i].candidate;
        if ((answer->candidates >> i & 1) != 0 && strcmp(candidate, last) != 0) {
            json_array_append_new(candidates, json_string(candidate));
            last = candidate;
        }
    }
    json_object_set_new(record, "category", json_string(name == NULL ? "UNDETERMINED" : name));
    json_object_set_new(record, "candidates", candidates);
}

/* A group of figures is one object, or null when none of them is known. */
static void
add_figures(const struct policy_day *day, const struct policy_answer *answer, json_t *record)
{
    const struct policy *policy = day->policy;
    for (int i = 0; i < policy->figures_count; i++) {
        const struct figure *figure = &policy->figures[i];
        json_t *value = answer->figures[i].known ? json_integer(answer->figures[i].value) : NULL;
        if (figure->group == NULL) {
            json_object_set_new(record, figure->name, value != NULL ? value : json_null());
            continue;
        }
        json_t *group = json_object_get(record, figure->group);
        if (value == NULL) {
            if (group == NULL) {
                json_object_set_new(record, figure->group, json_null());
            }
            continue;
        }
        if (!json_is_object(group)) {
            json_object_set_new(record, figure->group, json_object());
            group = json_object_get(record, figure->group);
        }
        json_object_set_new(group, figure->name, value);
    }
}

json_t *
policy_record(const struct policy_day *day, const struct policy_facts *facts)
{
    assert(day != NULL && facts != NULL);
    const struct policy *policy = day->policy;
    struct policy_answer answer;
    policy_decide(day, facts, &answer);
    json_t *demonstration = json_array();
    json_t *missing = json_array();
    json_t *outputs = json_object();
    json_t *refer = json_array();
    json_t *change = json_array();
    json_t *record = json_pack("{s:{s:O, s:s}}", "policy", "key",
                               json_object_get(policy->json, "key"), "digest", policy->digest);
    json_object_set_new(record, "parameters", parameters_record(day, demonstration, missing));
    json_object_set_new(record, "facts", facts_record(day, facts));
    add_category(day, &answer, record);
    for (int i = 0; i < policy->benefits_count; i++) {
        json_object_set_new(outputs, policy->benefits[i].name,
                            json_string(policy_letter(answer.benefits[i])));
    }
    json_object_set_new(record, "outputs", outputs);
    add_figures(day, &answer, record);
    for (int i = 0; i < policy->referrals_count; i++) {
        if (answer.referrals[i] == POLICY_TRUE) {
            json_array_append_new(refer, json_string(policy->referrals[i].name));
        }
    }
    for (int i = 0; i < policy->facts_count; i++) {
        if (policy_matters(day, facts, i)) {
            json_array_append_new(change, json_string(policy->facts[i].name));
        }
    }
    json_object_set_new(record, "refer", refer);
    json_object_set_new(record, "facts_that_could_change_something", change);
    json_object_set_new(record, "demonstration", demonstration);
    json_object_set_new(record, "missing", missing);
    json_object_set_new(record, "reasons", all_reasons(day, facts, &answer));
    return record;
}
