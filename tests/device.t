#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Device code in files that linkers made: where it lies, which containers the host registers; and, with
nvcc, builds of a miniature CUDA library that differ in one thing each, compared (test-binaries/
device_cases.py). Kernels of real images are patched in place too: exactly those are found.

usage: device.t [VARIANT...]"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, "test-binaries")]
import device_cases  # noqa: E402
import jsonschema  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
CC = os.environ.get("CC", "cc").split()
TOOLS = os.path.join(BUILD, "tools")
PTX = b"\n.version 8.3\n.target sm_90\n.visible .entry k()\n{\n\tret;\n}\n\0"


def run(tool, *paths):
    done = subprocess.run([os.path.join(TOOLS, tool)] + list(paths), capture_output=True, text=True,
                          check=False, errors="surrogateescape", timeout=120)
    return [line.split("\t") for line in done.stdout.splitlines()] + (
        [["failed", done.stderr]] if done.returncode else [])


def container(image):
    """A fatbin of one PTX image."""
    image += b"\0" * (-len(image) % 8)
    entry = struct.pack("<HHIQIIHHIIIQQQ", 1, 0x101, 64, len(image), 0, 0, 3, 8, 90, 0, 0, 0x11, 0,
                        0) + image
    return struct.pack("<IHHQ", 0xba55ed50, 1, 16, len(entry)) + entry


ASSEMBLY = """
	.section %s, "a", @progbits
	.p2align 3
	.byte 1, 2, 3, 4, 5, 6, 7, 8
fatbin:	.incbin "fatbin"
	.section .nvFatBinSegment, "aw", @progbits
	.p2align 3
	.long 0x466243b1, 1
slot:	.quad fatbin
	.quad 0
	.section .note.GNU-stack, "", @progbits
"""


def link(directory, name, section, options, content=None):
    """A shared library with a registered container in that section."""
    with open(os.path.join(directory, "fatbin"), "wb") as file:
        file.write(content or container(PTX))
    with open(os.path.join(directory, name + ".s"), "w", encoding="ascii") as file:
        file.write(ASSEMBLY % section)
    path = os.path.join(directory, name + ".so")
    subprocess.run(CC + ["-shared", "-nostdlib", "-o", path, name + ".s"] + options, check=True,
                   cwd=directory, capture_output=True)
    return path


def clear_slot(path):
    """Zeroes the pointer in place, as lld leaves it: only the relocation tells."""
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        at = data.find(struct.pack("<II", 0x466243b1, 1))
        was = struct.unpack_from("<Q", data, at + 8)[0]
        struct.pack_into("<Q", data, at + 8, 0)
        file.seek(0)
        file.write(data)
    return was


def check_places(out, directory):
    for name, section, options, flags in (
            ("bfd", ".nv_fatbin", [], "r"), ("rodata", ".rodata", [], "ru"),
            ("own", ".cask_resource", [], "ru"), ("lld", ".nv_fatbin", ["-fuse-ld=lld"], "r")):
        if name == "lld" and not shutil.which("ld.lld"):
            out.skip("a library linked by lld", "no lld here")
            continue
        path = link(directory, name, section, options)
        for cleared in (False, True):
            if cleared:
                clear_slot(path)
            found = [w for w in run("device_dump", path) if w[0] in ("container", "kernel")]
            out.equal([(w[3], w[4], w[5]) if w[0] == "container" else w[8] for w in found],
                      [("fatbin", section, flags), "k"],
                      "%s: found in %s and registered%s" % (
                          name, section, ", by the relocation alone" if cleared else ""))


def lto_container():
    """A fatbin with an LTO-IR image, which nobody can read, beside one of PTX."""
    image = bytes(range(64))
    entry = struct.pack("<HHIQIIHHIIIQQQ", 8, 0x101, 64, len(image), 0, 0, 3, 8, 90, 0, 0, 0x11, 0,
                        0) + image
    body = container(PTX)[16:] + entry
    return struct.pack("<IHHQ", 0xba55ed50, 1, 16, len(body)) + body


def check_scan(out, directory):
    """What a scan's report tells of device code."""
    path = link(directory, "scanned", ".nv_fatbin", [])
    with open(path, "ab") as file:  # a second one, behind all sections
        file.write(b"\0" * (-file.tell() % 8) + lto_container())
    elfleft = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
    words = [elfleft, "scan", "--tiers", "link,device", "--root", directory, "/scanned.so"]
    done = subprocess.run([*words, "-f", "json"], capture_output=True, check=False, env={})
    report = json.loads(done.stdout)
    out.equal(done.returncode, 0, "scan: what is opaque is no failure")
    with open(os.path.join(HERE, os.pardir, "data/schema/scan.schema.json"), encoding="utf-8") as file:
        wrong = [e.message[:200] for e in jsonschema.Draft7Validator(json.load(file)).iter_errors(report)]
    out.ok(not wrong, "scan: the report fits its schema", wrong[:4])
    device = [file["device"] for file in report["files"]
              if file["path"] == "/scanned.so"][0]
    out.equal(device["containers"], [{"kind": "fatbin", "count": 2, "registered": 1}],
              "scan: containers, and which of them the host registers")
    out.equal([(device[key]) for key in ("images", "kernels", "opaque", "not_read")], [3, 0, 1, 0],
              "scan: images; LTO-IR is opaque, PTX is no machine code")
    out.equal([(a["kind"], a["name"], a["images"], a["kernels"]) for a in device["architectures"]],
              [("lto-ir", "lto_90", 1, 0), ("ptx", "compute_90", 2, 2)], "scan: architectures")
    text = subprocess.run(words, capture_output=True, text=True, check=False, env={}).stdout
    out.ok("0 kernels in 3 images for lto_90 (lto-ir); compute_90 (ptx); 1 image of LTO-IR: opaque, "
           "not inspected" in " ".join(text.split()), "scan: the text tells the same", [text])
    done = subprocess.run([*words[:2], "--tiers", "link", *words[4:], "-f", "json"],
                          capture_output=True, check=False, env={})
    out.equal([file["device"] for file in json.loads(done.stdout)["files"]
               if file["path"] == "/scanned.so"], [None], "scan: the tier can be left out")


def verify(reference, suspect):
    """What elfleft verify says of one file."""
    elfleft = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
    done = subprocess.run([elfleft, "verify", "--reference", reference, "-f", "json", suspect],
                          capture_output=True, check=False, env={})
    return json.loads(done.stdout)["files"][0]


def check_verify(out, directory):
    """A change in a container in a section of any name is one of device code. It is all that there is
    of it, so that it might be another build."""
    for section in (".cask_resource", ".rodata"):
        reference = link(directory, "verified", section, [])
        suspect = os.path.join(directory, "suspect.so")
        for old, new, told in ((b"\tret;", b"\ttrap", True), (b"\1\2\3\4\5\6\7\10", bytes(8), False)):
            with open(reference, "rb") as file, open(suspect, "wb") as to:
                to.write(file.read().replace(old, new))
            file = verify(reference, suspect)
            kernels = [item["name"] for item in file["changed_kernels"]]
            out.equal((file["verdict"], "device code" in file["reason"], kernels),
                      ("rebuilt" if told else "modified", told, ["k"] if told else []),
                      "verify: a change %s in %s" % ("of device code" if told else "beside it",
                                                     section))


def move_slots(data, distance):
    """The pointer of the wrapper leads behind where it led, in place and in its relocation."""
    slot = data.find(struct.pack("<II", 0x466243b1, 1)) + 8
    old = data[slot:slot + 8]
    new = struct.pack("<Q", struct.unpack("<Q", old)[0] + distance)
    return data.replace(struct.pack("<Q", 8) + old, struct.pack("<Q", 8) + new).replace(
        data[slot - 8:slot] + old, data[slot - 8:slot] + new)


def check_outside(out, directory):
    """Containers may be moved among zeros; what else lies around them may not change."""
    packed = container(PTX)
    reference = link(directory, "outside", ".nv_fatbin", [], packed + bytes(64) + b"behind\0\0it" +
                     bytes(6))
    suspect, manifest = (os.path.join(directory, name) for name in ("suspect.so", "outside.elfref"))
    elfleft = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
    subprocess.run([elfleft, "index", "build", "--reference", "-o", manifest, reference], check=True,
                   capture_output=True, env={})
    told = "data outside of device code containers in %s differs"
    for what, old, new, section in (
            ("containers packed anew", packed + bytes(64), bytes(32) + packed + bytes(32), None),
            ("a byte before a container", bytes(range(1, 9)), b"\1\2\3\4\5\6\7\7", ".nv_fatbin"),
            ("bytes before a container wiped", bytes(range(1, 9)), bytes(8), ".nv_fatbin"),
            ("a byte behind a container", b"behind", b"Behind", ".nv_fatbin"),
            ("a zero inside of such bytes", b"behind\0\0it\0", b"behind\0it\0\0", ".nv_fatbin"),
            ("bytes put among zeros", packed + bytes(32), packed + bytes(24) + bytes(range(8)),
             ".nv_fatbin"),
            ("a version of a wrapper", struct.pack("<II", 0x466243b1, 1),
             struct.pack("<II", 0x466243b1, 2), ".nvFatBinSegment")):
        with open(reference, "rb") as file, open(suspect, "wb") as to:
            data = file.read()
            patched = data.replace(old, new)
            if not section:
                patched = move_slots(patched, 32)
            to.write(patched)
        expected = ("modified", [told % section]) if section else ("repackaged", [])
        for against in (reference, manifest):
            file = verify(against, suspect)
            said = [text for text in file["reason"].split("; ") if "outside of" in text]
            out.equal((data.count(old), file["verdict"], said), (1, *expected),
                      "verify: %s, against %s" % (what, os.path.basename(against)))


HIP = """__kernel void first(__global int *p) { p[0] = p[1] %s 3; }
__kernel void second(__global int *p) { p[0] = p[1] * 5; }
"""
HIP_MACHINES = ("gfx90a", "gfx1030")


def hip_bundle(directory, operators):
    """A bundle of code objects that clang makes, for each machine with its own operator."""
    objects = []
    for machine, operator in zip(HIP_MACHINES, operators):
        with open(os.path.join(directory, "hip.cl"), "w", encoding="ascii") as file:
            file.write(HIP % operator)
        subprocess.run(["clang", "--target=amdgcn-amd-amdhsa", "-mcpu=" + machine, "-nogpulib", "-O2",
                        "-x", "cl", "-c", "-o", "hip.o", "hip.cl"], check=True, cwd=directory,
                       capture_output=True)
        subprocess.run(["ld.lld", "-shared", "-o", "hip.out", "hip.o"], check=True, cwd=directory)
        with open(os.path.join(directory, "hip.out"), "rb") as file:
            objects.append((b"hipv4-amdgcn-amd-amdhsa--" + machine.encode(), file.read()))
    objects.insert(0, (b"host-x86_64-unknown-linux-gnu-", b""))
    table, images, at = b"", b"", 4096
    for name, image in objects:
        table += struct.pack("<QQQ", at, len(image), len(name)) + name
        images += image + b"\0" * (-len(image) % 4096)
        at = 4096 + len(images)
    head = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", len(objects)) + table
    return head + b"\0" * (4096 - len(head)) + images


def check_hip(out, directory):
    """Bundles of HIP: the same verdicts as of CUDA's containers."""
    if not shutil.which("clang") or not shutil.which("ld.lld"):
        out.skip("kernels for AMD's machines", "no clang or no lld")
        return
    try:
        bundles = [hip_bundle(directory, operators) for operators in ("++", "--", "+-")]
    except subprocess.CalledProcessError:
        out.skip("kernels for AMD's machines", "this clang does not know them")
        return
    paths = [link(directory, "hip%d" % i, ".hip_fatbin", ["-Wl,--build-id"], bundle)
             for i, bundle in enumerate(bundles)]
    machines = [{"gfx90a", "gfx1030"}, {"gfx1030"}]
    # Linked anew, and one machine alone differs: the compiler may have done that.
    for path, expected, verdict in zip(paths[1:], machines, ("modified", "rebuilt")):
        file = verify(paths[0], path)
        out.equal((file["verdict"], file["kernels"]["equal"],
                   {(item["name"], item["arch"]) for item in file["changed_kernels"]}),
                  (verdict, 4 - len(expected), {("first", machine) for machine in expected}),
                  "verify: a kernel in a bundle of HIP, of %s" % ", ".join(sorted(expected)))
    moved = link(directory, "hip3", ".hip_fatbin", ["-Wl,-soname,other"], bundles[0])
    out.equal(verify(paths[0], moved)["verdict"], "repackaged", "verify: the same bundle")


def changed(lines):
    """Names of kernels in machine code by level, and the verdict."""
    levels, verdict = {}, "none at all"
    for words in lines:
        if words[0] == "verdict":
            verdict = words[1]
        elif words[0] == "difference" and not words[3].startswith("compute"):
            levels.setdefault(words[1], set()).add(words[7])
        elif words[0] == "failed":
            verdict = words[1]
    return levels, verdict


def plain(names):
    """Mangled names of void functions: the one word that device_cases.py calls them by."""
    words = set()
    for name in names:
        for word in ("hidden", "addition", "add", "count", "local", "curve", "talk"):
            if word in name.split("_cu_")[-1] or "%d%s" % (len(word), word) in name:
                words.add(word)
                break
    return words


def check_variant(out, base, variant, path):
    levels, verdict = changed(run("device_diff", base, path))
    levels = {level: plain(names) for level, names in levels.items()}
    out.equal((verdict, levels), (variant.verdict, variant.levels),
              "%s: %s" % (variant.name, variant.verdict))
    report = verify(base, path)
    out.equal((report["verdict"], plain(item["name"] for item in report["changed_kernels"]
                                         if not item["arch"].startswith("compute"))),
              (variant.whole, set().union(*levels.values())),
              "%s: the file is %s, and no other kernels are named" % (variant.name, variant.whole))


def images(data):
    """(offset of payload, size) of each raw cubin in a file."""
    at = data.find(b"\x50\xed\x55\xba\x01\x00\x10\x00")
    while at >= 0:
        size = struct.unpack_from("<Q", data, at + 8)[0]
        entry, end = at + 16, at + 16 + size
        while entry < end:
            kind, _, header, payload, packed = struct.unpack_from("<HHIQI", data, entry)
            if kind == 2 and not packed:
                yield entry + header, payload
            entry += header + payload
        at = data.find(b"\x50\xed\x55\xba\x01\x00\x10\x00", end)


def texts(data, base):
    """name -> (offset in the file, size) of each kernel's code in one cubin."""
    table, = struct.unpack_from("<Q", data, base + 0x28)
    count, names = struct.unpack_from("<HH", data, base + 0x3c)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, base + table + 64 * i) for i in range(count)]
    strings = base + headers[names][4]
    for header in headers:
        name = data[strings + header[0]:data.find(b"\0", strings + header[0])].decode()
        if name.startswith(".text."):
            yield name[6:], base + header[4], header[5]


def check_patches(out, base, directory):
    """One bit of one kernel in place, in one image: that kernel and nothing else."""
    with open(base, "rb") as file:
        data = file.read()
    wrong, tried = [], 0
    path = os.path.join(directory, "patched.so")
    for start, _ in images(data):
        for name, offset, size in texts(data, start):
            for place in (2, size // 2, size - 1):
                patched = bytearray(data)
                patched[offset + place] ^= 1
                with open(path, "wb") as file:
                    file.write(patched)
                levels, verdict = changed(run("device_diff", base, path))
                tried += 1
                if set().union(*levels.values()) != {name} or verdict == "equal":
                    wrong.append("%s at %d: %s, %s" % (name, place, verdict, levels))
    out.ok(not wrong and tried >= 3 * device_cases.KERNELS * device_cases.IMAGES,
           "%d patches in place, each found and nothing else" % tried, wrong)


def check_one_machine(out, base, patched):
    """One kernel of one architecture differs: in place somebody did it, in another build it may have
    been the compiler."""
    verdicts = [verify(base, patched)["verdict"]]
    with open(patched, "rb") as file:
        data = bytearray(file.read())
    data[data.index(b"GNU\0", data.index(b"\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0")) + 4] ^= 1
    with open(patched, "wb") as file:
        file.write(data)
    verdicts.append(verify(base, patched)["verdict"])
    out.equal(verdicts, ["modified", "rebuilt"],
              "one kernel of one machine: modified; of another build-id: rebuilt")


def check_relocatable(out, nvcc, directory):
    path = device_cases.build_relocatable(nvcc, os.path.join(directory, "relocatable"))
    found = [(w[4], w[5]) for w in run("device_dump", path) if w[0] == "container"]
    out.equal(sorted(found), [(".nv_fatbin", "r"), ("__nv_relfatbin", "rl"), ("__nv_relfatbin", "rl")],
              "separate compilation: one linked image and two parts")


def check_builds(out, nvcc, directory, wanted):
    variants = [v for v in device_cases.VARIANTS if not wanted or v.name in wanted]
    base = device_cases.build(nvcc, directory, device_cases.Variant("base", ""))
    found = run("device_dump", base)
    kernels = [w for w in found if w[0] == "kernel" and w[2] == "k"]
    out.equal(len(kernels), device_cases.KERNELS * device_cases.IMAGES,
              "every kernel is there in every image")
    out.equal([w for w in found if w[0] == "diagnostic"], [], "no diagnostics")
    for variant in variants:
        check_variant(out, base, variant, device_cases.build(nvcc, directory, variant))
    check_patches(out, base, directory)
    check_one_machine(out, base, os.path.join(directory, "patched.so"))
    check_relocatable(out, nvcc, directory)


def main():
    out = tap.Tap()
    nvcc = device_cases.find_nvcc()
    with tempfile.TemporaryDirectory() as directory:
        check_places(out, directory)
        check_scan(out, directory)
        check_verify(out, directory)
        check_outside(out, directory)
        check_hip(out, directory)
        if nvcc:
            check_builds(out, nvcc, directory, set(sys.argv[1:]))
        else:
            print("device.t: nvcc is not here: %d builds of CUDA code SKIPPED"
                  % len(device_cases.VARIANTS), file=sys.stderr)
            out.skip("builds of a CUDA library, compared", "nvcc is not here")
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
