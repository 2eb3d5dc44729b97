/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machine-readable copyright files (Debian's copyright-format 1.0): which licence stands over
 * which source files. Sloppy files are read as far as they make sense. Private to src/licence.
 */
#ifndef LICENCE_DEP5_H
#define LICENCE_DEP5_H

#include <stdbool.h>

#include "util/arena.h"

struct dep5_stanza {
	const char *const *patterns; /* of a Files field */
	size_t pattern_count;	     /* 0: a stand-alone License stanza */
	const char *licence;	     /* the short names, first line of the field */
	size_t line;		     /* of the stanza's first line, from 1 */
};

struct dep5 {
	const struct dep5_stanza *stanzas;
	size_t count;
};

/* False when the file is prose: no Format field in its first stanza. Lives in the arena. */
bool dep5_parse(struct slice text, struct arena *arena, struct dep5 *ret);

/* Whether a pattern takes a path: "*" and "?" take slashes too, a backslash quotes. */
bool dep5_matches(const char *pattern, const char *path);

#endif
