/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fingerprints of one function: hashes of its bytes, and of what is left of them when everything
 * that linkers set is taken out, so that a function in an object file and the same function in a
 * linked file have one fingerprint. Private to src/binary.
 */
#ifndef BINARY_FINGERPRINT_H
#define BINARY_FINGERPRINT_H

#include <stdbool.h>

#include "binary/facts.h"
#include "util/vec.h"

/* A field that the linker will fill in: of a relocatable file only. */
struct fingerprint_relocation {
	uint64_t offset; /* in the section */
	uint32_t type;
	bool thread_helper; /* names __tls_get_addr */
};

/* How much a number in the code looks like an address of the file it is in. */
enum fingerprint_pointer {
	POINTER_NO,
	POINTER_POSSIBLE,
	POINTER_TEXT,	  /* where a text starts */
	POINTER_FUNCTION, /* where a function starts */
};

/* What all functions of one file share. */
struct fingerprint_file {
	uint16_t machine;
	bool big_endian;
	bool relocatable;
	/* Only for files with fixed addresses, in whose code they are plain numbers. */
	enum fingerprint_pointer (*pointer)(const void *context, uint64_t value);
	const void *context;
	const uint64_t *thread_helpers; /* sorted: stubs and slots that lead to __tls_get_addr */
	size_t thread_helper_count;
};

struct fingerprint_code {
	struct slice bytes;
	uint64_t address; /* in the section where the file is relocatable */
	const struct fingerprint_relocation *relocations; /* sorted, from the function's start on */
	size_t relocation_count;
	bool absolute; /* numbers that may be addresses are; else only where linkers make them so */
};

/* A branch of the loose form, which names the instruction it goes to by its number. */
struct fingerprint_branch {
	size_t at;	 /* of the number in the loose form */
	uint32_t target; /* offset in the function */
};

/* Memory that one function after the other uses; a zeroed struct is ready. */
struct fingerprint_scratch {
	VEC(uint8_t) strict; /* the canonical forms that are hashed */
	VEC(uint8_t) loose;
	VEC(uint32_t)
	numbers; /* of the instruction at each offset; only valid where starts agrees */
	VEC(uint32_t) starts; /* offset of each counted instruction */
	VEC(struct fingerprint_branch) branches;
	VEC(uint64_t) targets; /* of jumps that leave the function, as addresses */
	uint32_t instructions; /* without those that the loose form drops */
	uint32_t masked;
	/* Signs of how the function was compiled, for files with fixed addresses. */
	bool position_independent;		/* it forms addresses relative to its own */
	enum fingerprint_pointer absolute_sign; /* the surest number that may be an address */
	bool absolute_memory;			/* one is the address of an operand */
};

void fingerprint_release(struct fingerprint_scratch *scratch);

struct facts_fingerprint fingerprint_raw(struct slice bytes);

/* Fills the hashes and counts of ret, and adds to its flags. */
void fingerprint_function(const struct fingerprint_file *file, const struct fingerprint_code *code,
			  struct fingerprint_scratch *scratch, struct facts_function *ret);

/* Bytes that a relocation of this type fills, 0 for one that only marks a place. */
unsigned fingerprint_width(uint16_t machine, uint32_t type);

/* The canonical forms by machine; false when some byte is no instruction. */
bool fingerprint_x86(const struct fingerprint_file *file, const struct fingerprint_code *code,
		     struct fingerprint_scratch *scratch);
bool fingerprint_arm64(const struct fingerprint_file *file, const struct fingerprint_code *code,
		       struct fingerprint_scratch *scratch);

/* For these: counts an instruction at an offset, or one that the loose form drops. */
static inline void fingerprint_count(struct fingerprint_scratch *scratch, uint32_t offset,
				     bool counted)
{
	scratch->numbers.ptr[offset] = scratch->instructions;
	if (counted)
		scratch->starts.ptr[scratch->instructions++] = offset;
}

#endif
