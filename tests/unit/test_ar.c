/* SPDX-License-Identifier: BSD-2-Clause */
/* Static archives: the forms ar(5) knows, and malformed ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "artifact/ar.h"
#include "binary/facts.h"
#include "binary/workers.h"

struct text {
	char bytes[65536];
	size_t size;
};

struct reading {
	int fd;
	struct diags diags;
	struct ar *ar;
};

static void put(struct text *text, const char *bytes, size_t size)
{
	assert_true(text->size + size < sizeof(text->bytes));
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

static void put_header(struct text *text, const char *name, size_t size)
{
	char header[128];

	snprintf(header, sizeof(header), "%-16.16s%-12d%-6d%-6d%-8d%-10zu`\n", name, 0, 0, 0, 644,
		 size);
	put(text, header, 60);
}

static void put_member(struct text *text, const char *name, const char *content)
{
	put_header(text, name, strlen(content));
	put(text, content, strlen(content));
	if (strlen(content) & 1)
		put(text, "\n", 1);
}

static void start(struct reading *reading, const struct text *text)
{
	reading->fd = memfd_create("archive", MFD_CLOEXEC);
	assert_int_equal(write(reading->fd, text->bytes, text->size), text->size);
	diags_init(&reading->diags);
	assert_int_equal(ar_open(reading->fd, "x.a", &reading->diags, &reading->ar), STATUS_OK);
}

static void end(struct reading *reading)
{
	ar_free(reading->ar);
	diags_release(&reading->diags);
	close(reading->fd);
}

/* Checks that the next member has this name and this content. */
static void expect(struct reading *reading, const char *name, unsigned ordinal, const char *content)
{
	struct ar_member member;
	char bytes[64] = "";

	assert_true(ar_next(reading->ar, &member));
	assert_string_equal(member.name, name);
	assert_int_equal(member.ordinal, ordinal);
	assert_int_equal(member.size, strlen(content));
	assert_int_equal(pread(reading->fd, bytes, (size_t)member.size, (off_t)member.offset),
			 strlen(content));
	assert_string_equal(bytes, content);
}

static void expect_end(struct reading *reading, size_t diagnostics, uint64_t offset)
{
	struct ar_member member;

	assert_false(ar_next(reading->ar, &member));
	assert_false(ar_next(reading->ar, &member));
	assert_int_equal(reading->diags.list.len, diagnostics);
	if (diagnostics)
		assert_int_equal(reading->diags.list.ptr[0].offset, offset);
}

static void gnu_names(void **state)
{
	static const char names[] = "a_name_that_is_long.o/\nanother_name_of_some_length.o/\n";
	struct text text = {0};
	struct reading reading;

	(void)state;
	put(&text, AR_MAGIC, 8);
	put_member(&text, "/", "symbols");
	put_member(&text, "/SYM64/", "symbols");
	put_member(&text, "//", names);
	put_member(&text, "a.o/", "first");
	put_member(&text, "/0", "second");
	put_member(&text, "/23", "third!");
	put_member(&text, "a.o/", "again");
	put_member(&text, "with space.o/", "");
	start(&reading, &text);
	expect(&reading, "a.o", 0, "first");
	expect(&reading, "a_name_that_is_long.o", 0, "second");
	expect(&reading, "another_name_of_some_length.o", 0, "third!");
	expect(&reading, "a.o", 1, "again");
	expect(&reading, "with space.o", 0, "");
	expect_end(&reading, 0, 0);
	end(&reading);
}

static void bsd_names(void **state)
{
	struct text text = {0};
	struct reading reading;

	(void)state;
	put(&text, AR_MAGIC, 8);
	put_header(&text, "#1/20", 24);
	put(&text, "__.SYMDEF SORTED\0\0\0\0data", 24);
	put_header(&text, "#1/12", 17);
	put(&text, "member.o\0\0\0\0bytes\n", 18);
	put_member(&text, "plain.o", "12");
	start(&reading, &text);
	expect(&reading, "member.o", 0, "bytes");
	expect(&reading, "plain.o", 0, "12");
	expect_end(&reading, 0, 0);
	end(&reading);
}

static void thin_archives(void **state)
{
	struct text text = {0};
	struct reading reading;
	struct ar_member member;

	(void)state;
	put(&text, AR_MAGIC_THIN, 8);
	put_member(&text, "/", "symbols!");
	put_member(&text, "//", "dir/x.o/\ny.o/\n");
	put_header(&text, "/0", 1000);
	put_header(&text, "/9", 2000);
	start(&reading, &text);
	assert_true(ar_next(reading.ar, &member));
	assert_string_equal(member.name, "dir/x.o");
	assert_true(member.external);
	assert_int_equal(member.size, 1000);
	assert_true(ar_next(reading.ar, &member));
	assert_string_equal(member.name, "y.o");
	expect_end(&reading, 0, 0);
	end(&reading);
}

static void member_paths(void **state)
{
	struct arena arena;
	struct ar_member member = {.name = "y.o"};

	(void)state;
	arena_init(&arena);
	assert_string_equal(ar_member_path(&arena, "libx.a", &member), "libx.a(y.o)");
	member.ordinal = 1;
	assert_string_equal(ar_member_path(&arena, "libx.a", &member), "libx.a(y.o#2)");
	arena_release(&arena);
}

/* Each is a good archive but for one thing; the offset is that of the complaint. */
static void malformed(void **state)
{
	static const struct {
		const char *name;
		const char *size; /* NULL: that of the content */
		const char *end;
		uint64_t offset;
	} cases[] = {
	    {"/5", NULL, "`\n", 8},	      /* no table of names */
	    {"/x", NULL, "`\n", 8},	      /* no number */
	    {"#1/9", NULL, "`\n", 8},	      /* a name longer than the member */
	    {"#1/", NULL, "`\n", 8},	      /* no length */
	    {"a.o/", "100", "`\n", 8},	      /* a member longer than the archive */
	    {"a.o/", "9999999999", "`\n", 8}, /* and much longer */
	    {"a.o/", "-1", "`\n", 8 + 48},    {"a.o/", "", "`\n", 8 + 48},
	    {"a.o/", "4 2", "`\n", 8 + 48},   {"a.o/", NULL, "xx", 8},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text text = {0};
		struct reading reading;
		char header[128];

		put(&text, AR_MAGIC, 8);
		snprintf(header, sizeof(header), "%-16s%-12d%-6d%-6d%-8d%-10s%s", cases[i].name, 0,
			 0, 0, 644, cases[i].size ? cases[i].size : "4", cases[i].end);
		put(&text, header, 60);
		put(&text, "1234", 4);
		start(&reading, &text);
		expect_end(&reading, 1, cases[i].offset);
		assert_int_equal(reading.diags.list.ptr[0].id, DIAG_ARCHIVE_BAD);
		end(&reading);
	}
}

static void cut_anywhere(void **state)
{
	struct text text = {0};

	(void)state;
	put(&text, AR_MAGIC, 8);
	put_member(&text, "//", "a_name_that_is_long.o/\n");
	put_member(&text, "/0", "content");
	for (size_t size = 8; size < text.size; size++) {
		struct text cut = text;
		struct reading reading;
		struct ar_member member;

		cut.size = size;
		start(&reading, &cut);
		while (ar_next(reading.ar, &member))
			assert_true(member.offset + member.size <= size);
		/* Whole are: nothing but the magic, the table alone, and all but the last pad. */
		if (size == 8 || size == 8 + 60 + 24 || size == 8 + 60 + 23 ||
		    size == text.size - 1)
			assert_int_equal(reading.diags.list.len, 0);
		else
			assert_int_equal(reading.diags.list.len, 1);
		end(&reading);
	}
}

static void no_archive(void **state)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	struct diags diags;
	struct ar *ar;

	(void)state;
	diags_init(&diags);
	assert_int_equal(ar_open(fd, "x.a", &diags, &ar), STATUS_FORMAT);
	assert_int_equal(write(fd, "!<arch>", 7), 7);
	assert_int_equal(ar_open(fd, "x.a", &diags, &ar), STATUS_FORMAT);
	diags_release(&diags);
	close(fd);
}

/* A worker reads an ELF file at an odd place of another file as it reads the file itself. */
static void part_of_a_file(void **state)
{
	const struct workers_options options = {.count = 1};
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd = memfd_create("archive", MFD_CLOEXEC);
	uint8_t *bytes = malloc(64 << 20);
	ssize_t size = read(self, bytes, 64 << 20);
	struct workers_result results[3];
	struct workers *workers;

	(void)state;
	assert_true(size > 0);
	assert_int_equal(write(fd, "12345", 5), 5);
	assert_int_equal(write(fd, bytes, (size_t)size), size);
	free(bytes);
	assert_int_equal(workers_start(&options, &workers), STATUS_OK);
	assert_int_equal(workers_submit(workers, self, FACTS_LINK, 0), STATUS_OK);
	assert_int_equal(workers_submit_range(workers, dup(fd), 5, (uint64_t)size, FACTS_LINK, 1),
			 STATUS_OK);
	assert_int_equal(
	    workers_submit_range(workers, dup(fd), 5, (uint64_t)size + 1, FACTS_LINK, 2),
	    STATUS_OK);
	for (size_t i = 0; i < 3; i++) {
		struct workers_result result;

		assert_int_equal(workers_next(workers, &result), STATUS_OK);
		assert_true(result.cookie < 3);
		results[result.cookie] = result;
	}
	assert_int_equal(results[0].status, STATUS_OK);
	assert_int_equal(results[1].status, STATUS_OK);
	assert_int_equal(results[0].record_size, results[1].record_size);
	assert_memory_equal(results[0].record, results[1].record, results[0].record_size);
	assert_int_equal(results[2].status, STATUS_FAULT);
	assert_int_equal(results[2].fault, DIAG_INPUT_CHANGED);
	assert_int_equal(results[2].offset, 5 + size);
	free(results[0].record);
	free(results[1].record);
	workers_free(workers);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gnu_names),     cmocka_unit_test(bsd_names),
	    cmocka_unit_test(thin_archives), cmocka_unit_test(member_paths),
	    cmocka_unit_test(malformed),     cmocka_unit_test(cut_anywhere),
	    cmocka_unit_test(no_archive),    cmocka_unit_test(part_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
