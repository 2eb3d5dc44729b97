/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A root: the file tree in which paths of the target are looked up. Every path is absolute inside
 * the root, and every symbolic link, absolute ones too, resolves inside it: no path escapes.
 *
 * Only a directory of the host can be a root for now. The functions are the seam behind which
 * packages and images join later, so no caller may assume that a path of the root is one of the
 * host. A root is used from one thread.
 */
#ifndef ARTIFACT_ROOT_H
#define ARTIFACT_ROOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/arena.h"
#include "util/slice.h"
#include "util/status.h"

struct root;

struct root_file {
	uint64_t device, inode, size; /* size in bytes */
	int64_t mtime_ns;	      /* nanoseconds since the epoch */
	mode_t mode;
};

enum root_type { ROOT_REGULAR, ROOT_DIRECTORY, ROOT_SYMLINK, ROOT_OTHER };

struct root_entry {
	const char *name;
	enum root_type type;
};

/* host_path "/" is the running system. STATUS_NOT_FOUND or STATUS_IO when it is no directory. */
enum status root_open_directory(const char *host_path, struct root **ret) must_check;
void root_free(struct root *root);

/* The host path this root was opened with, normalised. For messages only. */
const char *root_name(const struct root *root);
bool root_is_host(const struct root *root);

/*
 * Opens path for reading, following links inside the root; the caller closes the descriptor.
 * STATUS_NOT_FOUND (ENOENT, ENOTDIR), STATUS_IO with errno set otherwise (EACCES, ELOOP, EXDEV for
 * a path that would leave the root).
 */
enum status root_open(struct root *root, const char *path, int *ret_fd,
		      struct root_file *ret_file) must_check;
/* As root_open(), without opening; last component followed when follow is set. */
enum status root_stat(struct root *root, const char *path, bool follow,
		      struct root_file *ret_file) must_check;
bool root_is_directory(struct root *root, const char *path);
/* The canonical path (no links, no "..") inside the root of a file or directory that exists. */
enum status root_realpath(struct root *root, const char *path, struct arena *arena,
			  char **ret_path) must_check;
/* The same for a path that root_open() has just opened as fd: cheaper. */
enum status root_realpath_open(struct root *root, int fd, const char *path, struct arena *arena,
			       char **ret_path) must_check;
/* The text of a symbolic link, uninterpreted. */
enum status root_readlink(struct root *root, const char *path, struct arena *arena,
			  char **ret_target) must_check;
/* The entries of a directory without "." and "..", sorted by name bytes. */
enum status root_list(struct root *root, const char *path, struct arena *arena,
		      struct root_entry **ret_entries, size_t *ret_count) must_check;
/* A whole file into the arena, NUL-terminated behind its end; STATUS_LIMIT above limit bytes. */
enum status root_read(struct root *root, const char *path, uint64_t limit, struct arena *arena,
		      struct slice *ret_bytes) must_check;

#endif
