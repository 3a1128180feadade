/*
 * eligibility.h - what the verbs of the command share: files, cases, and each other's names.
 */
#ifndef KIOSK_POLICY_ELIGIBILITY_H
#define KIOSK_POLICY_ELIGIBILITY_H

#include "kiosk/policy/engine.h"
#include "lottery/cli.h"

#define ELIGIBILITY_FILE_MAX 67108864 /* 64 MiB: about a million households as JSON */

/* Reads and checks a policy file. */
bool eligibility_policy(const char *path, struct policy **out, struct lot_error *error) LOT_CHECKED;
/* Reads a JSON file strictly (no key twice); *out is a new reference. */
bool eligibility_json(const char *path, struct json_t **out, struct lot_error *error) LOT_CHECKED;

/* What a case is read with. */
struct eligibility_frame {
    const struct policy *policy;
    const struct json_t
        *sets;             /* named parameters, for a case whose "parameters" is a name; or NULL */
    struct json_t *change; /* parameters that go before those of the case; or NULL */
};

/*
 * The day and the facts of one case {"parameters": {..}, "facts": {..}}. A case that says by
 * which policy it was decided ("policy": {"digest"}) is refused under another one.
 */
bool eligibility_case(const struct eligibility_frame *frame, const struct json_t *json,
                      struct policy_day **day, struct policy_facts *facts,
                      struct lot_error *error) LOT_CHECKED;

/* Today as yyyy-mm-dd: the one clock of this command. */
void eligibility_today(char out[static 11]);

bool eligibility_ask(struct cli *cli, struct lot_error *error);
bool eligibility_test(struct cli *cli, struct lot_error *error);
bool eligibility_recheck(struct cli *cli, struct lot_error *error);
bool eligibility_lint(struct cli *cli, struct lot_error *error);

#endif
