#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Recovery of call sites in libtorch_cpu against one plain capstone sweep of its .text, both in this
run, interleaved, page cache warm; fails when it takes more than a quarter of that time.

The recovery is timed with its process: start, sandboxed worker, relocations and symbols, record. The
sweep counts only its loop over instructions.

usage: calls.py [--build DIRECTORY] [--runs N] [FILE]"""
import argparse
import glob
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
LIMIT = 1 / 4
LIBTORCH = "/usr/lib/*/libtorch_cpu.so.*"


def recover(tool, path):
    """Seconds, and what the coverage says."""
    start = time.perf_counter()
    done = subprocess.run([tool, "-q", path], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    return seconds, dict(line.split("\t")[1:] for line in done.stdout.splitlines()
                         if line.startswith("coverage\t"))


def sweep(tool, path):
    done = subprocess.run([tool, path], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


def main():
    parser = argparse.ArgumentParser(description="call sites against a capstone sweep")
    parser.add_argument("--build", default=os.path.join(HERE, os.pardir, os.pardir, "build"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("file", nargs="?", default=next(iter(sorted(
        path for path in glob.glob(LIBTORCH) if not os.path.islink(path))), None))
    options = parser.parse_args()
    if not options.file:
        sys.exit("bench: no %s: install libtorch1.13 or name a file" % LIBTORCH)
    tools = [os.path.join(options.build, "tools", name) for name in ("calls_dump", "sweep")]
    ours, theirs, coverage = [], [], {}
    for number in range(options.runs + 1):
        seconds, coverage = recover(tools[0], options.file)
        plain = sweep(tools[1], options.file)
        if number:  # the first run only warms the caches
            ours.append(seconds)
            theirs.append(plain)
    left, right = statistics.median(ours), statistics.median(theirs)
    print("calls: %s: %s bytes of code, %s decoded, %s sites" % (
        os.path.basename(options.file), coverage["code_bytes"], coverage["decoded_bytes"],
        coverage["sites_total"]))
    print("calls: recovery %.3f s, sweep %.3f s (medians of %d): ratio %.3f, at most %.2f: %s" % (
        left, right, options.runs, left / right, LIMIT,
        "ok" if left / right <= LIMIT else "MISSED"))
    return 0 if left / right <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
