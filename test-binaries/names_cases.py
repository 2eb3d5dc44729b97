# SPDX-License-Identifier: BSD-2-Clause
"""Names of programs that go through memory before they are started: C sources, and exactly which
names a record must hold for each, by how they were found (facts.h, FACTS_CONSTANT_*). What must not
be told is in the sources too."""
import calls_cases

NAME, FOLDER, WORD, COMMAND, CHOICE, RESULT = (2 ** 32 - 2 - n for n in range(6))
DECLARATIONS = calls_cases.DECLARATIONS + """
extern void *malloc(size_type), *memcpy(void *, const void *, size_type);
extern size_type strlen(const char *);
extern int vasprintf(char **, const char *, __builtin_va_list);
extern int vsnprintf(char *, size_type, const char *, __builtin_va_list);
extern const char *join(const char *, const char *), *folder(void);
"""
COMMAND_SOURCE = """
struct command { const char **argv; int count; };
APART static void push(struct command *c, const char *text) { c->argv[c->count++] = text; }
APART static int run(struct command *c) { return execvp(c->argv[0], (char *const *)c->argv); }
"""

# The same, with functions that no compiler changes the arguments of.
WHOLE = """
#define WHOLE __attribute__((noipa, noinline))
struct list { const char **argv; int count; };
WHOLE static void keep(struct list *l, const char *text) { l->argv[l->count++] = text; }
WHOLE static int start(struct list *l) { return execvp(l->argv[0], (char *const *)l->argv); }
"""

CHOOSER = """
#define GIVE(text) do { static const char *path; \\
	if (!path) path = join(folder(), text); return path; } while (0)
__attribute__((noipa, noinline)) static const char *path_of(int which)
{
	switch (which) {
	case 0: GIVE("/acme-zero");
	case 1: GIVE("/acme-one");
	case 2: GIVE("/acme-two");
	case 3: GIVE("/acme-three");
	case 4: GIVE("/acme-four");
	case 5: GIVE("/acme-five");
	case 6: GIVE("/acme-six");
	default: return 0;
	}
}
APART static int spawn(const char *path, char *const *v) { return execv(path, v); }
"""


class Names:
    def __init__(self, name, proves, source, names=None, found=None, still_open=None,
                 not_for=(), limited=False):
        self.name, self.proves = name, proves
        self.source = (COMMAND_SOURCE if "struct command" in source else "") + source
        self.names, self.found, self.open = names or {}, found or {}, still_open or {}
        self.not_for, self.limited = not_for, limited  # limited: the record says names may be missing


CASES = [
    Names("heap_vector", "a vector on the heap, filled by another function", """
PUBLIC int f(int n)
{
	struct command c = {malloc(80), 0};
	push(&c, n ? "acme-tool" : "acme-helper");
	push(&c, "--flag");
	return run(&c);
}""", {NAME: {"acme-tool", "acme-helper"}}),
    Names("copied_text", "a copy on the heap, and a function that makes one", """
APART static char *copy(const char *text)
{
	size_type size = strlen(text) + 1;
	return memcpy(malloc(size), text, size);
}
PUBLIC int f(void)
{
	struct command c = {malloc(80), 0};
	push(&c, copy(number() ? "acme-tool" : "acme-other"));
	push(&c, copy("--flag"));
	return run(&c);
}""", {NAME: {"acme-tool", "acme-other"}}),
    Names("not_on_the_way", "a text that is compared, and one that is kept behind the start", """
static const char *kept[4];
APART static int equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}
APART static void keep(const char **to, const char *text) { to[number()] = text; }
PUBLIC int f(const char *name)
{
	struct command c = {malloc(80), 0};
	int n;
	if (equal(name, "acme-compared"))
		return 1;
	push(&c, "acme-tool");
	push(&c, "--flag");
	n = run(&c);
	if (n)
		keep(kept, "acme-after");
	use(kept);
	return n;
}""", {NAME: {"acme-tool"}}),
    Names("many_arguments", "of many arguments the first is the program", """
APART static void push_all(struct command *c, ...)
{
	__builtin_va_list list;
	const char *text;
	__builtin_va_start(list, c);
	while ((text = __builtin_va_arg(list, const char *)))
		push(c, text);
	__builtin_va_end(list);
}
PUBLIC int f(void)
{
	struct command c = {malloc(80), 0};
	push_all(&c, "acme-first", "acme-second", (char *)0);
	return run(&c);
}""", {NAME: {"acme-first"}}),
    Names("called_by_table", "a table of functions between the one that starts and its callers", """
struct methods { int (*close)(struct command *), (*start)(struct command *); };
APART static int finish(struct command *c) { use(c); return 0; }
static const struct methods table = {finish, run};
APART static const struct methods *methods(void) { return &table; }
PUBLIC int f(void)
{
	struct command c = {malloc(80), 0};
	const struct methods *m = methods();
	push(&c, "acme-tool");
	push(&c, "--flag");
	return m->start(&c);
}""", {NAME: {"acme-tool"}}),
    Names("table_row", "a program in a row with the function that starts it", """
struct row { const char *name, *program; long flags; int (*start)(const struct row *); };
APART static int start(const struct row *row)
{
	struct command c = {malloc(80), 0};
	push(&c, row->program);
	return run(&c);
}
PUBLIC const struct row rows[] = {{"alpha", "acme-alpha", 1, start}, {"beta", "acme-beta", 2, start}};
""", {NAME: {"acme-alpha", "acme-beta"}}),
    Names("repeated_row", "a name that rows of several commands share is no command's", """
struct row {
	const char *name; int flags; void (*set)(const struct row *); const char *argument;
	int (*start)(void);
};
extern const struct row rows[];
static const struct row *chosen;
APART static void set(const struct row *row) { chosen = row; }
APART static int start(void)
{
	struct command c = {malloc(80), 0};
	push(&c, chosen->argument);
	return run(&c);
}
PUBLIC const struct row rows[] = {
	{"alpha", 1, set, "acme-query", start}, {"beta", 2, set, "acme-query", start},
	{"gamma", 3, set, "acme-once", start}, {"delta", 4, set, "acme-query", start}};
PUBLIC int f(void) { rows[number()].set(&rows[number()]); return chosen->start(); }
""", {NAME: {"acme-query"}}),
    Names("other_object", "a name kept in an object that is not handed to what starts", WHOLE + """
struct text { char *bytes; size_type size; };
APART static void append(struct text *to, const char *text)
{
	size_type size = strlen(text);
	memcpy(to->bytes + to->size, text, size);
	to->size += size;
}
PUBLIC int f(void)
{
	struct list l = {malloc(80), 0};
	struct text t = {malloc(80), 0};
	append(&t, "acme-message");
	use(&t);
	keep(&l, "acme-tool");
	keep(&l, "acme-argument");
	return start(&l);
}""", {NAME: {"acme-tool"}}),
    Names("behind_option", "a name behind an option is its argument", WHOLE + """
APART static void keep_two(struct list *l, const char *option, const char *value)
{
	keep(l, option);
	keep(l, value);
}
PUBLIC int f(void)
{
	struct list l = {malloc(80), 0};
	keep(&l, number() ? text() : "acme-tool");
	keep_two(&l, "-T", "acme-device");
	return start(&l);
}""", {NAME: {"acme-tool"}}),
    Names("element", "an element of a vector whose place is not known", """
__attribute__((noipa, noinline)) static int start(char **v) { return execvp(v[0], v); }
PUBLIC int f(const char **v)
{
	int first = number();
	v[first] = "acme-tool";
	return start((char **)v + first);
}""", {NAME: {"acme-tool"}}),
    Names("variable_line", "a line with a variable that may stand for the program", """
APART static void split(struct command *c, const char *line)
{
	while (*line)
		c->argv[c->count++] = line++;
}
PUBLIC int f(const char *line)
{
	struct command c = {malloc(80), 0};
	split(&c, number() ? line : "$ACME_SHELL acme-shell -q --");
	use("acme-message -x");
	return run(&c);
}
PUBLIC void g(void) { use("$ACME_OTHER acme-other -q"); }
""", {COMMAND: {"acme-shell"}}, not_for=("aarch64-gcc-O2",)),  # by an anchor of its section
    Names("returned", "what an exported function returns, and a call that is given what another did", """
extern const char *acme_program(void);
static const char *kept;
PUBLIC const char *g(void)
{
	if (!kept)
		kept = number() ? "acme-one" : "acme-two";
	return *kept ? kept : 0;
}
PUBLIC int f(char *const *v) { return execvp(acme_program(), v); }
""", {RESULT: {"acme-one", "acme-two"}}, found={"execvp": {"result:acme_program"}},
          still_open={"execvp": {"result"}}, not_for=("aarch64-gcc-O2",)),
    Names("registered", "a name given together with a function is a command, no program", """
struct entry { const char *name; int (*call)(struct command *); };
static struct entry entries[8];
APART static int finish(struct command *c) { use(c); use(entries); return 0; }
APART static void add(struct entry *to, const char *name, int (*call)(struct command *))
{
	to->name = name;
	to->call = call;
}
PUBLIC int f(void)
{
	struct command c = {malloc(80), 0};
	add(&entries[number()], "acme-builtin", run);
	add(&entries[number()], "acme-other", finish);
	push(&c, "acme-tool");
	push(&c, "--flag");
	return run(&c);
}""", {NAME: {"acme-tool"}}),
    # Not where the compiler makes comparisons of it: only jump tables are followed by number.
    Names("choice", "one of several names behind a folder, by a number known at the call", CHOOSER + """
PUBLIC int f(char *const *v) { return spawn(path_of(2), v); }
PUBLIC int g(char *const *v) { return spawn(path_of(5), v); }
""", {CHOICE: {"acme-two", "acme-five"}}, not_for=("aarch64-gcc-O2",)),
    # Rows of 24 bytes, and a table that may be written.
    Names("choice_column", "numbers that are read from a column of a table, as signed bytes", CHOOSER + """
struct row { const char *title; const char *text; signed char which; };
static struct row rows[] = {{"a", "b", 1}, {"c", "d", 3}, {"e", "f", 6}};
PUBLIC void rename_row(unsigned n, const char *title) { rows[n].title = title; }
PUBLIC int f(unsigned n, char *const *v) { use(rows[n].title); return spawn(path_of(rows[n].which), v); }
""", {CHOICE: {"acme-one", "acme-three", "acme-six"}}, not_for=("aarch64-gcc-O2",)),
    Names("choice_constants", "numbers that are read from a constant table of four bytes", CHOOSER + """
static const unsigned numbers[] = {0, 4};
PUBLIC int f(unsigned n, char *const *v) { return spawn(path_of((int)numbers[n]), v); }
PUBLIC int g(char *const *v)
{
	int status = 0;
	for (unsigned i = 0; i < 2; i++)
		status += spawn(path_of((int)numbers[i]), v);
	return status;
}
""", {CHOICE: {"acme-zero", "acme-four"}}, not_for=("aarch64-gcc-O2",)),
    Names("choice_unknown", "a number that anything may be: all names", CHOOSER + """
PUBLIC int f(const int *numbers, char *const *v) { return spawn(path_of(*numbers), v); }
""", {CHOICE: {"acme-zero", "acme-one", "acme-two", "acme-three", "acme-four", "acme-five", "acme-six"}},
          not_for=("aarch64-gcc-O2",)),
    Names("folder", "names and a folder of the package, and a driver's own command lines", """
PUBLIC const char *const texts[] = {
	"/usr/lib/acme/tools", "/etc/acme/tools/x", "/usr/lib/acme/3/../../../include", "acme-worker",
	"acme-%s", "%{!c:acme-as %(options) -o %o |\\n acme-ld %{v}}"};
PUBLIC int f(char *const *v) { return execv(join(texts[number()], texts[number()]), v); }
""", {FOLDER: {"/usr/lib/acme/tools", "/usr/lib/acme/3"},
      WORD: {"acme-worker", "acme-%s", "acme-as", "acme-ld"},
      COMMAND: {"acme-as", "acme-ld"}}),
    Names("nothing_open", "a file that names all that it starts keeps no names", """
static const char *kept[4];
PUBLIC int f(char *const *v)
{
	kept[number()] = "acme-word";
	use("/usr/lib/acme/tools");
	return execv("/usr/bin/acme", v);
}""", found={"execv": {"/usr/bin/acme"}}),
    Names("format_wrapper", "the program's own asprintf: what it makes is a pattern, no guess", """
APART static int format(char **to, const char *text, ...)
{
	__builtin_va_list list;
	int n;
	__builtin_va_start(list, text);
	n = vasprintf(to, text, list);
	__builtin_va_end(list);
	return n;
}
PUBLIC int f(char *const *v)
{
	char *path;
	format(&path, "acme-%s", text());
	return execvp(path, v);
}
PUBLIC int g(char *const *v)
{
	char *path;
	format(&path, "/usr/lib/%s/%d", "acme", 7);
	return execv(path, v);
}""", found={"execvp": {"pattern:acme-%s"}, "execv": {"/usr/lib/acme/7"}},
          still_open={"execvp": {"formatted"}}),
    Names("format_or_stop", "a function that gives the text it makes, or does not come back", """
extern int *__errno_location(void);
extern void free(void *);
APART static char *made(const char *text, ...)
{
	__builtin_va_list list;
	char *to;
	__builtin_va_start(list, text);
	if (vasprintf(&to, text, list) < 0) {
		*__errno_location() = number();
		__builtin_trap();
	}
	__builtin_va_end(list);
	return to;
}
PUBLIC int f(char *const *v)
{
	char *path = made("/usr/lib/%s", "acme");
	execvp(path, v);
	free(path);
	return execv(made("/usr/bin/%s-%d", "acme", number()), v);
}
""", found={"execvp": {"/usr/lib/acme"}, "execv": {"pattern:/usr/bin/acme-%d"}},
          still_open={"execv": {"formatted"}}),
    Names("format_twice", "a function that formats in two ways makes nothing that is known", """
APART static void format(char *to, size_type size, const char *text, const char *other, ...)
{
	__builtin_va_list list;
	__builtin_va_start(list, other);
	if (number())
		vsnprintf(to, size, other, list);
	else
		vsnprintf(to, size, "/opt/%s", list);
	__builtin_va_end(list);
	use(text);
}
PUBLIC int f(char *const *v)
{
	char path[100];
	format(path, sizeof(path), "/usr/bin/%s", "/usr/lib/%s", "acme");
	return execv(path, v);
}""", found={"execv": set()}),
    Names("format_and_more", "what is put behind a formatted text is not known to callers", """
APART static void format(char *to, size_type size, const char *text, ...)
{
	__builtin_va_list list;
	__builtin_va_start(list, text);
	vsnprintf(to, size, text, list);
	__builtin_va_end(list);
	strcat(to, number() ? "-one" : "-two");
}
APART static char *made(const char *text, ...)
{
	__builtin_va_list list;
	char *to;
	__builtin_va_start(list, text);
	if (vasprintf(&to, text, list) < 0)
		to = 0;
	__builtin_va_end(list);
	edit(to);
	return to;
}
PUBLIC int f(char *const *v)
{
	char path[100];
	format(path, sizeof(path), "/usr/bin/%s", "acme");
	return execv(path, v);
}
PUBLIC int g(char *const *v) { return execvp(made("/usr/lib/%s", "acme"), v); }
""", found={"execv": set(), "execvp": {"null:"}}),
    Names("many_choosers", "more functions that may choose a name than are looked at: it is said",
          "".join('APART static void c%d(void) { use("/acme-%d"); }\n' % (n, n) for n in range(70))
          + "PUBLIC void all(void) { %s }\n" % " ".join("c%d();" % n for n in range(70))
          + "PUBLIC int f(char *const *v) { return execvp(text(), v); }\n",
          found={"execvp": {"result:text"}}, not_for=("aarch64-gcc-O2",), limited=True),
    Names("format_default", "a default and what the environment may give instead", """
PUBLIC int f(void)
{
	char line[200];
	const char *program = getenv("ACME");
	if (!program)
		program = "acme-default";
	snprintf(line, sizeof(line), "%s -x", program);
	return system(line);
}""", found={"system": {"acme-default -x", "pattern:%s -x"}}, still_open={"system": {"formatted"}}),
]

# Jumps of two bytes between neighbours are not looked for: real programs have few, small files many.
APART = "-falign-functions=256"
BUILDS = [("x86-64", "gcc", "-O0"), ("x86-64", "gcc", "-O2"), ("x86-64", "clang", "-O2"),
          ("aarch64", "gcc", "-O2"), ("aarch64", "clang", "-O2")]


def builds():
    for machine, compiler, level in BUILDS:
        yield "%s-%s%s" % (machine, compiler, level), [
            *calls_cases.MACHINES[machine][compiler], level, *calls_cases.SHARED,
            "-fno-stack-protector", APART]
