#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Symbols that are kept beside a stripped program give starts and names of its functions, and each
function knows which source that was; what does not belong to the program or is damaged is told and
changes nothing."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, "test-binaries")]
import debug_cases  # noqa: E402
import tap  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
ELFLEFT = os.environ.get("ELFLEFT", "build/elfleft")
CC = os.environ.get("CC", "gcc").split()
SYMTAB, GAP, MINIDEBUG, DEBUG_FILE = 1, 8, 16, 32


def dump(path, *options):
    """Functions by address: (sources, size, strict, name); and what was said of the file."""
    done = subprocess.run([os.path.join(BUILD, "tools", "functions_dump"), *options, path],
                          capture_output=True, text=True, check=True)
    functions = {}
    for line in done.stdout.splitlines():
        words = line.split("\t")
        functions[int(words[2], 16)] = (int(words[4], 16), words[3], words[10], words[12])
    return functions, done.stderr


def named(functions):
    return {name: (address, size, strict) for address, (_, size, strict, name)
            in functions.items() if name in debug_cases.NAMES}


def check_source(test, full, path, source, what, *options):
    functions, said = dump(path, *options)
    test.equal(named(functions), named(full), what + ": the functions of the full file")
    test.ok(all(functions[address][0] & source for address, _, _ in named(functions).values()),
            what + ": each says where it is known from")
    test.equal(said, "", what + ": nothing is wrong")


def check_rejected(test, plain, path, words, what, *options):
    functions, said = dump(path, *options)
    test.ok(words in said, "%s: said" % what, [said])
    test.equal(functions, plain, "%s: nothing is taken from it" % what)


def scan(root, path, tiers="link,code,debug"):
    done = subprocess.run([ELFLEFT, "scan", "-q", "-f", "json", "--tiers", tiers, "--root", root, path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return [one for one in json.loads(done.stdout)["diagnostics"] if one["code"] == "EL0123"]


def check_root(test, folder, paths):
    """A scan finds the debug file by the build-id, inside the root."""
    root = os.path.join(folder, "root")
    place = os.path.join(root, "usr/lib/debug/.build-id/ab")
    os.makedirs(place)
    shutil.copy(paths["stripped"], os.path.join(root, "program"))
    debug = os.path.join(place, "ab" * 19 + ".debug")
    shutil.copy(paths["debug"], debug)
    test.equal(scan(root, "/program"), [], "the debug file of a root is taken")
    shutil.copy(paths["other"], debug)
    found = scan(root, "/program")
    test.ok(len(found) == 1 and "cd" * 20 in found[0]["message"],
            "one of another build-id is not", [str(found)])
    os.unlink(debug)
    shutil.copy(paths["other"], folder)
    outside = os.path.join(folder, os.path.basename(paths["other"]))
    os.symlink(os.path.relpath(outside, place), debug)
    test.ok(os.path.samefile(debug, outside), "a link out of the root is there")
    test.equal(scan(root, "/program"), [], "and no path leads out of the root")
    shutil.copy(paths["full"], os.path.join(root, "program"))
    os.unlink(debug)
    shutil.copy(paths["other"], debug)
    test.equal(scan(root, "/program", "link,code"), [], "a file with symbols needs no other")
    test.equal(len(scan(root, "/program", "link,debug")), 1, "one without debug information does")


def main():
    test = tap.Tap()
    if not all(shutil.which(tool) for tool in ("objcopy", "strip")):
        tap.skip_all("no binutils")
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, "made")
        os.mkdir(made)
        paths = debug_cases.make(made, CC)
        full, _ = dump(paths["full"])
        plain, _ = dump(paths["stripped"])
        test.equal(set(named(full)), debug_cases.NAMES, "the full file has all functions")
        test.equal(named(plain), {}, "the stripped one names none")
        check_source(test, full, paths["mini"], MINIDEBUG, ".gnu_debugdata")
        check_source(test, full, paths["stripped"], DEBUG_FILE, "debug file", "-d", paths["debug"])
        for name, words in (("truncated", "it ends too early"), ("damaged", "it is damaged"),
                            ("no xz", "not in the xz format"), ("no elf", "no ELF magic"),
                            ("oversized", "more than 128 MiB")):
            check_rejected(test, plain, paths[name], words, name)
        check_rejected(test, plain, paths["stripped"], "its build-id is \"" + "cd" * 20,
                       "debug file of another build", "-d", paths["other"])
        check_rejected(test, plain, paths["stripped"], "separate debug file: ",
                       "a debug file that is none", "-d", os.path.join(made, "program.c"))
        check_root(test, folder, paths)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
