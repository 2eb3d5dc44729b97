/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/wheel_texts.h"

#include <string.h>
#include <strings.h>

#include "evidence/wheel_owners.h"
#include "util/map.h"
#include "util/path.h"
#include "util/vec.h"

#define TEXTS_LIMIT 32 /* of one distribution */

struct distribution {
	const char **paths;
	size_t count;
};

struct wheel_texts {
	struct root *root;
	struct arena *arena;
	struct wheel_owners *owners;
	struct map by_folder; /* dist-info folder -> index of distributions */
	VEC(struct distribution) distributions;
};

struct wheel_texts *wheel_texts_new(struct root *root, struct wheel_owners *owners,
				    struct arena *arena)
{
	struct wheel_texts *wheels = memory_calloc(1, sizeof(*wheels));

	wheels->root = root;
	wheels->arena = arena;
	wheels->owners = owners;
	return wheels;
}

void wheel_texts_free(struct wheel_texts *wheels)
{
	map_release(&wheels->by_folder);
	vec_release(&wheels->distributions);
	free(wheels);
}

bool is_licence_file_name(const char *name)
{
	static const char *const ends[] = {".txt", ".md", ".rst", ".gz", ".txt.gz"};
	static const char *const starts[] = {"LICENSE",	  "LICENCE", "COPYING",
					     "COPYRIGHT", "NOTICE",  "EULA"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t length = strlen(starts[i]);

		if (strncasecmp(name, starts[i], length) != 0)
			continue;
		if (!name[length] || strchr("-_", name[length]))
			return true;
		for (size_t j = 0; j < sizeof(ends) / sizeof(ends[0]); j++)
			if (strcasecmp(name + length, ends[j]) == 0)
				return true;
	}
	return false;
}

/* Files of one folder; all: whatever their names are. */
static void add_folder(struct wheel_texts *wheels, const char *folder, bool all,
		       struct distribution *distribution)
{
	struct root_entry *entries;
	size_t count;

	if (root_list(wheels->root, folder, wheels->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count && distribution->count < TEXTS_LIMIT; i++)
		if (entries[i].type == ROOT_REGULAR &&
		    (all || is_licence_file_name(entries[i].name)))
			distribution->paths[distribution->count++] =
			    path_join(wheels->arena, folder, entries[i].name);
}

/* Licence files stand in licenses/, which may have folders of vendored parts, or beside METADATA.
 */
static struct distribution find_texts(struct wheel_texts *wheels, const char *folder)
{
	const char *licences = path_join(wheels->arena, folder, "licenses");
	struct distribution distribution = {NULL, 0};
	struct root_entry *entries;
	size_t count;

	distribution.paths = arena_alloc_array(wheels->arena, TEXTS_LIMIT, sizeof(char *));
	add_folder(wheels, folder, false, &distribution);
	add_folder(wheels, licences, true, &distribution);
	if (root_list(wheels->root, licences, wheels->arena, &entries, &count) != STATUS_OK)
		return distribution;
	for (size_t i = 0; i < count; i++)
		if (entries[i].type == ROOT_DIRECTORY)
			add_folder(wheels, path_join(wheels->arena, licences, entries[i].name),
				   true, &distribution);
	return distribution;
}

size_t wheel_texts_of(struct wheel_texts *wheels, const char *path, const char *const **ret)
{
	const struct installed_wheel *wheel = wheel_owners_find(wheels->owners, path);
	struct map_entry *entry;
	bool added;

	if (!wheel)
		return 0;
	entry = map_put(&wheels->by_folder, slice_text(wheel->folder),
			(uint32_t)wheels->distributions.len, &added);
	if (added)
		vec_push(&wheels->distributions, find_texts(wheels, wheel->folder));
	*ret = (const char *const *)wheels->distributions.ptr[entry->value].paths;
	return wheels->distributions.ptr[entry->value].count;
}
