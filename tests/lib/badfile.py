# SPDX-License-Identifier: BSD-2-Clause
"""Makes one small real library, and broken copies of it, for tests of hostile input."""
import os
import struct
import subprocess

import elffile

SOURCE = """
#include <stdio.h>
int counter = 3;
int *reference = &counter;
void elfleft_one(void) { puts("one"); }
int elfleft_two(const char *text) { return printf("%s %d\\n", text, *reference); }
"""
SYMBOL_SIZE = 24
DT_STRSZ, DT_RELA, DT_VERNEED = 10, 7, 0x6FFFFFFE
MANY = 16 * 1024 * 1024


def build(directory, soname="libbase.so", name="base.so", needed=(), flags=()):
    """Links the library; needed names are put in by stubs. Returns its path."""
    source = os.path.join(directory, "base.c")
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    compiler = os.environ.get("CC", "gcc").split()
    stubs = []
    for number, wanted in enumerate(needed):
        stub = os.path.join(directory, "stub%d.so" % number)
        subprocess.run(compiler + ["-shared", "-nostdlib", "-x", "c", "/dev/null", "-o", stub,
                                   "-Xlinker", "-soname", "-Xlinker", wanted], check=True)
        stubs.append(stub)
    path = os.path.join(directory, name)
    subprocess.run(compiler + ["-shared", "-fPIC", "-O1", "-o", path, source,
                               "-Wl,--hash-style=both,--build-id", "-Wl,--no-as-needed",
                               "-Xlinker", "-soname", "-Xlinker", soname, *flags, *stubs],
                   check=True)
    for stub in stubs:
        os.unlink(stub)
    os.unlink(source)
    return path


class Copy:
    """The bytes of a library, to be changed and written."""

    def __init__(self, path):
        self.elf = elffile.ELFFile(path)
        self.data = bytearray(self.elf.data[:])

    def put(self, offset, shape, *values):
        struct.pack_into("<" + shape, self.data, offset, *values)
        return self

    def get(self, offset, shape):
        return struct.unpack_from("<" + shape, self.data, offset)[0]

    def entry(self, tag):
        """File offset of the first dynamic entry with this tag."""
        return next(at for known, _, at in self.elf.dynamic if known == tag)

    def set_dynamic(self, tag, value):
        return self.put(self.entry(tag) + 8, "Q", value)

    def table(self, tag):
        """File offset of what a dynamic entry's address leads to."""
        return self.elf.offset(self.elf.values(tag)[0])

    def segment(self, kind):
        """File offset of the first program header of this kind."""
        table, size = self.get(32, "Q"), self.get(54, "H")
        return next(table + number * size for number, found in enumerate(self.elf.segments)
                    if found[0] == kind)

    def section(self, kind):
        """File offset of the first section header of this type."""
        table, size, count = self.get(40, "Q"), self.get(58, "H"), self.get(60, "H")
        return next(table + number * size for number in range(count)
                    if self.get(table + number * size + 4, "I") == kind)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(self.data)


# -- mutations: each takes a Copy, changes it, and gives the offsets a diagnostic may name ---------
# An offset may be that of the field that lies or of what it leads to.

def section_table_past_end(copy):
    copy.put(40, "Q", len(copy.data) + 4096)
    return {40, len(copy.data) + 4096, len(copy.data)}


def section_count_too_large(copy):
    copy.put(60, "H", 0xFEFF)
    return {60, copy.get(40, "Q"), len(copy.data)}


def program_headers_past_end(copy):
    copy.put(32, "Q", len(copy.data) + 64)
    return {32, len(copy.data) + 64, len(copy.data)}


def program_header_offset_wraps(copy):
    copy.put(32, "Q", 2 ** 64 - 16)
    return {32, 2 ** 64 - 16, len(copy.data)}


def program_header_count_too_large(copy):
    copy.put(56, "H", 0xFFFF)
    return {56, 32, copy.get(32, "Q"), len(copy.data)}


def segment_past_end(copy):
    at = copy.segment(elffile.PT_DYNAMIC)
    copy.put(at + 8, "Q", len(copy.data) + 4096)
    return {at, at + 8, len(copy.data) + 4096, len(copy.data)}


def segment_size_wraps(copy):
    at = copy.segment(elffile.PT_LOAD)
    copy.put(at + 32, "Q", 2 ** 64 - 1)
    return {at, at + 32, copy.get(at + 8, "Q"), len(copy.data)}


def unknown_class(copy):
    copy.put(4, "B", 3)
    return {0, 4}


def unknown_encoding(copy):
    copy.put(5, "B", 9)
    return {0, 5}


def program_header_size_zero(copy):
    copy.put(54, "H", 0)
    return {0, 54, 32, copy.get(32, "Q")}


def string_table_outside(copy):
    copy.set_dynamic(elffile.DT_STRTAB, 0x7FFFFFFF0000)
    return None


def string_table_empty(copy):
    copy.set_dynamic(DT_STRSZ, 0)
    return None


def needed_outside_strings(copy):
    at = copy.entry(elffile.DT_NEEDED)
    copy.set_dynamic(elffile.DT_NEEDED, 0x7FFFFFFF)
    return {at, at + 8, copy.table(elffile.DT_STRTAB), copy.segment(elffile.PT_DYNAMIC),
            copy.table(elffile.DT_STRTAB) + 0x7FFFFFFF}


def soname_outside_strings(copy):
    at = copy.entry(elffile.DT_SONAME)
    copy.set_dynamic(elffile.DT_SONAME, 2 ** 64 - 1)
    return {at, at + 8, copy.table(elffile.DT_STRTAB), copy.segment(elffile.PT_DYNAMIC)}


def hash_count_16_million(copy):
    copy.set_dynamic(elffile.DT_GNU_HASH, 0)
    copy.put(copy.entry(elffile.DT_GNU_HASH), "Q", elffile.DT_DEBUG)
    copy.put(copy.table(elffile.DT_HASH) + 4, "I", MANY)
    return None


def gnu_hash_bucket_16_million(copy):
    at = copy.table(elffile.DT_GNU_HASH)
    buckets = copy.get(at, "I")
    copy.put(copy.entry(elffile.DT_HASH), "Q", elffile.DT_DEBUG)
    first = at + 16 + 8 * copy.get(at + 8, "I")
    for number in range(buckets):
        copy.put(first + 4 * number, "I", MANY)
    return None


def gnu_hash_bucket_count_16_million(copy):
    copy.put(copy.entry(elffile.DT_HASH), "Q", elffile.DT_DEBUG)
    copy.put(copy.table(elffile.DT_GNU_HASH), "I", MANY)
    return None


def symbol_section_16_million(copy):
    copy.put(copy.section(11) + 32, "Q", MANY * SYMBOL_SIZE)  # SHT_DYNSYM sh_size
    return None


def version_needs_in_a_circle(copy):
    at = copy.table(DT_VERNEED)
    copy.put(at + 12, "I", 0)          # vn_next: the last
    copy.put(at + 2, "H", 0xFFFF)      # vn_cnt
    copy.put(at + copy.get(at + 8, "I") + 12, "I", 0xFFFFFFF0)  # vna_next
    return None


def relocations_outside(copy):
    copy.set_dynamic(DT_RELA, 0x7FFFFFFF0000)
    return None


def note_size_wraps(copy):
    at = copy.segment(4)               # PT_NOTE
    copy.put(copy.get(at + 8, "Q"), "I", 0xFFFFFFFF)
    return None
