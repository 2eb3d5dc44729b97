/* SPDX-License-Identifier: BSD-2-Clause */
/* One name of a licence, of either dialect, as an SPDX term. Private to src/licence. */
#ifndef LICENCE_TERM_H
#define LICENCE_TERM_H

#include "licence/expression.h"

struct term_result {
	struct licence_term term;
	const char *expression; /* an alias stands for this SPDX expression; else NULL */
	bool lossy;		/* mapped with less than high confidence, or not at all */
	bool bad;		/* no name at all: bytes that no id may hold */
};

/* exception: the word behind WITH, or NULL. */
struct term_result term_of_spdx(const struct knowledge *knowledge, struct slice name,
				struct slice exception, struct arena *arena);
struct term_result term_of_dep5(const struct knowledge *knowledge, struct slice name,
				const char *scope, struct arena *arena);

#endif
