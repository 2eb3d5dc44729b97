/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths as text. Nothing here touches the file system, and nothing resolves symbolic links: ".."
 * after a link means something else than the text says, so it is left alone.
 */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include <stdbool.h>

#include "util/arena.h"

/* "/a//b/./c/" becomes "/a/b/c"; a relative path is put below directory first. */
char *path_absolute(struct arena *arena, const char *directory, const char *path);
char *path_join(struct arena *arena, const char *directory, const char *name);
/* The part before the last slash; "/" for "/x", "." when there is no slash. */
char *path_directory(struct arena *arena, const char *path);
/* The part after the last slash: a pointer into path. */
const char *path_name(const char *path);
/*
 * "libgomp.so.1" for "libgomp-a34b3233.so.1", the name auditwheel and delocate give a library they
 * copy into a wheel; the name itself when it holds no such hash.
 */
const char *path_without_hash(struct arena *arena, const char *name);
/* Whether path is directory itself or lies below it, by whole components. */
bool path_is_below(const char *path, const char *directory);

#endif
