/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/facts_parts.h"

#include <stdlib.h>
#include <string.h>

#include "binary/facts_builder.h"
#include "binary/facts_layout.h"
#include "util/budget.h"
#include "util/memory.h"

void facts_parts_reduce(struct facts_builder *builder)
{
	struct facts_identity identity = builder->identity.ptr[0];
	struct facts_builder reduced;

	facts_builder_init(&reduced);
	identity.interpreter = identity.soname = identity.build_id = identity.debug_link =
	    (struct facts_text){0, 0};
	vec_push(&reduced.identity, identity);
	/* These move over as they are; their names alone are wanted of the old texts. */
	memcpy(&reduced.functions, &builder->functions, sizeof(reduced.functions));
	memcpy(&reduced.function_parts, &builder->function_parts, sizeof(reduced.function_parts));
	memcpy(&reduced.adoptions, &builder->adoptions, sizeof(reduced.adoptions));
	memset(&builder->functions, 0, sizeof(builder->functions));
	memset(&builder->function_parts, 0, sizeof(builder->function_parts));
	memset(&builder->adoptions, 0, sizeof(builder->adoptions));
	vec_each (function, &reduced.functions)
		function->name = facts_builder_text(
		    &reduced,
		    slice_of(builder->strings.ptr + function->name.offset, function->name.length));
	reduced.overflow |= builder->overflow;
	facts_builder_release(builder);
	*builder = reduced;
}

/* Whether the parts are those of one list, in order and without a gap. */
static bool fit_together(const struct facts *parts, size_t count)
{
	uint64_t next = 0;

	for (size_t i = 0; i < count; i++) {
		const struct facts_function_part *part = parts[i].function_parts;

		if (parts[i].function_parts_count != 1 || part->part != i || part->parts != count ||
		    part->total != parts[0].function_parts->total || part->first != next)
			return false;
		next += parts[i].functions_count;
	}
	return next == parts[0].function_parts->total;
}

/* As the adopting functions come in the list of all: the first one counts. */
static void set_parents(const struct facts *parts, size_t count, struct facts_function *functions)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < parts[i].adoptions_count; j++) {
			const struct facts_adoption *adoption = &parts[i].adoptions[j];
			struct facts_function *fragment = &functions[adoption->fragment];

			if (fragment->parent == FACTS_NO_FUNCTION)
				fragment->parent = adoption->function;
		}
	/* The rest only looked like fragments. */
	for (size_t i = 0; i < parts[0].function_parts->total; i++)
		if (functions[i].parent == FACTS_NO_FUNCTION && !functions[i].name.length)
			functions[i].flags &= (uint16_t)~FACTS_FUNCTION_FRAGMENT;
}

/* Functions and texts one behind the other; names move with the texts of their part. */
static void join_contents(const struct facts *parts, size_t count, struct facts_function *functions,
			  char *strings)
{
	size_t text = 0, next = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(strings + text, parts[i].strings.ptr, parts[i].strings.len);
		if (parts[i].functions_count)
			memcpy(functions + next, parts[i].functions,
			       parts[i].functions_count * sizeof(*functions));
		for (size_t j = 0; i && j < parts[i].functions_count; j++)
			if (functions[next + j].name.length)
				functions[next + j].name.offset += (uint32_t)text;
		next += parts[i].functions_count;
		text += parts[i].strings.len;
	}
	set_parents(parts, count, functions);
}

static uint64_t align_up(uint64_t size)
{
	return (size + FACTS_ALIGN - 1) & ~(uint64_t)(FACTS_ALIGN - 1);
}

static enum status join(const struct facts *parts, size_t count, uint8_t **ret_record,
			size_t *ret_size)
{
	const struct facts *first = &parts[0];
	struct facts_directory directory[FACTS_INDEX_COUNT] = {
#define FACTS_ROW(tag, field, type) {0, first->field##_count, sizeof(type), 0},
	    FACTS_SECTIONS_TABLE(FACTS_ROW)
#undef FACTS_ROW
		{0, 0, 1, 0},
	};
	const void *const contents[FACTS_INDEX_COUNT] = {
#define FACTS_CONTENT(tag, field, type) first->field,
	    FACTS_SECTIONS_TABLE(FACTS_CONTENT)
#undef FACTS_CONTENT
	};
	struct facts_header header = {FACTS_MAGIC, FACTS_VERSION, FACTS_INDEX_COUNT, 0};
	uint64_t size = sizeof(header) + sizeof(directory);
	uint8_t *record;

	directory[FACTS_INDEX_FUNCTIONS].count = first->function_parts->total;
	directory[FACTS_INDEX_FUNCTION_PARTS].count = 0;
	directory[FACTS_INDEX_ADOPTIONS].count = 0;
	for (size_t i = 0; i < count; i++)
		directory[FACTS_INDEX_STRINGS].count += parts[i].strings.len;
	for (size_t i = 0; i < FACTS_INDEX_COUNT; i++) {
		directory[i].offset = align_up(size);
		size = directory[i].offset + directory[i].count * directory[i].entry_size;
	}
	header.size = align_up(size);
	if (header.size > BUDGET_RECORD_SIZE)
		return STATUS_LIMIT;
	record = memory_calloc(1, (size_t)header.size);
	memcpy(record, &header, sizeof(header));
	memcpy(record + sizeof(header), directory, sizeof(directory));
	for (size_t i = 0; i < FACTS_INDEX_COUNT; i++)
		if (directory[i].count && i != FACTS_INDEX_FUNCTIONS && i != FACTS_INDEX_STRINGS)
			memcpy(record + directory[i].offset, contents[i],
			       (size_t)(directory[i].count * directory[i].entry_size));
	join_contents(
	    parts, count,
	    (struct facts_function *)(void *)(record + directory[FACTS_INDEX_FUNCTIONS].offset),
	    (char *)record + directory[FACTS_INDEX_STRINGS].offset);
	*ret_record = record;
	*ret_size = (size_t)header.size;
	return STATUS_OK;
}

enum status facts_parts_join(const struct slice *records, size_t count, uint8_t **ret_record,
			     size_t *ret_size)
{
	struct facts parts[FACTS_PARTS_MAX];

	if (!count || count > FACTS_PARTS_MAX)
		return STATUS_FORMAT;
	for (size_t i = 0; i < count; i++)
		if (facts_open(records[i], &parts[i]) != STATUS_OK)
			return STATUS_FORMAT;
	return fit_together(parts, count) ? join(parts, count, ret_record, ret_size)
					  : STATUS_FORMAT;
}
