/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One binary's functions beside what an index has of them, as plain data: made by
 * embedded_hits.c, judged by embedded_decide.c, which sees neither facts nor index. Private to
 * embedded*.c, tests and their tools.
 */
#ifndef EVIDENCE_EMBEDDED_CASE_H
#define EVIDENCE_EMBEDDED_CASE_H

#include "evidence/embedded.h"

#define CASE_NONE UINT32_MAX

/* One posting of one function. */
struct case_hit {
	uint32_t member;  /* of the case */
	uint32_t posting; /* number of the function in the index, for its name */
	uint32_t flags;	  /* enum index_function_flag */
	bool strict;
};

/* A function of the binary with a hit; by address. */
struct case_function {
	uint64_t address, size, key;
	uint32_t instructions;
	uint32_t first, count; /* hits */
	uint32_t frequency;    /* components of the whole index that have it; 0: far too many */
	uint32_t body;	       /* functions of one key have one number */
	bool header_only;      /* by the name or the component of some hit */
	bool generated;	       /* by the name of some hit: what compilers make of any class */
	/* Set by the judgement: the component that explains it, or CASE_NONE. */
	uint32_t owner;
};

struct case_member {
	uint32_t number; /* in the index */
	uint32_t origin; /* of the case */
	uint32_t functions;
	uint64_t bytes;
	/* Set by the judgement. */
	uint32_t found;	    /* its functions whose body is in the binary */
	uint32_t unique;    /* distinct bodies that only its component has */
	uint64_t low, high; /* the stretch of addresses in which most of it lies; high excluded */
};

struct case_origin {
	uint32_t number;
	uint32_t component;		     /* of the case */
	uint32_t first_member, member_count; /* members of an origin follow each other */
	uint32_t all_members;		     /* it has in the index */
	uint32_t unique; /* set by the judgement: distinct bodies of its members */
};

struct case_component {
	uint32_t number;
	const char *name; /* decides between equals */
	enum index_class class;
	uint32_t first_origin, origin_count; /* origins of a component follow each other */
	uint32_t all_members;		     /* of its largest origin, in the index */
	bool named;			     /* a string of the binary has its name and a version */
	/* Set by the judgement. */
	uint32_t unique, weak, strict;
	uint64_t unique_bytes;
	/* Of those, large ones, and such as lie in an object file with another: a small function
	 * alone in its file may be written twice. */
	uint32_t joint;
	uint32_t shared; /* bodies it was claimed by that others have too */
	uint32_t best;	 /* origin */
	uint32_t members, coverage, locality;
	uint32_t fullest; /* share of the most complete member with a unique function */
	bool claimed;
	enum embedded_confidence confidence;
};

struct embedded_case {
	struct case_function *functions;
	size_t function_count;
	struct case_hit *hits;
	size_t hit_count;
	struct case_member *members;
	size_t member_count;
	struct case_origin *origins;
	size_t origin_count;
	struct case_component *components;
	size_t component_count;
	size_t body_count;
	bool is_static; /* a program that links nothing: its libraries are all inside */
};

void case_collect(const struct facts *facts, const struct index *index, struct arena *arena,
		  struct embedded_case *ret);
/* Fills in what the judgement sets. */
void case_decide(struct embedded_case *embedded_case, struct arena *scratch);

/* Whether a hit is of that component, by its number in the case. */
static inline uint32_t case_component_of(const struct embedded_case *from,
					 const struct case_hit *hit)
{
	return from->origins[from->members[hit->member].origin].component;
}

/* Whether a function lies in the stretch of one of its members of that component. */
bool case_in_place(const struct embedded_case *from, const struct case_function *function,
		   uint32_t component);

#endif
