/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which part of a source tree a Files pattern speaks of, told by names alone: folders and files
 * that bear the name of a library, and those that do not end in one. Private to src/licence.
 */
#ifndef LICENCE_SOURCES_H
#define LICENCE_SOURCES_H

#include <stdbool.h>

#include "licence/dep5.h"

enum source_kind {
	SOURCE_CODE,	/* may be compiled into any file of the package */
	SOURCE_PROGRAM, /* of programs: in folders for tools */
	SOURCE_OTHER,	/* packaging, build system, documentation, tests, other languages */
};

enum source_kind source_kind(const char *pattern);
/* "config.guess", "install-sh": files of the build system that stand in many trees. */
bool source_is_common_file(const char *name);

/* The names under which the sources of a file may stand in its tree. */
struct source_names {
	const char *stem;    /* "libfoo" of "libfoo.so.1"; a program's own name */
	const char *bare;    /* "foo"; equal to stem for a program */
	const char *project; /* the source package: "foo", "libfoo2" */
	bool is_program;
};

struct source_names source_names(const char *file_name, const char *soname, bool is_program,
				 const char *project, struct arena *arena);
/* Whether two names mean the same, versions, dashes and letter case apart. */
bool source_same_name(const char *left, const char *right);

/* A part of the tree: all paths that begin with prefix. */
struct source_part {
	const char *prefix;
	/* How it is known to be the library's: 0 its full name ("libfoo/"), 1 the bare one
	 * ("lib/foo/"), 2 a group of files ("foo.*"), 3 "lib/" of a source package that bears its
	 * name. */
	unsigned rank;
};

/*
 * The parts of the tree that speak of this file, by what the patterns are called: those of the best
 * rank, without repetition. None: nothing speaks of it.
 */
size_t source_parts(const struct dep5 *dep5, const struct source_names *names, struct arena *arena,
		    const struct source_part **ret);

#endif
