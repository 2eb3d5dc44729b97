/* SPDX-License-Identifier: BSD-2-Clause */
/* Versions that files state, and the licences of these. */
#include "embedded_world.h"

/* What is found, with the file saying "alpha VERSION", if any, and a table of changes. */
static const struct embedded_component *stating(struct world *world, const char *version)
{
	static const char table[] = "component\tbefore\tlicence\tlater\tsource\n"
				    "alpha\t0.9\tGPL-2.0-only\tISC\ts\n"
				    "alpha\t2.0\tMIT\tISC\ts\nalpha\t3.0\tZlib\tX\ts\n"
				    "alpha\t3.0\tBSL-1.0\tNCSA\ts\nalpha\t4.0\tBSL-1.0\tX\ts\n"
				    "beta\t9.0\tZlib\tISC\ts\n";
	struct embedded *found = embedded_find(&world->facts, world->index, &world->arena);
	struct embedded_mention mentions[] = {{"beta", "1.0", "beta 1.0", 1},
					      {"alpha", "", "alpha", 2},
					      {"alpha", version, "alpha version", 3}};
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
	return the(found, "alpha");
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
	assert_null(stating(world, "2.1")->stated_version);
	/* Another version, on this side of a change and beyond one, and beyond two. */
	alpha = stating(world, "2.10");
	assert_string_equal(alpha->stated_version, "2.10");
	assert_false(alpha->version_fits);
	assert_string_equal(alpha->licence, "ISC");
	assert_string_equal(stating(world, "1.1.1w")->licence, "MIT");
	assert_string_equal(stating(world, "0.8")->licence, "GPL-2.0-only");
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
	assert_string_equal(alpha->licence, "(ISC) AND (GPL-2.0-only) AND (MIT)");
	assert_string_equal(stating(world, "1.9")->licence, "MIT");
}

/* The index may have a version from before the change. */
static void licences_follow_a_later_version(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "2.1", "a.o", 100, 10, 64, 0, NULL, "BSL-1.0"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "BSL-1.0");
	assert_string_equal(stating(world, "2.9.9")->licence, "BSL-1.0");
	assert_string_equal(stating(world, "3.0")->licence, "NCSA");
	assert_string_equal(stating(world, "4.1")->licence, "X");
}

/* An index of the user's that has the old version with its own licence is left alone. */
static void the_index_knows_its_own_licences(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "X11"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "X11");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(licences_follow_the_version, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_version_that_is_not_known_has_all_licences, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(licences_follow_a_later_version, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_index_knows_its_own_licences, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
