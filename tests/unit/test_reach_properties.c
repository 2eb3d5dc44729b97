/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold for every graph, on seeded random ones: adding a link edge never lowers an
 * outcome, taking an unused edge away never raises one, IPC and aggregation carry nothing, the
 * order of nodes and edges changes nothing, and an OR is as good as its best branch.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reach/reach.h"

#define GRAPHS 20000
#define NODES_MAX 7
#define EDGES_MAX 12

static const char *const licences[] = {
    "MIT",
    "Apache-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-or-later",
    "AGPL-3.0-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "MPL-2.0",
    "CDDL-1.0",
    "OpenSSL",
    "LicenseRef-Proprietary",
    "GPL-3.0-or-later WITH GCC-exception-3.1",
    "GPL-2.0-only OR MIT",
    "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "Apache-2.0 OR GPL-2.0-only",
    "MIT AND GPL-2.0-or-later",
    "Sleepycat",
    "LicenseRef-somebody",
};
#define LICENCE_COUNT (sizeof(licences) / sizeof(licences[0]))

static uint64_t seed;

static unsigned pick(unsigned count)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % count;
}

struct graph_case {
	unsigned node_count, edge_count;
	unsigned licence[NODES_MAX];
	bool shipped[NODES_MAX], low[NODES_MAX];
	unsigned from[EDGES_MAX], to[EDGES_MAX];
	enum edge_kind kind[EDGES_MAX];
	int symbols[EDGES_MAX];
	bool dropped[EDGES_MAX];
	struct reach_policy policy;
};

/* The knowledge and the licences are made once: they do not change. */
static struct {
	struct arena arena;
	struct diags diags;
	struct knowledge *knowledge;
	struct file_licence sure[LICENCE_COUNT], unsure[LICENCE_COUNT];
} world;

static void make_world(void)
{
	arena_init(&world.arena);
	diags_init(&world.diags);
	assert_int_equal(knowledge_open(NULL, &world.diags, &world.knowledge), STATUS_OK);
	for (size_t i = 0; i < LICENCE_COUNT; i++) {
		bool lossy;

		world.sure[i] = (struct file_licence){.text = licences[i],
						      .original = licences[i],
						      .path = "",
						      .detail = "",
						      .source = LICENCE_SOURCE_DEP5_STANZA};
		assert_int_equal(expression_parse(world.knowledge, EXPRESSION_SPDX, licences[i], "",
						  &world.arena, &world.sure[i].expression, &lossy),
				 STATUS_OK);
		world.unsure[i] = world.sure[i];
		world.unsure[i].confidence = LICENCE_CONFIDENCE_LOW;
	}
}

static struct graph_case random_case(void)
{
	struct graph_case graph = {.node_count = 2 + pick(NODES_MAX - 1)};

	graph.edge_count = 1 + pick(EDGES_MAX);
	for (unsigned i = 0; i < graph.node_count; i++) {
		graph.licence[i] = pick(LICENCE_COUNT);
		graph.shipped[i] = pick(2);
		graph.low[i] = pick(6) == 0;
	}
	for (unsigned i = 0; i < graph.edge_count; i++) {
		graph.from[i] = pick(graph.node_count);
		graph.to[i] = pick(graph.node_count);
		graph.kind[i] = pick(5)	  ? EDGE_KIND_LINK_DYNAMIC
				: pick(2) ? EDGE_KIND_IPC_EXEC
					  : EDGE_KIND_AGGREGATE;
		graph.symbols[i] = pick(3) ? 1 + (int)pick(9) : 0;
	}
	graph.policy.system_libs = (enum reach_system_libs)pick(3);
	graph.policy.unused_needed = (enum reach_unused_needed)pick(3);
	return graph;
}

/* Judges node 0 as the only work. order: a permutation of the nodes, or NULL. */
static const struct reach_result *judge(const struct graph_case *graph, const unsigned *order,
					struct arena *arena)
{
	struct reach_input *input = arena_alloc(arena, sizeof(*input));
	struct reach_node *nodes = arena_alloc_array(arena, NODES_MAX, sizeof(*nodes));
	struct reach_edge *edges = arena_alloc_array(arena, EDGES_MAX, sizeof(*edges));
	struct reach_work *work = arena_alloc(arena, sizeof(*work));
	uint32_t *list = arena_alloc_array(arena, EDGES_MAX, sizeof(*list));

	for (unsigned i = 0; i < graph->node_count; i++) {
		unsigned place = order ? order[i] : i;

		nodes[place] = (struct reach_node){
		    .id = arena_printf(arena, "/n%c", 'a' + i),
		    .component = arena_printf(arena, "c%c", 'a' + i),
		    .component_name = arena_printf(arena, "c%c", 'a' + i),
		    .licence = graph->low[i] ? &world.unsure[graph->licence[i]]
					     : &world.sure[graph->licence[i]],
		    .shipped = graph->shipped[i],
		};
	}
	for (unsigned i = 0; i < graph->edge_count; i++) {
		if (graph->dropped[i])
			continue;
		list[input->edge_count] = (uint32_t)input->edge_count;
		edges[input->edge_count++] = (struct reach_edge){
		    .id = arena_printf(arena, "e%u", i),
		    .from = order ? order[graph->from[i]] : graph->from[i],
		    .to = order ? order[graph->to[i]] : graph->to[i],
		    .kind = graph->kind[i],
		    .symbols_bound = graph->symbols[i],
		    .evidence = "",
		};
	}
	*work = (struct reach_work){
	    .root = order ? order[0] : 0, .edges = list, .edge_count = input->edge_count};
	input->nodes = nodes;
	input->node_count = graph->node_count;
	input->edges = edges;
	input->works = work;
	input->work_count = 1;
	input->policy = graph->policy;
	return reach_judge(input, arena);
}

static enum outcome weight(const struct reach_result *result)
{
	return result->finding_count ? outcome_highest(result->findings[0].outcomes)
				     : OUTCOME_CLEAR;
}

static void adding_a_link_never_lowers(void **state)
{
	(void)state;
	seed = 1;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case();
		unsigned last = graph.edge_count - 1;
		enum outcome before, after;
		struct arena arena;

		arena_init(&arena);
		graph.kind[last] = EDGE_KIND_LINK_DYNAMIC;
		graph.dropped[last] = true;
		/* With unused edges up for review, an edge that is used can answer the question,
		 * and "review" weighs more than some answers. */
		if (graph.policy.unused_needed == UNUSED_NEEDED_REVIEW)
			graph.symbols[last] = 0;
		before = weight(judge(&graph, NULL, &arena));
		graph.dropped[last] = false;
		after = weight(judge(&graph, NULL, &arena));
		arena_release(&arena);
		if (after < before)
			fail_msg("graph %u: %s before, %s after", i, outcome_text(before),
				 outcome_text(after));
	}
}

static void dropping_an_unused_edge_never_raises(void **state)
{
	(void)state;
	seed = 2;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case();
		enum outcome before, after;
		struct arena arena;

		arena_init(&arena);
		graph.kind[0] = EDGE_KIND_LINK_DYNAMIC;
		graph.symbols[0] = 0;
		before = weight(judge(&graph, NULL, &arena));
		graph.dropped[0] = true;
		after = weight(judge(&graph, NULL, &arena));
		arena_release(&arena);
		if (after > before)
			fail_msg("graph %u: %s before, %s after", i, outcome_text(before),
				 outcome_text(after));
	}
}

/* The ids of all findings with their outcomes, in their order. */
static char *describe(const struct reach_result *result, bool sorted, struct arena *arena)
{
	const char **lines = arena_alloc_array(arena, result->finding_count + 1, sizeof(*lines));
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < result->finding_count; i++)
		lines[i] = arena_printf(arena, "%s %x %s", result->findings[i].id,
					result->findings[i].outcomes, result->findings[i].message);
	/* Numbers of nodes order findings of one weight; a shuffle changes those. */
	for (size_t i = 1; sorted && i < result->finding_count; i++)
		for (size_t j = i; j && strcmp(lines[j - 1], lines[j]) > 0; j--) {
			const char *swap = lines[j];
			lines[j] = lines[j - 1];
			lines[j - 1] = swap;
		}
	for (size_t i = 0; i < result->finding_count; i++)
		text = arena_printf(arena, "%s%s\n", text, lines[i]);
	return text;
}

static void ipc_and_aggregation_carry_nothing(void **state)
{
	(void)state;
	seed = 3;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case();
		struct arena arena;
		char *with, *without;

		arena_init(&arena);
		with = describe(judge(&graph, NULL, &arena), false, &arena);
		for (unsigned j = 0; j < graph.edge_count; j++)
			graph.dropped[j] = graph.kind[j] != EDGE_KIND_LINK_DYNAMIC;
		without = describe(judge(&graph, NULL, &arena), false, &arena);
		assert_string_equal(with, without);
		arena_release(&arena);
	}
}

static void order_of_edges_changes_nothing(void **state)
{
	(void)state;
	seed = 4;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case(), turned = graph;
		struct arena arena;

		arena_init(&arena);
		for (unsigned j = 0; j < graph.edge_count; j++) {
			unsigned other = graph.edge_count - 1 - j;

			turned.from[j] = graph.from[other];
			turned.to[j] = graph.to[other];
			turned.kind[j] = graph.kind[other];
			turned.symbols[j] = graph.symbols[other];
		}
		assert_string_equal(describe(judge(&graph, NULL, &arena), false, &arena),
				    describe(judge(&turned, NULL, &arena), false, &arena));
		arena_release(&arena);
	}
}

static void an_or_is_its_best_branch(void **state)
{
	/* "GPL-2.0-only OR MIT" against each branch in its place. */
	unsigned either = 13, gpl = 2, mit = 0;

	(void)state;
	assert_string_equal(licences[either], "GPL-2.0-only OR MIT");
	seed = 5;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case();
		enum outcome both, first, second;
		struct arena arena;
		unsigned node = pick(graph.node_count);

		arena_init(&arena);
		graph.low[node] = false;
		graph.licence[node] = either;
		both = weight(judge(&graph, NULL, &arena));
		graph.licence[node] = gpl;
		first = weight(judge(&graph, NULL, &arena));
		graph.licence[node] = mit;
		second = weight(judge(&graph, NULL, &arena));
		arena_release(&arena);
		if (both > (first < second ? first : second))
			fail_msg("graph %u: %s, branches %s and %s", i, outcome_text(both),
				 outcome_text(first), outcome_text(second));
	}
}

static int set_up(void **state)
{
	(void)state;
	make_world();
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adding_a_link_never_lowers),
	    cmocka_unit_test(dropping_an_unused_edge_never_raises),
	    cmocka_unit_test(ipc_and_aggregation_carry_nothing),
	    cmocka_unit_test(order_of_edges_changes_nothing),
	    cmocka_unit_test(an_or_is_its_best_branch),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
