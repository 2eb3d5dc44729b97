/* SPDX-License-Identifier: BSD-2-Clause */
/* A root in a temporary directory, written by a test, and a finder over all of it. */
#ifndef FINDER_FIXTURE_H
#define FINDER_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "depend/finder.h"
#include "util/path.h"

struct fixture {
	char directory[64];
	struct arena arena;
	struct root *root;
	struct workers *workers;
	struct inventory inventory;
	struct texts texts;
	struct found_edges edges;
	struct diags diags;
	struct finder finder;
};

static inline int fixture_remove(const char *path, const struct stat *info, int type,
				 struct FTW *where)
{
	(void)info, (void)type, (void)where;
	return remove(path);
}

static inline void fixture_begin(struct fixture *fixture)
{
	*fixture = (struct fixture){.directory = "/tmp/elfleft-test-XXXXXX"};
	assert_non_null(mkdtemp(fixture->directory));
	arena_init(&fixture->arena);
}

static inline char *fixture_path(struct fixture *fixture, const char *path)
{
	char *host = arena_printf(&fixture->arena, "%s%s", fixture->directory, path);

	for (char *slash = host + strlen(fixture->directory) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		(void)mkdir(host, 0755);
		*slash = '/';
	}
	return host;
}

static inline void fixture_write(struct fixture *fixture, const char *path, mode_t mode,
				 const char *text)
{
	const char *host = fixture_path(fixture, path);
	FILE *file = fopen(host, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(host, mode), 0);
}

/* A program as far as exec is concerned. */
static inline void fixture_program(struct fixture *fixture, const char *path)
{
	fixture_write(fixture, path, 0755, "\177ELF");
}

static inline void fixture_link(struct fixture *fixture, const char *path, const char *target)
{
	assert_int_equal(symlink(target, fixture_path(fixture, path)), 0);
}

/* Lists the root; nothing can be written after it. */
static inline struct finder *fixture_finder(struct fixture *fixture)
{
	const struct workers_options options = {.count = 1};
	struct finder *finder = &fixture->finder;

	diags_init(&fixture->diags);
	found_edges_init(&fixture->edges);
	inventory_init(&fixture->inventory);
	texts_init(&fixture->texts);
	fixture->inventory.texts = &fixture->texts;
	assert_int_equal(workers_start(&options, &fixture->workers), STATUS_OK);
	assert_int_equal(root_open_directory(fixture->directory, &fixture->root), STATUS_OK);
	inventory_add(&fixture->inventory, fixture->root, "/", &fixture->diags);
	inventory_finish(&fixture->inventory);
	*finder = (struct finder){
	    .root = fixture->root,
	    .inventory = &fixture->inventory,
	    .texts = &fixture->texts,
	    .binaries =
		binaries_new(fixture->root, fixture->workers, FACTS_SYMBOLS, &fixture->diags),
	    .commands = commands_new(fixture->root, NULL),
	    .edges = &fixture->edges,
	    .diags = &fixture->diags,
	};
	return finder;
}

static inline void fixture_end(struct fixture *fixture)
{
	if (fixture->root) {
		commands_free(fixture->finder.commands);
		binaries_free(fixture->finder.binaries);
		root_free(fixture->root);
		workers_free(fixture->workers);
		texts_release(&fixture->texts);
		inventory_release(&fixture->inventory);
		found_edges_release(&fixture->edges);
		diags_release(&fixture->diags);
	}
	assert_int_equal(nftw(fixture->directory, fixture_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
	arena_release(&fixture->arena);
}

/* All edges as text, sorted, a line for each: FROM -> TO NAME | DETAIL, with "?" for a possible. */
static inline const char *fixture_edges(struct fixture *fixture)
{
	char *text = arena_strdup(&fixture->arena, "");

	found_edges_finish(&fixture->edges);
	vec_each (edge, &fixture->edges.list)
		text = arena_printf(&fixture->arena, "%s%s ->%s %s %s | %s\n", text, edge->from,
				    edge->possible ? "?" : "", edge->to ? edge->to : "nothing",
				    edge->name, edge->detail);
	return text;
}

#endif
