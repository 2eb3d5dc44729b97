#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build-ids as evidence: a library of an index is told by its build-id when it was stripped and
patched since, with package and version; another build of it, and one without a build-id, are
not."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", "build/elfleft"))
CC = os.environ.get("CC", "gcc").split()
SCHEMA = os.path.join(HERE, os.pardir, "data", "schema", "scan.schema.json")
CONTROL = """Package: libthing1
Source: thing
Version: 2.5-1
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Description: a library
"""
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 Somebody
License: MPL-2.0
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def build(path, identity, value=1, *flags):
    write(path + ".c", "int thing(void) { return %d; }\n" % value)
    subprocess.run([*CC, "-shared", "-fPIC", "-Wl,--build-id" + identity, "-o", path, path + ".c",
                    *flags], check=True)
    os.remove(path + ".c")
    return path


def run(*words):
    done = subprocess.run([ELFLEFT, *words], capture_output=True, check=False)
    if done.returncode:
        print("#", words, done.returncode, done.stderr.decode()[:300])
    return done.stdout.decode()


def scan(index, path):
    return json.loads(run("scan", "--no-progress", "-f", "json", "--index", index, path))


def file_of(report, name):
    return next(file for file in report["files"] if file["path"].endswith("/" + name))


def package(folder, library):
    tree = os.path.join(folder, "tree")
    write(os.path.join(tree, "DEBIAN", "control"), CONTROL)
    write(os.path.join(tree, "usr/share/doc/libthing1/copyright"), COPYRIGHT)
    os.makedirs(os.path.join(tree, "usr/lib"))
    shutil.copy(library, os.path.join(tree, "usr/lib/libthing.so.1"))
    path = os.path.join(folder, "libthing1.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, path], check=True,
                   stdout=subprocess.DEVNULL)
    return path


def make_artifact(folder, library):
    artifact = os.path.join(folder, "artifact")
    os.mkdir(artifact)
    changed = shutil.copy(library, os.path.join(artifact, "changed.so"))
    subprocess.run(["strip", changed], check=True)
    if shutil.which("patchelf"):
        subprocess.run(["patchelf", "--set-rpath", "/opt/lib", changed], check=True)
    build(os.path.join(artifact, "other.so"), "=sha1", 2)
    build(os.path.join(artifact, "none.so"), "=none")
    build(os.path.join(artifact, "short.so"), "=0x00112233445566")
    return artifact


def check_told(test, report):
    changed = file_of(report, "changed.so")
    test.equal(changed["build_id_of"],
               [{"path": "usr/lib/libthing.so.1", "component": "thing", "version": "2.5",
                 "licence": "MPL-2.0", "package": "libthing1", "source": "thing",
                 "source_version": "2.5-1", "distribution": ""}],
               "a stripped and patched file is told")
    origin = changed["origin"]
    test.equal([origin[key] for key in ("component", "provider", "licence", "source",
                                        "confidence")],
               ["build-id:thing", "build-id", "MPL-2.0", "build-id in index", "medium"],
               "and owned, for want of a better owner")
    for name, why in (("other.so", "another build"), ("none.so", "a file without a build-id"),
                      ("short.so", "a build-id of 7 bytes")):
        file = file_of(report, name)
        test.equal((file["build_id_of"], file["origin"]["component"]), ([], None), why + " is not")
    with open(SCHEMA, encoding="utf-8") as file:
        errors = [error.message for error in
                  jsonschema.Draft7Validator(json.load(file)).iter_errors(report)]
    test.ok(not errors, "the report fits its schema", errors[:5])


def check_several(test, folder, library):
    """The same build in two packages of one project, and in two projects."""
    for name, component, licence in (("a", "thing", "MPL-2.0"), ("b", "thing", "MIT"),
                                     ("c", "stranger", "MIT")):
        run("index", "build", "-o", os.path.join(folder, name + ".elfidx"), "--component",
            component, "--component-version", "1" + name, "--licence", licence, library)
    for names, wanted in (("ab", ("build-id:thing", "NOASSERTION")), ("ac", (None, "NOASSERTION"))):
        merged = os.path.join(folder, names + ".elfidx")
        run("index", "build", "-o", merged,
            *(os.path.join(folder, name + ".elfidx") for name in names))
        file = file_of(scan(merged, library), os.path.basename(library))
        origin = file["origin"]
        test.equal((len(file["build_id_of"]), origin["component"], origin["licence"]),
                   (2, *wanted), "builds that differ, %s: what they agree in" % names)


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        library = build(os.path.join(folder, "libthing.so"), "=sha1")
        index = os.path.join(folder, "thing.elfidx")
        run("index", "build", "-o", index, package(folder, library))
        artifact = make_artifact(folder, library)
        check_told(test, scan(index, artifact))
        text = run("scan", "--no-progress", "--index", index, artifact)
        words = " ".join(text.split())
        test.ok("artifact/changed.so: is usr/lib/libthing.so.1 of libthing1 2.5-1 (build-id)"
                in words, "the text says whose it is", text.splitlines()[:20])
        test.ok('whether their bytes are the same, "elfleft verify" tells' in words,
                "and that this is no word of its bytes")
        again = os.path.join(folder, "again.elfidx")
        run("index", "build", "-o", again, index, index)
        with open(index, "rb") as first, open(again, "rb") as second:
            test.ok(first.read() == second.read(), "a merge keeps the list, byte for byte")
        check_several(test, folder, library)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
