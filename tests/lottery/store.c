#include "tests/test.h"

#include "lottery/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* One folder a test, with draw.db in it. */
static char folder[64], path[96];

static int
set_up(void **state)
{
    (void)state;
    strcpy(folder, "/dev/shm/store-XXXXXX"); /* in memory: fsync is free there */
    if (mkdtemp(folder) == NULL) {
        strcpy(folder, "store-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    snprintf(path, sizeof path, "%s/draw.db", folder);
    return 0;
}

static void
remove_files(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static int
tear_down(void **state)
{
    (void)state;
    store_fail_at(0);
    remove_files();
    return rmdir(folder);
}

static void
write_bytes(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Application i of a small register; two of them share a person. */
static bool
add_application(struct store *store, uint32_t i, struct lot_error *error)
{
    char office[8], person[32];
    struct store_application application = {
        .intake = "w1",
        .number = i,
        .time = "2026-11-03T01:12:09Z",
        .queues = LOT_TEXT("Q1"),
        .wants = LOT_TEXT("2B 1B"),
        .office = {office, (size_t)snprintf(office, sizeof office, "A%u", i)},
        .slip = LOT_TEXT("slip\n"),
        .persons = 2,
        .chances = 3,
        .held = i == 2,
    };
    snprintf(application.id, sizeof application.id, "ID%02u", 99 - i);
    snprintf(application.commit, sizeof application.commit, "c%u", i);
    snprintf(application.salt, sizeof application.salt, "s%u", i);
    snprintf(person, sizeof person, "23019919800101%04u", i);
    const struct lot_text numbers[2] = {lot_text(person), LOT_TEXT("230199198001010179")};
    return store_application_add(store, &application, numbers, error);
}

/* What three verbs do, whole: create and fill; a decision and a leaf; a signature. */
static bool
live(const char *name, struct lot_error *error)
{
    struct store *store = NULL;
    struct store_head head = {.size = 2, .peak_count = 1};
    const struct lot_text leaves[2] = {LOT_TEXT("draw D 2026-11-03T01:12:09Z"), LOT_TEXT("freeze")};
    memset(head.root, 7, sizeof head.root);
    memset(head.peaks, 8, sizeof head.peaks);
    bool good = store_create(name, &store, error) &&
                store_file_put(store, LOT_TEXT("rules.json"), LOT_TEXT("{}\n"), error) &&
                add_application(store, 1, error) && add_application(store, 2, error) &&
                store_journal_add(store, LOT_TEXT("row 0"), error) && store_commit(store, error) &&
                store_begin(store, STORE_WRITE, error) &&
                store_application_decide(store, "ID98", STORE_ADMITTED, "OK", false, error) &&
                store_journal_add(store, LOT_TEXT("row 1"), error) &&
                store_leaves_add(store, 0, leaves, 2, &head, error) &&
                store_checkpoint_due(store, STORE_FREEZE, error) && store_commit(store, error) &&
                store_begin(store, STORE_WRITE, error) &&
                store_checkpoint_sign(store, 2, LOT_TEXT("note\n"), error) &&
                store_cosignature_add(store, 2, LOT_TEXT("notary"), LOT_TEXT("line\n"), error) &&
                store_commit(store, error);
    store_close(store);
    return good;
}

/* How many of live()'s three transactions stand in the file, and that no part of one does. */
static int
transactions(void)
{
    struct store *store = NULL;
    struct store_counts counts;
    struct store_head head;
    struct store_checkpoint checkpoint;
    struct lot_buffer buffer = {0};
    struct lot_error error = {0};
    bool file = false, found = false;
    uint64_t rows = 0;
    if (!store_open(path, &store, &error)) {
        assert_int_equal(error.code, LOT_REFUSED); /* empty, as `new` may go on with it */
        assert_non_null(strstr(error.text, "empty"));
        return 0;
    }
    assert_true(store_begin(store, STORE_READ, NULL) && store_check(store, NULL));
    assert_true(store_count(store, &counts, NULL) && store_head(store, &head, NULL));
    assert_true(store_journal_size(store, &rows, NULL));
    assert_true(store_file_get(store, LOT_TEXT("rules.json"), &buffer, &file, NULL));
    assert_true(store_checkpoint_next(store, 0, &checkpoint, &found, NULL));
    bool is_signed = found && checkpoint.note.size > 0;
    store_close(store);
    lot_buffer_finish(&buffer);
    assert_true(file && counts.received + counts.admitted == 2);
    assert_true(rows == 1 + counts.admitted && head.size == 2 * counts.admitted);
    assert_true(found == (counts.admitted == 1));
    return 1 + found + is_signed;
}

static struct store *
open_at(const char *name, enum store_mode mode)
{
    struct store *store = NULL;
    struct lot_error error = {0};
    if (!store_open(name, &store, &error) || !store_begin(store, mode, &error)) {
        fail_msg("%s", error.text);
    }
    return store;
}

/* ---- example ---- */

static void
store__keeps_what_was_committed(void **state)
{
    (void)state;
    struct store_application a;
    struct store_checkpoint checkpoint;
    struct lot_buffer lines = {0};
    struct lot_text text;
    struct lot_error error = {0};
    char person[STORE_NUMBER_MAX + 1];
    bool found = false;
    if (!live(path, &error)) {
        fail_msg("%s", error.text);
    }
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    char header[100];
    FILE *file = fopen(path, "rb");
    assert_true(file != NULL && fread(header, 1, sizeof header, file) == sizeof header);
    assert_int_equal(fclose(file), 0);
    assert_memory_equal(header + 18, "\2\2", 2); /* write and read version 2: WAL */
    assert_memory_equal(header + 68, "MQdr", 4);
    struct store *store = open_at(path, STORE_READ);
    assert_true(store_application_of_office(store, LOT_TEXT("A2"), &a, &found, NULL) && found);
    assert_true(strcmp(a.id, "ID97") == 0 && a.held && a.number == 2 && a.chances == 3);
    assert_true(lot_text_is(a.wants, "2B 1B") && a.state == STORE_RECEIVED);
    assert_true(store_application(store, "ID98", &a, &found, NULL) && found);
    assert_true(a.state == STORE_ADMITTED && strcmp(a.reason, "OK") == 0);
    assert_true(store_person(store, "ID98", 0, person, &found, NULL) && found);
    assert_string_equal(person, "230199198001010001");
    assert_true(store_checkpoint_next(store, 0, &checkpoint, &found, NULL) && found);
    assert_true(checkpoint.size == 2 && checkpoint.root[31] == 7);
    assert_true(checkpoint.purpose == STORE_FREEZE && lot_text_is(checkpoint.note, "note\n"));
    assert_true(store_cosignature(store, 2, LOT_TEXT("notary"), &text, &found, NULL) && found);
    assert_true(lot_text_is(text, "line\n"));
    assert_true(store_cosignature(store, 2, LOT_TEXT("court"), &text, &found, NULL) && !found);
    assert_true(store_leaves_read(store, 1, 2, &lines, NULL));
    assert_true(store_journal_read(store, 0, 2, &lines, NULL));
    assert_true(lot_text_is(lot_buffer_text(&lines), "freeze\nrow 0\nrow 1\n"));
    lot_buffer_finish(&lines);
    store_close(store);
}

static void
store__lists_go_on_from_the_item_named(void **state)
{
    (void)state;
    assert_true(live(path, NULL));
    struct store *store = open_at(path, STORE_READ);
    struct store_application a = {0};
    struct lot_text name = LOT_TEXT("");
    char seen[64] = "", id[LOT_CODE_MAX + 1] = "";
    bool found = true;
    while (store_application_next(store, &a, &found, NULL) && found) {
        strcat(seen, a.id);
    }
    a = (struct store_application){0};
    while (store_received_next(store, &a, &found, NULL) && found) {
        strncat(seen, a.office.at, a.office.size);
    }
    while (store_person_next(store, "230199198001010179", id, &found, NULL) && found) {
        strcat(seen, id);
    }
    /* The text named is the one the last call handed out. */
    assert_true(store_file_next(store, name, &name, &found, NULL) && found);
    strncat(seen, name.at, name.size);
    assert_true(store_file_next(store, name, &name, &found, NULL) && !found);
    assert_string_equal(seen, "ID97ID98A1A2ID97ID98rules.json");
    store_close(store);
}

/* ---- limits ---- */

static void
store__empty_and_binary_texts_come_back(void **state)
{
    (void)state;
    const char bytes[] = {'a', '\0', '\xff', '\n'};
    struct lot_buffer buffer = {0};
    bool found = false;
    struct store *store = NULL;
    assert_true(store_create(path, &store, NULL));
    assert_true(store_file_put(store, LOT_TEXT("empty"), (struct lot_text){NULL, 0}, NULL));
    assert_true(store_file_put(store, LOT_TEXT("bytes"), (struct lot_text){bytes, 4}, NULL));
    assert_true(store_file_get(store, LOT_TEXT("empty"), &buffer, &found, NULL) && found);
    assert_int_equal(buffer.size, 0);
    assert_true(store_file_get(store, LOT_TEXT("none"), &buffer, &found, NULL) && !found);
    assert_true(store_file_get(store, LOT_TEXT("bytes"), &buffer, &found, NULL) && found);
    assert_int_equal(buffer.size, 4);
    assert_memory_equal(buffer.at, bytes, 4);
    struct store_head head;
    assert_true(store_head(store, &head, NULL) && head.size == 0 && head.peak_count == 0);
    assert_int_equal(head.root[0], 0xe3);
    lot_buffer_finish(&buffer);
    store_close(store);
}

static void
store__uncommitted_work_is_gone(void **state)
{
    (void)state;
    struct store *store = NULL;
    assert_true(store_create(path, &store, NULL));
    store_close(store);
    assert_int_equal(transactions(), 0);
    assert_true(live(path, NULL)); /* what a killed `new` left is no obstacle */
    assert_int_equal(transactions(), 3);
    store = open_at(path, STORE_WRITE);
    assert_true(store_journal_add(store, LOT_TEXT("row 2"), NULL));
    store_close(store);
    assert_int_equal(transactions(), 3);
}

/* ---- refusal ---- */

static void
store__refuses_files_that_are_not_its_own(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct lot_error error = {0};
    assert_false(store_open(path, &store, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "No such file"));
    write_bytes(path, "names,of,people\n", 16);
    assert_false(store_open(path, &store, &error));
    assert_non_null(strstr(error.text, "is no draw file"));
    assert_false(store_create(path, &store, &error));
    assert_non_null(strstr(error.text, "is no draw file"));
    remove_files();
    assert_true(live(path, NULL));
    assert_false(store_create(path, &store, &error));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_non_null(strstr(error.text, "is there already"));
    assert_false(store_open("", &store, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_null(store);
}

static void
store__damage_is_named(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct lot_error error = {0};
    assert_true(live(path, NULL));
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "\x55\x55\x55\x55\x55\x55\x55\x55", 8, 100), 8);
    close(fd);
    assert_false(store_open(path, &store, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "damaged"));
}

static void
store__what_was_said_is_never_unsaid(void **state)
{
    (void)state;
    struct lot_error error = {0};
    const struct store_head head = {.size = 3};
    const struct lot_text leaf = LOT_TEXT("attempt 1");
    assert_true(live(path, NULL));
    struct store *store = open_at(path, STORE_WRITE);
    assert_false(add_application(store, 3, &error));
    assert_int_equal(error.code, LOT_PHASE);
    assert_non_null(strstr(error.text, "the roll is frozen"));
    assert_false(store_application_decide(store, "ID97", STORE_ADMITTED, "OK", false, &error));
    assert_non_null(strstr(error.text, "the roll is frozen"));
    assert_false(store_checkpoint_sign(store, 2, LOT_TEXT("another\n"), &error));
    assert_non_null(strstr(error.text, "no checkpoint of this size waits"));
    assert_false(store_file_put(store, LOT_TEXT("rules.json"), LOT_TEXT("{ }\n"), &error));
    assert_false(store_cosignature_add(store, 2, LOT_TEXT("notary"), LOT_TEXT("two\n"), &error));
    assert_false(store_cosignature_add(store, 9, LOT_TEXT("notary"), LOT_TEXT("two\n"), &error));
    store_close(store);
    store = open_at(path, STORE_WRITE);
    struct store_head stale = {.size = 2};
    assert_false(store_leaves_add(store, 1, &leaf, 1, &stale, &error)); /* leaf 1 is there */
    assert_true(store_leaves_add(store, 2, &leaf, 1, &head, &error));
    assert_false(store_leaves_add(store, 2, NULL, 0, &stale, &error));
    assert_non_null(strstr(error.text, "the log has grown meanwhile"));
    store_close(store);
}

/* The file itself says no, whoever asks: each statement is tried with the sqlite3 shell. */
static void
store__triggers_refuse_the_shell_too(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE leaf SET line = ''",
        "DELETE FROM leaf",
        "UPDATE journal SET line = ''",
        "DELETE FROM journal",
        "UPDATE file SET bytes = x''",
        "DELETE FROM file",
        "UPDATE head SET size = 1",
        "DELETE FROM head",
        "UPDATE application SET held = 0",
        "DELETE FROM application",
        "UPDATE person SET number = ''",
        "DELETE FROM person",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "UPDATE cosignature SET line = ''",
        "DELETE FROM cosignature",
        "INSERT INTO head VALUES(2,0,x'',x'')",
    };
    if (system("sqlite3 --version >/dev/null 2>&1") != 0) {
        skip();
    }
    assert_true(live(path, NULL));
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char command[256];
        snprintf(command, sizeof command, "sqlite3 %s \"%s\" >/dev/null 2>&1", path, changes[i]);
        if (system(command) == 0) {
            fail_msg("the file let itself be told: %s", changes[i]);
        }
    }
    assert_int_equal(transactions(), 3);
}

static void
store__second_writer_waits_then_says_so(void **state)
{
    (void)state;
    struct lot_error error = {0};
    assert_true(live(path, NULL));
    struct store *first = open_at(path, STORE_WRITE), *second = NULL;
    assert_true(store_open(path, &second, NULL));
    assert_true(store_begin(second, STORE_READ, NULL)); /* readers are not shut out */
    assert_true(store_commit(second, NULL));
    assert_false(store_begin(second, STORE_WRITE, &error));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_non_null(strstr(error.text, "another program is writing to it"));
    assert_true(store_journal_add(first, LOT_TEXT("row 2"), NULL) && store_commit(first, NULL));
    assert_true(store_begin(second, STORE_WRITE, NULL));
    store_close(first);
    store_close(second);
}

/* A file-size limit stands for a disk that is full. */
static void
store__full_disk_is_a_sentence(void **state)
{
    (void)state;
    assert_true(live(path, NULL));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {65536, 65536};
        struct lot_error error = {0};
        static char bytes[300000];
        signal(SIGXFSZ, SIG_IGN);
        struct store *store = NULL;
        bool good = setrlimit(RLIMIT_FSIZE, &limit) == 0 && store_open(path, &store, NULL) &&
                    store_begin(store, STORE_WRITE, NULL) &&
                    !(store_file_put(store, LOT_TEXT("big"), (struct lot_text){bytes, sizeof bytes},
                                     &error) &&
                      store_commit(store, &error)) &&
                    error.code == LOT_MACHINE && strstr(error.text, "nothing was changed") != NULL;
        _exit(good ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(transactions(), 3);
}

/* ---- property ---- */

static void
store__any_call_may_fail_and_nothing_is_half_done(void **state)
{
    (void)state;
    int before = 0;
    uint64_t n = 0;
    for (bool good = false; !good;) {
        struct lot_error error = {0};
        remove_files();
        store_fail_at(++n);
        good = live(path, &error);
        uint64_t counted = store_fail_at(0);
        assert_true(good ? counted < n : counted >= n);
        assert_true(good || (error.code == LOT_MACHINE && strlen(error.text) > 0));
        int stand = transactions();
        assert_true(stand >= before && stand <= before + 1); /* grows with n, never jumps */
        before = stand;
    }
    assert_int_equal(before, 3);
    assert_true(n > 100);
    print_message("%llu calls into SQLite, each failed once\n", (unsigned long long)n - 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(store__keeps_what_was_committed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__lists_go_on_from_the_item_named, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__empty_and_binary_texts_come_back, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__uncommitted_work_is_gone, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__refuses_files_that_are_not_its_own, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__damage_is_named, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__what_was_said_is_never_unsaid, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__triggers_refuse_the_shell_too, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__second_writer_waits_then_says_so, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__full_disk_is_a_sentence, set_up, tear_down),
    cmocka_unit_test_setup_teardown(store__any_call_may_fail_and_nothing_is_half_done, set_up,
                                    tear_down),
};

TEST_MAIN(tests)
