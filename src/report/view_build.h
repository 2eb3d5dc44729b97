/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the results of the stages to the finished view. The only part of this folder that knows the
 * stages before; reporters see view.h alone.
 */
#ifndef REPORT_VIEW_BUILD_H
#define REPORT_VIEW_BUILD_H

#include "artifact/inventory.h"
#include "evidence/provider.h"
#include "reach/works.h"
#include "report/view.h"
#include "util/diag.h"

struct view_input {
	struct view_artifact artifact;
	struct binaries *binaries;
	const struct inventory *inventory;
	const struct work_candidate *candidates; /* sorted by path, roots marked */
	size_t candidate_count;
	struct providers *providers;
	struct diags *diags; /* gets sorted */
	bool digests;	     /* fill in SHA-256 of shipped files (already computed by binaries) */
};

/* The view lives in the arena; it borrows nothing from the input but texts of its arenas. */
const struct view *view_build(const struct view_input *input, struct arena *arena);

/* file: as the user named it. load may be NULL when the file could not be read. */
const struct view_tree *view_tree_build(const char *root, const char *file,
					const struct load_set *load, struct diags *diags,
					struct arena *arena);

/* Sorts diags and copies them into the arena. */
const struct view_diagnostic *view_diagnostics(struct diags *diags, struct arena *arena,
					       size_t *ret_count);
struct view_tool view_tool(void);

#endif
