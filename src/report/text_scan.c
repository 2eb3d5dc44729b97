/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft scan: the answer first, then works, then what it rests on. */
#include <string.h>

#include "report/text.h"

#define WORKS_SHOWN 10
#define WORK_FINDINGS_SHOWN 6
#define FINDINGS_SHOWN 8
#define HEAVY 4 /* findings from "relink" on are told one by one */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static enum text_colour weight_colour(unsigned weight)
{
	return weight >= 7 ? TEXT_RED : weight >= HEAVY ? TEXT_YELLOW : TEXT_GREEN;
}

static const char *highest(const struct view_finding *finding)
{
	return finding->outcomes[finding->outcome_count - 1];
}

/* The owner of a file, or its name when nobody knows it. */
static const char *owner_name(const struct view *view, uint32_t file)
{
	uint32_t component = view->files[file].component;

	return component == VIEW_NONE ? base_name(view->files[file].path)
				      : view->components[component].name;
}

static void write_header(const struct text *text, const struct view *view)
{
	size_t providers = view->file_count - view->coverage.files_total;

	text_name(text, TEXT_BOLD, view->artifact.path);
	sink_printf(text->sink, ": %llu ELF %s, %zu %s outside it, %zu %s\n",
		    (unsigned long long)view->coverage.files_total,
		    view->coverage.files_total == 1 ? "file" : "files", providers,
		    providers == 1 ? "library" : "libraries", view->work_count,
		    view->work_count == 1 ? "work" : "works");
	if (!view->outcome)
		return;
	sink_text(text->sink, "highest outcome: ");
	text_name(text, view->finding_count ? weight_colour(view->findings[0].weight) : TEXT_GREEN,
		  view->outcome);
	sink_printf(text->sink, "   (distribution %s, system libraries %s, tables of %s)\n",
		    view->policy.distribution, view->policy.system_libs, view->policy.data_date);
}

/* consumer -> library (N) -> provider: the numbers are symbols bound. */
static void write_path(const struct text *text, const struct view *view,
		       const struct view_finding *finding)
{
	for (size_t i = 0; i < finding->path_count; i++) {
		const struct view_edge *edge = &view->edges[finding->path[i]];

		if (i == 0)
			sink_terminal(text->sink, base_name(view->files[edge->from].path));
		sink_text(text->sink, " -> ");
		sink_terminal(text->sink, edge->to == VIEW_NONE
					      ? edge->name
					      : base_name(view->files[edge->to].path));
		if (edge->symbols_bound >= 0)
			sink_printf(text->sink, " (%lld)", (long long)edge->symbols_bound);
	}
}

static bool in_work(const struct view_finding *finding, uint32_t work)
{
	for (size_t i = 0; i < finding->work_count; i++)
		if (finding->works[i] == work)
			return true;
	return false;
}

static void write_work_findings(const struct text *text, const struct view *view, uint32_t work)
{
	size_t shown = 0, hidden = 0;

	for (size_t i = 0; i < view->finding_count && view->findings[i].weight >= HEAVY; i++) {
		const struct view_finding *finding = &view->findings[i];

		if (!finding->path_count || !in_work(finding, work))
			continue;
		if (shown >= WORK_FINDINGS_SHOWN && !text->options->verbose) {
			hidden++;
			continue;
		}
		shown++;
		sink_text(text->sink, "    ");
		text_name(text, weight_colour(finding->weight), highest(finding));
		sink_text(text->sink, finding->contested ? ", contested: " : ": ");
		sink_terminal(text->sink, finding->licence);
		sink_text(text->sink, " of ");
		sink_terminal(text->sink,
			      owner_name(view, finding->provider == VIEW_NONE ? finding->subject
									      : finding->provider));
		sink_text(text->sink, "\n      ");
		write_path(text, view, finding);
		sink_text(text->sink, "\n");
	}
	text_more(text, "    ", hidden);
}

static void write_work(const struct text *text, const struct view *view, uint32_t index)
{
	const struct view_work *work = &view->works[index];
	const struct view_file *program = &view->files[work->program];

	sink_text(text->sink, "  ");
	text_name(text, TEXT_CYAN, program->path);
	sink_text(text->sink, "  ");
	sink_terminal(text->sink, program->licence.text);
	sink_printf(text->sink, "; %zu %s", work->member_count - 1,
		    work->member_count == 2 ? "library" : "libraries");
	if (work->missing_count)
		sink_printf(text->sink, ", %zu not found", work->missing_count);
	if (view->outcome)
		sink_printf(text->sink, "; %s", work->outcomes[work->outcome_count - 1]);
	sink_text(text->sink, "\n");
	if (work->fatal) {
		text_name(text, TEXT_RED, "    ld.so would stop: ");
		sink_terminal(text->sink, work->fatal);
		sink_text(text->sink, "\n");
	}
	write_work_findings(text, view, index);
	if (!text->options->verbose)
		return;
	for (size_t i = 0; i < work->missing_count; i++) {
		sink_text(text->sink, "    not found: ");
		sink_terminal(text->sink, work->missing[i]);
		sink_text(text->sink, "\n");
	}
}

/* Heaviest works first; within one weight by path. */
static void write_works(const struct text *text, const struct view *view)
{
	size_t shown = 0;

	if (!view->work_count)
		return;
	text_heading(text,
		     "Works (a program or plugin with all it links; numbers are symbols bound)");
	for (unsigned weight = 8; weight-- > 0;) {
		for (uint32_t i = 0; i < view->work_count; i++) {
			if (view->works[i].weight != weight ||
			    (shown >= WORKS_SHOWN && !text->options->verbose))
				continue;
			shown++;
			write_work(text, view, i);
		}
	}
	text_more(text, "  ", view->work_count - shown);
}

static void write_finding(const struct text *text, const struct view *view,
			  const struct view_finding *finding)
{
	sink_text(text->sink, "  ");
	text_name(text, weight_colour(finding->weight), highest(finding));
	sink_text(text->sink, finding->contested ? " (contested)  " : "  ");
	sink_terminal(text->sink, finding->title);
	sink_text(text->sink, "\n    ");
	if (finding->path_count)
		write_path(text, view, finding);
	else
		sink_terminal(text->sink, view->files[finding->subject].path);
	if (finding->work_count > 1)
		sink_printf(text->sink, "  [in %zu works]", finding->work_count);
	sink_text(text->sink, "\n    ");
	text_fold(text, "    ", 4, finding->message);
	if (finding->citation_count) {
		sink_text(text->sink, "    basis: ");
		for (size_t i = 0; i < finding->citation_count; i++) {
			sink_text(text->sink, i ? "; " : "");
			sink_terminal(text->sink, finding->citations[i].text);
			if (strcmp(finding->citations[i].check, "no") == 0)
				sink_text(text->sink, " (not checked)");
		}
		sink_text(text->sink, "\n");
	}
	if (*finding->remedy) {
		sink_text(text->sink, "    to do: ");
		text_fold(text, "    ", 11, finding->remedy);
	}
}

static void write_heavy_findings(const struct text *text, const struct view *view)
{
	size_t heavy = 0;

	while (heavy < view->finding_count && view->findings[heavy].weight >= HEAVY)
		heavy++;
	if (!heavy)
		return;
	text_heading(text, "Findings");
	for (size_t i = 0; i < heavy; i++)
		if (i < FINDINGS_SHOWN || text->options->verbose)
			write_finding(text, view, &view->findings[i]);
	if (!text->options->verbose && heavy > FINDINGS_SHOWN)
		text_more(text, "  ", heavy - FINDINGS_SHOWN);
}

/* Duties that come with shipping alone: one line per rule, with who it is about. */
static void write_light_findings(const struct text *text, const struct view *view)
{
	bool headed = false;

	for (size_t i = 0; i < view->finding_count; i++) {
		const struct view_finding *first = &view->findings[i];
		size_t count = 0;
		bool seen = first->weight >= HEAVY;

		for (size_t j = 0; j < i && !seen; j++)
			seen = view->findings[j].weight < HEAVY &&
			       strcmp(view->findings[j].rule, first->rule) == 0;
		if (seen)
			continue;
		if (!headed)
			text_heading(text, "What comes with shipping these files");
		headed = true;
		for (size_t j = i; j < view->finding_count; j++)
			count += view->findings[j].weight < HEAVY &&
				 strcmp(view->findings[j].rule, first->rule) == 0;
		sink_text(text->sink, "  ");
		text_name(text, TEXT_GREEN, highest(first));
		sink_printf(text->sink, "  %zu x ", count);
		sink_terminal(text->sink, first->title);
		sink_text(text->sink, ": ");
		sink_terminal(text->sink, owner_name(view, first->subject));
		sink_text(text->sink, count > 1 ? ", ...\n" : "\n");
		for (size_t j = i; text->options->verbose && j < view->finding_count; j++)
			if (view->findings[j].weight < HEAVY &&
			    strcmp(view->findings[j].rule, first->rule) == 0)
				write_finding(text, view, &view->findings[j]);
	}
}

static void write_files(const struct text *text, const struct view *view)
{
	text_heading(text, "Files");
	for (size_t i = 0; i < view->file_count; i++) {
		const struct view_file *file = &view->files[i];

		sink_text(text->sink, file->shipped ? "  " : "  (not shipped) ");
		text_name(text, TEXT_CYAN, file->path);
		sink_printf(text->sink, "  %s %s, ", file->type, file->machine);
		sink_terminal(text->sink, file->component == VIEW_NONE
					      ? "owner not known"
					      : view->components[file->component].id);
		sink_text(text->sink, ", ");
		sink_terminal(text->sink, file->licence.text);
		sink_text(text->sink, " [");
		sink_text(text->sink, file->licence.source);
		sink_text(text->sink, ", confidence ");
		sink_text(text->sink, file->licence.confidence);
		sink_text(text->sink, "]");
		if (file->licence.label) {
			sink_text(text->sink, ", while its package says ");
			sink_terminal(text->sink, file->licence.label);
		}
		sink_text(text->sink, "\n");
	}
}

static void write_edges(const struct text *text, const struct view *view)
{
	text_heading(text, "Edges");
	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_edge *edge = &view->edges[i];

		sink_text(text->sink, "  ");
		sink_terminal(text->sink, view->files[edge->from].path);
		sink_text(text->sink, " -> ");
		sink_terminal(text->sink,
			      edge->to == VIEW_NONE ? "nothing" : view->files[edge->to].path);
		sink_printf(text->sink, "  %s, %s (%s), ", edge->kind, edge->class, edge->grade);
		sink_terminal(text->sink, edge->name);
		sink_printf(text->sink, " by %s", edge->rule);
		if (edge->symbols_bound >= 0)
			sink_printf(text->sink, ", %lld symbols", (long long)edge->symbols_bound);
		sink_text(text->sink, "\n");
	}
}

static void write_coverage(const struct text *text, const struct view *view)
{
	const struct view_coverage *coverage = &view->coverage;

	text_heading(text, "Coverage");
	sink_printf(text->sink, "  %llu of %llu files analysed; ",
		    (unsigned long long)coverage->files_analysed,
		    (unsigned long long)coverage->files_total);
	sink_printf(text->sink, "of %llu files listed, %llu have an owner and %llu a licence\n",
		    (unsigned long long)coverage->files_listed,
		    (unsigned long long)coverage->files_owned,
		    (unsigned long long)coverage->files_with_licence);
	if (coverage->edges_total)
		sink_printf(text->sink,
			    "  %llu edges with symbols looked up, %llu of them unused\n",
			    (unsigned long long)coverage->edges_total,
			    (unsigned long long)coverage->edges_unused);
	if (!view->complete)
		text_name(text, TEXT_RED,
			  "  incomplete: some input was not analysed, see the diagnostics");
}

void text_scan(const struct view *view, const struct report_options *options, struct sink *sink)
{
	struct text text = {sink, options};

	write_header(&text, view);
	write_works(&text, view);
	write_heavy_findings(&text, view);
	write_light_findings(&text, view);
	if (options->verbose) {
		write_files(&text, view);
		write_edges(&text, view);
	}
	write_coverage(&text, view);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
	text_disclaimer(&text);
}
