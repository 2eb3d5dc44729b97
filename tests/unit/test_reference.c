/* SPDX-License-Identifier: BSD-2-Clause */
/* Manifests: what goes in comes out, in one order; others and damaged ones stay outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <xxhash.h>
#include <zstd.h>

#include "evidence/reference_format.h"
#include "util/memory.h"

#define FUNCTIONS 200u
#define MUTATIONS 300u
#define BODY_MAX (1u << 20)

struct fixture {
	char folder[64], path[128];
	struct diags diags;
	struct profile profile;
	struct profile_function functions[FUNCTIONS], between[2];
	char names[FUNCTIONS][24];
	struct reference_size size;
};

static void fill(struct fixture *fixture)
{
	static struct profile_part parts[] = {
	    {.name = ".text", .role = FACTS_CONTENT_CODE, .address = 4096, .size = 100000},
	    {.name = "", .role = FACTS_CONTENT_SEGMENT, .page_count = 3, .size = 100000},
	};
	static struct profile_entry entries[] = {{DT_NEEDED, 0, "libc.so.6"}, {DT_FLAGS, 8, ""}};
	static const uint64_t pages[] = {1, UINT64_MAX, 3};
	static const char *comments[] = {"GCC: (Debian) 14"};

	for (unsigned i = 0; i < FUNCTIONS; i++) {
		uint64_t class = i % 7; /* functions of one class share what instructions decide */

		if (i % 5)
			snprintf(fixture->names[i], sizeof(fixture->names[i]), "_Z%ufun", i);
		fixture->functions[i] = (struct profile_function){
		    .address = i == 9 ? 8 : 4096 + i * 300,
		    .size = i == 11 ? UINT64_MAX - 3 : 100 + class,
		    .name = fixture->names[i],
		    .section = i < 3 ? 0 : i / 50,
		    .flags = i % 3,
		    .sources = FACTS_FUNCTION_FRAME,
		    .instructions = (uint32_t) class * 1000,
		    .masked = (uint32_t) class,
		    .raw = {i * UINT64_C(0x9e3779b97f4a7c15), i},
		    .strict = {class + 1, ~class},
		    .loose = {class << 40, 0},
		    .shape = class * 3,
		    .targets = class ? i + 1 : 0,
		    .targets_by_class = class ? i + 2 : 0,
		};
	}
	fixture->between[0] = (struct profile_function){
	    .address = 70000, .size = 20, .name = "", .sources = FACTS_FUNCTION_GAP, .raw = {1, 2}};
	fixture->between[1] = (struct profile_function){
	    .address = 60000, .size = 300, .name = "", .sources = FACTS_FUNCTION_GAP};
	fixture->profile = (struct profile){.path = "/lib/libx.so",
					    .size = 200000,
					    .elf = true,
					    .elf_type = ET_DYN,
					    .soname = "libx.so.1",
					    .build_id = "abcd",
					    .interpreter = "",
					    .entries = entries,
					    .thread_size = 208,
					    .entry_count = 2,
					    .parts = parts,
					    .part_count = 2,
					    .pages = pages,
					    .page_count = 3,
					    .comments = comments,
					    .comment_count = 1,
					    .functions = fixture->functions,
					    .function_count = FUNCTIONS,
					    .between = fixture->between,
					    .between_count = 2};
}

static void write_one(struct fixture *fixture)
{
	struct profile other = {.path = "/lib/readme", .size = 3};
	struct reference_writer *writer;

	assert_int_equal(reference_create(fixture->path, false, &writer), STATUS_OK);
	reference_add(writer, &fixture->profile);
	reference_add(writer, &other);
	assert_int_equal(reference_finish(writer, &fixture->size), STATUS_OK);
}

static int setup(void **state)
{
	struct fixture *fixture = memory_calloc(1, sizeof(*fixture));

	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/elfleft-reference-XXXXXX");
	if (!mkdtemp(fixture->folder))
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/manifest", fixture->folder);
	diags_init(&fixture->diags);
	fill(fixture);
	write_one(fixture);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	rmdir(fixture->folder);
	diags_release(&fixture->diags);
	free(fixture);
	return 0;
}

static size_t load(const char *path, uint8_t *to)
{
	FILE *file = fopen(path, "rbe");
	size_t size;

	assert_non_null(file);
	size = fread(to, 1, BODY_MAX, file);
	fclose(file);
	assert_true(size > 0 && size < BODY_MAX);
	return size;
}

static void store(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "wbe");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void test_round_trip(void **state)
{
	struct fixture *fixture = *state;
	struct reference *reference;
	const struct profile *read;

	assert_true(reference_recognises(fixture->path));
	assert_int_equal(reference_read(fixture->path, &fixture->diags, &reference), STATUS_OK);
	assert_int_equal(reference->file_count, 2);
	assert_string_equal(reference->files[1].path, "/lib/readme");
	assert_false(reference->files[1].elf);
	read = &reference->files[0];
	assert_string_equal(read->soname, "libx.so.1");
	assert_int_equal(read->thread_size, 208);
	assert_string_equal(read->entries[0].text, "libc.so.6");
	assert_string_equal(read->comments[0], "GCC: (Debian) 14");
	assert_int_equal(read->pages[1], UINT64_MAX);
	assert_false(read->outlined);
	assert_int_equal(read->function_count, FUNCTIONS);
	for (size_t i = 0; i < FUNCTIONS; i++) {
		struct profile_function want = fixture->functions[i], got = read->functions[i];

		assert_string_equal(got.name, want.name);
		want.name = got.name = NULL;
		assert_memory_equal(&got, &want, sizeof(got));
	}
	assert_int_equal(read->between_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(read->between[i].address, fixture->between[i].address);
		assert_int_equal(read->between[i].size, fixture->between[i].size);
		assert_memory_equal(&read->between[i].raw, &fixture->between[i].raw, 16);
	}
	reference_free(reference);
}

static void test_deterministic(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *first = memory_alloc(BODY_MAX), *second = memory_alloc(BODY_MAX);
	size_t size = load(fixture->path, first);
	uint64_t sum = REFERENCE_HEAD;

	write_one(fixture);
	assert_int_equal(load(fixture->path, second), size);
	assert_memory_equal(first, second, size);
	/* What is told of its size is all of it. */
	for (unsigned i = 0; i < REFERENCE_KIND_COUNT; i++)
		sum += fixture->size.of_kind[i];
	assert_int_equal(fixture->size.total, size);
	assert_int_equal(sum, size);
	assert_int_equal(fixture->size.functions, FUNCTIONS);
	assert_int_equal(fixture->size.code, 100000);
	free(first);
	free(second);
}

static void test_other_version(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = memory_alloc(BODY_MAX);
	size_t size = load(fixture->path, bytes);
	struct reference *reference;

	bytes[strlen(REFERENCE_MAGIC)] = REFERENCE_VERSION - 1;
	store(fixture->path, bytes, size);
	assert_int_equal(reference_read(fixture->path, &fixture->diags, &reference), STATUS_FORMAT);
	assert_int_equal(fixture->diags.list.len, 1);
	assert_non_null(strstr(fixture->diags.list.ptr[0].message, "format is 3"));
	write_one(fixture);
	free(bytes);
}

/* The body of a manifest, unpacked. */
static size_t unpack(const uint8_t *bytes, size_t size, uint8_t *to)
{
	size_t at = REFERENCE_HEAD, used = 0;

	while (at < size) {
		size_t frame = ZSTD_findFrameCompressedSize(bytes + at, size - at), got;

		assert_false(ZSTD_isError(frame));
		got = ZSTD_decompress(to + used, BODY_MAX - used, bytes + at, frame);
		assert_false(ZSTD_isError(got));
		used += got;
		at += frame;
	}
	return used;
}

static void put_u64(uint8_t *at, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* Damage that the hash of the body does not tell: somebody made it on purpose. */
static void test_mutations(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = memory_alloc(BODY_MAX), *body = memory_alloc(BODY_MAX),
		*bad = memory_alloc(BODY_MAX);
	size_t size = unpack(bytes, load(fixture->path, bytes), body);
	unsigned refused = 0;

	srand(1);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		size_t length = i % 4 ? size : (size_t)rand() % size, packed;
		struct reference *reference;

		memcpy(bad, body, size);
		for (unsigned j = 0; length && j <= i % 3; j++)
			bad[(size_t)rand() % length] =
			    i % 2 ? (uint8_t)rand() : (uint8_t)(rand() % 2 ? 0xff : 0);
		put_u64(bytes + 16, length);
		put_u64(bytes + 24, XXH3_64bits(bad, length));
		packed = ZSTD_compress(bytes + REFERENCE_HEAD, BODY_MAX - REFERENCE_HEAD, bad,
				       length, 1);
		assert_false(ZSTD_isError(packed));
		store(fixture->path, bytes, REFERENCE_HEAD + packed);
		if (reference_read(fixture->path, &fixture->diags, &reference) == STATUS_OK)
			reference_free(reference);
		else
			refused++;
	}
	assert_true(refused >= MUTATIONS / 4 - 1);
	write_one(fixture);
	free(bytes);
	free(body);
	free(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_deterministic),
	    cmocka_unit_test(test_other_version),
	    cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
