/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_libraries.h"

#include <stdlib.h>
#include <string.h>

#include "util/budget.h"

void python_libraries_init(struct python_libraries *libraries, struct finder *finder)
{
	*libraries = (struct python_libraries){.finder = finder};
	arena_init(&libraries->arena);
}

void python_libraries_release(struct python_libraries *libraries)
{
	vec_release(&libraries->sonames);
	arena_release(&libraries->arena);
}

void python_loads_begin(struct python_loads *loads, struct python_libraries *libraries,
			const char *path)
{
	*loads = (struct python_loads){.libraries = libraries, .path = path};
}

static bool is_module(const char *module, const char *name)
{
	size_t length = strlen(name);

	return strncmp(module, name, length) == 0 &&
	       (module[length] == '\0' || module[length] == '.');
}

void python_loads_import(struct python_loads *loads, const char *module)
{
	loads->ctypes |= is_module(module, "ctypes");
	loads->cffi |= is_module(module, "cffi") || is_module(module, "_cffi_backend");
}

void python_loads_call(struct python_loads *loads, const struct python_call *call)
{
	if (loads->calls.len == BUDGET_PYTHON_LOADS)
		diag_add(loads->libraries->finder->diags, DIAG_LIMIT_REACHED, loads->path,
			 DIAG_NO_OFFSET, "more than %u loads of libraries", BUDGET_PYTHON_LOADS);
	else
		vec_push(&loads->calls, *call);
}

static int compare_texts(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static void list_sonames(struct python_libraries *libraries)
{
	struct finder *finder = libraries->finder;
	struct binary *binary;
	size_t kept = 0;

	libraries->listed = true;
	vec_each (file, &finder->inventory->files) {
		const struct facts *facts = NULL;

		if (binaries_find(finder->binaries, file->canonical, &binary) == STATUS_OK &&
		    binary->ident.complete)
			facts = binaries_facts(finder->binaries, binary);
		if (facts && facts->identity->soname.length)
			vec_push(&libraries->sonames, facts_text(facts, facts->identity->soname));
	}
	if (!libraries->sonames.len)
		return;
	qsort(libraries->sonames.ptr, libraries->sonames.len, sizeof(*libraries->sonames.ptr),
	      compare_texts);
	for (size_t i = 1; i < libraries->sonames.len; i++)
		if (strcmp(libraries->sonames.ptr[i], libraries->sonames.ptr[kept]) != 0)
			libraries->sonames.ptr[++kept] = libraries->sonames.ptr[i];
	libraries->sonames.len = kept + 1;
}

static const char *resolve(const struct python_loads *loads, const char *name)
{
	const struct finder *finder = loads->libraries->finder;

	return finder->resolve ? finder->resolve(finder->resolve_context, loads->path, name) : NULL;
}

/*
 * find_library("z") asks ldconfig for a library of any version, and takes the soname of the first.
 * Here: the one soname libz.so.* of the inventory that leads to a file, else libz.so itself.
 */
static const char *find_versioned(const struct python_loads *loads, const char *stem,
				  const char **ret_name)
{
	struct python_libraries *libraries = loads->libraries;
	const char *prefix = arena_printf(&libraries->arena, "lib%s.so", stem), *found = NULL;
	size_t length = strlen(prefix);

	if (!libraries->listed)
		list_sonames(libraries);
	*ret_name = prefix;
	vec_each (soname, &libraries->sonames) {
		const char *path;

		if (strncmp(*soname, prefix, length) != 0 ||
		    ((*soname)[length] != '.' && (*soname)[length] != '\0'))
			continue;
		path = resolve(loads, *soname);
		if (path && found && strcmp(path, found) != 0) {
			*ret_name = prefix;
			return NULL; /* which one ldconfig puts first is not known here */
		}
		if (path) {
			found = path;
			*ret_name = *soname;
		}
	}
	return found ? found : resolve(loads, prefix);
}

/* Names that only other systems' loaders take, and "python dll": they stand under a condition. */
static bool is_foreign(const char *name)
{
	size_t length = strlen(name);

	return (length > 4 && strcasecmp(name + length - 4, ".dll") == 0) ||
	       (length > 6 && strcmp(name + length - 6, ".dylib") == 0) || strchr(name, ' ') ||
	       strstr(name, ".framework/") || strstr(name, ".a(");
}

/* Whether the call is what its name suggests, given what the file imports. */
static bool is_load(const struct python_loads *loads, const struct python_call *call)
{
	if (call->conditions & PYTHON_ELSEWHERE)
		return false;
	if (call->printed && strcmp(call->function, "find_library") == 0)
		return false; /* it loads nothing by itself */
	if (strcmp(call->function, "dlopen") == 0)
		return loads->cffi || strcmp(call->object, "ffi") == 0 ||
		       strcmp(call->object, "FFI") == 0;
	return loads->ctypes;
}

static void add_load(struct python_loads *loads, const struct python_call *call, bool inner)
{
	struct python_libraries *libraries = loads->libraries;
	bool search = strcmp(call->function, "find_library") == 0;
	struct found_edge edge = {
	    .from = loads->path,
	    .name = call->argument,
	    .kind = EDGE_KIND_LINK_PLUGIN,
	    .grade = EDGE_GRADE_DECLARED,
	    /* A search alone loads nothing; its result is mostly given to CDLL later. */
	    .possible = search && !inner,
	    .evidence = strcmp(call->function, "dlopen") == 0 ? "cffi" : "ctypes",
	    .place = call->line,
	};

	edge.to = search ? find_versioned(loads, call->argument, &edge.name)
			 : resolve(loads, call->argument);
	edge.detail = arena_printf(&libraries->arena, "%s%s%s(\"%s\")%s", call->object,
				   call->object[0] ? "." : "", call->function, call->argument,
				   call->conditions & PYTHON_IN_FUNCTION ? ", inside a function"
				   : call->conditions			 ? ", under a condition"
									 : "");
	found_edges_add(libraries->finder->edges, &edge);
}

void python_loads_end(struct python_loads *loads)
{
	struct found_counts *counts = &loads->libraries->finder->counts;
	bool inner = false; /* the call before has this one as its argument */

	vec_each (call, &loads->calls) {
		if (!is_load(loads, call) || call->nothing) {
			inner = false;
			continue;
		}
		if (!call->nested && !(call->argument && is_foreign(call->argument))) {
			counts->sites++;
			counts->recovered += call->argument != NULL;
			if (call->argument)
				add_load(loads, call, inner);
		}
		inner = call->nested;
	}
	vec_release(&loads->calls);
}
