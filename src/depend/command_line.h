/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs a command line starts: the first word, what known wrappers run in turn (env, nice,
 * tini, ...), the commands of "sh -c", and the script an interpreter is given.
 */
#ifndef DEPEND_COMMAND_LINE_H
#define DEPEND_COMMAND_LINE_H

#include "depend/finder.h"
#include "depend/words.h"

/* Who starts it, and where that is written. */
struct command_source {
	const char *from;     /* canonical path */
	const char *evidence; /* of the edges */
	const char *detail;   /* of the edges; what came between is added */
	uint64_t place;
	bool possible;
};

/* Adds an ipc-exec edge for each. Words that are not literal are counted, not guessed. */
void command_line_add(struct finder *finder, const struct command_source *source,
		      const struct word *words, size_t count);
/* The same for a text that sh(1) reads. */
void command_line_add_shell(struct finder *finder, const struct command_source *source,
			    const char *line);
/* The program of that name alone. Returns its canonical path or NULL. */
const char *command_line_add_program(struct finder *finder, const struct command_source *source,
				     const char *name);

#endif
