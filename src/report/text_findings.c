/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/text_findings.h"

#include <stdio.h>
#include <string.h>

#include "util/map.h"

#define ENTRIES_SHOWN 8
#define NAMES_SHOWN 8
#define DUTY_NAMES_SHOWN 5
#define LABEL_COLUMNS 60

/* ---- lists of names ---- */

void text_names_add(struct text_names *names, const char *name)
{
	names->list[names->count++] = name;
}

void text_names_write(struct text_fold *fold, const struct text_names *names, size_t limit,
		      struct arena *arena)
{
	const char **kept = arena_alloc_array(arena, names->count + 1, sizeof(*kept));
	struct map seen = {0};
	size_t count = 0, shown;

	for (size_t i = 0; i < names->count; i++) {
		bool added;

		map_put(&seen, slice_text(names->list[i]), 0, &added);
		if (added || names->keep_equal)
			kept[count++] = names->list[i];
	}
	map_release(&seen);
	/* One more name is no longer than saying that there is one more. */
	shown = fold->text->options->verbose || count <= limit + 1 ? count : limit;
	for (size_t i = 0; i < shown; i++)
		text_fold_unit(fold, TEXT_PLAIN, kept[i], i + 1 < shown ? "," : "");
	if (shown == count)
		return;
	text_fold_printf(fold, "and %zu more", count - shown);
}

/* The owner of a file, or its name when nobody knows it. */
static const char *owner_name(const struct view *view, uint32_t file)
{
	uint32_t component = view->files[file].component;

	return component == VIEW_NONE ? text_base_name(view->files[file].path)
				      : view->components[component].name;
}

/* ---- parts of one finding ---- */

static void write_title(const struct text *text, const struct view_finding *finding,
			const char *licence)
{
	struct text_fold fold;

	text_fold_begin(&fold, text, 6, 6);
	text_fold_unit(&fold, text_weight_colour(finding->weight),
		       finding->outcomes[finding->outcome_count - 1],
		       finding->contested ? " (contested):" : ":");
	text_fold_words(&fold, finding->title, "");
	if (*licence) {
		text_fold_words(&fold, "-", "");
		text_fold_words(&fold, licence, "");
	}
	text_fold_end(&fold);
}

/* The numbers are symbols bound; other kinds of edges are named. */
static void write_path(const struct text *text, const struct view *view,
		       const struct view_finding *finding, const char *label)
{
	struct text_fold fold;
	bool counted = false;

	text_field_begin(&fold, text, label);
	text_fold_unit(&fold, TEXT_PLAIN,
		       text_base_name(view->files[view->edges[finding->path[0]].from].path), " ->");
	for (size_t i = 0; i < finding->path_count; i++) {
		const struct view_edge *edge = &view->edges[finding->path[i]];
		const char *arrow = i + 1 < finding->path_count ? " ->" : "";
		bool plain = strcmp(edge->kind, "link-dynamic") == 0;
		char suffix[96] = "", symbols[48] = "";

		if (edge->symbols_bound >= 0)
			snprintf(symbols, sizeof(symbols), " (%lld%s)",
				 (long long)edge->symbols_bound,
				 counted		    ? ""
				 : edge->symbols_bound == 1 ? " symbol"
							    : " symbols");
		counted |= edge->symbols_bound >= 0;
		snprintf(suffix, sizeof(suffix), "%s%s%s%s%s", symbols, plain ? "" : " [",
			 plain ? "" : edge->kind, plain ? "" : "]", arrow);
		text_fold_unit(&fold, TEXT_PLAIN,
			       edge->to == VIEW_NONE ? edge->name
						     : text_base_name(view->files[edge->to].path),
			       suffix);
	}
	text_fold_end(&fold);
}

static void write_evidence(const struct text *text, const struct view *view,
			   const struct view_finding *finding)
{
	struct text_fold fold;

	text_field_begin(&fold, text, "evidence");
	for (size_t i = 0; i < finding->path_count; i++) {
		const struct view_edge *edge = &view->edges[finding->path[i]];
		bool last = i + 1 == finding->path_count;
		bool graded =
		    last || strcmp(edge->grade, view->edges[finding->path[i + 1]].grade) != 0;
		char suffix[64];

		if (graded)
			snprintf(suffix, sizeof(suffix), " (%s)%s", edge->grade, last ? "" : ",");
		else
			snprintf(suffix, sizeof(suffix), ",");
		if (!edge->evidence_count)
			continue;
		text_fold_words(&fold, edge->evidence[0].type, "");
		/* What shows code is a sentence; what shows another edge is a name. */
		if (edge->inside || edge->inlined)
			text_fold_words(&fold, edge->evidence[0].detail, suffix);
		else
			text_fold_unit(&fold, TEXT_PLAIN, edge->evidence[0].detail, suffix);
	}
	text_fold_end(&fold);
}

static void write_clauses(const struct text *text, const struct view_finding *finding)
{
	struct text_fold fold;

	if (!finding->citation_count)
		return;
	text_field_begin(&fold, text, "clause");
	for (size_t i = 0; i < finding->citation_count; i++) {
		const struct view_citation *citation = &finding->citations[i];

		bool unchecked = strcmp(citation->check, "no") == 0;
		const char *suffix = i + 1 < finding->citation_count ? ";" : "";

		text_fold_words(&fold, citation->text, unchecked ? "" : suffix);
		if (unchecked)
			text_fold_words(&fold, "(not checked)", suffix);
	}
	text_fold_end(&fold);
}

/* A file that says something else than its package is worth a line. */
static void write_label(const struct text *text, const struct view *view,
			const struct view_finding *finding, struct arena *arena)
{
	const struct view_file *file;
	struct text_fold fold;

	if (finding->provider == VIEW_NONE)
		return;
	file = &view->files[finding->provider];
	if (!file->licence.label || strcmp(file->licence.source, "the binary itself") != 0)
		return;
	text_field_begin(&fold, text, "label");
	text_fold_unit(&fold, TEXT_PLAIN, text_base_name(file->path), "");
	text_fold_words(&fold, "says of itself", "");
	text_fold_words(&fold, arena_printf(arena, "\"%s\";", file->licence.original), "");
	text_fold_words(&fold, "its package says", "");
	text_fold_start(&fold, file->licence.label, LABEL_COLUMNS, "");
	text_fold_end(&fold);
}

/* ---- entries ---- */

static void write_providers(const struct text *text, const struct view *view,
			    const struct entry *entry, struct arena *arena)
{
	struct text_names names = {
	    arena_alloc_array(arena, entry->finding_count + 1, sizeof(const char *)), 0, false};
	struct text_fold fold;

	for (size_t i = 0; i < entry->finding_count; i++) {
		const struct view_finding *finding = &view->findings[entry->findings[i]];

		text_names_add(&names, owner_name(view, finding->provider == VIEW_NONE
							    ? finding->subject
							    : finding->provider));
	}
	text_field_begin(&fold, text, "of");
	text_names_write(&fold, &names, NAMES_SHOWN, arena);
	text_fold_end(&fold);
}

static const char *work_name(const struct view *view, const struct view_work *work,
			     struct arena *arena)
{
	const char *program = text_base_name(view->files[work->program].path);

	if (work->plugin == VIEW_NONE)
		return program;
	return arena_printf(arena, "%s with %s", program,
			    text_base_name(view->files[work->plugin].path));
}

static void write_programs(const struct text *text, const struct view *view,
			   const struct entry *entry, struct arena *arena)
{
	struct text_names names = {
	    arena_alloc_array(arena, entry->work_count + 1, sizeof(const char *)), 0, true};
	struct text_fold fold;

	if (view->work_count < 2 || !entry->work_count)
		return;
	for (size_t i = 0; i < entry->work_count; i++)
		text_names_add(&names, work_name(view, &view->works[entry->works[i]], arena));
	text_field_begin(&fold, text, entry->work_count == 1 ? "in" : "in works");
	text_names_write(&fold, &names, NAMES_SHOWN, arena);
	text_fold_end(&fold);
}

/* Of an entry's findings the one with the shortest path: the edge to look at first. */
static const struct view_finding *nearest(const struct view *view, const struct entry *entry)
{
	const struct view_finding *best = &view->findings[entry->findings[0]];

	for (size_t i = 1; i < entry->finding_count; i++) {
		const struct view_finding *finding = &view->findings[entry->findings[i]];

		if (finding->path_count &&
		    (!best->path_count || finding->path_count < best->path_count))
			best = finding;
	}
	return best;
}

/* The longest path that leaves the program by another edge than the nearest one; NULL. */
static const struct view_finding *another_way(const struct view *view, const struct entry *entry,
					      const struct view_finding *first)
{
	const struct view_finding *best = NULL;

	for (size_t i = 0; i < entry->finding_count && first->path_count; i++) {
		const struct view_finding *finding = &view->findings[entry->findings[i]];

		if (finding->path_count && finding->path[0] != first->path[0] &&
		    (!best || finding->path_count > best->path_count))
			best = finding;
	}
	return best;
}

static bool is_conflict(const struct view_finding *finding)
{
	return strcmp(finding->rule, "work-conflict") == 0;
}

static void write_certain(const struct text *text, const struct view *view,
			  const struct entry *entry, struct arena *arena)
{
	const struct view_finding *first = &view->findings[entry->findings[0]];
	const struct view_finding *shown = nearest(view, entry);
	const struct view_finding *other = another_way(view, entry, shown);

	write_title(text, first, first->provider == VIEW_NONE ? "" : first->licence);
	write_providers(text, view, entry, arena);
	write_programs(text, view, entry, arena);
	if (shown->path_count) {
		write_path(text, view, shown, "path");
		if (other)
			write_path(text, view, other, "and");
		write_evidence(text, view, shown);
	}
	write_label(text, view, shown, arena);
	/* Each conflict has two sides of its own; other readings are told once, further down. */
	if (is_conflict(first) || (!first->contested && entry->finding_count == 1))
		text_field(text, "because", shown->message);
	write_clauses(text, shown);
	if (*shown->remedy)
		text_field(text, "to do", shown->remedy);
}

static void write_uncertain(const struct text *text, const struct view *view,
			    const struct entry *entry, struct arena *arena)
{
	const struct view_finding *first = &view->findings[entry->findings[0]];

	write_title(text, first, "");
	write_programs(text, view, entry, arena);
	text_field(text, entry->finding_count > 1 ? "such as" : "what", first->message);
	if (*first->remedy)
		text_field(text, "to do", first->remedy);
}

void text_entries(const struct text *text, const struct view *view, const struct entries *entries,
		  struct arena *arena)
{
	size_t shown = entries->count;

	if (!entries->count)
		return;
	text_heading(text, "Findings");
	if (!text->options->verbose && !entries->all && shown > ENTRIES_SHOWN)
		shown = ENTRIES_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		const struct entry *entry = &entries->list[i];

		sink_printf(text->sink, "%s[%zu] ",
			    i + 1 < 10	  ? "  "
			    : i + 1 < 100 ? " "
					  : "",
			    i + 1);
		if (entry->uncertain)
			write_uncertain(text, view, entry, arena);
		else
			write_certain(text, view, entry, arena);
	}
	text_more(text, "  ", entries->count - shown);
}

/* Whether an earlier entry has the same rule with the same outcome. */
static bool is_read_before(const struct view *view, const struct entries *entries, size_t index)
{
	const struct view_finding *own = &view->findings[entries->list[index].findings[0]];

	for (size_t i = 0; i < index; i++) {
		const struct view_finding *earlier = &view->findings[entries->list[i].findings[0]];

		if (earlier->weight == own->weight && strcmp(earlier->rule, own->rule) == 0)
			return true;
	}
	return false;
}

void text_readings(const struct text *text, const struct view *view, const struct entries *entries)
{
	bool headed = false;

	for (size_t i = 0; i < entries->count; i++) {
		const struct view_finding *shown = nearest(view, &entries->list[i]);
		struct text_fold fold;

		if (!shown->contested || is_conflict(shown) || is_read_before(view, entries, i))
			continue;
		if (!headed)
			text_heading(text, "Where readings differ");
		headed = true;
		sink_printf(text->sink, "%s[%zu] ",
			    i + 1 < 10	  ? "  "
			    : i + 1 < 100 ? " "
					  : "",
			    i + 1);
		text_fold_begin(&fold, text, 6, 6);
		text_fold_words(&fold, shown->message, "");
		text_fold_end(&fold);
	}
}

/* ---- duties of shipping ---- */

static bool same_duty(const struct view_finding *left, const struct view_finding *right)
{
	return right->weight < TEXT_HEAVY && left->weight == right->weight &&
	       strcmp(left->rule, right->rule) == 0;
}

static void write_duty(const struct text *text, const struct view *view, size_t first,
		       struct arena *arena)
{
	const struct view_finding *finding = &view->findings[first];
	struct text_names names = {
	    arena_alloc_array(arena, view->finding_count - first, sizeof(const char *)), 0, false};
	struct text_fold fold;

	for (size_t i = first; i < view->finding_count; i++)
		if (same_duty(finding, &view->findings[i]))
			text_names_add(&names, owner_name(view, view->findings[i].subject));
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, text_weight_colour(finding->weight),
		       finding->outcomes[finding->outcome_count - 1], ":");
	text_fold_words(&fold, finding->title, ":");
	text_names_write(&fold, &names, DUTY_NAMES_SHOWN, arena);
	text_fold_end(&fold);
}

void text_duties(const struct text *text, const struct view *view, struct arena *arena)
{
	bool headed = false;

	for (size_t i = 0; i < view->finding_count; i++) {
		bool seen = view->findings[i].weight >= TEXT_HEAVY;

		for (size_t j = 0; j < i && !seen; j++)
			seen = same_duty(&view->findings[i], &view->findings[j]);
		if (seen)
			continue;
		if (!headed)
			text_heading(text, "What comes with shipping these files");
		headed = true;
		write_duty(text, view, i, arena);
	}
}

/* ---- details ---- */

static void write_subject(const struct text *text, const struct view *view,
			  const struct view_finding *finding)
{
	struct text_fold fold;

	text_field_begin(&fold, text, "about");
	text_fold_unit(&fold, TEXT_PLAIN, view->files[finding->subject].path,
		       finding->provider == VIEW_NONE ? "" : " and");
	if (finding->provider != VIEW_NONE)
		text_fold_unit(&fold, TEXT_PLAIN, view->files[finding->provider].path, "");
	text_fold_end(&fold);
}

void text_finding(const struct text *text, const struct view *view,
		  const struct view_finding *finding, struct arena *arena)
{
	sink_text(text->sink, "    - ");
	write_title(text, finding, finding->licence);
	text_field(text, "id", finding->id);
	write_subject(text, view, finding);
	if (finding->path_count) {
		write_path(text, view, finding, "path");
		write_evidence(text, view, finding);
	}
	write_label(text, view, finding, arena);
	text_field(text, "reading", finding->message);
	write_clauses(text, finding);
	if (*finding->remedy)
		text_field(text, "to do", finding->remedy);
}

void text_all_findings(const struct text *text, const struct view *view, struct arena *arena)
{
	if (!view->finding_count)
		return;
	text_heading(text, "Every finding by itself");
	for (size_t i = 0; i < view->finding_count; i++)
		text_finding(text, view, &view->findings[i], arena);
}
