/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Licence grants in prose, found by their words: the sentence that puts something under a version
 * of a GNU licence, and the texts of permissive ones. Who is meant is not decided here. Private to
 * src/licence.
 */
#ifndef LICENCE_GRANTS_H
#define LICENCE_GRANTS_H

#include "licence/phrases.h"

struct grant {
	const char *spdx;   /* an SPDX expression of our making */
	size_t first, last; /* words of the grant proper: [first, last) */
	size_t body_end;    /* of the text that follows it: warranty, conditions */
	bool unversioned;   /* a GNU licence without a version: any version, says the licence */
	bool special;	    /* "as a special exception": of a kind that is not told */
	bool alternative;   /* "or": joined with the grant before it */
};

struct grants {
	const struct grant *list;
	size_t count;
	size_t mentions; /* of GNU licences that are neither grants nor mere references */
	size_t unread;	 /* other words that permit something */
	bool limit;	 /* BUDGET_PROSE_GRANTS was reached */
};

struct grants grants_of(const struct words *words, struct arena *arena);

#endif
