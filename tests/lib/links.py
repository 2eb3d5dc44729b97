# SPDX-License-Identifier: BSD-2-Clause
"""Seeded links of random parts of static archives, with the truth of what went into them."""
import fnmatch
import functools
import os
import random
import shutil
import subprocess

import linkmap
from archives import CACHE

# gold makes no static-pie: it does not know --no-dynamic-linker, which gcc gives it.
RECIPES = [(mode, linker) for mode in ("static", "static-pie", "pie", "shared")
           for linker in ("bfd", "gold", "lld") if (mode, linker) != ("static-pie", "gold")]
CARRIED = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, os.pardir, "data",
                       "index", "carried.tsv")
PREFIX = {"amd64": "", "arm64": "aarch64-linux-gnu-"}
# Archives of the compiler and the C library, by the folder they come from.
TOOLCHAIN = (("libgcc", "gcc"), ("libgcc_eh", "gcc"), ("libstdc++", "gcc"), ("libsupc++", "gcc"),
             ("libatomic", "gcc"), ("libgomp", "gcc"), ("libquadmath", "gcc"))
GLIBC = ["lib%s.a" % name for name in ("c", "m-2.36", "m", "mvec", "pthread", "dl", "rt", "util",
                                       "resolv", "crypt", "anl", "c_nonshared",
                                       "pthread_nonshared", "BrokenLocale")]
LARGEST_GROUP = 12


def can_link(arch):
    return shutil.which(PREFIX[arch] + "g++") is not None


def lld_folder():
    """A folder in which a cross compiler finds lld, which is one program for all machines."""
    folder = os.path.join(CACHE, "lld")
    os.makedirs(folder, exist_ok=True)
    link = os.path.join(folder, "ld.lld")
    if not os.path.islink(link):
        os.symlink(shutil.which("ld.lld"), link)
    return folder


def is_position_independent(archive, arch):
    """Whether all of an archive links into a shared library; remembered by its digest."""
    cache = os.path.join(CACHE, "symbols", archive.digest + ".pic")
    if not os.path.exists(cache):
        done = subprocess.run([PREFIX[arch] + "ld.bfd", "-shared", "-o", os.devnull, "-z", "text",
                               "-z", "muldefs", "--whole-archive", archive.path],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        with open(cache, "w", encoding="ascii") as file:
            file.write("no" if done.returncode else "yes")
    with open(cache, encoding="ascii") as file:
        return file.read() == "yes"


@functools.lru_cache
def read_carried():
    """(source, archives, members, project) of objects that are copies of another project."""
    rows = []
    if os.path.exists(CARRIED):
        with open(CARRIED, encoding="utf-8") as file:
            for line in file:
                fields = line.rstrip("\n").split("\t")
                if not line.startswith("#") and fields[0] != "source":
                    rows.append(tuple(fields[:4]))
    return rows


def carried_rows(archive):
    """(members, project) that apply to an archive."""
    return [row[2:] for row in read_carried()
            if row[0] == archive.source and fnmatch.fnmatch(archive.name, row[1])]


def carried(archive, member):
    """The project a member is of: that of its archive, or the one it was copied from."""
    for members, project in carried_rows(archive):
        if fnmatch.fnmatchcase(member, members.replace("{v}", "[0-9.]*")):
            return project
    return archive.component


class Universe:
    """Archives of one architecture, and who defines what."""

    def __init__(self, archives):
        self.archives = archives
        self.by_path = {archive.path: archive for archive in archives}
        self.definers = {}
        for archive in archives:
            for name in archive.defined:
                self.definers.setdefault(name, []).append(archive)

    def choose(self, rng, count):
        return rng.sample(self.archives, count)

    def closure(self, chosen, rng):
        """The archives that define what the chosen ones ask for, and so on, up to a bound."""
        group, queue = list(chosen), list(chosen)
        defined = set().union(*(archive.defined for archive in group))
        while queue and len(group) < LARGEST_GROUP:
            archive = queue.pop(0)
            for name in sorted(archive.undefined):
                if name in defined or name not in self.definers or len(group) >= LARGEST_GROUP:
                    continue
                other = rng.choice(self.definers[name])
                group.append(other)
                queue.append(other)
                defined |= other.defined
        return group

    def component_of(self, path, member):
        """The component an input file of the linker belongs to; None: our own or the linker's."""
        if path in self.by_path:
            return carried(self.by_path[path], member)
        name = os.path.basename(path).split(".")[0]
        for prefix, component in TOOLCHAIN:
            if name == prefix:
                return component
        if path.endswith(".a"):
            return "glibc"
        return None


def universes(archives, arch):
    """(for programs, for shared libraries): the second without what is no position-independent."""
    return (Universe(archives), Universe([archive for archive in archives
                                          if is_position_independent(archive, arch)]))


class Link:
    """One link: its recipe from a seed, and after make() what is in it."""

    def __init__(self, universes, arch, number, seed):
        rng = random.Random("%s %s %d" % (seed, arch, number))
        self.arch = arch
        self.mode, self.linker = rng.choice(RECIPES)
        universe = self.universe = universes[self.mode == "shared"]
        self.chosen = universe.choose(rng, rng.randint(1, 5))
        self.whole = self.chosen[0] if rng.random() < 0.15 else None
        self.symbols = []
        for archive in self.chosen:
            names = sorted(archive.functions)
            self.symbols += rng.sample(names, min(len(names), rng.choice((1, 2, 4, 8, 16, 32))))
        self.group = universe.closure(self.chosen, rng)
        self.name = "%s-%04d-%s-%s" % (arch, number, self.mode, self.linker)

    def command(self, source, output, map_file):
        driver = PREFIX[self.arch] + "g++"
        search = ["-B" + lld_folder()] if self.arch != "amd64" and self.linker == "lld" else []
        flags = {"static": ["-static", "-no-pie"], "static-pie": ["-static-pie"],
                 "pie": ["-pie"], "shared": ["-shared"]}[self.mode]
        command = [driver, *search, "-O2", "-fPIC", *flags, "-fuse-ld=" + self.linker, "-x", "c", source,
                   "-x", "none", "-o", output, "-Wl,-Map=" + map_file, "-Wl,-z,muldefs",
                   "-Wl,--unresolved-symbols=ignore-all", "-Wl,--no-fatal-warnings", "-w"]
        command += ["-Wl,-u," + name for name in self.symbols]
        if self.whole:
            command += ["-Wl,--whole-archive", self.whole.path, "-Wl,--no-whole-archive"]
        return command + ["-Wl,--start-group", *(archive.path for archive in self.group),
                          "-Wl,--end-group"]

    def make(self, folder):
        """Links and strips; gives (stripped file, file with symbols), or None with self.error."""
        source = os.path.join(folder, self.name + ".c")
        full = os.path.join(folder, self.name + ".full")
        stripped = os.path.join(folder, self.name)
        map_file = os.path.join(folder, self.name + ".map")
        with open(source, "w", encoding="ascii") as file:
            file.write("int main(int count, char **list) { return count + (list != 0); }\n")
        done = subprocess.run(self.command(source, full, map_file), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        os.unlink(source)
        if done.returncode:
            self.error = done.stdout.decode("utf-8", "replace").strip().splitlines()[-2:]
            return None
        subprocess.run([PREFIX[self.arch] + "strip", "-o", stripped, full], check=True)
        pieces = linkmap.read_map(map_file, self.linker)
        self._account(pieces, linkmap.code_of_sources(pieces, linkmap.functions(full)))
        sources = {source for _, _, source in linkmap.read_map(map_file, self.linker, linkmap.is_any)}
        self.present = {self.universe.component_of(*linkmap.split_member(source))
                        for source in sources} - {None}
        os.unlink(map_file)
        return stripped, full

    def _account(self, pieces, functions):
        """components: bytes of code by component; sources: the projects whose archives they came in,
        by component; functions: address -> what is true of it. Beside these, present: components
        of which anything is loaded, code or not."""
        self.components, self.sources = {}, {}
        for start, end, source in pieces:
            path, member = linkmap.split_member(source)
            component = self.universe.component_of(path, member)
            if component:
                known = self.universe.by_path.get(path)
                self.components[component] = self.components.get(component, 0) + end - start
                self.sources.setdefault(component, set()).add(
                    known.component if known else component)
        self.functions = {}
        for address, (size, names, source) in functions.items():
            archive, member = linkmap.split_member(source)
            self.functions[address] = (size, names, self.universe.component_of(archive, member),
                                       archive, member)
