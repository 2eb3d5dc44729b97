/* SPDX-License-Identifier: BSD-2-Clause */
/* Stanzas picked from a DEP-5 file, as one answer. Private to src/licence. */
#ifndef LICENCE_STANZA_H
#define LICENCE_STANZA_H

#include "licence/package.h"

#define STANZA_NONE SIZE_MAX

struct stanza_picked {
	const struct package_licence *package;
	bool *taken; /* beside the stanzas of the copyright file */
};

struct stanza_picked stanza_picked_new(const struct package_licence *package, struct arena *arena);
/*
 * The stanza that holds for a path of the source tree: the last one that matches. *tests grows by
 * the patterns that were asked.
 */
size_t stanza_last_match(const struct dep5 *dep5, const char *path, size_t *tests);
/* All of the picked ones, from LICENCE_SOURCE_DEP5_STANZA; NULL when they say nothing. */
struct file_licence *stanza_answer(const struct stanza_picked *picked,
				   enum licence_confidence confidence, const char *detail,
				   struct arena *arena);

#endif
