# SPDX-License-Identifier: BSD-2-Clause
"""Cases for musl's dynamic linker, in the manner of recipe.py; tests/musl_cases.t makes them, asks
ld-musl and elfleft, and compares. finds holds the answer the case is about."""
import os
import shutil

import elffile
import recipe

LD_MUSL = "/lib/ld-musl-x86_64.so.1"
CASES = []


def case(function):
    CASES.append(function)
    return function


def places(c, name="libx.so", directories=("run", "env", "far")):
    for directory in directories:
        c.library("%s/%s" % (directory, name))


def sysroot(c, path=None):
    """Makes root/ one with musl in it; path: the content of its ld-musl-x86_64.path."""
    c.root = c.path("root")
    os.makedirs(os.path.join(c.root, "lib"), exist_ok=True)
    os.makedirs(os.path.join(c.root, "etc"), exist_ok=True)
    shutil.copyfile(os.path.realpath(LD_MUSL), os.path.join(c.root, LD_MUSL[1:]))
    os.chmod(os.path.join(c.root, LD_MUSL[1:]), 0o755)
    if path is not None:
        c.text("root/etc/ld-musl-x86_64.path", path)


@case
def rpath_after_library_path(c):
    "LD_LIBRARY_PATH is searched before DT_RPATH too."
    places(c)
    c.program("main", needed=["libx.so"], rpath="$ORIGIN/run")
    c.run("main", finds={"libx.so": "run/libx.so"})
    c.run("main", library_path="env", finds={"libx.so": "env/libx.so"})


@case
def runpath_after_library_path(c):
    "LD_LIBRARY_PATH is searched before DT_RUNPATH."
    places(c)
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run")
    c.run("main", finds={"libx.so": "run/libx.so"})
    c.run("main", library_path="env", finds={"libx.so": "env/libx.so"})


@case
def runpath_inherited(c):
    "DT_RUNPATH of the program serves the needs of its libraries, unlike glibc's."
    c.library("run/libleaf.so")
    c.library("run/libmid.so", needed=["libleaf.so"])
    c.program("main", needed=["libmid.so"], runpath="$ORIGIN/run")
    c.run("main", finds={"libleaf.so": "run/libleaf.so"}, order=["libmid.so", "libleaf.so"])


@case
def own_run_path_first(c):
    "The requester's run path comes before that of what needed it."
    places(c, "libleaf.so")
    c.library("run/libmid.so", needed=["libleaf.so"], runpath="$ORIGIN/../far")
    c.program("main", needed=["libmid.so"], runpath="$ORIGIN/run")
    c.run("main", finds={"libleaf.so": "far/libleaf.so"})


@case
def runpath_hides_rpath(c):
    "Of DT_RPATH and DT_RUNPATH in one file the latter counts, whatever their order."
    places(c)
    c.program("main", needed=["libx.so", "liby.so"], rpath="$ORIGIN/run:$ORIGIN/far")
    c.library("run/liby.so", runpath="$ORIGIN")
    c.run("main", finds={"libx.so": "run/libx.so"})


@case
def sibling_run_path(c):
    "The run path of a sibling serves nobody else."
    c.library("far/libleaf.so")
    c.library("run/libone.so", runpath="$ORIGIN/../far")
    c.library("run/libtwo.so", needed=["libleaf.so"])
    c.program("main", needed=["libone.so", "libtwo.so"], runpath="$ORIGIN/run")
    c.run("main", missing=["libleaf.so"])


@case
def soname_does_not_match(c):
    "A DT_SONAME answers to nothing: the file is looked for, and here not found."
    c.library("run/libfile.so", soname="libsoname.so")
    c.program("main", needed=["libfile.so", "libsoname.so"], runpath="$ORIGIN/run")
    c.run("main", missing=["libsoname.so"])


@case
def short_name_matches(c):
    "A name is answered by what was found under it before, without another search."
    places(c, "libleaf.so")
    c.library("run/libmid.so", needed=["libleaf.so"], runpath="$ORIGIN/../far")
    c.program("main", needed=["libleaf.so", "libmid.so"], runpath="$ORIGIN/run")
    c.run("main", finds={"libleaf.so": "run/libleaf.so"}, order=["libleaf.so", "libmid.so"])


@case
def same_file(c):
    "Two names of one file are one object."
    c.library("run/libx.so")
    c.symlink("run/liby.so", "libx.so")
    c.hardlink("run/libz.so", "run/libx.so")
    c.program("main", needed=["libx.so", "liby.so", "libz.so"], runpath="$ORIGIN/run")
    c.run("main", order=["libx.so"])


@case
def same_content(c):
    "Two files of the same content and SONAME are two objects."
    c.library("run/libx.so", soname="libx.so")
    c.copy("run/liby.so", "run/libx.so")
    c.program("main", needed=["libx.so", "liby.so"], runpath="$ORIGIN/run")
    c.run("main", order=["libx.so", "liby.so"])


@case
def breadth_first(c):
    "Needs of needs come after all direct needs."
    c.library("run/liba.so", needed=["libc1.so"])
    c.library("run/libb.so", needed=["libd1.so"])
    c.library("run/libc1.so")
    c.library("run/libd1.so")
    c.program("main", needed=["liba.so", "libb.so"], runpath="$ORIGIN/run")
    c.run("main", order=["liba.so", "libb.so", "libc1.so", "libd1.so"])


@case
def cycle(c):
    "Libraries that need each other, and themselves."
    c.library("run/liba.so", needed=["libb.so", "liba.so"])
    c.library("run/libb.so", needed=["liba.so"])
    c.program("main", needed=["liba.so"], runpath="$ORIGIN/run")
    c.run("main", order=["liba.so", "libb.so"])


@case
def program_needed(c):
    "The program answers to no name: its file is loaded once more."
    c.program("main", needed=["main"], runpath="$ORIGIN")
    c.run("main", order=["main"])


@case
def c_library_names(c):
    "All names the C library ever had lead to the interpreter, those of glibc too."
    for name in ("libc.so", "libc.so.6", "libm.so.6", "libpthread.so.0", "librt.so.1", "libdl.so.2",
                 "libutil.so.1", "libxnet.so", "libc.musl-x86_64.so.1"):
        c.library("run/" + name)
    c.library("run/libmvec.so.1")
    c.program("main", needed=["libm.so.6", "libc.so.6", "libpthread.so.0", "librt.so.1",
                              "libdl.so.2", "libutil.so.1", "libxnet.so", "libmvec.so.1",
                              "libc.musl-x86_64.so.1"], runpath="$ORIGIN/run")
    c.run("main", finds={"libmvec.so.1": "run/libmvec.so.1"})


@case
def interpreter_by_path(c):
    "The interpreter's own path is the interpreter."
    c.library("run/libx.so")
    c.program("main", needed=[LD_MUSL, "libx.so"], runpath="$ORIGIN/run")
    c.run("main", order=["libx.so"])


@case
def c_library_by_path(c):
    "A file that defines __libc_start_main and stdin stands for the C library that is there."
    c.program("main", needed=["/lib/x86_64-linux-musl/libc.so", "/lib/x86_64-linux-gnu/libc.so.6"])
    c.run("main", order=[])


@case
def origin_in_braces(c):
    "${ORIGIN} is $ORIGIN."
    places(c)
    c.program("main", needed=["libx.so"], runpath="${ORIGIN}/run")
    c.run("main", finds={"libx.so": "run/libx.so"})


@case
def origin_with_a_tail(c):
    "Whatever follows $ORIGIN is text, letters too."
    c.library("tail/libx.so")
    c.program("tai", needed=["libx.so"], runpath="$ORIGINl:${ORIGIN}/tail")
    c.run("tai", finds={"libx.so": "tail/libx.so"})


@case
def other_tokens(c):
    "Another token disables the whole run path, its good elements too."
    places(c)
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run:$ORIGIN/$LIB")
    c.run("main", missing=["libx.so"])
    c.program("second", needed=["libx.so"], runpath="$ORIGIN/run:/usr/$PLATFORM")
    c.run("second", missing=["libx.so"])


@case
def token_of_one_object_only(c):
    "A disabled run path leaves those of its ancestors alone."
    c.library("run/libleaf.so")
    c.library("run/libmid.so", needed=["libleaf.so"], runpath="$ORIGIN/$LIB")
    c.program("main", needed=["libmid.so"], runpath="$ORIGIN/run")
    c.run("main", finds={"libleaf.so": "run/libleaf.so"})


@case
def tokens_in_names(c):
    "A token in DT_NEEDED is text."
    c.library("run/libx.so")
    c.program("main", needed=["$ORIGIN/run/libx.so"], runpath="$ORIGIN/run")
    c.run("main", missing=["$ORIGIN/run/libx.so"])


@case
def name_with_slash(c):
    "A name with a slash is opened as it is, relative to the working directory."
    c.library("run/libx.so")
    c.program("main", needed=["run/libx.so", "./run/libx.so"])
    c.run("main", finds={"run/libx.so": "run/libx.so"}, order=["run/libx.so"])


@case
def path_then_name(c):
    "What a path brought in answers to its base name only after a search has met its file."
    c.library("run/libx.so.1")
    c.symlink("run/libx.so", "libx.so.1")
    c.library("run/libmid.so", needed=["libx.so.1"])
    c.library("far/libx.so.1")
    c.program("main", needed=["run/libx.so.1", "libx.so", "libmid.so"], runpath="$ORIGIN/run")
    c.run("main", order=["run/libx.so.1", "libmid.so"])


@case
def path_without_search(c):
    "A name is searched although a path brought in a file called like that."
    c.library("run/libx.so")
    c.library("far/libx.so")
    c.program("main", needed=["run/libx.so", "libx.so"], runpath="$ORIGIN/far")
    c.run("main", order=["run/libx.so", "libx.so"])


@case
def wrong_class_stops(c):
    "A file of another class is an error, not passed over."
    c.library("run/libx.so", bits="32")
    c.library("far/libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run:$ORIGIN/far")
    c.run("main", missing=["libx.so"])


@case
def machine_not_looked_at(c):
    "musl maps a file for another machine of its class; it fails when it relocates, if ever."
    c.library("run/libx.so")
    c.patch("run/libx.so", 18, b"\xb7\0")
    c.library("far/libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run:$ORIGIN/far")
    c.run("main", finds={"libx.so": "run/libx.so"})


@case
def text_file_stops(c):
    "So is a file that is no ELF file."
    c.text("run/libx.so", "INPUT(libfoo.so)\n" * 100)
    c.library("far/libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run:$ORIGIN/far")
    c.run("main", missing=["libx.so"])


@case
def directory_stops(c):
    "And a directory, which can be opened."
    c.library("run/libx.so/inner.so")
    c.library("far/libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run:$ORIGIN/far")
    c.run("main", missing=["libx.so"])


@case
def link_loop_stops(c):
    "A loop of links is an error that ends the search, later lists too."
    c.symlink("run/libx.so", "libx.so")
    c.library("far/libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run:$ORIGIN/far")
    c.run("main", missing=["libx.so"])
    c.run("main", missing=["libx.so"], library_path="run:far")


@case
def missing_goes_on(c):
    "After a missing library the others are still loaded, and each miss is reported."
    c.library("run/libx.so", needed=["libgone.so"])
    c.program("main", needed=["libnone.so", "libx.so"], runpath="$ORIGIN/run")
    c.run("main", missing=["libgone.so", "libnone.so"], order=["libx.so"])


@case
def empty_elements(c):
    "Empty elements of a path are nothing, not the working directory."
    c.library("libx.so")
    c.program("main", needed=["libx.so"])
    c.run("main", library_path="::", missing=["libx.so"])
    c.run("main", library_path=":.", finds={"libx.so": "libx.so"})


@case
def newline_separates(c):
    "A newline separates as a colon does; a semicolon does not."
    places(c)
    c.program("main", needed=["libx.so"])
    c.run("main", library_path="none\nenv", finds={"libx.so": "env/libx.so"})
    c.run("main", library_path="none;env", missing=["libx.so"])


@case
def long_directory(c):
    "A candidate too long for the buffer is passed over."
    places(c)
    c.program("main", needed=["libx.so"])
    c.run("main", library_path="%s:env" % ("x" * 600), finds={"libx.so": "env/libx.so"})


@case
def long_name(c):
    "A name longer than NAME_MAX is not searched."
    name = "lib" + "x" * 260
    c.program("main", needed=[name])
    c.run("main", library_path="env", missing=[name])


@case
def preload(c):
    "Preloads come first, in their order, and search without anybody's run path."
    places(c)
    c.library("env/libp.so", needed=["liby.so"])
    c.library("run/liby.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run")
    c.run("main", preload="env/libp.so", order=["env/libp.so", "libx.so"], missing=["liby.so"])
    c.run("main", preload="libx.so", order=["libx.so"])


@case
def no_hwcaps(c):
    "There are no sub-directories by processor."
    c.library("run/glibc-hwcaps/x86-64-v2/libx.so")
    c.library("run/x86_64/libx.so")
    c.library("run/libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run")
    c.run("main", finds={"libx.so": "run/libx.so"})


@case
def filters_ignored(c):
    "DT_FILTER and DT_AUXILIARY mean nothing."
    c.library("run/libf.so")
    c.library("run/libx.so", filters=["libf.so"], auxiliary=["libf.so"])
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run")
    c.run("main", order=["libx.so"])


@case
def nodeflib_ignored(c):
    "DF_1_NODEFLIB means nothing."
    sysroot(c)
    c.library("root/usr/lib/libx.so")
    c.program("root/main", needed=["libx.so"], flags=["nodefaultlib"])
    c.run("/main", finds={"libx.so": "/usr/lib/libx.so"})


@case
def default_path(c):
    "Without a path file: /lib, /usr/local/lib, /usr/lib."
    sysroot(c)
    for place, names in (("lib", "abc"), ("usr/local/lib", "bc"), ("usr/lib", "c")):
        for name in names:
            c.library("root/%s/lib%sx.so" % (place, name))
    c.library("root/usr/lib/libdx.so")
    os.unlink(c.path("root/lib/libcx.so"))
    os.unlink(c.path("root/lib/libbx.so"))
    os.unlink(c.path("root/usr/local/lib/libcx.so"))
    c.program("root/main", needed=["libax.so", "libbx.so", "libcx.so", "libdx.so"])
    c.run("/main", finds={"libax.so": "/lib/libax.so", "libbx.so": "/usr/local/lib/libbx.so",
                          "libcx.so": "/usr/lib/libcx.so"})


@case
def path_file(c):
    "The path file replaces the default path."
    sysroot(c, "/opt/one\n/opt/two:/opt/three\n")
    c.library("root/opt/three/libx.so")
    c.library("root/opt/one/liby.so")
    c.library("root/opt/two/liby.so")
    c.library("root/usr/lib/libz.so")
    c.program("root/main", needed=["libx.so", "liby.so", "libz.so"])
    c.run("/main", finds={"libx.so": "/opt/three/libx.so", "liby.so": "/opt/one/liby.so"},
          missing=["libz.so"])


@case
def empty_path_file(c):
    "An empty path file leaves nothing to search."
    sysroot(c, "")
    c.library("root/usr/lib/libz.so")
    c.program("root/main", needed=["libz.so"])
    c.run("/main", missing=["libz.so"])


@case
def unreadable_path_file(c):
    "A path file that cannot be read is an empty one."
    sysroot(c)
    os.makedirs(c.path("root/etc/ld-musl-x86_64.path/x"))
    c.library("root/usr/lib/libz.so")
    c.program("root/main", needed=["libz.so"])
    c.run("/main", missing=["libz.so"])


@case
def path_file_of_a_prefix(c):
    "The path file is looked for beside the interpreter's directory."
    sysroot(c, "/wrong\n")
    c.text("root/opt/musl/etc/ld-musl-x86_64.path", "/right\n")
    c.library("root/wrong/libx.so")
    c.library("root/right/libx.so")
    c.path("root/opt/musl/lib/x")
    shutil.copyfile(os.path.realpath(LD_MUSL), c.path("root/opt/musl/lib/ld-musl-x86_64.so.1"))
    os.chmod(c.path("root/opt/musl/lib/ld-musl-x86_64.so.1"), 0o755)
    before, recipe.INTERPRETER = recipe.INTERPRETER, "/opt/musl/lib/ld-musl-x86_64.so.1"
    c.program("root/main", needed=["libx.so"])
    recipe.INTERPRETER = before
    c.run("/main", finds={"libx.so": "/right/libx.so"})


@case
def library_by_its_needs(c):
    "A library that needs libc.so or libc.musl-x86_64.so.1 is musl's, though it names no interpreter."
    c.library("run/libx.so", needed=["libleaf.so", "libc.so"], runpath="$ORIGIN")
    c.library("run/libleaf.so")
    c.run("run/libx.so", order=["libleaf.so"])
    c.library("run/liby.so", needed=["libc.musl-x86_64.so.1"])
    c.run("run/liby.so", order=[])


@case
def library_in_a_musl_root(c):
    "A library without a word of a C library is musl's where the root has no other."
    sysroot(c)
    c.library("root/usr/lib/libx.so", needed=["libleaf.so"])
    c.library("root/usr/lib/libleaf.so", runpath="/usr/lib", needed=["libdeep.so"])
    c.library("root/usr/lib/libdeep.so")
    c.run("/usr/lib/libx.so", order=["libleaf.so", "libdeep.so"])


@case
def last_run_path_counts(c):
    "Of two DT_RUNPATH the last one counts."
    places(c)
    c.program("main", needed=["libx.so"], runpath="$ORIGIN/run",
              flags=["now"])
    c.run("main", finds={"libx.so": "run/libx.so"})
    c.program("both", needed=["libx.so", "$ORIGIN/far"], runpath="$ORIGIN/run")
    # The second DT_NEEDED becomes a DT_RUNPATH before the one the linker wrote.
    c.retag("both", elffile.DT_NEEDED, elffile.DT_RUNPATH, 1)
    c.run("both", finds={"libx.so": "run/libx.so"})
