# SPDX-License-Identifier: BSD-2-Clause
"""Wheels as packaging tools write them: RECORD, zip files, and the renaming of auditwheel."""
import base64
import glob
import hashlib
import os
import subprocess
import zipfile


def record(items, prefix):
    """The RECORD of (name, content) pairs, as bytes; prefix: the .dist-info folder."""
    lines = ["%s,sha256=%s,%d" % (name, base64.urlsafe_b64encode(hashlib.sha256(data).digest())
                                  .rstrip(b"=").decode(), len(data)) for name, data in items]
    return ("\n".join(lines) + "\n%s/RECORD,,\n" % prefix).encode()


def write(path, files, prefix, old_record=None, level=zipfile.ZIP_DEFLATED):
    """A wheel of {name: content}."""
    with zipfile.ZipFile(path, "w", level) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(prefix + "/RECORD", old_record or record(files.items(), prefix))


def paths_of(folder):
    return sorted(os.path.relpath(os.path.join(directory, name), folder)
                  for directory, _, names in os.walk(folder) for name in names)


def contents_of(folder):
    for name in paths_of(folder):
        if not name.endswith("/RECORD"):
            with open(os.path.join(folder, name), "rb") as file:
                yield name, file.read()


def write_record(folder):
    """Writes RECORD of an unpacked wheel anew."""
    info = glob.glob(os.path.join(folder, "*.dist-info"))[0]
    with open(os.path.join(info, "RECORD"), "wb") as file:
        file.write(record(contents_of(folder), os.path.basename(info)))


def zip_folder(folder, path, level=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", level, compresslevel=1) as archive:
        for name in paths_of(folder):
            archive.write(os.path.join(folder, name), name)


def graft(folder, member, package):
    """Moves a library of an unpacked wheel to where auditwheel puts it, under a name with a hash, which
    becomes its SONAME, with an RPATH to its new neighbours."""
    stem, dot, suffix = os.path.basename(member).partition(".so")
    target = os.path.join(folder, package + ".libs", stem + "-0a1b2c3d" + dot + suffix)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.rename(os.path.join(folder, member), target)
    subprocess.run(["patchelf", "--set-soname", os.path.basename(target), "--set-rpath", "$ORIGIN",
                    "--force-rpath", target], check=True)
    return target
