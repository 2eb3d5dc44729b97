/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which instructions refer to a set of addresses, by a scan of the code bytes without decoding
 * them. On x86-64 a match may lie across instructions: whoever uses one decodes the function around
 * it and sees. Private to src/binary.
 */
#ifndef BINARY_CODE_SCAN_H
#define BINARY_CODE_SCAN_H

#include "binary/code_functions.h"

enum code_reference_kind {
	REFERENCE_CALL,	     /* direct call */
	REFERENCE_JUMP,	     /* direct jump */
	REFERENCE_BRANCH,    /* conditional jump */
	REFERENCE_SLOT_CALL, /* call through a word of memory at the target (x86-64) */
	REFERENCE_SLOT_JUMP, /* jump through it (x86-64) */
	REFERENCE_LOAD,	     /* load of the word at the target */
	REFERENCE_ADDRESS,   /* the target's address goes into a register */
};

struct code_reference {
	uint64_t from, target; /* from: inside the instruction on x86-64, its start on AArch64 */
	enum code_reference_kind kind;
};

#define TARGETS_FILTER_BITS 16

/* A set of addresses; a zeroed struct is empty. */
struct code_targets {
	uint64_t *slots; /* 0: free */
	size_t slot_count, len;
	uint64_t filter[(1u << TARGETS_FILTER_BITS) / 64];
	uint64_t page_filter[(1u << TARGETS_FILTER_BITS) / 64];
};

void code_targets_add(struct code_targets *targets, uint64_t address);
void code_targets_release(struct code_targets *targets);

static inline uint32_t code_targets_bit(uint64_t address)
{
	return (uint32_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - TARGETS_FILTER_BITS));
}

bool code_targets_find(const struct code_targets *targets, uint64_t address);

static inline bool code_targets_hold(const struct code_targets *targets, uint64_t address)
{
	uint32_t bit = code_targets_bit(address);

	return (targets->filter[bit / 64] >> (bit % 64) & 1) && code_targets_find(targets, address);
}

struct code_references {
	struct code_reference *ptr;
	size_t len, cap;
	bool limited; /* BUDGET_CODE_REFERENCES was reached */
};

/*
 * Adds every reference to a target; and, where ranges are given (sorted, without overlaps), jumps
 * and branches from outside a range to anywhere in it.
 */
void code_scan(const struct code_image *image, const struct code_targets *targets,
	       const struct code_function *ranges, size_t range_count,
	       struct code_references *references);
/* Targets of all direct calls into [from, to). */
void code_scan_starts(const struct code_image *image, uint64_t from, uint64_t to,
		      struct code_references *references);

/* A linker-made stub, or whatever else does nothing but jump through one word of memory. */
struct code_stub {
	uint64_t start; /* where callers enter */
	uint64_t slot;	/* address of the word */
};

struct code_stubs {
	struct code_stub *ptr; /* sorted by start once complete */
	size_t len, cap;
};

/* Stubs in .plt sections; where there are no sections, jumps through one of the slots anywhere. */
void code_scan_stubs(const struct code_image *image, const struct code_targets *slots,
		     struct code_stubs *stubs);

#endif
