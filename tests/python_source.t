#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Import statements and library loads in real Python files: what elfleft's reader finds equals what
Python's own parser finds, line by line.

usage: python_source.t [-a]     -a: all files, not a sample"""
import ast
import os
import subprocess
import sys
import warnings

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DRIVER = os.path.join(BUILD, "unit", "texts_driver")
TOPS = ("/usr/lib", "/usr/share", "/usr/local", "/opt", "/root/.pyenv/versions")
SAMPLE = 1500
LOADS = ("CDLL", "PyDLL", "find_library", "LoadLibrary", "dlopen")
FUNCTIONS = ("CDLL", "PyDLL", "find_library", "import_module", "__import__", "entry_points",
             "iter_entry_points")
METHODS = ("CDLL", "PyDLL", "find_library", "LoadLibrary", "dlopen", "import_module",
           "entry_points", "select", "iter_entry_points", "load_setuptools_entrypoints")
# What is wanted of a call, when it is not "name"; "=": only by keyword.
KEYWORDS = {"entry_points": "group=", "select": "group=", "iter_entry_points": "group",
            "load_setuptools_entrypoints": "group"}


def python_files():
    for top in TOPS:
        for directory, _, files in os.walk(top):
            for name in files:
                path = os.path.join(directory, name)
                if name.endswith(".py") and not os.path.islink(path) and path.isprintable():
                    yield path


def function_name(call):
    """(function, object) of a call that is looked at, or None."""
    if isinstance(call.func, ast.Name) and call.func.id in FUNCTIONS:
        return call.func.id, ""
    if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
        value = call.func.value
        last = (value.id if isinstance(value, ast.Name)
                else value.attr if isinstance(value, ast.Attribute) else "")
        return call.func.attr, last
    return None


def argument(call):
    """What the driver says of the first argument."""
    keyword = KEYWORDS.get(function_name(call)[0], "name")
    first = call.args[0] if call.args and keyword[-1] != "=" else None
    if not call.args and call.keywords and call.keywords[0].arg == keyword.rstrip("="):
        first = call.keywords[0].value
    if first is None and keyword[-1] == "=":
        return "\\nothing"
    if first is None:
        return "\\nothing" if not call.keywords else "\\unknown"
    if isinstance(first, ast.Constant):
        if first.value is None:
            return "\\nothing"
        if isinstance(first.value, bytes):
            return first.value.decode("latin-1")
        return first.value if isinstance(first.value, str) else "\\unknown"
    if isinstance(first, ast.Call) and (function_name(first) or ("",))[0] in LOADS:
        return "\\nested"
    return "\\unknown"


def has_escape(source, call):
    """Escapes by name or number above a byte: the reader does not work them out, and says so."""
    segment = ast.get_source_segment(source, call) or ""
    return any("\\" + letter in segment for letter in "NuU")


def is_type_checking(test):
    return ((isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or
            (isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING" and
             isinstance(test.value, ast.Name)))


def suppresses(node):
    return any(isinstance(inner, ast.Name) and inner.id == "suppress" or
               isinstance(inner, ast.Attribute) and inner.attr == "suppress"
               for item in node.items for inner in ast.walk(item))


def conditions_of(node, around):
    """Pairs of a child and the conditions it is under."""
    kinds = {ast.Try: "t", ast.If: "b", ast.For: "b", ast.While: "b", ast.FunctionDef: "f",
             ast.AsyncFunctionDef: "f", ast.AsyncFor: "b"}
    kinds.update({getattr(ast, name): kind for name, kind in (("TryStar", "t"), ("Match", "b"))
                  if hasattr(ast, name)})
    inside = around | set(kinds.get(type(node), ""))
    if isinstance(node, (ast.With, ast.AsyncWith)) and suppresses(node):
        inside = around | {"t"}
    for field, value in ast.iter_fields(node):
        under = inside
        if isinstance(node, ast.If) and field == "body" and is_type_checking(node.test):
            under = inside | {"c"}
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child, under


def oracle(path):
    """What ast says, in the driver's form, or None for what is no Python of this version."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found, stack = [], [(tree, frozenset())]
    while stack:
        node, under = stack.pop()
        # What an f-string evaluates is text to the reader, calls too.
        if isinstance(node, ast.JoinedStr):
            continue
        stack += conditions_of(node, under)
        marks = "".join(mark for mark in "ftbc" if mark in under)
        if isinstance(node, ast.Import):
            found += [("import", node.lineno, 0, alias.name, "", marks) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ",".join(alias.name for alias in node.names)
            found.append(("import", node.lineno, node.level, node.module or "", names, marks))
        elif isinstance(node, ast.Call) and function_name(node):
            text = argument(node)
            if not text.startswith("\\") and has_escape(source.decode("utf-8", "replace"), node):
                text = "\\unknown"
            found.append(("call",) + function_name(node) + (text,))
    return sorted(found, key=repr)


def unescape(field):
    if field in ("\\nothing", "\\nested", "\\unknown"):
        return field
    return field.replace("\\x09", "\t").replace("\\x0a", "\n").replace("\\x5c", "\\")


def answers(paths):
    done = subprocess.run([DRIVER, "python"], input="".join(path + "\n" for path in paths).encode(),
                          capture_output=True, check=True, timeout=600)
    found, current = {}, None
    for line in done.stdout.decode("utf-8", "replace").split("\n"):
        fields = line.split("\t")
        if fields[0] == "file":
            current = found.setdefault(fields[1], [])
        elif fields[0] == "import":
            current.append(("import", int(fields[1]), int(fields[2])) + tuple(fields[3:6]))
        elif fields[0] == "call":
            current.append(("call", fields[1], fields[2], unescape(fields[3])))
    return {path: sorted(items, key=repr) for path, items in found.items()}


def tops(items):
    return {item[3].split(".")[0] for item in items if item[0] == "import" and not item[2]}


def main():
    warnings.simplefilter("ignore")
    test = tap.Tap()
    everything = sorted(python_files())
    step = 1 if "-a" in sys.argv[1:] else max(1, len(everything) // SAMPLE)
    chosen = everything[::step]
    found = answers(chosen)
    compared, statements, loads, wrong, wrong_tops = 0, 0, 0, [], []
    for path in chosen:
        expected = oracle(path)
        if expected is None:
            continue
        compared += 1
        statements += sum(item[0] == "import" for item in expected)
        loads += sum(item[0] == "call" for item in expected)
        if found[path] != expected:
            extra = [item for item in found[path] if item not in expected]
            missing = [item for item in expected if item not in found[path]]
            wrong.append("%s: too much %s, missing %s" % (path, extra[:4], missing[:4]))
        if tops(found[path]) != tops(expected):
            wrong_tops.append(path)
    test.ok(not wrong_tops, "top-level names imported by %d files" % compared, wrong_tops[:20])
    test.ok(not wrong, "%d import statements, %d calls" % (statements, loads),
            wrong[:20])
    test.ok(compared >= 500, "%d of %d files are Python to the oracle" % (compared, len(chosen)))
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
