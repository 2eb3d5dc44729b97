/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/root_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/vec.h"

/* What is still to be walked: path texts, the innermost link target last. */
struct walk {
	int root_fd;
	struct arena *arena;
	VEC(int) directories;	   /* O_PATH descriptors of the components taken, root excluded */
	VEC(const char *) names;   /* beside directories */
	VEC(const char *) pending; /* rests of texts, processed from the end */
	unsigned links;
};

static int current(const struct walk *walk)
{
	return walk->directories.len ? walk->directories.ptr[walk->directories.len - 1]
				     : walk->root_fd;
}

static void up(struct walk *walk)
{
	if (!walk->directories.len)
		return; /* ".." of the root is the root */
	close(walk->directories.ptr[--walk->directories.len]);
	walk->names.len--;
}

/* The next component of what is pending, or NULL at the end; *ret_last: nothing comes after it. */
static const char *next_component(struct walk *walk, bool *ret_last)
{
	while (walk->pending.len) {
		const char **rest = &walk->pending.ptr[walk->pending.len - 1];
		const char *start = *rest + strspn(*rest, "/");
		size_t length = strcspn(start, "/");

		if (!length) {
			walk->pending.len--;
			continue;
		}
		*rest = start + length;
		*ret_last = true;
		for (size_t i = 0; i < walk->pending.len; i++)
			if (walk->pending.ptr[i][strspn(walk->pending.ptr[i], "/")])
				*ret_last = false;
		return arena_slice(walk->arena, slice_of(start, length));
	}
	return NULL;
}

static int enter_link(struct walk *walk, int link_fd)
{
	char *target = arena_alloc(walk->arena, PATH_MAX);
	ssize_t length = readlinkat(link_fd, "", target, PATH_MAX - 1);

	if (length < 0)
		return -1;
	if (++walk->links > ROOT_LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	if (target[0] == '/')
		while (walk->directories.len)
			up(walk);
	vec_push(&walk->pending, target);
	return 0;
}

static int step(struct walk *walk, const char *name, bool follow)
{
	struct stat info;
	int fd;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		up(walk);
		return 0;
	}
	fd = openat(current(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &info) == 0 && S_ISLNK(info.st_mode) && follow) {
		int result = enter_link(walk, fd);
		int error = errno;

		close(fd);
		errno = error;
		return result;
	}
	vec_push(&walk->directories, fd);
	vec_push(&walk->names, name);
	return 0;
}

static char *canonical_path(const struct walk *walk)
{
	char *path = arena_strdup(walk->arena, walk->names.len ? "" : "/");

	for (size_t i = 0; i < walk->names.len; i++)
		path = arena_printf(walk->arena, "%s/%s", path, walk->names.ptr[i]);
	return path;
}

/* Opens the file the walk ended at anew with the wanted flags, through its parent. */
static int reopen(const struct walk *walk, int flags)
{
	size_t depth = walk->names.len;
	int parent = depth > 1 ? walk->directories.ptr[depth - 2] : walk->root_fd;

	return openat(parent, depth ? walk->names.ptr[depth - 1] : ".",
		      flags | O_NOFOLLOW | O_CLOEXEC);
}

enum status root_walk(int root_fd, const char *path, int flags, bool follow_last,
		      struct arena *arena, int *ret_fd, char **ret_canonical)
{
	struct walk walk = {.root_fd = root_fd, .arena = arena};
	enum status status = STATUS_OK;
	const char *name;
	bool last = false;
	int error = 0, fd;

	vec_push(&walk.pending, path);
	while ((name = next_component(&walk, &last))) {
		if (step(&walk, name, follow_last || !last) != 0) {
			status = STATUS_IO;
			error = errno;
			break;
		}
	}
	if (status == STATUS_OK) {
		fd = reopen(&walk, flags);
		error = errno;
		if (fd < 0) {
			status = STATUS_IO;
		} else {
			*ret_fd = fd;
			*ret_canonical = canonical_path(&walk);
		}
	}
	while (walk.directories.len)
		up(&walk);
	vec_release(&walk.directories);
	vec_release(&walk.names);
	vec_release(&walk.pending);
	errno = error;
	return status;
}
