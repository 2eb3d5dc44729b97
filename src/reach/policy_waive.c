/* SPDX-License-Identifier: BSD-2-Clause */
/* Which waiver of the policy file speaks of a finding. */
#include <string.h>

#include "reach/policy.h"
#include "util/pattern.h"

/* A pattern on one of the terms of a licence text, or on the whole of it. */
static bool licence_fits(const char *pattern, const char *text, struct arena *arena)
{
	const char *end;

	if (policy_text_fits(pattern, text))
		return true;
	for (; (end = strstr(text, " AND ")); text = end + 5)
		if (policy_text_fits(pattern,
				     arena_slice(arena, slice_of(text, (size_t)(end - text)))))
			return true;
	return policy_text_fits(pattern, text);
}

bool policy_node_fits(const char *pattern, const struct reach_node *node)
{
	return policy_text_fits(pattern, node->component_name) ||
	       policy_text_fits(pattern, node->component) ||
	       (node->source_name && policy_text_fits(pattern, node->source_name));
}

/* A consumer is named by its path, or by its component; all files of a finding have to fit. */
static bool consumers_fit(const struct policy_waiver *waiver, const struct reach_input *input,
			  const struct finding *finding)
{
	if (!waiver->consumer)
		return true;
	for (size_t i = 0; i < finding->subject_count; i++) {
		const struct reach_node *node = &input->nodes[finding->subjects[i]];

		if (!policy_path_fits(waiver->consumer, node->id) &&
		    !policy_node_fits(waiver->consumer, node))
			return false;
	}
	return true;
}

static bool waiver_fits(const struct policy_waiver *waiver, const struct reach_input *input,
			const struct finding *finding, struct arena *arena)
{
	const struct reach_node *about =
	    &input->nodes[finding->provider == REACH_NONE ? finding->subject : finding->provider];

	if (!policy_text_fits(waiver->finding, finding->id) ||
	    !policy_text_fits(waiver->rule, finding->rule) ||
	    (waiver->licence && !licence_fits(waiver->licence, finding->licence, arena)) ||
	    (waiver->kind != POLICY_ANY &&
	     strcmp(edge_kind_text((enum edge_kind)waiver->kind), finding->kind) != 0))
		return false;
	return (!waiver->component || policy_node_fits(waiver->component, about)) &&
	       consumers_fit(waiver, input, finding);
}

const uint32_t *policy_waive(const struct policy *policy, const struct reach_input *input,
			     const struct reach_result *result, struct arena *arena)
{
	uint32_t *list = arena_alloc_array(arena, result->finding_count + 1, sizeof(*list));

	for (size_t i = 0; i < result->finding_count; i++) {
		list[i] = POLICY_ANY;
		/* One that still holds goes before one that expired. */
		for (size_t j = 0; policy && j < policy->waiver_count; j++) {
			const struct policy_waiver *waiver = &policy->waivers[j];

			if (!waiver_fits(waiver, input, &result->findings[i], arena))
				continue;
			if (list[i] == POLICY_ANY || !waiver->expired)
				list[i] = (uint32_t)j;
			if (!waiver->expired)
				break;
		}
	}
	return list;
}
