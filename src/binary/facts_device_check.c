/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tier of a record that facts_open() was given, checked; and words for its values. */
#include "binary/facts_layout.h"

static bool in_range(uint32_t first, uint32_t count, size_t total)
{
	return first <= total && count <= total - first;
}

/* One after the other they hold all entries. */
static bool check_containers(const struct facts *facts)
{
	uint64_t entries = 0;

	for (size_t i = 0; i < facts->device_containers_count; i++) {
		const struct facts_device_container *container = &facts->device_containers[i];

		if (container->kind >= FACTS_DEVICE_CONTAINER_COUNT ||
		    !facts_check_text(facts, container->section) ||
		    container->entry_first != entries)
			return false;
		entries += container->entry_count;
	}
	return entries == facts->device_entries_count;
}

static bool check_entries(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_entries_count; i++) {
		const struct facts_device_entry *entry = &facts->device_entries[i];

		if (entry->container >= facts->device_containers_count ||
		    (entry->tool != FACTS_NO_TOOL && entry->tool >= facts->device_tools_count) ||
		    !in_range(entry->kernel_first, entry->kernel_count, facts->kernels_count) ||
		    entry->kind >= FACTS_DEVICE_KIND_COUNT ||
		    entry->compression >= FACTS_DEVICE_COMPRESSION_COUNT ||
		    entry->state >= FACTS_DEVICE_STATE_COUNT ||
		    !facts_check_text(facts, entry->architecture) ||
		    !facts_check_text(facts, entry->version) ||
		    !facts_check_text(facts, entry->options) ||
		    !facts_check_text(facts, entry->source))
			return false;
	}
	return true;
}

bool facts_check_device(const struct facts *facts)
{
	if (!check_containers(facts) || !check_entries(facts))
		return false;
	for (size_t i = 0; i < facts->kernels_count; i++)
		if (facts->kernels[i].entry >= facts->device_entries_count ||
		    !facts_check_text(facts, facts->kernels[i].name))
			return false;
	for (size_t i = 0; i < facts->device_tools_count; i++)
		if (!facts_check_text(facts, facts->device_tools[i].name) ||
		    !facts_check_text(facts, facts->device_tools[i].version) ||
		    !facts_check_text(facts, facts->device_tools[i].build) ||
		    !facts_check_text(facts, facts->device_tools[i].options))
			return false;
	for (size_t i = 0; i < facts->device_sources_count; i++)
		if (!facts_check_text(facts, facts->device_sources[i].name) ||
		    !facts_check_text(facts, facts->device_sources[i].path))
			return false;
	for (size_t i = 0; i < facts->device_outside_count; i++)
		if (!facts_check_text(facts, facts->device_outside[i].section))
			return false;
	for (size_t i = 0; i < facts->device_named_count; i++)
		if (!facts_check_text(facts, facts->device_named[i].section))
			return false;
	for (size_t i = 0; i < facts->device_wrappers_count; i++)
		if (facts->device_wrappers[i].container != FACTS_DEVICE_NO_CONTAINER &&
		    facts->device_wrappers[i].container >= facts->device_containers_count)
			return false;
	return true;
}

#define FACTS_DEVICE_TEXT(id, text) text,

const char *facts_device_container_text(enum facts_device_container_kind kind)
{
	static const char *const texts[] = {FACTS_DEVICE_CONTAINERS(FACTS_DEVICE_TEXT)};

	return texts[kind];
}

const char *facts_device_kind_text(enum facts_device_kind kind)
{
	static const char *const texts[] = {FACTS_DEVICE_KINDS(FACTS_DEVICE_TEXT)};

	return texts[kind];
}

const char *facts_device_compression_text(enum facts_device_compression compression)
{
	static const char *const texts[] = {FACTS_DEVICE_COMPRESSIONS(FACTS_DEVICE_TEXT)};

	return texts[compression];
}

const char *facts_device_state_text(enum facts_device_state state)
{
	static const char *const texts[] = {FACTS_DEVICE_STATES(FACTS_DEVICE_TEXT)};

	return texts[state];
}
