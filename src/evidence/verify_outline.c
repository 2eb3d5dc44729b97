/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which functions have to be decoded at all. A patch in place leaves nearly all of a library as it
 * was, and to read instructions takes ten times as long as to hash them; but what has moved can
 * only be told from what refers to it.
 */
#include "evidence/verify_internal.h"

#define STRANGERS_SHARE 8 /* of this many functions one may be a stranger */

static uint32_t *strangers_of(const uint32_t *partners, size_t count, struct arena *arena,
			      size_t *ret_count)
{
	uint32_t *list;

	*ret_count = 0;
	for (size_t i = 0; i < count; i++)
		*ret_count += partners[i] == VERIFY_ALONE;
	list = arena_alloc_array(arena, *ret_count + 1, sizeof(*list));
	*ret_count = 0;
	for (size_t i = 0; i < count; i++)
		if (partners[i] == VERIFY_ALONE)
			list[(*ret_count)++] = (uint32_t)i;
	return list;
}

bool verify_stays_in_place(const struct profile *left, const struct profile *right)
{
	/* Files of fixed addresses need all their code to tell numbers from addresses. */
	return left->elf_type == ET_DYN && right->elf_type == ET_DYN &&
	       !verify_parts_moved(left, right);
}

bool verify_outline(const struct profile *left, const struct profile *right, struct arena *arena,
		    struct verify_strangers *ret)
{
	struct verify_pairs pairs;

	verify_pair_in_place(left, right, arena, &pairs);
	ret->left = strangers_of(pairs.of_left, left->function_count, arena, &ret->left_count);
	ret->right = strangers_of(pairs.of_right, right->function_count, arena, &ret->right_count);
	return ret->left_count <= left->function_count / STRANGERS_SHARE &&
	       ret->right_count <= right->function_count / STRANGERS_SHARE;
}
