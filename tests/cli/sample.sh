#!/bin/sh
# From made-up paper to applications in the draw file, as the demo does it but smaller.
#   BUILD_DIR=build/dev sh tests/cli/sample.sh
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
lottery=$(cd "${BUILD_DIR:-build/dev}" && pwd)/lottery
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

report() { # STATUS, what
    if [ "$1" = 0 ]; then
        echo "ok $2"
    else
        echo "not ok $2"
        sed 's/^/    /' out err
        bad=1
    fi
}
run() { "$lottery" "$@" >out 2>err; status=$?; }
key() { "$lottery" keygen "$1" --role "$2" --out "$3.key"; }

log=$(key housing.example/REHEARSAL-HARBIN-1 log log)
centre=$(key centre intake centre)
notary=$(key notary witness notary)
supervision=$(key supervision witness supervision)
keys="--log-key $log --intake-key $centre --witness-key $notary --witness-key $supervision"
small="--households 200 --homes 40"

run sample paper $keys $small
[ "$status" = 0 ] && [ "$(ls paper | tr '\n' ' ')" = \
    "areas.csv corrected.csv homes.csv office.csv rules.json " ]
report $? "five files are made"
run sample again $keys $small
[ "$status" = 0 ] && diff -r paper again >out
report $? "the same number and keys make the same files"
run sample other $keys $small --number 2
[ "$status" = 0 ] && ! cmp -s paper/office.csv other/office.csv
report $? "another number makes other people"
run lint paper/rules.json
report "$status" "its rules have nothing against them"

officers="--officer $(key one officer one) --officer $(key two officer two)"
run new draw.db --rules paper/rules.json --homes paper/homes.csv --key log.key $officers
report "$status" "a draw begins with it"
in="--intake centre --key centre.key --areas paper/areas.csv --on 2013-10-15"
run import draw.db $in --table findings.csv paper/office.csv
[ "$status" = 1 ] && grep -q 'errors: 12' err && [ "$(grep -c ' E_[A-Z_]* ' out)" -ge 12 ]
report $? "the office's table is refused, all twelve errors named"
! grep -qE '[0-9]{17}' out && ! grep -qE '[0-9]{17}' err
report $? "no identity number is printed in full"
run list draw.db
[ "$status" = 0 ] && ! grep -q '示经房' out
report $? "the refused table has changed nothing"
printf '\357\273\277' >mark
cmp -s -n 3 mark findings.csv && sed -n 1p findings.csv | grep -q ',问题' &&
    grep -q 'E_SCIENTIFIC' findings.csv
report $? "it comes back with a column of what is wrong"
run import draw.db $in --language en paper/corrected.csv
[ "$status" = 0 ] && grep -q '200 households' out && grep -q '5 of them held' out
report $? "the corrected table is taken, five households held"
run import draw.db $in paper/corrected.csv
[ "$status" = 1 ]
report $? "the same table is not taken twice"

run sample few $keys --households 99
[ "$status" = 2 ] && grep -q 'at least 100 households' err && [ ! -e few ]
report $? "too few households leave no place for the traps"
run sample one --log-key "$log" --intake-key "$centre" --witness-key "$notary"
[ "$status" = 2 ] && grep -q 'give two' err
report $? "the rules name two witnesses"
run sample swapped --log-key "$centre" --intake-key "$log" --witness-key "$notary" \
    --witness-key "$supervision"
[ "$status" = 1 ] && grep -q '^lottery sample: ' err && [ ! -e swapped ]
report $? "a key that the rules may not have is refused"
exit "$bad"
