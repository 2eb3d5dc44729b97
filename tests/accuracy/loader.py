#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares elfleft's load list with that of the real ld.so for every dynamic ELF64 x86-64 file of
this machine: the same objects, in the same order, from the same files.

ld.so only traces: no target runs. A program is started through the kernel only when its interpreter
is this system's ld.so and it names no audit library; a set-user-ID program is given to ld.so as its
argument, where the bit has no effect. Nothing is cached: each file is asked about anew.

Known differences stand in tests/truth/loader-differences.tsv, each with its reason; a line there
that no longer differs is reported too. Exit status: 0 all equal, 1 otherwise.

usage: loader.py [--elfleft FILE] [--sample N] [-v] [PATH...]"""
import argparse
import collections
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import elffile  # noqa: E402
import oracle  # noqa: E402

KNOWN = os.path.join(HERE, os.pardir, "truth", "loader-differences.tsv")
SKIPPED_DIRECTORIES = ("/usr/lib/debug",)


def cuda_directory():
    """Where the CUDA toolkit's libraries are, found by its compiler as on any installation."""
    compiler = shutil.which("nvcc")
    candidates = ["/usr/local/cuda/lib64"]
    if compiler:
        candidates.insert(0, os.path.join(os.path.dirname(os.path.realpath(compiler)),
                                          os.pardir, "lib64"))
    for path in candidates:
        if os.path.isdir(path):
            return os.path.realpath(path)
    return None


def files_below(paths):
    """Regular files with ELF magic, links not followed, each file once."""
    seen = set()
    for top in paths:
        for directory, names, files in os.walk(os.path.realpath(top)):
            names[:] = sorted(name for name in names
                              if os.path.join(directory, name) not in SKIPPED_DIRECTORIES)
            for name in sorted(files):
                path = os.path.join(directory, name)
                try:
                    status = os.lstat(path)
                    key = (status.st_dev, status.st_ino)
                    if not stat.S_ISREG(status.st_mode) or status.st_size < 64 or key in seen:
                        continue
                    with open(path, "rb") as file:
                        if file.read(4) != b"\x7fELF":
                            continue
                except OSError:
                    continue
                seen.add(key)
                yield path


def classify(path):
    """(is a program, None) or (False, why the file is not compared)."""
    try:
        file = elffile.ELFFile(path)
    except (elffile.NotELF, OSError):
        return False, "not ELF64 little-endian"
    try:
        if file.machine != elffile.EM_X86_64:
            return False, "other machine"
        if file.type not in (elffile.ET_EXEC, elffile.ET_DYN):
            return False, "not linked (ET_REL, core)"
        if not file.has_dynamic:
            return False, "static, or separate debug info"
        if os.path.samefile(path, oracle.LD_SO):
            return False, "ld.so itself"
        if file.names_audit():
            return False, "DT_AUDIT"
        if file.interpreter not in (None, oracle.LD_SO):
            return False, "custom interpreter"
        special = os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID)
        return bool(file.interpreter) and not special and os.access(path, os.X_OK), None
    except (elffile.NotELF, OSError) as error:
        return False, "unreadable: %s" % error
    finally:
        file.close()


def compare(job):
    """(path, reason skipped or None, difference lines, objects compared)."""
    path, elfleft = job
    program, reason = classify(path)
    if reason:
        return path, reason, [], 0
    directory = os.path.dirname(path)
    try:
        real = oracle.trace(path, directory, program=program)
    except (oracle.Unsafe, OSError, subprocess.TimeoutExpired) as error:
        return path, "ld.so not run: %r" % error, [], 0
    if real.fatal and "not a dynamic executable" in real.fatal:
        return path, "ld.so: not dynamic", [], 0
    try:
        ours = oracle.ask(elfleft, path, directory)
    except (ValueError, KeyError, OSError, subprocess.TimeoutExpired) as error:
        return path, None, ["elfleft: %s" % str(error)[:300]], 0
    lines = oracle.differences(real, ours)
    if ours.status != 0:
        lines.append("elfleft: status %d: %s" % (ours.status, [
            item["code"] + " " + item["message"] for item in ours.detail["diagnostics"]][:3]))
    return path, None, lines, len(real.objects)


def known_differences():
    """{path: reason}"""
    ret = {}
    with open(KNOWN, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                path, reason = line.rstrip("\n").split("\t", 1)
                ret[path] = reason
    return ret


def report(results, known, verbose):
    """Prints differences as they come; returns the counts."""
    counts, skipped = collections.Counter(), collections.Counter()
    for path, reason, lines, objects in results:
        if reason:
            skipped[reason] += 1
            continue
        counts["all"] += 1
        counts["objects"] += objects
        if not lines:
            counts["equal"] += 1
            if path in known:
                counts["stale"] += 1
                print("%s: equal now, but listed in loader-differences.tsv" % path)
            continue
        counts["known" if path in known else "different"] += 1
        if path not in known or verbose:
            print("%s%s" % (path, " (known: %s)" % known[path] if path in known else ""))
            for line in lines[:8]:
                print("    " + line[:400])
            sys.stdout.flush()
    return counts, skipped


def main():
    parser = argparse.ArgumentParser(description="elfleft's load lists against ld.so's")
    parser.add_argument("--elfleft", default=os.path.join(HERE, os.pardir, os.pardir, "build",
                                                          "elfleft"))
    parser.add_argument("--sample", type=int, default=1, help="only every N-th file")
    parser.add_argument("-v", "--verbose", action="store_true", help="known differences too")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    elfleft = os.path.realpath(options.elfleft)
    if not os.access(elfleft, os.X_OK):
        print("loader: no %s" % elfleft)
        return 1
    paths = options.paths or [path for path in ("/usr", cuda_directory()) if path]
    start = time.monotonic()
    files = list(files_below(paths))[::options.sample]
    with multiprocessing.Pool(os.cpu_count()) as pool:
        counts, skipped = report(pool.imap(compare, [(path, elfleft) for path in files], 8),
                                 known_differences(), options.verbose)
    for reason, count in sorted(skipped.items()):
        print("skipped: %d %s" % (count, reason))
    print("below: %s%s; %d loaded objects compared, %.0f s" % (
        " ".join(paths), ", every %d-th file" % options.sample if options.sample > 1 else "",
        counts["objects"], time.monotonic() - start))
    if counts["known"]:
        print("known differences: %d" % counts["known"])
    print("loader: %d / %d equal" % (counts["equal"], counts["all"]))
    return 1 if counts["different"] or counts["stale"] or not counts["all"] else 0


if __name__ == "__main__":
    sys.exit(main())
