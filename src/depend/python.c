/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges that Python sources tell.
 *
 * A literal given to ctypes or cffi is loaded into the interpreter's process: link-plugin.
 *
 * Imports join distributions in one process too, with calls both ways and shared objects, which
 * the FSF FAQ compares with dynamic linking (#GPLPlugins; #IfInterpreterIsGPL speaks of libraries
 * that are interpreted themselves). So they are link-plugin as well, but always possible ones: a
 * statement may never be run, and what a reader makes of it is for review.
 */
#include <stdlib.h>
#include <string.h>

#include "depend/finder.h"
#include "depend/python_libraries.h"
#include "depend/python_sites.h"
#include "depend/python_source.h"
#include "util/budget.h"
#include "util/path.h"

/* How surely an import is run, the best first. */
enum rank { RANK_PLAIN, RANK_BRANCH, RANK_FUNCTION, RANK_TEST, RANK_TYPES };

static const char *const rank_texts[] = {
    "", ", under a condition", ", inside a function", ", in a test", ", for type checkers",
};

/* One distribution or script that imports from another distribution. */
struct pair {
	uint32_t importer; /* distribution; or a script: index of texts with SCRIPT set */
	uint32_t imported;
	enum rank rank;	  /* of the statement below, the best of all */
	const char *name; /* what is imported there */
	const char *path; /* file of it */
	uint32_t line, statements;
};

#define SCRIPT UINT32_C(0x80000000)

struct python {
	struct finder *finder;
	struct arena arena;
	struct python_sites sites;
	struct python_libraries libraries;
	struct map pair_keys; /* struct pair_key -> index of pairs */
	VEC(struct pair) pairs;
};

struct pair_key {
	uint32_t importer, imported;
};

/* The file that is being read. */
struct module {
	struct python *python;
	const char *path;
	uint32_t importer; /* PYTHON_NONE: its imports are nobody's */
	struct python_environment environment;
	bool is_test;
	struct python_loads loads;
};

static bool is_test(const char *path)
{
	const char *name = path_name(path);

	return strstr(path, "/tests/") || strstr(path, "/test/") ||
	       strncmp(name, "test_", 5) == 0 || strcmp(name, "conftest.py") == 0;
}

static enum rank rank_of(const struct module *module, unsigned conditions)
{
	if (conditions & PYTHON_TYPE_CHECKING)
		return RANK_TYPES;
	if (module->is_test)
		return RANK_TEST;
	if (conditions & PYTHON_IN_FUNCTION)
		return RANK_FUNCTION;
	return conditions ? RANK_BRANCH : RANK_PLAIN;
}

static void add_pair(struct module *module, uint32_t imported, const char *name, uint32_t line,
		     unsigned conditions)
{
	struct python *python = module->python;
	const struct pair_key probe = {module->importer, imported};
	struct slice key = slice_of(&probe, sizeof(probe));
	const struct map_entry *entry = map_get(&python->pair_keys, key);
	enum rank rank = rank_of(module, conditions);
	struct pair *pair;

	if (!entry) {
		key.ptr = arena_copy(&python->arena, &probe, sizeof(probe));
		map_put(&python->pair_keys, key, (uint32_t)python->pairs.len, &(bool){0});
		vec_push(&python->pairs, ((struct pair){module->importer, imported, RANK_TYPES + 1,
							NULL, NULL, 0, 0}));
		entry = map_get(&python->pair_keys, key);
	}
	pair = &python->pairs.ptr[entry->value];
	pair->statements++;
	if (rank >= pair->rank)
		return;
	pair->rank = rank;
	pair->name = arena_strdup(&python->arena, name);
	pair->path = module->path;
	pair->line = line;
}

static void take_name(struct module *module, const struct python_import *import, const char *name)
{
	struct python *python = module->python;
	uint32_t found =
	    python_sites_import(&python->sites, &module->environment, import->module, name);

	if (found == PYTHON_NONE || found == module->importer)
		return;
	python->finder->counts.sites++;
	if (found == PYTHON_AMBIGUOUS)
		return;
	python->finder->counts.recovered++;
	add_pair(module, found, import->module, import->line, import->conditions);
}

static void on_import(void *context, const struct python_import *import)
{
	struct module *module = context;

	if (import->level) /* of its own package */
		return;
	python_loads_import(&module->loads, import->module);
	if (module->importer == PYTHON_NONE)
		return;
	if (!import->name_count)
		take_name(module, import, NULL);
	for (size_t i = 0; i < import->name_count; i++)
		take_name(module, import, import->names[i]);
}

static void on_call(void *context, const struct python_call *call)
{
	struct module *module = context;

	python_loads_call(&module->loads, call);
}

/* The interpreter of a script: its prefix is what is above its bin folder. */
static void environment_of_script(struct python *python, const struct text_file *text,
				  struct python_environment *ret)
{
	struct slice rest = slice_of(text->start.ptr + 2, text->start.len - 2), word;
	struct arena *arena = &python->arena;
	const char *interpreter = NULL, *found, *name;
	char *bin;

	*ret = (struct python_environment){
	    .version = "", .site = PYTHON_NONE, .directory = path_directory(arena, text->path)};
	while (slice_token(&rest, " \t\n\r", &word)) {
		interpreter = arena_slice(arena, word);
		if (strstr(path_name(interpreter), "python"))
			break;
	}
	found = interpreter ? commands_find(python->finder->commands, interpreter) : NULL;
	if (!found)
		return;
	name = path_name(found);
	if (strncmp(name, "python", 6) == 0)
		ret->version = name + 6;
	/* The link in a virtual environment tells the prefix, not what it leads to. */
	if (interpreter[0] != '/')
		interpreter = found;
	if (root_realpath(python->finder->root, path_directory(arena, interpreter), arena, &bin) ==
		STATUS_OK &&
	    strcmp(path_name(bin), "bin") == 0)
		ret->prefix = arena_slice(arena, slice_of(bin, strlen(bin) - strlen("/bin")));
}

/* A module that begins with "#!" by custom, and nobody can execute, is none. */
static bool is_python_script(const struct text_file *text)
{
	return text->kinds & TEXT_SCRIPT && (text->executable || !(text->kinds & TEXT_PYTHON)) &&
	       memmem(text->start.ptr, text->start.len, "python", 6) != NULL;
}

static void read_module(struct python *python, const struct text_file *text)
{
	struct module module = {.python = python, .path = text->path};
	const struct python_visitor visitor = {on_import, on_call, &module};
	struct arena arena;
	struct slice bytes;

	module.is_test = is_test(text->path);
	module.importer = python_sites_owner(&python->sites, text->path);
	if (module.importer < PYTHON_AMBIGUOUS) {
		uint32_t site = python->sites.distributions.ptr[module.importer].site;

		module.environment = python->sites.sites.ptr[site].environment;
	} else if (module.importer == PYTHON_NONE && is_python_script(text)) {
		module.importer = SCRIPT | (uint32_t)(text - python->finder->texts->files.ptr);
		environment_of_script(python, text, &module.environment);
	} else {
		module.importer = PYTHON_NONE;
	}
	arena_init(&arena);
	python_loads_begin(&module.loads, &python->libraries, text->path);
	if (finder_read(python->finder, text->path, BUDGET_SOURCE_FILE, &arena, &bytes))
		python_source_visit(bytes, &arena, &visitor);
	python_loads_end(&module.loads);
	arena_release(&arena);
}

static void add_import_edge(struct python *python, const struct pair *pair)
{
	const struct python_distribution *list = python->sites.distributions.ptr;
	struct found_edge edge = {
	    .from = pair->importer & SCRIPT
			? python->finder->texts->files.ptr[pair->importer & ~SCRIPT].path
			: list[pair->importer].metadata,
	    .to = list[pair->imported].metadata,
	    .name = pair->name,
	    .kind = EDGE_KIND_LINK_PLUGIN,
	    .grade = EDGE_GRADE_DECLARED,
	    .possible = true,
	    .evidence = "python-import",
	    .place = FOUND_NO_PLACE,
	};

	edge.detail = arena_printf(
	    &python->arena, "import at %s:%u%s%s", pair->path, pair->line, rank_texts[pair->rank],
	    pair->statements > 1
		? arena_printf(&python->arena, "; %u such imports", pair->statements)
		: "");
	/* What only a type checker reads is never run. */
	if (pair->rank != RANK_TYPES)
		found_edges_add(python->finder->edges, &edge);
}

void python_find(struct finder *finder)
{
	struct python python = {.finder = finder};

	arena_init(&python.arena);
	python_sites_read(&python.sites, finder);
	python_libraries_init(&python.libraries, finder);
	vec_each (text, &finder->texts->files)
		if (text->kinds & TEXT_PYTHON || is_python_script(text))
			read_module(&python, text);
	vec_each (pair, &python.pairs)
		add_import_edge(&python, pair);
	python_libraries_release(&python.libraries);
	python_sites_release(&python.sites);
	map_release(&python.pair_keys);
	vec_release(&python.pairs);
	arena_release(&python.arena);
}
