#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The release gate as a user meets it: a policy file and its errors, what it denies, permits and
waives, a baseline, what a release owes, and the NOTICE file. On a root written down here."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import jsonschema  # noqa: E402
import roots  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
SCHEMAS = os.path.join(HERE, os.pardir, "data", "schema")
DAY = {"SOURCE_DATE_EPOCH": "1795564800"}  # 2026-11-25

OWN = """version: 1
own:
  - {match: "opt/acme/**", name: acme-server, licence: LicenseRef-Acme-Proprietary}
"""


def run(*words, environment=None):
    done = subprocess.run([ELFLEFT, *words], capture_output=True, timeout=120, check=False,
                          env=environment or DAY)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode()


def unfolded(text):
    return " ".join(text.split())


def make_root(directory):
    root = roots.Root(directory)
    root.library("/usr/lib/libreadline.so.8",
                 package=("libreadline8", "8.2-1.3", "GPL-3+", "readline (8.2-1.3)"))
    root.library("/usr/lib/libmit.so.1", package=("libmit1", "1.0-1", "Expat", "mit"))
    root.library("/usr/lib/liblesser.so.2", package=("liblesser2", "2.1-4", "LGPL-2.1+", "lesser"))
    root.library("/usr/lib/libnet.so.0", package=("libnet0", "0.9-1", "AGPL-3+", "net"))
    root.program("/opt/acme/bin/server",
                 needs=["/usr/lib/libreadline.so.8", "/usr/lib/libmit.so.1",
                        "/usr/lib/liblesser.so.2"])
    root.program("/usr/bin/other", needs=["/usr/lib/libnet.so.0"],
                 package=("other", "3.0-1", "Expat"))
    return root.finish()


class Gate:
    """elfleft check on the root, with a policy written for the occasion."""

    def __init__(self, directory, work):
        self.root = directory
        self.work = work

    def policy(self, text, name="policy.yaml"):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def check(self, text, *options, command="check", environment=None):
        words = [command, "--root", self.root, "--tiers", "link", "--policy", self.policy(text)]
        return run(*words, *options, environment=environment)

    def report(self, text, *options):
        status, out, err = self.check(text, "-f", "json", *options)
        return status, json.loads(out) if out else {"error": err}


def findings(report, rule, **wanted):
    return [finding for finding in report["findings"] if finding["rule"] == rule and
            all(finding[key] == value for key, value in wanted.items())]


def errors(test, gate):
    cases = [
        ("a key that is not known", "version: 1\nfoo: 1\n", "policy.yaml:2:1: unknown key 'foo'"),
        ("a key twice", "version: 1\nversion: 1\n", "policy.yaml:2:1: the key 'version' stands"),
        ("no version", "distribution: binary\n", "policy.yaml:1:1: version is missing"),
        ("another version", "version: 2\n", "policy.yaml:1:10: this version of elfleft reads"),
        ("an anchor", "version: &a 1\n", "policy.yaml:1:10: anchors are not part"),
        ("a tag", "version: !!int 1\n", "policy.yaml:1:10: tags are not part"),
        ("an alias", "version: 1\nown: *a\n", "policy.yaml:2:6: aliases"),
        ("a second document", "version: 1\n---\nversion: 1\n", ":2:1: a second document"),
        ("a directive", "%YAML 1.1\n---\nversion: 1\n", "directives are not part"),
        ("no YAML at all", "version: 1\nown: [\n", "policy.yaml:3:1: no YAML"),
        ("an empty file", "", "the file is empty"),
        ("bytes that are no UTF-8", "version: 1\nown: \udce4\n", "no YAML"),
        ("a wrong word", "version: 1\ndistribution: boxed\n",
         "policy.yaml:2:15: 'boxed' is none of: binary, network, internal"),
        ("an unknown licence", OWN.replace("LicenseRef-Acme-Proprietary", "GPL-7.0-only"),
         "policy.yaml:3:56: unknown licence 'GPL-7.0-only'"),
        ("no expression", OWN.replace("LicenseRef-Acme-Proprietary", "MIT AND"),
         "policy.yaml:3:56: 'MIT AND' is no SPDX expression"),
        ("an unknown licence that is denied", "version: 1\ndeny: [{licence: \"GLP-*\"}]\n",
         "policy.yaml:2:18: no licence of the tables is called 'GLP-*'"),
        ("a licence that leads in a circle", "version: 1\noverrides:\n"
         "  - {component: a, name: a, licence_of: b, reason: x}\n"
         "  - {component: b, name: b, licence_of: a, reason: x}\n",
         "policy.yaml:3:41: licence_of leads in a circle through 'b'"),
        ("a licence of nothing", "version: 1\noverrides:\n"
         "  - {component: a, licence_of: b, reason: x}\n", "no entry is called 'b'"),
        ("a waiver without an end", "version: 1\nwaivers: [{component: a, reason: b, owner: c}]\n",
         "policy.yaml:2:11: expires is missing"),
        ("a day that is none", "version: 1\nwaivers: [{component: a, reason: b, owner: c, "
         "expires: 2027-02-30}]\n", "policy.yaml:2:56: '2027-02-30' is no day"),
        ("a waiver of everything", "version: 1\nwaivers: [{reason: b, owner: c, "
         "expires: 2027-02-01}]\n", "a waiver names a component"),
        ("a rule that is none", "version: 1\nwaivers: [{rule: foo, reason: b, owner: c, "
         "expires: 2027-02-01}]\n", "no rule is called 'foo'"),
        ("a list that is none", "version: 1\ndeny: {licence: MIT}\n", "deny has to be a list"),
        ("a number for a text", "version: 1\nown: [{match: [], name: a, licence: MIT}]\n",
         "match has to be a text"),
    ]
    for name, text, expected in cases:
        path = os.path.join(gate.work, "policy.yaml")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        status, out, err = run("check", "--root", gate.root, "--policy", path)
        test.ok(status == 3 and expected in err and not out, "refused: " + name, [status, err])
    status, _, err = run("scan", "--root", gate.root, "--policy", gate.work + "/none.yaml")
    test.ok(status == 3 and "none.yaml: No such file" in err, "a policy that is not there", [err])
    status, _, err = gate.check("version: 3\n", "a", "b", command="why")
    test.ok(status == 3 and "policy.yaml:1:10" in err, "why refuses it too", [err])
    deep = "version: 1\nown: " + "[" * 200 + "]" * 200 + "\n"
    test.ok("nested more than" in gate.check(deep)[2], "a policy that is too deep")
    wide = "version: 1\nwaivers: [" + "a," * 30000 + "a]\n"
    test.ok("more than 20000 values" in gate.check(wide)[2], "a policy that is too long")
    many = "version: 1\n" + "".join("k%d: 1\n" % i for i in range(100))
    test.ok("80 more errors" in gate.check(many)[2], "the first errors of many")
    status, _, err = gate.check(OWN, environment={"SOURCE_DATE_EPOCH": "soon"})
    test.ok(status == 3 and "SOURCE_DATE_EPOCH" in err, "a day of the environment that is none")


def own(test, gate):
    status, report = gate.report(OWN)
    server = [file for file in report["files"] if file["path"] == "/opt/acme/bin/server"][0]
    test.equal((server["origin"]["component"], server["origin"]["licence"],
                server["origin"]["source"]),
               ("own:acme-server", "LicenseRef-Acme-Proprietary", "policy"), "our own file")
    copyleft = findings(report, "link-copyleft", subject="/opt/acme/bin/server")
    test.ok(status == 1 and [f["outcomes"][-1] for f in copyleft] == ["conflict"] and
            copyleft[0]["contested"] and copyleft[0]["fails"],
            "a closed program of ours with GPL code fails", [report["findings"]])
    test.ok(not [f for f in report["findings"] if f["rule"].startswith("ship-") and
                 f["subject"].startswith("/opt/acme")], "what is ours owes nothing to itself")
    status, report = gate.report(OWN.replace("LicenseRef-Acme-Proprietary", "GPL-3.0-only"))
    test.equal((status, len(findings(report, "link-copyleft", subject="/opt/acme/bin/server"))),
               (0, 0), "the same program under GPL-3.0 passes")
    status, report = gate.report(
        OWN + "overrides:\n  - {match: usr/lib/libreadline.so.8, licence: MIT, reason: relicensed}\n")
    changed = [f for f in report["files"] if f["path"] == "/usr/lib/libreadline.so.8"][0]["origin"]
    test.ok(status == 0 and changed["licence"] == "MIT" and "relicensed" in changed["detail"] and
            "GPL-3.0-or-later" in changed["detail"], "an override, and what it overrode", [changed])
    _, report = gate.report("version: 1\noverrides:\n"
                            "  - {component: mit, name: m, licence: Zlib, reason: r}\n"
                            "  - {component: libnet0, licence_of: m, reason: r}\n")
    texts = [f["origin"]["licence"] for f in report["files"] if f["path"].startswith("/usr/lib/lib")]
    test.equal(texts, ["LGPL-2.1-or-later", "Zlib", "Zlib", "GPL-3.0-or-later"],
               "an override by source package, and one that leads to another")


def settings(test, gate):
    text = OWN + "distribution: internal\nsystem_libs: gpl3\n"
    _, report = gate.report(text, "--system-libs", "distro")
    policy = report["policy"]
    test.equal((policy["distribution"], policy["system_libs"]), ("internal", "distro"),
               "the command line beats the policy file")
    test.ok(policy["from"]["distribution"].endswith("policy.yaml:4") and
            policy["from"]["system_libs"] == "command line" and
            policy["from"]["unused_needed"] == "default", "the report says which applied",
            [policy])
    _, out, _ = gate.check(text)
    test.ok("distribution internal (by" in out, "and so does the text", [out])
    status, report = gate.report(OWN + "stance: {gpl_dynamic: review}\n")
    test.equal(findings(report, "link-copyleft", subject="/opt/acme/bin/server")[0]["outcomes"][-1],
               "review", "the stance on dynamic linking")
    test.equal(gate.check(OWN + "stance: {gpl_dynamic: review}\nfail_on: conflict\n")[0], 0,
               "the policy names the level of the gate")
    test.equal(gate.check(OWN + "stance: {gpl_dynamic: review}\nfail_on: conflict\n",
                          "--fail-on", "review")[0], 1, "and the command line beats it")
    test.equal(gate.check(OWN, command="scan")[0], 0, "scan with a policy has no gate")
    test.equal(gate.check(OWN, "--fail-on", "conflict", command="scan")[0], 1,
               "unless it is asked for one")


def scopes(test, gate):
    """A mode of distribution for a part of the tree."""
    def texts(report, path):
        return sorted({f["rule"] for f in report["findings"] if f["subject"] == path})

    server, other = "/opt/acme/bin/server", "/usr/bin/other"
    status, report = gate.report(OWN + "scopes:\n  - {match: \"opt/**\", distribution: internal, "
                                 "reason: a tool of ours}\n")
    test.ok(status == 0 and "link-copyleft" not in texts(report, server) and
            "mode-internal" in texts(report, server), "a program that stays inside", [report["findings"]])
    test.ok("ship-source-work" in texts(report, "/usr/lib/libreadline.so.8"),
            "its libraries, which do not, owe what they did")
    test.ok(report["policy"]["from"]["distribution"].endswith("; 1 scope of %s/policy.yaml" % gate.work),
            "the report says that there are scopes", [report["policy"]])
    status, report = gate.report(OWN + "distribution: internal\nscopes:\n"
                                 "  - {match: \"**\", distribution: network}\n"
                                 "  - {match: \"opt/acme/**\", distribution: binary}\n"
                                 "  - {match: \"usr/lib/libread*\", distribution: binary}\n")
    copyleft = findings(report, "link-copyleft", subject=server)
    test.ok(status == 1 and len(copyleft) == 1 and copyleft[0]["outcomes"][-1] == "conflict",
            "a product beside a service: what goes out is judged as it is", [report["findings"]])
    test.ok("network-linked" in texts(report, other) and "link-copyleft" not in texts(report, other),
            "what is offered as a service as that; the last scope that fits holds",
            texts(report, other))
    test.ok(not [f for f in report["findings"] if f["subject"] == "/usr/lib/libmit.so.1" and
                 f["rule"].startswith("ship-")], "and what is not conveyed owes no notice")
    for text, wanted in (("{match: a}", "distribution is missing"),
                         ("{match: a, distribution: boxed}", "policy.yaml:2:35: 'boxed' is none of"),
                         ("{match: a, distribution: binary, path: b}", "unknown key 'path'")):
        status, _, err = gate.check("version: 1\nscopes: [%s]\n" % text)
        test.ok(status == 3 and wanted in err, "refused: " + text, [err])


def denials(test, gate):
    deny = "version: 1\ndeny:\n  - {licence: \"AGPL-3.0-*\", class: linking, reason: our rule}\n"
    status, report = gate.report(deny)
    denied = findings(report, "policy-denied")
    test.ok(status == 1 and len(denied) == 1 and denied[0]["subject"] == "/usr/bin/other" and
            denied[0]["provider"] == "/usr/lib/libnet.so.0" and
            denied[0]["outcomes"] == ["conflict"] and
            denied[0]["citation"] == [{"text": gate.work + "/policy.yaml:3", "checked": "text"}] and
            "our rule" in denied[0]["message"], "a licence that is denied over linking", denied)
    _, report = gate.report(deny + "allow: [{licence: AGPL-3.0-or-later, component: libnet0}]\n")
    test.ok(not findings(report, "policy-denied"), "and allowed again for one component")
    _, report = gate.report(deny + "allow: [{licence: AGPL-3.0-or-later, path: \"opt/**\"}]\n")
    test.equal(len(findings(report, "policy-denied")), 1, "allowed under another path only")
    _, report = gate.report("version: 1\ndeny: [{licence: \"GPL-*\", path: \"opt/acme/**\"}]\n")
    test.equal([f["subject"] for f in findings(report, "policy-denied")],
               ["/opt/acme/bin/server"], "denied under one path")
    _, report = gate.report("version: 1\ndeny: [{licence: AGPL-3.0-or-later, class: aggregation}]\n")
    test.equal([(f["subject"], f["provider"]) for f in findings(report, "policy-denied")],
               [("/usr/lib/libnet.so.0", None)], "denied in the artifact at all")
    _, report = gate.report("version: 1\ndeny: [{licence: AGPL-3.0-or-later, class: ipc}]\n")
    test.ok(not findings(report, "policy-denied"), "denied over IPC alone")


def permissions(test, gate):
    text = OWN + ("permissions:\n  - {component: libreadline8, licence: \"GPL-3.0-*\", "
                  "permission: may be linked by anybody, source: letter of 2026-03-01}\n")
    status, report = gate.report(text)
    test.ok(status == 0 and not findings(report, "link-copyleft", subject="/opt/acme/bin/server"),
            "an additional permission frees the link")
    origin = [f for f in report["files"] if f["path"] == "/usr/lib/libreadline.so.8"][0]["origin"]
    test.ok("AdditionRef-policy-line-5" in origin["licence"] and
            "letter of 2026-03-01" in origin["detail"], "and the report says so", [origin])
    test.equal(findings(report, "ship-source-work", subject="/usr/lib/libreadline.so.8")[0]
               ["outcomes"][-1], "source-offer", "the library's own duties stay")


WAIVER = ("waivers:\n  - {component: readline, kind: link-dynamic, licence: GPL-3.0-or-later,\n"
          "     reason: replaced by libedit in 4.2, owner: release team, expires: %s%s}\n")


def waivers(test, gate):
    status, report = gate.report(OWN + WAIVER % ("2026-11-25", ""))
    waived = findings(report, "link-copyleft", subject="/opt/acme/bin/server")[0]
    test.ok(status == 0 and not waived["fails"] and waived["waiver"].endswith("policy.yaml:5") and
            report["gate"]["waived"] == 1, "a waiver holds through its last day", [report["gate"]])
    _, out, _ = gate.check(OWN + WAIVER % ("2026-11-25", ""))
    out = unfolded(out)
    test.ok("replaced by libedit in 4.2" in out and "release team" in out and
            "link-copyleft:own:acme-server" in out, "it is listed with what it covers", [out])
    status, out, _ = gate.check(OWN)
    test.ok("linked to copyleft code - GPL-3.0-or-later" in unfolded(out) and
            "agpl" not in out.lower().split("what this release owes")[0],
            "the text tells what fails, and nothing else", [out])
    status, out, _ = gate.check(OWN, "-v")
    test.ok("link-copyleft:own:acme-server>deb:libreadline8:link-dynamic:GPL-3.0-or-later" in
            "".join(out.split()), "-v tells ids", [out])
    status, report = gate.report(OWN + WAIVER % ("2026-11-24", ""))
    test.ok(status == 1 and report["gate"]["expired_waivers"] == 1 and
            findings(report, "link-copyleft", subject="/opt/acme/bin/server")[0]["fails"],
            "a waiver fails after it", [report["gate"]])
    status, out, _ = gate.check("version: 1\n" + WAIVER % ("2026-11-24", ""), "--fail-on",
                                "conflict")
    test.ok(status == 1 and "policy.yaml:3:5: 2026-11-24 (owner: release team)" in unfolded(out),
            "an expired waiver fails with its place, even when it covers nothing", [out])
    status, _ = gate.report(OWN + WAIVER % ("2026-12-01", ", consumer: \"usr/**\""))
    test.equal(status, 1, "a waiver for another consumer covers nothing")
    status, _ = gate.report(OWN + WAIVER % ("2026-12-01", ", consumer: acme-server"))
    test.equal(status, 0, "a consumer may be a component")


def narrow_waivers(test, gate):
    """Waivers by rule, by finding, and by both ends."""
    row = "waivers: [{%s, reason: r, owner: o, expires: 2026-12-01}]\n"
    own_id = "link-copyleft:own:acme-server>deb:libreadline8:link-dynamic:GPL-3.0-or-later"
    for text, covers in (("rule: link-copyleft", True), ("rule: ship-notice", False),
                         ("finding: \"%s\"" % own_id, True), ("finding: \"link-copyleft:own:*\"", True),
                         ("finding: \"link-copyleft:own:other>*\"", False),
                         ("component: libreadline8, kind: link-plugin", False),
                         ("component: libreadline8, licence: \"GPL-2.0-*\"", False),
                         ("component: readline, consumer: \"opt/**\"", True)):
        _, report = gate.report(OWN + row % text)
        fails = findings(report, "link-copyleft", subject="/opt/acme/bin/server")[0]["fails"]
        test.equal(fails, not covers, "a waiver of {%s} %s" % (text, "holds" if covers else "covers something else"))


def unused(test, gate):
    """The stance on libraries that are named and not used, and rows of deny by kind of edge."""
    directory = os.path.join(gate.work, "unused")
    root = roots.Root(directory)
    root.library("/usr/lib/libreadline.so.8", package=("libreadline8", "8.2-1.3", "GPL-3+", "readline"))
    root.program("/opt/acme/bin/server", needs=["/usr/lib/libreadline.so.8"], uses=False)
    other = Gate(root.finish(), gate.work)
    for stance, outcome in (("counts", "conflict"), ("review", "review"), ("ignore", None)):
        _, report = other.report(OWN + "stance: {unused_needed: %s}\n" % stance)
        told = findings(report, "link-copyleft", subject="/opt/acme/bin/server")
        test.equal([one["outcomes"][-1] for one in told], [outcome] if outcome else [],
                   "the stance on unused libraries: " + stance)
    for kind, count in (("link-dynamic", 1), ("link-plugin", 0)):
        _, report = other.report("version: 1\ndeny: [{licence: \"GPL-*\", kind: %s, path: \"opt/**\"}]\n" % kind)
        test.equal(len(findings(report, "policy-denied")), count, "denied over %s" % kind)


def baseline(test, gate):
    path = os.path.join(gate.work, "old.json")
    text = OWN + "stance: {gpl_dynamic: review}\n"
    gate.check(text, "-f", "json=" + path)
    status, report = gate.report(text, "--baseline", path)
    test.ok(status == 0 and report["gate"]["known"] == 2 and report["gate"]["failing"] == 0,
            "what the earlier report had does not fail", [report["gate"]])
    status, report = gate.report(OWN, "--baseline", path)
    test.ok(status == 1, "unless it is heavier now", [report["gate"]])
    deny = text + "deny: [{licence: \"AGPL-*\"}]\n"
    status, report = gate.report(deny, "--baseline", path)
    test.ok(status == 1 and {f["rule"] for f in report["findings"] if f["fails"]} ==
            {"policy-denied"}, "only what is new fails", [report["gate"]])
    for name, wrong, expected in (("no JSON", "{", "wrong.json:1:"),
                                  ("no report", "{}", "no report of elfleft"),
                                  ("a list of numbers", '{"schema_version":"1","findings":[1]}',
                                   "no report of elfleft")):
        wrong_path = os.path.join(gate.work, "wrong.json")
        with open(wrong_path, "w", encoding="utf-8") as file:
            file.write(wrong)
        status, _, err = gate.check(OWN, "--baseline", wrong_path)
        test.ok(status == 3 and expected in err, "a baseline that is " + name, [status, err])
    status, _, err = gate.check(OWN, "--baseline", gate.work + "/none.json")
    test.ok(status == 3 and "none.json" in err, "a baseline that is not there", [err])


def obligations(test, gate):
    _, report = gate.report(OWN)
    owed = {(o["component"], o["kind"]): o for o in report["obligations"]}
    test.ok(("deb:libmit1", "notice") in owed and ("deb:liblesser2", "licence-text") in owed,
            "notices and texts per component", sorted(owed, key=str))
    source = owed.get(("deb:libreadline8", "source"))
    test.ok(source and source["fetch"]["source_name"] == "readline" and
            source["fetch"]["source_version"] == "8.2-1.3" and
            source["files"] == ["/usr/lib/libreadline.so.8"],
            "a source offer names the source package and its version", [source])
    test.equal(owed[("deb:libmit1", "notice")]["texts"], ["/usr/share/doc/libmit1/copyright"],
               "where the text stands")
    ids = {finding["id"] for finding in report["findings"]}
    keys = [(o["component"], o["kind"], o["licence"]) for o in report["obligations"]]
    test.ok(all(set(o["findings"]) <= ids for o in report["obligations"]) and
            len(keys) == len(set(keys)), "each thing is owed once, by findings of the report")
    test.ok(not [key for key in owed if (key[0] or "").startswith("own:")], "none for what is ours")
    _, report = gate.report(OWN + "user_product: true\n")
    test.ok(("deb:libreadline8", "installation") in
            {(o["component"], o["kind"]) for o in report["obligations"]}, "a user product owes more")
    _, report = gate.report(OWN, "--distribution", "internal")
    test.equal(report["obligations"], [], "internal use owes nothing")
    _, out, _ = gate.check(OWN, "-f", "notice")
    test.ok("libreadline8 8.2-1.3\n  source package: readline 8.2-1.3" in out and
            "Copyright: 2026 the authors of libmit1" in out and
            out.count("2026 the authors of libmit1") == 1, "the NOTICE file holds the texts", [out])
    test.equal(gate.check(OWN, "-f", "notice")[1], out, "and is the same again")
    copyright_file = os.path.join(gate.root, "usr/share/doc/libmit1/copyright")
    os.rename(copyright_file, copyright_file + ".away")
    _, report = gate.report("version: 1\noverrides: [{component: libmit1, licence: MIT, "
                            "reason: read}]\n")
    missing = findings(report, "ship-text-missing")
    test.ok([f["subject"] for f in missing] == ["/usr/lib/libmit.so.1"] and
            missing[0]["outcomes"] == ["notice"], "a text that is missing is a finding", missing)
    os.rename(copyright_file + ".away", copyright_file)


SITE = "/usr/lib/python3/site-packages/"


def wheels(test, gate):
    """Files of wheels: the texts that their distributions carry."""
    directory = os.path.join(gate.work, "wheels")
    root = roots.Root(directory)
    cudart, other = SITE + "nvidia/cuda_runtime/lib/libcudart.so.12", SITE + "lone/libcurand.so.10"
    root.library(cudart)
    root.library(other)
    info = SITE + "nvidia_cuda_runtime_cu12-12.4.127.dist-info/"
    root.text(info + "RECORD", cudart[len(SITE):] + ",sha256=x,1\n\"quo,ted.so\",,\nshort\n"
              "../../../../../../../etc/passwd,,\n")
    root.text(info + "METADATA", "Name: nvidia-cuda-runtime-cu12\nVersion: 12.4.127\n")
    root.text(info + "licenses/License.txt", "the EULA\n")
    root.text(info + "licenses/part/NOTICE", "a part\n")
    root.finish()
    _, out, _ = run("scan", "--root", directory, "--tiers", "link", "-f", "json")
    report = json.loads(out)
    terms = {o["files"][0]: o["texts"] for o in report["obligations"] if o["kind"] == "terms"}
    test.equal(terms, {cudart: [info + "licenses/License.txt", info + "licenses/part/NOTICE"],
                       other: []}, "a file of a wheel has the texts of its dist-info")
    test.equal([f["subject"] for f in findings(report, "ship-text-missing")], [other],
               "one that no RECORD names has none")
    _, out, _ = run("scan", "--root", directory, "--tiers", "link", "-f", "notice")
    test.ok("the EULA" in out and "a part" in out and "no text was found in the artifact" in out,
            "and the NOTICE file holds them", [out])


def schemas(test, gate):
    with open(os.path.join(SCHEMAS, "scan.schema.json"), encoding="utf-8") as file:
        scan_schema = jsonschema.Draft7Validator(json.load(file))
    for name, text, options in (
            ("check", OWN + WAIVER % ("2026-11-25", ""), ()),
            ("denied", OWN + "deny: [{licence: \"*\"}]\n", ("--distribution", "internal"))):
        _, report = gate.report(text, *options)
        problems = [e.message[:200] for e in scan_schema.iter_errors(report)]
        test.ok(not problems, "the report of %s fits its schema" % name, problems[:5])


SAMPLES = [  # JSON is YAML: both readers get the same bytes. (policy, whether it is one)
    ({"version": 1}, True),
    ({"version": 1, "own": [{"match": "opt/**", "name": "a", "licence": "MIT"}]}, True),
    ({"version": 1, "own": [{"match": "opt/**", "name": "a", "licence": "LicenseRef-A",
                             "class": "permissive"}]}, True),
    ({"version": 1, "own": [{"match": "opt/**", "name": "a"}]}, False),
    ({"version": 1, "own": [{"match": "a", "name": "a", "licence": "MIT", "component": "x"}]},
     False),
    ({"version": 1, "overrides": [{"component": "a", "licence": "MIT", "reason": "r"}]}, True),
    ({"version": 1, "overrides": [{"licence": "MIT", "reason": "r"}]}, False),
    ({"version": 1, "overrides": [{"component": "a", "licence": "MIT"}]}, False),
    ({"version": 1, "modified": [{"component": "torch", "reason": "our patches"}]}, True),
    ({"version": 1, "modified": [{"reason": "our patches"}]}, False),
    ({"version": 1, "deny": [{"licence": "GPL-*", "class": "linking"}]}, True),
    ({"version": 1, "deny": [{"licence": "GPL-*", "class": "linking", "kind": "ipc-exec"}]}, False),
    ({"version": 1, "allow": [{"licence": "GPL-*", "kind": "ipc-exec", "component": "git"}]}, True),
    ({"version": 1, "allow": [{"kind": "ipc-exec"}]}, False),
    ({"version": 1, "permissions": [{"component": "a", "licence": "GPL-3.0-only",
                                     "permission": "p", "source": "s"}]}, True),
    ({"version": 1, "permissions": [{"component": "a", "licence": "GPL-3.0-only"}]}, False),
    ({"version": 1, "waivers": [{"rule": "link-copyleft", "reason": "r", "owner": "o",
                                 "expires": "2030-01-01"}]}, True),
    ({"version": 1, "waivers": [{"kind": "ipc-exec", "reason": "r", "owner": "o",
                                 "expires": "2030-01-01"}]}, False),
    ({"version": 1, "stance": {"gpl_dynamic": "fsf", "unused_needed": "ignore"},
      "distribution": "network", "system_libs": "distro", "fail_on": "conflict"}, True),
    ({"version": 1, "scopes": [{"match": "a", "distribution": "network", "reason": "r"}]}, True),
    ({"version": 1, "scopes": [{"match": "a"}]}, False),
    ({"version": 1, "scopes": [{"match": "a", "distribution": "sold"}]}, False),
    ({"version": 1, "user_product": True}, True), ({"version": 1, "user_product": "maybe"}, False),
    ({"version": 1, "stance": {"gpl_dynamic": "never"}}, False),
    ({"version": 2}, False), ({}, False), ([], False),
]


def policy_schema(test, gate):
    with open(os.path.join(SCHEMAS, "policy.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    for sample, good in SAMPLES:
        status, _, err = gate.check(json.dumps(sample), "--fail-on", "conflict")
        test.equal((jsonschema.Draft7Validator(schema).is_valid(sample), status != 3),
                   (good, good), "schema and reader agree: " + json.dumps(sample)[:90])
        if good:
            test.equal(err, "", "nothing is said against it")


def main():
    if not roots.INTERPRETER:
        tap.skip_all("no interpreter is known for this machine")
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(work + "/root")
        gate = Gate(make_root(work + "/root"), work)
        for part in (errors, own, settings, scopes, denials, permissions, waivers, narrow_waivers, unused, baseline, obligations, wheels,
                     schemas, policy_schema):
            part(test, gate)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
