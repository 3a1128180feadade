#!/bin/sh
# verify.sql against draws whose results are known, and against the same draws with one thing
# changed: each change must be found at its step. In a database of its own, thrown away at the end.
#   sh tests/reference/sql.sh
# Skipped (exit 77) where PostgreSQL 15 with its pg_virtualenv (Debian: postgresql) is missing.
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.."

if [ "${1-}" != inside ]; then
    newest=0
    for server in /usr/lib/postgresql/*/bin/pg_ctl; do
        version=${server#/usr/lib/postgresql/}
        version=${version%%/*}
        [ ! -x "$server" ] || [ "${version%%.*}" -le "$newest" ] || newest=${version%%.*}
    done
    if ! command -v pg_virtualenv >/dev/null 2>&1 || [ "$newest" -lt 15 ]; then
        echo "skipped: PostgreSQL 15 and pg_virtualenv are missing (apt-get install postgresql)"
        exit 77
    fi
    # A port of its own: two that start at once would both take the first free one.
    export PGPORT=$((20000 + $$ % 10000))
    exec pg_virtualenv -t -v "$newest" -c --locale=C.UTF-8 -o log_min_messages=panic \
        sh tests/reference/sql.sh inside
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# Runs the check over a folder; true if status, last line and a line in between are as wanted.
gives() { # status, verdict, words in a line, folder
    status=0
    sh tests/reference/verify-sql.sh "$4" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" = "$1" ] && [ "$(tail -n 1 "$work/out")" = "$2" ] && grep -qF -- "$3" "$work/out"
}
say() { # what, 0 when true
    if [ "$2" = 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        sed 's/^/    /' "$work/out" "$work/err"
        bad=1
    fi
}

good=0
for case in tests/vectors/draw/case-*/ tests/cases/draw/*/; do
    if grep -q '"hash": "sm3"' "$case/rules.json"; then
        gives 3 "verdict: not checked" "note hash the rules do not name sha256 but sm3" "$case" &&
            grep -qF "cannot be checked in SQL" "$work/err"
        say "$case is sm3, and that is said" $?
    else
        number=$(sed -n '6s/.* //p' "$case/seed.txt") # line 6 ends with the sum of all chances
        gives 0 "verdict: good" "ok tickets $number tickets" "$case" &&
            [ ! -s "$work/err" ] && ! grep -q FALSE "$work/out"
        say "$case" $?
        good=$((good + 1))
    fi
done
[ "$good" -ge 9 ]
say "nine and more draws were good" $?

# Changes one file of a draw with sed or awk; what stands there afterwards must be found false.
tampered() { # what, verdict, words in a line, case, file, program...
    what=$1 verdict=$2 words=$3 from=$4 file=$5
    shift 5
    rm -rf "$work/bundle"
    cp -r "tests/vectors/draw/$from" "$work/bundle"
    "$@" "tests/vectors/draw/$from/$file" >"$work/bundle/$file"
    ! cmp -s "tests/vectors/draw/$from/$file" "$work/bundle/$file" &&
        gives 1 "verdict: false at $verdict" "FALSE $words" "$work/bundle"
    say "$what" $?
}
# Swaps fields FROM..TO of the rows A and B (row 1 is the header).
swap() { # a, b, from, to, file
    awk -F, -v OFS=, -v a="$1" -v b="$2" -v from="$3" -v to="$4" '
        { line[NR] = $0 }
        END { for (n = 1; n <= NR; n++) {
                  split(line[n], own); split(line[n == a ? b : n == b ? a : n], other); $0 = line[n]
                  for (i = from; i <= to; i++) $i = other[i]
                  print } }' "$5"
}

# In case-1 rank 2 is housed (open, 2B, home 9-0005, turn 2), rank 3 is not; two more are housed.
row() { awk -F, -v n="$1" 'NR == n { print $2 }' tests/vectors/draw/case-1/results.csv; }
tampered "a housed household and another swapped" by-eye \
    "by-eye results.csv line 3: $(row 3) has ',', the cut-offs give it 'open,2B'" \
    case-1 results.csv swap 3 4 5 8
tampered "two homes swapped" homes "homes results.csv line 2: $(row 2) has home '9-0005'" \
    case-1 results.csv swap 2 3 7 7
tampered "two turns swapped" turns "turns results.csv line 2: $(row 2) has turn '2', it is '1'" \
    case-1 results.csv swap 2 3 8 8
tampered "two rows swapped" order "order results.csv line 4: rank 4, $(row 5)" \
    case-1 results.csv swap 4 5 1 9
tampered "two ids swapped" order "order results.csv line 6" case-1 results.csv swap 6 7 2 2
tampered "a rank with a zero before it" order "order results.csv line 2: rank 01" \
    case-1 results.csv sed '2s/^/0/'
tampered "a ticket changed" tickets \
    "tickets results.csv line 2: the ticket of $(row 2) is 017d96fa2276ca0ab2f73168" \
    case-1 results.csv sed '2s/,017d/,017e/'
tampered "a chance changed" tickets "tickets results.csv line 2" case-1 results.csv \
    sed '2s/,1,/,2,/'
tampered "a standby changed" standbys "standbys results.csv line 4: " \
    case-11 results.csv sed '4s/[0-9]*$/999/'
tampered "the last row is missing" order "order results.csv line 11: missing is $(row 11)" \
    case-1 results.csv sed '$d'
tampered "a row too many" order "order results.csv line 12: one row too many" \
    case-1 results.csv sed '$p'
tampered "a cut-off lowered" cutoffs \
    "cutoffs cutoffs.csv line 5: 'open,2B,3,8a54bf61c8be70e913992c1a8951ceea149fa7bf3000" \
    case-1 cutoffs.csv sed '5s/8a54/1a54/'
tampered "a cut-off lowered is seen by eye too" cutoffs "by-eye results.csv line " \
    case-1 cutoffs.csv sed '5s/8a54/1a54/'
tampered "a number of homes taken changed" cutoffs "cutoffs cutoffs.csv line 4" \
    case-1 cutoffs.csv sed '4s/,1,/,2,/'
tampered "a cut-off is missing" cutoffs "cutoffs cutoffs.csv line 5" case-1 cutoffs.csv sed '$d'
tampered "the roll changed" seed \
    "seed seed.txt line 6: from these files must stand here 'entries " \
    case-1 entries.csv sed '2s/2B/1B/;2s/1B 1B/2B 1B/'
tampered "the rules changed" seed "seed seed.txt line 4: from these files must stand here 'rules " \
    case-1 rules.json sed 's/"zh": "断电"/"zh": "停电"/'
tampered "the dice changed" cutoffs "order results.csv line " \
    case-1 seed.txt sed 's/^dice ./dice 0/'

# Nobody housed, in both files alike: by eye all is well, yet it is not the draw.
rm -rf "$work/bundle"
cp -r tests/vectors/draw/case-1 "$work/bundle"
awk -F, -v OFS=, 'NR > 1 { $3 = 0; $4 = "none" } { print }' tests/vectors/draw/case-1/cutoffs.csv \
    >"$work/bundle/cutoffs.csv"
awk -F, -v OFS=, 'NR > 1 { $5 = $6 = $7 = $8 = $9 = "" } { print }' \
    tests/vectors/draw/case-1/results.csv >"$work/bundle/results.csv"
gives 1 "verdict: false at cutoffs" "FALSE awards results.csv line 2" "$work/bundle" &&
    grep -q '^ok by-eye 0 ' "$work/out"
say "cut-offs and results changed alike" $?

# Where no verdict is possible, none is given.
rm "$work/bundle/homes.csv"
status=0
sh tests/reference/verify-sql.sh "$work/bundle" >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 3 ] && [ ! -s "$work/out" ] && grep -qF "homes.csv" "$work/err"
say "a missing file is named" $?
status=0
sh tests/reference/verify-sql.sh >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 2 ] && grep -qF "usage" "$work/err"
say "without a folder the usage is shown" $?
exit $bad
