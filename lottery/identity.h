/*
 * identity.h - identity numbers as people and spreadsheets write them, and the
 * masks under which they and names may be shown.
 *
 * Pure: the day of the check and the table of areas are arguments.
 */
#ifndef LOT_IDENTITY_H
#define LOT_IDENTITY_H

#include "lottery/finding.h"

enum identity_kind {
    IDENTITY_RESIDENT18,
    IDENTITY_RESIDENT15, /* written with 15 digits, kept with 18 */
    IDENTITY_PERMIT_HK,  /* residence permits of Hong Kong, Macau and Taiwan residents */
    IDENTITY_PERMIT_MACAU,
    IDENTITY_PERMIT_TAIWAN,
    IDENTITY_PERMANENT, /* permanent-resident card */
    IDENTITY_OTHER,     /* passport or another paper: no check digit, no birth */
};

#define IDENTITY_NUMBER_MAX 24 /* as in commit, PROTOCOL.md section 3 */
#define IDENTITY_CODES_MAX 10

/*
 * Below this age a number alone gets W_MINOR: in 2013 its holder could not act in
 * law at all (General Principles of Civil Law, article 12). Of an applicant more
 * is asked; that is the roster's business.
 */
#define IDENTITY_CAPACITY_AGE 10

struct identity {
    char number[IDENTITY_NUMBER_MAX + 1]; /* normalised; empty when refused */
    enum identity_kind kind;
    uint32_t birth; /* yyyymmdd; 0 of another paper */
    bool male;      /* digit 17 is odd */
    uint32_t code_count;
    enum finding_code codes[IDENTITY_CODES_MAX]; /* one E_, or N_ then W_ */
    uint32_t at; /* of E_CHAR and E_HOMOGLYPH: which character, from 1; else 0 */
};

/* Which area codes exist: read from a table, since areas come, merge and go. */
struct identity_areas;

/*
 * Reads a table of areas: UTF-8 lines `code,name,status,note` after a header;
 * status current, retired or test. The table counts as complete for every
 * prefecture (first four digits) of which it names a code, and says nothing of
 * the others.
 */
bool identity_areas_read(struct lot_text text, struct identity_areas **out,
                         struct lot_error *error) LOT_CHECKED;
void identity_areas_destroy(struct identity_areas *areas);

/*
 * Reads a number of the national 18-place layout or its 15-digit forerunner.
 *
 * cell     as it stands in the spreadsheet
 * as_of    day of the check, yyyymmdd
 * areas    or NULL: then areas are not looked up
 * out      always filled: codes say what was changed, doubted or wrong
 * source   GB 11643-1999; order of the checks: domain paper 5.6
 */
bool identity_read(struct lot_text cell, uint32_t as_of, const struct identity_areas *areas,
                   struct identity *out) LOT_CHECKED;

/* The same for a passport or another paper: [0-9A-Z-]{6,24} after folding. */
bool identity_read_other(struct lot_text cell, struct identity *out) LOT_CHECKED;

const char *identity_kind_name(enum identity_kind kind); /* "resident18" */

/* 18 places: 4 + 10 stars + 4; 15: 4 + 7 stars + 4; others: 1 + stars + 2. Adds to out. */
void identity_mask_number(struct lot_text number, struct lot_buffer *out);

/* First and last character, of two the first only, of one none; a middle dot stays. */
void identity_mask_name(struct lot_text name, struct lot_buffer *out);

#endif
