/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes reference manifests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "evidence/reference.h"
#include "evidence/reference_format.h"
#include "util/vec.h"

#define ZSTD_LEVEL 12

struct reference_writer {
	char *path, *temporary;
	FILE *to;
	bool single;
	uint32_t count;
	VEC(uint8_t) body;
};

static void put_bytes(struct reference_writer *writer, const void *bytes, size_t size)
{
	if (writer->body.cap - writer->body.len < size) {
		writer->body.cap = (writer->body.len + size) * 2;
		writer->body.ptr = memory_realloc_array(writer->body.ptr, writer->body.cap, 1);
	}
	if (size)
		memcpy(writer->body.ptr + writer->body.len, bytes, size);
	writer->body.len += size;
}

static void put_number(struct reference_writer *writer, uint64_t value, unsigned size)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	put_bytes(writer, bytes, size);
}

static void put_text(struct reference_writer *writer, const char *text)
{
	size_t length = strlen(text);

	put_number(writer, length, 4);
	put_bytes(writer, text, length + 1);
}

enum status reference_create(const char *host_path, bool single, struct reference_writer **ret)
{
	struct reference_writer *writer = memory_calloc(1, sizeof(*writer));
	int error;

	writer->path = memory_strdup(host_path);
	writer->temporary = memory_alloc(strlen(host_path) + 8);
	sprintf(writer->temporary, "%s.new", host_path);
	writer->to = fopen(writer->temporary, "wbe");
	writer->single = single;
	if (!writer->to) {
		error = errno;
		reference_abandon(writer);
		errno = error;
		return STATUS_IO;
	}
	put_text(writer, ELFLEFT_VERSION);
	put_number(writer, 0, 4); /* how many files: filled in at the end */
	*ret = writer;
	return STATUS_OK;
}

/* One column after the other: like stands beside like, which compresses. */
static void put_functions(struct reference_writer *writer, const struct profile *profile)
{
	const struct profile_function *functions = profile->functions;
	size_t count = profile->function_count;

#define COLUMN(value, size)                \
	for (size_t i = 0; i < count; i++) \
	put_number(writer, functions[i].value, size)
	put_number(writer, count, 4);
	COLUMN(address, 8);
	COLUMN(size, 4);
	COLUMN(section, 4);
	COLUMN(instructions, 4);
	COLUMN(masked, 4);
	COLUMN(flags, 2);
	COLUMN(sources, 2);
	COLUMN(raw.low, 8);
	COLUMN(raw.high, 8);
	COLUMN(strict.low, 8);
	COLUMN(strict.high, 8);
	COLUMN(loose.low, 8);
	COLUMN(shape, 8);
	COLUMN(targets, 8);
	COLUMN(targets_by_class, 8);
	for (size_t i = 0; i < count; i++)
		put_text(writer, functions[i].name);
#undef COLUMN
}

static void put_elf(struct reference_writer *writer, const struct profile *profile)
{
	put_number(writer, profile->machine, 2);
	put_number(writer, profile->elf_type, 2);
	put_number(writer, profile->elf_class, 1);
	put_number(writer, profile->encoding, 1);
	put_number(writer, profile->type, 4);
	put_number(writer, profile->flags, 4);
	put_number(writer, profile->stack_flags, 4);
	put_number(writer, profile->entry, 8);
	put_text(writer, profile->soname);
	put_text(writer, profile->build_id);
	put_text(writer, profile->interpreter);
	put_number(writer, profile->entry_count, 4);
	for (size_t i = 0; i < profile->entry_count; i++) {
		put_number(writer, (uint64_t)profile->entries[i].tag, 8);
		put_number(writer, profile->entries[i].value, 8);
		put_text(writer, profile->entries[i].text);
	}
	put_number(writer, profile->part_count, 4);
	for (size_t i = 0; i < profile->part_count; i++) {
		const struct profile_part *part = &profile->parts[i];

		put_text(writer, part->name);
		put_number(writer, part->role, 4);
		put_number(writer, part->flags, 4);
		put_number(writer, part->page_first, 4);
		put_number(writer, part->page_count, 4);
		put_number(writer, part->address, 8);
		put_number(writer, part->size, 8);
		put_bytes(writer, part->digest, sizeof(part->digest));
	}
	put_number(writer, profile->page_count, 4);
	for (size_t i = 0; i < profile->page_count; i++)
		put_number(writer, profile->pages[i], 8);
	put_number(writer, profile->comment_count, 4);
	for (size_t i = 0; i < profile->comment_count; i++)
		put_text(writer, profile->comments[i]);
	put_functions(writer, profile);
	put_number(writer, profile->device.len, 4);
	put_bytes(writer, profile->device.ptr, profile->device.len);
}

void reference_add(struct reference_writer *writer, const struct profile *profile)
{
	put_text(writer, profile->path);
	put_number(writer, profile->size, 8);
	put_bytes(writer, profile->sha256.bytes, DIGEST_SIZE);
	put_number(writer, profile->elf, 1);
	if (profile->elf)
		put_elf(writer, profile);
	writer->count++;
}

void reference_abandon(struct reference_writer *writer)
{
	if (writer->to) {
		fclose(writer->to);
		unlink(writer->temporary);
	}
	vec_release(&writer->body);
	free(writer->path);
	free(writer->temporary);
	free(writer);
}

enum status reference_finish(struct reference_writer *writer)
{
	size_t body = writer->body.len, room = ZSTD_compressBound(body), packed, at;
	uint8_t head[REFERENCE_HEAD] = REFERENCE_MAGIC, *frame;
	struct reference_writer numbers = {0};
	enum status status = STATUS_IO;
	int error;

	for (unsigned i = 0; i < 4; i++) /* behind the version of the tool */
		writer->body.ptr[4 + strlen(ELFLEFT_VERSION) + 1 + i] =
		    (uint8_t)(writer->count >> (8 * i));
	frame = memory_alloc(room);
	packed = ZSTD_compress(frame, room, writer->body.ptr, body, ZSTD_LEVEL);
	put_number(&numbers, REFERENCE_VERSION, 4);
	put_number(&numbers, writer->single ? REFERENCE_SINGLE : 0, 4);
	put_number(&numbers, body, 8);
	put_number(&numbers, XXH3_64bits(writer->body.ptr, body), 8);
	at = strlen(REFERENCE_MAGIC);
	memcpy(head + at, numbers.body.ptr, numbers.body.len);
	vec_release(&numbers.body);
	errno = ENOMEM;
	if (!ZSTD_isError(packed) && fwrite(head, 1, sizeof(head), writer->to) == sizeof(head) &&
	    fwrite(frame, 1, packed, writer->to) == packed && fflush(writer->to) == 0 &&
	    rename(writer->temporary, writer->path) == 0)
		status = STATUS_OK;
	error = errno;
	free(frame);
	if (status == STATUS_OK) {
		fclose(writer->to);
		writer->to = NULL;
	}
	reference_abandon(writer);
	errno = error;
	return status;
}
