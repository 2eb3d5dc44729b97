#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes every loader case below a directory, and cases.json beside them for the tests to read.

usage: build.py DIRECTORY [NAME...]      (names: only these; cases.json lists only them)"""
import json
import multiprocessing
import os
import shutil
import sys

import recipe
# Each import registers its cases.
import cases_search  # noqa: F401
import cases_tokens  # noqa: F401
import cases_names  # noqa: F401
import cases_requests  # noqa: F401
import cases_candidates  # noqa: F401
import cases_hwcaps  # noqa: F401
import cases_roots  # noqa: F401
import cases_binding_scope  # noqa: F401
import cases_binding_symbols  # noqa: F401
import cases_binding_versions  # noqa: F401


def make(job):
    function, directory, objects = job
    name = function.__name__
    case = recipe.Case(name, function.__doc__, os.path.join(directory, name), objects)
    if os.path.isdir(case.dir):
        shutil.rmtree(case.dir)
    os.makedirs(case.dir)
    record = case.record()
    try:
        function(case)
        record["runs"], record["bindings"] = case.runs, case.bindings
    except recipe.Skip as reason:
        print("test-binaries: %s SKIPPED: %s" % (name, reason), file=sys.stderr)
        record["skipped"] = str(reason)
    case.text("README", case.proves + "\n")
    return record


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    directory = os.path.realpath(sys.argv[1])
    objects = os.path.join(directory, ".objects")
    shutil.rmtree(objects, ignore_errors=True)
    recipe.make_objects(objects)
    wanted = set(sys.argv[2:])
    functions = [f for f in recipe.CASES if not wanted or f.__name__ in wanted]
    names = [f.__name__ for f in functions]
    if len(set(names)) != len(names):
        sys.exit("test-binaries: two cases of one name")
    with multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool:
        records = pool.map(make, [(f, directory, objects) for f in functions], chunksize=4)
    with open(os.path.join(directory, "cases.json"), "w", encoding="utf-8") as file:
        json.dump(records, file, indent=1)
        file.write("\n")
    skipped = sum("skipped" in record for record in records)
    print("test-binaries: %d cases, %d runs, %d cases skipped" % (
        len(records), sum(len(record["runs"] + record["bindings"]) for record in records), skipped))


if __name__ == "__main__":
    main()
