/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers of device code of two files, compared: whether the host code of both registers the
 * same images, however they are compressed and wherever their containers lie. Kernels say what an
 * image does (device_compare.h); here all of it counts, and what its container says of it.
 */
#ifndef EVIDENCE_DEVICE_PACKING_H
#define EVIDENCE_DEVICE_PACKING_H

#include "binary/facts.h"

struct device_packing {
	uint64_t images;  /* without an equal one on the other side, of the side that has more */
	uint64_t headers; /* likewise: what containers say of images, and other bytes in them */
	uint64_t registrations; /* wrappers that lead to another container, or are on one side */
	uint64_t places;	/* containers without a wrapper that another stands in for */
	uint64_t sources; /* hashes of paths of sources that only one side has, of the other more */
	bool same_relocations; /* but for those that fill in pointers of wrappers */
};

/* Both records must hold FACTS_DEVICE. */
void device_packing_compare(const struct facts *left, const struct facts *right,
			    struct device_packing *ret);
/* Every container that code can reach is the same. */
bool device_packing_equal(const struct device_packing *packing);

#endif
