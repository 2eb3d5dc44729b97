/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of elfleft why: paths as steps, with what is said of them. */
#include "reach/modified.h"
#include "report/view_build.h"

#include <string.h>

static const struct view_step *copy_steps(const struct graph *graph, const struct why_path *path,
					  struct arena *arena)
{
	struct view_step *steps = arena_alloc_array(arena, path->count + 1, sizeof(*steps));

	for (size_t i = 0; i < path->count; i++) {
		const struct graph_edge *edge = &graph->edges[path->edges[i]];

		steps[i] = (struct view_step){
		    .from = arena_strdup(arena, graph->files[edge->from].path),
		    .to = arena_strdup(arena, graph->files[edge->to].path),
		    .kind = edge_kind_text(graph_edge_kind(edge)),
		    .class = edge_class_text(edge_kind_class(edge->kind)),
		    .grade = edge_grade_text(edge->grade),
		    .evidence =
			edge->embedded && edge->embedded->basis != EMBEDDED_BY_CODE
			    ? arena_printf(arena, "%s, %s", edge->embedded->signs[0].type,
					   embedded_confidence_text(edge->embedded->confidence))
			: edge->embedded
			    ? arena_printf(arena, "%u functions of its code, %s",
					   edge->embedded->functions,
					   embedded_confidence_text(edge->embedded->confidence))
			: edge->inlined ? view_inline_summary(edge->inlined, arena)
			: edge->found
			    ? arena_printf(arena, "%s %s (%s)", edge->found->evidence, edge->name,
					   edge->found->detail)
			    : arena_printf(arena, "%s %s (%s)", loader_request_text(edge->request),
					   edge->name, loader_rule_text(edge->rule)),
		    .symbols_bound = edge->symbols_bound,
		};
	}
	return steps;
}

/* What was found of the two ends, or of the last one in other works. */
static bool concerns(const struct finding *finding, uint32_t from, uint32_t to, bool exactly)
{
	bool about = false;

	for (size_t i = 0; i < finding->subject_count; i++)
		about |= finding->subjects[i] == from;
	if (exactly)
		return finding->provider == to && about;
	return finding->provider == to ||
	       (finding->provider == REACH_NONE && finding->subject == to);
}

static const char *clause_text(const struct finding *finding, struct arena *arena)
{
	const char *text =
	    arena_printf(arena, "%s%s, %s:", outcome_text(outcome_highest(finding->outcomes)),
			 finding->contested ? " (contested)" : "", finding->title);

	for (size_t i = 0; i < finding->citation_count; i++)
		text =
		    arena_printf(arena, "%s%s %s", text, i ? ";" : "", finding->citations[i].text);
	return text;
}

static void fill_clauses(const struct view_why_input *input, const struct why_path *path,
			 struct arena *arena, struct view_path *ret)
{
	const struct reach_result *result = input->result;
	uint32_t from = input->graph->edges[path->edges[0]].from;
	uint32_t to = input->graph->edges[path->edges[path->count - 1]].to;
	const char **clauses =
	    arena_alloc_array(arena, result->finding_count + 1, sizeof(*clauses));

	for (unsigned pass = 0; pass < 2 && !ret->clause_count; pass++)
		for (size_t i = 0; i < result->finding_count; i++)
			if (concerns(&result->findings[i], from, to, pass == 0))
				clauses[ret->clause_count++] =
				    clause_text(&result->findings[i], arena);
	ret->clauses = clauses;
}

const struct view_why *view_why_build(const struct view_why_input *input, struct arena *arena)
{
	struct view_why *view = arena_alloc(arena, sizeof(*view));
	struct view_path *paths = arena_alloc_array(arena, input->path_count + 1, sizeof(*paths));

	for (size_t i = 0; i < input->path_count; i++) {
		const struct why_path *path = &input->paths[i];
		const struct graph_edge *last = &input->graph->edges[path->edges[path->count - 1]];
		const struct file_licence *licence = input->graph->files[last->to].licence;

		paths[i].steps = copy_steps(input->graph, path, arena);
		paths[i].step_count = path->count;
		paths[i].licence = arena_strdup(arena, licence ? licence->text : "NOASSERTION");
		fill_clauses(input, path, arena, &paths[i]);
		why_breaks(input->graph, path, input->alternatives, arena, &paths[i].breaks,
			   &paths[i].break_count);
	}
	view->tool = view_tool();
	view->from = arena_strdup(arena, input->from);
	view->to = arena_strdup(arena, input->to);
	view->paths = paths;
	view->path_count = input->path_count;
	view->capped = input->capped;
	view->diagnostics = view_diagnostics(input->diags, arena, &view->diagnostic_count);
	view->complete = !diags_incomplete(input->diags);
	return view;
}
