#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every binding case of test-binaries, asked of the real ld.so and of elfleft.

For each question: first, ld.so's answer must show what the case is about; second, elfleft must bind
the same set of (consumer, provider, symbol, version) and miss the same symbols; third, its counts
per edge and its undeclared uses must be those that follow from ld.so's set.

usage: binding_cases.t [CASE...]"""
import json
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import oracle  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DRIVER = os.path.join(BUILD, "unit", "bind_driver")
CASES = os.path.join(BUILD, "test-binaries", "cases.json")


def expectation_failures(case, run, real):
    """Where ld.so's answer is not what the recipe says."""
    def whole(row, objects):
        return tuple(oracle.absolute(name, case["dir"]) for name in row[:objects]) + tuple(
            row[objects:])
    lines = []
    for row in run["bound"]:
        if whole(row, 2) not in real.bound:
            lines.append("not bound: %s; but %s" % (row, sorted(
                found for found in real.bound if found[2] == row[2])[:8]))
    lines += ["bound: %s" % row for row in run["never"] if whole(row, 2) in real.bound]
    wanted = {whole(row, 1) for row in run["unprovided"]}
    if not run["gives_up"] and real.unprovided != wanted:
        lines.append("unprovided: %s" % sorted(real.unprovided))
    if run["says"] and run["says"] not in real.output:
        lines.append("does not say %r: %r" % (run["says"], real.output[-300:]))
    if bool(real.fatal) != run["gives_up"]:
        lines.append("gave up: %s" % real.fatal)
    return lines


def title(case, run, who):
    words = ["%s: %s %s" % (who, case["name"], run["file"])]
    words += ["--%s=%s" % (key.replace("_", "-"), run[key])
              for key in ("library_path", "preload") if run[key] is not None]
    return " ".join(words)


def examine(test, case, run):
    file = os.path.join(case["dir"], run["file"])
    real = oracle.bindings(file, case["dir"], run["library_path"], run["preload"], run["program"])
    lines = expectation_failures(case, run, real)
    test.ok(not lines, title(case, run, "ld.so"), [case["proves"]] + lines)
    try:
        [(_, ours, rest)] = oracle.our_bindings(DRIVER, [file], case["dir"], run["library_path"],
                                                run["preload"])
    except (ValueError, OSError) as error:
        test.ok(False, title(case, run, "elfleft"), [repr(error)])
        return
    lines = oracle.binding_differences(real, ours)
    if not real.fatal:
        lines += oracle.count_differences(real, ours, rest, case["dir"])
    test.ok(not lines, title(case, run, "elfleft"), [case["proves"]] + lines)


def main():
    if not os.path.exists(CASES):
        print("Bail out! no %s: run make test-binaries" % CASES)
        return 1
    if not os.access(DRIVER, os.X_OK):
        print("Bail out! no %s: run make unit" % DRIVER)
        return 1
    with open(CASES, encoding="utf-8") as file:
        cases = json.load(file)
    test = tap.Tap()
    for case in cases:
        if sys.argv[1:] and case["name"] not in sys.argv[1:]:
            continue
        if case["name"].startswith("bind_") and "skipped" in case:
            test.skip(case["name"], case["skipped"])
        for run in case["bindings"]:
            examine(test, case, run)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
