#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Owners, licences and coordinates from metadata: Python distributions and the SBOMs in them, conda
packages, .note.package, the sources that debug information names, and sources that disagree."""
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import roots  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
SITE = "/opt/venv/lib/python3.11/site-packages"
DEP5 = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"


def scan(root, *options, status=0):
    done = subprocess.run([ELFLEFT, "scan", "--root", root, "-f", "json", *options],
                          capture_output=True, timeout=120, check=False)
    if done.returncode != status:
        raise SystemExit("elfleft exits with %d\n%s" % (done.returncode, done.stderr.decode()))
    return json.loads(done.stdout)


def origin(report, path):
    return [file for file in report["files"] if file["path"] == path][0]["origin"]


def component(report, name):
    found = [one for one in report["components"] if one["id"] == name]
    return found[0] if found else {}


def wheel(root, name, version, metadata, files, extra=()):
    """An installed distribution: its files are libraries, extra are (path in dist-info, text)."""
    info = "%s/%s-%s.dist-info" % (SITE, name, version)
    roots.put(root.directory, info + "/METADATA",
              "Metadata-Version: 2.4\nName: %s\nVersion: %s\n%s\nThe description.\nLicense: no field\n"
              % (name.replace("_", "."), version, metadata))
    for path, text in extra:
        roots.put(root.directory, info + "/" + path, text)
    for path in files:
        root.library("%s/%s" % (SITE, path))
    roots.put(root.directory, info + "/RECORD", "".join("%s,sha256=x,1\n" % path for path in files) +
              "%s-%s.dist-info/RECORD,,\n" % (name, version))


def sbom(*components):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1,
                       "metadata": {"component": {"name": "x", "purl": "pkg:pypi/x@1"}},
                       "components": list(components)})


def folders(test, directory):
    root = roots.Root(directory)
    wheel(root, "vast", "7", "License: MIT\n", ["vast/_c.so"])
    os.truncate(directory + SITE + "/vast-7.dist-info/RECORD", (64 << 20) + 1)
    # A folder above that is called like one of grafts makes nothing a graft.
    above = "/opt/my.libs/site"
    roots.put(directory, above + "/below-1.dist-info/METADATA",
              "Name: below\nVersion: 1\nLicense: MIT\n\n")
    roots.put(directory, above + "/below-1.dist-info/RECORD", "below/_c.so,,\n")
    root.library(above + "/below/_c.so")
    done = subprocess.run([ELFLEFT, "scan", "--root", root.finish(), "-f", "json"],
                          capture_output=True, check=False)
    report = json.loads(done.stdout)
    test.equal(origin(report, above + "/below/_c.so")["licence"], "MIT",
               "a folder above the packages makes nothing a graft")
    told = {one["file"] for one in report["diagnostics"] if "owner" in one["message"]}
    test.ok(done.returncode == 2 and told == {SITE + "/vast-7.dist-info/RECORD"}
            and (origin(report, SITE + "/vast/_c.so") or {}).get("component") != "pypi:vast",
            "a RECORD that is too large is told", [told])


def python(test, directory):
    root = roots.Root(directory)
    wheel(root, "Plain_Name", "1.0+cu12", "License-Expression: MPL-2.0\n", ["plain/_c.so"],
          [("licenses/LICENSE", "The MPL.")])
    wheel(root, "text", "2", "License: BSD 3-Clause\nClassifier: License :: OSI Approved :: BSD License\n",
          ["text/_c.so"])
    wheel(root, "lossy", "3", "Classifier: License :: OSI Approved :: BSD License\n", ["lossy/_c.so"])
    wheel(root, "vague", "3", "License: BSD\nClassifier: License :: OSI Approved :: BSD License\n",
          ["vague/_c.so"])
    wheel(root, "exact", "3",
          "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)\n",
          ["exact/_c.so"])
    wheel(root, "twice", "3", "Classifier: License :: OSI Approved :: MIT License\n"
          "Classifier: License :: OSI Approved :: GNU General Public License v2 (GPLv2)\n",
          ["twice/_c.so"])
    wheel(root, "torn", "4", "License: MIT\n"
          "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)\n",
          ["torn/_c.so"])
    wheel(root, "graft", "5", "License: MIT\n",
          ["graft/_c.so", "graft.libs/libXfoo-00ec42fe.so.6.0.0", "graft.libs/libgomp-a34b3233.so.1.0.0",
           "graft.libs/libnobody-01234567.so.1", "graft/libtiff-56c1bbc6.so.6.2.0"],
          [("sboms/auditwheel.cdx.json", sbom(
              {"name": "graft", "version": "5", "purl": "pkg:pypi/graft@5"},
              {"name": "libXfoo", "version": "1.0.8-2.1.el7",
               "purl": "pkg:rpm/centos/libXfoo@1.0.8-2.1.el7",
               "licenses": [{"license": {"id": "MIT"}}]}))])
    wheel(root, "broken", "6", "License: UNKNOWN\n", ["broken/_c.so"],
          [("sboms/x.json", "{\"components\": [{")])
    endless = ("License: " + "a and " * 40000 + "\n" +
               "Keywords: x\n" + "  x\n" * 100000 +
               "Classifier: License :: Other/Proprietary License\n" * 8000)
    wheel(root, "endless", "7", endless, ["endless/_c.so"])
    root.finish()
    start = time.monotonic()
    report = scan(root.directory)
    # A second is plenty: with sanitizers too. Quadratic, it took a minute and gigabytes.
    test.ok(time.monotonic() - start < 5 and component(report, "pypi:endless").get("version") == "7",
            "metadata without end costs as much as it is long", [time.monotonic() - start])
    plain = component(report, "pypi:plain-name")
    test.equal((plain.get("purl"), plain.get("version")), ("pkg:pypi/plain-name@1.0%2Bcu12", "1.0+cu12"),
               "a distribution is named by its coordinates")
    test.equal({one["fetch"]["purl"] for one in report["obligations"] if one["component"] == "pypi:plain-name"},
               {"pkg:pypi/plain-name@1.0%2Bcu12"}, "by which what it owes is to be fetched")
    for path, wanted, words in (
            ("plain", ("MPL-2.0", "medium", None), "License-Expression"),
            ("text", ("BSD-3-Clause", "medium", None), "License"),
            ("lossy", ("BSD-3-Clause", "low", None), "a classifier without a version: low"),
            ("vague", ("BSD-3-Clause", "low", None), "two fields that leave it open, too"),
            ("exact", ("GPL-3.0-only", "medium", None), "a classifier that names its version"),
            ("twice", ("MIT AND GPL-2.0-only", "low", None), "two classifiers"),
            ("torn", ("MIT", "low", "GPL-3.0-only"), "fields that disagree")):
        got = origin(report, "%s/%s/_c.so" % (SITE, path))
        test.equal((got["licence"], got["confidence"], got["label"]), wanted, words)
        test.equal(got["source"], "package metadata", "its source")
    xau = origin(report, SITE + "/graft.libs/libXfoo-00ec42fe.so.6.0.0")
    test.equal((xau["component"], xau["licence"]), ("rpm:libXfoo", "MIT"),
               "a grafted library belongs to the package its wheel's SBOM names")
    test.equal(component(report, "rpm:libXfoo").get("purl"), "pkg:rpm/centos/libXfoo@1.0.8-2.1.el7",
               "with its coordinates")
    gomp = origin(report, SITE + "/graft.libs/libgomp-a34b3233.so.1.0.0")
    test.equal(gomp["licence"], "GPL-3.0-or-later WITH GCC-exception-3.1",
               "one that no SBOM names is known by its name")
    test.equal(origin(report, SITE + "/graft/libtiff-56c1bbc6.so.6.2.0")["licence"], "libtiff",
               "by the name it had before")
    nobody = origin(report, SITE + "/graft.libs/libnobody-01234567.so.1")
    test.equal((nobody["component"], nobody["licence"]), ("pypi:graft:carried", "NOASSERTION"),
               "and is not under the licence of the wheel that carries it")
    test.equal(origin(report, SITE + "/broken/_c.so")["licence"], "NOASSERTION", "UNKNOWN is no licence")
    bad = [one for one in report["diagnostics"] if one["code"] == "EL0505"]
    test.ok(len(bad) == 1 and bad[0]["file"].endswith("sboms/x.json"), "an SBOM that is no JSON is told",
            [bad])
    owed = [one for one in report["obligations"] if one["component"] == "pypi:plain-name"]
    test.ok(any(one["kind"] == "source" for one in owed) and
            any(text.endswith("/licenses/LICENSE") for one in owed for text in one["texts"]),
            "what is owed for it: source, and its licence file", [owed])
    owed = [one for one in report["obligations"] if one["component"] == gomp["component"]]
    test.ok(owed and owed[0]["fetch"]["carriers"] == ["pkg:pypi/graft@5"],
            "where the owner has no coordinates, those of the wheel that carries it", [owed])
    done = subprocess.run([ELFLEFT, "scan", "--root", directory, "-f", "notice"], capture_output=True,
                          text=True, check=True)
    test.ok("pkg:pypi/plain-name@1.0%2Bcu12" in done.stdout and "The MPL." in done.stdout,
            "the notice names version and text", [done.stdout[:2000]])


def endless_bills(test, directory):
    root = roots.Root(directory)
    wheel(root, "many", "1", "License: MIT\n", ["many/_c.so"],
          [("sboms/a.json", sbom(*[{"name": "n%d" % number} for number in range(20001)]))])
    report = scan(root.finish(), status=2)
    test.equal([(one["code"], one["file"]) for one in report["diagnostics"]],
               [("EL0301", SITE + "/many-1.dist-info/sboms")], "an SBOM that is not read to its end is told")


def conda(test, directory):
    root = roots.Root(directory)
    prefix = "/opt/conda"
    for name in ("a", "b", "q"):
        root.library("%s/lib/lib%s.so.1" % (prefix, name))
    for name, licence, family in (("a", "GPL (>= 2)", "GPL"), ("b", None, "GPL3"),
                                  ("q", "MIT or LGPL-2.1-or-later", None)):
        data = {"name": "lib" + name, "version": "1.2", "build": "h1_0", "subdir": "linux-64",
                # As conda, an older one, and mamba write the same channel.
                "channel": {"a": "https://conda.anaconda.org/conda-forge/linux-64",
                            "b": "conda-forge/linux-64", "q": "conda-forge"}[name],
                "files": ["lib/lib%s.so.1" % name, "share/x"],
                "paths_data": {"paths": [{"_path": "no/such", "n": [1, {"x": None}]}]},
                "extracted_package_dir": "/opt/conda/pkgs/lib%s-1.2-h1_0" % name}
        if licence:
            data["license"] = licence
        if family:
            data["license_family"] = family
        roots.put(directory, "%s/conda-meta/lib%s-1.2-h1_0.json" % (prefix, name), json.dumps(data))
    roots.put(directory, "/opt/conda/pkgs/liba-1.2-h1_0/info/licenses/odd-name", "The text of a.")
    root.library("/opt/conda/pkgs/liba-1.2-h1_0/info/licenses/libexpat.so.1")
    roots.put(directory, "/opt/conda/conda-meta/broken.json", "[]")
    report = scan(root.finish())
    for name in "abq":
        test.equal(component(report, "conda:lib" + name).get("purl"),
                   "pkg:conda/lib%s@1.2?build=h1_0&channel=conda-forge&subdir=linux-64" % name,
                   "a conda package is named by its coordinates")
    got = [origin(report, "/opt/conda/lib/lib%s.so.1" % name) for name in "abq"]
    test.equal([(one["licence"], one["confidence"]) for one in got],
               [("GPL-2.0-or-later", "medium"), ("GPL-3.0-or-later", "low"),
                ("MIT OR LGPL-2.1-or-later", "medium")], "what conda-meta says; a family is no licence")
    owed = [one for one in report["obligations"] if one["component"] == "conda:liba"]
    test.ok(any("/opt/conda/pkgs/liba-1.2-h1_0/info/licenses/odd-name" in one["texts"]
                for one in owed), "its texts lie in the cache of packages", [owed])
    owed = [one for one in report["obligations"] if one["component"].startswith("known:")]
    test.ok(owed and not any("odd-name" in text for one in owed for text in one["texts"]),
            "which are no texts of what merely lies there", [report["obligations"]])
    test.ok([one["file"] for one in report["diagnostics"] if one["code"] == "EL0505"] ==
            ["/opt/conda/conda-meta/broken.json"], "a file that describes no package is told")


# Records of real environments, as far as they say what a package is: EMERGE-Policy/imagemagick_env @07db74e
# (mamba) and Kim-yk/autodock-gpu @54d41c1 (conda), both with conda-meta in their repositories.
CONDA = [  # name, version, build, channel, library, license, license_family, what is to be told
    ("libgomp", "16.1.0", "he0feb66_1", "conda-forge", "lib/libgomp.so.1.0.0",
     "GPL-3.0-only WITH GCC-exception-3.1", None, "GPL-3.0-only WITH GCC-exception-3.1",
     "pkg:conda/libgomp@16.1.0?build=he0feb66_1&channel=conda-forge&subdir=linux-64"),
    ("libheif", "1.23.1", "gpl_h214e2e5_100", "conda-forge", "lib/libheif.so.1.23.1",
     "LGPL-3.0-or-later", "LGPL", "LGPL-3.0-or-later",
     "pkg:conda/libheif@1.23.1?build=gpl_h214e2e5_100&channel=conda-forge&subdir=linux-64"),
    ("libiconv", "1.18", "h3b78370_2", "conda-forge", "lib/libiconv.so.2.7.0", "LGPL-2.1-only", None,
     "LGPL-2.1-only", "pkg:conda/libiconv@1.18?build=h3b78370_2&channel=conda-forge&subdir=linux-64"),
    ("jasper", "4.2.9", "h1588d4d_1", "conda-forge", "lib/libjasper.so.7.0.0", "JasPer-2.0", None,
     "JasPer-2.0", "pkg:conda/jasper@4.2.9?build=h1588d4d_1&channel=conda-forge&subdir=linux-64"),
    ("autodock", "4.2.6", "hfc679d8_0", "https://conda.anaconda.org/hcc/linux-64", "bin/autodock4",
     "GPLv2", "GPL", "GPL-2.0-only",
     "pkg:conda/autodock@4.2.6?build=hfc679d8_0&channel=hcc&subdir=linux-64"),
    ("libgomp", "9.3.0", "h5101ec6_17", "https://repo.anaconda.com/pkgs/main/linux-64",
     "old/libgomp.so.1.0.0", "GPL-3.0-only WITH GCC-exception-3.1", None,
     "GPL-3.0-only WITH GCC-exception-3.1",
     "pkg:conda/libgomp@9.3.0?build=h5101ec6_17&channel=main&subdir=linux-64"),
]


def conda_records(test, directory):
    root = roots.Root(directory)
    for number, (name, version, build, channel, path, licence, family, _, _) in enumerate(CONDA):
        prefix = "/opt/env%d" % number
        root.library("%s/%s" % (prefix, path))
        roots.put(directory, "%s/conda-meta/%s-%s-%s.json" % (prefix, name, version, build), json.dumps({
            "arch": "x86_64", "build": build, "build_number": int(build.split("_")[-1]), "channel": channel,
            "constrains": [], "depends": ["__glibc >=2.17,<3.0.a0"],
            "extracted_package_dir": "/data/pkgs/https/conda.anaconda.org/%s-%s-%s" % (name, version, build),
            "features": "", "files": [path], "fn": "%s-%s-%s.conda" % (name, version, build), "license": licence,
            **({"license_family": family} if family else {}), "link": {"source": "/data/pkgs/x", "type": 1},
            "name": name, "package_tarball_full_path": "/data/pkgs/x.conda",
            "paths_data": {"paths": [{"_path": path, "path_type": "hardlink", "size_in_bytes": 1}],
                           "paths_version": 1},
            "platform": "linux", "requested_spec": "None", "size": 640415, "subdir": "linux-64",
            "timestamp": 1785375373, "track_features": "", "version": version}, indent=4))
    report = scan(root.finish(), "--tiers", "link")
    purls = {one["purl"] for one in report["components"]}
    for number, (name, version, _, _, path, _, _, told, purl) in enumerate(CONDA):
        got = origin(report, "/opt/env%d/%s" % (number, path))
        # A second version of one package is a component of its own, and something else to fetch.
        own = "conda:" + name + ("@" + version if version == "9.3.0" else "")
        test.equal((got["component"], got["licence"], got["source"]), (own, told, "package metadata"),
                   "a record of %s %s as conda wrote it" % (name, version))
        test.ok(purl in purls, "and its coordinates", sorted(purls))
        test.equal({one["fetch"]["purl"] for one in report["obligations"] if one["component"] == own}, {purl},
                   "what it owes is to be fetched in that version")
    test.ok(not [one for one in report["diagnostics"] if one["code"] == "EL0505"], "each is understood")


def notes(test, directory):
    root = roots.Root(directory)
    for name, text in (("one", {"type": "deb", "os": "debian", "name": "src-one", "version": "1.0-2",
                                "architecture": "amd64"}),
                       ("two", {"type": "rpm", "os": "fedora", "name": "two", "version": "3-1.fc40",
                                "license": "GPLv2+ and (MIT or ASL 2.0)"})):
        path = os.path.join(directory, "usr/lib/lib%s.so.1" % name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run([*roots.CC, "-xc", "-", "-shared", "-fPIC", "-nostdlib", "-o", path,
                        "-Wl,-soname,lib%s.so.1" % name, "-Xlinker",
                        "--package-metadata=" + json.dumps(text)],
                       input=b"int f(void) { return 0; }", check=True)
    report = scan(root.finish())
    one, two = origin(report, "/usr/lib/libone.so.1"), origin(report, "/usr/lib/libtwo.so.1")
    source = component(report, "note:deb:src-one")
    test.equal((one["component"], source.get("source_name"), source.get("source_version"),
                source.get("purl")),
               ("note:deb:src-one", "src-one", "1.0-2", "pkg:deb/debian/src-one@1.0-2?arch=source"),
               ".note.package names the source package")
    test.equal(two["licence"], "GPL-2.0-or-later AND (MIT OR Apache-2.0)", "and perhaps a licence")
    test.equal(two["source"], "package metadata", "its source")


def compressed(test, directory):
    """Old packages have their copyright file compressed; a text that is nowhere is a finding."""
    root = roots.Root(directory)
    root.library("/usr/lib/libold.so.1", package=("libold1", "1-1", "x"))
    root.library("/usr/lib/libtorn.so.1", package=("libtorn1", "1-1", "x"))
    root.library("/usr/lib/liblone.so.1")
    root.finish()
    text = DEP5 + "\nFiles: *\nCopyright: 1999 Somebody\nLicense: Expat\n The words of it.\n"
    for name, cut in (("libold1", 0), ("libtorn1", 20)):
        doc = os.path.join(directory, "usr/share/doc", name, "copyright")
        os.remove(doc)
        data = gzip.compress(text.encode(), mtime=0)
        with open(doc + ".gz", "wb") as file:
            file.write(data[:len(data) - cut])
    report = scan(directory)
    old, torn = origin(report, "/usr/lib/libold.so.1"), origin(report, "/usr/lib/libtorn.so.1")
    test.equal((old["licence"], old["source_path"]), ("MIT", "/usr/share/doc/libold1/copyright.gz"),
               "a copyright file that is compressed")
    test.ok(torn["licence"] == "NOASSERTION" and
            [one["file"] for one in report["diagnostics"] if one["code"] == "EL0503"] ==
            ["/usr/share/doc/libtorn1/copyright.gz"], "one that is damaged is told", [torn])
    done = subprocess.run([ELFLEFT, "scan", "--root", directory, "-f", "notice"], capture_output=True,
                          text=True, check=True)
    test.ok("Copyright: 1999 Somebody" in done.stdout,
            "the notice holds its text")
    test.ok("source package: libold1 1-1" in done.stdout, "and what to fetch")
    roots.put(directory, "/opt/x.policy", "version: 1\noverrides:\n"
              "  - {match: usr/lib/liblone.so.1, name: lone, licence: GPL-2.0-only, reason: r}\n")
    policy = ["--policy", os.path.join(directory, "opt/x.policy")]
    report = scan(directory, *policy)
    missing = [one for one in report["findings"] if one["rule"] == "ship-text-missing"]
    test.equal([one["subject"] for one in missing], ["/usr/lib/liblone.so.1"],
               "a text the artifact lacks is a finding")
    done = subprocess.run([ELFLEFT, "scan", "--root", directory, "-f", "notice", *policy],
                          capture_output=True, text=True, check=True)
    here = os.path.exists("/usr/share/common-licenses/GPL-2")
    test.ok("no text was found in the artifact" in done.stdout and
            here == ("GPL-2 (of the system this file was written on)" in done.stdout),
            "which the system's common licences make good in the notice")


def debug_link(test, directory):
    """Debug information that .gnu_debuglink names, of libraries without a build-id."""
    work = os.path.join(directory, "work/tree-1.2")
    roots.put(work, "lib/a.c", "int a(int x) { return x + 1; }\n")
    root = roots.Root(os.path.join(directory, "root"))
    libraries = os.path.join(root.directory, "usr/lib")
    os.makedirs(libraries, exist_ok=True)
    places = {"libbeside.so.1": "/usr/lib", "libhidden.so.1": "/usr/lib/.debug",
              "libglobal.so.1": "/usr/lib/debug/usr/lib", "libother.so.1": "/usr/lib",
              "libpath.so.1": "/usr/lib/de"}
    for name, place in places.items():
        path, split = os.path.join(libraries, name), os.path.join(directory, "de-" + name)
        subprocess.run([*roots.CC, "-g", "-shared", "-fPIC", "-nostdlib", "-Wl,--build-id=none", "-o",
                        path, "-Wl,-soname," + name,
                        "-ffile-prefix-map=%s/work=/build" % directory, "lib/a.c"],
                       cwd=work, check=True)
        subprocess.run(["objcopy", "--only-keep-debug", path, split], check=True)
        subprocess.run(["strip", path], check=True)
        subprocess.run(["objcopy", "--add-gnu-debuglink=" + split, path], check=True)
        with open(split, "rb") as file:
            data = file.read()
        os.makedirs(root.directory + place, exist_ok=True)
        # Names of files are told apart from paths: the one with a slash leads to a file, too.
        kept = split[len(directory) + 4:] if name == "libpath.so.1" else os.path.basename(split)
        with open(os.path.join(root.directory + place, kept), "wb") as file:
            file.write(data + (b"x" if name == "libother.so.1" else b""))
        if name == "libpath.so.1":
            with open(path, "rb") as file:
                data = file.read()
            with open(path, "wb") as file:
                file.write(data.replace(b"de-libpath", b"de/libpath"))
        root._own("/usr/lib/" + name, ("tree", "1.2-1", "x") if name == "libbeside.so.1" else "tree")
    root.finish()
    roots.put(root.directory, "/usr/share/doc/tree/copyright",
              DEP5 + "\nFiles: *\nCopyright: x\nLicense: GPL-3+\n"
              "\nFiles: lib/*\nCopyright: x\nLicense: LGPL-2.1+\n")
    report = scan(root.directory, *("/usr/lib/" + name for name in places))
    used = {name for name in places
            if origin(report, "/usr/lib/" + name)["licence"] == "LGPL-2.1-or-later"}
    test.equal(used, {"libbeside.so.1", "libhidden.so.1", "libglobal.so.1"},
               "a separate debug file is found by its name, and taken if its checksum is right")
    said = [one for one in report["diagnostics"] if one["code"] == "EL0123"]
    test.ok([one["file"] for one in said] == ["/usr/lib/libother.so.1"]
            and "checksum" in said[0]["message"], "one with another checksum is said", [str(said)])
    test.ok("EL0111" not in {one["code"] for one in report["diagnostics"]},
            "nothing is said of a file that is read as a part of another")


def debug(test, directory):
    """Two libraries of one source package, built from different parts of its tree."""
    work = os.path.join(directory, "work/tree-1.2")
    for path in ("lib/a.c", "extra/b.c"):
        roots.put(work, path, "int %s(int x) { return x + 1; }\n" % os.path.basename(path)[0])
    root = roots.Root(os.path.join(directory, "root"))
    libraries = os.path.join(root.directory, "usr/lib")
    os.makedirs(libraries, exist_ok=True)
    names = {"libfull.so.1": ["lib/a.c", "extra/b.c"], "libsplit.so.1": ["lib/a.c"],
             "libstripped.so.1": ["lib/a.c"], "libmapped.so.1": ["a.c", "../extra/b.c"]}
    for name, sources in names.items():
        # As Debian builds: the top of the tree is ".", wherever in it the compiler runs.
        mapped = name == "libmapped.so.1"
        path = os.path.join(libraries, name)
        subprocess.run([*roots.CC, "-g", "-shared", "-fPIC", "-nostdlib", "-Wl,--build-id", "-o", path,
                        "-Wl,-soname," + name,
                        "-ffile-prefix-map=" + (work + "=." if mapped else directory + "/work=/build"), *sources],
                       cwd=work + "/lib" * mapped, check=True)
    split = os.path.join(libraries, "libsplit.so.1")
    notes_text = subprocess.run(["readelf", "-n", split], capture_output=True, text=True, check=True)
    build_id = notes_text.stdout.split("Build ID:")[1].split()[0]
    target = os.path.join(root.directory, "usr/lib/debug/.build-id", build_id[:2])
    os.makedirs(target)
    subprocess.run(["objcopy", "--only-keep-debug", split, os.path.join(target, build_id[2:] + ".debug")],
                   check=True)
    for name in ("libsplit.so.1", "libstripped.so.1"):
        subprocess.run(["strip", "-g", os.path.join(libraries, name)], check=True)
    for name in names:
        root._own("/usr/lib/" + name, ("tree", "1.2-1", "x") if name == "libfull.so.1" else "tree")
    root.finish()
    roots.put(root.directory, "/usr/share/doc/tree/copyright",
              DEP5 + "\nFiles: *\nCopyright: x\nLicense: GPL-3+\n"
              "\nFiles: lib/*\nCopyright: x\nLicense: LGPL-2.1+\n"
              "\nFiles: extra/b.c\nCopyright: x\nLicense: Expat\n")
    report = scan(root.directory)
    full = origin(report, "/usr/lib/libfull.so.1")
    test.equal((full["licence"], full["confidence"]), ("LGPL-2.1-or-later AND MIT", "medium"),
               "the stanzas over the sources that debug information names")
    test.ok("lib/a.c" in full["detail"] and "extra/b.c" in full["detail"], "which the reader is told",
            [full["detail"]])
    got = origin(report, "/usr/lib/libsplit.so.1")
    test.equal((got["licence"], got["confidence"]), ("LGPL-2.1-or-later", "medium"),
               "debug information that was split off is found by its build-id")
    got = origin(report, "/usr/lib/libstripped.so.1")
    test.ok("debug information" not in got["detail"], "without any, the copyright file has to do",
            [got["detail"]])
    got = origin(report, "/usr/lib/libmapped.so.1")
    test.ok((got["licence"], got["confidence"]) == ("LGPL-2.1-or-later AND MIT", "medium") and
            "lib/a.c, extra/b.c" in got["detail"], "a tree whose top was mapped to a dot", [got])
    test.ok("EL0111" not in {one["code"] for one in scan(root.directory, "/usr/lib/libsplit.so.1")["diagnostics"]},
            "which is not said to be no program: nobody asked for it")
    alone = scan(root.directory, "--tiers", "link,debug")
    test.equal((origin(alone, "/usr/lib/libfull.so.1")["confidence"], alone["complete"]),
               ("medium", True),
               "the tier by itself")
    got = origin(scan(root.directory, "--tiers", "link"), "/usr/lib/libfull.so.1")
    test.ok("debug information" not in got["detail"], "nor is it read when it is not asked for")


def main():
    test = tap.Tap()
    for part in (python, endless_bills, folders, conda, conda_records, notes, compressed, debug, debug_link):
        with tempfile.TemporaryDirectory() as directory:
            part(test, directory)
    sys.exit(test.finish())


if __name__ == "__main__":
    main()
