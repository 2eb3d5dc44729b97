/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers of every kind, changed at random: no crash, no record that does not hold together, no
 * memory over the budget. DEVICE_MUTATIONS=100000 is what make accuracy runs; a seed is printed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/resource.h>

#include "device_fixture.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(SANITIZED)
#define SANITIZED
#endif

#include "util/budget.h"

#define SEEDS 9
#define DEFAULT_MUTATIONS 4000
#define DEFAULT_SEED 20261125

static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
	uint64_t z = random_state;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t below(size_t limit)
{
	return limit ? (size_t)(next_random() % limit) : 0;
}

static struct bytes fatbin(uint64_t flags)
{
	static const uint64_t code[] = {0x0000014f00017802, 0x000fe20000000f00, 0x0000000302017221,
					0x000fe20000000000};
	static const char ptx[] = ".version 8.3\n.visible .entry k(\n)\n{\nmov.u32 %r1, 3;\n}\n";
	struct fixture_kernel kernels[] = {{"_Z3addPf", code, 2, false, 0},
					   {"f", code, 1, true, 0}};
	struct bytes image = make_cubin(kernels, 2, 90, 7, "V13"), file = {0};
	struct fixture_entry entries[] = {
	    {.kind = 2, .sm = 90, .flags = flags, .image = slice_bytes(&image)},
	    {.kind = 1, .sm = 90, .flags = flags, .image = slice_of(ptx, sizeof(ptx))},
	    {.kind = 8, .sm = 90, .flags = 0x10000, .image = slice_of("scrambled", 9)},
	    {.kind = 2,
	     .sm = 90,
	     .flags = flags,
	     .image = slice_bytes(&image),
	     .header_size = 144,
	     .options = "-O3",
	     .options_at = 64,
	     .source = "a.cu"},
	};

	add_container(&file, entries, 4);
	vec_release(&image);
	return file;
}

static struct bytes compressed_bundle(void)
{
	struct bytes plain = bundle(), packed = compress_image(slice_bytes(&plain), FLAG_ZSTD);
	struct bytes file = {0};

	add(&file, "CCOB\2\0\1\0", 8);
	add_number(&file, packed.len + 24, 4);
	add_number(&file, plain.len, 4);
	add_number(&file, 0, 8);
	add(&file, packed.ptr, packed.len);
	vec_release(&plain);
	vec_release(&packed);
	return file;
}

/* Its data alone tells where it ends. */
static struct bytes open_bundle(void)
{
	struct bytes plain = bundle(), file = {0};
	uLongf length = compressBound(plain.len);
	uint8_t *packed = malloc(length);

	assert_int_equal(compress(packed, &length, plain.ptr, plain.len), Z_OK);
	add(&file, "CCOB\1\0\0\0", 8);
	add_number(&file, plain.len, 4);
	add_number(&file, 0, 8);
	add(&file, packed, length);
	free(packed);
	vec_release(&plain);
	return file;
}

static void make_seeds(struct bytes seeds[static SEEDS])
{
	static const uint64_t flags[] = {0, FLAG_LZ4, FLAG_LZ4_FRAME, FLAG_ZSTD};
	static const uint64_t code[] = {1, 2, 3, 4};

	for (size_t i = 0; i < 4; i++)
		seeds[i] = fatbin(flags[i]);
	seeds[4] = make_cubin(&(struct fixture_kernel){"k", code, 2, false, 0}, 1, 80, 1, "V12");
	seeds[5] = bundle();
	seeds[6] = compressed_bundle();
	seeds[7] = open_bundle();
	seeds[8] = (struct bytes){0};
	for (size_t i = 0; i < 8; i++) {
		add(&seeds[8], seeds[i].ptr, seeds[i].len);
		pad(&seeds[8], 8);
	}
}

/* Numbers at the edges of checks, among them the size of the file. */
static uint64_t odd_number(size_t length)
{
	const uint64_t odd[] = {0,	    1,
				7,	    63,
				64,	    0xffff,
				UINT32_MAX, INT64_MAX,
				UINT64_MAX, UINT64_MAX - 15,
				length,	    length - 1,
				1u << 29,   UINT64_C(1) << 40};

	return below(3) ? odd[below(sizeof(odd) / sizeof(odd[0]))] : next_random();
}

static void mutate(struct bytes *file)
{
	size_t at = below(file->len), width = (size_t)1 << below(4);

	switch (below(6)) {
	case 0:
		file->ptr[at] ^= (uint8_t)(1u << below(8));
		break;
	case 1:
		file->ptr[at] = (uint8_t)next_random();
		break;
	case 2:
	case 3: /* a number where numbers are */
		at &= ~(width - 1);
		if (at + width <= file->len)
			put_number(file, at, odd_number(file->len), width);
		break;
	case 4: /* a piece somewhere else */
		width = below(64);
		if (at + width <= file->len)
			memmove(file->ptr + below(file->len - width + 1), file->ptr + at, width);
		break;
	default:
		if (!below(4))
			file->len = at + 1;
		break;
	}
}

static size_t from_environment(const char *name, size_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void mutated_containers_do_no_harm(void **state)
{
	size_t count = from_environment("DEVICE_MUTATIONS", DEFAULT_MUTATIONS), images = 0,
	       read = 0;
	struct bytes seeds[SEEDS];

	(void)state;
	random_state = from_environment("DEVICE_SEED", DEFAULT_SEED);
	make_seeds(seeds);
#ifndef SANITIZED
	/* One image, and little beside it: more memory ends the process. */
	setrlimit(RLIMIT_DATA, &(struct rlimit){BUDGET_DEVICE_IMAGE + (64 << 20),
						BUDGET_DEVICE_IMAGE + (64 << 20)});
#endif
	for (size_t i = 0; i < count; i++) {
		struct bytes file = {0};
		struct reading reading;

		add(&file, seeds[i % SEEDS].ptr, seeds[i % SEEDS].len);
		for (size_t change = below(8) + 1; change; change--)
			mutate(&file);
		reading = read_device(slice_bytes(&file));
		images += reading.facts.device_entries_count;
		for (size_t j = 0; j < reading.facts.device_entries_count; j++)
			read += reading.facts.device_entries[j].state == FACTS_DEVICE_STATE_READ;
		end_reading(&reading);
		vec_release(&file);
	}
	print_message("# %zu mutated files, seed %zu: %zu images, %zu of them read\n", count,
		      from_environment("DEVICE_SEED", DEFAULT_SEED), images, read);
	/* Both happened, else it proves nothing. */
	assert_true(read > count / 4 && read < images);
	for (size_t i = 0; i < SEEDS; i++)
		vec_release(&seeds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(mutated_containers_do_no_harm)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
