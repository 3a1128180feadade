#include "tests/test.h"

#include "tests/known.h"

#include "lottery/roll.h"

#include <stdlib.h>
#include <string.h>

static void
roll__known_draws_are_read(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= KNOWN_CASES; i++) {
        struct known known;
        struct lot_error error = {0};
        known_open(i, &known);
        if (!known_read(&known, &error)) {
            fail_msg("case %u: %s", i, error.text);
        }
        known_close(&known);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(roll__known_draws_are_read),
};

TEST_MAIN(tests)
