/*
 * tamper.c - a published bundle is spoiled in every way a disk, a hand or a liar could,
 * and verified each time: it must be refused, by the step whose matter it is, with the
 * file's name; or be on the list of what may change because it means nothing.
 *
 *     tamper BUNDLE WORK [EVERY]    the test: each EVERY-th byte (all of them by default) has its
 *                                   lowest bit flipped; every line is dropped, doubled,
 *                                   swapped with the next; every file is removed
 *     tamper BUNDLE WORK bits       the long form: every bit of every byte, minutes
 *
 * WORK is a folder that does not exist yet; it is left empty of everything but the
 * good bundle. What passes is printed with its reason and its count; the last line is
 * the number of spoiled bundles. Consistent lies, signed anew with all keys, are in
 * reference/tamper.py.
 */
#include "lottery/log.h"
#include "lottery/verify.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { FLIP, DROP, DOUBLE, SWAP, REMOVE };
static const char *const kinds[] = {"flip", "drop line", "double line", "swap lines", "remove"};

static struct file_folder work;
static const char *work_path;
static struct file_list list;
static struct lot_buffer *files;
static uint64_t head;
static unsigned long spoiled, refused, wrong;

/* ---- what may change ---------------------------------------------------------------------- */

enum reason {
    OUTSIDE,    /* index.html, VERIFY.txt, verify.py, PROTOCOL.md, stamps: not in the log */
    OTHER_KEY,  /* the SM2 line of a note: other programs check it */
    NOTE_ORDER, /* signature lines of a note have no order */
    NO_MOMENT,  /* a checkpoint that was shown although nothing asks for it, its countersignature */
    PULSE_URI,  /* a pulse's links to other pulses: it does not sign them */
    PULSE_ORDER, /* members of a JSON object have no order */
    PULSE_CASE,  /* a beacon may write its hex in either case */
    PEM_AROUND,  /* what stands behind the certificate in its file */
    REASONS,
};
static const char *const reasons[REASONS] = {
    "it stands outside the log, and verify says so",
    "the line of a key whose type is not checked here, and verify says so",
    "signature lines have no order",
    "nothing asks for this checkpoint: its attempt was void before the first throw",
    "a pulse's links to other pulses, which its beacon does not sign",
    "members of a JSON object have no order",
    "a beacon may write hex in either case",
    "text behind the certificate",
};
static unsigned long passed[REASONS];

static bool
starts(const char *path, const char *prefix)
{
    return strncmp(path, prefix, strlen(prefix)) == 0;
}

static bool
is_note(const char *path)
{
    return starts(path, "log/checkpoint") || starts(path, "log/seen/");
}

/* The line of a text in which a byte stands. */
static struct lot_text
line_at(struct lot_text text, size_t offset)
{
    size_t start = offset, end = offset;
    while (start > 0 && text.at[start - 1] != '\n') {
        start--;
    }
    while (end < text.size && text.at[end] != '\n') {
        end++;
    }
    return (struct lot_text){text.at + start, end - start};
}

static bool
holds(struct lot_text text, const char *part)
{
    size_t size = strlen(part);
    for (size_t i = 0; i + size <= text.size; i++) {
        if (memcmp(text.at + i, part, size) == 0) {
            return true;
        }
    }
    return false;
}

static bool
same_but_for_case(struct lot_text a, struct lot_text b)
{
    for (size_t i = 0; i < a.size && a.size == b.size; i++) {
        char x = a.at[i], y = b.at[i];
        if (x != y && !((x ^ y) == 0x20 && ((x | 0x20) >= 'a' && (x | 0x20) <= 'f'))) {
            return false;
        }
    }
    return a.size == b.size;
}

/* Why a bundle may be good although this was done to it, or REASONS. */
static enum reason
excuse(const char *path, enum kind kind, struct lot_text before, size_t offset,
       struct lot_text after)
{
    struct lot_text line = line_at(before, offset);
    bool signature = lot_text_starts(line, "\xe2\x80\x94 ");
    if (strcmp(path, "index.html") == 0 || strcmp(path, "VERIFY.txt") == 0 ||
        strcmp(path, "verify.py") == 0 || strcmp(path, "PROTOCOL.md") == 0 ||
        starts(path, "log/stamps/")) {
        return OUTSIDE;
    }
    if (is_note(path) && kind == SWAP && signature) {
        return NOTE_ORDER;
    }
    /* So begins the base64 of the SM2 key's id, unlike that of the log's own. */
    if (is_note(path) && kind != DOUBLE && signature && holds(line, "/HRB-1 22+kmg")) {
        return OTHER_KEY;
    }
    if (strcmp(path, "log/seen/27") == 0 &&
        (kind == REMOVE || (signature && holds(line, " court.example/w ")))) {
        return NO_MOMENT;
    }
    if (starts(path, "pulses/") && strstr(path, ".json") != NULL) {
        return kind == SWAP                                       ? PULSE_ORDER
               : kind == FLIP && same_but_for_case(before, after) ? PULSE_CASE
               : kind == FLIP && holds(line, "        \"uri\": ") ? PULSE_URI
                                                                  : REASONS;
    }
    if (strstr(path, ".pem") != NULL && kind == DOUBLE && lot_text_starts(line, "-----END")) {
        return PEM_AROUND;
    }
    return REASONS;
}

/* ---- what must be said -------------------------------------------------------------------- */

#define STEP(step) (1u << (step))

/* The steps that may find a change of this file. */
static unsigned
steps_of(const char *path)
{
    struct log_tile tile;
    struct lot_text text = lot_text(path);
    if (starts(path, "log/tile/")) {
        assert(log_tile_read_path((struct lot_text){text.at + 4, text.size - 4}, &tile));
        return log_tile_belongs(&tile, head) ? STEP(VERIFY_LOG) : STEP(VERIFY_SEEN);
    }
    if (strcmp(path, "rules.json") == 0) {
        return STEP(VERIFY_RULES) | STEP(VERIFY_ROLL) | STEP(VERIFY_LEAVES);
    }
    if (strcmp(path, "seed.txt") == 0) {
        return STEP(VERIFY_SEED);
    }
    if (strcmp(path, "cutoffs.csv") == 0 || strcmp(path, "results.csv") == 0) {
        return STEP(VERIFY_LEAVES);
    }
    if (strstr(path, ".csv") != NULL) {
        return STEP(VERIFY_ROLL) | STEP(VERIFY_LEAVES);
    }
    if (starts(path, "pulses/")) {
        return STEP(VERIFY_CEREMONY);
    }
    if (strcmp(path, "log/keys") == 0) {
        return STEP(VERIFY_LOG);
    }
    return STEP(VERIFY_WITNESSES) |
           STEP(strcmp(path, "log/checkpoint") == 0 ? VERIFY_LOG : VERIFY_SEEN);
}

/* A change of one file of the roll may show in another that no longer fits it. */
static bool
is_named(const char *path, enum verify_step step, const char *text)
{
    if (step == VERIFY_ROLL) {
        return strstr(text, ".csv") != NULL;
    }
    if (starts(path, "log/tile/entries/")) { /* a tile of hashes may be the other half of it */
        return strstr(text, "log/tile/entries") != NULL;
    }
    return strstr(text, path) != NULL ||
           (step == VERIFY_WITNESSES && strstr(text, "countersigned") != NULL);
}

/* Verifies the work folder. The sentence of the first false check goes to text. */
static bool
is_good(enum verify_step *step, char text[static LOT_ERROR_TEXT_MAX])
{
    struct verify_options options = {.trust_bundle = true, .threads = 1};
    struct verify *verify = NULL;
    const struct verify_line *line = NULL;
    struct lot_error error;
    bool told = false;
    if (!verify_create(work_path, &options, &verify, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(3);
    }
    do {
        if (!verify_next(verify, &line, &error)) {
            fprintf(stderr, "%s\n", error.text);
            exit(3);
        }
        if (line != NULL && line->kind == VERIFY_FALSE && !told) {
            snprintf(text, LOT_ERROR_TEXT_MAX, "%s", line->text);
            told = true;
        }
    } while (line != NULL);
    bool good = verify_verdict(verify, step);
    verify_destroy(verify);
    return good;
}

/* ---- spoiling ----------------------------------------------------------------------------- */

static void
put(const char *path, struct lot_text text)
{
    struct lot_buffer whole = {0};
    lot_buffer_print(&whole, "%s/%s", work_path, path);
    FILE *file = fopen(whole.at, "wb");
    if (file == NULL || fwrite(text.at, 1, text.size, file) != text.size || fclose(file) != 0) {
        fprintf(stderr, "%s cannot be written\n", whole.at);
        exit(3);
    }
    lot_buffer_finish(&whole);
}

/* Verifies with one file changed, or removed when after.at is NULL, and judges the verdict. */
static void
judge(size_t at, enum kind kind, size_t offset, struct lot_text after)
{
    const char *path = list.paths[at];
    struct lot_text before = lot_buffer_text(&files[at]);
    if (kind != REMOVE && lot_text_same(before, after)) {
        return;
    }
    if (kind == REMOVE) {
        unlinkat(work.fd, path, 0);
    } else {
        put(path, after);
    }
    enum verify_step step;
    char text[LOT_ERROR_TEXT_MAX] = "";
    bool good = is_good(&step, text);
    enum reason reason = good ? excuse(path, kind, before, offset, after) : REASONS;
    spoiled++;
    refused += !good;
    if (good && reason < REASONS) {
        passed[reason]++;
    } else if (good || (steps_of(path) & STEP(step)) == 0 || !is_named(path, step, text)) {
        wrong++;
        printf("not ok %s %s at byte %zu: %s%s\n", kinds[kind], path, offset,
               good ? "found good" : verify_step_name(step), text);
    }
    put(path, before);
}

static void
flip_bytes(size_t at, size_t every, unsigned bits)
{
    struct lot_buffer copy = {0};
    lot_buffer_put(&copy, lot_buffer_text(&files[at]));
    for (size_t i = at % every; i < copy.size; i += every) {
        for (unsigned bit = 0; bit < bits; bit++) {
            copy.at[i] = (char)(copy.at[i] ^ (1 << bit));
            judge(at, FLIP, i, lot_buffer_text(&copy));
            copy.at[i] = (char)(copy.at[i] ^ (1 << bit));
        }
    }
    lot_buffer_finish(&copy);
}

/* Every line dropped, doubled, and swapped with the next; tiles have no lines. */
static void
move_lines(size_t at)
{
    struct lot_text rest = lot_buffer_text(&files[at]), line, next;
    const char *start = rest.at;
    while (strncmp(list.paths[at], "log/tile/", 9) != 0 && lot_line(&rest, &line)) {
        size_t offset = (size_t)(line.at - start);
        struct lot_text head_part = {start, offset}, whole = {line.at, line.size + 1};
        struct lot_buffer changed[3] = {{0}};
        lot_buffer_put(&changed[0], head_part);
        lot_buffer_put(&changed[0], rest);
        lot_buffer_put(&changed[1], head_part);
        lot_buffer_put(&changed[1], whole);
        lot_buffer_put(&changed[1], whole);
        lot_buffer_put(&changed[1], rest);
        struct lot_text behind = rest;
        if (lot_line(&behind, &next)) {
            lot_buffer_put(&changed[2], head_part);
            lot_buffer_put(&changed[2], (struct lot_text){next.at, next.size + 1});
            lot_buffer_put(&changed[2], whole);
            lot_buffer_put(&changed[2], behind);
            judge(at, SWAP, offset, lot_buffer_text(&changed[2]));
        }
        judge(at, DROP, offset, lot_buffer_text(&changed[0]));
        judge(at, DOUBLE, offset, lot_buffer_text(&changed[1]));
        for (int i = 0; i < 3; i++) {
            lot_buffer_finish(&changed[i]);
        }
    }
}

/* Copies the bundle into the work folder and keeps its files in memory. */
static void
copy_bundle(const char *bundle)
{
    struct file_folder folder = {0};
    struct lot_error error;
    bool good = file_folder_open(NULL, bundle, &folder, &error) &&
                file_folder_make(NULL, work_path, &error) &&
                file_folder_open(NULL, work_path, &work, &error) &&
                file_list(&folder, &list, &error);
    files = lot_alloc(list.count, sizeof files[0]);
    for (size_t i = 0; good && i < list.count; i++) {
        good = file_read(&folder, list.paths[i], FILE_SIZE_MAX, &files[i], &error) &&
               file_place(&work, list.paths[i], lot_buffer_text(&files[i]), &error);
    }
    file_folder_finish(&folder);
    if (!good) {
        fprintf(stderr, "%s\n", error.text);
        exit(3);
    }
    for (size_t i = 0; i < list.count; i++) {
        struct note note;
        struct note_checkpoint checkpoint;
        if (strcmp(list.paths[i], "log/checkpoint") == 0 &&
            note_read(lot_buffer_text(&files[i]), &note, NULL) &&
            note_checkpoint_read(note.text, &checkpoint, NULL)) {
            head = checkpoint.size;
        }
    }
}

int
main(int count, char **words)
{
    if (count < 3) {
        fprintf(stderr, "tamper BUNDLE WORK [EVERY | bits]\n");
        return 2;
    }
    bool bits = count > 3 && strcmp(words[3], "bits") == 0;
    size_t every = count > 3 && !bits ? strtoul(words[3], NULL, 10) : 1;
    enum verify_step step;
    char text[LOT_ERROR_TEXT_MAX] = "";
    work_path = words[2];
    copy_bundle(words[1]);
    if (!is_good(&step, text)) {
        printf("not ok the bundle as it is: %s\n", text);
        return 1;
    }
    printf("ok the bundle as it is is good\n");
    for (size_t i = 0; i < list.count; i++) {
        judge(i, REMOVE, 0, (struct lot_text){NULL, 0});
        move_lines(i);
        flip_bytes(i, every, bits ? 8 : 1);
    }
    for (int i = 0; i < REASONS; i++) {
        printf("   %6lu may be: %s\n", passed[i], reasons[i]);
    }
    printf("%s %lu spoiled bundles: %lu refused by the right step and file, %lu wrong\n",
           wrong == 0 ? "ok" : "not ok", spoiled, refused - wrong, wrong);
    return wrong != 0;
}
