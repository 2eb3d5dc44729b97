/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON of elfleft index. */
#include "report/json_report.h"

static void write_members(struct json *json, const struct view_index_origin *origin)
{
	json_key(json, "members");
	json_array_begin(json);
	for (size_t i = 0; i < origin->member_count; i++) {
		json_object_begin(json);
		json_key_string(json, "name", origin->members[i].name);
		json_key_string(json, "build_id", origin->members[i].build_id);
		json_key_unsigned(json, "functions", origin->members[i].functions);
		json_key_unsigned(json, "unique", origin->members[i].unique);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_origin(struct json *json, const struct view_index_origin *origin)
{
	json_object_begin(json);
	json_key_string(json, "version", origin->version);
	json_key_string(json, "licence", origin->licence);
	json_key_string(json, "machine", origin->machine);
	json_key_string(json, "source", origin->source);
	json_key_string(json, "source_version", origin->source_version);
	json_key_string(json, "package", origin->package);
	json_key_string(json, "distribution", origin->distribution);
	json_key_string(json, "path", origin->path);
	json_key_string(json, "carrier", origin->carrier);
	json_key_unsigned(json, "member_count", origin->member_count);
	json_key_unsigned(json, "functions", origin->functions);
	json_key_unsigned(json, "unique", origin->unique);
	if (origin->members)
		write_members(json, origin);
	json_object_end(json);
}

static void write_component(struct json *json, const struct view_index_component *component)
{
	json_object_begin(json);
	json_key_string(json, "name", component->name);
	json_key_string(json, "class", component->class);
	json_key_unsigned(json, "functions", component->functions);
	json_key_unsigned(json, "unique", component->unique);
	json_key(json, "origins");
	json_array_begin(json);
	for (size_t i = 0; i < component->origin_count; i++)
		write_origin(json, &component->origins[i]);
	json_array_end(json);
	json_object_end(json);
}

void json_index(const struct view_index *view, const struct report_options *options,
		struct sink *sink)
{
	struct json json;

	(void)options;
	json_report_begin(&json, &view->tool, sink);
	if (view->built) {
		json_key_unsigned(&json, "files_read", view->files_read);
		json_key_unsigned(&json, "members_read", view->members_read);
	}
	json_key_unsigned(&json, "functions", view->functions);
	json_key_unsigned(&json, "keys", view->keys);
	json_key_unsigned(&json, "members", view->members);
	json_key_unsigned(&json, "build_ids", view->build_ids);
	json_key(&json, "components");
	json_array_begin(&json);
	for (size_t i = 0; i < view->component_count; i++)
		write_component(&json, &view->components[i]);
	json_array_end(&json);
	json_diagnostics(&json, view->diagnostics, view->diagnostic_count);
	json_key_bool(&json, "complete", view->complete);
	json_report_end(&json);
}
