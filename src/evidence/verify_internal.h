/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of verify.h. Private. */
#ifndef EVIDENCE_VERIFY_INTERNAL_H
#define EVIDENCE_VERIFY_INTERNAL_H

#include "evidence/verify.h"

/* Notes one thing that packaging changed. */
void verify_note(struct arena *arena, struct verify_file *file, const char *format, ...)
    printf_format(3, 4);

/* What the dynamic section and the headers say; "", or why the file does not do the same now. */
const char *verify_identity(const struct profile *left, const struct profile *right,
			    struct arena *arena, struct verify_file *file);
/* Lists what became of parts that no code sees: symbols, debug info, notes, tables. */
void verify_unseen_parts(const struct profile *left, const struct profile *right,
			 struct arena *arena, struct verify_file *file);

/* Index of a function's partner on the other side. */
#define VERIFY_ALONE UINT32_MAX

struct verify_pairs {
	const struct profile *left, *right;
	uint32_t *of_left, *of_right; /* partner or VERIFY_ALONE */
	size_t paired;
};

/* Pairs the functions of two builds: verify_pairs.c says how. Arrays live in the arena. */
void verify_pair_functions(const struct profile *left, const struct profile *right,
			   struct arena *arena, struct verify_pairs *ret);

/* The first step of it: functions of equal bytes at the same address. */
void verify_pair_in_place(const struct profile *left, const struct profile *right,
			  struct arena *arena, struct verify_pairs *ret);
/* Whether data that code may refer to lies at another address. */
bool verify_parts_moved(const struct profile *left, const struct profile *right);

/*
 * Hashes of what a function refers to, in terms of the reference: of the reference itself, or of
 * the suspect through its pairs. by_class takes functions for the same that have equal
 * instructions. 0: not known.
 */
struct verify_targets {
	uint64_t by_function, by_class;
};
struct verify_targets verify_targets_left(const struct profile *left, uint32_t index);
struct verify_targets verify_targets_right(const struct verify_pairs *pairs, uint32_t index);

static inline bool fingerprint_equal(struct facts_fingerprint a, struct facts_fingerprint b)
{
	return a.low == b.low && a.high == b.high;
}

static inline bool fingerprint_is(struct facts_fingerprint a)
{
	return a.low || a.high;
}

#endif
