#include "tests/test.h"

#include "tests/book.h"

#include "lottery/hall.h"
#include "lottery/publish.h"
#include "lottery/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The day of a small draw: the acts in their order, each a transaction of its own. */
enum act { ATTEMPT, COMMIT_1, COMMIT_2, DICE, REVEAL_1, REVEAL_2, DRAW, WAIVE, PUBLISH, ACTS };

static const char *const parties[2] = {"office", "union"};
static const char dice[] = "0123456789012345678901234567890123456789";
static struct book book;
static char bundle[64];
static char secrets[2][LOT_HEX_SIZE + 1], commits[2][LOT_HEX_SIZE + 1];

static int
set_up(void **state)
{
    (void)state;
    struct lot_error error = {0};
    book_begin(&book);
    assert_true(book_live(&book, &error));
    strcpy(bundle, "/dev/shm/bundle-XXXXXX");
    if (mkdtemp(bundle) == NULL) {
        strcpy(bundle, "bundle-XXXXXX");
        assert_non_null(mkdtemp(bundle));
    }
    for (int i = 0; i < 2; i++) {
        memset(secrets[i], 'a' + i, LOT_HEX_SIZE);
        char text[128];
        snprintf(text, sizeof text, "TEST-1:%s:%s", parties[i], secrets[i]);
        assert_true(crypto_digest_hex(LOT_SHA256, lot_text(text), commits[i], NULL));
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    store_fail_at(0);
    crypto_fail_at(0);
    book_end(&book);
    char command[96];
    snprintf(command, sizeof command, "rm -r '%s'", bundle);
    return system(command); /* NOLINT(cert-env33-c): a folder of our own name */
}

/* The household at the first rank. */
static const char *
first_household(const struct hall *hall, char id[static LOT_CODE_MAX + 1])
{
    const struct lot_entry *entry = &hall->frozen.roll.entries[hall->order[0].entry];
    snprintf(id, LOT_CODE_MAX + 1, "%.*s", entry->id_size, entry->id);
    return id;
}

static bool
publish(struct hall *hall, struct lot_error *error)
{
    struct file_folder folder = {0};
    struct publish_result result;
    bool others = false;
    bool good = store_checkpoint_due(hall->book.store, STORE_SITTING, error) &&
                hall_close(hall, NULL, &others, error) &&
                file_folder_open(NULL, bundle, &folder, error) &&
                store_begin(hall->book.store, STORE_READ, error) &&
                publish_bundle(hall->book.store, hall->book.rules, &folder, &result, error);
    file_folder_finish(&folder);
    return good;
}

static bool
happen(struct hall *hall, enum act act, int64_t now, struct lot_error *error)
{
    struct lot_buffer successor = {0};
    char id[LOT_CODE_MAX + 1];
    bool good = false;
    switch (act) {
    case ATTEMPT:
        return hall_attempt(hall, "1.0", LOT_TEXT("a program"), now, error);
    case COMMIT_1:
    case COMMIT_2:
        return hall_commit(hall, parties[act - COMMIT_1], commits[act - COMMIT_1], now, error);
    case DICE:
        return hall_dice(hall, dice, dice, now, error);
    case REVEAL_1:
    case REVEAL_2:
        return hall_reveal(hall, parties[act - REVEAL_1], secrets[act - REVEAL_1], now, error);
    case DRAW:
        return hall_draw(hall, 2, now, error);
    case WAIVE:
        good = hall_waive(hall, first_household(hall, id), "own", now, &successor, error);
        lot_buffer_finish(&successor);
        return good;
    case PUBLISH:
    case ACTS:
        break;
    }
    return publish(hall, error);
}

/* One act as its verb does it. */
static bool
play(enum act act, struct lot_error *error)
{
    struct hall hall = {0};
    bool others = false;
    bool good = hall_open(book.path, STORE_WRITE, &hall, error) &&
                happen(&hall, act, BOOK_TIME + 3600 + 60 * (int64_t)act, error) &&
                (act == PUBLISH || hall_close(&hall, NULL, &others, error));
    hall_finish(&hall);
    return good;
}

static void
play_up_to(enum act last)
{
    struct lot_error error = {0};
    for (int act = ATTEMPT; act <= (int)last; act++) {
        if (!play((enum act)act, &error)) {
            fail_msg("act %d: %s", act, error.text);
        }
    }
}

/* ---- example ---- */

static void
hall__day_ends_in_a_bundle_that_verifies(void **state)
{
    (void)state;
    play_up_to(PUBLISH);
    const struct verify_options options = {.key = book.log.key.text, .threads = 1};
    struct verify *verify = NULL;
    const struct verify_line *line;
    enum verify_step failed;
    struct lot_error error = {0};
    assert_true(verify_create(bundle, &options, &verify, &error));
    do {
        assert_true(verify_next(verify, &line, &error));
        assert_true(line == NULL || line->kind != VERIFY_FALSE);
    } while (line != NULL);
    assert_true(verify_verdict(verify, &failed));
    verify_destroy(verify);
}

/* ---- refusal ---- */

static void
refused(bool good, const struct lot_error *error, enum lot_code code, const char *words)
{
    assert_false(good);
    if (error->code != code || strstr(error->text, words) == NULL) {
        fail_msg("%d, not '%s': %s", (int)error->code, words, error->text);
    }
}

static void
hall__other_order_is_refused(void **state)
{
    (void)state;
    struct lot_error error = {0};
    for (int done = ATTEMPT; done < PUBLISH; done++) {
        for (int act = ATTEMPT; act < PUBLISH; act++) {
            if (act == done) {
                continue;
            }
            if (act == WAIVE && done < WAIVE) {
                continue; /* there is no first rank yet to name */
            }
            bool good = play((enum act)act, &error);
            assert_false(good);
            assert_true(error.code == LOT_PHASE || error.code == LOT_REFUSED);
        }
        assert_true(play((enum act)done, &error));
    }
}

static void
hall__roll_must_be_frozen(void **state)
{
    (void)state;
    struct lot_error error = {0};
    book_remove_draw(&book);
    assert_true(book_new(&book, &error));
    refused(play(ATTEMPT, &error), &error, LOT_PHASE, "frozen");
}

static void
hall__two_entries_must_agree(void **state)
{
    (void)state;
    struct hall hall = {0};
    struct lot_error error = {0};
    play_up_to(COMMIT_2);
    assert_true(hall_open(book.path, STORE_WRITE, &hall, &error));
    char other[sizeof dice];
    memcpy(other, dice, sizeof dice);
    other[17] = '9';
    refused(hall_dice(&hall, dice, other, BOOK_TIME + 9000, &error), &error, LOT_REFUSED,
            "place 18");
    refused(hall_dice(&hall, dice, "01", BOOK_TIME + 9000, &error), &error, LOT_REFUSED, "place 3");
    hall_finish(&hall);
}

static void
hall__home_wants_its_commit_opened(void **state)
{
    (void)state;
    struct hall hall = {0};
    struct lot_error error = {0};
    char id[LOT_CODE_MAX + 1];
    play_up_to(DRAW);
    assert_true(hall_open(book.path, STORE_WRITE, &hall, &error));
    refused(hall_take(&hall, first_household(&hall, id), "A-01", LOT_TEXT("salt:1"),
                      BOOK_TIME + 9000, &error),
            &error, LOT_REFUSED, "does not give the commit");
    assert_null(strstr(error.text, "salt:1"));
    refused(hall_take(&hall, "0000", "A-01", LOT_TEXT("x"), BOOK_TIME + 9000, &error), &error,
            LOT_REFUSED, "not an entry");
    hall_finish(&hall);
}

static void
hall__other_key_signs_nothing(void **state)
{
    (void)state;
    struct hall hall = {0};
    struct lot_error error = {0};
    bool others = false;
    assert_true(hall_open(book.path, STORE_WRITE, &hall, &error));
    assert_true(hall_attempt(&hall, "1.0", LOT_TEXT("x"), BOOK_TIME + 9000, &error));
    assert_false(hall_close(&hall, "no such key", &others, &error));
    hall_finish(&hall);
    assert_true(hall_open(book.path, STORE_READ, &hall, &error));
    assert_int_equal(hall.ceremony.step, LOT_STEP_ATTEMPT);
    hall_finish(&hall);
}

/* ---- an older copy ---- */

static void
copy_draw(const char *from, const char *to)
{
    struct lot_buffer bytes = {0};
    assert_true(file_read(NULL, from, UINT64_C(1) << 30, &bytes, NULL));
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
    lot_buffer_finish(&bytes);
}

/* What the key signed last lies beside the key: a copy from before it signs nothing more. */
static void
hall__older_copy_signs_nothing(void **state)
{
    (void)state;
    struct lot_error error = {0};
    char saved[128], record[128];
    snprintf(saved, sizeof saved, "%s.saved", bundle);
    snprintf(record, sizeof record, "%s.signed", book.key_path);
    copy_draw(book.path, saved);
    play_up_to(COMMIT_2); /* the checkpoint of the commits is signed */
    book_remove_draw(&book);
    copy_draw(saved, book.path);
    refused(play(ATTEMPT, &error), &error, LOT_REFUSED, "old copy");
    assert_true(file_write(NULL, record, LOT_TEXT("12\n"), NULL));
    refused(play(ATTEMPT, &error), &error, LOT_REFUSED, "does not say what this key signed last");
    unlink(record);
    assert_true(play(ATTEMPT, &error)); /* without a record there is nothing to compare with */
    unlink(saved);
}

/* ---- faults: the n-th call fails, for every n of every act ---- */

static uint64_t
log_size(void)
{
    struct hall hall = {0};
    struct lot_error error = {0};
    if (!hall_open(book.path, STORE_READ, &hall, &error)) {
        fail_msg("after a fault: %s", error.text);
    }
    uint64_t size = hall.ceremony.size;
    hall_finish(&hall);
    return size;
}

/*
 * After each fault the file is before the act or after it, never between, and what is
 * after it may still want its signature: then the same act is over, and the next goes on.
 */
static void
fail_every_call(uint64_t (*fail_at)(uint64_t n))
{
    char saved[128];
    uint64_t all = 0;
    snprintf(saved, sizeof saved, "%s.saved", bundle);
    for (int act = ATTEMPT; act < ACTS; act++) {
        uint64_t before = log_size(), sizes[2] = {before, before};
        copy_draw(book.path, saved);
        for (uint64_t n = 1;; n++, all++) {
            struct lot_error error = {0};
            fail_at(n);
            bool good = play((enum act)act, &error);
            fail_at(0);
            assert_true(good || error.code == LOT_MACHINE);
            uint64_t after = log_size();
            if (after != before) {
                assert_true(sizes[1] == before || sizes[1] == after);
                sizes[1] = after;
            }
            if (good) {
                assert_true(act == PUBLISH || after > before);
                break;
            }
            book_remove_draw(&book);
            copy_draw(saved, book.path);
        }
    }
    unlink(saved);
    print_message("%llu calls, each failed once\n", (unsigned long long)all);
    assert_true(all > 100);
}

static void
hall__any_call_of_the_database_may_fail(void **state)
{
    (void)state;
    fail_every_call(store_fail_at);
}

static void
hall__any_call_of_cryptography_may_fail(void **state)
{
    (void)state;
    fail_every_call(crypto_fail_at);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(hall__day_ends_in_a_bundle_that_verifies, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__other_order_is_refused, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__roll_must_be_frozen, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__two_entries_must_agree, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__home_wants_its_commit_opened, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__other_key_signs_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__older_copy_signs_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__any_call_of_the_database_may_fail, set_up, tear_down),
    cmocka_unit_test_setup_teardown(hall__any_call_of_cryptography_may_fail, set_up, tear_down),
};

TEST_MAIN(tests)
