/* SPDX-License-Identifier: BSD-2-Clause */
/* Python sources and distributions. Real files are compared with Python's parser elsewhere. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "depend/python_source.h"
#include "finder_fixture.h"

struct seen {
	struct arena *arena;
	const char *text;
};

static void on_import(void *context, const struct python_import *import)
{
	struct seen *seen = context;

	seen->text = arena_printf(seen->arena, "%s%u:%.*s%s", seen->text, import->line,
				  (int)import->level, ".....", import->module);
	for (size_t i = 0; i < import->name_count; i++)
		seen->text = arena_printf(seen->arena, "%s%c%s", seen->text, i ? ',' : '/',
					  import->names[i]);
	seen->text = arena_printf(seen->arena, "%s%s%s%s%s ", seen->text,
				  import->conditions & PYTHON_IN_FUNCTION ? "!f" : "",
				  import->conditions & PYTHON_IN_TRY ? "!t" : "",
				  import->conditions & PYTHON_IN_BRANCH ? "!b" : "",
				  import->conditions & PYTHON_TYPE_CHECKING ? "!c"
				  : import->conditions & PYTHON_ELSEWHERE   ? "!e"
									    : "");
}

static void on_call(void *context, const struct python_call *call)
{
	struct seen *seen = context;

	seen->text = arena_printf(seen->arena, "%s%s%s%s(%s) ", seen->text, call->object,
				  call->object[0] ? "." : "", call->function,
				  call->argument  ? call->argument
				  : call->nothing ? "-"
				  : call->nested  ? "+"
						  : "?");
}

static const char *const source_cases[][2] = {
    {"import a, b.c as d, e . f\n", "1:a 1:b.c 1:e.f "},
    {"from a import b\nfrom . import (c,\n d as x,)\nfrom ..e.f import *",
     "1:a/b 2:./c,d 4:..e.f/* "},
    {"from ... import a\nfrom .... b import c\n", "1:.../a 2:....b/c "},
    {"import a; import b ;from c import d;x = 1\n", "1:a 1:b 1:c/d "},
    {"import \\\n  a\nfrom b \\\n import c\n", "1:a 3:b/c "},
    {"x = 'import a'\ny = \"\"\"\nimport b\n\"\"\"\n# import c\nimport d\n", "6:d "},
    {"x = 'a\\'\\\nimport b'\nr'\\'; import c'\nimport d", "4:d "},
    {"x = (1,\nimport_a, [\n'import b'])\nimport c\n", "4:c "},
    {"def f(): import a\nasync def g():\n\timport b\nimport c\n", "1:a!f 3:b!f 4:c "},
    {"try:\n  import a\nexcept E:\n  import b\nelse:\n  import c\nimport d\n",
     "2:a!t 4:b!t 6:c!t 7:d "},
    {"if x:\n import a\nelif y:\n import b\nelse: import c\nimport d\n", "2:a!b 4:b!b 5:c!b 6:d "},
    {"if TYPE_CHECKING:\n import a\nelse:\n import b\nif t.TYPE_CHECKING: import c\n",
     "2:a!b!c 4:b!b 5:c!b!c "},
    {"if sys.platform == 'darwin': import a\nelif sys.platform.startswith('win'):\n import b\n"
     "elif os.name == 'nt':\n import c\nelse:\n import d\nif sys.platform == 'linux': import e\n"
     "if sys.platform == 'darwin' or x: import f\nif sys.platform != 'darwin': import g\n",
     "1:a!b!e 3:b!b!e 5:c!b!e 7:d!b 8:e!b 9:f!b 10:g!b "},
    {"class A:\n import a\n def f(self):\n  if x:\n   import b\n import c\n", "2:a 5:b!f!b 6:c "},
    {"with suppress(E):\n import a\nwith x:\n import b\n", "2:a!t 4:b "},
    {"match x:\n case 1:\n  import a\nmatch = 1\nimport b\n", "3:a!b 5:b "},
    {"def f(\n  x):\n# comment\n\n  \\\n  import a\nimport b\n", "6:a!f 7:b "},
    {"if x:\n    pass\n\timport a\n", "3:a!b "}, /* tab stops are 8 apart */
    {"yield_from = 1\ndef f():\n yield from import_\nraise A from b\nimport c\n", "5:c "},
    {"x: int = 1\ny = lambda: 1\nif (a := b): import c\nd = {1: 2}\n", "3:c!b "},
    {"\xef\xbb\xbfimport a\r\nimport b\rimport c\n\fimport d\n", "1:a 2:b 3:c 4:d "},
    {"import \xc3\xa4\n", "1:\xc3\xa4 "},
    /* f-strings, those of PEP 701 too */
    {"f'{x[\"import a\"]}'; import b", "1:b "},
    {"f\"{x[\"#\"]}\"; import b", "1:b "},
    {"f'{f\"{f'{1}'}\"}'; import b", "1:b "},
    {"f'{x:\"^{w}}'; import b", "1:b "},
    {"f'{{' ; import b", "1:b "},
    {"f'\\N{QUOTATION MARK}\"\\\\'; import b", "1:b "},
    {"rf'\\{x}\\''; import b", "1:b "},
    {"f'''{\n x # ' \n}'''; import b", "3:b "},
    {"f'{x!r:>{10}}{{}}'\nimport b", "2:b "},
    {"f'{a['b']}'\nimport b", "2:b "},
    {"f'{x\nimport a", ""}, /* no Python: the string takes the rest */
    {"'x\nimport a\n", "2:a "},
    {"print \"x\" % `y`\nexec \"import a\"\nimport b\n", "3:b "},
    {"import\nfrom import x\nimport .a\nfrom a import\nimport b,\nimport c", "5:b 6:c "},
    /* calls */
    {"ctypes.CDLL('libc.so.6', use_errno=True)", "ctypes.CDLL(libc.so.6) "},
    {"CDLL(\n 'lib' \"c\" # x\n r'.so')", "CDLL(libc.so) "},
    {"CDLL(b'a\\x2f\\057\\\\b')", "CDLL(a//\\b) "},
    {"CDLL(name='a')\nCDLL(name)\nCDLL(None)\nCDLL()\nPyDLL('a' + b)",
     "CDLL(a) CDLL(?) CDLL(-) CDLL(-) PyDLL(?) "},
    {"CDLL(f'a')\nCDLL('\\u0061')\nCDLL('a\\0b')", "CDLL(?) CDLL(?) CDLL(?) "},
    {"cdll.LoadLibrary(ctypes.util.find_library('c'))",
     "cdll.LoadLibrary(+) util.find_library(c) "},
    {"LoadLibrary('a')\ndlopen('b')\nffi.dlopen('c')\nf().dlopen('d')", "ffi.dlopen(c) dlopen(d) "},
    {"def CDLL(x): pass\nclass CDLL(object): pass\nx.CDLL\nx = CDLL", ""},
    {"importlib.import_module('a.b')\nimport_module(name='c', "
     "package='d')\n__import__('e')",
     "importlib.import_module(a.b) import_module(c) __import__(e) "},
    {"import_module(x)\nx.__import__('a')\n__import__('a' + b)\ndef import_module(n): 0",
     "import_module(?) __import__(?) "},
    {"entry_points(group='g')\nm.entry_points()['g']\nentry_points().select(group='h')",
     "entry_points(g) m.entry_points(-) entry_points(-) select(h) "},
    {"p.iter_entry_points('g', 'x')\niter_entry_points(group=X)\n"
     "m.load_setuptools_entrypoints('p')\ndb.select('x')",
     "p.iter_entry_points(g) iter_entry_points(?) m.load_setuptools_entrypoints(p) "
     "db.select(-) "},
    {"CDLL('a' if x else 'b')\nCDLL('a' % b)", "CDLL(?) CDLL(?) "},
};

static void sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(source_cases) / sizeof(source_cases[0]); i++) {
		struct arena arena;
		struct seen seen = {.arena = &arena, .text = ""};
		const struct python_visitor visitor = {on_import, on_call, &seen};

		arena_init(&arena);
		python_source_visit(slice_text(source_cases[i][0]), &arena, &visitor);
		if (strcmp(seen.text, source_cases[i][1]) != 0)
			fail_msg("%s\nexpected %s\nbut got  %s", source_cases[i][0],
				 source_cases[i][1], seen.text);
		arena_release(&arena);
	}
}

/* A logical line longer than what is looked at in one piece. */
static void long_lines(void **state)
{
	struct arena arena;
	struct seen seen = {.arena = &arena, .text = ""};
	const struct python_visitor visitor = {on_import, on_call, &seen};
	size_t count = 200000;
	char *text;

	(void)state;
	arena_init(&arena);
	text = arena_alloc(&arena, 2 * count + 64);
	strcpy(text, "x = [");
	for (size_t i = 0; i < count; i++)
		memcpy(text + 5 + 2 * i, "1,", 2);
	strcpy(text + 5 + 2 * count, "CDLL('a')]; import a\nimport b\n");
	python_source_visit(slice_text(text), &arena, &visitor);
	assert_string_equal(seen.text, "CDLL(a) 1:a 2:b ");
	arena_release(&arena);
}

#define SITE "/usr/lib/python3.11/site-packages"

static void distribution(struct fixture *fixture, const char *folder, const char *list,
			 const char *text)
{
	fixture_write(fixture, arena_printf(&fixture->arena, "%s/METADATA", folder), 0644, "");
	if (list)
		fixture_write(fixture, arena_printf(&fixture->arena, "%s/%s", folder, list), 0644,
			      text);
}

static void imports_between_distributions(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture);
	fixture_write(&fixture, "/usr/lib/python3.11/json/__init__.py", 0644, "");
	distribution(&fixture, SITE "/app-1.dist-info", "RECORD",
		     "app/__init__.py,,\napp/lib.py,sha256=x,1\n\"app/od\"\"d.py\",,\n"
		     "../../../bin/app,,\napp-1.dist-info/RECORD,,\napp/__pycache__/x.pyc,,\n");
	fixture_write(&fixture, SITE "/app/__init__.py", 0644,
		      "import os, json, missing\n"
		      "from . import lib\n"
		      "def f():\n    import six\n"
		      "import app.lib\n"
		      "try:\n    from ns import one\nexcept ImportError:\n    pass\n");
	fixture_write(&fixture, SITE "/app/lib.py", 0644,
		      "if TYPE_CHECKING:\n    import types_only\nimport six\nimport ns.two.x\n"
		      "from ns.two import y\n");
	fixture_write(&fixture, SITE "/app/tests/test_x.py", 0644, "");
	fixture_write(&fixture, "/usr/bin/app", 0755, "#!/usr/bin/python3\nimport tested\n");
	distribution(&fixture, SITE "/six-1.dist-info", NULL, NULL);
	fixture_write(&fixture, SITE "/six.py", 0644, "");
	distribution(&fixture, SITE "/ns_one-1.dist-info", "RECORD", "ns/one/__init__.py,,\n");
	distribution(&fixture, SITE "/ns_two-1.dist-info", "RECORD", "ns/two/__init__.py,,\n");
	distribution(&fixture, SITE "/types_only-1.dist-info", "top_level.txt", "types_only\n");
	distribution(&fixture, SITE "/tested-1.dist-info", "top_level.txt", "tested\n");
	distribution(&fixture, SITE "/json-1.dist-info", "top_level.txt", "json\n");
	/* The same name for another interpreter. */
	distribution(&fixture, "/usr/lib/python3.9/site-packages/missing-1.dist-info",
		     "top_level.txt", "missing\n");
	python_find(fixture_finder(&fixture));
	assert_string_equal(
	    fixture_edges(&fixture), SITE
	    "/app-1.dist-info/METADATA ->? " SITE "/ns_one-1.dist-info/METADATA ns | import "
	    "at " SITE "/app/__init__.py:7, under a condition\n" SITE
	    "/app-1.dist-info/METADATA ->? " SITE "/ns_two-1.dist-info/METADATA ns.two.x | import "
	    "at " SITE "/app/lib.py:4; 2 such imports\n" SITE "/app-1.dist-info/METADATA ->? " SITE
	    "/six-1.dist-info/METADATA six | import at " SITE "/app/lib.py:3; 2 such imports\n" SITE
	    "/app-1.dist-info/METADATA ->? " SITE
	    "/tested-1.dist-info/METADATA tested | import at /usr/bin/app:2\n");
	assert_int_equal(fixture.edges.list.ptr[0].kind, EDGE_KIND_LINK_PLUGIN);
	fixture_end(&fixture);
}

/* Imports by call, scripts made for entry points, and plugins of whoever reads their group. */
static void entry_points(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture);
	fixture_program(&fixture, "/usr/bin/python3.11");
	fixture_link(&fixture, "/usr/bin/python3", "python3.11");
	distribution(&fixture, SITE "/host-1.dist-info", "top_level.txt", "host\n");
	fixture_write(&fixture, SITE "/host/__init__.py", 0644,
		      "import importlib\n"
		      "def load(name):\n"
		      "    importlib.import_module(name)\n"
		      "    importlib.import_module('.own', __name__)\n"
		      "    return importlib.import_module('agpl.core')\n"
		      "x = __import__('dyn')\n"
		      "x.import_module('agpl')\n"
		      "for p in entry_points(group='host.plugins'): p.load()\n"
		      "for p in entry_points(group='shared'): p.load()\n");
	fixture_write(&fixture, SITE "/host-1.dist-info/entry_points.txt", 0644,
		      "[console_scripts]\nhost-run = host:main [extra]\n"
		      "[host.plugins]\nown = host.own\n");
	fixture_write(&fixture, "/usr/bin/host-run", 0755,
		      "#!/usr/bin/python3\nfrom pkg_resources import load_entry_point\n");
	fixture_write(&fixture, "/usr/bin/sh-run", 0755, "#!/bin/sh\n");
	distribution(&fixture, SITE "/other-1.dist-info", "top_level.txt", "other\n");
	fixture_write(&fixture, SITE "/other/__init__.py", 0644,
		      "iter_entry_points('shared')\n"
		      "from .tools import import_module\nimport_module('dyn')\n"
		      "import_module(name)\n");
	distribution(&fixture, SITE "/agpl-1.dist-info", "top_level.txt", "agpl\n");
	fixture_write(&fixture, SITE "/agpl-1.dist-info/entry_points.txt", 0644,
		      "# comment\n[host.plugins]\nheavy = agpl.plugin:Heavy\nnone = not_there:x\n"
		      "[shared]\ns = agpl:s\n[nobody]\nn = agpl:n\n"
		      "[console_scripts]\nsh-run = agpl:main\n../host-run = agpl:main\nbad\n");
	distribution(&fixture, SITE "/dyn-1.dist-info", "top_level.txt", "dyn\n");
	python_find(fixture_finder(&fixture));
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/usr/bin/host-run ->? " SITE "/host-1.dist-info/METADATA host | entry point at " SITE
	    "/host-1.dist-info/entry_points.txt:2\n" SITE "/host-1.dist-info/METADATA ->? " SITE
	    "/agpl-1.dist-info/METADATA agpl.core | import_module() at " SITE
	    "/host/__init__.py:5, inside a function\n" SITE "/host-1.dist-info/METADATA ->? " SITE
	    "/agpl-1.dist-info/METADATA agpl.plugin | entry point heavy of group host.plugins "
	    "at " SITE "/agpl-1.dist-info/entry_points.txt:3, which is read at " SITE
	    "/host/__init__.py:8\n" SITE "/host-1.dist-info/METADATA ->? " SITE
	    "/dyn-1.dist-info/METADATA dyn | __import__() at " SITE "/host/__init__.py:6\n" SITE
	    "/other-1.dist-info/METADATA ->? " SITE
	    "/dyn-1.dist-info/METADATA dyn | import_module() at " SITE "/other/__init__.py:3\n");
	assert_int_equal(fixture.edges.list.ptr[0].grade, EDGE_GRADE_DECLARED);
	assert_string_equal(fixture.edges.list.ptr[0].evidence, "python-import");
	/* import_module(name): a module nobody knows here. */
	assert_int_equal(fixture.finder.counts.sites - fixture.finder.counts.recovered, 1);
	fixture_end(&fixture);
}

/* Lists of other kinds, namespaces without a RECORD, and Debian's folders. */
static void debian_folders(void **state)
{
	static const char site[] = "/usr/lib/python3/dist-packages";
	struct fixture fixture;
	char *path;

	(void)state;
	fixture_begin(&fixture);
	fixture_program(&fixture, "/usr/bin/python3.11");
	fixture_link(&fixture, "/usr/bin/python3", "python3.11");
	fixture_write(&fixture, "/usr/lib/python3.11/typing.py", 0644, "");
	path = arena_printf(&fixture.arena, "%s/lazr.a-1.egg-info/", site);
	fixture_write(&fixture, arena_printf(&fixture.arena, "%sPKG-INFO", path), 0644, "");
	fixture_write(&fixture, arena_printf(&fixture.arena, "%stop_level.txt", path), 0644,
		      "lazr\n");
	path = arena_printf(&fixture.arena, "%s/lazr.b-1.egg-info/", site);
	fixture_write(&fixture, arena_printf(&fixture.arena, "%sPKG-INFO", path), 0644, "");
	fixture_write(&fixture, arena_printf(&fixture.arena, "%stop_level.txt", path), 0644,
		      "lazr\n");
	fixture_write(&fixture, "/usr/lib/python3/dist-packages/lazr/a/__init__.py", 0644,
		      "import lazr.b\nimport lazr.c\nimport typing\nimport old\n");
	fixture_write(&fixture, "/usr/lib/python3/dist-packages/Old-1.egg-info", 0644, "");
	fixture_write(&fixture, "/usr/lib/python3/dist-packages/old.py", 0644, "");
	fixture_write(&fixture, "/usr/lib/python3/dist-packages/typing-1.egg-info", 0644, "");
	fixture_write(&fixture, "/usr/lib/python3/dist-packages/typing.py", 0644, "");
	/* The administrator's folder sees the packages', and scripts see both. */
	path = "/usr/local/lib/python3.11/dist-packages/mine-1.egg-info/";
	fixture_write(&fixture, arena_printf(&fixture.arena, "%sPKG-INFO", path), 0644, "");
	fixture_write(&fixture, arena_printf(&fixture.arena, "%sinstalled-files.txt", path), 0644,
		      "../mine/__init__.py\nPKG-INFO\n");
	fixture_write(&fixture, "/usr/local/lib/python3.11/dist-packages/mine/__init__.py", 0644,
		      "import old\n");
	fixture_write(&fixture, "/usr/bin/tool", 0755,
		      "#!/usr/bin/env python3\nimport mine, beside, old\n");
	fixture_write(&fixture, "/usr/bin/old.py", 0644, ""); /* before all others */
	fixture_write(&fixture, "/usr/share/x.py", 0644, "#!/usr/bin/python3\nimport old\n");
	python_find(fixture_finder(&fixture));
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/usr/bin/tool ->? /usr/local/lib/python3.11/dist-packages/mine-1.egg-info/PKG-INFO "
	    "mine | import at /usr/bin/tool:2\n"
	    "/usr/lib/python3/dist-packages/lazr.a-1.egg-info/PKG-INFO ->? "
	    "/usr/lib/python3/dist-packages/Old-1.egg-info old | import at "
	    "/usr/lib/python3/dist-packages/lazr/a/__init__.py:4\n"
	    "/usr/lib/python3/dist-packages/lazr.a-1.egg-info/PKG-INFO ->? "
	    "/usr/lib/python3/dist-packages/lazr.b-1.egg-info/PKG-INFO lazr.b | import at "
	    "/usr/lib/python3/dist-packages/lazr/a/__init__.py:1\n"
	    "/usr/local/lib/python3.11/dist-packages/mine-1.egg-info/PKG-INFO ->? "
	    "/usr/lib/python3/dist-packages/Old-1.egg-info old | import at "
	    "/usr/local/lib/python3.11/dist-packages/mine/__init__.py:1\n");
	/* lazr.c is nobody's, as far as is known: counted, not guessed. */
	assert_int_equal(fixture.finder.counts.sites - fixture.finder.counts.recovered, 1);
	fixture_end(&fixture);
}

static const char *resolve(void *context, const char *consumer, const char *name)
{
	(void)context;
	assert_string_equal(path_name(consumer), "load.py");
	return strcmp(name, "libz.so.1") == 0 ? "/lib/libz.so.1.2" : NULL;
}

static void loads_of_libraries(void **state)
{
	struct fixture fixture;
	struct finder *finder;

	(void)state;
	fixture_begin(&fixture);
	fixture_write(&fixture, "/a/load.py", 0644,
		      "import ctypes.util\nfrom cffi import FFI\n"
		      "ctypes.CDLL('libz.so.1')\n"
		      "def f():\n  ctypes.cdll.LoadLibrary(b'/opt/x.so')\n"
		      "ctypes.util.find_library('y')\nprint(find_library('printed'))\n"
		      "if sys.platform == 'aix':\n  CDLL('libelsewhere.so')\n"
		      "CDLL(find_library('y'))\nCDLL('kernel32.dll')\nCDLL(x)\nCDLL(None)\n"
		      "ffi.dlopen('libf.so')\n");
	fixture_write(&fixture, "/b/load.py", 0644, "CDLL('no.so')\nx.dlopen('no.so')\n");
	finder = fixture_finder(&fixture);
	finder->resolve = resolve;
	python_find(finder);
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/a/load.py -> nothing /opt/x.so | cdll.LoadLibrary(\"/opt/x.so\"), inside a "
	    "function\n"
	    "/a/load.py -> nothing libf.so | ffi.dlopen(\"libf.so\")\n"
	    "/a/load.py ->? nothing liby.so | util.find_library(\"y\")\n"
	    "/a/load.py -> nothing liby.so | find_library(\"y\")\n"
	    "/a/load.py -> /lib/libz.so.1.2 libz.so.1 | ctypes.CDLL(\"libz.so.1\")\n");
	assert_int_equal(finder->counts.sites, 6);
	assert_int_equal(finder->counts.recovered, 5);
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sources),
	    cmocka_unit_test(long_lines),
	    cmocka_unit_test(imports_between_distributions),
	    cmocka_unit_test(entry_points),
	    cmocka_unit_test(debian_folders),
	    cmocka_unit_test(loads_of_libraries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
