#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which of NVIDIA's libraries hold the static CUDA runtime: by code against an index that has
libcudart_static.a, and by the name of its shared memory, "/cudart.shm", which only the runtime
writes. The two must agree on every library of every toolkit below /usr/local.

usage: cudart.py [--elfleft FILE] [--index FILE]"""
import argparse
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import indexes  # noqa: E402
from rates import rate  # noqa: E402

MARK = b"/cudart.shm"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--index", default=indexes.default())
    options = parser.parse_args()
    paths = sorted({os.path.realpath(path) for pattern in ("/usr/local/cuda*/lib64/lib*.so*",
                                                          "/usr/lib/x86_64-linux-gnu/libcudnn*.so*",
                                                          "/usr/lib/x86_64-linux-gnu/libnccl*.so*")
                    for path in glob.glob(pattern)} - {""})
    paths = [path for path in paths if "/stubs/" not in path and os.path.isfile(path)]
    if not options.index or not paths:
        print("cudart: skipped, no %s" % ("toolkit" if options.index else "index: run make index"))
        return 0
    report = json.loads(subprocess.run(
        [options.elfleft, "scan", "-q", "-f", "json", "--tiers", "link,code", "--index",
         options.index, *paths], stdout=subprocess.PIPE, check=False).stdout)
    found = {edge["from"]: edge["inside"] for edge in report["edges"]
             if edge["inside"] and edge["name"] == "cudart"}
    agree = 0
    for path in paths:
        with open(path, "rb") as file:
            marked = MARK in file.read()
        # The shared library is the component: it has no edge to itself.
        itself = os.path.basename(path).startswith("libcudart.so")
        agree += marked == (path in found or itself)
        if marked or path in found:
            inside = found.get(path)
            print("  %-44s %-9s %s" % (os.path.basename(path), "string" if marked else "NO STRING",
                                       "%s, %d functions, %.1f %% of the object" % (
                                           inside["confidence"], inside["unique"],
                                           inside["coverage_permille"] / 10)
                                       if inside else "the library itself" if itself else "NO CODE"))
    print(rate("cudart: code and string agree", agree, len(paths)))
    return 0 if agree == len(paths) else 1


if __name__ == "__main__":
    sys.exit(main())
