/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the finders of edges in files other than ELF see, for tests that ask an oracle about real
 * files. Lines of fields between tabs.
 *
 * usage: texts_driver python		paths on standard input:
 *		file PATH / import LINE LEVEL MODULE NAMES CONDITIONS / call FUNCTION OBJECT WHAT
 *	  texts_driver find ROOT PATH...	every finder over PATHs of the host directory ROOT:
 *		edge FROM TO NAME KIND POSSIBLE EVIDENCE DETAIL PLACE / bus NAME PATH FILE /
 *		socket NAME PATH FILE / counts FINDER SITES RECOVERED SECONDS
 *	A name of a library is looked for in its own folder of the root and in lib and usr/lib.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "depend/plugins.h"
#include "depend/python_source.h"
#include "depend/units.h"
#include "util/budget.h"

static void put(const char *text)
{
	putchar('\t');
	for (; *text; text++) {
		if (*text == '\t' || *text == '\n' || *text == '\\')
			printf("\\x%02x", (unsigned char)*text);
		else
			putchar(*text);
	}
}

static void on_import(void *context, const struct python_import *import)
{
	(void)context;
	printf("import\t%u\t%u", import->line, import->level);
	put(import->module);
	putchar('\t');
	for (size_t i = 0; i < import->name_count; i++)
		printf("%s%s", i ? "," : "", import->names[i]);
	printf("\t%s%s%s%s\n", import->conditions & PYTHON_IN_FUNCTION ? "f" : "",
	       import->conditions & PYTHON_IN_TRY ? "t" : "",
	       import->conditions & PYTHON_IN_BRANCH ? "b" : "",
	       import->conditions & PYTHON_TYPE_CHECKING ? "c" : "");
}

static void on_call(void *context, const struct python_call *call)
{
	(void)context;
	printf("call");
	put(call->function);
	put(call->object);
	if (call->argument)
		put(call->argument);
	else
		printf("\t\\%s", call->nothing ? "nothing" : call->nested ? "nested" : "unknown");
	putchar('\n');
}

/* As fast as a finder is: each file with an arena of its own. */
static int python(void)
{
	const struct python_visitor visitor = {on_import, on_call, NULL};
	struct root *root;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (root_open_directory("/", &root) != STATUS_OK)
		return 1;
	while ((length = getline(&line, &size, stdin)) > 0) {
		struct arena arena;
		struct slice bytes;

		line[length - 1] = '\0';
		arena_init(&arena);
		printf("file");
		put(line);
		putchar('\n');
		if (root_read(root, line, BUDGET_SOURCE_FILE, &arena, &bytes) == STATUS_OK)
			python_source_visit(bytes, &arena, &visitor);
		arena_release(&arena);
	}
	free(line);
	root_free(root);
	return 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Stands for the loader. */
static const char *resolve(void *context, const char *consumer, const char *name)
{
	static const char *const folders[] = {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
					      "/lib", "/usr/lib"};
	struct binaries *binaries = context;
	struct binary *binary;
	char path[4096];

	(void)consumer;
	if (name[0] == '/')
		return binaries_find(binaries, name, &binary) == STATUS_OK ? binary->path : NULL;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (binaries_find(binaries, path, &binary) == STATUS_OK && binary->ident.is_elf)
			return binary->path;
	}
	return NULL;
}

static void run(struct finder *finder, const char *name, void (*find)(struct finder *))
{
	double start = now();

	finder->counts = (struct found_counts){0};
	find(finder);
	printf("counts\t%s\t%llu\t%llu\t%.3f\n", name, (unsigned long long)finder->counts.sites,
	       (unsigned long long)finder->counts.recovered, now() - start);
}

static struct service_names names;

static void find_units(struct finder *finder)
{
	units_find(finder, &names);
}

static void put_name(const char *kind, const struct service_name *name)
{
	printf("%s", kind);
	put(name->name);
	put(name->path ? name->path : "");
	put(name->file);
	putchar('\n');
}

static void print_found(const struct found_edges *edges)
{
	vec_each (edge, &edges->list) {
		printf("edge");
		put(edge->from);
		put(edge->to ? edge->to : "");
		put(edge->name);
		put(edge_kind_text(edge->kind));
		put(edge->possible ? "possible" : "");
		put(edge->evidence);
		put(edge->detail);
		printf("\t%lld\n", (long long)edge->place);
	}
	vec_each (name, &names.bus)
		put_name("bus", name);
	vec_each (name, &names.sockets)
		put_name("socket", name);
}

static void find_all(struct finder *finder)
{
	run(finder, "scripts", scripts_find);
	run(finder, "units", find_units);
	run(finder, "plugins", plugins_find);
	run(finder, "extensions", python_extensions_find);
	run(finder, "python", python_find);
	found_edges_finish(finder->edges);
	print_found(finder->edges);
}

static int find(const char *root_path, char **paths, int count)
{
	const struct workers_options options = {.count = 2};
	struct inventory inventory;
	struct found_edges edges;
	struct workers *workers;
	struct texts texts;
	struct diags diags;
	struct root *root;
	struct finder finder = {.inventory = &inventory,
				.texts = &texts,
				.edges = &edges,
				.resolve = resolve,
				.diags = &diags};
	double start;

	diags_init(&diags);
	found_edges_init(&edges);
	inventory_init(&inventory);
	texts_init(&texts);
	service_names_init(&names);
	if (workers_start(&options, &workers) != STATUS_OK ||
	    root_open_directory(root_path, &root) != STATUS_OK)
		return 1;
	inventory.texts = &texts;
	finder.root = root;
	finder.binaries = binaries_new(root, workers, FACTS_SYMBOLS, &diags);
	finder.resolve_context = finder.binaries;
	finder.commands = commands_new(root, NULL);
	start = now();
	for (int i = 0; i < count; i++)
		inventory_add(&inventory, root, paths[i], &diags);
	inventory_finish(&inventory);
	printf("counts\tlist\t%zu\t%zu\t%.3f\n", inventory.files.len, texts.files.len,
	       now() - start);
	start = now();
	vec_each (file, &inventory.files) {
		struct binary *binary;

		if (binaries_find(finder.binaries, file->canonical, &binary) == STATUS_OK &&
		    binary->ident.complete)
			binaries_prefetch(finder.binaries, binary);
	}
	vec_each (file, &inventory.files) {
		struct plugin_file opened;

		(void)plugin_file_open(&finder, file->canonical, &opened);
	}
	printf("counts\tfacts\t0\t0\t%.3f\n", now() - start);
	find_all(&finder);
	diags_sort(&diags);
	vec_each (diag, &diags.list)
		printf("diag\t%s\t%s\t%s\n", diag_info(diag->id)->code, diag->file, diag->message);
	commands_free(finder.commands);
	binaries_free(finder.binaries);
	root_free(root);
	workers_free(workers);
	service_names_release(&names);
	texts_release(&texts);
	inventory_release(&inventory);
	found_edges_release(&edges);
	diags_release(&diags);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "python") == 0)
		return python();
	if (argc >= 4 && strcmp(argv[1], "find") == 0)
		return find(argv[2], argv + 3, argc - 3);
	fprintf(stderr, "usage: texts_driver python < PATHS\n"
			"       texts_driver find ROOT PATH...\n");
	return 3;
}
