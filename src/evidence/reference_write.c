/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes reference manifests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "evidence/reference_format.h"
#include "util/vec.h"

#define ZSTD_LEVEL 12

struct reference_writer {
	char *path, *temporary;
	FILE *to;
	bool single;
	uint32_t count;
	struct reference_body body;
	struct reference_size size;
};

void reference_put_kind(struct reference_body *body, enum reference_kind kind)
{
	if (!body->runs.len || body->runs.ptr[body->runs.len - 1].kind != kind)
		vec_push(&body->runs, ((struct reference_run){body->bytes.len, kind}));
}

void reference_put_bytes(struct reference_body *body, const void *bytes, size_t size)
{
	if (body->bytes.cap - body->bytes.len < size) {
		body->bytes.cap = (body->bytes.len + size) * 2;
		body->bytes.ptr = memory_realloc_array(body->bytes.ptr, body->bytes.cap, 1);
	}
	if (size)
		memcpy(body->bytes.ptr + body->bytes.len, bytes, size);
	body->bytes.len += size;
}

void reference_put_number(struct reference_body *body, uint64_t value, unsigned size)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	reference_put_bytes(body, bytes, size);
}

void reference_put_short(struct reference_body *body, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		reference_put_number(body, (value & 0x7f) | 0x80, 1);
	reference_put_number(body, value, 1);
}

static void put_bytes(struct reference_writer *writer, const void *bytes, size_t size)
{
	reference_put_bytes(&writer->body, bytes, size);
}

static void put_number(struct reference_writer *writer, uint64_t value, unsigned size)
{
	reference_put_number(&writer->body, value, size);
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
	reference_put_kind(&writer->body, REFERENCE_FILES);
	put_text(writer, ELFLEFT_VERSION);
	put_number(writer, 0, 4); /* how many files: filled in at the end */
	*ret = writer;
	return STATUS_OK;
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
	put_number(writer, profile->thread_size, 8);
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
	reference_put_kind(&writer->body, REFERENCE_PAGES);
	put_number(writer, profile->page_count, 4);
	for (size_t i = 0; i < profile->page_count; i++)
		put_number(writer, profile->pages[i], 8);
	reference_put_kind(&writer->body, REFERENCE_FILES);
	put_number(writer, profile->comment_count, 4);
	for (size_t i = 0; i < profile->comment_count; i++)
		put_text(writer, profile->comments[i]);
	reference_put_functions(&writer->body, profile);
	reference_put_kind(&writer->body, REFERENCE_DEVICE);
	put_number(writer, profile->device.len, 4);
	put_bytes(writer, profile->device.ptr, profile->device.len);
}

/* In machine code: functions that kernels call and texts of PTX are none. */
static uint64_t count_kernels(const struct facts *device)
{
	uint64_t count = 0;

	for (size_t i = 0; i < device->kernels_count; i++) {
		const struct facts_kernel *kernel = &device->kernels[i];
		uint16_t kind = device->device_entries[kernel->entry].kind;

		count += !(kernel->flags & FACTS_KERNEL_FUNCTION) &&
			 (kind == FACTS_DEVICE_KIND_CUBIN || kind == FACTS_DEVICE_KIND_CODE_OBJECT);
	}
	return count;
}

/* What the limits of a manifest are shares of. */
static void measure(struct reference_writer *writer, const struct profile *profile)
{
	struct facts device;

	for (size_t i = 0; i < profile->part_count; i++)
		if (profile->parts[i].role == FACTS_CONTENT_CODE)
			writer->size.code += profile->parts[i].size;
	writer->size.functions += profile->function_count;
	if (profile->device.len && facts_open(profile->device, &device) == STATUS_OK)
		writer->size.kernels += count_kernels(&device);
}

void reference_add(struct reference_writer *writer, const struct profile *profile)
{
	reference_put_kind(&writer->body, REFERENCE_FILES);
	put_text(writer, profile->path);
	put_number(writer, profile->size, 8);
	put_bytes(writer, profile->sha256.bytes, DIGEST_SIZE);
	put_number(writer, profile->elf, 1);
	if (profile->elf)
		put_elf(writer, profile);
	measure(writer, profile);
	writer->count++;
}

void reference_abandon(struct reference_writer *writer)
{
	if (writer->to) {
		fclose(writer->to);
		unlink(writer->temporary);
	}
	vec_release(&writer->body.bytes);
	vec_release(&writer->body.runs);
	free(writer->path);
	free(writer->temporary);
	free(writer);
}

/* One run as a frame of its own, so that its share is known. */
static bool write_run(struct reference_writer *writer, size_t index)
{
	const struct reference_run *run = &writer->body.runs.ptr[index];
	size_t end = index + 1 < writer->body.runs.len ? run[1].from : writer->body.bytes.len;
	size_t size = end - run->from, room = ZSTD_compressBound(size), packed;
	uint8_t *frame = memory_alloc(room);
	bool ok;

	packed = ZSTD_compress(frame, room, writer->body.bytes.ptr + run->from, size, ZSTD_LEVEL);
	ok = !ZSTD_isError(packed) && fwrite(frame, 1, packed, writer->to) == packed;
	free(frame);
	writer->size.of_kind[run->kind] += packed;
	writer->size.total += packed;
	return ok;
}

static bool write_all(struct reference_writer *writer)
{
	const size_t size = writer->body.bytes.len, magic = strlen(REFERENCE_MAGIC);
	struct reference_body head = {0};
	bool ok;

	reference_put_bytes(&head, REFERENCE_MAGIC, magic);
	reference_put_number(&head, REFERENCE_VERSION, 4);
	reference_put_number(&head, writer->single ? REFERENCE_SINGLE : 0, 4);
	reference_put_number(&head, size, 8);
	reference_put_number(&head, XXH3_64bits(writer->body.bytes.ptr, size), 8);
	ok = fwrite(head.bytes.ptr, 1, head.bytes.len, writer->to) == head.bytes.len;
	writer->size.total = head.bytes.len;
	vec_release(&head.bytes);
	for (size_t i = 0; ok && i < writer->body.runs.len; i++)
		ok = write_run(writer, i);
	return ok && fflush(writer->to) == 0;
}

enum status reference_finish(struct reference_writer *writer, struct reference_size *ret)
{
	enum status status = STATUS_IO;
	int error;

	for (unsigned i = 0; i < 4; i++) /* behind the version of the tool */
		writer->body.bytes.ptr[4 + strlen(ELFLEFT_VERSION) + 1 + i] =
		    (uint8_t)(writer->count >> (8 * i));
	errno = ENOMEM;
	if (write_all(writer) && rename(writer->temporary, writer->path) == 0)
		status = STATUS_OK;
	error = errno;
	if (status == STATUS_OK) {
		fclose(writer->to);
		writer->to = NULL;
	}
	*ret = writer->size;
	reference_abandon(writer);
	errno = error;
	return status;
}

const char *reference_kind_text(enum reference_kind kind)
{
	static const char *const texts[] = {
#define REFERENCE_KIND(id, text) text,
	    REFERENCE_KINDS(REFERENCE_KIND)
#undef REFERENCE_KIND
	};

	return texts[kind];
}
