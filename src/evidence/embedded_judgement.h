/* SPDX-License-Identifier: BSD-2-Clause */
/* What embedded_decide.c and embedded_owners.c share. Private to them. */
#ifndef EVIDENCE_EMBEDDED_JUDGEMENT_H
#define EVIDENCE_EMBEDDED_JUDGEMENT_H

#include "evidence/embedded_case.h"

/* Distinct bodies that make a few. */
#define UNIQUE_SOME 3u
/* A member as full as this is here as a whole. */
#define MEMBER_FULL 800u

struct judgement {
	struct embedded_case *from;
	struct arena *scratch;
	/* The functions of each member in order of address: list of function numbers. */
	uint32_t *member_first, *member_functions;
	uint32_t *body_seen;			     /* by body: whether it was met in this pass */
	uint32_t *neighbours;			     /* by function: the next owner behind it */
	uint32_t *component_counts, *component_seen; /* by component, for one pass */
};

/* In thousandths. */
uint32_t judgement_share(uint64_t part, uint64_t whole);
/* Whether all that has a function has it as a weak one. */
bool judgement_weak(const struct embedded_case *from, const struct case_function *function);
/* The one component that has it; CASE_NONE when it speaks for none. */
uint32_t judgement_speaks_for(const struct embedded_case *from,
			      const struct case_function *function);
/*
 * Gives each function that claimed components have to one of them, and claims components that
 * copies of each other hide. Last: the rest of the judgement is made.
 */
void judgement_give_owners(struct judgement *judgement);

#endif
