/*
 * main.c - the command `eligibility`, for staff laptops and auditors: the table of its verbs.
 */
#include "kiosk/policy/eligibility.h"

#include <jansson.h>
#include <stdlib.h>

/* ---- decide, explain ---- */

static bool
open_case(struct cli *cli, struct policy **policy, struct policy_day **day,
          struct policy_facts *facts, struct lot_error *error)
{
    json_t *json = NULL;
    struct eligibility_frame frame = {0};
    bool ok = eligibility_policy(cli->words[0], policy, error) &&
              eligibility_json(cli->words[1], &json, error);
    frame.policy = *policy;
    ok = ok && (eligibility_case(&frame, json, day, facts, error) ||
                lot_fail_at(error, "%s", cli->words[1]));
    json_decref(json);
    return ok;
}

static bool
run_decide(struct cli *cli, struct lot_error *error)
{
    struct policy *policy = NULL;
    struct policy_day *day = NULL;
    struct policy_facts facts;
    bool ok = open_case(cli, &policy, &day, &facts, error);
    if (ok) {
        json_t *record = policy_record(day, &facts);
        char *text = json_dumps(record, JSON_INDENT(1));
        struct lot_buffer line = {0};
        lot_buffer_print(&line, "%s\n", text == NULL ? "" : text);
        ok = cli_print(lot_buffer_text(&line), error);
        lot_buffer_finish(&line);
        free(text);
        json_decref(record);
    }
    policy_day_destroy(day);
    policy_destroy(policy);
    return ok;
}

static bool
run_explain(struct cli *cli, struct lot_error *error)
{
    struct policy *policy = NULL;
    struct policy_day *day = NULL;
    struct policy_facts facts;
    const char *language = cli_value(cli, "lang");
    bool ok = open_case(cli, &policy, &day, &facts, error);
    if (ok && language == NULL) {
        language = json_string_value(json_array_get(json_object_get(policy->json, "languages"), 0));
    }
    ok = ok && policy_explain(day, &facts, language, stdout, error);
    policy_day_destroy(day);
    policy_destroy(policy);
    return ok;
}

static const struct cli_verb decide = {
    .name = "decide",
    .zh = "判定",
    .en = "the answer of one case, as JSON",
    .arguments = "POLICY CASE.json",
    .least = 2,
    .most = 2,
    .help =
        "Decides one case {\"parameters\": {..}, \"facts\": {..}}. The answer holds all that it\n"
        "was made from: deciding the answer again, years later, gives the same answer.",
    .run = run_decide,
};

static const struct cli_verb explain = {
    .name = "explain",
    .zh = "说明",
    .en = "the answer of one case, in plain sentences",
    .arguments = "POLICY CASE.json",
    .least = 2,
    .most = 2,
    .help = "Says the result, why, what to bring, where to go, and where each figure is from.",
    .options = {{"lang", "LANGUAGE", "a language of the policy, zh or en; else its first",
                 CLI_OPTIONAL}},
    .run = run_explain,
};

static const struct cli_verb ask = {
    .name = "ask",
    .zh = "问答",
    .en = "an interview in the terminal",
    .arguments = "POLICY [PARAMETERS.json]",
    .least = 1,
    .most = 2,
    .help = "Asks only what can still change the answer, then explains it. Enter = I do not know.",
    .options = {{"lang", "LANGUAGE", "a language of the policy; else its first", CLI_OPTIONAL},
                {"day", "YYYY-MM-DD", "the day of the decision; else today", CLI_OPTIONAL}},
    .run = eligibility_ask,
};

static const struct cli_verb test = {
    .name = "test",
    .zh = "核对",
    .en = "every case of a file against what it expects",
    .arguments = "POLICY CASES.json",
    .least = 2,
    .most = 2,
    .help = "Prints a line for each case, and each difference. Exit 1 if there is one.",
    .run = eligibility_test,
};

static const struct cli_verb lint = {
    .name = "lint",
    .zh = "检查规则",
    .en = "what is wrong with a policy, and the cases on its lines",
    .arguments = "POLICY",
    .least = 1,
    .most = 1,
    .help = "Looks for holes and overlaps between categories, benefits that nobody can reach,\n"
            "conditions without source, parameters never used, units that do not match, long\n"
            "sentences and missing languages. Then prints the cases to test: one below, one on\n"
            "and one above each line, for the policy's example household.",
    .run = eligibility_lint,
};

static const struct cli_verb recheck = {
    .name = "recheck",
    .zh = "重算",
    .en = "whom a change of figures helps or harms",
    .arguments = "POLICY OLD.json NEW-PARAMETERS.json",
    .least = 3,
    .most = 3,
    .help = "OLD.json holds cases or answers; the new parameters are put over those of each. A\n"
            "parameter that is null is taken from the policy again, as known on known_as_of.",
    .run = eligibility_recheck,
};

int
main(int argc, char **argv)
{
    static const struct cli_verb *const verbs[] = {&decide, &explain, &ask, &test, &lint, &recheck};
    return cli_main(argc, argv, verbs, (int)(sizeof verbs / sizeof *verbs),
                    "Am I eligible, and why: facts, policy, entitlement.");
}
