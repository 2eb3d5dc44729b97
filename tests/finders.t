#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Edges of files other than ELF, and of plugins, against those who decide: the kernel for "#!" lines,
ld.so for plugins that are really loaded, importlib for extension modules and for who owns a module,
Python's parser for imports, and a reading of unit files by other means.

usage: finders.t [-a]     -a: more sites of Python distributions"""
import ast
import errno
import glob
import importlib.machinery
import importlib.metadata
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DRIVER = os.path.join(BUILD, "unit", "texts_driver")
CC = os.environ.get("CC", "cc").split()
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLACES = [path for path in ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share", "/usr/local/lib",
                            "/etc") if os.path.isdir(path)]
SITES = ["/usr/lib/python3/dist-packages"]
if "-a" in sys.argv[1:]:
    SITES += glob.glob("/root/.pyenv/versions/3.1*/lib/python3.*/site-packages")
    PLACES += SITES[1:]


class Edges:
    """What the driver prints."""

    def __init__(self, root, paths):
        done = subprocess.run([DRIVER, "find", root, *paths], capture_output=True, check=True,
                              timeout=600)
        self.edges, self.names = [], []
        for line in done.stdout.decode("utf-8", "surrogateescape").split("\n"):
            fields = line.split("\t")
            if fields[0] == "edge":
                self.edges.append(dict(zip(("from", "to", "name", "kind", "possible", "evidence",
                                            "detail", "place"), fields[1:])))
            elif fields[0] in ("bus", "socket"):
                self.names.append(tuple(fields))

    def pairs(self, *evidence):
        return {(edge["from"], edge["to"]) for edge in self.edges if edge["evidence"] in evidence}


# The kernel on "#!" lines

INTERPRETER = """#include <stdio.h>
int main(int c, char **v)
{
	for (int i = 1; i < c; i++)
		printf("%s%c", v[i], 0);
	return 0;
}
"""


def shebang_lines(interpreter):
    """First lines of scripts, plain and odd ones."""
    chance = random.Random(4)
    yield from (b"#!%s\n", b"#!%s", b"#! %s x\n", b"#!\t%s\tx y \t\n", b"#!%s\r\n", b"#!%s x\r\n",
                b"# !%s\n", b" #!%s\n", b"#!%s\0x\n", b"#!%s \0\n", b"#!\n%s\n", b"#!  \n%s\n",
                b"#!%s x\0y\n", b"#!./interp\n", b"#!interp\n", b"#!%sx\n")
    for _ in range(150):
        parts = [chance.choice((b"", b" ", b"\t", b"  \t")), b"%s"]
        for _ in range(chance.randrange(3)):
            parts.append(chance.choice((b" ", b"\t", b"  ")))
            parts.append(chance.choice((b"a", b"-x", b"a=b", b"'q r'", b"\\", b"#")))
        parts.append(chance.choice((b"", b" ", b"\t ")))
        if chance.random() < 0.5:
            length = chance.choice((250, 253, 254, 255, 256, 257, 258, 300))
            pad = length - 2 - len(b"".join(parts)) - len(interpreter) + 2
            where = chance.choice((0, len(parts) - 1, len(parts)))
            parts.insert(where, chance.choice((b" ", b"z")) * max(pad, 0))
        yield b"#!" + b"".join(parts) + chance.choice((b"\n", b"", b"\nx\n"))


def kernel_runs(script):
    """The arguments the kernel gives the interpreter, or None when it runs none."""
    try:
        done = subprocess.run([script], capture_output=True, check=False, timeout=20)
    except OSError as error:
        if error.errno in (errno.ENOEXEC, errno.ENOENT, errno.EACCES, errno.ENOTDIR):
            return None
        raise
    return done.stdout.split(b"\0")[:-1]


def check_shebangs(test, directory):
    interpreter = os.path.join(directory, "interp")
    source = interpreter + ".c"
    with open(source, "w", encoding="ascii") as file:
        file.write(INTERPRETER)
    subprocess.run([*CC, "-o", interpreter, source], check=True)
    scripts = os.path.join(directory, "scripts")
    os.mkdir(scripts)
    for number, line in enumerate(shebang_lines(interpreter.encode())):
        path = os.path.join(scripts, "s%03d" % number)
        with open(path, "wb") as file:
            file.write(line.replace(b"%s", interpreter.encode()))
        os.chmod(path, 0o755)
    found = {}
    for edge in Edges("/", [scripts]).edges:
        found.setdefault(edge["from"], edge)
    wrong, run = [], 0
    for name in sorted(os.listdir(scripts)):
        path = os.path.join(scripts, name)
        arguments = kernel_runs(path)
        edge = found.get(path)
        runs = edge is not None and edge["to"] == interpreter
        if arguments is not None:
            run += 1
            # An empty argument, where the text ends in blanks, is as good as none.
            said = " ".join(["#!" + interpreter] + [item.decode() for item in arguments[:-1] if item])
            detail = edge["detail"].replace("\\x09", "\t").replace("\\x5c", "\\")
            runs = runs and detail == said
        if runs != (arguments is not None):
            with open(path, "rb") as file:
                wrong.append("%r: the kernel gives %s, we say %s" % (file.read(), arguments, edge))
    test.ok(not wrong, "%d first lines, of which the kernel takes %d" % (
        len(os.listdir(scripts)), run), wrong[:10])


ENV_LINES = ("-S %s", "-S %s a b", "-S A=1 B='x y' %s a", "-iS %s", "-S -i %s", "-S -u HOME %s a",
             "-S nice -n 1 %s", "-S \"%s\" 'a b'", "--split-string=%s x", "%s", "%s a", "-S env %s",
             "-x %s", "-S sh -c 'exec %s x'", "-S sh -c \"true && %s\"",
             "-S timeout 5 %s")


def check_env(test, directory):
    interpreter = os.path.join(directory, "interp")
    scripts = os.path.join(directory, "env")
    os.mkdir(scripts)
    for number, line in enumerate(ENV_LINES):
        path = os.path.join(scripts, "s%03d" % number)
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/usr/bin/env " + line.replace("%s", interpreter) + "\n")
        os.chmod(path, 0o755)
    pairs = Edges("/", [scripts]).pairs("shebang")
    wrong = []
    for number, line in enumerate(ENV_LINES):
        path = os.path.join(scripts, "s%03d" % number)
        done = subprocess.run([path], capture_output=True, check=False, timeout=20)
        # The interpreter prints NULs, or nothing at all when it gets no argument.
        runs = b"\0" in done.stdout or (done.returncode == 0 and interpreter in
                                        line.replace("%s", interpreter))
        if runs != ((path, interpreter) in pairs):
            wrong.append("%s: env says %s %s" % (line, done.returncode, done.stderr))
    test.ok(not wrong, "%d lines of env" % len(ENV_LINES), wrong)


# systemd units, read in another way

def check_units(test, edges):
    unit = re.compile(r"/(lib|etc)/systemd/(system|user)/[^/]*\.(service|socket)(\.d/[^/]*\.conf)?$")
    line_form = re.compile(r"Exec(Condition|StartPre|Start|StartPost|Reload|Stop|StopPre|StopPost)="
                           r"[-@:+!]*([A-Za-z0-9_./-]+)(\s.*)?$")
    expected = set()
    for top in ("/usr/lib/systemd", "/etc/systemd"):
        for directory, _, files in os.walk(top):
            for name in files:
                path = os.path.join(directory, name)
                if os.path.islink(path) or not unit.search(path):
                    continue
                with open(path, encoding="utf-8") as file:
                    for number, line in enumerate(file, 1):
                        match = line_form.match(line.rstrip("\n"))
                        if match:
                            program = shutil.which(match.group(2), path=SEARCH)
                            expected.add((path, match.group(2), str(number),
                                          os.path.realpath(program) if program else ""))
    if not expected:
        test.skip("systemd units", "none here")
        return
    found = {(edge["from"], edge["name"], edge["place"], edge["to"]) for edge in edges.edges
             if edge["evidence"] == "unit" and "through" not in edge["detail"]}
    test.ok(expected == found, "%d commands of systemd units" % len(expected),
            ["missing %s" % (item,) for item in sorted(expected - found)][:10] +
            ["too much %s" % (item,) for item in sorted(found - expected)][:10])


# Plugins that ld.so really loads

RUNS = (
    ("python3", [sys.executable, "-c",
                 "import os, sys, sysconfig, importlib.util as u\n"
                 "d = sysconfig.get_path('platstdlib') + '/lib-dynload'\n"
                 "for f in sorted(os.listdir(d)):\n"
                 "    try: __import__(f.split('.')[0])\n"
                 "    except ImportError: pass\n"]),
    ("perl", ["/usr/bin/perl", "-MPOSIX", "-MSocket", "-MData::Dumper", "-MList::Util", "-MEncode",
              "-MStorable", "-MDigest::SHA", "-MSys::Hostname", "-e", "encode('UTF-16', 'x')"]),
    ("iconv", ["/usr/bin/iconv", "-f", "ISO-8859-2", "-t", "UTF-16", "/dev/null"]),
    ("openssl", ["/usr/bin/openssl", "list", "-provider", "legacy", "-providers"]),
    ("nss", ["/usr/bin/getent", "initgroups", "root"]),
)


def loads(command):
    """(program, [(who loaded, file)]) as LD_DEBUG=files tells."""
    done = subprocess.run(command, capture_output=True, check=False, timeout=120,
                          env={"LD_DEBUG": "files", "LC_ALL": "C", "PATH": SEARCH})
    program = os.path.realpath(command[0])
    found, names = [], {}
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        match = re.search(r"file=(\S+) \[0\];  dynamically loaded by (\S+) \[0\]", line)
        if match:
            found.append((match.group(2), match.group(1)))
        match = re.search(r"calling init: (/\S+)", line)
        if match:
            names[os.path.basename(match.group(1))] = match.group(1)
    resolve = lambda name: os.path.realpath(
        program if name == command[0] or name == os.path.basename(command[0])
        else names.get(name, name))
    return program, [(resolve(who), resolve(what)) for who, what in found]


def check_plugins(test, edges):
    pairs = edges.pairs("plugin-rule", "python-extension")
    for name, command in RUNS:
        if not os.path.exists(command[0]):
            test.skip("plugins of %s" % name, "it is not installed")
            continue
        program, seen = loads(command)
        listed = {plugin for _, plugin in pairs}
        # What the program links by itself, or loads by a name of its own, is another's business.
        plugins = [(who, what) for who, what in seen
                   if re.search(r"/(lib-dynload|auto|gconv|ossl-modules)/|/libnss_", what)]
        if not plugins:
            test.skip("plugins of %s" % name, "it loads none here")
            continue
        # libc is loaded into programs that do not link it dynamically under its own name.
        wrong = [item for item in plugins if item not in pairs]
        test.ok(not wrong, "%d plugins that %s loads" % (len(plugins), name),
                ["%s loads %s (%s)" % (who, what, "another host" if what in listed else "unknown")
                 for who, what in wrong][:10])


def exports(path, symbol):
    done = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True,
                          check=False)
    return re.search(r" %s(@|$)" % re.escape(symbol), done.stdout, re.M) is not None


def check_extensions(test, edges):
    """All extension modules of this interpreter's folders, by importlib's own suffixes."""
    program = os.path.realpath(sys.executable)
    folders = [os.path.realpath(path) for path in sys.path
               if path.endswith(("lib-dynload", "dist-packages", "site-packages"))]
    if not (program, True) or not any(program.startswith(place + "/") for place in PLACES):
        test.skip("extension modules", "this interpreter is not among the places listed")
        return
    expected = set()
    for folder in folders:
        for directory, _, files in os.walk(folder):
            for name in files:
                suffix = next((suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES
                               if name.endswith(suffix)), None)
                path = os.path.realpath(os.path.join(directory, name))
                if suffix and exports(path, "PyInit_" + name[:-len(suffix)]):
                    expected.add((program, path))
    found = {(host, path) for host, path in edges.pairs("python-extension")
             if host == program and any(path.startswith(folder + "/") for folder in folders)}
    test.ok(expected == found and expected, "%d extension modules of %s" % (len(expected), program),
            ["missing %s" % (item,) for item in sorted(expected - found)][:10] +
            ["too much %s" % (item,) for item in sorted(found - expected)][:10])


# Imports between distributions

def tops_of(distribution):
    """As importlib.metadata.packages_distributions() has it, from declared names or files."""
    declared = distribution.read_text("top_level.txt")
    files = [] if distribution.read_text("RECORD") is None else distribution.files or []
    inferred = {file.parts[0] if len(file.parts) > 1 else file.name.split(".")[0]
                for file in files if file.suffix in (".py", ".so") and file.parts[0] != ".."}
    own = (distribution.metadata["Name"] or "").lower()
    if not inferred and not declared and os.path.exists(str(distribution.locate_file(own))):
        return {own}  # a package of the distribution's own name
    return inferred or set((declared or "").split())


def called(tree):
    """Top-level names that __import__() and import_module() are given as they stand."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func).split(".")[-1]
        value = getattr(node.args[0], "value", None)
        if name in ("__import__", "import_module") and isinstance(value, str) and value[:1] != ".":
            yield value.split(".")[0]


def statements(path):
    """Top-level names a file imports, those for type checkers left out."""
    with open(path, "rb") as file:
        try:
            stack = [ast.parse(file.read(), path)]
        except (SyntaxError, ValueError):
            return set()
    names = set(called(stack[0]))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.If) and ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING":
            stack += node.orelse
        else:
            for field in ("body", "orelse", "finalbody", "handlers", "cases"):
                inside = getattr(node, field, [])
                stack += inside if isinstance(inside, list) else []
    return names


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def expected_imports(site):
    """Pairs of distributions, and the names several distributions share."""
    owners = {}
    for distribution in importlib.metadata.distributions(path=[site]):
        for top in tops_of(distribution):
            owners.setdefault(top, set()).add(normal(distribution.metadata["Name"] or ""))
    shared = {name for names in owners.values() if len(names) > 1 for name in names}
    pairs = set()
    for top, names in owners.items():
        sources = [os.path.join(site, top + ".py")]
        for directory, _, files in os.walk(os.path.join(site, top)):
            sources += [os.path.join(directory, name) for name in files if name.endswith(".py")]
        if len(names) > 1:
            continue
        for path in sources:
            if not os.path.isfile(path) or os.path.islink(path):
                continue
            for imported in statements(path) - sys.stdlib_module_names:
                pairs |= {(name, other) for name in names for other in owners.get(imported, ())
                          if name != other}
    return pairs, shared


def check_imports(test, edges, site):
    pairs, shared = expected_imports(site)
    names = {}
    for distribution in importlib.metadata.distributions(path=[site]):
        base = str(distribution._path)  # pylint: disable=protected-access
        for name in ("METADATA", "PKG-INFO"):
            names[os.path.join(base, name)] = normal(distribution.metadata["Name"] or "")
        names[base] = normal(distribution.metadata["Name"] or "")
    found = set()
    for edge in edges.edges:
        # Scripts are parts of some distributions too: the walk above does not see them.
        if (edge["evidence"] == "python-import" and edge["from"] in names and edge["to"] in names
                and " at " + site + "/" in edge["detail"]):
            found.add((names[edge["from"]], names[edge["to"]]))
    unsure = lambda pair: pair[0] in shared or pair[1] in shared
    pairs = {pair for pair in pairs if not unsure(pair)}
    found = {pair for pair in found if not unsure(pair)}
    test.ok(pairs == found, "%d imports between distributions of %s" % (len(pairs), site),
            ["missing %s" % (item,) for item in sorted(pairs - found)][:15] +
            ["too much %s" % (item,) for item in sorted(found - pairs)][:15])


# Plugin rules, on files made for it

def make_library(directory, path, symbols, soname=None, imports=()):
    full = directory + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    source = "".join("int %s(void) { return 0; }\n" % symbol for symbol in symbols)
    source += "".join("int %s(void);\nint use_%s(void) { return %s(); }\n" % (name, name, name)
                      for name in imports)
    subprocess.run([*CC, "-shared", "-fPIC", "-nostdlib", "-x", "c", "-o", full, "-",
                    *(["-Wl,-soname," + soname] if soname else [])],
                   input=source.encode(), check=True)


# (path, exports, soname, imports) of every file, then the pairs that must be there.
MADE = (
    ("/usr/lib/libc.so.6", ["gnu_get_libc_version"], "libc.so.6", ()),
    ("/usr/lib/libnss_foo_bar.so.2", ["_nss_foo_bar_getpwnam_r"], "libnss_foo_bar.so.2", ()),
    ("/usr/lib/libnss_other.so.2", ["_nss_foo_getpwnam_r"], "libnss_other.so.2", ()),
    ("/usr/lib/gconv/X.so", ["gconv", "gconv_init"], None, ()),
    ("/usr/lib/gconv/libX.so", ["helper"], None, ()),
    ("/usr/lib/libcrypto.so.3.0.1", ["EVP_sha1"], "libcrypto.so.3", ()),
    ("/usr/lib/libcrypto.so.1.1", ["EVP_sha1"], "libcrypto.so.1.1", ()),
    ("/usr/lib/engines-3/e.so", ["bind_engine"], None, ()),
    ("/usr/lib/engines-1.1/e.so", ["bind_engine"], None, ()),
    ("/usr/lib/ossl-modules/legacy.so", ["OSSL_provider_init"], None, ()),
    ("/usr/bin/perl", ["perl_alloc"], None, ()),
    ("/usr/lib/libperl.so.5.36.0", ["perl_alloc"], "libperl.so.5.36", ()),
    ("/usr/lib/libperl.so.5.30.0", ["perl_alloc"], "libperl.so.5.30", ()),
    ("/usr/lib/perl5/5.36/auto/A/B/B.so", ["boot_A__B"], None, ()),
    ("/usr/lib/perl5/5.36/auto/A/C/C.so", ["other"], None, ()),
    ("/usr/bin/lua5.3", ["lua_newstate"], None, ()),
    ("/usr/bin/lua5.4", ["lua_newstate"], None, ()),
    ("/usr/lib/lua/5.3/a.so", ["luaopen_a"], None, ()),
    ("/usr/lib/liblua5.4-b.so.1.0", ["luaopen_b"], "liblua5.4-b.so.1", ()),
    ("/usr/lib/liblua5.4-c++.so.0", ["luaopen_base", "lua_newstate"], "liblua5.4-c++.so.0", ()),
    ("/usr/bin/node", ["napi_create_function"], None, ()),
    ("/opt/ax25/node", ["ax25_connect"], None, ()),
    ("/app/node_modules/a/a.node", ["napi_register_module_v1"], None, ()),
    ("/app/node_modules/b/b.node", [], None, ("napi_module_register",)),
    ("/app/node_modules/c/c.node", ["other"], None, ()),
    ("/usr/lib/postgresql/15/bin/postgres", ["PostgresMain"], None, ()),
    ("/usr/lib/postgresql/13/bin/postgres", ["PostgresMain"], None, ()),
    ("/usr/lib/postgresql/15/lib/a.so", ["Pg_magic_func"], None, ()),
    ("/usr/bin/python3.11", ["PyImport_ImportModule"], None, ()),
    ("/usr/bin/python3.9", ["PyImport_ImportModule"], None, ()),
    ("/opt/lib/libpython3.11.so.1.0", ["PyImport_ImportModule"], "libpython3.11.so.1.0", ()),
    ("/usr/lib/libpython3.11d.so.1.0", ["PyImport_ImportModule"], "libpython3.11d.so.1.0", ()),
    ("/usr/lib/python3.11/lib-dynload/_a.cpython-311-x86_64-linux-gnu.so", ["PyInit__a"], None, ()),
    ("/srv/_b.cpython-311-x86_64-linux-gnu.so", ["PyInit__b"], None, ()),
    ("/srv/_c.cpython-39-x86_64-linux-gnu.so", ["PyInit__c"], None, ()),
    ("/srv/_d.cpython-310-x86_64-linux-gnu.so", ["PyInit__d"], None, ()),
    ("/srv/_e.abi3.so", ["PyInit__e"], None, ()),
    ("/srv/_f.so", ["PyInit__f"], None, ()),
    ("/srv/_g.so", ["PyInit_other"], None, ()),
    ("/srv/pkg/__init__.cpython-39-x86_64-linux-gnu.so", ["PyInit_pkg"], None, ()),
    ("/srv/_h.cpython-311d-x86_64-linux-gnu.so", ["PyInit__h"], None, ()),
)
PY311 = ("/usr/bin/python3.11", "/opt/lib/libpython3.11.so.1.0", "/usr/lib/libpython3.11d.so.1.0")
MADE_PAIRS = {
    ("/usr/lib/libc.so.6", "/usr/lib/libnss_foo_bar.so.2"),
    ("/usr/lib/libc.so.6", "/usr/lib/gconv/X.so"),
    ("/usr/lib/libcrypto.so.3.0.1", "/usr/lib/engines-3/e.so"),
    ("/usr/lib/libcrypto.so.1.1", "/usr/lib/engines-1.1/e.so"),
    ("/usr/lib/libcrypto.so.3.0.1", "/usr/lib/ossl-modules/legacy.so"),
    ("/usr/bin/perl", "/usr/lib/perl5/5.36/auto/A/B/B.so"),
    ("/usr/lib/libperl.so.5.36.0", "/usr/lib/perl5/5.36/auto/A/B/B.so"),
    ("/usr/bin/lua5.3", "/usr/lib/lua/5.3/a.so"),
    ("/usr/bin/lua5.4", "/usr/lib/liblua5.4-b.so.1.0"),
    ("/usr/lib/liblua5.4-c++.so.0", "/usr/lib/liblua5.4-b.so.1.0"),
    ("/usr/bin/node", "/app/node_modules/a/a.node"),
    ("/usr/bin/node", "/app/node_modules/b/b.node"),
    ("/usr/lib/postgresql/15/bin/postgres", "/usr/lib/postgresql/15/lib/a.so"),
    ("/usr/bin/python3.11", "/usr/lib/python3.11/lib-dynload/_a.cpython-311-x86_64-linux-gnu.so"),
    ("/usr/lib/libpython3.11d.so.1.0",
     "/usr/lib/python3.11/lib-dynload/_a.cpython-311-x86_64-linux-gnu.so"),
    ("/usr/bin/python3.9", "/srv/_c.cpython-39-x86_64-linux-gnu.so"),
    ("/usr/bin/python3.9", "/srv/_e.abi3.so"), ("/usr/bin/python3.9", "/srv/_f.so"),
    ("/usr/bin/python3.9", "/srv/pkg/__init__.cpython-39-x86_64-linux-gnu.so"),
    ("/usr/lib/libpython3.11d.so.1.0", "/srv/_h.cpython-311d-x86_64-linux-gnu.so"),
} | {(host, path) for host in PY311 for path in (
    "/srv/_b.cpython-311-x86_64-linux-gnu.so", "/srv/_e.abi3.so", "/srv/_f.so")}


def check_made(test, directory):
    root = os.path.join(directory, "root")
    for path, symbols, soname, imports in MADE:
        make_library(root, path, symbols, soname, imports)
        os.chmod(root + path, 0o755)
    found = Edges(root, ["/"])
    pairs = found.pairs("plugin-rule", "python-extension")
    test.ok(pairs == MADE_PAIRS, "%d plugins among %d files" % (len(MADE_PAIRS), len(MADE)),
            ["missing %s" % (item,) for item in sorted(MADE_PAIRS - pairs)] +
            ["too much %s" % (item,) for item in sorted(pairs - MADE_PAIRS)])
    test.ok(all(edge["possible"] for edge in found.edges), "all of them are possible plugins")
    # The plugins alone: hosts are looked for in the root.
    alone = Edges(root, ["/usr/lib/perl5", "/usr/lib/python3.11", "/app"])
    expected = {(host, path) for host, path in MADE_PAIRS
                if host.startswith("/usr/bin/") and
                path.startswith(("/usr/lib/perl5/", "/usr/lib/python3.11/", "/app/"))}
    test.equal(sorted(alone.pairs("plugin-rule", "python-extension")), sorted(expected),
               "hosts that are not part of the artifact")


def main():
    warnings.simplefilter("ignore")
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        check_shebangs(test, directory)
        check_env(test, directory)
        check_made(test, directory)
    edges = Edges("/", PLACES)
    check_units(test, edges)
    check_plugins(test, edges)
    check_extensions(test, edges)
    for site in SITES:
        if os.path.isdir(site):
            check_imports(test, edges, site)
        else:
            test.skip("imports between distributions of %s" % site, "it is not there")
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
