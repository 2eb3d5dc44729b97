/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash map from byte strings to 32-bit values. Keys are not copied: they must outlive the map.
 * Iteration order is the order of insertion, so output stays deterministic.
 */
#ifndef UTIL_MAP_H
#define UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/slice.h"

struct map_entry {
	struct slice key;
	uint64_t hash;
	uint32_t value;
};

struct map {
	struct map_entry *entries; /* in order of insertion */
	size_t len, cap;
	uint32_t *slots; /* 1 + index into entries; 0 is empty */
	size_t slot_count;
};

void map_release(struct map *map); /* a zeroed struct is an empty map */

/* Makes room for that many entries at once, where their number is known and checked. */
void map_reserve(struct map *map, size_t count);
/* Adds key with value unless it is there; returns the entry, and in *ret_added whether it is new.
 */
struct map_entry *map_put(struct map *map, struct slice key, uint32_t value, bool *ret_added);
const struct map_entry *map_get(const struct map *map, struct slice key);

uint64_t map_hash(struct slice key);

#endif
