/* SPDX-License-Identifier: BSD-2-Clause */
/* Which components a binary's functions prove. */
#include "embedded_world.h"

/* ---- what is claimed ---- */

static void a_whole_member_is_certain(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "ISC"},
					   {"beta", "2.0", "b.o", 300, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 1000, 5, 64, 0); /* of nobody */
	lay_down(world, 100, 10, 64, 8);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	alpha = the(embedded, "alpha");
	assert_int_equal(alpha->confidence, EMBEDDED_CERTAIN);
	assert_int_equal(alpha->unique, 10);
	assert_int_equal(alpha->strict, 10);
	assert_int_equal(alpha->coverage, EMBEDDED_WHOLE);
	assert_int_equal(alpha->locality, EMBEDDED_WHOLE);
	assert_int_equal(alpha->version_count, 1);
	assert_string_equal(alpha->versions[0], "1.0");
	assert_true(alpha->version_fits);
	assert_string_equal(alpha->licence, "ISC");
	assert_int_equal(alpha->example_count, 5);
	assert_string_equal(alpha->examples[0].member, "a.o");
	assert_string_equal(alpha->examples[0].name, "f100");
	assert_int_equal(alpha->examples[0].address, START + 5 * 64);
	assert_int_equal(embedded->functions, 15);
	assert_int_equal(embedded->matched, 10);
	assert_int_equal(embedded->explained_bytes, 640);
	assert_int_equal(embedded->bytes, 960);
}

static void scattered_functions_are_a_hint(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 40, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 12, 64, 1 << 20);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 0);
	assert_int_equal(embedded->hint_count, 1);
	assert_int_equal(embedded->hints[0].unique, 12);
	assert_int_equal(embedded->explained_bytes, 0);
}

/* Wrappers of a line or two that two C libraries have: each an object file of its own. */
static void small_functions_alone_in_their_files_are_a_hint(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "b.o", 101, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "c.o", 102, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "d.o", 103, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "e.o", 104, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "f.o", 105, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "g.o", 106, 1, 300, 0, NULL, NULL}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 6, 100, 64);
	assert_int_equal(find(world)->component_count, 0);
	lay_down(world, 106, 1, 300, 64);
	assert_int_equal(the(find(world), "alpha")->confidence, EMBEDDED_CERTAIN);
}

static void few_functions_need_a_whole_member(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 2, 400, 0, NULL, NULL},
					   {"beta", "1.0", "b.o", 200, 1, 900, 0, NULL, NULL},
					   {"gamma", "1.0", "c.o", 300, 9, 200, 0, NULL, NULL},
					   {"delta", "1.0", "d.o", 400, 40, 50, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 2, 400, 0);
	lay_down(world, 200, 1, 900, 0); /* whole, but one alone */
	lay_down(world, 300, 2, 200, 0); /* large, but two of nine */
	lay_down(world, 400, 3, 50, 0);	 /* three small ones of forty */
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	assert_non_null(named(embedded, "alpha"));
	assert_int_equal(embedded->components[0].confidence, EMBEDDED_LIKELY);
	assert_int_equal(embedded->hint_count, 3);
}

static void code_of_headers_speaks_for_nobody(void **state)
{
	static const struct rows rows[] = {
	    {"weak", "1", "a.o", 100, 10, 64, INDEX_FUNCTION_WEAK, NULL, NULL},
	    {"header", "1", "b.o", 200, 10, 64, INDEX_FUNCTION_HEADER_ONLY, NULL, NULL},
	    {"destructor", "1", "c.o", 300, 10, 64, 0, "_ZN1AD0Ev", NULL},
	    {"fragment", "1", "d.o", 400, 10, 64, INDEX_FUNCTION_FRAGMENT, NULL, NULL},
	    {"initialiser", "1", "e.o", 500, 10, 64, 0, "_GLOBAL__sub_I_x.cpp", NULL},
	    {"clone", "1", "f.o", 600, 10, 64, 0, "_ZN1AC2Ev.isra.0", NULL},
	    {"plain", "1", "g.o", 700, 10, 64, 0, "_ZN1A3fooEv", NULL},
	    {"moc", "1", "h.o", 800, 10, 64, 0, "_ZN1A11qt_metacallEN11QMetaObject4CallEiPPv",
	     NULL},
	    {"moc2", "1", "i.o", 900, 10, 64, 0, "_ZNK1A10metaObjectEv", NULL},
	};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	for (uint64_t first = 100; first <= 900; first += 100)
		lay_down(world, first, 10, 64, 0);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	assert_non_null(named(embedded, "plain"));
}

static void other_machines_do_not_count(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;

	open_index(world, rows, 1, 1, false, EM_AARCH64);
	lay_down(world, 100, 10, 64, 0);
	assert_int_equal(find(world)->matched, 0);
}

static void small_functions_are_not_looked_up(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 40, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 10, 40, 0);
	embedded = find(world);
	assert_int_equal(embedded->eligible, 0);
	assert_int_equal(embedded->component_count + embedded->hint_count, 0);
}

/* ---- bodies of several components ---- */

static void neighbours_decide_between_copies(void **state)
{
	static const struct rows rows[] = {{"alpha", "1", "a.o", 100, 10, 64, 0, NULL, NULL},
					   {"alpha", "1", "copy.o", 500, 3, 64, 0, NULL, NULL},
					   {"beta", "1", "b.o", 200, 10, 64, 0, NULL, NULL},
					   {"beta", "1", "copy.o", 500, 3, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	lay_down(world, 999, 1, 64, 1 << 20);
	lay_down(world, 200, 10, 64, 0);
	lay_down(world, 500, 3, 64, 0);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 2);
	assert_int_equal(the(embedded, "alpha")->functions, 10);
	assert_int_equal(the(embedded, "beta")->functions, 13);
}

static void twins_are_told_as_such(void **state)
{
	static const struct rows rows[] = {{"alpha", "1", "a.o", 100, 10, 64, 0, NULL, NULL},
					   {"beta", "1", "b.o", 100, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	assert_int_equal(embedded->components[0].confidence, EMBEDDED_LIKELY);
	assert_int_equal(embedded->components[0].other_count, 1);
	assert_string_equal(embedded->components[0].name, "alpha");
	assert_string_equal(embedded->components[0].others[0], "beta");
}

/* One body in every project: more postings than are kept. */
static void common_bodies_say_nothing(void **state)
{
	static struct rows rows[600];
	static char names[600][16];
	struct world *world = *state;

	for (size_t i = 0; i < 600; i++) {
		snprintf(names[i], sizeof(names[i]), "c%zu", i);
		rows[i] = (struct rows){names[i], "1", "a.o", 100, 1, 200, 0, NULL, NULL};
	}
	USE(world, rows);
	lay_down(world, 100, 1, 200, 0);
	assert_int_equal(find(world)->component_count, 0);
}

/* ---- versions ---- */

static void the_version_with_most_functions_wins(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "MIT"},
	    {"alpha", "2.0", "a.o", 105, 10, 64, 0, NULL, "ISC"},
	    {"alpha", "2.1", "a.o", 105, 10, 64, 0, NULL, "Zlib"},
	};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 105, 10, 64, 0);
	alpha = the(find(world), "alpha");
	assert_int_equal(alpha->version_count, 2);
	assert_string_equal(alpha->versions[0], "2.0");
	assert_string_equal(alpha->versions[1], "2.1");
	assert_int_equal(alpha->contradictions, 0);
	assert_true(alpha->licences_differ);
	assert_string_equal(alpha->licence, "(ISC) AND (Zlib)");
}

static void another_version_is_only_near(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 20, 64, 0, NULL, NULL},
					   {"alpha", "2.0", "a.o", 106, 24, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 103, 8, 64, 0); /* 103 to 110: three of 1.0 alone */
	alpha = the(find(world), "alpha");
	assert_string_equal(alpha->versions[0], "1.0");
	assert_false(alpha->version_fits);
	assert_int_equal(alpha->confidence, EMBEDDED_VERY_LIKELY);
}

/* Two whole files of thirty: nobody may have touched them for years. */
static void few_files_tell_no_version(void **state)
{
	const struct index_builder_origin origin = {.component = "alpha",
						    .class = INDEX_LIBRARY,
						    .machine = EM_X86_64,
						    .version = "1.0",
						    .licence = "MIT"};
	struct index_builder *builder = index_builder_new();
	struct world *world = *state;
	uint32_t number, member = 0;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	for (unsigned i = 0; i < 300; i++) {
		char name[16];
		struct index_builder_function function = {
		    .key = 100 + i, .strict = 7, .size = 64, .instructions = 20};

		snprintf(name, sizeof(name), "%u.o", i / 10);
		if (i % 10 == 0)
			member = index_builder_add_member(builder, number, name);
		index_builder_add(builder, member, &function);
	}
	assert_int_equal(index_builder_write(builder, world->path[0]), STATUS_OK);
	index_builder_free(builder);
	world->index = index_new();
	assert_int_equal(index_add_file(world->index, world->path[0], &world->diags), STATUS_OK);
	lay_down(world, 100, 20, 64, 0);
	assert_false(the(find(world), "alpha")->version_fits);
	lay_down(world, 120, 10, 64, 0);
	assert_true(the(find(world), "alpha")->version_fits);
}

/* ---- order ---- */

/* All that is said of what was claimed, as a text that outlives the index. */
static const char *describe(struct world *world)
{
	const struct embedded *embedded = find(world);
	const char *text = "";

	for (size_t i = 0; i < embedded->component_count; i++) {
		const struct embedded_component *one = &embedded->components[i];

		text = arena_printf(&world->arena, "%s%s %u %u %u %s;", text, one->name,
				    one->functions, one->unique, one->confidence,
				    one->version_count == 1 ? one->versions[0] : "several");
	}
	return text;
}

static void the_order_of_indexes_changes_nothing(void **state)
{
	static const struct rows rows[] = {{"alpha", "1", "a.o", 100, 10, 64, 0, NULL, NULL},
					   {"beta", "1", "b.o", 100, 10, 64, 0, NULL, NULL},
					   {"gamma", "1", "c.o", 200, 10, 64, 0, NULL, NULL},
					   {"alpha", "2", "a.o", 195, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const char *first = NULL;

	lay_down(world, 100, 10, 64, 0);
	lay_down(world, 195, 15, 64, 0);
	for (size_t split = 0; split <= 4; split++) {
		for (int swapped = 0; swapped < 2; swapped++) {
			const char *text;

			open_index(world, rows, 4, split, swapped, EM_X86_64);
			text = describe(world);
			if (!first)
				first = text;
			assert_string_equal(text, first);
		}
	}
	assert_true(strlen(first) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(a_whole_member_is_certain),
	    TEST(scattered_functions_are_a_hint),
	    TEST(small_functions_alone_in_their_files_are_a_hint),
	    TEST(few_functions_need_a_whole_member),
	    TEST(code_of_headers_speaks_for_nobody),
	    TEST(other_machines_do_not_count),
	    TEST(small_functions_are_not_looked_up),
	    TEST(neighbours_decide_between_copies),
	    TEST(twins_are_told_as_such),
	    TEST(common_bodies_say_nothing),
	    TEST(the_version_with_most_functions_wins),
	    TEST(another_version_is_only_near),
	    TEST(few_files_tell_no_version),
	    TEST(the_order_of_indexes_changes_nothing),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
