/* SPDX-License-Identifier: BSD-2-Clause */
/* What is inside files, as JSON. */
#include "report/json_report.h"

static void write_mentions(struct json *json, const struct view_file *file)
{
	json_key(json, "mentions");
	json_array_begin(json);
	for (size_t i = 0; i < file->mention_count; i++) {
		json_object_begin(json);
		json_key_string(json, "project", file->mentions[i].project);
		json_key_string(json, "version", file->mentions[i].version);
		json_key_string(json, "text", file->mentions[i].text);
		json_key_unsigned(json, "offset", file->mentions[i].offset);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_builds(struct json *json, const struct view_file *file)
{
	json_key(json, "build_id_of");
	json_array_begin(json);
	for (size_t i = 0; i < file->build_count; i++) {
		const struct view_known_build *build = &file->builds[i];

		json_object_begin(json);
		json_key_string(json, "path", build->path);
		json_key_string(json, "component", build->component);
		json_key_string(json, "version", build->version);
		json_key_string(json, "licence", build->licence);
		json_key_string(json, "package", build->package);
		json_key_string(json, "source", build->source);
		json_key_string(json, "source_version", build->source_version);
		json_key_string(json, "distribution", build->distribution);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_against(struct json *json, const struct view_file *file)
{
	json_key(json, "compiled_against");
	json_array_begin(json);
	for (size_t i = 0; i < file->against_count; i++) {
		json_object_begin(json);
		json_key_string(json, "name", file->against[i].name);
		json_key_string(json, "version", file->against[i].version);
		json_key_string(json, "reason", file->against[i].reason);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_calibration(struct json *json, const struct view_inside *inside)
{
	json_key(json, "calibration");
	if (!inside->calibration_said) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key_unsigned(json, "so", inside->calibration_so);
	json_key_unsigned(json, "said", inside->calibration_said);
	json_key_unsigned(json, "low_permille", inside->calibration_low);
	json_key_unsigned(json, "high_permille", inside->calibration_high);
	json_object_end(json);
}

static void write_inside(struct json *json, const struct view_inside *inside)
{
	json_key(json, "inside");
	if (!inside) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key_string(json, "basis", inside->basis);
	json_key_string(json, "confidence", inside->confidence);
	write_calibration(json, inside);
	json_key_string(json, "class", inside->class);
	json_strings(json, "versions", inside->versions, inside->version_count);
	json_key_string(json, "stated_version", inside->stated_version);
	json_key_bool(json, "version_fits", inside->version_fits);
	json_key_unsigned(json, "contradictions", inside->contradictions);
	json_key_unsigned(json, "functions", inside->functions);
	json_key_unsigned(json, "bytes", inside->bytes);
	json_key_unsigned(json, "unique", inside->unique);
	json_key_unsigned(json, "strict", inside->strict);
	json_key_unsigned(json, "texts", inside->texts);
	json_key_unsigned(json, "tables", inside->tables);
	json_key(json, "tiers");
	json_object_begin(json);
	for (size_t i = 0; i < inside->tier_count; i++)
		json_key_unsigned(json, inside->tiers[i].name, inside->tiers[i].count);
	json_object_end(json);
	json_key_unsigned(json, "members", inside->members);
	json_key_unsigned(json, "coverage_permille", inside->coverage);
	json_key_unsigned(json, "locality_permille", inside->locality);
	json_strings(json, "others", inside->others, inside->other_count);
	json_object_end(json);
}

static void write_inlined(struct json *json, const struct view_inlined *inlined)
{
	json_key(json, "inline");
	if (!inlined) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key_string(json, "version", inlined->version);
	json_key_bool(json, "distinct", inlined->distinct);
	json_key_unsigned(json, "weak", inlined->weak);
	json_key_unsigned(json, "local", inlined->local);
	json_key_unsigned(json, "global", inlined->global);
	json_key_unsigned(json, "bytes", inlined->bytes);
	json_key_unsigned(json, "source_files", inlined->source_files);
	json_key_unsigned(json, "lines", inlined->lines);
	json_key_string(json, "function", inlined->function);
	json_key_string(json, "source", inlined->source);
	json_object_end(json);
}

void json_contents_of_file(struct json *json, const struct view_file *file)
{
	write_builds(json, file);
	write_mentions(json, file);
	write_against(json, file);
}

void json_contents_of_edge(struct json *json, const struct view_edge *edge)
{
	write_inside(json, edge->inside);
	write_inlined(json, edge->inlined);
}
