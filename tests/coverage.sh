#!/bin/sh
# Lines of lottery/ that tests reach.
#   sh tests/coverage.sh           by all tests, and by the fuzz corpora alone for the parsers
#   sh tests/coverage.sh corpora   only the second
# Wanted: 85 % of the parsers' lines by the corpora, 90 % of lottery/ by all.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
command -v gcovr >/dev/null 2>&1 || {
    echo "gcovr is missing: apt install gcovr" >&2
    exit 77
}
mkdir -p build
{ cmake --preset coverage && cmake --build --preset coverage; } >build/coverage.txt 2>&1 || {
    tail -n 20 build/coverage.txt
    exit 1
}
reach() { # CTest pattern, files
    find build/coverage -name '*.gcda' -delete
    ctest --test-dir build/coverage -R "$1" -j 2 >build/coverage-tests.txt 2>&1 ||
        grep -E 'Failed|\*\*\*' build/coverage-tests.txt || true
    shift
    filters=
    for file in "$@"; do filters="$filters --filter $file"; done
    gcovr -r . $filters build/coverage 2>/dev/null
}
echo "by the fuzz corpora alone:"
reach '^fuzz/' lottery/rules.c lottery/roll.c lottery/table.c lottery/received.c lottery/note.c \
    lottery/log_proof.c lottery/pulse.c lottery/sheet.c lottery/roster.c lottery/row.c \
    lottery/identity.c lottery/node.c
[ "${1-}" != corpora ] || exit 0
echo "by all tests:"
reach . 'lottery/[a-z_]*\.c'
