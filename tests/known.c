/* known.c - hides where the known draws lie. */
#include "tests/known.h"

#include "tests/test.h"

#include "lottery/file.h"

#include <stdio.h>
#include <string.h>

static void
load(unsigned number, const char *name, struct lot_buffer *out)
{
    char path[512];
    struct lot_error error = {0};
    snprintf(path, sizeof path, "%s/vectors/draw/case-%u/%s", TESTS_DIR, number, name);
    if (!file_read(NULL, path, FILE_SIZE_MAX, out, &error)) {
        fail_msg("%s", error.text);
    }
}

void
known_open(unsigned number, struct known *known)
{
    *known = (struct known){0};
    load(number, "rules.json", &known->json);
    load(number, "homes.csv", &known->homes);
    load(number, "entries.csv", &known->entries);
    load(number, "refusals.csv", &known->refusals);
    load(number, "received.csv", &known->received);
    load(number, "seed.txt", &known->seed);
    load(number, "cutoffs.csv", &known->cutoffs);
    load(number, "results.csv", &known->results);
}

bool
known_read(struct known *known, struct lot_error *error)
{
    lot_roll_finish(&known->roll);
    lot_rules_destroy(known->rules);
    known->rules = NULL;
    if (!lot_rules_read(lot_buffer_text(&known->json), &known->rules, error)) {
        return false;
    }
    known->roll.rules_file.bytes = lot_buffer_text(&known->json);
    known->roll.homes_file.bytes = lot_buffer_text(&known->homes);
    known->roll.entries_file.bytes = lot_buffer_text(&known->entries);
    known->roll.refusals_file.bytes = lot_buffer_text(&known->refusals);
    known->roll.received_file.bytes = lot_buffer_text(&known->received);
    return lot_roll_read(known->rules, &known->roll, error);
}

void
known_close(struct known *known)
{
    lot_roll_finish(&known->roll);
    lot_rules_destroy(known->rules);
    struct lot_buffer *const buffers[] = {&known->json,     &known->homes,    &known->entries,
                                          &known->refusals, &known->received, &known->seed,
                                          &known->cutoffs,  &known->results};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        lot_buffer_finish(buffers[i]);
    }
    *known = (struct known){0};
}

void
known_replace(struct lot_buffer *buffer, const char *old, const char *new)
{
    const char *found = strstr(buffer->at, old);
    if (found == NULL) {
        fail_msg("'%s' does not stand in the file", old);
        return;
    }
    struct lot_buffer changed = {0};
    lot_buffer_add(&changed, buffer->at, (size_t)(found - buffer->at));
    lot_buffer_put(&changed, lot_text(new));
    lot_buffer_put(&changed, lot_text(found + strlen(old)));
    lot_buffer_finish(buffer);
    *buffer = changed;
}

void
known_set(struct lot_buffer *buffer, const char *text)
{
    lot_buffer_clear(buffer);
    lot_buffer_put(buffer, lot_text(text));
}

void
known_assert_refused(struct known *known, const char *sentence)
{
    struct lot_error error = {0};
    assert_false(known_read(known, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, sentence);
    assert_null(known->roll.homes);
    assert_null(known->roll.entries);
}
