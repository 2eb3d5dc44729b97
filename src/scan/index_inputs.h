/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files go into an index, and what they are. */
#ifndef SCAN_INDEX_INPUTS_H
#define SCAN_INDEX_INPUTS_H

#include "artifact/root.h"
#include "evidence/index_manifest.h"
#include "scan/index_build.h"

/*
 * Of the manifest and of the paths: files with a magic we know, sorted by path. Named files of
 * another kind become diagnostics.
 */
void index_inputs_find(const struct index_build_options *options, struct root *root,
		       struct arena *arena, struct diags *diags, struct index_inputs *inputs);

#endif
