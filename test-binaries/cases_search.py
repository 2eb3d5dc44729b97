# SPDX-License-Identifier: BSD-2-Clause
"""Where a bare name is looked for, and in which order: ld.so(8), glibc elf/dl-load.c."""
import elffile
from recipe import case

PLACES = ("rpath", "env", "runpath")


def copies(c, name="libx.so", places=PLACES):
    for place in places:
        c.library("%s/%s" % (place, name))


@case
def rpath_before_library_path(c):
    "DT_RPATH is searched before LD_LIBRARY_PATH."
    copies(c)
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN/rpath")
    c.run("libmain.so", library_path="env", finds={"libx.so": "rpath/libx.so"})


@case
def library_path_before_runpath(c):
    "LD_LIBRARY_PATH is searched before DT_RUNPATH."
    copies(c)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/runpath")
    c.run("libmain.so", library_path="env", finds={"libx.so": "env/libx.so"})
    c.run("libmain.so", finds={"libx.so": "runpath/libx.so"})


@case
def library_path_before_cache(c):
    "LD_LIBRARY_PATH is searched before ld.so.cache."
    c.library("env/libz.so.1")
    c.library("libmain.so", needed=["libz.so.1"])
    c.run("libmain.so", library_path="env", finds={"libz.so.1": "env/libz.so.1"})


@case
def runpath_before_cache(c):
    "DT_RUNPATH is searched before ld.so.cache."
    c.library("runpath/libz.so.1")
    c.library("libmain.so", needed=["libz.so.1"], runpath="$ORIGIN/runpath")
    c.run("libmain.so", finds={"libz.so.1": "runpath/libz.so.1"})


@case
def rpath_before_cache(c):
    "DT_RPATH is searched before ld.so.cache."
    c.library("rpath/libz.so.1")
    c.library("libmain.so", needed=["libz.so.1"], rpath="$ORIGIN/rpath")
    c.run("libmain.so", finds={"libz.so.1": "rpath/libz.so.1"})


@case
def cache_only(c):
    "A system library is found through ld.so.cache, and so is what it needs."
    c.library("libmain.so", needed=["libz.so.1"])
    c.run("libmain.so", order=["libz.so.1", "libc.so.6", "/lib64/ld-linux-x86-64.so.2"])


@case
def rpath_ignored_beside_runpath(c):
    "An object's DT_RPATH does not count when it has a DT_RUNPATH too."
    copies(c)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/runpath",
              auxiliary=["$ORIGIN/rpath"])
    c.retag("libmain.so", elffile.DT_AUXILIARY, elffile.DT_RPATH)
    c.run("libmain.so", library_path="env", finds={"libx.so": "env/libx.so"})
    c.run("libmain.so", finds={"libx.so": "runpath/libx.so"})


@case
def rpath_ignored_beside_empty_runpath(c):
    "Even an empty DT_RUNPATH switches the DT_RPATH of the same object off."
    c.library("rpath/libx.so")
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN/rpath", auxiliary=["$ORIGIN/none"])
    c.retag("libmain.so", elffile.DT_AUXILIARY, elffile.DT_RUNPATH)
    c.run("libmain.so", missing=["libx.so"])


@case
def two_rpaths_last_counts(c):
    "Of two DT_RPATH entries in one object the last one counts."
    c.library("first/libx.so")
    c.library("second/libx.so")
    c.library("libmain.so", needed=["libx.so"], auxiliary=["$ORIGIN/first", "$ORIGIN/second"])
    c.retag("libmain.so", elffile.DT_AUXILIARY, elffile.DT_RPATH)
    c.retag("libmain.so", elffile.DT_AUXILIARY, elffile.DT_RPATH)
    c.run("libmain.so", finds={"libx.so": "second/libx.so"})


@case
def rpath_inherited_from_parent(c):
    "DT_RPATH of the object that loaded the requester is searched too."
    c.library("far/libleaf.so")
    c.library("libmiddle.so", needed=["libleaf.so"])
    c.library("libmain.so", needed=["libmiddle.so"], rpath="$ORIGIN:$ORIGIN/far")
    c.run("libmain.so", finds={"libleaf.so": "far/libleaf.so"})


@case
def rpath_inherited_from_grandparent(c):
    "DT_RPATH is inherited through several loaders."
    c.library("far/libleaf.so")
    c.library("near/libb.so", needed=["libleaf.so"])
    c.library("near/liba.so", needed=["libb.so"])
    c.library("libmain.so", needed=["liba.so"], rpath="$ORIGIN/near:$ORIGIN/far")
    c.run("libmain.so", order=["liba.so", "libb.so", "libleaf.so"])


@case
def rpath_inherited_through_runpath(c):
    """An ancestor that has DT_RUNPATH is skipped in the chain, it does not block it; but the
    requester's own DT_RUNPATH does switch the whole chain off."""
    c.library("far/libleaf.so")
    c.library("near/libb.so", needed=["libleaf.so"])
    c.library("near/liba.so", needed=["libb.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["liba.so"], rpath="$ORIGIN/near:$ORIGIN/far")
    c.run("libmain.so", finds={"libleaf.so": "far/libleaf.so"})
    c.library("near2/liba.so", needed=["libleaf.so"], runpath="$ORIGIN")
    c.library("libblocked.so", needed=["liba.so"], rpath="$ORIGIN/near2:$ORIGIN/far")
    c.run("libblocked.so", missing=["libleaf.so"])


@case
def rpath_nearest_first(c):
    "The requester's own DT_RPATH comes before its loader's, and that before the main program's."
    for place in ("own", "parent", "main"):
        c.library("%s/libleaf.so" % place)
    c.library("libb.so", needed=["libleaf.so"], rpath="$ORIGIN/own")
    c.library("liba.so", needed=["libb.so"], rpath="$ORIGIN/parent")
    c.library("libmain.so", needed=["liba.so"], rpath="$ORIGIN:$ORIGIN/main")
    c.run("libmain.so", finds={"libleaf.so": "own/libleaf.so"})
    c.library("two/libb.so", needed=["libleaf.so"])
    c.library("two/parent/libleaf.so")
    c.library("two/main/libleaf.so")
    c.library("two/liba.so", needed=["libb.so"], rpath="$ORIGIN/parent")
    c.library("two/libmain.so", needed=["liba.so"], rpath="$ORIGIN:$ORIGIN/main")
    c.run("two/libmain.so", finds={"libleaf.so": "two/parent/libleaf.so"})


@case
def rpath_of_program(c):
    "The main program's DT_RPATH serves every object of the process."
    c.library("near/liba.so", needed=["libleaf.so"])
    c.library("near/libleaf.so")
    c.program("main", needed=["liba.so"], rpath="$ORIGIN/near")
    c.run("main", program=True, finds={"libleaf.so": "near/libleaf.so"})


@case
def rpath_of_first_loader(c):
    "The chain follows the object that loaded the requester first, not others that need it."
    c.library("one/libleaf.so")
    c.library("two/libleaf.so")
    c.library("libshared.so", needed=["libleaf.so"])
    c.library("libfirst.so", needed=["libshared.so"], rpath="$ORIGIN:$ORIGIN/one")
    c.library("libsecond.so", needed=["libshared.so"], rpath="$ORIGIN:$ORIGIN/two")
    c.library("libmain.so", needed=["libfirst.so", "libsecond.so"], runpath="$ORIGIN")
    c.run("libmain.so", finds={"libleaf.so": "one/libleaf.so"})


@case
def rpath_of_preloaded_not_for_others(c):
    "A preloaded object's DT_RPATH serves only what it loads itself."
    c.library("far/libx.so")
    c.library("far/liby.so")
    c.library("libpre.so", needed=["liby.so"], rpath="$ORIGIN/far")
    c.library("libmain.so", needed=["libx.so"])
    c.run("libmain.so", preload="./libpre.so", missing=["libx.so"],
          finds={"liby.so": "far/liby.so"})


@case
def runpath_not_inherited(c):
    "DT_RUNPATH serves only the object's own needs."
    c.library("far/libleaf.so")
    c.library("libmiddle.so", needed=["libleaf.so"])
    c.library("libmain.so", needed=["libmiddle.so"], runpath="$ORIGIN:$ORIGIN/far")
    c.run("libmain.so", missing=["libleaf.so"])


@case
def runpath_of_program_not_inherited(c):
    "The main program's DT_RUNPATH does not serve its libraries either."
    c.library("near/liba.so", needed=["libleaf.so"])
    c.library("near/libleaf.so")
    c.program("main", needed=["liba.so"], runpath="$ORIGIN/near")
    c.run("main", program=True, missing=["libleaf.so"])


@case
def runpath_miss_falls_to_cache(c):
    "A DT_RUNPATH without the library leaves the rest of the search as it was."
    c.library("libmain.so", needed=["libz.so.1"], runpath="$ORIGIN/none:/nonexistent")
    c.run("libmain.so", missing=[])


@case
def path_element_order(c):
    "The elements of a search path are tried from left to right."
    for place in ("a", "b"):
        c.library("%s/libx.so" % place)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/none:$ORIGIN/b:$ORIGIN/a")
    c.run("libmain.so", finds={"libx.so": "b/libx.so"})


@case
def rpath_empty_element(c):
    "An empty element of DT_RPATH or DT_RUNPATH is the current directory."
    c.library("libx.so")
    c.library("d/libmain.so", needed=["libx.so"], rpath="/nonexistent::/nonexistent2")
    c.run("d/libmain.so", finds={"libx.so": "libx.so"})
    c.library("d/libtrailing.so", needed=["libx.so"], runpath="/nonexistent:")
    c.run("d/libtrailing.so", finds={"libx.so": "libx.so"})
    c.library("d/libleading.so", needed=["libx.so"], runpath=":/nonexistent")
    c.run("d/libleading.so", finds={"libx.so": "libx.so"})


@case
def rpath_empty_string(c):
    "An empty DT_RUNPATH is no path at all, not the current directory."
    c.library("libx.so")
    c.library("d/libmain.so", needed=["libx.so"], runpath="x")
    elf = elffile.ELFFile(c.path("d/libmain.so"))
    at = [place for tag, _, place in elf.dynamic if tag == elffile.DT_RUNPATH][0]
    elf.close()
    c.patch("d/libmain.so", at + 8, bytes(8))  # offset 0 of the string table is ""
    c.run("d/libmain.so", missing=["libx.so"])


@case
def rpath_relative_element(c):
    "A relative element is taken from the current directory, not from the object's."
    c.library("near/libx.so")
    c.library("d/near/libx.so")
    c.library("d/libmain.so", needed=["libx.so"], runpath="near")
    c.run("d/libmain.so", finds={"libx.so": "near/libx.so"})


@case
def library_path_empty_element(c):
    "An empty element of LD_LIBRARY_PATH is the current directory; an empty value is nothing."
    c.library("libx.so")
    c.library("d/libmain.so", needed=["libx.so"])
    c.run("d/libmain.so", library_path=":/nonexistent", finds={"libx.so": "libx.so"})
    c.run("d/libmain.so", library_path="/nonexistent:", finds={"libx.so": "libx.so"})
    c.run("d/libmain.so", library_path="/nonexistent::/none", finds={"libx.so": "libx.so"})
    c.run("d/libmain.so", library_path=":", finds={"libx.so": "libx.so"})
    c.run("d/libmain.so", library_path="", missing=["libx.so"])


@case
def library_path_semicolon(c):
    "LD_LIBRARY_PATH splits at semicolons too; a search path in a file does not."
    c.library("env/libx.so")
    c.library("libmain.so", needed=["libx.so"])
    c.run("libmain.so", library_path="/nonexistent;env", finds={"libx.so": "env/libx.so"})
    c.library("librun.so", needed=["libx.so"], runpath="/nonexistent;$ORIGIN/env")
    c.run("librun.so", missing=["libx.so"])


@case
def library_path_trailing_slash(c):
    "Trailing slashes of an element do not show in the path that is found."
    c.library("env/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/env///")
    c.run("libmain.so", library_path="env//", finds={"libx.so": "env/libx.so"})
    c.run("libmain.so", finds={"libx.so": "env/libx.so"})


@case
def library_path_duplicates(c):
    "A repeated element changes nothing."
    c.library("env/libx.so")
    c.library("env2/libx.so")
    c.library("libmain.so", needed=["libx.so"])
    c.run("libmain.so", library_path="none:none:env2:env2/:env:env2",
          finds={"libx.so": "env2/libx.so"})


@case
def library_path_serves_all(c):
    "LD_LIBRARY_PATH serves every object, even one with its own DT_RUNPATH."
    c.library("env/liba.so", needed=["libleaf.so"], runpath="/nonexistent")
    c.library("env/libleaf.so")
    c.library("libmain.so", needed=["liba.so"])
    c.run("libmain.so", library_path="env", finds={"libleaf.so": "env/libleaf.so"})


@case
def element_is_a_file(c):
    "An element that is a regular file, or names nothing, is passed over."
    c.text("notadirectory", "x\n")
    c.library("real/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/notadirectory:$ORIGIN/real")
    c.run("libmain.so", finds={"libx.so": "real/libx.so"})


@case
def element_with_dots(c):
    "Dots in an element stay in the path, and count for $ORIGIN of what is found there."
    c.library("a/libx.so", needed=["liby.so"], runpath="$ORIGIN")
    c.library("a/liby.so")
    c.library("b/libmain.so", needed=["libx.so"], runpath="$ORIGIN/../a")
    c.run("b/libmain.so", finds={"libx.so": "b/../a/libx.so", "liby.so": "b/../a/liby.so"})


@case
def element_very_long(c):
    "A search path of 20,000 bytes and 400 elements is searched to its end."
    c.library("last/libx.so")
    elements = ["/nonexistent/%040d" % number for number in range(400)]
    c.library("libmain.so", needed=["libx.so"], runpath=":".join(elements + ["$ORIGIN/last"]))
    c.run("libmain.so", finds={"libx.so": "last/libx.so"})


@case
def nodeflib_drops_cache(c):
    "DF_1_NODEFLIB: neither the default directories nor cache entries that lie in them."
    c.library("libmain.so", needed=["libz.so.1"], flags=["nodefaultlib"])
    c.run("libmain.so", missing=["libz.so.1"])
    c.library("libplain.so", needed=["libz.so.1"])
    c.run("libplain.so", missing=[])


@case
def nodeflib_of_requester_only(c):
    "DF_1_NODEFLIB counts for the object that carries it, not for those it loads."
    c.library("liba.so", needed=["libz.so.1"])
    c.library("libmain.so", needed=["liba.so"], runpath="$ORIGIN", flags=["nodefaultlib"])
    c.run("libmain.so", missing=[])


@case
def nodeflib_already_loaded(c):
    "DF_1_NODEFLIB does not hide what another object loaded before."
    c.library("liba.so", needed=["libz.so.1"])
    c.library("libb.so", needed=["libz.so.1"], flags=["nodefaultlib"])
    c.library("libmain.so", needed=["liba.so", "libb.so"], runpath="$ORIGIN")
    c.run("libmain.so", missing=[])
    c.library("libreverse.so", needed=["libb.so", "liba.so"], runpath="$ORIGIN")
    c.run("libreverse.so")


@case
def nodeflib_keeps_paths(c):
    "DF_1_NODEFLIB leaves DT_RUNPATH and LD_LIBRARY_PATH alone, even into a system directory."
    c.library("libmain.so", needed=["libz.so.1"], flags=["nodefaultlib"],
              runpath="/usr/lib/x86_64-linux-gnu")
    c.run("libmain.so", finds={"libz.so.1": "/usr/lib/x86_64-linux-gnu/libz.so.1"})
    c.library("libenv.so", needed=["libz.so.1"], flags=["nodefaultlib"])
    c.run("libenv.so", library_path="/lib/x86_64-linux-gnu",
          finds={"libz.so.1": "/lib/x86_64-linux-gnu/libz.so.1"})
