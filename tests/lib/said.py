# SPDX-License-Identifier: BSD-2-Clause
"""What a scan says to be inside of files: components with the basis and the word of each claim; and
how often that was so."""
import collections
import json
import os
import subprocess

from rates import rate, wilson

BATCH = 32  # files of a run: an index is opened once for them
CONFIDENCE = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, os.pardir, "data",
                          "confidence.tsv")
WORDS = ("certain", "very likely", "likely")


class Claim:
    def __init__(self, edge):
        inside = edge["inside"]
        self.name, self.basis, self.word = edge["name"], inside["basis"], inside["confidence"]
        self.kind = inside["class"]
        self.why = "; ".join([one["detail"] for one in edge["evidence"]][:1] + [
            "%d functions, %d unique, %d texts, coverage %d" % (
                inside["functions"], inside["unique"], inside["texts"],
                inside["coverage_permille"])])


def claims(elfleft, indexes, paths, tiers):
    """Path -> claims that have a word which is a measure."""
    found = {path: [] for path in paths}
    for at in range(0, len(paths), BATCH):
        done = subprocess.run(
            [elfleft, "scan", "-q", "-j1", "-f", "json", "--tiers", tiers,
             *[word for index in indexes for word in ("--index", index)], *paths[at:at + BATCH]],
            stdout=subprocess.PIPE, check=False)
        for edge in json.loads(done.stdout)["edges"]:
            if edge["inside"] and edge["from"] in found and edge["inside"]["confidence"] in WORDS:
                found[edge["from"]].append(Claim(edge))
    return found


class Tally:
    """Claims counted by basis and word, and which projects they are of."""

    def __init__(self):
        self.said, self.so = collections.Counter(), collections.Counter()
        self.projects = collections.defaultdict(set)

    def add(self, claim, is_so):
        key = (claim.basis, claim.word)
        self.said[key] += 1
        self.so[key] += is_so
        self.projects[key].add(claim.name)

    def merge(self, other):
        self.said.update(other.said)
        self.so.update(other.so)
        for key, names in other.projects.items():
            self.projects[key] |= names

    def keys(self):
        return sorted(self.said, key=lambda key: (key[0], WORDS.index(key[1])))

    def show(self):
        for key in self.keys():
            print(rate("  %s, by %s" % (key[1], key[0]), self.so[key], self.said[key]) +
                  " of %d projects" % len(self.projects[key]))

    def rows(self, bases):
        """As they stand in data/confidence.tsv, without their source."""
        for key in self.keys():
            if key[0] not in bases:
                continue
            low, high = wilson(self.so[key], self.said[key])
            yield "%s\t%s\t%d\t%d\t%d\t%d" % (key[1], key[0], self.so[key], self.said[key],
                                              int(1000 * low), min(1000, -int(-1000 * high // 1)))


def published():
    """(basis, word) -> lower bound of the interval, of data/confidence.tsv."""
    with open(CONFIDENCE, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return {(row[1], row[0]): int(row[4]) / 1000 for row in rows[1:]}
