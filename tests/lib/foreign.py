# SPDX-License-Identifier: BSD-2-Clause
"""Sysroots of other machines, made of Debian's own packages without a word to this system's dpkg:
apt gets a state of its own, packages are unpacked into the cache. ld.so of a sysroot runs under
qemu-user inside of it (chroot), in its trace mode, in which no code of an inspected file runs."""
import glob
import os
import shutil
import subprocess

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),
                     "elfleft-tests", "foreign")
PACKAGES = ["libc6", "libgcc-s1", "libstdc++6", "libgomp1", "coreutils", "bash", "grep", "tar", "gzip",
            "libselinux1", "libacl1", "libattr1", "libpcre2-8-0", "libtinfo6", "zlib1g", "libgmp10",
            "libssl3", "openssl", "libpam0g", "libpam-modules", "libaudit1", "libcap-ng0", "libcrypt1"]
# Not a release architecture of Debian 12: what its cross compiler comes with.
CROSS = ["libc6-%s-cross", "libgcc-s1-%s-cross", "libstdc++6-%s-cross", "libgomp1-%s-cross"]


class Unavailable(Exception):
    """There is no such sysroot, or no qemu; the text says why."""


class Machine:
    def __init__(self, name, qemu, loader, machine, cross=None):
        self.name, self.qemu, self.loader, self.machine = name, qemu, loader, machine
        self.cross = cross
        self.root = os.path.join(CACHE, name, "root")

    def files(self, limit):
        """Dynamic ELF files, as paths of the root: programs, then libraries, evenly chosen."""
        chosen = []
        for patterns in (("bin/*", "usr/bin/*"), ("lib/*.so*", "lib/*/*.so*", "usr/lib/*/*.so*",
                                                  "lib/*/security/*.so", "usr/lib/*/*/*.so")):
            found = sorted({os.path.join("/", os.path.relpath(path, self.root))
                            for pattern in patterns
                            for path in glob.glob(os.path.join(self.root, pattern))
                            if os.path.isfile(path) and not os.path.islink(path)
                            and is_dynamic(path)})
            step = max(1, len(found) // limit)
            chosen += found[::step][:limit]
        return chosen

    def trace(self, file, variables=(), listing=True):
        """What the sysroot's ld.so says of a file: (stdout, stderr, status)."""
        emulator = shutil.which("qemu-%s-static" % self.qemu)
        if not emulator:
            raise Unavailable("no qemu-%s-static: install qemu-user-static" % self.qemu)
        if os.geteuid() != 0:
            raise Unavailable("chroot needs root")
        inside = os.path.join(self.root, ".qemu")
        if not os.path.exists(inside):
            shutil.copy(emulator, inside)
        command = ["/.qemu"]
        for word in variables:
            command += ["-E", word]
        command += [self.loader] + (["--list"] if listing else []) + [file]

        def enter():
            os.chroot(self.root)
            os.chdir("/")
        done = subprocess.run(command, env={}, capture_output=True, timeout=120, check=False,
                              preexec_fn=enter)
        return (done.stdout.decode(errors="surrogateescape"),
                done.stderr.decode(errors="surrogateescape"), done.returncode)

    def make(self):
        """Fetches and unpacks what is missing."""
        if os.path.exists(os.path.join(self.root, ".complete")):
            return
        shutil.rmtree(self.root, ignore_errors=True)
        debs = os.path.join(CACHE, self.name, "debs")
        os.makedirs(debs, exist_ok=True)
        if self.cross:
            run(["apt-get", "-q", "download"] + [name % self.name for name in CROSS], debs)
        else:
            options = self.apt_options()
            # One index of several may be missing: whether that matters shows with the packages.
            run(["apt-get", "-q"] + options + ["update"], debs, statuses=(0, 100))
            run(["apt-get", "-q"] + options + ["download"] + PACKAGES, debs)
        unpacked = os.path.join(CACHE, self.name, "unpacked") if self.cross else self.root
        shutil.rmtree(unpacked, ignore_errors=True)
        os.makedirs(unpacked)
        for deb in sorted(glob.glob(os.path.join(debs, "*.deb"))):
            run(["dpkg-deb", "-x", deb, unpacked], debs)
        if self.cross:
            shutil.copytree(os.path.join(unpacked, "usr", self.cross), self.root, symlinks=True)
        with open(os.path.join(self.root, ".complete"), "w", encoding="ascii"):
            pass

    def apt_options(self):
        state = os.path.join(CACHE, self.name, "apt")
        for directory in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(state, directory), exist_ok=True)
        status = os.path.join(state, "status")
        with open(status, "a", encoding="ascii"):
            pass
        words = []
        for key, value in (("Dir::State", state), ("Dir::State::status", status),
                           ("Dir::State::lists", os.path.join(state, "lists")),
                           ("Dir::Cache", os.path.join(state, "cache")),
                           ("APT::Architecture", self.name), ("APT::Architectures", self.name)):
            words += ["-o", "%s=%s" % (key, value)]
        return words


def run(command, directory, statuses=(0,)):
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False,
                              timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from error
    if done.returncode not in statuses:
        raise Unavailable("%s: %s" % (" ".join(command)[:80], done.stderr.strip()[-300:]))


def is_dynamic(path):
    """Whether readelf finds a dynamic section: elffile.py reads files of this machine alone."""
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return False
    done = subprocess.run(["readelf", "-lW", path], capture_output=True, text=True, check=False)
    return "  DYNAMIC " in done.stdout


MACHINES = [
    Machine("arm64", "aarch64", "/lib/ld-linux-aarch64.so.1", "AArch64"),
    Machine("armhf", "arm", "/lib/ld-linux-armhf.so.3", "ARM"),
    Machine("i386", "i386", "/lib/ld-linux.so.2", "i386"),
    Machine("ppc64el", "ppc64le", "/lib64/ld64.so.2", "PowerPC64"),
    Machine("s390x", "s390x", "/lib/ld64.so.1", "S/390"),
    Machine("riscv64", "riscv64", "/lib/ld-linux-riscv64-lp64d.so.1", "RISC-V",
            cross="riscv64-linux-gnu"),
]
