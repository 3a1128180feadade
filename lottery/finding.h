/*
 * finding.h - what is said about an office's file: a code, a place, what was seen.
 *
 * The codes are those of the domain paper (5.7); their first letter is what they
 * mean for the file. A finding never holds an identity number or a name in full:
 * whoever adds one masks it first.
 */
#ifndef LOT_FINDING_H
#define LOT_FINDING_H

#include "lottery/canon.h"

enum finding_code {
    /* errors: the whole import is refused */
    E_EMPTY,
    E_EMPTY_FILE,
    E_NO_ROWS,
    E_ENCODING,
    E_NUL,
    E_COLUMNS,
    E_QUOTE,
    E_TOO_LONG,
    E_CHAR,
    E_LEN,
    E_AREA,
    E_DATE,
    E_FUTURE,
    E_CHECK,
    E_SCIENTIFIC,
    E_PRECISION_LOSS,
    E_HOMOGLYPH,
    E_KIND,
    E_FORMULA,
    E_BIDI,
    E_INVISIBLE,
    E_RANGE,
    E_ENUM,
    E_FIELD,
    E_APPNO_FORM,
    E_NO_HEAD,
    E_SIZE_MISMATCH,
    /* warnings: an officer confirms */
    W_AREA_RETIRED,
    W_AREA_UNKNOWN,
    W_SEX,
    W_MINOR,
    W_AGE_OVER_110,
    W_LEGACY_CENTENARIAN_SERIAL,
    W_SAME_NAME_BIRTH,
    /* duplicates: the households are held until two officers decide */
    D_EXACT,
    D_PERSON_OTHER_APPLICATION,
    D_NAME_CONFLICT,
    D_MEMBER_NO,
    /* normalised: taken, and listed */
    N_BOM,
    N_CASE,
    N_FULLWIDTH,
    N_SPACE,
    N_APOSTROPHE,
    N_FORMULA_TEXT,
    N_LEGACY15,
    N_BRACKETS,
    N_NAME_SPACE,
    N_NUMBER_FORM,
    N_HEADER_SPACE,
    N_BLANK_LINE,
    FINDING_CODES
};

enum finding_severity { FINDING_ERROR, FINDING_WARNING, FINDING_DUPLICATE, FINDING_NORMALISED };

/* Where something stands, as the office counts. */
struct finding_place {
    uint32_t file;   /* index of the file in the call */
    uint32_t row;    /* 1 is the first below the titles; 0 the titles or the whole file */
    uint32_t line;   /* the row number that the spreadsheet shows, blank rows counted; 0 none */
    uint32_t column; /* 1 is the first; 0 the whole row */
};

struct finding {
    enum finding_code code;
    struct finding_place place;
    struct finding_place other; /* of a duplicate: the earlier row; row 0 = the register */
    char *field;                /* title of the column, or empty */
    char *seen;                 /* what stands there, masked; `seen -> became` when normalised */
};

#define FINDING_LIST_MAX 1000000 /* no office corrects a million cells; memory stays bounded */

/* Start with {0}, end with findings_finish(). */
struct findings {
    struct finding *items;
    uint32_t count, room;
    uint32_t unlisted;               /* found after the list was full: the import is refused */
    uint32_t by_code[FINDING_CODES]; /* how many of each, unlisted ones too */
};

/* Keeps finding with copies of field and seen (NULL = empty); its own two are not looked at. */
void findings_add(struct findings *findings, struct finding finding, const char *field,
                  const char *seen);

/* By file, row, column, code. */
void findings_sort(struct findings *findings);

uint32_t findings_of(const struct findings *findings, enum finding_severity severity);
void findings_finish(struct findings *findings);

const char *finding_name(enum finding_code code); /* "E_CHECK" */
bool finding_named(struct lot_text name, enum finding_code *out);
enum finding_severity finding_severity(enum finding_code code);

/* What is wrong and what to do, language "zh" or else English; borrowed. */
const char *finding_advice(enum finding_code code, const char *language);

#endif
