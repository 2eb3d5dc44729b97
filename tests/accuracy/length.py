#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The length decoder against capstone, over millions of instructions of real code. What capstone
does not know is put to objdump. Fails when a length differs in a way that is not listed here as a
known fault of capstone's.

usage: length.py --build BUILD [--limit INSTRUCTIONS] [FILE...]"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

# Libraries of Debian 12: hand-written code first, then large ones of several compilers.
FILES = ("libcrypto.so.3", "libx264.so.*", "libgmp.so.10", "libopenblas*.so.0", "libc.so.6",
         "libm.so.6", "libmvec.so.1", "libgnutls.so.30", "libx265.so.*", "libavcodec.so.*",
         "libdav1d.so.*", "libdnnl.so.2", "librsvg-2.so.2", "libtorch_cpu.so.1.13",
         "libgdal.so.*", "libLLVM-1[45].so.1")
SLOT = 32


def known_fault(words):
    """Why capstone is wrong about these bytes; None where it is not known to be."""
    kind, raw = words[1], words[4]
    if kind == "length" and re.match("66(e8|e9|0f8[0-9a-f])", raw):
        return "66 before a near branch: two bytes of distance by capstone and AMD, four by Intel"
    if kind == "immediate" and raw.startswith("c8"):
        return "of the two immediates of ENTER capstone names the second"
    return None


def by_objdump(rows):
    """The lengths that objdump gives for the bytes of each row."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        for words in rows:
            file.write(bytes.fromhex(words[4]).ljust(SLOT, b"\x90"))
        file.flush()
        listing = subprocess.run(["objdump", "-D", "-w", "-b", "binary", "-m", "i386:x86-64", "-z",
                                  file.name], capture_output=True, text=True, check=True).stdout
    starts = {}
    for line in listing.splitlines():
        match = re.match(r"\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t?(.*)", line)
        if match:
            starts[int(match[1], 16)] = (len(match[2].split()), match[3])
    return [starts.get(i * SLOT, (0, "(bad)")) for i in range(len(rows))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--limit", type=int, default=50_000_000)
    parser.add_argument("file", nargs="*")
    options = parser.parse_args()
    files = options.file
    if not files:
        found = [sorted(glob.glob("/usr/lib/x86_64-linux-gnu/" + name)) for name in FILES]
        files = list(dict.fromkeys(os.path.realpath(path) for names in found for path in names))
    tool = os.path.join(options.build, "tools", "length_compare")
    done = subprocess.run([tool, str(options.limit)] + files, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        sys.exit("length_compare failed: " + done.stderr)
    counts, examples = {}, {}
    for line in done.stdout.splitlines():
        words = line.split("\t")
        if words[0] == "example":
            examples.setdefault(words[1], []).append(words)
        else:
            counts[words[0]] = int(words[1])
    print("length decoder against capstone, %d files" % len(files))
    print("  %-14s %d" % ("instructions", counts.pop("instructions")))
    failed = 0
    for kind, count in counts.items():
        print("  %-14s %d" % (kind, count))
        rows = examples.get(kind, [])
        wrong = [words for words in rows if not known_fault(words)]
        for reason in sorted({known_fault(words) for words in rows} - {None}):
            print("    " + reason)
        if kind in ("unknown", "length"):
            lengths = by_objdump(wrong)
            agreed = [int(words[5]) == length for words, (length, _) in zip(wrong, lengths)]
            bad = ["(bad)" in text for _, text in lengths]
            if wrong:
                print("    of %d examples objdump gives %d the length that we give, and %d none" %
                      (len(wrong), sum(agreed), sum(b and not a for a, b in zip(agreed, bad))))
            wrong = [words + [text] for words, (_, text), a, b in zip(wrong, lengths, agreed, bad)
                     if not a and not (b and kind == "unknown")]
        for words in wrong:
            print("    %s %s: %s ours %s, theirs %s %s" % (os.path.basename(words[2]), words[3],
                                                          words[4], words[5], words[6],
                                                          " ".join(words[7:])))
        failed += len(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
