#!/bin/sh
# Fuzzes every target for a while, with address and undefined-behaviour sanitizers (clang).
#   sh tests/fuzz/run.sh [SECONDS] [TARGET...]     600 seconds each unless told
# New inputs go to build/fuzz/found/TARGET; a finding stops with the input's path and exit 1.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1-600}
[ $# = 0 ] || shift
sh firmware/setup.sh test
cmake --preset fuzz >/dev/null
targets=${*:-$(sed -n 's/^mingqian_fuzz(\([a-z_]*\) .*/\1/p' tests/CMakeLists.txt)}
status=0
for target in $targets; do
    cmake --build --preset fuzz --target "fuzz_$target" >/dev/null
    found=build/fuzz/found/$target
    mkdir -p "$found"
    log=build/fuzz/$target.txt
    if "build/fuzz/tests/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 \
        -artifact_prefix="$found-" -print_final_stats=1 "$found" "tests/fuzz/corpus/$target" \
        >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "ok fuzz $target: $seconds s, $runs runs, nothing found"
    else
        echo "not ok fuzz $target: $(grep -E 'ERROR|SUMMARY|Test unit' "$log" | head -n 3)"
        status=1
    fi
done
exit $status
