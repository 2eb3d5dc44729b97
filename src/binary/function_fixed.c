/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/function_fixed.h"

#include <stdlib.h>

/* Flags and masks have zeros here, and one address in 65536. */
#define ROUND_MASK UINT64_C(0xffff)

static int by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void function_fixed_open(struct elf_input *in, struct facts_builder *builder,
			 const struct function_list *list, struct function_fixed *ret)
{
	*ret = (struct function_fixed){.lowest = UINT64_MAX};
	code_image_open_code(in, builder, &ret->image);
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];

		if (segment->p_type != PT_LOAD)
			continue;
		if (segment->p_vaddr < ret->lowest)
			ret->lowest = segment->p_vaddr;
		if (segment->p_vaddr + segment->p_memsz > ret->highest)
			ret->highest = segment->p_vaddr + segment->p_memsz;
	}
	if (ret->lowest < UINT64_MAX)
		ret->lowest += ret->image.headers_end;
	vec_each (entry, &list->entries)
		vec_push(&ret->starts, entry->start);
	if (ret->starts.len)
		qsort(ret->starts.ptr, ret->starts.len, sizeof(*ret->starts.ptr), by_value);
}

void function_fixed_close(struct function_fixed *fixed)
{
	code_image_close(&fixed->image);
	vec_release(&fixed->starts);
	vec_release(&fixed->numbers);
}

static bool is_text_byte(uint8_t byte)
{
	return (byte >= ' ' && byte < 0x7f) || byte == '\t' || byte == '\n';
}

/* A printable byte behind a zero: texts lie one behind the other. */
static bool starts_text(const struct function_fixed *fixed, uint64_t value)
{
	struct slice bytes;
	uint64_t offset;

	return elf_input_at_address(fixed->image.in, value - 1, &bytes, &offset) && bytes.len > 2 &&
	       bytes.ptr[0] == 0 && is_text_byte(bytes.ptr[1]) &&
	       (bytes.ptr[2] == 0 || is_text_byte(bytes.ptr[2]));
}

enum fingerprint_pointer function_fixed_pointer(const void *context, uint64_t value)
{
	const struct function_fixed *fixed = context;

	if (value < fixed->lowest || value > fixed->highest || !(value & ROUND_MASK))
		return POINTER_NO;
	if (code_image_code(&fixed->image, value))
		return fixed->starts.len && bsearch(&value, fixed->starts.ptr, fixed->starts.len,
						    sizeof(value), by_value)
			   ? POINTER_FUNCTION
			   : POINTER_NO;
	/* Also between what is mapped: compilers write addresses of places beside an object. */
	return starts_text(fixed, value) ? POINTER_TEXT : POINTER_POSSIBLE;
}

enum function_numbers function_fixed_judge(const struct fingerprint_scratch *scratch)
{
	if (scratch->absolute_memory || scratch->absolute_sign == POINTER_FUNCTION)
		return NUMBERS_ABSOLUTE;
	if (scratch->position_independent)
		return NUMBERS_RELATIVE;
	if (scratch->absolute_sign == POINTER_TEXT)
		return NUMBERS_ABSOLUTE;
	return scratch->absolute_sign == POINTER_POSSIBLE ? NUMBERS_DOUBTFUL : NUMBERS_NONE;
}

bool function_fixed_absolute(const struct function_fixed *fixed, size_t index)
{
	for (size_t distance = 1; distance < fixed->numbers.len; distance++) {
		uint8_t before =
		    distance <= index ? fixed->numbers.ptr[index - distance] : NUMBERS_NONE;
		uint8_t behind = index + distance < fixed->numbers.len
				     ? fixed->numbers.ptr[index + distance]
				     : NUMBERS_NONE;

		if (before == NUMBERS_ABSOLUTE || behind == NUMBERS_ABSOLUTE)
			return true;
		if (before == NUMBERS_RELATIVE || behind == NUMBERS_RELATIVE)
			return false;
	}
	return true;
}
