#include "tests/test.h"

#include "lottery/error.h"

#include <string.h>

static void
error__says_code_and_sentence(void **state)
{
    (void)state;
    struct lot_error error = {0};
    assert_false(lot_fail(&error, LOT_REFUSED, "line %d: id stands twice", 7));
    assert_int_equal(error.code, LOT_REFUSED);
    assert_string_equal(error.text, "line 7: id stands twice");
}

static void
error__place_goes_in_front(void **state)
{
    (void)state;
    struct lot_error error = {0};
    lot_fail(&error, LOT_MACHINE, "disk is full");
    assert_false(lot_fail_at(&error, "%s", "draw.db"));
    assert_int_equal(error.code, LOT_MACHINE);
    assert_string_equal(error.text, "draw.db: disk is full");
}

static void
error__long_sentence_is_cut_between_characters(void **state)
{
    (void)state;
    for (int blanks = 0; blanks < 4; blanks++) {
        char text[3 * LOT_ERROR_TEXT_MAX] = "";
        memset(text, ' ', (size_t)blanks);
        while (strlen(text) < 2 * LOT_ERROR_TEXT_MAX) {
            strcat(text, "\xF0\xA0\x85\xA4"); /* U+20164, four bytes */
        }
        struct lot_error error = {0};
        lot_fail(&error, LOT_REFUSED, "%s", text);
        size_t size = strlen(error.text);
        assert_true(size < LOT_ERROR_TEXT_MAX && size > LOT_ERROR_TEXT_MAX - 6);
        assert_int_equal((size - (size_t)blanks) % 4, 0);
    }
}

static void
error__reason_may_be_unwanted(void **state)
{
    (void)state;
    assert_false(lot_fail(NULL, LOT_USAGE, "nobody listens"));
    assert_false(lot_fail_at(NULL, "nowhere"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(error__says_code_and_sentence),
    cmocka_unit_test(error__place_goes_in_front),
    cmocka_unit_test(error__long_sentence_is_cut_between_characters),
    cmocka_unit_test(error__reason_may_be_unwanted),
};

TEST_MAIN(tests)
