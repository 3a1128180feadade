/*
 * lint_text.c - hides how sentences are counted and units compared.
 *
 * A sentence ends at a stop (. ! ? ; : and their wide forms) or a line end. Han text counts
 * every letter, digit and sign that is spoken, other text counts words; a {place} counts as
 * six. Units are products of named factors with exponents: "fen/person/month" times "person"
 * is "fen/month". A bare number is free of units as a factor and fits any unit as a side.
 */
#include "kiosk/policy/lint.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static bool
is_language(const struct policy *policy, const char *key)
{
    const json_t *languages = json_object_get(policy->json, "languages");
    for (size_t i = 0; i < json_array_size(languages); i++) {
        const char *language = json_string_value(json_array_get(languages, i));
        if (language != NULL && strcmp(language, key) == 0) {
            return true;
        }
    }
    return false;
}

/* Moves past one UTF-8 character and returns it. */
static uint32_t
next_character(const char **text)
{
    unsigned char lead = (unsigned char)*(*text)++;
    uint32_t code = lead < 0x80   ? lead
                    : lead < 0xE0 ? lead & 0x1Fu
                    : lead < 0xF0 ? lead & 0x0Fu
                                  : lead & 0x07u;
    while (((unsigned char)**text & 0xC0) == 0x80) {
        code = code << 6 | ((unsigned char)*(*text)++ & 0x3Fu);
    }
    return code;
}

static bool
is_stop(uint32_t code, char next)
{
    return code == 0x3002 || code == 0xFF01 || code == 0xFF1F || code == 0xFF1B || code == 0xFF1A ||
           code == '\n' || code == '!' || code == '?' || code == ';' || code == ':' ||
           (code == '.' && (next == ' ' || next == '\0'));
}

/* Wide punctuation, quotes and brackets are not spoken. */
static bool
is_silent(uint32_t code)
{
    return code == ' ' || code == ',' || code == '-' || code == '"' ||
           (code >= 0x3000 && code <= 0x3020) || (code >= 0xFF00 && code <= 0xFF0F) ||
           (code >= 0x2010 && code <= 0x2027);
}

/* The longest sentence: characters for Han text, words for any other. */
static int
longest_sentence(const char *text, bool *han)
{
    int longest = 0;
    int letters = 0;
    int words = 0;
    bool in_word = false;
    *han = false;
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        *han = *han || (byte >= 0xE3 && byte <= 0xE9);
    }
    while (*text != '\0') {
        if (*text == '{' && strchr(text, '}') != NULL) {
            letters += 6;
            words += in_word ? 0 : 1;
            in_word = true;
            text = strchr(text, '}') + 1;
        } else {
            uint32_t code = next_character(&text);
            bool stop = is_stop(code, *text);
            bool silent = is_silent(code);
            letters = stop ? 0 : letters + (silent ? 0 : 1);
            words = stop ? 0 : words + (!silent && !in_word ? 1 : 0);
            in_word = !stop && code != ' ';
        }
        int length = *han ? letters : words;
        longest = length > longest ? length : longest;
    }
    return longest;
}

static void
check_text(struct lint *lint, const json_t *text, const char *path)
{
    const json_t *languages = json_object_get(lint->policy->json, "languages");
    for (size_t i = 0; i < json_array_size(languages); i++) {
        const char *language = json_string_value(json_array_get(languages, i));
        const char *words = json_string_value(json_object_get(text, language));
        bool han = false;
        int length = words == NULL ? 0 : longest_sentence(words, &han);
        if (words == NULL) {
            printf("language %s: no text in \"%s\"\n", path, language);
            lint->findings++;
        } else if (length > (han ? LINT_HAN_MAX : LINT_WORDS_MAX)) {
            printf("long %s: %d %s before a stop: %s\n", path, length, han ? "characters" : "words",
                   words);
            lint->findings++;
        }
    }
}

/* An object of strings with a language among its keys is a text. */
static void
walk_texts(struct lint *lint, json_t *json, const char *path)
{
    char below[256];
    const char *key = NULL;
    json_t *value = NULL;
    bool text = false;
    json_object_foreach(json, key, value)
    {
        text = text || (json_is_string(value) && is_language(lint->policy, key));
    }
    if (text) {
        check_text(lint, json, path);
        return;
    }
    json_object_foreach(json, key, value)
    {
        snprintf(below, sizeof below, "%.180s.%.60s", path, key);
        walk_texts(lint, value, below);
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        json_t *part = json_array_get(json, i);
        const char *name = json_string_value(json_object_get(part, "key"));
        snprintf(below, sizeof below, "%.180s[%zu%s%.50s]", path, i, name == NULL ? "" : " ",
                 name == NULL ? "" : name);
        walk_texts(lint, part, below);
    }
}

void
lint_texts(struct lint *lint)
{
    /* The words that the program itself needs. */
    static const char *const needed[] = {
        "yes",      "no",      "to",        "not_stated", "missing",   "entered", "demonstration",
        "reversed", "lead",    "stop",      "join",       "is",        "result",  "candidates",
        "because",  "can",     "maybe",     "cannot",     "elsewhere", "review",  "amount",
        "bring",    "go",      "settle",    "figures",    "since",     "closing", "pack",
        "ask",      "ask_why", "ask_range", "ask_bad",    "ask_none",  "done"};
    const json_t *phrases = json_object_get(lint->policy->json, "phrases");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (json_object_get(phrases, needed[i]) == NULL) {
            printf("language phrases.%s: missing\n", needed[i]);
            lint->findings++;
        }
    }
    walk_texts(lint, lint->policy->json, "policy");
}

/* ---- units ---- */

#define FACTORS_MAX 8

struct unit {
    bool any; /* a bare number: fits everything */
    int count;
    struct {
        char name[24];
        int exponent;
    } factors[FACTORS_MAX];
};

static void
multiply(struct unit *unit, const char *name, size_t size, int exponent)
{
    int i = 0;
    while (i < unit->count && (strlen(unit->factors[i].name) != size ||
                               memcmp(unit->factors[i].name, name, size) != 0)) {
        i++;
    }
    if (i == unit->count) {
        if (i == FACTORS_MAX || size >= sizeof unit->factors[i].name) {
            return;
        }
        unit->count++;
        memcpy(unit->factors[i].name, name, size);
        unit->factors[i].name[size] = '\0';
        unit->factors[i].exponent = 0;
    }
    unit->factors[i].exponent += exponent;
}

static void
multiply_text(struct unit *unit, const char *text)
{
    int exponent = 1;
    while (text != NULL && *text != '\0') {
        size_t size = strcspn(text, "*/");
        multiply(unit, text, size, exponent);
        text += size;
        if (*text != '\0') {
            exponent = *text == '/' ? -1 : 1;
            text++;
        }
    }
}

static bool
same_unit(const struct unit *a, const struct unit *b)
{
    struct unit rest = *a;
    for (int i = 0; i < b->count; i++) {
        multiply(&rest, b->factors[i].name, strlen(b->factors[i].name), -b->factors[i].exponent);
    }
    for (int i = 0; i < rest.count; i++) {
        if (rest.factors[i].exponent != 0 && !a->any && !b->any) {
            return false;
        }
    }
    return true;
}

static struct unit
unit_of(struct lint *lint, int index, const char *where)
{
    const struct policy *policy = lint->policy;
    const struct expression *expression = &policy->expressions[index];
    struct unit unit = {0};
    if (expression->kind == EXPR_NUMBER) {
        unit.any = expression->unit == NULL;
        multiply_text(&unit, expression->unit);
    } else if (expression->kind == EXPR_FACT) {
        multiply_text(&unit, policy->facts[expression->fact].unit);
    } else if (expression->kind == EXPR_PARAMETER || expression->kind == EXPR_TABLE) {
        const struct parameter *parameter = &policy->parameters[expression->parameter];
        multiply_text(&unit, parameter->type == PARAMETER_DATE ? "date" : parameter->unit);
    }
    for (int i = 0; i < expression->count; i++) {
        struct unit part = unit_of(lint, policy->children[expression->first + i], where);
        if (expression->kind == EXPR_TIMES) {
            for (int k = 0; k < part.count; k++) {
                multiply(&unit, part.factors[k].name, strlen(part.factors[k].name),
                         part.factors[k].exponent);
            }
        } else if (i == 0) {
            unit = part;
        } else if (!same_unit(&unit, &part)) {
            printf("unit %s: parts of a sum have different units\n", where);
            lint->findings++;
        }
    }
    return unit;
}

static void
check_unit(struct lint *lint, const struct unit *unit, const char *stated, const char *where)
{
    struct unit other = {0};
    multiply_text(&other, stated);
    if (stated != NULL && !same_unit(unit, &other)) {
        printf("unit %s: the unit shown is %s, but the numbers have another\n", where, stated);
        lint->findings++;
    }
}

/* Comparisons below a named condition; the first is the one that its sentence shows. */
static bool
check_comparisons(struct lint *lint, int index, const struct condition *condition, bool first)
{
    const struct node *node = &lint->policy->nodes[index];
    if (node->kind == NODE_COMPARE) {
        struct unit left = unit_of(lint, node->left, condition->name);
        struct unit right = unit_of(lint, node->right, condition->name);
        if (!same_unit(&left, &right)) {
            printf("unit %s: the two sides have different units\n", condition->name);
            lint->findings++;
        }
        const json_t *say = json_object_get(condition->json, "say");
        if (first) {
            check_unit(lint, &left, json_string_value(json_object_get(say, "unit")),
                       condition->name);
        }
        return false;
    }
    for (int i = 0; node->kind != NODE_CONDITION && i < node->count; i++) {
        first = check_comparisons(lint, lint->policy->children[node->first + i], condition, first);
    }
    return first;
}

void
lint_units(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    for (int i = 0; i < policy->conditions_count; i++) {
        check_comparisons(lint, policy->conditions[i].node, &policy->conditions[i], true);
    }
    for (int i = 0; i < policy->figures_count; i++) {
        struct unit unit = unit_of(lint, policy->figures[i].expression, policy->figures[i].name);
        check_unit(lint, &unit, json_string_value(json_object_get(policy->figures[i].json, "unit")),
                   policy->figures[i].name);
    }
}
