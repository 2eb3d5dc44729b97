/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that a build leaves beside a binary, as evidence of what is inside it. */
#ifndef SCAN_BUILD_FILES_H
#define SCAN_BUILD_FILES_H

#include "artifact/root.h"
#include "evidence/embedded_maps.h"

struct build_files {
	struct root *root;
	struct diags *diags;
	const struct index *index;
	struct embedded_archives *archives; /* made when the first file is there */
	struct arena arena;
};

/* index: NULL when there is none. */
void build_files_open(struct build_files *build, struct root *root, const struct index *index,
		      struct diags *diags);
/* Looks beside one binary, by its canonical path; what is there is added to ret. facts: or NULL. */
void build_files_read(struct build_files *build, const char *path, const struct facts *facts,
		      struct arena *arena, struct embedded *ret);
void build_files_close(struct build_files *build);

#endif
