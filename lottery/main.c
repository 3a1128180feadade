/* main.c - `lottery`: its verbs in the order of a draw. Reading the table is reading the manual. */
#include "lottery/verbs.h"

int
main(int argc, char **argv)
{
    static const struct cli_verb *const verbs[] = {
        &verb_recompute,
    };
    return cli_main(argc, argv, verbs, (int)(sizeof verbs / sizeof *verbs),
                    "public housing draws that anybody can check");
}
