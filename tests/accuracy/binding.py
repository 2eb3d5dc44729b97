#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares what elfleft binds with what the real ld.so binds: for each program or library the set
of (consumer, provider, symbol, version) over its whole process, and the set of references that nothing
provides.

ld.so only traces: no target runs (tests/lib/oracle.py). The files are those named below, which are
the ones the mission names and such as exercise some rule; --all takes every dynamic ELF64 x86-64
file of this machine. Files are given to elfleft in batches, so that what it keeps from one process
to the next is tested too.

Where ld.so itself gives up on the way (a static TLS block that is too large), what it had bound
until then must be among what elfleft binds; such files are counted apart.

Known differences stand in tests/truth/binding-differences.tsv, each with its reason. Exit status:
0 all equal, 1 otherwise.

usage: binding.py [--driver FILE] [--all] [--sample N] [-v] [PATH...]"""
import argparse
import collections
import glob
import multiprocessing
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import loader  # noqa: E402
import oracle  # noqa: E402

KNOWN = os.path.join(HERE, os.pardir, "truth", "binding-differences.tsv")
BATCH = 16
LEAST_FILES = 30
LIBRARIES = "/usr/lib/x86_64-linux-gnu/"
NAMED = [
    "/usr/bin/ffmpeg", "/usr/bin/git", "/usr/bin/gdb", "/usr/bin/python3", "/usr/bin/perl",
    "/usr/bin/bash", "/usr/bin/ls", "/usr/bin/ssh", "/usr/bin/curl", "/usr/bin/gpg",
    "/usr/bin/vim*",
    "/usr/bin/gcc", "/usr/bin/ld.bfd", "/usr/bin/clang-14", "/usr/bin/dpkg", "/usr/bin/apt",
    "/usr/bin/systemctl", "/usr/bin/psql", "/usr/bin/sqlite3", "/usr/bin/cmake", "/usr/bin/tar",
    "/usr/sbin/sshd", "/usr/bin/gs", "/usr/bin/lua*", "/usr/bin/ruby*", "/usr/bin/nvim",
    LIBRARIES + "libtorch_cpu.so.1.13", LIBRARIES + "libtorch.so.1.13",
    LIBRARIES + "libstdc++.so.6", LIBRARIES + "libc.so.6", LIBRARIES + "libm.so.6",
    LIBRARIES + "libgdal.so.*", LIBRARIES + "libpoppler.so.*", LIBRARIES + "libavcodec.so.*",
    LIBRARIES + "libavfilter.so.*", LIBRARIES + "libQt5Core.so.5", LIBRARIES + "libLLVM-14.so.1",
    LIBRARIES + "libclang-cpp.so.14", LIBRARIES + "libpython3.11.so.1.0",
    LIBRARIES + "libreadline.so.8", LIBRARIES + "libgtk-3.so.0", LIBRARIES + "libcrypto.so.3",
    LIBRARIES + "libopencv_core.so.*", LIBRARIES + "libmpi.so.*", LIBRARIES + "libgfortran.so.5",
    LIBRARIES + "libasan.so.*", LIBRARIES + "libGL.so.1", LIBRARIES + "libfftw3.so.3",
]
CUDA = ["libcudnn.so.9", "libcudnn_graph.so.9", "libcublas.so.*", "libcudart.so.*", "libnccl.so.2",
        "libcufft.so.*"]


def named_files():
    patterns = NAMED + [os.path.join(loader.cuda_directory() or "/nonexistent", name)
                        for name in CUDA]
    found = {os.path.realpath(path) for pattern in patterns for path in glob.glob(pattern)}
    return sorted(path for path in found if not loader.classify(path)[1])


def compare_one(path, ours, rest):
    """(path, reason skipped or None, difference lines, (bindings equal, all), stopped)"""
    directory = os.path.dirname(path)
    try:
        real = oracle.bindings(path, directory, program=loader.classify(path)[0])
    except (oracle.Unsafe, OSError, subprocess.TimeoutExpired) as error:
        return path, "ld.so not run: %r" % error, [], (0, 0), None
    if real.fatal and "not a dynamic executable" in real.fatal:
        return path, "ld.so: not dynamic", [], (0, 0), None
    lines = oracle.binding_differences(real, ours)
    if not real.fatal:
        lines += oracle.count_differences(real, ours, rest, directory)
    equal = len(real.bound & ours.bound)
    counts = (equal, len(real.bound) if real.fatal else len(real.bound | ours.bound))
    return path, None, lines, counts, real.fatal


def compare(job):
    paths, driver = job
    try:
        answers = oracle.our_bindings(driver, paths, "/")
    except (ValueError, OSError, subprocess.TimeoutExpired) as error:
        return [(path, None, ["elfleft: %s" % error], (0, 1), None) for path in paths]
    if [path for path, _, _ in answers] != paths:
        return [(path, None, ["elfleft: no answer"], (0, 1), None) for path in paths]
    return [compare_one(*answer) for answer in answers]


def known_differences():
    ret = {}
    with open(KNOWN, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                path, reason = line.rstrip("\n").split("\t", 1)
                ret[path] = reason
    return ret


def report(results, known, verbose):
    counts, skipped = collections.Counter(), collections.Counter()
    for path, reason, lines, bindings, stopped in results:
        if reason:
            skipped[reason] += 1
            continue
        counts["files"] += 1
        counts["bound_equal"] += bindings[0]
        counts["bound"] += bindings[1]
        if stopped:
            counts["stopped"] += 1
            print("%s: ld.so stopped: %s" % (path, stopped[:200]))
        if not lines:
            counts["equal"] += 1
            if path in known:
                counts["stale"] += 1
                print("%s: equal now, but listed in binding-differences.tsv" % path)
            continue
        counts["known" if path in known else "different"] += 1
        print("%s%s" % (path, " (known: %s)" % known[path] if path in known else ""))
        for line in lines if verbose else lines[:6]:
            print("    " + line[:400])
        if len(lines) > 6 and not verbose:
            print("    ... %d in all" % len(lines))
        sys.stdout.flush()
    return counts, skipped


def files_to_compare(options):
    if options.paths:
        paths = [path for top in options.paths
                 for path in (loader.files_below([top]) if os.path.isdir(top)
                              else [os.path.realpath(top)])]
    elif options.all:
        paths = list(loader.files_below(["/usr"] + ([loader.cuda_directory()]
                                                    if loader.cuda_directory() else [])))
    else:
        paths = named_files()
    skipped = collections.Counter()
    files = []
    for path in dict.fromkeys(paths):
        reason = loader.classify(path)[1]
        if reason:
            skipped[reason] += 1
        else:
            files.append(path)
    return files[::options.sample], skipped


def main():
    parser = argparse.ArgumentParser(description="elfleft's bindings against ld.so's")
    parser.add_argument("--driver", default=os.path.join(HERE, os.pardir, os.pardir, "build",
                                                         "unit", "bind_driver"))
    parser.add_argument("--all", action="store_true", help="every file below /usr")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th file only")
    parser.add_argument("-v", "--verbose", action="store_true", help="every difference in full")
    parser.add_argument("paths", nargs="*", metavar="PATH")
    options = parser.parse_args()
    driver = os.path.realpath(options.driver)
    if not os.access(driver, os.X_OK):
        print("binding: no %s" % driver)
        return 1
    start = time.monotonic()
    files, unfit = files_to_compare(options)
    jobs = [(files[i:i + BATCH], driver) for i in range(0, len(files), BATCH)]
    with multiprocessing.Pool(os.cpu_count()) as pool:
        results = (result for batch in pool.imap(compare, jobs) for result in batch)
        counts, skipped = report(results, known_differences(), options.verbose)
    for reason, count in sorted((skipped + unfit).items()):
        print("skipped: %d %s" % (count, reason))
    print("%.0f s%s" % (time.monotonic() - start, ", ld.so stopped on the way: %d" %
                        counts["stopped"] if counts["stopped"] else ""))
    if counts["known"]:
        print("known differences: %d" % counts["known"])
    print("bindings: %d / %d equal" % (counts["bound_equal"], counts["bound"]))
    print("binding: %d / %d files equal" % (counts["equal"], counts["files"]))
    few = not options.paths and counts["files"] < LEAST_FILES
    if few:
        print("fewer than %d files: install ffmpeg, libtorch1.13, gdb" % LEAST_FILES)
    return 1 if counts["different"] or counts["stale"] or few else 0


if __name__ == "__main__":
    sys.exit(main())
