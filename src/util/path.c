/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/path.h"

#include <string.h>

#define HASH_DIGITS 8

char *path_join(struct arena *arena, const char *directory, const char *name)
{
	size_t length = strlen(directory);

	while (length && directory[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s/%s", (int)length, directory, name);
}

char *path_absolute(struct arena *arena, const char *directory, const char *path)
{
	char *full = path[0] == '/' ? arena_strdup(arena, path) : path_join(arena, directory, path);
	char *out = full, *in = full;

	while (*in) {
		size_t length;

		while (*in == '/')
			in++;
		length = strcspn(in, "/");
		if (length && !(length == 1 && in[0] == '.')) {
			*out++ = '/';
			memmove(out, in, length);
			out += length;
		}
		in += length;
	}
	if (out == full)
		return arena_strdup(arena, "/");
	*out = '\0';
	return full;
}

char *path_directory(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_strdup(arena, ".");
	if (slash == path)
		return arena_strdup(arena, "/");
	return arena_slice(arena, slice_of(path, (size_t)(slash - path)));
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	while (length && directory[length - 1] == '/')
		length--;
	return strncmp(path, directory, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

static bool is_hexadecimal(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return false;
	return true;
}

/* The last dash before such a hash; NULL when there is none. */
static const char *hash_of(const char *name)
{
	const char *found = NULL;

	for (const char *dash = strchr(name, '-'); dash; dash = strchr(dash + 1, '-'))
		if (strnlen(dash + 1, HASH_DIGITS + 1) > HASH_DIGITS &&
		    dash[1 + HASH_DIGITS] == '.' && is_hexadecimal(dash + 1, HASH_DIGITS))
			found = dash;
	return found;
}

const char *path_without_hash(struct arena *arena, const char *name)
{
	const char *dash;

	/* A library can go from one wheel into another: libgfortran-040039e1-0352e75f.so.5.0.0. */
	while ((dash = hash_of(name)))
		name =
		    arena_printf(arena, "%.*s%s", (int)(dash - name), name, dash + 1 + HASH_DIGITS);
	return name;
}
