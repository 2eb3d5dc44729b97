/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of a list of functions. Lists are long and entries large, and of a file that several
 * workers share each sorts all: places are sorted by their digits, entries are moved once.
 */
#include <stdlib.h>
#include <string.h>

#include "binary/function_list.h"

#define DIGIT 11 /* bits */
#define DIGITS (1u << DIGIT)

struct place {
	uint64_t key;
	uint32_t index;
};

struct places {
	struct place *list, *other;
	size_t count;
};

static int by_place(const void *left, const void *right)
{
	const struct function_entry *a = left, *b = right;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if ((a->sources ^ b->sources) & FACTS_FUNCTION_FRAME)
		return a->sources & FACTS_FUNCTION_FRAME ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return slice_compare(a->name, b->name);
}

/* Stable, by one digit. */
static void sort_digit(struct places *places, unsigned shift)
{
	size_t starts[DIGITS] = {0}, next = 0;
	struct place *turned = places->other;

	for (size_t i = 0; i < places->count; i++)
		starts[places->list[i].key >> shift & (DIGITS - 1)]++;
	for (size_t i = 0; i < DIGITS; i++) {
		size_t count = starts[i];

		starts[i] = next;
		next += count;
	}
	for (size_t i = 0; i < places->count; i++)
		turned[starts[places->list[i].key >> shift & (DIGITS - 1)]++] = places->list[i];
	places->other = places->list;
	places->list = turned;
}

/* By the key, of which only the bits that differ are looked at. */
static void sort_places(struct places *places)
{
	uint64_t different = 0;
	bool sorted = true;

	for (size_t i = 1; i < places->count; i++) {
		different |= places->list[i].key ^ places->list[0].key;
		sorted &= places->list[i - 1].key <= places->list[i].key;
	}
	for (unsigned shift = 0; !sorted && shift < 64 && different >> shift; shift += DIGIT)
		sort_digit(places, shift);
}

/* Entries of one place are few, and mostly in order. */
static void sort_ties(struct function_entry *entries, size_t count)
{
	for (size_t first = 0, end; first < count; first = end) {
		bool sorted = true;

		for (end = first + 1; end < count && entries[end].start == entries[first].start &&
				      entries[end].section == entries[first].section;
		     end++)
			sorted &= by_place(&entries[end - 1], &entries[end]) <= 0;
		if (!sorted)
			qsort(entries + first, end - first, sizeof(*entries), by_place);
	}
}

/* How many entries from first on are in order. */
static size_t run_length(const struct function_list *list, size_t first)
{
	size_t end = first + 1;

	while (end < list->entries.len &&
	       by_place(&list->entries.ptr[end - 1], &list->entries.ptr[end]) <= 0)
		end++;
	return end - first;
}

/* A sorted list to which few were added, in order: these go to their places. */
static void merge_tail(struct function_list *list, size_t first)
{
	struct function_entry *entries = list->entries.ptr, *tail;
	size_t left = list->entries.len - first, to = list->entries.len, from = first;

	tail = memory_alloc(left * sizeof(*tail));
	memcpy(tail, entries + first, left * sizeof(*tail));
	while (left)
		if (from && by_place(&entries[from - 1], &tail[left - 1]) > 0)
			entries[--to] = entries[--from];
		else
			entries[--to] = tail[--left];
	free(tail);
}

void function_list_sort(struct function_list *list)
{
	struct places places = {.count = list->entries.len};
	struct function_entry *sorted;
	size_t run = places.count ? run_length(list, 0) : 0;

	if (run == places.count)
		return;
	if (run + run_length(list, run) == places.count) {
		merge_tail(list, run);
		return;
	}
	places.list = memory_alloc(places.count * sizeof(*places.list));
	places.other = memory_alloc(places.count * sizeof(*places.other));
	sorted = memory_alloc(places.count * sizeof(*sorted));
	for (size_t i = 0; i < places.count; i++)
		places.list[i] = (struct place){list->entries.ptr[i].start, (uint32_t)i};
	sort_places(&places);
	for (size_t i = 0; i < places.count; i++)
		places.list[i].key = list->entries.ptr[places.list[i].index].section;
	sort_places(&places);
	for (size_t i = 0; i < places.count; i++)
		sorted[i] = list->entries.ptr[places.list[i].index];
	sort_ties(sorted, places.count);
	free(list->entries.ptr);
	list->entries.ptr = sorted;
	list->entries.cap = places.count;
	free(places.list);
	free(places.other);
}
