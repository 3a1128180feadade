/*
 * sample.h - a city's worth of made-up paper for rehearsals: rules, homes, and the
 * spreadsheet that an office brings, first as it is and then as it should be.
 *
 * The same number gives the same bytes on every machine. Nobody in it exists: the
 * area 230199 of every identity number was never assigned.
 */
#ifndef LOT_SAMPLE_H
#define LOT_SAMPLE_H

#include "lottery/lottery.h"

#define SAMPLE_ORIGIN "housing.example"
#define SAMPLE_DRAW "REHEARSAL-HARBIN-1"
#define SAMPLE_LOG_NAME SAMPLE_ORIGIN "/" SAMPLE_DRAW /* the name of its log key */
#define SAMPLE_DAY 20131015                           /* the day its people's ages are meant for */
#define SAMPLE_NUMBER 37600                           /* the number that the demo begins with */
#define SAMPLE_HOUSEHOLDS 37600
#define SAMPLE_HOUSEHOLDS_MIN 100 /* each trap has a household of its own */
#define SAMPLE_HOUSEHOLDS_MAX 99999
#define SAMPLE_HOMES 1000
#define SAMPLE_HOMES_MIN 8 /* of each type at least one */
#define SAMPLE_HOMES_MAX 9900

struct sample_plan {
    uint64_t number;
    uint32_t households, homes;
    const char *log_key; /* verifier keys; the log's is named SAMPLE_LOG_NAME */
    const char *intake_key;
    const char *witness_keys[2]; /* type 0x04 */
};

struct sample {
    struct lot_buffer rules;     /* rules.json of a rehearsal */
    struct lot_buffer homes;     /* homes.csv */
    struct lot_buffer areas;     /* a table of areas that knows 230199 */
    struct lot_buffer office;    /* GB18030, with every trap: refused */
    struct lot_buffer corrected; /* the same with the errors put right: taken, some held */
};

/*
 * Makes all five.
 *
 * errors   LOT_REFUSED: a key that rules.json may not have. LOT_MACHINE: no GB18030 here
 * cost     half a second for SAMPLE_HOUSEHOLDS
 * source   figures and shares: sample.c
 */
bool sample_make(const struct sample_plan *plan, struct sample *out,
                 struct lot_error *error) LOT_CHECKED;
void sample_finish(struct sample *sample);

#endif
