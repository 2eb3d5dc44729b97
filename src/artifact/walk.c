/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/walk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/budget.h"
#include "util/path.h"
#include "util/transfer.h"
#include "util/vec.h"

/* Trees of the running system that hold no files of a distribution. */
static const char *const virtual_directories[] = {"/proc", "/sys", "/dev", "/run"};

struct directory {
	const char *path, *canonical;
	unsigned depth;
};

struct directories {
	VEC(struct directory) stack;
	struct arena arena; /* of the paths */
};

void walk_report(struct diags *diags, const char *path, enum status status)
{
	int error = errno;

	if (status == STATUS_NOT_FOUND)
		diag_add(diags, DIAG_INPUT_MISSING, path, DIAG_NO_OFFSET, "%s", "");
	else if (status == STATUS_LIMIT)
		diag_add(diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET, "too many entries");
	else if (error == ELOOP)
		diag_add(diags, DIAG_INPUT_SYMLINK_LOOP, path, DIAG_NO_OFFSET, "%s", "");
	else if (error == EXDEV)
		diag_add(diags, DIAG_INPUT_OUTSIDE_ROOT, path, DIAG_NO_OFFSET, "%s", "");
	else
		diag_add(diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s", strerror(error));
}

static enum status read_head(struct root *root, struct walk_file *file)
{
	enum status status;
	int fd, error;

	status = root_open(root, file->path, &fd, &file->file);
	if (status != STATUS_OK)
		return status;
	memset(file->head, 0, sizeof(file->head));
	file->head_length = transfer_read_at(fd, 0, file->head, sizeof(file->head));
	error = errno;
	close(fd);
	errno = error;
	return file->head_length < sizeof(file->head) && error ? STATUS_IO : STATUS_OK;
}

static void visit(struct walk *walk, const char *path, const char *canonical, bool named)
{
	struct walk_file file = {.path = path, .canonical = canonical, .named = named};
	enum status status;

	walk->regular_files++;
	status = read_head(walk->root, &file);
	if (status == STATUS_OK)
		walk->visit(walk->context, &file);
	else
		walk_report(walk->diags, path, status);
}

static bool is_virtual(const struct root *root, const char *path)
{
	if (!root_is_host(root))
		return false;
	for (size_t i = 0; i < sizeof(virtual_directories) / sizeof(virtual_directories[0]); i++)
		if (strcmp(path, virtual_directories[i]) == 0)
			return true;
	return false;
}

/* What is in a directory; its sub-directories go onto the stack. */
static void walk_directory(struct walk *walk, struct directories *directories,
			   struct directory from)
{
	struct arena *arena = &directories->arena;
	struct root_entry *entries;
	size_t count;
	enum status status = root_list(walk->root, from.path, arena, &entries, &count);

	if (status != STATUS_OK) {
		walk_report(walk->diags, from.path, status);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char *path = path_join(arena, from.path, entries[i].name), *canonical = path;

		/* What a walk finds has no link in it but those of the directory it began at. */
		if (from.canonical != from.path)
			canonical = path_join(arena, from.canonical, entries[i].name);
		if (entries[i].type == ROOT_REGULAR) {
			visit(walk, path, canonical, false);
		} else if (entries[i].type == ROOT_DIRECTORY && !is_virtual(walk->root, path)) {
			if (from.depth == BUDGET_DIRECTORY_DEPTH) {
				diag_add(walk->diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
					 "more than %d directories deep", BUDGET_DIRECTORY_DEPTH);
				continue;
			}
			vec_push(&directories->stack,
				 ((struct directory){path, canonical, from.depth + 1}));
		}
	}
}

static void walk_below(struct walk *walk, const char *path, const char *canonical)
{
	struct directories directories = {0};

	if (strcmp(path, canonical) == 0)
		canonical = path;
	arena_init(&directories.arena);
	vec_push(&directories.stack, ((struct directory){path, canonical, 0}));
	while (directories.stack.len) {
		struct directory next = directories.stack.ptr[--directories.stack.len];

		walk_directory(walk, &directories, next);
	}
	vec_release(&directories.stack);
	arena_release(&directories.arena);
}

bool walk_path(struct walk *walk, const char *path)
{
	struct root_file file;
	struct arena arena;
	char *canonical = NULL;
	enum status status = root_stat(walk->root, path, true, &file);
	bool directory = status == STATUS_OK && S_ISDIR(file.mode);

	arena_init(&arena);
	if (status == STATUS_OK && !directory && !S_ISREG(file.mode)) {
		diag_add(walk->diags, DIAG_INPUT_SPECIAL, path, DIAG_NO_OFFSET, "%s", "");
	} else {
		if (status == STATUS_OK)
			status = root_realpath(walk->root, path, &arena, &canonical);
		if (status != STATUS_OK)
			walk_report(walk->diags, path, status);
		else if (directory)
			walk_below(walk, path, canonical);
		else
			visit(walk, path, canonical, true);
	}
	arena_release(&arena);
	return directory;
}
