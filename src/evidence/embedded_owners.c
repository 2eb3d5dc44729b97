/* SPDX-License-Identifier: BSD-2-Clause */
/* Which claimed component a function is of, when several have it; and components all of whose
 * functions others have too. */
#include <string.h>

#include "evidence/embedded_judgement.h"
#include "util/budget.h"

/* Bodies that several components share and none claimed so far explains. */
#define SHARED_MANY 8u
/*
 * So much of an archive must then be here, with a twin or without: modules that projects copy are
 * few of their members.
 */
#define SHARED_PRESENT 250u
#define SHARED_ALONE 500u
/* Another component counts as a twin when it has this share of the same bodies. */
#define SHARED_ALTERNATIVE 900u

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
		uint32_t owner = judgement_speaks_for(from, &from->functions[i]);

		behind[i] = next;
		if (owner != CASE_NONE && from->components[owner].claimed)
			next = owner;
	}
	for (size_t i = 0; i < from->function_count; i++) {
		uint32_t owner = judgement_speaks_for(from, &from->functions[i]);

		give_owner(from, &from->functions[i], before, behind[i]);
		if (owner != CASE_NONE && from->components[owner].claimed)
			before = owner;
	}
}

static bool is_shared(const struct embedded_case *from, const struct case_function *function)
{
	return function->owner == CASE_NONE && function->frequency > 1 &&
	       function->frequency <= BUDGET_EMBEDDED_SHARED && !function->header_only &&
	       !function->generated && !judgement_weak(from, function);
}

/* Counts the shared bodies in place that nothing explains, by component. */
static void tally_shared(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;
	uint32_t *component_seen = judgement->component_seen;

	for (size_t i = 0; i < from->component_count; i++)
		from->components[i].shared = 0;
	memset(judgement->body_seen, 0, from->body_count * sizeof(*judgement->body_seen));
	memset(component_seen, 0, from->component_count * sizeof(*component_seen));
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

/* How much of an archive is here, in whole members: the most of any archive of the component. */
static uint32_t present_share(const struct embedded_case *from, uint32_t component)
{
	const struct case_component *known = &from->components[component];
	uint32_t most = 0;

	for (uint32_t i = 0; i < known->origin_count; i++) {
		const struct case_origin *origin = &from->origins[known->first_origin + i];
		uint32_t present = 0;

		for (uint32_t j = 0; j < origin->member_count; j++) {
			const struct case_member *member = &from->members[origin->first_member + j];

			present += judgement_share(member->found, member->functions) >= MEMBER_FULL;
		}
		if (judgement_share(present, origin->all_members) > most)
			most = judgement_share(present, origin->all_members);
	}
	return most;
}

/*
 * Whether one other component has nearly all of the shared bodies of this one. Where each body is
 * shared with others, it is of a project that they all copy from and that the index does not know.
 */
static bool has_twin(const struct judgement *judgement, uint32_t component)
{
	const struct embedded_case *from = judgement->from;
	uint32_t *counts = judgement->component_counts, *seen = judgement->component_seen, most = 0;

	memset(counts, 0, from->component_count * sizeof(*counts));
	memset(seen, 0, from->component_count * sizeof(*seen));
	memset(judgement->body_seen, 0, from->body_count * sizeof(*judgement->body_seen));
	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];

		if (!is_shared(from, function) || judgement->body_seen[function->body] ||
		    !case_in_place(from, function, component))
			continue;
		judgement->body_seen[function->body] = 1;
		for (uint32_t j = 0; j < function->count; j++) {
			uint32_t other = case_component_of(from, &from->hits[function->first + j]);

			counts[other] += seen[other] != i + 1;
			seen[other] = i + 1;
		}
	}
	for (uint32_t i = 0; i < from->component_count; i++)
		if (i != component && counts[i] > most)
			most = counts[i];
	return judgement_share(most, counts[component]) >= SHARED_ALTERNATIVE;
}

/* Whether enough of an archive is here to claim it for bodies that others have too. */
static bool is_here(const struct judgement *judgement, uint32_t component)
{
	uint32_t present = present_share(judgement->from, component);

	return present >= SHARED_ALONE ||
	       (present >= SHARED_PRESENT && has_twin(judgement, component));
}

/* Of two that explain the same, the smaller one says more: the larger one is mostly not here. */
static bool explains_better(const struct case_component *left, const struct case_component *right)
{
	if (left->shared != right->shared)
		return left->shared > right->shared;
	return left->all_members < right->all_members;
}

/*
 * Projects that copy each other leave little that only one of them has. What is left over is
 * given to the component that explains most of it, as often as one explains enough.
 */
void judgement_give_owners(struct judgement *judgement)
{
	struct embedded_case *from = judgement->from;

	for (size_t round = 0; round < from->component_count; round++) {
		struct case_component *best = NULL;

		give_owners(judgement);
		tally_shared(judgement);
		for (uint32_t i = 0; i < from->component_count; i++) {
			struct case_component *component = &from->components[i];

			if (component->claimed || component->shared < SHARED_MANY ||
			    (best && !explains_better(component, best)) || !is_here(judgement, i))
				continue;
			best = component;
		}
		if (!best)
			return;
		best->claimed = true;
		best->confidence = EMBEDDED_LIKELY;
	}
}
