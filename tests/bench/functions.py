#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fingerprints of libtorch_cpu's functions against one plain capstone sweep of its .text, both in this
run, interleaved, page cache warm. Compared is processor time, so that other load does not count:
ours with everything, process start, sandboxed worker, tables, record; the sweep's with its process.

On two workers the file is shared between them, as a scan shares a file that is larger than its
fair part of the work; compared then is the longest way through: the processor time of this process
and of its busier worker, which is what a clock would show on two free cores.

Fails under 5 times the sweep's speed on one core or 10 times on two workers, over 2.5 seconds of
processor time per 100 MB of code, or over 400 MB of memory.

usage: functions.py [--build DIRECTORY] [--runs N] [FILE]"""
import argparse
import glob
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
RATIO, SHARED_RATIO, SECONDS, MEMORY = 5, 10, 2.5, 400
LIBTORCH = "/usr/lib/*/libtorch_cpu.so.*"


def measure(command):
    """Processor seconds, peak memory in MB of the process and its children, and the output."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("bench: %s failed" % command[0])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def main():
    parser = argparse.ArgumentParser(description="fingerprints against a capstone sweep")
    parser.add_argument("--build", default=os.path.join(HERE, os.pardir, os.pardir, "build"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("file", nargs="?", default=next(iter(sorted(
        path for path in glob.glob(LIBTORCH) if not os.path.islink(path))), None))
    options = parser.parse_args()
    if not options.file:
        sys.exit("bench: no %s: install libtorch1.13 or name a file" % LIBTORCH)
    tools = [os.path.join(options.build, "tools", name) for name in ("functions_dump", "sweep")]
    ours, ways, both, theirs, memory, text = [], [], [], [], 0, ""
    for number in range(options.runs + 1):
        seconds, peak, text = measure([tools[0], "-q", options.file])
        together, shared_peak, shared = measure([tools[0], "-q", "-j2", options.file])
        plain, _, _ = measure([tools[1], options.file])
        if number:  # the first run only warms the caches
            ours.append(seconds)
            both.append(together)
            ways.append(float(shared.split("\t")[4].split()[0]))
            theirs.append(plain)
            memory = max(memory, peak, shared_peak)
    left, right = statistics.median(ours), statistics.median(theirs)
    way, cost = statistics.median(ways), statistics.median(both)
    words = text.split("\t")
    size = int(words[2].split()[0]) / 1e6
    print("functions: %s: %s, %.1f MB of code" % (os.path.basename(options.file), words[1], size))
    results = [
        ("processor seconds %.3f, sweep %.3f (medians of %d): %.1f times as fast on one core, at "
         "least %d" % (left, right, options.runs, right / left, RATIO), right / left >= RATIO),
        ("%.3f seconds the longest way on two workers: %.1f times as fast, at least %d" %
         (way, right / way, SHARED_RATIO), right / way >= SHARED_RATIO),
        ("%.2f seconds per 100 MB of code, %.2f on two workers, at most %.1f" %
         (left / size * 100, cost / size * 100, SECONDS), cost / size * 100 <= SECONDS),
        ("%.0f MB of memory, at most %d" % (memory, MEMORY), memory <= MEMORY)]
    for line, good in results:
        print("functions: %s: %s" % (line, "ok" if good else "MISSED"))
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
