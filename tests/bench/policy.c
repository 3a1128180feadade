/*
 * policy.c - how fast a decision is; policy.py runs it beside plain Python and compares.
 *
 *   bench_policy POLICY.json CASES.json [HOUSEHOLDS]
 *
 * The households are made by a rule that policy.py knows too, from the facts of
 * harbin-2013; the tally at the end says what became of them.
 */
#include "kiosk/policy/eligibility.h"
#include "lottery/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state = 20130821;

/* The rule: a linear congruence, its upper bits. */
static uint64_t
chance(uint64_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
}

static double
now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID,
                  &at); /* another program on the machine does not count */
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
set_number(const struct policy *policy, struct policy_facts *facts, const char *name, int64_t value)
{
    int i = policy_fact(policy, name);
    facts->domain[i].low = facts->domain[i].high = value;
    facts->stated[i] = true;
}

static void
set_choice(const struct policy *policy, struct policy_facts *facts, const char *name, uint64_t bit)
{
    int i = policy_fact(policy, name);
    facts->domain[i].choices = (uint64_t)1 << bit;
    facts->stated[i] = true;
}

/* One household in ten leaves the income open, one in ten the persons. */
static void
make_household(const struct policy_day *day, struct policy_facts *facts)
{
    static const char *const yes_no[] = {
        "insured",    "medical_unaffordable", "inpatient_surgery", "received_housing_benefit",
        "demolition", "key_project",          "legal_need"};
    static const char *const numbers[] = {"seeking_work", "undergrad_admitted", "students"};
    const struct policy *policy = day->policy;
    policy_facts_init(day, facts);
    set_choice(policy, facts, "worker_status", chance(5));
    set_choice(policy, facts, "worker_city", chance(8) == 0 ? 0 : 1);
    uint64_t persons = 1 + chance(6);
    if (chance(10) != 0) {
        set_number(policy, facts, "household_size", (int64_t)persons);
    }
    uint64_t income = chance(500000);
    if (chance(10) != 0) {
        set_number(policy, facts, "income_month_fen", (int64_t)income);
    }
    set_choice(policy, facts, "special_cause", chance(8));
    uint64_t confirmed = chance(3);
    if (confirmed < 2) {
        set_choice(policy, facts, "special_cause_confirmed", confirmed);
    }
    for (size_t i = 0; i < sizeof yes_no / sizeof *yes_no; i++) {
        set_choice(policy, facts, yes_no[i], chance(2));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        set_number(policy, facts, numbers[i], (int64_t)chance(persons + 1));
    }
    set_number(policy, facts, "area_c", (int64_t)chance(12000));
    /* The listed code 230199, or one that is not listed. */
    int district = policy_fact(policy, "hukou_district");
    int64_t code = chance(2) == 0 ? 230199 : 230111;
    int place = 0;
    while (place < day->codes_count && day->codes[place] != code) {
        place++;
    }
    facts->domain[district] = (struct policy_domain){code, code, (uint64_t)1 << place};
}

static void
time_households(const struct policy_day *day, long count)
{
    const struct policy *policy = day->policy;
    long categories[POLICY_CATEGORIES_MAX + 1] = {0};
    long yes = 0;
    long open = 0;
    double spent = 0;
    enum { BATCH = 10 }; /* as many as the nearest caches hold */
    struct policy_facts *batch = lot_alloc(BATCH, sizeof *batch);
    for (long done = 0; done < count; done += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            make_household(day, &batch[i]);
        }
        double start = now();
        for (int i = 0; i < BATCH; i++) {
            struct policy_answer answer;
            policy_decide(day, &batch[i], &answer);
            categories[answer.category < 0 ? POLICY_CATEGORIES_MAX : answer.category]++;
            for (int k = 0; k < policy->benefits_count; k++) {
                yes += answer.benefits[k] == POLICY_TRUE ? 1 : 0;
                open +=
                    answer.benefits[k] == POLICY_TRUE || answer.benefits[k] == POLICY_FALSE ? 0 : 1;
            }
        }
        spent += now() - start;
    }
    printf("decide %ld households: %.3f s, %.3f us each\n", count, spent,
           spent * 1e6 / (double)count);
    printf("tally");
    for (int i = 0; i < policy->categories_count; i++) {
        printf(" %s %ld", policy->categories[i].name, categories[i]);
    }
    printf(" UNDETERMINED %ld yes %ld unknown %ld\n", categories[POLICY_CATEGORIES_MAX], yes, open);
    free(batch);
}

/* The slowest and the mean of many runs over all cases: a decision with all its reasons. */
static void
time_cases(const struct policy *policy, const json_t *file)
{
    const json_t *cases = json_object_get(file, "cases");
    const struct eligibility_frame frame = {policy, json_object_get(file, "parameter_sets"), NULL};
    double worst_record = 0;
    double worst_next = 0;
    double sum = 0;
    long runs = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct policy_day *day = NULL;
        struct policy_facts facts;
        struct lot_error error = {0};
        if (!eligibility_case(&frame, json_array_get(cases, i), &day, &facts, &error)) {
            fprintf(stderr, "%s\n", error.text);
            exit(1);
        }
        double best_record = 1;
        double best_next = 1;
        for (int k = 0; k < 20; k++) {
            double start = now();
            json_t *record = policy_record(day, &facts);
            double end = now();
            json_decref(record);
            best_record = end - start < best_record ? end - start : best_record;
            sum += end - start;
            runs++;
            start = now();
            int next = policy_next(day, &facts);
            end = now();
            best_next = (next >= -1 && end - start < best_next) ? end - start : best_next;
        }
        worst_record = best_record > worst_record ? best_record : worst_record;
        worst_next = best_next > worst_next ? best_next : worst_next;
        policy_day_destroy(day);
    }
    printf("record with reasons in all languages: mean %.1f us, slowest case %.1f us\n",
           sum * 1e6 / (double)runs, worst_record * 1e6);
    printf("next question: slowest case %.1f us\n", worst_next * 1e6);
}

static void
time_interview(const struct policy_day *day)
{
    struct policy_facts facts;
    policy_facts_init(day, &facts);
    double first = 0;
    double worst = 0;
    int asked = 0;
    for (;;) {
        double start = now();
        int next = policy_next(day, &facts);
        double spent = now() - start;
        first = asked == 0 ? spent : first;
        worst = spent > worst ? spent : worst;
        if (next < 0) {
            break;
        }
        facts.asked[next] = true;
        asked++;
    }
    printf("next question, all facts unknown: %.1f us; slowest of %d with no answer: %.1f us\n",
           first * 1e6, asked, worst * 1e6);
}

int
main(int count, char **words)
{
    struct policy *policy = NULL;
    struct policy_day *day = NULL;
    struct lot_buffer text = {0};
    struct lot_error error = {0};
    long households = count > 3 ? strtol(words[3], NULL, 10) : 1000000;
    if (count < 3 || !file_read(NULL, words[1], POLICY_BYTES_MAX, &text, &error) ||
        !policy_read(text.at, text.size, &policy, &error)) {
        fprintf(stderr, "%s\n", count < 3 ? "bench_policy POLICY CASES [HOUSEHOLDS]" : error.text);
        return 2;
    }
    json_t *file = json_load_file(words[2], JSON_REJECT_DUPLICATES, NULL);
    json_t *sets = json_object_get(file, "parameter_sets");
    if (!policy_on_day(policy, json_object_get(sets, "P-DEMO"), &day, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    time_households(day, households);
    time_cases(policy, file);
    time_interview(day);
    json_decref(file);
    policy_day_destroy(day);
    policy_destroy(policy);
    lot_buffer_finish(&text);
    return 0;
}
