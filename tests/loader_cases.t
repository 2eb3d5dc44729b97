#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every case of test-binaries, asked of the real ld.so and of elfleft.

For each run: first, ld.so's answer must show what the case is about; second, elfleft's answer must
equal ld.so's: the same objects in the same order, the same files, the same ones missing, and
giving up when ld.so gives up. A run that ld.so must not see is held to the recipe alone.

usage: loader_cases.t [CASE...]"""
import json
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import oracle  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
CASES = os.path.join(BUILD, "test-binaries", "cases.json")


def expectations(case, run):
    """The recipe's words as tests on an Answer: (text, passed, what was there)."""
    base = "/" if run["root"] else case["dir"]

    def check(answer):
        if run["fatal"]:
            yield "gives up: %s" % run["fatal"], run["fatal"] in (answer.fatal or ""), answer.fatal
        for name, file in run["finds"].items():
            wanted = oracle.absolute(file, base)
            yield "%s is %s" % (name, file), answer.path_of(name) == wanted, answer.path_of(name)
        if run["missing"] is not None:
            yield ("missing: %s" % run["missing"], answer.missing == sorted(run["missing"]),
                   answer.missing)
        if run["order"] is not None:
            names = [name for name, _ in answer.objects]
            yield "order: %s" % run["order"], names == run["order"], names
    return check


def failures(case, run, answer):
    lines = ["%s: %s" % (text, found)
             for text, passed, found in expectations(case, run)(answer) if not passed]
    if answer.fatal and not run["fatal"] and (run["finds"] or run["missing"] or run["order"]):
        lines.append("gave up: %s" % answer.fatal)
    return lines


def title(case, run, who):
    words = [case["name"], run["file"]]
    words += ["--%s=%s" % (key.replace("_", "-"), run[key])
              for key in ("library_path", "preload") if run[key] is not None]
    if run["cpu"] != "native":
        words.append("--cpu=" + run["cpu"])
    return "%s: %s" % (who, " ".join(words))


def real_answer(test, case, run):
    """ld.so's answer, or None after saying why there is none."""
    name = title(case, run, "ld.so")
    if not run["oracle"]:
        test.skip(name, "ld.so is never run on this file")
        return None
    root = run["oracle_root"]
    file = run["file"] if root else os.path.join(case["dir"], run["file"])
    try:
        answer = oracle.trace(file, "/" if root else case["dir"], run["library_path"],
                              run["preload"], run["program"], root, run["cpu"])
    except oracle.Unavailable as reason:
        test.skip(name, str(reason))
        return None
    test.ok(not failures(case, run, answer), name, failures(case, run, answer))
    return answer


def apart_failures(run, ours):
    """What DT_AUDIT and DT_DEPAUDIT lead to must stand apart from the process."""
    found = [os.path.basename(entry["path"]) for entry in ours.detail["load_order"]
             if entry["apart"] and entry["path"]]
    lines = []
    for name in run["apart"]:
        if name not in found:
            lines.append("not reported apart: %s (apart: %s)" % (name, found))
    return lines


def compare(test, case, run, real):
    name = title(case, run, "elfleft")
    file = run["file"] if run["root"] else os.path.join(case["dir"], run["file"])
    try:
        ours = oracle.ask(ELFLEFT, file, case["dir"], run["library_path"], run["preload"],
                          run["root"], run["cpu"])
    except (ValueError, KeyError, OSError) as error:
        test.ok(False, name, [repr(error)])
        return
    lines = oracle.differences(real, ours) if real else failures(case, run, ours)
    if run["apart"] is not None:
        lines += apart_failures(run, ours)
    test.ok(not lines, name, [case["proves"]] + lines)


def main():
    if not os.path.exists(CASES):
        print("Bail out! no %s: run make test-binaries" % CASES)
        return 1
    with open(CASES, encoding="utf-8") as file:
        cases = json.load(file)
    test = tap.Tap()
    with_elfleft = os.access(ELFLEFT, os.X_OK)
    if not with_elfleft:
        test.note("NO %s: only the recipes are tested against ld.so" % ELFLEFT)
    for case in cases:
        if sys.argv[1:] and case["name"] not in sys.argv[1:]:
            continue
        if "skipped" in case:
            test.skip(case["name"], case["skipped"])
            continue
        for run in case["runs"]:
            real = real_answer(test, case, run)
            if with_elfleft:
                compare(test, case, run, real)
            else:
                test.skip(title(case, run, "elfleft"), "no elfleft was built")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
