/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of a DWARF line table by file number (DWARF 5, section 6.2). libdwarf 20210528 would begin
 * each sequence of version 5 with file 0, where the standard and all compilers say 1; here only the
 * file register is of interest. Private to src/binary.
 */
#ifndef BINARY_DEBUG_ROWS_H
#define BINARY_DEBUG_ROWS_H

#include <stdbool.h>

#include "util/slice.h"

struct debug_rows {
	uint64_t *counts;   /* by file number; rows of other files are left out */
	size_t count;	    /* of counts */
	uint64_t remaining; /* rows that may still be counted */
};

/*
 * Adds the rows of the table at an offset of .debug_line. False when it is malformed or when no
 * rows remain; what came before is counted.
 */
bool debug_rows_add(struct slice section, uint64_t offset, bool big_endian,
		    struct debug_rows *rows);

#endif
