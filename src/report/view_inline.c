/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of header code inside files, and of what they were only compiled against. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

#include "binary/demangle.h"

const char *view_inline_summary(const struct inline_component *from, struct arena *arena)
{
	const char *text = "";

	if (from->weak || from->local)
		text =
		    arena_printf(arena, "%u functions of header code%s%s", from->weak + from->local,
				 *from->version ? ", version " : "", from->version);
	if (from->global)
		text = arena_printf(arena, "%s%s%u compiled from its sources", text,
				    *text ? ", " : "", from->global);
	if (from->source_files)
		text = arena_printf(arena, "%s%s%llu rows of line tables in %u of its files", text,
				    *text ? ", " : "", (unsigned long long)from->lines,
				    from->source_files);
	if (!from->distinct)
		text =
		    arena_printf(arena, "%s; its short namespace may be another project's", text);
	return text;
}

static const struct view_evidence *evidence_of(const struct inline_component *from,
					       const char *function, struct arena *arena,
					       size_t *ret_count)
{
	struct view_evidence *list = arena_alloc_array(arena, 3, sizeof(*list));
	size_t count = 0;

	list[count++] =
	    (struct view_evidence){INLINE_EVIDENCE, view_inline_summary(from, arena), UINT64_MAX};
	if (function)
		list[count++] = (struct view_evidence){"function", function, UINT64_MAX};
	if (from->source)
		list[count++] =
		    (struct view_evidence){"DWARF", arena_strdup(arena, from->source), UINT64_MAX};
	*ret_count = count;
	return list;
}

static const struct view_inlined *inlined_of(const struct inline_component *from,
					     const char *function, struct arena *arena)
{
	struct view_inlined *inlined = arena_alloc(arena, sizeof(*inlined));

	*inlined = (struct view_inlined){
	    .version = arena_strdup(arena, from->version),
	    .distinct = from->distinct,
	    .weak = from->weak,
	    .local = from->local,
	    .global = from->global,
	    .bytes = from->weak_bytes,
	    .source_files = from->source_files,
	    .lines = from->lines,
	    .function = function,
	    .source = from->source ? arena_strdup(arena, from->source) : NULL,
	};
	return inlined;
}

void view_inline_edges(const struct graph *graph, struct view_edge *edges, struct arena *arena)
{
	const char **names = arena_alloc_array(arena, graph->edge_count + 1, sizeof(*names));
	const char **texts = arena_alloc_array(arena, graph->edge_count + 1, sizeof(*texts));
	size_t count = 0, at = 0;

	for (size_t i = 0; i < graph->edge_count; i++)
		if (graph->edges[i].inlined)
			names[count++] = graph->edges[i].inlined->function
					     ? graph->edges[i].inlined->function
					     : "";
	if (count)
		demangle_names(names, count, arena, texts);
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct inline_component *from = graph->edges[i].inlined;
		const char *function;

		if (!from)
			continue;
		function = texts[at]	? texts[at]
			   : *names[at] ? arena_strdup(arena, names[at])
					: NULL;
		at++;
		edges[i].inlined = inlined_of(from, function, arena);
		edges[i].evidence = evidence_of(from, function, arena, &edges[i].evidence_count);
	}
}

/* ---- files ---- */

static const char *against_reason(const struct inline_component *from, struct arena *arena)
{
	if (from->linked)
		return arena_printf(arena, "it links %s", from->linked);
	return arena_printf(arena, "%u of its headers were read, no code was made of them",
			    from->headers_read);
}

static void fill_against(const struct inline_code *code, struct view_file *file,
			 struct arena *arena)
{
	struct view_against *list = arena_alloc_array(arena, code->count + 1, sizeof(*list));

	for (size_t i = 0; i < code->count; i++) {
		const struct inline_component *one = &code->components[i];

		if (!one->contained)
			list[file->against_count++] = (struct view_against){
			    arena_strdup(arena, one->name), arena_strdup(arena, one->version),
			    against_reason(one, arena)};
	}
	file->against = list;
}

static int compare_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct inline_file *)file)->path);
}

void view_inline_files(const struct inline_files *from, struct view_file *files, size_t count,
		       struct arena *arena)
{
	for (size_t i = 0; from && from->count && i < count; i++) {
		const struct inline_file *found = bsearch(files[i].path, from->list, from->count,
							  sizeof(*from->list), compare_path);

		if (found && found->code->count)
			fill_against(found->code, &files[i], arena);
	}
}

void view_inline_coverage(const struct inline_files *files, struct view_coverage *coverage)
{
	coverage->headers = files != NULL;
	for (size_t i = 0; files && i < files->count; i++) {
		coverage->header_files++;
		coverage->header_files_named += files->list[i].code->has_functions;
		coverage->header_files_lines += files->list[i].code->has_lines;
	}
}
