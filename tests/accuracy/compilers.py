#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Code of other compilers: Debian's sources of well-known libraries, compiled in ways that Debian
does not, linked whole into a stripped program, and looked up in the core index, which knows
Debian's own builds alone.

The figures are published whatever they are: fingerprints are of one compiler's code, and a library
built in another way is found by what its compiler left equal, and by its strings as a hint. Fails
only when a component is claimed that is not there, or when the build that is Debian's own in all
but the machine it ran on finds too little.

Sources come from apt (deb-src of bookworm, in a state of its own) and are built in the cache; the
truth is what was built.

usage: compilers.py [--build DIR] [--index FILE] [--library NAME ...] [-v]"""
import argparse
import collections
import glob
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, "lib")]
import archives  # noqa: E402
from embedded import Dump  # noqa: E402
from rates import rate  # noqa: E402

CACHE = os.path.join(archives.CACHE, "sources")
CORE = os.path.join(HERE, os.pardir, os.pardir, "data", "index", "core.elfidx")
CONFIGURE = ["./configure", "--disable-shared", "--disable-dependency-tracking"]
# Source package: (component in the index, configure or nothing, targets of make, archives).
LIBRARIES = {
    "bzip2": ("bzip2", [], ["libbz2.a"], ["libbz2.a"]),
    "gdbm": ("gdbm", CONFIGURE, ["-C", "src", "libgdbm.la"], ["src/.libs/libgdbm.a"]),
    "libpng1.6": ("libpng", CONFIGURE, ["libpng16.la"], [".libs/libpng16.a"]),
    "lame": ("lame", CONFIGURE + ["--disable-frontend", "--disable-decoder"], [],
             ["libmp3lame/.libs/libmp3lame.a"]),
    "lzo2": ("lzo", CONFIGURE, ["src/liblzo2.la"], ["src/.libs/liblzo2.a"]),
    "readline": ("readline", ["./configure"], ["static"], ["libreadline.a"]),
    "zlib": ("zlib", ["./configure", "--static"], ["libz.a"], ["libz.a"]),
}
# Parts that the index keeps apart from the rest, for their licence (data/index/carried.tsv).
PARTS = {"lame": {"lame-fft"}}
# Debian's own flags, of its package dpkg-dev, and what each variant changes. Static archives are
# for programs that may lie anywhere, as gcc makes them unasked and clang does not.
HARDENING = ["-g0", "-fPIE", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"]
REBUILDING = ["AUTOCONF=:", "AUTOMAKE=:", "ACLOCAL=:", "AUTOHEADER=:", "MAKEINFO=:"]  # never
VARIANTS = [
    ("gcc -O2 as Debian", "gcc", ["-O2", *HARDENING]),
    ("gcc -O2", "gcc", ["-O2", "-g0", "-fPIE"]),
    ("gcc -O3", "gcc", ["-O3", *HARDENING]),
    ("gcc -Os", "gcc", ["-Os", *HARDENING]),
    ("gcc -O2 x86-64-v3", "gcc", ["-O2", "-march=x86-64-v3", *HARDENING]),
    ("clang -O2", "clang", ["-O2", *HARDENING]),
    ("clang -Os", "clang", ["-Os", *HARDENING]),
]
CONTROL = VARIANTS[0][0]
# Of its functions and its libraries; not all, since rules of packages set flags of their own: so
# liblzo2 differs (measured: 85.8 % of functions, five of six libraries).
CONTROL_FOUND = 0.8


def quiet(command, folder, **options):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=True, **options)


def apt_options():
    """A private state of apt that knows sources of bookworm."""
    listed = os.path.join(CACHE, "sources.list")
    options = []
    for name, value in (("Dir::Etc::sourcelist", listed), ("Dir::Etc::sourceparts", "-"),
                        ("Dir::State::lists", os.path.join(CACHE, "lists")),
                        ("Dir::Cache", os.path.join(CACHE, "cache")),
                        ("APT::Get::List-Cleanup", "0"), ("APT::Sandbox::User", "root")):
        options += ["-o", "%s=%s" % (name, value)]
    if not glob.glob(os.path.join(CACHE, "lists", "*Sources*")):
        for folder in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(CACHE, folder), exist_ok=True)
        with open(listed, "w", encoding="ascii") as file:
            file.write("deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
                       "http://deb.debian.org/debian bookworm main\n")
        subprocess.run(["apt-get", *options, "-qq", "update"], check=True)
    return options


def source_of(library):
    """The folder of a configured source tree, with Debian's patches; made once."""
    folder = os.path.join(CACHE, "trees", library)
    done = folder + ".configured"
    if os.path.exists(done):
        return folder
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    if not glob.glob(os.path.join(CACHE, library + "_*.dsc")):
        quiet(["apt-get", *apt_options(), "-qq", "source", "--download-only", library], CACHE)
    described = sorted(glob.glob(os.path.join(CACHE, library + "_*.dsc")))[-1]
    shutil.rmtree(folder, ignore_errors=True)
    quiet(["dpkg-source", "--no-check", "-x", described, folder], CACHE)
    configure = LIBRARIES[library][1]
    if configure:  # in its last place, which make files name
        quiet(configure, folder, env=dict(os.environ, CFLAGS="-O2", LC_ALL="C"))
    with open(done, "w", encoding="ascii"):
        pass
    return folder


def forget_objects(tree):
    """What "make clean" would remove of an earlier variant, in every tree."""
    for folder, _, files in os.walk(tree):
        for file in files:
            if file.endswith((".o", ".lo", ".la", ".a")):
                os.unlink(os.path.join(folder, file))


def archives_of(library, variant, compiler, flags):
    """The archives of one library built in one way; kept in the cache."""
    kept = os.path.join(CACHE, "built", variant.replace(" ", "_"), library)
    if not os.path.isdir(kept):
        _, _, targets, built = LIBRARIES[library]
        tree = source_of(library)
        forget_objects(tree)
        quiet(["make", "-j2", "CC=" + compiler, "CFLAGS=" + " ".join(flags), *REBUILDING,
               *targets], tree)
        os.makedirs(kept + ".new", exist_ok=True)
        for path in built:
            shutil.copy(os.path.join(tree, path), kept + ".new")
        os.rename(kept + ".new", kept)
    return sorted(glob.glob(os.path.join(kept, "*.a")))


def link(folder, built):
    """All of it in one program, and that stripped."""
    full, bare = os.path.join(folder, "full"), os.path.join(folder, "bare")
    quiet(["gcc", "-pie", "-nostdlib", "-Wl,-e,0", "-Wl,--unresolved-symbols=ignore-all", "-o",
           full, "-Wl,--whole-archive", *built, "-Wl,--no-whole-archive"], folder)
    quiet(["strip", "-o", bare, full], folder)
    return full, bare


def names_of(path):
    """Names by address of the functions of a file that has them."""
    names = collections.defaultdict(set)
    text = quiet(["nm", path], None).stdout.decode()
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] in "tTwWi":
            names[int(words[0], 16)].add(words[2])
    return names


def score(options, library, built, counts):
    component = LIBRARIES[library][0]
    with tempfile.TemporaryDirectory() as folder:
        full, bare = link(folder, built)
        said, names = Dump(options, options.index, bare), names_of(full)
    counts["libraries"] += 1
    counts["claimed"] += component in said.components
    counts["hinted"] += component in said.hints and component not in said.components
    false = sorted(set(said.components) - {component} - PARTS.get(library, set()))
    counts["false"] += len(false)
    for address, (owner, found) in said.functions.items():
        if address not in names:
            continue
        counts["functions"] += 1
        counts["found"] += found != {"-"}
        if owner != "-":
            counts["named"] += 1
            counts["wrong"] += not names[address] & {one.split("@")[0] for one in found}
    if options.verbose or false:
        print("  %-10s %s%s" % (library, "claimed" if component in said.components else
                                "hint" if component in said.hints else "not found",
                                ", FALSE: " + ", ".join(false) if false else ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--index", default=CORE)
    parser.add_argument("--library", action="append", choices=sorted(LIBRARIES))
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    missing = [tool for tool in ("apt-get", "dpkg-source", "make", "gcc") if not shutil.which(tool)]
    if missing:
        print("compilers: SKIPPED, there is no %s" % ", ".join(missing))
        return 0
    try:
        for library in options.library or sorted(LIBRARIES):
            source_of(library)
    except subprocess.CalledProcessError as error:
        print("compilers: SKIPPED, sources cannot be had: %s" % error)
        return 0
    bad, false = [], 0
    print("Rebuilt sources of bookworm against the core index: components claimed, functions found")
    for variant, compiler, flags in VARIANTS:
        counts = collections.Counter()
        if not shutil.which(compiler):
            print("%s: left out, it is not installed" % variant)
            continue
        print(variant, flush=True)
        for library in options.library or sorted(LIBRARIES):
            score(options, library, archives_of(library, variant, compiler, flags), counts)
        print(rate("  components claimed", counts["claimed"], counts["libraries"]))
        print("  hints of others %d, false claims %d" % (counts["hinted"], counts["false"]))
        print(rate("  functions found", counts["found"], counts["functions"]))
        print(rate("  functions named wrong", counts["wrong"], counts["named"]), flush=True)
        false += counts["false"]
        if variant == CONTROL and (counts["claimed"] < CONTROL_FOUND * counts["libraries"] or
                                   counts["found"] < CONTROL_FOUND * counts["functions"]):
            bad.append("Debian's own flags find too little")
    if false:
        bad.append("%d components are claimed that are not there" % false)
    for line in bad:
        print("NOT MET: " + line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
