#!/bin/sh
# Every figure of the note on eligibility, point by point, each with the command that shows it.
#   sh tests/claims/3.sh           all of it: about five minutes
#   sh tests/claims/3.sh 4 8       these points only
# Points: 1 2 3 4 5 6 7 8 9, done
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
points=${*:-1 2 3 4 5 6 7 8 9 done}
status=0
show() { # command
    echo "\$ $*"
    sh -c "$*" 2>&1 || {
        echo "ended with status $?"
        status=1
    }
}
mkdir -p build
export BUILD_DIR=build/release
{ cmake --preset release && cmake --build --preset release; } >build/release.txt 2>&1 || {
    tail -n 20 build/release.txt
    echo "not ok the build failed: build/release.txt"
    exit 1
}
program=$BUILD_DIR/eligibility
harbin=assets/policies/harbin-2013.json
cases=tests/cases/eligibility-harbin.json
case_file() { # id, file: one case in the form that `decide` reads
    python3 - "$1" "$2" "$cases" <<'PYTHON'
import json, sys
file = json.load(open(sys.argv[3], encoding="utf-8"))
case = next(c for c in file["cases"] if c["id"] == sys.argv[1])
parameters = file["parameter_sets"][case["parameters"]]
json.dump({"parameters": parameters, "facts": case["facts"]}, open(sys.argv[2], "w", encoding="utf-8"))
PYTHON
}

for point in $points; do
    echo
    echo "== point $point"
    case $point in
    1)
        echo "Words of a city, a currency or a programme in the C code, comments included:"
        show "grep -niE 'harbin|yuan|union|dollar|元|哈尔滨|工会|低保|dibao' kiosk/policy/*.[ch] | wc -l"
        echo "What the library calls, besides its own parts, JSON, strings, memory, the digest and asserts:"
        show "nm -u $BUILD_DIR/libpolicy.a | awk '/ U /{print \$2}' | sort -u |
            grep -vE '^(policy_|reader_|json_|lot_|crypto_|str|mem|__)' | xargs"
        show "cat kiosk/policy/*.[ch] | wc -l"
        ;;
    2)
        show "python3 - <<'PYTHON'
import json, glob
for path in sorted(glob.glob('assets/policies/*.json')):
    p = json.load(open(path, encoding='utf-8'))
    values = [v for q in p['parameters'] for v in q['values']]
    print('%s: %d facts, %d parameters (%d open points), %d conditions, %d categories, %d benefits, '
          'languages %s' % (path, len(p['facts']), len(p['parameters']),
          sum('open' in q for q in p['parameters']), len(p['conditions']), len(p['categories']),
          len(p['benefits']), ' '.join(p['languages'])))
    print('   %d dated values: %d with a source, %d not found and empty, %d demonstrations' % (len(values),
          sum('source' in v for v in values), sum(v['value'] is None for v in values),
          sum(bool(v.get('demonstration')) for v in values)))
PYTHON"
        for pair in harbin-2013:harbin harbin-2013:harbin-figures national-2018:national newyork-2018:newyork; do
            show "$program test assets/policies/${pair%:*}.json tests/cases/eligibility-${pair#*:}.json | tail -n 1"
        done
        echo "The 2012 standard is empty, and the program says who must enter it:"
        printf '{"parameters": {"as_of": "2013-10-15"}, "facts": {"worker_status": "employed", "worker_city": true}}' \
            >build/missing.json
        show "$program explain $harbin build/missing.json | grep -m 1 录入"
        show "$program explain $harbin build/missing.json --lang en | grep -m 1 administrator"
        ;;
    3)
        for name in decide day facts; do
            show "$BUILD_DIR/tests/test_kiosk_policy_$name 2>&1 | grep -E '  OK |FAILED|seed'"
        done
        echo "The rise published on 2010-01-15, in force from 2009-10-01:"
        case_file E53 build/e53.json
        echo '{"known_as_of": "2010-01-15", "dibao_ref_fen": null}' >build/new.json
        show "$program recheck $harbin build/e53.json build/new.json"
        ;;
    4)
        show "$BUILD_DIR/tests/policy_soundness 5000 7"
        show "$BUILD_DIR/tests/test_kiosk_policy_matter 2>&1 | grep -E '  OK |FAILED|screens,'"
        ;;
    5)
        show "$BUILD_DIR/tests/test_kiosk_policy_explain 2>&1 | grep -E '  OK |FAILED'"
        case_file E05 build/e05.json
        show "$program explain $harbin build/e05.json | sed -n '1,9p'"
        show "$program explain $harbin build/e05.json --lang en | sed -n '1,9p'"
        ;;
    6)
        show "python3 tests/kiosk/policy/cli.py | sed 's/:.*//' | sort | uniq -c"
        for policy in harbin-2013 national-2018 newyork-2018; do
            show "$program lint assets/policies/$policy.json | grep -vE '^(test|note)'"
        done
        ;;
    7)
        case_file E66 build/e66.json
        show "$program decide $harbin build/e66.json >build/answer.json; sed -n '2,5p' build/answer.json"
        show "sha256sum $harbin"
        show "$program decide $harbin build/answer.json | cmp - build/answer.json && echo 'the same to the byte'"
        ;;
    8)
        show "python3 tests/bench/policy.py 1000000"
        ;;
    9)
        show "python3 tests/kiosk/policy/mutants.py"
        show "ls tests/fuzz/corpus/policy tests/fuzz/corpus/household | grep -c json"
        command -v clang >/dev/null 2>&1 && show "sh tests/fuzz/run.sh 60 policy household"
        ;;
    done)
        show "$program test $harbin $cases | tail -n 1"
        for id in E38 E40 E41 E42; do
            case_file $id build/liu.json
            show "$program explain $harbin build/liu.json"
        done
        ;;
    esac
done
exit $status
