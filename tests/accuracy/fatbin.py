#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Device code in the libraries of the CUDA toolkit: containers, images and kernels as
tests/truth/fatbin.tsv has them, and as a walk by this script finds them on its own. The walk reads
every image with the libraries for LZ4 and zstd and counts kernels in its symbol table; cuobjdump is
asked too where it is installed.

Skipped, and said, for a library that is not there or of another size.

usage: fatbin.py [--build DIR] [--all] [FOLDER]     FOLDER: default /usr/local/cuda/lib64
--all: the walk decodes every image; else only files up to 150 MB"""
import argparse
import collections
import mmap
import os
import shutil
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
# This script has the name of the module.
sys.path[0] = os.path.join(HERE, os.pardir, "lib")
import fatbin  # noqa: E402

TRUTH = os.path.join(HERE, os.pardir, "truth", "fatbin.tsv")
KNOWN = {".nv_fatbin", "__nv_relfatbin"}
KINDS = {fatbin.PTX: "ptx", fatbin.CUBIN: "cubin", fatbin.LTO: "lto"}
SMALL = 150 << 20


def truth():
    with open(TRUTH, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def sections(data):
    """(name, offset, size) of what is in a 64-bit file."""
    offset, = struct.unpack_from("<Q", data, 0x28)
    count, names = struct.unpack_from("<HH", data, 0x3c)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, offset + 64 * i) for i in range(count)]
    base = headers[names][4]
    for header in headers:
        end = data.find(b"\0", base + header[0])
        if header[1] != 8:
            yield bytes(data[base + header[0]:end]).decode(), header[4], header[5]


class Walk:
    """Containers and images as lib/fatbin.py reads them; kernels when a codec is given."""

    def __init__(self, path, codec):
        self.counts = collections.Counter()
        self.images = collections.Counter()
        self.codec = codec
        with open(path, "rb") as file, \
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            self.places = [(start, start + size, name) for name, start, size in sections(data)]
            self.containers(data)

    def containers(self, data):
        for at, size in fatbin.containers(data):
            name = next((n for s, e, n in self.places if s <= at < e), "")
            self.counts["in_section" if name in KNOWN else "elsewhere"] += 1
            for entry in fatbin.entries(data, at, size):
                kind = KINDS.get(entry.kind, "other")
                self.counts[kind] += 1
                self.images[kind, entry.architecture] += 1
                if self.codec and entry.kind == fatbin.CUBIN:
                    self.counts["kernels"] += len(fatbin.kernels(entry.image(self.codec))[0])


class Reading:
    """What elfleft's reader says."""

    def __init__(self, dump, path):
        self.counts = collections.Counter()
        self.images = collections.Counter()
        began = time.monotonic()
        done = subprocess.run([dump, path], capture_output=True, text=True, check=True,
                              errors="surrogateescape")
        self.seconds = time.monotonic() - began
        bare, self.unread = set(), 0
        containers = 0
        for line in done.stdout.splitlines():
            words = line.split("\t")
            if words[0] == "container":
                if words[3] == "bare":
                    bare.add(str(containers))
                    self.counts["bare"] += 1
                else:
                    self.counts["in_section" if words[4] in KNOWN else "elsewhere"] += 1
                containers += 1
            elif words[0] == "entry" and words[1] not in bare:
                kind = words[3].replace("-ir", "")
                self.counts[kind] += 1
                self.images[kind, int(words[4].split("_")[1].rstrip("af"))] += 1
                self.unread += words[6] not in ("read", "opaque")
            elif words[0] == "kernel" and words[2] == "k":
                self.counts["kernels"] += 1


def ask_cuobjdump(path):
    """Numbers of (ELF, PTX) images in known sections, or None without the tool."""
    if not shutil.which("cuobjdump"):
        return None
    counts = []
    for option in ("-lelf", "-lptx"):
        done = subprocess.run(["cuobjdump", "-all", option, path], capture_output=True, text=True,
                              check=False)
        counts.append(sum(" file " in line for line in done.stdout.splitlines()))
    return tuple(counts)


def check(row, path, dump, codec):
    reading, walk = Reading(dump, path), Walk(path, codec)
    wrong = []
    for column in ("in_section", "elsewhere", "bare", "cubin", "ptx", "lto", "kernels"):
        if row[column] != "-" and int(row[column]) != reading.counts[column]:
            wrong.append("%s %d, the table says %s" % (column, reading.counts[column], row[column]))
        if column not in ("bare", "kernels") and walk.counts[column] != reading.counts[column]:
            wrong.append("%s %d, the walk says %d" % (column, reading.counts[column],
                                                      walk.counts[column]))
    if codec and row["kernels"] != "-" and walk.counts["kernels"] != reading.counts["kernels"]:
        wrong.append("kernels %d, the walk says %d" % (reading.counts["kernels"],
                                                       walk.counts["kernels"]))
    if walk.images != reading.images:
        wrong.append("other images by architecture than the walk")
    if reading.unread:
        wrong.append("%d images not read" % reading.unread)
    asked = ask_cuobjdump(path) if row["elsewhere"] == "0" else None
    if asked and asked != (reading.counts["cubin"], reading.counts["ptx"]):
        wrong.append("cuobjdump says %d and %d" % asked)
    return reading, wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default=os.path.join(HERE, os.pardir, os.pardir, "build"))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("folder", nargs="?", default="/usr/local/cuda/lib64")
    options = parser.parse_args()
    dump = os.path.join(options.build, "tools", "device_dump")
    codec = fatbin.Codec()
    failed = right = skipped = decoded = 0
    for row in truth():
        path = os.path.join(options.folder, row["file"])
        if not os.path.exists(path) or os.path.getsize(path) != int(row["size"]):
            print("SKIPPED %s: %s" % (row["file"], "another build of it"
                                      if os.path.exists(path) else "not in " + options.folder))
            skipped += 1
            continue
        whole = options.all or int(row["size"]) <= SMALL
        reading, wrong = check(row, path, dump, codec if whole else None)
        decoded += whole
        right += not wrong
        failed += bool(wrong)
        print("%-42s %5d containers %6d images %6d kernels %5.1f s  %s" % (
            row["file"], sum(reading.counts[c] for c in ("in_section", "elsewhere", "bare")),
            sum(reading.images.values()) + reading.counts["bare"], reading.counts["kernels"],
            reading.seconds, "; ".join(wrong) or "as expected"))
    print("fatbin: %d of %d libraries as expected, %d of them with kernels counted independently, "
          "%d skipped%s" % (right, right + failed, decoded, skipped,
                            "" if shutil.which("cuobjdump") else "; no cuobjdump here"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
