/* verb_witness.c - the letters to and from the witnesses: witness request, sign, add. */
#include "lottery/verbs.h"

#include <stdio.h>
#include <string.h>

#include "lottery/hall.h"
#include "lottery/witness.h"

static bool
run_request(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer request = {0};
    bool good = hall_open(cli->words[1], STORE_READ, &hall, error) &&
                witness_request(hall.book.store, hall.book.rules, &request, error) &&
                cli_print(lot_buffer_text(&request), error);
    lot_buffer_finish(&request);
    hall_finish(&hall);
    return good;
}

/* Reads the witness's own file; there is none before the first signature. */
static bool
read_seen(const char *path, struct lot_buffer *out, struct lot_error *error)
{
    return !file_exists(NULL, path) || file_read(NULL, path, WITNESS_SEEN_MAX, out, error);
}

static bool
run_sign(struct cli *cli, struct lot_error *error)
{
    const char *key_path = cli_value(cli, "key");
    struct lot_buffer request = {0}, seen = {0}, seen_path = {0};
    struct note_signer signer = {0};
    struct witness_answer answer = {0};
    char fingerprint[NOTE_FINGERPRINT_SIZE + 1];
    int64_t now = 0;
    if (key_path == NULL) {
        return lot_fail(error, LOT_USAGE, "--key FILE is missing");
    }
    if (cli_value(cli, "seen") != NULL) {
        lot_buffer_put(&seen_path, lot_text(cli_value(cli, "seen")));
    } else {
        lot_buffer_print(&seen_path, "%s.seen", key_path);
    }
    bool good = cli_time(cli, &now, error) &&
                file_read(NULL, cli->words[1], LOG_PROOF_SIZE_MAX, &request, error) &&
                verb_read_key(key_path, &signer, error) && read_seen(seen_path.at, &seen, error) &&
                witness_sign(cli->words[2], lot_buffer_text(&request), &signer,
                             lot_buffer_text(&seen), cli_value(cli, "log"), now, &answer, error) &&
                file_write(NULL, seen_path.at, lot_buffer_text(&answer.seen), error) &&
                cli_print(lot_buffer_text(&answer.line), error);
    if (good) {
        note_fingerprint(answer.root, fingerprint);
        fprintf(stderr, "countersigned: log size %llu, fingerprint\n%s\n",
                (unsigned long long)answer.size, fingerprint);
    }
    witness_answer_finish(&answer);
    note_signer_finish(&signer);
    lot_buffer_finish(&request);
    lot_buffer_finish(&seen);
    lot_buffer_finish(&seen_path);
    return good;
}

static bool
run_add(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer lines = {0}, names = {0};
    bool good =
        file_read(NULL, cli->words[2], NOTE_SIZE_MAX, &lines, error) &&
        hall_open(cli->words[1], STORE_WRITE, &hall, error) &&
        witness_add(hall.book.store, hall.book.rules, lot_buffer_text(&lines), &names, error) &&
        store_commit(hall.book.store, error);
    if (good) {
        printf("countersigned by %s\n", names.at);
    }
    lot_buffer_finish(&lines);
    lot_buffer_finish(&names);
    hall_finish(&hall);
    return good;
}

static bool
run_witness(struct cli *cli, struct lot_error *error)
{
    const char *act = cli->words[0];
    if (strcmp(act, "request") == 0 && cli->count == 2) {
        return run_request(cli, error);
    }
    if (strcmp(act, "sign") == 0 && cli->count == 3) {
        return run_sign(cli, error);
    }
    if (strcmp(act, "add") == 0 && cli->count == 3) {
        return run_add(cli, error);
    }
    return lot_fail(error, LOT_USAGE,
                    "it wants: request DRAW.db | sign REQUEST DIR --key FILE | add DRAW.db FILE");
}

const struct cli_verb verb_witness = {
    .name = "witness",
    .zh = "见证会签：请求、核算后签、收回",
    .en = "ask a witness, countersign after recomputing, take the answer",
    .arguments = "request DRAW.db | sign REQUEST DIR | add DRAW.db FILE",
    .least = 2,
    .most = 3,
    .help = "request   prints what a witness is asked to sign; carry it with the published folder\n"
            "sign      on the witness's own machine: recomputes the folder DIR, looks that it\n"
            "          extends what this key signed before (kept in KEY.seen), prints one line\n"
            "add       takes the line into the draw file; then `publish` again\n"
            "\n"
            "The letters are those of the C2SP witness protocol (add-checkpoint), so a witness on\n"
            "line can be asked the same way.",
    .options = {{"key", "FILE", "sign: the witness's private key", CLI_OPTIONAL},
                {"log", "VKEY", "sign: the log's key, at the first signature for it", CLI_OPTIONAL},
                {"seen", "FILE", "sign: what was signed so far, KEY.seen unless told",
                 CLI_OPTIONAL},
                CLI_OPTION_AT},
    .run = run_witness,
};
