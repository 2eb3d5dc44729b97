/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/container_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/budget.h"
#include "util/path.h"
#include "util/transfer.h"

void container_skipped(struct container *container, const char *path, const char *why)
{
	diag_add(container->diags, DIAG_CONTAINER_ENTRY, container->display, DIAG_NO_OFFSET,
		 "%s: %s", path, why);
}

void container_stop(struct container *container, enum diag_id id, const char *why)
{
	if (!container->stopped)
		diag_add(container->diags, id, container->display, DIAG_NO_OFFSET, "%s", why);
	container->stopped = true;
}

char *container_clean_path(struct container *container, const char *path)
{
	char *clean = arena_alloc(&container->arena, strlen(path) + 1);
	size_t used = 0, depth = 0;

	if (path[0] == '/')
		return NULL;
	while (*path) {
		size_t length = strcspn(path, "/");

		if (length == 2 && path[0] == '.' && path[1] == '.')
			return NULL;
		if (length > 255 || depth > BUDGET_DIRECTORY_DEPTH)
			return NULL;
		if (length && !(length == 1 && path[0] == '.')) {
			if (used)
				clean[used++] = '/';
			memcpy(clean + used, path, length);
			used += length;
			depth++;
		}
		path += length;
		path += strspn(path, "/");
	}
	clean[used] = '\0';
	return clean;
}

/* Nothing there is a symbolic link yet. */
bool container_make_directory(struct container *container, const char *path)
{
	char *part = arena_strdup(&container->arena, path);

	if (!*path || map_get(&container->directories, slice_text(path)))
		return true;
	for (char *at = part;; at++) {
		bool last = *at == '\0';

		if (*at != '/' && !last)
			continue;
		*at = '\0';
		if (mkdirat(container->directory_fd, part, 0700) != 0 && errno != EEXIST)
			return false;
		if (last)
			break;
		*at = '/';
	}
	map_put(&container->directories, slice_text(part), 1, NULL);
	return true;
}

static bool make_parent(struct container *container, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return true;
	return container_make_directory(
	    container, arena_slice(&container->arena, slice_of(path, (size_t)(slash - path))));
}

void container_write_failed(struct container *container, const char *path)
{
	if (errno == ENOSPC || errno == EDQUOT)
		container_stop(container, DIAG_CONTAINER_BAD, strerror(errno));
	else
		container_skipped(container, path, strerror(errno));
}

/* The members of a static library may have the same name: the second one becomes "name#2". */
static const char *member_path(struct container *container, const char *path)
{
	bool added;
	struct map_entry *entry = map_put(&container->members, slice_text(path), 1, &added);

	if (added)
		return path;
	entry->value++;
	return arena_printf(&container->arena, "%s#%u", path, entry->value);
}

/*
 * Readers differ in which of two entries of one name counts. Of two archives, the second replaces
 * what the first had, as an installer would; where it is the same, nothing is lost.
 */
static void note_earlier(struct container *container, const char *path)
{
	const struct map_entry *known = map_get(&container->archive_by_path, slice_text(path));

	container->differs = false;
	if (known && known->value != container->archive)
		container->earlier =
		    openat(container->directory_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (container->earlier < 0)
		container_skipped(container, path,
				  "there is more than one entry of this name; the last counts");
}

void container_begin_file(struct container *container, const char *path, mode_t mode)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	if (container->format == CONTAINER_ARCHIVE)
		path = member_path(container, path);
	mode = mode & 0111 ? 0700 : 0600;
	if (!make_parent(container, path)) {
		container_write_failed(container, path);
		return;
	}
	container->file_path = path;
	container->file = openat(container->directory_fd, path, flags, mode);
	if (container->file < 0 && errno == EEXIST) {
		note_earlier(container, path);
		if (unlinkat(container->directory_fd, path, 0) == 0)
			container->file = openat(container->directory_fd, path, flags, mode);
	}
	if (container->file < 0)
		container_write_failed(container, path);
	else if (container->several)
		map_put(&container->archive_by_path, slice_text(path), 0, NULL)->value =
		    container->archive;
}

/* The bytes that come next, beside those of the file they replace. */
static void compare_earlier(struct container *container, const uint8_t *bytes, size_t size)
{
	uint8_t earlier[8192];

	while (size && container->earlier >= 0 && !container->differs) {
		size_t part = size < sizeof(earlier) ? size : sizeof(earlier);

		container->differs = transfer_read(container->earlier, earlier, part) < part ||
				     memcmp(earlier, bytes, part) != 0;
		bytes += part;
		size -= part;
	}
}

static void close_earlier(struct container *container)
{
	uint8_t more;

	if (container->earlier < 0)
		return;
	if (container->differs || transfer_read(container->earlier, &more, 1))
		container_skipped(
		    container, container->file_path,
		    "an earlier archive has another file of this name; the last counts");
	close(container->earlier);
	container->earlier = -1;
}

void container_end_file(struct container *container)
{
	if (container->visiting)
		container->visitor->end(container->visitor->context);
	container->visiting = false;
	close_earlier(container);
	if (container->file >= 0)
		close(container->file);
	container->file = -1;
}

void container_write_data(struct container *container, const uint8_t *bytes, size_t size)
{
	uint64_t allowed = BUDGET_CONTAINER_FREE;

	container->bytes += size;
	if (container->archive_size > allowed / BUDGET_CONTAINER_RATIO)
		allowed = container->archive_size * BUDGET_CONTAINER_RATIO;
	if (container->bytes > BUDGET_CONTAINER_BYTES || container->bytes > allowed) {
		container_stop(container, DIAG_LIMIT_REACHED,
			       "its content is too large, or expands too far");
		return;
	}
	if (container->visiting &&
	    !container->visitor->data(container->visitor->context, bytes, size))
		container_end_file(container);
	compare_earlier(container, bytes, size);
	if (container->file >= 0 && !transfer_write(container->file, bytes, size)) {
		container_write_failed(container, "");
		container_end_file(container);
	}
}

void container_keep_link(struct container *container, const char *path, const char *target,
			 bool hard)
{
	vec_push(&container->links,
		 ((struct container_link){path, target, container->display, hard}));
}

/* Whether an earlier archive had the same link. */
static bool is_there(const struct container *container, const struct container_link *link)
{
	char target[4096];
	ssize_t length = readlinkat(container->directory_fd, link->path, target, sizeof(target));

	return length > 0 && slice_equal_text(slice_of(target, (size_t)length), link->target);
}

/* Hard links first, while there is no symbolic link on any path. */
void container_make_links(struct container *container)
{
	vec_each (link, &container->links) {
		const char *target;

		container->display = link->display;
		target = link->hard ? container_clean_path(container, link->target) : "";

		if (!link->hard)
			continue;
		if (!target || !*target)
			container_skipped(container, link->path, "a hard link out of the archive");
		else if (!make_parent(container, link->path) ||
			 linkat(container->directory_fd, target, container->directory_fd,
				link->path, 0) != 0)
			container_write_failed(container, link->path);
	}
	/* From the deepest on: what lies below a link of the archive was refused or is there. */
	vec_each (link, &container->links)
		if (!link->hard && !make_parent(container, link->path))
			container_write_failed(container, link->path);
	vec_each (link, &container->links) {
		struct stat info;

		container->display = link->display;
		if (link->hard || is_there(container, link))
			continue;
		if (fstatat(container->directory_fd, link->path, &info, AT_SYMLINK_NOFOLLOW) == 0)
			container_skipped(container, link->path,
					  "a link and something else of one name");
		else if (symlinkat(link->target, container->directory_fd, link->path) != 0)
			container_write_failed(container, link->path);
	}
}
