#!/bin/sh
# Measures how long recompute and verify take, beside what they are to be measured against, all
# in one run, and prints a line for each figure with what is wanted. No test: time depends on the
# machine, so CI does not run it. The exit status is 1 when a figure is missed.
#
#   sh tests/bench/run.sh          10 thousand, 1 million and 10 million entries: about ten
#                                  minutes on two quiet processors, 7 GB of disk, 4 GB of memory
#   sh tests/bench/run.sh quick    without the 10 million
#
# Files are made in a folder of their own under ${TMPDIR:-/tmp} and removed at the end.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
mkdir -p build
{ cmake --preset release && cmake --build --preset release --target lottery bench_generate \
    bench_bundle bench_parts; } >build/bench-build.txt 2>&1 || {
    tail -n 40 build/bench-build.txt
    exit 1
}
exec python3 tests/bench/measure.py build/release "${1:-all}"
