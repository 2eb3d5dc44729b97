#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is found inside files of PyPI wheels, against tests/truth/wheel-contents.tsv.

Each file of the table is taken out of its wheel (fetched by tests/fetch-wheels.py into the cache) and
scanned with the index that make index built, else with the core index. Every disagreement is printed
with its reason, from tests/truth/wheel-contents-explained.tsv; one that has none fails the run. What is only
named by a string is no claim; it is counted apart. data/symbol-components.tsv was written with these
wheels in view, so that its part of the score is no forecast for other files.

usage: wheel_contents.py [--index FILE] [--elfleft FILE] [--precision P] [--recall R]"""
import argparse
import collections
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import indexes  # noqa: E402
import rates  # noqa: E402

TRUTH = os.path.join(HERE, os.pardir, "truth", "wheel-contents.tsv")
EXPLAINED = os.path.join(HERE, os.pardir, "truth", "wheel-contents-explained.tsv")
CORE = os.path.join(HERE, os.pardir, os.pardir, "data", "index", "core.elfidx")
FETCH = os.path.join(HERE, os.pardir, "fetch-wheels.py")
WHEELS = {
    "cryptography": "cryptography==50.0.2", "numpy": "numpy==2.2.6", "scipy": "scipy==1.15.3",
    "opencv_python": "opencv-python==4.11.0.86", "pillow": "pillow==12.2.0",
    "torch": "torch==2.7.0",
}
# Programs of Rust whose wheels have an SBOM that cargo made: uv has a list of cargo-auditable too.
CRATES = {"ruff": "ruff==0.17.6", "uv": "uv==0.13.9"}
# What the index or the tables call a component of the truth otherwise.
ALSO = {
    "protobuf": {"libprotobuf"}, "ittapi": {"ittnotify"}, "openjpeg": {"libopenjp2"},
    "Intel IPP": {"ippicv", "ippiw"},
    "libaom": {"aom"}, "tiff": {"libtiff"}, "lapack": {"reference-lapack"}, "raqm": {"libraqm"},
    "libjpeg-turbo": {"libjpeg"}, "xz": {"xz-utils", "liblzma"}, "ffmpeg": {"libav"},
    "JSON for Modern C++": {"nlohmann-json"}, "openexr": {"ilmbase", "ilmimf"}, "oneDNN": {"onednn"},
}
# The compiler's and the C library's own code, which no list of a wheel names.
RUNTIME = ("gcc", "libgcc", "libstdc++", "glibc", "libgfortran", "libquadmath", "rust-std", "newlib")


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return lines[1:]


def wheel_path(requirement):
    """The wheel in the cache; "" when it cannot be had."""
    done = subprocess.run([sys.executable, FETCH, requirement], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        print("%s: cannot be had" % requirement)
        return ""
    return done.stdout.decode().split("\n")[0]


def truth():
    """(wheel, pattern of a file) -> {component: (expected, source)}."""
    table = collections.OrderedDict()
    for wheel, file, component, expected, source in rows_of(TRUTH):
        table.setdefault((wheel, file), {})[component] = (expected, source)
    return table


def names(component):
    return {component.lower()} | ALSO.get(component, set())


def inside(options, path):
    """What is claimed, and what is only named by strings: name -> words about it."""
    done = subprocess.run([options.elfleft, "scan", "-q", "-f", "json", "--tiers", "link,code",
                           *[word for index in options.index for word in ("--index", index)],
                           path], stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout)
    claims, mentions = {}, {}
    for edge in report["edges"]:
        if edge["inside"] and edge["from"] == path:
            key = edge["to"] if edge["to"].startswith("cargo:") else edge["name"].lower()
            claims[key] = "%s, %s, %d functions, %s" % (
                edge["inside"]["basis"], edge["inside"]["confidence"],
                edge["inside"]["functions"], "|".join(edge["inside"]["versions"]) or "no version")
        elif edge["inline"] and edge["from"] == path:
            claims[edge["name"].lower()] = "header code, %s, %d functions, %s" % (
                edge["grade"], sum(edge["inline"][key] for key in ("weak", "local", "global")),
                edge["inline"]["version"] or "no version")
    for file in report["files"]:
        for mention in file["mentions"] if file["path"] == path else ():
            mentions[mention["project"].lower()] = mention["version"]
    return claims, mentions, report["coverage"]


def crates(options, folder, counts):
    """Crates told by paths or by cargo-auditable's list, against the SBOM in the same wheel."""
    for wheel, requirement in CRATES.items():
        path = wheel_path(requirement)
        if not path:
            continue
        with zipfile.ZipFile(path) as archive:
            names_in = archive.namelist()
            sbom = json.loads(archive.read(next(n for n in names_in if "/sboms/" in n)))
            program = archive.extract(next(n for n in names_in if n.endswith("scripts/" + wheel)),
                                      folder)
        listed = {"cargo:%s@%s" % (one["name"], one["version"]) for one in sbom["components"]
                  if one.get("scope") != "excluded" and "file://" not in one["purl"]}
        claims = {claim for claim in inside(options, os.path.realpath(program))[0]
                  if claim.startswith("cargo:") and not is_runtime(claim)}
        print("%s: %d crates claimed, %d of them in the SBOM of %d; not in it: %s" % (
            wheel, len(claims), len(claims & listed), len(listed),
            ", ".join(sorted(claims - listed)) or "none"))
        counts["crate of an SBOM", "right"] += len(claims & listed)
        counts["crate of an SBOM", "FALSE"] += len(claims - listed)
        counts["crate of an SBOM", "MISSED"] += len(listed - claims)


def is_runtime(claim):
    return claim.split("@")[0].split(":")[-1].split(" ")[0] in RUNTIME


def score(wheel, pattern, expected, found, explained, counts):
    """Prints one file; gives how many disagreements nobody explained."""
    claims, mentions, _ = found
    unexplained, matched = 0, set()

    def line(verdict, component, words, source=""):
        nonlocal unexplained
        reason = explained.get((wheel, pattern, component), "")
        wrong = verdict in ("MISSED", "FALSE", "NAMED", "UNLISTED")
        unexplained += wrong and not reason
        print("  %-8s %s: %s%s" % (verdict, component, words,
                                   "" if not wrong else "\n           listed: %s\n           why: %s" % (
                                       source or "no", reason or "NOT EXPLAINED")))

    for component, (wanted, source) in expected.items():
        hits = sorted(names(component) & set(claims) if not component.startswith("cargo:")
                      else {component} & set(claims))
        kind = "crate" if component.startswith("cargo:") else "library"
        matched.update(hits)
        if hits:
            verdict = "right" if wanted == "yes" else "FALSE"
            counts[kind, verdict] += 1
            line(verdict, component, claims[hits[0]], source)
        elif wanted == "yes":
            named = sorted(names(component) & set(mentions))
            verdict = "NAMED" if named else "MISSED"
            if explained.get((wheel, pattern, component), "").startswith("outside:"):
                verdict = "listed"
            counts[kind, verdict] += 1
            line(verdict, component, "by a string: version %s" % mentions[named[0]] if named
                 else "not found" if verdict == "MISSED" else "not found; " +
                 explained[wheel, pattern, component], source)
        else:
            counts[kind, "left out"] += 1
    for claim in sorted(set(claims) - matched):
        if is_runtime(claim):
            counts["runtime", "claimed"] += 1
            continue
        verdict = "unlisted" if explained.get((wheel, pattern, claim), "").startswith("inside:") \
            else "UNLISTED"
        counts["library", verdict] += 1
        line(verdict, claim, claims[claim] if verdict == "UNLISTED" else "%s; %s" % (
            claims[claim], explained[wheel, pattern, claim]))
    return unexplained


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--index", action="append", default=[])
    parser.add_argument("--precision", type=float, default=0.97)
    parser.add_argument("--recall", type=float, default=0.85)
    options = parser.parse_args()
    options.index = options.index or [indexes.default() or os.path.realpath(CORE)]
    print("index: %s" % ", ".join(options.index))
    explained = {(wheel, file, component): reason
                 for wheel, file, component, reason in rows_of(EXPLAINED)}
    counts, unexplained = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        for (wheel, pattern), expected in truth().items():
            wheel_file = wheel_path(WHEELS[wheel])
            if not wheel_file:
                continue
            with zipfile.ZipFile(wheel_file) as archive:
                for member in archive.namelist():
                    if not fnmatch.fnmatch(member, pattern):
                        continue
                    path = archive.extract(member, os.path.join(folder, wheel))
                    found = inside(options, os.path.realpath(path))
                    print("%s: %s, %d %% of the code explained" % (
                        wheel, member, 100 * found[2]["function_bytes_explained"] //
                        max(1, found[2]["function_bytes"])))
                    unexplained += score(wheel, pattern, expected, found, explained, counts)
                    os.unlink(path)
        crates(options, folder, counts)
    right = false = missed = 0
    for kind in ("library", "crate", "crate of an SBOM"):
        ours = counts[kind, "right"] + counts[kind, "unlisted"]
        wrong = counts[kind, "FALSE"] + counts[kind, "UNLISTED"]
        lost = counts[kind, "MISSED"] + counts[kind, "NAMED"]
        print(rates.rate(kind + ": precision", ours, ours + wrong))
        print(rates.rate(kind + ": recall", counts[kind, "right"], counts[kind, "right"] + lost))
        if kind == "library":
            print(rates.rate(kind + ": claimed or named by a string",
                             counts[kind, "right"] + counts[kind, "NAMED"],
                             counts[kind, "right"] + lost))
        if counts[kind, "left out"]:
            print("%s: %d listed as outside or at build time, and left out" % (
                kind, counts[kind, "left out"]))
        if kind == "library":
            right, false, missed = ours, wrong, lost
    print("listed as inside, and shown to be outside: %d" % counts["library", "listed"])
    print("claims of the compiler's and the C library's code, not scored: %d" %
          counts["runtime", "claimed"])
    print("disagreements without a reason: %d" % unexplained)
    return 0 if not unexplained and right >= options.precision * (right + false) and \
        right >= options.recall * (right + missed) else 1


if __name__ == "__main__":
    sys.exit(main())
