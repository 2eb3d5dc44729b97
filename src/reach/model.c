/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/model.h"

#include <elf.h>
#include <fnmatch.h>
#include <string.h>

#include "reach/alternatives.h"
#include "reach/listed.h"
#include "reach/policy.h"
#include "util/path.h"
#include "util/table.h"

/* Rows of data/system-libraries.tsv: who may count under which profile. */
struct system_row {
	const char *pattern;
	uint32_t profiles;
};

struct system_rows {
	const struct system_row *list;
	size_t count;
};

static struct system_rows read_system_rows(const char *data, struct diags *diags,
					   struct arena *arena)
{
	struct system_rows rows = {NULL, 0};
	struct system_row *list;
	struct table table;
	size_t pattern, profiles;

	if (table_open(data, "system-libraries", arena, diags, &table) != STATUS_OK)
		return rows;
	pattern = table_column(&table, "pattern", diags);
	profiles = table_column(&table, "profiles", diags);
	list = arena_alloc_array(arena, table.rows + 1, sizeof(*list));
	for (size_t i = 0; i < table.rows; i++) {
		struct slice rest = slice_text(table_field(&table, i, profiles)), word;

		list[i].pattern = table_field(&table, i, pattern);
		while (slice_token(&rest, ",", &word)) {
			if (slice_equal_text(word, "gpl3"))
				list[i].profiles |= 1u << SYSTEM_LIBS_GPL3;
			if (slice_equal_text(word, "distro"))
				list[i].profiles |= 1u << SYSTEM_LIBS_DISTRO;
		}
	}
	rows.list = list;
	rows.count = table.rows;
	return rows;
}

static uint32_t system_profiles(const struct system_rows *rows, const struct graph_file *file)
{
	const char *name = file->facts && file->facts->identity->soname.length
			       ? facts_text(file->facts, file->facts->identity->soname)
			       : path_name(file->path);

	for (size_t i = 0; i < rows->count; i++)
		if (fnmatch(rows->list[i].pattern, name, 0) == 0)
			return rows->list[i].profiles;
	return 0;
}

/* The id of the owner; of embedded code without its version, so that findings keep theirs. */
static const char *component_name(const struct graph_file *file, struct arena *arena)
{
	if (!file->component)
		return "";
	if (!file->is_component)
		return file->component->id;
	return arena_slice(arena, slice_of(file->component->id, strcspn(file->component->id, "@")));
}

/* LTO compiles all objects as one, and no part of a static PIE can be put in another's place. */
static const char *fused_how(const struct graph_file *file)
{
	const struct facts *facts = file->facts;

	if (!facts)
		return NULL;
	if (file->debug && file->debug->lto)
		return "with LTO";
	for (size_t i = 0; i < facts->sections_count; i++)
		if (strncmp(facts_text(facts, facts->sections[i].name), ".gnu.lto_", 9) == 0)
			return "with LTO";
	if (facts->identity->type == FACTS_TYPE_STATIC && facts->identity->elf_type == ET_DYN)
		return "as a static PIE";
	if (facts->identity->dynamic_flags & DF_SYMBOLIC)
		return "with -Bsymbolic";
	return NULL;
}

static void fill_node(const struct system_rows *rows, const struct graph_file *file,
		      enum listening listens, struct reach_node *node, struct arena *arena)
{
	*node = (struct reach_node){
	    .id = file->path,
	    .component = component_name(file, arena),
	    .component_name = file->component ? file->component->name : "",
	    .source_name = file->component ? file->component->source_name : "",
	    .licence = file->licence,
	    .shipped = file->shipped,
	    .own = file->own,
	    .modified = file->modified || file->component_modified,
	    .unproven = file->unproven,
	    .difference = file->difference,
	    .verified = file->comparison && file->comparison->unmodified,
	    .system_profiles = file->is_component ? 0 : system_profiles(rows, file),
	    .is_component = file->is_component,
	    .has_constructors =
		file->facts && (file->facts->identity->flags & FACTS_HAS_CONSTRUCTORS) != 0,
	    .listens = listens == LISTENS,
	    .may_listen = listens == LISTENS_MAYBE,
	    .fused = fused_how(file),
	};
}

/*
 * The mode of each file by the scopes of the policy. A component inside files is distributed as
 * those files are, by the one that is conveyed first of all.
 */
static void fill_modes(const struct graph *graph, const struct policy *policy,
		       enum reach_distribution general, struct reach_node *nodes)
{
	if (!policy || !policy->scope_count)
		return;
	for (size_t i = 0; i < graph->file_count; i++) {
		const struct policy_scope *scope = policy_scope_of(policy, graph->files[i].path);

		nodes[i].has_mode = true;
		nodes[i].mode = scope ? (enum reach_distribution)scope->mode : general;
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		struct reach_node *inside;

		if (graph->edges[i].to == GRAPH_NONE || graph->edges[i].to < graph->file_count)
			continue;
		inside = &nodes[graph->edges[i].to];
		if (!inside->has_mode || nodes[graph->edges[i].from].mode < inside->mode)
			inside->mode = nodes[graph->edges[i].from].mode;
		inside->has_mode = true;
	}
}

static const char *evidence_text(const struct graph_edge *edge, struct arena *arena)
{
	if (edge->embedded && edge->embedded->basis != EMBEDDED_BY_CODE)
		return arena_printf(arena, "%s names %s", edge->embedded->signs[0].type,
				    edge->name);
	if (edge->embedded)
		return arena_printf(arena, "%u functions of %s in the code",
				    edge->embedded->functions, edge->name);
	if (edge->symbols_back)
		return arena_printf(
		    arena, "%s %s (which binds %lld symbol%s of its host)", edge->found->evidence,
		    edge->name, (long long)edge->symbols_back, edge->symbols_back == 1 ? "" : "s");
	if (edge->inlined)
		return arena_printf(arena, "%s code of the headers of %s", INLINE_EVIDENCE,
				    edge->name);
	return arena_printf(
	    arena, "%s %s",
	    edge->found ? edge->found->evidence : loader_request_text(edge->request), edge->name);
}

/* The answer for the vendor's terms among those of a file. */
static enum reach_listed is_listed(const struct listed *listed, const struct graph_file *file)
{
	const struct expression *expression = file->licence->expression;

	for (size_t i = 0; expression && i < expression->count; i++) {
		enum reach_listed answer;

		if (expression->steps[i].op != EXPRESSION_TERM)
			continue;
		answer = listed_find(listed, expression->steps[i].term.id, file->path,
				     file->component ? file->component->id : "",
				     file->component ? file->component->version : "");
		if (answer != LISTED_UNKNOWN)
			return answer;
	}
	return LISTED_UNKNOWN;
}

/* Counts the edges that lead to a file; ret_places: their new places, GRAPH_NONE for the others. */
static struct reach_edge *fill_edges(const struct graph *graph, uint32_t *places, size_t *ret_count,
				     struct arena *arena)
{
	struct reach_edge *edges = arena_alloc_array(arena, graph->edge_count + 1, sizeof(*edges));
	size_t count = 0;

	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		places[i] = edge->to == GRAPH_NONE ? GRAPH_NONE : (uint32_t)count;
		if (edge->to == GRAPH_NONE)
			continue;
		edges[count++] = (struct reach_edge){
		    .id = edge->id,
		    .from = edge->from,
		    .to = edge->to,
		    .kind = edge->kind,
		    .grade = edge->grade,
		    .symbols_bound = edge->symbols_bound,
		    .possible = edge->found && edge->found->possible,
		    .one_call = edge->one_call,
		    .modified = edge->modified,
		    .inline_only = edge->inlined && !edge->inlined->global,
		    .evidence = evidence_text(edge, arena),
		};
	}
	*ret_count = count;
	return edges;
}

static void fill_work(const struct graph_work *from, const uint32_t *places, struct arena *arena,
		      struct reach_work *work)
{
	uint32_t *edges = arena_alloc_array(arena, from->edge_count + 1, sizeof(*edges));
	int64_t *symbols = arena_alloc_array(arena, from->edge_count + 1, sizeof(*symbols));

	*work = (struct reach_work){
	    .root = from->root,
	    .members = from->members,
	    .member_count = from->member_count,
	    .edges = edges,
	    .edge_symbols = from->edge_symbols ? symbols : NULL,
	};
	for (size_t i = 0; i < from->edge_count; i++) {
		if (places[from->edges[i]] == GRAPH_NONE)
			continue;
		symbols[work->edge_count] = from->edge_symbols ? from->edge_symbols[i] : -1;
		edges[work->edge_count++] = places[from->edges[i]];
	}
}

bool model_asks_listening(const struct graph *graph)
{
	for (size_t i = 0; i < graph->node_count; i++) {
		const struct expression *expression =
		    graph->files[i].licence ? graph->files[i].licence->expression : NULL;

		for (size_t j = 0; expression && j < expression->count; j++)
			if (expression->steps[j].op == EXPRESSION_TERM &&
			    expression->steps[j].term.licence &&
			    expression->steps[j].term.licence->network_clause)
				return true;
	}
	return false;
}

const struct reach_input *model_of_graph(const struct graph *graph,
					 const struct reach_policy *policy,
					 const struct policy *file_policy,
					 const struct notice_texts *texts,
					 const struct listening_map *listening, const char *data,
					 struct diags *diags, struct arena *arena)
{
	struct reach_input *input = arena_alloc(arena, sizeof(*input));
	struct reach_node *nodes = arena_alloc_array(arena, graph->node_count + 1, sizeof(*nodes));
	struct reach_work *works = arena_alloc_array(arena, graph->work_count + 1, sizeof(*works));
	uint32_t *places = arena_alloc_array(arena, graph->edge_count + 1, sizeof(*places));
	struct system_rows rows = read_system_rows(data, diags, arena);
	const struct listed *listed = listed_open(data, arena, diags);

	for (size_t i = 0; i < graph->node_count; i++) {
		fill_node(&rows, &graph->files[i], listening_of(listening, graph->files[i].binary),
			  &nodes[i], arena);
		nodes[i].listed = is_listed(listed, &graph->files[i]);
	}
	fill_modes(graph, file_policy, policy->distribution, nodes);
	for (size_t i = 0; texts && i < graph->node_count; i++)
		nodes[i].text_missing = texts[i].missing;
	input->nodes = nodes;
	input->node_count = graph->node_count;
	input->edges = fill_edges(graph, places, &input->edge_count, arena);
	for (size_t i = 0; i < graph->work_count; i++)
		fill_work(&graph->works[i], places, arena, &works[i]);
	input->works = works;
	input->work_count = graph->work_count;
	input->policy = *policy;
	input->file_policy = file_policy;
	input->alternatives = alternatives_open(data, arena, diags);
	return input;
}
