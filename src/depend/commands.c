/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/commands.h"

#include <string.h>
#include <sys/stat.h>

#include "util/map.h"
#include "util/path.h"
#include "util/vec.h"

struct commands {
	struct root *root;
	struct arena arena;
	const char *path;
	struct map names; /* name -> index of paths */
	VEC(const char *) paths;
};

struct commands *commands_new(struct root *root, const char *path)
{
	struct commands *commands = memory_calloc(1, sizeof(*commands));

	commands->root = root;
	arena_init(&commands->arena);
	commands->path = arena_strdup(&commands->arena, path ? path : COMMANDS_PATH);
	return commands;
}

void commands_free(struct commands *commands)
{
	if (!commands)
		return;
	map_release(&commands->names);
	vec_release(&commands->paths);
	arena_release(&commands->arena);
	free(commands);
}

static const char *executable(struct commands *commands, const char *path)
{
	struct root_file file;
	char *canonical;

	if (root_stat(commands->root, path, true, &file) != STATUS_OK || !S_ISREG(file.mode) ||
	    !(file.mode & 0111))
		return NULL;
	if (root_realpath(commands->root, path, &commands->arena, &canonical) != STATUS_OK)
		return NULL;
	return canonical;
}

static const char *look_up(struct commands *commands, const char *name)
{
	struct slice rest = slice_text(commands->path), directory;
	const char *found = NULL;

	if (path_is_below(name, "/proc"))
		return NULL;
	if (name[0] == '/')
		return executable(commands, name);
	if (strchr(name, '/') || !name[0])
		return NULL;
	/* An empty element means the working directory, which nobody knows: it is left out. */
	while (!found && slice_token(&rest, ":", &directory)) {
		const char *element = arena_slice(&commands->arena, directory);

		if (element[0] == '/')
			found = executable(commands, path_join(&commands->arena, element, name));
	}
	return found;
}

const char *commands_find(struct commands *commands, const char *name)
{
	const struct map_entry *known = map_get(&commands->names, slice_text(name));
	const char *kept, *found;

	if (known)
		return commands->paths.ptr[known->value];
	kept = arena_strdup(&commands->arena, name);
	found = look_up(commands, kept);
	map_put(&commands->names, slice_text(kept), (uint32_t)commands->paths.len, &(bool){0});
	vec_push(&commands->paths, found);
	return found;
}
