# SPDX-License-Identifier: BSD-2-Clause
"""A program whose functions have no frames, and its symbols in every place where they are kept: in
the file, in .gnu_debugdata (as Fedora's packages have them), and in a separate debug file (as
Debian's -dbgsym packages have them). Names of NAMES are those of its functions; nothing calls the
ones of HIDDEN directly."""
import lzma
import os
import subprocess

SOURCE = """
static int twice(int x) { return x * 2 + (x >> 3); }
static int thrice(int x) { return x * 3 - (x >> 5); }
static int shifted(int x) { return (x << 7) ^ (x | 0x1234567); }
int (*const table[])(int) = {twice, thrice, shifted};
int main(int argc, char **argv) { return table[argc & 1](**argv); }
"""
NAMES = {"twice", "thrice", "shifted", "main"}
HIDDEN = NAMES - {"main"}
UNPACKED_MAX = 1 << 27  # what elfleft unpacks of .gnu_debugdata at most


def run(folder, *command):
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE,
                   stderr=subprocess.PIPE)


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def with_section(folder, name, content):
    """The stripped program with that .gnu_debugdata; gives its path."""
    with open(os.path.join(folder, name + ".xz"), "wb") as file:
        file.write(content)
    run(folder, "objcopy", "--add-section", ".gnu_debugdata=" + name + ".xz", "stripped", name)
    return os.path.join(folder, name)


def make(folder, cc):
    """Paths by name: full, stripped, debug, other (a debug file of another build), and programs
    with .gnu_debugdata: mini, truncated, damaged, "no xz", oversized, "no elf"."""
    paths = {}
    with open(os.path.join(folder, "program.c"), "w", encoding="ascii") as file:
        file.write(SOURCE)
    flags = ["-O1", "-w", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-inline"]
    for name, build_id in (("full", "0x" + "ab" * 20), ("second", "0x" + "cd" * 20)):
        run(folder, *cc, *flags, "-Wl,--build-id=" + build_id, "program.c", "-o", name)
    run(folder, "objcopy", "--only-keep-debug", "full", "debug")
    run(folder, "objcopy", "--only-keep-debug", "second", "other")
    run(folder, "strip", "-o", "stripped", "full")
    # As find-debuginfo does: the symbol table alone.
    run(folder, "objcopy", "--only-keep-debug", "--remove-section=.debug*", "full", "symbols")
    packed = lzma.compress(read(folder, "symbols"))
    paths["mini"] = with_section(folder, "mini", packed)
    paths["truncated"] = with_section(folder, "truncated", packed[:len(packed) // 2])
    damaged = bytearray(packed)
    damaged[len(damaged) // 2] ^= 0x55
    paths["damaged"] = with_section(folder, "damaged", bytes(damaged))
    paths["no xz"] = with_section(folder, "no-xz", b"\0" * 64)
    paths["no elf"] = with_section(folder, "no-elf", lzma.compress(b"no ELF file at all"))
    paths["oversized"] = with_section(folder, "oversized",
                                      lzma.compress(bytes(UNPACKED_MAX + 1), preset=0))
    paths.update((name, os.path.join(folder, name))
                 for name in ("full", "stripped", "debug", "other"))
    return paths
