/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/text_edges.h"

#include <string.h>

#include "report/text_findings.h"

#define CONSUMERS_SHOWN 8
#define ENDS_SHOWN 8
#define KINDS 16

/* What the reader sees of one kind. */
struct kind_count {
	const char *kind, *class;
	size_t certain, possible;
};

/* Edges are sorted by their ends: the same relation by other evidence comes next to the first. */
static bool says_the_same(const struct view_edge *left, const struct view_edge *right)
{
	return left->from == right->from && left->to == right->to &&
	       strcmp(left->kind, right->kind) == 0 &&
	       (left->to != VIEW_NONE || strcmp(left->name, right->name) == 0);
}

static bool is_repetition(const struct view *view, size_t index)
{
	const struct view_edge *edge = &view->edges[index];

	for (size_t i = index;
	     i-- > 0 && view->edges[i].from == edge->from && view->edges[i].to == edge->to;)
		if (says_the_same(&view->edges[i], edge))
			return true;
	return false;
}

static size_t count_kinds(const struct view *view, struct kind_count kinds[KINDS])
{
	size_t count = 0, at;

	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_edge *edge = &view->edges[i];

		if (edge->to == VIEW_NONE || is_repetition(view, i))
			continue;
		for (at = 0; at < count && strcmp(kinds[at].kind, edge->kind) != 0; at++)
			;
		if (at == KINDS)
			continue;
		if (at == count)
			kinds[count++] = (struct kind_count){edge->kind, edge->class, 0, 0};
		kinds[at].certain += !edge->possible;
		kinds[at].possible += edge->possible;
	}
	return count;
}

static void write_class(const struct text *text, const char *class, const struct kind_count *kinds,
			size_t count)
{
	struct text_fold fold;
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += strcmp(kinds[i].class, class) == 0;
	if (!left)
		return;
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_BOLD, class, ":");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(kinds[i].class, class) != 0)
			continue;
		text_fold_unit(&fold, TEXT_PLAIN, kinds[i].kind, "");
		text_fold_printf(&fold, "%zu%s", kinds[i].certain,
				 --left && !kinds[i].possible ? "," : "");
		if (kinds[i].possible)
			text_fold_printf(&fold, "and %zu possible%s", kinds[i].possible,
					 left ? "," : "");
	}
	text_fold_end(&fold);
}

static void write_classes(const struct text *text, const struct view *view)
{
	struct kind_count kinds[KINDS];
	size_t count = count_kinds(view, kinds), shipped = view->coverage.files_total;
	struct text_fold fold;

	write_class(text, "linking", kinds, count);
	write_class(text, "IPC", kinds, count);
	if (view->work_count < 2 && shipped < 2)
		return;
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_BOLD, "aggregation", ":");
	text_fold_words(&fold, "whatever is shipped together and no edge above joins", "");
	text_fold_end(&fold);
}

static const char *verb_of(const char *kind, bool possible)
{
	if (strcmp(kind, "ipc-exec") == 0)
		return possible ? "may run" : "runs";
	if (strcmp(kind, "ipc-socket") == 0)
		return possible ? "may meet over a socket" : "meets over a socket";
	if (strcmp(kind, "ipc-dbus") == 0)
		return possible ? "may meet over D-Bus" : "meets over D-Bus";
	return possible ? "may share memory with" : "shares memory with";
}

/* What one consumer meets in one way, or may meet. */
struct ends {
	const char *kind;
	bool possible;
};

static void write_ends(struct text_fold *fold, const struct view *view, const uint32_t *edges,
		       size_t count, const struct ends *ends, struct arena *arena)
{
	struct text_names names = {arena_alloc_array(arena, count + 1, sizeof(const char *)), 0,
				   false};

	for (size_t i = 0; i < count; i++) {
		const struct view_edge *edge = &view->edges[edges[i]];

		if (strcmp(edge->kind, ends->kind) != 0 || edge->possible != ends->possible)
			continue;
		text_names_add(&names, edge->to == VIEW_NONE
					   ? arena_printf(arena, "%s (not here)", edge->name)
					   : text_base_name(view->files[edge->to].path));
	}
	if (!names.count)
		return;
	text_fold_words(fold, verb_of(ends->kind, ends->possible), "");
	text_names_write(fold, &names, ENDS_SHOWN, arena);
}

static void write_consumer(const struct text *text, const struct view *view, const uint32_t *edges,
			   size_t count, struct arena *arena)
{
	static const struct ends ends[] = {
	    {"ipc-exec", false}, {"ipc-exec", true}, {"ipc-socket", false}, {"ipc-socket", true},
	    {"ipc-dbus", false}, {"ipc-dbus", true}, {"ipc-shm", false},    {"ipc-shm", true}};
	struct text_fold fold;

	sink_text(text->sink, "    ");
	text_fold_begin(&fold, text, 4, 8);
	text_fold_unit(&fold, TEXT_CYAN, view->files[view->edges[edges[0]].from].path, "");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		write_ends(&fold, view, edges, count, &ends[i], arena);
	text_fold_end(&fold);
}

void text_edges(const struct text *text, const struct view *view, struct arena *arena)
{
	uint32_t *ipc = arena_alloc_array(arena, view->edge_count + 1, sizeof(*ipc));
	size_t count = 0, shown = 0, hidden = 0;

	if (!view->edge_count)
		return;
	text_heading(text, "Edges by class");
	write_classes(text, view);
	for (uint32_t i = 0; i < view->edge_count; i++)
		if (strcmp(view->edges[i].class, "IPC") == 0)
			ipc[count++] = i;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1;
		     end < count && view->edges[ipc[end]].from == view->edges[ipc[i]].from; end++)
			;
		if (shown < CONSUMERS_SHOWN || text->options->verbose)
			write_consumer(text, view, ipc + i, end - i, arena);
		else
			hidden++;
		shown++;
	}
	text_more(text, "    ", hidden);
}

void text_edge(const struct text *text, const struct view *view, const struct view_edge *edge)
{
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_PLAIN, view->files[edge->from].path, " ->");
	text_fold_unit(&fold, TEXT_PLAIN,
		       edge->to == VIEW_NONE ? edge->name : view->files[edge->to].path,
		       edge->to == VIEW_NONE ? " (not here):" : ":");
	text_fold_unit(&fold, TEXT_PLAIN, edge->kind, ",");
	text_fold_words(&fold, edge->class, "");
	if (edge->possible)
		text_fold_words(&fold, "(possible)", "");
	text_fold_words(&fold, "since", "");
	text_fold_words(&fold, edge->reason, ";");
	text_fold_words(&fold, "by", "");
	text_fold_unit(&fold, TEXT_PLAIN, edge->grade, ",");
	for (size_t i = 0; i < edge->evidence_count; i++) {
		text_fold_words(&fold, edge->evidence[i].type, "");
		text_fold_unit(&fold, TEXT_PLAIN, edge->evidence[i].detail, ",");
	}
	text_fold_unit(&fold, TEXT_PLAIN, edge->rule, edge->symbols_bound >= 0 ? "," : "");
	if (edge->symbols_bound >= 0)
		text_fold_words(
		    &fold,
		    text_count((uint64_t)edge->symbols_bound, "symbol bound", "symbols bound")
			.words,
		    "");
	text_fold_end(&fold);
}
