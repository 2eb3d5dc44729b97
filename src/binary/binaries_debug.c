/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the separate debug file of a file is, inside the root: by its build-id, else by the name in
 * its .gnu_debuglink, where gdb looks for it (info gdb "Separate Debug Files"). Whether it belongs
 * to the file, its reader finds out.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "binary/binaries_internal.h"

#define DEBUG_ROOT "/usr/lib/debug"
#define DEBUG_PATH_MAX 4096 /* bytes of such a path; longer ones cannot be opened */

static int open_at(struct root *root, const struct entry *entry, const char *path)
{
	struct root_file file;
	int fd;

	if (root_open(root, path, &fd, &file) != STATUS_OK)
		return -1;
	if (file.device != entry->binary.file.device || file.inode != entry->binary.file.inode)
		return fd;
	close(fd);
	return -1;
}

static int open_by_build_id(struct root *root, const struct entry *entry, const char *id)
{
	char path[DEBUG_PATH_MAX];

	if (strlen(id) < 3 ||
	    (size_t)snprintf(path, sizeof(path), DEBUG_ROOT "/.build-id/%.2s/%s.debug", id,
			     id + 2) >= sizeof(path))
		return -1;
	return open_at(root, entry, path);
}

static int open_by_name(struct binaries *binaries, const struct entry *entry, const char *name)
{
	static const char *const around[][2] = {{"", ""}, {"", ".debug/"}, {DEBUG_ROOT, ""}};
	const char *own, *slash;
	char path[DEBUG_PATH_MAX];
	int fd = -1;

	/* The name of a file, and no path: it must not lead anywhere else. */
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -1;
	own = binaries_path(binaries, &entry->binary);
	slash = strrchr(own, '/');
	if (!slash)
		return -1;
	for (size_t i = 0; fd < 0 && i < sizeof(around) / sizeof(around[0]); i++)
		if ((size_t)snprintf(path, sizeof(path), "%s%.*s%s%s", around[i][0],
				     (int)(slash + 1 - own), own, around[i][1],
				     name) < sizeof(path))
			fd = open_at(binaries->root, entry, path);
	return fd;
}

int binaries_open_debug(struct binaries *binaries, const struct entry *entry)
{
	const struct facts *facts = &entry->binary.facts;
	int fd;

	if (entry->container || !entry->binary.ready || entry->binary.status != STATUS_OK)
		return -1;
	fd = open_by_build_id(binaries->root, entry, facts_text(facts, facts->identity->build_id));
	return fd >= 0
		   ? fd
		   : open_by_name(binaries, entry, facts_text(facts, facts->identity->debug_link));
}

void binaries_use_debug(struct binaries *binaries, struct binary *binary, struct root *root,
			struct binaries *from, const struct binary *known)
{
	struct entry *entry = binaries->entries.ptr[binary->id];
	const struct entry *other = from->entries.ptr[known->id];
	int fd;

	if (entry->has_debug_fd || !known->ready || known->status != STATUS_OK ||
	    known->facts.identity->flags & FACTS_HAS_SYMTAB)
		return;
	fd = binaries_open_debug(from, other);
	if (fd < 0 && root != from->root)
		fd = open_by_build_id(root, other,
				      facts_text(&known->facts, known->facts.identity->build_id));
	entry->has_debug_fd = fd >= 0;
	entry->debug_fd = fd;
}

bool binaries_has_debug(struct binaries *binaries, const struct binary *binary)
{
	const struct entry *entry = binaries->entries.ptr[binary->id];
	int fd;

	if (!entry->binary.ready || entry->binary.status != STATUS_OK)
		return false;
	if (entry->binary.facts.identity->flags & FACTS_HAS_DEBUG)
		return true;
	fd = binaries_open_debug(binaries, entry);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
