# SPDX-License-Identifier: BSD-2-Clause
"""Candidates that the loader passes over, and candidates at which it gives up: open_verify() in
glibc's elf/dl-load.c. Every case has a good library later in the path, so that passing over and
giving up look different."""
import os
import struct

from recipe import case

EM_AARCH64 = 183


def bad_then_good(c):
    """A bad candidate made by the caller as bad/libx.so, and a good one after it."""
    c.library("good/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/bad:$ORIGIN/good")


def passed_over(c):
    bad_then_good(c)
    c.run("libmain.so", finds={"libx.so": "good/libx.so"})


def gives_up(c, message):
    bad_then_good(c)
    c.run("libmain.so", fatal=message)


@case
def candidate_wrong_class(c):
    "A 32-bit library is passed over."
    c.library("bad/libx.so", bits="32")
    passed_over(c)


@case
def candidate_wrong_class_patched(c):
    "The class byte alone is enough."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 4, b"\x01")
    passed_over(c)


@case
def candidate_wrong_machine(c):
    "A library for another machine is passed over."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 18, struct.pack("<H", EM_AARCH64))
    passed_over(c)


@case
def candidate_wrong_machine_only(c):
    "A library for another machine and no other: not found."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 18, struct.pack("<H", EM_AARCH64))
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/bad")
    c.run("libmain.so")


@case
def candidate_wrong_class_only(c):
    "A 32-bit library and no other."
    c.library("bad/libx.so", bits="32")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/bad")
    c.run("libmain.so")


@case
def candidate_wrong_machine_by_path(c):
    "A library for another machine, named with a slash: there is nothing else to try."
    c.library("bad/libx.so", soname=None)
    c.patch("bad/libx.so", 18, struct.pack("<H", EM_AARCH64))
    c.library("libmain.so", needed=["./bad/libx.so"])
    c.run("libmain.so")


@case
def candidate_wrong_class_by_path(c):
    "A 32-bit library named with a slash."
    c.library("bad/libx.so", soname=None, bits="32")
    c.library("libmain.so", needed=["./bad/libx.so"])
    c.run("libmain.so")


@case
def candidate_wrong_class_everywhere(c):
    "A 32-bit library first, then a missing directory, then the cache."
    c.library("bad/libz.so.1", bits="32")
    c.library("libmain.so", needed=["libz.so.1"], runpath="$ORIGIN/bad:/nonexistent")
    c.run("libmain.so", missing=[])


@case
def candidate_directory(c):
    "A directory of the library's name."
    c.path("bad/libx.so/file")
    bad_then_good(c)
    c.run("libmain.so")


@case
def candidate_dangling_link(c):
    "A dangling link is passed over."
    c.symlink("bad/libx.so", "nowhere")
    passed_over(c)


@case
def candidate_link_loop(c):
    "A link to itself is not openable."
    c.symlink("bad/libx.so", "libx.so")
    bad_then_good(c)
    c.run("libmain.so")


@case
def candidate_text(c):
    "A text file, such as a linker script: the loader gives up."
    c.text("bad/libx.so", "GROUP ( libreal.so )\n" * 8)
    gives_up(c, "invalid ELF header")


@case
def candidate_empty(c):
    "An empty file: the loader gives up."
    c.text("bad/libx.so", "")
    gives_up(c, "file too short")


@case
def candidate_short(c):
    "Sixty bytes of a library: the loader gives up."
    c.library("bad/libx.so")
    c.truncate("bad/libx.so", 60)
    gives_up(c, "file too short")


@case
def candidate_header_only(c):
    "A whole ELF header and nothing after it."
    c.library("bad/libx.so")
    c.truncate("bad/libx.so", 64)
    bad_then_good(c)
    c.run("libmain.so")


@case
def candidate_cut_after_program_headers(c):
    "A library cut behind its program headers: ld.so maps what is not there, and dies of it."
    c.library("bad/libx.so")
    c.truncate("bad/libx.so", 1024)
    bad_then_good(c)
    c.run("libmain.so")


@case
def candidate_big_endian(c):
    "A library of the other byte order: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 5, b"\x02")
    gives_up(c, "ELF file data encoding not little-endian")


@case
def candidate_ident_version(c):
    "An unknown version in e_ident: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 6, b"\x07")
    gives_up(c, "ELF file version ident does not match current one")


@case
def candidate_version(c):
    "An unknown e_version: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 20, struct.pack("<I", 7))
    gives_up(c, "ELF file version does not match current one")


@case
def candidate_bad_osabi(c):
    "An OS ABI that is neither System V nor GNU: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 7, b"\x09")
    gives_up(c, "ELF file OS ABI invalid")


@case
def candidate_gnu_osabi(c):
    "OS ABI GNU is welcome, with ABI version 0 and with 3."
    for place, version in (("zero", b"\x00"), ("three", b"\x03"), ("hundred", b"\x64")):
        c.library("%s/libx.so" % place)
        c.patch("%s/libx.so" % place, 7, b"\x03")
        c.patch("%s/libx.so" % place, 8, version)
        c.library("lib%s.so" % place, needed=["libx.so"], runpath="$ORIGIN/%s" % place)
        c.run("lib%s.so" % place)


@case
def candidate_bad_abi_version(c):
    "An ABI version of the System V ABI that is not 0."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 8, b"\x64")
    gives_up(c, "ELF file ABI version invalid")


@case
def candidate_ident_padding(c):
    "Padding of e_ident that is not zero."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 12, b"\x01")
    gives_up(c, "nonzero padding in e_ident")


@case
def candidate_relocatable(c):
    "An object file of type ET_REL: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 16, struct.pack("<H", 1))
    gives_up(c, "only ET_DYN and ET_EXEC can be loaded")


@case
def candidate_core(c):
    "A core file: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 16, struct.pack("<H", 4))
    gives_up(c, "only ET_DYN and ET_EXEC can be loaded")


@case
def candidate_executable(c):
    "A program at a fixed address in place of a library."
    c.program("bad/libx.so", pie=False)
    bad_then_good(c)
    c.run("libmain.so")


@case
def candidate_pie(c):
    "A position-independent program (DF_1_PIE) in place of a library."
    c.program("bad/libx.so")
    bad_then_good(c)
    c.run("libmain.so")


@case
def candidate_phentsize(c):
    "Program headers of an unknown size: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 54, struct.pack("<H", 64))
    gives_up(c, "ELF file's phentsize not the expected size")


@case
def candidate_without_segments(c):
    "No PT_LOAD at all: the loader gives up."
    c.library("bad/libx.so")
    c.patch("bad/libx.so", 56, struct.pack("<H", 0))
    gives_up(c, "object file has no loadable segments")


@case
def candidate_without_dynamic(c):
    "No PT_DYNAMIC: the loader gives up."
    c.library("bad/libx.so")
    with open(c.path("bad/libx.so"), "rb") as file:
        data = file.read()
    table, = struct.unpack_from("<Q", data, 32)
    count, = struct.unpack_from("<H", data, 56)
    for number in range(count):
        if struct.unpack_from("<I", data, table + number * 56)[0] == 2:
            c.patch("bad/libx.so", table + number * 56, struct.pack("<I", 0))
    gives_up(c, "object file has no dynamic section")


@case
def candidate_unreadable(c):
    "A file without read permission is passed over, unless one is root."
    c.library("bad/libx.so")
    bad_then_good(c)
    os.chmod(c.path("bad/libx.so"), 0)
    c.run("libmain.so")


@case
def candidate_fatal_in_library_path(c):
    "Giving up happens in LD_LIBRARY_PATH just as well."
    c.text("env/libx.so", "GROUP ( libreal.so )\n" * 8)
    c.library("run/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/run")
    c.run("libmain.so", library_path="env", fatal="invalid ELF header")


@case
def candidate_fatal_not_reached(c):
    "A bad file behind a good one is never looked at."
    c.text("bad/libx.so", "GROUP ( libreal.so )\n" * 8)
    c.library("good/libx.so")
    c.library("libmain.so", needed=["libx.so"], runpath="$ORIGIN/good:$ORIGIN/bad")
    c.run("libmain.so", finds={"libx.so": "good/libx.so"})


@case
def candidate_fatal_deep(c):
    "Giving up three levels down stops the whole process."
    c.text("bad/libx.so", "GROUP ( libreal.so )\n" * 8)
    c.library("libb.so", needed=["libx.so"], runpath="$ORIGIN/bad")
    c.library("liba.so", needed=["libb.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["liba.so"], runpath="$ORIGIN")
    c.run("libmain.so", fatal="invalid ELF header")
