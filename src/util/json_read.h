/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads JSON of other hands piece by piece: the caller asks for what it wants and skips the rest.
 * Nothing recurses on input and nothing is built; numbers and words are only ever skipped. What is
 * no JSON sets bad, after which every call gives nothing.
 *
 *	if (json_read_enter(&json, '{'))
 *		while (json_read_key(&json, &key))
 *			if (strcmp(key, "name") == 0)
 *				name = json_read_text(&json);
 *			else
 *				json_read_skip(&json);
 */
#ifndef UTIL_JSON_READ_H
#define UTIL_JSON_READ_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/slice.h"

struct json_read {
	struct slice rest;
	struct arena *arena; /* texts go here */
	bool fresh;	     /* the bracket just entered had nothing behind it yet */
	bool bad;
};

struct json_read json_read_of(struct slice bytes, struct arena *arena);
/* The first byte of the next value; NUL at the end. */
char json_read_peek(struct json_read *json);
/* Goes into an object '{' or a list '['; any other value is skipped, and the answer is no. */
bool json_read_enter(struct json_read *json, char bracket);
/* The next key of the object, its colon taken; no at its end, which is taken too. */
bool json_read_key(struct json_read *json, const char **ret);
/* Whether the list goes on; its end is taken. */
bool json_read_item(struct json_read *json);
/* A text, its escapes undone; any other value is skipped and gives NULL. */
const char *json_read_text(struct json_read *json);
/* One value, whatever is in it. */
void json_read_skip(struct json_read *json);

#endif
