/* verb_publish.c - what leaves the draw file for the world: publish, prove. */
#include "lottery/verbs.h"

#include <stdio.h>

#include "lottery/hall.h"
#include "lottery/publish.h"

/* ---- publish -------------------------------------------------------------------------------- */

/* After the draw a head that nobody has seen yet becomes a sitting: it is shown now. */
static bool
show_head(const struct cli *cli, struct hall *hall, struct lot_error *error)
{
    bool open_to_others = false;
    bool good = store_checkpoint_due(hall->book.store, STORE_SITTING, error) &&
                hall_close(hall, cli_value(cli, "key"), &open_to_others, error);
    verb_warn_log_key(open_to_others);
    return good;
}

static bool
run_publish(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct file_folder folder = {0};
    struct publish_result result = {0};
    char fingerprint[NOTE_FINGERPRINT_SIZE + 1];
    const char *directory = cli->words[1];
    bool good = hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                show_head(cli, &hall, error) && file_folder_make(NULL, directory, error) &&
                file_folder_open(NULL, directory, &folder, error) &&
                store_begin(hall.book.store, STORE_READ, error);
    if (good) {
        good = publish_bundle(hall.book.store, hall.book.rules, &folder, &result, error);
    }
    if (good) {
        note_fingerprint(result.root, fingerprint);
        printf("published in %s: %u files and the log, size %llu\nfingerprint:\n%s\n", directory,
               result.files, (unsigned long long)result.size, fingerprint);
    }
    file_folder_finish(&folder);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_publish = {
    .name = "publish",
    .zh = "写出公开的文件夹，任何人都能验证",
    .en = "write the folder that anybody can check",
    .arguments = "DRAW.db DIR",
    .least = 2,
    .most = 2,
    .help =
        "At the freeze and at every later checkpoint, into the same folder: what was published\n"
        "stays, log/checkpoint comes last. Copying the folder is publishing it. A draw file\n"
        "that is behind the folder (an old copy) is refused.",
    .options = {{"key", "FILE", "the log's private key; where `new` found it unless told",
                 CLI_OPTIONAL}},
    .run = run_publish,
};

/* ---- prove ---------------------------------------------------------------------------------- */

static bool
run_prove(struct cli *cli, struct lot_error *error)
{
    struct file_folder folder = {0};
    struct lot_buffer proof = {0};
    bool good = file_folder_open(NULL, cli->words[0], &folder, error) &&
                publish_prove(&folder, lot_text(cli->words[1]), &proof, error) &&
                cli_print(lot_buffer_text(&proof), error);
    lot_buffer_finish(&proof);
    file_folder_finish(&folder);
    return good;
}

const struct cli_verb verb_prove = {
    .name = "prove",
    .zh = "证明某个编号在冻结的名册里",
    .en = "prove that an id stands in the frozen roll",
    .arguments = "DIR ID",
    .least = 2,
    .most = 2,
    .help = "Prints a .tlog-proof for the entry or refusal with this id, under the checkpoint of\n"
            "the freeze, from the published folder alone. Whoever has the fingerprint of the\n"
            "freeze can check it, with this or any other tlog client.",
    .run = run_prove,
};
