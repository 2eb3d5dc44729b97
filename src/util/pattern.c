/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/pattern.h"

#define WILDCARDS 16

enum wildcard { LITERAL, NO_SLASH, ANYTHING, VERSION, NAME };

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
	if (strncmp(pattern, "{name}", 6) == 0) {
		*ret_length = 6;
		return NAME;
	}
	return LITERAL;
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
		return (byte >= '0' && byte <= '9') || byte == '.';
	case LITERAL:
		break;
	}
	return false;
}

/* Makes the last choice that can take one byte more do so; false when there is none. */
static bool back_up(struct choice *choices, size_t *count, const char *text)
{
	while (*count) {
		struct choice *last = &choices[*count - 1];

		if (text[last->end] && takes(last->type, text[last->end])) {
			last->end++;
			return true;
		}
		--*count;
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

		if (choices[i].type == VERSION && !ret->version.len)
			ret->version = taken;
		if (choices[i].type == NAME && !ret->name.len)
			ret->name = taken;
	}
}

/* A captured part is complete: its neighbours are none of its bytes, and it is not empty. */
static bool is_complete(const struct choice *choice, const char *text)
{
	if (choice->type == VERSION)
		return choice->end > choice->start &&
		       !(choice->start && takes(VERSION, text[choice->start - 1]) &&
			 text[choice->start - 1] != '.');
	return choice->type != NAME || choice->end > choice->start;
}

bool pattern_matches(const char *pattern, const char *text, struct pattern_match *ret)
{
	struct choice choices[WILDCARDS];
	size_t count = 0, at = 0, seen = 0, length;

	for (;;) {
		enum wildcard type = wildcard_at(pattern + at, &length);

		if (type != LITERAL && count < WILDCARDS) {
			choices[count++] = (struct choice){type, at + length, seen, seen};
			if (is_complete(&choices[count - 1], text)) {
				at += length;
				continue;
			}
		} else if (type == LITERAL && pattern[at] && pattern[at] == text[seen]) {
			at++;
			seen++;
			continue;
		} else if (!pattern[at] && !text[seen]) {
			if (ret)
				capture(choices, count, text, ret);
			return true;
		}
		do {
			if (!back_up(choices, &count, text))
				return false;
		} while (!is_complete(&choices[count - 1], text));
		at = choices[count - 1].behind;
		seen = choices[count - 1].end;
	}
}
