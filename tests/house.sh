#!/bin/sh
# The walls of the house: who may include what, headers that stand alone, one format, short
# functions, promises that are tested, and how large it all is.
#   sh tests/house.sh
set -u
export LC_ALL=C
cd "$(dirname "$0")/.."
bad=0
say() { # what, findings
    if [ -z "$2" ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        echo "$2" | sed 's/^/    /'
        bad=1
    fi
}

# A library is behind one door: only these files include its headers.
only() { # pattern file...
    pattern=$1
    shift
    for file in $(grep -lE "#include <$pattern" -r lottery kiosk --include='*.[ch]' 2>/dev/null); do
        case " $* " in *" $file "*) ;; *) echo "$file includes <$pattern>" ;; esac
    done
}
say "only crypto.c sees OpenSSL" "$(only 'openssl/' lottery/crypto.c)"
say "only store.c sees SQLite" "$(only 'sqlite3\.h' lottery/store.c)"
say "only sheet.c sees libcsv and iconv" "$(only '(csv|iconv)\.h' lottery/sheet.c)"
say "only the readers of JSON see jansson" \
    "$(only 'jansson\.h' lottery/node.h lottery/node.c $(ls kiosk/policy/*.c))"

# What verification links never sees the draw file, an applicant or the command line.
check=$(sed -n '/^add_library(lottery_check/,/)/p' CMakeLists.txt | grep -o 'lottery/[a-z_]*\.c')
[ -n "$check" ] || say "lottery_check has files" "none were found in CMakeLists.txt"
say "verification sees no draw file" "$(grep -nE \
    '#include "lottery/(store|head|register|journal|roster|identity|sheet|hall|publish|cli|verbs)\.h"' \
    $check)"
say "draw and allocation see nouns only" "$(grep -nE '#include "lottery/' lottery/draw.c \
    lottery/allocation.c | grep -vE '"lottery/(lottery|crypto|canon|error)\.h"')"
say "lottery never sees kiosk" "$(grep -rn '#include "kiosk/' lottery)"
below=$(ls lottery/*.c | grep -vE 'lottery/(main|verify_main|verb_[a-z_]*|cli|crypto)\.c')
say "no clock, environment or random source below main" "$(grep -nE \
    '\b(time|clock_gettime|gettimeofday|getenv|rand|random|getrandom|crypto_random)\(' $below)"

alone=
for header in $(find lottery kiosk -name '*.h' | sort); do
    echo "#include \"$header\"" | ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -I. -Wall -Wextra \
        -Wpedantic -Werror -fsyntax-only -x c - 2>/dev/null || alone="$alone $header"
done
say "every header stands alone" "$alone"

sources=$(find lottery kiosk tests -name '*.[ch]' | sort)
if command -v clang-format >/dev/null 2>&1; then
    say "one format" "$(clang-format --dry-run -Werror $sources 2>&1 | grep error: | head -20)"
fi
say "functions have at most 70 lines" "$(for file in $(echo "$sources" | grep -v '^tests/'); do
    awk -v file="$file" '/^\{/ { start = NR } /^\}/ && start { if (NR - start - 1 > 70)
        print file ":" start ": " NR - start - 1 " lines"; start = 0 }' "$file"
done)"
say "no line is left for later" "$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $sources)"

missing=
for name in $(grep -oE '\blot_[a-z_]+\(' lottery/lottery.h | tr -d '(' | sort -u); do
    grep -rqE "\b$name\(" tests --include='*.c' || missing="$missing $name"
done
say "every function of lottery.h is used by a test" "$missing"

# Lines as they stand, and without blank ones and comments.
count() {
    for file in "$@"; do
        ${CC:-cc} -fpreprocessed -dD -E -P "$file" 2>/dev/null
    done | grep -cvE '^[[:space:]]*$'
}
check_all="$check $(for file in $check; do [ ! -f "${file%.c}.h" ] || echo "${file%.c}.h"; done)"
check_all="$check_all lottery/lottery.h lottery/verify_main.c lottery/cli.c lottery/cli.h"
echo "size: lottery/ $(cat lottery/*.[ch] | wc -l) lines, $(count lottery/*.[ch]) of them code" \
    "(wanted: about 9000)"
echo "size: lottery-verify links $(cat $check_all | wc -l) lines, $(count $check_all) of them code" \
    "(wanted: about 3500)"
exit $bad
