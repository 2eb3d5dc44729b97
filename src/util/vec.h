/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Growing arrays on the heap. VEC(type) declares one; zero-initialised is empty. The holder frees
 * it with vec_release(). Pointers to elements are valid until the next push.
 */
#ifndef UTIL_VEC_H
#define UTIL_VEC_H

#include <stddef.h>
#include <stdlib.h>

#include "util/memory.h"

#define VEC(type)                \
	struct {                 \
		type *ptr;       \
		size_t len, cap; \
	}

/* Appends one element, not initialised, and gives its address. */
#define vec_add(v)                                                              \
	((v)->ptr = vec_grow((v)->ptr, sizeof(*(v)->ptr), (v)->len, &(v)->cap), \
	 &(v)->ptr[(v)->len++])

#define vec_push(v, value) (*vec_add(v) = (value))

#define vec_release(v)                   \
	do {                             \
		free((v)->ptr);          \
		(v)->ptr = NULL;         \
		(v)->len = (v)->cap = 0; \
	} while (0)

#define vec_each(item, v)                                                                      \
	for (__typeof__(*(v)->ptr) *(item) = (v)->ptr; (item) && (item) < (v)->ptr + (v)->len; \
	     (item)++)

static inline void *vec_grow(void *ptr, size_t size, size_t len, size_t *cap)
{
	if (len < *cap)
		return ptr;
	*cap = *cap ? *cap * 2 : 8;
	return memory_realloc_array(ptr, *cap, size);
}

#endif
