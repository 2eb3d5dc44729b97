/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of the loader models, and what they share per root. */
#include "depend/loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "depend/dialect.h"
#include "util/budget.h"
#include "util/memory.h"

#define CACHE_PATH "/etc/ld.so.cache"

#define DIALECT(name) extern const struct dialect dialect_##name;
#include "depend/dialects.def"
#undef DIALECT

static const struct dialect *const dialects[] = {
#define DIALECT(name) &dialect_##name,
#include "depend/dialects.def"
#undef DIALECT
};

struct loader *loader_new(struct binaries *binaries, const struct loader_options *options,
			  struct diags *diags)
{
	struct loader *loader = memory_calloc(1, sizeof(*loader));

	loader->binaries = binaries;
	loader->options = *options;
	loader->diags = diags;
	arena_init(&loader->arena);
	return loader;
}

void loader_free(struct loader *loader)
{
	if (!loader)
		return;
	vec_each (cache, &loader->caches) {
		if (!*cache)
			continue;
		ldcache_release(*cache);
		free(*cache);
	}
	vec_release(&loader->caches);
	vec_release(&loader->platforms);
	map_release(&loader->directories);
	arena_release(&loader->arena);
	free(loader);
}

const struct platform *loader_platform(struct loader *loader, const struct binary *like,
				       const char *interpreter)
{
	const struct platform *made;

	/* Another interpreter of the machine that was met before says nothing of this file. */
	if (!interpreter)
		interpreter = platform_default_interpreter(like);
	vec_each (platform, &loader->platforms) {
		if ((*platform)->machine == like->ident.machine &&
		    (*platform)->elf_class == like->ident.elf_class &&
		    (*platform)->encoding == like->ident.encoding &&
		    strcmp((*platform)->interpreter, interpreter) == 0)
			return *platform;
	}
	made =
	    platform_make(loader->binaries, like, interpreter, loader->options.cpu, &loader->arena);
	vec_push(&loader->platforms, made);
	vec_push(&loader->caches, NULL);
	return made;
}

static void read_cache_file(struct loader *loader)
{
	enum status status;

	loader->cache_looked_for = true;
	status = root_read(binaries_root(loader->binaries), CACHE_PATH, BUDGET_TEXT_FILE,
			   &loader->arena, &loader->cache_file);
	loader->cache_usable = status == STATUS_OK;
	if (status == STATUS_NOT_FOUND)
		diag_add(loader->diags, DIAG_LOADER_CACHE_MISSING, CACHE_PATH, DIAG_NO_OFFSET, "%s",
			 "");
	else if (status != STATUS_OK)
		diag_add(loader->diags, DIAG_LOADER_CACHE_BAD, CACHE_PATH, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(errno) : status_text(status));
}

const struct ldcache *loader_cache(struct loader *loader, const struct platform *platform)
{
	struct ldcache *cache;
	size_t index = 0;

	while (loader->platforms.ptr[index] != platform)
		index++;
	if (loader->caches.ptr[index])
		return loader->caches.ptr[index];
	if (!loader->cache_looked_for)
		read_cache_file(loader);
	cache = memory_calloc(1, sizeof(*cache));
	ldcache_init(cache);
	loader->caches.ptr[index] = cache;
	if (loader->cache_usable && ldcache_parse(cache, loader->cache_file) != STATUS_OK) {
		loader->cache_usable = false;
		diag_add(loader->diags, DIAG_LOADER_CACHE_BAD, CACHE_PATH, 0,
			 "%zu bytes that are no ld.so.cache", loader->cache_file.len);
		ldcache_release(cache);
		ldcache_init(cache);
	}
	if (!loader->cache_usable)
		ldcache_simulate(cache, loader->binaries, platform, loader->diags);
	return cache;
}

bool loader_directory_exists(struct loader *loader, const char *path)
{
	const struct map_entry *known = map_get(&loader->directories, slice_text(path));
	bool exists;

	if (known)
		return known->value;
	exists = root_is_directory(binaries_root(loader->binaries), path);
	map_put(&loader->directories, slice_text(arena_strdup(&loader->arena, path)), exists, NULL);
	return exists;
}

static void set_single_object(const struct facts *facts, struct binary *binary, const char *path,
			      struct arena *arena, struct load_set *set)
{
	struct loader_object *object = arena_alloc(arena, sizeof(*object));

	*object = (struct loader_object){
	    .binary = binary,
	    .name = arena_strdup(arena, path),
	    .path = arena_strdup(arena, path),
	    .soname = facts->identity->soname.length
			  ? arena_strdup(arena, facts_text(facts, facts->identity->soname))
			  : NULL,
	    .loader = LOADER_NONE,
	    .rule = LOADER_RULE_ROOT,
	};
	set->objects = object;
	set->object_count = 1;
}

enum status loader_load(struct loader *loader, struct binary *binary, const char *path,
			struct arena *arena, const struct load_set **ret)
{
	const struct facts *facts = binaries_facts(loader->binaries, binary);
	struct load_set *set;
	const char *interpreter = NULL;

	if (!facts)
		return STATUS_FORMAT;
	set = arena_alloc(arena, sizeof(*set));
	*ret = set;
	if (facts->identity->interpreter.length)
		interpreter = facts_text(facts, facts->identity->interpreter);
	set_single_object(facts, binary, path, arena, set);
	if (facts->identity->type != FACTS_TYPE_EXECUTABLE &&
	    facts->identity->type != FACTS_TYPE_SHARED) {
		set->is_static = facts->identity->type == FACTS_TYPE_STATIC;
		return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
		if (!dialects[i]->fits(loader, interpreter, binary))
			continue;
		set->dialect = dialects[i]->name;
		return dialects[i]->load(loader, binary, path, arena, set);
	}
	diag_add(loader->diags, DIAG_LOADER_UNKNOWN, binaries_path(loader->binaries, binary),
		 DIAG_NO_OFFSET, "%s", interpreter ? interpreter : "no model for this machine");
	return STATUS_OK;
}

void loader_tell(const struct loader *loader, const struct load_set *load)
{
	for (size_t i = 0; i < load->edge_count; i++) {
		const struct loader_edge *edge = &load->edges[i];
		const struct loader_object *from = &load->objects[edge->from];

		if (edge->rule == LOADER_RULE_NOT_FOUND &&
		    edge->request != LOADER_REQUEST_AUXILIARY)
			diag_add(loader->diags, DIAG_LOADER_NOT_FOUND,
				 from->binary ? binaries_path(loader->binaries, from->binary)
					      : from->path,
				 DIAG_NO_OFFSET, "%s %s", loader_request_text(edge->request),
				 edge->name);
	}
	if (load->fatal)
		diag_add(loader->diags, DIAG_LOADER_FATAL,
			 binaries_path(loader->binaries, load->objects[0].binary), DIAG_NO_OFFSET,
			 "%s", load->fatal);
}

struct binary *loader_find(struct loader *loader, struct binary *caller, const char *path,
			   const char *name, struct arena *arena, enum loader_rule *ret_rule)
{
	const struct facts *facts = binaries_facts(loader->binaries, caller);
	const char *interpreter = NULL;

	*ret_rule = LOADER_RULE_NOT_FOUND;
	if (!facts || !name[0])
		return NULL;
	if (facts->identity->interpreter.length)
		interpreter = facts_text(facts, facts->identity->interpreter);
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (dialects[i]->fits(loader, interpreter, caller))
			return dialects[i]->find
				   ? dialects[i]->find(loader, caller, path, name, arena, ret_rule)
				   : NULL;
	return NULL;
}

/* Something that any system with programs has, to stand for a script's interpreter. */
static struct binary *any_program(struct loader *loader)
{
	static const char *const paths[] = {"/bin/sh", "/usr/bin/env", "/bin/true"};
	struct binary *binary;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (binaries_find(loader->binaries, paths[i], &binary) == STATUS_OK &&
		    binary->ident.is_elf && binary->ident.complete)
			return binary;
	return NULL;
}

const char *loader_resolve(void *context, const char *consumer_path, const char *name)
{
	struct loader *loader = context;
	struct binary *caller, *found;
	enum loader_rule rule;
	struct arena arena;

	if (binaries_find(loader->binaries, consumer_path, &caller) != STATUS_OK ||
	    !caller->ident.is_elf || !caller->ident.complete) {
		caller = any_program(loader);
		consumer_path = caller ? binaries_path(loader->binaries, caller) : NULL;
	}
	if (!caller)
		return NULL;
	arena_init(&arena);
	found = loader_find(loader, caller, consumer_path, name, &arena, &rule);
	arena_release(&arena);
	return found ? binaries_path(loader->binaries, found) : NULL;
}

const char *loader_rule_text(enum loader_rule rule)
{
	static const char *const texts[] = {
	    [LOADER_RULE_ROOT] = "root",
	    [LOADER_RULE_INTERPRETER] = "program interpreter",
	    [LOADER_RULE_LOADED_NAME] = "already loaded (name)",
	    [LOADER_RULE_LOADED_SONAME] = "already loaded (SONAME)",
	    [LOADER_RULE_LOADED_FILE] = "already loaded (same file)",
	    [LOADER_RULE_PATH] = "path",
	    [LOADER_RULE_RPATH] = "RPATH",
	    [LOADER_RULE_LIBRARY_PATH] = "library path",
	    [LOADER_RULE_RUNPATH] = "RUNPATH",
	    [LOADER_RULE_CACHE] = "ld.so.cache",
	    [LOADER_RULE_SYSTEM_DIRECTORY] = "system directory",
	    [LOADER_RULE_NOT_FOUND] = "not found",
	    [LOADER_RULE_FATAL] = "fatal",
	};

	return (unsigned)rule < sizeof(texts) / sizeof(texts[0]) ? texts[rule] : "unknown";
}

const char *loader_request_text(enum loader_request request)
{
	static const char *const texts[] = {
	    [LOADER_REQUEST_ROOT] = "root",
	    [LOADER_REQUEST_NEEDED] = "DT_NEEDED",
	    [LOADER_REQUEST_AUXILIARY] = "DT_AUXILIARY",
	    [LOADER_REQUEST_FILTER] = "DT_FILTER",
	    [LOADER_REQUEST_PRELOAD] = "preload",
	    [LOADER_REQUEST_AUDIT] = "DT_AUDIT",
	    [LOADER_REQUEST_DEPAUDIT] = "DT_DEPAUDIT",
	    [LOADER_REQUEST_INTERPRETER] = "PT_INTERP",
	};

	return (unsigned)request < sizeof(texts) / sizeof(texts[0]) ? texts[request] : "unknown";
}

const char *loader_candidate_text(enum loader_candidate_result result)
{
	static const char *const texts[] = {
	    [LOADER_CANDIDATE_TAKEN] = "taken",
	    [LOADER_CANDIDATE_MISSING] = "missing",
	    [LOADER_CANDIDATE_WRONG_CLASS] = "wrong ELF class",
	    [LOADER_CANDIDATE_WRONG_MACHINE] = "wrong machine",
	    [LOADER_CANDIDATE_WRONG_ABI_NOTE] = "for another operating system",
	    [LOADER_CANDIDATE_FATAL] = "fatal",
	    [LOADER_CANDIDATE_DISABLED] = "not used",
	};

	return (unsigned)result < sizeof(texts) / sizeof(texts[0]) ? texts[result] : "unknown";
}

bool loader_cpu_parse(const char *name, enum loader_cpu *ret)
{
	static const char *const names[] = {
	    [LOADER_CPU_BASELINE] = "baseline",	  [LOADER_CPU_X86_64_V2] = "x86-64-v2",
	    [LOADER_CPU_X86_64_V3] = "x86-64-v3", [LOADER_CPU_X86_64_V4] = "x86-64-v4",
	    [LOADER_CPU_NATIVE] = "native",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum loader_cpu)i;
			return true;
		}
	}
	return false;
}
