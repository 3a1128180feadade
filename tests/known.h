/*
 * known.h - the draws of tests/vectors/draw, whose answers are known: their files,
 * read as they are or after a test has changed them.
 */
#ifndef MINGQIAN_KNOWN_H
#define MINGQIAN_KNOWN_H

#include "lottery/lottery.h"

#define KNOWN_CASES 12

struct known {
    struct lot_buffer json, homes, entries, refusals, received; /* what goes in */
    struct lot_buffer seed, cutoffs, results;
    struct lot_rules *rules;
    struct lot_roll roll;
};

/* Reads the files of a case, 1..KNOWN_CASES; rules and roll stay empty. Ends the test if it cannot.
 */
void known_open(unsigned number, struct known *known);

/* Reads rules and roll from the files as they are now. */
bool known_read(struct known *known, struct lot_error *error) LOT_CHECKED;
void known_close(struct known *known);

/* Reading is refused with this sentence, and touches nothing. */
void known_assert_refused(struct known *known, const char *sentence);

/* Puts one text in the place of all that a file holds. */
void known_set(struct lot_buffer *buffer, const char *text);

/* Replaces the first occurrence of a text, which must be there. */
void known_replace(struct lot_buffer *buffer, const char *old, const char *new);

#endif
