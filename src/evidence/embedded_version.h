/* SPDX-License-Identifier: BSD-2-Clause */
/* Which version of a component its code in a binary is. Private to embedded*.c. */
#ifndef EVIDENCE_EMBEDDED_VERSION_H
#define EVIDENCE_EMBEDDED_VERSION_H

#include "evidence/embedded_case.h"

/*
 * Fills in versions, contradictions, licence and source: of the versions that explain most of the
 * component's functions. Those that explain the same number cannot be told apart and are all kept.
 */
void version_choose(const struct embedded_case *from, const struct index *index, uint32_t component,
		    struct arena *arena, struct embedded_component *ret);

#endif
