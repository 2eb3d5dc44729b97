/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions that a request names, in a file without a name that is passed on. Private to
 * src/binary. */
#ifndef BINARY_SELECTION_H
#define BINARY_SELECTION_H

#include <stddef.h>

#include "binary/function_facts.h"

/* A descriptor of a file that holds them; -1 with errno. */
int selection_write(const struct facts_range *ranges, size_t count);

#endif
