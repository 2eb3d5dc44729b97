/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/found.h"

#include <stdlib.h>
#include <string.h>

void found_edges_init(struct found_edges *edges)
{
	*edges = (struct found_edges){0};
	arena_init(&edges->arena);
}

void found_edges_release(struct found_edges *edges)
{
	vec_release(&edges->list);
	arena_release(&edges->arena);
}

void found_edges_add(struct found_edges *edges, const struct found_edge *edge)
{
	struct arena *arena = &edges->arena;
	struct found_edge copy = *edge;

	copy.from = arena_strdup(arena, edge->from);
	copy.to = edge->to ? arena_strdup(arena, edge->to) : NULL;
	copy.name = arena_strdup(arena, edge->name);
	copy.evidence = arena_strdup(arena, edge->evidence);
	copy.detail = arena_strdup(arena, edge->detail);
	vec_push(&edges->list, copy);
}

static int compare_optional(const char *left, const char *right)
{
	if (!left || !right)
		return (left != NULL) - (right != NULL);
	return strcmp(left, right);
}

static int compare(const void *a, const void *b)
{
	const struct found_edge *left = a, *right = b;
	int order = strcmp(left->from, right->from);

	if (!order)
		order = compare_optional(left->to, right->to);
	if (!order)
		order = (left->kind > right->kind) - (left->kind < right->kind);
	if (!order)
		order = strcmp(left->name, right->name);
	if (!order)
		order = strcmp(left->evidence, right->evidence);
	if (!order)
		order = (left->place > right->place) - (left->place < right->place);
	return order ? order : strcmp(left->detail, right->detail);
}

void found_edges_finish(struct found_edges *edges)
{
	size_t kept = 0;

	if (!edges->list.len)
		return;
	qsort(edges->list.ptr, edges->list.len, sizeof(*edges->list.ptr), compare);
	for (size_t i = 1; i < edges->list.len; i++)
		if (compare(&edges->list.ptr[kept], &edges->list.ptr[i]) != 0)
			edges->list.ptr[++kept] = edges->list.ptr[i];
	edges->list.len = kept + 1;
}
