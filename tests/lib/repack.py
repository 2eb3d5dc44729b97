# SPDX-License-Identifier: BSD-2-Clause
"""Changes kernels inside NVIDIA's containers and packs the containers anew: raw, LZ4 or zstd, with
fatbin.py and with nothing of elfleft. A container that was packed anew lies in a new section at the
end of the file, since it is as a rule longer; where it was there are zeros."""
import os
import struct
import subprocess

import fatbin

STEP = 16  # bytes of an instruction since Volta
VOLTA = 70
ROOM = 64
WAYS = ("raw", "lz4", "zstd")


class Entry:
    """An image of a container, and what became of it."""

    def __init__(self, entry, codec):
        self.entry, self.codec, self.image = entry, codec, None

    def decode(self):
        if self.image is None:
            self.image = bytearray(self.entry.image(self.codec))
        return self.image

    def packed(self, way):
        """The entry as it was unless its image was decoded; that one is packed that way."""
        entry = self.entry
        if self.image is None:
            stored = entry.stored()
            return entry.head() + stored + b"\0" * (entry.payload - len(stored))
        flag, stored = self.codec.encode(way, bytes(self.image))
        payload = (len(stored) + 7) & ~7
        fields = list(entry.fields)
        fields[3] = payload
        fields[4] = len(stored) if flag else 0
        fields[11] = entry.flags & ~(fatbin.LZ4 | fatbin.ZSTD | fatbin.LZ4_FRAME) | flag
        fields[13] = len(self.image) if flag else 0
        return (fatbin.ENTRY.pack(*fields) + entry.head()[fatbin.ENTRY.size:] + stored +
                b"\0" * (payload - len(stored)))


def kernels(image):
    """(name, offset and size of its instructions) of the kernels of a cubin."""
    found, headers = fatbin.kernels(image)
    for name, section, value, size in found:
        if section < len(headers) and size:
            end = image.index(0, name)
            yield bytes(image[name:end]).decode(), headers[section][4] + value, size


def choose(data, count, chance, codec):
    """{container: [entries]} with that many kernels changed; and what was: [(arch, name)]."""
    places = list(fatbin.containers(data))
    chance.shuffle(places)
    changed, truth, seen = {}, [], set()
    for place in places:
        if len(truth) == count:
            break
        parts = [Entry(entry, codec) for entry in fatbin.entries(data, *place)]
        # A few of each container, so that many containers are packed anew, up to a point.
        share = max(4, -(-2 * count // len(places)))
        for part in chance.sample(parts, len(parts)):
            if part.entry.kind != fatbin.CUBIN or part.entry.architecture < VOLTA or \
                    len(truth) == count or not share:
                continue
            share -= change(part, min(share, count - len(truth)), chance, truth, seen)
        if any(part.image is not None for part in parts):
            changed[place] = parts
    return changed, truth


def change(part, limit, chance, truth, seen):
    """The destination of one instruction in each of some kernels of an image."""
    try:
        image = part.decode()
    except ValueError:
        part.image = None
        return 0
    architecture = part.entry.architecture
    found = [kernel for kernel in kernels(image) if kernel[2] >= 4 * STEP]
    chance.shuffle(found)
    done = 0
    for name, offset, size in found:
        if done == limit:
            break
        if (architecture, name) in seen:  # one of several of one name: told by number only
            continue
        seen.add((architecture, name))
        at = offset + chance.randrange(size // STEP) * STEP + 2
        image[at] ^= 1
        truth.append((architecture, name))
        done += 1
    if not done:
        part.image = None
    return done


def pack_in_place(path, count, way, chance):
    """Packs up to that many containers that way where they are, if they fit; nothing else changes.
    Returns how many did."""
    codec = fatbin.Codec()
    with open(path, "rb") as file:
        data = bytearray(file.read())
    places = list(fatbin.containers(data))
    chance.shuffle(places)
    done = 0
    for at, size in places[:4 * count]:
        parts = [Entry(entry, codec) for entry in fatbin.entries(bytes(data[at:at + size]), 0, size)]
        for part in parts:
            if part.entry.kind in (fatbin.CUBIN, fatbin.PTX) and not part.entry.flags & fatbin.LZ4_FRAME:
                part.decode()
        body = b"".join(part.packed(way) for part in parts)
        whole = fatbin.HEADER.pack(0xba55ed50, 1, fatbin.HEADER.size, len(body)) + body
        if parts and len(whole) <= size and done < count:
            data[at:at + size] = whole.ljust(size, b"\0")
            done += 1
    with open(path, "wb") as file:
        file.write(data)
    return done


def swap_registrations(path, segment):
    """Two wrappers lead to each other's container, by their relocations; False where there are none.
    segment: address and size of the section that holds wrappers."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    found = []
    for slot in range(segment[0] + 8, segment[0] + segment[1], 24):
        at = data.find(struct.pack("<QQ", slot, 8))  # R_X86_64_RELATIVE
        if at >= 0:
            found.append(at + 16)
    if len(found) < 4:
        return False
    first, second = found[1], found[-2]
    data[first:first + 8], data[second:second + 8] = data[second:second + 8], data[first:first + 8]
    with open(path, "wb") as file:
        file.write(data)
    return True


def repack(path, count, way, chance):
    """Changes up to that many kernels of a library in place; returns [(architecture, name)]."""
    codec = fatbin.Codec()
    with open(path, "rb") as file:
        data = bytearray(file.read())
    changed, truth = choose(bytes(data), count, chance, codec)
    added = bytearray()
    for (at, size), parts in sorted(changed.items()):
        body = b"".join(part.packed(way) for part in parts)
        added += fatbin.HEADER.pack(0xba55ed50, 1, fatbin.HEADER.size, len(body)) + body
        added += b"\0" * (-len(added) % ROOM)
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
