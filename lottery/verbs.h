/* verbs.h - the verbs of `lottery`, in the order of a draw; each is defined in a verb_*.c file. */
#ifndef LOT_VERBS_H
#define LOT_VERBS_H

#include "lottery/cli.h"
#include "lottery/note.h"

/* verb_lint.c */
extern const struct cli_verb verb_lint;

/* verb_register.c, verb_list.c, verb_status.c */
extern const struct cli_verb verb_keygen, verb_new, verb_import, verb_admit, verb_refuse;
extern const struct cli_verb verb_list, verb_status, verb_freeze, verb_journal;

/* verb_sample.c */
extern const struct cli_verb verb_sample;

/* verb_hall.c */
extern const struct cli_verb verb_attempt, verb_commit, verb_dice, verb_reveal, verb_public;
extern const struct cli_verb verb_void, verb_end, verb_draw, verb_take, verb_waive;

/* verb_publish.c, verb_witness.c */
extern const struct cli_verb verb_publish, verb_prove, verb_witness;

/* verb_verify.c, verb_recompute.c */
extern const struct cli_verb verb_verify, verb_recompute;

/* verb_register.c: reads a private key's file, and warns when others can read it too. */
bool verb_read_key(const char *path, struct note_signer *out, struct lot_error *error) LOT_CHECKED;

/* Says on standard error that others can read the log's private key, when they can. */
void verb_warn_log_key(bool open_to_others);

#endif
