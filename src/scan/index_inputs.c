/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/index_inputs.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "artifact/ar.h"
#include "artifact/walk.h"
#include "evidence/index_format.h"
#include "util/path.h"

struct collecting {
	struct arena *arena;
	struct diags *diags;
	struct index_inputs *inputs;
	const struct index_build_options *options;
	const char *start; /* the path that was named */
};

static bool is_known(const struct walk_file *file)
{
	static const uint64_t index_magic = INDEX_MAGIC;

	if (file->head_length < AR_MAGIC_SIZE)
		return false;
	return memcmp(file->head, ELFMAG, SELFMAG) == 0 ||
	       memcmp(file->head, AR_MAGIC, AR_MAGIC_SIZE) == 0 ||
	       memcmp(file->head, AR_MAGIC_THIN, AR_MAGIC_SIZE) == 0 ||
	       memcmp(file->head, &index_magic, sizeof(index_magic)) == 0;
}

/* "libreadline" of "libreadline.a": what a component is called when nobody says. */
static const char *name_of(struct arena *arena, const char *path)
{
	char *name = arena_strdup(arena, path_name(path)), *dot = strchr(name, '.');

	if (dot && dot != name)
		*dot = 0;
	return name;
}

static void visit(void *context, const struct walk_file *file)
{
	const struct collecting *collecting = context;
	const struct index_build_options *options = collecting->options;
	struct index_input input = {.members = ""};

	if (!is_known(file)) {
		if (file->named)
			diag_add(collecting->diags, DIAG_INPUT_NOT_ELF, file->path, 0,
				 "neither ELF, nor a static archive, nor a .deb, nor an index");
		return;
	}
	input.host = arena_strdup(collecting->arena, file->canonical);
	/* Where a folder stands on this host says nothing about its files. */
	input.origin.path = path_name(input.host);
	if (!file->named && path_is_below(file->path, collecting->start))
		input.origin.path =
		    arena_strdup(collecting->arena, file->path + strlen(collecting->start) +
							(collecting->start[1] ? 1 : 0));
	input.origin.component =
	    options->component ? options->component : name_of(collecting->arena, input.host);
	input.unnamed = !options->component;
	input.origin.version = options->version;
	input.origin.licence = options->licence;
	vec_push(&collecting->inputs->list, input);
}

static int compare_inputs(const void *a, const void *b)
{
	return strcmp(((const struct index_input *)a)->host, ((const struct index_input *)b)->host);
}

/* Files that were named twice are read once. */
static void sort_inputs(struct index_inputs *inputs, size_t first)
{
	size_t kept = first;

	if (inputs->list.len <= first)
		return;
	qsort(inputs->list.ptr + first, inputs->list.len - first, sizeof(*inputs->list.ptr),
	      compare_inputs);
	for (size_t i = first + 1; i < inputs->list.len; i++)
		if (strcmp(inputs->list.ptr[i].host, inputs->list.ptr[kept].host) != 0)
			inputs->list.ptr[++kept] = inputs->list.ptr[i];
	inputs->list.len = kept + 1;
}

void index_inputs_find(const struct index_build_options *options, struct root *root,
		       struct arena *arena, struct diags *diags, struct index_inputs *inputs)
{
	struct collecting collecting = {arena, diags, inputs, options, NULL};
	struct walk walk = {.root = root, .diags = diags, .visit = visit, .context = &collecting};
	char *here = getcwd(NULL, 0);
	size_t first;

	/* Its failures are diagnosed. */
	if (options->manifest &&
	    index_manifest_read(options->manifest, arena, diags, inputs) != STATUS_OK)
		inputs->list.len = 0;
	first = inputs->list.len;
	for (size_t i = 0; i < options->path_count; i++) {
		collecting.start = path_absolute(arena, here ? here : "/", options->paths[i]);
		walk_path(&walk, collecting.start);
	}
	free(here);
	sort_inputs(inputs, first);
}
