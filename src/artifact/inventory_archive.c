/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a static archive as files of the inventory. */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "artifact/ar.h"
#include "artifact/inventory.h"
#include "util/path.h"
#include "util/transfer.h"

/* A member of a thin archive is a file of its own, from the archive's folder. */
static void add_external(struct inventory *inventory, struct root *root,
			 const struct walk_file *archive, const struct ar_member *member,
			 struct diags *diags)
{
	struct arena *arena = &inventory->arena;
	struct inventory_file added = {
	    .path = path_absolute(arena, path_directory(arena, archive->path), member->name)};
	char *canonical;
	enum status status = root_realpath(root, added.path, arena, &canonical);

	if (status != STATUS_OK) {
		walk_report(diags, added.path, status);
		return;
	}
	added.canonical = canonical;
	vec_push(&inventory->files, added);
}

static bool is_elf(int fd, const struct ar_member *member)
{
	uint8_t magic[SELFMAG] = {0};

	return member->size >= sizeof(magic) &&
	       transfer_read_at(fd, member->offset, magic, sizeof(magic)) == sizeof(magic) &&
	       memcmp(magic, ELFMAG, sizeof(magic)) == 0;
}

static void add_member(struct inventory *inventory, int fd, const struct walk_file *archive,
		       const char *canonical, const struct ar_member *member, struct diags *diags)
{
	struct arena *arena = &inventory->arena;
	struct inventory_file added = {
	    .path = ar_member_path(arena, archive->path, member),
	    .canonical = ar_member_path(arena, canonical, member),
	    .archive = canonical,
	    .offset = member->offset,
	    .size = member->size,
	};

	if (is_elf(fd, member))
		vec_push(&inventory->files, added);
	else
		diag_add(diags, DIAG_ARCHIVE_MEMBER_OTHER, added.path, DIAG_NO_OFFSET, "%s", "");
}

void inventory_add_members(struct inventory *inventory, struct root *root,
			   const struct walk_file *archive, struct diags *diags)
{
	const char *canonical = arena_strdup(&inventory->arena, archive->canonical);
	struct ar_member member;
	struct root_file file;
	enum status status;
	struct ar *ar;
	int fd;

	status = root_open(root, archive->path, &fd, &file);
	if (status != STATUS_OK) {
		walk_report(diags, archive->path, status);
		return;
	}
	status = ar_open(fd, archive->path, diags, &ar);
	if (status == STATUS_OK) {
		while (ar_next(ar, &member))
			if (member.external)
				add_external(inventory, root, archive, &member, diags);
			else
				add_member(inventory, fd, archive, canonical, &member, diags);
		ar_free(ar);
	} else {
		diag_add(diags, DIAG_INPUT_UNREADABLE, archive->path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(errno) : status_text(status));
	}
	close(fd);
}
