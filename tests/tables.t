#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tables of the user's own: rows that come before the built-in ones, and tables in their place."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import roots  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
DATA = os.path.join(HERE, os.pardir, "data")
ROWS = {  # table -> (row of ours, in the columns of the built-in one)
    "licences": "LicenseRef-Acme-Share\tAcme Share Alike\tweak-file\ty\ty\tn\tn\ty\ty\tour lawyers, 2026\n",
    "known-components": "libacme.so.*\tacme\thttps://acme.example\tLicenseRef-Acme-Share\t\tours\n"
                        "libz.so.1\tzlib-ng\thttps://acme.example\tMIT\twhat we ship as libz\tours\n",
    "licence-names": "Acme Share, version 1\tdebian-dep5\tLicenseRef-Acme-Share\thigh\tours\n",
}


def header(table):
    with open(os.path.join(DATA, table + ".tsv"), encoding="utf-8") as file:
        return next(line for line in file if not line.startswith("# "))


def scan(root, *options):
    done = subprocess.run([ELFLEFT, "scan", "--root", root, "--tiers", "link", "-f", "json", *options],
                          capture_output=True, timeout=60, check=False)
    return json.loads(done.stdout), done.returncode


def licences(report):
    return {os.path.basename(file["path"]): file["origin"]["licence"] for file in report["files"]}


def write(folder, rows, comment, more=""):
    os.makedirs(folder, exist_ok=True)
    for table, text in rows.items():
        with open(os.path.join(folder, table + ".tsv"), "w", encoding="utf-8") as file:
            file.write(comment + header(table).rstrip("\n") + more + "\n" + text)


def main():
    if not roots.INTERPRETER:
        tap.skip_all("no interpreter is known for this machine")
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as work:
        root = roots.Root(os.path.join(work, "root"))
        root.library("/usr/lib/libacme.so.3")
        root.library("/usr/lib/libz.so.1")
        root.library("/usr/lib/libexpat.so.1")
        root.library("/usr/lib/libpacked.so.1", package=("packed", "1-1", "Acme Share, version 1"))
        directory = root.finish()
        plain, _ = scan(directory)
        test.equal(licences(plain)["libacme.so.3"], "NOASSERTION", "no built-in table knows our library")

        own = os.path.join(work, "own")
        write(own, ROWS, "# date: 2026-11-25\n# extends: built-in\n")
        report, status = scan(directory, "--data", own)
        found = licences(report)
        test.equal((found["libacme.so.3"], found["libpacked.so.1"], status),
                   ("LicenseRef-Acme-Share", "LicenseRef-Acme-Share", 0), "with rows of ours it is known")
        test.equal((found["libz.so.1"], found["libexpat.so.1"]), ("MIT", licences(plain)["libexpat.so.1"]),
                   "they come before the built-in rows, which still hold")
        owed = [one for one in report["findings"] if one["subject"] == "/usr/lib/libacme.so.3"]
        test.equal([one["rule"] for one in owed if one["citation"]], ["ship-source-files", "ship-text-missing"],
                "a licence of ours has the duties of its class")
        test.ok(report["policy"]["data_sha256"] != plain["policy"]["data_sha256"],
                "the report tells that the tables are others")

        write(own, ROWS, "# date: 2026-11-25\n")
        report, _ = scan(directory, "--data", own)
        test.equal((licences(report)["libacme.so.3"], licences(report)["libexpat.so.1"]),
                   ("LicenseRef-Acme-Share", "NOASSERTION"), "without the comment a table replaces the other")

        write(own, ROWS, "# extends: built-in\n", "\tmore")
        done = subprocess.run([ELFLEFT, "scan", "--root", directory, "--data", own], capture_output=True,
                              timeout=60, check=False)
        test.ok(done.returncode == 3 and not done.stdout and
                ("--data: %s/licences.tsv: its columns are not those" % own).encode() in done.stderr,
                "other columns than the built-in table has are an error", [done.stderr])
        for name in ("licences", "licence-names"):
            os.remove(os.path.join(own, name + ".tsv"))
        report, status = scan(directory, "--data", own)
        told = [one["file"] for one in report["diagnostics"] if one["code"] == "EL0601"]
        test.ok(status == 2 and told == [own + "/known-components.tsv"], "in any table", [status, told])

        write(own, {"licences": ROWS["licences"].replace("weak-file", "copyleft-ish")}, "# extends: built-in\n")
        os.remove(os.path.join(own, "known-components.tsv"))
        report, status = scan(directory, "--data", own)
        told = [one["message"] for one in report["diagnostics"] if one["code"] == "EL0601"]
        test.ok(status == 2 and told == ['row LicenseRef-Acme-Share: "copyleft-ish" is no class of licences'],
                "and so is a class that is none", told)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
