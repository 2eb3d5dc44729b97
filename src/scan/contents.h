/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside: the code of every shipped binary looked up in the indexes of fingerprints, and
 * code of headers by its names; and what its toolchain lists.
 */
#ifndef SCAN_CONTENTS_H
#define SCAN_CONTENTS_H

#include "artifact/inventory.h"
#include "binary/binaries.h"
#include "evidence/embedded_stated.h"
#include "evidence/embedded_units.h"
#include "scan/inlined.h"

struct contents_input {
	struct binaries *binaries;
	const struct inventory *inventory; /* finished; the facts of its files are in */
	const char *const *indexes;	   /* files of the host */
	size_t index_count;
	const char *data;	 /* host folder of tables; NULL: the built-in ones */
	struct inlined *inlined; /* gets names of header code */
	struct diags *diags;
};

struct contents {
	struct arena arena;
	struct index *index;	      /* NULL: there was none to look in */
	struct embedded_names *names; /* NULL: nothing was looked at */
	struct licence_changes *changes;
	struct unit_projects *units; /* NULL: not asked for yet */
	struct embedded **by_id;     /* by number of the binary; NULL: not looked at */
	size_t count;
	struct embedded_files files; /* borrows from the arena, the index and the changes */
};

/* What workers have to be started with. */
#define CONTENTS_GROUPS (FACTS_CODE | FACTS_LITERALS | FACTS_NAMESPACES | FACTS_MODULES)

/* Whether it is a program, a library or an object file. */
bool contents_holds_code(const struct facts *facts);
void contents_init(struct contents *contents);
/*
 * Adds what debug information tells of a binary that was looked at; to be called after
 * contents_find(), with FACTS_DEBUG.
 */
void contents_take_units(struct contents *contents, const struct binary *binary,
			 const struct facts *facts);
/* ret: initialised. */
void contents_find(const struct contents_input *input, struct contents *ret);
/* What was found; NULL when nothing was looked up. */
const struct embedded_files *contents_files(const struct contents *contents);
void contents_release(struct contents *contents);

#endif
