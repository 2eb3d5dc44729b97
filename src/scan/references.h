/* SPDX-License-Identifier: BSD-2-Clause */
/* What the references of a scan say of its files: elfleft verify, as a stage. */
#ifndef SCAN_REFERENCES_H
#define SCAN_REFERENCES_H

#include "reach/graph.h"
#include "scan/verify.h"

struct references_input {
	const struct scan_options *options;
	struct verify_workers *workers;
	const char *directory;	  /* of the host: the root, or what an archive was unpacked to */
	const char *const *paths; /* of the artifact, in the root */
	size_t path_count;
	const struct graph *graph; /* whose ELF files are compared too, shipped or not */
	struct providers *providers;
	struct diags *diags;
};

/*
 * The graph with the verdicts in it (reach/modified.h), in the arena. A status tells that a
 * reference could not be used: *ret_refused, and errno.
 */
enum status references_compare(const struct references_input *input, struct arena *arena,
			       const struct graph **ret, const char **ret_refused) must_check;

#endif
