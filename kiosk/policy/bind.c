/*
 * bind.c - hides how figures are put into a policy: sums become linear forms, conditions sets
 * of choices, and what the figures alone decide drops out.
 *
 * A sum is folded to constant + coefficient * fact + .., so that a decision only multiplies
 * and adds. Every coefficient has at most 62 bits and every fact at most 50: with 8 terms no
 * sum can leave 128 bits, and a product that would break this is refused here, before any
 * household is looked at.
 */
#include "kiosk/policy/engine.h"

#include "lottery/canon.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

static bool fold(struct policy_day *day, int index, struct linear *out, struct lot_error *error);

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
        if (!fold(day, day->policy->children[expression->first + i], &factor, error)) {
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

static bool
fold(struct policy_day *day, int index, struct linear *out, struct lot_error *error)
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
            if (!fold(day, day->policy->children[expression->first + i], &part, error) ||
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
            int64_t code = policy_code(json_array_get(list, k));
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
                bool same = policy_code(json_array_get(list, k)) == day->codes[i];
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

/* Whether the sum has no table and stays within 64 bits over the whole legal range. */
static bool
is_narrow(const struct policy_day *day, const struct linear *linear)
{
    struct policy_domain domain[POLICY_FACTS_MAX] = {{0, 0, 0}};
    policy_wide reach = linear->constant < 0 ? -linear->constant : linear->constant;
    for (int i = 0; i < linear->count; i++) {
        const struct fact *fact = &day->policy->facts[linear->terms[i].fact];
        if (linear->terms[i].table != NULL) {
            return false;
        }
        struct linear term = {.count = 1, .terms = {linear->terms[i]}};
        domain[linear->terms[i].fact] = (struct policy_domain){fact->low, fact->high, 0};
        struct span span = policy_span(day, &term, domain);
        reach += (span.low < 0 ? -span.low : span.low) + (span.high < 0 ? -span.high : span.high);
    }
    return reach <= POLICY_COEFFICIENT_MAX;
}

static bool
bind_comparison(struct policy_day *day, const struct node *node, struct bound *bound,
                struct lot_error *error)
{
    struct sides *sides = lot_alloc(1, sizeof *sides);
    bound->sides = sides;
    if (!fold(day, node->left, &sides->left, error) ||
        !fold(day, node->right, &sides->right, error) ||
        !add_scaled(&sides->difference, &sides->left, 1, error) ||
        !add_scaled(&sides->difference, &sides->right, -1, error)) {
        return false;
    }
    sides->difference.narrow = is_narrow(day, &sides->difference);
    if (sides->difference.missing) {
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
    bound->fact = node->fact;
    bound->comparison = node->comparison;
    switch (node->kind) {
    case NODE_COMPARE:
        return bind_comparison(day, node, bound, error);
    case NODE_CHOICE:
    case NODE_CODE:
    case NODE_TRUTHS:
        bind_choice(day, node, bound);
        return true;
    case NODE_PARAMETER:
        bound->truth = (uint8_t)bind_parameter(day, node);
        return true;
    case NODE_CONSTANT:
        bound->truth = (uint8_t)node->truth;
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
        if (!fold(day, day->policy->figures[i].expression, figure, error)) {
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
        figure->narrow = is_narrow(day, figure);
    }
    return true;
}

/* ---- pruning: what the figures of the day settle drops out of the tree ---- */

/* A named condition is the same as its tree when nobody asks for names. */
static int
unnamed(const struct policy_day *day, int node)
{
    while (day->policy->nodes[node].kind == NODE_CONDITION) {
        node = day->policy->children[day->policy->nodes[node].first];
    }
    return node;
}

/*
 * Gives each node the parts that are still open on this day. A part that cannot change the
 * whole is left out; one that settles the whole makes it a constant. Children of a node may
 * stand behind it, so this goes down before it looks; bound->ready marks what is done.
 */
static void
prune(struct policy_day *day, int index)
{
    const struct node *node = &day->policy->nodes[index];
    struct bound *bound = &day->bounds[index];
    int *parts = &day->parts[node->first];
    bool any = node->kind == NODE_ANY;
    unsigned neutral = any ? POLICY_FALSE : POLICY_TRUE;
    if (bound->ready) {
        return;
    }
    bound->ready = true;
    bound->kind = node->kind;
    bound->parts = parts;
    bool leaf = node->count == 0;
    for (int i = 0; i < node->count; i++) {
        int part = unnamed(day, day->policy->children[node->first + i]);
        prune(day, part);
        unsigned truth = day->bounds[part].truth;
        truth = node->kind == NODE_NOT && truth != 0 ? policy_not(truth) : truth;
        if (truth == policy_not(neutral)) {
            bound->truth = (uint8_t)truth;
        } else if (truth != neutral) {
            parts[bound->count++] = part;
        }
    }
    if (!leaf && bound->count == 0 && bound->truth == 0) {
        bound->truth = (uint8_t)neutral;
    }
}

bool
policy_bind(struct policy_day *day, struct lot_error *error)
{
    assert(day != NULL);
    if (!gather_codes(day, error)) {
        return false;
    }
    for (int i = 0; i < day->policy->nodes_count; i++) {
        if (!bind_node(day, i, error)) {
            return false;
        }
    }
    for (int i = 0; i < day->policy->nodes_count; i++) {
        prune(day, i);
    }
    return bind_figures(day, error);
}
