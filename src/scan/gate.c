/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/gate.h"

#include <string.h>

static const char *place_text(const struct policy *policy, struct policy_place place,
			      struct arena *arena)
{
	return arena_printf(arena, "%s:%u", policy->file, place.line);
}

/* The command line beats the policy file, which beats the default. */
static struct reach_policy settle(const struct scan_options *options, const struct policy *policy)
{
	struct reach_policy settings = options->policy;

	if (!policy)
		return settings;
	if (policy->distribution.place.line && !(options->settings_given & SETTING_DISTRIBUTION))
		settings.distribution = (enum reach_distribution)policy->distribution.value;
	if (policy->system_libs.place.line && !(options->settings_given & SETTING_SYSTEM_LIBS))
		settings.system_libs = (enum reach_system_libs)policy->system_libs.value;
	if (policy->unused_needed.place.line && !(options->settings_given & SETTING_UNUSED_NEEDED))
		settings.unused_needed = (enum reach_unused_needed)policy->unused_needed.value;
	if (policy->gpl_dynamic.place.line)
		settings.gpl_dynamic = (enum reach_gpl_dynamic)policy->gpl_dynamic.value;
	settings.user_product = policy->user_product.value != 0;
	return settings;
}

static enum status refuse(const struct scan_options *options, const char *message)
{
	if (options->message)
		options->message(options->message_context, message);
	return STATUS_USAGE;
}

enum status gate_open(const struct scan_options *options, const struct knowledge *knowledge,
		      struct diags *diags, struct arena *arena, struct gate *ret)
{
	const char *message = "";

	*ret = (struct gate){.settings = options->policy, .today = policy_today(arena)};
	if (!ret->today)
		return refuse(options, "SOURCE_DATE_EPOCH is no number of seconds\n");
	if (options->policy_file) {
		ret->policy =
		    policy_open(options->policy_file, knowledge, ret->today, arena, &message);
		if (!ret->policy)
			return refuse(options, message);
	}
	if (options->baseline_file) {
		ret->baseline = baseline_open(options->baseline_file, arena, &message);
		if (!ret->baseline)
			return refuse(options, message);
	}
	ret->settings = settle(options, ret->policy);
	for (size_t i = 0; ret->policy && i < ret->policy->waiver_count; i++) {
		const struct policy_waiver *waiver = &ret->policy->waivers[i];

		if (waiver->expired)
			diag_add(diags, DIAG_WAIVER_EXPIRED, NULL, DIAG_NO_OFFSET,
				 "%s:%u:%u: %s (owner: %s)", ret->policy->file, waiver->place.line,
				 waiver->place.column, waiver->expires, waiver->owner);
	}
	return STATUS_OK;
}

static const char *origin(const struct gate *gate, bool given, struct policy_place place,
			  struct arena *arena)
{
	return given			    ? "command line"
	       : gate->policy && place.line ? place_text(gate->policy, place, arena)
					    : "default";
}

static void fill_origins(const struct gate *gate, const struct scan_options *options,
			 struct view_gate_input *input, struct arena *arena)
{
	static const struct policy none;
	const struct policy *policy = gate->policy ? gate->policy : &none;
	unsigned given = options->settings_given;

	input->distribution_from =
	    origin(gate, given & SETTING_DISTRIBUTION, policy->distribution.place, arena);
	if (policy->scope_count)
		input->distribution_from = arena_printf(
		    arena, "%s; %zu scope%s of %s", input->distribution_from, policy->scope_count,
		    policy->scope_count == 1 ? "" : "s", policy->file);
	input->system_libs_from =
	    origin(gate, given & SETTING_SYSTEM_LIBS, policy->system_libs.place, arena);
	input->unused_needed_from =
	    origin(gate, given & SETTING_UNUSED_NEEDED, policy->unused_needed.place, arena);
	input->gpl_dynamic_from = origin(gate, false, policy->gpl_dynamic.place, arena);
	if (options->fail_on_given)
		input->fail_on = options->fail_on;
	else if (policy->fail_on.place.line)
		input->fail_on = (enum outcome)policy->fail_on.value;
	else
		input->fail_on = OUTCOME_REVIEW;
	input->fail_on_from = origin(gate, options->fail_on_given, policy->fail_on.place, arena);
	/* Without elfleft check there is a gate when somebody names its level. */
	input->present = options->check || options->fail_on_given || policy->fail_on.place.line;
}

const struct view_gate_input *gate_of_result(const struct gate *gate,
					     const struct scan_options *options,
					     const struct reach_input *model,
					     const struct reach_result *result, struct arena *arena)
{
	struct view_gate_input *input = arena_alloc(arena, sizeof(*input));
	bool *known = arena_alloc_array(arena, result->finding_count + 1, sizeof(*known));

	for (size_t i = 0; gate->baseline && i < result->finding_count; i++)
		known[i] = baseline_has(gate->baseline, result->findings[i].id,
					outcome_highest(result->findings[i].outcomes));
	*input = (struct view_gate_input){
	    .policy = gate->policy,
	    .waivers = policy_waive(gate->policy, model, result, arena),
	    .known = known,
	    .baseline = options->baseline_file,
	    .today = gate->today,
	};
	fill_origins(gate, options, input, arena);
	return input;
}
