/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of kernels. CUDA's compiler gives names with internal linkage a CRC-32 of the absolute path
 * of their source file (fatbin.md 3.2): it changes with the directory of a build, not with the
 * code. May be included by every stage.
 */
#ifndef BINARY_DEVICE_NAMES_H
#define BINARY_DEVICE_NAMES_H

#include "util/slice.h"

/* "_INTERNAL_<crc>_<length>_<file>_", and two other forms of it, somewhere in a name. */
struct device_unit {
	uint32_t crc;
	size_t digits;	   /* where the eight digits of the CRC begin */
	struct slice file; /* the file's name with '_' for '.'; length 0: not told */
};

/* The next one at or after *at, which is advanced behind its digits; false: no more. */
bool device_name_unit(struct slice name, size_t *at, struct device_unit *ret);

/*
 * A name that builds in other directories have too: digits of the CRC are '0', the number at the
 * end of a name of shared memory is dropped. to holds name.len bytes; gives how many were written.
 */
size_t device_name_key(struct slice name, uint8_t *to);

/*
 * The name of a variable without the number that the compiler gives to a literal ("$str$12",
 * "__unnamed_3"): one more literal shifts those behind it.
 */
struct slice device_variable_name(struct slice name);
bool device_is_literal(struct slice name);

/* A text that is the path of a source (__FILE__ in an assert), without its directory; else itself.
 */
struct slice device_literal(struct slice bytes);

/* What the compiler would put into names of a source file at this absolute path. */
uint32_t device_path_crc(struct slice path);

#endif
