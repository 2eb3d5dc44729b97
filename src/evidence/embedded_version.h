/* SPDX-License-Identifier: BSD-2-Clause */
/* Which version of a component its code in a binary is. Private to embedded*.c. */
#ifndef EVIDENCE_EMBEDDED_VERSION_H
#define EVIDENCE_EMBEDDED_VERSION_H

#include "evidence/embedded_case.h"

/* Licences of versions that cannot be told apart: all of them hold when they differ. */
struct licence_list {
	const char **texts; /* with room for all that are added */
	size_t count;
};

/* Unless it is there or empty. */
void licence_list_add(struct licence_list *list, const char *licence);
/* "(A) AND (B)"; the one itself; "" of none. */
const char *licence_list_join(const struct licence_list *list, struct arena *arena);

/*
 * Fills in versions, contradictions, licence and source: of the versions that explain most of the
 * component's functions. Those that explain the same number cannot be told apart and are all kept.
 */
void version_choose(const struct embedded_case *from, const struct index *index, uint32_t component,
		    struct arena *arena, struct embedded_component *ret);

#endif
