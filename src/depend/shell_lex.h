/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens of a shell text (POSIX, "Token Recognition"), with bash's most common additions. */
#ifndef DEPEND_SHELL_LEX_H
#define DEPEND_SHELL_LEX_H

#include "depend/shell_line.h"

enum shell_token_type {
	SHELL_WORD,
	SHELL_SEPARATOR, /* ; & && | || and the newline */
	SHELL_CASE_END,	 /* ;; and ;& */
	SHELL_OPEN,
	SHELL_CLOSE,
	SHELL_END,
};

struct shell_token {
	enum shell_token_type type;
	struct word word;
	bool quoted;	 /* some of it was: it is no reserved word */
	bool assignment; /* NAME=... */
};

struct shell_lexer {
	struct slice rest;
	struct arena *arena;
	const struct shell_visitor *visitor; /* for nested texts */
	bool here_document;		     /* one begins behind this line */
};

/* Redirections with their words, and comments, are left out. */
void shell_next(struct shell_lexer *lexer, struct shell_token *ret);

#endif
