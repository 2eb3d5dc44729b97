# SPDX-License-Identifier: BSD-2-Clause
"""Dynamic string tokens: $ORIGIN, $LIB, $PLATFORM, in search paths and in names."""
from recipe import case

# Debian builds ld.so with this value; the tests hold ld.so to it.
LIB = "lib/x86_64-linux-gnu"


@case
def origin_in_runpath(c):
    "$ORIGIN and ${ORIGIN} are the directory of the object that names them."
    c.library("sub/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/sub")
    c.library("libbraces.so", needed=["libx.so"], runpath="${ORIGIN}/sub")
    c.run("libmain.so", finds={"libx.so": "sub/libx.so"})
    c.run("libbraces.so", finds={"libx.so": "sub/libx.so"})


@case
def origin_is_each_objects_own(c):
    "$ORIGIN of a library is where that library was found."
    c.library("a/libx.so", needed=["liby.so"], runpath="$ORIGIN/b")
    c.library("a/b/liby.so")
    c.library("b/liby.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/a")
    c.run("libmain.so", finds={"liby.so": "a/b/liby.so"})


@case
def origin_of_inherited_rpath(c):
    "$ORIGIN in an inherited DT_RPATH is that of the object that carries the DT_RPATH."
    c.library("a/libx.so", needed=["liby.so"])
    c.library("a/sub/liby.so")
    c.library("sub/liby.so")
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN/a:$ORIGIN/sub")
    c.run("libmain.so", finds={"liby.so": "sub/liby.so"})


@case
def origin_of_symlinked_library(c):
    "$ORIGIN of a library found through a symbolic link is the directory of the link."
    c.library("real/libx.so", needed=["liby.so"], runpath="$ORIGIN")
    c.library("real/liby.so")
    c.symlink("links/libx.so", "../real/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/links")
    c.run("libmain.so", missing=["liby.so"], finds={"libx.so": "links/libx.so"})


@case
def origin_of_symlinked_directory(c):
    "A directory that is a symbolic link stays in $ORIGIN as it is named."
    c.library("real/libx.so", needed=["liby.so"], runpath="$ORIGIN/../beside")
    c.library("beside/liby.so")
    c.symlink("deep/link", "../real")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/deep/link")
    c.run("libmain.so", finds={"liby.so": "deep/link/../beside/liby.so"})


@case
def origin_of_symlinked_program(c):
    "$ORIGIN of a program is the directory of the file itself: the kernel resolved its links."
    c.library("real/lib/libx.so")
    c.library("lib/libx.so")
    c.program("real/main", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.symlink("main", "real/main")
    c.run("main", program=True, finds={"libx.so": "real/lib/libx.so"})


@case
def origin_of_symlinked_root_library(c):
    "A library given to ld.so itself through a link keeps the link's directory."
    c.library("real/lib/libx.so")
    c.library("lib/libx.so")
    c.library("real/libmain.so", needed=["libx.so"], runpath="$ORIGIN/lib")
    c.symlink("libmain.so", "real/libmain.so")
    c.run("libmain.so", finds={"libx.so": "lib/libx.so"})


@case
def origin_of_chained_links(c):
    "A program behind two links and a linked directory."
    c.library("opt/app-2/lib/libx.so")
    c.program("opt/app-2/bin/main", needed=["libx.so"], runpath="$ORIGIN/../lib")
    c.symlink("opt/app", "app-2")
    c.symlink("bin/main", "../opt/app/bin/main")
    c.run("bin/main", program=True, finds={"libx.so": "opt/app-2/bin/../lib/libx.so"})


@case
def origin_twice(c):
    "A token may stand anywhere in an element, and more than once."
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/$ORIGIN")
    c.library("sub/libx.so")
    c.run("libmain.so", missing=["libx.so"])
    c.library("lib2.so", needed=["libx.so"], runpath="/.$ORIGIN/sub")
    c.run("lib2.so")


@case
def origin_needs_boundary(c):
    "$ORIGINAL is no token, ${ORIGIN}AL is one followed by two letters."
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGINAL")
    c.library("$ORIGINAL/libx.so")
    c.run("libmain.so", finds={"libx.so": "$ORIGINAL/libx.so"})
    c.library("d/libbraces.so", needed=["libx.so"], runpath="${ORIGIN}AL")
    c.library("dAL/libx.so")
    c.run("d/libbraces.so", finds={"libx.so": "dAL/libx.so"})


@case
def lib_token(c):
    "$LIB and ${LIB} are the distribution's own value."
    c.library(LIB + "/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/$LIB")
    c.library("libbraces.so", needed=["libx.so"], runpath="$ORIGIN/${LIB}")
    c.run("libmain.so", finds={"libx.so": LIB + "/libx.so"})
    c.run("libbraces.so", finds={"libx.so": LIB + "/libx.so"})


@case
def lib_token_is_not_lib(c):
    "A library in plain lib/ or lib64/ is not found by $LIB on Debian."
    c.library("lib/libx.so")
    c.library("lib64/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/$LIB")
    c.run("libmain.so", missing=["libx.so"])


@case
def platform_token(c):
    "$PLATFORM is the kernel's AT_PLATFORM, or what the CPU model sets it to."
    for name in ("x86_64", "haswell", "xeon_phi"):
        c.library("%s/libx.so" % name)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/$PLATFORM")
    c.library("libbraces.so", needed=["libx.so"], runpath="$ORIGIN/${PLATFORM}")
    c.run("libmain.so", missing=[])
    c.run("libbraces.so", missing=[])


@case
def unknown_token(c):
    "An unknown token, or an open brace, is taken literally."
    c.library("sub/$FOO/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/sub/$FOO")
    c.run("libmain.so", finds={"libx.so": "sub/$FOO/libx.so"})
    c.library("sub/${ORIGIN/libx.so")
    c.library("libopen.so", needed=["libx.so"], runpath="$ORIGIN/sub/${ORIGIN")
    c.run("libopen.so", finds={"libx.so": "sub/${ORIGIN/libx.so"})
    c.library("sub/$/libx.so")
    c.library("libdollar.so", needed=["libx.so"], runpath="$ORIGIN/sub/$")
    c.run("libdollar.so", finds={"libx.so": "sub/$/libx.so"})


@case
def tokens_in_library_path(c):
    "Tokens in LD_LIBRARY_PATH expand for the main program."
    c.library("d/env/libx.so")
    c.library("d/libmain.so", needed=["libx.so"])
    c.run("d/libmain.so", library_path="$ORIGIN/env", finds={"libx.so": "d/env/libx.so"})
    c.program("d/main", needed=["libx.so"])
    c.run("d/main", program=True, library_path="${ORIGIN}/env", finds={"libx.so": "d/env/libx.so"})


@case
def tokens_in_preload(c):
    "Tokens in LD_PRELOAD expand for the main program; the object keeps the name as written."
    c.library("d/libpre.so")
    c.library("d/libx.so")
    c.library("d/libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("d/libmain.so", preload="$ORIGIN/libpre.so",
          finds={"$ORIGIN/libpre.so": "d/libpre.so"})


@case
def origin_in_needed(c):
    "$ORIGIN in DT_NEEDED is the directory of the object that needs it."
    c.library("a/sub/liby.so")
    c.library("a/libx.so", needed=["$ORIGIN/sub/liby.so"])
    c.library("libmain.so", needed=["${ORIGIN}/a/libx.so"])
    c.run("libmain.so", order=[c.dir + "/a/libx.so", c.dir + "/a/sub/liby.so"])


@case
def origin_in_needed_of_program(c):
    "$ORIGIN in DT_NEEDED of a program reached through a link is the file's own directory."
    c.library("real/libx.so")
    c.program("real/main", needed=["$ORIGIN/libx.so"])
    c.symlink("main", "real/main")
    c.run("main", program=True, order=[c.dir + "/real/libx.so"])


@case
def origin_in_needed_missing(c):
    "A name with $ORIGIN that leads to nothing is missing under its expanded name."
    c.library("libmain.so", needed=["$ORIGIN/none.so"])
    c.run("libmain.so", missing=[c.dir + "/none.so"])


@case
def lib_in_needed(c):
    "$LIB in DT_NEEDED."
    c.library(LIB + "/libx.so")
    c.library("libmain.so", needed=["$ORIGIN/$LIB/libx.so"])
    c.run("libmain.so", order=[c.dir + "/" + LIB + "/libx.so"])


@case
def unknown_token_in_needed(c):
    "An unknown token in DT_NEEDED is part of the name."
    c.library("$FOO.so")
    c.library("libmain.so", needed=["$FOO.so"], runpath="$ORIGIN")
    c.run("libmain.so", finds={"$FOO.so": "$FOO.so"})


@case
def tokens_in_auxiliary_and_filter(c):
    "$ORIGIN in DT_AUXILIARY and DT_FILTER."
    c.library("sub/libaux.so")
    c.library("libx.so", auxiliary=["$ORIGIN/sub/libaux.so"])
    c.library("libf.so", filters=["$ORIGIN/sub/libaux.so"])
    c.library("libmain.so", needed=["libx.so", "libf.so"], runpath="$ORIGIN")
    c.run("libmain.so", finds={c.dir + "/sub/libaux.so": "sub/libaux.so"})
