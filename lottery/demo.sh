#!/bin/sh
# A whole lottery of Harbin's size, from an office's messy spreadsheet to a folder that anybody can
# check: 37,600 households, 1,000 homes, three parties, two witnesses, 40 dice. Everything in it is
# invented, and a rehearsal: REHEARSAL- begins the draw's name.
#   sh lottery/demo.sh [FOLDER]      FOLDER must be new; demo/ beside this tree unless told
# Every command it runs is printed, so that it can be run again by hand.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")/.." && pwd)
case ${1-} in
-h | --help)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
"") demo=$here/demo ;;
/*) demo=$1 ;;
*) demo=$PWD/$1 ;;
esac
if [ -e "$demo" ]; then
    if [ -z "${1-}" ] && [ -f "$demo/made-by-demo" ]; then
        rm -rf "$demo" # the last rehearsal, in the place that is ours
    else
        echo "$demo is there already; name a new folder: sh lottery/demo.sh FOLDER" >&2
        exit 2
    fi
fi

exec 3>&1 # where commands are shown, whatever their own output goes into
title() {
    printf '\n== %s\n   %s\n' "$1" "$2"
}
# Prints a command as it could be typed in the demo's folder, then runs it.
run() {
    line=
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=+-]* | "") line="$line '$word'" ;;
        *) line="$line $word" ;;
        esac
    done
    echo "\$$line" >&3
    "$@"
}
# The same for a command that is to be refused.
refused() {
    status=0
    run "$@" || status=$?
    if [ $status != 1 ]; then
        echo "this was to be refused, but ended with status $status" >&2
        exit 1
    fi
}

title "准备 set up and build" "about a minute the first time"
sh "$here/firmware/setup.sh"
mkdir -p "$here/build"
cd "$here"
if ! { cmake --preset release && cmake --build --preset release --target lottery lottery-verify; } \
    >build/release.txt 2>&1; then
    tail -n 30 build/release.txt
    echo "The build failed; all it said stands in $here/build/release.txt." >&2
    exit 1
fi
PATH=$here/build/release:$PATH
mkdir -p "$demo"
cd "$demo"
: >made-by-demo

title "密钥 keys" "each role its own; private halves never leave the machine they were made on"
key() { # file role name
    run lottery keygen "$3" --role "$2" --out "$1.key" | tee "$1.vkey"
}
key log log housing.example/REHEARSAL-HARBIN-1
key window intake centre
key officer-a officer officer-a
key officer-b officer officer-b
key notary witness notary
key supervision witness supervision
vkey() { grep -o "[^ ]*+[0-9a-f]\{8\}+[^ ]*" "$1.vkey" | tail -n 1; }

title "材料 the office's papers" "made by the program from a fixed number; nobody in them exists"
run lottery sample . --log-key "$(vkey log)" --intake-key "$(vkey window)" --witness-key "$(vkey notary)" \
    --witness-key "$(vkey supervision)"
run lottery lint rules.json

title "受理 applications come in" "the first file is refused whole, with everything that is wrong in it"
run lottery new draw.db --rules rules.json --homes homes.csv --key log.key \
    --officer "$(vkey officer-a)" --officer "$(vkey officer-b)"
in="--intake centre --key window.key --on 2013-10-15 --areas areas.csv"
echo "(all findings go to findings.txt; the office gets its own table back, with a column 问题)"
refused lottery import draw.db $in --table office-findings.csv office.csv >findings.txt 2>&1
head -n 12 findings.txt
echo "... $(wc -l <findings.txt) lines in findings.txt"
echo "the office corrects its table:"
run lottery import draw.db $in corrected.csv >normalised.txt
tail -n 4 normalised.txt
run lottery status draw.db

title "审核 two officers decide" "admitted as one act; people in two applications are looked at by name"
two="--key officer-a.key --key officer-b.key"
run lottery admit draw.db --all-received $two
for id in $(lottery list draw.db --state held | cut -d' ' -f1); do
    run lottery refuse draw.db "$id" --reason DUPLICATE $two
done
run lottery list draw.db --slips slips >list.txt
echo "$(ls slips | wc -l) signed slips in slips/"

title "冻结 the roll is frozen" "published, countersigned; from here on nobody can come or go"
run lottery freeze draw.db
countersign() { # each witness recomputes the published folder on its own machine
    run lottery publish draw.db published
    run lottery witness request draw.db >request
    for witness in notary supervision; do
        run lottery witness sign request published --key $witness.key --log "$(vkey log)" >$witness.line
        run lottery witness add draw.db $witness.line
    done
    run lottery publish draw.db published >/dev/null
}
countersign

title "仪式 the ceremony" "sealed secrets, then dice, then the envelopes, then a public number"
run lottery attempt draw.db
for party in housing union applicant; do
    # Each party on its own device; the paper copy lies with the notary.
    secret=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')
    echo "$secret" >envelope-$party
    commit=$(printf '%s' "REHEARSAL-HARBIN-1:$party:$secret" | sha256sum | cut -c1-64)
    run lottery commit draw.db $party "$commit"
done
countersign
# In the hall forty dice are thrown; here the machine throws them.
dice=$(tr -dc 0-9 </dev/urandom | head -c 40)
run lottery dice draw.db "$dice" "$dice"
for party in housing union applicant; do
    run lottery reveal draw.db $party envelope-$party
done
countersign
number=$(tr -dc 0-9 </dev/urandom | head -c "$(sed -n 's/.*"digits": *\([0-9]*\).*/\1/p' rules.json)")
name=$(sed -n 's/.*"name": *"\([A-Za-z0-9_-]*\)".*/\1/p' rules.json)
run lottery public draw.db text "$name" "$number" "$number"

title "摇号 the draw" "whoever presses, whenever, wherever: the same comes out"
run lottery draw draw.db
countersign

title "验证 anybody checks it" "the whole folder again, by the smaller program"
run lottery-verify published --key "$(vkey log)" >verified.txt
cat verified.txt

title "结果 what was drawn" "$demo"
first=$(sed -n 2p published/results.csv)
id=$(echo "$first" | cut -d, -f2)
chance=$(echo "$first" | cut -d, -f3)
ticket=$(echo "$first" | cut -d, -f4)
seed=$(sha256sum published/seed.txt | cut -c1-64)
echo "每种户型 households housed by type:"
tail -n +2 published/results.csv | cut -d, -f6 | sort | uniq -c |
    awk '{ printf "  %6d %s\n", $1, $2 == "" ? "候补及未中 not housed" : $2 }'
echo "前三名 the first three of $(($(wc -l <published/results.csv) - 1)):"
sed -n 2,4p published/results.csv | sed 's/^/  /'
echo "分界线 the cut-offs:"
sed 's/^/  /' published/cutoffs.csv
echo
echo "公开的文件夹 published folder: $demo/published"
echo "  open its index.html in a browser: it finds one's own line and checks everything again"
echo "指纹 fingerprint, read it aloud:"
sed -n 's/^note log fingerprint of log.checkpoint, .*: /  /p' verified.txt
echo
echo "自己的签，自己算 a household checks its own ticket, for example $id:"
echo "  printf '%s' '$seed:entry:$id:$chance' | sha256sum"
mine=$(printf '%s' "$seed:entry:$id:$chance" | sha256sum | cut -c1-64)
echo "  $mine"
if [ "$mine" != "$ticket" ]; then
    echo "which is not what results.csv says: $ticket" >&2
    exit 1
fi
echo "  和 results.csv 一样 the same as in results.csv"
