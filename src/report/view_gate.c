/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of the policy file and the gate: what is waived, what was known, what fails. */
#include "report/view_build.h"

#include <string.h>

/* "component readline, link-dynamic, GPL-3.0-or-later" */
static const char *waiver_scope(const struct policy_waiver *waiver, struct arena *arena)
{
	const char *const parts[][2] = {
	    {"finding ", waiver->finding},
	    {"rule ", waiver->rule},
	    {"component ", waiver->component},
	    {"", waiver->kind == POLICY_ANY ? NULL : edge_kind_text((enum edge_kind)waiver->kind)},
	    {"", waiver->licence},
	    {"in ", waiver->consumer},
	};
	const char *text = "";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i][1])
			text = arena_printf(arena, "%s%s%s%s", text, *text ? ", " : "", parts[i][0],
					    parts[i][1]);
	return text;
}

static struct view_waiver *fill_waivers(const struct policy *policy, struct view *view,
					struct arena *arena)
{
	struct view_waiver *waivers =
	    arena_alloc_array(arena, policy->waiver_count + 1, sizeof(*waivers));

	for (size_t i = 0; i < policy->waiver_count; i++) {
		const struct policy_waiver *from = &policy->waivers[i];

		waivers[i] = (struct view_waiver){
		    .place = arena_printf(arena, "%s:%u", policy->file, from->place.line),
		    .scope = waiver_scope(from, arena),
		    .reason = arena_strdup(arena, from->reason),
		    .owner = arena_strdup(arena, from->owner),
		    .expires = arena_strdup(arena, from->expires),
		    .expired = from->expired,
		};
		view->gate.expired += from->expired;
	}
	view->gate.waivers = waivers;
	view->gate.waiver_count = policy->waiver_count;
	return waivers;
}

static void judge_finding(const struct view_gate_input *input, size_t index,
			  struct view_finding *finding, struct view_waiver *waivers,
			  struct view_gate *gate)
{
	uint32_t waiver = input->waivers[index];

	if (waivers && waiver != POLICY_ANY) {
		finding->waiver = waiver;
		finding->waived = !waivers[waiver].expired;
		waivers[waiver].finding_count++;
	}
	finding->known = input->known[index];
	if (finding->weight < (unsigned)input->fail_on)
		return;
	gate->waived += finding->waived;
	gate->known += finding->known && !finding->waived;
	finding->fails = !finding->waived && !finding->known;
	gate->failing += finding->fails;
}

static void fill_policy(const struct view_gate_input *input, struct view *view, struct arena *arena)
{
	struct view_policy *policy = &view->policy;

	if (input->policy) {
		policy->file = arena_strdup(arena, input->policy->file);
		policy->file_digest = arena_strdup(arena, input->policy->digest);
	}
	policy->distribution_from = arena_strdup(arena, input->distribution_from);
	policy->system_libs_from = arena_strdup(arena, input->system_libs_from);
	policy->unused_needed_from = arena_strdup(arena, input->unused_needed_from);
	policy->gpl_dynamic_from = arena_strdup(arena, input->gpl_dynamic_from);
}

void view_gate_build(const struct view_gate_input *input, struct view_finding *findings,
		     struct view *view, struct arena *arena)
{
	struct view_gate *gate = &view->gate;
	struct view_waiver *waivers = NULL;

	fill_policy(input, view, arena);
	*gate = (struct view_gate){
	    .present = input->present,
	    .fail_on = outcome_text(input->fail_on),
	    .fail_on_weight = (unsigned)input->fail_on,
	    .fail_on_from = arena_strdup(arena, input->fail_on_from),
	    .baseline = input->baseline ? arena_strdup(arena, input->baseline) : NULL,
	    .today = arena_strdup(arena, input->today),
	};
	if (input->policy)
		waivers = fill_waivers(input->policy, view, arena);
	for (size_t i = 0; i < view->finding_count; i++)
		judge_finding(input, i, &findings[i], waivers, gate);
	gate->failed = gate->present && (gate->failing || gate->expired);
}
