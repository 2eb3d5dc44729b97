/* SPDX-License-Identifier: BSD-2-Clause */
/* What device code a file holds, in numbers and names. */
#ifndef EVIDENCE_DEVICE_SUMMARY_H
#define EVIDENCE_DEVICE_SUMMARY_H

#include "binary/facts.h"
#include "util/arena.h"

/* Images of one kind and one architecture with its suffix. */
struct device_architecture {
	const char *kind, *name; /* "cubin", "sm_90a" */
	uint64_t images;
	uint64_t kernels, functions; /* of those that were read; of PTX, entries and functions */
};

struct device_container_count {
	const char *kind; /* "fatbin" */
	uint64_t containers, registered;
};

struct device_toolchain {
	const char *name, *version, *build;
	uint64_t images;
};

struct device_summary {
	struct device_container_count containers[FACTS_DEVICE_CONTAINER_COUNT];
	size_t container_count;				 /* kinds that are there */
	const struct device_architecture *architectures; /* by kind, then name */
	size_t architecture_count;
	const struct device_toolchain *tools; /* by name, version, build */
	size_t tool_count;
	uint64_t images, kernels; /* kernels: those of machine code, in all architectures */
	uint64_t opaque;	  /* images that nobody but the vendor's tools can read: LTO-IR */
	uint64_t not_read;	  /* by a limit or by damage */
};

/* NULL when the record (with FACTS_DEVICE) has no device code. It borrows nothing. */
const struct device_summary *device_summarise(const struct facts *facts, struct arena *arena);

#endif
