/* SPDX-License-Identifier: BSD-2-Clause */
/* From an index, all of it or a part, into a builder. */
#include <stdlib.h>

#include "evidence/index_builder.h"
#include "evidence/index_segment.h"

static struct index_builder_origin origin_of(const struct index *index,
					     const struct index_origin *origin)
{
	const struct index_component *component = index_component(index, origin->component);

	return (struct index_builder_origin){
	    .component = component->name,
	    .class = component->class,
	    .machine = origin->machine,
	    .version = origin->version,
	    .licence = origin->licence,
	    .source = origin->source,
	    .source_version = origin->source_version,
	    .package = origin->package,
	    .distribution = origin->distribution,
	    .path = origin->path,
	    .carrier = origin->carrier,
	};
}

#define NOT_MERGED UINT32_MAX

/* The functions of one segment; members: number in the index -> number here. */
static void merge_functions(struct index_builder *builder, const struct index_segment *segment,
			    const uint32_t *members)
{
	char name[INDEX_NAME_SIZE];

	for (uint32_t i = 0; i < segment->key_count; i++)
		for (uint32_t j = segment->first[i]; j < segment->first[i + 1]; j++) {
			const struct index_disk_posting *posting = &segment->postings[j];
			uint32_t member = members[segment->member_base + posting->member];
			struct index_builder_function added = {
			    .key = segment->keys[i],
			    .strict = posting->strict,
			    .size = posting->size,
			    .instructions =
				posting->instructions_and_flags & INDEX_INSTRUCTIONS_MAX,
			    .flags = posting->instructions_and_flags >> 24,
			};

			if (member == NOT_MERGED)
				continue;
			added.name = slice_text(index_segment_name(segment, posting->name, name));
			index_builder_add(builder, member, &added);
		}
}

/* Its texts and tables; members: as above. */
static void merge_literals(struct index_builder *builder, const struct index_segment *segment,
			   const uint32_t *members)
{
	for (uint32_t i = 0; i < segment->literal_count; i++) {
		uint32_t member = segment->literal_members[i];
		bool shared = member == INDEX_LITERAL_SHARED;

		if (!shared)
			member = members[segment->member_base + member];
		if (shared || member != NOT_MERGED)
			index_builder_add_literal(builder, member, segment->literal_keys[i]);
	}
}

static void merge_build_ids(struct index_builder *builder, const struct index_segment *segment,
			    const uint32_t *members)
{
	for (uint32_t i = 0; i < segment->build_id_count; i++) {
		const struct index_disk_build_id *entry = &segment->build_ids[i];
		uint32_t member = members[segment->member_base + entry->member];

		if (member != NOT_MERGED)
			index_builder_add_build_id(builder, member,
						   index_segment_text(segment, entry->id));
	}
}

void index_builder_merge(struct index_builder *builder, const struct index *index)
{
	uint32_t *members = memory_calloc((size_t)index_member_count(index) + 1, sizeof(*members));

	for (uint32_t i = 0; i < index_origin_count(index); i++) {
		const struct index_origin *origin = index_origin(index, i);
		struct index_builder_origin copied = origin_of(index, origin);
		uint32_t end = origin->first_member + origin->member_count, number;
		bool added = index_builder_add_origin(builder, &copied, &number);

		for (uint32_t j = origin->first_member; j < end; j++)
			members[j] = added ? index_builder_add_member(builder, number,
								      index_member(index, j).name)
					   : NOT_MERGED;
	}
	vec_each (segment, &index->segments) {
		merge_functions(builder, *segment, members);
		merge_literals(builder, *segment, members);
		merge_build_ids(builder, *segment, members);
	}
	free(members);
}

/* ---- a part of an index ---- */

#define LITERALS_KEPT 64u /* of one member */

struct keeping {
	struct index_builder *builder;
	const struct index *index;
	const bool *kept;	     /* by component */
	uint32_t *origins, *members; /* numbers in the index -> numbers here, or NOT_MERGED */
};

static uint32_t keep_origin(const struct keeping *keeping, uint32_t number)
{
	struct index_builder_origin copied;

	if (keeping->origins[number] == NOT_MERGED) {
		copied = origin_of(keeping->index, index_origin(keeping->index, number));
		(void)index_builder_add_origin(keeping->builder, &copied,
					       &keeping->origins[number]);
	}
	return keeping->origins[number];
}

static uint32_t keep_member(const struct keeping *keeping, uint32_t number)
{
	struct index_member member = index_member(keeping->index, number);

	if (keeping->members[number] == NOT_MERGED)
		keeping->members[number] = index_builder_add_member(
		    keeping->builder, keep_origin(keeping, member.origin), member.name);
	return keeping->members[number];
}

static void keep_key(const struct keeping *keeping, uint64_t key)
{
	uint32_t last = INDEX_NO_COMPONENT;
	struct index_posting posting;
	struct index_hits hits;
	char name[INDEX_NAME_SIZE];
	bool wanted = false;

	for (index_find(keeping->index, key, &hits); !wanted && index_next(&hits, &posting);)
		wanted = keeping->kept[posting.component];
	for (index_find(keeping->index, key, &hits); wanted && index_next(&hits, &posting);) {
		struct index_builder_function added = {
		    .key = key,
		    .strict = posting.strict,
		    .size = posting.size,
		    .instructions = posting.instructions,
		    .flags = posting.flags,
		};

		/* Of the others only that they have it counts. */
		if (!keeping->kept[posting.component] && posting.component == last)
			continue;
		last = posting.component;
		added.name =
		    slice_text(index_function_name(keeping->index, posting.function, name));
		index_builder_add(keeping->builder, keep_member(keeping, posting.member), &added);
	}
}

/* Whether a segment before this one has the key. */
static bool met_before(const struct index *index, size_t segment, uint64_t key)
{
	for (size_t i = 0; i < segment; i++)
		if (index_segment_find(index->segments.ptr[i], key) != UINT32_MAX)
			return true;
	return false;
}

/*
 * Those of kept components, and that others are shared. Of each member a sample is enough, in a
 * small index: those with the lowest keys, which are the same ones in each of its builds.
 */
static void keep_literals(const struct keeping *keeping, const struct index_segment *segment)
{
	uint32_t *counts = memory_calloc((size_t)segment->member_count + 1, sizeof(*counts));

	for (uint32_t i = 0; i < segment->literal_count; i++) {
		uint32_t member = segment->literal_members[i], component;

		if (member == INDEX_LITERAL_SHARED) {
			index_builder_add_literal(keeping->builder, member,
						  segment->literal_keys[i]);
			continue;
		}
		component = segment->origins[segment->members[member].origin].component;
		if (!keeping->kept[segment->component_map[component]] ||
		    counts[member]++ >= LITERALS_KEPT)
			continue;
		index_builder_add_literal(keeping->builder,
					  keep_member(keeping, segment->member_base + member),
					  segment->literal_keys[i]);
	}
	free(counts);
}

static void keep_build_ids(const struct keeping *keeping, const struct index_segment *segment)
{
	for (uint32_t i = 0; i < segment->build_id_count; i++) {
		const struct index_disk_build_id *entry = &segment->build_ids[i];
		uint32_t member = segment->member_base + entry->member;
		uint32_t origin = index_member(keeping->index, member).origin;

		if (keeping->kept[index_origin(keeping->index, origin)->component])
			index_builder_add_build_id(keeping->builder, keep_member(keeping, member),
						   index_segment_text(segment, entry->id));
	}
}

static uint32_t *no_numbers(size_t count)
{
	uint32_t *numbers = memory_calloc(count + 1, sizeof(*numbers));

	for (size_t i = 0; i < count; i++)
		numbers[i] = NOT_MERGED;
	return numbers;
}

void index_builder_merge_kept(struct index_builder *builder, const struct index *index,
			      const bool *kept)
{
	struct keeping keeping = {builder, index, kept, no_numbers(index_origin_count(index)),
				  no_numbers(index_member_count(index))};

	for (uint32_t i = 0; i < index_member_count(index); i++)
		if (kept[index_origin(index, index_member(index, i).origin)->component])
			(void)keep_member(&keeping, i);
	for (size_t i = 0; i < index->segments.len; i++) {
		const struct index_segment *segment = index->segments.ptr[i];

		for (uint32_t j = 0; j < segment->key_count; j++)
			if (!met_before(index, i, segment->keys[j]))
				keep_key(&keeping, segment->keys[j]);
		keep_literals(&keeping, segment);
		keep_build_ids(&keeping, segment);
	}
	free(keeping.origins);
	free(keeping.members);
}
