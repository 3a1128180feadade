/*
 * leaf.c - hides how a leaf is spelled. This is the format:
 *
 * Every leaf is one line without LF, words parted by one blank. Time is of the form
 * 2026-12-01T02:00:00Z and never falls from one leaf to the next. In this order:
 *
 *   draw <draw> <time>
 *   file rules.json <H> 0
 *   file homes.csv <H> <rows>       then   home <csv line>       for each row
 *   file entries.csv <H> <rows>            entry <csv line>
 *   file refusals.csv <H> <rows>           refusal <csv line>
 *   file received.csv <H> <rows>           received <csv line>
 *   journal <rows> <H> <time>
 *   freeze <time>
 *   attempt <n> <time>                     n = 1, 2, 3 ...; from here ceremony.c
 *   software <version> <H> <time>
 *   commit <party> <hex> <time>            one a party, in the rules' order
 *   dice <digits> <time>
 *   reveal <party> <secret> <time>         one a party, in the rules' order
 *   public <source> <ref> <value> <time>   one a source, in the rules' order
 *   seed <hex> <time>
 *   file cutoffs.csv <H> <rows>            cutoff <csv line>
 *   file results.csv <H> <rows>            result <csv line>
 *   journal <rows> <H> <time>
 *   finish <time>
 *   take <id> <home> <time>                any number of these three: after.c
 *   waive <id> <ground> <time>
 *   award <id> <home or -> <turn> <time>
 *   void <ground> <time>                   in their place: ceremony.c
 *   end <ground> <time>
 */
#include "lottery/leaf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- one leaf ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned values;
} words[] = {
    [LEAF_DRAW] = {"draw", 1},         [LEAF_JOURNAL] = {"journal", 2},
    [LEAF_FREEZE] = {"freeze", 0},     [LEAF_ATTEMPT] = {"attempt", 1},
    [LEAF_SOFTWARE] = {"software", 2}, [LEAF_COMMIT] = {"commit", 2},
    [LEAF_DICE] = {"dice", 1},         [LEAF_REVEAL] = {"reveal", 2},
    [LEAF_PUBLIC] = {"public", 3},     [LEAF_SEED] = {"seed", 1},
    [LEAF_FINISH] = {"finish", 0},     [LEAF_TAKE] = {"take", 2},
    [LEAF_WAIVE] = {"waive", 2},       [LEAF_AWARD] = {"award", 3},
    [LEAF_VOID] = {"void", 1},         [LEAF_END] = {"end", 1},
};
#define WORDS (sizeof words / sizeof words[0])
_Static_assert(WORDS == LEAF_END + 1, "each word has its line");

bool
leaf_read(struct lot_text text, struct leaf *leaf, struct lot_error *error)
{
    assert(leaf != NULL);
    struct lot_text rest = text, piece = {"", 0};
    lot_piece(&rest, ' ', &piece);
    struct leaf found = {.word = LEAF_DRAW};
    unsigned word = 0;
    while (word < WORDS && !lot_text_is(piece, words[word].name)) {
        word++;
    }
    if (word == WORDS) {
        return lot_fail(error, LOT_REFUSED, "the leaf begins with no word of the protocol");
    }
    found.word = (enum leaf_word)word;
    bool good = true;
    for (unsigned i = 0; i < words[word].values; i++) {
        good = good && lot_piece(&rest, ' ', &found.values[i]) && found.values[i].size > 0;
    }
    if (!good || !lot_piece(&rest, ' ', &piece) || rest.at != NULL ||
        !canon_time(piece, &found.time)) {
        return lot_fail(error, LOT_REFUSED,
                        "`%s` takes %u words and a time like 2026-12-01T02:00:00Z behind them",
                        words[word].name, words[word].values);
    }
    *leaf = found;
    return true;
}

void
leaf_write(struct lot_buffer *out, enum leaf_word word, int64_t time, const char *first,
           const char *second, const char *third)
{
    const char *values[LEAF_VALUES_MAX] = {first, second, third};
    assert(out != NULL && (unsigned)word < WORDS);
    char when[CANON_TIME_SIZE + 1];
    canon_time_text(time, when);
    lot_buffer_put(out, lot_text(words[word].name));
    for (unsigned i = 0; i < LEAF_VALUES_MAX; i++) {
        assert((values[i] != NULL) == (i < words[word].values));
        if (values[i] != NULL) {
            lot_buffer_print(out, " %s", values[i]);
        }
    }
    lot_buffer_print(out, " %s", when);
}

const char *
leaf_word_name(enum leaf_word word)
{
    assert((unsigned)word < WORDS);
    return words[word].name;
}

/* ---- the leaves that follow from files ------------------------------------------------------ */

/* A part that is one leaf with a time. */
static void
add_line(struct leaf_stretch *leaves, enum leaf_word word, int64_t time, const char *first,
         const char *second)
{
    leaf_write(&leaves->made, word, time, first, second, NULL);
    lot_buffer_put(&leaves->made, LOT_TEXT("\n"));
    leaves->part_count++;
}

static void
add_journal(struct leaf_stretch *leaves, const struct leaf_journal *journal)
{
    char rows[16];
    snprintf(rows, sizeof rows, "%" PRIu32, journal->rows);
    add_line(leaves, LEAF_JOURNAL, journal->time, rows, journal->digest);
}

/* A part that is `file` and, when word is given, the file's rows. */
static void
add_file(struct leaf_stretch *leaves, const char *name, const struct lot_file *file,
         const char *word)
{
    assert(leaves->part_count < sizeof leaves->parts / sizeof leaves->parts[0]);
    lot_buffer_print(&leaves->made, "file %s %s %" PRIu32 "\n", name, file->digest, file->rows);
    uint32_t part = leaves->part_count++;
    leaves->parts[part].file = name;
    leaves->parts[part].word = word;
    if (word != NULL) {
        struct lot_text header;
        leaves->parts[part].rows = file->bytes;
        lot_line(&leaves->parts[part].rows, &header);
    }
}

void
leaf_frozen(struct leaf_stretch *leaves, const struct lot_roll *roll, int64_t begun,
            const struct leaf_journal *journal, int64_t frozen)
{
    assert(leaves != NULL && roll != NULL && roll->rules != NULL && journal != NULL);
    memset(leaves, 0, sizeof *leaves);
    add_line(leaves, LEAF_DRAW, begun, roll->rules->draw, NULL);
    add_file(leaves, "rules.json", &roll->rules_file, NULL);
    add_file(leaves, "homes.csv", &roll->homes_file, "home");
    add_file(leaves, "entries.csv", &roll->entries_file, "entry");
    add_file(leaves, "refusals.csv", &roll->refusals_file, "refusal");
    add_file(leaves, "received.csv", &roll->received_file, "received");
    add_journal(leaves, journal);
    add_line(leaves, LEAF_FREEZE, frozen, NULL, NULL);
    leaves->made_left = lot_buffer_text(&leaves->made);
}

uint64_t
leaf_frozen_size(const struct lot_roll *roll)
{
    assert(roll != NULL);
    return UINT64_C(8) + roll->homes_file.rows + roll->entries_file.rows +
           roll->refusals_file.rows + roll->received_file.rows;
}

void
leaf_results(struct leaf_stretch *leaves, const struct lot_file *cutoffs,
             const struct lot_file *results, const struct leaf_journal *journal, int64_t finished)
{
    assert(leaves != NULL && cutoffs != NULL && results != NULL && journal != NULL);
    memset(leaves, 0, sizeof *leaves);
    add_file(leaves, "cutoffs.csv", cutoffs, "cutoff");
    add_file(leaves, "results.csv", results, "result");
    add_journal(leaves, journal);
    add_line(leaves, LEAF_FINISH, finished, NULL, NULL);
    leaves->made_left = lot_buffer_text(&leaves->made);
}

bool
leaf_next(struct leaf_stretch *leaves, struct lot_buffer *leaf)
{
    assert(leaves != NULL && leaf != NULL);
    struct lot_text line;
    lot_buffer_clear(leaf);
    if (lot_line(&leaves->rows_left, &line)) {
        lot_buffer_put(leaf, lot_text(leaves->parts[leaves->part - 1].word));
        lot_buffer_put(leaf, LOT_TEXT(" "));
        lot_buffer_put(leaf, line);
        leaves->file = leaves->parts[leaves->part - 1].file;
        leaves->line++;
        return true;
    }
    if (!lot_line(&leaves->made_left, &line)) {
        return false;
    }
    lot_buffer_put(leaf, line);
    leaves->rows_left = leaves->parts[leaves->part++].rows;
    leaves->file = NULL;
    leaves->line = 1;
    return true;
}

void
leaf_finish(struct leaf_stretch *leaves)
{
    if (leaves != NULL) {
        lot_buffer_finish(&leaves->made);
        memset(leaves, 0, sizeof *leaves);
    }
}
