/*
 * verb_verify.c - `lottery verify DIR` and the whole of `lottery-verify`: a line for
 * each check, then the verdict.
 *
 *   ok STEP what was compared
 *   note STEP what is told and is no part of the verdict
 *   FALSE STEP file line N: what
 *   verdict: good | verdict: false at STEP
 *
 * With --json one object: {"lines": [{"kind", "step", "text"}...], "verdict", "step"}.
 */
#include "lottery/verbs.h"
#include "lottery/verify.h"

#include <stdlib.h>
#include <unistd.h>

#define OLDS_MAX 64

static const char *const kinds[] = {
    [VERIFY_OK] = "ok", [VERIFY_NOTE] = "note", [VERIFY_FALSE] = "FALSE"};

static unsigned
processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > 64 ? 64 : (unsigned)count;
}

static void
put_json(struct lot_buffer *out, const char *text)
{
    lot_buffer_put(out, LOT_TEXT("\""));
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20) {
            lot_buffer_print(out, "\\u%04x", (unsigned)*text);
        } else {
            lot_buffer_print(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
        }
    }
    lot_buffer_put(out, LOT_TEXT("\""));
}

static bool
print_line(const struct verify_line *line, bool json, bool first, struct lot_error *error)
{
    struct lot_buffer out = {0};
    if (json) {
        lot_buffer_print(&out,
                         "%s\n {\"kind\": \"%s\", \"step\": \"%s\", \"text\": ", first ? "" : ",",
                         kinds[line->kind], verify_step_name(line->step));
        put_json(&out, line->text);
        lot_buffer_put(&out, LOT_TEXT("}"));
    } else {
        lot_buffer_print(&out, "%s %s %s\n", kinds[line->kind], verify_step_name(line->step),
                         line->text);
    }
    bool good = cli_print(lot_buffer_text(&out), error);
    lot_buffer_finish(&out);
    return good;
}

static bool
print_verdict(const struct verify *verify, bool json, struct lot_error *error)
{
    enum verify_step failed;
    bool good = verify_verdict(verify, &failed);
    struct lot_buffer out = {0};
    const char *step = good ? "" : verify_step_name(failed);
    if (json) {
        lot_buffer_print(&out, "],\n\"verdict\": \"%s\", \"step\": \"%s\"}\n",
                         good ? "good" : "false", step);
    } else {
        lot_buffer_print(&out, "verdict: %s%s\n", good ? "good" : "false at ", step);
    }
    bool printed = cli_print(lot_buffer_text(&out), error);
    lot_buffer_finish(&out);
    return printed && (good || lot_fail(error, LOT_REFUSED, "the bundle is false at %s", step));
}

static bool
check_bundle(const struct cli *cli, const struct verify_options *options, struct lot_error *error)
{
    struct verify *verify = NULL;
    bool json = cli_flag(cli, "json"), first = true;
    if (!verify_create(cli->words[0], options, &verify, error)) {
        return false;
    }
    const struct verify_line *line = NULL;
    bool good = !json || cli_print(LOT_TEXT("{\"lines\": ["), error);
    while (good && (good = verify_next(verify, &line, error)) && line != NULL) {
        good = print_line(line, json, first, error);
        first = false;
    }
    good = good && print_verdict(verify, json, error);
    verify_destroy(verify);
    return good;
}

static bool
run(struct cli *cli, struct lot_error *error)
{
    struct lot_buffer bytes[OLDS_MAX] = {{0}};
    struct lot_text olds[OLDS_MAX];
    struct lot_key key;
    struct verify_options options = {
        .key = cli_value(cli, "key"),
        .trust_bundle = cli_flag(cli, "trust-bundle"),
        .olds = olds,
        .threads = processors(),
    };
    if (options.key != NULL && options.trust_bundle) {
        return lot_fail(error, LOT_USAGE, "--key or --trust-bundle, not both");
    }
    if (options.key != NULL && !note_key_read(lot_text(options.key), &key, error)) {
        return lot_fail(error, LOT_USAGE, "--key: not a verifier key, name+id+base64");
    }
    bool good = true;
    const char *path;
    while (good && (path = cli_value_at(cli, "old", (int)options.old_count)) != NULL) {
        if (options.old_count == OLDS_MAX) {
            good = lot_fail(error, LOT_USAGE, "--old: at most %d checkpoints", OLDS_MAX);
            break;
        }
        good = file_read(NULL, path, NOTE_SIZE_MAX, &bytes[options.old_count], error);
        if (!good && error->code == LOT_REFUSED) {
            error->code = LOT_MACHINE; /* what was kept cannot be read: there is no verdict */
        }
        olds[options.old_count] = lot_buffer_text(&bytes[options.old_count]);
        options.old_count++;
    }
    good = good && check_bundle(cli, &options, error);
    for (uint32_t i = 0; i < options.old_count; i++) {
        lot_buffer_finish(&bytes[i]);
    }
    return good;
}

const struct cli_verb verb_verify = {
    .name = "verify",
    .zh = "核验公布的全部文件",
    .en = "check a published bundle, with no trust in who made it",
    .arguments = "DIR",
    .least = 1,
    .most = 1,
    .help = "Checks the folder DIR as far as its draw has come: the rules and the frozen files,\n"
            "the log and its signatures, every step of the ceremony, the seed, each ticket and\n"
            "award, and what was taken or passed on since. It prints\n"
            "\n"
            "    ok STEP ...      what was compared and found equal\n"
            "    note STEP ...    what you should know; it changes no verdict\n"
            "    FALSE STEP ...   file and line that are wrong\n"
            "\n"
            "and the verdict last. Compare the fingerprint it shows with the one that was read\n"
            "aloud at the freeze, and keep log/checkpoint: with --old it proves later that\n"
            "nothing was taken back. The key of the log is on the public notice of the draw.\n"
            "\n"
            "`lottery-verify --recompute DIR [--cutoffs]` prints the result again instead, as\n"
            "`lottery recompute` does.",
    .options =
        {
            {"key", "VKEY", "the log's verifier key as you know it, name+id+base64", CLI_OPTIONAL},
            {"trust-bundle", NULL, "believe the key that the bundle itself names", CLI_OPTIONAL},
            {"old", "CHECKPOINT", "a checkpoint file that you kept", CLI_MANY},
            {"json", NULL, "print one JSON object instead of lines", CLI_OPTIONAL},
        },
    .run = run,
};
