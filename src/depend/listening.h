/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files take requests over a network: programs whose own code calls listen or accept, or that
 * bind a function of a library they need from which such a call is reached. Loading a library that
 * could listen is no sign of it, and making sockets alone is none either.
 *
 * What leads from an exported function to the call is read from the library's code: direct calls
 * and references, within it and into other libraries it needs. Where such a call is reached by no
 * exported function that way, it is called through pointers, and who binds anything of that library
 * may listen.
 */
#ifndef DEPEND_LISTENING_H
#define DEPEND_LISTENING_H

#include "binary/binaries.h"

enum listening { LISTENS_NOT, LISTENS_MAYBE, LISTENS };

struct listening_map {
	const enum listening *by_binary; /* as a program, or as what is loaded for itself */
	size_t count;
};

/* What workers have to be started with. */
#define LISTENING_GROUPS (FACTS_CODE | FACTS_TARGETS)

/* Reads the code of libraries that call listen or accept once more. Needs FACTS_CALLS of files that
 * are part of the artifact; the result lives in the arena. */
void listening_find(struct binaries *binaries, struct diags *diags, struct arena *arena,
		    struct listening_map *ret);

static inline enum listening listening_of(const struct listening_map *map,
					  const struct binary *binary)
{
	return map && binary && binary->id < map->count ? map->by_binary[binary->id] : LISTENS_NOT;
}

#endif
