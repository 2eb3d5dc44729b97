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

const char *path_without_hash(struct arena *arena, const char *name)
{
	const char *dash = name;

	while ((dash = strchr(dash, '-'))) {
		const char *digits = dash + 1;

		if (strnlen(digits, HASH_DIGITS + 1) > HASH_DIGITS && digits[HASH_DIGITS] == '.' &&
		    is_hexadecimal(digits, HASH_DIGITS))
			return arena_printf(arena, "%.*s%s", (int)(dash - name), name,
					    digits + HASH_DIGITS);
		dash++;
	}
	return name;
}
