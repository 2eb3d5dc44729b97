#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's own programs with static parts against tests/truth/static-programs.tsv.

Downloads the packages named there (of the release that apt knows) into the cache, scans each file
with the index given, and compares the source packages of what is found inside with the truth. What
the index does not have cannot be found: such rows are counted apart. The compiler's own archives are
not scored, and neither is a file's own project, nor what the file itself tells of crates.

--held: programs of other releases instead, tests/truth/static-programs-held.tsv, whose packages come
from Debian's mirror, looked up in the index of debian-12 alone (make index leaves it), which has
other versions of their parts, made by another compiler. --distribution: those of one of them alone,
for example to see what the index of their own release finds.

usage: static_programs.py [--held] [--distribution NAME] [--package NAME] [--index FILE]
                          [--elfleft FILE] [--precision P] [--recall R]"""
import argparse
import collections
import csv
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import archives  # noqa: E402
import indexes  # noqa: E402
import pool  # noqa: E402
import rates  # noqa: E402

TABLES = os.path.join(HERE, os.pardir, "truth")
# The release whose index is to know programs of others, as programs that come from elsewhere.
OTHER = "debian-12"
# Precision and recall that issue 5 asks for.
OWN_RELEASE, OTHER_RELEASE = (0.98, 0.97), (0.97, 0.88)
# What an index tells; the rest are lists, paths and names, which wheel_contents.py scores.
BY_INDEX = ("code", "texts")
# Components of the compiler: in nearly every program, scored nowhere.
COMPILER = ("gcc-",)


def table(name):
    with open(os.path.join(TABLES, name), encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("# ")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def truth(name):
    """(distribution, package, file) -> {component: yes, no or unsure}."""
    rows = collections.defaultdict(dict)
    for row in table(name):
        key = row.get("distribution", ""), row["package"], row["file"]
        rows[key][row["component"]] = row["inside"]
    return rows


def folders_of(held, programs):
    """(distribution, package) -> where it is unpacked; without those that cannot be had."""
    if held:
        found = {(row["distribution"], row["package"]): pool.unpacked(row)
                 for row in table("static-packages-held.tsv")}
    else:
        names = sorted({package for _, package, _ in programs})
        found = {("", name): path for name, path in archives.fetch(names, "amd64").items()}
    return {key: path for key, path in found.items() if path}


def inside(options, path):
    """Source package -> what is said of each component found in a file."""
    done = subprocess.run([options.elfleft, "scan", "-q", "-f", "json", "--tiers", "link,code",
                           *[word for index in options.index for word in ("--index", index)],
                           path], stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout)
    components = {one["id"]: one for one in report["components"]}
    found = {}
    for edge in report["edges"]:
        if edge["inside"] and edge["inside"]["basis"] in BY_INDEX:
            component = components[edge["to"]]
            found[component["source_name"] or component["name"]] = (component, edge)
    return found, report["coverage"]


def known_sources(options):
    """Source packages the indexes have anything of."""
    names = set()
    for index in options.index:
        done = subprocess.run([options.elfleft, "index", "list", "-q", "-f", "json", index],
                              stdout=subprocess.PIPE, check=True)
        for component in json.loads(done.stdout)["components"]:
            names.add(component["name"])
            names.update(origin["source"] for origin in component.get("origins", ()))
    return names


def describe(found):
    component, edge = found
    return "%s %s (%s: %d functions, %d unique, %d bytes)" % (
        component["name"], "|".join(edge["inside"]["versions"]), edge["inside"]["confidence"],
        edge["inside"]["functions"], edge["inside"]["unique"], edge["inside"]["bytes"])


def score(found, rows, known, counts):
    """Counts and prints what is said of one file."""
    for source, said in sorted(found.items()):
        verdict = "compiler" if source.startswith(COMPILER) else rows.get(source, "no")
        counts["claimed, " + verdict] += 1
        print("  %-9s %s: %s" % (verdict if verdict != "no" else "FALSE", source, describe(said)))
    for source, verdict in rows.items():
        if verdict != "yes" or source in found or source.startswith(COMPILER):
            continue
        counts["missed" if source in known else "not in the index"] += 1
        print("  %-9s %s%s" % ("MISSED", source, "" if source in known else " (not in the index)"))


def summarise(name, counts):
    """(precision, recall), printed with their intervals."""
    right, wrong, missed = counts["claimed, yes"], counts["claimed, no"], counts["missed"]
    print(rates.rate(name + "precision", right, right + wrong))
    print(rates.rate(name + "recall of what the index has", right, right + missed))
    print("%snot in the index: %d; unsure in the truth and claimed: %d" % (
        name, counts["not in the index"], counts["claimed, unsure"]))
    return right / max(1, right + wrong), right / max(1, right + missed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--index", action="append", default=[])
    parser.add_argument("--distribution", action="append", default=[])
    parser.add_argument("--package", action="append", default=[], help="only of these")
    parser.add_argument("--precision", type=float)
    parser.add_argument("--recall", type=float)
    options = parser.parse_args()
    options.index = options.index or [path for path in [
        indexes.of(OTHER) if options.held else indexes.default()] if path]
    if not options.index:
        print("static programs: skipped, no index: run make index")
        return 0
    programs = truth("static-programs-held.tsv" if options.held else "static-programs.tsv")
    looked_at = {package for _, package, _ in truth("static-programs.tsv")} if options.held else ()
    folders, known = folders_of(options.held, programs), known_sources(options)
    counts = {group: collections.Counter() for group in ("", "packages of the other table: ",
                                                         "other packages: ")}
    for (distribution, package, file), rows in programs.items():
        if options.package and package not in options.package or \
                options.distribution and distribution not in options.distribution:
            continue
        path = os.path.join(folders.get((distribution, package), ""), file)
        if (distribution, package) not in folders or not os.path.exists(path):
            print("%s: %s is not here" % (package, file))
            continue
        found, coverage = inside(options, path)
        print("%s%s: %s, %d %% of the code explained" % (
            distribution and distribution + ", ", package, file,
            100 * coverage["function_bytes_explained"] // max(1, coverage["function_bytes"])))
        here = collections.Counter()
        score(found, rows, known, here)
        counts[""] += here
        counts["packages of the other table: " if package in looked_at
               else "other packages: "] += here
    for group in list(counts)[1:] if options.held else ():
        summarise(group, counts[group])
    precision, recall = summarise("", counts[""])
    wanted = OTHER_RELEASE if options.held else OWN_RELEASE
    return 0 if precision >= (options.precision or wanted[0]) and \
        recall >= (options.recall or wanted[1]) else 1


if __name__ == "__main__":
    sys.exit(main())
