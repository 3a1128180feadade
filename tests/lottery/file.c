#include "tests/test.h"

#include "lottery/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct file_folder folder;
static char folder_path[] = "file-test-XXXXXX";

static int
set_up(void **state)
{
    (void)state;
    umask(022);
    return mkdtemp(folder_path) != NULL && file_folder_open(NULL, folder_path, &folder, NULL) ? 0
                                                                                              : -1;
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
    return 0; /* empty folders stay: they lie in the build folder */
}

static void
assert_holds(const char *path, const char *text)
{
    struct lot_buffer bytes = {0};
    assert_true(file_read(&folder, path, 1000, &bytes, NULL));
    assert_string_equal(bytes.at, text);
    lot_buffer_finish(&bytes);
}

static mode_t
mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(fstatat(folder.fd, path, &status, 0), 0);
    return status.st_mode & 0777;
}

/* ---- example -------------------------------------------------------------------------------- */

static void
file__what_is_written_is_read(void **state)
{
    (void)state;
    assert_false(file_exists(&folder, "one/two/three.txt"));
    assert_true(file_write(&folder, "one/two/three.txt", LOT_TEXT("first"), NULL));
    assert_true(file_exists(&folder, "one/two/three.txt"));
    assert_holds("one/two/three.txt", "first");
    assert_int_equal(mode_of("one/two/three.txt"), 0644);
    assert_true(file_write(&folder, "one/two/three.txt", LOT_TEXT("second"), NULL));
    assert_holds("one/two/three.txt", "second");
    assert_true(file_write(&folder, "empty", LOT_TEXT(""), NULL));
    assert_holds("empty", "");
    assert_true(file_remove(&folder, "empty", NULL));
    assert_false(file_exists(&folder, "empty"));
}

static void
file__folders_open_in_folders(void **state)
{
    (void)state;
    struct file_folder inner = {0};
    assert_true(file_folder_make(&folder, "a/b/c", NULL));
    assert_true(file_folder_make(&folder, "a//b/", NULL));
    assert_true(file_folder_open(&folder, "a/b", &inner, NULL));
    assert_true(file_write(&inner, "x", LOT_TEXT("y"), NULL));
    assert_holds("a/b/x", "y");
    struct lot_error error = {0};
    struct lot_buffer bytes = {0};
    assert_false(file_read(&inner, "missing", 9, &bytes, &error));
    char sentence[200];
    snprintf(sentence, sizeof sentence, "%s/a/b/missing: cannot be read: No such file or directory",
             folder_path);
    assert_string_equal(error.text, sentence);
    file_folder_finish(&inner);
    file_folder_finish(&inner);
    file_folder_finish(NULL);
    assert_true(file_folder_make(NULL, folder_path, NULL)); /* it is there: nothing to do */
}

static void
file__absolute_paths_need_no_folder(void **state)
{
    (void)state;
    struct lot_buffer path = {0}, bytes = {0};
    char here[1024];
    assert_non_null(getcwd(here, sizeof here));
    lot_buffer_print(&path, "%s/%s/new/absolute", here, folder_path);
    assert_true(file_write(NULL, path.at, LOT_TEXT("text"), NULL));
    assert_true(file_read(NULL, path.at, 4, &bytes, NULL));
    assert_string_equal(bytes.at, "text");
    lot_buffer_finish(&path);
    lot_buffer_finish(&bytes);
}

static void
file__list_is_sorted_and_whole(void **state)
{
    (void)state;
    struct file_folder tree;
    assert_true(file_folder_make(&folder, "tree/hollow", NULL));
    assert_true(file_folder_open(&folder, "tree", &tree, NULL));
    static const char *const paths[] = {"b", "a/z", "a/b/c", "a.x", "\xE6\xA5\xBC"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_true(file_place(&tree, paths[i], LOT_TEXT("x"), NULL));
        assert_true(file_sync(&tree, paths[i], NULL));
    }
    assert_int_equal(symlinkat("nowhere", tree.fd, "link"), 0);
    assert_int_equal(symlinkat("..", tree.fd, "loop"), 0);
    static const char *const expected[] = {"a.x",     "a/b/c", "a/z",  "b",
                                           "hollow/", "link",  "loop", "\xE6\xA5\xBC"};
    struct file_list list;
    assert_true(file_list(&tree, &list, NULL));
    assert_int_equal(list.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.paths[i], expected[i]);
    }
    file_list_finish(&list);
    file_list_finish(&list);
    file_list_finish(NULL);
    file_folder_finish(&tree);
}

static void
file__secrets_are_for_their_owner(void **state)
{
    (void)state;
    umask(0);
    assert_true(file_write_secret(&folder, "office.key", LOT_TEXT("secret"), NULL));
    umask(022);
    assert_int_equal(mode_of("office.key"), 0600);
    struct lot_buffer bytes = {0};
    bool open_to_others = true;
    assert_true(file_read_secret(&folder, "office.key", 100, &bytes, &open_to_others, NULL));
    assert_false(open_to_others);
    assert_string_equal(bytes.at, "secret");
    assert_int_equal(fchmodat(folder.fd, "office.key", 0640, 0), 0);
    assert_true(file_read_secret(&folder, "office.key", 100, &bytes, &open_to_others, NULL));
    assert_true(open_to_others);
    struct lot_error error = {0};
    assert_false(file_write_secret(&folder, "office.key", LOT_TEXT("other"), &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(strstr(error.text, "never written over another"));
    assert_holds("office.key", "secret");
    lot_buffer_finish(&bytes);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void
file__size_is_bounded_before_memory_is_taken(void **state)
{
    (void)state;
    struct lot_buffer bytes = {0};
    struct lot_error error = {0};
    assert_true(file_write(&folder, "five", LOT_TEXT("12345"), NULL));
    assert_true(file_read(&folder, "five", 5, &bytes, NULL));
    assert_int_equal(bytes.size, 5);
    assert_false(file_read(&folder, "five", 4, &bytes, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(strstr(error.text, "five: has 5 bytes; at most 4 are read"));
    assert_int_equal(bytes.size, 0);
    /* A hole of 4 TiB is refused at once. */
    int fd = openat(folder.fd, "hole", O_WRONLY | O_CREAT, 0644);
    bool possible = ftruncate(fd, (off_t)1 << 42) == 0;
    close(fd);
    if (possible) {
        assert_false(file_read(&folder, "hole", FILE_SIZE_MAX, &bytes, &error));
        assert_non_null(strstr(error.text, "hole: has 4398046511104 bytes"));
    }
    lot_buffer_finish(&bytes);
}

static void
file__room_is_kept_for_the_next_file(void **state)
{
    (void)state;
    struct lot_buffer bytes = {0};
    assert_true(file_write(&folder, "long", LOT_TEXT("0123456789"), NULL));
    assert_true(file_write(&folder, "short", LOT_TEXT("abc"), NULL));
    assert_true(file_read(&folder, "long", 10, &bytes, NULL));
    const char *before = bytes.at;
    assert_true(file_read(&folder, "short", 10, &bytes, NULL));
    assert_ptr_equal(bytes.at, before);
    assert_string_equal(bytes.at, "abc");
    lot_buffer_finish(&bytes);
}

static void
file__too_deep_a_tree_is_refused(void **state)
{
    (void)state;
    struct lot_buffer path = {0};
    lot_buffer_print(&path, "deep");
    for (int i = 0; i < FILE_DEPTH_MAX; i++) {
        lot_buffer_print(&path, "/d");
    }
    assert_true(file_write(&folder, "deep/x", LOT_TEXT(""), NULL));
    struct file_folder deep;
    assert_true(file_folder_open(&folder, "deep", &deep, NULL));
    struct file_list list;
    struct lot_error error = {0};
    assert_true(file_folder_make(&folder, path.at, NULL));
    assert_false(file_list(&deep, &list, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(strstr(error.text, "lies too deep"));
    /* Taken down again, or the end of the group could not list the folder. */
    while (strcmp(path.at, "deep") != 0) {
        assert_int_equal(unlinkat(folder.fd, path.at, AT_REMOVEDIR), 0);
        *strrchr(path.at, '/') = '\0';
    }
    assert_true(file_list(&deep, &list, NULL));
    file_list_finish(&list);
    file_folder_finish(&deep);
    lot_buffer_finish(&path);
}

/* ---- refusal -------------------------------------------------------------------------------- */

static void
file__only_regular_files_are_read(void **state)
{
    (void)state;
    struct lot_buffer bytes = {0};
    struct lot_error error = {0};
    assert_int_equal(mkfifo("file-test-pipe", 0644), 0);
    assert_false(file_read(NULL, "file-test-pipe", 9, &bytes, &error)); /* and does not wait */
    unlink("file-test-pipe");
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, "file-test-pipe: is not a regular file");
    assert_false(file_read(NULL, "/dev/zero", 9, &bytes, &error));
    assert_non_null(strstr(error.text, "is not a regular file"));
    assert_false(file_read(NULL, folder_path, 9, &bytes, &error));
    assert_non_null(strstr(error.text, "is not a regular file"));
    lot_buffer_finish(&bytes);
}

static void
file__a_file_that_is_longer_than_it_says_is_refused(void **state)
{
    (void)state;
    struct lot_buffer bytes = {0};
    struct lot_error error = {0};
    /* As a file that grows while it is read: the system says 0 bytes and gives more. */
    if (access("/proc/self/status", R_OK) != 0) {
        skip();
    }
    assert_false(file_read(NULL, "/proc/self/status", 100000, &bytes, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(strstr(error.text, "changed while it was read"));
    lot_buffer_finish(&bytes);
}

static void
file__missing_is_refused_and_the_rest_is_the_machine(void **state)
{
    (void)state;
    struct lot_buffer bytes = {0};
    struct lot_error error = {0};
    struct file_folder none = {0};
    assert_false(file_read(&folder, "none", 9, &bytes, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_false(file_folder_open(&folder, "none", &none, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_null(none.path);
    assert_false(file_remove(&folder, "none", &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_true(file_write(&folder, "plain", LOT_TEXT("x"), NULL));
    assert_false(file_write(&folder, "plain/below", LOT_TEXT("x"), &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_false(file_folder_make(&folder, "plain/below", &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "the folder cannot be made"));
    if (geteuid() != 0) {
        assert_int_equal(fchmodat(folder.fd, "plain", 0, 0), 0);
        assert_false(file_read(&folder, "plain", 9, &bytes, &error));
        assert_int_equal(error.code, LOT_MACHINE);
    }
    lot_buffer_finish(&bytes);
}

static void
file__failed_write_leaves_the_old_file_and_nothing_beside_it(void **state)
{
    (void)state;
    struct lot_error error = {0};
    assert_true(file_folder_make(&folder, "taken/by-a-folder", NULL));
    assert_true(file_write(&folder, "taken/by-a-folder/x", LOT_TEXT("x"), NULL));
    assert_false(file_write(&folder, "taken/by-a-folder", LOT_TEXT("y"), &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "taken/by-a-folder: cannot be written: "));
    assert_false(file_exists(&folder, "taken/by-a-folder" FILE_PART));
    assert_holds("taken/by-a-folder/x", "x");
}

/* ---- regression ----------------------------------------------------------------------------- */

static void
file__rest_of_a_stopped_run_is_replaced(void **state)
{
    (void)state;
    /* A link in the place of the temporary file must not be written through. */
    assert_true(file_write(&folder, "victim", LOT_TEXT("whole"), NULL));
    assert_int_equal(symlinkat("victim", folder.fd, "target" FILE_PART), 0);
    assert_true(file_write(&folder, "target", LOT_TEXT("new"), NULL));
    assert_holds("victim", "whole");
    assert_holds("target", "new");
    /* Nor may its mode open a secret. */
    assert_true(file_write(&folder, "late.key" FILE_PART, LOT_TEXT("half"), NULL));
    assert_true(file_write_secret(&folder, "late.key", LOT_TEXT("secret"), NULL));
    assert_int_equal(mode_of("late.key"), 0600);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(file__what_is_written_is_read),
    cmocka_unit_test(file__folders_open_in_folders),
    cmocka_unit_test(file__absolute_paths_need_no_folder),
    cmocka_unit_test(file__list_is_sorted_and_whole),
    cmocka_unit_test(file__secrets_are_for_their_owner),
    cmocka_unit_test(file__size_is_bounded_before_memory_is_taken),
    cmocka_unit_test(file__room_is_kept_for_the_next_file),
    cmocka_unit_test(file__too_deep_a_tree_is_refused),
    cmocka_unit_test(file__only_regular_files_are_read),
    cmocka_unit_test(file__a_file_that_is_longer_than_it_says_is_refused),
    cmocka_unit_test(file__missing_is_refused_and_the_rest_is_the_machine),
    cmocka_unit_test(file__failed_write_leaves_the_old_file_and_nothing_beside_it),
    cmocka_unit_test(file__rest_of_a_stopped_run_is_replaced),
};

int
main(int count, char **words)
{
    if (count > 1) {
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
