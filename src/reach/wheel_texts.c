/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/wheel_texts.h"

#include <string.h>
#include <strings.h>

#include "util/budget.h"
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
	struct map sites;	  /* folders that were read */
	struct map owner_by_path; /* file of a site -> index of distributions */
	VEC(struct distribution) distributions;
};

struct wheel_texts *wheel_texts_new(struct root *root, struct arena *arena)
{
	struct wheel_texts *wheels = memory_calloc(1, sizeof(*wheels));

	wheels->root = root;
	wheels->arena = arena;
	return wheels;
}

void wheel_texts_free(struct wheel_texts *wheels)
{
	map_release(&wheels->sites);
	map_release(&wheels->owner_by_path);
	vec_release(&wheels->distributions);
	free(wheels);
}

bool is_licence_file_name(const char *name)
{
	static const char *const starts[] = {"LICENSE",	  "LICENCE", "COPYING",
					     "COPYRIGHT", "NOTICE",  "EULA"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t length = strlen(starts[i]);

		if (strncasecmp(name, starts[i], length) != 0)
			continue;
		return !name[length] || strcasecmp(name + length, ".txt") == 0 ||
		       strcasecmp(name + length, ".md") == 0 ||
		       strcasecmp(name + length, ".rst") == 0 || strchr("-_", name[length]);
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

/* Lines "path,hash,size"; quoted paths hold a comma or a quote, which no library's does. */
static void read_record(struct wheel_texts *wheels, const char *site, const char *folder)
{
	struct slice rest, line;
	struct arena scratch;
	uint32_t index = (uint32_t)wheels->distributions.len;

	arena_init(&scratch);
	if (root_read(wheels->root, path_join(&scratch, folder, "RECORD"), BUDGET_SOURCE_FILE,
		      &scratch, &rest) == STATUS_OK) {
		vec_push(&wheels->distributions, find_texts(wheels, folder));
		while (slice_line(&rest, &line)) {
			const uint8_t *comma = line.len ? memchr(line.ptr, ',', line.len) : NULL;
			struct slice path =
			    slice_of(line.ptr, comma ? (size_t)(comma - line.ptr) : 0);
			char *name;

			/* Only what can be an ELF file: sources are many. */
			if (!path.len || line.ptr[0] == '"' ||
			    (path.len > 3 && memcmp(path.ptr + path.len - 3, ".py", 3) == 0))
				continue;
			name = path_absolute(wheels->arena, site, arena_slice(&scratch, path));
			map_put(&wheels->owner_by_path, slice_text(name), index, NULL);
		}
	}
	arena_release(&scratch);
}

static bool is_dist_info(const char *name)
{
	size_t length = strlen(name);

	return length > 10 && strcmp(name + length - 10, ".dist-info") == 0;
}

static void read_site(struct wheel_texts *wheels, const char *site)
{
	struct root_entry *entries;
	size_t count;
	bool added;

	map_put(&wheels->sites, slice_text(site), 0, &added);
	if (!added || root_list(wheels->root, site, wheels->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++)
		if (entries[i].type == ROOT_DIRECTORY && is_dist_info(entries[i].name))
			read_record(wheels, site, path_join(wheels->arena, site, entries[i].name));
}

size_t wheel_texts_of(struct wheel_texts *wheels, const char *path, const char *const **ret)
{
	static const char *const folders[] = {"/site-packages/", "/dist-packages/"};
	const struct map_entry *entry;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *at = strstr(path, folders[i]);

		if (at)
			read_site(wheels, arena_slice(wheels->arena,
						      slice_of(path, (size_t)(at - path) +
									 strlen(folders[i]) - 1)));
	}
	entry = map_get(&wheels->owner_by_path, slice_text(path));
	if (!entry)
		return 0;
	*ret = (const char *const *)wheels->distributions.ptr[entry->value].paths;
	return wheels->distributions.ptr[entry->value].count;
}
