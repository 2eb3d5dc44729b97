/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking up long texts and tables. */
#include "evidence/index_segment.h"

static uint32_t component_of(const struct index_segment *segment, uint32_t member)
{
	return segment->component_map[segment->origins[segment->members[member].origin].component];
}

uint32_t index_find_literal(const struct index *index, uint64_t key,
			    uint32_t members[static INDEX_LITERAL_MEMBERS])
{
	uint32_t count = 0, component = INDEX_NO_COMPONENT;

	vec_each (pointer, &index->segments) {
		const struct index_segment *segment = *pointer;
		uint32_t at = index_segment_find_literal(segment, key);

		for (; at < segment->literal_count && segment->literal_keys[at] == key; at++) {
			uint32_t member = segment->literal_members[at];

			if (member == INDEX_LITERAL_SHARED || count == INDEX_LITERAL_MEMBERS)
				return 0;
			if (!count)
				component = component_of(segment, member);
			if (component_of(segment, member) != component)
				return 0;
			members[count++] = segment->member_base + member;
		}
	}
	return count;
}
