/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads reference manifests: a child without a file system unpacks, this process checks. */
#include "evidence/reference_format.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "util/budget.h"
#include "util/memory.h"
#include "util/sandbox.h"

static int open_manifest(const char *host_path, uint8_t head[static REFERENCE_HEAD])
{
	int fd = open(host_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && (pread(fd, head, REFERENCE_HEAD, 0) != REFERENCE_HEAD ||
			memcmp(head, REFERENCE_MAGIC, strlen(REFERENCE_MAGIC)) != 0)) {
		close(fd);
		fd = -1;
		errno = EINVAL;
	}
	return fd;
}

bool reference_recognises(const char *host_path)
{
	uint8_t head[REFERENCE_HEAD];
	int fd = open_manifest(host_path, head);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* ---- unpacking ---- */

static _Noreturn void unpack_child(int in, int out)
{
	uint8_t *packed = memory_alloc(ZSTD_DStreamInSize()),
		*plain = memory_alloc(ZSTD_DStreamOutSize());
	ZSTD_DStream *stream = ZSTD_createDStream();
	ssize_t got;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sandbox_enter(sandbox_new(), BUDGET_REFERENCE_MEMORY);
	ZSTD_initDStream(stream);
	while ((got = read(in, packed, ZSTD_DStreamInSize())) > 0) {
		ZSTD_inBuffer from = {packed, (size_t)got, 0};
		bool more = true;

		while (from.pos < from.size || more) {
			ZSTD_outBuffer to = {plain, ZSTD_DStreamOutSize(), 0};
			size_t done = ZSTD_decompressStream(stream, &to, &from), sent = 0;

			if (ZSTD_isError(done))
				_exit(1);
			while (sent < to.pos) {
				ssize_t step = write(out, plain + sent, to.pos - sent);

				if (step <= 0)
					_exit(1);
				sent += (size_t)step;
			}
			more = to.pos == to.size;
		}
	}
	_exit(0);
}

/* The whole body, as long as the head says; false when it is not. */
static bool unpack(int fd, uint8_t *body, size_t size)
{
	int pipes[2], status = 0;
	size_t used = 0;
	bool longer = false;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return false;
	child = fork();
	if (child == 0) {
		int in = fcntl(fd, F_DUPFD, 10), out = fcntl(pipes[1], F_DUPFD, 10);

		if (in < 0 || out < 0 || dup2(in, 3) < 0 || dup2(out, 4) < 0)
			_exit(1);
		closefrom(5);
		lseek(3, REFERENCE_HEAD, SEEK_SET);
		unpack_child(3, 4);
	}
	close(pipes[1]);
	while (child > 0) {
		uint8_t extra;
		ssize_t got = used < size ? read(pipes[0], body + used, size - used)
					  : read(pipes[0], &extra, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (used == size) {
			longer = true;
			break;
		}
		used += (size_t)got;
	}
	close(pipes[0]);
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	return child > 0 && used == size && !longer;
}

/* ---- parsing ---- */

static const char *take_text(struct cursor *cursor)
{
	uint32_t length = cursor_u32(cursor);
	struct slice bytes = cursor_bytes(cursor, (uint64_t)length + 1);

	if (cursor->bad || bytes.len != (size_t)length + 1 || bytes.ptr[length] != 0 ||
	    memchr(bytes.ptr, 0, length)) {
		cursor->bad = true;
		return "";
	}
	return (const char *)bytes.ptr;
}

size_t reference_take_count(struct cursor *cursor, size_t least)
{
	uint32_t count = cursor_u32(cursor);

	if (cursor->bad || count > (cursor->in.len - cursor->pos) / least) {
		cursor->bad = true;
		return 0;
	}
	return count;
}

uint64_t reference_take_short(struct cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cursor_u8(cursor);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->bad = true;
	return 0;
}

static void take_parts(struct cursor *cursor, struct arena *arena, struct profile *ret)
{
	uint64_t *pages;

	ret->part_count = reference_take_count(cursor, 5 + 32 + FACTS_CONTENT_DIGEST);
	if (ret->part_count > BUDGET_REFERENCE_PARTS) {
		cursor->bad = true;
		ret->part_count = 0;
	}
	ret->parts = arena_alloc_array(arena, ret->part_count + 1, sizeof(*ret->parts));
	for (size_t i = 0; i < ret->part_count; i++) {
		struct profile_part *part = &ret->parts[i];
		struct slice digest;

		part->name = take_text(cursor);
		part->role = cursor_u32(cursor);
		part->flags = cursor_u32(cursor);
		part->page_first = cursor_u32(cursor);
		part->page_count = cursor_u32(cursor);
		part->address = cursor_u64(cursor);
		part->size = cursor_u64(cursor);
		digest = cursor_bytes(cursor, sizeof(part->digest));
		if (cursor->bad || part->role >= FACTS_CONTENT_ROLE_COUNT) {
			cursor->bad = true;
			return;
		}
		memcpy(part->digest, digest.ptr, sizeof(part->digest));
	}
	ret->page_count = reference_take_count(cursor, 8);
	pages = arena_alloc_array(arena, ret->page_count + 1, sizeof(*pages));
	for (size_t i = 0; i < ret->page_count; i++)
		pages[i] = cursor_u64(cursor);
	ret->pages = pages;
	for (size_t i = 0; i < ret->part_count; i++)
		if (ret->parts[i].page_first > ret->page_count ||
		    ret->parts[i].page_count > ret->page_count - ret->parts[i].page_first)
			cursor->bad = true;
}

static void take_elf(struct cursor *cursor, struct arena *arena, struct profile *ret)
{
	struct slice device;

	ret->machine = cursor_u16(cursor);
	ret->elf_type = cursor_u16(cursor);
	ret->elf_class = cursor_u8(cursor);
	ret->encoding = cursor_u8(cursor);
	ret->type = cursor_u32(cursor);
	ret->flags = cursor_u32(cursor);
	ret->stack_flags = cursor_u32(cursor);
	ret->entry = cursor_u64(cursor);
	ret->thread_size = cursor_u64(cursor);
	ret->soname = take_text(cursor);
	ret->build_id = take_text(cursor);
	ret->interpreter = take_text(cursor);
	ret->entry_count = reference_take_count(cursor, 21);
	ret->entries = arena_alloc_array(arena, ret->entry_count + 1, sizeof(*ret->entries));
	for (size_t i = 0; i < ret->entry_count; i++) {
		ret->entries[i].tag = (int64_t)cursor_u64(cursor);
		ret->entries[i].value = cursor_u64(cursor);
		ret->entries[i].text = take_text(cursor);
		if (!profile_tag_text(ret->entries[i].tag))
			cursor->bad = true;
	}
	take_parts(cursor, arena, ret);
	ret->comment_count = reference_take_count(cursor, 5);
	ret->comments = arena_alloc_array(arena, ret->comment_count + 1, sizeof(*ret->comments));
	for (size_t i = 0; i < ret->comment_count; i++)
		ret->comments[i] = take_text(cursor);
	reference_take_functions(cursor, arena, ret);
	device = cursor_bytes(cursor, reference_take_count(cursor, 1));
	/* A record wants its place aligned; who uses it checks it. */
	if (!cursor->bad && device.len)
		ret->device = slice_of(arena_copy(arena, device.ptr, device.len), device.len);
}

bool reference_parse(struct reference *reference)
{
	struct cursor cursor = cursor_of(reference->bytes, false);
	struct arena *arena = &reference->arena;

	reference->tool_version = take_text(&cursor);
	reference->file_count = reference_take_count(&cursor, 5 + 8 + DIGEST_SIZE + 1);
	reference->files =
	    arena_alloc_array(arena, reference->file_count + 1, sizeof(*reference->files));
	for (size_t i = 0; i < reference->file_count && !cursor.bad; i++) {
		struct profile *file = &reference->files[i];
		struct slice digest;

		file->path = take_text(&cursor);
		file->size = cursor_u64(&cursor);
		digest = cursor_bytes(&cursor, DIGEST_SIZE);
		file->elf = cursor_u8(&cursor) != 0;
		if (cursor.bad)
			break;
		memcpy(file->sha256.bytes, digest.ptr, DIGEST_SIZE);
		if (file->elf)
			take_elf(&cursor, arena, file);
	}
	return !cursor.bad && cursor.pos == cursor.in.len;
}

enum status reference_read(const char *host_path, struct diags *diags, struct reference **ret)
{
	uint8_t head[REFERENCE_HEAD], *body = NULL;
	int fd = open_manifest(host_path, head);
	struct reference *reference;
	struct cursor cursor = cursor_of(slice_of(head, sizeof(head)), false);
	uint64_t size, hash;
	uint32_t version, flags;
	const char *wrong = NULL;

	if (fd < 0)
		return STATUS_IO;
	cursor_seek(&cursor, strlen(REFERENCE_MAGIC));
	version = cursor_u32(&cursor);
	flags = cursor_u32(&cursor);
	size = cursor_u64(&cursor);
	hash = cursor_u64(&cursor);
	reference = memory_calloc(1, sizeof(*reference));
	arena_init(&reference->arena);
	reference->single = flags & REFERENCE_SINGLE;
	if (version != REFERENCE_VERSION)
		wrong = arena_printf(&reference->arena,
				     "its format is %u, this program reads %u: make it anew",
				     version, REFERENCE_VERSION);
	else if (size > BUDGET_REFERENCE)
		wrong = "it is too large";
	if (!wrong) {
		body = memory_alloc((size_t)size + 1);
		reference->bytes = slice_of(body, (size_t)size);
		if (!unpack(fd, body, (size_t)size))
			wrong = "it is cut off or damaged";
		else if (XXH3_64bits(body, (size_t)size) != hash || !reference_parse(reference))
			wrong = "it is damaged";
	}
	close(fd);
	if (!wrong) {
		*ret = reference;
		return STATUS_OK;
	}
	diag_add(diags, DIAG_REFERENCE_BAD, host_path, DIAG_NO_OFFSET, "%s", wrong);
	reference_free(reference);
	return STATUS_FORMAT;
}

void reference_free(struct reference *reference)
{
	if (!reference)
		return;
	free((void *)(uintptr_t)reference->bytes.ptr);
	arena_release(&reference->arena);
	free(reference);
}
