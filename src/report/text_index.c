/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft index. */
#include <string.h>

#include "report/text.h"

static void write_labelled(const struct text *text, const char *label, const char *value)
{
	if (!*value)
		return;
	sink_printf(text->sink, "%s", label);
	sink_terminal(text->sink, value);
}

static void write_origin(const struct text *text, const struct view_index_origin *origin)
{
	sink_text(text->sink, "  ");
	sink_terminal(text->sink, *origin->version ? origin->version : "version not known");
	write_labelled(text, "  ", origin->licence);
	write_labelled(text, "  ", origin->machine);
	write_labelled(text, "  ", origin->distribution);
	write_labelled(text, "  ", origin->package);
	write_labelled(text, " of ", origin->source);
	write_labelled(text, " ", origin->source_version);
	write_labelled(text, ", carried by ", origin->carrier);
	sink_text(text->sink, "\n    ");
	text_name(text, TEXT_CYAN, origin->path);
	sink_printf(text->sink, "  %s, %s, %llu found nowhere else\n",
		    text_count(origin->member_count, "member", "members").words,
		    text_count(origin->functions, "function", "functions").words,
		    (unsigned long long)origin->unique);
	for (size_t i = 0; origin->members && i < origin->member_count; i++) {
		sink_text(text->sink, "      ");
		sink_terminal(text->sink, origin->members[i].name);
		sink_printf(text->sink, "  %llu, %llu",
			    (unsigned long long)origin->members[i].functions,
			    (unsigned long long)origin->members[i].unique);
		write_labelled(text, ", build-id ", origin->members[i].build_id);
		sink_text(text->sink, "\n");
	}
}

void text_index(const struct view_index *view, const struct report_options *options,
		struct sink *sink)
{
	struct text text = {sink, options};

	for (size_t i = 0; i < view->component_count; i++) {
		const struct view_index_component *component = &view->components[i];

		text_name(&text, TEXT_BOLD, component->name);
		if (strcmp(component->class, "library") != 0)
			sink_printf(sink, " (%s)", component->class);
		sink_text(sink, "\n");
		for (size_t j = 0; j < component->origin_count; j++)
			write_origin(&text, &component->origins[j]);
	}
	if (view->built)
		sink_printf(sink, "Read %s and %s of them.\n",
			    text_count(view->files_read, "file", "files").words,
			    text_count(view->members_read, "member", "members").words);
	sink_printf(sink, "%s, %s, %s, %s, %s.\n",
		    text_count(view->component_count, "component", "components").words,
		    text_count(view->members, "object", "objects").words,
		    text_count(view->functions, "function", "functions").words,
		    text_count(view->keys, "fingerprint", "distinct fingerprints").words,
		    text_count(view->build_ids, "build-id", "build-ids").words);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
}
