/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of elfleft tree and elfleft why. */
#include <string.h>

#include "report/text.h"

#define UNPROVIDED_SHOWN 10

static const char *object_name(const struct view_tree *view, uint32_t index)
{
	return view->objects[index].path ? view->objects[index].path : view->objects[index].name;
}

static void write_object(const struct text *text, const struct view_tree *view, uint32_t index)
{
	const struct view_tree_object *object = &view->objects[index];

	sink_text(text->sink, object->apart ? "  apart  " : "  ");
	text_name(text, TEXT_PLAIN, object->name);
	sink_text(text->sink, " => ");
	if (object->path)
		text_name(text, TEXT_CYAN, object->path);
	else
		text_name(text, TEXT_RED, "not found");
	sink_text(text->sink, "  [");
	sink_text(text->sink, object->rule);
	if (object->needed_by != VIEW_NONE && object->needed_by != 0) {
		const char *by = object_name(view, object->needed_by), *slash = strrchr(by, '/');
		sink_text(text->sink, ", for ");
		sink_terminal(text->sink, slash ? slash + 1 : by);
	}
	sink_text(text->sink, "]\n");
}

static void write_trail(const struct text *text, const struct view_tree_edge *edge)
{
	for (size_t i = 0; i < edge->trail_count; i++) {
		const struct view_candidate *candidate = &edge->trail[i];

		sink_text(text->sink, "      ");
		text_name(text, TEXT_DIM, candidate->path);
		sink_printf(text->sink, "  %s: %s", candidate->rule, candidate->result);
		if (*candidate->message) {
			sink_text(text->sink, ": ");
			sink_terminal(text->sink, candidate->message);
		}
		sink_text(text->sink, "\n");
	}
}

static void write_edges(const struct text *text, const struct view_tree *view)
{
	text_heading(text, "Who asks for what");
	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_tree_edge *edge = &view->edges[i];

		sink_text(text->sink, "  ");
		sink_terminal(text->sink, object_name(view, edge->from));
		sink_printf(text->sink, " %s ", edge->request);
		sink_terminal(text->sink, edge->name);
		sink_text(text->sink, " => ");
		sink_terminal(text->sink,
			      edge->to == VIEW_NONE ? "nothing" : object_name(view, edge->to));
		sink_printf(text->sink, "  [%s]", edge->rule);
		if (edge->symbols_bound >= 0)
			sink_printf(text->sink, "  %lld symbols", (long long)edge->symbols_bound);
		sink_text(text->sink, "\n");
		write_trail(text, edge);
	}
}

/* The edges of the file itself by what it binds through them. */
static void write_direct(const struct text *text, const struct view_tree *view)
{
	size_t unused = 0, direct = 0;
	struct text_fold fold;

	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_tree_edge *edge = &view->edges[i];

		if (edge->from != 0 || edge->to == VIEW_NONE || edge->symbols_bound < 0 ||
		    strcmp(edge->request, "DT_NEEDED") != 0)
			continue;
		direct++;
		unused += edge->symbols_bound == 0;
	}
	if (!direct)
		return;
	text_fold_begin(&fold, text, 0, 2);
	text_fold_printf(&fold, "It names %zu libraries and binds symbols of %zu of them%s", direct,
			 direct - unused, unused ? "; without a symbol bound:" : ".");
	for (size_t i = 0; unused && i < view->edge_count; i++) {
		const struct view_tree_edge *edge = &view->edges[i];

		if (edge->from == 0 && edge->to != VIEW_NONE && edge->symbols_bound == 0 &&
		    strcmp(edge->request, "DT_NEEDED") == 0)
			text_fold_unit(&fold, TEXT_PLAIN, edge->name, "");
	}
	text_fold_end(&fold);
}

static void write_symbols(const struct text *text, const struct view_tree *view)
{
	size_t unprovided = 0, shown = 0;

	for (size_t i = 0; i < view->symbol_count; i++)
		unprovided += view->symbols[i].to == VIEW_NONE && !view->symbols[i].weak;
	if (unprovided)
		text_heading(text, "Symbols nothing provides");
	for (size_t i = 0; i < view->symbol_count; i++) {
		const struct view_tree_symbol *symbol = &view->symbols[i];

		if (symbol->to != VIEW_NONE || symbol->weak ||
		    (shown >= UNPROVIDED_SHOWN && !text->options->verbose))
			continue;
		shown++;
		sink_text(text->sink, "  ");
		sink_terminal(text->sink, symbol->name);
		if (*symbol->version) {
			sink_text(text->sink, "@");
			sink_terminal(text->sink, symbol->version);
		}
		sink_text(text->sink, " wanted by ");
		sink_terminal(text->sink, object_name(view, symbol->from));
		sink_text(text->sink, "\n");
	}
	text_more(text, "  ", unprovided - shown);
	if (!view->undeclared_count || !text->options->verbose)
		return;
	text_heading(text, "Symbols bound from objects that the consumer does not name");
	for (size_t i = 0; i < view->undeclared_count; i++) {
		sink_text(text->sink, "  ");
		sink_terminal(text->sink, object_name(view, view->undeclared[i].from));
		sink_text(text->sink, " <- ");
		sink_terminal(text->sink, object_name(view, view->undeclared[i].to));
		sink_printf(text->sink, "  %llu symbols\n",
			    (unsigned long long)view->undeclared[i].symbols);
	}
}

void text_tree(const struct view_tree *view, const struct report_options *options,
	       struct sink *sink)
{
	struct text text = {sink, options};
	size_t found = 0, missing = 0;

	text_name(&text, TEXT_BOLD, view->object_count ? object_name(view, 0) : view->file);
	sink_text(sink, "\n");
	if (view->is_static)
		sink_text(sink, "  static: no loader takes part\n");
	if (view->fatal) {
		text_name(&text, TEXT_RED, "  ld.so would stop: ");
		sink_terminal(sink, view->fatal);
		sink_text(sink, "\n");
	}
	for (uint32_t i = 1; i < view->object_count; i++) {
		write_object(&text, view, i);
		found += view->objects[i].path != NULL;
		missing += view->objects[i].path == NULL;
	}
	if (view->object_count > 1)
		sink_printf(sink, "%zu libraries, %zu not found.\n", found, missing);
	write_direct(&text, view);
	if (options->verbose)
		write_edges(&text, view);
	write_symbols(&text, view);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
}
