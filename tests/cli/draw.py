"""A whole draw through the command line, small: every verb once, wrong orders refused.

    BUILD_DIR=build/asan python3 tests/cli/draw.py

Prints a line for each thing seen. Everything lies in a temporary folder.
"""
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("BUILD_DIR", os.path.join(ROOT, "build", "asan")))
LOTTERY = os.path.join(BUILD, "lottery")
VERIFY = os.path.join(BUILD, "lottery-verify")
failed = 0


def see(what, good, more=""):
    global failed
    print(("ok " if good else "not ok ") + what + ("" if good else "\n" + more), flush=True)
    failed += not good


def run(*words, status=0, stdin=None, program=LOTTERY, say=None):
    """Runs a verb; its exit status must be the one wanted. Returns what it printed."""
    done = subprocess.run([program, *words], input=stdin, capture_output=True, text=True)
    text = done.stdout + done.stderr
    if done.returncode != status or (say is not None and say not in text):
        see(" ".join(words[:3]), False,
            f"exit {done.returncode}, wanted {status}; wanted to read: {say}\n{text}")
    return done.stdout


def identity(number):
    """A number of nobody: area 230199 is not assigned."""
    digits = f"230199{1950 + number % 50}{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


class Clock:
    """Times that never fall; the operator's word."""
    now = 0

    @classmethod
    def at(cls):
        cls.now += 1
        return ["--at", f"2026-12-01T{cls.now // 3600:02d}:{cls.now // 60 % 60:02d}:{cls.now % 60:02d}Z"]


def make_rules(keys, award):
    both = lambda text: {"zh": text, "en": text}
    return {
        "protocol": 1, "origin": "housing.example", "draw": "REHEARSAL-CLI",
        "title": both("演练"), "basis": [], "units": {"area": "m2", "price": "CNY"},
        "intakes": [{"intake": "window-1", "title": both("一号窗口"), "key": keys["window-1"]}],
        "log": [keys["housing.example/REHEARSAL-CLI"]], "hash": "sha256", "award": award,
        "types": [{"type": "1B", "title": both("一居"), "persons": [1, 2]},
                  {"type": "2B", "title": both("二居"), "persons": [2, 6]}],
        "queues": [{"queue": "Q1", "title": both("优先")}],
        "rounds": [{"round": "r1", "title": both("第一轮"), "queues": ["Q1"]},
                   {"round": "open", "title": both("第二轮")}],
        "chances_max": 3, "standby": "all",
        "parties": [{"party": "office", "title": both("办公室")},
                    {"party": "families", "title": both("家庭代表")}],
        "witnesses": [{"witness": "notary", "title": both("公证处"), "key": keys["notary"]},
                      {"witness": "court", "title": both("法院"), "key": keys["court"]}],
        "dice": {"faces": 10, "throws": 40},
        "public": [{"source": "text", "name": "welfare", "title": both("福彩"),
                    "time": "2026-12-01T00:00:00Z", "digits": 7}],
        "void": [{"ground": "power", "title": both("断电")}],
    }


class Draw:
    def __init__(self, folder, award):
        self.folder, self.award, self.keys = folder, award, {}
        self.db, self.out = self.path("draw.db"), self.path("published")
        self.ids = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def prepare(self):
        for name, role in (("housing.example/REHEARSAL-CLI", "log"), ("window-1", "intake"),
                           ("officer-a", "officer"), ("officer-b", "officer"),
                           ("notary", "witness"), ("court", "witness")):
            printed = run("keygen", name, "--role", role, "--out", self.path(role + name[-1] + ".key"))
            self.keys[name] = [w for line in printed.split("\n") for w in line.split()
                               if w.startswith(name + "+")][-1]
        see("keygen: private keys are private",
            os.stat(self.path("logI.key")).st_mode & 0o777 == 0o600)
        with open(self.path("rules.json"), "w") as file:
            json.dump(make_rules(self.keys, self.award), file, ensure_ascii=False)
            file.write("\n")
        with open(self.path("homes.csv"), "w") as file:
            file.write("home,type,area,price,tags,place\nA-1,1B,45,100000,,示例路1号\n"
                       "A-2,2B,70.5,200000,,示例路2号\nA-3,2B,70.5,200000,,示例路3号\n")
        titles = "申请编号,关系,姓名,证件类型,证件号码,家庭人口,队列,户型\n"
        with open(self.path("roster.csv"), "w") as file:
            file.write(titles)
            person = 0
            for house in range(1, 9):
                size = 1 + house % 3
                for member in range(size):
                    person += 1
                    file.write(f"示经房(2026){house:05d}号,{'本人' if member == 0 else '其他'},"
                               f"测{'一二三四五六七八'[house - 1]}{'甲乙丙'[member]},居民身份证,"
                               f"{identity(person)},{size},{'优先' if house % 4 == 0 else ''},"
                               f"{'二居、一居' if size == 2 else '一居' if size == 1 else '二居'}\n")
        run("lint", self.path("rules.json"))

    def register(self):
        two = ["--officer", self.keys["officer-a"], "--officer", self.keys["officer-b"]]
        new = ["new", self.db, "--rules", self.path("rules.json"), "--homes",
               self.path("homes.csv"), "--key", self.path("logI.key")]
        run(*new, "--officer", self.keys["officer-a"], status=1)
        run(*new, *two, *Clock.at())
        run(*new, *two, *Clock.at(), status=1)
        see("new: a draw file that is there is left alone", os.path.exists(self.db))
        run("attempt", self.db, status=1, say="frozen")
        run("import", self.db, "--intake", "window-1", "--key", self.path("intake1.key"),
            "--on", "2026-11-01", *Clock.at(), self.path("roster.csv"))
        officers = ["--key", self.path("officera.key"), "--key", self.path("officerb.key")]
        run("freeze", self.db, *Clock.at(), status=1)
        listed = json.loads(run("list", self.db, "--json"))
        rows = listed["applications"] if isinstance(listed, dict) else listed
        self.ids = [row["id"] for row in rows]
        see("import: every household has an id", len(set(self.ids)) == 8)
        run("refuse", self.db, self.ids[0], "--reason", "WITHDRAWN", "--key",
            self.path("officera.key"), "--key", self.path("officera.key"), *Clock.at(), status=1)
        run("refuse", self.db, self.ids[0], "--reason", "WITHDRAWN", *officers, *Clock.at())
        run("admit", self.db, "--all-received", *officers, *Clock.at())
        run("freeze", self.db, *Clock.at())
        run("admit", self.db, self.ids[0], *officers, *Clock.at(), status=1, say="frozen")
        see("freeze: a frozen roll refuses a decision", True)

    def publish(self):
        run("publish", self.db, self.out)

    def cosign(self):
        self.publish()
        with open(self.path("request"), "w") as file:
            file.write(run("witness", "request", self.db))
        for who in ("notary", "court"):
            key = self.path("witness" + who[-1] + ".key")
            line = run("witness", "sign", self.path("request"), self.out, "--key", key, "--log",
                       self.keys["housing.example/REHEARSAL-CLI"], *Clock.at())
            with open(self.path("line"), "w") as file:
                file.write(line)
            run("witness", "add", self.db, self.path("line"))
        self.publish()

    def check(self, what, status=0, say=None):
        key = self.keys["housing.example/REHEARSAL-CLI"]
        run("verify", self.out, "--key", key, status=status, say=say)
        run(self.out, "--key", key, status=status, program=VERIFY, say=say)
        python = os.path.join(ROOT, "tests", "reference", "verify.py")
        run(python, self.out, "--key", key, status=status, program=sys.executable)
        see(what, True)

    def ceremony(self):
        secrets = {p: hashlib.sha256(p.encode()).hexdigest() for p in ("office", "families")}
        commit = {p: hashlib.sha256(f"REHEARSAL-CLI:{p}:{s}".encode()).hexdigest()
                  for p, s in secrets.items()}
        dice = "0123456789" * 4
        self.publish()
        self.check("verify: a frozen roll without its witnesses is not good yet", 1,
                   "not yet countersigned")
        run("attempt", self.db, *Clock.at(), status=1, say="countersigned")
        self.cosign()
        self.check("verify: the frozen roll is good")
        run("commit", self.db, "office", commit["office"], *Clock.at(), status=1)
        run("attempt", self.db, *Clock.at())
        run("commit", self.db, "families", commit["families"], *Clock.at(), status=1)
        run("commit", self.db, "office", commit["office"], *Clock.at())
        run("void", self.db, "fire", *Clock.at(), status=1)
        run("void", self.db, "power", *Clock.at())
        run("attempt", self.db, *Clock.at())
        run("commit", self.db, "office", commit["office"], *Clock.at(), status=1)
        see("commit: none is taken twice, not even after a void", True)
        secrets["office"] = hashlib.sha256(b"again").hexdigest()
        commit["office"] = hashlib.sha256(
            f"REHEARSAL-CLI:office:{secrets['office']}".encode()).hexdigest()
        run("commit", self.db, "office", commit["office"], *Clock.at())
        run("commit", self.db, "families", commit["families"], *Clock.at())
        run("dice", self.db, dice, dice, *Clock.at(), status=1, say="countersigned")
        self.cosign()
        run("dice", self.db, dice, dice[:-1] + "8", *Clock.at(), status=1, say="place 40")
        run("dice", self.db, dice, dice, *Clock.at())
        run("void", self.db, "power", *Clock.at(), status=1)
        see("void: not after the first throw", True)
        run("reveal", self.db, "office", "-", *Clock.at(), status=1, stdin="0" * 64 + "\n")
        run("reveal", self.db, "office", "-", *Clock.at(), stdin=secrets["office"] + "\n")
        run("reveal", self.db, "families", "-", *Clock.at(), stdin=secrets["families"] + "\n")
        run("public", self.db, "text", "welfare", "1234567", "1234567", *Clock.at(), status=1,
            say="countersigned")
        self.cosign()
        run("draw", self.db, *Clock.at(), status=1)
        run("public", self.db, "text", "welfare", "1234567", "1234567", *Clock.at())
        run("draw", self.db, *Clock.at())
        run("draw", self.db, *Clock.at(), status=1)
        self.cosign()
        self.check("verify: the finished draw is good")

    def results(self):
        with open(os.path.join(self.out, "results.csv")) as file:
            lines = file.read().split("\n")[1:-1]
        return [dict(zip("rank id chance ticket round type home turn standby".split(),
                         line.split(","))) for line in lines]

    def successor(self, rows, gone):
        """Who steps in, by the words of the protocol; the rules' only round with queues is r1."""
        with open(os.path.join(self.out, "entries.csv")) as file:
            lines = [line.split(",") for line in file.read().split("\n")[1:-1]]
        fits = {"1B": range(1, 3), "2B": range(2, 7)}
        able = {line[0]: line[1] for line in lines
                if gone["type"] in line[4].split() and int(line[2]) in fits[gone["type"]]}
        waiting = [row["id"] for row in rows if row["standby"] and row["id"] in able]
        first = [name for name in waiting if gone["round"] == "open" or able[name] == "Q1"]
        return (first + waiting + [None])[0]

    def opening(self, name):
        """What the household's private paper says; here the register is asked for it."""
        with sqlite3.connect(self.db) as db:
            salt, = db.execute("SELECT salt FROM application WHERE id = ?", [name]).fetchone()
            numbers = db.execute("SELECT number FROM person WHERE application = ? ORDER BY place",
                                 [name]).fetchall()
        return ":".join([salt] + [number for number, in numbers])

    def after(self):
        rows = self.results()
        see("results: one line for each of the seven", len(rows) == 7)
        with open(os.path.join(self.out, "seed.txt"), "rb") as file:
            seed = hashlib.sha256(file.read()).hexdigest()
        ticket = hashlib.sha256(f"{seed}:entry:{rows[0]['id']}:{rows[0]['chance']}".encode())
        see("results: a ticket is the digest of one line", ticket.hexdigest() == rows[0]["ticket"])
        same = run("recompute", self.out) == open(os.path.join(self.out, "results.csv")).read()
        see("recompute: prints results.csv", same)
        run("recompute", self.path("nowhere"), status=3, say="cannot be opened")
        proof = run("prove", self.out, rows[0]["id"])
        see("prove: a tlog-proof", proof.startswith("c2sp.org/tlog-proof@v1\n"))
        refused = run("prove", self.out, self.ids[0])
        see("prove: a refusal too", refused.startswith("c2sp.org/tlog-proof@v1\n"))
        housed = [row for row in rows if row["turn"]]
        run("take", self.db, housed[0]["id"], "A-1", "--opening", "-", *Clock.at(), status=1,
            stdin="0" * 32 + ":230199195001010019\n")
        run("waive", self.db, housed[-1]["id"], "whim", *Clock.at(), status=1)
        home = housed[0]["home"] or {"1B": "A-1", "2B": "A-2"}[housed[0]["type"]]
        run("take", self.db, housed[0]["id"], home, "--opening", "-", *Clock.at(),
            stdin=self.opening(housed[0]["id"]) + "\n")
        see("take: with the commit opened", True)
        heir = self.successor(rows, housed[-1])
        said = run("waive", self.db, housed[-1]["id"], "own", *Clock.at())
        see("waive: the first standby who may steps in",
            (f"in steps {heir}" if heir else "nobody steps in") in said, said)
        run("waive", self.db, housed[0]["id"], "absent", *Clock.at(), status=1)
        see("waive: a sitting goes by rank", True)
        self.cosign()
        run("waive", self.db, housed[0]["id"], "absent", *Clock.at())
        self.publish()
        self.check("verify: a sitting without its witnesses is not good yet", 1)
        self.cosign()
        self.check("verify: the sittings after the draw are good")
        status = json.loads(run("status", self.db, "--json"))
        see("status: tells in JSON where the draw stands", "step" in status, str(status))
        run("end", self.db, "order", *Clock.at())
        self.cosign()
        self.check("verify: a closed draw is good")

    def old_copy(self, copy):
        run("publish", copy, self.out, status=1)
        see("publish: an old copy of the draw file is refused", True)


def main():
    for award in ("home", "turn"):
        with tempfile.TemporaryDirectory() as folder:
            draw = Draw(os.path.join(folder, "a b"), award)
            os.mkdir(draw.folder)
            draw.prepare()
            draw.register()
            copy = os.path.join(folder, "old.db")
            with open(draw.db, "rb") as old, open(copy, "wb") as new:
                new.write(old.read())
            draw.ceremony()
            draw.after()
            draw.old_copy(copy)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
