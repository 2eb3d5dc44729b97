/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prose copyright files: the grants in them, and of which part of the package each one speaks, as
 * far as the words before it say. Private to src/licence.
 */
#ifndef LICENCE_PROSE_H
#define LICENCE_PROSE_H

#include "licence/expression.h"
#include "licence/sources.h"

/* Of what a grant speaks, by the words before it. */
enum prose_scope {
	PROSE_GENERAL, /* nothing in particular */
	PROSE_LIBRARY, /* "the library itself" */
	PROSE_TOOLS,   /* "the utilities" */
	PROSE_FILES,   /* named source files that may be compiled in */
	PROSE_OTHER,   /* packaging, documentation, build system, tests, named files of those */
};

struct prose_grant {
	const struct expression *expression;
	enum prose_scope scope;
	bool sure;	  /* a version is named, and no exception of an unknown kind follows */
	bool unversioned; /* of a GNU licence, without a version */
	uint32_t line;
	const char *words;	  /* as the file has them, for the reader */
	const char *const *names; /* words of the heading, small letters: may name the file */
	size_t name_count;
	bool listed;	   /* it is followed by a list of what it speaks of */
	const char *owner; /* of a PROSE_LIBRARY: the word before "library", if it may be a name */
};

struct prose {
	const struct prose_grant *grants;
	size_t count;
	bool limit;    /* a budget was reached */
	bool complete; /* nothing that permits something was left without being understood */
};

struct prose *prose_read(struct slice text, const struct knowledge *knowledge, const char *scope,
			 struct arena *arena);

struct prose_answer {
	const struct expression *expression; /* NULL: nothing */
	const char *original, *detail;
	bool stated; /* the text speaks of this very file, or of "the library" */
	bool sure;   /* and leaves nothing open */
};

struct prose_answer prose_of_file(const struct prose *prose, const struct source_names *names,
				  struct arena *arena);

#endif
