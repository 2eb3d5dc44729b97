/* SPDX-License-Identifier: BSD-2-Clause */
/* What is statically inside: one paragraph per file that holds code of components. */
#include "report/text_inside.h"

#include <string.h>

#define FILES_SHOWN 20

static void write_inside(struct text_fold *fold, const struct view *view,
			 const struct view_edge *edge)
{
	const struct view_inside *inside = edge->inside;
	const struct view_file *node = &view->files[edge->to];

	text_fold_unit(fold, TEXT_BOLD, edge->name, "");
	if (inside->version_count && !inside->version_fits)
		text_fold_words(fold, "near", "");
	for (size_t i = 0; i < inside->version_count; i++)
		text_fold_unit(fold, TEXT_PLAIN, inside->versions[i],
			       i + 1 < inside->version_count ? " or" : "");
	if (inside->stated_version)
		text_fold_printf(fold, "(it says %s)", inside->stated_version);
	text_fold_unit(fold, TEXT_PLAIN, node->licence.text, "");
	if (inside->functions)
		text_fold_printf(fold, "(%s: %llu functions)", inside->confidence,
				 (unsigned long long)inside->functions);
	else if (inside->texts)
		text_fold_printf(fold, "(%s: %llu texts)", inside->confidence,
				 (unsigned long long)inside->texts);
	else
		text_fold_printf(fold, "(%s: %s)", inside->confidence, inside->basis);
}

static void write_calibration(const struct text *text, const struct view_inside *inside)
{
	struct text_fold fold;

	sink_text(text->sink, "      ");
	text_fold_begin(&fold, text, 6, 8);
	if (inside->calibration_said)
		text_fold_printf(
		    &fold, "\"%s\" by %s was so %llu times of %llu in a test: %u.%u %% or more",
		    inside->confidence, inside->basis, (unsigned long long)inside->calibration_so,
		    (unsigned long long)inside->calibration_said, inside->calibration_low / 10,
		    inside->calibration_low % 10);
	else
		text_fold_printf(&fold, "\"%s\" by %s is not calibrated", inside->confidence,
				 inside->basis);
	text_fold_end(&fold);
}

/* Apart from each other: many signs of one tier make none of another. */
static void write_tiers(const struct text *text, const struct view_inside *inside)
{
	struct text_fold fold;
	bool begun = false;

	for (size_t i = 0; i < inside->tier_count; i++) {
		if (!inside->tiers[i].count)
			continue;
		if (!begun) {
			sink_text(text->sink, "      ");
			text_fold_begin(&fold, text, 6, 8);
			text_fold_words(&fold, "signs by tier of evidence:", "");
		}
		begun = true;
		text_fold_printf(&fold, "%s %llu", inside->tiers[i].name,
				 (unsigned long long)inside->tiers[i].count);
	}
	if (begun)
		text_fold_end(&fold);
}

static void write_inlined(struct text_fold *fold, const struct view *view,
			  const struct view_edge *edge)
{
	const struct view_inlined *inlined = edge->inlined;

	text_fold_unit(fold, TEXT_BOLD, edge->name, "");
	text_fold_unit(fold, TEXT_PLAIN, inlined->version, "");
	text_fold_unit(fold, TEXT_PLAIN, view->files[edge->to].licence.text, "");
	if (inlined->weak || inlined->local)
		text_fold_printf(fold, "(header code: %llu functions%s)",
				 (unsigned long long)(inlined->weak + inlined->local),
				 inlined->distinct ? "" : ", by a short name alone");
	else
		text_fold_printf(fold, "(header code: %llu rows of line tables)",
				 (unsigned long long)inlined->lines);
}

/* Evidence of the edge: its summary, then functions. */
static void write_evidence(const struct text *text, const struct view_edge *edge)
{
	if (edge->inside) {
		write_calibration(text, edge->inside);
		write_tiers(text, edge->inside);
	}
	for (size_t i = 0; i < edge->evidence_count; i++) {
		struct text_fold fold;

		sink_text(text->sink, "      ");
		text_fold_begin(&fold, text, 6, 8);
		text_fold_words(&fold, edge->evidence[i].detail, "");
		text_fold_end(&fold);
	}
}

static bool holds(const struct view *view, uint32_t file, const char *project)
{
	for (size_t i = 0; i < view->edge_count; i++)
		if ((view->edges[i].inside || view->edges[i].inlined) &&
		    view->edges[i].from == file && strcmp(view->edges[i].name, project) == 0)
			return true;
	return false;
}

/* What strings alone name: somebody wrote it there, no more. */
static void write_mentions(const struct text *text, const struct view *view)
{
	bool begun = false;

	for (uint32_t i = 0; i < view->file_count; i++) {
		const struct view_file *file = &view->files[i];
		struct text_fold fold;
		bool open = false;

		for (size_t j = 0; j < file->mention_count; j++) {
			if (holds(view, i, file->mentions[j].project))
				continue;
			if (!begun)
				text_heading(text, "Named by strings alone, which prove no code");
			begun = true;
			if (!open) {
				sink_text(text->sink, "  ");
				text_fold_begin(&fold, text, 2, 6);
				text_fold_unit(&fold, TEXT_CYAN, file->path, ":");
				open = true;
			}
			text_fold_unit(&fold, TEXT_PLAIN, file->mentions[j].project, "");
			text_fold_unit(&fold, TEXT_PLAIN, file->mentions[j].version, "");
		}
		if (open)
			text_fold_end(&fold);
	}
}

static void write_against(const struct text *text, const struct view *view)
{
	bool begun = false;

	for (uint32_t i = 0; i < view->file_count; i++) {
		const struct view_file *file = &view->files[i];

		for (size_t j = 0; j < file->against_count; j++) {
			const struct view_against *against = &file->against[j];
			struct text_fold fold;

			if (!begun)
				text_heading(text, "Compiled against, which is no code inside");
			begun = true;
			sink_text(text->sink, "  ");
			text_fold_begin(&fold, text, 2, 6);
			text_fold_unit(&fold, TEXT_CYAN, file->path, ":");
			text_fold_unit(&fold, TEXT_PLAIN, against->name, "");
			text_fold_unit(&fold, TEXT_PLAIN, against->version, "");
			text_fold_printf(&fold, "(%s)", against->reason);
			text_fold_end(&fold);
		}
	}
}

/* "/opt/libz.so.1: is usr/lib/libz.so.1.2.13 of zlib1g 1:1.2.13.dfsg-1 (build-id)" */
static void write_build(const struct text *text, const struct view_file *file)
{
	const struct view_known_build *build = file->builds;
	bool packaged = *build->package != '\0';
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_CYAN, file->path, ":");
	text_fold_words(&fold, "is", "");
	text_fold_unit(&fold, TEXT_PLAIN, build->path, "");
	text_fold_words(&fold, "of", "");
	text_fold_unit(&fold, TEXT_BOLD, packaged ? build->package : build->component, "");
	text_fold_unit(&fold, TEXT_PLAIN, packaged ? build->source_version : build->version, "");
	text_fold_words(&fold, "(build-id)", "");
	if (file->build_count > 1)
		text_fold_printf(&fold, "and %zu more", file->build_count - 1);
	text_fold_end(&fold);
}

static void write_builds(const struct text *text, const struct view *view)
{
	size_t shown = 0, hidden = 0;

	for (size_t i = 0; i < view->file_count; i++) {
		if (!view->files[i].build_count)
			continue;
		if (shown >= FILES_SHOWN && !text->options->verbose) {
			hidden++;
			continue;
		}
		if (!shown++)
			text_heading(text, "Builds these files came from; whether their bytes are "
					   "the same, \"elfleft verify\" tells");
		write_build(text, &view->files[i]);
	}
	text_more(text, "  ", hidden);
}

void text_inside(const struct text *text, const struct view *view)
{
	uint32_t last = VIEW_NONE;
	size_t files = 0, hidden = 0;

	write_builds(text, view);
	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_edge *edge = &view->edges[i];
		struct text_fold fold;

		if (!edge->inside && !edge->inlined)
			continue;
		if (!files && last == VIEW_NONE)
			text_heading(text, "Inside: components whose code these files hold");
		if (edge->from != last) {
			last = edge->from;
			if (files >= FILES_SHOWN && !text->options->verbose) {
				hidden++;
				continue;
			}
			files++;
			sink_text(text->sink, "  ");
			text_fold_begin(&fold, text, 2, 6);
			text_fold_unit(&fold, TEXT_CYAN, view->files[edge->from].path, "");
			text_fold_end(&fold);
		} else if (hidden) {
			continue;
		}
		sink_text(text->sink, "    ");
		text_fold_begin(&fold, text, 4, 6);
		if (edge->inside)
			write_inside(&fold, view, edge);
		else
			write_inlined(&fold, view, edge);
		text_fold_end(&fold);
		if (text->options->verbose)
			write_evidence(text, edge);
	}
	text_more(text, "  ", hidden);
	if (text->options->verbose) {
		write_against(text, view);
		write_mentions(text, view);
	}
}
