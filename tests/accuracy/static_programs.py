#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's own programs with static parts against tests/truth/static-programs.tsv.

Downloads the packages named there (of the release that apt knows) into the cache, scans each file
with the index given, and compares the source packages of what is found inside with the truth. What
the index does not have cannot be found: such rows are counted apart. The compiler's own archives are
not scored, and neither is a file's own project.

usage: static_programs.py [--index FILE] [--elfleft FILE] [--precision P] [--recall R]"""
import argparse
import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import archives  # noqa: E402
import indexes  # noqa: E402
import rates  # noqa: E402

TRUTH = os.path.join(HERE, os.pardir, "truth", "static-programs.tsv")
# Components of the compiler: in nearly every program, scored nowhere.
COMPILER = ("gcc-",)


def truth():
    """(package, file) -> {component: yes, no or unsure}."""
    rows = collections.defaultdict(dict)
    with open(TRUTH, encoding="utf-8") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if not line.startswith("#") and fields[0] != "package":
                rows[fields[0], fields[2]][fields[3]] = fields[4]
    return rows


def inside(options, path):
    """Source package -> what is said of each component found in a file."""
    done = subprocess.run([options.elfleft, "scan", "-q", "-f", "json", "--tiers", "link,code",
                           *[word for index in options.index for word in ("--index", index)],
                           path], stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout)
    components = {one["id"]: one for one in report["components"]}
    found = {}
    for edge in report["edges"]:
        if edge["inside"]:
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--index", action="append", default=[])
    parser.add_argument("--precision", type=float, default=0.98)
    parser.add_argument("--recall", type=float, default=0.97)
    options = parser.parse_args()
    options.index = options.index or [path for path in [indexes.default()] if path]
    if not options.index:
        print("static programs: skipped, no index: run make index")
        return 0
    counts, known = collections.Counter(), known_sources(options)
    folders = archives.fetch(sorted({package for package, _ in truth()}), "amd64")
    for (package, file), rows in truth().items():
        path = os.path.join(folders.get(package, ""), file)
        if package not in folders or not os.path.exists(path):
            print("%s: %s is not here" % (package, file))
            continue
        found, coverage = inside(options, path)
        print("%s: %s, %d %% of the code explained" % (
            package, file, 100 * coverage["function_bytes_explained"] //
            max(1, coverage["function_bytes"])))
        for source, said in sorted(found.items()):
            verdict = "compiler" if source.startswith(COMPILER) else rows.get(source, "no")
            counts["claimed, " + verdict] += 1
            print("  %-9s %s: %s" % (verdict if verdict != "no" else "FALSE", source,
                                     describe(said)))
        for source, verdict in rows.items():
            if verdict != "yes" or source in found or source.startswith(COMPILER):
                continue
            counts["missed" if source in known else "not in the index"] += 1
            print("  %-9s %s%s" % ("MISSED", source,
                                   "" if source in known else " (not in the index)"))
    right, wrong, missed = counts["claimed, yes"], counts["claimed, no"], counts["missed"]
    print(rates.rate("precision", right, right + wrong))
    print(rates.rate("recall of what the index has", right, right + missed))
    print("not in the index: %d; unsure in the truth and claimed: %d" % (
        counts["not in the index"], counts["claimed, unsure"]))
    return 0 if right >= options.precision * (right + wrong) and \
        right >= options.recall * (right + missed) else 1


if __name__ == "__main__":
    sys.exit(main())
