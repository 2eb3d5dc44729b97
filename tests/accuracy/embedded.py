#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is statically inside: seeded links of random parts of Debian's static archives, told from
the stripped result alone, against the linker's own map.

Every link is made of archives of tests/truth/link-packages.tsv, in one of the ways RECIPES lists.
Five indexes are built, each without a fifth of the projects; link N is looked up in index N modulo
five, so that what is held out is unknown code, which must not be named. The C library and the
compiler's own archives are in every index and are scored apart, since nearly every link has them.

Prints components (precision, recall, 95 % intervals by Wilson, n) and functions (found, wrong
names); exits with 1 below the bounds given.

usage: embedded.py [--links N] [--seed TEXT] [--arch amd64,arm64] [--build DIR] [-v]"""
import argparse
import collections
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import archives  # noqa: E402
import links  # noqa: E402
from rates import rate  # noqa: E402

FOLDS = 5
SMALLEST = {"amd64": 48, "arm64": 64}  # bytes of a function that can be told apart
RUNTIME = ("glibc", "gcc")
RUNTIME_PARTS = {
    "amd64": ("/usr/lib/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-linux-gnu/12"),
    "arm64": ("/usr/aarch64-linux-gnu/lib", "/usr/lib/gcc-cross/aarch64-linux-gnu/12"),
}
COLUMNS = ("path", "name", "component", "class", "version", "licence", "source", "source_version",
           "package", "distribution", "carrier", "members")


def runtime_rows(arch):
    """The archives of the C library and of the compiler that are installed here."""
    for component, kind, folder in (("glibc", "library", RUNTIME_PARTS[arch][0]),
                                    ("gcc", "toolchain", RUNTIME_PARTS[arch][1])):
        for file in sorted(os.listdir(folder)):
            path = os.path.join(folder, file)
            if not file.endswith(".a") or (component == "glibc" and file not in links.GLIBC):
                continue
            with open(path, "rb") as start:
                is_archive = start.read(8) == b"!<arch>\n"
            if is_archive:
                yield (path, file, component, kind, "", "", component, "", component, "", "", "")


def library_rows(found, arch):
    for archive in found:
        source, version = archives.source_of(archives.fetch([archive.package], arch)[
            archive.package])
        for members, project in links.carried_rows(archive):
            yield (archive.path, archive.name, project, "library", "", "", source, version,
                   archive.package, "", source, members)
        yield (archive.path, archive.name, source, "library", version, "", source, version,
               archive.package, "", "", "")


def build_indexes(options, arch, found, folder):
    """One index per fold; gives [(file, projects held out)]."""
    components = sorted({archive.component for archive in found})
    random.Random(options.seed).shuffle(components)
    rows, indexes = list(library_rows(found, arch)), []
    for fold in range(FOLDS):
        held = set(components[fold::FOLDS])
        base = os.path.join(folder, "%s-%d" % (arch, fold))
        with open(base + ".tsv", "w", encoding="utf-8") as file:
            file.write("# date: 2026-01-01\n" + "\t".join(COLUMNS) + "\n")
            # A copy that a project in the index carries stays known by its own name.
            kept = [row for row in rows if row[6] not in held]
            for row in kept + list(runtime_rows(arch)):
                file.write("\t".join(row) + "\n")
        subprocess.run([os.path.join(options.build, "elfleft"), "index", "build", "-q",
                        "--manifest", base + ".tsv", "-o", base + ".idx"], check=True,
                       stdout=subprocess.DEVNULL)
        indexes.append((base + ".idx", held))
    return indexes


class Dump:
    """What elfleft says of one file: components and functions."""

    def __init__(self, options, index, path):
        text = subprocess.run([os.path.join(options.build, "tools", "embedded_dump"), "-f", index,
                               path], stdout=subprocess.PIPE, check=True).stdout.decode()
        self.components, self.hints, self.functions = {}, {}, {}
        for line in text.splitlines():
            fields = line.split("\t")
            if fields[0] == "component":
                self.components[fields[1]] = fields[2:]
            elif fields[0] == "hint":
                self.hints[fields[1]] = fields[2:]
            elif fields[0] == "function":
                self.functions[int(fields[1], 16)] = (fields[3], set(fields[5].split("|")))


def is_named_right(true, said):
    """The linker gives an IFUNC's public name to its PLT entry; what is left is NAME_ifunc."""
    return bool(true & said) or any(name + "_ifunc" in true for name in said)


def score_functions(link, full, stripped, held, counts, notes):
    for address, (size, names, component, archive, member) in link.functions.items():
        if address not in full.functions or component is None:
            continue
        known = link.universe.by_path.get(archive)
        owner, said = stripped.functions.get(address, ("-", {"-"}))
        if component in held or (known and known.component in held):
            counts["held functions"] += 1
            counts["held functions named"] += owner not in ("-", component)
            if owner not in ("-", component):
                notes.append("  held out, named: %s %s of %s as %s %s" % (
                    sorted(names)[0], size, component, owner, sorted(said)[:2]))
            continue
        counts["functions"] += 1
        counts["functions found"] += said != {"-"}
        if said == {"-"}:
            why = "no start" if address not in stripped.functions else "other code"
            notes.append("  not found (%s): %s of %s, %s" % (why, sorted(names)[0], component,
                                                             member))
        if owner == "-":
            continue
        counts["functions named"] += 1
        if not is_named_right(names, said):
            counts["functions named wrong"] += 1
            notes.append("  wrong name: %s of %s is called %s of %s" % (
                sorted(names)[0], component, sorted(said)[:3], owner))


def score_confidence(link, stripped, counts):
    """How often what is said with each word by code is so: claims, and hints, which are none."""
    for component, fields in list(stripped.components.items()) + list(stripped.hints.items()):
        if component in RUNTIME:
            continue
        if fields[-1] != "code":
            counts["by texts"] += 1
            continue
        counts["said, " + fields[1]] += 1
        counts["so, " + fields[1]] += component in link.components


def score_components(link, stripped, held, counts, notes):
    sized = collections.Counter()
    for size, _, component, _, _ in link.functions.values():
        sized[component] += size >= SMALLEST[link.arch]
    claimed = set(stripped.components)
    for component, size in sorted(link.components.items()):
        kind = ("runtime" if component in RUNTIME else
                "library" if link.sources[component] - held and component not in held else "held")
        counts[kind + " true"] += 1
        counts[kind + " true sized"] += sized[component] > 0
        if component not in claimed:
            if kind == "library":
                notes.append("  not claimed: %s (%d bytes, %d functions large enough), hint %s" % (
                    component, size, sized[component], stripped.hints.get(component)))
            continue
        counts[kind + " hit"] += 1
        counts[kind + " hit sized"] += sized[component] > 0
    score_confidence(link, stripped, counts)
    for component in sorted(claimed - set(link.components)):
        counts["false claims"] += 1
        notes.append("  FALSE: %s %s" % (component, stripped.components[component]))
    counts["claims"] += len(claimed - set(RUNTIME))
    counts["true claims"] += len((claimed & set(link.components)) - set(RUNTIME))


def run(options, universes, indexes, arch, number, folder):
    """Makes link number and scores it; gives (name, counts, notes)."""
    counts, notes = collections.Counter(), []
    for attempt in range(8):
        link = links.Link(universes, arch, number, "%s/%d" % (options.seed, attempt))
        paths = link.make(folder)
        if paths:
            break
        counts["links the linker refused"] += 1
    else:
        return link.name, counts, ["  no link: %s" % link.error]
    index, held = indexes[number % FOLDS]
    stripped, full = Dump(options, index, paths[0]), Dump(options, index, paths[1])
    counts["links"] += 1
    counts["links: %s, %s, %s" % (arch, link.mode, link.linker)] += 1
    score_components(link, stripped, held, counts, notes)
    score_functions(link, full, stripped, held, counts, notes)
    for path in paths:
        os.unlink(path)
    return link.name, counts, notes


def report(total):
    print("links %d (%d refused by the linker and drawn again)" % (
        total["links"], total["links the linker refused"]))
    for name in sorted(total):
        if name.startswith("links: "):
            print("  %-34s %d" % (name[7:], total[name]))
    print(rate("components: precision", total["true claims"], total["claims"]))
    for word in ("certain", "very likely", "likely", "hint"):
        print(rate("  said to be inside as " + word, total["so, " + word],
                   total["said, " + word]))
    print("  said by texts (confidence.py): %d" % total["by texts"])
    print(rate("components: recall", total["library hit"], total["library true"]))
    print(rate("  with a function of a size to tell", total["library hit sized"],
               total["library true sized"]))
    print(rate("held-out projects named wrongly", total["false claims"], total["held true"]))
    print(rate("C library and compiler: recall", total["runtime hit sized"],
               total["runtime true sized"]))
    print(rate("functions: found", total["functions found"], total["functions"]))
    print(rate("functions: wrong name", total["functions named wrong"],
               total["functions named"]))
    print(rate("held-out functions named", total["held functions named"],
               total["held functions"]))


def passes(total, options):
    """Whether the point estimates meet the bounds."""
    def share(hits, whole):
        return total[hits] / total[whole] if total[whole] else 0.0
    checks = [("precision", share("true claims", "claims"), options.precision),
              ("recall", share("library hit", "library true"), options.recall),
              ("functions found", share("functions found", "functions"), options.found)]
    bad = ["%s %.4f is below %.4f" % check for check in checks if check[1] < check[2]]
    wrong = share("functions named wrong", "functions named")
    if wrong > options.wrong:
        bad.append("wrong names %.5f are above %.5f" % (wrong, options.wrong))
    for line in bad:
        print("NOT MET: " + line)
    return not bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=60, help="of each architecture")
    parser.add_argument("--seed", default="2")
    parser.add_argument("--arch", default="amd64,arm64")
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--precision", type=float, default=0.99)
    parser.add_argument("--recall", type=float, default=0.97)
    parser.add_argument("--found", type=float, default=0.997)
    parser.add_argument("--wrong", type=float, default=0.001)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    total, notes = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for arch in options.arch.split(","):
            if not links.can_link(arch):
                print("%s: left out, no compiler for it is installed" % arch)
                continue
            found = archives.libraries(archives.packages(), arch)
            universes = links.universes(found, arch)
            indexes = build_indexes(options, arch, found, folder)
            print("%s: %d archives of %d projects, %d archives position-independent" % (
                arch, len(found), len({archive.component for archive in found}),
                len(universes[1].archives)))
            jobs = [pool.submit(run, options, universes, indexes, arch, number, folder)
                    for number in range(options.links)]
            for job in jobs:
                name, counts, lines = job.result()
                total.update(counts)
                notes.update(lines)
                shown = lines if options.verbose else [
                    line for line in lines if line.startswith(("  FALSE", "  not claimed",
                                                               "  no link"))]
                if shown:
                    print(name + "\n" + "\n".join(shown), flush=True)
    report(total)
    if options.verbose:
        for line, count in notes.most_common(60):
            print("%5d %s" % (count, line.strip()))
    return 0 if passes(total, options) else 1


if __name__ == "__main__":
    sys.exit(main())
