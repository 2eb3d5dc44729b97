/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machine-readable copyright files (Debian's copyright-format 1.0, and the drafts before it): which
 * licence stands over which source files. Sloppy files are read as far as they make sense.
 * Private to src/licence.
 */
#ifndef LICENCE_DEP5_H
#define LICENCE_DEP5_H

#include <stdbool.h>

#include "util/arena.h"

struct dep5_stanza {
	const char *const *patterns; /* of a Files field */
	size_t pattern_count;	     /* 0: a stand-alone License stanza */
	const char *licence;	     /* the short names, first line of the field; NULL: none */
	struct slice text;	     /* the lines below it, as they stand in the file */
	size_t line;		     /* of the stanza's first line, from 1 */
};

struct dep5 {
	const struct dep5_stanza *stanzas;
	size_t count;
	bool sloppy;	     /* no Format field that names the format, or fields misspelt */
	size_t skipped;	     /* Files stanzas without a licence */
	size_t skipped_line; /* of the first of them */
	bool limit;	     /* BUDGET_DEP5_PATTERNS or BUDGET_DEP5_STANZAS was reached */
};

/*
 * False when the file is prose: neither a Format field that names the format nor a stanza over "*".
 * Lives in the arena.
 */
bool dep5_parse(struct slice text, struct arena *arena, struct dep5 *ret);

/* Whether a pattern takes a path: "*" and "?" take slashes too, a backslash quotes. */
bool dep5_matches(const char *pattern, const char *path);
/* Whether it takes any path that begins with prefix. */
bool dep5_touches(const char *pattern, const char *prefix);

#endif
