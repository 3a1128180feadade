/*
 * book.h - a small register for tests: rules, homes, keys from fixed seeds, and
 * rosters made by hand, so that no spreadsheet is needed.
 */
#ifndef MINGQIAN_BOOK_H
#define MINGQIAN_BOOK_H

#include "lottery/register.h"

#define BOOK_TIME 1793667600 /* 2026-11-03T01:00:00Z; the k-th verb happens k minutes later */
#define BOOK_HOUSEHOLDS 8

/* A folder of its own with draw.db in it, and the keys of everybody. */
struct book {
    char folder[64], path[96], key_path[96];
    struct note_signer log, window, other_window, officers[3];
    bool at_other_window; /* where book_import() takes in: window-0, which the rules name last */
    struct lot_buffer rules, homes;
};

/* Makes the folder, writes the log's key there; book_end() removes all of it. */
void book_begin(struct book *book);
void book_end(struct book *book);
void book_remove_draw(const struct book *book); /* the draw file only, with what SQLite puts by */

/* The verbs one by one, each its own transaction; false with *error as the verb would say. */
bool book_new(const struct book *book, struct lot_error *error);

/* Takes in households first..first + count - 1 of a fixed list. Household 3 is held for sharing a
 * person with household 1: with it in one roster, or known from the register. */
bool book_import(const struct book *book, uint32_t first, uint32_t count, int minute,
                 struct lot_error *error);
bool book_decide(const struct book *book, bool admit, const char *name, const char *reason,
                 int minute, struct lot_error *error); /* name NULL: all received */
bool book_freeze(const struct book *book, int minute, struct lot_error *error);

/* new, import of three, 1 refused, the others admitted, freeze. */
bool book_live(const struct book *book, struct lot_error *error);

#endif
