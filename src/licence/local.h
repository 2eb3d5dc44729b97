/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Licence names that are local to one copyright file, resolved by the text the file gives for them:
 * where that is the text of a known licence and nothing else. Private to src/licence.
 */
#ifndef LICENCE_LOCAL_H
#define LICENCE_LOCAL_H

#include "licence/dep5.h"
#include "licence/expression.h"
#include "util/map.h"

struct local_names {
	struct map by_id; /* "LicenseRef-..." -> index into terms */
	const struct licence_term *terms;
};

/* scope: as given to expression_parse() for the same file. */
void local_names_read(struct local_names *names, const struct dep5 *dep5,
		      const struct knowledge *knowledge, const char *scope, struct arena *arena);
void local_names_release(struct local_names *names);
/* The expression with its local names replaced as far as they are known; *ret_replaced may be NULL.
 */
const struct expression *local_names_replace(const struct local_names *names,
					     const struct expression *expression,
					     struct arena *arena, bool *ret_replaced);
/* The text that a stanza's name stands for: its own, or that of the stand-alone License stanza. */
struct slice local_text(const struct dep5 *dep5, const struct dep5_stanza *stanza);

#endif
