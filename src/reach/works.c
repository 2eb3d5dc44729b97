/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/works.h"

#include <stdlib.h>

#include "util/memory.h"

static bool is_executable(const struct work_candidate *candidate)
{
	enum facts_type type = (enum facts_type)candidate->binary->facts.identity->type;

	return type == FACTS_TYPE_EXECUTABLE || type == FACTS_TYPE_STATIC;
}

static uint32_t highest_id(const struct work_candidate *candidates, size_t count)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < count; i++) {
		if (candidates[i].binary->id > highest)
			highest = candidates[i].binary->id;
		for (size_t j = 0; j < candidates[i].load->object_count; j++) {
			const struct binary *binary = candidates[i].load->objects[j].binary;
			if (binary && binary->id > highest)
				highest = binary->id;
		}
	}
	return highest;
}

/* Marks what a candidate's process loads, without the candidate itself. */
static void mark_members(const struct work_candidate *candidate, bool *loaded)
{
	for (size_t i = 1; i < candidate->load->object_count; i++) {
		const struct binary *binary = candidate->load->objects[i].binary;
		if (binary && binary != candidate->binary)
			loaded[binary->id] = true;
	}
}

void works_find(struct work_candidate *candidates, size_t count)
{
	bool *loaded = memory_calloc((size_t)highest_id(candidates, count) + 1, sizeof(*loaded));
	bool *covered = memory_calloc((size_t)highest_id(candidates, count) + 1, sizeof(*covered));

	for (size_t i = 0; i < count; i++)
		mark_members(&candidates[i], loaded);
	for (size_t i = 0; i < count; i++) {
		candidates[i].is_root =
		    is_executable(&candidates[i]) || !loaded[candidates[i].binary->id];
		if (candidates[i].is_root)
			mark_members(&candidates[i], covered);
	}
	/* What is left hangs only on cycles of libraries: each cycle gets its first member as root.
	 */
	for (size_t i = 0; i < count; i++) {
		if (candidates[i].is_root || covered[candidates[i].binary->id])
			continue;
		candidates[i].is_root = true;
		covered[candidates[i].binary->id] = true;
		mark_members(&candidates[i], covered);
	}
	free(loaded);
	free(covered);
}
