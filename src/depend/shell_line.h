/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simple commands of a shell text: what sh(1) would look up as programs, not what would become
 * of them. Nothing is expanded: a word that holds an expansion is marked as not literal.
 */
#ifndef DEPEND_SHELL_LINE_H
#define DEPEND_SHELL_LINE_H

#include "depend/words.h"

struct shell_visitor {
	/* One simple command, assignments and redirections left out; count is at least 1. */
	void (*command)(void *context, const struct word *words, size_t count);
	/* The text inside of $(...) or of backquotes: a shell text again. */
	void (*nested)(void *context, struct slice text);
	void *context;
};

void shell_line_visit(struct slice text, struct arena *arena, const struct shell_visitor *visitor);

#endif
