#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Licences of libraries whose debug information was split off into a package of its own, as Debian's
-dbg and -dbgsym packages hold it: Debian 12's packages, fetched with apt, each pair in a root of its
own. Beside each library stands what its copyright file says of the sources it is made of, as read by
hand. Without the debug package, fewer are told.

usage: debug_packages.py [--elfleft FILE]"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

CACHE = os.path.expanduser("~/.cache/elfleft-tests/dbg")
TRUTH = {  # package -> (package with its debug information, licence, what that rests on)
    "libopencsg1": ("libopencsg1-dbg", "GPL-2.0-or-later AND Zlib",
                    "src/* by Files: *, RenderTexture/* of its own stanza; glew/* is not built"),
    "libdotconf0": ("libdotconf0-dbg", "LGPL-2.1-only",
                    "src/dotconf.c by Files: *; src/readdir.* (Apache-1.1) is for Windows alone"),
    "libcerf1": ("libcerf1-dbg", "MIT", "lib/* by its stanza"),
    "libkibi0": ("libkibi-dbg", "ISC", "one stanza over all"),
    "liblua5.4-0": ("liblua5.4-0-dbg", "MIT", "one stanza over all"),
    "librtfilter1": ("librtfilter1-dbg", "LGPL-3.0-or-later", "one stanza over code"),
    "libxdg-basedir1": ("libxdg-basedir1-dbg", "MIT", "src/basedir.c by Files: *"),
}
SAYS = "that debug information names"


def fetch(package):
    found = glob.glob(os.path.join(CACHE, package + "_*.deb"))
    if not found:
        os.makedirs(CACHE, exist_ok=True)
        subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package], cwd=CACHE, check=True,
                       stdout=subprocess.DEVNULL)
        found = glob.glob(os.path.join(CACHE, package + "_*.deb"))
    return found[0]


def install(root, package):
    """Unpacks a package and puts it into dpkg's database."""
    deb = fetch(package)
    subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    info = os.path.join(root, "var/lib/dpkg/info")
    os.makedirs(info, exist_ok=True)
    names = subprocess.run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$1" | tar t', "sh", deb],
                           capture_output=True, text=True, check=True).stdout
    with open(os.path.join(info, package + ":amd64.list"), "w", encoding="utf-8") as file:
        file.write("".join(name.rstrip("/").lstrip(".") + "\n" for name in names.splitlines() if name != "./"))
    control = subprocess.run(["dpkg-deb", "-f", deb], capture_output=True, text=True, check=True).stdout
    with open(os.path.join(root, "var/lib/dpkg/status"), "a", encoding="utf-8") as file:
        file.write(control.rstrip("\n") + "\nStatus: install ok installed\n\n")


def libraries(elfleft, root):
    done = subprocess.run([elfleft, "scan", "--root", root, "-f", "json"], stdout=subprocess.PIPE, check=True)
    return [file["origin"] for file in json.loads(done.stdout)["files"] if ".so." in file["path"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    options = parser.parse_args()
    wrong = before = 0
    for package, (debug, licence, _) in sorted(TRUTH.items()):
        with tempfile.TemporaryDirectory() as root:
            install(root, package)
            before += all(one["licence"] == licence and one["confidence"] != "low"
                          for one in libraries(options.elfleft, root))
            install(root, debug)
            found = libraries(options.elfleft, root)
        good = found and all(one["licence"] == licence and one["confidence"] != "low" and SAYS in one["detail"]
                             for one in found)
        wrong += not good
        print("%s: %s, %s%s" % (package, found[0]["licence"], found[0]["confidence"],
                                "" if good else ": WRONG, it is " + licence))
    print("debug packages: %d of %d right (%d without debug information)" % (
        len(TRUTH) - wrong, len(TRUTH), before))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
