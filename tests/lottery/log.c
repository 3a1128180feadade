#include "tests/test.h"

#include "lottery/log_hash.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 70000

static json_t *vectors;
static char folder_path[] = "log-test-XXXXXX";
static struct file_folder folder;
static char (*words)[16]; /* LINES_MAX leaves `leaf 12345` */
static struct lot_text leaves[LINES_MAX];

static int
set_up(void **state)
{
    (void)state;
    vectors = json_load_file(TESTS_DIR "/vectors/log-vectors.json", 0, NULL);
    words = lot_alloc(LINES_MAX, sizeof words[0]);
    for (size_t i = 0; i < LINES_MAX; i++) {
        snprintf(words[i], sizeof words[i], "leaf %zu", i);
        leaves[i] = lot_text(words[i]);
    }
    bool made = mkdtemp(folder_path) != NULL && file_folder_open(NULL, folder_path, &folder, NULL);
    return vectors != NULL && made ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    struct file_list list;
    if (!file_list(&folder, &list, NULL)) {
        return -1;
    }
    for (size_t i = 0; i < list.count; i++) {
        unlinkat(folder.fd, list.paths[i], 0);
    }
    file_list_finish(&list);
    file_folder_finish(&folder);
    json_decref(vectors);
    free(words);
    return 0;
}

#define assert_refused(call, sentence)                   \
    do {                                                 \
        struct lot_error error = {0};                    \
        assert_false(call);                              \
        assert_int_equal(error.code, LOT_REFUSED);       \
        assert_non_null(strstr(error.text, (sentence))); \
    } while (0)

static void
from_hex(const json_t *text, uint8_t out[static LOT_HASH_BYTES])
{
    assert_true(canon_from_hex(lot_text(json_string_value(text)), out, LOT_HASH_BYTES));
}

static void
path_from_hex(const json_t *list, struct log_path *out)
{
    *out = (struct log_path){0};
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        from_hex(item, out->hashes[out->count++]);
    }
}

static uint64_t
number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void
leaf_hash(struct lot_text leaf, uint8_t out[static LOT_HASH_BYTES])
{
    struct log_hash hash;
    assert_true(log_hash_init(&hash, NULL));
    log_hash_leaf(&hash, leaf, out);
    assert_true(log_hash_finish(&hash, NULL));
}

/* A folder of its own inside the test's. */
static struct file_folder
inner(const char *name)
{
    struct file_folder out;
    assert_true(file_folder_make(&folder, name, NULL));
    assert_true(file_folder_open(&folder, name, &out, NULL));
    return out;
}

static struct log_tree
grow(uint64_t size)
{
    struct log_tree tree;
    assert_true(log_tree_create(leaves, size, 1, &tree, NULL));
    return tree;
}

/* The root as RFC 6962 section 2.1 writes it down, by recursion over the leaves. */
static void
plain_root(uint64_t from, uint64_t to, uint8_t out[static LOT_HASH_BYTES])
{
    struct lot_buffer input = {0};
    if (from == to) {
        memcpy(out, log_root_empty, LOT_HASH_BYTES);
        return;
    }
    if (to - from == 1) {
        lot_buffer_add(&input, "\0", 1);
        lot_buffer_put(&input, leaves[from]);
    } else {
        uint8_t halves[2][LOT_HASH_BYTES];
        uint64_t k = 1;
        while (2 * k < to - from) {
            k *= 2;
        }
        plain_root(from, from + k, halves[0]);
        plain_root(from + k, to, halves[1]);
        lot_buffer_add(&input, "\1", 1);
        lot_buffer_add(&input, halves, sizeof halves);
    }
    assert_true(crypto_digest(LOT_SHA256, lot_buffer_text(&input), out, NULL));
    lot_buffer_finish(&input);
}

/* ---- example -------------------------------------------------------------------------------- */

static void
log__certificate_transparency_vectors_come_out(void **state)
{
    (void)state;
    const json_t *merkle = json_object_get(vectors, "merkle");
    const json_t *texts = json_object_get(merkle, "leaves_hex");
    uint8_t bytes[8][32], hash[LOT_HASH_BYTES], root[LOT_HASH_BYTES];
    struct lot_text items[8];
    struct log_frontier frontier = {0};
    for (size_t i = 0; i < 8; i++) {
        const char *hex = json_string_value(json_array_get(texts, i));
        assert_true(canon_from_hex(lot_text(hex), bytes[i], strlen(hex) / 2));
        items[i] = (struct lot_text){(const char *)bytes[i], strlen(hex) / 2};
        leaf_hash(items[i], hash);
        from_hex(json_array_get(json_object_get(merkle, "leaf_hashes_hex"), i), root);
        assert_memory_equal(hash, root, sizeof root);
    }
    struct log_tree tree;
    assert_true(log_tree_create(items, 8, 1, &tree, NULL));
    for (uint64_t size = 0; size <= 8; size++) {
        char key[2] = {(char)('0' + size), '\0'};
        from_hex(json_object_get(json_object_get(merkle, "roots_hex"), key), root);
        assert_true(log_tree_root(&tree, size, hash, NULL));
        assert_memory_equal(hash, root, sizeof root);
        assert_true(log_frontier_root(&frontier, hash, NULL));
        assert_memory_equal(hash, root, sizeof root);
        assert_true(size == 8 || log_frontier_add(&frontier, &items[size], 1, NULL));
    }
    size_t i;
    json_t *item;
    struct log_path expected, path;
    json_array_foreach(json_object_get(merkle, "inclusion"), i, item)
    {
        path_from_hex(json_object_get(item, "path_hex"), &expected);
        assert_true(
            log_tree_inclusion(&tree, number(item, "index"), number(item, "size"), &path, NULL));
        assert_memory_equal(&path, &expected, sizeof path);
    }
    json_array_foreach(json_object_get(merkle, "consistency"), i, item)
    {
        path_from_hex(json_object_get(item, "path_hex"), &expected);
        assert_true(
            log_tree_consistency(&tree, number(item, "old"), number(item, "size"), &path, NULL));
        assert_memory_equal(&path, &expected, sizeof path);
    }
    log_tree_finish(&tree);
}

static void
log__sample_of_300_is_consistent(void **state)
{
    (void)state;
    const json_t *sample = json_object_get(vectors, "sample_300");
    static const struct {
        uint64_t old;
        const char *key, *path;
    } cases[] = {{256, "256", "consistency_256_to_300_hex"},
                 {100, "100", "consistency_100_to_300_hex"}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t old[LOT_HASH_BYTES], root[LOT_HASH_BYTES];
        size_t size;
        const json_t *roots = json_object_get(sample, "roots_base64");
        const char *texts[2] = {json_string_value(json_object_get(roots, cases[i].key)),
                                json_string_value(json_object_get(roots, "300"))};
        assert_true(canon_from_base64(lot_text(texts[0]), old, sizeof old, &size));
        assert_true(canon_from_base64(lot_text(texts[1]), root, sizeof root, &size));
        struct log_path path;
        path_from_hex(json_object_get(sample, cases[i].path), &path);
        assert_true(log_consistency_check(cases[i].old, old, 300, root, &path, NULL));
        assert_refused(log_consistency_check(cases[i].old, root, 300, root, &path, &error),
                       "the log of 300 does not continue the log of ");
    }
}

static void
log__three_leaves_lie_on_disk_as_published(void **state)
{
    (void)state;
    const json_t *log = json_object_get(vectors, "three_leaf_log");
    struct lot_text items[3];
    for (size_t i = 0; i < 3; i++) {
        items[i] = lot_text(json_string_value(json_array_get(json_object_get(log, "entries"), i)));
    }
    struct log_tree tree;
    assert_true(log_tree_create(items, 3, 2, &tree, NULL));
    struct file_folder disk = inner("three");
    assert_true(log_tiles_write(&disk, &tree, 0, 3, NULL));
    assert_true(log_tiles_write(&disk, &tree, 0, 3, NULL)); /* once more does no harm */
    struct lot_buffer bytes = {0};
    static const char *const files[] = {"tile/0/000.p/3", "tile/entries/000.p/3"};
    for (size_t i = 0; i < 2; i++) {
        char key[40], hex[2 * 96 + 1];
        snprintf(key, sizeof key, "%s_hex", files[i]);
        assert_true(file_read(&disk, files[i], 96, &bytes, NULL));
        canon_to_hex((const uint8_t *)bytes.at, bytes.size, hex);
        assert_string_equal(hex, json_string_value(json_object_get(log, key)));
    }
    struct file_list list;
    assert_true(file_list(&disk, &list, NULL));
    assert_int_equal(list.count, 2);
    file_list_finish(&list);

    struct log_leaves read;
    assert_true(log_leaves_read(&disk, 3, &read, NULL));
    assert_int_equal(read.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(lot_text_same(read.items[i], items[i]));
    }
    log_leaves_finish(&read);
    log_leaves_finish(&read);
    lot_buffer_finish(&bytes);
    file_folder_finish(&disk);
    log_tree_finish(&tree);
}

static void
log__published_proofs_are_read_written_and_hold(void **state)
{
    (void)state;
    const json_t *log = json_object_get(vectors, "three_leaf_log");
    struct lot_key key;
    const char *vkey = json_string_value(json_object_get(log, "log_vkey"));
    assert_true(note_key_read(lot_text(vkey), &key, NULL));
    static const char *const files[] = {"proof_index_1", "proof_index_2_with_extra"};
    for (size_t i = 0; i < 2; i++) {
        struct lot_text text = lot_text(json_string_value(json_object_get(log, files[i])));
        struct log_proof proof;
        struct note_checkpoint head;
        struct lot_buffer again = {0};
        assert_true(log_proof_read(text, &proof, NULL));
        assert_int_equal(proof.index, i + 1);
        assert_true(lot_text_is(lot_buffer_text(&proof.extra), i == 0 ? "" : "hi"));
        struct lot_text leaf =
            lot_text(json_string_value(json_array_get(json_object_get(log, "entries"), i + 1)));
        assert_true(log_proof_check(&proof, leaf, &key, &head, NULL));
        assert_int_equal(head.size, 3);
        assert_refused(log_proof_check(&proof, LOT_TEXT("winner 43"), &key, NULL, &error),
                       "the proof does not show leaf");
        log_proof_text(proof.index, lot_buffer_text(&proof.extra), &proof.path, proof.note, &again);
        assert_true(lot_text_same(lot_buffer_text(&again), text));
        lot_buffer_finish(&again);
        log_proof_finish(&proof);
        log_proof_finish(&proof);
    }
}

static void
log__paths_are_spelled_as_published(void **state)
{
    (void)state;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(vectors, "paths"), i, item)
    {
        const json_t *level = json_object_get(item, "level");
        struct log_tile tile = {
            .level = json_is_string(level) ? LOG_BUNDLE : (uint8_t)json_integer_value(level),
            .index = number(item, "index"),
            .width = (uint32_t)number(item, "width"),
        };
        char path[LOG_TILE_PATH_MAX];
        const char *expected = json_string_value(json_object_get(item, "path"));
        log_tile_path(&tile, path);
        assert_string_equal(path, expected);
        struct log_tile read;
        assert_true(log_tile_read_path(lot_text(expected), &read));
        assert_int_equal(read.level, tile.level);
        assert_int_equal(read.index, tile.index);
        assert_int_equal(read.width, tile.width);
    }
}

static void
log__tiles_of_a_size_are_those_published(void **state)
{
    (void)state;
    const char *key;
    json_t *item;
    json_object_foreach(json_object_get(vectors, "tile_sets"), key, item)
    {
        uint32_t size;
        assert_true(canon_number(lot_text(key), &size));
        uint64_t full[8] = {0};
        size_t partial = 0, bundles = 0, partial_bundles = 0, levels = 0;
        const json_t *partials = json_object_get(item, "partial");
        const json_t *fulls = json_object_get(item, "full_per_level");
        for (struct log_tile tile = {0}; log_tile_next(size, &tile);) {
            assert_true(log_tile_belongs(&tile, size));
            if (tile.level == LOG_BUNDLE) {
                bundles++;
                partial_bundles += tile.width < LOG_TILE_WIDTH;
                assert_int_equal(tile.index, bundles - 1);
                continue;
            }
            levels = tile.level + 1u;
            if (tile.width == LOG_TILE_WIDTH) {
                assert_int_equal(tile.index, full[tile.level]++);
                continue;
            }
            char path[LOG_TILE_PATH_MAX];
            log_tile_path(&tile, path);
            assert_string_equal(path, json_string_value(json_array_get(partials, partial++)));
        }
        assert_int_equal(partial, json_array_size(partials));
        assert_int_equal(bundles, (size + 255) / 256);
        assert_int_equal(partial_bundles, size % 256 != 0);
        assert_int_equal(levels, json_array_size(fulls));
        for (size_t i = 0; i < levels; i++) {
            assert_int_equal(full[i], json_integer_value(json_array_get(fulls, i)));
        }
    }
}

/* The second program: tests/reference/mklog.py, which shares no line with us. */
static void
log__a_log_of_300_is_byte_for_byte_that_of_another_program(void **state)
{
    (void)state;
    static const uint64_t shown[] = {1, 100, 255, 256, 257, 300};
    const uint8_t seed[LOT_SEED_BYTES] = {3, 0, 0};
    struct note_signer signer;
    assert_true(note_signer_make(LOT_TEXT("housing.example/REHEARSAL-300"), LOT_KEY_LOG, seed,
                                 &signer, NULL));
    char line[1024], hex[LOT_HEX_SIZE + 1];
    struct lot_buffer entries = {0};
    static char texts[300][80];
    struct lot_text items[300];
    for (size_t i = 0; i < 300; i++) {
        int size = snprintf(texts[i], sizeof texts[i], "entry %zu \xE6\x91\x87\xE5\x8F\xB7 %*s", i,
                            (int)(i % 40), "");
        items[i] = (struct lot_text){texts[i], i == 7 ? 0 : (size_t)size}; /* 7 is empty */
        lot_buffer_put(&entries, items[i]);
        lot_buffer_put(&entries, LOT_TEXT("\n"));
    }
    struct file_folder ours = inner("ours");
    struct log_tree tree;
    assert_true(log_tree_create(items, 300, 3, &tree, NULL));
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        struct note_checkpoint checkpoint = {.size = shown[i]};
        struct lot_buffer text = {0}, note = {0};
        memcpy(checkpoint.origin, signer.key.name, sizeof checkpoint.origin);
        assert_true(log_tree_root(&tree, shown[i], checkpoint.root, NULL));
        note_checkpoint_text(&checkpoint, &text);
        note_begin(lot_buffer_text(&text), &note);
        assert_true(note_sign(&signer, lot_buffer_text(&text), 0, &note, NULL));
        snprintf(line, sizeof line, "seen/%d", (int)shown[i]);
        assert_true(log_tiles_write(&ours, &tree, i == 0 ? 0 : shown[i - 1], shown[i], NULL));
        assert_true(
            file_write(&ours, shown[i] == 300 ? "checkpoint" : line, lot_buffer_text(&note), NULL));
        lot_buffer_finish(&text);
        lot_buffer_finish(&note);
    }
    assert_true(file_write(&folder, "entries", lot_buffer_text(&entries), NULL));
    canon_to_hex(seed, sizeof seed, hex);
    snprintf(line, sizeof line,
             "python3 '%s/reference/mklog.py' %s %s %s/theirs 1 100 255 256 257 <%s/entries",
             TESTS_DIR, signer.key.name, hex, folder_path, folder_path);
    assert_int_equal(system(line), 0); // NOLINT(cert-env33-c): a test's own words
    struct file_folder theirs = inner("theirs");
    struct file_list our_list, their_list;
    assert_true(file_list(&ours, &our_list, NULL));
    assert_true(file_list(&theirs, &their_list, NULL));
    assert_int_equal(our_list.count, their_list.count);
    assert_int_equal(our_list.count, 1 + 5 + 2 * (1 + 5) + 1);
    struct lot_buffer a = {0}, b = {0};
    for (size_t i = 0; i < our_list.count; i++) {
        assert_string_equal(our_list.paths[i], their_list.paths[i]);
        assert_true(file_read(&ours, our_list.paths[i], 100000, &a, NULL));
        assert_true(file_read(&theirs, their_list.paths[i], 100000, &b, NULL));
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.at, b.at, a.size);
    }
    lot_buffer_finish(&a);
    lot_buffer_finish(&b);
    lot_buffer_finish(&entries);
    file_list_finish(&our_list);
    file_list_finish(&their_list);
    file_folder_finish(&ours);
    file_folder_finish(&theirs);
    log_tree_finish(&tree);
}

static void
log__witness_request_comes_back(void **state)
{
    (void)state;
    struct log_tree tree = grow(300);
    struct log_path path;
    assert_true(log_tree_consistency(&tree, 100, 300, &path, NULL));
    struct lot_buffer text = {0};
    log_request_text(100, &path, LOT_TEXT("note\n\nsigned\n"), &text);
    assert_true(lot_text_starts(lot_buffer_text(&text), "old 100\n"));
    struct log_request request;
    assert_true(log_request_read(lot_buffer_text(&text), &request, NULL));
    assert_int_equal(request.old, 100);
    assert_memory_equal(&request.path, &path, sizeof path);
    assert_true(lot_text_is(request.note, "note\n\nsigned\n"));
    lot_buffer_finish(&text);
    log_tree_finish(&tree);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void
log__frontier_refuses_what_no_log_can_hold(void **state)
{
    (void)state;
    static char large[LOT_LEAF_MAX + 1];
    struct lot_text leaf = {large, LOT_LEAF_MAX};
    struct log_frontier frontier = {0};
    assert_true(log_frontier_add(&frontier, &leaf, 1, NULL));
    leaf.size++;
    struct log_frontier before = frontier;
    assert_refused(log_frontier_add(&frontier, &leaf, 1, &error), "a leaf of 65536 bytes");
    assert_memory_equal(&before, &frontier, sizeof before);
    frontier.size = LOG_SIZE_MAX;
    assert_refused(log_frontier_add(&frontier, leaves, 1, &error), "at most 999999999 leaves");
    frontier.size = LOG_SIZE_MAX - 1;
    assert_true(log_frontier_add(&frontier, leaves, 1, NULL));
    assert_int_equal(log_frontier_count(LOG_SIZE_MAX), 21);
    assert_true(log_frontier_count(LOG_SIZE_MAX) <= LOG_PATH_MAX);
}

static void
log__full_tile_has_a_hash_above_it(void **state)
{
    (void)state;
    for (uint64_t size = 255; size <= 257; size++) {
        struct log_tree tree = grow(size);
        char name[16];
        snprintf(name, sizeof name, "edge-%d", (int)size);
        struct file_folder disk = inner(name);
        assert_true(log_tiles_write(&disk, &tree, 0, size, NULL));
        assert_int_equal(file_exists(&disk, "tile/0/000"), size >= 256);
        assert_int_equal(file_exists(&disk, "tile/1/000.p/1"), size >= 256);
        assert_int_equal(file_exists(&disk, "tile/0/000.p/255"), size == 255);
        assert_int_equal(file_exists(&disk, "tile/0/001.p/1"), size == 257);
        assert_true(log_tiles_check(&disk, &tree, 0, size, NULL));
        file_folder_finish(&disk);
        log_tree_finish(&tree);
    }
}

static void
log__longest_leaf_goes_through_a_bundle(void **state)
{
    (void)state;
    static char large[LOT_LEAF_MAX];
    memset(large, 'x', sizeof large);
    struct lot_text items[3] = {{NULL, 0}, {large, LOT_LEAF_MAX}, {large, 256}};
    struct log_tree tree;
    struct log_leaves read;
    assert_true(log_tree_create(items, 3, 1, &tree, NULL));
    struct file_folder disk = inner("long");
    assert_true(log_tiles_write(&disk, &tree, 0, 3, NULL));
    assert_true(log_leaves_read(&disk, 3, &read, NULL));
    for (size_t i = 0; i < 3; i++) {
        assert_true(lot_text_same(read.items[i], items[i]));
    }
    log_leaves_finish(&read);
    file_folder_finish(&disk);
    log_tree_finish(&tree);
}

static void
log__empty_log_has_a_root_and_no_files(void **state)
{
    (void)state;
    struct log_tree tree;
    struct log_tile tile = {0};
    struct log_leaves read;
    uint8_t root[LOT_HASH_BYTES];
    assert_true(log_tree_create(NULL, 0, 2, &tree, NULL));
    assert_true(log_tree_root(&tree, 0, root, NULL));
    assert_memory_equal(root, log_root_empty, sizeof root);
    assert_false(log_tile_next(0, &tile));
    struct file_folder disk = inner("empty");
    assert_true(log_tiles_write(&disk, &tree, 0, 0, NULL));
    assert_true(log_leaves_read(&disk, 0, &read, NULL));
    assert_int_equal(read.count, 0);
    log_leaves_finish(&read);
    file_folder_finish(&disk);
    log_tree_finish(&tree);
    log_tree_finish(NULL);
}

/* ---- refusal -------------------------------------------------------------------------------- */

static void
log__paths_have_one_spelling(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/001/000",
        "tile/0/x000/001",
        "tile/0/x001/x000",
        "tile/0/x01/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/4294967297",
        "tile/0/000.q/1",
        "tile/0/000/",
        "tile/0/000.part",
        "tile/8/0/000",
        "tile/data/000",
        "tile/entries",
        "/tile/0/000",
        "Tile/0/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616", /* 2^64 */
    };
    struct log_tile tile = {.index = 5};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(log_tile_read_path(lot_text(bad[i]), &tile));
    }
    assert_int_equal(tile.index, 5);
    assert_true(log_tile_read_path(LOT_TEXT("tile/0/x018/x446/x744/x073/x709/x551/615"), &tile));
    assert_true(tile.index == UINT64_MAX);
}

static void
log__tile_of_another_size_does_not_belong(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool belongs;
    } cases[] = {
        {"tile/0/000", true},       {"tile/0/001.p/44", true},  {"tile/entries/001.p/44", true},
        {"tile/0/001", false},      {"tile/0/001.p/43", false}, {"tile/0/000.p/44", false},
        {"tile/1/000.p/1", true},   {"tile/1/000", false},      {"tile/2/000.p/1", false},
        {"tile/63/000.p/1", false}, {"tile/8/000", false},      {"tile/0/002.p/44", false},
        {"tile/entries/000", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct log_tile tile;
        assert_true(log_tile_read_path(lot_text(cases[i].path), &tile));
        assert_int_equal(log_tile_belongs(&tile, 300), cases[i].belongs);
    }
}

static void
log__files_of_the_other_size_are_left_alone(void **state)
{
    (void)state;
    struct file_folder disk = inner("alone");
    struct log_tree tree = grow(300);
    assert_true(log_tiles_write(&disk, &tree, 0, 256, NULL));
    assert_true(file_remove(&disk, "tile/0/000", NULL));
    assert_true(log_tiles_write(&disk, &tree, 256, 300, NULL));
    assert_false(file_exists(&disk, "tile/0/000"));
    assert_true(log_tiles_check(&disk, &tree, 256, 300, NULL));
    assert_true(log_tiles_check(&disk, &tree, 300, 256, NULL));
    assert_refused(log_tiles_check(&disk, &tree, 0, 300, &error), "No such file");
    /* Nor are the bundles read twice from which the leaves came. */
    assert_true(log_tiles_write(&disk, &tree, 0, 300, NULL));
    assert_true(file_remove(&disk, "tile/entries/001.p/44", NULL));
    assert_true(log_tiles_check(&disk, &tree, 0, 300, NULL));
    file_folder_finish(&disk);
    log_tree_finish(&tree);
}

/* Changes one byte of a file, or its size. */
static void
spoil(const struct file_folder *disk, const char *path, long at, long size)
{
    int fd = openat(disk->fd, path, O_RDWR);
    assert_true(fd >= 0);
    char byte = 0;
    if (at >= 0) {
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_true(size < 0 || ftruncate(fd, size) == 0);
    close(fd);
}

static void
log__a_file_that_differs_is_named_with_its_place(void **state)
{
    (void)state;
    struct file_folder disk = inner("spoiled");
    struct log_tree tree = grow(300);
    assert_true(log_tiles_write(&disk, &tree, 0, 100, NULL));
    assert_true(log_tiles_write(&disk, &tree, 100, 300, NULL));
    assert_true(log_tiles_check(&disk, &tree, 0, 300, NULL));
    assert_true(log_tiles_check(&disk, &tree, 300, 100, NULL));
    static const struct {
        const char *path;
        long at, size;
        uint64_t other, checked;
        const char *sentence;
    } cases[] = {
        {"tile/0/000", 8191, -1, 0, 300, "/tile/0/000: hash 256, which begins at leaf 255, is not"},
        {"tile/0/001.p/44", 32, -1, 0, 300, "/tile/0/001.p/44: hash 2, which begins at leaf 257,"},
        {"tile/1/000.p/1", 0, -1, 0, 300, "/tile/1/000.p/1: hash 1, which begins at leaf 0, is"},
        {"tile/0/000", -1, 8193, 0, 300, "/tile/0/000: has 1 bytes more than it should"},
        {"tile/0/000", -1, 8191, 0, 300, "/tile/0/000: hash 256"},
        {"tile/0/000.p/100", 0, -1, 300, 100, "/tile/0/000.p/100: hash 1, which begins at leaf 0"},
        {"tile/entries/000.p/100", 1, -1, 300, 100,
         "/tile/entries/000.p/100: entry 1 is not leaf 0 of the log"},
        {"tile/entries/000.p/100", 9, -1, 300, 100, ": entry 2 is not leaf 1 of the log"},
        {"tile/entries/000.p/100", -1, 0, 300, 100, ": entry 1 is not leaf 0 of the log"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spoil(&disk, cases[i].path, cases[i].at, cases[i].size);
        assert_refused(log_tiles_check(&disk, &tree, cases[i].other, cases[i].checked, &error),
                       cases[i].sentence);
        /* What is published never changes: writing does not mend it either. */
        assert_refused(log_tiles_write(&disk, &tree, 0, cases[i].checked, &error),
                       "holds something else than this log; publish into an empty folder");
        assert_true(file_remove(&disk, cases[i].path, NULL));
        assert_refused(log_tiles_check(&disk, &tree, cases[i].other, cases[i].checked, &error),
                       "No such file");
        assert_true(log_tiles_write(&disk, &tree, 0, cases[i].checked, NULL));
        assert_true(log_tiles_check(&disk, &tree, cases[i].other, cases[i].checked, NULL));
    }
    file_folder_finish(&disk);
    log_tree_finish(&tree);
}

static void
log__broken_bundles_are_refused(void **state)
{
    (void)state;
    struct file_folder disk = inner("bundles");
    struct log_leaves read = {.count = 9};
    static const struct {
        struct lot_text bytes;
        const char *sentence;
    } cases[] = {
        {{"\0\1a\0\1b\0\1", 8}, "tile/entries/000.p/3: ends inside entry 3 of 3"},
        {{"\0\1a\0\1b\0", 7}, "ends inside entry 3 of 3"},
        {{"\0\1a\0\1b", 6}, "ends inside entry 3 of 3"},
        {{"", 0}, "ends inside entry 1 of 3"},
        {{"\xff\xff"
          "a\0\1b\0\1c",
          9},
         "ends inside entry 1 of 3"},
        {{"\0\1a\0\1b\0\1c\0", 10}, "goes on after its 3 entries"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(file_write(&disk, "tile/entries/000.p/3", cases[i].bytes, NULL));
        assert_refused(log_leaves_read(&disk, 3, &read, &error), cases[i].sentence);
    }
    assert_int_equal(read.count, 9);
    /* An absurd size costs no memory: the first missing bundle ends it. */
    assert_refused(log_leaves_read(&disk, LOG_SIZE_MAX, &read, &error),
                   "tile/entries/000: cannot be read: No such file");
    file_folder_finish(&disk);
}

static void
log__proof_files_have_one_spelling(void **state)
{
    (void)state;
#define HASH "nVhyxoeXxoIeoHRUONu02HqqrQNsb6WQy0pQje+hdDw=\n"
#define HEAD "c2sp.org/tlog-proof@v1\n"
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "is no proof"},
        {"c2sp.org/tlog-proof@v2\nindex 1\n\nnote\n", "is no proof"},
        {"index 1\n\nnote\n", "is no proof"},
        {HEAD, "no line `index`"},
        {HEAD "index\n\nnote\n", "no line `index`"},
        {HEAD "index 01\n\nnote\n", "no line `index`"},
        {HEAD "index -1\n\nnote\n", "no line `index`"},
        {HEAD "index 1 \n\nnote\n", "no line `index`"},
        {HEAD "index 1000000000\n\nnote\n", "no line `index`"},
        {HEAD "index  1\n\nnote\n", "no line `index`"},
        {HEAD "Index 1\n\nnote\n", "no line `index`"},
        {HEAD "extra\nindex 1\n\nnote\n", "no line `index`"},
        {HEAD "extra \nindex 1\n\nnote\n", "`extra` is not base64"},
        {HEAD "extra aGk\nindex 1\n\nnote\n", "`extra` is not base64"},
        {HEAD "extra aGk=", "`extra` is not base64"},
        {HEAD "extra aGk=\nextra aGk=\nindex 1\n\nnote\n", "no line `index`"},
        {HEAD "index 1\nnote\n\n", "hash 1 is not 32 bytes"},
        {HEAD "index 1\n" HASH "aGk=\n\nnote\n", "hash 2 is not 32 bytes"},
        {HEAD "index 1\nx\n\nnote\n", "hash 1 is not 32 bytes"},
        {HEAD "index 1\n" HASH, "no empty line"},
        {HEAD "extra aGk=\nindex 1\n" HASH, "no empty line"},
    };
    struct log_proof proof = {.index = 77};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refused(log_proof_read(lot_text(cases[i].text), &proof, &error), cases[i].sentence);
    }
    assert_int_equal(proof.index, 77);
    struct lot_buffer text = {0};
    lot_buffer_print(&text, HEAD "index 1\n");
    for (int i = 0; i < LOG_PATH_MAX; i++) {
        lot_buffer_print(&text, HASH);
    }
    size_t most = text.size;
    lot_buffer_print(&text, "\nnote\n");
    assert_true(log_proof_read(lot_buffer_text(&text), &proof, NULL));
    assert_int_equal(proof.path.count, LOG_PATH_MAX);
    text.size = most;
    lot_buffer_print(&text, HASH "\nnote\n");
    assert_refused(log_proof_read(lot_buffer_text(&text), &proof, &error), "more than 32 hashes");
    while (text.size <= LOG_PROOF_SIZE_MAX) {
        lot_buffer_print(&text, HASH HASH HASH HASH HASH HASH HASH HASH);
    }
    assert_refused(log_proof_read(lot_buffer_text(&text), &proof, &error), "is no proof");
    struct log_request request;
    memcpy(text.at, "old 1\n\n", 7); /* the rest would pass for a note */
    assert_refused(log_request_read(lot_buffer_text(&text), &request, &error), "is no request");
    lot_buffer_finish(&text);

    assert_refused(log_request_read(LOT_TEXT("new 3\n\nnote\n"), &request, &error), "no request");
    assert_refused(log_request_read(LOT_TEXT("old 3\n" HASH), &request, &error), "no empty line");
#undef HASH
#undef HEAD
}

static void
log__proof_of_another_log_is_refused(void **state)
{
    (void)state;
    struct log_tree tree = grow(5);
    uint8_t seed[LOT_SEED_BYTES] = {1};
    struct note_signer signer;
    assert_true(note_signer_make(LOT_TEXT("one.example"), LOT_KEY_LOG, seed, &signer, NULL));
    struct note_checkpoint checkpoint = {.origin = "two.example", .size = 5};
    assert_true(log_tree_root(&tree, 5, checkpoint.root, NULL));
    struct log_proof proof = {.index = 2};
    assert_true(log_tree_inclusion(&tree, 2, 5, &proof.path, NULL));
    struct lot_buffer text = {0}, note = {0};
    note_checkpoint_text(&checkpoint, &text);
    note_begin(lot_buffer_text(&text), &note);
    assert_true(note_sign(&signer, lot_buffer_text(&text), 0, &note, NULL));
    proof.note = lot_buffer_text(&note);
    assert_refused(log_proof_check(&proof, leaves[2], &signer.key, NULL, &error),
                   "of the log two.example, not of one.example");
    struct note_signer stranger;
    seed[0] = 2;
    assert_true(note_signer_make(LOT_TEXT("two.example"), LOT_KEY_LOG, seed, &stranger, NULL));
    assert_refused(log_proof_check(&proof, leaves[2], &stranger.key, NULL, &error),
                   "not signed by two.example+");
    proof.note.size--;
    assert_refused(log_proof_check(&proof, leaves[2], &signer.key, NULL, &error), "not a signed");
    lot_buffer_finish(&text);
    lot_buffer_finish(&note);
    log_tree_finish(&tree);
}

/* ---- property ------------------------------------------------------------------------------- */

static void
log__every_root_is_the_recursive_one(void **state)
{
    (void)state;
    struct log_tree tree = grow(LINES_MAX);
    struct log_frontier frontier = {0};
    uint8_t plain[LOT_HASH_BYTES], root[LOT_HASH_BYTES];
    for (uint64_t size = 0; size <= 600; size++) {
        plain_root(0, size, plain);
        assert_true(log_tree_root(&tree, size, root, NULL));
        assert_memory_equal(root, plain, sizeof root);
        assert_true(log_frontier_root(&frontier, root, NULL));
        assert_memory_equal(root, plain, sizeof root);
        assert_true(log_frontier_add(&frontier, &leaves[size], 1, NULL));
    }
    frontier = (struct log_frontier){0};
    static const uint64_t sizes[] = {65535, 65536, 65537, LINES_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        plain_root(0, sizes[i], plain);
        assert_true(log_tree_root(&tree, sizes[i], root, NULL));
        assert_memory_equal(root, plain, sizeof root);
        assert_true(
            log_frontier_add(&frontier, &leaves[frontier.size], sizes[i] - frontier.size, NULL));
        assert_true(log_frontier_root(&frontier, root, NULL));
        assert_memory_equal(root, plain, sizeof root);
    }
    log_tree_finish(&tree);
}

static void
log__threads_never_change_a_byte(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 255, 256, 300, LINES_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct log_tree one = grow(sizes[i]);
        for (unsigned threads = 2; threads <= 64; threads += 31) {
            struct log_tree many;
            assert_true(log_tree_create(leaves, sizes[i], threads, &many, NULL));
            for (unsigned level = 0; level < LOG_LEVELS; level++) {
                size_t bytes = (size_t)(sizes[i] >> (8 * level)) * LOT_HASH_BYTES;
                assert_true(bytes == 0 ||
                            memcmp(one.levels[level], many.levels[level], bytes) == 0);
            }
            log_tree_finish(&many);
        }
        log_tree_finish(&one);
    }
}

static void
log__every_inclusion_proof_holds_for_its_leaf_only(void **state)
{
    (void)state;
    struct log_tree tree = grow(LINES_MAX);
    uint8_t root[LOT_HASH_BYTES];
    for (uint64_t size = 1; size <= 40; size++) {
        assert_true(log_tree_root(&tree, size, root, NULL));
        for (uint64_t index = 0; index < size; index++) {
            struct log_path path;
            assert_true(log_tree_inclusion(&tree, index, size, &path, NULL));
            for (uint64_t other = 0; other <= size; other++) {
                assert_int_equal(
                    log_inclusion_check(tree.levels[0][index], other, size, &path, root, NULL),
                    other == index);
                assert_int_equal(
                    log_inclusion_check(tree.levels[0][other], index, size, &path, root, NULL),
                    other == index);
            }
        }
    }
    static const uint64_t far[][2] = {{0, 65536},
                                      {65535, 65536},
                                      {65536, 65537},
                                      {0, LINES_MAX},
                                      {LINES_MAX - 1, LINES_MAX},
                                      {40000, LINES_MAX},
                                      {300, 66666}};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        struct log_path path;
        assert_true(log_tree_root(&tree, far[i][1], root, NULL));
        assert_true(log_tree_inclusion(&tree, far[i][0], far[i][1], &path, NULL));
        const uint8_t *leaf = tree.levels[0][far[i][0]];
        assert_true(log_inclusion_check(leaf, far[i][0], far[i][1], &path, root, NULL));
        assert_refused(log_inclusion_check(leaf, far[i][1], far[i][1], &path, root, &error),
                       "the proof does not show leaf");
        for (uint32_t j = 0; j < path.count; j++) {
            path.hashes[j][31] ^= 1;
            assert_false(log_inclusion_check(leaf, far[i][0], far[i][1], &path, root, NULL));
            path.hashes[j][31] ^= 1;
        }
        path.count--;
        assert_false(log_inclusion_check(leaf, far[i][0], far[i][1], &path, root, NULL));
        path.count += 2;
        assert_false(log_inclusion_check(leaf, far[i][0], far[i][1], &path, root, NULL));
    }
    log_tree_finish(&tree);
}

static void
log__every_consistency_proof_holds_for_its_sizes_only(void **state)
{
    (void)state;
    enum { MOST = 40 };
    struct log_tree tree = grow(MOST);
    uint8_t roots[MOST + 1][LOT_HASH_BYTES];
    for (uint64_t size = 0; size <= MOST; size++) {
        assert_true(log_tree_root(&tree, size, roots[size], NULL));
    }
    unsigned checked = 0;
    for (uint64_t size = 0; size <= MOST; size++) {
        for (uint64_t old = 0; old <= size; old++) {
            struct log_path path;
            assert_true(log_tree_consistency(&tree, old, size, &path, NULL));
            assert_true(log_consistency_check(old, roots[old], size, roots[size], &path, NULL));
            /* Another root than the right one never passes, on either side. */
            for (uint64_t other = 0; other <= MOST; other++) {
                assert_int_equal(
                    log_consistency_check(old, roots[other], size, roots[size], &path, NULL),
                    other == old);
                /* Of nothing, everything is a continuation. */
                assert_int_equal(
                    log_consistency_check(old, roots[old], size, roots[other], &path, NULL),
                    other == size || (old == 0 && size > 0));
                checked++;
            }
            for (uint32_t i = 0; i < path.count; i++) {
                path.hashes[i][0] ^= 1;
                assert_false(
                    log_consistency_check(old, roots[old], size, roots[size], &path, NULL));
                path.hashes[i][0] ^= 1;
            }
            path.count++;
            assert_false(log_consistency_check(old, roots[old], size, roots[size], &path, NULL));
            path.count--;
            if (path.count > 0) {
                path.count--;
                assert_false(
                    log_consistency_check(old, roots[old], size, roots[size], &path, NULL));
            }
        }
    }
    assert_int_equal(checked, (MOST + 1) * (MOST + 1) * (MOST + 2) / 2);
    struct log_path none = {0};
    assert_refused(log_consistency_check(5, roots[5], 4, roots[4], &none, &error),
                   "the log of 4 does not continue the log of 5");
    assert_refused(log_consistency_check(5, roots[4], 4, roots[4], &none, &error),
                   "the log of 4 does not continue the log of 5");
    log_tree_finish(&tree);
}

/* What a stranger does to find out that a folder is the log a checkpoint speaks of. */
static bool
folder_holds(const struct file_folder *disk, uint64_t size, uint64_t old,
             const uint8_t root[static LOT_HASH_BYTES])
{
    struct log_leaves read = {0};
    struct log_tree tree = {0};
    uint8_t found[LOT_HASH_BYTES];
    bool good = log_leaves_read(disk, size, &read, NULL) &&
                log_tree_create(read.items, size, 1, &tree, NULL) &&
                log_tree_root(&tree, size, found, NULL) && memcmp(found, root, sizeof found) == 0 &&
                log_tiles_check(disk, &tree, 0, size, NULL) &&
                log_tiles_check(disk, &tree, size, old, NULL);
    log_tree_finish(&tree);
    log_leaves_finish(&read);
    return good;
}

static void
log__every_flipped_byte_and_cut_of_a_folder_is_noticed(void **state)
{
    (void)state;
    struct file_folder disk = inner("flipped");
    struct log_tree tree = grow(258);
    uint8_t root[LOT_HASH_BYTES];
    struct file_list list;
    unsigned flips = 0;
    assert_true(log_tree_root(&tree, 258, root, NULL));
    assert_true(log_tiles_write(&disk, &tree, 0, 3, NULL));
    assert_true(log_tiles_write(&disk, &tree, 3, 258, NULL));
    assert_true(folder_holds(&disk, 258, 3, root));
    assert_true(file_list(&disk, &list, NULL));
    assert_int_equal(list.count, 2 + 2 + 2 + 1);
    struct lot_buffer bytes = {0};
    for (size_t i = 0; i < list.count; i++) {
        assert_true(file_read(&disk, list.paths[i], 10000, &bytes, NULL));
        /* Every byte of the small files, a byte of each hash or entry of the full ones. */
        for (size_t at = 0; at<bytes.size; at += bytes.size> 200 ? 11 : 1, flips++) {
            spoil(&disk, list.paths[i], (long)at, -1);
            assert_false(folder_holds(&disk, 258, 3, root));
            spoil(&disk, list.paths[i], (long)at, -1);
        }
        spoil(&disk, list.paths[i], -1, (long)bytes.size - 1);
        assert_false(folder_holds(&disk, 258, 3, root));
        assert_true(file_remove(&disk, list.paths[i], NULL));
        assert_false(folder_holds(&disk, 258, 3, root));
        assert_true(file_write(&disk, list.paths[i], lot_buffer_text(&bytes), NULL));
    }
    assert_true(folder_holds(&disk, 258, 3, root));
    print_message("%u flips, all noticed\n", flips);
    assert_true(flips > 1000);
    lot_buffer_finish(&bytes);
    file_list_finish(&list);
    file_folder_finish(&disk);
    log_tree_finish(&tree);
}

static void
log__failing_library_is_the_machines_fault(void **state)
{
    (void)state;
    struct log_tree tree = grow(5), made;
    struct log_frontier frontier = {0};
    struct log_path path = {.count = 1};
    uint8_t root[LOT_HASH_BYTES];
    for (uint64_t fault = 1; fault <= 2; fault++) {
        for (int call = 0; call < 7; call++) {
            struct lot_error error = {0};
            crypto_fail_at(fault);
            bool good = call == 0   ? log_frontier_root(&frontier, root, &error)
                        : call == 1 ? log_frontier_add(&frontier, leaves, 3, &error)
                        : call == 2 ? log_tree_create(leaves, 3, 2, &made, &error)
                        : call == 3 ? log_tree_root(&tree, 5, root, &error)
                        : call == 4 ? log_tree_inclusion(&tree, 1, 5, &path, &error)
                        : call == 5 ? log_consistency_check(1, log_root_empty, 2, log_root_empty,
                                                            &path, &error)
                                    : log_tree_consistency(&tree, 1, 5, &path, &error);
            crypto_fail_at(0);
            assert_false(good);
            assert_int_equal(error.code, LOT_MACHINE);
        }
    }
    assert_int_equal(frontier.size, 0);
    log_tree_finish(&tree);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(log__certificate_transparency_vectors_come_out),
    cmocka_unit_test(log__sample_of_300_is_consistent),
    cmocka_unit_test(log__three_leaves_lie_on_disk_as_published),
    cmocka_unit_test(log__published_proofs_are_read_written_and_hold),
    cmocka_unit_test(log__paths_are_spelled_as_published),
    cmocka_unit_test(log__tiles_of_a_size_are_those_published),
    cmocka_unit_test(log__a_log_of_300_is_byte_for_byte_that_of_another_program),
    cmocka_unit_test(log__witness_request_comes_back),
    cmocka_unit_test(log__frontier_refuses_what_no_log_can_hold),
    cmocka_unit_test(log__full_tile_has_a_hash_above_it),
    cmocka_unit_test(log__longest_leaf_goes_through_a_bundle),
    cmocka_unit_test(log__empty_log_has_a_root_and_no_files),
    cmocka_unit_test(log__paths_have_one_spelling),
    cmocka_unit_test(log__tile_of_another_size_does_not_belong),
    cmocka_unit_test(log__files_of_the_other_size_are_left_alone),
    cmocka_unit_test(log__a_file_that_differs_is_named_with_its_place),
    cmocka_unit_test(log__broken_bundles_are_refused),
    cmocka_unit_test(log__proof_files_have_one_spelling),
    cmocka_unit_test(log__proof_of_another_log_is_refused),
    cmocka_unit_test(log__every_root_is_the_recursive_one),
    cmocka_unit_test(log__threads_never_change_a_byte),
    cmocka_unit_test(log__every_inclusion_proof_holds_for_its_leaf_only),
    cmocka_unit_test(log__every_consistency_proof_holds_for_its_sizes_only),
    cmocka_unit_test(log__every_flipped_byte_and_cut_of_a_folder_is_noticed),
    cmocka_unit_test(log__failing_library_is_the_machines_fault),
};

int
main(int count, char **arguments)
{
    if (count > 1) {
        cmocka_set_test_filter(arguments[1]);
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
