/*
 * after.c - hides what becomes of homes and turns once the draw is finished.
 *
 *   take <id> <home> <time>          the household signed for the home: with award `home`
 *                                    the one it was given, with award `turn` a free one of
 *                                    its type, with a tag of its round if that has tags
 *   waive <id> <ground> <time>       `own` (gives up), `absent`, `unfit`; a standby leaves
 *                                    the list, a home that was taken is free again
 *   award <id> <home or -> <turn> <time>
 *                                    next leaf after the waiver of one who was housed and has
 *                                    an heir: same round and type, the next free turn; `-`
 *                                    with award `turn`
 *
 * Waivers between two shown checkpoints stand in the order of rank, so that nobody
 * can choose an heir by choosing whom to ask first.
 */
#include "lottery/after.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lot_award nothing = {LOT_NONE, LOT_NONE, LOT_NOT_HOUSED, 0};

static bool
is_housed(const struct lot_award *award)
{
    return award->round != LOT_NOT_HOUSED;
}

static bool
is_standby(const struct lot_award *award)
{
    return award->round == LOT_NOT_HOUSED && award->number != LOT_NONE;
}

void
after_begin(struct after *after, const struct lot_roll *roll, const struct lot_place order[],
            struct lot_award awards[], uint32_t housed)
{
    assert(after != NULL && roll != NULL && (order != NULL || roll->entries_file.rows == 0));
    memset(after, 0, sizeof *after);
    after->roll = roll;
    after->order = order;
    after->awards = awards;
    after->turn = housed;
    after->waived = after->heir = LOT_NONE;
    after->taken = lot_alloc(roll->homes_file.rows, sizeof after->taken[0]);
    after->ranks = lot_alloc(roll->entries_file.rows, sizeof after->ranks[0]);
    for (uint32_t rank = 0; rank < roll->entries_file.rows; rank++) {
        after->ranks[order[rank].entry] = rank;
        if (roll->rules->award == LOT_AWARD_TURN) {
            awards[rank].home = LOT_NONE;
        }
    }
}

void
after_finish(struct after *after)
{
    if (after != NULL) {
        free(after->taken);
        free(after->ranks);
        memset(after, 0, sizeof *after);
    }
}

uint32_t
after_rank(const struct after *after, struct lot_text id)
{
    assert(after != NULL);
    uint32_t entry = lot_roll_entry(after->roll, id);
    return entry == LOT_NONE ? LOT_NONE : after->ranks[entry];
}

/* ---- who comes next ------------------------------------------------------------------------- */

static bool
wants(const struct after *after, uint32_t rank, uint8_t type)
{
    const struct lot_entry *entry = &after->roll->entries[after->order[rank].entry];
    const struct lot_type *wanted = &after->roll->rules->types[type];
    bool named = false;
    for (uint8_t i = 0; i < entry->want_count; i++) {
        named = named || after->roll->wants[entry->wants + i] == type;
    }
    return named && entry->persons >= wanted->persons_min && entry->persons <= wanted->persons_max;
}

/* The rank of the standby to whom this goes, LOT_NONE when there is none. */
static uint32_t
find_heir(struct after *after, const struct lot_award *award)
{
    const struct lot_round *round = &after->roll->rules->rounds[award->round];
    uint32_t rows = after->roll->entries_file.rows;
    uint32_t second = LOT_NONE;
    while (after->first < rows && !is_standby(&after->awards[after->first])) {
        after->first++;
    }
    for (uint32_t rank = after->first; rank < rows; rank++) {
        if (!is_standby(&after->awards[rank]) || !wants(after, rank, award->type)) {
            continue;
        }
        const struct lot_entry *entry = &after->roll->entries[after->order[rank].entry];
        if (!round->has_queues || (entry->queues & round->queues) != 0) {
            return rank;
        }
        if (second == LOT_NONE) {
            second = rank;
        }
    }
    return second;
}

bool
after_due(const struct after *after, int64_t time, struct lot_buffer *leaf)
{
    assert(after != NULL && leaf != NULL);
    if (after->heir == LOT_NONE) {
        return false;
    }
    const struct lot_entry *entry = &after->roll->entries[after->order[after->heir].entry];
    char id[LOT_CODE_MAX + 1], home[LOT_CODE_MAX + 1] = "-", turn[16];
    snprintf(id, sizeof id, "%.*s", (int)entry->id_size, entry->id);
    snprintf(turn, sizeof turn, "%" PRIu32, after->due.number);
    if (after->due.home != LOT_NONE) {
        const struct lot_home *given = &after->roll->homes[after->due.home];
        snprintf(home, sizeof home, "%.*s", (int)given->id_size, given->id);
    }
    leaf_write(leaf, LEAF_AWARD, time, id, home, turn);
    return true;
}

/* ---- the three leaves ----------------------------------------------------------------------- */

/* Whether a household with award `turn` may choose this home. */
static bool
may_choose(const struct after *after, const struct lot_award *award, uint32_t home,
           struct lot_error *error)
{
    const struct lot_home *chosen = &after->roll->homes[home];
    const struct lot_round *round = &after->roll->rules->rounds[award->round];
    if (after->taken[home]) {
        return lot_fail(error, LOT_REFUSED, "the home %.*s is taken: choose a free one",
                        (int)chosen->id_size, chosen->id);
    }
    if (chosen->type != award->type) {
        return lot_fail(error, LOT_REFUSED, "the home %.*s is of type %s, the turn is for %s",
                        (int)chosen->id_size, chosen->id,
                        after->roll->rules->types[chosen->type].code,
                        after->roll->rules->types[award->type].code);
    }
    if (round->has_tags && (chosen->tags & round->tags) == 0) {
        return lot_fail(error, LOT_REFUSED, "the home %.*s has no tag of the round %s",
                        (int)chosen->id_size, chosen->id, round->code);
    }
    return true;
}

static bool
take_home(struct after *after, uint32_t rank, const struct leaf *leaf, struct lot_error *error)
{
    struct lot_award *award = &after->awards[rank];
    uint32_t home = lot_roll_home(after->roll, leaf->values[1]);
    bool turn = after->roll->rules->award == LOT_AWARD_TURN;
    if (!is_housed(award)) {
        return lot_fail(error, LOT_REFUSED, "the household of rank %" PRIu32 " holds nothing",
                        rank + 1);
    }
    if (home == LOT_NONE) {
        return lot_fail(error, LOT_REFUSED, "homes.csv has no such home");
    }
    if (turn ? award->home != LOT_NONE : after->taken[award->home]) {
        return lot_fail(error, LOT_REFUSED,
                        "the household of rank %" PRIu32 " has signed for a home already",
                        rank + 1);
    }
    if (turn && !may_choose(after, award, home, error)) {
        return false;
    }
    if (!turn && home != award->home) {
        const struct lot_home *held = &after->roll->homes[award->home];
        return lot_fail(error, LOT_REFUSED,
                        "the household of rank %" PRIu32 " holds the home %.*s, not this one",
                        rank + 1, (int)held->id_size, held->id);
    }
    award->home = home;
    after->taken[home] = true;
    after->takes++;
    return true;
}

static bool
waive(struct after *after, uint32_t rank, const struct leaf *leaf, struct lot_error *error)
{
    struct lot_award given = after->awards[rank];
    struct lot_text ground = leaf->values[1];
    if (!lot_text_is(ground, "own") && !lot_text_is(ground, "absent") &&
        !lot_text_is(ground, "unfit")) {
        return lot_fail(error, LOT_REFUSED, "the ground of `waive` is own, absent or unfit");
    }
    if (!is_housed(&given) && !is_standby(&given)) {
        return lot_fail(error, LOT_REFUSED,
                        "the household of rank %" PRIu32 " holds nothing and is no standby",
                        rank + 1);
    }
    if (after->waived != LOT_NONE && rank < after->waived) {
        return lot_fail(error, LOT_PHASE,
                        "waivers between two checkpoints go by rank: %" PRIu32 " does not come "
                        "after %" PRIu32 "; `publish` first, then waive",
                        rank + 1, after->waived + 1);
    }
    after->awards[rank] = nothing;
    after->waived = rank;
    after->waives++;
    if (!is_housed(&given)) {
        return true;
    }
    if (given.home != LOT_NONE) {
        after->taken[given.home] = false;
    }
    after->heir = find_heir(after, &given);
    after->due = given;
    after->due.number = after->turn + 1;
    if (after->roll->rules->award == LOT_AWARD_TURN) {
        after->due.home = LOT_NONE;
    }
    return true;
}

/* The award is fixed by its waiver, so it is compared as a whole. */
static bool
take_award(struct after *after, struct lot_text text, int64_t time, struct lot_error *error)
{
    struct lot_buffer due = {0};
    if (!after_due(after, time, &due)) {
        return lot_fail(error, LOT_PHASE, "no award is due");
    }
    bool same = lot_text_same(text, lot_buffer_text(&due));
    if (same) {
        after->awards[after->heir] = after->due;
        after->turn = after->due.number;
        after->heir = LOT_NONE;
        after->passes++;
    } else {
        lot_fail(error, LOT_REFUSED, "the award that is due is `%s`", due.at);
    }
    lot_buffer_finish(&due);
    return same;
}

bool
after_take(struct after *after, struct lot_text text, struct lot_error *error)
{
    assert(after != NULL && after->roll != NULL);
    struct leaf leaf;
    if (!leaf_read(text, &leaf, error)) {
        return false;
    }
    if (leaf.word == LEAF_AWARD) {
        return take_award(after, text, leaf.time, error);
    }
    if (after->heir != LOT_NONE) {
        return lot_fail(error, LOT_PHASE, "`award` is due: it is one write with its waiver");
    }
    if (leaf.word != LEAF_TAKE && leaf.word != LEAF_WAIVE) {
        return lot_fail(error, LOT_PHASE, "`take`, `waive` or `award` is due");
    }
    uint32_t rank = after_rank(after, leaf.values[0]);
    if (rank == LOT_NONE) {
        return lot_fail(error, LOT_REFUSED, "`%s` names no entry of entries.csv",
                        leaf_word_name(leaf.word));
    }
    return leaf.word == LEAF_TAKE ? take_home(after, rank, &leaf, error)
                                  : waive(after, rank, &leaf, error);
}

bool
after_shown(struct after *after, struct lot_error *error)
{
    assert(after != NULL);
    if (after->heir != LOT_NONE) {
        return lot_fail(error, LOT_REFUSED,
                        "a waiver stands at the end without its `award`: both are one write");
    }
    after->waived = LOT_NONE;
    return true;
}
