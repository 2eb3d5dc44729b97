/* SPDX-License-Identifier: BSD-2-Clause */
/* What a release owes, component by component: text. */
#include <string.h>

#include "report/text.h"

#define COMPONENTS_SHOWN 12
#define FILES_SHOWN 4

/* Who an obligation is about: its component, or its first file. */
static void write_owner(const struct text *text, const struct view *view,
			const struct view_obligation *obligation)
{
	const struct view_component *component;
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	if (obligation->component == VIEW_NONE) {
		text_fold_unit(&fold, TEXT_CYAN, view->files[obligation->files[0]].path, "");
		text_fold_end(&fold);
		return;
	}
	component = &view->components[obligation->component];
	text_fold_unit(&fold, TEXT_CYAN, component->name, "");
	text_fold_unit(&fold, TEXT_PLAIN, component->version, "");
	if (*component->source_name) {
		text_fold_words(&fold, "(source", "");
		text_fold_unit(&fold, TEXT_PLAIN, component->source_name, "");
		text_fold_unit(&fold, TEXT_PLAIN, component->source_version, ")");
	} else if (*component->purl || obligation->carrier_count) {
		text_fold_words(&fold, *component->purl ? "(package" : "(carried by", "");
		text_fold_unit(&fold, TEXT_PLAIN,
			       *component->purl ? component->purl : obligation->carriers[0], ")");
	}
	text_fold_end(&fold);
}

static void write_obligation(const struct text *text, const struct view *view,
			     const struct view_obligation *obligation)
{
	size_t shown = obligation->file_count;
	struct text_fold fold;

	text_field_begin(&fold, text, obligation->kind);
	text_fold_words(&fold, obligation->title, "");
	text_fold_words(&fold, "-", "");
	text_fold_start(&fold, obligation->licence, 60, ":");
	if (!text->options->verbose && shown > FILES_SHOWN + 1)
		shown = FILES_SHOWN;
	for (size_t i = 0; i < shown; i++)
		text_fold_unit(&fold, TEXT_PLAIN,
			       text_base_name(view->files[obligation->files[i]].path),
			       i + 1 < obligation->file_count ? "," : "");
	if (shown < obligation->file_count)
		text_fold_printf(&fold, "and %zu more", obligation->file_count - shown);
	text_fold_end(&fold);
}

static bool same_owner(const struct view_obligation *left, const struct view_obligation *right)
{
	return left->component == right->component &&
	       (left->component != VIEW_NONE || left->files[0] == right->files[0]);
}

void text_obligations(const struct text *text, const struct view *view)
{
	size_t owners = 0;

	if (!view->obligation_count)
		return;
	text_heading(text, "What this release owes");
	for (size_t i = 0; i < view->obligation_count; i++) {
		const struct view_obligation *obligation = &view->obligations[i];
		bool first = i == 0 || !same_owner(obligation, &view->obligations[i - 1]);

		owners += first;
		if (!text->options->verbose && owners > COMPONENTS_SHOWN)
			continue;
		if (first)
			write_owner(text, view, obligation);
		write_obligation(text, view, obligation);
	}
	if (!text->options->verbose && owners > COMPONENTS_SHOWN)
		text_more(text, "  ", owners - COMPONENTS_SHOWN);
}
