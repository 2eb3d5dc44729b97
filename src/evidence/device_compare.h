/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device code of two files, compared. Kernels are compared as multisets by (architecture with its
 * suffix, name): one name may stand for several kernels with internal linkage, whose hash of a
 * source path is left out of the name so that a build in another directory compares.
 *
 * What differs is always listed. What may be concluded is another matter: compilers of different
 * versions give different code for one source, and even the same compiler does for a few kernels of
 * some architectures (research/fatbin.md 3.1). So "modified" takes equal toolchains, and a
 * difference in every architecture of a kernel; a change of the source has both. (So has a change
 * of the options of the first compiler, like -use_fast_math, which no image tells of.)
 */
#ifndef EVIDENCE_DEVICE_COMPARE_H
#define EVIDENCE_DEVICE_COMPARE_H

#include "binary/facts.h"
#include "util/vec.h"

enum device_level {
	DEVICE_EQUAL,
	DEVICE_NEAR_EQUAL, /* only immediates of moves or places in constant banks differ */
	DEVICE_DIFFERENT,
	DEVICE_ONLY_LEFT,
	DEVICE_ONLY_RIGHT,
	DEVICE_LEVEL_COUNT
};

#define DEVICE_NO_KERNEL UINT32_MAX

enum device_difference_flag {
	DEVICE_CONSISTENT = 1u << 0, /* no architecture of this name is equal on both sides */
	DEVICE_SINGLE = 1u << 1,     /* there is one architecture: consistency proves nothing */
	DEVICE_TOOLCHAINS = 1u << 2, /* made by different toolchains, or with other options */
};

/* One pair of kernels that is not equal, or one kernel without a partner. */
struct device_difference {
	struct slice name, architecture; /* borrowed from the record; name with its path hash */
	enum device_level level;
	uint32_t flags;	       /* enum device_difference_flag */
	uint32_t left, right;  /* indexes into kernels of each record, or DEVICE_NO_KERNEL */
	uint32_t instructions; /* of the left kernel, or of the only one */
	uint32_t at_least;     /* near-equal: so many of them differ at least */
	uint32_t at_most;      /* and so many at most */
};

/* What all of it says together. */
enum device_verdict {
	DEVICE_VERDICT_NONE,	   /* neither file holds device code */
	DEVICE_VERDICT_EQUAL,	   /* every kernel, all PTX, module data and opaque code */
	DEVICE_VERDICT_NEAR_EQUAL, /* kernels equal or near-equal */
	DEVICE_VERDICT_UNCERTAIN,  /* differences that the compiler may have made by itself */
	DEVICE_VERDICT_MODIFIED,   /* same toolchain, some kernels differ in all architectures */
	DEVICE_VERDICT_REBUILT,	   /* other toolchain or options, or most kernels differ */
	DEVICE_VERDICT_UNRELATED,  /* no kernel of one is in the other */
	DEVICE_VERDICT_COUNT
};

struct device_comparison {
	uint64_t kernels[DEVICE_LEVEL_COUNT];	/* pairs, or single kernels */
	uint64_t functions[DEVICE_LEVEL_COUNT]; /* device functions, likewise */
	uint64_t texts[DEVICE_LEVEL_COUNT];	/* entries and functions of PTX, likewise */
	uint64_t modules[DEVICE_LEVEL_COUNT];	/* data that the kernels of one image share */
	uint64_t opaque[DEVICE_LEVEL_COUNT];	/* LTO-IR, by its stored bytes */
	uint64_t unread[DEVICE_LEVEL_COUNT];	/* what not_read counts, by its stored bytes */
	uint64_t not_read;			/* images of either file, by a limit or by damage */
	bool same_toolchain;			/* tools, versions and builds are the same sets */
	enum device_verdict verdict;
	VEC(struct device_difference) differences; /* by name, architecture, level */
};

/* Both records must hold FACTS_DEVICE, and outlive the result. */
void device_compare(const struct facts *left, const struct facts *right,
		    struct device_comparison *ret);
void device_comparison_release(struct device_comparison *comparison);
/* All that differs may be in images that could not be read: nothing can be claimed. */
bool device_comparison_is_blind(const struct device_comparison *comparison);

const char *device_level_text(enum device_level level);
const char *device_verdict_text(enum device_verdict verdict);

#endif
