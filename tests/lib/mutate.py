# SPDX-License-Identifier: BSD-2-Clause
"""Changes functions of an x86-64 ELF file in place, at random, and says which. Functions and their
instructions are found with readelf and objdump, not with anything of elfleft."""
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


def instructions(path, address, size):
    text = subprocess.run(["objdump", "-dw", "--start-address=%d" % address,
                           "--stop-address=%d" % (address + size), path],
                          capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        match = re.match(r"\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t?(.*)", line)
        if match:
            yield int(match.group(1), 16), match.group(2).strip(), match.group(3)


def change(path, address, size, all_functions, chance):
    """(address, new bytes) of one change inside this function; None when it has no place for one."""
    candidates = []
    for at, code, text in instructions(path, address, size):
        raw = bytes.fromhex(code.replace(" ", ""))
        if CALL.match(code) and "@plt" not in text:
            target = at + 5 + struct.unpack("<i", raw[1:])[0]
            others = [other for other in all_functions if other not in (target, address)]
            if target in all_functions and others:
                new = chance.choice(others)
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
    names = sorted(all_functions)
    chance.shuffle(names)
    done = set()
    with open(path, "rb") as file:
        original = file.read()
    content = bytearray(original)
    for address in names:
        if len(done) == count:
            break
        edit = change(path, address, all_functions[address], all_functions, chance)
        if edit:
            at = edit[0] - start + offset
            content[at:at + len(edit[1])] = edit[1]
            done.add(address)
    with open(path, "wb") as file:
        file.write(content)
    return done
