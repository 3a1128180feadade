#include "tests/test.h"

#include "tests/book.h"

#include "lottery/head.h"
#include "lottery/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct book book;

static int
set_up(void **state)
{
    (void)state;
    struct lot_error error = {0};
    book_begin(&book);
    if (!book_new(&book, &error)) {
        fail_msg("%s", error.text);
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    book_end(&book);
    return 0;
}

static struct register_book
enter(void)
{
    struct register_book open = {0};
    assert_true(register_open(book.path, STORE_WRITE, &open, NULL));
    return open;
}

/* Appends leaf numbers [from, to) in one call each verb, as many verbs as it takes. */
static void
grow(uint64_t from, uint64_t to, uint64_t step)
{
    for (uint64_t i = from; i < to; i += step) {
        struct register_book open = enter();
        char texts[16][32];
        struct lot_text leaves[16];
        uint64_t count = to - i < step ? to - i : step;
        for (uint64_t j = 0; j < count; j++) {
            snprintf(texts[j], sizeof texts[j], "leaf %llu", (unsigned long long)(i + j));
            leaves[j] = lot_text(texts[j]);
        }
        assert_true(head_append(open.store, leaves, count, NULL));
        assert_true(store_checkpoint_due(open.store, STORE_SITTING, NULL));
        assert_true(store_commit(open.store, NULL));
        register_close(&open);
    }
}

/* The root of leaves 0..size-1, by the tree that knows them all. */
static void
root_of(uint64_t size, uint8_t out[static LOT_HASH_BYTES])
{
    char(*texts)[32] = lot_alloc(size, sizeof *texts);
    struct lot_text *leaves = lot_alloc(size, sizeof *leaves);
    struct log_tree tree = {0};
    for (uint64_t i = 0; i < size; i++) {
        snprintf(texts[i], sizeof texts[i], "leaf %llu", (unsigned long long)i);
        leaves[i] = lot_text(texts[i]);
    }
    assert_true(log_tree_create(leaves, size, 1, &tree, NULL));
    assert_true(log_tree_root(&tree, size, out, NULL));
    log_tree_finish(&tree);
    free(leaves);
    free(texts);
}

static bool
sign(struct lot_error *error)
{
    struct register_book open = enter();
    assert_true(store_commit(open.store, NULL));
    bool good = head_sign(open.store, open.rules, &book.log, error);
    register_close(&open);
    return good;
}

/* ---- example ---- */

static void
head__root_is_the_tree_s_at_every_size(void **state)
{
    (void)state;
    for (uint64_t size = 0; size < 20; size += 3) {
        struct register_book open = enter();
        struct store_head head;
        uint8_t root[LOT_HASH_BYTES];
        root_of(size, root);
        assert_true(store_head(open.store, &head, NULL) && head.size == size);
        assert_memory_equal(head.root, root, sizeof root);
        register_close(&open);
        grow(size, size + 3, 2);
    }
}

static void
head__signs_what_is_due_and_only_once(void **state)
{
    (void)state;
    struct store_checkpoint checkpoint = {0};
    struct note_checkpoint said;
    struct note note;
    char first[512];
    bool found = true;
    grow(0, 9, 4); /* sizes 4, 8, 9 are due: as if two verbs were killed before they signed */
    assert_true(sign(NULL));
    struct register_book open = enter();
    const uint64_t sizes[] = {4, 8, 9};
    for (int i = 0; i < 3; i++) {
        assert_true(store_checkpoint_next(open.store, checkpoint.size, &checkpoint, &found, NULL));
        assert_true(found && checkpoint.size == sizes[i]);
        assert_true(note_read(checkpoint.note, &note, NULL));
        assert_true(note_demand(&note, &open.rules->log_keys[0], NULL, NULL));
        assert_true(note_checkpoint_read(note.text, &said, NULL));
        assert_string_equal(said.origin, "housing.example/TEST-1");
        assert_true(said.size == sizes[i]);
        uint8_t root[LOT_HASH_BYTES];
        root_of(sizes[i], root);
        assert_memory_equal(said.root, root, sizeof root);
    }
    snprintf(first, sizeof first, "%s", checkpoint.note.at);
    register_close(&open);
    assert_true(sign(NULL)); /* nothing is due: nothing changes */
    open = enter();
    assert_true(store_checkpoint_next(open.store, 8, &checkpoint, &found, NULL) && found);
    assert_string_equal(checkpoint.note.at, first);
    register_close(&open);
}

/* ---- limits ---- */

static void
head__holds_every_state_it_ever_had(void **state)
{
    (void)state;
    grow(0, 9, 4);
    struct register_book open = enter();
    for (uint64_t size = 0; size <= 9; size++) {
        uint8_t root[LOT_HASH_BYTES];
        root_of(size, root);
        assert_true(head_extends(open.store, size, root, NULL));
    }
    register_close(&open);
}

/* ---- refusal ---- */

static void
head__old_copy_of_the_file_is_not_signed(void **state)
{
    (void)state;
    struct lot_error error = {0};
    uint8_t root[LOT_HASH_BYTES];
    grow(0, 9, 4);
    struct register_book open = enter();
    root_of(10, root);
    assert_false(head_extends(open.store, 10, root, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(
        strstr(error.text, "is an old copy: its log has 9 lines, the published one has 10"));
    root_of(8, root);
    root[0] ^= 1;
    assert_false(head_extends(open.store, 8, root, &error));
    assert_non_null(strstr(error.text, "tells another history"));
    register_close(&open);
}

/* Somebody with the sqlite3 shell drops the guard and rewrites a leaf. */
static void
head__rewritten_leaf_is_noticed_before_signing(void **state)
{
    (void)state;
    struct lot_error error = {0};
    char command[256];
    if (system("sqlite3 --version >/dev/null 2>&1") != 0) {
        skip();
    }
    grow(0, 9, 4);
    snprintf(command, sizeof command,
             "sqlite3 %s \"DROP TRIGGER leaf_UPDATE; UPDATE leaf SET line = 'leaf X' WHERE number"
             " = 2\"",
             book.path);
    assert_int_equal(system(command), 0);
    assert_false(sign(&error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "does not give the root that was noted at size 4"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(head__root_is_the_tree_s_at_every_size, set_up, tear_down),
    cmocka_unit_test_setup_teardown(head__signs_what_is_due_and_only_once, set_up, tear_down),
    cmocka_unit_test_setup_teardown(head__holds_every_state_it_ever_had, set_up, tear_down),
    cmocka_unit_test_setup_teardown(head__old_copy_of_the_file_is_not_signed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(head__rewritten_leaf_is_noticed_before_signing, set_up,
                                    tear_down),
};

TEST_MAIN(tests)
