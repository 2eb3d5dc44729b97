/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables: the built-in ones, a folder in their place, and rows that cannot be used. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/table.h"
#include "util/table_builtin.h"

struct fixture {
	struct arena arena;
	struct diags diags;
	char folder[64];
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	arena_init(&fixture->arena);
	diags_init(&fixture->diags);
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/elfleft-table-XXXXXX");
	*state = fixture;
	return mkdtemp(fixture->folder) ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	unlink(arena_printf(&fixture->arena, "%s/licences.tsv", fixture->folder));
	rmdir(fixture->folder);
	arena_release(&fixture->arena);
	diags_release(&fixture->diags);
	free(fixture);
	return 0;
}

static void write_table(struct fixture *fixture, const char *bytes, size_t size)
{
	FILE *file = fopen(arena_printf(&fixture->arena, "%s/licences.tsv", fixture->folder), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static enum status open_text(struct fixture *fixture, const char *text, struct table *ret)
{
	write_table(fixture, text, strlen(text));
	return table_open(fixture->folder, "licences", &fixture->arena, &fixture->diags, ret);
}

/* What is compiled in is the file, byte for byte; tests run in the top folder. */
static void builtin_tables_are_the_files(void **state)
{
	struct fixture *fixture = *state;
	size_t tables = 0;

	for (const struct table_builtin *at = table_builtins; at->name; at++, tables++) {
		const char *path = arena_printf(&fixture->arena, "data/%s.tsv", at->name);
		FILE *file = fopen(path, "r");
		char *bytes = arena_alloc(&fixture->arena, at->size + 1);
		struct table table = {0};

		assert_non_null(file);
		assert_int_equal(fread(bytes, 1, at->size + 1, file), at->size);
		fclose(file);
		assert_memory_equal(bytes, at->bytes, at->size);
		assert_int_equal(
		    table_open(NULL, at->name, &fixture->arena, &fixture->diags, &table),
		    STATUS_OK);
		assert_int_equal(strlen(table.date), strlen("2026-11-24"));
		assert_true(table.rows > 0 && table.columns > 2);
	}
	assert_true(tables >= 4);
	assert_int_equal(fixture->diags.list.len, 0);
}

static void fields_by_column(void **state)
{
	struct fixture *fixture = *state;
	struct table table;
	size_t id, class;

	assert_int_equal(table_open(NULL, "licences", &fixture->arena, &fixture->diags, &table),
			 STATUS_OK);
	id = table_column(&table, "spdx_id", &fixture->diags);
	class = table_column(&table, "class", &fixture->diags);
	assert_int_equal(fixture->diags.list.len, 0);
	for (size_t row = 0;; row++) {
		assert_true(row < table.rows);
		if (strcmp(table_field(&table, row, id), "AGPL-3.0-only") != 0)
			continue;
		assert_string_equal(table_field(&table, row, class), "network");
		break;
	}
	assert_int_equal(table_column(&table, "colour", &fixture->diags), SIZE_MAX);
	assert_int_equal(fixture->diags.list.len, 1);
	assert_int_equal(fixture->diags.list.ptr[0].id, DIAG_DATA_TABLE_BAD);
	assert_string_equal(table_field(&table, 0, SIZE_MAX), "");
}

static void a_folder_replaces_only_what_it_holds(void **state)
{
	struct fixture *fixture = *state;
	struct table table, other;

	assert_int_equal(open_text(fixture, "# date: 2030-01-02\n# more\na\tb\r\n1\t\n\t2", &table),
			 STATUS_OK);
	assert_string_equal(table.date, "2030-01-02");
	assert_int_equal(table.columns, 2);
	assert_string_equal(table.headers[1], "b");
	assert_int_equal(table.rows, 2);
	assert_string_equal(table_field(&table, 0, 0), "1");
	assert_string_equal(table_field(&table, 0, 1), "");
	assert_string_equal(table_field(&table, 1, 0), "");
	assert_string_equal(table_field(&table, 1, 1), "2");
	assert_int_equal(table.bytes.len, strlen("# date: 2030-01-02\n# more\na\tb\r\n1\t\n\t2"));
	assert_int_equal(
	    table_open(fixture->folder, "exceptions", &fixture->arena, &fixture->diags, &other),
	    STATUS_OK);
	assert_true(other.rows > 10);
	assert_int_equal(fixture->diags.list.len, 0);
	assert_int_equal(
	    table_open(fixture->folder, "nothing", &fixture->arena, &fixture->diags, &table),
	    STATUS_NOT_FOUND);
}

static void bad_rows_are_named_and_left_out(void **state)
{
	static const char text[] = "a\tb\n1\t2\n3\n\n4\t5\t6\n7\0\t8\n9\t10\n";
	static const uint64_t offsets[] = {8, 10, 11, 17};
	struct fixture *fixture = *state;
	struct table table;

	write_table(fixture, text, sizeof(text) - 1);
	assert_int_equal(
	    table_open(fixture->folder, "licences", &fixture->arena, &fixture->diags, &table),
	    STATUS_OK);
	assert_int_equal(table.rows, 2);
	assert_string_equal(table_field(&table, 1, 1), "10");
	assert_string_equal(table.date, "");
	assert_int_equal(fixture->diags.list.len, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(fixture->diags.list.ptr[i].id, DIAG_DATA_TABLE_BAD);
		assert_int_equal(fixture->diags.list.ptr[i].offset, offsets[i]);
	}
	assert_non_null(strstr(fixture->diags.list.ptr[2].message, "line 5: 3 fields"));
}

static void no_header_is_no_table(void **state)
{
	struct fixture *fixture = *state;
	struct table table;

	assert_int_equal(open_text(fixture, "", &table), STATUS_FORMAT);
	assert_int_equal(open_text(fixture, "# date: 2030-01-02\n", &table), STATUS_FORMAT);
	assert_int_equal(fixture->diags.list.len, 2);
}

static void what_cannot_be_read_is_no_silent_default(void **state)
{
	struct fixture *fixture = *state;
	char *path = arena_printf(&fixture->arena, "%s/licences.tsv", fixture->folder);
	struct table table;

	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(
	    table_open(fixture->folder, "licences", &fixture->arena, &fixture->diags, &table),
	    STATUS_IO);
	assert_int_equal(fixture->diags.list.len, 1);
	assert_string_equal(fixture->diags.list.ptr[0].file, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(builtin_tables_are_the_files),
	    TEST(fields_by_column),
	    TEST(a_folder_replaces_only_what_it_holds),
	    TEST(bad_rows_are_named_and_left_out),
	    TEST(no_header_is_no_table),
	    TEST(what_cannot_be_read_is_no_silent_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
