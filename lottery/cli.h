/*
 * cli.h - what both programs share: verbs, options, exit statuses, help, progress.
 *
 * A program is an array of verbs in the order of a draw, and reading the array is
 * reading the manual. A verb says in one struct what it takes and what it does,
 * and runs as bool + error like everything else.
 */
#ifndef LOT_CLI_H
#define LOT_CLI_H

#include "lottery/canon.h"

enum cli_status {
    CLI_DONE = 0,
    CLI_FALSE = 1, /* refused, or not true */
    CLI_USAGE = 2,
    CLI_MACHINE = 3,
};

#define CLI_OPTIONS_MAX 24
#define CLI_WORDS_MAX 4096 /* words of one call, file lists included */

struct cli_option {
    const char *name;  /* without the dashes */
    const char *value; /* what stands behind it in help; NULL for a flag */
    const char *help;
    enum { CLI_OPTIONAL, CLI_REQUIRED, CLI_MANY, CLI_SECRET } use; /* CLI_SECRET: not in help */
};

struct cli;

struct cli_verb {
    const char *name;
    const char *zh; /* a line each, for the table of contents */
    const char *en;
    const char *arguments; /* positional ones as help shows them: "DRAW.db FILE..." */
    int least, most;       /* how many of them; most < 0: no bound but CLI_WORDS_MAX */
    const char *help;      /* what it does, which files, what to do next */
    struct cli_option options[CLI_OPTIONS_MAX]; /* ended by a NULL name */
    bool (*run)(struct cli *cli, struct lot_error *error) LOT_CHECKED;
};

/* One call, taken apart. All strings are borrowed from argv. */
struct cli {
    const char *program;
    const struct cli_verb *verb;
    int count;          /* positional arguments */
    const char **words; /* of them */
    int given;          /* options, in the order of the call */
    struct {
        const char *name;
        const char *value; /* "" for a flag */
    } options[CLI_WORDS_MAX];
};

/*
 * Runs the verb that argv[1] names and returns the exit status. --help, a missing
 * verb and wrong words are answered here. With count 1 the one verb needs no name.
 */
int cli_main(int argc, char **argv, const struct cli_verb *const verbs[], int count,
             const char *about);

/* The value of an option, the last if it was given twice; NULL when absent. */
const char *cli_value(const struct cli *cli, const char *name);
bool cli_flag(const struct cli *cli, const char *name);

/* The value number i (from 0) of an option that may stand several times; NULL at the end. */
const char *cli_value_at(const struct cli *cli, const char *name, int i);

/* A number 1..most, or the given one when the option is absent. */
bool cli_number(const struct cli *cli, const char *name, uint32_t absent, uint32_t most,
                uint32_t *out, struct lot_error *error) LOT_CHECKED;

/*
 * The moment this call happens, for the log: --at TIME when the verb offers it
 * (rehearsals and tests that must come out the same), else the clock.
 */
#define CLI_OPTION_AT                                                                     \
    {                                                                                     \
        "at", "TIME", "the moment to write down, 2026-12-01T02:00:00Z; else the clock's", \
            CLI_OPTIONAL                                                                  \
    }
bool cli_time(const struct cli *cli, int64_t *out, struct lot_error *error) LOT_CHECKED;

/*
 * Progress on standard error, for work that takes longer than a second (what is
 * quicker shows none): on a terminal a line that moves, elsewhere a line for each
 * tenth. total 0: unknown. Finished by done == total.
 */
void cli_progress(const char *what, uint64_t done, uint64_t total);

/* Writes text to standard output; LOT_MACHINE when it cannot (a full disk behind a pipe). */
bool cli_print(struct lot_text text, struct lot_error *error) LOT_CHECKED;

#endif
