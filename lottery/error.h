/*
 * error.h - the one way to say no.
 *
 * A function that can fail returns bool and takes a struct lot_error * last.
 * On false the error says what and where in one sentence for people, with a
 * code for programs, and no output was touched. error may be NULL.
 *
 *     return lot_fail(error, LOT_REFUSED, "entries.csv line %u: id stands twice", line);
 *
 * Sentences name the thing, the place, what was found and what was expected.
 * They never hold a secret, a salt, a name or an identity number.
 */
#ifndef LOT_ERROR_H
#define LOT_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#define LOT_ERROR_TEXT_MAX 512 /* one sentence with a path in it; longer ones are cut */

enum lot_code {
    LOT_OK = 0,
    LOT_REFUSED, /* the input breaks a rule, or a check came out false */
    LOT_PHASE,   /* right thing, wrong time: the draw is not at this step */
    LOT_USAGE,   /* the call itself makes no sense */
    LOT_MACHINE, /* disk, memory, library: nothing is wrong with the input */
};

struct lot_error {
    enum lot_code code;
    char text[LOT_ERROR_TEXT_MAX];
};

#if defined(__GNUC__)
#define LOT_PRINTF(sentence, first) __attribute__((format(printf, sentence, first)))
#define LOT_CHECKED __attribute__((warn_unused_result))
#else
#define LOT_PRINTF(sentence, first)
#define LOT_CHECKED
#endif

/* Fills *error and returns false, so that `return lot_fail(...)` is the only way out. */
bool lot_fail(struct lot_error *error, enum lot_code code, const char *format, ...)
    LOT_PRINTF(3, 4);

/* Puts a place in front of the sentence that *error already holds; returns false. */
bool lot_fail_at(struct lot_error *error, const char *format, ...) LOT_PRINTF(2, 3);

#endif
