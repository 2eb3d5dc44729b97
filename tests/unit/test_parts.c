/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of a file's parts say together what the record of the whole says, and no other way. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "binary/elf_input.h"
#include "binary/facts_parts.h"
#include "util/memory.h"

#define PARTS 3

struct fixture {
	uint8_t *bytes;
	size_t size;
	struct slice whole, parts[PARTS];
};

static struct slice collect(const struct fixture *fixture, uint16_t part, uint16_t parts)
{
	const struct facts_request request = {.bytes = slice_of(fixture->bytes, fixture->size),
					      .groups = FACTS_CODE,
					      .part = part,
					      .parts = parts};
	uint8_t *record;
	size_t size;

	assert_int_equal(facts_collect_request(&request, &record, &size), STATUS_OK);
	return slice_of(record, size);
}

static void forget(struct slice record)
{
	free((void *)(uintptr_t)record.ptr);
}

/* This program, which is a position-independent one of some thousand functions. */
static int setup(void **state)
{
	struct fixture *fixture = memory_calloc(1, sizeof(*fixture));
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) != 0)
		return -1;
	fixture->size = (size_t)info.st_size;
	fixture->bytes = memory_alloc(fixture->size);
	if (read(fd, fixture->bytes, fixture->size) != info.st_size)
		return -1;
	close(fd);
	facts_prepare(FACTS_CODE);
	fixture->whole = collect(fixture, 0, 0);
	for (uint16_t i = 0; i < PARTS; i++)
		fixture->parts[i] = collect(fixture, i, PARTS);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	forget(fixture->whole);
	for (size_t i = 0; i < PARTS; i++)
		forget(fixture->parts[i]);
	free(fixture->bytes);
	free(fixture);
	return 0;
}

static void joined(void **state)
{
	const struct fixture *fixture = *state;
	struct facts whole, got;
	uint8_t *record;
	size_t size;

	assert_int_equal(facts_parts_join(fixture->parts, PARTS, &record, &size), STATUS_OK);
	assert_int_equal(facts_open(slice_of(record, size), &got), STATUS_OK);
	assert_int_equal(facts_open(fixture->whole, &whole), STATUS_OK);
	assert_true(whole.functions_count > 100);
	assert_int_equal(got.functions_count, whole.functions_count);
	assert_int_equal(got.function_parts_count + got.adoptions_count, 0);
	assert_int_equal(got.symbols_count, whole.symbols_count);
	assert_int_equal(got.mentions_count, whole.mentions_count);
	assert_int_equal(got.diagnostics_count, whole.diagnostics_count);
	for (size_t i = 0; i < got.functions_count; i++) {
		struct facts_function left = got.functions[i], right = whole.functions[i];

		assert_string_equal(facts_text(&got, left.name), facts_text(&whole, right.name));
		left.name = right.name;
		assert_memory_equal(&left, &right, sizeof(left));
	}
	free(record);
}

static void refused(void **state)
{
	const struct fixture *fixture = *state;
	const struct slice turned[PARTS] = {fixture->parts[1], fixture->parts[0],
					    fixture->parts[2]};
	const struct slice twice[PARTS] = {fixture->parts[0], fixture->parts[1], fixture->parts[1]};
	const struct slice other[PARTS] = {fixture->parts[0], fixture->whole, fixture->parts[2]};
	uint8_t *record;
	size_t size;

	assert_int_equal(facts_parts_join(turned, PARTS, &record, &size), STATUS_FORMAT);
	assert_int_equal(facts_parts_join(twice, PARTS, &record, &size), STATUS_FORMAT);
	assert_int_equal(facts_parts_join(other, PARTS, &record, &size), STATUS_FORMAT);
	assert_int_equal(facts_parts_join(fixture->parts, PARTS - 1, &record, &size),
			 STATUS_FORMAT);
	assert_int_equal(facts_parts_join(fixture->parts, 0, &record, &size), STATUS_FORMAT);
	assert_int_equal(facts_parts_join(fixture->parts, FACTS_PARTS_MAX + 1, &record, &size),
			 STATUS_FORMAT);
}

/* Any byte of a part may be anything: what is joined then is a record, or nothing. */
static void damaged(void **state)
{
	const struct fixture *fixture = *state;
	struct slice parts[PARTS];
	uint8_t *copy = memory_alloc(fixture->parts[1].len);
	struct facts facts;
	uint32_t random = 7;

	memcpy(parts, fixture->parts, sizeof(parts));
	parts[1].ptr = copy;
	for (unsigned i = 0; i < 300; i++) {
		uint8_t *record = NULL;
		size_t size = 0, at;

		memcpy(copy, fixture->parts[1].ptr, fixture->parts[1].len);
		random = random * 1664525 + 1013904223;
		/* The head holds the counts; the parents lie among the functions. */
		at = i % 2 ? random % 1024 : random % parts[1].len;
		copy[at] = (uint8_t)(random >> 24);
		if (facts_parts_join(parts, PARTS, &record, &size) == STATUS_OK)
			assert_int_equal(facts_open(slice_of(record, size), &facts), STATUS_OK);
		free(record);
	}
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(joined),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
