#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What elfleft verify says of containers of device code in which every kernel is as it was: packed anew they
are the same; a byte that no image answers for, another container behind a registration, an image that
cannot be read are not. Images are made byte by byte (tests/lib/devicefile.py), so that this needs no
compiler of kernels; in the same way the folder of a build changes in names."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "lib"))
import devicefile as make  # noqa: E402
import fatbin  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
ROOM = 1 << 14  # bytes of a section: what is packed anew stays within it
PTX = b"\n.version 8.3\n.target sm_90\n.visible .entry _Z1pv()\n{\n\tret;\n}\n\0"
HEADERS = "places beside images where containers of device code differ: 1"
IMAGES = "images of device code that differ beside their kernels: 1"
REGISTERED = "registrations of device code that lead to other containers: %d"
PLACES = "containers of device code that nothing registers and that have other places: 2"
UNREAD = "images of device code that could not be read: %d"
OUTSIDE = "data outside of device code containers in %s differs"


def verify(reference, suspect):
    """Verdict and reason of one file, whether all was read, and the kernels that are told."""
    done = subprocess.run([ELFLEFT, "verify", "--reference", reference, "-f", "json", suspect],
                          capture_output=True, check=False, env={})
    report = json.loads(done.stdout)
    file = report["files"][0]
    kernels = [item["name"] for item in file["changed_kernels"] or ()]
    return file["verdict"], file["reason"], report["complete"], kernels


class Bench:
    """A reference, its manifest where it is asked for, and suspects with other bytes at the same place."""

    def __init__(self, out, directory, name, content, with_manifest=False, **options):
        self.out, self.directory, self.name = out, directory, name
        self.content = content.ljust(ROOM, b"\0")
        self.reference = make.link(directory, name, self.content, **options)
        self.references = [self.reference]
        if with_manifest:
            self.references.append(os.path.join(directory, name + ".elfref"))
            subprocess.run([ELFLEFT, "index", "build", "--reference", "-o", self.references[1],
                            self.reference], check=True, capture_output=True, env={})

    def data(self):
        with open(self.reference, "rb") as file:
            return bytearray(file.read())

    def judge(self, what, data, verdict, reason="", complete=True, kernels=()):
        suspect = os.path.join(self.directory, self.name + ".suspect")
        with open(suspect, "wb") as file:
            file.write(data)
        for against in self.references:
            self.out.equal(verify(against, suspect), (verdict, reason, complete, list(kernels)),
                           "%s: %s: %s, against a %s" % (
                               self.name, what, verdict,
                               "file" if against == self.reference else "manifest"))

    def expect(self, what, content, verdict, *words, **others):
        data = self.data()
        if data.count(self.content) != 1 or len(content) > ROOM:
            raise ValueError("the content does not stand in the file once")
        self.judge(what, data.replace(self.content, content.ljust(ROOM, b"\0")), verdict, *words,
                   **others)


FIRST = make.cubin({"_Z1av": make.code(1), "_Z1bv": make.code(2)}, 80)
SECOND = make.cubin({"_Z1av": make.code(3)}, 90)


def images(way="raw", first=FIRST, tail=b"", ptx=(), **options):
    """The container most cases are about; options: of its first entry."""
    return make.container([make.entry(first, 80, way=way, **{"options": b"-maxrregcount=40", **options}),
                           make.entry(SECOND, 90, way=way),
                           make.entry(PTX, 90, kind=fatbin.PTX, way=way, fields=ptx)], tail)


def check_packing(out, directory):
    """Official packers choose a compression, an alignment, the size of a header."""
    bench = Bench(out, directory, "packed", images(), with_manifest=True)
    for what, content in (
            ("zstd", images("zstd")), ("LZ4", images("lz4")),
            ("a larger header", images(head=128)),
            ("room behind an image", images("zstd", room=64)),
            ("room at the end of a container", images(tail=bytes(24))),
            ("room that no header would fit in, compressed", images("lz4", tail=bytes(128)))):
        bench.expect(what, content, "repackaged")
    zstd = fatbin.Codec().encode("zstd", FIRST)[1]
    skipped = struct.pack("<II", 0x184d2a50, 8) + b"anything"
    stored = lambda data: images(first=data, fields={4: len(data), 13: len(FIRST),  # noqa: E731
                                                     11: 0x11 | fatbin.ZSTD})
    bench.expect("zstd's bytes as they are", stored(zstd), "repackaged")
    for what, content, reason in (
            ("bytes behind an image", images(room=b"hidden"), IMAGES),
            ("bytes behind a compressed image", images("zstd", room=b"\0\0hidden"), HEADERS),
            ("other options", images(options=b"-maxrregcount=41"), HEADERS),
            ("no options", images(options=None), HEADERS),
            ("a key", images(fields={12: 1}), HEADERS),
            ("a flag", images(fields={11: 0x51}), HEADERS),
            ("a version of PTX", images(ptx={6: 4}), HEADERS),
            ("a size without compression", images(fields={13: 4096}), HEADERS),
            ("a byte in a header", images(head=128).replace(bytes(8), bytes(7) + b"\1", 1), None),
            ("a frame that is skipped", stored(skipped + zstd), HEADERS),
            ("bytes that no kernel owns", images(
                first=make.cubin({"_Z1av": make.code(1), "_Z1bv": make.code(2)}, 80, b"Callgraph")),
             IMAGES),
            ("a comment in PTX", images().replace(b"\tret;", b"\tret;//").replace(b"}\n\0\0\0", b"}\n\0"),
             IMAGES),
            ("another order of images for other machines", make.container(
                [make.entry(SECOND, 90), make.entry(FIRST, 80, options=b"-maxrregcount=40"),
                 make.entry(PTX, 90, kind=fatbin.PTX)]), "")):
        if reason is None:  # in the room behind the options
            content, reason = bytearray(images(head=128)), HEADERS
            content[16 + 120] = 1
        bench.expect(what, bytes(content), "modified" if reason else "repackaged", reason)
    bench.expect("bytes at the end of a container", images(tail=b"behind everything that is read"),
                 "modified", OUTSIDE % ".nv_fatbin", complete=False)
    # Two images for one machine: the first of them runs.
    twice = [make.entry(image, 80) for image in (FIRST, make.cubin({"_Z1cv": make.code(4)}, 80))]
    bench = Bench(out, directory, "twice", make.container(twice))
    bench.expect("another order of images for one machine", make.container(twice[::-1]), "modified",
                 REGISTERED % 1)


def alike():
    """Two containers of one size with kernels of the same name."""
    return [make.container([make.entry(make.cubin({"_Z1av": make.code(seed)}, 80))]) for seed in (1, 2)]


def pointers(data, rows):
    """{offset of a relocation or of a pointer in place: target} of the wrappers of a file."""
    return {at: struct.unpack_from("<Q", data, at)[0] for at in rows}


def slots_in_place(data):
    at, found = data.find(struct.pack("<II", 0x466243b1, 1)), []
    while at >= 0:
        found.append(at + 8)
        at = data.find(struct.pack("<II", 0x466243b1, 1), at + 1)
    return found


def slots_relocated(path, kind):
    """Where addends lie of relocations of that type, in the order of the slots that they fill."""
    data, found = open(path, "rb").read(), []
    for header in fatbin.section_headers(data):
        if header[1] == 4:
            for at in range(header[4], header[4] + header[5], 24):
                offset, info = struct.unpack_from("<QQ", data, at)
                if info & 0xffffffff == kind:
                    found.append((offset, at + 16))
    return [at for _, at in sorted(found)]


def put(data, slots, targets):
    for at, target in zip(slots, targets):
        struct.pack_into("<Q", data, at, target)
    return data


def check_registrations(out, directory):
    """Swapped, led elsewhere, or left without a relocation: other kernels run, though all are there."""
    first, second = alike()
    place = len(first) + 64
    for name, options, kind in (("relocated", ("-shared",), 8), ("in place", ("-static", "-no-pie"), 0),
                                ("packed", ("-shared", "-Wl,-z,pack-relative-relocs"), 0),
                                ("object", ("-c",), 1)):
        bench = Bench(out, directory, name.replace(" ", "-"), first.ljust(place, b"\0") + second,
                      with_manifest=kind == 8, offsets=(0, place), options=options)
        slots = slots_relocated(bench.reference, kind) if kind else slots_in_place(bench.data())
        a, b = pointers(bench.data(), slots).values()
        for what, targets, count in (("swapped", (b, a), 2), ("both to one", (a, a), 1),
                                     ("one to nothing", (a, b + 8), 1)):
            bench.judge(what, put(bench.data(), slots, targets), "modified", REGISTERED % count)
        data = bench.data()
        moved = bytes(128) + second.ljust(place, b"\0") + first
        data = data.replace(bench.content, moved.ljust(ROOM, b"\0"))
        bench.judge("containers moved, and wrappers with them",
                    put(data, slots, (a + 128 + place, b + 128 - place)), "repackaged")
        bench.expect("containers swapped, and wrappers not", second.ljust(place, b"\0") + first,
                     "modified", REGISTERED % 2)
        if kind == 8:
            data = put(bench.data(), slots_in_place(bench.data()), (b, a))
            bench.judge("the places that relocations overwrite", data, "repackaged")
            struct.pack_into("<Q", data, slots[0] - 8, 0)  # R_X86_64_NONE
            bench.judge("a relocation taken away", data, "modified", REGISTERED % 1)
    bench = Bench(out, directory, "unregistered", first.ljust(place, b"\0") + second, offsets=())
    bench.expect("containers swapped that nothing registers", second.ljust(place, b"\0") + first,
                 "modified", PLACES)
    bench.expect("containers moved that nothing registers",
                 bytes(64) + first.ljust(place, b"\0") + second, "modified", PLACES)
    bench.expect("packed where they were",
                 make.container([make.entry(make.cubin({"_Z1av": make.code(1)}, 80), way="zstd")]).ljust(
                     place, b"\0") + second, "repackaged")


def ccob(plain, version=1, method=0, level=9, declared=None, digest=7):
    packed = fatbin.Codec().encode("zstd", plain)[1] if method else zlib.compress(plain, level)
    head = b"CCOB" + struct.pack("<HH", version, method)
    if version > 1:
        head += struct.pack("<I" if version == 2 else "<Q", len(packed) + (24 if version == 2 else 32))
    return head + struct.pack("<Q" if version == 3 else "<I", declared or len(plain)) + struct.pack(
        "<Q", digest) + packed


def check_bundles(out, directory):
    """HIP's, compressed or not."""
    objects = [make.code_object({"_Z1av": make.code(seed), "_Z1bv": make.code(9)}) for seed in (1, 2)]
    names = b"host-x86_64-unknown-linux-gnu-", b"hipv4-amdgcn-amd-amdhsa--gfx90a", \
        b"hipv4-amdgcn-amd-amdhsa--gfx1030"
    whole = lambda first=objects[0], **how: make.bundle(  # noqa: E731
        [(names[0], b""), (names[1], first), (names[2], objects[1])], **how)
    plain = whole()
    patched = whole(make.code_object({"_Z1av": make.code(7), "_Z1bv": make.code(9)}))
    for version, method in ((1, 0), (1, 1), (2, 0), (3, 1)):
        bench = Bench(out, directory, "ccob%d.%s" % (version, "zstd" if method else "zlib"),
                      ccob(plain, version, method), section=".hip_fatbin")
        bench.expect("packed anew", ccob(plain, 3, 1 - method), "repackaged")
        bench.expect("at another level", ccob(plain, version, method, 1), "repackaged" if not method
                     else "identical")
        bench.expect("not compressed", plain, "repackaged")
        bench.expect("with another alignment", ccob(whole(align=256), version, method), "repackaged")
        bench.expect("a byte among zeros", ccob(whole(gap=b"?"), version, method), "modified",
                     HEADERS)
        bench.expect("another checksum", ccob(plain, version, method, digest=8), "modified",
                     REGISTERED % 1)
        # Of two machines one: it might be another build, were it not for the rest of the file.
        bench.expect("a kernel for one machine", ccob(patched, version, method), "modified",
                     "device code: uncertain", kernels=["_Z1av"])
        bench.expect("bytes behind it", ccob(plain, version, method) + b"behind", "modified",
                     OUTSIDE % ".hip_fatbin")
        broken = bytearray(ccob(plain, version, method))
        broken[-20] ^= 0xff
        # Where it ends zlib alone would tell: its bytes count as bytes.
        outside = OUTSIDE % ".hip_fatbin" + "; " if (version, method) == (1, 0) else ""
        bench.expect("broken", bytes(broken), "incomplete", outside + UNREAD % 1, complete=False,
                     kernels=["_Z1av", "_Z1av", "_Z1bv", "_Z1bv"])


def named(folder, seed=1):
    """A container, and texts of the host, of a source in that folder."""
    crc = zlib.crc32(b"/%s/a.cu" % folder)
    hidden = "__nv_static_25__%08x_4_a_cu__Z3runPi__Z6hiddenPi" % crc
    local = "_ZN50_GLOBAL__N__%08x_4_a_cu_0000abcd_8215localEPi" % crc
    image = make.cubin({hidden: make.code(seed), local: make.code(2), "_Z1av": make.code(3)}, 80)
    text = b"\0".join(name.encode() for name in (hidden, local, "_Z1av", "constant"))
    return make.container([make.entry(image)]).ljust(ROOM, b"\0"), text


def check_folders(out, directory):
    """Names with internal linkage hold a hash of the path of their source."""
    content, text = named(b"one")
    bench = Bench(out, directory, "folder", content, with_manifest=True, text=text)
    told = "device code: the same kernels, rebuilt from another folder: sources whose path has another " \
           "hash in their names: 1"
    for what, folder, seed, change, expected in (
            ("another folder", b"two", 1, (b"", b""), ("rebuilt", told)),
            ("another folder, and a kernel", b"two", 5, (b"", b""), ("modified", "device code: modified")),
            ("another folder, and a text of the host", b"two", 1, (b"constant", b"Constant"),
             ("modified", told))):
        other, words = named(folder, seed)
        words = words.replace(*change)
        data = bench.data()
        if len(words) != len(text) or data.count(text) != 1:
            raise ValueError("the texts of the host do not stand in the file once")
        data = data.replace(text, words).replace(bench.content, other)
        bench.judge(what, data, *expected, kernels=[] if seed == 1 else [
            "__nv_static_25__%08x_4_a_cu__Z3runPi__Z6hiddenPi" % zlib.crc32(b"/one/a.cu")])
    bench.judge("names of the host alone", bench.data().replace(
        text, named(b"two")[1]), "modified")


def main():
    out = tap.Tap()
    with tempfile.TemporaryDirectory() as directory:
        for check in (check_packing, check_registrations, check_bundles, check_folders):
            check(out, directory)
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
