/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/graph.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "reach/graph_builder.h"

/* ---- files ---- */

static void list_file(struct builder *builder, const char *path, struct binary *binary,
		      bool shipped, bool is_text)
{
	bool added;

	map_put(&builder->index_by_path, slice_text(path), 0, &added);
	if (added)
		vec_push(&builder->files, ((struct graph_file){
					      .path = arena_strdup(builder->arena, path),
					      .binary = binary,
					      .shipped = shipped,
					      .is_text = is_text,
					  }));
}

static int compare_files(const void *a, const void *b)
{
	const struct graph_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

const struct load_set *graph_load_of(struct builder *builder, const char *path,
				     struct binary *binary)
{
	const struct graph_input *input = builder->input;
	const struct load_set *load = NULL;
	const struct facts *facts;
	struct map_entry *entry;
	bool added;

	entry = map_put(&builder->load_by_path, slice_text(arena_strdup(builder->arena, path)),
			(uint32_t)builder->loads.len, &added);
	if (!added)
		return builder->loads.ptr[entry->value];
	facts = binary && binary->ident.complete ? binaries_facts(input->binaries, binary) : NULL;
	if (!facts ||
	    (facts->identity->type != FACTS_TYPE_SHARED &&
	     facts->identity->type != FACTS_TYPE_EXECUTABLE) ||
	    loader_load(input->loader, binary, path, builder->arena, &load) != STATUS_OK)
		load = NULL;
	else
		loader_tell(input->loader, load);
	vec_push(&builder->loads, load);
	return load;
}

/* An ELF file behind a path, or NULL: a script, a unit, nothing. */
static struct binary *elf_at(struct builder *builder, const char *path)
{
	struct binary *binary;

	if (binaries_find(builder->input->binaries, path, &binary) != STATUS_OK ||
	    !binary->ident.is_elf)
		return NULL;
	return binary;
}

/* What the finders name: the files that ask, which are shipped, and what they lead to. */
static void list_found(struct builder *builder)
{
	const struct found_edges *found = builder->input->found;

	for (size_t i = 0; found && i < found->list.len; i++) {
		const struct found_edge *edge = &found->list.ptr[i];
		struct binary *binary;

		/* ELF files of the artifact are listed already; a host outside it is not shipped.
		 */
		binary = elf_at(builder, edge->from);
		list_file(builder, edge->from, binary,
			  builder->input->texts && texts_find(builder->input->texts, edge->from),
			  !binary);
	}
	for (size_t i = 0; found && i < found->list.len; i++) {
		const struct found_edge *edge = &found->list.ptr[i];
		const struct load_set *load;
		struct binary *binary;

		if (!edge->to)
			continue;
		binary = elf_at(builder, edge->to);
		list_file(builder, edge->to, binary, false, !binary);
		if (!binary || edge->kind != EDGE_KIND_LINK_PLUGIN)
			continue;
		load = graph_load_of(builder, edge->to, binary);
		for (size_t j = 1; load && j < load->object_count; j++)
			if (load->objects[j].binary)
				list_file(builder,
					  binaries_path(builder->input->binaries,
							load->objects[j].binary),
					  load->objects[j].binary, false, false);
	}
}

/* Shipped files first, so that a provider that is shipped too counts as shipped. */
static void list_files(struct builder *builder)
{
	const struct graph_input *input = builder->input;

	vec_each (file, &input->inventory->files) {
		struct binary *binary = NULL;

		if (binaries_find(input->binaries, file->canonical, &binary) != STATUS_OK)
			binary = NULL;
		list_file(builder, file->canonical, binary, true, false);
	}
	for (size_t i = 0; i < input->candidate_count; i++) {
		const struct load_set *load = input->candidates[i].load;

		for (size_t j = 1; input->candidates[i].is_root && j < load->object_count; j++)
			if (load->objects[j].binary)
				list_file(builder,
					  binaries_path(input->binaries, load->objects[j].binary),
					  load->objects[j].binary, false, false);
	}
	list_found(builder);
	if (builder->files.len)
		qsort(builder->files.ptr, builder->files.len, sizeof(*builder->files.ptr),
		      compare_files);
	map_release(&builder->index_by_path);
	for (size_t i = 0; i < builder->files.len; i++)
		map_put(&builder->index_by_path, slice_text(builder->files.ptr[i].path),
			(uint32_t)i, NULL);
}

const char *graph_binary_path(const struct builder *builder, const struct binary *binary)
{
	return binaries_path(builder->input->binaries, binary);
}

uint32_t graph_file_index(const struct builder *builder, const char *path)
{
	const struct map_entry *entry = map_get(&builder->index_by_path, slice_text(path));

	return entry ? entry->value : GRAPH_NONE;
}

/* Who owns each file, and under which licence it stands. */
static void describe_files(struct builder *builder)
{
	const struct graph_input *input = builder->input;

	vec_each (file, &builder->files) {
		const char *container =
		    file->binary ? binaries_container(input->binaries, file->binary) : NULL;
		const char *path = container ? container : file->path;
		struct licence_query query = {.path = path};
		struct provider_query owner = {
		    .path = path, .index = input->embedded ? input->embedded->index : NULL};

		if (file->binary && file->binary->ident.complete)
			file->facts = binaries_facts(input->binaries, file->binary);
		if (file->facts && file->facts->identity->soname.length)
			owner.soname = facts_text(file->facts, file->facts->identity->soname);
		if (file->facts) {
			owner.machine = file->facts->identity->machine;
			owner.is_64 = file->facts->identity->elf_class == ELFCLASS64;
			owner.facts = file->facts;
		}
		if (file->binary && file->binary->id < input->debug_count)
			file->debug = input->debug[file->binary->id];
		if (!input->providers)
			continue;
		file->component = providers_find(input->providers, &owner, &file->origin);
		if (file->component && !*file->component->purl)
			file->carrier = providers_ask(input->providers, "carrier", &owner);
		if (!input->licences)
			continue;
		query.soname = owner.soname;
		query.component = file->component;
		query.known = providers_ask(input->providers, "known", &owner);
		query.facts = file->facts;
		query.debug = file->debug;
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
		    : from	    ? graph_file_index(builder, graph_binary_path(builder, from))
				    : GRAPH_NONE,
	    .to = to && to->binary
		      ? graph_file_index(builder, graph_binary_path(builder, to->binary))
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

uint32_t graph_add_edge(struct builder *builder, const struct load_set *load,
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

/* The edge a finder found; several places that say the same are one. */
static uint32_t add_found_edge(struct builder *builder, const struct found_edge *found)
{
	struct graph_edge edge = {
	    .from = graph_file_index(builder, found->from),
	    .to = found->to ? graph_file_index(builder, found->to) : GRAPH_NONE,
	    .rule = LOADER_RULE_NOT_FOUND,
	    .found_at = found->to,
	    .kind = found->kind,
	    .grade = found->grade,
	    .symbols_bound = -1,
	    .found = found,
	};
	const char *key =
	    arena_printf(builder->arena, "%s\n%s\n%s\n%s\n%s", edge_kind_text(found->kind),
			 found->evidence, found->from, found->name, found->to ? found->to : "");
	bool added;
	struct map_entry *entry =
	    map_put(&builder->index_by_edge, slice_text(key), (uint32_t)builder->edges.len, &added);

	if (!added)
		return entry->value;
	edge.id = arena_printf(builder->arena, "e-%016llx",
			       (unsigned long long)map_hash(slice_text(key)));
	edge.name = arena_strdup(builder->arena, found->name);
	vec_push(&builder->edges, edge);
	return entry->value;
}

/* Found edges are sorted by where they start, and so are files. */
static void add_found_edges(struct builder *builder)
{
	const struct found_edges *found = builder->input->found;

	builder->found_first = arena_alloc_array(builder->arena, builder->files.len + 2,
						 sizeof(*builder->found_first));
	for (size_t i = 0; found && i < found->list.len; i++) {
		uint32_t from = graph_file_index(builder, found->list.ptr[i].from);

		vec_push(&builder->found_edges, add_found_edge(builder, &found->list.ptr[i]));
		builder->found_first[from + 1]++;
	}
	for (size_t i = 0; i < builder->files.len; i++)
		builder->found_first[i + 1] += builder->found_first[i];
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

/* Providers outside the artifact are consumers too: their own load sets, for their edges. */
static void load_providers(struct builder *builder)
{
	vec_each (file, &builder->files)
		if (builder->input->binder && !file->load && file->facts)
			file->load = graph_load_of(builder, file->path, file->binary);
}

/* ---- the finished graph ---- */

int graph_compare_index(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

struct work_edge {
	uint32_t edge;
	int64_t symbols;
};

static int compare_work_edges(const void *a, const void *b)
{
	return graph_compare_index(&((const struct work_edge *)a)->edge,
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
	graph_add_components(&builder);
	add_found_edges(&builder);
	graph_add_embedded_edges(&builder);
	graph_add_works(&builder);
	load_providers(&builder);
	graph_describe_plugins(&builder);
	bind_consumers(&builder);
	graph->edges = sort_edges(&builder);
	graph->edge_count = builder.edges.len;
	graph->files =
	    arena_copy(arena, builder.files.ptr, builder.files.len * sizeof(*graph->files));
	graph->file_count = builder.file_count;
	graph->node_count = builder.files.len;
	graph->works =
	    arena_copy(arena, builder.works.ptr, builder.works.len * sizeof(*graph->works));
	graph->work_count = builder.works.len;
	vec_release(&builder.files);
	vec_release(&builder.edges);
	vec_release(&builder.works);
	vec_release(&builder.loads);
	vec_release(&builder.found_edges);
	vec_release(&builder.embedded_edges);
	map_release(&builder.load_by_path);
	vec_release(&builder.edge_lists);
	map_release(&builder.index_by_path);
	map_release(&builder.index_by_edge);
	return graph;
}
