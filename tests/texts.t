#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Components told by their texts and by debug information: a library that another build changed is found in a program by the
texts of its object files; programs that are only compiled against it, that show its texts, or that
hold its tables are not said to contain it; texts that two projects have speak for neither."""
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", "build/elfleft"))
SCHEMA = os.path.join(HERE, os.pardir, "data", "schema", "scan.schema.json")
CC = os.environ.get("CC", "gcc").split()
FILES = ("reader", "writer", "parser", "tree")
# What whoever includes the header gets: an inline function with three texts of its own.
HEADER = """
#include <stdio.h>
static inline void alpha_check(int n)
{
	if (n == 7) puts("alpha was given a number that is seven");
	if (n == 8) puts("alpha was given a number that is eight");
	if (n == 9) puts("alpha was given a number that is nine");
}
%s
"""


def texts_of(project, file):
    return ["the %s of %s met problem number %s here" % (file, project, word)
            for word in ("one", "two", "three", "four", "five")]


def source(project, file, other_build):
    """Functions that print; in another build they are others, and say the same."""
    calls = "".join("\tif (n == %d) puts(\"%s\");\n" % (i, text)
                    for i, text in enumerate(texts_of(project, file)))
    twist = "n = n * 3 + 1;" if other_build else "n ^= n >> 2;"
    table = ", ".join(str((i * 2654435761 + len(file)) % 65521) for i in range(64))
    return ("#include \"%s.h\"\nconst unsigned %s_table[64] = {%s};\n"
            "int %s_%s(int n)\n{\n\talpha_check(n);\n\tfor (int i = 0; i < n; i++) { %s }\n%s"
            "\treturn n + (int)%s_table[n & 63];\n}\n"
            % (project, file, table, project, file, twist, calls, file))


def make_library(folder, project, other_build, *flags):
    names = []
    with open(os.path.join(folder, project + ".h"), "w", encoding="ascii") as file:
        file.write(HEADER % "".join("int %s_%s(int);\n" % (project, name) for name in FILES))
    for name in FILES:
        with open(os.path.join(folder, name + ".c"), "w", encoding="ascii") as file:
            file.write(source(project, name, other_build))
        subprocess.run([*CC, *flags, "-fPIC", "-c", name + ".c"], cwd=folder, check=True)
        names.append(name + ".o")
    archive = os.path.join(folder, "lib%s.a" % project)
    if os.path.exists(archive):
        os.unlink(archive)
    subprocess.run(["ar", "crD", archive, *names], cwd=folder, check=True)
    return archive


def program(folder, name, text, *flags):
    path = os.path.join(folder, name)
    with open(path + "_main.c", "w", encoding="ascii") as file:
        file.write(text)
    subprocess.run([*CC, "-O2", "-o", path, path + "_main.c", "-I", folder, *flags], check=True)
    subprocess.run(["strip", path], check=True)
    return path


def build_index(folder, name, component, archive):
    path = os.path.join(folder, name)
    subprocess.run([ELFLEFT, "index", "build", "-q", "-o", path, "--component", component,
                    "--component-version", "2.5", "--licence", "GPL-3.0-or-later", archive],
                   check=True, stdout=subprocess.DEVNULL)
    return path


def scan(indexes, *paths, form="json", more=()):
    words = [word for index in indexes for word in ("--index", index)]
    done = subprocess.run([ELFLEFT, "scan", "-q", "-f", form, *words, *more, *paths],
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise SystemExit("scan: %d" % done.returncode)
    return json.loads(done.stdout) if form == "json" else done.stdout.decode()


def inside(report, path):
    return {edge["name"]: edge for edge in report["edges"]
            if edge["from"] == path and edge["inside"]}


def outcomes(report, edge):
    """Of the findings about a component that is inside."""
    return {outcome for one in report["findings"] for outcome in one["outcomes"]
            if edge.get("to") in (one["provider"], one["subject"], *one["subjects"])}


ALL = "#include \"alpha.h\"\nint main(int c, char **v) { (void)v; return alpha_reader(c) + " \
    "alpha_writer(c) + alpha_parser(c) + alpha_tree(c); }\n"
SOME = "#include \"alpha.h\"\nint main(int c, char **v) { (void)v; return alpha_reader(c) + " \
    "alpha_parser(c); }\n"
# It includes the header, and calls nothing that is not in it.
AGAINST = "#include \"alpha.h\"\nint main(int c, char **v) { (void)v; alpha_check(c); return 0; }\n"


def shower(count):
    """A program that has texts of its own and some of each file of the library."""
    lines = ["\tputs(\"%s\");\n" % text for name in FILES
             for text in texts_of("alpha", name)[:count]]
    return "#include <stdio.h>\nint main(void)\n{\n%s\treturn 0;\n}\n" % "".join(lines)


def positive(test, index, folder, archive):
    path = program(folder, "whole", ALL, archive)
    report = scan([index], path)
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.validate(report, json.load(file))
    edge = inside(report, path).get("alpha")
    test.ok(edge is not None, "a library of another build is told by its texts")
    if not edge:
        return
    said = edge["inside"]
    test.equal((said["basis"], said["functions"], edge["grade"], edge["kind"]),
               ("texts", 0, "string", "link-static"), "which is another basis than code")
    test.equal((said["texts"] >= 20, said["tiers"]["T3"], said["tiers"]["T4"]), (True, 0, 0),
               "tiers are kept apart")
    test.equal(said["versions"], ["2.5"], "the version is that of the texts")
    test.ok((said["calibration"] or {}).get("said"), "the word was counted by this basis", [said])
    places = [one["offset"] for one in edge["evidence"] if one["type"] == "text"]
    with open(path, "rb") as file:
        content = file.read()
    test.ok(places and all(content[place:].startswith(b"the ") for place in places),
            "each text is named by its place in the file", [places])
    licence = next(one["licence"] for one in report["components"] if one["id"] == edge["to"])
    test.equal(licence, "GPL-3.0-or-later", "and the licence goes with it")
    text = scan([index], path, form="text", more=["-v"])
    test.ok("alpha" in text and "texts)" in text and "T6" in text, "the text says so", [text])
    test.ok("by texts was so" in text, "and how often it was so", [text])
    test.ok(said["version_fits"] and "source-offer" in outcomes(report, edge),
            "and decides what follows", [said, outcomes(report, edge)])
    path = program(folder, "part", SOME, archive)
    report = scan([index], path)
    edge = inside(report, path).get("alpha", {"inside": {}})
    test.equal((edge["inside"].get("basis"), edge["inside"].get("confidence"),
                bool(edge["inside"].get("calibration"))), ("texts", "likely", True),
               "two of its files are enough, for a word that was counted too")
    # Other versions of these may have been under other terms.
    test.ok(not edge["inside"]["version_fits"] and outcomes(report, edge) and
            "review" in outcomes(report, edge),
            "but tell no version, and its licence is a question", [outcomes(report, edge)])


def negative(test, index, folder, archive):
    subprocess.run([*CC, "-shared", "-o", "libalpha.so.2", "-Wl,-soname,libalpha.so.2",
                    "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"], cwd=folder, check=True)
    paths = {
        "linked": program(folder, "linked", ALL, os.path.join(folder, "libalpha.so.2")),
        # The texts of two files, and the loader is to find the library.
        "both": program(folder, "both", ALL.replace("int main", shower(5).replace(
            "int main(void)", "void show(void)").replace("#include <stdio.h>", "").replace(
                "return 0;", "return;") + "int main").replace("return alpha", "show(); return alpha"),
            os.path.join(folder, "libalpha.so.2")),
        "header": program(folder, "header", AGAINST),
        "shown": program(folder, "shown", shower(2)),
    }
    report = scan([index], *paths.values())
    for name, why in (("linked", "a program that links the shared library"),
                      ("both", "one that shows its texts beside that"),
                      ("header", "one that includes its header"),
                      ("shown", "one that shows some of its texts")):
        test.equal(sorted(inside(report, paths[name])), [], why + " contains nothing")


def units(test, index, folder):
    """Debug information of what was compiled; no text and no function is left as it was."""
    below = os.path.join(folder, "alpha-3.1")
    os.mkdir(below)
    for name in FILES:
        with open(os.path.join(below, name + ".c"), "w", encoding="ascii") as file:
            file.write("int alpha_%s(int n) { return n * %d; }\n" % (name, len(name) + 5))
    sources = [os.path.join("alpha-3.1", name + ".c") for name in FILES]
    with open(os.path.join(folder, "main.c"), "w", encoding="ascii") as file:
        file.write(ALL)
    subprocess.run([*CC, "-g", "-o", "described", "main.c", *sources], cwd=folder, check=True)
    subprocess.run([*CC, "-g", "-o", "two", "-x", "c", "main.c", *sources[:2], "-Wl,--unresolved-"
                    "symbols=ignore-all"], cwd=folder, check=True)
    subprocess.run([*CC, "-g", "-o", "included", "main.c", "libalpha.so.2", "-I", "alpha-3.1"],
                   cwd=folder, check=True)
    paths = {name: os.path.join(folder, name) for name in ("described", "two", "included")}
    report = scan([index], *paths.values())
    edge = inside(report, paths["described"]).get("alpha", {"inside": {}, "evidence": [{}]})
    test.equal((edge["inside"].get("basis"), edge.get("grade"), edge["inside"].get("versions")),
               ("debug information", "declared", ["3.1"]), "units of a folder called like a "
               "project, and like its object files, tell of it")
    test.ok((edge["inside"].get("calibration") or {}).get("said"), "that was counted too", [edge])
    test.ok("alpha-3.1/" in edge["evidence"][0].get("detail", "") and
            "GNU" in edge["evidence"][0]["detail"] or "clang" in edge["evidence"][0]["detail"],
            "with their paths and who compiled them", [edge["evidence"]])
    test.equal(sorted(inside(report, paths["two"])), [], "two may be copies")
    test.equal(sorted(inside(report, paths["included"])), [], "what was included is no unit")


def shared(test, index, folder, archive):
    """Another project with the same texts in the same files."""
    other = build_index(folder, "other.elfidx", "beta", archive)
    path = os.path.join(folder, "whole")
    test.equal(sorted(inside(scan([index, other], path), path)), [],
               "texts of two projects speak for neither")
    merged = os.path.join(folder, "merged.elfidx")
    subprocess.run([ELFLEFT, "index", "build", "-q", "-o", merged, index, other], check=True,
                   stdout=subprocess.DEVNULL)
    test.equal(sorted(inside(scan([merged], path), path)), [], "in one file as in two")
    keep = os.path.join(folder, "keep")
    with open(keep, "w", encoding="ascii") as file:
        file.write("alpha\n")
    small = os.path.join(folder, "small.elfidx")
    subprocess.run([ELFLEFT, "index", "build", "-q", "-o", small, "--keep", keep, merged],
                   check=True, stdout=subprocess.DEVNULL)
    test.equal(sorted(inside(scan([small], path), path)), [], "and in a part of it")


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        index = build_index(folder, "alpha.elfidx", "alpha",
                            make_library(folder, "alpha", False, "-O2"))
        archive = make_library(folder, "alpha", True, "-Os")
        positive(test, index, folder, archive)
        negative(test, index, folder, archive)
        units(test, index, folder)
        shared(test, index, folder, archive)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
