/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/wheel_owners.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/budget.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/path.h"
#include "util/vec.h"

struct wheel_owners {
	struct root *root;
	struct arena *arena;
	struct diags *diags;
	struct wheel_owners
	    *sources; /* of Python sources, which are many; NULL until asked about */
	bool is_sources, too_many;
	struct map folders;	  /* that were looked at: 1 when some distribution lies there */
	struct map owner_by_path; /* file -> index of wheels */
	VEC(const struct installed_wheel *) wheels;
};

struct wheel_owners *wheel_owners_new(struct root *root, struct arena *arena, struct diags *diags)
{
	struct wheel_owners *owners = memory_calloc(1, sizeof(*owners));

	owners->root = root;
	owners->arena = arena;
	owners->diags = diags;
	return owners;
}

void wheel_owners_free(struct wheel_owners *owners)
{
	while (owners) {
		struct wheel_owners *sources = owners->sources;

		map_release(&owners->folders);
		map_release(&owners->owner_by_path);
		vec_release(&owners->wheels);
		free(owners);
		owners = sources;
	}
}

static bool is_source(struct slice path)
{
	return path.len > 3 && memcmp(path.ptr + path.len - 3, ".py", 3) == 0;
}

static void add_file(struct wheel_owners *owners, const char *path, uint32_t wheel)
{
	if (owners->owner_by_path.len < BUDGET_PACKAGE_FILES) {
		map_put(&owners->owner_by_path, slice_text(path), wheel, NULL);
		return;
	}
	if (!owners->too_many)
		diag_add(owners->diags, DIAG_LIMIT_REACHED, owners->wheels.ptr[wheel]->folder,
			 DIAG_NO_OFFSET, "only %" PRIu32 " files of Python packages are known",
			 BUDGET_PACKAGE_FILES);
	owners->too_many = true;
}

/* Lines "path,hash,size"; quoted paths hold a comma or a quote, which no library's does. */
static void read_record(struct wheel_owners *owners, const char *site, const char *folder)
{
	struct installed_wheel *wheel;
	struct slice rest, line;
	struct arena scratch;
	uint32_t index = (uint32_t)owners->wheels.len;
	const char *record;
	enum status status;

	arena_init(&scratch);
	record = path_join(&scratch, folder, "RECORD");
	status = root_read(owners->root, record, BUDGET_SOURCE_FILE, &scratch, &rest);
	if (status == STATUS_LIMIT)
		diag_add(owners->diags, DIAG_LIMIT_REACHED, record, DIAG_NO_OFFSET,
			 "more than %llu bytes: its files have no owner",
			 (unsigned long long)BUDGET_SOURCE_FILE);
	if (status != STATUS_OK)
		goto out;
	wheel = arena_alloc(owners->arena, sizeof(*wheel));
	*wheel = (struct installed_wheel){folder, site};
	vec_push(&owners->wheels, wheel);
	while (!owners->too_many && slice_line(&rest, &line)) {
		const uint8_t *comma = line.len ? memchr(line.ptr, ',', line.len) : NULL;
		struct slice path = slice_of(line.ptr, comma ? (size_t)(comma - line.ptr) : 0);

		if (!path.len || line.ptr[0] == '"' || is_source(path) != owners->is_sources)
			continue;
		add_file(owners, path_absolute(owners->arena, site, arena_slice(&scratch, path)),
			 index);
	}
out:
	arena_release(&scratch);
}

static bool is_dist_info(const char *name)
{
	static const char suffix[] = ".dist-info";
	size_t length = strlen(name);

	return length >= sizeof(suffix) &&
	       strcmp(name + length - (sizeof(suffix) - 1), suffix) == 0;
}

static void read_folder(struct wheel_owners *owners, const char *folder)
{
	struct root_entry *entries;
	struct arena scratch;
	size_t count;
	bool added;

	map_put(&owners->folders, slice_text(folder), 0, &added);
	if (!added)
		return;
	arena_init(&scratch);
	if (root_list(owners->root, folder, &scratch, &entries, &count) != STATUS_OK)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (entries[i].type == ROOT_DIRECTORY && is_dist_info(entries[i].name))
			read_record(owners, folder,
				    path_join(owners->arena, folder, entries[i].name));
	arena_release(&scratch);
}

const struct installed_wheel *wheel_owners_find(struct wheel_owners *owners, const char *path)
{
	const char *folder = path;
	const struct map_entry *entry;

	if (path[0] != '/')
		return NULL;
	if (!owners->is_sources && is_source(slice_text(path))) {
		if (!owners->sources) {
			owners->sources =
			    wheel_owners_new(owners->root, owners->arena, owners->diags);
			owners->sources->is_sources = true;
		}
		owners = owners->sources;
	}
	do {
		folder = path_directory(owners->arena, folder);
		read_folder(owners, folder);
		entry = map_get(&owners->owner_by_path, slice_text(path));
		if (entry)
			return owners->wheels.ptr[entry->value];
	} while (strcmp(folder, "/") != 0);
	return NULL;
}

bool wheel_is_grafted(const struct installed_wheel *wheel, const char *path)
{
	size_t site = strlen(wheel->site);
	const char *folder = path + (strcmp(wheel->site, "/") == 0 ? 0 : site) + 1;
	size_t length = strcspn(folder, "/");
	struct arena scratch;
	bool grafted;

	arena_init(&scratch);
	grafted = (length > 5 && memcmp(folder + length - 5, ".libs", 5) == 0) ||
		  path_without_hash(&scratch, path_name(path)) != path_name(path);
	arena_release(&scratch);
	return grafted;
}
