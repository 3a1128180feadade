#!/usr/bin/env python3
"""compare.py - the C programs and verify.py must say the same of the same bundle.

    compare.py [--verify PROGRAM] [--recompute PROGRAM] --count N    cases 0 to N-1
    compare.py ... --case N [--change K] --keep DIR                  one; its bundle is left in DIR

PROGRAM is lottery-verify or lottery, which offers the verbs verify and recompute. Case N is
mkbundle.py's. Each case is looked at as it is and after CHANGES changes: raw ones of its folder,
odd values in its rules and roll, and forgeries that all keys sign anew. Of verify the verdict, step and exit code are compared, of
recompute the output and exit code. First of all comes tamper.py's fixed list. Thousands:
--count 2000; a case takes half a second.
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


def python(*arguments):
    """verify.py in this process: exit code and what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = verify.main(list(arguments))
    return code, out.getvalue()


def program(*arguments):
    """Starts a program; the function that is returned waits for its exit code and output."""
    begun = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ended():
        out, err = begun.communicate()
        return (begun.returncode, out.decode("utf-8", "replace"),
                err.decode("utf-8", "replace").strip()[-300:])
    return ended


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
    stain = tamper.random_stain if change % 4 else tamper.random_value
    return files, stain(rng, files)


def falls(out):
    """The first sentence that says what is false."""
    return ([line for line in out.split("\n") if line.startswith("FALSE")] or [""])[0]


class Tally:
    def __init__(self, options):
        self.verify, self.recompute = options.verify, options.recompute
        self.count, self.apart, self.seen = 0, 0, {}

    def differ(self, name, mine, other):
        self.apart += 1
        print(f"not ok {name}\n   verify.py: {mine}\n   program:   {other}")

    def compare(self, name, files, folder, expected=None):
        os.makedirs(folder)
        mkbundle.write_files(folder, files)
        self.count += 1
        if self.verify:
            verb = [] if os.path.basename(self.verify).endswith("verify") else ["verify"]
            ended = program(self.verify, *verb, folder, "--trust-bundle")
            code, out = python(folder, "--trust-bundle")
            mine = verdict(code, out)
            code, heard, cry = ended()
            other = verdict(code, heard)
            self.seen[mine] = self.seen.get(mine, 0) + 1
            if mine != other or expected not in (None, mine):
                self.differ(name, f"{mine}; {falls(out)}", f"{other}; {falls(heard) or cry}")
        if self.recompute and "seed.txt" in files:
            for option in ([], ["--cutoffs"]):
                ended = program(self.recompute, "recompute", folder, *option)
                mine = python("--recompute", folder, *option)
                *other, cry = ended()
                result = f"recompute, exit {mine[0]}"
                self.seen[result] = self.seen.get(result, 0) + 1
                if list(mine) != other:
                    self.differ(f"{name}, recompute {' '.join(option)}", f"exit {mine[0]}",
                                f"exit {other[0]} {cry}")


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--verify")
    words.add_argument("--recompute")
    words.add_argument("--count", type=int, default=0)
    words.add_argument("--start", type=int, default=0)
    words.add_argument("--case", type=int)
    words.add_argument("--change", type=int, default=0)
    words.add_argument("--keep")
    options = words.parse_args()
    tally = Tally(options)
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
    for what, count in sorted(tally.seen.items()):
        print(f"   {count:6} {what}")
    good = "not ok" if tally.apart else "ok"
    print(f"{good} {tally.count} bundles compared, {tally.apart} apart")
    return tally.apart != 0


if __name__ == "__main__":
    sys.exit(main())
