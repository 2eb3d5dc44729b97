/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/device_packing.h"

#include <stdlib.h>

#include "util/arena.h"
#include "util/map.h"
#include "util/vec.h"

enum side { LEFT, RIGHT, SIDES };

/* Numbers that both sides share: equal things have equal numbers. */
struct numbering {
	struct arena arena;
	struct map map;
};

struct numbers {
	uint32_t *ptr;
	size_t count;
};

struct packer {
	const struct facts *facts[SIDES];
	struct arena arena; /* the lists below */
	struct numbering texts, images, headers, containers;
	struct numbers image_numbers[SIDES],
	    header_numbers[SIDES]; /* by entry; by entry and rest */
	struct numbers container_numbers[SIDES];
};

static uint32_t number_of(struct numbering *numbering, const void *key, size_t size)
{
	const struct map_entry *entry = map_get(&numbering->map, slice_of(key, size));
	struct slice copy;

	if (entry)
		return entry->value;
	copy = slice_of(arena_copy(&numbering->arena, key, size), size);
	return map_put(&numbering->map, copy, (uint32_t)numbering->map.len + 1, NULL)->value;
}

static struct numbers new_numbers(struct packer *packer, size_t room)
{
	return (struct numbers){arena_alloc_array(&packer->arena, room + 1, sizeof(uint32_t)), 0};
}

static uint32_t architecture_of(struct packer *packer, enum side side, size_t entry)
{
	const struct facts *facts = packer->facts[side];
	struct slice name = facts_slice(facts, facts->device_entries[entry].architecture);

	return number_of(&packer->texts, name.len ? (const void *)name.ptr : "", name.len);
}

static void number_entries(struct packer *packer, enum side side)
{
	const struct facts *facts = packer->facts[side];

	packer->image_numbers[side] = new_numbers(packer, facts->device_entries_count);
	packer->header_numbers[side] = new_numbers(packer, facts->device_entries_count);
	for (size_t i = 0; i < facts->device_entries_count; i++) {
		const struct facts_device_entry *entry = &facts->device_entries[i];
		uint64_t image[] = {architecture_of(packer, side, i), entry->kind,
				    entry->content.low, entry->content.high};
		uint64_t header[] = {0, entry->header.low, entry->header.high};

		header[0] = number_of(&packer->images, image, sizeof(image));
		packer->image_numbers[side].ptr[i] = (uint32_t)header[0];
		packer->header_numbers[side].ptr[i] =
		    number_of(&packer->headers, header, sizeof(header));
	}
	packer->image_numbers[side].count = packer->header_numbers[side].count =
	    facts->device_entries_count;
}

struct member {
	uint32_t architecture, kind, index, number;
};

static int by_architecture(const void *left, const void *right)
{
	const struct member *a = left, *b = right;

	if (a->architecture != b->architecture)
		return a->architecture < b->architecture ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/*
 * A container is what it holds; of several images for one machine the order counts, since one of
 * them is run.
 */
static void number_containers(struct packer *packer, enum side side)
{
	const struct facts *facts = packer->facts[side];
	struct numbers *headers = &packer->header_numbers[side];
	VEC(struct member) members = {0};
	VEC(uint64_t) key = {0};

	packer->container_numbers[side] = new_numbers(packer, facts->device_containers_count);
	packer->container_numbers[side].count = facts->device_containers_count;
	for (size_t i = 0; i < facts->device_containers_count; i++) {
		const struct facts_device_container *container = &facts->device_containers[i];

		members.len = key.len = 0;
		for (uint32_t j = 0; j < container->entry_count; j++) {
			uint32_t entry = container->entry_first + j;

			vec_push(&members, ((struct member){architecture_of(packer, side, entry),
							    facts->device_entries[entry].kind, j,
							    headers->ptr[entry]}));
		}
		if (members.len)
			qsort(members.ptr, members.len, sizeof(*members.ptr), by_architecture);
		vec_push(&key, container->rest.low);
		vec_push(&key, container->rest.high);
		vec_each (member, &members)
			vec_push(&key, member->number);
		packer->container_numbers[side].ptr[i] =
		    number_of(&packer->containers, key.ptr, key.len * sizeof(*key.ptr));
	}
	vec_release(&members);
	vec_release(&key);
}

static int by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* How many of each side have no equal one on the other; the larger of the two. Sorts both. */
static uint64_t unequal(struct numbers *left, struct numbers *right)
{
	size_t i = 0, j = 0;
	uint64_t alone[SIDES] = {0};

	qsort(left->ptr, left->count, sizeof(uint32_t), by_number);
	qsort(right->ptr, right->count, sizeof(uint32_t), by_number);
	while (i < left->count || j < right->count) {
		if (j == right->count || (i < left->count && left->ptr[i] < right->ptr[j])) {
			alone[LEFT]++;
			i++;
		} else if (i == left->count || right->ptr[j] < left->ptr[i]) {
			alone[RIGHT]++;
			j++;
		} else {
			i++;
			j++;
		}
	}
	return alone[LEFT] > alone[RIGHT] ? alone[LEFT] : alone[RIGHT];
}

/* A bundle that is not compressed has no checksum. */
static bool same_container(const struct packer *packer, uint32_t left, uint32_t right)
{
	uint64_t a = packer->facts[LEFT]->device_containers[left].checksum,
		 b = packer->facts[RIGHT]->device_containers[right].checksum;

	return packer->container_numbers[LEFT].ptr[left] ==
		   packer->container_numbers[RIGHT].ptr[right] &&
	       (!a || !b || a == b);
}

static bool same_target(const struct packer *packer, const struct facts_device_wrapper *left,
			const struct facts_device_wrapper *right)
{
	if (left->flags != right->flags)
		return false;
	if (left->container == FACTS_DEVICE_NO_CONTAINER ||
	    right->container == FACTS_DEVICE_NO_CONTAINER)
		return left->container == right->container && left->target == right->target;
	return same_container(packer, left->container, right->container);
}

static uint64_t compare_wrappers(const struct packer *packer)
{
	const struct facts *left = packer->facts[LEFT], *right = packer->facts[RIGHT];
	size_t a = left->device_wrappers_count, b = right->device_wrappers_count;
	uint64_t count = a > b ? a - b : b - a;

	for (size_t i = 0; i < a && i < b; i++)
		count +=
		    !same_target(packer, &left->device_wrappers[i], &right->device_wrappers[i]);
	return count;
}

/* The next container at or after *at that no wrapper leads to; false: no more. */
static bool next_unregistered(const struct facts *facts, size_t *at)
{
	while (*at < facts->device_containers_count &&
	       facts->device_containers[*at].flags & FACTS_DEVICE_REGISTERED)
		(*at)++;
	return *at < facts->device_containers_count;
}

/* How code gets to those is not known: they must be where they were. */
static uint64_t compare_places(const struct packer *packer)
{
	const struct facts *left = packer->facts[LEFT], *right = packer->facts[RIGHT];
	uint64_t count = 0;

	for (size_t i = 0, j = 0;; i++, j++) {
		bool a = next_unregistered(left, &i), b = next_unregistered(right, &j);

		if (!a && !b)
			return count;
		count += !a || !b ||
			 left->device_containers[i].place != right->device_containers[j].place ||
			 !same_container(packer, (uint32_t)i, (uint32_t)j);
	}
}

/* What a container holds beside its entries counts like a header. */
static void add_rests(struct packer *packer, enum side side)
{
	const struct facts *facts = packer->facts[side];
	struct numbers *from = &packer->header_numbers[side],
		       all = new_numbers(packer, from->count + facts->device_containers_count);

	memcpy(all.ptr, from->ptr, from->count * sizeof(uint32_t));
	all.count = from->count;
	for (size_t i = 0; i < facts->device_containers_count; i++) {
		const struct facts_device_container *container = &facts->device_containers[i];
		uint64_t key[] = {container->rest.low, container->rest.high};

		if (key[0] || key[1])
			all.ptr[all.count++] = number_of(&packer->headers, key, sizeof(key));
	}
	*from = all;
}

/* Sources by the hash of their path. */
static struct numbers list_sources(struct packer *packer, enum side side)
{
	const struct facts *facts = packer->facts[side];
	struct numbers list = new_numbers(packer, facts->device_sources_count);

	for (size_t i = 0; i < facts->device_sources_count; i++)
		list.ptr[list.count++] = facts->device_sources[i].crc;
	return list;
}

static uint64_t compare_sources(struct packer *packer)
{
	struct numbers left = list_sources(packer, LEFT), right = list_sources(packer, RIGHT);

	return unequal(&left, &right);
}

static const struct facts_device_outside *relocations_of(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_outside_count; i++)
		if (!facts->device_outside[i].section.length)
			return &facts->device_outside[i];
	return NULL;
}

static bool same_relocations(const struct facts *left, const struct facts *right)
{
	const struct facts_device_outside *a = relocations_of(left), *b = relocations_of(right);

	return a && b && a->size == b->size && a->content.low == b->content.low &&
	       a->content.high == b->content.high;
}

static void numbering_release(struct numbering *numbering)
{
	map_release(&numbering->map);
	arena_release(&numbering->arena);
}

void device_packing_compare(const struct facts *left, const struct facts *right,
			    struct device_packing *ret)
{
	struct packer packer = {.facts = {left, right}};
	struct numbering *all[] = {&packer.texts, &packer.images, &packer.headers,
				   &packer.containers};

	arena_init(&packer.arena);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		arena_init(&all[i]->arena);
	for (size_t i = 0; i < SIDES; i++) {
		number_entries(&packer, (enum side)i);
		number_containers(&packer, (enum side)i);
		add_rests(&packer, (enum side)i);
	}
	*ret = (struct device_packing){
	    .registrations = compare_wrappers(&packer),
	    .places = compare_places(&packer),
	    .images = unequal(&packer.image_numbers[LEFT], &packer.image_numbers[RIGHT]),
	    .headers = unequal(&packer.header_numbers[LEFT], &packer.header_numbers[RIGHT]),
	    .sources = compare_sources(&packer),
	    .same_relocations = same_relocations(left, right),
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		numbering_release(all[i]);
	arena_release(&packer.arena);
}

bool device_packing_equal(const struct device_packing *packing)
{
	return !packing->images && !packing->headers && !packing->registrations && !packing->places;
}
