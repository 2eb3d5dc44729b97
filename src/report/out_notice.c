/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NOTICE file of a release: who owes what to whom, where its source is, and the texts that go
 * along, as the artifact has them. Texts come from hostile files: control characters but tabs and
 * newlines are escaped.
 */
#include <string.h>

#include "report/reporter.h"

#define RULE_LINE \
	"================================================================================\n"

static void write_lines(struct sink *sink, const char *text)
{
	while (*text) {
		const char *end = text + strcspn(text, "\n");
		const char *part = text;

		/* Tabs align lists of names in many copyright files. */
		while (part < end) {
			const char *tab = memchr(part, '\t', (size_t)(end - part));
			const char *stop = tab ? tab : end;

			sink_terminal_part(sink, part, stop);
			if (tab)
				sink_text(sink, "\t");
			part = tab ? tab + 1 : end;
		}
		sink_text(sink, "\n");
		text = *end ? end + 1 : end;
	}
}

/* The number of a text in the list behind the components; 0: it was not read. */
static size_t text_number(const struct view *view, const char *path, bool of_system)
{
	for (size_t i = 0; i < view->text_count; i++)
		if (view->texts[i].of_system == of_system && strcmp(view->texts[i].path, path) == 0)
			return i + 1;
	return 0;
}

static bool same_owner(const struct view_obligation *left, const struct view_obligation *right)
{
	return left->component == right->component &&
	       (left->component != VIEW_NONE || left->files[0] == right->files[0]);
}

static void write_owner(struct sink *sink, const struct view *view,
			const struct view_obligation *obligation)
{
	const struct view_component *component;

	sink_text(sink, "\n");
	if (obligation->component == VIEW_NONE) {
		sink_terminal(sink, view->files[obligation->files[0]].path);
		sink_text(sink, "\n");
		return;
	}
	component = &view->components[obligation->component];
	sink_terminal(sink, component->name);
	sink_text(sink, *component->version ? " " : "");
	sink_terminal(sink, component->version);
	sink_text(sink, "\n");
	if (*component->source_name) {
		sink_text(sink, "  source package: ");
		sink_terminal(sink, component->source_name);
		sink_text(sink, " ");
		sink_terminal(sink, component->source_version);
		sink_text(sink, "\n");
	}
	if (*component->purl) {
		sink_text(sink, "  package: ");
		sink_terminal(sink, component->purl);
		sink_text(sink, "\n");
	}
	for (size_t i = 0; i < obligation->carrier_count; i++) {
		sink_text(sink, "  carried by: ");
		sink_terminal(sink, obligation->carriers[i]);
		sink_text(sink, "\n");
	}
}

static void write_obligation(struct sink *sink, const struct view *view,
			     const struct view_obligation *obligation)
{
	bool wants_text = strcmp(obligation->kind, "notice") == 0 ||
			  strcmp(obligation->kind, "licence-text") == 0 ||
			  strcmp(obligation->kind, "terms") == 0;

	sink_printf(sink, "  %s (", obligation->title);
	sink_terminal(sink, obligation->licence);
	sink_text(sink, ")\n");
	for (size_t i = 0; i < obligation->file_count; i++) {
		sink_text(sink, "    ");
		sink_terminal(sink, view->files[obligation->files[i]].path);
		sink_text(sink, "\n");
	}
	if (!wants_text)
		return;
	if (!obligation->text_count)
		sink_text(sink, "    no text was found in the artifact\n");
	if (!obligation->text_count && !obligation->system_text_count)
		return;
	sink_text(sink, "    texts:");
	for (size_t i = 0; i < obligation->text_count; i++)
		sink_printf(sink, " [%zu]", text_number(view, obligation->texts[i], false));
	for (size_t i = 0; i < obligation->system_text_count; i++)
		sink_printf(sink, " [%zu]", text_number(view, obligation->system_texts[i], true));
	sink_text(sink, "\n");
}

static void write_texts(struct sink *sink, const struct view *view)
{
	for (size_t i = 0; i < view->text_count; i++) {
		sink_printf(sink, "\n%s[%zu] ", RULE_LINE, i + 1);
		sink_terminal(sink, view->texts[i].path);
		if (view->texts[i].of_system)
			sink_text(sink, " (of the system this file was written on)");
		sink_printf(sink, "\n%s\n", RULE_LINE);
		if (view->texts[i].text)
			write_lines(sink, view->texts[i].text);
		else
			sink_text(sink, "This text could not be read.\n");
	}
}

static void write_notice(const struct view *view, const struct report_options *options,
			 struct sink *sink)
{
	(void)options;
	sink_text(sink, "Notices for ");
	sink_terminal(sink, view->artifact.path);
	sink_printf(sink,
		    "\n\nMade by %s %s from the files themselves and the licence files that lie "
		    "with them.\nIt lists what is known; it is no legal advice.\n",
		    view->tool.name, view->tool.version);
	if (!view->complete)
		sink_text(sink, "It is incomplete: some input was not analysed.\n");
	if (!view->obligation_count)
		sink_text(sink, "\nNothing that is known asks for a notice.\n");
	for (size_t i = 0; i < view->obligation_count; i++) {
		if (i == 0 || !same_owner(&view->obligations[i], &view->obligations[i - 1]))
			write_owner(sink, view, &view->obligations[i]);
		write_obligation(sink, view, &view->obligations[i]);
	}
	write_texts(sink, view);
}

const struct reporter reporter_notice = {
    .name = "notice",
    .media_type = "text/plain; charset=utf-8",
    .extension = "txt",
    .help = "the NOTICE file of a release: notices, licence texts, where source is",
    .scan = write_notice,
    .check = write_notice,
};
