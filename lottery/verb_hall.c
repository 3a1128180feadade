/*
 * verb_hall.c - the verbs of the day: attempt, commit, dice, reveal, public, void, end,
 * draw, and what comes after it: take, waive.
 *
 * Each opens the draw file, does one act, closes it, and says where the draw stands.
 */
#include "lottery/verbs.h"

#include <stdio.h>
#include <string.h>

#include "lottery/file.h"
#include "lottery/hall.h"
#include "lottery/note.h"
#include "lottery/pulse.h"

#define OPTION_KEY                                                                             \
    {                                                                                          \
        "key", "FILE", "the log's private key; where `new` found it unless told", CLI_OPTIONAL \
    }

#define TYPED_MAX 4096             /* a secret, an opening: a line that was typed */
#define PROGRAM_MAX (256ull << 20) /* the program's own file */

/* One typed line from a file, or from standard input for `-`; its line end is taken off. */
static bool
read_typed(const char *path, struct lot_buffer *out, struct lot_error *error)
{
    if (strcmp(path, "-") == 0) {
        char line[TYPED_MAX];
        if (fgets(line, sizeof line, stdin) == NULL) {
            return lot_fail(error, LOT_USAGE, "nothing came in on standard input");
        }
        lot_buffer_put(out, lot_text(line));
        crypto_wipe(line, sizeof line);
    } else {
        bool open_to_others = false;
        if (!file_read_secret(NULL, path, TYPED_MAX, out, &open_to_others, error)) {
            return false;
        }
    }
    while (out->size > 0 && strchr("\r\n \t", out->at[out->size - 1]) != NULL) {
        out->at[--out->size] = '\0';
    }
    if (strlen(out->size == 0 ? "" : out->at) != out->size || out->size == 0) {
        return lot_fail(error, LOT_REFUSED, "%s: one line of text is wanted", path);
    }
    return true;
}

/* Commits the act and tells what is due next. */
static bool
close_and_tell(const struct cli *cli, struct hall *hall, const char *done, struct lot_error *error)
{
    const struct ceremony *ceremony = &hall->ceremony;
    struct lot_buffer due = {0};
    uint32_t moments = ceremony->moment_count;
    bool open_to_others = false;
    bool good = hall_close(hall, cli_value(cli, "key"), &open_to_others, error);
    verb_warn_log_key(open_to_others);
    if (good) {
        ceremony_due(ceremony, &due);
        printf("%s\nnext: %s\n", done, due.at);
        const struct ceremony_moment *moment = &ceremony->moments[moments - 1];
        if (moment->size == ceremony->size && hall->book.rules->witness_count > 0) {
            printf("to be countersigned first: `lottery witness request` (%s, log size %llu)\n",
                   ceremony_occasion_name(moment->occasion), (unsigned long long)moment->size);
        }
    }
    lot_buffer_finish(&due);
    return good;
}

/* ---- attempt -------------------------------------------------------------------------------- */

static bool
run_attempt(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer program = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) &&
                file_read(NULL, "/proc/self/exe", PROGRAM_MAX, &program, error) &&
                hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_attempt(&hall, MINGQIAN_VERSION, lot_buffer_text(&program), now, error) &&
                close_and_tell(cli, &hall, "the attempt is begun", error);
    hall_finish(&hall);
    lot_buffer_finish(&program);
    return good;
}

const struct cli_verb verb_attempt = {
    .name = "attempt",
    .zh = "开启现场，记下程序摘要",
    .en = "open the ceremony; the program's digest goes into the log",
    .arguments = "DRAW.db",
    .least = 1,
    .most = 1,
    .help = "Once begun, the attempt stays in the log for good. The first one wants the frozen\n"
            "checkpoint countersigned by every witness. Next: `commit`, party by party.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_attempt,
};

/* ---- commit, reveal ------------------------------------------------------------------------- */

static bool
run_commit(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) && hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_commit(&hall, cli->words[1], cli->words[2], now, error) &&
                close_and_tell(cli, &hall, "the commit is in the log", error);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_commit = {
    .name = "commit",
    .zh = "登记一方密封的承诺（秘密还在信封里）",
    .en = "take a party's commit; its secret stays in the envelope",
    .arguments = "DRAW.db PARTY HEX",
    .least = 3,
    .most = 3,
    .help = "The party makes its secret on its own device, never here:\n"
            "  secret=$(openssl rand -hex 32)\n"
            "  printf '%s' \"DRAW:PARTY:$secret\" | sha256sum\n"
            "and hands in the 64 characters of the digest. The notary keeps the paper copy,\n"
            "checked and sealed. Parties come in the order of the rules.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_commit,
};

static bool
run_reveal(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer secret = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) && read_typed(cli->words[2], &secret, error) &&
                hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_reveal(&hall, cli->words[1], secret.at, now, error) &&
                close_and_tell(cli, &hall, "the secret matches its commit", error);
    hall_finish(&hall);
    lot_buffer_finish(&secret);
    return good;
}

const struct cli_verb verb_reveal = {
    .name = "reveal",
    .zh = "拆开一方的信封，核对承诺",
    .en = "open a party's envelope; it must match its commit",
    .arguments = "DRAW.db PARTY FILE",
    .least = 3,
    .most = 3,
    .help = "FILE holds the secret, 64 characters; - reads it from standard input. A secret that\n"
            "does not match is refused and nothing is written: ask the party for its own copy. If\n"
            "nobody can give one, `void unopened` is the only way on.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_reveal,
};

/* ---- dice ----------------------------------------------------------------------------------- */

static bool
run_dice(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) && hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_dice(&hall, cli->words[1], cli->words[2], now, error) &&
                close_and_tell(cli, &hall,
                               "the dice are in the log; from here on nothing is repeated", error);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_dice = {
    .name = "dice",
    .zh = "录入骰子，两人各录一遍",
    .en = "the dice, typed twice by two people",
    .arguments = "DRAW.db DIGITS AGAIN",
    .least = 3,
    .most = 3,
    .help = "All throws in one word, in the order thrown: 0-9 with ten faces, 1-6 with six. AGAIN\n"
            "is what the second person typed without seeing the first; where the two differ is\n"
            "said and nothing is written. The commits must be countersigned before.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_dice,
};

/* ---- public --------------------------------------------------------------------------------- */

static bool
take_pulse(struct cli *cli, struct hall *hall, int64_t now, struct lot_error *error)
{
    const char *certificate = cli_value(cli, "certificate"), *earlier = cli_value(cli, "before");
    struct lot_buffer pulse = {0}, pem = {0}, before = {0};
    if (certificate == NULL || cli->count != 3) {
        return lot_fail(error, LOT_USAGE,
                        "a pulse wants: public DRAW.db nist-2.0 PULSE.json --certificate PEM");
    }
    bool good = file_read(NULL, cli->words[2], PULSE_SIZE_MAX, &pulse, error) &&
                file_read(NULL, certificate, PULSE_CERTIFICATE_SIZE_MAX, &pem, error) &&
                (earlier == NULL || file_read(NULL, earlier, PULSE_SIZE_MAX, &before, error)) &&
                hall_public_pulse(hall, lot_buffer_text(&pulse), lot_buffer_text(&before),
                                  lot_buffer_text(&pem), now, error);
    lot_buffer_finish(&pulse);
    lot_buffer_finish(&pem);
    lot_buffer_finish(&before);
    return good;
}

static bool
run_public(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    int64_t now = 0;
    bool pulse = strcmp(cli->words[1], "nist-2.0") == 0;
    if (!pulse && (strcmp(cli->words[1], "text") != 0 || cli->count != 5)) {
        return lot_fail(error, LOT_USAGE,
                        "it wants: public DRAW.db text NAME DIGITS AGAIN, or nist-2.0 PULSE.json");
    }
    bool good = cli_time(cli, &now, error) && hall_open(cli->words[0], STORE_WRITE, &hall, error);
    if (good && pulse) {
        good = take_pulse(cli, &hall, now, error);
    } else if (good) {
        good = hall_public_text(&hall, cli->words[2], cli->words[3], cli->words[4], now, error);
    }
    good = good && close_and_tell(cli, &hall, "the public value is in the log", error);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_public = {
    .name = "public",
    .zh = "录入事后公开的数（福彩号码、信标）",
    .en = "a value from a public source, later than the reveals",
    .arguments = "DRAW.db text NAME DIGITS AGAIN | nist-2.0 PULSE.json",
    .least = 3,
    .most = 5,
    .help = "The sources of the rules, in their order, each the first value at or after its time.\n"
            "A text value is typed twice by two people. A pulse is the file as the beacon serves\n"
            "it; if it is later than the time in the rules, --before names the pulse before it.",
    .options = {{"certificate", "PEM", "the certificate that signed the pulse", CLI_OPTIONAL},
                {"before", "JSON", "the pulse before it in the chain", CLI_OPTIONAL},
                OPTION_KEY,
                CLI_OPTION_AT},
    .run = run_public,
};

/* ---- void, end ------------------------------------------------------------------------------ */

static bool
run_void(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) && hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_void(&hall, cli->words[1], now, error) &&
                close_and_tell(cli, &hall, "the attempt is void; that stays in the log", error);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_void = {
    .name = "void",
    .zh = "本次作废（只在掷骰子之前，理由事先写明）",
    .en = "void the attempt, before the first throw and on a ground of the rules",
    .arguments = "DRAW.db GROUND",
    .least = 2,
    .most = 2,
    .help = "GROUND is one of the rules' void list. After the dice nothing voids an attempt but\n"
            "`unopened`: neither envelope nor party gives a matching secret.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_void,
};

static bool
run_end(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) && hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_end(&hall, cli->words[1], now, error) &&
                close_and_tell(cli, &hall, "the draw is closed for good", error);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_end = {
    .name = "end",
    .zh = "终止整个摇号，不能再开",
    .en = "close the draw for good",
    .arguments = "DRAW.db GROUND",
    .least = 2,
    .most = 2,
    .help =
        "With a ground of the rules only before the first throw that stands; with `order` (of\n"
        "a court or a higher authority) at any time after the freeze. Homes then go into a new\n"
        "draw whose rules name this one under `earlier`.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_end,
};

/* ---- draw ----------------------------------------------------------------------------------- */

static bool
run_draw(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer done = {0};
    int64_t now = 0;
    uint32_t threads = 2;
    bool good = cli_time(cli, &now, error) && cli_number(cli, "threads", 2, 64, &threads, error) &&
                hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_draw(&hall, threads, now, error);
    if (good) {
        lot_buffer_print(&done, "seed %s\n%u entries, %u homes: %u housed, %u standbys",
                         hall.ceremony.seed, hall.frozen.roll.entries_file.rows,
                         hall.frozen.roll.homes_file.rows, hall.allocation.housed,
                         hall.allocation.standbys);
        good = close_and_tell(cli, &hall, done.at, error);
    }
    lot_buffer_finish(&done);
    hall_finish(&hall);
    return good;
}

const struct cli_verb verb_draw = {
    .name = "draw",
    .zh = "摇号：种子、次序、分配一次写入",
    .en = "seed, order and awards, in one act",
    .arguments = "DRAW.db",
    .least = 1,
    .most = 1,
    .help = "Has no input but the frozen roll and the seed: whoever presses the button, whenever,\n"
            "on whatever machine, the same comes out. Next: `publish`, then the witnesses.",
    .options = {{"threads", "N", "workers for the hashing, 2 unless told", CLI_OPTIONAL},
                OPTION_KEY,
                CLI_OPTION_AT},
    .run = run_draw,
};

/* ---- take, waive ---------------------------------------------------------------------------- */

static bool
run_take(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer opening = {0};
    int64_t now = 0;
    bool good =
        cli_time(cli, &now, error) && read_typed(cli_value(cli, "opening"), &opening, error) &&
        hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
        hall_take(&hall, cli->words[1], cli->words[2], lot_buffer_text(&opening), now, error) &&
        close_and_tell(cli, &hall, "taken", error);
    hall_finish(&hall);
    lot_buffer_finish(&opening);
    return good;
}

const struct cli_verb verb_take = {
    .name = "take",
    .zh = "签收住房（当着公证员打开自己那一行的承诺）",
    .en = "a household signs for its home, its commitment opened",
    .arguments = "DRAW.db ID HOME",
    .least = 3,
    .most = 3,
    .help = "HOME is the home the draw gave, or, when the draw gives turns, the one chosen.",
    .options = {{"opening", "FILE",
                 "salt:number:number... as the frozen commit hides it; - for standard input",
                 CLI_REQUIRED},
                OPTION_KEY,
                CLI_OPTION_AT},
    .run = run_take,
};

static bool
run_waive(struct cli *cli, struct lot_error *error)
{
    struct hall hall = {0};
    struct lot_buffer successor = {0}, done = {0};
    int64_t now = 0;
    bool good = cli_time(cli, &now, error) && hall_open(cli->words[0], STORE_WRITE, &hall, error) &&
                hall_waive(&hall, cli->words[1], cli->words[2], now, &successor, error);
    if (good) {
        lot_buffer_print(&done, "waived; %s%s",
                         successor.size == 0 ? "nobody steps in" : "in steps ",
                         successor.size == 0 ? "" : successor.at);
        good = close_and_tell(cli, &hall, done.at, error);
    }
    hall_finish(&hall);
    lot_buffer_finish(&successor);
    lot_buffer_finish(&done);
    return good;
}

const struct cli_verb verb_waive = {
    .name = "waive",
    .zh = "放弃、缺席或取消，由候补递补",
    .en = "a household gives up, is absent or unfit; the first standby steps in",
    .arguments = "DRAW.db ID own|absent|unfit",
    .least = 3,
    .most = 3,
    .help = "No new draw, and no award that was made moves. Waivers of one sitting are entered by\n"
            "rank; `publish` closes the sitting.",
    .options = {OPTION_KEY, CLI_OPTION_AT},
    .run = run_waive,
};
