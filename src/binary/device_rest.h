/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that belong to no image: what stands between, around and in front of them. Zeros at the
 * edges of such bytes are what whoever packs images needs for alignment; they say nothing. All
 * other bytes do.
 */
#ifndef BINARY_DEVICE_REST_H
#define BINARY_DEVICE_REST_H

#include "binary/device.h"
#include "binary/device_hash.h"

struct device_rest {
	XXH3_state_t state;
	uint64_t size; /* bytes that were added */
};

void device_rest_begin(struct device_rest *rest);
/* Bytes as they are, with their length; nothing where there are none. */
void device_rest_add(struct device_rest *rest, struct slice bytes);
/* Bytes that are zero as a rule: without zeros at both ends. */
void device_rest_gap(struct device_rest *rest, struct slice bytes);
/*
 * The gaps that these ranges leave in bytes; they may overlap, and leave the bytes. Sorts them.
 */
void device_rest_gaps(struct device_rest *rest, struct slice bytes, struct device_range *ranges,
		      size_t count);
/* Zero when nothing was added. */
struct facts_fingerprint device_rest_end(const struct device_rest *rest);

#endif
