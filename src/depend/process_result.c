/* SPDX-License-Identifier: BSD-2-Clause */
/* From a simulated process to its load set, in the order in which the loader would list it. */
#include <string.h>

#include "depend/process.h"

const char *process_root_path(const struct process *process)
{
	return binaries_path(process->loader->binaries, process->objects.ptr[0].shown.binary);
}

void name_space_release(struct name_space *space)
{
	map_release(&space->names);
	map_release(&space->sonames);
	map_release(&space->files);
}

void process_release(struct process *process)
{
	vec_release(&process->objects);
	vec_release(&process->edges);
	vec_release(&process->trail);
}

/*
 * Objects in the order of the result: the root, the scope, then what stands outside of it. ld.so
 * puts itself right behind the object before it that was found (dl_main() in rtld.c).
 */
static uint32_t *order_objects(const struct process *process, const struct scope *scope,
			       uint32_t interpreter, struct arena *arena)
{
	size_t count = process->objects.len, used = 0, behind_found = 1;
	uint32_t *order = arena_alloc_array(arena, count + 1, sizeof(*order));
	bool *placed = arena_alloc_array(arena, count + 1, sizeof(*placed));

	order[used++] = 0;
	placed[0] = true;
	for (uint32_t i = scope->first; i != LOADER_NONE; i = scope->items.ptr[i].next) {
		uint32_t object = scope->items.ptr[i].object;
		size_t place = object == interpreter ? behind_found : used;

		if (placed[object])
			continue;
		placed[object] = true;
		memmove(&order[place + 1], &order[place], (used - place) * sizeof(*order));
		order[place] = object;
		used++;
		if (process->objects.ptr[object].shown.binary)
			behind_found = place + 1;
	}
	for (uint32_t i = 0; i < count; i++)
		if (!placed[i])
			order[used++] = i;
	return order;
}

static const struct loader_candidate *moved_trail(const struct loader_edge *edge,
						  const uint32_t *moved, struct arena *arena)
{
	struct loader_candidate *trail;

	if (!edge->trail)
		return NULL;
	trail = arena_copy(arena, edge->trail, edge->trail_count * sizeof(*trail));
	for (size_t i = 0; i < edge->trail_count; i++)
		if (trail[i].owner != LOADER_NONE)
			trail[i].owner = moved[trail[i].owner];
	return trail;
}

static void fill_result(const struct process *process, const struct scope *scope,
			uint32_t interpreter, struct arena *arena, struct load_set *ret)
{
	size_t count = process->objects.len;
	uint32_t *order = order_objects(process, scope, interpreter, arena);
	uint32_t *moved = arena_alloc_array(arena, count + 1, sizeof(*moved));
	struct loader_object *objects = arena_alloc_array(arena, count + 1, sizeof(*objects));
	uint32_t *in_scope = arena_alloc_array(arena, count + 1, sizeof(*in_scope));
	struct loader_edge *edges =
	    arena_copy(arena, process->edges.ptr, process->edges.len * sizeof(*edges));

	for (uint32_t i = 0; i < count; i++)
		moved[order[i]] = i;
	for (size_t i = 0; i < count; i++) {
		objects[i] = process->objects.ptr[order[i]].shown;
		if (objects[i].loader != LOADER_NONE)
			objects[i].loader = moved[objects[i].loader];
	}
	ret->scope_count = 0;
	for (uint32_t i = scope->first; i != LOADER_NONE; i = scope->items.ptr[i].next)
		in_scope[ret->scope_count++] = moved[scope->items.ptr[i].object];
	for (size_t i = 0; i < process->edges.len; i++) {
		edges[i].from = moved[edges[i].from];
		if (edges[i].to != LOADER_NONE)
			edges[i].to = moved[edges[i].to];
		edges[i].trail = moved_trail(&edges[i], moved, arena);
	}
	ret->objects = objects;
	ret->object_count = count;
	ret->scope = in_scope;
	ret->edges = edges;
	ret->edge_count = process->edges.len;
	ret->missing_count = process->missing;
	ret->fatal = process->fatal;
	ret->cache_simulated = process->cache && process->cache->simulated;
}

void process_finish(struct process *process, const struct scope *scope, uint32_t interpreter,
		    struct arena *arena, struct load_set *ret)
{
	fill_result(process, scope, interpreter, arena, ret);
	process_release(process);
}
