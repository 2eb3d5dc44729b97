/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives as file trees: a zip file or wheel, a .deb, a tar file (gzip, bzip2, xz, zstd), and
 * where it is wanted a static library. The archive is parsed by a forked child that has no file
 * system (util/sandbox.h) and only says what it reads; this process checks every name and writes a
 * private temporary directory. No entry is written outside it or through a symbolic link, and links
 * are made last. A second child removes the directory when this process closes the container or
 * ends in whatever way.
 */
#ifndef ARTIFACT_CONTAINER_H
#define ARTIFACT_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/diag.h"
#include "util/status.h"

enum container_flag {
	CONTAINER_STATIC_ARCHIVES = 1u << 0, /* members of a .a file become files */
};

struct container;

/* Whether a host path is a file that container_open() would read, told by its first bytes. */
bool container_recognises(const char *host_path, unsigned flags);

/*
 * Unpacks them below $TMPDIR or /tmp, into one tree and in this order, as an installer would. What
 * is wrong with one becomes a diagnostic that names it; what could be read is there then. STATUS_IO
 * with errno, STATUS_NOT_FOUND, STATUS_UNSUPPORTED.
 */
enum status container_open(const char *const *host_paths, size_t count, unsigned flags,
			   struct diags *diags, struct container **ret) must_check;
/* Of a Debian package that is read by container_read(): where control.tar is taken to lie. */
#define CONTAINER_CONTROL "DEBIAN/"

/* Takes files one by one as they come; directories and links are left out. */
struct container_visitor {
	/* Whether the content of the file of this clean relative path is wanted. */
	bool (*begin)(void *context, const char *path);
	/* false: of this file no more is wanted; end() comes all the same. */
	bool (*data)(void *context, const uint8_t *bytes, size_t size);
	void (*end)(void *context);
	void *context;
};

/*
 * Reads it without writing anything: the same child, names and limits, and the files of control.tar
 * beside those of data.tar. Trouble is told as by container_open().
 */
enum status container_read(const char *host_path, const char *display_path,
			   const struct container_visitor *visitor, struct diags *diags) must_check;

/* Removes the directory and frees; NULL is allowed. */
void container_free(struct container *container);

/* The host directory that holds the entries, and what was read: "wheel", "zip", ..., "archives". */
const char *container_directory(const struct container *container);
const char *container_type(const struct container *container);

#endif
