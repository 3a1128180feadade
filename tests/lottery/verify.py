#!/usr/bin/env python3
"""lottery-verify as a person meets it: words, lines, exit statuses. BUILD_DIR is the build folder.

What it finds false is the matter of tests/reference/compare.py and tests/tamper.c; here it is
how it is asked and how it answers.
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


def main(folder):
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
    expect("--help says what is printed", ["--help"], 0, "FALSE STEP", "fingerprint", "--old")
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
           f"FALSE witnesses log/checkpoint, size {size} (sitting): not yet countersigned by w0",
           "verdict: false at witnesses", "ok after")
    shutil.rmtree(there)
    return bad != 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        sys.exit(main(place))
