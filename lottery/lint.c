/*
 * lint.c - hides what experience says about rules that may be read but were hardly
 * meant: advice, a line each, `path: sentence with a proposal`. Nothing here refuses.
 *
 * Whoever writes the rules of a draw reads this before anybody has applied; later
 * every one of these lines would be somebody's loss.
 */
#include "lottery/lottery.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define GROUNDS_FEW 3 /* power, hall, machine: one of them is missing below this */

/* ---- rounds --------------------------------------------------------------------------------- */

/* Whether all that b holds is in a; no set (has false) holds everything. */
static bool
covers(bool a_has, uint64_t a, bool b_has, uint64_t b)
{
    return !a_has || (b_has && (b & ~a) == 0);
}

/* Whether a, which comes before, leaves b neither a household nor a home. */
static bool
exhausts(const struct lot_round *a, const struct lot_round *b)
{
    return !a->has_quota && covers(a->has_queues, a->queues, b->has_queues, b->queues) &&
           covers(a->has_tags, a->tags, b->has_tags, b->tags);
}

static bool
takes(const struct lot_round *round, uint32_t type)
{
    return !round->has_quota || round->quota[type] > 0;
}

static void
advise_round(const struct lot_rules *rules, uint32_t index, struct lot_buffer *advice)
{
    const struct lot_round *round = &rules->rounds[index];
    bool any = false;
    for (uint32_t type = 0; type < rules->type_count; type++) {
        any = any || takes(round, type);
    }
    if (!any) {
        lot_buffer_print(advice,
                         "rounds[%" PRIu32 "].quota: is 0 for all types, so the round takes "
                         "nobody; drop the round or raise a number\n",
                         index);
    }
    for (uint32_t i = 0; i < index; i++) {
        if (exhausts(&rules->rounds[i], round)) {
            lot_buffer_print(advice,
                             "rounds[%" PRIu32 "]: can never take anybody, for rounds[%" PRIu32
                             "] comes before, admits the same households to the same homes and "
                             "has no quota; give that one a quota, or put this one first\n",
                             index, i);
            break;
        }
    }
    for (uint32_t i = 0; rules->award == LOT_AWARD_TURN && round->has_tags && i < index; i++) {
        if (!rules->rounds[i].has_tags) {
            lot_buffer_print(advice,
                             "rounds[%" PRIu32 "].tags: with award turn, those housed by rounds["
                             "%" PRIu32 "] choose first and may choose these homes; put rounds "
                             "with tags before those without\n",
                             index, i);
            break;
        }
    }
}

static void
advise_rounds(const struct lot_rules *rules, struct lot_buffer *advice)
{
    uint64_t named = 0;
    bool open = false;
    for (uint32_t i = 0; i < rules->round_count; i++) {
        const struct lot_round *round = &rules->rounds[i];
        advise_round(rules, i, advice);
        named |= round->queues;
        open = open || (!round->has_queues && !round->has_tags && !round->has_quota);
    }
    if (!open) {
        lot_buffer_print(advice, "rounds: none is open to all without tags and quota, so a home "
                                 "may stay free that a household wants; end with such a round\n");
    }
    for (uint32_t queue = 0; queue < rules->queue_count; queue++) {
        if ((named >> queue & 1) == 0) {
            lot_buffer_print(advice,
                             "queues[%" PRIu32 "]: no round names %s, so it changes nothing; name "
                             "it in a round or drop it\n",
                             queue, rules->queues[queue].code);
        }
    }
}

static void
advise_types(const struct lot_rules *rules, struct lot_buffer *advice)
{
    uint32_t fits = 0; /* bit n: households of n persons fit some type */
    for (uint32_t type = 0; type < rules->type_count; type++) {
        const struct lot_type *limits = &rules->types[type];
        for (unsigned persons = limits->persons_min; persons <= limits->persons_max; persons++) {
            fits |= UINT32_C(1) << persons;
        }
        bool any = false;
        for (uint32_t i = 0; i < rules->round_count; i++) {
            any = any || takes(&rules->rounds[i], type);
        }
        if (!any) {
            lot_buffer_print(advice,
                             "types[%" PRIu32 "]: no round takes anybody for %s; name it in a "
                             "quota or add a round without one\n",
                             type, limits->code);
        }
    }
    for (unsigned persons = 1; persons <= LOT_PERSONS_MAX; persons++) {
        if ((fits >> persons & 1) == 0) {
            lot_buffer_print(advice,
                             "types: households of %u persons fit no type; widen persons if such "
                             "households may apply\n",
                             persons);
            break;
        }
    }
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* Keys in one row: the log's own, then intakes, then witnesses. */
static const struct lot_key *
key_at(const struct lot_rules *rules, uint32_t index, const char **list, uint32_t *place)
{
    *place = index == 0 ? 0 : index - 1;
    if (index == 0) {
        *list = "log";
        return &rules->log_keys[0];
    }
    if (*place < rules->intake_count) {
        *list = "intakes";
        return &rules->intakes[*place].key;
    }
    *list = "witnesses";
    *place -= rules->intake_count;
    return &rules->witnesses[*place].key;
}

static void
advise_keys(const struct lot_rules *rules, struct lot_buffer *advice)
{
    uint32_t count = 1 + rules->intake_count + rules->witness_count;
    for (uint32_t i = 1; i < count; i++) {
        const char *list, *other_list;
        uint32_t place, other_place;
        const struct lot_key *key = key_at(rules, i, &list, &place);
        for (uint32_t j = 0; j < i; j++) {
            const struct lot_key *other = key_at(rules, j, &other_list, &other_place);
            if (memcmp(key->public_key, other->public_key, sizeof key->public_key) == 0) {
                lot_buffer_print(advice,
                                 "%s[%" PRIu32 "].key: the same key as that of %s[%" PRIu32
                                 "]; make one for each with `lottery keygen`, on the machine that "
                                 "will use it\n",
                                 list, place, other_list, other_place);
                break;
            }
        }
    }
    for (uint32_t i = 0; i < rules->intake_count; i++) {
        if (strcmp(rules->intakes[i].key.name, rules->intakes[i].code) != 0) {
            lot_buffer_print(advice,
                             "intakes[%" PRIu32 "].key: is named %s; slips are easier to read "
                             "when it is named %s like its intake\n",
                             i, rules->intakes[i].key.name, rules->intakes[i].code);
        }
    }
}

/* ---- people --------------------------------------------------------------------------------- */

static void
advise_seats(const struct lot_rules *rules, struct lot_buffer *advice)
{
    for (uint32_t i = 0; i < rules->party_count; i++) {
        for (uint32_t j = 0; j < rules->witness_count; j++) {
            if (strcmp(rules->parties[i].code, rules->witnesses[j].code) == 0) {
                lot_buffer_print(advice,
                                 "parties[%" PRIu32 "]: %s is a witness too; who checks and keeps "
                                 "the envelopes must hold no secret in them\n",
                                 i, rules->parties[i].code);
            }
        }
    }
    if (rules->witness_count == 0) {
        lot_buffer_print(advice, "witnesses: nobody countersigns, and `verify` will say so; name "
                                 "the notary, and somebody the office does not pay\n");
    }
    if (rules->ground_count < GROUNDS_FEW) {
        lot_buffer_print(advice,
                         "void: few grounds (%" PRIu32 "); what is not named here cannot void an "
                         "attempt before its first throw: name the power, the hall, the machine, "
                         "a party that stays away\n",
                         rules->ground_count);
    }
    if (rules->standby == 0) {
        lot_buffer_print(advice, "standby: is 0, so a home that is given up goes to nobody; name "
                                 "a number or \"all\"\n");
    }
}

static void
advise_draw(const struct lot_rules *rules, struct lot_buffer *advice)
{
    struct lot_rules live = *rules;
    struct lot_error error = {0};
    live.rehearsal = false;
    if (rules->rehearsal) {
        lot_buffer_print(advice, "draw: a rehearsal; nothing in it counts, and no key of it may "
                                 "be used in a live draw\n");
        if (!lot_rules_allow(&live, &error)) {
            lot_buffer_print(advice, "%s (a rehearsal may; a live draw is refused)\n", error.text);
        }
    }
    for (uint32_t i = 0; i < rules->earlier_count; i++) {
        bool twice = strcmp(rules->earlier[i].draw, rules->draw) == 0;
        for (uint32_t j = 0; j < i; j++) {
            twice = twice || strcmp(rules->earlier[i].draw, rules->earlier[j].draw) == 0;
        }
        if (twice) {
            lot_buffer_print(advice,
                             "earlier[%" PRIu32 "].draw: %s is this draw itself or stands twice; "
                             "name each earlier draw once\n",
                             i, rules->earlier[i].draw);
        }
    }
}

static bool
has_language(const struct lot_title *title, const char *language)
{
    for (uint32_t i = 0; i < title->count; i++) {
        if (strcmp(title->items[i].language, language) == 0) {
            return true;
        }
    }
    return false;
}

/* Says for one language of the draw's own title how many others lack it, and where first. */
static void
advise_language(const struct lot_rules *rules, const char *language, struct lot_buffer *advice)
{
    const struct {
        const char *name;
        const void *items;
        size_t title, size;
        uint32_t count;
    } lists[] = {
        {"intakes", rules->intakes, offsetof(struct lot_keyed, title), sizeof *rules->intakes,
         rules->intake_count},
        {"types", rules->types, offsetof(struct lot_type, title), sizeof *rules->types,
         rules->type_count},
        {"queues", rules->queues, offsetof(struct lot_named, title), sizeof *rules->queues,
         rules->queue_count},
        {"rounds", rules->rounds, offsetof(struct lot_round, title), sizeof *rules->rounds,
         rules->round_count},
        {"parties", rules->parties, offsetof(struct lot_named, title), sizeof *rules->parties,
         rules->party_count},
        {"witnesses", rules->witnesses, offsetof(struct lot_keyed, title), sizeof *rules->witnesses,
         rules->witness_count},
        {"void", rules->grounds, offsetof(struct lot_named, title), sizeof *rules->grounds,
         rules->ground_count},
    };
    const char *first = NULL;
    uint32_t place = 0, lacking = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (uint32_t j = 0; j < lists[i].count; j++) {
            const char *at = (const char *)lists[i].items + j * lists[i].size + lists[i].title;
            if (!has_language((const void *)at, language)) {
                place = first == NULL ? j : place;
                first = first == NULL ? lists[i].name : first;
                lacking++;
            }
        }
    }
    if (lacking > 0) {
        lot_buffer_print(advice,
                         "%s[%" PRIu32
                         "].title: has no %s, which the title of the draw has; %" PRIu32
                         " titles lack it, and show another language instead\n",
                         first, place, language, lacking);
    }
}

void
lot_rules_advise(const struct lot_rules *rules, struct lot_buffer *advice)
{
    assert(rules != NULL && advice != NULL);
    advise_draw(rules, advice);
    advise_keys(rules, advice);
    advise_types(rules, advice);
    advise_rounds(rules, advice);
    advise_seats(rules, advice);
    for (uint32_t i = 0; i < rules->title.count; i++) {
        advise_language(rules, rules->title.items[i].language, advice);
    }
}
