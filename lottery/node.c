/*
 * node.c - hides jansson, and how the path of a refusal is found.
 *
 * Jansson is strict about syntax, UTF-8, duplicate keys and trailing text, but reads
 * -0 as 0: signs are looked for in the text. What is wrong in the text or its syntax
 * has an offset only; path_at() finds its path by walking the text up to there.
 */
#include "lottery/node.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 8   /* rounds[0].title.zh needs four; a longer path is cut */
#define TEXT_MAX 1024 /* of texts that have a form */

/* ---- the way to a value --------------------------------------------------------------------- */

struct node
node_member(const struct node *object, const char *key)
{
    return (struct node){json_object_get(object->value, key), object, key, 0, object->error};
}

struct node
node_item(const struct node *list, uint32_t index)
{
    return (struct node){json_array_get(list->value, index), list, NULL, index, list->error};
}

static void
add_key(struct lot_buffer *path, struct lot_text key)
{
    char shown[CANON_SHOWN_SIZE];
    lot_buffer_print(path, "%s%s", path->size == 0 ? "" : ".", canon_shown(key, shown));
}

/* Puts the path of node in front of a sentence; returns false. */
bool
node_refuse_for(const struct node *node, const struct lot_error *why)
{
    const struct node *way[DEPTH_MAX];
    size_t depth = 0;
    for (const struct node *at = node; at->parent != NULL && depth < DEPTH_MAX; at = at->parent) {
        way[depth++] = at;
    }
    struct lot_buffer path = {0};
    while (depth-- > 0) {
        if (way[depth]->key != NULL) {
            add_key(&path, lot_text(way[depth]->key));
        } else {
            lot_buffer_print(&path, "[%" PRIu32 "]", way[depth]->index);
        }
    }
    lot_fail(node->error, why->code, "%s: %s", path.size == 0 ? node->key : path.at, why->text);
    lot_buffer_finish(&path);
    return false;
}

bool
node_refuse(const struct node *node, const char *format, ...)
{
    struct lot_error why = {.code = LOT_REFUSED};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why.text, sizeof why.text, format, arguments);
    va_end(arguments);
    return node_refuse_for(node, &why);
}

bool
node_expected(const struct node *node, const char *what)
{
    static const char *const kinds[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",
        [JSON_STRING] = "a text",    [JSON_INTEGER] = "a number",
        [JSON_TRUE] = "true",        [JSON_FALSE] = "false",
        [JSON_NULL] = "null",        [JSON_REAL] = "a number with a fraction or an exponent",
    };
    const char *found = node->value == NULL ? "nothing" : kinds[json_typeof(node->value)];
    return node_refuse(node, "expected %s, found %s", what, found);
}

/* ---- values --------------------------------------------------------------------------------- */

/* Whether keys, words such as `title queues?`, name this key. */
static bool
listed(const char *keys, const char *key)
{
    struct lot_text rest = lot_text(keys), word;
    while (lot_piece(&rest, ' ', &word)) {
        word.size -= word.at[word.size - 1] == '?';
        if (lot_text_is(word, key)) {
            return true;
        }
    }
    return false;
}

/* An object with exactly these keys; those that end in `?` may be absent. */
bool
node_is_object(const struct node *node, const char *keys)
{
    if (!json_is_object(node->value)) {
        return node_expected(node, "an object");
    }
    const char *key;
    json_t *value;
    json_object_foreach(node->value, key, value)
    {
        if (!listed(keys, key)) {
            struct node stranger = node_member(node, key);
            return node_refuse(&stranger, "no such key; known here: %s", keys);
        }
    }
    struct lot_text rest = lot_text(keys), word;
    while (lot_piece(&rest, ' ', &word)) {
        char name[NODE_KEY_MAX + 1] = "";
        assert(word.size <= NODE_KEY_MAX);
        memcpy(name, word.at, word.size);
        struct node needed = node_member(node, name);
        if (needed.value == NULL && name[word.size - 1] != '?') {
            return node_refuse(&needed, "this key is missing");
        }
    }
    return true;
}

/* Zeroed memory for the items of a list of least..most; NULL and *count 0 when refused. */
void *
node_list(const struct node *list, uint32_t least, uint32_t most, size_t size, uint32_t *count)
{
    *count = 0;
    size_t found = json_array_size(list->value);
    if (!json_is_array(list->value)) {
        node_expected(list, "a list");
        return NULL;
    }
    if (found < least || found > most) {
        node_refuse(list, "%zu items; %" PRIu32 " to %" PRIu32 " may stand here", found, least,
                    most);
        return NULL;
    }
    *count = (uint32_t)found;
    return lot_alloc(found, size);
}

bool
node_number(struct node node, uint32_t least, uint32_t most, uint32_t *out)
{
    if (!json_is_integer(node.value)) {
        return node_expected(&node, "a whole number");
    }
    json_int_t value = json_integer_value(node.value);
    if (value < least || value > most) {
        return least == most
                   ? node_refuse(&node, "%" JSON_INTEGER_FORMAT "; must be %" PRIu32, value, least)
                   : node_refuse(&node,
                                 "%" JSON_INTEGER_FORMAT " is not within %" PRIu32 " to %" PRIu32,
                                 value, least, most);
    }
    *out = (uint32_t)value;
    return true;
}

/* A text of any kind, borrowed; its characters, also those written as escapes, are allowed. */
bool
node_text(struct node node, size_t size_max, const char **out)
{
    if (!json_is_string(node.value)) {
        return node_expected(&node, "a text");
    }
    struct lot_text text = {json_string_value(node.value), json_string_length(node.value)};
    if (text.size == 0 || text.size > size_max) {
        return node_refuse(&node, "a text of %zu bytes; 1 to %zu may stand here", text.size,
                           size_max);
    }
    if (!canon_people(text)) {
        return node_refuse(&node,
                           "an escape stands for a character that is not allowed: a control, "
                           "or one that cannot be seen");
    }
    *out = text.at;
    return true;
}

/* A text of one grammar, copied with its NUL; out has room for the grammar's longest. */
bool
node_word(struct node node, bool (*grammar)(struct lot_text), const char *form, char *out)
{
    const char *text;
    if (!node_text(node, TEXT_MAX, &text)) {
        return false;
    }
    if (!grammar(lot_text(text))) {
        char shown[CANON_SHOWN_SIZE];
        return node_refuse(&node, "'%s' is not %s", canon_shown(lot_text(text), shown), form);
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

/* Which of two words the text is: 0 or 1. */
bool
node_choice(struct node node, const char *zero, const char *one, unsigned *out)
{
    const char *text;
    if (!node_text(node, TEXT_MAX, &text)) {
        return false;
    }
    if (strcmp(text, zero) != 0 && strcmp(text, one) != 0) {
        char shown[CANON_SHOWN_SIZE];
        return node_refuse(&node, "'%s' is neither %s nor %s", canon_shown(lot_text(text), shown),
                           zero, one);
    }
    *out = strcmp(text, one) == 0;
    return true;
}

bool
node_time(struct node node, int64_t *out)
{
    const char *text;
    if (!node_text(node, TEXT_MAX, &text)) {
        return false;
    }
    if (!canon_time(lot_text(text), out)) {
        char shown[CANON_SHOWN_SIZE];
        return node_refuse(&node, "'%s' is no time that exists, in the form 2026-12-01T02:00:00Z",
                           canon_shown(lot_text(text), shown));
    }
    return true;
}

/* ---- the text, before and beside jansson ---------------------------------------------------- */

/* Where the string ends that opens at `at`: past its closing quote. */
static size_t
string_end(struct lot_text json, size_t at)
{
    size_t i = at + 1;
    while (i < json.size && json.at[i] != '"') {
        i += json.at[i] == '\\' ? 2 : 1;
    }
    return i < json.size ? i + 1 : json.size;
}

struct level {
    bool list;
    uint32_t index;
    struct lot_text key;
};

/* Writes the path of what stands at an offset of a text that is JSON up to there. */
static void
path_at(struct lot_text json, size_t offset, struct lot_buffer *path)
{
    struct level levels[DEPTH_MAX] = {0}; /* levels[0] is outside of all */
    size_t depth = 0;
    for (size_t i = 0; i < offset; i++) {
        struct level *level = &levels[depth];
        char c = json.at[i];
        if (c == '"') {
            size_t end = string_end(json, i);
            if (!level->list && level->key.at == NULL) {
                /* The text may end with the opening quote. */
                size_t size = end - i < 2 ? 0 : end - i - 2;
                level->key = (struct lot_text){json.at + i + 1, size};
            }
            i = end - 1;
        } else if (c == ',') {
            level->index++;
            level->key.at = NULL;
        } else if ((c == '{' || c == '[') && depth + 1 < DEPTH_MAX) {
            levels[++depth] = (struct level){.list = c == '['};
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    for (size_t i = 1; i <= depth; i++) {
        if (levels[i].list) {
            lot_buffer_print(path, "[%" PRIu32 "]", levels[i].index);
        } else if (levels[i].key.at != NULL) {
            add_key(path, levels[i].key);
        }
    }
}

static bool
refuse_at(const struct node *top, struct lot_text json, size_t offset, const char *sentence)
{
    struct lot_buffer path = {0};
    path_at(json, offset, &path);
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset; i++) {
        line += json.at[i] == '\n';
        column = json.at[i] == '\n' ? 1 : column + 1;
    }
    lot_fail(top->error, LOT_REFUSED, "%s: %s (%s line %zu, byte %zu)",
             path.size == 0 ? top->key : path.at, sentence, top->key, line, column);
    lot_buffer_finish(&path);
    return false;
}

static bool
text_is_plain(const struct node *top, struct lot_text json)
{
    struct lot_text rest = json, line;
    while (lot_line(&rest, &line)) {
        if (!canon_people(line)) {
            return refuse_at(top, json, (size_t)(line.at - json.at),
                             "in this line stands something that is not allowed: bytes that are "
                             "not UTF-8, a tab, a carriage return, a byte-order mark, or a "
                             "character that cannot be seen");
        }
    }
    if (rest.size > 0 || json.size == 0) {
        return refuse_at(top, json, json.size, "the last line does not end in a line feed");
    }
    return true;
}

/* Jansson takes -0 for 0; no number of these files has a sign. */
static bool
signs_are_absent(const struct node *top, struct lot_text json)
{
    for (size_t i = 0; i < json.size; i++) {
        if (json.at[i] == '"') {
            i = string_end(json, i) - 1;
        } else if (json.at[i] == '-') {
            return refuse_at(top, json, i, "a number with a sign");
        }
    }
    return true;
}

/* Jansson's own words, but where only a programmer understands them. */
static const char *
sentence_of(json_error_t *wrong)
{
    switch ((int)json_error_code(wrong)) {
    case json_error_duplicate_key:
        return "this key stands twice";
    case json_error_null_character:
        return "the escape \\u0000 is not allowed";
    default:
        break;
    }
    /* What stands near the fault may hold a line feed, or half a character. */
    char *near = strstr(wrong->text, " near ");
    if (near != NULL && !canon_people(lot_text(near))) {
        *near = '\0';
    }
    return wrong->text;
}

bool
node_parse(struct lot_text json, const char *name, size_t size_max, struct node *out,
           struct lot_error *error)
{
    assert(name != NULL && out != NULL);
    struct node top = {.key = name, .error = error};
    if (json.size > size_max) {
        return lot_fail(error, LOT_REFUSED, "%s: %zu bytes; at most %zu may stand here", name,
                        json.size, size_max);
    }
    if (!text_is_plain(&top, json)) {
        return false;
    }
    json_error_t wrong;
    top.value = json_loadb(json.at, json.size, JSON_REJECT_DUPLICATES, &wrong);
    if (top.value == NULL) {
        size_t offset = wrong.position < 0 ? 0 : (size_t)wrong.position;
        return refuse_at(&top, json, offset < json.size ? offset : json.size, sentence_of(&wrong));
    }
    if (!signs_are_absent(&top, json)) {
        json_decref(top.value);
        return false;
    }
    *out = top;
    return true;
}
