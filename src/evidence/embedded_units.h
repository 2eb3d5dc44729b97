/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components by the compilation units of debug information: source files that were compiled into a
 * file, and lie in a folder called like a project that has object files of their names. A header
 * is no unit, so that what was only included says nothing here.
 */
#ifndef EVIDENCE_EMBEDDED_UNITS_H
#define EVIDENCE_EMBEDDED_UNITS_H

#include "evidence/embedded.h"

struct unit_projects;

/* Which projects of an index a folder may be called like. Never NULL. */
struct unit_projects *unit_projects_open(const struct index *index);
void unit_projects_close(struct unit_projects *projects);

/*
 * Adds to the named components of ret those whose units a file has and no code of ret claims.
 * Needs FACTS_DEBUG. What is added lives in the arena or in the index.
 */
void embedded_units_find(struct unit_projects *projects, const struct facts *facts,
			 struct arena *arena, struct embedded *ret);

#endif
