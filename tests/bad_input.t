#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hostile, broken and odd input: each costs itself only. For every case: the run ends in time, the
exit status is right, the diagnostic has its code, file and offset, and the good file named in the
same run is still reported.

usage: bad_input.t [NAME...]"""
import glob
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import badfile  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
SECONDS = 60  # what spins is stopped by its own limit, later where the machine is busy
OK, TROUBLE = 0, 2
NOBODY = 65534
# C0 without tab and line feed, DEL, and C1 in UTF-8.
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


class Run:
    """One run of elfleft; report is its JSON, when it was asked for and is well-formed."""

    def __init__(self, *words, user=None, environment=None):
        self.words = words
        try:
            done = subprocess.run([ELFLEFT, *words], capture_output=True, timeout=SECONDS,
                                  env=environment or {}, user=user, check=False,
                                  stdin=subprocess.DEVNULL)
            self.status, self.output, self.errors = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as late:
            self.status, self.output, self.errors = "late", late.stdout or b"", b"timed out"
        try:
            self.report = json.loads(self.output.decode(errors="surrogateescape"))
        except ValueError:
            self.report = None
        if not isinstance(self.report, dict) or "diagnostics" not in self.report:
            self.report = None

    def diagnostics(self, file):
        found = self.report["diagnostics"] if self.report else []
        return [item for item in found if item.get("file") == file]

    def notes(self):
        shown = self.report["diagnostics"] if self.report else "no JSON"
        return ["status %s; diagnostics %s" % (self.status, shown),
                self.errors.decode(errors="replace")[:600]]


class Cases:
    """The working directory, the good library, and the assertions."""

    def __init__(self, test, directory):
        self.test, self.directory = test, directory
        self.count = 0
        self.base = badfile.build(directory)
        self.good = self.path("libgood.so")
        shutil.copyfile(self.base, self.good)

    def path(self, name):
        return os.path.join(self.directory, name)

    def wanted(self, name):
        return not sys.argv[1:] or name in sys.argv[1:]

    def good_is_there(self, run):
        files = {item["path"]: item for item in (run.report or {}).get("files", [])}
        return self.good in files and files[self.good]["needed"] == ["libc.so.6"]

    def scan(self, name, bad, status, codes, offsets=None, options=(), **keywords):
        """Scans bad beside the good file. codes: one of them must be there for bad; an empty set:
        no diagnostic may be. offsets: one diagnostic with such a code must name one of them."""
        if not self.wanted(name):
            return None
        run = Run("scan", "-f", "json", *options, "--", bad, self.good, **keywords)
        found = [item for item in run.diagnostics(bad) if item["code"] in codes]
        passed = (run.status == status and run.report is not None and self.good_is_there(run)
                  and bool(found) == bool(codes)
                  and run.report.get("complete") == (status == OK))
        if not codes:
            passed = passed and not run.diagnostics(bad)
        notes = ["expected status %s, codes %s, offsets %s; good file there: %s" % (
            status, sorted(codes), offsets, self.good_is_there(run))] + run.notes()
        if offsets:
            passed = passed and any(item.get("offset") in offsets for item in found)
        self.test.ok(passed, name, notes)
        return run


def files_that_are_no_elf(cases):
    cases.scan("missing file", cases.path("none"), TROUBLE, {"EL0001"})
    os.mkdir(cases.path("empty.d"))
    cases.scan("directory without any file", cases.path("empty.d"), TROUBLE, {"EL0004"})
    os.mkdir(cases.path("texts.d"))
    with open(cases.path("texts.d/text"), "w") as file:
        file.write("Neither a program nor a script.\n" * 100)
    cases.scan("directory without ELF", cases.path("texts.d"), TROUBLE, {"EL0004"})
    companion = cases.path("companion.d/libx.debug")
    os.mkdir(cases.path("companion.d"))
    subprocess.run(["objcopy", "--only-keep-debug", ELFLEFT, companion], check=True)
    cases.scan("debug half of a program", companion, OK, {"EL0111"})
    cases.scan("text file", cases.path("texts.d/text"), TROUBLE, {"EL0003"})
    open(cases.path("empty"), "wb").close()
    cases.scan("empty file", cases.path("empty"), TROUBLE, {"EL0003"})
    for size in (1, 4, 15, 16, 63):
        path = cases.path("short%d" % size)
        with open(cases.base, "rb") as source, open(path, "wb") as file:
            file.write(source.read(size))
        cases.scan("first %d bytes of an ELF file" % size, path, TROUBLE,
                   {"EL0003"} if size < 4 else {"EL0101", "EL0102"})
    os.mkfifo(cases.path("fifo"))
    cases.scan("FIFO", cases.path("fifo"), OK, {"EL0007"})
    os.mkdir(cases.path("fifo.d"))
    os.mkfifo(cases.path("fifo.d/fifo"))
    shutil.copyfile(cases.base, cases.path("fifo.d/libx.so"))
    cases.scan("FIFO in a directory", cases.path("fifo.d"), OK, set())
    cases.scan("device", "/dev/null", OK, {"EL0007"})


def links(cases):
    os.symlink("loop", cases.path("loop"))
    cases.scan("symbolic link to itself", cases.path("loop"), TROUBLE, {"EL0006"})
    os.symlink("loop2", cases.path("loop1"))
    os.symlink("loop1", cases.path("loop2"))
    cases.scan("two links in a circle", cases.path("loop1"), TROUBLE, {"EL0006"})
    os.symlink("nowhere", cases.path("dangling"))
    cases.scan("dangling link", cases.path("dangling"), TROUBLE, {"EL0001"})
    os.mkdir(cases.path("self.d"))
    shutil.copyfile(cases.base, cases.path("self.d/libx.so"))
    os.symlink(".", cases.path("self.d/again"))
    cases.scan("directory with a link to itself", cases.path("self.d"), OK, set())
    leaving_the_root(cases)


def leaving_the_root(cases):
    """Inside a root, a link upwards or to an absolute path may only lead into the root."""
    root = cases.path("root")
    os.makedirs(os.path.join(root, "lib"))
    shutil.copyfile(cases.base, os.path.join(root, "lib/libgood.so"))
    shutil.copyfile(cases.base, cases.path("outside.so"))
    os.symlink("../../outside.so", os.path.join(root, "lib/relative.so"))
    os.symlink(cases.path("outside.so"), os.path.join(root, "lib/absolute.so"))
    for name in ("relative", "absolute"):
        run = Run("scan", "-f", "json", "--root", root, "--", "/lib/%s.so" % name,
                  "/lib/libgood.so")
        codes = {item["code"] for item in run.diagnostics("/lib/%s.so" % name)}
        paths = [item["path"] for item in (run.report or {}).get("files", [])]
        cases.test.ok(run.status == TROUBLE and codes & {"EL0001", "EL0005"}
                      and "/lib/libgood.so" in paths and not any("outside" in p for p in paths),
                      "%s link that leaves the root" % name, run.notes() + paths)


def unreadable(cases):
    path = cases.path("unreadable.so")
    shutil.copyfile(cases.base, path)
    os.chmod(path, 0)
    if os.geteuid() != 0:
        cases.scan("unreadable file", path, TROUBLE, {"EL0002"})
        return
    os.chmod(cases.directory, 0o755)
    try:
        subprocess.run([ELFLEFT, "--version"], user=NOBODY, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        cases.test.skip("unreadable file", "user %d cannot run %s" % (NOBODY, ELFLEFT))
        return
    cases.scan("unreadable file", path, TROUBLE, {"EL0002"}, user=NOBODY)


def truncations(cases):
    """All truncations in steps of 64 bytes: one scan of all of them, and some alone."""
    size = os.path.getsize(cases.base)
    with open(cases.base, "rb") as file:
        content = file.read()
    directory = cases.path("cut.d")
    os.mkdir(directory)
    lengths = list(range(64, size, 64))
    for length in lengths:
        with open(os.path.join(directory, "cut%06d.so" % length), "wb") as file:
            file.write(content[:length])
    run = cases.scan("truncated at each of %d places" % len(lengths), directory, TROUBLE, set())
    if run is None or run.report is None:
        return
    silent, unplaced = [], []
    for length in lengths:
        found = run.diagnostics(os.path.join(directory, "cut%06d.so" % length))
        if not found:
            silent.append(length)
        elif not any(item.get("offset") is not None for item in found):
            unplaced.append(length)
    cases.test.ok(not silent, "every truncation has a diagnostic", ["none: %s" % silent])
    cases.test.ok(not unplaced, "every truncation has an offset", ["none: %s" % unplaced])
    crashed = [item for item in run.report["diagnostics"] if item["code"].startswith("EL02")
               and item["code"] != "EL0205"]
    cases.test.ok(not crashed, "no truncation breaks its reader", crashed)
    for length in lengths[::len(lengths) // 8]:
        path = os.path.join(directory, "cut%06d.so" % length)
        alone = Run("tree", "-f", "json", "--", path)
        cases.test.ok(alone.status in (OK, TROUBLE) and alone.report is not None,
                      "tree of the first %d bytes" % length, alone.notes())


MUTATIONS = (
    # mutation, status, codes of which one must be there
    (badfile.section_table_past_end, OK, {"EL0104"}),
    (badfile.section_count_too_large, OK, {"EL0104"}),
    (badfile.program_headers_past_end, TROUBLE, {"EL0101", "EL0102", "EL0103"}),
    (badfile.program_header_offset_wraps, TROUBLE, {"EL0101", "EL0102", "EL0103"}),
    (badfile.program_header_count_too_large, TROUBLE, {"EL0101", "EL0102", "EL0103"}),
    (badfile.segment_past_end, TROUBLE, {"EL0101", "EL0103", "EL0105"}),
    (badfile.segment_size_wraps, TROUBLE, {"EL0101", "EL0103"}),
    (badfile.unknown_class, TROUBLE, {"EL0102"}),
    (badfile.unknown_encoding, TROUBLE, {"EL0102"}),
    (badfile.program_header_size_zero, TROUBLE, {"EL0102"}),
    (badfile.string_table_outside, TROUBLE, {"EL0105"}),
    (badfile.string_table_empty, TROUBLE, {"EL0105", "EL0106"}),
    (badfile.needed_outside_strings, TROUBLE, {"EL0106"}),
    (badfile.soname_outside_strings, TROUBLE, {"EL0106"}),
    (badfile.hash_count_16_million, TROUBLE, {"EL0107"}),
    (badfile.gnu_hash_bucket_16_million, TROUBLE, {"EL0107"}),
    (badfile.gnu_hash_bucket_count_16_million, TROUBLE, {"EL0107"}),
    (badfile.version_needs_in_a_circle, TROUBLE, {"EL0108"}),
    (badfile.relocations_outside, TROUBLE, {"EL0109"}),
    (badfile.note_size_wraps, OK, {"EL0110"}),
)


def mutations(cases):
    for mutation, status, codes in MUTATIONS:
        copy = badfile.Copy(cases.base)
        offsets = mutation(copy)
        path = cases.path(mutation.__name__ + ".so")
        copy.write(path)
        cases.scan(mutation.__name__.replace("_", " "), path, status, codes, offsets)
    copy = badfile.Copy(cases.base)
    badfile.symbol_section_16_million(copy)
    path = cases.path("symbol_section_16_million.so")
    copy.write(path)
    # Section headers do not decide what is loaded: either it is not looked at or it is reported.
    run = Run("scan", "-f", "json", "--", path, cases.good)
    codes = {item["code"] for item in run.diagnostics(path)}
    cases.test.ok(run.status in (OK, TROUBLE) and cases.good_is_there(run)
                  and codes <= {"EL0101", "EL0104", "EL0107"}, "symbol section of 16 million",
                  run.notes())


def names(cases):
    directory = cases.path("names.d")
    os.mkdir(directory)
    long_name = "lib" + "x" * 5000 + ".so"
    path = badfile.build(directory, name="liblong.so", needed=[long_name])
    run = cases.scan("DT_NEEDED of 5,000 bytes", path, OK, {"EL0401"})
    if run and run.report:
        needed = [item.get("needed") for item in run.report["files"] if item["path"] == path]
        words = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True,
                               check=True).stdout
        expected = re.findall(r"\(NEEDED\).*\[(.*)\]", words)
        cases.test.ok(long_name in expected, "readelf sees the long name")
        cases.test.equal(needed, [expected], "the long name is reported whole")
    first = badfile.build(directory, soname="libfirst.so", name="libfirst.so",
                          needed=["libsecond.so"], flags=["-Wl,-rpath,$ORIGIN"])
    badfile.build(directory, soname="libsecond.so", name="libsecond.so",
                  needed=["libfirst.so"], flags=["-Wl,-rpath,$ORIGIN"])
    cases.scan("DT_NEEDED in a circle", first, OK, set())
    circle = Run("tree", "-f", "json", "--", first)
    cases.test.ok(circle.status == OK and circle.report is not None, "tree of a circle",
                  circle.notes())
    escapes(cases, directory)


def escapes(cases, directory):
    """Names from files must not reach a terminal as they are."""
    soname = "lib\x1b]0;title\x07.so"
    needed = ["lib\x1b[31mred\x9b2J.so", "libbell\x07\x08\r.so", "lib\nnewline: error.so"]
    path = badfile.build(directory, soname=soname, name="lib\x1b[2Jclear\n.so", needed=needed)
    for words in (("scan",), ("tree",), ("tree", "--no-bindings", "-v"), ("scan", "-v")):
        files = (path, cases.good) if words[0] == "scan" else (path,)
        run = Run(*words, "-f", "text", "--", *files)
        both = run.output + run.errors
        found = CONTROL.findall(both)
        cases.test.ok(run.status == OK and not found and len(run.output) > 100,
                      "no control byte in the text of %s" % " ".join(words),
                      ["status %s, found %r" % (run.status, found[:5])])
        cases.test.ok(b"\nnewline: error" not in both,
                      "no line made up by a name in the text of %s" % " ".join(words))
    run = Run("tree", "-f", "json", "--", path)
    named = [edge["name"] for edge in (run.report or {}).get("edges", [])]
    cases.test.ok(set(needed) <= set(named), "JSON keeps such names as they are",
                  run.notes() + named)


FAULTS = (
    ("abort", {"EL0201"}),
    ("spin", {"EL0202"}),
    ("shrink", {"EL0009", "EL0201"}),
    ("allocate", {"EL0203"}),
    ("syscall", {"EL0201"}),
    ("garbage", {"EL0204"}),
)


def shrink_when_mapped(path):
    """Cuts the file once a reader has it mapped, so that the reader falls behind its end."""
    def watch():
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for maps in glob.glob("/proc/[0-9]*/maps"):
                try:
                    with open(maps, encoding="utf-8", errors="replace") as file:
                        if path in file.read():
                            os.truncate(path, 64)
                            return
                except OSError:
                    continue
            time.sleep(0.02)
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def worker_faults(cases):
    """A reader that dies costs its file. The hook sleeps without the variable."""
    header = struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 3, 62, 1, 0, 0, 0, 0,
                         64, 56, 0, 64, 0, 0)
    for fault, codes in FAULTS:
        path = cases.path("fault-%s.so" % fault)
        with open(path, "wb") as file:
            file.write(header + b"ELFLEFT-FAULT " + fault.encode() + b"\n" + bytes(8192))
        if fault == "shrink":
            shrink_when_mapped(path)
        cases.scan("reader fault: %s" % fault, path, TROUBLE, codes,
                   environment={"ELFLEFT_TEST_HOOKS": "1"})
    path = cases.path("fault-abort.so")
    run = Run("scan", "-f", "json", "--", path, cases.good)
    codes = {item["code"] for item in run.diagnostics(path)}
    cases.test.ok(not codes & {"EL0201", "EL0202", "EL0203", "EL0204"} and cases.good_is_there(run),
                  "the hook does nothing without ELFLEFT_TEST_HOOKS", run.notes())
    everything = [cases.path("fault-%s.so" % fault) for fault, _ in FAULTS]
    os.truncate(cases.path("fault-shrink.so"), 0)
    with open(cases.path("fault-shrink.so"), "wb") as file:
        file.write(header + b"ELFLEFT-FAULT shrink\n" + bytes(8192))
    shrink_when_mapped(cases.path("fault-shrink.so"))
    run = Run("scan", "-j", "2", "-f", "json", "--", *everything, cases.good,
              environment={"ELFLEFT_TEST_HOOKS": "1"})
    reported = [path for path, (_, codes) in zip(everything, FAULTS)
                if any(item["code"] in codes for item in run.diagnostics(path))]
    cases.test.ok(run.status == TROUBLE and reported == everything and cases.good_is_there(run),
                  "all reader faults in one run", run.notes())


def main():
    if not os.access(ELFLEFT, os.X_OK):
        tap.skip_all("no %s" % ELFLEFT)
    test = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="elfleft-bad-") as directory:
        cases = Cases(test, os.path.realpath(directory))
        for group in (files_that_are_no_elf, links, unreadable, truncations, mutations, names,
                      worker_faults):
            group(cases)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
