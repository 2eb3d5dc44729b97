/* SPDX-License-Identifier: BSD-2-Clause */
/* Components whose long texts and tables are in a file. Private to embedded*.c and their tools. */
#ifndef EVIDENCE_EMBEDDED_LITERALS_H
#define EVIDENCE_EMBEDDED_LITERALS_H

#include "evidence/embedded.h"

#define LITERAL_EXAMPLES 5u

/* What one component has in common with a file, and no other component of the index has. */
struct literal_evidence {
	uint32_t component;	/* in the index */
	uint32_t texts, tables; /* distinct ones */
	/* The builds that have most of them, by number in the index. Of the first: */
	const uint32_t *origins;
	size_t origin_count;
	uint32_t found;	   /* of its texts and tables, once for each of its object files */
	uint32_t members;  /* object files with one of them */
	uint32_t full;	   /* of those, such as have two here, and half of all they have */
	uint32_t coverage; /* share of what those object files have, in thousandths */
	uint32_t share;	   /* of what the whole build has */
	/* The longest texts, largest first: their numbers in the facts. */
	uint32_t examples[LITERAL_EXAMPLES];
	size_t example_count;
};

struct literal_list {
	struct literal_evidence *list; /* by component */
	size_t count;
};

void literals_collect(const struct facts *facts, const struct index *index, struct arena *arena,
		      struct literal_list *ret);

/*
 * Tells in the components and hints of ret what texts and tables of theirs are here, and claims
 * components by these where code claims none.
 */
void literals_find(const struct facts *facts, const struct index *index, struct arena *arena,
		   struct embedded *ret);

#endif
