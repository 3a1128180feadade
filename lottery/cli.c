/* cli.c - hides the shape of a command line: getopt, help texts, exit statuses, the clock. */
#include "lottery/cli.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- help ----------------------------------------------------------------------------------- */

static void
print_contents(const char *program, const struct cli_verb *const verbs[], int count,
               const char *about)
{
    printf("%s\n\n", about);
    for (int i = 0; i < count; i++) {
        printf("  %-10s %s\n             %s\n", verbs[i]->name, verbs[i]->zh, verbs[i]->en);
    }
    printf("\n%s VERB --help  每一步怎么用 / how to use a verb\n", program);
    printf("Exit status: 0 done, 1 refused or false, 2 wrong words, 3 the machine failed.\n");
}

static void
print_option(const struct cli_option *option)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", option->name, option->value == NULL ? "" : " ",
             option->value == NULL ? "" : option->value);
    printf("  %-22s %s%s%s\n", left, option->help, option->use == CLI_REQUIRED ? " (needed)" : "",
           option->use == CLI_MANY ? " (may stand several times)" : "");
}

static void
print_help(const struct cli *cli, bool named)
{
    const struct cli_verb *verb = cli->verb;
    printf("%s%s%s %s [options]\n\n%s\n%s\n\n%s\n", cli->program, named ? " " : "",
           named ? verb->name : "", verb->arguments, verb->zh, verb->en, verb->help);
    if (verb->options[0].name != NULL) {
        printf("\nOptions:\n");
    }
    for (int i = 0; i < CLI_OPTIONS_MAX && verb->options[i].name != NULL; i++) {
        if (verb->options[i].use != CLI_SECRET) {
            print_option(&verb->options[i]);
        }
    }
    printf("\nExit status: 0 done, 1 refused or false, 2 wrong words, 3 the machine failed.\n");
}

/* ---- words ---------------------------------------------------------------------------------- */

/* Fills cli from the words behind the verb; *help is set when they ask for help. */
static bool
take_words(struct cli *cli, int argc, char **argv, bool *help, struct lot_error *error)
{
    struct option table[CLI_OPTIONS_MAX + 2] = {0};
    int known = 0;
    for (; known < CLI_OPTIONS_MAX && cli->verb->options[known].name != NULL; known++) {
        const struct cli_option *option = &cli->verb->options[known];
        table[known] = (struct option){option->name, option->value != NULL, NULL, known};
    }
    table[known] = (struct option){"help", no_argument, NULL, known};
    opterr = 0;
    optind = 1;
    for (int found; (found = getopt_long(argc, argv, ":h", table, NULL)) != -1;) {
        if (found == known || found == 'h') {
            *help = true;
            return true;
        }
        if (found == ':') {
            return lot_fail(error, LOT_USAGE, "%s wants a value behind it", argv[optind - 1]);
        }
        if (found < 0 || found > known) {
            return lot_fail(error, LOT_USAGE, "there is no option %s", argv[optind - 1]);
        }
        cli->options[cli->given].name = table[found].name;
        cli->options[cli->given++].value = optarg == NULL ? "" : optarg;
    }
    cli->count = argc - optind;
    cli->words = lot_alloc((size_t)cli->count, sizeof *cli->words);
    for (int i = 0; i < cli->count; i++) {
        cli->words[i] = argv[optind + i];
    }
    return true;
}

static bool
check_words(const struct cli *cli, struct lot_error *error)
{
    const struct cli_verb *verb = cli->verb;
    if (cli->count < verb->least) {
        return lot_fail(error, LOT_USAGE, "it wants %s", verb->arguments);
    }
    if (verb->most >= 0 && cli->count > verb->most) {
        return lot_fail(error, LOT_USAGE, "'%s' is one word too many; it wants %s",
                        cli->words[verb->most], verb->most == 0 ? "none" : verb->arguments);
    }
    for (int i = 0; i < CLI_OPTIONS_MAX && verb->options[i].name != NULL; i++) {
        const struct cli_option *option = &verb->options[i];
        if (option->use == CLI_REQUIRED && cli_value(cli, option->name) == NULL) {
            return lot_fail(error, LOT_USAGE, "--%s %s is missing", option->name, option->value);
        }
    }
    return true;
}

const char *
cli_value_at(const struct cli *cli, const char *name, int i)
{
    assert(i >= 0);
    for (int o = 0; o < cli->given; o++) {
        if (strcmp(cli->options[o].name, name) == 0 && i-- == 0) {
            return cli->options[o].value;
        }
    }
    return NULL;
}

const char *
cli_value(const struct cli *cli, const char *name)
{
    const char *last = NULL, *next;
    for (int i = 0; (next = cli_value_at(cli, name, i)) != NULL; i++) {
        last = next;
    }
    return last;
}

bool
cli_flag(const struct cli *cli, const char *name)
{
    return cli_value(cli, name) != NULL;
}

bool
cli_number(const struct cli *cli, const char *name, uint32_t absent, uint32_t most, uint32_t *out,
           struct lot_error *error)
{
    const char *value = cli_value(cli, name);
    uint32_t number = absent;
    if (value != NULL && (!canon_number(lot_text(value), &number) || number < 1 || number > most)) {
        return lot_fail(error, LOT_USAGE, "--%s: '%s' is not a number from 1 to %u", name, value,
                        most);
    }
    *out = number;
    return true;
}

bool
cli_time(const struct cli *cli, int64_t *out, struct lot_error *error)
{
    const char *given = cli_value(cli, "at");
    if (given == NULL) {
        *out = (int64_t)time(NULL);
        return true;
    }
    if (!canon_time(lot_text(given), out)) {
        return lot_fail(error, LOT_USAGE, "--at: '%s' is not a time like 2026-12-01T02:00:00Z",
                        given);
    }
    return true;
}

/* ---- running -------------------------------------------------------------------------------- */

static int
status_of(enum lot_code code)
{
    switch (code) {
    case LOT_OK:
        return CLI_DONE;
    case LOT_REFUSED:
    case LOT_PHASE:
        return CLI_FALSE;
    case LOT_USAGE:
        return CLI_USAGE;
    case LOT_MACHINE:
        break;
    }
    assert(code == LOT_MACHINE);
    return CLI_MACHINE;
}

static int
run(struct cli *cli, int argc, char **argv, bool named)
{
    struct lot_error error = {0};
    bool help = false;
    bool good = take_words(cli, argc, argv, &help, &error);
    if (good && help) {
        print_help(cli, named);
        return CLI_DONE;
    }
    good = good && check_words(cli, &error) && cli->verb->run(cli, &error);
    /* What is still in the buffer of standard output was not delivered until now. */
    if (good && fflush(stdout) != 0) {
        good = lot_fail(&error, LOT_MACHINE, "standard output: %s", strerror(errno));
    }
    if (good) {
        return CLI_DONE;
    }
    assert(error.code != LOT_OK);
    fflush(stdout);
    if (error.text[0] != '\0') { /* else the verb has said it all, as `verify` does */
        fprintf(stderr, "%s%s%s: %s\n", cli->program, named ? " " : "",
                named ? cli->verb->name : "", error.text);
    }
    if (error.code == LOT_USAGE) {
        fprintf(stderr, "%s%s%s --help tells more.\n", cli->program, named ? " " : "",
                named ? cli->verb->name : "");
    }
    return status_of(error.code);
}

int
cli_main(int argc, char **argv, const struct cli_verb *const verbs[], int count, const char *about)
{
    assert(argc > 0 && count > 0);
    const char *slash = strrchr(argv[0], '/');
    const char *program = slash == NULL ? argv[0] : slash + 1;
    bool named = count > 1;
    if (argc > CLI_WORDS_MAX) {
        fprintf(stderr, "%s: more than %d words\n", program, CLI_WORDS_MAX);
        return CLI_USAGE;
    }
    if (named && (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
                  strcmp(argv[1], "-h") == 0)) {
        print_contents(program, verbs, count, about);
        return argc < 2 ? CLI_USAGE : CLI_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", program, MINGQIAN_VERSION);
        return CLI_DONE;
    }
    for (int i = 0; i < count; i++) {
        if (named && strcmp(argv[1], verbs[i]->name) != 0) {
            continue;
        }
        struct cli *cli = lot_alloc(1, sizeof *cli);
        cli->program = program;
        cli->verb = verbs[i];
        int status = run(cli, argc - named, argv + named, named);
        free(cli->words);
        free(cli);
        return status;
    }
    fprintf(stderr, "%s: there is no verb '%s'; %s --help lists them\n", program, argv[1], program);
    return CLI_USAGE;
}

/* ---- talking -------------------------------------------------------------------------------- */

void
cli_progress(const char *what, uint64_t done, uint64_t total)
{
    static const char *now;
    static struct timespec begun;
    static uint64_t last;
    struct timespec time;
    bool terminal = isatty(STDERR_FILENO) == 1;
    uint64_t parts = terminal ? 100 : 10;
    uint64_t part = total == 0 ? 0 : done * parts / total;
    clock_gettime(CLOCK_MONOTONIC, &time);
    if (now != what) {
        now = what;
        begun = time;
        last = UINT64_MAX; /* nothing was shown yet */
    }
    bool shown = last != UINT64_MAX;
    if (part != last && (shown || time.tv_sec - begun.tv_sec > 1)) {
        last = part;
        fprintf(stderr, terminal ? "\r%-40s %3u%%" : "%s %u%%\n", what,
                (unsigned)(part * 100 / parts));
    }
    if (done == total && shown && terminal) {
        fputc('\n', stderr);
    }
    now = done == total ? NULL : what;
}

bool
cli_print(struct lot_text text, struct lot_error *error)
{
    if (text.size > 0 && fwrite(text.at, 1, text.size, stdout) != text.size) {
        return lot_fail(error, LOT_MACHINE, "standard output: %s", strerror(errno));
    }
    return true;
}
