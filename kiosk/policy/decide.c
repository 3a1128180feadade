/*
 * decide.c - hides the logic: strong Kleene over sets of values, sums over ranges.
 *
 * A truth is a set; "and" of two sets is every value that "and" gives for a pair of members.
 * This is sound (the value that the full facts give is always in the set) and it keeps apart
 * "we do not know yet" {T, F} from "nobody can know with these figures" {U}. A comparison
 * looks at the smallest and the largest difference that the ranges allow.
 *
 * The public functions are shells around static ones: calls within this file can be inlined.
 */
#include "kiosk/policy/engine.h"

#include <assert.h>
#include <string.h>

enum { T = POLICY_TRUE, F = POLICY_FALSE, U = POLICY_UNKNOWN };

/*
 * "And" of two sets, worked out once: every value that strong Kleene "and" gives for a pair
 * of members (tests/kiosk/policy/decide.c works it out again). "Not" changes 1 and 2.
 */
static const uint8_t both[8][8] = {{0, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 2, 3, 4, 5, 6, 7},
                                   {0, 2, 2, 2, 2, 2, 2, 2}, {0, 3, 2, 3, 6, 7, 6, 7},
                                   {0, 4, 2, 6, 4, 4, 6, 6}, {0, 5, 2, 7, 4, 5, 6, 7},
                                   {0, 6, 2, 6, 6, 6, 6, 6}, {0, 7, 2, 7, 6, 7, 6, 7}};
static const uint8_t turned[8] = {0, F, T, T | F, U, U | F, U | T, T | F | U};

unsigned
policy_not(unsigned a)
{
    return turned[a];
}

unsigned
policy_and(unsigned a, unsigned b)
{
    return both[a][b];
}

unsigned
policy_or(unsigned a, unsigned b)
{
    return turned[both[turned[a]][turned[b]]];
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

/* The same as below where 64 bits are enough and no table is looked up: most sums, most time. */
static struct span
narrow_span(const struct linear *linear, const struct policy_domain domain[])
{
    int64_t low = (int64_t)linear->constant;
    int64_t high = low;
    for (int i = 0; i < linear->count; i++) {
        int64_t coefficient = linear->terms[i].coefficient;
        const struct policy_domain *range = &domain[linear->terms[i].fact];
        low += coefficient * (coefficient < 0 ? range->high : range->low);
        high += coefficient * (coefficient < 0 ? range->low : range->high);
    }
    return (struct span){low, high};
}

static struct span
sum_up(const struct policy_day *day, const struct linear *linear,
       const struct policy_domain domain[])
{
    if (linear->narrow) {
        return narrow_span(linear, domain);
    }
    struct span sum = {linear->constant, linear->constant};
    for (int i = 0; i < linear->count; i++) {
        const struct term *term = &linear->terms[i];
        struct span part = term_span(day, term, &domain[term->fact]);
        sum.low += part.low;
        sum.high += part.high;
    }
    return sum;
}

struct span
policy_span(const struct policy_day *day, const struct linear *linear,
            const struct policy_domain domain[])
{
    return sum_up(day, linear, domain);
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

static unsigned work_out(struct policy_view *view, int node);

static inline unsigned
look(struct policy_view *view, int node)
{
    return view->truth[node] != 0 ? view->truth[node] : work_out(view, node);
}

static unsigned
choose(uint64_t choices, const struct bound *bound)
{
    return ((choices & bound->yes) != 0 ? T : 0u) | ((choices & bound->unknown) != 0 ? U : 0u) |
           ((choices & ~bound->yes & ~bound->unknown) != 0 ? F : 0u);
}

/* "All" stops at the first part that is false, "any" at the first that is true. */
static unsigned
join(struct policy_view *view, const struct bound *bound)
{
    bool any = bound->kind == NODE_ANY;
    unsigned truth = any ? F : T;
    unsigned stop = any ? T : F;
    for (int i = 0; i < bound->count && truth != stop; i++) {
        unsigned part = look(view, bound->parts[i]);
        truth = any ? turned[both[turned[truth]][turned[part]]] : both[truth][part];
    }
    return truth;
}

static unsigned
settle(struct policy_view *view, const struct bound *bound)
{
    switch (bound->kind) {
    case NODE_COMPARE:
        return compare(bound->comparison,
                       sum_up(view->day, &bound->sides->difference, view->domain));
    case NODE_CHOICE:
    case NODE_CODE:
    case NODE_TRUTHS:
        return choose(view->domain[bound->fact].choices, bound);
    case NODE_NOT:
        return turned[look(view, bound->parts[0])];
    case NODE_ALL:
    case NODE_ANY:
        return join(view, bound);
    case NODE_CONDITION:
        return look(view, bound->parts[0]);
    case NODE_PARAMETER:
    case NODE_CONSTANT:
        break;
    }
    assert(false); /* parameters and constants are bound */
    return U;
}

static unsigned
work_out(struct policy_view *view, int node)
{
    const struct bound *bound = &view->day->bounds[node];
    unsigned truth = bound->truth != 0 ? bound->truth : settle(view, bound);
    view->truth[node] = (uint8_t)truth;
    return truth;
}

void
policy_view_start(struct policy_view *view, const struct policy_day *day,
                  const struct policy_domain domain[])
{
    view->day = day;
    view->domain = domain;
    memset(view->truth, 0, (size_t)day->policy->nodes_count);
}

unsigned
policy_look(struct policy_view *view, int node)
{
    return look(view, node);
}

unsigned
policy_truth(const struct policy_day *day, const struct policy_domain domain[], int node)
{
    struct policy_view view;
    policy_view_start(&view, day, domain);
    return policy_look(&view, node);
}

void
policy_close(const struct policy_day *day, const struct policy_facts *facts,
             struct policy_domain out[static POLICY_FACTS_MAX])
{
    size_t size = (size_t)day->policy->facts_count * sizeof *out;
    memcpy(out, facts->domain, size);
    if (!policy_consistent(day->policy, out)) {
        memcpy(out, facts->domain, size);
    }
}

const char *
policy_letter(unsigned truth)
{
    return truth == T ? "T" : truth == F ? "F" : "U";
}

/* Whether the facts say nothing more about each other than each says of itself. */
static bool
is_closed(const struct policy *policy, const struct policy_domain domain[])
{
    for (int k = 0; k < policy->limited_count; k++) {
        const struct policy_domain *few = &domain[policy->limited[k]];
        const struct policy_domain *all = &domain[policy->facts[policy->limited[k]].high_fact];
        if (few->high > all->high || all->low < few->low) {
            return false;
        }
    }
    return true;
}

/* The first category that is certainly true ends the list; what cannot be is left out. */
static void
decide_category(struct policy_view *view, struct policy_answer *out)
{
    int count = 0;
    out->candidates = 0;
    for (int i = 0; i < view->day->policy->categories_count; i++) {
        unsigned truth = look(view, view->day->policy->categories[i].node);
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
        if (day->figures[i].missing || (benefit >= 0 && out->benefits[benefit] != T)) {
            continue;
        }
        struct span span = sum_up(day, &day->figures[i], domain);
        out->figures[i].known = span.low == span.high;
        out->figures[i].value = out->figures[i].known ? (int64_t)span.low : 0;
    }
}

void
policy_decide(const struct policy_day *day, const struct policy_facts *facts,
              struct policy_answer *out)
{
    assert(day != NULL && facts != NULL && out != NULL);
    const struct policy *policy = day->policy;
    struct policy_domain closed[POLICY_FACTS_MAX];
    const struct policy_domain *domain = facts->domain;
    struct policy_view view;
    if (!is_closed(policy, domain)) {
        policy_close(day, facts, closed);
        domain = closed;
    }
    policy_view_start(&view, day, domain);
    memset(out, 0, sizeof *out);
    decide_category(&view, out);
    for (int i = 0; i < policy->benefits_count; i++) {
        out->benefits[i] = (uint8_t)look(&view, policy->benefits[i].node);
    }
    for (int i = 0; i < policy->referrals_count; i++) {
        out->referrals[i] = (uint8_t)look(&view, policy->referrals[i].node);
    }
    decide_figures(day, domain, out);
}
