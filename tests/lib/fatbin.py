# SPDX-License-Identifier: BSD-2-Clause
"""NVIDIA's containers of device code, read independently of elfleft (research: the format of fatbins):
containers, their entries, kernels of cubins. Images are unpacked and packed by liblz4 and libzstd."""
import ctypes
import struct

MAGIC = struct.pack("<I", 0xba55ed50)
HEADER = struct.Struct("<IHHQ")
ENTRY = struct.Struct("<HHIQIIHHIIIQQQ")
LZ4, LZ4_FRAME, ZSTD = 0x2000, 0x4000, 0x8000
PTX, CUBIN, LTO = 1, 2, 8


class Codec:
    """The libraries themselves, without the code under test."""

    def __init__(self):
        self.zstd, self.lz4 = ctypes.CDLL("libzstd.so.1"), ctypes.CDLL("liblz4.so.1")
        for function in (self.zstd.ZSTD_decompress, self.zstd.ZSTD_compress,
                         self.zstd.ZSTD_compressBound):
            function.restype = ctypes.c_size_t
        size, text = ctypes.c_size_t, ctypes.c_char_p
        self.zstd.ZSTD_decompress.argtypes = [text, size, text, size]
        self.zstd.ZSTD_compress.argtypes = [text, size, text, size, ctypes.c_int]
        self.zstd.ZSTD_compressBound.argtypes = [size]
        self.lz4.LZ4_decompress_safe.argtypes = [text, text, ctypes.c_int, ctypes.c_int]

    def decode(self, flags, stored, size):
        if flags & LZ4_FRAME:
            raise ValueError("an LZ4 frame")
        if not flags & (LZ4 | ZSTD):
            return stored
        target = ctypes.create_string_buffer(size)
        if flags & ZSTD:
            done = self.zstd.ZSTD_decompress(target, size, stored, len(stored))
        else:
            done = self.lz4.LZ4_decompress_safe(stored, target, len(stored), size)
        if done != size:
            raise ValueError("decoded %d of %d bytes" % (done, size))
        return target.raw

    def encode(self, way, data):
        """(flag, stored bytes)"""
        if way == "raw":
            return 0, data
        if way == "lz4":
            room = self.lz4.LZ4_compressBound(len(data))
            target = ctypes.create_string_buffer(room)
            done = self.lz4.LZ4_compress_default(data, target, len(data), room)
            return LZ4, target.raw[:done]
        room = self.zstd.ZSTD_compressBound(len(data))
        target = ctypes.create_string_buffer(room)
        done = self.zstd.ZSTD_compress(target, room, data, len(data), 3)
        return ZSTD, target.raw[:done]


def containers(data):
    """(offset, size with its header) of all containers of a file."""
    at = data.find(MAGIC)
    while at >= 0:
        _, version, header, size = HEADER.unpack_from(data, at)
        if at % 8 or version != 1 or header != HEADER.size or size > len(data) - at - HEADER.size:
            at = data.find(MAGIC, at + 1)
            continue
        yield at, size + HEADER.size
        at = data.find(MAGIC, at + HEADER.size + size)


class Entry:
    """One image as it is stored: its head, and where it begins."""

    def __init__(self, data, at):
        self.fields = list(ENTRY.unpack_from(data, at))
        self.at, self.data = at, data
        self.kind, self.architecture, self.flags = self.fields[0], self.fields[8], self.fields[11]
        self.head_size, self.payload, self.packed = self.fields[2:5]
        self.unpacked = self.fields[13]

    def head(self):
        return self.data[self.at:self.at + self.head_size]

    def stored(self):
        start = self.at + self.head_size
        return self.data[start:start + (self.packed or self.payload)]

    def image(self, codec):
        return codec.decode(self.flags, self.stored(), self.unpacked)


def entries(data, at, size):
    end, at = at + size, at + HEADER.size
    while at < end:
        entry = Entry(data, at)
        yield entry
        at += entry.head_size + entry.payload


def section_headers(image):
    offset, = struct.unpack_from("<Q", image, 0x28)
    count, = struct.unpack_from("<H", image, 0x3c)
    if not count:
        count = struct.unpack_from("<Q", image, offset + 32)[0]
    return [struct.unpack_from("<IIQQQQIIQQ", image, offset + 64 * i) for i in range(count)]


def kernels(image):
    """(offset of the name, section, value, size) of functions with the bit of a kernel in the symbol
    table of a cubin, and the section headers."""
    headers = section_headers(image)
    found = []
    for header in headers:
        if header[1] != 2:
            continue
        strings = headers[header[6]][4]
        for name, info, other, section, value, size in struct.iter_unpack(
                "<IBBHQQ", image[header[4]:header[4] + header[5]]):
            if info & 15 == 2 and other & 0x10 and section:
                found.append((strings + name, section, value, size))
    return found, headers


def count_kernels(path):
    """Of all images in all containers of a file."""
    codec = Codec()
    with open(path, "rb") as file:
        data = file.read()
    return sum(len(kernels(entry.image(codec))[0]) for at, size in containers(data)
               for entry in entries(data, at, size) if entry.kind == CUBIN)
