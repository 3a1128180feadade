/* verb_sample.c - `lottery sample DIR`: made-up paper for a rehearsal. */
#include "lottery/file.h"
#include "lottery/sample.h"
#include "lottery/verbs.h"

static bool
write_sample(const char *path, const struct sample *sample, struct lot_error *error)
{
    const struct {
        const char *name;
        const struct lot_buffer *text;
    } files[] = {{"rules.json", &sample->rules},
                 {"homes.csv", &sample->homes},
                 {"areas.csv", &sample->areas},
                 {"office.csv", &sample->office},
                 {"corrected.csv", &sample->corrected}};
    struct file_folder folder = {0};
    if (!file_folder_make(NULL, path, error) || !file_folder_open(NULL, path, &folder, error)) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < sizeof files / sizeof files[0]; i++) {
        good = file_write(&folder, files[i].name, lot_buffer_text(files[i].text), error);
    }
    file_folder_finish(&folder);
    return good;
}

static bool
run(struct cli *cli, struct lot_error *error)
{
    uint32_t number;
    struct sample sample = {0};
    struct sample_plan plan = {
        .log_key = cli_value(cli, "log-key"),
        .intake_key = cli_value(cli, "intake-key"),
        .witness_keys = {cli_value_at(cli, "witness-key", 0), cli_value_at(cli, "witness-key", 1)}};
    if (!cli_number(cli, "number", SAMPLE_NUMBER, 999999999, &number, error) ||
        !cli_number(cli, "households", SAMPLE_HOUSEHOLDS, SAMPLE_HOUSEHOLDS_MAX, &plan.households,
                    error) ||
        !cli_number(cli, "homes", SAMPLE_HOMES, SAMPLE_HOMES_MAX, &plan.homes, error)) {
        return false;
    }
    if (plan.witness_keys[1] == NULL || cli_value_at(cli, "witness-key", 2) != NULL) {
        return lot_fail(error, LOT_USAGE, "--witness-key: give two, the rules name two witnesses");
    }
    if (plan.households < SAMPLE_HOUSEHOLDS_MIN || plan.homes < SAMPLE_HOMES_MIN) {
        return lot_fail(error, LOT_USAGE, "at least %d households and %d homes",
                        SAMPLE_HOUSEHOLDS_MIN, SAMPLE_HOMES_MIN);
    }
    plan.number = number;
    bool good = sample_make(&plan, &sample, error) && write_sample(cli->words[0], &sample, error);
    sample_finish(&sample);
    return good;
}

const struct cli_verb verb_sample = {
    .name = "sample",
    .zh = "生成演练用的虚构资料",
    .en = "make up the paper for a rehearsal",
    .arguments = "DIR",
    .least = 1,
    .most = 1,
    .help = "Writes into DIR, always the same for the same number and keys:\n"
            "\n"
            "    rules.json      of the rehearsal " SAMPLE_DRAW "\n"
            "    homes.csv       its homes\n"
            "    areas.csv       area codes, with 230199 that belongs to nobody\n"
            "    office.csv      the office's spreadsheet as it comes, GB18030: refused\n"
            "    corrected.csv   the same with the errors put right: taken, five are held\n"
            "\n"
            "Nobody in it exists. Parties: housing, union, applicant; intake: centre;\n"
            "witnesses: notary, supervision. The log's key is named\n" SAMPLE_LOG_NAME ".",
    .options =
        {
            {"log-key", "VKEY", "verifier key of the log", CLI_REQUIRED},
            {"intake-key", "VKEY", "verifier key of the intake", CLI_REQUIRED},
            {"witness-key", "VKEY", "twice: of the notary, then of the supervision", CLI_MANY},
            {"households", "N", "how many apply; else 37600", CLI_OPTIONAL},
            {"homes", "N", "how many homes there are; else 1000", CLI_OPTIONAL},
            {"number", "N", "another number makes other people", CLI_OPTIONAL},
        },
    .run = run,
};
