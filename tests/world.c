/*
 * world.c - hides nothing: section 6 of PROTOCOL.md line by line, and made-up draws.
 *
 * Nothing here is clever, because lottery/allocation.c is compared with it.
 */
#include "tests/world.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- made-up draws --------------------------------------------------------------------------- */

uint64_t
world_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t
world_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)((world_random(state) >> 32) * bound >> 32);
}

void
world_begin(struct world *world, uint32_t types, uint32_t rounds, uint32_t entries, uint32_t homes)
{
    assert(types <= WORLD_TYPES && rounds <= WORLD_ROUNDS);
    assert(entries <= WORLD_ENTRIES && homes <= WORLD_HOMES);
    memset(world, 0, sizeof *world);
    world->rules.type_count = types;
    world->rules.round_count = rounds;
    world->rules.chances_max = LOT_CHANCES_MAX;
    world->rules.standby = LOT_STANDBY_ALL;
    world->rules.types = world->types;
    world->rules.rounds = world->rounds;
    for (uint32_t i = 0; i < types; i++) {
        snprintf(world->types[i].code, sizeof world->types[i].code, "%c", (char)('a' + i));
        world->types[i].persons_min = 1;
        world->types[i].persons_max = LOT_PERSONS_MAX;
    }
    for (uint32_t i = 0; i < rounds; i++) {
        snprintf(world->rounds[i].code, sizeof world->rounds[i].code, "r%u", i + 1);
    }
    for (uint32_t i = 0; i < entries; i++) {
        snprintf(world->entry_ids[i], sizeof world->entry_ids[i], "E%03u", i);
        world->entries[i] = (struct lot_entry){.id = world->entry_ids[i],
                                               .id_size = 4,
                                               .wants = i * WORLD_TYPES,
                                               .persons = 1,
                                               .chances = 1};
        /* Tickets that tell the rank: 4 bytes, big-endian. */
        world->order[i] = (struct lot_place){
            .ticket = {0, 0, (uint8_t)(i >> 8), (uint8_t)i}, .entry = i, .chance = 1};
    }
    for (uint32_t i = 0; i < homes; i++) {
        snprintf(world->home_ids[i], sizeof world->home_ids[i], "H%03u", i);
        world->homes[i] = (struct lot_home){.id = world->home_ids[i], .id_size = 4};
        world->home_order[i] = i;
    }
    world->roll.rules = &world->rules;
    world->roll.homes = world->homes;
    world->roll.entries = world->entries;
    world->roll.wants = world->wants;
    world->roll.homes_file.rows = homes;
    world->roll.entries_file.rows = entries;
    world->roll.chances = entries;
}

void
world_want(struct world *world, uint32_t entry, const char *wants)
{
    size_t count = strlen(wants);
    assert(count <= WORLD_TYPES);
    for (size_t i = 0; i < count; i++) {
        world->wants[entry * WORLD_TYPES + i] = (uint8_t)(wants[i] - 'a');
    }
    world->entries[entry].want_count = (uint8_t)count;
}

static void
shuffle(uint64_t *state, uint8_t list[], uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = world_below(state, i);
        uint8_t kept = list[i - 1];
        list[i - 1] = list[other];
        list[other] = kept;
    }
}

static void
rounds_by_chance(struct world *world, uint64_t *state)
{
    for (uint32_t i = 0; i < world->rules.round_count; i++) {
        struct lot_round *round = &world->rounds[i];
        round->has_queues = world_below(state, 2) == 0;
        round->queues = round->has_queues ? 1 + world_below(state, (1 << WORLD_QUEUES) - 1) : 0;
        round->has_tags = world_below(state, 2) == 0;
        round->tags = round->has_tags ? 1 + world_below(state, (1 << WORLD_TAGS) - 1) : 0;
        round->has_quota = world_below(state, 2) == 0;
        for (uint32_t type = 0; round->has_quota && type < world->rules.type_count; type++) {
            round->quota[type] = world_below(state, 4);
        }
    }
}

void
world_by_chance(struct world *world, uint64_t *state, uint32_t entries_max, uint32_t types_max,
                uint32_t rounds_max)
{
    uint32_t types = 1 + world_below(state, types_max);
    uint32_t entries = 1 + world_below(state, entries_max);
    uint32_t homes = world_below(state, entries + 2);
    world_begin(world, types, 1 + world_below(state, rounds_max), entries, homes);
    for (uint32_t i = 0; i < types; i++) {
        world->types[i].persons_min = (uint8_t)(1 + world_below(state, 2));
        world->types[i].persons_max = (uint8_t)(2 + world_below(state, 3));
    }
    rounds_by_chance(world, state);
    uint8_t ranks[WORLD_ENTRIES] = {0};
    for (uint32_t i = 0; i < entries; i++) {
        struct lot_entry *entry = &world->entries[i];
        entry->queues = world_below(state, 1 << WORLD_QUEUES) & world_below(state, 16);
        entry->persons = (uint8_t)(1 + world_below(state, 4));
        entry->want_count = (uint8_t)(1 + world_below(state, types));
        uint8_t all[WORLD_TYPES] = {0, 1, 2, 3, 4, 5};
        shuffle(state, all, types);
        memcpy(&world->wants[entry->wants], all, entry->want_count);
        ranks[i] = (uint8_t)i;
    }
    shuffle(state, ranks, entries);
    for (uint32_t i = 0; i < entries; i++) {
        world->order[i].entry = ranks[i];
    }
    uint8_t places[WORLD_HOMES] = {0};
    for (uint32_t i = 0; i < homes; i++) {
        world->homes[i].type = (uint8_t)world_below(state, types);
        world->homes[i].tags = world_below(state, 1 << WORLD_TAGS) & world_below(state, 16);
        places[i] = (uint8_t)i;
    }
    shuffle(state, places, homes);
    for (uint32_t i = 0; i < homes; i++) {
        world->home_order[i] = places[i];
    }
}

/* ---- section 6, word for word ---------------------------------------------------------------- */

/* Where a repeat stands. */
struct stand {
    const struct world *world;
    uint8_t next[WORLD_ENTRIES];              /* by rank: its first want not yet applied to */
    bool applied[WORLD_TYPES][WORLD_ENTRIES]; /* by type and rank */
    struct lot_award awards[WORLD_ENTRIES];   /* by rank */
    struct lot_cutoff cutoffs[WORLD_ROUNDS * WORLD_TYPES];
};

static const struct lot_entry *
entry_at(const struct world *world, uint32_t rank)
{
    return &world->entries[world->order[rank].entry];
}

/* h: the first of free; if round.tags is given, the first whose tags share a word with it. */
static uint32_t
first_free(const struct world *world, const struct lot_round *round, const bool is_free[])
{
    for (uint32_t i = 0; i < world->roll.homes_file.rows; i++) {
        uint32_t home = world->home_order[i];
        if (is_free[home] && (!round->has_tags || (round->tags & world->homes[home].tags) != 0)) {
            return home;
        }
    }
    return LOT_NONE;
}

static void
hold(struct stand *stand, uint8_t type)
{
    const struct world *world = stand->world;
    uint32_t entries = world->roll.entries_file.rows;
    bool is_free[WORLD_HOMES] = {false};
    bool taken[WORLD_ENTRIES] = {false};
    for (uint32_t home = 0; home < world->roll.homes_file.rows; home++) {
        is_free[home] = world->homes[home].type == type;
    }
    for (uint32_t rank = 0; rank < entries; rank++) {
        if (stand->awards[rank].type == type) {
            stand->awards[rank] = (struct lot_award){LOT_NONE, LOT_NONE, LOT_NOT_HOUSED, type};
        }
    }
    for (uint8_t number = 0; number < world->rules.round_count; number++) {
        const struct lot_round *round = &world->rounds[number];
        struct lot_cutoff *cutoff = &stand->cutoffs[number * world->rules.type_count + type];
        *cutoff = (struct lot_cutoff){0, LOT_NONE, LOT_CUT_ALL};
        uint32_t left = round->has_quota ? round->quota[type] : UINT32_MAX;
        uint32_t last = LOT_NONE;
        for (uint32_t rank = 0; rank < entries; rank++) {
            if (!stand->applied[type][rank] || taken[rank]) {
                continue;
            }
            if (round->has_queues && (round->queues & entry_at(world, rank)->queues) == 0) {
                continue;
            }
            uint32_t home = first_free(world, round, is_free);
            if (left == 0 || home == LOT_NONE) {
                cutoff->cut = last == LOT_NONE ? LOT_CUT_NONE : LOT_CUT_TICKET;
                cutoff->last = last;
                break;
            }
            /* Who was turned away and went on is never taken in again. */
            assert(stand->awards[rank].type == type);
            stand->awards[rank].round = number;
            stand->awards[rank].home = home;
            taken[rank] = true;
            is_free[home] = false;
            left--;
            last = rank;
            cutoff->taken++;
        }
    }
}

/* The household applies to the next type it wants and fits; false when there is none. */
static bool
apply(struct stand *stand, uint32_t rank)
{
    const struct world *world = stand->world;
    const struct lot_entry *entry = entry_at(world, rank);
    while (stand->next[rank] < entry->want_count) {
        uint8_t type = world->wants[entry->wants + stand->next[rank]++];
        if (entry->persons >= world->types[type].persons_min &&
            entry->persons <= world->types[type].persons_max) {
            stand->applied[type][rank] = true;
            stand->awards[rank].type = type; /* the last application, taken or not */
            return true;
        }
    }
    return false;
}

static void
repeat_all(struct stand *stand, bool backwards)
{
    uint32_t entries = stand->world->roll.entries_file.rows;
    uint32_t types = stand->world->rules.type_count;
    for (bool somebody = true; somebody;) {
        for (uint32_t i = 0; i < types; i++) {
            hold(stand, (uint8_t)(backwards ? types - 1 - i : i));
        }
        somebody = false;
        for (uint32_t i = 0; i < entries; i++) {
            uint32_t rank = backwards ? entries - 1 - i : i;
            if (stand->awards[rank].round == LOT_NOT_HOUSED) {
                somebody = apply(stand, rank) || somebody;
            }
        }
    }
}

static void
repeat_one_by_one(struct stand *stand, uint64_t *state)
{
    uint32_t entries = stand->world->roll.entries_file.rows;
    for (uint32_t i = 0; i < stand->world->rules.type_count; i++) {
        hold(stand, (uint8_t)i);
    }
    for (bool somebody = true; somebody;) {
        somebody = false;
        uint32_t begin = world_below(state, entries);
        for (uint32_t i = 0; i < entries && !somebody; i++) {
            uint32_t rank = (begin + i) % entries;
            if (stand->awards[rank].round == LOT_NOT_HOUSED && apply(stand, rank)) {
                hold(stand, stand->awards[rank].type);
                somebody = true;
            }
        }
    }
}

void
world_hold(const struct world *world, enum world_repeat repeat, uint64_t *state,
           struct lot_award awards[], struct lot_cutoff cutoffs[])
{
    struct stand stand = {.world = world};
    uint32_t entries = world->roll.entries_file.rows;
    for (uint32_t rank = 0; rank < entries; rank++) {
        stand.awards[rank] = (struct lot_award){LOT_NONE, LOT_NONE, LOT_NOT_HOUSED, WORLD_TYPES};
    }
    if (repeat == WORLD_ONE_BY_ONE) {
        assert(state != NULL);
        repeat_one_by_one(&stand, state);
    } else {
        repeat_all(&stand, repeat == WORLD_BACKWARDS);
    }
    memcpy(awards, stand.awards, entries * sizeof *awards);
    memcpy(cutoffs, stand.cutoffs,
           world->rules.round_count * world->rules.type_count * sizeof *cutoffs);
}

bool
world_by_eye(const struct world *world, const struct lot_cutoff cutoffs[], uint32_t rank,
             uint8_t *round, uint8_t *type)
{
    const struct lot_entry *entry = entry_at(world, rank);
    for (uint32_t i = 0; i < entry->want_count; i++) {
        uint8_t want = world->wants[entry->wants + i];
        if (entry->persons < world->types[want].persons_min ||
            entry->persons > world->types[want].persons_max) {
            continue;
        }
        for (uint8_t number = 0; number < world->rules.round_count; number++) {
            const struct lot_round *rule = &world->rounds[number];
            const struct lot_cutoff *cutoff = &cutoffs[number * world->rules.type_count + want];
            if (rule->has_queues && (rule->queues & entry->queues) == 0) {
                continue;
            }
            if (cutoff->cut == LOT_CUT_ALL ||
                (cutoff->cut == LOT_CUT_TICKET &&
                 memcmp(world->order[cutoff->last].ticket, world->order[rank].ticket,
                        LOT_HASH_BYTES) >= 0)) {
                *round = number;
                *type = want;
                return true;
            }
        }
    }
    return false;
}

void
world_print(const struct world *world)
{
    for (uint32_t i = 0; i < world->rules.type_count; i++) {
        printf("  type %s persons %u..%u\n", world->types[i].code, world->types[i].persons_min,
               world->types[i].persons_max);
    }
    for (uint32_t i = 0; i < world->rules.round_count; i++) {
        const struct lot_round *round = &world->rounds[i];
        printf("  round %s", round->code);
        if (round->has_queues) {
            printf(" queues %x", (unsigned)round->queues);
        }
        if (round->has_tags) {
            printf(" tags %x", (unsigned)round->tags);
        }
        for (uint32_t type = 0; round->has_quota && type < world->rules.type_count; type++) {
            printf(" quota %s %u", world->types[type].code, round->quota[type]);
        }
        printf("\n");
    }
    for (uint32_t i = 0; i < world->roll.homes_file.rows; i++) {
        const struct lot_home *home = &world->homes[world->home_order[i]];
        printf("  home %s type %s tags %x\n", home->id, world->types[home->type].code,
               (unsigned)home->tags);
    }
    for (uint32_t rank = 0; rank < world->roll.entries_file.rows; rank++) {
        const struct lot_entry *entry = entry_at(world, rank);
        printf("  rank %u %s queues %x persons %u wants ", rank + 1, entry->id,
               (unsigned)entry->queues, entry->persons);
        for (uint32_t i = 0; i < entry->want_count; i++) {
            printf("%s", world->types[world->wants[entry->wants + i]].code);
        }
        printf("\n");
    }
}
