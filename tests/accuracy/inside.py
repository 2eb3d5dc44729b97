#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is said to be inside the programs and libraries of this system, against tests/truth/inside.tsv.

Debian links dynamically: nearly every claim here would be false. Each is listed with the reason it
holds for; one that nobody has looked at fails, and so does a copyleft component that is only shared
code. Files of packages with no row must show nothing. What a toolchain or a linker's map wrote down is
its own statement: that is counted, not looked at.

usage: inside.py [--index FILE] [--elfleft FILE] [PATH ...]"""
import argparse
import collections
import fnmatch
import json
import os
import subprocess
import sys
import tempfile

TRUTH = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "truth", "inside.tsv")
COPYLEFT = ("GPL-", "Sleepycat", "MPL-", "EPL-", "CDDL-", "EUPL-")


def truth():
    rows = []
    with open(TRUTH, encoding="utf-8") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if not line.startswith("#") and fields[0] != "package":
                rows.append(fields)
    return rows


def scan(options):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([options.elfleft, "scan", "-q", "-f", "json", "-o", file.name,
                        "--tiers", "link,code",
                        *[word for index in options.index for word in ("--index", index)],
                        *options.paths], check=False)
        return json.load(file)


def judge(rows, package, component):
    for row in rows:
        if fnmatch.fnmatchcase(package, row[0]) and fnmatch.fnmatchcase(component, row[1]):
            return row[2], row[3]
    return "not looked at", ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--index", action="append", default=[])
    parser.add_argument("paths", nargs="*", default=["/usr/bin", "/usr/lib"])
    options = parser.parse_args()
    report, rows = scan(options), truth()
    files = {file["path"]: file for file in report["files"]}
    components = {one["id"]: one for one in report["components"]}
    claims, told = collections.defaultdict(list), collections.Counter()
    for edge in report["edges"]:
        if edge["inside"] and edge["inside"]["basis"] not in ("code", "texts", "symbol names"):
            told[edge["inside"]["basis"]] += 1
        elif edge["inside"] or edge["inline"]:
            owner = (files[edge["from"]]["origin"] or {}).get("component") or ""
            claims[owner.removeprefix("deb:"), edge["to"]].append(edge["from"])
    verdicts, failed = collections.Counter(), 0
    for (package, component), paths in sorted(claims.items()):
        name, licence = components[component]["name"], components[component]["licence"] or ""
        verdict, reason = judge(rows, package or os.path.basename(paths[0]), name)
        verdicts[verdict] += len(paths)
        bad = verdict == "not looked at" or (
            verdict == "shared" and any(word in licence for word in COPYLEFT))
        failed += bad
        print(f"{'FAIL ' if bad else ''}{package or 'no package'}: {component} ({licence}) "
              f"in {len(paths)} files, {paths[0]}: {verdict}{': ' + reason if reason else ''}")
    for basis, count in sorted(told.items()):
        print(f"by {basis}: {count} components, not looked at")
    looked = len(report["files"])
    print(f"inside: {looked} files, {sum(verdicts.values())} claims: "
          + ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    return 1 if failed or not looked else 0


if __name__ == "__main__":
    sys.exit(main())
