#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How a plugin and its host talk: one call of main(), functions by name, calls back into the host."""
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
HOST = """void *dlopen(const char *, int); void *dlsym(void *, const char *);
__attribute__((visibility("default"))) int host_service(void) { return 3; }
int use(void) { void *handle = dlopen("/usr/lib/%s", 1);
int (*call)(int, char **) = dlsym(handle, "%s"); return call(0, 0); }
"""
PLUGINS = {  # name -> (looked up in it, what it is made of)
    "only-main.so": ("main", "int main(int argc, char **argv) { return argc + !argv; }"),
    "by-name.so": ("run", "int run(int argc, char **argv) { return argc + !argv; }"),
    "calls-back.so": ("main", "int host_service(void);\n"
                      "int main(int argc, char **argv) { return argc + !argv + host_service(); }"),
}


def many(test, count=30000):
    """A plugin asks for names of its host; what it brings along defines them too, all but two."""
    names = ["service_%d" % number for number in range(count)]
    define = "int %s;\n"
    with tempfile.TemporaryDirectory() as directory:
        root = roots.Root(directory)
        root.library("/usr/lib/libdl.so.2", extra="void *dlopen(const char *n, int f) { return 0; }\n"
                     "void *dlsym(void *h, const char *n) { return 0; }")
        root.library("/usr/lib/libbrought.so", extra=define % ", ".join(names[2:]))
        root.library("/usr/lib/plug.so", needs=["/usr/lib/libbrought.so"], package=("plug", "1-1", "GPL-3+"),
                     extra="extern int %s;\nint *all[] = {%s};\n"
                     "int main(void) { return 0; }" % (", ".join(names), ", ".join("&" + name for name in names)))
        root.program("/opt/acme/bin/host", needs=["/usr/lib/libdl.so.2"], package=("host", "1-1", "MIT"),
                     extra=HOST.replace("/usr/lib/%s", "/usr/lib/plug.so").replace("%s", "main")
                     + define % ", ".join(names) + "int (*keep)(void) = use;",
                     more=["-Wl,--export-dynamic"])
        root.finish()
        start = time.monotonic()
        report = json.loads(subprocess.run([ELFLEFT, "scan", "--root", directory, "-f", "json"],
                                           capture_output=True, timeout=60, check=True).stdout)
        seconds = time.monotonic() - start
    told = [one["message"] for one in report["findings"] if one["rule"] == "link-copyleft"]
    test.ok(len(told) == 1 and "which binds 2 symbols of its host" in told[0],
            "names that come along with a plugin are not its host's", told)
    # It takes a second with sanitizers; name by name it took ten without.
    test.ok(seconds < 5, "%d names are found in the time their number asks for" % count, [seconds])


def main():
    test = tap.Tap()
    many(test)
    with tempfile.TemporaryDirectory() as directory:
        root = roots.Root(directory)
        root.library("/usr/lib/libdl.so.2", package=("libc6", "2.36-9", "LGPL-2.1+"),
                     extra="void *dlopen(const char *n, int f) { return 0; }\n"
                           "void *dlsym(void *h, const char *n) { return 0; }")
        for name, (symbol, source) in PLUGINS.items():
            root.library("/usr/lib/" + name, package=(name[:-3], "1-1", "GPL-3+"), extra=source)
            root.program("/opt/acme/bin/uses-" + name[:-3], needs=["/usr/lib/libdl.so.2"],
                         extra=HOST % (name, symbol) + "int (*keep)(void) = use;",
                         more=["-Wl,--export-dynamic"])
        policy = os.path.join(directory, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write("version: 1\nown:\n"
                       "  - {match: 'opt/acme/**', name: acme, licence: LicenseRef-Acme}\n")
        done = subprocess.run([ELFLEFT, "scan", "--root", root.finish(), "--policy", policy, "-f", "json"],
                              capture_output=True, timeout=60, check=True)
        report = json.loads(done.stdout)
    found = {}
    for finding in report["findings"]:
        if finding["rule"] == "link-copyleft":
            found[finding["id"].split(">")[1].split(":")[1]] = finding
    test.equal(sorted(found), ["by-name", "calls-back", "only-main"], "the three plugins are reached")
    if len(found) == 3:
        test.equal({name: finding["outcomes"][-1] for name, finding in found.items()},
                   {"only-main": "review", "by-name": "conflict", "calls-back": "conflict"},
                   "one call of main() is borderline; a function by name or a call back is not")
        test.ok("calls main() of the plugin and nothing else" in found["only-main"]["message"],
                "why it is", [found["only-main"]["message"]])
        test.ok("which binds 1 symbol of its host" in found["calls-back"]["message"],
                "that the plugin calls back is told", [found["calls-back"]["message"]])
        test.ok("#GPLPlugins" in json.dumps(found["only-main"]["citation"]), "the FAQ is cited")
    sys.exit(test.finish())


if __name__ == "__main__":
    main()
