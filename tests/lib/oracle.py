# SPDX-License-Identifier: BSD-2-Clause
"""Two answers to one question, in one form: what ld.so says it would load, and what elfleft says.

ld.so is only ever run in trace mode, with a clean environment, and never on a file that names an
audit library: tracing runs no code of the target, but an audit library would run."""
import json
import os
import re
import subprocess

import elffile

LD_SO = "/lib64/ld-linux-x86-64.so.2"
TIMEOUT_SECONDS = 60
LEVELS = ["x86-64-v2", "x86-64-v3", "x86-64-v4"]

# name => path (address), path (address), name => not found
FOUND = re.compile(r"^\t(.*) => (.*) \(0x[0-9a-f]+\)$")
SELF_NAMED = re.compile(r"^\t(.*) \(0x[0-9a-f]+\)$")
MISSING = re.compile(r"^\t(.*) => not found$")
# What ld.so maps for the DT_FILTER and DT_AUXILIARY of the file itself its list leaves out.
MAPPED = re.compile(r"file=(.*) \[0\];  generating link map$", re.MULTILINE)


class Unsafe(Exception):
    """Tracing this file would run code of it."""


class Unavailable(Exception):
    """This host can not give the answer; the text says why."""


class Answer:
    """objects: [(name, path or None)] without the file itself, in load order; fatal: text or None.

    static: no loader takes part, or there is nothing to load."""

    def __init__(self, objects, fatal=None, static=False, detail=None):
        # Names ld.so says it mapped, where its list is known to leave some out; else None.
        self.mapped = None
        self.objects = objects
        self.fatal = fatal
        self.static = static
        self.detail = detail

    @property
    def missing(self):
        return sorted({name for name, path in self.objects if path is None})

    def path_of(self, name):
        for known, path in self.objects:
            if known == name:
                return path
        return None


def absolute(path, directory):
    """path as ld.so opened it, seen from directory; "." and "//" carry no meaning, ".." may."""
    parts = [part for part in os.path.join(directory, path).split("/") if part not in ("", ".")]
    return "/" + "/".join(parts)


def is_audit_or_filter(name_path, chroot):
    file = elffile.ELFFile((chroot or "") + name_path)
    try:
        return file.names_audit(), file.names_filters()
    finally:
        file.close()


def environment(library_path=None, preload=None):
    ret = {"LD_TRACE_LOADED_OBJECTS": "1"}
    if library_path is not None:
        ret["LD_LIBRARY_PATH"] = library_path
    if preload is not None:
        ret["LD_PRELOAD"] = preload
    return ret


def mask(cpu):
    """Options that hold ld.so to the glibc-hwcaps directories of a lesser CPU than this one."""
    if cpu == "native":
        return []
    levels = LEVELS[:LEVELS.index(cpu) + 1] if cpu != "baseline" else []
    words = subprocess.run([LD_SO, "--help"], capture_output=True, text=True, check=False).stdout
    for level in levels:
        if level + " (supported, searched)" not in words:
            raise Unavailable("this CPU is below %s" % level)
    return ["--glibc-hwcaps-mask", ":".join(levels) or "none"]


def trace(file, directory, library_path=None, preload=None, program=False, chroot=None,
          cpu="native"):
    """What ld.so would load for file; a program starts through the kernel, a library by ld.so.

    With chroot, file and directory are paths inside it. With another cpu than this machine's, ld.so
    is always the command, since only its options can say so."""
    filters = False
    try:
        audit, filters = is_audit_or_filter(absolute(file, directory), chroot)
        if audit:
            raise Unsafe(file)
    except elffile.NotELF:
        program = False  # the kernel must not take it for a script
    except OSError:
        pass  # a missing file is for ld.so to report
    if chroot and os.geteuid() != 0:
        raise Unavailable("only root can run ld.so in another root")
    # The environment must reach ld.so only, so chroot(8) can not stand between.
    by_kernel = program and cpu == "native"

    def run(**more):
        done = subprocess.run([file] if by_kernel else [LD_SO, *mask(cpu), file],
                              cwd=None if chroot else directory,
                              preexec_fn=(lambda: enter(chroot)) if chroot else None,
                              env={**environment(library_path, preload), **more},
                              capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        return (done.stdout.decode(errors="surrogateescape"),
                done.stderr.decode(errors="surrogateescape"), done.returncode)

    answer = parse(*run(), directory)
    if filters:
        answer.mapped = {found.group(1) for found in MAPPED.finditer(run(LD_DEBUG="files")[1])
                         if found.group(1) != file}
    return answer


def enter(root):
    os.chroot(root)
    os.chdir("/")


def parse(output, errors, status, directory):
    objects, static = [], False
    for line in output.splitlines():
        found, named, missing = FOUND.match(line), SELF_NAMED.match(line), MISSING.match(line)
        if line == "\tstatically linked":
            static = True
        elif missing:
            objects.append((missing.group(1), None))
        elif found:
            objects.append((found.group(1), absolute(found.group(2), directory)))
        elif named and not named.group(1).startswith("linux-vdso.so"):
            objects.append((named.group(1), absolute(named.group(1), directory)))
    fatal = None
    if status != 0:
        fatal = errors.strip().splitlines()[-1] if errors.strip() else "status %d" % status
    return Answer(objects, fatal, static, detail=errors)


def elfleft_command(elfleft, file, library_path=None, preload=None, root=None, cpu="native"):
    command = [elfleft, "tree", "--no-bindings", "-f", "json", "--cpu", cpu]
    if root is not None:
        command += ["--root", root]
    if library_path is not None:
        command += ["--library-path", library_path]
    if preload is not None:
        command += ["--preload", preload]
    return command + ["--", file]


def ask(elfleft, file, directory, library_path=None, preload=None, root=None, cpu="native"):
    """What elfleft says ld.so would load. Raises ValueError when it gives no usable answer."""
    done = subprocess.run(elfleft_command(elfleft, file, library_path, preload, root, cpu),
                          cwd=directory, env={}, capture_output=True, timeout=TIMEOUT_SECONDS,
                          check=False)
    try:
        report = json.loads(done.stdout.decode(errors="surrogateescape"))
    except ValueError as error:
        raise ValueError("status %d, no JSON: %s" % (
            done.returncode, done.stderr.decode(errors="replace").strip()[:300])) from error
    return from_report(report, done.returncode, "/" if root else directory)


def from_report(report, status, directory):
    """The part of a tree report that ld.so has a word on.

    The interpreter is in every process, but ld.so names it only when an object needs it."""
    asked_again = {edge["path"] for edge in report["edges"]
                   if edge["request"] not in ("PT_INTERP",) and edge["path"]}
    objects = []
    for entry in report["load_order"][1:]:
        if entry["apart"]:
            continue
        if entry["request"] == "PT_INTERP" and entry["path"] not in asked_again:
            continue
        path = entry["path"]
        objects.append((entry["name"], absolute(path, directory) if path else None))
    answer = Answer(objects, report["fatal"], report["static"] or not objects, detail=report)
    answer.status = status
    answer.optional = optional_names(report)
    return answer


def optional_names(report):
    """Names that only a DT_AUXILIARY asked for and nothing answers to. ld.so's trace mode lists
    them as not found, but a process starts without them, so a report may leave them out."""
    nowhere = [edge for edge in report["edges"] if not edge["path"]]
    return ({edge["name"] for edge in nowhere if edge["request"] == "DT_AUXILIARY"}
            - {edge["name"] for edge in nowhere if edge["request"] != "DT_AUXILIARY"})


def differences(real, ours):
    """Lines that say where ours differs from ld.so's answer; none when they are equal."""
    lines = []
    if bool(real.fatal) != bool(ours.fatal):
        return ["fatal: ld.so %r, elfleft %r" % (real.fatal, ours.fatal)]
    if real.fatal:
        return []  # ld.so prints no list then
    if real.mapped is not None:
        mine = {entry["name"] for entry in ours.detail["load_order"][1:]
                if entry["path"] and entry["request"] != "PT_INTERP"}
        return ["mapped: ld.so %s, elfleft %s" % (sorted(real.mapped), sorted(mine))] \
            if mine != real.mapped else []
    named = {name for name, _ in ours.objects}
    expected = [(name, path) for name, path in real.objects
                if path or name in named or name not in ours.optional]
    unresolved = sorted(set(ours.detail["unresolved"]))
    required = sorted(set(real.missing) - ours.optional)
    if unresolved != required:
        lines.append("unresolved: ld.so %s, elfleft %s" % (required, unresolved))
    if expected == ours.objects:
        return lines
    theirs, mine = dict(expected), dict(ours.objects)
    for name, path in expected:
        if name not in mine:
            lines.append("only ld.so: %s => %s" % (name, path or "not found"))
        elif mine[name] != path:
            lines.append("%s: ld.so %s, elfleft %s" % (name, path, mine[name]))
    lines += ["only elfleft: %s => %s" % (name, path or "not found")
              for name, path in ours.objects if name not in theirs]
    if not lines:
        lines = ["order: ld.so %s, elfleft %s" % ([name for name, _ in expected],
                                                  [name for name, _ in ours.objects])]
    return lines
