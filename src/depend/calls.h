/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges that call sites in machine code make: libraries loaded by name, programs run, sockets,
 * shared memory and bus names. The facts must hold FACTS_CALLS. Names of functions that a library
 * hands on to such a call are matched with what its callers give them.
 */
#ifndef DEPEND_CALLS_H
#define DEPEND_CALLS_H

#include "depend/finder.h"
#include "depend/loader.h"
#include "depend/units.h"

/* What became of the sites of all files: nothing is left out of the sums. */
struct call_coverage {
	uint64_t code_bytes, selected_bytes, decoded_bytes, undecoded_bytes;
	uint64_t sites_total, sites_resolved, sites_unresolved; /* of those that have a name */
	uint64_t files_not_decoded; /* of a machine whose code is not decoded */
};

/*
 * Adds the edges of every ELF file of the inventory. services: names that units and bus files tie
 * to programs. Summaries of a library are read where its consumers are in the artifact.
 */
void calls_find(struct finder *finder, struct loader *loader, const struct service_names *services,
		struct call_coverage *ret);

#endif
