#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The cases of test-binaries/musl_cases.py, asked of musl's own dynamic linker (ld-musl --list, which
runs no code of the file) and of elfleft: the same objects in the same order, the same ones missing.

usage: musl_cases.t [CASE...]"""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, "test-binaries")]
import tap  # noqa: E402
import recipe  # noqa: E402
import musl_cases  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
LD_MUSL = musl_cases.LD_MUSL
LISTED = re.compile(r"^\t(.*) => (.*) \(0x[0-9a-f]+\)$")
ERROR = re.compile(r"^Error loading shared library (.*?): .* \(needed by .*\)$")


class Answer:
    """objects: (name, path) without the interpreter; interpreter: how many stood before it in the
    list when something asked for it, or None."""

    def __init__(self):
        self.objects, self.missing, self.interpreter = [], set(), None


def absolute(path, base):
    return os.path.normpath(os.path.join(base, path))


def ask_musl(case, run):
    root = run["root"]
    base = "/" if root else case.dir
    command = [LD_MUSL, "--list"]
    for key, option in (("library_path", "--library-path"), ("preload", "--preload")):
        if run[key] is not None:
            command.append("%s=%s" % (option, run[key]))
    command.append(run["file"] if root else os.path.join(case.dir, run["file"]))

    def enter():
        os.chroot(root)
        os.chdir("/")
    done = subprocess.run(command, cwd=case.dir, env={}, capture_output=True, text=True, timeout=20,
                          check=False, preexec_fn=enter if root else None)
    answer, own = Answer(), None
    for line in done.stdout.splitlines():
        found = LISTED.match(line)
        if not found and own is None:
            own = line.strip().split(" (0x")[0]
        elif found and found.group(2) == own:
            if answer.interpreter is None:
                answer.interpreter = len(answer.objects)
        elif found:
            answer.objects.append((found.group(1), absolute(found.group(2), base)))
    if own is None:
        raise ValueError("%s: %s" % (" ".join(command), done.stderr.strip()[:300]))
    answer.missing = {found.group(1)
                      for found in map(ERROR.match, done.stderr.splitlines()) if found}
    return answer


def ask_elfleft(case, run):
    root = run["root"]
    command = [ELFLEFT, "tree", "-f", "json"]
    if root:
        command += ["--root", root]
    for key in ("library_path", "preload"):
        if run[key] is not None:
            command += ["--" + key.replace("_", "-"), run[key]]
    for bindings in ([], ["--no-bindings"]):
        done = subprocess.run(command + bindings + ["--", run["file"]], cwd=case.dir, env={},
                              capture_output=True, text=True, timeout=60, check=False)
        report = json.loads(done.stdout)
        answer = Answer()
        asked = {edge["name"] for edge in report["edges"]
                 if edge["request"] == "DT_NEEDED" and edge["rule"] == "program interpreter"}
        for entry in report["load_order"][1:]:
            if entry["request"] == "PT_INTERP":
                # Asked for by its very path it is not listed by musl.
                if asked - {entry["path"]}:
                    answer.interpreter = len(answer.objects)
            elif entry["path"]:
                answer.objects.append((entry["name"],
                                       absolute(entry["path"], "/" if root else case.dir)))
        answer.missing = set(report["unresolved"])
        yield answer, report


def recipe_failures(case, run, answer):
    base = "/" if run["root"] else case.dir
    lines = []
    for name, file in run["finds"].items():
        if dict(answer.objects).get(name) != absolute(file, base):
            lines.append("%s is not %s: %s" % (name, file, answer.objects))
    if run["missing"] is not None and answer.missing != set(run["missing"]):
        lines.append("missing: %s" % sorted(answer.missing))
    if run["order"] is not None and [name for name, _ in answer.objects] != run["order"]:
        lines.append("order: %s" % answer.objects)
    return lines


def differences(theirs, ours):
    return ["%s: musl %s, elfleft %s" % (what, left, right) for what, left, right in (
        ("objects", theirs.objects, ours.objects),
        ("missing", sorted(theirs.missing), sorted(ours.missing)),
        ("place of the C library", theirs.interpreter, ours.interpreter)) if left != right]


def title(case, run, who):
    return "%s: %s %s%s" % (who, case.name, run["file"], "".join(
        " --%s=%s" % (key, run[key][:40].replace("\n", "\\n"))
        for key in ("library_path", "preload") if run[key] is not None))


def check(test, case):
    for run in case.runs:
        if run["root"] and os.geteuid() != 0:
            test.skip(title(case, run, "musl"), "chroot needs root")
            continue
        theirs = ask_musl(case, run)
        lines = recipe_failures(case, run, theirs)
        test.ok(not lines, title(case, run, "musl"), lines)
        lines = []
        for ours, report in ask_elfleft(case, run):
            lines += differences(theirs, ours)
            if report["dialect"] != "musl":
                lines.append("dialect %s" % report["dialect"])
        test.ok(not lines, title(case, run, "elfleft"), [case.proves] + lines)


def main():
    test = tap.Tap()
    if not os.path.exists(LD_MUSL):
        test.skip("musl", "no %s: install musl" % LD_MUSL)
        return test.finish()
    top = os.path.join(BUILD, "musl-cases")
    shutil.rmtree(top, ignore_errors=True)
    objects = os.path.join(top, ".objects")
    recipe.INTERPRETER = LD_MUSL
    recipe.make_objects(objects)
    for function in musl_cases.CASES:
        name = function.__name__
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        case = recipe.Case(name, function.__doc__, os.path.join(top, name), objects)
        os.makedirs(case.dir)
        try:
            function(case)
        except recipe.Skip as reason:
            test.skip(name, str(reason))
            continue
        check(test, case)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
