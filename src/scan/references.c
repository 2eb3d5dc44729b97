/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/references.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reach/modified.h"
#include "util/map.h"
#include "util/vec.h"

/* One verdict; of several references that know a file, the one that fits it best counts. */
struct verdict {
	struct graph_comparison comparison;
	enum verify_verdict verdict;
};

struct collection {
	const char *reference;
	struct arena *arena;
	struct map by_path; /* index into list */
	VEC(struct verdict) list;
};

static void take(void *context, const struct verify_file *file, bool elf)
{
	struct collection *collection = context;
	struct map_entry *entry;
	struct verdict *verdict;
	bool added;

	if (!file->path || !file->reference_path)
		return;
	entry =
	    map_put(&collection->by_path, slice_text(arena_strdup(collection->arena, file->path)),
		    (uint32_t)collection->list.len, &added);
	if (added)
		verdict = vec_add(&collection->list);
	else
		verdict = &collection->list.ptr[entry->value];
	if (!added && verdict->verdict <= file->verdict)
		return;
	*verdict = (struct verdict){
	    .verdict = file->verdict,
	    .comparison = {
		.path = arena_strdup(collection->arena, file->path),
		.reference = collection->reference,
		.reference_path = arena_strdup(collection->arena, file->reference_path),
		.verdict = verify_verdict_text(file->verdict),
		.detail = arena_strdup(collection->arena, verify_summary(file, collection->arena)),
		.unmodified =
		    file->verdict == VERIFY_IDENTICAL || file->verdict == VERIFY_REPACKAGED,
		.modified = file->verdict == VERIFY_MODIFIED,
		.unproven = file->verdict == VERIFY_REBUILT || file->verdict == VERIFY_UNRELATED,
		.elf = elf,
	    }};
}

static int compare_verdicts(const void *a, const void *b)
{
	return strcmp(((const struct verdict *)a)->comparison.path,
		      ((const struct verdict *)b)->comparison.path);
}

/* By path; of the many files that are as they were, only the binaries are kept. */
static const struct graph_comparison *sort(struct collection *collection, size_t *ret_count)
{
	struct graph_comparison *list =
	    arena_alloc_array(collection->arena, collection->list.len + 1, sizeof(*list));

	if (collection->list.len)
		qsort(collection->list.ptr, collection->list.len, sizeof(*collection->list.ptr),
		      compare_verdicts);
	*ret_count = 0;
	vec_each (verdict, &collection->list)
		if (verdict->comparison.elf || !verdict->comparison.unmodified)
			list[(*ret_count)++] = verdict->comparison;
	return list;
}

/* The artifact, and what its files reach outside it. */
static void list_paths(const struct references_input *input, struct arena *arena,
		       struct verify_suspect *ret)
{
	size_t limit = input->path_count + input->graph->file_count + 1;
	const char **paths = arena_alloc_array(arena, limit, sizeof(*paths));

	*ret = (struct verify_suspect){.directory = input->directory, .paths = paths};
	for (size_t i = 0; i < input->path_count; i++)
		paths[ret->count++] = input->paths[i];
	for (size_t i = 0; i < input->graph->file_count; i++)
		if (!input->graph->files[i].shipped && input->graph->files[i].facts)
			paths[ret->count++] = input->graph->files[i].path;
}

enum status references_compare(const struct references_input *input, struct arena *arena,
			       const struct graph **ret, const char **ret_refused)
{
	const struct scan_options *options = input->options;
	struct collection collection = {.arena = arena};
	const struct graph_comparison *list;
	struct verify_suspect suspect;
	enum status status = STATUS_OK;
	size_t count;
	int error;

	*ret_refused = "";
	if (options->reference_count)
		list_paths(input, arena, &suspect);
	for (size_t i = 0; status == STATUS_OK && i < options->reference_count; i++) {
		*ret_refused = options->references[i];
		collection.reference = arena_strdup(arena, options->references[i]);
		status = verify_against(options, input->workers, options->references[i], &suspect,
					input->diags, take, &collection);
	}
	error = errno;
	list = sort(&collection, &count);
	if (status == STATUS_OK)
		*ret = graph_with_comparisons(input->graph, list, count, input->providers, arena);
	vec_release(&collection.list);
	map_release(&collection.by_path);
	errno = error;
	return status;
}
