/*
 * decide.c - hides the logic: strong Kleene over sets of values, sums over ranges.
 *
 * A truth is a set; "and" of two sets is every value that "and" gives for a pair of members.
 * This is sound (the value that the full facts give is always in the set) and it keeps apart
 * "we do not know yet" {T, F} from "nobody can know with these figures" {U}. A comparison
 * looks at the smallest and the largest difference that the ranges allow.
 */
#include "kiosk/policy/engine.h"

#include <assert.h>
#include <string.h>

enum { T = POLICY_TRUE, F = POLICY_FALSE, U = POLICY_UNKNOWN };

unsigned
policy_not(unsigned a)
{
    return ((a & T) != 0 ? F : 0u) | ((a & F) != 0 ? T : 0u) | (a & U);
}

unsigned
policy_and(unsigned a, unsigned b)
{
    unsigned both = (a & b & T) | ((a | b) & F);
    if (((a & U) != 0 && (b & (T | U)) != 0) || ((b & U) != 0 && (a & (T | U)) != 0)) {
        both |= U;
    }
    return both;
}

unsigned
policy_or(unsigned a, unsigned b)
{
    return policy_not(policy_and(policy_not(a), policy_not(b)));
}

bool
policy_certain(unsigned truth)
{
    return truth == T || truth == F || truth == U;
}

bool
policy_settled(const struct policy *policy, int fact, const struct policy_domain *domain)
{
    if (policy->facts[fact].type == FACT_INT) {
        return domain->low == domain->high;
    }
    return (domain->choices & (domain->choices - 1)) == 0;
}

/* The term's smallest and largest value; a table need not rise, so it is looked through. */
static struct span
term_span(const struct policy_day *day, const struct term *term, const struct policy_domain *domain)
{
    policy_wide low = domain->low;
    policy_wide high = domain->high;
    if (term->table != NULL) {
        const int64_t *entry = term->table - day->policy->facts[term->fact].low;
        low = high = entry[domain->low];
        for (int64_t i = domain->low + 1; i <= domain->high; i++) {
            low = entry[i] < low ? entry[i] : low;
            high = entry[i] > high ? entry[i] : high;
        }
    }
    if (term->coefficient < 0) {
        return (struct span){term->coefficient * high, term->coefficient * low};
    }
    return (struct span){term->coefficient * low, term->coefficient * high};
}

struct span
policy_span(const struct policy_day *day, const struct linear *linear,
            const struct policy_domain domain[])
{
    struct span sum = {linear->constant, linear->constant};
    for (int i = 0; i < linear->count; i++) {
        const struct term *term = &linear->terms[i];
        struct span part = term_span(day, term, &domain[term->fact]);
        sum.low += part.low;
        sum.high += part.high;
    }
    return sum;
}

/* Boundary words follow from the operator: "at most" and "at least" hold at the line itself. */
static unsigned
compare(enum comparison comparison, struct span d)
{
    switch (comparison) {
    case AT_MOST:
        return (d.low <= 0 ? T : 0u) | (d.high > 0 ? F : 0u);
    case BELOW:
        return (d.low < 0 ? T : 0u) | (d.high >= 0 ? F : 0u);
    case AT_LEAST:
        return (d.high >= 0 ? T : 0u) | (d.low < 0 ? F : 0u);
    case ABOVE:
        return (d.high > 0 ? T : 0u) | (d.low <= 0 ? F : 0u);
    case EQUAL:
        break;
    }
    return (d.low <= 0 && d.high >= 0 ? T : 0u) | (d.low != 0 || d.high != 0 ? F : 0u);
}

unsigned
policy_truth(const struct policy_day *day, const struct policy_domain domain[], int index)
{
    const struct node *node = &day->policy->nodes[index];
    const struct bound *bound = &day->bounds[index];
    const int *children = &day->policy->children[node->first];
    if (bound->truth != 0) {
        return bound->truth;
    }
    unsigned truth = node->kind == NODE_ANY ? F : T;
    switch (node->kind) {
    case NODE_COMPARE:
        return compare(node->comparison, policy_span(day, &bound->difference, domain));
    case NODE_CHOICE:
    case NODE_CODE:
    case NODE_TRUTHS: {
        uint64_t choices = domain[node->fact].choices;
        return ((choices & bound->yes) != 0 ? T : 0u) | ((choices & bound->unknown) != 0 ? U : 0u) |
               ((choices & ~bound->yes & ~bound->unknown) != 0 ? F : 0u);
    }
    case NODE_NOT:
        return policy_not(policy_truth(day, domain, children[0]));
    case NODE_ALL:
        for (int i = 0; i < node->count && truth != F; i++) {
            truth = policy_and(truth, policy_truth(day, domain, children[i]));
        }
        return truth;
    case NODE_ANY:
        for (int i = 0; i < node->count && truth != T; i++) {
            truth = policy_or(truth, policy_truth(day, domain, children[i]));
        }
        return truth;
    case NODE_CONDITION:
        return policy_truth(day, domain, children[0]);
    case NODE_PARAMETER:
    case NODE_CONSTANT:
        break;
    }
    assert(false); /* parameters and constants are bound */
    return U;
}

void
policy_view(const struct policy_day *day, const struct policy_facts *facts,
            struct policy_domain out[static POLICY_FACTS_MAX])
{
    memcpy(out, facts->domain, sizeof facts->domain);
    if (!policy_consistent(day->policy, out)) {
        memcpy(out, facts->domain, sizeof facts->domain);
    }
}

const char *
policy_letter(unsigned truth)
{
    return truth == T ? "T" : truth == F ? "F" : "U";
}

/* The first category that is certainly true ends the list; what cannot be is left out. */
static void
decide_category(const struct policy_day *day, const struct policy_domain domain[],
                struct policy_answer *out)
{
    int count = 0;
    out->candidates = 0;
    for (int i = 0; i < day->policy->categories_count; i++) {
        unsigned truth = policy_truth(day, domain, day->policy->categories[i].node);
        if (truth == F) {
            continue;
        }
        out->candidates |= (uint64_t)1 << i;
        out->category = i;
        count++;
        if (truth == T) {
            break;
        }
    }
    if (count != 1) {
        out->category = -1;
    }
}

static void
decide_figures(const struct policy_day *day, const struct policy_domain domain[],
               struct policy_answer *out)
{
    for (int i = 0; i < day->policy->figures_count; i++) {
        int benefit = day->policy->figures[i].benefit;
        struct span span = policy_span(day, &day->figures[i], domain);
        out->figures[i].known = !day->figures[i].missing && span.low == span.high &&
                                (benefit < 0 || out->benefits[benefit] == T);
        out->figures[i].value = out->figures[i].known ? (int64_t)span.low : 0;
    }
}

void
policy_decide(const struct policy_day *day, const struct policy_facts *facts,
              struct policy_answer *out)
{
    assert(day != NULL && facts != NULL && out != NULL);
    const struct policy *policy = day->policy;
    struct policy_domain domain[POLICY_FACTS_MAX];
    policy_view(day, facts, domain);
    memset(out, 0, sizeof *out);
    decide_category(day, domain, out);
    for (int i = 0; i < policy->benefits_count; i++) {
        out->benefits[i] = (uint8_t)policy_truth(day, domain, policy->benefits[i].node);
    }
    for (int i = 0; i < policy->referrals_count; i++) {
        out->referrals[i] = (uint8_t)policy_truth(day, domain, policy->referrals[i].node);
    }
    decide_figures(day, domain, out);
}
