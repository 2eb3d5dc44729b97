/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where in a root the texts stand that go along with a file: the copyright file of its package, the
 * licence files of its Python distribution or beside it, and the system's copies of well-known
 * licences.
 */
#ifndef REACH_NOTICES_H
#define REACH_NOTICES_H

#include "artifact/root.h"
#include "reach/graph.h"

struct wheel_owners;

#define NOTICES_COMMON_FOLDER "/usr/share/common-licenses"

struct notice_texts {
	const char *const *paths; /* canonical, in the root; its own first, then licences */
	size_t count;
	bool missing; /* nothing was found that holds its notices */
};

/* Beside the nodes of the graph; of those that are not shipped nothing is looked for. In the arena.
 */
const struct notice_texts *notices_find(struct root *root, const struct graph *graph,
					struct wheel_owners *wheels, struct arena *arena);
/* The name Debian keeps a text under: "GPL-2" for GPL-2.0-only and GPL-2.0-or-later; NULL. */
const char *notices_common_name(const char *id);

#endif
