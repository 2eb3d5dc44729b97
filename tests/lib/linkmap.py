# SPDX-License-Identifier: BSD-2-Clause
"""What a linker's map and the symbol table of the file it made say of where each function is from."""
import re
import struct

# GNU ld and gold: "<space>.text.name  0xADDRESS  0xSIZE FILE"; the name may stand on its own line.
GNU_LINE = re.compile(r"^ (\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$")
GNU_NAME = re.compile(r"^ (\.\S+)$")
# lld: "ADDRESS LOAD SIZE ALIGN <spaces>FILE:(.text.name)"
LLD_LINE = re.compile(r"^\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s+(\S.*):\((\.[^()]*)\)$")
MEMBER = re.compile(r"^(.*)\(([^()]*)\)$")
STT_FUNC, STT_GNU_IFUNC = 2, 10


def split_member(source):
    """("/x/libz.a", "inflate.o"), or (file, "") of what was no archive."""
    found = MEMBER.match(source)
    return (found.group(1), found.group(2)) if found else (source, "")


def is_code(section):
    return section.startswith((".text", ".init", ".fini")) or "text" in section


def is_any(section):
    """Sections that are not loaded have no address, and are left out everywhere."""
    return bool(section)


def _gnu(lines, wanted):
    begun, name = False, ""
    for line in lines:
        if not begun:
            begun = line.startswith(("Linker script and memory map", "Memory map"))
            continue
        alone = GNU_NAME.match(line)
        if alone:
            name = alone.group(1)
            continue
        found = GNU_LINE.match(line)
        if found:
            section = found.group(1) or name
            if wanted(section) and not section.startswith("*"):
                yield (int(found.group(2), 16), int(found.group(3), 16), found.group(4))
        name = ""


def _lld(lines, wanted):
    for line in lines:
        found = LLD_LINE.match(line)
        if found and wanted(found.group(4)):
            yield int(found.group(1), 16), int(found.group(2), 16), found.group(3)


def read_map(path, linker, wanted=is_code):
    """Sorted (start, end, source) of every piece of code, or of other sections."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.rstrip("\n") for line in file]
    pieces = (_lld if linker == "lld" else _gnu)(lines, wanted)
    return sorted((start, start + size, source) for start, size, source in pieces
                  if size and start)


def functions(path):
    """address -> (largest size, names) of the functions in .symtab."""
    with open(path, "rb") as file:
        data = file.read()
    table, = struct.unpack_from("<Q", data, 40)
    entry, count, _ = struct.unpack_from("<HHH", data, 58)
    found = {}
    for number in range(count):
        _, kind, _, _, offset, size, link, _, _, _ = struct.unpack_from(
            "<IIQQQQIIQQ", data, table + number * entry)
        if kind != 2:
            continue
        strings, = struct.unpack_from("<Q", data, table + link * entry + 24)
        for at in range(offset, offset + size - 23, 24):
            name, info, _, section, value, length = struct.unpack_from("<IBBHQQ", data, at)
            if info & 15 not in (STT_FUNC, STT_GNU_IFUNC) or not section or not length:
                continue
            start = strings + name
            text = data[start:data.index(b"\0", start)].decode("utf-8", "replace")
            old = found.get(value, (0, set()))
            found[value] = (max(old[0], length), old[1] | {text})
    return found


def code_of_sources(pieces, symbols):
    """address -> (size, names, source) of every function that lies in a piece."""
    result, at = {}, 0
    for address in sorted(symbols):
        while at < len(pieces) and pieces[at][1] <= address:
            at += 1
        if at < len(pieces) and pieces[at][0] <= address:
            size, names = symbols[address]
            result[address] = (size, names, pieces[at][2])
    return result
