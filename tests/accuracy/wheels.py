#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Owners and licences of files in published wheels against tests/truth/wheel-licences.tsv.

Wheels are had by tests/fetch-wheels.py; those that cannot be had are SKIPPED. A row is right, open (no
owner, or no licence) or WRONG; one that is not right fails, for elfleft was tuned on these rows.

usage: wheels.py [--elfleft FILE] [-v]"""
import argparse
import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TRUTH = os.path.join(HERE, os.pardir, "truth", "wheel-licences.tsv")
FETCH = os.path.join(HERE, os.pardir, "fetch-wheels.py")


def truth():
    with open(TRUTH, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def wheel_path(name):
    """The wheel in the cache; None when it cannot be had."""
    done = subprocess.run([sys.executable, FETCH, "==".join(name.rsplit("-", 1))],
                          stdout=subprocess.PIPE, check=False)
    return None if done.returncode else done.stdout.decode().split("\n")[0]


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
        if row["wheel"] not in origins:
            path = wheel_path(row["wheel"])
            origins[row["wheel"]] = scan(arguments.elfleft, path) if path else None
        if origins[row["wheel"]] is None:
            missing.add(row["wheel"])
            continue
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
        print("wheels: SKIPPED, cannot be had: %s" % ", ".join(sorted(missing)))
    return 1 if sum(count for (_, verdict), count in counts.items() if verdict != "right") else 0


if __name__ == "__main__":
    sys.exit(main())
