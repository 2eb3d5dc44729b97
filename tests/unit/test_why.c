/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths between two ends, and what would break them, on graphs written down by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#include "reach/alternatives.h"
#include "reach/why.h"

#define FILES 6

static struct {
	struct arena arena;
	struct diags diags;
	struct knowledge *knowledge;
	const struct alternatives *alternatives;
	struct facts facts;
	struct facts_identity identity;
	struct file_licence licences[FILES];
	struct graph_file files[FILES];
	struct graph graph;
} world;

/* app -> middle -> readline, app -> readline (unused), app runs gs; readline <-> middle. */
static const struct graph_edge edges[] = {
    {.id = "a", .from = 0, .to = 1, .name = "libmiddle.so", .symbols_bound = 4},
    {.id = "b", .from = 0, .to = 2, .name = "libreadline.so.8", .symbols_bound = 0},
    {.id = "c", .from = 0, .to = 3, .name = "gs", .kind = EDGE_KIND_IPC_EXEC, .symbols_bound = -1},
    {.id = "d", .from = 0, .to = GRAPH_NONE, .name = "libgone.so", .symbols_bound = -1},
    {.id = "e", .from = 1, .to = 2, .name = "libreadline.so.8", .symbols_bound = 9},
    {.id = "f", .from = 2, .to = 1, .name = "libmiddle.so", .symbols_bound = 1},
    {.id = "g", .from = 4, .to = 5, .name = "libdual.so", .symbols_bound = 1},
};

static void set_file(size_t place, const char *path, const char *licence)
{
	bool lossy;

	world.licences[place] = (struct file_licence){.text = licence,
						      .original = licence,
						      .path = "",
						      .detail = "",
						      .source = LICENCE_SOURCE_DEP5_STANZA};
	assert_int_equal(expression_parse(world.knowledge, EXPRESSION_SPDX, licence, "",
					  &world.arena, &world.licences[place].expression, &lossy),
			 STATUS_OK);
	world.files[place] =
	    (struct graph_file){.path = path, .licence = &world.licences[place], .shipped = true};
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&world.arena);
	diags_init(&world.diags);
	if (knowledge_open(NULL, &world.diags, &world.knowledge) != STATUS_OK)
		return -1;
	world.alternatives = alternatives_open(NULL, &world.arena, &world.diags);
	set_file(0, "/bin/app", "MIT");
	set_file(1, "/lib/libmiddle.so", "BSD-3-Clause");
	set_file(2, "/lib/libreadline.so.8", "GPL-3.0-or-later");
	set_file(3, "/usr/bin/gs", "AGPL-3.0-or-later");
	set_file(4, "/usr/bin/other", "MIT");
	set_file(5, "/usr/lib/libdual.so", "GPL-2.0-only OR MPL-2.0");
	world.facts.identity = &world.identity;
	world.identity.flags = FACTS_HAS_CONSTRUCTORS;
	world.files[2].facts = &world.facts;
	world.graph = (struct graph){.files = world.files,
				     .file_count = FILES,
				     .node_count = FILES,
				     .edges = edges,
				     .edge_count = sizeof(edges) / sizeof(edges[0])};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	knowledge_free(world.knowledge);
	diags_release(&world.diags);
	arena_release(&world.arena);
	return 0;
}

static const struct why_path *find(const char *from, const char *to, size_t wanted)
{
	const struct why_path *paths;
	size_t count;
	bool capped;

	assert_int_equal(why_find(&world.graph, from, to, &world.arena, &paths, &count, &capped),
			 STATUS_OK);
	assert_int_equal(count, wanted);
	assert_false(capped);
	return paths;
}

static bool says(const struct why_path *path, const char *text)
{
	const char *const *breaks;
	size_t count;

	why_breaks(&world.graph, path, world.alternatives, &world.arena, &breaks, &count);
	for (size_t i = 0; i < count; i++)
		if (strstr(breaks[i], text))
			return true;
	return false;
}

static void ends_are_files_and_licences(void **state)
{
	const struct why_path *paths;

	(void)state;
	paths = find("/bin/app", "GPL-3.0-or-later", 2);
	assert_int_equal(paths[0].count, 1);
	assert_int_equal(paths[0].edges[0], 1);
	assert_int_equal(paths[1].count, 2);
	assert_int_equal(paths[1].edges[0], 0);
	assert_int_equal(paths[1].edges[1], 4);
	(void)find("app", "libreadline.so.8", 2);
	(void)find("libreadline.so.8", "app", 0);
}

static void an_unused_edge_breaks_first(void **state)
{
	const struct why_path *paths = find("app", "libreadline.so.8", 2);

	(void)state;
	assert_true(says(&paths[0], "binds no symbol of libreadline.so.8: check its constructors "
				    "(it has some), registration and dlsym"));
	assert_true(says(&paths[0], "in the place of libreadline.so.8: libedit"));
	assert_true(says(&paths[0], "as a program of its own, run by app"));
	assert_false(says(&paths[1], "binds no symbol"));
	assert_true(says(&paths[1], "run by libmiddle.so instead of linked"));
}

static void a_boundary_is_a_break_already(void **state)
{
	const struct why_path *paths = find("app", "AGPL-3.0-or-later", 1);

	(void)state;
	assert_true(says(&paths[0], "app reaches gs by ipc-exec: no licence reaches over that"));
	assert_false(says(&paths[0], "instead of linked"));
}

static void a_choice_is_told(void **state)
{
	const struct why_path *paths = find("other", "GPL-2.0-only", 1);

	(void)state;
	assert_true(says(&paths[0],
			 "libdual.so offers a choice: GPL-2.0-only or MPL-2.0; not every "
			 "branch reaches over a link"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_are_files_and_licences),
	    cmocka_unit_test(an_unused_edge_breaks_first),
	    cmocka_unit_test(a_boundary_is_a_break_already),
	    cmocka_unit_test(a_choice_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
