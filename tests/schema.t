#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Real reports against the published JSON Schemas, and what no schema can say: ids are unique,
references lead somewhere, arrays are sorted, numbers agree with each other and with readelf."""
import hashlib
import json
import os
import re
import subprocess
import sys

import jsonschema

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
# From light to heavy; src/reach/reach.h says the same.
OUTCOMES = ("clear", "notice", "source-offer", "network-offer", "relink", "whole-work", "review",
            "conflict")
SCHEMAS = os.path.join(HERE, os.pardir, "data", "schema")


def run(*words):
    done = subprocess.run([ELFLEFT, *words], capture_output=True, check=False, env={})
    return json.loads(done.stdout), done.returncode


def validate(test, name, report):
    with open(os.path.join(SCHEMAS, name + ".schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    errors = [error.message[:200] + " at " + "/".join(map(str, error.absolute_path))
              for error in jsonschema.Draft7Validator(schema).iter_errors(report)]
    test.ok(not errors, "%s report fits its schema" % name, errors[:5])
    # A schema that takes anything would pass too.
    broken = dict(report, surprise=1)
    test.ok(not jsonschema.Draft7Validator(schema).is_valid(broken),
            "the %s schema refuses an unknown key" % name)
    wrong = sorted(set(misplaced_keys(report, schema, schema, "")))
    test.ok(not wrong, "%s report: keys in the order of the schema" % name, wrong[:5])
    broken = {key: value for key, value in report.items() if key != "complete"}
    test.ok(not jsonschema.Draft7Validator(schema).is_valid(broken),
            "the %s schema misses a missing key" % name)


def misplaced_keys(value, schema, whole, place):
    """Where an object's keys do not come in the order of its properties."""
    while "$ref" in schema:
        schema = whole["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        for item in value:
            yield from misplaced_keys(item, schema.get("items", {}), whole, place + "[]")
    elif isinstance(value, dict):
        known = list(schema.get("properties", {}))
        if list(value) != [key for key in known if key in value]:
            yield "%s: %s" % (place, list(value))
        for key, item in value.items():
            yield from misplaced_keys(item, schema.get("properties", {}).get(key, {}), whole,
                                      place + "." + key)


def check_order(test, label, report):
    """Arrays sorted as DESIGN says: by path, by id, and findings heaviest first."""
    edges = [(os.fsencode(edge["from"]), edge["to"] is None, os.fsencode(edge["to"] or ""),
              os.fsencode(edge["name"])) for edge in report["edges"]]
    test.ok(edges == sorted(edges), label + ": edges sorted by from, to and name")
    programs = [os.fsencode(work["program"]) for work in report["works"]]
    test.ok(programs == sorted(programs), label + ": works sorted by program")
    heaviest = [max(OUTCOMES.index(name) for name in finding["outcomes"])
                for finding in report["findings"]]
    test.ok(heaviest == sorted(heaviest, reverse=True), label + ": findings heaviest first")
    test.equal(report["outcome"], OUTCOMES[max(heaviest, default=0)],
               label + ": the highest outcome of all findings")
    wrong = [item for item in report["findings"] + report["works"]
             if item["outcomes"] != sorted(set(item["outcomes"]), key=OUTCOMES.index)]
    test.ok(not wrong, label + ": outcomes from light to heavy", wrong[:2])


def check_sums(test, label, report):
    coverage, works = report["coverage"], report["works"]
    test.equal(coverage["files_total"], sum(item["shipped"] for item in report["files"]),
               label + ": shipped files are counted")
    test.equal((coverage["imports_total"], coverage["imports_attributed"]),
               (sum(work["bindings"] + work["unprovided"] for work in works),
                sum(work["bindings"] for work in works)), label + ": imports are counted")
    test.equal(coverage["files_with_licence"], sum(item["origin"]["licence"] != "NOASSERTION"
                                                   for item in report["files"]),
               label + ": files with a licence are counted")
    wrong = []
    for component in report["components"]:
        own = {item["origin"]["licence"] for item in report["files"]
               if item["origin"]["component"] == component["id"]}
        if len(own) == 1 and component["licence"] not in own:
            wrong.append((component["id"], component["licence"], own))
        if "NOASSERTION" in own and component["licence"] != "NOASSERTION":
            wrong.append((component["id"], component["licence"], own))
    test.ok(not wrong, label + ": the licence of a component is that of its files", wrong[:3])


def check_scan(test, label, report):
    check_order(test, label, report)
    check_sums(test, label, report)
    files = [item["path"] for item in report["files"]]
    components = [item["id"] for item in report["components"]]
    edges = [item["id"] for item in report["edges"]]
    findings = [item["id"] for item in report["findings"]]
    test.ok(files == sorted(set(files), key=os.fsencode), label + ": files sorted, each once")
    test.ok(components == sorted(set(components)), label + ": components sorted, each once")
    test.ok(len(edges) == len(set(edges)) and edges, label + ": edge ids unique")
    test.ok(len(findings) == len(set(findings)), label + ": finding ids unique")
    # A component whose code is inside a file stands in edges and works as files do.
    inside = {edge["to"] for edge in report["edges"] if edge["kind"] == "link-static"}
    test.ok(inside <= set(components), label + ": what is inside files are components")
    known = set(files) | inside
    dangling = [edge["id"] for edge in report["edges"]
                if edge["from"] not in known or edge["to"] not in known | {None}]
    test.ok(not dangling, label + ": edges lead from file to file", dangling[:5])
    wrong = [work["program"] for work in report["works"]
             if work["program"] not in work["members"] or set(work["members"]) - known
             or work["members"] != sorted(set(work["members"]), key=os.fsencode)]
    test.ok(not wrong, label + ": members of works are files, sorted", wrong[:5])
    owners = {item["origin"]["component"] for item in report["files"]} - {None}
    test.ok(owners | inside == set(components),
            label + ": components own files or are inside of some")
    wrong = [item["id"] for item in report["components"] if item["files"] != sum(
        file["origin"]["component"] == item["id"] for file in report["files"])]
    test.ok(not wrong, label + ": files per component", wrong[:5])
    paths = {edge["id"]: edge for edge in report["edges"]}
    broken = []
    for finding in report["findings"]:
        steps = [paths.get(step) for step in finding["path"]]
        if None in steps or any(one["to"] != two["from"] for one, two in zip(steps, steps[1:])):
            broken.append(finding["id"])
        if finding["subject"] not in known or not finding["citation"]:
            broken.append(finding["id"])
    test.ok(not broken, label + ": paths of findings are chains, each with a citation", broken[:5])


def needed_by_readelf(path):
    words = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True,
                           check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", words)


def main():
    test = tap.Tap()
    inputs = ["/bin/ls", "/usr/bin/python3", "/usr/bin/perl", "/lib/x86_64-linux-gnu/libz.so.1"]
    report, _ = run("scan", "-f", "json", *inputs)
    validate(test, "scan", report)
    check_scan(test, "scan of four files", report)
    wrong = [item["path"] for item in report["files"]
             if item["needed"] != needed_by_readelf(item["path"])]
    test.ok(not wrong and report["files"], "DT_NEEDED as readelf prints it", wrong)
    report, _ = run("scan", "-f", "json", "/bin/ls")
    with open("/bin/ls", "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    test.ok(report["artifact"]["sha256"] == digest and digest in [
        item["sha256"] for item in report["files"]], "SHA-256 of a single file")
    folder = "/usr/sbin" if tap.SANITIZED else "/usr/bin"
    if tap.SANITIZED:
        test.skip("scan of /usr/bin", "sanitizers: the plain build takes it")
    report, _ = run("scan", "-f", "json", folder)
    validate(test, "scan", report)
    check_scan(test, "scan of " + folder, report)
    report, status = run("scan", "-f", "json", "/nonexistent")
    validate(test, "scan", report)
    test.ok(status == 2 and not report["complete"] and report["diagnostics"],
            "a missing file is in the report")
    for words in (["/bin/ls"], ["-v", "/usr/bin/python3"], ["--no-bindings", "/bin/ls"],
                  ["/nonexistent"], ["/bin/sh"]):
        report, _ = run("tree", "-f", "json", *words)
        validate(test, "tree", report)
    report, status = run("why", "-f", "json", "/bin/ls", "libc.so.6")
    validate(test, "why", report)
    test.ok(status == 0 and any(step["to"].endswith("libc.so.6") for path in report["paths"]
                                for step in path["steps"]), "why ls reaches libc")
    report, status = run("why", "-f", "json", "/bin/ls", "no-such-component")
    validate(test, "why", report)
    test.ok(status == 2 and not report["paths"], "an end that is not there is said")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
