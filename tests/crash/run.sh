#!/bin/sh
# Nothing lost: kills `lottery` at every call that changes the disk, and at random moments.
#   sh tests/crash/run.sh          a seventh of the calls, 30 random kills (about a minute)
#   sh tests/crash/run.sh full     every call, 300 random kills (about ten minutes)
# A plain build, for a program that is killed under a sanitizer says nothing about ours.
set -eu
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
build=build/gcc
mkdir -p build
if ! { cmake --preset gcc && cmake --build --preset gcc --target lottery; } \
    >build/crash-build.txt 2>&1; then
    tail -n 40 build/crash-build.txt
    exit 1
fi
${CC:-cc} -std=c11 -Wall -Wextra -O1 -shared -fPIC -o "$build/stop.so" tests/crash/stop.c -ldl
exec python3 tests/crash/crash.py "$build/lottery" "$build/stop.so" "${1-short}"
