# SPDX-License-Identifier: BSD-2-Clause
"""Call sites: small C sources, and what must be recovered from every build of them.

Each case is one function that declares what it uses itself, so that it compiles for any machine
without a C library, as a shared object with undefined imports. found: callee -> set of names, the
exact union over all its sites; a name is written as a record has it, with a prefix where it is no
plain text: "pattern:", "env:", "null:". open: callee -> set of reasons that must be given (a list
that says nothing here must be complete). arguments: callee -> set of (index, text)."""
import os
import shutil
import subprocess

DECLARATIONS = """
typedef unsigned long size_type;
extern void *dlopen(const char *, int), *dlsym(void *, const char *);
extern int execl(const char *, const char *, ...), execlp(const char *, const char *, ...);
extern int execv(const char *, char *const *), execvp(const char *, char *const *);
extern int posix_spawnp(int *, const char *, const void *, const void *, char *const *,
                        char *const *);
extern int posix_spawn_file_actions_init(void *);
extern int system(const char *), snprintf(char *, size_type, const char *, ...);
extern void *popen(const char *, const char *);
extern char *strcpy(char *, const char *), *strcat(char *, const char *), *getenv(const char *);
extern void *memset(void *, int, size_type);
extern int socket(int, int, int), connect(int, const void *, unsigned);
extern int bind(int, const void *, unsigned), listen(int, int);
extern int shm_open(const char *, int, unsigned);
extern void *sem_open(const char *, int, ...);
extern int mq_open(const char *, int, ...);
extern int dbus_bus_request_name(void *, const char *, unsigned, void *);
extern void edit(char *), replace(const char **), use(const void *);
extern int number(void);
extern const char *text(void);
extern void spawn_helper(const char *, const char *);
struct sockaddr_un { unsigned short family; char path[108]; };
#define APART __attribute__((noinline))
#define PUBLIC __attribute__((visibility("default")))
"""


class Case:
    def __init__(self, name, proves, source, found=None, arguments=None, also_open=None,
                 machines=("x86-64", "aarch64"), summaries=None, constants=None, flags=(),
                 families=None, compilers=("gcc", "clang"), levels=("-O0", "-O2"),
                 open_builds=None):
        self.name, self.proves, self.source = name, proves, source
        self.found, self.arguments = found or {}, arguments or {}
        self.open, self.machines = also_open or {}, machines
        self.summaries, self.constants = summaries, constants
        self.flags, self.families = list(flags), families or {}
        self.compilers, self.levels = compilers, levels
        self.open_builds = open_builds or {}  # label -> further reasons of that build alone


CASES = [
    Case("constant", "a constant name", """
PUBLIC void *f(void) { return dlopen("libconstant.so.1", 2); }""",
         {"dlopen": {"libconstant.so.1"}}),
    Case("null", "no name: the program itself", """
PUBLIC void *f(void) { return dlopen(0, 2); }""",
         {"dlopen": {"null:"}}),
    Case("choice", "one of two, by a condition", """
PUBLIC void *f(int n) { return dlopen(n ? "liba.so.1" : "libb.so.2", 2); }""",
         {"dlopen": {"liba.so.1", "libb.so.2"}}),
    Case("jump_table", "one of many, by a jump table whose cases do more than choose", """
PUBLIC void *f(int n)
{
	const char *name;
	switch (n) {
	case 0: use(&n); name = "lib0.so"; break;
	case 1: use(0); name = "lib1.so"; break;
	case 2: name = "lib2.so"; use(name); break;
	case 3: number(); name = "lib3.so"; break;
	case 4: name = "lib4.so"; number(); break;
	case 5: use("x"); name = "lib5.so"; break;
	case 6: use("y"); number(); name = "lib6.so"; break;
	default: return 0;
	}
	return dlopen(name, 2);
}""",
         {"dlopen": {"lib%d.so" % n for n in range(7)}}),
    Case("table", "a table of names that ends in a null pointer", """
static const char *const names[] = {"libt1.so", "libt2.so", "libt3.so", 0};
PUBLIC void f(void)
{
	for (const char *const *n = names; *n; n++)
		if (dlopen(*n, 2))
			break;
}""",
         {"dlopen": {"libt1.so", "libt2.so", "libt3.so"}}),
    Case("table_struct", "a table of structures, with a count", """
struct row { long id; const char *name; void *handle; };
static const struct row rows[] = {
	{1, "libr1.so", 0}, {2, "libr2.so", 0}, {3, "libr3.so", 0}, {4, "libr4.so", 0},
	{5, "libr5.so", 0}};
PUBLIC void f(void)
{
	for (int i = 0; i < 5; i++)
		use(dlopen(rows[i].name, 2));
}""",
         {"dlopen": {"libr%d.so" % n for n in range(1, 6)}},
         # It counts bytes up to a number: without a symbol nothing says where the table ends.
         open_builds={"aarch64-gcc-O2-stripped": {"dlopen": {"extent"}}}),
    Case("constant_in_loop", "an address that is completed within a loop", """
PUBLIC void f(void)
{
	for (int i = 0; i < number(); i++)
		use(dlopen("libloop.so.3", i));
}""",
         {"dlopen": {"libloop.so.3"}}),
    Case("exec_vector_long", "an argument vector that is copied in large pieces", """
PUBLIC void f(void)
{
	char *vector[] = {"gpg", "--status-fd=2", "-bsau", "acme", "--batch", "--yes", "-", 0};
	execv("/usr/bin/gpg", vector);
}""",
         {"execv": {"/usr/bin/gpg"}},
         {"execv": {(0, "gpg"), (1, "--status-fd=2"), (2, "-bsau")}}),
    Case("wrapper", "a parameter of a function, two levels up", """
APART static void *inner(const char *name) { use(name); return dlopen(name, 2); }
APART static void *outer(int n, const char *name) { use(&n); return inner(name); }
PUBLIC void f(void) { use(outer(1, "libw1.so")); use(outer(2, "libw2.so")); use(inner("libw3.so")); }
""",
         {"dlopen": {"libw1.so", "libw2.so", "libw3.so"}}),
    Case("exported", "a parameter of an exported function: others may call it", """
PUBLIC void *open_module(int flags, const char *name) { return dlopen(name, flags); }
PUBLIC void f(void) { use(open_module(2, "libown.so")); }""",
         {"dlopen": {"libown.so"}}, also_open={"dlopen": {"exported"}},
         summaries={("open_module", "load", "1", "%{1}")}),
    Case("exported_format", "the same, through a format", """
PUBLIC void *open_module(const char *name)
{
	char path[200];
	snprintf(path, sizeof(path), "/usr/lib/acme/%s.so", name);
	return dlopen(path, 2);
}""",
         {"dlopen": {"pattern:/usr/lib/acme/%s.so"}},
         also_open={"dlopen": {"exported", "formatted"}},
         summaries={("open_module", "load", "0", "/usr/lib/acme/%{0}.so")}),
    Case("function_pointer", "the address is kept: called from anywhere", """
void *(*volatile keep)(const char *, int);
PUBLIC void f(void) { keep = dlopen; }""",
         {"dlopen": set()}, also_open={"dlopen": {"address-taken"}}),
    Case("pointer_table", "the address is in a table", """
PUBLIC const void *const table[] = {(const void *)dlopen, (const void *)f};
""".replace("(const void *)f", "0"),
         {"dlopen": set()}, also_open={"dlopen": {"address-taken"}}),
    Case("pointer_called", "a pointer that the function itself calls", """
PUBLIC void f(int n)
{
	void *(*open_it)(const char *, int) = dlopen;
	use(open_it("libp1.so", 1));
	if (n)
		use(open_it("libp2.so", 1));
}""",
         {"dlopen": {"libp1.so", "libp2.so"}}),
    Case("format", "a format all of whose arguments are known, as cuDNN's shim does it", """
APART static void *open_version(const char *name)
{
	char path[64];
	void *handle;
	snprintf(path, sizeof(path), "%s.%d.%d.%d", name, 9, 19, 0);
	handle = dlopen(path, 2);
	if (!handle) {
		snprintf(path, sizeof(path), "%s.%d", name, 9);
		handle = dlopen(path, 2);
	}
	return handle ? handle : dlopen(name, 2);
}
PUBLIC void f(void) { use(open_version("libgraph.so")); use(open_version("libops.so")); }""",
         {"dlopen": {"libgraph.so.9.19.0", "libgraph.so.9", "libgraph.so", "libops.so.9.19.0",
                     "libops.so.9", "libops.so"}}),
    Case("format_unknown", "a format with parts that are not known is a pattern, not a guess", """
PUBLIC void *f(void)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/plugin-%d_100%%.so", text(), number());
	return dlopen(path, 2);
}""",
         {"dlopen": {"pattern:%s/plugin-%d_100%%.so"}}, also_open={"dlopen": {"formatted"}}),
    Case("format_all_unknown", "nothing known of the text: no name, and a reason", """
PUBLIC void *f(void)
{
	char path[64];
	snprintf(path, sizeof(path), "%s", text());
	return dlopen(path, 2);
}""",
         {"dlopen": set()}, also_open={"dlopen": {"formatted"}}),
    Case("format_edited", "a buffer that other code may have changed since", """
PUBLIC void *f(void)
{
	char path[64];
	snprintf(path, sizeof(path), "libwrong.so.%d", 1);
	edit(path);
	return dlopen(path, 2);
}""",
         {"dlopen": set()}, also_open={"dlopen": {"memory"}}),
    Case("replaced", "a pointer that other code may have changed", """
PUBLIC void *f(void)
{
	const char *name = "libwrong.so";
	replace(&name);
	return dlopen(name, 2);
}""",
         {"dlopen": set()}, also_open={"dlopen": {"memory"}}),
    Case("struct_changed", "a member of a structure that other code has the address of", """
struct options { long flags; const char *name; };
extern void parse(struct options *);
PUBLIC void *f(void)
{
	struct options options = {1, "libwrong.so"};
	parse(&options);
	return dlopen(options.name, 2);
}""",
         {"dlopen": set()}, also_open={"dlopen": {"memory"}}),
    Case("concatenated", "strcpy and strcat", """
PUBLIC void *f(void)
{
	char path[64];
	strcpy(path, "/usr/lib/acme/");
	strcat(path, "libz.so.1");
	return dlopen(path, 2);
}""",
         {"dlopen": {"/usr/lib/acme/libz.so.1"}}),
    Case("stored", "bytes that the function stores itself", """
PUBLIC void *f(void)
{
	char path[] = "libshort.so.12";
	return dlopen(path, 2);
}""",
         {"dlopen": {"libshort.so.12"}}),
    Case("environment", "a name from the environment", """
PUBLIC void *f(void)
{
	const char *name = getenv("ACME_LIBRARY");
	return dlopen(name ? name : "libacme.so", 2);
}""",
         {"dlopen": {"env:ACME_LIBRARY", "libacme.so"}}, also_open={"dlopen": {"environment"}}),
    Case("variable", "a variable: what it holds at the start and what is stored to it", """
static const char *library = "libdefault.so";
PUBLIC void set(int n) { if (n == 1) library = "libother.so"; }
PUBLIC void *f(void) { return dlopen(library, 2); }""",
         {"dlopen": {"libdefault.so", "libother.so"}}, also_open={"dlopen": {"variable"}}),
    Case("result", "what a function of the file returns", """
APART static const char *choose(int n) { use(&n); return n ? "liby.so" : "libn.so"; }
PUBLIC void *f(int n) { return dlopen(choose(n), 2); }""",
         {"dlopen": {"liby.so", "libn.so"}}),
    Case("result_elsewhere", "what a function of another file returns", """
PUBLIC void *f(void) { return dlopen(text(), 2); }""",
         {"dlopen": {"result:text"}}, also_open={"dlopen": {"result"}}),
    Case("symbol", "symbols and the handle they are looked up in", """
PUBLIC void f(void)
{
	void *handle = dlopen("libs.so", 2);
	use(dlsym(handle, "first"));
	use(dlsym(handle, "second"));
}""",
         {"dlopen": {"libs.so"}, "dlsym": {"first", "second"}}),
    Case("unlikely", "code that the compiler moves away from its function", """
extern void log_it(const char *) __attribute__((cold));
PUBLIC void f(int n, const char *unused)
{
	const char *tool = n & 4 ? "/usr/bin/report" : "/usr/bin/dump";
	use(unused);
	if (__builtin_expect(number() < 0, 0)) {
		log_it("failed");
		execl(tool, "tool", "-v", (char *)0);
	}
	use(tool);
}""",
         {"execl": {"/usr/bin/report", "/usr/bin/dump"}},
         {"execl": {(0, "tool"), (1, "-v")}}),
    Case("exec_list", "a program and its arguments in a list", """
PUBLIC void f(void) { execl("/bin/sh", "sh", "-c", "gzip -d < x | tar xf -", (char *)0); }""",
         {"execl": {"/bin/sh"}},
         {"execl": {(0, "sh"), (1, "-c"), (2, "gzip -d < x | tar xf -")}}),
    Case("exec_vector", "an argument vector on the stack", """
PUBLIC void f(void)
{
	char *vector[] = {"sh", "-c", "sort x", 0};
	execv("/bin/sh", vector);
}""",
         {"execv": {"/bin/sh"}}, {"execv": {(0, "sh"), (1, "-c"), (2, "sort x")}}),
    Case("exec_vector_wrapper", "an argument vector handed to a wrapper", """
APART static int run(char **vector) { use(0); return execvp(vector[0], vector); }
PUBLIC void f(char *file)
{
	char *vector[] = {"ssh", "-x", file, 0};
	run(vector);
}""",
         {"execvp": {"ssh"}}, {"execvp": {(0, "ssh"), (1, "-x")}}),
    Case("spawn", "posix_spawnp", """
PUBLIC void f(char **environment)
{
	int pid;
	char actions[80];
	char *vector[] = {"helper", "--once", 0};
	posix_spawn_file_actions_init(actions);
	posix_spawnp(&pid, "acme-helper", actions, 0, vector, environment);
}""",
         {"posix_spawnp": {"acme-helper"}},
         {"posix_spawnp": {(0, "helper"), (1, "--once")}}),
    Case("shell", "command lines", """
PUBLIC void f(void)
{
	char line[100];
	system("ls -l | sort");
	use(popen("gs -q", "r"));
	snprintf(line, sizeof(line), "cc -shared -o %s", text());
	system(line);
}""",
         {"system": {"ls -l | sort", "pattern:cc -shared -o %s"}, "popen": {"gs -q"}},
         also_open={"system": {"formatted"}}),
    Case("socket_path", "an AF_UNIX path", """
PUBLIC void f(void)
{
	struct sockaddr_un address;
	int fd = socket(1, 1, 0);
	memset(&address, 0, sizeof(address));
	address.family = 1;
	strcpy(address.path, "/run/acme.sock");
	connect(fd, &address, sizeof(address));
}""",
         {"socket": {"1"}, "connect": {"/run/acme.sock"}}, families={"connect": {"1"}}),
    Case("socket_initialised", "an address that is initialised, and the abstract name space", """
PUBLIC void f(void)
{
	struct sockaddr_un address = {.family = 1, .path = "/run/server.sock"};
	struct sockaddr_un hidden = {.family = 1, .path = "\\0acme"};
	bind(3, &address, sizeof(address));
	listen(3, 5);
	bind(4, &hidden, sizeof(hidden));
}""",
         {"bind": {"/run/server.sock", "@acme"}, "listen": set()}, families={"bind": {"1"}}),
    Case("socket_network", "a network socket has no path", """
struct in { unsigned short family, port; unsigned address; char zero[8]; };
PUBLIC void f(void)
{
	struct in address = {.family = 2, .port = 80};
	connect(socket(2, 1, 0), &address, sizeof(address));
}""",
         {"socket": {"2"}, "connect": set()}, families={"connect": {"2"}}),
    Case("names", "shared memory, semaphores, queues, D-Bus", """
PUBLIC void f(void *bus)
{
	shm_open("/acme-memory", 2, 0600);
	sem_open("/acme-lock", 0);
	mq_open("/acme-queue", 0);
	dbus_bus_request_name(bus, "org.acme.Service", 0, 0);
}""",
         {"shm_open": {"/acme-memory"}, "sem_open": {"/acme-lock"}, "mq_open": {"/acme-queue"},
          "dbus_bus_request_name": {"org.acme.Service"}}),
    Case("other_library", "a constant given to a function of another library", """
PUBLIC void f(void) { spawn_helper("acme-tool", "libplug.so"); }""",
         {}, constants={("spawn_helper", 0, "acme-tool"), ("spawn_helper", 1, "libplug.so")}),
    Case("no_plt", "calls through the global offset table", """
PUBLIC void *f(int n)
{
	void *first = dlopen("libg1.so", 2);
	if (n)
		return dlopen("libg2.so", 2);
	return first ? first : dlopen("libg3.so", 2);
}""",
         {"dlopen": {"libg1.so", "libg2.so", "libg3.so"}}, flags=["-fno-plt"]),
    Case("undecodable", "an instruction that the disassembler does not know", """
PUBLIC void *f(int n)
{
	const char *name = n ? "libv1.so" : "libv2.so";
	__asm__ volatile("vpdpbusd %%zmm1, %%zmm2, %%zmm3" ::: "memory");
	return dlopen(name, 2);
}""",
         {"dlopen": {"libv1.so", "libv2.so"}}, machines=("x86-64",), levels=("-O2",)),
    Case("undecodable_end", "bytes that are no instruction: said, not passed over", """
PUBLIC void *f(int n)
{
	__asm__ volatile(".byte 0x06, 0x07, 0x16, 0x17" ::: "memory");
	return dlopen("libnever.so", 2);
}""",
         {"dlopen": set()}, also_open={"dlopen": {"not-decoded"}}, machines=("x86-64",)),
    Case("atomics", "atomic instructions that capstone 4 does not know", """
long counter;
PUBLIC void *f(int n)
{
	const char *name = n ? "libl1.so" : "libl2.so";
	__atomic_fetch_add(&counter, 1, 5);
	return dlopen(name, 2);
}""",
         {"dlopen": {"libl1.so", "libl2.so"}}, machines=("aarch64",),
         flags=["-march=armv8.3-a+lse", "-mbranch-protection=standard"]),
]

# name -> (compiler words, extra flags); {o} is the optimisation level.
MACHINES = {
    "x86-64": {"gcc": ["gcc"], "clang": ["clang"]},
    "aarch64": {"gcc": ["aarch64-linux-gnu-gcc"],
                "clang": ["clang", "--target=aarch64-linux-gnu", "-fuse-ld=lld"]},
}
SHARED = ["-fPIC", "-shared", "-nostdlib", "-w", "-fvisibility=hidden"]


def builds(case):
    """All builds of one case: (label, command without -o)."""
    for machine in case.machines:
        for compiler, words in MACHINES[machine].items():
            if compiler not in case.compilers:
                continue
            for level in case.levels:
                yield "%s-%s%s" % (machine, compiler, level), words + [
                    level, *SHARED, "-fno-stack-protector", *case.flags]
    for machine in case.machines:
        gcc, clang = MACHINES[machine]["gcc"] + SHARED, MACHINES[machine]["clang"] + SHARED
        protect = {"x86-64": "-fcf-protection=full", "aarch64": "-mbranch-protection=standard"}
        yield machine + "-gcc-O2-stripped", [*gcc, "-O2", "-s", *case.flags]
        yield machine + "-gcc-O2-protected", [*gcc, "-O2", protect[machine], *case.flags]
        yield machine + "-gcc-Os", [*gcc, "-Os", *case.flags]
        # Neither section of frames nor symbols: where functions begin is only seen from calls.
        yield machine + "-clang-O2-bare", [
            *clang, "-O2", "-s", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables",
            *case.flags]


# Programs with a C library: a main that does one of each, in the shapes programs come in.
PROGRAM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void *load(const char *name) { return dlopen(name, RTLD_NOW); }
int main(int argc, char **argv)
{
	if (argc > 3)
		return load("libmain1.so.1") != 0;
	if (argc > 2)
		return system("tar cf - . | gzip");
	if (argc > 1)
		execlp("less", "less", argv[1], (char *)0);
	return dlopen("libmain2.so.2", RTLD_LAZY) != 0;
}
"""
PROGRAM_FOUND = {"dlopen": {"libmain1.so.1", "libmain2.so.2"}, "system": {"tar cf - . | gzip"},
                 "execlp": {"less"}}
PROGRAMS = [("pie", ["gcc", "-O2", "-pie", "-fPIE"]),
            ("pie-O0", ["gcc", "-O0", "-pie", "-fPIE"]),
            ("no-pie", ["gcc", "-O2", "-no-pie", "-fno-pie"]),
            ("no-pie-O0", ["gcc", "-O0", "-no-pie", "-fno-pie"]),
            ("static", ["gcc", "-O2", "-static", "-no-pie", "-fno-pie"]),
            ("static-pie", ["gcc", "-O2", "-static-pie", "-fPIE"]),
            ("stripped", ["gcc", "-O2", "-pie", "-fPIE", "-s"]),
            ("clang-pie", ["clang", "-O2", "-pie", "-fPIE"]),
            ("clang-no-pie", ["clang", "-O1", "-no-pie", "-fno-pie"]),
            ("lld", ["clang", "-O2", "-pie", "-fPIE", "-fuse-ld=lld"]),
            ("relr", ["clang", "-O2", "-pie", "-fPIE", "-fuse-ld=lld",
                      "-Wl,--pack-dyn-relocs=relr"]),
            ("static-pie-O0", ["gcc", "-O0", "-static-pie", "-fPIE"])]
CROSS = ["aarch64-linux-gnu-gcc"]
CROSS_CLANG = ["clang", "--target=aarch64-linux-gnu", "-fuse-ld=lld"]
PROGRAMS += [
    ("aarch64-pie", [*CROSS, "-O2", "-pie", "-fPIE"]),
    ("aarch64-pie-O0", [*CROSS, "-O0", "-pie", "-fPIE"]),
    ("aarch64-no-pie", [*CROSS, "-O2", "-no-pie", "-fno-pie"]),
    ("aarch64-stripped", [*CROSS, "-O2", "-pie", "-fPIE", "-s"]),
    ("static-aarch64", [*CROSS, "-O2", "-static", "-no-pie", "-fno-pie"]),
    ("static-pie-aarch64", [*CROSS, "-O2", "-static-pie", "-fPIE"]),
    ("aarch64-clang-pie", [*CROSS_CLANG, "-O2", "-pie", "-fPIE"]),
    ("aarch64-clang-O0", [*CROSS_CLANG, "-O0", "-pie", "-fPIE"]),
    ("aarch64-relr", [*CROSS_CLANG, "-O2", "-pie", "-fPIE", "-Wl,--pack-dyn-relocs=relr"])]


def compile_case(words, source, directory, name):
    """The path of the built file, or None and the reason."""
    path = os.path.join(directory, name + ".c")
    out = os.path.join(directory, name + ".so")
    with open(path, "w", encoding="ascii") as file:
        file.write(source)
    if not shutil.which(words[0]):
        return None, f"no {words[0]}"
    done = subprocess.run([*words, "-o", out, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, (done.stderr.strip() or "failed")[:300]
    return out, None
