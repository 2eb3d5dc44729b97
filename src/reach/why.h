/* SPDX-License-Identifier: BSD-2-Clause */
/* How one end of the graph reaches another: the paths between them, short ones first. */
#ifndef REACH_WHY_H
#define REACH_WHY_H

#include "reach/graph.h"

struct why_path {
	const uint32_t *edges; /* of the graph, from the first end to the last */
	size_t count;
};

/*
 * An end is a file (its path, its last component or its SONAME), a component (its id or name), or
 * a licence (an id that stands in the licence of a file). Paths visit no file twice and are at
 * most two edges longer than the shortest one between the same files; BUDGET_WHY_PATHS of them at
 * most, *ret_capped says when there are more. STATUS_NOT_FOUND when an end matches nothing.
 */
enum status why_find(const struct graph *graph, const char *from, const char *to,
		     struct arena *arena, const struct why_path **ret, size_t *ret_count,
		     bool *ret_capped) must_check;

struct alternatives;

/*
 * What would break a path, in sentences: edges that bind nothing, boundaries that are there, other
 * libraries or builds, a choice the last licence offers. alternatives may be NULL.
 */
void why_breaks(const struct graph *graph, const struct why_path *path,
		const struct alternatives *alternatives, struct arena *arena,
		const char *const **ret, size_t *ret_count);

#endif
