/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation that does not fail: when memory runs out the process prints one line and exits with
 * status 2. Input can not drive it there, since every count read from a file passes a budget or a
 * worker's limit first (binary/workers.h).
 */
#ifndef UTIL_MEMORY_H
#define UTIL_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_calloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *memory_realloc_array(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
char *memory_strdup(const char *text) __attribute__((malloc, returns_nonnull));

#endif
