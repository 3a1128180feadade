/* Bundles and the names of tiles: what is read must be what was written, byte for byte. */
#include "lottery/log_tiles.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_bundle(uint32_t width, struct lot_text bytes)
{
    struct lot_text items[LOG_TILE_WIDTH];
    struct lot_error error = {0};
    if (!split(bytes, width, items, &error)) {
        assert(error.code == LOT_REFUSED);
        return;
    }
    struct log_tree tree;
    struct log_tile tile = {.level = LOG_BUNDLE, .width = width};
    bool made = log_tree_create(items, width, 1, &tree, NULL);
    assert(made);
    struct lot_buffer room = {0};
    assert(lot_text_same(log_tile_content(&tree, &tile, &room), bytes));
    /* Where another file stops being this one is always said. */
    struct lot_buffer other = {0};
    lot_buffer_put(&other, bytes);
    other.at[bytes.size / 2] ^= 1;
    assert(!differs(&tree, &tile, bytes, lot_buffer_text(&other), &error));
    assert(!differs(&tree, &tile, bytes, (struct lot_text){bytes.at, bytes.size / 2}, &error));
    tile.level = 0;
    struct lot_text hashes = log_tile_content(&tree, &tile, &room);
    assert(hashes.size == (size_t)width * LOT_HASH_BYTES);
    assert(!differs(&tree, &tile, hashes, bytes, &error));
    lot_buffer_finish(&other);
    lot_buffer_finish(&room);
    log_tree_finish(&tree);
}

static void
try_path(struct lot_text path)
{
    struct log_tile tile;
    if (log_tile_read_path(path, &tile)) {
        char again[LOG_TILE_PATH_MAX];
        log_tile_path(&tile, again);
        assert(lot_text_is(path, again));
        uint64_t size = (tile.index % 1000000) * LOG_TILE_WIDTH + tile.width;
        bool fits = tile.index < 1000000 && (tile.level == 0 || tile.level == LOG_BUNDLE);
        assert(!fits || log_tile_belongs(&tile, size));
    }
}

/* The tiles of a size are each once, and hold every hash of every level. */
static void
try_size(uint32_t size)
{
    uint64_t counts[LOG_LEVELS + 1] = {0};
    for (struct log_tile tile = {0}; log_tile_next(size, &tile);) {
        size_t level = tile.level == LOG_BUNDLE ? LOG_LEVELS : tile.level;
        assert(level <= LOG_LEVELS && log_tile_belongs(&tile, size));
        assert(counts[level] == tile.index * LOG_TILE_WIDTH);
        counts[level] += tile.width;
    }
    assert(counts[LOG_LEVELS] == size);
    for (unsigned level = 0; level < LOG_LEVELS; level++) {
        assert(counts[level] == (uint64_t)size >> (8 * level));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 3) {
        try_size((uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2]);
    }
    if (size == 0) {
        return 0;
    }
    const char *at = (const char *)data + 1;
    try_bundle(data[0] + 1u, (struct lot_text){at, size - 1});
    try_path((struct lot_text){(const char *)data, size});
    return 0;
}
