/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk all inventories share: a file, or the regular files below a directory of a root, each
 * opened once and shown by its first bytes. Symbolic links found on the way are not followed: what
 * they lead to is met where it is.
 */
#ifndef ARTIFACT_WALK_H
#define ARTIFACT_WALK_H

#include "artifact/root.h"
#include "util/diag.h"

#define WALK_HEAD_SIZE 256 /* as much as the kernel looks at to execute a file: BINPRM_BUF_SIZE */

struct walk_file {
	const char *path;      /* in the root, as named or found */
	const char *canonical; /* root_realpath() of it */
	bool named;	       /* the caller named this very file, not a directory above it */
	struct root_file file;
	uint8_t head[WALK_HEAD_SIZE]; /* zeros behind the end of the file */
	size_t head_length;
};

/* Called for each regular file that can be read. What it is given lasts until it returns. */
typedef void walk_visitor(void *context, const struct walk_file *file);

struct walk {
	struct root *root;
	struct diags *diags;
	walk_visitor *visit;
	void *context;
	uint64_t regular_files; /* counted: all that were met, those that cannot be read too */
};

/* Trouble becomes diagnostics. Returns whether path is a directory. */
bool walk_path(struct walk *walk, const char *path);

/* Records why path could not be used; errno is that of the failure. */
void walk_report(struct diags *diags, const char *path, enum status status);

#endif
