/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resolves a path below a directory descriptor component by component, for kernels and sandboxes
 * without openat2(2). Private to root.c.
 */
#ifndef ARTIFACT_ROOT_WALK_H
#define ARTIFACT_ROOT_WALK_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/status.h"

#define ROOT_LINKS_MAX 40 /* as the kernel's MAXSYMLINKS */

/*
 * Opens path with flags, every link re-rooted at root_fd. Also gives the canonical path. STATUS_IO
 * with errno, ELOOP for too many links.
 */
enum status root_walk(int root_fd, const char *path, int flags, bool follow_last,
		      struct arena *arena, int *ret_fd, char **ret_canonical) must_check;

#endif
