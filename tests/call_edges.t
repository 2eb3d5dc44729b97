#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""From call facts to edges: a small root of files made here, and every edge they must give - which
file it leads to, by whose search path, and how sure it is.

usage: call_edges.t"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, "test-binaries")]
import calls_cases  # noqa: E402
import tap  # noqa: E402

BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(HERE, os.pardir, "build")))
DUMP = os.path.join(BUILD, "tools", "edges_dump")
FLAGS = ["gcc", "-O2", "-fPIC", "-shared", "-nostdlib", "-w", "-fvisibility=hidden"]


def note(json):
    """A .note.dlopen with that text."""
    text = json.encode() + b"\0"
    lines = [".section .note.dlopen,\\\"a\\\",@note", ".balign 4",
             ".long 4, %d, 0x407c0c0a" % len(text), ".byte 70, 68, 79, 0",
             ".byte " + ", ".join(str(byte) for byte in text), ".balign 4", ".previous"]
    return '__asm__("%s");' % "\\n".join(lines)


# path in the root -> (source, further options)
FILES = {
    "/opt/app/lib/libplugin.so.1": ("", ["-Wl,-soname,libplugin.so.1"]),
    "/opt/app/lib/libbackend-fast.so": ("", []),
    "/opt/app/lib/libbackend-slow.so": ("", []),
    "/opt/app/lib/plugins/one.so": ("", []),
    "/opt/app/lib/plugins/two.so": ("", []),
    "/opt/app/lib/plugins/two.txt": (None, []),
    "/usr/lib/python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so": ("", []),
    "/opt/app/lib/libloader.so": ("""
PUBLIC void f(int n)
{
	char path[100];
	use(dlopen("libplugin.so.1", 2));
	use(dlopen("libnowhere.so.7", 2));
	snprintf(path, sizeof(path), "libbackend-%s.so", text());
	use(dlopen(path, 2));
	snprintf(path, sizeof(path), "/opt/app/lib/plugins/%s.so", text());
	use(dlopen(path, 2));
	snprintf(path, sizeof(path), "%s.so", text());
	use(dlopen(path, 2));
}""", ["-Wl,--enable-new-dtags,-rpath,$ORIGIN"]),
    "/opt/app/lib/libnopath.so": ("""
PUBLIC void f(void) { use(dlopen("libplugin.so.1", 2)); }""", []),
    "/opt/app/lib/libwrap.so": ("""
PUBLIC void *wrap_open(int n, const char *name)
{
	char path[100];
	snprintf(path, sizeof(path), "lib%s.so.1", name);
	return dlopen(path, n);
}
PUBLIC int wrap_run(const char *program) { return execlp(program, program, (char *)0); }""",
                                ["-Wl,-soname,libwrap.so"]),
    "/opt/app/lib/libconsumer.so": ("""
extern void *wrap_open(int, const char *);
extern int wrap_run(const char *);
PUBLIC void f(void) { wrap_open(2, "plugin"); wrap_run("helper"); }""",
                                    ["{root}/opt/app/lib/libwrap.so",
                                     "-Wl,--enable-new-dtags,-rpath,$ORIGIN"]),
    "/opt/app/lib/librunner.so": ("""
PUBLIC void f(char *file)
{
	char line[200];
	char *vector[] = {"sh", "-c", "helper --fast | missing-tool", 0};
	execv("/bin/sh", vector);
}
PUBLIC void g(void) { system("FOO=1 helper < in > out"); }
PUBLIC void h(void)
{
	char line[200];
	snprintf(line, sizeof(line), "helper -o %s && %s", text(), text());
	use(popen(line, "r"));
}
PUBLIC void i(void) { execlp("env", "env", "helper", (char *)0); }""", []),
    "/opt/app/lib/libserver.so": ("""
PUBLIC void f(void *bus)
{
	struct sockaddr_un address = {.family = 1, .path = "/run/app.sock"};
	bind(3, &address, sizeof(address));
	shm_open("/app-memory", 2, 0600);
	dbus_bus_request_name(bus, "org.app.Service", 0, 0);
}""", []),
    "/opt/app/lib/libclient.so": ("""
extern void *dbus_message_new_method_call(const char *, const char *, const char *, const char *);
PUBLIC void f(void *bus)
{
	struct sockaddr_un address = {.family = 1, .path = "/run/app.sock"};
	struct sockaddr_un other = {.family = 1, .path = "/run/other.sock"};
	connect(3, &address, sizeof(address));
	connect(4, &other, sizeof(other));
	shm_open("/app-memory", 2, 0600);
	use(dbus_message_new_method_call("org.app.Service", "/", "org.app", "Do"));
}""", []),
    "/opt/app/lib/libnoted.so": (
        note('[{"feature": "fast", "priority": "suggested",'
             ' "soname": ["libnone.so.1", "libplugin.so.1"]}]'),
        ["-Wl,--enable-new-dtags,-rpath,$ORIGIN"]),
    "/opt/app/lib/libold.so": (
        note('{"soname": "libabsent.so.2", "x": [1, {"y": "]"}]}'), []),
    "/opt/app/lib/libbroken.so": (note('[{"soname": 7}]'), []),
    "/opt/app/lib/libpython3.11.so.1": ("""
extern void *PyImport_ImportModule(const char *);
PUBLIC void f(void) { PyImport_ImportModule("readline"); PyImport_ImportModule("nothing"); }""",
                                        []),
    "/opt/app/lib/libdriver.so": ("""
extern void keep(const char *);
PUBLIC void f(char **vector)
{
	char path[100], other[100];
	snprintf(path, sizeof(path), "helper-%s", text());
	execvp(path, vector);
	snprintf(path, sizeof(path), "/opt/app/libexec/%s", text());
	execv(path, vector);
	keep("/opt/app/libexec/worker");
	keep("/opt/app/libexec/nothing");
	keep("/etc/app.conf");
	strcpy(other, text());
	strcat(other, "/usr/bin/env");
	execv(text(), vector);
}
PUBLIC void g(void)
{
	struct sockaddr_un address = {.family = 1, .path = "relative"};
	char path[100];
	connect(3, &address, sizeof(address));
	use(dlopen("builtin", 2));
	use(dlopen("/", 2));
	snprintf(path, sizeof(path), "%s/%sMARK.so", text(), text());
	use(dlopen(path, 2));
	snprintf(path, sizeof(path), "%s-suffix%s", text(), text());
	use(dlopen(path, 2));
}""", []),
    # Names on the heap; names in a folder that the file holds.
    "/opt/app/lib/libstarter.so": ("""
extern void *malloc(size_type);
extern const char *join(const char *, const char *);
struct command { const char **argv; int count; };
APART static void push(struct command *c, const char *text) { c->argv[c->count++] = text; }
APART static int run(struct command *c) { return execvp(c->argv[0], (char *const *)c->argv); }
PUBLIC const char *const texts[] = {"/opt/app/libexec/tools", "inner", "helper-one", "outer"};
PUBLIC int f(int n)
{
	struct command c = {malloc(80), 0};
	push(&c, n ? "helper" : "absent-program");
	push(&c, "--flag");
	use(texts);
	return run(&c);
}""", ["-falign-functions=256"]),
    "/opt/app/libexec/tools/inner": ("", []),
    "/opt/app/libexec/tools/other": ("", []),
    "/opt/app/lib/libx_MARK.so": ("", []),
    "/opt/app/lib/libx_HALFMARK.so": ("", []),
    "/opt/app/lib/libx-suffixes.so": ("", []),
    "/opt/app/libexec/worker": ("", []),
    "/etc/app.conf": ("", []),
    "/usr/bin/helper": ("", []),
    "/usr/bin/helper-one": ("", []),
    "/usr/bin/env": ("", []),
    "/bin/sh": ("", []),
}

LIB = "/opt/app/lib/"
# (from, to, name, kind, grade, possible)
EDGES = {
    ("libloader.so", LIB + "libplugin.so.1", "libplugin.so.1", "link-plugin", "declared", ""),
    ("libloader.so", "", "libnowhere.so.7", "link-plugin", "declared", ""),
    ("libloader.so", LIB + "libbackend-fast.so", "libbackend-%s.so", "link-plugin", "string",
     "possible"),
    ("libloader.so", LIB + "libbackend-slow.so", "libbackend-%s.so", "link-plugin", "string",
     "possible"),
    ("libloader.so", LIB + "plugins/one.so", "/opt/app/lib/plugins/%s.so", "link-plugin",
     "string", "possible"),
    ("libloader.so", LIB + "plugins/two.so", "/opt/app/lib/plugins/%s.so", "link-plugin",
     "string", "possible"),
    ("libnopath.so", "", "libplugin.so.1", "link-plugin", "declared", ""),
    ("libconsumer.so", LIB + "libplugin.so.1", "libplugin.so.1", "link-plugin", "declared", ""),
    ("libconsumer.so", "/usr/bin/helper", "helper", "ipc-exec", "declared", ""),
    ("libwrap.so", "", "lib%s.so.1", "link-plugin", "string", "possible"),
    ("librunner.so", "/bin/sh", "/bin/sh", "ipc-exec", "declared", ""),
    ("librunner.so", "/usr/bin/helper", "helper", "ipc-exec", "declared", ""),
    ("librunner.so", "", "missing-tool", "ipc-exec", "declared", ""),
    ("librunner.so", "/usr/bin/env", "env", "ipc-exec", "declared", ""),
    ("libdriver.so", LIB + "libx_MARK.so", "%s/%sMARK.so", "link-plugin", "string", "possible"),
    ("libdriver.so", "/usr/bin/helper-one", "helper-%s", "ipc-exec", "string", "possible"),
    ("libdriver.so", "/opt/app/libexec/worker", "/opt/app/libexec/%s", "ipc-exec", "string",
     "possible"),
    ("libdriver.so", "/opt/app/libexec/worker", "/opt/app/libexec/worker", "ipc-exec", "string",
     "possible"),
    ("libstarter.so", "/usr/bin/helper", "helper", "ipc-exec", "string", "possible"),
    ("libstarter.so", "/opt/app/libexec/tools/inner", "/opt/app/libexec/tools/inner", "ipc-exec",
     "string", "possible"),
    ("libclient.so", LIB + "libserver.so", "/run/app.sock", "ipc-socket", "declared", ""),
    ("libclient.so", "", "/run/other.sock", "ipc-socket", "declared", ""),
    ("libserver.so", LIB + "libclient.so", "/app-memory", "ipc-shm", "declared", ""),
    ("libclient.so", LIB + "libserver.so", "org.app.Service", "ipc-dbus", "declared", ""),
    ("libnoted.so", LIB + "libplugin.so.1", "libplugin.so.1", "link-plugin", "declared", ""),
    ("libold.so", "", "libabsent.so.2", "link-plugin", "declared", ""),
    ("libpython3.11.so.1",
     "/usr/lib/python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so", "readline",
     "link-plugin", "declared", ""),
}


def make_root(root):
    """Compiles every file into its place; the reason when one cannot be made."""
    for path, (source, options) in FILES.items():
        target = root + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if source is None:
            with open(target, "w", encoding="ascii") as file:
                file.write("text\n")
            continue
        options = [option.replace("{root}", root) for option in options]
        text = root + ".c"
        with open(text, "w", encoding="ascii") as file:
            file.write(calls_cases.DECLARATIONS + source)
        done = subprocess.run([*FLAGS, "-o", target, text, *options], capture_output=True,
                              text=True, check=False)
        if done.returncode:
            return "%s: %s" % (path, done.stderr[:500])
    return None


def main():
    if not os.path.exists(DUMP):
        tap.skip_all("%s is not built" % DUMP)
    directory = os.path.join(BUILD, "test-binaries-edges")
    shutil.rmtree(directory, ignore_errors=True)
    root = os.path.join(directory, "root")
    os.makedirs(root)
    test = tap.Tap()
    reason = make_root(root)
    if not test.ok(reason is None, "the files compile", [str(reason)]):
        return test.finish()
    done = subprocess.run([DUMP, root, "/opt/app", "/usr/lib/python3.11"], capture_output=True,
                          text=True, check=False, timeout=60)
    test.equal(done.returncode, 0, "edges_dump runs")
    found, details = set(), {}
    for line in done.stdout.splitlines():
        words = line.split("\t")
        if words[0] != "edge":
            continue
        edge = (os.path.basename(words[1]), *words[2:7])
        found.add(edge)
        details.setdefault(edge, []).append((words[7], words[8], int(words[9])))
    for edge in sorted(EDGES):
        test.ok(edge in found, "%s: %s leads to %s" % (edge[0], edge[2], edge[1] or "nothing"),
                [done.stdout, done.stderr])
    test.equal(sorted(found - EDGES), [], "no other edge")
    test.ok(all(place > 0 for items in details.values() for _, _, place in items),
            "every edge has a place in its file")
    test.ok(any("through sh -c" in detail for edge, items in details.items()
                for _, detail, _ in items if edge[2] == "missing-tool"),
            "an edge says what came between")
    test.ok("libbroken.so" in done.stderr and "EL0110" in done.stderr,
            "a note that is not understood has a diagnostic", [done.stderr])
    return test.finish()


if __name__ == "__main__":
    sys.exit(main())
