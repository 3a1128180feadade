#include "tests/test.h"

#include "lottery/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char seen[200];

static bool
run_take(struct cli *cli, struct lot_error *error)
{
    uint32_t number = 0;
    if (!cli_number(cli, "number", 7, 40, &number, error)) {
        return false;
    }
    snprintf(seen, sizeof seen, "%d %s %s %u %d", cli->count, cli->count > 0 ? cli->words[0] : "-",
             cli_value(cli, "key"), number, cli_flag(cli, "loud"));
    for (int i = 0; cli_value_at(cli, "key", i) != NULL; i++) {
        strcat(seen, " ");
        strcat(seen, cli_value_at(cli, "key", i));
    }
    return true;
}

static bool
run_fail(struct cli *cli, struct lot_error *error)
{
    static const enum lot_code codes[] = {LOT_REFUSED, LOT_PHASE, LOT_USAGE, LOT_MACHINE};
    uint32_t which = 1;
    return cli_number(cli, "code", 1, 4, &which, error) &&
           lot_fail(error, codes[which - 1], "as told");
}

static bool
run_clock(struct cli *cli, struct lot_error *error)
{
    int64_t now = 0;
    if (!cli_time(cli, &now, error)) {
        return false;
    }
    snprintf(seen, sizeof seen, "%lld", (long long)now);
    return true;
}

static const struct cli_verb take = {
    .name = "take",
    .zh = "拿",
    .en = "take",
    .arguments = "DRAW.db [FILE]",
    .least = 1,
    .most = 2,
    .help = "Takes.",
    .options = {{"key", "KEY", "a key", CLI_REQUIRED},
                {"number", "N", "a number", CLI_OPTIONAL},
                {"loud", NULL, "be loud", CLI_OPTIONAL}},
    .run = run_take,
};
static const struct cli_verb fail = {.name = "fail",
                                     .zh = "败",
                                     .en = "fail",
                                     .arguments = "",
                                     .help = "Fails.",
                                     .options = {{"code", "N", "which", CLI_OPTIONAL}},
                                     .run = run_fail};
static const struct cli_verb clock_verb = {.name = "clock",
                                           .zh = "钟",
                                           .en = "clock",
                                           .arguments = "",
                                           .help = "Tells.",
                                           .options = {CLI_OPTION_AT},
                                           .run = run_clock};
static const struct cli_verb *const verbs[] = {&take, &fail, &clock_verb};

static int
call(const char *line)
{
    static char copy[300];
    char *words[20];
    int count = 0;
    seen[0] = '\0';
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word != NULL && count < 19; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    words[count] = NULL;
    return cli_main(count, words, verbs, 3, "about");
}

static void
cli__options_stand_anywhere(void **state)
{
    (void)state;
    assert_int_equal(call("x/lottery take a.db --key k1 --loud --key k2 --number 40"), CLI_DONE);
    assert_string_equal(seen, "1 a.db k2 40 1 k1 k2");
    assert_int_equal(call("lottery take --key k1 a.db b.db"), CLI_DONE);
    assert_string_equal(seen, "2 a.db k1 7 0 k1");
}

static void
cli__wrong_words_are_usage(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "lottery",
        "lottery give",
        "lottery take --key k",
        "lottery take a.db",
        "lottery take a.db b.db c.db --key k",
        "lottery take a.db --key",
        "lottery take a.db --key k --shout",
        "lottery take a.db --key k --number 0",
        "lottery take a.db --key k --number 41",
        "lottery take a.db --key k --number 1x",
        "lottery clock --at yesterday",
        "lottery fail extra",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(call(lines[i]), CLI_USAGE);
        assert_string_equal(seen, "");
    }
}

static void
cli__codes_become_exit_statuses(void **state)
{
    (void)state;
    assert_int_equal(call("lottery fail --code 1"), CLI_FALSE);
    assert_int_equal(call("lottery fail --code 2"), CLI_FALSE);
    assert_int_equal(call("lottery fail --code 3"), CLI_USAGE);
    assert_int_equal(call("lottery fail --code 4"), CLI_MACHINE);
}

static void
cli__help_runs_nothing(void **state)
{
    (void)state;
    assert_int_equal(call("lottery --help"), CLI_DONE);
    assert_int_equal(call("lottery take --help"), CLI_DONE);
    assert_int_equal(call("lottery --version"), CLI_DONE);
    assert_string_equal(seen, "");
}

static void
cli__time_is_given_or_the_clocks(void **state)
{
    (void)state;
    assert_int_equal(call("lottery clock --at 2026-12-01T02:00:00Z"), CLI_DONE);
    assert_string_equal(seen, "1796090400");
    assert_int_equal(call("lottery clock"), CLI_DONE);
    assert_true(strlen(seen) >= 10);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cli__options_stand_anywhere),
    cmocka_unit_test(cli__wrong_words_are_usage),
    cmocka_unit_test(cli__codes_become_exit_statuses),
    cmocka_unit_test(cli__help_runs_nothing),
    cmocka_unit_test(cli__time_is_given_or_the_clocks),
};

TEST_MAIN(tests)
