#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How many licence tags of this machine's DEP-5 files map to an SPDX expression through
data/licence-names.tsv and data/licences.tsv.

A use is one licence name in one License field; each distinct copyright file is read once, however
many packages link to it. A name that is local to its file maps to nothing on purpose: it becomes a
LicenseRef. Copyleft uses are those of names that map to a copyleft licence, or whose spelling
claims a copyleft family though they map to nothing. Fields are counted beside: one with a local
name in it counts as not mapped.

Exit status: 0 when both targets are met, 1 otherwise.

usage: tags.py [-v] [--all] [FOLDER]     FOLDER: default /usr/share/doc
-v: every unmapped name with the files that use it; --all: not only the 40 most frequent"""
import argparse
import collections
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
DATA = os.path.join(HERE, os.pardir, os.pardir, "data")
TARGET_ALL, TARGET_COPYLEFT = 0.92, 0.99
COPYLEFT_CLASSES = {"weak-file", "weak-library", "strong", "network"}
COPYLEFT_WORDS = re.compile(
    r"gpl|gfdl|fdl|\bgnu\b|gcc|\bmpl|\bnpl|cddl|\bepl|eupl|\bcpl|\bosl|cecill|apsl|sleepycat|\bqpl"
    r"|cc-by-.*sa|sspl|copyleft|bison|autoconf|libtool|classpath|\bofl", re.IGNORECASE)


def table(name):
    """Rows of a table as dictionaries."""
    with open(os.path.join(DATA, name + ".tsv"), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


class Names:
    """The mapping: a name, or None where it maps to nothing."""

    def __init__(self):
        self.classes = {row["spdx_id"].lower(): row["class"] for row in table("licences")}
        self.ids = {row["spdx_id"].lower(): row["spdx_id"] for row in table("licences")
                    if not row["spdx_id"].startswith("LicenseRef-")}
        rows = [row for row in table("licence-names") if row["ecosystem"] == "debian-dep5"]
        self.aliases = {row["alias"].lower(): row["spdx"] for row in rows}
        self.confidence = {row["alias"].lower(): row["confidence"] for row in rows}

    def __call__(self, name):
        """A name as DEP-5 has it; also the deprecated forms of SPDX ("GPL-2.0+")."""
        key = " ".join(name.split()).lower()
        found = self.aliases.get(key) or self.ids.get(key)
        if found:
            return found
        gnu = re.fullmatch(r"(a|l|)gpl-(\d)(\.\d)?(\+?)", key)
        if gnu:
            version = gnu.group(2) + (gnu.group(3) or ".0")
            key = "%sgpl-%s-%s" % (gnu.group(1), version, "or-later" if gnu.group(4) else "only")
        return self.ids.get(key)

    def how(self, name):
        """The confidence of the mapping of a mapped name; or that SPDX has no id for it."""
        key = " ".join(name.split()).lower()
        if self(name).startswith("LicenseRef-"):
            return "no id in SPDX"
        return self.confidence.get(key, "high") + " confidence"

    def is_copyleft(self, name):
        mapped = self(name)
        if mapped is None:
            return bool(COPYLEFT_WORDS.search(name))
        words = re.split(r"[ ()]+", mapped)
        return any(self.classes.get(word.lower()) in COPYLEFT_CLASSES for word in words)


def split(text, names):
    """The single names of an expression; a name that the tables hold whole stays whole."""
    text = " ".join(text.split())
    if names(text) is not None:
        return [text]
    for pattern in (r",\s*(?:and|or)\s+", r"\s+or\s+", r"\s+and\s+"):
        parts = [part for part in re.split(pattern, text, flags=re.IGNORECASE) if part]
        if len(parts) > 1:
            return [name for part in parts for name in split(part, names)]
    return [text]


def paragraphs(text):
    """Paragraphs as lists of (field in small letters, first line of its value)."""
    fields = []
    for line in text.splitlines() + [""]:
        if not line.strip():
            if fields:
                yield fields
            fields = []
        elif not line.startswith((" ", "\t", "#")) and ":" in line:
            name, _, value = line.partition(":")
            fields.append((name.strip().lower(), value.strip()))


def tags(text):
    """The first lines of all License fields, when this is a DEP-5 file; else None."""
    found = list(paragraphs(text))
    if not found or not re.search(r"copyright-format|dep-?5", dict(found[0]).get("format", ""),
                                  re.IGNORECASE):
        return None
    return [value for fields in found for name, value in fields if name == "license" and value]


def copyright_files(folder):
    real = {os.path.realpath(os.path.join(folder, package, "copyright"))
            for package in os.listdir(folder)}
    return sorted(path for path in real if os.path.isfile(path))


class Count:
    def __init__(self, what, target=None):
        self.what, self.target, self.mapped, self.all = what, target, 0, 0

    def add(self, mapped):
        self.mapped += mapped
        self.all += 1

    def met(self):
        return self.all > 0 and self.mapped >= self.target * self.all

    def __str__(self):
        target = " (target %.0f %%)" % (100 * self.target) if self.target else ""
        return "%s: %d / %d = %.2f %%%s" % (self.what, self.mapped, self.all,
                                            100 * self.mapped / max(1, self.all), target)


def main():
    parser = argparse.ArgumentParser(description="licence tags of DEP-5 files mapped to SPDX")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("folder", nargs="?", default="/usr/share/doc")
    options = parser.parse_args()
    names = Names()
    uses, copyleft = Count("tags: uses", TARGET_ALL), Count("tags: copyleft uses", TARGET_COPYLEFT)
    fields, copyleft_fields = Count("fields"), Count("fields with a copyleft name")
    distinct, unmapped, how = set(), collections.Counter(), collections.Counter()
    where = collections.defaultdict(set)
    files = machine_readable = 0
    for path in copyright_files(options.folder):
        with open(path, encoding="utf-8", errors="replace") as file:
            found = tags(file.read())
        files += 1
        if found is None:
            continue
        machine_readable += 1
        for text in found:
            parts = split(text, names)
            missing = [name for name in parts if names(name) is None]
            fields.add(not missing)
            if any(names.is_copyleft(name) for name in parts):
                copyleft_fields.add(not missing)
            for name in parts:
                uses.add(name not in missing)
                if name not in missing:
                    how[names.how(name)] += 1
                if names.is_copyleft(name):
                    copyleft.add(name not in missing)
            distinct.update(parts)
            for name in missing:
                unmapped[name] += 1
                where[name].add(path)
    for name, count in sorted(unmapped.items(), key=lambda item: (-item[1], item[0]))[
            :None if options.all or options.verbose else 40]:
        mark = "copyleft? " if names.is_copyleft(name) else ""
        print("%6d %s%s%s" % (count, mark, name, "".join(
            "\n            " + path for path in sorted(where[name])) if options.verbose else ""))
    print("%d copyright files, %d of them DEP-5; %d distinct names, %d mapped" % (
        files, machine_readable, len(distinct), len(distinct) - len(unmapped)))
    print("mapped uses: " + ", ".join("%d %s" % (count, what) for what, count in how.most_common()))
    for count in (fields, copyleft_fields, uses, copyleft):
        print(count)
    return 0 if uses.met() and copyleft.met() else 1


if __name__ == "__main__":
    sys.exit(main())
