/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of each function, and what that makes of the file. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "evidence/verify_internal.h"
#include "util/budget.h"
#include "util/memory.h"

/*
 * A patch changes few functions, another compiler or other flags change many
 * (research/provenance.md, C7: 21 % at least). Of few functions a patch may change many.
 */
#define REBUILT_BELOW 75 /* per cent of the code that is found again */
#define REBUILT_SURELY 50
#define REBUILT_CHANGES 20 /* functions that differ, above REBUILT_SURELY */
/* With less than this, and names that do not agree either, it is something else. */
#define UNRELATED_BELOW 5
#define VAGUE_SIZE 64

/* One comparison, and whether anything that code refers to lies elsewhere now. */
struct comparison {
	struct verify_pairs pairs;
	bool moved;
	bool outlined;	/* strict fingerprints are known of strangers only: see verify_outline() */
	bool unsettled; /* one of the others would be needed */
	struct facts_fingerprint *known; /* of the suspect, sorted; NULL until one is looked for */
};

/*
 * Equal instructions: do they refer to the same things? While nothing has moved, bytes that differ
 * are references that do.
 */
static enum verify_status check_targets(const struct comparison *comparison, uint32_t left,
					uint32_t right, enum verify_status same)
{
	const struct profile_function *a = &comparison->pairs.left->functions[left],
				      *b = &comparison->pairs.right->functions[right];
	struct verify_targets from, to;

	if (!a->masked)
		return same;
	if (!comparison->moved)
		return fingerprint_equal(a->raw, b->raw) || a->size != b->size
			   ? same
			   : VERIFY_FUNCTION_RETARGETED;
	from = verify_targets_left(comparison->pairs.left, left);
	to = verify_targets_right(&comparison->pairs, right);
	/* Pairs of functions with equal instructions may be crossed: their class decides then. */
	if (!from.by_function || !to.by_function || from.by_function == to.by_function ||
	    from.by_class == to.by_class)
		return same;
	return VERIFY_FUNCTION_RETARGETED;
}

/* Small pieces of start files have symbols without a size: where they end is a guess. */
static bool has_vague_end(const struct profile_function *a, const struct profile_function *b)
{
	return a->address != b->address && a->size <= VAGUE_SIZE && b->size <= VAGUE_SIZE &&
	       !((a->sources | b->sources) & FACTS_FUNCTION_FRAME) && fingerprint_is(a->strict) &&
	       !fingerprint_equal(a->loose, b->loose);
}

static enum verify_status classify(const struct comparison *comparison, uint32_t left,
				   uint32_t right)
{
	const struct profile_function *a = &comparison->pairs.left->functions[left],
				      *b = &comparison->pairs.right->functions[right];
	bool same_strict = fingerprint_is(a->strict) && fingerprint_equal(a->strict, b->strict);
	/* A manifest holds half of this one. */
	bool same_loose = a->loose.low && a->loose.low == b->loose.low;
	bool same_bytes = a->size == b->size && fingerprint_equal(a->raw, b->raw);
	enum verify_status status;

	if (same_bytes && a->address == b->address)
		return comparison->moved
			   ? check_targets(comparison, left, right, VERIFY_FUNCTION_IDENTICAL)
			   : VERIFY_FUNCTION_IDENTICAL;
	if (!a->size || !b->size || has_vague_end(a, b))
		return VERIFY_FUNCTION_UNVERIFIED;
	if (same_strict || same_loose || same_bytes) {
		status = check_targets(comparison, left, right, VERIFY_FUNCTION_RELOCATED);
		if (status == VERIFY_FUNCTION_RELOCATED && *a->name && *b->name &&
		    strcmp(a->name, b->name) != 0)
			status = VERIFY_FUNCTION_RENAMED;
		return status;
	}
	if (a->shape && a->shape == b->shape && a->instructions == b->instructions)
		return VERIFY_FUNCTION_IMMEDIATES;
	return VERIFY_FUNCTION_MODIFIED;
}

static int compare_fingerprints(const void *a, const void *b)
{
	const struct facts_fingerprint *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

/* Whether the suspect's bytes at the place of a function of the reference are those. */
static bool bytes_equal(const struct profile *right, const struct profile_function *function)
{
	XXH128_hash_t hash;
	uint8_t *bytes;
	bool equal = false;

	if (!right->read || !function->size || function->size > BUDGET_FUNCTION_SIZE)
		return false;
	for (size_t i = 0; i < right->part_count; i++) {
		const struct profile_part *part = &right->parts[i];
		uint64_t distance = function->address - part->address;

		if (part->role != FACTS_CONTENT_SEGMENT || function->address < part->address ||
		    distance > part->size || function->size > part->size - distance)
			continue;
		bytes = memory_alloc((size_t)function->size);
		if (right->read(right->read_context, part->offset + distance,
				(size_t)function->size, bytes)) {
			hash = XXH3_128bits(bytes, (size_t)function->size);
			equal =
			    hash.low64 == function->raw.low && hash.high64 == function->raw.high;
		}
		free(bytes);
		break;
	}
	return equal;
}

/* Whether stripping loses where a function is: nothing but the symbol table names it. */
static bool is_lost_by_stripping(const struct profile_function *function,
				 const struct profile *other)
{
	return !(other->flags & FACTS_HAS_SYMTAB) &&
	       !(function->sources & (FACTS_FUNCTION_FRAME | FACTS_FUNCTION_DYNSYM));
}

/* Whether the suspect has a function of the same instructions, which stands for a folded one. */
static bool is_folded(struct comparison *comparison, const struct profile_function *function)
{
	const struct profile *right = comparison->pairs.right;

	comparison->unsettled |= comparison->outlined;
	if (!fingerprint_is(function->strict) || comparison->outlined)
		return false;
	if (!comparison->known) {
		comparison->known =
		    memory_calloc(right->function_count + 1, sizeof(*comparison->known));
		for (size_t i = 0; i < right->function_count; i++)
			comparison->known[i] = right->functions[i].strict;
		qsort(comparison->known, right->function_count, sizeof(*comparison->known),
		      compare_fingerprints);
	}
	return bsearch(&function->strict, comparison->known, right->function_count,
		       sizeof(*comparison->known), compare_fingerprints) != NULL;
}

/* A function of the reference for which the suspect has none. */
static enum verify_status classify_alone(struct comparison *comparison,
					 const struct profile_function *function)
{
	const struct profile *right = comparison->pairs.right;

	if (!function->size)
		return VERIFY_FUNCTION_UNVERIFIED;
	if (is_lost_by_stripping(function, right)) {
		if (!fingerprint_is(function->raw))
			return VERIFY_FUNCTION_UNVERIFIED;
		if (bytes_equal(right, function))
			return VERIFY_FUNCTION_IDENTICAL;
		return comparison->moved || !right->read ? VERIFY_FUNCTION_UNVERIFIED
							 : VERIFY_FUNCTION_MODIFIED;
	}
	return is_folded(comparison, function) ? VERIFY_FUNCTION_FOLDED : VERIFY_FUNCTION_REMOVED;
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

static int compare_changes(const void *a, const void *b)
{
	const struct verify_change *x = a, *y = b;
	uint64_t at_x = x->left ? x->left->address : x->right->address,
		 at_y = y->left ? y->left->address : y->right->address;

	if (at_x != at_y)
		return at_x < at_y ? -1 : 1;
	return (int)(x->left == NULL) - (int)(y->left == NULL);
}

/* Pieces of code of the reference that no function covers: they are what lies at their place. */
static void count_between(const struct comparison *comparison, struct verify_functions *functions)
{
	const struct profile *left = comparison->pairs.left, *right = comparison->pairs.right;

	for (size_t i = 0; right->read && i < left->between_count; i++) {
		const struct profile_function *piece = &left->between[i];

		if (!fingerprint_is(piece->raw))
			continue;
		functions->total++;
		functions->bytes += piece->size;
		count(functions, piece, piece,
		      bytes_equal(right, piece) ? VERIFY_FUNCTION_IDENTICAL
						: VERIFY_FUNCTION_MODIFIED);
	}
}

/* Whether a section of code of the reference holds all of the place. */
static bool has_code_at(const struct profile *left, const struct profile_function *function)
{
	for (size_t i = 0; i < left->part_count; i++) {
		const struct profile_part *part = &left->parts[i];
		uint64_t distance = function->address - part->address;

		if (part->role == FACTS_CONTENT_CODE && function->address >= part->address &&
		    distance < part->size && function->size <= part->size - distance)
			return true;
	}
	return false;
}

/*
 * A function of the suspect for which the reference has none. When only a symbol table tells of it,
 * and the reference has none, that is no new code: what lies there is compared as a piece between.
 */
static void count_added(const struct comparison *comparison,
			const struct profile_function *function, struct verify_functions *functions)
{
	const struct profile *left = comparison->pairs.left;

	if (!is_lost_by_stripping(function, left))
		count(functions, NULL, function, VERIFY_FUNCTION_ADDED);
	else if (comparison->moved)
		count(functions, NULL, function, VERIFY_FUNCTION_UNVERIFIED);
	else if (!has_code_at(left, function))
		count(functions, NULL, function, VERIFY_FUNCTION_ADDED);
}

static void count_all(struct comparison *comparison, struct verify_functions *functions)
{
	const struct verify_pairs *pairs = &comparison->pairs;
	const struct profile *left = pairs->left, *right = pairs->right;

	for (uint32_t i = 0; i < left->function_count; i++) {
		const struct profile_function *a = &left->functions[i], *b = NULL;
		enum verify_status status;

		functions->bytes += a->size;
		if (pairs->of_left[i] != VERIFY_ALONE) {
			b = &right->functions[pairs->of_left[i]];
			status = classify(comparison, i, pairs->of_left[i]);
		} else {
			status = classify_alone(comparison, a);
		}
		count(functions, a, b, status);
	}
	for (size_t j = 0; j < right->function_count; j++)
		if (pairs->of_right[j] == VERIFY_ALONE)
			count_added(comparison, &right->functions[j], functions);
	if (!comparison->moved)
		count_between(comparison, functions);
	free(comparison->known);
	if (functions->changes.len)
		qsort(functions->changes.ptr, functions->changes.len,
		      sizeof(*functions->changes.ptr), compare_changes);
}

static bool is_data(const struct profile_part *part)
{
	return part->role == FACTS_CONTENT_READ_ONLY || part->role == FACTS_CONTENT_DATA ||
	       part->role == FACTS_CONTENT_ZERO;
}

bool verify_parts_moved(const struct profile *left, const struct profile *right)
{
	for (size_t i = 0; i < left->part_count; i++) {
		const struct profile_part *part = &left->parts[i];

		for (size_t j = 0; is_data(part) && j < right->part_count; j++)
			if (right->parts[j].role == part->role &&
			    strcmp(right->parts[j].name, part->name) == 0 &&
			    right->parts[j].address != part->address)
				return true;
	}
	return false;
}

static bool functions_moved(const struct verify_pairs *pairs)
{
	for (size_t i = 0; i < pairs->left->function_count; i++)
		if (pairs->of_left[i] != VERIFY_ALONE &&
		    pairs->left->functions[i].address !=
			pairs->right->functions[pairs->of_left[i]].address)
			return true;
	return false;
}

static bool same_names(const struct profile *left, const struct profile *right)
{
	return (*left->soname && strcmp(left->soname, right->soname) == 0) ||
	       (*left->build_id && strcmp(left->build_id, right->build_id) == 0);
}

/* What a file is of which code or data lies elsewhere now. */
static void settle_moved(const struct profile *left, const struct profile *right,
			 struct arena *arena, struct verify_file *file)
{
	const struct verify_functions *functions = &file->functions;
	uint64_t share, named;

	share = functions->bytes_same * 100 / functions->bytes;
	named = functions->counts[VERIFY_FUNCTION_MODIFIED] +
		functions->counts[VERIFY_FUNCTION_IMMEDIATES] +
		functions->counts[VERIFY_FUNCTION_RETARGETED];
	if (share >= REBUILT_BELOW || (share >= REBUILT_SURELY && named < REBUILT_CHANGES)) {
		if (named + functions->counts[VERIFY_FUNCTION_ADDED] +
		    functions->counts[VERIFY_FUNCTION_REMOVED])
			return;
		file->verdict = VERIFY_REBUILT;
		file->reason = "every function is there, but the file was linked anew, so that "
			       "its data cannot be compared";
		return;
	}
	file->verdict =
	    share < UNRELATED_BELOW && !same_names(left, right) && named * 2 < functions->total
		? VERIFY_UNRELATED
		: VERIFY_REBUILT;
	file->reason = arena_printf(arena, "%llu %% of the code of the reference is in it",
				    (unsigned long long)share);
}

bool verify_functions(const struct profile *left, const struct profile *right, struct arena *arena,
		      struct verify_file *file)
{
	struct verify_functions *functions = &file->functions;
	struct comparison comparison = {.outlined = left->outlined || right->outlined};

	functions->total = left->function_count;
	verify_pair_functions(left, right, arena, &comparison.pairs);
	comparison.moved = verify_parts_moved(left, right) || functions_moved(&comparison.pairs);
	if (comparison.outlined && comparison.moved)
		return false;
	count_all(&comparison, functions);
	if (comparison.unsettled) {
		vec_release(&functions->changes);
		*functions = (struct verify_functions){0};
		return false;
	}
	file->compared_functions = true;
	/* While everything stays where it was, it is the same build, however much was patched. */
	if (!functions->bytes)
		file->reason = "no function was found, so that nothing more can be said";
	else if (comparison.moved)
		settle_moved(left, right, arena, file);
	return true;
}
