/*
 * soundness.c - "this cannot matter" against brute force, over policies made up by chance.
 *
 *   policy_soundness COUNT [SEED]     prints what it found; exit 1 if a claim was wrong
 *
 * Each policy has thirteen facts of every type, one of which silence answers, conditions of
 * every kind, nested at random, a table that need not rise, some conditions never to be known,
 * three categories, three benefits, a referral and a sum. At least eight facts are open. The oracle
 * shares no code with the engine: its own trees, its own three values, and every household that can
 * be made of all choices, all small numbers, and, for large numbers, the values on and around each
 * line for each value of the facts on the other side. Checked for each policy:
 *   - a fact by which two households differ in their results is said to matter;
 *   - while such a fact is there and may be asked, policy_next() asks, and nothing official;
 *   - every household's result is in the sets that policy_decide() gives for what is open.
 * Also counted: facts said to matter though no two households differ (asked in vain).
 */
#include "kiosk/policy/policy.h"
#include "lottery/canon.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS = 13, NODES = 160, ATOMS_MAX = 60, VALUES_MAX = 60, HOUSEHOLDS_MAX = 150000 };
enum kind { BOOLS, CHOICES, CODES, SMALL, LARGE, TEXTS };
enum shape { ALL, ANY, NOT, FACT, SUM, COUNTED, NEVER_KNOWN, NAMED };
enum { T = 0, F = 1, U = 2 };
enum { SILENT = 3 }; /* a fact that silence answers with no, and is asked nevertheless */

static const struct {
    const char *name;
    enum kind kind;
    int most;
} facts[FACTS] = {
    {"b0", BOOLS, 1},   {"b1", BOOLS, 1},          {"b2", BOOLS, 1},          {"b3", BOOLS, 1},
    {"e0", CHOICES, 2}, {"k0", CODES, 2},          {"n", SMALL, 3},           {"i1", SMALL, 3},
    {"i2", SMALL, 2},   {"m0", LARGE, 1000000000}, {"m1", LARGE, 1000000000}, {"b4", BOOLS, 1},
    {"t0", TEXTS, 1},
};
static const char *const codes[] = {"1001", "1002", "1999"};
static const char *const operators[] = {"at_most", "below", "at_least", "above", "equal"};

/* a * facts[x] op b * facts[y] + c; y = -1: no second fact; with table, the entry for it. */
struct node {
    enum shape shape;
    int left, right; /* children; NOT and NAMED have one */
    int fact, set;   /* FACT: bits of the values that make it true */
    int operator, x, y;
    bool table;
    long long a, b, c;
};

struct world {
    struct node nodes[NODES];
    int count, atoms;
    int conditions[3]; /* named, usable by later ones */
    int categories[2];
    int benefits[3];
    int referral;
    int entries[4];                      /* of the table, by n; they need not rise */
    int truths[3];                       /* how the values of e0 count */
    long long values[FACTS][VALUES_MAX]; /* what a fact may still be */
    int values_count[FACTS];
    bool open[FACTS];
};

static uint64_t state;

static uint64_t
chance(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

/* ---- making a policy ---- */

static int
make_atom(struct world *world)
{
    struct node node = {.left = -1, .right = -1, .y = -1};
    uint64_t which = chance(20);
    world->atoms++;
    if (which == 0) {
        node.shape = chance(2) == 0 ? NEVER_KNOWN : COUNTED;
        node.fact = 4;
    } else if (which < 10) {
        static const int plain[] = {0, 1, 2, 3, 11, 4, 5, 12};
        node.shape = FACT;
        node.fact = plain[chance(8)];
        node.set = facts[node.fact].most == 1 ? 2 : 1 + (int)chance(6);
        if (facts[node.fact].kind == CODES) {
            node.set = 1 + (int)chance(3); /* the last code is never listed */
        }
    } else {
        static const int numbers[] = {6, 7, 8, 9, 10, 9};
        node.shape = SUM;
        node.operator=(int) chance(chance(4) == 0 ? 5 : 4);
        node.x = numbers[chance(6)];
        node.a = 1 + (long long)chance(3);
        bool large = facts[node.x].kind == LARGE;
        node.c = large ? (long long)chance(900000000) : (long long)chance(4);
        if (chance(2) == 0) {
            node.y = large ? (chance(5) == 0 ? 19 - node.x : 6) : 6;
            node.b = large && node.y == 6 ? (long long)chance(200000000) : 1 + (long long)chance(2);
            node.y = node.y == node.x ? -1 : node.y;
            node.table = node.y == 6 && chance(3) == 0;
        }
    }
    world->nodes[world->count] = node;
    return world->count++;
}

static int
make_tree(struct world *world, int depth, int named)
{
    uint64_t which = chance(10);
    if (depth == 0 || which < 2 || world->count > NODES - 20) {
        return make_atom(world);
    }
    struct node node = {.left = -1, .right = -1};
    if (which == 2 && named > 0) {
        node.shape = NAMED;
        node.left = world->conditions[node.fact = (int)chance((uint64_t)named)];
    } else if (which == 3) {
        node.shape = NOT;
        node.left = make_tree(world, depth - 1, named);
    } else {
        node.shape = which < 7 ? ALL : ANY;
        node.left = make_tree(world, depth - 1, named);
        node.right = make_tree(world, depth - 1, named);
    }
    world->nodes[world->count] = node;
    return world->count++;
}

static void
make_world(struct world *world)
{
    memset(world, 0, sizeof *world);
    for (int i = 0; i < 4; i++) {
        world->entries[i] = (int)chance(6);
        world->truths[i % 3] = (int)chance(3);
    }
    for (int i = 0; i < 3; i++) {
        world->conditions[i] = make_tree(world, 2, i);
    }
    for (int i = 0; i < 2; i++) {
        world->categories[i] = make_tree(world, 2, 3);
    }
    for (int i = 0; i < 3; i++) {
        world->benefits[i] = make_tree(world, 3, 3);
    }
    world->referral = make_tree(world, 1, 3);
}

/* ---- writing it down ---- */

static void
print_tree(const struct world *world, int at, struct lot_buffer *out)
{
    const struct node *node = &world->nodes[at];
    switch (node->shape) {
    case ALL:
    case ANY:
        lot_buffer_print(out, "{\"%s\": [", node->shape == ALL ? "all" : "any");
        print_tree(world, node->left, out);
        lot_buffer_print(out, ", ");
        print_tree(world, node->right, out);
        lot_buffer_print(out, "]}");
        return;
    case NOT:
        lot_buffer_print(out, "{\"not\": ");
        print_tree(world, node->left, out);
        lot_buffer_print(out, "}");
        return;
    case NAMED:
        lot_buffer_print(out, "{\"is\": \"c%d\"}", node->fact);
        return;
    case NEVER_KNOWN:
        lot_buffer_print(out, "\"unknown\"");
        return;
    case SUM:
        lot_buffer_print(out, "{\"%s\": [{\"times\": [%lld, {\"fact\": \"%s\"}]}, ",
                         operators[node->operator], node->a, facts[node->x].name);
        if (node->table) {
            lot_buffer_print(
                out,
                "{\"plus\": [{\"times\": [%lld, {\"table\": \"tab\", \"by\": \"n\"}]}, "
                "%lld]}]}",
                node->b, node->c);
        } else if (node->y >= 0) {
            lot_buffer_print(out, "{\"plus\": [{\"times\": [%lld, {\"fact\": \"%s\"}]}, %lld]}]}",
                             node->b, facts[node->y].name, node->c);
        } else {
            lot_buffer_print(out, "%lld]}", node->c);
        }
        return;
    case COUNTED:
        lot_buffer_print(out, "{\"fact\": \"e0\", \"counts\": {\"param\": \"who\"}}");
        return;
    case FACT:
        break;
    }
    if (facts[node->fact].kind == TEXTS) {
        lot_buffer_print(out, "{\"given\": \"%s\"}", facts[node->fact].name);
        return;
    }
    lot_buffer_print(out, "{\"fact\": \"%s\"", facts[node->fact].name);
    const char *mark = ", \"in\": [";
    for (int i = 0; facts[node->fact].kind != BOOLS && i <= facts[node->fact].most; i++) {
        if ((node->set >> i & 1) == 0) {
            continue;
        }
        if (facts[node->fact].kind == CHOICES) {
            lot_buffer_print(out, "%s\"v%d\"", mark, i);
        } else {
            lot_buffer_print(out, "%s\"%s\"", mark, codes[i]);
        }
        mark = ", ";
    }
    lot_buffer_print(out, facts[node->fact].kind == BOOLS ? "}" : "]}");
}

static void
print_policy(const struct world *world, struct lot_buffer *out)
{
    lot_buffer_print(out,
                     "{\"schema\": \"policy/1\", \"key\": \"random\", \"languages\": [\"en\"], "
                     "\"facts\": [");
    for (int i = 0; i < FACTS; i++) {
        static const char *const types[] = {"bool", "enum", "code", "int", "int", "text"};
        lot_buffer_print(out, "%s{\"key\": \"%s\", \"who\": \"%s\", \"type\": \"%s\"",
                         i == 0 ? "" : ", ", facts[i].name, i == 11 ? "official" : "visitor",
                         types[facts[i].kind]);
        if (facts[i].kind == CHOICES) {
            lot_buffer_print(out, ", \"choices\": [{\"key\": \"v0\"}, {\"key\": \"v1\"}, "
                                  "{\"key\": \"v2\"}]");
        } else if (facts[i].kind == CODES) {
            lot_buffer_print(out, ", \"digits\": 4");
        } else if (i == SILENT) {
            lot_buffer_print(out, ", \"absent\": false, \"ask\": true");
        } else if (facts[i].kind == SMALL || facts[i].kind == LARGE) {
            lot_buffer_print(out, ", \"min\": 0, \"max\": %d, \"range\": true%s", facts[i].most,
                             i == 7 ? ", \"at_most_fact\": \"n\"" : "");
        }
        lot_buffer_print(out, "}");
    }
    lot_buffer_print(
        out,
        "], \"parameters\": [{\"key\": \"as_of\", \"type\": \"date\"}, {\"key\": "
        "\"tab\", \"type\": \"table\", \"by\": \"n\", \"values\": [{\"value\": {\"from\": "
        "0, \"values\": [%d, %d, %d, %d]}}]}, {\"key\": \"who\", \"type\": \"truths\", "
        "\"by\": \"e0\", \"values\": [{\"value\": {\"v0\": \"%c\", \"v1\": \"%c\", "
        "\"v2\": \"%c\"}}]}], \"conditions\": [",
        world->entries[0], world->entries[1], world->entries[2], world->entries[3],
        "TFU"[world->truths[0]], "TFU"[world->truths[1]], "TFU"[world->truths[2]]);
    for (int i = 0; i < 3; i++) {
        lot_buffer_print(out, "%s{\"key\": \"c%d\", \"test\": ", i == 0 ? "" : ", ", i);
        print_tree(world, world->conditions[i], out);
        lot_buffer_print(out, "}");
    }
    lot_buffer_print(out, "], \"categories\": [");
    for (int i = 0; i < 2; i++) {
        lot_buffer_print(out, "{\"key\": \"k%d\", \"when\": ", i);
        print_tree(world, world->categories[i], out);
        lot_buffer_print(out, "}, ");
    }
    lot_buffer_print(out, "{\"key\": \"k2\", \"when\": true}], \"benefits\": [");
    for (int i = 0; i < 3; i++) {
        lot_buffer_print(out, "%s{\"key\": \"p%d\", \"when\": ", i == 0 ? "" : ", ", i);
        print_tree(world, world->benefits[i], out);
        lot_buffer_print(out, "}");
    }
    lot_buffer_print(out, "], \"figures\": [{\"key\": \"sum\", \"when\": \"p0\", \"value\": "
                          "{\"times\": [3, {\"fact\": \"i2\"}]}}], \"referrals\": [{\"key\": "
                          "\"r\", \"when\": ");
    print_tree(world, world->referral, out);
    lot_buffer_print(out, "}]}");
}

/* ---- the oracle: one household, three values, no sets ---- */

static int
truth(const struct world *world, int at, const long long household[])
{
    const struct node *node = &world->nodes[at];
    int left = node->left < 0 ? T : truth(world, node->left, household);
    int right = node->right < 0 ? T : truth(world, node->right, household);
    long long d = 0;
    switch (node->shape) {
    case ALL:
        return left == F || right == F ? F : left == U || right == U ? U : T;
    case ANY:
        return left == T || right == T ? T : left == U || right == U ? U : F;
    case NOT:
        return left == U ? U : left == T ? F : T;
    case NAMED:
        return left;
    case NEVER_KNOWN:
        return U;
    case COUNTED:
        return world->truths[household[4]];
    case FACT:
        return (node->set >> household[node->fact] & 1) != 0 ? T : F;
    case SUM:
        break;
    }
    d = node->a * household[node->x] - node->c;
    d -= node->y < 0 ? 0
                     : node->b * (node->table ? world->entries[household[6]] : household[node->y]);
    bool holds[] = {d <= 0, d<0, d >= 0, d> 0, d == 0};
    return holds[node->operator] ? T : F;
}

/* Everything that the household is told, as one number. */
static unsigned
results(const struct world *world, const long long household[])
{
    int first = truth(world, world->categories[0], household);
    int second = truth(world, world->categories[1], household);
    int not_first = first == U ? U : first == T ? F : T;
    int not_second = second == U ? U : second == T ? F : T;
    int alone = second == F || not_first == F ? F : second == U || not_first == U ? U : T;
    int last = not_first == F || not_second == F ? F : not_first == U || not_second == U ? U : T;
    unsigned all = (unsigned)(first + 3 * alone + 9 * last);
    unsigned unit = 27;
    for (int i = 0; i < 3; i++, unit *= 3) {
        all += unit * (unsigned)truth(world, world->benefits[i], household);
    }
    all += unit * (unsigned)truth(world, world->referral, household);
    bool paid = truth(world, world->benefits[0], household) == T;
    return all + 3 * unit * (paid ? 1 + (unsigned)household[8] : 0);
}

/* ---- the values that households are made of ---- */

static void
add_value(struct world *world, int fact, long long value)
{
    for (int i = 0; i < world->values_count[fact]; i++) {
        if (world->values[fact][i] == value) {
            return;
        }
    }
    if (value >= 0 && value <= facts[fact].most && world->values_count[fact] < VALUES_MAX) {
        world->values[fact][world->values_count[fact]++] = value;
    }
}

/* On and around the line of each comparison, for each value of the fact on the other side. */
static void
add_lines(struct world *world, int fact, int other_large)
{
    for (int i = 0; i < world->count; i++) {
        const struct node *node = &world->nodes[i];
        bool here = node->shape == SUM && (node->x == fact || node->y == fact);
        int other = node->x == fact ? node->y : node->x;
        if (!here || (other >= 0 && facts[other].kind == LARGE && !other_large)) {
            continue;
        }
        int count = other < 0 ? 1 : world->values_count[other];
        for (int k = 0; k < count && k < 8; k++) {
            long long value = other < 0 ? 0 : world->values[other][k];
            value = node->table ? world->entries[value] : value;
            long long line = node->x == fact
                                 ? (node->b * value + node->c) / node->a
                                 : (node->a * value - node->c) / (node->b ? node->b : 1);
            for (long long d = -1; d <= 2; d++) {
                add_value(world, fact, line + d);
            }
        }
    }
    add_value(world, fact, 0);
    add_value(world, fact, facts[fact].most);
}

/* Decides what was stated, and lists the values of what is open. Returns how many are open. */
static int
make_values(struct world *world, long long known[FACTS])
{
    int open = FACTS;
    for (int i = 0; i < FACTS; i++) {
        known[i] = -1;
    }
    for (int tries = (int)chance(5); tries > 0; tries--) {
        int fact = (int)chance(FACTS);
        known[fact] = (long long)chance((uint64_t)facts[fact].most + 1);
    }
    for (int i = 0; i < FACTS; i++) {
        world->open[i] = known[i] < 0 && i != SILENT;
        open -= world->open[i] ? 0 : 1;
        for (int v = 0; facts[i].kind != LARGE && v <= facts[i].most; v++) {
            if (world->open[i] || v == (known[i] < 0 ? 0 : known[i])) {
                add_value(world, i, v);
            }
        }
    }
    for (int i = 9; i <= 10; i++) {
        if (known[i] >= 0) {
            add_value(world, i, known[i]);
        }
    }
    for (int i = 9; i <= 10; i++) {
        if (known[i] < 0) {
            add_lines(world, i, i == 10 || known[10] >= 0);
        }
    }
    return open;
}

/* ---- comparing ---- */

struct findings {
    long policies, households, unsound, outside, silent, matter, vain, settled;
};

static size_t
households_count(const struct world *world)
{
    size_t count = 1;
    for (int i = 0; i < FACTS; i++) {
        count *= (size_t)world->values_count[i];
        count = count > HOUSEHOLDS_MAX ? HOUSEHOLDS_MAX + 1 : count;
    }
    return count;
}

static void
get_household(const struct world *world, size_t index, long long household[])
{
    for (int i = 0; i < FACTS; i++) {
        household[i] = world->values[i][index % (size_t)world->values_count[i]];
        index /= (size_t)world->values_count[i];
    }
}

/* Whether two possible households that differ in this fact alone differ in their results. */
static bool
differ_by(const struct world *world, const unsigned told[], size_t count, int fact)
{
    size_t step = 1;
    for (int i = 0; i < fact; i++) {
        step *= (size_t)world->values_count[i];
    }
    size_t values = (size_t)world->values_count[fact];
    for (size_t base = 0; base < count; base++) {
        if (base / step % values != 0) {
            continue;
        }
        unsigned first = 0; /* 0 = a household that cannot be */
        for (size_t v = 0; v < values; v++) {
            unsigned here = told[base + v * step];
            first = first == 0 ? here : first;
            if (here != 0 && here != first) {
                return true;
            }
        }
    }
    return false;
}

static bool
fits(unsigned set, int value)
{
    return (set & (value == T ? 1u : value == F ? 2u : 4u)) != 0;
}

static bool
inside(const struct world *world, const struct policy_answer *answer, const long long household[])
{
    bool ok = fits(answer->referrals[0], truth(world, world->referral, household));
    for (int i = 0; i < 3; i++) {
        ok = ok && fits(answer->benefits[i], truth(world, world->benefits[i], household));
    }
    int category = 2;
    for (int i = 1; i >= 0; i--) {
        int value = truth(world, world->categories[i], household);
        if (value == U) {
            return ok; /* the household itself is undetermined */
        }
        category = value == T ? i : category;
    }
    return ok && (answer->candidates >> category & 1) != 0;
}

static bool
state_known(const struct policy_day *day, struct policy_facts *stated, const long long known[])
{
    bool ok = true;
    for (int i = 0; ok && i < FACTS; i++) {
        char text[24];
        json_t *value = NULL;
        if (known[i] < 0) {
            continue;
        }
        snprintf(text, sizeof text, "v%lld", known[i]);
        switch (facts[i].kind) {
        case BOOLS:
            value = json_boolean(known[i] != 0);
            break;
        case CHOICES:
            value = json_string(text);
            break;
        case CODES:
            value = json_string(codes[known[i]]);
            break;
        case TEXTS:
            value = json_string(known[i] != 0 ? "x" : "");
            break;
        case SMALL:
        case LARGE:
            value = json_integer(known[i]);
            break;
        }
        ok = policy_state(day, stated, facts[i].name, value, NULL);
        json_decref(value);
    }
    return ok;
}

static void
compare(const struct world *world, const struct policy_day *day, const struct policy_facts *stated,
        struct findings *findings)
{
    size_t count = households_count(world);
    unsigned *told = lot_alloc(count, sizeof *told);
    long long household[FACTS];
    struct policy_answer answer;
    policy_decide(day, stated, &answer);
    for (size_t i = 0; i < count; i++) {
        get_household(world, i, household);
        if (household[7] <= household[6]) {
            told[i] = 1 + results(world, household);
            findings->outside += inside(world, &answer, household) ? 0 : 1;
        }
    }
    findings->households += (long)count;
    int next = policy_next(day, stated);
    bool to_ask = false;
    for (int i = 0; i < FACTS; i++) {
        bool differ = world->open[i] && differ_by(world, told, count, i);
        bool matters = policy_matters(day, stated, i);
        findings->matter += differ ? 1 : 0;
        findings->unsound += differ && !matters ? 1 : 0;
        findings->vain += matters && !differ ? 1 : 0;
        to_ask = to_ask || (differ && i != 11);
    }
    findings->silent += (to_ask && next < 0) || next == 11 ? 1 : 0;
    findings->settled += to_ask ? 0 : 1;
    free(told);
}

/* One policy; false when the chance gave one that says too little or is too large to count out. */
static bool
try_policy(struct findings *findings)
{
    struct world world;
    long long known[FACTS];
    struct lot_buffer text = {0};
    struct policy *policy = NULL;
    struct policy_day *day = NULL;
    struct policy_facts stated;
    struct lot_error error = {0};
    make_world(&world);
    int open = make_values(&world, known);
    if (open < 8 || households_count(&world) > HOUSEHOLDS_MAX) {
        return false;
    }
    print_policy(&world, &text);
    json_t *given = json_pack("{s:s}", "as_of", "2020-01-01");
    bool ok = policy_read(text.at, text.size, &policy, &error) &&
              policy_on_day(policy, given, &day, &error);
    if (!ok) {
        printf("%s\n%s\n", error.text, text.at);
        exit(1);
    }
    policy_facts_init(day, &stated);
    long before = findings->unsound + findings->outside + findings->silent;
    bool stood = state_known(day, &stated, known);
    if (stood) {
        compare(&world, day, &stated, findings);
        findings->policies++;
    }
    if (before != findings->unsound + findings->outside + findings->silent) {
        printf("not ok policy %ld: %s\n", findings->policies, text.at);
    }
    json_decref(given);
    policy_day_destroy(day);
    policy_destroy(policy);
    lot_buffer_finish(&text);
    return stood;
}

int
main(int count, char **words)
{
    struct findings findings = {0};
    long wanted = count > 1 ? strtol(words[1], NULL, 10) : 100;
    uint64_t seed = count > 2 ? strtoull(words[2], NULL, 10) : 20130821;
    state = seed * 2654435761u + 1;
    for (long tries = 0; findings.policies < wanted && tries < 100 * wanted; tries++) {
        try_policy(&findings);
    }
    printf("seed %llu: %ld policies, %ld households, %ld facts that matter\n",
           (unsigned long long)seed, findings.policies, findings.households, findings.matter);
    printf("%s no fact that matters is said not to: %ld wrong\n",
           findings.unsound == 0 ? "ok" : "not ok", findings.unsound);
    printf("%s every result is in the set that was announced: %ld outside\n",
           findings.outside == 0 ? "ok" : "not ok", findings.outside);
    printf("%s a question is asked while one matters, none of an official: %ld wrong\n",
           findings.silent == 0 ? "ok" : "not ok", findings.silent);
    printf("asked in vain: %ld of %ld; nothing left to ask: %ld policies\n", findings.vain,
           findings.matter + findings.vain, findings.settled);
    bool enough = findings.policies == wanted && findings.matter > wanted;
    return enough && findings.unsound + findings.outside + findings.silent == 0 ? 0 : 1;
}
