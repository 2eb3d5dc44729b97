# SPDX-License-Identifier: BSD-2-Clause
"""Changes functions of an x86-64 ELF file in place, at random, and says which. Functions and their
instructions are found with readelf and objdump, not with anything of elfleft."""
import os
import re
import struct
import subprocess

# Byte patterns objdump shows, and what to do with them.
CALL = re.compile(r"^e8 (?:[0-9a-f]{2} ){3}[0-9a-f]{2}$")
IMMEDIATE = re.compile(r"^(?:b8|b9|ba|bb|be|bf|83 [cef][0-9a-f]|81 [cef][0-9a-f]|c7 [04][0-9a-f])")
JUMP = re.compile(r"^7[0-9a-f] [0-9a-f]{2}$")


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


def change(address, decoded, all_functions, ordered, chance):
    """(address, new bytes) of one change inside this function; None when it has no place for one."""
    candidates = []
    for at, code, text in decoded:
        raw = bytes.fromhex(code.replace(" ", ""))
        if CALL.match(code):
            target = at + 5 + struct.unpack("<i", raw[1:])[0]
            new = chance.choice(ordered)
            if target in all_functions and new not in (target, address):
                candidates.append((at, b"\xe8" + struct.pack("<i", new - at - 5)))
        elif IMMEDIATE.match(code) and "$0x" in text and "(%rip)" not in text and \
                "rsp" not in text:
            candidates.append((at, raw[:-1] + bytes([raw[-1] ^ 1 if len(raw) < 4
                                                     else raw[-1] ^ 0x10])))
        elif JUMP.match(code):
            candidates.append((at, bytes([raw[0] ^ 1]) + raw[1:]))
    return chance.choice(candidates) if candidates else None


def mutate(path, count, chance):
    """Changes up to that many functions; returns the set of their addresses."""
    start, offset, _ = sections(path)[".text"]
    all_functions = functions(path)
    ordered = sorted(all_functions)
    names = list(ordered)
    chance.shuffle(names)
    names = names[:count * 4 + 50]
    done = set()
    with open(path, "rb") as file:
        content = bytearray(file.read())
    decoded = instructions(content, [(address, address - start + offset, all_functions[address])
                                     for address in names], os.path.dirname(path))
    for address in names:
        if len(done) == count:
            break
        edit = change(address, decoded[address], all_functions, ordered, chance)
        if edit:
            at = edit[0] - start + offset
            content[at:at + len(edit[1])] = edit[1]
            done.add(address)
    with open(path, "wb") as file:
        file.write(content)
    return done
