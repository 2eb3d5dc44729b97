#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the judgement says of the whole machine, under each reading of "system library".

Prints the files with a known licence by source, the works and findings per outcome, and each
distinct conflict. A conflict without a row in tests/truth/conflicts.tsv is a failure, and so is a
row whose two packages are here but that is not reported. Labelled cases are asked one by one
(tests/truth/labelled-answers.tsv): one with another answer is a failure.

usage: findings.py [--elfleft FILE] [PATH...]"""
import argparse
import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
LEDGER = os.path.join(HERE, os.pardir, "truth", "conflicts.tsv")
LABELLED = os.path.join(HERE, os.pardir, "truth", "labelled-answers.tsv")
PROFILES = ["strict", "gpl3", "distro"]
WEIGHTS = ["clear", "notice", "source-offer", "network-offer", "relink", "whole-work", "review",
           "conflict"]


def scan(elfleft, profile, paths):
    done = subprocess.run([elfleft, "scan", "-q", "-f", "json", "--system-libs", profile, *paths],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def ledger():
    rows = {}
    with open(LEDGER, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                subject, provider, _, profiles, _, _ = line.rstrip("\n").split("\t")
                rows[subject, provider] = profiles.split(",")
    return rows


def counted(values):
    counts = collections.Counter(values)
    return ", ".join("%s %d" % (name, counts[name]) for name in reversed(WEIGHTS) if counts[name])


def conflicts(report):
    owners = {file["path"]: file["origin"]["component"] or file["path"] for file in report["files"]}
    return sorted({(owners.get(finding["subject"], finding["subject"]), owners.get(finding["provider"], finding["provider"]))
                   for finding in report["findings"] if finding["outcomes"][-1] == "conflict"
                   and finding["provider"]})


def labelled():
    with open(LABELLED, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def answer(report, row):
    """What a report says of a labelled case: how, what reaches, heaviest outcome. None: not here."""
    _, program, plugin, other = row[:4]
    owners = {file["path"]: file["origin"]["component"] or file["path"] for file in report["files"]}
    works = [work for work in report["works"] if work["program"] == program and
             work["plugin"] == (None if plugin == "-" else plugin)]
    if not works or other not in owners:
        return None
    members = set(works[0]["members"]) | {program}
    run = any(edge["from"] == program and edge["to"] == other and edge["class"] == "IPC"
              for edge in report["edges"])
    how = "linked" if other in members else "run" if run else "apart"
    about = [finding for finding in report["findings"] if finding["rule"].startswith(("link-", "work-")) and
             finding["provider"] and owners.get(finding["provider"]) == owners[other] and
             members & set(finding["subjects"] + [finding["subject"]]) and how == "linked"]
    heaviest = max((WEIGHTS.index(finding["outcomes"][-1]) for finding in about), default=0)
    wanted = row[5]
    reaches = wanted if wanted == "-" or wanted in works[0]["licences"] else ",".join(works[0]["licences"])
    if wanted == "-" and any(finding["rule"] == "link-copyleft" for finding in about):
        reaches = "copyleft"
    # A duty of a library's licence, or the branch it is taken under, is no trouble.
    return [how, reaches, WEIGHTS[heaviest] if heaviest >= WEIGHTS.index("whole-work") else "-"]


def ask_labelled(report, profile):
    wrong = right = 0
    for row in labelled():
        got = answer(report, row)
        want = [row[4], row[5], row[6 + PROFILES.index(profile)]]
        if got is None:
            continue
        right += got == want
        if got != want:
            wrong += 1
            print("%s: case %s, %s with %s: %s, it is %s" % (profile, row[0], row[1], row[3], got, want))
    print("%s: labelled cases: %d of %d right" % (profile, right, right + wrong))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elfleft", default="build/elfleft")
    parser.add_argument("paths", nargs="*", default=["/usr/bin", "/usr/sbin", "/usr/lib"])
    options = parser.parse_args()
    known, wrong = ledger(), 0
    for profile in PROFILES:
        report = scan(options.elfleft, profile, options.paths)
        if profile == "strict":
            sources = collections.Counter(
                (file["origin"]["source"], file["origin"]["confidence"])
                for file in report["files"])
            for (source, confidence), count in sorted(sources.items()):
                print("files: %5d  %s, confidence %s" % (count, source, confidence))
            print("files: %5d with a licence of %d" % (
                report["coverage"]["files_with_licence"], report["coverage"]["files_listed"]))
            here = {component["id"] for component in report["components"]}
        print("%s: works: %s" % (profile, counted(work["outcomes"][-1]
                                                  for work in report["works"])))
        print("%s: findings: %s" % (profile, counted(finding["outcomes"][-1]
                                                     for finding in report["findings"])))
        wrong += ask_labelled(report, profile)
        found = conflicts(report)
        for pair in found:
            listed = profile in known.get(pair, [])
            wrong += not listed
            print("%s: conflict: %s with %s%s" % (profile, *pair,
                                                  "" if listed else ": NOT IN THE LEDGER"))
        for pair, profiles in known.items():
            if profile in profiles and here.issuperset(pair) and pair not in found:
                wrong += 1
                print("%s: conflict missed: %s with %s" % (profile, *pair))
    print("findings: %d conflicts outside the ledger or missed, or labelled cases wrong" % wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
