/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/artifact_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/path.h"

/* Host paths are relative to the working directory, paths of another root to that root. */
char *artifact_path(struct arena *arena, const struct root *root, const char *path)
{
	char *directory = NULL, *absolute;

	if (root_is_host(root) && path[0] != '/')
		directory = getcwd(NULL, 0);
	absolute = path_absolute(arena, directory ? directory : "/", path);
	free(directory);
	return absolute;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The paths as the user wrote them, in an order of their own, so that theirs changes nothing. */
static const char **sorted_paths(const struct scan_options *options, struct arena *arena,
				 size_t *ret_count)
{
	const char **sorted = arena_alloc_array(arena, options->path_count + 1, sizeof(*sorted));
	size_t count = 0;

	if (options->path_count) {
		memcpy(sorted, options->paths, options->path_count * sizeof(*sorted));
		qsort(sorted, options->path_count, sizeof(*sorted), compare_text);
	}
	for (size_t i = 0; i < options->path_count; i++)
		if (!i || strcmp(sorted[i], sorted[count - 1]) != 0)
			sorted[count++] = sorted[i];
	*ret_count = count;
	return sorted;
}

size_t artifact_archives(const struct scan_options *options, struct arena *arena,
			 const char *const **ret)
{
	size_t count = 0;

	if (options->root || !options->path_count)
		return 0;
	*ret = (const char *const *)sorted_paths(options, arena, &count);
	for (size_t i = 0; i < count; i++)
		if (!container_recognises((*ret)[i], 0))
			return 0;
	return count;
}

struct view_artifact artifact_describe(struct root *root, const struct container *container,
				       const struct scan_options *options, struct arena *arena)
{
	struct view_artifact artifact = {.root = arena_strdup(arena, root_name(root))};
	size_t count = 0;
	const char **sorted = sorted_paths(options, arena, &count);
	bool directory = options->path_count == 0;
	char *path = arena_strdup(arena, count ? "" : artifact.root);

	for (size_t i = 0; i < count; i++) {
		path = arena_printf(arena, "%s%s%s", path, i ? ", " : "", sorted[i]);
		directory |=
		    !container && root_is_directory(root, artifact_path(arena, root, sorted[i]));
	}
	artifact.path = path;
	artifact.type = !options->path_count ? "root" : directory ? "directory" : "file";
	if (container) { /* where it was unpacked is nobody's business */
		artifact.root = path;
		artifact.type = container_type(container);
	}
	return artifact;
}

/* The paths of the artifact in its root, as files are found there. */
const char *const *artifact_paths(struct root *root, const struct container *container,
				  const struct scan_options *options, struct arena *arena,
				  size_t *ret_count)
{
	const char **paths = arena_alloc_array(arena, options->path_count + 2, sizeof(*paths));

	*ret_count = 0;
	for (size_t i = 0; i < options->path_count && !container; i++) {
		char *canonical;

		if (root_realpath(root, artifact_path(arena, root, options->paths[i]), arena,
				  &canonical) == STATUS_OK)
			paths[(*ret_count)++] = canonical;
	}
	if (!options->path_count || container)
		paths[(*ret_count)++] = "/";
	return paths;
}

void artifact_unusable(struct diags *diags, const char *path, enum status status,
		       const struct binary *binary)
{
	int error = errno;

	if (status == STATUS_NOT_FOUND)
		diag_add(diags, DIAG_INPUT_MISSING, path, DIAG_NO_OFFSET, "%s", "");
	else if (status == STATUS_IO && error == ELOOP)
		diag_add(diags, DIAG_INPUT_SYMLINK_LOOP, path, DIAG_NO_OFFSET, "%s", "");
	else if (status != STATUS_OK)
		diag_add(diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(error) : status_text(status));
	else if (!binary->ident.is_elf)
		diag_add(diags, DIAG_INPUT_NOT_ELF, path, 0, "%s", "no ELF magic");
	else
		diag_add(diags, DIAG_ELF_TRUNCATED, path, binary->file.size,
			 "the file ends inside its ELF header");
}
