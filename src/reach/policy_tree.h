/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy file as a tree of values: the part of YAML in which every value says what it is where it
 * stands. Block and flow style, comments and quotes; no anchors, aliases, tags, directives, second
 * documents or repeated keys. Nothing here knows what a policy means (policy_read.c does).
 */
#ifndef REACH_POLICY_TREE_H
#define REACH_POLICY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/vec.h"

struct policy_place {
	uint32_t line, column; /* from 1 */
};

enum policy_value_type { POLICY_TEXT, POLICY_LIST, POLICY_MAP };

struct policy_value {
	enum policy_value_type type;
	struct policy_place place;
	const char *text;		  /* POLICY_TEXT */
	const struct policy_value *items; /* of a list; of a map, beside keys */
	const struct policy_key *keys;
	size_t count;
};

struct policy_key {
	const char *text;
	struct policy_place place;
};

/* What is wrong with a file, as "FILE:LINE:COLUMN: text" lines; the first ones of many. */
struct policy_errors {
	struct arena *arena;
	const char *file;
	VEC(const char *) list;
	size_t count; /* all that were reported */
};

void policy_error(struct policy_errors *errors, struct policy_place place, const char *format, ...)
    printf_format(3, 4);
/* All lines, each ended by a newline; "" when nothing is wrong. Releases the list. */
const char *policy_errors_text(struct policy_errors *errors);

/* NULL with at least one error when the text is not such a tree. */
const struct policy_value *policy_tree_parse(struct slice text, struct arena *arena,
					     struct policy_errors *errors);

#endif
