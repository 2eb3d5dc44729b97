/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of a scan: the graph, its owners and licences, as plain data. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/vec.h"

struct builder {
	const struct view_input *input;
	struct arena *arena;
	struct view_file *files;
	struct view_edge *edges;
	VEC(const struct component *) components;
	struct map index_by_component;
	const uint32_t *edge_of_model; /* the view's edge behind each edge of the model */
};

struct view_tool view_tool(void)
{
	return (struct view_tool){"elfleft", ELFLEFT_VERSION};
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

static struct view_licence copy_licence(struct arena *arena, const struct file_licence *licence)
{
	return (struct view_licence){
	    .text = arena_strdup(arena, licence->text),
	    .original = arena_strdup(arena, licence->original),
	    .source = licence_source_text(licence->source),
	    .confidence = licence_confidence_text(licence->confidence),
	    .path = arena_strdup(arena, licence->path),
	    .detail = arena_strdup(arena, licence->detail),
	    .label = licence->label ? arena_strdup(arena, licence->label->text) : NULL,
	};
}

static void fill_digest(struct builder *builder, const struct graph_file *from,
			struct view_file *file)
{
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;

	if (!builder->input->digests || !from->shipped || !from->binary ||
	    binaries_digest(builder->input->binaries, from->binary, &digest) != STATUS_OK)
		return;
	digest_format(&digest, text);
	file->sha256 = arena_strdup(builder->arena, text);
}

static void fill_file(struct builder *builder, const struct graph_file *from,
		      struct view_file *file)
{
	*file = (struct view_file){
	    .path = arena_strdup(builder->arena, from->path),
	    .type = from->is_component ? "component"
		    : from->is_text    ? "text"
				       : "other",
	    .machine = "",
	    .shipped = from->shipped,
	    .component = VIEW_NONE,
	    .origin = from->origin,
	    .carrier = from->carrier ? arena_strdup(builder->arena, from->carrier->purl) : NULL,
	    .status = from->is_text || from->is_component ? "ok" : file_status(from->binary),
	    .licence = copy_licence(builder->arena, from->licence),
	};
	if (from->comparison)
		file->verdict = from->comparison->verdict;
	if (from->binary)
		file->size = from->binary->file.size;
	if (from->facts)
		fill_facts(builder, from->facts, file);
	if (from->component)
		file->component = component_index(builder, from->component);
	fill_digest(builder, from, file);
}

static void fill_files(struct builder *builder)
{
	const struct graph *graph = builder->input->graph;

	builder->files =
	    arena_alloc_array(builder->arena, graph->node_count + 1, sizeof(*builder->files));
	for (size_t i = 0; i < graph->node_count; i++)
		fill_file(builder, &graph->files[i], &builder->files[i]);
}

static const char *const *copy_texts(struct arena *arena, const char *const *texts, size_t count)
{
	const char **copy = arena_alloc_array(arena, count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, texts[i]);
	return copy;
}

const char *const *view_outcomes(uint32_t outcomes, struct arena *arena, size_t *ret_count)
{
	const char **list = arena_alloc_array(arena, OUTCOME_CONFLICT + 1, sizeof(*list));
	size_t count = 0;

	for (unsigned i = OUTCOME_CLEAR; i <= OUTCOME_CONFLICT; i++)
		if (outcomes & (1u << i))
			list[count++] = outcome_text((enum outcome)i);
	if (!count)
		list[count++] = outcome_text(OUTCOME_CLEAR);
	*ret_count = count;
	return list;
}

static const struct view_work *fill_works(struct builder *builder)
{
	const struct graph *graph = builder->input->graph;
	struct arena *arena = builder->arena;
	struct view_work *works = arena_alloc_array(arena, graph->work_count + 1, sizeof(*works));

	for (size_t i = 0; i < graph->work_count; i++) {
		const struct graph_work *from = &graph->works[i];
		static const struct work_verdict none;
		const struct work_verdict *verdict =
		    builder->input->result ? &builder->input->result->verdicts[i] : &none;

		works[i] = (struct view_work){
		    .program = from->root,
		    .plugin = from->plugin,
		    .members = arena_copy(arena, from->members,
					  from->member_count * sizeof(*from->members)),
		    .member_count = from->member_count,
		    .bindings = from->bindings,
		    .unprovided = from->unprovided,
		    .licences = copy_texts(arena, verdict->licences, verdict->licence_count),
		    .licence_count = verdict->licence_count,
		    .missing = copy_texts(arena, from->missing, from->missing_count),
		    .missing_count = from->missing_count,
		    .fatal = from->fatal ? arena_strdup(arena, from->fatal) : NULL,
		};
		works[i].weight = outcome_highest(verdict->outcomes);
		works[i].outcomes =
		    view_outcomes(verdict->outcomes, arena, &works[i].outcome_count);
	}
	return works;
}

static const char *citation_check_text(enum citation_check check)
{
	return check == CITATION_TEXT ? "text" : check == CITATION_QUOTED ? "quoted" : "no";
}

static void fill_finding(struct builder *builder, const struct finding *from,
			 struct view_finding *finding)
{
	struct arena *arena = builder->arena;
	uint32_t *path = arena_alloc_array(arena, from->path_count + 1, sizeof(*path));
	struct view_citation *citations =
	    arena_alloc_array(arena, from->citation_count + 1, sizeof(*citations));

	for (size_t i = 0; i < from->path_count; i++)
		path[i] = builder->edge_of_model[from->path[i]];
	for (size_t i = 0; i < from->citation_count; i++)
		citations[i] =
		    (struct view_citation){arena_strdup(arena, from->citations[i].text),
					   citation_check_text(from->citations[i].check)};
	*finding = (struct view_finding){
	    .id = arena_strdup(arena, from->id),
	    .rule = arena_strdup(arena, from->rule),
	    .title = arena_strdup(arena, from->title),
	    .weight = outcome_highest(from->outcomes),
	    .contested = from->contested,
	    .subject = from->subject,
	    .subjects =
		arena_copy(arena, from->subjects, from->subject_count * sizeof(*from->subjects)),
	    .subject_count = from->subject_count,
	    .provider = from->provider == REACH_NONE ? VIEW_NONE : from->provider,
	    .licence = arena_strdup(arena, from->licence ? from->licence : ""),
	    .path = path,
	    .path_count = from->path_count,
	    .works = arena_copy(arena, from->works, from->work_count * sizeof(*from->works)),
	    .work_count = from->work_count,
	    .citations = citations,
	    .citation_count = from->citation_count,
	    .message = arena_strdup(arena, from->message),
	    .remedy = arena_strdup(arena, from->remedy ? from->remedy : ""),
	};
	finding->outcomes = view_outcomes(from->outcomes, arena, &finding->outcome_count);
}

static void fill_findings(struct builder *builder, struct view *view)
{
	static const struct reach_result none;
	const struct reach_result *result = builder->input->result ? builder->input->result : &none;
	struct view_finding *findings =
	    arena_alloc_array(builder->arena, result->finding_count + 1, sizeof(*findings));
	enum outcome highest = OUTCOME_CLEAR;

	for (size_t i = 0; i < result->finding_count; i++) {
		fill_finding(builder, &result->findings[i], &findings[i]);
		if (outcome_highest(result->findings[i].outcomes) > highest)
			highest = outcome_highest(result->findings[i].outcomes);
	}
	view->findings = findings;
	view->finding_count = result->finding_count;
	for (size_t i = 0; i < view->finding_count; i++)
		findings[i].waiver = VIEW_NONE;
	if (builder->input->gate)
		view_gate_build(builder->input->gate, findings, view, builder->arena);
	view->outcome = builder->input->result ? outcome_text(highest) : NULL;
}

static int compare_components(const void *a, const void *b)
{
	const struct component *const *left = a, *const *right = b;

	return strcmp((*left)->id, (*right)->id);
}

static void copy_component(struct builder *builder, const struct component *component,
			   struct view_component *ret)
{
	struct arena *arena = builder->arena;
	const char *const *licences;
	size_t count;

	licences_of_package(builder->input->licences, component, &licences, &count);
	*ret = (struct view_component){
	    .id = arena_strdup(arena, component->id),
	    .name = arena_strdup(arena, component->name),
	    .version = arena_strdup(arena, component->version),
	    .source_name = arena_strdup(arena, component->source_name),
	    .source_version = arena_strdup(arena, component->source_version),
	    .purl = arena_strdup(arena, component->purl),
	    .licences = copy_texts(arena, licences, count),
	    .licence_count = count,
	    .licence_path = arena_strdup(arena, component->copyright_path),
	    .note = arena_strdup(arena, component->note),
	};
}

/* The heaviest class of any branch: what a file's licence may ask for at most. */
static enum licence_class class_of(const struct file_licence *licence)
{
	enum licence_class class = LICENCE_CLASS_PUBLIC_DOMAIN;

	if (!licence->expression)
		return LICENCE_CLASS_UNKNOWN;
	for (size_t i = 0; i < licence->expression->count; i++) {
		const struct expression_step *step = &licence->expression->steps[i];
		enum licence_class own;

		if (step->op != EXPRESSION_TERM)
			continue;
		own = step->term.licence ? step->term.licence->class : LICENCE_CLASS_UNKNOWN;
		if (own > class)
			class = own;
	}
	return class;
}

/* What the files of a component stand under together; not known when one of them is not. */
struct joined_licence {
	const struct expression *joined;
	bool begun, known;
};

static void join_licence(struct joined_licence *joined, const struct file_licence *licence,
			 struct arena *arena)
{
	joined->known = (!joined->begun || joined->known) && licence->expression;
	joined->begun = true;
	if (joined->known)
		joined->joined =
		    expression_join(EXPRESSION_AND, joined->joined, licence->expression, arena);
}

/* Sorts the components by id and points the files at their new places. */
static void fill_components(struct builder *builder, struct view *view)
{
	size_t count = builder->components.len;
	const struct component **sorted =
	    arena_alloc_array(builder->arena, count + 1, sizeof(struct component *));
	uint32_t *moved = arena_alloc_array(builder->arena, count + 1, sizeof(*moved));
	enum licence_class *classes =
	    arena_alloc_array(builder->arena, count + 1, sizeof(*classes));
	struct joined_licence *licences =
	    arena_alloc_array(builder->arena, count + 1, sizeof(*licences));
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
	for (size_t i = 0; i < builder->input->graph->node_count; i++) {
		struct view_file *file = &builder->files[i];
		const struct file_licence *licence = builder->input->graph->files[i].licence;
		enum licence_class class = class_of(licence);

		if (file->component == VIEW_NONE)
			continue;
		file->component = moved[file->component];
		components[file->component].file_count += i < builder->input->graph->file_count;
		join_licence(&licences[file->component], licence, builder->arena);
		if (class > classes[file->component])
			classes[file->component] = class;
	}
	for (size_t i = 0; i < count; i++) {
		components[i].class = licence_class_text(classes[i]);
		components[i].licence =
		    licences[i].known && licences[i].joined
			? arena_strdup(builder->arena,
				       expression_print(licences[i].joined, builder->arena))
			: "NOASSERTION";
	}
	for (size_t i = 0; i < view->edge_count; i++)
		if (view->edges[i].inside || view->edges[i].inlined)
			components[builder->files[view->edges[i].to].component].inside++;
	view->components = components;
	view->component_count = count;
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

static void fill_coverage(const struct view_input *input, struct view *view)
{
	const struct found_coverage *found = &input->found;
	struct view_coverage *coverage = &view->coverage;

	coverage->calls = found->looked;
	coverage->code_bytes = found->code_bytes;
	coverage->code_bytes_selected = found->code_bytes_selected;
	coverage->code_bytes_decoded = found->code_bytes_decoded;
	coverage->code_files_not_decoded = found->code_files_not_decoded;
	coverage->code_files_unnamed = found->code_files_unnamed;
	coverage->call_sites_total = found->call_sites;
	coverage->call_sites_resolved = found->call_sites_recovered;
	coverage->text_sites_total = found->text_sites;
	coverage->text_sites_resolved = found->text_sites_recovered;
	view_inside_coverage(input->embedded, coverage);
	view_inline_coverage(input->inlined, coverage);
	coverage->files_listed = view->file_count;
	for (size_t i = 0; i < view->file_count; i++) {
		const struct view_file *file = &view->files[i];

		coverage->files_total += file->shipped;
		coverage->files_analysed += file->shipped && strcmp(file->status, "ok") == 0;
		coverage->files_owned += file->component != VIEW_NONE;
		coverage->files_with_licence += strcmp(file->licence.text, "NOASSERTION") != 0;
	}
	for (size_t i = 0; i < view->edge_count; i++) {
		if (view->edges[i].to == VIEW_NONE || view->edges[i].symbols_bound < 0)
			continue;
		coverage->edges_total++;
		coverage->edges_unused += view->edges[i].symbols_bound == 0;
	}
}

static struct view_policy describe_policy(const struct view_input *input, struct arena *arena)
{
	static const char *const distributions[] = {"binary", "network", "internal"};
	static const char *const profiles[] = {"strict", "gpl3", "distro"};
	static const char *const unused[] = {"counts", "review", "ignore"};
	static const char *const dynamic[] = {"fsf", "review"};
	const struct reach_policy *policy = &input->policy;

	return (struct view_policy){
	    .distribution = distributions[policy->distribution],
	    .system_libs = profiles[policy->system_libs],
	    .unused_needed = unused[policy->unused_needed],
	    .gpl_dynamic = dynamic[policy->gpl_dynamic],
	    .distribution_from = "default",
	    .system_libs_from = "default",
	    .unused_needed_from = "default",
	    .gpl_dynamic_from = "default",
	    .data_date = arena_strdup(arena, knowledge_date(input->knowledge)),
	    .data_digest = arena_strdup(arena, knowledge_digest(input->knowledge)),
	};
}

static void fill_totals(struct view *view)
{
	const struct view_file *only = NULL;
	size_t shipped = 0;

	for (size_t i = 0; i < view->file_count; i++) {
		if (view->files[i].shipped)
			only = &view->files[i];
		shipped += view->files[i].shipped;
	}
	if (shipped == 1 && strcmp(view->artifact.type, "file") == 0)
		view->artifact.sha256 = only->sha256;
	for (size_t i = 0; i < view->work_count; i++) {
		view->coverage.imports_total += view->works[i].bindings + view->works[i].unprovided;
		view->coverage.imports_attributed += view->works[i].bindings;
	}
}

const struct view *view_build(const struct view_input *input, struct arena *arena)
{
	struct builder builder = {.input = input, .arena = arena};
	struct view *view = arena_alloc(arena, sizeof(*view));

	fill_files(&builder);
	view_inside_files(input->embedded, builder.files, input->graph->file_count, arena);
	view_device_build(&input->device, builder.files, input->graph->file_count, arena);
	view_inline_files(input->inlined, builder.files, input->graph->file_count, arena);
	builder.edges = view_edges_build(input, arena, &builder.edge_of_model);
	*view = (struct view){
	    .tool = view_tool(),
	    .artifact = input->artifact,
	    .policy = describe_policy(input, arena),
	    .files = builder.files,
	    .file_count = input->graph->file_count,
	    .node_count = input->graph->node_count,
	    .edges = builder.edges,
	    .edge_count = input->graph->edge_count,
	    .works = fill_works(&builder),
	    .work_count = input->graph->work_count,
	};
	view->verifications = view_verifications(input->graph, arena, &view->verification_count);
	fill_totals(view);
	fill_components(&builder, view);
	fill_findings(&builder, view);
	view_obligations_build(input, view, arena);
	fill_coverage(input, view);
	/* Last: reading files and owners above may have added diagnostics. */
	view->diagnostics = view_diagnostics(input->diags, arena, &view->diagnostic_count);
	view->complete = !diags_incomplete(input->diags);
	vec_release(&builder.components);
	map_release(&builder.index_by_component);
	return view;
}
