/* SPDX-License-Identifier: BSD-2-Clause */
/* What the user named to look at, in the root. */
#ifndef SCAN_ARTIFACT_PATHS_H
#define SCAN_ARTIFACT_PATHS_H

#include "artifact/container.h"
#include "artifact/root.h"
#include "binary/binaries.h"
#include "report/view.h"
#include "scan/scan.h"

char *artifact_path(struct arena *arena, const struct root *root, const char *path);

/*
 * The archives that are the artifact, in an order of their own, each once; 0 when the user named
 * none, or something else beside them.
 */
size_t artifact_archives(const struct scan_options *options, struct arena *arena,
			 const char *const **ret);

/* Canonical paths; the whole root of an archive (container not NULL), and when nothing was named.
 */
const char *const *artifact_paths(struct root *root, const struct container *container,
				  const struct scan_options *options, struct arena *arena,
				  size_t *ret_count);

struct view_artifact artifact_describe(struct root *root, const struct container *container,
				       const struct scan_options *options, struct arena *arena);

/* Says why the one file of elfleft tree, opened with that status and errno, gives no load set. */
void artifact_unusable(struct diags *diags, const char *path, enum status status,
		       const struct binary *binary);

#endif
