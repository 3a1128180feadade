/*
 * ask.c - hides the interview in the terminal: the kiosk's questions for those with a keyboard.
 *
 * policy_next() says what to ask. Facts of one "screen" that have a "yes" sentence are shown
 * together as a list to pick from: what is picked is yes (of a number: at least one), the
 * rest no (or zero), Enter leaves all of them open. Nothing is asked twice.
 */
#include "kiosk/policy/eligibility.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 256

struct interview {
    const struct policy *policy;
    struct policy_day *day;
    struct policy_facts facts;
    const char *language;
    int screens;
    bool ended; /* standard input is at its end: everything else stays open */
};

static const char *
words_of(const struct interview *interview, const json_t *json, const char *key)
{
    const char *words =
        policy_words(interview->policy, json_object_get(json, key), interview->language);
    return words == NULL ? "" : words;
}

static const char *
phrase(const struct interview *interview, const char *key)
{
    return words_of(interview, json_object_get(interview->policy->json, "phrases"), key);
}

/* One line without blanks around it; false at the end of input, and for an empty line. */
static bool
read_line(struct interview *interview, char line[static LINE_MAX_BYTES])
{
    printf("> ");
    (void)fflush(stdout);
    if (fgets(line, LINE_MAX_BYTES, stdin) == NULL) {
        interview->ended = true;
        printf("\n");
        return false;
    }
    size_t size = strlen(line);
    while (size > 0 && isspace((unsigned char)line[size - 1])) {
        line[--size] = '\0';
    }
    return size > 0;
}

/* Digits behind the point that the unit's first factor has: "2200.01" is 220001. */
static unsigned
unit_digits(const struct policy *policy, const char *unit)
{
    char name[32] = "";
    size_t size = unit == NULL ? 0 : strcspn(unit, "*/");
    if (size < sizeof name) {
        memcpy(name, unit == NULL ? "" : unit, size);
    }
    const json_t *factor = json_object_get(json_object_get(policy->json, "units"), name);
    json_int_t digits = json_integer_value(json_object_get(factor, "digits"));
    return digits > 0 && digits < 10 ? (unsigned)digits : 0;
}

/* Reads an exact decimal at *text and moves past it; more places than the unit has are refused. */
static bool
read_decimal(const char **text, unsigned digits, json_int_t *out)
{
    json_int_t value = 0;
    unsigned places = 0;
    bool point = false;
    bool any = false;
    const char *at = *text;
    for (; isdigit((unsigned char)*at) || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        places += point ? 1 : 0;
        value = value * 10 + (*at - '0');
        any = true;
        if (value > POLICY_VALUE_MAX / 10 || places > digits) {
            return false;
        }
    }
    for (; places < digits; places++) {
        value *= 10;
    }
    *text = at;
    *out = value;
    return any;
}

static json_t *
read_amount(const struct interview *interview, const struct fact *fact, const char *line)
{
    unsigned digits = unit_digits(interview->policy, fact->unit);
    json_int_t low = 0;
    json_int_t high = 0;
    if (!read_decimal(&line, digits, &low)) {
        return NULL;
    }
    if (*line == '\0') {
        return json_integer(low);
    }
    if (*line++ != '-' || !read_decimal(&line, digits, &high) || *line != '\0') {
        return NULL;
    }
    return json_pack("{s:I, s:I}", "min", low, "max", high);
}

static json_t *
read_answer(const struct interview *interview, const struct fact *fact, const char *line)
{
    char *end = NULL;
    unsigned long choice = strtoul(line, &end, 10);
    bool number = *end == '\0';
    switch (fact->type) {
    case FACT_BOOL:
        return number && (choice == 1 || choice == 2) ? json_boolean(choice == 1) : NULL;
    case FACT_ENUM:
        return number && choice >= 1 && choice <= fact->count
                   ? json_string(fact->choices[choice - 1])
                   : NULL;
    case FACT_INT:
        return read_amount(interview, fact, line);
    case FACT_CODE:
    case FACT_TEXT:
        break;
    }
    return json_string(line);
}

static void
print_choices(const struct interview *interview, const struct fact *fact)
{
    const json_t *choices = json_object_get(fact->json, "choices");
    if (fact->type == FACT_BOOL) {
        printf("  1 %s\n  2 %s\n", phrase(interview, "yes"), phrase(interview, "no"));
    }
    for (unsigned i = 0; fact->type == FACT_ENUM && i < fact->count; i++) {
        printf("  %u %s\n", i + 1, words_of(interview, json_array_get(choices, i), "say"));
    }
    if (fact->range) {
        printf("  %s\n", phrase(interview, "ask_range"));
    }
}

/* One fact, until the answer is a legal one or left open. */
static void
ask_fact(struct interview *interview, int index)
{
    const struct fact *fact = &interview->policy->facts[index];
    char line[LINE_MAX_BYTES];
    printf("\n%s\n", words_of(interview, fact->json, "question"));
    printf("  %s%s\n", phrase(interview, "ask_why"), words_of(interview, fact->json, "why"));
    print_choices(interview, fact);
    printf("  %s\n", phrase(interview, "ask"));
    interview->facts.asked[index] = true;
    while (read_line(interview, line)) {
        struct lot_error error = {0};
        json_t *value = read_answer(interview, fact, line);
        bool taken = value != NULL &&
                     policy_state(interview->day, &interview->facts, fact->name, value, &error);
        json_decref(value);
        if (taken) {
            return;
        }
        printf("%s %s\n", phrase(interview, "ask_bad"), error.text);
    }
}

/* Whether the line picks choice k: "1 3" picks the first and the third. */
static bool
picks(const char *line, size_t k)
{
    while (*line != '\0') {
        char *end = NULL;
        unsigned long number = strtoul(line, &end, 10);
        if (end != line && number == k) {
            return true;
        }
        line = end == line ? line + 1 : end;
    }
    return false;
}

static void
state_pick(struct interview *interview, int index, bool picked)
{
    const struct fact *fact = &interview->policy->facts[index];
    int64_t most = fact->high;
    if (fact->high_fact >= 0 && interview->facts.domain[fact->high_fact].high < most) {
        most = interview->facts.domain[fact->high_fact].high;
    }
    json_t *value = json_boolean(picked);
    if (fact->type == FACT_INT) {
        value = picked ? json_pack("{s:I, s:I}", "min", (json_int_t)1, "max", (json_int_t)most)
                       : json_integer(0);
    }
    struct lot_error error = {0};
    if (!policy_state(interview->day, &interview->facts, fact->name, value, &error)) {
        printf("%s\n", error.text);
    }
    json_decref(value);
}

/* Facts that share a screen: one list to pick from. */
static void
ask_list(struct interview *interview, const int facts[], size_t count)
{
    const json_t *screens = json_object_get(interview->policy->json, "screens");
    const char *key = interview->policy->facts[facts[0]].screen;
    char line[LINE_MAX_BYTES];
    for (size_t i = 0; i < json_array_size(screens); i++) {
        const json_t *screen = json_array_get(screens, i);
        const char *name = json_string_value(json_object_get(screen, "key"));
        if (name != NULL && strcmp(name, key) == 0) {
            printf("\n%s\n", words_of(interview, screen, "question"));
        }
    }
    for (size_t i = 0; i < count; i++) {
        printf("  %zu %s\n", i + 1,
               words_of(interview, interview->policy->facts[facts[i]].json, "yes"));
    }
    printf("  0 %s\n  %s\n", phrase(interview, "ask_none"), phrase(interview, "ask"));
    bool answered = read_line(interview, line);
    for (size_t i = 0; i < count; i++) {
        bool number = interview->policy->facts[facts[i]].type == FACT_INT;
        bool picked = answered && picks(line, i + 1);
        if (answered) {
            state_pick(interview, facts[i], picked);
        }
        /* "At least one" may be asked again for the number, if the number still matters. */
        interview->facts.asked[facts[i]] = !(number && picked);
    }
}

/* Asked right behind a fact of the same screen, and no picture to pick: still that screen. */
static bool
same_screen(const struct interview *interview, int last, int next)
{
    const struct fact *facts = interview->policy->facts;
    return last >= 0 && facts[last].screen != NULL && facts[next].screen != NULL &&
           strcmp(facts[last].screen, facts[next].screen) == 0 &&
           json_object_get(facts[next].json, "yes") == NULL;
}

static void
run_interview(struct interview *interview)
{
    int last = -1;
    for (;;) {
        int facts[POLICY_FACTS_MAX];
        int list[POLICY_FACTS_MAX];
        size_t listed = 0;
        int next = interview->ended ? -1 : policy_next(interview->day, &interview->facts);
        if (next < 0) {
            break;
        }
        size_t count = policy_screen(interview->day, &interview->facts, next, facts);
        interview->screens += same_screen(interview, last, next) ? 0 : 1;
        last = next;
        for (size_t i = 0; i < count; i++) {
            const json_t *json = interview->policy->facts[facts[i]].json;
            if (json_object_get(json, "yes") != NULL) {
                list[listed++] = facts[i];
            }
        }
        if (listed > 1) {
            ask_list(interview, list, listed);
        } else {
            ask_fact(interview, next);
        }
    }
}

bool
eligibility_ask(struct cli *cli, struct lot_error *error)
{
    struct policy *policy = NULL;
    struct interview interview = {.language = cli_value(cli, "lang")};
    json_t *parameters = NULL;
    char today[11];
    bool ok = eligibility_policy(cli->words[0], &policy, error) &&
              (cli->count < 2 || eligibility_json(cli->words[1], &parameters, error));
    if (ok) {
        parameters = parameters == NULL ? json_object() : parameters;
        eligibility_today(today);
        const char *day = cli_value(cli, "day");
        if (day != NULL || json_object_get(parameters, "as_of") == NULL) {
            json_object_set_new(parameters, "as_of", json_string(day == NULL ? today : day));
        }
        ok = policy_on_day(policy, parameters, &interview.day, error);
    }
    if (ok) {
        interview.policy = policy;
        if (interview.language == NULL) {
            interview.language =
                json_string_value(json_array_get(json_object_get(policy->json, "languages"), 0));
        }
        policy_facts_init(interview.day, &interview.facts);
        run_interview(&interview);
        printf("\n%s (%d)\n\n", phrase(&interview, "done"), interview.screens);
        (void)fflush(stdout);
        ok = policy_explain(interview.day, &interview.facts, interview.language, stdout, error);
        policy_facts_wipe(&interview.facts);
    }
    policy_day_destroy(interview.day);
    json_decref(parameters);
    policy_destroy(policy);
    return ok;
}
