#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Licences of files of this machine against tests/truth/file-licences.tsv, which was read by hand:
none is wrong with medium or high confidence, whether components are known or not. make accuracy
prints the score; here only what must hold on any Debian 12 machine, for the files it has."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))


def is_bookworm():
    with open("/etc/os-release", encoding="utf-8") as file:
        return "VERSION_CODENAME=bookworm" in file.read()


def main():
    test = tap.Tap()
    if not os.path.exists("/etc/os-release") or not is_bookworm():
        test.skip("licences read by hand", "the truth is about Debian 12")
        return test.finish()
    done = subprocess.run([sys.executable, os.path.join(HERE, "accuracy", "licences.py"),
                           "--elfleft", ELFLEFT], stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode().splitlines()
    scores = [line for line in lines if "files read by hand" in line]
    test.ok(len(scores) == 2 and all(" 0 wrong of " in line for line in scores),
            "no licence is wrong: " + "; ".join(scores), lines)
    test.ok(done.returncode == 0, "and nine of ten are right", scores)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
