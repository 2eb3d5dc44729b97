/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables compiled in: a list that data/tsv2c.awk makes of data/NAME.tsv; ends with a NULL name.
 */
#ifndef UTIL_TABLE_BUILTIN_H
#define UTIL_TABLE_BUILTIN_H

#include <stddef.h>

struct table_builtin {
	const char *name;
	const unsigned char *bytes;
	size_t size;
};

extern const struct table_builtin table_builtins[];

#endif
