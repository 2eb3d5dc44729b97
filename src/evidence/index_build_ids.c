/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking up which build a linked file is of. */
#include <string.h>

#include "evidence/index_segment.h"

bool index_build_id_eligible(const char *id)
{
	size_t length = strnlen(id, INDEX_BUILD_ID_DIGITS_MAX + 1);

	return length >= INDEX_BUILD_ID_DIGITS_MIN && length <= INDEX_BUILD_ID_DIGITS_MAX &&
	       length % 2 == 0 && strspn(id, "0123456789abcdef") == length;
}

const char *index_build_id_of(const struct facts *facts)
{
	const char *id = facts_text(facts, facts->identity->build_id);
	bool linked = facts->identity->type == FACTS_TYPE_EXECUTABLE ||
		      facts->identity->type == FACTS_TYPE_STATIC ||
		      facts->identity->type == FACTS_TYPE_SHARED;

	return linked && index_build_id_eligible(id) ? id : "";
}

/* The first entry that is not before the id. */
static uint32_t lower_bound(const struct index_segment *segment, const char *id)
{
	uint32_t low = 0, high = segment->build_id_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (strcmp(index_segment_text(segment, segment->build_ids[middle].id), id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t index_find_build_id(const struct index *index, const char *id,
			     uint32_t members[static INDEX_BUILD_ID_MEMBERS])
{
	uint32_t count = 0;

	if (!index_build_id_eligible(id))
		return 0;
	vec_each (pointer, &index->segments) {
		const struct index_segment *segment = *pointer;

		for (uint32_t i = lower_bound(segment, id);
		     i < segment->build_id_count && count < INDEX_BUILD_ID_MEMBERS &&
		     strcmp(index_segment_text(segment, segment->build_ids[i].id), id) == 0;
		     i++)
			members[count++] = segment->member_base + segment->build_ids[i].member;
	}
	return count;
}

uint32_t index_build_id_count(const struct index *index)
{
	uint32_t count = 0;

	vec_each (segment, &index->segments)
		count += (*segment)->build_id_count;
	return count;
}

const char *index_build_id(const struct index *index, uint32_t number, uint32_t *ret_member)
{
	vec_each (pointer, &index->segments) {
		const struct index_segment *segment = *pointer;

		if (number < segment->build_id_count) {
			*ret_member = segment->member_base + segment->build_ids[number].member;
			return index_segment_text(segment, segment->build_ids[number].id);
		}
		number -= segment->build_id_count;
	}
	return NULL;
}
