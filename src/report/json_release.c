/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/json_report.h"

/* What to fetch: where the owner of the files comes from. */
static void write_fetch(struct json *json, const struct view *view,
			const struct view_obligation *obligation)
{
	const struct view_component *component;

	json_key(json, "fetch");
	if (obligation->component == VIEW_NONE) {
		json_null(json);
		return;
	}
	component = &view->components[obligation->component];
	json_object_begin(json);
	json_key_string(json, "source_name", component->source_name);
	json_key_string(json, "source_version", component->source_version);
	json_key_string(json, "purl", component->purl);
	json_key(json, "carriers");
	json_array_begin(json);
	for (size_t i = 0; i < obligation->carrier_count; i++)
		json_string(json, obligation->carriers[i]);
	json_array_end(json);
	json_object_end(json);
}

void json_obligations(struct json *json, const struct view *view)
{
	json_key(json, "obligations");
	json_array_begin(json);
	for (size_t i = 0; i < view->obligation_count; i++) {
		const struct view_obligation *obligation = &view->obligations[i];

		json_object_begin(json);
		json_key_string(json, "kind", obligation->kind);
		json_key_string(json, "title", obligation->title);
		json_key_string(json, "component",
				obligation->component == VIEW_NONE
				    ? NULL
				    : view->components[obligation->component].id);
		json_key(json, "files");
		json_array_begin(json);
		for (size_t j = 0; j < obligation->file_count; j++)
			json_string(json, view->files[obligation->files[j]].path);
		json_array_end(json);
		json_key_string(json, "licence", obligation->licence);
		json_key(json, "texts");
		json_array_begin(json);
		for (size_t j = 0; j < obligation->text_count; j++)
			json_string(json, obligation->texts[j]);
		json_array_end(json);
		write_fetch(json, view, obligation);
		json_key(json, "findings");
		json_array_begin(json);
		for (size_t j = 0; j < obligation->finding_count; j++)
			json_string(json, obligation->findings[j]);
		json_array_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_waivers(struct json *json, const struct view_gate *gate)
{
	json_key(json, "waivers");
	json_array_begin(json);
	for (size_t i = 0; i < gate->waiver_count; i++) {
		const struct view_waiver *waiver = &gate->waivers[i];

		json_object_begin(json);
		json_key_string(json, "place", waiver->place);
		json_key_string(json, "scope", waiver->scope);
		json_key_string(json, "reason", waiver->reason);
		json_key_string(json, "owner", waiver->owner);
		json_key_string(json, "expires", waiver->expires);
		json_key_bool(json, "expired", waiver->expired);
		json_key_unsigned(json, "findings", waiver->finding_count);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_gate(struct json *json, const struct view *view)
{
	const struct view_gate *gate = &view->gate;

	json_key(json, "gate");
	/* Nothing depends on the day but waivers. */
	if (!gate->present && !gate->waiver_count) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key_bool(json, "present", gate->present);
	json_key_string(json, "fail_on", gate->fail_on);
	json_key_string(json, "fail_on_from", gate->fail_on_from);
	json_key_string(json, "today", gate->waiver_count ? gate->today : NULL);
	json_key_string(json, "baseline", gate->baseline);
	json_key_unsigned(json, "failing", gate->failing);
	json_key_unsigned(json, "waived", gate->waived);
	json_key_unsigned(json, "known", gate->known);
	json_key_unsigned(json, "expired_waivers", gate->expired);
	json_key_bool(json, "failed", gate->failed);
	write_waivers(json, gate);
	json_object_end(json);
}
