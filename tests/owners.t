#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Owners of real files: what elfleft says of each equals what dpkg says, asked by both spellings of
a path where /usr is merged. Every ELF file that a diversion touches is among them; and files of no
package have none.

usage: owners.t [-a]     -a: all ELF files, not a sample"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
TOPS = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/local", "/opt")
MERGED = ("/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/")
SAMPLE = 600
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


def is_elf(path):
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def elf_files():
    """Regular files, by their real paths, whose names can stand in the arguments of a program."""
    for top in TOPS:
        for directory, names, files in os.walk(top):
            names[:] = [name for name in names if name != "debug"]
            for name in files:
                path = os.path.join(directory, name)
                if os.path.realpath(path) == path and is_elf(path) and path.isprintable():
                    yield path


def spellings(path):
    """The path, and the one through the link in / that leads there."""
    short = path[len("/usr"):]
    merged = path.startswith("/usr") and short.startswith(MERGED)
    return [path] + ([short] if merged and os.path.realpath(short) == path else [])


def diversions():
    """from -> (to, package), package None for the administrator's."""
    listed = subprocess.run(["dpkg-divert", "--list"], capture_output=True, text=True, check=True,
                            env=ENVIRONMENT).stdout
    found = {}
    for line in listed.splitlines():
        match = re.match(r"(?:local )?diversion of (.*) to (.*?)(?: by (\S+))?$", line)
        if match:
            found[match.group(1)] = (match.group(2), match.group(3))
    return found


def search(paths):
    """path -> the packages whose lists hold it, each as NAME:ARCHITECTURE or NAME."""
    owners = {path: set() for path in paths}
    ordered = sorted(paths)
    for start in range(0, len(ordered), 500):
        patterns = [re.sub(r"([\[\]*?\\])", r"\\\1", path)
                    for path in ordered[start:start + 500]]
        # Its status is 1 when any path has no owner; that is an answer.
        found = subprocess.run(["dpkg-query", "-S", *patterns], capture_output=True, text=True,
                               check=False, env=ENVIRONMENT)
        for line in found.stdout.splitlines():
            packages, _, path = line.partition(": ")
            if path in owners and not packages.startswith(("diversion by ", "local diversion ")):
                owners[path].update(packages.split(", "))
    return owners


def expected_owners(paths):
    """path -> the set of packages dpkg knows as owners of what is at that path on disk."""
    diverted = diversions()
    sources = {to: (path, package) for path, (to, package) in diverted.items()}
    asked = {spelling for path in paths for spelling in spellings(path)}
    asked |= {sources[spelling][0] for spelling in asked if spelling in sources}
    listed = search(asked)
    expected = {}
    for path in paths:
        owners = set()
        for spelling in spellings(path):
            here = listed[spelling]
            if spelling in diverted:
                by = diverted[spelling][1]
                here = {owner for owner in here if owner.split(":")[0] == by}
            if spelling in sources:
                source, by = sources[spelling]
                here = here | {owner for owner in listed[source] if owner.split(":")[0] != by}
            owners |= here
        expected[path] = owners
    return expected, set(diverted) | set(sources)


def answers(paths):
    """path -> the component elfleft names, or None."""
    done = subprocess.run([ELFLEFT, "scan", "-f", "json", "--tiers", "link", "--no-progress", "--",
                           *paths], capture_output=True, check=False, timeout=600)
    report = json.loads(done.stdout)
    return {file["path"]: (file.get("origin") or {}).get("component") for file in report["files"]}


def same(component, owners, native):
    """Whether a component id names one of dpkg's owners, or rightly none of its packages."""
    if not (component or "").startswith("deb:"):
        return not owners
    names = {owner.replace(":" + native, "") for owner in owners}
    return component[len("deb:"):] in names


def main():
    if not os.path.exists("/var/lib/dpkg/status"):
        tap.skip_all("no dpkg database here")
    test = tap.Tap()
    native = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True,
                            check=True, env=ENVIRONMENT).stdout.strip()
    everything = sorted(elf_files())
    expected, touched = expected_owners(everything)
    step = 1 if "-a" in sys.argv[1:] else max(1, len(everything) // SAMPLE)
    chosen = [path for index, path in enumerate(everything)
              if index % step == 0 or touched & set(spellings(path)) or not expected[path]]
    found = answers(chosen)
    groups = {"listed as they are": [], "listed by another path": [], "of no package": []}
    plain = search(set(chosen))
    for path in chosen:
        group = ("of no package" if not expected[path] else "listed as they are" if plain[path]
                 else "listed by another path")
        if not (path in found and same(found[path], expected[path], native)):
            groups[group].append("%s: %s, dpkg says %s" % (
                path, found.get(path, "not in the report"), sorted(expected[path])))
        else:
            groups[group].append(None)
    for group, results in groups.items():
        wrong = [line for line in results if line]
        if results:
            test.ok(not wrong, "%d ELF files %s" % (len(results), group), wrong[:20])
        else:
            test.skip("ELF files %s" % group, "this machine has none")
    test.ok(len(chosen) >= 300, "%d files compared" % len(chosen))
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
