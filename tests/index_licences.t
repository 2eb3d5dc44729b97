#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The licences of the core index against the tables: what it is built of, what else knows the same libraries."""
import fnmatch
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, "data", "index")]
import build as index_build  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
DATA = index_build.DATA
TABLES = {name: index_build.read_table(DATA / name) for name in
          ("index/projects.tsv", "index/carried.tsv", "licence-changes.tsv", "known-components.tsv")}


def origins(path):
    done = subprocess.run([ELFLEFT, "index", "list", "-f", "json", path], capture_output=True,
                          timeout=60, check=True)
    for component in json.loads(done.stdout)["components"]:
        for origin in component["origins"]:
            yield component["name"], origin


def expected(name, origin):
    """What the tables say of one origin: of members that are another project's, any of their rows."""
    package = {key: origin[key] for key in ("source", "source_version", "package", "distribution")}
    rows = index_build.manifest_rows(package, [origin["path"]], TABLES["index/projects.tsv"],
                                     TABLES["index/carried.tsv"], TABLES["licence-changes.tsv"])
    return {row["licence"] for row in rows if row["component"] == name}


def of_shared_library(archive):
    """The row of known-components.tsv for the shared library that is named like an archive."""
    for row in TABLES["known-components.tsv"]:
        name, dot, _ = row["pattern"].rpartition(".so")
        if dot and name.startswith("lib") and fnmatch.fnmatchcase(archive[:-2], name):
            yield row["licence"]


def main():
    test = tap.Tap()
    known = {row["component"]: row["licence"] for row in TABLES["known-components.tsv"]}
    test.equal([row["project"] for row in TABLES["index/projects.tsv"]
                if row["known"] and row["licence"] != known.get(row["known"])], [],
               "projects.tsv has the licences of known-components.tsv")
    core = list(origins(DATA / "index" / "core.elfidx"))
    # The machine of a toolkit's archives is not here: toolkits.tsv has them, not packages.tsv.
    told = [(name, origin["path"], origin["version"], origin["licence"]) for name, origin in core
            if origin["distribution"] and origin["licence"] not in expected(name, origin)]
    test.ok(len(core) > 500 and not told, "core.elfidx says what the tables say of each version",
            told[:20])
    with open(os.path.join(HERE, "truth", "index-differences.tsv"), encoding="utf-8") as file:
        explained = {tuple(line.split("\t")[:2]) for line in file if not line.startswith("#")}
    differ = set()
    for name, origin in core:
        archive = os.path.basename(origin["path"])
        shared = set(of_shared_library(archive)) if archive.endswith(".a") else set()
        if shared and origin["licence"] not in shared and not origin["carrier"]:
            differ.add((archive, name))
    test.equal(sorted(differ - explained), [],
               "a shared library of known-components.tsv has its archive's licence")
    test.equal(sorted(explained - differ), [], "what is explained is so")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
