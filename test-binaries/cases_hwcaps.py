# SPDX-License-Identifier: BSD-2-Clause
"""Subdirectories for CPUs: glibc-hwcaps, and the legacy ones that glibc 2.36 still tries."""
from recipe import case

LEVELS = ("v2", "v3", "v4")


def levels(c, place, names, library="libx.so"):
    for name in names:
        c.library("%s/glibc-hwcaps/x86-64-%s/%s" % (place, name, library))


@case
def hwcaps_all_levels(c):
    "The best level the CPU has wins over the plain directory."
    levels(c, "lib", LEVELS)
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def hwcaps_v2_only(c):
    "A lower level is taken when the best has no such file."
    levels(c, "lib", ["v2"])
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def hwcaps_v3_without_plain(c):
    "A library that exists for one level only."
    levels(c, "lib", ["v3"])
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so")


@case
def hwcaps_unknown_level(c):
    "Levels that no CPU has are never looked into."
    c.library("lib/glibc-hwcaps/x86-64-v9/libx.so")
    c.library("lib/glibc-hwcaps/x86-64-v1/libx.so")
    c.library("lib/glibc-hwcaps/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=["libx.so"])


@case
def hwcaps_per_directory(c):
    "Levels are tried directory by directory: a plain file in the first beats v3 in the second."
    c.library("one/libx.so")
    levels(c, "two", LEVELS)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/one:$ORIGIN/two")
    c.run("libmain.so", finds={"libx.so": "one/libx.so"})


@case
def hwcaps_in_library_path(c):
    "Levels count in LD_LIBRARY_PATH."
    levels(c, "env", LEVELS)
    c.library("env/libx.so")
    c.library("libmain.so", needed=["libx.so"])
    c.run("libmain.so", library_path="env", missing=[])


@case
def hwcaps_in_rpath(c):
    "Levels count in DT_RPATH, and for what is inherited."
    levels(c, "lib", ["v2", "v3"], "libleaf.so")
    c.library("lib/libleaf.so")
    c.library("lib/liba.so", needed=["libleaf.so"])
    c.library("libmain.so", needed=["liba.so"], rpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def hwcaps_several_libraries(c):
    "Each library is chosen on its own."
    levels(c, "lib", ["v2"], "liba.so")
    levels(c, "lib", ["v3"], "libb.so")
    levels(c, "lib", ["v4"], "libc1.so")
    for name in ("liba.so", "libb.so", "libc1.so", "libd.so"):
        c.library("lib/%s" % name)
    c.library("libmain.so", needed=["liba.so", "libb.so", "libc1.so", "libd.so"],
              runpath="$ORIGIN/lib")
    c.run("libmain.so", order=["liba.so", "libb.so", "libc1.so", "libd.so"], missing=[])


@case
def hwcaps_origin(c):
    "$ORIGIN of a library found in a level's directory is that directory."
    levels(c, "lib", ["v2"], "liby.so")
    c.library("lib/glibc-hwcaps/x86-64-v2/libx.so", needed=["liby.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so")


@case
def hwcaps_wrong_machine_in_level(c):
    "An unusable file in a level's directory is passed over."
    levels(c, "lib", ["v2", "v3"])
    c.patch("lib/glibc-hwcaps/x86-64-v3/libx.so", 18, b"\xb7\x00")
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def hwcaps_not_for_names_with_slash(c):
    "A name with a slash is not looked for in levels."
    levels(c, "lib", LEVELS)
    c.library("lib/libx.so", soname=None)
    c.library("libmain.so", needed=["lib/libx.so"])
    c.run("libmain.so", finds={"lib/libx.so": "lib/libx.so"})


@case
def legacy_tls(c):
    "tls/ is tried before the plain directory up to glibc 2.36."
    c.library("lib/tls/libx.so")
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def legacy_platform(c):
    "The platform's directory is tried too."
    for name in ("x86_64", "haswell", "xeon_phi"):
        c.library("lib/%s/libx.so" % name)
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def legacy_nested(c):
    "The legacy names combine: tls/haswell/x86_64 and so on; each alone, to see which are tried."
    for number, place in enumerate((
            "tls/haswell/avx512_1/x86_64", "tls/haswell/avx512_1", "tls/haswell/x86_64",
            "tls/haswell", "tls/avx512_1/x86_64", "tls/avx512_1", "tls/x86_64", "tls",
            "haswell/avx512_1/x86_64", "haswell/avx512_1", "haswell/x86_64", "haswell",
            "avx512_1/x86_64", "avx512_1", "x86_64", "avx512_1/haswell", "x86_64/tls",
            "x86_64/x86_64", "tls/tls", "xeon_phi", "tls/x86_64/x86_64",
            "haswell/x86_64/x86_64", "sse2", "i686")):
        c.library("n%d/%s/libx.so" % (number, place))
        c.library("lib%d.so" % number, needed=["libx.so"], runpath="$ORIGIN/n%d" % number)
        c.run("lib%d.so" % number)


@case
def legacy_order(c):
    "When all legacy directories hold the file, one is first."
    places = ["tls/haswell/avx512_1/x86_64", "tls/haswell/avx512_1", "tls/haswell", "tls/x86_64",
              "tls", "haswell/avx512_1/x86_64", "haswell", "avx512_1", "x86_64", "."]
    for count in range(1, len(places)):
        for place in places[count:]:
            c.library("n%d/%s/libx.so" % (count, place))
        c.library("lib%d.so" % count, needed=["libx.so"], runpath="$ORIGIN/n%d" % count)
        c.run("lib%d.so" % count, missing=[])


@case
def hwcaps_before_legacy(c):
    "glibc-hwcaps come before the legacy directories."
    levels(c, "lib", ["v2"])
    for place in ("tls", "x86_64", "haswell"):
        c.library("lib/%s/libx.so" % place)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", missing=[])


@case
def hwcaps_lesser_cpus(c):
    "--cpu: each level sees its own directory and those below; the baseline sees none."
    levels(c, "lib", LEVELS)
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", cpu="baseline", finds={"libx.so": "lib/libx.so"})
    for name in LEVELS:
        c.run("libmain.so", cpu="x86-64-" + name,
              finds={"libx.so": "lib/glibc-hwcaps/x86-64-%s/libx.so" % name})


@case
def hwcaps_lesser_cpus_gaps(c):
    "--cpu: a level without a directory of its own takes the next one below."
    levels(c, "lib", ["v2", "v4"])
    c.library("lib/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.run("libmain.so", cpu="x86-64-v3",
          finds={"libx.so": "lib/glibc-hwcaps/x86-64-v2/libx.so"})
    levels(c, "only4", ["v4"])
    c.library("libonly.so", needed=["libx.so"], runpath="$ORIGIN/only4")
    c.run("libonly.so", cpu="x86-64-v3", missing=["libx.so"])
