#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""elfleft index: what goes into an index, that archives of every form give the same, and that
functions of a linked program are found again."""
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
CC = os.environ.get("CC", "gcc").split()
MATCH = os.path.join(BUILD, "tools", "index_match")
SCHEMA = os.path.join(HERE, os.pardir, "data", "schema", "index.schema.json")

BUILD_ID = "00112233445566778899aabbccddeeff"

# Each function is well over the size below which nothing is indexed.
FUNCTION = """
int %(name)s(const unsigned char *p, int n) {
	unsigned s = %(seed)d;
	for (int i = 0; i < n; i++) {
		s = s * %(seed)d + p[i];
		if ((s & 7) == 3)
			s ^= s >> %(shift)d;
		if (s %% %(modulus)d == 1)
			s += (unsigned)n * %(seed)d;
	}
	return (int)(s ^ (s >> 16));
}
"""


def source(*names):
    parts = []
    for name in names:
        seed = sum(name.encode()) * 7 + 3
        parts.append(FUNCTION % {"name": name, "seed": seed, "shift": seed % 23 + 3,
                                 "modulus": seed % 91 + 13})
    return "".join(parts)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def compile_object(folder, name, text):
    write(os.path.join(folder, name + ".c"), text)
    subprocess.run([*CC, "-O2", "-fPIC", "-c", name + ".c", "-o", name + ".o"], cwd=folder,
                   check=True)


def index(*words, status=0, cwd=None):
    done = subprocess.run([ELFLEFT, "index", *words, "-f", "json"], capture_output=True,
                          check=False, cwd=cwd)
    if done.returncode != status:
        print("#", words, done.returncode, done.stderr.decode()[:300])
        return None
    return json.loads(done.stdout) if done.stdout else {}


def same(left, right):
    with open(left, "rb") as first, open(right, "rb") as second:
        return first.read() == second.read()


def bsd_archive(path, members):
    """As BSD's ar writes it: names before the bytes, and a symbol table that is a member."""
    with open(path, "wb") as file:
        file.write(b"!<arch>\n")
        for name, content in [("__.SYMDEF", b"\0" * 8), *members]:
            text = name.encode() + b"\0" * (4 - len(name) % 4)
            header = "%-16s%-12d%-6d%-6d%-8o%-10d`\n" % ("#1/%d" % len(text), 0, 0, 0, 0o644,
                                                         len(text) + len(content))
            file.write(header.encode() + text + content)
            if (len(text) + len(content)) & 1:
                file.write(b"\n")


def make_inputs(folder):
    compile_object(folder, "one", source("alpha_first", "alpha_second"))
    compile_object(folder, "two_with_a_name_longer_than_15", source("alpha_third"))
    compile_object(folder, "other", source("beta_first", "alpha_third"))
    members = ["one.o", "two_with_a_name_longer_than_15.o"]
    subprocess.run(["ar", "rcsD", "libalpha.a", *members], cwd=folder, check=True)
    subprocess.run(["ar", "rcsTD", "libthin.a", *members], cwd=folder, check=True)
    subprocess.run(["ar", "qcsD", "libtwice.a", "one.o", "one.o", "other.o"], cwd=folder,
                   check=True)
    subprocess.run(["ar", "rcsD", "libbeta.a", "other.o"], cwd=folder, check=True)
    contents = []
    for member in members:
        with open(os.path.join(folder, member), "rb") as file:
            contents.append((member, file.read()))
    bsd_archive(os.path.join(folder, "libbsd.a"), contents)


CONTROL = """Package: libalpha-dev
Source: alpha (2:1.2+dfsg1-3)
Version: 2:1.2+dfsg1-3+b1
Architecture: amd64
Description: no field
 Source: nor this
"""
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 Somebody
License: GPL-3+

Files: debian/*
Copyright: 2021 Somebody
License: ISC
"""


def tar_of(files, compression):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:" + compression) as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def write_package(path, files, control=CONTROL, compression="xz"):
    """A Debian package: an archive of two tar files."""
    with open(path, "wb") as file:
        file.write(b"!<arch>\n")
        for name, content in (("debian-binary", b"2.0\n"),
                              ("control.tar." + compression,
                               tar_of([("./control", control.encode())], compression)),
                              ("data.tar." + compression, tar_of(files, compression))):
            header = "%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (name, 0, 0, 0, 0o644, len(content))
            file.write(header.encode() + content + b"\n" * (len(content) & 1))


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def members_of(report):
    return [(member["name"], member["functions"])
            for component in report["components"] for origin in component["origins"]
            for member in origin["members"]]


def check_archives(test, folder):
    wanted = [("one.o", 2), ("two_with_a_name_longer_than_15.o", 1)]
    for name in ("alpha", "thin", "bsd"):
        report = index("build", "-o", name + ".elfidx", "--component", "alpha",
                       "--component-version", "1.2", "--licence", "GPL-2.0-only",
                       "lib%s.a" % name, cwd=folder)
        test.ok(report and report["complete"], "%s: built" % name, [report])
        shown = index("show", name + ".elfidx", cwd=folder)
        test.equal(members_of(shown), wanted, "%s: its members, by their names" % name)
    origin = shown["components"][0]["origins"][0]
    test.equal((origin["version"], origin["licence"], origin["path"]),
               ("1.2", "GPL-2.0-only", "libbsd.a"), "what it is stands with it")
    report = index("build", "-o", "twice.elfidx", "libtwice.a", cwd=folder)
    shown = index("show", "twice.elfidx", cwd=folder)
    test.equal(members_of(shown), [("one.o", 2), ("one.o", 2), ("other.o", 2)],
               "two members of one name are two members")
    test.equal((report["functions"], report["keys"]), (6, 4), "and their bodies are the same")
    test.equal(shown["components"][0]["name"], "libtwice", "a component that nobody named")


def check_merge(test, folder):
    index("build", "-o", "both.elfidx", "libalpha.a", "libbeta.a", cwd=folder)
    index("build", "-j", "1", "-o", "again.elfidx", "libbeta.a", "libalpha.a", cwd=folder)
    test.ok(same(os.path.join(folder, "both.elfidx"), os.path.join(folder, "again.elfidx")),
            "the order of files and the number of workers change no byte")
    index("build", "-o", "a.elfidx", "libalpha.a", cwd=folder)
    index("build", "-o", "b.elfidx", "libbeta.a", cwd=folder)
    index("build", "-o", "merged.elfidx", "b.elfidx", "a.elfidx", "a.elfidx", cwd=folder)
    test.ok(same(os.path.join(folder, "both.elfidx"), os.path.join(folder, "merged.elfidx")),
            "merged segments are what one build is")
    report = index("list", "a.elfidx", "b.elfidx", cwd=folder)
    test.equal([component["name"] for component in report["components"]],
               ["libalpha", "libbeta"], "several files are shown as one index")
    write(os.path.join(folder, "keep"), "libalpha\n")
    index("build", "-o", "kept.elfidx", "--keep", "keep", "both.elfidx", cwd=folder)
    report = index("list", "kept.elfidx", cwd=folder)
    counts = {component["name"]: (component["functions"], component["unique"])
              for component in report["components"]}
    test.equal(counts, {"libalpha": (3, 2), "libbeta": (1, 0)},
               "a part of an index still knows what is unique in the whole")


def check_package(test, folder):
    """A Debian package says itself what its files are."""
    subprocess.run([*CC, "-shared", "-Wl,--build-id=sha1", "one.o", "-o", "libone.so"],
                   cwd=folder, check=True)
    write(os.path.join(folder, "main.c"), source("other") + "int main(void) { return other(1, 2); }\n")
    subprocess.run([*CC, "-Wl,--build-id=0x" + BUILD_ID, "main.c", "-o", "program"], cwd=folder,
                   check=True)
    files = [("./usr/lib/t/libalpha.a", read(folder, "libalpha.a")),
             ("./usr/lib/t/libscript.so", b"INPUT(libalpha.a)\n"),
             ("./usr/lib/t/libempty.a", b""),
             ("./usr/lib/t/libthin.a", read(folder, "libthin.a")),
             ("./usr/lib/t/libone.so.1", read(folder, "libone.so")),
             ("./usr/lib/t/module.ko", read(folder, "one.o")),
             ("./usr/bin/alpha", read(folder, "program")),
             ("./usr/bin/script", b"#!/bin/sh\n"),
             ("./usr/share/doc/libalpha-dev/copyright", COPYRIGHT.encode())]
    write_package(os.path.join(folder, "p.deb"), files)
    # Nothing is unpacked: there is no place to do it.
    os.environ["TMPDIR"] = "/nowhere"
    report = index("build", "-o", "p.elfidx", "p.deb", cwd=folder)
    test.ok(report and report["complete"], "a package: built", [report])
    test.equal([(one["code"], "libthin.a)(" in one["file"]) for one in report["diagnostics"]],
               [("EL0114", True)] * 2, "a thin archive in it has its members elsewhere")
    shown = index("show", "p.elfidx", cwd=folder)
    origins = {origin["path"]: origin for component in shown["components"]
               for origin in component["origins"]}
    test.equal([component["name"] for component in shown["components"]], ["alpha"],
               "the component is the source package")
    test.equal(sorted(origins), ["usr/bin/alpha", "usr/lib/t/libalpha.a", "usr/lib/t/libone.so.1"],
               "its archives, libraries and programs, and neither scripts nor kernel modules")
    test.equal([(member["name"], member["build_id"], member["functions"])
                for member in origins.get("usr/bin/alpha", {}).get("members", [])],
               [("alpha", BUILD_ID, 0)], "of a program its build-id alone")
    test.equal((shown["build_ids"], [member["build_id"] for member in origins.get(
        "usr/lib/t/libalpha.a", {}).get("members", [])]), (2, ["", ""]), "objects have none")
    origin = origins.get("usr/lib/t/libalpha.a", {})
    test.equal([(member["name"], member["functions"]) for member in origin.get("members", [])],
               [("one.o", 2), ("two_with_a_name_longer_than_15.o", 1)], "with all members")
    test.equal([origin.get(key) for key in ("version", "licence", "source", "source_version",
                                            "package")],
               ["1.2", "GPL-3.0-or-later", "alpha", "2:1.2+dfsg1-3", "libalpha-dev"],
               "control and copyright say what they are")
    report = index("build", "-o", "q.elfidx", "--component", "other", "--licence", "MIT",
                   "--component-version", "9", "p.deb", cwd=folder)
    shown = index("show", "q.elfidx", cwd=folder)
    test.equal([(component["name"], origin["version"], origin["licence"])
                for component in shown["components"] for origin in component["origins"]],
               [("other", "9", "MIT")] * 3, "unless the user says otherwise")
    write_package(os.path.join(folder, "bad.deb"), [("../libalpha.a", files[0][1]),
                                                    ("/libalpha.a", files[0][1])],
                  control="nonsense", compression="gz")
    report = index("build", "-o", "bad.elfidx", "bad.deb", cwd=folder, status=2)
    test.ok(report and report["functions"] == 0 and
            {one["code"] for one in report["diagnostics"]} == {"EL0011"},
            "paths that lead out and a control file without fields are told", [report])
    with open(os.path.join(folder, "cut.deb"), "wb") as file:
        file.write(read(folder, "p.deb")[:-400])
    report = index("build", "-o", "cut.elfidx", "cut.deb", cwd=folder, status=2)
    test.ok(report and "EL0010" in {one["code"] for one in report["diagnostics"]},
            "so is a package cut off", [report])
    del os.environ["TMPDIR"]


def check_manifest(test, folder):
    columns = ("path", "name", "component", "class", "version", "licence", "source",
               "source_version", "package", "distribution", "carrier", "members")
    rows = [("libtwice.a", "usr/lib/libtwice.a", "inner", "library", "", "MIT", "s", "3-1", "p",
             "debian-12", "outer", "oth*.o"),
            ("libtwice.a", "usr/lib/libtwice.a", "outer", "toolchain", "3", "ISC", "s", "3-1", "p",
             "debian-12", "", "")]
    write(os.path.join(folder, "m.tsv"),
          "\n".join("\t".join(row) for row in (columns, *rows)) + "\n")
    index("build", "-o", "m.elfidx", "--manifest", "m.tsv", cwd=folder)
    report = index("show", "m.elfidx", cwd=folder)
    found = [(component["name"], component["class"], origin["carrier"], origin["source_version"],
              len(origin["members"]))
             for component in report["components"] for origin in component["origins"]]
    test.equal(found, [("inner", "library", "outer", "3-1", 1), ("outer", "toolchain", "", "3-1", 2)],
               "a manifest says what files and members are")
    report = index("show", "--component", "inner", "m.elfidx", cwd=folder)
    test.equal(members_of(report), [("other.o", 2)], "one component alone")
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    for name, shown in (("show", report), ("list", index("list", "m.elfidx", cwd=folder))):
        errors = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(shown)]
        test.ok(not errors, "the report of %s fits its schema" % name, errors[:5])
    test.ok(not jsonschema.Draft7Validator(schema).is_valid(dict(report, surprise=1)),
            "the schema refuses an unknown key")


def check_match(test, folder):
    write(os.path.join(folder, "main.c"),
          "int alpha_first(const char *, int), alpha_third(const char *, int);\n"
          "int main(int n, char **v) { return alpha_first(*v, n) + alpha_third(*v, n); }\n")
    subprocess.run([*CC, "-O2", "main.c", "libalpha.a", "-o", "main", "-s"], cwd=folder, check=True)
    done = subprocess.run([MATCH, "both.elfidx", "main"], cwd=folder, capture_output=True,
                          check=True, text=True)
    lines = done.stdout.splitlines()
    # alpha_third is in both libraries, one.o brings alpha_second with it.
    test.equal(lines[1:], ["  libalpha 2"], "a stripped program: what only libalpha has")
    test.ok(", 3 found, 3 strictly" in lines[0], "and all that it has of the index", lines)


def check_scan(test, folder):
    """A static archive as input of scan: each member is a file."""
    found = {}
    for name in ("alpha", "bsd", "twice"):
        path = os.path.join(folder, "lib%s.a" % name)
        done = subprocess.run([ELFLEFT, "scan", "-f", "json", "--no-progress", path],
                              capture_output=True, check=False)
        report = json.loads(done.stdout)
        found[name] = {file["path"].rsplit("/", 1)[-1]: (file["type"], file["sha256"], file["size"])
                       for file in report["files"] if file["shipped"]}
    with open(os.path.join(folder, "one.o"), "rb") as file:
        content = file.read()
    one = ("relocatable", hashlib.sha256(content).hexdigest(), len(content))
    test.equal(sorted(found["alpha"]),
               ["libalpha.a(one.o)", "libalpha.a(two_with_a_name_longer_than_15.o)"],
               "scan lists the members of a static archive")
    test.equal(found["alpha"]["libalpha.a(one.o)"], one, "with their own digest and size")
    test.equal(found["bsd"]["libbsd.a(one.o)"], one, "of a BSD archive too")
    test.equal((found["twice"]["libtwice.a(one.o)"], found["twice"]["libtwice.a(one.o#2)"]),
               (one, one), "two members of one name have names of their own")


def installed_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          check=False, text=True)
    return done.stdout if done.returncode == 0 else None


def check_core(test, folder):
    """The index that comes along was made by the rules of fingerprints of this build."""
    data = os.path.join(HERE, os.pardir, "data", "index")
    core = os.path.join(data, "core.elfidx")
    test.ok(os.path.getsize(core) <= 12_000_000, "the core index has at most 12 MB")
    listed = index("list", core)
    test.ok(listed and listed["complete"], "the core index can be used")
    with open(os.path.join(data, "packages.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    versions = {row[3]: row[4] for row in rows if row[1] == "debian-12"}
    for package, archive in (
            ("zlib1g-dev", "libz.a"), ("libreadline-dev", "libreadline.a"),
            ("libgmp-dev", "libgmp.a"), ("libx264-dev", "libx264.a")):
        path = "/usr/lib/x86_64-linux-gnu/" + archive
        name = "all of %s is in the core index" % archive
        if not os.path.exists(path) or installed_version(package) != versions[package]:
            test.skip(name, "%s %s is not installed" % (package, versions[package]))
            continue
        members = os.path.join(folder, package)
        os.mkdir(members)
        subprocess.run(["ar", "x", path], cwd=members, check=True)
        done = subprocess.run([MATCH, core, *sorted(os.listdir(members))], cwd=members,
                              capture_output=True, check=True, text=True)
        missing = [line for line in done.stdout.splitlines() if not line.startswith("  ")
                   and len({word.split()[0] for word in line.split(", ")[1:]}) != 1]
        test.ok(not missing, name, missing[:5])


def check_bad(test, folder):
    write(os.path.join(folder, "bad.a"), "!<arch>\nnonsense")
    report = index("build", "-o", "bad.elfidx", "bad.a", "libbeta.a", status=2, cwd=folder)
    test.equal([(item["code"], item["file"].rsplit("/", 1)[-1], item["offset"])
                for item in report["diagnostics"]], [("EL0113", "bad.a", 8)],
               "a malformed archive is told, with its offset")
    test.equal([component["name"] for component in report["components"]], ["libbeta"],
               "and what else there is goes in")
    report = index("list", "libbeta.a", status=2, cwd=folder)
    test.equal([item["code"] for item in report["diagnostics"]], ["EL0801"],
               "an archive is no index")
    subprocess.run(["ar", "rcsD", "libmixed.a", "main.c", "other.o"], cwd=folder, check=True)
    report = index("build", "-o", "mixed.elfidx", "libmixed.a", cwd=folder)
    test.equal([(item["code"], item["file"].rsplit("/", 1)[-1]) for item in report["diagnostics"]],
               [("EL0114", "libmixed.a(main.c)")], "a member that is no ELF file is told")
    os.remove(os.path.join(folder, "one.o"))
    report = index("build", "-o", "thin2.elfidx", "libthin.a", status=2, cwd=folder)
    test.equal([(item["code"], item["file"].rsplit("/", 1)[-1]) for item in report["diagnostics"]],
               [("EL0002", "libthin.a(one.o)")], "a thin archive whose member is gone")
    for words in (("build", "libbeta.a"), ("build", "-o", "x.elfidx"), ("list",), ("frob",)):
        done = subprocess.run([ELFLEFT, "index", *words], cwd=folder, capture_output=True,
                              check=False)
        test.equal(done.returncode, 3, "a usage error: index %s" % " ".join(words))


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        make_inputs(folder)
        check_archives(test, folder)
        check_merge(test, folder)
        check_package(test, folder)
        check_manifest(test, folder)
        check_match(test, folder)
        check_scan(test, folder)
        check_core(test, folder)
        check_bad(test, folder)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
