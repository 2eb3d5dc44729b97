/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of a scan: files, components, edges and works, sorted and with indexes resolved. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/vec.h"

struct listed_file {
	const char *path;
	struct binary *binary; /* NULL when it could not be opened */
	bool shipped;
};

struct builder {
	const struct view_input *input;
	struct arena *arena;
	VEC(struct listed_file) listed; /* in order of view files once sorted */
	struct map index_by_path;	/* path -> index into listed */
	struct view_file *files;
	VEC(const struct component *) components;
	struct map index_by_component;
	VEC(struct view_edge) edges;
	VEC(enum loader_rule) edge_rules; /* beside edges */
	struct map index_by_edge;
	VEC(struct view_work) works;
};

struct view_tool view_tool(void)
{
	return (struct view_tool){"elfleft", ELFLEFT_VERSION};
}

static void list_file(struct builder *builder, const char *path, struct binary *binary,
		      bool shipped)
{
	bool added;

	map_put(&builder->index_by_path, slice_text(path), 0, &added);
	if (added)
		vec_push(&builder->listed, ((struct listed_file){path, binary, shipped}));
}

static int compare_listed(const void *a, const void *b)
{
	const struct listed_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

/* Shipped files first, so that a provider that is shipped too counts as shipped. */
static void list_files(struct builder *builder)
{
	const struct view_input *input = builder->input;

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
				list_file(builder, load->objects[j].binary->path,
					  load->objects[j].binary, false);
	}
	if (builder->listed.len)
		qsort(builder->listed.ptr, builder->listed.len, sizeof(*builder->listed.ptr),
		      compare_listed);
	map_release(&builder->index_by_path);
	for (size_t i = 0; i < builder->listed.len; i++)
		map_put(&builder->index_by_path, slice_text(builder->listed.ptr[i].path),
			(uint32_t)i, NULL);
}

static uint32_t file_index(const struct builder *builder, const char *path)
{
	const struct map_entry *entry = map_get(&builder->index_by_path, slice_text(path));

	return entry ? entry->value : VIEW_NONE;
}

static const char *optional_text(struct builder *builder, const struct facts *facts,
				 struct facts_text text)
{
	return text.length ? arena_strdup(builder->arena, facts_text(facts, text)) : NULL;
}

static void fill_needed(struct builder *builder, const struct facts *facts, struct view_file *file)
{
	const struct facts_dynamic *entry;
	const char **needed;
	size_t at = 0, count = 0;

	while (facts_dynamic_next(facts, DT_NEEDED, &at))
		count++;
	needed = arena_alloc_array(builder->arena, count + 1, sizeof(*needed));
	for (at = 0; (entry = facts_dynamic_next(facts, DT_NEEDED, &at));)
		needed[file->needed_count++] =
		    arena_strdup(builder->arena, facts_text(facts, entry->text));
	file->needed = needed;
}

static void fill_facts(struct builder *builder, const struct facts *facts, struct view_file *file)
{
	const struct facts_identity *identity = facts->identity;
	const char *machine = facts_machine_text(identity->machine);

	file->type = facts_type_text((enum facts_type)identity->type);
	file->machine =
	    machine ? machine : arena_printf(builder->arena, "machine %u", identity->machine);
	file->soname = optional_text(builder, facts, identity->soname);
	file->build_id = optional_text(builder, facts, identity->build_id);
	file->interpreter = optional_text(builder, facts, identity->interpreter);
	fill_needed(builder, facts, file);
}

static uint32_t component_index(struct builder *builder, const struct component *component)
{
	bool added;
	struct map_entry *entry = map_put(&builder->index_by_component, slice_text(component->id),
					  (uint32_t)builder->components.len, &added);

	if (added)
		vec_push(&builder->components, component);
	return entry->value;
}

static const char *file_status(const struct binary *binary)
{
	if (!binary)
		return "unreadable";
	switch (binary->status) {
	case STATUS_OK:
		return "ok";
	case STATUS_FAULT:
		return "fault";
	case STATUS_END:
	case STATUS_IO:
	case STATUS_FORMAT:
	case STATUS_LIMIT:
	case STATUS_UNSUPPORTED:
	case STATUS_NOT_FOUND:
	case STATUS_USAGE:
		break;
	}
	return "malformed";
}

static void fill_file(struct builder *builder, const struct listed_file *listed,
		      struct view_file *file)
{
	struct provider_query query = {.path = listed->path};
	const struct component *component;
	const struct facts *facts = NULL;
	struct digest digest;

	if (listed->binary)
		facts = binaries_facts(builder->input->binaries, listed->binary);
	*file = (struct view_file){
	    .path = arena_strdup(builder->arena, listed->path),
	    .type = "other",
	    .machine = "unknown",
	    .shipped = listed->shipped,
	    .component = VIEW_NONE,
	    .status = file_status(listed->binary),
	    .size = listed->binary ? listed->binary->file.size : 0,
	};
	if (facts)
		fill_facts(builder, facts, file);
	if (builder->input->digests && listed->shipped && listed->binary &&
	    binaries_digest(builder->input->binaries, listed->binary, &digest) == STATUS_OK) {
		char text[DIGEST_TEXT_SIZE];
		digest_format(&digest, text);
		file->sha256 = arena_strdup(builder->arena, text);
	}
	query.soname = file->soname;
	component = providers_find(builder->input->providers, &query, &file->origin);
	if (component)
		file->component = component_index(builder, component);
}

static void fill_files(struct builder *builder)
{
	builder->files =
	    arena_alloc_array(builder->arena, builder->listed.len + 1, sizeof(*builder->files));
	for (size_t i = 0; i < builder->listed.len; i++)
		fill_file(builder, &builder->listed.ptr[i], &builder->files[i]);
}

static const char *edge_kind(enum loader_request request)
{
	return request == LOADER_REQUEST_INTERPRETER ? "link-interp" : "link-dynamic";
}

/* A name that was loaded already says little; how the file was found the first time says more. */
static enum loader_rule finding_rule(const struct load_set *load, const struct loader_edge *edge)
{
	if (edge->rule == LOADER_RULE_LOADED_NAME && edge->to != LOADER_NONE)
		return load->objects[edge->to].rule;
	return edge->rule;
}

static const struct view_evidence *edge_evidence(struct builder *builder,
						 const struct loader_edge *edge,
						 const char *found_at, size_t *ret_count)
{
	struct view_evidence *evidence = arena_alloc_array(builder->arena, 2, sizeof(*evidence));

	evidence[0].type = loader_request_text(edge->request);
	evidence[0].detail = arena_strdup(builder->arena, edge->name);
	*ret_count = 1;
	if (found_at) {
		evidence[1].type = "found at";
		evidence[1].detail = arena_strdup(builder->arena, found_at);
		*ret_count = 2;
	}
	return evidence;
}

static void add_edge(struct builder *builder, const struct load_set *load,
		     const struct loader_edge *edge, uint32_t root_file)
{
	const struct loader_object *to = edge->to == LOADER_NONE ? NULL : &load->objects[edge->to];
	const struct binary *from = load->objects[edge->from].binary;
	const char *kind = edge_kind(edge->request), *id_text;
	enum loader_rule rule = finding_rule(load, edge);
	struct map_entry *entry;
	struct view_edge *added;
	uint32_t from_file, to_file;
	char *key;
	bool is_new;

	from_file = edge->from == 0 ? root_file
		    : from	    ? file_index(builder, from->path)
				    : VIEW_NONE;
	if (from_file == VIEW_NONE)
		return;
	to_file = to && to->binary ? file_index(builder, to->binary->path) : VIEW_NONE;
	key = arena_printf(builder->arena, "%s\n%s\n%u\n%u\n%s", kind,
			   loader_request_text(edge->request), from_file, to_file, edge->name);
	entry = map_put(&builder->index_by_edge, slice_text(key), (uint32_t)builder->edges.len,
			&is_new);
	if (!is_new) {
		/* Works may find one file by different rules; the lowest one is shown, whatever the
		 * order of works. */
		if (rule < builder->edge_rules.ptr[entry->value]) {
			builder->edge_rules.ptr[entry->value] = rule;
			builder->edges.ptr[entry->value].rule = loader_rule_text(rule);
		}
		return;
	}
	/* Ids hold paths, not indexes, so that they stay the same from run to run. */
	id_text =
	    arena_printf(builder->arena, "%s\n%s\n%s\n%s\n%s", kind,
			 loader_request_text(edge->request), builder->files[from_file].path,
			 edge->name, to_file == VIEW_NONE ? "" : builder->files[to_file].path);
	vec_push(&builder->edge_rules, rule);
	added = vec_add(&builder->edges);
	*added = (struct view_edge){
	    .id = arena_printf(builder->arena, "e-%016llx",
			       (unsigned long long)map_hash(slice_text(id_text))),
	    .from = from_file,
	    .to = to_file,
	    .name = arena_strdup(builder->arena, edge->name),
	    .kind = kind,
	    .class = "linking",
	    .grade = "linker-record",
	    .rule = loader_rule_text(rule),
	    .symbols_bound = -1,
	};
	added->evidence =
	    edge_evidence(builder, edge, to ? to->path : NULL, &added->evidence_count);
}

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
			 struct view_work *work)
{
	uint32_t *members =
	    arena_alloc_array(builder->arena, load->object_count + 1, sizeof(*members));
	size_t count = 0, kept = 0;

	members[count++] = work->program;
	for (size_t i = 1; i < load->object_count; i++)
		if (load->objects[i].binary)
			members[count++] = file_index(builder, load->objects[i].binary->path);
	qsort(members, count, sizeof(*members), compare_index);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || members[i] != members[kept - 1])
			members[kept++] = members[i];
	work->members = members;
	work->member_count = kept;
}

static void fill_missing(struct builder *builder, const struct load_set *load,
			 struct view_work *work)
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

static void fill_works(struct builder *builder)
{
	for (size_t i = 0; i < builder->input->candidate_count; i++) {
		const struct work_candidate *candidate = &builder->input->candidates[i];
		struct view_work *work;

		if (!candidate->is_root)
			continue;
		work = vec_add(&builder->works);
		*work = (struct view_work){.program = file_index(builder, candidate->path)};
		if (candidate->load->fatal)
			work->fatal = arena_strdup(builder->arena, candidate->load->fatal);
		fill_members(builder, candidate->load, work);
		fill_missing(builder, candidate->load, work);
		for (size_t j = 0; j < candidate->load->edge_count; j++)
			add_edge(builder, candidate->load, &candidate->load->edges[j],
				 work->program);
	}
}

static int compare_edges(const void *a, const void *b)
{
	const struct view_edge *left = a, *right = b;
	int order;

	/* Files are sorted by path, so indexes order like paths; an edge to nothing comes last. */
	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	if (left->to != right->to)
		return left->to < right->to ? -1 : 1;
	order = strcmp(left->name, right->name);
	if (!order)
		order = strcmp(left->kind, right->kind);
	return order ? order : strcmp(left->id, right->id);
}

static int compare_components(const void *a, const void *b)
{
	const struct component *const *left = a, *const *right = b;

	return strcmp((*left)->id, (*right)->id);
}

static const char *const *copy_texts(struct arena *arena, const char *const *texts, size_t count)
{
	const char **copy = arena_alloc_array(arena, count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, texts[i]);
	return copy;
}

static void copy_component(struct builder *builder, const struct component *component,
			   struct view_component *ret)
{
	struct arena *arena = builder->arena;

	*ret = (struct view_component){
	    .id = arena_strdup(arena, component->id),
	    .name = arena_strdup(arena, component->name),
	    .version = arena_strdup(arena, component->version),
	    .source_name = arena_strdup(arena, component->source_name),
	    .source_version = arena_strdup(arena, component->source_version),
	    .purl = arena_strdup(arena, component->purl),
	    .licences = copy_texts(arena, component->licences, component->licence_count),
	    .licence_count = component->licence_count,
	    .licence_source = licence_source_text(component->licence_source),
	    .licence_path = arena_strdup(arena, component->licence_path),
	    .note = arena_strdup(arena, component->note),
	};
}

/* Sorts the components by id and points the files at their new places. */
static const struct view_component *fill_components(struct builder *builder)
{
	size_t count = builder->components.len;
	const struct component **sorted =
	    arena_alloc_array(builder->arena, count + 1, sizeof(struct component *));
	uint32_t *moved = arena_alloc_array(builder->arena, count + 1, sizeof(*moved));
	struct view_component *components =
	    arena_alloc_array(builder->arena, count + 1, sizeof(*components));

	for (size_t i = 0; i < count; i++)
		sorted[i] = builder->components.ptr[i];
	qsort(sorted, count, sizeof(struct component *), compare_components);
	for (size_t i = 0; i < count; i++) {
		const struct map_entry *entry =
		    map_get(&builder->index_by_component, slice_text(sorted[i]->id));
		if (entry)
			moved[entry->value] = (uint32_t)i;
		copy_component(builder, sorted[i], &components[i]);
	}
	for (size_t i = 0; i < builder->listed.len; i++) {
		struct view_file *file = &builder->files[i];
		if (file->component == VIEW_NONE)
			continue;
		file->component = moved[file->component];
		components[file->component].file_count++;
	}
	return components;
}

const struct view_diagnostic *view_diagnostics(struct diags *diags, struct arena *arena,
					       size_t *ret_count)
{
	struct view_diagnostic *list;

	diags_sort(diags);
	list = arena_alloc_array(arena, diags->list.len + 1, sizeof(*list));
	for (size_t i = 0; i < diags->list.len; i++) {
		const struct diag *diag = &diags->list.ptr[i];
		const struct diag_info *info = diag_info(diag->id);

		list[i] = (struct view_diagnostic){
		    .code = info->code,
		    .level = diag_level_text(info->level),
		    .file = arena_strdup(arena, diag->file),
		    .text = info->text,
		    .message = arena_strdup(arena, diag->message),
		    .offset = diag->offset,
		};
	}
	*ret_count = diags->list.len;
	return list;
}

static void builder_release(struct builder *builder)
{
	vec_release(&builder->listed);
	vec_release(&builder->components);
	vec_release(&builder->edges);
	vec_release(&builder->edge_rules);
	vec_release(&builder->works);
	map_release(&builder->index_by_path);
	map_release(&builder->index_by_component);
	map_release(&builder->index_by_edge);
}

const struct view *view_build(const struct view_input *input, struct arena *arena)
{
	struct builder builder = {.input = input, .arena = arena};
	struct view *view = arena_alloc(arena, sizeof(*view));

	list_files(&builder);
	fill_files(&builder);
	fill_works(&builder);
	if (builder.edges.len)
		qsort(builder.edges.ptr, builder.edges.len, sizeof(*builder.edges.ptr),
		      compare_edges);
	*view = (struct view){
	    .tool = view_tool(),
	    .artifact = input->artifact,
	    .files = builder.files,
	    .file_count = builder.listed.len,
	    .components = fill_components(&builder),
	    .component_count = builder.components.len,
	    .edges = arena_copy(arena, builder.edges.ptr,
				builder.edges.len * sizeof(*builder.edges.ptr)),
	    .edge_count = builder.edges.len,
	    .works = arena_copy(arena, builder.works.ptr,
				builder.works.len * sizeof(*builder.works.ptr)),
	    .work_count = builder.works.len,
	};
	for (size_t i = 0; i < view->file_count; i++) {
		view->coverage.files_total += view->files[i].shipped;
		view->coverage.files_analysed +=
		    view->files[i].shipped && strcmp(view->files[i].status, "ok") == 0;
	}
	/* Last: reading files and owners above may have added diagnostics. */
	view->diagnostics = view_diagnostics(input->diags, arena, &view->diagnostic_count);
	view->complete = !diags_incomplete(input->diags);
	builder_release(&builder);
	return view;
}
