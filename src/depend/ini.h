/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of [section] and key=value lines: systemd units, desktop entries, D-Bus services.
 */
#ifndef DEPEND_INI_H
#define DEPEND_INI_H

#include "util/arena.h"

struct ini {
	struct slice rest;
	struct slice section; /* "" before the first */
	uint32_t line;	      /* of what was read last, from 1 */
	bool continues; /* a backslash at the end of a line joins the next to it, as in units */
};

struct ini_entry {
	struct slice section, key;
	const char *value; /* without white space around it */
	uint32_t line;	   /* where it begins */
};

static inline struct ini ini_of(struct slice text, bool continues)
{
	return (struct ini){.rest = text, .continues = continues};
}

/* The next key=value line; false at the end. Comments and lines of no form are stepped over. */
bool ini_next(struct ini *ini, struct arena *arena, struct ini_entry *ret);

#endif
