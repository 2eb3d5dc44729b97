/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An outline finds the functions that the whole reader finds, selected functions get the very
 * fingerprints they get among all, and a mapped file that is given back gives the same record.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "binary/elf_input.h"
#include "binary/facts.h"
#include "binary/selection.h"
#include "evidence/verify.h"
#include "util/memory.h"

#define LIBRARY "/lib/x86_64-linux-gnu/libc.so.6"
#define EVERY 7 /* functions that are selected */

struct file {
	struct slice bytes;
	struct facts whole, outline;
};

static struct facts opened(uint8_t *record, size_t size)
{
	struct facts facts;

	assert_int_equal(facts_open(slice_of(record, size), &facts), STATUS_OK);
	return facts;
}

static struct facts mapped(struct slice bytes, uint32_t groups, const struct facts_range *selected,
			   size_t count)
{
	const struct facts_request request = {.bytes = bytes,
					      .groups = groups,
					      .mapped = true,
					      .selected = selected,
					      .selected_count = count};
	uint8_t *record;
	size_t size;

	assert_int_equal(facts_collect_request(&request, &record, &size), STATUS_OK);
	return opened(record, size);
}

static void release(const struct facts *facts)
{
	free((void *)(uintptr_t)facts->record.ptr);
}

static int setup(void **state)
{
	struct file *file = memory_calloc(1, sizeof(*file));
	int fd = open(LIBRARY, O_RDONLY | O_CLOEXEC);
	struct stat info;
	uint8_t *record;
	size_t size;

	if (fd < 0 || fstat(fd, &info) != 0)
		return -1;
	file->bytes = slice_of(mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0),
			       (size_t)info.st_size);
	close(fd);
	facts_prepare(FACTS_CODE | FACTS_CONTENT);
	assert_int_equal(
	    facts_collect(file->bytes, FACTS_CODE | FACTS_TARGETS | FACTS_CONTENT, &record, &size),
	    STATUS_OK);
	file->whole = opened(record, size);
	file->outline = mapped(file->bytes, FACTS_OUTLINE, NULL, 0);
	*state = file;
	return 0;
}

static int teardown(void **state)
{
	struct file *file = *state;

	release(&file->whole);
	release(&file->outline);
	munmap((void *)(uintptr_t)file->bytes.ptr, file->bytes.len);
	free(file);
	return 0;
}

static void test_same_functions(void **state)
{
	const struct file *file = *state;

	assert_true(file->whole.functions_count > 1000);
	assert_int_equal(file->outline.functions_count, file->whole.functions_count);
	assert_int_equal(file->outline.function_details_count, 0);
	for (size_t i = 0; i < file->whole.functions_count; i++) {
		const struct facts_function *a = &file->outline.functions[i],
					    *b = &file->whole.functions[i];

		assert_int_equal(a->address, b->address);
		assert_int_equal(a->size, b->size);
		assert_int_equal(a->sources, b->sources);
		assert_memory_equal(&a->raw, &b->raw, sizeof(a->raw));
		assert_string_equal(facts_text(&file->outline, a->name),
				    facts_text(&file->whole, b->name));
		assert_true(!a->strict.low && !a->strict.high);
	}
}

static void test_selected(void **state)
{
	const struct file *file = *state;
	size_t count = file->outline.functions_count / EVERY;
	struct facts_range *ranges = memory_calloc(count, sizeof(*ranges)), *passed;
	struct facts selected;
	int fd;

	for (size_t i = 0; i < count; i++)
		ranges[i] =
		    (struct facts_range){.address = file->outline.functions[i * EVERY].address,
					 .size = file->outline.functions[i * EVERY].size};
	fd = selection_write(ranges, count);
	passed = mmap(NULL, count * sizeof(*ranges), PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(passed, MAP_FAILED);
	selected = mapped(file->bytes, FACTS_SELECTED, passed, count);
	assert_int_equal(selected.functions_count, count);
	assert_int_equal(selected.function_details_count, count);
	assert_int_equal(selected.targets_count, 0);
	for (size_t i = 0; i < count; i++) {
		const struct facts_function *a = &selected.functions[i],
					    *b = &file->whole.functions[i * EVERY];

		assert_int_equal(a->address, b->address);
		assert_int_equal(a->masked, b->masked);
		assert_int_equal(a->instructions, b->instructions);
		assert_memory_equal(&a->raw, &b->raw, sizeof(a->raw));
		assert_memory_equal(&a->strict, &b->strict, sizeof(a->strict));
		assert_memory_equal(&a->loose, &b->loose, sizeof(a->loose));
		assert_int_equal(selected.function_details[i].shape,
				 file->whole.function_details[i * EVERY].shape);
	}
	release(&selected);
	munmap(passed, count * sizeof(*ranges));
	close(fd);
	free(ranges);
}

/* Places that no function has, or no file: nothing is read, and the record says how many. */
static void test_hostile_selection(void **state)
{
	const struct file *file = *state;
	const struct facts_range ranges[] = {
	    {.address = UINT64_MAX - 4, .size = 4096},
	    {.address = file->bytes.len * 2, .size = 16},
	    {.address = file->outline.functions[0].address, .size = UINT64_MAX},
	    {.address = 0, .size = file->bytes.len * 4},
	};
	struct facts selected = mapped(file->bytes, FACTS_SELECTED, ranges, 4);

	assert_int_equal(selected.functions_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(!selected.functions[i].strict.low);
	release(&selected);
}

static void test_given_back(void **state)
{
	const struct file *file = *state;
	struct facts facts =
	    mapped(file->bytes, FACTS_CODE | FACTS_TARGETS | FACTS_CONTENT, NULL, 0);

	assert_int_equal(facts.record.len, file->whole.record.len);
	assert_memory_equal(facts.record.ptr, file->whole.record.ptr, facts.record.len);
	release(&facts);
}

/* ---- which functions have to be known ---- */

struct builds {
	struct arena arena;
	struct profile left, right;
	struct verify_file file;
};

static bool read_nothing(void *context, uint64_t offset, size_t size, uint8_t *to)
{
	(void)context;
	(void)offset;
	memset(to, 0, size);
	return true;
}

static void fill(struct profile *profile, struct arena *arena, size_t count)
{
	*profile = (struct profile){.elf_type = ET_DYN, .outlined = true, .read = read_nothing};
	profile->functions = arena_alloc_array(arena, count, sizeof(*profile->functions));
	profile->function_count = count;
	for (size_t i = 0; i < count; i++)
		profile->functions[i] = (struct profile_function){.address = 4096 + i * 64,
								  .size = 60,
								  .name = "",
								  .sources = FACTS_FUNCTION_FRAME,
								  .raw = {i + 1, 1}};
}

static void begin(struct builds *builds)
{
	*builds = (struct builds){0};
	arena_init(&builds->arena);
	fill(&builds->left, &builds->arena, 64);
	fill(&builds->right, &builds->arena, 64);
}

static bool compare(struct builds *builds)
{
	builds->file = (struct verify_file){.verdict = VERIFY_MODIFIED, .reason = ""};
	return verify_functions(&builds->left, &builds->right, &builds->arena, &builds->file);
}

static void end(struct builds *builds)
{
	verify_file_release(&builds->file);
	arena_release(&builds->arena);
}

static void test_strangers(void **state)
{
	struct verify_strangers strangers;
	struct builds builds;

	(void)state;
	begin(&builds);
	builds.right.functions[5].raw.low = builds.right.functions[9].raw.high = 1000;
	assert_true(verify_stays_in_place(&builds.left, &builds.right));
	assert_true(verify_outline(&builds.left, &builds.right, &builds.arena, &strangers));
	assert_int_equal(strangers.left_count, 2);
	assert_int_equal(strangers.right_count, 2);
	assert_int_equal(strangers.left[0], 5);
	assert_int_equal(strangers.right[1], 9);
	assert_true(compare(&builds));
	assert_int_equal(builds.file.functions.counts[VERIFY_FUNCTION_MODIFIED], 2);
	assert_int_equal(builds.file.functions.counts[VERIFY_FUNCTION_IDENTICAL], 62);
	/* Too many: then all might as well be known. */
	for (size_t i = 0; i < 9; i++)
		builds.right.functions[i].raw.low = 2000 + i;
	verify_file_release(&builds.file);
	assert_false(verify_outline(&builds.left, &builds.right, &builds.arena, &strangers));
	builds.right.elf_type = ET_EXEC;
	assert_false(verify_stays_in_place(&builds.left, &builds.right));
	end(&builds);
}

/* A function at another place: what refers to it has to be read. */
static void test_moved(void **state)
{
	struct builds builds;

	(void)state;
	begin(&builds);
	builds.left.functions[63].raw.low = builds.right.functions[63].raw.low = 5000;
	builds.right.functions[63].address += 16;
	assert_false(compare(&builds));
	assert_int_equal(builds.file.functions.changes.len, 0);
	assert_false(builds.file.compared_functions);
	builds.left.outlined = builds.right.outlined = false;
	assert_true(compare(&builds));
	assert_true(builds.file.compared_functions);
	end(&builds);
}

/* A function that is gone may be folded into any other of equal instructions. */
static void test_gone(void **state)
{
	struct builds builds;

	(void)state;
	begin(&builds);
	builds.right.function_count = 63;
	assert_false(compare(&builds));
	builds.left.outlined = builds.right.outlined = false;
	assert_true(compare(&builds));
	assert_int_equal(builds.file.functions.counts[VERIFY_FUNCTION_REMOVED], 1);
	end(&builds);
}

/* Code of the reference that no function covers is what lies at its place, while nothing moved. */
static void test_between(void **state)
{
	struct profile_part part = {
	    .role = FACTS_CONTENT_SEGMENT, .address = 4096, .size = 1 << 20, .name = ""};
	struct profile_function pieces[2] = {
	    {.address = 65536, .size = 32, .name = "", .raw = {1, 2}},
	    {.address = 65600, .size = 32, .name = ""}, /* no hash: nothing can be said */
	};
	struct builds builds;

	(void)state;
	begin(&builds);
	builds.right.parts = &part;
	builds.right.part_count = 1;
	builds.left.between = pieces;
	builds.left.between_count = 2;
	assert_true(compare(&builds));
	assert_int_equal(builds.file.functions.total, 65);
	assert_int_equal(builds.file.functions.counts[VERIFY_FUNCTION_MODIFIED], 1);
	assert_ptr_equal(builds.file.functions.changes.ptr[0].left, &pieces[0]);
	end(&builds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_functions),
	    cmocka_unit_test(test_selected),
	    cmocka_unit_test(test_hostile_selection),
	    cmocka_unit_test(test_given_back),
	    cmocka_unit_test(test_strangers),
	    cmocka_unit_test(test_moved),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_between),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
