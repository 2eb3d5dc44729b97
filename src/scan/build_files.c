/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/build_files.h"

#include <inttypes.h>
#include <string.h>

#include "util/budget.h"
#include "util/path.h"

void build_files_open(struct build_files *build, struct root *root, const struct index *index,
		      struct diags *diags)
{
	*build = (struct build_files){.root = root, .diags = diags, .index = index};
	arena_init(&build->arena);
}

void build_files_close(struct build_files *build)
{
	embedded_archives_close(build->archives);
	arena_release(&build->arena);
}

static void tell_limit(struct build_files *build, const char *path)
{
	diag_add(build->diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
		 "only %" PRIu32 " names of it are read, and none of more than %d bytes",
		 BUDGET_MAP_MEMBERS, BUDGET_MODULE_TEXT);
}

/* A text of the root; false when there is none that can be used. */
static bool read_text(struct build_files *build, const char *path, uint64_t limit,
		      struct arena *scratch, struct slice *ret)
{
	enum status status = root_read(build->root, path, limit, scratch, ret);

	if (status == STATUS_LIMIT)
		diag_add(build->diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
			 "more than %llu bytes", (unsigned long long)limit);
	if (status == STATUS_OK && !build->archives)
		build->archives = embedded_archives_open(build->index, &build->arena);
	return status == STATUS_OK;
}

/* PATH.map, which may say that it is of another file. */
static void read_map(struct build_files *build, const char *path, struct arena *arena,
		     struct embedded *ret)
{
	const char *map_path = arena_printf(arena, "%s.map", path);
	struct link_map map = {0};
	struct arena scratch;
	struct slice text;

	arena_init(&scratch);
	if (read_text(build, map_path, BUDGET_MAP_FILE, &scratch, &text))
		link_map_read(text, path_name(path), arena, &map);
	if (map.limit)
		tell_limit(build, map_path);
	if (map.is_map && !map.is_of_another)
		embedded_maps_find(build->archives, &map, map_path, arena, ret);
	arena_release(&scratch);
}

/* Beside DIR/libNAME.so.1: libNAME.la, NAME.pc, libNAME.pc, and these two in DIR/pkgconfig. */
static void read_flags(struct build_files *build, const char *path, const struct facts *facts,
		       struct arena *arena, struct embedded *ret)
{
	static const char *const parts[][2] = {{"lib", ".la"},
					       {"", ".pc"},
					       {"lib", ".pc"},
					       {"pkgconfig/", ".pc"},
					       {"pkgconfig/lib", ".pc"}};
	int folder = (int)(path_name(path) - path);
	const char *name = path_name(path), *end = strstr(name, ".so");
	struct arena scratch;

	if (strncmp(name, "lib", 3) != 0 || !end || end <= name + 3 || !ret->hint_count || !facts)
		return;
	arena_init(&scratch);
	name = arena_slice(&scratch, slice_of(name + 3, (size_t)(end - name - 3)));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *file = arena_printf(&scratch, "%.*s%s%s%s", folder, path, parts[i][0],
						name, parts[i][1]);
		const char *const *names;
		struct slice text;
		size_t count;
		bool limit;

		if (!read_text(build, file, BUDGET_FLAGS_FILE, &scratch, &text))
			continue;
		count = link_flags_read(text, &scratch, &names, &limit);
		if (limit)
			tell_limit(build, file);
		embedded_flags_find(build->archives, names, count, facts, arena, ret);
	}
	arena_release(&scratch);
}

void build_files_read(struct build_files *build, const char *path, const struct facts *facts,
		      struct arena *arena, struct embedded *ret)
{
	read_map(build, path, arena, ret);
	read_flags(build, path, facts, arena, ret);
}
