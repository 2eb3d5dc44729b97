/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code of headers in every shipped binary, by what two readings show of it: names of functions,
 * which the code tier reads (contents.h), and line tables, which the debug tier reads (sources.h).
 */
#ifndef SCAN_INLINED_H
#define SCAN_INLINED_H

#include "artifact/inventory.h"
#include "binary/binaries.h"
#include "evidence/inline_code.h"
#include "util/vec.h"

struct inlined {
	struct arena arena;
	struct inline_table *table; /* NULL: code of headers is not looked for */
	/* By number of the binary; NULL: nothing is known. */
	VEC(const struct inline_seen *) names, lines;
	struct inline_files files; /* borrows from the arena and the table */
};

void inlined_init(struct inlined *inlined);
/* data: host folder of tables; NULL: the built-in ones. */
void inlined_open(struct inlined *inlined, const char *data, struct diags *diags);
/* What a record of the groups FACTS_NAMESPACES and FACTS_DEBUG shows; nothing without a table. */
void inlined_take_names(struct inlined *inlined, const struct binary *binary,
			const struct facts *facts);
void inlined_take_lines(struct inlined *inlined, const struct binary *binary,
			const struct facts *facts);
/* Joins what was taken, file by file. */
void inlined_join(struct inlined *inlined, struct binaries *binaries,
		  const struct inventory *inventory);
/* NULL: code of headers was not looked for. */
const struct inline_files *inlined_files(const struct inlined *inlined);
void inlined_release(struct inlined *inlined);

#endif
