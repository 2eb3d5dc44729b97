/* SPDX-License-Identifier: BSD-2-Clause */
/* The judgement's table of contents. */
#include "reach/rules.h"

#include "reach/order.h"

/* An edge binds nothing when no process was seen to bind a symbol through it, and one was looked
 * at. */
static void mark_edges(struct judge *judge)
{
	const struct reach_input *input = judge->input;
	bool *unused = arena_alloc_array(judge->arena, input->edge_count + 1, sizeof(*unused));

	for (size_t i = 0; i < input->edge_count; i++) {
		unused[i] = input->edges[i].kind == EDGE_KIND_LINK_DYNAMIC &&
			    input->edges[i].symbols_bound == 0;
		judge->used[i] = input->edges[i].symbols_bound > 0;
	}
	for (size_t i = 0; i < input->work_count; i++) {
		const struct reach_work *work = &input->works[i];

		for (size_t j = 0; work->edge_symbols && j < work->edge_count; j++) {
			uint32_t edge = work->edges[j];

			if (work->edge_symbols[j] > 0)
				judge->used[edge] = true;
			else if (work->edge_symbols[j] == 0 &&
				 input->edges[edge].kind == EDGE_KIND_LINK_DYNAMIC)
				unused[edge] = true;
		}
	}
	for (uint32_t i = 0; i < input->edge_count; i++) {
		judge->used[i] |= !unused[i];
		judge->code_inside[input->edges[i].to] |= !input->edges[i].inline_only;
		judge->edge_costs[i] = edge_cost(judge, i);
	}
	for (size_t i = 0; i < input->work_count; i++)
		for (size_t j = 0; j < input->works[i].edge_count; j++) {
			uint32_t edge = input->works[i].edges[j];
			const struct reach_edge *known = &input->edges[edge];

			judge->in_work[edge] = edge_carries(judge, edge);
			if (known->kind != EDGE_KIND_LINK_STATIC &&
			    known->kind != EDGE_KIND_LINK_MODIFIED)
				continue;
			judge->inside[known->to] = true;
			judge->holds[known->from] |= node_entry(judge, known->to)->library;
		}
}

/* Nodes of one component have one owner number. */
static void number_owners(struct judge *judge)
{
	struct map by_component = {0};

	for (uint32_t i = 0; i < judge->input->node_count; i++) {
		const char *component = judge->input->nodes[i].component;

		judge->owner[i] =
		    *component ? map_put(&by_component, slice_text(component), i, NULL)->value : i;
	}
	map_release(&by_component);
}

static void open_judge(struct judge *judge, const struct reach_input *input, struct arena *arena)
{
	size_t nodes = input->node_count + 1, edges = input->edge_count + 1;

	*judge = (struct judge){.input = input, .arena = arena};
	terms_init(&judge->terms, arena);
	judge->entry = arena_alloc_array(arena, nodes, sizeof(*judge->entry));
	judge->owner = arena_alloc_array(arena, nodes, sizeof(*judge->owner));
	judge->taken = arena_alloc_array(arena, nodes, sizeof(*judge->taken));
	judge->loaded = arena_alloc_array(arena, nodes, sizeof(*judge->loaded));
	judge->duties = arena_alloc_array(arena, nodes, sizeof(*judge->duties));
	judge->spoken = arena_alloc_array(arena, nodes, sizeof(*judge->spoken));
	judge->used = arena_alloc_array(arena, edges, sizeof(*judge->used));
	judge->inside = arena_alloc_array(arena, nodes, sizeof(*judge->inside));
	judge->code_inside = arena_alloc_array(arena, nodes, sizeof(*judge->code_inside));
	judge->holds = arena_alloc_array(arena, nodes, sizeof(*judge->holds));
	judge->edge_costs = arena_alloc_array(arena, edges, sizeof(*judge->edge_costs));
	judge->in_work = arena_alloc_array(arena, edges, sizeof(*judge->in_work));
	judge->memory = arena_alloc_array(arena, input->work_count + 1, sizeof(*judge->memory));
	for (size_t i = 0; i < input->node_count; i++)
		judge->entry[i] = terms_entry(&judge->terms, input->nodes[i].licence);
	for (uint32_t i = 0; i < input->node_count; i++)
		judge->duties[i] = arena_alloc_array(arena, node_entry(judge, i)->count + 1,
						     sizeof(**judge->duties));
	number_owners(judge);
	mark_edges(judge);
	process_init(judge);
}

static void close_judge(struct judge *judge)
{
	vec_each (draft, &judge->drafts)
		vec_release(&draft->works);
	vec_release(&judge->drafts);
	map_release(&judge->draft_by_key);
	terms_release(&judge->terms);
	free(judge->search.heap);
}

/* ---- modes of distribution ---- */

enum reach_distribution node_mode(const struct judge *judge, uint32_t node)
{
	const struct reach_node *known = &judge->input->nodes[node];

	return known->has_mode ? known->mode : judge->input->policy.distribution;
}

/*
 * The input with nothing shipped that is not conveyed: where a policy gives files modes of their
 * own, those owe what files that are not in the artifact owe.
 */
static const struct reach_input *only_conveyed(const struct judge *judge)
{
	const struct reach_input *input = judge->input;
	struct reach_input *conveyed;
	struct reach_node *nodes;
	bool any = false;

	for (size_t i = 0; i < input->node_count; i++)
		any |= input->nodes[i].has_mode;
	if (!any)
		return input;
	conveyed = arena_copy(judge->arena, input, sizeof(*input));
	nodes = arena_copy(judge->arena, input->nodes, (input->node_count + 1) * sizeof(*nodes));
	for (uint32_t i = 0; i < input->node_count; i++)
		nodes[i].shipped &= node_mode(judge, i) == DISTRIBUTION_BINARY;
	conveyed->nodes = nodes;
	return conveyed;
}

static bool has_mode(const struct judge *judge, enum reach_distribution mode)
{
	if (judge->input->policy.distribution == mode)
		return true;
	for (uint32_t i = 0; i < judge->input->node_count; i++)
		if (node_mode(judge, i) == mode)
			return true;
	return false;
}

const struct reach_result *reach_judge(const struct reach_input *input, struct arena *arena)
{
	struct reach_result *result = arena_alloc(arena, sizeof(*result));
	/* Use over a network, and what a policy denies, is asked of all that is present. */
	const struct reach_input *present, *conveyed;
	struct order order;
	struct judge judge;

	order_open(&order, input, arena);
	open_judge(&judge, order.input, arena);
	present = judge.input;
	judge.input = conveyed = only_conveyed(&judge);
	for (uint32_t work = 0; work < input->work_count; work++) {
		if (node_mode(&judge, judge.input->works[work].root) == DISTRIBUTION_BINARY)
			judge_process(&judge, work);
		else
			judge_members(&judge, work);
	}
	if (has_mode(&judge, DISTRIBUTION_BINARY)) {
		judge_nodes(&judge);
		judge_links(&judge);
	}
	judge.input = present;
	judge_network(&judge);
	if (has_mode(&judge, DISTRIBUTION_INTERNAL))
		judge_internal(&judge);
	judge.input = conveyed;
	if (has_mode(&judge, DISTRIBUTION_BINARY))
		judge_ipc(&judge);
	judge.input = present;
	judge_policy(&judge);
	judge_finish(&judge, result);
	close_judge(&judge);
	order_restore(&order, result, arena);
	return result;
}
