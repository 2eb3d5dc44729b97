/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the results of the stages to the finished view. The only part of this folder that knows the
 * stages before; reporters see view.h alone.
 */
#ifndef REPORT_VIEW_BUILD_H
#define REPORT_VIEW_BUILD_H

#include "evidence/index.h"
#include "reach/graph.h"
#include "reach/reach.h"
#include "reach/why.h"
#include "report/view.h"
#include "util/diag.h"

struct view_input {
	struct view_artifact artifact;
	struct binaries *binaries;
	const struct graph *graph;
	struct found_coverage found;
	struct reach_policy policy;
	const struct reach_result *result; /* of model_of_graph(); NULL: nothing was judged */
	struct licences *licences;
	const struct knowledge *knowledge;
	struct diags *diags; /* gets sorted */
	bool digests;	     /* fill in SHA-256 of shipped files (already computed by binaries) */
};

/* The view lives in the arena; it borrows nothing from the input. */
const struct view *view_build(const struct view_input *input, struct arena *arena);

/*
 * file: as the user named it. load may be NULL when the file could not be read; bindings NULL when
 * symbols were not bound. all_symbols: keep every binding, not only those to nothing.
 */
const struct view_tree *view_tree_build(const char *root, const char *file,
					const struct load_set *load,
					const struct bindings *bindings, bool all_symbols,
					struct diags *diags, struct arena *arena);

struct view_why_input {
	const char *from, *to; /* as the user wrote them */
	const struct graph *graph;
	const struct alternatives *alternatives; /* NULL: none are known */
	const struct reach_result *result;
	const struct why_path *paths;
	size_t path_count;
	bool capped;
	struct diags *diags;
};

const struct view_why *view_why_build(const struct view_why_input *input, struct arena *arena);

struct view_index_input {
	const struct index *index;
	const char *component; /* this one only; NULL: all */
	bool members;	       /* down to object files */
	uint64_t files_read, members_read;
	struct diags *diags;
};

const struct view_index *view_index_build(const struct view_index_input *input,
					  struct arena *arena);

/* Sorts diags and copies them into the arena. */
const struct view_diagnostic *view_diagnostics(struct diags *diags, struct arena *arena,
					       size_t *ret_count);
struct view_tool view_tool(void);
/* The names of a set of outcomes, lightest first; a set without any is "clear". */
const char *const *view_outcomes(uint32_t outcomes, struct arena *arena, size_t *ret_count);

#endif
