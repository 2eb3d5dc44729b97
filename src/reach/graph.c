/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/graph.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/vec.h"

struct builder {
	const struct graph_input *input;
	struct arena *arena;
	VEC(struct graph_file) files;
	struct map index_by_path;
	VEC(struct graph_edge) edges;
	struct map index_by_edge; /* key text -> index into edges */
	VEC(struct graph_work) works;
	VEC(uint32_t) work_edges;   /* of the work being added: index into edges, may repeat */
	VEC(int64_t) work_symbols;  /* beside work_edges */
	VEC(uint32_t *) edge_lists; /* of all works, to be renumbered */
};

/* ---- files ---- */

static void list_file(struct builder *builder, const char *path, struct binary *binary,
		      bool shipped)
{
	bool added;

	map_put(&builder->index_by_path, slice_text(path), 0, &added);
	if (added)
		vec_push(&builder->files, ((struct graph_file){
					      .path = arena_strdup(builder->arena, path),
					      .binary = binary,
					      .shipped = shipped,
					  }));
}

static int compare_files(const void *a, const void *b)
{
	const struct graph_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

/* Shipped files first, so that a provider that is shipped too counts as shipped. */
static void list_files(struct builder *builder)
{
	const struct graph_input *input = builder->input;

	vec_each (file, &input->inventory->files) {
		struct binary *binary = NULL;

		if (binaries_find(input->binaries, file->canonical, &binary) != STATUS_OK)
			binary = NULL;
		list_file(builder, file->canonical, binary, true);
	}
	for (size_t i = 0; i < input->candidate_count; i++) {
		const struct load_set *load = input->candidates[i].load;

		for (size_t j = 1; input->candidates[i].is_root && j < load->object_count; j++)
			if (load->objects[j].binary)
				list_file(builder,
					  binaries_path(input->binaries, load->objects[j].binary),
					  load->objects[j].binary, false);
	}
	if (builder->files.len)
		qsort(builder->files.ptr, builder->files.len, sizeof(*builder->files.ptr),
		      compare_files);
	map_release(&builder->index_by_path);
	for (size_t i = 0; i < builder->files.len; i++)
		map_put(&builder->index_by_path, slice_text(builder->files.ptr[i].path),
			(uint32_t)i, NULL);
}

static const char *binary_path(const struct builder *builder, const struct binary *binary)
{
	return binaries_path(builder->input->binaries, binary);
}

static uint32_t file_index(const struct builder *builder, const char *path)
{
	const struct map_entry *entry = map_get(&builder->index_by_path, slice_text(path));

	return entry ? entry->value : GRAPH_NONE;
}

/* Who owns each file, and under which licence it stands. */
static void describe_files(struct builder *builder)
{
	const struct graph_input *input = builder->input;

	vec_each (file, &builder->files) {
		struct licence_query query = {.path = file->path};
		struct provider_query owner = {.path = file->path};

		if (file->binary && file->binary->ident.complete)
			file->facts = binaries_facts(input->binaries, file->binary);
		if (file->facts && file->facts->identity->soname.length)
			owner.soname = facts_text(file->facts, file->facts->identity->soname);
		if (file->facts) {
			owner.machine = file->facts->identity->machine;
			owner.is_64 = file->facts->identity->elf_class == ELFCLASS64;
		}
		if (!input->providers)
			continue;
		file->component = providers_find(input->providers, &owner, &file->origin);
		if (!input->licences)
			continue;
		query.soname = owner.soname;
		query.component = file->component;
		query.known = providers_ask(input->providers, "known", &owner);
		query.facts = file->facts;
		file->licence = licences_of_file(input->licences, &query);
	}
}

/* ---- edges ---- */

/* A name that was loaded already says little; how the file was found the first time says more. */
static enum loader_rule finding_rule(const struct load_set *load, const struct loader_edge *edge)
{
	if (edge->rule == LOADER_RULE_LOADED_NAME && edge->to != LOADER_NONE)
		return load->objects[edge->to].rule;
	return edge->rule;
}

static enum edge_kind kind_of(enum loader_request request)
{
	return request == LOADER_REQUEST_INTERPRETER ? EDGE_KIND_LINK_INTERP
						     : EDGE_KIND_LINK_DYNAMIC;
}

static const char *edge_key(const struct builder *builder, struct arena *arena,
			    const struct graph_edge *edge, const char *name)
{
	return arena_printf(arena, "%s\n%s\n%s\n%s\n%s", edge_kind_text(edge->kind),
			    loader_request_text(edge->request), builder->files.ptr[edge->from].path,
			    name, edge->to == GRAPH_NONE ? "" : builder->files.ptr[edge->to].path);
}

static struct graph_edge describe_edge(const struct builder *builder, const struct load_set *load,
				       const struct loader_edge *edge, uint32_t root)
{
	const struct loader_object *to = edge->to == LOADER_NONE ? NULL : &load->objects[edge->to];
	const struct binary *from = load->objects[edge->from].binary;

	return (struct graph_edge){
	    .from = edge->from == 0 ? root
		    : from	    ? file_index(builder, binary_path(builder, from))
				    : GRAPH_NONE,
	    .to = to && to->binary ? file_index(builder, binary_path(builder, to->binary))
				   : GRAPH_NONE,
	    .name = edge->name,
	    .request = edge->request,
	    .rule = finding_rule(load, edge),
	    .found_at = to ? to->path : NULL,
	    .kind = kind_of(edge->request),
	    .grade = EDGE_GRADE_LINKER_RECORD,
	    .symbols_bound = -1,
	};
}

/* The graph's edge for one of a load set, made when it is new; GRAPH_NONE when it has no start. */
static uint32_t add_edge(struct builder *builder, const struct load_set *load,
			 const struct loader_edge *edge, uint32_t root)
{
	struct graph_edge new_edge = describe_edge(builder, load, edge, root);
	struct map_entry *entry;
	const char *key;
	bool added;

	if (new_edge.from == GRAPH_NONE)
		return GRAPH_NONE;
	key = edge_key(builder, builder->arena, &new_edge, edge->name);
	entry =
	    map_put(&builder->index_by_edge, slice_text(key), (uint32_t)builder->edges.len, &added);
	if (!added) {
		/* Works may find one file by different rules; the lowest one is shown, whatever
		 * the order of works. */
		struct graph_edge *known = &builder->edges.ptr[entry->value];

		if (new_edge.rule < known->rule)
			known->rule = new_edge.rule;
		return entry->value;
	}
	new_edge.id = arena_printf(builder->arena, "e-%016llx",
				   (unsigned long long)map_hash(slice_text(key)));
	new_edge.name = arena_strdup(builder->arena, new_edge.name);
	if (new_edge.found_at)
		new_edge.found_at = arena_strdup(builder->arena, new_edge.found_at);
	vec_push(&builder->edges, new_edge);
	return entry->value;
}

static int compare_edges(const void *a, const void *b)
{
	const struct graph_edge *left = a, *right = b;
	int order;

	/* Files are sorted by path, so indexes order like paths; an edge to nothing comes last. */
	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	if (left->to != right->to)
		return left->to < right->to ? -1 : 1;
	order = strcmp(left->name, right->name);
	if (!order)
		order = (left->kind > right->kind) - (left->kind < right->kind);
	return order ? order : strcmp(left->id, right->id);
}

/* Writes what one consumer binds into its edges; a provider no work knows of has none. */
static void note_bound(struct builder *builder, uint32_t file, const struct bindings *bindings,
		       struct arena *scratch)
{
	const struct load_set *load = builder->files.ptr[file].load;

	for (size_t i = 0; i < load->edge_count; i++) {
		struct graph_edge edge = describe_edge(builder, load, &load->edges[i], file);
		const struct map_entry *known;

		if (load->edges[i].from != 0 || edge.to == GRAPH_NONE)
			continue;
		known = map_get(&builder->index_by_edge,
				slice_text(edge_key(builder, scratch, &edge, edge.name)));
		if (known)
			builder->edges.ptr[known->value].symbols_bound = bindings->edge_symbols[i];
	}
}

/* Symbols each consumer binds from its direct providers when it is the root itself. */
static void bind_consumers(struct builder *builder)
{
	for (uint32_t i = 0; builder->input->binder && i < builder->files.len; i++) {
		const struct load_set *load = builder->files.ptr[i].load;
		const struct bindings *bindings;
		struct arena scratch;

		if (!load || load->is_static)
			continue;
		arena_init(&scratch);
		if (bind_consumer(builder->input->binder, load, 0, &scratch, &bindings) ==
		    STATUS_OK)
			note_bound(builder, i, bindings, &scratch);
		arena_release(&scratch);
	}
}

/* ---- works ---- */

static int compare_index(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void fill_members(struct builder *builder, const struct load_set *load,
			 struct graph_work *work)
{
	uint32_t *members =
	    arena_alloc_array(builder->arena, load->object_count + 1, sizeof(*members));
	size_t count = 0, kept = 0;

	members[count++] = work->root;
	for (size_t i = 1; i < load->object_count; i++)
		if (load->objects[i].binary && !load->objects[i].auxiliary_namespace)
			members[count++] =
			    file_index(builder, binary_path(builder, load->objects[i].binary));
	qsort(members, count, sizeof(*members), compare_index);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || members[i] != members[kept - 1])
			members[kept++] = members[i];
	work->members = members;
	work->member_count = kept;
}

static void fill_missing(struct builder *builder, const struct load_set *load,
			 struct graph_work *work)
{
	const char **missing =
	    arena_alloc_array(builder->arena, load->edge_count + 1, sizeof(*missing));
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < load->edge_count; i++)
		if (load->edges[i].rule == LOADER_RULE_NOT_FOUND &&
		    load->edges[i].request != LOADER_REQUEST_AUXILIARY)
			missing[count++] = arena_strdup(builder->arena, load->edges[i].name);
	if (count)
		qsort(missing, count, sizeof(*missing), compare_text);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(missing[i], missing[kept - 1]) != 0)
			missing[kept++] = missing[i];
	work->missing = missing;
	work->missing_count = kept;
}

/* One entry per edge; two requests that lead to one edge bind the same symbols. */
static void keep_work_edges(struct builder *builder, struct graph_work *work, bool bound)
{
	size_t count = builder->work_edges.len;
	uint32_t *edges =
	    arena_copy(builder->arena, builder->work_edges.ptr, count * sizeof(*edges));

	work->edges = edges;
	work->edge_count = count;
	if (bound)
		work->edge_symbols = arena_copy(builder->arena, builder->work_symbols.ptr,
						count * sizeof(*work->edge_symbols));
	vec_push(&builder->edge_lists, edges);
}

static void fill_work_edges(struct builder *builder, const struct load_set *load,
			    struct graph_work *work)
{
	const struct bindings *bindings = NULL;
	struct map seen = {0};
	struct arena scratch;

	arena_init(&scratch);
	if (builder->input->binder &&
	    bind_symbols(builder->input->binder, load, &scratch, &bindings) != STATUS_OK)
		bindings = NULL;
	for (size_t i = 0; bindings && i < bindings->count; i++)
		work->bindings += bindings->list[i].provider != LOADER_NONE;
	work->unprovided = bindings ? bindings->unprovided_count : 0;
	builder->work_edges.len = builder->work_symbols.len = 0;
	for (size_t i = 0; i < load->edge_count; i++) {
		uint32_t edge = add_edge(builder, load, &load->edges[i], work->root);
		bool added;

		if (edge == GRAPH_NONE || load->objects[load->edges[i].from].auxiliary_namespace)
			continue;
		map_put(&seen, slice_text(builder->edges.ptr[edge].id), 0, &added);
		if (!added)
			continue;
		vec_push(&builder->work_edges, edge);
		vec_push(&builder->work_symbols,
			 bindings ? (int64_t)bindings->edge_symbols[i] : -1);
	}
	keep_work_edges(builder, work, bindings != NULL);
	map_release(&seen);
	arena_release(&scratch);
}

static void add_works(struct builder *builder)
{
	for (size_t i = 0; i < builder->input->candidate_count; i++) {
		const struct work_candidate *candidate = &builder->input->candidates[i];
		struct graph_work work = {.root = file_index(builder, candidate->path)};

		builder->files.ptr[work.root].load = candidate->load;
		if (!candidate->is_root)
			continue;
		if (candidate->load->fatal)
			work.fatal = arena_strdup(builder->arena, candidate->load->fatal);
		fill_members(builder, candidate->load, &work);
		fill_missing(builder, candidate->load, &work);
		fill_work_edges(builder, candidate->load, &work);
		vec_push(&builder->works, work);
	}
}

/* Providers outside the artifact are consumers too: their own load sets, for their edges. */
static void load_providers(struct builder *builder)
{
	for (size_t i = 0; builder->input->binder && i < builder->files.len; i++) {
		struct graph_file *file = &builder->files.ptr[i];

		if (file->load || !file->facts ||
		    (file->facts->identity->type != FACTS_TYPE_SHARED &&
		     file->facts->identity->type != FACTS_TYPE_EXECUTABLE))
			continue;
		if (loader_load(builder->input->loader, file->binary, file->path, builder->arena,
				&file->load) != STATUS_OK)
			file->load = NULL;
	}
}

/* ---- the finished graph ---- */

struct work_edge {
	uint32_t edge;
	int64_t symbols;
};

static int compare_work_edges(const void *a, const void *b)
{
	return compare_index(&((const struct work_edge *)a)->edge,
			     &((const struct work_edge *)b)->edge);
}

/* Sorts the edges of all works after the edges themselves have got their final places. */
static void renumber(struct builder *builder, const uint32_t *moved)
{
	for (size_t i = 0; i < builder->works.len; i++) {
		struct graph_work *work = &builder->works.ptr[i];
		uint32_t *edges = builder->edge_lists.ptr[i];
		struct work_edge *pairs =
		    arena_alloc_array(builder->arena, work->edge_count + 1, sizeof(*pairs));
		int64_t *symbols =
		    arena_alloc_array(builder->arena, work->edge_count + 1, sizeof(*symbols));

		for (size_t j = 0; j < work->edge_count; j++)
			pairs[j] = (struct work_edge){
			    moved[edges[j]], work->edge_symbols ? work->edge_symbols[j] : -1};
		qsort(pairs, work->edge_count, sizeof(*pairs), compare_work_edges);
		for (size_t j = 0; j < work->edge_count; j++) {
			edges[j] = pairs[j].edge;
			symbols[j] = pairs[j].symbols;
		}
		if (work->edge_symbols)
			work->edge_symbols = symbols;
	}
}

static int compare_edge_places(const void *a, const void *b, void *edges)
{
	const struct graph_edge *list = edges;

	return compare_edges(&list[*(const uint32_t *)a], &list[*(const uint32_t *)b]);
}

static const struct graph_edge *sort_edges(struct builder *builder)
{
	size_t count = builder->edges.len;
	uint32_t *order = arena_alloc_array(builder->arena, count + 1, sizeof(*order));
	uint32_t *moved = arena_alloc_array(builder->arena, count + 1, sizeof(*moved));
	struct graph_edge *sorted = arena_alloc_array(builder->arena, count + 1, sizeof(*sorted));

	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), compare_edge_places, builder->edges.ptr);
	for (uint32_t i = 0; i < count; i++) {
		moved[order[i]] = i;
		sorted[i] = builder->edges.ptr[order[i]];
	}
	renumber(builder, moved);
	return sorted;
}

const struct graph *graph_build(const struct graph_input *input, struct arena *arena)
{
	struct builder builder = {.input = input, .arena = arena};
	struct graph *graph = arena_alloc(arena, sizeof(*graph));

	list_files(&builder);
	describe_files(&builder);
	add_works(&builder);
	load_providers(&builder);
	bind_consumers(&builder);
	graph->edges = sort_edges(&builder);
	graph->edge_count = builder.edges.len;
	graph->files =
	    arena_copy(arena, builder.files.ptr, builder.files.len * sizeof(*graph->files));
	graph->file_count = builder.files.len;
	graph->works =
	    arena_copy(arena, builder.works.ptr, builder.works.len * sizeof(*graph->works));
	graph->work_count = builder.works.len;
	vec_release(&builder.files);
	vec_release(&builder.edges);
	vec_release(&builder.works);
	vec_release(&builder.work_edges);
	vec_release(&builder.work_symbols);
	vec_release(&builder.edge_lists);
	map_release(&builder.index_by_path);
	map_release(&builder.index_by_edge);
	return graph;
}
