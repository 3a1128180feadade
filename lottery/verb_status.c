/*
 * verb_status.c - `status`: where a draw stands, what is next, whose signature is due.
 */
#include "lottery/hall.h"
#include "lottery/register.h"
#include "lottery/verbs.h"

#include <inttypes.h>
#include <string.h>

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

/* ---- status --------------------------------------------------------------------------------- */

struct standing {
    char draw[32 + 1];
    bool rehearsal, frozen;
    uint64_t log_size;
    struct store_counts counts;
    const char *step; /* `register`, then that of the ceremony */
    struct lot_buffer next;
    struct lot_buffer due; /* cosignatures: lines `<size> <witness>` */
};

/* The checkpoints that still lack a witness's signature. */
static bool
find_due(struct hall *hall, struct standing *standing, struct lot_error *error)
{
    const struct ceremony *ceremony = &hall->ceremony;
    for (uint32_t i = 0; i < ceremony->moment_count; i++) {
        struct lot_buffer names = {0};
        const struct ceremony_moment *moment = &ceremony->moments[i];
        bool good = hall_missing(hall, moment->size, &names, error);
        if (good && names.size > 0) {
            lot_buffer_print(&standing->due, "%s %" PRIu64 " %s\n",
                             ceremony_occasion_name(moment->occasion), moment->size, names.at);
        }
        lot_buffer_finish(&names);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool
look_at_register(const char *path, struct standing *standing, struct lot_error *error)
{
    struct register_book book = {0};
    const struct store_counts *counts = &standing->counts;
    bool good = register_open(path, STORE_READ, &book, error) &&
                store_count(book.store, &standing->counts, error);
    if (good) {
        memcpy(standing->draw, book.rules->draw, sizeof standing->draw);
        standing->rehearsal = book.rules->rehearsal;
        standing->frozen = book.frozen;
        standing->log_size = book.log_size;
        standing->step = "register";
    }
    if (good && !book.frozen) {
        bool empty = counts->received + counts->admitted + counts->refused == 0;
        lot_buffer_print(&standing->next, "`%s`",
                         empty                  ? "import"
                         : counts->received > 0 ? "admit` or `refuse"
                                                : "freeze");
    }
    register_close(&book);
    return good;
}

static bool
look_at_hall(const char *path, struct standing *standing, struct lot_error *error)
{
    static const char *const steps[] = {
        [LOT_STEP_ATTEMPT] = "attempt", [LOT_STEP_SOFTWARE] = "software",
        [LOT_STEP_COMMIT] = "commit",   [LOT_STEP_DICE] = "dice",
        [LOT_STEP_REVEAL] = "reveal",   [LOT_STEP_PUBLIC] = "public",
        [LOT_STEP_SEED] = "seed",       [LOT_STEP_RESULTS] = "results",
        [LOT_STEP_AFTER] = "after",     [LOT_STEP_ENDED] = "ended",
    };
    struct hall hall = {0};
    bool good = hall_open(path, STORE_READ, &hall, error) && find_due(&hall, standing, error);
    if (good) {
        standing->step = steps[hall.ceremony.step];
        ceremony_due(&hall.ceremony, &standing->next);
    }
    hall_finish(&hall);
    return good;
}

static void
put_status(const struct standing *standing, bool json, struct lot_buffer *out)
{
    const struct store_counts *counts = &standing->counts;
    const struct lot_text next = lot_buffer_text(&standing->next);
    struct lot_text due = lot_buffer_text(&standing->due), line;
    uint32_t all = counts->received + counts->admitted + counts->refused;
    if (!json) {
        lot_buffer_print(out,
                         "draw %s%s\nstep %s\nnext %.*s\napplications %" PRIu32 ": %" PRIu32
                         " admitted, %" PRIu32 " refused, %" PRIu32 " undecided, %" PRIu32
                         " of these held\nlog %" PRIu64 " lines\n",
                         standing->draw, standing->rehearsal ? " (rehearsal)" : "", standing->step,
                         (int)next.size, next.at, all, counts->admitted, counts->refused,
                         counts->received, counts->held, standing->log_size);
        while (lot_line(&due, &line)) {
            lot_buffer_print(out, "not yet countersigned: %.*s\n", (int)line.size, line.at);
        }
        return;
    }
    lot_buffer_print(
        out,
        "{\"draw\": \"%s\", \"rehearsal\": %s, \"step\": \"%s\", \"applications\": %" PRIu32
        ", \"admitted\": %" PRIu32 ", \"refused\": %" PRIu32 ", \"received\": %" PRIu32
        ", \"held\": %" PRIu32 ", \"log\": %" PRIu64 ", \"next\": ",
        standing->draw, standing->rehearsal ? "true" : "false", standing->step, all,
        counts->admitted, counts->refused, counts->received, counts->held, standing->log_size);
    put_string(out, next);
    lot_buffer_print(out, ", \"due\": [");
    for (bool first = true; lot_line(&due, &line); first = false) {
        lot_buffer_print(out, "%s", first ? "" : ", ");
        put_string(out, line);
    }
    lot_buffer_print(out, "]}\n");
}

static bool
status(struct cli *cli, struct lot_error *error)
{
    struct standing standing = {0};
    struct lot_buffer out = {0};
    /* One after the other: a process opens a draw file once at a time (store.h). */
    bool good = look_at_register(cli->words[0], &standing, error) &&
                (!standing.frozen || look_at_hall(cli->words[0], &standing, error));
    if (good) {
        put_status(&standing, cli_flag(cli, "json"), &out);
        good = cli_print(lot_buffer_text(&out), error);
    }
    lot_buffer_finish(&standing.next);
    lot_buffer_finish(&standing.due);
    lot_buffer_finish(&out);
    return good;
}

const struct cli_verb verb_status = {
    .name = "status",
    .zh = "摇号进行到哪一步，下一步是什么，还缺谁的见证签名",
    .en = "which step the draw has come to, what is next, which countersignatures are due",
    .arguments = "DRAW.db",
    .least = 1,
    .most = 1,
    .help = "Before the freeze it counts applications; from then on it follows the log.",
    .options = {{"json", NULL, "one object", CLI_OPTIONAL}},
    .run = status,
};
