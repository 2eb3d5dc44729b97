#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The ways to distribute that a question started from (test-binaries/modes_cases.py), each as a root
that elfleft reads, and the answer it has to give."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.path.insert(0, os.path.join(HERE, os.pardir, "test-binaries"))
sys.dont_write_bytecode = True
import modes_cases  # noqa: E402
import roots  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))


def scan(directory, policy, options):
    done = subprocess.run([ELFLEFT, "scan", "-f", "json", "--root", directory, "--policy", policy,
                           *options], capture_output=True, timeout=120, check=False, env={})
    return json.loads(done.stdout) if done.stdout else {"error": done.stderr.decode()}


def summary(report):
    return ["%s: %s > %s: %s" % (f["rule"], f["subject"], f["provider"], f["outcomes"][-1])
            for f in report["findings"]]


def matching(report, rule, subject=None, provider=None):
    return [f for f in report["findings"] if f["rule"] == rule and
            (subject is None or subject in f["subjects"] + [f["subject"]]) and
            (provider is None or f["provider"] == provider)]


def try_case(test, case, work):
    name = case["build"].__name__
    directory = os.path.join(work, name)
    os.mkdir(directory)
    root = roots.Root(directory)
    case["build"](root)
    root.finish()
    policy = os.path.join(work, name + ".yaml")
    with open(policy, "w", encoding="utf-8") as file:
        file.write(case.get("policy", modes_cases.POLICY))
    report = scan(directory, policy, case.get("options", []))
    if not test.ok("findings" in report, name + " is read", [report]):
        return
    for rule, subject, provider, outcome in case["expect"]:
        found = matching(report, rule, subject, provider)
        test.ok(found and all(f["outcomes"][-1] == outcome and f["citation"] for f in found),
                "%s: %s of %s, %s" % (name, rule, subject, outcome), summary(report))
    for never in case["never"]:
        rule, subject = never if isinstance(never, tuple) else (never, None)
        test.ok(not matching(report, rule, subject),
                "%s: no %s%s" % (name, rule, " of " + subject if subject else ""), summary(report))
    works = {work["program"]: work["outcomes"][-1] for work in report["works"]
             if not work["plugin"]}
    for program, outcome in case["works"].items():
        test.equal(works.get(program), outcome, "%s: the work of %s" % (name, program))


def main():
    if not roots.INTERPRETER:
        tap.skip_all("no interpreter is known for this machine")
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as work:
        for case in modes_cases.CASES:
            try_case(test, case, work)
    # Each has its model, which the unit tests judge.
    models = {name[:-len(".case")].replace("-", "_") for name in
              os.listdir(os.path.join(HERE, os.pardir, "test-binaries", "modes"))}
    test.equal(models, {case["build"].__name__ for case in modes_cases.CASES},
               "every root has a model and every model a root")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
