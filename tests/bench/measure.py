#!/usr/bin/env python3
"""measure.py - the runs and the table of tests/bench/run.sh; see there.

Of several runs the quickest counts, for it was disturbed least; rivals take turns, so that a busy
minute hits both. Every figure is wall time, but where processor time is said: that tells more
when others use the machine too.
"""
import functools
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INPUTS = ("rules.json", "homes.csv", "entries.csv", "refusals.csv", "received.csv", "seed.txt")
missed = 0


def run(arguments, out=None):
    """Runs a program to its end; returns seconds, of processors too, and peak memory in bytes."""
    begin = time.monotonic()
    with open(out or os.devnull, "wb") as file:
        child = subprocess.Popen(arguments, stdout=file, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(arguments)} ended with {child.returncode}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def best(times, *rivals):
    """The quickest of so many runs of each rival, who take turns."""
    found = [min(results) for results in zip(*([rival() for rival in rivals]
                                               for _ in range(times)))]
    return found if len(found) > 1 else found[0]


def parts(build, folder):
    """The seconds of each part, in one process."""
    out = subprocess.run([f"{build}/tests/bench_parts", folder], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return {name: float(seconds) for name, seconds in map(str.split, out.splitlines())}


def best_parts(times, build, folder):
    found = [parts(build, folder) for _ in range(times)]
    return {name: min(one[name] for one in found) for name in found[0]}


def say(what, measured, wanted=None, good=True):
    global missed
    missed += not good
    mark = "" if wanted is None else "reached" if good else "MISSED"
    print(f"{what:<66} {measured:>12} {wanted or '':>14} {mark}", flush=True)


def seconds(value):
    return f"{value:.3f} s"


def make(build, where, entries, bundle=False):
    folder = os.path.join(where, str(entries))
    os.mkdir(folder)
    run([f"{build}/tests/bench_generate", str(entries), folder])
    if bundle:
        run([f"{build}/tests/bench_bundle", folder])
    return folder


def small(build, where):
    folder = make(build, where, 10_000)
    found = best(9, lambda: run([f"{build}/lottery", "recompute", folder])[0])
    say("recompute, 10 thousand entries", seconds(found))
    return found


def one_million(build, where):
    folder = make(build, where, 1_000_000, bundle=True)
    out = os.path.join(where, "out")
    programs = {"ours": ([f"{build}/lottery", "recompute", folder], out),
                "theirs": ([sys.executable, f"{HERE}/recompute.py", folder], out + ".py"),
                "verify": ([f"{build}/lottery", "verify", folder, "--trust-bundle"], None)}
    processor = dict.fromkeys(programs, math.inf)

    def timed(name):
        taken, busy, _ = run(*programs[name])
        processor[name] = min(processor[name], busy)
        return taken

    ours, theirs, verify = best(3, *(functools.partial(timed, name) for name in programs))
    with open(out, "rb") as one, open(out + ".py", "rb") as other:
        if one.read() != other.read():
            sys.exit("recompute and recompute.py disagree")
    python = min(float(subprocess.run(
        [sys.executable, f"{HERE}/recompute.py", "--tickets", folder], check=True,
        stdout=subprocess.PIPE, text=True).stdout) for _ in range(3))
    part = best_parts(5, build, folder)
    bare = part["hashing"] + part["sorting"]
    say("recompute, 1 million entries", seconds(ours))
    say("  of it reading and checking the files", seconds(part["reading"]))
    say("  of it tickets, order and allocation", seconds(part["drawing"]))
    say("  of it text of the results", seconds(part["text"]))
    say("the whole in plain Python", seconds(theirs))
    say("  times recompute", f"{theirs / ours:.1f}", "at least 12", theirs >= 12 * ours)
    say("  the same in processor time", f"{processor['theirs'] / processor['ours']:.1f}")
    say("hashing and sorting alone in Python", seconds(python))
    say("  times tickets, order and allocation", f"{python / part['drawing']:.1f}", "at least 8",
        python >= 8 * part["drawing"])
    say("bare hashing of the same tickets", seconds(part["hashing"]))
    say("one sort of as many 40-byte records", seconds(part["sorting"]))
    say("  tickets, order and allocation, times both", f"{part['drawing'] / bare:.2f}",
        "at most 2.0", part["drawing"] <= 2 * bare)
    say("verify of the bundle, log included", seconds(verify))
    say("  times recompute", f"{verify / ours:.2f}", "at most 3", verify <= 3 * ours)
    say("  the same in processor time", f"{processor['verify'] / processor['ours']:.2f}")
    shutil.rmtree(folder)
    return ours


def ten_million(build, where):
    folder = make(build, where, 10_000_000)
    out, copy = os.path.join(where, "out"), os.path.join(where, "copy")
    inputs = [os.path.join(folder, name) for name in INPUTS]
    os.mkdir(copy)
    peaks = []

    def recompute():
        taken, _, peak = run([f"{build}/lottery", "recompute", folder], out)
        peaks.append(peak)
        return taken

    ours, digest, copied = best(3, recompute, lambda: run(["sha256sum"] + inputs)[0],
                                lambda: run(["cp"] + inputs + [copy])[0])
    hashing = best_parts(2, build, folder)["hashing"]
    beyond = (max(peaks) - sum(os.path.getsize(name) for name in inputs)) / 10_000_000
    total = digest + hashing + copied
    say("recompute, 10 million entries, to results.csv", seconds(ours))
    say("sha256sum of its inputs", seconds(digest))
    say("bare hashing of its tickets", seconds(hashing))
    say("cp of its inputs", seconds(copied))
    say("  recompute, times these three", f"{ours / total:.2f}", "at most 3", ours <= 3 * total)
    say("  memory beyond the files, bytes an entry", f"{beyond:.1f}", "below 150", beyond < 150)
    return ours


def main(build, what):
    where = tempfile.mkdtemp(prefix="mingqian-bench-")
    try:
        if what == "all" and shutil.disk_usage(where).free < 7 << 30:
            sys.exit(f"{where} has less than 7 GB free; set TMPDIR to a larger disk")
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
        print(f"{'what':<66} {'measured':>12} {'wanted':>14}")
        small_time = small(build, where)
        middle = one_million(build, where)
        say("  growth from 10 thousand, exponent of the number of entries",
            f"{math.log(middle / small_time, 100):.2f}")
        if what == "all":
            large = ten_million(build, where)
            exponent = math.log10(large / middle)
            # N log N from 1 to 10 million is 10 * 7/6 times as much: an exponent of 1.07.
            say("  growth from 1 million, exponent of the number of entries", f"{exponent:.2f}",
                "near 1.07", exponent < 1.2)
        print(f"\nload at the end {os.getloadavg()[0]:.1f}; {missed} figures missed")
    finally:
        shutil.rmtree(where)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
