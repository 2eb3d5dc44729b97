/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of fingerprints: what goes in comes out, in one order, and bad files stay outside. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/index_builder.h"
#include "evidence/index_format.h"

#define BYTES_MAX (1 << 20)

struct fixture {
	char folder[64];
	struct diags diags;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/elfleft-index-XXXXXX");
	if (!mkdtemp(fixture->folder))
		return -1;
	diags_init(&fixture->diags);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	for (const char *name = "abc"; *name; name++) {
		snprintf(command, sizeof(command), "%s/%c", fixture->folder, *name);
		unlink(command);
	}
	diags_release(&fixture->diags);
	if (rmdir(fixture->folder) != 0)
		return -1;
	free(fixture);
	return 0;
}

static char *path_of(struct fixture *fixture, char name, char path[static 128])
{
	snprintf(path, 128, "%s/%c", fixture->folder, name);
	return path;
}

static void add(struct index_builder *builder, uint32_t member, uint64_t key, const char *name,
		uint32_t flags)
{
	const struct index_builder_function function = {
	    .key = key,
	    .strict = (uint32_t)key ^ 5,
	    .size = 48 + key % 100,
	    .instructions = 12,
	    .flags = flags,
	    .name = slice_text(name),
	};

	index_builder_add(builder, member, &function);
}

/* "alpha" 1 with two members, in the order given or the other way about. */
static void add_alpha(struct index_builder *builder)
{
	const struct index_builder_origin origin = {.component = "alpha",
						    .version = "1",
						    .licence = "GPL-3.0-or-later",
						    .source = "alpha-src",
						    .source_version = "1-2",
						    .package = "libalpha-dev",
						    .distribution = "debian-12",
						    .path = "usr/lib/libalpha.a",
						    .machine = EM_X86_64};
	uint32_t number, member;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	member = index_builder_add_member(builder, number, "one.o");
	add(builder, member, UINT64_C(0xffffffff00000001), "alpha_last", 0);
	add(builder, member, 7, "shared", INDEX_FUNCTION_WEAK);
	add(builder, member, 7, "shared", INDEX_FUNCTION_WEAK);
	index_builder_add_literal(builder, member, 3);
	index_builder_add_literal(builder, member, 3);
	index_builder_add_literal(builder, member, 11);
	index_builder_add_literal(builder, member, UINT64_MAX);
	index_builder_add_build_id(builder, member, "00112233445566ff");
	member = index_builder_add_member(builder, number, "two.o");
	add(builder, member, 9, "alpha_two", INDEX_FUNCTION_LOCAL);
	add(builder, member, 9, "alpha_two_again", 0);
	index_builder_add_literal(builder, member, 3);
}

static void add_beta(struct index_builder *builder)
{
	const struct index_builder_origin origin = {.component = "beta",
						    .class = INDEX_TOOLCHAIN,
						    .version = "2",
						    .machine = EM_X86_64,
						    .carrier = "gamma"};
	uint32_t number, member;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	member = index_builder_add_member(builder, number, "b.o");
	add(builder, member, 7, "shared_too", 0);
	index_builder_add_literal(builder, member, 11);
	index_builder_add_literal(builder, member, 12);
	index_builder_add_build_id(builder, member, "00112233445566ff");
	index_builder_add_build_id(builder, member, "0011223344556677aa");
}

static void write_index(struct fixture *fixture, struct index_builder *builder, char name)
{
	char path[128];

	assert_int_equal(index_builder_write(builder, path_of(fixture, name, path)), STATUS_OK);
	index_builder_free(builder);
}

static struct index *open_index(struct fixture *fixture, const char *names)
{
	struct index *index = index_new();
	char path[128];

	for (; *names; names++)
		assert_int_equal(
		    index_add_file(index, path_of(fixture, *names, path), &fixture->diags),
		    STATUS_OK);
	assert_int_equal(fixture->diags.list.len, 0);
	return index;
}

static size_t read_bytes(struct fixture *fixture, char name, uint8_t *bytes)
{
	char path[128];
	int fd = open(path_of(fixture, name, path), O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, bytes, BYTES_MAX);

	assert_true(size > 0 && size < BYTES_MAX);
	close(fd);
	return (size_t)size;
}

static void write_bytes(struct fixture *fixture, char name, const uint8_t *bytes, size_t size)
{
	char path[128];
	int fd = open(path_of(fixture, name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

/* Checks everything of add_alpha() and add_beta(), in whichever segments they are. */
static void check_both(struct index *index)
{
	uint32_t alpha = index_find_component(index, "alpha"), component = 0;
	uint32_t beta = index_find_component(index, "beta");
	char name[INDEX_NAME_SIZE];
	struct index_posting posting;
	struct index_member member;
	struct index_hits hits;
	const struct index_origin *origin;

	assert_int_equal(index_component_count(index), 2);
	assert_int_equal(index_find_component(index, "gamma"), INDEX_NO_COMPONENT);
	assert_int_equal(index_component(index, alpha)->class, INDEX_LIBRARY);
	assert_int_equal(index_component(index, beta)->class, INDEX_TOOLCHAIN);
	assert_int_equal(index_component(index, alpha)->origin_count, 1);
	assert_int_equal(index_function_count(index), 5);

	assert_false(index_find(index, 8, &hits));
	assert_false(index_next(&hits, &posting));
	assert_int_equal(index_frequency(index, 8, &component), 0);
	assert_int_equal(component, INDEX_NO_COMPONENT);

	assert_true(index_find(index, UINT64_C(0xffffffff00000001), &hits));
	assert_true(index_next(&hits, &posting));
	assert_string_equal(index_function_name(index, posting.function, name), "alpha_last");
	assert_int_equal(posting.component, alpha);
	assert_int_equal(posting.size, 48 + UINT64_C(0xffffffff00000001) % 100);
	assert_int_equal(posting.instructions, 12);
	assert_true(
	    index_strict_equal(&posting, &(struct facts_fingerprint){UINT64_C(4) << 32 | 77, 0}));
	assert_false(
	    index_strict_equal(&posting, &(struct facts_fingerprint){UINT64_C(5) << 32 | 77, 0}));
	member = index_member(index, posting.member);
	assert_string_equal(member.name, "one.o");
	assert_int_equal(member.functions, 2);
	origin = index_origin(index, member.origin);
	assert_string_equal(origin->version, "1");
	assert_string_equal(origin->licence, "GPL-3.0-or-later");
	assert_string_equal(origin->source, "alpha-src");
	assert_string_equal(origin->source_version, "1-2");
	assert_string_equal(origin->package, "libalpha-dev");
	assert_string_equal(origin->distribution, "debian-12");
	assert_string_equal(origin->path, "usr/lib/libalpha.a");
	assert_string_equal(origin->carrier, "");
	assert_int_equal(origin->machine, EM_X86_64);
	assert_int_equal(origin->member_count, 2);
	assert_false(index_next(&hits, &posting));
	assert_false(index_next(&hits, &posting));

	assert_int_equal(index_frequency(index, 7, &component), 2);
	assert_int_equal(component, INDEX_NO_COMPONENT);
	assert_true(index_find(index, 7, &hits));
	assert_true(index_next(&hits, &posting));
	assert_string_equal(index_function_name(index, posting.function, name), "shared");
	assert_int_equal(posting.flags, INDEX_FUNCTION_WEAK);
	assert_true(index_next(&hits, &posting));
	assert_string_equal(index_function_name(index, posting.function, name), "shared_too");
	assert_int_equal(posting.component, beta);
	assert_string_equal(
	    index_origin(index, index_member(index, posting.member).origin)->carrier, "gamma");
	assert_false(index_next(&hits, &posting));

	assert_int_equal(index_frequency(index, 9, &component), 1);
	assert_int_equal(component, alpha);
	assert_true(index_find(index, 9, &hits));
	assert_true(index_next(&hits, &posting));
	member = index_member(index, posting.member);
	assert_string_equal(member.name, "two.o");
	assert_int_equal(member.functions, 2);
	assert_int_equal(member.unique, 2);
	assert_true(index_next(&hits, &posting));
	assert_string_equal(index_function_name(index, posting.function, name), "alpha_two_again");
}

/* Those of add_alpha() and add_beta(). */
static void check_literals(const struct index *index)
{
	uint32_t members[INDEX_LITERAL_MEMBERS];

	assert_int_equal(index_find_literal(index, 3, members), 2);
	assert_string_equal(index_member(index, members[0]).name, "one.o");
	assert_string_equal(index_member(index, members[1]).name, "two.o");
	assert_int_equal(index_find_literal(index, UINT64_MAX, members), 1);
	assert_string_equal(index_member(index, members[0]).name, "one.o");
	assert_int_equal(index_find_literal(index, 12, members), 1);
	assert_string_equal(index_member(index, members[0]).name, "b.o");
	/* Of two components, and of none. */
	assert_int_equal(index_find_literal(index, 11, members), 0);
	assert_int_equal(index_find_literal(index, 4, members), 0);
}

static void one_segment(void **state)
{
	struct index_builder *builder = index_builder_new();
	struct index *index;

	add_alpha(builder);
	add_beta(builder);
	write_index(*state, builder, 'a');
	index = open_index(*state, "a");
	assert_int_equal(index_key_count(index), 3);
	check_both(index);
	check_literals(index);
	/* "shared" is not unique where both are seen together. */
	assert_int_equal(index_member(index, 0).unique, 1);
	assert_int_equal(index_member(index, 0).literals, 2);
	assert_int_equal(index_member(index, 1).literals, 1);
	index_free(index);
}

static void two_segments(void **state)
{
	struct index_builder *builder = index_builder_new();
	struct index *index;

	add_alpha(builder);
	write_index(*state, builder, 'a');
	builder = index_builder_new();
	add_beta(builder);
	write_index(*state, builder, 'b');
	index = open_index(*state, "ab");
	check_both(index);
	check_literals(index);
	index_free(index);
}

/* The same bytes from one build in either order, and from a merge of segments. */
static void bytes_are_the_same(void **state)
{
	uint8_t *first = malloc(BYTES_MAX), *second = malloc(BYTES_MAX);
	struct index_builder *builder = index_builder_new();
	struct index *index;
	size_t size;

	add_alpha(builder);
	add_beta(builder);
	write_index(*state, builder, 'c');
	size = read_bytes(*state, 'c', first);

	builder = index_builder_new();
	add_beta(builder);
	add_alpha(builder);
	write_index(*state, builder, 'a');
	assert_int_equal(read_bytes(*state, 'a', second), size);
	assert_memory_equal(first, second, size);

	builder = index_builder_new();
	add_beta(builder);
	write_index(*state, builder, 'a');
	builder = index_builder_new();
	add_alpha(builder);
	write_index(*state, builder, 'b');
	index = open_index(*state, "ab");
	builder = index_builder_new();
	index_builder_merge(builder, index);
	index_builder_merge(builder, index); /* a second time adds nothing */
	index_free(index);
	write_index(*state, builder, 'a');
	assert_int_equal(read_bytes(*state, 'a', second), size);
	assert_memory_equal(first, second, size);
	free(first);
	free(second);
}

static void empty_index(void **state)
{
	struct index_hits hits;
	struct index *index = index_new();

	assert_false(index_find(index, 0, &hits));
	index_free(index);
	write_index(*state, index_builder_new(), 'a');
	index = open_index(*state, "a");
	assert_int_equal(index_component_count(index), 0);
	assert_false(index_find(index, 0, &hits));
	assert_false(index_find(index, UINT64_MAX, &hits));
	index_free(index);
}

/* Enough keys for many buckets and blocks of names: every one is found, its neighbours are not. */
static void many_keys(void **state)
{
	const struct index_builder_origin origin = {.component = "many"};
	struct index_builder *builder = index_builder_new();
	char name[INDEX_NAME_SIZE], text[64];
	struct index_posting posting;
	struct index_hits hits;
	struct index *index;
	uint32_t number, member;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	member = index_builder_add_member(builder, number, "m.o");
	for (uint64_t i = 1; i <= 3000; i++) {
		snprintf(text, sizeof(text), "function_%llu", (unsigned long long)i);
		add(builder, member, i * UINT64_C(0x9e3779b97f4a7c15) & ~UINT64_C(1), text, 0);
	}
	write_index(*state, builder, 'a');
	index = open_index(*state, "a");
	for (uint64_t i = 1; i <= 3000; i++) {
		uint64_t key = i * UINT64_C(0x9e3779b97f4a7c15) & ~UINT64_C(1);

		snprintf(text, sizeof(text), "function_%llu", (unsigned long long)i);
		assert_true(index_find(index, key, &hits));
		assert_true(index_next(&hits, &posting));
		assert_string_equal(index_function_name(index, posting.function, name), text);
		assert_false(index_find(index, key | 1, &hits));
	}
	index_free(index);
}

static void long_names_are_cut(void **state)
{
	const struct index_builder_origin origin = {.component = "long"};
	struct index_builder *builder = index_builder_new();
	char text[3 * INDEX_NAME_SIZE], name[INDEX_NAME_SIZE];
	struct index *index;
	uint32_t number, member;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	member = index_builder_add_member(builder, number, "m.o");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	add(builder, member, 1, text, 0);
	write_index(*state, builder, 'a');
	index = open_index(*state, "a");
	assert_int_equal(strlen(index_function_name(index, 0, name)), INDEX_NAME_SIZE - 1);
	index_free(index);
}

/* Looks at everything an index offers; finds memory errors under the sanitizers. */
static void use_all(const struct index *index)
{
	char name[INDEX_NAME_SIZE];
	struct index_posting posting;
	struct index_hits hits;
	uint32_t members[INDEX_LITERAL_MEMBERS];
	size_t length = 0;

	for (uint32_t i = 0; i < index_function_count(index); i++)
		length += strlen(index_function_name(index, i, name));
	for (uint32_t i = 0; i < index_member_count(index); i++) {
		struct index_member member = index_member(index, i);

		length += strlen(member.name) + strlen(index_origin(index, member.origin)->path);
	}
	for (uint32_t i = 0; i < index_component_count(index); i++)
		length += strlen(index_component(index, i)->name);
	length += index_find_build_id(index, "00112233445566ff", members);
	for (uint64_t key = 0; key < 16; key++) {
		uint32_t found = index_find_literal(index, key, members);

		for (uint32_t i = 0; i < found; i++)
			length += index_member(index, members[i]).literals;
		index_frequency(index, key, NULL);
		for (index_find(index, key, &hits); index_next(&hits, &posting);)
			length += index_member(index, posting.member).name[0] != 0;
	}
	assert_true(length > 0);
}

/* Each byte changed, and each length: either it is refused with a diagnostic, or all is in bounds.
 */
static void damaged_files(void **state)
{
	struct fixture *fixture = *state;
	struct index_builder *builder = index_builder_new();
	uint8_t *bytes = malloc(BYTES_MAX);
	size_t size, refused = 0;
	char path[128];

	add_alpha(builder);
	add_beta(builder);
	write_index(fixture, builder, 'a');
	size = read_bytes(fixture, 'a', bytes);
	for (size_t i = 0; i < 2 * size; i++) {
		size_t kept = i < size ? size : i - size;
		uint8_t old = i < size ? bytes[i] : 0;
		struct index *index = index_new();
		enum status status;

		if (i < size)
			bytes[i] ^= (uint8_t)(1u << i % 8 | 0x80);
		write_bytes(fixture, 'b', bytes, kept);
		status = index_add_file(index, path_of(fixture, 'b', path), &fixture->diags);
		if (status == STATUS_OK)
			use_all(index);
		assert_true((status == STATUS_OK) == (fixture->diags.list.len == 0));
		if (i >= size)
			assert_int_not_equal(status, STATUS_OK);
		refused += status != STATUS_OK;
		diags_release(&fixture->diags);
		diags_init(&fixture->diags);
		index_free(index);
		if (i < size)
			bytes[i] = old;
	}
	assert_true(refused > size);
	free(bytes);
}

static void no_such_file(void **state)
{
	struct fixture *fixture = *state;
	struct index *index = index_new();
	char path[128];

	assert_int_equal(index_add_file(index, path_of(fixture, 'a', path), &fixture->diags),
			 STATUS_IO);
	assert_int_equal(fixture->diags.list.len, 1);
	assert_int_equal(fixture->diags.list.ptr[0].id, DIAG_INDEX_BAD);
	index_free(index);
}

static void names_of_headers(void **state)
{
	static const struct {
		const char *name;
		bool weak, expected;
	} cases[] = {
	    {"_ZNSt6vectorIiSaIiEE9push_backERKi", false, true},
	    {"_ZNKSt6vectorIiSaIiEE4sizeEv", true, true},
	    {"_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_", true, true},
	    {"_ZN5Eigen8internal5gemm_Ev", false, true},
	    {"_ZN3fmt3v96formatEv", true, true},
	    {"_ZN3fmt3v96formatEv", false, false},
	    {"_ZN5boost5regexEv", false, false},
	    {"_ZN8StrangerEv", true, false},
	    {"readline", true, false},
	    {"", true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (index_name_is_header_only(slice_text(cases[i].name), cases[i].weak) !=
		    cases[i].expected)
			fail_msg("%s", cases[i].name);
}

static void what_is_eligible(void **state)
{
	struct facts_function function = {
	    .size = 48, .instructions = 12, .loose = {.low = 1}, .strict = {.low = 1}};

	(void)state;
	assert_true(index_eligible(&function, EM_X86_64));
	assert_false(index_eligible(&function, EM_AARCH64));
	function.size = 47;
	assert_false(index_eligible(&function, EM_X86_64));
	function.size = 64;
	assert_true(index_eligible(&function, EM_AARCH64));
	function.instructions = 11;
	assert_false(index_eligible(&function, EM_X86_64));
	function.flags = FACTS_FUNCTION_MASKED_BYTES;
	function.instructions = 0;
	assert_true(index_eligible(&function, EM_RISCV));
	function.flags = FACTS_FUNCTION_UNDECODED;
	assert_false(index_eligible(&function, EM_X86_64));
	function = (struct facts_function){.size = 100, .instructions = 20};
	assert_false(index_eligible(&function, EM_X86_64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(one_segment, setup, teardown),
	    cmocka_unit_test_setup_teardown(two_segments, setup, teardown),
	    cmocka_unit_test_setup_teardown(bytes_are_the_same, setup, teardown),
	    cmocka_unit_test_setup_teardown(empty_index, setup, teardown),
	    cmocka_unit_test_setup_teardown(many_keys, setup, teardown),
	    cmocka_unit_test_setup_teardown(long_names_are_cut, setup, teardown),
	    cmocka_unit_test_setup_teardown(damaged_files, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_such_file, setup, teardown),
	    cmocka_unit_test(names_of_headers),
	    cmocka_unit_test(what_is_eligible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
