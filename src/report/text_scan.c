/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft scan: the answer first, then works, then what it rests on. */
#include <stdio.h>
#include <string.h>

#include "report/text.h"
#include "util/arena.h"
#include "util/map.h"

#define WORKS_SHOWN 10
#define WORK_FINDINGS_SHOWN 6
#define LABEL_SHOWN 40
#define GROUP_SHOWN 10 /* components of one */
#define FINDINGS_SHOWN 5
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

/* Findings that say the same of several providers are told once. */
struct groups {
	const struct view *view;
	uint32_t *first; /* beside findings: the first one of its group */
	uint32_t *next;	 /* the next one of its group, VIEW_NONE behind the last */
};

static void groups_make(struct groups *groups, const struct view *view, struct arena *arena)
{
	uint32_t *last = arena_alloc_array(arena, view->finding_count + 1, sizeof(*last));
	struct map by_key = {0};

	groups->view = view;
	groups->first = arena_alloc_array(arena, view->finding_count + 1, sizeof(*groups->first));
	groups->next = arena_alloc_array(arena, view->finding_count + 1, sizeof(*groups->next));
	for (uint32_t i = 0; i < view->finding_count; i++) {
		const struct view_finding *finding = &view->findings[i];
		const char *key =
		    arena_printf(arena, "%s|%u|%d|%u|%s", finding->rule, finding->weight,
				 finding->contested, finding->subject, finding->licence);
		bool added;
		struct map_entry *entry = map_put(&by_key, slice_text(key), i, &added);

		groups->first[i] = entry->value;
		groups->next[i] = VIEW_NONE;
		if (!added)
			groups->next[last[entry->value]] = i;
		last[entry->value] = i;
	}
	map_release(&by_key);
}

static bool is_uncertain(const struct view_finding *finding)
{
	return strcmp(finding->rule, "work-uncertain") == 0;
}

/* Whether an edge on the way binds no symbol. */
static bool is_unused(const struct view *view, const struct view_finding *finding)
{
	for (size_t i = 0; i < finding->path_count; i++)
		if (view->edges[finding->path[i]].symbols_bound == 0)
			return true;
	return false;
}

/* A file that says something else than its package is worth a line. */
static void write_label(const struct text *text, const struct view *view,
			const struct view_finding *finding)
{
	const struct view_file *file;
	char start[LABEL_SHOWN + 1];

	if (finding->provider == VIEW_NONE)
		return;
	file = &view->files[finding->provider];
	if (!file->licence.label || strcmp(file->licence.source, "the binary itself") != 0)
		return;
	snprintf(start, sizeof(start), "%s", file->licence.label);
	sink_text(text->sink, "      ");
	sink_terminal(text->sink, base_name(file->path));
	sink_text(text->sink, " says ");
	sink_terminal(text->sink, file->licence.original);
	sink_text(text->sink, "; its package: ");
	sink_terminal(text->sink, start);
	sink_text(text->sink, strlen(file->licence.label) > LABEL_SHOWN ? "...\n" : "\n");
}

/* The components of a group, and one path: of the one that is farthest, since it passes others. */
static void write_group(const struct text *text, const struct groups *groups, uint32_t first)
{
	const struct view *view = groups->view;
	const struct view_finding *finding = &view->findings[first], *shown = finding;
	size_t count = 0;

	sink_text(text->sink, "    ");
	text_name(text, weight_colour(finding->weight), highest(finding));
	if (is_uncertain(finding)) {
		sink_text(text->sink, ": ");
		sink_terminal(text->sink, finding->message);
		sink_text(text->sink, "\n");
		return;
	}
	sink_text(text->sink, finding->contested ? ", contested: " : ": ");
	sink_terminal(text->sink, finding->licence);
	sink_text(text->sink, " of");
	for (uint32_t i = first; i != VIEW_NONE; i = groups->next[i]) {
		const struct view_finding *one = &view->findings[i];

		if (count < GROUP_SHOWN || text->options->verbose) {
			sink_text(text->sink, count ? ", " : " ");
			sink_terminal(text->sink,
				      owner_name(view, one->provider == VIEW_NONE ? one->subject
										  : one->provider));
		}
		if (one->path_count > shown->path_count)
			shown = one;
		count++;
	}
	if (count > GROUP_SHOWN && !text->options->verbose)
		sink_printf(text->sink, " and %zu more", count - GROUP_SHOWN);
	sink_text(text->sink, "\n");
	write_label(text, view, finding);
	if (!shown->path_count)
		return;
	sink_text(text->sink, count > 1 ? "      for example " : "      ");
	write_path(text, view, shown);
	if (is_unused(view, shown))
		sink_text(text->sink, "  [no symbol bound at (0)]");
	sink_text(text->sink, "\n");
}

static void write_work_findings(const struct text *text, const struct groups *groups, uint32_t work)
{
	const struct view *view = groups->view;
	size_t shown = 0, hidden = 0;

	/* What is certain first, then what is not. */
	for (unsigned uncertain = 0; uncertain < 2; uncertain++) {
		for (uint32_t i = 0; i < view->finding_count; i++) {
			const struct view_finding *finding = &view->findings[i];

			if (finding->weight < HEAVY || groups->first[i] != i ||
			    is_uncertain(finding) != uncertain || !finding->path_count ||
			    !in_work(finding, work))
				continue;
			if (shown >= WORK_FINDINGS_SHOWN && !text->options->verbose) {
				hidden++;
				continue;
			}
			shown++;
			write_group(text, groups, i);
		}
	}
	text_more(text, "    ", hidden);
}

/* How many libraries a program names, and how many of them it takes a symbol from. */
static void write_used(const struct text *text, const struct view *view, uint32_t program)
{
	size_t named = 0, used = 0;

	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_edge *edge = &view->edges[i];

		if (edge->from != program || edge->to == VIEW_NONE || edge->symbols_bound < 0 ||
		    strcmp(edge->kind, "link-dynamic") != 0)
			continue;
		named++;
		used += edge->symbols_bound > 0;
	}
	if (named)
		sink_printf(text->sink, "; names %zu and binds symbols of %zu", named, used);
}

static void write_work(const struct text *text, const struct groups *groups, uint32_t index)
{
	const struct view *view = groups->view;
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
	write_used(text, view, work->program);
	if (view->outcome)
		sink_printf(text->sink, "; %s", work->outcomes[work->outcome_count - 1]);
	sink_text(text->sink, "\n");
	if (work->fatal) {
		text_name(text, TEXT_RED, "    ld.so would stop: ");
		sink_terminal(text->sink, work->fatal);
		sink_text(text->sink, "\n");
	}
	write_work_findings(text, groups, index);
	if (!text->options->verbose)
		return;
	for (size_t i = 0; i < work->missing_count; i++) {
		sink_text(text->sink, "    not found: ");
		sink_terminal(text->sink, work->missing[i]);
		sink_text(text->sink, "\n");
	}
}

/* Heaviest works first; within one weight by path. */
static void write_work_counts(const struct text *text, const struct view *view)
{
	bool any = false;

	if (view->work_count < 2 || !view->outcome)
		return;
	sink_text(text->sink, "  ");
	for (unsigned weight = 8; weight-- > 0;) {
		const char *name = NULL;
		size_t count = 0;

		for (size_t i = 0; i < view->work_count; i++) {
			if (view->works[i].weight != weight)
				continue;
			name = view->works[i].outcomes[view->works[i].outcome_count - 1];
			count++;
		}
		if (!count)
			continue;
		sink_text(text->sink, any ? ", " : "");
		text_name(text, weight_colour(weight), name);
		sink_printf(text->sink, ": %zu", count);
		any = true;
	}
	sink_text(text->sink, "\n");
}

static void write_works(const struct text *text, const struct groups *groups)
{
	const struct view *view = groups->view;
	size_t shown = 0;

	if (!view->work_count)
		return;
	text_heading(text,
		     "Works (a program or plugin with all it links; numbers are symbols bound)");
	write_work_counts(text, view);
	for (unsigned weight = 8; weight-- > 0;) {
		for (uint32_t i = 0; i < view->work_count; i++) {
			if (view->works[i].weight != weight ||
			    (shown >= WORKS_SHOWN && !text->options->verbose))
				continue;
			shown++;
			write_work(text, groups, i);
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
	if (finding->citation_count && !is_uncertain(finding)) {
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

static void write_heavy_findings(const struct text *text, const struct groups *groups)
{
	const struct view *view = groups->view;
	size_t shown = 0, hidden = 0;

	for (unsigned uncertain = 0; uncertain < 2; uncertain++) {
		for (uint32_t i = 0; i < view->finding_count; i++) {
			const struct view_finding *finding = &view->findings[i];

			if (finding->weight < HEAVY || is_uncertain(finding) != uncertain ||
			    (groups->first[i] != i && !text->options->verbose))
				continue;
			if (shown >= FINDINGS_SHOWN && !text->options->verbose) {
				hidden++;
				continue;
			}
			if (!shown++)
				text_heading(text, "Findings");
			write_finding(text, view, finding);
		}
	}
	text_more(text, "  ", hidden);
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
	struct groups groups;
	struct arena arena;

	arena_init(&arena);
	groups_make(&groups, view, &arena);
	write_header(&text, view);
	write_works(&text, &groups);
	write_heavy_findings(&text, &groups);
	write_light_findings(&text, view);
	if (options->verbose) {
		write_files(&text, view);
		write_edges(&text, view);
	}
	write_coverage(&text, view);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
	text_disclaimer(&text);
	arena_release(&arena);
}
