/* SPDX-License-Identifier: BSD-2-Clause */
/* Dynamic string tokens: $ORIGIN, $LIB, $PLATFORM, with and without braces. */
#ifndef DEPEND_TOKENS_H
#define DEPEND_TOKENS_H

#include "util/arena.h"

struct token_values {
	const char *origin; /* NULL when it is not known */
	const char *lib, *platform;
};

/*
 * Expands the tokens of text. NULL when one of them has no value: the loader drops such an element.
 * An unknown "$x" stays as it is.
 */
char *tokens_expand(struct arena *arena, const char *text, const struct token_values *values);

#endif
