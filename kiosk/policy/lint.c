/*
 * lint.c - hides what can be wrong with a policy that reads well: for those who write one.
 *
 * Findings (exit 1): a text without one of the languages, a sentence too long to follow, a
 * condition or benefit without a source, a parameter that nothing uses, units that do not
 * match, a category or benefit that no household can reach, two categories that hold at once
 * without one saying that it stands "over" the other, and holes.
 *
 * A hole is a value of a number at which the example household gets nothing and is sent
 * nowhere, although with less and with more it would get something. Holes are looked for with
 * the policy's own readings and with each other reading of an open point; the second kind is
 * a note, no finding: it is the reason why the default is the default.
 *
 * At the end stand the cases to test: the values around each line.
 */
#include "kiosk/policy/lint.h"

#include "lottery/canon.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void
finding(struct lint *lint, const char *kind, const char *where, const char *what)
{
    printf("%s %s: %s\n", kind, where, what);
    lint->findings++;
}

/* ---- sources and use ---- */

static void
check_cite(struct lint *lint, const json_t *json, const char *name)
{
    const json_t *documents = json_object_get(lint->policy->json, "documents");
    const json_t *cite = json_object_get(json, "cite");
    if (json_array_size(cite) == 0) {
        finding(lint, "source", name, "cites no document");
    }
    for (size_t i = 0; i < json_array_size(cite); i++) {
        const char *document = json_string_value(json_array_get(cite, i));
        if (document == NULL || json_object_get(documents, document) == NULL) {
            finding(lint, "source", name, "cites a document that \"documents\" does not list");
        }
    }
}

static void
check_sources(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    for (int i = 0; i < policy->conditions_count; i++) {
        if (json_object_get(policy->conditions[i].json, "say") != NULL) {
            check_cite(lint, policy->conditions[i].json, policy->conditions[i].name);
        }
    }
    for (int i = 0; i < policy->categories_count; i++) {
        check_cite(lint, policy->categories[i].json, policy->categories[i].name);
    }
    for (int i = 0; i < policy->benefits_count; i++) {
        check_cite(lint, policy->benefits[i].json, policy->benefits[i].name);
    }
    for (int i = 0; i < policy->referrals_count; i++) {
        check_cite(lint, policy->referrals[i].json, policy->referrals[i].name);
    }
}

static bool
in_expressions(const struct policy *policy, int parameter)
{
    for (int i = 0; i < policy->expressions_count; i++) {
        if (policy->expressions[i].parameter == parameter) {
            return true;
        }
    }
    for (int i = 0; i < policy->nodes_count; i++) {
        if (policy->nodes[i].parameter == parameter) {
            return true;
        }
    }
    return false;
}

static void
check_use(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    char *whole = json_dumps(policy->json, JSON_COMPACT);
    for (int i = 0; i < policy->parameters_count; i++) {
        const char *name = policy->parameters[i].name;
        char place[96];
        char amount[96];
        snprintf(place, sizeof place, "{param:%s}", name);
        snprintf(amount, sizeof amount, "\"amount\":{\"param\":\"%s\"}", name);
        bool role = i == policy->day || i == policy->known || i == policy->zone ||
                    i == policy->reference || policy->parameters[i].type == PARAMETER_TEXT;
        if (!role && !in_expressions(policy, i) && whole != NULL && strstr(whole, place) == NULL &&
            strstr(whole, amount) == NULL) {
            finding(lint, "unused", name, "no condition, amount or sentence uses this parameter");
        }
    }
    free(whole);
}

/* ---- what can be reached ---- */

static void
open_all(const struct policy_day *day, struct policy_domain domain[static POLICY_FACTS_MAX])
{
    struct policy_facts facts;
    policy_facts_init(day, &facts);
    memcpy(domain, facts.domain, sizeof facts.domain);
    for (int i = 0; i < day->policy->facts_count; i++) {
        const struct fact *fact = &day->policy->facts[i];
        if (fact->absent != NULL) {
            uint64_t all = fact->count >= 64 ? UINT64_MAX : ((uint64_t)1 << fact->count) - 1;
            domain[i] = (struct policy_domain){fact->low, fact->high, all};
        }
    }
}

static void
check_reach(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    struct policy_domain domain[POLICY_FACTS_MAX];
    open_all(lint->day, domain);
    for (int i = 0; i < policy->benefits_count; i++) {
        if (policy_reach(lint->day, domain, policy->benefits[i].node, -1, POLICY_TRUE) ==
            REACH_NEVER) {
            finding(lint, "unreachable", policy->benefits[i].name, "no household can get it");
        }
    }
    for (int i = 0; i < policy->categories_count; i++) {
        const struct policy_day *day = lint->day;
        bool before = i == 0 && policy_reach(day, domain, policy->categories[i].node, -1,
                                             POLICY_TRUE) == REACH_NEVER;
        if (i > 0 && policy_reach(day, domain, policy->categories[i].alone, -1, POLICY_TRUE) ==
                         REACH_NEVER) {
            finding(lint, "unreachable", policy->categories[i].name, "no household is in it");
        } else if (before) {
            printf("note %s: nobody is in it on the example's day\n", policy->categories[i].name);
        }
    }
}

static bool
stands_over(const struct category *category, const char *name)
{
    const json_t *over = json_object_get(category->json, "over");
    for (size_t i = 0; i < json_array_size(over); i++) {
        const char *other = json_string_value(json_array_get(over, i));
        if (other != NULL && strcmp(other, name) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_overlaps(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    struct policy_domain domain[POLICY_FACTS_MAX];
    open_all(lint->day, domain);
    /* The last category takes everybody who is in no other: it overlaps by design. */
    for (int i = 0; i < policy->categories_count - 1; i++) {
        for (int k = i + 1; k < policy->categories_count - 1; k++) {
            const struct category *first = &policy->categories[i];
            const struct category *second = &policy->categories[k];
            if (!stands_over(second, first->name) &&
                policy_reach(lint->day, domain, first->node, second->node, POLICY_TRUE) !=
                    REACH_NEVER) {
                char text[160];
                snprintf(text, sizeof text,
                         "can hold together with %s; say \"over\": [\"%s\"] if that is meant",
                         first->name, first->name);
                finding(lint, "overlap", second->name, text);
            }
        }
    }
}

/* ---- lines: where a number changes something ---- */

struct lines {
    int count;
    int64_t at[LINES_MAX]; /* the first value behind each line, sorted */
};

static void
add_line(struct lines *lines, int64_t at)
{
    int i = lines->count;
    for (int k = 0; k < lines->count; k++) {
        if (lines->at[k] == at) {
            return;
        }
    }
    if (lines->count == LINES_MAX) {
        return;
    }
    for (; i > 0 && lines->at[i - 1] > at; i--) {
        lines->at[i] = lines->at[i - 1];
    }
    lines->at[i] = at;
    lines->count++;
}

static unsigned
truth_at(const struct policy_day *day, struct policy_domain domain[], int node, int fact, int64_t x)
{
    struct policy_domain whole = domain[fact];
    domain[fact].low = domain[fact].high = x;
    unsigned truth = policy_truth(day, domain, node);
    domain[fact] = whole;
    return truth;
}

/* A comparison of a linear sum changes at most once; the change is found by halving. */
static void
find_line(const struct policy_day *day, struct policy_domain domain[], int node, int fact,
          struct lines *lines)
{
    int64_t low = day->policy->facts[fact].low;
    int64_t high = day->policy->facts[fact].high;
    unsigned start = truth_at(day, domain, node, fact, low);
    if (high - low < POLICY_TABLE_MAX) {
        for (int64_t x = low + 1; x <= high; x++) {
            if (truth_at(day, domain, node, fact, x) != truth_at(day, domain, node, fact, x - 1)) {
                add_line(lines, x);
            }
        }
        return;
    }
    if (truth_at(day, domain, node, fact, high) == start) {
        return;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (truth_at(day, domain, node, fact, middle) == start) {
            low = middle;
        } else {
            high = middle;
        }
    }
    add_line(lines, high);
}

static void
find_lines(const struct policy_day *day, struct policy_domain domain[], int fact,
           struct lines *lines)
{
    lines->count = 0;
    for (int i = 0; i < day->policy->nodes_count; i++) {
        if (day->policy->nodes[i].kind != NODE_COMPARE) {
            continue;
        }
        const struct linear *sum = &day->bounds[i].sides->difference;
        for (int k = 0; k < sum->count; k++) {
            if (sum->terms[k].fact == fact && !sum->missing) {
                find_line(day, domain, i, fact, lines);
                break;
            }
        }
    }
}

/* Whether the household gets anything at all, or is at least sent somewhere. */
static bool
gets_something(const struct policy_day *day, const struct policy_answer *answer)
{
    bool some = answer->category != day->policy->categories_count - 1;
    for (int i = 0; i < day->policy->benefits_count; i++) {
        some = some || answer->benefits[i] != POLICY_FALSE;
    }
    for (int i = 0; i < day->policy->referrals_count; i++) {
        some = some || answer->referrals[i] != POLICY_FALSE;
    }
    return some;
}

static void
decide_at(const struct policy_day *day, const struct policy_facts *facts, int fact, int64_t x,
          struct policy_answer *answer)
{
    struct policy_facts at = *facts;
    at.domain[fact].low = at.domain[fact].high = x;
    policy_decide(day, &at, answer);
}

/* Looks at one value in each part between the lines; reports the parts with nothing. */
static int
find_holes(const struct policy_day *day, const struct policy_facts *facts, const char *reading)
{
    int holes = 0;
    for (int fact = 0; fact < day->policy->facts_count; fact++) {
        struct policy_facts copy = *facts;
        struct lines lines;
        struct policy_answer answer;
        bool some_below = false;
        int64_t empty = -1;
        if (day->policy->facts[fact].type != FACT_INT) {
            continue;
        }
        find_lines(day, copy.domain, fact, &lines);
        for (int i = -1; i < lines.count; i++) {
            int64_t x = i < 0 ? day->policy->facts[fact].low : lines.at[i];
            decide_at(day, facts, fact, x, &answer);
            if (!gets_something(day, &answer)) {
                empty = some_below && empty < 0 ? x : empty;
                continue;
            }
            if (empty >= 0) {
                printf("hole %s%s: nothing from %lld to %lld, something below and above\n",
                       day->policy->facts[fact].name, reading, (long long)empty,
                       (long long)(x - 1));
                holes++;
            }
            some_below = true;
            empty = -1;
        }
    }
    return holes;
}

/* The same with one open point read otherwise. */
static void
note_other_reading(struct lint *lint, json_t *given, int parameter, json_t *value)
{
    const char *name = lint->policy->parameters[parameter].name;
    struct policy_day *day = NULL;
    struct policy_facts facts;
    struct lot_error error = {0};
    char reading[128];
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    json_t *other = json_copy(given);
    json_object_set(other, name, value);
    snprintf(reading, sizeof reading, " if %s is %.40s", name, text == NULL ? "?" : text);
    if (policy_on_day(lint->policy, other, &day, &error)) {
        policy_facts_init(day, &facts);
        if (policy_state_all(day, &facts, lint->facts, &error)) {
            find_holes(day, &facts, reading);
        }
    }
    policy_day_destroy(day);
    json_decref(other);
    free(text);
}

static void
check_holes(struct lint *lint, json_t *given)
{
    lint->findings += find_holes(lint->day, &lint->stated, "");
    for (int i = 0; i < lint->policy->parameters_count; i++) {
        const struct parameter *parameter = &lint->policy->parameters[i];
        const json_t *choices = json_object_get(parameter->json, "choices");
        if (json_object_get(parameter->json, "open") == NULL) {
            continue;
        }
        if (parameter->type == PARAMETER_BOOL) {
            json_t *turned = json_boolean(lint->day->values[i].number == 0);
            note_other_reading(lint, given, i, turned);
            json_decref(turned);
        }
        for (size_t k = 0; parameter->type == PARAMETER_ENUM && k < json_array_size(choices); k++) {
            if ((int64_t)k != lint->day->values[i].number) {
                note_other_reading(lint, given, i, json_array_get(choices, k));
            }
        }
    }
}

/* What the example household is and gets with this value. */
static void
print_point(const struct lint *lint, int fact, int64_t x)
{
    const struct policy *policy = lint->policy;
    struct policy_answer answer;
    int got = 0;
    if (x < policy->facts[fact].low || x > policy->facts[fact].high) {
        return;
    }
    decide_at(lint->day, &lint->stated, fact, x, &answer);
    for (int i = 0; i < policy->benefits_count; i++) {
        got += answer.benefits[i] == POLICY_TRUE ? 1 : 0;
    }
    printf("  %lld: %s, %d benefits;", (long long)x,
           answer.category < 0 ? "open" : policy->categories[answer.category].name, got);
}

/* One below, one on and one above each line. */
static void
print_boundaries(const struct lint *lint)
{
    const struct policy *policy = lint->policy;
    for (int fact = 0; fact < policy->facts_count; fact++) {
        struct policy_facts copy = lint->stated;
        struct lines lines = {0};
        if (policy->facts[fact].type == FACT_INT) {
            find_lines(lint->day, copy.domain, fact, &lines);
        }
        for (int i = 0; i < lines.count; i++) {
            printf("test %s", policy->facts[fact].name);
            for (int64_t x = lines.at[i] - 1; x <= lines.at[i] + 1; x++) {
                print_point(lint, fact, x);
            }
            printf("\n");
        }
    }
}

bool
eligibility_lint(struct cli *cli, struct lot_error *error)
{
    struct policy *policy = NULL;
    struct lint lint = {0};
    bool ok = eligibility_policy(cli->words[0], &policy, error);
    const json_t *example = ok ? json_object_get(policy->json, "example") : NULL;
    json_t *given = json_object_get(example, "parameters");
    lint.policy = policy;
    lint.facts = json_object_get(example, "facts");
    if (ok && (given == NULL || lint.facts == NULL)) {
        ok = lot_fail(error, LOT_REFUSED, "%s: \"example\" with parameters and facts is missing",
                      cli->words[0]);
    }
    ok = ok && policy_on_day(policy, given, &lint.day, error);
    if (ok) {
        policy_facts_init(lint.day, &lint.stated);
        ok = policy_state_all(lint.day, &lint.stated, lint.facts, error);
    }
    if (ok) {
        lint_texts(&lint);
        lint_units(&lint);
        check_sources(&lint);
        check_use(&lint);
        check_reach(&lint);
        check_overlaps(&lint);
        check_holes(&lint, given);
        print_boundaries(&lint);
        printf("%d findings\n", lint.findings);
        ok = lint.findings == 0 ||
             lot_fail(error, LOT_REFUSED, "%s: %d findings", cli->words[0], lint.findings);
    }
    policy_day_destroy(lint.day);
    policy_destroy(policy);
    return ok;
}
