/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the index stands that scan uses without being asked. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/tool.h"

#define INDEX_NAME "index/core.elfidx"

static bool readable(const char *path)
{
	return access(path, R_OK) == 0;
}

/* DIRECTORY/MIDDLE/index/core.elfidx, if it is there; the caller frees it. */
static char *candidate(const char *directory, const char *middle)
{
	char *path = NULL;

	if (asprintf(&path, "%s%s/" INDEX_NAME, directory, middle) < 0)
		return NULL;
	if (readable(path))
		return path;
	free(path);
	return NULL;
}

char *default_index(const char *data)
{
	char program[4096], *path = data ? candidate(data, "") : NULL, *slash;
	ssize_t length;

	if (path)
		return path;
	/* Beside this program: in PREFIX/bin, or in the build folder of a source tree. */
	length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (length > 0) {
		program[length] = 0;
		slash = strrchr(program, '/');
		if (slash)
			*slash = 0;
		path = candidate(program, "/../share/elfleft");
		if (!path)
			path = candidate(program, "/../data");
	}
	return path ? path : candidate(ELFLEFT_DATADIR, "");
}
