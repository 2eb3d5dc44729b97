#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The same question gives the same bytes: whatever the number of workers, the order in which the
inputs are named, and however often it is asked."""
import glob
import json
import os
import random
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
CASES = os.path.join(BUILD, "test-binaries")
# Names of cases: together all kinds of edges, missing and unusable files, and many of them.
INPUTS = ("chain_of_300", "diamond", "cycle", "breadth_first", "auxiliaries_and_filters",
          "missing_deep", "candidate_text", "candidate_wrong_machine", "hwcaps_all_levels",
          "same_file_symlink", "name_with_odd_bytes", "cache_only")


def run(*words, directory="/"):
    done = subprocess.run([ELFLEFT, *words], capture_output=True, cwd=directory, env={},
                          timeout=120, check=False)
    return done.returncode, done.stdout


def same(test, name, wanted, got):
    """Equal status and bytes; the output must also be worth comparing."""
    lines = ["status %s and %s, %d and %d bytes" % (wanted[0], got[0], len(wanted[1]),
                                                   len(got[1]))]
    first = next((number for number, (left, right) in enumerate(zip(
        wanted[1].splitlines(), got[1].splitlines()), 1) if left != right), None)
    if first:
        lines.append("first different line: %d" % first)
    test.ok(wanted == got and len(wanted[1]) > 200, name, lines)


def scans(test, form, inputs):
    shuffled = list(inputs)
    random.Random(20).shuffle(shuffled)
    wanted = run("scan", "-j", "1", "-f", form, "--", *inputs)
    for name, words in (
            ("again", ("-j", "1", "--", *inputs)),
            ("two workers", ("-j", "2", "--", *inputs)),
            ("five workers", ("-j", "5", "--", *inputs)),
            ("shuffled inputs", ("-j", "2", "--", *shuffled)),
            ("reversed inputs", ("-j", "2", "--", *reversed(inputs))),
            ("each input twice", ("-j", "2", "--", *inputs, *inputs))):
        same(test, "scan as %s: %s" % (form, name), wanted,
             run("scan", "-f", form, *words))
    same(test, "scan as %s: another directory" % form, wanted,
         run("scan", "-f", form, "--", *inputs, directory=BUILD))


def trees(test, form, file):
    for options in ((), ("--no-bindings",), ("-v",)):
        wanted = run("tree", "-j", "1", "-f", form, *options, "--", file)
        name = "tree %sas %s" % ("".join(word + " " for word in options), form)
        same(test, "%s: two workers" % name, wanted,
             run("tree", "-j", "2", "-f", form, *options, "--", file))
        same(test, "%s: again" % name, wanted, run("tree", "-f", form, *options, "--", file))


def shared(test, path):
    """A file with so much code that workers share its functions: as if one had them all."""
    dump = os.path.join(BUILD, "tools", "functions_dump")
    wanted, *got = [subprocess.run([dump, "-j", parts, path], capture_output=True, check=False)
                    for parts in ("1", "2", "3", "8")]
    lines = wanted.stdout.splitlines()
    test.ok(len(lines) > 1000 and any(line.split(b"\t")[6] != b"-" for line in lines),
            "functions to share, and fragments among them")
    test.ok(all((one.stdout, one.stderr) == (wanted.stdout, wanted.stderr) for one in got),
            "functions: in two, three and eight parts")
    wanted = run("scan", "-j", "1", "-f", "json", "--", path)
    for jobs in ("2", "3"):
        same(test, "scan of a large file: %s workers" % jobs, wanted,
             run("scan", "-j", jobs, "-f", "json", "--", path))


def shared_in_a_scan(test, path):
    """A hook of the tests ends whoever reads a second part of a file: with two workers some do."""
    copy = os.path.join(BUILD, "shared-%d.so" % os.getpid())
    with open(path, "rb") as file:
        data = bytearray(file.read())
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    struct.pack_into("<Q", data, 32, (len(data) + 7) & ~7)
    data += bytes(-len(data) % 8) + data[table:table + size * count]
    data[64:64 + 20] = b"ELFLEFT-FAULT part\n\0"
    try:
        with open(copy, "wb") as file:
            file.write(data)
        seen = []
        for jobs in ("1", "2"):
            done = subprocess.run([ELFLEFT, "scan", "-j", jobs, "-f", "json", "--tiers",
                                   "link,code", "--", copy], capture_output=True, timeout=120,
                                  env={"ELFLEFT_TEST_HOOKS": "1"}, check=False)
            seen.append([one["code"] for one in json.loads(done.stdout)["diagnostics"]])
    finally:
        os.unlink(copy)
    test.ok("EL0201" not in seen[0] and seen[1].count("EL0201") == 1,
            "a scan shares a large file between two workers", [str(codes) for codes in seen])


def main():
    if not os.access(ELFLEFT, os.X_OK):
        tap.skip_all("no %s" % ELFLEFT)
    if not os.path.exists(os.path.join(CASES, "cases.json")):
        print("Bail out! no %s: run make test-binaries" % CASES)
        return 1
    test = tap.Tap()
    inputs = [os.path.join(CASES, name) for name in INPUTS] + ["/bin/ls", "/bin/tar"]
    for form in ("text", "json"):
        scans(test, form, inputs)
        trees(test, form, "/bin/tar")
        trees(test, form, os.path.join(CASES, "chain_of_300", "libmain.so"))
    large = sorted(glob.glob("/usr/lib/*/libcrypto.so.3"))
    if large:
        shared(test, large[0])
        shared_in_a_scan(test, large[0])
    else:
        test.skip("a file that workers share", "no libcrypto.so.3")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
