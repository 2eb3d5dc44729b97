# SPDX-License-Identifier: BSD-2-Clause
"""The few facts of an ELF64 little-endian file that the harness itself needs: what it is, its
interpreter and its dynamic entries, with file offsets so that a recipe can change them. Independent
of elfleft on purpose: it decides what is safe to hand to the real ld.so."""
import mmap
import struct

ET_EXEC, ET_DYN = 2, 3
EM_X86_64 = 62
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3

DT_NULL, DT_NEEDED, DT_STRTAB, DT_SYMTAB, DT_SONAME = 0, 1, 5, 6, 14
DT_HASH, DT_RPATH, DT_RUNPATH, DT_DEBUG = 4, 15, 29, 21
DT_GNU_HASH, DT_FLAGS_1 = 0x6FFFFEF5, 0x6FFFFFFB
DT_RELA, DT_RELASZ, DT_PLTRELSZ, DT_JMPREL, DT_SYMBOLIC, DT_FLAGS = 7, 8, 2, 23, 16, 30
DT_VERSYM, DT_VERNEED = 0x6FFFFFF0, 0x6FFFFFFE
DT_DEPAUDIT, DT_AUDIT = 0x6FFFFEFB, 0x6FFFFEFC
DT_AUXILIARY, DT_FILTER = 0x7FFFFFFD, 0x7FFFFFFF
DF_1_NODEFLIB, DF_1_PIE = 0x800, 0x08000000


class NotELF(Exception):
    """Not an ELF64 little-endian file whose headers can be read."""


class ELFFile:
    """Headers and dynamic entries of one file; reads no more than those."""

    def __init__(self, path):
        with open(path, "rb") as file:
            try:
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise NotELF(str(error)) from error
        try:
            self._read()
        except struct.error as error:
            raise NotELF(str(error)) from error

    def _read(self):
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise NotELF("not ELF64 little-endian")
        self.type, self.machine = struct.unpack_from("<HH", self.data, 16)
        table, = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.data, table + i * size)
                         for i in range(count)]
        self.interpreter = None
        self.dynamic = []  # (tag, value, file offset of the entry)
        self.has_dynamic = False
        for kind, _, offset, _, _, length, _, _ in self.segments:
            if kind == PT_INTERP:
                self.interpreter = self.data[offset:offset + length].split(b"\0")[0].decode(
                    errors="surrogateescape")
            elif kind == PT_DYNAMIC:
                self.has_dynamic = True
                self._read_dynamic(offset, length)

    def _read_dynamic(self, offset, length):
        for at in range(offset, offset + length - 15, 16):
            tag, value = struct.unpack_from("<QQ", self.data, at)
            if tag == DT_NULL:
                break
            self.dynamic.append((tag, value, at))

    def offset(self, address):
        """The file offset behind a virtual address."""
        for kind, _, offset, start, _, length, _, _ in self.segments:
            if kind == PT_LOAD and start <= address < start + length:
                return address - start + offset
        raise NotELF("address outside the file: %#x" % address)

    def values(self, wanted):
        return [value for tag, value, _ in self.dynamic if tag == wanted]

    def strings(self, wanted):
        """The texts of all entries with this tag, in order."""
        tables = self.values(DT_STRTAB)
        if not tables:
            return []
        base = self.offset(tables[0])
        ret = []
        for value in self.values(wanted):
            end = self.data.find(b"\0", base + value)
            ret.append(self.data[base + value:end].decode(errors="surrogateescape"))
        return ret

    def names_audit(self):
        """ld.so would run foreign code for this file even when only tracing."""
        return bool(self.values(DT_AUDIT) or self.values(DT_DEPAUDIT))

    def names_filters(self):
        """ld.so loads more for this file than it lists when tracing."""
        return bool(self.values(DT_FILTER) or self.values(DT_AUXILIARY))

    def text(self, offset):
        """A text of the dynamic string table."""
        at = self.offset(self.values(DT_STRTAB)[0]) + offset
        return self.data[at:self.data.find(b"\0", at)].decode(errors="surrogateescape")

    def symbols(self):
        """[(name, file offset of the entry)] of a file that has DT_HASH."""
        table = self.offset(self.values(DT_SYMTAB)[0])
        count, = struct.unpack_from("<I", self.data, self.offset(self.values(DT_HASH)[0]) + 4)
        places = [table + 24 * index for index in range(count)]
        return [(self.text(struct.unpack_from("<I", self.data, at)[0]), at) for at in places]

    def relocations(self):
        """[(name of the symbol, type, file offset of the entry)] of DT_RELA and DT_JMPREL."""
        symbols, ret = self.symbols(), []
        for table, size in ((DT_RELA, DT_RELASZ), (DT_JMPREL, DT_PLTRELSZ)):
            if not self.values(table):
                continue
            start = self.offset(self.values(table)[0])
            for at in range(start, start + self.values(size)[0], 24):
                kind, index = struct.unpack_from("<II", self.data, at + 8)
                ret.append((symbols[index][0], kind, at))
        return ret

    def version_needs(self):
        """[(version, file offset of the Vernaux)]"""
        ret, at = [], self.offset(self.values(DT_VERNEED)[0])
        while True:
            _, count, _, first, following = struct.unpack_from("<HHIII", self.data, at)
            need = at + first
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", self.data, need)
                ret.append((self.text(name), need))
                need += step
            if not following:
                return ret
            at += following

    def close(self):
        self.data.close()
