/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile policy file: an answer, or lines that name the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reach/policy.h"

static struct knowledge *knowledge;
static struct diags start_diags;

static void clean_up(void)
{
	knowledge_free(knowledge);
	diags_release(&start_diags);
}

static void start(void)
{
	diags_init(&start_diags);
	if (knowledge_open(NULL, &start_diags, &knowledge) != STATUS_OK)
		abort();
	atexit(clean_up);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct policy *policy;
	const char *errors;
	struct arena arena;

	if (!knowledge)
		start();
	arena_init(&arena);
	policy = policy_read(slice_of(data, size), "p", knowledge, "2026-11-25", &arena, &errors);
	if (!policy != (*errors != '\0') || (!policy && strncmp(errors, "p:", 2) != 0))
		abort();
	for (size_t i = 0; policy && i < policy->licence_count; i++)
		if (!policy->licences[i].expression)
			abort();
	arena_release(&arena);
	return 0;
}
