#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is inside by what toolchains and linkers write down: a program with a list of cargo-auditable,
Go's build information, OpenCV's, paths of crates and functions of a project's own names; a linker's
map beside it. Nothing of it needs a compiler of Rust or Go."""
import json
import os
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
CARGO = {"packages": [
    {"name": "syn", "version": "2.0.119", "source": "crates.io"},
    {"name": "syn", "version": "1.0.109", "source": "crates.io"},
    {"name": "cc", "version": "1.4.0", "source": "crates.io", "kind": "build"},
    {"name": "ours", "version": "0.1.0", "source": "local", "root": True}], "format": 8}
GO = ("0123456789abcdef" "path\texample.org/prog\nmod\texample.org/prog\tv0.1.0\t\n"
      "dep\tgolang.org/x/sys\tv0.1.0+incompatible\th1:x=\n"
      "dep\tgithub.com/pkg/errors\tv0.9.1\th1:y=\n"
      "dep\texample.org/odd#dep\tv1.0?x=y\th1:z=\n" "fedcba9876543210")
OPENCV = ("\nGeneral configuration for OpenCV 4.11.0 =====\n  Platform:\n"
          "    3rdparty dependencies:       libprotobuf ade\n  ZLib: /usr/lib64/libz.so\n"
          "    JPEG: build (ver 9)\n    Flatbuffers:     builtin/3rdparty (23.5.9)\n")
PATHS = ("panicked/usr/share/cargo/registry/regex-1.7.0/src/lib.rs"
         "/usr/src/rustc-1.63.0/library/std/src/io.rs")


def varint(number):
    return bytes([0x80 | number & 0x7f, number >> 7])


def go_section():
    return (b"\xff Go buildinf:\x08\x02" + bytes(16) + varint(8) + b"go1.21.3" +
            varint(len(GO)) + GO.encode())


def bytes_of(name, data, flags):
    return '.section %s,"%s"\n.balign 16\n.byte %s\n' % (name, flags, ",".join(map(str, data)))


def build(folder):
    """prog, of sections that look like those of each toolchain."""
    asm = os.path.join(folder, "lists.s")
    with open(asm, "w", encoding="utf-8") as file:
        file.write(bytes_of(".dep-v0", zlib.compress(json.dumps(CARGO).encode()), ""))
        file.write(bytes_of(".go.buildinfo", go_section(), "aw"))
        file.write(bytes_of(".rodata", (PATHS + "\0" + OPENCV + "\0").encode(), "a"))
        file.write('.section .note.GNU-stack,"",@progbits\n.text\n')
        # Functions of a project's own names, and calls of another's.
        for number in range(40):
            name = "xnn_f%d" % number
            file.write(".globl %s\n.type %s,@function\n%s: .fill 64,1,0x90\nret\n.size %s,.-%s\n" % (
                (name,) * 5))
    path = os.path.join(folder, "prog")
    subprocess.run(["cc", "-xc", "-", "-xassembler", asm, "-o", path],
                   input=b"int main(void) { return 0; }", check=True)
    return path


def inside(path, *words):
    done = subprocess.run([ELFLEFT, "scan", "-q", "-f", "json", *words, path],
                          stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout)
    return report, {edge["to"]: edge for edge in report["edges"] if edge["inside"]}


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        path = build(folder)
        report, found = inside(path, "--tiers", "link,code")
        test.equal(sorted(name for name in found if name.startswith("cargo:")),
                   ["cargo:regex@1.7.0", "cargo:rust-std@1.63.0", "cargo:syn@1.0.109",
                    "cargo:syn@2.0.119"], "crates by list and by path, in each version, and no more")
        syn = found.get("cargo:syn@2.0.119", {"inside": {}})
        test.equal((syn["inside"].get("basis"), syn["inside"].get("confidence"), syn.get("grade"),
                    syn["inside"].get("calibration")), ("module list", "declared", "declared", None),
                   "a list is a statement, and nobody calibrates it")
        regex = found.get("cargo:regex@1.7.0", {"inside": {"calibration": {}}})
        test.equal((regex["inside"].get("basis"), regex.get("grade")), ("source paths", "string"),
                   "a path is less")
        test.ok((regex["inside"]["calibration"] or {}).get("said", 0) > 50, "but was counted")
        go = sorted(name for name in found if name.startswith("golang:"))
        test.equal(go, ["golang:example.org/odd#dep@v1.0?x=y", "golang:github.com/pkg/errors@v0.9.1", "golang:golang.org/x/sys@v0.1.0+incompatible",
                        "golang:stdlib@1.21.3"],
                   "modules of Go, without the program's own")
        purls = {one["id"]: one["purl"] for one in report["components"]}
        test.equal([purls.get(name) for name in go if "errors" not in name],
                   ["pkg:golang/example.org/odd%23dep@v1.0%3Fx%3Dy",
                    "pkg:golang/golang.org/x/sys@v0.1.0%2Bincompatible", "pkg:golang/stdlib@1.21.3"],
                   "have package URLs")
        licences = {one["id"]: one["licence"] for one in report["components"]}
        test.equal((licences.get("cargo:syn@2.0.119"), licences.get("golang:stdlib@1.21.3")),
                   ("MIT OR Apache-2.0", "BSD-3-Clause"), "and licences where a table has them")
        told = [one["message"] for one in report["findings"] if "/errors" in one["subject"]]
        test.ok(told and all("BSD-2-Clause, from index of fingerprints, confidence low" in one
                             for one in told),
                "low, where a copyright file of Debian's speaks of all it does not name", told)
        test.equal(sorted(name for name in found if name.startswith("opencv:")),
                   ["opencv:Flatbuffers@23.5.9", "opencv:ade", "opencv:libprotobuf"],
                   "OpenCV's own list, with headers of its tree, and without the system's")
        if report["coverage"]["contents"]:
            test.equal(found.get("symbols:XNNPACK", {"inside": {}})["inside"].get("functions"), 40,
                       "functions named as one project's")
        else:
            test.skip("functions named as one project's", "no index came along")
        test.equal(inside(path, "--tiers", "link")[1], {}, "none of it without the code tier")
        text = subprocess.run([ELFLEFT, "scan", "-q", "-v", path], stdout=subprocess.PIPE,
                              check=False).stdout.decode()
        test.ok("syn 2.0.119 MIT OR Apache-2.0 (declared: module list)" in text and
                '"declared" by module list is not calibrated' in text, "the text says so", [text])
        with open(path + ".map", "w", encoding="utf-8") as file:
            file.write("Archive member included to satisfy reference by file (symbol)\n\n"
                       "/opt/lib/libnobodys.a(one.o)\n          main.o (one)\n"
                       "/opt/lib/libnobodys.a(two.o)\n\nMemory Configuration\nOUTPUT(prog elf64)\n")
        linked = inside(path)[1].get("map:libnobodys.a", {"inside": {}, "evidence": [{}]})
        test.equal((linked["inside"].get("basis"), linked["inside"].get("members")),
                   ("link map", 2), "archives of the linker's map beside it")
        os.rename(path + ".map", path + "2.map")
        os.link(path, path + "2")
        test.ok("map:libnobodys.a" not in inside(path + "2")[1], "but not of another file's map")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
