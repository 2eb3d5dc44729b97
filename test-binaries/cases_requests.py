# SPDX-License-Identifier: BSD-2-Clause
"""What asks for an object besides DT_NEEDED: filters, auxiliaries, preloads, audit libraries."""
import elffile
from recipe import case


@case
def auxiliary_present(c):
    "DT_AUXILIARY is loaded in front of the object that names it."
    c.library("libaux.so")
    c.library("libx.so", auxiliary=["libaux.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", missing=[], finds={"libaux.so": "libaux.so"})


@case
def auxiliary_missing(c):
    "A missing DT_AUXILIARY is no error; ld.so's trace mode lists it all the same."
    c.library("libx.so", auxiliary=["libnone.so"])
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libnone.so", "libx.so"])


@case
def auxiliary_missing_beside_needed(c):
    "A missing DT_AUXILIARY leaves the needs of the same object as they are."
    c.library("liby.so")
    c.library("libx.so", auxiliary=["libnone.so", "libnone2.so"], needed=["liby.so"])
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN")
    c.run("libmain.so", order=["libnone.so", "libnone2.so", "libx.so", "liby.so"])


@case
def filter_present(c):
    "DT_FILTER is loaded in front of the object that names it."
    c.library("libf.so")
    c.library("libx.so", filters=["libf.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", missing=[], finds={"libf.so": "libf.so"})


@case
def filter_missing(c):
    "A missing DT_FILTER is an error, unlike a missing DT_AUXILIARY."
    c.library("libx.so", filters=["libnone.so"])
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so")


@case
def auxiliary_of_root(c):
    "DT_AUXILIARY in the object asked about itself."
    c.library("libaux.so", needed=["liby.so"], runpath="$ORIGIN")
    c.library("liby.so")
    c.library("libmain.so", auxiliary=["libaux.so"], runpath="$ORIGIN")
    c.run("libmain.so")


@case
def filter_of_program(c):
    "DT_FILTER in a program."
    c.library("libf.so")
    c.library("libx.so")
    c.program("main", needed=["libf.so", "libx.so"], runpath="$ORIGIN")
    c.retag("main", elffile.DT_NEEDED, elffile.DT_FILTER)
    c.run("main", program=True)


@case
def auxiliary_before_needed(c):
    "The order of load when an object has needs and an auxiliary: as the linker writes them."
    for name in ("libaux.so", "liby.so", "libz9.so", "libother.so"):
        c.library(name)
    c.library("libx.so", needed=["liby.so", "libz9.so"], auxiliary=["libaux.so"])
    c.library("libmain.so", needed=["libx.so", "libother.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[])


@case
def auxiliary_tag_first(c):
    "The same with the DT_AUXILIARY entry in front of the DT_NEEDED entries."
    for name in ("libaux.so", "liby.so", "libz9.so", "libother.so"):
        c.library(name)
    c.library("libx.so", needed=["liby.so", "libz9.so"], auxiliary=["libaux.so"])
    c.swap("libx.so", (elffile.DT_NEEDED, 0), (elffile.DT_AUXILIARY, 0))
    c.library("libmain.so", needed=["libx.so", "libother.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[])


@case
def auxiliary_tag_between(c):
    "The same with the DT_AUXILIARY entry between two DT_NEEDED entries."
    for name in ("libaux.so", "liby.so", "libz9.so"):
        c.library(name)
    c.library("libx.so", needed=["liby.so", "libz9.so"], auxiliary=["libaux.so"])
    c.swap("libx.so", (elffile.DT_NEEDED, 1), (elffile.DT_AUXILIARY, 0))
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[])


@case
def auxiliaries_and_filters(c):
    "Several of both in one object."
    for name in ("libaux1.so", "libaux2.so", "libf1.so", "libf2.so", "liby.so"):
        c.library(name)
    c.library("libx.so", needed=["liby.so"], auxiliary=["libaux1.so", "libaux2.so"])
    # The linker keeps only the last of several filters.
    c.library("libboth.so", needed=["liby.so"], auxiliary=["libf1.so", "libf2.so"])
    c.retag("libboth.so", elffile.DT_AUXILIARY, elffile.DT_FILTER)
    c.retag("libboth.so", elffile.DT_AUXILIARY, elffile.DT_FILTER)
    c.library("libmain.so", needed=["libx.so", "libboth.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[], order=["libaux1.so", "libaux2.so", "libx.so", "libf1.so",
                                           "libf2.so", "libboth.so", "liby.so"])


@case
def auxiliary_already_loaded(c):
    "An auxiliary that is in the list already moves in front of its filter, or stays."
    c.library("libaux.so")
    c.library("liby.so")
    c.library("libx.so", auxiliary=["libaux.so"])
    c.library("libmain.so", needed=["libx.so", "liby.so", "libaux.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[])
    c.library("libearly.so", needed=["libaux.so", "libx.so", "liby.so"], rpath="$ORIGIN")
    c.run("libearly.so", missing=[])


@case
def auxiliary_that_needs(c):
    "What an auxiliary itself needs is loaded too; it may need its filter."
    c.library("libdeep.so")
    c.library("libaux.so", needed=["libdeep.so", "libx.so"])
    c.library("libx.so", auxiliary=["libaux.so"])
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[])


@case
def auxiliary_is_itself(c):
    "An object that is its own auxiliary."
    c.library("libx.so", auxiliary=["libx.so"])
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN")
    c.run("libmain.so", order=["libx.so"])


@case
def auxiliary_odd_name(c):
    "A text that is no library name, as some build systems leave there by mistake."
    c.library("liby.so")
    c.library("libx.so", auxiliary=["visibility=hidden"], needed=["liby.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["visibility=hidden", "libx.so", "liby.so"])


@case
def auxiliary_fatal_candidate(c):
    "An auxiliary whose file is no library."
    c.text("libaux.so", "not an ELF file, but long enough to be read as a header of one\n" * 3)
    c.library("libx.so", auxiliary=["libaux.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so")


@case
def preload_one(c):
    "A preloaded object comes right after the main object."
    c.library("libpre.so", needed=["liby.so"], runpath="$ORIGIN")
    c.library("libx.so")
    c.library("liby.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", preload="./libpre.so", order=["./libpre.so", "libx.so", "liby.so"])


@case
def preload_separators(c):
    "LD_PRELOAD splits at spaces and colons, and skips empty parts."
    for name in ("liba.so", "libb.so", "libc1.so", "libx.so"):
        c.library(name)
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", preload="./liba.so ./libb.so:./libc1.so",
          order=["./liba.so", "./libb.so", "./libc1.so", "libx.so"])
    c.run("libmain.so", preload=" ::./libb.so  : ", order=["./libb.so", "libx.so"])
    c.run("libmain.so", preload="", order=["libx.so"])


@case
def preload_searched(c):
    "A preload name without slash is searched for as if the main object needed it."
    c.library("run/libpre.so")
    c.library("env/libpre.so")
    c.library("libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN:$ORIGIN/run")
    c.run("libmain.so", preload="libpre.so", finds={"libpre.so": "run/libpre.so"})
    c.run("libmain.so", preload="libpre.so", library_path="env",
          finds={"libpre.so": "env/libpre.so"})


@case
def preload_missing(c):
    "A missing preload is ignored with a warning."
    c.library("libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", preload="./libnone.so", order=["libx.so"])
    c.run("libmain.so", preload="libnone.so", order=["libx.so"])


@case
def preload_not_usable(c):
    "A preload that is no ELF file, or for another machine, is ignored with a warning."
    c.library("libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.text("libtext.so", "no ELF file, but certainly long enough for an ELF header to fit\n" * 3)
    c.library("libarm.so")
    c.patch("libarm.so", 18, b"\xb7\x00")
    c.run("libmain.so", preload="./libtext.so", order=["libx.so"])
    c.run("libmain.so", preload="./libarm.so", order=["libx.so"])


@case
def preload_gives_soname(c):
    "A preload whose SONAME is needed stands in for the library."
    c.library("libsubstitute.so", soname="libx.so")
    c.library("libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", preload="./libsubstitute.so", order=["./libsubstitute.so"])


@case
def preload_twice(c):
    "One preload named twice, by two names of one file, or needed as well."
    c.library("libpre.so")
    c.symlink("libalias.so", "libpre.so")
    c.library("libmain.so", needed=["libpre.so"], runpath="$ORIGIN")
    c.run("libmain.so", preload="./libpre.so:./libpre.so:./libalias.so", order=["./libpre.so"])


@case
def preload_is_root(c):
    "Preloading the very file that is asked about."
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.library("libx.so")
    c.run("libmain.so", preload="./libmain.so")


@case
def preload_of_program(c):
    "Preload and a program, with what the preload needs last."
    c.library("libpre.so", needed=["libdeep.so"], runpath="$ORIGIN")
    c.library("libdeep.so")
    c.library("libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN")
    c.run("main", program=True, preload="./libpre.so",
          order=["./libpre.so", "libx.so", "libdeep.so"])


@case
def preload_with_auxiliary(c):
    "A preload that has an auxiliary."
    c.library("libaux.so")
    c.library("libpre.so", auxiliary=["libaux.so"], runpath="$ORIGIN")
    c.library("libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", preload="./libpre.so", missing=[])


@case
def audit_of_program(c):
    "DT_AUDIT of a program: an edge apart from the process, and never a run of ld.so."
    c.library("libaudit.so", needed=["libdeep.so"], runpath="$ORIGIN")
    c.library("libdeep.so")
    c.library("libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN", audit=c.dir + "/libaudit.so")
    c.run("main", program=True, oracle=False, order=["libx.so"], apart=["libaudit.so"])


@case
def depaudit_of_program(c):
    "DT_DEPAUDIT of a program."
    c.library("libaudit.so")
    c.library("libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN", depaudit=c.dir + "/libaudit.so")
    c.run("main", program=True, oracle=False, order=["libx.so"], apart=["libaudit.so"])


@case
def audit_of_library(c):
    "DT_AUDIT of a library that a program needs is not acted on by ld.so."
    c.library("libaudit.so")
    c.library("libx.so", audit=c.dir + "/libaudit.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN")
    c.run("main", program=True, oracle=False, order=["libx.so"], apart=[])


@case
def audit_missing(c):
    "A DT_AUDIT that leads to nothing."
    c.library("libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN", audit="/nonexistent/libaudit.so")
    c.run("main", program=True, oracle=False, order=["libx.so"], apart=[])
