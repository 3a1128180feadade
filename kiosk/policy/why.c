/*
 * why.c - hides what counts as a reason: the conditions whose values forced the result.
 *
 * Walks the tree that the decision came from. "All" is true because of every part and false
 * because of each false part; "any" is true because of its first true part and false because
 * of all; what is open is open because of its open parts. The walk stops at a named condition
 * that has sentences: that is the unit people are told about. Text and decision cannot
 * disagree, because the text has no other source than this record.
 */
#include "kiosk/policy/engine.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

struct walk {
    struct policy_view *view;
    bool so_far;
    struct policy_reasons *out;
};

/* The first comparison below the node, or -1: its two sides are the numbers of a sentence. */
static int
find_comparison(const struct policy *policy, int index)
{
    const struct node *node = &policy->nodes[index];
    if (node->kind == NODE_COMPARE) {
        return index;
    }
    for (int i = 0; i < node->count; i++) {
        int found = find_comparison(policy, policy->children[node->first + i]);
        if (found >= 0) {
            return found;
        }
    }
    return -1;
}

/* The unit of a product or sum: the units of its parts, joined, as far as digits need it. */
static const char *
condition_unit(const struct condition *condition)
{
    const json_t *say = json_object_get(condition->json, "say");
    return json_string_value(json_object_get(say, "unit"));
}

static void
add_reason(struct walk *walk, int condition, unsigned truth)
{
    struct policy_reasons *out = walk->out;
    const struct policy *policy = walk->view->day->policy;
    for (int i = 0; i < out->count; i++) {
        if (out->reasons[i].condition == condition) {
            return;
        }
    }
    struct policy_reason *reason = &out->reasons[out->count++];
    *reason = (struct policy_reason){.condition = condition, .truth = truth};
    int comparison = find_comparison(policy, policy->conditions[condition].node);
    if (comparison >= 0) {
        const struct bound *bound = &walk->view->day->bounds[comparison];
        reason->compared = !bound->sides->difference.missing;
        reason->comparison = comparison;
        reason->unit = condition_unit(&policy->conditions[condition]);
        reason->left = policy_span(walk->view->day, &bound->sides->left, walk->view->domain);
        reason->right = policy_span(walk->view->day, &bound->sides->right, walk->view->domain);
    }
}

/* Whether this part takes part in giving the whole its value. */
static bool
counts(const struct walk *walk, enum node_kind kind, unsigned whole, unsigned part)
{
    unsigned neutral = kind == NODE_ANY ? POLICY_FALSE : POLICY_TRUE;
    if (policy_certain(whole)) {
        return whole == neutral || part == whole;
    }
    return part != neutral || (walk->so_far && kind == NODE_ALL);
}

/*
 * "All of: the area is usable area, it is small enough" does not apply to building area: a
 * false part without a sentence of its own is such a guard, and the rest is no reason.
 */
static bool
guarded(const struct walk *walk, const struct node *node, unsigned whole)
{
    const struct policy *policy = walk->view->day->policy;
    for (int i = 0; node->kind == NODE_ALL && whole == POLICY_FALSE && i < node->count; i++) {
        int child = policy->children[node->first + i];
        enum node_kind kind = policy->nodes[child].kind;
        bool silent = kind == NODE_CHOICE || kind == NODE_CODE || kind == NODE_TRUTHS ||
                      kind == NODE_PARAMETER || kind == NODE_CONSTANT;
        if (silent && policy_look(walk->view, child) == POLICY_FALSE) {
            return true;
        }
    }
    return false;
}

static void
walk_node(struct walk *walk, int index)
{
    const struct policy *policy = walk->view->day->policy;
    const struct node *node = &policy->nodes[index];
    const int *children = &policy->children[node->first];
    unsigned whole = policy_look(walk->view, index);
    if (node->kind == NODE_CONDITION &&
        json_object_get(policy->conditions[node->condition].json, "say") != NULL) {
        add_reason(walk, node->condition, whole);
        return;
    }
    for (int i = 0; i < node->count && !guarded(walk, node, whole); i++) {
        unsigned part = policy_look(walk->view, children[i]);
        bool lone = node->kind == NODE_NOT || node->kind == NODE_CONDITION;
        if (lone || counts(walk, node->kind, whole, part)) {
            walk_node(walk, children[i]);
            if (node->kind == NODE_ANY && whole == POLICY_TRUE) {
                return;
            }
        }
    }
}

void
policy_why(struct policy_view *view, int node, bool so_far, struct policy_reasons *out)
{
    assert(view != NULL && out != NULL);
    struct walk walk = {view, so_far, out};
    out->count = 0;
    out->truth = policy_look(view, node);
    walk_node(&walk, node);
}

/* Whether the visitor stated all that is compared: then only the exact value is open. */
static bool
was_stated(const struct policy_day *day, const struct policy_facts *facts,
           const struct policy_reason *reason)
{
    bool stated = reason->compared;
    const struct bound *bound = &day->bounds[reason->comparison];
    for (int i = 0; stated && i < bound->sides->difference.count; i++) {
        stated = facts->stated[bound->sides->difference.terms[i].fact];
    }
    return stated;
}

void
policy_say(const struct policy_day *day, const struct policy_facts *facts,
           const struct policy_reason *reason, const char *language, struct lot_buffer *out)
{
    assert(day != NULL && reason != NULL && out != NULL);
    const json_t *say = json_object_get(day->policy->conditions[reason->condition].json, "say");
    const char *key = policy_letter(reason->truth);
    bool even = reason->compared && reason->left.low == reason->right.low &&
                reason->left.low == reason->left.high && reason->right.low == reason->right.high;
    if (reason->truth == POLICY_UNKNOWN && json_object_get(say, "missing") != NULL) {
        key = "missing";
    } else if (!policy_certain(reason->truth) && json_object_get(say, "range") != NULL &&
               was_stated(day, facts, reason)) {
        key = "range";
    } else if (even && json_object_get(say, "even") != NULL) {
        key = "even";
    }
    policy_fill(day, facts, reason, policy_words(day->policy, json_object_get(say, key), language),
                language, out);
}
