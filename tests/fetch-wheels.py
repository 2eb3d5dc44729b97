#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fetches the wheels that `make accuracy` checks verify with, by pip, into a cache outside the tree.

usage: fetch-wheels.py [NAME==VERSION[@MACHINE]...]    MACHINE: x86_64 (default), aarch64
Prints the path of each, and fails when one cannot be had."""
import glob
import os
import shutil
import subprocess
import sys

CACHE = os.path.join(os.environ.get("ELFLEFT_CACHE",
                                    os.path.expanduser("~/.cache/elfleft-tests")), "wheels")
WANTED = ("torch==2.7.0",)
ROOM = 4 << 30  # bytes: the largest wheel, unpacked, and one copy of its largest file


def fetch(requirement):
    requirement, _, machine = requirement.partition("@")
    machine = machine or "x86_64"
    name, version = requirement.split("==")
    pattern = os.path.join(CACHE, "%s-%s-*%s*.whl" % (name.replace("-", "_"), version, machine))
    if not glob.glob(pattern):
        os.makedirs(CACHE, exist_ok=True)
        if shutil.disk_usage(CACHE).free < ROOM:
            raise OSError("less than %d bytes are free" % ROOM)
        subprocess.run(["pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
                        "--python-version", "3.11", "--implementation", "cp",
                        "--platform", "manylinux_2_28_" + machine, "--platform",
                        "manylinux2014_" + machine, "-d", CACHE, requirement], check=True, timeout=1800)
    return glob.glob(pattern)[0]


def main():
    status = 0
    for requirement in sys.argv[1:] or WANTED:
        try:
            print(fetch(requirement))
        except (OSError, subprocess.SubprocessError, IndexError) as error:
            print("%s cannot be had: %s" % (requirement, error), file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
