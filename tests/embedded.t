#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Code inside programs, from archives to findings: a closed program with Debian's libreadline.a in
it, stripped, is found out by an index of that archive; one without it is not; the text, the JSON
and "why" all say so; strings alone never make a component contained."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import archives  # noqa: E402
import tap  # noqa: E402

ELFLEFT = os.environ.get("ELFLEFT", "build/elfleft")
# Where elfleft looks without --index: beside the build folder of the program.
CORE = os.path.join(os.path.dirname(os.path.realpath(ELFLEFT)), os.pardir, "data", "index",
                    "core.elfidx")
CC = os.environ.get("CC", "gcc").split()
CLOSED = """
#include <stdio.h>
#include <stdlib.h>
char *readline(const char *); void add_history(const char *);
int main(void)
{
	char *line;
	while ((line = readline("> "))) { add_history(line); puts(line); free(line); }
	return 0;
}
"""
CPLUSPLUS = """#include <iostream>
#include <map>
#include <string>
int main(int c, char **v)
{
	std::map<std::string, int> seen;
	for (int i = 0; i < c; i++) seen[v[i]] = i;
	try { if (c > 3) throw 1; } catch (int) { return 2; }
	for (auto &one : seen) std::cout << one.first << "\\n";
	return 0;
}
"""
# It says what the other one says, and calls nothing of it.
TALKER = """
#include <stdio.h>
int main(void)
{
	puts("readline: %s: could not open file: /etc/inputrc  emacs-standard vi-insert RL_VERSION 8.2");
	puts("GNU Readline Library, Copyright Free Software Foundation");
	puts(" deflate 1.2.13 Copyright 1995-2022 Jean-loup Gailly and Mark Adler ");
	return 0;
}
"""


def run(*arguments, status=0):
    done = subprocess.run([ELFLEFT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if done.returncode != status:
        raise SystemExit("%s: status %d\n%s" % (" ".join(arguments), done.returncode,
                                                done.stdout.decode(errors="replace")))
    return done.stdout.decode(errors="replace")


def build(folder, name, source, *flags):
    path = os.path.join(folder, name)
    with open(path + ".c", "w", encoding="ascii") as file:
        file.write(source)
    subprocess.run(CC + ["-O2", "-o", path, path + ".c", *flags], check=True)
    subprocess.run(["strip", path], check=True)
    return path


def scan(index, *paths, tiers=None):
    arguments = ["scan", "-q", "-f", "json", "--index", index]
    if tiers:
        arguments += ["--tiers", tiers]
    return json.loads(run(*arguments, *paths))


def inside(report, path):
    return {edge["name"]: edge for edge in report["edges"]
            if edge["from"] == path and edge["inside"]}


def positive(test, index, closed):
    report = scan(index, closed)
    found = inside(report, closed)
    test.equal(sorted(found), ["ncurses", "readline"], "both archives are found in the program")
    edge = found.get("readline", {"inside": {}, "evidence": []})
    test.equal((edge.get("kind"), edge.get("grade"), edge.get("class")),
               ("link-static", "fingerprint", "linking"), "the edge says how it is known")
    test.equal(edge["inside"].get("confidence"), "certain", "which is certain")
    test.equal((edge["inside"].get("versions"), edge["inside"].get("version_fits")),
               (["8.2"], True), "and of the version that was indexed")
    names = [entry["detail"].split()[0] for entry in edge["evidence"] if "offset" in entry]
    test.ok("rl_redisplay" in names, "functions are named with their addresses", [names])
    findings = [finding for finding in report["findings"]
                if finding["rule"] == "link-copyleft" and finding["provider"] == edge.get("to")]
    test.equal(len(findings), 1, "one finding on copyleft reaches the program")
    if findings:
        test.equal((findings[0]["subject"], findings[0]["licence"], findings[0]["path"]),
                   (closed, "GPL-3.0-or-later", [edge["id"]]), "with its licence and its path")
        test.equal(findings[0]["id"].count("8.2"), 0, "whose id holds no version")
    component = next(one for one in report["components"] if one["id"] == edge.get("to"))
    test.equal((component["licence"], component["files"], component["inside"]),
               ("GPL-3.0-or-later", 0, 1), "the component has a licence and no file of its own")
    test.ok(edge.get("to") in report["works"][0]["members"], "and is a member of the work")
    texts = [one["texts"] for one in report["obligations"]
             if one["component"] == edge.get("to") and one["kind"] == "licence-text"]
    system = "/usr/share/common-licenses/GPL-3"
    test.ok(texts == [[system]] or not os.path.exists(system), "its licence's text is owed, and is "
            "where the system has it", [texts])
    untold = [finding["subject"] for finding in report["findings"]
              if finding["rule"] == "ship-text-missing"]
    test.ok(inside(report, closed).get("ncurses", {}).get("to") in untold,
            "of a component whose text nobody has that is said", [untold])
    coverage = report["coverage"]
    test.ok(coverage["contents"] and 0 < coverage["function_bytes_explained"] <
            coverage["function_bytes"], "the share of code that is explained is told",
            [coverage])


def words(test, index, closed):
    text = run("scan", "-q", "--index", index, closed)
    test.ok("readline 8.2 GPL-3.0-or-later (certain" in text, "the text names it", [text])
    test.ok("2 components inside" in text, "and counts what is inside", [text])
    text = run("scan", "-q", "-v", "--index", index, closed)
    test.ok("rl_redisplay" in text, "with -v its functions too", [text])
    text = run("why", "-q", "--index", index, closed, "readline")
    test.ok("link-static" in text and "1 path" in text, "elfleft why leads to it", [text])


def stated(test, folder, archive):
    """Code that any version may have: the version and the licence are those the file states."""
    index = os.path.join(folder, "stated.elfidx")
    run("index", "build", "-q", "-o", index, "--component", "openssl", "--component-version",
        "3.0.20", "--licence", "Apache-2.0", archive[0])
    for number, (said, licence, sure) in enumerate((
            ("1.1.1w", "OpenSSL", "medium"), ("3.5.1", "Apache-2.0", "medium"),
            ("4.2.0", "Apache-2.0", "low"), (None, "Apache-2.0", "medium"))):
        talk = "{" + (" puts(\"OpenSSL %s  11 Sep 2023\");" % said if said else "")
        program = build(folder, "stated%d" % number, CLOSED.replace("{", talk, 1), *archive)
        report = scan(index, program, tiers="link,code")
        edge = inside(report, program).get("openssl", {"inside": {}})
        component = next((one for one in report["components"] if one["id"] == edge.get("to")), {})
        test.equal((edge["inside"].get("stated_version"), edge["inside"].get("version_fits"),
                    component.get("licence")), (said, said is None, licence),
                   "a file that says %s is under %s" % (said, licence))
        notices = [one["message"] for one in report["findings"]
                   if one["rule"] == "ship-notice" and one["subject"] == edge.get("to")]
        test.ok(notices and all((sure == "low") == ("confidence low." in one) for one in notices),
                "with %s confidence" % sure, notices)
        doubts = [one["detail"] for one in edge.get("evidence", ())
                  if "the licence was read in version" in one["detail"]]
        test.equal(len(doubts), sure == "low", "and the evidence says where it is in doubt")
    text = run("scan", "-q", "--tiers", "link,code", "--index", index,
               os.path.join(folder, "stated0"))
    test.ok("openssl near 3.0.20 (it says 1.1.1w) OpenSSL (" in text, "which the text says", [text])


def mapped(test, folder, archive):
    """A linker's map says that an archive went in, and not which build of it."""
    parts = [os.path.join(folder, "mapped%d" % number) for number in (1, 2)]
    for part, version, licence in zip(parts, ("8.2", "5.2"),
                                      ("GPL-3.0-or-later", "GPL-2.0-or-later")):
        run("index", "build", "-q", "-o", part, "--component", "readline", "--component-version",
            version, "--licence", licence, archive)
    program = build(folder, "mapped", TALKER)
    with open(program + ".map", "w", encoding="ascii") as file:
        file.write("Archive member included to satisfy reference by file (symbol)\n\n")
        file.write("/usr/lib/libreadline.a(readline.o)\n")
        file.write("".join("/usr/lib/lib%d.a(a.o)\n" % number for number in range(40000)))
    start = time.monotonic()
    report = json.loads(run("scan", "-q", "-f", "json", "--tiers", "link,code", "--index",
                            parts[0], "--index", parts[1], program))
    found = inside(report, program)
    component = next(one for one in report["components"] if one["id"] == found["readline"]["to"])
    test.equal((found["readline"]["inside"]["basis"], component["licence"]),
               ("link map", "GPL-3.0-or-later AND GPL-2.0-or-later"),
               "an archive of a map is under what all its builds are under")
    test.ok(len(found) > 39000 and time.monotonic() - start < 60,
            "and many of them take no time", [len(found), time.monotonic() - start])


def runtime(test, folder):
    """GCC's runtime in a closed C++ program: its exception leaves the whole to any terms."""
    if not os.path.exists(CORE):
        test.skip("GCC's runtime inside", "no index came along")
        return
    program = os.path.join(folder, "runtime")
    done = subprocess.run(["c++", "-xc++", "-", "-O2", "-static", "-s", "-o", program],
                          input=CPLUSPLUS.encode(), capture_output=True, check=False)
    if done.returncode:
        test.skip("GCC's runtime inside", "no static C++ library to link")
        return
    report = json.loads(run("scan", "-q", "-f", "json", program))
    found = {edge["name"]: edge["to"] for edge in report["edges"] if edge["inside"]}
    test.ok("libstdc++" in found and "glibc" in found, "its parts are found", [sorted(found)])
    rules = {finding["rule"] for finding in report["findings"]
             if finding["subject"] == found.get("libstdc++")}
    test.equal(rules, {"inside-exception"}, "the runtime owes no source there")
    owed = {(one["component"], one["kind"]) for one in report["obligations"]}
    test.equal({kind for component, kind in owed if component == found.get("libstdc++")}, set(),
               "and is on no list")
    test.equal(report["coverage"]["code_files_unnamed"], 1, "that no call in it has a name is told")
    test.ok((found.get("glibc"), "source") in owed, "while the C library's source is", [owed])


def renamed(test, folder):
    """A library as auditwheel names it holds its own code, whatever the table calls its project."""
    library = "/usr/lib/x86_64-linux-gnu/libgomp.so.1"
    if not os.path.exists(CORE) or not os.path.exists(library):
        test.skip("a library of its own project", "no libgomp, or no index came along")
        return
    copy = os.path.join(folder, "libgomp-0a1b2c3d.so.1")
    shutil.copy(library, copy)
    report = json.loads(run("scan", "-q", "-f", "json", copy))
    test.equal([file["origin"]["provider"] for file in report["files"] if file["path"] == copy],
               ["known"], "a renamed libgomp is known")
    test.equal(sorted(inside(report, copy)), [], "and holds no libgomp")
    copy = os.path.join(folder, "libother.so.1")
    shutil.copy(library, copy)
    subprocess.run(["patchelf", "--set-soname", "libother.so.1", copy], check=True)
    test.ok("libgomp" in inside(json.loads(run("scan", "-q", "-f", "json", copy)), copy),
            "under a name nobody knows its code tells what it is")


def negative(test, index, folder, closed):
    plain = build(folder, "plain", "int main(void) { return 0; }\n", "-static")
    test.equal(inside(scan(index, plain), plain), {}, "a program of libc alone holds neither")
    talker = build(folder, "talker", TALKER, "-static")
    report = scan(index, talker)
    test.equal(inside(report, talker), {}, "nor does one that only talks of it")
    said = next(file["mentions"] for file in report["files"] if file["path"] == talker)
    test.equal([(one["project"], one["version"]) for one in said], [("zlib", "1.2.13")],
               "what its strings name is told apart from code")
    with open(talker, "rb") as file:
        test.ok(said and file.read()[said[0]["offset"]:].startswith(said[0]["text"].encode()),
                "with the place of the string")
    report = scan(index, closed, tiers="link,calls")
    test.equal((inside(report, closed), report["coverage"]["contents"]), ({}, False),
               "without the code tier nothing is looked up")
    report = json.loads(run("scan", "-q", "-f", "json", closed))
    if os.path.exists(CORE):
        test.ok("readline" in inside(report, closed), "the index that comes along knows readline")
    else:
        test.equal(inside(report, closed), {}, "and nothing is found without an index")


def trouble(test, folder, index, closed):
    bad = os.path.join(folder, "bad.idx")
    with open(index, "rb") as good, open(bad, "wb") as file:
        file.write(good.read()[:1000])
    report = json.loads(run("scan", "-q", "-f", "json", "--index", bad, closed, status=2))
    test.ok(not report["complete"] and report["diagnostics"], "a broken index is a diagnostic")
    report = json.loads(run("scan", "-q", "-f", "json", "--index", bad + ".none", closed, status=2))
    test.ok(not report["complete"], "so is one that is not there")
    run("scan", "--tiers", "code", closed, status=3)
    test.ok(True, "tiers without link are a usage error")


def same(test, index, closed, folder):
    """The order of indexes, and of paths, changes no byte."""
    other = os.path.join(folder, "other")
    subprocess.run(["cp", closed, other], check=True)
    first = run("scan", "-q", "-f", "json", "-j", "1", "--index", index, closed, other)
    second = run("scan", "-q", "-f", "json", "-j", "4", "--index", index, other, closed)
    test.equal(first, second, "workers and the order of files change nothing")


def main():
    folders = archives.fetch(["libreadline-dev", "libncurses-dev"], "amd64")
    if len(folders) != 2 or os.uname().machine != "x86_64":
        tap.skip_all("no Debian archives to link on this machine")
    test = tap.Tap()
    readline = os.path.join(folders["libreadline-dev"], "usr/lib/x86_64-linux-gnu/libreadline.a")
    terminal = os.path.join(folders["libncurses-dev"], "usr/lib/x86_64-linux-gnu/libtinfo.a")
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        index = os.path.join(folder, "test.idx")
        run("index", "build", "-q", "-o", index + "1", "--component", "readline",
            "--component-version", "8.2", "--licence", "GPL-3.0-or-later", readline)
        run("index", "build", "-q", "-o", index + "2", "--component", "ncurses",
            "--component-version", "6.4", "--licence", "X11", terminal)
        run("index", "build", "-q", "-o", index, index + "1", index + "2")
        closed = build(folder, "closed", CLOSED, readline, terminal)
        positive(test, index, closed)
        words(test, index, closed)
        negative(test, index, folder, closed)
        stated(test, folder, (readline, terminal))
        mapped(test, folder, readline)
        runtime(test, folder)
        renamed(test, folder)
        trouble(test, folder, index, closed)
        same(test, index, closed, folder)
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
