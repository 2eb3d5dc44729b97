/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/why.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/budget.h"
#include "util/path.h"
#include "util/vec.h"

#define DETOUR 2 /* edges a path may be longer than the shortest one */
#define FAR UINT32_MAX

struct search {
	const struct graph *graph;
	struct arena *arena;
	const uint32_t *first_out; /* edges are sorted by their start: CSR offsets */
	const uint32_t *in_edges;  /* edges by their end */
	const uint32_t *first_in;
	uint32_t *distance; /* to the target; FAR: none */
	bool *visited;
	VEC(struct why_path) paths;
	size_t steps;
	bool capped;
};

static bool is_id_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '-' || byte == '.' || byte == '+';
}

/* Whether an id stands in an expression as a whole word. */
static bool names_licence(const char *expression, const char *id)
{
	size_t length = strlen(id);

	for (const char *at = expression; (at = strcasestr(at, id)); at++)
		if ((at == expression || !is_id_byte(at[-1])) && !is_id_byte(at[length]))
			return true;
	return false;
}

static bool matches(const struct graph_file *file, const char *end)
{
	if (strcmp(file->path, end) == 0 || strcmp(path_name(file->path), end) == 0)
		return true;
	if (file->facts && file->facts->identity->soname.length &&
	    strcmp(facts_text(file->facts, file->facts->identity->soname), end) == 0)
		return true;
	if (file->component &&
	    (strcmp(file->component->id, end) == 0 || strcmp(file->component->name, end) == 0))
		return true;
	return file->licence && names_licence(file->licence->text, end);
}

static bool *mark_ends(const struct graph *graph, const char *end, struct arena *arena,
		       bool *ret_any)
{
	bool *marks = arena_alloc_array(arena, graph->node_count + 1, sizeof(*marks));

	*ret_any = false;
	for (size_t i = 0; i < graph->node_count; i++) {
		marks[i] = matches(&graph->files[i], end);
		*ret_any |= marks[i];
	}
	return marks;
}

static void index_edges(struct search *search)
{
	const struct graph *graph = search->graph;
	uint32_t *out = arena_alloc_array(search->arena, graph->node_count + 2, sizeof(*out));
	uint32_t *in = arena_alloc_array(search->arena, graph->node_count + 2, sizeof(*in));
	uint32_t *fill = arena_alloc_array(search->arena, graph->node_count + 2, sizeof(*fill));
	uint32_t *edges = arena_alloc_array(search->arena, graph->edge_count + 1, sizeof(*edges));

	for (size_t i = 0; i < graph->edge_count; i++) {
		out[graph->edges[i].from + 1]++;
		if (graph->edges[i].to != GRAPH_NONE)
			in[graph->edges[i].to + 1]++;
	}
	for (size_t i = 0; i < graph->node_count; i++) {
		out[i + 1] += out[i];
		in[i + 1] += in[i];
		fill[i] = in[i];
	}
	for (uint32_t i = 0; i < graph->edge_count; i++)
		if (graph->edges[i].to != GRAPH_NONE)
			edges[fill[graph->edges[i].to]++] = i;
	search->first_out = out;
	search->first_in = in;
	search->in_edges = edges;
}

/* Distances to one target, against the direction of the edges. */
static void measure(struct search *search, uint32_t target)
{
	size_t count = search->graph->node_count, head = 0, tail = 0;
	uint32_t *queue = arena_alloc_array(search->arena, count + 1, sizeof(*queue));

	for (size_t i = 0; i < count; i++)
		search->distance[i] = FAR;
	search->distance[target] = 0;
	queue[tail++] = target;
	while (head < tail) {
		uint32_t file = queue[head++];

		for (uint32_t i = search->first_in[file]; i < search->first_in[file + 1]; i++) {
			uint32_t from = search->graph->edges[search->in_edges[i]].from;

			if (search->distance[from] != FAR)
				continue;
			search->distance[from] = search->distance[file] + 1;
			queue[tail++] = from;
		}
	}
}

static void keep_path(struct search *search, const uint32_t *edges, size_t count)
{
	if (search->paths.len >= BUDGET_WHY_PATHS) {
		search->capped = true;
		return;
	}
	vec_push(
	    &search->paths,
	    ((struct why_path){arena_copy(search->arena, edges, count * sizeof(*edges)), count}));
}

/* Depth first with a stack of its own: next[d] is the edge to try after the path's first d. */
static void walk_paths(struct search *search, uint32_t start, uint32_t target, uint32_t limit)
{
	uint32_t *path = arena_alloc_array(search->arena, limit + 1, sizeof(*path));
	uint32_t *next = arena_alloc_array(search->arena, limit + 2, sizeof(*next));
	uint32_t *at = arena_alloc_array(search->arena, limit + 2, sizeof(*at));
	size_t depth = 0;

	at[0] = start;
	next[0] = search->first_out[start];
	search->visited[start] = true;
	for (;;) {
		uint32_t edge, to;

		if (++search->steps > BUDGET_WHY_STEPS)
			search->capped = true;
		if (search->capped || next[depth] == search->first_out[at[depth] + 1]) {
			search->visited[at[depth]] = false;
			if (!depth--)
				return;
			continue;
		}
		edge = next[depth]++;
		to = search->graph->edges[edge].to;
		if (to == GRAPH_NONE || search->visited[to] || search->distance[to] == FAR ||
		    depth + 1 + search->distance[to] > limit)
			continue;
		path[depth] = edge;
		if (to == target) {
			keep_path(search, path, depth + 1);
			continue;
		}
		at[++depth] = to;
		next[depth] = search->first_out[to];
		search->visited[to] = true;
	}
}

static int compare_paths(const void *a, const void *b)
{
	const struct why_path *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? -1 : 1;
	for (size_t i = 0; i < left->count; i++)
		if (left->edges[i] != right->edges[i])
			return left->edges[i] < right->edges[i] ? -1 : 1;
	return 0;
}

enum status why_find(const struct graph *graph, const char *from, const char *to,
		     struct arena *arena, const struct why_path **ret, size_t *ret_count,
		     bool *ret_capped)
{
	struct search search = {.graph = graph, .arena = arena};
	bool any_from, any_to;
	bool *starts = mark_ends(graph, from, arena, &any_from);
	bool *targets = mark_ends(graph, to, arena, &any_to);

	*ret = NULL;
	*ret_count = 0;
	*ret_capped = false;
	if (!any_from || !any_to)
		return STATUS_NOT_FOUND;
	search.distance = arena_alloc_array(arena, graph->node_count + 1, sizeof(*search.distance));
	search.visited = arena_alloc_array(arena, graph->node_count + 1, sizeof(*search.visited));
	index_edges(&search);
	for (uint32_t target = 0; target < graph->node_count; target++) {
		if (!targets[target])
			continue;
		measure(&search, target);
		for (uint32_t start = 0; start < graph->node_count; start++)
			if (starts[start] && start != target && search.distance[start] != FAR)
				walk_paths(&search, start, target, search.distance[start] + DETOUR);
	}
	if (search.paths.len)
		qsort(search.paths.ptr, search.paths.len, sizeof(*search.paths.ptr), compare_paths);
	*ret = arena_copy(arena, search.paths.ptr, search.paths.len * sizeof(**ret));
	*ret_count = search.paths.len;
	*ret_capped = search.capped;
	vec_release(&search.paths);
	return STATUS_OK;
}
