/* SPDX-License-Identifier: BSD-2-Clause */
/* Text files beside the inventory of ELF files, and the walk they share. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "finder_fixture.h"

static void kinds_by_path(void **state)
{
	static const struct {
		const char *path;
		unsigned kinds;
	} cases[] = {
	    {"/usr/lib/systemd/system/a.service", TEXT_UNIT},
	    {"/etc/systemd/user/a@b.service", TEXT_UNIT},
	    {"/lib/systemd/system/a.socket", TEXT_UNIT},
	    {"/opt/tree/usr/lib/systemd/system/a.service", TEXT_UNIT},
	    {"/etc/systemd/system/a.service.d/10-x.conf", TEXT_UNIT},
	    {"/home/u/.config/systemd/user/a.service", TEXT_UNIT},
	    {"/usr/lib/systemd/system/a.timer", 0},
	    {"/usr/lib/systemd/system/a.timer.d/10-x.conf", 0},
	    {"/usr/share/doc/pkg/systemd/system/a.service", 0},
	    {"/usr/share/doc/pkg/a.service", 0},
	    {"/usr/lib/systemd/network/a.service", 0},
	    {"/usr/share/dbus-1/services/a.b.service", TEXT_BUS_SERVICE},
	    {"/usr/share/dbus-1/system-services/a.b.service", TEXT_BUS_SERVICE},
	    {"/usr/share/dbus-1/interfaces/a.b.service", 0},
	    {"/usr/share/services/a.b.service", 0},
	    {"/usr/share/applications/a.desktop", TEXT_DESKTOP},
	    {"/x/a.py", TEXT_PYTHON},
	    {"/x/a.pyc", 0},
	    {"/s/foo-1.dist-info/METADATA", TEXT_DISTRIBUTION},
	    {"/s/foo-1.dist-info/RECORD", 0},
	    {"/s/foo-1.egg-info/PKG-INFO", TEXT_DISTRIBUTION},
	    {"/s/foo-1.egg-info", TEXT_DISTRIBUTION},
	    {"/s/foo-1-py3.egg/EGG-INFO/PKG-INFO", TEXT_DISTRIBUTION},
	    {"/s/foo/METADATA", 0},
	    {"/METADATA", 0},
	    {"a.py", TEXT_PYTHON},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (texts_kinds_of_path(cases[i].path) != cases[i].kinds)
			fail_msg("%s: %x", cases[i].path, texts_kinds_of_path(cases[i].path));
}

static const struct text_file *find(const struct fixture *fixture, const char *path)
{
	return texts_find(&fixture->texts, path);
}

static void one_walk_lists_both(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture);
	fixture_program(&fixture, "/usr/bin/prog");
	fixture_write(&fixture, "/usr/bin/run", 0755, "#!/bin/sh -e\nexit\n");
	fixture_write(&fixture, "/usr/lib/mod.py", 0644, "#!/usr/bin/python3\n");
	fixture_write(&fixture, "/usr/lib/elf.py", 0644, "\177ELF\n");
	fixture_write(&fixture, "/usr/share/text", 0644, "plain\n");
	fixture_write(&fixture, "/empty", 0755, "");
	fixture_link(&fixture, "/usr/bin/alias", "run");
	fixture_link(&fixture, "/lib", "usr/lib");
	fixture_finder(&fixture);

	assert_int_equal(fixture.inventory.regular_files, 6);
	assert_int_equal(fixture.inventory.files.len, 2);
	assert_string_equal(fixture.inventory.files.ptr[0].canonical, "/usr/bin/prog");
	assert_string_equal(fixture.inventory.files.ptr[1].canonical, "/usr/lib/elf.py");
	assert_int_equal(fixture.texts.files.len, 2);
	assert_int_equal(find(&fixture, "/usr/bin/run")->kinds, TEXT_SCRIPT);
	assert_true(find(&fixture, "/usr/bin/run")->executable);
	assert_true(slice_equal_text(find(&fixture, "/usr/bin/run")->start, "#!/bin/sh -e\n"));
	assert_int_equal(find(&fixture, "/usr/lib/mod.py")->kinds, TEXT_SCRIPT | TEXT_PYTHON);
	assert_false(find(&fixture, "/usr/lib/mod.py")->executable);
	assert_null(find(&fixture, "/usr/bin/alias"));
	assert_null(find(&fixture, "/usr/share/text"));
	assert_int_equal(fixture.diags.list.len, 0);
	fixture_end(&fixture);
}

/* What is named through a link is listed where it is, and once. */
static void canonical_paths(void **state)
{
	struct fixture fixture;
	const struct finder *finder;

	(void)state;
	fixture_begin(&fixture);
	fixture_write(&fixture, "/usr/lib/deep/mod.py", 0644, "");
	fixture_program(&fixture, "/usr/lib/deep/prog");
	fixture_link(&fixture, "/lib", "/usr/lib");
	finder = fixture_finder(&fixture);
	inventory_add(&fixture.inventory, finder->root, "/lib", &fixture.diags);
	inventory_add(&fixture.inventory, finder->root, "/lib/deep/mod.py", &fixture.diags);
	inventory_finish(&fixture.inventory);

	assert_int_equal(fixture.texts.files.len, 1);
	assert_string_equal(fixture.texts.files.ptr[0].path, "/usr/lib/deep/mod.py");
	assert_int_equal(fixture.inventory.files.len, 1);
	assert_string_equal(fixture.inventory.files.ptr[0].canonical, "/usr/lib/deep/prog");
	assert_int_equal(fixture.diags.list.len, 0);
	fixture_end(&fixture);
}

static size_t named(struct fixture *fixture, const char *path, bool texts)
{
	fixture->inventory.texts = texts ? &fixture->texts : NULL;
	fixture->diags.list.len = 0;
	inventory_add(&fixture->inventory, fixture->root, path, &fixture->diags);
	return fixture->diags.list.len;
}

static void named_files_that_are_no_elf(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture);
	fixture_write(&fixture, "/run", 0755, "#!/bin/sh\n");
	fixture_write(&fixture, "/text", 0644, "text");
	fixture_write(&fixture, "/zip.py", 0644, "PK\3\4");
	fixture_finder(&fixture);

	assert_int_equal(named(&fixture, "/run", true), 0);
	assert_int_equal(named(&fixture, "/run", false), 1);
	assert_int_equal(fixture.diags.list.ptr[0].id, DIAG_INPUT_NOT_ELF);
	assert_int_equal(named(&fixture, "/text", true), 1);
	assert_int_equal(fixture.diags.list.ptr[0].id, DIAG_INPUT_NOT_ELF);
	assert_int_equal(named(&fixture, "/zip.py", true), 1);
	assert_int_equal(fixture.diags.list.ptr[0].id, DIAG_INPUT_UNSUPPORTED);
	assert_int_equal(named(&fixture, "/none", true), 1);
	assert_int_equal(fixture.diags.list.ptr[0].id, DIAG_INPUT_MISSING);
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds_by_path),
	    cmocka_unit_test(one_walk_lists_both),
	    cmocka_unit_test(canonical_paths),
	    cmocka_unit_test(named_files_that_are_no_elf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
