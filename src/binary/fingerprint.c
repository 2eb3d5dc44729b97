/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/fingerprint.h"

#include <stdlib.h>
#include <xxhash.h>

#define FORM_SLACK 64 /* canonical forms are written in blocks that may reach past their end */
#define FORM_GROWTH 3 /* bytes of a loose form per byte of code: two bytes become six at most */
#define NO_TARGET UINT32_MAX

void fingerprint_release(struct fingerprint_scratch *scratch)
{
	vec_release(&scratch->strict);
	vec_release(&scratch->loose);
	vec_release(&scratch->numbers);
	vec_release(&scratch->starts);
	vec_release(&scratch->branches);
	vec_release(&scratch->targets);
}

#define RESERVE(vec, count)                                                                    \
	do {                                                                                   \
		if ((vec)->cap < (count)) {                                                    \
			(vec)->cap = (count)*2;                                                \
			(vec)->ptr =                                                           \
			    memory_realloc_array((vec)->ptr, (vec)->cap, sizeof(*(vec)->ptr)); \
		}                                                                              \
	} while (0)

static void prepare(struct fingerprint_scratch *scratch, size_t size)
{
	RESERVE(&scratch->strict, size * FORM_GROWTH + FORM_SLACK);
	RESERVE(&scratch->loose, size * FORM_GROWTH + FORM_SLACK);
	if (scratch->numbers.cap < size + 1) {
		vec_release(&scratch->numbers);
		scratch->numbers.cap = (size + 1) * 2;
		scratch->numbers.ptr =
		    memory_calloc(scratch->numbers.cap, sizeof(*scratch->numbers.ptr));
	}
	RESERVE(&scratch->starts, size + 1);
}

static struct facts_fingerprint hash(const void *bytes, size_t size)
{
	XXH128_hash_t value = XXH3_128bits(bytes, size);

	return (struct facts_fingerprint){value.low64, value.high64};
}

struct facts_fingerprint fingerprint_raw(struct slice bytes)
{
	return hash(bytes.ptr, bytes.len);
}

/*
 * The number of the first counted instruction at or after an offset. What was noted for the offset
 * is a guess: an offset that no instruction starts at has a number of some earlier function.
 */
static uint32_t instruction_number(const struct fingerprint_scratch *scratch, uint32_t offset)
{
	const uint32_t *starts = scratch->starts.ptr;
	uint32_t guess = scratch->numbers.ptr[offset], low = 0, high = scratch->instructions;

	if (guess <= high && (guess == high || starts[guess] >= offset) &&
	    (guess == 0 || starts[guess - 1] < offset))
		return guess;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (starts[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Puts the number of the instruction that each branch goes to into the loose form. */
static void settle_branches(struct fingerprint_scratch *scratch, size_t size)
{
	vec_each (branch, &scratch->branches) {
		uint32_t number = NO_TARGET;

		if (branch->target < size)
			number = instruction_number(scratch, branch->target);
		scratch->loose.ptr[branch->at] = (uint8_t)number;
		scratch->loose.ptr[branch->at + 1] = (uint8_t)(number >> 8);
		scratch->loose.ptr[branch->at + 2] = (uint8_t)(number >> 16);
		scratch->loose.ptr[branch->at + 3] = (uint8_t)(number >> 24);
	}
}

unsigned fingerprint_width(uint16_t machine, uint32_t type)
{
	if (machine == EM_X86_64) {
		switch (type) {
		case R_X86_64_NONE:
		case R_X86_64_TLSDESC_CALL:
			return 0;
		case R_X86_64_8:
		case R_X86_64_PC8:
			return 1;
		case R_X86_64_16:
		case R_X86_64_PC16:
			return 2;
		case R_X86_64_64:
		case R_X86_64_PC64:
		case R_X86_64_DTPMOD64:
		case R_X86_64_DTPOFF64:
		case R_X86_64_TPOFF64:
		case R_X86_64_GOTOFF64:
		case R_X86_64_GOT64:
		case R_X86_64_GOTPCREL64:
		case R_X86_64_GOTPC64:
		case R_X86_64_PLTOFF64:
		case R_X86_64_SIZE64:
			return 8;
		default:
			return 4;
		}
	}
	if (machine == EM_AARCH64 && (type == R_AARCH64_NONE || type == R_AARCH64_TLSDESC_CALL))
		return 0;
	if (machine == EM_RISCV && type == R_RISCV_RELAX)
		return 0;
	return 4;
}

/* A machine without a decoder: the bytes, with every field zero that a relocation fills. */
static void mask_bytes(const struct fingerprint_file *file, const struct fingerprint_code *code,
		       struct fingerprint_scratch *scratch)
{
	memcpy(scratch->strict.ptr, code->bytes.ptr, code->bytes.len);
	scratch->strict.len = code->bytes.len;
	for (size_t i = 0; i < code->relocation_count; i++) {
		uint64_t offset = code->relocations[i].offset - code->address;
		unsigned width = fingerprint_width(file->machine, code->relocations[i].type);

		if (offset >= code->bytes.len)
			break;
		if (width > code->bytes.len - offset)
			width = (unsigned)(code->bytes.len - offset);
		memset(scratch->strict.ptr + offset, 0, width);
		scratch->masked += width != 0;
	}
}

static void copy_strict(struct fingerprint_scratch *scratch)
{
	memcpy(scratch->loose.ptr, scratch->strict.ptr, scratch->strict.len);
	scratch->loose.len = scratch->strict.len;
}

void fingerprint_function(const struct fingerprint_file *file, const struct fingerprint_code *code,
			  struct fingerprint_scratch *scratch, struct facts_function *ret)
{
	bool decoded = true;

	ret->raw = hash(code->bytes.ptr, code->bytes.len);
	prepare(scratch, code->bytes.len);
	scratch->strict.len = scratch->loose.len = scratch->branches.len = scratch->targets.len = 0;
	scratch->instructions = scratch->masked = 0;
	scratch->position_independent = scratch->absolute_memory = false;
	scratch->absolute_sign = POINTER_NO;
	if (file->machine == EM_X86_64) {
		decoded = fingerprint_x86(file, code, scratch);
	} else if (file->machine == EM_AARCH64 && !file->big_endian) {
		decoded = fingerprint_arm64(file, code, scratch);
	} else {
		mask_bytes(file, code, scratch);
		copy_strict(scratch);
		ret->flags |= FACTS_FUNCTION_MASKED_BYTES;
	}
	if (!decoded) {
		ret->flags |= FACTS_FUNCTION_UNDECODED;
		return;
	}
	settle_branches(scratch, code->bytes.len);
	ret->strict = hash(scratch->strict.ptr, scratch->strict.len);
	ret->loose = hash(scratch->loose.ptr, scratch->loose.len);
	ret->instructions = scratch->instructions;
	ret->masked = scratch->masked;
}
