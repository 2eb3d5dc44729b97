/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What files are that go into an index: rows of a table (util/table.h) with the columns
 *	path		of the file on this host, from the table's own folder
 *	name		how the index calls it
 *	component	the upstream project
 *	class		library, toolchain or header-only
 *	version licence source source_version package distribution carrier	struct index_origin
 *	members		a pattern (util/pattern.h) of members of an archive that this row speaks
 *			of; empty: those that no row before it took
 */
#ifndef EVIDENCE_INDEX_MANIFEST_H
#define EVIDENCE_INDEX_MANIFEST_H

#include "evidence/index_builder.h"
#include "util/vec.h"

/* One file and one row of what it is. */
struct index_input {
	const char *host;    /* absolute path on this host */
	const char *members; /* "" when it is about all of them */
	struct index_builder_origin origin;
	bool unnamed; /* the component is only what the file is called */
};

struct index_inputs {
	VEC(struct index_input) list; /* rows about one file follow each other */
};

/* Reads a table; texts go into the arena. What is wrong with it is a DATA_TABLE_BAD. */
enum status index_manifest_read(const char *file, struct arena *arena, struct diags *diags,
				struct index_inputs *inputs) must_check;

#endif
