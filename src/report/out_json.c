/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON: the form is data/schema; keys in that order, arrays sorted. */
#include "report/json_report.h"
#include "report/reporter.h"

void json_strings(struct json *json, const char *key, const char *const *texts, size_t count)
{
	json_key(json, key);
	json_array_begin(json);
	for (size_t i = 0; i < count; i++)
		json_string(json, texts[i]);
	json_array_end(json);
}

void json_report_begin(struct json *json, const struct view_tool *tool, struct sink *sink)
{
	json_init(json, sink);
	json_object_begin(json);
	json_key_string(json, "schema_version", VIEW_SCHEMA_VERSION);
	json_key(json, "tool");
	json_object_begin(json);
	json_key_string(json, "name", tool->name);
	json_key_string(json, "version", tool->version);
	json_object_end(json);
}

void json_report_end(struct json *json)
{
	json_object_end(json);
	json_finish(json);
}

void json_key_known(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	if (value < 0)
		json_null(json);
	else
		json_integer(json, value);
}

void json_diagnostics(struct json *json, const struct view_diagnostic *list, size_t count)
{
	json_key(json, "diagnostics");
	json_array_begin(json);
	for (size_t i = 0; i < count; i++) {
		json_object_begin(json);
		json_key_string(json, "code", list[i].code);
		json_key_string(json, "level", list[i].level);
		json_key_string(json, "file", list[i].file);
		if (list[i].offset != UINT64_MAX)
			json_key_unsigned(json, "offset", list[i].offset);
		json_key_string(json, "text", list[i].text);
		json_key_string(json, "message", list[i].message);
		json_object_end(json);
	}
	json_array_end(json);
}

/* ---- scan ---- */

static void write_head(struct json *json, const struct view *view)
{
	json_key(json, "artifact");
	json_object_begin(json);
	json_key_string(json, "path", view->artifact.path);
	json_key_string(json, "type", view->artifact.type);
	json_key_string(json, "sha256", view->artifact.sha256);
	json_key_string(json, "root", view->artifact.root);
	json_object_end(json);
	json_key(json, "policy");
	json_object_begin(json);
	json_key_string(json, "distribution", view->policy.distribution);
	json_key_string(json, "system_libs", view->policy.system_libs);
	json_key_string(json, "unused_needed", view->policy.unused_needed);
	json_key_string(json, "gpl_dynamic", view->policy.gpl_dynamic);
	json_key_string(json, "data_date", view->policy.data_date);
	json_key_string(json, "data_sha256", view->policy.data_digest);
	json_key_string(json, "file", view->policy.file);
	json_key_string(json, "file_sha256", view->policy.file_digest);
	json_key(json, "from");
	json_object_begin(json);
	json_key_string(json, "distribution", view->policy.distribution_from);
	json_key_string(json, "system_libs", view->policy.system_libs_from);
	json_key_string(json, "unused_needed", view->policy.unused_needed_from);
	json_key_string(json, "gpl_dynamic", view->policy.gpl_dynamic_from);
	json_object_end(json);
	json_object_end(json);
}

static void write_components(struct json *json, const struct view *view)
{
	json_key(json, "components");
	json_array_begin(json);
	for (size_t i = 0; i < view->component_count; i++) {
		const struct view_component *component = &view->components[i];

		json_object_begin(json);
		json_key_string(json, "id", component->id);
		json_key_string(json, "name", component->name);
		json_key_string(json, "version", component->version);
		json_key_string(json, "source_name", component->source_name);
		json_key_string(json, "source_version", component->source_version);
		json_key_string(json, "purl", component->purl);
		json_key_string(json, "licence", component->licence);
		json_strings(json, "licences", component->licences, component->licence_count);
		json_key_string(json, "licence_source", component->licence_path);
		json_key_string(json, "class", component->class);
		json_key_string(json, "note", component->note);
		json_key_unsigned(json, "files", component->file_count);
		json_key_unsigned(json, "inside", component->inside);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_edges(struct json *json, const struct view *view)
{
	json_key(json, "edges");
	json_array_begin(json);
	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_edge *edge = &view->edges[i];

		json_object_begin(json);
		json_key_string(json, "id", edge->id);
		json_key_string(json, "from", view->files[edge->from].path);
		json_key_string(json, "to",
				edge->to == VIEW_NONE ? NULL : view->files[edge->to].path);
		json_key_string(json, "name", edge->name);
		json_key_string(json, "kind", edge->kind);
		json_key_string(json, "linked_as", edge->linked_as);
		json_key_string(json, "class", edge->class);
		json_key_string(json, "class_reason", edge->reason);
		json_key(json, "possible");
		json_bool(json, edge->possible);
		json_key_string(json, "grade", edge->grade);
		json_key_string(json, "rule", edge->rule);
		json_key_known(json, "symbols_bound", edge->symbols_bound);
		json_key(json, "evidence");
		json_array_begin(json);
		for (size_t j = 0; j < edge->evidence_count; j++) {
			json_object_begin(json);
			json_key_string(json, "type", edge->evidence[j].type);
			json_key_string(json, "detail", edge->evidence[j].detail);
			if (edge->evidence[j].offset != UINT64_MAX)
				json_key_unsigned(json, "offset", edge->evidence[j].offset);
			json_object_end(json);
		}
		json_array_end(json);
		json_contents_of_edge(json, edge);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_works(struct json *json, const struct view *view)
{
	json_key(json, "works");
	json_array_begin(json);
	for (size_t i = 0; i < view->work_count; i++) {
		const struct view_work *work = &view->works[i];

		json_object_begin(json);
		json_key_string(json, "program", view->files[work->program].path);
		json_key_string(json, "plugin",
				work->plugin == VIEW_NONE ? NULL : view->files[work->plugin].path);
		json_key(json, "members");
		json_array_begin(json);
		for (size_t j = 0; j < work->member_count; j++)
			json_string(json, view->files[work->members[j]].path);
		json_array_end(json);
		json_key_unsigned(json, "bindings", work->bindings);
		json_key_unsigned(json, "unprovided", work->unprovided);
		json_strings(json, "licences", work->licences, work->licence_count);
		json_strings(json, "outcomes", work->outcomes, work->outcome_count);
		json_strings(json, "missing", work->missing, work->missing_count);
		json_key_string(json, "fatal", work->fatal);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_finding(struct json *json, const struct view *view,
			  const struct view_finding *finding)
{
	json_object_begin(json);
	json_key_string(json, "id", finding->id);
	json_key_string(json, "rule", finding->rule);
	json_key_string(json, "title", finding->title);
	json_strings(json, "outcomes", finding->outcomes, finding->outcome_count);
	json_key_bool(json, "contested", finding->contested);
	json_key_string(json, "subject", view->files[finding->subject].path);
	json_key(json, "subjects");
	json_array_begin(json);
	for (size_t i = 0; i < finding->subject_count; i++)
		json_string(json, view->files[finding->subjects[i]].path);
	json_array_end(json);
	json_key_string(json, "provider",
			finding->provider == VIEW_NONE ? NULL
						       : view->files[finding->provider].path);
	json_key_string(json, "licence", finding->licence);
	json_key(json, "path");
	json_array_begin(json);
	for (size_t i = 0; i < finding->path_count; i++)
		json_string(json, view->edges[finding->path[i]].id);
	json_array_end(json);
	json_key(json, "works");
	json_array_begin(json);
	for (size_t i = 0; i < finding->work_count; i++)
		json_string(json, view->files[view->works[finding->works[i]].program].path);
	json_array_end(json);
	json_key(json, "citation");
	json_array_begin(json);
	for (size_t i = 0; i < finding->citation_count; i++) {
		json_object_begin(json);
		json_key_string(json, "text", finding->citations[i].text);
		json_key_string(json, "checked", finding->citations[i].check);
		json_object_end(json);
	}
	json_array_end(json);
	json_key_string(json, "message", finding->message);
	json_key_string(json, "remedy", finding->remedy);
	json_key_string(json, "waiver",
			finding->waiver == VIEW_NONE ? NULL
						     : view->gate.waivers[finding->waiver].place);
	json_key_bool(json, "known", finding->known);
	json_key_bool(json, "fails", finding->fails);
	json_object_end(json);
}

static void write_coverage(struct json *json, const struct view_coverage *coverage)
{
	json_key(json, "coverage");
	json_object_begin(json);
	json_key_unsigned(json, "files_total", coverage->files_total);
	json_key_unsigned(json, "files_analysed", coverage->files_analysed);
	json_key_unsigned(json, "files_listed", coverage->files_listed);
	json_key_unsigned(json, "files_owned", coverage->files_owned);
	json_key_unsigned(json, "files_with_licence", coverage->files_with_licence);
	json_key_unsigned(json, "imports_total", coverage->imports_total);
	json_key_unsigned(json, "imports_attributed", coverage->imports_attributed);
	json_key_unsigned(json, "edges_bound", coverage->edges_total);
	json_key_unsigned(json, "edges_unused", coverage->edges_unused);
	json_key_bool(json, "calls", coverage->calls);
	json_key_unsigned(json, "code_bytes", coverage->code_bytes);
	json_key_unsigned(json, "code_bytes_selected", coverage->code_bytes_selected);
	json_key_unsigned(json, "code_bytes_decoded", coverage->code_bytes_decoded);
	json_key_unsigned(json, "code_files_not_decoded", coverage->code_files_not_decoded);
	json_key_unsigned(json, "code_files_unnamed", coverage->code_files_unnamed);
	json_key_unsigned(json, "call_sites_total", coverage->call_sites_total);
	json_key_unsigned(json, "call_sites_resolved", coverage->call_sites_resolved);
	json_key_unsigned(json, "text_sites_total", coverage->text_sites_total);
	json_key_unsigned(json, "text_sites_resolved", coverage->text_sites_resolved);
	json_key_bool(json, "contents", coverage->contents);
	json_key_unsigned(json, "functions", coverage->functions);
	json_key_unsigned(json, "functions_eligible", coverage->functions_eligible);
	json_key_unsigned(json, "functions_matched", coverage->functions_matched);
	json_key_unsigned(json, "function_bytes", coverage->function_bytes);
	json_key_unsigned(json, "function_bytes_eligible", coverage->function_bytes_eligible);
	json_key_unsigned(json, "function_bytes_explained", coverage->function_bytes_explained);
	json_key_bool(json, "headers", coverage->headers);
	json_key_unsigned(json, "header_files", coverage->header_files);
	json_key_unsigned(json, "header_files_named", coverage->header_files_named);
	json_key_unsigned(json, "header_files_lines", coverage->header_files_lines);
	json_object_end(json);
}

static void write_scan(const struct view *view, const struct report_options *options,
		       struct sink *sink)
{
	struct json json;

	(void)options;
	json_report_begin(&json, &view->tool, sink);
	write_head(&json, view);
	json_files(&json, view);
	write_components(&json, view);
	write_edges(&json, view);
	write_works(&json, view);
	json_key(&json, "findings");
	json_array_begin(&json);
	for (size_t i = 0; i < view->finding_count; i++)
		write_finding(&json, view, &view->findings[i]);
	json_array_end(&json);
	json_verifications(&json, view);
	json_diagnostics(&json, view->diagnostics, view->diagnostic_count);
	write_coverage(&json, &view->coverage);
	json_obligations(&json, view);
	json_gate(&json, view);
	json_key_string(&json, "outcome", view->outcome);
	json_key_bool(&json, "complete", view->complete);
	json_report_end(&json);
}

/* ---- tree ---- */

/* How an object is named in a tree report: its path, or the name nothing was found for. */
static const char *object_name(const struct view_tree *view, uint32_t index)
{
	const struct view_tree_object *object = &view->objects[index];

	return object->path ? object->path : object->name;
}

static void write_load_order(struct json *json, const struct view_tree *view)
{
	json_key(json, "load_order");
	json_array_begin(json);
	for (size_t i = 0; i < view->object_count; i++) {
		const struct view_tree_object *object = &view->objects[i];

		json_object_begin(json);
		json_key_string(json, "name", object->name);
		json_key_string(json, "path", object->path);
		json_key_string(json, "soname", object->soname);
		json_key_string(
		    json, "needed_by",
		    object->needed_by == VIEW_NONE ? NULL : object_name(view, object->needed_by));
		json_key_string(json, "request", object->request);
		json_key_string(json, "rule", object->rule);
		json_key_bool(json, "apart", object->apart);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_trail(struct json *json, const struct view_tree_edge *edge)
{
	json_key(json, "trail");
	json_array_begin(json);
	for (size_t i = 0; i < edge->trail_count; i++) {
		const struct view_candidate *candidate = &edge->trail[i];

		json_object_begin(json);
		json_key_string(json, "path", candidate->path);
		json_key_string(json, "rule", candidate->rule);
		json_key_string(json, "result", candidate->result);
		json_key_string(json, "message", candidate->message);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_tree_edges(struct json *json, const struct view_tree *view)
{
	json_key(json, "edges");
	json_array_begin(json);
	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_tree_edge *edge = &view->edges[i];

		json_object_begin(json);
		json_key_string(json, "from", object_name(view, edge->from));
		json_key_string(json, "name", edge->name);
		json_key_string(json, "path",
				edge->to == VIEW_NONE ? NULL : view->objects[edge->to].path);
		json_key_string(json, "request", edge->request);
		json_key_string(json, "rule", edge->rule);
		write_trail(json, edge);
		json_key_known(json, "symbols_bound", edge->symbols_bound);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_symbols(struct json *json, const struct view_tree *view)
{
	json_key(json, "undeclared");
	json_array_begin(json);
	for (size_t i = 0; i < view->undeclared_count; i++) {
		json_object_begin(json);
		json_key_string(json, "from", object_name(view, view->undeclared[i].from));
		json_key_string(json, "to", object_name(view, view->undeclared[i].to));
		json_key_unsigned(json, "symbols_bound", view->undeclared[i].symbols);
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "bindings");
	json_array_begin(json);
	for (size_t i = 0; i < view->symbol_count; i++) {
		const struct view_tree_symbol *symbol = &view->symbols[i];

		json_object_begin(json);
		json_key_string(json, "consumer", object_name(view, symbol->from));
		json_key_string(json, "provider",
				symbol->to == VIEW_NONE ? NULL : object_name(view, symbol->to));
		json_key_string(json, "symbol", symbol->name);
		json_key_string(json, "version", symbol->version);
		json_key_bool(json, "weak", symbol->weak);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_tree(const struct view_tree *view, const struct report_options *options,
		       struct sink *sink)
{
	struct json json;

	(void)options;
	json_report_begin(&json, &view->tool, sink);
	json_key_string(&json, "root", view->root);
	json_key_string(&json, "file", view->file);
	json_key_string(&json, "dialect", view->dialect);
	json_key_bool(&json, "static", view->is_static);
	json_key_string(&json, "fatal", view->fatal);
	write_load_order(&json, view);
	write_tree_edges(&json, view);
	json_key(&json, "unresolved");
	json_array_begin(&json);
	for (size_t i = 0; i < view->object_count; i++)
		if (!view->objects[i].path && !view->objects[i].apart)
			json_string(&json, view->objects[i].name);
	json_array_end(&json);
	json_key_bool(&json, "bound", view->bound);
	write_symbols(&json, view);
	json_diagnostics(&json, view->diagnostics, view->diagnostic_count);
	json_key_bool(&json, "complete", view->complete);
	json_report_end(&json);
}

/* ---- why ---- */

static void write_path(struct json *json, const struct view_path *path)
{
	json_object_begin(json);
	json_key(json, "steps");
	json_array_begin(json);
	for (size_t i = 0; i < path->step_count; i++) {
		const struct view_step *step = &path->steps[i];

		json_object_begin(json);
		json_key_string(json, "from", step->from);
		json_key_string(json, "to", step->to);
		json_key_string(json, "kind", step->kind);
		json_key_string(json, "class", step->class);
		json_key_string(json, "grade", step->grade);
		json_key_string(json, "evidence", step->evidence);
		json_key_known(json, "symbols_bound", step->symbols_bound);
		json_object_end(json);
	}
	json_array_end(json);
	json_key_string(json, "licence", path->licence);
	json_strings(json, "clauses", path->clauses, path->clause_count);
	json_strings(json, "breaks", path->breaks, path->break_count);
	json_object_end(json);
}

static void write_why(const struct view_why *view, const struct report_options *options,
		      struct sink *sink)
{
	struct json json;

	(void)options;
	json_report_begin(&json, &view->tool, sink);
	json_key_string(&json, "from", view->from);
	json_key_string(&json, "to", view->to);
	json_key(&json, "paths");
	json_array_begin(&json);
	for (size_t i = 0; i < view->path_count; i++)
		write_path(&json, &view->paths[i]);
	json_array_end(&json);
	json_key_bool(&json, "capped", view->capped);
	json_diagnostics(&json, view->diagnostics, view->diagnostic_count);
	json_key_bool(&json, "complete", view->complete);
	json_report_end(&json);
}

const struct reporter reporter_json = {
    .name = "json",
    .media_type = "application/json",
    .extension = "json",
    .help = "for programs; the JSON Schema is installed with elfleft",
    .scan = write_scan,
    .check = write_scan,
    .tree = write_tree,
    .index = json_index,
    .why = write_why,
    .verify = json_verify,
};
