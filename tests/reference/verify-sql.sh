#!/bin/sh
# Checks a published bundle with PostgreSQL: verify.sql, and an exit status like `lottery verify`.
#   sh tests/reference/verify-sql.sh DIR
# Uses the database that psql finds (PGHOST, PGUSER, ...) and leaves nothing in it. With a database
# that is made for it and thrown away, root or not:
#   pg_virtualenv -t -c --locale=C.UTF-8 sh tests/reference/verify-sql.sh DIR
# The same with a million entries, beside `lottery recompute` (300 MB of files, 2 GB of disk):
#   cmake --preset release && cmake --build --preset release --target lottery bench_generate
#   mkdir million && build/release/tests/bench_generate 1000000 million
#   time build/release/lottery recompute million >million/results.csv
#   build/release/lottery recompute million --cutoffs >million/cutoffs.csv
#   pg_virtualenv -t -c --locale=C.UTF-8 \
#       bash -c 'time sh tests/reference/verify-sql.sh million'
# Exit: 0 good, 1 something is false, 2 usage, 3 no verdict (sm3, no file, no database).
set -u
export LC_ALL=C
[ $# = 1 ] || {
    echo "usage: sh verify-sql.sh DIR" >&2
    exit 2
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
psql -X -v dir="$1" -f "$(dirname "$0")/verify.sql" | tee "$said"
case $(tail -n 1 "$said") in
"verdict: good") exit 0 ;;
"verdict: false at "*) exit 1 ;;
*) exit 3 ;;
esac
