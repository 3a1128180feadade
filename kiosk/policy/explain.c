/*
 * explain.c - hides how the answer is told: short lines, in one of the policy's languages.
 *
 * Every word comes from the policy, every number from the record of why.c. The order is that
 * of a conversation: the result, why, what you can have, what is open and what would settle
 * it, what is not possible and why, where else to go, the figures with their sources.
 * Benefits that fail for the same reasons are told together, so nobody hears it twice.
 */
#include "kiosk/policy/engine.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

struct telling {
    const struct policy_day *day;
    const struct policy_facts *facts;
    const char *language;
    struct policy_domain domain[POLICY_FACTS_MAX];
    struct policy_view view; /* of the domain */
    struct policy_answer answer;
    struct lot_buffer out;
    bool used[POLICY_PARAMETERS_MAX]; /* figures that some sentence showed */
    bool told[POLICY_CONDITIONS_MAX]; /* conditions whose sentence was said already */
};

static const char *
phrase(const struct telling *telling, const char *key)
{
    const struct policy *policy = telling->day->policy;
    const json_t *phrases = json_object_get(policy->json, "phrases");
    const char *words = policy_words(policy, json_object_get(phrases, key), telling->language);
    return words == NULL ? "" : words;
}

static const char *
name_of(const struct telling *telling, const json_t *json)
{
    const char *words =
        policy_words(telling->day->policy, json_object_get(json, "name"), telling->language);
    return words == NULL ? "?" : words;
}

static void
heading(struct telling *telling, const char *key)
{
    lot_buffer_print(&telling->out, "\n%s\n", phrase(telling, key));
}

static void
fill_line(struct telling *telling, const char *indent, const char *text)
{
    lot_buffer_print(&telling->out, "%s", indent);
    policy_fill(telling->day, telling->facts, NULL, text, telling->language, &telling->out);
    lot_buffer_print(&telling->out, "\n");
}

/* Notes which figures a condition rests on, so that each is shown with its source. */
static void
note_expression(struct telling *telling, int index)
{
    const struct policy *policy = telling->day->policy;
    const struct expression *expression = &policy->expressions[index];
    if (expression->parameter >= 0) {
        telling->used[expression->parameter] = true;
    }
    for (int i = 0; i < expression->count; i++) {
        note_expression(telling, policy->children[expression->first + i]);
    }
}

static void
note_node(struct telling *telling, int index)
{
    const struct policy *policy = telling->day->policy;
    const struct node *node = &policy->nodes[index];
    if (node->parameter >= 0) {
        telling->used[node->parameter] = true;
    }
    if (node->kind == NODE_COMPARE) {
        note_expression(telling, node->left);
        note_expression(telling, node->right);
    }
    for (int i = 0; i < node->count; i++) {
        note_node(telling, policy->children[node->first + i]);
    }
}

/* One reason in full, or in the short words of "again" when it was told before. */
static void
tell_reason(struct telling *telling, const struct policy_reason *reason, const char *indent)
{
    const struct policy *policy = telling->day->policy;
    const struct condition *condition = &policy->conditions[reason->condition];
    const json_t *again = json_object_get(json_object_get(condition->json, "say"), "again");
    struct lot_buffer line = {0};
    policy_say(telling->day, telling->facts, reason, telling->language, &line);
    if (line.size > 0 && telling->told[reason->condition] && again != NULL) {
        lot_buffer_clear(&line);
        policy_fill(telling->day, telling->facts, reason,
                    policy_words(policy, again, telling->language), telling->language, &line);
    }
    if (line.size > 0) {
        lot_buffer_print(&telling->out, "%s%s\n", indent, line.at);
        note_node(telling, condition->node);
    }
    telling->told[reason->condition] = true; /* also what goes without saying */
    lot_buffer_finish(&line);
}

static bool
goes_without_saying(const struct telling *telling, const struct policy_reason *reason)
{
    struct lot_buffer line = {0};
    policy_say(telling->day, telling->facts, reason, telling->language, &line);
    bool silent = line.size == 0;
    lot_buffer_finish(&line);
    return silent;
}

/*
 * With news_only, what was told before is left out; if there is no news, what is still in the
 * way is told once more in short.
 */
static void
tell_reasons(struct telling *telling, const struct policy_reasons *reasons, const char *indent,
             bool news_only)
{
    bool news = false;
    bool told[POLICY_CONDITIONS_MAX];
    memcpy(told, telling->told, sizeof told);
    for (int i = 0; i < reasons->count; i++) {
        const struct policy_reason *reason = &reasons->reasons[i];
        news = news || (!told[reason->condition] && !goes_without_saying(telling, reason));
    }
    for (int i = 0; i < reasons->count; i++) {
        const struct policy_reason *reason = &reasons->reasons[i];
        bool in_the_way = !news && reason->truth != POLICY_TRUE;
        if (!news_only || !told[reason->condition] || in_the_way) {
            tell_reason(telling, reason, indent);
        }
    }
}

/* ---- the category ---- */

static void
tell_category(struct telling *telling)
{
    const struct policy *policy = telling->day->policy;
    const struct policy_answer *answer = &telling->answer;
    struct policy_reasons reasons;
    const char *stop = phrase(telling, "stop");
    lot_buffer_print(&telling->out, "%s", phrase(telling, "result"));
    if (answer->category >= 0) {
        const struct category *category = &policy->categories[answer->category];
        lot_buffer_print(&telling->out, "%s%s\n", name_of(telling, category->json), stop);
        fill_line(telling, "", phrase(telling, "lead"));
        heading(telling, "because");
        policy_why(&telling->view, category->alone, false, &reasons);
        tell_reasons(telling, &reasons, "  ", false);
        return;
    }
    const json_t *undetermined = json_object_get(policy->json, "undetermined");
    lot_buffer_print(&telling->out, "%s%s\n%s\n", name_of(telling, undetermined), stop,
                     phrase(telling, "candidates"));
    for (int i = 0; i < policy->categories_count; i++) {
        if ((answer->candidates >> i & 1) != 0) {
            lot_buffer_print(&telling->out, "  %s%s\n",
                             name_of(telling, policy->categories[i].json), stop);
        }
    }
    fill_line(telling, "", phrase(telling, "lead"));
    heading(telling, "because");
    struct policy_reasons all = {0};
    for (int i = 0; i < policy->categories_count; i++) {
        if ((answer->candidates >> i & 1) == 0) {
            continue;
        }
        policy_why(&telling->view, policy->categories[i].alone, true, &reasons);
        for (int k = 0; k < reasons.count; k++) {
            int at = 0;
            while (at < all.count && all.reasons[at].condition != reasons.reasons[k].condition) {
                at++;
            }
            if (at == all.count) {
                all.reasons[all.count++] = reasons.reasons[k];
            }
        }
    }
    tell_reasons(telling, &all, "  ", false);
}

/* ---- benefits ---- */

/* The sum that belongs to a benefit, or the amount that the office has set for it. */
static void
tell_amount(struct telling *telling, int benefit)
{
    const struct policy *policy = telling->day->policy;
    const json_t *json = policy->benefits[benefit].json;
    const char *name = json_string_value(json_object_get(json_object_get(json, "amount"), "param"));
    char text[96];
    for (int i = 0; i < policy->figures_count; i++) {
        const struct policy_figure *figure = &telling->answer.figures[i];
        if (policy->figures[i].benefit == benefit && figure->known) {
            const char *unit = json_string_value(json_object_get(policy->figures[i].json, "unit"));
            policy_amount(policy, unit, figure->value, telling->language, text, sizeof text);
            lot_buffer_print(&telling->out, "    %s%s%s\n", phrase(telling, "amount"), text,
                             phrase(telling, "stop"));
            note_expression(telling, policy->figures[i].expression);
        }
    }
    for (int i = 0; name != NULL && i < policy->parameters_count; i++) {
        if (strcmp(policy->parameters[i].name, name) == 0 && telling->day->values[i].json != NULL) {
            policy_amount(policy, policy->parameters[i].unit, telling->day->values[i].number,
                          telling->language, text, sizeof text);
            lot_buffer_print(&telling->out, "    %s%s%s\n", phrase(telling, "amount"), text,
                             phrase(telling, "stop"));
            telling->used[i] = true;
        }
    }
}

static void
tell_service(struct telling *telling, int benefit)
{
    const struct policy *policy = telling->day->policy;
    const struct benefit *service = &policy->benefits[benefit];
    const char *stop = phrase(telling, "stop");
    const json_t *bring = json_object_get(service->json, "bring");
    lot_buffer_print(&telling->out, "  %s%s\n", name_of(telling, service->json), stop);
    struct policy_reasons reasons;
    policy_why(&telling->view, service->node, false, &reasons);
    for (int i = 0; i < reasons.count; i++) {
        if (!telling->told[reasons.reasons[i].condition]) {
            tell_reason(telling, &reasons.reasons[i], "    ");
        }
    }
    if (service->review) {
        lot_buffer_print(&telling->out, "    %s\n", phrase(telling, "review"));
    }
    tell_amount(telling, benefit);
    if (json_array_size(bring) > 0) {
        lot_buffer_print(&telling->out, "    %s", phrase(telling, "bring"));
        for (size_t i = 0; i < json_array_size(bring); i++) {
            const char *paper = policy_words(policy, json_array_get(bring, i), telling->language);
            lot_buffer_print(&telling->out, "%s%s", i == 0 ? "" : phrase(telling, "join"),
                             paper == NULL ? "?" : paper);
        }
        lot_buffer_print(&telling->out, "%s\n", stop);
    }
    lot_buffer_print(&telling->out, "    %s", phrase(telling, "go"));
    fill_line(telling, "",
              policy_words(policy, json_object_get(service->json, "next"), telling->language));
}

static bool
same_reasons(const struct policy_reasons *a, const struct policy_reasons *b)
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++) {
        same = a->reasons[i].condition == b->reasons[i].condition;
    }
    return same;
}

/* Benefits with this value, those with the same reasons together, each reason told once. */
static void
tell_others(struct telling *telling, bool open)
{
    const struct policy *policy = telling->day->policy;
    bool told[POLICY_BENEFITS_MAX] = {false};
    for (int i = 0; i < policy->benefits_count; i++) {
        struct policy_reasons first;
        unsigned truth = telling->answer.benefits[i];
        if (told[i] || truth == POLICY_TRUE || (truth == POLICY_FALSE) == open) {
            continue;
        }
        policy_why(&telling->view, policy->benefits[i].node, open, &first);
        for (int k = i; k < policy->benefits_count; k++) {
            struct policy_reasons other;
            unsigned also = telling->answer.benefits[k];
            if (also == POLICY_TRUE || (also == POLICY_FALSE) == open) {
                continue;
            }
            policy_why(&telling->view, policy->benefits[k].node, open, &other);
            if (same_reasons(&first, &other)) {
                told[k] = true;
                lot_buffer_print(&telling->out, "  %s%s\n",
                                 name_of(telling, policy->benefits[k].json),
                                 phrase(telling, "stop"));
            }
        }
        tell_reasons(telling, &first, "    ", open);
    }
}

/* The papers that would settle what is open, one for each fact that can still matter. */
static void
tell_settling(struct telling *telling)
{
    const struct policy *policy = telling->day->policy;
    const char *stop = phrase(telling, "stop");
    bool headed = false;
    for (int i = 0; i < policy->facts_count; i++) {
        if (!policy_matters(telling->day, telling->facts, i)) {
            continue;
        }
        if (!headed) {
            heading(telling, "settle");
            headed = true;
        }
        const json_t *json = policy->facts[i].json;
        const char *name = policy_words(policy, json_object_get(json, "short"), telling->language);
        const char *paper = policy_words(policy, json_object_get(json, "paper"), telling->language);
        lot_buffer_print(&telling->out, "  %s%s%s%s%s\n", name == NULL ? "?" : name, stop,
                         phrase(telling, "bring"), paper == NULL ? "?" : paper, stop);
    }
}

static void
tell_benefits(struct telling *telling)
{
    const struct policy *policy = telling->day->policy;
    int sure = 0;
    int open = 0;
    int no = 0;
    for (int i = 0; i < policy->benefits_count; i++) {
        sure += telling->answer.benefits[i] == POLICY_TRUE ? 1 : 0;
        no += telling->answer.benefits[i] == POLICY_FALSE ? 1 : 0;
    }
    open = policy->benefits_count - sure - no;
    if (sure > 0) {
        heading(telling, "can");
    }
    for (int i = 0; i < policy->benefits_count; i++) {
        if (telling->answer.benefits[i] == POLICY_TRUE) {
            tell_service(telling, i);
        }
    }
    if (open > 0) {
        heading(telling, "maybe");
        tell_others(telling, true);
    }
    tell_settling(telling);
    if (no > 0) {
        heading(telling, "cannot");
        tell_others(telling, false);
    }
}

/* ---- the end ---- */

static void
tell_referrals(struct telling *telling)
{
    const struct policy *policy = telling->day->policy;
    bool headed = false;
    for (int i = 0; i < policy->referrals_count; i++) {
        const json_t *json = policy->referrals[i].json;
        if (telling->answer.referrals[i] != POLICY_TRUE) {
            continue;
        }
        if (!headed) {
            heading(telling, "elsewhere");
            headed = true;
        }
        lot_buffer_print(&telling->out, "  %s%s", name_of(telling, json), phrase(telling, "stop"));
        fill_line(telling, "",
                  policy_words(policy, json_object_get(json, "next"), telling->language));
    }
}

/* Each figure that was used: its value, since when, from where; a demonstration says so. */
static void
tell_figures(struct telling *telling)
{
    const struct policy *policy = telling->day->policy;
    const char *stop = phrase(telling, "stop");
    heading(telling, "figures");
    for (int i = 0; i < policy->parameters_count; i++) {
        const struct value *value = &telling->day->values[i];
        enum parameter_type type = policy->parameters[i].type;
        if (!telling->used[i] || i == policy->day || i == policy->known ||
            (type != PARAMETER_INT && type != PARAMETER_DATE && type != PARAMETER_TABLE &&
             type != PARAMETER_CODES)) {
            continue;
        }
        char text[96];
        char place[128];
        snprintf(place, sizeof place, "{param:%s}", policy->parameters[i].name);
        lot_buffer_print(&telling->out, "  %s", name_of(telling, policy->parameters[i].json));
        if (type != PARAMETER_TABLE && type != PARAMETER_CODES) {
            lot_buffer_print(&telling->out, "%s", phrase(telling, "is"));
            policy_fill(telling->day, telling->facts, NULL, place, telling->language,
                        &telling->out);
        }
        lot_buffer_print(&telling->out, "%s", stop);
        if (value->demonstration) {
            lot_buffer_print(&telling->out, "%s%s", phrase(telling, "demonstration"), stop);
        }
        const char *since = json_string_value(json_object_get(value->source, "effective"));
        if (since != NULL) {
            snprintf(text, sizeof text, "%s%s", phrase(telling, "since"), since);
            lot_buffer_print(&telling->out, "%s%s", text, stop);
        }
        if (value->json != NULL && value->source != NULL) {
            const char *source =
                policy_words(policy, json_object_get(value->source, "source"), telling->language);
            lot_buffer_print(&telling->out, "%s%s", source == NULL ? "" : source, stop);
        }
        lot_buffer_print(&telling->out, "\n");
    }
}

/* A stop of some languages brings a blank; none stays at the end of a line. */
static void
trim_lines(struct lot_buffer *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->size; i++) {
        while (text->at[i] == '\n' && kept > 0 && text->at[kept - 1] == ' ') {
            kept--;
        }
        text->at[kept++] = text->at[i];
    }
    text->size = kept;
}

bool
policy_explain(const struct policy_day *day, const struct policy_facts *facts, const char *language,
               FILE *out, struct lot_error *error)
{
    assert(day != NULL && facts != NULL && language != NULL && out != NULL);
    const json_t *languages = json_object_get(day->policy->json, "languages");
    bool known = false;
    for (size_t i = 0; i < json_array_size(languages); i++) {
        known = known || strcmp(json_string_value(json_array_get(languages, i)), language) == 0;
    }
    if (!known) {
        return lot_fail(error, LOT_USAGE, "the policy has no language \"%.20s\"", language);
    }
    struct telling telling = {.day = day, .facts = facts, .language = language};
    policy_close(day, facts, telling.domain);
    policy_view_start(&telling.view, day, telling.domain);
    policy_decide(day, facts, &telling.answer);
    tell_category(&telling);
    tell_benefits(&telling);
    tell_referrals(&telling);
    tell_figures(&telling);
    lot_buffer_print(&telling.out, "\n");
    fill_line(&telling, "", phrase(&telling, "closing"));
    lot_buffer_print(&telling.out, "%s%.16s%s\n", phrase(&telling, "pack"), day->policy->digest,
                     phrase(&telling, "stop"));
    trim_lines(&telling.out);
    bool written = fwrite(telling.out.at, 1, telling.out.size, out) == telling.out.size;
    lot_buffer_finish(&telling.out);
    return written || lot_fail(error, LOT_MACHINE, "the explanation could not be written");
}
