/*
 * matter.c - hides how it is proved that a question cannot matter any more.
 *
 * A fact matters if two households that differ in this fact alone get different results.
 * Evaluation alone cannot tell: "unknown" under strong Kleene logic may hide a certain
 * result. So the program looks for such a pair of households, in two steps:
 *
 *   1. What is certain drops out of the tree; a fact that stands in nothing open is proved
 *      not to matter.
 *   2. Otherwise branch and prune over *boxes* of households. A box is a domain for each
 *      fact, and two domains for the fact in question, one for each of the pair. If the
 *      result is certain and the same on both sides, no pair is in the box. If it is certain
 *      and different, every pair in the box is a witness. Else the box is cut in two at an
 *      open condition: choices by what the condition makes of them, a lone number exactly at
 *      its line, several numbers by halves, smallest first.
 *
 * The halves cover the box, so a search that ends without a witness is a proof over the
 * whole legal range, not over samples. A search that outgrows its budget proves nothing,
 * and the fact is said to matter: the error is always on the side of asking.
 */
#include "kiosk/policy/engine.h"

#include <assert.h>
#include <string.h>

#define BOXES_MAX 8192 /* for one fact, all results together: a few milliseconds */

/* What the household gets: a truth, or the amount of a figure that counts. */
struct root {
    int node;
    int figure; /* or -1 */
    int also;   /* a second node that must hold with the first, or -1 */
};

struct outcome {
    bool certain;
    unsigned truth;
    policy_wide amount;
};

struct search {
    const struct policy_day *day;
    struct root root;
    int fact;                   /* in question, or -1: one household only */
    unsigned wanted;            /* one household: the truth looked for */
    int boxes;                  /* left in the budget */
    struct policy_domain other; /* the second household's domain of the fact */
    struct policy_view view;    /* of the box as it is, from look() on */
    struct policy_domain domain[POLICY_FACTS_MAX];
};

struct cut {
    int fact;
    struct policy_domain left, right;
};

static struct outcome
look(struct search *search)
{
    struct outcome outcome = {0};
    const struct policy_day *day = search->day;
    policy_view_start(&search->view, day, search->domain);
    outcome.truth = policy_look(&search->view, search->root.node);
    if (search->root.also >= 0) {
        outcome.truth = policy_and(outcome.truth, policy_look(&search->view, search->root.also));
    }
    outcome.certain = policy_certain(outcome.truth);
    if (search->root.figure >= 0 && outcome.truth == POLICY_TRUE) {
        struct span span = policy_span(day, &day->figures[search->root.figure], search->domain);
        outcome.certain = span.low == span.high;
        outcome.amount = span.low;
    }
    return outcome;
}

/* The facts in open conditions below the node, as a set. */
static uint64_t
open_facts(struct policy_view *view, int index)
{
    const struct policy *policy = view->day->policy;
    const struct node *node = &policy->nodes[index];
    const struct bound *bound = &view->day->bounds[index];
    uint64_t facts = 0;
    if (policy_certain(policy_look(view, index))) {
        return 0;
    }
    if (node->fact >= 0) {
        return (uint64_t)1 << node->fact;
    }
    for (int i = 0; node->kind == NODE_COMPARE && i < bound->sides->difference.count; i++) {
        int fact = bound->sides->difference.terms[i].fact;
        bool settled = policy_settled(policy, fact, &view->domain[fact]);
        facts |= settled ? 0 : (uint64_t)1 << fact;
    }
    for (int i = 0; i < node->count; i++) {
        facts |= open_facts(view, policy->children[node->first + i]);
    }
    return facts;
}

static uint64_t
open_root(struct policy_view *view, struct root root)
{
    uint64_t facts = open_facts(view, root.node);
    if (root.figure >= 0 && (policy_look(view, root.node) & POLICY_TRUE) != 0) {
        const struct linear *figure = &view->day->figures[root.figure];
        for (int i = 0; i < figure->count; i++) {
            int fact = figure->terms[i].fact;
            bool settled = policy_settled(view->day->policy, fact, &view->domain[fact]);
            facts |= settled ? 0 : (uint64_t)1 << fact;
        }
    }
    return facts;
}

/* ---- cutting ---- */

/* The sign of a sum with one open fact, when that fact is x. */
static int
sign_at(const struct search *search, const struct linear *linear, int fact, int64_t x)
{
    struct policy_domain at[POLICY_FACTS_MAX];
    memcpy(at, search->domain, sizeof at);
    at[fact].low = at[fact].high = x;
    policy_wide value = policy_span(search->day, linear, at).low;
    return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/*
 * Cuts the only open number exactly where the comparison changes: a linear sum rises or
 * falls, so the first x with another answer than the lowest one is found by halving.
 */
static int64_t
find_line(const struct search *search, const struct linear *linear, int fact)
{
    int64_t low = search->domain[fact].low;
    int64_t high = search->domain[fact].high;
    int start = sign_at(search, linear, fact, low);
    if (sign_at(search, linear, fact, high) == start) {
        return low + (high - low) / 2;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (sign_at(search, linear, fact, middle) == start) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool
cut_sum(const struct search *search, const struct linear *linear, struct cut *cut)
{
    const struct term *best = NULL;
    int open = 0;
    for (int i = 0; i < linear->count; i++) {
        const struct term *term = &linear->terms[i];
        const struct policy_domain *domain = &search->domain[term->fact];
        if (domain->low == domain->high) {
            continue;
        }
        const struct policy_domain *least = best == NULL ? NULL : &search->domain[best->fact];
        open++;
        if (least == NULL || domain->high - domain->low < least->high - least->low) {
            best = term;
        }
    }
    if (best == NULL) {
        return false;
    }
    struct policy_domain domain = search->domain[best->fact];
    int64_t last = domain.low + (domain.high - domain.low) / 2;
    if (open == 1 && best->table == NULL) {
        last = find_line(search, linear, best->fact);
    }
    *cut = (struct cut){best->fact, domain, domain};
    cut->left.high = last;
    cut->right.low = last + 1;
    return true;
}

/* Finds an open condition and cuts the box so that it becomes clearer. */
static bool
find_cut(struct search *search, int index, struct cut *cut)
{
    const struct node *node = &search->day->policy->nodes[index];
    const struct bound *bound = &search->day->bounds[index];
    if (policy_certain(policy_look(&search->view, index))) {
        return false;
    }
    if (node->kind == NODE_COMPARE) {
        return cut_sum(search, &bound->sides->difference, cut);
    }
    if (node->fact >= 0) {
        struct policy_domain domain = search->domain[node->fact];
        uint64_t yes = domain.choices & bound->yes;
        uint64_t unknown = domain.choices & bound->unknown;
        *cut = (struct cut){node->fact, domain, domain};
        cut->left.choices = yes != 0 ? yes : unknown;
        cut->right.choices = domain.choices & ~cut->left.choices;
        return cut->left.choices != 0 && cut->right.choices != 0;
    }
    for (int i = 0; i < node->count; i++) {
        if (find_cut(search, search->day->policy->children[node->first + i], cut)) {
            return true;
        }
    }
    return false;
}

static bool
find_root_cut(struct search *search, struct cut *cut)
{
    return find_cut(search, search->root.node, cut) ||
           (search->root.also >= 0 && find_cut(search, search->root.also, cut)) ||
           (search->root.figure >= 0 &&
            cut_sum(search, &search->day->figures[search->root.figure], cut));
}

/* ---- searching ---- */

/* Whether any household of the box can be: nobody has more children than the family members. */
static bool
possible(const struct search *search)
{
    const struct policy *policy = search->day->policy;
    for (int k = 0; k < policy->limited_count; k++) {
        int i = policy->limited[k];
        int over = policy->facts[i].high_fact;
        int64_t low = search->domain[i].low;
        int64_t high = search->domain[over].high;
        if (i == search->fact && search->other.low > low) {
            low = search->other.low;
        }
        if (over == search->fact && search->other.high < high) {
            high = search->other.high;
        }
        if (low > high) {
            return false;
        }
    }
    return true;
}

/* Puts the second household's value in the place of the first's, or back. */
static void
change_places(struct search *search)
{
    struct policy_domain domain = search->domain[search->fact];
    search->domain[search->fact] = search->other;
    search->other = domain;
}

static enum policy_reach find_pair(struct search *search);

static enum policy_reach
find_in_halves(struct search *search, const struct cut *cut,
               enum policy_reach (*find)(struct search *search))
{
    struct policy_domain whole = search->domain[cut->fact];
    search->domain[cut->fact] = cut->left;
    enum policy_reach reach = find(search);
    if (reach == REACH_NEVER) {
        search->domain[cut->fact] = cut->right;
        reach = find(search);
    }
    search->domain[cut->fact] = whole;
    return reach;
}

/* The same with the pair in changed places, so that the fact's second domain is cut. */
static enum policy_reach
find_changed(struct search *search)
{
    change_places(search);
    enum policy_reach reach = find_pair(search);
    change_places(search);
    return reach;
}

static enum policy_reach
find_pair(struct search *search)
{
    if (!possible(search)) {
        return REACH_NEVER;
    }
    if (search->boxes-- <= 0) {
        return REACH_UNPROVED;
    }
    struct cut cut = {0};
    struct outcome first = look(search);
    bool cuts = !first.certain && find_root_cut(search, &cut);
    if (cuts) {
        return find_in_halves(search, &cut, find_pair);
    }
    change_places(search);
    struct outcome second = look(search);
    enum policy_reach reach = REACH_UNPROVED;
    if (first.certain && second.certain) {
        bool same = first.truth == second.truth && first.amount == second.amount;
        reach = same ? REACH_NEVER : REACH_SOME;
    } else if (find_root_cut(search, &cut)) {
        reach = find_in_halves(search, &cut, find_changed);
    }
    change_places(search);
    return reach;
}

static enum policy_reach
find_one(struct search *search)
{
    if (!possible(search)) {
        return REACH_NEVER;
    }
    if (search->boxes-- <= 0) {
        return REACH_UNPROVED;
    }
    struct cut cut = {0};
    struct outcome outcome = look(search);
    if ((outcome.truth & search->wanted) == 0) {
        return REACH_NEVER;
    }
    if (outcome.certain) {
        return REACH_SOME;
    }
    return find_root_cut(search, &cut) ? find_in_halves(search, &cut, find_one) : REACH_UNPROVED;
}

enum policy_reach
policy_reach(const struct policy_day *day, const struct policy_domain domain[], int node, int also,
             unsigned truth)
{
    assert(day != NULL && node >= 0);
    struct search search = {
        .day = day, .root = {node, -1, also}, .fact = -1, .wanted = truth, .boxes = 16 * BOXES_MAX};
    memcpy(search.domain, domain, (size_t)day->policy->facts_count * sizeof *domain);
    return find_one(&search);
}

/* ---- roots: everything that a household is told ---- */

static int
roots_count(const struct policy *policy)
{
    return policy->categories_count + policy->benefits_count + policy->referrals_count +
           policy->figures_count;
}

/* The i-th result; node -1 if it is none (a figure that is only shown, never asked for). */
static struct root
get_root(const struct policy_day *day, int i)
{
    const struct policy *policy = day->policy;
    if (i < policy->benefits_count) {
        return (struct root){policy->benefits[i].node, -1, -1};
    }
    i -= policy->benefits_count;
    if (i < policy->categories_count) {
        return (struct root){policy->categories[i].alone, -1, -1};
    }
    i -= policy->categories_count;
    if (i < policy->referrals_count) {
        return (struct root){policy->referrals[i].node, -1, -1};
    }
    i -= policy->referrals_count;
    int benefit = policy->figures[i].benefit;
    if (benefit < 0 || day->figures[i].missing) {
        return (struct root){-1, -1, -1};
    }
    return (struct root){policy->benefits[benefit].node, i, -1};
}

static bool
matters_in(const struct policy_day *day, const struct policy_domain domain[], int fact)
{
    struct policy_view view;
    int boxes = BOXES_MAX;
    policy_view_start(&view, day, domain);
    if (policy_settled(day->policy, fact, &domain[fact])) {
        return false;
    }
    for (int i = 0; i < roots_count(day->policy); i++) {
        struct root root = get_root(day, i);
        if (root.node < 0 || (open_root(&view, root) >> fact & 1) == 0) {
            continue;
        }
        struct search search = {.day = day, .root = root, .fact = fact, .boxes = boxes};
        memcpy(search.domain, domain, (size_t)day->policy->facts_count * sizeof *domain);
        search.other = domain[fact];
        if (find_pair(&search) != REACH_NEVER) {
            return true;
        }
        boxes = search.boxes;
    }
    return false;
}

bool
policy_matters(const struct policy_day *day, const struct policy_facts *facts, int fact)
{
    assert(day != NULL && facts != NULL && fact >= 0 && fact < day->policy->facts_count);
    struct policy_domain domain[POLICY_FACTS_MAX];
    policy_close(day, facts, domain);
    return matters_in(day, domain, fact);
}

/* ---- the order of questions ---- */

/*
 * What an interview still leaves open: as a decision sees it, but a fact that is taken for
 * granted in silence ("absent") and yet worth a question ("ask") is open until it is stated.
 */
static void
interview_view(const struct policy_day *day, const struct policy_facts *facts,
               struct policy_domain out[static POLICY_FACTS_MAX])
{
    struct policy_facts open = *facts;
    for (int i = 0; i < day->policy->facts_count; i++) {
        const struct fact *fact = &day->policy->facts[i];
        if (fact->absent != NULL && fact->ask && !facts->stated[i] && !facts->asked[i]) {
            uint64_t all = fact->count >= 64 ? UINT64_MAX : ((uint64_t)1 << fact->count) - 1;
            open.domain[i] = (struct policy_domain){fact->low, fact->high, all};
        }
    }
    policy_close(day, &open, out);
}

static bool
may_ask(const struct policy_day *day, const struct policy_facts *facts, int i)
{
    const struct fact *fact = &day->policy->facts[i];
    return !fact->official && !facts->asked[i] && (!facts->stated[i] || fact->range) &&
           (fact->absent == NULL || fact->ask);
}

int
policy_next(const struct policy_day *day, const struct policy_facts *facts)
{
    assert(day != NULL && facts != NULL);
    const struct policy *policy = day->policy;
    struct policy_domain domain[POLICY_FACTS_MAX];
    int64_t score[POLICY_FACTS_MAX] = {0};
    struct policy_view view;
    interview_view(day, facts, domain);
    policy_view_start(&view, day, domain);
    for (int i = 0; i < roots_count(policy); i++) {
        struct root root = get_root(day, i);
        uint64_t open = root.node < 0 ? 0 : open_root(&view, root);
        for (int k = 0; k < policy->facts_count; k++) {
            score[k] += (open >> k & 1) != 0 && may_ask(day, facts, k) ? 1000 : 0;
        }
    }
    for (;;) {
        /* Results that hang on the fact, for its cost: a cross product, nothing is divided. */
        int best = -1;
        for (int k = 0; k < policy->facts_count; k++) {
            if (score[k] > 0 && (best < 0 || score[k] * policy->facts[best].cost >
                                                 score[best] * policy->facts[k].cost)) {
                best = k;
            }
        }
        if (best < 0 || matters_in(day, domain, best)) {
            return best;
        }
        score[best] = 0;
    }
}

size_t
policy_screen(const struct policy_day *day, const struct policy_facts *facts, int fact,
              int out[static POLICY_FACTS_MAX])
{
    assert(day != NULL && facts != NULL && fact >= 0 && fact < day->policy->facts_count);
    const struct policy *policy = day->policy;
    const char *screen = policy->facts[fact].screen;
    struct policy_domain domain[POLICY_FACTS_MAX];
    size_t count = 0;
    interview_view(day, facts, domain);
    out[count++] = fact;
    screen = facts->stated[fact] ? NULL : screen;
    for (int i = 0; screen != NULL && i < policy->facts_count; i++) {
        const char *other = policy->facts[i].screen;
        if (i != fact && other != NULL && strcmp(other, screen) == 0 && may_ask(day, facts, i) &&
            !facts->stated[i] && matters_in(day, domain, i)) {
            out[count++] = i;
        }
    }
    return count;
}
