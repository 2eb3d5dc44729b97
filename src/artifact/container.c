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

#include "artifact/container_write.h"
#include "util/budget.h"
#include "util/path.h"
#include "util/transfer.h"

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

/* One frame about an entry; payload ends in NUL. */
static void take_entry(struct container *container, const struct container_frame *frame,
		       const char *payload)
{
	size_t length = strlen(payload);
	const char *second = length < frame->size ? payload + length + 1 : "";
	const char *path;

	container_end_file(container);
	if (frame->kind == CONTAINER_FRAME_SKIPPED) {
		container_skipped(container, payload, second);
		return;
	}
	if (++container->entries > BUDGET_CONTAINER_ENTRIES) {
		container_stop(container, DIAG_LIMIT_REACHED, "it has too many entries");
		return;
	}
	path = container_clean_path(container, payload);
	if (path && container->visitor) {
		container->visiting = frame->kind == CONTAINER_FRAME_FILE && *path &&
				      container->visitor->begin(container->visitor->context, path);
		return;
	}
	if (!path) {
		container_skipped(container, payload,
				  "a path that leads out of the archive, or is too long");
		return;
	}
	if (frame->kind == CONTAINER_FRAME_DIRECTORY) {
		if (!container_make_directory(container, path))
			container_write_failed(container, path);
	} else if (!*path) {
		container_skipped(container, payload, "an empty name");
	} else if (frame->kind == CONTAINER_FRAME_FILE) {
		container_begin_file(container, path, frame->mode);
	} else {
		container_keep_link(container, path, arena_strdup(&container->arena, second),
				    frame->kind == CONTAINER_FRAME_HARDLINK);
	}
}

/* Takes frames until the end; false when the child broke off. */
static bool take_frames(struct container *container, int fd)
{
	uint8_t *payload = memory_alloc((size_t)CONTAINER_FRAME_SIZE + 1);
	struct container_frame frame;
	bool ended = false;

	while (!ended && !container->stopped &&
	       transfer_read(fd, &frame, sizeof(frame)) == sizeof(frame) &&
	       frame.size <= CONTAINER_FRAME_SIZE &&
	       transfer_read(fd, payload, frame.size) == frame.size) {
		payload[frame.size] = '\0';
		if (frame.kind == CONTAINER_FRAME_END)
			ended = true;
		else if (frame.kind == CONTAINER_FRAME_DATA)
			container_write_data(container, payload, frame.size);
		else if (frame.kind == CONTAINER_FRAME_BROKEN)
			diag_add(container->diags, DIAG_CONTAINER_BAD, container->display,
				 DIAG_NO_OFFSET, "%s", (const char *)payload);
		else
			take_entry(container, &frame, (const char *)payload);
	}
	container_end_file(container);
	free(payload);
	return ended || container->stopped;
}

static void release_unpacking(struct container *container)
{
	vec_release(&container->links);
	map_release(&container->directories);
	map_release(&container->members);
	map_release(&container->archive_by_path);
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
	    .earlier = -1,
	    .archive_size = archive_size,
	};
	bool ended;

	arena_init(&container.arena);
	ended = take_frames(&container, frames_fd);
	container_make_links(&container);
	close(container.directory_fd);
	release_unpacking(&container);
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

static struct container *new_container(struct diags *diags)
{
	struct container *container = memory_calloc(1, sizeof(*container));

	arena_init(&container->arena);
	container->diags = diags;
	container->file = container->earlier = container->keeper_fd = container->directory_fd = -1;
	return container;
}

/* Reads one more archive. */
static enum status add_archive(struct container *container, const char *host_path,
			       const char *display_path, unsigned flags)
{
	int fd = open_regular(host_path), error;
	struct stat info;
	enum status status = STATUS_UNSUPPORTED;
	const char *type;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
	container->format = format_of(fd, host_path, flags);
	container->display = arena_strdup(&container->arena, display_path);
	type = type_of(container->format, host_path);
	container->type =
	    !container->archive || strcmp(container->type, type) == 0 ? type : "archives";
	container->archive++;
	if (fstat(fd, &info) != 0)
		status = STATUS_IO;
	else if (container->format != CONTAINER_NONE) {
		container->archive_size += (uint64_t)info.st_size;
		status = unpack(container, fd);
	}
	error = errno;
	close(fd);
	errno = error;
	return status;
}

enum status container_open(const char *const *host_paths, size_t count, unsigned flags,
			   struct diags *diags, struct container **ret)
{
	struct container *container = new_container(diags);
	enum status status = make_place(container);
	int error;

	container->several = count > 1;
	for (size_t i = 0; i < count && status == STATUS_OK && !container->stopped; i++)
		status = add_archive(container, host_paths[i], host_paths[i], flags);
	if (status == STATUS_OK)
		container_make_links(container);
	error = errno;
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
	struct container *container = new_container(diags);
	enum status status;
	int error;

	container->visitor = visitor;
	status = add_archive(container, host_path, display_path, 0);
	error = errno;
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
