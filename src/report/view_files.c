/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a file beside its links: its device code, and what a reference says of it. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

static int compare_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct device_file *)file)->path);
}

static const struct view_device *build_device(const struct device_summary *from,
					      struct arena *arena)
{
	struct view_device *device = arena_alloc(arena, sizeof(*device));
	struct view_device_count *containers =
	    arena_alloc_array(arena, from->container_count + 1, sizeof(*containers));
	struct view_device_architecture *architectures =
	    arena_alloc_array(arena, from->architecture_count + 1, sizeof(*architectures));
	struct view_device_tool *tools =
	    arena_alloc_array(arena, from->tool_count + 1, sizeof(*tools));

	for (size_t i = 0; i < from->container_count; i++)
		containers[i] = (struct view_device_count){from->containers[i].kind,
							   from->containers[i].containers,
							   from->containers[i].registered};
	for (size_t i = 0; i < from->architecture_count; i++)
		architectures[i] = (struct view_device_architecture){
		    from->architectures[i].kind, arena_strdup(arena, from->architectures[i].name),
		    from->architectures[i].images, from->architectures[i].kernels,
		    from->architectures[i].functions};
	for (size_t i = 0; i < from->tool_count; i++)
		tools[i] = (struct view_device_tool){arena_strdup(arena, from->tools[i].name),
						     arena_strdup(arena, from->tools[i].version),
						     arena_strdup(arena, from->tools[i].build),
						     from->tools[i].images};
	*device = (struct view_device){
	    .containers = containers,
	    .container_count = from->container_count,
	    .architectures = architectures,
	    .architecture_count = from->architecture_count,
	    .tools = tools,
	    .tool_count = from->tool_count,
	    .images = from->images,
	    .kernels = from->kernels,
	    .opaque = from->opaque,
	    .not_read = from->not_read,
	};
	return device;
}

void view_device_build(const struct device_files *from, struct view_file *files, size_t count,
		       struct arena *arena)
{
	for (size_t i = 0; from->count && i < count; i++) {
		const struct device_file *found = bsearch(files[i].path, from->list, from->count,
							  sizeof(*from->list), compare_path);

		if (found)
			files[i].device = build_device(found->summary, arena);
	}
}

static struct view_verification copy_comparison(const struct graph_comparison *from,
						struct arena *arena)
{
	return (struct view_verification){
	    .path = arena_strdup(arena, from->path),
	    .reference = arena_strdup(arena, from->reference),
	    .reference_path = arena_strdup(arena, from->reference_path),
	    .verdict = from->verdict,
	    .detail = arena_strdup(arena, from->detail),
	    .unmodified = from->unmodified,
	};
}

const struct view_verification *view_verifications(const struct graph *graph, struct arena *arena,
						   size_t *ret_count)
{
	struct view_verification *list =
	    arena_alloc_array(arena, graph->comparison_count + 1, sizeof(*list));

	for (size_t i = 0; i < graph->comparison_count; i++)
		list[i] = copy_comparison(&graph->comparisons[i], arena);
	*ret_count = graph->comparison_count;
	return list;
}
