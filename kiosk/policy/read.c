/*
 * read.c - hides how a policy is written down: its sections; tree.c reads the conditions.
 *
 * The grammar is specified in assets/policies/README.md. Reading is strict: a key that the
 * grammar does not know, a name used before it is defined, a number that is no integer or a
 * key that stands twice refuse the whole policy, with the path to the place.
 */
#include "kiosk/policy/reader.h"

#include "lottery/canon.h"
#include "lottery/crypto.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX 10000 /* parts of one condition, all names written out */

/* ---- small pieces ---- */

static bool
is_listed(const char *key, const char *list)
{
    size_t size = strlen(key);
    while (*list != '\0') {
        size_t word = strcspn(list, " ");
        if (word == size && memcmp(list, key, size) == 0) {
            return true;
        }
        list += word + (list[word] == ' ' ? 1 : 0);
    }
    return false;
}

/* Every key of the object stands in the list, which is separated by blanks. */
bool
reader_keys(json_t *object, const char *list, struct lot_error *error)
{
    if (!json_is_object(object)) {
        return lot_fail(error, LOT_REFUSED, "an object {..} is expected");
    }
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        if (!is_listed(key, list)) {
            return lot_fail(error, LOT_REFUSED, "unknown key \"%.40s\"; the grammar knows: %s", key,
                            list);
        }
    }
    return true;
}

/* A name: 1 to 60 bytes of a-z, A-Z, 0-9, dot, dash and underscore. */
bool
reader_name(const json_t *object, const char *key, const char **out, struct lot_error *error)
{
    const char *name = json_string_value(json_object_get(object, key));
    if (name == NULL) {
        return lot_fail(error, LOT_REFUSED, "\"%s\" is missing or is no text", key);
    }
    size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (size == 0 || size > 60 || name[size] != '\0') {
        return lot_fail(error, LOT_REFUSED,
                        "\"%s\" is \"%.60s\"; expected 1 to 60 letters, digits and . _ -", key,
                        name);
    }
    *out = name;
    return true;
}

bool
reader_flag(const json_t *object, const char *key, bool *out, struct lot_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (value != NULL && !json_is_boolean(value)) {
        return lot_fail(error, LOT_REFUSED, "\"%s\" must be true or false", key);
    }
    *out = json_is_true(value);
    return true;
}

bool
reader_number(const json_t *object, const char *key, int64_t *out, struct lot_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) > POLICY_VALUE_MAX ||
        json_integer_value(value) < -POLICY_VALUE_MAX) {
        return lot_fail(error, LOT_REFUSED, "\"%s\" must be an integer of at most 15 digits", key);
    }
    *out = json_integer_value(value);
    return true;
}

/* ---- the sections of a policy ---- */

static bool
read_enum_fact(struct fact *fact, const json_t *json, struct lot_error *error)
{
    const json_t *choices = json_object_get(json, "choices");
    size_t count = json_array_size(choices);
    if (count < 2 || count > POLICY_CHOICES_MAX) {
        return lot_fail(error, LOT_REFUSED, "\"choices\" must list 2 to %d values",
                        POLICY_CHOICES_MAX);
    }
    fact->count = (unsigned)count;
    for (size_t i = 0; i < count; i++) {
        json_t *choice = json_array_get(choices, i);
        if (!reader_keys(choice, "key say", error) ||
            !reader_name(choice, "key", &fact->choices[i], error)) {
            return lot_fail_at(error, "choices[%zu]", i);
        }
    }
    return true;
}

static bool
read_number_fact(struct reader *reader, struct fact *fact, const json_t *json)
{
    if (!reader_number(json, "min", &fact->low, reader->error) ||
        !reader_number(json, "max", &fact->high, reader->error)) {
        return false;
    }
    if (fact->low > fact->high) {
        return lot_fail(reader->error, LOT_REFUSED, "\"min\" is above \"max\"");
    }
    if (json_object_get(json, "at_most_fact") != NULL) {
        return reader_fact(reader, json, "at_most_fact", &fact->high_fact) &&
               (reader->policy->facts[fact->high_fact].type == FACT_INT ||
                lot_fail(reader->error, LOT_REFUSED, "\"at_most_fact\" is no number"));
    }
    return true;
}

static bool
read_code_fact(struct fact *fact, const json_t *json, struct lot_error *error)
{
    int64_t digits = 0;
    if (!reader_number(json, "digits", &digits, error)) {
        return false;
    }
    if (digits < 1 || digits > 15) {
        return lot_fail(error, LOT_REFUSED, "\"digits\" must be 1 to 15");
    }
    fact->digits = (unsigned)digits;
    fact->prefix = json_string_value(json_object_get(json, "prefix"));
    fact->other = json_string_value(json_object_get(json, "other"));
    fact->low = -1; /* stands for "other" */
    fact->high = POLICY_VALUE_MAX;
    return true;
}

static bool
read_fact_type(struct reader *reader, struct fact *fact, const json_t *json)
{
    static const char *const types[] = {"bool", "int", "enum", "code", "text"};
    const char *type = json_string_value(json_object_get(json, "type"));
    for (size_t i = 0; type != NULL && i < sizeof types / sizeof *types; i++) {
        if (strcmp(type, types[i]) == 0) {
            fact->type = (enum fact_type)i;
            fact->count = fact->type == FACT_INT || fact->type == FACT_CODE ? 0 : 2;
            return (fact->type != FACT_INT || read_number_fact(reader, fact, json)) &&
                   (fact->type != FACT_ENUM || read_enum_fact(fact, json, reader->error)) &&
                   (fact->type != FACT_CODE || read_code_fact(fact, json, reader->error));
        }
    }
    return lot_fail(reader->error, LOT_REFUSED, "\"type\" must be bool, int, enum, code or text");
}

static bool
read_fact(struct reader *reader, json_t *json)
{
    struct policy *policy = reader->policy;
    struct fact fact = {.json = json, .high_fact = -1, .cost = 1};
    const char *who = json_string_value(json_object_get(json, "who"));
    if (!reader_keys(
            json,
            "key type unit question short yes help who paper why min max at_most_fact range "
            "choices digits prefix other absent ask cost screen too_small too_big too_many",
            reader->error) ||
        !reader_name(json, "key", &fact.name, reader->error)) {
        return false;
    }
    if (policy_fact(policy, fact.name) >= 0) {
        return lot_fail(reader->error, LOT_REFUSED, "\"%s\" stands twice", fact.name);
    }
    if (who == NULL || (strcmp(who, "visitor") != 0 && strcmp(who, "official") != 0)) {
        return lot_fail(reader->error, LOT_REFUSED, "\"who\" must be visitor or official");
    }
    fact.official = strcmp(who, "official") == 0;
    fact.unit = json_string_value(json_object_get(json, "unit"));
    fact.absent = json_object_get(json, "absent");
    fact.screen = json_string_value(json_object_get(json, "screen"));
    if (!read_fact_type(reader, &fact, json) ||
        !reader_flag(json, "range", &fact.range, reader->error) ||
        !reader_flag(json, "ask", &fact.ask, reader->error) ||
        (json_object_get(json, "cost") != NULL &&
         !reader_number(json, "cost", &fact.cost, reader->error))) {
        return false;
    }
    if (fact.cost < 1 || fact.cost > 100) {
        return lot_fail(reader->error, LOT_REFUSED, "\"cost\" must be 1 to 100");
    }
    if (policy->facts_count == POLICY_FACTS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d facts", POLICY_FACTS_MAX);
    }
    if (fact.high_fact >= 0) {
        policy->limited[policy->limited_count++] = policy->facts_count;
    }
    policy->facts[policy->facts_count++] = fact;
    return true;
}

static bool
read_parameter(struct reader *reader, json_t *json)
{
    static const char *const types[] = {"int",  "bool",  "enum",   "date",
                                        "text", "codes", "truths", "table"};
    struct policy *policy = reader->policy;
    struct parameter parameter = {.json = json};
    if (!reader_keys(json, "key type unit name open zoned past choices by values", reader->error) ||
        !reader_name(json, "key", &parameter.name, reader->error) ||
        !reader_flag(json, "zoned", &parameter.zoned, reader->error) ||
        !reader_flag(json, "past", &parameter.past, reader->error)) {
        return false;
    }
    if (reader_parameter(policy, parameter.name) >= 0) {
        return lot_fail(reader->error, LOT_REFUSED, "\"%s\" stands twice", parameter.name);
    }
    const char *type = json_string_value(json_object_get(json, "type"));
    size_t i = 0;
    while (i < sizeof types / sizeof *types && (type == NULL || strcmp(type, types[i]) != 0)) {
        i++;
    }
    if (i == sizeof types / sizeof *types || policy->parameters_count == POLICY_PARAMETERS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "\"type\" must be int, bool, enum, date, text, codes, truths or table, and "
                        "there may be %d parameters",
                        POLICY_PARAMETERS_MAX);
    }
    parameter.type = (enum parameter_type)i;
    parameter.unit = json_string_value(json_object_get(json, "unit"));
    if (parameter.type == PARAMETER_ENUM && json_array_size(json_object_get(json, "choices")) < 2) {
        return lot_fail(reader->error, LOT_REFUSED, "\"choices\" must list two or more values");
    }
    const struct {
        const char *name;
        int *index;
    } roles[] = {{"as_of", &policy->day},
                 {"known_as_of", &policy->known},
                 {"zone", &policy->zone},
                 {"reference_rule", &policy->reference}};
    for (size_t k = 0; k < sizeof roles / sizeof *roles; k++) {
        if (strcmp(roles[k].name, parameter.name) == 0) {
            *roles[k].index = policy->parameters_count;
        }
    }
    policy->parameters[policy->parameters_count++] = parameter;
    return true;
}

static bool
read_condition(struct reader *reader, json_t *json)
{
    struct policy *policy = reader->policy;
    struct condition condition = {.json = json};
    if (!reader_keys(json, "key test name say cite see", reader->error) ||
        !reader_name(json, "key", &condition.name, reader->error) ||
        !reader_tree(reader, json_object_get(json, "test"), &condition.node)) {
        return false;
    }
    for (int i = 0; i < policy->conditions_count; i++) {
        if (strcmp(policy->conditions[i].name, condition.name) == 0) {
            return lot_fail(reader->error, LOT_REFUSED, "\"%s\" stands twice", condition.name);
        }
    }
    if (policy->conditions_count == POLICY_CONDITIONS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d named conditions",
                        POLICY_CONDITIONS_MAX);
    }
    policy->conditions[policy->conditions_count++] = condition;
    return true;
}

/* The category alone: its condition, and none of those before it. */
static bool
read_alone(struct reader *reader, struct category *category)
{
    struct policy *policy = reader->policy;
    int first = 0;
    int count = policy->categories_count;
    if (!reader_node(reader, NODE_ALL, &category->alone) ||
        !reader_children(reader, (size_t)count + 1, &first)) {
        return false;
    }
    policy->nodes[category->alone].first = first;
    policy->nodes[category->alone].count = count + 1;
    policy->children[first] = category->node;
    for (int i = 0; i < count; i++) {
        int not = -1;
        if (!reader_node(reader, NODE_NOT, &not ) ||
            !reader_one_child(reader, not, policy->categories[i].node)) {
            return false;
        }
        policy->children[first + 1 + i] = not ;
    }
    return true;
}

static bool
read_category(struct reader *reader, json_t *json)
{
    struct policy *policy = reader->policy;
    struct category category = {.json = json};
    if (!reader_keys(json, "key name say when candidate over cite", reader->error) ||
        !reader_name(json, "key", &category.name, reader->error) ||
        !reader_tree(reader, json_object_get(json, "when"), &category.node) ||
        !read_alone(reader, &category)) {
        return false;
    }
    category.candidate = json_string_value(json_object_get(json, "candidate"));
    if (category.candidate == NULL) {
        category.candidate = category.name;
    }
    if (policy->categories_count == POLICY_CATEGORIES_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d categories",
                        POLICY_CATEGORIES_MAX);
    }
    policy->categories[policy->categories_count++] = category;
    return true;
}

static bool
read_benefit(struct reader *reader, json_t *json, struct benefit *out)
{
    struct benefit benefit = {.json = json};
    if (!reader_keys(
            json, "key name short when review amount department bring next cite platform measure",
            reader->error) ||
        !reader_name(json, "key", &benefit.name, reader->error) ||
        !reader_flag(json, "review", &benefit.review, reader->error) ||
        !reader_tree(reader, json_object_get(json, "when"), &benefit.node)) {
        return false;
    }
    *out = benefit;
    return true;
}

static bool
read_service(struct reader *reader, json_t *json)
{
    struct policy *policy = reader->policy;
    if (policy->benefits_count == POLICY_BENEFITS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d benefits", POLICY_BENEFITS_MAX);
    }
    if (!read_benefit(reader, json, &policy->benefits[policy->benefits_count])) {
        return false;
    }
    policy->benefits_count++;
    return true;
}

static bool
read_referral(struct reader *reader, json_t *json)
{
    struct policy *policy = reader->policy;
    if (policy->referrals_count == POLICY_REFERRALS_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d referrals", POLICY_REFERRALS_MAX);
    }
    if (!read_benefit(reader, json, &policy->referrals[policy->referrals_count])) {
        return false;
    }
    policy->referrals_count++;
    return true;
}

static bool
read_figure(struct reader *reader, json_t *json)
{
    struct policy *policy = reader->policy;
    struct figure figure = {.json = json, .benefit = -1};
    const char *when = json_string_value(json_object_get(json, "when"));
    figure.group = json_string_value(json_object_get(json, "group"));
    if (!reader_keys(json, "key group value when unit", reader->error) ||
        !reader_name(json, "key", &figure.name, reader->error) ||
        !reader_expression(reader, json_object_get(json, "value"), &figure.expression)) {
        return false;
    }
    for (int i = 0; when != NULL && i < policy->benefits_count; i++) {
        if (strcmp(policy->benefits[i].name, when) == 0) {
            figure.benefit = i;
        }
    }
    if (when != NULL && figure.benefit < 0) {
        return lot_fail(reader->error, LOT_REFUSED, "\"when\": no benefit is named \"%.60s\"",
                        when);
    }
    if (policy->figures_count == POLICY_FIGURES_MAX) {
        return lot_fail(reader->error, LOT_REFUSED, "more than %d figures", POLICY_FIGURES_MAX);
    }
    policy->figures[policy->figures_count++] = figure;
    return true;
}

static bool
read_sections(struct reader *reader)
{
    static const struct {
        const char *key;
        bool (*read)(struct reader *reader, json_t *json);
    } sections[] = {
        {"facts", read_fact},           {"parameters", read_parameter},
        {"conditions", read_condition}, {"categories", read_category},
        {"benefits", read_service},     {"figures", read_figure},
        {"referrals", read_referral},
    };
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        json_t *list = json_object_get(reader->policy->json, sections[i].key);
        if (!json_is_array(list)) {
            return lot_fail(reader->error, LOT_REFUSED, "\"%s\" must be a list", sections[i].key);
        }
        for (size_t k = 0; k < json_array_size(list); k++) {
            reader->depth = 0;
            if (!sections[i].read(reader, json_array_get(list, k))) {
                return lot_fail_at(reader->error, "%s[%zu]", sections[i].key, k);
            }
        }
    }
    return true;
}

/* A day to decide for, a first language, and a last category that takes everybody. */
static bool
check_whole(const struct policy *policy, struct lot_error *error)
{
    const char *schema = json_string_value(json_object_get(policy->json, "schema"));
    const json_t *languages = json_object_get(policy->json, "languages");
    const char *name = NULL;
    if (schema == NULL || strcmp(schema, "policy/1") != 0) {
        return lot_fail(error, LOT_REFUSED, "\"schema\" must be \"policy/1\"");
    }
    if (!reader_name(policy->json, "key", &name, error)) {
        return false;
    }
    size_t named = 0;
    while (json_is_string(json_array_get(languages, named))) {
        named++;
    }
    if (named == 0 || named != json_array_size(languages)) {
        return lot_fail(error, LOT_REFUSED, "\"languages\" must list at least one language");
    }
    if (policy->day < 0 || policy->parameters[policy->day].type != PARAMETER_DATE) {
        return lot_fail(error, LOT_REFUSED, "a parameter \"as_of\" of type date is missing");
    }
    int last = policy->categories_count - 1;
    if (last < 0 || policy->nodes[policy->categories[last].node].kind != NODE_CONSTANT ||
        policy->nodes[policy->categories[last].node].truth != POLICY_TRUE) {
        return lot_fail(error, LOT_REFUSED,
                        "the last category must have \"when\": true, so that everybody has one");
    }
    return true;
}

/*
 * A named condition that is used twice is looked at twice, so names on names could make a
 * small file take for ever. Counts the looks, with a ceiling; memo[] starts as zeroes.
 */
static int
count_looks(const struct policy *policy, int index, int memo[])
{
    const struct node *node = &policy->nodes[index];
    if (memo[index] == 0) {
        int looks = 1;
        for (int i = 0; i < node->count && looks <= LOOKS_MAX; i++) {
            looks += count_looks(policy, policy->children[node->first + i], memo);
        }
        memo[index] = looks > LOOKS_MAX ? LOOKS_MAX + 1 : looks;
    }
    return memo[index];
}

static bool
check_looks(const struct policy *policy, struct lot_error *error)
{
    int memo[POLICY_NODES_MAX] = {0};
    for (int i = 0; i < policy->nodes_count; i++) {
        if (count_looks(policy, i, memo) > LOOKS_MAX) {
            return lot_fail(error, LOT_REFUSED,
                            "a condition unfolds to more than %d parts through its names",
                            LOOKS_MAX);
        }
    }
    return true;
}

bool
policy_read(const char *json, size_t size, struct policy **out, struct lot_error *error)
{
    assert(json != NULL && out != NULL);
    struct policy *policy = NULL;
    bool ok = false;
    if (size > POLICY_BYTES_MAX) {
        return lot_fail(error, LOT_REFUSED, "policy: %zu bytes; at most %d are read", size,
                        POLICY_BYTES_MAX);
    }
    json_error_t place;
    json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &place);
    if (root == NULL) {
        return lot_fail(error, LOT_REFUSED, "policy line %d, column %d: %s", place.line,
                        place.column, place.text);
    }
    policy = lot_alloc(1, sizeof *policy);
    policy->json = root;
    policy->day = policy->known = policy->zone = policy->reference = -1;
    struct lot_error reason = {0};
    struct reader reader = {.policy = policy, .error = &reason};
    const struct lot_text text = {json, size};
    ok = reader_keys(
             root,
             "schema key languages name documents units undetermined facts screens parameters "
             "conditions categories benefits figures referrals phrases example",
             &reason) &&
         read_sections(&reader) && check_whole(policy, &reason) && check_looks(policy, &reason) &&
         crypto_digest_hex(LOT_SHA256, text, policy->digest, &reason);
    if (ok) {
        *out = policy;
        return true;
    }
    policy_destroy(policy);
    return lot_fail(error, reason.code, "policy: %s", reason.text);
}

void
policy_destroy(struct policy *policy)
{
    if (policy != NULL) {
        json_decref(policy->json);
        free(policy);
    }
}

const char *
policy_digest(const struct policy *policy)
{
    assert(policy != NULL);
    return policy->digest;
}
