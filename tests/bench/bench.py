#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Speed as ratios from one run on one machine, and peak memory; fails when a limit is missed.

  tree    elfleft tree --no-bindings LIBTORCH against libtree LIBTORCH; medians, runs interleaved,
          page cache warm. libtree exits non-zero on this file, as it misses libraries; so be it.
  bind    elfleft tree LIBTORCH, which binds every symbol of 285 objects, against ld.so's own trace
          with LD_BIND_NOW and LD_WARN; medians, interleaved.
  scan    elfleft scan --tiers link over the directories against one ldd per dynamic ELF file found
          in them. Files that name an audit library are left out for ldd, which would run its code.
  memory  the peak of the sum of RssAnon over all elfleft processes of that scan, sampled.

usage: bench.py [--elfleft FILE] [--runs N] [--ldd-sample N] [--library FILE] [DIRECTORY...]"""
import argparse
import glob
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import elffile  # noqa: E402

LIMITS = {"tree": 1.0, "bind": 1.0, "scan": 1 / 3, "memory": 600e6}
LIBTORCH = "/usr/lib/*/libtorch_cpu.so.*"
SAMPLE_SECONDS = 0.003
CLEAN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def timed(command, statuses=None, extra=None):
    """Seconds of one run with its output thrown away; statuses: those allowed, None for any."""
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={**CLEAN, **(extra or {})}, check=False)
    seconds = time.perf_counter() - start
    if statuses is not None and done.returncode not in statuses:
        sys.exit("bench: status %d: %s" % (done.returncode, " ".join(command)[:200]))
    return seconds


def bench_tree(elfleft, library, runs):
    """Medians of interleaved runs: what disturbs the machine disturbs both.

    A run takes 5 ms, so a few would tell of the machine and not of the programs."""
    ours, theirs, runs = [], [], 5 * runs
    for number in range(runs + 2):
        left = timed([elfleft, "tree", "--no-bindings", library], (0,))
        right = timed(["libtree", library])
        if number >= 2:  # the first two only warm the caches
            ours.append(left)
            theirs.append(right)
    left, right = statistics.median(ours), statistics.median(theirs)
    print("tree: elfleft %.1f ms, libtree %.1f ms (medians of %d; quartiles %s and %s)" % (
        left * 1e3, right * 1e3, runs, quartiles(ours), quartiles(theirs)))
    return left / right


def bench_bind(elfleft, library, runs):
    """ld.so relocates in its trace when LD_WARN is set, so both look every symbol up."""
    words = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_WARN": "yes", "LD_BIND_NOW": "1"}
    ours, theirs = [], []
    for number in range(runs + 2):
        left = timed([elfleft, "tree", library], (0,))
        right = timed(["/lib64/ld-linux-x86-64.so.2", library], extra=words)
        if number >= 2:
            ours.append(left)
            theirs.append(right)
    left, right = statistics.median(ours), statistics.median(theirs)
    print("bind: elfleft %.1f ms, ld.so %.1f ms (medians of %d; quartiles %s and %s)" % (
        left * 1e3, right * 1e3, runs, quartiles(ours), quartiles(theirs)))
    return left / right


def quartiles(values):
    low, _, high = statistics.quantiles(values, n=4)
    return "%.1f-%.1f" % (low * 1e3, high * 1e3)


def field(path, name):
    """Bytes that a file of /proc gives in kilobytes; 0 when the process is gone."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def anonymous(process):
    """Memory of one process of its own."""
    return field("/proc/%d/status" % process, "RssAnon:")


def proportional(process):
    """The same, with its share of what it has mapped; to ask takes the kernel a while."""
    return field("/proc/%d/smaps_rollup" % process, "Pss:")


class Memory(threading.Thread):
    """Samples memory over a process and all its descendants until it has ended."""

    def __init__(self, leader, measure=anonymous, pause=SAMPLE_SECONDS):
        super().__init__(daemon=True)
        self.leader, self.peak, self.samples = leader, 0, 0
        self.measure, self.pause = measure, pause
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            total = sum(self.measure(process) for process in self.family())
            self.peak = max(self.peak, total)
            self.samples += 1
            time.sleep(self.pause)

    def family(self):
        found, queue = [], [self.leader]
        while queue:
            process = queue.pop()
            found.append(process)
            for path in glob.glob("/proc/%d/task/*/children" % process):
                try:
                    with open(path, encoding="ascii") as file:
                        queue.extend(int(word) for word in file.read().split())
                except OSError:
                    pass  # it ended meanwhile
        return found


def bench_memory(command):
    """Peak of one run of its own: the sampling would disturb the timed ones."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=CLEAN)
    memory = Memory(process.pid)
    memory.start()
    status = process.wait()
    memory.ended.set()
    memory.join()
    if memory.samples < 10:
        sys.exit("bench: the run ended after %d samples" % memory.samples)
    print("memory: peak %.1f MB anonymous over all processes (%d samples, status %d)" % (
        memory.peak / 1e6, memory.samples, status))
    return memory.peak


def dynamic_files(directories):
    """Linked dynamic ELF files below the directories that ldd can be given safely."""
    found, audit = [], 0
    for top in directories:
        for directory, names, files in os.walk(os.path.realpath(top)):
            names.sort()
            for name in sorted(files):
                path = os.path.join(directory, name)
                if not os.path.isfile(path) or os.path.islink(path):
                    continue
                try:
                    file = elffile.ELFFile(path)
                    if file.names_audit():
                        audit += 1
                    elif file.has_dynamic and file.type in (elffile.ET_EXEC, elffile.ET_DYN):
                        found.append(path)
                except (elffile.NotELF, OSError):
                    continue
    return sorted(set(found)), audit


def command_of_links(elfleft, directories):
    return [elfleft, "scan", "--tiers", "link", "-f", "json", "--", *directories]


def bench_scan(elfleft, directories, sample, runs):
    command = command_of_links(elfleft, directories)
    files, audit = dynamic_files(directories)
    chosen = files
    if sample and sample < len(files):
        chosen = random.Random(1).sample(files, sample)
    timed(command)
    ours = statistics.median(timed(command, (0, 2)) for _ in range(runs))
    start = time.perf_counter()
    for path in chosen:
        timed(["ldd", path])
    theirs = (time.perf_counter() - start) * len(files) / len(chosen)
    note = "" if chosen is files else ", from a random sample of %d" % len(chosen)
    print("scan: elfleft %.2f s (median of %d), one ldd per file %.1f s%s (%d files; %d with "
          "DT_AUDIT left out)" % (ours, runs, theirs, note, len(files), audit))
    every = [elfleft, "scan", "-f", "json", "--", *directories]
    print("scan: with every tier %.1f s, without a limit" % timed(every, (0, 1, 2)), flush=True)
    return ours / theirs, bench_memory(command)


def judge(name, value, shown, limit):
    missed = value > limit
    print("%s: %s, limit %s: %s" % (name, shown(value), shown(limit),
                                    "MISSED" if missed else "held"))
    return missed


def main():
    parser = argparse.ArgumentParser(description="ratios against libtree and ldd, peak memory")
    parser.add_argument("--elfleft", default=os.path.join(HERE, os.pardir, os.pardir, "build",
                                                          "elfleft"))
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--ldd-sample", type=int, default=0, help="0: every file (default)")
    parser.add_argument("--library", default=next(iter(sorted(glob.glob(LIBTORCH))), None))
    parser.add_argument("directories", nargs="*", default=["/usr/bin", "/usr/lib"])
    options = parser.parse_args()
    elfleft = os.path.realpath(options.elfleft)
    for tool in (elfleft, "libtree", "ldd"):
        if not shutil.which(tool):
            sys.exit("bench: no %s" % tool)
    if not options.library:
        sys.exit("bench: no %s: install libtorch1.13 or give --library" % LIBTORCH)
    missed = judge("tree ratio", bench_tree(elfleft, options.library, options.runs),
                   "{:.2f}".format, LIMITS["tree"])
    missed |= judge("bind ratio", bench_bind(elfleft, options.library, options.runs),
                    "{:.2f}".format, LIMITS["bind"])
    ratio, peak = bench_scan(elfleft, options.directories, options.ldd_sample, 3)
    missed |= judge("scan ratio", ratio, "{:.3f}".format, LIMITS["scan"])
    missed |= judge("peak memory", peak, lambda size: "%.0f MB" % (size / 1e6), LIMITS["memory"])
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
