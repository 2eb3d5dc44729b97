/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/map.h"

#include <stdlib.h>

#include "util/memory.h"

/* FNV-1a, then a finaliser so that the low bits used as slot number depend on all input bits. */
uint64_t map_hash(struct slice key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.ptr[i]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 32;
	return hash * UINT64_C(0x9e3779b97f4a7c15);
}

void map_release(struct map *map)
{
	free(map->entries);
	free(map->slots);
	*map = (struct map){0};
}

static uint32_t *find_slot(const struct map *map, struct slice key, uint64_t hash)
{
	size_t mask = map->slot_count - 1;
	size_t at = (size_t)(hash >> 20) & mask;

	for (;; at = (at + 1) & mask) {
		uint32_t *slot = &map->slots[at];
		const struct map_entry *entry;

		if (!*slot)
			return slot;
		entry = &map->entries[*slot - 1];
		if (entry->hash == hash && slice_equal(entry->key, key))
			return slot;
	}
}

static void resize(struct map *map, size_t count)
{
	free(map->slots);
	map->slots = memory_calloc(count, sizeof(*map->slots));
	map->slot_count = count;
	for (size_t i = 0; i < map->len; i++)
		*find_slot(map, map->entries[i].key, map->entries[i].hash) = (uint32_t)i + 1;
}

void map_reserve(struct map *map, size_t count)
{
	size_t slots = map->slot_count ? map->slot_count : 64;

	while (slots <= count * 2)
		slots *= 2;
	if (slots > map->slot_count)
		resize(map, slots);
	if (count <= map->cap)
		return;
	map->cap = count;
	map->entries = memory_realloc_array(map->entries, map->cap, sizeof(*map->entries));
}

struct map_entry *map_put(struct map *map, struct slice key, uint32_t value, bool *ret_added)
{
	uint64_t hash = map_hash(key);
	uint32_t *slot;

	if (map->len * 2 >= map->slot_count)
		resize(map, map->slot_count ? map->slot_count * 2 : 64);
	slot = find_slot(map, key, hash);
	if (ret_added)
		*ret_added = !*slot;
	if (*slot)
		return &map->entries[*slot - 1];
	if (map->len == map->cap) {
		map->cap = map->cap ? map->cap * 2 : 32;
		map->entries = memory_realloc_array(map->entries, map->cap, sizeof(*map->entries));
	}
	map->entries[map->len] = (struct map_entry){key, hash, value};
	*slot = (uint32_t)++map->len;
	return &map->entries[map->len - 1];
}

const struct map_entry *map_get(const struct map *map, struct slice key)
{
	uint32_t slot;

	if (!map->len)
		return NULL;
	slot = *find_slot(map, key, map_hash(key));
	return slot ? &map->entries[slot - 1] : NULL;
}
