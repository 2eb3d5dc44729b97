/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of kernels. CUDA's compiler gives names with internal linkage a CRC-32 of the absolute path
 * of their source file (fatbin.md 3.2): it changes with the directory of a build, not with the
 * code. May be included by every stage.
 */
#ifndef BINARY_DEVICE_NAMES_H
#define BINARY_DEVICE_NAMES_H

#include "util/slice.h"

/*
 * One identifier of a source file in a name: "67_GLOBAL__N__<crc>_<length>_<file>_<rest>",
 * "..._INTERNAL_..." or "__nv_static_<length>__<crc>_...". The rest is a name from the file, or a
 * hash and the number of the compiler's process: it changes with each build.
 */
struct device_unit {
	size_t start, prefix; /* where its length begins; where its first '_' is */
	size_t digits, end;   /* where the eight digits of the CRC begin; behind all of it */
	uint32_t crc;
	struct slice file; /* the file's name with '_' for '.'; length 0: not told */
};

/* The next one at or after *at, which is advanced behind it; false: no more. */
bool device_name_unit(struct slice name, size_t *at, struct device_unit *ret);

/*
 * A name that builds in other directories have too: of such identifiers only the file's name is
 * left, and the number at the end of a name of shared memory is dropped. to holds name.len bytes;
 * gives how many were written.
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
