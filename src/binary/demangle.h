/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C++ (and old Rust) names for people. The demangler is that of the C++ ABI in libstdc++: it is on
 * every system with a compiler, follows the compiler's own mangling, and its licence's exception
 * lets any program link it. Names come from hostile files, so it runs in a forked child without a
 * file system; a name that breaks it stays as it is.
 */
#ifndef BINARY_DEMANGLE_H
#define BINARY_DEMANGLE_H

#include <stddef.h>

#include "util/arena.h"

/* ret_texts[i] is the demangled name in the arena, or NULL for one that is not mangled. */
void demangle_names(const char *const *names, size_t count, struct arena *arena,
		    const char **ret_texts);

#endif
