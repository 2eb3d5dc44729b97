/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of each function, and what that makes of the file. */
#include <stdlib.h>
#include <string.h>

#include "evidence/verify_internal.h"

/* A file of which less than this part of the code is found again is another build of it... */
#define REBUILT_BELOW 50 /* per cent */
/* ... and with less than this, and names that do not agree either, it is something else. */
#define UNRELATED_BELOW 5

static bool is_plain_stub(const struct profile_function *function)
{
	return (function->sources & FACTS_FUNCTION_PLT) != 0;
}

/* Equal instructions: do they refer to the same things? */
static enum verify_status check_targets(const struct profile_function *a,
					const struct profile_function *b)
{
	if (a->targets == b->targets || is_plain_stub(a))
		return VERIFY_FUNCTION_RELOCATED;
	/* Of functions with equal instructions, pairs may be crossed: their class decides then. */
	if (a->targets_by_class && a->targets_by_class == b->targets_by_class &&
	    a->address != b->address)
		return VERIFY_FUNCTION_RELOCATED;
	return VERIFY_FUNCTION_RETARGETED;
}

static enum verify_status classify(const struct profile_function *a,
				   const struct profile_function *b)
{
	bool same_strict = fingerprint_is(a->strict) && fingerprint_equal(a->strict, b->strict);
	bool same_loose = fingerprint_is(a->loose) && fingerprint_equal(a->loose, b->loose);
	enum verify_status status;

	if (a->size == b->size && fingerprint_equal(a->raw, b->raw) && a->address == b->address)
		return VERIFY_FUNCTION_IDENTICAL;
	if (!a->size || !b->size)
		return VERIFY_FUNCTION_UNVERIFIED;
	if (same_strict || same_loose ||
	    (a->size == b->size && fingerprint_equal(a->raw, b->raw))) {
		status = check_targets(a, b);
		if (status == VERIFY_FUNCTION_RELOCATED && *a->name && *b->name &&
		    strcmp(a->name, b->name) != 0)
			status = VERIFY_FUNCTION_RENAMED;
		return status;
	}
	if (a->shape && a->shape == b->shape && a->instructions == b->instructions)
		return VERIFY_FUNCTION_IMMEDIATES;
	return VERIFY_FUNCTION_MODIFIED;
}

static bool is_same(enum verify_status status)
{
	return status == VERIFY_FUNCTION_IDENTICAL || status == VERIFY_FUNCTION_RELOCATED ||
	       status == VERIFY_FUNCTION_RENAMED || status == VERIFY_FUNCTION_FOLDED;
}

static void count(struct verify_functions *functions, const struct profile_function *left,
		  const struct profile_function *right, enum verify_status status)
{
	functions->counts[status]++;
	if (left && is_same(status))
		functions->bytes_same += left->size;
	if (status != VERIFY_FUNCTION_IDENTICAL && status != VERIFY_FUNCTION_RELOCATED)
		vec_push(&functions->changes, ((struct verify_change){left, right, status}));
}

static int compare_fingerprints(const void *a, const void *b)
{
	const struct facts_fingerprint *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

/* The fingerprints of all functions of the suspect, sorted: an equal one stands for a folded one.
 */
static struct facts_fingerprint *sorted_strict(const struct profile *profile)
{
	struct facts_fingerprint *list = memory_calloc(profile->function_count + 1, sizeof(*list));

	for (size_t i = 0; i < profile->function_count; i++)
		list[i] = profile->functions[i].strict;
	qsort(list, profile->function_count, sizeof(*list), compare_fingerprints);
	return list;
}

static int compare_changes(const void *a, const void *b)
{
	const struct verify_change *x = a, *y = b;
	uint64_t at_x = x->left ? x->left->address : x->right->address,
		 at_y = y->left ? y->left->address : y->right->address;

	if (at_x != at_y)
		return at_x < at_y ? -1 : 1;
	return (int)(x->left == NULL) - (int)(y->left == NULL);
}

static void count_all(const struct verify_pairs *pairs, struct verify_functions *functions)
{
	const struct profile *left = pairs->left, *right = pairs->right;
	struct facts_fingerprint *known = sorted_strict(right);

	for (size_t i = 0; i < left->function_count; i++) {
		const struct profile_function *a = &left->functions[i], *b = NULL;
		enum verify_status status = VERIFY_FUNCTION_REMOVED;

		functions->bytes += a->size;
		if (pairs->of_left[i] != VERIFY_ALONE) {
			b = &right->functions[pairs->of_left[i]];
			status = classify(a, b);
		} else if (fingerprint_is(a->strict) &&
			   bsearch(&a->strict, known, right->function_count, sizeof(*known),
				   compare_fingerprints)) {
			status = VERIFY_FUNCTION_FOLDED;
		} else if (!a->size) {
			status = VERIFY_FUNCTION_UNVERIFIED;
		}
		count(functions, a, b, status);
	}
	for (size_t j = 0; j < right->function_count; j++)
		if (pairs->of_right[j] == VERIFY_ALONE)
			count(functions, NULL, &right->functions[j], VERIFY_FUNCTION_ADDED);
	free(known);
	if (functions->changes.len)
		qsort(functions->changes.ptr, functions->changes.len,
		      sizeof(*functions->changes.ptr), compare_changes);
}

static bool same_names(const struct profile *left, const struct profile *right)
{
	return (*left->soname && strcmp(left->soname, right->soname) == 0) ||
	       (*left->build_id && strcmp(left->build_id, right->build_id) == 0);
}

void verify_functions(const struct profile *left, const struct profile *right, struct arena *arena,
		      struct verify_file *file)
{
	struct verify_functions *functions = &file->functions;
	struct verify_pairs pairs;
	uint64_t share, named;

	file->compared_functions = true;
	functions->total = left->function_count;
	verify_pair_functions(left, right, arena, &pairs);
	count_all(&pairs, functions);
	if (!functions->bytes) {
		file->reason = "no function was found, so that nothing more can be said";
		return;
	}
	share = functions->bytes_same * 100 / functions->bytes;
	named = functions->counts[VERIFY_FUNCTION_MODIFIED] +
		functions->counts[VERIFY_FUNCTION_IMMEDIATES] +
		functions->counts[VERIFY_FUNCTION_RETARGETED];
	if (share >= REBUILT_BELOW)
		return;
	file->verdict =
	    share < UNRELATED_BELOW && !same_names(left, right) && named * 2 < functions->total
		? VERIFY_UNRELATED
		: VERIFY_REBUILT;
	file->reason = arena_printf(arena, "%llu %% of the code of the reference is in it",
				    (unsigned long long)share);
}
