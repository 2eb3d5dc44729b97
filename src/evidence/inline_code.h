/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code that came in through headers: templates and inline functions of projects that ship as
 * headers, seen by the namespaces of functions (FACTS_NAMESPACES) and by rows of line tables
 * (FACTS_DEBUG). Each is an edge link-static with evidence "inline" from the file to a component
 * without a file. It is code of that name in the file, not a copy proved by its bytes: the grade is
 * symbol-binding for functions and declared for line tables.
 *
 * What a file's own project defines is in here too; who joins edges leaves out a component that
 * owns the file itself.
 */
#ifndef EVIDENCE_INLINE_CODE_H
#define EVIDENCE_INLINE_CODE_H

#include "binary/facts.h"
#include "depend/edge.h"
#include "util/arena.h"
#include "util/diag.h"

#define INLINE_EVIDENCE "inline"

struct inline_table;

struct inline_component {
	const char *name;    /* "fmt" */
	const char *id;	     /* "header:fmt" */
	const char *licence; /* SPDX expression of the table */
	const char *note;    /* of the table; "" */
	/* Of an inline namespace, "9" or "3.11.2"; "" when nothing says it. Several: the first. */
	const char *version;
	enum edge_grade grade; /* the better of the two */
	uint32_t weak, local;  /* functions that inline code or templates gave, or may have given */
	uint32_t global;       /* functions compiled from its sources: more than header code */
	uint64_t weak_bytes;
	uint32_t source_files; /* with code in here, by debug information */
	uint64_t lines;	       /* their rows */
	const char *function;  /* linkage name of an example; NULL */
	const char *source;    /* path of the file with most rows; NULL */
};

/* data_folder: as for table_open(). NULL when there is no usable table; it was diagnosed. */
struct inline_table *inline_table_open(const char *data_folder, struct diags *diags);
void inline_table_close(struct inline_table *table);

/*
 * The components whose header code is in a file, sorted by name. Texts live in the arena or in the
 * table. Functions count where at least one is weak or local; debug information where rows exist.
 */
size_t inline_code_find(const struct inline_table *table, const struct facts *facts,
			struct arena *arena, const struct inline_component **ret);

#endif
