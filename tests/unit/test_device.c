/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of device code: containers, entries, compression, what is malformed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "device_fixture.h"

#include "binary/device_names.h"
#include "util/budget.h"

/* MOV R1, 0x14f; FADD R1, R2, R3; LDG ...; EXIT, as far as this reader looks. */
static const uint64_t code[] = {
    0x0000014f00017802, 0x000fe20000000f00, 0x0000000302017221, 0x000fe20000000000,
    0x0000000402047381, 0x000ea400001ee900, 0x000000000000794d, 0x000fea0003800000,
};
static const struct fixture_kernel kernels[] = {
    {"_Z3addPf", code, 4, false, 0}, {"_Z3mulPf", code, 3, false, 0}, {"helper", code, 2, true, 0}};

static struct bytes cubin(void)
{
	return make_cubin(kernels, 3, 90, 7, "V13");
}

static void compressions_give_equal_fingerprints(void **state)
{
	static const uint64_t flags[] = {0, FLAG_LZ4, FLAG_LZ4_FRAME, FLAG_ZSTD};
	static const enum facts_device_compression names[] = {
	    FACTS_DEVICE_COMPRESSION_NONE, FACTS_DEVICE_COMPRESSION_LZ4,
	    FACTS_DEVICE_COMPRESSION_LZ4_FRAME, FACTS_DEVICE_COMPRESSION_ZSTD};
	struct bytes image = cubin(), file = {0};
	struct fixture_entry entries[4];
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		entries[i] = (struct fixture_entry){
		    .kind = 2, .sm = 90, .flags = flags[i], .image = slice_bytes(&image)};
	add_container(&file, entries, 4);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_containers_count, 1);
	assert_int_equal(reading.facts.device_entries_count, 4);
	assert_int_equal(reading.facts.kernels_count, 12);
	assert_int_equal(reading.facts.diagnostics_count, 0);
	for (size_t i = 0; i < 4; i++) {
		const struct facts_device_entry *entry = &reading.facts.device_entries[i];
		const struct facts_kernel *kernel = &reading.facts.kernels[entry->kernel_first];

		assert_int_equal(entry->compression, names[i]);
		assert_int_equal(entry->state, FACTS_DEVICE_STATE_READ);
		assert_int_equal(entry->size, image.len);
		assert_int_equal(entry->kernel_count, 3);
		assert_memory_equal(&entry->content, &reading.facts.device_entries[0].content, 16);
		assert_memory_equal(&entry->module, &reading.facts.device_entries[0].module, 16);
		assert_memory_equal(&kernel->raw, &reading.facts.kernels[0].raw, 16);
		assert_text(&reading.facts, kernel->name, "_Z3addPf");
		assert_int_equal(kernel->instructions, 4);
		assert_int_equal(kernel->masked_count, 1);
		assert_int_equal(kernel->flags, 0);
		assert_int_equal(kernel[2].flags, FACTS_KERNEL_FUNCTION);
	}
	end_reading(&reading);
	vec_release(&image);
	vec_release(&file);
}

static void headers_have_any_size_and_extras(void **state)
{
	struct bytes image = cubin(), file = {0};
	struct reading reading;
	size_t start = begin_container(&file), count = 0;

	(void)state;
	for (uint32_t size = 64; size <= 144; size += 8) {
		struct fixture_entry entry = {
		    .kind = 2, .sm = 90, .header_size = size, .image = slice_bytes(&image)};

		if (size >= 112) {
			entry.options = "-O3";
			entry.options_at = size == 112 ? 64 : 72;
			entry.source = "a.cu";
		}
		add_entry(&file, &entry);
		count++;
	}
	end_container(&file, start);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_entries_count, count);
	assert_int_equal(reading.facts.diagnostics_count, 0);
	assert_int_equal(reading.facts.device_entries[0].options.length, 0);
	assert_text(&reading.facts, reading.facts.device_entries[6].options, "-O3");
	assert_text(&reading.facts, reading.facts.device_entries[10].options, "-O3");
	assert_text(&reading.facts, reading.facts.device_entries[10].source, "a.cu");
	assert_int_equal(reading.facts.kernels_count, 3 * count);
	end_reading(&reading);
	vec_release(&image);
	vec_release(&file);
}

static void suffixes_come_from_flags(void **state)
{
	struct bytes image = cubin(), file = {0};
	struct slice bytes = slice_bytes(&image);
	struct fixture_entry entries[] = {
	    {.kind = 2, .sm = 90, .image = bytes},
	    {.kind = 2, .sm = 90, .flags = 0x100000, .image = bytes},
	    {.kind = 2, .sm = 100, .flags = 0x200000, .image = bytes},
	    {.kind = 1, .sm = 90, .image = slice_of(".version 8.3\n", 14)},
	    {.kind = 8, .sm = 75, .flags = 0x10000, .image = slice_of("scrambled", 9)},
	};
	static const char *const expected[] = {"sm_90", "sm_90a", "sm_100f", "compute_90",
					       "lto_75"};
	struct reading reading;

	(void)state;
	add_container(&file, entries, 5);
	reading = read_device(slice_bytes(&file));
	for (size_t i = 0; i < 5; i++)
		assert_text(&reading.facts, reading.facts.device_entries[i].architecture,
			    expected[i]);
	assert_text(&reading.facts, reading.facts.device_entries[0].version, "13.0");
	assert_text(&reading.facts, reading.facts.device_entries[3].version, "8.3");
	/* Intermediate code is there, and nobody can say what it does. */
	assert_int_equal(reading.facts.device_entries[4].state, FACTS_DEVICE_STATE_OPAQUE);
	assert_true(reading.facts.device_entries[4].content.low != 0);
	assert_int_equal(count_diagnostics(&reading.facts, DIAG_DEVICE_OPAQUE), 1);
	assert_int_equal(reading.facts.diagnostics_count, 1);
	assert_int_equal(reading.facts.device_tools_count, 1);
	assert_text(&reading.facts, reading.facts.device_tools[0].name, "ptxas");
	assert_text(&reading.facts, reading.facts.device_tools[0].version, "V13");
	assert_text(&reading.facts, reading.facts.device_tools[0].options, "-arch sm_90 -m 64");
	assert_int_equal(reading.facts.device_tools[0].images, 3);
	end_reading(&reading);
	vec_release(&image);
	vec_release(&file);
}

static void code_is_found_anywhere_and_accidents_are_not(void **state)
{
	struct bytes image = cubin(), file = {0};
	struct fixture_entry entry = {.kind = 2, .sm = 90, .image = slice_bytes(&image)};
	struct reading reading;

	(void)state;
	add(&file, "\x50\xed\x55\xba\x02\x00\x10\x00", 8); /* version 2: by accident */
	add(&file, "\x50\xed\x55\xba\x01\x00\x40\x00", 8); /* another size of header */
	add(&file, "CCOB\x09\x00\x01\x00", 8);
	add(&file, "__CLANG_AND_MORE", 16);
	add(&file, "\x7f\x45\x4c\x46\x02\x01\x01\x00", 8);
	add_container(&file, NULL, 0); /* no entries */
	add_container(&file, &entry, 1);
	add(&file, image.ptr, image.len); /* without a container */
	pad(&file, 8);
	add_container(&file, &entry, 1);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_containers_count, 4);
	assert_int_equal(reading.facts.device_containers[0].entry_count, 0);
	assert_int_equal(reading.facts.device_containers[2].kind, FACTS_DEVICE_CONTAINER_BARE);
	assert_int_equal(reading.facts.device_containers[2].size, image.len);
	assert_text(&reading.facts, reading.facts.device_entries[1].architecture, "sm_90");
	assert_int_equal(reading.facts.device_entries_count, 3);
	assert_int_equal(reading.facts.kernels_count, 9);
	assert_int_equal(reading.facts.diagnostics_count, 0);
	end_reading(&reading);
	vec_release(&image);
	vec_release(&file);
}

/* One entry with a change in its header or around; the reading of it, and of a sound one behind. */
static struct reading read_broken(size_t at, uint64_t value, size_t width, uint64_t flags,
				  uint64_t declared)
{
	struct bytes image = cubin(), file = {0};
	struct fixture_entry entry = {.kind = 2,
				      .sm = 90,
				      .flags = flags,
				      .image = slice_bytes(&image),
				      .declared = declared};
	struct reading reading;

	add_container(&file, &entry, 1);
	if (width)
		put_number(&file, 16 + at, value, width);
	entry.flags = 0;
	entry.declared = 0;
	add_container(&file, &entry, 1);
	reading = read_device(slice_bytes(&file));
	vec_release(&image);
	vec_release(&file);
	return reading;
}

static void check_broken(struct reading reading, enum diag_id id, bool entry_kept)
{
	const struct facts *facts = &reading.facts;
	size_t last = facts->device_entries_count - 1;

	assert_true(count_diagnostics(facts, id) >= 1);
	/* What is behind the damage is found all the same. */
	assert_int_equal(facts->device_entries[last].state, FACTS_DEVICE_STATE_READ);
	assert_int_equal(facts->device_entries[last].kernel_count, 3);
	if (entry_kept)
		assert_int_not_equal(facts->device_entries[0].state, FACTS_DEVICE_STATE_READ);
	end_reading(&reading);
}

static void malformed_entries_are_said(void **state)
{
	struct bytes image = cubin();
	uint64_t size = image.len;

	(void)state;
	vec_release(&image);
	check_broken(read_broken(2, 0x0102, 2, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(4, 56, 4, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(4, 68, 4, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(4, UINT32_MAX, 4, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(8, UINT64_MAX & ~7ull, 8, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(8, 1u << 30, 8, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(16, UINT32_MAX, 4, FLAG_ZSTD, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(20, 4096, 4, 0, 0), DIAG_DEVICE_DAMAGED, false);
	check_broken(read_broken(40, FLAG_ZSTD | FLAG_LZ4, 8, 0, 0), DIAG_DEVICE_DAMAGED, true);
	check_broken(read_broken(64, 0, 4, FLAG_ZSTD, 0), DIAG_DEVICE_DAMAGED, true);
	check_broken(read_broken(64, 0, 1, 0, 0), DIAG_DEVICE_DAMAGED, true); /* no ELF magic */
	static const uint64_t flags[] = {FLAG_LZ4, FLAG_LZ4_FRAME, FLAG_ZSTD};
	for (size_t i = 0; i < 3; i++) {
		check_broken(read_broken(0, 0, 0, flags[i], size - 1), DIAG_DEVICE_DAMAGED, true);
		check_broken(read_broken(0, 0, 0, flags[i], size + 1), DIAG_DEVICE_DAMAGED, true);
		check_broken(read_broken(0, 0, 0, flags[i], 1), DIAG_DEVICE_DAMAGED, true);
		check_broken(read_broken(0, 0, 0, flags[i], BUDGET_DEVICE_IMAGE + 1),
			     DIAG_LIMIT_REACHED, true);
		check_broken(read_broken(0, 0, 0, flags[i], BUDGET_DEVICE_IMAGE - 1),
			     DIAG_LIMIT_REACHED, true); /* by its ratio */
	}
}

static void containers_may_be_cut_or_overlap(void **state)
{
	struct bytes image = cubin(), file = {0};
	struct fixture_entry entry = {.kind = 2, .sm = 90, .image = slice_bytes(&image)};
	struct reading reading;
	size_t whole;

	(void)state;
	add_container(&file, &entry, 1);
	whole = file.len;
	for (size_t length = 0; length < whole; length++) {
		reading = read_device(slice_of(file.ptr, length));
		if (length >= 16)
			assert_true(count_diagnostics(&reading.facts, DIAG_DEVICE_DAMAGED) >= 1);
		assert_int_equal(reading.facts.kernels_count, 0);
		end_reading(&reading);
	}
	/* The first claims to hold the second as well. */
	add_container(&file, &entry, 1);
	put_number(&file, 8, file.len - 16, 8);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_containers_count, 2);
	assert_int_equal(reading.facts.kernels_count, 6);
	assert_int_equal(count_diagnostics(&reading.facts, DIAG_DEVICE_DAMAGED), 1);
	end_reading(&reading);
	vec_release(&image);
	vec_release(&file);
}

static void bombs_are_not_unfolded(void **state)
{
	size_t size = (size_t)64 << 20;
	uint8_t *zeros = calloc(1, size);
	struct bytes file = {0};
	struct fixture_entry entry = {
	    .kind = 2, .sm = 90, .flags = FLAG_ZSTD, .image = slice_of(zeros, size)};
	struct reading reading;

	(void)state;
	add_container(&file, &entry, 1);
	free(zeros);
	assert_true(file.len < size / BUDGET_DEVICE_RATIO);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_entries[0].state, FACTS_DEVICE_STATE_LIMIT);
	assert_int_equal(reading.facts.device_entries[0].size, size);
	assert_int_equal(count_diagnostics(&reading.facts, DIAG_LIMIT_REACHED), 1);
	end_reading(&reading);
	/* The same bytes, said to be less. */
	put_number(&file, 16 + 56, 1u << 20, 8);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_entries[0].state, FACTS_DEVICE_STATE_DAMAGED);
	end_reading(&reading);
	vec_release(&file);
}

static void wild_section_headers_do_no_harm(void **state)
{
	struct bytes image = cubin();
	size_t headers = (size_t)device_u64(image.ptr + offsetof(Elf64_Ehdr, e_shoff));
	static const uint64_t values[] = {0, 1, 63, 4096, UINT32_MAX, UINT64_MAX, INT64_MAX};

	(void)state;
	for (size_t at = headers; at < image.len; at += 4)
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			struct bytes file = {0};
			struct bytes copy = {0};
			struct fixture_entry entry = {.kind = 2, .sm = 90};
			struct reading reading;

			add(&copy, image.ptr, image.len);
			put_number(&copy, at, values[i], at + 8 <= image.len ? 8 : 4);
			entry.image = slice_bytes(&copy);
			add_container(&file, &entry, 1);
			reading = read_device(slice_bytes(&file));
			assert_int_equal(reading.facts.device_entries_count, 1);
			end_reading(&reading);
			vec_release(&file);
			vec_release(&copy);
		}
	vec_release(&image);
}

static void ptx_counts_without_ends_of_lines(void **state)
{
	static const char text[] =
	    "\n.version 8.3\n.target sm_90\n.visible .entry k(\n"
	    "\t.param .u64 p\n)\n{\n\t.loc 1 2 3\n\tmov.u32 \t%r1, 335; // x\n"
	    "\tret;\n}\n.extern .func f\n(\n.param .b32 q\n)\n;\n"
	    ".func (.param .b32 r) g(\n)\n{\n\tret;\n}\n";
	char dos[600], other[600];
	size_t length = 0;
	struct bytes file = {0};
	struct fixture_entry entries[4] = {
	    {.kind = 1, .sm = 90, .image = slice_of(text, sizeof(text))}, /* with its NUL */
	    {.kind = 1, .sm = 90, .image = slice_of(text, sizeof(text) - 1)}};
	struct reading reading;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		if (text[i] == '\n')
			dos[length++] = '\r';
		dos[length++] = text[i];
	}
	entries[2] = (struct fixture_entry){.kind = 1, .sm = 90, .image = slice_of(dos, length)};
	memcpy(other, text, sizeof(text));
	memcpy(strstr(other, "%r1, 335"), "%r1, 336", 8);
	entries[3] = (struct fixture_entry){
	    .kind = 1, .sm = 90, .flags = FLAG_ZSTD, .image = slice_of(other, sizeof(text))};
	add_container(&file, entries, 4);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.kernels_count, 8);
	assert_int_equal(reading.facts.diagnostics_count, 0);
	for (size_t i = 0; i < 8; i += 2) {
		const struct facts_kernel *kernel = &reading.facts.kernels[i];

		assert_text(&reading.facts, kernel->name, "k");
		assert_int_equal(kernel->flags, FACTS_KERNEL_PTX);
		assert_text(&reading.facts, kernel[1].name, "g");
		assert_int_equal(kernel[1].flags, FACTS_KERNEL_PTX | FACTS_KERNEL_FUNCTION);
		assert_memory_equal(&kernel->masked, &reading.facts.kernels[0].masked, 16);
		if (i < 6)
			assert_memory_equal(&kernel->raw, &reading.facts.kernels[0].raw, 16);
		else
			assert_memory_not_equal(&kernel->raw, &reading.facts.kernels[0].raw, 16);
	}
	end_reading(&reading);
	vec_release(&file);
}

/* Pairs from builds of one source, in other directories or by other processes of the compiler. */
static void names_of_builds_have_one_key(void **state)
{
	static const char *const pairs[][2] = {
	    {"_ZN36_GLOBAL__N__a692bcba_4_s_cu__Z3runPi2anEPi",
	     "_ZN36_GLOBAL__N__00000001_4_s_cu__Z3gunPi2anEPi"},
	    {"_ZNS0_67_GLOBAL__N__06c19b41_28_ActivationThresholdKernel_cu_0d820ff7_"
	     "2550921kernelEv",
	     "_ZNS0_66_GLOBAL__N__06c19b42_28_ActivationThresholdKernel_cu_d6a71674_"
	     "254921kernelEv"},
	    /* Digits in front belong to the name before; two in a row. */
	    {"_ZN4Log237_INTERNAL_5cd812b1_7_Loss_cu_5b0651e139_GLOBAL__N__5cd812b1_7_Loss_cu_"
	     "5b0651e1"
	     "40binaryE",
	     "_ZN4Log237_INTERNAL_5cd812b2_7_Loss_cu_5b0651e239_GLOBAL__N__5cd812b2_7_Loss_cu_"
	     "5b0651e2"
	     "40binaryE"},
	    {"__nv_static_25__a692bcba_4_s_cu__Z3runPi__Z2stPi",
	     "__nv_static_26__a692bcbb_4_s_cu__Z4runtPi__Z2stPi"},
	    {"$___ZZ5countPiiE1s__37", "$___ZZ5countPiiE1s__220"},
	};
	static const char *const others[][2] = {
	    {"_ZN36_GLOBAL__N__a692bcba_4_s_cu__Z3runPi2anEPi",
	     "_ZN36_GLOBAL__N__a692bcba_4_t_cu__Z3runPi2anEPi"},
	    {"_ZN36_GLOBAL__N__a692bcba_4_s_cu__Z3runPi2anEPi",
	     "_ZN36_GLOBAL__N__a692bcba_4_s_cu__Z3runPi2amEPi"},
	    {"_Z5countPii__37", "_Z5countPii__38"},
	    {"_GLOBAL__N__xyz", "_GLOBAL__N__xyy"},
	};
	uint8_t keys[2][200];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t length = device_name_key(slice_text(pairs[i][0]), keys[0]);

		assert_int_equal(device_name_key(slice_text(pairs[i][1]), keys[1]), length);
		assert_memory_equal(keys[0], keys[1], length);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t length = device_name_key(slice_text(others[i][0]), keys[0]);

		assert_true(device_name_key(slice_text(others[i][1]), keys[1]) != length ||
			    memcmp(keys[0], keys[1], length) != 0);
	}
}

static void source_paths_are_proved(void **state)
{
	static const char path[] = "/build/aten/src/Distributions.cu";
	char name[2][200], text[4][80];
	struct bytes file = {0}, image;
	struct reading reading;
	uint8_t keys[2][200];
	uint32_t crc = device_path_crc(slice_text(path));
	size_t length;

	(void)state;
	snprintf(name[0], sizeof(name[0]),
		 "_ZN46_INTERNAL_%08x_16_Distributions_cu_1a2b3c4d6kernelEv", crc);
	snprintf(name[1], sizeof(name[1]),
		 "_ZN46_INTERNAL_%08x_16_Distributions_cu_1a2b3c4d6kernelEv",
		 device_path_crc(slice_text("/elsewhere/Distributions.cu")));
	/* The code differs by directory in names alone. */
	length = device_name_key(slice_text(name[0]), keys[0]);
	assert_int_equal(device_name_key(slice_text(name[1]), keys[1]), length);
	assert_memory_equal(keys[0], keys[1], length);
	image = make_cubin(&(struct fixture_kernel){name[0], code, 4, false, 0}, 1, 80, 1, "V13");
	add(&file, "head", 5);
	snprintf(text[0], sizeof(text[0]), "/build/aten/src/Other.cu");
	add(&file, text[0], strlen(text[0]) + 1); /* its directory is enough */
	pad(&file, 8);
	add_container(
	    &file, &(struct fixture_entry){.kind = 2, .sm = 80, .image = slice_bytes(&image)}, 1);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_sources_count, 1);
	assert_int_equal(reading.facts.device_sources[0].crc, crc);
	assert_text(&reading.facts, reading.facts.device_sources[0].name, "Distributions_cu");
	assert_text(&reading.facts, reading.facts.device_sources[0].path, path);
	end_reading(&reading);
	/* Another directory proves nothing. */
	memcpy(file.ptr + 5, "/nuild", 6);
	reading = read_device(slice_bytes(&file));
	assert_int_equal(reading.facts.device_sources[0].path.length, 0);
	end_reading(&reading);
	vec_release(&image);
	vec_release(&file);
}

static void foreign_hosts_do_no_harm(void **state)
{
	struct bytes image = cubin();
	struct fixture_entry entry = {.kind = 2, .sm = 90, .image = slice_bytes(&image)};

	(void)state;
	for (uint8_t class = 0; class < 4; class ++)
		for (uint8_t encoding = 0; encoding < 4; encoding++) {
			struct bytes file = {0};
			uint8_t *record = NULL;
			size_t size = 0;
			struct facts facts;

			add(&file, ELFMAG, SELFMAG);
			add_number(&file, class, 1);
			add_number(&file, encoding, 1);
			add_number(&file, 1, 1);
			while (file.len < 64)
				add_number(&file, file.len == 20 || file.len == 23, 1);
			add_container(&file, &entry, 1);
			assert_int_equal(
			    facts_collect(slice_bytes(&file), FACTS_DEVICE, &record, &size),
			    STATUS_OK);
			assert_int_equal(facts_open(slice_of(record, size), &facts), STATUS_OK);
			if ((class == 1 || class == 2) && (encoding == 1 || encoding == 2))
				assert_int_equal(facts.kernels_count, 3);
			free(record);
			vec_release(&file);
		}
	vec_release(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compressions_give_equal_fingerprints),
	    cmocka_unit_test(headers_have_any_size_and_extras),
	    cmocka_unit_test(suffixes_come_from_flags),
	    cmocka_unit_test(code_is_found_anywhere_and_accidents_are_not),
	    cmocka_unit_test(malformed_entries_are_said),
	    cmocka_unit_test(containers_may_be_cut_or_overlap),
	    cmocka_unit_test(bombs_are_not_unfolded),
	    cmocka_unit_test(wild_section_headers_do_no_harm),
	    cmocka_unit_test(ptx_counts_without_ends_of_lines),
	    cmocka_unit_test(names_of_builds_have_one_key),
	    cmocka_unit_test(source_paths_are_proved),
	    cmocka_unit_test(foreign_hosts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
