/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges beyond DT_NEEDED: what a program loads, runs or talks to, by whatever evidence there is.
 * Each finder adds what it finds; an edge to nothing is kept, since "asks for it, not here" is a
 * fact too. Finders never guess: what cannot be recovered is counted as unresolved by them.
 */
#ifndef DEPEND_FOUND_H
#define DEPEND_FOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "depend/edge.h"
#include "util/arena.h"
#include "util/vec.h"

#define FOUND_NO_PLACE UINT64_MAX

/* How much was looked at to find edges. */
struct found_coverage {
	bool looked;			 /* else all is 0 */
	uint64_t code_bytes;		 /* executable bytes of ELF files */
	uint64_t code_bytes_selected;	 /* of functions that reach a call of interest */
	uint64_t code_bytes_decoded;	 /* of those */
	uint64_t code_files_not_decoded; /* of machines whose code is not read */
	uint64_t code_files_unnamed;	 /* static and stripped: no call in them can be named */
	uint64_t call_sites, call_sites_recovered;
	uint64_t text_sites, text_sites_recovered; /* in scripts, units and Python sources */
};

struct found_edge {
	const char *from; /* canonical path in the root: an ELF file, a script, a unit */
	const char *to;	  /* canonical path; NULL when nothing of that name was found */
	const char *name; /* what is asked for, as recovered */
	enum edge_kind kind;
	enum edge_grade grade;
	bool possible;	      /* known only by a naming rule or a directory */
	const char *evidence; /* "call site", "note", "shebang", "unit", "desktop", "import", ... */
	const char *detail;   /* one line for the reader: "dlopen at 0x1234 in load_backend" */
	uint64_t place;	      /* byte offset in an ELF file, line of a text; FOUND_NO_PLACE */
};

/* Texts live in the arena. */
struct found_edges {
	struct arena arena;
	VEC(struct found_edge) list;
};

void found_edges_init(struct found_edges *edges);
void found_edges_release(struct found_edges *edges);
/* Copies the texts. */
void found_edges_add(struct found_edges *edges, const struct found_edge *edge);
/* Sorts by (from, to, kind, name, evidence, place) and drops repetitions. */
void found_edges_finish(struct found_edges *edges);

#endif
