/*
 * engine.h - the insides of a policy, shared by the files of this folder only.
 *
 * A policy keeps the JSON it was read from: names and sentences are borrowed from it.
 * Conditions become nodes, sums become expressions; both refer to facts and parameters
 * by index. policy_on_day() turns expressions into linear forms, so that a decision
 * is additions and comparisons only.
 */
#ifndef KIOSK_POLICY_ENGINE_H
#define KIOSK_POLICY_ENGINE_H

#include "kiosk/policy/policy.h"
#include "lottery/canon.h"

#define POLICY_NODES_MAX 2048
#define POLICY_EXPRESSIONS_MAX 1024
#define POLICY_CHILDREN_MAX 4096
#define POLICY_DEPTH_MAX 24  /* of a tree as written; named conditions nest on top */
#define POLICY_TERMS_MAX 8   /* facts in one linear form */
#define POLICY_TABLE_MAX 128 /* entries of a table that is looked up by a fact */
#define POLICY_COEFFICIENT_MAX ((int64_t)1 << 62)

/*
 * Sums are exact in 128 bits: a coefficient has at most 62, a fact at most 50, and a
 * linear form at most 8 + 1 terms. gcc and clang both have the type; C11 does not.
 */
__extension__ typedef __int128 policy_wide;

enum fact_type { FACT_BOOL, FACT_INT, FACT_ENUM, FACT_CODE, FACT_TEXT };

struct fact {
    const char *name;
    struct json_t *json;
    enum fact_type type;
    bool official;
    bool range;        /* an answer may be a range */
    bool ask;          /* a fact with "absent" that is asked nevertheless */
    int64_t low, high; /* legal range of a number */
    int high_fact;     /* whose value limits this one, or -1 */
    unsigned count;    /* choices of an enum */
    const char *choices[POLICY_CHOICES_MAX];
    unsigned digits;       /* of a code */
    const char *prefix;    /* of a code */
    const char *other;     /* the one value of a code that is no number, or NULL */
    struct json_t *absent; /* what silence means, or NULL: unknown */
    const char *unit;      /* or NULL */
    int64_t cost;          /* of asking: 1 = a touch */
    const char *screen;    /* facts with one screen key share it, or NULL */
};

enum parameter_type {
    PARAMETER_INT,
    PARAMETER_BOOL,
    PARAMETER_ENUM,
    PARAMETER_DATE,
    PARAMETER_TEXT,
    PARAMETER_CODES,
    PARAMETER_TRUTHS, /* an enum fact's values -> T, F, U */
    PARAMETER_TABLE,  /* an integer fact -> integer */
};

struct parameter {
    const char *name;
    struct json_t *json;
    enum parameter_type type;
    const char *unit;
    bool zoned;
    bool past; /* of the day that the reference rule names, not of the day itself */
};

enum node_kind {
    NODE_ALL,
    NODE_ANY,
    NODE_NOT,
    NODE_COMPARE,
    NODE_CHOICE,
    NODE_CODE,
    NODE_TRUTHS,
    NODE_PARAMETER,
    NODE_CONSTANT,
    NODE_CONDITION
};
enum comparison { AT_MOST, BELOW, AT_LEAST, ABOVE, EQUAL };

struct node {
    enum node_kind kind;
    enum comparison comparison;
    int first, count;    /* children, in policy.children */
    int fact;            /* CHOICE, CODE, TRUTHS */
    int parameter;       /* TRUTHS, PARAMETER, and the list of CHOICE and CODE unless literal */
    int left, right;     /* COMPARE: expressions */
    int condition;       /* CONDITION: the name; its tree is the one child */
    unsigned truth;      /* CONSTANT */
    struct json_t *list; /* literal list of CHOICE, CODE and PARAMETER, or NULL */
};

enum expression_kind {
    EXPR_NUMBER,
    EXPR_FACT,
    EXPR_PARAMETER,
    EXPR_TABLE,
    EXPR_TIMES,
    EXPR_PLUS,
    EXPR_MINUS
};

struct expression {
    enum expression_kind kind;
    int64_t number;
    int fact, parameter;
    int first, count; /* operands, in policy.children */
    const char *unit; /* NUMBER only, or NULL */
};

struct condition {
    const char *name;
    struct json_t *json;
    int node;
};

struct category {
    const char *name;
    struct json_t *json;
    int node;  /* as written */
    int alone; /* and none before it: what "this category" means elsewhere */
    const char *candidate;
};

struct benefit {
    const char *name;
    struct json_t *json;
    int node;
    bool review;
};

struct figure {
    const char *group; /* or NULL: the figure stands by itself */
    const char *name;
    struct json_t *json;
    int expression;
    int benefit; /* the figure counts only when this one is true; -1 = always, and never asked for
                  */
};

struct policy {
    struct json_t *json;
    char digest[POLICY_DIGEST_SIZE + 1];
    struct fact facts[POLICY_FACTS_MAX];
    struct parameter parameters[POLICY_PARAMETERS_MAX];
    struct condition conditions[POLICY_CONDITIONS_MAX];
    struct category categories[POLICY_CATEGORIES_MAX];
    struct benefit benefits[POLICY_BENEFITS_MAX];
    struct benefit referrals[POLICY_REFERRALS_MAX];
    struct figure figures[POLICY_FIGURES_MAX];
    struct node nodes[POLICY_NODES_MAX];
    struct expression expressions[POLICY_EXPRESSIONS_MAX];
    int children[POLICY_CHILDREN_MAX];
    int limited[POLICY_FACTS_MAX]; /* facts with a high_fact */
    int limited_count;
    int facts_count, parameters_count, conditions_count, categories_count, benefits_count;
    int referrals_count, figures_count, nodes_count, expressions_count, children_count;
    int day, known, zone; /* parameters with a meaning of their own, -1 = the policy has none */
    int reference;        /* the rule for past figures, or -1 */
};

/* Where a parameter's value came from. */
enum origin {
    ORIGIN_MISSING, /* nobody knows it: an administrator must enter it */
    ORIGIN_POLICY,  /* a dated value of the policy, with its source */
    ORIGIN_ENTERED, /* given with the case and unlike the policy's: no source, so a demonstration */
};

struct value {
    enum origin origin;
    bool demonstration;    /* to be marked wherever it is shown */
    struct json_t *json;   /* reference held */
    struct json_t *source; /* the dated value of the policy it equals, or NULL */
    int64_t number;        /* INT, BOOL, DATE as yyyymmdd, ENUM as index */
};

struct term {
    int fact;
    int64_t coefficient;
    const int64_t *table; /* the term is coefficient * table[fact - its lowest], or NULL */
};

/* constant + the terms; missing: a parameter in it has no value. */
struct linear {
    bool missing;
    bool narrow; /* no household makes it leave 64 bits */
    int count;
    policy_wide constant;
    struct term terms[POLICY_TERMS_MAX];
};

/* The two sides of a comparison and their difference, as sums of the day. */
struct sides {
    struct linear left, right, difference; /* left - right */
};

/* What the day makes of a node; small, because a decision walks through many of them. */
struct bound {
    uint64_t yes;        /* CHOICE, CODE, TRUTHS: choices that make it true .. */
    uint64_t unknown;    /* .. and unknown */
    struct sides *sides; /* COMPARE */
    const int *parts;    /* ALL, ANY, NOT: parts that are open on this day, without names */
    int count;
    int fact;
    enum node_kind kind;
    enum comparison comparison;
    uint8_t truth; /* what the figures alone make of it, or 0: ask the facts */
    bool ready;    /* only while binding */
};

struct policy_day {
    const struct policy *policy;
    struct value values[POLICY_PARAMETERS_MAX];
    struct bound *bounds; /* by node */
    int *parts;           /* room for all parts of bounds */
    struct linear figures[POLICY_FIGURES_MAX];
    int64_t (*tables)[POLICY_TABLE_MAX];
    int tables_count;
    int64_t codes[POLICY_CHOICES_MAX - 1]; /* every code that a condition names, sorted */
    int codes_count;                       /* class codes_count = all other codes */
};

struct span {
    policy_wide low, high;
};

/* day.c: the number of a code such as "230199", or -1. */
int64_t policy_code(const struct json_t *json);

/* bind.c: puts the values of the day into nodes and sums. */
bool policy_bind(struct policy_day *day, struct lot_error *error) LOT_CHECKED;

/*
 * decide.c: what is known of the facts, and every truth that was worked out from it so far.
 * The domain is borrowed; when it changes, the view starts anew.
 */
struct policy_view {
    const struct policy_day *day;
    const struct policy_domain *domain;
    uint8_t truth[POLICY_NODES_MAX]; /* by node, 0 = not looked at yet */
};
void policy_view_start(struct policy_view *view, const struct policy_day *day,
                       const struct policy_domain domain[]);
unsigned policy_look(struct policy_view *view, int node);
/* The same for one look. */
unsigned policy_truth(const struct policy_day *day, const struct policy_domain domain[], int node);
struct span policy_span(const struct policy_day *day, const struct linear *linear,
                        const struct policy_domain domain[]);
unsigned policy_and(unsigned a, unsigned b);
unsigned policy_or(unsigned a, unsigned b);
unsigned policy_not(unsigned a);
/* Whether exactly one value is possible. */
bool policy_certain(unsigned truth);
/* Whether this much is known of the fact that nothing is open. */
bool policy_settled(const struct policy *policy, int fact, const struct policy_domain *domain);

/* facts.c: closes in on what facts say about each other (members of a household and the like). */
bool policy_consistent(const struct policy *policy, struct policy_domain domain[]);

/* matter.c: whether some household can give the node (and also another, or -1) this value. */
enum policy_reach { REACH_NEVER, REACH_SOME, REACH_UNPROVED };
enum policy_reach policy_reach(const struct policy_day *day, const struct policy_domain domain[],
                               int node, int also, unsigned truth);

/* words.c: a figure in the digits and the word of its unit, "2200.01" and its word; never rounds.
 */
void policy_amount(const struct policy *policy, const char *unit, policy_wide value,
                   const char *language, char *out, size_t size);
/* The text in this language, or the first of the policy's languages; NULL if there is none. */
const char *policy_words(const struct policy *policy, const struct json_t *text,
                         const char *language);

/* ---- why.c: the deciding record ---- */

/* One condition that decided, with the numbers put in; text is made from this and nothing else. */
struct policy_reason {
    int condition;
    unsigned truth;
    bool compared;    /* the condition holds a comparison: */
    int comparison;   /* .. its node */
    const char *unit; /* .. of both sides */
    struct span left, right;
};

struct policy_reasons {
    unsigned truth; /* of the whole */
    int count;
    struct policy_reason reasons[POLICY_CONDITIONS_MAX];
};

/*
 * Why the node has the value it has: the conditions with sentences that decided it. What is
 * open is open because of its open parts; with so_far the parts that hold already come, too.
 */
void policy_why(struct policy_view *view, int node, bool so_far, struct policy_reasons *out);

/* The sentence of one reason; empty if the policy has none for this language. */
void policy_say(const struct policy_day *day, const struct policy_facts *facts,
                const struct policy_reason *reason, const char *language, struct lot_buffer *out);

/* Fills {fact:..}, {param:..} and the like in any text of the policy; reason may be NULL. */
void policy_fill(const struct policy_day *day, const struct policy_facts *facts,
                 const struct policy_reason *reason, const char *text, const char *language,
                 struct lot_buffer *out);

/* The domain that decisions look at: the facts, closed in on each other. */
void policy_close(const struct policy_day *day, const struct policy_facts *facts,
                  struct policy_domain out[static POLICY_FACTS_MAX]);

/* "T", "F" or "U" of a truth. */
const char *policy_letter(unsigned truth);

#endif
