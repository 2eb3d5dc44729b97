/* SPDX-License-Identifier: BSD-2-Clause */
/* Build-ids in an index: the list is there only when it is needed, found over segments, kept by
 * merges, and refused when it is damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/index_builder.h"
#include "evidence/index_format.h"

#define FIRST "0011223344556677"
#define SECOND "0011223344556677889900aabbccddeeff001122"
#define BYTES_MAX 65536

static char folder[] = "/tmp/elfleft-build-ids-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static char *path_of(char name, char path[static 64])
{
	snprintf(path, 64, "%s/%c", folder, name);
	return path;
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	for (const char *name = "abc"; *name; name++)
		unlink(path_of(*name, path));
	return rmdir(folder);
}

static void add_file(struct index_builder *builder, const char *component, const char *path,
		     const char *id)
{
	const struct index_builder_origin origin = {
	    .component = component, .version = "1", .path = path, .machine = 62};
	uint32_t number;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	index_builder_add_build_id(builder, index_builder_add_member(builder, number, "m"), id);
}

static void write_index(struct index_builder *builder, char name)
{
	char path[64];

	assert_int_equal(index_builder_write(builder, path_of(name, path)), STATUS_OK);
	index_builder_free(builder);
}

static struct index *open_index(const char *names)
{
	struct index *index = index_new();
	struct diags diags;
	char path[64];

	diags_init(&diags);
	for (; *names; names++)
		assert_int_equal(index_add_file(index, path_of(*names, path), &diags), STATUS_OK);
	diags_release(&diags);
	return index;
}

static size_t read_bytes(char name, uint8_t *bytes)
{
	char path[64];
	FILE *file = fopen(path_of(name, path), "re");
	size_t size = fread(bytes, 1, BYTES_MAX, file);

	fclose(file);
	assert_in_range(size, 1, BYTES_MAX - 1);
	return size;
}

static void write_bytes(char name, const uint8_t *bytes, size_t size)
{
	char path[64];
	FILE *file = fopen(path_of(name, path), "we");

	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* The paths of the files with an id, "," between them. */
static const char *found(const struct index *index, const char *id)
{
	static char text[256];
	uint32_t members[INDEX_BUILD_ID_MEMBERS];
	uint32_t count = index_find_build_id(index, id, members);

	*text = '\0';
	for (uint32_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "," : "",
			 index_origin(index, index_member(index, members[i]).origin)->path);
	return text;
}

/* All of them with the paths of their files, "," between them. */
static const char *listed(const struct index *index)
{
	static char text[256];

	*text = '\0';
	for (uint32_t i = 0; i < index_build_id_count(index); i++) {
		uint32_t member;
		const char *id = index_build_id(index, i, &member);

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s=%s", i ? "," : "",
			 id, index_origin(index, index_member(index, member).origin)->path);
	}
	return text;
}

static void which_are_eligible(void **state)
{
	char longest[INDEX_BUILD_ID_DIGITS_MAX + 3] = {0};

	(void)state;
	memset(longest, 'a', INDEX_BUILD_ID_DIGITS_MAX);
	assert_true(index_build_id_eligible(FIRST));
	assert_true(index_build_id_eligible(longest));
	memset(longest, 'a', INDEX_BUILD_ID_DIGITS_MAX + 2);
	assert_false(index_build_id_eligible(longest));
	assert_false(index_build_id_eligible(""));
	assert_false(index_build_id_eligible("00112233445566"));
	assert_false(index_build_id_eligible(FIRST "8"));
	assert_false(index_build_id_eligible("001122334455667G"));
	assert_false(index_build_id_eligible("001122334455667A"));
}

static void none_is_no_list(void **state)
{
	struct index_builder *builder = index_builder_new();
	uint8_t *bytes = malloc(BYTES_MAX);
	const struct index_disk_header *header = (const void *)bytes;
	struct index *index;

	(void)state;
	add_file(builder, "alpha", "a.so", "00112233");
	write_index(builder, 'a');
	read_bytes('a', bytes);
	assert_int_equal(header->section_count, INDEX_SECTIONS_ALWAYS);
	assert_int_equal(header->sections[0].offset, 384); /* as before there was such a list */
	index = open_index("a");
	assert_string_equal(found(index, "00112233"), "");
	assert_string_equal(found(index, FIRST), "");
	index_free(index);
	free(bytes);
}

static void found_and_merged(void **state)
{
	uint8_t *first = malloc(BYTES_MAX), *second = malloc(BYTES_MAX);
	struct index_builder *builder = index_builder_new();
	struct index *index;
	bool kept[2] = {0};
	size_t size;

	(void)state;
	add_file(builder, "beta", "b.so", FIRST);
	add_file(builder, "alpha", "a.so", SECOND);
	write_index(builder, 'a');
	builder = index_builder_new();
	add_file(builder, "alpha", "c.so", FIRST);
	write_index(builder, 'b');
	index = open_index("ab");
	assert_string_equal(found(index, FIRST), "b.so,c.so");
	assert_string_equal(found(index, SECOND), "a.so");
	assert_string_equal(found(index, FIRST "88"), "");
	assert_string_equal(listed(index), FIRST "=b.so," SECOND "=a.so," FIRST "=c.so");
	builder = index_builder_new();
	index_builder_merge(builder, index);
	index_builder_merge(builder, index);
	write_index(builder, 'c');
	size = read_bytes('c', first);
	kept[index_find_component(index, "alpha")] = true;
	builder = index_builder_new();
	index_builder_merge_kept(builder, index, kept);
	index_free(index);
	write_index(builder, 'a');
	index = open_index("a");
	assert_string_equal(found(index, FIRST), "c.so");
	assert_string_equal(found(index, SECOND), "a.so");
	index_free(index);

	builder = index_builder_new();
	add_file(builder, "alpha", "c.so", FIRST);
	add_file(builder, "alpha", "a.so", SECOND);
	add_file(builder, "beta", "b.so", FIRST);
	write_index(builder, 'b');
	assert_int_equal(read_bytes('b', second), size);
	assert_memory_equal(first, second, size);
	index = open_index("b");
	assert_string_equal(found(index, FIRST), "c.so,b.so");
	index_free(index);
	free(first);
	free(second);
}

static void more_than_fit(void **state)
{
	struct index_builder *builder = index_builder_new();
	uint32_t members[INDEX_BUILD_ID_MEMBERS];
	struct index *index;
	char path[16];

	(void)state;
	for (unsigned i = 0; i < 2 * INDEX_BUILD_ID_MEMBERS; i++) {
		snprintf(path, sizeof(path), "%u.so", i);
		add_file(builder, "alpha", path, FIRST);
	}
	write_index(builder, 'a');
	index = open_index("a");
	assert_int_equal(index_find_build_id(index, FIRST, members), INDEX_BUILD_ID_MEMBERS);
	index_free(index);
}

static void assert_refused(const uint8_t *bytes, size_t size)
{
	struct index *index = index_new();
	struct diags diags;
	char path[64];

	diags_init(&diags);
	write_bytes('b', bytes, size);
	assert_int_equal(index_add_file(index, path_of('b', path), &diags), STATUS_FORMAT);
	assert_int_equal(diags.list.len, 1);
	assert_int_equal(diags.list.ptr[0].id, DIAG_INDEX_BAD);
	diags_release(&diags);
	index_free(index);
}

static void damaged(void **state)
{
	struct index_builder *builder = index_builder_new();
	uint8_t *good = malloc(BYTES_MAX), *bytes = malloc(BYTES_MAX);
	struct index_disk_header *header = (void *)bytes;
	struct index_disk_section *section = &header->sections[INDEX_SECTION_BUILD_IDS];
	struct index_disk_build_id *list, swapped;
	size_t size;

	(void)state;
	add_file(builder, "alpha", "a.so", FIRST);
	add_file(builder, "beta", "b.so", FIRST);
	add_file(builder, "beta", "c.so", SECOND);
	write_index(builder, 'a');
	size = read_bytes('a', good);
	memcpy(bytes, good, size);
	assert_int_equal(section->count, 3);
	list = (void *)(bytes + section->offset);
	swapped = list[1];

#define REFUSE(change)             \
	memcpy(bytes, good, size); \
	change;                    \
	assert_refused(bytes, size);

	REFUSE(section->count++)
	REFUSE(section->count = UINT64_MAX)
	REFUSE(section->offset += INDEX_ALIGN)
	REFUSE(section->offset = UINT64_MAX - INDEX_ALIGN + 1)
	REFUSE(section->offset++)
	REFUSE(section->entry_size = 4)
	REFUSE(header->section_count++)
	REFUSE(header->section_count = INDEX_SECTIONS_ALWAYS - 1)
	REFUSE(list[2].member = 3)
	REFUSE(list[2].id = UINT32_MAX)
	REFUSE(list[2].id = 0)
	REFUSE(list[2].id++)
	REFUSE(list[1].member = list[0].member)
	REFUSE(list[1] = list[0]; list[0] = swapped)
	REFUSE(list[0].id = list[2].id)
#undef REFUSE
	/* The same bytes unharmed; and without the list, which is then not looked at. */
	write_bytes('b', good, size);
	index_free(open_index("b"));
	memcpy(bytes, good, size);
	header->section_count = INDEX_SECTIONS_ALWAYS;
	section->count = UINT64_MAX;
	write_bytes('b', bytes, size);
	index_free(open_index("b"));
	/* It ends between the sections that all have and the last one. */
	memcpy(bytes, good, size);
	header->size = offsetof(struct index_disk_header, sections[INDEX_SECTIONS_ALWAYS]) + 8;
	assert_refused(bytes, header->size);
	free(good);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(which_are_eligible),
	    cmocka_unit_test(none_is_no_list),
	    cmocka_unit_test(found_and_merged),
	    cmocka_unit_test(more_than_fit),
	    cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
