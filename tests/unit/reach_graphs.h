/* SPDX-License-Identifier: BSD-2-Clause */
/* Seeded random graphs for the judgement: making, judging and showing them. */
#ifndef TESTS_REACH_GRAPHS_H
#define TESTS_REACH_GRAPHS_H

#include "reach/reach.h"

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
	bool shipped, low, modified, unproven;
	unsigned mode; /* 1 + enum reach_distribution; 0: as all */
	uint32_t profiles;
};

struct graph_link {
	unsigned from, to;
	enum edge_kind kind;
	int symbols;
	bool possible, one_call, dropped;
};

struct graph_case {
	unsigned node_count, edge_count, work_count;
	unsigned roots[WORKS_MAX];
	bool embeds; /* the last node is code inside others */
	struct graph_node nodes[NODES_MAX + 1];
	struct graph_link edges[EDGES_MAX + 1];
	struct reach_policy policy;
	const struct policy *file_policy; /* NULL: none */
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
	link.one_call = link.kind == EDGE_KIND_LINK_PLUGIN && pick(4) == 0;
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
		    .mode = pick(12) == 0 ? 1 + pick(3) : 0,
		    .unproven = pick(12) == 0,
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
		    .has_mode = node->mode != 0,
		    .mode = node->mode ? (enum reach_distribution)(node->mode - 1)
				       : DISTRIBUTION_BINARY,
		    .modified = node->modified,
		    .unproven = node->unproven,
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
		    .one_call = link->one_call,
		    .modified = edge_kind_class(link->kind) == EDGE_CLASS_LINKING &&
				graph->nodes[link->to].modified,
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
	built->input.file_policy = graph->file_policy;
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
		print_error(
		    "n%c \"%s\" c%c%s%s%s%s %x\n", 'a' + i, licences[graph->nodes[i].licence],
		    'a' + graph->nodes[i].component, graph->nodes[i].shipped ? " shipped" : "",
		    graph->nodes[i].unproven ? " unproven" : "", graph->nodes[i].low ? " low" : "",
		    graph->nodes[i].modified ? " modified" : "", graph->nodes[i].profiles);
	for (unsigned i = 0; i < graph->edge_count; i++)
		if (!graph->edges[i].dropped)
			print_error("n%c n%c %s %d%s\n", 'a' + graph->edges[i].from,
				    'a' + graph->edges[i].to, edge_kind_text(graph->edges[i].kind),
				    graph->edges[i].symbols,
				    graph->edges[i].possible   ? " possible"
				    : graph->edges[i].one_call ? " one-call"
							       : "");
	result = judge(graph, false, &built, &arena);
	print_error("%s", describe(result, &built, true, &arena));
	arena_release(&arena);
}

#endif
