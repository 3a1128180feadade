#!/usr/bin/env python3
"""selftest.py - holds the Python programs of this folder to known answers.

Known draws (tests/vectors/draw), known notes, trees and tiles (tests/vectors/log-vectors.json), the
examples of PROTOCOL.md typed into a shell, good bundles, and the fixed list of false ones, each
with the step that has to name it. Prints a line for each; takes some ten seconds.
"""
import base64
import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VECTORS = os.path.join(ROOT, "tests", "vectors")
sys.path.insert(0, HERE)
import mkbundle  # noqa: E402  (its own folder first)
import mklog  # noqa: E402
import tamper  # noqa: E402
import verify  # noqa: E402

failed = 0


def check(what, true, saw=""):
    global failed
    failed += not true
    print(f"{'ok' if true else 'not ok'} {what}" + (f": {saw}" if not true and saw else ""))


def run(*arguments):
    """verify.py in this process: exit code and what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = verify.main(list(arguments))
    return code, out.getvalue()


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def known_draws():
    for case in sorted(os.listdir(os.path.join(VECTORS, "draw"))):
        folder = os.path.join(VECTORS, "draw", case)
        for name, option in (("results.csv", []), ("cutoffs.csv", ["--cutoffs"])):
            check(f"recompute {case} {name}", run("--recompute", folder, *option)
                  == (0, read(os.path.join(folder, name))))


def known_hashes():
    with open(os.path.join(VECTORS, "log-vectors.json"), "rb") as file:
        v = json.load(file)
    for key in v["keys"]:
        made = mkbundle.Key(bytes.fromhex(key["seed_hex"]))
        check(f"key of type {key['type']} {key['name']}",
              made.verifier(key["name"], key["type"]) == key["vkey"])
    for key in v["published_vkeys"]:
        check(f"published key {key['vkey'][:20]}", verify.key_of(key["vkey"], "").id.hex()
              == key["key_id_hex"])
    note = v["published_note"]
    made = mkbundle.Key(bytes.fromhex(note["seed_hex"]))
    check("published note", made.line("PeterNeumann", note["text"].encode()).decode()
          == note["signature_line"])
    leaves = [bytes.fromhex(leaf) for leaf in v["merkle"]["leaves_hex"]]
    tree = verify.Tree([hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves])
    for size, root in v["merkle"]["roots_hex"].items():
        check(f"root of {size}", tree.root(int(size)).hex() == root)
    three = v["three_leaf_log"]
    leaves = [leaf.encode() for leaf in three["entries"]]
    log = mklog.log_files("lottery.example/log1", mkbundle.Key(
        bytes.fromhex(v["keys"][0]["seed_hex"])), leaves)
    for path in ("tile/0/000.p/3", "tile/entries/000.p/3"):
        check(path, log[path].hex() == three[path + "_hex"])
    check("checkpoint of three", three["checkpoint"].encode().startswith(log["checkpoint"]))
    key, witness = (verify.key_of(three[name], "") for name in ("log_vkey", "witness_vkey"))
    witness.witness = "w1"
    read = verify.note_of(three["checkpoint"].encode(), "checkpoint", key.name)
    verify.signed_by(read, key)
    check("cosignature of three", verify.cosigned_at(read, witness) == [three["cosignature_time"]])
    for item in v["paths"]:
        check(item["path"], verify.tile_path(item["level"], item["index"], item["width"])
              == "log/" + item["path"])
    for size, want in v["tile_sets"].items():
        tiles = list(verify.tiles_at(int(size)))
        full = [sum(1 for level, _, width in tiles if level == at and width == 256)
                for at in range(len(want["full_per_level"]))]
        partial = sorted(verify.tile_path(*tile)[4:] for tile in tiles if tile[2] < 256)
        check(f"tiles of {size}", full == want["full_per_level"]
              and partial == sorted(want["partial"]))
    check("sm3 written out", all(
        verify.sm3(bytes(n)) == verify.hash_named("sm3")(bytes(n)) for n in range(130)))


def pulses():
    folder = tempfile.mkdtemp()
    served = {}
    for name, path in (("2-1921299.json", "pulse_1921299.json"),
                       ("528943a5.pem", "nist_beacon_cert_528943a5.pem")):
        with open(os.path.join(VECTORS, "nist", path), "rb") as file:
            served[name] = file.read()
    p = json.loads(served["2-1921299.json"])["pulse"]
    id_ = p["certificateId"]
    check("signed bytes of a real pulse", hashlib.sha256(verify.pulse_bytes(p)).hexdigest()
          == "7411e468d9e585d22407be918e187ce3aed855bb7afe247bd625c3198c9b4aa8")
    files = {"pulses/2-1921299.json": served["2-1921299.json"],
             f"pulses/{id_}.pem": served["528943a5.pem"]}
    mkbundle.write_files(folder, files)
    item, ref = {"time": "2026-08-31T19:03:00Z", "certificates": [id_]}, "2/1921299"

    def refused(p, item):
        mkbundle.write_files(folder, {"pulses/2-1921299.json": json.dumps({"pulse": p}).encode()})
        try:
            verify.check_pulse(verify.Folder(folder), item, ref, p["outputValue"].lower())
            return False
        except verify.Wrong:
            return True
    check("a real pulse", not refused(p, item))
    check("a pulse of another minute is refused",
          refused(p, dict(item, time="2026-08-31T19:04:00Z")))
    check("a pulse without the one before it is refused",
          refused(p, dict(item, time="2026-08-31T19:02:30Z")))
    check("a pulse of another certificate is refused",
          refused(p, dict(item, certificates=["0" * 128])))
    for field in ("uri", "certificateId", "timeStamp", "localRandomValue", "precommitmentValue",
                  "signatureValue", "outputValue"):
        value = p[field][:-2] + ("1" if p[field][-2] != "1" else "2") + p[field][-1]
        check(f"a pulse with another {field} is refused", refused(dict(p, **{field: value}), item))
    check("a pulse with a status is refused", refused(dict(p, statusCode=1), item))


def examples():
    """Every `$ command` of PROTOCOL.md gives the lines that stand under it."""
    with open(os.path.join(ROOT, "lottery", "PROTOCOL.md"), encoding="utf-8") as file:
        text = file.read()
    for command, want in re.findall(r"^\$ (.*)\n((?:(?!\$|```).*\n)*)", text, re.M):
        saw = subprocess.run(["sh", "-c", command], cwd=os.path.join(VECTORS, "draw", "case-1"),
                             stdout=subprocess.PIPE, check=False).stdout.decode()
        check(f"PROTOCOL.md: {command[:60]}", saw == want, saw)


def verdict(folder, *arguments):
    _, out = run(folder, *(arguments or ["--trust-bundle"]))
    return out.rstrip("\n").rsplit("\n", 1)[-1].replace("verdict: ", "").replace("false at ", "")


def bundles(count):
    for case in range(count):
        draw, folder = mkbundle.make(case), tempfile.mkdtemp()
        draw.write(folder)
        check(f"bundle {case} ({', '.join(draw.features)})", verdict(folder) == "good",
              run(folder, "--trust-bundle")[1])


def options():
    folder = tempfile.mkdtemp()
    draw = mkbundle.make(tamper.FULL, "after")
    draw.write(folder)
    other = mkbundle.Key(b"\7" * 32)
    check("key given", verdict(folder, "--key", draw.rules["log"][0]) == "good")
    check("key not given", verdict(folder, *[]) == "good" and run(folder)[0] == 1
          and "not vouched for" in run(folder)[1])
    check("another key given", "false at log" in run(
        folder, "--key", other.verifier(draw.log_name, 1))[1])
    old = os.path.join(folder, "log", "checkpoint.freeze")
    check("an old checkpoint", verdict(folder, "--trust-bundle", "--old", old) == "good")
    fork = mkbundle.make(tamper.FULL, "after")
    tamper.values(fork, tamper.find(fork, "journal "), v2="0" * 64)
    kept = os.path.join(tempfile.mkdtemp(), "kept")
    size = fork.freeze_size
    with open(kept, "wb") as file:
        file.write(fork.checkpoint(fork.tree(), size, []))
    check("a checkpoint of another history",
          verdict(folder, "--trust-bundle", "--old", kept) == "seen")
    check("an old checkpoint that is missing", run(
        folder, "--trust-bundle", "--old", kept + "x")[0] == 3)
    check("help", run("--help")[0] == 0)
    check("usage", [run(folder, "--key", "x")[0], run()[0], run("--key")[0], run(folder, "-x")[0], run(folder, "--cutoffs")[0],
                    run(folder, folder)[0]] == [2] * 6)
    check("no folder", run(os.path.join(folder, "none"), "--trust-bundle")[0] == 3)
    code, out = run("--recompute", os.path.join(folder, "log"))
    check("recompute without files", code == 1, out)


def false_bundles():
    for name, case, stop, kind, change, step in tamper.FIXED:
        folder = tempfile.mkdtemp()
        mkbundle.write_files(folder, tamper.apply(kind, change, mkbundle.make(case, stop)))
        saw = verdict(folder)
        check(f"{kind} {name} is false at {step}", saw == step, saw)
        if kind == "stain" and step in ("roll", "seed"):
            code, out = run("--recompute", folder)
            results = os.path.join(folder, "results.csv")
            same = code == 0 and os.path.exists(results) and out == read(results)
            check(f"recompute does not confirm {name}", code in (0, 1) and not same)


def main():
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        known_draws()
        known_hashes()
        pulses()
        examples()
        bundles(60)
        options()
        false_bundles()
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
