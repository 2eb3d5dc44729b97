/* SPDX-License-Identifier: BSD-2-Clause */
/* Device code compared, and HIP's bundles. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "device_fixture.h"

#include "binary/device_names.h"
#include "evidence/device_compare.h"

#define WORDS 24
#define NAMES 4

/* A library of a few kernels for some machines, in one container, with changes. */
struct library {
	uint64_t code[NAMES][WORDS]; /* of each kernel; changed by tests */
	size_t kernels;
	const uint32_t *machines;
	size_t machine_count;
	uint64_t compression;
	uint32_t constant;
	const char *tool;
	const char *first_name;
	uint16_t registers; /* an attribute of the first kernel */
};

static const uint32_t machines[] = {80, 90, 100};

static struct library library(void)
{
	struct library it = {.kernels = NAMES,
			     .machines = machines,
			     .machine_count = 3,
			     .compression = FLAG_ZSTD,
			     .constant = 7,
			     .tool = "V13"};

	for (size_t i = 0; i < NAMES; i++)
		for (size_t j = 0; j < WORDS; j += 2) {
			it.code[i][j] = 0x0000000302017221 + (i << 16) + (j << 40);
			it.code[i][j + 1] = 0x000fe20000000000;
		}
	return it;
}

/* Appends the images of machines first <= i < last. */
static void add_library(struct bytes *file, const struct library *it, size_t first, size_t last)
{
	static const char *const names[NAMES] = {"_Z3addPf", "_Z3mulPf", "_Z3subPf", "_Z3divPf"};
	struct fixture_kernel kernels[NAMES];
	size_t start = begin_container(file);

	for (size_t i = 0; i < it->kernels; i++)
		kernels[i] =
		    (struct fixture_kernel){i || !it->first_name ? names[i] : it->first_name,
					    it->code[i], WORDS / 2, false, i ? 0 : it->registers};
	for (size_t i = first; i < last; i++) {
		struct bytes image =
		    make_cubin(kernels, it->kernels, it->machines[i], it->constant, it->tool);

		add_entry(file, &(struct fixture_entry){.kind = 2,
							.sm = it->machines[i],
							.flags = it->compression,
							.image = slice_bytes(&image)});
		vec_release(&image);
	}
	end_container(file, start);
}

static struct reading read_library(const struct library *it)
{
	struct bytes file = {0};
	struct reading reading;

	add_library(&file, it, 0, it->machine_count);
	reading = read_device(slice_bytes(&file));
	vec_release(&file);
	return reading;
}

static struct device_comparison compare(const struct library *left, const struct library *right,
					enum device_verdict expected)
{
	struct reading a = read_library(left), b = read_library(right);
	struct device_comparison comparison, opposite;

	device_compare(&a.facts, &b.facts, &comparison);
	device_compare(&b.facts, &a.facts, &opposite);
	assert_string_equal(device_verdict_text(comparison.verdict), device_verdict_text(expected));
	assert_int_equal(opposite.verdict, expected);
	assert_int_equal(opposite.kernels[DEVICE_ONLY_LEFT], comparison.kernels[DEVICE_ONLY_RIGHT]);
	assert_int_equal(opposite.kernels[DEVICE_DIFFERENT], comparison.kernels[DEVICE_DIFFERENT]);
	for (size_t i = 0; i < comparison.differences.len; i++)
		comparison.differences.ptr[i].name = comparison.differences.ptr[i].architecture =
		    slice_of("", 0);
	device_comparison_release(&opposite);
	end_reading(&a);
	end_reading(&b);
	return comparison;
}

static void packing_makes_no_difference(void **state)
{
	struct library left = library(), right = library();
	struct device_comparison comparison;
	static const uint64_t flags[] = {0, FLAG_LZ4, FLAG_LZ4_FRAME};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		right.compression = flags[i];
		comparison = compare(&left, &right, DEVICE_VERDICT_EQUAL);
		assert_int_equal(comparison.kernels[DEVICE_EQUAL], 12);
		assert_int_equal(comparison.differences.len, 0);
		device_comparison_release(&comparison);
	}
}

/* One bit of one kernel in a compressed image, which is packed again raw. */
static void one_flipped_bit_is_one_kernel(void **state)
{
	struct library left = library(), right = library();

	(void)state;
	right.compression = 0;
	for (size_t kernel = 0; kernel < NAMES; kernel++)
		for (size_t bit = 0; bit < 64 * WORDS; bit += 37) {
			struct device_comparison comparison;

			right.code[kernel][bit / 64] ^= UINT64_C(1) << bit % 64;
			comparison = compare(&left, &right, DEVICE_VERDICT_MODIFIED);
			assert_int_equal(comparison.kernels[DEVICE_EQUAL], 9);
			assert_int_equal(comparison.kernels[DEVICE_DIFFERENT], 3);
			assert_int_equal(comparison.differences.len, 3);
			assert_int_equal(comparison.differences.ptr[0].flags, DEVICE_CONSISTENT);
			device_comparison_release(&comparison);
			right.code[kernel][bit / 64] ^= UINT64_C(1) << bit % 64;
		}
}

/* What a compiler does by itself hits one architecture (fatbin.md 3.1): listed, not accused. */
static void one_architecture_alone_is_uncertain(void **state)
{
	struct library it = library(), other = library();
	struct bytes left = {0}, right = {0};
	struct device_comparison comparison;
	struct reading a, b;

	(void)state;
	other.code[2][4] ^= 0x100000;
	add_library(&left, &it, 0, 3);
	add_library(&right, &it, 0, 2);
	add_library(&right, &other, 2, 3);
	a = read_device(slice_bytes(&left));
	b = read_device(slice_bytes(&right));
	device_compare(&a.facts, &b.facts, &comparison);
	assert_int_equal(comparison.verdict, DEVICE_VERDICT_UNCERTAIN);
	assert_int_equal(comparison.differences.len, 1);
	assert_int_equal(comparison.differences.ptr[0].level, DEVICE_DIFFERENT);
	assert_int_equal(comparison.differences.ptr[0].flags, 0);
	assert_true(slice_equal_text(comparison.differences.ptr[0].architecture, "sm_100"));
	device_comparison_release(&comparison);
	end_reading(&a);
	end_reading(&b);
	vec_release(&left);
	vec_release(&right);
}

static void immediates_and_module_constants_are_near(void **state)
{
	struct library left = library(), right;
	struct device_comparison comparison;

	(void)state;
	left.code[1][0] = 0x0000014f00017802;  /* MOV R1, 0x14f */
	left.code[1][6] = 0x01000c0000067ab9;  /* ULDC.64 UR6, c[0x4][0x30] */
	left.code[1][8] = 0x01000600ff0677ac;  /* LDCU.64 UR6, c[0x4][0x30] */
	left.code[1][10] = 0x00008a00ff017624; /* IMAD.MOV.U32 R1, RZ, RZ, c[0x0][0x228] */
	left.code[1][12] = 0x00000008ff087424; /* IMAD.MOV.U32 R8, RZ, RZ, 0x8 */
	left.code[1][13] = 0x000fe400078e00ff;
	right = left;
	right.code[1][0] = 0x0000014600017802;
	comparison = compare(&left, &right, DEVICE_VERDICT_NEAR_EQUAL);
	assert_int_equal(comparison.kernels[DEVICE_NEAR_EQUAL], 3);
	assert_int_equal(comparison.differences.ptr[0].at_least, 1);
	assert_int_equal(comparison.differences.ptr[0].at_most, 4);
	assert_int_equal(comparison.differences.ptr[0].instructions, WORDS / 2);
	device_comparison_release(&comparison);
	right.code[1][6] = 0x01000e0000067ab9;
	right.code[1][8] = 0x01000700ff0677ac;
	right.code[1][12] = 0x0000000bff087424;
	comparison = compare(&left, &right, DEVICE_VERDICT_NEAR_EQUAL);
	assert_int_equal(comparison.differences.ptr[0].at_least, 4);
	device_comparison_release(&comparison);
	/* A parameter, which is in bank 0, is no place that a compiler chooses. */
	right.code[1][10] = 0x00008c00ff017624;
	comparison = compare(&left, &right, DEVICE_VERDICT_MODIFIED);
	assert_int_equal(comparison.kernels[DEVICE_DIFFERENT], 3);
	device_comparison_release(&comparison);
}

/* The same instructions, run otherwise: no line that moved does that. */
static void attributes_count(void **state)
{
	struct library left = library(), right = library();
	struct device_comparison comparison;

	(void)state;
	left.code[0][0] = 0x0000014f00017802;
	right.code[0][0] = 0x0000014f00017802;
	left.registers = 32;
	right.registers = 40;
	comparison = compare(&left, &right, DEVICE_VERDICT_MODIFIED);
	assert_int_equal(comparison.kernels[DEVICE_DIFFERENT], 3);
	assert_int_equal(comparison.kernels[DEVICE_EQUAL], 9);
	device_comparison_release(&comparison);
}

static void data_of_a_module_counts(void **state)
{
	struct library left = library(), right = library();
	struct device_comparison comparison;

	(void)state;
	right.constant = 8;
	comparison = compare(&left, &right, DEVICE_VERDICT_MODIFIED);
	assert_int_equal(comparison.kernels[DEVICE_EQUAL], 12);
	assert_int_equal(comparison.modules[DEVICE_DIFFERENT], 3);
	device_comparison_release(&comparison);
}

static void another_toolchain_proves_nothing(void **state)
{
	struct library left = library(), right = library();
	struct device_comparison comparison;

	(void)state;
	right.tool = "V12";
	comparison = compare(&left, &right, DEVICE_VERDICT_EQUAL);
	assert_false(comparison.same_toolchain);
	device_comparison_release(&comparison);
	right.code[0][0] ^= 0x100000;
	comparison = compare(&left, &right, DEVICE_VERDICT_REBUILT);
	assert_true(comparison.differences.ptr[0].flags & DEVICE_TOOLCHAINS);
	device_comparison_release(&comparison);
	/* The same tool, but most kernels differ. */
	right.tool = left.tool;
	for (size_t i = 0; i < 3; i++)
		right.code[i][2] ^= 0x100000;
	comparison = compare(&left, &right, DEVICE_VERDICT_REBUILT);
	assert_true(comparison.same_toolchain);
	device_comparison_release(&comparison);
}

static void kernels_come_and_go(void **state)
{
	struct library left = library(), right = library(), none = library();
	struct device_comparison comparison;
	static const uint32_t two[] = {80, 90};

	(void)state;
	right.kernels = 3;
	comparison = compare(&left, &right, DEVICE_VERDICT_MODIFIED);
	assert_int_equal(comparison.kernels[DEVICE_ONLY_LEFT], 3);
	device_comparison_release(&comparison);
	/* An architecture that is not there is no change of the source. */
	right = library();
	right.machines = two;
	right.machine_count = 2;
	comparison = compare(&left, &right, DEVICE_VERDICT_UNCERTAIN);
	assert_int_equal(comparison.kernels[DEVICE_ONLY_LEFT], 4);
	assert_int_equal(comparison.kernels[DEVICE_EQUAL], 8);
	device_comparison_release(&comparison);
	right.kernels = 0;
	comparison = compare(&none, &right, DEVICE_VERDICT_UNRELATED);
	device_comparison_release(&comparison);
}

/* Two kernels of one name with other code, in two containers, in either order. */
static void names_may_repeat(void **state)
{
	struct library first = library(), second = library();
	struct bytes left = {0}, right = {0};
	struct device_comparison comparison;
	struct reading a, b;

	(void)state;
	second.code[0][0] ^= 0x100000;
	add_library(&left, &first, 0, 1);
	add_library(&left, &second, 0, 1);
	add_library(&right, &second, 0, 1);
	add_library(&right, &first, 0, 1);
	a = read_device(slice_bytes(&left));
	b = read_device(slice_bytes(&right));
	device_compare(&a.facts, &b.facts, &comparison);
	assert_int_equal(comparison.verdict, DEVICE_VERDICT_EQUAL);
	assert_int_equal(comparison.kernels[DEVICE_EQUAL], 8);
	device_comparison_release(&comparison);
	end_reading(&a);
	end_reading(&b);
	vec_release(&left);
	vec_release(&right);
}

static void directories_of_builds_compare(void **state)
{
	struct library left = library(), right = library();
	struct device_comparison comparison;
	char names[2][100];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		snprintf(names[i], sizeof(names[i]), "__nv_static_25__%08x_4_a_cu__Z3runPi__Z1kv",
			 device_path_crc(slice_text(i ? "/one/a.cu" : "/two/a.cu")));
	left.first_name = names[0];
	right.first_name = names[1];
	comparison = compare(&left, &right, DEVICE_VERDICT_EQUAL);
	assert_int_equal(comparison.kernels[DEVICE_EQUAL], 12);
	device_comparison_release(&comparison);
}

static void check_bundle(const struct facts *facts)
{
	assert_int_equal(facts->device_containers_count, 1);
	assert_int_equal(facts->device_entries_count, 3);
	assert_int_equal(facts->device_entries[0].kind, FACTS_DEVICE_KIND_HOST);
	assert_int_equal(facts->device_entries[1].kind, FACTS_DEVICE_KIND_CODE_OBJECT);
	assert_text(facts, facts->device_entries[1].architecture, "gfx90a:xnack+");
	assert_text(facts, facts->device_entries[2].architecture, "gfx1100");
	assert_int_equal(facts->kernels_count, 4);
	assert_text(facts, facts->kernels[0].name, "_Z1kv");
	assert_int_equal(facts->kernels[0].flags, 0);
	assert_int_equal(facts->kernels[0].size, 48);
	assert_int_equal(facts->kernels[1].flags, FACTS_KERNEL_FUNCTION);
	assert_memory_not_equal(&facts->kernels[0].raw, &facts->kernels[2].raw, 16);
	assert_int_equal(facts->device_tools_count, 1);
	assert_text(facts, facts->device_tools[0].name, "clang version 19");
	assert_int_equal(facts->diagnostics_count, 0);
}

static void bundles_are_read(void **state)
{
	struct bytes file = bundle();
	struct reading reading = read_device(slice_bytes(&file));

	(void)state;
	check_bundle(&reading.facts);
	assert_int_equal(reading.facts.device_containers[0].kind, FACTS_DEVICE_CONTAINER_BUNDLE);
	assert_int_equal(reading.facts.device_containers[0].size, file.len);
	end_reading(&reading);
	for (size_t length = 0; length < file.len; length += 7) {
		reading = read_device(slice_of(file.ptr, length));
		end_reading(&reading);
	}
	vec_release(&file);
}

static void compressed_bundles_are_read(void **state)
{
	struct bytes plain = bundle();

	(void)state;
	for (unsigned version = 1; version <= 3; version++)
		for (unsigned method = 0; method <= 1; method++) {
			struct bytes packed = {.ptr = malloc(plain.len + 1000)}, file = {0};
			uLongf length = plain.len + 1000;
			struct reading reading;

			if (method)
				length = ZSTD_compress(packed.ptr, length, plain.ptr, plain.len, 3);
			else
				compress(packed.ptr, &length, plain.ptr, plain.len);
			add(&file, "CCOB", 4);
			add_number(&file, version, 2);
			add_number(&file, method, 2);
			if (version > 1)
				add_number(&file, length + (version == 3 ? 32 : 24),
					   version == 3 ? 8 : 4);
			add_number(&file, plain.len, version == 3 ? 8 : 4);
			add_number(&file, 0, 8);
			add(&file, packed.ptr, length);
			add(&file, "behind", 7);
			reading = read_device(slice_bytes(&file));
			check_bundle(&reading.facts);
			assert_int_equal(reading.facts.device_containers[0].kind,
					 FACTS_DEVICE_CONTAINER_COMPRESSED_BUNDLE);
			assert_int_equal(reading.facts.device_containers[0].size, file.len - 7);
			assert_int_equal(reading.facts.device_entries[1].compression,
					 method ? FACTS_DEVICE_COMPRESSION_ZSTD
						: FACTS_DEVICE_COMPRESSION_ZLIB);
			end_reading(&reading);
			for (size_t cut = 0; cut < file.len; cut += 5) {
				reading = read_device(slice_of(file.ptr, cut));
				end_reading(&reading);
			}
			free(packed.ptr);
			vec_release(&file);
		}
	vec_release(&plain);
}

/* What is stored as it is may hold anything, at any alignment: it is stepped over. */
static void payloads_may_look_like_bundles(void **state)
{
	struct bytes plain = bundle();

	(void)state;
	for (size_t i = 0; i < 16; i++)
		add(&plain, "CCOB\2\0\1\0.", 9);
	for (unsigned version = 2; version <= 3; version++) {
		uLongf length = plain.len + 1000;
		struct bytes packed = {.ptr = malloc(length)}, file = {0};
		struct reading reading;

		compress2(packed.ptr, &length, plain.ptr, plain.len, 0);
		assert_non_null(memmem(packed.ptr, length, "CCOB\2\0\1\0.CCOB", 13));
		add(&file, "CCOB", 4);
		add_number(&file, version, 2);
		add_number(&file, 0, 2);
		add_number(&file, length + (version == 3 ? 32 : 24), version == 3 ? 8 : 4);
		add_number(&file, plain.len, version == 3 ? 8 : 4);
		add_number(&file, 0, 8);
		add(&file, packed.ptr, length);
		reading = read_device(slice_bytes(&file));
		check_bundle(&reading.facts);
		end_reading(&reading);
		free(packed.ptr);
		vec_release(&file);
	}
	vec_release(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packing_makes_no_difference),
	    cmocka_unit_test(one_flipped_bit_is_one_kernel),
	    cmocka_unit_test(one_architecture_alone_is_uncertain),
	    cmocka_unit_test(immediates_and_module_constants_are_near),
	    cmocka_unit_test(attributes_count),
	    cmocka_unit_test(data_of_a_module_counts),
	    cmocka_unit_test(another_toolchain_proves_nothing),
	    cmocka_unit_test(kernels_come_and_go),
	    cmocka_unit_test(names_may_repeat),
	    cmocka_unit_test(directories_of_builds_compare),
	    cmocka_unit_test(bundles_are_read),
	    cmocka_unit_test(compressed_bundles_are_read),
	    cmocka_unit_test(payloads_may_look_like_bundles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
