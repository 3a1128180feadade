/*
 * The frozen files and seed.txt of any bytes. An input is the number of a known draw,
 * whose rules hold, a byte 1, and then homes.csv, entries.csv, refusals.csv,
 * received.csv and what stands in seed.txt from its line `log` on, with a byte 1
 * between them. What is read must be what was written, byte for byte.
 */
#include "lottery/file.h"
#include "lottery/roll.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CASES 12

static const struct lot_rules *
rules_of(unsigned number)
{
    static struct lot_rules *known[CASES + 1];
    assert(number >= 1 && number <= CASES);
    if (known[number] == NULL) {
        struct lot_buffer json = {0};
        char path[512];
        snprintf(path, sizeof path, "%s/vectors/draw/case-%u/rules.json", TESTS_DIR, number);
        bool good = file_read(NULL, path, LOT_RULES_SIZE_MAX, &json, NULL) &&
                    lot_rules_read(lot_buffer_text(&json), &known[number], NULL);
        assert(good);
        lot_buffer_finish(&json);
    }
    return known[number];
}

static int
by_code(const void *a, const void *b)
{
    const struct lot_named *const *first = a, *const *second = b;
    return strcmp((*first)->code, (*second)->code);
}

/* Writes the line of an entry again from what was read of it. */
static void
write_again(const struct lot_roll *roll, uint32_t index, struct lot_buffer *out)
{
    const struct lot_entry *entry = &roll->entries[index];
    const struct lot_named *sorted[LOT_QUEUES_MAX];
    struct lot_buffer queues = {0}, wants = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < roll->rules->queue_count; i++) {
        if ((entry->queues >> i & 1) != 0) {
            sorted[count++] = &roll->rules->queues[i];
        }
    }
    qsort(sorted, count, sizeof sorted[0], by_code);
    for (uint32_t i = 0; i < count; i++) {
        lot_buffer_print(&queues, "%s%s", i == 0 ? "" : " ", sorted[i]->code);
    }
    for (uint32_t i = 0; i < entry->want_count; i++) {
        lot_buffer_print(&wants, "%s%s", i == 0 ? "" : " ",
                         roll->rules->types[roll->wants[entry->wants + i]].code);
    }
    char id[LOT_CODE_MAX + 1] = "", commit[LOT_HEX_SIZE + 1] = "";
    memcpy(id, entry->id, entry->id_size);
    memcpy(commit, strchr(entry->id, '\n') - LOT_HEX_SIZE, LOT_HEX_SIZE);
    roll_add_entry(out, &(struct roll_entry){id, queues.at == NULL ? "" : queues.at, entry->persons,
                                             entry->chances, wants.at, commit});
    lot_buffer_finish(&queues);
    lot_buffer_finish(&wants);
}

static void
check_roll(const struct lot_roll *roll)
{
    struct lot_buffer again = {0};
    lot_buffer_print(&again, "%s\n", ROLL_ENTRIES_HEADER);
    for (uint32_t i = 0; i < roll->entries_file.rows; i++) {
        struct lot_text id = {roll->entries[i].id, roll->entries[i].id_size};
        assert(lot_roll_entry(roll, id) == i);
        write_again(roll, i, &again);
    }
    assert(lot_text_same(lot_buffer_text(&again), roll->entries_file.bytes));
    for (uint32_t i = 0; i < roll->homes_file.rows; i++) {
        struct lot_text id = {roll->homes[i].id, roll->homes[i].id_size};
        assert(lot_roll_home(roll, id) == i);
        assert(roll->homes[i].type < roll->rules->type_count);
    }
    assert(roll->received_file.rows == roll->entries_file.rows + roll->refusals_file.rows);
    lot_buffer_finish(&again);
}

static void
check_seed(const struct lot_roll *roll, struct lot_text tail)
{
    static const struct lot_attempt none = {.number = 1};
    struct lot_freeze freeze = {0};
    struct lot_attempt attempt;
    struct lot_buffer text = {0}, again = {0};
    struct lot_error error = {0};
    lot_seed_text(roll, &freeze, &none, &text);
    text.size = (size_t)(strstr(text.at, "\nlog ") + 1 - text.at);
    lot_buffer_put(&text, tail);
    if (lot_seed_read(roll, lot_buffer_text(&text), &freeze, &attempt, &error)) {
        lot_seed_text(roll, &freeze, &attempt, &again);
        assert(lot_text_same(lot_buffer_text(&again), lot_buffer_text(&text)));
    } else {
        assert(error.code == LOT_REFUSED && strstr(error.text, "seed.txt line ") == error.text);
        assert(canon_people(lot_text(error.text)));
    }
    lot_buffer_finish(&text);
    lot_buffer_finish(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lot_text rest = {size == 0 ? "" : (const char *)data, size}, parts[6] = {0};
    for (size_t i = 0; i < 6 && lot_piece(&rest, '\1', &parts[i]); i++) {
    }
    uint32_t number;
    if (!canon_number(parts[0], &number) || number < 1 || number > CASES) {
        return 0;
    }
    struct lot_roll roll = {.homes_file.bytes = parts[1],
                            .entries_file.bytes = parts[2],
                            .refusals_file.bytes = parts[3],
                            .received_file.bytes = parts[4]};
    struct lot_error error = {0};
    uint32_t homes = 0;
    bool alone = roll_check_homes(rules_of(number), parts[1], &homes, NULL);
    if (lot_roll_read(rules_of(number), &roll, &error)) {
        assert(alone && homes == roll.homes_file.rows);
        check_roll(&roll);
        check_seed(&roll, parts[5]);
        lot_roll_finish(&roll);
    } else {
        assert(error.code == LOT_REFUSED && strstr(error.text, ".csv") != NULL);
        assert(canon_people(lot_text(error.text)) && roll.entries == NULL);
    }
    return 0;
}
