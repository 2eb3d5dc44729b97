/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the edges that come from what ELF files call, for tests, as lines of fields between tabs:
 *
 *	edge FROM TO NAME KIND GRADE POSSIBLE EVIDENCE DETAIL PLACE
 *	counts SITES RECOVERED
 *
 * usage: edges_dump ROOT PATH...
 */
#include <stdio.h>
#include <stdlib.h>

#include "depend/call_edges.h"
#include "depend/loader.h"

static void put(const char *text)
{
	putchar('\t');
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\\')
			printf("\\x%02x", (unsigned char)*text);
		else
			putchar(*text);
	}
}

static void print(const struct finder *finder)
{
	vec_each (edge, &finder->edges->list) {
		printf("edge");
		put(edge->from);
		put(edge->to ? edge->to : "");
		put(edge->name);
		put(edge_kind_text(edge->kind));
		put(edge_grade_text(edge->grade));
		put(edge->possible ? "possible" : "");
		put(edge->evidence);
		put(edge->detail);
		printf("\t%lld\n", (long long)edge->place);
	}
	printf("counts\t%llu\t%llu\n", (unsigned long long)finder->counts.sites,
	       (unsigned long long)finder->counts.recovered);
}

static void find(struct finder *finder)
{
	const struct loader_options options = {.working_directory = "/"};
	struct service_names names;

	service_names_init(&names);
	finder->resolve_context = loader_new(finder->binaries, &options, finder->diags);
	finder->resolve = loader_resolve;
	call_edges_find(finder, &names);
	found_edges_finish(finder->edges);
	print(finder);
	loader_free(finder->resolve_context);
	service_names_release(&names);
}

int main(int argc, char **argv)
{
	const struct workers_options options = {.count = 2};
	struct inventory inventory;
	struct found_edges edges;
	struct workers *workers;
	struct diags diags;
	struct finder finder = {.inventory = &inventory, .edges = &edges, .diags = &diags};

	if (argc < 3) {
		fprintf(stderr, "usage: edges_dump ROOT PATH...\n");
		return 3;
	}
	diags_init(&diags);
	found_edges_init(&edges);
	inventory_init(&inventory);
	if (workers_start(&options, &workers) != STATUS_OK ||
	    root_open_directory(argv[1], &finder.root) != STATUS_OK)
		return 2;
	finder.binaries =
	    binaries_new(finder.root, workers, FACTS_CALLS | FACTS_SYMBOLS | FACTS_NOTES, &diags);
	finder.commands = commands_new(finder.root, NULL);
	for (int i = 2; i < argc; i++)
		inventory_add(&inventory, finder.root, argv[i], &diags);
	inventory_finish(&inventory);
	find(&finder);
	diags_sort(&diags);
	vec_each (diag, &diags.list)
		fprintf(stderr, "%s: %s: %s\n", diag->file, diag_info(diag->id)->code,
			diag->message);
	commands_free(finder.commands);
	binaries_free(finder.binaries);
	workers_free(workers);
	root_free(finder.root);
	inventory_release(&inventory);
	found_edges_release(&edges);
	diags_release(&diags);
	return 0;
}
