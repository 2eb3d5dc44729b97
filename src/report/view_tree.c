/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of one load set, for elfleft tree. */
#include "report/view_build.h"

#include <string.h>

static const char *copy_optional(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static const struct view_tree_object *copy_objects(const struct load_set *load, struct arena *arena)
{
	struct view_tree_object *objects =
	    arena_alloc_array(arena, load->object_count + 1, sizeof(*objects));

	for (size_t i = 0; i < load->object_count; i++) {
		const struct loader_object *object = &load->objects[i];

		objects[i] = (struct view_tree_object){
		    .name = arena_strdup(arena, object->name),
		    .path = copy_optional(arena, object->path),
		    .soname = copy_optional(arena, object->soname),
		    .needed_by = object->loader == LOADER_NONE ? VIEW_NONE : object->loader,
		    .request = loader_request_text(object->request),
		    .rule = loader_rule_text(object->rule),
		    .apart = object->auxiliary_namespace,
		};
	}
	return objects;
}

static const struct view_candidate *copy_trail(const struct loader_edge *edge, struct arena *arena)
{
	struct view_candidate *trail;

	if (!edge->trail)
		return NULL;
	trail = arena_alloc_array(arena, edge->trail_count + 1, sizeof(*trail));
	for (size_t i = 0; i < edge->trail_count; i++)
		trail[i] = (struct view_candidate){
		    .path = arena_strdup(arena, edge->trail[i].path),
		    .rule = loader_rule_text(edge->trail[i].rule),
		    .result = loader_candidate_text(edge->trail[i].result),
		    .message =
			arena_strdup(arena, edge->trail[i].message ? edge->trail[i].message : ""),
		};
	return trail;
}

static const struct view_tree_edge *copy_edges(const struct load_set *load,
					       const struct bindings *bindings, struct arena *arena)
{
	struct view_tree_edge *edges =
	    arena_alloc_array(arena, load->edge_count + 1, sizeof(*edges));

	for (size_t i = 0; i < load->edge_count; i++) {
		const struct loader_edge *edge = &load->edges[i];

		edges[i] = (struct view_tree_edge){
		    .from = edge->from,
		    .to = edge->to == LOADER_NONE ? VIEW_NONE : edge->to,
		    .name = arena_strdup(arena, edge->name),
		    .request = loader_request_text(edge->request),
		    .rule = loader_rule_text(edge->rule),
		    .trail = copy_trail(edge, arena),
		    .trail_count = edge->trail ? edge->trail_count : 0,
		    .symbols_bound = bindings ? (int64_t)bindings->edge_symbols[i] : -1,
		};
	}
	return edges;
}

static void copy_undeclared(const struct bindings *bindings, struct arena *arena,
			    struct view_tree *view)
{
	struct view_tree_undeclared *list =
	    arena_alloc_array(arena, bindings->undeclared_count + 1, sizeof(*list));

	for (size_t i = 0; i < bindings->undeclared_count; i++)
		list[i] = (struct view_tree_undeclared){bindings->undeclared[i].consumer,
							bindings->undeclared[i].provider,
							bindings->undeclared[i].symbols};
	view->undeclared = list;
	view->undeclared_count = bindings->undeclared_count;
}

static void copy_symbols(const struct bindings *bindings, bool all, struct arena *arena,
			 struct view_tree *view)
{
	struct view_tree_symbol *list =
	    arena_alloc_array(arena, bindings->count + 1, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < bindings->count; i++) {
		const struct binding *binding = &bindings->list[i];

		if (!all && (binding->provider != LOADER_NONE || binding->weak))
			continue;
		list[count++] = (struct view_tree_symbol){
		    .from = binding->consumer,
		    .to = binding->provider == LOADER_NONE ? VIEW_NONE : binding->provider,
		    .name = arena_strdup(arena, binding->name),
		    .version = arena_strdup(arena, binding->version),
		    .weak = binding->weak,
		};
	}
	view->symbols = list;
	view->symbol_count = count;
}

const struct view_tree *view_tree_build(const char *root, const char *file,
					const struct load_set *load,
					const struct bindings *bindings, bool all_symbols,
					struct diags *diags, struct arena *arena)
{
	struct view_tree *view = arena_alloc(arena, sizeof(*view));

	view->tool = view_tool();
	view->root = arena_strdup(arena, root);
	view->file = arena_strdup(arena, file);
	if (load) {
		view->dialect = copy_optional(arena, load->dialect);
		view->is_static = load->is_static;
		view->fatal = copy_optional(arena, load->fatal);
		view->objects = copy_objects(load, arena);
		view->object_count = load->object_count;
		view->edges = copy_edges(load, bindings, arena);
		view->edge_count = load->edge_count;
	}
	if (load && bindings) {
		view->bound = true;
		copy_undeclared(bindings, arena, view);
		copy_symbols(bindings, all_symbols, arena, view);
	}
	view->diagnostics = view_diagnostics(diags, arena, &view->diagnostic_count);
	view->complete = !diags_incomplete(diags);
	return view;
}
