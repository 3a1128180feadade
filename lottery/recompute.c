/* recompute.c - hides in which order six files become a result; see recompute.h. */
#include "lottery/recompute.h"

#include "lottery/file.h"

#include <assert.h>
#include <stdlib.h>

#define SEED_SIZE_MAX 65536 /* seed.txt with all parties, throws and sources is far smaller */

static bool
read_files(struct recompute *recompute, const struct file_folder *folder, struct lot_error *error)
{
    const struct {
        const char *name;
        uint64_t size_max;
        struct lot_buffer *bytes;
    } files[] = {
        {"rules.json", LOT_RULES_SIZE_MAX, &recompute->rules_json},
        {"homes.csv", FILE_SIZE_MAX, &recompute->homes_csv},
        {"entries.csv", FILE_SIZE_MAX, &recompute->entries_csv},
        {"refusals.csv", FILE_SIZE_MAX, &recompute->refusals_csv},
        {"received.csv", FILE_SIZE_MAX, &recompute->received_csv},
        {"seed.txt", SEED_SIZE_MAX, &recompute->seed_txt},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (!file_read(folder, files[i].name, files[i].size_max, files[i].bytes, error)) {
            return false;
        }
    }
    return true;
}

static bool
read_all(struct recompute *recompute, const struct file_folder *folder, struct lot_error *error)
{
    struct lot_roll *roll = &recompute->roll;
    if (!read_files(recompute, folder, error) ||
        !lot_rules_read(lot_buffer_text(&recompute->rules_json), &recompute->rules, error)) {
        return false;
    }
    roll->rules_file.bytes = lot_buffer_text(&recompute->rules_json);
    roll->homes_file.bytes = lot_buffer_text(&recompute->homes_csv);
    roll->entries_file.bytes = lot_buffer_text(&recompute->entries_csv);
    roll->refusals_file.bytes = lot_buffer_text(&recompute->refusals_csv);
    roll->received_file.bytes = lot_buffer_text(&recompute->received_csv);
    struct lot_text seed = lot_buffer_text(&recompute->seed_txt);
    return lot_roll_read(recompute->rules, roll, error) &&
           lot_seed_read(roll, seed, &recompute->freeze, &recompute->attempt, error) &&
           crypto_digest_hex(recompute->rules->hash, seed, recompute->seed, error);
}

bool
recompute_read(struct recompute *recompute, const char *path, struct lot_error *error)
{
    assert(recompute != NULL && recompute->rules == NULL && path != NULL);
    struct file_folder folder = {0};
    if (!file_folder_open(NULL, path, &folder, error)) {
        if (error != NULL && error->code == LOT_REFUSED) {
            error->code = LOT_MACHINE; /* no folder is no bundle that could be refused */
        }
        return false;
    }
    bool good = read_all(recompute, &folder, error);
    file_folder_finish(&folder);
    return good;
}

bool
recompute_draw(struct recompute *recompute, unsigned threads, struct lot_error *error)
{
    assert(recompute != NULL && recompute->rules != NULL && recompute->order == NULL);
    const struct lot_roll *roll = &recompute->roll;
    struct lot_place *order = lot_alloc(roll->entries_file.rows, sizeof *order);
    uint32_t *homes = lot_alloc(roll->homes_file.rows, sizeof *homes);
    bool good = lot_draw(roll, recompute->seed, threads, order, homes, error);
    if (good) {
        lot_allocate(roll, order, homes, &recompute->allocation);
        recompute->order = order;
        order = NULL;
    }
    free(order);
    free(homes);
    return good;
}

void
recompute_finish(struct recompute *recompute)
{
    assert(recompute != NULL);
    lot_allocation_finish(&recompute->allocation);
    free(recompute->order);
    lot_roll_finish(&recompute->roll);
    lot_rules_destroy(recompute->rules);
    lot_buffer_finish(&recompute->seed_txt);
    lot_buffer_finish(&recompute->received_csv);
    lot_buffer_finish(&recompute->refusals_csv);
    lot_buffer_finish(&recompute->entries_csv);
    lot_buffer_finish(&recompute->homes_csv);
    lot_buffer_finish(&recompute->rules_json);
    *recompute = (struct recompute){0};
}
