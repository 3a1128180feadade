/*
 * nolie.c - searches for a household that gains by writing down wishes that are not
 * its own (P10), in the very functions that make the draw.
 *
 *     nolie            every draw of up to 4 households, 3 types and 2 rounds, then
 *                      100,000 larger ones by chance
 *     nolie tenth      each tenth of the small draws, the same larger ones (CI); no
 *                      types of 5 homes
 *     nolie planted    the same search in an allocation whose rounds come before the
 *                      types; succeeds when it finds the household that gains
 *
 * "Every draw" is finite, because draws that cannot differ are looked at once:
 *   - Households are named by their rank. One that may enter no round, or that no type
 *     would ever take, changes nothing for the others: it is left out. So is a type
 *     that a household does not fit: it stands on no list.
 *   - A type is known by whom it takes out of any set of applicants. More homes than
 *     households make no new kind, nor do more than two tags, one for each round; so
 *     all types of up to 4 homes and all quotas are run by lot_allocate() over all
 *     sets of applicants, and types that always took the same are one kind. (Types
 *     of 5 homes are run too: none of them may be of a new kind.) Each time a kind is
 *     used it is another of its types that stands for it.
 *   - A round that is open to all is one whose queue all households are in; a round
 *     without tags is one whose tag all homes have.
 *   - The names of types do not matter: {a, b} is {b, a}.
 *   - Wishes behind a type that takes the household for sure, and wishes for types
 *     that never would, change nothing.
 * Of the draws that are left all lists of all households are tried against each other.
 * When a shorter list has already housed the household, what stands behind is not read,
 * so the result is known without another run; that too is tried in the larger draws.
 *
 * Checked in each run: the result by eye, from ticket and cut-offs alone; section 6 word
 * for word with the repeats done in another order. In the larger draws also: an entry
 * taken out moves no other ticket, nor the order of the others (P7).
 */
#include "tests/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUSEHOLDS 4
#define TYPES 3
#define LISTS 15 /* ordered choices of 1..3 out of 3 types */
#define LARGER_DRAWS 100000u

static bool planted;
static uint64_t random_state = 20260701;

static _Noreturn void
found(const struct world *world, const char *what)
{
    printf("%s: %s in this draw:\n", planted ? "ok the planted mistake" : "not ok", what);
    world_print(world);
    exit(planted ? 0 : 1);
}

/* ---- the allocation under search ------------------------------------------------------------- */

/* The first home of a type that is not used and that the round may give, or LOT_NONE. */
static uint32_t
first_home(const struct world *world, const struct lot_round *round, uint8_t type,
           const bool used[])
{
    for (uint32_t home = 0; home < world->roll.homes_file.rows; home++) {
        if (!used[home] && world->homes[home].type == type &&
            (!round->has_tags || (round->tags & world->homes[home].tags) != 0)) {
            return home;
        }
    }
    return LOT_NONE;
}

/* The round gives the household the first type on its list that has a home left for it. */
static void
house(const struct world *world, uint8_t number, const struct lot_entry *entry, uint32_t given[],
      bool used[], struct lot_award *award)
{
    const struct lot_round *round = &world->rounds[number];
    for (uint32_t i = 0; i < entry->want_count; i++) {
        uint8_t type = world->wants[entry->wants + i];
        uint32_t home = first_home(world, round, type, used);
        if (home != LOT_NONE && (!round->has_quota || given[type] < round->quota[type])) {
            *award = (struct lot_award){home, LOT_NONE, number, type};
            used[home] = true;
            given[type]++;
            return;
        }
    }
}

/* The mistake that section 6 warns of: each round in turn houses all it can. */
static void
rounds_first(const struct world *world, struct lot_award awards[])
{
    bool used[WORLD_HOMES] = {false};
    uint32_t entries = world->roll.entries_file.rows;
    for (uint32_t rank = 0; rank < entries; rank++) {
        awards[rank] = (struct lot_award){LOT_NONE, LOT_NONE, LOT_NOT_HOUSED, 0};
    }
    for (uint8_t number = 0; number < world->rules.round_count; number++) {
        const struct lot_round *round = &world->rounds[number];
        uint32_t given[WORLD_TYPES] = {0};
        for (uint32_t rank = 0; rank < entries; rank++) {
            const struct lot_entry *entry = &world->entries[world->order[rank].entry];
            bool enters = !round->has_queues || (round->queues & entry->queues) != 0;
            if (enters && awards[rank].round == LOT_NOT_HOUSED) {
                house(world, number, entry, given, used, &awards[rank]);
            }
        }
    }
}

/* Runs one draw, with all that is to be true of each. awards by rank. */
static void
run(const struct world *world, enum world_repeat repeat, struct lot_award awards[])
{
    if (planted) {
        rounds_first(world, awards);
        return;
    }
    uint32_t entries = world->roll.entries_file.rows;
    uint32_t cuts = world->rules.round_count * world->rules.type_count;
    struct lot_allocation ours = {0};
    lot_allocate(&world->roll, world->order, world->home_order, &ours);

    struct lot_award theirs[WORLD_ENTRIES];
    struct lot_cutoff cutoffs[WORLD_ROUNDS * WORLD_TYPES];
    world_hold(world, repeat, &random_state, theirs, cutoffs);
    for (uint32_t rank = 0; rank < entries; rank++) {
        const struct lot_award *award = &ours.awards[rank];
        if (award->round != theirs[rank].round || award->home != theirs[rank].home) {
            found(world, "repeats in another order give another result");
        }
        uint8_t round = LOT_NOT_HOUSED;
        uint8_t type = 0;
        bool housed = world_by_eye(world, ours.cutoffs, rank, &round, &type);
        if (housed != (award->round != LOT_NOT_HOUSED) || round != award->round ||
            (housed && type != award->type)) {
            found(world, "the cut-offs tell another result");
        }
        awards[rank] = *award;
    }
    for (uint32_t i = 0; i < cuts; i++) {
        if (cutoffs[i].cut != ours.cutoffs[i].cut || cutoffs[i].last != ours.cutoffs[i].last ||
            cutoffs[i].taken != ours.cutoffs[i].taken) {
            found(world, "repeats in another order give other cut-offs");
        }
    }
    lot_allocation_finish(&ours);
}

/* ---- kinds of type --------------------------------------------------------------------------- */

#define SETS 256      /* each of 4 households: no applicant, or may enter round 1, 2, both */
#define KINDS_MAX 128 /* 57 are found */
#define MADE_MAX 4096 /* types of up to 4 homes with all quotas: 121 * 25 */
#define QUOTAS 5      /* 0, 1, 2, 3, none */
#define NEVER KINDS_MAX

/* One type as rules and homes say it. */
struct made {
    uint8_t home_count, homes[HOUSEHOLDS + 1]; /* tags: bit 0 for round 1, bit 1 for round 2 */
    uint8_t quota[2];                          /* QUOTAS - 1: none */
    uint8_t kind;
};

static struct made made[MADE_MAX];
static uint32_t made_count;
static uint8_t kinds[KINDS_MAX][SETS]; /* whom the kind takes, bit i household i */
static uint32_t kind_count;
static uint32_t kind_uses[KINDS_MAX];

static void
add_type(struct world *world, uint8_t type, const struct made *from, uint32_t *homes)
{
    for (uint8_t i = 0; i < from->home_count; i++) {
        world->homes[*homes].type = type;
        world->homes[*homes].tags = from->homes[i];
        (*homes)++;
    }
    for (uint32_t round = 0; round < 2; round++) {
        /* "None" is more than there are households; a round has quotas for all types or none. */
        uint8_t quota = from->quota[round];
        world->rounds[round].has_quota = true;
        world->rounds[round].quota[type] = quota == QUOTAS - 1 ? WORLD_ENTRIES : quota;
    }
}

static void
begin_two_rounds(struct world *world, uint32_t types, uint32_t households, uint32_t homes)
{
    world_begin(world, types, 2, households, homes);
    for (uint32_t round = 0; round < 2; round++) {
        world->rounds[round].has_queues = true;
        world->rounds[round].queues = 1u << round;
        world->rounds[round].has_tags = true;
        world->rounds[round].tags = 1u << round;
    }
}

/* Runs one type over all sets of applicants. */
static void
learn(const struct made *from, uint8_t takes[static SETS])
{
    for (uint32_t set = 0; set < SETS; set++) {
        uint8_t who[HOUSEHOLDS] = {0};
        uint32_t count = 0;
        struct world world;
        uint32_t homes = 0;
        begin_two_rounds(&world, 1, HOUSEHOLDS, from->home_count);
        add_type(&world, 0, from, &homes);
        for (uint8_t i = 0; i < HOUSEHOLDS; i++) {
            uint32_t enters = set >> (2 * i) & 3;
            if (enters != 0) {
                world.entries[count].queues = enters;
                world_want(&world, count, "a");
                who[count++] = i;
            }
        }
        world.roll.entries_file.rows = count;
        struct lot_allocation allocation = {0};
        lot_allocate(&world.roll, world.order, world.home_order, &allocation);
        takes[set] = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (allocation.awards[i].round != LOT_NOT_HOUSED) {
                takes[set] |= (uint8_t)(1u << who[i]);
            }
        }
        lot_allocation_finish(&allocation);
    }
}

/* Type number k of those with so many homes. */
static struct made
make_type(uint8_t home_count, uint32_t k)
{
    struct made type = {.home_count = home_count};
    type.quota[0] = (uint8_t)(k % QUOTAS);
    type.quota[1] = (uint8_t)(k / QUOTAS % QUOTAS);
    uint32_t rest = k / (QUOTAS * QUOTAS);
    for (uint8_t i = 0; i < home_count; i++, rest /= 3) {
        type.homes[i] = (uint8_t)(1 + rest % 3);
    }
    return type;
}

/* The kind that takes just these; kind_count when it is new. */
static uint32_t
kind_of(const uint8_t takes[static SETS])
{
    uint32_t kind = 0;
    while (kind < kind_count && memcmp(kinds[kind], takes, SETS) != 0) {
        kind++;
    }
    return kind;
}

static void
find_kinds(bool of_five_too)
{
    uint32_t types = QUOTAS * QUOTAS;
    for (uint8_t count = 0; count <= HOUSEHOLDS; count++, types *= 3) {
        for (uint32_t k = 0; k < types; k++) {
            struct made type = make_type(count, k);
            uint8_t takes[SETS];
            learn(&type, takes);
            uint32_t kind = kind_of(takes);
            assert(kind < KINDS_MAX && made_count < MADE_MAX);
            memcpy(kinds[kind], takes, SETS);
            kind_count += kind == kind_count;
            type.kind = (uint8_t)kind;
            made[made_count++] = type;
        }
    }
    uint32_t of_five = 0;
    for (uint32_t k = 0; of_five_too && k < types; k += 7) { /* a seventh of them is check enough */
        struct made type = make_type(HOUSEHOLDS + 1, k);
        uint8_t takes[SETS];
        learn(&type, takes);
        if (kind_of(takes) == kind_count) {
            printf("not ok a type of 5 homes is of a new kind\n");
            exit(1);
        }
        of_five++;
    }
    printf("ok kinds of type: %u types over %u sets of applicants are of %u kinds; "
           "%u of 5 homes are of no other\n",
           made_count, SETS, kind_count, of_five);
}

/* Another type of this kind each time. */
static const struct made *
another(uint32_t kind)
{
    uint32_t begin = kind_uses[kind];
    for (uint32_t i = 0; i < made_count; i++) {
        uint32_t at = (begin + i) % made_count;
        if (made[at].kind == kind) {
            kind_uses[kind] = at + 1;
            return &made[at];
        }
    }
    assert(false);
    return NULL;
}

/* ---- every small draw ------------------------------------------------------------------------ */

/* Households with their queues, and types of these kinds: all but the wishes. */
struct scene {
    uint32_t households, types;
    uint8_t enters[HOUSEHOLDS]; /* bit 0 round 1, bit 1 round 2 */
    uint8_t takes[TYPES][1 << HOUSEHOLDS];
    uint32_t kind[TYPES];
    uint32_t list_count[HOUSEHOLDS];
    struct {
        char wants[TYPES + 1];
        uint32_t shorter; /* the list without its last wish; itself when it is one wish long */
    } lists[HOUSEHOLDS][LISTS];
};

static struct {
    uint64_t looked_at, scenes, draws, runs;
} total;

static uint8_t results[LISTS * LISTS * LISTS * LISTS]; /* 2 bits a household: type, or 3 */

static unsigned
result_of(uint32_t draw, uint32_t household)
{
    return results[draw] >> (2 * household) & 3;
}

/* Whether a type takes the household out of every set it is in, or out of none. */
static void
look(const struct scene *scene, uint32_t household, uint32_t type, bool *sure, bool *never)
{
    *sure = *never = true;
    for (uint32_t set = 0; set < 1u << scene->households; set++) {
        if ((set >> household & 1) != 0) {
            bool taken = (scene->takes[type][set] >> household & 1) != 0;
            *sure = *sure && taken;
            *never = *never && !taken;
        }
    }
}

/* All lists that may matter, short ones before long ones. */
static void
make_lists(struct scene *scene, uint32_t household)
{
    bool sure[TYPES] = {false};
    bool never[TYPES] = {false};
    for (uint32_t type = 0; type < scene->types; type++) {
        look(scene, household, type, &sure[type], &never[type]);
    }
    uint32_t count = 0;
    for (char type = 0; type < (char)scene->types; type++) {
        if (!never[(int)type]) {
            scene->lists[household][count].wants[0] = (char)('a' + type);
            scene->lists[household][count].wants[1] = '\0';
            scene->lists[household][count].shorter = count;
            count++;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *wants = scene->lists[household][i].wants;
        size_t size = strlen(wants);
        for (char type = 0; type < (char)scene->types; type++) {
            char letter = (char)('a' + type);
            if (!never[(int)type] && !sure[wants[size - 1] - 'a'] &&
                strchr(wants, letter) == NULL) {
                assert(count < LISTS);
                char *longer = scene->lists[household][count].wants;
                memcpy(longer, wants, size);
                longer[size] = letter;
                longer[size + 1] = '\0';
                scene->lists[household][count].shorter = i;
                count++;
            }
        }
    }
    scene->list_count[household] = count;
}

/* The result is known when a list that is one wish shorter already housed its household. */
static bool
known(const struct scene *scene, const uint32_t chosen[], const uint32_t step[], uint32_t draw)
{
    for (uint32_t i = 0; i < scene->households; i++) {
        uint32_t shorter = scene->lists[i][chosen[i]].shorter;
        uint32_t other = draw - (chosen[i] - shorter) * step[i];
        if (shorter != chosen[i] && result_of(other, i) != 3) {
            results[draw] = results[other];
            return true;
        }
    }
    return false;
}

static void
run_scene(struct scene *scene, struct world *world, const uint32_t step[], uint32_t draws)
{
    for (uint32_t draw = 0; draw < draws; draw++) {
        uint32_t chosen[HOUSEHOLDS] = {0};
        for (uint32_t i = 0; i < scene->households; i++) {
            chosen[i] = draw / step[i] % scene->list_count[i];
        }
        if (!planted && known(scene, chosen, step, draw)) {
            continue;
        }
        for (uint32_t i = 0; i < scene->households; i++) {
            world_want(world, i, scene->lists[i][chosen[i]].wants);
        }
        struct lot_award awards[HOUSEHOLDS];
        run(world, (enum world_repeat)(total.runs % 3), awards);
        total.runs++;
        results[draw] = 0;
        for (uint32_t i = 0; i < scene->households; i++) {
            unsigned type = awards[i].round == LOT_NOT_HOUSED ? 3u : awards[i].type;
            results[draw] |= (uint8_t)(type << (2 * i));
        }
    }
}

static _Noreturn void
found_lie(const struct scene *scene, struct world *world, const uint32_t step[], uint32_t draw,
          uint32_t household, char better)
{
    for (uint32_t i = 0; i < scene->households; i++) {
        world_want(world, i, scene->lists[i][draw / step[i] % scene->list_count[i]].wants);
    }
    printf("rank %u could have type %c by another list\n", household + 1, better);
    found(world, "a household gains by a lie");
}

/*
 * Against the wishes of the others in this draw, what a household can get by some list
 * must not stand on a list before what that list got it.
 */
static void
try_lists(const struct scene *scene, struct world *world, const uint32_t step[], uint32_t first,
          uint32_t household)
{
    unsigned to_be_had = 0;
    for (uint32_t list = 0; list < scene->list_count[household]; list++) {
        to_be_had |= 1u << result_of(first + list * step[household], household);
    }
    for (uint32_t list = 0; list < scene->list_count[household]; list++) {
        uint32_t draw = first + list * step[household];
        const char *wants = scene->lists[household][list].wants;
        while (*wants != '\0' && (to_be_had >> (*wants - 'a') & 1) == 0) {
            wants++;
        }
        unsigned best = *wants == '\0' ? 3u : (unsigned)(*wants - 'a');
        if (result_of(draw, household) != best) {
            found_lie(scene, world, step, draw, household, *wants);
        }
    }
}

static void
search(const struct scene *scene, struct world *world, const uint32_t step[], uint32_t draws)
{
    for (uint32_t draw = 0; draw < draws; draw++) {
        for (uint32_t i = 0; i < scene->households; i++) {
            if (draw / step[i] % scene->list_count[i] == 0) {
                try_lists(scene, world, step, draw, i);
            }
        }
    }
}

static void
do_scene(struct scene *scene)
{
    uint32_t step[HOUSEHOLDS] = {0};
    uint32_t draws = 1;
    for (uint32_t i = 0; i < scene->households; i++) {
        make_lists(scene, i);
        step[i] = draws;
        draws *= scene->list_count[i];
    }
    if (draws == 0) {
        return; /* a household that nobody takes: a scene of fewer households */
    }
    const struct made *types[TYPES] = {NULL};
    uint32_t homes = 0;
    for (uint32_t type = 0; type < scene->types; type++) {
        types[type] = another(scene->kind[type]);
        homes += types[type]->home_count;
    }
    struct world world;
    begin_two_rounds(&world, scene->types, scene->households, homes);
    homes = 0;
    for (uint32_t type = 0; type < scene->types; type++) {
        add_type(&world, (uint8_t)type, types[type], &homes);
    }
    for (uint32_t i = 0; i < scene->households; i++) {
        world.entries[i].queues = scene->enters[i];
    }
    run_scene(scene, &world, step, draws);
    search(scene, &world, step, draws);
    total.draws += draws;
    total.scenes++;
}

/* The kinds that differ for these households; one that never takes any of them is none. */
static uint32_t
narrow(const struct scene *scene, uint32_t of[], uint8_t takes[][1 << HOUSEHOLDS])
{
    uint32_t count = 0;
    for (uint32_t kind = 0; kind < kind_count; kind++) {
        uint8_t here[1 << HOUSEHOLDS] = {0};
        bool any = false;
        for (uint32_t set = 0; set < 1u << scene->households; set++) {
            uint32_t full = 0;
            for (uint32_t i = 0; i < scene->households; i++) {
                full |= (set >> i & 1) * (uint32_t)scene->enters[i] << (2 * i);
            }
            here[set] = kinds[kind][full];
            any = any || here[set] != 0;
        }
        uint32_t same = 0;
        while (same < count && memcmp(takes[same], here, sizeof here) != 0) {
            same++;
        }
        if (any && same == count) {
            memcpy(takes[count], here, sizeof here);
            of[count++] = kind;
        }
    }
    return count;
}

/* All sets of up to three of these kinds for the households of the scene. */
static void
every_choice_of_types(struct scene *scene, uint32_t one_in)
{
    static uint8_t takes[KINDS_MAX][1 << HOUSEHOLDS];
    uint32_t of[KINDS_MAX];
    uint32_t count = narrow(scene, of, takes);
    /* a <= b <= c are kinds, `count` stands for "no such type". */
    uint32_t chosen[TYPES] = {0};
    while (chosen[0] < count) {
        scene->types = 0;
        for (uint32_t i = 0; i < TYPES && chosen[i] < count; i++) {
            scene->kind[i] = of[chosen[i]];
            memcpy(scene->takes[i], takes[chosen[i]], sizeof scene->takes[i]);
            scene->types++;
        }
        if (total.looked_at++ % one_in == 0) {
            do_scene(scene);
        }
        uint32_t at = TYPES - 1;
        while (at > 0 && chosen[at] == count) {
            at--;
        }
        chosen[at]++;
        for (uint32_t i = at + 1; i < TYPES; i++) {
            chosen[i] = chosen[at];
        }
    }
}

static void
every_small_draw(uint32_t one_in)
{
    uint32_t vectors = 1;
    for (uint32_t households = 1; households <= HOUSEHOLDS; households++) {
        vectors *= 3;
        for (uint32_t vector = 0; vector < vectors; vector++) {
            struct scene scene = {.households = households};
            uint32_t rest = vector;
            for (uint32_t i = 0; i < households; i++, rest /= 3) {
                scene.enters[i] = (uint8_t)(1 + rest % 3);
            }
            every_choice_of_types(&scene, one_in);
        }
    }
    printf("ok no lie pays in %s: %llu draws of %llu scenes, %llu of them run, by eye and in "
           "other orders too\n",
           one_in == 1 ? "every small draw" : "each tenth of the small draws",
           (unsigned long long)total.draws, (unsigned long long)total.scenes,
           (unsigned long long)total.runs);
}

/* ---- larger draws by chance ------------------------------------------------------------------ */

/* The place on the household's own list of what it got; the list's length when nothing. */
static uint32_t
worth(const struct lot_award *award, const uint8_t wants[], uint32_t count)
{
    uint32_t at = 0;
    while (at < count && (award->round == LOT_NOT_HOUSED || wants[at] != award->type)) {
        at++;
    }
    return at;
}

static void
draw_world(struct world *world, const char seed[static LOT_HEX_SIZE])
{
    struct lot_error error = {0};
    if (!lot_draw(&world->roll, seed, 1, world->order, world->home_order, &error)) {
        printf("not ok the draw failed: %s\n", error.text);
        exit(1);
    }
}

/* One household of the draw tries other lists, shuffled and cut by chance. */
static void
try_lies(struct world *world, const struct lot_award truth[], uint64_t *tried)
{
    uint32_t rank = world_below(&random_state, world->roll.entries_file.rows);
    struct lot_entry *entry = &world->entries[world->order[rank].entry];
    uint8_t *wants = &world->wants[entry->wants];
    uint8_t own[WORLD_TYPES];
    uint8_t own_count = entry->want_count;
    memcpy(own, wants, sizeof own);
    uint32_t got = worth(&truth[rank], own, own_count);
    struct lot_award awards[WORLD_ENTRIES];

    /* What stands behind the wish that was fulfilled is not read. */
    if (got < own_count) {
        entry->want_count = (uint8_t)(got + 1);
        run(world, WORLD_AS_WRITTEN, awards);
        for (uint32_t i = 0; i < world->roll.entries_file.rows; i++) {
            if (awards[i].home != truth[i].home || awards[i].round != truth[i].round) {
                found(world, "a wish behind the fulfilled one changes the result");
            }
        }
    }
    for (uint32_t lie = 0; lie < 8; lie++) {
        uint32_t types = world->rules.type_count;
        for (uint32_t i = 0; i < types; i++) {
            uint32_t other = world_below(&random_state, i + 1);
            wants[i] = wants[other];
            wants[other] = (uint8_t)i;
        }
        entry->want_count = (uint8_t)(1 + world_below(&random_state, types));
        run(world, (enum world_repeat)(lie % 3), awards);
        ++*tried;
        if (worth(&awards[rank], own, own_count) < got) {
            printf("rank %u gains by this list; its own is", rank + 1);
            for (uint32_t i = 0; i < own_count; i++) {
                printf(" %s", world->types[own[i]].code);
            }
            printf("\n");
            found(world, "a household gains by a lie");
        }
    }
    memcpy(wants, own, sizeof own);
    entry->want_count = own_count;
}

/* P7: the same seed without one of the entries. */
static void
take_one_out(const struct world *world, const char seed[static LOT_HEX_SIZE])
{
    uint32_t entries = world->roll.entries_file.rows;
    uint32_t gone = world_below(&random_state, entries);
    struct lot_entry rest_entries[WORLD_ENTRIES];
    struct lot_place rest_order[WORLD_ENTRIES];
    uint32_t home_order[WORLD_HOMES];
    uint32_t count = 0;
    for (uint32_t i = 0; i < entries; i++) {
        if (i != gone) {
            rest_entries[count++] = world->entries[i];
        }
    }
    struct lot_roll rest = world->roll;
    rest.entries = rest_entries;
    rest.entries_file.rows = count;
    bool same = lot_draw(&rest, seed, 1, rest_order, home_order, NULL);
    for (uint32_t i = 0, k = 0; i < entries; i++) {
        if (world->order[i].entry != gone) {
            same = same &&
                   rest_entries[rest_order[k].entry].id == world->entries[world->order[i].entry].id;
            same =
                same && memcmp(rest_order[k].ticket, world->order[i].ticket, LOT_HASH_BYTES) == 0;
            k++;
        }
    }
    if (!same || memcmp(home_order, world->home_order,
                        world->roll.homes_file.rows * sizeof *home_order) != 0) {
        found(world, "an entry taken out moves another");
    }
}

static void
larger_draws(void)
{
    uint64_t tried = 0;
    for (uint32_t i = 0; i < LARGER_DRAWS; i++) {
        struct world world;
        world_by_chance(&world, &random_state, i % 50 == 0 ? 40 : 10, WORLD_TYPES, WORLD_ROUNDS);
        uint8_t bytes[LOT_HASH_BYTES];
        char seed[LOT_HEX_SIZE + 1];
        for (size_t k = 0; k < sizeof bytes; k++) {
            bytes[k] = (uint8_t)world_random(&random_state);
        }
        canon_to_hex(bytes, sizeof bytes, seed);
        draw_world(&world, seed);
        struct lot_award truth[WORLD_ENTRIES];
        run(&world, (enum world_repeat)(i % 3), truth);
        try_lies(&world, truth, &tried);
        take_one_out(&world, seed);
    }
    printf("ok no lie pays in %u larger draws by chance, %llu lies tried; cut-offs tell all; "
           "an entry taken out moves no other; orders of repeats agree\n",
           LARGER_DRAWS, (unsigned long long)tried);
}

int
main(int count, char **words)
{
    planted = count == 2 && strcmp(words[1], "planted") == 0;
    bool tenth = count == 2 && strcmp(words[1], "tenth") == 0;
    if (count > 2 || (count == 2 && !planted && !tenth)) {
        fputs("usage: nolie [tenth | planted]\n", stderr);
        return 2;
    }
    find_kinds(!tenth && !planted);
    every_small_draw(tenth ? 10 : 1);
    larger_draws();
    return planted ? 1 : 0;
}
