/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What files that a build leaves beside a binary say of its parts. A linker's map (of GNU ld, gold,
 * lld, mold) tells which members of archives went in. A .pc or .la file tells with which libraries
 * something is to be linked, which is no statement that their code is inside.
 */
#ifndef EVIDENCE_LINK_MAP_H
#define EVIDENCE_LINK_MAP_H

#include "util/arena.h"
#include "util/slice.h"

struct link_map_archive {
	const char *name; /* "libz.a" */
	const char *line; /* the first that has a member of it: "/usr/lib/libz.a(inflate.o)" */
	uint32_t members;
	uint32_t line_number; /* from 1 */
};

struct link_map {
	const struct link_map_archive *archives; /* by name */
	size_t count;
	bool is_map;	    /* else the text is something else */
	bool is_of_another; /* it says which file was made, and that has another name */
	bool limit;	    /* too many members, or too long a name: not all are listed */
};

/* output: the name of the binary. Everything lives in the arena. */
void link_map_read(struct slice text, const char *output, struct arena *arena,
		   struct link_map *ret);

/*
 * The names behind -l of a .pc or .la file ("z" of "-lz"), sorted; gives how many. *ret_limit:
 * there are more, or some are too long.
 */
size_t link_flags_read(struct slice text, struct arena *arena, const char *const **ret,
		       bool *ret_limit);

#endif
