/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which ld.so relocates objects: the reverse of its l_initfini, which puts an object
 * before those it needs. After _dl_sort_maps_dfs() of glibc 2.36's elf/dl-sort-maps.c.
 */
#include <stdlib.h>
#include <string.h>

#include "depend/bind_process.h"
#include "util/memory.h"

/* What each object needs, in the order it asks: needs[first[i]..first[i + 1]]. */
struct graph {
	uint32_t *first, *needs;
};

static bool is_need(const struct loader_edge *edge)
{
	/* The program's own needs are not recorded yet when ld.so sorts. */
	return edge->from != LOADER_NONE && edge->from != 0 && edge->to != LOADER_NONE &&
	       (edge->request == LOADER_REQUEST_NEEDED ||
		edge->request == LOADER_REQUEST_AUXILIARY ||
		edge->request == LOADER_REQUEST_FILTER);
}

static struct graph make_graph(const struct load_set *load)
{
	struct graph graph = {memory_calloc(load->object_count + 2, sizeof(uint32_t)),
			      memory_calloc(load->edge_count + 1, sizeof(uint32_t))};
	/* One place ahead, so that filling the lists moves the starts to where they belong. */
	uint32_t *ahead = graph.first + 1;

	for (size_t i = 0; i < load->edge_count; i++)
		if (is_need(&load->edges[i]))
			ahead[load->edges[i].from + 1]++;
	for (size_t i = 1; i <= load->object_count; i++)
		ahead[i] += ahead[i - 1];
	for (size_t i = 0; i < load->edge_count; i++)
		if (is_need(&load->edges[i]))
			graph.needs[ahead[load->edges[i].from]++] = load->edges[i].to;
	return graph;
}

/* A depth-first walk without recursion. Objects are written from the end of the list backwards. */
struct walk {
	struct graph graph;
	bool *visited;
	struct frame {
		uint32_t object, next;
	} * stack;
	uint32_t *sorted;
	size_t left; /* places of sorted that are still free */
};

static void push(struct walk *walk, size_t *depth, uint32_t object)
{
	walk->visited[object] = true;
	walk->stack[(*depth)++] = (struct frame){object, walk->graph.first[object]};
}

static void visit(struct walk *walk, uint32_t object)
{
	size_t depth = 0;

	if (walk->visited[object])
		return;
	push(walk, &depth, object);
	while (depth) {
		struct frame *top = &walk->stack[depth - 1];

		if (top->next == walk->graph.first[top->object + 1]) {
			if (walk->left)
				walk->sorted[--walk->left] = top->object;
			depth--;
			continue;
		}
		object = walk->graph.needs[top->next++];
		if (!walk->visited[object])
			push(walk, &depth, object);
	}
}

/* The program is initialised last, unless it is libc itself (elf/dl-deps.c). */
static void force_first(const struct load_set *load, uint32_t *sorted)
{
	const char *soname = load->objects[0].soname;
	size_t at = 0;

	if (soname && strcmp(soname, "libc.so.6") == 0)
		return;
	while (at + 1 < load->scope_count && sorted[at] != 0)
		at++;
	memmove(&sorted[1], sorted, at * sizeof(*sorted));
	sorted[0] = 0;
}

uint32_t *bind_order(const struct load_set *load)
{
	struct walk walk = {
	    .graph = make_graph(load),
	    .visited = memory_calloc(load->object_count + 1, sizeof(bool)),
	    .stack = memory_calloc(load->object_count + 1, sizeof(struct frame)),
	    .sorted = memory_calloc(load->scope_count + 1, sizeof(uint32_t)),
	    .left = load->scope_count,
	};

	/* ld.so puts the program before its filters here, then goes from the last to the first. */
	for (size_t i = load->scope_count; i-- > 0;)
		if (load->scope[i] != 0)
			visit(&walk, load->scope[i]);
	visit(&walk, 0);
	force_first(load, walk.sorted);
	for (size_t i = 0; i < load->scope_count / 2; i++) {
		uint32_t object = walk.sorted[i];

		walk.sorted[i] = walk.sorted[load->scope_count - 1 - i];
		walk.sorted[load->scope_count - 1 - i] = object;
	}
	free(walk.graph.first);
	free(walk.graph.needs);
	free(walk.visited);
	free(walk.stack);
	return walk.sorted;
}
