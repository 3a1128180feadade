/*
 * canon.h - canonical text: slices, growing buffers, and the small grammars that
 * every file of the protocol is made of (PROTOCOL.md section 1).
 *
 * A reader that accepts two spellings of one thing lets two programs disagree, so
 * each function below accepts exactly one spelling and refuses all others.
 * Functions that only answer yes or no return bool and touch no error: the caller
 * knows the place and says the sentence.
 */
#ifndef LOT_CANON_H
#define LOT_CANON_H

#include "lottery/error.h"

#include <stdint.h>

/* Borrowed bytes, not ended by NUL. at may be NULL when size is 0. */
struct lot_text {
    const char *at;
    size_t size;
};

/* Owned bytes that grow. Start with {0}, end with lot_buffer_finish(). */
struct lot_buffer {
    char *at; /* always ended by a NUL that size does not count, once anything was added */
    size_t size;
    size_t room;
};

/* ---- memory ---- */

/*
 * Zeroed memory for count items of size bytes. Never NULL: when there is none the
 * program says so and ends with exit status 3. Nothing is half-written then,
 * because every file is renamed into place and every database change is one
 * transaction. Freed with free().
 */
void *lot_alloc(size_t count, size_t size);

/* The same for memory that grows; the new part is not zeroed. */
void *lot_realloc(void *old, size_t count, size_t size);

/* ---- slices ---- */

#define LOT_TEXT(literal) ((struct lot_text){(literal), sizeof(literal) - 1})

struct lot_text lot_text(const char *string); /* up to its NUL */
struct lot_text lot_buffer_text(const struct lot_buffer *buffer);
bool lot_text_same(struct lot_text a, struct lot_text b);
bool lot_text_is(struct lot_text text, const char *string);
int lot_text_compare(struct lot_text a, struct lot_text b); /* by bytes, as LC_ALL=C sort */
bool lot_text_starts(struct lot_text text, const char *prefix);

/*
 * Takes the next line off *rest, without its LF. False at the end. A last line
 * without LF is not a line: then *rest stays as it is, not empty.
 */
bool lot_line(struct lot_text *rest, struct lot_text *line);

/*
 * Takes off *rest what stands before the first `mark`, or all of it when there is
 * none; `rest->at` is NULL after the last piece. False when rest->at is NULL.
 */
bool lot_piece(struct lot_text *rest, char mark, struct lot_text *piece);

/*
 * Takes the next character off *rest. False at the end, and where bytes are not
 * UTF-8: then *rest stays as it is, and its size tells which of the two.
 */
bool lot_character(struct lot_text *rest, uint32_t *out);

/* Blanks that people type: also tabs, line ends, the no-break and the ideographic space. */
bool lot_is_blank(uint32_t c);

/* Splits line at every comma into exactly count fields; false when there are more or fewer. */
bool lot_fields(struct lot_text line, struct lot_text fields[], size_t count);

/* ---- buffers ---- */

void lot_buffer_add(struct lot_buffer *buffer, const void *bytes, size_t size);
void lot_buffer_put(struct lot_buffer *buffer, struct lot_text text);
void lot_buffer_print(struct lot_buffer *buffer, const char *format, ...) LOT_PRINTF(2, 3);
void lot_buffer_clear(struct lot_buffer *buffer);  /* keeps the room */
void lot_buffer_finish(struct lot_buffer *buffer); /* wipes and frees; {0} again */

/* ---- sentences ---- */

/*
 * What a sentence may show of a text from outside: its first 40 bytes, `...`
 * after them when there are more, `?` for each byte that people cannot read.
 * Returns out.
 */
#define CANON_SHOWN_SIZE 48
const char *canon_shown(struct lot_text text, char out[static CANON_SHOWN_SIZE]);

/* ---- grammars ---- */

/* UTF-8, shortest forms, no surrogates. */
bool canon_utf8(struct lot_text text);

/* UTF-8 without any character that PROTOCOL.md section 1 refuses (LF is refused too). */
bool canon_people(struct lot_text text);

bool canon_code(struct lot_text text);                  /* [A-Za-z0-9_-]{1,24} */
bool canon_ascii(struct lot_text text);                 /* 0x20..0x7e only, may be empty */
bool canon_hex(struct lot_text text, size_t size);      /* lower case, exactly size digits */
bool canon_entry_id(struct lot_text text);              /* [0-9A-Z]{4,24} */
bool canon_home_id(struct lot_text text);               /* [A-Z0-9][A-Z0-9-]{0,23} */
bool canon_draw(struct lot_text text);                  /* [A-Z0-9][A-Z0-9-]{2,31} */
bool canon_origin(struct lot_text text);                /* [a-z0-9.-]{1,64} */
bool canon_person_number(struct lot_text text);         /* [0-9A-Z-]{6,24} */
bool canon_decimal(struct lot_text text);               /* (0|[1-9][0-9]{0,8})(\.[0-9]{1,2})? */
bool canon_number(struct lot_text text, uint32_t *out); /* 0..999999999, no leading zero */

/* 2026-12-01T02:00:00Z, a day that exists, years 1970..9999; seconds since 1970 UTC. */
bool canon_time(struct lot_text text, int64_t *out);
#define CANON_TIME_SIZE 20
void canon_time_text(int64_t seconds, char out[static CANON_TIME_SIZE + 1]);

/* ---- bytes as text ---- */

void canon_to_hex(const uint8_t *bytes, size_t size, char *out); /* 2 * size + NUL */
bool canon_from_hex(struct lot_text text, uint8_t *out, size_t size);

/* Standard alphabet, padded; decoding refuses any other spelling of the same bytes. */
#define CANON_BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4)
void canon_to_base64(const uint8_t *bytes, size_t size, char *out); /* CANON_BASE64_SIZE + NUL */
bool canon_from_base64(struct lot_text text, uint8_t *out, size_t room, size_t *size);

/* Big-endian. */
void canon_put_u64(uint64_t value, uint8_t out[static 8]);
uint64_t canon_get_u64(const uint8_t in[static 8]);

#endif
