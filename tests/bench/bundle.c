/*
 * bundle.c - makes the folder of `generate` a whole bundle for the benchmark: log,
 * tiles, signed checkpoints, results. No witnesses; the key is that of RFC 8032's first
 * test.
 *
 *     bundle DIR      then `lottery verify DIR --trust-bundle` is good
 */
#include "lottery/leaf.h"
#include "lottery/log.h"
#include "lottery/recompute.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGUN INT64_C(1793000000) /* any moment */
#define SHOWN 4                   /* freeze, commits, reveals, finish */

static const uint8_t private_key[LOT_SEED_BYTES] = {
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};

/* The log as it grows; items are made of it when all is there. */
struct book {
    struct lot_buffer bytes, line;
    size_t *ends;
    size_t count, room;
    uint64_t shown[SHOWN];
};

static void
must(bool good, const struct lot_error *error)
{
    if (!good) {
        fprintf(stderr, "bundle: %s\n", error->text);
        exit(3);
    }
}

/* Appends what stands in book->line. */
static void
append(struct book *book)
{
    if (book->count == book->room) {
        book->room = book->room == 0 ? 1024 : 2 * book->room;
        book->ends = lot_realloc(book->ends, book->room, sizeof *book->ends);
    }
    lot_buffer_put(&book->bytes, lot_buffer_text(&book->line));
    book->ends[book->count++] = book->bytes.size;
    lot_buffer_clear(&book->line);
}

static void
append_word(struct book *book, enum leaf_word word, const char *first, const char *second)
{
    leaf_write(&book->line, word, BEGUN, first, second, NULL);
    append(book);
}

static void
append_all(struct book *book, struct leaf_stretch *leaves)
{
    while (leaf_next(leaves, &book->line)) {
        append(book);
    }
    leaf_finish(leaves);
}

static void
make_tree(const struct book *book, struct lot_text **items, struct log_tree *tree)
{
    struct lot_error error = {0};
    *items = lot_alloc(book->count, sizeof **items);
    for (size_t i = 0, begin = 0; i < book->count; begin = book->ends[i++]) {
        (*items)[i] = (struct lot_text){book->bytes.at + begin, book->ends[i] - begin};
    }
    must(log_tree_create(*items, book->count, 2, tree, &error), &error);
}

static void
put_file(const struct file_folder *folder, const char *name, const struct lot_buffer *text)
{
    struct lot_error error = {0};
    must(file_write(folder, name, lot_buffer_text(text), &error), &error);
}

/* From the freeze to the seed: seed.txt, and the recompute read anew with it. */
static void
hold_ceremony(struct book *book, struct recompute *recompute, const struct file_folder *folder,
              const char *path)
{
    struct lot_error error = {0};
    struct lot_text *items = NULL;
    struct log_tree tree = {0};
    struct lot_buffer text = {0};
    struct lot_attempt *attempt = &recompute->attempt;
    make_tree(book, &items, &tree);
    book->shown[0] = recompute->freeze.size = book->count;
    must(log_tree_root(&tree, book->count, recompute->freeze.root, &error), &error);
    log_tree_finish(&tree);
    free(items);
    lot_seed_text(&recompute->roll, &recompute->freeze, attempt, &text);
    put_file(folder, "seed.txt", &text);
    append_word(book, LEAF_ATTEMPT, "1", NULL);
    append_word(book, LEAF_SOFTWARE, "0.1.0", recompute->roll.rules_file.digest);
    append_word(book, LEAF_COMMIT, "office", attempt->commits[0]);
    book->shown[1] = book->count;
    append_word(book, LEAF_DICE, attempt->dice, NULL);
    append_word(book, LEAF_REVEAL, "office", attempt->reveals[0]);
    book->shown[2] = book->count;
    lot_buffer_finish(&text);
    recompute_finish(recompute);
    must(recompute_read(recompute, path, &error), &error);
    append_word(book, LEAF_SEED, recompute->seed, NULL);
}

static void
describe(struct lot_file *file, const struct lot_buffer *text, uint32_t rows)
{
    struct lot_error error = {0};
    file->bytes = lot_buffer_text(text);
    file->rows = rows;
    must(crypto_digest_hex(LOT_SHA256, file->bytes, file->digest, &error), &error);
}

static void
draw(struct book *book, struct recompute *recompute, const struct file_folder *folder,
     const struct leaf_journal *journal)
{
    struct lot_error error = {0};
    struct lot_buffer cutoffs = {0};
    struct lot_buffer results = {0};
    struct lot_file files[2] = {{.rows = 0}, {.rows = 0}};
    struct leaf_stretch leaves = {0};
    uint32_t rows = recompute->roll.entries_file.rows;
    must(recompute_draw(recompute, 2, &error), &error);
    lot_cutoffs_text(&recompute->roll, recompute->order, &recompute->allocation, &cutoffs);
    lot_buffer_put(&results, LOT_TEXT(LOT_RESULTS_HEADER));
    lot_results_rows(&recompute->roll, recompute->order, &recompute->allocation, 0, rows, &results);
    put_file(folder, "cutoffs.csv", &cutoffs);
    put_file(folder, "results.csv", &results);
    describe(&files[0], &cutoffs, recompute->rules->round_count * recompute->rules->type_count);
    describe(&files[1], &results, rows);
    leaf_results(&leaves, &files[0], &files[1], journal, BEGUN);
    append_all(book, &leaves);
    book->shown[3] = book->count;
    lot_buffer_finish(&cutoffs);
    lot_buffer_finish(&results);
}

/* Tiles and notes of all that was shown. */
static void
publish(const struct book *book, const struct lot_rules *rules, const struct file_folder *folder)
{
    struct lot_error error = {0};
    struct file_folder log = {0};
    struct lot_text *items = NULL;
    struct log_tree tree = {0};
    struct note_signer signer = {0};
    struct lot_buffer note = {0};
    must(file_folder_make(folder, "log", &error), &error);
    must(file_folder_open(folder, "log", &log, &error), &error);
    must(note_signer_make(lot_text(rules->log_name), LOT_KEY_LOG, private_key, &signer, &error),
         &error);
    make_tree(book, &items, &tree);
    for (uint32_t i = 0; i < SHOWN; i++) {
        struct note_checkpoint head = {.size = book->shown[i]};
        struct lot_buffer text = {0};
        char name[32];
        memcpy(head.origin, rules->log_name, sizeof rules->log_name);
        must(log_tree_root(&tree, head.size, head.root, &error), &error);
        must(log_tiles_write(&log, &tree, i == 0 ? 0 : book->shown[i - 1], head.size, &error),
             &error);
        note_checkpoint_text(&head, &text);
        lot_buffer_clear(&note);
        note_begin(lot_buffer_text(&text), &note);
        must(note_sign(&signer, lot_buffer_text(&text), 0, &note, &error), &error);
        snprintf(name, sizeof name, "seen/%" PRIu64, head.size);
        put_file(&log, name, &note);
        put_file(&log, i == 0 ? "checkpoint.freeze" : "checkpoint", &note);
        lot_buffer_finish(&text);
    }
    lot_buffer_clear(&note);
    lot_buffer_print(&note, "%s\n", rules->log_keys[0].text);
    put_file(&log, "keys", &note);
    lot_buffer_finish(&note);
    note_signer_finish(&signer);
    log_tree_finish(&tree);
    free(items);
    file_folder_finish(&log);
}

int
main(int count, char **words)
{
    if (count != 2) {
        fputs("usage: bundle DIR\n", stderr);
        return 2;
    }
    struct lot_error error = {0};
    struct recompute recompute = {0};
    struct file_folder folder = {0};
    struct leaf_stretch leaves = {0};
    struct book book = {.count = 0};
    must(file_folder_open(NULL, words[1], &folder, &error), &error);
    must(recompute_read(&recompute, words[1], &error), &error);
    struct leaf_journal journal = {.rows = 0, .time = BEGUN};
    memcpy(journal.digest, recompute.roll.rules_file.digest, sizeof journal.digest);
    leaf_frozen(&leaves, &recompute.roll, BEGUN, &journal, BEGUN);
    append_all(&book, &leaves);
    hold_ceremony(&book, &recompute, &folder, words[1]);
    draw(&book, &recompute, &folder, &journal);
    publish(&book, recompute.rules, &folder);
    recompute_finish(&recompute);
    file_folder_finish(&folder);
    lot_buffer_finish(&book.bytes);
    lot_buffer_finish(&book.line);
    free(book.ends);
    return 0;
}
