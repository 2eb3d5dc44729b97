/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of known components: which pattern wins, and what the component says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "evidence/provider.h"

#define HEADER "pattern\tcomponent\tupstream\tlicence\tnote\tsource\n"

struct fixture {
	struct arena arena;
	struct diags diags;
	char folder[64];
	struct root *root;
	struct providers *providers;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	arena_init(&fixture->arena);
	diags_init(&fixture->diags);
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/elfleft-known-XXXXXX");
	*state = fixture;
	if (!mkdtemp(fixture->folder))
		return -1;
	return root_open_directory(fixture->folder, &fixture->root) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	providers_close(fixture->providers);
	root_free(fixture->root);
	unlink(arena_printf(&fixture->arena, "%s/known-components.tsv", fixture->folder));
	rmdir(fixture->folder);
	arena_release(&fixture->arena);
	diags_release(&fixture->diags);
	free(fixture);
	return 0;
}

static void open_table(struct fixture *fixture, const char *text)
{
	const char *path =
	    arena_printf(&fixture->arena, "%s/known-components.tsv", fixture->folder);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	fixture->providers = providers_open(fixture->root, fixture->folder, &fixture->diags);
}

static const struct component *ask(struct fixture *fixture, const char *path, const char *soname)
{
	struct provider_query query = {.path = path, .soname = soname};

	return providers_ask(fixture->providers, "known", &query);
}

static void expect(struct fixture *fixture, const char *path, const char *soname, const char *id)
{
	const struct component *component = ask(fixture, path, soname);

	assert_non_null(component);
	assert_string_equal(component->id, id);
}

static void the_most_specific_pattern_wins(void **state)
{
	struct fixture *fixture = *state;

	open_table(fixture, HEADER "lib*.so*\tAny\t\tMIT\t\ts\n"
				   "libfoo.so.*\tFoo\t\tMIT\t\ts\n"
				   "libfo?.so.*\tFo\t\tMIT\t\ts\n"
				   "libfoo.so.[12]\tOld foo\t\tMIT\t\ts\n"
				   "libfoo.so.9\tNine\t\tMIT\t\ts\n"
				   "libf*o.so.*\tAlso foo\t\tMIT\t\ts\n");
	expect(fixture, "/x", "libfoo.so.9", "known:Nine");
	expect(fixture, "/x", "libfoo.so.1", "known:Old-foo");
	expect(fixture, "/x", "libfoo.so.3", "known:Foo");
	expect(fixture, "/x", "libfog.so.3", "known:Fo");
	expect(fixture, "/x", "libfxxo.so.3", "known:Also-foo");
	expect(fixture, "/x", "libbar.so", "known:Any");
	assert_null(ask(fixture, "/x", "bar.so"));
	assert_int_equal(fixture->diags.list.len, 0);
}

static void soname_before_file_name(void **state)
{
	struct fixture *fixture = *state;
	const struct component *component;

	open_table(fixture, HEADER "liba.so.1\t{a} (b: c)\thttps://a\tMIT OR Zlib\ttext\ts\n"
				   "libb.so.1\tB\t\tMIT\t\ts\n");
	component = ask(fixture, "/usr/lib/libb.so.1", "liba.so.1");
	assert_non_null(component);
	assert_string_equal(component->id, "known:a-b-c");
	assert_string_equal(component->name, "{a} (b: c)");
	assert_string_equal(component->declared, "MIT OR Zlib");
	assert_string_equal(component->note, "text");
	assert_string_equal(component->version, "");
	assert_string_equal(component->copyright_path, "");
	expect(fixture, "/usr/lib/libb.so.1", NULL, "known:B");
	expect(fixture, "/usr/lib/libb.so.1", "", "known:B");
	assert_null(ask(fixture, "/usr/lib/libb.so.1", "libc.so"));
}

static void copies_in_wheels(void **state)
{
	struct fixture *fixture = *state;

	open_table(fixture, HEADER "libcrypto.so.1.1\tOpenSSL 1.1.1\t\tOpenSSL\t\ts\n"
				   "libquadmath.so.0\tQuad\t\tMIT\t\ts\n"
				   "libcrypto.so.*\tOpenSSL\t\tMIT\t\ts\n"
				   "libq-????????.so\tExact\t\tMIT\t\ts\n"
				   "libq.so\tQ\t\tMIT\t\ts\n");
	expect(fixture, "/x", "libcrypto-8c1ab3ad.so.1.1", "known:OpenSSL-1.1.1");
	expect(fixture, "/x", "libcrypto-8c1ab3ad.so.3", "known:OpenSSL");
	expect(fixture, "/x/libq-00000000.so", NULL, "known:Exact");
	expect(fixture, "/x", "libcrypto-040039e1-0352e75f.so.3", "known:OpenSSL");
	expect(fixture, "/x", "libquadmath-96973f99.so.0.0.0", "known:Quad");
	assert_null(ask(fixture, "/x", "libquadmath-96973f99.so.1.0.0"));
	assert_null(ask(fixture, "/x", "libquadmath.so.0.0.0"));
	/* Too short, too long, not hexadecimal, and a name that is only that. */
	assert_null(ask(fixture, "/x", "libcrypto-8c1ab3a.so.1.1"));
	assert_null(ask(fixture, "/x", "libcrypto-8c1ab3adf.so.1.1"));
	assert_null(ask(fixture, "/x", "libcrypto-8c1ab3ag.so.1.1"));
	assert_null(ask(fixture, "/x", "libcrypto-8c1ab3ad"));
}

static void owner_and_known_are_two_questions(void **state)
{
	struct fixture *fixture = *state;
	struct provider_query query = {.path = "/usr/lib/libb.so.1"};
	const char *provider = NULL;

	open_table(fixture, HEADER "libb.so.1\tB\t\tMIT\t\ts\n");
	assert_non_null(providers_find(fixture->providers, &query, &provider));
	assert_string_equal(provider, "known");
	assert_null(providers_ask(fixture->providers, "dpkg", &query));
	assert_null(providers_ask(fixture->providers, "nobody", &query));
	query.path = "/usr/lib/none";
	assert_null(providers_find(fixture->providers, &query, &provider));
}

static void hostile_names(void **state)
{
	struct fixture *fixture = *state;
	size_t length = 1 << 20;
	char *name = arena_alloc(&fixture->arena, length + 1);

	open_table(fixture, HEADER "lib*a*a*a*a*a*a*b\tA\t\tMIT\t\ts\n");
	memset(name, 'a', length);
	memcpy(name, "lib", 3);
	assert_null(ask(fixture, "/x", name));
	assert_null(ask(fixture, "/x", "lib[a"));
}

static void a_table_without_its_columns(void **state)
{
	struct fixture *fixture = *state;

	open_table(fixture, "pattern\tname\nliba.so\tA\n");
	assert_null(ask(fixture, "/x", "liba.so"));
	assert_int_equal(fixture->diags.list.len, 1);
	assert_int_equal(fixture->diags.list.ptr[0].id, DIAG_DATA_TABLE_BAD);
}

/* Real names and what the built-in table makes of them. */
static void the_built_in_table(void **state)
{
	struct fixture *fixture = *state;

	fixture->providers = providers_open(fixture->root, NULL, &fixture->diags);
	assert_int_equal(fixture->diags.list.len, 0);
	assert_string_equal(ask(fixture, "/x", "libc.so.6")->declared, "LGPL-2.1-or-later");
	assert_string_equal(ask(fixture, "/x", "libreadline.so.8")->declared, "GPL-3.0-or-later");
	assert_string_equal(ask(fixture, "/x", "libgomp.so.1")->declared,
			    "GPL-3.0-or-later WITH GCC-exception-3.1");
	assert_null(ask(fixture, "/usr/bin/true", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(the_most_specific_pattern_wins),
	    TEST(soname_before_file_name),
	    TEST(copies_in_wheels),
	    TEST(owner_and_known_are_two_questions),
	    TEST(hostile_names),
	    TEST(a_table_without_its_columns),
	    TEST(the_built_in_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
