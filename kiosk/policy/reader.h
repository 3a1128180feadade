/*
 * reader.h - what the two readers share: read.c for the sections, tree.c for conditions.
 *
 * Every function fails with LOT_REFUSED; the callers put the path in front.
 */
#ifndef KIOSK_POLICY_READER_H
#define KIOSK_POLICY_READER_H

#include "kiosk/policy/engine.h"

struct reader {
    struct policy *policy;
    struct lot_error *error;
    int depth;
};

/* Every key of the object stands in the list, which is separated by blanks. */
bool reader_keys(struct json_t *object, const char *list, struct lot_error *error) LOT_CHECKED;
/* A name: 1 to 60 bytes of a-z, A-Z, 0-9, dot, dash and underscore. */
bool reader_name(const struct json_t *object, const char *key, const char **out,
                 struct lot_error *error) LOT_CHECKED;
bool reader_flag(const struct json_t *object, const char *key, bool *out,
                 struct lot_error *error) LOT_CHECKED;
bool reader_number(const struct json_t *object, const char *key, int64_t *out,
                   struct lot_error *error) LOT_CHECKED;

/* The index of a parameter by name, or -1; name may be NULL. */
int reader_parameter(const struct policy *policy, const char *name);
bool reader_fact(struct reader *reader, const struct json_t *object, const char *key,
                 int *out) LOT_CHECKED;
bool reader_node(struct reader *reader, enum node_kind kind, int *out) LOT_CHECKED;
bool reader_children(struct reader *reader, size_t count, int *first) LOT_CHECKED;
bool reader_one_child(struct reader *reader, int node, int child) LOT_CHECKED;

/* One condition, one sum; *out is the index of its node or expression. */
bool reader_tree(struct reader *reader, struct json_t *json, int *out) LOT_CHECKED;
bool reader_expression(struct reader *reader, struct json_t *json, int *out) LOT_CHECKED;

#endif
