/* SPDX-License-Identifier: BSD-2-Clause */
/* Roots of works, from load sets written down by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "reach/works.h"

#define FILES 6

/* A world of files named a, b, c...; loads[i] lists what the process of file i loads. */
struct world {
	struct facts_identity identity[FILES];
	struct binary binaries[FILES];
	struct loader_object objects[FILES][FILES + 1];
	struct load_set loads[FILES];
	struct work_candidate candidates[FILES];
};

static void build(struct world *world, const char *const loads[FILES], const char *executables)
{
	*world = (struct world){0};
	for (uint32_t i = 0; i < FILES; i++) {
		struct binary *binary = &world->binaries[i];
		size_t count = 0;

		binary->id = i;
		binary->facts.identity = &world->identity[i];
		world->identity[i].type =
		    executables[i] == 'x' ? FACTS_TYPE_EXECUTABLE : FACTS_TYPE_SHARED;
		world->objects[i][count++].binary = binary;
		for (const char *at = loads[i]; *at; at++)
			world->objects[i][count++].binary = &world->binaries[*at - 'a'];
		world->loads[i] =
		    (struct load_set){.objects = world->objects[i], .object_count = count};
		world->candidates[i] =
		    (struct work_candidate){.binary = binary, .load = &world->loads[i]};
	}
	works_find(world->candidates, FILES);
}

static void expect_roots(const struct world *world, const char *roots)
{
	for (size_t i = 0; i < FILES; i++)
		assert_int_equal(world->candidates[i].is_root, roots[i] == 'r');
}

static void programs_and_unused_libraries_are_roots(void **state)
{
	const char *const loads[FILES] = {"cd", "d", "d", "", "d", ""};
	struct world world;

	(void)state;
	build(&world, loads, "x-----");
	expect_roots(&world, "rr--rr");
}

static void an_executable_stays_a_root_when_it_is_loaded(void **state)
{
	const char *const loads[FILES] = {"b", "", "", "", "", ""};
	struct world world;

	(void)state;
	build(&world, loads, "xx----");
	expect_roots(&world, "rrrrrr");
}

static void a_cycle_that_nothing_loads_has_one_root(void **state)
{
	const char *const loads[FILES] = {"bc", "ca", "ab", "e", "d", "de"};
	struct world world;

	(void)state;
	build(&world, loads, "------");
	/* a, b, c load each other; so do d and e, but these hang on f. */
	expect_roots(&world, "r----r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(programs_and_unused_libraries_are_roots),
	    cmocka_unit_test(an_executable_stays_a_root_when_it_is_loaded),
	    cmocka_unit_test(a_cycle_that_nothing_loads_has_one_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
