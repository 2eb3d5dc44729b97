/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which function of the suspect answers for which of the reference. Three in four functions of a
 * large C++ library share their instructions with others (research/provenance.md, finding 9), so
 * equal fingerprints alone pair nothing: order does. Functions with a fingerprint of their own on
 * both sides are anchors; the longest run of them in one order holds; from each, pairs grow in both
 * directions while fingerprints agree. What is left is paired by name, then by fingerprint in
 * order, then by its place between two paired neighbours.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/verify_internal.h"
#include "util/map.h"
#include "util/vec.h"

struct keyed {
	struct facts_fingerprint key;
	uint32_t index;
	bool right;
};

struct anchor {
	uint32_t left, right;
	bool in_chain;
};

enum key_kind { KEY_STRICT, KEY_LOOSE };

static struct facts_fingerprint key_of(const struct profile_function *function, enum key_kind kind)
{
	struct facts_fingerprint key = kind == KEY_LOOSE ? function->loose : function->strict;

	return fingerprint_is(key) ? key : function->raw;
}

static void pair(struct verify_pairs *pairs, uint32_t left, uint32_t right)
{
	pairs->of_left[left] = right;
	pairs->of_right[right] = left;
	pairs->paired++;
}

static bool is_free(const struct verify_pairs *pairs, uint32_t left, uint32_t right)
{
	return pairs->of_left[left] == VERIFY_ALONE && pairs->of_right[right] == VERIFY_ALONE;
}

static int compare_places(const struct profile_function *a, const struct profile_function *b)
{
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return (a->address > b->address) - (a->address < b->address);
}

/* Functions at the same address: those of equal bytes, or with any set all of one size or name. */
static void pair_in_place(struct verify_pairs *pairs, bool any)
{
	const struct profile *left = pairs->left, *right = pairs->right;
	uint32_t i = 0, j = 0;

	while (i < left->function_count && j < right->function_count) {
		const struct profile_function *a = &left->functions[i], *b = &right->functions[j];
		int order = compare_places(a, b);

		if (order == 0 && is_free(pairs, i, j) &&
		    (any ? a->size == b->size || (*a->name && strcmp(a->name, b->name) == 0)
			 : a->size == b->size && fingerprint_equal(a->raw, b->raw)))
			pair(pairs, i, j);
		i += order <= 0;
		j += order >= 0;
	}
}

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key.high != y->key.high)
		return x->key.high < y->key.high ? -1 : 1;
	if (x->key.low != y->key.low)
		return x->key.low < y->key.low ? -1 : 1;
	if (x->right != y->right)
		return x->right ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

/* All functions without a partner, sorted by fingerprint, then side, then place. */
static struct keyed *sort_free(const struct verify_pairs *pairs, enum key_kind kind,
			       size_t *ret_count)
{
	size_t most = pairs->left->function_count + pairs->right->function_count, count = 0;
	struct keyed *list = memory_calloc(most + 1, sizeof(*list));

	for (uint32_t i = 0; i < pairs->left->function_count; i++)
		if (pairs->of_left[i] == VERIFY_ALONE)
			list[count++] =
			    (struct keyed){key_of(&pairs->left->functions[i], kind), i, false};
	for (uint32_t i = 0; i < pairs->right->function_count; i++)
		if (pairs->of_right[i] == VERIFY_ALONE)
			list[count++] =
			    (struct keyed){key_of(&pairs->right->functions[i], kind), i, true};
	qsort(list, count, sizeof(*list), compare_keyed);
	*ret_count = count;
	return list;
}

static size_t class_end(const struct keyed *list, size_t count, size_t from)
{
	size_t end = from + 1;

	while (end < count && fingerprint_equal(list[end].key, list[from].key))
		end++;
	return end;
}

static int compare_anchors(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;

	return (x->right > y->right) - (x->right < y->right);
}

/* Marks the longest run of anchors that stand in one order on both sides. */
static void mark_chain(struct anchor *anchors, size_t count)
{
	size_t *tails = memory_calloc(count + 1, sizeof(*tails)), length = 0, at;
	size_t *before = memory_calloc(count + 1, sizeof(*before));

	for (size_t k = 0; k < count; k++) {
		size_t low = 0, high = length;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (anchors[tails[middle]].left < anchors[k].left)
				low = middle + 1;
			else
				high = middle;
		}
		before[k] = low ? tails[low - 1] : SIZE_MAX;
		tails[low] = k;
		if (low == length)
			length++;
	}
	at = length ? tails[length - 1] : SIZE_MAX;
	while (at != SIZE_MAX) {
		anchors[at].in_chain = true;
		at = before[at];
	}
	free(tails);
	free(before);
}

/* Pairs the neighbours of a pair as long as they agree; step is 1 or -1. */
static void extend(struct verify_pairs *pairs, enum key_kind kind, const struct anchor *from,
		   int step)
{
	int64_t i = from->left, j = from->right;

	for (;;) {
		i += step;
		j += step;
		if (i < 0 || j < 0 || i >= (int64_t)pairs->left->function_count ||
		    j >= (int64_t)pairs->right->function_count ||
		    !is_free(pairs, (uint32_t)i, (uint32_t)j) ||
		    !fingerprint_equal(key_of(&pairs->left->functions[i], kind),
				       key_of(&pairs->right->functions[j], kind)))
			return;
		pair(pairs, (uint32_t)i, (uint32_t)j);
	}
}

static void pair_by_anchors(struct verify_pairs *pairs, enum key_kind kind)
{
	size_t count, anchor_count = 0;
	struct keyed *list = sort_free(pairs, kind, &count);
	struct anchor *anchors = memory_calloc(count / 2 + 1, sizeof(*anchors));

	for (size_t at = 0; at < count;) {
		size_t end = class_end(list, count, at);

		if (end - at == 2 && !list[at].right && list[at + 1].right)
			anchors[anchor_count++] =
			    (struct anchor){list[at].index, list[at + 1].index, false};
		at = end;
	}
	free(list);
	qsort(anchors, anchor_count, sizeof(*anchors), compare_anchors);
	mark_chain(anchors, anchor_count);
	/* Anchors first, so that no run grows over one; then runs in order, then those that moved.
	 */
	for (size_t k = 0; k < anchor_count; k++)
		pair(pairs, anchors[k].left, anchors[k].right);
	for (int chain = 1; chain >= 0; chain--) {
		for (size_t k = 0; k < anchor_count; k++)
			if (anchors[k].in_chain == chain)
				extend(pairs, kind, &anchors[k], 1);
		for (size_t k = anchor_count; k-- > 0;)
			if (anchors[k].in_chain == chain)
				extend(pairs, kind, &anchors[k], -1);
	}
	free(anchors);
}

/* Names that stand for one free function on each side. */
static void pair_by_name(struct verify_pairs *pairs)
{
	struct map names = {0};
	const uint32_t several = UINT32_MAX;

	for (uint32_t i = 0; i < pairs->left->function_count; i++) {
		struct map_entry *entry;
		bool added;

		if (pairs->of_left[i] != VERIFY_ALONE || !*pairs->left->functions[i].name)
			continue;
		entry = map_put(&names, slice_text(pairs->left->functions[i].name), i, &added);
		if (!added)
			entry->value = several;
	}
	for (uint32_t j = 0; j < pairs->right->function_count; j++) {
		const struct map_entry *entry;

		if (pairs->of_right[j] != VERIFY_ALONE || !*pairs->right->functions[j].name)
			continue;
		entry = map_get(&names, slice_text(pairs->right->functions[j].name));
		if (entry && entry->value != several && is_free(pairs, entry->value, j))
			pair(pairs, entry->value, j);
	}
	map_release(&names);
}

/* Of one fingerprint: first those of one name, then the rest in their order. */
static void pair_class(struct verify_pairs *pairs, const struct keyed *list, size_t at, size_t end)
{
	size_t middle = at, j;

	while (middle < end && !list[middle].right)
		middle++;
	j = middle;
	for (size_t i = at; i < middle && j < end; i++) {
		const char *a = pairs->left->functions[list[i].index].name,
			   *b = pairs->right->functions[list[j].index].name;

		/* Two names that are both still looked for on the other side are no pair. */
		if (*a && *b && strcmp(a, b) != 0 && middle - at != end - middle)
			continue;
		if (is_free(pairs, list[i].index, list[j].index))
			pair(pairs, list[i].index, list[j].index);
		j++;
	}
}

static void pair_by_class(struct verify_pairs *pairs, enum key_kind kind)
{
	size_t count;
	struct keyed *list = sort_free(pairs, kind, &count);

	for (size_t at = 0; at < count;) {
		size_t end = class_end(list, count, at);

		pair_class(pairs, list, at, end);
		at = end;
	}
	free(list);
}

static bool plausible(const struct profile_function *a, const struct profile_function *b)
{
	if (*a->name && *b->name)
		return strcmp(a->name, b->name) == 0;
	return a->size / 4 <= b->size && b->size / 4 <= a->size;
}

/* As many strangers between two pairs on one side as on the other: they answer for each other. */
static void pair_by_place(struct verify_pairs *pairs)
{
	uint32_t n = (uint32_t)pairs->left->function_count,
		 m = (uint32_t)pairs->right->function_count, i = 0, j;

	while (i < n) {
		uint32_t first = i, last, before;

		if (pairs->of_left[i] != VERIFY_ALONE) {
			i++;
			continue;
		}
		while (i < n && pairs->of_left[i] == VERIFY_ALONE)
			i++;
		before = first ? pairs->of_left[first - 1] + 1 : 0;
		last = i < n ? pairs->of_left[i] : m;
		if (last < before || last - before != i - first)
			continue;
		for (j = before; j < last && pairs->of_right[j] == VERIFY_ALONE; j++)
			;
		if (j != last)
			continue;
		for (uint32_t k = 0; k < i - first; k++)
			if (plausible(&pairs->left->functions[first + k],
				      &pairs->right->functions[before + k]))
				pair(pairs, first + k, before + k);
	}
}

void verify_pair_in_place(const struct profile *left, const struct profile *right,
			  struct arena *arena, struct verify_pairs *ret)
{
	*ret = (struct verify_pairs){.left = left, .right = right};
	ret->of_left = arena_alloc_array(arena, left->function_count + 1, sizeof(*ret->of_left));
	ret->of_right = arena_alloc_array(arena, right->function_count + 1, sizeof(*ret->of_right));
	memset(ret->of_left, 0xff, (left->function_count + 1) * sizeof(*ret->of_left));
	memset(ret->of_right, 0xff, (right->function_count + 1) * sizeof(*ret->of_right));
	pair_in_place(ret, false);
}

void verify_pair_functions(const struct profile *left, const struct profile *right,
			   struct arena *arena, struct verify_pairs *ret)
{
	size_t fewest = left->function_count < right->function_count ? left->function_count
								     : right->function_count;

	verify_pair_in_place(left, right, arena, ret);
	if (ret->paired > fewest / 2)
		pair_in_place(ret, true);
	if (ret->paired < fewest) {
		pair_by_anchors(ret, KEY_STRICT);
		pair_by_name(ret);
		pair_by_class(ret, KEY_STRICT);
		pair_by_anchors(ret, KEY_LOOSE);
		pair_by_class(ret, KEY_LOOSE);
		pair_by_place(ret);
	}
}
