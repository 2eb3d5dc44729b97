/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints what the binder says of each file, as lines of fields between tabs:
 *	file PATH / binding CONSUMER PROVIDER NAME VERSION WEAK / edge FROM TO NAME SYMBOLS REQUEST
 * / undeclared CONSUMER PROVIDER SYMBOLS / unprovided COUNT / fatal MESSAGE / done All files share
 *one binder, as they do in a scan. Each object is bound alone too, and the answer must be the same:
 *if not, the line is "inconsistent".
 *
 * usage: bind_driver [-l LIBRARY_PATH] [-p PRELOAD] [-t] FILE...	(-t: times only)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "depend/bind.h"
#include "util/path.h"

struct driver {
	struct binaries *binaries;
	struct loader *loader;
	struct binder *binder;
	const char *directory;
	bool times;
	double seconds[3]; /* loading, one consumer, all */
	size_t works, bindings;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

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

static const char *path_of(const struct load_set *load, uint32_t object)
{
	if (object == LOADER_NONE)
		return "";
	return load->objects[object].path ? load->objects[object].path : load->objects[object].name;
}

static bool is_same(const struct binding *a, const struct binding *b)
{
	return a->consumer == b->consumer && a->provider == b->provider && a->weak == b->weak &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->version, b->version) == 0;
}

/* What every object asks for alone, one after the other, must be the list of the process. */
static bool is_consistent(struct driver *driver, const struct load_set *load,
			  const struct bindings *all, struct arena *arena)
{
	size_t at = 0;

	for (uint32_t i = 0; i < load->object_count; i++) {
		const struct bindings *own;

		if (bind_consumer(driver->binder, load, i, arena, &own) != STATUS_OK)
			return false;
		for (size_t j = 0; j < own->count; j++, at++)
			if (at >= all->count || !is_same(&own->list[j], &all->list[at]))
				return false;
		for (size_t j = 0; j < load->edge_count; j++)
			if (load->edges[j].from == i &&
			    own->edge_symbols[j] != all->edge_symbols[j])
				return false;
	}
	return at == all->count;
}

static void print_bindings(const struct load_set *load, const struct bindings *bindings)
{
	for (size_t i = 0; i < bindings->count; i++) {
		const struct binding *binding = &bindings->list[i];

		fputs("binding", stdout);
		put(path_of(load, binding->consumer));
		put(path_of(load, binding->provider));
		put(binding->name);
		put(binding->version);
		printf("\t%d\n", binding->weak);
	}
	for (size_t i = 0; i < load->edge_count; i++) {
		fputs("edge", stdout);
		put(path_of(load, load->edges[i].from));
		put(path_of(load, load->edges[i].to));
		put(load->edges[i].name);
		printf("\t%u", bindings->edge_symbols[i]);
		put(loader_request_text(load->edges[i].request));
		putchar('\n');
	}
	for (size_t i = 0; i < bindings->undeclared_count; i++) {
		fputs("undeclared", stdout);
		put(path_of(load, bindings->undeclared[i].consumer));
		put(path_of(load, bindings->undeclared[i].provider));
		printf("\t%u\n", bindings->undeclared[i].symbols);
	}
	printf("unprovided\t%zu\n", bindings->unprovided_count);
}

static void bind_file(struct driver *driver, const char *file, struct arena *arena)
{
	char *path = path_absolute(arena, driver->directory, file);
	const struct bindings *bindings, *own;
	const struct load_set *load;
	struct binary *binary;
	double start = now();

	if (binaries_find(driver->binaries, path, &binary) != STATUS_OK ||
	    loader_load(driver->loader, binary, path, arena, &load) != STATUS_OK)
		return;
	driver->seconds[0] += now() - start;
	start = now();
	if (bind_consumer(driver->binder, load, 0, arena, &own) != STATUS_OK)
		abort();
	driver->seconds[1] += now() - start;
	start = now();
	if (bind_symbols(driver->binder, load, arena, &bindings) != STATUS_OK)
		abort();
	driver->seconds[2] += now() - start;
	driver->works++;
	driver->bindings += bindings->count;
	if (driver->times)
		return;
	if (load->fatal) {
		fputs("fatal", stdout);
		put(load->fatal);
		putchar('\n');
	}
	print_bindings(load, bindings);
	if (!is_consistent(driver, load, bindings, arena))
		puts("inconsistent");
}

int main(int argc, char **argv)
{
	struct workers_options workers_options = {.count = 2};
	struct loader_options loader_options = {.cpu = LOADER_CPU_NATIVE};
	struct driver driver = {.directory = getcwd(NULL, 0)};
	struct rusage usage;
	struct workers *workers;
	struct diags diags;
	struct root *root;
	int option;

	while ((option = getopt(argc, argv, "l:p:t")) != -1) {
		if (option == 'l')
			loader_options.library_path = optarg;
		else if (option == 'p')
			loader_options.preload = optarg;
		else if (option == 't')
			driver.times = true;
		else
			return 3;
	}
	diags_init(&diags);
	if (workers_start(&workers_options, &workers) != STATUS_OK ||
	    root_open_directory("/", &root) != STATUS_OK)
		return 2;
	loader_options.working_directory = driver.directory;
	driver.binaries =
	    binaries_new(root, workers, FACTS_SYMBOLS | FACTS_RELOCATIONS | FACTS_LOADER, &diags);
	driver.loader = loader_new(driver.binaries, &loader_options, &diags);
	driver.binder = binder_new(driver.binaries, &diags);
	for (int i = optind; i < argc; i++) {
		struct arena arena;

		arena_init(&arena);
		if (!driver.times) {
			fputs("file", stdout);
			put(argv[i]);
			putchar('\n');
		}
		bind_file(&driver, argv[i], &arena);
		if (!driver.times)
			puts("done");
		arena_release(&arena);
	}
	getrusage(RUSAGE_SELF, &usage);
	if (driver.times)
		printf("%zu processes, %zu bindings: loading %.3f s, one consumer %.3f s, all "
		       "%.3f s, peak %ld KiB\n",
		       driver.works, driver.bindings, driver.seconds[0], driver.seconds[1],
		       driver.seconds[2], usage.ru_maxrss);
	binder_free(driver.binder);
	loader_free(driver.loader);
	binaries_free(driver.binaries);
	workers_free(workers);
	root_free(root);
	diags_release(&diags);
	free((void *)(uintptr_t)driver.directory);
	return 0;
}
