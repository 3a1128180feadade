#!/usr/bin/env python3
"""make.py - makes the draws of this folder, each in a folder of its own.

    python3 tests/cases/draw/make.py          writes them anew (the same bytes every time)
    python3 tests/cases/draw/make.py --check  exit 1 when a file is not what would be written

They stand beside tests/vectors/draw for what those leave out, and because mutants of draw.c
and allocation.c lived through those (tests/mutants.sh). The inputs are made here from fixed
numbers. The answers, results.csv and cutoffs.csv, are those of tests/reference/verify.py,
which shares no line with the C programs.
"""
import base64
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
VERIFY = os.path.join(HERE, "..", "..", "reference", "verify.py")
# The public keys of RFC 8032, section 7.1, tests 1 and 2. In a real draw each role has its own.
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
SECOND = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ASCII = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def key(name, type_, public=PUBLIC):
    data = bytes([type_]) + bytes.fromhex(public)
    id_ = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8]
    return f"{name}+{id_}+{base64.b64encode(data).decode()}"


def digest(name, data):
    return hashlib.new(name, data if isinstance(data, bytes) else data.encode()).hexdigest()


def title(code):
    return {"zh": code, "en": code}


def rules_of(case):
    draw = case["draw"]
    return {
        "protocol": 1, "origin": "housing.example", "draw": draw, "title": title("case"),
        "basis": [], "units": {"area": "m2", "price": "CNY"},
        "intakes": [{"intake": i, "title": title(i), "key": key(i, 1)} for i in case["intakes"]],
        "log": [key(f"housing.example/{draw}", 1)],
        "hash": case["hash"], "award": case["award"],
        "types": [{"type": t, "title": title(t), "persons": persons}
                  for t, persons in case["types"].items()],
        "queues": [{"queue": q, "title": title(q)} for q in case["queues"]],
        "rounds": [{"round": name, "title": title(name), **rest}
                   for name, rest in case["rounds"].items()],
        "chances_max": case["chances"], "standby": case["standby"],
        "parties": [{"party": p, "title": title(p)} for p in ("office", "families")],
        "witnesses": [{"witness": w, "title": title(w), "key": key(w, 4, public)}
                      for w, public in (("notary", PUBLIC), ("court", SECOND))],
        "dice": case["dice"], "public": case["public"],
        "void": [{"ground": "power", "title": title("power")}],
    }


def words(rng, among, share):
    return " ".join(sorted(word for word in among if rng.random() < share))


def ids(rng, count, sizes, alphabet):
    found = set()
    while len(found) < count:
        found.add("".join(rng.choices(alphabet, k=rng.choice(sizes))))
    return sorted(found)


def inputs(case):
    """The six files that go in, as a dict of name and text."""
    rng = random.Random(case["draw"])
    H = case["hash"]
    types, homes = list(case["types"]), []
    for number, home in enumerate(ids(rng, case["homes"], case["home_sizes"], ASCII)):
        tags = words(rng, case["tags"], case["tagged"])
        homes.append(f"{home},{rng.choice(case['homes_of'])},{rng.randint(30, 90)}.5,{number},"
                     f"{tags},样例{number}号")
    entries, commits = [], {}
    for id_ in ids(rng, case["entries"], case["id_sizes"], CROCKFORD):
        wants = " ".join(rng.sample(types, rng.randint(1, min(len(types), case["wants"]))))
        commits[id_] = digest("sha256", f"commit of {id_}")
        entries.append(f"{id_},{words(rng, case['queues'], case['queued'])},"
                       f"{rng.randint(1, case['persons'])},{rng.randint(1, case['chances'])},"
                       f"{wants},{commits[id_]}")
    refusals = [f"{id_},WITHDRAWN,{commits.setdefault(id_, digest('sha256', id_))}"
                for id_ in ids(rng, case["refusals"], [5], CROCKFORD)]
    arrived = list(commits)
    rng.shuffle(arrived)
    received, share = [], -(-len(arrived) // len(case["intakes"]))
    for at, intake in enumerate(sorted(case["intakes"])):
        for number, id_ in enumerate(arrived[at * share:(at + 1) * share], 1):
            received.append(f"{intake},{number},{id_},2026-11-03T01:12:{number % 60:02d}Z,"
                            f"{commits[id_]}")
    files = {"rules.json": json.dumps(rules_of(case), ensure_ascii=False, indent=1) + "\n"}
    for name, header, lines in (("homes", "home,type,area,price,tags,place", homes),
                                ("entries", "id,queues,persons,chances,wants,commit", entries),
                                ("refusals", "id,reason,commit", refusals),
                                ("received", "intake,number,id,time,commit", received)):
        files[name + ".csv"] = "".join(line + "\n" for line in [header] + lines)
    secrets = {p: digest("sha256", f"{case['draw']} {p}") for p in ("office", "families")}
    chances = sum(int(line.split(",")[3]) for line in entries)
    root = base64.b64encode(hashlib.sha256(case["draw"].encode()).digest()).decode()
    size = 8 + len(homes) + len(entries) + len(refusals) + len(received)
    faces = "0123456789" if case["dice"]["faces"] == 10 else "123456"
    lines = ["mingqian seed 1", f"draw {case['draw']}", "attempt 1",
             f"rules {digest(H, files['rules.json'])}"]
    for name, rows in (("homes", homes), ("entries", entries), ("refusals", refusals),
                       ("received", received)):
        lines.append(f"{name} {digest(H, files[name + '.csv'])} {len(rows)}")
    lines[5] += f" {chances}"
    lines.append(f"log {size} {root}")
    lines += [f"commit {p} {digest(H, case['draw'] + ':' + p + ':' + s)}"
              for p, s in secrets.items()]
    lines.append("dice " + "".join(rng.choices(faces, k=case["dice"]["throws"])))
    lines += [f"reveal {p} {secret}" for p, secret in secrets.items()]
    lines += [f"public text {item['name']} {('1234567890' * 7)[:item['digits']]}"
              for item in case["public"]]
    files["seed.txt"] = "".join(line + "\n" for line in lines)
    return files


def make(case):
    files = {name: text.encode() for name, text in inputs(case).items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        for name, option in (("results.csv", []), ("cutoffs.csv", ["--cutoffs"])):
            files[name] = subprocess.run([sys.executable, VERIFY, "--recompute", folder] + option,
                                         check=True, stdout=subprocess.PIPE).stdout
    return files


DICE, DICE6 = {"faces": 10, "throws": 39}, {"faces": 6, "throws": 50}
PLAIN = {"hash": "sha256", "award": "home", "chances": 1, "standby": "all", "dice": DICE,
         "public": [], "intakes": ["window-1"], "queues": ["Q1", "Q2"], "queued": 0.4,
         "tags": ["accessible", "ground"], "tagged": 0.4, "persons": 4, "wants": 3, "refusals": 0,
         "id_sizes": [16], "home_sizes": [8]}
ANY = [1, 20]

CASES = {
    # A home lost to an earlier round sends a better household on to another type, and so on.
    "chains": dict(
        PLAIN, types={"a": ANY, "b": ANY, "c": ANY}, homes_of="aabbc", homes=40, entries=120,
        rounds={"r1": {"queues": ["Q1"], "tags": ["accessible"]},
                "r2": {"queues": ["Q2"], "quota": {"a": 5, "b": 4}},
                "r3": {"queues": ["Q1"]}, "open": {}}),
    # Homes and rounds with two tags; rounds of two queues; a round that names a tag no home has.
    "two-tags": dict(
        PLAIN, types={"a": [1, 2], "b": [2, 4], "c": ANY}, homes_of="abc", homes=45, entries=100,
        tagged=0.6, tags=["accessible", "ground", "quiet"], award="turn", standby=7,
        rounds={"r1": {"queues": ["Q1", "Q2"], "tags": ["ground", "quiet"], "quota": {"b": 6, "c": 3}},
                "r2": {"tags": ["accessible", "quiet"]},
                "r3": {"queues": ["Q2"], "tags": ["lift"]},
                "open": {"quota": {"a": 4, "b": 4, "c": 4}}}),
    # Many chances, two intakes, dice of six faces, a public value, SM3.
    "chances": dict(
        PLAIN, types={"a": ANY, "b": [2, 3]}, homes_of="ab", homes=12, entries=40, hash="sm3",
        chances=99, standby=0, refusals=5, intakes=["kiosk-7", "window-1"], dice=DICE6,
        public=[{"source": "text", "name": "welfare", "title": title("welfare"),
                 "time": "2026-12-01T12:00:00Z", "digits": 14}],
        rounds={"r1": {"queues": ["Q1"], "quota": {"a": 2, "b": 2}}, "open": {}}),
    # Ids and homes from the shortest to the longest.
    "lengths": dict(
        PLAIN, types={"T23456789012345678901234": ANY, "b": ANY}, homes=30, entries=60,
        homes_of=["T23456789012345678901234", "b"], chances=11, id_sizes=list(range(4, 25)),
        home_sizes=list(range(1, 25)), award="home",
        rounds={"R23456789012345678901234": {"queues": ["Q1"]}, "open": {}}),
    # More homes than anybody wants; a type without homes; a type nobody fits; a round of quota 0.
    "plenty": dict(
        PLAIN, types={"a": ANY, "none": ANY, "small": [9, 9]}, homes_of=["a", "small"], homes=90,
        entries=30, rounds={"r0": {"quota": {"a": 0}}, "r1": {"quota": {"a": 3}}, "open": {}}),
    # Nobody applied.
    "nobody": dict(
        PLAIN, types={"a": ANY}, homes_of="a", homes=3, entries=0, rounds={"open": {}}),
    # No round is open to all: who is in no queue is turned away by nobody and housed by nobody.
    "closed": dict(
        PLAIN, types={"a": ANY, "b": ANY}, homes_of="ab", homes=14, entries=50, queued=0.3,
        rounds={"r1": {"queues": ["Q1"], "tags": ["ground"]}, "r2": {"queues": ["Q2", "Q1"]}}),
    # More of everything.
    "many": dict(
        PLAIN, types={name: [1 + at % 3, 4 + at % 5] for at, name in enumerate("abcdefghij")},
        homes_of="abcdefghij", homes=150, entries=260, wants=6, persons=8, award="turn",
        queues=["Q1", "Q2", "Q3", "Q4"], tags=["accessible", "ground", "quiet"], queued=0.3,
        rounds={"r1": {"queues": ["Q1"], "tags": ["accessible"], "quota": {"a": 2, "c": 3, "e": 1}},
                "r2": {"queues": ["Q2", "Q3"], "tags": ["ground", "quiet"]},
                "r3": {"queues": ["Q3", "Q4"], "quota": {name: 4 for name in "abcdefghij"}},
                "r4": {"queues": ["Q1"]}, "r5": {"tags": ["quiet"]}, "open": {}}),
}


def main(check):
    wrong = 0
    for name, case in CASES.items():
        for file, data in make(dict(case, draw="CASE-" + name.upper())).items():
            path = os.path.join(HERE, name, file)
            if check:
                with open(path, "rb") as there:
                    same = there.read() == data
                wrong += not same
                print(f"{'ok' if same else 'not ok'} {name}/{file}")
            else:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as there:
                    there.write(data)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] == ["--check"]))
