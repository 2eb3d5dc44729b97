/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tokens of Python source, of every version from 2 to 3.14: enough to find statements and calls.
 * Nothing is rejected; text that is no Python gives tokens of no use.
 */
#ifndef DEPEND_PYTHON_LEX_H
#define DEPEND_PYTHON_LEX_H

#include "util/slice.h"

enum python_token_type {
	PYTHON_NAME, /* keywords too */
	PYTHON_STRING,
	PYTHON_NUMBER,
	PYTHON_OPERATOR, /* one byte; ":=" alone is two */
	PYTHON_NEWLINE,	 /* end of a logical line that has tokens */
	PYTHON_END,
};

struct python_token {
	enum python_token_type type;
	struct slice text; /* of a string: what is between the quotes */
	uint32_t line;	   /* where it begins, from 1 */
	uint32_t column;   /* of the first token of a logical line: its indentation */
	uint32_t depth;	   /* brackets open around it; the brackets themselves are outside */
	bool raw;	   /* string: no escapes */
	bool formatted;	   /* string: f"..." or t"...", its value is not known */
};

struct python_lexer {
	struct slice in;
	size_t at;
	uint32_t line, depth;
	bool in_line; /* a token of the logical line was given */
};

struct python_lexer python_lexer_of(struct slice text);
void python_next(struct python_lexer *lexer, struct python_token *ret);

static inline bool python_is(const struct python_token *token, const char *name)
{
	return token->type == PYTHON_NAME && slice_equal_text(token->text, name);
}

static inline bool python_is_operator(const struct python_token *token, char byte)
{
	return token->type == PYTHON_OPERATOR && token->text.ptr[0] == (uint8_t)byte &&
	       token->text.len == 1;
}

#endif
