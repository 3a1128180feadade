/*
 * verb_list.c - the verbs that only look at a register: list and journal. They change
 * nothing in it; `list --slips` and `journal --export` write files.
 */
#include "lottery/file.h"
#include "lottery/register.h"
#include "lottery/verbs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRINT_AT 65536 /* bytes of a list that are collected before they are printed */

/* A JSON string. The store's texts are UTF-8. */
static void
put_string(struct lot_buffer *out, struct lot_text text)
{
    lot_buffer_add(out, "\"", 1);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            lot_buffer_print(out, "\\u%04x", c);
        } else {
            lot_buffer_add(out, &text.at[i], 1);
        }
    }
    lot_buffer_add(out, "\"", 1);
}

/* ---- list ----------------------------------------------------------------------------------- */

static const char *const states[] = {"received", "admitted", "refused", "held"};
enum { HELD = 3, STATES };

static const char *
state_name(const struct store_application *application)
{
    return states[application->held ? HELD : (int)application->state];
}

static void
put_line(struct lot_buffer *out, const struct store_application *a, bool json, bool first)
{
    if (!json) {
        lot_buffer_print(out, "%s %s %" PRIu32 " %s %s %s\n", a->id, a->intake, a->number,
                         state_name(a), a->reason[0] == '\0' ? "-" : a->reason, a->office.at);
        return;
    }
    lot_buffer_print(out,
                     "%s\n  {\"id\": \"%s\", \"intake\": \"%s\", \"number\": %" PRIu32
                     ", \"state\": \"%s\", \"reason\": \"%s\", \"time\": \"%s\", \"queues\": \"%s\""
                     ", \"persons\": %" PRIu32 ", \"chances\": %" PRIu32 ", \"wants\": \"%s\""
                     ", \"office\": ",
                     first ? "" : ",", a->id, a->intake, a->number, state_name(a), a->reason,
                     a->time, a->queues.at, a->persons, a->chances, a->wants.at);
    put_string(out, a->office);
    lot_buffer_print(out, "}");
}

/*
 * Puts a copy of what the draw file holds in its place, whole or not at all. Without fsync,
 * for there may be a hundred thousand: when the machine stops, the verb is run again.
 */
static bool
put_copy(const struct file_folder *folder, const char *id, const char *end, mode_t mode,
         struct lot_text text, struct lot_error *error)
{
    char name[LOT_CODE_MAX + 16], part[LOT_CODE_MAX + 16 + sizeof FILE_PART];
    snprintf(name, sizeof name, "%s.%s", id, end);
    snprintf(part, sizeof part, "%s" FILE_PART, name);
    int fd = openat(folder->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    /* The mode also of a file that was left there, before a word stands in it. */
    ssize_t size = fd < 0 || fchmod(fd, mode) != 0 ? -1 : write(fd, text.at, text.size);
    int reason = size < 0 ? errno : ENOSPC;
    bool good = fd >= 0 && close(fd) == 0 && size == (ssize_t)text.size;
    if (good && renameat(folder->fd, part, folder->fd, name) != 0) {
        reason = errno;
        good = false;
    }
    return good || lot_fail(error, LOT_MACHINE, "%s/%s: %s", folder->path, name, strerror(reason));
}

/* The private half of a receipt: what `take` asks for, and who has it finds the persons. */
static bool
put_opening(const struct register_book *book, const struct file_folder *folder,
            const struct store_application *a, struct lot_error *error)
{
    struct lot_buffer text = {0};
    char number[STORE_NUMBER_MAX + 1];
    bool good = true, found = true;
    lot_buffer_print(&text, "%s", a->salt);
    for (uint32_t i = 0; good && i < a->persons; i++) {
        good = store_person(book->store, a->id, i, number, &found, error);
        lot_buffer_print(&text, ":%s", good ? number : "");
    }
    lot_buffer_add(&text, "\n", 1);
    good = good && put_copy(folder, a->id, "private", 0600, lot_buffer_text(&text), error);
    crypto_wipe(number, sizeof number);
    lot_buffer_finish(&text);
    return good;
}

/* What list_all() writes beside the list, where a path is set. */
struct folders {
    struct file_folder slips, openings;
};

/* Steps through all applications: lists those in this state, and writes their receipts. */
static bool
list_all(const struct register_book *book, const struct cli *cli, const struct folders *folders,
         struct lot_buffer *out, struct lot_error *error)
{
    const char *state = cli_value(cli, "state");
    bool json = cli_flag(cli, "json"), first = true;
    struct store_application a = {0};
    for (bool found = true;;) {
        if (!store_application_next(book->store, &a, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        if (state != NULL && strcmp(state, state_name(&a)) != 0) {
            continue;
        }
        put_line(out, &a, json, first);
        first = false;
        if ((folders->slips.path != NULL &&
             !put_copy(&folders->slips, a.id, "slip", 0644, a.slip, error)) ||
            (folders->openings.path != NULL && !put_opening(book, &folders->openings, &a, error))) {
            return false;
        }
        if (out->size >= PRINT_AT) {
            if (!cli_print(lot_buffer_text(out), error)) {
                return false;
            }
            lot_buffer_clear(out);
        }
    }
}

static bool
open_folder(const char *path, struct file_folder *folder, struct lot_error *error)
{
    return path == NULL ||
           (file_folder_make(NULL, path, error) && file_folder_open(NULL, path, folder, error));
}

static bool
list(struct cli *cli, struct lot_error *error)
{
    struct register_book book = {0};
    struct folders folders = {0};
    struct lot_buffer out = {0};
    bool json = cli_flag(cli, "json");
    const char *state = cli_value(cli, "state");
    bool known = state == NULL;
    for (int i = 0; i < STATES && !known; i++) {
        known = strcmp(state, states[i]) == 0;
    }
    if (!known) {
        return lot_fail(error, LOT_USAGE,
                        "--state is received, held, admitted or refused, not '%s'", state);
    }
    lot_buffer_print(&out, "%s", json ? "[" : "");
    bool good = open_folder(cli_value(cli, "slips"), &folders.slips, error) &&
                open_folder(cli_value(cli, "openings"), &folders.openings, error) &&
                register_open(cli->words[0], STORE_READ, &book, error) &&
                list_all(&book, cli, &folders, &out, error);
    lot_buffer_print(&out, "%s", json ? "\n]\n" : "");
    good = good && cli_print(lot_buffer_text(&out), error);
    lot_buffer_finish(&out);
    file_folder_finish(&folders.slips);
    file_folder_finish(&folders.openings);
    register_close(&book);
    return good;
}

const struct cli_verb verb_list = {
    .name = "list",
    .zh = "查看申请；可写出每户的回执",
    .en = "show applications; writes everybody's slips",
    .arguments = "DRAW.db",
    .least = 1,
    .most = 1,
    .help = "A line each, by id: id, intake, number, state, reason, the office's number.\n"
            "A slip may be shown to anybody; it is written to DIR/<id>.slip. An opening is the\n"
            "household's alone: `take` asks for it, and who has it finds the persons; it is\n"
            "written to DIR/<id>.private with mode 0600.",
    .options = {{"state", "STATE", "received, held, admitted or refused only", CLI_OPTIONAL},
                {"slips", "DIR", "write the signed slips of those listed", CLI_OPTIONAL},
                {"openings", "DIR", "write the private halves of their receipts", CLI_OPTIONAL},
                {"json", NULL, "an array of objects", CLI_OPTIONAL}},
    .run = list,
};

/* ---- journal -------------------------------------------------------------------------------- */

/* Rows of one application without their hashes, and who signed the acts they belong to. */
static void
put_life(struct lot_text export, const char *id, struct lot_buffer *out)
{
    struct lot_text row, words, word, shown;
    bool its_act = false, was_signed = false;
    while (lot_line(&export, &row)) {
        words = row;
        lot_piece(&words, ' ', &word); /* the hash */
        shown = words;
        lot_piece(&words, ' ', &word); /* the time */
        bool is_signed = lot_text_starts(words, "signed "), its = false;
        while (!its && lot_piece(&words, ' ', &word)) {
            its = lot_text_is(word, id);
        }
        its_act = its || (its_act && !(was_signed && !is_signed));
        was_signed = is_signed;
        if (its || (its_act && is_signed)) {
            lot_buffer_print(out, "%.*s\n", (int)shown.size, shown.at);
        }
    }
}

/* Compares the journal with what the log says of it: every `journal` leaf, rows and hash. */
static bool
check_anchors(const struct register_book *book, struct lot_text export, uint32_t *anchors,
              struct lot_error *error)
{
    for (uint64_t i = 0; i < book->log_size; i++) {
        struct lot_buffer line = {0};
        struct lot_text rest, text, row;
        struct leaf leaf;
        uint32_t rows = 0;
        char digest[LOT_HEX_SIZE + 1];
        bool good = store_leaves_read(book->store, i, i + 1, &line, error);
        rest = lot_buffer_text(&line);
        if (good && lot_line(&rest, &text) && lot_text_starts(text, "journal ")) {
            rest = export;
            good = leaf_read(text, &leaf, error) &&
                   (canon_number(leaf.values[0], &rows) ||
                    lot_fail(error, LOT_REFUSED, "log line %" PRIu64 ": no number of rows", i));
            while (rows > 0 && lot_line(&rest, &row)) {
                rows--;
            }
            text = (struct lot_text){export.at, export.size - rest.size};
            good =
                good && crypto_digest_hex(book->rules->hash, text, digest, error) &&
                ((rows == 0 && lot_text_is(leaf.values[1], digest)) ||
                 lot_fail(error, LOT_REFUSED,
                          "the journal is not the one that line %" PRIu64 " of the log names", i));
            ++*anchors;
        }
        lot_buffer_finish(&line);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool
verify_journal(const struct register_book *book, uint64_t rows, struct lot_error *error)
{
    struct lot_buffer export = {0};
    uint32_t anchors = 0;
    bool good = store_check(book->store, error) && register_audit(book, &export, error) &&
                check_anchors(book, lot_buffer_text(&export), &anchors, error);
    lot_buffer_finish(&export);
    if (good) {
        printf("ok %" PRIu64 " rows: chain, times, signatures; every application is as they say; "
               "anchored in the log %" PRIu32 " times\n",
               rows, anchors);
    }
    return good;
}

static bool
journal(struct cli *cli, struct lot_error *error)
{
    struct register_book book = {0};
    struct lot_buffer export = {0}, out = {0};
    struct store_application application;
    const char *path = cli_value(cli, "export");
    uint64_t rows = 0;
    bool good = register_open(cli->words[0], STORE_READ, &book, error) &&
                store_journal_size(book.store, &rows, error) &&
                store_journal_read(book.store, 0, rows, &export, error);
    if (good && cli->count == 2) {
        good = register_find(&book, lot_text(cli->words[1]), &application, error);
    }
    if (good && cli->count == 2) {
        put_life(lot_buffer_text(&export), application.id, &out);
    } else if (good && path == NULL && !cli_flag(cli, "verify")) {
        lot_buffer_put(&out, lot_buffer_text(&export));
    }
    good = good && cli_print(lot_buffer_text(&out), error) &&
           (path == NULL || file_write_secret(NULL, path, lot_buffer_text(&export), error)) &&
           (!cli_flag(cli, "verify") || verify_journal(&book, rows, error));
    lot_buffer_finish(&export);
    lot_buffer_finish(&out);
    register_close(&book);
    return good;
}

const struct cli_verb verb_journal = {
    .name = "journal",
    .zh = "内部日志：一户申请的全部经过；导出；核对",
    .en = "the office's private journal: one application's whole life; export; verify",
    .arguments = "DRAW.db [ID]",
    .least = 1,
    .most = 2,
    .help = "Never published; its hash is in the public log. With --verify the chain, every\n"
            "signature and that hash are checked. The exported file's first row says that it is\n"
            "private; the file gets mode 0600.",
    .options = {{"export", "FILE", "write all rows to a new file", CLI_OPTIONAL},
                {"verify", NULL, "check it, and every page of the draw file", CLI_OPTIONAL}},
    .run = journal,
};
