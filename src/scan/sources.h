/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sources that debug information names, file by file, and the rows of line tables that headers
 * have among them (inlined.h). All of debug information is read here, once, and apart from
 * everything else: it can be large, and a reader that gives up on it costs nothing but it.
 */
#ifndef SCAN_SOURCES_H
#define SCAN_SOURCES_H

#include "artifact/inventory.h"
#include "binary/binaries.h"
#include "licence/effective.h"
#include "scan/contents.h"

struct sources {
	struct arena arena;
	const struct debug_sources **by_id; /* by number of the binary; NULL: nothing is known */
	size_t count;
};

void sources_init(struct sources *sources);
void sources_release(struct sources *sources);
/* Of files that hold debug information, or whose part of it lies in a file of its own. */
void sources_read(struct binaries *binaries, const struct inventory *inventory, struct sources *ret,
		  struct inlined *inlined, struct contents *contents);

#endif
