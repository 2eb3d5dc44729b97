/* SPDX-License-Identifier: BSD-2-Clause */
/* An index: several segments as one. */
#include "evidence/index.h"

#include <stdlib.h>
#include <string.h>

#include "evidence/index_segment.h"

struct index *index_new(void)
{
	struct index *index = memory_calloc(1, sizeof(*index));

	arena_init(&index->arena);
	return index;
}

void index_free(struct index *index)
{
	if (!index)
		return;
	vec_each (segment, &index->segments)
		index_segment_close(*segment);
	vec_release(&index->segments);
	vec_release(&index->components);
	vec_release(&index->origins);
	map_release(&index->components_by_name);
	arena_release(&index->arena);
	free(index);
}

/* The number of a component of a segment in the index, added when it is new. */
static uint32_t join_component(struct index *index, const struct index_segment *segment,
			       uint32_t number)
{
	const struct index_disk_component *component = &segment->components[number];
	const char *name = index_segment_text(segment, component->name);
	enum index_class class = (enum index_class)component->class;
	struct index_component *joined;
	bool added;
	uint32_t at = map_put(&index->components_by_name, slice_text(name),
			      (uint32_t)index->components.len, &added)
			  ->value;

	if (added)
		vec_push(&index->components, ((struct index_component){.name = name}));
	joined = &index->components.ptr[at];
	if (class > joined->class)
		joined->class = class;
	return at;
}

static void join_origin(struct index *index, const struct index_segment *segment,
			const struct index_disk_origin *origin)
{
	struct index_origin joined = {
	    .component = segment->component_map[origin->component],
	    .first_member = segment->member_base + origin->first_member,
	    .member_count = origin->member_count,
	    .machine = (uint16_t)origin->machine,
	    .version = index_segment_text(segment, origin->version),
	    .licence = index_segment_text(segment, origin->licence),
	    .source = index_segment_text(segment, origin->source),
	    .source_version = index_segment_text(segment, origin->source_version),
	    .package = index_segment_text(segment, origin->package),
	    .distribution = index_segment_text(segment, origin->distribution),
	    .path = index_segment_text(segment, origin->path),
	    .carrier = index_segment_text(segment, origin->carrier),
	};

	index->components.ptr[joined.component].origin_count++;
	vec_push(&index->origins, joined);
}

enum status index_add_file(struct index *index, const char *path, struct diags *diags)
{
	struct index_segment opened, *segment;
	enum status status = index_segment_open(path, diags, &opened);

	if (status != STATUS_OK)
		return status;
	if (index->posting_count + opened.posting_count >= UINT32_MAX ||
	    (uint64_t)index->member_count + opened.member_count >= UINT32_MAX) {
		diag_add(diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
			 "more functions than one index can number");
		index_segment_close(&opened);
		return STATUS_LIMIT;
	}
	segment = arena_copy(&index->arena, &opened, sizeof(opened));
	segment->posting_base = (uint32_t)index->posting_count;
	segment->member_base = index->member_count;
	segment->origin_base = (uint32_t)index->origins.len;
	segment->component_map = arena_alloc_array(&index->arena, segment->component_count + 1,
						   sizeof(*segment->component_map));
	for (uint32_t i = 0; i < segment->component_count; i++)
		segment->component_map[i] = join_component(index, segment, i);
	for (uint32_t i = 0; i < segment->origin_count; i++)
		join_origin(index, segment, &segment->origins[i]);
	index->posting_count += segment->posting_count;
	index->key_count += segment->key_count;
	index->member_count += segment->member_count;
	vec_push(&index->segments, segment);
	return STATUS_OK;
}

static uint32_t component_of(const struct index_segment *segment,
			     const struct index_disk_posting *posting)
{
	return segment
	    ->component_map[segment->origins[segment->members[posting->member].origin].component];
}

bool index_find(const struct index *index, uint64_t key, struct index_hits *ret_hits)
{
	for (uint32_t i = 0; i < index->segments.len; i++) {
		const struct index_segment *segment = index->segments.ptr[i];
		uint32_t at = index_segment_find(segment, key);

		if (at == UINT32_MAX)
			continue;
		*ret_hits =
		    (struct index_hits){index, key, i, segment->first[at], segment->first[at + 1]};
		return true;
	}
	*ret_hits = (struct index_hits){index, key, (uint32_t)index->segments.len, 0, 0};
	return false;
}

/* Goes on to the next segment that has the key. */
static bool next_segment(struct index_hits *hits)
{
	const struct index *index = hits->index;

	while (++hits->segment < index->segments.len) {
		const struct index_segment *segment = index->segments.ptr[hits->segment];
		uint32_t at = index_segment_find(segment, hits->key);

		if (at == UINT32_MAX)
			continue;
		hits->at = segment->first[at];
		hits->end = segment->first[at + 1];
		return true;
	}
	hits->segment = (uint32_t)index->segments.len;
	return false;
}

bool index_next(struct index_hits *hits, struct index_posting *ret_posting)
{
	const struct index_disk_posting *posting;
	const struct index_segment *segment;

	while (hits->segment < hits->index->segments.len && hits->at >= hits->end)
		if (!next_segment(hits))
			return false;
	if (hits->segment >= hits->index->segments.len)
		return false;
	segment = hits->index->segments.ptr[hits->segment];
	posting = &segment->postings[hits->at];
	*ret_posting = (struct index_posting){
	    .function = segment->posting_base + hits->at,
	    .member = segment->member_base + posting->member,
	    .component = component_of(segment, posting),
	    .size = posting->size,
	    .instructions = posting->instructions_and_flags & INDEX_INSTRUCTIONS_MAX,
	    .strict = posting->strict,
	    .flags = posting->instructions_and_flags >> 24,
	};
	hits->at++;
	return true;
}

uint32_t index_frequency(const struct index *index, uint64_t key, uint32_t *ret_component)
{
	uint32_t seen[INDEX_FREQUENCY_MAX], count = 0;

	vec_each (pointer, &index->segments) {
		const struct index_segment *segment = *pointer;
		uint32_t at = index_segment_find(segment, key), last = INDEX_NO_COMPONENT;

		if (at == UINT32_MAX)
			continue;
		for (uint32_t i = segment->first[at]; i < segment->first[at + 1]; i++) {
			uint32_t component = component_of(segment, &segment->postings[i]), j = 0;

			if (component == last)
				continue;
			last = component;
			while (j < count && seen[j] != component)
				j++;
			if (j == count && count < INDEX_FREQUENCY_MAX)
				seen[count++] = component;
		}
	}
	if (ret_component)
		*ret_component = count == 1 ? seen[0] : INDEX_NO_COMPONENT;
	return count;
}

uint32_t index_component_count(const struct index *index)
{
	return (uint32_t)index->components.len;
}

uint32_t index_origin_count(const struct index *index)
{
	return (uint32_t)index->origins.len;
}

uint32_t index_member_count(const struct index *index)
{
	return index->member_count;
}

uint64_t index_function_count(const struct index *index)
{
	return index->posting_count;
}

uint64_t index_key_count(const struct index *index)
{
	return index->key_count;
}

const struct index_component *index_component(const struct index *index, uint32_t component)
{
	return &index->components.ptr[component];
}

const struct index_origin *index_origin(const struct index *index, uint32_t origin)
{
	return &index->origins.ptr[origin];
}

uint32_t index_find_component(const struct index *index, const char *name)
{
	const struct map_entry *entry = map_get(&index->components_by_name, slice_text(name));

	return entry ? entry->value : INDEX_NO_COMPONENT;
}

struct index_member index_member(const struct index *index, uint32_t member)
{
	const struct index_segment *segment = index->segments.ptr[0];
	const struct index_disk_member *found;

	vec_each (pointer, &index->segments)
		if ((*pointer)->member_base <= member && (*pointer)->member_count)
			segment = *pointer;
	found = &segment->members[member - segment->member_base];
	return (struct index_member){
	    .origin = segment->origin_base + found->origin,
	    .functions = found->functions,
	    .unique = found->unique,
	    .literals = segment->member_literals[member - segment->member_base],
	    .bytes = found->bytes,
	    .name = index_segment_text(segment, found->name),
	};
}

const char *index_function_name(const struct index *index, uint32_t function,
				char buffer[static INDEX_NAME_SIZE])
{
	const struct index_segment *segment = index->segments.ptr[0];

	vec_each (pointer, &index->segments)
		if ((*pointer)->posting_base <= function && (*pointer)->posting_count)
			segment = *pointer;
	return index_segment_name(segment, segment->postings[function - segment->posting_base].name,
				  buffer);
}
