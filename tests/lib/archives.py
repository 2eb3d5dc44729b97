# SPDX-License-Identifier: BSD-2-Clause
"""Static archives of Debian packages, downloaded once into a cache outside the tree."""
import hashlib
import json
import os
import subprocess

CACHE = os.environ.get("ELFLEFT_TEST_CACHE", os.path.expanduser("~/.cache/elfleft-tests"))
HERE = os.path.dirname(os.path.realpath(__file__))
PACKAGES = os.path.join(HERE, os.pardir, "truth", "link-packages.tsv")
MULTIARCH = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
# Other builds of the same objects (profiling, position-dependent copies) are no libraries of their
# own for a linker that was asked for one of them.
OTHER_BUILDS = ("_p.a", "_pic.a", "_g.a", "-debug.a")


def packages():
    """Names of packages whose archives take part in the links."""
    with open(PACKAGES, encoding="ascii") as file:
        rows = [line.split("\t")[0].strip() for line in file
                if line.strip() and not line.startswith("#")]
    return [row for row in rows if row != "package"]


def apt_options(arch):
    """A private state of apt for a foreign architecture, so that the host's is left as it is."""
    if arch == "amd64":
        return []
    base = os.path.join(CACHE, "apt-" + arch)
    options = ["-o", "APT::Architecture=" + arch, "-o", "APT::Architectures=" + arch,
               "-o", "Dir::State=%s/state" % base, "-o",
               "Dir::State::status=%s/state/status" % base, "-o", "Dir::Cache=%s/cache" % base]
    if not os.path.isdir(os.path.join(base, "state/lists")):
        os.makedirs(os.path.join(base, "state/lists/partial"), exist_ok=True)
        os.makedirs(os.path.join(base, "cache/archives/partial"), exist_ok=True)
        with open(os.path.join(base, "state/status"), "w", encoding="ascii"):
            pass
        subprocess.run(["apt-get", *options, "-qq", "update"], check=True)
    return options


def fetch(names, arch):
    """Downloads and unpacks; gives the folder of each package, without those apt does not have."""
    store = os.path.join(CACHE, "archives", arch)
    os.makedirs(store, exist_ok=True)
    missing = [name for name in names if not os.path.isdir(os.path.join(store, name))]
    for name in missing:
        done = subprocess.run(["apt-get", *apt_options(arch), "download", name], cwd=store,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        files = [file for file in os.listdir(store)
                 if file.startswith(name + "_") and file.endswith(".deb")]
        if done.returncode or not files:
            continue
        folder = os.path.join(store, name)
        subprocess.run(["dpkg-deb", "-x", os.path.join(store, files[0]), folder + ".new"],
                       check=True)
        os.rename(folder + ".new", folder)
    return {name: os.path.join(store, name) for name in names
            if os.path.isdir(os.path.join(store, name))}


def deb_of(folder):
    """The .deb a folder was unpacked from."""
    store, name = os.path.split(folder)
    return next(os.path.join(store, file) for file in sorted(os.listdir(store))
                if file.startswith(name + "_") and file.endswith(".deb"))


def source_of(folder):
    """(source package, version) of an unpacked package."""
    fields = {}
    text = subprocess.run(["dpkg-deb", "-f", deb_of(folder), "Package", "Version", "Source"],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        fields[key] = value
    source, _, version = fields.get("Source", fields["Package"]).partition(" ")
    return source, version.strip("()") or fields["Version"]


class Archive:
    """One .a file: who owns it, and which names it defines and asks for."""

    def __init__(self, path, package, component, source=None):
        self.path = path
        self.package = package
        self.component = component
        self.source = source or component  # of the package
        self.name = os.path.basename(path)
        self.functions, self.defined, self.undefined = self._symbols()

    def _symbols(self):
        with open(self.path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest() if hasattr(
                hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()
        self.digest = digest
        cache = os.path.join(CACHE, "symbols", digest + ".json")
        if os.path.exists(cache):
            with open(cache, encoding="utf-8") as file:
                return [set(names) for names in json.load(file)]
        functions, defined, undefined = set(), set(), set()
        text = subprocess.run(["nm", "-g", "-f", "posix", self.path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False).stdout
        for line in text.decode("utf-8", "replace").splitlines():
            fields = line.split(" ")
            if len(fields) < 2 or len(fields[1]) != 1:
                continue
            (undefined if fields[1] in "Uwv" else defined).add(fields[0])
            if fields[1] == "T":
                functions.add(fields[0])
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        with open(cache, "w", encoding="utf-8") as file:
            json.dump([sorted(functions), sorted(defined), sorted(undefined - defined)], file)
        return functions, defined, undefined - defined


def libraries(names, arch):
    """Every archive of the packages that defines a function, copies left out, by path."""
    found, seen = [], set()
    for package, folder in sorted(fetch(names, arch).items()):
        component = source_of(folder)[0]
        for directory, _, files in sorted(os.walk(folder)):
            for file in sorted(files):
                path = os.path.join(directory, file)
                if not file.endswith(".a") or file.endswith(OTHER_BUILDS) or \
                        os.path.islink(path) or MULTIARCH[arch] not in path + MULTIARCH[arch]:
                    continue
                archive = Archive(path, package, component)
                if archive.functions and archive.digest not in seen:
                    seen.add(archive.digest)
                    found.append(archive)
    return found
