/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/inventory.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "artifact/ar.h"

struct addition {
	struct inventory *inventory;
	struct root *root;
	struct diags *diags;
};

void inventory_init(struct inventory *inventory)
{
	*inventory = (struct inventory){0};
	arena_init(&inventory->arena);
}

void inventory_release(struct inventory *inventory)
{
	vec_release(&inventory->files);
	arena_release(&inventory->arena);
}

static bool begins_with(const struct walk_file *file, const char *magic, size_t length)
{
	return file->head_length >= length && memcmp(file->head, magic, length) == 0;
}

static bool is_static_archive(const struct walk_file *file)
{
	return begins_with(file, AR_MAGIC, AR_MAGIC_SIZE) ||
	       begins_with(file, AR_MAGIC_THIN, AR_MAGIC_SIZE);
}

static void add_file(struct inventory *inventory, const struct walk_file *file)
{
	struct arena *arena = &inventory->arena;
	struct inventory_file added = {.path = arena_strdup(arena, file->path),
				       .named = file->named};

	added.canonical = added.path;
	if (strcmp(file->canonical, file->path) != 0)
		added.canonical = arena_strdup(arena, file->canonical);
	vec_push(&inventory->files, added);
}

static void visit(void *context, const struct walk_file *file)
{
	const struct addition *addition = context;
	struct inventory *inventory = addition->inventory;

	if (begins_with(file, ELFMAG, SELFMAG))
		add_file(inventory, file);
	else if (file->named && is_static_archive(file))
		inventory_add_members(inventory, addition->root, file, addition->diags);
	else if (file->named && begins_with(file, "PK\3\4", 4))
		diag_add(addition->diags, DIAG_INPUT_UNSUPPORTED, file->path, 0, "%s",
			 "an archive");
	else if (inventory->texts && texts_offer(inventory->texts, file))
		return;
	else if (file->named)
		diag_add(addition->diags, DIAG_INPUT_NOT_ELF, file->path, 0, "%s", "no ELF magic");
}

void inventory_add(struct inventory *inventory, struct root *root, const char *path,
		   struct diags *diags)
{
	struct addition addition = {inventory, root, diags};
	struct walk walk = {.root = root, .diags = diags, .visit = visit, .context = &addition};
	size_t before = inventory->files.len;
	bool directory = walk_path(&walk, path);

	inventory->regular_files += walk.regular_files;
	if (directory && inventory->files.len == before)
		diag_add(diags, DIAG_INPUT_NO_ELF, path, DIAG_NO_OFFSET, "%s", "");
}

static int compare_files(const void *a, const void *b)
{
	const struct inventory_file *left = a, *right = b;
	int order = strcmp(left->canonical, right->canonical);

	/* Of several names for one file, what the user named comes first. */
	if (!order)
		order = (int)right->named - (int)left->named;
	return order ? order : strcmp(left->path, right->path);
}

void inventory_finish(struct inventory *inventory)
{
	size_t kept = 0;

	if (inventory->texts)
		texts_finish(inventory->texts);
	if (!inventory->files.len)
		return;
	qsort(inventory->files.ptr, inventory->files.len, sizeof(*inventory->files.ptr),
	      compare_files);
	for (size_t i = 1; i < inventory->files.len; i++)
		if (strcmp(inventory->files.ptr[i].canonical,
			   inventory->files.ptr[kept].canonical) != 0)
			inventory->files.ptr[++kept] = inventory->files.ptr[i];
	inventory->files.len = kept + 1;
}
