/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of elfleft index: files to a segment, and segments to a view. */
#ifndef SCAN_INDEX_BUILD_H
#define SCAN_INDEX_BUILD_H

#include "report/view.h"
#include "scan/scan.h"
#include "util/arena.h"
#include "util/status.h"

struct index_build_options {
	/* Files, directories and indexes of the host; of them, all is one component. */
	const char *const *paths;
	size_t path_count;
	const char *component, *version, *licence; /* NULL: the name of each file, "", "" */
	/* A table of files and what they are: index_manifest.h. NULL: none. */
	const char *manifest;
	/* A text file of components, one a line: index_builder_merge_kept() for all indexes that
	 * are given. NULL: they are merged whole. */
	const char *keep;
	unsigned jobs; /* 0: one per processor */
	void (*progress)(void *context, const char *stage, size_t done, size_t total);
	void *progress_context;
};

/* Writes the file. Trouble with single inputs is in the view, which lives in the arena. */
enum status scan_index_build(const struct index_build_options *options, const char *file,
			     struct arena *arena, const struct view_index **ret) must_check;
/*
 * What is in index files; with members: down to object files. component: only this one; NULL: all.
 */
enum status scan_index_show(const char *const *files, size_t file_count, const char *component,
			    bool members, struct arena *arena,
			    const struct view_index **ret) must_check;

#endif
