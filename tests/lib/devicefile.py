# SPDX-License-Identifier: BSD-2-Clause
"""Makes containers of device code byte by byte, with images of kernels that nobody compiled, and files
that hold them: what linkers make of an assembler's text."""
import os
import struct
import subprocess

import fatbin

CC = os.environ.get("CC", "cc").split()
CUDA, AMDGPU = 190, 224
KERNEL = 0x10  # bit of st_other
WRAPPER = struct.Struct("<IIQQ")
WRAPPERS = {".nv_fatbin": (".nvFatBinSegment", 0x466243b1), ".hip_fatbin": (".hipFatBinSegment", 0x48495046)}


def pad(data, align):
    return data + b"\0" * (-len(data) % align)


def elf(machine, flags, sections, symbols):
    """An image: sections as (name, type, info, bytes), symbols as (name, info, other, section, value,
    size); section numbers begin at 3, behind the tables of symbols and of their names."""
    strings, table = b"\0", bytes(24)
    for name, info, other, section, value, size in symbols:
        table += struct.pack("<IBBHQQ", len(strings), info, other, section, value, size)
        strings += name.encode() + b"\0"
    rows = [("", 0, 0, b""), (".strtab", 3, 0, strings), (".symtab", 2, 0, table), *sections]
    names = b""
    for name, *_ in rows:
        names += name.encode() + b"\0"
    rows.append((".shstrtab", 3, 0, names + b".shstrtab\0"))
    body, headers, at = bytes(64), b"", 0
    for name, kind, info, data in rows:
        body = pad(body, 16)
        headers += struct.pack("<IIQQQQIIQQ", at, kind, 0, 0, len(body) if kind else 0, len(data),
                               1 if kind == 2 else 0, info, 1, 24 if kind == 2 else 0)
        at += len(name) + 1
        body += data
    body = pad(body, 16)
    ident = b"\x7fELF\2\1\1" + bytes([0x41, 8]) + bytes(7)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 0, len(body), flags, 64, 0, 0, 64,
                                 len(rows), len(rows) - 1)
    return header + body[64:] + headers


def code(seed, count=8):
    """Instructions of 16 bytes: none in particular."""
    return b"".join(struct.pack("<QQ", 0x302017221 + (seed << 16) + (i << 40), 0xfe20000000000)
                    for i in range(count))


def cubin(kernels, architecture, rest=b"callgraph"):
    """kernels: {name: instructions}; rest: of a section that belongs to no kernel."""
    sections, symbols = [(".nv.callgraph", 0x70000001, 0, rest)], []
    for name, text in kernels.items():
        symbols.append((name, 2, KERNEL, 3 + len(sections), 0, len(text)))
        sections.append((".text." + name, 1, len(symbols), text))
    return elf(CUDA, 0x6000004 | architecture << 8, sections, symbols)


def code_object(kernels):
    text, descriptors, symbols = b"", b"", []
    for name, instructions in kernels.items():
        symbols.append((name, 2, 0, 3, len(text), len(instructions)))
        symbols.append((name + ".kd", 1, 0, 4, len(descriptors), 64))
        text += instructions
        descriptors += struct.pack("<IIQ", 1, 2, 3) + bytes(48)
    return elf(AMDGPU, 0x3f, [(".text", 1, 0, text), (".rodata", 1, 0, descriptors)], symbols)


def entry(image, architecture=80, kind=fatbin.CUBIN, way="raw", options=None, head=None, room=0, fields=()):
    """An image in a container. head: size of its header; room: bytes behind the image, or these bytes;
    fields: {index: value} of the header."""
    flag, stored = fatbin.Codec().encode(way, image) if way != "raw" else (0, image)
    room = bytes(room) if isinstance(room, int) else room
    payload = pad(stored + room, 8)
    extra = struct.pack("<II", 72, len(options)) + options if options else b""
    head = head or -(-(64 + len(extra)) // 8) * 8
    values = [kind, 0x101, head, len(payload), len(stored) if flag else 0, 64 if options else 0, 3, 8,
              architecture, 0, 0, 0x11 | flag, 0, len(image) if flag else 0]
    for index, value in dict(fields).items():
        values[index] = value
    return (fatbin.ENTRY.pack(*values) + extra).ljust(head, b"\0") + payload


def container(entries, tail=b""):
    body = b"".join(entries) + tail
    return fatbin.HEADER.pack(0xba55ed50, 1, fatbin.HEADER.size, len(body)) + body


def bundle(images, gap=b"", align=64):
    """images: (id, bytes). gap: bytes among the zeros behind the table."""
    head = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", len(images))
    table, body = b"", b""
    start = len(head) + sum(24 + len(name) for name, _ in images)
    start += -start % align + len(pad(gap, align)) + align
    for name, image in images:
        table += struct.pack("<QQQ", start + len(body), len(image), len(name)) + name
        body += pad(image, align)
    return (head + table + gap).ljust(start, b"\0") + body


ASSEMBLY = """
	.section %(section)s, "a", @progbits
	.p2align 4
	.globl device_code
	.hidden device_code
device_code:
	.incbin "%(name)s.bin"
	.section %(wrappers)s, "aw", @progbits
	.p2align 3
%(pointers)s
	.section .rodata
	.incbin "%(name)s.text"
	.text
	.globl _start
	.type _start, @function
_start:	ret
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits
"""


def link(directory, name, content, offsets=(0,), section=".nv_fatbin", text=b"text", options=("-shared",)):
    """A file whose wrappers lead to these offsets of the content; options ("-c",): an object file."""
    wrappers, magic = WRAPPERS[section]
    pointers = "\n".join("\t.long %d, 1\n\t.quad device_code + %d, 0" % (magic, at) for at in offsets)
    for suffix, data in (("bin", content), ("text", text)):
        with open(os.path.join(directory, "%s.%s" % (name, suffix)), "wb") as file:
            file.write(data)
    with open(os.path.join(directory, name + ".s"), "w", encoding="ascii") as file:
        file.write(ASSEMBLY % {"section": section, "name": name, "wrappers": wrappers,
                               "pointers": pointers})
    path = os.path.join(directory, name)
    subprocess.run(CC + ["-nostdlib", *options, "-o", path, name + ".s"], check=True, cwd=directory,
                   capture_output=True)
    return path
