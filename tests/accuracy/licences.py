#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Licences of files against tests/truth/file-licences.tsv, which was read by hand.

A row is right, unsure (no licence, or a wrong one of low confidence) or WRONG: said with medium or
high confidence, and not so. One wrong row is a failure, and so are too few right ones. The same
again with an empty table of known components: what reading the files themselves gives.
With --all: files of the whole machine by source and confidence of their licence. -v: also the rows
that are right or unsure.

usage: licences.py [--elfleft FILE] [--all] [-v]"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TRUTH = os.path.join(HERE, os.pardir, "truth", "file-licences.tsv")
DATA = os.path.join(HERE, os.pardir, os.pardir, "data")
LIBRARIES = "/usr/lib/x86_64-linux-gnu/"
LEAST_RIGHT = 0.9
# Their packages say something else of them than upstream does: no reading can tell.
CONTRADICTED = {LIBRARIES + name for name in ("libidn2.so.0", "libltdl.so.7", "libmp3lame.so.0")}
STRONG = {"strong", "network"}
COPYLEFT = STRONG | {"weak-file", "weak-library"}


def classes():
    with open(os.path.join(DATA, "licences.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return {row[0]: row[2] for row in rows[1:]}


def choices(text):
    """An expression as the set of minimal sets of terms: an evaluation of its own, by recursion."""
    tokens = re.findall(r"[()]|[^\s()]+", text)
    at = 0

    def peek():
        return tokens[at] if at < len(tokens) else None

    def primary():
        nonlocal at
        if peek() == "(":
            at += 1
            found = disjunction()
            assert peek() == ")", text
            at += 1
            return found
        term = tokens[at]
        at += 1
        if peek() == "WITH":
            term += " WITH " + tokens[at + 1]
            at += 2
        return {frozenset([term])}

    def conjunction():
        nonlocal at
        found = primary()
        while peek() == "AND":
            at += 1
            right = primary()
            found = {one | two for one in found for two in right}
        return found

    def disjunction():
        nonlocal at
        found = conjunction()
        while peek() == "OR":
            at += 1
            found |= conjunction()
        return found

    found = disjunction()
    assert at == len(tokens), text
    return found


def minimal(sets):
    return {one for one in sets if not any(other < one for other in sets)}


def reduced(text, compared, known):
    if text == "-":
        return {frozenset()}
    keep = {"exact": None, "copyleft": COPYLEFT, "strong": STRONG}[compared]

    def wanted(term):
        name = term.split(" WITH ")[0].rstrip("+")
        # What is in no table is kept: it could be anything. Names of one package's own are not.
        if name.startswith("LicenseRef-"):
            return False
        return keep is None or known.get(name, "unknown") in keep | {"unknown"}
    return minimal({frozenset(term for term in one if wanted(term)) for one in choices(text)})


def same_terms(left, right):
    """Exceptions of one package's own have names of their own: that there is one is compared."""
    def plain(sets):
        return {frozenset(re.sub(r"WITH AdditionRef-.*", "WITH AdditionRef", term) for term in one)
                for one in sets}
    return plain(left) == plain(right)


def judge(compared, expected, licence, confidence, known):
    if licence == "NOASSERTION":
        return "right" if compared == "unsure" else "unsure"
    if compared == "unsure":
        return "right" if confidence == "low" else "WRONG"
    for reading in expected.split(" || "):
        if same_terms(reduced(licence, compared, known), reduced(reading, compared, known)):
            return "right"
    return "unsure" if confidence == "low" else "WRONG"


def scan(elfleft, paths, *options):
    done = subprocess.run([elfleft, "scan", "-q", "-f", "json", *options, *paths],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def without_known(folder):
    """Options for a run that knows no component: what reading alone gives."""
    with open(os.path.join(DATA, "known-components.tsv"), encoding="utf-8") as file:
        head = next(line for line in file if not line.startswith("# "))
    with open(os.path.join(folder, "known-components.tsv"), "w", encoding="utf-8") as file:
        file.write("# date: 2000-01-01\n" + head)
    return ["--data", folder]


def truth():
    with open(TRUTH, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                name, compared, expected, _ = line.rstrip("\n").split("\t")
                yield name if name.startswith("/") else LIBRARIES + name, compared, expected


def score(rows, report, known, verbose, label):
    """Prints the rows that are not right; how many are of each kind."""
    found = {file["path"]: file["origin"] for file in report["files"]}
    counts, sources = collections.Counter(), collections.Counter()
    for path, compared, expected in rows:
        origin = found[os.path.realpath(path)]
        verdict = judge(compared, expected, origin["licence"], origin["confidence"], known)
        counts[verdict] += 1
        sources[origin["source"], verdict] += 1
        if verdict == "WRONG" or verbose:
            print("%s: %s%s\n    expected (%s) %s\n    %s, %s: %s\n    %s" % (
                verdict, path, label, compared, expected, origin["source"], origin["confidence"],
                origin["licence"], origin["detail"]))
    for (source, verdict), count in sorted(sources.items()):
        print("licences%s: %4d %s by %s" % (label, count, verdict, source))
    print("licences%s: %d right, %d unsure, %d wrong of %d files read by hand" % (
        label, counts["right"], counts["unsure"], counts["WRONG"], len(rows)))
    return counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    rows = [row for row in truth() if os.path.exists(row[0])]
    paths, known = sorted({os.path.realpath(row[0]) for row in rows}), classes()
    counts = score(rows, scan(options.elfleft, paths), known, options.verbose, "")
    with tempfile.TemporaryDirectory() as folder:
        report = scan(options.elfleft, paths, *without_known(folder))
        rows = [row for row in rows if row[0] not in CONTRADICTED]
        alone = score(rows, report, known, options.verbose, " without known components")
    if options.all:
        files = scan(options.elfleft, ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec"])["files"]
        everywhere = collections.Counter(
            (file["origin"]["source"], file["origin"]["confidence"]) for file in files)
        for (source, confidence), count in sorted(everywhere.items()):
            print("files: %5d  %s, confidence %s" % (count, source, confidence))
        print("files: %d of %d with a licence" % (
            sum(file["origin"]["licence"] != "NOASSERTION" for file in files), len(files)))
    good = not counts["WRONG"] and counts["right"] >= LEAST_RIGHT * len(rows)
    return 0 if rows and good and not alone["WRONG"] else 1


if __name__ == "__main__":
    sys.exit(main())
