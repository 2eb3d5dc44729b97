/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A directory of the host as root. "/" is resolved by the kernel as it is; any other directory by
 * openat2(RESOLVE_IN_ROOT), which re-roots every link, or by root_walk() where that is missing.
 */
#include "artifact/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "artifact/root_internal.h"
#include "artifact/root_walk.h"
#include "util/budget.h"
#include "util/memory.h"
#include "util/path.h"
#include "util/transfer.h"
#include "util/vec.h"

struct root {
	int fd;		   /* O_PATH */
	char *name;	   /* host path as opened, normalised */
	char *kernel_name; /* what /proc/self/fd says of fd; NULL without /proc */
	bool is_host;
	bool no_openat2; /* walk by ourselves */
};

/* ENOENT and ENOTDIR are an answer; all else is trouble with errno. */
static enum status status_of_errno(void)
{
	return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
}

static char *descriptor_path(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0 || path[0] != '/')
		return NULL;
	path[length] = '\0';
	return memory_strdup(path);
}

enum status root_open_directory(const char *host_path, struct root **ret)
{
	struct root *root;
	struct stat info, host;
	struct arena arena;
	char *directory;
	int fd = open(host_path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return status_of_errno();
	root = memory_calloc(1, sizeof(*root));
	root->fd = fd;
	arena_init(&arena);
	directory = getcwd(NULL, 0);
	root->name = memory_strdup(path_absolute(&arena, directory ? directory : "/", host_path));
	free(directory);
	arena_release(&arena);
	root->kernel_name = descriptor_path(fd);
	root->is_host = fstat(fd, &info) == 0 && stat("/", &host) == 0 &&
			info.st_dev == host.st_dev && info.st_ino == host.st_ino;
	*ret = root;
	return STATUS_OK;
}

void root_free(struct root *root)
{
	if (!root)
		return;
	close(root->fd);
	free(root->name);
	free(root->kernel_name);
	free(root);
}

const char *root_name(const struct root *root)
{
	return root->name;
}

bool root_is_host(const struct root *root)
{
	return root->is_host;
}

void root_force_walk(struct root *root)
{
	root->no_openat2 = true;
	root->is_host = false;
}

/* Opens with flags; -1 and errno. canonical and its arena may be NULL. */
static int open_path(struct root *root, const char *path, int flags, bool follow,
		     struct arena *arena, char **ret_canonical)
{
	struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	struct arena scratch;
	char *canonical;
	long fd;
	int walked = -1, error;

	if (!follow)
		how.flags |= O_NOFOLLOW;
	if (flags & O_PATH)
		how.flags &= ~(unsigned)(O_NOCTTY | O_NONBLOCK);
	if (!path[0]) {
		errno = ENOENT;
		return -1;
	}
	if (root->is_host)
		return open(path, (int)how.flags);
	if (!root->no_openat2) {
		fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)fd;
		root->no_openat2 = true;
	}
	arena_init(&scratch);
	if (root_walk(root->fd, path, (int)how.flags, follow, arena ? arena : &scratch, &walked,
		      &canonical) != STATUS_OK)
		walked = -1;
	else if (ret_canonical)
		*ret_canonical = canonical;
	error = errno;
	arena_release(&scratch);
	errno = error;
	return walked;
}

static void fill_file(const struct stat *info, struct root_file *ret)
{
	*ret = (struct root_file){
	    .device = info->st_dev,
	    .inode = info->st_ino,
	    .size = info->st_size > 0 ? (uint64_t)info->st_size : 0,
	    .mtime_ns = info->st_mtim.tv_sec * INT64_C(1000000000) + info->st_mtim.tv_nsec,
	    .mode = info->st_mode,
	};
}

enum status root_open(struct root *root, const char *path, int *ret_fd, struct root_file *ret_file)
{
	int fd = open_path(root, path, O_RDONLY, true, NULL, NULL);
	struct stat info;

	if (fd < 0)
		return status_of_errno();
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		close(fd);
		errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
		return STATUS_IO;
	}
	fill_file(&info, ret_file);
	*ret_fd = fd;
	return STATUS_OK;
}

enum status root_stat(struct root *root, const char *path, bool follow, struct root_file *ret_file)
{
	struct stat info;
	int fd, result;

	if (root->is_host) {
		if (fstatat(AT_FDCWD, path, &info, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
			return status_of_errno();
		fill_file(&info, ret_file);
		return STATUS_OK;
	}
	fd = open_path(root, path, O_PATH, follow, NULL, NULL);
	if (fd < 0)
		return status_of_errno();
	result = fstat(fd, &info);
	close(fd);
	if (result != 0)
		return STATUS_IO;
	fill_file(&info, ret_file);
	return STATUS_OK;
}

bool root_is_directory(struct root *root, const char *path)
{
	struct root_file file;

	return root_stat(root, path, true, &file) == STATUS_OK && S_ISDIR(file.mode);
}

/* The path of an open descriptor inside the root, or NULL when the kernel does not tell. */
static char *path_below_root(const struct root *root, int fd, struct arena *arena)
{
	char *host = descriptor_path(fd), *path = NULL;
	size_t length = root->kernel_name ? strlen(root->kernel_name) : 0;

	while (length && root->kernel_name[length - 1] == '/')
		length--;
	if (host && root->kernel_name && path_is_below(host, root->kernel_name))
		path = arena_strdup(arena, host[length] ? host + length : "/");
	free(host);
	return path;
}

enum status root_realpath(struct root *root, const char *path, struct arena *arena, char **ret_path)
{
	char *canonical = NULL;
	int fd = open_path(root, path, O_PATH, true, arena, &canonical);

	if (fd < 0)
		return status_of_errno();
	if (!canonical)
		canonical = path_below_root(root, fd, arena);
	close(fd);
	if (!canonical) { /* no /proc: walk */
		if (root_walk(root->fd, path, O_PATH, true, arena, &fd, &canonical) != STATUS_OK)
			return status_of_errno();
		close(fd);
	}
	*ret_path = canonical;
	return STATUS_OK;
}

enum status root_realpath_open(struct root *root, int fd, const char *path, struct arena *arena,
			       char **ret_path)
{
	/* Without openat2(2) links were re-rooted by hand: the walk knows the path already. */
	char *canonical = root->no_openat2 ? NULL : path_below_root(root, fd, arena);

	if (!canonical)
		return root_realpath(root, path, arena, ret_path);
	*ret_path = canonical;
	return STATUS_OK;
}

enum status root_readlink(struct root *root, const char *path, struct arena *arena,
			  char **ret_target)
{
	char target[PATH_MAX];
	ssize_t length;
	int fd = open_path(root, path, O_PATH, false, NULL, NULL), error;

	if (fd < 0)
		return status_of_errno();
	length = readlinkat(fd, "", target, sizeof(target) - 1);
	error = errno;
	close(fd);
	errno = error;
	if (length < 0)
		return STATUS_IO;
	*ret_target = arena_slice(arena, slice_of(target, (size_t)length));
	return STATUS_OK;
}

static enum root_type type_of_entry(int directory, const struct dirent *entry)
{
	struct stat info;

	switch (entry->d_type) {
	case DT_REG:
		return ROOT_REGULAR;
	case DT_DIR:
		return ROOT_DIRECTORY;
	case DT_LNK:
		return ROOT_SYMLINK;
	case DT_UNKNOWN:
		break;
	default:
		return ROOT_OTHER;
	}
	if (fstatat(directory, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return ROOT_OTHER;
	return S_ISREG(info.st_mode)   ? ROOT_REGULAR
	       : S_ISDIR(info.st_mode) ? ROOT_DIRECTORY
	       : S_ISLNK(info.st_mode) ? ROOT_SYMLINK
				       : ROOT_OTHER;
}

static int compare_entries(const void *a, const void *b)
{
	const struct root_entry *left = a, *right = b;

	return strcmp(left->name, right->name);
}

enum status root_list(struct root *root, const char *path, struct arena *arena,
		      struct root_entry **ret_entries, size_t *ret_count)
{
	int fd = open_path(root, path, O_RDONLY | O_DIRECTORY, true, NULL, NULL);
	VEC(struct root_entry) entries = {0};
	const struct dirent *entry;
	enum status status = STATUS_OK;
	DIR *directory;

	if (fd < 0)
		return status_of_errno();
	directory = fdopendir(fd);
	if (!directory) {
		close(fd);
		return STATUS_IO;
	}
	while (errno = 0, (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entries.len == BUDGET_DIRECTORY_ENTRIES) {
			status = STATUS_LIMIT;
			break;
		}
		vec_push(&entries, ((struct root_entry){arena_strdup(arena, entry->d_name),
							type_of_entry(dirfd(directory), entry)}));
	}
	if (!entry && errno)
		status = STATUS_IO;
	closedir(directory);
	if (entries.len)
		qsort(entries.ptr, entries.len, sizeof(*entries.ptr), compare_entries);
	if (status == STATUS_OK) {
		*ret_entries = arena_copy(arena, entries.ptr, entries.len * sizeof(*entries.ptr));
		*ret_count = entries.len;
	}
	vec_release(&entries);
	return status;
}

enum status root_read(struct root *root, const char *path, uint64_t limit, struct arena *arena,
		      struct slice *ret_bytes)
{
	struct root_file file;
	uint8_t *bytes;
	size_t used;
	enum status status;
	int fd;

	status = root_open(root, path, &fd, &file);
	if (status != STATUS_OK)
		return status;
	if (file.size > limit) {
		close(fd);
		return STATUS_LIMIT;
	}
	bytes = arena_alloc(arena, (size_t)file.size + 1);
	used = transfer_read_at(fd, 0, bytes, (size_t)file.size);
	if (used < file.size && errno) {
		int error = errno;

		close(fd);
		errno = error;
		return STATUS_IO;
	}
	close(fd); /* a file that shrank meanwhile: what is left is what there is */
	*ret_bytes = slice_of(bytes, used);
	return STATUS_OK;
}
