/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/inventory.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/budget.h"
#include "util/map.h"
#include "util/path.h"

#define SNIFF_SIZE 8

enum sniffed { SNIFFED_ELF, SNIFFED_ARCHIVE, SNIFFED_OTHER, SNIFFED_FAILED };

/* Trees of the running system that hold no files of a distribution. */
static const char *const virtual_directories[] = {"/proc", "/sys", "/dev", "/run"};

struct walk_directory {
	const char *path;
	unsigned depth;
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

static void report_error(struct diags *diags, const char *path, enum status status)
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

static enum sniffed sniff(struct root *root, const char *path, struct diags *diags)
{
	uint8_t head[SNIFF_SIZE] = {0};
	struct root_file file;
	enum status status;
	ssize_t got;
	int fd, error;

	status = root_open(root, path, &fd, &file);
	if (status != STATUS_OK) {
		report_error(diags, path, status);
		return SNIFFED_FAILED;
	}
	do {
		got = pread(fd, head, sizeof(head), 0);
	} while (got < 0 && errno == EINTR);
	error = errno;
	close(fd);
	errno = error;
	if (got < 0) {
		report_error(diags, path, STATUS_IO);
		return SNIFFED_FAILED;
	}
	if (got >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
		return SNIFFED_ELF;
	if (memcmp(head, "!<arch>\n", 8) == 0 || memcmp(head, "!<thin>\n", 8) == 0 ||
	    memcmp(head, "PK\3\4", 4) == 0)
		return SNIFFED_ARCHIVE;
	return SNIFFED_OTHER;
}

static void add_file(struct inventory *inventory, struct root *root, const char *path, bool named,
		     struct diags *diags)
{
	char *canonical;
	enum status status;

	/* What a walk finds has no link in it but those of the directory it began at. */
	status = root_realpath(root, path, &inventory->arena, &canonical);
	if (status != STATUS_OK) {
		report_error(diags, path, status);
		return;
	}
	vec_push(&inventory->files, ((struct inventory_file){arena_strdup(&inventory->arena, path),
							     canonical, named}));
}

static void add_named_file(struct inventory *inventory, struct root *root, const char *path,
			   struct diags *diags)
{
	inventory->regular_files++;
	switch (sniff(root, path, diags)) {
	case SNIFFED_ELF:
		add_file(inventory, root, path, true, diags);
		break;
	case SNIFFED_ARCHIVE:
		diag_add(diags, DIAG_INPUT_UNSUPPORTED, path, 0, "%s", "an archive");
		break;
	case SNIFFED_OTHER:
		diag_add(diags, DIAG_INPUT_NOT_ELF, path, 0, "%s", "no ELF magic");
		break;
	case SNIFFED_FAILED:
		break;
	}
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

/* One directory's entries; its sub-directories go onto the stack. */
static void walk_one(struct inventory *inventory, struct root *root, struct walk_directory from,
		     struct arena *scratch, struct diags *diags, struct walk_directory **stack,
		     size_t *stack_len, size_t *stack_cap)
{
	struct root_entry *entries;
	size_t count;
	enum status status = root_list(root, from.path, scratch, &entries, &count);

	if (status != STATUS_OK) {
		report_error(diags, from.path, status);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char *path = path_join(scratch, from.path, entries[i].name);

		if (entries[i].type == ROOT_REGULAR) {
			inventory->regular_files++;
			if (sniff(root, path, diags) == SNIFFED_ELF)
				add_file(inventory, root, path, false, diags);
		} else if (entries[i].type == ROOT_DIRECTORY && !is_virtual(root, path)) {
			if (from.depth == BUDGET_DIRECTORY_DEPTH) {
				diag_add(diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
					 "more than %d directories deep", BUDGET_DIRECTORY_DEPTH);
				continue;
			}
			*stack = vec_grow(*stack, sizeof(**stack), *stack_len, stack_cap);
			(*stack)[(*stack_len)++] = (struct walk_directory){path, from.depth + 1};
		}
	}
}

static void add_directory(struct inventory *inventory, struct root *root, const char *path,
			  struct diags *diags)
{
	struct walk_directory *stack = NULL;
	size_t stack_len = 0, stack_cap = 0, before = inventory->files.len;
	struct arena scratch;

	arena_init(&scratch);
	stack = vec_grow(stack, sizeof(*stack), stack_len, &stack_cap);
	stack[stack_len++] = (struct walk_directory){path, 0};
	while (stack_len)
		walk_one(inventory, root, stack[--stack_len], &scratch, diags, &stack, &stack_len,
			 &stack_cap);
	free(stack);
	arena_release(&scratch);
	if (inventory->files.len == before)
		diag_add(diags, DIAG_INPUT_NO_ELF, path, DIAG_NO_OFFSET, "%s", "");
}

void inventory_add(struct inventory *inventory, struct root *root, const char *path,
		   struct diags *diags)
{
	struct root_file file;
	enum status status = root_stat(root, path, true, &file);

	if (status != STATUS_OK)
		report_error(diags, path, status);
	else if (S_ISDIR(file.mode))
		add_directory(inventory, root, path, diags);
	else if (S_ISREG(file.mode))
		add_named_file(inventory, root, path, diags);
	else
		diag_add(diags, DIAG_INPUT_SPECIAL, path, DIAG_NO_OFFSET, "%s", "");
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
