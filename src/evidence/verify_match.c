/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/verify_match.h"

#include <string.h>

#include "util/map.h"
#include "util/path.h"

enum match_key { KEY_PATH, KEY_PATH_END, KEY_CONTENT, KEY_SONAME, KEY_NAME, KEY_COUNT };

/*
 * Among files of many projects a name alone says nothing of a script or an extension module: there
 * are many setup.py and _C.so. Those of libraries are meant to be unique.
 */
static bool has_name_of_its_own(const struct match_item *item)
{
	return item->elf && strncmp(path_name(item->path), "lib", 3) == 0;
}

/* Length 0: this item has no such key. */
static struct slice key_of(const struct match_item *item, enum match_key key, bool copies,
			   struct arena *arena)
{
	switch (key) {
	case KEY_PATH:
	case KEY_PATH_END:
		return slice_text(item->path);
	case KEY_CONTENT:
		return slice_of(item->sha256->bytes, DIGEST_SIZE);
	case KEY_SONAME:
		return item->elf && *item->soname
			   ? slice_text(path_without_hash(arena, item->soname))
			   : slice_of("", 0);
	case KEY_NAME:
		if (copies && !has_name_of_its_own(item))
			break;
		return slice_text(path_without_hash(arena, path_name(item->path)));
	case KEY_COUNT:
		break;
	}
	return slice_of("", 0);
}

/* The longest end of a path, two names at least, that is a path of the other side. */
static const struct map_entry *find_end(const struct map *known, const char *path)
{
	while ((path = strchr(path + 1, '/')) && strchr(path + 1, '/')) {
		const struct map_entry *entry = map_get(known, slice_text(path));

		if (entry)
			return entry;
	}
	return NULL;
}

static void match_by(enum match_key key, const struct match_item *left, size_t left_count,
		     const struct match_item *right, size_t right_count, bool copies,
		     struct arena *arena, uint32_t *of_left, uint32_t *of_right)
{
	const uint32_t several = MATCH_NONE;
	struct map known = {0};

	for (uint32_t i = 0; i < left_count; i++) {
		struct slice bytes = key_of(&left[i], key, copies, arena);
		struct map_entry *entry;
		bool added;

		if ((of_left[i] != MATCH_NONE && !copies) || !bytes.len)
			continue;
		entry = map_put(&known, bytes, i, &added);
		/* Files of one content answer for each other; of one name only a single one does.
		 */
		if (!added && key != KEY_CONTENT)
			entry->value = several;
	}
	for (uint32_t j = 0; j < right_count; j++) {
		struct slice bytes = key_of(&right[j], key, copies, arena);
		const struct map_entry *entry = NULL;

		if (of_right[j] == MATCH_NONE && bytes.len)
			entry = key == KEY_PATH_END ? find_end(&known, right[j].path)
						    : map_get(&known, bytes);
		if (!entry || entry->value == several ||
		    (of_left[entry->value] != MATCH_NONE && !copies) ||
		    left[entry->value].elf != right[j].elf)
			continue;
		of_left[entry->value] = j;
		of_right[j] = entry->value;
	}
	map_release(&known);
}

void verify_match(const struct match_item *left, size_t left_count, const struct match_item *right,
		  size_t right_count, bool copies, uint32_t *ret_of_left, uint32_t *ret_of_right)
{
	struct arena arena;

	arena_init(&arena);
	memset(ret_of_left, 0xff, left_count * sizeof(*ret_of_left));
	memset(ret_of_right, 0xff, right_count * sizeof(*ret_of_right));
	for (enum match_key key = KEY_PATH; key < KEY_COUNT; key++)
		match_by(key, left, left_count, right, right_count, copies, &arena, ret_of_left,
			 ret_of_right);
	arena_release(&arena);
}

bool verify_is_packaging(const char *path)
{
	static const char *const names[] = {"RECORD", "INSTALLER", "REQUESTED",	 "direct_url.json",
					    "WHEEL",  "METADATA",  "RECORD.jws", "RECORD.p7s"};
	const char *name = path_name(path);
	size_t length = strlen(path);

	if (length > 4 && strcmp(path + length - 4, ".pyc") == 0)
		return true;
	if (!strstr(path, ".dist-info/"))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strstr(path, ".dist-info/licenses/") != NULL;
}

bool verify_is_debug_file(const char *path)
{
	static const char suffix[] = ".debug";
	size_t length = strlen(path);

	return length > sizeof(suffix) - 1 &&
	       strcmp(path + length - (sizeof(suffix) - 1), suffix) == 0;
}
