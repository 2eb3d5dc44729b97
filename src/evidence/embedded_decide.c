/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judgement: which components of a case are in the binary. The thresholds were chosen on links
 * with known contents (tests/accuracy/embedded.py, --seed 1) and are scored on others.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_judgement.h"

/* Distinct bodies only one component has: enough, and enough with more beside them. */
#define UNIQUE_MANY 5u
/* One body may be what two authors make of the same algorithm. */
#define UNIQUE_FEW 2u
/* Where little of each object file is here, it is other code of the same origin, or copied. */
#define UNIQUE_THIN 40u
#define THIN_COVERAGE 200u
#define SOME_COVERAGE 500u
#define SOME_BYTES 256u
#define LARGE_BYTES 640u
/* With fewer, an object file must be here whole, and not be tiny. */
#define FULL_MEMBER 900u
#define MEMBERS_SOME 3u
#define MEMBER_HALF 500u
#define LOCALITY_MIN 500u

/* A member is not laid down without gaps: small functions and padding lie between. */
#define STRETCH_FACTOR 2u
#define STRETCH_SLACK 1024u

uint32_t judgement_share(uint64_t part, uint64_t whole)
{
	if (!whole)
		return 0;
	return part >= whole ? EMBEDDED_WHOLE : (uint32_t)(part * EMBEDDED_WHOLE / whole);
}

bool judgement_weak(const struct embedded_case *from, const struct case_function *function)
{
	for (uint32_t i = 0; i < function->count; i++)
		if (!(from->hits[function->first + i].flags & INDEX_FUNCTION_WEAK))
			return false;
	return true;
}

static bool is_strict(const struct embedded_case *from, const struct case_function *function)
{
	for (uint32_t i = 0; i < function->count; i++)
		if (from->hits[function->first + i].strict)
			return true;
	return false;
}

static bool is_joint(const struct embedded_case *from, const struct case_function *function)
{
	if (function->size >= SOME_BYTES)
		return true;
	for (uint32_t i = 0; i < function->count; i++)
		if (from->members[from->hits[function->first + i].member].unique > 1)
			return true;
	return false;
}

/* The one component that has it; CASE_NONE when it speaks for none. */
uint32_t judgement_speaks_for(const struct embedded_case *from,
			      const struct case_function *function)
{
	if (function->frequency != 1 || function->header_only || function->generated ||
	    judgement_weak(from, function))
		return CASE_NONE;
	return case_component_of(from, &from->hits[function->first]);
}

bool case_in_place(const struct embedded_case *from, const struct case_function *function,
		   uint32_t component)
{
	for (uint32_t i = 0; i < function->count; i++) {
		const struct case_hit *hit = &from->hits[function->first + i];
		const struct case_member *member = &from->members[hit->member];

		if (case_component_of(from, hit) == component && function->address >= member->low &&
		    function->address < member->high)
			return true;
	}
	return false;
}

/* ---- members ---- */

/* Counts each body once per member and once per origin. */
static void tally_members(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;
	uint32_t *member_seen =
	    arena_alloc_array(judgement->scratch, from->member_count + 1, sizeof(*member_seen));
	uint32_t *origin_seen =
	    arena_alloc_array(judgement->scratch, from->origin_count + 1, sizeof(*origin_seen));

	for (size_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];
		bool speaks = judgement_speaks_for(from, function) != CASE_NONE;

		if (judgement->body_seen[function->body])
			continue;
		judgement->body_seen[function->body] = 1;
		for (uint32_t j = 0; j < function->count; j++) {
			const struct case_hit *hit = &from->hits[function->first + j];
			struct case_member *member = &from->members[hit->member];

			member->found++;
			if (!speaks)
				continue;
			if (member_seen[hit->member] != function->body + 1)
				member->unique++;
			if (origin_seen[member->origin] != function->body + 1)
				from->origins[member->origin].unique++;
			member_seen[hit->member] = function->body + 1;
			origin_seen[member->origin] = function->body + 1;
		}
	}
}

static void list_member_functions(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;
	uint32_t *next;

	judgement->member_first = arena_alloc_array(judgement->scratch, from->member_count + 2,
						    sizeof(*judgement->member_first));
	judgement->member_functions = arena_alloc_array(judgement->scratch, from->hit_count + 1,
							sizeof(*judgement->member_functions));
	for (size_t i = 0; i < from->hit_count; i++)
		judgement->member_first[from->hits[i].member + 1]++;
	for (size_t i = 0; i < from->member_count; i++)
		judgement->member_first[i + 1] += judgement->member_first[i];
	next = arena_copy(judgement->scratch, judgement->member_first,
			  (from->member_count + 1) * sizeof(*next));
	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];

		for (uint32_t j = 0; j < function->count; j++)
			judgement
			    ->member_functions[next[from->hits[function->first + j].member]++] = i;
	}
}

/* The stretch as long as the member that holds most of its functions; the first of equals. */
static void find_stretch(const struct judgement *judgement, uint32_t number)
{
	struct embedded_case *from = judgement->from;
	struct case_member *member = &from->members[number];
	uint64_t length = member->bytes * STRETCH_FACTOR + STRETCH_SLACK;
	uint32_t begin = judgement->member_first[number], best = 0;

	for (uint32_t i = begin; i < judgement->member_first[number + 1]; i++) {
		const struct case_function *last = &from->functions[judgement->member_functions[i]];
		const struct case_function *first =
		    &from->functions[judgement->member_functions[begin]];

		while (last->address - first->address > length)
			first = &from->functions[judgement->member_functions[++begin]];
		if (i - begin + 1 <= best)
			continue;
		best = i - begin + 1;
		member->low = first->address;
		member->high = last->address + last->size;
	}
}

/* ---- components ---- */

static void tally_components(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;

	memset(judgement->body_seen, 0, from->body_count * sizeof(*judgement->body_seen));
	for (size_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];
		struct case_component *component;
		uint32_t owner = judgement_speaks_for(from, function);

		if (judgement->body_seen[function->body])
			continue;
		judgement->body_seen[function->body] = 1;
		if (owner == CASE_NONE) {
			if (function->frequency == 1 && !function->header_only)
				from->components[case_component_of(from,
								   &from->hits[function->first])]
				    .weak++;
			continue;
		}
		component = &from->components[owner];
		component->unique++;
		component->unique_bytes += function->size;
		component->strict += is_strict(from, function);
		component->joint += is_joint(from, function);
	}
}

/* A body is in place when one of its copies is. */
static void tally_places(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;

	memset(judgement->body_seen, 0, from->body_count * sizeof(*judgement->body_seen));
	for (size_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];
		uint32_t owner = judgement_speaks_for(from, function);

		if (owner == CASE_NONE || judgement->body_seen[function->body] ||
		    !case_in_place(from, function, owner))
			continue;
		judgement->body_seen[function->body] = 1;
		from->components[owner].locality++;
	}
	for (size_t i = 0; i < from->component_count; i++)
		from->components[i].locality =
		    judgement_share(from->components[i].locality, from->components[i].unique);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* How complete the members are of the origin that fits best. */
static void measure_members(const struct embedded_case *from, struct case_component *component,
			    uint32_t *shares)
{
	const struct case_origin *best;

	for (uint32_t i = 0; i < component->origin_count; i++) {
		uint32_t origin = component->first_origin + i;

		if (component->best == CASE_NONE ||
		    from->origins[origin].unique > from->origins[component->best].unique)
			component->best = origin;
	}
	best = &from->origins[component->best];
	for (uint32_t i = 0; i < best->member_count; i++) {
		const struct case_member *member = &from->members[best->first_member + i];

		if (!member->unique)
			continue;
		shares[component->members] = judgement_share(member->found, member->functions);
		if (shares[component->members] > component->fullest)
			component->fullest = shares[component->members];
		component->members++;
	}
	if (!component->members)
		return;
	qsort(shares, component->members, sizeof(*shares), compare_numbers);
	component->coverage = shares[component->members / 2];
}

static void claim(struct case_component *component, bool is_static)
{
	if (!component->joint && component->unique < UNIQUE_THIN) {
		component->confidence = EMBEDDED_HINT;
	} else if (component->unique >=
		       (component->coverage < THIN_COVERAGE ? UNIQUE_THIN : UNIQUE_MANY) &&
		   component->locality >= LOCALITY_MIN) {
		component->confidence =
		    component->coverage >= MEMBER_FULL ? EMBEDDED_CERTAIN : EMBEDDED_VERY_LIKELY;
	} else if (component->unique >= UNIQUE_SOME && component->locality >= LOCALITY_MIN &&
		   ((component->coverage >= SOME_COVERAGE &&
		     component->unique_bytes >= SOME_BYTES) ||
		    (component->coverage >= THIN_COVERAGE &&
		     component->unique_bytes >= LARGE_BYTES))) {
		component->confidence =
		    component->coverage >= MEMBER_HALF ? EMBEDDED_VERY_LIKELY : EMBEDDED_LIKELY;
	} else if (component->named && component->unique >= UNIQUE_FEW &&
		   component->unique_bytes >= SOME_BYTES && component->class == INDEX_LIBRARY) {
		/* The string proves nothing by itself: headers hold some, and so do users. */
		component->confidence = EMBEDDED_LIKELY;
	} else if (is_static && component->unique >= UNIQUE_SOME &&
		   component->members >= MEMBERS_SOME && component->coverage >= FULL_MEMBER &&
		   component->class == INDEX_LIBRARY) {
		/* Several object files, each as a whole, as a linker takes them. In what links
		 * libraries they may be copies of single functions, as gnulib's of glibc's. */
		component->confidence = EMBEDDED_LIKELY;
	} else if (component->unique >= UNIQUE_FEW && component->fullest >= FULL_MEMBER &&
		   component->unique_bytes >= LARGE_BYTES) {
		component->confidence = EMBEDDED_LIKELY;
	} else {
		component->confidence = EMBEDDED_HINT;
	}
	component->claimed = component->confidence != EMBEDDED_HINT;
}

void case_decide(struct embedded_case *embedded_case, struct arena *scratch)
{
	struct judgement judgement = {.from = embedded_case, .scratch = scratch};
	uint32_t *shares =
	    arena_alloc_array(scratch, embedded_case->member_count + 1, sizeof(*shares));

	judgement.body_seen =
	    arena_alloc_array(scratch, embedded_case->body_count + 1, sizeof(*judgement.body_seen));
	judgement.component_counts = arena_alloc_array(scratch, embedded_case->component_count + 1,
						       sizeof(*judgement.component_counts));
	judgement.component_seen = arena_alloc_array(scratch, embedded_case->component_count + 1,
						     sizeof(*judgement.component_seen));
	judgement.neighbours = arena_alloc_array(scratch, embedded_case->function_count + 1,
						 sizeof(*judgement.neighbours));
	tally_members(&judgement);
	list_member_functions(&judgement);
	for (uint32_t i = 0; i < embedded_case->member_count; i++)
		find_stretch(&judgement, i);
	tally_components(&judgement);
	tally_places(&judgement);
	for (size_t i = 0; i < embedded_case->component_count; i++) {
		measure_members(embedded_case, &embedded_case->components[i], shares);
		claim(&embedded_case->components[i], embedded_case->is_static);
	}
	judgement_give_owners(&judgement);
}
