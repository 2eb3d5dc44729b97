/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft why: for each end what all paths to it share, then the paths. */
#include <stdio.h>
#include <string.h>

#include "report/text.h"
#include "util/arena.h"
#include "util/map.h"

#define PATHS_SHOWN 4 /* to one end */

struct why {
	const struct text *text;
	const struct view_why *view;
};

static const char *end_of(const struct view_path *path)
{
	return path->step_count ? path->steps[path->step_count - 1].to : "";
}

static bool holds(const struct view_path *path, const struct view_step *wanted)
{
	for (size_t i = 0; i < path->step_count; i++)
		if (strcmp(path->steps[i].from, wanted->from) == 0 &&
		    strcmp(path->steps[i].to, wanted->to) == 0 &&
		    strcmp(path->steps[i].evidence, wanted->evidence) == 0)
			return true;
	return false;
}

static bool is_shared(const struct why *why, const struct view_step *step, const char *end)
{
	for (size_t i = 0; i < why->view->path_count; i++)
		if (strcmp(end_of(&why->view->paths[i]), end) == 0 &&
		    !holds(&why->view->paths[i], step))
			return false;
	return true;
}

/* Edges that every path to an end takes: cutting one of them cuts all. */
static void write_shared(const struct why *why, const struct view_path *first)
{
	for (size_t i = 0; i < first->step_count; i++) {
		const struct view_step *step = &first->steps[i];
		struct text_fold fold;

		if (!is_shared(why, step, end_of(first)))
			continue;
		text_field_begin(&fold, why->text, "all take");
		text_fold_unit(&fold, TEXT_PLAIN, text_base_name(step->from), " ->");
		text_fold_unit(&fold, TEXT_PLAIN, text_base_name(step->to), "");
		if (step->symbols_bound >= 0) {
			text_fold_words(&fold, "with", "");
			text_fold_words(&fold,
					text_count((uint64_t)step->symbols_bound, "symbol bound",
						   "symbols bound")
					    .words,
					"");
		}
		text_fold_end(&fold);
	}
}

/* Clauses and breaks of all paths to an end, each once. */
static void write_once(const struct why *why, const char *end, const char *label, bool breaks)
{
	struct map seen = {0};

	for (size_t i = 0; i < why->view->path_count; i++) {
		const struct view_path *path = &why->view->paths[i];
		size_t count = breaks ? path->break_count : path->clause_count;

		for (size_t j = 0; strcmp(end_of(path), end) == 0 && j < count; j++) {
			const char *line = breaks ? path->breaks[j] : path->clauses[j];
			bool added;

			map_put(&seen, slice_text(line), 0, &added);
			if (added)
				text_field(why->text, label, line);
		}
	}
	map_release(&seen);
}

static void write_step(const struct text *text, const struct view_step *step)
{
	struct text_fold fold;

	sink_text(text->sink, "      -> ");
	text_name(text, TEXT_CYAN, step->to);
	sink_text(text->sink, "\n         ");
	text_fold_begin(&fold, text, 9, 9);
	text_fold_words(&fold, step->kind, "");
	text_fold_printf(&fold, "(%s, %s)%s", step->class, step->grade,
			 step->symbols_bound < 0 ? ":" : ",");
	if (step->symbols_bound >= 0)
		text_fold_words(
		    &fold, text_count((uint64_t)step->symbols_bound, "symbol", "symbols").words,
		    ":");
	text_fold_words(&fold, step->evidence, "");
	text_fold_end(&fold);
}

static void write_path(const struct why *why, const struct view_path *path, size_t number)
{
	sink_printf(why->text->sink, "  %zu.  ", number);
	text_name(why->text, TEXT_CYAN, path->step_count ? path->steps[0].from : why->view->from);
	sink_text(why->text->sink, "\n");
	for (size_t i = 0; i < path->step_count; i++)
		write_step(why->text, &path->steps[i]);
}

static void write_end(const struct why *why, size_t index)
{
	const struct view_path *first = &why->view->paths[index];
	const char *end = end_of(first);
	size_t count = 0;

	sink_text(why->text->sink, "\nto ");
	text_name(why->text, TEXT_BOLD, end);
	sink_text(why->text->sink, "\n");
	text_field(why->text, "licence", first->licence);
	write_once(why, end, "clause", false);
	write_shared(why, first);
	write_once(why, end, "to break", true);
	for (size_t i = index; i < why->view->path_count; i++) {
		if (strcmp(end_of(&why->view->paths[i]), end) != 0)
			continue;
		if (count++ < PATHS_SHOWN || why->text->options->verbose)
			write_path(why, &why->view->paths[i], count);
	}
	if (!why->text->options->verbose && count > PATHS_SHOWN)
		text_more(why->text, "  ", count - PATHS_SHOWN);
}

static bool is_first_of_its_end(const struct view_why *view, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(end_of(&view->paths[i]), end_of(&view->paths[index])) == 0)
			return false;
	return true;
}

void text_why(const struct view_why *view, const struct report_options *options, struct sink *sink)
{
	struct text text = {sink, options};
	struct why why = {&text, view};
	struct text_fold fold;
	size_t ends = 0;

	for (size_t i = 0; i < view->path_count; i++)
		ends += is_first_of_its_end(view, i);
	text_fold_begin(&fold, &text, 0, 2);
	text_fold_unit(&fold, TEXT_BOLD, view->from, "");
	text_fold_words(&fold, "to", "");
	text_fold_unit(&fold, TEXT_BOLD, view->to, ":");
	text_fold_words(
	    &fold,
	    view->path_count ? text_count(view->path_count, "path", "paths").words : "no path", "");
	if (ends > 1) {
		text_fold_words(&fold, "to", "");
		text_fold_words(&fold, text_count(ends, "file", "files").words, "");
	}
	if (view->capped)
		text_fold_words(&fold, "(and there are more)", "");
	text_fold_end(&fold);
	for (size_t i = 0; i < view->path_count; i++)
		if (is_first_of_its_end(view, i))
			write_end(&why, i);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
	text_disclaimer(&text);
}
