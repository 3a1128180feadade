/*
 * lint.h - the parts of `eligibility lint`: lint.c asks the engine, lint_text.c reads the text.
 */
#ifndef KIOSK_POLICY_LINT_H
#define KIOSK_POLICY_LINT_H

#include "kiosk/policy/eligibility.h"

#define LINES_MAX 256
#define LINT_HAN_MAX 20   /* characters of a Chinese sentence before a stop */
#define LINT_WORDS_MAX 25 /* words of any other */

struct lint {
    const struct policy *policy;
    struct policy_day *day;     /* of the example */
    struct policy_facts stated; /* the example household */
    struct json_t *facts;
    int findings;
};

/* Every text has every language, and no sentence is too long to follow. */
void lint_texts(struct lint *lint);
/* Both sides of a comparison, and all parts of a sum, have one unit. */
void lint_units(struct lint *lint);

#endif
