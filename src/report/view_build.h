/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the results of the stages to the finished view. The only part of this folder that knows the
 * stages before; reporters see view.h alone.
 */
#ifndef REPORT_VIEW_BUILD_H
#define REPORT_VIEW_BUILD_H

#include "evidence/device_summary.h"
#include "evidence/index.h"
#include "reach/graph.h"
#include "reach/notices.h"
#include "reach/policy.h"
#include "reach/reach.h"
#include "reach/why.h"
#include "report/view.h"
#include "util/diag.h"

struct view_gate_input {
	const struct policy *policy; /* NULL: there is none */
	const uint32_t *waivers;     /* beside findings, of policy_waive() */
	const bool *known;	     /* beside findings: the earlier report had it */
	const char *baseline;	     /* NULL: there is none */
	const char *today;
	const char *distribution_from, *system_libs_from, *unused_needed_from, *gpl_dynamic_from;
	bool present; /* there is a gate */
	enum outcome fail_on;
	const char *fail_on_from;
};

struct device_file {
	const char *path;
	const struct device_summary *summary;
};

struct device_files {
	const struct device_file *list; /* those that hold device code, by path */
	size_t count;
	bool looked;
};

struct view_input {
	struct view_artifact artifact;
	struct binaries *binaries;
	const struct graph *graph;
	struct found_coverage found;
	const struct embedded_files *embedded; /* NULL: no code was looked up */
	struct device_files device;
	const struct inline_files *inlined; /* NULL: code of headers was not looked for */
	struct reach_policy policy;
	const struct reach_result *result; /* of model_of_graph(); NULL: nothing was judged */
	struct licences *licences;
	const struct knowledge *knowledge;
	struct diags *diags;		    /* gets sorted */
	const struct notice_texts *texts;   /* beside the graph's files; NULL: nobody looked */
	struct root *root;		    /* to read texts from; NULL: no report wants them */
	const struct view_gate_input *gate; /* NULL: neither policy nor gate */
	bool digests; /* fill in SHA-256 of shipped files (already computed by binaries) */
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

/* Fills in what the policy and the gate say of the view and its findings. */
void view_gate_build(const struct view_gate_input *input, struct view_finding *findings,
		     struct view *view, struct arena *arena);
/* What the findings of a view ask to pass on or to offer; behind view_gate_build(). */
void view_obligations_build(const struct view_input *input, struct view *view, struct arena *arena);
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
/* Of an edge to a component inside a file (view_inside.c). */
const struct view_inside *view_inside_build(const struct embedded_component *from,
					    struct arena *arena);
const struct view_evidence *view_inside_evidence(const struct embedded_component *from,
						 struct arena *arena, size_t *ret_count);
/* The strings that name projects, and the builds of an index, of the files of the view. */
void view_inside_files(const struct embedded_files *from, struct view_file *files, size_t count,
		       struct arena *arena);
void view_inside_coverage(const struct embedded_files *files, struct view_coverage *coverage);
/* ret_of_model: the view's edge behind each edge of the model. */
struct view_edge *view_edges_build(const struct view_input *input, struct arena *arena,
				   const uint32_t **ret_of_model);
void view_device_build(const struct device_files *from, struct view_file *files, size_t count,
		       struct arena *arena);
const struct view_verification *view_verifications(const struct graph *graph, struct arena *arena,
						   size_t *ret_count);
/* Of edges to code of headers, and of files that were only compiled against it (view_inline.c). */
void view_inline_edges(const struct graph *graph, struct view_edge *edges, struct arena *arena);
void view_inline_files(const struct inline_files *from, struct view_file *files, size_t count,
		       struct arena *arena);
void view_inline_coverage(const struct inline_files *files, struct view_coverage *coverage);
const char *view_inline_summary(const struct inline_component *from, struct arena *arena);
/* The names of a set of outcomes, lightest first; a set without any is "clear". */
const char *const *view_outcomes(uint32_t outcomes, struct arena *arena, size_t *ret_count);

#endif
