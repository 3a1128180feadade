/*
 * main.c - `lottery`: the verbs of a draw, in the order a draw happens.
 *
 * Here and in the verb files, and nowhere below them, the clock, the environment
 * and the random source are read.
 */
#include "lottery/verbs.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const struct cli_verb *const verbs[] = {
    &verb_keygen,    &verb_lint,    &verb_sample, &verb_new,    &verb_import,  &verb_admit,
    &verb_refuse,    &verb_list,    &verb_status, &verb_freeze, &verb_attempt, &verb_commit,
    &verb_dice,      &verb_reveal,  &verb_public, &verb_void,   &verb_end,     &verb_draw,
    &verb_recompute, &verb_publish, &verb_verify, &verb_prove,  &verb_witness, &verb_take,
    &verb_waive,     &verb_journal,
};

int
main(int argc, char **argv)
{
    /* Secrets, salts and numbers of persons pass through: no core dump, no tracer.
     */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
    umask(022);
    return cli_main(argc, argv, verbs, (int)(sizeof verbs / sizeof verbs[0]),
                    "明签 lottery - a public draw, from a list of applicants to a bundle that "
                    "anybody can check.");
}
