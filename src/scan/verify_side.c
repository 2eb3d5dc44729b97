/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/verify_side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/reference.h"
#include "util/path.h"

enum status side_start(struct side *side, const char *name, unsigned jobs, struct diags *diags)
{
	struct workers_options options = {.count = jobs};

	*side = (struct side){.name = name, .diags = diags};
	arena_init(&side->arena);
	listing_init(&side->listing);
	return workers_start(&options, &side->workers);
}

static enum status open_tree(struct side *side, unsigned threads)
{
	char *directory = NULL, *path;
	enum status status = root_open_directory("/", &side->root);

	if (status != STATUS_OK)
		return status;
	if (side->name[0] != '/')
		directory = getcwd(NULL, 0);
	path = path_absolute(&side->arena, directory ? directory : "/", side->name);
	free(directory);
	if (!root_is_directory(side->root, path)) {
		side->single = true;
		listing_fill(&side->listing, side->root, path, threads, side->diags);
		return side->listing.files.len ? STATUS_OK : STATUS_NOT_FOUND;
	}
	/* A directory is a root of its own: paths of two trees are compared. */
	root_free(side->root);
	side->root = NULL;
	status = root_open_directory(path, &side->root);
	if (status == STATUS_OK)
		listing_fill(&side->listing, side->root, "/", threads, side->diags);
	return status;
}

enum status side_open(struct side *side, unsigned threads)
{
	enum status status;

	if (reference_recognises(side->name))
		return reference_read(side->name, side->diags, &side->reference);
	if (!container_recognises(side->name, CONTAINER_STATIC_ARCHIVES))
		return open_tree(side, threads);
	status = container_open(side->name, side->name, CONTAINER_STATIC_ARCHIVES, side->diags,
				&side->container);
	if (status == STATUS_OK)
		status = root_open_directory(container_directory(side->container), &side->root);
	if (status == STATUS_OK)
		listing_fill(&side->listing, side->root, "/", threads, side->diags);
	return status;
}

void side_close(struct side *side)
{
	workers_free(side->workers);
	reference_free(side->reference);
	listing_release(&side->listing);
	if (side->root)
		root_free(side->root);
	container_free(side->container);
	arena_release(&side->arena);
}

static void ask(struct side *side, const char *path, uint32_t groups,
		const struct facts_range *ranges, size_t count, struct side_facts *ret)
{
	enum status status;

	ret->binaries = binaries_new(side->root, side->workers, groups, side->diags);
	ret->binary = NULL;
	status = binaries_find(ret->binaries, path, &ret->binary);
	if (status == STATUS_OK && count)
		status = binaries_select(ret->binaries, ret->binary, ranges, count);
	if (status != STATUS_OK)
		diag_add(side->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(errno) : status_text(status));
	else
		binaries_prefetch(ret->binaries, ret->binary);
}

void side_facts_ask(struct side *side, const char *path, uint32_t groups, struct side_facts *ret)
{
	ask(side, path, groups, NULL, 0, ret);
}

void side_facts_select(struct side *side, const char *path, const struct facts_range *ranges,
		       size_t count, struct side_facts *ret)
{
	ask(side, path, FACTS_SELECTED, ranges, count, ret);
}

const struct facts *side_facts_take(struct side_facts *facts)
{
	return facts->binary ? binaries_facts(facts->binaries, facts->binary) : NULL;
}

void side_facts_free(struct side_facts *facts)
{
	if (facts->binaries)
		binaries_free(facts->binaries);
	*facts = (struct side_facts){0};
}
