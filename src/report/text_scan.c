/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft scan: the answer first, then what it rests on. */
#include <string.h>

#include "report/text_edges.h"
#include "report/text_files.h"
#include "report/text_inside.h"
#include "report/text_works.h"

static void write_counts(const struct text *text, const struct view *view)
{
	size_t shipped = view->coverage.files_total, others = view->file_count - shipped;
	struct text_fold fold;

	text_fold_begin(&fold, text, 0, 2);
	text_fold_unit(&fold, TEXT_BOLD, view->artifact.path, ":");
	text_fold_words(&fold, text_count(shipped, "file", "files").words, others ? "" : ",");
	if (others) {
		text_fold_words(&fold, shipped == 1 ? "that reaches" : "that reach", "");
		text_fold_words(&fold, text_count(others, "other", "others").words, ",");
	}
	text_fold_words(&fold, text_count(view->work_count, "work", "works").words, "");
	text_fold_end(&fold);
}

static void write_header(const struct text *text, const struct view *view)
{
	struct text_fold fold;

	write_counts(text, view);
	if (view->outcome) {
		text_fold_begin(&fold, text, 0, 2);
		text_fold_words(&fold, "highest outcome:", "");
		text_fold_unit(&fold,
			       view->finding_count ? text_weight_colour(view->findings[0].weight)
						   : TEXT_GREEN,
			       view->outcome, "");
		text_fold_words(&fold, "(distribution", "");
		text_fold_unit(&fold, TEXT_PLAIN, view->policy.distribution, ",");
		text_fold_words(&fold, "system libraries", "");
		text_fold_unit(&fold, TEXT_PLAIN, view->policy.system_libs, ",");
		text_fold_words(&fold, "tables of", "");
		text_fold_unit(&fold, TEXT_PLAIN, view->policy.data_date, ")");
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

static void write_file(const struct text *text, const struct view *view,
		       const struct view_file *file)
{
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_CYAN, file->path, file->shipped ? "" : " (not shipped)");
	text_fold_words(&fold, file->type, "");
	text_fold_unit(&fold, TEXT_PLAIN, file->machine, ",");
	text_fold_unit(&fold, TEXT_PLAIN,
		       file->component == VIEW_NONE ? "owner not known"
						    : view->components[file->component].id,
		       ",");
	text_fold_words(&fold, file->licence.text, "");
	text_fold_printf(&fold, "[%s, confidence %s]", file->licence.source,
			 file->licence.confidence);
	if (file->licence.label) {
		text_fold_words(&fold, "while its package says", "");
		text_fold_words(&fold, file->licence.label, "");
	}
	text_fold_end(&fold);
}

/* What -v adds. */
static void write_details(const struct text *text, const struct view *view, struct arena *arena)
{
	text_all_findings(text, view, arena);
	text_obligations(text, view);
	if (view->file_count)
		text_heading(text, "Files");
	for (size_t i = 0; i < view->file_count; i++)
		write_file(text, view, &view->files[i]);
	if (view->edge_count)
		text_heading(text, "Edges");
	for (size_t i = 0; i < view->edge_count; i++)
		text_edge(text, view, &view->edges[i]);
}

/* "of 3 places in code ..., 2 name it": a line of its own. */
static void write_sites(const struct text *text, const char *places, const char *rest,
			uint64_t resolved)
{
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 4);
	text_fold_printf(&fold, "of %s %s, %llu name it", places, rest,
			 (unsigned long long)resolved);
	text_fold_end(&fold);
}

static void write_unread(const struct text *text, uint64_t count, const char *why)
{
	struct text_fold fold;

	if (!count)
		return;
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 4);
	text_fold_printf(&fold, "calls of %s were not read: %s",
			 text_count(count, "file", "files").words, why);
	text_fold_end(&fold);
}

/* A place whose name is not known is an edge that may be missing: never left out. */
static void write_call_coverage(const struct text *text, const struct view_coverage *coverage)
{
	write_sites(text,
		    text_count(coverage->call_sites_total, "place in code", "places in code").words,
		    "that load, run or meet something", coverage->call_sites_resolved);
	if (coverage->text_sites_total)
		write_sites(text, text_count(coverage->text_sites_total, "place", "places").words,
			    "in scripts, units and Python sources", coverage->text_sites_resolved);
	write_unread(text, coverage->code_files_not_decoded, "machines that are not decoded");
	write_unread(text, coverage->code_files_unnamed, "static, and stripped of all names");
}

static void write_contents(const struct text *text, const struct view_coverage *coverage)
{
	struct text_fold fold;
	uint64_t permille = coverage->function_bytes ? coverage->function_bytes_explained * 1000 /
							   coverage->function_bytes
						     : 0;

	if (!coverage->contents)
		return;
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 4);
	text_fold_printf(&fold,
			 "%llu functions, %llu of them large enough to be told apart: %llu are in "
			 "the index; components found inside explain %llu.%llu %% of the code",
			 (unsigned long long)coverage->functions,
			 (unsigned long long)coverage->functions_eligible,
			 (unsigned long long)coverage->functions_matched,
			 (unsigned long long)(permille / 10), (unsigned long long)(permille % 10));
	text_fold_end(&fold);
}

/* Names and line tables tell header code; a stripped file keeps the names it exports. */
static void write_headers(const struct text *text, const struct view_coverage *coverage)
{
	struct text_fold fold;

	if (!coverage->header_files)
		return;
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 4);
	text_fold_printf(&fold,
			 "header code looked for in %s; %llu have C++ functions with names, %llu "
			 "have line tables",
			 text_count(coverage->header_files, "file", "files").words,
			 (unsigned long long)coverage->header_files_named,
			 (unsigned long long)coverage->header_files_lines);
	text_fold_end(&fold);
}

static void write_coverage(const struct text *text, const struct view *view)
{
	const struct view_coverage *coverage = &view->coverage;
	struct text_fold fold;

	text_heading(text, "Coverage");
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 4);
	text_fold_printf(&fold,
			 "%llu of %s analysed; of %llu listed, %llu have an owner and %llu "
			 "a licence",
			 (unsigned long long)coverage->files_analysed,
			 text_count(coverage->files_total, "file", "files").words,
			 (unsigned long long)coverage->files_listed,
			 (unsigned long long)coverage->files_owned,
			 (unsigned long long)coverage->files_with_licence);
	text_fold_end(&fold);
	write_contents(text, coverage);
	write_headers(text, coverage);
	if (coverage->edges_total) {
		sink_text(text->sink, "  ");
		text_fold_begin(&fold, text, 2, 4);
		text_fold_printf(&fold, "symbols of %s looked up, none bound on %llu of them",
				 text_count(coverage->edges_total, "edge", "edges").words,
				 (unsigned long long)coverage->edges_unused);
		text_fold_end(&fold);
	}
	if (coverage->calls)
		write_call_coverage(text, coverage);
}

void text_scan(const struct view *view, const struct report_options *options, struct sink *sink)
{
	struct text text = {sink, options};
	struct entries entries;
	struct arena arena;

	arena_init(&arena);
	entries_make(view, &arena, &entries);
	write_header(&text, view);
	text_works(&text, view, &entries, &arena);
	text_edges(&text, view, &arena);
	text_inside(&text, view);
	text_device(&text, view);
	text_verifications(&text, view);
	text_entries(&text, view, &entries, &arena);
	text_readings(&text, view, &entries);
	text_duties(&text, view, &arena);
	if (options->verbose)
		write_details(&text, view, &arena);
	write_coverage(&text, view);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
	text_disclaimer(&text);
	arena_release(&arena);
}
