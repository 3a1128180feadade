#!/usr/bin/env python3
"""recompute.py - what `lottery recompute` does, in plain Python as quick as it can be written.

    python3 recompute.py DIR            results.csv on standard output, as `lottery recompute DIR`
    python3 recompute.py --tickets DIR  hashing and sorting alone; prints their seconds

Only a yardstick for tests/bench/run.sh: it checks the files' lines, marks every application as
received and compares the digests of seed.txt, but takes rules.json at its word. The program
that checks everything is tests/reference/verify.py.
"""
import hashlib
import heapq
import json
import os
import re
import sys
import time

ENTRY = re.compile(r"([0-9A-Z]{4,24}),([A-Za-z0-9_ -]*),([1-9][0-9]?),([1-9][0-9]?),"
                   r"([A-Za-z0-9_ -]+),([0-9a-f]{64})\n")
RECEIVED = re.compile(r"([A-Za-z0-9_-]{1,24}),([1-9][0-9]{0,8}),([0-9A-Z]{4,24}),"
                      r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z,([0-9a-f]{64})\n")


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def rows(data, pattern):
    """The lines of a file behind its header, each of them of the form."""
    text = data.decode()
    begin = text.index("\n") + 1
    found = pattern.findall(text, begin)
    if len(found) != text.count("\n") - 1:
        sys.exit("a line is not of its form")
    return found


def read_roll(folder):
    data = {name: read(folder, name) for name in
            ("rules.json", "homes.csv", "entries.csv", "refusals.csv", "received.csv", "seed.txt")}
    seed_lines = data["seed.txt"].decode().split("\n")
    for at, name in enumerate(("rules.json", "homes.csv", "entries.csv", "refusals.csv",
                               "received.csv"), 3):
        if seed_lines[at].split(" ")[1] != hashlib.sha256(data[name]).hexdigest():
            sys.exit(f"{name} is not the file that seed.txt names")
    entries = rows(data["entries.csv"], ENTRY)
    commits = {entry[0]: entry[5] for entry in entries}
    if len(commits) != len(entries) or list(commits) != sorted(commits):
        sys.exit("entries.csv is not sorted")
    last = ("", 0)
    for intake, number, id_, commit in rows(data["received.csv"], RECEIVED):
        here = (intake, int(number))
        if here != (last[0], last[1] + 1) and not (intake > last[0] and here[1] == 1):
            sys.exit("received.csv leaves a number out")
        last = here
        if commits.pop(id_, None) != commit:
            sys.exit("received.csv names what nobody applied for")
    if commits:
        sys.exit("an application was never received")
    homes = [line.split(",") for line in data["homes.csv"].decode().split("\n")[1:-1]]
    return (json.loads(data["rules.json"]), homes, entries,
            hashlib.sha256(data["seed.txt"]).hexdigest())


def order_of(seed, ids):
    """(ticket, index) by rank; one chance each."""
    sha256, stem = hashlib.sha256, f"{seed}:entry:"
    return sorted([(sha256(f"{stem}{id_}:1".encode()).digest(), at)
                   for at, id_ in enumerate(ids)])


def allocate(rules, homes, entries, order, seed):
    """Deferred acceptance, one applicant at a time; rank -> (round, type, home)."""
    rounds, names = rules["rounds"], [t["type"] for t in rules["types"]]
    fits = {t["type"]: range(t["persons"][0], t["persons"][1] + 1) for t in rules["types"]}
    slots = {name: [] for name in names}
    for _, home in sorted((hashlib.sha256(f"{seed}:home:{home[0]}:1".encode()).digest(), home)
                          for home in homes):
        slots[home[1]].append((home[0], set(home[4].split())))
    free = len(rounds)
    users = {name: [free] * len(slots[name]) for name in names}
    held = {name: [[] for _ in rounds] for name in names}   # heaps, the worst first
    after = {name: [0] * free for name in names}
    quota = {name: [r["quota"].get(name, 0) if "quota" in r else len(homes) for r in rounds]
             for name in names}
    tags = [set(r["tags"]) if "tags" in r else None for r in rounds]
    groups = [set(r["queues"]) if "queues" in r else None for r in rounds]
    open_to = {}

    def take(name, number):
        mine, wanted, use = slots[name], tags[number], users[name]
        at = after[name][number]
        while at < len(mine):
            if use[at] > number and (wanted is None or wanted & mine[at][1]):
                user, use[at] = use[at], number
                after[name][number] = at + 1
                return user
            at += 1
        after[name][number] = at
        return None

    def apply(name, rank):
        number = 0
        while number < free:
            queues = entries[order[rank][1]][1]
            if queues not in open_to:
                words = set(queues.split())
                open_to[queues] = [group is None or bool(group & words) for group in groups]
            if open_to[queues][number]:
                heap = held[name][number]
                user = take(name, number) if len(heap) < quota[name][number] else None
                if user is None:
                    if heap and -heap[0] > rank:
                        rank = -heapq.heapreplace(heap, -rank)
                else:
                    heapq.heappush(heap, -rank)
                    while user is not None and user < free:
                        number = user
                        user = take(name, number)
                    if user == free:
                        return None
                    rank = -heapq.heappop(held[name][number])
            number += 1
        return rank

    wishes = [None] * len(order)
    for begin in range(len(order)):
        rank = begin
        while rank is not None:
            if wishes[rank] is None:
                entry = entries[order[rank][1]]
                persons = int(entry[2])
                wishes[rank] = iter([w for w in entry[4].split(" ") if persons in fits[w]])
            wish = next(wishes[rank], None)
            if wish is None:
                break
            rank = apply(wish, rank)
    given = {}
    for name in names:
        for number in range(free):
            mine = (home for at, (home, _) in enumerate(slots[name]) if users[name][at] == number)
            for rank in sorted(-rank for rank in held[name][number]):
                given[rank] = (number, name, next(mine))
    return given


def write(rules, entries, order, given, out):
    turns = {rank: turn for turn, rank in
             enumerate(sorted(given, key=lambda rank: (given[rank][0], rank)), 1)}
    rounds = [r["round"] for r in rules["rounds"]]
    standby, lines = 0, ["rank,id,chance,ticket,round,type,home,turn,standby\n"]
    for rank, (ticket, at) in enumerate(order):
        if rank in given:
            number, name, home = given[rank]
            lines.append(f"{rank + 1},{entries[at][0]},1,{ticket.hex()},{rounds[number]},{name},"
                         f"{home},{turns[rank]},\n")
        else:
            standby += 1
            lines.append(f"{rank + 1},{entries[at][0]},1,{ticket.hex()},,,,,{standby}\n")
    out.writelines(lines)


def main(arguments):
    if arguments[:1] == ["--tickets"]:
        seed = hashlib.sha256(read(arguments[1], "seed.txt")).hexdigest()
        text = read(arguments[1], "entries.csv").decode()
        ids = [line.split(",", 1)[0] for line in text.split("\n")[1:-1]]
        begin = time.monotonic()
        order_of(seed, ids)
        print(f"{time.monotonic() - begin:.3f}")
        return
    rules, homes, entries, seed = read_roll(arguments[0])
    order = order_of(seed, [entry[0] for entry in entries])
    write(rules, entries, order, allocate(rules, homes, entries, order, seed), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
