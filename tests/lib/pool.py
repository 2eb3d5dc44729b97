# SPDX-License-Identifier: BSD-2-Clause
"""Debian packages by their place in the archive and their SHA-256, kept in the tests' cache."""
import hashlib
import os
import subprocess
import urllib.request

import archives

# Packages of a release that is no longer served move to the second.
MIRRORS = ("http://deb.debian.org/debian", "http://archive.debian.org/debian")


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _download(row, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for mirror in MIRRORS:
        try:
            with urllib.request.urlopen("%s/%s" % (mirror, row["file"]), timeout=120) as reply:
                data = reply.read()
        except OSError:
            continue
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.rename(path + ".new", path)
        return


def unpacked(row):
    """The folder of a package; "" when it cannot be had as the row describes it."""
    path = os.path.join(archives.CACHE, "pool", row["sha256"] + ".deb")
    folder = path[:-len(".deb")]
    if os.path.isdir(folder):
        return folder
    if not os.path.exists(path):
        _download(row, path)
    if not os.path.exists(path) or _sha256(path) != row["sha256"]:
        return ""
    subprocess.run(["dpkg-deb", "-x", path, folder + ".new"], check=True)
    os.rename(folder + ".new", folder)
    return folder
