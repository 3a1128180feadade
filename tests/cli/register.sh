#!/bin/sh
# Drives the built program from the first key to the frozen roll, and asks it for what it
# must refuse.   BUILD_DIR=build/dev sh tests/cli/register.sh
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
rosters=$PWD/tests/vectors/roster
lottery=$(cd "${BUILD_DIR:-build/dev}" && pwd)/lottery
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

# STATUS, what: says it; on failure with what the last verb has said.
report() {
    if [ "$1" = 0 ]; then
        echo "ok $2"
    else
        echo "not ok $2"
        sed 's/^/    /' out err
        bad=1
    fi
}
run() { "$lottery" "$@" >out 2>err; status=$?; }
does() { # what, words in the output, verb...
    what=$1 words=$2
    shift 2
    run "$@"
    [ "$status" = 0 ] && grep -qF -- "$words" out && [ ! -s err ]
    report $? "$what"
}
refuses() { # what, status, words in the sentence, verb...
    what=$1 wanted=$2 words=$3
    shift 3
    run "$@"
    [ "$status" = "$wanted" ] && grep -qF -- "$words" err && [ "$(wc -l <err)" -le 2 ]
    report $? "$what"
}
check() { # what, command...
    what=$1
    shift
    "$@" >out 2>err
    report $? "$what"
}

draw=REHEARSAL-CLI
key() { "$lottery" keygen "$1" --role "$2" --out "$3" || exit 1; }
log=$(key "housing.example/$draw" log log.key)
window=$(key window-1 intake window.key)
a=$(key officer-a officer a.key)
b=$(key officer-b officer b.key)
notary=$(key notary.example witness notary.key)
check "a key's file is for its owner only" test "$(stat -c %a log.key)" = 600
refuses "a key is never overwritten" 1 "log.key" keygen x --role log --out log.key
refuses "a role must be one of four" 2 "--role is log, intake" keygen x --role boss --out x.key

title='{"en": "x"}'
cat >rules.json <<X
{"protocol": 1, "origin": "housing.example", "draw": "$draw", "title": $title, "basis": [],
 "units": {"area": "m2", "price": "CNY"},
 "intakes": [{"intake": "window-1", "title": $title, "key": "$window"}], "log": ["$log"],
 "hash": "sha256", "award": "home",
 "types": [{"type": "1B", "title": {"zh": "一居"}, "persons": [1, 20]},
  {"type": "2B", "title": {"zh": "二居"}, "persons": [1, 20]}],
 "queues": [{"queue": "Q1", "title": {"zh": "优先"}}, {"queue": "Q2", "title": {"zh": "普通"}}],
 "rounds": [{"round": "r1", "title": $title}], "chances_max": 1, "standby": "all",
 "parties": [{"party": "office", "title": $title}, {"party": "union", "title": $title}],
 "witnesses": [{"witness": "notary", "title": $title, "key": "$notary"}],
 "dice": {"faces": 10, "throws": 40}, "public": [], "void": []}
X
printf 'home,type,area,price,tags,place\nA-1,1B,48.6,1,,\nA-2,2B,70.25,1,,\n' >homes.csv
new() { echo new draw.db --rules rules.json --homes homes.csv --key log.key "$@"; }
at() { echo "--at 2026-11-0$1T00:00:00Z"; }
two="--key a.key --key b.key"
intake="--intake window-1 --key window.key --on 2013-10-15"

does "rules are looked at before anybody has applied" "a rehearsal may be held by these rules" \
    lint rules.json
sed 's/"chances_max": 1/"chances_max": 1.0/' rules.json >fault.json
refuses "a fault in the rules is named by its path" 1 "chances_max: expected a whole number" \
    lint fault.json
refuses "one officer is too few" 1 "1 officers: 2 to" $(new --officer "$a")
refuses "the same officer twice is too few" 1 "another has this key too" \
    $(new --officer "$a" --officer "$a")
refuses "a strange log key is refused" 1 "rules.json says log[0] is" new draw.db --rules rules.json \
    --homes homes.csv --key a.key --officer "$a" --officer "$b"
check "a refused draw leaves no file" test ! -e draw.db
does "a draw is begun" "draw.db is ready" $(new --officer "$a" --officer "$b" $(at 1))
refuses "a draw file is never overwritten" 1 "is there already" \
    $(new --officer "$a" --officer "$b" $(at 1))
check "the draw file is for its owner only" test "$(stat -c %a draw.db)" = 600
check "the log's private key is not in it" sh -c '! grep -qF "$(cut -d+ -f5 log.key)" draw.db'
refuses "a date that is none" 2 "--on: '2013-02-30'" import draw.db homes.csv --check --on 2013-02-30
refuses "an import without a window" 2 "--intake and --key are needed" import draw.db homes.csv
refuses "one table back at a time" 2 "--table is for one FILE" import draw.db --check homes.csv \
    rules.json --table back.csv
refuses "a table of areas that is none" 1 "rules.json" import draw.db --check homes.csv \
    --areas rules.json
does "status counts nothing yet" "step register" status draw.db

run import draw.db "$rosters/roster-04-excel-mangled.csv" $intake $(at 2)
[ "$status" = 1 ] && grep -q E_SCIENTIFIC out && grep -q E_PRECISION_LOSS out &&
    grep -q "nothing was changed" err
report $? "a damaged file is refused with every finding"
does "and changes nothing" "applications 0:" status draw.db
run import draw.db --check "$rosters/roster-04-excel-mangled.csv" --on 2013-10-15 --table back.csv
[ "$status" = 1 ] && head -n 1 back.csv | grep -q '问题' && [ "$(stat -c %a back.csv)" = 600 ]
report $? "the office gets its table back with one more column"
does "a check alone takes nothing in" "could be taken in: 8 households with 20 persons" \
    import draw.db --check "$rosters/roster-01-clean-utf8.csv" --on 2013-10-15
refuses "an intake that the rules do not know" 1 "knows no intake window-9" import draw.db \
    "$rosters/roster-01-clean-utf8.csv" --intake window-9 --key window.key --on 2013-10-15 $(at 2)
refuses "an intake signs with its own key" 1 "window-1 signs with" import draw.db \
    "$rosters/roster-01-clean-utf8.csv" --intake window-1 --key a.key --on 2013-10-15 $(at 2)
# A limit on the size of files stands for a disk that is full.
(trap '' XFSZ && ulimit -f 16 && "$lottery" import draw.db "$rosters/roster-01-clean-utf8.csv" \
    $intake $(at 2) >out 2>err)
[ $? = 3 ] && grep -q "draw.db: .*nothing was changed" err && [ "$(wc -l <err)" = 1 ]
report $? "a full disk is a sentence"
does "and changes nothing either" "applications 0:" status draw.db
does "a clean file is taken in" "taken in: 8 households with 20 persons, 0 of them held" \
    import draw.db "$rosters/roster-01-clean-utf8.csv" $intake $(at 2)
refuses "but not twice" 1 "is in the register already" \
    import draw.db "$rosters/roster-01-clean-utf8.csv" $intake $(at 2)

# A ninth application by somebody who is in the first one.
head -n 1 "$rosters/roster-01-clean-utf8.csv" >ninth.csv
echo '示经房(2013)00099号,本人,张二,居民身份证,230199197004200221,女,230110,1,普通,一居,,' >>ninth.csv
does "a person in two applications: both are held" "1 of them held" \
    import draw.db ninth.csv $intake $(at 3)
run list draw.db --state held
[ "$(wc -l <out)" = 2 ] && grep -q '00001号$' out && grep -q '00099号$' out
report $? "list shows the two"
refuses "a state that is none" 2 "--state is received" list draw.db --state lost
run list draw.db --json --slips slips --openings private
mv out list.json
check "list writes JSON" python3 -c 'import json; assert len(json.load(open("list.json"))) == 9'
"$lottery" list draw.db >list.txt
id=$(grep '00004号$' list.txt | cut -d' ' -f1)
check "a slip and an opening for everybody" sh -c 'test $(ls slips | wc -l) = 9 &&
    test $(ls private | wc -l) = 9 && test $(stat -c %a private/*.private | sort -u) = 600'
check "the commit is what printf and sha256sum make of the opening" sh -c "
    grep -qx \"commit \$(tr -d '\\n' <private/$id.private | sha256sum | cut -d' ' -f1)\" \
        slips/$id.slip"
check "no number stands in a slip" sh -c '! grep -q 230199 slips/*'

refuses "two officers are two keys" 2 "--key is needed twice" admit draw.db "$id" --key a.key
refuses "and not the same one twice" 1 "the same key was given twice" admit draw.db "$id" \
    --key a.key --key a.key $(at 4)
refuses "all, or those that are named" 2 "either --all-received, or ids" admit draw.db "$id" \
    --all-received $two
refuses "a name that is nobody's" 1 "no application 'NOBODY'" admit draw.db NOBODY $two $(at 4)
refuses "a refusal wants a reason" 1 "a refusal wants one" refuse draw.db "$id" $two $(at 4)
refuses "no freeze while anybody waits" 1 "9 applications are undecided, 2 of them held" \
    freeze draw.db $(at 4)
does "an application is refused by its id" "refused: 1" refuse draw.db "$id" --reason WITHDRAWN \
    $two $(at 4)
printf '\357\273\277示经房(2013)00002号\r\n\n示经房(2013)00003号' >some.txt
does "a list is admitted as one act" "admitted: 2" admit draw.db --list some.txt $two $(at 4)
refuses "all or none of a list" 1 "is admitted already" admit draw.db --list some.txt $two $(at 4)
does "all that wait are admitted but the held" "admitted: 4" admit draw.db --all-received $two $(at 5)
held='示经房(2013)00001号'
refuses "a held one wants a reason" 1 "is held: to admit it" admit draw.db "$held" $two $(at 6)
does "with a reason it is admitted" "admitted: 1" admit draw.db "$held" --reason SAME $two $(at 6)
refuses "but not both of a pair" 1 "a person in it stands in" admit draw.db '示经房(2013)00099号' \
    --reason SAME $two $(at 6)
does "the other one is refused" "next: lottery freeze" refuse draw.db '示经房(2013)00099号' \
    --reason DUPLICATE $two $(at 6)

mv log.key away.key
refuses "no freeze without the log's key" 1 "with --key it is looked for elsewhere" freeze draw.db $(at 7)
does "the key may have moved" "fingerprint" freeze draw.db --key away.key $(at 7)
check "status knows what comes next" sh -c 'test "$("$0" status draw.db --json |
    python3 -c "import json, sys; print(json.load(sys.stdin)[\"step\"])")" = attempt' "$lottery"
refuses "frozen once" 1 "is frozen: no application can come" freeze draw.db --key away.key $(at 8)
refuses "frozen: no import" 1 "is frozen: no application can come" import draw.db ninth.csv \
    $intake $(at 8)
refuses "frozen: no admission" 1 "is frozen: no application can come" admit draw.db "$id" \
    --reason LATE $two $(at 8)
refuses "frozen: no refusal" 1 "is frozen: no application can come" refuse draw.db "$held" \
    --reason LATE $two $(at 8)

run journal draw.db "$held"
grep -q ' received ' out && grep -q ' held ' out && grep -q ' admit .* SAME$' out &&
    [ "$(grep -c ' signed officer ' out)" = 2 ]
report $? "the journal tells one application's whole life"
check "no number or name stands in the journal" sh -c \
    '"$0" journal draw.db >all.txt && ! grep -qE "230199|张二" all.txt' "$lottery"
does "the journal is what the log says" "anchored in the log 1 times" journal draw.db --verify
check "the journal is exported" "$lottery" journal draw.db --export journal.txt
check "its first row says that it is private" sh -c 'head -n 1 journal.txt | grep -q private-never'
check "and its file is" test "$(stat -c %a journal.txt)" = 600

run status draw.db --json
grep -q '"due": \["freeze [0-9]* notary"\]' out
report $? "status names the witness whose signature is due"
check "the frozen draw is published" "$lottery" publish draw.db public --key away.key
mv away.key log.key
run verify public --trust-bundle
[ "$status" = 1 ]
report $? "and is not good before the witness has signed"
"$lottery" witness request draw.db >request
check "the witness signs" "$lottery" witness sign request public --key notary.key --log "$log"
mv out line
check "the draw file takes the signature" "$lottery" witness add draw.db line
check "and is published again" "$lottery" publish draw.db public
does "a stranger finds it good" "verdict: good" verify public --trust-bundle
does "status knows nothing that is due" '"due": []' status draw.db --json
check "every slip stands in received.csv" sh -c 'for slip in slips/*; do
    grep -q "$(sed -n "s/^commit //p" "$slip")" public/received.csv || exit 1; done'
check "no number stands in what is published" sh -c '! grep -rq 2301991 public/log public/*.csv public/rules.json'

if command -v sqlite3 >/dev/null 2>&1; then
    cp draw.db other.db
    sqlite3 other.db "DROP TRIGGER journal_UPDATE; UPDATE journal SET line =
        replace(line, ' freeze 7 ', ' freeze 6 ') WHERE line LIKE '% freeze %'"
    refuses "a journal that the log does not know" 1 "is not the one that line" \
        journal other.db --verify
fi
chmod 644 log.key
run attempt draw.db $(at 9)
[ "$status" = 0 ] && grep -qi "others can read" err
report $? "a key that others can read is warned of"
refuses "a file that is no draw" 1 "is no draw file" status homes.csv
refuses "a folder is no draw file either" 3 "Is a directory" status public
refuses "a file that is not there" 3 "No such file" status nowhere.db
exit $bad
