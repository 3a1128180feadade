/*
 * log_tiles.c - hides how a log lies on disk, for any client of C2SP tlog-tiles to read.
 *
 *     tile/<L>/<N>[.p/<W>]        256 (or W) hashes: roots of 256^L leaves each
 *     tile/entries/<N>[.p/<W>]    256 (or W) entries, each behind its length in 2 bytes,
 *                                 big-endian
 *     N in groups of three digits, all but the last behind an x: x001/x234/067
 */
#include "lottery/log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_BITS 8 /* 256 hashes in a tile */

/* ---- names ---------------------------------------------------------------------------------- */

/* Hashes of a level, or entries: as many as level 0 has hashes. */
static uint64_t
level_count(uint8_t level, uint64_t size)
{
    unsigned bits = level == LOG_BUNDLE ? 0 : LEVEL_BITS * (unsigned)level;
    return bits < 64 ? size >> bits : 0;
}

void
log_tile_path(const struct log_tile *tile, char out[static LOG_TILE_PATH_MAX])
{
    assert(tile->width >= 1 && tile->width <= LOG_TILE_WIDTH);
    assert(tile->level <= 63 || tile->level == LOG_BUNDLE);
    unsigned groups[8], count = 0;
    for (uint64_t rest = tile->index; count == 0 || rest > 0; rest /= 1000) {
        groups[count++] = (unsigned)(rest % 1000);
    }
    char level[8] = "entries";
    if (tile->level != LOG_BUNDLE) {
        snprintf(level, sizeof level, "%u", tile->level);
    }
    int used = snprintf(out, LOG_TILE_PATH_MAX, "tile/%s", level);
    while (count-- > 0) {
        used += snprintf(out + used, LOG_TILE_PATH_MAX - (size_t)used, "/%s%03u",
                         count > 0 ? "x" : "", groups[count]);
    }
    if (tile->width < LOG_TILE_WIDTH) {
        snprintf(out + used, LOG_TILE_PATH_MAX - (size_t)used, ".p/%u", (unsigned)tile->width);
    }
}

bool
log_tile_read_path(struct lot_text path, struct log_tile *out)
{
    assert(out != NULL);
    struct log_tile tile = {0};
    struct lot_text rest = path, piece;
    uint32_t number;
    if (!lot_piece(&rest, '/', &piece) || !lot_text_is(piece, "tile") ||
        !lot_piece(&rest, '/', &piece)) {
        return false;
    }
    if (lot_text_is(piece, "entries")) {
        tile.level = LOG_BUNDLE;
    } else if (canon_number(piece, &number) && number <= 63) {
        tile.level = (uint8_t)number;
    } else {
        return false;
    }
    /* Takes the digits wherever they stand; the one right spelling is then compared. */
    bool partial = false;
    for (size_t i = 0; i < rest.size; i++) {
        char c = rest.at[i];
        partial = partial || c == 'p';
        if (c >= '0' && c <= '9' && partial) {
            tile.width = tile.width * 10 + (uint32_t)(c - '0');
        } else if (c >= '0' && c <= '9') {
            tile.index = tile.index * 10 + (uint64_t)(c - '0');
        }
    }
    tile.width = partial ? tile.width : LOG_TILE_WIDTH;
    char again[LOG_TILE_PATH_MAX];
    if (tile.width < 1 || tile.width > LOG_TILE_WIDTH) {
        return false;
    }
    log_tile_path(&tile, again);
    if (!lot_text_is(path, again)) {
        return false;
    }
    *out = tile;
    return true;
}

bool
log_tile_belongs(const struct log_tile *tile, uint64_t size)
{
    uint64_t count = level_count(tile->level, size);
    uint64_t full = count / LOG_TILE_WIDTH;
    return tile->width == LOG_TILE_WIDTH
               ? tile->index < full
               : tile->index == full && tile->width == count % LOG_TILE_WIDTH && tile->width > 0;
}

bool
log_tile_next(uint64_t size, struct log_tile *tile)
{
    assert(size <= LOG_SIZE_MAX);
    if (tile->width == 0) {
        *tile = (struct log_tile){.level = LOG_BUNDLE};
    } else {
        tile->index++;
    }
    for (;;) {
        uint64_t count = level_count(tile->level, size);
        if (count == 0) {
            return false;
        }
        if (tile->index * LOG_TILE_WIDTH < count) {
            uint64_t left = count - tile->index * LOG_TILE_WIDTH;
            tile->width = left < LOG_TILE_WIDTH ? (uint32_t)left : LOG_TILE_WIDTH;
            return true;
        }
        *tile =
            (struct log_tile){.level = (uint8_t)(tile->level == LOG_BUNDLE ? 0 : tile->level + 1)};
    }
}

struct lot_text
log_tile_content(const struct log_tree *tree, const struct log_tile *tile, struct lot_buffer *room)
{
    assert(log_tile_belongs(tile, tree->size) || tile->width < LOG_TILE_WIDTH);
    uint64_t first = tile->index * LOG_TILE_WIDTH;
    if (tile->level != LOG_BUNDLE) {
        const uint8_t *hashes = tree->levels[tile->level][first];
        return (struct lot_text){(const char *)hashes, (size_t)tile->width * LOT_HASH_BYTES};
    }
    lot_buffer_clear(room);
    for (uint64_t i = first; i < first + tile->width; i++) {
        uint8_t length[8];
        canon_put_u64(tree->leaves[i].size, length);
        lot_buffer_add(room, length + 6, 2);
        lot_buffer_put(room, tree->leaves[i]);
    }
    return lot_buffer_text(room);
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* Says at which hash or entry a file stops being what it should be. */
static bool
differs(const struct log_tree *tree, const struct log_tile *tile, struct lot_text expected,
        struct lot_text found, struct lot_error *error)
{
    size_t same = 0;
    while (same < expected.size && same < found.size && expected.at[same] == found.at[same]) {
        same++;
    }
    if (same == expected.size) {
        return lot_fail(error, LOT_REFUSED, "has %zu bytes more than it should", found.size - same);
    }
    uint64_t item = tile->index * LOG_TILE_WIDTH;
    if (tile->level != LOG_BUNDLE) {
        item = (item + same / LOT_HASH_BYTES) << (LEVEL_BITS * (unsigned)tile->level);
        return lot_fail(error, LOT_REFUSED, "hash %zu, which begins at leaf %llu, is not the log's",
                        same / LOT_HASH_BYTES + 1, (unsigned long long)item);
    }
    for (size_t end = 0; (end += 2 + tree->leaves[item].size) <= same;) {
        item++;
    }
    return lot_fail(error, LOT_REFUSED, "entry %llu is not leaf %llu of the log",
                    (unsigned long long)(item % LOG_TILE_WIDTH + 1), (unsigned long long)item);
}

bool
log_tiles_check(const struct file_folder *folder, const struct log_tree *tree, uint64_t other,
                uint64_t size, struct lot_error *error)
{
    assert(folder != NULL && size <= tree->size);
    struct lot_buffer room = {0}, bytes = {0};
    struct log_tile tile = {0};
    bool good = true;
    while (good && log_tile_next(size, &tile)) {
        bool source = tile.level == LOG_BUNDLE && size == tree->size;
        if (source || log_tile_belongs(&tile, other)) {
            continue;
        }
        char path[LOG_TILE_PATH_MAX];
        log_tile_path(&tile, path);
        good = file_read(folder, path, LOG_TILE_SIZE_MAX, &bytes, error);
        struct lot_text expected = log_tile_content(tree, &tile, &room);
        struct lot_text found = lot_buffer_text(&bytes);
        if (good && !lot_text_same(found, expected)) {
            good = differs(tree, &tile, expected, found, error) ||
                   lot_fail_at(error, "%s/%s", folder->path, path);
        }
    }
    lot_buffer_finish(&room);
    lot_buffer_finish(&bytes);
    return good;
}

/* ---- leaves --------------------------------------------------------------------------------- */

/* Takes a bundle's bytes apart into exactly width leaves. */
static bool
split(struct lot_text bytes, uint32_t width, struct lot_text items[], struct lot_error *error)
{
    size_t at = 0;
    for (uint32_t i = 0; i < width; i++) {
        size_t left = bytes.size - at;
        size_t size =
            left < 2 ? 0
                     : (size_t)(unsigned char)bytes.at[at] << 8 | (unsigned char)bytes.at[at + 1];
        if (left < 2 || left - 2 < size) {
            return lot_fail(error, LOT_REFUSED, "ends inside entry %u of %u", i + 1, width);
        }
        items[i] = (struct lot_text){bytes.at + at + 2, size};
        at += 2 + size;
    }
    return at == bytes.size || lot_fail(error, LOT_REFUSED, "goes on after its %u entries", width);
}

bool
log_leaves_read(const struct file_folder *folder, uint64_t size, struct log_leaves *out,
                struct lot_error *error)
{
    assert(folder != NULL && size <= LOG_SIZE_MAX && out != NULL);
    struct log_leaves leaves = {0};
    struct log_tile tile = {0};
    uint64_t room = 0;
    bool good = true;
    while (good && log_tile_next(size, &tile) && tile.level == LOG_BUNDLE) {
        /* Room grows with what is there: a checkpoint may claim any size. */
        if (leaves.bundle_count == room) {
            room = room == 0 ? 16 : 2 * room;
            leaves.items = lot_realloc(leaves.items, room * LOG_TILE_WIDTH, sizeof *leaves.items);
            leaves.bundles = lot_realloc(leaves.bundles, room, sizeof *leaves.bundles);
        }
        struct lot_buffer *bundle = &leaves.bundles[leaves.bundle_count++];
        *bundle = (struct lot_buffer){0};
        char path[LOG_TILE_PATH_MAX];
        log_tile_path(&tile, path);
        good = file_read(folder, path, LOG_TILE_SIZE_MAX, bundle, error);
        if (good &&
            !split(lot_buffer_text(bundle), tile.width, leaves.items + leaves.count, error)) {
            good = lot_fail_at(error, "%s/%s", folder->path, path);
        }
        leaves.count += tile.width;
    }
    if (!good) {
        log_leaves_finish(&leaves);
        return false;
    }
    *out = leaves;
    return true;
}

void
log_leaves_finish(struct log_leaves *leaves)
{
    if (leaves == NULL) {
        return;
    }
    for (uint64_t i = 0; i < leaves->bundle_count; i++) {
        lot_buffer_finish(&leaves->bundles[i]);
    }
    free(leaves->bundles);
    free(leaves->items);
    *leaves = (struct log_leaves){0};
}
