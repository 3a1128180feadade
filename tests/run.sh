#!/bin/sh
# Sets up, builds with address and undefined-behaviour sanitizers, runs every test through CTest.
#   sh tests/run.sh            everything
#   sh tests/run.sh PATTERN    the tests whose names match, as `ctest -R` does
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
sh firmware/setup.sh test
mkdir -p build

# Builds a preset; what it said is shown only when it failed.
build() { # preset
    if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"build/$1.txt" 2>&1; then
        grep -E 'error|warning' "build/$1.txt" | tail -n 40
        echo "not ok $1 builds; all it said stands in build/$1.txt" | tee -a build/builds.txt
        return 1
    fi
    echo "ok $1 builds" | tee -a build/builds.txt
}

: >build/builds.txt
status=0
build asan || exit 1
# Warnings are errors for both compilers; the optimised programs also run the tests of speed and
# of crashes, where sanitizers would only be in the way.
if [ $# = 0 ]; then
    build gcc || status=1
    build clang || status=1
fi
ctest --test-dir build/asan --output-on-failure -R "${1-.}" -j 2 >build/ctest.txt 2>&1 || status=$?
cat build/ctest.txt
# One CTest line may hold many cases; each case says so itself in the full log.
all="build/builds.txt build/asan/Testing/Temporary/LastTest.log"
passed=$(cat $all | grep -cE '^(\[       OK \]|ok )' || true)
failed=$(cat $all | grep -cE '^(\[  FAILED  \] [a-z_]+__|not ok )' || true)
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] || exit 1
exit "$status"
