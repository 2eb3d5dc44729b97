/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the finders of edges in files other than ELF work on and add to. Each has one entry point;
 * none executes anything, and each reads a file of the target once, when it is called.
 */
#ifndef DEPEND_FINDER_H
#define DEPEND_FINDER_H

#include "artifact/inventory.h"
#include "binary/binaries.h"
#include "depend/commands.h"
#include "depend/found.h"

/* Places that ask for a program, a library or a module; and those of them that name it in full. */
struct found_counts {
	uint64_t sites, recovered;
};

struct finder {
	struct root *root;
	const struct inventory *inventory; /* finished */
	const struct texts *texts;	   /* finished */
	struct binaries *binaries;
	struct commands *commands;
	const char *data; /* host folder of tables; NULL: the built-in ones */
	/*
	 * The canonical path of the library dlopen(name) would give the process that runs the file
	 * at consumer_path, or NULL. The function itself may be NULL: nothing is resolved.
	 */
	const char *(*resolve)(void *context, const char *consumer_path, const char *name);
	void *resolve_context;
	struct found_edges *edges;  /* receives what is found */
	struct found_counts counts; /* advanced */
	struct diags *diags;
};

/*
 * A whole text file of at most limit bytes into the arena; false when it is longer or cannot be
 * read, which becomes a diagnostic.
 */
bool finder_read(struct finder *finder, const char *path, uint64_t limit, struct arena *arena,
		 struct slice *ret) must_check;

/* "#!" lines of scripts: scripts.c. */
void scripts_find(struct finder *finder);
/*
 * Imports between Python distributions, and libraries that Python sources load: python.c. A
 * distribution stands in an edge by its METADATA, PKG-INFO or egg-info file.
 */
void python_find(struct finder *finder);

#endif
