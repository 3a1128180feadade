/*
 * facts.c - hides how an answer becomes a domain, and refuses what cannot be.
 *
 * Nothing is clamped: a value outside its legal range is refused with the name of the fact
 * and the policy's own plain sentence. null and an absent key both mean "not stated"; a
 * fact with "absent" then has that value, every other keeps its whole legal range.
 */
#include "kiosk/policy/engine.h"

#include "lottery/crypto.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The policy's sentence for this refusal, with {limit} filled in, behind ours. */
static bool
refuse(const struct policy *policy, const struct fact *fact, const char *key, int64_t limit,
       struct lot_error *error)
{
    const char *words = policy_words(policy, json_object_get(fact->json, key), NULL);
    const char *at = words == NULL ? NULL : strstr(words, "{limit}");
    if (at == NULL) {
        return lot_fail_at(error, "%s%s%s", fact->name, words == NULL ? "" : ": ",
                           words == NULL ? "" : words);
    }
    return lot_fail_at(error, "%s: %.*s%lld%s", fact->name, (int)(at - words), words,
                       (long long)limit, at + strlen("{limit}"));
}

static bool
refuse_type(const struct policy *policy, const struct fact *fact, const char *expected,
            struct lot_error *error)
{
    lot_fail(error, LOT_REFUSED, "expected %s", expected);
    return refuse(policy, fact, "", 0, error);
}

static bool
read_range(const struct policy *policy, const struct fact *fact, const json_t *value,
           struct policy_domain *out, struct lot_error *error)
{
    const json_t *low = value;
    const json_t *high = value;
    if (json_is_object(value) && fact->range && json_object_size(value) == 2) {
        low = json_object_get(value, "min");
        high = json_object_get(value, "max");
    }
    if (!json_is_integer(low) || !json_is_integer(high)) {
        return refuse_type(policy, fact,
                           fact->range ? "a whole number, or {\"min\": .., \"max\": ..}"
                                       : "a whole number",
                           error);
    }
    out->low = json_integer_value(low);
    out->high = json_integer_value(high);
    if (out->low > out->high) {
        lot_fail(error, LOT_REFUSED, "the lower end %lld is above the upper end %lld",
                 (long long)out->low, (long long)out->high);
        const json_t *phrases = json_object_get(policy->json, "phrases");
        const char *words = policy_words(policy, json_object_get(phrases, "reversed"), NULL);
        return lot_fail_at(error, "%s: %s", fact->name, words == NULL ? "" : words);
    }
    if (out->low < fact->low || out->high > fact->high) {
        bool below = out->low < fact->low;
        lot_fail(error, LOT_REFUSED, "found %lld, expected %lld to %lld",
                 (long long)(below ? out->low : out->high), (long long)fact->low,
                 (long long)fact->high);
        return refuse(policy, fact, below ? "too_small" : "too_big", below ? fact->low : fact->high,
                      error);
    }
    return true;
}

static bool
read_choice(const struct policy *policy, const struct fact *fact, const json_t *value,
            struct policy_domain *out, struct lot_error *error)
{
    const char *name = json_string_value(value);
    if (fact->type == FACT_BOOL && json_is_boolean(value)) {
        out->choices = json_is_true(value) ? 2 : 1;
        return true;
    }
    if (fact->type == FACT_TEXT && name != NULL && strlen(name) <= 100) {
        out->choices = name[0] == '\0' ? 1 : 2;
        return true;
    }
    for (unsigned i = 0; fact->type == FACT_ENUM && name != NULL && i < fact->count; i++) {
        if (strcmp(fact->choices[i], name) == 0) {
            out->choices = (uint64_t)1 << i;
            return true;
        }
    }
    static const char *const expected[] = {"true or false", "", "one of the listed values", "",
                                           "text of at most 100 bytes"};
    return refuse_type(policy, fact, expected[fact->type], error);
}

/* The class of a code: its place among the codes that conditions name, else the last class. */
static uint64_t
code_class(const struct policy_day *day, int64_t code)
{
    for (int i = 0; i < day->codes_count; i++) {
        if (day->codes[i] == code) {
            return (uint64_t)1 << i;
        }
    }
    return (uint64_t)1 << day->codes_count;
}

static bool
read_code(const struct policy_day *day, const struct fact *fact, const json_t *value,
          struct policy_domain *out, struct lot_error *error)
{
    const char *text = json_string_value(value);
    int64_t code = -1;
    if (text == NULL || (fact->other != NULL && strcmp(text, fact->other) == 0)) {
        if (text == NULL) {
            return refuse_type(day->policy, fact, "a code in quotes", error);
        }
    } else if (strlen(text) != fact->digits || strspn(text, "0123456789") != fact->digits ||
               (fact->prefix != NULL && strncmp(text, fact->prefix, strlen(fact->prefix)) != 0)) {
        lot_fail(error, LOT_REFUSED, "expected %u digits%s%s%s%s", fact->digits,
                 fact->prefix == NULL ? "" : " that begin with ",
                 fact->prefix == NULL ? "" : fact->prefix, fact->other == NULL ? "" : ", or ",
                 fact->other == NULL ? "" : fact->other);
        return refuse(day->policy, fact, "too_small", 0, error);
    } else {
        code = strtoll(text, NULL, 10);
    }
    *out = (struct policy_domain){code, code, code_class(day, code)};
    return true;
}

static bool
read_domain(const struct policy_day *day, const struct fact *fact, const json_t *value,
            struct policy_domain *out, struct lot_error *error)
{
    if (fact->type == FACT_INT) {
        return read_range(day->policy, fact, value, out, error);
    }
    if (fact->type == FACT_CODE) {
        return read_code(day, fact, value, out, error);
    }
    return read_choice(day->policy, fact, value, out, error);
}

static void
open_domain(const struct policy_day *day, const struct fact *fact, struct policy_domain *out)
{
    *out = (struct policy_domain){fact->low, fact->high, 0};
    unsigned count = fact->type == FACT_CODE ? (unsigned)day->codes_count + 1 : fact->count;
    for (unsigned i = 0; i < count; i++) {
        out->choices |= (uint64_t)1 << i;
    }
}

void
policy_facts_init(const struct policy_day *day, struct policy_facts *facts)
{
    assert(day != NULL && facts != NULL);
    memset(facts, 0, sizeof *facts);
    for (int i = 0; i < day->policy->facts_count; i++) {
        const struct fact *fact = &day->policy->facts[i];
        struct policy_domain absent = {0};
        open_domain(day, fact, &facts->domain[i]);
        if (fact->absent != NULL && read_domain(day, fact, fact->absent, &absent, NULL)) {
            facts->domain[i] = absent;
        }
    }
}

void
policy_facts_wipe(struct policy_facts *facts)
{
    assert(facts != NULL);
    crypto_wipe(facts, sizeof *facts);
}

bool
policy_consistent(const struct policy *policy, struct policy_domain domain[])
{
    bool changed = true;
    for (int rounds = 0; changed && rounds <= policy->facts_count; rounds++) {
        changed = false;
        for (int k = 0; k < policy->limited_count; k++) {
            int i = policy->limited[k];
            int over = policy->facts[i].high_fact;
            if (domain[i].high > domain[over].high) {
                domain[i].high = domain[over].high;
                changed = true;
            }
            if (domain[over].low < domain[i].low) {
                domain[over].low = domain[i].low;
                changed = true;
            }
            if (domain[i].low > domain[i].high || domain[over].low > domain[over].high) {
                return false;
            }
        }
    }
    return true;
}

/* A fact that may not exceed another: is there still room? */
static bool
check_limits(const struct policy *policy, const struct policy_facts *facts, struct lot_error *error)
{
    for (int k = 0; k < policy->limited_count; k++) {
        int i = policy->limited[k];
        int over = policy->facts[i].high_fact;
        if (facts->stated[i] && facts->stated[over] &&
            facts->domain[i].low > facts->domain[over].high) {
            lot_fail(error, LOT_REFUSED, "found %lld, but %s is %lld",
                     (long long)facts->domain[i].low, policy->facts[over].name,
                     (long long)facts->domain[over].high);
            return refuse(policy, &policy->facts[i], "too_many", facts->domain[over].high, error);
        }
    }
    return true;
}

/* {"value", "officer", "date", "reason"}: a decision at discretion carries who, when and why. */
static bool
read_officer(const struct fact *fact, const json_t *value, struct policy_officer *out,
             struct lot_error *error)
{
    const char *name = json_string_value(json_object_get(value, "officer"));
    const char *date = json_string_value(json_object_get(value, "date"));
    const char *reason = json_string_value(json_object_get(value, "reason"));
    if (json_object_size(value) != 4 || name == NULL || date == NULL || reason == NULL ||
        strlen(name) == 0 || strlen(name) >= sizeof out->name || strlen(date) != 10 ||
        strlen(reason) == 0 || strlen(reason) >= sizeof out->reason) {
        return lot_fail(error, LOT_REFUSED,
                        "%s: a recorded decision has value, officer, date (yyyy-mm-dd) and reason",
                        fact->name);
    }
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->date, sizeof out->date, "%s", date);
    snprintf(out->reason, sizeof out->reason, "%s", reason);
    return true;
}

bool
policy_state(const struct policy_day *day, struct policy_facts *facts, const char *name,
             const struct json_t *value, struct lot_error *error)
{
    assert(day != NULL && facts != NULL && name != NULL);
    int index = policy_fact(day->policy, name);
    if (index < 0) {
        return lot_fail(error, LOT_REFUSED, "%.60s: the policy has no fact of this name", name);
    }
    const struct fact *fact = &day->policy->facts[index];
    if (value == NULL || json_is_null(value)) {
        return true;
    }
    struct policy_officer officer = {.fact = index};
    struct policy_domain domain = {0};
    struct lot_error reason = {0};
    bool recorded =
        fact->official && json_is_object(value) && json_object_get(value, "officer") != NULL;
    if ((recorded && !read_officer(fact, value, &officer, &reason)) ||
        !read_domain(day, fact, recorded ? json_object_get(value, "value") : value, &domain,
                     &reason)) {
        return lot_fail(error, reason.code, "%s", reason.text);
    }
    struct policy_facts next = *facts;
    next.domain[index] = domain;
    next.stated[index] = true;
    if (recorded && next.officers_count < POLICY_OFFICERS_MAX) {
        next.officers[next.officers_count++] = officer;
    }
    bool ok = check_limits(day->policy, &next, &reason);
    if (ok) {
        *facts = next;
    }
    crypto_wipe(&next, sizeof next);
    return ok || lot_fail(error, reason.code, "%s", reason.text);
}

bool
policy_state_all(const struct policy_day *day, struct policy_facts *facts, struct json_t *object,
                 struct lot_error *error)
{
    assert(day != NULL && facts != NULL);
    struct policy_facts next = *facts;
    const char *key = NULL;
    json_t *value = NULL;
    if (!json_is_object(object)) {
        return lot_fail(error, LOT_REFUSED, "\"facts\" must be an object");
    }
    bool ok = true;
    json_object_foreach(object, key, value)
    {
        ok = ok && policy_state(day, &next, key, value, error);
    }
    if (ok) {
        *facts = next;
    }
    crypto_wipe(&next, sizeof next);
    return ok;
}
