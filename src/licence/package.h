/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a package's copyright file says of one of its files. The paths in it are those of the
 * source, so which stanza speaks of a shipped library has to be worked out (stanza.c); where it
 * cannot be, the answer is the union over all that is not plainly something else, and says so.
 * Private to src/licence.
 */
#ifndef LICENCE_PACKAGE_H
#define LICENCE_PACKAGE_H

#include "licence/dep5.h"
#include "licence/effective.h"
#include "licence/prose.h"
#include "licence/sources.h"

/* Beside dep5.stanzas: their licences, read once. */
struct stanza_licence {
	const struct expression *expression; /* never NULL */
	size_t first;			     /* the first stanza with the same name */
	bool lossy;
	/* The name says one version alone, the text below it says "or any later version". */
	bool later_in_text;
};

struct package_licence {
	const char *path, *scope; /* of the copyright file; the source package */
	const struct knowledge *knowledge;
	bool machine_readable;
	struct dep5 dep5;
	const struct stanza_licence *licences;
	const struct prose *prose; /* NULL when it is machine-readable */
	const char *const *names;  /* of all License fields, sorted, without repetition */
	size_t name_count;
	const struct expression *all; /* every licence the file speaks of; NULL: none */
	bool limit;		      /* a budget was reached: not all of it was read */
	struct diags *diags;	      /* NULL: nobody reads them */
};

const struct package_licence *package_licence_read(struct root *root,
						   const struct knowledge *knowledge,
						   const struct component *component,
						   struct arena *arena, struct diags *diags);

/* How an answer was found: other sources are weighed against it by that. */
enum answer_kind {
	ANSWER_STATED,	/* the copyright file speaks of this file, or says one thing of all */
	ANSWER_GUESSED, /* by habit: what stands over a program, or over "lib/" */
	ANSWER_UNION,	/* all it speaks of */
};

/* Never NULL; without an expression when the file says nothing that is understood. */
struct file_licence *package_licence_of_file(const struct package_licence *package,
					     const struct licence_query *query, struct arena *arena,
					     enum answer_kind *ret_kind);

/* The part of package_licence_of_file() for machine-readable files; NULL: no stanza over code. */
struct file_licence *stanza_licence_of_file(const struct package_licence *package,
					    const struct source_names *names, struct arena *arena,
					    enum answer_kind *ret_kind);

/*
 * The stanzas over the sources that the debug information of a file names (stanza_sources.c), for
 * medium confidence at most; NULL: it names none of this tree.
 */
struct file_licence *stanza_licence_of_sources(const struct package_licence *package,
					       const struct licence_query *query,
					       struct arena *arena);

/* The stanzas that a row of licence-paths.tsv names; NULL: the file has not all of them. */
struct file_licence *stanza_licence_of_row(const struct package_licence *package,
					   const struct path_row *row, struct arena *arena);

#endif
