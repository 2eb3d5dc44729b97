#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the default index of fingerprints from Debian's static archives.

build.py index [--core] [-o FILE]   fetches what packages.tsv lists (by SHA-256), indexes it: one
                                    segment a package, kept in the cache, then all merged
build.py packages DISTRIBUTION ...  writes packages.tsv anew: packages of the sources of
                                    projects.tsv that ship a static archive, or the shared
                                    library that a row names
build.py licences                   fills in licences of projects.tsv: known-components.tsv first,
                                    then the stanza
                                    of the library's folder, or of "*", of the package's
                                    copyright file; rows that have one, or say why they have
                                    none, are left alone

The cache is $XDG_CACHE_HOME/elfleft or ~/.cache/elfleft; $ELFLEFT_CACHE names another.
Nothing of a package is executed; archives are taken out of the .deb by tarfile.
"""
import argparse
import concurrent.futures
import csv
import ctypes
import datetime
import fnmatch
import gzip
import hashlib
import io
import lzma
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent
MIRROR = "http://deb.debian.org/debian"
# Releases the mirror has moved away keep their pool there.
ARCHIVE = "http://archive.debian.org/debian"
RELEASES = {"bookworm": "debian-12", "trixie": "debian-13", "bullseye": "debian-11"}
# Where compilers look for archives and start files; elsewhere are data of programs.
ARCHIVES = re.compile(
    r"usr/lib(64)?/(x86_64-linux-(gnu|musl)/|aarch64-linux-gnu/|gcc/[a-z0-9_]+-linux-gnu/\d+/|"
    r"llvm-\d+/lib/|musl/|diet/|klibc/)?([^/]+/)*([^/]+\.a|[a-zA-Z]*crt[a-zA-Z0-9]*\.o)$")
# Of projects that Debian ships as shared libraries alone, whose row of projects.tsv names those.
LIBRARIES = re.compile(r"usr/lib/(x86_64|aarch64)-linux-gnu/[^/]+\.so\.[0-9.]+$")
NOT_ARCHIVES = re.compile(r"cross|hppa64|offload|mingw|-dbg$|^lib(32|x32|n32)|-(lib32|libx32)|testsuite|debug|-doc$")
PACKAGE_COLUMNS = ("sha256", "distribution", "architecture", "package", "version", "source",
                   "source_version", "file")
PROJECT_COLUMNS = ("source", "files", "project", "class", "core", "known", "licence",
                   "licence_source")
MANIFEST_COLUMNS = ("path", "name", "component", "class", "version", "licence", "source",
                    "source_version", "package", "distribution", "carrier", "members")


def cache():
    base = os.environ.get("ELFLEFT_CACHE")
    if not base:
        base = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                            os.path.expanduser("~/.cache"), "elfleft")
    path = pathlib.Path(base) / "index"
    path.mkdir(parents=True, exist_ok=True)
    return path


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("# ")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))


def write_table(path, columns, rows, comment=""):
    temporary = f"{path}.tmp"
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(comment)
        file.write("\t".join(columns) + "\n")
        for row in rows:
            fields = [row.get(column) or "" for column in columns]
            file.write("\t".join(fields) + "\n")
    os.replace(temporary, path)


def comment_of(path):
    with open(path, encoding="utf-8") as file:
        return "".join(line for line in file if line.startswith("# "))


# ---- fetching ----

def download(url):
    with urllib.request.urlopen(url, timeout=120) as reply:
        return reply.read()


def fetch(row):
    """The bytes of one package; from the cache if they are there and whole."""
    path = cache() / "debs" / f"{row['sha256']}.deb"
    if path.exists():
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == row["sha256"]:
            return data
    data = None
    for mirror in (MIRROR, ARCHIVE):
        try:
            data = download(f"{mirror}/{row['file']}")
            break
        except OSError as error:
            trouble = error
    if data is None:
        raise OSError(f"{row['file']}: {trouble}")
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        raise OSError(f"{row['file']}: its SHA-256 is not the one of packages.tsv")
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.{row['package']}")
    temporary.write_bytes(data)
    os.replace(temporary, path)
    return data


def members_of(data):
    """(name, bytes) of the ar(5) members of a .deb."""
    if data[:8] != b"!<arch>\n":
        raise ValueError("no .deb")
    at = 8
    while at + 60 <= len(data):
        name = data[at:at + 16].decode("ascii").strip().rstrip("/")
        size = int(data[at + 48:at + 58])
        yield name, data[at + 60:at + 60 + size]
        at += 60 + size + (size & 1)


def data_tar(data):
    for name, content in members_of(data):
        if not name.startswith("data.tar"):
            continue
        if name.endswith(".zst"):
            content = subprocess.run(["zstd", "-dc"], input=content, check=True,
                                     stdout=subprocess.PIPE).stdout
            return tarfile.open(fileobj=io.BytesIO(content))
        return tarfile.open(fileobj=io.BytesIO(content), mode="r:*")
    raise ValueError("no data.tar")


def libraries_of(projects):
    return [row["files"] for row in projects if ".so." in row["files"]]


def is_wanted(name, libraries):
    return bool(ARCHIVES.match(name)) or LIBRARIES.match(name) and any(
        fnmatch.fnmatchcase(os.path.basename(name), pattern) for pattern in libraries)


def unpack(data, folder, libraries=()):
    """Takes archives, start files and these libraries out; their names inside the package."""
    names = []
    with data_tar(data) as tar:
        for member in tar:
            name = member.name.lstrip("./")
            if not member.isreg() or ".." in name.split("/") or not is_wanted(name, libraries):
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tar.extractfile(member).read())
            names.append(name)
    return sorted(names)


# ---- what packages are ----

def upstream_version(version):
    """"2:6.2.1+dfsg1-1.1" is 6.2.1."""
    version = version.split(":", 1)[-1]
    version = version.rsplit("-", 1)[0] if "-" in version else version
    return re.split(r"[+~.](?:dfsg|ds|repack|really|debian|deb\d)", version)[0]


def rows_of(table, source):
    """Rows whose pattern of source packages fits."""
    return [row for row in table if fnmatch.fnmatchcase(source, row["source"])]


def project_of(projects, source, name):
    for row in rows_of(projects, source):
        if fnmatch.fnmatchcase(os.path.basename(name), row["files"]):
            return row
    return None


def licence_at(changes, project, version):
    """What licence-changes.tsv says of a version, read as src/evidence/embedded_stated.c does."""
    licence = ""
    for row in changes:
        if row["component"] != project:
            continue
        if ctypes.CDLL(None).strverscmp(version.encode(), row["before"].encode()) < 0:
            return row["licence"] or licence
        licence = row["later"]
    return licence


def manifest_rows(package, names, projects, carried, changes):
    """Rows of the manifest of one package; carried members come before the rest."""
    version = upstream_version(package["source_version"])
    for name in names:
        project = project_of(projects, package["source"], name)
        if not project:
            continue
        common = {
            "path": name, "name": name, "source": package["source"],
            "source_version": package["source_version"], "package": package["package"],
            "distribution": package["distribution"],
        }
        for row in rows_of(carried, package["source"]):
            if fnmatch.fnmatchcase(os.path.basename(name), row["files"]):
                yield dict(common, component=row["project"], version="", members=row["members"],
                           licence=row["licence"], carrier=project["project"],
                           **{"class": row["class"]})
        yield dict(common, component=project["project"], version=version, carrier="", members="",
                   licence=licence_at(changes, project["project"], version) or project["licence"],
                   **{"class": project["class"]})


# ---- build.py index ----

def segment(package, projects, carried, changes, elfleft, version):
    """One package as a segment; None when nothing of it is wanted."""
    names = {row["project"] for row in rows_of(projects, package["source"])}
    said = "\n".join("\t".join(sorted(f"{key}={value}" for key, value in row.items()))
                     for table in (rows_of(projects, package["source"]),
                                   rows_of(carried, package["source"]),
                                   [row for row in changes if row["component"] in names])
                     for row in table)
    key = hashlib.sha256(f"{version}\n{package}\n{said}".encode()).hexdigest()
    path = cache() / "segments" / f"{package['package']}-{key[:24]}.elfidx"
    if path.exists():
        return path if path.stat().st_size else None
    path.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as folder:
        folder = pathlib.Path(folder)
        names = unpack(fetch(package), folder,
                       libraries_of(rows_of(projects, package["source"])))
        rows = list(manifest_rows(package, names, projects, carried, changes))
        if not rows:
            path.touch()
            return None
        write_table(folder / "manifest.tsv", MANIFEST_COLUMNS, rows)
        done = subprocess.run(
            [elfleft, "index", "build", "-q", "-j1", "-o", path, "--manifest",
             folder / "manifest.tsv", "-f", f"text={folder / 'report'}"], check=False)
        if done.returncode not in (0, 2) or not path.exists():
            raise RuntimeError(f"{package['package']}: elfleft index build failed")
        if done.returncode == 2:
            report = (folder / "report").read_text(errors="replace")
            print(f"{package['package']}: {report[report.find('Diagnostics'):][:600]}",
                  file=sys.stderr)
    return path


def toolkit_rows():
    """NVIDIA's archives of the CUDA toolkits of this machine, by toolkit."""
    known = {row["component"]: row["licence"] for row in read_table(DATA / "known-components.tsv")}
    for folder in sorted({path.resolve() for path in pathlib.Path("/usr/local").glob("cuda-*")}):
        rows = []
        for row in read_table(HERE / "toolkits.tsv"):
            for path in folder.glob("lib64/" + row["file"]):
                rows.append({
                    "path": str(path.resolve()), "name": "lib64/" + row["file"],
                    "component": row["project"], "class": "library",
                    "version": folder.name.partition("-")[2], "licence": known[row["known"]],
                    "package": folder.name})
        if rows:
            yield folder.name, rows


def toolkit_segments(elfleft):
    for name, rows in toolkit_rows():
        path = cache() / "segments" / f"{name}.elfidx"
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            write_table(f"{folder}/manifest.tsv", MANIFEST_COLUMNS, rows)
            merge(elfleft, [], path, ["--manifest", f"{folder}/manifest.tsv"])
        yield path


def merge(elfleft, inputs, output, extra=()):
    subprocess.run([elfleft, "index", "build", "-q", "-o", output, *extra, "-f", "text=/dev/null",
                    *inputs], check=True)


def release_indexes(elfleft, packages, paths):
    """What is known of one release alone, for measuring how code of others is found."""
    for distribution in sorted(set(RELEASES.values())):
        chosen = [path for package, path in zip(packages, paths)
                  if path and package["distribution"] == distribution]
        if chosen:
            merge(elfleft, chosen, cache() / f"{distribution}.elfidx")


def command_index(options):
    tables = [read_table(HERE / "projects.tsv"), read_table(HERE / "carried.tsv"),
              read_table(DATA / "licence-changes.tsv")]
    projects = tables[0]
    packages = [row for row in read_table(HERE / "packages.tsv")
                if not options.distribution or row["distribution"] in options.distribution]
    version = hashlib.sha256(pathlib.Path(options.elfleft).read_bytes()).hexdigest()
    if options.stable_segments:
        version = options.stable_segments
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        done = list(pool.map(lambda row: segment(row, *tables, options.elfleft, version),
                             packages))
    segments = [path for path in done if path] + list(toolkit_segments(options.elfleft))
    full = pathlib.Path(options.output or cache() / "default.elfidx")
    merge(options.elfleft, segments, full)
    print(f"{full}: {full.stat().st_size} bytes, of {len(segments)} packages")
    if not options.output and not options.distribution:
        release_indexes(options.elfleft, packages, done)
    if options.core:
        keep = cache() / "core.txt"
        keep.write_text("".join(sorted({f"{row['project']}\n" for row in projects
                                        if row["core"] == "yes"})))
        merge(options.elfleft, [full], options.core, ["--keep", keep])
        print(f"{options.core}: {os.stat(options.core).st_size} bytes")


# ---- build.py packages ----

def stanzas(text):
    fields, key = {}, None
    for line in text:
        if line == "\n":
            if fields:
                yield fields
            fields, key = {}, None
        elif line[0] in " \t":
            if key:
                fields[key] += "\n" + line.strip()
        else:
            key, _, value = line.partition(":")
            fields[key] = value.strip()
    if fields:
        yield fields


def shipped_archives(release, architecture, libraries):
    url = f"{MIRROR}/dists/{release}/main/Contents-{architecture}.gz"
    found = set()
    with gzip.open(io.BytesIO(download(url)), "rt", encoding="utf-8") as lines:
        for line in lines:
            path, _, owners = line.rstrip("\n").rpartition(" ")
            if is_wanted(path.rstrip(), libraries):
                found.update(owner.rsplit("/", 1)[-1] for owner in owners.split(","))
    return found


def command_packages(options):
    projects = read_table(HERE / "projects.tsv")
    rows = []
    for release in options.release:
        archives = shipped_archives(release, options.architecture, libraries_of(projects))
        url = f"{MIRROR}/dists/{release}/main/binary-{options.architecture}/Packages.xz"
        with lzma.open(io.BytesIO(download(url)), "rt", encoding="utf-8") as text:
            for fields in stanzas(text):
                source, _, source_version = fields.get("Source", "").partition(" ")
                source = source or fields["Package"]
                if fields["Package"] not in archives or not rows_of(projects, source) or \
                        NOT_ARCHIVES.search(fields["Package"]):
                    continue
                rows.append({
                    "sha256": fields["SHA256"], "distribution": RELEASES[release],
                    "architecture": options.architecture, "package": fields["Package"],
                    "version": fields["Version"], "source": source,
                    "source_version": source_version.strip("()") or fields["Version"],
                    "file": fields["Filename"]})
    rows.sort(key=lambda row: (row["distribution"], row["architecture"], row["package"]))
    write_table(HERE / "packages.tsv", PACKAGE_COLUMNS, rows,
                f"# date: {datetime.date.today()}\n")
    print(f"packages.tsv: {len(rows)} packages of {len({row['source'] for row in rows})} sources")


# ---- build.py licences ----

def copyright_of(data):
    with data_tar(data) as tar:
        for member in tar:
            if re.match(r"(\./)?usr/share/doc/[^/]+/copyright$", member.name) and member.isreg():
                return tar.extractfile(member).read().decode("utf-8", "replace")
    return ""


def spdx_of(name, aliases, identifiers):
    """A DEP-5 expression as SPDX; "" when one of its names says nothing certain."""
    words = re.split(r"(\s+and\s+|\s+or\s+|,\s*)", name.strip())
    result = []
    for word in words:
        joint = word.strip().strip(",").lower()
        if joint in ("and", "or"):
            result.append(joint.upper())
        elif not joint:
            return ""
        else:
            found = aliases.get(word.strip().lower()) or identifiers.get(word.strip().lower())
            if not found:
                return ""
            result.append(found)
    return " ".join(result) if {"AND", "OR"} - set(result) else ""


def licence_of(text, project, aliases, identifiers):
    """(licence, the pattern it stands for): the library's own folder before the whole tree."""
    found = {}
    if not text.startswith("Format"):
        return "", ""
    for fields in stanzas(io.StringIO(text)):
        for pattern in fields.get("Files", "").split():
            if "License" in fields:
                found.setdefault(pattern, fields["License"].splitlines()[0])
    for pattern in (f"{project}/*", f"lib{project}/*", f"lib/{project}/*", f"src/{project}/*",
                    f"lib/lib{project}/*", f"src/lib{project}/*", "lib/*", "src/lib/*", "*"):
        if pattern in found:
            return spdx_of(found[pattern], aliases, identifiers), pattern
    return "", ""


def command_licences(_options):
    known = {row["component"]: row["licence"] for row in read_table(DATA / "known-components.tsv")}
    aliases = {row["alias"].lower(): row["spdx"] for row in read_table(DATA / "licence-names.tsv")
               if row["ecosystem"] == "debian-dep5" and row["confidence"] == "high"}
    identifiers = {row["spdx_id"].lower(): row["spdx_id"]
                   for row in read_table(DATA / "licences.tsv")}
    packages = {}
    for row in read_table(HERE / "packages.tsv"):
        packages.setdefault(row["source"], row)
    rows = read_table(HERE / "projects.tsv")
    for row in rows:
        if row["known"]:
            row["licence"], row["licence_source"] = known[row["known"]], "known-components.tsv"
        elif not row["licence"] and not row["licence_source"]:
            package = next((packages[source] for source in packages
                            if fnmatch.fnmatchcase(source, row["source"])), None)
            if not package:
                continue
            text = copyright_of(fetch(package))
            row["licence"], pattern = licence_of(text, row["project"], aliases, identifiers)
            row["licence_source"] = f"Debian {package['package']} copyright, Files: {pattern}" \
                if row["licence"] else ""
    write_table(HERE / "projects.tsv", PROJECT_COLUMNS, rows, comment_of(HERE / "projects.tsv"))
    print(f"projects.tsv: {sum(not row['licence'] for row in rows)} of {len(rows)} without a licence")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    index = commands.add_parser("index")
    index.add_argument("-o", "--output")
    index.add_argument("--core", metavar="FILE", help="write the core index to FILE too")
    index.add_argument("--elfleft", default=DATA.parent / "build" / "elfleft")
    index.add_argument("--distribution", action="append",
                       help="only of this one, for example debian-12; may be repeated")
    index.add_argument("--stable-segments", metavar="KEY",
                       help="take segments of an earlier build of elfleft with the same KEY")
    index.add_argument("-j", "--jobs", type=int, default=2)
    index.set_defaults(run=command_index)
    packages = commands.add_parser("packages")
    packages.add_argument("release", nargs="+", choices=sorted(RELEASES))
    packages.add_argument("--architecture", default="amd64")
    packages.set_defaults(run=command_packages)
    commands.add_parser("licences").set_defaults(run=command_licences)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
