/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arenas: memory with one lifetime, freed all at once. The owner of an arena owns everything in
 * it; a pointer into an arena is valid until arena_release().
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "util/slice.h"
#include "util/status.h"

struct arena_block;

struct arena {
	struct arena_block *head; /* the block allocations come from */
	size_t total;		  /* bytes obtained from malloc */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Zeroed memory, aligned for any object; never NULL. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));
void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull));
void *arena_copy(struct arena *arena, const void *data, size_t size)
    __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
/* NUL-terminated copy of a slice; an embedded NUL ends the string early for C readers. */
char *arena_slice(struct arena *arena, struct slice text) __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...) printf_format(2, 3)
    __attribute__((returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list args) printf_format(2, 0)
    __attribute__((returns_nonnull));

#endif
