#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How often what is said to be inside is so, by the basis of the claim and its word, on links of
builds that the index does not have: data/confidence.tsv.

Two populations, each of seeded links in the ways tests/lib/links.py lists, told from what a scan
reports of the files and judged by the linker's own map alone:

  releases   static archives of Debian 11 and 13 (data/index/packages.tsv), stripped: by functions
             where a build left them as they were, else by texts; and not stripped, with an index
             of the C library alone: by names of functions
  described  libraries compiled here from upstream's sources by several compilers, in the folders
             that upstream names, with debug information; beside them programs, tests and helpers
             of the same trees, which are not the library; stripped as above

Claims by code are counted too, which on such builds are less sure than the rows say that embedded.py
counted on builds of the index. The index is of Debian 12 alone, in five folds: each link is looked
up in an index without a fifth of the projects, whose code must not be named. A claim of a project of
which the map has no byte is wrong, whatever made it; copies that data/index/carried.tsv lists are the
project they were copied from. The C library and the compiler's own archives are in every link, and
not counted. Links of one seed hold the same library again and again, so that the number of projects
is printed beside n.

What was used when bounds were chosen: links of embedded.py with seeds 1, 78, 91 and 92, and
the programs of tests/truth/static-programs.tsv; seeds 100 and 102 of this one showed what
data/index/carried.tsv lacked. Exits with 1 when a rate is below the interval that
data/confidence.tsv states, by more than chance.

usage: confidence.py [--links N] [--seed TEXT] [--population NAME ...] [--elfleft FILE] [-v]"""
import argparse
import collections
import concurrent.futures
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, "lib")]
import compilers  # noqa: E402
import described  # noqa: E402
import links  # noqa: E402
import releases  # noqa: E402
import said  # noqa: E402
from rates import rate, wilson  # noqa: E402

INDEXED = "debian-12"
ATTEMPTS = 8
# What rows are of; those by code are of embedded.py, on builds that the index has.
BASES = ("texts", "debug information", "symbol names")
LARGE = 4096  # bytes of code of a library that is asked for in the recall


class Made:
    """One link: the files and what is in them."""

    def __init__(self, number, link, paths):
        self.number, self.name = number, link.name
        self.stripped, self.full = paths
        self.components, self.present = link.components, link.present


def make_link(universes, number, seed, folder):
    """None when the linker refuses all that is drawn."""
    for attempt in range(ATTEMPTS):
        link = links.Link(universes, "amd64", number, "%s/%d" % (seed, attempt))
        paths = link.make(folder)
        if paths:
            return Made(number, link, paths)
    return None


class Score:
    def __init__(self, options, tables):
        self.options = options
        self.runtime = releases.runtime_projects(tables)
        self.tally, self.counts = said.Tally(), collections.Counter()
        self.notes = []

    def add_claims(self, made, found, bases):
        """Counts claims of one file by some bases; gives the names of those."""
        names = set()
        for claim in found:
            if claim.name in self.runtime or claim.basis not in bases:
                continue
            names.add(claim.name)
            is_so = claim.name in made.present
            self.tally.add(claim, is_so)
            if not is_so or self.options.verbose:
                self.notes.append("  %s %s: %s, %s by %s: %s" % (
                    "so   " if is_so else "WRONG", made.name, claim.name, claim.word, claim.basis,
                    claim.why))
        return names

    def add_recall(self, made, names, folds):
        held = folds.held(made.number)
        for component, size in made.components.items():
            if component in self.runtime or component not in folds.known or component in held or \
                    size < LARGE:
                continue
            self.counts["there"] += 1
            self.counts["claimed"] += component in names

    def show(self, title):
        print("%s: %d links (%d others the linker refused)" % (
            title, self.counts["links"], self.counts["refused"]))
        self.tally.show()
        print(rate("  projects of the index claimed", self.counts["claimed"],
                   self.counts["there"]))
        print("\n".join(self.notes), flush=True)


def score_fold(options, folds, fold, links_made, with_units):
    """(claims of stripped files, of those with symbols), by path."""
    indexes = folds.indexes(fold)
    stripped = said.claims(options.elfleft, indexes, [one.stripped for one in links_made],
                           "link,code")
    full = said.claims(options.elfleft, indexes if with_units else folds.runtime_index(),
                       [one.full for one in links_made], "link,code,debug")
    return stripped, full


def measure(options, tables, folds, title, universes, count):
    """Makes count links of a population and scores them."""
    score, with_units = Score(options, tables), title == "described"
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(make_link, universes, number, "%s %s" % (options.seed, title), folder)
                for number in range(count)]
        made = [job.result() for job in jobs]
        score.counts["refused"] = made.count(None)
        made = [one for one in made if one]
        score.counts["links"] = len(made)
        groups = [[one for one in made if one.number % releases.FOLDS == fold]
                  for fold in range(releases.FOLDS)]
        results = pool.map(lambda fold: score_fold(options, folds, fold, groups[fold], with_units),
                           range(releases.FOLDS))
        for group, (stripped, full) in zip(groups, results):
            for one in group:
                names = score.add_claims(one, stripped[one.stripped], {"code", "texts"})
                score.add_recall(one, names, folds)
                score.add_claims(one, full[one.full], {"debug information", "symbol names"})
    score.show(title)
    return score


def populations(options, tables):
    """(name, universes)"""
    for distribution in ("debian-11", "debian-13"):
        if "releases" in options.population:
            found = releases.libraries(tables, distribution, options.jobs)
            print("%s: %d archives of %d projects" % (
                distribution, len(found), len({one.component for one in found})), flush=True)
            yield distribution, releases.universes(found, tables)
    if "described" in options.population:
        found = described.libraries(compilers.apt_options)
        print("described: %d archives of %d sources" % (
            len(found), len({one.package for one in found})), flush=True)
        yield "described", releases.universes(found, tables)


def passes(tally):
    """Whether no rate is below the published interval by more than chance."""
    bad = []
    for (basis, word), low in said.published().items():
        so, count = tally.so[basis, word], tally.said[basis, word]
        if basis in BASES and count and wilson(so, count)[1] < low:
            bad.append("%s by %s was so %d times of %d: less than %.3f" % (
                word, basis, so, count, low))
    for line in bad:
        print("NOT MET: " + line)
    return not bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=60, help="of each release; described: as many")
    parser.add_argument("--seed", default="101")
    parser.add_argument("--population", action="append", choices=("releases", "described"))
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.population = options.population or ["releases", "described"]
    missing = [tool for tool in ("g++", "clang", "make", "apt-get") if not shutil.which(tool)]
    if missing:
        print("confidence: SKIPPED, there is no %s" % ", ".join(missing))
        return 0
    tables, total = releases.Tables(), said.Tally()
    with tempfile.TemporaryDirectory() as folder:
        folds = releases.Folds(tables, INDEXED, options.seed, options.elfleft, folder, options.jobs)
        for title, universes in populations(options, tables):
            total.merge(measure(options, tables, folds, title, universes, options.links).tally)
    print("All of them, as rows of data/confidence.tsv:")
    print("\n".join(total.rows(BASES)))
    return 0 if passes(total) else 1


if __name__ == "__main__":
    sys.exit(main())
