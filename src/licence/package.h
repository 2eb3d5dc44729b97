/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a package's copyright file says of one of its files. The paths in it are those of the
 * source, so which stanza speaks of a shipped library has to be worked out; where it cannot be,
 * the answer is the union over all that is not plainly something else, and says so. Private to
 * src/licence.
 */
#ifndef LICENCE_PACKAGE_H
#define LICENCE_PACKAGE_H

#include "licence/dep5.h"
#include "licence/effective.h"

struct package_licence {
	const char *path, *scope; /* of the copyright file; the source package */
	bool machine_readable;
	struct dep5 dep5;
	struct slice prose;
	const char *const *names; /* of all License fields, sorted, without repetition */
	size_t name_count;
};

const struct package_licence *package_licence_read(struct root *root,
						   const struct knowledge *knowledge,
						   const struct component *component,
						   struct arena *arena);
/* Never NULL; without an expression when the file says nothing that is understood. */
struct file_licence *package_licence_of_file(const struct package_licence *package,
					     const struct knowledge *knowledge,
					     const struct licence_query *query,
					     struct arena *arena);
/* Prose: what is recognised by its words. NULL: nothing. */
struct file_licence *prose_licence(const struct package_licence *package,
				   const struct knowledge *knowledge, struct arena *arena);

#endif
