#!/bin/sh
# Sets up, builds with address and undefined-behaviour sanitizers, runs every test through CTest.
#   sh tests/run.sh            everything
#   sh tests/run.sh PATTERN    the tests whose names match, as `ctest -R` does
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
sh firmware/setup.sh test
log=build/asan-build.txt
mkdir -p build
echo "building"
if ! { cmake --preset asan && cmake --build --preset asan; } >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "The build failed; all it said stands in $log."
    exit 1
fi
status=0
ctest --test-dir build/asan --output-on-failure -R "${1-.}" -j 2 >build/ctest.txt 2>&1 || status=$?
cat build/ctest.txt
# One CTest line may hold many cases; each case says so itself in the full log.
all=build/asan/Testing/Temporary/LastTest.log
passed=$(grep -cE '^(\[       OK \]|ok )' "$all" || true)
failed=$(grep -cE '^(\[  FAILED  \] [a-z_]+__|not ok )' "$all" || true)
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] || exit 1
exit "$status"
