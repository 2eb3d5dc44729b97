/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * index_bench FILE KEYS: builds an index of synthetic keys, opens it, and times lookups of which
 * half are hits. Prints one line for tests/bench.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "evidence/index_builder.h"

#define QUERIES 2000000u
#define MEMBERS 1000u

static uint64_t state = UINT64_C(88172645463325252);

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * UINT64_C(0x9e3779b97f4a7c15);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void build(const char *path, uint64_t *keys, size_t count)
{
	struct index_builder *builder = index_builder_new();
	const struct index_builder_origin origin = {.component = "synthetic"};
	uint32_t number, members[MEMBERS];
	char name[32];

	index_builder_add_origin(builder, &origin, &number);
	for (size_t i = 0; i < MEMBERS; i++)
		members[i] = index_builder_add_member(builder, number, "m.o");
	for (size_t i = 0; i < count; i++) {
		struct index_builder_function function = {
		    .key = keys[i] = next_random(), .size = 64, .instructions = 20};

		snprintf(name, sizeof(name), "function_%zu", i / 10);
		function.name = slice_text(name);
		index_builder_add(builder, members[i % MEMBERS], &function);
	}
	if (index_builder_write(builder, path) != STATUS_OK) {
		perror(path);
		exit(2);
	}
	index_builder_free(builder);
}

static double time_lookups(const struct index *index, const uint64_t *queries, size_t *ret_hits)
{
	double start = now();
	size_t hits = 0;

	for (size_t i = 0; i < QUERIES; i++) {
		struct index_posting posting;
		struct index_hits found;

		if (index_find(index, queries[i], &found) && index_next(&found, &posting))
			hits += posting.size == 64;
	}
	*ret_hits = hits;
	return (now() - start) / QUERIES * 1e9;
}

int main(int argc, char **argv)
{
	size_t count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, hits = 0;
	uint64_t *keys = malloc((count + 1) * sizeof(*keys));
	uint64_t *queries = malloc(QUERIES * sizeof(*queries));
	struct index *index = index_new();
	struct diags diags;
	double start, built, opened, best = 1e9;

	if (!count || !keys || !queries)
		return 3;
	diags_init(&diags);
	start = now();
	build(argv[1], keys, count);
	built = now();
	if (index_add_file(index, argv[1], &diags) != STATUS_OK)
		return 2;
	opened = now();
	for (size_t i = 0; i < QUERIES; i++)
		queries[i] = i & 1 ? keys[next_random() % count] : next_random();
	for (unsigned round = 0; round < 3; round++) {
		double took = time_lookups(index, queries, &hits);

		best = took < best ? took : best;
	}
	printf(
	    "%zu keys: %.0f ns a lookup with its first posting, %zu of %u hits, built in %.1f s, "
	    "opened and checked in %.3f s\n",
	    count, best, hits, QUERIES, built - start, opened - built);
	index_free(index);
	diags_release(&diags);
	free(keys);
	free(queries);
	return 0;
}
