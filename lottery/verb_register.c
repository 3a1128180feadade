/*
 * verb_register.c - the verbs from the first key to the frozen roll: keygen, new,
 * import, admit, refuse, freeze. What only looks is in verb_list.c.
 *
 * Here the clock and the source of randomness are read, and nowhere below.
 */
#include "lottery/file.h"
#include "lottery/head.h"
#include "lottery/register.h"
#include "lottery/sheet.h"
#include "lottery/verbs.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AREAS_SIZE_MAX 1048576 /* of a table of areas: all of China's counties fit ten times */
#define PROGRESS_FROM 5000     /* households that take longer than a second */
#define PROGRESS_STEP 100
#define HOMES_SIZE_MAX 1073741824 /* what one stored file can hold */

/* ---- keys ----------------------------------------------------------------------------------- */

bool
verb_read_key(const char *path, struct note_signer *out, struct lot_error *error)
{
    assert(path != NULL && out != NULL);
    struct lot_buffer bytes = {0};
    bool open_to_others = false;
    bool good =
        file_read_secret(NULL, path, LOT_KEY_TEXT_MAX, &bytes, &open_to_others, error) &&
        (note_signer_read(lot_buffer_text(&bytes), out, error) || lot_fail_at(error, "%s", path));
    if (open_to_others) {
        fprintf(stderr, "warning: others can read %s; run: chmod 600 '%s'\n", path, path);
    }
    lot_buffer_finish(&bytes);
    return good;
}

void
verb_warn_log_key(bool open_to_others)
{
    if (open_to_others) {
        fprintf(stderr, "warning: others can read the log's private key; chmod 600 it\n");
    }
}

static bool
keygen(struct cli *cli, struct lot_error *error)
{
    static const char *const roles[] = {"log", "intake", "officer", "witness"};
    const char *role = cli_value(cli, "role"), *path = cli_value(cli, "out");
    uint8_t seed[LOT_SEED_BYTES];
    struct note_signer signer = {0};
    struct lot_buffer text = {0};
    size_t i = 0;
    while (i < 4 && strcmp(role, roles[i]) != 0) {
        i++;
    }
    if (i == 4) {
        return lot_fail(error, LOT_USAGE, "--role is log, intake, officer or witness, not '%s'",
                        role);
    }
    bool good = crypto_random(seed, sizeof seed, error) &&
                note_signer_make(lot_text(cli->words[0]), i == 3 ? LOT_KEY_WITNESS : LOT_KEY_LOG,
                                 seed, &signer, error);
    if (good) {
        note_signer_text(&signer, &text);
        good = file_write_secret(NULL, path, lot_buffer_text(&text), error);
    }
    if (good) {
        printf("%s\n", signer.key.text);
    }
    crypto_wipe(seed, sizeof seed);
    note_signer_finish(&signer);
    lot_buffer_finish(&text);
    return good;
}

const struct cli_verb verb_keygen = {
    .name = "keygen",
    .zh = "生成密钥：私钥存入文件，公钥显示在屏幕上",
    .en = "make a key: the private half goes to a file, the public half to the screen",
    .arguments = "NAME",
    .least = 1,
    .most = 1,
    .help =
        "NAME is who signs: a log key's is <origin>/<draw>, an intake's its code in the rules.\n"
        "The file gets mode 0600 and is never overwritten. The line that is printed is the\n"
        "verifier key: it goes into rules.json, or to `new --officer`.",
    .options = {{"role", "ROLE", "log, intake, officer or witness", CLI_REQUIRED},
                {"out", "FILE", "where the private key goes", CLI_REQUIRED}},
    .run = keygen,
};

/* ---- new ------------------------------------------------------------------------------------ */

static bool
new_draw(struct cli *cli, struct lot_error *error)
{
    struct lot_text officers[REGISTER_OFFICERS_MAX];
    struct lot_buffer rules = {0}, homes = {0}, path = {0};
    struct note_signer signer = {0};
    const char *form = cli_value(cli, "appno");
    struct register_plan plan = {
        .signer = &signer,
        .officers = officers,
        .application_form = form == NULL ? ROSTER_APPLICATION_FORM : form,
    };
    const char *key = cli_value(cli, "key"), *officer;
    while ((officer = cli_value_at(cli, "officer", (int)plan.officer_count)) != NULL) {
        if (plan.officer_count == REGISTER_OFFICERS_MAX) {
            return lot_fail(error, LOT_USAGE, "more than %d officers", REGISTER_OFFICERS_MAX);
        }
        officers[plan.officer_count++] = lot_text(officer);
    }
    bool good = cli_time(cli, &plan.time, error) &&
                file_read(NULL, cli_value(cli, "rules"), LOT_RULES_SIZE_MAX, &rules, error) &&
                file_read(NULL, cli_value(cli, "homes"), HOMES_SIZE_MAX, &homes, error) &&
                verb_read_key(key, &signer, error);
    if (good && key[0] != '/') { /* later verbs may be called from another folder */
        char here[PATH_MAX];
        good = getcwd(here, sizeof here) != NULL ||
               lot_fail(error, LOT_MACHINE, "the current folder: %s", strerror(errno));
        lot_buffer_print(&path, "%s/", good ? here : "");
    }
    if (good) {
        lot_buffer_print(&path, "%s", key);
        plan.rules = lot_buffer_text(&rules);
        plan.homes = lot_buffer_text(&homes);
        plan.key_path = lot_buffer_text(&path);
        good = register_create(cli->words[0], &plan, error);
    }
    if (good) {
        printf("%s is ready. Identity numbers and salts will stand in it: keep it locked "
               "away.\nnext: lottery import\n",
               cli->words[0]);
    }
    note_signer_finish(&signer);
    lot_buffer_finish(&path);
    lot_buffer_finish(&rules);
    lot_buffer_finish(&homes);
    return good;
}

const struct cli_verb verb_new = {
    .name = "new",
    .zh = "新建一次摇号：规则、房源、日志密钥、审核人",
    .en = "begin a draw: its rules, homes, log key and officers",
    .arguments = "DRAW.db",
    .least = 1,
    .most = 1,
    .help = "Makes DRAW.db, in which the draw lives until it is over; a file that is there is\n"
            "refused. The log's private key stays where it is: later verbs look for it there.\n"
            "Two officers' keys decide on every application.",
    .options = {{"rules", "FILE", "rules.json, see `lottery lint`", CLI_REQUIRED},
                {"homes", "FILE", "homes.csv", CLI_REQUIRED},
                {"key", "FILE", "private key of rules.log[0]", CLI_REQUIRED},
                {"officer", "VKEY", "verifier key of an officer, two or more", CLI_MANY},
                {"appno", "FORM", "of the office's own numbers: N a digit, YYYY a year",
                 CLI_OPTIONAL},
                CLI_OPTION_AT},
    .run = new_draw,
};

/* ---- import --------------------------------------------------------------------------------- */

/* The day on which identity numbers are looked at: --on, else the office's own calendar. */
static bool
day_of_check(const struct cli *cli, int64_t now, uint32_t *out, struct lot_error *error)
{
    const char *given = cli_value(cli, "on");
    char text[CANON_TIME_SIZE + 8];
    int64_t seconds = 0;
    struct tm day;
    time_t clock = (time_t)now;
    if (given == NULL) {
        if (localtime_r(&clock, &day) == NULL) {
            return lot_fail(error, LOT_MACHINE, "the clock shows no date: give one with --on");
        }
        *out = (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
        return true;
    }
    snprintf(text, sizeof text, "%.12sT00:00:00Z", given);
    if (!canon_time(lot_text(text), &seconds)) {
        return lot_fail(error, LOT_USAGE, "--on: '%s' is not a date like 2026-11-03", given);
    }
    const char *t = text;
    *out = (uint32_t)(strtoul(t, NULL, 10) * 10000 + strtoul(t + 5, NULL, 10) * 100 +
                      strtoul(t + 8, NULL, 10));
    return true;
}

/* Everything an import works with, ended by finish_import(). */
struct import {
    struct register_book book;
    struct register_known known;
    struct roster *roster;
    struct identity_areas *areas;
    struct note_signer signer;
    uint32_t input_count;
    struct roster_input inputs[ROSTER_FILES_MAX];
    struct lot_buffer bytes[ROSTER_FILES_MAX];
};

static void
finish_import(struct import *import)
{
    register_known_finish(&import->known);
    roster_destroy(import->roster);
    identity_areas_destroy(import->areas);
    note_signer_finish(&import->signer);
    for (uint32_t i = 0; i < import->input_count; i++) {
        lot_buffer_finish(&import->bytes[i]);
    }
    register_close(&import->book);
    free(import);
}

static bool
read_inputs(const struct cli *cli, struct import *import, struct lot_error *error)
{
    const char *areas = cli_value(cli, "areas");
    struct lot_buffer table = {0};
    for (int i = 1; i < cli->count; i++) {
        struct lot_buffer *bytes = &import->bytes[import->input_count];
        if (import->input_count == ROSTER_FILES_MAX) {
            return lot_fail(error, LOT_USAGE, "more than %d files at once", ROSTER_FILES_MAX);
        }
        if (!file_read(NULL, cli->words[i], SHEET_SIZE_MAX, bytes, error)) {
            return false;
        }
        const char *slash = strrchr(cli->words[i], '/');
        import->inputs[import->input_count++] = (struct roster_input){
            slash == NULL ? cli->words[i] : slash + 1, lot_buffer_text(bytes)};
    }
    bool good =
        areas == NULL || (file_read(NULL, areas, AREAS_SIZE_MAX, &table, error) &&
                          (identity_areas_read(lot_buffer_text(&table), &import->areas, error) ||
                           lot_fail_at(error, "%s", areas)));
    lot_buffer_finish(&table);
    return good;
}

static bool
read_roster(const struct cli *cli, struct import *import, int64_t now, struct lot_error *error)
{
    struct lot_buffer form = {0};
    struct roster_options options = {.areas = import->areas};
    bool good = day_of_check(cli, now, &options.as_of, error) &&
                register_file(&import->book, STORE_FORM, &form, error) &&
                register_known(&import->book, &import->known, error);
    lot_buffer_add(&form, "", 1);
    options.application_form = form.at;
    options.known = import->known.items;
    options.known_count = import->known.count;
    good = good && roster_read(import->inputs, import->input_count, import->book.rules, &options,
                               &import->roster, error);
    lot_buffer_finish(&form);
    return good;
}

/* Says what was found, in the office's language; its own table goes back when it asks. */
static bool
tell_findings(const struct cli *cli, const struct roster *roster, struct lot_error *error)
{
    const char *language = cli_value(cli, "language"), *table = cli_value(cli, "table");
    struct lot_buffer text = {0};
    language = language == NULL ? "zh" : language;
    for (uint32_t i = 0; i < roster->file_count; i++) {
        if (roster->files[i].guessed) { /* a human sees at once whether these are words */
            lot_buffer_print(&text, "%s (%s):\n", roster->files[i].name, roster->files[i].encoding);
            roster_preview(roster, i, &text);
        }
        for (uint32_t e = 0; e < roster->files[i].extra_count; e++) {
            const struct lot_text title = roster->files[i].extra[e];
            lot_buffer_print(&text, "%s: column '%.*s' is not read\n", roster->files[i].name,
                             (int)title.size, title.at);
        }
    }
    for (uint32_t i = 0; i < roster->findings.count; i++) {
        roster_finding_line(roster, &roster->findings.items[i], language, &text);
    }
    bool good = cli_print(lot_buffer_text(&text), error);
    lot_buffer_clear(&text);
    if (good && table != NULL) {
        roster_table(roster, 0, language, &text);
        good = file_write_secret(NULL, table, lot_buffer_text(&text), error);
    }
    lot_buffer_finish(&text);
    return good;
}

static bool
take_in(const struct cli *cli, struct import *import, int64_t now, struct lot_error *error)
{
    const struct roster *roster = import->roster;
    const char *code = cli_value(cli, "intake");
    int window = lot_rules_intake(import->book.rules, lot_text(code));
    size_t size = (size_t)roster->household_count * REGISTER_RANDOM_BYTES;
    uint8_t *random = lot_alloc(1, size);
    bool good = window >= 0 || lot_fail(error, LOT_REFUSED, "rules.json knows no intake %s", code);
    good = good && crypto_random(random, size, error);
    if (good) {
        const struct register_intake intake = {
            .intake = (uint32_t)window,
            .signer = &import->signer,
            .inputs = import->inputs,
            .roster = roster,
            .random = random,
            .known = &import->known,
            .time = now,
        };
        struct register_import steps;
        uint32_t count = roster->household_count;
        good = register_import_begin(&import->book, &intake, &steps, error);
        while (good && steps.done < count) {
            good = register_import_next(&steps, error);
            if (count >= PROGRESS_FROM &&
                (steps.done % PROGRESS_STEP == 0 || steps.done == count)) {
                cli_progress("taking in", steps.done, count);
            }
        }
        good =
            good && register_import_end(&steps, error) && store_commit(import->book.store, error);
    }
    crypto_wipe(random, size);
    free(random);
    return good;
}

static void
tell_taken(const struct roster *roster, bool check)
{
    uint32_t held = 0;
    for (uint32_t i = 0; i < roster->household_count; i++) {
        held += roster->households[i].held;
    }
    printf("%s %" PRIu32 " households with %" PRIu32 " persons, %" PRIu32 " of them held, %" PRIu32
           " cells put in order\n",
           check ? "could be taken in:" : "taken in:", roster->household_count,
           roster->person_count, held, findings_of(&roster->findings, FINDING_NORMALISED));
    printf("%s", check ? "" : "next: lottery admit, lottery refuse\n");
}

static bool
import_files(struct cli *cli, struct lot_error *error)
{
    struct import *import = lot_alloc(1, sizeof *import);
    bool check = cli_flag(cli, "check");
    int64_t now = 0;
    bool good = false;
    if (!check && (cli_value(cli, "intake") == NULL || cli_value(cli, "key") == NULL)) {
        lot_fail(error, LOT_USAGE, "--intake and --key are needed, or --check");
        goto out;
    }
    if (cli_value(cli, "table") != NULL && cli->count != 2) {
        lot_fail(error, LOT_USAGE, "--table is for one FILE at a time");
        goto out;
    }
    if (!cli_time(cli, &now, error) || !read_inputs(cli, import, error) ||
        (!check && !verb_read_key(cli_value(cli, "key"), &import->signer, error)) ||
        !register_open(cli->words[0], check ? STORE_READ : STORE_WRITE, &import->book, error) ||
        (!check && !register_must_be_open(&import->book, error)) ||
        !read_roster(cli, import, now, error) || !tell_findings(cli, import->roster, error)) {
        goto out;
    }
    if (import->roster->refused) {
        lot_fail(error, LOT_REFUSED,
                 "refused, errors: %" PRIu32
                 "; nothing was changed: correct the file and import it "
                 "again",
                 findings_of(&import->roster->findings, FINDING_ERROR) +
                     import->roster->findings.unlisted);
        goto out;
    }
    good = check || take_in(cli, import, now, error);
    if (good) {
        tell_taken(import->roster, check);
    }
out:
    finish_import(import);
    return good;
}

const struct cli_verb verb_import = {
    .name = "import",
    .zh = "受理：读入电子表格，给每户编号、加密、出具回执",
    .en = "take applications in from spreadsheets, each with an id, a number and a slip",
    .arguments = "DRAW.db FILE...",
    .least = 2,
    .most = -1,
    .help =
        "All or nothing: one error in a FILE and nothing is taken in; every finding is printed.\n"
        "FILE is CSV or TSV as Excel or WPS saves it (UTF-8, GB18030, UTF-16).\n"
        "Its first line holds the titles: 申请编号 与申请人关系 姓名 证件类型 证件号码 家庭人口\n"
        "队列 户型, and if there are 性别 户口所在区 摇号次数 工会会员号; a row is a person.\n"
        "队列 and 户型 hold titles or codes of the rules, several parted by 、 or ;\n"
        "With --check nothing is ever changed.",
    .options = {{"intake", "CODE", "the window or kiosk, as in rules.json", CLI_OPTIONAL},
                {"key", "FILE", "its private key, which signs the slips", CLI_OPTIONAL},
                {"check", NULL, "findings only", CLI_OPTIONAL},
                {"table", "OUT", "write a new file: the FILE with one more column, what is wrong",
                 CLI_OPTIONAL},
                {"on", "DATE", "day at which identity numbers are looked at; else today",
                 CLI_OPTIONAL},
                {"areas", "FILE", "table of area codes to look numbers up in", CLI_OPTIONAL},
                {"language", "zh|en", "of the findings; else zh", CLI_OPTIONAL},
                CLI_OPTION_AT},
    .run = import_files,
};

/* ---- admit, refuse -------------------------------------------------------------------------- */

/* Names from the words of the call and from --list, a line each; borrowed from file. */
static struct lot_text *
collect_names(const struct cli *cli, const struct lot_buffer *file, uint32_t *count)
{
    size_t room = (size_t)cli->count;
    for (size_t i = 0; i < file->size; i++) {
        room += file->at[i] == '\n';
    }
    struct lot_text *names = lot_alloc(room, sizeof *names);
    struct lot_text rest = lot_buffer_text(file), line;
    if (lot_text_starts(rest, "\xef\xbb\xbf")) { /* an editor's byte-order mark */
        rest = (struct lot_text){rest.at + 3, rest.size - 3};
    }
    for (int i = 1; i < cli->count; i++) {
        names[(*count)++] = lot_text(cli->words[i]);
    }
    while (lot_line(&rest, &line)) {
        line.size -= line.size > 0 && line.at[line.size - 1] == '\r';
        if (line.size > 0) {
            names[(*count)++] = line;
        }
    }
    return names;
}

static bool
decide(const struct cli *cli, bool admit, struct lot_error *error)
{
    struct register_book book = {0};
    struct note_signer officers[2] = {0};
    struct lot_buffer file = {0};
    struct lot_text *names = NULL;
    const char *reason = cli_value(cli, "reason"), *list = cli_value(cli, "list");
    struct register_decision decision = {
        .admit = admit,
        .all_received = cli_flag(cli, "all-received"),
        .reason = reason == NULL ? "" : reason,
        .officers = officers,
    };
    struct store_counts counts = {0};
    uint32_t decided = 0;
    bool good = false;
    if (cli_value_at(cli, "key", 1) == NULL || cli_value_at(cli, "key", 2) != NULL) {
        return lot_fail(error, LOT_USAGE, "--key is needed twice: two officers decide");
    }
    if (decision.all_received == (list != NULL || cli->count > 1)) {
        return lot_fail(error, LOT_USAGE, "either --all-received, or ids or a --list");
    }
    if (!cli_time(cli, &decision.time, error) ||
        (list != NULL && !file_read(NULL, list, REGISTER_LIST_MAX, &file, error)) ||
        !verb_read_key(cli_value_at(cli, "key", 0), &officers[0], error) ||
        !verb_read_key(cli_value_at(cli, "key", 1), &officers[1], error)) {
        goto out;
    }
    if (file.size > 0) {
        lot_buffer_add(&file, "\n", 1); /* its last line may lack one */
    }
    names = collect_names(cli, &file, &decision.name_count);
    decision.names = names;
    good = register_open(cli->words[0], STORE_WRITE, &book, error) &&
           register_decide(&book, &decision, &decided, error) &&
           store_count(book.store, &counts, error) && store_commit(book.store, error);
    if (good) {
        printf("%s: %" PRIu32 "\nwaiting: %" PRIu32 ", %" PRIu32 " of them held\nnext: %s\n",
               admit ? "admitted" : "refused", decided, counts.received, counts.held,
               counts.received > 0 ? "lottery admit, lottery refuse" : "lottery freeze");
    }
out:
    register_close(&book);
    note_signer_finish(&officers[0]);
    note_signer_finish(&officers[1]);
    free(names);
    lot_buffer_finish(&file);
    return good;
}

static bool
admit(struct cli *cli, struct lot_error *error)
{
    return decide(cli, true, error);
}

static bool
refuse(struct cli *cli, struct lot_error *error)
{
    return decide(cli, false, error);
}

#define DECISION_OPTIONS                                                                        \
    {"key", "FILE", "an officer's private key; two different ones are needed", CLI_MANY},       \
        {"list", "FILE", "ids or the office's numbers, a line each, as one act", CLI_OPTIONAL}, \
        {"all-received", NULL, "every undecided application that is not held", CLI_OPTIONAL},   \
        {"reason", "CODE", "like WITHDRAWN; a held application wants one too", CLI_OPTIONAL},   \
        CLI_OPTION_AT

const struct cli_verb verb_admit = {
    .name = "admit",
    .zh = "准予入册：两名审核人签名",
    .en = "admit applications to the roll; two officers sign",
    .arguments = "DRAW.db [ID...]",
    .least = 1,
    .most = -1,
    .help = "ID is an application's id or the office's own number. All are decided, or none.\n"
            "One that is held (a person in two applications) is admitted alone, with a reason,\n"
            "and only when no other application of that person is.",
    .options = {DECISION_OPTIONS},
    .run = admit,
};

const struct cli_verb verb_refuse = {
    .name = "refuse",
    .zh = "不予入册或撤回：写明原因，两名审核人签名",
    .en = "refuse applications, or take back what was admitted; two officers sign",
    .arguments = "DRAW.db [ID...]",
    .least = 1,
    .most = -1,
    .help = "ID is an application's id or the office's own number. All are decided, or none.\n"
            "The reason is a code and becomes public with the id; WITHDRAWN is the household's\n"
            "own wish. Until the freeze a decision may be changed by another one.",
    .options = {DECISION_OPTIONS},
    .run = refuse,
};

/* ---- freeze --------------------------------------------------------------------------------- */

static bool
freeze(struct cli *cli, struct lot_error *error)
{
    struct register_book book = {0};
    struct note_signer signer = {0};
    struct store_checkpoint checkpoint;
    const char *path = cli_value(cli, "key");
    char fingerprint[NOTE_FINGERPRINT_SIZE + 1];
    bool found = false, open_to_others = false, good = false;
    int64_t now = 0;
    if (!cli_time(cli, &now, error) || !register_open(cli->words[0], STORE_WRITE, &book, error) ||
        !store_checkpoint_next(book.store, 0, &checkpoint, &found, error)) {
        goto out;
    }
    /* A freeze that was stopped before its signature goes on here. */
    if (found && checkpoint.note.size > 0) {
        good = register_must_be_open(&book, error);
        assert(!good);
        goto out;
    }
    if (!head_key(book.store, book.rules, path, &signer, &open_to_others, error)) {
        goto out;
    }
    verb_warn_log_key(open_to_others);
    if ((!found && !register_freeze(&book, now, error)) || !head_recall(book.store, path, error) ||
        !store_commit(book.store, error) || !head_sign(book.store, book.rules, &signer, error) ||
        !head_remember(book.store, path, error) || !store_begin(book.store, STORE_READ, error) ||
        !store_checkpoint_next(book.store, 0, &checkpoint, &found, error)) {
        goto out;
    }
    assert(found && checkpoint.note.size > 0);
    note_fingerprint(checkpoint.root, fingerprint);
    printf("The roll of %s is frozen. Its fingerprint, to be read aloud and printed:\n\n%s\n\n"
           "next: lottery publish, then the witnesses\n",
           book.rules->draw, fingerprint);
    good = true;
out:
    note_signer_finish(&signer);
    register_close(&book);
    return good;
}

const struct cli_verb verb_freeze = {
    .name = "freeze",
    .zh = "冻结名册：此后不可增减、不可更改",
    .en = "freeze the roll: from now on nobody can come, go or change",
    .arguments = "DRAW.db",
    .least = 1,
    .most = 1,
    .help = "Every application must be decided. Writes entries, refusals and received, the log up\n"
            "to `freeze`, signs its checkpoint and prints the fingerprint.",
    .options = {{"key", "FILE", "the log's private key, if it has moved since `new`", CLI_OPTIONAL},
                CLI_OPTION_AT},
    .run = freeze,
};
