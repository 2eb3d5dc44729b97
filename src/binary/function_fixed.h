/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses in the code of files that are loaded where they say. There they are plain numbers, and
 * a number is not known to be an address: what it points to is a sign, and so is how the functions
 * around it were compiled, since linkers keep the functions of one object file together. Private to
 * src/binary.
 */
#ifndef BINARY_FUNCTION_FIXED_H
#define BINARY_FUNCTION_FIXED_H

#include "binary/code_image.h"
#include "binary/fingerprint.h"
#include "binary/function_list.h"

/* What the code of one function tells of its numbers. */
enum function_numbers {
	NUMBERS_NONE,	  /* nothing */
	NUMBERS_DOUBTFUL, /* one of them may be an address */
	NUMBERS_RELATIVE, /* the function may lie anywhere: none is an address */
	NUMBERS_ABSOLUTE, /* some are addresses */
};

struct function_fixed {
	struct code_image image;
	VEC(uint64_t) starts;	  /* of functions, sorted */
	uint64_t lowest, highest; /* of what is loaded */
	VEC(uint8_t) numbers;	  /* enum function_numbers of each function of the list */
};

void function_fixed_open(struct elf_input *in, struct facts_builder *builder,
			 const struct function_list *list, struct function_fixed *ret);
void function_fixed_close(struct function_fixed *fixed);

/* For struct fingerprint_file; context is a struct function_fixed. */
enum fingerprint_pointer function_fixed_pointer(const void *context, uint64_t value);
/* Judges by the signs of the function that was fingerprinted last. */
enum function_numbers function_fixed_judge(const struct fingerprint_scratch *scratch);
/* Of a doubtful function: whether the nearest one that is sure has addresses in its code. */
bool function_fixed_absolute(const struct function_fixed *fixed, size_t index);

#endif
