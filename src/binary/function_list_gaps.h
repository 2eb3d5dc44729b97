/* SPDX-License-Identifier: BSD-2-Clause */
/* What the search for functions between known ones shares between machines. Private to it. */
#ifndef BINARY_FUNCTION_LIST_GAPS_H
#define BINARY_FUNCTION_LIST_GAPS_H

#include "binary/function_list.h"

struct gap {
	uint64_t from, to;
	const struct code_range *range;
};

struct gaps {
	struct elf_input *in;
	const struct code_image *image;
	struct function_list *list;
	VEC(struct gap) gaps; /* sorted */
	VEC(uint64_t) starts; /* sorted but for what a sweep adds */
	uint64_t *filter;     /* see make_filter(); NULL where it would be too large */
	uint64_t low, blocks;
};

/* Whether code runs on to an address from a branch not taken before it: a place to enter a
 * function. */
bool function_list_is_inner_arm64(const struct gap *gap, uint64_t address);
/*
 * Adds the starts of functions in a gap that the code alone gives away; known: how many starts are
 * known and sorted.
 */
void function_list_sweep_arm64(struct gaps *gaps, const struct gap *gap, size_t known);

#endif
