#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""elfleft verify on a miniature of ATen (test-binaries/aten): repackaged in every usual way, patched,
built with other flags, compilers and linkers, and changed in place by a seeded mutator that says
where. Against the file, and against a manifest of it.

usage: verify.t [PART...]    PART: one of repackaging, separate, builds, mutations, wheels, manifests
                             (default: these), or variants, for which every build is built and patched, too"""
import glob
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

import jsonschema

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import mutate  # noqa: E402
import tap  # noqa: E402
import wheelfile  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
SOURCES = os.path.join(HERE, os.pardir, "test-binaries", "aten")
KERNELS = (("DEFAULT",), ("AVX2", "-mavx2", "-mfma"), ("AVX512", "-mavx512f", "-mfma"))
SAME = ("identical", "relocated", "renamed", "folded")
# Of start files; without a symbol table and moved.
LOST = ("_init", "_fini", "deregister_tm_clones", "register_tm_clones", "__do_global_dtors_aux",
        "frame_dummy")
UNMODIFIED = ("identical", "repackaged")


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Bench:
    """Builds and comparisons in one folder."""

    def __init__(self, test, work):
        self.test = test
        self.work = work

    def path(self, name):
        return os.path.join(self.work, name)

    def build(self, name, compiler="g++", flags=(), link=()):
        objects = []
        os.makedirs(self.path(name))
        common = [compiler, "-std=c++17", "-w", "-O2", "-g", "-fPIC",
                  "-ffile-prefix-map=%s=aten" % SOURCES]
        for capability, *machine in KERNELS:
            objects.append(self.path("%s/%s.o" % (name, capability)))
            run(*common, *flags, *machine, "-DCPU_CAPABILITY=" + capability, "-c", "-o", objects[-1],
                os.path.join(SOURCES, "kernels.cpp"))
        objects.append(self.path("%s/native.o" % name))
        run(*common, *flags, "-c", "-o", objects[-1], os.path.join(SOURCES, "native.cpp"))
        run(compiler, "-shared", "-Wl,-soname,libaten.so.1", *link, "-o", self.path(name + ".so"),
            *objects)
        run("ar", "rcsD", self.path(name + ".a"), *objects)
        return self.path(name + ".so")

    def verify(self, reference, suspect):
        done = subprocess.run([ELFLEFT, "verify", "--reference", reference, "-f", "json", suspect],
                              capture_output=True, check=False, env={})
        report = json.loads(done.stdout)
        expected = (2 if not report["complete"] else 0 if report["verdict"] in UNMODIFIED else 1)
        if done.returncode != expected:
            self.test.ok(False, "exit status", ["%r %r" % (done.returncode, report["verdict"])])
        return report

    def expect(self, reference, suspect, verdicts, name):
        report = self.verify(reference, suspect)
        verdicts = (verdicts,) if isinstance(verdicts, str) else verdicts
        self.test.ok(report["verdict"] in verdicts, "%s: %s" % (name, report["verdict"]),
                     ["wanted %r" % (verdicts,), json.dumps(report["files"])[:1500]])
        return report


def changed(report):
    return [item for file in report["files"] for item in file["changed"]
            if item["status"] not in SAME and
            not (item["status"] == "unverified" and item["name"] in LOST)]


def repackaging(bench, reference, manifest):
    ways = {
        "strip": lambda path: run("strip", path),
        "strip --strip-unneeded": lambda path: run("strip", "--strip-unneeded", path),
        "strip --strip-debug": lambda path: run("strip", "--strip-debug", path),
        "objcopy --remove-section .comment":
            lambda path: run("objcopy", "--remove-section", ".comment", path),
        "objcopy --compress-debug-sections":
            lambda path: run("objcopy", "--compress-debug-sections", path),
        "objcopy --add-section":
            lambda path: run("objcopy", "--add-section", ".extra=/etc/os-release", path),
        "patchelf --set-rpath": lambda path: run("patchelf", "--set-rpath", "/a:/b" * 99, path),
        "patchelf --set-soname":
            lambda path: run("patchelf", "--set-soname", "libaten-01234567.so.1.2.3", path),
        "patchelf --replace-needed":
            lambda path: run("patchelf", "--replace-needed", "libc.so.6",
                             "libc-0123456789abcdef.so.6", path),
        "patchelf, then strip": lambda path: (run("patchelf", "--set-rpath", "/c" * 999, path),
                                              run("strip", path)),
        "eu-strip": lambda path: run("eu-strip", path),
    }
    for name, change in ways.items():
        tool = name.split()[0]
        if not shutil.which(tool):
            bench.test.skip(name, "no " + tool)
            continue
        suspect = bench.path("repackaged.so")
        shutil.copy(reference, suspect)
        change(suspect)
        for against, label in ((reference, "file"), (manifest, "manifest")):
            report = bench.expect(against, suspect, "repackaged", "%s (%s)" % (name, label))
            bench.test.ok(report["files"][0]["repackaging"], "%s: says what changed" % name)
    report = bench.verify(reference, suspect)
    if shutil.which("eu-strip"):
        run("eu-strip", "-f", bench.path("half.debug"), "-o", bench.path("half.so"), reference)
        report = bench.expect(reference, bench.path("half.debug"), "incomplete", "a separate half")
        bench.test.ok(not report["complete"], "a separate half: incomplete")
    edges = bench.verify(reference, bench.path("repackaged.so"))
    shutil.copy(reference, suspect)
    run("patchelf", "--replace-needed", "libc.so.6", "libmine.so", suspect)
    edges = bench.verify(reference, suspect)["files"][0]["repackaging"]
    bench.test.ok(any(text == "edge: NEEDED libmine.so added" for text in edges),
                  "a changed NEEDED is a changed edge", edges)


def headers_alone(bench):
    """What only a program header says, and bytes that the kernel maps though no segment names them."""
    reference, suspect = bench.path("thread.so"), bench.path("suspect.so")
    source = bench.path("thread.c")
    with open(source, "w", encoding="ascii") as file:
        file.write("static _Thread_local int values[9]; int *get(int at) { return values + at; }\n")
    run("gcc", "-O2", "-g", "-fPIC", "-shared", "-o", reference, source)
    with open(reference, "rb") as file:
        good = file.read()
    first, size, count = struct.unpack_from("<Q14xHH", good, 32)
    headers = [(at, *struct.unpack_from("<IIQQQQQQ", good, at))
               for at in range(first, first + size * count, size)]
    thread, = [at for at, kind, *_ in headers if kind == 7]
    code, = [(offset + length) for _, kind, flags, offset, _, _, length, *_ in headers
             if kind == 1 and flags & 1]
    for name, offset, wanted, said in (
            ("thread-local storage of another size", thread + 40, "modified", "thread-local"),
            ("bytes behind a segment", code + 8, "repackaged", "no section or segment")):
        mutated = bytearray(good)
        mutated[offset] ^= 0x40
        with open(suspect, "wb") as file:
            file.write(mutated)
        report = bench.expect(reference, suspect, wanted, name)
        told = report["files"][0]["repackaging"]
        bench.test.ok(any(said in text for text in told), "%s: said so" % name, told)


def objects(bench):
    """What fills the data of an object file: its relocations, by names and places and not by numbers."""
    def compiled(name, table):
        source = bench.path(name + ".c")
        with open(source, "w", encoding="ascii") as file:
            file.write("int first(void), second(void); static int own(void) { return 3; }\n"
                       "static int other(void) { return 4; }\n"
                       "int (*const table[])(void) = {%s};\n" % table)
        run("gcc", "-O2", "-g", "-fPIC", "-c", "-o", bench.path(name), source)
        return bench.path(name)
    reference = compiled("table.o", "first, second, own, other")
    for name, table in (("two imports swapped", "second, first, own, other"),
                        ("two of its own swapped", "first, second, other, own")):
        report = bench.expect(reference, compiled("swapped.o", table), "modified", name)
        differ = [part["name"] for part in report["files"][0]["sections"] if not part["equal"]]
        bench.test.ok(any(".rela.data" in part for part in differ), "%s: said where" % name, differ)
    for command in (("strip", "-g"), ("strip", "--strip-unneeded"),
                    ("objcopy", "--remove-section", ".comment")):
        suspect = bench.path("packed.o")
        shutil.copy(reference, suspect)
        run(*command, suspect)
        bench.expect(reference, suspect, "repackaged", "an object file after " + " ".join(command))


def builds(bench, reference, manifest):
    bench.build("same")
    bench.expect(reference, bench.path("same.so"), "identical", "the same source again")
    bench.expect(bench.path("reference.a"), bench.path("same.a"), "identical", "as an archive")
    patched = bench.build("patched", flags=("-DPATCHED",))
    for against, label in ((reference, "file"), (manifest, "manifest")):
        report = bench.expect(against, patched, "modified", "a patched kernel (%s)" % label)
        found = sorted((item["operator"], item["status"]) for item in changed(report))
        bench.test.equal(found, [("aten::relu, %s variant" % name, "modified")
                                 for name in ("AVX2", "AVX512", "DEFAULT")],
                         "exactly the patched kernel, in each variant (%s)" % label)
    stripped = bench.path("patched-stripped.so")
    shutil.copy(patched, stripped)
    run("strip", stripped)
    report = bench.expect(reference, stripped, "modified", "a patched kernel, stripped")
    bench.test.equal(sorted(item["operator"] or "" for item in changed(report)),
                     ["aten::relu, %s variant" % name for name in ("AVX2", "AVX512", "DEFAULT")],
                     "it is still named, by the reference")
    report = bench.expect(bench.path("reference.a"), bench.path("patched.a"), "modified",
                          "a patched kernel in an archive")
    bench.test.equal(sorted(item["operator"] or "" for item in changed(report)),
                     ["aten::relu, %s variant" % name for name in ("AVX2", "AVX512", "DEFAULT")],
                     "it is named")
    bench.expect(reference, bench.build("flags", flags=("-O3",)), "rebuilt", "other flags")
    bench.expect(reference, bench.build("size", flags=("-Os",)), "rebuilt", "optimised for size")
    bench.expect(reference, bench.build("sections", flags=("-ffunction-sections",)),
                 ("rebuilt", "modified"), "other sections")
    if shutil.which("clang++"):
        report = bench.expect(reference, bench.build("clang", "clang++"), "rebuilt",
                              "another compiler")
        bench.test.ok(any("clang" in text for text in report["files"][0]["toolchains"]),
                      "it names the toolchains")
    bench.expect(reference, bench.build("lto", flags=("-flto",), link=("-flto", "-O2")),
                 ("rebuilt", "modified"), "link-time optimisation")
    if shutil.which("ld.gold"):
        icf = bench.build("icf", flags=("-ffunction-sections",),
                          link=("-fuse-ld=gold", "-Wl,--icf=all"))
        report = bench.expect(reference, icf, "rebuilt", "identical code folded by another linker")
        functions = report["files"][0]["functions"]
        bench.test.ok(functions["folded"] > 5 and functions["modified"] == 0 and
                      functions["retargeted"] == 0, "folded functions are told", [functions])
    if shutil.which("ld.lld"):
        report = bench.expect(reference, bench.build("lld", link=("-fuse-ld=lld",)), "rebuilt",
                              "another linker")
        functions = report["files"][0]["functions"]
        bench.test.ok(functions["modified"] == functions["retargeted"] == functions["removed"] == 0,
                      "no function differs", [functions])
    for name in ("/bin/true", "/usr/lib/x86_64-linux-gnu/libz.so.1"):
        if os.path.exists(name):
            bench.expect(reference, os.path.realpath(name), "unrelated", os.path.basename(name))


# How the miniature may be built: the flags, what links it, the tools that takes, and the verdicts on
# it by a plain build of the same source.
VARIANTS = (
    ("other-flags", {"flags": ("-O3",)}, (), ("rebuilt",)),
    ("size", {"flags": ("-Os",)}, (), ("rebuilt",)),
    ("not-split", {"flags": ("-fno-reorder-blocks-and-partition",)}, (), ("modified", "rebuilt")),
    ("lto", {"flags": ("-flto",), "link": ("-flto", "-O2")}, (), ("modified", "rebuilt")),
    ("icf-gold", {"flags": ("-ffunction-sections",), "link": ("-fuse-ld=gold", "-Wl,--icf=all")},
     ("ld.gold",), ("rebuilt",)),
    ("icf-lld", {"flags": ("-ffunction-sections",), "link": ("-fuse-ld=lld", "-Wl,--icf=all")},
     ("ld.lld",), ("rebuilt",)),
    ("clang", {"compiler": "clang++"}, ("clang++",), ("rebuilt",)),
)
PATCHED_KERNELS = ["aten::relu, %s variant" % name for name, *_ in sorted(KERNELS)]


def variants(bench, reference, _):
    """Each kind of build: by the plain one, by itself again, and with a patch, as .so and as .a."""
    bench.test.ok(any(name.endswith(".cold") for name in names_of(reference)),
                  "the plain build has cold parts of functions apart")
    for name, options, tools, verdicts in VARIANTS:
        if not all(shutil.which(tool) for tool in tools):
            bench.test.skip("built as " + name, "no " + " ".join(tools))
            continue
        built = bench.build(name, **options)
        bench.expect(reference, built, verdicts, name)
        bench.expect(built, bench.build(name + "-again", **options), "identical", name + ", again")
        patched = dict(options, flags=(*options.get("flags", ()), "-DPATCHED"))
        suspect = bench.build(name + "-patched", **patched)
        archives = () if name == "lto" else (".a",)
        for suffix in (".so", *archives):
            original = bench.path(name + suffix)
            if suffix == ".a":
                bench.expect(bench.path("reference.a"), original, verdicts, name + ", as an archive")
                suspect = bench.path(name + "-patched.a")
            report = bench.expect(original, suspect, "modified", "%s%s, patched" % (name, suffix))
            found = {item["operator"] or item["name"] for item in changed(report)}
            # Code of two variants that was folded has one place, and goes by one name.
            apart = len(places_of(original, "relu_kernel")) if suffix == ".so" else len(PATCHED_KERNELS)
            bench.test.ok(found <= set(PATCHED_KERNELS) and len(changed(report)) == apart,
                          "%s%s: exactly the patched kernel, in %d places" % (name, suffix, apart),
                          [found])
    bench.test.ok(not any(name.endswith(".cold") for name in names_of(bench.path("not-split.so"))),
                  "a build that is not split has none")


def places_of(path, function):
    done = subprocess.run(["nm", path], check=True, capture_output=True, text=True)
    return {line.split()[0] for line in done.stdout.splitlines()
            if function in line and " t " in line.lower() and not line.endswith(".cold")}


def names_of(path):
    done = subprocess.run(["nm", path], check=True, capture_output=True, text=True)
    return [line.split()[-1] for line in done.stdout.splitlines()]


STEPS = """.p2align 4
.globl outer{0}
outer{0}: .cfi_startproc
	movl ${0}, %eax
	subl %edi, %eax
	call first{0}
	addl $3, %eax
	ret
.cfi_endproc
.type outer{0}, @function; .size outer{0}, . - outer{0}
.p2align 4
first{0}: testl %edi, %edi
	jne 1f
	call 2f
	ret
.p2align 4
1:	addl ${0}, %eax
	ret
.p2align 4
2:	imull ${0}, %eax, %eax
	xorl %edi, %eax
	ret
.type first{0}, @function; .size first{0}, . - first{0}
.p2align 4
second{0}: imull ${0}, %esi, %eax
	subl %esi, %eax
	ret
.type second{0}, @function; .size second{0}, . - second{0}
"""


def functions_of(path):
    sizes = mutate.functions(path)
    return {start: start + size for start, size in sizes.items()}


def expect_pieces(bench, against, suspect, truth, ends, what):
    """A stripped reference knows pieces of code, not where functions begin: each piece it names lies
    in a function that was changed, and each of these has one."""
    found = set()
    for item in changed(bench.verify(against, suspect)):
        at = item["reference_address"] if item["reference_address"] is not None else item["address"]
        found.add(next((start for start, end in ends.items() if start <= at < end), at))
    found = truth.without_caves(found)
    bench.test.ok(found == truth, "by a stripped reference, %s" % what,
                  ["missed %r" % sorted(map(hex, truth - found)), "too many %r" % found])


def frameless(bench):
    """Vendors' assembler: no frames, more than one exit, calls into the middle, functions that only
    tables lead to. Stripping hides them; what a search takes for a begin must answer for nothing."""
    with open(bench.path("steps.s"), "w", encoding="utf-8") as file:
        file.write(".text\n" + "".join(STEPS.format(number) for number in range(1000, 1040)))
        file.write('.section .note.GNU-stack,"",@progbits\n')
    reference, suspect = bench.path("steps.so"), bench.path("steps-mutant.so")
    run("gcc", "-shared", "-o", reference, bench.path("steps.s"))
    stripped, manifest = bench.path("steps-stripped.so"), bench.path("steps.elfref")
    run("strip", "-o", stripped, reference)
    run(ELFLEFT, "verify", "--write-reference", manifest, stripped)
    ends = functions_of(reference)
    for seed in range(4):
        random.seed(seed)
        shutil.copy(reference, suspect)
        truth = mutate.mutate(suspect, 3, random)
        # Before it is stripped: names of functions that the reference keeps silent of add none.
        for against in (stripped, manifest):
            expect_pieces(bench, against, suspect, truth, ends, "seed %d" % seed)
        run("strip", suspect)
        found = truth.without_caves({item["reference_address"]
                                     for item in changed(bench.verify(reference, suspect))})
        bench.test.ok(truth and found == truth, "functions without frames, stripped, seed %d" % seed,
                      ["missed %r" % sorted(map(hex, truth - found)), "too many %r" % found])
        for against in (stripped, manifest):
            expect_pieces(bench, against, suspect, truth, ends, "stripped, seed %d" % seed)


def separate(bench, reference, _):
    """A stripped reference has the names of its separate debug file: by the build-id, in a package of
    its own, or by .gnu_debuglink."""
    plain, half = bench.path("apart/lib/libaten.so"), bench.path("half.debug")
    os.makedirs(os.path.dirname(plain))
    built = bench.path("identified.so")
    run("objcopy", "--remove-section", ".note.gnu.build-id", reference, bench.path("no-id.so"))
    run("g++", "-shared", "-Wl,-soname,libaten.so.1", "-Wl,--build-id=0xabcdef0123", "-o", built,
        *glob.glob(bench.path("reference/*.o")))
    suspect = bench.path("apart-mutant.so")
    for origin, places in (
            (built, ("apart/usr/lib/debug/.build-id/ab/cdef0123.debug",
                     "apart-symbols/usr/lib/debug/.build-id/ab/cdef0123.debug")),
            (bench.path("no-id.so"), ("apart/lib/half.debug",))):
        run("objcopy", "--only-keep-debug", origin, half)
        run("objcopy", "--strip-all", "--add-gnu-debuglink=" + half, origin, plain)
        shutil.copy(origin, suspect)
        truth = mutate.mutate(suspect, 60, random.Random(4))
        run("strip", suspect)
        names = symbols_of(origin)
        for place in places:
            os.makedirs(os.path.dirname(bench.path(place)), exist_ok=True)
            shutil.copy(half, bench.path(place))
            references = [bench.path("apart"), bench.path("apart.elfref")]
            run(ELFLEFT, "index", "build", "--reference", "-o", references[1], references[0],
                *([bench.path("apart-symbols")] if "symbols" in place else ()))
            for against in references[1:] if "symbols" in place else references:
                report = bench.verify(against, suspect)
                told = {item["reference_address"]: item["name"] for item in changed(report)}
                bench.test.ok(truth.without_caves(told) == truth and
                              all(told[at] in names[at] for at in truth),
                              "names from %s (%s)" % (place, os.path.basename(against)),
                              [told.get(at) for at in sorted(truth)])
            os.unlink(bench.path(place))
        told = [item["name"] for item in changed(bench.verify(bench.path("apart"), suspect))]
        bench.test.ok("" in told, "without it there are fewer", told)
    shutil.copy(half, bench.path("apart/lib/half.debug"))
    report = bench.expect(bench.path("apart"), plain, "identical", "what is split off is not missed")
    os.makedirs(bench.path("installed-apart/lib"))
    shutil.copy(plain, bench.path("installed-apart/lib"))
    bench.expect(bench.path("apart"), bench.path("installed-apart"), "repackaged",
                 "nor in a directory")


def symbols_of(path):
    """{address: names}"""
    found = {}
    done = subprocess.run(["nm", path], check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) == 3:
            found.setdefault(int(fields[0], 16), set()).add(fields[2])
    return found


def mutations(bench, reference, manifest):
    frameless(bench)
    for count in (1, 10, 100):
        for seed in range(3):
            random.seed(seed * 1000 + count)
            suspect = bench.path("mutant.so")
            shutil.copy(reference, suspect)
            truth = mutate.mutate(suspect, count, random)
            for stripped in (False, True):
                if stripped:
                    run("strip", suspect)
                for against in (reference, manifest):
                    report = bench.verify(against, suspect)
                    found = truth.without_caves({item["reference_address"]
                                                 for item in changed(report)})
                    bench.test.ok(found == truth and len(truth),
                                  "%d functions changed in place, seed %d%s%s: all found, no more" %
                                  (len(truth), seed, ", stripped" if stripped else "",
                                   ", by manifest" if against == manifest else ""),
                                  ["missed %r" % sorted(map(hex, truth - found)),
                                   "too many %r" % sorted(map(hex, found - truth)),
                                   report["verdict"]])
    data = bench.path("data.so")
    shutil.copy(reference, data)
    with open(data, "r+b") as file:
        content = file.read()
        file.seek(content.index(struct.pack("<4f", 1.5, 2.25, 3.125, 4.5)))
        file.write(struct.pack("<f", 1.25))
    report = bench.expect(reference, data, "modified", "a constant of a table")
    bench.test.equal([item["name"] for item in report["files"][0]["sections"] if not item["equal"]],
                     [".rodata"], "it is the read-only data")
    bench.test.equal(changed(report), [], "no function differs")


def write_wheel(path, files, **options):
    wheelfile.write(path, files, "mini-1.0.dist-info", **options)


def wheels(bench, reference):
    with open(reference, "rb") as file:
        library = file.read()
    files = {"mini/lib/libaten.so": library, "mini/_ops.py": b"def add(a, b):\n    return a + b\n",
             "mini/__init__.py": b"", "mini-1.0.dist-info/METADATA": b"Name: mini\nVersion: 1.0\n"}
    record = wheelfile.record(files.items(), "mini-1.0.dist-info")
    wheel = bench.path("mini-1.0-py3-none-any.whl")
    write_wheel(wheel, files)
    again = bench.path("again.whl")
    write_wheel(again, files, level=zipfile.ZIP_STORED)
    report = bench.expect(wheel, again, "identical", "a wheel zipped anew")
    manifest = bench.path("wheel.elfref")
    run(ELFLEFT, "verify", "--write-reference", manifest, wheel)
    bench.expect(manifest, again, "identical", "a wheel against its manifest")
    with zipfile.ZipFile(again) as archive:
        archive.extractall(bench.path("installed"))
    with open(bench.path("installed/mini-1.0.dist-info/INSTALLER"), "w", encoding="ascii") as file:
        file.write("pip\n")
    bench.expect(wheel, bench.path("installed"), "repackaged", "an installed wheel")
    bench.expect(wheel, bench.path("installed/mini/lib/libaten.so"), "identical",
                 "one file of an installed wheel")
    alike = dict(files)
    alike["mini/lib/libother.so"] = alike.pop("mini/lib/libaten.so")
    other_name = bench.path("other-name.whl")
    write_wheel(other_name, alike)
    report = bench.expect(wheel, other_name, "repackaged", "a library under another name")
    file, = [file for file in report["files"] if file["path"] == "/mini/lib/libother.so"]
    bench.test.equal(file["verdict"], "identical", "its bytes are the same")
    bench.test.equal(file["repackaging"], ["file name libaten.so became libother.so"],
                     "the name is told")
    told = subprocess.run([ELFLEFT, "verify", "--reference", wheel, other_name],
                          capture_output=True, check=False, text=True).stdout
    bench.test.ok("libother.so against /mini/lib/libaten.so" in " ".join(told.split()),
                  "and shown", told)
    write_wheel(other_name, dict(files, **{"start.pth": b"import mini\n"}), old_record=record)
    told = subprocess.run([ELFLEFT, "verify", "--reference", wheel, other_name],
                          capture_output=True, check=False, text=True).stdout
    bench.test.ok("RECORD: start.pth is not in it" in told, "what RECORD does not name is shown",
                  told)
    renamed = dict(files)
    moved = bench.path("moved.so")
    shutil.copy(reference, moved)
    run("patchelf", "--set-soname", "libaten-0a1b2c3d.so.1", moved)
    with open(moved, "rb") as file:
        renamed["mini.libs/libaten-0a1b2c3d.so.1"] = file.read()
    del renamed["mini/lib/libaten.so"]
    write_wheel(again, renamed)
    report = bench.expect(wheel, again, "repackaged", "a library renamed as auditwheel does")
    pairs = [(item["reference_path"], item["path"]) for item in report["files"]
             if item["path"] and ".so" in item["path"]]
    bench.test.equal(pairs, [("/mini/lib/libaten.so", "/mini.libs/libaten-0a1b2c3d.so.1")],
                     "the two answer for each other")
    changes = dict(files)
    changes["mini/_ops.py"] = files["mini/_ops.py"].replace(b"+", b"-")
    write_wheel(again, changes)
    report = bench.expect(wheel, again, "modified", "a changed Python source")
    bench.test.ok(any(item["path"] == "/mini/_ops.py" and "Python" in item["reason"]
                      for item in report["files"]), "it is named", report["files"])
    write_wheel(again, changes, old_record=record)
    report = bench.expect(wheel, again, "modified", "the same under the old RECORD")
    told = [text for item in report["files"] for text in item["repackaging"]]
    bench.test.ok("RECORD: mini/_ops.py has another hash" in told, "RECORD is checked", told)
    del changes["mini/__init__.py"]
    changes["mini/extra.py"] = b"import os\n"
    write_wheel(again, changes, old_record=record)
    report = bench.expect(wheel, again, "modified", "files missing and added")
    told = sorted(text for item in report["files"] for text in item["repackaging"])
    bench.test.equal(told, ["RECORD: mini/__init__.py is missing",
                            "RECORD: mini/_ops.py has another hash",
                            "RECORD: mini/extra.py is not in it"], "RECORD tells of both")


def schema(bench, reports):
    with open(os.path.join(HERE, os.pardir, "data/schema/verify.schema.json"),
              encoding="utf-8") as file:
        form = json.load(file)
    jsonschema.Draft7Validator.check_schema(form)
    check = jsonschema.Draft7Validator(form)
    for report in reports:
        errors = [error.message[:200] for error in check.iter_errors(report)]
        bench.test.ok(not errors, "a %s report fits the schema" % report["verdict"], errors[:4])
        bench.test.ok(not check.is_valid(dict(report, surprise=1)), "it refuses an unknown key")


def manifests(bench, reference, manifest):
    with open(manifest, "rb") as file:
        good = file.read()
    again = bench.path("again.elfref")
    run(ELFLEFT, "verify", "--write-reference", again, reference)
    with open(again, "rb") as file:
        bench.test.ok(file.read() == good, "manifests are deterministic")
    bench.test.ok(re.search(rb"[\x55\x48].{600}", good) is None or
                  not any(good.find(bench.code[at:at + 16]) >= 0 for at in range(0, 4096, 16)),
                  "no code of the reference is in it")
    old = bytearray(good)
    old[8] -= 1
    with open(again, "wb") as file:
        file.write(old)
    done = subprocess.run([ELFLEFT, "verify", "--reference", again, reference], text=True,
                          capture_output=True, check=False, env={})
    bench.test.ok(done.returncode == 2 and "make it anew" in done.stderr,
                  "a manifest of another format is refused, and why is said", [done.stderr])
    done = subprocess.run([ELFLEFT, "verify", "--write-reference", again, reference], text=True,
                          capture_output=True, check=False, env={})
    told = re.match(r"(\S+): (\d+) bytes for (\d+) functions in .*\n\1: (\w+ [\d.]+ %(, |$))+$",
                    done.stdout.rstrip("\n"))
    bench.test.ok(told and int(told[2]) == os.path.getsize(again),
                  "it is told how large a manifest is and what takes most of it", [done.stdout])
    random.seed(1)
    wrong = []
    for at in range(150):
        bad = bytearray(good)
        if at % 3 == 0:
            bad = bad[:random.randrange(len(bad))]
        else:
            for _ in range(at % 5 + 1):
                bad[random.randrange(len(bad))] ^= 1 << random.randrange(8)
        with open(again, "wb") as file:
            file.write(bad)
        done = subprocess.run([ELFLEFT, "verify", "--reference", again, reference],
                              capture_output=True, check=False, env={}, timeout=60)
        if done.returncode not in (1, 2, 3) and bytes(bad) != good:
            wrong.append((at, done.returncode))
    bench.test.ok(not wrong, "150 damaged manifests: none is believed, none does harm", wrong[:5])


def main():
    for tool in ("g++", "patchelf", "strip", "ar"):
        if not shutil.which(tool):
            tap.skip_all("no " + tool)
    test = tap.Tap()
    work = tempfile.mkdtemp(prefix="elfleft-verify-")
    try:
        bench = Bench(test, work)
        reference = bench.build("reference")
        bench.code = mutate.section(reference, ".text")
        manifest = bench.path("reference.elfref")
        run(ELFLEFT, "verify", "--write-reference", manifest, reference)
        bench.expect(reference, reference, "identical", "itself")
        bench.expect(manifest, reference, "identical", "itself, by manifest")
        parts = sys.argv[1:] or ["repackaging", "separate", "builds", "mutations", "wheels",
                                 "manifests"]
        if "repackaging" in parts:
            repackaging(bench, reference, manifest)
            headers_alone(bench)
            objects(bench)
        if "builds" in parts:
            builds(bench, reference, manifest)
            schema(bench, [bench.verify(reference, bench.path(name)) for name in
                           ("patched.so", "flags.so", "same.so")])
        if "separate" in parts:
            separate(bench, reference, manifest)
        if "variants" in parts:
            variants(bench, reference, manifest)
        if "mutations" in parts:
            mutations(bench, reference, manifest)
        if "wheels" in parts:
            wheels(bench, reference)
        if "manifests" in parts:
            manifests(bench, reference, manifest)
    finally:
        shutil.rmtree(work)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
