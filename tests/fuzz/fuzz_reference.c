/* SPDX-License-Identifier: BSD-2-Clause */
/* The body of a reference manifest, and the comparisons that work on what was taken of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/reference.h"
#include "evidence/reference_format.h"
#include "evidence/verify.h"

#define FILES_COMPARED 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void compare(const struct profile *left, const struct profile *right)
{
	struct verify_file file = {0};
	struct arena arena;

	arena_init(&arena);
	verify_parts(left, right, &arena, &file);
	if (file.verdict == VERIFY_MODIFIED && left->has_functions && right->has_functions)
		verify_functions(left, right, &arena, &file);
	if (file.verdict >= VERIFY_VERDICT_COUNT)
		abort();
	verify_file_release(&file);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reference reference = {0};
	uint8_t *body = malloc(size + 1);

	if (!body)
		abort();
	memcpy(body, data, size);
	arena_init(&reference.arena);
	reference.bytes = slice_of(body, size);
	if (reference_parse(&reference)) {
		size_t count = reference.file_count;

		if (count > FILES_COMPARED)
			count = FILES_COMPARED;
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < count; j++)
				if (reference.files[i].elf && reference.files[j].elf)
					compare(&reference.files[i], &reference.files[j]);
	}
	arena_release(&reference.arena);
	free(body);
	return 0;
}
