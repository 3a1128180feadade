/* open.h - the policies and their cases, opened for tests; every failure ends the test. */
#ifndef TESTS_KIOSK_POLICY_OPEN_H
#define TESTS_KIOSK_POLICY_OPEN_H

#include "tests/test.h"

#include "kiosk/policy/engine.h"

#include <jansson.h>

/* A whole file below the tests' folder; path may go up. Ended by lot_buffer_finish(). */
struct lot_buffer open_file(const char *path);
json_t *open_json(const char *path);
struct policy *open_policy(const char *name); /* assets/policies/<name>.json */

/* The case with this id; borrowed from the file. */
json_t *open_case(json_t *file, const char *id);

/* The day and the facts of a case of a case file; ended by policy_day_destroy(). */
struct policy_day *open_day(const struct policy *policy, json_t *file, const json_t *one);
void open_facts(const struct policy_day *day, const json_t *one, struct policy_facts *out);

/* A day from parameters as JSON text, e.g. "{\"as_of\": \"2013-10-15\"}". */
struct policy_day *open_parameters(const struct policy *policy, const char *json);
/* States one fact from JSON text. */
bool open_state(const struct policy_day *day, struct policy_facts *facts, const char *name,
                const char *json, struct lot_error *error);

/* The index of a category or benefit by name. */
int open_category(const struct policy *policy, const char *name);
int open_benefit(const struct policy *policy, const char *name);

#endif
