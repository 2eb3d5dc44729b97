/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of linkers: members of archives, once each; what is of another file or no map at all. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/link_map.h"
#include "util/budget.h"

static const char gnu[] =
    "Archive member included to satisfy reference by file (symbol)\n\n"
    "/usr/lib/../lib/libz.a(inflate.o)\n"
    "                              main.o (inflate)\n"
    "/usr/lib/../lib/libz.a(crc32.o)\n"
    "                              /usr/lib/../lib/libz.a(inflate.o) (crc32)\n"
    "libgcc.a(_muldi3.o)           main.o (__muldi3)\n"
    "libgcc.a(_divdi3.o)\n"
    "\nDiscarded input sections\n\n"
    "/usr/lib/libother.a(no.o)\n"
    "OUTPUT(build/prog elf64-x86-64)\n";

static const char lld[] =
    "             VMA              LMA     Size Align Out     In      Symbol\n"
    "          2004e0           2004e0      360    32         /usr/lib/libz.a(inflate.o):(.text)\n"
    "          2004e0           2004e0      360    32         "
    "/usr/lib/libz.a(inflate.o):(.rodata)\n"
    "          2004e0           2004e0      360    32         main.o:(.text)\n"
    "          2004e0           2004e0       10    32                 libz.a(x.o)\n";

static struct link_map read_map(const char *text, const char *output, struct arena *arena)
{
	struct link_map map;

	arena_init(arena);
	link_map_read(slice_text(text), output, arena, &map);
	return map;
}

static void gnu_maps_are_read(void **state)
{
	struct arena arena;
	struct link_map map = read_map(gnu, "prog", &arena);

	(void)state;
	assert_true(map.is_map && !map.is_of_another);
	assert_int_equal(map.count, 2);
	assert_string_equal(map.archives[0].name, "libgcc.a");
	assert_int_equal(map.archives[0].members, 2);
	assert_string_equal(map.archives[1].name, "libz.a");
	assert_int_equal(map.archives[1].members, 2);
	assert_int_equal(map.archives[1].line_number, 3);
	assert_string_equal(map.archives[1].line, "/usr/lib/../lib/libz.a(inflate.o)");
	arena_release(&arena);
}

static void lld_maps_are_read(void **state)
{
	struct arena arena;
	struct link_map map = read_map(lld, "prog", &arena);

	(void)state;
	assert_true(map.is_map);
	assert_int_equal(map.count, 1);
	assert_string_equal(map.archives[0].line, "/usr/lib/libz.a(inflate.o)");
	assert_int_equal(map.archives[0].members, 1);
	arena_release(&arena);
}

static void maps_of_others_are_told(void **state)
{
	struct arena arena;

	(void)state;
	assert_true(read_map(gnu, "other", &arena).is_of_another);
	arena_release(&arena);
	assert_false(read_map("{ global: *; };\nlibz.a(x.o)\n", "prog", &arena).is_map);
	arena_release(&arena);
	assert_int_equal(read_map("", "prog", &arena).count, 0);
	arena_release(&arena);
}

static void flags_are_read(void **state)
{
	const char *const *names;
	struct arena arena;
	bool limit;

	(void)state;
	arena_init(&arena);
	assert_int_equal(link_flags_read(slice_text("dependency_libs=' -lz -L/usr/lib -lm -lz'\n"
						    "Libs.private: -llzma -l\n"),
					 &arena, &names, &limit),
			 3);
	assert_false(limit);
	assert_string_equal(names[0], "lzma");
	assert_string_equal(names[1], "m");
	assert_string_equal(names[2], "z");
	arena_release(&arena);
}

/* What is left out is told. */
static void limits_are_told(void **state)
{
	char *text = malloc((BUDGET_MAP_MEMBERS + 2) * 16 + 2 * BUDGET_MODULE_TEXT), *end;
	const char *const *names;
	struct link_map map;
	struct arena arena;
	bool limit;

	(void)state;
	for (uint32_t extra = 0; extra < 2; extra++) {
		end = stpcpy(text,
			     "Archive member included to satisfy reference by file (symbol)\n\n");
		for (uint32_t i = 0; i < BUDGET_MAP_MEMBERS + extra; i++)
			end += sprintf(end, "l.a(%u)\n", i);
		map = read_map(text, "prog", &arena);
		assert_int_equal(map.archives[0].members, BUDGET_MAP_MEMBERS);
		assert_int_equal(map.limit, extra);
		arena_release(&arena);
		end = stpcpy(text, "Libs:");
		for (uint32_t i = 0; i < BUDGET_MAP_MEMBERS + extra; i++)
			end += sprintf(end, " -l%u", i);
		arena_init(&arena);
		assert_int_equal(link_flags_read(slice_text(text), &arena, &names, &limit),
				 BUDGET_MAP_MEMBERS);
		assert_int_equal(limit, extra);
		arena_release(&arena);
	}
	end =
	    stpcpy(text, "Archive member included to satisfy reference by file (symbol)\n\n/l.a(");
	memset(end, 'x', BUDGET_MODULE_TEXT);
	stpcpy(end + BUDGET_MODULE_TEXT, ")\n");
	map = read_map(text, "prog", &arena);
	assert_true(map.count == 0 && map.limit);
	arena_release(&arena);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gnu_maps_are_read),       cmocka_unit_test(lld_maps_are_read),
	    cmocka_unit_test(maps_of_others_are_told), cmocka_unit_test(flags_are_read),
	    cmocka_unit_test(limits_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
