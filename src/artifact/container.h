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

#include "util/diag.h"
#include "util/status.h"

enum container_flag {
	CONTAINER_STATIC_ARCHIVES = 1u << 0, /* members of a .a file become files */
};

struct container;

/* Whether a host path is a file that container_open() would read, told by its first bytes. */
bool container_recognises(const char *host_path, unsigned flags);

/*
 * Unpacks it below $TMPDIR or /tmp. What is wrong with the archive becomes a diagnostic that names
 * display_path; what could be read is there then. STATUS_IO with errno, STATUS_NOT_FOUND.
 */
enum status container_open(const char *host_path, const char *display_path, unsigned flags,
			   struct diags *diags, struct container **ret) must_check;
/* Removes the directory and frees; NULL is allowed. */
void container_free(struct container *container);

/* The host directory that holds the entries, and what the archive is: "wheel", "zip", ... */
const char *container_directory(const struct container *container);
const char *container_type(const struct container *container);

#endif
