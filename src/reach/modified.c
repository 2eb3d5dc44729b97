/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/modified.h"

#include <stdlib.h>
#include <string.h>

#include "util/map.h"

static int compare_paths(const void *key, const void *element)
{
	return strcmp(key, ((const struct graph_comparison *)element)->path);
}

static const char *evidence_of(const struct graph_comparison *comparison, struct arena *arena)
{
	return arena_printf(arena, "%s, compared with %s of %s%s%s", comparison->verdict,
			    comparison->reference_path, comparison->reference,
			    *comparison->detail ? ": " : "", comparison->detail);
}

/* What the policy says of a file stays: the user may know more than its bytes tell. */
static void apply_own(struct graph_file *file, const struct graph_comparison *comparison,
		      struct arena *arena)
{
	file->comparison = comparison;
	if (file->modified || (!comparison->modified && !comparison->unproven))
		return;
	file->modified = comparison->modified;
	file->unproven = comparison->unproven;
	file->difference = evidence_of(comparison, arena);
}

/* A changed source is no node: what it is part of is modified, though not each of its files. */
static void apply_component(struct graph_file *files, const struct graph *graph,
			    const struct graph_comparison *comparison, struct providers *providers,
			    struct map *marked, struct arena *arena)
{
	struct provider_query query = {.path = comparison->path};
	const char *origin;
	const struct component *component = providers_find(providers, &query, &origin);
	bool added = false;

	/* The first changed file of a component marks all of it. */
	if (component)
		map_put(marked, slice_text(component->id), 0, &added);
	if (!added)
		return;
	for (size_t i = 0; i < graph->file_count; i++) {
		if (files[i].modified || files[i].component_modified || !files[i].component ||
		    strcmp(files[i].component->id, component->id) != 0)
			continue;
		files[i].component_modified = true;
		files[i].difference =
		    arena_printf(arena, "%s of the same component is %s", comparison->path,
				 evidence_of(comparison, arena));
	}
}

static const struct graph_edge *mark_edges(const struct graph *graph,
					   const struct graph_file *files, struct arena *arena)
{
	struct graph_edge *edges =
	    arena_copy(arena, graph->edges, graph->edge_count * sizeof(*edges));

	for (size_t i = 0; i < graph->edge_count; i++)
		edges[i].modified = edges[i].to != GRAPH_NONE && files[edges[i].to].modified &&
				    edge_kind_class(edges[i].kind) == EDGE_CLASS_LINKING;
	return edges;
}

const struct graph *graph_with_comparisons(const struct graph *graph,
					   const struct graph_comparison *comparisons, size_t count,
					   struct providers *providers, struct arena *arena)
{
	struct graph *changed = arena_copy(arena, graph, sizeof(*graph));
	struct graph_file *files =
	    arena_copy(arena, graph->files, graph->node_count * sizeof(*files));
	bool *is_node = arena_alloc_array(arena, count + 1, sizeof(*is_node));
	struct map marked = {0};

	for (size_t i = 0; i < graph->file_count && count; i++) {
		const struct graph_comparison *found =
		    bsearch(files[i].path, comparisons, count, sizeof(*found), compare_paths);

		if (!found)
			continue;
		is_node[found - comparisons] = true;
		apply_own(&files[i], found, arena);
	}
	for (size_t i = 0; providers && i < count; i++)
		if (!is_node[i] && comparisons[i].modified)
			apply_component(files, graph, &comparisons[i], providers, &marked, arena);
	map_release(&marked);
	changed->files = files;
	changed->edges = mark_edges(graph, files, arena);
	changed->comparisons = comparisons;
	changed->comparison_count = count;
	return changed;
}

enum edge_kind graph_edge_kind(const struct graph_edge *edge)
{
	return edge->modified ? EDGE_KIND_LINK_MODIFIED : edge->kind;
}
