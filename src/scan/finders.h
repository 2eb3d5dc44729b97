/* SPDX-License-Identifier: BSD-2-Clause */
/* All finders of edges, in the order they need each other; the driver calls them as one stage. */
#ifndef SCAN_FINDERS_H
#define SCAN_FINDERS_H

#include "depend/found.h"
#include "depend/loader.h"

struct finders_input {
	struct root *root;
	const struct inventory *inventory; /* finished, with its texts */
	const struct texts *texts;	   /* finished */
	struct binaries *binaries;	   /* facts of shipped files with FACTS_CALLS */
	struct loader *loader;
	const char *data; /* host folder of tables; NULL */
	struct diags *diags;
};

/* edges: empty; finished afterwards. */
void finders_run(const struct finders_input *input, struct found_edges *edges,
		 struct found_coverage *ret);

#endif
