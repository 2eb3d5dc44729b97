/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the functions of one linked file call and refer to: what the strict fingerprint leaves out,
 * so that a call that leads elsewhere is seen all the same. Included by facts.h.
 */
#ifndef BINARY_TARGET_FACTS_H
#define BINARY_TARGET_FACTS_H

#include <stdint.h>

#include "util/slice.h"

/*
 * One reference, in the order of the code. Below FACTS_TARGET_NAMED it leads to code: the distance
 * of that from the lowest loaded address. From there on it is the hash of a symbol's name (imports,
 * by slot or stub) or of the text that stands there. What leads to other data is not told apart.
 */
typedef uint32_t facts_target;
#define FACTS_TARGET_NAMED UINT32_C(0x80000000)
#define FACTS_TARGET_DATA UINT32_MAX

/* What a reference by that name, or to that text, is. */
facts_target facts_target_of_name(struct slice name);

/* Beside the function of the same index. */
struct facts_function_detail {
	uint32_t target_first, target_count; /* into targets */
	uint64_t shape; /* hash of its instructions without any constants; 0: not decoded */
};

#endif
