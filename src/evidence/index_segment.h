/* SPDX-License-Identifier: BSD-2-Clause */
/* One mapped file of an index. Private to the index_*.c files. */
#ifndef EVIDENCE_INDEX_SEGMENT_H
#define EVIDENCE_INDEX_SEGMENT_H

#include "evidence/index.h"
#include "evidence/index_format.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/slice.h"
#include "util/vec.h"

struct index_segment {
	struct slice map;
	const struct index_disk_header *header;
	const uint64_t *keys;
	const uint32_t *first, *buckets, *name_blocks;
	const struct index_disk_posting *postings;
	const struct index_disk_component *components;
	const struct index_disk_origin *origins;
	const struct index_disk_member *members;
	struct slice names, strings;
	const uint64_t *literal_keys;
	const uint32_t *literal_members, *literal_buckets, *member_literals;
	uint32_t literal_count;
	const struct index_disk_build_id *build_ids; /* NULL when it has none */
	uint32_t build_id_count;
	uint32_t key_count, posting_count, component_count, origin_count, member_count;
	uint32_t name_count;
	/* Where its numbers begin among those of the whole index. */
	uint32_t posting_base, origin_base, member_base;
	uint32_t *component_map; /* component of the segment -> component of the index */
};

struct index {
	struct arena arena;
	VEC(struct index_segment *) segments;
	VEC(struct index_component) components;
	VEC(struct index_origin) origins;
	struct map components_by_name;
	uint32_t member_count;
	uint64_t posting_count, key_count;
};

/*
 * Maps and checks one file: after STATUS_OK every number in it is inside what it counts, every text
 * ends in NUL, keys ascend. Diagnoses what is wrong.
 */
enum status index_segment_open(const char *path, struct diags *diags,
			       struct index_segment *ret) must_check;
void index_segment_close(struct index_segment *segment);

/* The place of a key, or UINT32_MAX. */
uint32_t index_segment_find(const struct index_segment *segment, uint64_t key);
/* The same of a text or table; its other places follow. */
uint32_t index_segment_find_literal(const struct index_segment *segment, uint64_t key);

static inline const char *index_segment_text(const struct index_segment *segment, uint32_t offset)
{
	return (const char *)segment->strings.ptr + offset;
}

/* A name by its number in the segment. */
const char *index_segment_name(const struct index_segment *segment, uint32_t name,
			       char buffer[static INDEX_NAME_SIZE]);

#endif
