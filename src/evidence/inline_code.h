/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code that came in through headers: templates and inline functions of projects that ship as
 * headers, seen by the namespaces of functions (FACTS_NAMESPACES) and by rows of line tables
 * (FACTS_DEBUG). Each is an edge link-static with evidence "inline" from the file to a component
 * without a file. It is code of that name in the file, not a copy proved by its bytes: the grade is
 * symbol-binding for functions and declared for line tables.
 *
 * Compiled against is less than contains, and no edge: headers were read that no code was made
 * for, or the file links the project's own shared library, whose edge says all that follows from
 * it, and templates of its headers are how its interface is used.
 *
 * What a file's own project defines is in here too; who joins edges leaves out a component that
 * owns the file itself (inline_is_own()).
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
	bool contained;	       /* else it was only compiled against */
	/* A namespace that no other project has a use for, or one with a version in it, or a line
	 * table says so; else the short name alone does. */
	bool distinct;
	const char *linked; /* the project's shared library that the file needs; NULL */
	const char *own;    /* of the table, for inline_is_own() */
	const char *source_of_licence;
	uint32_t weak, local; /* functions that inline code or templates gave, or may have given */
	uint32_t global;      /* functions compiled from its sources: more than header code */
	uint64_t weak_bytes;
	uint32_t source_files; /* with code in here, by debug information */
	uint64_t lines;	       /* their rows */
	uint32_t headers_read; /* by debug information, without code of them */
	const char *function;  /* linkage name of an example; NULL */
	const char *source;    /* path of the file with most rows; NULL */
};

/* data_folder: as for table_open(). NULL when there is no usable table; it was diagnosed. */
struct inline_table *inline_table_open(const char *data_folder, struct diags *diags);
void inline_table_close(struct inline_table *table);

/* Of one file. */
struct inline_code {
	const struct inline_component *components; /* sorted by name */
	size_t count;
	bool has_functions; /* some namespace was seen at all: names are there to be read */
	bool has_lines;	    /* it has line tables */
};

struct inline_file {
	const char *path; /* canonical */
	const struct inline_code *code;
};

/* Of a whole run, by path. */
struct inline_files {
	const struct inline_file *list;
	size_t count;
};

/* What one record shows of the components of the table. */
struct inline_seen;

/* By namespaces. Texts live in the arena or in the table, here and below. */
const struct inline_seen *inline_names_find(const struct inline_table *table,
					    const struct facts *facts, struct arena *arena);
/* By line tables: of the file itself, or of its separate debug file. */
const struct inline_seen *inline_lines_find(const struct inline_table *table,
					    const struct facts *facts, struct arena *arena);

/*
 * The components a file contains header code of or was compiled against, by what was seen of it;
 * NULL: that was not looked at. facts: any of the file itself. Functions count where at least one
 * is weak or local; debug information where rows exist.
 */
const struct inline_code *inline_code_join(const struct inline_table *table,
					   const struct facts *facts,
					   const struct inline_seen *names,
					   const struct inline_seen *lines, struct arena *arena);

/* Whether a name (of a source package, a package, a SONAME, a file) is of the project itself. */
bool inline_is_own(const struct inline_component *component, const char *name);

#endif
