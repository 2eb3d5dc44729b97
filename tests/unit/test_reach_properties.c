/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold for every graph, on seeded random ones: adding a link edge never lowers an
 * outcome, taking an unused edge away never raises one, IPC and aggregation carry nothing, the
 * order of the input changes no byte, an OR is exactly as good as its best branch, a conflict does
 * not go away with a member more, and what is known loosely is never called a conflict.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reach/reach.h"

#define GRAPHS 20000
#define NODES_MAX 8
#define EDGES_MAX 14
#define WORKS_MAX 3

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
    "BSD-3-Clause AND Apache-2.0",
    "BSD-3-Clause",
    "GPL-3.0-or-later WITH GCC-exception-3.1",
    /* With a choice; branches are those above. */
    "GPL-2.0-only OR MIT",
    "LGPL-3.0-only OR GPL-2.0-or-later",
    "Apache-2.0 OR GPL-2.0-only",
    "GPL-2.0-only OR GPL-3.0-or-later",
    "MPL-2.0 OR GPL-2.0-or-later OR LGPL-2.1-or-later",
    /*
     * Not beside ORs: a licence that must be bought or that nobody knows is no choice of its own,
     * and where readings differ over a link alone a choice elsewhere does not settle it.
     */
    "EUPL-1.2",
    "OpenSSL",
    "CDDL-1.0",
    "LicenseRef-Proprietary",
    "LicenseRef-scancode-nvidia-sdk-12.8",
    "Sleepycat",
    "LicenseRef-somebody",
    "EPL-2.0",
    "MIT AND GPL-2.0-or-later",
    "GPL-2.0-only WITH vsftpd-openssl-exception",
    "GPL-2.0-only WITH Universal-FOSS-exception-1.0",
    "GPL-3.0-only OR LicenseRef-Commercial",
    "",
};
#define LICENCE_COUNT (sizeof(licences) / sizeof(licences[0]))
#define CHOICES_FIRST 12
#define CHOICES_END 17

/* The branches of the choices, as places in the list above. */
static const int branches[CHOICES_END - CHOICES_FIRST][3] = {
    {2, 0, -1}, {7, 3, -1}, {1, 2, -1}, {2, 4, -1}, {8, 3, 6}};

static uint64_t seed;

static unsigned pick(unsigned count)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % count;
}

struct graph_node {
	unsigned licence, component;
	bool shipped, low, modified;
	uint32_t profiles;
};

struct graph_link {
	unsigned from, to;
	enum edge_kind kind;
	int symbols;
	bool possible, dropped;
};

struct graph_case {
	unsigned node_count, edge_count, work_count;
	unsigned roots[WORKS_MAX];
	bool embeds; /* the last node is code inside others */
	struct graph_node nodes[NODES_MAX + 1];
	struct graph_link edges[EDGES_MAX + 1];
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
		if (*licences[i])
			assert_int_equal(expression_parse(world.knowledge, EXPRESSION_SPDX,
							  licences[i], "", &world.arena,
							  &world.sure[i].expression, &lossy),
					 STATUS_OK);
		else
			world.sure[i].confidence = LICENCE_CONFIDENCE_NONE;
		world.unsure[i] = world.sure[i];
		if (*licences[i])
			world.unsure[i].confidence = LICENCE_CONFIDENCE_LOW;
	}
}

/* ---- random graphs ---- */

static struct graph_link random_link(unsigned nodes)
{
	static const enum edge_kind kinds[] = {
	    EDGE_KIND_LINK_DYNAMIC, EDGE_KIND_LINK_DYNAMIC, EDGE_KIND_LINK_DYNAMIC,
	    EDGE_KIND_LINK_DYNAMIC, EDGE_KIND_LINK_PLUGIN,  EDGE_KIND_LINK_STATIC,
	    EDGE_KIND_IPC_EXEC,	    EDGE_KIND_IPC_SHM,	    EDGE_KIND_AGGREGATE};
	struct graph_link link = {.from = pick(nodes), .to = pick(nodes), .kind = kinds[pick(9)]};

	if (link.kind == EDGE_KIND_LINK_STATIC || link.kind == EDGE_KIND_LINK_MODIFIED)
		link.to = nodes - 1;
	link.symbols = pick(3) ? 1 + (int)pick(9) : 0;
	link.possible = link.kind == EDGE_KIND_LINK_PLUGIN && pick(3) == 0;
	return link;
}

/* Licences from places first to end - 1 of the list. */
static struct graph_case random_case(unsigned end)
{
	struct graph_case graph = {.node_count = 2 + pick(NODES_MAX - 1)};

	graph.edge_count = 1 + pick(EDGES_MAX);
	graph.work_count = 1 + pick(WORKS_MAX);
	for (unsigned i = 0; i < graph.work_count; i++)
		graph.roots[i] = i % (graph.node_count - 1);
	for (unsigned i = 0; i < graph.node_count; i++)
		graph.nodes[i] = (struct graph_node){
		    .licence = pick(end),
		    .component = pick(5) ? i : pick(graph.node_count),
		    .shipped = pick(3) != 0,
		    .low = pick(7) == 0,
		    .modified = pick(12) == 0,
		    .profiles = pick(8) == 0   ? 1u << SYSTEM_LIBS_GPL3 | 1u << SYSTEM_LIBS_DISTRO
				: pick(8) == 0 ? 1u << SYSTEM_LIBS_DISTRO
					       : 0,
		};
	for (unsigned i = 0; i < graph.edge_count; i++)
		graph.edges[i] = random_link(graph.node_count);
	graph.embeds = pick(2);
	for (unsigned i = 0; i < graph.edge_count; i++) {
		struct graph_link *link = &graph.edges[i];

		/* Embedded code is a node of its own, which links nothing and is no program. */
		if (graph.embeds && link->from == graph.node_count - 1)
			link->from = 0;
		if (!graph.embeds && link->kind == EDGE_KIND_LINK_STATIC)
			link->kind = EDGE_KIND_LINK_DYNAMIC;
	}
	graph.policy.system_libs = (enum reach_system_libs)pick(3);
	graph.policy.unused_needed = pick(2) ? UNUSED_NEEDED_COUNTS : UNUSED_NEEDED_IGNORE;
	return graph;
}

/* ---- judging one ---- */

struct built {
	struct reach_input input;
	unsigned node_at[NODES_MAX + 1]; /* place of a node in the input */
	unsigned work_at[WORKS_MAX];
};

static void shuffle(unsigned *list, unsigned count, bool really)
{
	for (unsigned i = 0; i < count; i++)
		list[i] = i;
	for (unsigned i = count; really && i > 1; i--) {
		unsigned other = pick(i), swap = list[i - 1];

		list[i - 1] = list[other];
		list[other] = swap;
	}
}

static void build_nodes(const struct graph_case *graph, struct built *built, struct arena *arena)
{
	struct reach_node *nodes = arena_alloc_array(arena, graph->node_count + 1, sizeof(*nodes));

	for (unsigned i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		nodes[built->node_at[i]] = (struct reach_node){
		    .id = arena_printf(arena, "/n%c", 'a' + i),
		    .component = arena_printf(arena, "c%c", 'a' + node->component),
		    .component_name = arena_printf(arena, "c%c", 'a' + node->component),
		    .licence =
			node->low ? &world.unsure[node->licence] : &world.sure[node->licence],
		    .shipped = node->shipped,
		    .modified = node->modified,
		    .system_profiles = node->profiles,
		};
	}
	built->input.nodes = nodes;
	built->input.node_count = graph->node_count;
}

static void build_edges(const struct graph_case *graph, struct built *built, bool really,
			struct arena *arena)
{
	struct reach_edge *edges = arena_alloc_array(arena, EDGES_MAX + 1, sizeof(*edges));
	unsigned order[EDGES_MAX + 1];

	shuffle(order, graph->edge_count, really);
	for (unsigned i = 0; i < graph->edge_count; i++) {
		const struct graph_link *link = &graph->edges[order[i]];

		if (link->dropped)
			continue;
		edges[built->input.edge_count++] = (struct reach_edge){
		    .id = arena_printf(arena, "e%02u", order[i]),
		    .from = built->node_at[link->from],
		    .to = built->node_at[link->to],
		    .kind = link->kind,
		    .symbols_bound = link->symbols,
		    .possible = link->possible,
		    .evidence = "DT_NEEDED something",
		};
	}
	built->input.edges = edges;
}

/* A work per root: all linking edges that it reaches. */
static void build_works(const struct graph_case *graph, struct built *built, bool really,
			struct arena *arena)
{
	struct reach_work *works = arena_alloc_array(arena, WORKS_MAX, sizeof(*works));

	shuffle(built->work_at, graph->work_count, really);
	for (unsigned i = 0; i < graph->work_count; i++) {
		struct reach_work *work = &works[built->work_at[i]];
		uint32_t *list = arena_alloc_array(arena, EDGES_MAX + 1, sizeof(*list));
		bool reached[NODES_MAX + 1] = {false};

		work->root = built->node_at[graph->roots[i]];
		reached[work->root] = true;
		for (unsigned round = 0; round < graph->node_count; round++)
			for (size_t j = 0; j < built->input.edge_count; j++)
				if (edge_kind_class(built->input.edges[j].kind) ==
				    EDGE_CLASS_LINKING)
					reached[built->input.edges[j].to] |=
					    reached[built->input.edges[j].from];
		for (uint32_t j = 0; j < built->input.edge_count; j++)
			if (reached[built->input.edges[j].from])
				list[work->edge_count++] = j;
		work->edges = list;
	}
	built->input.works = works;
	built->input.work_count = graph->work_count;
}

static const struct reach_result *judge(const struct graph_case *graph, bool shuffled,
					struct built *built, struct arena *arena)
{
	memset(built, 0, sizeof(*built));
	shuffle(built->node_at, graph->node_count, shuffled);
	build_nodes(graph, built, arena);
	build_edges(graph, built, shuffled, arena);
	build_works(graph, built, shuffled, arena);
	built->input.policy = graph->policy;
	return reach_judge(&built->input, arena);
}

struct weights {
	enum outcome all, works[WORKS_MAX];
};

static struct weights weigh(const struct graph_case *graph)
{
	const struct reach_result *result;
	struct weights weights = {.all = OUTCOME_CLEAR};
	struct built built;
	struct arena arena;

	arena_init(&arena);
	result = judge(graph, false, &built, &arena);
	if (result->finding_count)
		weights.all = outcome_highest(result->findings[0].outcomes);
	for (unsigned i = 0; i < graph->work_count; i++)
		weights.works[i] = outcome_highest(result->verdicts[built.work_at[i]].outcomes);
	arena_release(&arena);
	return weights;
}

/* ---- showing a graph that fails ---- */

static const char *list_edges(const struct built *built, const uint32_t *path, size_t count,
			      struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s %s", text, built->input.edges[path[i]].id);
	return text;
}

/* Everything of a result, by names instead of numbers; ipc: with what is said of IPC edges. */
static const char *describe(const struct reach_result *result, const struct built *built, bool ipc,
			    struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (!ipc && strncmp(finding->rule, "ipc-", 4) == 0)
			continue;
		text = arena_printf(
		    arena, "%s%s %x %d %s %s |%s |%s | %s | %s | %s\n", text, finding->id,
		    finding->outcomes, finding->contested, built->input.nodes[finding->subject].id,
		    finding->provider == REACH_NONE ? "-"
						    : built->input.nodes[finding->provider].id,
		    list_edges(built, finding->path, finding->path_count, arena),
		    list_edges(built, finding->subject_path, finding->subject_path_count, arena),
		    finding->licence, finding->message, finding->remedy);
		for (size_t j = 0; j < finding->subject_count; j++)
			text = arena_printf(arena, "%s about %s\n", text,
					    built->input.nodes[finding->subjects[j]].id);
	}
	return text;
}

static void show(const struct graph_case *graph, const char *when)
{
	const struct reach_result *result;
	struct built built;
	struct arena arena;

	arena_init(&arena);
	print_error("---- %s: system %d unused %d\n", when, graph->policy.system_libs,
		    graph->policy.unused_needed);
	for (unsigned i = 0; i < graph->node_count; i++)
		print_error("n%c \"%s\" c%c%s%s%s %x\n", 'a' + i, licences[graph->nodes[i].licence],
			    'a' + graph->nodes[i].component,
			    graph->nodes[i].shipped ? " shipped" : "",
			    graph->nodes[i].low ? " low" : "",
			    graph->nodes[i].modified ? " modified" : "", graph->nodes[i].profiles);
	for (unsigned i = 0; i < graph->edge_count; i++)
		if (!graph->edges[i].dropped)
			print_error("n%c n%c %s %d%s\n", 'a' + graph->edges[i].from,
				    'a' + graph->edges[i].to, edge_kind_text(graph->edges[i].kind),
				    graph->edges[i].symbols,
				    graph->edges[i].possible ? " possible" : "");
	result = judge(graph, false, &built, &arena);
	print_error("%s", describe(result, &built, true, &arena));
	arena_release(&arena);
}

static void expect_no_lower(const struct graph_case *before, const struct graph_case *after,
			    unsigned number)
{
	struct weights low = weigh(before), high = weigh(after);
	bool holds = high.all >= low.all;

	for (unsigned i = 0; i < before->work_count; i++)
		holds &= high.works[i] >= low.works[i];
	if (holds)
		return;
	show(before, "with less");
	show(after, "with more");
	fail_msg("graph %u: less weighs more", number);
}

/* ---- the properties ---- */

static void adding_a_link_never_lowers(void **state)
{
	(void)state;
	seed = 1;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case after = random_case(LICENCE_COUNT), before;
		struct graph_link *last = &after.edges[after.edge_count - 1];

		if (edge_kind_class(last->kind) != EDGE_CLASS_LINKING)
			last->kind = EDGE_KIND_LINK_DYNAMIC;
		before = after;
		before.edges[before.edge_count - 1].dropped = true;
		expect_no_lower(&before, &after, i);
	}
}

static void dropping_an_unused_edge_never_raises(void **state)
{
	(void)state;
	seed = 2;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case before = random_case(LICENCE_COUNT), after;

		before.edges[0].kind = EDGE_KIND_LINK_DYNAMIC;
		before.edges[0].symbols = 0;
		before.policy.unused_needed = (enum reach_unused_needed)pick(3);
		after = before;
		after.edges[0].dropped = true;
		expect_no_lower(&after, &before, i);
	}
}

static void a_conflict_stays_with_a_member_more(void **state)
{
	(void)state;
	seed = 3;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case before = random_case(LICENCE_COUNT), after = before;
		struct graph_node more = {.licence = pick(LICENCE_COUNT),
					  .component = before.node_count,
					  .shipped = pick(2)};
		struct graph_link link = {.from = pick(before.node_count),
					  .to = before.node_count,
					  .symbols = 1,
					  .kind = EDGE_KIND_LINK_DYNAMIC};

		if (before.edge_count + 1 > EDGES_MAX || before.node_count + 1 > NODES_MAX)
			continue;
		if (before.embeds && link.from == before.node_count - 1)
			link.from = 0;
		after.nodes[after.node_count++] = more;
		after.edges[after.edge_count++] = link;
		expect_no_lower(&before, &after, i);
	}
}

static void ipc_and_aggregation_carry_nothing(void **state)
{
	(void)state;
	seed = 4;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case with = random_case(LICENCE_COUNT), without = with;
		const char *first, *second;
		struct built built;
		struct arena arena;

		for (unsigned j = 0; j < without.edge_count; j++)
			without.edges[j].dropped =
			    edge_kind_class(without.edges[j].kind) != EDGE_CLASS_LINKING;
		arena_init(&arena);
		first = describe(judge(&with, false, &built, &arena), &built, false, &arena);
		second = describe(judge(&without, false, &built, &arena), &built, false, &arena);
		if (strcmp(first, second) != 0)
			show(&with, "with IPC");
		assert_string_equal(first, second);
		arena_release(&arena);
	}
}

static void order_changes_no_byte(void **state)
{
	(void)state;
	seed = 5;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case(LICENCE_COUNT);
		const char *first, *second;
		struct built built;
		struct arena arena;

		graph.policy.unused_needed = (enum reach_unused_needed)pick(3);
		arena_init(&arena);
		first = describe(judge(&graph, false, &built, &arena), &built, true, &arena);
		second = describe(judge(&graph, true, &built, &arena), &built, true, &arena);
		if (strcmp(first, second) != 0) {
			size_t same = 0;

			while (first[same] == second[same])
				same++;
			same -= same < 60 ? same : 60;
			show(&graph, "in order");
			fprintf(stderr, "%.300s\n%.300s\n", first + same, second + same);
		}
		assert_string_equal(first, second);
		arena_release(&arena);
	}
}

/* The lightest outcome of the work over all ways to take one branch of each choice. */
static enum outcome best_of_branches(const struct graph_case *graph)
{
	enum outcome best = OUTCOME_CONFLICT;
	unsigned ways = 1;

	for (unsigned i = 0; i < graph->node_count; i++)
		if (graph->nodes[i].licence >= CHOICES_FIRST)
			ways *= 3;
	for (unsigned way = 0; way < ways; way++) {
		struct graph_case taken = *graph;
		unsigned rest = way;
		bool real = true;

		for (unsigned i = 0; i < graph->node_count; i++) {
			int branch;

			if (graph->nodes[i].licence < CHOICES_FIRST)
				continue;
			branch = branches[graph->nodes[i].licence - CHOICES_FIRST][rest % 3];
			rest /= 3;
			real &= branch >= 0;
			taken.nodes[i].licence = branch >= 0 ? (unsigned)branch : 0;
		}
		if (real && weigh(&taken).works[0] < best)
			best = weigh(&taken).works[0];
	}
	return best;
}

static void an_or_is_its_best_branch(void **state)
{
	(void)state;
	seed = 6;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case(CHOICES_END);
		enum outcome both, best;
		unsigned choices = 0;

		graph.work_count = 1;
		graph.nodes[graph.roots[0]].shipped = true;
		for (unsigned j = 0; j < graph.node_count; j++) {
			/*
			 * A statement that is not sure says nothing of its branches either; and no
			 * choice is made for the sake of a system library.
			 */
			graph.nodes[j].low = false;
			graph.nodes[j].profiles = 0;
			if (graph.nodes[j].licence >= CHOICES_FIRST && choices++ >= 3)
				graph.nodes[j].licence = 0;
		}
		for (unsigned j = 0; j < graph.edge_count; j++)
			graph.edges[j].dropped =
			    edge_kind_class(graph.edges[j].kind) != EDGE_CLASS_LINKING;
		if (!choices)
			continue;
		both = weigh(&graph).works[0];
		best = best_of_branches(&graph);
		if (both == best)
			continue;
		show(&graph, "with the choice");
		fail_msg("graph %u: %s, the best branch gives %s", i, outcome_text(both),
			 outcome_text(best));
	}
}

static void findings_are_whole(void **state)
{
	(void)state;
	seed = 7;
	for (unsigned i = 0; i < GRAPHS; i++) {
		struct graph_case graph = random_case(LICENCE_COUNT);
		const struct reach_result *result;
		struct built built;
		struct arena arena;

		graph.policy.distribution = (enum reach_distribution)pick(3);
		arena_init(&arena);
		result = judge(&graph, false, &built, &arena);
		for (size_t j = 0; j < result->finding_count; j++) {
			const struct finding *finding = &result->findings[j];
			const struct reach_node *nodes = built.input.nodes;
			bool conflict = outcome_highest(finding->outcomes) == OUTCOME_CONFLICT;
			bool checked = false;

			assert_true(finding->outcomes && *finding->message && *finding->id);
			assert_true(finding->citation_count > 0 && finding->subject_count > 0);
			for (size_t k = 0; k < j; k++)
				assert_string_not_equal(finding->id, result->findings[k].id);
			for (size_t k = 0; k < finding->citation_count; k++)
				checked |= finding->citations[k].check != CITATION_NO;
			/* What is not sure, or not read, is no ground for a conflict. */
			if (conflict) {
				assert_true(checked);
				assert_true(nodes[finding->subject].licence->confidence <
					    LICENCE_CONFIDENCE_LOW);
				assert_true(finding->provider == REACH_NONE ||
					    nodes[finding->provider].licence->confidence <
						LICENCE_CONFIDENCE_LOW);
			}
		}
		arena_release(&arena);
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
	    cmocka_unit_test(a_conflict_stays_with_a_member_more),
	    cmocka_unit_test(ipc_and_aggregation_carry_nothing),
	    cmocka_unit_test(order_changes_no_byte),
	    cmocka_unit_test(an_or_is_its_best_branch),
	    cmocka_unit_test(findings_are_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
