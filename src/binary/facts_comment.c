/* SPDX-License-Identifier: BSD-2-Clause */
/* The .comment section: which compilers took part, one text each. */
#include "binary/collector.h"
#include "util/budget.h"

void facts_comment(struct elf_input *in, struct facts_builder *builder);

static bool is_known(const struct facts_builder *builder, struct slice text)
{
	vec_each (comment, &builder->comments)
		if (slice_equal(slice_of(builder->strings.ptr + comment->offset, comment->length),
				text))
			return true;
	return false;
}

static void split(struct facts_builder *builder, struct slice bytes)
{
	size_t at = 0;

	while (at < bytes.len && builder->comments.len < 1000) {
		const uint8_t *end = memchr(bytes.ptr + at, 0, bytes.len - at);
		size_t length = end ? (size_t)(end - (bytes.ptr + at)) : bytes.len - at;
		struct slice text = slice_of(bytes.ptr + at, length);

		if (length && length <= BUDGET_STRING_LENGTH && !is_known(builder, text))
			vec_push(&builder->comments, facts_builder_text(builder, text));
		at += length + 1;
	}
}

void facts_comment(struct elf_input *in, struct facts_builder *builder)
{
	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];
		struct slice bytes;

		if (section->type == SHT_PROGBITS && section->name.length &&
		    strcmp(builder->strings.ptr + section->name.offset, ".comment") == 0 &&
		    slice_sub(in->bytes, section->offset, section->size, &bytes))
			split(builder, bytes);
	}
}
