/* verb_recompute.c - `lottery recompute DIR [--cutoffs]`: the result again, on standard output. */
#include "lottery/recompute.h"
#include "lottery/verbs.h"

#include <unistd.h>

#define ROWS_AT_ONCE 8192  /* about a megabyte of text */
#define SLOW_ROWS 1000000u /* from here on people like to see that something happens */

static unsigned
processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > 64 ? 64 : (unsigned)count;
}

static bool
print_results(const struct recompute *recompute, struct lot_error *error)
{
    struct lot_buffer text = {0};
    uint32_t rows = recompute->roll.entries_file.rows;
    lot_buffer_put(&text, LOT_TEXT(LOT_RESULTS_HEADER));
    bool good = cli_print(lot_buffer_text(&text), error);
    for (uint32_t done = 0; good && done < rows;) {
        uint32_t count = rows - done < ROWS_AT_ONCE ? rows - done : ROWS_AT_ONCE;
        lot_buffer_clear(&text);
        lot_results_rows(&recompute->roll, recompute->order, &recompute->allocation, done, count,
                         &text);
        good = cli_print(lot_buffer_text(&text), error);
        done += count;
        if (rows >= SLOW_ROWS) {
            cli_progress("writing the result", done, rows);
        }
    }
    lot_buffer_finish(&text);
    return good;
}

static bool
print_cutoffs(const struct recompute *recompute, struct lot_error *error)
{
    struct lot_buffer text = {0};
    lot_cutoffs_text(&recompute->roll, recompute->order, &recompute->allocation, &text);
    bool good = cli_print(lot_buffer_text(&text), error);
    lot_buffer_finish(&text);
    return good;
}

static bool
run(struct cli *cli, struct lot_error *error)
{
    struct recompute recompute = {0};
    bool good = recompute_read(&recompute, cli->words[0], error);
    bool slow = recompute.roll.entries_file.rows >= SLOW_ROWS;
    if (good && slow) {
        cli_progress("drawing", 0, 1);
    }
    good = good && recompute_draw(&recompute, processors(), error);
    if (good && slow) {
        cli_progress("drawing", 1, 1);
    }
    if (good) {
        good = cli_flag(cli, "cutoffs") ? print_cutoffs(&recompute, error)
                                        : print_results(&recompute, error);
    }
    recompute_finish(&recompute);
    return good;
}

const struct cli_verb verb_recompute = {
    .name = "recompute",
    .zh = "从公开文件重算结果",
    .en = "print the result again from the public files",
    .arguments = "DIR",
    .least = 1,
    .most = 1,
    .help = "Reads rules.json, homes.csv, entries.csv, refusals.csv, received.csv and seed.txt\n"
            "from DIR, draws again and prints results.csv on standard output. No database, no\n"
            "log and no key are used. Refused when the files break a rule of PROTOCOL.md, or\n"
            "are not those that seed.txt names. To compare with what was published:\n"
            "\n"
            "    lottery recompute DIR | cmp - DIR/results.csv",
    .options =
        {
            {"cutoffs", NULL, "print cutoffs.csv instead", CLI_OPTIONAL},
        },
    .run = run,
};
