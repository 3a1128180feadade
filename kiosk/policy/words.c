/*
 * words.c - hides how numbers and sentences of a policy become text.
 *
 * A unit is written as factors and divisors, "percent*fen/month": each factor has digits
 * behind the point, and the first with a word gives the word. So 100 * 220001 fen, compared
 * with 110 * 4 * 50000, is shown as 2200.01 and the word: exact, never rounded, and a figure that
 * needs more places gets them; "least" is how many a fraction shows at least.
 *
 * In a sentence {fact:NAME} and {param:NAME} stand for a value, {left} {right} {gap} for the
 * two sides of the condition's comparison and their distance, {source:NAME} and {since:NAME}
 * for where a figure comes from, {officer:NAME} {decided:NAME} {grounds:NAME} for a decision
 * at discretion.
 */
#include "kiosk/policy/engine.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

const char *
policy_words(const struct policy *policy, const json_t *text, const char *language)
{
    const char *first =
        json_string_value(json_array_get(json_object_get(policy->json, "languages"), 0));
    if (json_is_string(text)) {
        return json_string_value(text);
    }
    return json_string_value(json_object_get(text, language == NULL ? first : language));
}

/* ---- amounts ---- */

struct unit {
    unsigned digits; /* behind the point, of all factors together */
    unsigned least;  /* digits shown at least when there is a fraction */
    const char *before, *after;
};

static struct unit
read_unit(const struct policy *policy, const char *name, const char *language)
{
    struct unit unit = {.before = "", .after = ""};
    const json_t *units = json_object_get(policy->json, "units");
    bool found = false;
    while (name != NULL && *name != '\0' && *name != '/') {
        size_t size = strcspn(name, "*/");
        char part[32] = "";
        if (size < sizeof part) {
            memcpy(part, name, size);
        }
        const json_t *factor = json_object_get(units, part);
        json_int_t digits = json_integer_value(json_object_get(factor, "digits"));
        const char *after = policy_words(policy, json_object_get(factor, "after"), language);
        const char *before = policy_words(policy, json_object_get(factor, "before"), language);
        unit.digits += digits > 0 && digits < 10 ? (unsigned)digits : 0;
        if (!found && (after != NULL || before != NULL)) {
            unit.before = before == NULL ? "" : before;
            unit.after = after == NULL ? "" : after;
            json_int_t least = json_integer_value(json_object_get(factor, "least"));
            unit.least = least > 0 && least < 9 ? (unsigned)least : 0;
            found = true;
        }
        name += size;
        name += *name == '*' ? 1 : 0;
    }
    return unit;
}

void
policy_amount(const struct policy *policy, const char *unit, policy_wide value,
              const char *language, char *out, size_t size)
{
    assert(out != NULL && size > 0);
    struct unit read = read_unit(policy, unit, language);
    char digits[64];
    size_t at = sizeof digits - 1;
    policy_wide rest = value < 0 ? -value : value;
    unsigned place = 0;
    bool fraction = false;
    digits[at] = '\0';
    do {
        char digit = (char)('0' + (int)(rest % 10));
        rest /= 10;
        /* Zeroes at the end go, but money with a fraction keeps its two places. */
        fraction = fraction || digit != '0';
        if (place >= read.digits || fraction) {
            digits[--at] = digit;
        }
        place++;
        if (place == read.digits && fraction) {
            digits[--at] = '.';
        }
    } while (rest > 0 || place <= read.digits);
    const char *point = strchr(digits + at, '.');
    size_t behind = point == NULL ? read.least : strlen(point + 1);
    snprintf(out, size, "%s%s%s%.*s%s", value < 0 ? "-" : "", read.before, digits + at,
             (int)(behind < read.least ? read.least - behind : 0), "00000000", read.after);
}

/* ---- sentences ---- */

static void
put_span(const struct policy *policy, const char *unit, struct span span, const char *language,
         struct lot_buffer *out)
{
    char text[96];
    policy_amount(policy, unit, span.low, language, text, sizeof text);
    lot_buffer_print(out, "%s", text);
    if (span.low != span.high) {
        const json_t *phrases = json_object_get(policy->json, "phrases");
        const char *to = policy_words(policy, json_object_get(phrases, "to"), language);
        policy_amount(policy, unit, span.high, language, text, sizeof text);
        lot_buffer_print(out, "%s%s", to == NULL ? " - " : to, text);
    }
}

static void
put_choice(const struct policy *policy, const struct fact *fact, unsigned choice,
           const char *language, struct lot_buffer *out)
{
    const json_t *phrases = json_object_get(policy->json, "phrases");
    const json_t *text = json_object_get(phrases, choice == 0 ? "no" : "yes");
    if (fact->type == FACT_ENUM) {
        text =
            json_object_get(json_array_get(json_object_get(fact->json, "choices"), choice), "say");
    }
    const char *words = policy_words(policy, text, language);
    lot_buffer_print(out, "%s", words == NULL ? "?" : words);
}

static void
put_fact(const struct policy_day *day, const struct policy_facts *facts, int index,
         const char *language, struct lot_buffer *out)
{
    const struct fact *fact = &day->policy->facts[index];
    const struct policy_domain *domain = &facts->domain[index];
    const json_t *phrases = json_object_get(day->policy->json, "phrases");
    if (fact->type == FACT_INT && (facts->stated[index] || domain->low == domain->high)) {
        put_span(day->policy, fact->unit, (struct span){domain->low, domain->high}, language, out);
    } else if (fact->type == FACT_CODE && facts->stated[index] && domain->low >= 0) {
        lot_buffer_print(out, "%0*lld", (int)fact->digits, (long long)domain->low);
    } else if (fact->type != FACT_CODE && policy_settled(day->policy, index, domain)) {
        unsigned choice = 0;
        while (choice + 1 < fact->count && (domain->choices >> choice & 1) == 0) {
            choice++;
        }
        put_choice(day->policy, fact, choice, language, out);
    } else {
        const char *words =
            policy_words(day->policy, json_object_get(phrases, "not_stated"), language);
        lot_buffer_print(out, "%s", words == NULL ? "?" : words);
    }
}

static void
put_parameter(const struct policy_day *day, int index, const char *language, struct lot_buffer *out)
{
    const struct parameter *parameter = &day->policy->parameters[index];
    const struct value *value = &day->values[index];
    const json_t *phrases = json_object_get(day->policy->json, "phrases");
    const char *words = NULL;
    if (value->json == NULL) {
        words = policy_words(day->policy, json_object_get(phrases, "missing"), language);
        lot_buffer_print(out, "%s", words == NULL ? "?" : words);
        return;
    }
    if (parameter->type == PARAMETER_INT) {
        put_span(day->policy, parameter->unit, (struct span){value->number, value->number},
                 language, out);
    } else if (json_is_string(value->json)) {
        lot_buffer_print(out, "%s", json_string_value(value->json));
    } else if (json_is_boolean(value->json)) {
        words = json_is_true(value->json) ? "yes" : "no";
        words = policy_words(day->policy, json_object_get(phrases, words), language);
        lot_buffer_print(out, "%s", words == NULL ? "?" : words);
    }
}

/* Where a figure comes from, in the words of the policy. */
static void
put_source(const struct policy_day *day, int index, const char *key, const char *language,
           struct lot_buffer *out)
{
    const struct value *value = &day->values[index];
    const json_t *phrases = json_object_get(day->policy->json, "phrases");
    const char *words = policy_words(day->policy, json_object_get(value->source, key), language);
    if (words == NULL) {
        const char *state = value->json == NULL ? "missing" : "entered";
        words = policy_words(day->policy, json_object_get(phrases, state), language);
    }
    lot_buffer_print(out, "%s", words == NULL ? "?" : words);
}

static void
put_officer(const struct policy_facts *facts, int index, const char *kind, struct lot_buffer *out)
{
    for (size_t i = 0; i < facts->officers_count; i++) {
        const struct policy_officer *officer = &facts->officers[i];
        if (officer->fact == index) {
            lot_buffer_print(out, "%s",
                             strcmp(kind, "officer") == 0   ? officer->name
                             : strcmp(kind, "decided") == 0 ? officer->date
                                                            : officer->reason);
            return;
        }
    }
    lot_buffer_print(out, "-");
}

/* How far the two sides are apart at least and at most. */
static struct span
distance(struct span left, struct span right)
{
    policy_wide low = left.low - right.high;
    policy_wide high = left.high - right.low;
    if (high <= 0) {
        return (struct span){-high, -low};
    }
    return (struct span){low > 0 ? low : 0, low < 0 && -low > high ? -low : high};
}

static void
put_side(const struct policy_day *day, const struct policy_reason *reason, const char *name,
         const char *language, struct lot_buffer *out)
{
    if (reason == NULL || !reason->compared) {
        lot_buffer_print(out, "?");
        return;
    }
    struct span span = strcmp(name, "left") == 0 ? reason->left : reason->right;
    if (strcmp(name, "gap") == 0) {
        span = distance(reason->left, reason->right);
    }
    put_span(day->policy, reason->unit, span, language, out);
}

static int
find_parameter(const struct policy *policy, const char *name)
{
    int i = 0;
    while (i < policy->parameters_count && strcmp(policy->parameters[i].name, name) != 0) {
        i++;
    }
    return i < policy->parameters_count ? i : -1;
}

/* One {place}; name is what stands behind the colon, or the whole when there is none. */
static void
put_place(const struct policy_day *day, const struct policy_facts *facts,
          const struct policy_reason *reason, char *place, const char *language,
          struct lot_buffer *out)
{
    char *colon = strchr(place, ':');
    if (colon == NULL) {
        put_side(day, reason, place, language, out);
        return;
    }
    *colon = '\0';
    int fact = policy_fact(day->policy, colon + 1);
    int parameter = find_parameter(day->policy, colon + 1);
    if (strcmp(place, "fact") == 0 && fact >= 0) {
        put_fact(day, facts, fact, language, out);
    } else if (strcmp(place, "param") == 0 && parameter >= 0) {
        put_parameter(day, parameter, language, out);
    } else if (strcmp(place, "source") == 0 && parameter >= 0) {
        put_source(day, parameter, "source", language, out);
    } else if (strcmp(place, "since") == 0 && parameter >= 0) {
        put_source(day, parameter, "effective", language, out);
    } else if (fact >= 0) {
        put_officer(facts, fact, place, out);
    }
}

void
policy_fill(const struct policy_day *day, const struct policy_facts *facts,
            const struct policy_reason *reason, const char *text, const char *language,
            struct lot_buffer *out)
{
    assert(day != NULL && facts != NULL && out != NULL);
    while (text != NULL && *text != '\0') {
        size_t plain = strcspn(text, "{");
        const char *end = strchr(text + plain, '}');
        char place[96];
        if (text[plain] == '\0' || end == NULL || (size_t)(end - text) - plain > sizeof place) {
            lot_buffer_add(out, text, strlen(text));
            return;
        }
        size_t size = (size_t)(end - text) - plain - 1;
        lot_buffer_add(out, text, plain);
        memcpy(place, text + plain + 1, size);
        place[size] = '\0';
        put_place(day, facts, reason, place, language, out);
        text = end + 1;
    }
}
