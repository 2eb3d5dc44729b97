/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Works: a root with what its process loads, and with the plugins its members load by names that
 * were recovered. A plugin known only by a naming rule makes a work of its own with its host: one
 * per plugin, never one of all plugins.
 */
#include <stdlib.h>
#include <string.h>

#include "reach/graph_builder.h"
#include "util/memory.h"

/* A work while its members are found. */
struct draft {
	struct builder *builder;
	uint32_t root;
	VEC(uint32_t) members;
	bool *is_member; /* by file */
	VEC(uint32_t) edges;
	VEC(int64_t) symbols; /* beside edges */
	struct map seen;      /* ids of edges */
	bool bound;
	struct graph_work work;
};

static void add_member(struct draft *draft, uint32_t file)
{
	if (file == GRAPH_NONE || draft->is_member[file])
		return;
	draft->is_member[file] = true;
	vec_push(&draft->members, file);
}

static void add_edge(struct draft *draft, uint32_t edge, int64_t symbols)
{
	bool added;

	map_put(&draft->seen, slice_text(draft->builder->edges.ptr[edge].id), 0, &added);
	if (!added)
		return;
	vec_push(&draft->edges, edge);
	vec_push(&draft->symbols, symbols);
}

/* All that a process loads; bindings are those of this very process, or NULL. */
static void add_load(struct draft *draft, const struct load_set *load, uint32_t root,
		     const struct bindings *bindings)
{
	struct builder *builder = draft->builder;

	for (size_t i = 0; i < load->edge_count; i++) {
		uint32_t edge = graph_add_edge(builder, load, &load->edges[i], root);

		if (edge != GRAPH_NONE && !load->objects[load->edges[i].from].auxiliary_namespace)
			add_edge(draft, edge, bindings ? (int64_t)bindings->edge_symbols[i] : -1);
	}
	for (size_t i = 1; i < load->object_count; i++)
		if (load->objects[i].binary && !load->objects[i].auxiliary_namespace)
			add_member(draft, graph_file_index(
					      builder,
					      graph_binary_path(builder, load->objects[i].binary)));
}

static void add_file(struct draft *draft, uint32_t file)
{
	const struct graph_file *entry = &draft->builder->files.ptr[file];
	const struct load_set *load;

	if (draft->is_member[file])
		return;
	add_member(draft, file);
	load = entry->facts ? graph_load_of(draft->builder, entry->path, entry->binary) : NULL;
	if (load)
		add_load(draft, load, file, NULL);
}

/* Plugins that members load by recovered names, and what those load, until nothing is new. */
static void add_plugins(struct draft *draft)
{
	const struct found_edges *found = draft->builder->input->found;

	for (size_t i = 0; found && i < draft->members.len; i++) {
		uint32_t member = draft->members.ptr[i];

		for (uint32_t j = draft->builder->found_first[member];
		     j < draft->builder->found_first[member + 1]; j++) {
			const struct found_edge *edge = &found->list.ptr[j];

			if (edge->kind != EDGE_KIND_LINK_PLUGIN || edge->possible || !edge->to)
				continue;
			add_edge(draft, draft->builder->found_edges.ptr[j], -1);
			add_file(draft, graph_file_index(draft->builder, edge->to));
		}
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void fill_missing(struct draft *draft, const struct load_set *load)
{
	struct arena *arena = draft->builder->arena;
	const char **missing = arena_alloc_array(arena, load->edge_count + 1, sizeof(*missing));
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < load->edge_count; i++)
		if (load->edges[i].rule == LOADER_RULE_NOT_FOUND &&
		    load->edges[i].request != LOADER_REQUEST_AUXILIARY)
			missing[count++] = arena_strdup(arena, load->edges[i].name);
	if (count)
		qsort(missing, count, sizeof(*missing), compare_text);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(missing[i], missing[kept - 1]) != 0)
			missing[kept++] = missing[i];
	draft->work.missing = missing;
	draft->work.missing_count = kept;
}

static void draft_begin(struct draft *draft, struct builder *builder, uint32_t root)
{
	*draft = (struct draft){.builder = builder, .root = root};
	draft->work = (struct graph_work){.root = root, .plugin = GRAPH_NONE};
	draft->is_member = memory_calloc(builder->files.len + 1, sizeof(bool));
	add_member(draft, root);
}

/* The finished work; its edges get their final numbers later. */
static void draft_end(struct draft *draft)
{
	struct builder *builder = draft->builder;
	struct graph_work *work = &draft->work;
	uint32_t *members, *edges;

	qsort(draft->members.ptr, draft->members.len, sizeof(*members), graph_compare_index);
	members =
	    arena_copy(builder->arena, draft->members.ptr, draft->members.len * sizeof(*members));
	edges = arena_copy(builder->arena, draft->edges.ptr, draft->edges.len * sizeof(*edges));
	work->members = members;
	work->member_count = draft->members.len;
	work->edges = edges;
	work->edge_count = draft->edges.len;
	if (draft->bound)
		work->edge_symbols = arena_copy(builder->arena, draft->symbols.ptr,
						draft->symbols.len * sizeof(*draft->symbols.ptr));
	vec_push(&builder->edge_lists, edges);
	vec_push(&builder->works, *work);
	vec_release(&draft->members);
	vec_release(&draft->edges);
	vec_release(&draft->symbols);
	map_release(&draft->seen);
	free(draft->is_member);
}

static void add_work(struct builder *builder, const struct work_candidate *candidate, uint32_t root)
{
	const struct load_set *load = candidate->load;
	const struct bindings *bindings = NULL;
	struct draft draft;
	struct arena scratch;

	arena_init(&scratch);
	draft_begin(&draft, builder, root);
	if (load->fatal)
		draft.work.fatal = arena_strdup(builder->arena, load->fatal);
	fill_missing(&draft, load);
	if (builder->input->binder &&
	    bind_symbols(builder->input->binder, load, &scratch, &bindings) != STATUS_OK)
		bindings = NULL;
	for (size_t i = 0; bindings && i < bindings->count; i++)
		draft.work.bindings += bindings->list[i].provider != LOADER_NONE;
	draft.work.unprovided = bindings ? bindings->unprovided_count : 0;
	draft.bound = bindings != NULL;
	add_load(&draft, load, root, bindings);
	add_plugins(&draft);
	draft_end(&draft);
	arena_release(&scratch);
}

/* A host with one plugin that it may load, as the edges first..end say. */
static void add_possible_work(struct builder *builder, size_t first, size_t end)
{
	const struct found_edge *edge = &builder->input->found->list.ptr[first];
	uint32_t host = graph_file_index(builder, edge->from);
	const struct graph_file *file = &builder->files.ptr[host];
	const struct load_set *load =
	    file->facts ? graph_load_of(builder, file->path, file->binary) : NULL;
	struct draft draft;

	draft_begin(&draft, builder, host);
	draft.work.plugin = graph_file_index(builder, edge->to);
	if (load)
		add_load(&draft, load, host, NULL);
	for (size_t i = first; i < end; i++)
		add_edge(&draft, builder->found_edges.ptr[i], -1);
	add_file(&draft, draft.work.plugin);
	add_plugins(&draft);
	draft_end(&draft);
}

static int compare_works(const void *a, const void *b, void *builder)
{
	const struct graph_work *works = ((const struct builder *)builder)->works.ptr;
	const struct graph_work *left = &works[*(const uint32_t *)a];
	const struct graph_work *right = &works[*(const uint32_t *)b];

	if (left->root != right->root)
		return left->root < right->root ? -1 : 1;
	/* GRAPH_NONE is the largest number: the work without a plugin comes first. */
	if (left->plugin + 1 != right->plugin + 1)
		return left->plugin + 1 < right->plugin + 1 ? -1 : 1;
	return 0;
}

/* Works by root, then plugin, with their lists of edges beside them. */
static void sort_works(struct builder *builder)
{
	size_t count = builder->works.len;
	uint32_t *order = arena_alloc_array(builder->arena, count + 1, sizeof(*order));
	struct graph_work *works = arena_alloc_array(builder->arena, count + 1, sizeof(*works));
	uint32_t **lists = arena_alloc_array(builder->arena, count + 1, sizeof(uint32_t *));

	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), compare_works, builder);
	for (size_t i = 0; i < count; i++) {
		works[i] = builder->works.ptr[order[i]];
		lists[i] = builder->edge_lists.ptr[order[i]];
	}
	for (size_t i = 0; i < count; i++) {
		builder->works.ptr[i] = works[i];
		builder->edge_lists.ptr[i] = lists[i];
	}
}

/* The edges behind first that join the same two ends in the same way; they are sorted so. */
static size_t end_of_pair(const struct found_edges *found, size_t first, bool *ret_possible)
{
	const struct found_edge *edge = &found->list.ptr[first];
	size_t end = first;

	*ret_possible = edge->kind == EDGE_KIND_LINK_PLUGIN && edge->to;
	for (; end < found->list.len; end++) {
		const struct found_edge *other = &found->list.ptr[end];

		if (other->kind != edge->kind || strcmp(other->from, edge->from) != 0 ||
		    !other->to != !edge->to || (edge->to && strcmp(other->to, edge->to) != 0))
			break;
		/* What is loaded by name is in the works of its host already. */
		*ret_possible &= other->possible;
	}
	return end;
}

/* One work for each plugin that a host may load, whatever it is known by. */
static void add_possible_works(struct builder *builder, const struct found_edges *found)
{
	bool possible;

	for (size_t first = 0, end; first < found->list.len; first = end) {
		end = end_of_pair(found, first, &possible);
		if (possible)
			add_possible_work(builder, first, end);
	}
}

void graph_add_works(struct builder *builder)
{
	const struct graph_input *input = builder->input;

	for (size_t i = 0; i < input->candidate_count; i++) {
		const struct work_candidate *candidate = &input->candidates[i];
		uint32_t root = graph_file_index(builder, candidate->path);

		builder->files.ptr[root].load = candidate->load;
		if (candidate->is_root)
			add_work(builder, candidate, root);
	}
	if (input->found)
		add_possible_works(builder, input->found);
	sort_works(builder);
}
