/* SPDX-License-Identifier: BSD-2-Clause */
/* The small shared parts: bounds, cursors, maps, arenas, paths, diagnostics, digests. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/diag.h"
#include "util/digest.h"
#include "util/map.h"
#include "util/path.h"
#include "util/slice.h"

/* Whether [offset, offset + len) lies in [0, size), in arithmetic that cannot overflow. */
static bool inside(uint64_t size, uint64_t offset, uint64_t len)
{
	return (__extension__(unsigned __int128) offset) + len <= size;
}

static void slice_sub_agrees_with_wide_arithmetic(void **state)
{
	static const uint64_t values[] = {
	    0, 1, 2, 7, 8, 9, UINT32_MAX, UINT64_MAX, UINT64_MAX - 1, UINT64_MAX / 2};
	static const uint8_t bytes[8] = {0};
	const size_t count = sizeof(values) / sizeof(values[0]);

	(void)state;
	for (size_t size = 0; size <= 8; size++) {
		for (size_t i = 0; i < count; i++) {
			for (size_t j = 0; j < count; j++) {
				struct slice part = {bytes, 99};
				bool ok =
				    slice_sub(slice_of(bytes, size), values[i], values[j], &part);

				assert_int_equal(ok, inside(size, values[i], values[j]));
				assert_int_equal(part.len, ok ? values[j] : 99);
			}
		}
	}
}

static void slice_cstr_needs_a_nul_inside(void **state)
{
	static const uint8_t bytes[] = {'a', 'b', 0, 'c', 'd'};
	const char *text = NULL;
	size_t len = 0;

	(void)state;
	assert_true(slice_cstr(slice_of(bytes, 5), 1, &text, &len));
	assert_string_equal(text, "b");
	assert_int_equal(len, 1);
	assert_false(slice_cstr(slice_of(bytes, 5), 3, &text, &len));
	assert_false(slice_cstr(slice_of(bytes, 5), 5, &text, &len));
	assert_false(slice_cstr(slice_of(bytes, 5), UINT64_MAX, &text, &len));
}

static void lines_and_tokens(void **state)
{
	struct slice rest = slice_text("one\r\n\ntwo"), line, token;

	(void)state;
	assert_true(slice_line(&rest, &line));
	assert_true(slice_equal_text(line, "one"));
	assert_true(slice_line(&rest, &line));
	assert_int_equal(line.len, 0);
	assert_true(slice_line(&rest, &line));
	assert_true(slice_equal_text(line, "two"));
	assert_false(slice_line(&rest, &line));

	rest = slice_text("::a:b::");
	assert_true(slice_token(&rest, ":", &token));
	assert_true(slice_equal_text(token, "a"));
	assert_true(slice_token(&rest, ":", &token));
	assert_true(slice_equal_text(token, "b"));
	assert_false(slice_token(&rest, ":", &token));
}

static void cursor_reads_both_orders_and_stays_bad(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	struct cursor little = cursor_of(slice_of(bytes, 9), false);
	struct cursor big = cursor_of(slice_of(bytes, 9), true);

	(void)state;
	assert_int_equal(cursor_u32(&little), 0x04030201);
	assert_int_equal(cursor_u32(&big), 0x01020304);
	assert_int_equal(cursor_u8(&big), 5);
	assert_int_equal(cursor_u64(&big), 0);
	assert_true(big.bad);
	assert_int_equal(cursor_u8(&big), 0);
	cursor_seek(&little, 10);
	assert_true(little.bad);
}

static void map_keeps_insertion_order(void **state)
{
	struct arena arena;
	struct map map = {0};
	bool added;

	(void)state;
	arena_init(&arena);
	for (uint32_t i = 0; i < 10000; i++) {
		map_put(&map, slice_text(arena_printf(&arena, "key %u", i)), i, &added);
		assert_true(added);
	}
	assert_int_equal(map_put(&map, slice_text("key 77"), 1, &added)->value, 77);
	assert_false(added);
	assert_int_equal(map.len, 10000);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(map.entries[i].value, i);
	assert_null(map_get(&map, slice_text("key 10000")));
	map_release(&map);
	assert_null(map_get(&map, slice_text("key 1")));
	arena_release(&arena);
}

static void arena_gives_aligned_zeroed_memory(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t size = 1; size < 200000; size = size * 3 + 1) {
		unsigned char *memory = arena_alloc(&arena, size);

		assert_int_equal((uintptr_t)memory % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xaa, size);
	}
	assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
	arena_release(&arena);
}

static void paths_are_text(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_string_equal(path_absolute(&arena, "/w", "a//./b/"), "/w/a/b");
	assert_string_equal(path_absolute(&arena, "/w/", "/a/../b"), "/a/../b");
	assert_string_equal(path_absolute(&arena, "/", "."), "/");
	assert_string_equal(path_join(&arena, "/", "x"), "/x");
	assert_string_equal(path_directory(&arena, "/a/b"), "/a");
	assert_string_equal(path_directory(&arena, "/a"), "/");
	assert_string_equal(path_directory(&arena, "a"), ".");
	assert_string_equal(path_name("/a/b"), "b");
	assert_true(path_is_below("/a/b", "/a"));
	assert_true(path_is_below("/a", "/a/"));
	assert_false(path_is_below("/ab", "/a"));
	arena_release(&arena);
}

static void diagnostics_sort_and_merge(void **state)
{
	struct diags diags;

	(void)state;
	diags_init(&diags);
	diag_add(&diags, DIAG_ELF_BAD_NOTE, "/b", 4, "%s", "x");
	diag_add(&diags, DIAG_ELF_BAD_NOTE, "/a", 9, "%s", "x");
	diag_add(&diags, DIAG_INPUT_SPECIAL, "/a", DIAG_NO_OFFSET, "%s", "");
	diag_add(&diags, DIAG_ELF_BAD_NOTE, "/b", 4, "%s", "x");
	diags_sort(&diags);
	assert_int_equal(diags.list.len, 3);
	assert_string_equal(diags.list.ptr[0].file, "/a");
	assert_true(diags.list.ptr[0].offset == DIAG_NO_OFFSET);
	assert_string_equal(diags.list.ptr[2].file, "/b");
	assert_false(diags_incomplete(&diags));
	diag_add(&diags, DIAG_INPUT_MISSING, "/c", DIAG_NO_OFFSET, "%s", "");
	assert_true(diags_incomplete(&diags));
	assert_string_equal(diag_info(DIAG_INPUT_MISSING)->code, "EL0001");
	diags_release(&diags);
}

static void digest_of_known_text(void **state)
{
	/* FIPS 180-4, the example "abc". */
	static const char expected[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct digest digest;
	char text[DIGEST_TEXT_SIZE];
	FILE *file = tmpfile();

	(void)state;
	assert_int_equal(digest_bytes(slice_text("abc"), &digest), STATUS_OK);
	digest_format(&digest, text);
	assert_string_equal(text, expected);
	assert_non_null(file);
	fputs("abc", file);
	fflush(file);
	assert_int_equal(digest_file(fileno(file), &digest), STATUS_OK);
	digest_format(&digest, text);
	assert_string_equal(text, expected);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slice_sub_agrees_with_wide_arithmetic),
	    cmocka_unit_test(slice_cstr_needs_a_nul_inside),
	    cmocka_unit_test(lines_and_tokens),
	    cmocka_unit_test(cursor_reads_both_orders_and_stays_bad),
	    cmocka_unit_test(map_keeps_insertion_order),
	    cmocka_unit_test(arena_gives_aligned_zeroed_memory),
	    cmocka_unit_test(paths_are_text),
	    cmocka_unit_test(diagnostics_sort_and_merge),
	    cmocka_unit_test(digest_of_known_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
