#include "tests/test.h"

#include "tests/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- examples ---- */

static void
seed__known_seeds_are_read_and_made_again(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= KNOWN_CASES; i++) {
        struct known known;
        struct lot_error error = {0};
        struct lot_freeze freeze;
        struct lot_attempt attempt;
        struct lot_buffer again = {0};
        known_open(i, &known);
        if (!known_read(&known, &error) ||
            !lot_seed_read(&known.roll, lot_buffer_text(&known.seed), &freeze, &attempt, &error)) {
            fail_msg("case %u: %s", i, error.text);
        }
        lot_seed_text(&known.roll, &freeze, &attempt, &again);
        assert_true(lot_text_same(lot_buffer_text(&again), lot_buffer_text(&known.seed)));
        lot_buffer_finish(&again);
        known_close(&known);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(seed__known_seeds_are_read_and_made_again),
};

TEST_MAIN(tests)
