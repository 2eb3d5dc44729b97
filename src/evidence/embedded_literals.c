/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks up long texts and tables of a file, and counts them by component and build. */
#include "evidence/embedded_literals.h"

#include <stdlib.h>
#include <string.h>

#include "util/vec.h"

/* An object file with as large a part of its texts here is here. */
#define MEMBER_HERE 500u
#define MEMBER_SOME 2u

/* One literal of one member; by component, origin, member. */
struct literal_hit {
	uint32_t component, origin, member, literal;
};

static int compare_hits(const void *a, const void *b)
{
	const struct literal_hit *left = a, *right = b;

	if (left->component != right->component)
		return left->component < right->component ? -1 : 1;
	if (left->origin != right->origin)
		return left->origin < right->origin ? -1 : 1;
	if (left->member != right->member)
		return left->member < right->member ? -1 : 1;
	return (left->literal > right->literal) - (left->literal < right->literal);
}

static uint32_t share(uint64_t part, uint64_t whole)
{
	return whole ? (uint32_t)(part * EMBEDDED_WHOLE / whole) : 0;
}

/* What a build has in all. */
static uint64_t literals_of(const struct index *index, uint32_t number)
{
	const struct index_origin *origin = index_origin(index, number);
	uint64_t count = 0;

	for (uint32_t i = 0; i < origin->member_count; i++)
		count += index_member(index, origin->first_member + i).literals;
	return count;
}

/* Hits of one origin; literals of several members are counted in each. */
static struct literal_evidence measure(const struct index *index, const struct literal_hit *hits,
				       size_t count)
{
	struct literal_evidence ret = {.component = hits->component};
	uint64_t whole = 0;

	for (size_t i = 0; i < count;) {
		uint32_t literals = index_member(index, hits[i].member).literals, found = 0;

		for (uint32_t member = hits[i].member; i < count && hits[i].member == member; i++)
			found++;
		ret.members++;
		ret.full += found >= MEMBER_SOME && share(found, literals) >= MEMBER_HERE;
		ret.found += found;
		whole += literals;
	}
	ret.coverage = share(ret.found, whole);
	ret.share = share(ret.found, literals_of(index, hits->origin));
	return ret;
}

/* By texts, since the numbers of an index decide nothing. */
static int compare_origins(const struct index *index, uint32_t a, uint32_t b)
{
	const struct index_origin *left = index_origin(index, a), *right = index_origin(index, b);
	int order = strcmp(left->version, right->version);

	if (!order)
		order = strcmp(left->source_version, right->source_version);
	if (!order)
		order = strcmp(left->package, right->package);
	return order ? order : strcmp(left->path, right->path);
}

static bool is_better(const struct literal_evidence *left, const struct literal_evidence *right)
{
	if (left->found != right->found)
		return left->found > right->found;
	if (left->coverage != right->coverage)
		return left->coverage > right->coverage;
	return left->share > right->share;
}

static void add_example(const struct facts *facts, uint32_t literal, struct literal_evidence *ret)
{
	size_t at = ret->example_count;

	if (facts->literals[literal].kind != FACTS_LITERAL_TEXT)
		return;
	while (at &&
	       facts->literals[ret->examples[at - 1]].length < facts->literals[literal].length)
		at--;
	if (at == LITERAL_EXAMPLES)
		return;
	if (ret->example_count < LITERAL_EXAMPLES)
		ret->example_count++;
	memmove(ret->examples + at + 1, ret->examples + at,
		(ret->example_count - 1 - at) * sizeof(*ret->examples));
	ret->examples[at] = literal;
}

/* The distinct ones among hits. */
static void count_kinds(const struct facts *facts, const struct literal_hit *hits, size_t count,
			bool *seen, struct literal_evidence *ret)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t literal = hits[i].literal;

		if (seen[literal])
			continue;
		seen[literal] = true;
		ret->texts += facts->literals[literal].kind == FACTS_LITERAL_TEXT;
		ret->tables += facts->literals[literal].kind == FACTS_LITERAL_TABLE;
		add_example(facts, literal, ret);
	}
}

/* Hits of one component. */
static void judge(const struct facts *facts, const struct index *index,
		  const struct literal_hit *hits, size_t count, bool *seen, struct arena *arena,
		  struct literal_evidence *ret)
{
	uint32_t *origins = arena_alloc_array(arena, count, sizeof(*origins));
	size_t origin_count = 0, end;

	for (size_t i = 0; i < count; i = end) {
		struct literal_evidence one;
		uint32_t first;

		for (end = i + 1; end < count && hits[end].origin == hits[i].origin;)
			end++;
		one = measure(index, &hits[i], end - i);
		if (i && is_better(ret, &one))
			continue;
		if (i == 0 || is_better(&one, ret)) {
			*ret = one;
			origin_count = 0;
		}
		origins[origin_count++] = first = hits[i].origin;
		if (origin_count > 1 && compare_origins(index, first, origins[0]) < 0) {
			origins[origin_count - 1] = origins[0];
			origins[0] = first;
		}
	}
	ret->origins = origins;
	ret->origin_count = origin_count;
	count_kinds(facts, hits, count, seen, ret);
}

void literals_collect(const struct facts *facts, const struct index *index, struct arena *arena,
		      struct literal_list *ret)
{
	bool *seen = arena_alloc_array(arena, facts->literals_count + 1, sizeof(*seen));
	uint32_t members[INDEX_LITERAL_MEMBERS], components = 0;
	VEC(struct literal_hit) hits = {0};
	size_t end;

	for (uint32_t i = 0; i < facts->literals_count; i++) {
		uint32_t count = index_find_literal(index, facts->literals[i].key, members);

		for (uint32_t j = 0; j < count; j++) {
			uint32_t origin = index_member(index, members[j]).origin;

			vec_push(&hits,
				 ((struct literal_hit){index_origin(index, origin)->component,
						       origin, members[j], i}));
		}
	}
	if (hits.len)
		qsort(hits.ptr, hits.len, sizeof(*hits.ptr), compare_hits);
	for (size_t i = 0; i < hits.len; i++)
		components += i == 0 || hits.ptr[i].component != hits.ptr[i - 1].component;
	ret->count = 0;
	ret->list = arena_alloc_array(arena, components + 1, sizeof(*ret->list));
	for (size_t i = 0; i < hits.len; i = end) {
		for (end = i + 1;
		     end < hits.len && hits.ptr[end].component == hits.ptr[i].component;)
			end++;
		judge(facts, index, &hits.ptr[i], end - i, seen, arena, &ret->list[ret->count++]);
	}
	vec_release(&hits);
}
