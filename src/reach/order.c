/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/order.h"

#include <stdlib.h>
#include <string.h>

/* ---- comparing ---- */

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_nodes(const void *a, const void *b, void *context)
{
	const struct reach_node *nodes = context;

	return strcmp(nodes[*(const uint32_t *)a].id, nodes[*(const uint32_t *)b].id);
}

static int compare_edges(const void *a, const void *b, void *context)
{
	const struct reach_edge *edges = context;
	const struct reach_edge *left = &edges[*(const uint32_t *)a];
	const struct reach_edge *right = &edges[*(const uint32_t *)b];
	int order = compare_numbers(left->from, right->from);

	if (!order)
		order = compare_numbers(left->to, right->to);
	if (!order)
		order = compare_numbers(left->kind, right->kind);
	return order ? order : strcmp(left->id, right->id);
}

static int compare_lists(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	for (size_t i = 0; i < a_count && i < b_count; i++)
		if (a[i] != b[i])
			return compare_numbers(a[i], b[i]);
	return (a_count > b_count) - (a_count < b_count);
}

static int compare_works(const void *a, const void *b, void *context)
{
	const struct reach_work *works = context;
	const struct reach_work *left = &works[*(const uint32_t *)a];
	const struct reach_work *right = &works[*(const uint32_t *)b];
	int order = compare_numbers(left->root, right->root);

	if (!order)
		order = compare_lists(left->members, left->member_count, right->members,
				      right->member_count);
	return order
		   ? order
		   : compare_lists(left->edges, left->edge_count, right->edges, right->edge_count);
}

typedef int compare_fn(const void *a, const void *b, void *context);

static bool is_sorted(size_t count, compare_fn *compare, void *context)
{
	for (uint32_t i = 1; i < count; i++) {
		uint32_t before = i - 1;

		if (compare(&before, &i, context) > 0)
			return false;
	}
	return true;
}

static bool numbers_sorted(const uint32_t *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (list[i] < list[i - 1])
			return false;
	return true;
}

/* ---- sorting ---- */

/* Old places in new order; *ret_moved: new place of each old one. */
static uint32_t *sort_places(size_t count, compare_fn *compare, void *context, struct arena *arena,
			     uint32_t **ret_moved)
{
	uint32_t *places = arena_alloc_array(arena, count + 1, sizeof(*places));

	for (uint32_t i = 0; i < count; i++)
		places[i] = i;
	if (count)
		qsort_r(places, count, sizeof(*places), compare, context);
	*ret_moved = arena_alloc_array(arena, count + 1, sizeof(**ret_moved));
	for (uint32_t i = 0; i < count; i++)
		(*ret_moved)[places[i]] = i;
	return places;
}

static uint32_t *sort_nodes(struct reach_input *input, struct arena *arena, uint32_t **ret_moved)
{
	struct reach_node *old = arena_copy(arena, input->nodes, input->node_count * sizeof(*old));
	struct reach_node *nodes = arena_alloc_array(arena, input->node_count + 1, sizeof(*nodes));
	uint32_t *places = sort_places(input->node_count, compare_nodes, old, arena, ret_moved);

	for (size_t i = 0; i < input->node_count; i++)
		nodes[i] = old[places[i]];
	input->nodes = nodes;
	return places;
}

static uint32_t *sort_edges(struct reach_input *input, const uint32_t *moved, struct arena *arena,
			    uint32_t **ret_moved)
{
	struct reach_edge *old = arena_copy(arena, input->edges, input->edge_count * sizeof(*old));
	struct reach_edge *edges = arena_alloc_array(arena, input->edge_count + 1, sizeof(*edges));
	uint32_t *places;

	for (size_t i = 0; i < input->edge_count; i++) {
		old[i].from = moved[old[i].from];
		old[i].to = moved[old[i].to];
	}
	places = sort_places(input->edge_count, compare_edges, old, arena, ret_moved);
	for (size_t i = 0; i < input->edge_count; i++)
		edges[i] = old[places[i]];
	input->edges = edges;
	return places;
}

static int compare_index(const void *a, const void *b)
{
	return compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

struct edge_symbols {
	uint32_t edge;
	int64_t symbols;
};

static int compare_symbols(const void *a, const void *b)
{
	const struct edge_symbols *left = a, *right = b;
	int order = compare_numbers(left->edge, right->edge);

	return order ? order : (left->symbols > right->symbols) - (left->symbols < right->symbols);
}

static void move_work(struct reach_work *work, const uint32_t *nodes, const uint32_t *edges,
		      struct arena *arena)
{
	uint32_t *members = arena_alloc_array(arena, work->member_count + 1, sizeof(*members));
	uint32_t *list = arena_alloc_array(arena, work->edge_count + 1, sizeof(*list));
	int64_t *symbols = arena_alloc_array(arena, work->edge_count + 1, sizeof(*symbols));
	struct edge_symbols *pairs = arena_alloc_array(arena, work->edge_count + 1, sizeof(*pairs));

	for (size_t i = 0; i < work->member_count; i++)
		members[i] = nodes[work->members[i]];
	if (work->member_count)
		qsort(members, work->member_count, sizeof(*members), compare_index);
	for (size_t i = 0; i < work->edge_count; i++)
		pairs[i] = (struct edge_symbols){edges[work->edges[i]],
						 work->edge_symbols ? work->edge_symbols[i] : -1};
	if (work->edge_count)
		qsort(pairs, work->edge_count, sizeof(*pairs), compare_symbols);
	for (size_t i = 0; i < work->edge_count; i++) {
		list[i] = pairs[i].edge;
		symbols[i] = pairs[i].symbols;
	}
	work->root = nodes[work->root];
	work->members = members;
	work->edges = list;
	if (work->edge_symbols)
		work->edge_symbols = symbols;
}

static bool is_in_order(const struct reach_input *input, struct arena *arena)
{
	struct reach_node *nodes =
	    arena_copy(arena, input->nodes, input->node_count * sizeof(*nodes));
	struct reach_edge *edges =
	    arena_copy(arena, input->edges, input->edge_count * sizeof(*edges));
	struct reach_work *works =
	    arena_copy(arena, input->works, input->work_count * sizeof(*works));

	for (size_t i = 0; i < input->work_count; i++)
		if (!numbers_sorted(works[i].members, works[i].member_count) ||
		    !numbers_sorted(works[i].edges, works[i].edge_count))
			return false;
	return is_sorted(input->node_count, compare_nodes, nodes) &&
	       is_sorted(input->edge_count, compare_edges, edges) &&
	       is_sorted(input->work_count, compare_works, works);
}

void order_open(struct order *order, const struct reach_input *input, struct arena *arena)
{
	struct reach_input *sorted;
	struct reach_work *old, *works;
	uint32_t *moved_nodes, *moved_edges, *moved_works, *places;

	*order = (struct order){.input = input};
	if (is_in_order(input, arena))
		return;
	sorted = arena_copy(arena, input, sizeof(*sorted));
	order->nodes = sort_nodes(sorted, arena, &moved_nodes);
	order->edges = sort_edges(sorted, moved_nodes, arena, &moved_edges);
	old = arena_copy(arena, input->works, input->work_count * sizeof(*old));
	for (size_t i = 0; i < input->work_count; i++)
		move_work(&old[i], moved_nodes, moved_edges, arena);
	works = arena_alloc_array(arena, input->work_count + 1, sizeof(*works));
	places = sort_places(input->work_count, compare_works, old, arena, &moved_works);
	for (size_t i = 0; i < input->work_count; i++)
		works[i] = old[places[i]];
	order->works = places;
	sorted->works = works;
	order->input = sorted;
}

/* ---- back ---- */

static const uint32_t *restore_list(const uint32_t *list, size_t count, const uint32_t *places,
				    struct arena *arena)
{
	uint32_t *restored = arena_alloc_array(arena, count + 1, sizeof(*restored));

	for (size_t i = 0; i < count; i++)
		restored[i] = places[list[i]];
	return restored;
}

void order_restore(const struct order *order, struct reach_result *result, struct arena *arena)
{
	struct finding *findings;
	struct work_verdict *verdicts;

	if (!order->nodes)
		return;
	findings = arena_copy(arena, result->findings, result->finding_count * sizeof(*findings));
	for (size_t i = 0; i < result->finding_count; i++) {
		struct finding *finding = &findings[i];

		finding->subject = order->nodes[finding->subject];
		if (finding->provider != REACH_NONE)
			finding->provider = order->nodes[finding->provider];
		finding->subjects =
		    restore_list(finding->subjects, finding->subject_count, order->nodes, arena);
		finding->works =
		    restore_list(finding->works, finding->work_count, order->works, arena);
		finding->path =
		    restore_list(finding->path, finding->path_count, order->edges, arena);
		finding->subject_path = restore_list(
		    finding->subject_path, finding->subject_path_count, order->edges, arena);
	}
	verdicts = arena_alloc_array(arena, order->input->work_count + 1, sizeof(*verdicts));
	for (size_t i = 0; i < order->input->work_count; i++)
		verdicts[order->works[i]] = result->verdicts[i];
	result->findings = findings;
	result->verdicts = verdicts;
}
