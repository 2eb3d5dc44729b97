/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prose as words: small letters, without punctuation, quotation marks and the asterisks of
 * comments. Phrases are compared on words, so that line breaks do not matter. Private to
 * src/licence.
 */
#ifndef LICENCE_PHRASES_H
#define LICENCE_PHRASES_H

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"

struct word {
	const char *text;
	uint32_t line;	  /* from 1 */
	bool ends;	  /* a full stop, or an empty line, comes behind it */
	bool colon;	  /* a colon comes behind it */
	bool starts_line; /* first of its line */
	bool bullet;	  /* a dash or a star stands before it, at the start of a line */
};

struct words {
	const struct word *list;
	size_t count;
	bool limit; /* BUDGET_PROSE_WORDS was reached */
};

struct words words_of(struct slice text, struct arena *arena);

static inline const char *word_at(const struct words *words, size_t at)
{
	return at < words->count ? words->list[at].text : "";
}

/* Whether the words from at on are those of the phrase (small letters, single blanks). */
bool words_are(const struct words *words, size_t at, const char *phrase);
/* Where the phrase stands first in [from, to); to when it does not. */
size_t words_find(const struct words *words, size_t from, size_t to, const char *phrase);
/* Whether a word is one of a list of words with blanks between them. */
bool word_is_among(const char *word, const char *list);

#endif
