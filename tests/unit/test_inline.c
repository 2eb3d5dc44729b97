/* SPDX-License-Identifier: BSD-2-Clause */
/* Which projects' header code names and line tables show: made-up facts, the built-in table. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/inline_code.h"

#define LIMIT 8u

struct world {
	struct inline_table *table;
	struct facts facts;
	struct facts_namespace namespaces[LIMIT];
	struct facts_debug_file files[LIMIT];
	struct facts_dynamic dynamic[LIMIT];
	char strings[1024];
	uint32_t used;
	struct arena arena;
	struct diags diags;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	arena_init(&world->arena);
	diags_init(&world->diags);
	world->table = inline_table_open(NULL, &world->diags);
	world->facts.strings = slice_of(world->strings, sizeof(world->strings));
	world->facts.namespaces = world->namespaces;
	world->facts.debug_files = world->files;
	world->facts.dynamic = world->dynamic;
	*state = world;
	return world->table ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *world = *state;

	inline_table_close(world->table);
	diags_release(&world->diags);
	arena_release(&world->arena);
	free(world);
	return 0;
}

static struct facts_text put(struct world *world, const char *text)
{
	struct facts_text ret = {.offset = world->used, .length = (uint32_t)strlen(text)};

	assert_true(world->used + ret.length + 1 <= sizeof(world->strings));
	memcpy(world->strings + world->used, text, ret.length + 1);
	world->used += ret.length + 1;
	return ret;
}

static void put_namespace(struct world *world, const char *name, uint32_t weak, uint32_t local,
			  uint32_t global)
{
	world->namespaces[world->facts.namespaces_count++] = (struct facts_namespace){
	    .name = put(world, name),
	    .example = put(world, "_ZN1x1yEv"),
	    .weak = weak,
	    .local = local,
	    .global = global,
	};
}

static void put_file(struct world *world, const char *path, uint32_t lines)
{
	world->files[world->facts.debug_files_count++] =
	    (struct facts_debug_file){.path = put(world, path), .lines = lines, .units = 1};
}

static void put_needed(struct world *world, const char *name)
{
	world->dynamic[world->facts.dynamic_count++] =
	    (struct facts_dynamic){.tag = DT_NEEDED, .text = put(world, name), .has_text = 1};
}

static const struct inline_code *code_of(struct world *world)
{
	return inline_code_join(world->table, &world->facts,
				inline_names_find(world->table, &world->facts, &world->arena),
				inline_lines_find(world->table, &world->facts, &world->arena),
				&world->arena);
}

__attribute__((noinline)) static const struct inline_component *find(struct world *world,
								     const char *name)
{
	const struct inline_code *code = code_of(world);

	for (size_t i = 0; i < code->count; i++)
		if (strcmp(code->components[i].name, name) == 0)
			return &code->components[i];
	return NULL;
}

static void test_defined_functions_are_contained(void **state)
{
	struct world *world = *state;
	const struct inline_component *found;

	put_namespace(world, "Eigen", 3, 0, 0);
	found = find(world, "Eigen");
	assert_non_null(found);
	assert_true(found->contained && found->distinct);
	assert_int_equal(found->grade, EDGE_GRADE_SYMBOL_BINDING);
	assert_string_equal(found->licence, "MPL-2.0");
	assert_null(find(world, "fmt"));
}

/* Functions of its source files alone, and types, are no header code. */
static void test_compiled_alone_is_nothing(void **state)
{
	struct world *world = *state;

	put_namespace(world, "Eigen", 0, 0, 5);
	assert_null(find(world, "Eigen"));
}

static void test_names_are_whole(void **state)
{
	struct world *world = *state;

	put_namespace(world, "EigenSolver", 3, 0, 0);
	put_namespace(world, "myfmt::v9", 3, 0, 0);
	put_namespace(world, "boost_like", 3, 0, 0);
	assert_int_equal(code_of(world)->count, 0);
}

/* A short namespace is sure with a version in it, or when line tables say so too. */
static void test_short_names(void **state)
{
	struct world *world = *state;

	put_namespace(world, "vcg", 40, 0, 0);
	assert_true(find(world, "VCGlib")->contained);
	assert_false(find(world, "VCGlib")->distinct);
	put_namespace(world, "fmt::v11", 4, 0, 0);
	assert_true(find(world, "fmt")->distinct);
	assert_string_equal(find(world, "fmt")->version, "11");
	put_file(world, "/usr/include/vcglib/vcg/complex/complex.h", 12);
	assert_true(find(world, "VCGlib")->distinct);
}

/* Who links the project's own library was compiled against its headers. */
static void test_linked_is_no_embedding(void **state)
{
	struct world *world = *state;

	put_namespace(world, "fmt::v9", 60, 0, 0);
	put_namespace(world, "boost", 60, 0, 0);
	put_needed(world, "libc.so.6");
	put_needed(world, "libfmt.so.9");
	assert_false(find(world, "fmt")->contained);
	assert_string_equal(find(world, "fmt")->linked, "libfmt.so.9");
	assert_true(find(world, "Boost")->contained);
	put_needed(world, "/opt/lib/libboost_regex.so.1.74.0");
	assert_false(find(world, "Boost")->contained);
}

static void test_lines_and_headers(void **state)
{
	struct world *world = *state;

	put_file(world, "/usr/include/eigen3/Eigen/src/Core/Matrix.h", 0);
	assert_false(find(world, "Eigen")->contained);
	assert_int_equal(find(world, "Eigen")->headers_read, 1);
	put_file(world, "/usr/include/eigen3/Eigen/src/Core/Map.h", 7);
	assert_true(find(world, "Eigen")->contained);
	assert_int_equal(find(world, "Eigen")->grade, EDGE_GRADE_DECLARED);
	assert_int_equal(find(world, "Eigen")->lines, 7);
	assert_int_equal(find(world, "Eigen")->source_files, 1);
}

static void test_own_names(void **state)
{
	struct world *world = *state;
	const struct inline_component *found;

	put_namespace(world, "boost", 1, 0, 0);
	found = find(world, "Boost");
	assert_true(inline_is_own(found, "boost1.74"));
	assert_true(inline_is_own(found, "libboost_regex.so.1.74.0"));
	assert_false(inline_is_own(found, "libkmlengine.so.1"));
	assert_false(inline_is_own(found, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_defined_functions_are_contained, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_compiled_alone_is_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_names_are_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_short_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_linked_is_no_embedding, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lines_and_headers, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_own_names, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
