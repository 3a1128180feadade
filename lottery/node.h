/*
 * node.h - strict JSON: a value, the way that leads to it, and a refusal that says
 * this way: `rounds[2].quota.2B: no such type`.
 *
 * A file is parsed once; then every value is asked for by key or place and taken by
 * one of the functions below, which fail with a sentence in the error that was given
 * to node_parse(). Nodes are small and passed by value; they borrow their parent, so
 * they live on the stack of the function that looks at them.
 */
#ifndef LOT_NODE_H
#define LOT_NODE_H

#include "lottery/canon.h"

#include <jansson.h>

#define NODE_NUMBER_MAX 999999999u /* PROTOCOL.md section 1: at most 9 digits */
#define NODE_KEY_MAX 32            /* of the keys a program asks for */

struct node {
    json_t *value;             /* NULL when an object has no such key */
    const struct node *parent; /* NULL at the top */
    const char *key;           /* in an object; the file's name at the top; NULL in a list */
    uint32_t index;            /* in a list */
    struct lot_error *error;   /* where a refusal goes; may be NULL */
};

/*
 * Parses a text of canonical lines (no tab, no character that section 1 refuses) as
 * JSON. Refused: duplicate keys, trailing text, numbers with a sign.
 *
 * name    of the file, for sentences; borrowed by top
 * top     its value belongs to the caller, who ends it with json_decref()
 */
bool node_parse(struct lot_text json, const char *name, size_t size_max, struct node *top,
                struct lot_error *error) LOT_CHECKED;

struct node node_member(const struct node *object, const char *key);
struct node node_item(const struct node *list, uint32_t index);

/* Refuses with the path in front, and returns false. */
bool node_refuse(const struct node *node, const char *format, ...) LOT_PRINTF(2, 3);
bool node_refuse_for(const struct node *node, const struct lot_error *why);
bool node_expected(const struct node *node, const char *what); /* ... found a number */

/* An object with exactly these keys, words apart by one blank; `?` ends one that may be absent. */
bool node_is_object(const struct node *node, const char *keys) LOT_CHECKED;

/* Zeroed memory for a list of least..most items; NULL, and *count 0, when it is refused. */
void *node_list(const struct node *list, uint32_t least, uint32_t most, size_t size,
                uint32_t *count);

bool node_number(struct node node, uint32_t least, uint32_t most, uint32_t *out) LOT_CHECKED;

/* A text of 1..size_max bytes, borrowed; what its escapes stand for is looked at too. */
bool node_text(struct node node, size_t size_max, const char **out) LOT_CHECKED;

/* A text of one grammar, described by form, copied with its NUL into out. */
bool node_word(struct node node, bool (*grammar)(struct lot_text), const char *form,
               char *out) LOT_CHECKED;

/* Which of two words it is: 0 or 1. */
bool node_choice(struct node node, const char *zero, const char *one, unsigned *out) LOT_CHECKED;

bool node_time(struct node node, int64_t *out) LOT_CHECKED;

#endif
