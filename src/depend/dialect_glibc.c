/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process as glibc's ld.so makes it: what is loaded, in which order. After _dl_map_object_deps()
 * of glibc 2.36's elf/dl-deps.c and the start-up of elf/rtld.c.
 */
#include <stdlib.h>
#include <string.h>

#include "depend/process.h"
#include "util/budget.h"
#include "util/path.h"

#define PRELOAD_FILE "/etc/ld.so.preload"
#define PRELOAD_FILE_SIZE (UINT64_C(1) << 20)

/* The list that becomes the search scope; AUXILIARY and FILTER objects go in before their owner. */
struct scope_item {
	uint32_t object, next;
	bool done;
};

struct scope {
	VEC(struct scope_item) items;
	uint32_t first, tail;
};

static bool fits_glibc(const char *interpreter, const struct binary *root)
{
	const char *name;

	if (root->ident.osabi != ELFOSABI_SYSV && root->ident.osabi != ELFOSABI_GNU)
		return false;
	if (!interpreter) /* a library, or a program that runs as "ld.so FILE" does */
		return true;
	name = path_name(interpreter);
	return strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld64.so", 7) == 0 ||
	       strcmp(name, "ld.so.1") == 0;
}

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

static uint32_t add_object(struct process *process, struct name_space *space, uint32_t requester,
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

static uint32_t add_interpreter(struct process *process, struct name_space *space)
{
	struct search_result found = {LOADER_RULE_INTERPRETER, process->platform->binary,
				      process->platform->interpreter, NULL};

	if (process->interpreter == LOADER_NONE || space->apart) {
		uint32_t index = add_object(process, space, LOADER_NONE,
					    process->platform->interpreter,
					    LOADER_REQUEST_INTERPRETER, &found);
		if (space->apart)
			return index;
		process->interpreter = index;
	}
	return process->interpreter;
}

/* What makes ld.so refuse a file it has already opened as a library; NULL when nothing does. */
static const char *mapping_failure(const struct facts *facts)
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
		return add_interpreter(process, space);
	}
	if (by_soname < by_name)
		map_lowest(&space->names, name, by_soname);
	return by_name <= by_soname ? by_name : by_soname;
}

/* What _dl_map_object() does: the object for a name, loaded now if need be. */
static uint32_t map_object(struct process *process, struct name_space *space, uint32_t requester,
			   const char *name, enum loader_request request,
			   struct search_result *ret_found)
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
		return request == LOADER_REQUEST_AUXILIARY || request == LOADER_REQUEST_PRELOAD
			   ? LOADER_NONE
			   : add_object(process, space, requester, name, request, ret_found);
	key = arena_printf(process->arena, "%u", ret_found->binary->id);
	same = map_get(&space->files, slice_text(key));
	if (same) {
		map_lowest(&space->names, name, same->value);
		ret_found->rule = LOADER_RULE_LOADED_FILE;
		return same->value;
	}
	failure = mapping_failure(binaries_facts(process->loader->binaries, ret_found->binary));
	if (failure) {
		ret_found->rule = LOADER_RULE_FATAL;
		ret_found->message = arena_printf(process->arena, "%s: %s", ret_found->path, failure);
		return LOADER_NONE;
	}
	object = add_object(process, space, requester, name, request, ret_found);
	map_put(&space->files, slice_text(key), object, NULL);
	return object;
}

static void add_edge(struct process *process, uint32_t from, uint32_t to, const char *name,
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

static void scope_append(struct scope *scope, struct process *process, uint32_t object)
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
	struct scope_item *items;

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
	vec_push(&scope->items, scope->items.ptr[*at]);
	items = scope->items.ptr;
	items[*at] = (struct scope_item){object, moved, false};
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

	if (!facts || process->loader->options.trail)
		return;
	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at))) {
		const char *name = facts_text(facts, entry->text);
		const struct ldcache_entry *cached;
		struct binary *binary;

		if (map_index(&space->names, name) != LOADER_NONE || strchr(name, '/'))
			continue;
		if (!process->cache)
			process->cache = loader_cache(process->loader, process->platform);
		cached = ldcache_find(process->cache, name, process->platform);
		if (cached && binaries_find(process->loader->binaries, cached->path, &binary) ==
				  STATUS_OK)
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
		object = map_object(process, space, owner, name, request, &found);
		if (found.rule == LOADER_RULE_FATAL && request != LOADER_REQUEST_AUXILIARY)
			process->fatal = found.message;
	}
	add_edge(process, owner, object, text, request, &found);
	if (object != LOADER_NONE) {
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
		    !handle_entry(process, space, scope, &at, owner,
				  facts_text(facts, entry->text), request))
			return false;
	}
	return true;
}

static void walk(struct process *process, struct name_space *space, struct scope *scope)
{
	uint32_t item = scope->first;

	while (item != LOADER_NONE) {
		if (scope->items.ptr[item].done) {
			item = scope->items.ptr[item].next;
			continue;
		}
		for (uint32_t i = item; i != LOADER_NONE; i = scope->items.ptr[i].next)
			if (!scope->items.ptr[i].done)
				prefetch_needs(process, space, scope->items.ptr[i].object);
		/* An auxiliary object that came in before stands at this very item now. */
		if (!handle_object(process, space, scope, item))
			return;
	}
}
