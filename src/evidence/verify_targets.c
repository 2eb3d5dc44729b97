/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What functions refer to, as one number each. Places in code stand for the function there, by its
 * index in the reference: those of a suspect go through the pairs first, so that a callee that
 * moved or was changed itself is still the same callee. Imports and texts stand for themselves; of
 * other data nothing is known once it has moved.
 */
#include <stdlib.h>
#include <xxhash.h>

#include "evidence/verify_internal.h"
#include "util/vec.h"

#define INSIDE (UINT64_C(1) << 40)   /* not to its start: a jump back from a cold part */
#define OF_CODE (UINT64_C(1) << 41)  /* not the hash of a name */
#define STRANGER (UINT64_C(1) << 42) /* a function of the suspect that has no partner */

struct identity {
	uint64_t by_function, by_class;
};

/* The function that holds an address, or VERIFY_ALONE. */
static uint32_t function_at(const struct profile *profile, uint64_t address)
{
	size_t low = 0, high = profile->function_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (profile->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low ||
	    address - profile->functions[low - 1].address >= profile->functions[low - 1].size)
		return VERIFY_ALONE;
	return (uint32_t)low - 1;
}

static struct identity identify(const struct profile *profile, const struct verify_pairs *pairs,
				facts_target target)
{
	const struct profile_function *function;
	uint64_t address = profile->base + target, inside;
	uint32_t index;

	if (target >= FACTS_TARGET_NAMED)
		return (struct identity){target, target};
	index = function_at(profile, address);
	if (index == VERIFY_ALONE)
		return (struct identity){FACTS_TARGET_DATA, FACTS_TARGET_DATA};
	function = &profile->functions[index];
	inside = address == function->address ? 0 : INSIDE;
	if (pairs && pairs->of_right[index] == VERIFY_ALONE)
		return (struct identity){STRANGER | OF_CODE | inside | index,
					 function->strict.low ^ inside};
	if (pairs) {
		index = pairs->of_right[index];
		function = &pairs->left->functions[index];
	}
	return (struct identity){OF_CODE | inside | index, function->strict.low ^ inside};
}

static struct verify_targets hash(const struct profile *profile, const struct verify_pairs *pairs,
				  uint32_t function)
{
	const struct profile_function *detail = &profile->functions[function];
	XXH64_hash_t by_function = detail->target_count, by_class = detail->target_count;

	for (uint32_t i = 0; i < detail->target_count; i++) {
		struct identity identity =
		    identify(profile, pairs, profile->targets[detail->target_first + i]);

		by_function = XXH3_64bits_withSeed(&identity.by_function,
						   sizeof(identity.by_function), by_function);
		by_class =
		    XXH3_64bits_withSeed(&identity.by_class, sizeof(identity.by_class), by_class);
	}
	return (struct verify_targets){by_function | 1, by_class | 1};
}

struct verify_targets verify_targets_left(const struct profile *left, uint32_t index)
{
	if (left->targets)
		return hash(left, NULL, index);
	return (struct verify_targets){left->functions[index].targets,
				       left->functions[index].targets_by_class};
}

struct verify_targets verify_targets_right(const struct verify_pairs *pairs, uint32_t index)
{
	if (!pairs->right->targets)
		return (struct verify_targets){0, 0};
	return hash(pairs->right, pairs, index);
}

void verify_fill_targets(struct profile *profile)
{
	for (uint32_t i = 0; profile->targets && i < profile->function_count; i++) {
		struct verify_targets targets = hash(profile, NULL, i);

		profile->functions[i].targets = targets.by_function;
		profile->functions[i].targets_by_class = targets.by_class;
	}
}
