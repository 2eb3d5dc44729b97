/* SPDX-License-Identifier: BSD-2-Clause */
/* From a judged case to what is reported: versions, licences, examples. */
#include "evidence/embedded.h"

#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_case.h"
#include "evidence/embedded_literals.h"
#include "evidence/embedded_version.h"

#define EXAMPLES 5u
/* Another component is named when it has this share of what one explains, in thousandths. */
#define OTHER_SHARE 900u
/* Members as full as this are those of the version at hand. */
#define FITS 800u
/*
 * What tells a version: that many functions, or object files that are that part of all. A few that
 * nobody touched for years fit any version.
 */
#define ENOUGH 40u
#define PART_OF_ALL 10u

const char *embedded_confidence_text(enum embedded_confidence confidence)
{
	static const char *const texts[] = {
	    [EMBEDDED_HINT] = "hint",
	    [EMBEDDED_LIKELY] = "likely",
	    [EMBEDDED_VERY_LIKELY] = "very likely",
	    [EMBEDDED_CERTAIN] = "certain",
	    [EMBEDDED_DECLARED] = "declared",
	};

	return texts[confidence];
}

const char *embedded_basis_text(enum embedded_basis basis)
{
	static const char *const texts[EMBEDDED_BASIS_COUNT] = {
	    [EMBEDDED_BY_CODE] = "code",
	    [EMBEDDED_BY_TEXTS] = "texts",
	    [EMBEDDED_BY_UNITS] = "debug information",
	    [EMBEDDED_BY_LIST] = "module list",
	    [EMBEDDED_BY_TOOLCHAIN] = "toolchain",
	    [EMBEDDED_BY_CONFIGURATION] = "build information",
	    [EMBEDDED_BY_PATH] = "source paths",
	    [EMBEDDED_BY_MAP] = "link map",
	    [EMBEDDED_BY_SYMBOLS] = "symbol names",
	};

	return texts[basis];
}

const char *embedded_tier_text(enum embedded_tier tier)
{
	static const char *const texts[EMBEDDED_TIER_COUNT] = {
	    [EMBEDDED_T3] = "T3",
	    [EMBEDDED_T4] = "T4",
	    [EMBEDDED_T6] = "T6",
	    [EMBEDDED_T7] = "T7",
	};

	return texts[tier];
}

const char *index_class_text(enum index_class class)
{
	static const char *const texts[INDEX_CLASS_COUNT] = {
	    [INDEX_LIBRARY] = "library",
	    [INDEX_TOOLCHAIN] = "toolchain",
	    [INDEX_HEADER_ONLY] = "header-only",
	};

	return texts[class];
}

/* ---- examples ---- */

/* Of the posting that is shown for a function: of the best origin, and then the first by name. */
static void describe_example(const struct embedded_case *from, const struct index *index,
			     const struct case_function *function, uint32_t component,
			     struct arena *arena, struct embedded_example *ret)
{
	uint32_t best = from->components[component].best;
	char buffer[INDEX_NAME_SIZE];
	bool of_best = false;

	*ret = (struct embedded_example){function->address, (uint32_t)function->size, NULL, ""};
	for (uint32_t i = 0; i < function->count; i++) {
		const struct case_hit *hit = &from->hits[function->first + i];
		const struct case_member *member = &from->members[hit->member];
		bool is_best = member->origin == best;
		const char *name;

		if (case_component_of(from, hit) != component || is_best < of_best)
			continue;
		name = index_function_name(index, hit->posting, buffer);
		if (ret->name && is_best == of_best && strcmp(name, ret->name) >= 0)
			continue;
		of_best = is_best;
		ret->name = arena_strdup(arena, name);
		ret->member = index_member(index, member->number).name;
	}
	if (!ret->name)
		ret->name = "";
}

static int compare_examples(const void *a, const void *b, void *functions)
{
	const struct case_function *list = functions;
	const struct case_function *left = &list[*(const uint32_t *)a];
	const struct case_function *right = &list[*(const uint32_t *)b];

	if (left->size != right->size)
		return left->size > right->size ? -1 : 1;
	return (left->address > right->address) - (left->address < right->address);
}

/* The largest functions that only this component has; of shared ones when there are no others. */
static void fill_examples(const struct embedded_case *from, const struct index *index,
			  uint32_t component, struct arena *arena, struct embedded_component *ret)
{
	struct embedded_example *examples = arena_alloc_array(arena, EXAMPLES, sizeof(*examples));
	uint32_t best[EXAMPLES + 1], count = 0;
	bool shared = !from->components[component].unique;

	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];

		if (!function->count || (!shared && function->frequency != 1))
			continue;
		if (shared ? function->owner != component
			   : case_component_of(from, &from->hits[function->first]) != component)
			continue;
		best[count++] = i;
		qsort_r(best, count, sizeof(*best), compare_examples, from->functions);
		if (count > EXAMPLES)
			count = EXAMPLES;
	}
	for (uint32_t i = 0; i < count; i++)
		describe_example(from, index, &from->functions[best[i]], component, arena,
				 &examples[i]);
	ret->examples = examples;
	ret->example_count = count;
}

/* ---- others that have the same functions ---- */

static void fill_others(const struct embedded_case *from, uint32_t component, struct arena *arena,
			struct embedded_component *ret)
{
	uint32_t *counts = arena_alloc_array(arena, from->component_count + 1, sizeof(*counts));
	uint32_t *seen = arena_alloc_array(arena, from->component_count + 1, sizeof(*seen));
	const char **others = arena_alloc_array(arena, from->component_count + 1, sizeof(*others));

	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];

		for (uint32_t j = 0; function->owner == component && j < function->count; j++) {
			uint32_t other = case_component_of(from, &from->hits[function->first + j]);

			counts[other] += seen[other] != i + 1;
			seen[other] = i + 1;
		}
	}
	for (uint32_t i = 0; i < from->component_count; i++)
		if (i != component && counts[i] &&
		    (uint64_t)counts[i] * EMBEDDED_WHOLE >=
			(uint64_t)counts[component] * OTHER_SHARE)
			others[ret->other_count++] = from->components[i].name;
	ret->others = others;
}

/* ---- the result ---- */

static void describe(const struct embedded_case *from, const struct index *index,
		     uint32_t component, struct arena *arena, struct embedded_component *ret)
{
	const struct case_component *known = &from->components[component];

	*ret = (struct embedded_component){
	    .name = known->name,
	    .basis = EMBEDDED_BY_CODE,
	    .ecosystem = "",
	    .class = known->class,
	    .confidence = known->confidence,
	    .unique = known->unique,
	    .strict = known->strict,
	    .unique_bytes = known->unique_bytes,
	    .fullest = known->fullest,
	    .members = known->members,
	    .coverage = known->coverage,
	    .locality = known->locality,
	    .version_fits =
		known->coverage >= FITS &&
		(known->unique >= ENOUGH || known->members * PART_OF_ALL >= known->all_members),
	};
	for (size_t i = 0; i < from->function_count; i++) {
		if (from->functions[i].owner != component)
			continue;
		ret->functions++;
		ret->bytes += from->functions[i].size;
	}
	version_choose(from, index, component, arena, ret);
	fill_examples(from, index, component, arena, ret);
	if (known->claimed)
		fill_others(from, component, arena, ret);
}

static void total(const struct facts *facts, const struct embedded_case *from, struct embedded *ret)
{
	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];

		ret->functions++;
		ret->bytes += function->size;
		if (!index_eligible(function, facts->identity->machine))
			continue;
		ret->eligible++;
		ret->eligible_bytes += function->size;
	}
	for (size_t i = 0; i < from->function_count; i++) {
		ret->matched++;
		ret->matched_bytes += from->functions[i].size;
		if (from->functions[i].owner != CASE_NONE)
			ret->explained_bytes += from->functions[i].size;
	}
}

static int compare_mentions(const void *a, const void *b)
{
	const struct embedded_mention *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

static void fill_mentions(const struct facts *facts, struct arena *arena, struct embedded *ret)
{
	struct embedded_mention *list =
	    arena_alloc_array(arena, facts->mentions_count + 1, sizeof(*list));

	for (size_t i = 0; i < facts->mentions_count; i++) {
		const struct facts_mention *mention = &facts->mentions[i];

		list[i] = (struct embedded_mention){
		    arena_strdup(arena, facts_text(facts, mention->project)),
		    arena_strdup(arena, facts_text(facts, mention->version)),
		    arena_strdup(arena, facts_text(facts, mention->text)), mention->offset};
	}
	if (facts->mentions_count)
		qsort(list, facts->mentions_count, sizeof(*list), compare_mentions);
	ret->mentions = list;
	ret->mention_count = facts->mentions_count;
}

/* ---- strings beside code ---- */

static bool is_name(const struct facts *facts, const struct facts_mention *mention,
		    const char *name)
{
	return mention->version.length &&
	       strcasecmp(facts_text(facts, mention->project), name) == 0;
}

/* What was found of each kind; no kind says anything of another. */
static void count_tiers(const struct facts *facts, struct embedded_component *ret)
{
	ret->tiers[EMBEDDED_T3] = ret->strict;
	ret->tiers[EMBEDDED_T4] = ret->unique - ret->strict;
	ret->tiers[EMBEDDED_T6] = ret->texts + ret->tables;
	for (size_t i = 0; i < facts->mentions_count; i++)
		ret->tiers[EMBEDDED_T7] += is_name(facts, &facts->mentions[i], ret->name);
}

static void mark_named(const struct facts *facts, struct embedded_case *from)
{
	for (size_t i = 0; i < from->component_count; i++)
		for (size_t j = 0; j < facts->mentions_count; j++)
			from->components[i].named |=
			    is_name(facts, &facts->mentions[j], from->components[i].name);
}

struct embedded *embedded_find(const struct facts *facts, const struct index *index,
			       struct arena *arena)
{
	struct embedded *ret = arena_alloc(arena, sizeof(*ret));
	struct embedded_component *claims, *hints;
	struct embedded_case from;
	struct arena scratch;

	arena_init(&scratch);
	case_collect(facts, index, &scratch, &from);
	mark_named(facts, &from);
	from.is_static = facts->identity->type == FACTS_TYPE_STATIC;
	case_decide(&from, &scratch);
	claims = arena_alloc_array(arena, from.component_count + 1, sizeof(*claims));
	hints = arena_alloc_array(arena, from.component_count + 1, sizeof(*hints));
	/* Components of a case are sorted by name. */
	for (uint32_t i = 0; i < from.component_count; i++) {
		if (from.components[i].claimed)
			describe(&from, index, i, arena, &claims[ret->component_count++]);
		else if (from.components[i].unique)
			describe(&from, index, i, arena, &hints[ret->hint_count++]);
	}
	ret->components = claims;
	ret->hints = hints;
	literals_find(facts, index, arena, ret);
	for (size_t i = 0; i < ret->component_count; i++)
		count_tiers(facts, &ret->components[i]);
	fill_mentions(facts, arena, ret);
	total(facts, &from, ret);
	arena_release(&scratch);
	return ret;
}
