/* verbs.h - the verbs of `lottery`, in the order of a draw; each is defined in a verb_*.c file. */
#ifndef LOT_VERBS_H
#define LOT_VERBS_H

#include "lottery/cli.h"

/* verb_hall.c */
extern const struct cli_verb verb_attempt, verb_commit, verb_dice, verb_reveal, verb_public;
extern const struct cli_verb verb_void, verb_end, verb_draw, verb_take, verb_waive;

/* verb_publish.c */
extern const struct cli_verb verb_publish, verb_prove;

/* verb_recompute.c */
extern const struct cli_verb verb_recompute;

#endif
