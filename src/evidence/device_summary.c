/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/device_summary.h"

#include <stdlib.h>
#include <string.h>

#include "util/map.h"

static void count_containers(const struct facts *facts, struct device_summary *summary)
{
	struct device_container_count counts[FACTS_DEVICE_CONTAINER_COUNT] = {0};

	for (size_t i = 0; i < facts->device_containers_count; i++) {
		const struct facts_device_container *container = &facts->device_containers[i];

		counts[container->kind].containers++;
		counts[container->kind].registered +=
		    (container->flags & FACTS_DEVICE_REGISTERED) != 0;
	}
	for (unsigned i = 0; i < FACTS_DEVICE_CONTAINER_COUNT; i++) {
		if (!counts[i].containers)
			continue;
		counts[i].kind = facts_device_container_text((enum facts_device_container_kind)i);
		summary->containers[summary->container_count++] = counts[i];
	}
}

static void count_kernels(const struct facts *facts, const struct facts_device_entry *entry,
			  struct device_architecture *architecture)
{
	for (uint32_t i = 0; i < entry->kernel_count; i++) {
		if (facts->kernels[entry->kernel_first + i].flags & FACTS_KERNEL_FUNCTION)
			architecture->functions++;
		else
			architecture->kernels++;
	}
}

static int compare_architectures(const void *a, const void *b)
{
	const struct device_architecture *left = a, *right = b;
	int order = strcmp(left->kind, right->kind);

	return order ? order : strcmp(left->name, right->name);
}

/* Architectures are few, images many. */
static void count_images(const struct facts *facts, struct device_summary *summary,
			 struct arena *arena)
{
	struct device_architecture *list =
	    arena_alloc_array(arena, facts->device_entries_count + 1, sizeof(*list));
	struct map by_name = {0};

	for (size_t i = 0; i < facts->device_entries_count; i++) {
		const struct facts_device_entry *entry = &facts->device_entries[i];
		const char *kind = facts_device_kind_text((enum facts_device_kind)entry->kind);
		const char *name = arena_strdup(arena, facts_text(facts, entry->architecture));
		struct map_entry *place;
		bool added;

		if (entry->kind == FACTS_DEVICE_KIND_HOST)
			continue;
		summary->images++;
		summary->opaque += entry->state == FACTS_DEVICE_STATE_OPAQUE;
		summary->not_read += entry->state == FACTS_DEVICE_STATE_LIMIT ||
				     entry->state == FACTS_DEVICE_STATE_DAMAGED;
		place = map_put(&by_name, slice_text(arena_printf(arena, "%s %s", kind, name)),
				(uint32_t)summary->architecture_count, &added);
		if (added)
			list[summary->architecture_count++] =
			    (struct device_architecture){.kind = kind, .name = name};
		list[place->value].images++;
		count_kernels(facts, entry, &list[place->value]);
	}
	map_release(&by_name);
	if (summary->architecture_count)
		qsort(list, summary->architecture_count, sizeof(*list), compare_architectures);
	for (size_t i = 0; i < summary->architecture_count; i++)
		if (strcmp(list[i].kind, facts_device_kind_text(FACTS_DEVICE_KIND_PTX)) != 0)
			summary->kernels += list[i].kernels;
	summary->architectures = list;
}

static int compare_tools(const void *a, const void *b)
{
	const struct device_toolchain *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (!order)
		order = strcmp(left->version, right->version);
	return order ? order : strcmp(left->build, right->build);
}

/* The same tool with other options, for each architecture, is one. */
static void list_tools(const struct facts *facts, struct device_summary *summary,
		       struct arena *arena)
{
	struct device_toolchain *list =
	    arena_alloc_array(arena, facts->device_tools_count + 1, sizeof(*list));
	size_t kept = 0;

	for (size_t i = 0; i < facts->device_tools_count; i++) {
		const struct facts_device_tool *tool = &facts->device_tools[i];

		list[i] = (struct device_toolchain){
		    .name = arena_strdup(arena, facts_text(facts, tool->name)),
		    .version = arena_strdup(arena, facts_text(facts, tool->version)),
		    .build = arena_strdup(arena, facts_text(facts, tool->build)),
		    .images = tool->images,
		};
	}
	if (facts->device_tools_count)
		qsort(list, facts->device_tools_count, sizeof(*list), compare_tools);
	for (size_t i = 0; i < facts->device_tools_count; i++) {
		if (i && compare_tools(&list[i], &list[kept - 1]) == 0)
			list[kept - 1].images += list[i].images;
		else
			list[kept++] = list[i];
	}
	summary->tools = list;
	summary->tool_count = kept;
}

const struct device_summary *device_summarise(const struct facts *facts, struct arena *arena)
{
	struct device_summary *summary;

	if (!facts->device_containers_count)
		return NULL;
	summary = arena_alloc(arena, sizeof(*summary));
	*summary = (struct device_summary){0};
	count_containers(facts, summary);
	count_images(facts, summary, arena);
	list_tools(facts, summary, arena);
	return summary;
}
