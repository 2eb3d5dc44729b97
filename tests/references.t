#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""elfleft scan and check with --reference: what a verdict on a file (tests/verify.t) changes in what its
licence asks for. A miniature of ATen (test-binaries/aten) under one licence after the other: as it
was, stripped, patched, and built with other flags."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import jsonschema  # noqa: E402
import roots  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
SOURCES = os.path.join(HERE, os.pardir, "test-binaries", "aten")
SCHEMA = os.path.join(HERE, os.pardir, "data", "schema", "scan.schema.json")
LIBRARY = "/usr/lib/libaten.so.1"
PROGRAM = "/opt/acme/bin/server"
NVIDIA = "LicenseRef-scancode-nvidia-sdk-12.8"
POLICY = """version: 1
own: [{match: "opt/acme/**", name: acme, licence: LicenseRef-Acme-Proprietary}]
overrides: [{component: libaten1, licence: %s, reason: "one after the other"}]
"""


def run(*words):
    done = subprocess.run([ELFLEFT, *words], capture_output=True, check=False, env={}, timeout=120)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode()


def build(work):
    """The libraries; two of three units are common to the first two."""
    common = ["g++", "-std=c++17", "-w", "-fPIC", "-ffile-prefix-map=%s=aten" % SOURCES]
    units = (("plain", "kernels.cpp", ["-O2"]), ("patched", "kernels.cpp", ["-O2", "-DPATCHED"]),
             ("native", "native.cpp", ["-O2"]), ("other", "kernels.cpp", ["-O3"]),
             ("native3", "native.cpp", ["-O3"]))
    running = [subprocess.Popen([*common, *flags, "-DCPU_CAPABILITY=DEFAULT", "-c", "-o",
                                 os.path.join(work, name + ".o"), os.path.join(SOURCES, source)])
               for name, source, flags in units]
    if any([unit.wait() for unit in running]):
        raise RuntimeError("the miniature does not compile")
    paths = {}
    for name, objects in (("reference", ("plain", "native")), ("patched", ("patched", "native")),
                          ("rebuilt", ("other", "native3"))):
        paths[name] = os.path.join(work, name + ".so")
        subprocess.run(["g++", "-shared", "-Wl,-soname,libaten.so.1", "-o",
                        paths[name]] + [os.path.join(work, unit + ".o") for unit in objects],
                       check=True)
    paths["stripped"] = os.path.join(work, "stripped.so")
    subprocess.run(["strip", "-o", paths["stripped"], paths["reference"]], check=True)
    return paths


class Bench:
    def __init__(self, test, work):
        self.test, self.work = test, work
        self.paths = build(work)
        self.root = os.path.join(work, "root")
        os.mkdir(self.root)
        root = roots.Root(self.root)
        root.library(LIBRARY, package=("libaten1", "1.0-1", "Apache-2.0"))
        root.program(PROGRAM, needs=[LIBRARY], uses=False)
        root.finish()
        self.manifest = os.path.join(work, "aten.elfref")
        status, _, error = run("index", "build", "--reference", "-o", self.manifest,
                               self.paths["reference"])
        test.equal((status, error), (0, ""), "index build --reference makes a manifest")
        older = os.path.join(work, "older.elfref")
        run("verify", "--write-reference", older, self.paths["reference"])
        with open(self.manifest, "rb") as first, open(older, "rb") as second:
            test.ok(first.read() == second.read(), "as verify --write-reference does")
        with open(SCHEMA, encoding="utf-8") as file:
            self.schema = jsonschema.Draft7Validator(json.load(file))

    def scan(self, name, licence, *options, command="scan", reference=None, paths=("/",), text=POLICY):
        shutil.copy(self.paths[name], self.root + LIBRARY)
        policy = os.path.join(self.work, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(text % licence)
        words = [command, "--root", self.root, "--tiers", "link", "--policy", policy]
        if reference is not False:
            words += ["--reference", reference or self.manifest]
        status, out, error = run(*words, "-f", "json", *options, *paths)
        if not out:
            raise RuntimeError(error)
        report = json.loads(out)
        problems = [e.message[:200] for e in self.schema.iter_errors(report)]
        if problems:
            self.test.ok(False, "the schema of %s" % name, problems[:4])
        return status, report


def verdict(report):
    return [file["verdict"] for file in report["files"] if file["path"] == LIBRARY][0]


def edge(report):
    return [edge for edge in report["edges"] if edge["to"] == LIBRARY][0]


def found(report, rule):
    return [(sorted(finding["outcomes"]), [cited["text"] for cited in finding["citation"]])
            for finding in report["findings"] if finding["rule"] == rule]


DUTIES = [  # licence, what modified copies owe, its clauses
    ("Apache-2.0", ["notice"], ["Apache-2.0 s.4(b)"]),
    ("MPL-2.0", ["notice", "source-offer"], ["MPL-2.0 s.3.1, 3.2"]),
    (NVIDIA, ["conflict"], ["NVIDIA CUDA EULA s.1.2, 2.3"]),
]


def duties(test, bench):
    for licence, outcomes, clauses in DUTIES:
        _, report = bench.scan("patched", licence)
        test.equal((verdict(report), edge(report)["kind"], edge(report)["linked_as"]),
                   ("modified", "link-modified", "link-dynamic"), licence + ": a patched kernel")
        test.equal(found(report, "ship-modified"), [(outcomes, clauses)],
                   licence + ": what modified copies owe")
        for name, expected in (("reference", "identical"), ("stripped", "repackaged")):
            _, report = bench.scan(name, licence)
            test.equal((verdict(report), edge(report)["kind"], found(report, "ship-modified")),
                       (expected, "link-dynamic", []), "%s: %s" % (licence, name))
        _, report = bench.scan("rebuilt", licence)
        weight = ["review"] if outcomes == ["conflict"] else outcomes
        test.equal((verdict(report), edge(report)["kind"], found(report, "ship-rebuilt")),
                   ("rebuilt", "link-dynamic", [(weight, clauses)]),
                   licence + ": another build is a question, and no more")
        test.equal(found(report, "ship-modified"), [], licence + ": it is not said to be modified")
        test.ok(not any("of the changes" in item["title"] for item in report["obligations"]),
                licence + ": and no change is to be told of")


def evidence(test, bench):
    _, report = bench.scan("patched", "Apache-2.0")
    told = [item["detail"] for item in edge(report)["evidence"] if item["type"] == "modified"]
    test.ok(told and "aten::relu" in told[0] and bench.manifest in told[0],
            "the edge names the operator and the reference", told)
    test.ok(any(item["type"] == "DT_NEEDED" for item in edge(report)["evidence"]),
            "and how it links")
    message = [f["message"] for f in report["findings"] if f["rule"] == "ship-modified"]
    test.ok(message and "aten::relu" in message[0], "and so does the finding", message)
    test.equal([(item["path"], item["verdict"]) for item in report["verification"]],
               [(LIBRARY, "modified")], "files that no reference speaks of have no verdict")
    _, out, _ = run("scan", "--root", bench.root, "--tiers", "link", "--reference",
                    bench.manifest, "/")
    test.ok("Compared with references" in out and "aten::relu" in out, "text tells it too", [out])
    _, alone = bench.scan("patched", "Apache-2.0", paths=(PROGRAM,))
    test.equal((verdict(alone), edge(alone)["kind"]), ("modified", "link-modified"),
               "a provider that is not shipped")
    test.equal(found(alone, "ship-modified"), [], "owes nothing")
    _, out, _ = run("why", "--root", bench.root, "--tiers", "link", "--reference", bench.manifest,
                    PROGRAM, LIBRARY, "/")
    test.ok("link-modified" in out, "why shows the kind", [out])


def network(test, bench):
    for name, rule, outcomes in (("patched", "network-offer", ["network-offer", "review"]),
                                 ("reference", "network-note", ["clear"]),
                                 ("rebuilt", "network-offer", ["review"])):
        # network-offer with review: the source of the closed program it is linked into is asked for
        _, report = bench.scan(name, "AGPL-3.0-only", "--distribution", "network")
        test.equal([item[0] for item in found(report, rule)], [outcomes],
                   "AGPL-3.0 s.13, %s: %s" % (name, rule))


def gates(test, bench):
    status, report = bench.scan("patched", NVIDIA, "--fail-on", "conflict", command="check")
    test.equal((status, report["gate"]["failed"]), (1, True), "check fails on a patched file")
    status, _ = bench.scan("stripped", NVIDIA, "--fail-on", "conflict", command="check")
    test.equal(status, 0, "and not on a stripped one")
    said = POLICY + "modified: [{component: libaten1, reason: \"our patches\"}]\n"
    _, by_policy = bench.scan("patched", NVIDIA, reference=False, text=said)
    _, by_verdict = bench.scan("patched", NVIDIA)
    ids = [[f["id"] for f in report["findings"] if f["rule"] == "ship-modified"]
           for report in (by_policy, by_verdict)]
    test.ok(ids[0] and ids[0] == ids[1], "policy and verdict give one finding", ids)
    test.equal(edge(by_policy)["kind"], "link-modified", "and one kind of edge")
    test.ok(any("our patches" in item["detail"] for item in edge(by_policy)["evidence"]),
            "the policy's reason is its evidence")
    denied = POLICY + "deny: [{licence: \"LicenseRef-*\", kind: link-modified}]\n"
    _, report = bench.scan("patched", NVIDIA, text=denied)
    test.equal(len(found(report, "policy-denied")), 1, "a policy can deny edges to modified files")
    _, report = bench.scan("reference", NVIDIA, text=denied)
    test.equal(found(report, "policy-denied"), [], "and speaks of no others")


def copies(test, bench):
    second = "/opt/acme/lib/libaten.so.1"
    os.makedirs(os.path.dirname(bench.root + second), exist_ok=True)
    shutil.copy(bench.paths["patched"], bench.root + second)
    _, report = bench.scan("reference", "Apache-2.0")
    test.equal([(item["path"], item["verdict"]) for item in report["verification"]],
               [(second, "modified"), (LIBRARY, "identical")], "each copy has its own verdict")
    os.unlink(bench.root + second)
    broken = os.path.join(bench.work, "broken.elfref")
    with open(bench.manifest, "rb") as file, open(broken, "wb") as bad:
        bad.write(file.read()[:-9])
    for reference in (broken, os.path.join(bench.work, "nothing")):
        status, _, error = run("scan", "--root", bench.root, "--reference", reference, "/")
        test.ok(status == 3 and ("--reference" in error or "not usable" in error),
                "a reference that cannot be used",
                ["%d %r" % (status, error)])


def write_wheel(path, library, source):
    info = "mini-1.0.dist-info/"
    files = {"mini/lib/libaten.so.1": library, "mini/_ops.py": source,
             info + "METADATA": b"Metadata-Version: 2.1\nName: mini\nVersion: 1.0\n"
                                b"License-Expression: AGPL-3.0-only\n"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(info + "RECORD", "".join("%s,,\n" % name for name in
                                                  [*files, info + "RECORD"]))
    return path


def wheels(test, bench):
    with open(bench.paths["reference"], "rb") as file:
        library = file.read()
    reference = write_wheel(os.path.join(bench.work, "mini-1.0-py3-none-any.whl"), library, b"x = 1\n")
    suspect = write_wheel(os.path.join(bench.work, "other.whl"), library, b"x = 2\n")
    _, out, _ = run("scan", "--tiers", "link", "--reference", reference, "-f", "json", suspect)
    report = json.loads(out)
    test.equal([(item["path"], item["verdict"]) for item in report["verification"]],
               [("/mini/_ops.py", "modified"), ("/mini/lib/libaten.so.1", "identical")],
               "a patched Python source of a wheel")
    for path, expected in ((suspect, ["ship-modified"]), (reference, [])):
        _, out, _ = run("scan", "--tiers", "link", "--reference", reference, "-f", "json", path)
        told = [f for f in json.loads(out)["findings"] if f["rule"] == "ship-modified"]
        test.equal([f["rule"] for f in told], expected,
                   "%s: what a changed source makes of its distribution" % os.path.basename(path))
        test.ok(all("/mini/_ops.py of the same component" in f["message"] for f in told),
                "the source is its evidence", [f["message"] for f in told])
    installed = os.path.join(bench.work, "venv/lib/python3/site-packages")
    with zipfile.ZipFile(suspect) as archive:
        archive.extractall(installed)
    os.mkdir(os.path.join(installed, "another"))
    with open(os.path.join(installed, "another/_ops.py"), "w", encoding="ascii") as file:
        file.write("another file of that name\n")
    _, out, _ = run("scan", "--tiers", "link", "--reference", reference, "-f", "json",
                    os.path.join(bench.work, "venv"))
    report = json.loads(out)
    test.equal([(item["path"].split("site-packages")[-1], item["verdict"])
                for item in report["verification"]],
               [("/mini/_ops.py", "modified"), ("/mini/lib/libaten.so.1", "identical")],
               "the same where it is installed")
    both = os.path.join(bench.work, "both.elfref")
    status, _, error = run("index", "build", "--reference", "-o", both, reference,
                           bench.paths["patched"])
    test.equal((status, error), (0, ""), "a manifest of a wheel and a file")
    status, _, _ = run("verify", "--reference", both, bench.paths["patched"])
    test.equal(status, 0, "holds both")
    status, out, error = run("index", "build", "--reference", "-o", both, suspect, reference)
    test.ok(status == 2 and "EL0902 /mini/_ops.py" in out, "two wheels with one path", [out, error])


def main():
    for tool in ("g++", "strip"):
        if not shutil.which(tool):
            tap.skip_all("no " + tool)
    if not roots.INTERPRETER:
        tap.skip_all("no interpreter is known for this machine")
    test = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="elfleft-references-") as work:
        bench = Bench(test, work)
        for part in (duties, evidence, network, gates, copies, wheels):
            part(test, bench)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
