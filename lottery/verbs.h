/* verbs.h - the verbs of `lottery`, in the order of a draw; each is defined in a verb_*.c file. */
#ifndef LOT_VERBS_H
#define LOT_VERBS_H

#include "lottery/cli.h"

extern const struct cli_verb verb_recompute;

#endif
