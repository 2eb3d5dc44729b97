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
#include "depend/python_entries.h"
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
	const char *how;  /* "import", "import_module()", ... */
	uint32_t line, statements;
};

#define SCRIPT UINT32_C(0x80000000)

struct python {
	struct finder *finder;
	struct arena arena;
	struct python_sites sites;
	struct python_libraries libraries;
	struct python_entries entries;
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
	bool imports_importlib;
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

/* seen: one statement; the best of all that join two is kept. */
static void add_pair(struct python *python, const struct pair *seen)
{
	const struct pair_key probe = {seen->importer, seen->imported};
	struct slice key = slice_of(&probe, sizeof(probe));
	const struct map_entry *entry = map_get(&python->pair_keys, key);
	struct pair *pair;
	uint32_t statements;

	if (!entry) {
		key.ptr = arena_copy(&python->arena, &probe, sizeof(probe));
		map_put(&python->pair_keys, key, (uint32_t)python->pairs.len, &(bool){0});
		vec_push(&python->pairs, ((struct pair){.rank = RANK_TYPES + 1}));
		entry = map_get(&python->pair_keys, key);
	}
	pair = &python->pairs.ptr[entry->value];
	statements = pair->statements + 1;
	if (seen->rank < pair->rank) {
		*pair = *seen;
		pair->name = arena_strdup(&python->arena, seen->name);
	}
	pair->statements = statements;
}

static void take_name(struct module *module, const struct python_import *import, const char *name,
		      const char *how)
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
	add_pair(python, &(struct pair){
			     .importer = module->importer,
			     .imported = found,
			     .rank = rank_of(module, import->conditions),
			     .name = import->module,
			     .path = module->path,
			     .how = how,
			     .line = import->line,
			 });
}

static void on_import(void *context, const struct python_import *import)
{
	struct module *module = context;

	if (import->level) /* of its own package */
		return;
	python_loads_import(&module->loads, import->module);
	module->imports_importlib |= strcmp(import->module, "importlib") == 0;
	if (module->importer == PYTHON_NONE)
		return;
	if (!import->name_count)
		take_name(module, import, NULL, "import");
	for (size_t i = 0; i < import->name_count; i++)
		take_name(module, import, import->names[i], "import");
}

/* importlib.import_module("a.b"), __import__("a.b"): imports by another name. */
static void take_module_call(struct module *module, const struct python_call *call)
{
	const struct python_import import = {
	    .module = call->argument, .line = call->line, .conditions = call->conditions};
	bool plain = !call->object[0];
	bool known = strcmp(call->function, "__import__") == 0 ||
		     strcmp(call->object, "importlib") == 0 || (plain && module->imports_importlib);

	/* Projects wrap it under its own name, as sympy does: a literal is what they import, too.
	 */
	if (module->importer == PYTHON_NONE || call->nothing ||
	    !(known || (plain && call->argument)))
		return;
	if (!call->argument) /* the module is not known */
		module->python->finder->counts.sites++;
	else if (call->argument[0] && call->argument[0] != '.') /* of its own package */
		take_name(module, &import, NULL,
			  arena_printf(&module->python->arena, "%s()", call->function));
}

static void on_call(void *context, const struct python_call *call)
{
	struct module *module = context;

	switch (call->kind) {
	case PYTHON_CALL_LIBRARY:
		python_loads_call(&module->loads, call);
		break;
	case PYTHON_CALL_MODULE:
		take_module_call(module, call);
		break;
	case PYTHON_CALL_GROUP:
		if (call->argument && module->importer < PYTHON_AMBIGUOUS &&
		    !(module->importer & SCRIPT) && !module->is_test)
			python_entries_host(&module->python->entries, call->argument,
					    module->importer, module->path, call->line);
		break;
	}
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

	edge.detail =
	    arena_printf(&python->arena, "%s at %s:%u%s%s", pair->how, pair->path, pair->line,
			 rank_texts[pair->rank],
			 pair->statements > 1
			     ? arena_printf(&python->arena, "; %u such imports", pair->statements)
			     : "");
	/* What only a type checker reads is never run. */
	if (pair->rank != RANK_TYPES)
		found_edges_add(python->finder->edges, &edge);
}

/* A script that is written at installation for an entry point of a distribution. */
static void on_script(void *context, const struct python_entry *entry, const char *script)
{
	struct python *python = context;
	const struct text_file *text = texts_find(python->finder->texts, script);

	/* One that the distribution lists is part of it, and no edge of its own. */
	if (text && is_python_script(text) &&
	    python_sites_owner(&python->sites, script) != entry->distribution)
		add_pair(
		    python,
		    &(struct pair){
			.importer = SCRIPT | (uint32_t)(text - python->finder->texts->files.ptr),
			.imported = entry->distribution,
			.rank = RANK_PLAIN,
			.name = entry->module,
			.path = entry->path,
			.how = "entry point",
			.line = entry->line,
		    });
}

/* What another distribution offers to a group that this one reads. */
static void on_plugin(void *context, const struct python_entry *entry,
		      const struct python_host *host)
{
	struct python *python = context;
	const struct python_distribution *list = python->sites.distributions.ptr;
	struct found_edge edge = {
	    .from = list[host->distribution].metadata,
	    .to = list[entry->distribution].metadata,
	    .name = entry->module,
	    .kind = EDGE_KIND_LINK_PLUGIN,
	    .grade = EDGE_GRADE_DECLARED,
	    .possible = true,
	    .evidence = "python-import",
	    .detail = arena_printf(
		&python->arena, "entry point %s of group %s at %s:%u, which is read at %s:%u",
		entry->name, entry->group, entry->path, entry->line, host->path, host->line),
	    .place = FOUND_NO_PLACE,
	};

	found_edges_add(python->finder->edges, &edge);
}

void python_find(struct finder *finder)
{
	const struct python_entry_visitor visitor = {on_script, on_plugin};

	struct python python = {.finder = finder};

	arena_init(&python.arena);
	python_sites_read(&python.sites, finder);
	python_libraries_init(&python.libraries, finder);
	python_entries_init(&python.entries, &python.sites);
	vec_each (text, &finder->texts->files)
		if (text->kinds & TEXT_PYTHON || is_python_script(text))
			read_module(&python, text);
	python_entries_visit(&python.entries, &visitor, &python);
	vec_each (pair, &python.pairs)
		add_import_edge(&python, pair);
	python_entries_release(&python.entries);
	python_libraries_release(&python.libraries);
	python_sites_release(&python.sites);
	map_release(&python.pair_keys);
	vec_release(&python.pairs);
	arena_release(&python.arena);
}
