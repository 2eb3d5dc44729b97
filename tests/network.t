#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which programs take requests over a network: those that call listen or accept on sockets that are
not known to be local. Seen through the rule on network copyleft, which asks for it."""
import json
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
        write(root, "/var/lib/dpkg/info/%s.list" % name, "/usr/bin/%s\n" % name)
        write(root, "/usr/share/doc/%s/copyright" % name, COPYRIGHT)
    write(root, "/var/lib/dpkg/status", "".join(STATUS % name for name in PROGRAMS))


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="elfleft-network-") as root:
        make_root(root)
        done = subprocess.run([ELFLEFT, "scan", "-q", "-f", "json", "--root", root, "/usr/bin"],
                              capture_output=True, timeout=60, check=False)
        report = json.loads(done.stdout)
    noted = {finding["subject"] for finding in report["findings"]
             if finding["rule"] == "network-note"}
    for name, (_, _, wanted) in PROGRAMS.items():
        test.equal("/usr/bin/" + name in noted, wanted, "%s %s requests over a network" % (
            name, "takes" if wanted else "takes no"))
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
