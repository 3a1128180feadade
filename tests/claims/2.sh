#!/bin/sh
# What is there of "anybody can check it", each point with the command that shows it; points that
# are not named here are not built yet.
#   sh tests/claims/2.sh
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.."
status=0
show() { # command
    echo "\$ $*"
    sh -c "$*" 2>&1 || {
        echo "ended with status $?"
        status=1
    }
}
sh firmware/setup.sh test
mkdir -p build
{ cmake --preset gcc && cmake --build --preset gcc; } >build/gcc.txt 2>&1 || {
    echo "not ok gcc: build/gcc.txt"
    exit 1
}
echo "== 1 the independent program, and the comparison of both"
show python3 tests/reference/selftest.py
show 'python3 tests/reference/compare.py --count 2000 --verify build/gcc/lottery-verify \
    --recompute build/gcc/lottery | tail -n 3'
echo "== 2 the same draw in SQL"
show sh tests/reference/sql.sh
echo "== 3 the page (inlined data, chunks, file: and http:, good, frozen, tampered)"
show 'BUILD_DIR=build/gcc python3 tests/page/page.py'
show build/gcc/tests/test_lottery_page
echo "== 4 by hand"
show python3 tests/reference/byhand.py
exit $status
