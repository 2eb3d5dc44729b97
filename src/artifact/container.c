/* SPDX-License-Identifier: BSD-2-Clause */
/* The side that writes: checks what the reading child says, and makes files of it. */
#include "artifact/container.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "artifact/container_internal.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/path.h"

struct link {
	const char *path, *target;
	bool hard;
};

struct container {
	struct arena arena;
	enum container_format format;
	const char *display, *type;
	char *directory;
	int directory_fd, keeper_fd;
	pid_t keeper;
	struct diags *diags;
	/* While it is unpacked. */
	int file;				 /* the file being written, or -1 */
	const struct container_visitor *visitor; /* takes files instead; NULL: they are written */
	bool visiting;				 /* it wants what comes */
	uint64_t archive_size, entries, bytes;
	bool stopped; /* a limit was reached or the disk is full */
	VEC(struct link) links;
	struct map directories; /* those that were made */
	struct map members;	/* of a static library: name -> how often it came */
};

static bool starts(const uint8_t *head, size_t size, size_t at, const char *magic, size_t length)
{
	return size >= at + length && memcmp(head + at, magic, length) == 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), other = strlen(end);

	return length >= other && strcmp(text + length - other, end) == 0;
}

/* A compressed file is taken for a tar file by its name alone. */
static bool is_tar_name(const char *path)
{
	static const char *const ends[] = {".tar.gz", ".tgz",	  ".tar.bz2", ".tbz2",
					   ".tar.xz", ".tar.zst", ".txz"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(path, ends[i]))
			return true;
	return false;
}

static enum container_format format_of(int fd, const char *path, unsigned flags)
{
	uint8_t head[512];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	size_t size = got > 0 ? (size_t)got : 0;

	if (starts(head, size, 0, "PK\3\4", 4) || starts(head, size, 0, "PK\5\6", 4))
		return CONTAINER_ZIP;
	if (starts(head, size, 0, "!<arch>\ndebian-binary", 21))
		return CONTAINER_DEB;
	if (starts(head, size, 0, "!<arch>\n", 8))
		return flags & CONTAINER_STATIC_ARCHIVES ? CONTAINER_ARCHIVE : CONTAINER_NONE;
	if (starts(head, size, 257, "ustar", 5))
		return CONTAINER_TAR;
	if ((starts(head, size, 0, "\x1f\x8b", 2) || starts(head, size, 0, "BZh", 3) ||
	     starts(head, size, 0,
		    "\xfd"
		    "7zXZ",
		    5) ||
	     starts(head, size, 0, "\x28\xb5\x2f\xfd", 4)) &&
	    is_tar_name(path))
		return CONTAINER_TAR;
	return CONTAINER_NONE;
}

static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat info;

	if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

bool container_recognises(const char *host_path, unsigned flags)
{
	int fd = open_regular(host_path);
	enum container_format format;

	if (fd < 0)
		return false;
	format = format_of(fd, host_path, flags);
	close(fd);
	return format != CONTAINER_NONE;
}

/* ---- what comes from the child ---- */

static void skipped(struct container *container, const char *path, const char *why)
{
	diag_add(container->diags, DIAG_CONTAINER_ENTRY, container->display, DIAG_NO_OFFSET,
		 "%s: %s", path, why);
}

static void stop(struct container *container, enum diag_id id, const char *why)
{
	if (!container->stopped)
		diag_add(container->diags, id, container->display, DIAG_NO_OFFSET, "%s", why);
	container->stopped = true;
}

/*
 * "./a//b" becomes "a/b"; NULL for a name that is absolute, has "..", or is nothing. Tar files of
 * packages begin names with "./", those of images with "/": only the former is taken.
 */
static char *clean_path(struct container *container, const char *path)
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

/* Makes a directory and those above it; nothing there is a symbolic link yet. */
static bool make_directory(struct container *container, const char *path)
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
	return make_directory(
	    container, arena_slice(&container->arena, slice_of(path, (size_t)(slash - path))));
}

static void write_failed(struct container *container, const char *path)
{
	if (errno == ENOSPC || errno == EDQUOT)
		stop(container, DIAG_CONTAINER_BAD, strerror(errno));
	else
		skipped(container, path, strerror(errno));
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

static void begin_file(struct container *container, const char *path, mode_t mode)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	if (container->format == CONTAINER_ARCHIVE)
		path = member_path(container, path);
	mode = mode & 0111 ? 0700 : 0600;
	if (!make_parent(container, path)) {
		write_failed(container, path);
		return;
	}
	container->file = openat(container->directory_fd, path, flags, mode);
	if (container->file < 0 && errno == EEXIST) {
		/* Readers differ in which of two entries of one name counts. */
		skipped(container, path,
			"there is more than one entry of this name; the last counts");
		if (unlinkat(container->directory_fd, path, 0) == 0)
			container->file = openat(container->directory_fd, path, flags, mode);
	}
	if (container->file < 0)
		write_failed(container, path);
}

static void end_file(struct container *container)
{
	if (container->visiting)
		container->visitor->end(container->visitor->context);
	container->visiting = false;
	if (container->file >= 0)
		close(container->file);
	container->file = -1;
}

static void write_data(struct container *container, const uint8_t *bytes, size_t size)
{
	uint64_t allowed = BUDGET_CONTAINER_FREE;

	container->bytes += size;
	if (container->archive_size > allowed / BUDGET_CONTAINER_RATIO)
		allowed = container->archive_size * BUDGET_CONTAINER_RATIO;
	if (container->bytes > BUDGET_CONTAINER_BYTES || container->bytes > allowed) {
		stop(container, DIAG_LIMIT_REACHED, "its content is too large, or expands too far");
		return;
	}
	if (container->visiting &&
	    !container->visitor->data(container->visitor->context, bytes, size))
		end_file(container);
	while (size && container->file >= 0) {
		ssize_t done = write(container->file, bytes, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			write_failed(container, "");
			end_file(container);
			return;
		}
		bytes += done;
		size -= (size_t)done;
	}
}

static void keep_link(struct container *container, const char *path, const char *target, bool hard)
{
	vec_push(&container->links, ((struct link){path, target, hard}));
}

/* Hard links first, while there is no symbolic link on any path. */
static void make_links(struct container *container)
{
	vec_each (link, &container->links) {
		const char *target = link->hard ? clean_path(container, link->target) : "";

		if (!link->hard)
			continue;
		if (!target || !*target)
			skipped(container, link->path, "a hard link out of the archive");
		else if (!make_parent(container, link->path) ||
			 linkat(container->directory_fd, target, container->directory_fd,
				link->path, 0) != 0)
			write_failed(container, link->path);
	}
	/* From the deepest on: what lies below a link of the archive was refused or is there. */
	vec_each (link, &container->links)
		if (!link->hard && !make_parent(container, link->path))
			write_failed(container, link->path);
	vec_each (link, &container->links) {
		struct stat info;

		if (link->hard)
			continue;
		if (fstatat(container->directory_fd, link->path, &info, AT_SYMLINK_NOFOLLOW) == 0)
			skipped(container, link->path, "a link and something else of one name");
		else if (symlinkat(link->target, container->directory_fd, link->path) != 0)
			write_failed(container, link->path);
	}
}

/* One frame about an entry; payload ends in NUL. */
static void take_entry(struct container *container, const struct container_frame *frame,
		       const char *payload)
{
	size_t length = strlen(payload);
	const char *second = length < frame->size ? payload + length + 1 : "";
	const char *path;

	end_file(container);
	if (frame->kind == CONTAINER_FRAME_SKIPPED) {
		skipped(container, payload, second);
		return;
	}
	if (++container->entries > BUDGET_CONTAINER_ENTRIES) {
		stop(container, DIAG_LIMIT_REACHED, "it has too many entries");
		return;
	}
	path = clean_path(container, payload);
	if (path && container->visitor) {
		container->visiting = frame->kind == CONTAINER_FRAME_FILE && *path &&
				      container->visitor->begin(container->visitor->context, path);
		return;
	}
	if (!path) {
		skipped(container, payload, "a path that leads out of the archive, or is too long");
		return;
	}
	if (frame->kind == CONTAINER_FRAME_DIRECTORY) {
		if (!make_directory(container, path))
			write_failed(container, path);
	} else if (!*path) {
		skipped(container, payload, "an empty name");
	} else if (frame->kind == CONTAINER_FRAME_FILE) {
		begin_file(container, path, frame->mode);
	} else {
		keep_link(container, path, arena_strdup(&container->arena, second),
			  frame->kind == CONTAINER_FRAME_HARDLINK);
	}
}

static bool read_all(int fd, void *to, size_t size)
{
	uint8_t *at = to;

	while (size) {
		ssize_t got = read(fd, at, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		size -= (size_t)got;
	}
	return true;
}

/* Takes frames until the end; false when the child broke off. */
static bool take_frames(struct container *container, int fd)
{
	uint8_t *payload = memory_alloc((size_t)CONTAINER_FRAME_SIZE + 1);
	struct container_frame frame;
	bool ended = false;

	while (!ended && !container->stopped && read_all(fd, &frame, sizeof(frame)) &&
	       frame.size <= CONTAINER_FRAME_SIZE && read_all(fd, payload, frame.size)) {
		payload[frame.size] = '\0';
		if (frame.kind == CONTAINER_FRAME_END)
			ended = true;
		else if (frame.kind == CONTAINER_FRAME_DATA)
			write_data(container, payload, frame.size);
		else if (frame.kind == CONTAINER_FRAME_BROKEN)
			diag_add(container->diags, DIAG_CONTAINER_BAD, container->display,
				 DIAG_NO_OFFSET, "%s", (const char *)payload);
		else
			take_entry(container, &frame, (const char *)payload);
	}
	end_file(container);
	free(payload);
	return ended || container->stopped;
}

bool container_take(const char *directory, int frames_fd, uint64_t archive_size,
		    enum container_format format, struct diags *diags)
{
	struct container container = {
	    .format = format,
	    .display = "archive",
	    .directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
	    .diags = diags,
	    .file = -1,
	    .archive_size = archive_size,
	};
	bool ended;

	arena_init(&container.arena);
	ended = take_frames(&container, frames_fd);
	make_links(&container);
	close(container.directory_fd);
	vec_release(&container.links);
	map_release(&container.directories);
	map_release(&container.members);
	arena_release(&container.arena);
	return ended;
}

/* ---- start and end ---- */

static enum status unpack(struct container *container, int archive_fd)
{
	int pipes[2], wait_status = 0;
	bool ended;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return STATUS_IO;
	child = fork();
	if (child == 0) {
		/* Descriptors below 3 are only in the way; what is needed moves out of it first. */
		int archive = fcntl(archive_fd, F_DUPFD, 10), out = fcntl(pipes[1], F_DUPFD, 10);

		if (archive < 0 || out < 0 || dup2(archive, 3) < 0 || dup2(out, 4) < 0)
			_exit(1);
		closefrom(5);
		container_child(3, 4, container->format, container->visitor != NULL);
	}
	close(pipes[1]);
	if (child < 0) {
		close(pipes[0]);
		return STATUS_IO;
	}
	ended = take_frames(container, pipes[0]);
	close(pipes[0]);
	if (container->stopped)
		kill(child, SIGKILL);
	while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR)
		;
	if (!ended)
		diag_add(container->diags, DIAG_CONTAINER_BAD, container->display, DIAG_NO_OFFSET,
			 "the isolated reader ended early (%s %d)",
			 WIFSIGNALED(wait_status) ? "signal" : "status",
			 WIFSIGNALED(wait_status) ? WTERMSIG(wait_status)
						  : WEXITSTATUS(wait_status));
	make_links(container);
	return STATUS_OK;
}

static const char *type_of(enum container_format format, const char *path)
{
	switch (format) {
	case CONTAINER_ZIP:
		return ends_with(path, ".whl") ? "wheel" : "zip";
	case CONTAINER_TAR:
		return "tar";
	case CONTAINER_DEB:
		return "deb";
	case CONTAINER_ARCHIVE:
		return "static library";
	case CONTAINER_NONE:
		break;
	}
	return "";
}

static enum status make_place(struct container *container)
{
	const char *temporary = getenv("TMPDIR");

	if (!temporary || !*temporary)
		temporary = "/tmp";
	container->directory = arena_printf(&container->arena, "%s/elfleft-XXXXXX", temporary);
	container->keeper_fd = container_keeper(container->directory, &container->keeper);
	if (container->keeper_fd < 0)
		return STATUS_IO;
	container->directory_fd =
	    open(container->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return container->directory_fd < 0 ? STATUS_IO : STATUS_OK;
}

static void release_unpacking(struct container *container)
{
	vec_release(&container->links);
	map_release(&container->directories);
	map_release(&container->members);
}

/* What both ways of reading begin with; fd is open then. */
static enum status begin(const char *host_path, const char *display_path, unsigned flags,
			 struct diags *diags, int *ret_fd, struct container **ret)
{
	int fd = open_regular(host_path);
	struct container *container;
	struct stat info;

	if (fd < 0 || fstat(fd, &info) != 0)
		return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
	container = memory_calloc(1, sizeof(*container));
	arena_init(&container->arena);
	container->format = format_of(fd, host_path, flags);
	container->display = arena_strdup(&container->arena, display_path);
	container->type = type_of(container->format, host_path);
	container->diags = diags;
	container->archive_size = (uint64_t)info.st_size;
	container->file = container->keeper_fd = container->directory_fd = -1;
	*ret_fd = fd;
	*ret = container;
	return STATUS_OK;
}

enum status container_open(const char *host_path, const char *display_path, unsigned flags,
			   struct diags *diags, struct container **ret)
{
	struct container *container;
	int fd, error;
	enum status status = begin(host_path, display_path, flags, diags, &fd, &container);

	if (status != STATUS_OK)
		return status;
	status = container->format == CONTAINER_NONE ? STATUS_UNSUPPORTED : make_place(container);
	if (status == STATUS_OK)
		status = unpack(container, fd);
	error = errno;
	close(fd);
	release_unpacking(container);
	if (status == STATUS_OK)
		*ret = container;
	else
		container_free(container);
	errno = error;
	return status;
}

enum status container_read(const char *host_path, const char *display_path,
			   const struct container_visitor *visitor, struct diags *diags)
{
	struct container *container;
	int fd, error;
	enum status status = begin(host_path, display_path, 0, diags, &fd, &container);

	if (status != STATUS_OK)
		return status;
	container->visitor = visitor;
	status = container->format == CONTAINER_NONE ? STATUS_UNSUPPORTED : unpack(container, fd);
	error = errno;
	close(fd);
	release_unpacking(container);
	container_free(container);
	errno = error;
	return status;
}

void container_free(struct container *container)
{
	if (!container)
		return;
	if (container->directory_fd >= 0)
		close(container->directory_fd);
	if (container->keeper_fd >= 0) {
		close(container->keeper_fd);
		while (waitpid(container->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	}
	arena_release(&container->arena);
	free(container);
}

const char *container_directory(const struct container *container)
{
	return container->directory;
}

const char *container_type(const struct container *container)
{
	return container->type;
}
