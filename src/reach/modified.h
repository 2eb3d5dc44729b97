/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files of the graph differ from their upstream: what the policy says of it, and what
 * comparisons with references do. Edges that link to them are told as link-modified.
 */
#ifndef REACH_MODIFIED_H
#define REACH_MODIFIED_H

#include "reach/graph.h"

/*
 * comparisons: sorted by path, one for each. providers (may be NULL) know the owners of files that
 * are no nodes. The graph, or a changed copy of it, which borrows the comparisons.
 */
const struct graph *graph_with_comparisons(const struct graph *graph,
					   const struct graph_comparison *comparisons, size_t count,
					   struct providers *providers, struct arena *arena);

/* The kind of an edge as reports tell it. */
enum edge_kind graph_edge_kind(const struct graph_edge *edge);

#endif
