/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Works: one program or library that nothing else in the artifact links to, with all it loads. What
 * the GPL family calls a combined work is bounded by linking; works touch each other only by other
 * means.
 */
#ifndef REACH_WORKS_H
#define REACH_WORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "depend/loader.h"
#include "util/arena.h"

/* One file of the artifact that can be loaded, and the process it would make. */
struct work_candidate {
	const char *path; /* canonical */
	struct binary *binary;
	const struct load_set *load; /* never NULL */
	bool is_root;		     /* set by works_find(): this candidate is a work */
};

/*
 * Marks the roots of works. Every executable is one. A library is one when no other candidate's
 * process loads it; of libraries that load each other and that nothing else loads, the first by
 * path is the root. candidates must be sorted by path.
 */
void works_find(struct work_candidate *candidates, size_t count);

#endif
