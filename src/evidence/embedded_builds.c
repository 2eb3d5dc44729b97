/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which build a file is of. strip, objcopy and patchelf leave a build-id as it was, and so does who
 * changes code in place: it names the build a file came from, and says nothing of its bytes.
 */
#include "evidence/embedded.h"

void embedded_builds_find(const struct facts *facts, const struct index *index, struct arena *arena,
			  struct embedded *ret)
{
	uint32_t members[INDEX_BUILD_ID_MEMBERS], count;
	const struct index_origin **builds;

	count = index_find_build_id(index, index_build_id_of(facts), members);
	if (!count)
		return;
	builds = arena_alloc_array(arena, count, sizeof(*builds));
	for (uint32_t i = 0; i < count; i++)
		builds[i] = index_origin(index, index_member(index, members[i]).origin);
	ret->builds = builds;
	ret->build_count = count;
}
