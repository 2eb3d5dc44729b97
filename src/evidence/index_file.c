/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment in order becomes a file. */
#include "evidence/index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binary/facts.h"
#include "util/arena.h"
#include "util/transfer.h"

static uint64_t aligned(uint64_t offset)
{
	return (offset + INDEX_ALIGN - 1) / INDEX_ALIGN * INDEX_ALIGN;
}

static bool write_sections(const struct index_file *file, int fd)
{
	static const size_t entry_sizes[] = {
#define INDEX_SIZE(tag, type) sizeof(type),
	    INDEX_SECTIONS(INDEX_SIZE) INDEX_OPTIONAL_SECTIONS(INDEX_SIZE)
#undef INDEX_SIZE
	};
	static const uint8_t padding[INDEX_ALIGN] = {0};
	const uint32_t section_count = file->sections[INDEX_SECTION_BUILD_IDS].bytes.len
					   ? INDEX_SECTION_COUNT
					   : INDEX_SECTIONS_ALWAYS;
	const size_t header_size = offsetof(struct index_disk_header, sections) +
				   section_count * sizeof(struct index_disk_section);
	struct index_disk_header header = {
	    .magic = INDEX_MAGIC,
	    .version = INDEX_VERSION,
	    .section_count = section_count,
	    .name_count = file->name_count,
	    .bucket_bits = file->bucket_bits,
	    .literal_bits = file->literal_bits,
	    .rules = FACTS_FINGERPRINT_RULES,
	    .literal_rules = FACTS_LITERAL_RULES,
	};
	uint64_t end = header_size;
	bool written;

	for (size_t i = 0; i < section_count; i++) {
		size_t size = file->sections[i].bytes.len;

		header.sections[i] =
		    (struct index_disk_section){.offset = aligned(end),
						.count = size / entry_sizes[i],
						.entry_size = (uint32_t)entry_sizes[i]};
		end = aligned(end) + size;
	}
	header.size = end;
	written = transfer_write(fd, &header, header_size);
	end = header_size;
	for (size_t i = 0; i < section_count && written; i++) {
		const struct index_file_section *section = &file->sections[i];

		written = transfer_write(fd, padding, (size_t)(aligned(end) - end)) &&
			  transfer_write(fd, section->bytes.ptr, section->bytes.len);
		end = aligned(end) + section->bytes.len;
	}
	return written;
}

/* All that the format numbers with 32 bits. */
static bool fits(const struct index_file *file)
{
	for (size_t i = 0; i < INDEX_SECTION_COUNT; i++)
		if (i != INDEX_SECTION_KEYS && i != INDEX_SECTION_POSTINGS &&
		    i != INDEX_SECTION_LITERAL_KEYS && file->sections[i].bytes.len >= UINT32_MAX)
			return false;
	return true;
}

enum status index_file_write(const struct index_file *file, const char *path)
{
	struct arena arena;
	char *beside;
	int fd, error;
	bool written;

	if (!fits(file))
		return STATUS_LIMIT;
	arena_init(&arena);
	beside = arena_printf(&arena, "%s.%ld.tmp", path, (long)getpid());
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	written = fd >= 0 && write_sections(file, fd);
	error = errno;
	if (fd >= 0 && close(fd) != 0 && written) {
		written = false;
		error = errno;
	}
	if (written && rename(beside, path) != 0) {
		written = false;
		error = errno;
	}
	if (!written && fd >= 0)
		unlink(beside);
	arena_release(&arena);
	errno = error;
	return written ? STATUS_OK : STATUS_IO;
}
