/* SPDX-License-Identifier: BSD-2-Clause */
/* Versions that files state, and the licences of these. */
#include "embedded_world.h"

/* What is found of it, with the file saying "NAME VERSION", if any, and a table of changes. */
static const struct embedded_component *says(struct world *world, const char *name,
					     const char *version)
{
	/* In no order; alpha had a licence twice, and was read in 2.4 too. */
	static const char table[] = "component\tbefore\tlicence\tlater\tsource\n"
				    "alpha\t2.10\tISC\tBSL-1.0\ts\n"
				    "alpha\t2.0\tMIT\tISC\ts\nalpha\t2.4\t\tISC\ts\n"
				    "alpha\t0.9\tISC\tMIT\ts\nbeta\t9.0\tZlib\tISC\ts\n"
				    "delta\t3.0\tISC\tMIT\ts\ndelta\t2.0\t\tISC\ts\n";
	struct embedded *found = embedded_find(&world->facts, world->index, &world->arena);
	struct embedded_mention mentions[] = {{"beta", "1.0", "beta 1.0", 1},
					      {name, "", "its name", 2},
					      {name, version, "name version", 3}};
	struct embedded_mention *kept = arena_alloc(&world->arena, sizeof(mentions));
	FILE *file;

	memcpy(kept, mentions, sizeof(mentions));
	file = fopen(arena_printf(&world->arena, "%s/licence-changes.tsv", world->folder), "w");
	assert_non_null(file);
	fputs(table, file);
	fclose(file);
	licence_changes_free(world->changes);
	world->changes = licence_changes_open(world->folder, &world->diags);
	found->mentions = kept;
	found->mention_count = version ? 3 : 2;
	embedded_state_versions(found, world->changes, &world->arena);
	return the(found, name);
}

static const struct embedded_component *stating(struct world *world, const char *version)
{
	return says(world, "alpha", version);
}

static void licences_follow_the_version(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "2.1+dfsg", "a.o", 100, 10, 64, 0, NULL, "ISC"}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	/* The file says nothing, or the same. */
	alpha = stating(world, NULL);
	assert_true(alpha->version_fits);
	assert_null(alpha->stated_version);
	assert_string_equal(alpha->licence, "ISC");
	assert_null(alpha->licence_doubt);
	assert_null(stating(world, "2.1")->stated_version);
	/* Another version, on this side of a change, beyond one, and beyond two. */
	alpha = stating(world, "2.3");
	assert_string_equal(alpha->stated_version, "2.3");
	assert_false(alpha->version_fits);
	assert_false(alpha->licences_differ);
	assert_string_equal(alpha->licence, "ISC");
	assert_string_equal(stating(world, "1.1.1w")->licence, "MIT");
	assert_string_equal(stating(world, "0.8")->licence, "ISC");
	assert_string_equal(stating(world, "2.10")->licence, "BSL-1.0");
	assert_string_equal(stating(world, "7")->licence, "BSL-1.0");
}

static void a_version_that_is_not_known_has_all_licences(void **state)
{
	static const struct rows rows[] = {{"alpha", "2.1", "a.o", 100, 40, 64, 0, NULL, "ISC"}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 100, 20, 64, 0);
	alpha = stating(world, NULL);
	assert_false(alpha->version_fits);
	assert_true(alpha->licences_differ);
	assert_string_equal(alpha->licence, "(ISC) AND (MIT) AND (BSL-1.0)");
	alpha = stating(world, "1.9");
	assert_string_equal(alpha->licence, "MIT");
	assert_false(alpha->licences_differ);
}

/* The index may have a version from before the change. */
static void licences_follow_a_later_version(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.1", "a.o", 100, 10, 64, 0, NULL, "MIT"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "MIT");
	assert_string_equal(stating(world, "1.9.9")->licence, "MIT");
	assert_string_equal(stating(world, "2.0")->licence, "ISC");
	assert_string_equal(stating(world, "4.1")->licence, "BSL-1.0");
}

/* An index of the user's that has the old version with its own licence is left alone. */
static void the_index_knows_its_own_licences(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "X11"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "X11");
	assert_string_equal(stating(world, "3.0")->licence, "X11");
	assert_non_null(stating(world, "3.0")->licence_doubt);
}

/* One that has both sides of a change has both licences, and the file says which it is. */
static void an_index_of_both_sides_is_told_apart(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.9", "a.o", 100, 10, 64, 0, NULL, "MIT"},
					   {"alpha", "2.1", "b.o", 100, 10, 64, 0, NULL, "ISC"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "(MIT) AND (ISC)");
	assert_string_equal(stating(world, "2.2")->licence, "ISC");
	assert_false(stating(world, "2.2")->licences_differ);
	assert_string_equal(stating(world, "1.2")->licence, "MIT");
}

/* Where a table begins with a version in which a licence was read, nothing is known of those
 * before. */
static void a_table_may_begin_in_the_middle(void **state)
{
	static const struct rows rows[] = {{"delta", "3.1", "d.o", 100, 10, 64, 0, NULL, "MIT"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(says(world, "delta", "2.5")->licence, "ISC");
	assert_null(says(world, "delta", "2.5")->licence_doubt);
	assert_string_equal(says(world, "delta", "1.0")->licence, "MIT");
	assert_string_equal(says(world, "delta", "1.0")->licence_doubt,
			    "the licence was read in version 2.0, not in 1.0");
}

/* Beyond all versions that were read, only one of the same series is taken to have stayed. */
static void the_licence_of_a_version_nobody_read_is_in_doubt(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "2.1", "a.o", 100, 10, 64, 0, NULL, "ISC"},
	    {"gamma", "0.164.30", "g.o", 200, 10, 64, 0, NULL, "Zlib"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	/* Read before and after, before a change, in a version of the series. */
	assert_null(stating(world, "2.2")->licence_doubt);
	assert_null(stating(world, "2.3.9")->licence_doubt);
	assert_null(stating(world, "0.1")->licence_doubt);
	assert_null(stating(world, "2.10.9")->licence_doubt);
	assert_string_equal(stating(world, "3.0")->licence_doubt,
			    "the licence was read in version 2.10, not in 3.0");
	assert_string_equal(stating(world, "2.11")->licence_doubt,
			    "the licence was read in version 2.10, not in 2.11");
	/* No row speaks of gamma. */
	lay_down(world, 200, 10, 64, 0);
	assert_null(says(world, "gamma", "164")->stated_version);
	assert_non_null(says(world, "gamma", "165")->licence_doubt);
	assert_non_null(says(world, "gamma", "16")->licence_doubt);
	assert_string_equal(says(world, "gamma", "165")->licence, "Zlib");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(licences_follow_the_version, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_version_that_is_not_known_has_all_licences, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(licences_follow_a_later_version, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_index_knows_its_own_licences, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_index_of_both_sides_is_told_apart, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_table_may_begin_in_the_middle, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_licence_of_a_version_nobody_read_is_in_doubt, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
