/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function as operations in basic blocks. Parts of a function that the compiler moved away (the
 * unlikely ones) are brought back: whatever a conditional jump, or a jump into the middle of a
 * range, leads to. Private to src/binary.
 */
#ifndef BINARY_CODE_UNIT_H
#define BINARY_CODE_UNIT_H

#include "binary/code_functions.h"
#include "binary/code_ops.h"

#define CODE_UNIT_RANGES 16
#define CODE_NO_BLOCK UINT32_MAX

struct code_unit_range {
	struct code_function function;
	size_t first, last; /* operations [first, last) */
	bool truncated;	    /* not decoded to its end */
};

struct code_block {
	uint32_t first, last;		 /* operations [first, last) */
	uint32_t successors[2];		 /* CODE_NO_BLOCK: none */
	uint32_t visits;
	bool indirect;			 /* ends in a jump that is not resolved here */
	bool wanted;			 /* a call of interest can be reached from it */
};

struct code_unit {
	uint64_t start;
	struct code_unit_range ranges[CODE_UNIT_RANGES];
	size_t range_count;
	struct code_ops ops;
	VEC(struct code_block) blocks; /* in order of their operations */
	struct code_decoded counts;
};

/*
 * Decodes the function; false when it is too large (BUDGET_CODE_FUNCTION). The unit may be used
 * again for the next function; zeroed, it is empty.
 */
bool code_unit_decode(struct code_unit *unit, struct code_decoder *decoder,
		      const struct code_image *image, const struct code_functions *functions,
		      const struct code_function *function);
/* Makes the blocks anew, with these addresses as starts of blocks as well. */
void code_unit_split(struct code_unit *unit, const uint64_t *addresses, size_t count);
void code_unit_release(struct code_unit *unit);

/* Index of the first operation of the instruction at or around address, or SIZE_MAX. */
size_t code_unit_operation(const struct code_unit *unit, uint64_t address);
/* The block that starts with this instruction, or CODE_NO_BLOCK. */
uint32_t code_unit_block_at(const struct code_unit *unit, uint64_t address);
/* The block that holds the operation. */
uint32_t code_unit_block_of(const struct code_unit *unit, size_t operation);
const struct code_unit_range *code_unit_range(const struct code_unit *unit, uint64_t address);
/* Marks the blocks from which one of these blocks can be reached. */
void code_unit_want(struct code_unit *unit, const uint32_t *targets, size_t count);
/* A part that the compiler split off, by its name. */
bool code_name_is_cold(const struct code_name *name);

#endif
