#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Code of headers: C++ files compiled here against small headers that look like those of known
projects, and against the real ones of Debian's packages where these can be had; asked of
build/tools/inline_dump, and of elfleft itself what it makes of them. Rows of line tables are
compared with objdump's.

usage: inline_code.t [CASE...]"""
import collections
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import foreign  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DUMP = os.path.join(BUILD, "tools", "inline_dump")
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
TOP = os.path.join(BUILD, "inline-code")
CACHE = os.path.join(os.path.dirname(foreign.CACHE), "headers")
REAL = ["libeigen3-dev", "libfmt-dev", "nlohmann-json3-dev", "rapidjson-dev", "pybind11-dev"]

HEADERS = {
    "Eigen/src/Core/Matrix.h": """
        #pragma once
        namespace Eigen {
        template <class T> struct Matrix {
            T data[16];
            T sum() const { T s = 0; for (int i = 0; i < 16; i++) s += data[i] * s + i; return s; }
            Matrix &operator+=(const Matrix &o) { for (int i = 0; i < 16; i++) data[i] += o.data[i]; return *this; }
        };
        struct Plain { int x; };
        }""",
    "fmt/core.h": """
        #pragma once
        namespace fmt { inline namespace v9 {
        template <class T> int format(T value) { int n = 0; while (value > 9) { value /= 10; n++; } return n; }
        } }""",
    "nlohmann/json.hpp": """
        #pragma once
        namespace nlohmann { inline namespace json_abi_v3_11_2 {
        template <class T> struct basic_json { T value; virtual T get() { return value * value; } virtual ~basic_json() {} };
        } }""",
    "pybind11/cast.h": """
        #pragma once
        #define PYBIND11_NAMESPACE pybind11 __attribute__((visibility("hidden")))
        namespace PYBIND11_NAMESPACE {
        template <class T> T cast(T value) { for (T i = 0; i < value; i++) value ^= i; return value; }
        }""",
}

USE_EIGEN = """#include "Eigen/src/Core/Matrix.h"
float use(Eigen::Matrix<float> &m) { m += m; return m.sum(); }
"""


class Component:
    def __init__(self, fields):
        (self.id, self.version, self.licence, self.grade, weak, local, in_global, sources, lines,
         self.function, self.source) = fields
        self.weak, self.local, self.in_global = int(weak), int(local), int(in_global)
        self.sources, self.lines = int(sources), int(lines)


class Dump:
    def __init__(self, path):
        done = subprocess.run([DUMP, path], capture_output=True, timeout=120, check=False)
        self.status, self.error = done.returncode, done.stderr.decode(errors="replace")
        rows = [line.split("\t") for line in done.stdout.decode(errors="replace").split("\n")]
        self.components = {row[1]: Component(row[1:]) for row in rows if row[0] == "component"}
        self.files = {os.path.normpath(row[1]): int(row[2]) for row in rows if row[0] == "file"}
        self.units = [row[1:] for row in rows if row[0] == "unit"]
        self.diagnostics = [row[2] for row in rows if row[0] == "diagnostic"]


class Case:
    def __init__(self, name, with_headers=True):
        self.dir = os.path.join(TOP, name)
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        for header, text in HEADERS.items() if with_headers else ():
            path = os.path.join(self.dir, "include", header)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(text + "\n")

    def build(self, source, *flags, compiler="g++", name="lib.so"):
        path = os.path.join(self.dir, name)
        main = os.path.join(self.dir, "main.cc")
        with open(main, "w", encoding="ascii") as file:
            file.write(source)
        done = subprocess.run([compiler, "-w", "-shared", "-fPIC", "-fno-inline",
                               "-I" + os.path.join(self.dir, "include"), *flags, "-o", path, main],
                              cwd=self.dir, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise foreign.Unavailable(done.stderr.strip()[-300:])
        return path


class Scan:
    """What elfleft says of one file, in a root of its own."""
    def __init__(self, folder, files, *options):
        root = os.path.join(folder, "root")
        shutil.rmtree(root, ignore_errors=True)
        for path, name in files.items():
            os.makedirs(os.path.dirname(root + name), exist_ok=True)
            shutil.copy(path, root + name)
        done = subprocess.run([ELFLEFT, "scan", "-q", "-f", "json", "--root", root, *options],
                              capture_output=True, timeout=120, check=False)
        if done.returncode != 0:
            raise SystemExit("elfleft: status %d\n%s" % (done.returncode, done.stderr.decode()))
        self.report = json.loads(done.stdout)
        self.edges = {edge["to"]: edge for edge in self.report["edges"] if edge["inline"]}
        self.against = {one["name"]: one["reason"] for file in self.report["files"]
                        for one in file["compiled_against"]}
        self.rules = {(finding["rule"], finding["provider"] or finding["subject"]):
                      finding["outcomes"] for finding in self.report["findings"]}


def objdump_rows(path):
    """Rows of each source file by objdump, under the base name."""
    done = subprocess.run(["objdump", "--dwarf=decodedline", path], capture_output=True, text=True,
                          check=False)
    counts = collections.Counter()
    for line in done.stdout.splitlines():
        # "Matrix.h    6    0x1139    x"; an end of sequence has "-" for its line
        found = re.match(r"^(\S+)\s+(\d+|-)\s+0x[0-9a-f]+", line)
        if found and found.group(2) != "-":
            counts[found.group(1)] += 1
    return counts


def check_rows(test, name, path, dump):
    theirs = objdump_rows(path)
    ours = collections.Counter()
    for file, lines in dump.files.items():
        ours[os.path.basename(file)] += lines
    ours = +ours
    test.ok(theirs and ours == theirs, "%s: rows of each file as objdump counts them" % name,
            ["objdump %s" % dict(theirs), "elfleft %s" % dict(ours)])


def with_debug(test):
    compilers = [compiler for compiler in ("g++", "clang++") if shutil.which(compiler)]
    for compiler in compilers:
        for flags in (["-O0", "-gdwarf-4"], ["-O0", "-gdwarf-5"], ["-O2", "-gdwarf-5"],
                      ["-O1", "-gdwarf-4", "-gz"]):
            name = "%s %s" % (compiler, " ".join(flags))
            path = Case("debug").build(USE_EIGEN, *flags, compiler=compiler)
            dump = Dump(path)
            found = dump.components.get("header:Eigen")
            test.ok(found and found.weak + found.local == 2 and found.lines > 0 and not found.in_global
                    and found.source.endswith("Eigen/src/Core/Matrix.h")
                    and found.grade == "symbol-binding" and found.licence == "MPL-2.0",
                    "%s: functions and rows of Eigen" % name, [dump.error, vars(found or dump)])
            test.ok(len(dump.units) == 1 and dump.units[0][0].endswith("main.cc")
                    and dump.units[0][4] == flags[1][-1] and dump.units[0][2],
                    "%s: the unit" % name, [dump.units])
            check_rows(test, name, path, dump)


def stripped(test):
    path = Case("stripped").build(USE_EIGEN, "-O1", "-g", "-s")
    found = Dump(path).components.get("header:Eigen")
    test.ok(found and found.weak == 2 and found.lines == 0, "stripped: by the dynamic symbols")


def inlined_away(test):
    """Without a function of its own, line tables still tell; stripped, nothing does."""
    flags = ["-O2", "-g", "-finline-functions", "-finline"]
    source = USE_EIGEN.replace("float use", "__attribute__((flatten)) float use")
    case = Case("inlined")
    dump = Dump(case.build(source.replace("m += m; ", ""), *flags))
    found = dump.components.get("header:Eigen")
    test.ok(found and found.lines > 0 and found.source, "inlined: by rows of the line table",
            [vars(found) if found else dump.files])


def hidden(test):
    source = '#include "pybind11/cast.h"\nint use(int x) { return pybind11::cast(x); }\n'
    case = Case("hidden")
    found = Dump(case.build(source, "-O1")).components.get("header:pybind11")
    test.ok(found and found.local == 1 and found.weak == 0,
            "hidden: a local function of .symtab", [vars(found or case)])
    test.ok("header:pybind11" not in Dump(case.build(source, "-O1", "-s")).components,
            "hidden and stripped: nothing is claimed")


def declared_only(test):
    source = '#include "Eigen/src/Core/Matrix.h"\nint use(Eigen::Plain p) { return p.x; }\n'
    dump = Dump(Case("declared").build(source, "-O0", "-g"))
    test.ok(any(path.endswith("Matrix.h") for path in dump.files)
            and "header:Eigen" not in dump.components,
            "a type alone is no code: the file is named, nothing is claimed", [dump.files])


def argument_only(test):
    source = """#include "Eigen/src/Core/Matrix.h"
namespace mine { template <class T> int count(T *p) { return p ? sizeof(T) : 0; } }
int use(Eigen::Plain *p) { return mine::count(p); }
"""
    dump = Dump(Case("argument").build(source, "-O0"))
    test.ok("header:Eigen" not in dump.components, "a template argument is no code of its namespace",
            [list(dump.components)])


def versions(test):
    source = """#include "fmt/core.h"
#include "nlohmann/json.hpp"
int use(int x) { nlohmann::basic_json<int> j; j.value = x; return fmt::format(x) + j.get(); }
"""
    dump = Dump(Case("versions").build(source, "-O0"))
    seen = {name: found.version for name, found in dump.components.items()}
    test.ok(seen == {"header:fmt": "9", "header:JSON-for-Modern-C++": "3.11.2"},
            "versions by inline namespaces", [seen])


def compiled(test):
    source = '#include "fmt/core.h"\nnamespace fmt { inline namespace v9 { int vprint(int x) ' \
             '{ return format(x); } } }\n'
    found = Dump(Case("compiled").build(source, "-O0")).components.get("header:fmt")
    test.ok(found and found.in_global == 1 and found.weak == 1,
            "a function compiled from a source file counts apart", [vars(found) if found else ""])


def not_theirs(test):
    source = """struct Eigen { int f() { return 1; } };
namespace other { namespace fmt { inline int g() { return 2; } } }
extern "C" int _ZN3fmt; int _ZN3fmt;
namespace { namespace fmt { int h() { return 3; } } }
int use() { return other::fmt::g() + fmt::h(); }
"""
    dump = Dump(Case("theirs").build(source, "-O0"))
    test.ok(not dump.components, "inner and anonymous namespaces are others'",
            [list(dump.components)])


def cross(test):
    if not shutil.which("clang++") or not shutil.which("ld.lld"):
        test.skip("AArch64", "no clang++ or ld.lld")
        return
    try:
        path = Case("cross").build(USE_EIGEN, "--target=aarch64-linux-gnu", "-g", "-O1", "-nostdlib",
                                   "-fuse-ld=lld", "-nostdinc", "-fno-exceptions",
                                   compiler="clang++")
    except foreign.Unavailable as reason:
        test.skip("AArch64", str(reason))
        return
    dump = Dump(path)
    found = dump.components.get("header:Eigen")
    test.ok(found and found.weak == 2 and found.lines > 0, "AArch64: functions and rows of Eigen",
            [dump.error, dump.diagnostics])


def joined(test):
    """From the file to findings; only with the tier."""
    case = Case("joined")
    path = case.build(USE_EIGEN, "-O1", "-g")
    scan = Scan(case.dir, {path: "/opt/app/lib.so"})
    edge = scan.edges.get("header:Eigen", {})
    test.equal((edge.get("kind"), edge.get("class"), edge.get("grade"), edge.get("symbols_bound")),
               ("link-static", "linking", "symbol-binding", None), "an edge to the headers' project")
    evidence = {one["type"]: one["detail"] for one in edge.get("evidence", [])}
    test.ok("inline" in evidence and "Eigen::Matrix<float>::" in evidence.get("function", "")
            and evidence.get("DWARF", "").endswith("Matrix.h"), "with its evidence", [evidence])
    test.ok("source-offer" in scan.rules.get(("ship-source-files", "header:Eigen"), []),
            "whose licence asks for something", [scan.rules])
    test.ok(any("header:Eigen" in work["members"] for work in scan.report["works"]),
            "a member of the work")
    without = Scan(case.dir, {path: "/opt/app/lib.so"}, "--tiers", "link")
    test.ok(not without.edges and not without.report["coverage"]["headers"],
            "nothing of it in the link tier")
    text = subprocess.run([ELFLEFT, "scan", "-q", "--root", os.path.join(case.dir, "root")],
                          capture_output=True, text=True, check=False).stdout
    test.ok("Eigen" in text and "(header code: 2 functions)" in text, "the text says so", [text])


def tiers(test):
    """Names are read by the code tier, line tables by the debug tier alone, and split ones too."""
    case = Case("tiers")
    path = case.build(USE_EIGEN, "-O1", "-g", "-Wl,--build-id=0xabcdef0123456789")
    grades = {tier: Scan(case.dir, {path: "/opt/app/lib.so"}, "--tiers", "link," + tier).edges.get(
        "header:Eigen", {}) for tier in ("code", "debug")}
    test.ok(grades["code"].get("grade") == "symbol-binding" and not grades["code"]["inline"]["lines"],
            "the code tier knows it by names alone", [grades["code"]])
    test.ok(grades["debug"].get("grade") == "declared" and not grades["debug"]["inline"]["weak"],
            "the debug tier knows it by line tables alone", [grades["debug"]])
    split, bare = (os.path.join(case.dir, name) for name in ("split.debug", "bare.so"))
    subprocess.run(["objcopy", "--only-keep-debug", path, split], check=True)
    subprocess.run(["strip", "-o", bare, path], check=True)
    edge = Scan(case.dir, {bare: "/opt/app/lib.so",
                           split: "/usr/lib/debug/.build-id/ab/cdef0123456789.debug"}).edges.get(
                               "header:Eigen", {})
    test.ok(edge.get("from") == "/opt/app/lib.so" and edge["inline"]["lines"]
            and edge["inline"]["weak"], "line tables that were split off are the file's", [edge])
    with open(path, "rb") as file:
        data = bytearray(file.read())
    offset, = (int(found.group(1), 16) for found in re.finditer(
        r"\.debug_info\s+PROGBITS\s+\w+ (\w+)", subprocess.run(
            ["readelf", "-SW", path], capture_output=True, text=True, check=True).stdout))
    data[offset + 4:offset + 8] = b"\xee" * 4
    with open(path, "wb") as file:
        file.write(data)
    codes = [{one["code"] for one in Scan(case.dir, {path: "/lib.so"}, "--tiers", chosen)
              .report["diagnostics"]} for chosen in ("link,code", "link,code,debug")]
    test.ok("EL0123" not in codes[0] and "EL0123" in codes[1],
            "without the debug tier no debug information is read", [codes])


def linked(test):
    """Templates of a library that is linked are the use of an interface."""
    case = Case("linked")
    source = '#include "fmt/core.h"\nint use(int x) { return fmt::format(x); }\n'
    library = case.build("int of_library;\n", "-Wl,-soname,libfmt.so.9", name="libfmt.so.9")
    path = case.build(source, "-O1", "-Wl,--no-as-needed", library)
    scan = Scan(case.dir, {path: "/lib/lib.so", library: "/lib/libfmt.so.9"})
    test.ok("header:fmt@9" not in scan.edges and scan.against.get("fmt") == "it links libfmt.so.9",
            "compiled against, not contained", [scan.edges, scan.against])
    own = case.build(source, "-O1", "-Wl,-soname,libfmt.so.9", name="libfmt.so.9")
    scan = Scan(case.dir, {own: "/lib/libfmt.so.9"})
    test.ok(not scan.edges, "a project's own library does not contain its headers", [scan.edges])
    alone = case.build(source, "-O1")
    scan = Scan(case.dir, {alone: "/lib/lib.so"})
    test.ok("header:fmt@9" in scan.edges, "without the library it is contained", [scan.edges])
    test.equal(scan.rules.get(("inside-exception", "header:fmt@9")), ["clear"],
               "and its exception asks for no notice")


def imported(test):
    """A function that is asked for is not there."""
    case = Case("imported")
    scan = Scan(case.dir, {case.build(
        "namespace Eigen { int solve(int); struct Plain { int x; }; }\n"
        "int use(Eigen::Plain &p) { return Eigen::solve(p.x); }\n", "-O1", "-g"): "/lib/lib.so"})
    test.ok(not scan.edges and not scan.against, "an undefined symbol claims nothing",
            [scan.edges, scan.against])


def short_name(test):
    """A short namespace may be anybody's: the GPL of VCGlib by it alone is for review."""
    case = Case("short")
    source = "namespace vcg { template <class T> int area(T t) { return t * t; } }\n" \
             "int use(int x) { return vcg::area(x); }\n"
    scan = Scan(case.dir, {case.build(source, "-O0", "-s"): "/lib/lib.so"})
    edge = scan.edges.get("header:VCGlib")
    test.ok(edge and not edge["inline"]["distinct"], "a short namespace is told as such",
            [scan.edges])
    heavy = [(rule, outcomes) for (rule, about), outcomes in scan.rules.items()
             if about == "header:VCGlib" and ("conflict" in outcomes or "whole-work" in outcomes)]
    told = [outcomes for (rule, about), outcomes in scan.rules.items() if about == "header:VCGlib"]
    test.ok(told and not heavy, "and decides no conflict", [heavy, scan.rules])


def damaged(test):
    """Whatever is in the debug sections costs at most this file, in time and with a word."""
    path = Case("damaged").build(USE_EIGEN, "-O0", "-gdwarf-5")
    done = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True, check=False)
    places = [(int(found.group(2), 16), int(found.group(3), 16)) for found in re.finditer(
        r"(\.debug_\w+)\s+PROGBITS\s+\w+ (\w+) (\w+)", done.stdout)]
    with open(path, "rb") as file:
        good = file.read()
    source, bad, words = random.Random(7), [], 0
    for number in range(150):
        data = bytearray(good)
        offset, size = places[source.randrange(len(places))]
        for _ in range(source.randrange(1, 9)):
            data[offset + source.randrange(size)] = source.choice((0, 1, 0x7f, 0x80, 0xff,
                                                                   source.randrange(256)))
        where = os.path.join(TOP, "damaged", "bad.so")
        with open(where, "wb") as file:
            file.write(data)
        try:
            dump = Dump(where)
        except subprocess.TimeoutExpired:
            bad.append("%d: no end" % number)
            continue
        words += bool(dump.diagnostics or dump.status)
        if dump.status not in (0, 2) or (dump.status == 2 and not dump.error):
            bad.append("%d: status %d" % (number, dump.status))
    test.ok(not bad, "150 files with damaged debug sections are survived", bad[:5])
    test.ok(words > 10, "and their damage is told (%d of 150)" % words)
    with open(os.path.join(TOP, "damaged", "cut.so"), "wb") as file:
        file.write(good[:places[0][0] + 10])
    dump = Dump(os.path.join(TOP, "damaged", "cut.so"))
    test.ok(dump.status == 0 and dump.diagnostics, "a file cut in its debug sections is told")


def real(test):
    os.makedirs(CACHE, exist_ok=True)
    include = os.path.join(CACHE, "root", "usr", "include")
    try:
        for package in REAL:
            if not glob.glob(os.path.join(CACHE, package + "_*.deb")):
                foreign.run(["apt-get", "-q", "download", package], CACHE)
            if not os.path.exists(os.path.join(CACHE, "root", package)):
                os.makedirs(os.path.join(CACHE, "root"), exist_ok=True)
                deb = glob.glob(os.path.join(CACHE, package + "_*.deb"))[0]
                foreign.run(["dpkg-deb", "-x", deb, os.path.join(CACHE, "root")], CACHE)
                with open(os.path.join(CACHE, "root", package), "w", encoding="ascii"):
                    pass
    except foreign.Unavailable as reason:
        test.skip("real headers", str(reason))
        return
    source = """#define FMT_HEADER_ONLY
#include <Eigen/Core>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <rapidjson/document.h>
#include <string>
%s
std::string use(const char *text) {
    Eigen::Matrix4d m = Eigen::Matrix4d::Random();
    nlohmann::json j = nlohmann::json::parse(text);
    rapidjson::Document d;
    d.Parse(text);
    return fmt::format("{} {} {}", m.transpose().sum(), j.dump(), d.HasParseError());
}
"""
    wanted = {"header:Eigen", "header:fmt", "header:JSON-for-Modern-C++", "header:RapidJSON"}
    python = sorted(glob.glob("/usr/include/python3*/Python.h"))
    if python:
        source = source % "#include <pybind11/pybind11.h>" + """
PYBIND11_MODULE(lib, m) { m.def("use", &use); }
"""
    else:
        source = source % ""
        test.skip("real headers of pybind11", "no Python.h")
    case = Case("real", with_headers=False)
    try:
        built = case.build(source, "-O0", "-g", "-isystem", include, "-isystem",
                           include + "/eigen3",
                           *("-I" + os.path.dirname(header) for header in python[-1:]))
    except foreign.Unavailable as reason:
        test.skip("real headers", str(reason))
        return
    stripped_copy = os.path.join(case.dir, "stripped.so")
    subprocess.run(["strip", "-o", stripped_copy, built], check=True)
    for path in (built, stripped_copy):
        dump = Dump(path)
        name = "real headers, %s" % ("stripped" if path == stripped_copy else "with debug information")
        # pybind11 hides all that is its own: of a stripped file nothing tells it.
        expected = wanted | ({"header:pybind11"} if python and path == built else set())
        test.ok(set(dump.components) == expected, "%s: all of them and no other" % name,
                [sorted(dump.components)])
        test.ok(dump.components["header:fmt"].version == "9"
                and dump.components["header:JSON-for-Modern-C++"].version == "3.11.2",
                "%s: the versions of the packages" % name)
        scan = Scan(case.dir, {path: "/lib/lib.so"})
        test.equal({to.split("@")[0] for to in scan.edges}, expected, "%s: their edges" % name)
        if path == built:
            check_rows(test, name, path, dump)


CASES = [with_debug, stripped, inlined_away, hidden, declared_only, argument_only, versions, compiled,
         not_theirs, cross, joined, tiers, linked, imported, short_name, damaged, real]


def main():
    test = tap.Tap()
    if not os.access(DUMP, os.X_OK):
        print("Bail out! no %s: run make test-tools" % DUMP)
        return 1
    for case in CASES:
        if sys.argv[1:] and case.__name__ not in sys.argv[1:]:
            continue
        try:
            case(test)
        except foreign.Unavailable as reason:
            test.skip(case.__name__, str(reason))
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
