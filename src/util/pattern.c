/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/pattern.h"

#define WILDCARDS 16
#define LENGTH 4096 /* PATH_MAX */

enum wildcard { LITERAL, NO_SLASH, ANYTHING, VERSION, RELEASE, NAME };

/* One wildcard that was met, and what it takes for now. */
struct choice {
	enum wildcard type;
	size_t behind;	   /* offset in the pattern of what follows it */
	size_t start, end; /* in the text */
};

static enum wildcard wildcard_at(const char *pattern, size_t *ret_length)
{
	*ret_length = 1;
	if (pattern[0] == '*') {
		*ret_length = pattern[1] == '*' ? 2 : 1;
		return pattern[1] == '*' ? ANYTHING : NO_SLASH;
	}
	if (strncmp(pattern, "{v}", 3) == 0) {
		*ret_length = 3;
		return VERSION;
	}
	if (strncmp(pattern, "{release}", 9) == 0) {
		*ret_length = 9;
		return RELEASE;
	}
	if (strncmp(pattern, "{name}", 6) == 0) {
		*ret_length = 6;
		return NAME;
	}
	return LITERAL;
}

static bool is_of_version(char byte)
{
	return (byte >= '0' && byte <= '9') || byte == '.';
}

static bool takes(enum wildcard type, char byte)
{
	switch (type) {
	case ANYTHING:
		return true;
	case NO_SLASH:
		return byte != '/';
	case NAME:
		return byte != '/' && byte != '.';
	case VERSION:
		return is_of_version(byte);
	case RELEASE:
		return is_of_version(byte) || (byte >= 'a' && byte <= 'z');
	case LITERAL:
		break;
	}
	return false;
}

/*
 * A search with its way back. What follows a wildcard matches or not whatever came before, so each
 * place behind each wildcard is tried once.
 */
struct search {
	const char *text;
	size_t length;
	struct choice choices[WILDCARDS];
	size_t count, most;
	uint8_t tried[WILDCARDS][LENGTH / 8 + 1];
};

/* A captured part is not empty, and a release begins with a digit or dot. */
static bool is_complete(const struct choice *choice, const char *text)
{
	if (choice->type == RELEASE && !is_of_version(text[choice->start]))
		return false;
	return choice->type == NO_SLASH || choice->type == ANYTHING || choice->end > choice->start;
}

/* Whether to go on behind the last wildcard, from where it ends now. */
static bool is_worth_trying(struct search *search)
{
	size_t last = search->count - 1, end = search->choices[last].end;
	uint8_t *byte, bit = (uint8_t)(1u << end % 8);

	if (!is_complete(&search->choices[last], search->text))
		return false;
	if (search->length > LENGTH)
		return true;
	byte = &search->tried[last][end / 8];
	if (*byte & bit)
		return false;
	*byte |= bit;
	return true;
}

static bool push(struct search *search, struct choice choice)
{
	if (search->count == WILDCARDS || (search->count && search->length > LENGTH))
		return false;
	if (search->count == search->most && search->length <= LENGTH)
		memset(search->tried[search->most], 0, search->length / 8 + 1);
	search->choices[search->count++] = choice;
	if (search->most < search->count)
		search->most = search->count;
	return true;
}

/* Makes the last wildcard that can take more do so; false when there is none. */
static bool back_up(struct search *search)
{
	while (search->count) {
		struct choice *last = &search->choices[search->count - 1];

		if (search->text[last->end] && takes(last->type, search->text[last->end])) {
			last->end++;
			if (is_worth_trying(search))
				return true;
		} else {
			search->count--;
		}
	}
	return false;
}

static void capture(const struct choice *choices, size_t count, const char *text,
		    struct pattern_match *ret)
{
	*ret = (struct pattern_match){0};
	for (size_t i = 0; i < count; i++) {
		struct slice taken =
		    slice_of(text + choices[i].start, choices[i].end - choices[i].start);

		if ((choices[i].type == VERSION || choices[i].type == RELEASE) && !ret->version.len)
			ret->version = taken;
		if (choices[i].type == NAME && !ret->name.len)
			ret->name = taken;
	}
}

bool pattern_matches(const char *pattern, const char *text, struct pattern_match *ret)
{
	struct search search;
	size_t at = 0, seen = 0, width;

	search.text = text;
	search.length = strlen(text);
	search.count = search.most = 0;
	for (;;) {
		enum wildcard type = wildcard_at(pattern + at, &width);

		if (type == LITERAL && pattern[at] && pattern[at] == text[seen]) {
			at++;
			seen++;
			continue;
		}
		if (type == LITERAL && !pattern[at] && !text[seen]) {
			if (ret)
				capture(search.choices, search.count, text, ret);
			return true;
		}
		if (type != LITERAL &&
		    !push(&search, (struct choice){type, at + width, seen, seen}))
			return false;
		if ((type == LITERAL || !is_worth_trying(&search)) && !back_up(&search))
			return false;
		at = search.choices[search.count - 1].behind;
		seen = search.choices[search.count - 1].end;
	}
}
