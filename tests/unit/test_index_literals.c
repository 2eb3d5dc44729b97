/* SPDX-License-Identifier: BSD-2-Clause */
/* Long texts and tables in an index: which of them speak for a component, and what a part keeps. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "evidence/index_builder.h"
#include "evidence/index_format.h"

static char folder[] = "/tmp/elfleft-literals-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	for (const char *name = "ab"; *name; name++) {
		snprintf(path, sizeof(path), "%s/%c", folder, *name);
		unlink(path);
	}
	return rmdir(folder);
}

static void write_index(struct index_builder *builder, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(index_builder_write(builder, path), STATUS_OK);
	index_builder_free(builder);
}

static struct index *open_index(const char *name)
{
	struct index *index = index_new();
	struct diags diags;
	char path[64];

	diags_init(&diags);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(index_add_file(index, path, &diags), STATUS_OK);
	diags_release(&diags);
	return index;
}

/* Two components that are not kept, with a text of both and one of the second. */
static void add_others(struct index_builder *builder)
{
	static const char *const names[] = {"alpha", "beta"};

	for (size_t i = 0; i < 2; i++) {
		const struct index_builder_origin origin = {.component = names[i]};
		uint32_t number, member;

		assert_true(index_builder_add_origin(builder, &origin, &number));
		member = index_builder_add_member(builder, number, "o.o");
		index_builder_add_literal(builder, member, 11);
		if (i)
			index_builder_add_literal(builder, member, 12);
	}
}

/* What very many files of one project hold is of a header, in any of its builds. */
static void literals_of_headers(void **state)
{
	static const char *const versions[] = {"1", "2"};
	struct index_builder *builder = index_builder_new();
	uint32_t members[INDEX_LITERAL_MEMBERS];
	struct index *index;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct index_builder_origin origin = {.component = "wide",
							    .version = versions[i]};
		uint32_t number;

		assert_true(index_builder_add_origin(builder, &origin, &number));
		for (uint64_t j = 0; j <= INDEX_LITERAL_FILES; j++) {
			uint32_t member = index_builder_add_member(builder, number, "m.o");

			index_builder_add_literal(builder, member, 5);
			if (j < INDEX_LITERAL_FILES)
				index_builder_add_literal(builder, member, 6);
		}
	}
	write_index(builder, "a");
	index = open_index("a");
	assert_int_equal(index_find_literal(index, 5, members), 0);
	assert_int_equal(index_find_literal(index, 6, members), 2 * INDEX_LITERAL_FILES);
	index_free(index);
}

/* A part of an index keeps what is shared, and a sample of each member, the same in any order. */
static void literals_of_a_part(void **state)
{
	const struct index_builder_origin origin = {.component = "many"};
	struct index_builder *builder = index_builder_new();
	uint32_t members[INDEX_LITERAL_MEMBERS], number, member, found = 0;
	struct index *index;
	bool kept[3] = {0};

	(void)state;
	add_others(builder);
	assert_true(index_builder_add_origin(builder, &origin, &number));
	member = index_builder_add_member(builder, number, "m.o");
	for (uint64_t i = 1; i <= 1000; i++)
		index_builder_add_literal(builder, member, 100 + i);
	write_index(builder, "a");
	index = open_index("a");
	kept[index_find_component(index, "many")] = true;
	builder = index_builder_new();
	index_builder_merge_kept(builder, index, kept);
	index_free(index);
	write_index(builder, "b");
	index = open_index("b");
	for (uint64_t i = 1; i <= 1000; i++)
		found += index_find_literal(index, 100 + i, members);
	assert_in_range(found, 32, 128);
	assert_int_equal(index_find_literal(index, 101, members), 1);
	assert_int_equal(index_member(index, members[0]).literals, found);
	assert_int_equal(index_find_literal(index, 12, members), 0);
	assert_int_equal(index_find_component(index, "alpha"), INDEX_NO_COMPONENT);
	index_free(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(literals_of_headers),
	    cmocka_unit_test(literals_of_a_part),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
