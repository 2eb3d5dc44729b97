#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Recovery of call arguments: every case of test-binaries/calls_cases.py in every build of it gives
exactly the names that are in its source, and says why where it cannot know them.

usage: calls.t [CASE...]"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, "test-binaries")]
import calls_cases  # noqa: E402
import names_cases  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DUMP = os.path.join(BUILD, "tools", "calls_dump")
PREFIXES = {"environment": "env:", "nothing": "null:", "result": "result:"}


class Record:
    """What calls_dump says of one file."""

    def __init__(self, path):
        done = subprocess.run([DUMP, path], capture_output=True, text=True, check=False,
                              errors="surrogateescape", timeout=120)
        self.status, self.errors = done.returncode, done.stderr
        self.found, self.open, self.arguments, self.families = {}, {}, {}, {}
        self.summaries, self.constants, self.coverage = set(), set(), {}
        self.lines = done.stdout.splitlines()
        callee = None
        for line in self.lines:
            words = line.split("\t")
            if words[0] == "site":
                callee = words[3]
                self.found.setdefault(callee, set())
                reasons = set() if words[6] == "-" else set(words[6].split(","))
                self.open.setdefault(callee, set()).update(reasons)
            elif words[0] == "value":
                self.value(callee, words)
            elif words[0] == "summary":
                self.summaries.add((words[1], words[2], words[3], words[7]))
            elif words[0] == "constant":
                self.constants.add((words[1], int(words[3]), words[5]))
            elif words[0] == "coverage":
                self.coverage[words[1]] = int(words[2])

    def value(self, callee, words):
        role, index, source, flags, text = words[2], int(words[3]), words[4], words[5], words[7]
        prefix = "pattern:" if flags == "pattern" else PREFIXES.get(source, "")
        if role == "name":
            self.found[callee].add(prefix + text)
        elif role == "argument":
            self.arguments.setdefault(callee, set()).add((index, prefix + text))
        else:
            self.families.setdefault(callee, set()).add(text)


def check(test, label, case, record):
    own = case.open_builds.get(label, {})
    wanted_open = {callee: case.open.get(callee, set()) | own.get(callee, set())
                   for callee in case.found}
    open_enough = all(
        wanted_open[callee] <= record.open.get(callee, set()) and
        bool(record.open.get(callee)) == bool(wanted_open[callee])
        for callee in case.found)
    passed = (record.status == 0 and record.found == case.found and open_enough
              and all(record.arguments.get(callee) == wanted
                      for callee, wanted in case.arguments.items())
              and all(record.families.get(callee) == wanted
                      for callee, wanted in case.families.items())
              and (case.summaries is None or record.summaries == case.summaries)
              and (case.constants is None or case.constants <= record.constants)
              and totals_agree(record))
    test.ok(passed, "%s: %s (%s)" % (case.name, case.proves, label), [
        "expected %s open %s arguments %s summaries %s constants %s" % (
            case.found, wanted_open, case.arguments, case.summaries, case.constants),
        record.errors.strip()] + record.lines)


def totals_agree(record):
    """The coverage adds up, and counts what is listed."""
    coverage = record.coverage
    sites = sum(line.startswith("site\t") for line in record.lines)
    parts = sum(coverage.get("sites_" + name, 0)
                for name in ("complete", "partial", "unresolved", "without_name"))
    return (coverage.get("sites_total") == sites == parts
            and coverage["decoded_bytes"] + coverage["undecoded_bytes"]
            <= coverage["selected_bytes"] <= coverage["code_bytes"])


def some(test, cases, builds_of):
    """(case, label, words) of all builds; under sanitizers of every third, in turn of their kinds."""
    left_out = 0
    for number, case in enumerate(cases):
        for index, (label, words) in enumerate(builds_of(case)):
            if tap.SANITIZED and (number + index) % 3:
                left_out += 1
                continue
            yield case, label, words
    if left_out:
        test.skip("%d further builds" % left_out, "sanitizers: the plain build tries them")


def run_cases(test, directory, wanted):
    cases = [case for case in calls_cases.CASES if not wanted or case.name in wanted]
    for case, label, words in some(test, cases, calls_cases.builds):
        if not shutil.which(words[0]):
            test.skip("%s (%s)" % (case.name, label), "no " + words[0])
            continue
        name = "%s-%s" % (case.name, label)
        path, reason = calls_cases.compile_case(
            words, calls_cases.DECLARATIONS + case.source, directory, name)
        if path is None:
            test.ok(False, "%s builds" % name, [reason])
            continue
        record = Record(path)
        check(test, label, case, record)
        if case.name == "undecodable":
            test.ok(record.coverage.get("undecoded_bytes") == 6,
                    "the unknown instruction is counted (%s)" % label, record.lines)


def run_names(test, directory, wanted):
    """Names that are kept on the way to a call, by how they were found."""
    kinds = (names_cases.NAME, names_cases.FOLDER, names_cases.WORD, names_cases.COMMAND,
             names_cases.CHOICE, names_cases.RESULT)
    cases = [case for case in names_cases.CASES if not wanted or case.name in wanted]
    for case, label, words in some(test, cases, lambda case: names_cases.builds()):
        if label in case.not_for:
            continue
        if not shutil.which(words[0]):
            test.skip("%s (%s)" % (case.name, label), "no " + words[0])
            continue
        path, reason = calls_cases.compile_case(
            words, names_cases.DECLARATIONS + case.source, directory,
            "names-%s-%s" % (case.name, label))
        if path is None:
            test.ok(False, "%s builds" % case.name, [reason])
            continue
        record = Record(path)
        told = {kind: {text for _, number, text in record.constants if number == kind}
                for kind in kinds}
        passed = (record.status == 0
                  and all(told[kind] == case.names.get(kind, set()) for kind in kinds)
                  and all(record.found.get(callee) == texts
                          for callee, texts in case.found.items())
                  and all(reasons <= record.open.get(callee, set())
                          for callee, reasons in case.open.items())
                  and bool(record.coverage.get("flags", 0) & 8) == case.limited)
        test.ok(passed, "%s: %s (%s)" % (case.name, case.proves, label), [
            "expected %s %s %s" % (case.names, case.found, case.open), "got %s %s" % (
                told, record.found)] + record.lines)


def run_programs(test, directory):
    for label, words in calls_cases.PROGRAMS:
        if not shutil.which(words[0]):
            test.skip("program (%s)" % label, "no " + words[0])
            continue
        path, reason = calls_cases.compile_case(words, calls_cases.PROGRAM, directory,
                                                "program-" + label)
        if path is None:
            test.ok(False, "program builds (%s)" % label, [reason])
            continue
        record = Record(path)
        passed = record.status == 0 and totals_agree(record)
        for callee, wanted in calls_cases.PROGRAM_FOUND.items():
            # In a static program the C library's own calls are in the file as well.
            own = record.found.get(callee, set())
            passed = passed and (wanted <= own if label.startswith("static") else wanted == own)
        test.ok(passed, "program (%s)" % label, [str(calls_cases.PROGRAM_FOUND),
                                                 str(record.found), record.errors])
        if label in ("static", "static-aarch64"):
            stripped = path + ".stripped"
            strip = "strip" if label == "static" else "aarch64-linux-gnu-strip"
            subprocess.run([strip, "-o", stripped, path], check=True)
            record = Record(stripped)
            test.ok(record.status == 0 and record.coverage.get("flags", 0) & 4,
                    "a static program without symbols says that no call can be named",
                    record.lines)


def run_without_sections(test, directory):
    """Section headers are not needed: the answer without them is the same."""
    for label, words in calls_cases.PROGRAMS:
        if label not in ("pie", "lld", "aarch64-pie") or not shutil.which(words[0]):
            continue
        path, reason = calls_cases.compile_case(words, calls_cases.PROGRAM, directory,
                                                "sections-" + label)
        if path is None:
            test.ok(False, "program builds (%s)" % label, [reason])
            continue
        before = Record(path)
        with open(path, "r+b") as file:
            file.seek(40)
            file.write(bytes(8))
            file.seek(58)
            file.write(bytes(6))
        after = Record(path)
        test.ok(after.status == 0 and after.found == before.found,
                "the same without section headers (%s)" % label,
                [str(before.found), str(after.found)] + after.lines)


def run_other_machine(test, directory):
    """Code of a machine that is not decoded: no site, and the coverage says so."""
    source = "extern void *dlopen(const char *, int); void *f(void) { return dlopen(\"x.so\", 1); }"
    path, reason = calls_cases.compile_case(
        ["clang", "--target=riscv64-linux-gnu", "-fuse-ld=lld", "-shared", "-nostdlib", "-fPIC"],
        source, directory, "riscv")
    if path is None:
        test.skip("a machine that is not decoded", reason)
        return
    record = Record(path)
    test.ok(record.status == 0 and record.found == {} and record.coverage.get("flags") == 0
            and record.coverage.get("code_bytes", 0) > 0, "a machine that is not decoded",
            record.lines)


def main():
    if not os.path.exists(DUMP):
        tap.skip_all("%s is not built" % DUMP)
    directory = os.path.join(BUILD, "test-binaries-calls")
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    test = tap.Tap()
    wanted = set(sys.argv[1:])
    run_cases(test, directory, wanted)
    run_names(test, directory, wanted)
    if not wanted:
        run_programs(test, directory)
        run_without_sections(test, directory)
        run_other_machine(test, directory)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
