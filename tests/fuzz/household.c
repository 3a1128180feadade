/*
 * A household by a stranger, {"parameters": {..}, "facts": {..}}, under the shipped policy: an
 * answer that can be made again, or a refusal with a sentence.
 */
#include "kiosk/policy/policy.h"
#include "lottery/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct policy *policy;

static void
open_policy(void)
{
    struct lot_buffer text = {0};
    struct lot_error error = {0};
    if (!file_read(NULL, TESTS_DIR "/../assets/policies/harbin-2013.json", POLICY_BYTES_MAX, &text,
                   &error) ||
        !policy_read(text.at, text.size, &policy, &error)) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    lot_buffer_finish(&text);
}

static json_t *
answer(json_t *parameters, json_t *facts, struct lot_error *error)
{
    struct policy_day *day = NULL;
    struct policy_facts stated;
    json_t *record = NULL;
    if (!policy_on_day(policy, parameters, &day, error)) {
        return NULL;
    }
    policy_facts_init(day, &stated);
    if (policy_state_all(day, &stated, facts, error)) {
        record = policy_record(day, &stated);
    }
    policy_day_destroy(day);
    return record;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lot_error error = {0};
    if (policy == NULL) {
        open_policy();
    }
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    json_t *first =
        answer(json_object_get(json, "parameters"), json_object_get(json, "facts"), &error);
    if (first == NULL && json != NULL && error.text[0] == '\0') {
        abort(); /* a refusal without a sentence */
    }
    if (first != NULL) {
        json_t *again =
            answer(json_object_get(first, "parameters"), json_object_get(first, "facts"), &error);
        if (again == NULL || !json_equal(first, again)) {
            abort(); /* an answer that cannot be made again */
        }
        json_decref(again);
    }
    json_decref(first);
    json_decref(json);
    return 0;
}
