/*
 * roster.h - the office's spreadsheets in, households out.
 *
 *   files' bytes + rules + options -> roster_read() -> households, persons, findings
 *
 * Pure: no file, clock or database. All or nothing: when `refused` is set, nothing
 * of the roster may be taken, and the findings say everything that is wrong with
 * it, not only the first thing.
 */
#ifndef LOT_ROSTER_H
#define LOT_ROSTER_H

#include "lottery/identity.h"
#include "lottery/lottery.h"

#define ROSTER_FILES_MAX 256
#define ROSTER_NAME_MAX 50        /* characters of a name */
#define ROSTER_APPLICATION_MAX 64 /* characters of an application number, and of its form */
#define ROSTER_FIELD_MAX 200      /* characters of any cell that is read */

/*
 * The default form of an application number. In a form N and Y stand for one digit
 * each, \ makes the next character stand for itself, and all else stands for itself;
 * brackets of every kind count as ( and ). The empty form takes any text.
 */
#define ROSTER_APPLICATION_FORM "示经房(YYYY)NNNNN号"

struct roster_input {
    const char *name;      /* what people call the file; borrowed */
    struct lot_text bytes; /* borrowed, needed only during the call */
};

/* A person who already stands in the register. */
struct roster_known {
    const char *number;      /* normalised */
    const char *application; /* the office's number of the application, as the roster gave it */
};

struct roster_options {
    uint32_t as_of;                     /* day of the check, yyyymmdd */
    const char *application_form;       /* as above; NULL is the default */
    const struct identity_areas *areas; /* NULL: areas are not looked up */
    const struct roster_known *known;   /* sorted by number, bytes; NULL when count is 0 */
    uint32_t known_count;
};

enum roster_relation { ROSTER_APPLICANT, ROSTER_SPOUSE, ROSTER_CHILD, ROSTER_PARENT, ROSTER_OTHER };

struct roster_person {
    char number[IDENTITY_NUMBER_MAX + 1];
    enum identity_kind kind;
    uint32_t birth; /* yyyymmdd, 0 when the paper does not say */
    enum roster_relation relation;
    struct lot_text name;   /* normalised; borrowed from the roster, NUL behind it */
    struct lot_text member; /* union member number, may be empty; likewise */
    uint32_t file, row;     /* where it stands */
    uint32_t household;     /* index */
    uint32_t known;         /* index in options->known, or LOT_NONE */
};

struct roster_household {
    struct lot_text application;  /* the office's number, brackets folded; NUL behind it */
    uint32_t first;               /* index of its first person: the applicant ... */
    uint8_t persons;              /* ... then the others, sorted by number; 1..20 */
    uint8_t chances;              /* 1..rules->chances_max */
    uint8_t want_count;           /* 1..LOT_TYPES_MAX */
    uint8_t wants[LOT_TYPES_MAX]; /* indices in rules->types, in order of preference */
    uint64_t queues;              /* bit i: rules->queues[i] */
    uint32_t file, row;           /* where the applicant stands */
    bool held;                    /* in a duplicate: two officers decide */
};

struct roster_file {
    const char *name;      /* borrowed from the input */
    const char *encoding;  /* "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE" */
    const char *separator; /* "COMMA", "TAB", "SEMICOLON", "FULLWIDTH_COMMA" */
    bool bom;
    bool guessed;  /* neither mark nor valid UTF-8 told the encoding: show the preview */
    size_t size;   /* of its bytes */
    uint32_t rows; /* below the titles, without blank ones */
    char sha256[LOT_HEX_SIZE + 1], sm3[LOT_HEX_SIZE + 1]; /* of its bytes as they came */
    struct lot_text *extra;                               /* titles of columns that were not read */
    uint32_t extra_count;
};

struct roster {
    struct roster_file *files;
    struct roster_household *households; /* in the order of their first rows */
    struct roster_person *persons;       /* household by household */
    uint32_t file_count, household_count, person_count;
    struct findings findings;   /* by file, row, column */
    bool refused;               /* an error among the findings: take nothing */
    struct roster_store *store; /* what the texts above point into */
};

/*
 * Reads the files of one import together.
 *
 * inputs    count of them, 1..ROSTER_FILES_MAX
 * out       also when refused: then households and persons are none, findings and files all
 * errors    LOT_USAGE (the application form makes no sense), LOT_MACHINE (no converter)
 * cost      O(n log n) in rows; 100,000 rows in well under a second
 * source    domain paper 5.5-5.7; titles: its field dictionary
 */
bool roster_read(const struct roster_input inputs[], uint32_t count, const struct lot_rules *rules,
                 const struct roster_options *options, struct roster **out,
                 struct lot_error *error) LOT_CHECKED;
void roster_destroy(struct roster *roster);

/*
 * Adds one line (with LF) about a finding in language "zh" or "en": file, row,
 * column, code, what was seen, what to do. Holds no number or name in full.
 */
void roster_finding_line(const struct roster *roster, const struct finding *finding,
                         const char *language, struct lot_buffer *out);

/*
 * The office's own table back, with one more column 问题: UTF-8 with a mark, CRLF,
 * as a spreadsheet program opens it. Holds the file's names and numbers: for the
 * office's eyes only.
 */
void roster_table(const struct roster *roster, uint32_t file, const char *language,
                  struct lot_buffer *out);

/* Titles and first three rows, names and numbers masked: does a human see words or noise? */
void roster_preview(const struct roster *roster, uint32_t file, struct lot_buffer *out);

#endif
