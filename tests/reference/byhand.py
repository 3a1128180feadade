#!/usr/bin/env python3
"""byhand.py - follows lottery/page/VERIFY.txt, every command of it, on bundles good and false."""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import mkbundle  # noqa: E402  (its own folder first)
import tamper  # noqa: E402
import verify  # noqa: E402

VERIFIED = "Signature Verified Successfully"
failed = 0


def check(what, true, saw=""):
    global failed
    failed += not true
    print(f"{'ok' if true else 'not ok'} {what}" + (f":\n{saw}" if not true else ""))


def commands(draw, first=1):
    """What a reader types, from step `first` on (the preparation always), with their own id."""
    with open(os.path.join(ROOT, "lottery", "page", "VERIFY.txt"), encoding="utf-8") as file:
        parts = re.split(r"^(\d+)\. .*\n-+\n", file.read(), flags=re.M)
    text = parts[0] + "".join(body for number, body in zip(parts[1::2], parts[2::2])
                              if int(number) == 1 or int(number) >= first)
    typed = "".join(line[4:] + "\n" for line in text.split("\n") if line.startswith("    "))
    id_ = draw.rows("entries.csv")[0].split(",")[0]
    typed = typed.replace("VKEY", draw.rules["log"][0])
    return typed.replace("7K3M9QTW2XDF8HRA", id_)


def follow(draw, files, first=1):
    """Types all commands into one shell in a folder with these files; what was printed."""
    with tempfile.TemporaryDirectory() as folder:
        mkbundle.write_files(folder, files)
        with open(os.path.join(HERE, "verify.py"), "rb") as file:
            mkbundle.write_files(folder, {"verify.py": file.read()})
        done = subprocess.run(["sh", "-c", commands(draw, first)], cwd=folder, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode("utf-8", "replace")


def good(case, stop):
    draw = mkbundle.make(case, stop)
    files = draw.bundle()
    said = follow(draw, files, 6 if stop == "freeze" else 1)
    name = f"case {case} ({draw.rules['hash']}, {stop}): "
    row = draw.rows("entries.csv")[0]
    leaf = verify.hashlib.sha256(f"\0entry {row}".encode()).hexdigest()
    root = draw.tree().root(draw.freeze_size)
    wanted = [("verify.py's verdict", "verdict: good", 1),
              ("fingerprint of the freeze", verify.fingerprint(root).replace(" / ", "\n"), 1),
              ("signatures", VERIFIED, 1 + bool(draw.witness_keys)),
              ("the leaf twice", leaf, 2)]
    if stop != "freeze":
        id_ = row.split(",")[0]
        ticket = draw.H(f"{draw.seed_hex}:entry:{id_}:1".encode())
        result = next(line for line in draw.rows("results.csv") if f",{id_}," in line)
        wanted += [(f"file {f}", f"ok {f}\n", 1) for f in (
            "rules.json", "homes.csv", "entries.csv", "refusals.csv", "received.csv")]
        wanted += [("seed", f"\n{draw.seed_hex}\n", 1), ("own ticket", f"\n{ticket}\n", 1),
                   ("own result", f"\n{result}\n", 1), ("order", "ok order", 1),
                   ("dice", f"\n{draw.now.dice}\n", 1), ("cut-offs", "round,type,taken", 1)]
        wanted += [(f"commit of {p}", f"commit {p} {c}\n", 1) for p, c in draw.now.commits]
    for what, text, times in wanted:
        check(name + what, said.count(text) >= times, said)


def bad(what, change, text):
    """After the change of the files this text is no longer all there."""
    draw = mkbundle.make(tamper.FULL, "finish")
    files = draw.bundle()
    before = follow(draw, files).count(text)
    change(files)
    check(f"{what} shows", follow(draw, files).count(text) < before)


def main():
    for case, stop in ((tamper.FULL, "finish"), (1359, "after"), (804, "freeze"), (53, "finish")):
        good(case, stop)

    def other_price(files):
        tamper.home_with_another_price(files)

    def swapped(files):
        tamper.result_swapped_with_its_neighbour(files)

    def secret(files):
        files["seed.txt"] = re.sub(rb"(reveal \S+ )(.)", lambda m: m.group(1) + (
            b"0" if m.group(2) != b"0" else b"1"), files["seed.txt"], count=1)

    def freeze(files):
        files["log/checkpoint.freeze"] = files["log/checkpoint.freeze"].replace(b"\n", b"x\n", 1)

    def cosignature(files):
        tamper.cosignature_with_another_time(files)
    bad("another price", other_price, "ok homes.csv")
    bad("two swapped results", swapped, "ok order")
    bad("another secret", secret, "commit ")
    bad("another checkpoint", freeze, VERIFIED)
    bad("another time of a witness", cosignature, VERIFIED)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
