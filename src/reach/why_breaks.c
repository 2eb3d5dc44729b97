/* SPDX-License-Identifier: BSD-2-Clause */
/* What would break a path from a consumer to a licence. */
#include "reach/alternatives.h"
#include "reach/terms.h"
#include "reach/why.h"

#include "util/path.h"

struct breaks {
	const struct graph *graph;
	const struct why_path *path;
	struct arena *arena;
	const char **list;
	size_t count;
};

static const struct graph_edge *edge_at(const struct breaks *breaks, size_t place)
{
	return &breaks->graph->edges[breaks->path->edges[place]];
}

static const char *name_of(const struct breaks *breaks, uint32_t file)
{
	return path_name(breaks->graph->files[file].path);
}

/* An edge without a symbol bound is the first place to cut. */
static void add_unused(struct breaks *breaks)
{
	for (size_t i = 0; i < breaks->path->count; i++) {
		const struct graph_edge *edge = edge_at(breaks, i);
		const struct facts *facts = breaks->graph->files[edge->to].facts;
		bool constructors = facts && (facts->identity->flags & FACTS_HAS_CONSTRUCTORS) != 0;

		if (edge->symbols_bound != 0 || edge->kind != EDGE_KIND_LINK_DYNAMIC)
			continue;
		breaks->list[breaks->count++] = arena_printf(
		    breaks->arena,
		    "%s binds no symbol of %s: check %s, registration and dlsym, then relink it "
		    "with --as-needed",
		    breaks->graph->files[edge->from].path, edge->name,
		    constructors ? "its constructors (it has some)" : "constructors (it has none)");
	}
}

/* Whether the path is broken already: other classes of edges carry no reach. */
static bool add_boundaries(struct breaks *breaks)
{
	bool any = false;

	for (size_t i = 0; i < breaks->path->count; i++) {
		const struct graph_edge *edge = edge_at(breaks, i);

		if (edge_kind_class(edge->kind) == EDGE_CLASS_LINKING)
			continue;
		any = true;
		breaks->list[breaks->count++] =
		    arena_printf(breaks->arena, "%s reaches %s by %s: no licence reaches over that",
				 name_of(breaks, edge->from), name_of(breaks, edge->to),
				 edge_kind_text(edge->kind));
	}
	return any;
}

static void add_alternatives(struct breaks *breaks, const struct alternatives *alternatives)
{
	for (size_t i = 0; i < breaks->path->count; i++) {
		const struct graph_file *file = &breaks->graph->files[edge_at(breaks, i)->to];
		const char *advice;

		if (!file->licence)
			continue;
		advice = alternatives_find(alternatives, file->path, file->licence->text);
		if (advice)
			breaks->list[breaks->count++] = arena_printf(
			    breaks->arena, "in the place of %s: %s", path_name(file->path), advice);
	}
}

/* A choice that the last licence offers, and whether one of its branches does not reach. */
static void add_choice(struct breaks *breaks, const struct entry *entry, uint32_t file)
{
	struct term_list texts = {.count = 0};

	for (size_t i = 0; i < entry->count; i++)
		term_list_add(&texts, entry->branches[i].text);
	if (entry->count > 1)
		breaks->list[breaks->count++] =
		    arena_printf(breaks->arena, "%s offers a choice: %s%s", name_of(breaks, file),
				 term_list_text(&texts, " or ", breaks->arena),
				 entry->strong ? "" : "; not every branch reaches over a link");
}

void why_breaks(const struct graph *graph, const struct why_path *path,
		const struct alternatives *alternatives, struct arena *arena,
		const char *const **ret, size_t *ret_count)
{
	struct breaks breaks = {.graph = graph, .path = path, .arena = arena};
	const struct graph_edge *last = &graph->edges[path->edges[path->count - 1]];
	const struct file_licence *licence = graph->files[last->to].licence;
	struct terms terms;

	breaks.list = arena_alloc_array(arena, 3 * path->count + 3, sizeof(*breaks.list));
	terms_init(&terms, arena);
	add_unused(&breaks);
	if (!add_boundaries(&breaks) && licence) {
		uint32_t place = terms_entry(&terms, licence);
		const struct entry *entry = &terms.entries.ptr[place];

		add_alternatives(&breaks, alternatives);
		add_choice(&breaks, entry, last->to);
		if (entry->strong)
			breaks.list[breaks.count++] = arena_printf(
			    arena,
			    "%s as a program of its own, run by %s instead of linked, or shipped "
			    "separately",
			    name_of(&breaks, last->to), name_of(&breaks, last->from));
	}
	terms_release(&terms);
	*ret = breaks.list;
	*ret_count = breaks.count;
}
