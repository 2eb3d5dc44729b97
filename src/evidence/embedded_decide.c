/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judgement: which components of a case are in the binary. The thresholds were chosen on links
 * with known contents (tests/accuracy/embedded.py, --seed 1) and are scored on others.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_case.h"
#include "util/vec.h"

/* Distinct bodies only one component has: enough, and enough with more beside them. */
#define UNIQUE_MANY 5u
#define UNIQUE_SOME 3u
/* With fewer, an object file must be here whole, and not be tiny. */
#define FULL_MEMBER 900u
#define FEW_BYTES 160u
#define MEMBER_FULL 800u
#define MEMBER_HALF 500u
#define LOCALITY_MIN 500u
/* Bodies that several components share and none claimed so far explains. */
#define SHARED_MANY 8u
#define SHARED_FREQUENCY_MAX 8u
/* Another component counts as an alternative when it has this share of the same bodies. */
#define SHARED_ALTERNATIVE 900u

/* A member is not laid down without gaps: small functions and padding lie between. */
#define STRETCH_FACTOR 2u
#define STRETCH_SLACK 1024u

struct judgement {
	struct embedded_case *from;
	struct arena *scratch;
	/* The functions of each member in order of address: list of function numbers. */
	uint32_t *member_first, *member_functions;
	uint32_t *body_seen;  /* by body: 1 + what it was last seen for */
	uint32_t *neighbours; /* by function: the next owner behind it */
};

static uint32_t share(uint64_t part, uint64_t whole)
{
	if (!whole)
		return 0;
	return part >= whole ? EMBEDDED_WHOLE : (uint32_t)(part * EMBEDDED_WHOLE / whole);
}

static bool is_weak(const struct embedded_case *from, const struct case_function *function)
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

/* The one component that has it; CASE_NONE when it speaks for none. */
static uint32_t speaks_for(const struct embedded_case *from, const struct case_function *function)
{
	if (function->frequency != 1 || function->header_only || is_weak(from, function))
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
		bool speaks = speaks_for(from, function) != CASE_NONE;

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
		uint32_t owner = speaks_for(from, function);

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
	}
}

/* A body is in place when one of its copies is. */
static void tally_places(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;

	memset(judgement->body_seen, 0, from->body_count * sizeof(*judgement->body_seen));
	for (size_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];
		uint32_t owner = speaks_for(from, function);

		if (owner == CASE_NONE || judgement->body_seen[function->body] ||
		    !case_in_place(from, function, owner))
			continue;
		judgement->body_seen[function->body] = 1;
		from->components[owner].locality++;
	}
	for (size_t i = 0; i < from->component_count; i++)
		from->components[i].locality =
		    share(from->components[i].locality, from->components[i].unique);
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
		shares[component->members] = share(member->found, member->functions);
		if (shares[component->members] > component->fullest)
			component->fullest = shares[component->members];
		component->members++;
	}
	if (!component->members)
		return;
	qsort(shares, component->members, sizeof(*shares), compare_numbers);
	component->coverage = shares[component->members / 2];
}

static void claim(struct case_component *component)
{
	if (component->unique >= UNIQUE_MANY && component->locality >= LOCALITY_MIN) {
		component->confidence =
		    component->coverage >= MEMBER_FULL ? EMBEDDED_CERTAIN : EMBEDDED_VERY_LIKELY;
	} else if (component->unique >= UNIQUE_SOME && component->locality >= LOCALITY_MIN) {
		component->confidence =
		    component->coverage >= MEMBER_HALF ? EMBEDDED_VERY_LIKELY : EMBEDDED_LIKELY;
	} else if (component->unique && component->fullest >= FULL_MEMBER &&
		   component->unique_bytes >= FEW_BYTES) {
		component->confidence = EMBEDDED_LIKELY;
	} else {
		component->confidence = EMBEDDED_HINT;
	}
	component->claimed = component->confidence != EMBEDDED_HINT;
}

/* ---- bodies that several components have ---- */

/* What speaks for one of several claimed owners of a body, strongest first. */
struct fitness {
	bool placed;	   /* it lies where a member of this owner lies */
	bool neighbour;	   /* beside a function that only this owner has */
	uint32_t evidence; /* bodies that only this owner has, in the archive at hand */
};

static bool fits_better(const struct fitness *left, const struct fitness *right)
{
	if (left->placed != right->placed)
		return left->placed;
	if (left->neighbour != right->neighbour)
		return left->neighbour;
	return left->evidence > right->evidence;
}

/*
 * A linker lays down the members of one archive one after the other, so that functions before and
 * behind tell which of two copies it is. Equals go to the first by name, as components are
 * numbered.
 */
static void give_owner(const struct embedded_case *from, struct case_function *function,
		       uint32_t before, uint32_t behind)
{
	struct fitness best = {false, false, 0};

	function->owner = CASE_NONE;
	for (uint32_t i = 0; i < function->count; i++) {
		const struct case_hit *hit = &from->hits[function->first + i];
		uint32_t owner = case_component_of(from, hit);
		struct fitness fitness;

		if (!from->components[owner].claimed)
			continue;
		fitness = (struct fitness){case_in_place(from, function, owner),
					   owner == before || owner == behind,
					   from->origins[from->members[hit->member].origin].unique};
		if (function->owner != CASE_NONE && !fits_better(&fitness, &best) &&
		    (fits_better(&best, &fitness) || owner >= function->owner))
			continue;
		function->owner = owner;
		best = fitness;
	}
}

static void give_owners(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;
	uint32_t *behind = judgement->neighbours, before = CASE_NONE, next = CASE_NONE;

	for (size_t i = from->function_count; i-- > 0;) {
		uint32_t owner = speaks_for(from, &from->functions[i]);

		behind[i] = next;
		if (owner != CASE_NONE && from->components[owner].claimed)
			next = owner;
	}
	for (size_t i = 0; i < from->function_count; i++) {
		uint32_t owner = speaks_for(from, &from->functions[i]);

		give_owner(from, &from->functions[i], before, behind[i]);
		if (owner != CASE_NONE && from->components[owner].claimed)
			before = owner;
	}
}

static bool is_shared(const struct embedded_case *from, const struct case_function *function)
{
	return function->owner == CASE_NONE && function->frequency > 1 &&
	       function->frequency <= SHARED_FREQUENCY_MAX && !function->header_only &&
	       !is_weak(from, function);
}

/* Counts the shared bodies in place that nothing explains, by component. */
static void tally_shared(struct judgement *judgement, uint32_t *component_seen)
{
	struct embedded_case *from = judgement->from;

	for (size_t i = 0; i < from->component_count; i++)
		from->components[i].shared = 0;
	memset(judgement->body_seen, 0, from->body_count * sizeof(*judgement->body_seen));
	memset(component_seen, 0, (from->component_count + 1) * sizeof(*component_seen));
	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];

		if (!is_shared(from, function) || judgement->body_seen[function->body])
			continue;
		judgement->body_seen[function->body] = 1;
		for (uint32_t j = 0; j < function->count; j++) {
			uint32_t owner = case_component_of(from, &from->hits[function->first + j]);

			if (component_seen[owner] == i + 1 || !case_in_place(from, function, owner))
				continue;
			component_seen[owner] = i + 1;
			from->components[owner].shared++;
		}
	}
}

/* How full the members are that hold shared bodies of a component: the fullest of them. */
static uint32_t fullest_member(const struct embedded_case *from, uint32_t component)
{
	const struct case_component *known = &from->components[component];
	const struct case_origin *last =
	    &from->origins[known->first_origin + known->origin_count - 1];
	uint32_t fullest = 0;

	for (const struct case_origin *origin = &from->origins[known->first_origin]; origin <= last;
	     origin++) {
		for (uint32_t i = 0; i < origin->member_count; i++) {
			const struct case_member *member = &from->members[origin->first_member + i];

			if (member->found >= UNIQUE_SOME &&
			    share(member->found, member->functions) > fullest)
				fullest = share(member->found, member->functions);
		}
	}
	return fullest;
}

/*
 * Projects that copy each other leave little that only one of them has. What is left over is
 * given to the component that explains most of it, as often as one explains enough.
 */
static void claim_shared(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;
	uint32_t *seen =
	    arena_alloc_array(judgement->scratch, from->component_count + 1, sizeof(*seen));

	for (size_t round = 0; round < from->component_count; round++) {
		struct case_component *best = NULL;

		give_owners(judgement);
		tally_shared(judgement, seen);
		for (uint32_t i = 0; i < from->component_count; i++) {
			struct case_component *component = &from->components[i];

			if (component->claimed || component->shared < SHARED_MANY ||
			    (best && component->shared <= best->shared) ||
			    fullest_member(from, i) < MEMBER_FULL)
				continue;
			best = component;
		}
		if (!best)
			return;
		best->claimed = true;
		best->confidence = EMBEDDED_LIKELY;
	}
}

void case_decide(struct embedded_case *embedded_case, struct arena *scratch)
{
	struct judgement judgement = {.from = embedded_case, .scratch = scratch};
	uint32_t *shares =
	    arena_alloc_array(scratch, embedded_case->member_count + 1, sizeof(*shares));

	judgement.body_seen =
	    arena_alloc_array(scratch, embedded_case->body_count + 1, sizeof(*judgement.body_seen));
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
		claim(&embedded_case->components[i]);
	}
	claim_shared(&judgement);
}
