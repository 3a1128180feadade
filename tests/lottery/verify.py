#!/usr/bin/env python3
"""lottery-verify as a person meets it: words, lines, exit statuses. BUILD_DIR is the build folder.

What it finds false is the matter of tests/reference/compare.py and tests/tamper.c; here it is
how it is asked, how it answers and what it shows, and the few lies that those do not tell.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TESTS, "reference"))
import mkbundle  # noqa: E402  (beside us)
import tamper  # noqa: E402

BUILD = os.environ.get("BUILD_DIR", os.path.join(TESTS, "..", "build", "dev"))
bad = 0


def check(what, good, more=""):
    global bad
    print("ok" if good else "not ok", what, "" if good else more)
    bad += not good


def run(*words, program="lottery-verify"):
    done = subprocess.run([os.path.join(BUILD, program), *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def expect(what, words, status, *texts, program="lottery-verify"):
    """The call ends so, and all its output holds each of the texts."""
    code, out, err = run(*words, program=program)
    missing = [text for text in texts if text not in out + err]
    check(what, code == status and not missing, f"exit {code}, without {missing}\n{out}{err}")
    return out


def asked(folder):
    """How it is called, and what it answers."""
    draw = mkbundle.make(2)          # a finished draw with a witness, two sittings after it
    there = os.path.join(folder, "bundle")
    draw.write(there)
    key, other = draw.rules["log"][0], mkbundle.make(3)
    at = lambda name: os.path.join(there, name)

    out = expect("a good bundle is good", [there, "--key", key], 0, "verdict: good")
    steps = [line.split(" ")[1] for line in out.split("\n") if line.startswith("ok ")]
    order = ["rules", "roll", "log", "leaves", "seen", "witnesses", "ceremony", "seed", "draw",
             "after", "others"]
    check("every step is told, in its order", [s for i, s in enumerate(steps)
                                               if s not in steps[:i]] == order, str(steps))
    check("the last line is the verdict", out.split("\n")[-2] == "verdict: good")
    expect("lottery verify says the same", ["verify", there, "--key", key], 0, out,
           program="lottery")
    expect("fingerprints, attempts, times, queues are shown", [there, "--key", key], 0,
           "note log fingerprint of log/checkpoint", "note seen fingerprint of the freeze",
           "note ceremony attempt 1 at 2026-", "countersigned by w0 at 2026-",
           "note roll households in ", "note leaves frozen at 2026-")

    expect("a key nobody vouches for is false", [there], 1, "FALSE log rules.json",
           "not vouched for", "verdict: false at log")
    expect("the bundle's own key is believed when told so", [there, "--trust-bundle"], 0)
    expect("another key is false", [there, "--key", other.rules["log"][0]], 1,
           "is not the key you gave")
    expect("a broken key is a wrong word", [there, "--key", "me"], 2, "not a verifier key")
    expect("key and trust are one too many", [there, "--key", key, "--trust-bundle"], 2)
    expect("no folder is a wrong word", [], 2, "DIR")
    expect("--help says what is printed", ["--help"], 0, "FALSE STEP", "fingerprint", "--old",
           "--recompute")
    expect("a folder that is not there cannot be read", [at("nowhere"), "--trust-bundle"], 3,
           "nowhere")

    expect("a kept checkpoint is a state of the log",
           [there, "--key", key, "--old", at("log/checkpoint.freeze")], 0, "those you kept")
    kept = os.path.join(folder, "kept")
    forged = mkbundle.make(2)        # the same draw, another history, signed by the same key
    forged.leaves[0] = "draw another 2026-08-01T00:00:00Z"
    with open(kept, "wb") as file:
        file.write(forged.checkpoint(forged.tree(), forged.freeze_size, []))
    expect("a kept checkpoint of another history is false", [there, "--key", key, "--old", kept], 1,
           "FALSE seen --old number 1 line 3", "another history")
    expect("a kept checkpoint that cannot be read gives no verdict",
           [there, "--key", key, "--old", at("log/nothing")], 3)

    out = expect("json is one object", [there, "--key", key, "--json"], 0)
    told = json.loads(out)
    check("json has every line", told["verdict"] == "good" and told["step"] == ""
          and [line["step"] for line in told["lines"] if line["kind"] == "ok"] == steps)
    told = json.loads(run(there, "--json")[1])
    check("json names the step that is false",
          (told["verdict"], told["step"]) == ("false", "log"), str(told)[-100:])

    for option, name in (([], "results.csv"), (["--cutoffs"], "cutoffs.csv")):
        with open(at(name)) as file:
            code, out, _ = run("--recompute", there, *option)
            check(f"--recompute prints {name}", code == 0 and out == file.read())

    os.makedirs(at("log/stamps"), exist_ok=True)
    for name in ("index.html", "log/stamps/12.tsr", "notes\x1b[2J.txt", "remark.txt"):
        with open(at(name), "w") as file:
            file.write("?")
    expect("files outside the log are named and harmless", [there, "--key", key], 0,
           "index.html: is outside the log", "log/stamps/12.tsr: a time stamp",
           "remark.txt: no file of a bundle", "a file with control characters")
    os.remove(at("remark.txt"))

    size = len(draw.leaves)
    head = at("log/checkpoint")
    with open(head, "rb") as file:
        note = file.read()
    with open(head, "wb") as file:
        file.write(b"".join(line for line in note.splitlines(True) if b"witness-" not in line))
    if os.path.exists(at(f"log/seen/{size}")):
        os.remove(at(f"log/seen/{size}"))
    expect("a head without its countersignature is not yet good", [there, "--key", key], 1,
           f"FALSE witnesses log/checkpoint (sitting, {size} leaves): not yet countersigned by w0",
           "verdict: false at witnesses", "ok after")
    shutil.rmtree(there)


def told(folder, what, files, status, *texts, more=()):
    """These files, verified, end so and are told so."""
    there = os.path.join(folder, "told")
    mkbundle.write_files(there, files)
    expect(what, [there, "--trust-bundle", *more], status, *texts)
    shutil.rmtree(there)


def pick(stop, good):
    """The first draw of mkbundle's, made up to `stop`, that is good for what is to be shown."""
    return next(draw for draw in (mkbundle.make(case, stop) for case in range(1000)) if good(draw))


def reshow(draw, at, times):
    draw.shown = [(size, times if size == at else old) for size, old in draw.shown]


def shown(folder):
    """What is no fault, but has to be seen."""
    told(folder, "a draw without witnesses is countersigned by nobody",
         pick("finish", lambda d: not d.witness_keys).bundle(), 0,
         "note witnesses countersigned by nobody")
    draw = pick("finish", lambda d: len(d.witness_keys) == 1 and d.parties)
    reshow(draw, tamper.find(draw, "dice "), [draw.clock + 9])
    told(folder, "a countersignature that came too late is told", draw.bundle(), 0,
         "note witnesses that is later than 2026-", "when the log says it went on with `dice`")
    reshow(draw, draw.freeze_size, [])
    told(folder, "a freeze that was never countersigned is false", draw.bundle(), 1,
         f"FALSE witnesses log/checkpoint.freeze (freeze, {draw.freeze_size} leaves): never")
    draw = pick("public", lambda d: len(d.witness_keys) == 1 and d.parties and d.rules["public"])
    reshow(draw, tamper.find(draw, "public "), [mkbundle.NIST_TIME + 100])
    told(folder, "a public value older than the countersigned reveals is told", draw.bundle(), 0,
         "is older than the countersigned reveals: it adds nothing")


def equal_times(folder):
    """Leaves of one second are in order."""
    draw = pick("finish", lambda d: not d.witness_keys and not d.rules["public"])
    frozen = tamper.time_of(draw, draw.freeze_size - 1)
    tamper.values(draw, 0, v2=frozen)
    tamper.values(draw, draw.freeze_size - 2, v3=frozen)
    tamper.reseed(draw)
    tamper.values(draw, len(draw.leaves) - 2, v3=tamper.time_of(draw, len(draw.leaves) - 1))
    told(folder, "leaves of one second are in order", draw.bundle(), 0, "verdict: good")


def lies(folder):
    """False in ways that neither a changed byte nor the fixed list of tamper.py is."""
    def finished(d):
        return not d.witness_keys and not d.beacon
    draw = pick("finish", finished)
    short = os.path.join(folder, "old")
    files = draw.bundle()
    with open(short, "wb") as file:
        file.write(files["log/checkpoint"])
    cut = pick("finish", finished)
    tamper.cut(cut, cut.freeze_size)
    cut.files = {name: data for name, data in cut.files.items()
                 if name not in ("seed.txt", "cutoffs.csv", "results.csv")}
    told(folder, "what was shown and is taken back is false", cut.bundle(), 1,
         "FALSE seen --old number 1 line 2", "has been taken back", more=("--old", short))
    files["log/seen/8"] = files["log/checkpoint.freeze"]
    told(folder, "a checkpoint under another size is false", files, 1,
         "FALSE seen log/seen/8 line 2: is not the size in its name")

    draw = pick("finish", finished)
    tamper.cut(draw, draw.freeze_size - 3)
    draw.shown, draw.freeze_size = [(len(draw.leaves), [])], len(draw.leaves)
    told(folder, "a log shorter than the frozen files is false", draw.bundle(), 1,
         "FALSE leaves log/checkpoint line 2", "but the frozen files make")
    draw = pick("finish", finished)
    tamper.values(draw, 0, v2="2026-08-31T00:00:00Z")
    told(folder, "a freeze before the draw began is false", draw.bundle(), 1,
         "FALSE leaves log/tile/entries/", "fall")
    draw = pick("finish", finished)
    tamper.values(draw, len(draw.leaves) - 1, v1="2026-08-01T00:00:00Z")
    told(folder, "a finish before its journal is false", draw.bundle(), 1,
         "FALSE leaves log/tile/entries/", "the times of `seed`, `journal`, `finish` fall")
    draw = pick("finish", finished)
    tamper.values(draw, draw.freeze_size - 2, v1="01")
    told(folder, "a journal of no number is false", draw.bundle(), 1,
         "FALSE leaves log/tile/entries/", "`journal` names rows and a digest")

    draw = pick("after", lambda d: d.leaves[-1].startswith("award ") and finished(d))
    tamper.remove(draw, len(draw.leaves) - 1)
    told(folder, "a log that stops before an award is false", draw.bundle(), 1,
         "FALSE after log/tile/entries/", "without its `award`")


def many(folder):
    """More rows than are compared at a time."""
    draw = mkbundle.Draw(9)
    draw.make_rules(hash="sha256", public=[])
    draw.make_roll(5000, 100)
    draw.freeze()
    draw.attempt(1)
    draw.finish()
    told(folder, "5000 results are good", draw.bundle(), 0, "of 5000")
    lines = tamper.lines_of(draw.files["results.csv"])
    lines[4500] = lines[4500].replace(b",", b",9", 1)
    tamper.refile(draw, "results.csv", tamper.joined(lines))
    told(folder, "the one of 5000 that is false is named", draw.bundle(), 1,
         "FALSE draw results.csv line 4501")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for part in (asked, shown, equal_times, lies, many):
            part(place)
    sys.exit(bad != 0)
