#!/bin/sh
# `lottery recompute` as a stranger runs it: the answers, and what it says when it cannot.
#   BUILD_DIR=build/dev sh tests/cli/recompute.sh
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.."
lottery=${BUILD_DIR:-build/dev}/lottery
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

say() { # what, 0 when true
    if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; cat "$work/err"; bad=1; fi
}
refuses() { # what, status, words in the sentence, arguments...
    what=$1 wanted=$2 words=$3
    shift 3
    status=0
    "$lottery" recompute "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" = "$wanted" ] && grep -qF -- "$words" "$work/err" && [ ! -s "$work/out" ]
    say "$what" $?
}

for case in tests/vectors/draw/case-*/ tests/cases/draw/*/; do
    "$lottery" recompute "$case" 2>"$work/err" | cmp -s - "$case/results.csv" &&
        "$lottery" recompute "$case" --cutoffs 2>>"$work/err" | cmp -s - "$case/cutoffs.csv" &&
        [ ! -s "$work/err" ]
    say "$case" $?
done

case=tests/vectors/draw/case-4
id=$(sed -n '2s/,.*//p' $case/entries.csv)
seed=$(sha256sum $case/seed.txt | cut -d' ' -f1)
ticket=$(printf '%s' "$seed:entry:$id:1" | sha256sum | cut -d' ' -f1)
"$lottery" recompute $case 2>"$work/err" | grep -q ",$id,1,$ticket,"
say "a household finds its ticket with sha256sum" $?

cp -r $case "$work/changed"
sed -i '2s/$/x/' "$work/changed/homes.csv"
refuses "a changed file is named" 1 "seed.txt line 5: from these files must stand here 'homes " "$work/changed"
rm "$work/changed/received.csv"
refuses "a missing file is named" 1 "received.csv" "$work/changed"
refuses "a missing folder is named" 3 "$work/nowhere" "$work/nowhere"
refuses "two folders are one too many" 2 "DIR" $case $case
if [ -e /dev/full ]; then
    for option in "" --cutoffs; do
        status=0
        # shellcheck disable=SC2086
        "$lottery" recompute $case $option >/dev/full 2>"$work/err" || status=$?
        [ "$status" = 3 ] && grep -qF "standard output" "$work/err"
        say "a full disk is said, ${option:-results}" $?
    done
fi
exit $bad
