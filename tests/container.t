#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Archives as artifacts: what is in them is seen, nothing leaves the temporary directory, and the
directory goes away however the run ends."""
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
with open(os.path.realpath("/bin/true"), "rb") as program:
    ELF = program.read()


def scan(work, *paths):
    temporary = os.path.join(work, "tmp")
    os.makedirs(temporary, exist_ok=True)
    done = subprocess.run([ELFLEFT, "scan", "--tiers", "link", "-f", "json", *paths],
                          capture_output=True, check=False, env={"TMPDIR": temporary})
    return json.loads(done.stdout), done.returncode, os.listdir(temporary)


def codes(report):
    return sorted({item["code"] for item in report["diagnostics"]} & {"EL0010", "EL0011", "EL0301"})


def files(report):
    return [item["path"] for item in report["files"]]


def symlink_in_zip(archive, name, target):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, target)


def add(archive, name, content=ELF, **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    archive.addfile(info, io.BytesIO(content))


def several(test, work):
    """Archives that are given together are one tree, as after their installation."""
    first, second = os.path.join(work, "b-1.0-py3-none-any.whl"), os.path.join(work, "a-1.0-py3-none-any.whl")
    with zipfile.ZipFile(first, "w") as archive:
        archive.writestr("b/prog", ELF)
        archive.writestr("shared/__init__.py", "same")
        archive.writestr("b-1.0.dist-info/METADATA", "Name: b\nVersion: 1.0\nLicense-Expression: MIT\n")
        archive.writestr("b-1.0.dist-info/RECORD", "b/prog,,\nshared/__init__.py,,\n")
        symlink_in_zip(archive, "link", "b")
    with zipfile.ZipFile(second, "w") as archive:
        archive.writestr("a/prog", ELF)
        archive.writestr("shared/__init__.py", "same")
        archive.writestr("a-1.0.dist-info/METADATA", "Name: a\nVersion: 1.0\nLicense-Expression: ISC\n")
        archive.writestr("a-1.0.dist-info/RECORD", "a/prog,,\nshared/__init__.py,,\n")
        symlink_in_zip(archive, "link", "b")
    report, status, left = scan(work, first, second)
    test.equal(({item["path"]: item["origin"]["component"] for item in report["files"]}, status,
                codes(report), left), ({"/a/prog": "pypi:a", "/b/prog": "pypi:b"}, 0, [], []),
               "two wheels, each with its own files; what both have alike is no trouble")
    test.equal((report["artifact"]["type"], report["artifact"]["path"]), ("wheel", second + ", " + first),
               "the artifact is both")
    test.equal(scan(work, second, first, first)[0], report, "in whatever order, and however often")
    third = os.path.join(work, "c.zip")
    with zipfile.ZipFile(third, "w") as archive:
        archive.writestr("shared/__init__.py", "same, and more")
        archive.writestr("a/prog", ELF)
        symlink_in_zip(archive, "b", "/etc")
    report, status, _ = scan(work, first, second, third)
    told = [(item["file"], item["message"].split(":")[0]) for item in report["diagnostics"]
            if item["code"] == "EL0011"]
    test.equal((told, status, report["artifact"]["type"]),
               ([(third, "b"), (third, "shared/__init__.py")], 2, "archives"),
               "what differs, or is of another kind, is told with the archive that has it")
    # A link of one archive is no way for the next: links are made when all were read.
    outside = os.path.join(work, "elsewhere")
    os.mkdir(outside)
    for name, content in (("1.zip", None), ("2.zip", ELF)):
        with zipfile.ZipFile(os.path.join(work, name), "w") as archive:
            if content:
                archive.writestr("way/stranger", content)
            else:
                symlink_in_zip(archive, "way", outside)
    report, _, _ = scan(work, os.path.join(work, "1.zip"), os.path.join(work, "2.zip"))
    test.equal((os.listdir(outside), files(report), codes(report)), ([], ["/way/stranger"], ["EL0011"]),
               "nothing is written through a link of an archive before")
    report, status, _ = scan(work, first, work)
    test.ok("EL0008" in {item["code"] for item in report["diagnostics"]} and status == 2,
            "an archive beside a directory is not read", [status])


def good(test, work):
    wheel = os.path.join(work, "a-1.0-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/lib/tool", ELF)
        archive.writestr("a/\u00e9l/tool", ELF)
        symlink_in_zip(archive, "a/link", "lib/tool")
    report, status, left = scan(work, wheel)
    test.equal(files(report), ["/a/lib/tool", "/a/\u00e9l/tool"], "a wheel: its files")
    test.equal((status, codes(report), left), (0, [], []), "a wheel: complete, and nothing is left")
    test.equal((report["artifact"]["type"], report["artifact"]["root"]), ("wheel", wheel),
               "a wheel: the artifact")
    for end in ("tar", "tar.gz", "tar.xz", "tar.bz2"):
        path = os.path.join(work, "a." + end)
        with tarfile.open(path, "w:" + end[4:] if end[4:] else "w") as archive:
            add(archive, "./usr/bin/tool")
            add(archive, "usr/bin/other", b"", type=tarfile.LNKTYPE, linkname="./usr/bin/tool")
        report, status, left = scan(work, path)
        test.equal((files(report), report["artifact"]["type"], left),
                   (["/usr/bin/other", "/usr/bin/tool"], "tar", []), "a %s file" % end)
    tree = os.path.join(work, "deb")
    os.makedirs(os.path.join(tree, "DEBIAN"))
    os.makedirs(os.path.join(tree, "usr/bin"))
    with open(os.path.join(tree, "DEBIAN/control"), "w", encoding="ascii") as file:
        file.write("Package: a\nVersion: 1\nArchitecture: amd64\nMaintainer: x <x@y>\nDescription: z\n")
    with open(os.path.join(tree, "usr/bin/tool"), "wb") as file:
        file.write(ELF)
    if shutil.which("dpkg-deb"):
        package = os.path.join(work, "a.deb")
        subprocess.run(["dpkg-deb", "-b", tree, package], check=True, stdout=subprocess.DEVNULL)
        report, status, left = scan(work, package)
        test.equal((files(report), report["artifact"]["type"], left),
                   (["/usr/bin/tool"], "deb", []), "a Debian package")
    else:
        test.skip("a Debian package", "no dpkg-deb")


def hostile(test, work):
    outside = os.path.join(work, "outside")
    os.makedirs(outside)
    path = os.path.join(work, "evil.tar")
    with tarfile.open(path, "w") as archive:
        add(archive, "good")
        add(archive, "/absolute")
        add(archive, "a/../../escape")
        add(archive, "..")
        add(archive, "door", b"", type=tarfile.SYMTYPE, linkname=outside)
        add(archive, "door/through")
        add(archive, "hard", b"", type=tarfile.LNKTYPE, linkname="../../../etc/passwd")
        add(archive, "to-root", b"", type=tarfile.SYMTYPE, linkname="/etc")
        add(archive, "fifo", b"", type=tarfile.FIFOTYPE)
        add(archive, "twice", b"x")
        add(archive, "twice")
    report, status, left = scan(work, path)
    test.equal(files(report), ["/door/through", "/good", "/twice"], "a hostile tar file: its files")
    test.equal((status, codes(report), left, os.listdir(outside)), (2, ["EL0011"], [], []),
               "a hostile tar file: incomplete, and nothing outside was touched")
    told = [item["message"] for item in report["diagnostics"] if item["code"] == "EL0011"]
    for part in ("/absolute", "escape", "..:", "hard:", "door:", "twice:"):
        test.ok(any(part in message for message in told), "it tells of %s" % part, told)
    path = os.path.join(work, "bomb.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good", ELF)
        with archive.open("bomb", "w", force_zip64=True) as entry:
            for _ in range(300):
                entry.write(bytes(1 << 20))
    report, status, left = scan(work, path)
    test.equal((files(report), status, codes(report), left), (["/good"], 2, ["EL0301"], []),
               "a zip file that expands too far")
    with open(path, "rb") as file:
        content = file.read()
    cut = os.path.join(work, "cut.zip")
    with open(cut, "wb") as file:
        file.write(content[:len(ELF) // 4])
    report, status, left = scan(work, cut)
    test.equal((status, left), (2, []), "a cut zip file: incomplete")
    test.ok(codes(report), "a cut zip file: says so", report["diagnostics"])
    for at in range(0, 4000, 67):
        broken = bytearray(content[:1 << 16])
        broken[at % len(broken)] ^= 0x55
        broken[(at * 31) % len(broken)] ^= 0xff
        with open(cut, "wb") as file:
            file.write(broken)
        report, status, left = scan(work, cut)
        if status not in (0, 2) or left:
            test.ok(False, "a damaged zip file", ["%d: %r %r" % (at, status, left)])
            break
    else:
        test.ok(True, "60 damaged zip files: each read or told of, nothing left")


def killed(test, work):
    """Even SIGKILL leaves nothing behind."""
    path = os.path.join(work, "big.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for i in range(300):
            archive.writestr("f%d" % i, os.urandom(1 << 20))
    temporary = os.path.join(work, "killed")
    os.makedirs(temporary)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with subprocess.Popen([ELFLEFT, "scan", path], env={"TMPDIR": temporary},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            end = time.time() + 10
            while time.time() < end and not os.listdir(temporary):
                time.sleep(0.001)
            seen = bool(os.listdir(temporary))
            run.send_signal(number)
        while time.time() < end and os.listdir(temporary):
            time.sleep(0.01)
        test.ok(seen and not os.listdir(temporary), "%s: the directory goes away" % number.name)


def main():
    test = tap.Tap()
    work = tempfile.mkdtemp(prefix="elfleft-container-")
    try:
        good(test, work)
        several(test, work)
        hostile(test, work)
        killed(test, work)
    finally:
        shutil.rmtree(work)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
