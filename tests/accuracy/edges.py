#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What programs load and start, against the edges that elfleft reports, and what it reports, judged.

  recall     tests/truth/edge-runs.tsv is run under strace and LD_DEBUG=files (tests/lib/edge_oracle.py;
             elfleft itself runs nothing). Every dlopen and every execve that was seen must be an edge of
             the file that asked for it, or of one that was loaded with it. Not counted: what the run
             itself names (third column), and what a script starts; the number of each is printed.
  known      rows of tests/truth/edges.tsv: edges known to be there, each with its source.
  precision  rows of tests/truth/edges-judged.tsv: reported edges, judged by hand.

  held-out   the same for tests/truth/edge-runs-held.tsv, runs that no rule was made with.

A miss is printed with the reason that tests/truth/edges-missed.tsv gives. Where that says that the name
is not in the program at all (it comes from a file, the command line, the environment), a second rate
without these is printed; the first counts them all. A rate below its target is said to be MISSED. A miss
without a reason fails, and so does a rate below what was once reached.

usage: edges.py [--elfleft FILE] [--root DIRECTORY] [--observe | --sample N] [PROGRAM...]"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import edge_oracle  # noqa: E402
import rates  # noqa: E402

TRUTH = os.path.join(HERE, os.pardir, "truth")
RECALL, PRECISION = 0.95, 0.98
# What was reached on 2026-11-26, rounded down: in the root, on the machine.
REACHED = {True: {"link-plugin": 0.99, "ipc-exec": 0.91, "known": 0.97, "precision": PRECISION},
           False: {"link-plugin": 0.98, "ipc-exec": 0.94, "known": 0.95, "precision": PRECISION}}
JUDGED = 100  # fewer judged edges say nothing of the rest
PATHS = ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/local/cuda/lib"]
SCRIPTS = re.compile(r"^(python3?|perl|ruby|php|node|nodejs|lua|tclsh|sh|dash|bash|mksh|awk|mawk)"
                     r"[0-9.]*$")
KINDS = {"link-plugin": "dlopen", "ipc-exec": "exec"}


def read_table(name, columns):
    path = os.path.join(TRUTH, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file
                if line.strip() and not line.startswith("#")]
    for row in rows:
        if len(row) != columns:
            sys.exit("edges: %s: %d columns, not %d: %s" % (name, len(row), columns, row))
    return rows


class Observed:
    """Distinct edges seen in runs: (program, kind, target) -> files that were loaded with it."""

    def __init__(self, tree):
        self.tree, self.edges, self.asked_by = tree, {}, {}
        self.given, self.script, self.runs, self.images = set(), set(), 0, 0

    def add(self, image, kind, target, asker, given):
        real = self.tree.real(target)
        key = (image.path, kind, real)
        if {os.path.basename(target), os.path.basename(real)} & given:
            self.given.add(key)
            return
        if kind == "ipc-exec" and is_script(image):
            self.script.add(key)
            return
        with_it = self.edges.setdefault(key, set())
        with_it.add(image.path)
        with_it.update(self.tree.real(path) for path in image.loaded if path.startswith("/"))
        self.asked_by.setdefault(key, asker)

    def run(self, row):
        _, command, given, _ = row
        names = set(given.split())
        self.runs += 1
        for image in edge_oracle.observe(self.tree.root or "/", command):
            self.images += 1
            paths = {os.path.basename(path): path for path in sorted(image.loaded)
                     if path.startswith("/")}
            for name, asker in image.dynamic:
                path = name if name.startswith("/") else paths.get(os.path.basename(name))
                if path is None:
                    continue  # mapped, then given up: a library it needs is not there
                self.add(image, "link-plugin", path, asker, names)
            parent = image.shell_parent_of_start()
            if parent is not None and not edge_oracle.is_harness(parent, edge_oracle.PLACE):
                self.add(parent, "ipc-exec", image.path, parent.path, names)


def is_script(image):
    """Whether an interpreter runs: what it starts is up to its script."""
    return bool(SCRIPTS.match(os.path.basename(image.path))) or not image.is_elf


class Reported:
    """Edges of a scan, by the file they start at."""

    def __init__(self, report):
        self.by_file = collections.defaultdict(list)
        self.edges = report["edges"]
        for edge in self.edges:
            self.by_file[edge["from"]].append(edge)

    def closure(self, files):
        """Files, and what they are linked to."""
        seen, queue = set(), list(files)
        while queue:
            path = queue.pop()
            if path in seen:
                continue
            seen.add(path)
            queue.extend(edge["to"] for edge in self.by_file.get(path, ()) if edge["to"]
                         and edge["kind"] == "link-dynamic")
        return seen

    def find(self, files, kind, target):
        for path in files:
            for edge in self.by_file.get(path, ()):
                if edge["kind"] == kind and matches(edge, target):
                    return edge
        return None


def matches(edge, target):
    """A target with a slash is a file of the root, else a name."""
    if target.startswith("/"):
        return edge["to"] == target
    return target in (edge["name"], os.path.basename(edge["name"]),
                      os.path.basename(edge["to"] or ""))


def scan(elfleft, root, tree):
    paths = [path for path in PATHS if tree.exists(path)]
    done = subprocess.run([elfleft, "scan", "-q", "-f", "json", "--root", root, *paths],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def judge_recall(observed, reported, reasons):
    """(seen, found, unexplained, from outside) by kind; every miss is printed."""
    totals = {kind: [0, 0, 0, 0] for kind in KINDS}
    for key in sorted(observed.edges):
        program, kind, target = key
        totals[kind][0] += 1
        if reported.find(observed.edges[key], kind, target):
            totals[kind][1] += 1
            continue
        outside, reason = reasons.get(key, ("-", None))
        totals[kind][2] += reason is None
        totals[kind][3] += outside != "-"
        print("miss: %s: %s %s (asked for by %s): %s%s" % (
            KINDS[kind], program, target, observed.asked_by[key],
            "" if outside == "-" else outside + ": ", reason or "NO REASON GIVEN"))
    return totals


def judge_known(rows, reported, tree, reasons, loaded):
    here = found = unexplained = programs = 0
    last = None
    for program, kind, target, _ in rows:
        if not tree.exists(program) or (target.startswith("/") and not tree.exists(target)):
            continue
        here += 1
        programs += program != last
        last = program
        files = reported.closure({tree.real(program)}) | loaded.get((program, kind, target), set())
        if reported.find(files, kind, target):
            found += 1
            continue
        _, reason = reasons.get((program, kind, target), ("-", None))
        unexplained += reason is None
        print("known, not reported: %s: %s %s: %s" % (kind, program, target,
                                                      reason or "NO REASON GIVEN"))
    return programs, here, found, unexplained


def group_of(edge):
    return edge["kind"], edge["grade"], edge["evidence"][0]["type"]


def print_rate(name, right, judged):
    print("%s: %d of %d right, %.1f %% (95 %%: %.1f to %.1f)" % (
        name, right, judged, 100 * right / judged if judged else 100, *(100 * end for end in rates.wilson(right, judged))))


def judge_precision(rows, reported):
    """Prints what is wrong; (right, judged, estimate): the rate of each group by its size.

    An edge that is no longer reported counts neither way."""
    present, sizes = {}, collections.Counter()
    for edge in reported.edges:
        if is_sampled(edge):
            present[edge["from"], edge["kind"], edge["to"] or "-", edge["name"]] = (
                group_of(edge), not edge["possible"])
            sizes[group_of(edge)] += 1
    groups = collections.defaultdict(lambda: [0, 0])
    sure = {True: [0, 0], False: [0, 0]}
    for source, kind, target, name, verdict_, reason in rows:
        group, is_sure = present.get((source, kind, target, name), (None, False))
        if group is None:
            continue
        for counts in groups[group], sure[is_sure]:
            counts[0] += verdict_ == "right"
            counts[1] += 1
        if verdict_ != "right":
            print("wrong: %s: %s %s (%s): %s" % (kind, source, target, name, reason))
    for group in sorted(groups):
        print("judged: %s: %d right of %d, of %d reported" % (" ".join(group), *groups[group],
                                                             sizes[group]))
    print_rate("judged, reported as sure", *sure[True])
    print_rate("judged, reported as possible", *sure[False])
    for grade in sorted({group[1] for group in groups}):
        print_rate("judged, grade " + grade, *(
            sum(counts[i] for group, counts in groups.items() if group[1] == grade)
            for i in range(2)))
    whole = sum(sizes[group] for group in groups)
    estimate = sum(sizes[group] * right / judged for group, (right, judged) in groups.items())
    return (sum(right for right, _ in groups.values()),
            sum(judged for _, judged in groups.values()), estimate / whole if whole else 1, whole)


def is_sampled(edge):
    return edge["rule"] in ("call or text", "naming rule")


def sample(reported, count):
    """Edges to judge: so many of each kind, grade and evidence, chosen by chance."""
    groups = collections.defaultdict(list)
    for edge in reported.edges:
        if is_sampled(edge):
            groups[group_of(edge)].append(edge)
    chooser = random.Random(4)
    for group in sorted(groups):
        chosen = groups[group]
        if len(chosen) > count:
            chosen = chooser.sample(chosen, count)
        for edge in sorted(chosen, key=lambda edge: edge["id"]):
            print("\t".join([edge["from"], edge["kind"], edge["to"] or "-", edge["name"],
                             *group[1:], edge["evidence"][0]["detail"]]))


def verdict(name, part, whole, target, reached):
    """Prints a rate; whether it is below what was reached before."""
    share = part / whole if whole else 1
    print("%s: %d of %d, %.1f %%, target %.0f %%: %s" % (
        name, part, whole, 100 * share, 100 * target, "ok" if share >= target else "MISSED"))
    return share < reached


def observe_all(tree, options, table="edge-runs.tsv"):
    observed = Observed(tree)
    for row in read_table(table, 4):
        made_for_it = bool(tree.root)
        if tree.exists(row[0]) and (row[3] == "any" or made_for_it) and (
                not options.programs or row[0] in options.programs):
            observed.run(row)
    return observed


def judge_held(tree, options, reported, reasons, scored):
    """Rates of the runs that no rule was made with; whether a miss has no reason. Edges that the
    other runs showed too are left out."""
    observed = observe_all(tree, options, "edge-runs-held.tsv")
    observed.edges = {key: files for key, files in observed.edges.items()
                      if key not in scored.edges}
    unexplained = 0
    for kind, (seen, found, open_, outside) in judge_recall(observed, reported, reasons).items():
        unexplained += open_
        if seen:
            verdict("held-out: recall of observed %s targets" % KINDS[kind], found, seen, RECALL, 0)
            verdict("held-out: of those whose name is in the program", found, seen - outside,
                    RECALL, 0)
    return unexplained > 0


def main():
    parser = argparse.ArgumentParser(description="edges of code against runs and by hand")
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("--root", default="/")
    parser.add_argument("--observe", action="store_true", help="print what runs do, and no more")
    parser.add_argument("--sample", type=int, default=0, help="print N edges of each group")
    parser.add_argument("--report", help="a report in JSON made before, in place of a scan")
    parser.add_argument("programs", nargs="*", help="only the runs of these")
    options = parser.parse_args()
    tree = edge_oracle.Tree(options.root)
    if options.observe:
        observed = observe_all(tree, options)
        for program, kind, target in sorted(observed.edges):
            print("%s\t%s\t%s" % (program, kind, target))
        return 0
    if options.report:
        with open(options.report, encoding="utf-8") as file:
            reported = Reported(json.load(file))
    else:
        reported = Reported(scan(options.elfleft, options.root, tree))
    if options.sample:
        sample(reported, options.sample)
        return 0
    missing = edge_oracle.missing_tools(options.root)
    reasons = {tuple(row[:3]): row[3:] for row in read_table("edges-missed.tsv", 5)}
    failed, loaded = False, {}
    reached = REACHED[bool(tree.root)]
    if missing:
        print("edges: no runs: %s" % missing)
    else:
        observed = observe_all(tree, options)
        loaded = observed.edges
        totals = judge_recall(observed, reported, reasons)
        print("edges: %d runs, %d program images; not counted: %d named by the run, %d started by "
              "scripts" % (observed.runs, observed.images, len(observed.given),
                           len(observed.script)))
        for kind, (seen, found, unexplained, outside) in totals.items():
            failed |= verdict("recall of observed %s targets" % KINDS[kind], found, seen, RECALL,
                              reached[kind])
            verdict("of those whose name is in the program", found, seen - outside, RECALL, 0)
            failed |= unexplained > 0
        failed |= verdict("recall of observed dlopen and exec targets",
                          sum(total[1] for total in totals.values()),
                          sum(total[0] for total in totals.values()), RECALL, RECALL)
        failed |= judge_held(tree, options, reported, reasons, observed)
    programs, here, found, unexplained = judge_known(read_table("edges.tsv", 4), reported, tree,
                                                     reasons, loaded)
    failed |= verdict("known edges of %d programs" % programs, found, here, RECALL,
                      reached["known"])
    right, judged, estimate, whole = judge_precision(read_table("edges-judged.tsv", 6), reported)
    if judged >= JUDGED:
        print_rate("judged edges", right, judged)
        failed |= verdict("precision of judged edges", right, judged, PRECISION,
                          reached["precision"])
        failed |= verdict("precision, each group by its size", round(estimate * whole), whole,
                          PRECISION, PRECISION)
    else:
        print("precision: only %d of the judged edges are reported in this root" % judged)
    return 1 if failed or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
