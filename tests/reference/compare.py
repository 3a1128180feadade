#!/usr/bin/env python3
"""compare.py - the C verifier and verify.py must say the same of the same bundle.

    python3 compare.py PROGRAM [--recompute LOTTERY] --count N    cases 0 to N-1
    python3 compare.py PROGRAM --case N [--change K] --keep DIR   one case, its bundle left in DIR

PROGRAM is lottery-verify, LOTTERY the program with the verb recompute. Case N is mkbundle.py's. Each
case is verified as it is and after CHANGES changes: raw ones of its folder, and forgeries that all
keys sign anew. Verdict, step and exit code are compared, of good bundles also the recomputed
files. First of all comes tamper.py's fixed list. Thousands: --count 2000; a case takes 1/2 s.
"""
import argparse
import contextlib
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mkbundle  # noqa: E402  (its own folder first)
import tamper  # noqa: E402
import verify  # noqa: E402

CHANGES = 4


def verdict(code, out):
    last = out.rstrip("\n").rsplit("\n", 1)[-1]
    return f"{last or 'nothing'}, exit {code}"


def by_python(folder):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = verify.main([folder, "--trust-bundle"])
    return verdict(code, out.getvalue()), out.getvalue()


def by_program(program, folder):
    done = subprocess.run([program, folder, "--trust-bundle"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    out = done.stdout.decode("utf-8", "replace")
    return verdict(done.returncode, out), out + done.stderr.decode("utf-8", "replace")


def changed(case, change):
    """(files, what was done): change 0 is the case as it is."""
    draw, rng = mkbundle.make(case), random.Random(f"{case}/{change}")
    if change == 0:
        return draw.bundle(), "as it is"
    if change % 2:
        try:
            what = tamper.random_forgery(rng, draw)
            return draw.bundle(), what
        except UnicodeEncodeError:                # a value that no text can hold
            return mkbundle.make(case).bundle(), "as it is"
    files = draw.bundle()
    return files, tamper.random_stain(rng, files)


def falls(line):
    """The word of a FALSE line's sentence, for the report."""
    found = [text for text in line.split("\n") if text.startswith("FALSE")]
    return found[0] if found else ""


class Tally:
    def __init__(self, program, recompute):
        self.program, self.recompute, self.count, self.bad, self.steps = (
            program, recompute, 0, 0, {})

    def compare(self, name, files, folder, expected=None):
        mkbundle.write_files(folder, files)
        os.makedirs(folder, exist_ok=True)
        mine, said = by_python(folder)
        other, heard = by_program(self.program, folder)
        self.count += 1
        self.steps[mine] = self.steps.get(mine, 0) + 1
        if mine != other or expected not in (None, mine):
            self.bad += 1
            print(f"not ok {name}\n   verify.py: {mine}; {falls(said)}\n"
                  f"   program:   {other}; {falls(heard) or heard.strip()[-300:]}")
        elif mine.startswith("verdict: good") and self.recompute and "results.csv" in files:
            for option, file in (([], "results.csv"), (["--cutoffs"], "cutoffs.csv")):
                out = subprocess.run([self.recompute, "recompute", folder, *option],
                                     stdout=subprocess.PIPE, check=False).stdout
                if out != files[file]:
                    self.bad += 1
                    print(f"not ok {name}: recompute gives another {file}")


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("program")
    words.add_argument("--recompute")
    words.add_argument("--count", type=int, default=0)
    words.add_argument("--start", type=int, default=0)
    words.add_argument("--case", type=int)
    words.add_argument("--change", type=int, default=0)
    words.add_argument("--keep")
    options = words.parse_args()
    tally = Tally(options.program, options.recompute)
    with tempfile.TemporaryDirectory() as folder:
        at = options.keep or os.path.join(folder, "b")
        if options.case is not None:
            files, what = changed(options.case, options.change)
            tally.compare(f"case {options.case} change {options.change}: {what}", files, at)
        else:
            for name, case, stop, kind, change, step in tamper.FIXED:
                files = tamper.apply(kind, change, mkbundle.make(case, stop))
                tally.compare(f"{kind} {name}", files, at, f"verdict: false at {step}, exit 1")
                shutil.rmtree(at)
        for case in range(options.start, options.start + options.count):
            for change in range(CHANGES + 1):
                files, what = changed(case, change)
                tally.compare(f"case {case} change {change}: {what}", files, at)
                shutil.rmtree(at)
    for step, count in sorted(tally.steps.items()):
        print(f"   {count:6} {step}")
    print(f"{'not ok' if tally.bad else 'ok'} {tally.count} bundles compared, {tally.bad} apart")
    return tally.bad != 0


if __name__ == "__main__":
    sys.exit(main())
