#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Owners and licences of files in published wheels against tests/truth/wheel-licences.tsv.

Wheels are taken from the cache that tests/fetch-wheels.py fills; those that are not there are
counted, not scored. A row is right, open (no owner, or no licence) or WRONG; one wrong row fails.

usage: wheels.py [--elfleft FILE] [-v]"""
import argparse
import collections
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TRUTH = os.path.join(HERE, os.pardir, "truth", "wheel-licences.tsv")
CACHE = os.environ.get("ELFLEFT_WHEELS", os.path.expanduser("~/.cache/elfleft-tests/wheels"))


def truth():
    with open(TRUTH, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def scan(elfleft, wheel):
    done = subprocess.run([elfleft, "scan", "-q", "--tiers", "link", "-f", "json", wheel],
                          stdout=subprocess.PIPE, check=False)
    return {file["path"].lstrip("/"): file["origin"] for file in json.loads(done.stdout)["files"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("-v", action="store_true")
    arguments = parser.parse_args()
    counts, missing, origins = collections.Counter(), set(), {}
    for row in truth():
        found = glob.glob(os.path.join(CACHE, row["wheel"] + "-*.whl"))
        if not found:
            missing.add(row["wheel"])
            continue
        if row["wheel"] not in origins:
            origins[row["wheel"]] = scan(arguments.elfleft, found[0])
        origin = origins[row["wheel"]].get(row["file"])
        for what, key in (("owner", "component"), ("licence", "licence")):
            got = origin[key] if origin else None
            verdict = "right" if got == row[what] else \
                "open" if got in (None, "NOASSERTION") else "WRONG"
            counts[what, verdict] += 1
            if verdict != "right" or arguments.v:
                print("%s %s: %s/%s: %s, should be %s" % (verdict, what, row["wheel"], row["file"], got,
                                                          row[what]))
    for what in ("owner", "licence"):
        print("wheels: %s: %d right, %d open, %d wrong" % (
            what, counts[what, "right"], counts[what, "open"], counts[what, "WRONG"]))
    if missing:
        print("wheels not in the cache: %s" % ", ".join(sorted(missing)))
    return 1 if counts["owner", "WRONG"] + counts["licence", "WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
