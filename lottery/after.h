/*
 * after.h - who holds what after the draw: take, waive, award.
 *
 * Nothing is drawn again and nobody is renumbered. What a household gives up goes to
 * the first standby who wants the type, fits it and meets the queues of the round that
 * had given it; else to the first who wants and fits; else to nobody.
 * Source: PROTOCOL.md section 6, "After the draw".
 */
#ifndef LOT_AFTER_H
#define LOT_AFTER_H

#include "lottery/leaf.h"

struct after {
    const struct lot_roll *roll; /* borrowed, as the next two */
    const struct lot_place *order;
    struct lot_award *awards; /* by rank: what each holds now */
    uint32_t *ranks;          /* by entry */
    bool *taken;              /* by home: somebody has signed for it */
    uint32_t turn;            /* the highest so far */
    uint32_t first;           /* no standby stands before this rank */
    uint32_t waived;          /* the last waiver's rank since a checkpoint was shown, LOT_NONE */
    uint32_t heir;            /* the rank that `award` is due to, LOT_NONE when it is not */
    struct lot_award due;     /* what it gets */
    uint32_t takes, waives, passes; /* how many there were */
};

/*
 * Stands behind `finish`.
 *
 * order, awards    as lot_draw() and lot_allocate() gave them, `housed` of them housed;
 *                  borrowed until after_finish(), and awards is changed. With award
 *                  `turn`, home is from now on the one that was chosen.
 */
void after_begin(struct after *after, const struct lot_roll *roll, const struct lot_place order[],
                 struct lot_award awards[], uint32_t housed);
void after_finish(struct after *after);

/*
 * Takes a leaf `take`, `waive` or `award`, or refuses it and changes nothing. Its time
 * is ceremony_take()'s to check.
 *
 * errors   LOT_PHASE: an award is due, or a waiver comes out of rank and has to wait
 *          for the next checkpoint. LOT_REFUSED: not this household, home or ground.
 */
bool after_take(struct after *after, struct lot_text leaf, struct lot_error *error) LOT_CHECKED;

/* Writes the `award` that the last waiver calls for; false when none is due. */
bool after_due(const struct after *after, int64_t time, struct lot_buffer *leaf);

/* A checkpoint was shown here. Refused while an award is due: it is one write with its waiver. */
bool after_shown(struct after *after, struct lot_error *error) LOT_CHECKED;

/* The rank - 1 of an entry, LOT_NONE when there is no such id. */
uint32_t after_rank(const struct after *after, struct lot_text id);

#endif
