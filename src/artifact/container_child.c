/* SPDX-License-Identifier: BSD-2-Clause */
/* The child that parses an archive with libarchive: it may read one descriptor and write one. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "artifact/container.h"
#include "artifact/container_internal.h"
#include "util/budget.h"
#include "util/memory.h"
#include "util/sandbox.h"
#include "util/transfer.h"

/* Where libarchive reads from: the file itself, or a member of an archive around it. */
struct source {
	int fd;
	int64_t position, size;
	struct archive *outer; /* NULL: the file */
	uint8_t buffer[1 << 16];
};

static int pipe_fd;

static void send_bytes(const void *bytes, size_t size)
{
	if (!transfer_write(pipe_fd, bytes, size))
		_exit(1); /* the parent has gone or had enough */
}

static void send_frame(enum container_frame_kind kind, mode_t mode, const void *bytes, size_t size)
{
	struct container_frame frame = {kind, mode, (uint32_t)size, 0};

	send_bytes(&frame, sizeof(frame));
	send_bytes(bytes, size);
}

static void send_texts(enum container_frame_kind kind, mode_t mode, const char *first,
		       const char *second)
{
	char *joined = NULL;
	size_t length = strlen(first) + 1, other = second ? strlen(second) : 0;

	if (length + other > CONTAINER_FRAME_SIZE) {
		send_frame(CONTAINER_FRAME_BROKEN, 0, "a name too long", 15);
		return;
	}
	joined = memory_alloc(length + other);
	memcpy(joined, first, length);
	if (second)
		memcpy(joined + length, second, other);
	send_frame(kind, mode, joined, second ? length + other : length - 1);
	free(joined);
}

static la_ssize_t source_read(struct archive *archive, void *context, const void **ret_bytes)
{
	struct source *source = context;
	ssize_t got;

	if (source->outer)
		got = archive_read_data(source->outer, source->buffer, sizeof(source->buffer));
	else
		do {
			got = pread(source->fd, source->buffer, sizeof(source->buffer),
				    source->position);
		} while (got < 0 && errno == EINTR);
	(void)archive;
	if (got < 0)
		return -1;
	source->position += got;
	*ret_bytes = source->buffer;
	return got;
}

static la_int64_t source_skip(struct archive *archive, void *context, la_int64_t request)
{
	struct source *source = context;

	(void)archive;
	if (source->outer || request < 0)
		return 0;
	if (request > source->size - source->position)
		request = source->size - source->position;
	source->position += request;
	return request;
}

static la_int64_t source_seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
	struct source *source = context;
	int64_t base = whence == SEEK_SET   ? 0
		       : whence == SEEK_CUR ? source->position
					    : source->size;

	(void)archive;
	if (source->outer || __builtin_add_overflow(base, offset, &base) || base < 0)
		return ARCHIVE_FATAL;
	source->position = base;
	return base;
}

static const char *name_of(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);

	return name ? name : archive_entry_pathname(entry);
}

static const char *reason(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text ? text : "malformed";
}

/* The content of one file; false when the archive can not be read on. */
static bool send_content(struct archive *archive, const char *name)
{
	static uint8_t chunk[CONTAINER_FRAME_SIZE];

	for (;;) {
		la_ssize_t got = archive_read_data(archive, chunk, sizeof(chunk));

		if (got == ARCHIVE_RETRY)
			continue;
		if (got == 0)
			return true;
		if (got < 0) {
			send_texts(CONTAINER_FRAME_SKIPPED, 0, name, reason(archive));
			return got > ARCHIVE_FATAL;
		}
		send_frame(CONTAINER_FRAME_DATA, 0, chunk, (size_t)got);
	}
}

/* A folder and a name, in memory that holds until the next call. */
static const char *below(const char *folder, const char *name)
{
	static char *joined;

	free(joined);
	joined = NULL;
	return asprintf(&joined, "%s%s", folder, name) < 0 ? NULL : joined;
}

static bool send_entry(struct archive *archive, struct archive_entry *entry, const char *folder)
{
	const char *name = name_of(entry), *target = archive_entry_hardlink(entry);
	mode_t mode = archive_entry_mode(entry);

	if (*folder && name)
		name = below(folder, name);

	if (!name) {
		send_texts(CONTAINER_FRAME_SKIPPED, 0, "", "a name that is no text");
	} else if (archive_entry_is_encrypted(entry)) {
		send_texts(CONTAINER_FRAME_SKIPPED, 0, name, "it is encrypted");
	} else if (target) {
		send_texts(CONTAINER_FRAME_HARDLINK, mode, name, target);
	} else if (archive_entry_filetype(entry) == AE_IFDIR) {
		send_texts(CONTAINER_FRAME_DIRECTORY, mode, name, NULL);
	} else if (archive_entry_filetype(entry) == AE_IFLNK) {
		target = archive_entry_symlink_utf8(entry);
		if (!target)
			target = archive_entry_symlink(entry);
		send_texts(CONTAINER_FRAME_SYMLINK, mode, name, target ? target : "");
	} else if (archive_entry_filetype(entry) == AE_IFREG || !archive_entry_filetype(entry)) {
		send_texts(CONTAINER_FRAME_FILE, mode, name, NULL);
		return send_content(archive, name);
	}
	return true; /* devices, pipes and sockets hold nothing */
}

/* False, and said, when it cannot be read. */
static bool open_archive(struct archive *archive, struct source *source)
{
	const char *why;

	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_set_callback_data(archive, source);
	archive_read_set_read_callback(archive, source_read);
	archive_read_set_skip_callback(archive, source_skip);
	if (!source->outer)
		archive_read_set_seek_callback(archive, source_seek);
	if (archive_read_open1(archive) == ARCHIVE_OK)
		return true;
	why = reason(archive);
	send_frame(CONTAINER_FRAME_BROKEN, 0, why, strlen(why));
	return false;
}

/* False at the end, or where it is broken, which is said. */
static bool next_entry(struct archive *archive, struct archive_entry **ret)
{
	const char *why;
	int got;

	do
		got = archive_read_next_header(archive, ret);
	while (got == ARCHIVE_RETRY);
	if (got >= ARCHIVE_WARN)
		return got != ARCHIVE_EOF;
	why = reason(archive);
	send_frame(CONTAINER_FRAME_BROKEN, 0, why, strlen(why));
	return false;
}

/* Member names of a static library may repeat: the parent numbers them. */
static void send_files(struct archive *archive, struct source *source, const char *folder)
{
	struct archive_entry *entry;

	if (open_archive(archive, source))
		while (next_entry(archive, &entry) && send_entry(archive, entry, folder))
			;
	archive_read_free(archive);
}

/* The files of a Debian package are those of its member data.tar; control.tar is about it. */
static void send_member(struct archive *outer, const char *name, bool with_control)
{
	bool control = with_control && strncmp(name, "control.tar", 11) == 0;
	struct archive *archive;
	struct source *source;

	if (!control && strncmp(name, "data.tar", 8) != 0)
		return;
	archive = archive_read_new();
	source = memory_calloc(1, sizeof(*source));
	source->outer = outer;
	archive_read_support_format_tar(archive);
	send_files(archive, source, control ? CONTAINER_CONTROL : "");
	free(source);
}

static void send_package(struct archive *archive, struct source *source, bool with_control)
{
	struct archive_entry *entry;

	if (open_archive(archive, source))
		while (next_entry(archive, &entry))
			send_member(archive, name_of(entry) ? name_of(entry) : "", with_control);
	archive_read_free(archive);
}

void container_send(int archive_fd, int frames_fd, uint64_t archive_size,
		    enum container_format format, bool control)
{
	struct source *source = memory_calloc(1, sizeof(*source));
	struct archive *archive = archive_read_new();

	if (!archive)
		_exit(1);
	pipe_fd = frames_fd;
	source->fd = archive_fd;
	source->size = (int64_t)archive_size;
	if (format == CONTAINER_ZIP)
		archive_read_support_format_zip(archive);
	else if (format == CONTAINER_TAR)
		archive_read_support_format_tar(archive);
	else
		archive_read_support_format_ar(archive);
	if (format == CONTAINER_DEB)
		send_package(archive, source, control);
	else
		send_files(archive, source, "");
	send_frame(CONTAINER_FRAME_END, 0, NULL, 0);
	free(source);
}

_Noreturn void container_child(int archive_fd, int frames_fd, enum container_format format,
			       bool control)
{
	struct sandbox *sandbox = sandbox_new();
	struct rlimit limit = {BUDGET_CONTAINER_SECONDS, BUDGET_CONTAINER_SECONDS};
	struct stat info;

	container_prepare();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CPU, &limit);
	/* Names in UTF-8 need no converter then, for which there would be no file system. */
	setlocale(LC_ALL, "C.UTF-8");
	/* The same holds for time zones; nobody asks for times. */
	setenv("TZ", "UTC0", 1);
	tzset();
	if (fstat(archive_fd, &info) != 0)
		_exit(1);
	sandbox_enter(sandbox, BUDGET_CONTAINER_MEMORY);
	container_send(archive_fd, frames_fd, (uint64_t)info.st_size, format, control);
	_exit(0);
}
