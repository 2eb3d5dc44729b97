/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/baseline.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "util/budget.h"
#include "util/map.h"

struct baseline {
	struct map weight_by_id; /* keys in the arena */
};

/* Heaviest outcome of one finding; an unknown word is a version of elfleft to come. */
static bool read_weight(const json_t *finding, uint32_t *ret)
{
	const json_t *outcomes = json_object_get(finding, "outcomes");
	enum outcome outcome;

	*ret = OUTCOME_CLEAR;
	if (!json_is_array(outcomes))
		return false;
	for (size_t i = 0; i < json_array_size(outcomes); i++) {
		const char *text = json_string_value(json_array_get(outcomes, i));

		if (text && outcome_parse(text, &outcome) && (uint32_t)outcome > *ret)
			*ret = (uint32_t)outcome;
	}
	return true;
}

static bool read_findings(const json_t *report, struct baseline *baseline, struct arena *arena)
{
	const json_t *findings = json_object_get(report, "findings");

	if (!json_is_array(findings) || !json_is_string(json_object_get(report, "schema_version")))
		return false;
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const char *id = json_string_value(json_object_get(finding, "id"));
		struct map_entry *entry;
		uint32_t weight;

		if (!id || !read_weight(finding, &weight))
			return false;
		entry = map_put(&baseline->weight_by_id, slice_text(arena_strdup(arena, id)),
				weight, NULL);
		if (weight > entry->value)
			entry->value = weight;
	}
	return true;
}

const struct baseline *baseline_open(const char *file, struct arena *arena, const char **ret_error)
{
	struct baseline *baseline = arena_alloc(arena, sizeof(*baseline));
	struct stat info;
	json_error_t error;
	json_t *report;

	if (stat(file, &info) == 0 &&
	    (!S_ISREG(info.st_mode) || (uint64_t)info.st_size > BUDGET_BASELINE_FILE)) {
		*ret_error = arena_printf(
		    arena, "%s: a baseline is a regular file of 1 GiB at most\n", file);
		return NULL;
	}
	report = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
	if (!report) {
		*ret_error = error.line > 0 ? arena_printf(arena, "%s:%d:%d: %s\n", file,
							   error.line, error.column, error.text)
					    : arena_printf(arena, "%s: %s\n", file, error.text);
		return NULL;
	}
	if (!read_findings(report, baseline, arena)) {
		json_decref(report);
		baseline_close(baseline);
		*ret_error = arena_printf(arena, "%s: no report of elfleft scan or check\n", file);
		return NULL;
	}
	json_decref(report);
	return baseline;
}

void baseline_close(const struct baseline *baseline)
{
	struct map map;

	if (!baseline)
		return;
	map = baseline->weight_by_id;
	map_release(&map);
}

bool baseline_has(const struct baseline *baseline, const char *id, enum outcome outcome)
{
	const struct map_entry *entry = map_get(&baseline->weight_by_id, slice_text(id));

	return entry && entry->value >= (uint32_t)outcome;
}
