/* SPDX-License-Identifier: BSD-2-Clause */
/* The front of a name as the Itanium C++ ABI mangles it (section 5.1). Private to src/binary. */
#ifndef BINARY_MANGLED_H
#define BINARY_MANGLED_H

#include <stdbool.h>

#include "util/slice.h"

/*
 * The outermost namespace or class that the named entity itself lies in, and, where it looks like
 * an inline namespace for a version, the next part; else *ret_second is empty. False for C names,
 * names in no scope or in std, and Rust's.
 */
bool mangled_scope(struct slice name, struct slice *ret_first, struct slice *ret_second);

#endif
