#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Files of other machines, two of them of the other byte order or width: in sysroots of Debian's
packages for arm64, armhf, i386, ppc64el, s390x (big-endian) and riscv64 (tests/lib/foreign.py).

  loads     what each sysroot's own ld.so, run by qemu-user, says it would load
  bindings  every (consumer, provider, symbol, version) that this ld.so binds
  facts     machine, type, SONAME and needs of all files as readelf reads them
  calls     where code is not decoded the report says so, and no call site is invented

usage: foreign.t [MACHINE...]"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import foreign  # noqa: E402
import oracle  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
LOADED, BOUND = 15, 4  # files of each sort asked about
DECODED = ("arm64",)   # machines whose code capstone decodes here
TAG = re.compile(r"\((NEEDED|SONAME)\).*?\[(.*)\]")


def is_mapped_by_kernel(name):
    return not name or name.startswith(("linux-vdso", "linux-gate"))


def their_load(machine, file):
    answer = oracle.parse(*machine.trace(file), "/")
    answer.objects = [row for row in answer.objects if not is_mapped_by_kernel(row[0])]
    return answer


def report_of(machine, command, file, *options):
    done = subprocess.run([ELFLEFT, command, "-f", "json", "--root", machine.root, *options, "--",
                           file], env={}, capture_output=True, timeout=120, check=False)
    return json.loads(done.stdout.decode(errors="surrogateescape")), done.returncode


def check_loads(test, machine, files):
    different = []
    for file in files:
        report, status = report_of(machine, "tree", file, "--no-bindings")
        ours = oracle.from_report(report, status, "/")
        lines = oracle.differences(their_load(machine, file), ours)
        if report["dialect"] != "glibc":
            lines.append("dialect %s" % report["dialect"])
        different += ["%s: %s" % (file, line) for line in lines]
    test.ok(files and not different, "%s: load sets of %d files as ld.so says" % (
        machine.name, len(files)), different[:20])


def their_bindings(machine, file):
    words = ["LD_TRACE_LOADED_OBJECTS=1", "LD_WARN=yes", "LD_BIND_NOW=yes", "LD_DEBUG=bindings"]
    _, errors, _ = machine.trace(file, words, listing=False)
    bound = oracle.parse_bindings(errors.splitlines(), file, "/")
    return {row for row in bound if not is_mapped_by_kernel(os.path.basename(row[1]))}


def check_bindings(test, machine, files):
    different, total = [], 0
    for file in files:
        theirs = their_bindings(machine, file)
        report, _ = report_of(machine, "tree", file)
        ours = {(oracle.absolute(row["consumer"], "/"), oracle.absolute(row["provider"], "/"),
                 row["symbol"], row["version"])
                for row in report["bindings"] if row["provider"] is not None}
        total += len(theirs)
        different += ["%s: only ld.so: %s" % (file, " ".join(row))
                      for row in sorted(theirs - ours)]
        different += ["%s: only elfleft: %s" % (file, " ".join(row))
                      for row in sorted(ours - theirs)]
    test.ok(total > 300 and not different, "%s: %d bindings of %d files as ld.so makes them" % (
        machine.name, total, len(files)), different[:20])


def their_facts(path):
    done = subprocess.run(["readelf", "-hdW", path], capture_output=True, text=True, check=False)
    facts = {"needed": [], "soname": None}
    for line in done.stdout.splitlines():
        found = TAG.search(line)
        if found and found.group(1) == "NEEDED":
            facts["needed"].append(found.group(2))
        elif found:
            facts["soname"] = found.group(2)
    return facts


def check_facts(test, machine, report):
    different, seen = [], 0
    for row in report["files"]:
        if not row["machine"]:
            continue  # a script
        theirs = their_facts(machine.root + row["path"])
        ours = {"needed": row["needed"], "soname": row["soname"]}
        if theirs != ours:
            different.append("%s: readelf %s, elfleft %s" % (row["path"], theirs, ours))
        if row["machine"] != machine.machine:
            different.append("%s: machine %s" % (row["path"], row["machine"]))
        seen += 1
    test.ok(seen > 20 and not different, "%s: facts of %d files as readelf says" % (
        machine.name, seen), different[:20])
    troubles = [row for row in report["diagnostics"] if row["level"] == "error"
                or row["code"].startswith("EL02")]
    test.ok(not troubles, "%s: nothing found wrong with its files" % machine.name, troubles[:5])


def check_calls(test, machine, report):
    coverage = report["coverage"]
    if machine.name in DECODED:
        test.ok(coverage["code_bytes_decoded"] > 0 and coverage["call_sites_total"] > 0,
                "%s: call sites are found" % machine.name, [coverage])
        return
    test.ok(coverage["code_bytes"] > 0 and coverage["code_bytes_decoded"] == 0
            and coverage["call_sites_total"] == 0, "%s: no code is decoded, and none is claimed" %
            machine.name, [coverage])
    said = [row for row in report["diagnostics"] if row["code"] == "EL0122"]
    calling = [row["path"] for row in report["files"] if imports_calls(machine, row["path"])]
    test.ok({row["file"] for row in said} >= set(calling) and calling,
            "%s: the report names the files whose calls were not looked at" % machine.name,
            ["not named: %s" % sorted(set(calling) - {row["file"] for row in said})])


def imports_calls(machine, path):
    done = subprocess.run(["readelf", "--dyn-syms", "-W", machine.root + path], capture_output=True,
                          text=True, check=False)
    return re.search(r" UND (dlopen|execve|execvp|execv|system|popen|posix_spawnp?)(@|$| )",
                     done.stdout, re.MULTILINE) is not None


def main():
    test = tap.Tap()
    for machine in foreign.MACHINES:
        if sys.argv[1:] and machine.name not in sys.argv[1:]:
            continue
        try:
            machine.make()
            files = machine.files(LOADED)
            check_loads(test, machine, files)
            check_bindings(test, machine, machine.files(BOUND))
        except foreign.Unavailable as reason:
            test.skip(machine.name, str(reason))
            continue
        report, _ = report_of(machine, "scan", "/")
        # The emulator is none of the machine's files.
        report["files"] = [row for row in report["files"] if row["path"] != "/.qemu"]
        check_facts(test, machine, report)
        check_calls(test, machine, report)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
