/* SPDX-License-Identifier: BSD-2-Clause */
/* Which components texts and tables prove, with a few functions beside them. */
#include "embedded_world.h"

#define TEXT UINT64_C(1000000) /* keys of literals, far from those of functions */
#define LITERALS_MAX 128

static struct facts_literal literals[LITERALS_MAX];

/* An object file of alpha: functions and literals by their first key and their count. */
struct member {
	const char *name;
	uint64_t function;
	uint32_t functions;
	uint64_t literal;
	uint32_t literals;
};

static void use_members(struct world *world, const struct member *members, size_t count)
{
	const struct index_builder_origin origin = {.component = "alpha",
						    .class = INDEX_LIBRARY,
						    .machine = EM_X86_64,
						    .version = "1.0",
						    .licence = "MIT",
						    .source = "alpha",
						    .path = "libalpha.a",
						    .package = "alpha"};
	struct index_builder *builder = index_builder_new();
	uint32_t number;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	for (size_t i = 0; i < count; i++) {
		uint32_t member = index_builder_add_member(builder, number, members[i].name);

		for (uint32_t j = 0; j < members[i].functions; j++)
			index_builder_add(builder, member,
					  &(struct index_builder_function){
					      .key = members[i].function + j,
					      .strict = 7,
					      .size = 64,
					      .instructions = 20,
					      .name = slice_text("f"),
					  });
		for (uint32_t j = 0; j < members[i].literals; j++)
			index_builder_add_literal(builder, member, members[i].literal + j);
	}
	assert_int_equal(index_builder_write(builder, world->path[0]), STATUS_OK);
	index_builder_free(builder);
	index_free(world->index);
	world->index = index_new();
	assert_int_equal(index_add_file(world->index, world->path[0], &world->diags), STATUS_OK);
}

/* The file shows these; what comes before is forgotten. */
static void show(struct world *world, uint64_t first, uint32_t count, enum facts_literal_kind kind)
{
	assert_true(count <= LITERALS_MAX);
	for (uint32_t i = 0; i < count; i++)
		literals[i] = (struct facts_literal){
		    .key = first + i, .offset = i * 64, .length = 32, .kind = kind};
	world->facts.literals = literals;
	world->facts.literals_count = count;
}

static void one_file_of_many_texts_needs_a_function(void **state)
{
	static const struct member members[] = {{"messages.o", 100, 20, TEXT, 30},
						{"code.o", 200, 40, 0, 0}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	use_members(world, members, 2);
	show(world, TEXT, 30, FACTS_LITERAL_TEXT);
	assert_null(named(find(world), "alpha")); /* as one shows that copied a list of messages */
	lay_down(world, 210, 1, 64, 0);
	alpha = the(find(world), "alpha");
	assert_int_equal(alpha->basis, EMBEDDED_BY_TEXTS);
	assert_int_equal(alpha->confidence, EMBEDDED_LIKELY);
	assert_int_equal(alpha->unique, 1);
}

static void a_part_of_one_file_is_too_little(void **state)
{
	static const struct member members[] = {{"messages.o", 100, 20, TEXT, 60}};
	struct world *world = *state;

	use_members(world, members, 1);
	show(world, TEXT, 40, FACTS_LITERAL_TEXT);
	lay_down(world, 110, 1, 64, 0);
	assert_null(named(find(world), "alpha"));
	use_members(world, (const struct member[]){{"messages.o", 100, 20, TEXT, 10}}, 1);
	show(world, TEXT, 10, FACTS_LITERAL_TEXT);
	assert_null(named(find(world), "alpha"));
}

static void thin_functions_need_whole_tables(void **state)
{
	static const struct member members[] = {{"check.o", 100, 60, TEXT, 1},
						{"code.o", 200, 60, TEXT + 1, 1}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	use_members(world, members, 2);
	/* Enough functions in their place, but hardly any of each object file. */
	lay_down(world, 100, 5, 300, 0);
	lay_down(world, 200, 5, 300, 0);
	assert_null(named(find(world), "alpha"));
	show(world, TEXT, 1, FACTS_LITERAL_TABLE);
	assert_null(named(find(world), "alpha"));
	show(world, TEXT, 2, FACTS_LITERAL_TABLE);
	alpha = the(find(world), "alpha");
	assert_int_equal(alpha->basis, EMBEDDED_BY_CODE);
	assert_int_equal(alpha->confidence, EMBEDDED_LIKELY);
	assert_int_equal(alpha->tables, 2);
}

/* Two C libraries have the same mathematics of a third author. */
static void tables_of_a_part_of_the_library_are_a_hint(void **state)
{
	static const struct member members[] = {{"check.o", 100, 60, TEXT, 1},
						{"code.o", 200, 60, TEXT + 1, 1},
						{"others.o", 300, 60, TEXT + 2, 3}};
	struct world *world = *state;

	use_members(world, members, 3);
	lay_down(world, 100, 5, 300, 0);
	lay_down(world, 200, 5, 300, 0);
	show(world, TEXT, 2, FACTS_LITERAL_TABLE);
	assert_null(named(find(world), "alpha"));
}

static void scattered_functions_and_tables_are_a_hint(void **state)
{
	static const struct member members[] = {{"check.o", 100, 60, TEXT, 1},
						{"code.o", 200, 60, TEXT + 1, 1}};
	struct world *world = *state;

	use_members(world, members, 2);
	lay_down(world, 100, 5, 300, 1 << 20);
	show(world, TEXT, 2, FACTS_LITERAL_TABLE);
	assert_null(named(find(world), "alpha"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(one_file_of_many_texts_needs_a_function, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(a_part_of_one_file_is_too_little, setup, teardown),
	    cmocka_unit_test_setup_teardown(thin_functions_need_whole_tables, setup, teardown),
	    cmocka_unit_test_setup_teardown(tables_of_a_part_of_the_library_are_a_hint, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(scattered_functions_and_tables_are_a_hint, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
