# SPDX-License-Identifier: BSD-2-Clause
"""Two answers to one question, in one form: what ld.so says it would load, and what elfleft says.

ld.so is only ever run in trace mode, with a clean environment, and never on a file that names an
audit library: tracing runs no code of the target, but an audit library would run."""
import json
import os
import re
import shutil
import subprocess
import tempfile

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


# PID: binding file CONSUMER [0] to PROVIDER [0]: normal symbol `NAME' [VERSION]
BOUND = re.compile(r"^ *\d+:\tbinding file (.*) \[\d+\] to (.*) \[\d+\]: (?:normal|protected)"
                   r" symbol `(.*)'(?: \[(.*)\])?$")
UNPROVIDED = re.compile(r"^undefined symbol: (.*?)(?:, version (.*))?\t\((.*)\)$")


class Bindings:
    """bound: {(consumer, provider, name, version)}; unprovided: {(consumer, name, version)} of
    references that are not weak. fatal: what ld.so gave up with, or None: then the rest is what it
    had bound until then. missing: libraries were not found. output: what ld.so printed."""

    def __init__(self, bound, unprovided, fatal=None, output=""):
        self.bound, self.unprovided, self.fatal = bound, unprovided, fatal
        self.output = output
        self.missing = " => not found\n" in output


def bindings(file, directory, library_path=None, preload=None, program=False):
    """What ld.so binds for file, all at once (LD_BIND_NOW). As in trace(), no code of it runs: in
    trace mode ld.so calls neither constructors nor IFUNC resolvers."""
    check_safe(absolute(file, directory), program)
    where = tempfile.mkdtemp(prefix="elfleft-bindings-")
    try:
        command = [file] if program else [LD_SO, file]
        variables = dict(environment(library_path, preload), LD_WARN="yes", LD_BIND_NOW="yes",
                         LD_DEBUG="bindings", LD_DEBUG_OUTPUT=os.path.join(where, "log"))
        done = subprocess.run(command, cwd=directory, env=variables, capture_output=True,
                              timeout=TIMEOUT_SECONDS, check=False)
        bound = set()
        for name in os.listdir(where):
            with open(os.path.join(where, name), encoding="utf-8",
                      errors="surrogateescape") as log:
                bound |= parse_bindings(log, file, directory)
    finally:
        shutil.rmtree(where)
    errors = done.stderr.decode(errors="surrogateescape").splitlines()
    output = (done.stdout + done.stderr).decode(errors="surrogateescape")
    unprovided = {(object_path(found.group(3), file, directory), found.group(1),
                   found.group(2) or "")
                  for found in map(UNPROVIDED.match, errors) if found}
    fatal = None
    if done.returncode != 0:
        fatal = errors[-1] if errors else "status %d" % done.returncode
    return Bindings(bound, unprovided, fatal, output)


def check_safe(path, program):
    """Raises Unsafe when asking ld.so about the file would run code of anybody."""
    file = elffile.ELFFile(path)
    try:
        if file.names_audit():
            raise Unsafe(path)
        if program and file.interpreter != LD_SO:
            raise Unsafe("%s: interpreter %s" % (path, file.interpreter))
    finally:
        file.close()


def object_path(name, file, directory):
    return absolute(file if name in ("", "<main program>") else name, directory)


def parse_bindings(lines, file, directory):
    bound, paths = set(), {}
    for line in lines:
        found = BOUND.match(line)
        if not found:
            continue
        consumer, provider, name, version = found.groups()
        for path in (consumer, provider):
            if path not in paths:
                paths[path] = object_path(path, file, directory)
        if not consumer.startswith("linux-vdso.so"):
            bound.add((paths[consumer], paths[provider], name, version or ""))
    return bound


def our_bindings(driver, files, directory, library_path=None, preload=None):
    """What elfleft binds: [(file, Bindings, other lines)], by way of tests/unit/bind_driver.c."""
    command = [driver]
    if library_path is not None:
        command += ["-l", library_path]
    if preload is not None:
        command += ["-p", preload]
    done = subprocess.run(command + list(files), cwd=directory, env={}, capture_output=True,
                          timeout=TIMEOUT_SECONDS * len(files), check=False)
    if done.returncode != 0:
        raise ValueError("status %d: %s" % (done.returncode, done.stderr.decode()[:300]))
    return list(parse_ours(done.stdout.decode(errors="surrogateescape").split("\n"), directory))


def parse_ours(lines, directory):
    paths = {"": None}
    answer = file = rest = None

    def path_of(name):
        if name not in paths:
            paths[name] = absolute(name, directory)
        return paths[name]
    for line in lines:
        fields = line.split("\t")
        if fields[0] == "binding":
            consumer, provider, name, version, weak = fields[1:]
            if provider:
                answer.bound.add((path_of(consumer), path_of(provider), name, version))
            elif weak == "0":
                answer.unprovided.add((path_of(consumer), name, version))
        elif fields[0] == "file":
            file, answer, rest = fields[1], Bindings(set(), set()), []
        elif fields[0] == "done":
            yield file, answer, rest
        elif fields[0] == "fatal":
            answer.fatal = fields[1]
        elif fields[0]:
            rest.append(fields)


def binding_differences(real, ours):
    """Lines that say where the sets differ. What ld.so bound before it gave up is a part."""
    lines = ["only ld.so: %s" % " ".join(row) for row in sorted(real.bound - ours.bound)]
    theirs, mine = real.unprovided, ours.unprovided
    if not real.fatal:
        lines += ["only elfleft: %s" % " ".join(row) for row in sorted(ours.bound - real.bound)]
        if real.missing:
            # In trace mode ld.so leaves the versions of a missing library out of its table, and
            # reads behind its end for them (elf/dl-version.c): the version it names is no fact.
            theirs, mine = ({row[:2] for row in rows} for rows in (theirs, mine))
        lines += ["unprovided, only elfleft: %s" % " ".join(row) for row in sorted(mine - theirs)]
    lines += ["unprovided, only ld.so: %s" % " ".join(row) for row in sorted(theirs - mine)]
    return lines


def count_differences(real, ours, rest, directory):
    """Lines that say where elfleft's counts are not those that follow from ld.so's set."""
    counts, lines = {}, []
    for consumer, provider, _, _ in real.bound:
        counts[consumer, provider] = counts.get((consumer, provider), 0) + 1
    needed, undeclared = set(), {}
    for fields in rest:
        if fields[0] == "edge" and fields[2]:
            pair = tuple(absolute(path, directory) for path in fields[1:3])
            if fields[5] in ("DT_NEEDED", "DT_FILTER", "DT_AUXILIARY"):
                needed.add(pair)
            if int(fields[4]) != counts.get(pair, 0):
                lines.append("edge %s: ld.so %d, elfleft %s" % (
                    " ".join(pair), counts.get(pair, 0), fields[4]))
        elif fields[0] == "undeclared":
            undeclared[tuple(absolute(path, directory) for path in fields[1:3])] = int(fields[3])
        elif fields[0] == "unprovided" and int(fields[1]) != len(ours.unprovided):
            lines.append("unprovided: %d, but counted %s" % (len(ours.unprovided), fields[1]))
        elif fields[0] == "inconsistent":
            lines.append("an object bound alone is bound in another way")
    expected = {pair: count for pair, count in counts.items()
                if pair[0] != pair[1] and pair not in needed}
    lines += ["undeclared %s: ld.so %d, elfleft %d" % (" ".join(pair), expected.get(pair, 0),
                                                       undeclared.get(pair, 0))
              for pair in sorted(set(expected) | set(undeclared))
              if expected.get(pair) != undeclared.get(pair)]
    return lines


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
