/*
 * policy.h - am I eligible, and why: facts -> policy -> entitlement.
 *
 *   policy_read -> policy_on_day -> policy_facts_* -> policy_next -> policy_decide ->
 * policy_explain the text       its figures      what was said     what to ask    the answer the
 * words
 *
 * A policy is data (assets/policies/README.md is its grammar): this library knows
 * no city, no currency, no programme and no language. It is pure: no clock, no
 * files, no database, no screen; the day is an argument.
 *
 * Truth is strong Kleene logic over *sets* of values: a truth is the set of values
 * that the answers so far still allow. A fact that nobody stated stands for its
 * whole legal range, a parameter that nobody entered for "unknown". So an unknown
 * never turns into a no, and a set of one value is certain.
 *
 * Rules that hold for every function below, and are not repeated:
 *   - bool with an error means "it worked"; on false *error says what and where,
 *     and no output was touched.
 *   - a pointer returned by value is borrowed; one stored through `out` belongs to
 *     the caller, who ends it with _destroy. _destroy(NULL) does nothing.
 *   - strings borrowed from a policy live as long as the policy.
 *   - JSON that is given is read only; it is not const because jansson walks it so.
 */
#ifndef KIOSK_POLICY_H
#define KIOSK_POLICY_H

#include "lottery/error.h"

#include <stdint.h>
#include <stdio.h>

struct json_t; /* jansson's */

/* Limits: far above any real policy, small enough for one screen of memory each. */
#define POLICY_FACTS_MAX 64
#define POLICY_PARAMETERS_MAX 96
#define POLICY_CONDITIONS_MAX 128
#define POLICY_CATEGORIES_MAX 16
#define POLICY_BENEFITS_MAX 48
#define POLICY_REFERRALS_MAX 16
#define POLICY_FIGURES_MAX 16
#define POLICY_CHOICES_MAX 64    /* values of an enum; classes of a code: they fit one word */
#define POLICY_OFFICERS_MAX 8    /* facts that only an official may state */
#define POLICY_BYTES_MAX 1048576 /* a policy file */
#define POLICY_VALUE_MAX 1000000000000000 /* 10^15, each stated fact and each parameter */
#define POLICY_DIGEST_SIZE 64             /* SHA-256 as lower-case hex, without NUL */

/* A truth: the set of Kleene values that are still possible, never empty. */
enum {
    POLICY_TRUE = 1,
    POLICY_FALSE = 2,
    POLICY_UNKNOWN = 4, /* unknown whatever the household answers: a figure or a rule is missing */
};

/* ---- the policy and its figures ---- */

struct policy;

/* Reads a policy from JSON text, strictly. errors: LOT_REFUSED with the place inside the file. */
bool policy_read(const char *json, size_t size, struct policy **out,
                 struct lot_error *error) LOT_CHECKED;
void policy_destroy(struct policy *policy);

/* 64 hex digits: SHA-256 of the text as it was read. */
const char *policy_digest(const struct policy *policy);

/*
 * The policy as it stood on one day, with every parameter resolved.
 *
 * given   an object: the day ("as_of"), what was known ("known_as_of", by default the
 *         same day), and any parameter by name; null or absent = the policy's own value
 *         for that day and zone. Borrowed for the call only.
 * errors  LOT_REFUSED: unknown parameter, wrong type, a product that leaves 62 bits
 */
struct policy_day;
bool policy_on_day(const struct policy *policy, struct json_t *given, struct policy_day **out,
                   struct lot_error *error) LOT_CHECKED;
void policy_day_destroy(struct policy_day *day);

/* ---- facts ---- */

/* What is known of one fact: a range for numbers and codes, a set of choices for the rest. */
struct policy_domain {
    int64_t low;
    int64_t high;
    uint64_t choices; /* bit i = value i; bool: bit 0 = no, bit 1 = yes */
};

/* Who decided at discretion, when and why. */
struct policy_officer {
    int fact;
    char name[64];
    char date[11];
    char reason[192];
};

/* The visitor's facts: plain memory, wiped by one policy_facts_wipe() when the visit ends. */
struct policy_facts {
    struct policy_domain domain[POLICY_FACTS_MAX];
    bool stated[POLICY_FACTS_MAX];
    bool asked[POLICY_FACTS_MAX]; /* asked, and not known: stays open, is not asked again */
    struct policy_officer officers[POLICY_OFFICERS_MAX];
    size_t officers_count;
};

void policy_facts_init(const struct policy_day *day, struct policy_facts *facts);
void policy_facts_wipe(struct policy_facts *facts);

/* The index of a fact by name, or -1. */
int policy_fact(const struct policy *policy, const char *name);

/*
 * States one fact from JSON: true, 4, {"min": 1, "max": 4}, "employed", "230199", null; an
 * official fact also as {"value": true, "officer": .., "date": .., "reason": ..}. Never clamps.
 * errors  LOT_REFUSED naming the fact, with the policy's plain sentence
 */
bool policy_state(const struct policy_day *day, struct policy_facts *facts, const char *name,
                  const struct json_t *value, struct lot_error *error) LOT_CHECKED;

/* All facts of an object, then the limits that one fact sets to another. */
bool policy_state_all(const struct policy_day *day, struct policy_facts *facts,
                      struct json_t *object, struct lot_error *error) LOT_CHECKED;

/* ---- the answer ---- */

struct policy_figure {
    bool known;
    int64_t value; /* in the figure's unit */
};

struct policy_answer {
    int category;        /* index, or -1 while more than one is possible */
    uint64_t candidates; /* bit i = category i is possible; a sound set */
    uint8_t benefits[POLICY_BENEFITS_MAX];
    uint8_t referrals[POLICY_REFERRALS_MAX];
    struct policy_figure figures[POLICY_FIGURES_MAX];
};

void policy_decide(const struct policy_day *day, const struct policy_facts *facts,
                   struct policy_answer *out);

/* ---- what to ask ---- */

/*
 * Whether some answer to this fact could still change a category, a benefit, a sum or a
 * referral. Sound: false is only said when it is proved; when the search for a proof grows
 * too long the answer is true. See matter.c.
 */
bool policy_matters(const struct policy_day *day, const struct policy_facts *facts, int fact);

/*
 * The next fact to ask of a visitor: one that matters, the most decisive for its cost first;
 * never an official one, never one already stated or asked. -1 when nothing is left to ask.
 */
int policy_next(const struct policy_day *day, const struct policy_facts *facts);

/*
 * Fills the facts that share the screen of this one and matter too (see "screen" in the
 * grammar), the fact itself first. Returns how many.
 */
size_t policy_screen(const struct policy_day *day, const struct policy_facts *facts, int fact,
                     int out[static POLICY_FACTS_MAX]);

/* ---- why ---- */

/* The whole answer as JSON (new reference, owned by the caller): see record.c. */
struct json_t *policy_record(const struct policy_day *day, const struct policy_facts *facts);

/* The answer in sentences of one of the policy's languages. errors: LOT_USAGE for a language. */
bool policy_explain(const struct policy_day *day, const struct policy_facts *facts,
                    const char *language, FILE *out, struct lot_error *error) LOT_CHECKED;

#endif
