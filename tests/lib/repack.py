# SPDX-License-Identifier: BSD-2-Clause
"""Changes kernels inside NVIDIA's containers and packs the containers anew: raw, LZ4 or zstd. Reads
containers, images and symbol tables by itself (research: the format of fatbins), with liblz4 and
libzstd, and with nothing of elfleft. A container that was packed anew lies in a new section at the
end of the file, since it is as a rule longer; where it was there are zeros."""
import ctypes
import os
import struct
import subprocess

MAGIC = struct.pack("<I", 0xba55ed50)
HEADER = struct.Struct("<IHHQ")
ENTRY = struct.Struct("<HHIQIIHHIIIQQQ")
LZ4, ZSTD, LZ4_FRAME = 0x2000, 0x8000, 0x4000
CUBIN = 2
STEP = 16  # bytes of an instruction since Volta
ROOM = 64
WAYS = ("raw", "lz4", "zstd")


class Codec:
    def __init__(self):
        self.zstd, self.lz4 = ctypes.CDLL("libzstd.so.1"), ctypes.CDLL("liblz4.so.1")
        for function in (self.zstd.ZSTD_decompress, self.zstd.ZSTD_compress,
                         self.zstd.ZSTD_compressBound):
            function.restype = ctypes.c_size_t
        size, text = ctypes.c_size_t, ctypes.c_char_p
        self.zstd.ZSTD_decompress.argtypes = [text, size, text, size]
        self.zstd.ZSTD_compress.argtypes = [text, size, text, size, ctypes.c_int]
        self.zstd.ZSTD_compressBound.argtypes = [size]

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


class Entry:
    def __init__(self, fields, head, stored, codec):
        self.fields, self.head = list(fields), head
        self.kind, self.flags = fields[0], fields[11]
        self.architecture = fields[8]
        self.stored, self.codec, self.image = stored, codec, None

    def decode(self):
        if self.image is None:
            self.image = bytearray(self.codec.decode(self.flags, self.stored, self.fields[13]))
        return self.image

    def packed(self, way):
        """The entry as it was unless its image was decoded; that one is packed that way."""
        if self.image is None:
            return self.head + self.stored + b"\0" * (self.fields[3] - len(self.stored))
        flag, stored = self.codec.encode(way, bytes(self.image))
        payload = (len(stored) + 7) & ~7
        fields = list(self.fields)
        fields[3] = payload
        fields[4] = len(stored) if flag else 0
        fields[11] = fields[11] & ~(LZ4 | ZSTD | LZ4_FRAME) | flag
        fields[13] = len(self.image) if flag else 0
        return ENTRY.pack(*fields) + self.head[ENTRY.size:] + stored + b"\0" * (payload - len(stored))


def containers(data):
    """(offset, size with its header) of all containers."""
    at = data.find(MAGIC)
    while at >= 0:
        _, version, header, size = HEADER.unpack_from(data, at)
        if at % 8 or version != 1 or header != 16 or size > len(data) - at - 16:
            at = data.find(MAGIC, at + 1)
            continue
        yield at, size + 16
        at = data.find(MAGIC, at + 16 + size)


def entries(data, at, size, codec):
    end = at + size
    at += 16
    while at < end:
        fields = ENTRY.unpack_from(data, at)
        header, payload, packed = fields[2], fields[3], fields[4]
        start = at + header
        yield Entry(fields, data[at:start], data[start:start + (packed or payload)], codec)
        at = start + payload


def kernels(image):
    """(name, offset and size of its instructions) of the kernels of a cubin."""
    offset, = struct.unpack_from("<Q", image, 0x28)
    count, = struct.unpack_from("<H", image, 0x3c)
    headers = [struct.unpack_from("<IIQQQQIIQQ", image, offset + 64 * i) for i in range(count)]
    for header in headers:
        if header[1] != 2:
            continue
        strings = headers[header[6]][4]
        for at in range(header[4], header[4] + header[5], 24):
            name, info, other, section, value, size = struct.unpack_from("<IBBHQQ", image, at)
            if info & 15 != 2 or not other & 0x10 or not section or section >= count or not size:
                continue
            end = image.index(0, strings + name)
            yield bytes(image[strings + name:end]).decode(), headers[section][4] + value, size


def choose(data, count, chance, codec):
    """{container: [entries]} with that many kernels changed; and what was: [(arch, name)]."""
    places = list(containers(data))
    chance.shuffle(places)
    changed, truth, seen = {}, [], set()
    for place in places:
        if len(truth) == count:
            break
        parts = list(entries(data, *place, codec))
        # A few of each container, so that many containers are packed anew, up to a point.
        share = max(4, (count + 39) // 40)
        for entry in chance.sample(parts, len(parts)):
            if entry.kind != CUBIN or entry.architecture < 70 or len(truth) == count or not share:
                continue
            share -= change(entry, min(share, count - len(truth)), chance, truth, seen)
        if any(entry.image is not None for entry in parts):
            changed[place] = parts
    return changed, truth


def change(entry, limit, chance, truth, seen):
    """The destination of one instruction in each of some kernels of an image."""
    try:
        image = entry.decode()
    except ValueError:
        entry.image = None
        return 0
    found = [kernel for kernel in kernels(image) if kernel[2] >= 4 * STEP]
    chance.shuffle(found)
    done = 0
    for name, offset, size in found:
        if done == limit:
            break
        if (entry.architecture, name) in seen:  # one of several of one name: told by number only
            continue
        seen.add((entry.architecture, name))
        at = offset + chance.randrange(size // STEP) * STEP + 2
        image[at] ^= 1
        truth.append((entry.architecture, name))
        done += 1
    if not done:
        entry.image = None
    return done


def repack(path, count, way, chance):
    """Changes up to that many kernels of a library in place; returns [(architecture, name)]."""
    codec = Codec()
    with open(path, "rb") as file:
        data = bytearray(file.read())
    changed, truth = choose(bytes(data), count, chance, codec)
    added = bytearray()
    for (at, size), parts in sorted(changed.items()):
        body = b"".join(entry.packed(way) for entry in parts)
        added += HEADER.pack(0xba55ed50, 1, 16, len(body)) + body
        added += b"\0" * (-len(added) % 64)
        data[at:at + size] = bytes(size)
    with open(path, "wb") as file:
        file.write(data)
    # A section without an address: no segment holds it, and everything else stays where it is.
    with open(path + ".new", "wb") as file:
        file.write(bytes(added) + bytes(ROOM))
    subprocess.run(["objcopy", "--add-section", ".nv_fatbin_new=" + path + ".new", path],
                   check=True, stderr=subprocess.DEVNULL)
    os.unlink(path + ".new")
    align(path, bytes(added))
    return truth


def align(path, added):
    """objcopy puts a section anywhere; containers start at multiples of eight."""
    with open(path, "r+b") as file:
        data = file.read()
        at = data.rindex(added)
        file.seek(at)
        file.write((bytes(-at % ROOM) + added + bytes(ROOM))[:len(added) + ROOM])
