/* SPDX-License-Identifier: BSD-2-Clause */
/* What is inside: the code of every shipped binary looked up in the indexes of fingerprints. */
#ifndef SCAN_CONTENTS_H
#define SCAN_CONTENTS_H

#include "artifact/inventory.h"
#include "binary/binaries.h"
#include "evidence/embedded_stated.h"

struct contents_input {
	struct binaries *binaries;
	const struct inventory *inventory; /* finished; the facts of its files are in */
	const char *const *indexes;	   /* files of the host */
	size_t index_count;
	const char *data_folder; /* as for table_open() */
	struct diags *diags;
};

struct contents {
	struct arena arena;
	struct index *index; /* NULL: there was none to look in */
	struct licence_changes *changes;
	struct embedded_files files; /* borrows from all of these */
};

void contents_init(struct contents *contents);
/* ret: initialised. */
void contents_find(const struct contents_input *input, struct contents *ret);
/* What was found; NULL when nothing was looked up. */
const struct embedded_files *contents_files(const struct contents *contents);
void contents_release(struct contents *contents);

#endif
