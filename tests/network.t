#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which programs take requests over a network: those that call listen or accept on sockets that are
not known to be local, or that bind a function of a library which leads to such a call; not those that
merely load one. Seen through the rule on network copyleft, which asks for it."""
import json
import lzma
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
CC = os.environ.get("CC", "cc").split()

SOURCE = """#include <sys/socket.h>
int main(int c, char **v)
{
	int fd = %s;
	%s
	return fd == c;
}
"""
# program -> (socket, what is done with it, whether it takes requests over a network)
PROGRAMS = {
    "server": ("socket(AF_INET, SOCK_STREAM, 0)", "listen(fd, 5);", True),
    "either": ("socket(c > 1 ? AF_UNIX : AF_INET6, SOCK_STREAM, 0)", "listen(fd, 5);", True),
    "handed": ("3", "fd = accept(fd, 0, 0);", True),
    "local": ("socket(AF_UNIX, SOCK_STREAM, 0)", "listen(fd, 5);", False),
    "client": ("socket(AF_INET, SOCK_STREAM, 0)", "connect(fd, 0, 0);", False),
    "sockets": ("socket(AF_INET, SOCK_DGRAM, 0)", "(void)v;", False),
}
# library -> (source, what it needs)
LIBRARIES = {
    "libserve.so.1": ("""#include <sys/socket.h>
static int bound;
__attribute__((noinline)) static int start(int n)
{
	int fd = socket(n, SOCK_STREAM, 0);
	return listen(fd, 5) + bound++;
}
int serve(int n) { return start(n) * 3; }
int quiet(int n) { return n + bound; }
""", []),
    "libover.so.1": ("""int serve(int);
int over(int n) { return serve(n) + 1; }
int over_quiet(int n) { return n * 7; }
""", ["libserve.so.1"]),
    "libtable.so.1": ("""#include <sys/socket.h>
static int begin(int n) { return listen(socket(n, SOCK_STREAM, 0), 1); }
int (*volatile table[])(int) = {begin, 0};
int through(int n) { return table[n](n); }
""", []),
    "libplug.so": ("""#include <sys/socket.h>
int plug(int n) { return listen(socket(n, SOCK_STREAM, 0), 1); }
""", []),
}
# Libraries over libraries, one more than are read: what leads through the last is not known.
LEVELS = 6
for level in range(LEVELS):
    LIBRARIES["liblevel%d.so.1" % level] = (
        "int level%d(int); int level%d(int n) { return level%d(n) + 1; }\n" % (level - 1, level, level - 1)
        if level else "int serve(int); int level0(int n) { return serve(n) + 1; }\n",
        ["liblevel%d.so.1" % (level - 1) if level else "libserve.so.1"])
USER = "int %s(int); int main(int c, char **v) { (void)v; return %s(c); }\n"
PLUGGED = """#include <dlfcn.h>
int main(void) { return !dlopen("libplug.so", RTLD_NOW); }
"""
# program -> (source, library, whether it takes requests: None for one that may)
USERS = {
    "binds": (USER % ("serve", "serve"), "libserve.so.1", True),
    "loads": (USER % ("quiet", "quiet"), "libserve.so.1", False),
    "binds-over": (USER % ("over", "over"), "libover.so.1", True),
    "loads-over": (USER % ("over_quiet", "over_quiet"), "libover.so.1", False),
    "pointer": (USER % ("through", "through"), "libtable.so.1", None),
    "plugged": (PLUGGED, None, None),
    "level4": (USER % ("level4", "level4"), "liblevel4.so.1", True),
    "level5": (USER % ("level5", "level5"), "liblevel5.so.1", None),
}
POLICY = """version: 1
modified:
%s"""
STATUS = """Package: %s
Status: install ok installed
Version: 1
Architecture: amd64
Maintainer: nobody <nobody@example.org>
Description: one program

"""
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2026 nobody
License: AGPL-3+
"""


def write(root, path, text):
    os.makedirs(os.path.dirname(root + path), exist_ok=True)
    with open(root + path, "w", encoding="ascii") as file:
        file.write(text)


def make_root(root):
    os.makedirs(root + "/usr/bin")
    for name, (socket, action, _) in PROGRAMS.items():
        subprocess.run([*CC, "-xc", "-", "-O2", "-o", root + "/usr/bin/" + name],
                       input=(SOURCE % (socket, action)).encode(), check=True)
        # A package each: what is the same for the files of one is said once.
        own(root, name)
    make_users(root)
    write(root, "/var/lib/dpkg/status", "".join(STATUS % name for name in [*PROGRAMS, *USERS]))


def own(root, name):
    write(root, "/var/lib/dpkg/info/%s.list" % name, "/usr/bin/%s\n" % name)
    write(root, "/usr/share/doc/%s/copyright" % name, COPYRIGHT)


def make_users(root):
    os.makedirs(root + "/usr/lib")
    for name, (source, needed) in LIBRARIES.items():
        subprocess.run([*CC, "-xc", "-", "-O2", "-shared", "-fPIC", "-Wl,-soname," + name + ",-rpath,/usr/lib", "-xnone",
                        *(root + "/usr/lib/" + library for library in needed),
                        "-o", root + "/usr/lib/" + name], input=source.encode(), check=True)
    add_debugdata(root + "/usr/lib/libserve.so.1")
    for name, (source, library, _) in USERS.items():
        subprocess.run([*CC, "-xc", "-", "-O2", "-Wl,-rpath,/usr/lib,-rpath-link," + root + "/usr/lib", "-xnone",
                        *([root + "/usr/lib/" + library] if library else []),
                        "-o", root + "/usr/bin/" + name], input=source.encode(), check=True)
        own(root, name)


def add_debugdata(path):
    """Packs the library's own symbols into it, as Fedora does: who reads its code unpacks them."""
    with open(path, "rb") as file:
        packed = lzma.compress(file.read())
    with open(path + ".xz", "wb") as file:
        file.write(packed)
    subprocess.run(["objcopy", "--add-section", ".gnu_debugdata=" + path + ".xz", path], check=True)
    os.unlink(path + ".xz")


def scan(root, *options):
    done = subprocess.run([ELFLEFT, "scan", "-q", "-f", "json", "--root", root, *options,
                           "/usr/bin"], capture_output=True, timeout=60, check=False)
    return json.loads(done.stdout)


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="elfleft-network-") as root:
        make_root(root)
        report = scan(root)
        calls = scan(root, "--tiers", "link,calls")
        policy = os.path.join(root, "policy.yaml")
        with open(policy, "w", encoding="ascii") as file:
            file.write(POLICY % "".join("  - component: %s\n    reason: patched\n" % name
                                        for name in USERS))
        patched = scan(root, "--policy", policy)
    noted = {finding["subject"] for finding in report["findings"]
             if finding["rule"] == "network-note"}
    for name, (_, _, wanted) in PROGRAMS.items():
        test.equal("/usr/bin/" + name in noted, wanted, "%s %s requests over a network" % (
            name, "takes" if wanted else "takes no"))
    offers = {finding["subject"]: finding["outcomes"] for finding in patched["findings"]
              if finding["rule"] == "network-offer"}
    for name, (_, _, wanted) in USERS.items():
        path = "/usr/bin/" + name
        test.equal(path in noted, wanted is True, "%s %s by what it binds" % (
            name, "takes requests" if wanted else "is not said to take requests"))
        test.equal(offers.get(path), {True: ["network-offer"], False: None, None: ["review"]}[wanted],
                   "%s, modified" % name)
    test.equal([item["subject"] for item in calls["findings"] if item["rule"] == "network-note"],
               [item["subject"] for item in report["findings"] if item["rule"] == "network-note"],
               "the same without looking for components inside")
    test.equal([item["code"] for item in calls["diagnostics"]],
               [item["code"] for item in report["diagnostics"]], "all workers live on")
    test.equal([item["file"] for item in report["diagnostics"] if item["code"] == "EL0301"],
               ["/usr/lib/liblevel5.so.1"], "what is not read any more is told")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
