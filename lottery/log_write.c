/*
 * log_write.c - hides in which order a log gets on a disk: each file whole and durable
 * before its name, each name before the checkpoint that speaks of it.
 */
#include <assert.h>

#include "lottery/log.h"

/* Puts one tile where it is not yet, and reads it back. */
static bool
write_tile(const struct file_folder *folder, const char *path, struct lot_text content,
           struct lot_buffer *bytes, struct lot_error *error)
{
    if (!file_exists(folder, path) && !file_place(folder, path, content, error)) {
        return false;
    }
    if (!file_read(folder, path, LOG_TILE_SIZE_MAX, bytes, error)) {
        return false;
    }
    return lot_text_same(lot_buffer_text(bytes), content) ||
           lot_fail(error, LOT_REFUSED,
                    "%s/%s: holds something else than this log; publish into an empty folder",
                    folder->path, path);
}

/* Whether two tiles lie in one folder. */
static bool
neighbours(const struct log_tile *a, const struct log_tile *b)
{
    return a->level == b->level && a->index / 1000 == b->index / 1000 &&
           a->width == LOG_TILE_WIDTH && b->width == LOG_TILE_WIDTH;
}

bool
log_tiles_write(const struct file_folder *folder, const struct log_tree *tree, uint64_t old,
                uint64_t size, struct lot_error *error)
{
    assert(folder != NULL && old <= size && size <= tree->size);
    struct lot_buffer room = {0}, bytes = {0};
    struct log_tile tile = {0}, last = {0};
    char path[LOG_TILE_PATH_MAX] = "";
    bool good = true;
    while (good && log_tile_next(size, &tile)) {
        if (log_tile_belongs(&tile, old)) {
            continue;
        }
        /* One fsync for the names of up to a thousand tiles. */
        if (path[0] != '\0' && !neighbours(&last, &tile)) {
            good = file_sync(folder, path, error);
        }
        log_tile_path(&tile, path);
        last = tile;
        good =
            good && write_tile(folder, path, log_tile_content(tree, &tile, &room), &bytes, error);
    }
    good = good && (path[0] == '\0' || file_sync(folder, path, error));
    lot_buffer_finish(&room);
    lot_buffer_finish(&bytes);
    return good;
}
