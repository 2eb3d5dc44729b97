#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which files are one work: what loaders and code join is, what is run or merely shipped is not, and
a plugin that a host only may load makes a work of its own. Through elfleft scan, as a user sees it."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(BUILD, "elfleft")))
CC = os.environ.get("CC", "cc").split()
PYTHON = "/usr/bin/python3"

HOST = """#include <dlfcn.h>
#include <spawn.h>
#include <unistd.h>
#define X(x) #x
#define S(x) X(x)
int main(int c, char **v)
{
	if (c > 1) execv(S(DIRECTORY) "/tool", v);
	return !dlopen(S(DIRECTORY) "/libplugin.so", RTLD_NOW);
}
"""


def scan(*paths, options=()):
    done = subprocess.run([ELFLEFT, "scan", "-f", "json", *options, "--", *paths],
                          capture_output=True, timeout=120, check=False)
    return json.loads(done.stdout)


def build(directory):
    def compiled(name, source, *flags):
        path = os.path.join(directory, name)
        subprocess.run([*CC, "-xc", "-", "-o", path, "-DDIRECTORY=" + directory, *flags],
                       input=source.encode(), check=True)
        return path
    compiled("libbelow.so", "int below(void) { return 1; }", "-shared", "-fPIC")
    compiled("libplugin.so", "int below(void); int plugin(void) { return below(); }", "-shared",
             "-fPIC", "-L" + directory, "-lbelow", "-Wl,-rpath," + directory)
    compiled("tool", "int main(void) { return 0; }")
    compiled("host", HOST)


def by_program(report):
    works = {}
    for work in report["works"]:
        works.setdefault(work["program"], []).append(work)
    return works


def built_files(test, directory):
    report = scan(directory)
    works = by_program(report)
    host, tool = (os.path.join(directory, name) for name in ("host", "tool"))
    plugin, below = (os.path.join(directory, name) for name in ("libplugin.so", "libbelow.so"))
    test.equal(sorted(works), [host, plugin, tool],
               "roots of works: each program and each plugin, but no library that others link to")
    members = set(works.get(host, [{"members": []}])[0]["members"])
    test.ok({plugin, below} <= members, "a plugin that is loaded by name is in the work of its host, "
            "with what it needs", [members])
    test.ok(tool not in members, "what the host runs is not", [members])
    edges = {(edge["kind"], edge["class"], edge["possible"]) for edge in report["edges"]
             if edge["from"] == host and edge["to"] in (plugin, tool)}
    test.equal(edges, {("link-plugin", "linking", False), ("ipc-exec", "IPC", False)},
               "and the edges say so")
    test.ok(all(edge["class_reason"] for edge in report["edges"]), "each edge says why")
    coverage = report["coverage"]
    test.equal((coverage["calls"], coverage["call_sites_total"], coverage["call_sites_resolved"]),
               (True, 2, 2), "both call sites are counted")
    report = scan(directory, options=["--tiers", "link"])
    kinds = {edge["kind"] for edge in report["edges"]}
    test.equal(kinds & {"link-plugin", "ipc-exec"}, set(), "--tiers link looks at links only")


def inherited_path(test, directory):
    """As auditwheel leaves it: the extension has an RPATH, the libraries it brings have none."""
    def compiled(name, source, *flags):
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run([*CC, "-xc", "-", "-o", path, "-shared", "-fPIC", "-nostdlib", *flags],
                       input=source.encode(), check=True)
        return path
    libraries = os.path.join(directory, "x.libs")
    compiled("x.libs/libinner.so", "int inner(void) { return 1; }")
    outer = compiled("x.libs/libouter.so", "int inner(void); int outer(void) { return inner(); }",
                     "-L" + libraries, "-linner")
    module = compiled("x/module.so", "int outer(void); int module(void) { return outer(); }",
                      "-L" + libraries, "-louter", "-Wl,--disable-new-dtags",
                      "-Wl,-rpath,$ORIGIN/../x.libs", "-Wl,--allow-shlib-undefined")
    report = scan(directory)
    test.equal(sorted(by_program(report)), [module], "the extension is the root of the work")
    told = [(item["code"], item["file"]) for item in report["diagnostics"]]
    test.ok(("EL0401", outer) not in told,
            "what a library finds by the RPATH of what loads it is not missing", told)
    os.unlink(os.path.join(libraries, "libinner.so"))
    told = [(item["code"], item["file"]) for item in scan(directory)["diagnostics"]]
    test.ok(("EL0401", outer) in told, "what is not there is told", told)


def interpreter(test):
    """python3 may load readline, and does at a prompt: a work with it, and one without."""
    where = subprocess.run([PYTHON, "-c", "import sys, readline; print(sys.prefix); "
                            "print(readline.__file__)"], capture_output=True, text=True, check=False)
    if where.returncode != 0 or not where.stdout.startswith("/usr\n"):
        test.skip("python3 and readline", "no readline module of Debian's python3")
        return
    plugin = os.path.realpath(where.stdout.split("\n")[1])
    program = os.path.realpath(PYTHON)
    report = scan(program, os.path.dirname(plugin))
    works = by_program(report).get(program, [])
    alone = [work for work in works if work["plugin"] is None]
    test.equal(len(alone), 1, "the interpreter alone is a work")
    test.ok(alone and not any("readline" in path for path in alone[0]["members"]),
            "readline does not reach it", alone)
    pairs = [work["plugin"] for work in works]
    test.equal(len(pairs), len(set(pairs)), "one work for each plugin it may load")
    with_it = [work for work in works if work["plugin"] == plugin]
    test.ok(with_it and any("libreadline" in path for path in with_it[0]["members"]),
            "with the extension module, libreadline is in the process", with_it)
    siblings = [path for path in (with_it[0]["members"] if with_it else [])
                if "/lib-dynload/" in path and path != plugin]
    test.equal(siblings, [], "and no other plugin")


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="elfleft-works-") as directory:
        directory = os.path.realpath(directory)
        build(directory)
        built_files(test, directory)
    with tempfile.TemporaryDirectory(prefix="elfleft-works-") as directory:
        inherited_path(test, os.path.realpath(directory))
    interpreter(test)
    return test.finish()


sys.exit(main())
