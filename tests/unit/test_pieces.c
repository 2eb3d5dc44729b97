/* SPDX-License-Identifier: BSD-2-Clause */
/* A file read by pieces gives the very record that it gives when it is mapped. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "binary/elf_input.h"
#include "binary/facts.h"
#include "util/memory.h"

static const char *const files[] = {"/proc/self/exe", "/bin/true", "/lib64/ld-linux-x86-64.so.2",
				    "/lib/x86_64-linux-gnu/libc.so.6",
				    "/lib/x86_64-linux-gnu/libelf.so.1"};

static uint8_t *read_whole(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	uint8_t *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &info), 0);
	bytes = memory_alloc((size_t)info.st_size);
	assert_int_equal(read(fd, bytes, (size_t)info.st_size), info.st_size);
	close(fd);
	*ret_size = (size_t)info.st_size;
	return bytes;
}

/* The file as a descriptor that holds size bytes of it. */
static int descriptor(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("pieces", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

static void compare(const uint8_t *bytes, size_t size)
{
	uint8_t *mapped, *pieces;
	size_t mapped_size, pieces_size;
	uint64_t offset;
	int fd = descriptor(bytes, size);

	assert_int_equal(facts_collect(slice_of(bytes, size), FACTS_LOADER, &mapped, &mapped_size),
			 STATUS_OK);
	assert_int_equal(
	    facts_collect_pieces(fd, size, FACTS_LOADER, &pieces, &pieces_size, &offset),
	    STATUS_OK);
	assert_int_equal(mapped_size, pieces_size);
	assert_memory_equal(mapped, pieces, mapped_size);
	free(mapped);
	free(pieces);
	close(fd);
}

static void whole_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t size;
		uint8_t *bytes = read_whole(files[i], &size);
		struct facts facts;
		uint8_t *record;
		size_t record_size;

		compare(bytes, size);
		/* The comparison is of something. */
		assert_int_equal(
		    facts_collect(slice_of(bytes, size), FACTS_LOADER, &record, &record_size),
		    STATUS_OK);
		assert_int_equal(facts_open(slice_of(record, record_size), &facts), STATUS_OK);
		assert_true(facts.dynamic_count > 10);
		free(record);
		free(bytes);
	}
}

static void cut_files(void **state)
{
	size_t size;
	uint8_t *bytes = read_whole("/bin/true", &size);

	(void)state;
	for (size_t cut = 64; cut < size; cut += 64) {
		uint8_t *part = memory_alloc(cut);

		memcpy(part, bytes, cut);
		compare(part, cut);
		free(part);
	}
	free(bytes);
}

/* Bytes of the header, the program headers and the dynamic section set to others. */
static void damaged_files(void **state)
{
	size_t size;
	uint8_t *bytes = read_whole("/bin/true", &size);
	uint32_t random = 1;
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(bytes + header->e_phoff);
	size_t dynamic = 0;

	(void)state;
	for (size_t i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_DYNAMIC)
			dynamic = segments[i].p_offset;
	assert_true(dynamic > 0);
	for (size_t i = 0; i < 4000; i++) {
		size_t at;
		uint8_t before;

		random = random * 1103515245u + 12345u;
		at = (random >> 8) % 600;
		if (i & 1)
			at = dynamic + at % 400;
		else if (at < 16)
			continue; /* the identification is checked by libelf in one case only */
		else if (at >= offsetof(Elf64_Ehdr, e_shoff) && at < sizeof(*header) &&
			 at != offsetof(Elf64_Ehdr, e_phnum))
			continue; /* so is the section table, which no loader looks at */
		before = bytes[at];
		bytes[at] = (uint8_t)(random >> 24);
		compare(bytes, size);
		bytes[at] = before;
	}
	free(bytes);
}

static void shrunk_file(void **state)
{
	size_t size, record_size;
	uint8_t *bytes = read_whole("/bin/true", &size), *record;
	int fd = descriptor(bytes, size / 2);
	uint64_t offset = 0;

	(void)state;
	assert_int_equal(
	    facts_collect_pieces(fd, size, FACTS_LOADER, &record, &record_size, &offset),
	    STATUS_IO);
	assert_true(offset >= size / 2 && offset < size);
	close(fd);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_files),
	    cmocka_unit_test(cut_files),
	    cmocka_unit_test(damaged_files),
	    cmocka_unit_test(shrunk_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
