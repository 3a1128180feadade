/*
 * test.h - cmocka with the headers it wants before it, and a main that runs one
 * test by name: `test_lottery_draw draw__same_seed_gives_same_order`.
 */
#ifndef MINGQIAN_TEST_H
#define MINGQIAN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef NDEBUG
#error "asserts are part of the product: build without NDEBUG"
#endif

#define TEST_MAIN(tests)                                  \
    int main(int count, char **words)                     \
    {                                                     \
        if (count > 1) {                                  \
            cmocka_set_test_filter(words[1]);             \
        }                                                 \
        return cmocka_run_group_tests(tests, NULL, NULL); \
    }

#endif
