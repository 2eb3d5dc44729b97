/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/facts_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary/facts_layout.h"
#include "util/budget.h"

void facts_builder_init(struct facts_builder *builder)
{
	*builder = (struct facts_builder){0};
	vec_push(&builder->strings, '\0');
}

void facts_builder_release(struct facts_builder *builder)
{
#define FACTS_RELEASE(tag, field, type) vec_release(&builder->field);
	FACTS_SECTIONS_TABLE(FACTS_RELEASE)
#undef FACTS_RELEASE
	vec_release(&builder->strings);
}

struct facts_text facts_builder_text(struct facts_builder *builder, struct slice bytes)
{
	struct facts_text text = {(uint32_t)builder->strings.len, (uint32_t)bytes.len};
	size_t needed = builder->strings.len + bytes.len + 1;

	if (!bytes.len)
		return (struct facts_text){0, 0};
	if (bytes.len > BUDGET_RECORD_SIZE || needed > BUDGET_RECORD_SIZE) {
		builder->overflow = true;
		return (struct facts_text){0, 0};
	}
	if (needed > builder->strings.cap) {
		builder->strings.cap = needed * 2;
		builder->strings.ptr =
		    memory_realloc_array(builder->strings.ptr, builder->strings.cap, 1);
	}
	memcpy(builder->strings.ptr + text.offset, bytes.ptr, bytes.len);
	builder->strings.ptr[text.offset + bytes.len] = '\0';
	builder->strings.len = needed;
	return text;
}

void facts_builder_diag(struct facts_builder *builder, enum diag_id id, uint64_t offset,
			const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	vec_push(&builder->diagnostics,
		 ((struct facts_diagnostic){.id = id,
					    .offset = offset,
					    .message =
						facts_builder_text(builder, slice_text(message))}));
}

static uint64_t align_up(uint64_t size)
{
	return (size + FACTS_ALIGN - 1) & ~(uint64_t)(FACTS_ALIGN - 1);
}

enum status facts_builder_finish(struct facts_builder *builder, uint8_t **ret_record,
				 size_t *ret_size)
{
	struct facts_directory directory[FACTS_INDEX_COUNT] = {
#define FACTS_ROW(tag, field, type) {0, builder->field.len, sizeof(type), 0},
	    FACTS_SECTIONS_TABLE(FACTS_ROW)
#undef FACTS_ROW
		{0, builder->strings.len, 1, 0},
	};
	const void *const contents[FACTS_INDEX_COUNT] = {
#define FACTS_CONTENT(tag, field, type) builder->field.ptr,
	    FACTS_SECTIONS_TABLE(FACTS_CONTENT)
#undef FACTS_CONTENT
		builder->strings.ptr,
	};
	struct facts_header header = {FACTS_MAGIC, FACTS_VERSION, FACTS_INDEX_COUNT, 0};
	uint64_t size = sizeof(header) + sizeof(directory);
	uint8_t *record;

	for (size_t i = 0; i < FACTS_INDEX_COUNT; i++) {
		directory[i].offset = align_up(size);
		size = directory[i].offset + directory[i].count * directory[i].entry_size;
	}
	header.size = align_up(size);
	if (builder->overflow || header.size > BUDGET_RECORD_SIZE)
		return STATUS_LIMIT;
	record = memory_calloc(1, (size_t)header.size);
	memcpy(record, &header, sizeof(header));
	memcpy(record + sizeof(header), directory, sizeof(directory));
	for (size_t i = 0; i < FACTS_INDEX_COUNT; i++)
		if (directory[i].count)
			memcpy(record + directory[i].offset, contents[i],
			       (size_t)(directory[i].count * directory[i].entry_size));
	*ret_record = record;
	*ret_size = (size_t)header.size;
	return STATUS_OK;
}
