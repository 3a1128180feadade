/*
 * allocation.c - hides how deferred acceptance is done once instead of again and again.
 *
 * PROTOCOL.md section 6 tells, by `hold`, who holds a type among all who ever applied
 * to it, and repeats that for every type until nobody applies. Done literally that
 * costs a run over all applicants for each repeat. Here households apply one at a
 * time, and each type remembers what hold() would say of those who came so far.
 *
 * Why that is the same:
 *
 * 1. In hold(), a round takes the best of those it may take, and gives away the first
 *    of the homes it may give, until either or its quota runs out. So all there is to
 *    remember is who is held by each round, and which round uses each home.
 *
 * 2. One more applicant. Go through the rounds with one thing in hand by which the two
 *    runs of hold(), with and without the newcomer, differ from here on: a household
 *    that is one more in the pool, or a home that is one less among the free ones.
 *    At first it is the newcomer. At a round, with a household in hand:
 *      - it may not enter: the round does the same in both runs.
 *      - the quota is not used up and there is a next home the round may give: the
 *        round takes the household, and that home is in hand.
 *      - else the round takes as many as before out of one more: the worst of them,
 *        or the newcomer itself, is turned away and in hand.
 *    With a home in hand:
 *      - the round had not given it: it does the same in both runs.
 *      - there is a next home that the round may give: it gives that one instead, and
 *        that one is in hand.
 *      - else the round takes one less: its worst is turned away and in hand. (It has
 *        then given all the homes it may give in both runs, so the homes are even.)
 *    After the last round the type turns away the household in hand, if it is one.
 *    So step 2 turns hold(type, A) into hold(type, A and one more). The homes a round
 *    may give only become fewer, so its search for the next one only moves on, and a
 *    round that has turned one away turns one away for good.
 *
 * 3. By 2 one more applicant never brings back one that was turned away. So whatever
 *    the order in which households apply, the same applications are made: take the
 *    first that one order makes and another does not; its household was turned away
 *    from all it wanted more among applicants who all come in the other order too,
 *    hence there as well, and so applies there too. Equal applications, equal holds.
 *
 * Cost: an application passes each round of its type once, O(log homes) at most in
 * each; a household applies to a type once. Rounds search each home of a type once.
 */
#include "lottery/lottery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_TYPE LOT_TYPES_MAX

/*
 * By rank, entries are read all over the memory. What is needed of so many of them is
 * read first, in a loop so short that the processor waits for several at once.
 */
#define AHEAD 64

static_assert(LOT_ROUNDS_MAX < LOT_NOT_HOUSED && LOT_TYPES_MAX < 0xff, "both fit a byte");

/* One round of one type. */
struct seat {
    uint32_t *held; /* ranks; a heap, the worst (largest) first */
    uint32_t count, room;
    uint32_t quota;
    uint32_t next; /* slots before it have no home that the round may still take */
    bool turned_away;
};

struct work {
    const struct lot_roll *roll;
    const struct lot_rules *rules;
    const struct lot_place *order;
    uint32_t first[LOT_TYPES_MAX + 1]; /* slots of each type: [first[type], first[type + 1]) */
    uint32_t *slots;                   /* indices of homes: by type, in each by home order */
    uint8_t *users;                    /* the round that uses the home of a slot, or FREE */
    struct seat *seats;                /* [round * type_count + type] */
};

#define FREE LOT_ROUNDS_MAX

/* ---- set-up and end -------------------------------------------------------------------------- */

static struct seat *
seat_of(const struct work *work, uint32_t round, uint32_t type)
{
    return &work->seats[(size_t)round * work->rules->type_count + type];
}

static void
start(struct work *work, const uint32_t homes[])
{
    const struct lot_home *all = work->roll->homes;
    uint32_t home_count = work->roll->homes_file.rows;
    uint32_t types = work->rules->type_count;
    work->slots = lot_alloc(home_count, sizeof *work->slots);
    work->users = lot_alloc(home_count, 1);
    work->seats = lot_alloc((size_t)work->rules->round_count * types, sizeof *work->seats);
    memset(work->users, FREE, home_count);

    for (uint32_t i = 0; i < home_count; i++) {
        assert(all[i].type < types);
        work->first[all[i].type + 1]++;
    }
    uint32_t next[LOT_TYPES_MAX] = {0};
    for (uint32_t type = 0; type < types; type++) {
        next[type] = work->first[type];
        work->first[type + 1] += work->first[type];
    }
    for (uint32_t i = 0; i < home_count; i++) {
        work->slots[next[all[homes[i]].type]++] = homes[i];
    }
    for (uint32_t round = 0; round < work->rules->round_count; round++) {
        const struct lot_round *rule = &work->rules->rounds[round];
        for (uint32_t type = 0; type < types; type++) {
            struct seat *seat = seat_of(work, round, type);
            seat->quota = rule->has_quota ? rule->quota[type] : LOT_ROWS_MAX;
            seat->next = work->first[type];
        }
    }
}

static void
finish(struct work *work)
{
    for (uint32_t round = 0; round < work->rules->round_count; round++) {
        for (uint32_t type = 0; type < work->rules->type_count; type++) {
            free(seat_of(work, round, type)->held);
        }
    }
    free(work->seats);
    free(work->users);
    free(work->slots);
}

/* ---- who is held: a heap of ranks ------------------------------------------------------------ */

static void
push(struct seat *seat, uint32_t rank)
{
    if (seat->count == seat->room) {
        seat->room = seat->room == 0 ? 8 : 2 * seat->room;
        seat->held = lot_realloc(seat->held, seat->room, sizeof *seat->held);
    }
    uint32_t at = seat->count++;
    while (at > 0 && seat->held[(at - 1) / 2] < rank) {
        seat->held[at] = seat->held[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    seat->held[at] = rank;
}

/* Puts a rank at the top of the heap, where one has gone, and lets it sink to its place. */
static void
sink(struct seat *seat, uint32_t rank)
{
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < seat->count && seat->held[child + 1] > seat->held[child]) {
            child++;
        }
        if (child >= seat->count || seat->held[child] < rank) {
            break;
        }
        seat->held[at] = seat->held[child];
        at = child;
    }
    seat->held[at] = rank;
}

/* A full round takes the better of its worst and this household; the other is returned. */
static uint32_t
compare(struct seat *seat, uint32_t rank)
{
    seat->turned_away = true;
    if (seat->count == 0 || rank > seat->held[0]) {
        return rank;
    }
    uint32_t worst = seat->held[0];
    sink(seat, rank);
    return worst;
}

static uint32_t
drop_worst(struct seat *seat)
{
    assert(seat->count > 0);
    seat->turned_away = true;
    uint32_t worst = seat->held[0];
    uint32_t last = seat->held[--seat->count];
    if (seat->count > 0) {
        sink(seat, last);
    }
    return worst;
}

/* ---- applications ---------------------------------------------------------------------------- */

static const struct lot_entry *
entry_at(const struct work *work, uint32_t rank)
{
    return &work->roll->entries[work->order[rank].entry];
}

static bool
may_enter(const struct work *work, uint32_t round, uint32_t rank)
{
    const struct lot_round *rule = &work->rules->rounds[round];
    const struct lot_entry *entry = entry_at(work, rank);
    return !rule->has_queues || (rule->queues & entry->queues) != 0;
}

/*
 * Gives the round the next home it may give. Returns the later round that used it so
 * far, FREE when none did, or LOT_NONE when there is no such home.
 */
static uint32_t
take_home(struct work *work, uint32_t round, uint32_t type)
{
    const struct lot_round *rule = &work->rules->rounds[round];
    struct seat *seat = seat_of(work, round, type);
    while (seat->next < work->first[type + 1]) {
        uint32_t slot = seat->next++;
        uint32_t user = work->users[slot];
        const struct lot_home *home = &work->roll->homes[work->slots[slot]];
        if (user > round && (!rule->has_tags || (rule->tags & home->tags) != 0)) {
            work->users[slot] = (uint8_t)round;
            return user;
        }
    }
    return LOT_NONE;
}

/* One more applicant for a type: step 2 above. Returns whom the type turns away, or LOT_NONE. */
static uint32_t
apply(struct work *work, uint32_t type, uint32_t rank)
{
    for (uint32_t round = 0; round < work->rules->round_count; round++) {
        if (!may_enter(work, round, rank)) {
            continue;
        }
        struct seat *seat = seat_of(work, round, type);
        uint32_t loser = seat->count < seat->quota ? take_home(work, round, type) : LOT_NONE;
        if (loser == LOT_NONE) {
            rank = compare(seat, rank);
            continue;
        }
        push(seat, rank);
        /* Now a home is in hand: the one that `loser` used. */
        while (loser != FREE && loser != LOT_NONE) {
            round = loser;
            loser = take_home(work, round, type);
        }
        if (loser == FREE) {
            return LOT_NONE;
        }
        rank = drop_worst(seat_of(work, round, type));
    }
    return rank;
}

/* The first type a household wants and fits behind the one given; NO_TYPE: before all, or none. */
static uint32_t
next_want(const struct work *work, const struct lot_entry *entry, uint32_t behind)
{
    const uint8_t *wants = work->roll->wants + entry->wants;
    bool reached = behind == NO_TYPE;
    for (uint32_t i = 0; i < entry->want_count; i++) {
        const struct lot_type *type = &work->rules->types[wants[i]];
        if (reached && entry->persons >= type->persons_min && entry->persons <= type->persons_max) {
            return wants[i];
        }
        reached = reached || wants[i] == behind;
    }
    return NO_TYPE;
}

/* The household applies, who is turned away goes on to the next type, until nobody applies. */
static void
settle(struct work *work, uint32_t rank, uint32_t type)
{
    while (type != NO_TYPE) {
        rank = apply(work, type, rank);
        type = rank == LOT_NONE ? NO_TYPE : next_want(work, entry_at(work, rank), type);
    }
}

/* ---- awards ---------------------------------------------------------------------------------- */

/* In each round of each type the held, by rank, get the homes the round uses, in home order. */
static void
give_homes(const struct work *work, struct lot_award awards[])
{
    uint32_t types = work->rules->type_count;
    for (uint32_t i = 0; i < work->rules->round_count * types; i++) {
        struct seat *seat = &work->seats[i];
        for (uint32_t k = 0; k < seat->count; k++) {
            awards[seat->held[k]].round = (uint8_t)(i / types);
            awards[seat->held[k]].type = (uint8_t)(i % types);
        }
        seat->next = work->first[i % types];
    }
    for (uint32_t rank = 0; rank < work->roll->entries_file.rows; rank++) {
        struct lot_award *award = &awards[rank];
        if (award->round == LOT_NOT_HOUSED) {
            continue;
        }
        struct seat *seat = seat_of(work, award->round, award->type);
        uint32_t end = work->first[award->type + 1];
        while (seat->next < end && work->users[seat->next] != award->round) {
            seat->next++;
        }
        assert(seat->next < end); /* a round uses as many homes as it holds households */
        award->home = work->slots[seat->next++];
    }
}

/* Turns go by (round, rank), standby numbers by rank. */
static void
number(const struct work *work, struct lot_allocation *out)
{
    uint32_t types = work->rules->type_count;
    uint32_t turn[LOT_ROUNDS_MAX];
    for (uint32_t round = 0; round < work->rules->round_count; round++) {
        turn[round] = out->housed;
        for (uint32_t type = 0; type < types; type++) {
            out->housed += seat_of(work, round, type)->count;
        }
    }
    for (uint32_t rank = 0; rank < work->roll->entries_file.rows; rank++) {
        struct lot_award *award = &out->awards[rank];
        if (award->round != LOT_NOT_HOUSED) {
            award->number = ++turn[award->round];
        } else if (out->standbys < work->rules->standby) {
            award->number = ++out->standbys;
        }
    }
}

static void
cut(const struct work *work, struct lot_cutoff cutoffs[])
{
    for (uint32_t i = 0; i < work->rules->round_count * work->rules->type_count; i++) {
        const struct seat *seat = &work->seats[i];
        cutoffs[i].taken = seat->count;
        cutoffs[i].last = LOT_NONE;
        if (!seat->turned_away) {
            cutoffs[i].cut = LOT_CUT_ALL;
        } else if (seat->count == 0) {
            cutoffs[i].cut = LOT_CUT_NONE;
        } else {
            cutoffs[i].cut = LOT_CUT_TICKET;
            cutoffs[i].last = seat->held[0];
        }
    }
}

void
lot_allocate(const struct lot_roll *roll, const struct lot_place order[], const uint32_t homes[],
             struct lot_allocation *out)
{
    assert(roll != NULL && roll->rules != NULL && out != NULL);
    assert(roll->rules->type_count <= LOT_TYPES_MAX && roll->rules->round_count <= LOT_ROUNDS_MAX);
    uint32_t entries = roll->entries_file.rows;
    struct work work = {.roll = roll, .rules = roll->rules, .order = order};
    start(&work, homes);
    /* The best first: most households are then turned away at once by full rounds. */
    for (uint32_t i = 0; i < entries; i += AHEAD) {
        uint32_t count = entries - i < AHEAD ? entries - i : AHEAD;
        struct lot_entry applicants[AHEAD];
        uint32_t firsts[AHEAD];
        for (uint32_t k = 0; k < count; k++) {
            applicants[k] = *entry_at(&work, i + k);
        }
        for (uint32_t k = 0; k < count; k++) {
            firsts[k] = next_want(&work, &applicants[k], NO_TYPE);
        }
        for (uint32_t k = 0; k < count; k++) {
            settle(&work, i + k, firsts[k]);
        }
    }

    *out = (struct lot_allocation){
        .awards = lot_alloc(entries, sizeof *out->awards),
        .cutoffs = lot_alloc((size_t)roll->rules->round_count * roll->rules->type_count,
                             sizeof *out->cutoffs),
    };
    for (uint32_t rank = 0; rank < entries; rank++) {
        out->awards[rank] = (struct lot_award){LOT_NONE, LOT_NONE, LOT_NOT_HOUSED, 0};
    }
    give_homes(&work, out->awards);
    number(&work, out);
    cut(&work, out->cutoffs);
    finish(&work);
}

void
lot_allocation_finish(struct lot_allocation *allocation)
{
    assert(allocation != NULL);
    free(allocation->awards);
    free(allocation->cutoffs);
    *allocation = (struct lot_allocation){0};
}

/* ---- text ------------------------------------------------------------------------------------ */

/*
 * cutoffs.csv   round,type,taken,ticket   each round and, in it, each type, as in the rules;
 *               ticket: `all` when nobody was turned away, else that of the last one taken,
 *               else `none`
 * results.csv   rank,id,chance,ticket,round,type,home,turn,standby   every entry, by rank from 1;
 *               what does not apply is empty, as home is where a turn is awarded
 */
#define CUTOFFS_HEADER "round,type,taken,ticket\n"

/* The longest row: three numbers of 9 digits, one of 2, four codes, a ticket, commas and LF. */
#define ROW_MAX (3 * 9 + 2 + 4 * LOT_CODE_MAX + LOT_HEX_SIZE + 9)

static char *
put(char *at, const char *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

static char *
put_code(char *at, const char *code)
{
    return put(at, code, strlen(code));
}

static char *
put_number(char *at, uint32_t number)
{
    char digits[10];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(at, digits + first, sizeof digits - first);
}

void
lot_cutoffs_text(const struct lot_roll *roll, const struct lot_place order[],
                 const struct lot_allocation *allocation, struct lot_buffer *out)
{
    assert(roll != NULL && allocation != NULL && out != NULL);
    const struct lot_rules *rules = roll->rules;
    lot_buffer_put(out, LOT_TEXT(CUTOFFS_HEADER));
    for (uint32_t i = 0; i < rules->round_count * rules->type_count; i++) {
        const struct lot_cutoff *cutoff = &allocation->cutoffs[i];
        char ticket[LOT_HEX_SIZE + 1] = "all";
        if (cutoff->cut == LOT_CUT_NONE) {
            memcpy(ticket, "none", sizeof "none");
        } else if (cutoff->cut == LOT_CUT_TICKET) {
            canon_to_hex(order[cutoff->last].ticket, LOT_HASH_BYTES, ticket);
        }
        lot_buffer_print(out, "%s,%s,%u,%s\n", rules->rounds[i / rules->type_count].code,
                         rules->types[i % rules->type_count].code, cutoff->taken, ticket);
    }
}

/* Writes one row and returns its end. */
static char *
put_row(const struct lot_roll *roll, struct lot_text id, const struct lot_place *place,
        const struct lot_award *award, uint32_t rank, char *at)
{
    const struct lot_rules *rules = roll->rules;
    bool housed = award->round != LOT_NOT_HOUSED;
    at = put_number(at, rank + 1);
    *at++ = ',';
    at = put(at, id.at, id.size);
    *at++ = ',';
    at = put_number(at, place->chance);
    *at++ = ',';
    canon_to_hex(place->ticket, LOT_HASH_BYTES, at); /* its NUL is written over */
    at += LOT_HEX_SIZE;
    *at++ = ',';
    at = housed ? put_code(at, rules->rounds[award->round].code) : at;
    *at++ = ',';
    at = housed ? put_code(at, rules->types[award->type].code) : at;
    *at++ = ',';
    if (housed && rules->award == LOT_AWARD_HOME) {
        const struct lot_home *home = &roll->homes[award->home];
        at = put(at, home->id, home->id_size);
    }
    *at++ = ',';
    at = housed ? put_number(at, award->number) : at;
    *at++ = ',';
    at = !housed && award->number != LOT_NONE ? put_number(at, award->number) : at;
    *at++ = '\n';
    return at;
}

void
lot_results_rows(const struct lot_roll *roll, const struct lot_place order[],
                 const struct lot_allocation *allocation, uint32_t first, uint32_t count,
                 struct lot_buffer *out)
{
    assert(roll != NULL && allocation != NULL && out != NULL);
    assert(first <= roll->entries_file.rows && count <= roll->entries_file.rows - first);
    for (uint32_t done = 0; done < count; done += AHEAD) {
        uint32_t few = count - done < AHEAD ? count - done : AHEAD;
        struct lot_text ids[AHEAD];
        char copies[AHEAD][LOT_CODE_MAX];
        for (uint32_t k = 0; k < few; k++) {
            const struct lot_entry *entry = &roll->entries[order[first + done + k].entry];
            ids[k] = (struct lot_text){entry->id, entry->id_size};
        }
        for (uint32_t k = 0; k < few; k++) {
            memcpy(copies[k], ids[k].at, ids[k].size);
            ids[k].at = copies[k];
        }
        for (uint32_t k = 0; k < few; k++) {
            uint32_t rank = first + done + k;
            char row[ROW_MAX];
            char *end = put_row(roll, ids[k], &order[rank], &allocation->awards[rank], rank, row);
            lot_buffer_add(out, row, (size_t)(end - row));
        }
    }
}
