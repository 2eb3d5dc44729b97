/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers compared as wholes: each of their bytes counts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "device_fixture.h"

#include "evidence/device_compare.h"
#include "evidence/device_packing.h"

static struct bytes fatbin(uint64_t flags, uint32_t header)
{
	static const uint64_t code[] = {0x0000014f00017802, 0x000fe20000000f00, 0x0000000302017221,
					0x000fe20000000000};
	static const char ptx[] = ".version 8.3\n.visible .entry k(\n)\n{\nmov.u32 %r1, 3;\n}\n";
	struct fixture_kernel kernels[] = {{"_Z3addPf", code, 2, false, 0},
					   {"f", code, 1, true, 0}};
	struct bytes image = make_cubin(kernels, 2, 90, 7, "V13"), file = {0};
	struct fixture_entry entries[] = {
	    {.kind = 1, .sm = 90, .flags = flags, .image = slice_of(ptx, sizeof(ptx))},
	    {.kind = 2,
	     .sm = 90,
	     .flags = flags,
	     .image = slice_bytes(&image),
	     .header_size = header,
	     .options = "-O3",
	     .options_at = 64,
	     .source = "a.cu"},
	};

	add_container(&file, entries, 2);
	vec_release(&image);
	return file;
}

static struct bytes compressed(void)
{
	struct bytes plain = bundle(), packed = {0}, file = {0};
	uLongf length = compressBound(plain.len);

	packed.ptr = malloc(length);
	assert_int_equal(compress(packed.ptr, &length, plain.ptr, plain.len), Z_OK);
	add(&file, "CCOB\2\0\0\0", 8);
	add_number(&file, length + 24, 4);
	add_number(&file, plain.len, 4);
	add_number(&file, 0x1234, 8);
	add(&file, packed.ptr, length);
	free(packed.ptr);
	vec_release(&plain);
	return file;
}

/* Whether they are the same, packed in whatever way. */
static bool same(const struct facts *left, const struct facts *right)
{
	struct device_comparison comparison;
	struct device_packing packing;
	bool equal;

	device_compare(left, right, &comparison);
	device_packing_compare(left, right, &packing);
	equal = comparison.verdict == DEVICE_VERDICT_EQUAL && !comparison.not_read &&
		device_packing_equal(&packing) && !count_diagnostics(right, DIAG_DEVICE_DAMAGED);
	device_comparison_release(&comparison);
	return equal;
}

/*
 * Numbers that may say nothing: lengths of texts, which may or may not count NULs behind them, so
 * those of images, and the place of the host's image, which is empty.
 */
struct idle {
	size_t at, size;
};

#define IDLE 3

static bool is_idle(const struct idle *idle, size_t at)
{
	for (size_t i = 0; i < IDLE; i++)
		if (at - idle[i].at < idle[i].size)
			return true;
	return false;
}

static void check_bytes(struct bytes file, uint8_t change, const struct idle *idle)
{
	struct reading before = read_device(slice_bytes(&file));

	assert_true(same(&before.facts, &before.facts));
	for (size_t at = 0; at < file.len; at++) {
		struct reading after;
		bool unnoticed;

		file.ptr[at] ^= change;
		after = read_device(slice_bytes(&file));
		unnoticed = same(&before.facts, &after.facts);
		end_reading(&after);
		file.ptr[at] ^= change;
		if (unnoticed && !is_idle(idle, at))
			fail_msg("byte %zu ^ %#x of %zu is not noticed", at, change, file.len);
	}
	end_reading(&before);
}

static void every_byte_counts(void **state)
{
	static const uint8_t changes[] = {1, 0x20, 0x80, 0xff};

	(void)state;
	for (size_t i = 0; i < sizeof(changes); i++) {
		struct bytes files[] = {fatbin(0, 144), bundle(), compressed()};
		/* The second entry is behind an image of 56 bytes. */
		size_t entry = 16 + 64 + 56;
		/* Behind the names of the host and of the first machine. */
		size_t first = 32 + 24 + 30, second = first + 24 + 38;
		const struct idle idle[3][IDLE] = {
		    {{entry + 36, 4}, {entry + 64 + 4, 4}},
		    {{32, 8}, {first + 8, 1}, {second + 8, 1}},
		    {{24, SIZE_MAX}}, /* other streams may unpack to the same */
		};

		for (size_t j = 0; j < 3; j++) {
			check_bytes(files[j], changes[i], idle[j]);
			vec_release(&files[j]);
		}
	}
}

static void packing_does_not_count(void **state)
{
	static const struct {
		uint64_t flags;
		uint32_t header;
	} ways[] = {{FLAG_LZ4, 104}, {FLAG_LZ4_FRAME, 112}, {FLAG_ZSTD, 144}, {0, 128}};
	struct bytes file = fatbin(0, 104);
	struct reading before = read_device(slice_bytes(&file));

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct bytes other = fatbin(ways[i].flags, ways[i].header);
		struct reading after = read_device(slice_bytes(&other));

		assert_true(same(&before.facts, &after.facts));
		end_reading(&after);
		vec_release(&other);
	}
	end_reading(&before);
	vec_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_byte_counts),
					   cmocka_unit_test(packing_does_not_count)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
