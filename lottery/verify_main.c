/* verify_main.c - `lottery-verify`: the smaller program, only what checking a draw needs. */
#include "lottery/verbs.h"

#include <string.h>

static const char about[] = "lottery-verify: is this published housing draw true?";

int
main(int argc, char **argv)
{
    static const struct cli_verb *const verify[] = {&verb_verify};
    static const struct cli_verb *const recompute[] = {&verb_recompute};
    if (argc > 1 && strcmp(argv[1], "--recompute") == 0) {
        argv[1] = argv[0];
        return cli_main(argc - 1, argv + 1, recompute, 1, about);
    }
    return cli_main(argc, argv, verify, 1, about);
}
