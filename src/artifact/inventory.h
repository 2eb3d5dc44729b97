/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the user named, as a sorted list of regular files of a root that look like ELF; and, when
 * they are wanted, of text files that can start or load something (texts.h).
 */
#ifndef ARTIFACT_INVENTORY_H
#define ARTIFACT_INVENTORY_H

#include "artifact/texts.h"
#include "artifact/walk.h"
#include "util/vec.h"

struct inventory_file {
	const char *path;      /* in the root, as named or found; owned by the inventory's arena */
	const char *canonical; /* root_realpath() of it */
	bool named;	       /* the user named this very file, not a directory above it */
	/* Of a member of a static archive: the canonical path of the archive, and where in it the
	 * member stands; path and canonical are made of both names then. Else NULL. */
	const char *archive;
	uint64_t offset, size;
};

struct inventory {
	struct arena arena;
	VEC(struct inventory_file) files; /* sorted by canonical path, each canonical path once */
	uint64_t regular_files;		  /* all regular files seen, ELF or not */
	struct texts *texts;		  /* borrowed; NULL, as at first: they are not wanted */
};

void inventory_init(struct inventory *inventory);
void inventory_release(struct inventory *inventory);

/*
 * Adds a file, or all ELF files below a directory; problems become diagnostics. A named file that
 * goes to the texts is none.
 */
void inventory_add(struct inventory *inventory, struct root *root, const char *path,
		   struct diags *diags);
/* The ELF files among the members of a static archive; private to this stage. */
void inventory_add_members(struct inventory *inventory, struct root *root,
			   const struct walk_file *archive, struct diags *diags);
/* Sorts and removes repetitions; to be called once, after the last inventory_add(). */
void inventory_finish(struct inventory *inventory);

#endif
