/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is a file the unmodified build it claims to be? Compares a suspect with a reference, file by file
 * and function by function. What each verdict takes is written at the verdicts.
 */
#ifndef EVIDENCE_VERIFY_H
#define EVIDENCE_VERIFY_H

#include "evidence/device_compare.h"
#include "evidence/profile.h"
#include "util/vec.h"

/* From the strongest claim to the weakest; verdicts of a whole tree are the weakest of its files.
 */
#define VERIFY_VERDICTS(X)                                                                        \
	X(IDENTICAL, "identical")   /* the same bytes */                                          \
	X(REPACKAGED, "repackaged") /* code, data, symbols and relocations say the same */        \
	X(MODIFIED, "modified")	    /* some functions or data differ */                           \
	X(REBUILT, "rebuilt")	  /* most functions differ: another build of something like it */ \
	X(UNRELATED, "unrelated") /* nothing to speak of agrees */                                \
	X(INCOMPLETE, "incomplete") /* nothing can be claimed: half a file, or not readable */    \
	X(ADDED, "added")	    /* of a file: only in the suspect */                          \
	X(REMOVED, "removed")	    /* of a file: only in the reference */

enum verify_verdict {
#define VERIFY_VERDICT(id, text) VERIFY_##id,
	VERIFY_VERDICTS(VERIFY_VERDICT)
#undef VERIFY_VERDICT
	    VERIFY_VERDICT_COUNT
};

#define VERIFY_STATUSES(X)                                                                      \
	X(IDENTICAL, "identical")   /* the same bytes at the same address */                    \
	X(RELOCATED, "relocated")   /* the same instructions, which refer to the same things */ \
	X(RETARGETED, "retargeted") /* the same instructions, one refers to something else */   \
	X(IMMEDIATES, "immediates_only") /* the same instructions with other constants */       \
	X(MODIFIED, "modified")                                                                 \
	X(ADDED, "added")                                                                       \
	X(REMOVED, "removed")                                                                   \
	X(RENAMED, "renamed")	    /* relocated, under another name */                         \
	X(FOLDED, "folded")	    /* removed; an equal function is there for it */            \
	X(UNVERIFIED, "unverified") /* its bounds or instructions are not known well enough */

enum verify_status {
#define VERIFY_STATUS(id, text) VERIFY_FUNCTION_##id,
	VERIFY_STATUSES(VERIFY_STATUS)
#undef VERIFY_STATUS
	    VERIFY_STATUS_COUNT
};

/* A function that is not identical and not relocated. */
struct verify_change {
	const struct profile_function *left, *right; /* of the reference, the suspect; NULL: none */
	enum verify_status status;
};

struct verify_part {
	const char *name; /* of the section, or what it is */
	uint32_t role;	  /* enum facts_content_role */
	bool equal;
	bool moved;	    /* it has another address or size, so that bytes say little */
	const char *detail; /* "" */
};

struct verify_functions {
	uint64_t total; /* of the reference */
	uint64_t counts[VERIFY_STATUS_COUNT];
	uint64_t bytes, bytes_same; /* of the reference: in functions, in those found again */
	VEC(struct verify_change) changes; /* by address in the reference, then the suspect */
};

struct verify_file {
	const char *path, *reference_path; /* NULL: there is none on this side */
	enum verify_verdict verdict;
	const char *reason;	   /* one sentence, "" where the verdict says it all */
	VEC(const char *) changes; /* what packaging changed */
	VEC(struct verify_part) parts;
	bool compared_functions;
	struct verify_functions functions;
	bool compared_device;
	struct device_comparison device;    /* names borrowed from the records */
	const struct profile *left, *right; /* NULL for files without facts */
};

const char *verify_verdict_text(enum verify_verdict verdict);
const char *verify_status_text(enum verify_status status);

/*
 * Compares everything but functions: identical, repackaged, unrelated (another machine), incomplete
 * (half a file), or modified, which asks for verify_functions(). Texts go to the arena.
 */
void verify_parts(const struct profile *left, const struct profile *right, struct arena *arena,
		  struct verify_file *file);
/* Functions that have no equal bytes at the same place on the other side, by index. */
struct verify_strangers {
	uint32_t *left, *right;
	size_t left_count, right_count;
};
/* Whether an outline may do, as far as parts tell. */
bool verify_stays_in_place(const struct profile *left, const struct profile *right);
/*
 * While nothing has moved, these are all that more than an outline must be known of. False when
 * so many are strangers that all might as well be known.
 */
bool verify_outline(const struct profile *left, const struct profile *right, struct arena *arena,
		    struct verify_strangers *ret) must_check;
/*
 * Pairs functions, and settles the verdict of a file that verify_parts() found modified. False when
 * more than outlines must be known after all: nothing is settled then.
 */
bool verify_functions(const struct profile *left, const struct profile *right, struct arena *arena,
		      struct verify_file *file) must_check;

/* Whether a part that differs may hold device code, so that verify_device() is to be asked. */
bool verify_wants_device(const struct verify_file *file);
/* Compares device code, by records of the device tier, and settles the verdict again. */
void verify_device(const struct facts *left, const struct facts *right, struct arena *arena,
		   struct verify_file *file);

/* Puts the hashes of references into the functions of a profile, for a manifest. */
void verify_fill_targets(struct profile *profile);

/* What a verdict rests on, in a sentence or less: how many functions differ, and the first few. */
const char *verify_summary(const struct verify_file *file, struct arena *arena);

void verify_file_release(struct verify_file *file);

#endif
