/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process while it is made: objects, names they answer to, and the breadth-first walk. After
 * _dl_map_object() and _dl_map_object_deps() of glibc 2.36's elf/dl-load.c and elf/dl-deps.c.
 */
#include <stdlib.h>
#include <string.h>

#include "depend/process.h"
#include "util/budget.h"
#include "util/path.h"

/* ---- objects ---- */

static void map_lowest(struct map *map, const char *key, uint32_t object)
{
	map_put(map, slice_text(key), object, NULL);
}

static uint32_t map_index(const struct map *map, const char *key)
{
	const struct map_entry *entry = map_get(map, slice_text(key));

	return entry ? entry->value : LOADER_NONE;
}

/* The directory of a path as found; links are not resolved. */
static const char *origin_of(const struct process *process, const char *path)
{
	return path_directory(process->arena, process_absolute(process, path));
}

uint32_t process_add_object(struct process *process, struct name_space *space, uint32_t requester,
			    const char *name, enum loader_request request,
			    const struct search_result *found)
{
	uint32_t index = (uint32_t)process->objects.len;
	struct process_object *object = vec_add(&process->objects);

	*object = (struct process_object){
	    .shown = {.binary = found->binary,
		      .name = name,
		      .path = found->path,
		      .loader = requester,
		      .rule = found->rule,
		      .request = request,
		      .auxiliary_namespace = space->apart},
	};
	if (!found->binary)
		return index;
	object->facts = binaries_facts(process->loader->binaries, found->binary);
	object->origin = origin_of(process, found->path);
	map_lowest(&space->names, name, index);
	map_lowest(&space->names, found->path, index);
	if (object->facts && object->facts->identity->soname.length) {
		object->shown.soname = arena_strdup(
		    process->arena, facts_text(object->facts, object->facts->identity->soname));
		map_lowest(&space->sonames, object->shown.soname, index);
	}
	return index;
}

uint32_t process_interpreter(struct process *process, struct name_space *space)
{
	struct search_result found = {LOADER_RULE_INTERPRETER, process->platform->binary,
				      process->platform->interpreter, NULL};

	if (space->interpreter == LOADER_NONE)
		space->interpreter =
		    process_add_object(process, space, LOADER_NONE, process->platform->interpreter,
				       LOADER_REQUEST_INTERPRETER, &found);
	return space->interpreter;
}

/* What makes ld.so refuse a file it has already opened as a library; NULL when nothing does. */
const char *process_mapping_failure(const struct facts *facts)
{
	bool loadable = false;

	if (!facts)
		return NULL;
	for (size_t i = 0; i < facts->segments_count; i++)
		loadable |= facts->segments[i].type == PT_LOAD;
	for (size_t i = 0; i < facts->diagnostics_count; i++)
		if (facts->diagnostics[i].id == DIAG_ELF_TRUNCATED)
			return "the file ends before its segments do";
	if (!loadable)
		return "object file has no loadable segments";
	if (facts->identity->elf_type == ET_EXEC)
		return "cannot dynamically load executable";
	if (!(facts->identity->flags & FACTS_HAS_DYNAMIC))
		return "object file has no dynamic section";
	if (facts->identity->dynamic_flags_1 & DF_1_PIE)
		return "cannot dynamically load position-independent executable";
	return NULL;
}

/* An object that is loaded already and answers to this name; LOADER_NONE when there is none. */
static uint32_t find_loaded(struct process *process, struct name_space *space, const char *name,
			    enum loader_rule *ret_rule)
{
	uint32_t by_name = map_index(&space->names, name);
	uint32_t by_soname = map_index(&space->sonames, name);

	*ret_rule = by_name <= by_soname ? LOADER_RULE_LOADED_NAME : LOADER_RULE_LOADED_SONAME;
	/* The interpreter stands right behind the program in ld.so's list of objects. */
	if (by_name != 0 && by_soname != 0 &&
	    (strcmp(name, process->platform->interpreter) == 0 ||
	     (process->interpreter_soname && strcmp(name, process->interpreter_soname) == 0))) {
		*ret_rule = LOADER_RULE_INTERPRETER;
		return process_interpreter(process, space);
	}
	if (by_soname < by_name)
		map_lowest(&space->names, name, by_soname);
	return by_name <= by_soname ? by_name : by_soname;
}

/* What _dl_map_object() does: the object for a name, loaded now if need be. */
uint32_t process_map(struct process *process, struct name_space *space, uint32_t requester,
		     const char *name, enum loader_request request, struct search_result *ret_found)
{
	uint32_t object = find_loaded(process, space, name, &ret_found->rule);
	const struct map_entry *same;
	const char *failure, *key;

	process->trail.len = 0;
	if (object != LOADER_NONE)
		return object;
	*ret_found = search(process, requester, name);
	if (ret_found->rule == LOADER_RULE_FATAL)
		return LOADER_NONE;
	if (ret_found->rule == LOADER_RULE_NOT_FOUND)
		return request == LOADER_REQUEST_NEEDED || request == LOADER_REQUEST_FILTER
			   ? process_add_object(process, space, requester, name, request, ret_found)
			   : LOADER_NONE;
	key = arena_printf(process->arena, "%u", ret_found->binary->id);
	same = map_get(&space->files, slice_text(key));
	if (same) {
		map_lowest(&space->names, name, same->value);
		ret_found->rule = LOADER_RULE_LOADED_FILE;
		return same->value;
	}
	failure =
	    process_mapping_failure(binaries_facts(process->loader->binaries, ret_found->binary));
	if (failure) {
		ret_found->rule = LOADER_RULE_FATAL;
		ret_found->message =
		    arena_printf(process->arena, "%s: %s", ret_found->path, failure);
		return LOADER_NONE;
	}
	object = process_add_object(process, space, requester, name, request, ret_found);
	map_put(&space->files, slice_text(key), object, NULL);
	return object;
}

void process_add_edge(struct process *process, uint32_t from, uint32_t to, const char *name,
		      enum loader_request request, const struct search_result *found)
{
	struct loader_edge edge = {.from = from,
				   .to = to,
				   .name = arena_strdup(process->arena, name),
				   .request = request,
				   .rule = found->rule};

	if (process->loader->options.trail) {
		edge.trail = arena_copy(process->arena, process->trail.ptr,
					process->trail.len * sizeof(*process->trail.ptr));
		edge.trail_count = process->trail.len;
	}
	if (to != LOADER_NONE && !process->objects.ptr[to].shown.binary) {
		edge.to = LOADER_NONE;
		process->missing++;
	}
	vec_push(&process->edges, edge);
}

/* ---- the breadth-first walk ---- */

void scope_append(struct scope *scope, struct process *process, uint32_t object)
{
	uint32_t index = (uint32_t)scope->items.len;

	if (process->objects.ptr[object].in_scope)
		return;
	process->objects.ptr[object].in_scope = true;
	vec_push(&scope->items, ((struct scope_item){object, LOADER_NONE, false}));
	if (index == 0)
		scope->first = 0;
	else
		scope->items.ptr[scope->tail].next = index;
	scope->tail = index;
}

/*
 * Puts object before the item at *at, which keeps its place in the array: the owner moves to a new
 * item behind, and *at follows it. An object that stands behind is moved here.
 */
static void scope_insert_before(struct scope *scope, struct process *process, uint32_t *at,
				uint32_t object)
{
	uint32_t moved = (uint32_t)scope->items.len, late;
	struct scope_item owner;

	if (process->objects.ptr[object].in_scope) {
		for (late = *at; scope->items.ptr[late].next != LOADER_NONE;
		     late = scope->items.ptr[late].next)
			if (scope->items.ptr[scope->items.ptr[late].next].object == object)
				break;
		if (scope->items.ptr[late].next == LOADER_NONE)
			return; /* it is found early enough already */
		if (scope->tail == scope->items.ptr[late].next)
			scope->tail = late;
		scope->items.ptr[late].next = scope->items.ptr[scope->items.ptr[late].next].next;
	}
	process->objects.ptr[object].in_scope = true;
	owner = scope->items.ptr[*at];
	vec_push(&scope->items, owner);
	scope->items.ptr[*at] = (struct scope_item){object, moved, false};
	if (scope->tail == *at)
		scope->tail = moved;
	*at = moved;
}

static bool is_request(int64_t tag, enum loader_request *ret)
{
	switch (tag) {
	case DT_NEEDED:
		*ret = LOADER_REQUEST_NEEDED;
		return true;
	case DT_AUXILIARY:
		*ret = LOADER_REQUEST_AUXILIARY;
		return true;
	case DT_FILTER:
		*ret = LOADER_REQUEST_FILTER;
		return true;
	default:
		return false;
	}
}

/* Opens what this object will need, so that workers read it while other names are searched. */
static void prefetch_needs(struct process *process, struct name_space *space, uint32_t index)
{
	const struct facts *facts = process->objects.ptr[index].facts;
	const struct facts_dynamic *entry;
	size_t at = 0;

	if (!facts || process->objects.ptr[index].prefetched || process->loader->options.trail)
		return;
	process->objects.ptr[index].prefetched = true;
	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at))) {
		const char *name = facts_text(facts, entry->text);
		const struct ldcache_entry *cached;
		struct binary *binary;

		if (map_index(&space->names, name) != LOADER_NONE || strchr(name, '/'))
			continue;
		if (!process->cache)
			process->cache = loader_cache(process->loader, process->platform);
		cached = ldcache_find(process->cache, name, process->platform);
		if (cached &&
		    binaries_find(process->loader->binaries, cached->path, &binary) == STATUS_OK)
			binaries_prefetch(process->loader->binaries, binary);
	}
}

/* One DT_NEEDED, DT_AUXILIARY or DT_FILTER. False when ld.so would stop here. */
static bool handle_entry(struct process *process, struct name_space *space, struct scope *scope,
			 uint32_t *at, uint32_t owner, const char *text,
			 enum loader_request request)
{
	struct token_values values = process_tokens(process, owner);
	struct search_result found = {.rule = LOADER_RULE_NOT_FOUND};
	const char *name = tokens_expand(process->arena, text, &values);
	uint32_t object = LOADER_NONE;

	if (!name || !*name) {
		if (request == LOADER_REQUEST_AUXILIARY)
			return true;
		process->fatal = arena_printf(process->arena,
					      "%s: empty dynamic string token substitution", text);
		found.rule = LOADER_RULE_FATAL;
	} else {
		object = process_map(process, space, owner, name, request, &found);
		if (found.rule == LOADER_RULE_FATAL && request != LOADER_REQUEST_AUXILIARY)
			process->fatal = found.message;
	}
	process_add_edge(process, owner, object, text, request, &found);
	if (object != LOADER_NONE) {
		prefetch_needs(process, space, object);
		if (request == LOADER_REQUEST_NEEDED)
			scope_append(scope, process, object);
		else
			scope_insert_before(scope, process, at, object);
	}
	if (process->objects.len >= BUDGET_LOAD_SET) {
		diag_add(process->loader->diags, DIAG_LIMIT_REACHED,
			 process->objects.ptr[0].shown.path, DIAG_NO_OFFSET,
			 "more than %u objects in one process", BUDGET_LOAD_SET);
		return false;
	}
	return process->fatal == NULL;
}

static bool handle_object(struct process *process, struct name_space *space, struct scope *scope,
			  uint32_t item)
{
	uint32_t owner = scope->items.ptr[item].object, at = item;
	const struct facts *facts = process->objects.ptr[owner].facts;

	scope->items.ptr[item].done = true;
	for (size_t i = 0; facts && i < facts->dynamic_count; i++) {
		const struct facts_dynamic *entry = &facts->dynamic[i];
		enum loader_request request;

		if (is_request(entry->tag, &request) && entry->has_text &&
		    !handle_entry(process, space, scope, &at, owner, facts_text(facts, entry->text),
				  request))
			return false;
	}
	return true;
}

void process_walk(struct process *process, struct name_space *space, struct scope *scope)
{
	uint32_t item = scope->first;

	for (uint32_t i = item; i != LOADER_NONE; i = scope->items.ptr[i].next)
		prefetch_needs(process, space, scope->items.ptr[i].object);
	while (item != LOADER_NONE) {
		if (scope->items.ptr[item].done) {
			item = scope->items.ptr[item].next;
			continue;
		}
		/* An auxiliary object that came in before stands at this very item now. */
		if (!handle_object(process, space, scope, item))
			return;
	}
}
