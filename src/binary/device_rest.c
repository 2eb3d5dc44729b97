/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/device_rest.h"

#include <stdlib.h>

void device_rest_begin(struct device_rest *rest)
{
	device_hash_begin(&rest->state);
	rest->size = 0;
}

void device_rest_add(struct device_rest *rest, struct slice bytes)
{
	uint64_t length = htole64(bytes.len);

	if (!bytes.len)
		return;
	XXH3_128bits_update(&rest->state, &length, sizeof(length));
	XXH3_128bits_update(&rest->state, bytes.ptr, bytes.len);
	rest->size += bytes.len;
}

void device_rest_gap(struct device_rest *rest, struct slice bytes)
{
	bytes = device_trim_end(bytes);
	while (bytes.len && !*bytes.ptr) {
		bytes.ptr++;
		bytes.len--;
	}
	device_rest_add(rest, bytes);
}

static int by_start(const void *left, const void *right)
{
	const struct device_range *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

void device_rest_gaps(struct device_rest *rest, struct slice bytes, struct device_range *ranges,
		      size_t count)
{
	uint64_t at = 0;

	if (count)
		qsort(ranges, count, sizeof(*ranges), by_start);
	for (size_t i = 0; i <= count; i++) {
		uint64_t next = i < count ? ranges[i].start : bytes.len;
		struct slice gap;

		if (next > bytes.len)
			next = bytes.len;
		if (next > at && slice_sub(bytes, at, next - at, &gap))
			device_rest_gap(rest, gap);
		if (i < count && ranges[i].end > at)
			at = ranges[i].end;
	}
}

struct facts_fingerprint device_rest_end(const struct device_rest *rest)
{
	return rest->size ? device_hash_end(&rest->state) : (struct facts_fingerprint){0, 0};
}
