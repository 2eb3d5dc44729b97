# SPDX-License-Identifier: BSD-2-Clause
"""Debian's releases as data/index/packages.tsv lists them: their static archives, by the projects
that data/index/projects.tsv names, and indexes of one release with a part of the projects left out."""
import concurrent.futures
import fnmatch
import os
import pathlib
import random
import re
import sys

import archives
import links

HERE = os.path.dirname(os.path.realpath(__file__))
DATA = os.path.join(HERE, os.pardir, os.pardir, "data")
os.environ.setdefault("ELFLEFT_CACHE", archives.CACHE)
sys.path.insert(0, os.path.join(DATA, "index"))
import build  # noqa: E402

FOLDS = 5
# In every index and scored nowhere: nearly every program has them.
RUNTIME = re.compile(r"(gcc-[0-9.]+|glibc)$")
# Other C libraries are not linked beside the C library.
C_LIBRARIES = ("dietlibc", "klibc", "musl", "newlib")
LARGEST = 1 << 20  # bytes of a package, so that a link takes a second


class Tables:
    """data/index: which project an archive of a source package is of, and a member of it."""

    def __init__(self):
        self.projects = build.read_table(build.HERE / "projects.tsv")
        self.carried = build.read_table(build.HERE / "carried.tsv")
        self.packages = build.read_table(build.HERE / "packages.tsv")
        self.changes = build.read_table(build.DATA / "licence-changes.tsv")

    def project(self, source, name):
        row = build.project_of(self.projects, source, name)
        return row["project"] if row else None

    def projects_of(self, source):
        return {row["project"] for row in build.rows_of(self.projects, source)}

    def of_release(self, distribution):
        return [row for row in self.packages if row["distribution"] == distribution]


def segments_key():
    """Segments of indexes stay good until the rules of fingerprints change."""
    header = os.path.join(HERE, os.pardir, os.pardir, "src", "binary", "function_facts.h")
    with open(header, encoding="ascii") as file:
        rules = re.search(r"define FACTS_FINGERPRINT_RULES (\d+)", file.read()).group(1)
    return os.environ.get("ELFLEFT_TEST_SEGMENTS") or "rules " + rules


def unpacked(row):
    """The folder with the archives of a package; "" of one that is larger than LARGEST."""
    folder = os.path.join(archives.CACHE, "archives", row["distribution"], row["package"])
    if not os.path.isdir(folder):
        data = build.fetch(row)
        if len(data) > LARGEST:
            return ""
        os.makedirs(folder + ".new", exist_ok=True)
        build.unpack(data, pathlib.Path(folder + ".new"))
        os.rename(folder + ".new", folder)
    return folder


def libraries(tables, distribution, jobs):
    """Every archive of a release that is of a project and defines a function, copies left out."""
    found, seen = [], set()
    rows = [row for row in tables.of_release(distribution)
            if not RUNTIME.match(row["source"]) and row["source"] not in C_LIBRARIES]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        folders = list(pool.map(unpacked, rows))
        paths = []
        for row, folder in zip(rows, folders):
            for directory, _, files in sorted(os.walk(folder)) if folder else ():
                for file in sorted(files):
                    project = tables.project(row["source"], file)
                    if file.endswith(".a") and not file.endswith(archives.OTHER_BUILDS) and project:
                        paths.append((os.path.join(directory, file), row["package"], project,
                                      row["source"]))
        for archive in pool.map(lambda one: archives.Archive(*one), paths):
            if archive.functions and archive.digest not in seen:
                seen.add(archive.digest)
                found.append(archive)
    return found


def runtime_names():
    """What the C library and the compiler define, which nobody looks for in another archive."""
    names = set()
    for folder in (os.path.join("/usr/lib", archives.MULTIARCH["amd64"]),
                   os.path.join("/usr/lib/gcc", archives.MULTIARCH["amd64"], "12")):
        for file in sorted(os.listdir(folder)):
            if file in links.GLIBC or file in ("libstdc++.a", "libgcc.a", "libgcc_eh.a"):
                try:
                    names |= archives.Archive(os.path.join(folder, file), "", "").defined
                except OSError:
                    continue
    return names


class Universe(links.Universe):
    """Archives of a release; whoever is asked for one is given one of a project first."""

    def __init__(self, found, tables):
        super().__init__(found)
        self.tables = tables
        # Templates are in every archive that uses them.
        runtime = runtime_names()
        self.definers = {}
        for archive in found:
            for name in archive.functions - runtime:
                self.definers.setdefault(name, []).append(archive)
        self.by_component = {}
        for archive in found:
            self.by_component.setdefault(archive.component, []).append(archive)

    def choose(self, rng, count):
        chosen = rng.sample(sorted(self.by_component), min(count, len(self.by_component)))
        return [rng.choice(self.by_component[component]) for component in chosen]

    def component_of(self, path, member):
        if path in self.by_path:
            return links.carried(self.by_path[path], member)
        if not path.endswith(".a"):
            return None
        # The C library's and the compiler's own.
        name = os.path.basename(path)
        source = "gcc-12" if "/gcc/" in path or not self.tables.project("glibc", name) else "glibc"
        for row in build.rows_of(self.tables.carried, source):
            if fnmatch.fnmatch(name, row["files"]) and fnmatch.fnmatchcase(
                    member, row["members"].replace("{v}", "[0-9.]*")):
                return row["project"]
        return self.tables.project(source, name)


def universes(found, tables):
    """(for programs, for shared libraries), as links.universes()."""
    return (Universe(found, tables),
            Universe([archive for archive in found
                      if links.is_position_independent(archive, "amd64")], tables))


# ---- indexes ----

def runtime_projects(tables):
    """What is in every index, and what it carries."""
    names = set()
    for table in (tables.projects, tables.carried):
        names |= {row["project"] for row in table if row["source"].startswith(("gcc-1", "glibc"))}
    return names


class Folds:
    """Indexes of a release's projects but one fifth, which a fifth of the links is looked up in."""

    def __init__(self, tables, distribution, seed, elfleft, folder, jobs):
        rows = tables.of_release(distribution)
        key, elfleft = segments_key(), os.path.realpath(elfleft)
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            made = list(pool.map(
                lambda row: build.segment(row, tables.projects, tables.carried, tables.changes,
                                          elfleft, key), rows))
        parts = self._divide(tables, rows, seed)
        self.paths, self.projects = [], []
        for number, sources in enumerate(parts):
            path = os.path.join(folder, "%s-%d.idx" % (distribution, number))
            build.merge(elfleft, [one for row, one in zip(rows, made)
                                  if one and row["source"] in sources], path)
            self.paths.append(path)
            self.projects.append(set().union(*(tables.projects_of(source) for source in sources)))
        self.known = set().union(*self.projects)

    @staticmethod
    def _divide(tables, rows, seed):
        """Sources by fold, those of one project together; the last: those in every index."""
        groups, common = {}, set()
        for source in sorted({row["source"] for row in rows}):
            if RUNTIME.match(source):
                common.add(source)
            else:
                groups.setdefault(max(tables.projects_of(source), default=source), set()).add(source)
        names = sorted(groups)
        random.Random("folds " + seed).shuffle(names)
        return [set().union(*(groups[name] for name in names[fold::FOLDS]))
                for fold in range(FOLDS)] + [common]

    def indexes(self, number):
        """Of link number: files of the index without its fold."""
        return [path for fold, path in enumerate(self.paths) if fold != number % FOLDS]

    def runtime_index(self):
        """Of what is in every index alone."""
        return self.paths[-1:]

    def held(self, number):
        """Projects that those indexes do not know."""
        others = [projects for fold, projects in enumerate(self.projects) if fold != number % FOLDS]
        return self.projects[number % FOLDS] - set().union(*others)
