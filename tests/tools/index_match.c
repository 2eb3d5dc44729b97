/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * index_match INDEX FILE ...: for each ELF file how many of its eligible functions an index has,
 * and the components that have functions no other component has. For a look at what is in an index.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "binary/workers.h"
#include "evidence/index.h"

struct tally {
	uint32_t component, functions;
};

static int by_functions(const void *a, const void *b)
{
	const struct tally *left = a, *right = b;

	if (left->functions != right->functions)
		return left->functions < right->functions ? 1 : -1;
	return left->component < right->component ? -1 : 1;
}

static void match(const struct index *index, const char *path, const struct facts *facts)
{
	uint32_t components = index_component_count(index);
	struct tally *tallies = calloc(components + 1, sizeof(*tallies));
	size_t eligible = 0, found = 0, strict = 0;

	for (uint32_t i = 0; i < components; i++)
		tallies[i].component = i;
	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];
		struct index_posting posting;
		struct index_hits hits;
		uint32_t owner;
		bool equal = false;

		if (!index_eligible(function, facts->identity->machine))
			continue;
		eligible++;
		found += index_find(index, function->loose.low, &hits);
		while (!equal && index_next(&hits, &posting))
			equal = index_strict_equal(&posting, &function->strict);
		strict += equal;
		if (index_frequency(index, function->loose.low, &owner) == 1)
			tallies[owner].functions++;
	}
	printf("%s: %zu functions, %zu eligible, %zu found, %zu strictly\n", path,
	       facts->functions_count, eligible, found, strict);
	qsort(tallies, components, sizeof(*tallies), by_functions);
	for (uint32_t i = 0; i < components && tallies[i].functions; i++)
		printf("  %s %u\n", index_component(index, tallies[i].component)->name,
		       tallies[i].functions);
	free(tallies);
}

int main(int argc, char **argv)
{
	const struct workers_options options = {.count = 1};
	struct index *index = index_new();
	struct workers *workers;
	struct workers_result result;
	struct diags diags;

	diags_init(&diags);
	if (argc < 3 || workers_start(&options, &workers) != STATUS_OK ||
	    index_add_file(index, argv[1], &diags) != STATUS_OK)
		return 2;
	for (int i = 2; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
		struct facts facts;

		if (fd < 0 || workers_submit(workers, fd, FACTS_CODE, 0) != STATUS_OK ||
		    workers_next(workers, &result) != STATUS_OK || result.status != STATUS_OK) {
			printf("%s: not read\n", argv[i]);
			continue;
		}
		if (facts_open(slice_of(result.record, result.record_size), &facts) == STATUS_OK)
			match(index, argv[i], &facts);
		free(result.record);
	}
	workers_free(workers);
	index_free(index);
	diags_release(&diags);
	return 0;
}
