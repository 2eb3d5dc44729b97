/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which members a work's edges reach, and by which path: Dijkstra over (weak edges, unused edges,
 * length), so that the path shown is the one that proves most. Ties go to the lower node and edge.
 */
#include "reach/judge.h"

#include <stdlib.h>

void process_init(struct judge *judge)
{
	size_t nodes = judge->input->node_count + 1;
	struct process *process = &judge->process;

	process->stamp = arena_alloc_array(judge->arena, nodes, sizeof(*process->stamp));
	process->cost = arena_alloc_array(judge->arena, nodes, sizeof(*process->cost));
	process->by = arena_alloc_array(judge->arena, nodes, sizeof(*process->by));
	process->first_out = arena_alloc_array(judge->arena, nodes, sizeof(*process->first_out));
	process->out_stamp = arena_alloc_array(judge->arena, nodes, sizeof(*process->out_stamp));
	process->list = arena_alloc_array(judge->arena, nodes, sizeof(*process->list));
	process->strong = arena_alloc_array(judge->arena, nodes, sizeof(*process->strong));
	judge->search.cost = arena_alloc_array(judge->arena, nodes, sizeof(uint64_t));
	judge->search.by = arena_alloc_array(judge->arena, nodes, sizeof(uint32_t));
	judge->search.stamp = arena_alloc_array(judge->arena, nodes, sizeof(uint32_t));
}

uint64_t edge_cost(const struct judge *judge, uint32_t edge)
{
	const struct reach_edge *known = &judge->input->edges[edge];
	bool weak = known->possible || known->one_call || known->grade >= EDGE_GRADE_STRING;

	if (edge_kind_class(known->kind) != EDGE_CLASS_LINKING ||
	    (!judge->used[edge] && judge->input->policy.unused_needed == UNUSED_NEEDED_IGNORE))
		return COST_NONE;
	return COST_EDGE + (weak ? COST_WEAK : 0) + (judge->used[edge] ? 0 : COST_UNUSED);
}

/* ---- a heap of nodes to settle ---- */

static bool before(const struct heap_item *a, const struct heap_item *b)
{
	if (a->cost != b->cost)
		return a->cost < b->cost;
	return a->node != b->node ? a->node < b->node : a->by < b->by;
}

static void heap_push(struct judge *judge, size_t *count, struct heap_item item)
{
	struct heap_item *heap;
	size_t at = *count;

	judge->search.heap =
	    vec_grow(judge->search.heap, sizeof(item), at, &judge->search.heap_cap);
	heap = judge->search.heap;
	heap[(*count)++] = item;
	while (at && before(&heap[at], &heap[(at - 1) / 2])) {
		struct heap_item other = heap[(at - 1) / 2];

		heap[(at - 1) / 2] = heap[at];
		heap[at] = other;
		at = (at - 1) / 2;
	}
}

static struct heap_item heap_pop(struct judge *judge, size_t *count)
{
	struct heap_item *heap = judge->search.heap, top = heap[0];
	size_t at = 0;

	heap[0] = heap[--*count];
	for (;;) {
		size_t least = at, child = 2 * at + 1;
		struct heap_item other;

		for (size_t i = child; i < child + 2 && i < *count; i++)
			if (before(&heap[i], &heap[least]))
				least = i;
		if (least == at)
			return top;
		other = heap[at];
		heap[at] = heap[least];
		heap[least] = other;
		at = least;
	}
}

/* ---- search ---- */

/* Marks where the edges of each consumer start in the work's list. */
static void index_edges(struct judge *judge, const struct reach_work *work)
{
	struct process *process = &judge->process;

	for (uint32_t i = (uint32_t)work->edge_count; i-- > 0;) {
		uint32_t from = judge->input->edges[work->edges[i]].from;

		process->first_out[from] = i;
		process->out_stamp[from] = process->work + 1;
	}
}

static void relax(struct judge *judge, uint32_t node, uint64_t cost, size_t *waiting)
{
	const struct reach_work *work = &judge->input->works[judge->process.work];
	const struct process *process = &judge->process;

	if (process->out_stamp[node] != process->work + 1)
		return;
	for (uint32_t i = process->first_out[node]; i < work->edge_count; i++) {
		uint32_t edge = work->edges[i];
		const struct reach_edge *known = &judge->input->edges[edge];
		struct heap_item item = {.node = known->to, .by = edge};

		if (known->from != node)
			break;
		if (!edge_carries(judge, edge))
			continue;
		item.cost = cost + judge->edge_costs[edge];
		if (judge->search.stamp[known->to] == judge->search.next_stamp &&
		    judge->search.cost[known->to] <= item.cost)
			continue;
		judge->search.stamp[known->to] = judge->search.next_stamp;
		judge->search.cost[known->to] = item.cost;
		judge->search.by[known->to] = edge;
		heap_push(judge, waiting, item);
	}
}

/*
 * Settles nodes from a start, cheapest first, until the target is settled (REACH_NONE: all).
 * settled(): called once for each, in order.
 */
static bool search_from(struct judge *judge, uint32_t start, uint32_t target,
			void (*settled)(struct judge *judge, const struct heap_item *item))
{
	size_t waiting = 0;

	judge->search.next_stamp++;
	judge->search.stamp[start] = judge->search.next_stamp;
	judge->search.cost[start] = 0;
	judge->search.by[start] = REACH_NONE;
	heap_push(judge, &waiting, (struct heap_item){0, start, REACH_NONE});
	while (waiting) {
		struct heap_item item = heap_pop(judge, &waiting);

		/* A cheaper way to it was found after this one was put here. */
		if (judge->search.cost[item.node] != item.cost ||
		    judge->search.by[item.node] != item.by)
			continue;
		if (settled)
			settled(judge, &item);
		if (item.node == target)
			return true;
		relax(judge, item.node, item.cost, &waiting);
	}
	return false;
}

static void add_member(struct judge *judge, const struct heap_item *item)
{
	struct process *process = &judge->process;
	const struct reach_node *node = &judge->input->nodes[item->node];

	process->stamp[item->node] = process->work + 1;
	process->cost[item->node] = item->cost;
	process->by[item->node] = item->by;
	process->list[process->count++] = item->node;
	process->shipped += node->shipped;
	if (item->by == REACH_NONE) {
		process->listens = node->listens;
		process->may_listen |= node->may_listen;
	} else if (judge->input->edges[item->by].kind == EDGE_KIND_LINK_PLUGIN) {
		process->may_listen |= node->listens || node->may_listen;
	}
}

void process_open(struct judge *judge, uint32_t work)
{
	struct process *process = &judge->process;
	const struct reach_work *known = &judge->input->works[work];

	process->work = work;
	process->count = process->shipped = process->strong_count = 0;
	process->listens = process->may_listen = false;
	process->reported = OUTCOME_CLEAR;
	process->target = TARGET_COUNT;
	index_edges(judge, known);
	(void)search_from(judge, known->root, REACH_NONE, add_member);
}

/* ---- paths ---- */

static const uint32_t *collect(struct judge *judge, uint32_t node, const uint32_t *by,
			       size_t *ret_count)
{
	size_t count = 0;
	uint32_t *path;

	for (uint32_t at = node; by[at] != REACH_NONE; at = judge->input->edges[by[at]].from)
		count++;
	path = arena_alloc_array(judge->arena, count + 1, sizeof(*path));
	*ret_count = count;
	for (uint32_t at = node; by[at] != REACH_NONE; at = judge->input->edges[by[at]].from)
		path[--count] = by[at];
	return path;
}

const uint32_t *process_path(struct judge *judge, uint32_t node, size_t *ret_count)
{
	return collect(judge, node, judge->process.by, ret_count);
}

uint32_t process_edge(const struct judge *judge, uint32_t from, uint32_t to)
{
	const struct process *process = &judge->process;
	const struct reach_work *work = &judge->input->works[process->work];
	uint32_t best = REACH_NONE;

	if (process->out_stamp[from] != process->work + 1)
		return REACH_NONE;
	for (uint32_t i = process->first_out[from]; i < work->edge_count; i++) {
		uint32_t edge = work->edges[i];

		if (judge->input->edges[edge].from != from)
			break;
		if (judge->input->edges[edge].to == to && edge_carries(judge, edge) &&
		    (best == REACH_NONE || judge->edge_costs[edge] < judge->edge_costs[best]))
			best = edge;
	}
	return best;
}

const uint32_t *process_path_between(struct judge *judge, uint32_t from, uint32_t to,
				     size_t *ret_count)
{
	if (!search_from(judge, from, to, NULL))
		return NULL;
	return collect(judge, to, judge->search.by, ret_count);
}
