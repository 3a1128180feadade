"""Kills `lottery` after the n-th call that changes the disk, for every n of every verb.

    python3 crash.py LOTTERY STOP.so [full]

A whole draw is played, verb by verb. Before each verb the folder is copied; then the verb
is run again and again from that copy, and the n-th call is its last one (stop.c), whole or,
if it writes, cut in half. What is found afterwards must be the state before the verb, the
state after it, or the state after it with the signature still to come (which is made only
when its checkpoint is durable); and the same verb, or the next one, must go on from there.

Then draws are played with kills at random moments from outside.

Standard library only. Prints `ok ...` lines; exit 0 when all of them are.
"""

import hashlib
import json
import mmap
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROSTER = os.path.join(HERE, "..", "vectors", "roster", "roster-01-clean-utf8.csv")
TABLES = ["file", "application", "person", "journal", "leaf", "head", "checkpoint", "cosignature"]
KINDS = ["", "write", "truncate", "sync", "rename", "unlink", "create"]
COMMITTED = [("office", "5" * 64), ("union", "9" * 64)]
DICE = "1234567890" * 4


class Broken(Exception):
    pass


def rules(keys):
    title = {"en": "x"}
    return {
        "protocol": 1, "origin": "housing.example", "draw": "CRASH-1", "title": title,
        "basis": [], "units": {"area": "m2", "price": "CNY"},
        "intakes": [{"intake": "window-1", "title": title, "key": keys["window"]}],
        "log": [keys["log"]], "hash": "sha256", "award": "home",
        "types": [{"type": "1B", "title": {"zh": "一居"}, "persons": [1, 20]},
                  {"type": "2B", "title": {"zh": "二居"}, "persons": [1, 20]}],
        "queues": [{"queue": "Q1", "title": {"zh": "优先"}},
                   {"queue": "Q2", "title": {"zh": "普通"}}],
        "rounds": [{"round": "r1", "title": title}], "chances_max": 1, "standby": "all",
        "parties": [{"party": p, "title": title} for p, _ in COMMITTED],
        "witnesses": [{"witness": "notary", "title": title, "key": keys["notary"]}],
        "dice": {"faces": 10, "throws": 40},
        "public": [{"source": "text", "name": "index", "title": title,
                    "time": "2026-12-01T00:00:00Z", "digits": 6}],
        "void": [{"ground": "power", "title": title}],
    }


class Play:
    """One draw in one folder: its steps, and what a step is run with."""

    def __init__(self, lottery, shim, root):
        self.lottery, self.shim = lottery, shim
        self.folder = os.path.join(root, "draw")
        self.state = os.path.join(root, "state")
        self.saved = os.path.join(root, "saved")
        with open(self.state, "wb") as file:
            file.write(bytes(4096))

    def path(self, name):
        return os.path.join(self.folder, name)

    # ---- running a verb ----

    def run(self, words, at=0, half=False, kill_after=None):
        """Exit status (negative: killed) and the shim's numbers."""
        with open(self.state, "r+b") as file:
            file.write(bytes(32))
        environment = dict(os.environ, LD_PRELOAD=self.shim, STOP_STATE=self.state,
                           STOP_AT=str(at))
        if half:
            environment["STOP_HALF"] = "1"
        process = subprocess.Popen([self.lottery] + words, cwd=self.folder, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        self.said, self.wrong = process.communicate(timeout=120)
        with open(self.state, "rb") as file:
            calls, inside, killed, kind = struct.unpack("4Q", file.read(32))
        return process.returncode, {"calls": calls, "inside": inside, "killed": killed,
                                    "kind": KINDS[kind]}

    def must(self, words, allowed=(0,)):
        status, numbers = self.run(words)
        if status not in allowed:
            raise Broken("%s: exit %d: %s" % (" ".join(words[:2]), status,
                                              self.wrong.decode(errors="replace").strip()))
        return status, numbers

    # ---- keeping and putting back ----

    def save(self):
        shutil.rmtree(self.saved, ignore_errors=True)
        shutil.copytree(self.folder, self.saved, symlinks=True)

    def restore(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.saved, self.folder, symlinks=True)

    # ---- what stands in the folder ----

    def rows(self, query):
        """Of the draw file, as it is with its -wal; looked at in a copy."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.folder)) as copy:
            for end in ("", "-wal", "-journal"):
                if os.path.exists(self.path("draw.db" + end)):
                    shutil.copy(self.path("draw.db" + end), os.path.join(copy, "draw.db" + end))
            database = sqlite3.connect(os.path.join(copy, "draw.db"))
            try:
                return database.execute(query).fetchall()
            finally:
                database.close()

    def draw_file(self, by_chance):
        """(what stands in it, how many signatures are missing); by_chance: only the shape of it,
        for what is made of random numbers is different each time."""
        if not os.path.exists(self.path("draw.db")):
            return (None, 0)
        if self.rows("SELECT count(*) FROM sqlite_schema")[0][0] == 0:
            return (None, 0)  # the empty file on which `new` goes on
        if self.rows("PRAGMA integrity_check") != [("ok",)]:
            raise Broken("pages of draw.db are damaged")
        missing = self.rows("SELECT count(*) FROM checkpoint WHERE note IS NULL")[0][0]
        digest = hashlib.sha256()
        for table in TABLES:
            columns = "count(*)" if by_chance else "*"
            if table == "checkpoint" and not by_chance:
                columns = "size, root, purpose"
            for row in self.rows("SELECT %s FROM %s" % (columns, table)):
                digest.update(repr(row).encode())
        if by_chance:
            digest.update(repr(self.rows("SELECT number, state, held, reason FROM application"
                                         " ORDER BY intake, number")).encode())
        return (digest.hexdigest(), missing)

    def other_files(self, names):
        """Of the published folder only what its checkpoint says: it comes last."""
        found = []
        for name in names:
            path = self.path(os.path.join(name, "log/checkpoint")
                             if os.path.isdir(self.path(name)) else name)
            content = None
            if os.path.exists(path):
                with open(path, "rb") as file:
                    content = file.read()
            found.append(content)
        return found

    def whole_folder(self, name):
        found = {}
        for folder, _, files in os.walk(self.path(name)):
            for file in files:
                if not file.endswith(".part"):
                    with open(os.path.join(folder, file), "rb") as handle:
                        found[os.path.relpath(os.path.join(folder, file), self.path(name))] = \
                            handle.read()
        return found

    def standing(self, step):
        by_chance = step.get("by_chance", False)
        files = self.other_files(step.get("files", []))
        if by_chance:
            files = [content is not None and len(content) for content in files]
        return (self.draw_file(by_chance), files)

    # ---- the draw ----

    def begin(self):
        """Everything that is there before the first verb of the draw file."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        names = {"log": "housing.example/CRASH-1", "window": "window-1", "a": "officer-a",
                 "b": "officer-b", "notary": "notary.example"}
        roles = {"log": "log", "window": "intake", "a": "officer", "b": "officer",
                 "notary": "witness"}
        self.keys = {}
        for key, name in names.items():
            self.must(["keygen", name, "--role", roles[key], "--out", key + ".key"])
            self.keys[key] = self.said.decode().strip()
        with open(self.path("rules.json"), "w", encoding="utf-8") as file:
            json.dump(rules(self.keys), file, ensure_ascii=False)
            file.write("\n")
        with open(self.path("homes.csv"), "w", encoding="utf-8") as file:
            file.write("home,type,area,price,tags,place\nA-1,1B,48,1,,\nA-2,2B,70,1,,\n"
                       "A-3,2B,70,1,,\n")
        for party, secret in COMMITTED:
            with open(self.path(party + ".secret"), "w", encoding="utf-8") as file:
                file.write(secret + "\n")
            os.chmod(self.path(party + ".secret"), 0o600)
        shutil.copy(ROSTER, self.path("list.csv"))

    def keep(self, name):
        """What the last verb has printed, as a file."""
        with open(self.path(name), "wb") as file:
            file.write(self.said)

    def countersign(self, at):
        """What is shown is published, and the witness signs it on the strength of that."""
        yield {"words": ["publish", "draw.db", "public"], "files": ["public"]}
        self.must(["witness", "request", "draw.db"])
        self.keep("request")
        yield {"words": ["witness", "sign", "request", "public", "--key", "notary.key", "--log",
                         self.keys["log"]] + at(), "files": ["notary.key.seen"]}
        self.keep("line")
        yield {"words": ["witness", "add", "draw.db", "line"]}

    def steps(self):
        """The verbs in their order; a generator, for what is taken depends on what was drawn."""
        minute = [0]

        def at():
            minute[0] += 1
            return ["--at", "2026-12-01T%02d:%02d:00Z" % divmod(minute[0], 60)]

        yield {"words": ["keygen", "somebody", "--role", "officer", "--out", "new.key"],
               "files": ["new.key"], "by_chance": True}
        yield {"words": ["new", "draw.db", "--rules", "rules.json", "--homes", "homes.csv",
                         "--key", "log.key", "--officer", self.keys["a"], "--officer",
                         self.keys["b"]] + at()}
        yield {"words": ["import", "draw.db", "list.csv", "--intake", "window-1", "--key",
                         "window.key", "--on", "2013-10-15"] + at(), "by_chance": True}
        two = ["--key", "a.key", "--key", "b.key"]
        yield {"words": ["refuse", "draw.db", "示经房(2013)00003号", "--reason", "WITHDRAWN"] +
               two + at()}
        yield {"words": ["admit", "draw.db", "--all-received"] + two + at()}
        yield {"words": ["list", "draw.db", "--slips", "copies", "--openings", "copies"],
               "copies": "copies"}
        yield {"words": ["journal", "draw.db", "--export", "journal.txt"],
               "files": ["journal.txt"]}
        yield {"words": ["freeze", "draw.db"] + at()}
        yield from self.countersign(at)
        yield {"words": ["attempt", "draw.db"] + at()}
        commits = [[party, hashlib.sha256(("CRASH-1:%s:%s" % (party, secret)).encode())
                    .hexdigest()] for party, secret in COMMITTED]
        for words in commits:
            yield {"words": ["commit", "draw.db"] + words + at()}
        yield {"words": ["void", "draw.db", "power"] + at()}
        yield {"words": ["attempt", "draw.db"] + at()}
        COMMITTED[0] = ("office", "6" * 64)
        COMMITTED[1] = ("union", "7" * 64)
        for party, secret in COMMITTED:
            with open(self.path(party + ".secret"), "w", encoding="utf-8") as file:
                file.write(secret + "\n")
            digest = hashlib.sha256(("CRASH-1:%s:%s" % (party, secret)).encode()).hexdigest()
            yield {"words": ["commit", "draw.db", party, digest] + at()}
        yield from self.countersign(at)
        yield {"words": ["dice", "draw.db", DICE, DICE] + at()}
        for party, _ in COMMITTED:
            yield {"words": ["reveal", "draw.db", party, party + ".secret"] + at()}
        yield from self.countersign(at)
        yield {"words": ["public", "draw.db", "text", "index", "123456", "123456"] + at()}
        yield {"words": ["draw", "draw.db"] + at()}
        yield from self.countersign(at)
        self.must(["list", "draw.db", "--openings", "private"])
        results = self.rows("SELECT bytes FROM file WHERE name = 'results.csv'")[0][0].decode()
        lines = [line.split(",") for line in results.splitlines()[1:]]
        housed = [line for line in lines if line[6]]
        yield {"words": ["take", "draw.db", housed[0][1], housed[0][6], "--opening",
                         "private/%s.private" % housed[0][1]] + at()}
        yield {"words": ["waive", "draw.db", housed[1][1], "own"] + at()}
        yield from self.countersign(at)
        yield {"words": ["publish", "draw.db", "public"], "files": ["public"]}
        self.must(["verify", "public", "--trust-bundle"])
        yield {"words": ["end", "draw.db", "order"] + at()}

    # ---- judging ----

    def judge(self, step, before, after, what):
        """Which of the three states it is; anything else is broken."""
        (body, missing), files = self.standing(step)
        (old_body, old_missing), old_files = before
        (new_body, new_missing), new_files = after
        if body == old_body and missing == old_missing and files == old_files:
            return "before"
        if body == new_body and files == new_files:
            return "after" if missing == new_missing else "unsigned"
        # The two may meet only if the verb changes both, as `publish` does.
        if body in (old_body, new_body) and all(
                f in (o, n) for f, o, n in zip(files, old_files, new_files)):
            return "before" if files == old_files else "after"
        raise Broken("%s: neither before nor after" % what)

    def go_on(self, step, found, after, what):
        """The next run: the same verb once more."""
        status, _ = self.must(step["words"], allowed=(0, 1))
        (body, missing), files = self.standing(step)
        if found == "before" and status != 0:
            raise Broken("%s: refused when run again: %s" %
                         (what, self.wrong.decode(errors="replace").strip()))
        if (body, files) != (after[0][0], after[1]):
            raise Broken("%s: run again, it came to another end" % what)
        if "public" in step.get("files", []) and status != 0:
            raise Broken("%s: publish does not go on" % what)
        if missing:  # the same verb is refused now: another one signs
            self.must(["publish", "draw.db", "elsewhere"])
            if self.draw_file(False)[1] != 0:
                raise Broken("%s: the signature stays out" % what)


def name_of(step):
    return " ".join(step["words"][:2 if step["words"][0] == "witness" else 1])


def every_call(play, step, stride, offset):
    """Kills this verb after each of its calls; leaves the draw after it."""
    name = name_of(step)
    before = play.standing(step)
    play.save()
    _, numbers = play.must(step["words"])
    after = play.standing(step)
    folder = play.whole_folder("public")
    if after[0][1] != 0 or before == after:
        raise Broken("%s: it changes nothing, or leaves a signature out" % name)
    seen = {"before": 0, "after": 0, "unsigned": 0}
    inside = runs = 0
    if stride > 1 and numbers["calls"] > 100:
        stride *= 3  # the short form looks at each kind of call, not at each file of a folder
    for n in range(1 + offset % stride, numbers["calls"] + 1, stride):
        for half in (False, True):
            play.restore()
            what = "%s, call %d%s" % (name, n, " cut in half" if half else "")
            status, now = play.run(step["words"], at=n, half=half)
            if status != -signal.SIGKILL or now["killed"] != 1:
                raise Broken("%s: it was not killed: exit %d" % (what, status))
            if half and now["kind"] != "write":
                continue
            runs += 1
            inside += now["inside"]
            what += " (%s)" % now["kind"]
            found = play.judge(step, before, after, what)
            seen[found] += 1
            play.go_on(step, found, after, what)
            if "public" in step.get("files", []) and play.whole_folder("public") != folder:
                raise Broken("%s: run again, the folder is another" % what)
            if play.draw_file(False)[0] is not None:
                play.must(["journal", "draw.db", "--verify"])
    play.restore()
    play.must(step["words"])
    print("ok %s: %d calls; %d kills, %d inside a transaction; before %d, after %d, unsigned %d"
          % (name, numbers["calls"], runs, inside, seen["before"], seen["after"],
             seen["unsigned"]), flush=True)
    return runs, inside, seen["unsigned"]


def every_copy(play, step, stride, offset):
    """The same for a verb that fills a folder and changes nothing else: each file is whole."""
    folder = step["copies"]
    play.save()
    _, numbers = play.must(step["words"])
    whole = play.whole_folder(folder)
    runs = 0
    for n in range(1 + offset % stride, numbers["calls"] + 1, stride):
        for half in (False, True):
            play.restore()
            status, now = play.run(step["words"], at=n, half=half)
            if half and now["kind"] != "write":
                continue
            runs += 1
            what = "%s, call %d" % (name_of(step), n)
            if status != -signal.SIGKILL:
                raise Broken("%s: it was not killed: exit %d" % (what, status))
            for name, content in play.whole_folder(folder).items():
                if whole.get(name) != content:
                    raise Broken("%s: %s is half a file" % (what, name))
            play.must(step["words"])
            if play.whole_folder(folder) != whole:
                raise Broken("%s: run again, it came to another end" % what)
    print("ok %s: %d calls; %d kills; %d files, each whole or not there"
          % (name_of(step), numbers["calls"], runs, len(whole)), flush=True)
    return runs, 0, 0


def at_random(play, kills, seed):
    """Plays draws, killing verbs at random moments, until there were so many kills."""
    chance = random.Random(seed)
    done = inside = draws = 0
    duration = {}
    while done < kills:
        draws += 1
        COMMITTED[:] = [("office", "5" * 64), ("union", "9" * 64)]
        play.begin()
        for step in play.steps():
            if "copies" in step:
                play.must(step["words"])
                continue
            name = name_of(step)
            before = play.standing(step)
            play.save()
            begun = time.monotonic()
            play.must(step["words"])
            duration[name] = max(duration.get(name, 0), time.monotonic() - begun)
            after = play.standing(step)
            if done < kills:
                for _ in range(3):
                    play.restore()
                    status, now = play.run(step["words"],
                                           kill_after=chance.uniform(0, duration[name]))
                    if status != -signal.SIGKILL:
                        continue
                    done += 1
                    inside += now["inside"]
                    found = play.judge(step, before, after, "%s, killed at random" % name)
                    play.go_on(step, found, after, "%s, killed at random" % name)
        if play.draw_file(False)[1] != 0:
            raise Broken("a draw ended with a signature missing")
    print("ok %d random kills in %d draws, %d of them inside a transaction (seed %d)"
          % (done, draws, inside, seed), flush=True)


def main():
    lottery, shim = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    full = len(sys.argv) > 3 and sys.argv[3] == "full"
    seed = int(os.environ.get("SEED", "1"))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # fsync costs nothing there
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=memory) as root:
        play = Play(lottery, shim, root)
        try:
            play.begin()
            total = [0, 0, 0]
            for place, step in enumerate(play.steps()):
                look = every_copy if "copies" in step else every_call
                found = look(play, step, 1 if full else 7, place)
                total = [a + b for a, b in zip(total, found)]
            print("ok %d kills at chosen calls, %d inside a transaction, %d between commit and "
                  "signature" % tuple(total), flush=True)
            at_random(play, 300 if full else 30, seed)
        except Broken as broken:
            print("not ok %s" % broken)
            return 1
    print("# %.0f seconds" % (time.monotonic() - begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
