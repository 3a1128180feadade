#!/usr/bin/env python3
"""The command `eligibility` from outside: each verb, each refusal, each finding of lint.

    BUILD_DIR=build/dev python3 tests/kiosk/policy/cli.py
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ.get("BUILD_DIR", "build/dev") + "/eligibility"
HARBIN = "assets/policies/harbin-2013.json"
bad = 0


def check(what, good, shown=""):
    global bad
    print("%s %s" % ("ok" if good else "not ok", what))
    if not good:
        print("    " + str(shown).replace("\n", "\n    ")[:2000])
        bad += 1


def run(*words, put=None):
    ran = subprocess.run([PROGRAM, *words], input=put, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         encoding="utf-8")
    return ran.returncode, ran.stdout, ran.stderr


with open(HARBIN, encoding="utf-8") as file:
    policy = json.load(file)
with open("tests/cases/eligibility-harbin.json", encoding="utf-8") as file:
    cases = json.load(file)
folder = tempfile.TemporaryDirectory()


def write(name, value):
    path = os.path.join(folder.name, name)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(value, out, ensure_ascii=False)
    return path


def case(number, **facts):
    one = next(c for c in cases["cases"] if c["id"] == number)
    return {"parameters": cases["parameter_sets"][one["parameters"]], "facts": dict(one["facts"], **facts)}


def decide():
    status, text, _ = run("decide", HARBIN, write("e05.json", case("E05")))
    answer = json.loads(text)
    check("decide: the category, and the keys of an answer", status == 0 and answer["category"] == "KUNNAN" and
          {"policy", "parameters", "facts", "candidates", "outputs", "golden_autumn_fen", "refer", "reasons",
           "margin_hundredths_of_fen_household", "facts_that_could_change_something"} <= set(answer), text)
    status, again, _ = run("decide", HARBIN, write("answer.json", answer))
    check("decide: an answer decided again is the same answer", status == 0 and again == text, again)
    status, _, error = run("decide", "assets/policies/national-2018.json", os.path.join(folder.name, "answer.json"))
    check("decide: an answer is refused under another policy", status == 1 and "made with the policy" in error, error)
    changed = copy.deepcopy(policy)
    changed["name"]["en"] += "."
    status, _, error = run("decide", write("changed.json", changed), os.path.join(folder.name, "answer.json"))
    check("decide: one full stop more makes another policy", status == 1 and "made with the policy" in error, error)
    status, text, error = run("decide", HARBIN, write("x.json", case("E06", household_size=21)))
    check("decide: an illegal fact is refused by name, nothing printed",
          status == 1 and text == "" and "household_size" in error and "超过上限20,请人工办理" in error, error)
    status, text, error = run("decide", HARBIN, write("twice.json", {}), "more")
    check("decide: a word too many is wrong usage", status == 2, error)
    status, text, error = run("decide", HARBIN, os.path.join(folder.name, "nowhere.json"))
    check("decide: a file that is not there", status == 1 and "nowhere.json" in error, error)
    with open(os.path.join(folder.name, "dup.json"), "w") as out:
        out.write('{"parameters": {}, "facts": {"students": 1, "students": 2}}')
    status, text, error = run("decide", HARBIN, os.path.join(folder.name, "dup.json"))
    check("decide: a key that stands twice is refused with its line", status == 1 and "line 1" in error, error)
    missing = run("decide", HARBIN, write("m.json", {"parameters": {"as_of": "2013-10-15"},
                                                    "facts": case("E01")["facts"]}))[1]
    check("decide: the missing standard is named", "dibao_ref_fen" in json.loads(missing)["missing"], missing)
    check("decide: a demonstration value is named", "dibao_ref_fen" in answer["demonstration"], answer)


def explain():
    status, text, _ = run("explain", HARBIN, write("e05.json", case("E05")), "--lang", "zh")
    check("explain: Chinese", status == 0 and "您家超过0.01元。" in text, text)
    status, text, _ = run("explain", HARBIN, write("e05.json", case("E05")), "--lang", "en")
    check("explain: English", status == 0 and "You are above it by 0.01 yuan." in text, text)
    status, _, error = run("explain", HARBIN, write("e05.json", case("E05")), "--lang", "fr")
    check("explain: no such language", status == 2, error)
    empty = {"parameters": {"as_of": "2013-10-15"}, "facts": case("E01")["facts"]}
    status, text, _ = run("explain", HARBIN, write("m.json", empty))
    check("explain: who must enter the missing standard", "上年低保标准还没录入。请工作人员录入。" in text, text)


def ask():
    given = write("given.json", {"dibao_ref_fen": 50000, "area_std_c": 1600, "af_income_year_fen": 1402100})
    answers = "1\n1\n4\n2200.01\n1\n1 5\n1\n27\n230199\n3\n"
    status, text, _ = run("ask", HARBIN, given, "--day", "2013-10-15", put=answers)
    check("ask: a whole interview", status == 0 and "结果：困难职工。" in text and "2200.01元" in text, text)
    status, text, _ = run("ask", HARBIN, given, "--day", "2013-10-15", put="\n" * 40)
    check("ask: nothing known: nine screens, and no verdict", status == 0 and "问完了。 (9)" in text and
          "结果：还不能定。" in text, text)
    status, text, _ = run("ask", HARBIN, given, "--day", "2013-10-15", put="9\n1\n1\n0\n21\n4\n")
    check("ask: what cannot be is asked again", status == 0 and text.count("没看懂") == 3 and
          "人口至少1人" in text and "请人工办理" in text, text)
    status, text, _ = run("ask", "assets/policies/newyork-2018.json", "--day", "2018-09-04", "--lang", "es",
                          put="2\n30000-45000\n")
    check("ask: a range, in Spanish", status == 0 and "$30000" in text and "Resultado: sin decidir." in text, text)
    status, text, _ = run("ask", HARBIN, given, put="")
    check("ask: the end of input ends the interview", status == 0, text)


def lint():
    def planted(what, kind, change):
        broken = copy.deepcopy(policy)
        change(broken)
        status, text, error = run("lint", write("planted.json", broken))
        found = [line for line in text.splitlines() if line.startswith(kind + " ") and " if include_at" not in line]
        check("lint: " + what, status == 1 and found, text + error)

    def part(broken, section, key):
        return next(item for item in broken[section] if item["key"] == key)

    status, text, _ = run("lint", HARBIN)
    check("lint: harbin-2013 has no findings", status == 0 and "0 findings" in text, text)
    check("lint: the literal reading leaves a hole at the standard", "hole income_month_fen if include_at_or_below_dibao"
          " is false: nothing from 200000 to 200000" in text, text)
    check("lint: the cases on the 130 percent line", "test income_month_fen  260000: KUNNAN, 3 benefits;"
          "  260001: NEAR, 0 benefits;" in text, text)
    planted("a missing language", "language", lambda p: part(p, "facts", "students")["why"].pop("en"))
    planted("a missing phrase", "language", lambda p: p["phrases"].pop("closing"))
    planted("a sentence of 21 characters", "long", lambda p: part(p, "facts", "students")["why"].update(
        zh="一二三四五六七八九十一二三四五六七八九十一"))
    planted("a long English sentence", "long", lambda p: part(p, "facts", "students")["why"].update(en="a " * 26))
    planted("a condition without a source", "source", lambda p: part(p, "conditions", "surgery").pop("cite"))
    planted("a source that is not listed", "source", lambda p: p["documents"].pop("life-daily-2012"))
    planted("a parameter never used", "unused", lambda p: p["parameters"].append(
        {"key": "idle", "type": "int", "name": {"zh": "没用", "en": "idle"}, "values": [{"value": 1}]}))
    planted("units of two sides", "unit", lambda p: part(p, "parameters", "dibao_ref_fen").update(unit="fen/month"))
    planted("a unit in a sentence", "unit", lambda p: part(p, "conditions", "af_income")["say"].update(unit="fen/month"))
    planted("a benefit that nobody can reach", "unreachable", lambda p: part(p, "benefits", "employment").update(
        when={"all": [{"is": "seeking"}, {"not": {"is": "seeking"}}]}))
    planted("a category that nobody is in", "unreachable", lambda p: part(p, "categories", "NEAR").update(
        when={"all": [{"is": "line_kunnan"}, {"not": {"is": "line_near"}}]}))
    planted("two categories at once", "overlap", lambda p: part(p, "categories", "KUNNAN").pop("over"))
    planted("a hole between two lines", "hole", lambda p: (
        part(p, "parameters", "near_pct")["values"][0].update(value=128),
        part(p, "categories", "NEAR").update(when={"all": [{"is": "worker"}, {"above": [
            {"fact": "income_month_fen"}, 290000]}, {"below": [{"fact": "income_month_fen"}, 300000]}]})))
    planted("a hole where nothing is said", "hole", lambda p: p["example"]["parameters"].update(
        include_at_or_below_dibao=False))


def recheck():
    """The real rise of January 2010: 310 instead of 300, published later than it took effect."""
    old = {"parameter_sets": cases["parameter_sets"], "cases": []}
    for number, income in (("a", 33000), ("b", 33500), ("c", 34100), ("d", 34101), ("e", 40000), ("f", 50000)):
        one = dict(case("E53", income_month_fen=income), id=number)
        old["cases"].append(one)
    new = {"parameters": {"known_as_of": "2010-01-15", "dibao_ref_fen": None}}
    status, text, _ = run("recheck", HARBIN, write("old.json", old), write("new.json", new))
    check("recheck: the rise of 2010 helps those between the two lines", status == 0 and
          "helps b gains KUNNAN -> TEKUN" in text and "helps c" in text and "helps a" not in text and
          "helps d" not in text and "helps e gains NEAR -> KUNNAN" in text and
          "6 cases: 3 helped, 0 harmed, 0 both, 3 unchanged" in text, text)
    status, text, _ = run("recheck", HARBIN, write("old.json", old), write("new.json", {"dibao_ref_fen": 29000}))
    check("recheck: a lower standard harms", status == 0 and "harms a loses TEKUN -> KUNNAN" in text, text)
    answer = json.loads(run("decide", HARBIN, write("e53.json", case("E53")))[1])
    status, text, _ = run("recheck", HARBIN, write("one.json", answer), write("new.json", new))
    check("recheck: one answer as it was printed", status == 0 and "1 cases: 1 helped" in text, text)
    status, _, error = run("recheck", HARBIN, write("old.json", old), write("new.json", {"dibao": 1}))
    check("recheck: an unknown parameter is refused", status == 1 and "dibao" in error, error)


def test():
    wrong = copy.deepcopy(cases)
    wrong["cases"][0]["expect"]["outputs"]["legal_aid"] = "T"
    status, text, _ = run("test", HARBIN, write("wrong.json", wrong))
    check("test: a difference is shown and fails", status == 1 and "E01 outputs: expected" in text and
          "1 differences" in text, text)
    wrong = copy.deepcopy(cases)
    wrong["invalid_inputs"][0]["value"] = 4
    status, text, _ = run("test", HARBIN, write("wrong.json", wrong))
    check("test: a legal input that should be refused fails", status == 1 and "taken as valid" in text, text)
    status, text, _ = run("test", HARBIN, write("none.json", {"cases": []}))
    check("test: no cases are no success", status == 1, text)


decide()
explain()
ask()
lint()
recheck()
test()
sys.exit(1 if bad else 0)
