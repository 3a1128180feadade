/*
 * world.h - small draws without files: made up by hand or by chance, drawn by the
 * functions of the product, and allocated a second time by PROTOCOL.md section 6
 * taken word for word, slowly.
 */
#ifndef MINGQIAN_WORLD_H
#define MINGQIAN_WORLD_H

#include "lottery/lottery.h"

#define WORLD_TYPES 6
#define WORLD_QUEUES 4
#define WORLD_TAGS 4
#define WORLD_ROUNDS 6
#define WORLD_ENTRIES 64
#define WORLD_HOMES 64

/* Everything a draw needs. The roll points into it: not to be copied. */
struct world {
    struct lot_rules rules;
    struct lot_type types[WORLD_TYPES];
    struct lot_round rounds[WORLD_ROUNDS];
    struct lot_home homes[WORLD_HOMES];
    struct lot_entry entries[WORLD_ENTRIES]; /* entry i has room for its wants at i * WORLD_TYPES */
    uint8_t wants[WORLD_ENTRIES * WORLD_TYPES];
    char entry_ids[WORLD_ENTRIES][16], home_ids[WORLD_HOMES][16];
    struct lot_roll roll;
    struct lot_place order[WORLD_ENTRIES];
    uint32_t home_order[WORLD_HOMES];
};

/* A stream of numbers from a fixed beginning (splitmix64). */
uint64_t world_random(uint64_t *state);
uint32_t world_below(uint64_t *state, uint32_t bound); /* 0..bound-1; bound >= 1 */

/*
 * An empty draw of so many types, rounds, entries and homes: all may enter and fit
 * everything, entries stand in the order of their index, all homes are of type 0.
 */
void world_begin(struct world *world, uint32_t types, uint32_t rounds, uint32_t entries,
                 uint32_t homes);

/* What entry i wants: the letters of wants are types from 'a'. */
void world_want(struct world *world, uint32_t entry, const char *wants);

/* A draw by chance, at most so large. Entries and homes stand in an order by chance. */
void world_by_chance(struct world *world, uint64_t *state, uint32_t entries_max, uint32_t types_max,
                     uint32_t rounds_max);

enum world_repeat {
    WORLD_AS_WRITTEN, /* every type, then every household that is not taken */
    WORLD_BACKWARDS,  /* the same with types and households from the last to the first */
    WORLD_ONE_BY_ONE, /* any one household applies, its type is done again */
};

/*
 * Section 6 as it is written. awards as lot_allocate() gives them (number left out),
 * cutoffs as there.
 */
void world_hold(const struct world *world, enum world_repeat repeat, uint64_t *state,
                struct lot_award awards[], struct lot_cutoff cutoffs[]);

/*
 * The result by eye, from the household's own ticket and the cut-offs alone: true
 * with round and type, false when the household is not housed.
 */
bool world_by_eye(const struct world *world, const struct lot_cutoff cutoffs[], uint32_t rank,
                  uint8_t *round, uint8_t *type);

/* Prints the draw, so that a failed property can be looked at. */
void world_print(const struct world *world);

#endif
