/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/ldcache.h"

#include <string.h>

#define OLD_MAGIC "ld.so-1.7.0"
#define OLD_HEADER_SIZE 16u /* magic of 11 bytes and a NUL, then nlibs */
#define OLD_ENTRY_SIZE 12u
#define NEW_MAGIC "glibc-ld.so.cache1.1"
#define NEW_HEADER_SIZE 48u
#define NEW_ENTRY_SIZE 24u
#define EXTENSION_MAGIC UINT32_C(0xeaa42174)
#define EXTENSION_HWCAPS 1u
#define HWCAP_EXTENSION (UINT64_C(1) << 62)
#define ENTRIES_MAX UINT32_C(1000000)
#define NONE UINT32_MAX

void ldcache_init(struct ldcache *cache)
{
	*cache = (struct ldcache){0};
	arena_init(&cache->arena);
}

void ldcache_release(struct ldcache *cache)
{
	vec_release(&cache->entries);
	map_release(&cache->first_by_key);
	arena_release(&cache->arena);
}

void ldcache_add(struct ldcache *cache, const struct ldcache_entry *entry)
{
	uint32_t index = (uint32_t)cache->entries.len;
	struct ldcache_entry *first;

	vec_push(&cache->entries, *entry);
	cache->entries.ptr[index].next = NONE;
	cache->entries.ptr[index].last = index;
	first =
	    &cache->entries
		 .ptr[map_put(&cache->first_by_key, slice_text(entry->key), index, NULL)->value];
	if (first != &cache->entries.ptr[index]) {
		cache->entries.ptr[first->last].next = index;
		first->last = index;
	}
}

static const char *string_at(struct slice strings, uint32_t offset)
{
	const char *text;
	size_t length;

	return slice_cstr(strings, offset, &text, &length) ? text : NULL;
}

/* Names of glibc-hwcaps directories, from the extension part; NULL when there are none. */
static const char **read_hwcaps(struct ldcache *cache, struct slice file, uint32_t offset,
				bool big_endian, size_t *ret_count)
{
	struct cursor cursor = cursor_of(file, big_endian);
	uint32_t count;

	*ret_count = 0;
	if (!offset)
		return NULL;
	cursor_seek(&cursor, offset);
	if (cursor_u32(&cursor) != EXTENSION_MAGIC)
		return NULL;
	count = cursor_u32(&cursor);
	for (uint32_t i = 0; i < count && !cursor.bad; i++) {
		uint32_t tag = cursor_u32(&cursor), flags = cursor_u32(&cursor);
		uint32_t at = cursor_u32(&cursor), size = cursor_u32(&cursor);
		struct cursor names = cursor_of(file, big_endian);
		const char **list;

		(void)flags;
		if (tag != EXTENSION_HWCAPS || size > file.len)
			continue;
		list = arena_alloc_array(&cache->arena, size / 4 + 1, sizeof(*list));
		cursor_seek(&names, at);
		for (uint32_t j = 0; j < size / 4 && !names.bad; j++)
			if ((list[*ret_count] = string_at(file, cursor_u32(&names))))
				(*ret_count)++;
		return list;
	}
	return NULL;
}

static enum status parse_new(struct ldcache *cache, struct slice file)
{
	bool big_endian = file.len > 28 && (file.ptr[28] & 3) == 3;
	struct cursor cursor = cursor_of(file, big_endian);
	const char **hwcaps;
	uint32_t count, extension;
	struct slice table;
	size_t hwcaps_count;

	cursor_seek(&cursor, sizeof(NEW_MAGIC) - 1);
	count = cursor_u32(&cursor);
	cursor_u32(&cursor); /* len_strings */
	cursor_u32(&cursor); /* flags and padding */
	extension = cursor_u32(&cursor);
	if (cursor.bad || count > ENTRIES_MAX ||
	    !slice_sub(file, NEW_HEADER_SIZE, (uint64_t)count * NEW_ENTRY_SIZE, &table))
		return STATUS_FORMAT;
	map_reserve(&cache->first_by_key, count);
	hwcaps = read_hwcaps(cache, file, extension, big_endian, &hwcaps_count);
	cursor_seek(&cursor, NEW_HEADER_SIZE);
	for (uint32_t i = 0; i < count; i++) {
		struct ldcache_entry entry = {.flags = cursor_u32(&cursor)};

		entry.key = string_at(file, cursor_u32(&cursor));
		entry.path = string_at(file, cursor_u32(&cursor));
		cursor_u32(&cursor); /* osversion */
		entry.hwcap = cursor_u64(&cursor);
		if (!entry.key || !entry.path)
			return STATUS_FORMAT;
		if (entry.hwcap & HWCAP_EXTENSION) {
			uint32_t index = (uint32_t)entry.hwcap;
			if (index >= hwcaps_count)
				continue;
			entry.hwcaps_name = hwcaps[index];
		}
		ldcache_add(cache, &entry);
	}
	return STATUS_OK;
}

/* The old format has no hardware capabilities; its strings follow its entries. */
static enum status parse_old(struct ldcache *cache, struct slice file, uint32_t count)
{
	struct cursor cursor = cursor_of(file, false);
	struct slice strings;

	if (!slice_sub(file, OLD_HEADER_SIZE + (uint64_t)count * OLD_ENTRY_SIZE,
		       file.len - OLD_HEADER_SIZE - (size_t)count * OLD_ENTRY_SIZE, &strings))
		return STATUS_FORMAT;
	cursor_seek(&cursor, OLD_HEADER_SIZE);
	for (uint32_t i = 0; i < count; i++) {
		struct ldcache_entry entry = {.flags = cursor_u32(&cursor)};

		entry.key = string_at(strings, cursor_u32(&cursor));
		entry.path = string_at(strings, cursor_u32(&cursor));
		if (cursor.bad || !entry.key || !entry.path)
			return STATUS_FORMAT;
		ldcache_add(cache, &entry);
	}
	return STATUS_OK;
}

enum status ldcache_parse(struct ldcache *cache, struct slice file)
{
	struct cursor cursor = cursor_of(file, false);
	struct slice rest;
	uint64_t after;
	uint32_t count;

	if (slice_starts_with(file, NEW_MAGIC))
		return parse_new(cache, file);
	if (!slice_starts_with(file, OLD_MAGIC))
		return STATUS_FORMAT;
	cursor_seek(&cursor, OLD_HEADER_SIZE - 4);
	count = cursor_u32(&cursor);
	after = OLD_HEADER_SIZE + (uint64_t)count * OLD_ENTRY_SIZE;
	if (cursor.bad || count > ENTRIES_MAX || after > file.len)
		return STATUS_FORMAT;
	/* A new cache may follow, aligned to 8; the loader prefers it. */
	after = (after + 7) & ~UINT64_C(7);
	if (slice_sub(file, after, file.len > after ? file.len - after : 0, &rest) &&
	    slice_starts_with(rest, NEW_MAGIC))
		return parse_new(cache, rest);
	return parse_old(cache, file, count);
}

static size_t hwcaps_rank(const struct platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->hwcaps_count; i++)
		if (strcmp(platform->hwcaps[i], name) == 0)
			return i;
	return SIZE_MAX;
}

const struct ldcache_entry *ldcache_find(const struct ldcache *cache, const char *name,
					 const struct platform *platform)
{
	const struct map_entry *first = map_get(&cache->first_by_key, slice_text(name));
	const struct ldcache_entry *best = NULL, *plain = NULL;
	size_t best_rank = SIZE_MAX;

	for (uint32_t i = first ? first->value : NONE; i != NONE; i = cache->entries.ptr[i].next) {
		const struct ldcache_entry *entry = &cache->entries.ptr[i];

		if (entry->flags != platform->cache_flags && entry->flags != 1)
			continue;
		if (entry->hwcaps_name) {
			size_t rank = hwcaps_rank(platform, entry->hwcaps_name);
			if (rank < best_rank) {
				best = entry;
				best_rank = rank;
			}
		} else if (!plain && entry->hwcap == 0) {
			plain = entry;
		}
	}
	return best ? best : plain;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

int ldcache_compare_names(const char *left, const char *right)
{
	while (*left) {
		if (is_digit(*left) && is_digit(*right)) {
			size_t a, b;

			left += strspn(left, "0");
			right += strspn(right, "0");
			a = strspn(left, "0123456789");
			b = strspn(right, "0123456789");
			if (a != b)
				return a > b ? 1 : -1;
			if (strncmp(left, right, a) != 0)
				return strncmp(left, right, a);
			left += a;
			right += b;
		} else if (is_digit(*left)) {
			return 1;
		} else if (is_digit(*right)) {
			return -1;
		} else if (*left != *right) {
			return (unsigned char)*left - (unsigned char)*right;
		} else {
			left++;
			right++;
		}
	}
	return -(int)(unsigned char)*right;
}
