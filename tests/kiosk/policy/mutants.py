#!/usr/bin/env python3
"""Breaks each policy on purpose, one small thing at a time, and asks whether its cases notice.

    python3 tests/kiosk/policy/mutants.py [--every N] [POLICY]     $BUILD_DIR holds the program

Without a policy all three; with --every only each N-th mutant (every run of the tests does some).

Turned: every comparison (the line itself in or out, and the other way round), all and any, a
dropped "not". Moved by one: every number of a condition, sum, parameter, table and legal range.
Changed: every bool, choice, truth and silence; dropped: every member of a list. Prints a line
for each mutant that no case notices; exit 1 if its reason is not known below.
"""
import concurrent.futures
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD_DIR", "build/release")
POLICIES = {
    "harbin-2013": ["harbin", "harbin-figures"],
    "national-2018": ["national"],
    "newyork-2018": ["newyork"],
}
# Mutants that cannot change an answer, or none that a case may speak of: path -> why.
SAME = [
    (r"harbin-2013 .*parameters.valid_months", "only said in the closing words"),
]
TURNED = {"at_most": ["below", "at_least"], "below": ["at_most", "above"], "at_least": ["above", "at_most"],
          "above": ["at_least", "below"], "all": ["any"], "any": ["all"]}


def name_of(item, index):
    return item["key"] if isinstance(item, dict) and "key" in item else str(index)


def walk(value, path, inside):
    """Yields (path, change) for each place; change(copy of the value's holder) is not needed:
    a mutant is a list of steps to the place and what to put there."""
    if isinstance(value, dict):
        for key, part in value.items():
            here = path + [key]
            if inside == "tree" and key in TURNED and isinstance(part, list):
                for other in TURNED[key]:
                    if key not in ("all", "any") or len(part) > 1:
                        yield here, ("rename", other)
            if inside == "tree" and key == "not":
                yield path, ("put", part)
            if inside == "tree" and key == "in" and isinstance(part, list):
                for i in range(len(part)):
                    yield here, ("put", part[:i] + part[i + 1:] or ["(none)"])
            if key not in ("say", "cite", "unit", "name"):
                yield from walk(part, here, inside)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from walk(part, path + [i], inside)
    elif isinstance(value, bool):
        if inside == "tree":
            yield path, ("put", not value)
    elif isinstance(value, int):
        yield path, ("put", value + 1)
        yield path, ("put", value - 1)


def values(parameter, path):
    for i, dated in enumerate(parameter.get("values", [])):
        value = dated.get("value")
        here = path + ["values", i, "value"]
        if isinstance(value, bool):
            yield here, ("put", not value)
        elif isinstance(value, int):
            yield here, ("put", value + 1)
            yield here, ("put", value - 1)
        elif parameter["type"] == "enum":
            for choice in parameter["choices"]:
                if choice != value:
                    yield here, ("put", choice)
        elif parameter["type"] == "codes":
            for k in range(len(value)):
                yield here, ("put", value[:k] + value[k + 1:])
        elif parameter["type"] == "truths":
            for key, letter in value.items():
                for other in "TFU".replace(letter, ""):
                    yield here + [key], ("put", other)
        elif parameter["type"] == "table":
            for k, entry in enumerate(value["values"]):
                yield here + ["values", k], ("put", entry + 1)
                yield here + ["values", k], ("put", entry - 1)
            if "each_more" in value:
                yield here + ["each_more"], ("put", value["each_more"] + 1)


def mutants(policy):
    for i, condition in enumerate(policy["conditions"]):
        yield from walk(condition["test"], ["conditions", i, "test"], "tree")
    for section in ("categories", "benefits", "referrals"):
        for i, item in enumerate(policy[section]):
            if item["when"] is not True:
                yield from walk(item["when"], [section, i, "when"], "tree")
    for i, figure in enumerate(policy["figures"]):
        yield from walk(figure["value"], ["figures", i, "value"], "sum")
    for i, parameter in enumerate(policy["parameters"]):
        yield from values(parameter, ["parameters", i])
    for i, fact in enumerate(policy["facts"]):
        for key in ("min", "max"):
            if key in fact:
                yield ["facts", i, key], ("put", fact[key] + 1)
                yield ["facts", i, key], ("put", fact[key] - 1)
        if isinstance(fact.get("absent"), bool):
            yield ["facts", i, "absent"], ("put", not fact["absent"])
        elif "absent" in fact:
            others = [c["key"] for c in fact.get("choices", []) if c["key"] != fact["absent"]] or [fact["absent"] + 1]
            for other in others:
                yield ["facts", i, "absent"], ("put", other)


def apply(policy, path, change):
    broken = copy.deepcopy(policy)
    holder = broken
    for step in path[:-1]:
        holder = holder[step]
    kind, what = change
    if kind == "put":
        holder[path[-1]] = what
    else:
        old = holder.pop(path[-1])
        holder[what] = old
    return broken


def label(name, policy, path, change):
    words = [name]
    place = policy
    for step in path:
        place = place[step]
        words.append(name_of(place, step) if isinstance(step, int) else step)
    return "%s %s -> %s" % (words[0], ".".join(words[1:]), json.dumps(change[1], ensure_ascii=False))


def noticed(name, broken):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(broken, file, ensure_ascii=False)
        file.flush()
        for cases in POLICIES[name]:
            ran = subprocess.run([BUILD + "/eligibility", "test", file.name, "tests/cases/eligibility-%s.json" % cases],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if ran.returncode not in (0, 1):
                sys.exit("the program failed: %d" % ran.returncode)
            if ran.returncode == 1:
                return True
    return False


def main():
    bad = 0
    words = sys.argv[1:]
    every = 1
    if words[:1] == ["--every"]:
        every = int(words[1])
        words = words[2:]
    for name in words or POLICIES:
        with open("assets/policies/%s.json" % name, encoding="utf-8") as file:
            policy = json.load(file)
        if noticed(name, policy):
            print("not ok %s: its cases fail as it stands" % name)
            return 1
        todo = list(mutants(policy))[::every]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda m: noticed(name, apply(policy, *m)), todo))
        same = 0
        for (path, change), seen in zip(todo, found):
            text = label(name, policy, path, change)
            why = next((why for form, why in SAME if re.match(form, text)), None)
            if seen and why:
                print("not ok was said to change nothing, and does: %s" % text)
                bad += 1
            elif not seen and why:
                print("same: %s (%s)" % (text, why))
                same += 1
            elif not seen:
                print("not ok SURVIVES: %s" % text)
                bad += 1
        print("%s %s: %d mutants, %d noticed, %d change nothing" %
              ("ok" if not bad else "not ok", name, len(todo), sum(found), same))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
