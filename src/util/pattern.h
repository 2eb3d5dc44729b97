/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Patterns of the tables of knowledge over paths and names. Every byte stands for itself but
 *	*	any bytes without "/"
 *	**	any bytes
 *	{v}	digits and dots, at least one; captured
 *	{release}	the same and small letters, none of them first; captured as a version
 *	{name}	bytes without "/" and ".", at least one; captured
 */
#ifndef UTIL_PATTERN_H
#define UTIL_PATTERN_H

#include "util/slice.h"

struct pattern_match {
	struct slice version, name; /* what was captured; empty without such a part */
};

/*
 * Whether the whole text matches. ret may be NULL. A pattern of more than 16 wildcards matches
 * nothing, and one of more than one wildcard no text of more than 4096 bytes. Of several ways to
 * match, the one in which the first wildcards are shortest is captured.
 */
bool pattern_matches(const char *pattern, const char *text, struct pattern_match *ret);

#endif
