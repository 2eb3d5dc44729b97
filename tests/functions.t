#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fingerprints: a function of an object file and the same function in whatever it is linked into
have the same strict and loose fingerprints, for every compiler, level, code model, linker and kind
of file at hand; stripping changes nothing; other code has other fingerprints.

usage: functions.t [-a] [-v]      (-a: every level; -v: every difference)"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "lib")]
import function_sources  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DUMP = os.path.join(BUILD, "tools", "functions_dump")
VERBOSE = "-v" in sys.argv[1:]

MODELS = {"-fPIC": ("so", "pie", "exec", "static", "static-pie"),
          "-fPIE": ("pie", "exec", "static", "static-pie"),
          "-fno-pic": ("exec", "static")}
LINK = {"so": ["-shared"], "pie": ["-pie"], "exec": ["-no-pie"], "static": ["-static"],
        "static-pie": ["-static-pie"]}
# Name, compiler, targets' linkers, levels; extra are further builds at -O2.
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os") if "-a" in sys.argv[1:] else \
    ("-O2",) if tap.SANITIZED else ("-O0", "-O2")
X86 = {"gcc": ["gcc"], "clang": ["clang"]}
ARM = {"gcc": ["aarch64-linux-gnu-gcc"],
       "clang": ["clang", "--target=aarch64-linux-gnu"]}
EXTRA_X86 = (["-fno-plt"], ["-fcf-protection=full"], ["-mtls-dialect=gnu2"],
             ["-ffunction-sections", "-Wl,--gc-sections"], ["-march=haswell"],
             ["-fno-omit-frame-pointer", "-fstack-protector-all"])
EXTRA_ARM = (["-mtls-dialect=trad"], ["-mbranch-protection=standard"],
             ["-ffunction-sections", "-Wl,--gc-sections"])


def run(command, cwd):
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


class Function:
    def __init__(self, words):
        self.address, self.size = int(words[2], 16), int(words[3], 16)
        self.sources, self.flags = int(words[4], 16), int(words[5], 16)
        self.parent, self.instructions, self.masked = words[6], int(words[7]), int(words[8])
        self.raw, self.strict, self.loose, self.name = words[9:13]


def dump(paths):
    """Functions by file."""
    done = subprocess.run([DUMP] + paths, capture_output=True, text=True, check=False)
    result = {path: [] for path in paths}
    for line in done.stdout.splitlines():
        words = line.split("\t")
        result[words[0]].append(Function(words))
    return result


class Build:
    """One way to compile, and every way to link what it gives."""

    def __init__(self, folder, machine, compiler, flags, model, linkers):
        self.folder, self.machine, self.compiler = folder, machine, compiler
        self.flags, self.model, self.linkers = flags, model, linkers
        self.name = " ".join([machine, os.path.basename(compiler[0])] + flags + [model])
        self.stem = self.name.replace(" ", "_").replace("/", "_").replace("=", "_")
        self.object, self.linked = self.stem + ".o", {}

    def compile(self, source, target):
        flags = [flag for flag in self.flags if not flag.startswith("-Wl,")]
        return run(self.compiler + flags + [self.model, "-w", "-c", source, "-o", target],
                   self.folder).returncode == 0

    def make(self):
        if not self.compile("library.c", self.object):
            return self
        if not self.compile("program.c", self.stem + ".main.o"):
            return self
        for linker in self.linkers:
            for kind in MODELS[self.model]:
                if (linker, kind) == ("gold", "static-pie"):
                    continue  # it does not know --no-dynamic-linker
                path = "%s.%s.%s" % (self.stem, linker, kind)
                flags = [flag for flag in self.flags if flag.startswith("-Wl,") or flag[:2] == "-m"]
                objects = [self.object] + ([] if kind == "so" else [self.stem + ".main.o"])
                done = run(self.compiler + flags + LINK[kind] + ["-fuse-ld=" + linker] + objects +
                           ["-o", path, "-w"], self.folder)
                if done.returncode == 0:
                    self.linked[path] = (linker, kind)
                elif VERBOSE:
                    print("# %s: %s" % (path, done.stderr[:300].replace("\n", " ")))
        return self


def compare(build, functions, report):
    """Counts of compared and of different functions of one build; says which differ."""
    reference = {f.name: f for f in functions[build.object] if f.name}
    compared = different = 0
    for path, (linker, kind) in sorted(build.linked.items()):
        named = {f.name: f for f in functions[path] if f.name in reference}
        stripped = {f.address: f for f in functions[path + ".stripped"]}
        for name, wanted in sorted(reference.items()):
            found = named.get(name)
            if not found:
                if "-Wl,--gc-sections" not in build.flags:
                    different += 1
                    report.append("%s %s: %s is not there" % (linker, kind, name))
                continue
            compared += 1
            bare = stripped.get(found.address)
            if (build.machine, linker, kind[:6], name) == ("AArch64", "bfd", "static", "weak"):
                continue  # a call of what is not there becomes a NOP, and nothing says so
            what = [text for text, same in
                    (("size", found.size == wanted.size),
                     ("undecoded", not (found.flags | wanted.flags) & 2),
                     ("strict", found.strict == wanted.strict),
                     ("loose", found.loose == wanted.loose),
                     ("stripped", bare and bare.strict == wanted.strict)) if not same]
            if what:
                different += 1
                report.append("%s %s: %s differs in %s" % (linker, kind, name, ", ".join(what)))
    return compared, different


def builds(folder, machine, compilers, extra, linkers):
    for compiler in compilers.values():
        if not shutil.which(compiler[0]):
            continue
        for model in MODELS:
            for level in LEVELS:
                yield Build(folder, machine, compiler, [level], model, linkers)
            for flags in extra:
                yield Build(folder, machine, compiler, ["-O2"] + flags, model, linkers)


def strip(folder, path, tool):
    return run([tool, "-o", path + ".stripped", path], folder)


def check(test, folder, machine, compilers, extra, linkers, strip_tool):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        made = [b for b in pool.map(Build.make, builds(folder, machine, compilers, extra, linkers))
                if b.linked]
        list(pool.map(lambda path: strip(folder, path, strip_tool),
                      [path for b in made for path in b.linked]))
    files = sorted({path for b in made for path in b.linked})
    files += [path + ".stripped" for path in files] + [b.object for b in made]
    os.chdir(folder)
    functions = dump(files)
    kinds, total = set(), 0
    for build in made:
        report = []
        compared, different = compare(build, functions, report)
        total += compared
        kinds.update(build.linked.values())
        test.ok(compared and not different, "%s: %d functions in %d files, %d differ" %
                (build.name, compared, len(build.linked), different), report[:40 if VERBOSE else 8])
    test.note("%s: %d comparisons; %s" % (machine, total, " ".join(sorted("%s/%s" % k for k in kinds))))
    return made, functions


def differ(test, made, functions):
    """Functions with different code have different fingerprints."""
    for build in made:
        if build.flags != ["-O2"]:
            continue
        seen = {}
        for function in functions[build.object]:
            seen.setdefault(function.strict, set()).add(function.name)
        twins = [names for names in seen.values() if len(names) > 1]
        test.ok(not twins, "%s: no two functions have one fingerprint" % build.name, twins)


def without_sections(test, made, functions):
    """A file without section headers has the same functions, from the same frames."""
    for build in made:
        if build.flags != ["-O2"] or build.model == "-fPIE":
            continue
        paths = sorted(build.linked)
        for path in paths:
            with open(path + ".stripped", "rb") as file:
                image = bytearray(file.read())
            image[0x28:0x30] = bytes(8)
            image[0x3c:0x40] = bytes(4)
            with open(path + ".bare", "wb") as file:
                file.write(image)
        bare = dump([path + ".bare" for path in paths])
        wrong = []
        for path in paths:
            found = {f.address: (f.size, f.strict) for f in bare[path + ".bare"]}
            wrong += ["%s: %x" % (path, f.address) for f in functions[path + ".stripped"]
                      if f.sources & 4 and found.get(f.address) != (f.size, f.strict)]
        test.ok(not wrong, "%s: the same without section headers" % build.name, wrong[:8])


def pieces(test, folder):
    """A part that the compiler splits off belongs to its function, with names and without."""
    source = os.path.join(folder, "split.cc")
    with open(source, "w", encoding="ascii") as file:
        file.write(function_sources.SPLIT)
    done = run(["g++", "-O2", "-fPIC", "-shared", "-w", "split.cc", "-o", "split.so"], folder)
    if done.returncode:
        test.skip("split-off parts", "no g++")
        return
    strip(folder, "split.so", "strip")
    for path in ("split.so", "split.so.stripped"):
        found = dump([os.path.join(folder, path)])[os.path.join(folder, path)]
        parts = [f for f in found if f.flags & 1]
        owners = {f.address for f in found if f.name == "split"}
        test.ok(len(parts) == 1 and parts[0].parent != "-" and
                (not owners or int(parts[0].parent, 16) in owners),
                "%s: the cold part has its function" % path,
                ["%x %s %s" % (f.address, f.name, f.parent) for f in parts])


def frameless(test, folder, machine, compiler, strip_tool, text, names):
    """Hand-written code: only the code itself says where functions are."""
    path = os.path.join(folder, "frameless-" + machine)
    with open(path + ".s", "w", encoding="ascii") as file:
        file.write(text)
    done = run([compiler, "-shared", "-nostdlib", path + ".s", "-o", path], folder)
    if done.returncode:
        test.ok(False, "frameless code of %s" % machine, [done.stderr])
        return
    # The dynamic symbols would name all of them.
    run([strip_tool, "--strip-all", "-R", ".dynsym", "-R", ".gnu.hash", path, "-o",
         path + ".stripped"], folder)
    found = dump([path, path + ".stripped"])
    full = {f.name: (f.address, f.size, f.strict) for f in found[path] if f.name in names}
    bare = {f.address: (f.address, f.size, f.strict) for f in found[path + ".stripped"]}
    missed = [name for name in names if bare.get(full[name][0]) != full[name]]
    test.ok(len(full) == len(names) and not missed and not any(
        f.name for f in found[path + ".stripped"]), "frameless code of %s" % machine,
            ["%s: %s, not %s" % (name, bare.get(full[name][0]), full[name]) for name in missed])


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("library.c", function_sources.LIBRARY),
                           ("program.c", function_sources.PROGRAM)):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        if len(LEVELS) == 1:
            test.skip("builds at -O0", "sanitizers: the plain build tries them")
        linkers = [name for name in ("bfd", "gold", "lld") if shutil.which("ld." + name)]
        made, functions = check(test, folder, "x86-64", X86, EXTRA_X86, linkers, "strip")
        differ(test, made, functions)
        without_sections(test, made, functions)
        pieces(test, folder)
        frameless(test, folder, "x86-64", "gcc", "strip", function_sources.FRAMELESS_X86,
                  ("first", "second"))
        if shutil.which("aarch64-linux-gnu-gcc"):
            made, functions = check(test, folder, "AArch64", ARM, EXTRA_ARM, linkers,
                                    "aarch64-linux-gnu-strip")
            differ(test, made, functions)
            frameless(test, folder, "AArch64", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-strip",
                      function_sources.FRAMELESS_ARM, function_sources.FRAMELESS)
        else:
            test.skip("AArch64", "no aarch64-linux-gnu-gcc")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
