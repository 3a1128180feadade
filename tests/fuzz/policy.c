/*
 * A policy file by a stranger: read or refused, and if read then decided, asked, told and
 * recorded without a stumble, with nothing stated and nothing known but the day.
 */
#include "kiosk/policy/policy.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use(const struct policy *policy, const struct policy_day *day)
{
    struct policy_facts facts;
    struct policy_answer answer;
    char *text = NULL;
    size_t length = 0;
    policy_facts_init(day, &facts);
    policy_decide(day, &facts, &answer);
    int next = policy_next(day, &facts);
    if (next >= 0 && !policy_matters(day, &facts, next)) {
        /* Only a fact that silence answers may be asked without mattering to a decision. */
        facts.asked[next] = true;
    }
    json_decref(policy_record(day, &facts));
    FILE *out = open_memstream(&text, &length);
    if (out != NULL) {
        if (!policy_explain(day, &facts, "en", out, NULL)) {
            (void)policy_digest(policy);
        }
        fclose(out);
    }
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct policy *policy = NULL;
    struct policy_day *day = NULL;
    json_t *given = json_pack("{s:s}", "as_of", "2013-10-15");
    if (size < 65536 && policy_read((const char *)data, size, &policy, NULL) &&
        policy_on_day(policy, given, &day, NULL)) {
        use(policy, day);
    }
    policy_day_destroy(day);
    policy_destroy(policy);
    json_decref(given);
    return 0;
}
