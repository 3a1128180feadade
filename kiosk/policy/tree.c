/*
 * tree.c - hides how conditions and sums are written down: JSON in, nodes and expressions out.
 *
 * Their grammar is specified in assets/policies/README.md. Names are defined before they
 * are used, so conditions cannot run in a circle.
 */
#include "kiosk/policy/reader.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

int
reader_parameter(const struct policy *policy, const char *name)
{
    for (int i = 0; name != NULL && i < policy->parameters_count; i++) {
        if (strcmp(policy->parameters[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int
policy_fact(const struct policy *policy, const char *name)
{
    assert(policy != NULL);
    for (int i = 0; name != NULL && i < policy->facts_count; i++) {
        if (strcmp(policy->facts[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

bool
reader_fact(struct reader *reader, const json_t *object, const char *key, int *out)
{
    const char *name = json_string_value(json_object_get(object, key));
    *out = policy_fact(reader->policy, name);
    return *out >= 0 || lot_fail(reader->error, LOT_REFUSED, "\"%s\": no fact is named \"%.60s\"",
                                 key, name == NULL ? "" : name);
}

static bool
need_parameter(struct reader *reader, const json_t *name, int *out)
{
    *out = reader_parameter(reader->policy, json_string_value(name));
    return *out >= 0 || lot_fail(reader->error, LOT_REFUSED, "no parameter is named \"%.60s\"",
                                 json_is_string(name) ? json_string_value(name) : "");
}

bool
reader_node(struct reader *reader, enum node_kind kind, int *out)
{
    struct policy *policy = reader->policy;
    if (policy->nodes_count == POLICY_NODES_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d conditions", POLICY_NODES_MAX);
    }
    policy->nodes[policy->nodes_count] = (struct node){
        .kind = kind, .fact = -1, .parameter = -1, .left = -1, .right = -1, .condition = -1};
    *out = policy->nodes_count++;
    return true;
}

bool
reader_children(struct reader *reader, size_t count, int *first)
{
    struct policy *policy = reader->policy;
    if (count > (size_t)(POLICY_CHILDREN_MAX - policy->children_count)) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d parts of conditions",
                        POLICY_CHILDREN_MAX);
    }
    *first = policy->children_count;
    policy->children_count += (int)count;
    return true;
}

/* ---- expressions: 100, {"number", "unit"}, {"fact"}, {"param"}, {"table", "by"}, {"times"}.. ----
 */

static bool
read_operands(struct reader *reader, const json_t *list, struct expression *expression)
{
    size_t count = json_array_size(list);
    if (count < 2 || (expression->kind == EXPR_MINUS && count != 2)) {
        return lot_fail(reader->error, LOT_REFUSED, "a list of two%s operands is expected",
                        expression->kind == EXPR_MINUS ? "" : " or more");
    }
    if (!reader_children(reader, count, &expression->first)) {
        return false;
    }
    expression->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        int operand = -1;
        if (!reader_expression(reader, json_array_get(list, i), &operand)) {
            return lot_fail_at(reader->error, "[%zu]", i);
        }
        reader->policy->children[expression->first + (int)i] = operand;
    }
    return true;
}

static bool
read_operator(struct reader *reader, json_t *json, struct expression *expression)
{
    static const struct {
        const char *key;
        enum expression_kind kind;
    } operators[] = {{"times", EXPR_TIMES}, {"plus", EXPR_PLUS}, {"minus", EXPR_MINUS}};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const json_t *list = json_object_get(json, operators[i].key);
        if (list != NULL && json_object_size(json) == 1) {
            expression->kind = operators[i].kind;
            return read_operands(reader, list, expression) ||
                   lot_fail_at(reader->error, "%s", operators[i].key);
        }
    }
    return lot_fail(reader->error, LOT_REFUSED,
                    "expected an integer, {\"number\",\"unit\"}, {\"fact\"}, {\"param\"}, "
                    "{\"table\",\"by\"}, {\"times\"}, {\"plus\"} or {\"minus\"}");
}

static bool
read_table(struct reader *reader, json_t *json, struct expression *expression)
{
    expression->kind = EXPR_TABLE;
    if (!reader_keys(json, "table by", reader->error) ||
        !need_parameter(reader, json_object_get(json, "table"), &expression->parameter) ||
        !reader_fact(reader, json, "by", &expression->fact)) {
        return false;
    }
    const struct fact *fact = &reader->policy->facts[expression->fact];
    if (reader->policy->parameters[expression->parameter].type != PARAMETER_TABLE ||
        fact->type != FACT_INT || fact->high - fact->low >= POLICY_TABLE_MAX) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "a table is looked up by a number of at most %d values", POLICY_TABLE_MAX);
    }
    return true;
}

static bool
read_leaf_expression(struct reader *reader, json_t *json, struct expression *expression)
{
    struct policy *policy = reader->policy;
    if (json_is_integer(json)) {
        json_int_t number = json_integer_value(json);
        expression->number = number;
        return (number <= POLICY_VALUE_MAX && number >= -POLICY_VALUE_MAX) ||
               lot_fail(reader->error, LOT_REFUSED, "a number has more than 15 digits");
    }
    if (json_object_get(json, "number") != NULL) {
        expression->unit = json_string_value(json_object_get(json, "unit"));
        return reader_keys(json, "number unit", reader->error) &&
               reader_number(json, "number", &expression->number, reader->error);
    }
    if (json_object_get(json, "fact") != NULL) {
        expression->kind = EXPR_FACT;
        return reader_keys(json, "fact", reader->error) &&
               reader_fact(reader, json, "fact", &expression->fact) &&
               (policy->facts[expression->fact].type == FACT_INT ||
                lot_fail(reader->error, LOT_REFUSED, "the fact is no number"));
    }
    if (json_object_get(json, "param") != NULL) {
        expression->kind = EXPR_PARAMETER;
        if (!reader_keys(json, "param", reader->error) ||
            !need_parameter(reader, json_object_get(json, "param"), &expression->parameter)) {
            return false;
        }
        enum parameter_type type = policy->parameters[expression->parameter].type;
        return type == PARAMETER_INT || type == PARAMETER_DATE ||
               lot_fail(reader->error, LOT_REFUSED, "the parameter is no number");
    }
    if (json_object_get(json, "table") != NULL) {
        return read_table(reader, json, expression);
    }
    return read_operator(reader, json, expression);
}

bool
reader_expression(struct reader *reader, json_t *json, int *out)
{
    if (++reader->depth > POLICY_DEPTH_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "nested deeper than %d", POLICY_DEPTH_MAX);
    }
    struct expression expression = {.kind = EXPR_NUMBER, .fact = -1, .parameter = -1};
    if (!read_leaf_expression(reader, json, &expression)) {
        return false;
    }
    struct policy *policy = reader->policy;
    if (policy->expressions_count == POLICY_EXPRESSIONS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d sums", POLICY_EXPRESSIONS_MAX);
    }
    reader->depth--;
    *out = policy->expressions_count;
    policy->expressions[policy->expressions_count++] = expression;
    return true;
}

/* ---- conditions ---- */

static bool
read_parts(struct reader *reader, const json_t *list, int node)
{
    size_t count = json_array_size(list);
    int first = 0;
    if (count == 0) {
        return lot_fail(reader->error, LOT_REFUSED, "a list of at least one condition is expected");
    }
    if (!reader_children(reader, count, &first)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        int child = -1;
        if (!reader_tree(reader, json_array_get(list, i), &child)) {
            return lot_fail_at(reader->error, "[%zu]", i);
        }
        reader->policy->children[first + (int)i] = child;
    }
    reader->policy->nodes[node].first = first;
    reader->policy->nodes[node].count = (int)count;
    return true;
}

bool
reader_one_child(struct reader *reader, int node, int child)
{
    int first = 0;
    if (!reader_children(reader, 1, &first)) {
        return false;
    }
    reader->policy->children[first] = child;
    reader->policy->nodes[node].first = first;
    reader->policy->nodes[node].count = 1;
    return true;
}

static bool
read_comparison(struct reader *reader, const json_t *list, enum comparison comparison, int *out)
{
    int left = -1;
    int right = -1;
    if (json_array_size(list) != 2) {
        return lot_fail(reader->error, LOT_REFUSED, "a comparison has two sides");
    }
    if (!reader_expression(reader, json_array_get(list, 0), &left) ||
        !reader_expression(reader, json_array_get(list, 1), &right) ||
        !reader_node(reader, NODE_COMPARE, out)) {
        return false;
    }
    struct node *node = &reader->policy->nodes[*out];
    node->comparison = comparison;
    node->left = left;
    node->right = right;
    return true;
}

/* What a fact or parameter is compared with: a list in place, or {"param": list}. */
static bool
read_list(struct reader *reader, json_t *list, struct node *node)
{
    if (json_is_array(list) && json_array_size(list) > 0) {
        for (size_t i = 0; i < json_array_size(list); i++) {
            if (!json_is_string(json_array_get(list, i))) {
                return lot_fail(reader->error, LOT_REFUSED, "\"in\"[%zu] is no text", i);
            }
        }
        node->list = list;
        return true;
    }
    return reader_keys(list, "param", reader->error) &&
           need_parameter(reader, json_object_get(list, "param"), &node->parameter) &&
           (reader->policy->parameters[node->parameter].type == PARAMETER_CODES ||
            lot_fail(reader->error, LOT_REFUSED, "\"in\" wants a parameter of type codes"));
}

/* An enum's literal list names values that the fact really has. */
static bool
check_choices(struct reader *reader, const struct fact *fact, const json_t *list)
{
    for (size_t i = 0; fact->type == FACT_ENUM && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        unsigned k = 0;
        while (k < fact->count && strcmp(fact->choices[k], name) != 0) {
            k++;
        }
        if (k == fact->count) {
            return lot_fail(reader->error, LOT_REFUSED, "\"%s\" has no value \"%.40s\"", fact->name,
                            name);
        }
    }
    return true;
}

static bool
read_fact_condition(struct reader *reader, json_t *json, int *out)
{
    struct policy *policy = reader->policy;
    int index = -1;
    if (!reader_keys(json, "fact in counts", reader->error) ||
        !reader_fact(reader, json, "fact", &index)) {
        return false;
    }
    const struct fact *fact = &policy->facts[index];
    json_t *in = json_object_get(json, "in");
    json_t *counts = json_object_get(json, "counts");
    enum node_kind kind = fact->type == FACT_CODE ? NODE_CODE : NODE_CHOICE;
    bool fits =
        fact->type == FACT_BOOL ? in == NULL && counts == NULL : (in == NULL) != (counts == NULL);
    if (!fits || fact->type == FACT_INT || fact->type == FACT_TEXT ||
        (counts != NULL && fact->type != FACT_ENUM)) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "\"%s\": a bool stands alone, an enum has \"in\" or \"counts\", a code "
                        "\"in\"; numbers are compared",
                        fact->name);
    }
    if (!reader_node(reader, counts != NULL ? NODE_TRUTHS : kind, out)) {
        return false;
    }
    struct node *node = &policy->nodes[*out];
    node->fact = index;
    if (counts != NULL) {
        return reader_keys(counts, "param", reader->error) &&
               need_parameter(reader, json_object_get(counts, "param"), &node->parameter) &&
               (policy->parameters[node->parameter].type == PARAMETER_TRUTHS ||
                lot_fail(reader->error, LOT_REFUSED, "\"counts\" wants a parameter of truths"));
    }
    return in == NULL || (read_list(reader, in, node) && check_choices(reader, fact, node->list));
}

static bool
read_parameter_condition(struct reader *reader, json_t *json, int *out)
{
    int parameter = -1;
    if (!reader_keys(json, "param in", reader->error) ||
        !need_parameter(reader, json_object_get(json, "param"), &parameter) ||
        !reader_node(reader, NODE_PARAMETER, out)) {
        return false;
    }
    struct node *node = &reader->policy->nodes[*out];
    enum parameter_type type = reader->policy->parameters[parameter].type;
    json_t *in = json_object_get(json, "in");
    if (!((type == PARAMETER_BOOL && in == NULL) || (type == PARAMETER_ENUM && in != NULL))) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "a parameter is a condition if it is a bool, or an enum with \"in\"");
    }
    node->parameter = parameter;
    if (in != NULL && !json_is_array(in)) {
        return lot_fail(reader->error, LOT_REFUSED, "\"in\" must be a list");
    }
    node->list = in;
    return true;
}

/* {"is": condition} and {"category": name}: both were defined further up. */
static bool
read_reference(struct reader *reader, json_t *json, int *out)
{
    struct policy *policy = reader->policy;
    const char *is = json_string_value(json_object_get(json, "is"));
    const char *category = json_string_value(json_object_get(json, "category"));
    int child = -1;
    int condition = -1;
    for (int i = 0; is != NULL && i < policy->conditions_count; i++) {
        if (strcmp(policy->conditions[i].name, is) == 0) {
            condition = i;
            child = policy->conditions[i].node;
        }
    }
    for (int i = 0; category != NULL && i < policy->categories_count; i++) {
        if (strcmp(policy->categories[i].name, category) == 0) {
            child = policy->categories[i].alone;
        }
    }
    if (child < 0 || json_object_size(json) != 1) {
        return lot_fail(reader->error, LOT_REFUSED, "nothing defined further up is named \"%.60s\"",
                        is != NULL         ? is
                        : category != NULL ? category
                                           : "");
    }
    if (condition < 0) {
        *out = child;
        return true;
    }
    if (!reader_node(reader, NODE_CONDITION, out)) {
        return false;
    }
    policy->nodes[*out].condition = condition;
    return reader_one_child(reader, *out, child);
}

/* {"given": text fact}: whether there is one. */
static bool
read_given(struct reader *reader, json_t *json, int *out)
{
    int fact = -1;
    if (!reader_keys(json, "given", reader->error) || !reader_fact(reader, json, "given", &fact) ||
        !reader_node(reader, NODE_CHOICE, out)) {
        return false;
    }
    reader->policy->nodes[*out].fact = fact;
    return reader->policy->facts[fact].type == FACT_TEXT ||
           lot_fail(reader->error, LOT_REFUSED, "\"given\" wants a fact of type text");
}

static bool
read_constant(struct reader *reader, unsigned truth, int *out)
{
    if (!reader_node(reader, NODE_CONSTANT, out)) {
        return false;
    }
    reader->policy->nodes[*out].truth = truth;
    return true;
}

static bool
read_join(struct reader *reader, json_t *json, const char *key, int *out)
{
    enum node_kind kind = strcmp(key, "all") == 0 ? NODE_ALL : NODE_ANY;
    return ((reader_keys(json, key, reader->error) && reader_node(reader, kind, out) &&
             read_parts(reader, json_object_get(json, key), *out)) ||
            lot_fail_at(reader->error, "%s", key));
}

static bool
read_branch(struct reader *reader, json_t *json, int *out)
{
    static const char *const comparisons[] = {"at_most", "below", "at_least", "above", "equal"};
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        const json_t *sides = json_object_get(json, comparisons[i]);
        if (sides != NULL) {
            return (reader_keys(json, comparisons[i], reader->error) &&
                    read_comparison(reader, sides, (enum comparison)i, out)) ||
                   lot_fail_at(reader->error, "%s", comparisons[i]);
        }
    }
    if (json_object_get(json, "not") != NULL) {
        int child = -1;
        return (reader_keys(json, "not", reader->error) &&
                reader_tree(reader, json_object_get(json, "not"), &child) &&
                reader_node(reader, NODE_NOT, out) && reader_one_child(reader, *out, child)) ||
               lot_fail_at(reader->error, "not");
    }
    if (json_is_boolean(json)) {
        return read_constant(reader, json_is_true(json) ? POLICY_TRUE : POLICY_FALSE, out);
    }
    if (json_is_string(json) && strcmp(json_string_value(json), "unknown") == 0) {
        return read_constant(reader, POLICY_UNKNOWN, out);
    }
    return lot_fail(reader->error, LOT_REFUSED,
                    "expected true, false, \"unknown\", or one of all any not is category given "
                    "fact param at_most below at_least above equal");
}

bool
reader_tree(struct reader *reader, json_t *json, int *out)
{
    if (++reader->depth > POLICY_DEPTH_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "nested deeper than %d", POLICY_DEPTH_MAX);
    }
    bool ok = false;
    if (json_object_get(json, "all") != NULL) {
        ok = read_join(reader, json, "all", out);
    } else if (json_object_get(json, "any") != NULL) {
        ok = read_join(reader, json, "any", out);
    } else if (json_object_get(json, "is") != NULL || json_object_get(json, "category") != NULL) {
        ok = read_reference(reader, json, out);
    } else if (json_object_get(json, "given") != NULL) {
        ok = read_given(reader, json, out);
    } else if (json_object_get(json, "fact") != NULL) {
        ok = read_fact_condition(reader, json, out);
    } else if (json_object_get(json, "param") != NULL) {
        ok = read_parameter_condition(reader, json, out);
    } else {
        ok = read_branch(reader, json, out);
    }
    reader->depth--;
    return ok;
}
