/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft check: what fails, what is waived, what is due. */
#include <string.h>

#include "report/text_findings.h"

void text_policy(const struct text *text, const struct view *view)
{
	const struct view_policy *policy = &view->policy;
	const char *const settings[][3] = {
	    {"distribution", policy->distribution, policy->distribution_from},
	    {"system libraries", policy->system_libs, policy->system_libs_from},
	    {"unused libraries", policy->unused_needed, policy->unused_needed_from},
	    {"dynamic linking", policy->gpl_dynamic, policy->gpl_dynamic_from},
	};
	size_t count = sizeof(settings) / sizeof(settings[0]);
	struct text_fold fold;

	if (!policy->file)
		return;
	text_fold_begin(&fold, text, 0, 2);
	text_fold_words(&fold, "policy", "");
	text_fold_unit(&fold, TEXT_PLAIN, policy->file, ":");
	for (size_t i = 0; i < count; i++) {
		text_fold_words(&fold, settings[i][0], "");
		text_fold_unit(&fold, TEXT_PLAIN, settings[i][1], "");
		text_fold_words(&fold, "(by", "");
		text_fold_unit(&fold, TEXT_PLAIN, settings[i][2], i + 1 < count ? ")," : ")");
	}
	text_fold_end(&fold);
}

static void write_header(const struct text *text, const struct view *view)
{
	const struct view_gate *gate = &view->gate;
	struct text_fold fold;

	text_fold_begin(&fold, text, 0, 2);
	text_fold_unit(&fold, TEXT_BOLD, view->artifact.path, ":");
	text_fold_unit(&fold, gate->failed ? TEXT_RED : TEXT_GREEN,
		       gate->failed ? "fails" : "passes", ":");
	text_fold_words(&fold, text_count(gate->failing, "finding", "findings").words, "");
	text_fold_words(&fold, gate->failing == 1 ? "reaches" : "reach", "");
	text_fold_unit(&fold, TEXT_PLAIN, gate->fail_on, "");
	text_fold_words(&fold, "(by", "");
	text_fold_unit(&fold, TEXT_PLAIN, gate->fail_on_from, "),");
	text_fold_printf(&fold, "%zu waived, %zu in the baseline%s", gate->waived, gate->known,
			 gate->expired ? "," : "");
	if (gate->expired)
		text_fold_words(
		    &fold, text_count(gate->expired, "expired waiver", "expired waivers").words,
		    "");
	text_fold_end(&fold);
	if (gate->baseline) {
		text_fold_begin(&fold, text, 0, 2);
		text_fold_words(&fold, "baseline", "");
		text_fold_unit(&fold, TEXT_PLAIN, gate->baseline, "");
		text_fold_end(&fold);
	}
	text_policy(text, view);
	if (view->complete)
		return;
	text_fold_begin(&fold, text, 0, 2);
	text_fold_unit(&fold, TEXT_RED, "incomplete", ":");
	text_fold_words(&fold, "some input was not analysed, see the diagnostics", "");
	text_fold_end(&fold);
}

/* The view with those findings alone that fail. */
static struct view failing_view(const struct view *view, struct arena *arena)
{
	struct view_finding *findings =
	    arena_alloc_array(arena, view->gate.failing + 1, sizeof(*findings));
	struct view failing = *view;

	failing.finding_count = 0;
	for (size_t i = 0; i < view->finding_count; i++)
		if (view->findings[i].fails)
			findings[failing.finding_count++] = view->findings[i];
	failing.findings = findings;
	return failing;
}

/* Findings that say the same are told once, as scan does; -v tells each, with its id. */
static void write_failing(const struct text *text, const struct view *view, struct arena *arena)
{
	struct view failing;
	struct entries entries;

	if (!view->gate.failing)
		return;
	failing = failing_view(view, arena);
	if (text->options->verbose) {
		text_all_findings(text, &failing, arena);
		return;
	}
	entries_make(&failing, arena, &entries);
	entries.all = true;
	text_entries(text, &failing, &entries, arena);
	text_duties(text, &failing, arena);
}

static void write_waiver(const struct text *text, const struct view *view, size_t index)
{
	const struct view_waiver *waiver = &view->gate.waivers[index];
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_PLAIN, waiver->place, "");
	if (waiver->expired)
		text_fold_unit(&fold, TEXT_RED, "expired", "");
	text_fold_words(&fold, waiver->scope, ":");
	text_fold_words(&fold, waiver->reason, "");
	text_fold_words(&fold, "(owner", "");
	text_fold_words(&fold, waiver->owner, ",");
	text_fold_words(&fold, "until", "");
	text_fold_unit(&fold, TEXT_PLAIN, waiver->expires, ")");
	if (!waiver->finding_count)
		text_fold_words(&fold, "- covers nothing here", "");
	text_fold_end(&fold);
	for (size_t i = 0; i < view->finding_count; i++) {
		const struct view_finding *finding = &view->findings[i];

		if (finding->waiver != index)
			continue;
		sink_text(text->sink, "      ");
		text_fold_begin(&fold, text, 6, 8);
		text_fold_unit(&fold, text_weight_colour(finding->weight),
			       finding->outcomes[finding->outcome_count - 1], ":");
		text_fold_words(&fold, finding->id, "");
		text_fold_end(&fold);
	}
}

static void write_waivers(const struct text *text, const struct view *view)
{
	if (!view->gate.waiver_count)
		return;
	text_heading(text, "Waivers");
	for (size_t i = 0; i < view->gate.waiver_count; i++)
		write_waiver(text, view, i);
}

void text_check(const struct view *view, const struct report_options *options, struct sink *sink)
{
	struct text text = {sink, options};
	struct arena arena;

	arena_init(&arena);
	write_header(&text, view);
	write_failing(&text, view, &arena);
	write_waivers(&text, view);
	text_obligations(&text, view);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
	text_disclaimer(&text);
	arena_release(&arena);
}
