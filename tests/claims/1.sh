#!/bin/sh
# Every figure of the note on the draw, point by point, each with the command that shows it.
#   sh tests/claims/1.sh             all of it: about two hours on two processors
#   sh tests/claims/1.sh 4 tamper    these points only
# Points: 1 2 3 4 5 6 7 8 9 10, speed nolie lost tamper input fairness secrets size
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.."
points=${*:-1 2 3 4 5 6 7 8 9 10 speed nolie lost tamper input fairness secrets size}
status=0
show() { # command
    echo "\$ $*"
    sh -c "$*" 2>&1 || {
        echo "ended with status $?"
        status=1
    }
}
tests() { # CTest pattern: runs it in the sanitized build and prints what each case says
    echo "\$ ctest --test-dir build/asan -R '$1'"
    if ctest --test-dir build/asan -R "$1" -V >build/claim.txt 2>&1; then
        echo "$(grep -cE '(\[       OK \]|: ok )' build/claim.txt) cases hold," \
            "$(sed -n 's/.*tests passed, \(.*\)/\1/p' build/claim.txt)"
    else
        grep -E '(FAILED|not ok)' build/claim.txt
        status=1
    fi
}
lines() { # what a test prints that is worth reading
    grep -E "$1" build/claim.txt | grep -v ' RUN ' | sed 's/^[0-9]*: //' | sort -u
}
sh firmware/setup.sh test
mkdir -p build
for preset in asan gcc clang; do
    { cmake --preset $preset && cmake --build --preset $preset; } >build/$preset.txt 2>&1 &&
        echo "ok $preset builds, $(grep -c 'warning:' build/$preset.txt) warnings" || {
        echo "not ok $preset: build/$preset.txt"
        status=1
    }
done

for point in $points; do
    echo
    echo "== $point"
    case $point in
    1)
        show sh tests/house.sh
        show 'sh firmware/setup.sh && echo "setup: all is there, so it does nothing"'
        ;;
    2)
        show 'sh lottery/demo.sh "$(mktemp -d)/a demo" | tail -n 42'
        ;;
    3)
        show 'build/gcc/lottery --help'
        tests '^(cli/|lottery/cli)'
        ;;
    4)
        tests '^lottery/(identity|finding|sheet|row|roster|sample)$'
        ;;
    5)
        tests '^(lottery/(store|journal|register|head)|cli/register)$'
        ;;
    6)
        tests '^lottery/(ceremony|seed|pulse)$'
        ;;
    7)
        tests '^(lottery/(draw|allocation|recompute|rules|roll)|cases/draw)$'
        show 'sh tests/mutants.sh | tail -n 3'
        ;;
    8)
        tests '^(lottery/(log|note|leaf)|reference/selftest)$'
        ;;
    9)
        tests '^(lottery/verify|cli/draw|reference/(compare|byhand))$'
        lines 'bundles|cases|compared'
        ;;
    10)
        tests '^(lottery/after|cli/draw)$'
        lines '(take|waive|sitting)'
        ;;
    speed) show sh tests/bench/run.sh ;;
    nolie)
        cmake --build --preset gcc --target nolie >/dev/null
        show build/gcc/tests/nolie
        show build/gcc/tests/nolie planted
        ;;
    lost)
        show sh tests/crash/run.sh full
        tests '^lottery/(store|head|register|hall|crypto)$'
        lines 'each failed once'
        ;;
    tamper)
        show 'build/gcc/tests/tamper tests/cases/bundle/kept "$(mktemp -d)/work" | tail -n 30'
        show 'build/gcc/tests/tamper tests/cases/bundle/kept "$(mktemp -d)/work" bits | tail -n 1'
        show 'python3 tests/reference/tamper.py'
        ;;
    input)
        show sh tests/fuzz/run.sh 600
        show sh tests/coverage.sh
        ;;
    fairness) show build/gcc/tests/fairness ;;
    secrets)
        show 'grep -n "RLIMIT_CORE\|PR_SET_DUMPABLE" lottery/main.c'
        tests '^(cli/register|lottery/note)$'
        ;;
    size) show 'sh tests/house.sh | grep size' ;;
    *)
        echo "there is no point $point" >&2
        exit 2
        ;;
    esac
done
exit $status
