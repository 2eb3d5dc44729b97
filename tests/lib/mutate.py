# SPDX-License-Identifier: BSD-2-Clause
"""Changes functions of an x86-64 or AArch64 ELF file in place, at random, and says which: a constant
or a compare, a condition, what a call leads to, two calls swapped, and for x86-64 an instruction moved
to a cave. Functions and their instructions are found with readelf and objdump, not with anything of
elfleft."""
import os
import re
import struct
import subprocess

# Byte patterns objdump shows, and what to do with them.
CALL = re.compile(r"^e8 (?:[0-9a-f]{2} ){3}[0-9a-f]{2}$")
IMMEDIATE = re.compile(r"^(?:b8|b9|ba|bb|be|bf|83 [cef][0-9a-f]|81 [cef][0-9a-f]|c7 [04][0-9a-f])")
MOVE = re.compile(r"^(?:b[89a-f]|c7 [04][0-9a-f])")
JUMP = re.compile(r"^7[0-9a-f] [0-9a-f]{2}$")
# NOPs of all lengths that assemblers fill with, and INT3.
NOPS = re.compile(rb"(?:\x90|\xcc|\x66*\x0f\x1f(?:\x00|\x40.|\x44..|\x80....|\x84.{5})|"
                  rb"\x66+\x2e\x0f\x1f\x84.{5}|\x66+\x90)+", re.DOTALL)
JUMP_SIZE = 5
EM_AARCH64 = 183
ARM64_REACH = 1 << 27


def sections(path):
    text = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True,
                          check=True).stdout
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s*\[ *\d+\] (\S+)\s+\S+\s+([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)", line)
        if match:
            found[match.group(1)] = tuple(int(match.group(i), 16) for i in (2, 3, 4))
    return found


def section(path, name):
    _, offset, size = sections(path)[name]
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(size)


def functions(path):
    """{address: size} of all named functions in .text, without those that overlap another."""
    start, _, size = sections(path)[".text"]
    text = subprocess.run(["readelf", "-sW", path], capture_output=True, text=True,
                          check=True).stdout
    found = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[3] == "FUNC" and fields[6] not in ("UND", "ABS"):
            address, length = int(fields[1], 16), int(fields[2], 0)
            if length and start <= address < start + size:
                found[address] = max(length, found.get(address, 0))
    ordered = sorted(found)
    return {address: found[address] for i, address in enumerate(ordered)
            if i + 1 == len(ordered) or address + found[address] <= ordered[i + 1]}


GAP = 64  # no-ops between functions, so that a wrong start cannot run into the next one


def instructions(content, places, folder):
    """{address: [(address, code, text)]} of all instructions of some functions, in one run of
    objdump over their bytes alone: the symbols of a large library would take it seconds each."""
    blob, starts = bytearray(), []
    for address, offset, size in places:
        starts.append((len(blob), address))
        blob += content[offset:offset + size] + b"\x90" * GAP
    path = os.path.join(folder, "mutate.bin")
    with open(path, "wb") as file:
        file.write(blob)
    text = subprocess.run(["objdump", "-Dw", "-b", "binary", "-m", "i386:x86-64", path],
                          capture_output=True, text=True, check=True).stdout
    os.unlink(path)
    found, sizes = {address: [] for address, _, _ in places}, {a: s for a, _, s in places}
    index = 0
    for line in text.splitlines():
        match = re.match(r"\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t?(.*)", line)
        if not match:
            continue
        at = int(match.group(1), 16)
        while index + 1 < len(starts) and starts[index + 1][0] <= at:
            index += 1
        first, address = starts[index]
        if at - first < sizes[address]:
            found[address].append((address + at - first, match.group(2).strip(), match.group(3)))
    return found


class Changed(set):
    """Addresses of functions that were changed; caves: ranges beside functions that were, too."""

    def __init__(self):
        super().__init__()
        self.caves = []

    def without_caves(self, addresses):
        """Those that do not lie in a cave: what is there is no function, but it was changed."""
        return {address for address in addresses
                if not any(start <= address < end for start, end in self.caves)}


class Image:
    """The code of a file, and where functions and the padding between them are."""

    def __init__(self, path):
        self.path = path
        self.start, self.offset, self.size = sections(path)[".text"]
        self.functions = functions(path)
        self.ordered = sorted(self.functions)
        with open(path, "rb") as file:
            self.content = bytearray(file.read())
        self.arm64 = struct.unpack_from("<H", self.content, 18)[0] == EM_AARCH64
        self.padding = self.find_padding() if not self.arm64 else []
        self.changed = Changed()

    def at(self, address, size):
        place = address - self.start + self.offset
        return bytes(self.content[place:place + size])

    def find_padding(self):
        """(address, size) of all that is filled with NOPs behind a function."""
        found = []
        for address, following in zip(self.ordered, self.ordered[1:]):
            end = address + self.functions[address]
            fill = self.at(end, following - end)
            if len(fill) >= 2 * JUMP_SIZE and NOPS.fullmatch(fill):
                found.append((end, len(fill)))
        return found

    def write(self, edits):
        for address, code in edits:
            place = address - self.start + self.offset
            self.content[place:place + len(code)] = code


def call_to(at, target):
    return b"\xe8" + struct.pack("<i", target - at - JUMP_SIZE)


def jump_to(at, target):
    return b"\xe9" + struct.pack("<i", target - at - JUMP_SIZE)


def moved_to_cave(image, at, raw, chance):
    """An instruction stands in a cave, with a jump there and one back; None without a cave."""
    room = [cave for cave in image.padding if cave[1] >= len(raw) + JUMP_SIZE]
    if not room:
        return None
    cave = chance.choice(room)
    image.padding.remove(cave)
    image.changed.caves.append((cave[0], cave[0] + cave[1]))
    there = raw + jump_to(cave[0] + len(raw), at + len(raw))
    return [(at, jump_to(at, cave[0]) + b"\x90" * (len(raw) - JUMP_SIZE)), (cave[0], there)]


def changes_x86(image, address, decoded, chance):
    """{kind: [edits]}: an edit is a list of (address, new bytes)."""
    kinds = {"call": [], "swap": [], "constant": [], "jump": [], "cave": []}
    calls = []
    for at, code, text in decoded:
        raw = bytes.fromhex(code.replace(" ", ""))
        if CALL.match(code):
            target = at + JUMP_SIZE + struct.unpack("<i", raw[1:])[0]
            new = chance.choice(image.ordered)
            if target in image.functions and new not in (target, address):
                kinds["call"].append([(at, call_to(at, new))])
            calls.append((at, target))
        elif IMMEDIATE.match(code) and "$0x" in text and "(%rip)" not in text and \
                "rsp" not in text:
            kinds["constant"].append([(at, raw[:-1] + bytes([raw[-1] ^ 1 if len(raw) < 4
                                                            else raw[-1] ^ 0x10]))])
            if len(raw) >= JUMP_SIZE and MOVE.match(code):
                kinds["cave"].append((at, raw))
        elif JUMP.match(code):
            kinds["jump"].append([(at, bytes([raw[0] ^ 1]) + raw[1:])])
    for (first, one), (second, other) in zip(calls, calls[1:]):
        if one != other:
            kinds["swap"].append([(first, call_to(first, other)), (second, call_to(second, one))])
    return kinds


def changes_arm64(image, address, chance):
    """The same; every instruction has four bytes (Arm ARM C4.1)."""
    kinds = {"call": [], "swap": [], "constant": [], "jump": []}
    size = image.functions[address] & ~3
    calls = []
    for at, (word,) in zip(range(address, address + size, 4),
                           struct.iter_unpack("<I", image.at(address, size))):
        if word >> 26 == 0x25:  # BL
            distance = (word & 0x3ffffff) - ((word & 0x2000000) << 1)
            calls.append((at, at + 4 * distance))
            new = chance.choice(image.ordered)
            if at + 4 * distance in image.functions and new not in (at + 4 * distance, address) \
                    and abs(new - at) < ARM64_REACH:
                kinds["call"].append([(at, branch_arm64(at, new))])
        elif word & 0x7f800000 == 0x52800000:  # MOVZ
            kinds["constant"].append([(at, struct.pack("<I", word ^ 1 << 5))])
        elif word & 0x7f80001f == 0x7100001f:  # CMP with a constant
            kinds["constant"].append([(at, struct.pack("<I", word ^ 1 << 10))])
        elif word & 0xff000010 == 0x54000000 and word & 15 < 14:  # B.cond
            kinds["jump"].append([(at, struct.pack("<I", word ^ 1))])
    for (first, one), (second, other) in zip(calls, calls[1:]):
        if one != other:
            kinds["swap"].append([(first, branch_arm64(first, other)),
                                  (second, branch_arm64(second, one))])
    return kinds


def branch_arm64(at, target):
    return struct.pack("<I", 0x94000000 | (target - at) // 4 & 0x3ffffff)


def change(image, address, decoded, chance):
    """Makes one change inside this function; false when it has no place for one."""
    kinds = (changes_arm64(image, address, chance) if image.arm64
             else changes_x86(image, address, decoded, chance))
    possible = [kind for kind, edits in kinds.items() if edits]
    while possible:
        kind = chance.choice(possible)
        edits = chance.choice(kinds[kind])
        if kind == "cave":
            edits = moved_to_cave(image, *edits, chance)
        if edits:
            image.write(edits)
            return True
        possible.remove(kind)
    return False


def mutate(path, count, chance):
    """Changes up to that many functions; returns which (Changed)."""
    image = Image(path)
    names = list(image.ordered)
    chance.shuffle(names)
    names = names[:count * 4 + 50]
    decoded = {} if image.arm64 else instructions(
        image.content, [(address, address - image.start + image.offset, image.functions[address])
                        for address in names], os.path.dirname(path))
    for address in names:
        if len(image.changed) == count:
            break
        if change(image, address, decoded.get(address), chance):
            image.changed.add(address)
    with open(path, "wb") as file:
        file.write(image.content)
    return image.changed
