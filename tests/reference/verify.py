#!/usr/bin/env python3
"""verify.py - check a published housing draw without the program that made it.

    python3 verify.py DIR --key VKEY              the log key you were given at the freeze
    python3 verify.py DIR --trust-bundle          take the log key from the bundle itself
    python3 verify.py DIR ... --old CHECKPOINT    a checkpoint you kept from before (repeatable)
    python3 verify.py --recompute DIR [--cutoffs] print results.csv (or cutoffs.csv) again

Every check prints `ok STEP what was compared` or `FALSE STEP file line: what`; `note STEP` lines
only tell. The last line is `verdict: good` or `verdict: false at STEP`, the first step that failed.
Exit: 0 good, 1 something is false (or refused), 2 usage, 3 a file could not be read.

It needs Python 3.9 and nothing else. What it follows is PROTOCOL.md, section by section; the
section is named at each part. It shares no line with the C programs. It cannot see whether
the people in the roll exist, whether the dice were fair, or whether somebody else was shown
another log: for the last keep a checkpoint and hand it over with --old, and ask the witnesses.
"""
import base64
import functools
import hashlib
import itertools
import json
import os
import re
import sys
from datetime import date
from types import SimpleNamespace


class Wrong(Exception):
    """Something is false; the text names file, line and what was found."""


class Unreadable(Exception):
    """A file is there and cannot be read: no verdict is possible."""


def need(condition, sentence):
    if not condition:
        raise Wrong(sentence)


# ---- section 1: conventions ----------------------------------------------------------------

FORBIDDEN = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                       "\ufeff\ufff9-\ufffb]")  # LF is cut away before or looked at apart
CODE = r"[A-Za-z0-9_-]{1,24}"
NUMBER = r"(?:0|[1-9][0-9]{0,8})"
HEX = r"[0-9a-f]{64}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
DRAW = r"[A-Z0-9][A-Z0-9-]{2,31}"
HOME = r"[A-Z0-9][A-Z0-9-]{0,23}"
ID = r"[0-9A-Z]{4,24}"
ROWS_MAX, LINE_MAX, RULES_MAX, TEXT_MAX = 99_999_999, 4096, 1 << 20, 1024
PULSE_MAX = 65536
TIME_MAX = 253_402_300_799  # the last second of 9999


def full(pattern, text):
    return re.fullmatch(pattern, text) is not None


@functools.lru_cache(maxsize=4096)
def is_day(text):
    try:
        return date.fromisoformat(text).year >= 1970
    except ValueError:
        return False


def is_time(text):
    return full(TIME, text) and is_day(text[:10])


def sm3(data):
    """SM3 (GB/T 32905) written out, for a Python whose hashlib has none."""
    def turn(x, n):
        n %= 32
        return (x << n | x >> (32 - n)) & 0xffffffff
    v = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d,
         0xb0fb0e4e]
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    for at in range(0, len(data), 64):
        w = [int.from_bytes(data[at + i:at + i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            s1 = turn((turn(a, 12) + e + turn(0x79cc4519 if j < 16 else 0x7a879d8a, j))
                      & 0xffffffff, 7)
            s2 = s1 ^ turn(a, 12)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            t1 = (ff + d + s2 + (w[j] ^ w[j + 4])) & 0xffffffff
            t2 = (gg + h + s1 + w[j]) & 0xffffffff
            a, b, c, d, e, f, g, h = (t1, a, turn(b, 9), c, t2 ^ turn(t2, 9) ^ turn(t2, 17), e,
                                      turn(f, 19), g)
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v).hex()


def hash_named(name):
    """The draw's hash H: bytes in, 64 hexadecimal characters out."""
    if name == "sha256":
        return lambda data: hashlib.sha256(data).hexdigest()
    try:
        hashlib.new("sm3")
        return lambda data: hashlib.new("sm3", data).hexdigest()
    except ValueError:
        return sm3


def open_file(path, name):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from None


class Folder:
    """A bundle's folder; remembers what was read, so that the rest can be named."""

    def __init__(self, path):
        self.path, self.used = path, set()
        if not os.path.isdir(path):
            raise Unreadable(f"{path}: is not a folder")

    def read(self, name):
        self.used.add(name)
        path = os.path.join(self.path, *name.split("/"))
        need(os.path.lexists(path), f"{name}: is missing")
        need(os.path.isfile(path), f"{name}: is no file")
        return open_file(path, name)

    def has(self, name):
        return os.path.lexists(os.path.join(self.path, *name.split("/")))

    def names(self):
        """Every file of the folder, by its path with /, in the order of bytes."""
        found = []
        for folder, _, names in os.walk(self.path):
            inner = os.path.relpath(folder, self.path).replace(os.sep, "/")
            found += [name if inner == "." else f"{inner}/{name}" for name in names]
        return sorted(found, key=os.fsencode)


def decode(data, name):
    """The text of a file: UTF-8, ended by LF, without the characters of section 1."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Wrong(f"{name} line {line}: not UTF-8") from None
    bad = FORBIDDEN.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise Wrong(f"{name} line {line}: character U+{ord(bad.group()):04X} is not allowed")
    need(text.endswith("\n"), f"{name}: does not end with a line feed")
    return text


def unbase64(text, where):
    """Standard base64 with padding, and only the one spelling that encoding would give."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        data = b""
    need(text and base64.b64encode(data).decode() == text, f"{where}: not base64")
    return data


# ---- section 2: rules.json -----------------------------------------------------------------

def strict_json(text, name, numbers):
    """JSON without a key that stands twice and without any number but of this form."""
    def pairs(items):
        keys = [key for key, _ in items]
        twice = [key for key in keys if keys.count(key) > 1] if len(set(keys)) < len(keys) else []
        need(not twice, f"{name}: the key {twice[:1]} stands twice in one object")
        return dict(items)

    def integer(word):
        need(full(numbers, word), f"{name}: the number {word[:24]} is not allowed")
        return int(word)

    def refuse(word):
        raise Wrong(f"{name}: the number {word[:24]} is not allowed")
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=integer, parse_float=refuse,
                           parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate, written as an escape
        return value
    except (ValueError, RecursionError) as error:
        raise Wrong(f"{name}: not JSON ({error})") from None


def key_of(text, where):
    """A verifier key, `name+id+base64(type || key)`: section 7."""
    parts = text.split("+", 2)
    need(len(parts) == 3 and len(text) <= 512, f"{where}: not a verifier key")
    name, id_, data = parts[0], parts[1], unbase64(parts[2], where)
    need(full(r"[!-*,-~]{1,128}", name), f"{where}: the key's name is empty, long or has a blank")
    need(len(data) == 33 if data[0] in (1, 4) else data[0] == 0xff and len(data) > 1,
         f"{where}: a key of type 0x{data[0]:02x} and {len(data) - 1} bytes is not known")
    found = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    need(id_ == found.hex(), f"{where}: the key's id is {found.hex()}, not {id_}")
    return SimpleNamespace(text=text, name=name, id=found, type=data[0], public=data[1:])


# What a value of rules.json may be: each is, or returns, a check of a value and its path.

def refused(path, what):
    raise Wrong(f"{path}: {what}")


def inner(path, key):
    """The path to a key; it begins with the file's name and a blank."""
    return f"{path}.{key}" if " " in path else f"{path} {key}"


def a_text(form=None, most=TEXT_MAX):
    def check(value, path):
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
            refused(path, f"expected a text of 1 to {most} bytes")
        if FORBIDDEN.search(value) or "\n" in value or form and not full(form, value):
            refused(path, f"{value!r} is not of the form {form or 'of section 1'}")
    return check


def a_number(low, high=999_999_999):
    def check(value, path):
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            refused(path, f"expected a number from {low} to {high}")
    return check


def an_object(keys, optional=None):
    optional = optional or {}

    def check(value, path):
        if not isinstance(value, dict):
            refused(path, "expected an object")
        for key in keys:
            if key not in value:
                refused(inner(path, key), "is missing")
        for key, item in value.items():
            if key not in keys and key not in optional:
                refused(inner(path, key), "no such key")
            (keys.get(key) or optional.get(key))(item, inner(path, key))
    return check


def a_list(item, most, least=1, own=None):
    """`own` is the key by which the items of the list are told apart."""
    def check(value, path):
        if not isinstance(value, list) or not least <= len(value) <= most:
            refused(path, f"expected a list of {least} to {most}")
        seen = set()
        for at, one in enumerate(value):
            item(one, f"{path}[{at}]")
            code = one[own] if own and own in one else one if own == "" else at
            if code in seen:
                refused(f"{path}[{at}]", f"{code} stands twice")
            seen.add(code)
    return check


def a_title(value, path):
    if not isinstance(value, dict) or not 1 <= len(value) <= 32:
        refused(path, "expected 1 to 32 languages")
    for language, words in value.items():
        if not full(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", language):
            refused(path, "a key is no language tag such as zh, en or zh-Hant")
        a_text()(words, f"{path}.{language}")


def coded(name, most, least=1, optional=None, **more):
    return a_list(an_object({name: a_text(CODE), "title": a_title, **more}, optional), most, least,
                  name)


def a_key(type_):
    def check(value, path):
        a_text(ASCII)(value, path)
        if key_of(value, path).type != type_:
            refused(path, f"expected a key of type 0x{type_:02x}")
    return check


def a_time(value, path):
    if not isinstance(value, str) or not is_time(value):
        refused(path, "expected a time like 2026-12-01T02:00:00Z")


def a_source(value, path):
    nist = isinstance(value, dict) and value.get("source") == "nist-2.0"
    an_object({"source": a_text("nist-2[.]0"), "time": a_time,
               "certificates": a_list(a_text("[0-9a-f]{128}"), 16)} if nist else
              {"source": a_text("text"), "name": a_text(CODE), "title": a_title, "time": a_time,
               "digits": a_number(1, 64)})(value, path)


def a_quota(value, path):
    if not isinstance(value, dict) or not value:
        refused(path, "expected types and numbers")
    for type_, count in value.items():
        a_number(0)(count, f"{path}.{type_}")


ASCII = "[ -~]+"
RULES = an_object({
    "protocol": a_number(1, 1), "origin": a_text("[a-z0-9.-]{1,64}"), "draw": a_text(DRAW),
    "title": a_title, "basis": a_list(a_text(), 64, 0),
    "units": an_object({"area": a_text(ASCII), "price": a_text(ASCII)}),
    "intakes": coded("intake", 1024, key=a_key(1)),
    "log": a_list(a_text(ASCII), 8),
    "hash": a_text("sha256|sm3"), "award": a_text("home|turn"),
    "types": coded("type", 64, persons=a_list(a_number(1, 20), 2, 2)),
    "queues": coded("queue", 64, 0),
    "rounds": coded("round", 64, 1, {"queues": a_list(a_text(CODE), 64, 1, ""),
                                     "tags": a_list(a_text(CODE), 64, 1, ""), "quota": a_quota}),
    "chances_max": a_number(1, 99),
    "standby": lambda value, path: value == "all" or a_number(0)(value, path),
    "parties": coded("party", 32, 0),
    "dice": an_object({"faces": a_number(6, 10), "throws": a_number(1, 1000)}),
    "public": a_list(a_source, 16, 0, "name"),
    "void": coded("ground", 64, 0),
}, {
    "earlier": a_list(an_object({"draw": a_text("(?!REHEARSAL-)" + DRAW), "size": a_number(0),
                                 "root": a_text("[A-Za-z0-9+/]{43}=")}), 64),
    "witnesses": coded("witness", 16, key=a_key(4)),
})


def rules_of(data):
    """rules.json, strictly; returns it and k, what is asked for often: keys and lists of codes."""
    need(len(data) <= RULES_MAX, f"rules.json: longer than {RULES_MAX} bytes")
    r = strict_json(decode(data, "rules.json"), "rules.json", NUMBER)
    RULES(r, "rules.json")
    k = SimpleNamespace(types=[t["type"] for t in r["types"]],
                        queues=[q["queue"] for q in r["queues"]],
                        parties=[p["party"] for p in r["parties"]],
                        grounds=[g["ground"] for g in r["void"]], log=[], witnesses=[])
    for at, item in enumerate(r.get("earlier", [])):
        unbase64(item["root"], f"rules.json earlier[{at}].root")
    for at, item in enumerate(r["log"]):
        found = key_of(item, f"rules.json log[{at}]")
        if found.type != (0xff if at else 1) or found.name != f"{r['origin']}/{r['draw']}":
            refused(f"rules.json log[{at}]", f"expected a key of type 0x{0xff if at else 1:02x} "
                    f"with the name {r['origin']}/{r['draw']}")
        k.log.append(found)
    for item in r.get("witnesses", []):
        k.witnesses.append(key_of(item["key"], ""))
        k.witnesses[-1].witness = item["witness"]
    for at, item in enumerate(r["types"]):
        if item["persons"][0] > item["persons"][1]:
            refused(f"rules.json types[{at}].persons", "is inverted")
    for at, item in enumerate(r["rounds"]):
        for queue in set(item.get("queues", ())) - set(k.queues):
            refused(f"rules.json rounds[{at}].queues", f"{queue}: no such queue")
        for type_ in set(item.get("quota", ())) - set(k.types):
            refused(f"rules.json rounds[{at}].quota.{type_}", "no such type")
    if len({tag for item in r["rounds"] for tag in item.get("tags", ())}) > 64:
        refused("rules.json rounds", "name more than 64 tags")
    if not k.parties and not r["draw"].startswith("REHEARSAL-"):
        refused("rules.json parties", "only a rehearsal may have none")
    if r["dice"]["faces"] not in (6, 10):
        refused("rules.json dice.faces", "expected 6 or 10")
    for ground in {"unopened", "order"} & set(k.grounds):
        refused("rules.json void", f"{ground} has a meaning of its own")
    return r, k


def lint(r, k):
    """What `lint`, `freeze` and `verify` refuse although it is well formed."""
    if not r["draw"].startswith("REHEARSAL-"):
        need(len(k.parties) >= 2, "rules.json parties: a live draw needs two at least")
        need(r["dice"]["faces"] ** r["dice"]["throws"] >= 1 << 128,
             "rules.json dice.throws: too few for a live draw (faces^throws below 2^128)")


# ---- section 3: the roll -------------------------------------------------------------------

AMOUNT = r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,2})?"
WORDS = r"(?:[A-Za-z0-9_-]{1,24}(?: [A-Za-z0-9_-]{1,24})*)"
FILES = (  # name, word of its leaves, header, form of a line
    ("homes.csv", "home", "home,type,area,price,tags,place",
     rf"({HOME}),({CODE}),{AMOUNT},{AMOUNT},({WORDS}?),([^,\"]*)"),
    ("entries.csv", "entry", "id,queues,persons,chances,wants,commit",
     rf"({ID}),({WORDS}?),([1-9]|1[0-9]|20),([1-9][0-9]?),({WORDS}),({HEX})"),
    ("refusals.csv", "refusal", "id,reason,commit", rf"({ID}),({CODE}),({HEX})"),
    ("received.csv", "received", "intake,number,id,time,commit",
     rf"({CODE}),([1-9][0-9]{{0,8}}),({ID}),({TIME}),({HEX})"),
)


def table(folder, name, header, pattern):
    """The lines of a CSV file without its header, the groups of each, and the file's bytes."""
    data = folder.read(name)
    lines = decode(data, name).split("\n")
    lines.pop()
    need(lines and lines[0] == header, f"{name} line 1: expected the header {header}")
    del lines[0]
    need(len(lines) <= ROWS_MAX, f"{name}: more than {ROWS_MAX} rows")
    match, rows = re.compile(pattern).fullmatch, []
    for number, line in enumerate(lines, 2):
        found = match(line)
        if found is None or len(line) > LINE_MAX // 4 and len(line.encode()) > LINE_MAX:
            raise Wrong(f"{name} line {number}: not of the form {header}")
        rows.append(found.groups())
    return SimpleNamespace(name=name, data=data, lines=lines, rows=rows)


def roll_of(folder, r, k):
    """The four files of section 3, each checked alone and then against the others."""
    homes, entries, refusals, received = (table(folder, name, header, pattern)
                                          for name, _, header, pattern in FILES)

    @functools.lru_cache(maxsize=None)
    def words(text, kind):
        """A field of words: queues and tags sorted, wants in any order, no word twice."""
        found = tuple(text.split(" ")) if text else ()
        among = {"queues": k.queues, "wants": k.types}.get(kind)
        return (len(set(found)) == len(found) and (kind == "wants" or list(found) == sorted(found))
                and (among is None or set(found) <= set(among)))

    def rising(file):
        last = ""
        for number, row in enumerate(file.rows, 2):
            if not last < row[0]:
                raise Wrong(f"{file.name} line {number}: {row[0]} is not above {last}")
            last = row[0]
    rising(homes)
    rising(entries)
    rising(refusals)
    for number, (_, type_, tags, place) in enumerate(homes.rows, 2):
        at = f"homes.csv line {number}"
        need(type_ in k.types, f"{at}: no such type {type_}")
        need(words(tags, "tags"), f"{at}: tags are not sorted or stand twice")
        need(len(place.encode()) <= 200, f"{at}: place is longer than 200 bytes")
    commits = {}
    for number, (id_, queues, _, chances, wants, commit) in enumerate(entries.rows, 2):
        if not (words(queues, "queues") and words(wants, "wants")
                and int(chances) <= r["chances_max"]):
            raise Wrong(f"entries.csv line {number}: queues, chances or wants are not the rules'")
        commits[id_] = commit
    for number, (id_, _, commit) in enumerate(refusals.rows, 2):
        if id_ in commits:
            raise Wrong(f"refusals.csv line {number}: {id_} stands in entries.csv too")
        commits[id_] = commit
    intakes, last = {item["intake"] for item in r["intakes"]}, ("", 0)
    for number, (intake, count, id_, time, commit) in enumerate(received.rows, 2):
        at = f"received.csv line {number}"
        if intake not in intakes or not is_day(time[:10]):
            raise Wrong(f"{at}: no such intake or no such day")
        here = (intake, int(count))
        if here != (last[0], last[1] + 1) and not (intake > last[0] and here[1] == 1):
            raise Wrong(f"{at}: {intake} {count} does not follow {last[0]} {last[1]}")
        last = here
        if commits.pop(id_, None) != commit:
            raise Wrong(f"{at}: {id_} is not, or with another commit, in entries and refusals, "
                        "or was received before")
    if commits:
        raise Wrong(f"received.csv: {min(commits)} of entries or refusals was never received")
    return SimpleNamespace(homes=homes, entries=entries, refusals=refusals, received=received,
                           files=(homes, entries, refusals, received))


# ---- sections 4 and 6: tickets, order, allocation ------------------------------------------

def draw(r, k, roll, seed):
    """cutoffs.csv and results.csv as lists of lines without LF, header first."""
    H = hash_named(r["hash"])
    drawn = []
    for at, (id_, _, _, chances, _, _) in enumerate(roll.entries.rows):
        text = f"{seed}:entry:{id_}:"
        ticket, chance = min((H(f"{text}{i}".encode()), i) for i in range(1, int(chances) + 1))
        drawn.append((ticket, id_, chance, at))
    drawn.sort()
    homes = {type_: [] for type_ in k.types}
    for _, (home, type_, tags, _) in sorted(
            (H(f"{seed}:home:{row[0]}:1".encode()), row) for row in roll.homes.rows):
        homes[type_].append((home, set(tags.split())))
    taken, away = allocate(r, k, roll, homes, [row[3] for row in drawn])

    position = {item["round"]: at for at, item in enumerate(r["rounds"])}
    housed = sorted(taken, key=lambda rank: (position[taken[rank][0]], rank))
    turn = {rank: number for number, rank in enumerate(housed, 1)}
    results, standby = ["rank,id,chance,ticket,round,type,home,turn,standby"], 0
    limit = len(drawn) if r["standby"] == "all" else r["standby"]
    cut = {}
    for rank, (ticket, id_, chance, _) in enumerate(drawn):
        if rank in taken:
            round_, type_, home = taken[rank]
            count = cut.get((round_, type_), (0,))[0]
            cut[round_, type_] = (count + 1, ticket)
            home = "" if r["award"] == "turn" else home
            results.append(f"{rank + 1},{id_},{chance},{ticket},{round_},{type_},{home},"
                           f"{turn[rank]},")
        else:
            standby += 1
            place = standby if standby <= limit else ""
            results.append(f"{rank + 1},{id_},{chance},{ticket},,,,,{place}")
    cutoffs = ["round,type,taken,ticket"]
    for round_ in position:
        for type_ in k.types:
            count, ticket = cut.get((round_, type_), (0, "none"))
            cutoffs.append(f"{round_},{type_},{count},"
                           f"{ticket if (round_, type_) in away else 'all'}")
    return cutoffs, results


def allocate(r, k, roll, homes, order):
    """Deferred acceptance. Returns {rank: (round, type, home)} and the set of (round, type)
    that turned somebody away. `order` lists entries by rank; ranks count from 0."""
    size = {t["type"]: range(t["persons"][0], t["persons"][1] + 1) for t in r["types"]}

    @functools.lru_cache(maxsize=None)
    def rounds_open_to(queues):
        mine = set(queues.split())
        return [("queues" not in item or bool(mine & set(item["queues"]))) for item in r["rounds"]]
    rows = [roll.entries.rows[at] for at in order]
    enters = [rounds_open_to(row[1]) for row in rows]
    wishes = [iter([w for w in row[4].split(" ") if int(row[2]) in size[w]]) for row in rows]

    def hold(type_, applicants):
        free, taken, away = list(homes[type_]), {}, set()
        for at, item in enumerate(r["rounds"]):
            left = item["quota"].get(type_, 0) if "quota" in item else len(free)
            tags = set(item["tags"]) if "tags" in item else None
            mine = [home for home in free if tags is None or tags & home[1]][:left]
            given = 0
            for rank in applicants:
                if rank in taken or not enters[rank][at]:
                    continue
                if given == len(mine):
                    away.add(item["round"])  # and everybody behind is turned away too
                    break
                taken[rank] = (item["round"], type_, mine[given][0])
                given += 1
            gone = {home for home, _ in mine[:given]}
            free = [home for home in free if home[0] not in gone]
        return taken, away

    ever = {type_: [] for type_ in k.types}   # all who ever applied
    held = {type_: {} for type_ in k.types}
    asking = range(len(rows))
    while asking:
        new = {}
        for rank in asking:
            wish = next(wishes[rank], None)
            if wish is not None:
                new.setdefault(wish, []).append(rank)
        asking = []
        for type_, ranks in new.items():
            ever[type_] += ranks
            # Who was turned away before would be so again: only holders and newcomers compete.
            ranks = sorted(ranks + list(held[type_]))
            held[type_], _ = hold(type_, ranks)
            asking += [rank for rank in ranks if rank not in held[type_]]
    all_taken, all_away = {}, set()
    for type_ in k.types:
        taken, away = hold(type_, sorted(ever[type_]))
        need(taken == held[type_], f"allocation of {type_} does not repeat itself")
        all_taken.update(taken)
        all_away |= {(round_, type_) for round_ in away}
    return all_taken, all_away


# ---- section 5: the seed -------------------------------------------------------------------

def opens(H, r, party, commit, secret):
    """Whether the secret is the one that the party committed to."""
    return full(HEX, secret) and H(f"{r['draw']}:{party}:{secret}".encode()) == commit


def dice_form(r):
    return ("[1-6]" if r["dice"]["faces"] == 6 else "[0-9]") + f"{{{r['dice']['throws']}}}"


def public_forms(item):
    """The forms of source, ref and value of an entry of rules.public."""
    if item["source"] == "text":
        return "text", item["name"], f"[0-9]{{{item['digits']}}}"
    return "nist-2[.]0", f"{NUMBER}/{NUMBER}", "[0-9a-f]{128}"


def seed_text(r, roll, digests, freeze, c):
    """seed.txt: `freeze` is (size, root in base64), `c` the attempt that stands."""
    lines = ["mingqian seed 1", f"draw {r['draw']}", f"attempt {c.attempt}",
             f"rules {digests['rules.json']}"]
    for file, word in zip(roll.files, ("homes", "entries", "refusals", "received")):
        lines.append(f"{word} {digests[file.name]} {len(file.rows)}")
    lines[5] += f" {sum(int(row[3]) for row in roll.entries.rows)}"
    lines.append(f"log {freeze[0]} {freeze[1]}")
    lines += [f"commit {party} {commit}" for party, commit in c.commits]
    lines.append(f"dice {c.dice}")
    lines += [f"reveal {party} {secret}" for party, secret in c.reveals]
    lines += [f"public {source} {ref} {value}" for source, ref, value in c.public]
    return "".join(line + "\n" for line in lines)


def digests_of(H, rules_data, roll):
    digests = {file.name: H(file.data) for file in roll.files}
    digests["rules.json"] = H(rules_data)
    return digests


def recompute(folder, want_cutoffs):
    """Section 9: from the six files to the result, with no log and no key."""
    data = folder.read("rules.json")
    r, k = rules_of(data)
    roll = roll_of(folder, r, k)
    H = hash_named(r["hash"])
    found = folder.read("seed.txt")
    lines = decode(found, "seed.txt").split("\n")
    # The text with forms in the place of what only the ceremony knew: one form a line.
    forms = seed_text(r, roll, digests_of(H, data, roll), (NUMBER, "[A-Za-z0-9+/]{43}="),
                      SimpleNamespace(attempt="[1-9][0-9]{0,8}", dice=dice_form(r),
                                      commits=[(party, HEX) for party in k.parties],
                                      reveals=[(party, HEX) for party in k.parties],
                                      public=[public_forms(item) for item in r["public"]]))
    for number, (form, line) in enumerate(
            itertools.zip_longest(forms.split("\n"), lines, fillvalue="nothing"), 1):
        need(full(form, line), f"seed.txt line {number}: expected {form}")
    pick = lambda word: [line.split(" ")[1:] for line in lines if line.startswith(word + " ")]
    unbase64(pick("log")[0][1], "seed.txt line 9")
    commits = pick("commit")
    need(len({commit for _, commit in commits}) == len(commits), "seed.txt: a commit stands twice")
    for (party, commit), (_, secret) in zip(commits, pick("reveal")):
        need(opens(H, r, party, commit, secret),
             f"seed.txt: the secret of {party} does not match its commit")
    cutoffs, results = draw(r, k, roll, H(found))
    return "".join(line + "\n" for line in (cutoffs if want_cutoffs else results))


# ---- section 7: Ed25519 (RFC 8032), signed notes, the tree -----------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def point_add(a, b):
    """Two points in extended coordinates (X, Y, Z, T); the formula is complete."""
    u = (a[1] - a[0]) * (b[1] - b[0]) % P
    v = (a[1] + a[0]) * (b[1] + b[0]) % P
    w = 2 * D * a[3] * b[3] % P
    z = 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


@functools.lru_cache(maxsize=64)
def doublings(point):
    """The point times 1, 2, 4, 8 ...; the base point and a few keys come again and again."""
    found = [point]
    while len(found) < 256:
        found.append(point_add(found[-1], found[-1]))
    return found


def point_times(n, point):
    result = (0, 1, 1, 0)
    for at in range(n.bit_length()):
        if n >> at & 1:
            result = point_add(result, doublings(point)[at])
    return result


def point_pack(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def point_unpack(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_unpack(bytes([0x58]) + bytes([0x66] * 31))


@functools.lru_cache(maxsize=None)
def ed25519_ok(public, message, signature):
    key, s = point_unpack(public), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    minus = (P - key[0], key[1], 1, P - key[3])
    k = int.from_bytes(digest, "little") % L
    return point_pack(point_add(point_times(s, BASE), point_times(k, minus))) == signature[:32]


def note_of(data, name, origin):
    """A checkpoint: origin, size, root; an empty line; signature lines (name, id, signature)."""
    text = decode(data, name)
    body, parted, lines = text.rpartition("\n\n")
    need(parted and lines, f"{name}: not a signed note")
    note = SimpleNamespace(name=name, origin=origin, text=(body + "\n").encode(), lines=[],
                           kept=False)
    for line in lines[:-1].split("\n"):
        found = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        need(found, f"{name}: not a signature line: {line[:60]}")
        blob = unbase64(found.group(2), f"{name}: signature of {found.group(1)}")
        need(len(blob) > 4, f"{name}: a signature line is too short")
        note.lines.append((found.group(1), blob[:4], blob[4:]))
    keys = {line_[:2] for line_ in note.lines}
    need(len(keys) == len(note.lines) <= 64, f"{name}: more than 64 lines, or two of one key")
    head = body.split("\n")
    need(len(head) == 3 and head[0] == origin, f"{name}: expected origin {origin}, size and root")
    need(full(NUMBER, head[1]), f"{name}: {head[1]} is not a size")
    note.size, note.root = int(head[1]), unbase64(head[2], f"{name}: root")
    need(len(note.root) == 32, f"{name}: the root has {len(note.root)} bytes")
    return note


def signed_by(note, key):
    """Checks the line of a log key; it must be there."""
    mine = [line[2] for line in note.lines if line[:2] == (key.name, key.id)]
    need(mine, f"{note.name}: not signed by {key.name}")
    need(ed25519_ok(key.public, note.text, mine[0]),
         f"{note.name}: the signature of {key.name} is wrong")


def cosigned_at(note, key):
    """The time at which a witness cosigned this checkpoint, if it did; a wrong line is false."""
    for name, id_, blob in note.lines:
        if (name, id_) == (key.name, key.id):
            time = int.from_bytes(blob[:8], "big")
            need(len(blob) == 72 and time <= TIME_MAX and ed25519_ok(
                key.public, b"cosignature/v1\ntime %d\n" % time + note.text, blob[8:]),
                f"{note.name}: the cosignature of {key.witness} is wrong")
            return [time]
    return []


class Tree:
    """RFC 6962: the hashes of all complete subtrees, one run of bytes for each level."""

    def __init__(self, leaf_hashes):
        self.size, self.levels = len(leaf_hashes), []
        while leaf_hashes:
            self.levels.append(b"".join(leaf_hashes))
            leaf_hashes = [hashlib.sha256(b"\1" + a + b).digest()
                           for a, b in zip(leaf_hashes[::2], leaf_hashes[1::2])]

    def root(self, size):
        """The root when the log had `size` leaves: the complete subtrees, right to left."""
        root = None
        for level in range(size.bit_length()):
            if size >> level & 1:
                at = 32 * ((size >> level) - 1)
                node = self.levels[level][at:at + 32]
                root = node if root is None else hashlib.sha256(b"\1" + node + root).digest()
        return hashlib.sha256(b"").digest() if root is None else root


def tile_path(level, index, width):
    path, number = f"{index % 1000:03d}", index // 1000
    while number:
        path, number = f"x{number % 1000:03d}/{path}", number // 1000
    return f"log/tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def tiles_at(size):
    """(level, index, width) of every tile of a log of this size."""
    for level in range(8):
        count = size >> 8 * level
        for index in range((count + 255) // 256):
            yield level, index, min(256, count - 256 * index)


def split_bundle(data, width, path):
    """The entries of one bundle: each behind its length, two bytes, the larger first."""
    entries, at = [], 0
    for _ in range(width):
        end = at + 2 + int.from_bytes(data[at:at + 2], "big")
        need(at + 2 <= end <= len(data) and at + 2 <= len(data), f"{path}: ends too early")
        entries.append(data[at + 2:end])
        at = end
    need(at == len(data), f"{path}: {len(data) - at} bytes too many")
    return entries


def fingerprint(root):
    pairs = [f"{int.from_bytes(root[i:i + 2], 'big'):05d}" for i in range(0, 20, 2)]
    return "-".join(pairs[:5]) + " / " + "-".join(pairs[5:])


# ---- section 5, point 6: pulses of the NIST beacon --------------------------------------------

def pulse_bytes(p):
    """What a pulse's signature covers, field by field (NISTIR 8213, lengths of four bytes)."""
    def u32(value):
        return value.to_bytes(4, "big")

    def sized(data):
        return u32(len(data)) + data

    def hexed(value):
        return sized(bytes.fromhex(value))
    return b"".join([
        sized(p["uri"].encode()), sized(p["version"].encode()), u32(p["cipherSuite"]),
        u32(p["period"]), hexed(p["certificateId"]), p["chainIndex"].to_bytes(8, "big"),
        p["pulseIndex"].to_bytes(8, "big"), sized(p["timeStamp"].encode()),
        hexed(p["localRandomValue"]), hexed(p["external"]["sourceId"]),
        u32(p["external"]["statusCode"]), hexed(p["external"]["value"]),
        *(hexed(item["value"]) for item in p["listValues"]),
        hexed(p["precommitmentValue"]), u32(p["statusCode"])])


def der(data, want):
    """Takes one DER element with this tag off the front: its content, and what follows."""
    size, at = data[1], 2
    if size > 127:
        at = 2 + size - 128
        size = int.from_bytes(data[2:at], "big")
    if data[0] != want or at + size > len(data):
        raise ValueError("not the expected DER")
    return data[at:at + size], data[at + size:]


def rsa_key(certificate):
    """Modulus and exponent of an X.509 certificate in DER (RFC 5280)."""
    body, _ = der(der(certificate, 0x30)[0], 0x30)
    if body[0] == 0xa0:
        body = der(body, 0xa0)[1]                 # version
    body = der(body, 2)[1]                        # serial number
    for _ in ("algorithm", "issuer", "validity", "subject"):
        body = der(body, 0x30)[1]
    algorithm, bits = der(der(body, 0x30)[0], 0x30)
    if der(algorithm, 6)[0].hex() != "2a864886f70d010101":
        raise ValueError("not an RSA key")
    numbers, _ = der(der(bits, 3)[0][1:], 0x30)   # the first byte counts unused bits
    modulus, rest = der(numbers, 2)
    return int.from_bytes(modulus, "big"), int.from_bytes(der(rest, 2)[0], "big")


def rsa_sha512_ok(key, message, signature):
    """PKCS #1 v1.5: the whole padded block is rebuilt and compared."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    info = bytes.fromhex("3051300d060960864801650304020305000440")
    info += hashlib.sha512(message).digest()
    padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    return len(signature) == size and pow(
        int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big") == padded


HEX64 = a_text("[0-9A-Fa-f]{128}")
PULSE = an_object({"pulse": an_object({
    "uri": a_text(), "version": a_text("2[.]0"),
    "cipherSuite": a_number(0, 0), "period": a_number(0),
    "certificateId": HEX64, "chainIndex": a_number(0), "pulseIndex": a_number(0),
    "timeStamp": a_text(TIME[:-1] + "[.][0-9]{3}Z"), "localRandomValue": HEX64,
    "external": an_object({"sourceId": HEX64, "statusCode": a_number(0), "value": HEX64}),
    "listValues": a_list(an_object({"uri": a_text(), "type": a_text(), "value": HEX64}), 5, 5),
    "precommitmentValue": HEX64, "statusCode": a_number(0),
    "signatureValue": a_text("([0-9A-Fa-f]{2}){128,1024}", 2048), "outputValue": HEX64})})


def pulse_of(folder, chain, index):
    """Reads one pulse; its outputValue is the hash of all that went before it."""
    name = f"pulses/{chain}-{index}.json"
    data = folder.read(name)
    need(len(data) <= PULSE_MAX, f"{name}: longer than {PULSE_MAX} bytes")
    served = strict_json(decode(data if data.endswith(b"\n") else data + b"\n", name), name, NUMBER)
    PULSE(served, name)
    p = served["pulse"]
    need(" ".join(v["type"] for v in p["listValues"]) == "previous hour day month year",
         f"{name} pulse.listValues: expected previous, hour, day, month, year")
    need((p["chainIndex"], p["pulseIndex"]) == (int(chain), int(index)),
         f"{name}: is pulse {p['chainIndex']}/{p['pulseIndex']}")
    need(is_day(p["timeStamp"][:10]), f"{name}: its time stamp is {p['timeStamp']}")
    p["signed"], p["signature"] = pulse_bytes(p), bytes.fromhex(p["signatureValue"])
    p["certificateId"], p["outputValue"] = p["certificateId"].lower(), p["outputValue"].lower()
    need(hashlib.sha512(p["signed"] + p["signature"]).hexdigest() == p["outputValue"],
         f"{name}: outputValue is not the SHA-512 of what was signed and the signature")
    return p


def check_pulse(folder, item, ref, value):
    """The pulse is signed, the first at or after the rules' time, and its output is the value."""
    chain, index = ref.split("/")
    p = pulse_of(folder, chain, index)
    name, due, id_ = f"pulses/{chain}-{index}.json", item["time"][:-1] + ".000Z", p["certificateId"]
    need(p["statusCode"] == 0, f"{name}: its status is not 0")
    need(p["outputValue"] == value, f"{name}: its output is not the value in the log")
    need(id_ in item["certificates"], f"{name}: rules.json does not name its certificate")
    pem = folder.read(f"pulses/{id_}.pem").decode("ascii", "replace")
    need(len(pem) <= PULSE_MAX, f"pulses/{id_}.pem: longer than {PULSE_MAX} bytes")
    found = re.search("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", pem, re.S)
    try:
        certificate = base64.b64decode("".join(found.group(1).split()), validate=True)
        key = rsa_key(certificate)
    except (AttributeError, ValueError, IndexError):
        raise Wrong(f"pulses/{id_}.pem: not a certificate with an RSA key") from None
    need(hashlib.sha512(certificate).hexdigest() == id_, f"pulses/{id_}.pem: its SHA-512 differs")
    need(rsa_sha512_ok(key, p["signed"], p["signature"]), f"{name}: its signature is wrong")
    need(p["timeStamp"] >= due, f"{name}: {p['timeStamp']} is before {item['time']}")
    if p["timeStamp"] > due:                      # the pulse vouches for the one before it
        before = pulse_of(folder, chain, str(int(index) - 1))
        link = hashlib.sha512(bytes.fromhex(p["localRandomValue"])).hexdigest()
        need(before["outputValue"] == p["listValues"][0]["value"].lower()
             and before["precommitmentValue"].lower() == link,
             f"{name}: the pulse before it in the chain is another one")
        need(before["timeStamp"] < due,
             f"{name}: the pulse before it is not before {item['time']} either")


# ---- section 9: the checks, in their order ----------------------------------------------------

# Leaves that end with a time: how many values stand between their first word and it.
VALUES = {"draw": 1, "journal": 2, "freeze": 0, "attempt": 1, "software": 2, "commit": 2, "dice": 1,
          "reveal": 2, "public": 3, "seed": 1, "finish": 0, "take": 2, "waive": 2, "award": 3,
          "void": 1, "end": 1}
FREE = set(VALUES) - {"draw", "journal", "freeze", "finish"}  # those that no file brings with it
ATTEMPTS_MAX = 999


class Bundle:
    """What one check finds and the next ones need, and the lines that are printed."""

    def __init__(self, folder, key, trusted, old):
        self.folder, self.key, self.trusted, self.old = folder, key, trusted, old
        self.failed = None

    def ok(self, step, text):
        print(f"ok {step} {text}")

    def note(self, step, text):
        print(f"note {step} {text}")

    def false(self, step, text):
        print(f"FALSE {step} {text}")
        self.failed = self.failed or step

    def leaves(self):
        for at, data in enumerate(self.bundles):
            width = min(256, self.head.size - 256 * at)
            for number, leaf in enumerate(split_bundle(data, width, ""), 256 * at):
                yield number, leaf


def check_rules(b):
    b.rules_data = b.folder.read("rules.json")
    b.r, b.k = rules_of(b.rules_data)
    lint(b.r, b.k)
    b.H = hash_named(b.r["hash"])
    b.ok("rules", f"rules.json of {b.k.log[0].name}, {b.r['hash']}, award {b.r['award']}")
    if len({key.public for key in b.k.witnesses}) < len(b.k.witnesses):
        b.note("rules", "two witnesses have one key: whoever holds it countersigns for both")
    for item in b.r.get("earlier", []):
        b.note("rules", f"earlier draw {item['draw']} of these homes, its log {item['size']} "
               f"{item['root']}: shown, not checked")


def check_roll(b):
    b.roll = roll_of(b.folder, b.r, b.k)
    b.digests = digests_of(b.H, b.rules_data, b.roll)
    b.ok("roll", ", ".join(f"{file.name} {len(file.rows)} rows" for file in b.roll.files))


def check_log(b):
    """The head, every tile and entry bundle of its size, and the root they give."""
    keys = "".join(key.text + "\n" for key in b.k.log + b.k.witnesses)
    need(b.folder.read("log/keys") == keys.encode(), "log/keys: is not the keys of rules.json")
    b.head = note_of(b.folder.read("log/checkpoint"), "log/checkpoint", b.k.log[0].name)
    signed_by(b.head, b.k.log[0])
    b.bundles, hashes = [], []
    for level, index, width in tiles_at(b.head.size):
        if level == 0:
            path = tile_path("entries", index, width)
            data = b.folder.read(path)
            b.bundles.append(data)
            hashes += [hashlib.sha256(b"\0" + entry).digest()
                       for entry in split_bundle(data, width, path)]
    b.tree = Tree(hashes)
    count = 0
    for level, index, width in tiles_at(b.head.size):
        check_tile(b, level, index, width)
        count += 1
    need(b.tree.root(b.head.size) == b.head.root,
         "log/checkpoint: its root is not that of the tiles")
    b.ok("log", f"{b.head.size} leaves in {count} tiles, root and signature of log/checkpoint")
    b.note("log", f"fingerprint at {b.head.size}: {fingerprint(b.head.root)}")
    if b.key is None and not b.trusted:
        b.false("log", "rules.json log[0]: the key is not vouched for; give the one you know by "
                "--key, or --trust-bundle to take it from the bundle")
    elif b.key not in (None, b.k.log[0].text):
        b.false("log", f"rules.json log[0]: the log's key is {b.k.log[0].text}, not yours")


def check_tile(b, level, index, width):
    path = tile_path(level, index, width)
    hashes = b.tree.levels[8 * level]
    need(b.folder.read(path) == hashes[8192 * index:8192 * index + 32 * width],
         f"{path}: is not the hashes of the entries")


def check_leaves(b):
    """Every leaf has its form, times never fall, and rows are those of the files."""
    leaves, b.events, b.finish, b.rows, last = b.leaves(), [], None, (0, 0), ""

    def timed(number, leaf, words):
        """Takes a leaf of one of these words apart: the word and its values."""
        nonlocal last
        word, *values = leaf.split(" ")
        need(word in words and len(values) == VALUES[word] + 1 and all(values)
             and is_time(values[-1]), f"log leaf {number}: {leaf[:80]!r} has no place or form here")
        need(last <= values[-1], f"log leaf {number}: its time is before that of a leaf before it")
        last = values.pop()
        return word, values

    def follow(expected):
        """The next leaves are these: texts as they stand, or (word,) of a leaf with a time."""
        number = -1
        for want in expected:
            number, leaf = next(leaves, (number + 1, None))
            need(leaf is not None, f"log leaf {number}: the log stops where {want!r} is due")
            if isinstance(want, tuple):
                _, values = timed(number, leaf.decode("utf-8", "replace"), want[:1])
                need(all(full(form, value) for form, value in zip(want[1:], values)),
                     f"log leaf {number}: `{want[0]}` has not the values that are due")
            elif leaf != want.encode():
                shown = leaf[:80].decode("utf-8", "replace")
                raise Wrong(f"log leaf {number}: is {shown!r}, the files say {want[:80]!r}")
        return number

    def rows(name, word, digest, lines):
        yield f"file {name} {digest} {len(lines)}"
        for line in lines:
            yield f"{word} {line}"

    def frozen():
        yield "draw", re.escape(b.r["draw"])
        yield from rows("rules.json", "", b.digests["rules.json"], [])
        for file, (name, word, _, _) in zip(b.roll.files, FILES):
            yield from rows(name, word, b.digests[name], file.lines)
        yield "journal", NUMBER, HEX
        yield ("freeze",)

    def finished():
        for name, word in (("cutoffs.csv", "cutoff"), ("results.csv", "result")):
            data = b.folder.read(name)
            lines = decode(data, name).split("\n")[:-1]
            b.rows, b.results = b.rows[1:] + (len(lines) - 1,), lines
            yield from rows(name, word, b.H(data), lines[1:])
        yield "journal", NUMBER, HEX
        yield ("finish",)
    b.freeze = follow(frozen()) + 1
    for number, data in leaves:
        leaf = data.decode("utf-8", "replace")
        if (leaf.startswith("file ") and b.finish is None and b.events
                and b.events[-1].word == "seed"):
            leaves = itertools.chain([(number, data)], leaves)
            b.finish = follow(finished()) + 1
            continue
        word, values = timed(number, leaf, FREE)
        b.events.append(SimpleNamespace(at=number, word=word, fields=values, time=last))
    if b.finish is None:
        for name in ("cutoffs.csv", "results.csv"):
            need(not b.folder.has(name), f"{name}: is there, but not in the log")
    b.ok("leaves", f"{b.head.size} leaves against the files: freeze at {b.freeze}, "
         + (f"finish at {b.finish}" if b.finish else "not finished"))


def check_seen(b):
    """checkpoint.freeze, log/seen/* and the checkpoints somebody kept are states of this log."""
    folder = b.folder
    freeze = note_of(folder.read("log/checkpoint.freeze"), "log/checkpoint.freeze", b.head.origin)
    need(freeze.size == b.freeze,
         f"log/checkpoint.freeze: has size {freeze.size}, freeze is at {b.freeze}")
    notes, sizes = [freeze], [name[9:] for name in folder.names() if name.startswith("log/seen/")]
    for size in sizes:
        if full("[1-9][0-9]{0,8}", size):
            name = f"log/seen/{size}"
            notes.append(note_of(folder.read(name), name, b.head.origin))
            need(notes[-1].size == int(size), f"{name}: has size {notes[-1].size}")
    for path, data in b.old:
        notes.append(note_of(data, path, b.head.origin))
        notes[-1].kept = True
    for note in notes:
        signed_by(note, b.k.log[0])
        need(note.size <= b.head.size,
             f"{note.name}: has {note.size} leaves, log/checkpoint only {b.head.size}")
        need(b.tree.root(note.size) == note.root, f"{note.name}: another log: its root is not the "
             f"root of the first {note.size} leaves")
    b.notes = [b.head] + notes
    b.shown = {note.size for note in b.notes if not note.kept}
    for size in sorted(b.shown):  # a client of that day reads the partial tiles of that day
        for level, index, width in tiles_at(size):
            if width < 256 and size != b.head.size:
                check_tile(b, level, index, width)
                if level == 0:
                    path = tile_path("entries", index, width)
                    old = split_bundle(folder.read(path), width, path)
                    need(b.bundles[index].startswith(b"".join(
                        len(entry).to_bytes(2, "big") + entry for entry in old)),
                        f"{path}: is not the log's entries")
    b.ok("seen", f"{len(notes)} checkpoints are earlier states of this log: "
         + " ".join(str(size) for size in sorted({note.size for note in notes})))
    b.note("seen", f"fingerprint at the freeze: {fingerprint(freeze.root)}")


def walk(b):
    """Feeds the leaves behind the freeze to the state machine of section 5, up to the first that
    it refuses: b.fault is then (step, place in the log, sentence). b.moments become the sizes
    that every witness has to countersign, b.said what people should be told."""
    r, parties, sources = b.r, b.k.parties, b.r["public"]
    plan = (["software"] + ["commit"] * len(parties) + ["dice"] + ["reveal"] * len(parties)
            + ["public"] * len(sources) + ["seed"])
    dice, reveals = plan.index("dice"), plan.index("dice") + 1
    publics = reveals + len(parties)
    b.moments, b.said, b.fault, b.attempt = [(b.freeze, "the freeze")], [], None, None
    attempts, taken, used, ended = 0, None, set(), False  # taken: the running attempt, leaf by leaf

    def take(event):
        """One leaf of the running attempt, where it is due."""
        word, (one, *more), place = event.word, event.fields, len(taken)
        need(word == plan[place], f"{word} stands where {plan[place]} is due")
        if word == "software":
            need(full("[A-Za-z0-9._-]{1,24}", one) and full(HEX, more[0]), "no version and hash")
            b.said.append(f"attempt {attempts} by program {one}, {more[0]}")
        elif word == "commit":
            need(one == parties[place - 1], f"{parties[place - 1]} is due")
            need(full(HEX, more[0]) and more[0] not in used, "no commit, or it stood here before")
            used.add(more[0])
        elif word == "dice":
            need(full(dice_form(r), one), f"not {r['dice']['throws']} throws of "
                 f"{r['dice']['faces']} faces")
        elif word == "reveal":
            party, commit = taken[1 + place - reveals]
            need(one == party, f"{party} is due")
            need(opens(b.H, r, party, commit, more[0]),
                 f"the secret of {party} does not match its commit")
        elif word == "public":
            need(all(map(full, public_forms(sources[place - publics]), event.fields)),
                 f"no value of rules.public[{place - publics}]")
        else:
            b.attempt = SimpleNamespace(
                attempt=attempts, commits=taken[1:dice], dice=taken[dice][0],
                reveals=taken[reveals:publics], public=taken[publics:])
            freeze = b.freeze, base64.b64encode(b.tree.root(b.freeze)).decode()
            b.seed_text = seed_text(r, b.roll, b.digests, freeze, b.attempt).encode()
            b.seed = b.H(b.seed_text)
            need(one == b.seed, f"the seed.txt of this log has the hash {b.seed}")
        if parties and place in (dice, publics) and word != "seed":
            b.moments.append((event.at, "the commits" if place == dice else "the reveals"))

    def finished():
        """The stretch to `finish` has as many rows as rules and roll ask for."""
        need(b.rows == (len(r["rounds"]) * len(r["types"]), len(b.roll.entries.rows)),
             "the rows of cutoffs.csv or results.csv are too few or too many")
        b.moments.append((b.finish, "the finish"))
    for event in b.events:
        ground, thrown = event.fields[0], taken is not None and len(taken) > dice
        try:
            step = "ceremony"
            need(not ended, "the draw was ended before")
            if event.word == "end":
                need(ground == "order" or ground in b.k.grounds and not thrown,
                     f"{ground} cannot end the draw here")
                b.said.append(f"ended for good: {ground}")
                ended = True
            elif b.finish and event.at >= b.finish:
                step = "after"
                need(event.word in ("take", "waive", "award"), f"{event.word} has no place here")
            elif event.word == "void":
                need(taken and b.attempt is None, "there is nothing to void")
                need(not thrown and ground in b.k.grounds or thrown and ground == "unopened"
                     and len(taken) < publics, f"{ground} cannot void an attempt here")
                b.said.append(f"attempt {attempts} was voided: {ground}")
                taken = None
            elif taken is None:
                need(event.word == "attempt", f"{event.word} stands where attempt is due")
                need(ground == str(attempts + 1) and attempts < ATTEMPTS_MAX,
                     f"attempt {ground} stands where {attempts + 1} is due")
                attempts, taken = attempts + 1, []
            else:
                step = "seed" if event.word == "seed" and len(taken) == len(plan) - 1 else step
                need(len(taken) < len(plan), f"{event.word} stands behind the seed")
                take(event)
                taken.append(event.fields)
                if event.word == "seed" and b.finish:
                    step = "draw"
                    finished()
        except Wrong as error:
            b.fault = step, event.at, f"log leaf {event.at}: {error}"
            b.moments = [moment for moment in b.moments if moment[0] != event.at]
            break
    whole = b.fault is None and not ended and taken is not None and parties
    if whole and len(taken) == dice:
        b.moments.append((b.head.size, "the commits"))
    if whole and len(taken) == publics and sources:
        b.moments.append((b.head.size, "the reveals"))
    if b.finish and any(event.at >= b.finish for event in b.events) and (
            b.fault is None or b.fault[1] > b.finish):
        b.moments.append((b.head.size, "the head"))
    b.next = "nothing" if ended else "attempt" if taken is None else plan[len(taken)] \
        if len(taken) < len(plan) else "nothing" if b.finish else "file cutoffs.csv"


def refuse_at(b, step):
    """What the state machine refused is false at its own step."""
    if b.fault and b.fault[0] == step:
        raise Wrong(b.fault[2])


def utc(seconds):
    days, rest = divmod(seconds, 86400)
    day = date.fromordinal(date(1970, 1, 1).toordinal() + days).isoformat()
    return f"{day}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"


def check_witnesses(b):
    walk(b)
    b.cosigned = {}                               # size: when the last witness had signed
    if not b.k.witnesses:
        b.ok("witnesses", "the rules name none")
        b.note("witnesses", "countersigned by nobody")
        return
    times = {}
    for note in b.notes:
        for key in b.k.witnesses:
            found = cosigned_at(note, key)        # one that you kept must hold, and does not count
            times.setdefault((note.size, key.witness), []).extend([] if note.kept else found)
    for size, name in b.moments:
        for key in b.k.witnesses:
            found = times.get((size, key.witness))
            need(found, f"log/checkpoint of size {size} ({name}): not yet countersigned by "
                 f"{key.witness}")
            b.cosigned[size] = max(b.cosigned.get(size, 0), min(found))
            b.note("witnesses", f"{key.witness} countersigned {name} ({size}) at {utc(min(found))}")
            then = next((event for event in b.events if event.at == size), None)
            if then and seconds(then.time) < min(found):
                b.note("witnesses", f"that is later than {then.time}, when the log says that it "
                       f"went on with {then.word}")
    b.ok("witnesses", f"{len(b.k.witnesses)} countersigned each of {len(b.cosigned)} moments")


def check_ceremony(b):
    for said in b.said:
        b.note("ceremony", said)
    refuse_at(b, "ceremony")
    publics = [event for event in b.events if event.word == "public"]
    for event, item in zip(publics, b.r["public"]):
        if event.fields[0] == "nist-2.0":
            check_pulse(b.folder, item, *event.fields[1:])
        if b.cosigned.get(publics[0].at, 0) > seconds(item["time"]):
            b.note("ceremony", f"log leaf {event.at}: its time is before the countersignature of "
                   "the reveals: it adds nothing")
    b.ok("ceremony", "order and values of attempts, commits, dice, reveals and public values; "
         f"next: {b.next}")


def seconds(text):
    day = date.fromisoformat(text[:10]).toordinal() - date(1970, 1, 1).toordinal()
    return 86400 * day + 3600 * int(text[11:13]) + 60 * int(text[14:16]) + int(text[17:19])


def check_seed(b):
    refuse_at(b, "seed")
    if b.attempt is None:
        need(not b.folder.has("seed.txt"), "seed.txt: is there, but its parts are not in the log")
        return
    found = b.folder.read("seed.txt")
    if found != b.seed_text:
        lines = zip(found.split(b"\n"), b.seed_text.split(b"\n"))
        line = next((i for i, (mine, right) in enumerate(lines, 1) if mine != right), 0)
        raise Wrong(f"seed.txt line {line}: is not what the log says")
    b.ok("seed", f"seed.txt rebuilt from the log, its hash is {b.seed}")


def check_draw(b):
    """Tickets, order, allocation and cut-offs again, against the two files."""
    refuse_at(b, "draw")
    if b.finish is None:
        return
    cutoffs, results = draw(b.r, b.k, b.roll, b.seed)
    for name, lines in (("cutoffs.csv", cutoffs), ("results.csv", results)):
        found = decode(b.folder.read(name), name).split("\n")[:-1]
        if found != lines:
            at = next((i for i, (a, c) in enumerate(zip(found, lines)) if a != c),
                      min(len(found), len(lines)))
            right = lines[at] if at < len(lines) else "nothing"
            raise Wrong(f"{name} line {at + 1}: the draw gives {right}")
    b.ok("draw", f"cutoffs.csv and results.csv, {len(results) - 1} tickets")
    entries = {row[0]: row for row in b.roll.entries.rows}
    counts = {}
    for line in results[1:]:
        fields = line.split(",")
        row = entries[fields[1]]
        for group in [f"queue {q}" for q in row[1].split()] + [f"chances {row[3]}"]:
            asked, housed = counts.get(group, (0, 0))
            counts[group] = asked + 1, housed + (fields[4] != "")
    for group, (asked, housed) in sorted(counts.items()):
        b.note("draw", f"{group}: {asked} households, {housed} housed")


def check_after(b):
    """take, waive and award: who holds what, and who comes next."""
    events = [e for e in b.events if b.finish is not None and e.at >= b.finish]
    if not events:
        return
    r, entries = b.r, {row[0]: row for row in b.roll.entries.rows}
    homes = {row[0]: row for row in b.roll.homes.rows}
    rounds = {item["round"]: item for item in r["rounds"]}
    size = {t["type"]: range(t["persons"][0], t["persons"][1] + 1) for t in r["types"]}
    rank, held, standby = {}, {}, {}
    for line in b.results[1:]:
        f = line.split(",")
        rank[f[1]] = int(f[0])
        if f[4]:
            held[f[1]] = SimpleNamespace(round=rounds[f[4]], type=f[5], home=f[6], took=False)
        elif f[8]:
            standby[f[1]] = True                  # in the order of standby numbers
    turn, given, last_rank = len(held), set(), 0

    def successor(gone):
        """The first standby who wants the type, fits it and may enter the round; else the first
        who wants and fits."""
        queues, second = set(gone.round.get("queues", ())), None
        for id_ in standby:
            _, mine, persons, _, wants, _ = entries[id_]
            if gone.type in wants.split(" ") and int(persons) in size[gone.type]:
                if not queues or queues & set(mine.split(" ")):
                    return id_
                second = second or id_
        return second
    award = None                                  # the one award leaf that is due
    for event in events:
        word, fields, at = event.word, event.fields, f"log leaf {event.at}"
        if event.at in b.shown:                   # a checkpoint was shown before this leaf
            last_rank = 0
            need(award is None, f"{at}: a checkpoint was shown before the award that was due")
        need(award is None or word == "award", f"{at}: award {award} is due")
        if b.fault and event.at >= b.fault[1]:
            break
        if word == "take":
            mine = held.get(fields[0])
            need(mine and not mine.took, f"{at}: {fields[0]} holds nothing to take")
            home, tags = homes.get(fields[1]), set(mine.round.get("tags", ()))
            if r["award"] == "home":
                need(mine.home == fields[1], f"{at}: {fields[0]} holds {mine.home}")
            else:
                need(home and home[1] == mine.type and fields[1] not in given
                     and (not tags or tags & set(home[2].split(" "))),
                     f"{at}: {fields[1]} is not free, not a {mine.type} or lacks the round's tag")
            mine.took, mine.home = True, fields[1]
            given.add(fields[1])
        elif word == "waive":
            id_, ground = fields
            need(ground in ("own", "absent", "unfit"), f"{at}: {ground} is no ground")
            need(id_ in held or id_ in standby, f"{at}: {id_} holds nothing and is no standby")
            need(rank[id_] > last_rank, f"{at}: waivers between two checkpoints go by rank")
            last_rank = rank[id_]
            if standby.pop(id_, False):
                continue
            gone = held.pop(id_)
            given.discard(gone.home)
            heir = successor(gone)
            if heir is not None:
                turn += 1
                home = gone.home if r["award"] == "home" else ""
                award = f"{heir} {home or '-'} {turn}"
        elif word == "award":
            need(" ".join(fields) == award, f"{at}: the award due is {award}")
            del standby[heir]
            held[heir] = SimpleNamespace(round=gone.round, type=gone.type, home=home, took=False)
            award = None
    refuse_at(b, "after")
    need(award is None, f"log: stops where award {award} is due")
    b.ok("after", f"{len(events)} leaves after the finish")


def check_others(b):
    """What is outside the log is named; it never makes a bundle false."""
    for name in b.folder.names():
        if name in b.folder.used:
            continue
        shown = FORBIDDEN.sub("?", os.fsencode(name).decode("utf-8", "replace")).replace("\n", "?")
        if name in ("index.html", "VERIFY.txt", "verify.py", "PROTOCOL.md"):
            b.note("others", f"{shown}: outside the log")
        elif full(r"log/stamps/[1-9][0-9]{0,8}\.tsr", name):
            b.note("others", f"{shown}: a time stamp, outside the log, not checked")
        else:
            b.note("others", f"{shown}: not known, outside the log")
    for note in b.notes:
        for key in b.k.log[1:]:
            if any(line[:2] == (key.name, key.id) for line in note.lines):
                b.note("others", f"{note.name}: the line of a key of type 0x{key.type:02x}: "
                       "not checked")
    b.ok("others", "files outside the log are named")


CHECKS = (("rules", check_rules), ("roll", check_roll), ("log", check_log),
          ("leaves", check_leaves), ("seen", check_seen), ("witnesses", check_witnesses),
          ("ceremony", check_ceremony), ("seed", check_seed), ("draw", check_draw),
          ("after", check_after), ("others", check_others))


def verify(b):
    for step, check in CHECKS:
        try:
            check(b)
        except Wrong as error:
            b.false(step, error)
            if step != "witnesses":               # what follows rests on what was false
                break
    print("verdict: good" if b.failed is None else f"verdict: false at {b.failed}")
    return 0 if b.failed is None else 1


def usage(out, code):
    print("\n".join(__doc__.split("\n")[2:7]), file=out)
    return code


def main(arguments):
    key, old, flags, folders, rest = None, [], set(), [], iter(arguments)
    for word in rest:
        if word in ("--key", "--old"):
            value = next(rest, None)
            if value is None:
                return usage(sys.stderr, 2)
            key, old = (value, old) if word == "--key" else (key, old + [value])
        elif word in ("--trust-bundle", "--recompute", "--cutoffs"):
            flags.add(word)
        elif word.startswith("-"):
            return usage(*((sys.stdout, 0) if word == "--help" else (sys.stderr, 2)))
        else:
            folders.append(word)
    again = "--recompute" in flags
    if (len(folders) != 1 or key and "--trust-bundle" in flags
            or again and (key or old or "--trust-bundle" in flags)
            or "--cutoffs" in flags and not again):
        return usage(sys.stderr, 2)
    try:
        if key is not None:
            key_of(key, "--key")
    except Wrong as error:
        print(error, file=sys.stderr)
        return 2
    try:
        folder = Folder(folders[0])
        if again:
            sys.stdout.write(recompute(folder, "--cutoffs" in flags))
            return 0
        kept = [(path, open_file(path, path)) for path in old]
        return verify(Bundle(folder, key, "--trust-bundle" in flags, kept))
    except Wrong as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    except Unreadable as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace", newline="\n")
    sys.stderr.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
