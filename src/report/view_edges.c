/* SPDX-License-Identifier: BSD-2-Clause */
/* The edges of a view. */
#include "reach/modified.h"
#include "report/view_build.h"

/* Why the provider counts as modified. */
static void add_difference(const struct view_input *input, struct arena *arena,
			   const struct graph_edge *edge, struct view_evidence *evidence,
			   size_t *count)
{
	const char *difference = edge->modified ? input->graph->files[edge->to].difference : NULL;

	if (difference)
		evidence[(*count)++] = (struct view_evidence){
		    "modified", arena_strdup(arena, difference), FOUND_NO_PLACE};
}

static const struct view_evidence *edge_evidence(const struct view_input *input,
						 struct arena *arena, const struct graph_edge *edge,
						 size_t *ret_count)
{
	struct view_evidence *evidence = arena_alloc_array(arena, 3, sizeof(*evidence));

	*ret_count = 0;
	if (edge->inlined) /* view_inline_edges() */
		return NULL;
	if (edge->embedded)
		return view_inside_evidence(edge->embedded, arena, ret_count);
	*ret_count = 1;
	if (edge->found) {
		evidence[0] = (struct view_evidence){arena_strdup(arena, edge->found->evidence),
						     arena_strdup(arena, edge->found->detail),
						     edge->found->place};
	} else {
		evidence[0] =
		    (struct view_evidence){loader_request_text(edge->request),
					   arena_strdup(arena, edge->name), FOUND_NO_PLACE};
		if (edge->found_at)
			evidence[(*ret_count)++] = (struct view_evidence){
			    "found at", arena_strdup(arena, edge->found_at), FOUND_NO_PLACE};
	}
	add_difference(input, arena, edge, evidence, ret_count);
	return evidence;
}

/* By which rule the edge was found. */
static const char *edge_rule(const struct graph_edge *edge)
{
	if (edge->embedded)
		return edge->embedded->basis == EMBEDDED_BY_CODE
			   ? "code inside"
			   : embedded_basis_text(edge->embedded->basis);
	if (edge->inlined)
		return "header code";
	if (edge->found)
		return edge->found->possible ? "naming rule" : "call or text";
	return loader_rule_text(edge->rule);
}

struct view_edge *view_edges_build(const struct view_input *input, struct arena *arena,
				   const uint32_t **ret_of_model)
{
	const struct graph *graph = input->graph;
	uint32_t *of_model = arena_alloc_array(arena, graph->edge_count + 1, sizeof(*of_model));
	struct view_edge *edges = arena_alloc_array(arena, graph->edge_count + 1, sizeof(*edges));
	size_t found = 0;

	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		edges[i] = (struct view_edge){
		    .id = arena_strdup(arena, edge->id),
		    .from = edge->from,
		    .to = edge->to,
		    .name = arena_strdup(arena, edge->name),
		    .kind = edge_kind_text(graph_edge_kind(edge)),
		    .linked_as = edge_kind_class(edge->kind) == EDGE_CLASS_LINKING
				     ? edge_kind_text(edge->kind)
				     : NULL,
		    .class = edge_class_text(edge_kind_class(edge->kind)),
		    .reason = edge_kind_reason(graph_edge_kind(edge)),
		    .possible = edge->found && edge->found->possible,
		    .grade = edge_grade_text(edge->grade),
		    .rule = edge_rule(edge),
		    .symbols_bound = edge->symbols_bound,
		};
		edges[i].evidence = edge_evidence(input, arena, edge, &edges[i].evidence_count);
		if (edge->embedded)
			edges[i].inside = view_inside_build(edge->embedded, arena);
		/* The model holds the edges that lead to a file, in this order. */
		if (edge->to != GRAPH_NONE)
			of_model[found++] = (uint32_t)i;
	}
	view_inline_edges(graph, edges, arena);
	*ret_of_model = of_model;
	return edges;
}
