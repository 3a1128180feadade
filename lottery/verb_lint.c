/* verb_lint.c - `lottery lint RULES`: rules read as strictly as at the freeze, and advice. */
#include "lottery/file.h"
#include "lottery/lottery.h"
#include "lottery/verbs.h"

static bool
run(struct cli *cli, struct lot_error *error)
{
    struct lot_buffer json = {0}, said = {0};
    struct lot_rules *rules = NULL;
    bool good = file_read(NULL, cli->words[0], LOT_RULES_SIZE_MAX, &json, error) &&
                lot_rules_read(lot_buffer_text(&json), &rules, error) &&
                lot_rules_allow(rules, error);
    if (good) {
        lot_rules_advise(rules, &said);
        bool quiet = said.size == 0;
        lot_buffer_print(&said, "%s: %s%s\n", rules->draw,
                         rules->rehearsal ? "a rehearsal may be held" : "a draw may be held",
                         quiet ? "" : " by these rules; each line above is advice");
        good = cli_print(lot_buffer_text(&said), error);
    }
    lot_rules_destroy(rules);
    lot_buffer_finish(&said);
    lot_buffer_finish(&json);
    return good;
}

const struct cli_verb verb_lint = {
    .name = "lint",
    .zh = "检查规则文件，并给出建议",
    .en = "check rules.json and give advice",
    .arguments = "RULES",
    .least = 1,
    .most = 1,
    .help = "Reads a rules.json (PROTOCOL.md section 2) as strictly as `new` and `freeze` do and\n"
            "says the path of the first thing that is refused. When all is well it prints\n"
            "advice, a line each: what the rules allow but their writer hardly meant. Do this\n"
            "before anybody has applied; rules do not change afterwards.",
    .run = run,
};
